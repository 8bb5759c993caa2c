/* What the store costs per row, on either engine, every commit synced. Not a test.
 *
 *   bench_store sqlite:///path/bench.db            a new file
 *   bench_store postgresql://user@/db?host=/run    an empty database
 *
 * append     bodies of 2 kB in batches of 64, 128 and 256
 * claim      claim and finish in batches of 256
 * project    per event: claim, three refs, load and save two records, two effects, one and a half
 * domain events, finish; each payment gets four events, in four successive batches The checkpoint
 * runs in its own thread, as in serve. */
#include "base/check.h"
#include "base/digest.h"
#include "base/limits.h"
#include "store/audit.h"
#include "store/feed.h"
#include "store/inbox.h"
#include "store/postgres/engine.h"
#include "store/records.h"
#include "store/refs.h"
#include "store/sqlite/engine.h"
#include <inttypes.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#define BODY_BYTES 2000
#define EVENT_BYTES 700
#define CLAIM 256
#define LEASE_US (60 * INT64_C(1000000))

struct bench {
    struct store *store;
    struct env *env;
    struct arena *arena;
    int64_t scope;
    int64_t next_event; /* number, for its id */
    char body[BODY_BYTES];
    char event_body[EVENT_BYTES];
};

static void must(enum err err, const struct err_info *info, const char *what)
{
    if (err != ERR_OK) {
        (void)fprintf(stderr, "%s: %s: %s\n", what, err_name(err), info->text);
        exit(1);
    }
}
#define MUST(call)                                                                                 \
    do {                                                                                           \
        struct err_info info = {""};                                                               \
        struct err_info *reterr = &info;                                                           \
        enum err must_err = (call);                                                                \
        must(must_err, &info, #call);                                                              \
    } while (0)

/* As the writer of serve does: beyond the limit it pauses until a checkpoint has run. */
static void begin(struct bench *bench)
{
    while (store_wal_bytes(bench->store) > LIMIT_WAL_BYTES) {
        (void)usleep(1000);
    }
    MUST(store_begin(bench->store, STORE_WRITE, reterr));
}

/* Text that compresses as well as JSON with ids and amounts does, no better. */
static void fill_with_json(struct bench *bench, char *to, size_t size)
{
    static const char *const keys[] = {"amount", "currency", "payment_method_details", "customer",
        "balance_transaction", "metadata", "receipt_url", "outcome"};
    size_t len = 0;
    for (int i = 0; len < size; i++) {
        char member[96];
        uint64_t random = 0;
        env_random(bench->env, &random, sizeof random);
        int member_len = snprintf(member, sizeof member, "\"%s\":\"%s%016" PRIx64 "\",",
            keys[i % 8], i % 2 == 0 ? "ch_3P" : "", random);
        size_t fits = (size_t)member_len < size - len ? (size_t)member_len : size - len;
        memcpy(to + len, member, fits);
        len += fits;
    }
}

/* --- append --- */

static void append_batch(struct bench *bench, uint32_t count)
{
    arena_reset(bench->arena);
    struct inbox_append *rows = arena_new_array(bench->arena, struct inbox_append, count);
    struct envelope *envelopes = arena_new_array(bench->arena, struct envelope, count);
    for (uint32_t i = 0; i < count; i++) {
        char text[64];
        int64_t number = bench->next_event++;
        uint64_t mixed = (uint64_t)number * UINT64_C(0x9e3779b97f4a7c15);
        int len = snprintf(
            text, sizeof text, "evt_1P%06" PRId64 "%012" PRIx64, number / 1000, mixed >> 16);
        struct str id = arena_copy(bench->arena, (struct str){text, (size_t)len});
        envelopes[i] = (struct envelope){
            .event_id = id,
            .type = STR("payment_intent.succeeded"),
            .api_version = STR("2024-06-20"),
            .subject = id,
            .occurred_at_us = 1700000000000000,
        };
        memcpy(envelopes[i].content_sha256, &mixed, sizeof mixed);
        memcpy(envelopes[i].body_sha256, &mixed, sizeof mixed);
        rows[i] = (struct inbox_append){
            .scope = bench->scope,
            .channel = CHANNEL_WEBHOOK,
            .envelope = &envelopes[i],
            .body = {bench->body, sizeof bench->body},
            .proof = STR("webhook acme-live secret 0 at 1492774577"),
            .received_us = env_now(bench->env),
        };
    }
    begin(bench);
    MUST(inbox_append(bench->store, bench->arena, rows, count, reterr));
    MUST(store_commit(bench->store, reterr));
}

struct watch {
    int64_t wall_us, cpu_us, written_bytes;
};

/* What this thread has given to write(2) so far. */
static int64_t written_bytes(void)
{
    char line[128];
    int64_t bytes = 0;
    FILE *io = fopen("/proc/thread-self/io", "re");
    while (io != NULL && fgets(line, sizeof line, io) != NULL) {
        if (strncmp(line, "wchar: ", 7) == 0) {
            bytes = strtoll(line + 7, NULL, 10);
        }
    }
    if (io != NULL) {
        (void)fclose(io);
    }
    return bytes;
}

/* The processor's time of this thread tells what is ours when others use the machine too. */
static struct watch watch_now(struct bench *bench)
{
    struct timespec cpu;
    REQUIRE(clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu) == 0);
    return (struct watch){
        env_monotonic(bench->env), cpu.tv_sec * 1000000 + cpu.tv_nsec / 1000, written_bytes()};
}

static void report(
    struct bench *bench, const char *what, uint32_t batch, int64_t rows, struct watch start)
{
    struct watch end = watch_now(bench);
    double wall_us = (double)(end.wall_us - start.wall_us);
    double cpu_us = (double)(end.cpu_us - start.cpu_us);
    printf("%-8s %4" PRIu32 " a batch %8" PRId64 " rows %8.0f rows/s; a row: %6.1f us, %6.1f us of"
           " processor, %6.0f bytes written\n",
        what, batch, rows, (double)rows * 1e6 / wall_us, wall_us / (double)rows,
        cpu_us / (double)rows, (double)(end.written_bytes - start.written_bytes) / (double)rows);
    (void)fflush(stdout);
}

static void bench_append(struct bench *bench, uint32_t batch, int64_t rows)
{
    struct watch start = watch_now(bench);
    for (int64_t done = 0; done < rows; done += batch) {
        append_batch(bench, batch);
    }
    report(bench, "append", batch, rows, start);
}

/* --- claim, project, finish --- */

static uint32_t claim(struct bench *bench, int64_t token, struct inbox_event **ret_events)
{
    uint32_t count = 0;
    MUST(inbox_claim(bench->store, token, env_now(bench->env), LEASE_US, CLAIM, bench->arena,
        ret_events, &count, reterr));
    return count;
}

static void finish(
    struct bench *bench, int64_t token, const struct inbox_event *events, uint32_t count)
{
    struct inbox_outcome *outcomes = arena_new_array(bench->arena, struct inbox_outcome, count);
    for (uint32_t i = 0; i < count; i++) {
        outcomes[i] = (struct inbox_outcome){.seq = events[i].seq, .status = WORK_APPLIED};
    }
    MUST(inbox_finish(bench->store, token, env_now(bench->env), outcomes, count, reterr));
}

static void bench_claim(struct bench *bench, int64_t rows)
{
    struct watch start = watch_now(bench);
    int64_t done = 0;
    for (int64_t token = 1; done < rows; token++) {
        struct inbox_event *events = NULL;
        arena_reset(bench->arena);
        begin(bench);
        uint32_t count = claim(bench, token, &events);
        REQUIRE(count > 0);
        finish(bench, token, events, count);
        MUST(store_commit(bench->store, reterr));
        done += count;
    }
    report(bench, "claim", CLAIM, done, start);
}

static struct own_id new_id(struct bench *bench)
{
    uint8_t random[10];
    env_random(bench->env, random, sizeof random);
    return own_id_make(env_now(bench->env), random);
}

enum { REF_PAYMENT, REF_ATTEMPT, REF_CUSTOMER, REFS_EACH };

static struct ref *resolve(struct bench *bench, int64_t first_payment, uint32_t count)
{
    struct ref *refs = arena_new_array(bench->arena, struct ref, REFS_EACH * (size_t)count);
    static const enum id_kind kinds[] = {ID_PAYMENT, ID_ATTEMPT, ID_CUSTOMER};
    static const char *const prefixes[] = {"pi_3P", "ch_3P", "cus_P"};
    for (uint32_t i = 0; i < REFS_EACH * count; i++) {
        char text[64];
        uint64_t number = (uint64_t)first_payment + i / REFS_EACH;
        int len = snprintf(text, sizeof text, "%s%06" PRIu64 "%012" PRIx64, prefixes[i % REFS_EACH],
            number / 1000, number * UINT64_C(0x9e3779b97f4a7c15) >> 16);
        refs[i].scope = bench->scope;
        refs[i].kind = kinds[i % REFS_EACH];
        refs[i].provider_id = arena_copy(bench->arena, (struct str){text, (size_t)len});
        refs[i].id = new_id(bench);
    }
    MUST(refs_resolve(bench->store, bench->arena, refs, REFS_EACH * count, reterr));
    return refs;
}

static void **load(
    struct bench *bench, enum id_kind kind, const struct ref *refs, uint32_t which, uint32_t count)
{
    struct own_id *ids = arena_new_array(bench->arena, struct own_id, count);
    for (uint32_t i = 0; i < count; i++) {
        ids[i] = refs[REFS_EACH * i + which].id;
    }
    void **records = NULL;
    MUST(records_load(bench->store, record_kind_of(kind), ids, count, store_is_shared(bench->store),
        bench->arena, &records, reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (records[i] == NULL) {
            records[i] = arena_alloc(bench->arena, record_kind_of(kind)->size);
            struct record_head *head = records[i];
            head->id = ids[i];
            head->scope = bench->scope;
            head->created_us = env_now(bench->env);
        }
    }
    return records;
}

static void change_records(struct bench *bench, const struct ref *refs, uint32_t count)
{
    void **payments = load(bench, ID_PAYMENT, refs, REF_PAYMENT, count);
    void **attempts = load(bench, ID_ATTEMPT, refs, REF_ATTEMPT, count);
    for (uint32_t i = 0; i < count; i++) {
        struct payment *payment = payments[i];
        struct attempt *attempt = attempts[i];
        payment->head.updated_us = attempt->head.updated_us = env_now(bench->env);
        payment->amount_minor = attempt->amount_minor = 123456;
        (void)str_copy_to(payment->currency.code, sizeof payment->currency.code, STR("EUR"));
        attempt->currency = payment->said_currency = payment->currency;
        payment->state = payment->said_state = PAYMENT_SUCCEEDED;
        payment->said_content += 1;
        payment->said_seen = attempt->seen = true;
        payment->opened_at = payment->said_at = payment->head.updated_us;
        attempt->made_at = attempt->said_at = payment->head.updated_us;
        attempt->payment_id = refs[REFS_EACH * i + REF_PAYMENT].id;
        (void)str_copy_to(attempt->method, sizeof attempt->method, STR("card"));
    }
    MUST(records_save(bench->store, record_kind_of(ID_PAYMENT), payments, count, reterr));
    MUST(records_save(bench->store, record_kind_of(ID_ATTEMPT), attempts, count, reterr));
}

static void write_effects(
    struct bench *bench, const struct ref *refs, const struct inbox_event *events, uint32_t count)
{
    struct inbox_effect *effects =
        arena_new_array(bench->arena, struct inbox_effect, 2 * (size_t)count);
    for (uint32_t i = 0; i < 2 * count; i++) {
        uint32_t which = i % 2 == 0 ? REF_PAYMENT : REF_ATTEMPT;
        effects[i] = (struct inbox_effect){
            .seq = events[i / 2].seq,
            .kind = refs[REFS_EACH * (i / 2) + which].kind,
            .object_id = refs[REFS_EACH * (i / 2) + which].id,
            .stamp = {1700000000000000, 10},
            .effect = EFFECT_APPLIED,
        };
    }
    MUST(effects_append(bench->store, effects, 2 * count, reterr));
}

static void write_feed(
    struct bench *bench, const struct ref *refs, const struct inbox_event *events, uint32_t count)
{
    uint32_t rows = count + count / 2;
    struct feed_entry *entries = arena_new_array(bench->arena, struct feed_entry, rows);
    for (uint32_t i = 0; i < rows; i++) {
        entries[i] = (struct feed_entry){
            .scope = bench->scope,
            .type = EVENT_PAYMENT_CHANGED,
            .schema = 1,
            .aggregate_id = refs[REFS_EACH * (i % count)].id,
            .occurred_at_us = 1700000000000000,
            .recorded_at_us = env_now(bench->env),
            .cause_seq = events[i % count].seq,
            .body = {bench->event_body, sizeof bench->event_body},
        };
    }
    MUST(feed_append(bench->store, bench->arena, entries, rows, reterr));
}

static void bench_project(struct bench *bench, int64_t rows)
{
    struct watch start = watch_now(bench);
    int64_t done = 0;
    for (int64_t batch = 0; done < rows; batch++) {
        struct inbox_event *events = NULL;
        arena_reset(bench->arena);
        begin(bench);
        uint32_t count = claim(bench, batch + 1, &events);
        REQUIRE(count > 0);
        struct ref *refs = resolve(bench, batch / 4 * CLAIM, count);
        change_records(bench, refs, count);
        write_effects(bench, refs, events, count);
        finish(bench, batch + 1, events, count);
        write_feed(bench, refs, events, count);
        MUST(store_commit(bench->store, reterr));
        done += count;
    }
    report(bench, "project", CLAIM, done, start);
}

/* --- the checkpoint's thread --- */

struct checkpointer {
    struct store *store;
    atomic_bool stop;
    int64_t worst_bytes;
};

static void *checkpoint_loop(void *context)
{
    struct checkpointer *checkpointer = context;
    while (!atomic_load(&checkpointer->stop)) {
        /* Early enough that the writer seldom pauses, late enough that a page is moved once for
         * many commits. */
        if (store_wal_bytes(checkpointer->store) > LIMIT_WAL_BYTES / 2) {
            int64_t bytes = 0;
            MUST(store_checkpoint(checkpointer->store, true, &bytes, reterr));
            if (bytes > checkpointer->worst_bytes) {
                checkpointer->worst_bytes = bytes;
            }
        }
        (void)usleep(10000);
    }
    return NULL;
}

int main(int argc, char **argv)
{
    static const struct sql_engine_opener *const engines[] = {
        &sqlite_engine_opener, &postgres_engine_opener};
    if (argc < 2) {
        (void)fprintf(stderr, "usage: bench_store URL [rows]\n");
        return 2;
    }
    int64_t rows = argc > 2 ? strtoll(argv[2], NULL, 10) : 51200;
    store_use_engines(engines, 2);
    struct bench bench = {.env = env_system(), .arena = arena_new(256U * 1024 * 1024)};
    fill_with_json(&bench, bench.body, sizeof bench.body);
    fill_with_json(&bench, bench.event_body, sizeof bench.event_body);
    MUST(store_open(str_from(argv[1]), STORE_WRITE, bench.env, &bench.store, reterr));
    MUST(store_migrate(bench.store, NULL, NULL, reterr));
    MUST(store_lock_serve(bench.store, reterr));
    MUST(store_begin(bench.store, STORE_WRITE, reterr));
    struct scope_key key = {STR("stripe"), true, STR("acct_bench")};
    MUST(scope_ensure(bench.store, &key, &bench.scope, reterr));
    MUST(store_commit(bench.store, reterr));
    struct checkpointer checkpointer = {0};
    MUST(store_open(str_from(argv[1]), STORE_WRITE, bench.env, &checkpointer.store, reterr));
    pthread_t thread;
    REQUIRE(pthread_create(&thread, NULL, checkpoint_loop, &checkpointer) == 0);
    bench_append(&bench, 64, rows);
    bench_append(&bench, 128, rows);
    bench_append(&bench, 256, rows);
    bench_claim(&bench, rows);
    bench_project(&bench, 2 * rows);
    atomic_store(&checkpointer.stop, true);
    REQUIRE(pthread_join(thread, NULL) == 0);
    printf(
        "longest log after a checkpoint: %.1f MiB\n", (double)checkpointer.worst_bytes / 1048576);
    (void)store_close(checkpointer.store);
    (void)store_close(bench.store);
    (void)arena_free(bench.arena);
    return 0;
}

/* What is behind the door: decode, follows, compare_versions, and a life in the real flow. */
#include "conformance/provider_suite.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "store/inbox.h"
#include "conformance/provider_life.h"
#include <pthread.h>

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define THREADS 4
#define ROUNDS 200
#define THREAD_ROUNDS 5000
#define GARBLED 300 /* of each message */
#define HISTORIES 300

struct decoded { /* all messages */
    struct arena *arena;
    struct stored_event events[SAMPLE_MESSAGES_MAX];
    struct notice_list lists[SAMPLE_MESSAGES_MAX];
};

static void decode_all(struct decoded *decoded)
{
    decoded->arena = arena_new(ARENA_BYTES);
    assert_non_null(decoded->arena);
    assert_true(suite_samples->message_count <= SAMPLE_MESSAGES_MAX);
    for (uint32_t i = 0; i < suite_samples->message_count; i++) {
        struct envelope envelope;
        struct str body = str_from(suite_samples->messages[i].body);
        sample_accept(suite_samples, body, decoded->arena, &envelope);
        decoded->events[i] = (struct stored_event){body, envelope.type, envelope.occurred_at_us};
        decoded->lists[i] = sample_decode(suite_samples, body, decoded->arena);
        assert_row(decoded->lists[i].count > 0, suite_samples->messages[i].name);
    }
}

static void forget_all(struct decoded *decoded)
{
    (void)arena_free(decoded->arena);
}

/* --- purity --- */

/* Elsewhere in memory, exactly as long: what reads beyond it is found by a sanitizer. */
static struct stored_event moved(const struct stored_event *event, size_t len, char **ret_memory)
{
    *ret_memory = malloc(len == 0 ? 1 : len);
    if (*ret_memory == NULL) {
        abort();
    }
    memcpy(*ret_memory, event->body.data, len);
    return (struct stored_event){{*ret_memory, len}, event->type, event->occurred_at_us};
}

static bool decodes_as_before(const struct decoded *decoded, uint32_t message, struct arena *arena)
{
    char *memory = NULL;
    struct stored_event event =
        moved(&decoded->events[message], decoded->events[message].body.len, &memory);
    struct notice_list list = {.count = 0};
    struct err_info info;
    bool same = suite_samples->provider->decode(&event, arena, &list, &info) == ERR_OK &&
                sample_notices_equal(&list, &decoded->lists[message]);
    free(memory);
    arena_reset(arena);
    return same;
}

void the_same_bytes_decode_to_the_same_notices(void **state)
{
    (void)state;
    struct decoded decoded;
    struct arena *arena = arena_new(ARENA_BYTES);
    uint64_t random = test_seed();
    decode_all(&decoded);
    for (int round = 0; round < ROUNDS; round++) {
        uint32_t i = (uint32_t)test_random_below(&random, suite_samples->message_count);
        assert_row(decodes_as_before(&decoded, i, arena), suite_samples->messages[i].name);
    }
    (void)arena_free(arena);
    forget_all(&decoded);
}

struct thread_work {
    const struct decoded *decoded;
    pthread_barrier_t *start; /* so that none is done before another begins */
    uint32_t first;
    uint32_t wrong; /* out */
};

static void *decode_again(void *context)
{
    struct thread_work *work = context;
    struct arena *arena = arena_new(ARENA_BYTES);
    (void)pthread_barrier_wait(work->start);
    for (uint32_t round = 0; round < THREAD_ROUNDS; round++) {
        uint32_t i = (work->first + round) % suite_samples->message_count;
        work->wrong += decodes_as_before(work->decoded, i, arena) ? 0 : 1;
    }
    (void)arena_free(arena);
    return NULL;
}

void threads_decode_at_the_same_time(void **state)
{
    (void)state;
    struct decoded decoded;
    pthread_t threads[THREADS];
    struct thread_work work[THREADS];
    pthread_barrier_t start;
    decode_all(&decoded);
    assert_int_equal(pthread_barrier_init(&start, NULL, THREADS), 0);
    for (uint32_t i = 0; i < THREADS; i++) {
        work[i] = (struct thread_work){.decoded = &decoded, .start = &start, .first = i};
        assert_int_equal(pthread_create(&threads[i], NULL, decode_again, &work[i]), 0);
    }
    for (uint32_t i = 0; i < THREADS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_int_equal(work[i].wrong, 0);
    }
    (void)pthread_barrier_destroy(&start);
    forget_all(&decoded);
}

void decode_says_when_its_arena_is_too_small(void **state)
{
    (void)state;
    struct decoded decoded;
    struct arena *arena = arena_new(64);
    decode_all(&decoded);
    for (uint32_t i = 0; i < suite_samples->message_count; i++) {
        struct notice_list list = {.count = 0};
        struct err_info info;
        assert_err(suite_samples->provider->decode(&decoded.events[i], arena, &list, &info),
            ERR_TOO_LARGE);
        arena_reset(arena);
    }
    (void)arena_free(arena);
    forget_all(&decoded);
}

/* --- notices --- */

static bool is_id(struct str text)
{
    return text.len > 0 && text.len <= LIMIT_PROVIDER_ID_BYTES && str_is_utf8(text) &&
           memchr(text.data, '\0', text.len) == NULL;
}

static bool link_is_whole(const struct link *link)
{
    return link->state == LINK_NAMED ? is_id(link->provider_id)
                                     : link->state == LINK_NONE || link->state == LINK_UNSAID;
}

static int state_of(const struct notice *notice)
{
    if (notice->kind == ID_PAYMENT) {
        return (int)notice->payment_says.state;
    }
    if (notice->kind == ID_ATTEMPT) {
        return (int)notice->attempt_says.state;
    }
    const struct record_kind *kind = record_kind_of(notice->kind);
    const void *state = (const char *)notice->object_says.record + kind->fields[0].offset;
    return kind->states->count == 0 ? 0 : *(const int *)state;
}

/* Of the provider's clock, in seconds; what comes within one is in the rank. */
static bool stamp_is_whole(struct stamp stamp)
{
    return stamp.at_us > 0 && stamp.at_us % US_PER_SECOND == 0 && stamp.rank >= 0;
}

static void assert_whole(const struct notice *notice, const char *name)
{
    assert_row(notice->kind < ID_KIND_COUNT, name);
    assert_row(is_id(notice->object), name);
    assert_row(link_is_whole(&notice->payment), name);
    assert_row(link_is_whole(&notice->attempt), name);
    assert_row(link_is_whole(&notice->customer), name);
    if (!notice_is_of_payment(notice)) {
        assert_row(notice->object_says.record != NULL, name);
        for (uint32_t i = 0; i < NOTICE_LINKS_MAX; i++) {
            assert_row(link_is_whole(&notice->object_says.links[i]), name);
        }
    }
    int states = record_kind_of(notice->kind)->states->count;
    assert_row(states == 0 || (state_of(notice) >= 0 && state_of(notice) < states), name);
}

void every_notice_is_whole(void **state)
{
    (void)state;
    struct decoded decoded;
    decode_all(&decoded);
    for (uint32_t i = 0; i < suite_samples->message_count; i++) {
        const struct notice_list *list = &decoded.lists[i];
        assert_true(list->count <= LIMIT_NOTICES);
        assert_int_equal(list->reason, REASON_NONE);
        for (uint32_t k = 0; k < list->count; k++) {
            assert_whole(&list->notices[k], suite_samples->messages[i].name);
            assert_row(stamp_is_whole(list->notices[k].stamp), suite_samples->messages[i].name);
        }
    }
    forget_all(&decoded);
}

/* What cannot be decoded is refused for good: nobody tries it again and again. */
static enum err decode_part(const struct stored_event *event,
    size_t len,
    struct arena *arena,
    char **ret_memory,
    struct notice_list *ret_list)
{
    struct stored_event part = moved(event, len, ret_memory);
    struct err_info info = {""};
    enum err err = suite_samples->provider->decode(&part, arena, ret_list, &info);
    assert_true(err == ERR_OK || (err_class(err) == ERR_CLASS_INPUT && info.text[0] != '\0'));
    assert_true(err != ERR_OK || ret_list->count > 0 || ret_list->reason != REASON_NONE);
    return err;
}

void a_truncated_body_gives_no_half_object(void **state)
{
    (void)state;
    struct decoded decoded;
    struct arena *arena = arena_new(ARENA_BYTES);
    decode_all(&decoded);
    for (uint32_t i = 0; i < suite_samples->message_count; i++) {
        for (size_t len = 0; len < decoded.events[i].body.len; len++) {
            char *memory = NULL;
            struct notice_list list = {.count = 0};
            enum err err = decode_part(&decoded.events[i], len, arena, &memory, &list);
            assert_row(
                err != ERR_OK || list.count == 0 || sample_notices_equal(&list, &decoded.lists[i]),
                suite_samples->messages[i].name);
            free(memory);
            arena_reset(arena);
        }
    }
    (void)arena_free(arena);
    forget_all(&decoded);
}

void a_garbled_body_gives_whole_notices_or_none(void **state)
{
    (void)state;
    struct decoded decoded;
    struct arena *arena = arena_new(ARENA_BYTES);
    uint64_t random = test_seed();
    decode_all(&decoded);
    for (uint32_t round = 0; round < GARBLED * suite_samples->message_count; round++) {
        uint32_t i = round % suite_samples->message_count;
        struct stored_event event = decoded.events[i];
        char body[16384];
        assert_true(event.body.len <= sizeof body);
        memcpy(body, event.body.data, event.body.len);
        for (uint64_t changes = test_random_below(&random, 3) + 1; changes > 0; changes--) {
            body[test_random_below(&random, event.body.len)] =
                (char)test_random_below(&random, 256);
        }
        event.body.data = body;
        char *memory = NULL;
        struct notice_list list = {.count = 0};
        enum err err = decode_part(&event, event.body.len, arena, &memory, &list);
        for (uint32_t k = 0; err == ERR_OK && k < list.count; k++) {
            assert_whole(&list.notices[k], suite_samples->messages[i].name);
        }
        free(memory);
        arena_reset(arena);
    }
    (void)arena_free(arena);
    forget_all(&decoded);
}

/* --- order --- */

static bool follows(uint32_t later, uint32_t earlier, struct arena *arena)
{
    bool does = suite_samples->provider->follows(str_from(suite_samples->messages[later].body),
        str_from(suite_samples->messages[earlier].body), arena);
    arena_reset(arena);
    return does;
}

void nothing_follows_itself_nor_both_ways(void **state)
{
    (void)state;
    struct arena *arena = arena_new(ARENA_BYTES);
    for (uint32_t a = 0; a < suite_samples->message_count; a++) {
        assert_row(!follows(a, a, arena), suite_samples->messages[a].name);
        for (uint32_t b = a + 1; b < suite_samples->message_count; b++) {
            assert_row(!follows(a, b, arena), suite_samples->messages[b].name); /* b is later */
        }
    }
    for (uint32_t i = 0; i < suite_samples->garbage_count; i++) {
        struct str garbage = suite_samples->garbage[i].body;
        assert_row(!suite_samples->provider->follows(garbage, garbage, arena),
            suite_samples->garbage[i].name);
        arena_reset(arena);
    }
    (void)arena_free(arena);
}

static int compare(uint32_t a, uint32_t b)
{
    int order = suite_samples->provider->compare_versions(
        str_from(suite_samples->versions[a]), str_from(suite_samples->versions[b]));
    return (order > 0) - (order < 0);
}

void versions_are_in_a_total_order(void **state)
{
    (void)state;
    uint32_t count = suite_samples->version_count;
    for (uint32_t a = 0; a < count; a++) {
        for (uint32_t b = 0; b < count; b++) {
            assert_row(compare(a, b) == -compare(b, a), suite_samples->versions[a]);
            assert_row((compare(a, b) == 0) == (a == b), suite_samples->versions[a]);
            for (uint32_t c = 0; c < count; c++) {
                assert_row(compare(a, b) <= 0 || compare(b, c) <= 0 || compare(a, c) > 0,
                    suite_samples->versions[a]);
            }
        }
    }
}

/* --- the real flow --- */

static void shuffle(uint32_t *order, uint32_t count, uint64_t *random)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t k = (uint32_t)test_random_below(random, i);
        uint32_t moved_one = order[i - 1];
        order[i - 1] = order[k];
        order[k] = moved_one;
    }
}

struct history {
    int64_t scope;
    uint32_t order[SAMPLE_MESSAGES_MAX];
};

/* The first history is the life in its order. */
static struct history *histories_new(struct life *life, uint32_t count, uint64_t *random)
{
    struct history *histories = calloc(count, sizeof *histories);
    assert_non_null(histories);
    assert_done(store_begin(life->fixture.store, STORE_WRITE, reterr));
    for (uint32_t i = 0; i < count; i++) {
        histories[i].scope = life_scope(life, i);
        for (uint32_t k = 0; k < suite_samples->message_count; k++) {
            histories[i].order[k] = k;
        }
        if (i > 0) {
            shuffle(histories[i].order, suite_samples->message_count, random);
        }
    }
    assert_done(store_commit(life->fixture.store, reterr));
    return histories;
}

/* The odd ones hear one message at a time, the even ones all of them at once. */
static void tell_step(struct life *life, const struct history *histories, uint32_t step)
{
    uint32_t last = suite_samples->message_count - 1;
    assert_done(store_begin(life->fixture.store, STORE_WRITE, reterr));
    for (uint32_t i = 0; i < HISTORIES; i++) {
        if (i % 2 == 1) {
            assert_true(life_tell(life, histories[i].scope, histories[i].order[step]));
        }
        for (uint32_t k = 0; i % 2 == 0 && step == last && k <= last; k++) {
            assert_true(life_tell(life, histories[i].scope, histories[i].order[k]));
        }
    }
    assert_done(store_commit(life->fixture.store, reterr));
    arena_reset(life->arena);
}

static void assert_nothing_is_dead(struct life *life, int64_t events)
{
    struct inbox_stats stats = {0};
    assert_done(inbox_stats(life->fixture.store, &stats, reterr));
    assert_int64_equal(stats.total, events);
    assert_int64_equal(stats.by_status[WORK_APPLIED] + stats.by_status[WORK_STALE], events);
}

static void assert_is_a_life(const struct life_end *end)
{
    uint32_t seen = 0;
    for (uint32_t i = 0; i < LIFE_OBJECTS; i++) {
        seen += end->records[i] != NULL ? 1 : 0;
    }
    assert_true(seen >= LIFE_OBJECTS - 1); /* a customer may be known by name only */
    assert_int_equal(end->milestones[EVENT_PAYMENT_SUCCEEDED], 1);
    assert_int_equal(end->milestones[EVENT_REFUND_FAILED], 1);
    assert_int_equal(end->milestones[EVENT_DISPUTE_WON], 1);
    assert_int_equal(end->milestones[EVENT_PAYOUT_FAILED], 1);
}

void a_life_told_in_any_order_ends_equal(void **state)
{
    (void)state;
    struct life life;
    uint64_t random = test_seed();
    life_open(&life, suite_samples);
    struct history *histories = histories_new(&life, HISTORIES, &random);
    for (uint32_t step = 0; step < suite_samples->message_count; step++) {
        tell_step(&life, histories, step);
        life_project(&life, 1 + (uint32_t)test_random_below(&random, LIMIT_CLAIM_BATCH));
    }
    assert_done(store_begin(life.fixture.store, STORE_READ, reterr));
    assert_nothing_is_dead(&life, (int64_t)HISTORIES * suite_samples->message_count);
    struct life_end ordered = life_end(&life, histories[0].scope);
    assert_is_a_life(&ordered);
    for (uint32_t i = 1; i < HISTORIES; i++) {
        char name[32];
        struct life_end end = life_end(&life, histories[i].scope);
        (void)snprintf(name, sizeof name, "history %u", i);
        life_assert_same_end(&ordered, &end, true, name);
    }
    (void)store_rollback(life.fixture.store);
    free(histories);
    life_close(&life);
}

void a_life_told_twice_changes_nothing(void **state)
{
    (void)state;
    struct life life;
    life_open(&life, suite_samples);
    struct store *store = life.fixture.store;
    assert_done(store_begin(store, STORE_WRITE, reterr));
    int64_t once = life_scope(&life, 1);
    int64_t twice = life_scope(&life, 2);
    for (uint32_t i = 0; i < suite_samples->message_count; i++) {
        assert_true(life_tell(&life, once, i));
        assert_true(life_tell(&life, twice, i));
        assert_false(life_tell(&life, twice, i));
    }
    assert_done(store_commit(store, reterr));
    life_project(&life, LIMIT_CLAIM_BATCH);
    assert_done(store_begin(store, STORE_WRITE, reterr));
    for (uint32_t i = 0; i < suite_samples->message_count; i++) {
        assert_false(life_tell(&life, twice, i));
    }
    assert_done(store_commit(store, reterr));
    life_project(&life, LIMIT_CLAIM_BATCH);
    assert_done(store_begin(store, STORE_READ, reterr));
    struct life_end a = life_end(&life, once);
    struct life_end b = life_end(&life, twice);
    life_assert_same_end(&a, &b, true, "told twice");
    (void)store_rollback(store);
    life_close(&life);
}

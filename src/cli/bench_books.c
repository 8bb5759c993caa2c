#include "cli/bench_books.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "store/journal.h"
#include "store/refs.h"
#include "cli/bench_heard.h"
#include "cli/bench_join.h"
#include "cli/bench_place.h"
#include "cli/bench_proofs.h"
#include "cli/bench_told.h"
#include <inttypes.h>
#include <stdlib.h>
#include <sys/stat.h>

#define MIB (INT64_C(1024) * 1024)

struct run {
    const struct bench_books *books;
    struct bench_report *report;
    struct bench_place place;
    struct store *store;
    struct arena *arena;
    struct env *env;
    int64_t scope;
};

static inline void run_end_cleanup(struct run *run)
{
    run->store = store_close(run->store);
    run->arena = arena_free(run->arena);
    (void)bench_place_remove(&run->place);
}

/* ---- the store ------------------------------------------------------------------------------- */

/* As the program itself makes it of the configuration. */
static enum err ensure_scope(struct run *run, struct err_info *reterr)
{
    const struct scope_key key = {STR("stripe"), false, STR(BENCH_ACCOUNT)};
    TRY(store_begin(run->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->store;
    TRY(scope_ensure(run->store, &key, &run->scope, reterr));
    TRY(store_commit(run->store, reterr));
    transaction = NULL;
    return ERR_OK;
}

static enum err open_store(struct run *run, struct err_info *reterr)
{
    const struct bench_books *books = run->books;
    TRY(bench_place_make(books->dir, books->store, books->keep, run->env, &run->place, reterr));
    TRY(store_open(str_from(run->place.store_url), STORE_WRITE, run->env, &run->store, reterr));
    TRY(store_migrate(run->store, NULL, NULL, reterr));
    run->arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    return run->arena != NULL ? ensure_scope(run, reterr)
                              : err_set(reterr, ERR_BUSY, "out of memory");
}

static enum err fill_groups(struct run *run, struct made_group *group, struct err_info *reterr)
{
    int64_t payments = run->books->payments;
    for (uint64_t i = 0; i < made_group_count(payments); i++) {
        made_group((uint64_t)run->books->seed, i, payments, group);
        TRY(bench_heard_write(
            run->store, run->scope, group, run->arena, env_now(run->env), reterr));
        if (command_is_stopped()) {
            return err_set(reterr, ERR_CLOSED, "stopped before the end of the measurement");
        }
    }
    return ERR_OK;
}

static enum err fill(struct run *run, struct err_info *reterr)
{
    int64_t begun_us = env_monotonic(run->env);
    struct made_group *group = malloc(sizeof *group);
    enum err err = group != NULL ? fill_groups(run, group, reterr)
                                 : err_set(reterr, ERR_BUSY, "out of memory");
    free(group);
    bench_add(run->report, "payments", "payments", "", run->books->payments);
    bench_add_ratio(run->report, "heard_per_s", "put into the store before, with their postings",
        "payments/s", run->books->payments * 1000, (env_monotonic(run->env) - begun_us) / 1000, 0);
    return err;
}

/* ---- import and posting ---------------------------------------------------------------------- */

static void report_told(struct run *run, const struct bench_told *told)
{
    struct bench_report *report = run->report;
    bench_add(report, "lines", "lines", "", told->lines);
    bench_add_ratio(report, "line_bytes", "a line", "bytes", told->bytes, told->lines, 0);
    bench_add_ratio(report, "making_s", "to make them, which is not counted", "s", told->making_us,
        US_PER_SECOND, 1);
    bench_add_ratio(
        report, "import_s", "read, kept and posted in", "s", told->elapsed_us, US_PER_SECOND, 1);
    bench_add_ratio(report, "lines_per_s", "read, kept and posted", "lines/s", told->lines * 1000,
        told->elapsed_us / 1000, 0);
    bench_add_ratio(report, "import_cpu_us", "processor", "us/line", told->cpu_us, told->lines, 1);
    bench_add_ratio(
        report, "import_memory_mib", "memory, peak", "MiB", told->memory_peak_bytes, MIB, 1);
}

static int64_t store_bytes(const struct run *run)
{
    char path[BENCH_PATH_BYTES];
    struct stat status;
    bool found = run->place.sqlite &&
                 bench_place_join(&run->place, "books.db", path, sizeof path, NULL) == ERR_OK &&
                 stat(path, &status) == 0;
    return found ? (int64_t)status.st_size : BENCH_UNKNOWN;
}

static struct bench_telling telling_of(const struct run *run)
{
    return (struct bench_telling){.place = &run->place,
        .store = run->store,
        .env = run->env,
        .scope = run->scope,
        .seed = (uint64_t)run->books->seed,
        .payments = run->books->payments};
}

static enum err tell(struct run *run, struct err_info *reterr)
{
    const struct bench_telling telling = telling_of(run);
    struct bench_told told = {.lines = 0};
    TRY(str_eq(run->books->shape, STR("api")) ? bench_tell_pages(&telling, &told, reterr)
                                              : bench_tell_files(&telling, &told, reterr));
    report_told(run, &told);
    bench_add_ratio(run->report, "store_mib", "the store, then", "MiB", store_bytes(run), MIB, 0);
    return ERR_OK;
}

/* ---- do they agree? -------------------------------------------------------------------------- */

static bool is_clearing(enum ledger_account account)
{
    return str_starts_with(str_from(account_row(account)->name), STR("assets:clearing:"));
}

static enum err count_open(struct run *run, int64_t *ret_keys, struct err_info *reterr)
{
    struct ledger_balance *rows = NULL;
    uint32_t count = 0;
    arena_reset(run->arena);
    TRY(store_begin(run->store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->store;
    (void)transaction;
    TRY(ledger_balances(run->store, run->scope, run->arena, &rows, &count, reterr));
    *ret_keys = 0;
    for (uint32_t i = 0; i < count; i++) {
        *ret_keys += is_clearing(rows[i].account) ? rows[i].keys : 0;
    }
    return ERR_OK;
}

/* What was made not to agree is all that clearing may hold: else something else was measured. */
static enum err check_clearing(struct run *run, struct err_info *reterr)
{
    int64_t keys = 0;
    int64_t faults = made_faults(run->books->payments);
    TRY(count_open(run, &keys, reterr));
    bench_add(run->report, "open_keys", "keys that did not clear, as they were made", "", keys);
    return keys == faults
               ? ERR_OK
               : err_set(reterr, ERR_DIFFERS,
                     "%" PRId64 " keys in clearing are open, and %" PRId64 " were made so", keys,
                     faults);
}

/* It must find the same, or it is no limit of the same work. */
static bool finds_what_was_made(const struct bench_join *join, int64_t payments)
{
    return join->without_line == made_count(payments, MADE_WITHOUT_LINE) &&
           join->off == made_count(payments, MADE_OFF) &&
           join->attempts == payments - made_count(payments, MADE_UNHEARD) &&
           join->lines - join->without_attempt == join->attempts - join->without_line;
}

static enum err measure_join(struct run *run, int64_t *ret_limit_us, struct err_info *reterr)
{
    char path[BENCH_PATH_BYTES];
    struct bench_join join;
    TRY(bench_place_join(&run->place, "books.db", path, sizeof path, reterr));
    TRY(run->place.sqlite ? bench_join_sqlite(path, run->env, &join, reterr)
                          : bench_join_postgres(run->place.store_url, run->env, &join, reterr));
    bench_add_ratio(run->report, "limit_s", "limit: outer join of attempts and lines, both ways",
        "s", join.elapsed_us, US_PER_SECOND, 2);
    *ret_limit_us = join.elapsed_us;
    return finds_what_was_made(&join, run->books->payments)
               ? ERR_OK
               : err_set(reterr, ERR_DIFFERS, "the join does not find what was made");
}

static enum err measure_proofs(struct run *run, int64_t limit_us, struct err_info *reterr)
{
    const struct bench_telling telling = telling_of(run);
    struct bench_proofs proofs;
    int64_t faults = made_faults(run->books->payments);
    TRY(bench_prove(&telling, &proofs, reterr));
    bench_add_ratio(run->report, "proofs_s", "proofs, discrepancies and report", "s",
        proofs.elapsed_us, US_PER_SECOND, 2);
    bench_add_ratio(
        run->report, "proofs_limits", "of the limit", "times", proofs.elapsed_us, limit_us, 1);
    bench_add_ratio(
        run->report, "proofs_memory_mib", "memory, peak", "MiB", proofs.memory_peak_bytes, MIB, 1);
    bench_add(run->report, "discrepancies", "discrepancies found", "", proofs.open);
    return proofs.open == faults
               ? ERR_OK
               : err_set(reterr, ERR_DIFFERS,
                     "%" PRId64 " discrepancies were found, and %" PRId64 " were made", proofs.open,
                     faults);
}

/* ---- all of it ------------------------------------------------------------------------------- */

enum err bench_measure_books(
    const struct bench_books *books, struct bench_report *report, struct err_info *reterr)
{
    REQUIRE(books != NULL && report != NULL);
    int64_t limit_us = 0;
    CLEANUP(run_end)
    struct run run = {.books = books, .report = report, .env = books->context->env};
    TRY(open_store(&run, reterr));
    bench_add_text(report, "store", "store", run.place.sqlite ? "sqlite" : "postgresql");
    bench_add_text(
        report, "shape", "shape of the input", str_eq(books->shape, STR("api")) ? "api" : "csv");
    TRY(fill(&run, reterr));
    TRY(tell(&run, reterr));
    TRY(check_clearing(&run, reterr));
    TRY(measure_join(&run, &limit_us, reterr));
    return measure_proofs(&run, limit_us, reterr);
}

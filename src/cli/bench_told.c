#include "cli/bench_told.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/stripe/stripe.h"
#include "flow/statement.h"
#include "cli/bench_peak.h"
#include "cli/bench_report.h"
#include "cli/bench_text.h"
#include "cli/command.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define GROUP_TEXT_BYTES ((size_t)4 * 1024 * 1024)

/* --- files --- */

struct writer {
    FILE *file;
    struct buf text;
    int64_t bytes;
};

static enum err write_text(struct writer *writer, struct err_info *reterr)
{
    struct str text = buf_str(&writer->text);
    if (writer->text.failed || fwrite(text.data, 1, text.len, writer->file) != text.len) {
        return err_set(reterr, ERR_FILE_IO, "a report cannot be written: %s", strerror(errno));
    }
    writer->bytes += (int64_t)text.len;
    buf_clear(&writer->text);
    return ERR_OK;
}

/* Payouts, or everything else. */
static enum err write_groups(const struct bench_telling *telling,
    bool payouts,
    struct made_group *group,
    struct writer *writer,
    int64_t *lines,
    struct err_info *reterr)
{
    struct made_line made[MADE_LINES_MAX];
    uint64_t groups = made_group_count(telling->payments);
    (payouts ? bench_payouts_header : bench_activity_header)(&writer->text);
    for (uint64_t i = 0; i < groups; i++) {
        made_group(telling->seed, i, telling->payments, group);
        uint32_t count = made_lines(group, made);
        for (uint32_t k = 0; k < count; k++) {
            if ((made[k].what == MADE_PAYOUT) == payouts) {
                bench_csv_record(group, &made[k], &writer->text);
                ++*lines;
            }
        }
        TRY(write_text(writer, reterr));
    }
    return ERR_OK;
}

static enum err write_report(const struct bench_telling *telling,
    const char *name,
    bool payouts,
    struct bench_told *told,
    struct err_info *reterr)
{
    char path[BENCH_PATH_BYTES];
    struct made_group *group = malloc(sizeof *group);
    struct writer writer = {.bytes = 0};
    enum err err = bench_place_join(telling->place, name, path, sizeof path, reterr);
    writer.file = err == ERR_OK && group != NULL ? fopen(path, "we") : NULL;
    if (err == ERR_OK && writer.file == NULL) {
        err = err_set(reterr, ERR_FILE_IO, "%s: %s", path, strerror(errno));
    }
    buf_init(&writer.text, GROUP_TEXT_BYTES);
    err =
        err != ERR_OK ? err : write_groups(telling, payouts, group, &writer, &told->lines, reterr);
    if (writer.file != NULL && fclose(writer.file) != 0 && err == ERR_OK) {
        err = err_set(reterr, ERR_FILE_IO, "%s: %s", path, strerror(errno));
    }
    told->bytes += writer.bytes;
    buf_fini(&writer.text);
    free(group);
    return err;
}

enum err bench_tell_files(
    const struct bench_telling *telling, struct bench_told *ret_told, struct err_info *reterr)
{
    REQUIRE(telling != NULL && ret_told != NULL);
    static const char *const words[] = {
        "import", "activity.csv", "payouts.csv", "--account", BENCH_ACCOUNT, NULL};
    struct bench_told told = {.lines = 0};
    struct bench_ran ran;
    int64_t begun_us = env_monotonic(telling->env);
    TRY(write_report(telling, words[1], false, &told, reterr));
    TRY(write_report(telling, words[2], true, &told, reterr));
    told.making_us = env_monotonic(telling->env) - begun_us;
    TRY(bench_place_run(telling->place, words, telling->env, &ran, reterr));
    if (ran.exit_code != 0) {
        char end[160];
        bench_place_log_end(telling->place, "run.log", end, sizeof end);
        return err_set(reterr, ERR_IMPOSSIBLE, "counterfoil import: %s", end);
    }
    told.elapsed_us = ran.elapsed_us;
    told.cpu_us = ran.cpu_us;
    told.memory_peak_bytes = ran.memory_peak_bytes;
    *ret_told = told;
    return ERR_OK;
}

/* --- pages --- */

struct paging {
    const struct bench_telling *telling;
    struct statement_taker *taker;
    struct statement_source source;
    struct arena *arena; /* of a batch: what its pages say */
    struct buf body;
    struct said_line *lines;
    uint32_t count;
    struct made_group *group;
    struct bench_told told;
    struct taken_counts counts;
};

static struct paging *paging_new(const struct bench_telling *telling)
{
    struct paging *paging = calloc(1, sizeof *paging);
    if (paging == NULL) {
        return NULL;
    }
    paging->telling = telling;
    paging->taker = statement_taker_new(telling->store, &stripe_provider, telling->env);
    paging->arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    paging->lines = calloc(STATEMENT_BATCH, sizeof *paging->lines);
    paging->group = malloc(sizeof *paging->group);
    buf_init(&paging->body, GROUP_TEXT_BYTES);
    paging->source = (struct statement_source){.scope = telling->scope,
        .kind = SOURCE_API,
        .name = STR("balance_transactions"),
        .received_us = env_now(telling->env)};
    return paging;
}

static struct paging *paging_free(struct paging *paging)
{
    if (paging != NULL) {
        (void)statement_taker_free(paging->taker);
        (void)arena_free(paging->arena);
        buf_fini(&paging->body);
        free(paging->lines);
        free(paging->group);
        free(paging);
    }
    return NULL;
}
DEFINE_CLEANUP(struct paging *, paging_free);

static enum err take_batch(struct paging *paging, struct err_info *reterr)
{
    struct store *store = paging->telling->store;
    struct taken_counts counts;
    bool finished = false;
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    if (paging->source.number == 0) {
        TRY(statement_source_begin(store, &paging->source, &finished, reterr));
    }
    const struct statement_batch batch = {.scope = paging->telling->scope,
        .root = paging->telling->scope,
        .source = paging->source.number,
        .kind = SOURCE_API,
        .lines = paging->lines,
        .count = paging->count};
    TRY(statement_take(paging->taker, &batch, env_now(paging->telling->env), &counts, reterr));
    TRY(store_commit(store, reterr));
    transaction = NULL;
    paging->told.lines += paging->count;
    paging->counts.added += counts.added;
    paging->count = 0;
    arena_reset(paging->arena);
    return ERR_OK;
}

static enum err take_page(struct paging *paging, struct err_info *reterr)
{
    struct said_page page;
    struct str body = buf_str(&paging->body);
    if (paging->body.failed) {
        return err_set(reterr, ERR_TOO_LARGE, "no memory for a page");
    }
    TRY(stripe_provider.statement->decode_page(body, STR_NONE, paging->arena, &page, reterr));
    INVARIANT(page.refusal_count == 0 && page.line_count <= BENCH_PAGE_LINES);
    memcpy(paging->lines + paging->count, page.lines, page.line_count * sizeof *page.lines);
    paging->count += page.line_count;
    paging->told.bytes += (int64_t)body.len;
    return paging->count + BENCH_PAGE_LINES > STATEMENT_BATCH ? take_batch(paging, reterr) : ERR_OK;
}

/* What comes first was made last. */
static enum err tell_group(struct paging *paging, uint64_t number, struct err_info *reterr)
{
    const struct bench_telling *telling = paging->telling;
    struct made_line made[MADE_LINES_MAX];
    const struct made_line *page[BENCH_PAGE_LINES];
    made_group(telling->seed, number, telling->payments, paging->group);
    uint32_t left = made_lines(paging->group, made);
    while (left > 0) {
        uint32_t count = 0;
        int64_t begun_us = env_monotonic(telling->env);
        while (left > 0 && count < BENCH_PAGE_LINES) {
            page[count++] = &made[--left];
        }
        buf_clear(&paging->body);
        bench_page(page, count, left > 0 || number > 0, &paging->body);
        int64_t made_us = env_monotonic(telling->env);
        int64_t cpu_us = bench_cpu_us();
        TRY(take_page(paging, reterr));
        paging->told.making_us += made_us - begun_us;
        paging->told.cpu_us += bench_cpu_us() - cpu_us;
        paging->told.elapsed_us += env_monotonic(telling->env) - made_us;
    }
    return ERR_OK;
}

static enum err tell_all(struct paging *paging, struct err_info *reterr)
{
    struct env *env = paging->telling->env;
    for (uint64_t left = made_group_count(paging->telling->payments); left > 0; left--) {
        TRY(tell_group(paging, left - 1, reterr));
        if (command_is_stopped()) {
            return err_set(reterr, ERR_CLOSED, "stopped before the end of the measurement");
        }
    }
    int64_t begun_us = env_monotonic(env);
    int64_t cpu_us = bench_cpu_us();
    TRY(take_batch(paging, reterr));
    paging->told.cpu_us += bench_cpu_us() - cpu_us;
    paging->told.elapsed_us += env_monotonic(env) - begun_us;
    return ERR_OK;
}

enum err bench_tell_pages(
    const struct bench_telling *telling, struct bench_told *ret_told, struct err_info *reterr)
{
    REQUIRE(telling != NULL && ret_told != NULL);
    CLEANUP(paging_free) struct paging *paging = paging_new(telling);
    if (paging == NULL || paging->taker == NULL || paging->arena == NULL || paging->lines == NULL ||
        paging->group == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    bench_peak_forget();
    TRY(tell_all(paging, reterr));
    if (paging->counts.added != paging->told.lines) {
        return err_set(reterr, ERR_IMPOSSIBLE, "some of the lines were known before");
    }
    paging->told.memory_peak_bytes = bench_peak_bytes();
    *ret_told = paging->told;
    return ERR_OK;
}

#include "flow/pull.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "flow/pull_inside.h"
#include <stdlib.h>

#define PAGE_ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define SCRATCH_BYTES ((size_t)16 * 1024 * 1024)
#define NAMES_BYTES ((size_t)1024 * 1024)
#define PAYOUTS_A_TIME 100

/* Of this very second more lines may come. */
static void begin(struct pull *pull)
{
    struct pull_progress *progress = &pull->progress;
    int64_t last_us = timestamp_second(env_now(pull->setup.env)) - US_PER_SECOND;
    progress->from_us = pull->setup.from_us;
    progress->to_us = pull->setup.to_us < last_us ? pull->setup.to_us : last_us;
    progress->stage = progress->from_us > progress->to_us ? PULL_IS_DONE
                      : pull->setup.way == PULL_BY_PAGES  ? PULL_ASKS_LINES
                      : pull->setup.way == PULL_PAYOUTS   ? PULL_ASKS_PAYOUTS
                                                          : PULL_ASKS_REPORTS;
}

struct pull *pull_new(const struct pull_setup *setup)
{
    REQUIRE(setup != NULL && setup->store != NULL && setup->api != NULL && setup->env != NULL);
    REQUIRE(setup->account != NULL && setup->account->provider->statement != NULL);
    REQUIRE(setup->from_us >= 0 && setup->from_us <= setup->to_us);
    REQUIRE(setup->from_us % US_PER_SECOND == 0 && setup->to_us % US_PER_SECOND == 0);
    REQUIRE(!setup->only_look || setup->way == PULL_BY_PAGES);
    struct pull *pull = calloc(1, sizeof *pull);
    if (pull == NULL) {
        return NULL;
    }
    pull->setup = *setup;
    pull->taker = statement_taker_new(setup->store, setup->account->provider, setup->env);
    pull->page_arena = arena_new(PAGE_ARENA_BYTES);
    pull->scratch = arena_new(SCRATCH_BYTES);
    pull->names = arena_new(NAMES_BYTES);
    begin(pull);
    return pull->taker != NULL && pull->page_arena != NULL && pull->scratch != NULL &&
                   pull->names != NULL
               ? pull
               : pull_free(pull);
}

struct pull *pull_free(struct pull *pull)
{
    if (pull != NULL) {
        (void)statement_taker_free(pull->taker);
        (void)arena_free(pull->page_arena);
        (void)arena_free(pull->scratch);
        (void)arena_free(pull->names);
        free(pull);
    }
    return NULL;
}

/* --- lines --- */

static void add_part(struct pull *pull, int64_t from_us, int64_t to_us)
{
    if (from_us <= to_us) {
        pull->parts[pull->part_count++] = (struct pull_part){from_us, to_us};
    }
}

static enum err read_under_way(
    struct pull *pull, struct pull_row *ret, bool *ret_found, struct err_info *reterr)
{
    TRY(pull_transaction(pull, reterr));
    CLEANUP(store_rollback) struct store *transaction = pull->setup.store;
    enum err err = pull_under_way(
        pull->setup.store, pull->scope, PULL_LINES, STR(""), pull->scratch, ret, ret_found, reterr);
    transaction = store_rollback(transaction);
    return err;
}

/* One that was begun and touches what is asked for is brought to its end first. */
static enum err plan_lines(
    struct pull *pull, int64_t from_us, int64_t to_us, struct err_info *reterr)
{
    struct pull_row row = {.scope = 0};
    bool found = false;
    if (!pull->setup.only_look) {
        TRY(read_under_way(pull, &row, &found, reterr));
    }
    pull->part = pull->part_count = 0;
    if (found && row.from_us <= to_us && row.to_us >= from_us) {
        add_part(pull, row.from_us, row.to_us);
        add_part(pull, row.to_us + US_PER_SECOND, to_us);
        add_part(pull, from_us, row.from_us - US_PER_SECOND);
    } else {
        add_part(pull, from_us, to_us);
    }
    pull->is_planned = true;
    return ERR_OK;
}

static enum err step_lines(struct pull *pull, struct err_info *reterr)
{
    bool ended = false;
    if (!pull->is_planned) {
        return plan_lines(pull, pull->progress.from_us, pull->progress.to_us, reterr);
    }
    if (pull->part == pull->part_count) {
        pull->progress.stage = pull->setup.only_look ? PULL_IS_DONE : PULL_ASKS_PAYOUTS;
        return ERR_OK;
    }
    if (!pull->is_open) {
        TRY(pull_open(pull, PULL_LINES, STR_NONE, pull->parts[pull->part], reterr));
    }
    TRY(pull_page(pull, &ended, reterr));
    pull->part += ended ? 1 : 0;
    return ERR_OK;
}

/* --- the end --- */

/* Of a pull by both ways each part covers less than was asked for; what is due goes by the whole.
 */
static enum err note_both(struct pull *pull, struct err_info *reterr)
{
    const int64_t now_us = env_now(pull->setup.env);
    TRY(pull_transaction(pull, reterr));
    CLEANUP(store_rollback) struct store *transaction = pull->setup.store;
    const struct pull_row row = {.scope = pull->scope,
        .what = PULL_BOTH,
        .subject = STR(""),
        .from_us = pull->progress.from_us,
        .to_us = pull->progress.to_us,
        .cursor = STR(""),
        .counts = pull->progress.counts,
        .began_us = now_us,
        .updated_us = now_us,
        .finished_us = now_us};
    TRY(pull_write(pull->setup.store, &row, reterr));
    transaction = NULL;
    return pull_commit(pull, reterr);
}

static enum err end(struct pull *pull, struct err_info *reterr)
{
    if (pull->setup.way == PULL_BY_EITHER) {
        TRY(note_both(pull, reterr));
    }
    pull->progress.stage = PULL_IS_DONE;
    return ERR_OK;
}

/* --- payouts --- */

static enum err list_payouts(struct pull *pull, struct err_info *reterr)
{
    struct store *store = pull->setup.store;
    struct pull_summary summary;
    TRY(pull_transaction(pull, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(pull_summarise(store, pull->scope, PULL_LINES, 0, 0, &summary, reterr));
    int64_t since_us = pull->progress.from_us;
    since_us = summary.last_to_us > 0 && summary.first_from_us < since_us ? summary.first_from_us
                                                                          : since_us;
    arena_reset(pull->names);
    pull->payout = pull->payout_count = 0;
    enum err err = pull_payouts_due(store, pull->scope, since_us, PAYOUTS_A_TIME, pull->names,
        &pull->payouts, &pull->payout_count, reterr);
    transaction = store_rollback(transaction);
    return err;
}

/* Empty: there are no more. */
static enum err next_payout(struct pull *pull, struct str *ret_payout, struct err_info *reterr)
{
    if (pull->payout == pull->payout_count) {
        TRY(list_payouts(pull, reterr));
    }
    *ret_payout = pull->payout < pull->payout_count ? pull->payouts[pull->payout] : STR_NONE;
    return ERR_OK;
}

/* It would be asked for again each time, and holds up those behind it. */
static enum err give_payout_up(
    struct pull *pull, const struct err_info *why, struct err_info *reterr)
{
    const int64_t now_us = env_now(pull->setup.env);
    TRY(pull_transaction(pull, reterr));
    CLEANUP(store_rollback) struct store *transaction = pull->setup.store;
    pull_finish_row(pull, now_us);
    pull->row.refused++;
    TRY(pull_write(pull->setup.store, &pull->row, reterr));
    transaction = NULL;
    TRY(pull_commit(pull, reterr));
    pull->is_open = false;
    if (pull->progress.payouts_refused++ == 0) {
        pull->progress.why_payout_refused = *why;
    }
    return ERR_OK;
}

static enum err step_payouts(struct pull *pull, struct err_info *reterr)
{
    struct str payout = STR_NONE;
    struct err_info info = {""};
    bool ended = false;
    if (!pull->is_open) {
        TRY(next_payout(pull, &payout, reterr));
        if (payout.len == 0) {
            return end(pull, reterr);
        }
        TRY(pull_open(pull, PULL_PAYOUT, payout, (struct pull_part){0, 0}, reterr));
        pull->payout++;
    }
    enum err err = pull_page(pull, &ended, &info);
    if (err == ERR_NOT_FOUND || err == ERR_INVALID) {
        return give_payout_up(pull, &info, reterr);
    }
    pull->progress.payouts += err == ERR_OK && ended ? 1 : 0;
    return err == ERR_OK ? ERR_OK : err_set(reterr, err, "%s", info.text);
}

/* --- reports --- */

static void go_by_pages(struct pull *pull)
{
    pull->progress.stage = PULL_ASKS_LINES;
    pull->setup.way = PULL_BY_PAGES;
}

/* Files reach to some time ago; what is younger is asked for page by page, or not at all. */
static enum err plan_reports(struct pull *pull, struct err_info *reterr)
{
    bool may_do_without = pull->setup.way == PULL_BY_EITHER;
    int64_t until_us = 0;
    enum err err = pull_reports_until(pull, &until_us, reterr);
    if (err == ERR_REFUSED && may_do_without) {
        go_by_pages(pull);
        return ERR_OK;
    }
    TRY(err);
    bool is_bounded = may_do_without && pull->setup.reports_to_us != 0;
    until_us =
        is_bounded && pull->setup.reports_to_us < until_us ? pull->setup.reports_to_us : until_us;
    if (until_us < pull->progress.from_us && may_do_without) {
        go_by_pages(pull);
        return ERR_OK;
    }
    if (until_us < pull->progress.from_us) {
        char text[TIMESTAMP_TEXT_BYTES];
        timestamp_format(until_us, text);
        pull->progress.too_young = true;
        return err_set(reterr, ERR_INVALID,
            "the provider has reports until %s only: ask for an earlier time, or by the API", text);
    }
    pull->reports_until_us = until_us < pull->progress.to_us ? until_us : pull->progress.to_us;
    pull->progress.to_us = may_do_without ? pull->progress.to_us : pull->reports_until_us;
    pull->reports_planned = true;
    return ERR_OK;
}

static enum err step_reports(struct pull *pull, struct err_info *reterr)
{
    bool ended = false;
    if (!pull->reports_planned) {
        return plan_reports(pull, reterr);
    }
    TRY(pull_report(pull, &ended, reterr));
    if (!ended) {
        return ERR_OK;
    }
    if (pull->setup.way == PULL_BY_EITHER && pull->reports_until_us < pull->progress.to_us) {
        pull->progress.stage = PULL_ASKS_LINES;
        return plan_lines(
            pull, pull->reports_until_us + US_PER_SECOND, pull->progress.to_us, reterr);
    }
    return end(pull, reterr);
}

/* --- steps --- */

enum err pull_step(struct pull *pull, bool *ret_more, struct err_info *reterr)
{
    REQUIRE(pull != NULL && ret_more != NULL);
    enum err err = ERR_OK;
    switch (pull->progress.stage) {
    case PULL_ASKS_LINES:
        err = step_lines(pull, reterr);
        break;
    case PULL_ASKS_PAYOUTS:
        err = step_payouts(pull, reterr);
        break;
    case PULL_ASKS_REPORTS:
    case PULL_AWAITS_REPORT:
    case PULL_TAKES_REPORT:
        err = step_reports(pull, reterr);
        break;
    case PULL_IS_DONE:
        break;
    }
    *ret_more = pull->progress.stage != PULL_IS_DONE;
    return err;
}

struct pull_progress pull_progress(const struct pull *pull)
{
    REQUIRE(pull != NULL);
    struct pull_progress progress = pull->progress;
    for (uint32_t i = 0; i < pull->part_count; i++) {
        const struct pull_part *part = &pull->parts[i];
        bool at_hand = i == pull->part && pull->is_open;
        int64_t left_us = i < pull->part ? 0
                          : at_hand      ? pull->reached_us - part->from_us
                                         : part->to_us - part->from_us;
        progress.left_us += left_us;
        progress.walked_us += part->to_us - part->from_us - left_us;
    }
    return progress;
}

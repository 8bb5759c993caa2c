#include "base/check.h"
#include "base/timestamp.h"
#include "flow/backfill.h"
#include "flow/pull.h"
#include "flow/reconcile_inside.h"
#include <stdlib.h>

#define EVENTS_KEPT_US (30 * US_PER_DAY) /* so long a provider lists them */
#define EVENTS_YOUNG_US US_PER_MINUTE    /* they may still be on their way */

#define LATE_US (2 * US_PER_DAY)
#define AGAIN_US (15 * US_PER_MINUTE)
#define HELD_TRIES 5 /* until the newest line is in the books, too */
#define HELD_WAIT_US US_PER_SECOND
#define OLD_HEAD_TRIES 2

struct pulling {
    struct backfill *events;
    bool events_asked, events_whole; /* whole: all of the days can still be listed */
    struct pull *lines;
    bool lines_asked, reports_asked;
    int64_t lines_before; /* of the pulls that are over */
    int64_t added_before;
    uint32_t held_tries;
    char head[LIMIT_PROVIDER_ID_BYTES + 1]; /* that was not known ... */
    uint32_t head_tries;                    /* ... so often */
};

struct pulling *pulling_free(struct pulling *pulling)
{
    if (pulling != NULL) {
        pulling->events = backfill_free(pulling->events);
        pulling->lines = pull_free(pulling->lines);
        free(pulling);
    }
    return NULL;
}

static enum err make_pulling(struct reconcile *run, struct err_info *reterr)
{
    if (run->pulling == NULL) {
        run->pulling = calloc(1, sizeof *run->pulling);
    }
    return run->pulling != NULL ? ERR_OK : err_set(reterr, ERR_BUSY, "out of memory");
}

/* --- events --- */

static int64_t oldest_event(const struct reconcile *run)
{
    return timestamp_second(env_now(run->setup.env) - EVENTS_KEPT_US) + US_PER_SECOND;
}

/* What can still be listed of the days; false: nothing. */
static bool event_days(const struct reconcile *run, int64_t *ret_from_us, int64_t *ret_to_us)
{
    int64_t young_us = env_now(run->setup.env) - EVENTS_YOUNG_US;
    int64_t last_us = run->setup.to_us - US_PER_SECOND;
    int64_t first_us = timestamp_second(run->setup.from_us);
    int64_t oldest_us = oldest_event(run);
    run->pulling->events_whole = first_us >= oldest_us;
    *ret_from_us = first_us >= oldest_us ? first_us : oldest_us;
    *ret_to_us = timestamp_second(last_us < young_us ? last_us : young_us);
    return *ret_from_us <= *ret_to_us;
}

static enum err begin_events(struct reconcile *run, struct err_info *reterr)
{
    const struct reconcile_setup *setup = &run->setup;
    struct backfill_setup events = {.store = setup->store,
        .account = setup->account,
        .api = setup->api,
        .env = setup->env,
        .below = setup->below,
        .types = setup->types,
        .type_count = setup->type_count,
        .by_id = true};
    run->pulling->events_asked = true;
    if (!event_days(run, &events.from_us, &events.to_us)) {
        return ERR_OK;
    }
    run->pulling->events = backfill_new(&events);
    return run->pulling->events != NULL ? ERR_OK : err_set(reterr, ERR_BUSY, "out of memory");
}

enum err reconcile_pull_events(struct reconcile *run, bool *ret_more, struct err_info *reterr)
{
    TRY(make_pulling(run, reterr));
    if (!run->pulling->events_asked) {
        TRY(begin_events(run, reterr));
    }
    if (run->pulling->events == NULL) {
        return ERR_OK;
    }
    TRY(backfill_step(run->pulling->events, ret_more, reterr));
    struct backfill_progress progress = backfill_progress(run->pulling->events);
    run->progress.events_found = run->events_found = progress.counts.found;
    run->progress.events_added = progress.counts.added;
    run->events_missing = progress.counts.missing;
    run->events_pulled = !*ret_more && run->pulling->events_whole;
    return ERR_OK;
}

/* --- lines --- */

static bool has_statement(const struct reconcile *run)
{
    return run->setup.account->provider->statement != NULL;
}

static struct pull_setup pull_of(
    const struct reconcile *run, int64_t from_us, int64_t to_us, enum pull_way way)
{
    const struct reconcile_setup *setup = &run->setup;
    int64_t newest_us = timestamp_second(env_now(setup->env)) - US_PER_SECOND;
    return (struct pull_setup){.store = setup->store,
        .account = setup->account,
        .api = setup->api,
        .env = setup->env,
        .below = setup->below,
        .from_us = timestamp_second(from_us),
        .to_us = to_us < newest_us ? to_us : newest_us,
        .way = way,
        .cancelled = setup->cancelled};
}

/* Lines of the days before may come late: those days are asked for whole once more. Of others what
 * is not known yet, with a little before it; what lies between them and the last pull, so that no
 * gap is left; and the time since the books begin, until they are open. */
static enum err lines_from(struct reconcile *run, int64_t *ret_from_us, struct err_info *reterr)
{
    struct pull_summary last;
    int64_t from_us = run->setup.from_us;
    int64_t until_us = 0;
    int64_t now_us = env_now(run->setup.env);
    bool may_be_late = run->setup.to_us <= now_us && run->setup.to_us > now_us - LATE_US;
    TRY(store_begin(run->setup.store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->setup.store;
    (void)transaction;
    TRY(pull_covered_until(run->setup.store, run->run.scope, PULL_LINES, timestamp_second(from_us),
        &until_us, reterr));
    if (!may_be_late && until_us - AGAIN_US > from_us) {
        from_us = until_us - AGAIN_US;
    }
    TRY(pull_summarise(run->setup.store, run->run.scope, PULL_LINES, 0, 0, &last, reterr));
    if (last.last_to_us != 0 && last.last_to_us + US_PER_SECOND < from_us) {
        from_us = last.last_to_us;
    }
    if (run->start.start_us != 0 && run->start.opened_us == 0 && run->start.start_us < from_us) {
        from_us = run->start.start_us;
    }
    *ret_from_us = from_us;
    return ERR_OK;
}

static enum err begin_pull(
    struct reconcile *run, const struct pull_setup *setup, struct err_info *reterr)
{
    if (setup->from_us > setup->to_us) {
        return ERR_OK; /* days to come */
    }
    run->pulling->lines = pull_new(setup);
    return run->pulling->lines != NULL ? ERR_OK : err_set(reterr, ERR_BUSY, "out of memory");
}

/* Until now, what is newer than the days always page by page: the provider only says what it holds
 * now. */
static enum err begin_lines(struct reconcile *run, struct err_info *reterr)
{
    int64_t from_us = 0;
    bool by_reports = run->setup.large && !run->pulling->lines_asked;
    TRY(lines_from(run, &from_us, reterr));
    struct pull_setup setup =
        pull_of(run, from_us, INT64_MAX, by_reports ? PULL_BY_EITHER : PULL_BY_PAGES);
    setup.reports_to_us = timestamp_second(run->setup.to_us - US_PER_SECOND);
    run->pulling->lines_asked = true;
    return begin_pull(run, &setup, reterr);
}

/* Of just the days: a summary proves them. */
static enum err begin_reports(struct reconcile *run, struct err_info *reterr)
{
    struct pull_setup setup =
        pull_of(run, run->setup.from_us, run->setup.to_us - US_PER_SECOND, PULL_BY_REPORTS);
    run->pulling->reports_asked = true;
    return run->setup.reports ? begin_pull(run, &setup, reterr) : ERR_OK;
}

static enum err step_pull(struct reconcile *run, struct err_info *reterr)
{
    struct pulling *pulling = run->pulling;
    bool more = false;
    enum err err = pull_step(pulling->lines, &more, reterr);
    struct pull_progress progress = pull_progress(pulling->lines);
    /* Days of which the provider has no report yet are proven by their lines alone. */
    if (err != ERR_OK && !progress.too_young) {
        return err;
    }
    run->progress.lines = pulling->lines_before + progress.lines;
    run->progress.lines_added = pulling->added_before + progress.counts.added;
    if (!more || err != ERR_OK) {
        pulling->lines_before = run->progress.lines;
        pulling->added_before = run->progress.lines_added;
        pulling->lines = pull_free(pulling->lines);
    }
    return ERR_OK;
}

enum err reconcile_pull_lines(struct reconcile *run, bool *ret_more, struct err_info *reterr)
{
    TRY(make_pulling(run, reterr));
    struct pulling *pulling = run->pulling;
    if (!has_statement(run)) {
        return ERR_OK;
    }
    if (pulling->lines != NULL) {
        TRY(step_pull(run, reterr));
    } else if (!pulling->lines_asked) {
        TRY(begin_lines(run, reterr));
    } else if (!pulling->reports_asked) {
        TRY(begin_reports(run, reterr));
    }
    *ret_more = pulling->lines != NULL || !pulling->reports_asked;
    return ERR_OK;
}

/* A report is fetched and taken in one step. */
bool reconcile_is_long(const struct reconcile *run)
{
    return run->pulling != NULL && run->pulling->lines != NULL &&
           pull_progress(run->pulling->lines).stage == PULL_TAKES_REPORT;
}

enum err reconcile_pull_payouts(struct reconcile *run, bool *ret_more, struct err_info *reterr)
{
    TRY(make_pulling(run, reterr));
    if (!has_statement(run)) {
        return ERR_OK;
    }
    if (run->pulling->lines != NULL) {
        TRY(step_pull(run, reterr));
    } else {
        struct pull_setup setup = pull_of(run, run->setup.from_us, INT64_MAX, PULL_PAYOUTS);
        TRY(begin_pull(run, &setup, reterr));
    }
    *ret_more = run->pulling->lines != NULL;
    return ERR_OK;
}

/* --- the balance --- */

static enum err is_line_known(
    struct reconcile *run, struct str name, bool *ret_known, struct err_info *reterr)
{
    struct kept_line line;
    TRY(store_begin(run->setup.store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->setup.store;
    (void)transaction;
    TRY(statement_line_by_name(run->setup.store, run->run.scope, name, run->pages, &line, reterr));
    *ret_known = line.scope != 0;
    return ERR_OK;
}

static bool is_reserve(enum balance_part part)
{
    return part == BALANCE_CONNECT_RESERVED || part == BALANCE_RISK_RESERVED;
}

static enum err keep_balance(
    struct reconcile *run, const struct said_balances *said, struct err_info *reterr)
{
    run->balances = arena_new_array(run->setup.arena, struct said_bucket, said->count + 1);
    run->balance_count = 0;
    if (run->balances == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "out of the memory for the balance");
    }
    for (uint32_t i = 0; i < said->count; i++) {
        struct said_bucket *bucket = NULL;
        for (uint32_t k = 0; k < run->balance_count; k++) {
            if (currency_eq(run->balances[k].currency, said->items[i].currency)) {
                bucket = &run->balances[k];
            }
        }
        if (bucket == NULL) {
            bucket = &run->balances[run->balance_count++];
            *bucket = (struct said_bucket){.currency = said->items[i].currency};
        }
        int64_t *part =
            is_reserve(said->items[i].part) ? &bucket->reserved_minor : &bucket->free_minor;
        if (minor_add(*part, said->items[i].minor, part) != ERR_OK) {
            return err_set(
                reterr, ERR_OVERFLOW, "the provider's balance does not fit into 64 bits");
        }
    }
    run->balance_held = true;
    return ERR_OK;
}

/* The newest line of all, which is not known though what is new was pulled again: it is older than
 * all that was ever pulled, and nothing has moved since. */
static bool is_older(struct pulling *pulling, struct str head)
{
    bool is_same = str_eq(head, str_from(pulling->head));
    pulling->head_tries = is_same ? pulling->head_tries + 1 : 0;
    return str_copy_to(pulling->head, sizeof pulling->head, head) &&
           pulling->head_tries >= OLD_HEAD_TRIES;
}

/* Lines came since they were pulled: they are pulled, too. */
static enum err pull_again(struct reconcile *run, bool *ret_more, struct err_info *reterr)
{
    if (run->pulling->held_tries++ == HELD_TRIES) {
        return ERR_OK; /* it moves all the time: the proof is left to another run */
    }
    env_sleep(run->setup.env, HELD_WAIT_US);
    *ret_more = true;
    return begin_lines(run, reterr);
}

enum err reconcile_pull_balance(struct reconcile *run, bool *ret_more, struct err_info *reterr)
{
    TRY(make_pulling(run, reterr));
    struct pulled_balance pulled;
    bool is_known = true;
    const struct pull_setup setup = pull_of(run, 0, 0, PULL_BY_PAGES);
    if (!has_statement(run) || run->setup.account->provider->statement->balance == NULL) {
        return ERR_OK;
    }
    if (run->pulling->lines != NULL) {
        *ret_more = true;
        return step_pull(run, reterr);
    }
    enum err err = pull_balance(&setup, run->pages, &pulled, reterr);
    if (err == ERR_BUSY) {
        return pull_again(run, ret_more, reterr);
    }
    TRY(err);
    if (pulled.head.len > 0) {
        TRY(is_line_known(run, pulled.head, &is_known, reterr));
    }
    return is_known || is_older(run->pulling, pulled.head)
               ? keep_balance(run, &pulled.balances, reterr)
               : pull_again(run, ret_more, reterr);
}

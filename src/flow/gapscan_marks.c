#include "base/check.h"
#include "base/timestamp.h"
#include "flow/gapscan_inside.h"
#include "flow/submit.h"

#define DAILY_US US_PER_DAY
#define DAILY_REACH_US (72 * US_PER_HOUR)
#define BEHIND_US (6 * US_PER_HOUR)                  /* farther, the daily scan catches up */
#define REACH_MAX_US (30 * US_PER_DAY - US_PER_HOUR) /* the provider keeps events for 30 days */
/* Other nodes leave the scan alone for so long. It is prolonged before a page when half of it is
 * over, and a page takes less than the other half. */
#define LEASE_US (5 * US_PER_MINUTE)
#define FAILED_MIN_US US_PER_MINUTE
#define FAILED_MAX_US US_PER_HOUR
#define REFUSED_MIN_US US_PER_HOUR
#define REFUSED_MAX_US (6 * US_PER_HOUR)

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static enum err read_mark(struct gapscan *gapscan,
    int64_t scope,
    struct str kind,
    struct backfill_mark *ret,
    struct err_info *reterr)
{
    bool found = false;
    *ret = (struct backfill_mark){0};
    return backfill_mark_read(
        gapscan->setup.store, scope, kind, gapscan->arena, ret, &found, reterr);
}

static void choose_range(const struct gapscan *gapscan,
    struct gapscan_lane *lane,
    const struct backfill_mark *often,
    int64_t now_us)
{
    int64_t from_us = now_us - DAILY_REACH_US;
    if (often->to_us > 0) {
        int64_t overlap_us = often->to_us - gapscan->setup.overlap_us;
        from_us = lane->daily ? lesser(from_us, overlap_us) : overlap_us;
    }
    int64_t first_us = now_us - REACH_MAX_US;
    lane->to_us = timestamp_second(now_us - gapscan->setup.lag_us);
    lane->from_us = timestamp_second(from_us < first_us ? first_us : from_us);
    lane->from_us = lesser(lane->from_us, lane->to_us);
}

/* --- whose it is --- */

/* An account below is scanned by one node, whichever scan it is; the account's own two may be by
 * two, since none holds off the other. */
static struct str lease_kind(const struct gapscan_lane *lane)
{
    return lane->daily && !lane->below ? GAP_DAILY : GAP_OFTEN;
}

static enum err take(struct gapscan *gapscan,
    struct gapscan_lane *lane,
    const struct gap_due *due,
    int64_t now_us,
    bool *ret_taken,
    struct err_info *reterr)
{
    const struct gap_lease lease = {.scope = due->scope,
        .kind = lease_kind(lane),
        .was_us = due->held_us,
        .until_us = now_us + LEASE_US,
        .updated_us = due->updated_us};
    TRY(gap_lease(gapscan->setup.store, &lease, ret_taken, reterr));
    lane->lease_us = lease.until_us;
    return ERR_OK;
}

/* To until_us, unless it is another node's by now: then *ret_is_ours is false. */
static enum err change_lease(struct gapscan *gapscan,
    struct gapscan_lane *lane,
    int64_t until_us,
    bool *ret_is_ours,
    struct err_info *reterr)
{
    struct store *store = gapscan->setup.store;
    const struct gap_lease lease = {.scope = lane->scope,
        .kind = lease_kind(lane),
        .was_us = lane->lease_us,
        .until_us = until_us,
        .updated_us = -1};
    REQUIRE(lane->scope > 0);
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(gap_lease(store, &lease, ret_is_ours, reterr));
    transaction = NULL;
    TRY(store_commit(store, reterr));
    lane->lease_us = until_us;
    return ERR_OK;
}

enum err gapscan_hold(
    struct gapscan *gapscan, struct gapscan_lane *lane, int64_t now_us, struct err_info *reterr)
{
    bool is_ours = true;
    REQUIRE(lane->walk != NULL);
    if (lane->lease_us - now_us <= LEASE_US / 2 || lane->lease_us - now_us > LEASE_US) {
        TRY(change_lease(gapscan, lane, now_us + LEASE_US, &is_ours, reterr));
    }
    lane->walk = is_ours ? lane->walk : backfill_free(lane->walk);
    return ERR_OK;
}

enum err gapscan_give_back(
    struct gapscan *gapscan, struct gapscan_lane *lane, struct err_info *reterr)
{
    bool was_ours = false;
    lane->walk = backfill_free(lane->walk);
    return change_lease(gapscan, lane, 0, &was_ours, reterr);
}

/* --- the beginning of one --- */

static enum err choose(struct gapscan *gapscan,
    struct gapscan_lane *lane,
    int64_t root,
    int64_t now_us,
    bool *ret_is_due,
    struct err_info *reterr)
{
    const struct gapscan_setup *setup = &gapscan->setup;
    const struct gap_query query = {
        .root = root,
        .below = lane->below,
        .daily = lane->daily,
        .now_us = now_us,
        .every_us = lane->daily ? DAILY_US : setup->every_us,
        .behind_us = BEHIND_US,
        .held_us_max = LEASE_US,
    };
    struct gap_due due = {0};
    TRY(gap_next(setup->store, &query, gapscan->arena, &due, reterr));
    *ret_is_due = due.scope > 0 && due.due_us <= now_us;
    if (!*ret_is_due) {
        /* Another lane's end, or a connected account that is new, may make one due earlier. */
        int64_t look_us = now_us + setup->every_us;
        lane->due_us = due.scope > 0 ? lesser(due.due_us, look_us) : look_us;
        return ERR_OK;
    }
    lane->scope = due.scope;
    struct str connected = lane->below ? due.account_key : STR_NONE;
    if (!str_copy_to(lane->connected, sizeof lane->connected, connected)) {
        return err_set(
            reterr, ERR_STORE_IO, "scope %lld: its account_key is too long", (long long)due.scope);
    }
    struct backfill_mark often = {0};
    TRY(take(gapscan, lane, &due, now_us, ret_is_due, reterr));
    TRY(read_mark(gapscan, lane->scope, GAP_OFTEN, &often, reterr));
    choose_range(gapscan, lane, &often, now_us);
    return ERR_OK;
}

enum err gapscan_begin(
    struct gapscan *gapscan, struct gapscan_lane *lane, int64_t now_us, struct err_info *reterr)
{
    const struct gapscan_setup *setup = &gapscan->setup;
    bool is_due = false;
    int64_t root = 0;
    REQUIRE(lane->walk == NULL);
    lane->connected[0] = '\0';
    arena_reset(gapscan->arena);
    TRY(store_begin(setup->store, STORE_WRITE, reterr)); /* the scope may be new */
    CLEANUP(store_rollback) struct store *transaction = setup->store;
    TRY(submit_scope(setup->store, setup->account, STR_NONE, &root, reterr));
    TRY(choose(gapscan, lane, root, now_us, &is_due, reterr));
    transaction = NULL;
    TRY(store_commit(setup->store, reterr));
    gapscan->root = root;
    if (!is_due) {
        return ERR_OK;
    }
    const struct backfill_setup walk = {
        .store = setup->store,
        .account = setup->account,
        .api = setup->api,
        .env = setup->env,
        .below = str_from(lane->connected),
        .types = setup->types,
        .type_count = setup->type_count,
        .from_us = lane->from_us,
        .to_us = lane->to_us,
        .by_id = true, /* lists may be rendered in another version than webhooks */
    };
    lane->pages = 0;
    lane->walk = backfill_new(&walk);
    return lane->walk != NULL ? ERR_OK : err_set(reterr, ERR_BUSY, "out of memory");
}

/* --- the end of one --- */

static struct backfill_mark mark_of(const struct gapscan_lane *lane, int64_t now_us)
{
    struct backfill_counts counts = backfill_progress(lane->walk).counts;
    return (struct backfill_mark){
        .from_us = lane->from_us,
        .to_us = lane->to_us,
        .done = true,
        .found = counts.found,
        .added = counts.added,
        .known = counts.known,
        .missing = counts.missing,
        .updated_us = now_us,
    };
}

/* The frequent scans may have come farther while a daily one was under way. */
static bool stands(
    const struct gapscan_lane *lane, const struct backfill_mark *often, int64_t now_us)
{
    return lane->daily && often->to_us > lane->to_us && often->to_us <= now_us;
}

static enum err write_marks(struct gapscan *gapscan,
    const struct gapscan_lane *lane,
    const struct backfill_mark *mark,
    bool *ret_was_refused,
    struct err_info *reterr)
{
    struct store *store = gapscan->setup.store;
    struct backfill_mark often = {0};
    arena_reset(gapscan->arena);
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(read_mark(gapscan, lane->scope, GAP_OFTEN, &often, reterr));
    *ret_was_refused = often.refused;
    const int64_t other_lease_us = lane->daily && !lane->below ? often.retry_us : 0;
    if (stands(lane, &often, mark->updated_us)) {
        often.wait_us = 0;
        often.refused = false;
    } else {
        often = *mark;
    }
    often.retry_us = other_lease_us;
    TRY(backfill_mark_write(store, lane->scope, GAP_OFTEN, &often, reterr));
    if (lane->daily) {
        TRY(backfill_mark_write(store, lane->scope, GAP_DAILY, mark, reterr));
    }
    transaction = NULL;
    return store_commit(store, reterr);
}

enum err gapscan_finish(struct gapscan *gapscan,
    struct gapscan_lane *lane,
    int64_t now_us,
    struct gapscan_report *report,
    struct err_info *reterr)
{
    const struct backfill_mark mark = mark_of(lane, now_us);
    TRY(write_marks(gapscan, lane, &mark, &report->was_refused, reterr));
    lane->walk = backfill_free(lane->walk);
    report->news = GAPSCAN_FINISHED;
    report->from_us = mark.from_us;
    report->to_us = mark.to_us;
    report->checked = mark.found;
    report->missing = mark.added + mark.missing;
    report->too_large = mark.missing;
    return ERR_OK;
}

static int64_t longer(int64_t wait_us, bool refused)
{
    int64_t min_us = refused ? REFUSED_MIN_US : FAILED_MIN_US;
    int64_t max_us = refused ? REFUSED_MAX_US : FAILED_MAX_US;
    return wait_us < min_us ? min_us : lesser(2 * wait_us, max_us);
}

enum err gapscan_note_failure(struct gapscan *gapscan,
    const struct gapscan_lane *lane,
    bool refused,
    int64_t now_us,
    struct gapscan_report *report,
    struct err_info *reterr)
{
    struct store *store = gapscan->setup.store;
    struct backfill_mark often = {0};
    REQUIRE(lane->below && lane->scope > 0);
    arena_reset(gapscan->arena);
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(read_mark(gapscan, lane->scope, GAP_OFTEN, &often, reterr));
    report->was_refused = often.refused;
    often.refused = refused;
    often.wait_us = longer(often.wait_us, refused);
    often.retry_us = now_us + often.wait_us;
    often.updated_us = now_us;
    TRY(backfill_mark_write(store, lane->scope, GAP_OFTEN, &often, reterr));
    transaction = NULL;
    TRY(store_commit(store, reterr));
    report->again_us = often.retry_us;
    return ERR_OK;
}

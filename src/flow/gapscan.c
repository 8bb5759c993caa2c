#include "flow/gapscan.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "store/backfill.h"
#include "flow/backfill.h"
#include "flow/submit.h"
#include <stdlib.h>

#define DAILY_US US_PER_DAY
#define DAILY_REACH_US (72 * US_PER_HOUR)
#define REACH_MAX_US (30 * US_PER_DAY - US_PER_HOUR) /* the provider keeps events for 30 days */
#define ARENA_BYTES ((size_t)64 * 1024)

static const struct str often_name = {"gap", 3};
static const struct str daily_name = {"gap.daily", 9};

struct gapscan {
    struct gapscan_setup setup;
    struct backfill *walk; /* NULL: none is under way */
    bool is_daily;
    int64_t from_us, to_us;
    struct arena *arena;
};

struct gapscan *gapscan_new(const struct gapscan_setup *setup)
{
    REQUIRE(setup != NULL && setup->store != NULL && setup->api != NULL && setup->env != NULL);
    REQUIRE(setup->account != NULL);
    REQUIRE(setup->every_us > 0 && setup->lag_us >= 0 && setup->overlap_us >= 0);
    struct gapscan *gapscan = calloc(1, sizeof *gapscan);
    if (gapscan == NULL) {
        return NULL;
    }
    gapscan->setup = *setup;
    gapscan->arena = arena_new(ARENA_BYTES);
    return gapscan->arena != NULL ? gapscan : gapscan_free(gapscan);
}

struct gapscan *gapscan_free(struct gapscan *gapscan)
{
    if (gapscan != NULL) {
        (void)backfill_free(gapscan->walk);
        (void)arena_free(gapscan->arena);
        free(gapscan);
    }
    return NULL;
}

/* --- what is due --- */

struct marks {
    struct backfill_mark often, daily;
    bool often_found, daily_found;
};

static enum err scope_of(struct gapscan *gapscan, int64_t *ret_scope, struct err_info *reterr)
{
    return submit_scope(gapscan->setup.store, gapscan->setup.account, STR_NONE, ret_scope, reterr);
}

static enum err read_marks(struct gapscan *gapscan, struct marks *ret, struct err_info *reterr)
{
    struct store *store = gapscan->setup.store;
    int64_t scope = 0;
    TRY(store_begin(store, STORE_WRITE, reterr)); /* the scope may be new */
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(scope_of(gapscan, &scope, reterr));
    arena_reset(gapscan->arena);
    TRY(backfill_mark_read(
        store, scope, often_name, gapscan->arena, &ret->often, &ret->often_found, reterr));
    TRY(backfill_mark_read(
        store, scope, daily_name, gapscan->arena, &ret->daily, &ret->daily_found, reterr));
    transaction = NULL;
    return store_commit(store, reterr);
}

/* A clock that was set back must not stop the scans. */
static int64_t due_us(
    const struct backfill_mark *mark, bool found, int64_t every_us, int64_t now_us)
{
    return !found || mark->updated_us > now_us ? now_us : mark->updated_us + every_us;
}

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

static int64_t whole_second(int64_t us)
{
    return us - us % US_PER_SECOND;
}

static void choose_range(struct gapscan *gapscan, const struct marks *marks, int64_t now_us)
{
    int64_t from_us = now_us - DAILY_REACH_US;
    if (marks->often_found) {
        int64_t overlap_us = marks->often.to_us - gapscan->setup.overlap_us;
        from_us = gapscan->is_daily ? lesser(from_us, overlap_us) : overlap_us;
    }
    int64_t first_us = now_us - REACH_MAX_US;
    gapscan->to_us = whole_second(now_us - gapscan->setup.lag_us);
    gapscan->from_us = whole_second(from_us < first_us ? first_us : from_us);
    gapscan->from_us = lesser(gapscan->from_us, gapscan->to_us);
}

static struct gapscan_report report_of(const struct backfill_mark *mark)
{
    return (struct gapscan_report){
        .from_us = mark->from_us,
        .to_us = mark->to_us,
        .checked = mark->found,
        .missing = mark->added + mark->missing,
        .refused = mark->missing,
    };
}

static enum err begin(struct gapscan *gapscan,
    int64_t now_us,
    struct gapscan_report *ret_last,
    int64_t *ret_wake_us,
    struct err_info *reterr)
{
    const struct gapscan_setup *setup = &gapscan->setup;
    struct marks marks = {0};
    TRY(read_marks(gapscan, &marks, reterr));
    *ret_last = marks.often_found ? report_of(&marks.often) : (struct gapscan_report){0};
    int64_t often_us = due_us(&marks.often, marks.often_found, setup->every_us, now_us);
    int64_t daily_us = due_us(&marks.daily, marks.daily_found, DAILY_US, now_us);
    *ret_wake_us = lesser(often_us, daily_us);
    if (*ret_wake_us > now_us) {
        return ERR_OK;
    }
    gapscan->is_daily = daily_us <= now_us;
    choose_range(gapscan, &marks, now_us);
    const struct backfill_setup walk = {
        .store = setup->store,
        .account = setup->account,
        .api = setup->api,
        .env = setup->env,
        .types = setup->types,
        .type_count = setup->type_count,
        .from_us = gapscan->from_us,
        .to_us = gapscan->to_us,
        .by_id = true, /* lists may be rendered in another version than webhooks */
    };
    gapscan->walk = backfill_new(&walk);
    return gapscan->walk != NULL ? ERR_OK : err_set(reterr, ERR_BUSY, "out of memory");
}

/* --- the end of one --- */

static struct backfill_mark mark_of(const struct gapscan *gapscan, int64_t now_us)
{
    struct backfill_counts counts = backfill_progress(gapscan->walk).counts;
    return (struct backfill_mark){
        .from_us = gapscan->from_us,
        .to_us = gapscan->to_us,
        .done = true,
        .found = counts.found,
        .added = counts.added,
        .known = counts.known,
        .missing = counts.missing,
        .updated_us = now_us,
    };
}

static enum err write_marks(
    struct gapscan *gapscan, const struct backfill_mark *mark, struct err_info *reterr)
{
    struct store *store = gapscan->setup.store;
    int64_t scope = 0;
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(scope_of(gapscan, &scope, reterr));
    TRY(backfill_mark_write(store, scope, often_name, mark, reterr));
    if (gapscan->is_daily) {
        TRY(backfill_mark_write(store, scope, daily_name, mark, reterr));
    }
    transaction = NULL;
    return store_commit(store, reterr);
}

static enum err finish(struct gapscan *gapscan,
    int64_t now_us,
    struct gapscan_report *ret_report,
    struct err_info *reterr)
{
    const struct backfill_mark mark = mark_of(gapscan, now_us);
    TRY(write_marks(gapscan, &mark, reterr));
    *ret_report = report_of(&mark);
    ret_report->finished = true;
    gapscan->walk = backfill_free(gapscan->walk);
    return ERR_OK;
}

enum err gapscan_step(struct gapscan *gapscan,
    int64_t now_us,
    struct gapscan_report *ret_report,
    int64_t *ret_wake_us,
    struct err_info *reterr)
{
    REQUIRE(gapscan != NULL && ret_report != NULL && ret_wake_us != NULL);
    *ret_report = (struct gapscan_report){0};
    if (gapscan->walk == NULL) {
        TRY(begin(gapscan, now_us, ret_report, ret_wake_us, reterr));
        if (gapscan->walk == NULL) {
            return ERR_OK;
        }
        *ret_report = (struct gapscan_report){0};
    }
    *ret_wake_us = now_us;
    bool more = false;
    enum err err =
        backfill_step(gapscan->walk, &more, reterr); /* one that has ended only says so */
    if (err_class(err) == ERR_CLASS_INPUT || err == ERR_NOT_FOUND) {
        /* The same request would be refused for ever: its cursor may be too old by now. */
        gapscan->walk = backfill_free(gapscan->walk);
    }
    TRY(err);
    return more ? ERR_OK : finish(gapscan, now_us, ret_report, reterr);
}

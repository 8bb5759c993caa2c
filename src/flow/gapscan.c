#include "base/check.h"
#include "base/timestamp.h"
#include "flow/gapscan_inside.h"
#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 * 1024)
#define PROBE_ARENA_BYTES ((size_t)16 * 1024 * 1024)
#define BACKOFF_MIN_US (5 * US_PER_SECOND)
#define BACKOFF_MAX_US (5 * US_PER_MINUTE)
/* So long a connected account's scan that fails may hold its lane. */
#define PATIENCE_US (4 * BACKOFF_MIN_US)

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
    for (uint32_t i = 0; i < GAPSCAN_LANES; i++) {
        gapscan->lanes[i].below = i % 2 == 1;
        gapscan->lanes[i].daily = i / 2 == 1;
    }
    gapscan->arena = arena_new(ARENA_BYTES);
    return gapscan->arena != NULL ? gapscan : gapscan_free(gapscan);
}

/* What cannot be given back is free after a while. */
static void give_back(struct gapscan *gapscan, struct gapscan_lane *lane)
{
    enum err given = gapscan_give_back(gapscan, lane, NULL);
    (void)given;
}

struct gapscan *gapscan_free(struct gapscan *gapscan)
{
    if (gapscan != NULL) {
        for (uint32_t i = 0; i < GAPSCAN_LANES; i++) {
            if (gapscan->lanes[i].walk != NULL) {
                give_back(gapscan, &gapscan->lanes[i]);
            }
        }
        (void)arena_free(gapscan->arena);
        free(gapscan);
    }
    return NULL;
}

/* --- failures --- */

static bool is_refusal(enum err err)
{
    return err_class(err) == ERR_CLASS_INPUT || err == ERR_NOT_FOUND;
}

static bool is_of_the_store(enum err err)
{
    return err == ERR_STORE_IO || err == ERR_STORE_FULL || err == ERR_LOCKED || err == ERR_SCHEMA;
}

/* The account's own events of this second: is it the key that is refused, whomever it asks for? */
static enum err probe(struct gapscan *gapscan, int64_t now_us, struct err_info *reterr)
{
    const struct gapscan_setup *setup = &gapscan->setup;
    const int64_t second_us = timestamp_second(now_us);
    struct fetch_page page = {0};
    CLEANUP(arena_free) struct arena *arena = arena_new(PROBE_ARENA_BYTES);
    if (arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    return setup->account->provider->api->events(setup->api, STR_NONE,
        (struct fetch_range){second_us, second_us}, setup->types, setup->type_count, STR_NONE,
        arena, &page, reterr);
}

static void put_off(
    struct gapscan_lane *lane, enum err err, int64_t now_us, struct gapscan_report *report)
{
    int64_t next_us = lane->backoff_us == 0 ? BACKOFF_MIN_US : 2 * lane->backoff_us;
    lane->backoff_us = next_us > BACKOFF_MAX_US ? BACKOFF_MAX_US : next_us;
    lane->due_us = now_us + lane->backoff_us;
    report->news = GAPSCAN_FAILED;
    report->err = err;
    report->again_us = lane->due_us;
}

/* The account's own scan, or what concerns all. */
static void fail(struct gapscan *gapscan,
    struct gapscan_lane *lane,
    enum err err,
    int64_t now_us,
    struct gapscan_report *report)
{
    if (is_refusal(err) && lane->walk != NULL) {
        /* The same request would be refused for ever: its cursor may be too old by now. */
        give_back(gapscan, lane);
    }
    put_off(lane, err, now_us, report);
}

/* A connected account's: it waits by itself, and the lane goes on with the next one. */
static void fail_below(struct gapscan *gapscan,
    struct gapscan_lane *lane,
    enum err err,
    int64_t now_us,
    struct gapscan_report *report)
{
    enum err of_all = err == ERR_REFUSED ? probe(gapscan, now_us, &report->info) : ERR_OK;
    if (of_all != ERR_OK) {
        give_back(gapscan, lane);
        report->connected = STR_NONE;
        put_off(lane, of_all, now_us, report);
        return;
    }
    if (lane->pages > 0 && !is_refusal(err) && lane->backoff_us < PATIENCE_US) {
        put_off(lane, err, now_us, report);
        return;
    }
    /* Further pages are refused for their cursor, and the scan begins anew. */
    bool refused = is_refusal(err) && lane->pages == 0;
    struct err_info info = {""};
    enum err noted = gapscan_note_failure(gapscan, lane, refused, now_us, report, &info);
    lane->walk = backfill_free(lane->walk);
    if (noted != ERR_OK) {
        report->info = info;
        put_off(lane, noted, now_us, report);
        return;
    }
    int64_t again_us = report->again_us;
    if (refused) {
        report->news = GAPSCAN_REFUSED;
        report->err = err;
    } else {
        put_off(lane, err, now_us, report); /* perhaps nobody can be asked just now */
    }
    report->again_us = again_us;
}

/* --- turns --- */

/* A daily scan's end decides when the frequent one is due. */
static void look_again(struct gapscan *gapscan, struct gapscan_lane *ended, int64_t now_us)
{
    ended->due_us = now_us;
    for (uint32_t i = 0; i < GAPSCAN_LANES; i++) {
        struct gapscan_lane *lane = &gapscan->lanes[i];
        if (ended->daily && lane->below == ended->below && lane->backoff_us == 0) {
            lane->due_us = now_us;
        }
    }
}

static enum err take_page(struct gapscan *gapscan,
    struct gapscan_lane *lane,
    int64_t now_us,
    struct gapscan_report *report)
{
    bool more = false; /* a walk that has ended only says so */
    TRY(backfill_step(lane->walk, &more, &report->info));
    lane->pages++;
    lane->backoff_us = 0;
    if (more) {
        return ERR_OK;
    }
    TRY(gapscan_finish(gapscan, lane, now_us, report, &report->info));
    look_again(gapscan, lane, now_us);
    return ERR_OK;
}

/* A clock that was set back must not stop the scans. */
static bool is_waiting(const struct gapscan_lane *lane, int64_t now_us)
{
    return lane->due_us > now_us && lane->due_us - now_us <= US_PER_DAY;
}

/* True: the turn was the lane's. */
static bool take_turn(struct gapscan *gapscan,
    struct gapscan_lane *lane,
    int64_t now_us,
    struct gapscan_report *report)
{
    if (is_waiting(lane, now_us)) {
        return false;
    }
    bool begins = lane->walk == NULL;
    enum err err = begins ? gapscan_begin(gapscan, lane, now_us, &report->info)
                          : gapscan_hold(gapscan, lane, now_us, &report->info);
    if (err == ERR_OK && lane->walk == NULL) {
        return false;
    }
    bool begun = err == ERR_OK;
    report->connected = str_from(lane->connected);
    report->daily = lane->daily;
    err = err == ERR_OK ? take_page(gapscan, lane, now_us, report) : err;
    if (err != ERR_OK && begun && lane->below && !is_of_the_store(err) && err != ERR_CLOSED) {
        fail_below(gapscan, lane, err, now_us, report);
    } else if (err != ERR_OK) {
        fail(gapscan, lane, err, now_us, report);
    }
    return true;
}

void gapscan_step(struct gapscan *gapscan,
    int64_t now_us,
    struct gapscan_report *ret_report,
    int64_t *ret_wake_us)
{
    REQUIRE(gapscan != NULL && ret_report != NULL && ret_wake_us != NULL);
    *ret_report = (struct gapscan_report){0};
    *ret_wake_us = now_us;
    for (uint32_t i = 0; i < GAPSCAN_LANES; i++) {
        uint32_t at = (gapscan->turn + i) % GAPSCAN_LANES;
        if (take_turn(gapscan, &gapscan->lanes[at], now_us, ret_report)) {
            gapscan->turn = at + 1;
            return;
        }
    }
    int64_t wake_us = INT64_MAX;
    for (uint32_t i = 0; i < GAPSCAN_LANES; i++) {
        int64_t due_us = gapscan->lanes[i].due_us;
        wake_us = due_us < wake_us ? due_us : wake_us;
    }
    *ret_wake_us = wake_us;
}

enum err gapscan_sums(struct gapscan *gapscan, struct gap_sums *ret, struct err_info *reterr)
{
    REQUIRE(gapscan != NULL && ret != NULL);
    struct store *store = gapscan->setup.store;
    if (gapscan->root == 0) {
        *ret = (struct gap_sums){0};
        return ERR_OK;
    }
    TRY(store_begin(store, STORE_READ, reterr));
    enum err err = gap_sums_read(store, gapscan->root, ret, reterr);
    (void)store_rollback(store);
    return err;
}

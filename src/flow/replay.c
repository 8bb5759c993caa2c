#include "flow/replay.h"
#include "base/check.h"
#include "base/fault.h"
#include "base/limits.h"
#include "store/shadow.h"
#include "flow/claim.h"
#include "flow/workset.h"
#include <stdlib.h>

#define BODY_BYTES_MAX 65536 /* of one domain event, which is rendered and dropped */

struct page {
    struct inbox_reread *rows;
    struct decoded *decoded; /* of each row; of those that are not read again it says nothing */
    uint32_t count;
    struct arena *events_arena, *notices_arena;
};

struct outcome {
    enum work_status status;
    enum reason reason;
    struct str why;
};

struct replay {
    struct replay_setup setup;
    struct page now, ahead;
    int64_t read_to_seq;
    int64_t *later; /* owned; numbers of open and dead events, rising */
    uint32_t later_count, later_room;
    int64_t by_status[WORK_STATUS_COUNT];
    int64_t by_reason[REASON_COUNT];
    struct replay_counts counts;
    struct arena *arena, *scratch;
    struct buf body;
};

static bool page_init(struct page *page)
{
    page->events_arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    page->notices_arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    return page->events_arena != NULL && page->notices_arena != NULL;
}

static void page_fini(struct page *page)
{
    (void)arena_free(page->events_arena);
    (void)arena_free(page->notices_arena);
}

struct replay *replay_new(const struct replay_setup *setup)
{
    REQUIRE(setup != NULL && setup->live != NULL && setup->shadow != NULL);
    REQUIRE(setup->live != setup->shadow);
    REQUIRE(setup->provider != NULL && setup->env != NULL);
    struct replay *replay = calloc(1, sizeof *replay);
    if (replay == NULL) {
        return NULL;
    }
    replay->setup = *setup;
    bool have_room = page_init(&replay->now);
    have_room = page_init(&replay->ahead) && have_room;
    replay->arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    replay->scratch = arena_new(LIMIT_BATCH_ARENA_BYTES);
    buf_init(&replay->body, BODY_BYTES_MAX);
    if (!have_room || replay->arena == NULL || replay->scratch == NULL) {
        return replay_free(replay);
    }
    return replay;
}

struct replay *replay_free(struct replay *replay)
{
    if (replay != NULL) {
        page_fini(&replay->now);
        page_fini(&replay->ahead);
        (void)arena_free(replay->arena);
        (void)arena_free(replay->scratch);
        buf_fini(&replay->body);
        free(replay->later);
        free(replay);
    }
    return NULL;
}

struct replay_counts replay_counts(const struct replay *replay)
{
    REQUIRE(replay != NULL);
    return replay->counts;
}

/* --- reading and decoding --- */

static enum err decode_row(struct replay *replay,
    struct arena *arena,
    const struct inbox_event *event,
    struct decoded *ret)
{
    struct err_info info = {{0}};
    struct notice_list *notices = arena_alloc(arena, sizeof *notices);
    if (notices == NULL) {
        return ERR_TOO_LARGE;
    }
    struct stored_event stored = {event->body, event->type, event->occurred_at_us};
    ret->notices = notices;
    ret->err = replay->setup.provider->decode(&stored, arena, notices, &info);
    if (ret->err != ERR_OK) {
        ret->error_text =
            arena_copy(arena, str_from(info.text[0] != '\0' ? info.text : err_text(ret->err)));
    }
    return ret->err == ERR_TOO_LARGE ? ERR_TOO_LARGE : ERR_OK;
}

/* A page whose memory does not suffice ends earlier: what is cut off is read again. */
static enum err decode_page(struct replay *replay, struct page *page, struct err_info *reterr)
{
    arena_reset(page->notices_arena);
    page->decoded = arena_new_array(page->notices_arena, struct decoded, page->count + 1);
    if (page->decoded == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "no memory for a page");
    }
    for (uint32_t i = 0; i < page->count; i++) {
        struct inbox_reread *row = &page->rows[i];
        row->again = row->again && row->event.received_us <= replay->setup.received_to_us;
        if (row->again &&
            decode_row(replay, page->notices_arena, &row->event, &page->decoded[i]) != ERR_OK) {
            if (i > 0) {
                page->count = i;
                return ERR_OK;
            }
            page->decoded[i].err = ERR_TOO_LARGE; /* alone it is the event's own fault */
        }
    }
    return ERR_OK;
}

static enum err read_page(struct replay *replay, struct page *page, struct err_info *reterr)
{
    arena_reset(page->events_arena);
    page->count = 0;
    TRY(inbox_read(replay->setup.live, replay->read_to_seq, LIMIT_REPLAY_PAGE, LIMIT_CLAIM_BYTES,
        page->events_arena, &page->rows, &page->count, reterr));
    TRY(decode_page(replay, page, reterr));
    if (page->count > 0) {
        replay->read_to_seq = page->rows[page->count - 1].event.seq;
    }
    return ERR_OK;
}

enum err replay_read(struct replay *replay, struct err_info *reterr)
{
    REQUIRE(replay != NULL);
    TRY(store_begin(replay->setup.live, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *tx = replay->setup.live;
    enum err err = read_page(replay, &replay->ahead, reterr);
    tx = store_rollback(tx);
    return err;
}

bool replay_turn(struct replay *replay)
{
    REQUIRE(replay != NULL);
    struct page taken = replay->now;
    replay->now = replay->ahead;
    replay->ahead = taken;
    replay->ahead.count = 0;
    return replay->now.count > 0;
}

/* --- taking --- */

static bool is_taken(enum work_status status)
{
    return status == WORK_APPLIED || status == WORK_STALE;
}

/* Whether an event is stale depends on what came before it, and another reason for changing nothing
 * changes nothing: neither is a difference. */
static void tell_other(
    struct replay *replay, const struct inbox_reread *row, const struct outcome *outcome)
{
    if (is_taken(row->status) ? is_taken(outcome->status) : row->status == outcome->status) {
        return;
    }
    replay->counts.other++;
    if (replay->setup.on_other != NULL) {
        replay->setup.on_other(replay->setup.context, &(struct replay_other){.seq = row->event.seq,
                                                          .type = row->event.type,
                                                          .was = row->status,
                                                          .now = outcome->status,
                                                          .was_reason = row->reason,
                                                          .now_reason = outcome->reason,
                                                          .why = outcome->why});
    }
}

/* What an error says about an event: it could not be decided. */
static struct outcome failed(struct replay *replay, struct str why)
{
    return (struct outcome){WORK_DEAD, REASON_NONE, arena_copy(replay->arena, why)};
}

static enum err decide(struct replay *replay,
    struct workset *set,
    uint32_t count,
    const uint32_t *places,
    struct outcome *outcomes,
    struct err_info *reterr)
{
    for (uint32_t i = 0; i < count; i++) {
        if (places[i] == UINT32_MAX) {
            continue;
        }
        struct err_info info = {{0}};
        enum err err = workset_take(set, places[i], &outcomes[i].status, &info);
        if (err != ERR_OK && (err_class(err) != ERR_CLASS_INPUT || err == ERR_TOO_LARGE)) {
            return err_set(reterr, err, "%s", info.text);
        }
        if (err != ERR_OK) {
            outcomes[i] =
                failed(replay, str_from(info.text[0] != '\0' ? info.text : err_text(err)));
        }
    }
    return ERR_OK;
}

/* The time at which the rows of a page are recorded: when its last event came, so that a rebuilt
 * row is not younger than what it was made of. */
static int64_t time_of(const struct inbox_reread *rows, uint32_t count)
{
    int64_t latest_us = 0;
    for (uint32_t i = 0; i < count; i++) {
        latest_us = rows[i].event.received_us > latest_us ? rows[i].event.received_us : latest_us;
    }
    return latest_us;
}

/* Adds to the workset what says something. places[i] is the event's in the workset, or UINT32_MAX.
 */
static enum err sort_page(struct replay *replay,
    uint32_t from,
    uint32_t count,
    struct workset *set,
    struct outcome *outcomes,
    uint32_t *places)
{
    uint32_t added = 0;
    for (uint32_t i = 0; i < count; i++) {
        const struct inbox_reread *row = &replay->now.rows[from + i];
        const struct decoded *decoded = &replay->now.decoded[from + i];
        places[i] = UINT32_MAX;
        outcomes[i] = (struct outcome){row->status, row->reason, STR_NONE};
        if (!row->again) {
            continue;
        }
        if (decoded->err != ERR_OK) {
            outcomes[i] = failed(replay, decoded->error_text);
        } else if (decoded->notices->count == 0) {
            outcomes[i] = (struct outcome){WORK_RECORDED, decoded->notices->reason, STR_NONE};
        } else {
            TRY(workset_add(set, &row->event, decoded->notices));
            outcomes[i].reason = REASON_NONE;
            places[i] = added++;
        }
    }
    return ERR_OK;
}

static enum err remember(struct replay *replay, int64_t seq, struct err_info *reterr)
{
    if (replay->later_count == LIMIT_REPLAY_LATER) {
        return err_set(reterr, ERR_TOO_LARGE,
            "more than %d events are open or dead: let serve decide them first, and retry or "
            "discard dead letters",
            LIMIT_REPLAY_LATER);
    }
    if (replay->later_count == replay->later_room) {
        uint32_t room = replay->later_room == 0 ? 1024 : 2 * replay->later_room;
        int64_t *later = realloc(replay->later, room * sizeof *later);
        if (later == NULL) {
            return err_set(reterr, ERR_BUSY, "out of memory");
        }
        replay->later = later;
        replay->later_room = room;
    }
    INVARIANT(replay->later_count == 0 || replay->later[replay->later_count - 1] < seq);
    replay->later[replay->later_count++] = seq;
    return ERR_OK;
}

/* The totals are those of what was decided when it came. */
static enum err count_row(struct replay *replay,
    const struct inbox_reread *row,
    const struct outcome *outcome,
    struct err_info *reterr)
{
    replay->counts.passed++;
    replay->by_status[row->status]++;
    replay->by_reason[row->reason] += row->status == WORK_RECORDED ? 1 : 0;
    if (row->again) {
        replay->counts.taken += is_taken(outcome->status) ? 1 : 0;
        tell_other(replay, row, outcome);
        return ERR_OK;
    }
    bool decided = is_taken(row->status) || row->status == WORK_RECORDED;
    return decided ? ERR_OK : remember(replay, row->event.seq, reterr);
}

static enum err take_rows(
    struct replay *replay, uint32_t from, uint32_t count, struct err_info *reterr)
{
    const struct inbox_reread *rows = replay->now.rows + from;
    arena_reset(replay->arena);
    struct outcome *outcomes = arena_new_array(replay->arena, struct outcome, count);
    uint32_t *places = arena_new_array(replay->arena, uint32_t, count);
    struct workset *set = workset_new(&(struct workset_setup){
        .store = replay->setup.shadow,
        .arena = replay->arena,
        .scratch = replay->scratch,
        .body = &replay->body,
        .env = replay->setup.env,
        .provider = replay->setup.provider,
        .now_us = time_of(rows, count),
        .event_max = count,
    });
    if (outcomes == NULL || places == NULL || set == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "no memory for a page");
    }
    TRY(sort_page(replay, from, count, set, outcomes, places));
    TRY(workset_load(set, reterr));
    TRY(decide(replay, set, count, places, outcomes, reterr));
    TRY(workset_save(set, reterr));
    for (uint32_t i = 0; i < count; i++) {
        TRY(count_row(replay, &rows[i], &outcomes[i], reterr));
    }
    return ERR_OK;
}

/* Nothing is written before memory can run out, so halves may follow in the same transaction. */
static enum err take_halves(
    struct replay *replay, uint32_t from, uint32_t count, struct err_info *reterr)
{
    enum err err = take_rows(replay, from, count, reterr);
    if (err != ERR_TOO_LARGE || count == 1 || replay->later_count == LIMIT_REPLAY_LATER) {
        return err;
    }
    TRY(take_halves(replay, from, count / 2, reterr));
    return take_halves(replay, from + count / 2, count - count / 2, reterr);
}

static enum err take_page(struct replay *replay, struct err_info *reterr)
{
    uint32_t count = replay->now.count;
    if (count == 0) {
        return ERR_OK;
    }
    int64_t last_seq = replay->now.rows[count - 1].event.seq;
    TRY(take_halves(replay, 0, count, reterr));
    if (last_seq > replay->counts.read_to_seq) {
        replay->counts.read_to_seq = last_seq;
    }
    fault_point(FAULT_IN_PROJECTION);
    return ERR_OK;
}

enum err replay_take(struct replay *replay, struct err_info *reterr)
{
    REQUIRE(replay != NULL);
    TRY(store_begin(replay->setup.shadow, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *tx = replay->setup.shadow;
    TRY(take_page(replay, reterr));
    tx = NULL;
    return store_commit(replay->setup.shadow, reterr);
}

/* --- what was not decided when it was passed --- */

static enum err look_again(
    struct replay *replay, const int64_t *seqs, uint32_t count, struct err_info *reterr)
{
    struct page *page = &replay->now;
    uint32_t done = 0;
    while (done < count) {
        uint32_t some = count - done < LIMIT_REPLAY_PAGE ? count - done : LIMIT_REPLAY_PAGE;
        arena_reset(page->events_arena);
        TRY(inbox_read_these(replay->setup.live, seqs + done, some, LIMIT_CLAIM_BYTES,
            page->events_arena, &page->rows, &page->count, reterr));
        TRY(decode_page(replay, page, reterr));
        if (page->count == 0 ||
            page->rows[page->count - 1].event.seq != seqs[done + page->count - 1]) {
            return err_set(reterr, ERR_STORE_IO, "an event has lost its row in inbox_work");
        }
        replay->counts.passed -= page->count; /* they were counted when they were passed */
        TRY(take_page(replay, reterr));
        done += page->count;
    }
    return ERR_OK;
}

static void forget_open(struct replay *replay)
{
    replay->by_status[WORK_NEW] = replay->by_status[WORK_CLAIMED] = 0;
    replay->by_status[WORK_WAITING] = replay->by_status[WORK_DEAD] = 0;
}

enum err replay_catch_up(struct replay *replay, struct err_info *reterr)
{
    REQUIRE(replay != NULL);
    int64_t *seqs = replay->later;
    uint32_t count = replay->later_count;
    replay->later = NULL;
    replay->later_count = replay->later_room = 0;
    forget_open(replay);
    enum err err = look_again(replay, seqs, count, reterr);
    free(seqs);
    TRY(err);
    do {
        TRY(read_page(replay, &replay->now, reterr));
        TRY(take_page(replay, reterr));
    } while (replay->now.count > 0);
    replay->counts.dead = replay->by_status[WORK_DEAD];
    replay->counts.recorded = replay->by_status[WORK_RECORDED];
    replay->counts.open = replay->by_status[WORK_NEW] + replay->by_status[WORK_CLAIMED] +
                          replay->by_status[WORK_WAITING];
    int64_t decided[WORK_STATUS_COUNT] = {0};
    for (int i = WORK_APPLIED; i < WORK_STATUS_COUNT; i++) {
        decided[i] = replay->by_status[i];
    }
    return shadow_set_totals(replay->setup.shadow, decided, replay->by_reason, reterr);
}

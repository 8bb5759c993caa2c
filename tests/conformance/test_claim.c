/* inbox.h: who works on what, and what becomes of it. */
#include "base/limits.h"
#include "world.h"

static void append_many(struct world *world, int count)
{
    for (int i = 0; i < count; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        (void)world_append(world, id);
    }
}

/* In a transaction of its own. */
static uint32_t claim(
    struct world *world, int64_t token, int64_t now_us, uint32_t row_max, struct inbox_event **ret)
{
    world_write(world);
    uint32_t count = claim_on(world, world->store, token, now_us, row_max, ret);
    world_commit(world);
    return count;
}

static void finish(struct world *world,
    int64_t token,
    const struct inbox_event *events,
    uint32_t count,
    enum work_status status)
{
    world_write(world);
    assert_err(finish_on(world, world->store, token, events, count, status), ERR_OK);
    world_commit(world);
}

static void claim_gives_the_oldest_first_with_all_that_decoding_needs(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 5);
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 7, WORLD_NOW_US, 3, &events), 3);
    for (int i = 0; i < 3; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        assert_str_equal_to(events[i].event_id, id);
        assert_int64_equal(events[i].attempts, 1);
        assert_int64_equal(events[i].crashes, 0);
        assert_int64_equal(events[i].scope, world->scope);
    }
    assert_str_equal_to(events[0].type, "charge.succeeded");
    assert_str_equal_to(events[0].api_version, "2024-06-20");
    assert_str_equal_to(events[0].subject, "ch_1");
    assert_str_equal_to(events[0].body, "{\"id\":\"evt_0\",\"object\":\"event\"}");
    assert_int64_equal(events[0].occurred_at_us, WORLD_NOW_US - US_PER_SECOND);
    assert_int64_equal(events[0].received_us, WORLD_NOW_US);
    assert_int_equal(claim(world, 8, WORLD_NOW_US, 10, &events), 2);
    assert_str_equal_to(events[0].event_id, "evt_3");
    assert_int_equal(claim(world, 9, WORLD_NOW_US, 10, &events), 0);
}

static void claim_is_bounded_by_bytes_but_never_empty(void **state)
{
    struct world *world = world_of(state);
    size_t large = LIMIT_CLAIM_BYTES / 2 - 1000;
    char *body = calloc(1, large);
    assert_non_null(body);
    for (int i = 0; i < 4; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        struct sample *sample = sample_new(world, id);
        sample->row.body = (struct str){body, large};
        world_write(world);
        assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
        world_commit(world);
    }
    free(body);
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 7, WORLD_NOW_US, 256, &events), 2);
    assert_int64_equal((int64_t)events[1].body.len, (int64_t)large);
    assert_int_equal(claim(world, 8, WORLD_NOW_US, 256, &events), 2);
}

static void rolled_back_claim_is_none(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 1);
    struct inbox_event *events = NULL;
    world_write(world);
    assert_int_equal(claim_on(world, world->store, 7, WORLD_NOW_US, 10, &events), 1);
    (void)store_rollback(world->store);
    assert_int_equal(claim(world, 8, WORLD_NOW_US, 10, &events), 1);
    assert_int64_equal(events[0].attempts, 1);
}

static void finished_events_leave_the_queue_with_their_outcome(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 4);
    static const enum work_status statuses[] = {WORK_APPLIED, WORK_STALE, WORK_RECORDED, WORK_DEAD};
    for (int i = 0; i < 4; i++) {
        struct inbox_event *events = NULL;
        assert_int_equal(claim(world, 7, WORLD_NOW_US, 1, &events), 1);
        finish(world, 7, events, 1, statuses[i]);
        struct inbox_row row = world_row(world, events[0].seq);
        assert_int_equal(row.status, statuses[i]);
        assert_int64_equal(row.due_us, 0);
        assert_int64_equal(row.finished_us, WORLD_NOW_US + 1);
        assert_int_equal(
            row.reason, statuses[i] == WORK_RECORDED ? REASON_NOT_MODELLED : REASON_NONE);
        bool dead = statuses[i] == WORK_DEAD;
        assert_str_equal_to(row.error_name, dead ? "MALFORMED" : NULL);
        assert_str_equal_to(row.error_text, dead ? "data.object.amount" : NULL);
    }
    struct inbox_stats stats = world_stats(world);
    assert_int64_equal(stats.total, 4);
    for (int i = 0; i < 4; i++) {
        assert_int64_equal(stats.by_status[statuses[i]], 1);
    }
    assert_int64_equal(stats.by_reason[REASON_NOT_MODELLED], 1);
    assert_int64_equal(stats.oldest_open_us, 0);
    assert_int64_equal(stats.oldest_dead_us, WORLD_NOW_US);
}

static void failed_event_waits_and_remembers_its_first_failure(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 1);
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 7, WORLD_NOW_US, 1, &events), 1);
    finish(world, 7, events, 1, WORK_WAITING);
    int64_t due_us = WORLD_NOW_US + 5 * US_PER_SECOND;
    struct inbox_row row = world_row(world, events[0].seq);
    assert_int_equal(row.status, WORK_WAITING);
    assert_int64_equal(row.due_us, due_us);
    assert_int64_equal(row.first_failed_us, WORLD_NOW_US + 1);
    assert_str_equal_to(row.error_name, "MALFORMED");
    assert_int64_equal(world_stats(world).oldest_waiting_us, WORLD_NOW_US);
    assert_int_equal(claim(world, 8, due_us - 1, 1, &events), 0);
    assert_int_equal(claim(world, 8, due_us, 1, &events), 1);
    assert_int64_equal(events[0].attempts, 2);
    assert_int64_equal(events[0].crashes, 0);
    assert_int64_equal(events[0].first_failed_us, WORLD_NOW_US + 1);
    finish(world, 8, events, 1, WORK_WAITING);
    assert_int64_equal(world_row(world, events[0].seq).first_failed_us, WORLD_NOW_US + 1);
}

static uint32_t list_awaiting(
    struct world *world, int64_t received_to_us, struct inbox_awaiting **ret_rows)
{
    uint32_t count = 0;
    world_read(world);
    assert_done(inbox_list_awaiting(
        world->store, received_to_us, INT64_MAX, 10, world->arena, ret_rows, &count, reterr));
    world_commit(world);
    return count;
}

static bool settle(struct world *world, int64_t seq)
{
    bool settled = false;
    world_write(world);
    assert_done(
        inbox_settle(world->store, seq, REASON_FETCHED, WORLD_NOW_US + 9, &settled, reterr));
    world_commit(world);
    return settled;
}

static void event_that_awaits_another_has_not_failed_and_can_be_settled(void **state)
{
    struct world *world = world_of(state);
    struct inbox_event *events = NULL;
    struct inbox_awaiting *rows = NULL;
    append_many(world, 3);
    world_write(world);
    assert_int_equal(claim_on(world, world->store, 1, WORLD_NOW_US, 2, &events), 2);
    const struct inbox_outcome outcomes[] = {
        {.seq = events[0].seq, .status = WORK_WAITING, .due_us = WORLD_NOW_US + 5},
        {.seq = events[1].seq,
            .status = WORK_WAITING,
            .error = ERR_BUSY,
            .error_text = STR("locked"),
            .due_us = WORLD_NOW_US + 5},
    };
    assert_done(inbox_finish(world->store, 1, WORLD_NOW_US, outcomes, 2, reterr));
    world_commit(world);
    assert_int_equal(list_awaiting(world, WORLD_NOW_US - 1, &rows), 0);
    assert_int_equal(list_awaiting(world, WORLD_NOW_US, &rows), 1);
    assert_int64_equal(rows[0].seq, events[0].seq);
    assert_strs_equal(rows[0].body, events[0].body);
    assert_str_equal_to(rows[0].account_key, "acct_1");
    assert_str_equal_to(rows[0].environment, "live");
    assert_int64_equal(world_row(world, events[0].seq).first_failed_us, 0);
    assert_int64_equal(world_row(world, events[1].seq).first_failed_us, WORLD_NOW_US);
    assert_false(settle(world, events[1].seq));
    assert_true(settle(world, events[0].seq));
    assert_false(settle(world, events[0].seq));
    struct inbox_row row = world_row(world, events[0].seq);
    assert_int_equal(row.status, WORK_RECORDED);
    assert_int_equal(row.reason, REASON_FETCHED);
    assert_int64_equal(row.finished_us, WORLD_NOW_US + 9);
    assert_int64_equal(world_stats(world).by_reason[REASON_FETCHED], 1);
}

static void event_whose_attempt_never_ended_comes_alone(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 3);
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 7, WORLD_NOW_US, 2, &events), 2);
    int64_t first = events[0].seq;
    int64_t second = events[1].seq;
    (void)world_append(world, "evt_later");
    int64_t over_us = WORLD_NOW_US + LEASE_US;
    /* New ones do not go before it, nor with it. */
    assert_int_equal(claim(world, 8, over_us, 10, &events), 1);
    assert_int64_equal(events[0].seq, first);
    assert_int64_equal(events[0].crashes, 1);
    assert_int64_equal(events[0].attempts, 2);
    assert_int_equal(claim(world, 9, over_us, 10, &events), 1);
    assert_int64_equal(events[0].seq, second);
    assert_int_equal(claim(world, 10, over_us, 10, &events), 2);
    finish(world, 10, events, 2, WORK_APPLIED);
    assert_int_equal(claim(world, 11, over_us, 10, &events), 0);
    assert_int_equal(claim(world, 12, over_us + LEASE_US, 10, &events), 1);
    assert_int64_equal(events[0].crashes, 2);
}

static void event_that_comes_alone_is_not_joined_by_those_behind_it(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 2);
    struct inbox_event *events = NULL;
    /* The first one waits until after the lease of the second, whose attempt never ends. */
    assert_int_equal(claim(world, 7, WORLD_NOW_US - LEASE_US, 1, &events), 1);
    int64_t waiting = events[0].seq;
    finish(world, 7, events, 1, WORK_WAITING);
    assert_int_equal(claim(world, 8, WORLD_NOW_US - LEASE_US, 10, &events), 1);
    int64_t crashed = events[0].seq;
    int64_t later_us = WORLD_NOW_US + LEASE_US;
    assert_int_equal(claim(world, 9, later_us, 10, &events), 1);
    assert_int64_equal(events[0].seq, crashed);
    assert_int_equal(claim(world, 10, later_us, 10, &events), 1);
    assert_int64_equal(events[0].seq, waiting);
}

/* The seqs of the claimed ones, less that of evt_0; -1 ends them. */
static void assert_claims(struct world *world, int64_t token, uint32_t row_max, const int *numbers)
{
    struct inbox_event *events = NULL;
    uint32_t count = claim(world, token, WORLD_NOW_US + LEASE_US, row_max, &events);
    for (uint32_t i = 0; i < count; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", numbers[i]);
        assert_true(numbers[i] >= 0);
        assert_str_equal_to(events[i].event_id, id);
    }
    assert_int_equal(numbers[count], -1);
}

/* The first `count` events have failed once and are due again. */
static void make_late(struct world *world, uint32_t count)
{
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 1, WORLD_NOW_US, count, &events), count);
    finish(world, 1, events, count, WORK_WAITING);
}

static void retry_does_not_wait_for_the_end_of_a_backlog(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 20);
    make_late(world, 5);
    assert_claims(world, 2, 8, (const int[]){0, 1, 5, 6, 7, 8, 9, 10, -1});
    assert_claims(world, 3, 1, (const int[]){2, -1});
    assert_claims(world, 4, 4, (const int[]){3, 11, 12, 13, -1});
    assert_claims(world, 5, 10, (const int[]){4, 14, 15, 16, 17, 18, 19, -1});
    assert_claims(world, 6, 10, (const int[]){-1});
}

static void claim_that_new_events_do_not_fill_is_filled_with_late_ones(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 12);
    make_late(world, 10);
    assert_claims(world, 2, 8, (const int[]){0, 1, 10, 11, 2, 3, 4, 5, -1});
    assert_claims(world, 3, 8, (const int[]){6, 7, 8, 9, -1});
}

static void event_whose_attempt_never_ended_waits_for_neither_kind(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 12);
    make_late(world, 2);
    struct inbox_event *events = NULL;
    /* Its lease ends after the others are due again. */
    assert_int_equal(claim(world, 9, WORLD_NOW_US, 1, &events), 1);
    assert_str_equal_to(events[0].event_id, "evt_2");
    assert_claims(world, 10, 16, (const int[]){0, 1, 3, 4, 5, 6, 7, 8, 9, 10, 11, -1});
    append_many(world, 14);
    assert_claims(world, 11, 16, (const int[]){2, -1});
    assert_claims(world, 12, 16, (const int[]){12, 13, -1});
}

static void late_bodies_leave_room_for_new_ones(void **state)
{
    struct world *world = world_of(state);
    size_t large = LIMIT_CLAIM_BYTES / 8;
    char *body = calloc(1, large);
    assert_non_null(body);
    for (int i = 0; i < 16; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        struct sample *sample = sample_new(world, id);
        sample->row.body = (struct str){body, large};
        world_write(world);
        assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
        world_commit(world);
    }
    free(body);
    make_late(world, 8);
    assert_claims(world, 2, 256, (const int[]){0, 1, 8, 9, 10, 11, 12, 13, -1});
    assert_claims(world, 3, 256, (const int[]){2, 3, 14, 15, 4, 5, 6, 7, -1});
}

static void finish_after_another_claimed_is_fenced(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 2);
    struct inbox_event *mine = NULL;
    struct inbox_event *theirs = NULL;
    assert_int_equal(claim(world, 7, WORLD_NOW_US, 10, &mine), 2);
    assert_int_equal(claim(world, 8, WORLD_NOW_US + LEASE_US, 10, &theirs), 1);
    world_write(world);
    assert_err(finish_on(world, world->store, 7, mine, 2, WORK_APPLIED), ERR_FENCED);
    (void)store_rollback(world->store);
    assert_int_equal(world_row(world, mine[0].seq).status, WORK_CLAIMED);
    assert_int_equal(world_row(world, mine[1].seq).status, WORK_CLAIMED);
    finish(world, 8, theirs, 1, WORK_APPLIED);
    assert_int64_equal(world_stats(world).by_status[WORK_APPLIED], 1);
}

static void finishing_twice_is_fenced(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 1);
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 7, WORLD_NOW_US, 10, &events), 1);
    finish(world, 7, events, 1, WORK_APPLIED);
    world_write(world);
    assert_err(finish_on(world, world->store, 7, events, 1, WORK_APPLIED), ERR_FENCED);
    (void)store_rollback(world->store);
    assert_int64_equal(world_stats(world).by_status[WORK_APPLIED], 1);
}

static void late_finish_that_nobody_overtook_is_taken(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 1);
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 7, WORLD_NOW_US - 2 * LEASE_US, 10, &events), 1);
    finish(world, 7, events, 1, WORK_APPLIED);
}

static void unclaimed_event_is_as_if_never_claimed(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 2);
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 7, WORLD_NOW_US, 10, &events), 2);
    world_write(world);
    assert_done(inbox_unclaim(world->store, 7, WORLD_NOW_US, reterr));
    world_commit(world);
    struct inbox_row row = world_row(world, events[0].seq);
    assert_int_equal(row.status, WORK_NEW);
    assert_int64_equal(row.attempts, 0);
    assert_int_equal(claim(world, 8, WORLD_NOW_US, 10, &events), 2);
    assert_int64_equal(events[0].crashes, 0);
}

static void claims_of_a_process_that_died_end_at_the_start_on_sqlite_only(void **state)
{
    struct world *world = world_of(state);
    append_many(world, 1);
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 7, WORLD_NOW_US, 10, &events), 1);
    world_write(world);
    assert_done(inbox_release_claims(world->store, WORLD_NOW_US + 1, reterr));
    world_commit(world);
    uint32_t expected = store_is_shared(world->store) ? 0 : 1;
    assert_int_equal(claim(world, 8, WORLD_NOW_US + 1, 10, &events), expected);
    if (expected > 0) {
        assert_int64_equal(events[0].crashes, 1);
    }
}

static void next_due_follows_the_queue(void **state)
{
    struct world *world = world_of(state);
    int64_t due_us = 0;
    world_read(world);
    assert_done(inbox_next_due(world->store, &due_us, reterr));
    world_commit(world);
    assert_int64_equal(due_us, INT64_MAX);
    append_many(world, 1);
    world_read(world);
    assert_done(inbox_next_due(world->store, &due_us, reterr));
    world_commit(world);
    assert_true(due_us <= WORLD_NOW_US);
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 7, WORLD_NOW_US, 10, &events), 1);
    world_read(world);
    assert_done(inbox_next_due(world->store, &due_us, reterr));
    world_commit(world);
    assert_int64_equal(due_us, WORLD_NOW_US + LEASE_US);
}

/* --- dead letters --- */

static int64_t dead_letter(struct world *world, const char *event_id)
{
    int64_t seq = world_append(world, event_id);
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 7, WORLD_NOW_US, 1, &events), 1);
    finish(world, 7, events, 1, WORK_DEAD);
    return seq;
}

static void dead_letter_is_tried_again_from_zero(void **state)
{
    struct world *world = world_of(state);
    int64_t seqs[] = {dead_letter(world, "evt_1"), world_append(world, "evt_2"), 999};
    int64_t changed = 0;
    world_write(world);
    assert_done(dead_retry(world->store, seqs, 3, WORLD_NOW_US + 9, &changed, reterr));
    world_commit(world);
    assert_int64_equal(changed, 1);
    struct inbox_stats stats = world_stats(world);
    assert_int64_equal(stats.by_status[WORK_DEAD], 0);
    assert_int64_equal(stats.total, 2);
    struct inbox_event *events = NULL;
    assert_int_equal(claim(world, 8, WORLD_NOW_US + 9, 10, &events), 2);
    for (int i = 0; i < 2; i++) {
        assert_int64_equal(events[i].attempts, 1);
        assert_int64_equal(events[i].crashes, 0);
        assert_int64_equal(events[i].first_failed_us, 0);
    }
}

static void discarded_dead_letter_is_recorded_and_keeps_its_error(void **state)
{
    struct world *world = world_of(state);
    int64_t seqs[] = {dead_letter(world, "evt_1"), dead_letter(world, "evt_2")};
    int64_t twice[] = {seqs[0], seqs[0]};
    int64_t changed = 0;
    world_write(world);
    assert_done(dead_discard(world->store, twice, 2, WORLD_NOW_US + 9, &changed, reterr));
    world_commit(world);
    assert_int64_equal(changed, 1);
    struct inbox_row row = world_row(world, seqs[0]);
    assert_int_equal(row.status, WORK_RECORDED);
    assert_int_equal(row.reason, REASON_DISCARDED);
    assert_str_equal_to(row.error_name, "MALFORMED");
    struct inbox_stats stats = world_stats(world);
    assert_int64_equal(stats.by_status[WORK_DEAD], 1);
    assert_int64_equal(stats.by_reason[REASON_DISCARDED], 1);
    assert_int64_equal(stats.total, 2);
}

TESTS_MAIN("claim",
    WORLD_TEST(claim_gives_the_oldest_first_with_all_that_decoding_needs),
    WORLD_TEST(claim_is_bounded_by_bytes_but_never_empty),
    WORLD_TEST(rolled_back_claim_is_none),
    WORLD_TEST(finished_events_leave_the_queue_with_their_outcome),
    WORLD_TEST(failed_event_waits_and_remembers_its_first_failure),
    WORLD_TEST(event_that_awaits_another_has_not_failed_and_can_be_settled),
    WORLD_TEST(event_whose_attempt_never_ended_comes_alone),
    WORLD_TEST(event_that_comes_alone_is_not_joined_by_those_behind_it),
    WORLD_TEST(retry_does_not_wait_for_the_end_of_a_backlog),
    WORLD_TEST(claim_that_new_events_do_not_fill_is_filled_with_late_ones),
    WORLD_TEST(event_whose_attempt_never_ended_waits_for_neither_kind),
    WORLD_TEST(late_bodies_leave_room_for_new_ones),
    WORLD_TEST(finish_after_another_claimed_is_fenced),
    WORLD_TEST(finishing_twice_is_fenced),
    WORLD_TEST(late_finish_that_nobody_overtook_is_taken),
    WORLD_TEST(unclaimed_event_is_as_if_never_claimed),
    WORLD_TEST(claims_of_a_process_that_died_end_at_the_start_on_sqlite_only),
    WORLD_TEST(next_due_follows_the_queue),
    WORLD_TEST(dead_letter_is_tried_again_from_zero),
    WORLD_TEST(discarded_dead_letter_is_recorded_and_keeps_its_error))

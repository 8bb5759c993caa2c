/* The group commit: what is answered, when, and what is not. The store is real. */
#include "base/digest.h"
#include "base/limits.h"
#include "store/inbox.h"
#include "provider/stripe/stripe.h"
#include "flow/intake.h"
#include "unit/store_fixture.h"
#include "unit/testing.h"

struct sent {
    struct delivery delivery;
    char id[32];
    int answers;
    enum err err;
};

static struct account account;

static void answered(struct delivery *delivery, enum err err)
{
    struct sent *sent = delivery->context;
    sent->answers++;
    sent->err = err;
}

static void make(struct sent *sent, int number)
{
    account.says.name = STR("acme");
    account.says.account_key = STR("acct_1");
    account.says.live = true;
    account.provider = &stripe_provider;
    *sent = (struct sent){.delivery = {.account = &account, .done = answered}};
    (void)snprintf(sent->id, sizeof sent->id, "evt_%d", number);
    sent->delivery.context = sent;
    sent->delivery.body = STR("{}");
    sent->delivery.received_us = 1;
    sent->delivery.envelope = (struct envelope){
        .event_id = str_from(sent->id), .type = STR("charge.succeeded"), .live = true};
    sha256(sent->delivery.body, sent->delivery.envelope.body_sha256);
    sha256(sent->delivery.body, sent->delivery.envelope.content_sha256);
}

static struct intake *small_intake(uint32_t rows)
{
    struct intake *intake = intake_new(
        &(struct intake_limits){.queue_rows_max = rows, .queue_bytes_max = 1 << 20}, env_system());
    assert_non_null(intake);
    return intake;
}

static void a_delivery_is_answered_only_by_the_commit_of_its_batch(void **state)
{
    (void)state;
    struct store_fixture fixture;
    store_fixture_open(&fixture, "sqlite");
    CLEANUP(intake_free) struct intake *intake = small_intake(10);
    struct sent sent[3];
    for (int i = 0; i < 3; i++) {
        make(&sent[i], i);
        assert_err(intake_submit(intake, &sent[i].delivery), ERR_OK);
        assert_int_equal(sent[i].answers, 0);
    }
    uint32_t count = 0;
    assert_err(intake_step(intake, fixture.store, 2, &count, NULL), ERR_OK);
    assert_int_equal(count, 2);
    assert_int_equal(sent[0].answers, 1);
    assert_int_equal(sent[1].answers, 1);
    assert_int_equal(sent[2].answers, 0);
    assert_err(intake_step(intake, fixture.store, 2, &count, NULL), ERR_OK);
    assert_int_equal(sent[2].answers, 1);
    assert_true(sent[2].delivery.seq > sent[0].delivery.seq);
    assert_err(intake_step(intake, fixture.store, 2, &count, NULL), ERR_OK);
    assert_int_equal(count, 0);
    store_fixture_close(&fixture);
}

static void a_duplicate_in_the_same_batch_hears_its_firsts_place(void **state)
{
    (void)state;
    struct store_fixture fixture;
    store_fixture_open(&fixture, "sqlite");
    CLEANUP(intake_free) struct intake *intake = small_intake(10);
    struct sent first, again;
    make(&first, 7);
    make(&again, 7);
    assert_err(intake_submit(intake, &first.delivery), ERR_OK);
    assert_err(intake_submit(intake, &again.delivery), ERR_OK);
    uint32_t count = 0;
    assert_err(intake_step(intake, fixture.store, 10, &count, NULL), ERR_OK);
    assert_err(first.err, ERR_OK);
    assert_err(again.err, ERR_OK);
    assert_false(first.delivery.duplicate);
    assert_true(again.delivery.duplicate);
    assert_int64_equal(again.delivery.seq, first.delivery.seq);
    store_fixture_close(&fixture);
}

static void a_full_queue_is_busy_and_a_closed_one_closed(void **state)
{
    (void)state;
    CLEANUP(intake_free) struct intake *intake = small_intake(2);
    struct sent sent[4];
    for (int i = 0; i < 4; i++) {
        make(&sent[i], i);
    }
    assert_err(intake_submit(intake, &sent[0].delivery), ERR_OK);
    assert_err(intake_submit(intake, &sent[1].delivery), ERR_OK);
    assert_err(intake_submit(intake, &sent[2].delivery), ERR_BUSY);
    assert_int_equal(intake_waiting(intake), 2);
    intake_close(intake);
    assert_err(intake_submit(intake, &sent[3].delivery), ERR_CLOSED);
    intake_fail(intake, ERR_CLOSED);
    assert_err(sent[0].err, ERR_CLOSED);
    assert_int_equal(sent[1].answers, 1);
    assert_int_equal(sent[2].answers, 0);
    assert_int_equal(intake_waiting(intake), 0);
}

static void a_body_too_many_for_the_queues_bytes_is_busy(void **state)
{
    (void)state;
    CLEANUP(intake_free)
    struct intake *intake = intake_new(
        &(struct intake_limits){.queue_rows_max = 10, .queue_bytes_max = 3}, env_system());
    struct sent sent[2];
    make(&sent[0], 0);
    make(&sent[1], 1);
    assert_err(intake_submit(intake, &sent[0].delivery), ERR_OK);
    assert_err(intake_submit(intake, &sent[1].delivery), ERR_BUSY);
    intake_fail(intake, ERR_STORE_IO);
    assert_err(sent[0].err, ERR_STORE_IO);
}

static void an_event_of_a_connected_account_goes_to_that_accounts_scope(void **state)
{
    (void)state;
    struct store_fixture fixture;
    store_fixture_open(&fixture, "sqlite");
    CLEANUP(intake_free) struct intake *intake = small_intake(10);
    struct sent own, connected;
    make(&own, 1);
    make(&connected, 1);
    connected.delivery.envelope.account = STR("acct_below");
    assert_err(intake_submit(intake, &own.delivery), ERR_OK);
    assert_err(intake_submit(intake, &connected.delivery), ERR_OK);
    uint32_t count = 0;
    assert_err(intake_step(intake, fixture.store, 10, &count, NULL), ERR_OK);
    assert_false(connected.delivery.duplicate);
    assert_true(connected.delivery.seq != own.delivery.seq);
    store_fixture_close(&fixture);
}

TESTS_MAIN("intake",
    TEST(a_delivery_is_answered_only_by_the_commit_of_its_batch),
    TEST(a_duplicate_in_the_same_batch_hears_its_firsts_place),
    TEST(a_full_queue_is_busy_and_a_closed_one_closed),
    TEST(a_body_too_many_for_the_queues_bytes_is_busy),
    TEST(an_event_of_a_connected_account_goes_to_that_accounts_scope))

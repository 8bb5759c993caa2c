#include "unit/domain/one_object.h"

static const struct invoice base = {.state = INVOICE_DRAFT,
    .currency = {"EUR"},
    .total_minor = 1000,
    .due_minor = 1000,
    .remaining_minor = 1000,
    .made_at = SECOND(200)};

static struct notice says(enum invoice_state state, int64_t second)
{
    struct invoice invoice = base;
    invoice.state = (int)state;
    return object_says(ID_INVOICE, &invoice, second, (int64_t)state * 10);
}

static struct invoice *change(struct notice *notice)
{
    return notice_change(notice);
}

static void every_state_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [INVOICE_DRAFT] = -1,
        [INVOICE_OPEN] = EVENT_INVOICE_FINALIZED,
        [INVOICE_PAID] = EVENT_INVOICE_PAID,
        [INVOICE_UNCOLLECTIBLE] = EVENT_INVOICE_UNCOLLECTIBLE,
        [INVOICE_VOID] = EVENT_INVOICE_VOIDED,
        [INVOICE_DELETED] = EVENT_INVOICE_DELETED,
        [INVOICE_UNKNOWN] = -1,
    };
    assert_states_prove(ID_INVOICE, &base, facts, INVOICE_STATE_COUNT);
}

static void it_moves_as_the_life_cycle_says(void **state)
{
    (void)state;
    static const char *const rows[] = {
        [INVOICE_DRAFT] = "xxxxxxx",
        [INVOICE_OPEN] = ".xxxx.x",
        [INVOICE_PAID] = "..x...x",
        [INVOICE_UNCOLLECTIBLE] = "..xxx.x",
        [INVOICE_VOID] = "....x.x",
        [INVOICE_DELETED] = ".....xx",
        [INVOICE_UNKNOWN] = "xxxxxxx",
    };
    assert_moves(ID_INVOICE, rows, INVOICE_STATE_COUNT);
}

static void written_off_and_paid_after_all_tells_both_in_any_order(void **state)
{
    (void)state;
    struct notice notices[] = {says(INVOICE_DRAFT, 300), says(INVOICE_OPEN, 400),
        says(INVOICE_UNCOLLECTIBLE, 500), says(INVOICE_PAID, 600)};
    change(&notices[2])->uncollectible_at = SECOND(499);
    change(&notices[3])->uncollectible_at = SECOND(499);
    change(&notices[3])->paid_at = SECOND(599);
    change(&notices[3])->remaining_minor = 0;
    assert_any_order_ends_equal(ID_INVOICE, notices, 4);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){3, 2, 1, 0}, 4);
    const struct invoice *invoice = (void *)one.record;
    assert_int_equal(invoice->state, INVOICE_PAID);
    assert_int64_equal(invoice->remaining_minor, 0);
    assert_int64_equal(invoice->paid_at, SECOND(599));
    assert_int64_equal(invoice->uncollectible_at, SECOND(499));
    assert_int_equal(one.told[EVENT_INVOICE_FINALIZED], 1);
    assert_int_equal(one.told[EVENT_INVOICE_UNCOLLECTIBLE], 1);
    assert_int_equal(one.told[EVENT_INVOICE_PAID], 1);
    assert_int_equal(one.told_late[EVENT_INVOICE_PAID], 0);
    assert_int_equal(one.told_late[EVENT_INVOICE_FINALIZED], 1);
}

/* The snapshots in between were lost. */
static void one_snapshot_of_the_end_tells_the_whole_life(void **state)
{
    (void)state;
    struct notice notice = says(INVOICE_PAID, 900);
    struct invoice *invoice = change(&notice);
    invoice->finalized_at = SECOND(300);
    invoice->payment_failed_at = SECOND(400);
    invoice->overdue_at = SECOND(500);
    invoice->uncollectible_at = SECOND(600);
    invoice->paid_at = SECOND(800);
    struct one_object one;
    one_object_init(&one);
    one_object_take(&one, &notice);
    static const struct {
        int event;
        int64_t at_us;
    } told[] = {{EVENT_INVOICE_OPENED, SECOND(200)}, {EVENT_INVOICE_PAID, SECOND(800)},
        {EVENT_INVOICE_FINALIZED, SECOND(300)}, {EVENT_INVOICE_PAYMENT_FAILED, SECOND(400)},
        {EVENT_INVOICE_UNCOLLECTIBLE, SECOND(600)}, {EVENT_INVOICE_OVERDUE, SECOND(500)}};
    assert_int_equal(one.decision.event_count, sizeof told / sizeof told[0]);
    for (size_t i = 0; i < sizeof told / sizeof told[0]; i++) {
        const char *name = domain_event_name((enum domain_event_type)told[i].event);
        assert_row((int)one.decision.events[i].type == told[i].event, name);
        assert_row(one.decision.events[i].occurred_at_us == told[i].at_us, name);
    }
}

static void a_failure_and_a_missed_date_are_kept_whatever_comes_later(void **state)
{
    (void)state;
    struct notice notices[] = {says(INVOICE_OPEN, 400), says(INVOICE_OPEN, 500),
        says(INVOICE_OPEN, 600), says(INVOICE_VOID, 700)};
    change(&notices[1])->payment_failed_at = SECOND(500);
    change(&notices[2])->overdue_at = SECOND(550);
    change(&notices[3])->voided_at = SECOND(700);
    assert_any_order_ends_equal(ID_INVOICE, notices, 4);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){3, 1, 2, 0}, 4);
    const struct invoice *invoice = (void *)one.record;
    assert_int_equal(invoice->state, INVOICE_VOID);
    assert_int64_equal(invoice->payment_failed_at, SECOND(500));
    assert_int64_equal(invoice->overdue_at, SECOND(550));
    assert_int_equal(one.told[EVENT_INVOICE_PAYMENT_FAILED], 1);
    assert_int_equal(one.told[EVENT_INVOICE_OVERDUE], 1);
    assert_int_equal(one.told[EVENT_INVOICE_VOIDED], 1);
}

static void a_draft_that_is_thrown_away_stays_so(void **state)
{
    (void)state;
    struct notice notices[] = {says(INVOICE_DRAFT, 300), says(INVOICE_DELETED, 300)};
    assert_any_order_ends_equal(ID_INVOICE, notices, 2);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){1, 0}, 2);
    assert_int_equal(((struct invoice *)(void *)one.record)->state, INVOICE_DELETED);
    assert_int_equal(one.told[EVENT_INVOICE_DELETED], 1);
}

static void whose_invoice_it_is_cannot_change(void **state)
{
    (void)state;
    static const char *const links[] = {"customer_id", "subscription_id"};
    for (size_t i = 0; i < 2; i++) {
        struct notice first = says(INVOICE_DRAFT, 300);
        struct notice second = says(INVOICE_OPEN, 400);
        *change_link(&first, links[i]) = (struct link){LINK_NAMED, STR("a")};
        *change_link(&second, links[i]) = (struct link){LINK_NAMED, STR("b")};
        struct one_object one;
        one_object_init(&one);
        one_object_take(&one, &first);
        assert_row(one_object_try(&one, &second) == ERR_IMPOSSIBLE, links[i]);
        assert_row(((struct invoice *)(void *)one.record)->state == INVOICE_DRAFT, links[i]);
    }
}

/* The provider's older API names the newest attempt there, which is another after each failure. */
static void the_payment_that_it_names_may_be_another_later(void **state)
{
    (void)state;
    struct notice first = says(INVOICE_OPEN, 300);
    struct notice second = says(INVOICE_OPEN, 400);
    *change_link(&first, "attempt_id") = (struct link){LINK_NAMED, STR("a")};
    *change_link(&second, "attempt_id") = (struct link){LINK_NAMED, STR("b")};
    struct one_object one;
    one_object_init(&one);
    one_object_take(&one, &first);
    one_object_take(&one, &second);
    assert_int_equal(((struct invoice *)(void *)one.record)->attempt_id.bytes[0], 'b');
}

/* ---- lines --------------------------------------------------------------------------------- */

static void a_line_shows_the_newest_of_its_invoice(void **state)
{
    (void)state;
    struct invoice_line line = {.amount_minor = 500, .currency = {"EUR"}, .quantity = 1};
    struct notice older = object_says(ID_INVOICE_LINE, &line, 300, 1010);
    line.quantity = 2;
    struct notice newer = object_says(ID_INVOICE_LINE, &line, 300, 2030);
    struct notice notices[] = {older, newer};
    assert_any_order_ends_equal(ID_INVOICE_LINE, notices, 2);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){1, 0}, 2);
    const struct invoice_line *stands = (void *)one.record;
    assert_int64_equal(stands->quantity, 2);
    assert_int64_equal(stands->said_rank, 2030);
    assert_int_equal(one.told[EVENT_INVOICE_LINE_OPENED], 1);
    assert_int_equal(one.told[EVENT_INVOICE_LINE_CHANGED], 0);
    one_object_play(&one, notices, (const uint32_t[]){0, 1}, 2);
    assert_int_equal(one.told[EVENT_INVOICE_LINE_CHANGED], 1);
}

/* ---- its payments -------------------------------------------------------------------------- */

static const struct invoice_payment part = {.state = INVOICE_PAYMENT_OPEN,
    .requested_minor = 1000,
    .currency = {"EUR"},
    .made_at = SECOND(200)};

static void every_state_of_a_payments_part_proves_its_fact_once(void **state)
{
    (void)state;
    static const int facts[] = {
        [INVOICE_PAYMENT_OPEN] = -1,
        [INVOICE_PAYMENT_PAID] = EVENT_INVOICE_PAYMENT_PAID,
        [INVOICE_PAYMENT_CANCELED] = EVENT_INVOICE_PAYMENT_CANCELED,
        [INVOICE_PAYMENT_UNKNOWN] = -1,
    };
    assert_states_prove(ID_INVOICE_PAYMENT, &part, facts, INVOICE_PAYMENT_STATE_COUNT);
    static const char *const rows[] = {
        [INVOICE_PAYMENT_OPEN] = "xxxx",
        [INVOICE_PAYMENT_PAID] = ".x.x",
        [INVOICE_PAYMENT_CANCELED] = "..xx",
        [INVOICE_PAYMENT_UNKNOWN] = "xxxx",
    };
    assert_moves(ID_INVOICE_PAYMENT, rows, INVOICE_PAYMENT_STATE_COUNT);
}

static void a_payments_part_ends_equal_in_any_order(void **state)
{
    (void)state;
    struct invoice_payment says_open = part;
    struct invoice_payment says_paid = part;
    says_paid.state = INVOICE_PAYMENT_PAID;
    says_paid.paid_minor = 900;
    says_paid.paid_at = SECOND(390);
    struct notice notices[] = {object_says(ID_INVOICE_PAYMENT, &says_open, 300, 10),
        object_says(ID_INVOICE_PAYMENT, &says_paid, 400, 30),
        object_says(ID_INVOICE_PAYMENT, &says_paid, 500, 30)};
    *change_link(&notices[0], "invoice_id") = (struct link){LINK_NAMED, STR("i")};
    *change_link(&notices[0], "payment_id") = (struct link){LINK_NAMED, STR("p")};
    assert_any_order_ends_equal(ID_INVOICE_PAYMENT, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 1, 0}, 3);
    const struct invoice_payment *stands = (void *)one.record;
    assert_int_equal(stands->state, INVOICE_PAYMENT_PAID);
    assert_int64_equal(stands->paid_minor, 900);
    assert_int_equal(stands->invoice_id.bytes[0], 'i');
    assert_int_equal(stands->payment_id.bytes[0], 'p');
}

TESTS_MAIN("invoice",
    TEST(every_state_proves_its_fact_once),
    TEST(it_moves_as_the_life_cycle_says),
    TEST(written_off_and_paid_after_all_tells_both_in_any_order),
    TEST(one_snapshot_of_the_end_tells_the_whole_life),
    TEST(a_failure_and_a_missed_date_are_kept_whatever_comes_later),
    TEST(a_draft_that_is_thrown_away_stays_so),
    TEST(whose_invoice_it_is_cannot_change),
    TEST(the_payment_that_it_names_may_be_another_later),
    TEST(a_line_shows_the_newest_of_its_invoice),
    TEST(every_state_of_a_payments_part_proves_its_fact_once),
    TEST(a_payments_part_ends_equal_in_any_order))

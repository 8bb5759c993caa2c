/* Credit notes, and the tax ids of customers. */
#include "unit/domain/one_object.h"

static const struct credit_note base = {.state = CREDIT_NOTE_ISSUED,
    .amount_minor = 300,
    .post_payment_minor = 300,
    .currency = {"EUR"},
    .made_at = SECOND(200)};

static void a_credit_note_stands_until_it_is_withdrawn(void **state)
{
    (void)state;
    static const int facts[] = {
        [CREDIT_NOTE_ISSUED] = -1,
        [CREDIT_NOTE_VOID] = EVENT_CREDIT_NOTE_VOIDED,
        [CREDIT_NOTE_UNKNOWN] = -1,
    };
    assert_states_prove(ID_CREDIT_NOTE, &base, facts, CREDIT_NOTE_STATE_COUNT);
    static const char *const rows[] = {
        [CREDIT_NOTE_ISSUED] = "xxx",
        [CREDIT_NOTE_VOID] = ".xx",
        [CREDIT_NOTE_UNKNOWN] = "xxx",
    };
    assert_moves(ID_CREDIT_NOTE, rows, CREDIT_NOTE_STATE_COUNT);
}

static void a_credit_note_ends_equal_in_any_order(void **state)
{
    (void)state;
    struct credit_note note = base;
    struct notice issued = object_says(ID_CREDIT_NOTE, &note, 300, 10);
    note.reason[0] = 'x';
    struct notice updated = object_says(ID_CREDIT_NOTE, &note, 400, 10);
    note.state = CREDIT_NOTE_VOID;
    note.voided_at = SECOND(450);
    struct notice withdrawn = object_says(ID_CREDIT_NOTE, &note, 500, 20);
    *change_link(&issued, "refund_id") = (struct link){LINK_NAMED, STR("r")};
    *change_link(&updated, "refund_id") = (struct link){LINK_NAMED, STR("s")};
    *change_link(&issued, "invoice_id") = (struct link){LINK_NAMED, STR("i")};
    struct notice notices[] = {issued, updated, withdrawn};
    assert_any_order_ends_equal(ID_CREDIT_NOTE, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 0, 1}, 3);
    const struct credit_note *stands = (void *)one.record;
    assert_int_equal(stands->state, CREDIT_NOTE_VOID);
    assert_int64_equal(stands->voided_at, SECOND(450));
    assert_int_equal(stands->invoice_id.bytes[0], 'i');
    assert_true(own_id_is_none(stands->refund_id)); /* as the newest says */
    assert_int_equal(one.told[EVENT_CREDIT_NOTE_VOIDED], 1);
    assert_int_equal(one.told_late[EVENT_CREDIT_NOTE_VOIDED], 0);
}

static void a_credit_note_of_another_invoice_is_refused(void **state)
{
    (void)state;
    struct notice first = object_says(ID_CREDIT_NOTE, &base, 300, 10);
    struct notice second = object_says(ID_CREDIT_NOTE, &base, 400, 10);
    *change_link(&first, "invoice_id") = (struct link){LINK_NAMED, STR("a")};
    *change_link(&second, "invoice_id") = (struct link){LINK_NAMED, STR("b")};
    struct one_object one;
    one_object_init(&one);
    one_object_take(&one, &first);
    assert_err(one_object_try(&one, &second), ERR_IMPOSSIBLE);
}

/* ---- tax ids ------------------------------------------------------------------------------- */

static void a_tax_id_is_verified_or_not(void **state)
{
    (void)state;
    static const struct tax_id says = {.type = "eu_vat", .country = "DE", .made_at = SECOND(200)};
    static const int facts[] = {
        [TAX_ID_PENDING] = -1,
        [TAX_ID_VERIFIED] = EVENT_TAX_ID_VERIFIED,
        [TAX_ID_UNVERIFIED] = EVENT_TAX_ID_UNVERIFIED,
        [TAX_ID_UNAVAILABLE] = -1,
        [TAX_ID_UNKNOWN] = -1,
    };
    assert_states_prove(ID_TAX_ID, &says, facts, TAX_ID_STATE_COUNT);
    static const char *const rows[] = {
        [TAX_ID_PENDING] = "xxxxx",
        [TAX_ID_VERIFIED] = ".xx.x",
        [TAX_ID_UNVERIFIED] = ".xx.x",
        [TAX_ID_UNAVAILABLE] = "xxxxx",
        [TAX_ID_UNKNOWN] = "xxxxx",
    };
    assert_moves(ID_TAX_ID, rows, TAX_ID_STATE_COUNT);
}

static void a_tax_id_that_was_removed_stays_so_in_any_order(void **state)
{
    (void)state;
    struct tax_id id = {.state = TAX_ID_PENDING, .type = "eu_vat", .made_at = SECOND(200)};
    struct notice pending = object_says(ID_TAX_ID, &id, 300, 1010);
    id.state = TAX_ID_VERIFIED;
    struct notice verified = object_says(ID_TAX_ID, &id, 400, 4020);
    id.deleted = true;
    struct notice removed = object_says(ID_TAX_ID, &id, 500, 4030);
    struct notice notices[] = {pending, verified, removed};
    assert_any_order_ends_equal(ID_TAX_ID, notices, 3);
    struct one_object one;
    one_object_play(&one, notices, (const uint32_t[]){2, 1, 0}, 3);
    const struct tax_id *stands = (void *)one.record;
    assert_true(stands->deleted);
    assert_int_equal(stands->state, TAX_ID_VERIFIED);
    assert_int_equal(one.told[EVENT_TAX_ID_DELETED], 1);
    assert_int_equal(one.told[EVENT_TAX_ID_VERIFIED], 1);
    assert_int_equal(one.told[EVENT_TAX_ID_UNVERIFIED], 0);
}

TESTS_MAIN("credit_note",
    TEST(a_credit_note_stands_until_it_is_withdrawn),
    TEST(a_credit_note_ends_equal_in_any_order),
    TEST(a_credit_note_of_another_invoice_is_refused),
    TEST(a_tax_id_is_verified_or_not),
    TEST(a_tax_id_that_was_removed_stays_so_in_any_order))

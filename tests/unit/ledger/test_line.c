#include "ledger/line.h"
#include "unit/ledger/posts.h"

/* 100.00 with a fee of 3.00, or both taken back. */
static struct statement_line line_of(enum line_kind kind, int64_t sign)
{
    return (struct statement_line){.id = {"line"},
        .kind = kind,
        .amount_minor = sign * 10000,
        .fee_minor = sign * 300,
        .net_minor = sign * 9700,
        .currency = {"EUR"},
        .source = {"source"},
        .attempt = {"attempt"}};
}

static struct ledger_entry posted(
    const struct statement_line *line, bool fee_tax_is_input, unsigned *ret_flaws)
{
    struct line_policy policy = {.fee_tax_is_input = fee_tax_is_input};
    struct ledger_entry entry = begun(STREAM_MONEY);
    assert_err(line_post(line, &policy, &entry, ret_flaws), ERR_OK);
    assert_true(entry.count <= LINE_POSTINGS_MAX);
    assert_err(entry_finish(&entry), ERR_OK);
    return entry;
}

/* ---- kinds ---------------------------------------------------------------------------------- */

#define PENDING "assets:provider:pending"
#define NOW "assets:provider:available"
#define OPEN_FEE "expenses:fees:unspecified"

static const struct {
    enum line_kind kind;
    const char *word, *bucket, *counter, *fee;
    unsigned flaws;
} rows[] = {
    {LINE_PAYMENT, "payment", PENDING, "assets:clearing:payment{attempt}", OPEN_FEE, 0},
    {LINE_PAYMENT_FAILED, "payment_failed", PENDING, "assets:clearing:payment{attempt}", OPEN_FEE,
        0},
    {LINE_PAYMENT_REVERSED, "payment_reversed", PENDING, "assets:clearing:payment{attempt}",
        OPEN_FEE, FLAW_ADJUSTMENT},
    {LINE_CAPTURE_RELEASE, "capture_release", PENDING, "assets:clearing:payment{attempt}", OPEN_FEE,
        0},
    {LINE_REFUND, "refund", PENDING, "assets:clearing:refund{source}", OPEN_FEE, 0},
    {LINE_REFUND_FAILED, "refund_failed", PENDING, "assets:clearing:refund{source}", OPEN_FEE, 0},
    {LINE_DISPUTE_WITHDRAWN, "dispute_withdrawn", PENDING, "assets:clearing:dispute{source}",
        "expenses:disputes:fee", 0},
    {LINE_DISPUTE_REINSTATED, "dispute_reinstated", PENDING, "assets:clearing:dispute{source}",
        "expenses:disputes:fee", 0},
    {LINE_FEE, "fee", PENDING, "expenses:fees:billing", OPEN_FEE, 0},
    {LINE_FX_FEE, "fx_fee", PENDING, "expenses:fees:fx", OPEN_FEE, 0},
    {LINE_NETWORK_FEE, "network_fee", PENDING, "expenses:fees:passthrough", OPEN_FEE, 0},
    {LINE_TAX, "tax", PENDING, "expenses:fees:tax", OPEN_FEE, 0},
    {LINE_PAYOUT, "payout", NOW, "assets:clearing:payout{source}", OPEN_FEE, 0},
    {LINE_PAYOUT_RETURNED, "payout_returned", NOW, "assets:clearing:payout{source}", OPEN_FEE, 0},
    {LINE_MINIMUM_BALANCE, "minimum_balance", NOW, "assets:provider:reserve:min_balance", OPEN_FEE,
        0},
    {LINE_RISK_RESERVE, "risk_reserve", NOW, "assets:provider:reserve:risk", OPEN_FEE, 0},
    {LINE_RESERVE_MOVE, "reserve_move", PENDING, "assets:clearing:reserve", OPEN_FEE, 0},
    {LINE_NETWORK_RESERVE, "network_reserve", NOW, "assets:provider:reserve:network", OPEN_FEE, 0},
    {LINE_CONNECT_RESERVE, "connect_reserve", NOW, "assets:provider:reserve:connect", OPEN_FEE, 0},
    {LINE_CONNECT_COLLECTION, "connect_collection", NOW, "expenses:connect_loss", OPEN_FEE,
        FLAW_ADJUSTMENT},
    {LINE_TRANSFER, "transfer", NOW, "assets:clearing:transfer{source}", OPEN_FEE, 0},
    {LINE_TRANSFER_RETURNED, "transfer_returned", NOW, "assets:clearing:transfer{source}", OPEN_FEE,
        0},
    {LINE_PLATFORM_FEE, "platform_fee", PENDING, "income:platform_fees", OPEN_FEE, 0},
    {LINE_PLATFORM_FEE_RETURNED, "platform_fee_returned", PENDING, "income:platform_fees", OPEN_FEE,
        0},
    {LINE_TOPUP, "topup", PENDING, "assets:clearing:topup{source}", OPEN_FEE, 0},
    {LINE_TOPUP_RETURNED, "topup_returned", PENDING, "assets:clearing:topup{source}", OPEN_FEE, 0},
    {LINE_INBOUND, "inbound", PENDING, "assets:clearing:inbound", OPEN_FEE, 0},
    {LINE_ADVANCE, "advance", PENDING, "assets:clearing:advance", OPEN_FEE, 0},
    {LINE_LOAN, "loan", NOW, "liabilities:loan", OPEN_FEE, 0},
    {LINE_UNRECONCILED, "unreconciled", PENDING, "liabilities:customer_unapplied", OPEN_FEE, 0},
    {LINE_PURCHASE, "purchase", NOW, "expenses:other", OPEN_FEE, 0},
    {LINE_CARD_HOLD, "card_hold", PENDING, "assets:provider:issuing_hold", OPEN_FEE, 0},
    {LINE_CARD_SPENDING, "card_spending", PENDING, "expenses:cards", OPEN_FEE, 0},
    {LINE_ADJUSTMENT, "adjustment", PENDING, "suspense:unexplained{line}", OPEN_FEE,
        FLAW_ADJUSTMENT},
    {LINE_UNCLASSIFIED, "unclassified", PENDING, "suspense:unclassified{line}", OPEN_FEE,
        FLAW_UNCLASSIFIED},
};
_Static_assert(sizeof rows / sizeof rows[0] == LINE_KIND_COUNT, "every kind has its row");

static bool has_posting(const struct ledger_entry *entry, const char *place, const char *money)
{
    char wanted[POSTING_TEXT_BYTES];
    char text[POSTING_TEXT_BYTES];
    (void)snprintf(wanted, sizeof wanted, "%s %s EUR\n", place, money);
    for (uint32_t i = 0; i < entry->count; i++) {
        posting_format(&entry->postings[i], text);
        if (strcmp(text, wanted) == 0) {
            return true;
        }
    }
    return false;
}

static void every_kind_goes_where_its_row_says_in_both_directions(void **state)
{
    (void)state;
    for (int i = 0; i < LINE_KIND_COUNT; i++) {
        unsigned flaws = 99;
        struct statement_line line = line_of(rows[i].kind, 1);
        struct ledger_entry entry = posted(&line, false, &flaws);
        assert_row(entry.count == 3, rows[i].word);
        assert_row(has_posting(&entry, rows[i].bucket, "97.00"), rows[i].word);
        assert_row(has_posting(&entry, rows[i].fee, "3.00"), rows[i].word);
        assert_row(has_posting(&entry, rows[i].counter, "-100.00"), rows[i].word);
        assert_row(flaws == rows[i].flaws, rows[i].word);

        line = line_of(rows[i].kind, -1);
        entry = posted(&line, false, &flaws);
        assert_row(has_posting(&entry, rows[i].bucket, "-97.00"), rows[i].word);
        assert_row(has_posting(&entry, rows[i].fee, "-3.00"), rows[i].word);
        assert_row(has_posting(&entry, rows[i].counter, "100.00"), rows[i].word);
    }
}

static void kinds_are_found_by_their_words(void **state)
{
    (void)state;
    enum line_kind found = LINE_LOAN;
    for (int i = 0; i < LINE_KIND_COUNT; i++) {
        assert_string_equal(line_kind_word(rows[i].kind), rows[i].word);
        assert_err(line_kind_parse(str_from(rows[i].word), &found), ERR_OK);
        assert_int_equal(found, rows[i].kind);
    }
    assert_err(line_kind_parse(STR("payments"), &found), ERR_NOT_FOUND);
    assert_string_equal(fee_kind_word(FEE_PASSTHROUGH), "passthrough");
    assert_string_equal(fee_kind_word(FEE_UNSPECIFIED), "unspecified");
    assert_string_equal(bucket_word(BUCKET_PAYMENTS), "payments");
    assert_string_equal(bucket_word(BUCKET_RISK), "risk_reserved");
}

static void what_is_not_pending_is_not_released(void **state)
{
    (void)state;
    for (int i = 0; i < LINE_KIND_COUNT; i++) {
        struct statement_line line = line_of(rows[i].kind, 1);
        assert_row(line_is_released(&line) == (strcmp(rows[i].bucket, PENDING) == 0), rows[i].word);
        line.bucket = BUCKET_PREFUND;
        assert_row(!line_is_released(&line), rows[i].word);
    }
}

static void money_of_another_balance_is_where_the_line_says(void **state)
{
    (void)state;
    static const char *const buckets[] = {
        [BUCKET_PAYMENTS] = PENDING,
        [BUCKET_PREFUND] = "assets:provider:prefund",
        [BUCKET_ISSUING] = "assets:provider:issuing",
        [BUCKET_RISK] = "assets:provider:reserve:risk",
    };
    for (int i = 0; i < BUCKET_COUNT; i++) {
        unsigned flaws = 0;
        struct statement_line line = line_of(LINE_REFUND, -1);
        line.bucket = (enum bucket)i;
        struct ledger_entry entry = posted(&line, false, &flaws);
        assert_row(has_posting(&entry, buckets[i], "-97.00"), buckets[i]);
    }
}

/* ---- fees ----------------------------------------------------------------------------------- */

static struct statement_line with_fees(enum line_kind kind)
{
    struct statement_line line = line_of(kind, 1);
    static const struct line_fee fees[] = {{FEE_PROVIDER, 150}, {FEE_PASSTHROUGH, 70},
        {FEE_APPLICATION, 40}, {FEE_TAX, 45}, {FEE_PROVIDER, -5}};
    line.fee_count = 5;
    memcpy(line.fees, fees, sizeof fees);
    return line;
}

static void fees_go_where_their_kind_says(void **state)
{
    (void)state;
    unsigned flaws = 99;
    struct statement_line line = with_fees(LINE_PAYMENT);
    struct ledger_entry entry = posted(&line, false, &flaws);
    assert_posts(&entry, "assets:provider:pending 97.00 EUR\n"
                         "assets:clearing:payment{attempt} -100.00 EUR\n"
                         "expenses:fees:provider 1.45 EUR\n"
                         "expenses:fees:passthrough 0.70 EUR\n"
                         "expenses:fees:application 0.40 EUR\n"
                         "expenses:fees:tax 0.45 EUR\n");
    assert_int_equal(flaws, 0);
}

static void of_a_dispute_only_the_providers_own_fee_is_its_fee(void **state)
{
    (void)state;
    unsigned flaws = 99;
    struct statement_line line = with_fees(LINE_DISPUTE_WITHDRAWN);
    struct ledger_entry entry = posted(&line, false, &flaws);
    assert_posts(&entry, "assets:provider:pending 97.00 EUR\n"
                         "assets:clearing:dispute{source} -100.00 EUR\n"
                         "expenses:fees:passthrough 0.70 EUR\n"
                         "expenses:fees:application 0.40 EUR\n"
                         "expenses:fees:tax 0.45 EUR\n"
                         "expenses:disputes:fee 1.45 EUR\n");
    assert_int_equal(flaws, 0);
}

static void tax_on_fees_is_input_tax_where_that_is_so(void **state)
{
    (void)state;
    unsigned flaws = 0;
    struct statement_line line = with_fees(LINE_PAYMENT);
    struct ledger_entry entry = posted(&line, true, &flaws);
    assert_true(has_posting(&entry, "assets:tax_input", "0.45"));
    line = line_of(LINE_TAX, -1);
    entry = posted(&line, true, &flaws);
    assert_true(has_posting(&entry, "assets:tax_input", "100.00"));
}

static void fees_that_do_not_make_the_fee_are_posted_and_told(void **state)
{
    (void)state;
    unsigned flaws = 0;
    struct statement_line line = with_fees(LINE_PAYMENT);
    line.fee_count = 2;
    struct ledger_entry entry = posted(&line, false, &flaws);
    assert_posts(&entry, "assets:provider:pending 97.00 EUR\n"
                         "assets:clearing:payment{attempt} -100.00 EUR\n"
                         "expenses:fees:provider 1.50 EUR\n"
                         "expenses:fees:passthrough 0.70 EUR\n"
                         "expenses:fees:unspecified 0.80 EUR\n");
    assert_int_equal(flaws, FLAW_FEES);
    line = with_fees(LINE_DISPUTE_WITHDRAWN);
    line.fee_count = 2;
    (void)posted(&line, false, &flaws);
    assert_int_equal(flaws, FLAW_FEES);
}

/* ---- flaws ---------------------------------------------------------------------------------- */

static void what_a_line_does_not_account_for_is_suspended(void **state)
{
    (void)state;
    unsigned flaws = 0;
    struct statement_line line = line_of(LINE_PAYMENT, 1);
    line.net_minor = 9600;
    struct ledger_entry entry = posted(&line, false, &flaws);
    assert_posts(&entry, "assets:provider:pending 96.00 EUR\n"
                         "assets:clearing:payment{attempt} -100.00 EUR\n"
                         "expenses:fees:unspecified 3.00 EUR\n"
                         "suspense:unexplained{line} 1.00 EUR\n");
    assert_int_equal(flaws, FLAW_NET);
}

static void a_line_about_nothing_known_is_posted_without_a_key(void **state)
{
    (void)state;
    for (int i = 0; i < LINE_KIND_COUNT; i++) {
        unsigned flaws = 0;
        struct statement_line line = line_of(rows[i].kind, 1);
        line.source = (struct own_id){""};
        line.attempt = (struct own_id){""};
        struct ledger_entry entry = posted(&line, false, &flaws);
        bool names_another = strstr(rows[i].counter, "{source}") != NULL ||
                             strstr(rows[i].counter, "{attempt}") != NULL;
        assert_row(entry.count == 3, rows[i].word);
        assert_row(((flaws & FLAW_UNKEYED) != 0) == names_another, rows[i].word);
    }
}

static void amounts_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    static const struct line_policy policy = {false};
    unsigned flaws = 99;
    struct statement_line line = line_of(LINE_PAYMENT, 1);
    line.amount_minor = INT64_MIN;
    struct ledger_entry entry = begun(STREAM_MONEY);
    assert_err(line_post(&line, &policy, &entry, &flaws), ERR_OVERFLOW);

    line = line_of(LINE_PAYMENT, 1);
    line.fee_minor = INT64_MIN;
    entry = begun(STREAM_MONEY);
    assert_err(line_post(&line, &policy, &entry, &flaws), ERR_OVERFLOW);

    line = with_fees(LINE_PAYMENT);
    line.fees[0].minor = INT64_MIN;
    entry = begun(STREAM_MONEY);
    assert_err(line_post(&line, &policy, &entry, &flaws), ERR_OVERFLOW);
    assert_int_equal(flaws, 99);
}

/* ---- currencies ----------------------------------------------------------------------------- */

static struct statement_line foreign(enum line_kind kind, int64_t sign)
{
    struct statement_line line = line_of(kind, sign);
    line.customer_currency = (struct currency){"USD"};
    line.customer_minor = sign * 11000;
    return line;
}

static void what_meets_the_business_is_what_the_payer_saw(void **state)
{
    (void)state;
    unsigned flaws = 99;
    struct statement_line line = foreign(LINE_REFUND, -1);
    assert_true(line_is_exchanged(&line));
    struct ledger_entry entry = posted(&line, false, &flaws);
    assert_posts(&entry, "assets:provider:pending -97.00 EUR\n"
                         "assets:clearing:refund{source} 110.00 USD\n"
                         "equity:fx_position{attempt} 100.00 EUR\n"
                         "equity:fx_position{attempt} -110.00 USD\n"
                         "expenses:fees:unspecified -3.00 EUR\n");
    assert_int_equal(flaws, 0);
}

static void only_payments_and_refunds_are_exchanged(void **state)
{
    (void)state;
    for (int i = 0; i < LINE_KIND_COUNT; i++) {
        struct statement_line line = foreign(rows[i].kind, 1);
        bool is_payers = strstr(rows[i].counter, "clearing:payment") != NULL ||
                         strstr(rows[i].counter, "clearing:refund") != NULL;
        assert_row(line_is_exchanged(&line) == is_payers, rows[i].word);
    }
}

static void one_currency_is_no_exchange(void **state)
{
    (void)state;
    struct statement_line line = foreign(LINE_PAYMENT, 1);
    line.customer_currency = line.currency;
    assert_false(line_is_exchanged(&line));
    line.customer_currency = (struct currency){""};
    assert_false(line_is_exchanged(&line));
}

static void a_position_of_no_known_attempt_is_told(void **state)
{
    (void)state;
    unsigned flaws = 0;
    struct statement_line line = foreign(LINE_REFUND, -1);
    line.attempt = (struct own_id){""};
    struct ledger_entry entry = posted(&line, false, &flaws);
    assert_true(has_posting(&entry, "equity:fx_position", "100.00"));
    assert_int_equal(flaws, FLAW_UNKEYED);
}

/* ---- ids ------------------------------------------------------------------------------------ */

static void an_id_is_of_scope_and_the_providers_id(void **state)
{
    (void)state;
    const int64_t created_us = INT64_C(1790000000000000);
    struct own_id id = line_id(7, STR("txn_1"), created_us);
    assert_true(own_id_eq(id, line_id(7, STR("txn_1"), created_us)));
    assert_false(own_id_eq(id, line_id(8, STR("txn_1"), created_us)));
    assert_false(own_id_eq(id, line_id(7 << 8, STR("txn_1"), created_us)));
    assert_false(own_id_eq(id, line_id(7, STR("txn_2"), created_us)));
    /* Kept for ever: what was posted is found by it. */
    char text[OWN_ID_TEXT_BYTES];
    own_id_format(ID_PAYMENT, id, text);
    assert_string_equal(text, "cf_pay_01a0c4506c007d8f8ecf9ab0715b2da0");
}

static void ids_are_in_the_order_of_time(void **state)
{
    (void)state;
    struct own_id before = line_id(1, STR("txn_b"), INT64_C(1790000000000000));
    struct own_id after = line_id(1, STR("txn_a"), INT64_C(1790000000001000));
    assert_true(own_id_compare(before, after) < 0);
    assert_true(own_id_compare(line_id(1, STR("txn_a"), -1), before) < 0);
}

TESTS_MAIN("line",
    TEST(every_kind_goes_where_its_row_says_in_both_directions),
    TEST(kinds_are_found_by_their_words),
    TEST(what_is_not_pending_is_not_released),
    TEST(money_of_another_balance_is_where_the_line_says),
    TEST(fees_go_where_their_kind_says),
    TEST(of_a_dispute_only_the_providers_own_fee_is_its_fee),
    TEST(tax_on_fees_is_input_tax_where_that_is_so),
    TEST(fees_that_do_not_make_the_fee_are_posted_and_told),
    TEST(what_a_line_does_not_account_for_is_suspended),
    TEST(a_line_about_nothing_known_is_posted_without_a_key),
    TEST(amounts_that_do_not_fit_are_refused),
    TEST(what_meets_the_business_is_what_the_payer_saw),
    TEST(only_payments_and_refunds_are_exchanged),
    TEST(one_currency_is_no_exchange),
    TEST(a_position_of_no_known_attempt_is_told),
    TEST(an_id_is_of_scope_and_the_providers_id),
    TEST(ids_are_in_the_order_of_time))

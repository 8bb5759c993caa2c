#include "ledger/target.h"
#include "unit/ledger/posts.h"

#define SOLD                                                                                       \
    "liabilities:tax_payable -19.00 EUR\n"                                                         \
    "income:sales -100.00 EUR\n"

static struct invoice owed(enum invoice_state is)
{
    return (struct invoice){.head = {.id = {"inv"}},
        .state = (int)is,
        .customer_id = {"cus"},
        .currency = {"EUR"},
        .total_minor = 11900,
        .tax_minor = 1900};
}

static struct ledger_entry target(
    const struct invoice *invoice, int64_t by_provider, int64_t by_others)
{
    struct settlement settlement = {by_provider, by_others};
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(target_invoice(invoice, &settlement, &entry), ERR_OK);
    return entry;
}

/* ---- invoices ---------------------------------------------------------------------------------
 */

static void it_is_owed_from_the_moment_it_is_final(void **state)
{
    (void)state;
    static const char *const posts[] = {
        [INVOICE_DRAFT] = "",
        [INVOICE_OPEN] = "assets:receivable:invoices{inv} 119.00 EUR\n" SOLD,
        [INVOICE_PAID] = "assets:receivable:invoices{inv} 119.00 EUR\n" SOLD,
        [INVOICE_UNCOLLECTIBLE] = SOLD "expenses:bad_debt 119.00 EUR\n",
        [INVOICE_VOID] = "",
        [INVOICE_DELETED] = "",
        [INVOICE_UNKNOWN] = "",
    };
    for (int is = 0; is < INVOICE_STATE_COUNT; is++) {
        struct invoice invoice = owed((enum invoice_state)is);
        struct ledger_entry entry = target(&invoice, 0, 0);
        assert_posts(&entry, posts[is]);
    }
}

static void only_what_nobody_settled_is_written_off(void **state)
{
    (void)state;
    struct invoice invoice = owed(INVOICE_UNCOLLECTIBLE);
    struct ledger_entry entry = target(&invoice, 5000, 2000);
    assert_posts(&entry,
        "assets:bank 20.00 EUR\n"
        "assets:receivable:invoices{inv} 50.00 EUR\n" SOLD "expenses:bad_debt 49.00 EUR\n");
    entry = target(&invoice, 11900, 0);
    assert_posts(&entry, "assets:receivable:invoices{inv} 119.00 EUR\n" SOLD);
    entry = target(&invoice, 20000, 0);
    assert_posts(&entry, "assets:receivable:invoices{inv} 119.00 EUR\n" SOLD);
    invoice.applied_balance_minor = 1000;
    invoice.pre_payment_credit_minor = 900;
    entry = target(&invoice, 0, 0);
    assert_posts(&entry, "assets:receivable:invoices{inv} 9.00 EUR\n"
                         "liabilities:tax_payable -19.00 EUR\n"
                         "liabilities:customer_credit{cus} 10.00 EUR\n"
                         "income:sales -100.00 EUR\n"
                         "expenses:bad_debt 100.00 EUR\n");
}

static void paid_out_of_band_is_all_that_is_left(void **state)
{
    (void)state;
    struct invoice invoice = owed(INVOICE_PAID);
    invoice.paid_out_of_band = true;
    invoice.pre_payment_credit_minor = 1900;
    struct ledger_entry entry = target(&invoice, 4000, 0);
    assert_posts(&entry, "assets:bank 60.00 EUR\n"
                         "assets:receivable:invoices{inv} 59.00 EUR\n" SOLD);
}

/* The invoice says a sum, its payments say each; both are the same money. */
static void money_past_the_provider_is_counted_once(void **state)
{
    (void)state;
    struct invoice invoice = owed(INVOICE_OPEN);
    static const struct {
        int64_t invoice, payments;
    } rows[] = {{2000, 0}, {0, 2000}, {2000, 2000}, {2000, 1500}, {500, 2000}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        invoice.out_of_band_minor = rows[i].invoice;
        struct ledger_entry entry = target(&invoice, 0, rows[i].payments);
        assert_posts(&entry, "assets:bank 20.00 EUR\n"
                             "assets:receivable:invoices{inv} 99.00 EUR\n" SOLD);
    }
}

static void the_customers_balance_takes_and_gives(void **state)
{
    (void)state;
    static const struct {
        int64_t total, applied, overpaid;
        const char *posts;
    } rows[] = {
        {1000, 400, 0,
            "assets:receivable:invoices{inv} 6.00 EUR\n"
            "liabilities:customer_credit{cus} 4.00 EUR\n"
            "income:sales -10.00 EUR\n"},
        {-1000, -1000, 0,
            "liabilities:customer_credit{cus} -10.00 EUR\n"
            "income:sales 10.00 EUR\n"},
        {1000, -200, 0,
            "assets:receivable:invoices{inv} 12.00 EUR\n"
            "liabilities:customer_credit{cus} -2.00 EUR\n"
            "income:sales -10.00 EUR\n"},
        {1000, 0, 300,
            "assets:receivable:invoices{inv} 13.00 EUR\n"
            "liabilities:customer_credit{cus} -3.00 EUR\n"
            "income:sales -10.00 EUR\n"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct invoice invoice = owed(INVOICE_OPEN);
        invoice.total_minor = rows[i].total;
        invoice.tax_minor = 0;
        invoice.applied_balance_minor = rows[i].applied;
        invoice.overpaid_minor = rows[i].overpaid;
        struct ledger_entry entry = target(&invoice, 0, 0);
        assert_posts(&entry, rows[i].posts);
    }
}

static void amounts_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    const struct settlement settlement = {0, 0};
    struct invoice invoice = owed(INVOICE_OPEN);
    invoice.total_minor = INT64_MIN;
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(target_invoice(&invoice, &settlement, &entry), ERR_OVERFLOW);
    invoice = owed(INVOICE_OPEN);
    invoice.overpaid_minor = INT64_MIN;
    entry = begun(STREAM_BUSINESS);
    assert_err(target_invoice(&invoice, &settlement, &entry), ERR_OVERFLOW);
}

/* ---- credit notes -----------------------------------------------------------------------------
 */

static struct credit_note credited(int64_t before, int64_t after, int64_t tax)
{
    return (struct credit_note){.state = CREDIT_NOTE_ISSUED,
        .currency = {"EUR"},
        .invoice_id = {"inv"},
        .customer_id = {"cus"},
        .amount_minor = before + after,
        .tax_minor = tax,
        .pre_payment_minor = before,
        .post_payment_minor = after};
}

static struct ledger_entry target_note(const struct credit_note *note)
{
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(target_credit_note(note, &entry), ERR_OK);
    return entry;
}

static void only_a_note_that_stands_counts(void **state)
{
    (void)state;
    for (int is = 0; is < CREDIT_NOTE_STATE_COUNT; is++) {
        struct credit_note note = credited(11900, 0, 1900);
        note.state = is;
        struct ledger_entry entry = target_note(&note);
        assert_posts(&entry, is == CREDIT_NOTE_ISSUED
                                 ? "assets:receivable:invoices{inv} -119.00 EUR\n"
                                   "liabilities:tax_payable 19.00 EUR\n"
                                   "income:sales 100.00 EUR\n"
                                 : "");
    }
}

static void its_tax_is_split_over_both_halves_to_the_cent(void **state)
{
    (void)state;
    struct credit_note note = credited(1000, 2000, 479);
    note.balance_minor = 2000;
    struct ledger_entry entry = target_note(&note);
    assert_posts(&entry, "assets:receivable:invoices{inv} -10.00 EUR\n"
                         "liabilities:tax_payable 4.79 EUR\n"
                         "liabilities:customer_credit{cus} -20.00 EUR\n"
                         "income:sales 8.40 EUR\n"
                         "income:refunds 16.81 EUR\n");
}

static void what_is_given_back_goes_four_ways(void **state)
{
    (void)state;
    struct credit_note note = credited(0, 10000, 0);
    note.balance_minor = 1000;
    note.out_of_band_minor = 2000;
    note.refund_id = (struct own_id){"ref"};
    note.refund_count = 2;
    note.refunded_minor = 4000;
    struct ledger_entry entry = target_note(&note);
    assert_posts(&entry, "assets:bank -20.00 EUR\n"
                         "liabilities:refund_due -30.00 EUR\n"
                         "liabilities:refund_due{ref} -40.00 EUR\n"
                         "liabilities:customer_credit{cus} -10.00 EUR\n"
                         "income:refunds 100.00 EUR\n");
}

static void an_old_note_means_its_only_refund(void **state)
{
    (void)state;
    struct credit_note note = credited(0, 10000, 0);
    int64_t refunded = -1;
    note.balance_minor = 1000;
    assert_err(credit_note_refunded(&note, &refunded), ERR_OK);
    assert_int64_equal(refunded, 0);
    note.refund_id = (struct own_id){"ref"};
    note.refund_count = 1;
    assert_err(credit_note_refunded(&note, &refunded), ERR_OK);
    assert_int64_equal(refunded, 9000);
    note.refund_count = 2;
    assert_err(credit_note_refunded(&note, &refunded), ERR_OK);
    assert_int64_equal(refunded, 0);
    note.refunded_minor = 500;
    assert_err(credit_note_refunded(&note, &refunded), ERR_OK);
    assert_int64_equal(refunded, 500);
    note.state = CREDIT_NOTE_VOID;
    assert_err(credit_note_refunded(&note, &refunded), ERR_OK);
    assert_int64_equal(refunded, 0);
}

static void a_note_without_halves_posts_nothing(void **state)
{
    (void)state;
    struct credit_note note = credited(0, 0, 100);
    note.amount_minor = 1000;
    struct ledger_entry entry = target_note(&note);
    assert_posts(&entry, "");
}

TESTS_MAIN("target_invoice",
    TEST(it_is_owed_from_the_moment_it_is_final),
    TEST(only_what_nobody_settled_is_written_off),
    TEST(paid_out_of_band_is_all_that_is_left),
    TEST(money_past_the_provider_is_counted_once),
    TEST(the_customers_balance_takes_and_gives),
    TEST(amounts_that_do_not_fit_are_refused),
    TEST(only_a_note_that_stands_counts),
    TEST(its_tax_is_split_over_both_halves_to_the_cent),
    TEST(what_is_given_back_goes_four_ways),
    TEST(an_old_note_means_its_only_refund),
    TEST(a_note_without_halves_posts_nothing))

#include "ledger/target.h"
#include "unit/ledger/posts.h"

static const struct target_policy asserted = {false, false}, unknown_bank = {false, true};

/* ---- refunds ----------------------------------------------------------------------------------
 */

static struct refund refund_of(enum refund_state is)
{
    return (struct refund){
        .head = {.id = {"ref"}}, .state = (int)is, .amount_minor = 10000, .currency = {"EUR"}};
}

static struct ledger_entry target(const struct refund *refund, const struct refund_cover *cover)
{
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(target_refund(refund, cover, &entry), ERR_OK);
    return entry;
}

#define GIVEN_BACK                                                                                 \
    "assets:clearing:refund{ref} -100.00 EUR\n"                                                    \
    "income:refunds 100.00 EUR\n"

/* By what the provider says, or because the money is seen to move; what came back has not. */
static void it_is_given_back_once_its_money_moved(void **state)
{
    (void)state;
    static const struct {
        bool by_state, by_statement;
    } rows[] = {
        [REFUND_PENDING] = {false, true},
        [REFUND_ACTION_REQUIRED] = {false, true},
        [REFUND_SUCCEEDED] = {true, true},
        [REFUND_FAILED] = {false, false},
        [REFUND_CANCELED] = {false, false},
        [REFUND_UNKNOWN] = {false, true},
    };
    _Static_assert(sizeof rows / sizeof rows[0] == REFUND_STATE_COUNT, "every state has its row");
    for (int is = 0; is < REFUND_STATE_COUNT; is++) {
        struct refund_cover cover = {.is_in_statement = false};
        struct refund refund = refund_of((enum refund_state)is);
        struct ledger_entry entry = target(&refund, &cover);
        assert_posts(&entry, rows[is].by_state ? GIVEN_BACK : "");
        cover.is_in_statement = true;
        entry = target(&refund, &cover);
        assert_posts(&entry, rows[is].by_statement ? GIVEN_BACK : "");
        cover.is_capture_release = true;
        entry = target(&refund, &cover);
        assert_posts(&entry, "");
    }
}

static void a_credit_note_explains_its_part_and_the_invoice_the_rest(void **state)
{
    (void)state;
    const struct refund refund = refund_of(REFUND_SUCCEEDED);
    struct refund_cover cover = {
        .credited_minor = 5000, .invoice_tax_minor = 1900, .invoice_total_minor = 11900};
    struct ledger_entry entry = target(&refund, &cover);
    assert_posts(&entry, "assets:clearing:refund{ref} -100.00 EUR\n"
                         "liabilities:refund_due{ref} 50.00 EUR\n"
                         "liabilities:tax_payable 7.98 EUR\n"
                         "income:refunds 42.02 EUR\n");
    cover.credited_minor = 15000;
    entry = target(&refund, &cover);
    assert_posts(&entry, "assets:clearing:refund{ref} -100.00 EUR\n"
                         "liabilities:refund_due{ref} 100.00 EUR\n");
}

/* 19.00 of 119.00: three parts of 6.33 would lose a cent. */
static void the_taxes_of_parts_are_the_tax_of_the_whole(void **state)
{
    (void)state;
    static const struct {
        int64_t minor, before;
        const char *tax;
    } rows[] = {{3967, 0, "6.33"}, {3967, 3967, "6.34"}, {3966, 7934, "6.33"}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct refund refund = refund_of(REFUND_SUCCEEDED);
        refund.amount_minor = rows[i].minor;
        const struct refund_cover cover = {.invoice_tax_minor = 1900,
            .invoice_total_minor = 11900,
            .refunded_before_minor = rows[i].before};
        char tax[64];
        (void)snprintf(tax, sizeof tax, "liabilities:tax_payable %s EUR\n", rows[i].tax);
        struct ledger_entry entry = target(&refund, &cover);
        assert_err(entry_finish(&entry), ERR_OK);
        char text[POSTING_TEXT_BYTES];
        posting_format(&entry.postings[1], text);
        assert_string_equal(text, tax);
    }
}

static void what_an_account_gave_back_is_not_given_back_by_us(void **state)
{
    (void)state;
    const struct refund refund = refund_of(REFUND_SUCCEEDED);
    struct refund_cover cover = {.account = {{"acct"}, 9000}};
    struct ledger_entry entry = target(&refund, &cover);
    assert_posts(&entry, "assets:clearing:refund{ref} -100.00 EUR\n"
                         "liabilities:connected{acct} 90.00 EUR\n"
                         "income:refunds 10.00 EUR\n");
    /* The credit note took all of it off our income, the account's part too. */
    cover.credited_minor = 10000;
    entry = target(&refund, &cover);
    assert_posts(&entry, "assets:clearing:refund{ref} -100.00 EUR\n"
                         "liabilities:refund_due{ref} 100.00 EUR\n"
                         "liabilities:connected{acct} 90.00 EUR\n"
                         "income:refunds -90.00 EUR\n");
}

/* ---- disputes ---------------------------------------------------------------------------------
 */

static void what_is_withdrawn_is_a_loss_only_when_lost(void **state)
{
    (void)state;
    for (int is = 0; is < DISPUTE_STATE_COUNT; is++) {
        const struct dispute dispute = {.head = {.id = {"dis"}},
            .state = is,
            .currency = {"USD"},
            .amount_minor = 11000,
            .withdrawn_minor = 10000,
            .settlement_currency = {"EUR"}};
        struct ledger_entry entry = begun(STREAM_BUSINESS);
        assert_err(target_dispute(&dispute, &entry), ERR_OK);
        assert_posts(&entry, is == DISPUTE_LOST ? "assets:clearing:dispute{dis} -100.00 EUR\n"
                                                  "expenses:disputes:loss 100.00 EUR\n"
                                                : "assets:clearing:dispute{dis} -100.00 EUR\n"
                                                  "assets:receivable:disputes{dis} 100.00 EUR\n");
    }
}

static void a_dispute_that_took_nothing_posts_nothing(void **state)
{
    (void)state;
    for (int is = 0; is < DISPUTE_STATE_COUNT; is++) {
        const struct dispute dispute = {
            .head = {.id = {"dis"}}, .state = is, .currency = {"EUR"}, .amount_minor = 11000};
        struct ledger_entry entry = begun(STREAM_BUSINESS);
        assert_err(target_dispute(&dispute, &entry), ERR_OK);
        assert_posts(&entry, "");
    }
}

/* ---- banks ------------------------------------------------------------------------------------
 */

static void a_payout_is_at_the_bank_while_it_is_paid(void **state)
{
    (void)state;
    for (int is = 0; is < PAYOUT_STATE_COUNT; is++) {
        const struct payout payout = {
            .head = {.id = {"po"}}, .state = is, .amount_minor = 10000, .currency = {"EUR"}};
        struct ledger_entry entry = begun(STREAM_BUSINESS);
        assert_err(target_payout(&payout, &asserted, &entry), ERR_OK);
        assert_posts(&entry, is == PAYOUT_PAID ? "assets:clearing:payout{po} -100.00 EUR\n"
                                                 "assets:bank 100.00 EUR\n"
                                               : "");
        entry = begun(STREAM_BUSINESS);
        assert_err(target_payout(&payout, &unknown_bank, &entry), ERR_OK);
        assert_posts(&entry, "");
    }
}

static void a_topup_left_the_bank_while_it_has_succeeded(void **state)
{
    (void)state;
    for (int is = 0; is < TOPUP_STATE_COUNT; is++) {
        const struct topup topup = {
            .head = {.id = {"tu"}}, .state = is, .amount_minor = 10000, .currency = {"EUR"}};
        struct ledger_entry entry = begun(STREAM_BUSINESS);
        assert_err(target_topup(&topup, &asserted, &entry), ERR_OK);
        assert_posts(&entry, is == TOPUP_SUCCEEDED ? "assets:clearing:topup{tu} 100.00 EUR\n"
                                                     "assets:bank -100.00 EUR\n"
                                                   : "");
        entry = begun(STREAM_BUSINESS);
        assert_err(target_topup(&topup, &unknown_bank, &entry), ERR_OK);
        assert_posts(&entry, "");
    }
}

static void a_transfer_is_what_did_not_come_back(void **state)
{
    (void)state;
    struct transfer transfer = {.head = {.id = {"tr"}},
        .account_id = {"acct"},
        .amount_minor = 10000,
        .reversed_minor = 2500,
        .currency = {"EUR"}};
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(target_transfer(&transfer, &entry), ERR_OK);
    assert_posts(&entry, "assets:clearing:transfer{tr} -75.00 EUR\n"
                         "liabilities:connected{acct} 75.00 EUR\n");
    transfer.reversed_minor = 10000;
    entry = begun(STREAM_BUSINESS);
    assert_err(target_transfer(&transfer, &entry), ERR_OK);
    assert_posts(&entry, "");
}

static void amounts_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    const struct refund refund = {.state = REFUND_SUCCEEDED, .amount_minor = INT64_MIN};
    const struct refund_cover cover = {.credited_minor = 0};
    const struct dispute dispute = {.withdrawn_minor = INT64_MIN};
    const struct payout payout = {.state = PAYOUT_PAID, .amount_minor = INT64_MIN};
    const struct topup topup = {.state = TOPUP_SUCCEEDED, .amount_minor = INT64_MIN};
    const struct transfer transfer = {.amount_minor = 0, .reversed_minor = INT64_MIN};
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(target_refund(&refund, &cover, &entry), ERR_OVERFLOW);
    assert_err(target_dispute(&dispute, &entry), ERR_OVERFLOW);
    assert_err(target_payout(&payout, &asserted, &entry), ERR_OVERFLOW);
    assert_err(target_transfer(&transfer, &entry), ERR_OVERFLOW);
    assert_err(target_topup(&topup, &asserted, &entry), ERR_OVERFLOW);
}

TESTS_MAIN("target_money",
    TEST(it_is_given_back_once_its_money_moved),
    TEST(a_credit_note_explains_its_part_and_the_invoice_the_rest),
    TEST(the_taxes_of_parts_are_the_tax_of_the_whole),
    TEST(what_an_account_gave_back_is_not_given_back_by_us),
    TEST(what_is_withdrawn_is_a_loss_only_when_lost),
    TEST(a_dispute_that_took_nothing_posts_nothing),
    TEST(a_payout_is_at_the_bank_while_it_is_paid),
    TEST(a_topup_left_the_bank_while_it_has_succeeded),
    TEST(a_transfer_is_what_did_not_come_back),
    TEST(amounts_that_do_not_fit_are_refused))

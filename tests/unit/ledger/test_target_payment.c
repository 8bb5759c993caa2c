#include "ledger/target.h"
#include "unit/ledger/posts.h"

static const struct target_policy sale = {false, false}, hold = {true, false};
static const struct share no_share;

/* One attempt of 100.00, and up to one share of either kind. */
static struct ledger_entry target(enum attempt_state is,
    const struct share *invoice,
    const struct share *account,
    const struct target_policy *policy)
{
    struct attempt one = {
        .head = {.id = {"att"}}, .state = (int)is, .captured_minor = 10000, .currency = {"EUR"}};
    struct attempt *attempts[] = {&one};
    struct payment_aggregate aggregate = {
        {.head = {.id = {"pay"}}, .currency = {"EUR"}}, attempts, 1};
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(target_payment(&aggregate, invoice, invoice->minor != 0, account,
                   account->minor != 0, policy, &entry),
        ERR_OK);
    return entry;
}

static void only_what_succeeded_was_captured(void **state)
{
    (void)state;
    for (int is = 0; is < ATTEMPT_STATE_COUNT; is++) {
        const struct share invoice = {{"inv"}, 10000};
        struct ledger_entry entry = target((enum attempt_state)is, &invoice, &no_share, &sale);
        assert_posts(&entry, is == ATTEMPT_SUCCEEDED
                                 ? "assets:clearing:payment{att} 100.00 EUR\n"
                                   "assets:receivable:invoices{inv} -100.00 EUR\n"
                                 : "");
    }
}

static void what_is_for_nothing_known_is_a_sale_or_held(void **state)
{
    (void)state;
    struct ledger_entry entry = target(ATTEMPT_SUCCEEDED, &no_share, &no_share, &sale);
    assert_posts(&entry, "assets:clearing:payment{att} 100.00 EUR\n"
                         "income:sales -100.00 EUR\n");
    entry = target(ATTEMPT_SUCCEEDED, &no_share, &no_share, &hold);
    assert_posts(&entry, "assets:clearing:payment{att} 100.00 EUR\n"
                         "liabilities:unapplied{pay} -100.00 EUR\n");
}

static void invoices_and_accounts_take_their_shares_first(void **state)
{
    (void)state;
    const struct share invoice = {{"inv"}, 5000};
    const struct share account = {{"acct"}, 3000};
    struct ledger_entry entry = target(ATTEMPT_SUCCEEDED, &invoice, &account, &sale);
    assert_posts(&entry, "assets:clearing:payment{att} 100.00 EUR\n"
                         "assets:receivable:invoices{inv} -50.00 EUR\n"
                         "liabilities:connected{acct} -30.00 EUR\n"
                         "income:sales -20.00 EUR\n");
}

/* The invoice sold it, so the sale that is not ours is taken back. */
static void what_an_account_got_of_an_invoice_is_no_sale_of_ours(void **state)
{
    (void)state;
    const struct share invoice = {{"inv"}, 10000};
    const struct share account = {{"acct"}, 9000};
    struct ledger_entry entry = target(ATTEMPT_SUCCEEDED, &invoice, &account, &hold);
    assert_posts(&entry, "assets:clearing:payment{att} 100.00 EUR\n"
                         "assets:receivable:invoices{inv} -100.00 EUR\n"
                         "liabilities:connected{acct} -90.00 EUR\n"
                         "income:sales 90.00 EUR\n");
}

static void held_is_only_what_no_account_got(void **state)
{
    (void)state;
    const struct share account = {{"acct"}, 9000};
    struct ledger_entry entry = target(ATTEMPT_SUCCEEDED, &no_share, &account, &hold);
    assert_posts(&entry, "assets:clearing:payment{att} 100.00 EUR\n"
                         "liabilities:unapplied{pay} -10.00 EUR\n"
                         "liabilities:connected{acct} -90.00 EUR\n");
}

static void shares_of_more_than_was_captured_are_no_negative_sale(void **state)
{
    (void)state;
    const struct share invoice = {{"inv"}, 12000};
    struct ledger_entry entry = target(ATTEMPT_SUCCEEDED, &invoice, &no_share, &sale);
    assert_posts(&entry, "assets:clearing:payment{att} 100.00 EUR\n"
                         "assets:receivable:invoices{inv} -120.00 EUR\n"
                         "liabilities:unapplied{pay} 20.00 EUR\n");
}

static void attempts_add_up_and_each_has_its_own_key(void **state)
{
    (void)state;
    struct attempt one = {.head = {.id = {"one"}},
        .state = ATTEMPT_SUCCEEDED,
        .captured_minor = 4000,
        .currency = {"EUR"}};
    struct attempt two = {.head = {.id = {"two"}},
        .state = ATTEMPT_SUCCEEDED,
        .captured_minor = 6000,
        .currency = {"EUR"}};
    struct attempt foreign = {.head = {.id = {"yen"}},
        .state = ATTEMPT_SUCCEEDED,
        .captured_minor = 70,
        .currency = {"JPY"}};
    struct attempt *attempts[] = {&one, &two, &foreign};
    struct payment_aggregate aggregate = {
        {.head = {.id = {"pay"}}, .currency = {"EUR"}}, attempts, 3};
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(target_payment(&aggregate, NULL, 0, NULL, 0, &hold, &entry), ERR_OK);
    assert_posts(&entry, "assets:clearing:payment{one} 40.00 EUR\n"
                         "assets:clearing:payment{two} 60.00 EUR\n"
                         "assets:clearing:payment{yen} 70 JPY\n"
                         "liabilities:unapplied{pay} -100.00 EUR\n"
                         "income:sales -70 JPY\n");
}

static void amounts_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct attempt one = {.state = ATTEMPT_SUCCEEDED, .captured_minor = INT64_MAX};
    struct attempt two = {.head = {.id = {"two"}}, .state = ATTEMPT_SUCCEEDED, .captured_minor = 1};
    struct attempt *attempts[] = {&one, &two};
    struct payment_aggregate aggregate = {.attempts = attempts, .attempt_count = 2};
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(target_payment(&aggregate, NULL, 0, NULL, 0, &sale, &entry), ERR_OVERFLOW);

    const struct share least = {{"inv"}, INT64_MIN};
    aggregate.attempt_count = 1;
    entry = begun(STREAM_BUSINESS);
    assert_err(target_payment(&aggregate, &least, 1, NULL, 0, &sale, &entry), ERR_OVERFLOW);
}

TESTS_MAIN("target_payment",
    TEST(only_what_succeeded_was_captured),
    TEST(what_is_for_nothing_known_is_a_sale_or_held),
    TEST(invoices_and_accounts_take_their_shares_first),
    TEST(what_an_account_got_of_an_invoice_is_no_sale_of_ours),
    TEST(held_is_only_what_no_account_got),
    TEST(shares_of_more_than_was_captured_are_no_negative_sale),
    TEST(attempts_add_up_and_each_has_its_own_key),
    TEST(amounts_that_do_not_fit_are_refused))

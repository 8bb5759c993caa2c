#include "unit/ledger/posts.h"

static const struct currency eur = {"EUR"}, usd = {"USD"};
static const struct own_id none, one = {"one"}, two = {"two"};

static void postings_of_one_place_are_added_up(void **state)
{
    (void)state;
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, 700), ERR_OK);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, 300), ERR_OK);
    assert_err(entry_credit(&entry, ACCOUNT_SALES, none, eur, 1000), ERR_OK);
    assert_int_equal(entry.count, 2);
    assert_posts(&entry, "assets:bank 10.00 EUR\nincome:sales -10.00 EUR\n");
}

static void places_differ_by_account_key_and_currency(void **state)
{
    (void)state;
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(entry_credit(&entry, ACCOUNT_SALES, none, eur, 300), ERR_OK);
    assert_err(entry_debit(&entry, ACCOUNT_CLEARING_PAYMENT, two, usd, 4), ERR_OK);
    assert_err(entry_credit(&entry, ACCOUNT_SALES, none, usd, 4), ERR_OK);
    assert_err(entry_debit(&entry, ACCOUNT_CLEARING_PAYMENT, two, eur, 100), ERR_OK);
    assert_err(entry_debit(&entry, ACCOUNT_CLEARING_PAYMENT, one, eur, 200), ERR_OK);
    assert_posts(&entry, "assets:clearing:payment{one} 2.00 EUR\n"
                         "assets:clearing:payment{two} 1.00 EUR\n"
                         "assets:clearing:payment{two} 0.04 USD\n"
                         "income:sales -3.00 EUR\n"
                         "income:sales -0.04 USD\n");
}

static void zero_is_no_posting(void **state)
{
    (void)state;
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, 0), ERR_OK);
    assert_int_equal(entry.count, 0);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, 5), ERR_OK);
    assert_err(entry_credit(&entry, ACCOUNT_BANK, none, eur, 5), ERR_OK);
    assert_posts(&entry, "");
    assert_int_equal(entry.count, 0);
}

static void what_does_not_balance_cannot_be_finished(void **state)
{
    (void)state;
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, 5), ERR_OK);
    assert_err(entry_credit(&entry, ACCOUNT_SALES, none, eur, 4), ERR_OK);
    assert_err(entry_finish(&entry), ERR_IMPOSSIBLE);
    assert_err(entry_credit(&entry, ACCOUNT_SALES, none, eur, 1), ERR_OK);
    assert_err(entry_finish(&entry), ERR_OK);
}

static void currencies_do_not_balance_each_other(void **state)
{
    (void)state;
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, 5), ERR_OK);
    assert_err(entry_credit(&entry, ACCOUNT_SALES, none, usd, 5), ERR_OK);
    assert_err(entry_finish(&entry), ERR_IMPOSSIBLE);
}

/* Twice the largest and 2 are 2 to the 64th: nothing, to who adds in 64 bits. */
static void a_sum_beyond_64_bits_is_no_zero(void **state)
{
    (void)state;
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, INT64_MAX), ERR_OK);
    assert_err(entry_debit(&entry, ACCOUNT_BAD_DEBT, none, eur, INT64_MAX), ERR_OK);
    assert_err(entry_debit(&entry, ACCOUNT_SALES, none, eur, 2), ERR_OK);
    assert_err(entry_finish(&entry), ERR_IMPOSSIBLE);
}

static void amounts_that_do_not_fit_are_refused(void **state)
{
    (void)state;
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(entry_credit(&entry, ACCOUNT_BANK, none, eur, INT64_MIN), ERR_OVERFLOW);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, INT64_MAX), ERR_OK);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, 1), ERR_OVERFLOW);
    assert_int64_equal(entry.postings[0].minor, INT64_MAX);
}

static void what_has_no_room_is_refused(void **state)
{
    (void)state;
    struct posting room[1];
    struct ledger_entry entry;
    entry_begin(&entry, STREAM_BUSINESS, room, 1);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, 5), ERR_OK);
    assert_err(entry_credit(&entry, ACCOUNT_SALES, none, eur, 5), ERR_TOO_LARGE);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, 5), ERR_OK);
    entry_begin(&entry, STREAM_BUSINESS, NULL, 0);
    assert_err(entry_finish(&entry), ERR_OK);
}

static void the_other_streams_accounts_are_refused(void **state)
{
    (void)state;
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_aborts((void)!entry_debit(&entry, ACCOUNT_FEES_PROVIDER, none, eur, 5));
    entry = begun(STREAM_MONEY);
    assert_aborts((void)!entry_debit(&entry, ACCOUNT_SALES, none, eur, 0));
}

static void subtracting_leaves_what_is_still_to_be_posted(void **state)
{
    (void)state;
    const struct posting posted[] = {
        {ACCOUNT_BANK, none, eur, 600},
        {ACCOUNT_CLEARING_PAYOUT, one, eur, -600},
    };
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, 1000), ERR_OK);
    assert_err(entry_credit(&entry, ACCOUNT_CLEARING_PAYOUT, two, eur, 1000), ERR_OK);
    assert_err(entry_subtract(&entry, posted, 2), ERR_OK);
    assert_posts(&entry, "assets:clearing:payout{one} 6.00 EUR\n"
                         "assets:clearing:payout{two} -10.00 EUR\n"
                         "assets:bank 4.00 EUR\n");
}

static void what_was_posted_already_is_not_posted_again(void **state)
{
    (void)state;
    const struct posting posted[] = {
        {ACCOUNT_BANK, none, eur, 600},
        {ACCOUNT_SALES, none, eur, -600},
    };
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(entry_credit(&entry, ACCOUNT_SALES, none, eur, 600), ERR_OK);
    assert_err(entry_debit(&entry, ACCOUNT_BANK, none, eur, 600), ERR_OK);
    assert_err(entry_subtract(&entry, posted, 2), ERR_OK);
    assert_posts(&entry, "");
    const struct posting least = {ACCOUNT_BANK, none, eur, INT64_MIN};
    assert_err(entry_subtract(&entry, &least, 1), ERR_OVERFLOW);
}

TESTS_MAIN("entry",
    TEST(postings_of_one_place_are_added_up),
    TEST(places_differ_by_account_key_and_currency),
    TEST(zero_is_no_posting),
    TEST(what_does_not_balance_cannot_be_finished),
    TEST(currencies_do_not_balance_each_other),
    TEST(a_sum_beyond_64_bits_is_no_zero),
    TEST(amounts_that_do_not_fit_are_refused),
    TEST(what_has_no_room_is_refused),
    TEST(the_other_streams_accounts_are_refused),
    TEST(subtracting_leaves_what_is_still_to_be_posted),
    TEST(what_was_posted_already_is_not_posted_again))

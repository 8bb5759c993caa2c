/* What it means that a key has not become zero: every branch, and the edges of grace. */
#include "base/timestamp.h"
#include "reconcile/clearing.h"
#include "unit/testing.h"

#define SINCE INT64_C(1700000000000000)
#define DAY US_PER_DAY

static int64_t at(const char *text)
{
    int64_t time_us = 0;
    assert_err(timestamp_parse(str_from(text), &time_us), ERR_OK);
    return time_us;
}

static struct clearing_key key(enum ledger_account account, int64_t business, int64_t money)
{
    return (struct clearing_key){.account = account,
        .key = {{9}},
        .currency = {"EUR"},
        .business_minor = business,
        .money_minor = money,
        .is_known = true,
        .is_final = true,
        .has_lines = money != 0,
        .covered_us = INT64_MAX,
        .since_us = SINCE};
}

static void assert_open(struct clearing_key of, int64_t as_of_us, const char *why)
{
    struct finding finding;
    assert_row(clearing_judge(&of, as_of_us, &finding) == CLEARING_OPEN, why);
}

/* Found from that moment on, and not before. */
static struct finding assert_found_from(
    struct clearing_key of, enum discrepancy_code code, int64_t from_us, const char *why)
{
    struct finding finding = {.code = CODE_COUNT};
    assert_open(of, from_us - 1, why);
    assert_row(clearing_judge(&of, from_us, &finding) == CLEARING_FOUND, why);
    assert_row(finding.code == code, why);
    assert_row(own_id_eq(finding.subject, of.key), why);
    assert_row(finding.subject_kind == account_row(of.account)->key, why);
    assert_row(currency_eq(finding.currency, of.currency), why);
    assert_row(finding.ours_minor == of.business_minor, why);
    assert_row(finding.theirs_minor == -of.money_minor, why);
    return finding;
}

static const enum ledger_account accounts[] = {ACCOUNT_CLEARING_PAYMENT, ACCOUNT_CLEARING_REFUND,
    ACCOUNT_CLEARING_DISPUTE, ACCOUNT_CLEARING_PAYOUT, ACCOUNT_CLEARING_TOPUP,
    ACCOUNT_CLEARING_TRANSFER};
enum { ACCOUNTS = sizeof accounts / sizeof accounts[0] };

static void what_is_zero_is_no_matter(void **state)
{
    (void)state;
    for (int i = 0; i < ACCOUNTS; i++) {
        assert_open(key(accounts[i], 100, -100), INT64_MAX, account_row(accounts[i])->name);
    }
}

static void lines_of_an_unknown_object_miss_it(void **state)
{
    (void)state;
    for (int i = 0; i < ACCOUNTS; i++) {
        struct clearing_key unknown = key(accounts[i], 0, -100);
        unknown.is_known = false;
        unknown.is_final = false;
        assert_found_from(
            unknown, CODE_MISSING_LOCAL_OBJECT, SINCE + DAY, account_row(accounts[i])->name);
    }
}

static void two_amounts_in_one_currency_do_not_agree(void **state)
{
    (void)state;
    for (int i = 0; i < ACCOUNTS; i++) {
        struct clearing_key both = key(accounts[i], 100, -90);
        bool is_dispute = accounts[i] == ACCOUNT_CLEARING_DISPUTE;
        struct finding finding = assert_found_from(both,
            is_dispute ? CODE_DISPUTE_OUTCOME_CONFLICT : CODE_AMOUNT_MISMATCH, SINCE + DAY,
            account_row(accounts[i])->name);
        int64_t off = 0;
        assert_err(finding_off(&finding, &off), ERR_OK);
        assert_int64_equal(off, -10);
        assert_int64_equal(finding.since_us, SINCE);
    }
}

static void a_dispute_that_is_not_decided_is_open(void **state)
{
    (void)state;
    struct clearing_key both = key(ACCOUNT_CLEARING_DISPUTE, -100, 90);
    both.is_final = false;
    assert_open(both, INT64_MAX, "dispute");
}

static void two_currencies_are_told_on_either_side(void **state)
{
    (void)state;
    struct clearing_key ours = key(ACCOUNT_CLEARING_PAYMENT, 100, 0);
    ours.other_currency = true;
    ours.has_lines = true;
    assert_found_from(ours, CODE_CURRENCY_MISMATCH, SINCE + DAY, "ours");
    struct clearing_key theirs = key(ACCOUNT_CLEARING_PAYMENT, 0, -110);
    theirs.other_currency = true;
    assert_found_from(theirs, CODE_CURRENCY_MISMATCH, SINCE + DAY, "theirs");
    struct clearing_key no_lines = key(ACCOUNT_CLEARING_PAYMENT, 100, 0);
    no_lines.other_currency = true;
    assert_found_from(no_lines, CODE_MISSING_AT_PROVIDER, SINCE + DAY, "no lines");
}

static void what_is_final_and_has_no_line_is_missing_at_the_provider(void **state)
{
    (void)state;
    for (int i = 0; i < ACCOUNTS; i++) {
        const char *name = account_row(accounts[i])->name;
        struct clearing_key ours = key(accounts[i], 100, 0);
        assert_found_from(ours, CODE_MISSING_AT_PROVIDER, SINCE + DAY, name);
        ours.covered_us = SINCE + DAY - 1;
        assert_open(ours, INT64_MAX, name);
        ours.covered_us = SINCE + DAY;
        assert_found_from(ours, CODE_MISSING_AT_PROVIDER, SINCE + DAY, name);
        ours.is_final = false;
        assert_open(ours, INT64_MAX, name);
    }
}

static void a_slow_one_has_three_times_as_long(void **state)
{
    (void)state;
    struct clearing_key slow = key(ACCOUNT_CLEARING_PAYMENT, 100, 0);
    slow.is_slow = true;
    assert_found_from(slow, CODE_MISSING_AT_PROVIDER, SINCE + 3 * DAY, "slow");
    slow.covered_us = SINCE + 3 * DAY - 1;
    assert_open(slow, INT64_MAX, "slow, not covered");
    slow.money_minor = -90;
    assert_found_from(slow, CODE_AMOUNT_MISMATCH, SINCE + 3 * DAY, "slow, both");
    slow.since_us = INT64_MAX - 5;
    assert_open(slow, INT64_MAX - 1, "beyond time");
}

static void money_that_the_state_does_not_know_of_is_a_mismatch(void **state)
{
    (void)state;
    for (int i = 0; i < ACCOUNTS; i++) {
        const char *name = account_row(accounts[i])->name;
        struct clearing_key theirs = key(accounts[i], 0, -100);
        assert_found_from(theirs, CODE_STATUS_MISMATCH, SINCE + DAY, name);
    }
}

static void money_of_what_is_under_way_is_open(void **state)
{
    (void)state;
    static const enum ledger_account waiting[] = {ACCOUNT_CLEARING_PAYMENT, ACCOUNT_CLEARING_REFUND,
        ACCOUNT_CLEARING_TOPUP, ACCOUNT_CLEARING_TRANSFER};
    for (size_t i = 0; i < sizeof waiting / sizeof waiting[0]; i++) {
        struct clearing_key theirs = key(waiting[i], 0, -100);
        theirs.is_final = false;
        assert_open(theirs, INT64_MAX, account_row(waiting[i])->name);
    }
    struct clearing_key dispute = key(ACCOUNT_CLEARING_DISPUTE, 0, 100);
    dispute.is_final = false;
    assert_found_from(dispute, CODE_STATUS_MISMATCH, SINCE + DAY, "dispute");
}

static void money_that_came_back_unsaid_is_a_mismatch(void **state)
{
    (void)state;
    for (int i = 0; i < ACCOUNTS; i++) {
        struct clearing_key ours = key(accounts[i], 100, 0);
        bool is_dispute = accounts[i] == ACCOUNT_CLEARING_DISPUTE;
        ours.has_lines = true;
        assert_found_from(ours, is_dispute ? CODE_DISPUTE_OUTCOME_CONFLICT : CODE_STATUS_MISMATCH,
            SINCE + DAY, account_row(accounts[i])->name);
    }
}

static void a_payout_under_way_is_stuck_after_two_business_days(void **state)
{
    (void)state;
    struct clearing_key payout = key(ACCOUNT_CLEARING_PAYOUT, 0, 100);
    payout.is_final = false;
    payout.arrival_us = at("2026-11-20T00:00:00Z"); /* a Friday */
    int64_t stuck_us = at("2026-11-25T00:00:00Z");
    struct finding finding = assert_found_from(payout, CODE_PAYOUT_STUCK, stuck_us, "payout");
    assert_int64_equal(finding.since_us, stuck_us);
    payout.arrival_us = 0; /* not said: from when its money left */
    payout.since_us = at("2026-11-19T13:00:00Z");
    assert_found_from(payout, CODE_PAYOUT_STUCK, at("2026-11-24T00:00:00Z"), "no arrival");
}

static void business_days_leave_out_weekends(void **state)
{
    (void)state;
    static const struct {
        const char *arrival, *stuck;
    } rows[] = {
        {"2026-11-16T00:00:00Z", "2026-11-19T00:00:00Z"}, /* Monday */
        {"2026-11-17T23:59:59.999999Z", "2026-11-20T00:00:00Z"},
        {"2026-11-18T12:00:00Z", "2026-11-21T00:00:00Z"},
        {"2026-11-19T00:00:00Z", "2026-11-24T00:00:00Z"},
        {"2026-11-20T00:00:00Z", "2026-11-25T00:00:00Z"}, /* Friday */
        {"2026-11-21T00:00:00Z", "2026-11-25T00:00:00Z"},
        {"2026-11-22T00:00:00Z", "2026-11-25T00:00:00Z"},
        {"2026-12-31T00:00:00Z", "2027-01-05T00:00:00Z"},
        {"2024-02-28T00:00:00Z", "2024-03-02T00:00:00Z"},
        {"1969-12-30T00:00:00Z", "1970-01-02T00:00:00Z"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_row(payout_stuck_at(at(rows[i].arrival)) == at(rows[i].stuck), rows[i].arrival);
    }
}

static void an_amount_that_cannot_be_turned_round_is_found(void **state)
{
    (void)state;
    struct finding finding;
    struct clearing_key wide = key(ACCOUNT_CLEARING_PAYMENT, 1, INT64_MIN);
    assert_int_equal(clearing_judge(&wide, SINCE + DAY, &finding), CLEARING_FOUND);
    assert_int64_equal(finding.theirs_minor, INT64_MAX);
}

TESTS_MAIN("clearing",
    TEST(what_is_zero_is_no_matter),
    TEST(lines_of_an_unknown_object_miss_it),
    TEST(two_amounts_in_one_currency_do_not_agree),
    TEST(a_dispute_that_is_not_decided_is_open),
    TEST(two_currencies_are_told_on_either_side),
    TEST(what_is_final_and_has_no_line_is_missing_at_the_provider),
    TEST(a_slow_one_has_three_times_as_long),
    TEST(money_that_the_state_does_not_know_of_is_a_mismatch),
    TEST(money_of_what_is_under_way_is_open),
    TEST(money_that_came_back_unsaid_is_a_mismatch),
    TEST(a_payout_under_way_is_stuck_after_two_business_days),
    TEST(business_days_leave_out_weekends),
    TEST(an_amount_that_cannot_be_turned_round_is_found))

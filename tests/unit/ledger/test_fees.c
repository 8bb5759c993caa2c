/* fees.h: every fee is in one group, and all groups are what the books have. */
#include "ledger/fees.h"
#include "unit/ledger/posts.h"

#define TRIES 20000

static struct statement_line line_of(enum line_kind kind, int64_t amount, int64_t fee)
{
    return (struct statement_line){.id = {"line"},
        .kind = kind,
        .amount_minor = amount,
        .fee_minor = fee,
        .net_minor = amount - fee,
        .currency = {"EUR"},
        .source = {"source"},
        .attempt = {"attempt"}};
}

static void with_fee(struct statement_line *line, enum fee_kind kind, int64_t minor)
{
    line->fees[line->fee_count++] = (struct line_fee){kind, minor};
}

static void assert_sum(const struct fee_sum *sums,
    enum fee_group group,
    int64_t count,
    int64_t net,
    int64_t tax,
    int64_t returned)
{
    const struct fee_sum *sum = &sums[group];
    assert_row(sum->count == count, fee_group_word(group));
    assert_row(sum->net_minor == net, fee_group_word(group));
    assert_row(sum->tax_minor == tax, fee_group_word(group));
    assert_row(sum->returned_minor == returned, fee_group_word(group));
}

static int64_t groups_of(const struct fee_sum *sums)
{
    int64_t groups = 0;
    for (int i = 0; i < FEE_GROUP_COUNT; i++) {
        groups += sums[i].count;
    }
    return groups;
}

static void fees_of_a_payment_are_apart_by_what_they_are(void **state)
{
    (void)state;
    struct fee_sum sums[FEE_GROUP_COUNT] = {0};
    struct statement_line line = line_of(LINE_PAYMENT, 10000, 400);
    with_fee(&line, FEE_PROVIDER, 150);
    with_fee(&line, FEE_PASSTHROUGH, 100);
    with_fee(&line, FEE_APPLICATION, 80);
    with_fee(&line, FEE_TAX, 30);
    assert_err(fees_of_line(&line, sums), ERR_OK);
    assert_sum(sums, FEE_GROUP_PROCESSING, 1, 190, 30, 0);
    assert_sum(sums, FEE_GROUP_NETWORK, 1, 100, 0, 0);
    assert_sum(sums, FEE_GROUP_APPLICATION, 1, 80, 0, 0);
    assert_int64_equal(groups_of(sums), 3);
}

static void a_fee_that_came_back_is_told_as_returned(void **state)
{
    (void)state;
    struct fee_sum sums[FEE_GROUP_COUNT] = {0};
    struct statement_line line = line_of(LINE_DISPUTE_REINSTATED, 5000, -1500);
    with_fee(&line, FEE_PROVIDER, -1400);
    with_fee(&line, FEE_TAX, -100);
    assert_err(fees_of_line(&line, sums), ERR_OK);
    assert_sum(sums, FEE_GROUP_DISPUTES, 1, -1400, -100, 1500);
    assert_int64_equal(groups_of(sums), 1);
}

static void a_fee_that_is_a_line_costs_its_amount(void **state)
{
    (void)state;
    static const struct {
        enum line_kind kind;
        enum fee_group group;
    } rows[] = {{LINE_FEE, FEE_GROUP_CHARGED}, {LINE_FX_FEE, FEE_GROUP_EXCHANGE},
        {LINE_NETWORK_FEE, FEE_GROUP_NETWORK}, {LINE_TAX, FEE_GROUP_TAX}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct fee_sum sums[FEE_GROUP_COUNT] = {0};
        bool is_tax = rows[i].kind == LINE_TAX;
        struct statement_line line = line_of(rows[i].kind, -1000, 190);
        with_fee(&line, FEE_TAX, 190);
        assert_err(fees_of_line(&line, sums), ERR_OK);
        assert_sum(sums, rows[i].group, 1, is_tax ? 0 : 1000, is_tax ? 1190 : 190, 0);
        assert_int64_equal(groups_of(sums), 1);
    }
}

static void a_line_without_fees_is_in_no_group(void **state)
{
    (void)state;
    struct fee_sum sums[FEE_GROUP_COUNT] = {0};
    struct statement_line line = line_of(LINE_PAYMENT, 10000, 0);
    assert_err(fees_of_line(&line, sums), ERR_OK);
    assert_int64_equal(groups_of(sums), 0);
}

static bool is_fee_account(enum ledger_account account)
{
    return strncmp(account_row(account)->name, "expenses:fees:", 14) == 0 ||
           account == ACCOUNT_TAX_INPUT || account == ACCOUNT_DISPUTE_FEES;
}

static int64_t posted_fees(const struct statement_line *line, bool fee_tax_is_input)
{
    struct line_policy policy = {.fee_tax_is_input = fee_tax_is_input};
    struct ledger_entry entry = begun(STREAM_MONEY);
    unsigned flaws = 0;
    int64_t posted = 0;
    assert_err(line_post(line, &policy, &entry, &flaws), ERR_OK);
    assert_err(entry_finish(&entry), ERR_OK);
    for (uint32_t i = 0; i < entry.count; i++) {
        posted += is_fee_account(entry.postings[i].account) ? entry.postings[i].minor : 0;
    }
    return posted;
}

static void all_groups_together_are_what_is_posted_of_any_line(void **state)
{
    (void)state;
    uint64_t chance = test_seed();
    for (int i = 0; i < TRIES; i++) {
        struct fee_sum sums[FEE_GROUP_COUNT] = {0};
        struct statement_line line =
            line_of((enum line_kind)test_random_below(&chance, LINE_KIND_COUNT),
                (int64_t)test_random_below(&chance, 2000) - 1000,
                (int64_t)test_random_below(&chance, 200) - 100);
        uint32_t fees = (uint32_t)test_random_below(&chance, LINE_FEES_MAX + 1);
        for (uint32_t k = 0; k < fees; k++) {
            with_fee(&line, (enum fee_kind)test_random_below(&chance, FEE_KIND_COUNT),
                (int64_t)test_random_below(&chance, 100) - 50);
        }
        assert_err(fees_of_line(&line, sums), ERR_OK);
        int64_t gross = 0;
        for (int group = 0; group < FEE_GROUP_COUNT; group++) {
            gross += sums[group].net_minor + sums[group].tax_minor;
            assert_true(sums[group].returned_minor >= 0 && sums[group].count <= 1);
        }
        assert_int64_equal(gross, posted_fees(&line, i % 2 == 0));
    }
}

static void what_does_not_fit_is_an_error(void **state)
{
    (void)state;
    struct fee_sum sums[FEE_GROUP_COUNT] = {0};
    struct statement_line line = line_of(LINE_FEE, 0, 0);
    line.amount_minor = INT64_MIN;
    assert_err(fees_of_line(&line, sums), ERR_OVERFLOW);
    struct fee_sum most = {.net_minor = INT64_MAX};
    assert_err(fee_sum_add(&most, &(struct fee_sum){.net_minor = 1}), ERR_OVERFLOW);
}

static void names_of_fees_are_without_days_and_numbers(void **state)
{
    (void)state;
    static const struct {
        const char *text, *name;
    } rows[] = {
        {"Billing - Usage Fee (2026-10-01)", "Billing - Usage Fee"},
        {"Radar (2026-10-01 - 2026-10-31): Radar for teams", "Radar"},
        {"Automatic Taxes", "Automatic Taxes"},
        {"Connect: active accounts", "Connect"},
        {"Invoicing - 2026-10", "Invoicing"},
        {"  ", ""},
        {"", ""},
        {"2026-10-01", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_str_equal_to(fee_name(str_from(rows[i].text)), rows[i].name);
    }
    char longer[FEE_NAME_BYTES * 2];
    memset(longer, 'x', sizeof longer);
    assert_int_equal(fee_name((struct str){longer, sizeof longer}).len, FEE_NAME_BYTES);
    assert_int_equal(fee_name(STR_NONE).len, 0);
}

TESTS_MAIN("ledger/fees",
    TEST(fees_of_a_payment_are_apart_by_what_they_are),
    TEST(a_fee_that_came_back_is_told_as_returned),
    TEST(a_fee_that_is_a_line_costs_its_amount),
    TEST(a_line_without_fees_is_in_no_group),
    TEST(all_groups_together_are_what_is_posted_of_any_line),
    TEST(what_does_not_fit_is_an_error),
    TEST(names_of_fees_are_without_days_and_numbers))

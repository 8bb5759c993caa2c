/* A span of days on the merchant's own clock. */
#include "unit/sandbox/lines_shop.h"

#define DAY_S INT64_C(86400)

static void in_days_money_is_available_at_midnight_and_paid_out_then(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = lines_shop_open("all", test_seed(), true);
    lines_shop_live(merchant);
    for (uint32_t i = 0; i < merchant_line_count(merchant, 0); i++) {
        struct merchant_line line;
        merchant_line_at(merchant, 0, i, &line);
        bool is_charge = strcmp(line.type, "charge") == 0;
        assert_true(!is_charge || line.available_on_s == (line.created_s / DAY_S + 2) * DAY_S);
        assert_true(!line.is_payout_own || line.created_s % DAY_S == 0);
        assert_true(!line.is_payout_own || line.effective_s == line.created_s + DAY_S);
    }
    assert_int64_equal(merchant_clock_s(merchant), merchant->config.end_us / 1000000);
}

static void in_days_beginnings_are_spread_over_all_of_them(void **state)
{
    (void)state;
    CLEANUP(merchant_free)
    struct merchant *merchant = lines_shop_open("payments", test_seed(), true);
    uint32_t days[LINES_DAYS + 1] = {0};
    lines_shop_live(merchant);
    for (uint32_t i = 0; i < merchant->payment_pool.made; i++) {
        int64_t since_us = merchant->payments[i].created_s * 1000000 - SHOP_START_US;
        assert_true(
            since_us > -1000000 && since_us < LINES_DAYS * DAY_S * 1000000 - MERCHANT_TAIL_US);
        days[since_us < 0 ? 0 : since_us / 1000000 / DAY_S]++;
    }
    for (int i = 0; i < LINES_DAYS; i++) {
        assert_true(days[i] >= 46 && days[i] <= 49); /* one in half an hour */
    }
    assert_int_equal(merchant->payment_pool.made, merchant->arrivals);
}

static void in_days_the_same_seed_lives_the_same_to_the_byte(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *one = lines_shop_open("all", test_seed(), true);
    CLEANUP(merchant_free) struct merchant *other = lines_shop_open("all", test_seed(), true);
    int64_t at_us = SHOP_START_US;
    enum err err = ERR_OK;
    while (err != ERR_NOT_FOUND) {
        struct merchant_event a = {0}, b = {0};
        at_us += INT64_C(3600) * 1000000; /* the other one is looked at by the hour */
        while ((err = merchant_next_by(other, at_us, &b)) == ERR_OK) {
            assert_err(merchant_next(one, &a), ERR_OK);
            assert_strs_equal(a.body, b.body);
        }
    }
    assert_int_equal(merchant_line_count(one, 0), merchant_line_count(other, 0));
}

TESTS_MAIN("sandbox/days",
    TEST(in_days_money_is_available_at_midnight_and_paid_out_then),
    TEST(in_days_beginnings_are_spread_over_all_of_them),
    TEST(in_days_the_same_seed_lives_the_same_to_the_byte))

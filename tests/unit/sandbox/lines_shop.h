/* lines_shop: shops whose statement is looked at, quick ones and such as live for days.
 *
 * Layer: tests.
 */
#pragma once

#include "sandbox/merchant_internal.h"
#include "unit/sandbox/shop.h"

#define LINES_OBJECTS 30000
#define LINES_EVENTS 8000
#define LINES_DAYS 20

static inline struct merchant *lines_shop_open(const char *mix, uint64_t seed, bool in_days)
{
    struct merchant_config config = {.seed = seed,
        .start_us = SHOP_START_US,
        .mean_gap_us = in_days ? INT64_C(1800) * 1000000 : 100000,
        .objects_max = LINES_OBJECTS};
    assert_err(merchant_mix_parse(str_from(mix), &config.mix), ERR_OK);
    config.end_us = in_days ? SHOP_START_US + LINES_DAYS * INT64_C(86400000000) : 0;
    struct merchant *merchant = merchant_new(&config);
    assert_non_null(merchant);
    return merchant;
}

/* Some thousand events, or all days. */
static inline void lines_shop_live(struct merchant *merchant)
{
    struct merchant_event event = {0};
    enum err err = ERR_OK;
    bool in_days = merchant->config.end_us > 0;
    for (int i = 0; err == ERR_OK && (in_days || i < LINES_EVENTS); i++) {
        err = merchant_next(merchant, &event);
    }
    assert_true(err == ERR_OK || err == ERR_NOT_FOUND);
}

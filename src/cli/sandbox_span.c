#include "cli/sandbox_span.h"
#include "base/check.h"
#include "base/timestamp.h"

bool sandbox_has_span(const struct sandbox_options *options)
{
    return options->span_us > 0;
}

struct merchant_config sandbox_span_shop(const struct sandbox_options *options, int64_t now_us)
{
    struct merchant_config shop = {
        .seed = (uint64_t)options->seed,
        .start_us = now_us,
        .objects_max = SANDBOX_OBJECTS_MAX,
        .mix = options->mix,
        .live = options->live,
        .tells_whole = true,
        .account = options->account,
        .version = options->version,
    };
    if (sandbox_has_span(options)) {
        REQUIRE(options->payments > 0);
        shop.start_us = options->begin_us;
        shop.end_us = options->begin_us + options->span_us;
        shop.mean_gap_us = (options->span_us - MERCHANT_TAIL_US) / options->payments;
    } else {
        REQUIRE(options->rate > 0);
        shop.mean_gap_us = merchant_mix_events(&options->mix) * 1000 / options->rate;
    }
    return shop;
}

bool sandbox_span_may_tell(
    const struct sandbox_options *options, int64_t passed_us, uint64_t events)
{
    int64_t rate = options->rate;
    return !sandbox_has_span(options) || rate < 0 ||
           (int64_t)events * US_PER_SECOND / rate <= passed_us;
}

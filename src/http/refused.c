#include "http/refused.h"
#include "base/check.h"
#include "base/log.h"
#include "base/timestamp.h"

void refused_log_flush(struct refused_log *refused)
{
    REQUIRE(refused != NULL);
    if (refused->left_out > 0) {
        log_event(
            LOG_WARNING, "webhooks_refused_unlogged", log_int("count", (int64_t)refused->left_out));
        refused->left_out = 0;
    }
}

void refused_log_add(
    struct refused_log *refused, int64_t monotonic_us, struct str account, enum unproven why)
{
    REQUIRE(refused != NULL);
    REQUIRE(why < UNPROVEN_COUNT);
    int64_t second = monotonic_us / US_PER_SECOND;
    if (second != refused->second) {
        refused->second = second;
        refused->lines = 0;
        refused_log_flush(refused);
    }
    if (refused->lines == REFUSED_LINES_PER_SECOND) {
        refused->left_out++;
        return;
    }
    refused->lines++;
    log_event(LOG_WARNING, "webhook_refused", log_str("account", account),
        log_text("reason", unproven_word(why)));
}

/* How often lines are asked for, and how far back: LEDGER's rules, from what stands in the store,
 * so that nodes agree and nothing is lost by a restart. */
#include "base/check.h"
#include "base/timestamp.h"
#include "flow/pull_inside.h"

#define OFTEN_US US_PER_HOUR
#define OFTEN_OVERLAP_US (15 * US_PER_MINUTE)
#define DAILY_US US_PER_DAY
#define DAILY_BACK_US (48 * US_PER_HOUR)
#define DAILY_LENGTH_US (47 * US_PER_HOUR) /* a pull of so much counts as one */
#define RATE_OVER_US (3 * US_PER_DAY)
#define LINES_A_DAY_MAX 200000

/* The overlap of pulls counts for lines and for time alike. */
static bool is_large(const struct pull_summary *summary)
{
    int64_t days_us = summary->recent_us > US_PER_HOUR ? summary->recent_us : US_PER_HOUR;
    return summary->recent_lines / (days_us / US_PER_MINUTE) > LINES_A_DAY_MAX / (24 * 60);
}

static int64_t greater(int64_t a, int64_t b)
{
    return a > b ? a : b;
}

/* Pulls by lines, and those by both ways. */
static enum err summarise(struct store *store,
    int64_t scope,
    int64_t now_us,
    struct pull_summary *ret,
    struct err_info *reterr)
{
    struct pull_summary both;
    const int64_t since_us = now_us - RATE_OVER_US;
    TRY(pull_summarise(store, scope, PULL_LINES, DAILY_LENGTH_US, since_us, ret, reterr));
    TRY(pull_summarise(store, scope, PULL_BOTH, DAILY_LENGTH_US, since_us, &both, reterr));
    ret->last_to_us = greater(ret->last_to_us, both.last_to_us);
    ret->last_long_us = greater(ret->last_long_us, both.last_long_us);
    ret->recent_lines += both.recent_lines;
    ret->recent_us += both.recent_us;
    return ERR_OK;
}

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

enum err pull_next(struct store *store,
    int64_t scope,
    int64_t now_us,
    struct pull_due *ret,
    struct err_info *reterr)
{
    struct pull_summary said;
    REQUIRE(ret != NULL && now_us > DAILY_BACK_US);
    TRY(summarise(store, scope, now_us, &said, reterr));
    const int64_t second_us = timestamp_second(now_us);
    /* A clock that was set back must not stop them. */
    bool was_daily = said.last_long_us > 0 && said.last_long_us <= now_us;
    bool was_often = said.last_to_us > 0 && said.last_to_us <= now_us;
    struct pull_due due = {.to_us = second_us - US_PER_SECOND, .is_large = is_large(&said)};
    int64_t often_from_us = was_often ? said.last_to_us - OFTEN_OVERLAP_US : due.to_us;
    due.daily = !was_daily || now_us - said.last_long_us >= DAILY_US;
    due.is_due = due.daily || !was_often || now_us - said.last_to_us >= OFTEN_US;
    due.from_us = due.daily ? lesser(second_us - DAILY_BACK_US, often_from_us) : often_from_us;
    if (!due.is_due) {
        due.wake_us = lesser(said.last_to_us + OFTEN_US, said.last_long_us + DAILY_US);
    }
    *ret = due;
    return ERR_OK;
}

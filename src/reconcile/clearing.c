#include "reconcile/clearing.h"
#include "base/check.h"
#include "base/timestamp.h"

#define SLOW_TIMES 3
#define BUSINESS_DAYS 2
#define FRIDAY 4 /* from Monday, 0 */

static int64_t days_of(int64_t time_us)
{
    int64_t days = time_us / US_PER_DAY;
    return time_us % US_PER_DAY < 0 ? days - 1 : days;
}

/* 1970-01-01 was a Thursday. */
static int64_t weekday_of(int64_t days)
{
    return ((days + 3) % 7 + 7) % 7;
}

int64_t payout_stuck_at(int64_t arrival_us)
{
    int64_t day = days_of(arrival_us);
    for (int left = BUSINESS_DAYS; left > 0;) {
        day++;
        left -= weekday_of(day) <= FRIDAY ? 1 : 0;
    }
    return (day + 1) * US_PER_DAY;
}

/* --- verdicts --- */

/* Money credits what business debits. */
static int64_t theirs_of(const struct clearing_key *key)
{
    return key->money_minor == INT64_MIN ? INT64_MAX : -key->money_minor;
}

static enum clearing_verdict found(const struct clearing_key *key,
    enum discrepancy_code code,
    int64_t since_us,
    struct finding *ret)
{
    *ret = (struct finding){
        .code = code,
        .subject_kind = account_row(key->account)->key,
        .subject = key->key,
        .currency = key->currency,
        .ours_minor = key->business_minor,
        .theirs_minor = theirs_of(key),
        .since_us = since_us,
    };
    return CLEARING_FOUND;
}

static int64_t grace_end(const struct clearing_key *key, enum discrepancy_code code)
{
    int64_t grace_us = code_row(code)->grace_us * (key->is_slow ? SLOW_TIMES : 1);
    int64_t end_us = 0;
    return __builtin_add_overflow(key->since_us, grace_us, &end_us) ? INT64_MAX : end_us;
}

static enum clearing_verdict past_grace(const struct clearing_key *key,
    enum discrepancy_code code,
    int64_t as_of_us,
    struct finding *ret)
{
    return as_of_us >= grace_end(key, code) ? found(key, code, key->since_us, ret) : CLEARING_OPEN;
}

static enum clearing_verdict judge_both(
    const struct clearing_key *key, int64_t as_of_us, struct finding *ret)
{
    if (key->other_currency) {
        return past_grace(key, CODE_CURRENCY_MISMATCH, as_of_us, ret);
    }
    if (key->account != ACCOUNT_CLEARING_DISPUTE) {
        return past_grace(key, CODE_AMOUNT_MISMATCH, as_of_us, ret);
    }
    return key->is_final ? past_grace(key, CODE_DISPUTE_OUTCOME_CONFLICT, as_of_us, ret)
                         : CLEARING_OPEN;
}

static enum clearing_verdict judge_business_only(
    const struct clearing_key *key, int64_t as_of_us, struct finding *ret)
{
    bool is_covered = key->covered_us >= grace_end(key, CODE_MISSING_AT_PROVIDER);
    return key->is_final && is_covered ? past_grace(key, CODE_MISSING_AT_PROVIDER, as_of_us, ret)
                                       : CLEARING_OPEN;
}

static enum clearing_verdict judge_money_only(
    const struct clearing_key *key, int64_t as_of_us, struct finding *ret)
{
    if (key->account == ACCOUNT_CLEARING_PAYOUT && !key->is_final) {
        int64_t stuck_us = payout_stuck_at(key->arrival_us != 0 ? key->arrival_us : key->since_us);
        return as_of_us >= stuck_us ? found(key, CODE_PAYOUT_STUCK, stuck_us, ret) : CLEARING_OPEN;
    }
    /* A dispute's money is taken long before it is decided. */
    bool is_due = key->is_final || key->account == ACCOUNT_CLEARING_DISPUTE;
    return is_due ? past_grace(key, CODE_STATUS_MISMATCH, as_of_us, ret) : CLEARING_OPEN;
}

enum clearing_verdict clearing_judge(
    const struct clearing_key *key, int64_t as_of_us, struct finding *ret_finding)
{
    REQUIRE(account_row(key->account)->owner == STREAM_MEETING);
    REQUIRE(ret_finding != NULL);
    if (key->business_minor == theirs_of(key)) {
        return CLEARING_OPEN;
    }
    if (!key->is_known) {
        return past_grace(key, CODE_MISSING_LOCAL_OBJECT, as_of_us, ret_finding);
    }
    /* The other currency is the other side's; and lines that add up to nothing are there too. */
    bool has_both = key->business_minor != 0 && key->money_minor != 0;
    if (has_both || (key->has_lines && key->other_currency)) {
        return judge_both(key, as_of_us, ret_finding);
    }
    if (key->money_minor != 0) {
        return judge_money_only(key, as_of_us, ret_finding);
    }
    if (!key->has_lines) {
        return judge_business_only(key, as_of_us, ret_finding);
    }
    /* Its lines add up to nothing: the money went and came back, and the state does not say so. */
    return key->account == ACCOUNT_CLEARING_DISPUTE
               ? judge_both(key, as_of_us, ret_finding)
               : past_grace(key, CODE_STATUS_MISMATCH, as_of_us, ret_finding);
}

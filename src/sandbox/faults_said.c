#include "base/check.h"
#include "sandbox/faults_internal.h"

static bool is_done(const struct faults *faults, enum fault_kind kind, struct str line)
{
    return fault_find_line(faults, kind, line) != NULL;
}

bool faults_show_line(
    const struct faults *faults, enum fault_view view, const struct merchant_line *line)
{
    if (faults == NULL || faults->done_count == 0) {
        return true;
    }
    switch (view) {
    case FAULT_VIEW_API:
        return !is_done(faults, FAULT_IS_LINE_ONLY_IN_REPORT, line->id);
    case FAULT_VIEW_PAYOUT:
        return !is_done(faults, FAULT_IS_PAYOUT_SUM, line->id);
    case FAULT_VIEW_REPORT:
        return !is_done(faults, FAULT_IS_LINE_NOT_IN_REPORT, line->id);
    case FAULT_VIEW_SUMMARY:
        return true;
    default:
        UNREACHABLE();
    }
}

/* What it is about cannot be had. */
static bool is_source_hidden(const struct faults *faults, const struct merchant_line *line)
{
    for (uint32_t i = 0; i < faults->done_count; i++) {
        const struct fault_done *done = &faults->done[i];
        bool hides_payment = done->kind == FAULT_IS_DROP_OBJECT &&
                             str_eq(str_from(done->intent), line->payment_intent);
        bool hides_charge =
            done->kind == FAULT_IS_MISSING_OBJECT && str_eq(str_from(done->line), line->id);
        if (hides_payment || hides_charge) {
            return true;
        }
    }
    return false;
}

void faults_alter_line(
    const struct faults *faults, enum fault_view view, struct merchant_line *line)
{
    if (faults == NULL || faults->done_count == 0) {
        return;
    }
    if (is_done(faults, FAULT_IS_WRONG_FEE_SUM, line->id)) {
        INVARIANT(line->fee_count > 0);
        line->fees[0].minor++;
    }
    if (is_done(faults, FAULT_IS_PAYOUT_SUM, line->id)) {
        line->payout = STR_NONE;
        line->payout_effective_s = 0;
    }
    if (view == FAULT_VIEW_REPORT && is_done(faults, FAULT_IS_RESTATE_REPORT, line->id)) {
        line->created_s++;
    }
    line->is_source_hidden = is_source_hidden(faults, line);
}

/* Else the source would say what was exchanged. */
void faults_alter_source(
    const struct faults *faults, const struct merchant_line *line, struct buf *source)
{
    static const char name[] = "\"currency\":\"";
    const size_t name_len = sizeof name - 1;
    if (fault_find_line(faults, FAULT_IS_ALTER_CURRENCY, line->id) == NULL) {
        return;
    }
    REQUIRE(line->currency.len == 3);
    for (size_t at = 0; at + name_len + line->currency.len < source->len; at++) {
        if (memcmp(source->data + at, name, name_len) == 0) {
            memcpy(source->data + at + name_len, line->currency.data, line->currency.len);
        }
    }
}

int64_t faults_in_total(
    const struct faults *faults, struct str currency, int64_t from_s, int64_t to_s)
{
    int64_t sum = 0;
    for (uint32_t i = 0; faults != NULL && i < faults->done_count; i++) {
        const struct fault_done *done = &faults->done[i];
        bool counts = done->kind == FAULT_IS_ROLLFORWARD &&
                      str_eq(str_from(done->currency), currency) && done->at_s >= from_s &&
                      done->at_s < to_s;
        sum += counts ? done->minor : 0;
    }
    return sum;
}

int64_t faults_in_balance(const struct faults *faults, struct str currency)
{
    int64_t sum = 0;
    for (uint32_t i = 0; faults != NULL && i < faults->done_count; i++) {
        const struct fault_done *done = &faults->done[i];
        bool counts =
            done->kind == FAULT_IS_BALANCE_DRIFT && str_eq(str_from(done->currency), currency);
        sum += counts ? done->minor : 0;
    }
    return sum;
}

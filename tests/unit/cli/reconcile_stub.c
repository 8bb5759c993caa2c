/* Stands in for flow/reconcile_report.c where only printing is tested. */
#include "flow/reconcile_report.h"

const char *remainder_word(enum remainder remainder)
{
    static const char *const words[REMAINDER_COUNT] = {
        "none", "not_yet", "by_hand", "not_pulled", "before", "open"};
    return words[remainder];
}

const char *remainder_help(enum remainder remainder)
{
    static const char *const words[REMAINDER_COUNT] = {"they do", "not settled yet", "made by hand",
        "not asked for yet", "from before the books", "nothing explains it"};
    return words[remainder];
}

const struct measure_row *measure_row(enum measure measure)
{
    static const struct measure_row rows[MEASURE_COUNT] = {
        {"C1 events", "", "events", 1000000},
        {"C2 lines", "", "lines", 1000000},
        {"C3 objects", "", "minor units", 999900},
        {"C4 balance", "", "currencies", 1000000},
        {"C5 roll-forward", "", "currencies", 1000000},
        {"C6 payouts", "", "payouts", 1000000},
        {"C7 clearing", "", "minor units", 999900},
        {"C8 timeliness", "", "entries", 990000},
        {"C9 explained", "", "minor units", 999999},
    };
    return &rows[measure];
}

int64_t measure_ppm(int64_t part, int64_t whole)
{
    return whole == 0 ? 1000000 : part * 1000000 / whole;
}

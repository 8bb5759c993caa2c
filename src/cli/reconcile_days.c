#include "cli/reconcile_days.h"
#include "base/check.h"
#include "base/timestamp.h"

static enum err take_day(
    struct str text, const char *option, struct day *ret_day, struct err_info *reterr)
{
    return text.len == 0 || day_parse(text, ret_day) == ERR_OK
               ? ERR_OK
               : err_set(reterr, ERR_USAGE, "%s wants a day like 2026-11-22", option);
}

/* The first and the last one. */
static enum err take_days(const struct days_wish *wish,
    struct day start,
    struct day *first,
    struct day *last,
    struct err_info *reterr)
{
    if (wish->day.len > 0 && (wish->from.len > 0 || wish->to.len > 0)) {
        return err_set(reterr, ERR_USAGE,
            "--day is one day, --from and --to are several: say one or the other");
    }
    if (wish->to.len > 0 && wish->from.len == 0 && wish->start.len == 0) {
        return err_set(reterr, ERR_USAGE, "--to wants --from: the first of the days");
    }
    TRY(take_day(wish->day, "--day", first, reterr));
    TRY(take_day(wish->from, "--from", first, reterr));
    if (wish->start.len > 0 && wish->day.len == 0 && wish->from.len == 0) {
        *first = start;
    }
    if (wish->day.len > 0 || day_compare(*first, *last) > 0) {
        *last = *first;
    }
    return take_day(wish->to, "--to", last, reterr);
}

enum err reconcile_days(const struct days_wish *wish,
    const struct zone *zone,
    int64_t as_of_us,
    struct days *ret_days,
    struct err_info *reterr)
{
    REQUIRE(wish != NULL);
    REQUIRE(ret_days != NULL);
    struct day today = day_of(zone, as_of_us);
    struct day first = day_before(today);
    struct day last = first;
    struct day start = today;
    struct days days = {0};
    int64_t unused = 0;
    TRY(take_day(wish->start, "--start", &start, reterr));
    TRY(take_days(wish, start, &first, &last, reterr));
    if (day_compare(first, last) > 0) {
        return err_set(reterr, ERR_USAGE, "--from lies behind --to");
    }
    if (day_compare(last, today) > 0 || day_compare(start, today) > 0) {
        return err_set(reterr, ERR_USAGE,
            "a day that has not begun, by --as-of or else by the clock, cannot be "
            "reconciled");
    }
    day_bounds(zone, first, &days.from_us, &unused);
    day_bounds(zone, last, &unused, &days.to_us);
    if (wish->start.len > 0) {
        day_bounds(zone, start, &days.start_us, &unused);
    }
    if (days.from_us <= 0 || (wish->start.len > 0 && days.start_us <= 0)) {
        return err_set(reterr, ERR_USAGE, "a day before 1970 has nothing to reconcile");
    }
    *ret_days = days;
    return ERR_OK;
}

int64_t day_clock(const struct zone *zone, struct day day, int64_t at_us)
{
    REQUIRE(at_us >= 0 && at_us < US_PER_DAY);
    int64_t midnight_us = 0;
    int64_t unused = 0;
    day_bounds(NULL, day, &midnight_us, &unused);
    return zone == NULL ? midnight_us + at_us : zone_to_utc(zone, midnight_us + at_us);
}

struct day day_closed(const struct zone *zone, int64_t at_us, int64_t now_us, int64_t *ret_due_us)
{
    REQUIRE(ret_due_us != NULL);
    struct day today = day_of(zone, now_us);
    int64_t due_us = day_clock(zone, today, at_us);
    if (due_us > now_us) {
        today = day_before(today);
        due_us = day_clock(zone, today, at_us);
    }
    *ret_due_us = due_us;
    return day_before(today);
}

#include "base/zone.h"
#include "base/check.h"
#include "base/timestamp.h"
#include <glib.h>

#define ZONE_NAME_BYTES_MAX 64
/* No clock is further from UTC; local mean times and zones that skipped a day included. */
#define OFFSET_US_MAX (26 * US_PER_HOUR)

struct zone {
    GTimeZone *rules;
};

/* GLib takes other spellings too, and looks below a folder for what it does not know. */
static bool is_name(struct str name)
{
    if (name.len > ZONE_NAME_BYTES_MAX || name.data[0] < 'A' || name.data[0] > 'Z') {
        return false;
    }
    for (size_t i = 0; i < name.len; i++) {
        if (!g_ascii_isalnum(name.data[i]) && strchr("/_+-", name.data[i]) == NULL) {
            return false;
        }
    }
    return memchr(name.data, '\0', name.len) == NULL;
}

enum err zone_open(struct str name, struct zone **ret_zone)
{
    REQUIRE(ret_zone != NULL);
    char text[ZONE_NAME_BYTES_MAX + 1];
    struct str known = name.len == 0 ? STR("UTC") : name;
    if (!is_name(known)) {
        return ERR_NOT_FOUND;
    }
    (void)str_copy_to(text, sizeof text, known);
    GTimeZone *rules = g_time_zone_new_identifier(text);
    if (rules == NULL) {
        return ERR_NOT_FOUND;
    }
    struct zone *zone = g_new0(struct zone, 1);
    zone->rules = rules;
    *ret_zone = zone;
    return ERR_OK;
}

struct zone *zone_close(struct zone *zone)
{
    if (zone != NULL) {
        g_time_zone_unref(zone->rules);
        g_free(zone);
    }
    return NULL;
}

static int64_t whole_seconds(int64_t time_us)
{
    int64_t seconds = time_us / US_PER_SECOND;
    return time_us % US_PER_SECOND < 0 ? seconds - 1 : seconds;
}

static int interval_at(const struct zone *zone, int64_t seconds)
{
    return g_time_zone_find_interval(zone->rules, G_TIME_TYPE_UNIVERSAL, seconds);
}

static int64_t interval_offset_us(const struct zone *zone, int interval)
{
    return g_time_zone_get_offset(zone->rules, interval) * US_PER_SECOND;
}

int64_t zone_offset_us(const struct zone *zone, int64_t time_us)
{
    return zone == NULL ? 0 : interval_offset_us(zone, interval_at(zone, whole_seconds(time_us)));
}

/* The clocks jumped over that time: when they did. They do at whole seconds. */
static int64_t end_of_gap(const struct zone *zone, int64_t local_us)
{
    int64_t before = whole_seconds(local_us - OFFSET_US_MAX);
    int64_t after = whole_seconds(local_us + OFFSET_US_MAX) + 1;
    while (after - before > 1) {
        int64_t middle = before + (after - before) / 2;
        int64_t shown_us = middle * US_PER_SECOND + zone_offset_us(zone, middle * US_PER_SECOND);
        if (shown_us >= local_us) {
            after = middle;
        } else {
            before = middle;
        }
    }
    return after * US_PER_SECOND;
}

int64_t zone_to_utc(const struct zone *zone, int64_t local_us)
{
    REQUIRE(local_us > INT64_MIN / 2 && local_us < INT64_MAX / 2);
    if (zone == NULL) {
        return local_us;
    }
    int last = interval_at(zone, whole_seconds(local_us + OFFSET_US_MAX));
    int64_t first_us = INT64_MAX;
    for (int i = interval_at(zone, whole_seconds(local_us - OFFSET_US_MAX)); i <= last; i++) {
        int64_t candidate_us = local_us - interval_offset_us(zone, i);
        if (candidate_us < first_us &&
            candidate_us + zone_offset_us(zone, candidate_us) == local_us) {
            first_us = candidate_us;
        }
    }
    return first_us != INT64_MAX ? first_us : end_of_gap(zone, local_us);
}

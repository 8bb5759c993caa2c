#include "base/check.h"
#include "cli/show.h"
#include <inttypes.h>
#include <stdio.h>

static int compare_stamps(const struct stamp *a, const struct stamp *b)
{
    int seconds = (a->at_us > b->at_us) - (a->at_us < b->at_us);
    return seconds != 0 ? seconds : (a->rank > b->rank) - (a->rank < b->rank);
}

/* The newest that was accepted of the same object, other than `of` itself; NULL when there is none.
 */
static const struct inbox_effect *newest_accepted(
    const struct shown *shown, const struct inbox_effect *of)
{
    const struct inbox_effect *newest = NULL;
    for (uint32_t i = 0; i < shown->moment_count; i++) {
        const struct timeline_entry *entry = shown->moments[i].effect;
        if (entry == NULL || entry->effect.seq == of->seq ||
            entry->effect.effect != EFFECT_APPLIED ||
            !own_id_eq(entry->effect.object_id, of->object_id)) {
            continue;
        }
        if (newest == NULL || compare_stamps(&entry->effect.stamp, &newest->stamp) > 0) {
            newest = &entry->effect;
        }
    }
    return newest;
}

void show_why(const struct shown *shown, const struct inbox_effect *effect, char *to, size_t size)
{
    const struct inbox_effect *newer = newest_accepted(shown, effect);
    const char *contested =
        effect->contested ? "; contested: no rule orders the events of that second" : "";
    switch (effect->effect) {
    case EFFECT_APPLIED:
        if (newer != NULL && newer->seq < effect->seq &&
            compare_stamps(&newer->stamp, &effect->stamp) > 0) {
            (void)snprintf(to, size, "applied: facts only, %" PRId64 " says something newer%s",
                newer->seq, contested);
        } else {
            (void)snprintf(to, size, "applied%s", contested);
        }
        return;
    case EFFECT_SAME:
        (void)snprintf(to, size, "same: says nothing new%s", contested);
        return;
    case EFFECT_STALE:
        if (newer != NULL && compare_stamps(&newer->stamp, &effect->stamp) > 0) {
            (void)snprintf(
                to, size, "stale: %" PRId64 " says something newer%s", newer->seq, contested);
        } else if (newer != NULL) {
            (void)snprintf(
                to, size, "stale: %" PRId64 " stands for that second%s", newer->seq, contested);
        } else {
            (void)snprintf(to, size, "stale: something newer was known%s", contested);
        }
        return;
    case EFFECT_COUNT:
    default:
        UNREACHABLE();
    }
}

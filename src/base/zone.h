/* zone: time zones of the system's tz database.
 *
 * Layer: base. Source: IANA tz database, through GLib's GTimeZone.
 */
#pragma once

#include "base/str.h"

struct zone;

/* "Europe/Paris"; an empty name is UTC. ERR_NOT_FOUND: this machine does not know it. */
MUST_USE enum err zone_open(struct str name, struct zone **ret_zone);
struct zone *zone_close(struct zone *zone); /* NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct zone *, zone_close);

/* What is added to UTC at that moment. NULL is UTC. */
int64_t zone_offset_us(const struct zone *zone, int64_t time_us);
/* The first moment at which the zone's clocks show that time or a later one; `local_us` is counted
 * as if it were UTC. */
int64_t zone_to_utc(const struct zone *zone, int64_t local_us);

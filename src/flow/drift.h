/* drift: notices when the provider's events stop looking as they did.
 *
 * Counts for each (event type, API version, field) how often the field was there. A field that was
 * there in 99 of 100 of at least a thousand events, and then is absent twenty times in a row, has
 * drifted: said once in the log, counted, and shown by doctor from what is stored. So are words of
 * a status that no table knows.
 *
 * A worker's own; what it counts is added to the store now and then, in a transaction with a batch.
 *
 * Layer: flow.
 */
#pragma once

#include "store/drift.h"
#include "provider/provider.h"

#define DRIFT_SEEN_MIN 1000
#define DRIFT_ABSENT_IN_ROW 20

struct drift;
struct drift *drift_new(void); /* NULL without memory */
struct drift *drift_free(struct drift *drift);
DEFINE_CLEANUP(struct drift *, drift_free);

/* Loads what was counted before: it decides whether an absence is odd. */
MUST_USE enum err drift_load(struct drift *drift, struct store *store, struct err_info *reterr);

/* Counts what the decoder looked for in one event. Beyond a bound of keys new ones are not
 * counted. */
void drift_note(struct drift *drift,
    struct str event_type,
    struct str api_version,
    const struct notice_list *of);

/* Writes what is new, if the time has come; afterwards, once that transaction is committed,
 * drift_saved. */
MUST_USE enum err drift_save(
    struct drift *drift, struct store *store, int64_t now_us, struct err_info *reterr);
void drift_saved(struct drift *drift);

/* Has a field with these counts drifted? Pure; doctor asks it too. */
bool drift_is_odd(const struct drift_count *count);

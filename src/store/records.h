/* records: aggregates, by their field tables (domain/record.h); one statement per kind and verb,
 * made once.
 *
 * Layer: store.
 */
#pragma once

#include "domain/aggregates.h"
#include "store/store.h"

/* Loads the records of `ids` (sorted here, in place) into the arena: *ret_records is an array of
 * pointers, NULL where none is stored. `lock` takes row locks in key order (PostgreSQL). */
MUST_USE enum err records_load(struct store *store,
    const struct record_kind *kind,
    struct own_id *ids,
    uint32_t count,
    bool lock,
    struct arena *arena,
    void ***ret_records,
    struct err_info *reterr);

/* All attempts of each payment, in no order; at most LIMIT_ATTEMPTS each, ERR_TOO_LARGE beyond. */
MUST_USE enum err attempts_of_payments(struct store *store,
    const struct own_id *payments,
    uint32_t count,
    struct arena *arena,
    struct attempt ***ret_attempts,
    uint32_t *ret_count,
    struct err_info *reterr);
/* The records of `kind` whose `field` (one of the kind's, of type ID) is `id`: at most `limit` of
 * them, those first that became known last. Whoever asks for a new pair looks that its column has
 * an index. */
MUST_USE enum err records_linked(struct store *store,
    const struct record_kind *kind,
    const struct field *field,
    struct own_id id,
    uint32_t limit,
    struct arena *arena,
    void ***ret_records,
    uint32_t *ret_count,
    struct err_info *reterr);

/* The same for many ids at once: (*ret_linked)[i] are the records of ids[i]. ERR_TOO_LARGE when one
 * has more than `limit`: nobody is to reckon with a part of them. */
struct linked {
    void **records;
    uint32_t count;
};
MUST_USE enum err records_linked_to(struct store *store,
    const struct record_kind *kind,
    const struct field *field,
    const struct own_id *ids,
    uint32_t count,
    uint32_t limit,
    struct arena *arena,
    struct linked **ret_linked,
    struct err_info *reterr);

/* Writes new (version 0) and changed records, in key order, and counts each one's version up in
 * memory. ERR_CONFLICT when a version is not what was loaded: roll back and do the batch again. */
MUST_USE enum err records_save(struct store *store,
    const struct record_kind *kind,
    void **records,
    uint32_t count,
    struct err_info *reterr);

/* All records of a scope (0: all scopes) in id order, after `after`, at most `limit`: for verify,
 * export. */
MUST_USE enum err records_scan(struct store *store,
    const struct record_kind *kind,
    int64_t scope,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    void ***ret_records,
    uint32_t *ret_count,
    struct err_info *reterr);

/* Payments by state and currency, for the live view. */
struct payment_total {
    int64_t scope;
    int state;
    struct currency currency;
    int64_t count, amount_minor, received_minor, refunded_minor;
};
MUST_USE enum err payment_totals(struct store *store,
    struct arena *arena,
    struct payment_total **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* Attempts that are stubs, and records of any kind that are contested, with the oldest recorded
 * time. */
struct oddities {
    int64_t stubs, stubs_oldest_us; /* stubs older than `stub_before_us` only */
    int64_t contested, contested_oldest_us;
};
MUST_USE enum err records_oddities(
    struct store *store, int64_t stub_before_us, struct oddities *ret, struct err_info *reterr);

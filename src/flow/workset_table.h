/* workset_table: the records of a workset, found by own id. Private to the workset.
 *
 * Layer: flow.
 */
#pragma once

#include "domain/decide.h"
#include "store/records.h"

struct entry {
    struct own_id id;
    enum id_kind kind;
    int64_t scope;
    bool is_new; /* its id was made in this transaction: nothing to load */
    bool dirty;
    int64_t touched_by;                 /* seq of the event that touched it last; 0: none */
    int64_t touched_at_us;              /* when that occurred */
    void *record;                       /* NULL: not stored and not made yet */
    struct payment_aggregate aggregate; /* ID_PAYMENT: its copy of the record, and its attempts */
    uint32_t attempt_room;
    struct posting_part *posting; /* flow/posting.h; NULL: the books do not look at it */
    bool has_print;
    uint64_t print; /* posting_print() before the batch touched it */
};

struct table {
    struct arena *arena;
    struct entry **slots; /* open addressing, at most half full */
    uint32_t slot_count;
    struct entry **entries; /* in the order of their first mention */
    uint32_t entry_count, entry_room;
    uint32_t loaded_count; /* of the entries, by the loads so far */
};

/* Room for `expected` entries at first; grows. ERR_TOO_LARGE: arena. */
MUST_USE enum err table_init(struct table *table, struct arena *arena, uint32_t expected);
MUST_USE enum err table_expect(
    struct table *table, enum id_kind kind, struct own_id id, int64_t scope, bool is_new);
struct entry *table_find(const struct table *table, struct own_id id); /* NULL: unknown */

/* Loads what was expected since the last load, payments with all their attempts. `lock` takes row
 * locks, in key order: once in a transaction, or two workers may wait for each other. */
MUST_USE enum err table_load(
    struct table *table, struct store *store, bool lock, struct err_info *reterr);

/* A fresh record for an entry without one. */
MUST_USE enum err table_make_record(struct table *table, struct entry *entry, int64_t now_us);
bool table_has_attempt(const struct entry *payment, const struct attempt *attempt);
MUST_USE enum err table_add_attempt(
    struct table *table, struct entry *payment, struct attempt *attempt);

/* Writes the dirty ones. */
MUST_USE enum err table_save(struct table *table, struct store *store, struct err_info *reterr);

/* Doubles an array in the arena when it is full. */
bool table_grow(struct arena *arena, void **array, uint32_t count, uint32_t *room, size_t size);

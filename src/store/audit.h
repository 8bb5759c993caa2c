/* audit: what people decided, append-only; who is the operating-system user. And what runs of
 * reconciliation did with discrepancies, as "reconcile".
 *
 * Layer: store.
 */
#pragma once

#include "store/store.h"

struct audit_entry {
    int64_t at_us;
    struct str who, action, subject, reason; /* "root", "dead_letter.discard", "inbox:17", "..." */
};
MUST_USE enum err audit_append(
    struct store *store, const struct audit_entry *entry, struct err_info *reterr);
/* The same of many, in the order of the array. */
MUST_USE enum err audit_append_all(struct store *store,
    const struct audit_entry *entries,
    uint32_t count,
    struct err_info *reterr);
MUST_USE enum err audit_of(struct store *store,
    struct str subject,
    struct arena *arena,
    struct audit_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr);

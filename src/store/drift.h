/* drift: how often each field of the provider's events was there, and words that no table knows.
 *
 * Statistics: neither primary nor derived; nothing rebuilds them, and the books do not need them.
 *
 * Layer: store.
 */
#pragma once

#include "store/store.h"

struct drift_count { /* of one field in events of one type and API version */
    struct str event_type, api_version;
    struct str field; /* "charge.amount" */
    int64_t seen, absent;
    int64_t absent_in_row; /* absent since it was last seen */
};
struct drift_word {
    struct str event_type, field, word;
    int64_t count;
};

/* Adds the counts, in one transaction with others; absent_in_row is replaced. Equal keys may stand
 * there once only. */
MUST_USE enum err drift_add(struct store *store,
    const struct drift_count *counts,
    uint32_t count,
    int64_t now_us,
    struct err_info *reterr);
MUST_USE enum err drift_add_words(struct store *store,
    const struct drift_word *words,
    uint32_t count,
    int64_t now_us,
    struct err_info *reterr);

/* All of them, in the arena. */
MUST_USE enum err drift_list(struct store *store,
    struct arena *arena,
    struct drift_count **ret_counts,
    uint32_t *ret_count,
    struct err_info *reterr);
MUST_USE enum err drift_list_words(struct store *store,
    struct arena *arena,
    struct drift_word **ret_words,
    uint32_t *ret_count,
    struct err_info *reterr);

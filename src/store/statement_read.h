/* statement_read: the lines that are kept, for whoever asks what moved: of a payout, of an object,
 * of a time. Lists come page by page, in the order of the lines' ids, which is that of the time
 * that was told of them first.
 *
 * Layer: store. Source of the meaning: store/statement.h.
 */
#pragma once

#include "store/statement.h"

struct kept_lines { /* in the arena */
    struct kept_line *items;
    uint32_t count; /* as many as the limit: there may be more behind the last */
};

/* The lines in a payout, of which its own is none, behind `after` (none: from the first), at most
 * `limit`. */
MUST_USE enum err statement_of_payout(struct store *store,
    struct own_id payout,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr);
/* The lines that are about an object itself: of a payment's attempt its own, not its refunds'. */
MUST_USE enum err statement_of_source(struct store *store,
    struct own_id source,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr);
/* The lines of an attempt, and of all refunds and disputes of it. */
MUST_USE enum err statement_of_attempt(struct store *store,
    struct own_id attempt,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr);
/* The lines of a scope (0: of all) whose first told time is in [from_us, to_us), both from 0 up.
 * Takes as long as all scopes have lines of that time. */
MUST_USE enum err statement_between(struct store *store,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr);

/* Of those of one scope the lines that only the API told, or only files. Whether the others should
 * have told them, who asks must know: see pull_covered_until(). */
MUST_USE enum err statement_told_by_one(struct store *store,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr);

/* One line by our id; ret->scope is 0 when there is none. */
MUST_USE enum err statement_line_by_id(struct store *store,
    struct own_id line,
    struct arena *arena,
    struct kept_line *ret,
    struct err_info *reterr);
/* One line by the provider's id, in `scope` or (0) in any; ret->scope is 0 when there is none.
 * ERR_CONFLICT: several scopes have one. */
MUST_USE enum err statement_line_by_name(struct store *store,
    int64_t scope,
    struct str provider_id,
    struct arena *arena,
    struct kept_line *ret,
    struct err_info *reterr);

/* names[i]: the provider's first id of what lines[i] is about; empty: it is about nothing that is
 * known. In the arena. */
MUST_USE enum err statement_source_names(struct store *store,
    const struct kept_line *lines,
    uint32_t count,
    struct arena *arena,
    struct str *names,
    struct err_info *reterr);

/* All lines of a scope and currency up to a line, and without it. */
struct statement_sum {
    int64_t count, net_minor;
};
/* Takes as long as the statement is up to there. ERR_OVERFLOW, of SQLite ERR_INVALID: it does not
 * fit. */
MUST_USE enum err statement_sum_before(struct store *store,
    int64_t scope,
    struct currency currency,
    struct own_id line,
    struct statement_sum *ret,
    struct err_info *reterr);
/* The oldest line of a scope in that currency; ret->scope is 0 when there is none. */
MUST_USE enum err statement_first(struct store *store,
    int64_t scope,
    struct currency currency,
    struct arena *arena,
    struct kept_line *ret,
    struct err_info *reterr);

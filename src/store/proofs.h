/* proofs: sums over the statement and the books, and what in them may not agree, for
 * reconciliation. Reading only.
 *
 * A line moves the balance at its created_us; that of a payout when it left (effective_us).
 * Sums that do not fit: ERR_OVERFLOW, of SQLite ERR_INVALID.
 *
 * Layer: store.
 */
#pragma once

#include "store/inbox.h"
#include "store/statement.h"
#include "store/statement_read.h"

/* --- sums --- */

struct line_sums {
    struct currency currency;
    enum line_kind kind;
    int64_t count, amount_minor, fee_minor, net_minor;
    int64_t unposted; /* of the lines: moved something, and have no entry */
};
/* What moved in [from_us, to_us), by currency and kind, in the order of codes and of lines.def.
 * Takes as long as the days have lines. */
MUST_USE enum err proof_movements(struct store *store,
    int64_t scope,
    int64_t from_us,
    int64_t to_us,
    struct arena *arena,
    struct line_sums **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* The same, but for `unposted`, of all lines that were made since; those of payouts too: the
 * provider takes a payout off its balance when it is made. */
MUST_USE enum err proof_made_since(struct store *store,
    int64_t scope,
    int64_t from_us,
    struct arena *arena,
    struct line_sums **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* Lines in payouts, but for the payouts' own. */
struct payout_sum {
    struct own_id payout; /* in */
    int64_t count, net_minor;
    int64_t first_us;    /* when the oldest was made; 0: there is none */
    bool other_currency; /* than that of the first: then net_minor says nothing */
};
MUST_USE enum err proof_payouts(
    struct store *store, struct payout_sum *payouts, uint32_t count, struct err_info *reterr);

/* What the provider's own summary says of just these days, by categories of its own; none: no
 * summary of them was fetched. */
struct totals_wanted {
    int64_t scope;
    struct str pull;        /* what such a pull is called: see pull.h */
    int64_t from_us, to_us; /* to_us: the moment before which the days end */
};
MUST_USE enum err proof_totals(struct store *store,
    const struct totals_wanted *wanted,
    struct arena *arena,
    struct kept_total **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* How long after an event its entry was posted: of at most PROOF_SAMPLE_MAX business entries that
 * were recorded before `before_us`, the newest. */
#define PROOF_SAMPLE_MAX 2000
struct timeliness {
    int64_t count, within, p99_us; /* within: the target */
};
MUST_USE enum err proof_timeliness(struct store *store,
    int64_t scope,
    int64_t before_us,
    int64_t target_us,
    struct timeliness *ret,
    struct err_info *reterr);

/* --- what may not agree --- */

/* Lines with flaws, behind `after`, at most `limit`. */
MUST_USE enum err proof_flawed(struct store *store,
    int64_t scope,
    struct own_id after,
    uint32_t limit,
    struct arena *arena,
    struct kept_lines *ret,
    struct err_info *reterr);
/* What was said otherwise of a line, by field and what was said. */
MUST_USE enum err proof_restated(struct store *store,
    struct own_id line,
    struct arena *arena,
    struct restatement **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);
/* Of each object: how many lines the statement has about it. */
MUST_USE enum err proof_lines_of(struct store *store,
    const struct own_id *sources,
    uint32_t count,
    int64_t *ret_counts,
    struct err_info *reterr);
/* The provider's first id of each; empty: none. In the arena. */
MUST_USE enum err proof_names(struct store *store,
    const struct own_id *ids,
    uint32_t count,
    struct arena *arena,
    struct str *ret_names,
    struct err_info *reterr);

/* Events of which two bodies came over one channel in one version, as far as twice.h has looked, by
 * event id; at most `limit`. */
struct twice_told {
    struct str event_id, type;
    int64_t first_seq, second_seq, occurred_at_us; /* of the second */
};
MUST_USE enum err proof_twice_told(struct store *store,
    int64_t scope,
    uint32_t limit,
    struct arena *arena,
    struct twice_told **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);
/* The same of what stands in (after_seq, to_seq], whoever has looked; takes as long as that is. */
MUST_USE enum err proof_twice_between(struct store *store,
    int64_t scope,
    int64_t after_seq,
    int64_t to_seq,
    uint32_t limit,
    struct arena *arena,
    struct twice_told **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);
/* Dead letters of a scope, by number. */
struct dead_event {
    struct str event_id, type, error;
    int64_t seq, occurred_at_us, received_us;
};
MUST_USE enum err proof_dead(struct store *store,
    int64_t scope,
    int64_t after_seq,
    uint32_t limit,
    struct arena *arena,
    struct dead_event **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

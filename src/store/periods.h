/* periods: which months of a scope's books were closed and reopened, append-only.
 *
 * Layer: store. Source of the meaning: ledger/period.h.
 */
#pragma once

#include "store/journal.h"
#include "ledger/period.h"

struct period_row {
    int64_t scope;
    int64_t number; /* out of add: 1, 2, 3... of the scope */
    struct period_step step;
    struct str who, reason;
    int64_t at_us;
};

/* All of a scope, the oldest first. */
MUST_USE enum err periods_list(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct period_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);
/* The same for who asks to which month entries belong. */
MUST_USE enum err periods_log(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct period_log *ret,
    struct err_info *reterr);

/* Under journal_lock() of its scope; step.entry is filled in: the journal's last number. */
MUST_USE enum err periods_add(struct store *store, struct period_row *row, struct err_info *reterr);

/* The first month behind the last closed one that has entries, of those before `period`;
 * PERIOD_NONE: there is none. Takes as long as the scope's journal is. */
MUST_USE enum err periods_first_open(struct store *store,
    int64_t scope,
    const struct period_log *log,
    int64_t period,
    int64_t *ret_period,
    struct err_info *reterr);

/* What accounts held at the end of a month, all keys together, in the order of the chart: of the
 * scopes together, each by its own log. `keys` is 0. Takes as long as their journals are. */
MUST_USE enum err periods_balances(struct store *store,
    const int64_t *scopes,
    uint32_t count,
    int64_t period,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* reconcile_start: books that begin in the middle of an account's history.
 *
 * What is older than the beginning is before the books: its lines are kept and not posted, its
 * objects raise no alarm. The first run that reads the provider's balance posts what it held then
 * against equity:opening.
 *
 * Layer: flow.
 */
#pragma once

#include "store/runs.h"

/* Inside a write transaction; writes to the audit log, too. ERR_DUPLICATE: they begin at another
 * time. */
MUST_USE enum err reconcile_start(
    struct store *store, const struct books_start *start, struct err_info *reterr);

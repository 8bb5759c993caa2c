/* policy: how the books of a scope are posted: as its account is configured, else as the account
 * above it is, else by every default.
 *
 * Layer: flow.
 */
#pragma once

#include "store/store.h"
#include "flow/accounts.h"

/* ret[i]: that of scopes[i]. Inside a transaction; costs nothing while every account has the
 * defaults. `accounts` may be NULL: there is none. ERR_TOO_LARGE: arena */
MUST_USE enum err policy_of_scopes(struct store *store,
    const struct accounts *accounts,
    const int64_t *scopes,
    uint32_t count,
    struct arena *arena,
    struct books_policy *ret,
    struct err_info *reterr);

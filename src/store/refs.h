/* refs: scopes, and provider_ref: the only place where a provider's id is a key.
 *
 * Layer: store.
 */
#pragma once

#include "domain/id.h"
#include "store/store.h"

struct scope_key {
    struct str provider;    /* its name in the configuration */
    bool live;              /* environment */
    struct str account_key; /* provider account id, or the label of the configuration */
};

/* The scope's number; made on first sight. */
MUST_USE enum err scope_ensure(
    struct store *store, const struct scope_key *key, int64_t *ret_scope, struct err_info *reterr);
/* The same for an account that may be connected to the one whose key is `above`, of the same
 * provider and environment; empty, or its own: to none. What it is connected to is decided when it
 * is made, for ever, because own ids depend on it; and never goes over more than one step: what is
 * connected to a connected account is below that one's account. */
MUST_USE enum err scope_ensure_below(struct store *store,
    const struct scope_key *key,
    struct str above,
    int64_t *ret_scope,
    struct err_info *reterr);

struct scope_row {
    int64_t scope;
    int64_t root; /* the scope of the account that it is connected to; its own: to none */
    struct str provider, environment, account_key;
    int64_t position; /* of its last domain event */
};
MUST_USE enum err scope_list(struct store *store,
    struct arena *arena,
    struct scope_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* The accounts connected to `root`, by their scopes' numbers, behind `after`; at most row_max. Only
 * scope, root and account_key are set. */
MUST_USE enum err scope_list_below(struct store *store,
    int64_t root,
    int64_t after,
    uint32_t row_max,
    struct arena *arena,
    struct scope_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* Whose each scope is. In: row.scope. Out: the rest of the row but its position, and the key of its
 * root; a scope that is not there has empty keys. */
struct scope_owner {
    struct scope_row row;
    struct str root_key;
};
MUST_USE enum err scope_owners(struct store *store,
    struct scope_owner *owners,
    uint32_t count,
    struct arena *arena,
    struct err_info *reterr);

/* In which scope a provider id of `kind` is resolved that was named in `scope`. A connected account
 * is named by the account above it and by its own events, and is the same for both: by an id of the
 * scope above. */
static inline int64_t ref_scope(enum id_kind kind, int64_t scope, int64_t root)
{
    return kind == ID_CONNECTED_ACCOUNT ? root : scope;
}

struct ref {
    int64_t scope; /* by ref_scope() */
    enum id_kind kind;
    struct str provider_id;
    struct own_id id; /* in: the id to give if there is none yet; out: the id that stands */
    bool created;     /* out */
};

/* Looks up and makes what is missing. The rows need not be sorted nor unique: equal keys get equal
 * ids (the first row's). Rows are written in key order, so that two workers cannot deadlock.
 * ERR_STORE_IO when two kinds of the batch have one id: somebody has written to the table. */
MUST_USE enum err refs_resolve(struct store *store,
    struct arena *arena,
    struct ref *refs,
    uint32_t count,
    struct err_info *reterr);

/* Provider id to own id, without making one, as it is named in `scope`; 0: in any, ERR_CONFLICT
 * when in several. *ret_scope is the scope of what it names. ERR_NOT_FOUND. */
MUST_USE enum err ref_find(struct store *store,
    int64_t scope,
    enum id_kind kind,
    struct str provider_id,
    struct own_id *ret_id,
    int64_t *ret_scope,
    struct err_info *reterr);
/* Own id to the provider's ids (a payment may have two: its own and its only charge's). */
MUST_USE enum err ref_names(struct store *store,
    enum id_kind kind,
    struct own_id id,
    struct arena *arena,
    struct str **ret_provider_ids,
    uint32_t *ret_count,
    struct err_info *reterr);

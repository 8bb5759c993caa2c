/* refs: scopes, and provider_ref: the only place where a provider's id is a key.
 *
 * Layer: store.
 */
#pragma once

#include "domain/id.h"
#include "store/store.h"

struct scope_key {
    struct str provider;    /* "stripe" */
    bool live;              /* environment */
    struct str account_key; /* provider account id, or the label of the configuration */
};

/* The scope's number; made on first sight. */
MUST_USE enum err scope_ensure(
    struct store *store, const struct scope_key *key, int64_t *ret_scope, struct err_info *reterr);

struct scope_row {
    int64_t scope;
    struct str provider, environment, account_key;
    int64_t position; /* of its last domain event */
};
MUST_USE enum err scope_list(struct store *store,
    struct arena *arena,
    struct scope_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

struct ref {
    int64_t scope;
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

/* Provider id to own id, without making one; scope 0: in any scope, ERR_CONFLICT when in several.
 * ERR_NOT_FOUND. */
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

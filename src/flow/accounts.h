/* accounts: who may deliver here, and with which secrets; replaced whole on reload, never changed
 * in place.
 *
 * Layer: flow.
 */
#pragma once

#include "provider/provider.h"
#include "ledger/line.h"
#include "ledger/target.h"

/* How to ask the provider itself; an account without a key is never asked for. */
struct account_reading {
    struct str key;        /* a secret; empty: none */
    struct str base_url;   /* empty: the provider's own host */
    struct str account_id; /* the provider's id of the account; empty when none is configured */
    bool full_key_allowed;
    int64_t
        requests_per_s; /* of one session, at most; 0: what the provider's client thinks right */
};

/* How the books of an account are posted; all zero: every default. */
struct books_policy {
    struct target_policy target;
    struct line_policy line;
};

struct account {
    struct provider_account says; /* name, account_key, environment, secrets */
    const struct provider_ops *provider;
    struct account_reading reads;
    struct books_policy books; /* also of the accounts connected to it */
    struct str zone;           /* of its days, as in the tz database; empty: UTC */
};

struct accounts; /* an immutable, counted set */

/* Copies everything, secrets included. The caller owns one reference. NULL without memory. */
struct accounts *accounts_new(const struct account *entries, uint32_t count);
struct accounts *accounts_hold(struct accounts *accounts); /* one more reference */
/* Gives a reference back; the last one wipes the secrets and frees. NULL does nothing; returns
 * NULL. */
struct accounts *accounts_drop(struct accounts *accounts);
DEFINE_CLEANUP(struct accounts *, accounts_drop);

const struct account *accounts_find(
    const struct accounts *accounts, struct str name); /* NULL: none */
uint32_t accounts_count(const struct accounts *accounts);
const struct account *accounts_at(const struct accounts *accounts, uint32_t index);

/* A session with the account's provider. Requires a key and a provider with an API. Errors as
 * provider_api_ops.open. */
MUST_USE enum err account_open_api(const struct account *account,
    struct env *env,
    const atomic_bool *cancelled,
    struct provider_api **ret_api,
    struct err_info *reterr);
/* The same, once the provider has said that the key is of the account that is configured: what
 * another account has must get into no books. ERR_CONFIG: it is not. Nothing is asked where no id
 * is configured, and a key that may not say whose it is is taken. Errors as provider_api_ops.look
 * too. */
MUST_USE enum err account_open_own_api(const struct account *account,
    struct env *env,
    const atomic_bool *cancelled,
    struct provider_api **ret_api,
    struct err_info *reterr);
bool account_is_readable(const struct account *account); /* it has a key, and an API */

/* Whom to ask about what belongs to an account's scope: the account itself, or the one that it is
 * connected to, whose key is `root_key`. NULL: nobody. `*ret_api` is a session with it. */
typedef const struct account *account_to_ask_fn(
    void *context, struct str root_key, bool live, struct provider_api **ret_api);
/* The account to name in a request of the root's session; empty for its own. */
struct str account_below(struct str account_key, struct str root_key);

/* The set in force, shared by threads. */
struct accounts_current;
struct accounts_current *accounts_current_new(struct accounts *first); /* takes the reference */
struct accounts_current *accounts_current_free(struct accounts_current *current);
struct accounts *accounts_current_hold(
    struct accounts_current *current); /* a reference of the caller's */
void accounts_current_replace(
    struct accounts_current *current, struct accounts *next); /* takes it */

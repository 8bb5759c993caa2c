/* fetch: asks a provider for what it has: events that never arrived, objects older than its events.
 *
 * What comes is a delivery like any other: it goes into the inbox (channel `backfill` or `fetch`)
 * and is decoded from there. Nobody changes state from here.
 *
 * Blocking and bounded (a request with all its attempts takes two minutes at most, and waits by
 * env_sleep); one provider_api is used by one thread at a time. Accounts below one
 * configured account (Connect) share its provider_api, and so its connection, its key and its rate.
 *
 * Layer: provider (port).
 */
#pragma once

#include "base/arena.h"
#include "base/env.h"
#include "domain/envelope.h"
#include "domain/id.h"
#include <stdatomic.h>

struct provider_api;

struct provider_api_setup {
    struct str base_url;    /* empty: the provider's own host, where TLS is always verified */
    struct str key;         /* the account's key.read; copied, and wiped when closed */
    struct str account_key; /* the provider's own account id; empty when none is configured */
    bool live;
    bool full_key_allowed;  /* a full live key, which can move money */
    int64_t requests_per_s; /* at most; 0: what the client thinks right */
    struct env *env;
    const atomic_bool *cancelled; /* may be NULL; once it is set every verb soon ends: ERR_CLOSED */
};

/* A proven delivery. An element of a list has the exact bytes that it has in the page. An object
 * that is no event has a made event id (object id @ second of the answer), the type
 * "fetched.<object>", and the answer's Date as the time it occurred. */
struct fetched {
    struct envelope envelope;
    struct str body;
    bool is_cut; /* a list in it is longer than LIMIT_API_PAGES or LIMIT_BODY_BYTES allow */
};

struct fetch_page { /* all in the arena */
    uint32_t count;
    struct fetched *items;  /* newest first, as the provider has them */
    struct str cursor;      /* asks for the next page */
    bool more;              /* also when count is 0: others were left out */
    uint32_t missing;       /* objects that were left out since one of their lists was not given */
    struct str why_missing; /* of the first of them */
};

struct fetch_range {
    int64_t from_us, to_us; /* made within; whole seconds, both included */
};

struct fetch_endpoint { /* where the provider sends webhooks to */
    struct str url;
    uint32_t event_type_count;
    struct str *event_types; /* "*" stands as it is */
};

/* What the provider says of the key and the endpoint, for doctor. */
struct fetch_account {
    struct str account_key; /* whom the key belongs to; empty when it may not say */
    bool live;
    bool endpoints_known; /* the key may list them */
    uint32_t endpoint_count;
    struct fetch_endpoint *endpoints; /* those that are enabled */
};

/* A request failed and is tried again in `wait_us`; `why` says which and what was wrong. */
typedef void fetch_wait_fn(void *context, int64_t wait_us, const char *why);

/* Every verb: ERR_NET_IO, ERR_TIMEOUT (later), ERR_BUSY (the provider asks to wait), ERR_REFUSED
 * (the key, or what it may), ERR_CONFIG (the key is of the other environment: nothing of the answer
 * is given out), ERR_NOT_FOUND, ERR_MALFORMED (an answer that is not the provider's),
 * ERR_TOO_LARGE; *reterr says what to do. Retries by class of error have been made already. */
struct provider_api_ops {
    /* ERR_CONFIG: the key or the URL must not be used so; ERR_BUSY: no memory. */
    MUST_USE enum err (*open)(const struct provider_api_setup *setup,
        struct provider_api **ret_api,
        struct err_info *reterr);
    struct provider_api *(*close)(struct provider_api *api); /* NULL does nothing; returns NULL */

    /* may; whom to tell of waits, before each, on the calling thread. NULL: nobody. */
    void (*tell_waits)(struct provider_api *api, fetch_wait_fn *on_wait, void *context);

    /* `account` is empty, or an account below. `types` may be none: all. `cursor` is empty at
     * first. ERR_IMPOSSIBLE: the list goes in circles. */
    MUST_USE enum err (*events)(struct provider_api *api,
        struct str account,
        struct fetch_range range,
        const struct str *types,
        uint32_t type_count,
        struct str cursor,
        struct arena *arena,
        struct fetch_page *ret_page,
        struct err_info *reterr);

    bool (*lists)(enum id_kind kind); /* are there lists of such objects? */

    /* Objects of one kind by the time they were made. ERR_INVALID: that kind cannot be listed.
     * One whose lists are not given to their end is left out: page.missing. */
    MUST_USE enum err (*objects)(struct provider_api *api,
        struct str account,
        enum id_kind kind,
        struct fetch_range range,
        struct str cursor,
        struct arena *arena,
        struct fetch_page *ret_page,
        struct err_info *reterr);

    /* What comes is what was asked for, of the session's environment, with its lists to their end,
     * and not from the future. ERR_NOT_FOUND, ERR_INVALID: there is none. */
    MUST_USE enum err (*object)(struct provider_api *api,
        struct str account,
        enum id_kind kind,
        struct str provider_id,
        struct arena *arena,
        struct fetched *ret_fetched,
        struct err_info *reterr);

    MUST_USE enum err (*look)(struct provider_api *api,
        struct arena *arena,
        struct fetch_account *ret_account,
        struct err_info *reterr);
};

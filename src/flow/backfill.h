/* backfill: walks one of a provider's lists, newest first, and puts into the inbox what it lacks: a
 * page a step, its events and how far it came in one transaction.
 *
 * A walk with a name goes on where the one before it stopped, and then walks what that one did not
 * reach: what is newer, what is older.
 *
 * Layer: flow.
 */
#pragma once

#include "store/store.h"
#include "flow/accounts.h"

struct backfill;

struct backfill_setup { /* all borrowed */
    struct store *store;
    const struct account *account;
    struct provider_api *api;
    struct env *env;
    struct str below; /* an account below the account; empty: itself */
    bool objects;     /* of `kind`, instead of events */
    enum id_kind kind;
    const struct str *types; /* of events; none: all */
    uint32_t type_count;
    int64_t from_us, to_us; /* whole seconds, both included */
    struct str name;        /* of its mark in the store; empty: it neither resumes nor leaves one */
    bool only_look;         /* keeps nothing; then it must have no name */
    bool by_id;             /* an event that is there in another API version is known */
};

struct backfill_counts {
    int64_t found;
    int64_t added;   /* back-filled, or with only_look: would be */
    int64_t known;   /* the inbox had them */
    int64_t missing; /* could not be kept: larger than an event may be */
};

struct backfill_progress {
    struct backfill_counts counts;
    int64_t walked_us, left_us; /* of the time to be walked; events only */
    bool resumed;
};

struct backfill *backfill_new(const struct backfill_setup *setup); /* NULL without memory */
struct backfill *backfill_free(struct backfill *backfill);         /* NULL does nothing */
DEFINE_CLEANUP(struct backfill *, backfill_free);

/* Asks for a page, unless one waits to be kept, and keeps it. *ret_more: call again. After an error
 * of the store or of the network the same step may be tried again: nothing is lost and nothing is
 * asked for twice. Errors of provider_api_ops and of the store. */
MUST_USE enum err backfill_step(struct backfill *backfill, bool *ret_more, struct err_info *reterr);

struct backfill_progress backfill_progress(const struct backfill *backfill);

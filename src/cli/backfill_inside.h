/* backfill_inside: what the files of `counterfoil backfill` share. Private to them.
 *
 *   backfill.c       options, account, answer
 *   backfill_walk.c  walks and their progress, of the account and of those connected to it
 *
 * Layer: cli.
 */
#pragma once

#include "base/limits.h"
#include "flow/backfill.h"
#include "cli/command.h"
#include "cli/progress.h"

#define TYPES_MAX 64
#define FAILED_MAX 100 /* accounts that the answer names */

struct filling { /* what the command was asked, and how far it came */
    struct command_context *context;
    struct str account_label, since, until, types_text, connected;
    bool objects, dry_run;
    struct str types[TYPES_MAX];
    uint32_t type_count;
    int64_t from_us, to_us;
    const struct account *account;
    struct store *store;
    struct provider_api *api;
    struct str below;    /* the connected account at hand; empty: none */
    struct buf name;     /* of the walk at hand */
    struct str at_fault; /* the connected account whose error ends all; empty: none */
    int64_t began_us;
    struct progress progress;
    struct backfill_counts sums;
    uint32_t refused_kinds; /* of objects, that the provider would not list */
    /* Connected ones. */
    uint32_t accounts, refused_accounts, failed_accounts, failed_count;
    enum err failed_with;                                 /* the first of failed_accounts */
    char failed[FAILED_MAX][LIMIT_PROVIDER_ID_BYTES + 1]; /* refused or failed: failed_count */
};

bool backfill_wants_all(const struct filling *filling); /* connected accounts, all that are known */

/* All that was asked for. Sums stand in `filling`, also when it fails. */
MUST_USE enum err backfill_walk(struct filling *filling, struct err_info *reterr);

/* The session's tell_waits(): `context` is the filling. */
void backfill_show_wait(void *context, int64_t wait_us, const char *why);

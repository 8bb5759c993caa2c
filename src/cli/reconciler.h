/* reconciler: the thread of serve that reconciles every account with a key.read: the day that is
 * not over now and then, the days that are over once each at a time of the account's own clock;
 * those also of accounts that are connected to it, in turns.
 *
 * What fails is logged and tried again with back-off; it never stops serve. Of several nodes one
 * reconciles an account at a time.
 *
 * Layer: cli.
 */
#pragma once

#include "flow/accounts.h"
#include "cli/config.h"

struct reconciler;

struct reconciler_setup {        /* all borrowed */
    const struct config *config; /* store, [reconcile] */
    struct accounts_current *accounts;
    struct env *env;
};

MUST_USE enum err reconciler_start(const struct reconciler_setup *setup,
    struct reconciler **ret_reconciler,
    struct err_info *reterr);

/* Gives up what is under way, which goes on after the next start, and joins. NULL does nothing;
 * returns NULL. */
struct reconciler *reconciler_stop(struct reconciler *reconciler);

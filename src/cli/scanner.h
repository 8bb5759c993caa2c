/* scanner: the thread of serve that asks the providers what webhooks have lost, and for the objects
 * of thin events whose twins do not come.
 *
 * Accounts without key.read are left alone; accounts and keys that a reload brings are taken over.
 * What fails is logged and tried again with back-off; it never stops serve.
 *
 * Layer: cli.
 */
#pragma once

#include "flow/accounts.h"
#include "cli/config.h"

struct scanner;

struct scanner_setup {           /* all borrowed */
    const struct config *config; /* store and times */
    struct accounts_current *accounts;
    struct env *env;
};

MUST_USE enum err scanner_start(
    const struct scanner_setup *setup, struct scanner **ret_scanner, struct err_info *reterr);

/* Ends what it has asked for, and joins. NULL does nothing; returns NULL. */
struct scanner *scanner_stop(struct scanner *scanner);

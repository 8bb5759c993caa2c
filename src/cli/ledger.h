/* ledger: the verbs of `counterfoil ledger`, one file for each or two.
 *
 * Layer: cli; private to ledger_*.c.
 */
#pragma once

#include "flow/repost.h"
#include "cli/command.h"

int ledger_accounts(struct command_context *context);
int ledger_balance(struct command_context *context);
int ledger_trial_balance(struct command_context *context);
int ledger_account(struct command_context *context);
int ledger_journal(struct command_context *context);
int ledger_post(struct command_context *context);
int ledger_close(struct command_context *context);
int ledger_reopen(struct command_context *context);
int ledger_periods(struct command_context *context);
int ledger_fees(struct command_context *context);
int ledger_receivables(struct command_context *context);

/* Posts what is missing in the books by the policies of the configuration, with progress on a
 * terminal; outside a transaction. */
MUST_USE enum err ledger_post_all(const struct command_context *context,
    struct store *store,
    const struct config *config,
    bool dry_run,
    struct repost_counts *ret_counts,
    struct err_info *reterr);

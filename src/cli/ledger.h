/* ledger: the verbs of `counterfoil ledger`, one file for each or two.
 *
 * Layer: cli; private to ledger_*.c.
 */
#pragma once

#include "cli/command.h"

int ledger_accounts(struct command_context *context);
int ledger_balance(struct command_context *context);
int ledger_trial_balance(struct command_context *context);
int ledger_account(struct command_context *context);
int ledger_journal(struct command_context *context);

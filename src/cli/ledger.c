#include "cli/ledger.h"

int command_ledger(struct command_context *context)
{
    static const struct command_verb verbs[] = {
        {"accounts", "the accounts of the books, who posts there, and what the kinds of lines post",
            ledger_accounts},
        {"balance", "what each account holds", ledger_balance},
        {"trial-balance", "debits and credits of all accounts, and whether they agree",
            ledger_trial_balance},
        {"account", "one account: what is open on it, or what was posted there", ledger_account},
        {"journal", "the entries, in the order in which they were made", ledger_journal},
        {"post", "posts what the books should show and do not show yet", ledger_post},
        {"fees", "what the provider took in a month, by what it was for", ledger_fees},
        {"receivables", "what invoices are open, and for how long", ledger_receivables},
        {"close", "closes a month: what comes late for it belongs to the next one", ledger_close},
        {"reopen", "opens the last closed month again, with a reason", ledger_reopen},
        {"periods", "which months were closed and reopened, by whom and why", ledger_periods},
        {NULL, NULL, NULL},
    };
    return command_verbs(
        context, "Reads the books: double entry, kept with everything that changes.", verbs);
}

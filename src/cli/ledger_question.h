/* ledger_question: what the books hold, as balance and trial-balance ask for it.
 *
 * Layer: cli; private to ledger_balance.c and ledger_trial.c.
 */
#pragma once

#include "store/journal.h"
#include "cli/command.h"

struct question {
    struct command_context *context;
    const struct config *config; /* while it is answered */
    struct str account_word;     /* of one configured account; empty: of all */
    struct str name;             /* of accounts; empty: of all */
    struct str at, period_word, currency_word;
    int64_t at_us, period; /* at most one of both words is given */
    struct currency currency;
    bool verify;
    bool only_due;                   /* without what becomes available later */
    struct arena *arena;             /* of the answer */
    struct ledger_balance *balances; /* in the order of the chart */
    uint32_t count;
    struct ledger_flaw *flaws;
    uint32_t flaw_count;
};

/* `assets:clearing` stands for the accounts below it too. */
bool question_names(const struct question *question, enum ledger_account account);

/* Judge what was asked, and say what is wrong. ERR_USAGE */
MUST_USE enum err question_take_currency(struct question *question);
MUST_USE enum err question_take_period(struct question *question);

/* Reads the answer and has it printed; returns the exit code. */
typedef int answer_fn(struct question *question);
int question_answer(struct question *question, answer_fn *print);

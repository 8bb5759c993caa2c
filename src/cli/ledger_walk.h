/* ledger_walk: the journal for commands, page by page: bounded memory and short transactions,
 * however long it is.
 *
 * Layer: cli; for ledger and export.
 */
#pragma once

#include "store/journal.h"
#include "cli/command.h"

/* Called outside of any transaction; `provider_ids` are separated by blanks, and may be empty. */
typedef enum err ledger_take_fn(void *context,
    const struct journal_entry *entry,
    struct str provider_ids,
    struct err_info *reterr);

struct ledger_walk {
    struct store *store;         /* borrowed */
    const struct config *config; /* borrowed */
    struct str account_word;     /* of one configured account; empty: of all scopes in turn */
    int64_t after;               /* a number; other than 0 only with a single scope */
    uint64_t limit;              /* 0: all */
    int64_t from_us, to_us;      /* of effective time: from <= it < to */
    struct str period_word;      /* "2026-10": only what belongs to that month; empty: to any */
    ledger_take_fn *take;
    void *context;
};

/* The entries of each scope in the order of their numbers. Ends early, with ERR_OK, when stopped or
 * when nobody reads any more. ERR_NOT_FOUND: no such account; ERR_USAGE: `after`, and several; no
 * such month. */
MUST_USE enum err ledger_walk(const struct ledger_walk *walk, struct err_info *reterr);

/* The scopes that a command is about, in the arena. In a transaction of its own. */
struct ledger_scopes {
    int64_t *scopes;
    uint32_t count;
};
MUST_USE enum err ledger_scopes(struct store *store,
    const struct config *config,
    struct str account_word,
    struct arena *arena,
    struct ledger_scopes *ret,
    struct err_info *reterr);

/* A month of the books: "2026-10". ERR_USAGE says what is wanted. */
MUST_USE enum err ledger_period_find(struct str word, int64_t *ret_period, struct err_info *reterr);

/* An account of the books by its name. ERR_NOT_FOUND was said. */
MUST_USE enum err ledger_account_find(
    struct command_context *context, struct str name, enum ledger_account *ret);

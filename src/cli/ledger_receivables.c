#include "cli/ledger_receivables.h"
#include "base/check.h"
#include "store/records.h"
#include "cli/ledger.h"
#include "cli/ledger_walk.h"
#include "cli/output.h"
#include <stdlib.h>

#define PAGE_KEYS 500
#define PAGE_KEYS_AT 50000 /* each page reads the journal */
#define PAGE_BYTES ((size_t)256 * 1024 * 1024)
#define SCOPES_BYTES ((size_t)64 * 1024 * 1024)

struct walk {
    struct receivables *asked;
    struct store *store;
    struct arena *arena; /* of a page */
    struct ledger_scopes scopes;
    enum ledger_account account;
    int64_t scope;
    struct ledger_balance last; /* of the page before */
    bool has_last;
    struct receivable *rows; /* of the page */
    uint32_t count;
};

/* --- a page --- */

static enum err out_of_room(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "a page of receivables needs too much memory");
}

static uint32_t page_keys(const struct walk *walk)
{
    return walk->asked->at_word.len > 0 ? PAGE_KEYS_AT : PAGE_KEYS;
}

static enum err read_balances(struct walk *walk, struct store *store, struct err_info *reterr)
{
    struct ledger_balance *balances = NULL;
    const struct ledger_balance *after = walk->has_last ? &walk->last : NULL;
    TRY(walk->asked->at_word.len > 0
            ? ledger_keys_at(store, walk->scope, walk->account, walk->asked->at_us, after,
                  page_keys(walk), walk->arena, &balances, &walk->count, reterr)
            : ledger_keys(store, walk->scope, walk->account, after, page_keys(walk), walk->arena,
                  &balances, &walk->count, reterr));
    walk->rows = arena_new_array(walk->arena, struct receivable, walk->count);
    if (walk->rows == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < walk->count; i++) {
        walk->rows[i].balance = balances[i];
        walk->last = balances[i];
        walk->has_last = true;
    }
    return ERR_OK;
}

static int compare_ids(const void *a, const void *b)
{
    return own_id_compare(*(const struct own_id *)a, *(const struct own_id *)b);
}

static enum err read_invoices(struct walk *walk, struct store *store, struct err_info *reterr)
{
    struct own_id *ids = arena_new_array(walk->arena, struct own_id, walk->count);
    void **records = NULL;
    uint32_t count = 0;
    if (ids == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < walk->count; i++) {
        ids[i] = walk->rows[i].balance.key;
    }
    if (walk->count > 0) {
        qsort(ids, walk->count, sizeof *ids, compare_ids);
    }
    for (uint32_t i = 0; i < walk->count; i++) { /* one may be open in two currencies */
        if (count == 0 || own_id_compare(ids[count - 1], ids[i]) != 0) {
            ids[count++] = ids[i];
        }
    }
    TRY(records_load(
        store, record_kind_of(ID_INVOICE), ids, count, false, walk->arena, &records, reterr));
    for (uint32_t i = 0; i < walk->count; i++) {
        const struct own_id *found =
            bsearch(&walk->rows[i].balance.key, ids, count, sizeof *ids, compare_ids);
        INVARIANT(found != NULL);
        walk->rows[i].invoice = records[found - ids];
    }
    return ERR_OK;
}

/* Invoices that are charged have no day on which they are due: they are due once they are final.
 * One that is not known yet is as old as what was posted for it. */
static void judge_age(struct receivable *row, int64_t at_us)
{
    const struct invoice *invoice = row->invoice;
    row->due_us = row->balance.since_us;
    row->due_from = "posted";
    if (invoice != NULL && invoice->due_at != 0) {
        row->due_us = invoice->due_at;
        row->due_from = "due_at";
    } else if (invoice != NULL && invoice->finalized_at != 0) {
        row->due_us = invoice->finalized_at;
        row->due_from = "finalized_at";
    }
    row->age = age_of(row->due_us, at_us);
}

/* Names of what is owed, and of who owes it: two for each row. */
static enum err read_names(struct walk *walk, struct store *store, struct err_info *reterr)
{
    bool of_invoices = walk->account == ACCOUNT_RECEIVABLE_INVOICES;
    struct journal_entry *named =
        arena_new_array(walk->arena, struct journal_entry, (size_t)walk->count * 2);
    struct str *names = NULL;
    if (named == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < walk->count; i++) {
        const struct invoice *invoice = walk->rows[i].invoice;
        named[2 * i].subject_kind = of_invoices ? ID_INVOICE : ID_DISPUTE;
        named[2 * i].subject = walk->rows[i].balance.key;
        named[2 * i + 1].subject_kind = ID_CUSTOMER;
        named[2 * i + 1].subject = invoice != NULL ? invoice->customer_id : (struct own_id){{0}};
    }
    TRY(journal_names(store, named, walk->count * 2, walk->arena, &names, reterr));
    for (uint32_t i = 0; i < walk->count; i++) {
        walk->rows[i].names = names[2 * i];
        walk->rows[i].customer_names = names[2 * i + 1];
    }
    return ERR_OK;
}

static enum err read_page(struct walk *walk, struct store *store, struct err_info *reterr)
{
    arena_reset(walk->arena);
    TRY(read_balances(walk, store, reterr));
    if (walk->account == ACCOUNT_RECEIVABLE_INVOICES) {
        TRY(read_invoices(walk, store, reterr));
    }
    for (uint32_t i = 0; i < walk->count; i++) {
        judge_age(&walk->rows[i], walk->asked->at_us);
    }
    return walk->asked->list ? read_names(walk, store, reterr) : ERR_OK;
}

/* --- sums --- */

static struct aged *aged_of(struct receivables *asked, struct currency currency)
{
    for (uint32_t i = 0; i < asked->sum_count; i++) {
        if (currency_eq(asked->sums[i].currency, currency)) {
            return &asked->sums[i];
        }
    }
    if (asked->sum_count == AGED_MAX) {
        return NULL;
    }
    struct aged *aged = &asked->sums[asked->sum_count++];
    *aged = (struct aged){.currency = currency};
    return aged;
}

static enum err add_to(struct aged_sum *sum, int64_t minor)
{
    sum->count++;
    return minor_add(sum->minor, minor, &sum->minor);
}

static enum err add_row(struct walk *walk, const struct receivable *row, struct err_info *reterr)
{
    struct aged *aged = aged_of(walk->asked, row->balance.currency);
    enum err err = ERR_OK;
    if (aged == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "receivables are in too many currencies");
    }
    if (walk->account == ACCOUNT_RECEIVABLE_DISPUTES) {
        err = add_to(&aged->disputes, row->balance.minor);
    } else {
        err = add_to(&aged->ages[row->age], row->balance.minor);
        err = err != ERR_OK ? err : add_to(&aged->invoices, row->balance.minor);
    }
    return err == ERR_OK ? ERR_OK : err_set(reterr, err, "receivables do not fit into 64 bits");
}

static int compare_sums(const void *a, const void *b)
{
    const struct aged *left = a;
    const struct aged *right = b;
    return strcmp(left->currency.code, right->currency.code);
}

/* --- all pages --- */

typedef enum err next_page_fn(struct walk *walk, struct err_info *reterr);

static enum err next_page_inside(struct walk *walk, struct err_info *reterr)
{
    return read_page(walk, walk->store, reterr);
}

static enum err page_alone(struct store *store, void *context, struct err_info *reterr)
{
    return read_page(context, store, reterr);
}

static enum err next_page_alone(struct walk *walk, struct err_info *reterr)
{
    return command_transaction(walk->store, STORE_READ, page_alone, walk, reterr);
}

static enum err walk_account(struct walk *walk, next_page_fn *next_page, struct err_info *reterr)
{
    walk->has_last = false;
    do {
        TRY(next_page(walk, reterr));
        for (uint32_t i = 0; i < walk->count; i++) {
            TRY(add_row(walk, &walk->rows[i], reterr));
            if (walk->asked->list) {
                receivables_list_row(walk->asked, &walk->rows[i]);
            }
        }
    } while (walk->count == page_keys(walk) && !output_is_gone() && !command_is_stopped());
    return ERR_OK;
}

static enum err walk_all(struct walk *walk, next_page_fn *next_page, struct err_info *reterr)
{
    static const enum ledger_account accounts[] = {
        ACCOUNT_RECEIVABLE_INVOICES, ACCOUNT_RECEIVABLE_DISPUTES};
    walk->asked->sum_count = 0;
    for (size_t i = 0; i < sizeof accounts / sizeof accounts[0]; i++) {
        walk->account = accounts[i];
        for (uint32_t k = 0; k < walk->scopes.count; k++) {
            walk->scope = walk->scopes.scopes[k];
            TRY(walk_account(walk, next_page, reterr));
        }
    }
    return command_is_stopped() ? err_set(reterr, ERR_CLOSED, "stopped before the end") : ERR_OK;
}

/* Sums are of one moment. A list may be long and its reader slow: it holds no transaction. */
static enum err walk_at_once(struct store *store, void *context, struct err_info *reterr)
{
    (void)store;
    return walk_all(context, next_page_inside, reterr);
}

static enum err answer(struct receivables *asked,
    struct store *store,
    const struct config *config,
    struct err_info *reterr)
{
    CLEANUP(arena_free) struct arena *names = arena_new(SCOPES_BYTES);
    CLEANUP(arena_free) struct arena *arena = arena_new(PAGE_BYTES);
    struct walk walk = {.asked = asked, .store = store, .arena = arena};
    if (names == NULL || arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(ledger_scopes(store, config, asked->account_word, names, &walk.scopes, reterr));
    if (asked->list) {
        receivables_list_begin(asked);
        TRY(walk_all(&walk, next_page_alone, reterr));
    } else {
        TRY(command_transaction(store, STORE_READ, walk_at_once, &walk, reterr));
    }
    qsort(asked->sums, asked->sum_count, sizeof asked->sums[0], compare_sums);
    return receivables_print(asked);
}

/* --- the command --- */

static int run(struct receivables *asked)
{
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    struct err_info info = {""};
    int exit_code = 0;
    if (asked->csv && asked->context->json) {
        return command_refuse(asked->context, ERR_USAGE, "say --csv or --json, not both");
    }
    asked->at_us = env_now(asked->context->env);
    if (options_time(asked->context, "--at", asked->at_word, &asked->at_us) != ERR_OK) {
        return err_exit_code(ERR_USAGE);
    }
    command_catch_signals();
    if (command_open_ready(asked->context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    enum err err = answer(asked, store, config, &info);
    return err == ERR_OK ? 0 : command_fail(asked->context, err, &info);
}

int ledger_receivables(struct command_context *context)
{
    struct receivables asked = {.context = context};
    const struct option_row options[] = {
        {"--at", OPTION_TEXT, "TIME", "as of then: of what had happened before (default: now)",
            &asked.at_word},
        {"--account", OPTION_TEXT, "ACCOUNT", "of one configured account: its label, or its scope",
            &asked.account_word},
        {"--list", OPTION_FLAG, NULL, "each invoice and dispute, too", &asked.list},
        {"--csv", OPTION_FLAG, NULL, "for programs, with decimal amounts", &asked.csv},
        {0},
    };
    const struct usage usage = {
        .synopsis = "ledger receivables [--at TIME] [--account ACCOUNT] [--list] [--csv]",
        .description =
            "Prints what is open on assets:receivable:invoices by how long it is due, for each "
            "currency, and apart\n"
            "from it what is open on assets:receivable:disputes. An invoice that is charged is due "
            "once it is final.\n"
            "The sums are what the accounts hold. --at takes as long as the journal is.",
        .options = options};
    int exit_code = 0;
    return options_take(context, &usage, &exit_code) ? run(&asked) : exit_code;
}

#include "flow/reconcile_start.h"
#include "base/timestamp.h"
#include "store/audit.h"
#include "flow/reconcile_inside.h"
#include <stdio.h>

#define OPENED_BY STR("opening")
#define OLDER_BY STR("older")
#define ENTRY_ROOM (2 * FINDING_PAGE + 8)

static const struct own_id no_key;

/* --- the decision --- */

enum err reconcile_start(
    struct store *store, const struct books_start *start, struct err_info *reterr)
{
    char date[TIMESTAMP_TEXT_BYTES];
    char subject[64];
    timestamp_format(start->start_us, date);
    (void)snprintf(subject, sizeof subject, "scope:%lld", (long long)start->scope);
    TRY(books_start_set(store, start, reterr));
    const struct audit_entry entry = {.at_us = start->decided_us,
        .who = start->who,
        .action = STR("books.start"),
        .subject = str_from(subject),
        .reason = str_from(date)};
    return audit_append(store, &entry, reterr);
}

/* --- entries of the beginning --- */

static enum err begin_entry(
    struct reconcile *run, struct ledger_entry *entry, struct err_info *reterr)
{
    struct posting *postings = arena_new_array(run->setup.arena, struct posting, ENTRY_ROOM);
    if (postings == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "out of the memory for one entry");
    }
    entry_begin(entry, STREAM_PEOPLE, postings, ENTRY_ROOM);
    return ERR_OK;
}

static struct journal_entry entry_row(
    const struct reconcile *run, const struct ledger_entry *entry, struct str what)
{
    return (struct journal_entry){.scope = run->run.scope,
        .stream = STREAM_PEOPLE,
        .subject_kind = SUBJECT_DECISION,
        .subject = derived_id(run->start.start_us, 'O', run->run.scope, 0, what),
        .effective_us = run->start.start_us,
        .recorded_us = env_now(run->setup.env),
        .postings = entry->postings,
        .posting_count = entry->count};
}

/* --- what is older and has not cleared --- */

static enum err fill_older(struct reconcile *run,
    const struct ledger_balance *keys,
    uint32_t count,
    struct journal_entry *row,
    struct err_info *reterr)
{
    struct ledger_entry entry;
    TRY(begin_entry(run, &entry, reterr));
    for (uint32_t i = 0; i < count; i++) {
        TRY(entry_credit(&entry, keys[i].account, keys[i].key, keys[i].currency, keys[i].minor));
        TRY(entry_debit(&entry, ACCOUNT_OPENING, no_key, keys[i].currency, keys[i].minor));
    }
    TRY(entry_finish(&entry));
    *row = entry_row(run, &entry, OLDER_BY);
    return ERR_OK;
}

enum err reconcile_file_older(struct reconcile *run, struct err_info *reterr)
{
    TRY(journal_lock(run->setup.store, &run->run.scope, 1, reterr));
    TRY(find_in_clearing(run, reterr)); /* once more: none of it can change now */
    uint32_t entry_count = 0;
    struct journal_entry *rows = arena_new_array(
        run->setup.arena, struct journal_entry, run->older_count / FINDING_PAGE + 1);
    if (rows == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "out of the memory for what is older");
    }
    for (uint32_t i = 0; i < run->older_count; i += FINDING_PAGE) {
        uint32_t left = run->older_count - i;
        TRY(fill_older(run, &run->older[i], left < FINDING_PAGE ? left : FINDING_PAGE,
            &rows[entry_count++], reterr));
    }
    return entry_count == 0 ? ERR_OK : journal_append(run->setup.store, rows, entry_count, reterr);
}

/* --- what was there --- */

static enum err open_account(struct ledger_entry *entry,
    enum ledger_account account,
    const struct held_row *held,
    int64_t said_minor,
    int64_t books_minor)
{
    int64_t minor = 0;
    TRY(minor_subtract(said_minor, books_minor, &minor));
    TRY(entry_debit(entry, account, no_key, held->currency, minor));
    return entry_credit(entry, ACCOUNT_OPENING, no_key, held->currency, minor);
}

enum err reconcile_open_books(struct reconcile *run, struct err_info *reterr)
{
    struct held_row *held = NULL;
    struct ledger_entry entry;
    uint32_t count = 0;
    TRY(journal_lock(run->setup.store, &run->run.scope, 1, reterr));
    TRY(books_start_get(run->setup.store, run->run.scope, run->setup.arena, &run->start, reterr));
    if (run->start.opened_us != 0) {
        return ERR_OK; /* by a try whose end was not heard of */
    }
    TRY(reconcile_hold(run, run->pages, &held, &count, reterr));
    TRY(begin_entry(run, &entry, reterr));
    for (uint32_t i = 0; i < count; i++) {
        TRY(open_account(&entry, ACCOUNT_PROVIDER_AVAILABLE, &held[i], held[i].said_free_minor,
            held[i].books_free_minor));
        if (held[i].said_reserved_minor != 0) {
            TRY(open_account(&entry, ACCOUNT_RESERVE_RISK, &held[i], held[i].said_reserved_minor,
                held[i].books_reserved_minor));
        }
    }
    TRY(entry_finish(&entry));
    struct journal_entry row = entry_row(run, &entry, OPENED_BY);
    TRY(books_start_opened(run->setup.store, run->run.scope, row.recorded_us, reterr));
    return entry.count == 0 ? ERR_OK : journal_append(run->setup.store, &row, 1, reterr);
}

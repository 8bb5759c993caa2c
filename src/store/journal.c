#include "store/journal.h"
#include "store/internal.h"
#include <inttypes.h>
#include <stdlib.h>

static const struct sql_statement head_advance = {
    .text = "INSERT INTO journal_head (scope, entry) VALUES (?1, ?2) "
            "ON CONFLICT (scope) DO UPDATE SET entry = journal_head.entry + excluded.entry "
            "RETURNING entry",
    .parameters = "ii",
};
static const struct sql_statement head_lock = {
    .text = "INSERT INTO journal_head (scope, entry) VALUES (?1, 0) "
            "ON CONFLICT (scope) DO UPDATE SET entry = journal_head.entry",
    .parameters = "i",
};
static const struct sql_statement entry_add = {
    .text = "INSERT INTO journal_entry (scope, entry, stream, subject_kind, subject, effective_us, "
            "recorded_us, cause_seq) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    .parameters = "iittbiii",
    .postgres_set =
        "INSERT INTO journal_entry (scope, entry, stream, subject_kind, subject, effective_us, "
        "recorded_us, cause_seq) SELECT * FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)",
    .sqlite_set =
        "INSERT INTO journal_entry (scope, entry, stream, subject_kind, subject, effective_us, "
        "recorded_us, cause_seq) SELECT c1, c2, c3, c4, c5, c6, c7, c8 FROM given",
};
static const struct sql_statement posting_add = {
    .text = "INSERT INTO posting (subject, scope, entry, line, account, currency, key, minor, "
            "effective_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    .parameters = "biiittbii",
    .postgres_set =
        "INSERT INTO posting (subject, scope, entry, line, account, currency, key, minor, "
        "effective_us) SELECT * FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    .sqlite_set =
        "INSERT INTO posting (subject, scope, entry, line, account, currency, key, minor, "
        "effective_us) SELECT c1, c2, c3, c4, c5, c6, c7, c8, c9 FROM given",
};
static const struct sql_statement balance_add = {
    .text = "INSERT INTO ledger_balance (scope, account, currency, key, minor, since_us) "
            "VALUES (?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (scope, account, currency, key) "
            "DO UPDATE SET minor = ledger_balance.minor + excluded.minor",
    .parameters = "ittbii",
    .postgres_set =
        "INSERT INTO ledger_balance (scope, account, currency, key, minor, since_us) "
        "SELECT * FROM unnest(?1, ?2, ?3, ?4, ?5, ?6) ON CONFLICT (scope, account, currency, key) "
        "DO UPDATE SET minor = ledger_balance.minor + excluded.minor",
    .sqlite_set = "INSERT INTO ledger_balance (scope, account, currency, key, minor, since_us) "
                  "SELECT c1, c2, c3, c4, c5, c6 FROM given WHERE true "
                  "ON CONFLICT (scope, account, currency, key) "
                  "DO UPDATE SET minor = ledger_balance.minor + excluded.minor",
};
static const struct sql_statement balance_read = {
    .text = "SELECT minor FROM ledger_balance "
            "WHERE scope = ?1 AND account = ?2 AND currency = ?3 AND key = ?4",
    .parameters = "ittb",
    .postgres_set = "SELECT p.n, b.minor FROM unnest(?1, ?2, ?3, ?4) WITH ORDINALITY p "
                    "(scope, account, currency, key, n) JOIN ledger_balance b "
                    "USING (scope, account, currency, key)",
    .sqlite_set = "SELECT n, minor FROM given CROSS JOIN ledger_balance "
                  "ON scope = c1 AND account = c2 AND currency = c3 AND key = c4",
};
static const struct sql_statement balance_drop = {
    .text = "DELETE FROM ledger_balance WHERE scope = ?1 AND account = ?2 AND currency = ?3 AND "
            "key = ?4 AND minor = ?5",
    .parameters = "ittbi",
    .postgres_set = "DELETE FROM ledger_balance b USING unnest(?1, ?2, ?3, ?4, ?5) p "
                    "(scope, account, currency, key, minor) WHERE b.scope = p.scope AND "
                    "b.account = p.account AND b.currency = p.currency AND b.key = p.key AND "
                    "b.minor = p.minor",
};

enum err journal_lock(
    struct store *store, const int64_t *scopes, uint32_t count, struct err_info *reterr)
{
    REQUIRE(scopes != NULL || count == 0);
    struct arena *scratch = store_writing(store);
    struct parameters to = parameters_new(scratch, &head_lock, count);
    if (!store->engine->ops->has_row_locks) {
        return ERR_OK;
    }
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(i == 0 || scopes[i - 1] < scopes[i]);
        parameters_add(&to, sql_int(scopes[i]));
    }
    return sql_run(store->engine, &head_lock, to.values, count, NULL, NULL, NULL, reterr);
}

/* --- append: rows --- */

static enum err write_entries(struct store *store,
    struct arena *scratch,
    struct journal_entry *const *sorted,
    uint32_t count,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, &entry_add, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct journal_entry *entry = sorted[i];
        parameters_add(&to, sql_int(entry->scope));
        parameters_add(&to, sql_int(entry->number));
        parameters_add(&to, sql_word(stream_word(entry->stream)));
        parameters_add(&to, sql_word(subject_kind_word(entry->subject_kind)));
        parameters_add(&to, sql_id(&entry->subject));
        parameters_add(&to, sql_int(entry->effective_us));
        parameters_add(&to, sql_int(entry->recorded_us));
        parameters_add(&to, entry->cause_seq > 0 ? sql_int(entry->cause_seq) : sql_null());
    }
    return sql_run(store->engine, &entry_add, to.values, count, NULL, NULL, NULL, reterr);
}

static enum err write_postings(struct store *store,
    struct arena *scratch,
    struct journal_entry *const *sorted,
    uint32_t count,
    uint32_t posting_count,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, &posting_add, posting_count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct journal_entry *entry = sorted[i];
        for (uint32_t k = 0; k < entry->posting_count; k++) {
            const struct posting *posting = &entry->postings[k];
            parameters_add(&to, sql_id(&entry->subject));
            parameters_add(&to, sql_int(entry->scope));
            parameters_add(&to, sql_int(entry->number));
            parameters_add(&to, sql_int(k + 1));
            parameters_add(&to, sql_word(account_row(posting->account)->name));
            parameters_add(&to, sql_word(posting->currency.code));
            parameters_add(&to, sql_id(&posting->key));
            parameters_add(&to, sql_int(posting->minor));
            parameters_add(&to, sql_int(entry->effective_us));
        }
    }
    return sql_run(store->engine, &posting_add, to.values, posting_count, NULL, NULL, NULL, reterr);
}

/* --- append: balances --- */

struct change {
    int64_t scope;
    struct posting posting;
    int64_t effective_us;
};

static int compare_changes(const void *a, const void *b)
{
    const struct change *left = a;
    const struct change *right = b;
    if (left->scope != right->scope) {
        return left->scope < right->scope ? -1 : 1;
    }
    return posting_compare(&left->posting, &right->posting);
}

/* One for each balance, in key order. */
static enum err sum_changes(struct change *changes, uint32_t *count, struct err_info *reterr)
{
    uint32_t kept = 0;
    qsort(changes, *count, sizeof *changes, compare_changes);
    for (uint32_t i = 0; i < *count; i++) {
        if (kept == 0 || compare_changes(&changes[kept - 1], &changes[i]) != 0) {
            changes[kept++] = changes[i];
            continue;
        }
        struct change *sum = &changes[kept - 1];
        if (minor_add(sum->posting.minor, changes[i].posting.minor, &sum->posting.minor) !=
            ERR_OK) {
            return err_set(reterr, ERR_OVERFLOW, "%s %s: the sum does not fit",
                account_row(sum->posting.account)->name, sum->posting.currency.code);
        }
    }
    *count = kept;
    return ERR_OK;
}

static void add_balance_key(struct parameters *to, const struct change *change)
{
    const struct posting *posting = &change->posting;
    parameters_add(to, sql_int(change->scope));
    parameters_add(to, sql_word(account_row(posting->account)->name));
    parameters_add(to, sql_word(posting->currency.code));
    parameters_add(to, sql_blob(posting->key.bytes, sizeof posting->key.bytes));
}

/* What is kept under the keys of `changes`; 0: nothing. Nobody else changes it until the commit,
 * since the scopes' heads are held. */
static enum err read_kept(struct store *store,
    struct arena *scratch,
    const struct change *changes,
    uint32_t count,
    int64_t *kept,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, &balance_read, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        add_balance_key(&to, &changes[i]);
    }
    return sql_run(
        store->engine, &balance_read, to.values, count, store_take_int, kept, NULL, reterr);
}

static bool is_cleared(const struct change *change, int64_t kept)
{
    int64_t sum = 0;
    return kept != 0 && !own_id_is_none(change->posting.key) &&
           minor_add(kept, change->posting.minor, &sum) == ERR_OK && sum == 0;
}

/* What has a key and becomes zero is gone; nothing is left to add to it. */
static enum err drop_cleared(struct store *store,
    struct arena *scratch,
    struct change *changes,
    uint32_t count,
    struct err_info *reterr)
{
    int64_t *kept = arena_new_array(scratch, int64_t, count);
    struct parameters drop = parameters_new(scratch, &balance_drop, count);
    uint32_t cleared = 0;
    int64_t dropped = 0;
    if (kept == NULL || drop.values == NULL) {
        return store_out_of_room(reterr);
    }
    TRY(read_kept(store, scratch, changes, count, kept, reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (is_cleared(&changes[i], kept[i])) {
            add_balance_key(&drop, &changes[i]);
            parameters_add(&drop, sql_int(kept[i]));
            changes[i].posting.minor = 0;
            cleared++;
        }
    }
    TRY(sql_run(store->engine, &balance_drop, drop.values, cleared, NULL, NULL, &dropped, reterr));
    return dropped == cleared ? ERR_OK
                              : err_set(reterr, ERR_CONFLICT, "a balance was changed meanwhile");
}

static enum err write_balances(struct store *store,
    struct arena *scratch,
    struct change *changes,
    uint32_t count,
    struct err_info *reterr)
{
    struct parameters add = parameters_new(scratch, &balance_add, count);
    uint32_t added = 0;
    if (add.values == NULL) {
        return store_out_of_room(reterr);
    }
    TRY(drop_cleared(store, scratch, changes, count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (changes[i].posting.minor != 0) {
            add_balance_key(&add, &changes[i]);
            parameters_add(&add, sql_int(changes[i].posting.minor));
            parameters_add(&add, sql_int(changes[i].effective_us));
            added++;
        }
    }
    return sql_run(store->engine, &balance_add, add.values, added, NULL, NULL, NULL, reterr);
}

static enum err update_balances(struct store *store,
    struct arena *scratch,
    const struct journal_entry *entries,
    uint32_t count,
    uint32_t posting_count,
    struct err_info *reterr)
{
    struct change *changes = arena_new_array(scratch, struct change, posting_count);
    uint32_t at = 0;
    if (changes == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t k = 0; k < entries[i].posting_count; k++) {
            changes[at++] =
                (struct change){entries[i].scope, entries[i].postings[k], entries[i].effective_us};
        }
    }
    TRY(sum_changes(changes, &at, reterr));
    return write_balances(store, scratch, changes, at, reterr);
}

enum err journal_append(
    struct store *store, struct journal_entry *entries, uint32_t count, struct err_info *reterr)
{
    REQUIRE(entries != NULL || count == 0);
    struct arena *scratch = store_writing(store);
    struct numbered *rows = arena_new_array(scratch, struct numbered, count);
    struct journal_entry **sorted = arena_alloc_array(scratch, sizeof *sorted, count);
    uint32_t posting_count = 0;
    if (rows == NULL || sorted == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(entries[i].scope > 0 && entries[i].posting_count > 0);
        REQUIRE(!own_id_is_none(entries[i].subject));
        rows[i] = (struct numbered){.scope = entries[i].scope, .at = i};
        posting_count += entries[i].posting_count;
    }
    if (count == 0) {
        return ERR_OK;
    }
    TRY(numbers_give(store, &head_advance, rows, count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        sorted[i] = &entries[rows[i].at];
        sorted[i]->number = rows[i].number;
    }
    TRY(write_entries(store, scratch, sorted, count, reterr));
    TRY(write_postings(store, scratch, sorted, count, posting_count, reterr));
    return update_balances(store, scratch, entries, count, posting_count, reterr);
}

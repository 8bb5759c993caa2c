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
};
static const struct sql_statement posting_add = {
    .text = "INSERT INTO posting (subject, scope, entry, line, account, currency, key, minor, "
            "effective_us) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
    .parameters = "biiittbii",
    .postgres_set =
        "INSERT INTO posting (subject, scope, entry, line, account, currency, key, minor, "
        "effective_us) SELECT * FROM unnest(?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9)",
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
};
static const struct sql_statement balance_drop = {
    .text = "DELETE FROM ledger_balance WHERE scope = ?1 AND account = ?2 AND currency = ?3 AND "
            "key = ?4 AND minor = 0",
    .parameters = "ittb",
};
static const struct sql_statement posted_read = {
    .text = "SELECT account, currency, key, CAST(sum(minor) AS BIGINT) FROM posting "
            "WHERE subject = ?1 GROUP BY account, currency, key HAVING sum(minor) <> 0",
    .parameters = "b",
};
static const struct sql_statement entry_list = {
    .text = "SELECT scope, entry, stream, subject_kind, subject, effective_us, recorded_us, "
            "cause_seq FROM journal_entry WHERE scope = ?1 AND entry > ?2 ORDER BY entry LIMIT ?3",
    .parameters = "iii",
};
static const struct sql_statement posting_list = {
    .text = "SELECT account, currency, key, minor FROM posting "
            "WHERE subject = ?1 AND scope = ?2 AND entry = ?3 ORDER BY line",
    .parameters = "bii",
};
static const struct sql_statement names_list = {
    .text = "SELECT provider_id FROM provider_ref WHERE id = ?1 AND kind = ?2 UNION ALL "
            "SELECT provider_id FROM statement_line WHERE line = ?1 AND ?2 = 'line' ORDER BY 1",
    .parameters = "bt",
};

/* --- subjects --- */

static const char *const other_subjects[] = {"line", "release", "exchange", "decision"};
static const char *const other_prefixes[] = {"cf_lin_", "cf_rel_", "cf_exc_", "cf_dec_"};
_Static_assert(
    sizeof other_subjects / sizeof other_subjects[0] == SUBJECT_KIND_COUNT - (int)ID_KIND_COUNT,
    "a word for each");

const char *subject_kind_word(int kind)
{
    REQUIRE(kind >= 0 && kind < SUBJECT_KIND_COUNT);
    return kind < (int)ID_KIND_COUNT ? id_kind_word((enum id_kind)kind)
                                     : other_subjects[kind - (int)ID_KIND_COUNT];
}

enum err subject_kind_parse(struct str word, int *ret_kind)
{
    REQUIRE(ret_kind != NULL);
    enum id_kind kind;
    if (id_kind_parse(word, &kind)) {
        *ret_kind = (int)kind;
        return ERR_OK;
    }
    for (int i = (int)ID_KIND_COUNT; i < SUBJECT_KIND_COUNT; i++) {
        if (str_eq(word, str_from(subject_kind_word(i)))) {
            *ret_kind = i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

void subject_format(int kind, struct own_id subject, char to[static OWN_ID_TEXT_BYTES])
{
    REQUIRE(kind >= 0 && kind < SUBJECT_KIND_COUNT);
    to[0] = '\0';
    if (kind < (int)ID_KIND_COUNT) {
        own_id_format((enum id_kind)kind, subject, to);
    } else if (!own_id_is_none(subject)) {
        const char *prefix = other_prefixes[kind - (int)ID_KIND_COUNT];
        size_t len = strlen(prefix);
        memcpy(to, prefix, len);
        hex_encode(to + len, subject.bytes, sizeof subject.bytes);
        to[len + 2 * sizeof subject.bytes] = '\0';
    }
}

void posting_key_format(
    enum ledger_account account, struct own_id key, char to[static OWN_ID_TEXT_BYTES])
{
    int kind = account_row(account)->key;
    to[0] = '\0';
    if (kind != KEY_NONE) {
        subject_format(kind == KEY_LINE ? (int)SUBJECT_LINE : kind, key, to);
    }
}

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

/* --- append: numbers --- */

static int compare_scopes(const void *a, const void *b)
{
    const struct journal_entry *left = *(const struct journal_entry *const *)a;
    const struct journal_entry *right = *(const struct journal_entry *const *)b;
    if (left->scope != right->scope) {
        return left->scope < right->scope ? -1 : 1;
    }
    return (left > right) - (left < right); /* as the caller has them */
}

static enum err take_number(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    int64_t *heads = context;
    heads[index] = column_int(&columns[0]);
    return ERR_OK;
}

/* Whoever holds a head's row is alone with that scope's journal until its commit. */
static enum err give_numbers(struct store *store,
    struct arena *scratch,
    struct journal_entry **sorted,
    uint32_t count,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, &head_advance, count);
    int64_t *heads = arena_new_array(scratch, int64_t, count);
    uint32_t scopes = 0;
    if (to.values == NULL || heads == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count;) {
        uint32_t first = i;
        while (i < count && sorted[i]->scope == sorted[first]->scope) {
            i++;
        }
        parameters_add(&to, sql_int(sorted[first]->scope));
        parameters_add(&to, sql_int(i - first));
        scopes++;
    }
    TRY(sql_run(store->engine, &head_advance, to.values, scopes, take_number, heads, NULL, reterr));
    uint32_t at = 0;
    for (uint32_t scope = 0; scope < scopes; scope++) {
        int64_t added = to.values[2 * scope + 1].integer;
        for (int64_t i = 0; i < added; i++) {
            sorted[at++]->number = heads[scope] - added + i + 1;
        }
    }
    return ERR_OK;
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

static enum err write_balances(struct store *store,
    struct arena *scratch,
    const struct change *changes,
    uint32_t count,
    struct err_info *reterr)
{
    struct parameters add = parameters_new(scratch, &balance_add, count);
    struct parameters drop = parameters_new(scratch, &balance_drop, count);
    uint32_t added = 0;
    uint32_t keyed = 0;
    if (add.values == NULL || drop.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        const struct change *change = &changes[i];
        if (change->posting.minor == 0) {
            continue;
        }
        add_balance_key(&add, change);
        parameters_add(&add, sql_int(change->posting.minor));
        parameters_add(&add, sql_int(change->effective_us));
        added++;
        if (!own_id_is_none(change->posting.key)) {
            add_balance_key(&drop, change);
            keyed++;
        }
    }
    TRY(sql_run(store->engine, &balance_add, add.values, added, NULL, NULL, NULL, reterr));
    return sql_run(store->engine, &balance_drop, drop.values, keyed, NULL, NULL, NULL, reterr);
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
    struct journal_entry **sorted = arena_alloc_array(scratch, sizeof *sorted, count);
    uint32_t posting_count = 0;
    if (sorted == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(entries[i].scope > 0 && entries[i].posting_count > 0);
        REQUIRE(!own_id_is_none(entries[i].subject));
        sorted[i] = &entries[i];
        posting_count += entries[i].posting_count;
    }
    if (count == 0) {
        return ERR_OK;
    }
    qsort(sorted, count, sizeof *sorted, compare_scopes);
    TRY(give_numbers(store, scratch, sorted, count, reterr));
    TRY(write_entries(store, scratch, sorted, count, reterr));
    TRY(write_postings(store, scratch, sorted, count, posting_count, reterr));
    return update_balances(store, scratch, entries, count, posting_count, reterr);
}

/* --- reading --- */

struct posting_walk {
    struct rows *rows; /* by parameter row */
    struct err_info *reterr;
};

static enum err take_posting(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    struct posting_walk *walk = context;
    struct posting *posting = rows_add(&walk->rows[index]);
    if (posting == NULL) {
        return ERR_TOO_LARGE;
    }
    posting->key = column_id(&columns[2]);
    posting->minor = column_int(&columns[3]);
    if (account_parse(column_str(&columns[0]), &posting->account) != ERR_OK ||
        currency_parse(column_str(&columns[1]), &posting->currency) != ERR_OK) {
        return err_set(walk->reterr, ERR_SCHEMA,
            "the journal names an account or a currency that this version does not know");
    }
    return ERR_OK;
}

/* Postings for each of `count` parameter rows. */
static enum err read_postings(struct store *store,
    const struct sql_statement *statement,
    const struct sql_value *values,
    uint32_t count,
    struct arena *scratch,
    struct arena *arena,
    struct rows **ret_rows,
    struct err_info *reterr)
{
    struct rows *rows = arena_new_array(scratch, struct rows, count);
    if (rows == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        rows[i] = rows_new(arena, sizeof(struct posting), UINT32_MAX, reterr);
    }
    struct posting_walk walk = {rows, reterr};
    TRY(sql_run(store->engine, statement, values, count, take_posting, &walk, NULL, reterr));
    *ret_rows = rows;
    return ERR_OK;
}

enum err journal_posted(struct store *store,
    struct posted *subjects,
    uint32_t count,
    struct arena *arena,
    struct err_info *reterr)
{
    REQUIRE(subjects != NULL || count == 0);
    struct arena *scratch = store_reading(store);
    struct parameters to = parameters_new(scratch, &posted_read, count);
    struct rows *rows = NULL;
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_id(&subjects[i].subject));
    }
    TRY(read_postings(store, &posted_read, to.values, count, scratch, arena, &rows, reterr));
    ENSURE(rows != NULL);
    for (uint32_t i = 0; i < count; i++) {
        subjects[i].postings = (struct posting *)(void *)rows[i].items;
        subjects[i].count = rows[i].count;
    }
    return ERR_OK;
}

static bool stream_parse(struct str word, enum stream *ret)
{
    for (int i = 0; i <= (int)STREAM_PEOPLE; i++) {
        if (str_eq(word, str_from(stream_word((enum stream)i)))) {
            *ret = (enum stream)i;
            return true;
        }
    }
    return false;
}

static enum err take_entry(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct journal_entry *entry = rows_add(rows);
    if (entry == NULL) {
        return ERR_TOO_LARGE;
    }
    entry->scope = column_int(&columns[0]);
    entry->number = column_int(&columns[1]);
    entry->subject = column_id(&columns[4]);
    entry->effective_us = column_int(&columns[5]);
    entry->recorded_us = column_int(&columns[6]);
    entry->cause_seq = column_int(&columns[7]);
    if (!stream_parse(column_str(&columns[2]), &entry->stream) ||
        subject_kind_parse(column_str(&columns[3]), &entry->subject_kind) != ERR_OK) {
        return err_set(rows->reterr, ERR_SCHEMA,
            "entry %" PRId64 " of scope %" PRId64 " is of a kind that this version does not know",
            entry->number, entry->scope);
    }
    return ERR_OK;
}

enum err journal_read(struct store *store,
    int64_t scope,
    int64_t after,
    uint32_t limit,
    struct arena *arena,
    struct journal_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    struct arena *scratch = store_reading(store);
    struct rows found = rows_new(arena, sizeof(struct journal_entry), limit, reterr);
    struct sql_value values[] = {sql_int(scope), sql_int(after), sql_int(limit)};
    struct rows *postings = NULL;
    TRY(store_run_one(store, &entry_list, values, take_entry, &found, reterr));
    struct journal_entry *entries = (struct journal_entry *)(void *)found.items;
    struct parameters to = parameters_new(scratch, &posting_list, found.count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < found.count; i++) {
        parameters_add(&to, sql_id(&entries[i].subject));
        parameters_add(&to, sql_int(entries[i].scope));
        parameters_add(&to, sql_int(entries[i].number));
    }
    TRY(read_postings(
        store, &posting_list, to.values, found.count, scratch, arena, &postings, reterr));
    ENSURE(postings != NULL);
    for (uint32_t i = 0; i < found.count; i++) {
        entries[i].postings = (struct posting *)(void *)postings[i].items;
        entries[i].posting_count = postings[i].count;
    }
    *ret_entries = entries;
    *ret_count = found.count;
    return ERR_OK;
}

/* --- what the provider calls it --- */

struct name_walk {
    struct arena *arena;
    struct str *names; /* by entry */
};

static enum err take_subject_name(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    struct name_walk *walk = context;
    struct str *name = &walk->names[index];
    struct str more = column_str(&columns[0]);
    size_t gap = name->len > 0 ? 1 : 0;
    char *text = arena_alloc_array(walk->arena, 1, name->len + gap + more.len + 1);
    if (text == NULL) {
        return ERR_TOO_LARGE;
    }
    if (gap > 0) {
        memcpy(text, name->data, name->len);
        text[name->len] = ' ';
    }
    if (more.len > 0) {
        memcpy(text + name->len + gap, more.data, more.len);
    }
    *name = (struct str){text, name->len + gap + more.len};
    return ERR_OK;
}

enum err journal_names(struct store *store,
    const struct journal_entry *entries,
    uint32_t count,
    struct arena *arena,
    struct str **ret_names,
    struct err_info *reterr)
{
    REQUIRE(entries != NULL || count == 0);
    struct arena *scratch = store_reading(store);
    struct parameters to = parameters_new(scratch, &names_list, count);
    struct str *names = arena_new_array(arena, struct str, count);
    if (to.values == NULL || names == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_id(&entries[i].subject));
        parameters_add(&to, sql_word(subject_kind_word(entries[i].subject_kind)));
    }
    struct name_walk walk = {arena, names};
    TRY(sql_run(
        store->engine, &names_list, to.values, count, take_subject_name, &walk, NULL, reterr));
    *ret_names = names;
    return ERR_OK;
}

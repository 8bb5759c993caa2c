#include "store/internal.h"
#include "store/periods.h"
#include <inttypes.h>

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
        return store_newer(walk->reterr, "the journal names an account or a currency");
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
    struct period_log log = {NULL, 0};
    TRY(store_run_one(store, &entry_list, values, take_entry, &found, reterr));
    TRY(periods_log(store, scope, scratch, &log, reterr));
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
        entries[i].period = period_of_entry(&log, entries[i].number, entries[i].effective_us);
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

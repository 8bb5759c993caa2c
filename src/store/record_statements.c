/* The statements of one kind of record, made once from its field table: the columns are the head's
 * six and then the fields', in every statement in that order. */
#include "store/record_statements.h"
#include <stdio.h>

#define TEXT_BYTES 8192

static const char *const head_columns[RECORD_HEAD_COLUMNS] = {
    "id", "scope", "version", "updated_seq", "created_us", "updated_us"};
static const char head_letters[RECORD_HEAD_COLUMNS + 1] = "biiiii";

static char field_letter(enum field_type type)
{
    switch (type) {
    case FIELD_ID:
        return 'b';
    case FIELD_INT:
    case FIELD_MINOR:
    case FIELD_TIME:
    case FIELD_BOOL:
        return 'i';
    case FIELD_CURRENCY:
    case FIELD_TEXT:
    case FIELD_ENUM:
        return 't';
    default:
        UNREACHABLE();
    }
}

static const char *column_name(const struct record_kind *kind, size_t at)
{
    return at < RECORD_HEAD_COLUMNS ? head_columns[at]
                                    : kind->fields[at - RECORD_HEAD_COLUMNS].name;
}

static void add_columns(struct buf *to, const struct record_kind *kind)
{
    for (size_t i = 0; i < RECORD_HEAD_COLUMNS + kind->field_count; i++) {
        buf_addf(to, "%s%s", i == 0 ? "" : ", ", column_name(kind, i));
    }
}

static void add_select(struct buf *to, const struct record_kind *kind, const char *rest)
{
    buf_add(to, STR("SELECT "));
    add_columns(to, kind);
    buf_addf(to, " FROM %s%s", kind->table, rest);
}

static void add_insert(struct buf *to, const struct record_kind *kind)
{
    buf_addf(to, "INSERT INTO %s (", kind->table);
    add_columns(to, kind);
    buf_add(to, STR(") VALUES ("));
    for (size_t i = 1; i <= RECORD_HEAD_COLUMNS + kind->field_count; i++) {
        buf_addf(to, "%s?%zu", i == 1 ? "" : ", ", i);
    }
    buf_add(to, STR(") ON CONFLICT (id) DO NOTHING"));
}

/* "$1, $2, ..." as the columns of a table of rows, under names that no column has. */
static void add_arrays(struct buf *to, size_t count, const char *with_number)
{
    buf_add(to, STR("unnest("));
    for (size_t i = 1; i <= count; i++) {
        buf_addf(to, "%s?%zu", i == 1 ? "" : ", ", i);
    }
    buf_addf(to, ")%s p (", with_number[0] == '\0' ? "" : " WITH ORDINALITY");
    for (size_t i = 1; i <= count; i++) {
        buf_addf(to, "%sp%zu", i == 1 ? "" : ", ", i);
    }
    buf_addf(to, "%s)", with_number);
}

/* Rows of the table `r` for the ids in the array, each behind its number. */
static void add_select_set(struct buf *to, const struct record_kind *kind, const char *rest)
{
    buf_add(to, STR("SELECT p.n"));
    for (size_t i = 0; i < RECORD_HEAD_COLUMNS + kind->field_count; i++) {
        buf_addf(to, ", r.%s", column_name(kind, i));
    }
    buf_addf(to, " FROM unnest(?1) WITH ORDINALITY p (id, n) JOIN %s r ON r.id = p.id%s",
        kind->table, rest);
}

static void add_insert_set(struct buf *to, const struct record_kind *kind)
{
    buf_addf(to, "INSERT INTO %s (", kind->table);
    add_columns(to, kind);
    buf_add(to, STR(") SELECT * FROM "));
    add_arrays(to, RECORD_HEAD_COLUMNS + kind->field_count, "");
    buf_add(to, STR(" ON CONFLICT (id) DO NOTHING"));
}

static void add_update_set(struct buf *to, const struct record_kind *kind)
{
    size_t count = RECORD_HEAD_COLUMNS + kind->field_count;
    buf_addf(
        to, "UPDATE %s r SET version = p.p3, updated_seq = p.p4, updated_us = p.p6", kind->table);
    for (size_t i = RECORD_HEAD_COLUMNS; i < count; i++) {
        buf_addf(to, ", %s = p.p%zu", column_name(kind, i), i + 1);
    }
    buf_add(to, STR(" FROM "));
    add_arrays(to, count, "");
    buf_add(to, STR(" WHERE r.id = p.p1 AND r.version = p.p3 - 1 AND r.scope = p.p2"
                    " AND r.created_us = p.p5"));
}

/* The same parameters as the insert: a record's id, scope and time of making never change. */
static void add_update(struct buf *to, const struct record_kind *kind)
{
    buf_addf(to, "UPDATE %s SET version = ?3, updated_seq = ?4, updated_us = ?6", kind->table);
    for (size_t i = RECORD_HEAD_COLUMNS; i < RECORD_HEAD_COLUMNS + kind->field_count; i++) {
        buf_addf(to, ", %s = ?%zu", column_name(kind, i), i + 1);
    }
    buf_add(to, STR(" WHERE id = ?1 AND version = ?3 - 1 AND scope = ?2 AND created_us = ?5"));
}

static void add_attempts_set(struct buf *to, const struct record_kind *kind)
{
    buf_add(to, STR("SELECT p.n"));
    for (size_t i = 0; i < RECORD_HEAD_COLUMNS + kind->field_count; i++) {
        buf_addf(to, ", r.%s", column_name(kind, i));
    }
    buf_add(to, STR(" FROM unnest(?1, ?2) WITH ORDINALITY p (payment, most, n) CROSS JOIN LATERAL"
                    " (SELECT * FROM attempt a WHERE a.payment_id = p.payment LIMIT p.most) r"));
}

struct statement_maker {
    struct arena *texts;
    struct buf text;
    bool failed;
};

/* Takes what stands in maker->text. */
static const char *finish_text(struct statement_maker *maker)
{
    const char *text = arena_copy(maker->texts, buf_str(&maker->text)).data;
    maker->failed = maker->failed || maker->text.failed || text == NULL;
    buf_clear(&maker->text);
    return text;
}

/* The same; the PostgreSQL text has `more` behind it. */
static struct sql_statement finish(
    struct statement_maker *maker, const char *parameters, const char *more)
{
    struct sql_statement made = {.parameters = parameters};
    made.text = arena_copy(maker->texts, buf_str(&maker->text)).data;
    if (more != NULL) {
        buf_add(&maker->text, str_from(more));
        made.postgres = arena_copy(maker->texts, buf_str(&maker->text)).data;
    }
    maker->failed = maker->failed || maker->text.failed || made.text == NULL ||
                    (more != NULL && made.postgres == NULL);
    buf_clear(&maker->text);
    return made;
}

static void make_all(struct statement_maker *maker,
    const struct record_kind *kind,
    const char *row_letters,
    struct record_statements *to)
{
    add_select(&maker->text, kind, " WHERE id = ?1");
    to->load = finish(maker, "b", NULL);
    add_select_set(&maker->text, kind, "");
    to->load.postgres_set = finish_text(maker);
    add_select(&maker->text, kind, " WHERE id = ?1");
    to->load_locked = finish(maker, "b", " FOR NO KEY UPDATE");
    add_select_set(&maker->text, kind, " FOR NO KEY UPDATE OF r");
    to->load_locked.postgres_set = finish_text(maker);
    add_insert(&maker->text, kind);
    to->insert = finish(maker, row_letters, NULL);
    add_insert_set(&maker->text, kind);
    to->insert.postgres_set = finish_text(maker);
    add_update(&maker->text, kind);
    to->update = finish(maker, row_letters, NULL);
    add_update_set(&maker->text, kind);
    to->update.postgres_set = finish_text(maker);
    add_select(&maker->text, kind, " WHERE id > ?1 ORDER BY id LIMIT ?2");
    to->scan = finish(maker, "bi", NULL);
    add_select(&maker->text, kind, " WHERE id > ?1 AND scope = ?3 ORDER BY id LIMIT ?2");
    to->scan_scope = finish(maker, "bii", NULL);
    if (kind->id_kind == ID_ATTEMPT) {
        add_select(&maker->text, kind, " WHERE payment_id = ?1 LIMIT ?2");
        to->of_payment = finish(maker, "bi", NULL);
        add_attempts_set(&maker->text, kind);
        to->of_payment.postgres_set = finish_text(maker);
    }
}

static struct record_statements *statements_make(
    struct store *store, const struct record_kind *kind, struct err_info *reterr)
{
    size_t columns = RECORD_HEAD_COLUMNS + kind->field_count;
    struct record_statements *made = arena_alloc(store->texts, sizeof *made);
    char *letters = arena_alloc(store->texts, columns + 1);
    const struct sql_statement **linked =
        arena_alloc_array(store->texts, sizeof *linked, kind->field_count);
    if (made == NULL || letters == NULL || linked == NULL) {
        (void)err_set(reterr, ERR_BUSY, "out of memory");
        return NULL;
    }
    memcpy(letters, head_letters, sizeof head_letters);
    for (size_t i = 0; i < kind->field_count; i++) {
        letters[RECORD_HEAD_COLUMNS + i] = field_letter(kind->fields[i].type);
    }
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, TEXT_BYTES);
    struct statement_maker maker = {store->texts, text, false};
    made->column_count = columns;
    made->linked = linked;
    make_all(&maker, kind, letters, made);
    text = maker.text;
    if (maker.failed) {
        (void)err_set(reterr, ERR_BUSY, "out of memory");
        return NULL;
    }
    return made;
}

struct record_statements *record_statements_of(
    struct store *store, const struct record_kind *kind, struct err_info *reterr)
{
    REQUIRE((unsigned)kind->id_kind < ID_KIND_COUNT);
    struct record_statements **slot = &store->records[kind->id_kind];
    if (*slot == NULL) {
        *slot = statements_make(store, kind, reterr);
    }
    return *slot;
}

/* --- those that few ask for: each made when it is --- */

static const struct sql_statement *keep_statement(
    struct store *store, const struct buf *text, const char *parameters, struct err_info *reterr)
{
    struct sql_statement *made = arena_alloc(store->texts, sizeof *made);
    struct str kept = arena_copy(store->texts, buf_str(text));
    if (made == NULL || text->failed || kept.data == NULL) {
        (void)err_set(reterr, ERR_BUSY, "out of memory");
        return NULL;
    }
    *made = (struct sql_statement){.text = kept.data, .parameters = parameters};
    return made;
}

const struct sql_statement *record_linked_statement(struct store *store,
    const struct record_kind *kind,
    const struct field *field,
    struct err_info *reterr)
{
    REQUIRE(field >= kind->fields && field < kind->fields + kind->field_count);
    REQUIRE(field->type == FIELD_ID);
    struct record_statements *statements = record_statements_of(store, kind, reterr);
    if (statements == NULL) {
        return NULL;
    }
    const struct sql_statement **slot = &statements->linked[field - kind->fields];
    if (*slot == NULL) {
        CLEANUP(buf_fini) struct buf text;
        char rest[128];
        (void)snprintf(rest, sizeof rest, " WHERE %s = ?1 ORDER BY id DESC LIMIT ?2", field->name);
        buf_init(&text, TEXT_BYTES);
        add_select(&text, kind, rest);
        *slot = keep_statement(store, &text, "bi", reterr);
    }
    return *slot;
}

const struct sql_statement *record_contested_statement(struct store *store, struct err_info *reterr)
{
    if (store->contested == NULL) {
        CLEANUP(buf_fini) struct buf text;
        buf_init(&text, TEXT_BYTES);
        buf_add(&text, STR("SELECT CAST(sum(n) AS BIGINT), min(oldest) FROM ("));
        for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
            buf_addf(&text,
                "%sSELECT count(*) AS n, min(updated_us) AS oldest FROM %s WHERE contested = 1",
                kind == 0 ? "" : " UNION ALL ", record_kind_of((enum id_kind)kind)->table);
        }
        buf_add(&text, STR(") counts"));
        store->contested = keep_statement(store, &text, "", reterr);
    }
    return store->contested;
}

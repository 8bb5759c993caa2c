#include "store/shadow.h"
#include "store/derived.h"
#include "store/internal.h"
#include <inttypes.h>

#define TEXT_BYTES 65536
#define TABLES (DERIVED_COUNT + 1)

static const char ref_table[] =
    "CREATE TEMPORARY TABLE shadow_ref AS "
    "SELECT scope, kind, provider_id, id FROM provider_ref WHERE 1 = 0;"
    "CREATE UNIQUE INDEX shadow_ref_key ON shadow_ref (scope, kind, provider_id);";
static const struct sql_statement id_count = {
    .text = "SELECT count(*) FROM shadow_ref",
    .parameters = "",
};
static const struct sql_statement id_clash = {
    .text = "SELECT count(*) FROM shadow_ref s CROSS JOIN provider_ref r WHERE r.provider_id = "
            "s.provider_id AND r.kind = s.kind AND r.scope = s.scope",
    .parameters = "",
};
static const struct sql_statement total_remove = {
    .text = "DELETE FROM inbox_total",
    .parameters = "",
};

static enum err begin_apply(struct store *store, struct err_info *reterr)
{
    store->engine->applying = true;
    enum err err = sql_begin(store->engine, true, reterr);
    store->engine->applying = err == ERR_OK;
    return err;
}

enum err shadow_open(struct store *store, struct err_info *reterr)
{
    REQUIRE(store != NULL);
    REQUIRE(store->access == STORE_WRITE);
    const char *tables[TABLES + 1] = {NULL};
    for (int i = 0; i < DERIVED_COUNT; i++) {
        tables[i] = derived_table(i);
    }
    tables[DERIVED_COUNT] = "inbox_total";
    TRY(sql_shadow(store->engine, tables, &store->places, reterr));
    TRY(begin_apply(store, reterr));
    enum err err = sql_script(store->engine, ref_table, reterr);
    if (err != ERR_OK) {
        sql_rollback(store->engine);
        return err;
    }
    return sql_commit(store->engine, reterr);
}

enum err shadow_new_ids(struct store *store, int64_t *ret_count, struct err_info *reterr)
{
    REQUIRE(store->engine->shadowed);
    (void)store_reading(store);
    return store_run_one(store, &id_count, NULL, store_take_int, ret_count, reterr);
}

enum err shadow_set_totals(struct store *store,
    const int64_t by_status[static WORK_STATUS_COUNT],
    const int64_t by_reason[static REASON_COUNT],
    struct err_info *reterr)
{
    REQUIRE(store->engine->shadowed);
    (void)store_writing(store);
    struct inbox_total_change totals[REASON_COUNT + WORK_STATUS_COUNT];
    uint32_t count = 0;
    for (int i = 0; i < REASON_COUNT; i++) {
        totals[count++] = (struct inbox_total_change){
            work_status_word(WORK_RECORDED), reason_word((enum reason)i), by_reason[i]};
    }
    for (int i = 0; i < WORK_STATUS_COUNT; i++) {
        totals[count++] = (struct inbox_total_change){
            work_status_word((enum work_status)i), "", i == WORK_RECORDED ? 0 : by_status[i]};
    }
    TRY(store_run_one(store, &total_remove, NULL, NULL, NULL, reterr));
    return inbox_total_add(store, totals, count, reterr);
}

/* --- apply --- */

/* Whoever projects locks rows of these tables before it writes, and waits until we have committed;
 * then it finds that the versions are others, and begins again. */
static enum err lock_tables(struct store *store, struct err_info *reterr)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, TEXT_BYTES);
    buf_add(&text, STR("LOCK TABLE "));
    for (int i = 0; i < DERIVED_COUNT; i++) {
        buf_addf(&text, "%s.%s, ", store->places.live, derived_table(i));
    }
    buf_addf(&text, "%s.inbox_total IN EXCLUSIVE MODE", store->places.live);
    buf_add_char(&text, '\0');
    return text.failed ? err_set(reterr, ERR_BUSY, "out of memory")
                       : sql_script(store->engine, text.data, reterr);
}

enum err shadow_begin_apply(struct store *store, struct err_info *reterr)
{
    REQUIRE(store != NULL);
    REQUIRE(store->engine->shadowed);
    TRY(begin_apply(store, reterr));
    enum err err = store->engine->ops->has_row_locks ? lock_tables(store, reterr) : ERR_OK;
    if (err != ERR_OK) {
        sql_rollback(store->engine);
    }
    return err;
}

struct applier {
    struct store *store;
    struct buf *text;
    const char *live, *shadow, *table, *same_key; /* of the rows l and s */
};

/* Runs what stands in applier->text and empties it. */
static enum err run_text(struct applier *applier, int64_t *changed, struct err_info *reterr)
{
    struct store *store = applier->store;
    struct sql_statement *made = arena_alloc(store->texts, sizeof *made);
    struct str text = arena_copy(store->texts, buf_str(applier->text));
    bool failed = applier->text->failed || made == NULL || text.data == NULL;
    buf_clear(applier->text);
    if (failed) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    *made = (struct sql_statement){.text = text.data, .parameters = ""};
    int64_t count = 0;
    TRY(sql_run(store->engine, made, NULL, 1, NULL, NULL, &count, reterr));
    *changed += count;
    return ERR_OK;
}

static enum err remove_others(struct applier *applier, int64_t *changed, struct err_info *reterr)
{
    buf_addf(applier->text,
        "DELETE FROM %s.%s AS l WHERE NOT EXISTS (SELECT 1 FROM %s.%s AS s WHERE %s)",
        applier->live, applier->table, applier->shadow, applier->table, applier->same_key);
    return run_text(applier, changed, reterr);
}

static enum err add_missing(struct applier *applier, int64_t *changed, struct err_info *reterr)
{
    buf_addf(applier->text,
        "INSERT INTO %s.%s SELECT s.* FROM %s.%s AS s "
        "WHERE NOT EXISTS (SELECT 1 FROM %s.%s AS l WHERE %s)",
        applier->live, applier->table, applier->shadow, applier->table, applier->live,
        applier->table, applier->same_key);
    return run_text(applier, changed, reterr);
}

/* What was published stays so: else it would be told once more. */
static bool only_grows(const struct field *field)
{
    return strcmp(field->name, "milestones") == 0;
}

static void add_change(struct buf *to, const struct record_kind *kind)
{
    buf_add(to, STR(" SET version = l.version + 1, updated_seq = s.updated_seq, "
                    "updated_us = s.updated_us, scope = s.scope"));
    for (size_t i = 0; i < kind->field_count; i++) {
        const char *name = kind->fields[i].name;
        buf_addf(to, only_grows(&kind->fields[i]) ? ", %s = l.%s | s.%s" : ", %s = s.%s", name,
            name, name);
    }
}

static void add_condition(struct buf *to, const struct record_kind *kind)
{
    buf_add(to, STR("l.scope IS DISTINCT FROM s.scope"));
    for (size_t i = 0; i < kind->field_count; i++) {
        const char *name = kind->fields[i].name;
        buf_addf(to,
            only_grows(&kind->fields[i]) ? " OR (l.%s | s.%s) IS DISTINCT FROM l.%s"
                                         : " OR l.%s IS DISTINCT FROM s.%s",
            name, name, name);
    }
}

static enum err apply_records(struct applier *applier,
    const struct record_kind *kind,
    struct shadow_changes *changes,
    struct err_info *reterr)
{
    applier->table = kind->table;
    applier->same_key = "s.id = l.id";
    TRY(remove_others(applier, &changes->removed, reterr));
    buf_addf(applier->text, "UPDATE %s.%s AS l", applier->live, kind->table);
    add_change(applier->text, kind);
    buf_addf(
        applier->text, " FROM %s.%s AS s WHERE s.id = l.id AND (", applier->shadow, kind->table);
    add_condition(applier->text, kind);
    buf_add_char(applier->text, ')');
    TRY(run_text(applier, &changes->changed, reterr));
    return add_missing(applier, &changes->added, reterr);
}

static enum err apply_effects(
    struct applier *applier, struct shadow_changes *changes, struct err_info *reterr)
{
    applier->table = derived_table(DERIVED_EFFECTS);
    applier->same_key = "s.object_id = l.object_id AND s.occurred_at_us = l.occurred_at_us AND "
                        "s.seq = l.seq";
    TRY(remove_others(applier, &changes->effects, reterr));
    buf_addf(applier->text,
        "UPDATE %s.%s AS l SET kind = s.kind, rank = s.rank FROM %s.%s AS s WHERE %s "
        "AND (l.kind <> s.kind OR l.rank <> s.rank)",
        applier->live, applier->table, applier->shadow, applier->table, applier->same_key);
    TRY(run_text(applier, &changes->effects, reterr));
    return add_missing(applier, &changes->effects, reterr);
}

static enum err apply_totals(struct applier *applier, struct err_info *reterr)
{
    int64_t ignored = 0;
    applier->table = "inbox_total";
    applier->same_key = "s.status = l.status AND s.reason = l.reason AND s.count = l.count";
    TRY(remove_others(applier, &ignored, reterr));
    return add_missing(applier, &ignored, reterr);
}

static enum err apply_ids(
    struct applier *applier, struct shadow_changes *changes, struct err_info *reterr)
{
    int64_t clashes = 0;
    TRY(store_run_one(applier->store, &id_clash, NULL, store_take_int, &clashes, reterr));
    if (clashes > 0) {
        return err_set(reterr, ERR_CONFLICT,
            "%" PRId64 " ids that had to be made have been made by others meanwhile", clashes);
    }
    buf_addf(applier->text,
        "INSERT INTO %s.provider_ref (scope, kind, provider_id, id) "
        "SELECT scope, kind, provider_id, id FROM %s.shadow_ref",
        applier->live, applier->shadow);
    return run_text(applier, &changes->ids, reterr);
}

enum err shadow_apply(
    struct store *store, struct shadow_changes *ret_changes, struct err_info *reterr)
{
    REQUIRE(store->engine->applying);
    (void)store_writing(store);
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, TEXT_BYTES);
    struct applier applier = {
        .store = store, .text = &text, .live = store->places.live, .shadow = store->places.shadow};
    struct shadow_changes changes = {0};
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        TRY(apply_records(&applier, record_kind_of((enum id_kind)kind), &changes, reterr));
    }
    TRY(apply_effects(&applier, &changes, reterr));
    TRY(apply_totals(&applier, reterr));
    TRY(apply_ids(&applier, &changes, reterr));
    *ret_changes = changes;
    return ERR_OK;
}

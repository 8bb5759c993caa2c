#include "store/refs.h"
#include "store/internal.h"
#include <inttypes.h>
#include <stdlib.h>

static const struct sql_statement ref_read = {
    .text = "SELECT id FROM provider_ref WHERE scope = ?1 AND kind = ?2 AND provider_id = ?3",
    .parameters = "itt",
    .postgres_set =
        "SELECT p.n, r.id FROM unnest(?1, ?2, ?3) WITH ORDINALITY p (scope, kind, provider_id, n) "
        "JOIN provider_ref r "
        "ON r.scope = p.scope AND r.kind = p.kind AND r.provider_id = p.provider_id",
    .sqlite_set = "SELECT n, id FROM given CROSS JOIN provider_ref "
                  "ON scope = c1 AND kind = c2 AND provider_id = c3",
};
static const struct sql_statement ref_add = {
    .text = "INSERT INTO provider_ref (scope, kind, provider_id, id) VALUES (?1, ?2, ?3, ?4) "
            "ON CONFLICT (scope, kind, provider_id) DO NOTHING",
    .parameters = "ittb",
    .postgres_set = "INSERT INTO provider_ref (scope, kind, provider_id, id) "
                    "SELECT * FROM unnest(?1, ?2, ?3, ?4) "
                    "ON CONFLICT (scope, kind, provider_id) DO NOTHING",
    .sqlite_set = "INSERT INTO provider_ref (scope, kind, provider_id, id) "
                  "SELECT c1, c2, c3, c4 FROM given WHERE true "
                  "ON CONFLICT (scope, kind, provider_id) DO NOTHING",
};
/* Ids that a replay had to make (store/shadow.h). */
static const struct sql_statement shadow_read = {
    .text = "SELECT id FROM shadow_ref WHERE scope = ?1 AND kind = ?2 AND provider_id = ?3",
    .parameters = "itt",
};
static const struct sql_statement shadow_add = {
    .text = "INSERT INTO shadow_ref (scope, kind, provider_id, id) VALUES (?1, ?2, ?3, ?4) "
            "ON CONFLICT (scope, kind, provider_id) DO NOTHING",
    .parameters = "ittb",
};
static const struct sql_statement scope_root = {
    .text = "SELECT coalesce(above, scope) FROM scope WHERE scope = ?1",
    .parameters = "i",
};
/* CROSS JOIN: SQLite then goes through the few scopes, each with one look-up, and not through the
 * refs. */
static const struct sql_statement ref_find_anywhere = {
    .text = "SELECT id, scope FROM provider_ref WHERE provider_id = ?2 AND kind = ?1",
    .parameters = "tt",
};
static const struct sql_statement ref_names_list = {
    .text = "SELECT provider_id FROM provider_ref WHERE id = ?1 AND kind = ?2 ORDER BY provider_id",
    .parameters = "bt",
};

/* --- resolve --- */

static int compare_keys(const struct ref *a, const struct ref *b)
{
    if (a->scope != b->scope) {
        return a->scope < b->scope ? -1 : 1;
    }
    if (a->kind != b->kind) {
        return strcmp(id_kind_word(a->kind), id_kind_word(b->kind));
    }
    return str_compare(a->provider_id, b->provider_id);
}

static int compare_refs(const void *a, const void *b)
{
    struct ref *left = *(struct ref *const *)a;
    struct ref *right = *(struct ref *const *)b;
    int order = compare_keys(left, right);
    return order != 0 ? order : (left > right) - (left < right);
}

struct ref_read_walk {
    struct ref **unique;
    bool *found;
};

static enum err take_ref(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)column_count;
    struct ref_read_walk *walk = context;
    struct own_id stands = column_id(&columns[0]);
    struct ref *ref = walk->unique[index];
    /* The ids given are random: one that stands and is ours was written by us, just now. */
    ref->created = own_id_eq(stands, ref->id);
    ref->id = stands;
    walk->found[index] = true;
    return ERR_OK;
}

/* Reads the `count` refs; how many are missing is in *ret_missing, and they come first afterwards.
 */
static enum err read_refs(struct store *store,
    const struct sql_statement *statement,
    struct arena *scratch,
    struct ref **refs,
    uint32_t count,
    uint32_t *ret_missing,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, statement, count);
    struct ref_read_walk walk = {refs, arena_new_array(scratch, bool, count)};
    if (to.values == NULL || walk.found == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        parameters_add(&to, sql_int(refs[i]->scope));
        parameters_add(&to, sql_word(id_kind_word(refs[i]->kind)));
        parameters_add(&to, sql_text(refs[i]->provider_id));
    }
    TRY(sql_run(store->engine, statement, to.values, count, take_ref, &walk, NULL, reterr));
    uint32_t missing = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (!walk.found[i]) {
            refs[missing++] = refs[i];
        }
    }
    *ret_missing = missing;
    return ERR_OK;
}

static enum err add_refs(struct store *store,
    struct arena *scratch,
    struct ref **refs,
    uint32_t count,
    struct err_info *reterr)
{
    struct parameters to = parameters_new(scratch, &ref_add, count);
    if (to.values == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        REQUIRE(refs[i]->scope > 0);
        REQUIRE(refs[i]->provider_id.len > 0);
        REQUIRE(!own_id_is_none(refs[i]->id));
        parameters_add(&to, sql_int(refs[i]->scope));
        parameters_add(&to, sql_word(id_kind_word(refs[i]->kind)));
        parameters_add(&to, sql_text(refs[i]->provider_id));
        parameters_add(&to, sql_id(&refs[i]->id));
    }
    const struct sql_statement *statement = store->engine->shadowed ? &shadow_add : &ref_add;
    int64_t added = 0;
    TRY(sql_run(store->engine, statement, to.values, count, NULL, NULL, &added, reterr));
    if (added == count) {
        for (uint32_t i = 0; i < count; i++) {
            refs[i]->created = true;
        }
        return ERR_OK;
    }
    /* Another worker was faster with some of them, and has committed. */
    uint32_t missing = 0;
    TRY(read_refs(store, &ref_read, scratch, refs, count, &missing, reterr));
    ENSURE(missing == 0);
    return ERR_OK;
}

static int compare_ids(const void *a, const void *b)
{
    const struct ref *left = *(struct ref *const *)a;
    const struct ref *right = *(struct ref *const *)b;
    int order = own_id_compare(left->id, right->id);
    return order != 0 ? order : compare_keys(left, right);
}

/* Sorts them. A row that was made by hand may give one id to a payment and to an attempt. */
static enum err check_ids(struct ref **refs, uint32_t count, struct err_info *reterr)
{
    qsort(refs, count, sizeof *refs, compare_ids);
    for (uint32_t i = 0; i < count; i++) {
        const struct ref *ref = refs[i];
        if (own_id_is_none(ref->id)) {
            return err_set(reterr, ERR_STORE_IO,
                "provider_ref.id of the %s " STR_FMT " holds what this version cannot read",
                id_kind_word(ref->kind), STR_ARG(ref->provider_id));
        }
        const struct ref *before = i == 0 ? ref : refs[i - 1];
        if (own_id_eq(before->id, ref->id) && before->kind != ref->kind) {
            return err_set(reterr, ERR_STORE_IO,
                "provider_ref has one id for the %s " STR_FMT " and the %s " STR_FMT,
                id_kind_word(before->kind), STR_ARG(before->provider_id), id_kind_word(ref->kind),
                STR_ARG(ref->provider_id));
        }
    }
    return ERR_OK;
}

enum err refs_resolve(struct store *store,
    struct arena *arena,
    struct ref *refs,
    uint32_t count,
    struct err_info *reterr)
{
    REQUIRE(refs != NULL || count == 0);
    (void)arena; /* nothing of ours outlives the call */
    struct arena *scratch = store_writing(store);
    struct ref **sorted = arena_alloc_array(scratch, sizeof *sorted, count);
    struct ref **unique = arena_alloc_array(scratch, sizeof *unique, count);
    if (sorted == NULL || unique == NULL) {
        return store_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        refs[i].created = false;
        sorted[i] = &refs[i];
    }
    qsort(sorted, count, sizeof *sorted, compare_refs);
    uint32_t unique_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || compare_keys(sorted[i - 1], sorted[i]) != 0) {
            unique[unique_count++] = sorted[i];
        }
    }
    uint32_t missing = 0;
    TRY(read_refs(store, &ref_read, scratch, unique, unique_count, &missing, reterr));
    if (missing > 0 && store->engine->shadowed) {
        TRY(read_refs(store, &shadow_read, scratch, unique, missing, &missing, reterr));
    }
    if (missing > 0) {
        TRY(add_refs(store, scratch, unique, missing, reterr));
    }
    for (uint32_t i = 1; i < count; i++) {
        if (compare_keys(sorted[i - 1], sorted[i]) == 0) {
            sorted[i]->id = sorted[i - 1]->id;
        }
    }
    return check_ids(sorted, count, reterr);
}

/* --- looking --- */

struct ref_search {
    struct own_id id;
    int64_t scope;
    uint32_t found;
};

static enum err take_found(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    struct ref_search *search = context;
    search->id = column_id(&columns[0]);
    if (column_count > 1) {
        search->scope = column_int(&columns[1]);
    }
    search->found++;
    return ERR_OK;
}

enum err ref_find(struct store *store,
    int64_t scope,
    enum id_kind kind,
    struct str provider_id,
    struct own_id *ret_id,
    int64_t *ret_scope,
    struct err_info *reterr)
{
    REQUIRE(ret_id != NULL);
    REQUIRE(ret_scope != NULL);
    (void)store_reading(store);
    struct ref_search search = {0};
    struct sql_value word = sql_word(id_kind_word(kind));
    if (scope != 0) {
        int64_t root = scope;
        TRY(store_run_one(store, &scope_root, (struct sql_value[]){sql_int(scope)}, store_take_int,
            &root, reterr));
        search.scope = ref_scope(kind, scope, root);
        struct sql_value values[] = {sql_int(search.scope), word, sql_text(provider_id)};
        TRY(store_run_one(store, &ref_read, values, take_found, &search, reterr));
    } else {
        struct sql_value values[] = {word, sql_text(provider_id)};
        TRY(store_run_one(store, &ref_find_anywhere, values, take_found, &search, reterr));
    }
    if (search.found == 0) {
        return err_set(reterr, ERR_NOT_FOUND, "no %s is known by that id", id_kind_word(kind));
    }
    if (search.found > 1) {
        return err_set(reterr, ERR_CONFLICT, "%u accounts have a %s of that id: say which account",
            search.found, id_kind_word(kind));
    }
    *ret_id = search.id;
    *ret_scope = search.scope;
    return ERR_OK;
}

static enum err take_name(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    (void)index;
    (void)column_count;
    struct rows *rows = context;
    struct str *name = rows_add(rows);
    if (name == NULL || !column_copy(rows->arena, &columns[0], name)) {
        return store_out_of_room(rows->reterr);
    }
    return ERR_OK;
}

enum err ref_names(struct store *store,
    enum id_kind kind,
    struct own_id id,
    struct arena *arena,
    struct str **ret_provider_ids,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(!own_id_is_none(id));
    (void)store_reading(store);
    struct rows rows = rows_new(arena, sizeof(struct str), UINT32_MAX, reterr);
    struct sql_value values[] = {sql_id(&id), sql_word(id_kind_word(kind))};
    TRY(store_run_one(store, &ref_names_list, values, take_name, &rows, reterr));
    *ret_provider_ids = (struct str *)(void *)rows.items;
    *ret_count = rows.count;
    return ERR_OK;
}

/* Every upcaster: old shape in, newest shape out. The cases lie in upcast/DATE_NAME.json; adding
 * one adds a test. */
#include "provider/stripe/upcaster.h"
#include "samples.h"

#define FILES_MAX 200
#define ROOM_MAX ((size_t)64 * 1024)
#define NODES_FACTOR 8 /* an upcaster adds some members for each that was there */

static struct arena *arena;

static int open_arena(void **state)
{
    (void)state;
    arena = arena_new(ARENA_BYTES);
    return arena == NULL ? -1 : 0;
}

static int close_arena(void **state)
{
    (void)state;
    arena = arena_free(arena);
    return 0;
}

static size_t count_nodes(const struct json *value)
{
    size_t count = 1;
    for (const struct json *child = value->first; child != NULL; child = child->next) {
        count += count_nodes(child);
    }
    return count;
}

static void print_json(const char *what, const struct json *value, int depth)
{
    if (what != NULL) {
        print_error("%s: ", what);
    }
    if (value->kind == JSON_OBJECT || value->kind == JSON_ARRAY) {
        print_error("%c\n", value->kind == JSON_OBJECT ? '{' : '[');
        for (const struct json *child = value->first; child != NULL; child = child->next) {
            print_error("%*s" STR_FMT ": ", depth * 2 + 2, "", STR_ARG(child->key));
            print_json(NULL, child, depth + 1);
        }
        print_error("%*s%c\n", depth * 2, "", value->kind == JSON_OBJECT ? '}' : ']');
    } else {
        print_error("%d " STR_FMT "\n", (int)value->kind, STR_ARG(value->text));
    }
}

/* ---- the cases ---------------------------------------------------------------------------- */

struct fixture {
    const char *file; /* without .json */
    struct str name, version;
    const struct json *old, *newest;
};
typedef void fixture_fn(const struct fixture *fixture, void *context);

static uint32_t list_files(struct str *files)
{
    DIR *folder = opendir(SOURCE_ROOT "/tests/unit/provider/upcast");
    assert_non_null(folder);
    uint32_t count = 0;
    for (struct dirent *entry; (entry = readdir(folder)) != NULL;) {
        const char *dot = strrchr(entry->d_name, '.');
        if (dot != NULL && strcmp(dot, ".json") == 0) {
            assert_true(count < FILES_MAX);
            struct str name = {entry->d_name, (size_t)(dot - entry->d_name)};
            files[count++] = arena_copy(arena, name);
        }
    }
    (void)closedir(folder);
    return count;
}

static void for_each_fixture(fixture_fn *visit, void *context)
{
    struct str files[FILES_MAX];
    uint32_t count = list_files(files);
    assert_true(count > 0);
    for (uint32_t i = 0; i < count; i++) {
        char path[1024];
        (void)snprintf(
            path, sizeof path, SOURCE_ROOT "/tests/unit/provider/upcast/%s.json", files[i].data);
        struct json_document document;
        assert_err(json_parse(sample_file(arena, path), arena, &document), ERR_OK);
        for (const struct json *row = document.root->first; row != NULL; row = row->next) {
            struct fixture fixture = {files[i].data, json_string(json_get(row, STR("case"))),
                json_string(json_get(row, STR("version"))), json_get(row, STR("old")),
                json_get(row, STR("newest"))};
            assert_row(fixture.name.len > 0 && fixture.old != NULL && fixture.newest != NULL, path);
            visit(&fixture, context);
        }
    }
}

static const struct json *upcasted(const struct json *object, struct str version)
{
    const struct json *newest = NULL;
    assert_err(stripe_upcast(object, version, arena, &newest), ERR_OK);
    assert_non_null(newest);
    return newest;
}

static void check_shape(const struct fixture *fixture, void *context)
{
    (void)context;
    const struct json *newest = upcasted(fixture->old, fixture->version);
    if (!json_equal(newest, fixture->newest)) {
        print_error("%s: " STR_FMT "\n", fixture->file, STR_ARG(fixture->name));
        print_json("is", newest, 0);
        print_json("expected", fixture->newest, 0);
        fail();
    }
}

static void old_shapes_come_out_newest(void **state)
{
    (void)state;
    for_each_fixture(check_shape, NULL);
}

static void check_untouched(const struct fixture *fixture, void *context)
{
    (void)context;
    const struct json *newest = upcasted(fixture->old, fixture->version);
    assert_row(upcasted(newest, fixture->version) == newest, fixture->file);
    assert_row(upcasted(newest, STR("2026-10-28.endive")) == newest, fixture->file);
    assert_row(upcasted(fixture->newest, STR_NONE) == fixture->newest, fixture->file);
    if (json_equal(fixture->old, fixture->newest)) {
        assert_row(newest == fixture->old, fixture->file);
    }
}

static void the_newest_shape_is_given_back_as_it_is(void **state)
{
    (void)state;
    for_each_fixture(check_untouched, NULL);
}

/* ---- bytes that Stripe would not send ------------------------------------------------------ */

struct spoiling {
    const struct json *instead;
    uint32_t at;   /* which value is spoilt, counted from the outermost */
    uint32_t seen; /* so many were passed */
};

static const struct json *spoil(const struct json *value, void *context)
{
    struct spoiling *spoiling = context;
    if (spoiling->seen++ == spoiling->at) {
        return spoiling->instead;
    }
    return json_map(value, spoil, context, arena);
}

/* Each value of the case, one after the other, becomes something else. */
static void check_spoilt(const struct fixture *fixture, void *context)
{
    const struct json *instead = context;
    size_t nodes = count_nodes(fixture->old);
    for (uint32_t at = 1; at < nodes; at++) {
        struct spoiling spoiling = {instead, at, 0};
        const struct json *odd = spoil(fixture->old, &spoiling);
        const struct json *newest = upcasted(odd, fixture->version);
        assert_row(upcasted(newest, fixture->version) == newest, fixture->file);
        assert_row(count_nodes(newest) <= NODES_FACTOR * count_nodes(odd), fixture->file);
    }
}

static void values_of_any_kind_anywhere_do_no_harm(void **state)
{
    (void)state;
    static const char *const odd[] = {"null", "true", "-1", "1e400", "\"\"", "\"x\"", "[]", "{}",
        "[null,1,\"x\",[],{}]", "{\"object\":\"charge\"}",
        "{\"id\":{\"id\":{}},\"object\":\"list\"}",
        "{\"object\":\"list\",\"data\":{\"data\":[]},\"count\":[]}"};
    for (size_t i = 0; i < sizeof odd / sizeof odd[0]; i++) {
        struct json_document document;
        assert_err(json_parse(str_from(odd[i]), arena, &document), ERR_OK);
        for_each_fixture(check_spoilt, (void *)(uintptr_t)document.root);
    }
}

/* Each level has what an upcaster moves inwards: were anything doubled, 20 levels would be 2^20. */
static void nothing_is_doubled_however_deep(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 1 << 20);
    for (int level = 0; level < 20; level++) {
        buf_add(&text,
            STR("{\"object\":\"invoice\",\"id\":\"in_1\",\"payment\":\"ch_1\",\"status\":\"paid\","
                "\"tax\":1,\"currency\":{\"object\":\"card\",\"type\":{}},\"subscription\":\"sub_"
                "1\","
                "\"payment_intent\":{\"object\":\"payment_intent\",\"id\":\"pi_1\",\"invoice\":"));
    }
    buf_add(&text, STR("null"));
    for (int level = 0; level < 20; level++) {
        buf_add(&text, STR("}}"));
    }
    struct json_document document;
    assert_err(json_parse(buf_str(&text), arena, &document), ERR_OK);
    const struct json *newest = upcasted(document.root, STR_NONE);
    assert_true(count_nodes(newest) <= NODES_FACTOR * count_nodes(document.root));
    assert_ptr_equal(upcasted(newest, STR_NONE), newest);
}

/* The room runs out at every place where some is asked for. */
static void check_every_room(const struct fixture *fixture, void *context)
{
    uint32_t *failures = context;
    enum err err = ERR_TOO_LARGE;
    for (size_t bytes = 1; err != ERR_OK; bytes += sizeof(struct json) / 2) {
        assert_row(bytes < ROOM_MAX, fixture->file);
        CLEANUP(arena_free) struct arena *small = arena_new(bytes);
        assert_non_null(small);
        const struct json *newest = NULL;
        err = stripe_upcast(fixture->old, fixture->version, small, &newest);
        assert_row(err == ERR_OK || (err == ERR_TOO_LARGE && newest == NULL), fixture->file);
        *failures += err != ERR_OK;
    }
}

static void without_room_it_is_too_large(void **state)
{
    (void)state;
    uint32_t failures = 0;
    for_each_fixture(check_every_room, &failures);
    assert_true(failures > 1000);
}

/* ---- the table ----------------------------------------------------------------------------- */

struct search {
    const struct stripe_upcaster *rows;
    size_t row; /* the one looked for */
    uint32_t changed;
};

/* What the row is given: the case's object after the rows above it. */
static void try_row(const struct fixture *fixture, void *context)
{
    struct search *search = context;
    const struct stripe_upcaster *wanted = &search->rows[search->row];
    char file[200];
    (void)snprintf(file, sizeof file, "%s_%s", wanted->date, wanted->name);
    if (strcmp(file, fixture->file) != 0) {
        return;
    }
    struct upcasting upcasting = {arena, fixture->version};
    const struct json *object = fixture->old;
    for (size_t i = 0; i <= search->row; i++) {
        const struct stripe_upcaster *row = &search->rows[i];
        if (row->object.len > 0 &&
            !str_eq(row->object, json_string(json_get(object, STR("object"))))) {
            continue;
        }
        const struct json *newer = row->apply(object, &upcasting);
        assert_row(newer != NULL, row->name);
        search->changed += i == search->row && newer != object;
        object = newer;
    }
}

static void every_row_has_a_case_that_it_changes(void **state)
{
    (void)state;
    size_t count = 0;
    const struct stripe_upcaster *rows = stripe_upcasters(&count);
    for (size_t i = 0; i < count; i++) {
        struct search search = {rows, i, 0};
        for_each_fixture(try_row, &search);
        assert_row(search.changed > 0, rows[i].name);
    }
}

static void rows_stand_in_the_order_of_their_dates(void **state)
{
    (void)state;
    size_t count = 0;
    const struct stripe_upcaster *rows = stripe_upcasters(&count);
    assert_true(count > 0);
    for (size_t i = 0; i < count; i++) {
        assert_row(strlen(rows[i].date) == 10, rows[i].name);
        assert_row(strlen(rows[i].what) > 0, rows[i].name);
        assert_row(i == 0 || strcmp(rows[i - 1].date, rows[i].date) <= 0, rows[i].name);
    }
}

static void a_plan_becomes_a_price_where_asked_for(void **state)
{
    (void)state;
    struct json_document plan;
    struct json_document price;
    assert_err(
        json_parse(STR("{\"object\":\"plan\",\"id\":\"gold\",\"amount\":5,\"interval\":\"month\","
                       "\"tiers\":[{\"amount\":5}]}"),
            arena, &plan),
        ERR_OK);
    assert_err(
        json_parse(
            STR("{\"object\":\"price\",\"id\":\"gold\",\"type\":\"recurring\",\"unit_amount\":5,"
                "\"recurring\":{\"interval\":\"month\"},\"tiers\":[{\"unit_amount\":5}]}"),
            arena, &price),
        ERR_OK);
    assert_true(json_equal(stripe_price_of_plan(plan.root, arena), price.root));
    assert_ptr_equal(stripe_price_of_plan(price.root, arena), price.root);
}

#define UPCASTING(test) TEST_WITH(test, open_arena, close_arena)

TESTS_MAIN("upcast",
    UPCASTING(old_shapes_come_out_newest),
    UPCASTING(the_newest_shape_is_given_back_as_it_is),
    UPCASTING(values_of_any_kind_anywhere_do_no_harm),
    UPCASTING(nothing_is_doubled_however_deep),
    UPCASTING(without_room_it_is_too_large),
    UPCASTING(every_row_has_a_case_that_it_changes),
    UPCASTING(rows_stand_in_the_order_of_their_dates),
    UPCASTING(a_plan_becomes_a_price_where_asked_for))

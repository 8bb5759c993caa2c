/* Every row of every object against values that it was not made for. A minimal object is made from
 * the rows themselves, so a new row is tested by being there. */
#include "provider/stripe/objects.h"
#include "samples.h"

struct bad {
    const char *json;
    const char *secret; /* what no message may repeat; NULL: nothing */
};
static const struct bad bads[] = {
    {"null", NULL},
    {"true", NULL},
    {"-7", NULL},
    {"1.5", NULL},
    {"1e400", NULL},
    {"9223372036854775808", NULL},
    {"99999999999999999999999999", NULL},
    {"\"\"", NULL},
    {"\"SECRET-7\"", "SECRET-7"},
    {"[]", NULL},
    {"[\"SECRET-7\"]", "SECRET-7"},
    {"{}", NULL},
    {"{\"id\":7}", NULL},
    {"{\"id\":\"SECRET-7\",\"object\":\"file\"}", NULL},
    {"{\"object\":\"list\",\"has_more\":true}", NULL},
};

/* A value that the row takes. */
static const char *good(enum stripe_object object, const struct stripe_field *row)
{
    switch (row->type) {
    case STRIPE_MINOR:
    case STRIPE_SIGNED:
    case STRIPE_WHOLE:
        return "1200";
    case STRIPE_TIME:
        return "1790000000";
    case STRIPE_BOOL:
    case STRIPE_PRESENT:
        return "true";
    case STRIPE_CURRENCY:
        return "\"eur\"";
    case STRIPE_LINK:
        return "\"xx_1\"";
    case STRIPE_STATE: {
        static char word[64];
        size_t count = 0;
        const struct stripe_status *words = stripe_status_words(&count);
        for (size_t i = 0; i < count; i++) {
            if (words[i].object == object) {
                (void)snprintf(word, sizeof word, "\"" STR_FMT "\"", STR_ARG(words[i].word));
                return word;
            }
        }
        return "\"other\"";
    }
    case STRIPE_ID:
    case STRIPE_TEXT:
    case STRIPE_WORD:
    case STRIPE_TIME_TEXT:
    case STRIPE_LIST:
    case STRIPE_ANY:
    default:
        return "\"word\"";
    }
}

/* Puts `value` at a dotted path of a tree that is a list of path and value: later ones win. */
struct leaf {
    struct str path;
    const char *value;
};
#define LEAVES_MAX 128

/* Writes the members below `prefix`: leaves, and objects for what lies deeper. */
static void add_members(
    const struct leaf *leaves, size_t count, struct str prefix, struct json_writer *to)
{
    for (size_t i = 0; i < count; i++) {
        if (!str_starts_with(leaves[i].path, prefix)) {
            continue;
        }
        struct str rest = {leaves[i].path.data + prefix.len, leaves[i].path.len - prefix.len};
        struct str tail = rest;
        struct str head = str_cut(&tail, '.');
        bool again = false; /* an earlier leaf has brought this member */
        for (size_t j = 0; j < i; j++) {
            struct str whole = {leaves[i].path.data, prefix.len + head.len};
            again =
                again || str_eq(leaves[j].path, whole) ||
                (str_starts_with(leaves[j].path, whole) && leaves[j].path.data[whole.len] == '.');
        }
        if (again) {
            continue;
        }
        if (head.len == rest.len) {
            json_add_raw(to, head, str_from(leaves[i].value));
        } else {
            json_begin_object(to, head);
            add_members(
                leaves, count, (struct str){leaves[i].path.data, prefix.len + head.len + 1}, to);
            json_end_object(to);
        }
    }
}

/* The object with every required field, and one row's field as given (NULL: none of them). */
static struct str make_body(enum stripe_object object,
    const struct stripe_field *bad_row,
    const char *bad_value,
    struct arena *arena)
{
    struct leaf leaves[LEAVES_MAX];
    size_t leaf_count = 0;
    size_t count = 0;
    const struct stripe_field *rows = stripe_map_rows(object, &count);
    if (bad_row != NULL) {
        leaves[leaf_count++] = (struct leaf){bad_row->path, bad_value};
    }
    leaves[leaf_count++] = (struct leaf){STR("id"), "\"yy_1\""};
    leaves[leaf_count++] = (struct leaf){STR("object"), NULL};
    char word[80];
    (void)snprintf(word, sizeof word, "\"%s\"", stripe_object_word(object));
    leaves[leaf_count - 1].value = word;
    for (size_t i = 0; i < count && leaf_count < LEAVES_MAX; i++) {
        if (rows[i].need == STRIPE_REQUIRED) {
            leaves[leaf_count++] = (struct leaf){rows[i].path, good(object, &rows[i])};
        }
    }
    struct buf body;
    buf_init(&body, 65536);
    struct json_writer writer;
    json_writer_init(&writer, &body);
    json_begin_object(&writer, STR_NONE);
    add_members(leaves, leaf_count, STR(""), &writer);
    json_end_object(&writer);
    struct str copy = arena_copy(arena, buf_str(&body));
    buf_fini(&body);
    return copy;
}

static enum err decode(
    struct str body, struct arena *arena, struct notice_list *ret, struct err_info *reterr)
{
    struct stored_event event = {
        body, STR(STRIPE_FETCHED_PREFIX "thing"), INT64_C(1790000000000000)};
    return stripe_provider.decode(&event, arena, ret, reterr);
}

static void objects_of_required_fields_alone_decode(void **state)
{
    (void)state;
    for (int i = 0; i < STRIPE_MODELLED_COUNT; i++) {
        enum stripe_object object = (enum stripe_object)i;
        if (stripe_own_decoder(object) != NULL) {
            continue;
        }
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list;
        struct err_info info = {""};
        struct str body = make_body(object, NULL, NULL, arena);
        enum err err = decode(body, arena, &list, &info);
        if (err != ERR_OK) {
            print_error(
                "%s: %s: " STR_FMT "\n", stripe_object_word(object), info.text, STR_ARG(body));
        }
        assert_err(err, ERR_OK);
        assert_row(list.count > 0, stripe_object_word(object));
    }
}

/* Does it name the field, by this path or by that to which it is brought? */
static bool names_field(const char *text, enum stripe_object object, const struct stripe_field *row)
{
    size_t count = 0;
    const struct stripe_field *rows = stripe_map_rows(object, &count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].offset == row->offset && strstr(text, rows[i].path.data) != NULL) {
            return true;
        }
    }
    return false;
}

/* Decoded, or refused with a word that names the field and repeats nothing of its value. */
static void check(enum stripe_object object, const struct stripe_field *row, const struct bad *bad)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = {.count = 0};
    struct err_info info = {""};
    struct str body = make_body(object, row, bad->json, arena);
    enum err err = decode(body, arena, &list, &info);
    bool is_fine = err == ERR_OK
                       ? list.count > 0
                       : err_class(err) == ERR_CLASS_INPUT && list.count == 0 &&
                             names_field(info.text, object, row) &&
                             (bad->secret == NULL || strstr(info.text, bad->secret) == NULL);
    if (!is_fine) {
        print_error("%s %s = %s: %s: %s (" STR_FMT ")\n", stripe_object_word(object),
            row->path.data, bad->json, err_name(err), info.text, STR_ARG(body));
    }
    assert_true(is_fine);
}

static void odd_values_are_refused_by_name_or_leave_the_rest_whole(void **state)
{
    (void)state;
    uint32_t checked = 0;
    for (int i = 0; i < STRIPE_MODELLED_COUNT; i++) {
        enum stripe_object object = (enum stripe_object)i;
        size_t count = 0;
        const struct stripe_field *rows = stripe_map_rows(object, &count);
        for (size_t r = 0; r < count; r++) {
            if (str_eq(rows[r].path, STR("object"))) {
                continue; /* another word there makes it another object */
            }
            for (size_t b = 0; b < sizeof bads / sizeof bads[0]; b++) {
                check(object, &rows[r], &bads[b]);
                checked++;
            }
        }
    }
    print_message("# %u odd values\n", checked);
    assert_true(checked > 3000);
}

static void required_fields_that_are_missing_are_named(void **state)
{
    (void)state;
    for (int i = 0; i < STRIPE_MODELLED_COUNT; i++) {
        enum stripe_object object = (enum stripe_object)i;
        size_t count = 0;
        const struct stripe_field *rows = stripe_map_rows(object, &count);
        for (size_t r = 0; r < count; r++) {
            bool is_alone = (r == 0 || rows[r - 1].offset != rows[r].offset) &&
                            (r + 1 == count || rows[r + 1].offset != rows[r].offset);
            if (rows[r].need != STRIPE_REQUIRED || !is_alone) {
                continue;
            }
            CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
            struct notice_list list = {.count = 0};
            struct err_info info = {""};
            assert_err(decode(make_body(object, &rows[r], "null", arena), arena, &list, &info),
                ERR_INVALID);
            assert_row(strstr(info.text, rows[r].path.data) != NULL, info.text);
            assert_row(strstr(info.text, "missing") != NULL, info.text);
        }
    }
}

TESTS_MAIN("bad_fields",
    TEST(objects_of_required_fields_alone_decode),
    TEST(odd_values_are_refused_by_name_or_leave_the_rest_whole),
    TEST(required_fields_that_are_missing_are_named))

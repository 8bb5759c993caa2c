/* Both tables against the provider's own list of types; the list is no part of the repository. */
#include "event_type_rows.h"

#define LIST "event-types.txt"

enum section { SECTION_CURRENT, SECTION_HISTORICAL, SECTION_THIN, SECTION_COUNT };

struct listed {
    struct str type, object; /* object: of current types only */
};
struct list {
    struct listed types[SECTION_COUNT][CURRENT_TYPES * 2];
    size_t count[SECTION_COUNT];
};

static enum section section_of_heading(struct str line, enum section section)
{
    if (str_starts_with(line, STR("# ---- Types that older"))) {
        return SECTION_HISTORICAL;
    }
    if (str_starts_with(line, STR("# ---- Thin event"))) {
        return SECTION_THIN;
    }
    return section;
}

static struct list *list_read(struct arena *arena)
{
    struct str text = sample_file(arena, sample_shared(LIST));
    struct list *list = arena_alloc(arena, sizeof *list);
    assert_true(text.len > 0 && list != NULL);
    enum section section = SECTION_CURRENT;
    while (text.len > 0) {
        struct str line = str_cut(&text, '\n');
        section = section_of_heading(line, section);
        if (line.len == 0 || line.data[0] == '#') {
            continue;
        }
        size_t place = list->count[section]++;
        assert_true(place < sizeof list->types[section] / sizeof list->types[section][0]);
        struct listed *listed = &list->types[section][place];
        listed->type = str_cut(&line, '\t');
        listed->object = str_cut(&line, '\t');
    }
    assert_int_equal(list->count[SECTION_CURRENT], CURRENT_TYPES);
    assert_true(list->count[SECTION_HISTORICAL] > 0 && list->count[SECTION_THIN] > 0);
    return list;
}

static const struct listed *list_find(
    const struct list *list, enum section section, const char *type)
{
    for (size_t i = 0; i < list->count[section]; i++) {
        if (str_eq(list->types[section][i].type, str_from(type))) {
            return &list->types[section][i];
        }
    }
    return NULL;
}

static const char *text_of(struct str s)
{
    static char text[LIMIT_EVENT_TYPE_BYTES + 1];
    assert_true(str_copy_to(text, sizeof text, s));
    return text;
}

static void every_listed_type_has_a_row(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    const struct list *list = list_read(arena);
    for (enum section section = SECTION_CURRENT; section <= SECTION_HISTORICAL; section++) {
        for (size_t i = 0; i < list->count[section]; i++) {
            struct str type = list->types[section][i].type;
            assert_row(row_find(event_rows, EVENT_ROW_COUNT, type) != NULL, text_of(type));
            assert_row(type_is_historical(text_of(type)) == (section == SECTION_HISTORICAL),
                text_of(type));
        }
    }
}

/* The list has them in a remark, not in a row. */
static bool stands_in_a_remark(const char *type)
{
    static const char *const types[] = {"customer.card.created", "customer.card.updated",
        "customer.card.deleted", "customer.bank_account.deleted", "transfer.canceled", "ping"};
    for (size_t i = 0; i < sizeof types / sizeof *types; i++) {
        if (strcmp(types[i], type) == 0) {
            return true;
        }
    }
    return false;
}

static void no_row_has_a_type_that_nobody_listed(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    const struct list *list = list_read(arena);
    for (size_t i = 0; i < EVENT_ROW_COUNT; i++) {
        const char *type = event_rows[i].type;
        assert_row(list_find(list, SECTION_CURRENT, type) != NULL ||
                       list_find(list, SECTION_HISTORICAL, type) != NULL ||
                       stands_in_a_remark(type),
            type);
    }
}

/* The provider's word for an object of ours is the same in small letters, but for these. */
static struct str word_of(const char *object, char *buffer, size_t buffer_size)
{
    static const struct {
        const char *object, *word;
    } others[] = {
        {"CHECKOUT_SESSION", "checkout.session"},
        {"EARLY_FRAUD_WARNING", "radar.early_fraud_warning"},
        {"REPORT_RUN", "reporting.report_run"},
        {"REPORT_TYPE", "reporting.report_type"},
    };
    for (size_t i = 0; i < sizeof others / sizeof *others; i++) {
        if (strcmp(others[i].object, object) == 0) {
            return str_from(others[i].word);
        }
    }
    size_t len = strlen(object);
    assert_true(len < buffer_size);
    for (size_t i = 0; i < len; i++) {
        bool capital = object[i] >= 'A' && object[i] <= 'Z';
        buffer[i] = (char)(capital ? object[i] - 'A' + 'a' : object[i]);
    }
    return (struct str){buffer, len};
}

static bool is_polymorphic(struct str listed_object)
{
    return memchr(listed_object.data, '|', listed_object.len) != NULL;
}

static void a_mapped_type_has_the_object_that_the_list_says(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    const struct list *list = list_read(arena);
    for (size_t i = 0; i < EVENT_ROW_COUNT; i++) {
        const struct event_type_row *row = &event_rows[i];
        const struct listed *listed = list_find(list, SECTION_CURRENT, row->type);
        if (row->object == NULL || listed == NULL) {
            continue;
        }
        if (is_polymorphic(listed->object)) {
            assert_row(strcmp(row->object, "SOURCE") == 0, row->type);
            continue;
        }
        char word[64];
        assert_row(str_eq(word_of(row->object, word, sizeof word), listed->object), row->type);
    }
}

static void every_thin_type_has_a_twin_or_a_row(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    const struct list *list = list_read(arena);
    for (size_t i = 0; i < list->count[SECTION_THIN]; i++) {
        struct str type = list->types[SECTION_THIN][i].type;
        bool has_row = row_find(thin_rows, THIN_ROW_COUNT, type) != NULL;
        assert_row(has_row != (row_of_twin(type) != NULL), text_of(type));
    }
    for (size_t i = 0; i < THIN_ROW_COUNT; i++) {
        assert_row(list_find(list, SECTION_THIN, thin_rows[i].type) != NULL, thin_rows[i].type);
    }
}

static bool list_is_there(void)
{
    return access(sample_shared(LIST), R_OK) == 0;
}

TESTS_MAIN_WHEN("event_types_listed",
    list_is_there(),
    LIST " is not there: set COUNTERFOIL_SHARED",
    TEST(every_listed_type_has_a_row),
    TEST(no_row_has_a_type_that_nobody_listed),
    TEST(a_mapped_type_has_the_object_that_the_list_says),
    TEST(every_thin_type_has_a_twin_or_a_row))

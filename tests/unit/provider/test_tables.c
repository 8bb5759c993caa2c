/* The tables that decoding runs on: what a wrong row would break without anybody noticing. */
#include "provider/stripe/objects.h"
#include "samples.h"

static void every_event_type_stands_once_and_is_found(void **state)
{
    (void)state;
    size_t count = 0;
    const struct stripe_event_row *rows = stripe_event_rows(&count);
    const struct provider_event_type *mapped = stripe_event_types();
    for (size_t i = 0; i < count; i++) {
        char type[LIMIT_EVENT_TYPE_BYTES + 1];
        assert_true(str_copy_to(type, sizeof type, rows[i].type));
        assert_row(stripe_event_find(rows[i].type) == &rows[i], type);
        assert_row(strlen(rows[i].help) > 0, type);
        if (rows[i].reason != REASON_NONE) {
            continue;
        }
        assert_row(rows[i].object < STRIPE_MODELLED_COUNT, type);
        assert_non_null(mapped->type);
        assert_string_equal(mapped->type, type);
        assert_int_equal(mapped->reason, REASON_NONE);
        mapped++;
    }
    assert_null(mapped->type);
}

static void assert_members_stand_together(const struct stripe_field *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        for (size_t j = i + 1; j < count; j++) {
            bool same = rows[i].object == rows[j].object && rows[i].offset == rows[j].offset;
            bool neighbours =
                rows[j - 1].object == rows[j].object && rows[j - 1].offset == rows[j].offset;
            assert_row(!same || neighbours, rows[j].member);
            assert_row(!same || rows[i].type == rows[j].type, rows[j].member);
            assert_row(!same || rows[i].need == rows[j].need, rows[j].member);
        }
    }
}

static void rows_of_one_member_stand_together(void **state)
{
    (void)state;
    size_t count = 0;
    const struct stripe_field *rows = stripe_field_rows(&count);
    assert_members_stand_together(rows, count);
    for (int object = 0; object < STRIPE_MODELLED_COUNT; object++) {
        rows = stripe_map_rows((enum stripe_object)object, &count);
        assert_members_stand_together(rows, count);
    }
}

static void objects_stand_together(void **state)
{
    (void)state;
    size_t count = 0;
    const struct stripe_field *rows = stripe_field_rows(&count);
    bool ended[STRIPE_OBJECT_COUNT] = {false};
    for (size_t i = 0; i < count; i++) {
        assert_row(!ended[rows[i].object], rows[i].member);
        if (i + 1 < count && rows[i + 1].object != rows[i].object) {
            ended[rows[i].object] = true;
        }
    }
}

/* A row whose type does not fit its member would write over the neighbour. */
static void every_type_fits_its_member(void **state)
{
    (void)state;
    static const size_t sizes[] = {
        [STRIPE_ID] = sizeof(struct str),
        [STRIPE_WORD] = sizeof(struct str),
        [STRIPE_TEXT] = sizeof(struct str),
        [STRIPE_MINOR] = sizeof(struct stripe_int),
        [STRIPE_SIGNED] = sizeof(struct stripe_int),
        [STRIPE_WHOLE] = sizeof(struct stripe_int),
        [STRIPE_TIME] = sizeof(struct stripe_int),
        [STRIPE_TIME_TEXT] = sizeof(struct stripe_int),
        [STRIPE_BOOL] = sizeof(struct stripe_bool),
        [STRIPE_CURRENCY] = sizeof(struct currency),
        [STRIPE_LINK] = sizeof(struct stripe_link),
        [STRIPE_LIST] = sizeof(struct stripe_list),
        [STRIPE_PRESENT] = sizeof(bool),
        [STRIPE_ANY] = sizeof(struct json *),
    };
    size_t count = 0;
    const struct stripe_field *rows = stripe_field_rows(&count);
    for (size_t i = 0; i < count; i++) {
        assert_row(rows[i].size == sizes[rows[i].type], rows[i].member);
    }
}

static enum field_type field_type_of(enum stripe_field_type type)
{
    static const enum field_type types[] = {
        [STRIPE_WORD] = FIELD_ENUM,
        [STRIPE_STATE] = FIELD_ENUM,
        [STRIPE_TEXT] = FIELD_TEXT,
        [STRIPE_MINOR] = FIELD_MINOR,
        [STRIPE_SIGNED] = FIELD_MINOR,
        [STRIPE_WHOLE] = FIELD_INT,
        [STRIPE_TIME] = FIELD_TIME,
        [STRIPE_BOOL] = FIELD_BOOL,
        [STRIPE_PRESENT] = FIELD_BOOL,
        [STRIPE_CURRENCY] = FIELD_CURRENCY,
        [STRIPE_LINK] = FIELD_ID,
    };
    return types[type];
}

static void assert_maps_to_a_field(const struct stripe_field *row)
{
    const struct record_kind *kind = record_kind_of(stripe_object_row(row->object)->kind);
    const struct field *field = record_field(kind, str_from(row->member));
    assert_row(field != NULL, row->target);
    assert_row(field->offset == row->offset && field->size == row->size, row->target);
    assert_row(field_is_said(field), row->target);
    assert_row(field->type == field_type_of(row->type), row->target);
}

static void every_mapped_member_is_a_field_that_takes_its_type(void **state)
{
    (void)state;
    for (int object = 0; object < STRIPE_MODELLED_COUNT; object++) {
        size_t count = 0;
        const struct stripe_field *rows = stripe_map_rows((enum stripe_object)object, &count);
        for (size_t i = 0; i < count; i++) {
            assert_maps_to_a_field(&rows[i]);
        }
    }
}

static void every_status_is_found_and_ranks_stay_apart(void **state)
{
    (void)state;
    size_t count = 0;
    const struct stripe_status *words = stripe_status_words(&count);
    for (size_t i = 0; i < count; i++) {
        char word[64];
        assert_true(str_copy_to(word, sizeof word, words[i].word));
        assert_row(stripe_status_find(words[i].object, words[i].word) == &words[i], word);
        assert_row(words[i].rank > stripe_status_rule(STRIPE_RULE_CHARGE_UNKNOWN)->rank, word);
    }
    for (int i = 0; i < STRIPE_RULE_COUNT; i++) {
        const struct stripe_status *rule = stripe_status_rule((enum stripe_rule)i);
        assert_true(rule->rank > 0);
        assert_true(strlen(rule->note) > 0);
    }
}

static void a_status_of_another_object_is_unknown(void **state)
{
    (void)state;
    assert_null(stripe_status_find(STRIPE_REFUND, STR("requires_capture")));
    assert_null(stripe_status_find(STRIPE_CHARGE, STR("")));
}

TESTS_MAIN("tables",
    TEST(every_event_type_stands_once_and_is_found),
    TEST(rows_of_one_member_stand_together),
    TEST(objects_stand_together),
    TEST(every_type_fits_its_member),
    TEST(every_mapped_member_is_a_field_that_takes_its_type),
    TEST(every_status_is_found_and_ranks_stay_apart),
    TEST(a_status_of_another_object_is_unknown))

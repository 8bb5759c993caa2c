#include "base/check.h"
#include "base/timestamp.h"
#include "domain/aggregates.h"
#include "domain/domain_event.h"

/* ARGUMENT means something else for each type; these pick it out where it is an id kind, words or a
 * currency. */
#define KIND_OF_ID(argument) argument
#define KIND_OF_INT(argument) ID_KIND_COUNT
#define KIND_OF_MINOR(argument) ID_KIND_COUNT
#define KIND_OF_TIME(argument) ID_KIND_COUNT
#define KIND_OF_BOOL(argument) ID_KIND_COUNT
#define KIND_OF_CURRENCY(argument) ID_KIND_COUNT
#define KIND_OF_TEXT(argument) ID_KIND_COUNT
#define KIND_OF_ENUM(argument) ID_KIND_COUNT
#define WORDS_OF_ID(argument) NULL
#define WORDS_OF_INT(argument) NULL
#define WORDS_OF_MINOR(argument) NULL
#define WORDS_OF_TIME(argument) NULL
#define WORDS_OF_BOOL(argument) NULL
#define WORDS_OF_CURRENCY(argument) NULL
#define WORDS_OF_TEXT(argument) NULL
#define WORDS_OF_ENUM(argument) &argument
#define CURRENCY_OF_ID(name, argument) 0
#define CURRENCY_OF_INT(name, argument) 0
#define CURRENCY_OF_MINOR(name, argument) offsetof(struct name, argument)
#define CURRENCY_OF_TIME(name, argument) 0
#define CURRENCY_OF_BOOL(name, argument) 0
#define CURRENCY_OF_CURRENCY(name, argument) 0
#define CURRENCY_OF_TEXT(name, argument) 0
#define CURRENCY_OF_ENUM(name, argument) 0

#define AGGREGATE(NAME, name, prefix, help) static const struct field name##_fields[] = {
#define FIELD(name, type, member, argument, source, help)                                          \
    {#member, FIELD_##type, FIELD_##source, KIND_OF_##type(argument), WORDS_OF_##type(argument),   \
        CURRENCY_OF_##type(name, argument), offsetof(struct name, member),                         \
        sizeof(((struct name *)NULL)->member), help},
#define END(NAME, name)                                                                            \
    }                                                                                              \
    ;
#include "domain/aggregates.def"

/* clang-format off */
#define TYPE_OF(value) _Generic((value), bool: FIELD_BOOL, default: FIELD_TIME)
/* clang-format on */
#define AGGREGATE(NAME, name, prefix, help) static const struct fact name##_facts[] = {
#define FACT(name, NAME, event, member)                                                            \
    {EVENT_##NAME##_##event, TYPE_OF(((struct name *)NULL)->member),                               \
        offsetof(struct name, member), true},
#define WHEN(name, NAME, event, member)                                                            \
    {EVENT_##NAME##_##event, FIELD_TIME, offsetof(struct name, member), false},
#define END(NAME, name)                                                                            \
    {                                                                                              \
        -1, FIELD_BOOL, 0, false                                                                   \
    }                                                                                              \
    }                                                                                              \
    ;
#include "domain/aggregates.def"

/* clang-format off */
#define TURNING_TYPE_OF(value) _Generic((value), bool: FIELD_BOOL, int: FIELD_ENUM)
/* clang-format on */
#define AGGREGATE(NAME, name, prefix, help) static const struct turn name##_turns[] = {
#define TURN(name, NAME, event, member, from, to)                                                  \
    {EVENT_##NAME##_##event, TURNING_TYPE_OF(((struct name *)NULL)->member),                       \
        offsetof(struct name, member), (from), (to)},
#define END(NAME, name)                                                                            \
    {                                                                                              \
        -1, FIELD_BOOL, 0, 0, 0                                                                    \
    }                                                                                              \
    }                                                                                              \
    ;
#include "domain/aggregates.def"

#define AGGREGATE(NAME, name, prefix, help)                                                        \
    static const int name##_state_facts[] = {[NAME##_STATE_COUNT] = -1,
#define STATE(NAME, state, word, fact, help) [NAME##_##state] = EVENT_##NAME##_##fact,
#define END(NAME, name)                                                                            \
    }                                                                                              \
    ;
#include "domain/aggregates.def"

static const struct record_kind record_kinds[] = {
#define AGGREGATE(NAME, name, prefix, help)                                                        \
    [ID_##NAME] = {#name, ID_##NAME, help, name##_fields,                                          \
        sizeof name##_fields / sizeof name##_fields[0], sizeof(struct name), &name##_states,       \
        name##_state_facts, name##_facts, name##_turns, EVENT_##NAME##_FIRST,                      \
        EVENT_##NAME##_COUNT,                                                                      \
        {offsetof(struct name, contested), offsetof(struct name, said_at),                         \
            offsetof(struct name, said_rank), offsetof(struct name, said_content),                 \
            offsetof(struct name, milestones)}},
#include "domain/aggregates.def"
};
_Static_assert(sizeof record_kinds / sizeof record_kinds[0] == ID_KIND_COUNT, "each is described");

#define AGGREGATE(NAME, name, prefix, help)                                                        \
    _Static_assert(offsetof(struct name, head) == 0, "the head is the first member");              \
    _Static_assert(sizeof(struct name) <= RECORD_BYTES_MAX, "a record is small");                  \
    _Static_assert(EVENT_##NAME##_COUNT < 63, "facts are bits of an int64_t");
#include "domain/aggregates.def"

const struct record_kind *record_kind_of(enum id_kind kind)
{
    REQUIRE((unsigned)kind < ID_KIND_COUNT);
    const struct record_kind *found = &record_kinds[kind];
    ENSURE(found->id_kind == kind);
    return found;
}

const struct field *record_field(const struct record_kind *kind, struct str name)
{
    REQUIRE(kind != NULL);
    for (size_t i = 0; i < kind->field_count; i++) {
        if (str_eq(str_from(kind->fields[i].name), name)) {
            return &kind->fields[i];
        }
    }
    return NULL;
}

bool field_is_business(const struct field *field)
{
    return field->source != FIELD_KEPT;
}

bool field_is_said(const struct field *field)
{
    return field->source == FIELD_SAID || field->source == FIELD_LEARNED;
}

static void add_id(enum id_kind kind, struct own_id id, struct str key, struct json_writer *to)
{
    char text[OWN_ID_TEXT_BYTES];
    if (own_id_is_none(id)) {
        json_add_null(to, key);
        return;
    }
    own_id_format(kind, id, text);
    json_add_string(to, key, str_from(text));
}

static void add_time(int64_t time_us, struct str key, struct json_writer *to)
{
    char text[TIMESTAMP_TEXT_BYTES];
    if (time_us == 0) {
        json_add_null(to, key);
        return;
    }
    timestamp_format(time_us, text);
    json_add_string(to, key, str_from(text));
}

static void add_text(const char *text, struct str key, struct json_writer *to)
{
    if (text[0] == '\0') {
        json_add_null(to, key);
    } else {
        json_add_string(to, key, str_from(text));
    }
}

static void add_field(const struct field *field, const void *member, struct json_writer *to)
{
    struct str key = str_from(field->name);
    switch (field->type) {
    case FIELD_ID:
        add_id(field->id_kind, *(const struct own_id *)member, key, to);
        break;
    case FIELD_INT:
    case FIELD_MINOR:
        json_add_int(to, key, *(const int64_t *)member);
        break;
    case FIELD_TIME:
        add_time(*(const int64_t *)member, key, to);
        break;
    case FIELD_BOOL:
        json_add_bool(to, key, *(const bool *)member);
        break;
    case FIELD_CURRENCY:
        add_text(((const struct currency *)member)->code, key, to);
        break;
    case FIELD_TEXT:
        add_text(member, key, to);
        break;
    case FIELD_ENUM: {
        int value = *(const int *)member;
        INVARIANT(value >= 0 && value < field->words->count);
        json_add_string(to, key, str_from(field->words->words[value]));
        break;
    }
    default:
        UNREACHABLE();
    }
}

void record_to_json(const struct record_kind *kind, const void *record, struct json_writer *to)
{
    REQUIRE(kind != NULL);
    REQUIRE(record != NULL);
    const struct record_head *head = record;
    add_id(kind->id_kind, head->id, STR("id"), to);
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        if (field_is_business(field)) {
            add_field(field, (const char *)record + field->offset, to);
        }
    }
}

/* Text is compared as text: what stands behind its NUL means nothing. The other members have no
 * padding of their own. */
bool field_equal(const struct field *field, const void *a, const void *b)
{
    const char *member_a = (const char *)a + field->offset;
    const char *member_b = (const char *)b + field->offset;
    if (field->type == FIELD_TEXT || field->type == FIELD_CURRENCY) {
        return strncmp(member_a, member_b, field->size) == 0;
    }
    return memcmp(member_a, member_b, field->size) == 0;
}

bool record_business_equal(
    const struct record_kind *kind, const void *a, const void *b, const struct field **ret_field)
{
    REQUIRE(a != NULL);
    REQUIRE(b != NULL);
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        if (field_is_business(field) && !field_equal(field, a, b)) {
            if (ret_field != NULL) {
                *ret_field = field;
            }
            return false;
        }
    }
    return true;
}

bool record_equal(const struct record_kind *kind, const void *a, const void *b)
{
    REQUIRE(a != NULL);
    REQUIRE(b != NULL);
    for (size_t i = 0; i < kind->field_count; i++) {
        if (!field_equal(&kind->fields[i], a, b)) {
            return false;
        }
    }
    return true;
}

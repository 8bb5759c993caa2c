#include "base/check.h"
#include "base/timestamp.h"
#include "domain/aggregates.h"

/* ARGUMENT means something else for each type; these pick it out where it is an id kind or words.
 */
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

#define FIELD(type, member, argument, visibility, help)                                            \
    {#member, FIELD_##type, FIELD_##visibility, KIND_OF_##type(argument),                          \
        WORDS_OF_##type(argument), offsetof(struct RECORD, member),                                \
        sizeof(((struct RECORD *)NULL)->member), help},

#define RECORD payment
static const struct field payment_fields[] = {
#include "domain/payment.def"
};
#undef RECORD
#define RECORD attempt
static const struct field attempt_fields[] = {
#include "domain/attempt.def"
};
#undef RECORD
#define RECORD refund
static const struct field refund_fields[] = {
#include "domain/refund.def"
};
#undef RECORD
#define RECORD customer
static const struct field customer_fields[] = {
#include "domain/customer.def"
};
#undef RECORD

#define RECORD_KIND(id, record)                                                                    \
    [id] = {#record, id, record##_fields, sizeof record##_fields / sizeof record##_fields[0],      \
        sizeof(struct record)}
static const struct record_kind record_kinds[] = {
    RECORD_KIND(ID_PAYMENT, payment),
    RECORD_KIND(ID_ATTEMPT, attempt),
    RECORD_KIND(ID_REFUND, refund),
    RECORD_KIND(ID_CUSTOMER, customer),
};
_Static_assert(sizeof record_kinds / sizeof record_kinds[0] == ID_KIND_COUNT, "each is described");

#define HEAD_IS_FIRST(record)                                                                      \
    _Static_assert(offsetof(struct record, head) == 0, "the head is the first member")
HEAD_IS_FIRST(payment);
HEAD_IS_FIRST(attempt);
HEAD_IS_FIRST(refund);
HEAD_IS_FIRST(customer);

const struct record_kind *record_kind_of(enum id_kind kind)
{
    REQUIRE((unsigned)kind < ID_KIND_COUNT);
    const struct record_kind *found = &record_kinds[kind];
    ENSURE(found->id_kind == kind);
    return found;
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
        if (field->visibility == FIELD_BUSINESS) {
            add_field(field, (const char *)record + field->offset, to);
        }
    }
}

/* Text is compared as text: what stands behind its NUL means nothing. The other members have no
 * padding of their own. */
static bool field_equal(const struct field *field, const void *a, const void *b)
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
        if (field->visibility == FIELD_BUSINESS && !field_equal(field, a, b)) {
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

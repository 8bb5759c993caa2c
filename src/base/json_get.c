#include "base/check.h"
#include "base/json_internal.h"

const char *json_problem_text(enum json_problem problem)
{
    switch (problem) {
    case JSON_FINE:
        return "nothing is wrong";
    case JSON_NOT_UTF8:
        return "the bytes are not UTF-8";
    case JSON_SYNTAX:
        return "this is not JSON";
    case JSON_TOO_DEEP:
        return "it is nested too deeply";
    case JSON_TOO_MANY:
        return "it has too many members or values";
    case JSON_KEY_TWICE:
        return "an object has the same key twice";
    case JSON_NO_MEMORY:
        return "it needs more memory than is allowed";
    default:
        UNREACHABLE();
    }
}

const struct json *json_get(const struct json *object, struct str key)
{
    REQUIRE(key.data != NULL || key.len == 0);
    if (object == NULL || object->kind != JSON_OBJECT) {
        return NULL;
    }
    uint32_t hash = json_key_hash(key);
    const struct json *member = object->first;
    while (member != NULL && !(member->key_hash == hash && str_eq(member->key, key))) {
        member = member->next;
    }
    return member;
}

const struct json *json_path(const struct json *root, struct str dotted)
{
    const struct json *value = root;
    while (value != NULL && dotted.len > 0) {
        value = json_get(value, str_cut(&dotted, '.'));
    }
    return value;
}

bool json_is_null(const struct json *value)
{
    return value == NULL || value->kind == JSON_NULL;
}

struct str json_string(const struct json *value)
{
    return value != NULL && value->kind == JSON_STRING ? value->text : STR_NONE;
}

bool json_bool(const struct json *value, bool otherwise)
{
    return value != NULL && value->kind == JSON_BOOL ? value->truth : otherwise;
}

enum err json_int64(const struct json *value, int64_t *ret_value)
{
    REQUIRE(ret_value != NULL);
    if (json_is_null(value)) {
        return ERR_NOT_FOUND;
    }
    if (value->kind != JSON_NUMBER) {
        return ERR_INVALID;
    }
    for (size_t i = 0; i < value->text.len; i++) {
        char c = value->text.data[i];
        if (c == '.' || c == 'e' || c == 'E') {
            return ERR_INVALID; /* also 1.0 and 1e2: an amount written so is a surprise to be looked
                                   at */
        }
    }
    enum err err = str_to_int64(value->text, ret_value);
    ENSURE(err == ERR_OK || err == ERR_OVERFLOW);
    return err;
}

static bool arrays_equal(const struct json *a, const struct json *b)
{
    const struct json *other = b->first;
    for (const struct json *element = a->first; element != NULL; element = element->next) {
        if (!json_equal(element, other)) {
            return false;
        }
        other = other->next;
    }
    return true;
}

/* Keys are unique: as many members, and each of one side found on the other, is enough. */
static bool objects_equal(const struct json *a, const struct json *b)
{
    const struct json *guess = b->first; /* most often the order is the same */
    for (const struct json *member = a->first; member != NULL; member = member->next) {
        const struct json *other =
            guess != NULL && str_eq(guess->key, member->key) ? guess : json_get(b, member->key);
        if (other == NULL || !json_equal(member, other)) {
            return false;
        }
        guess = other->next;
    }
    return true;
}

/* Numbers are equal when written alike: 1.0 is not 1. The parser bounds the recursion. */
bool json_equal(const struct json *a, const struct json *b)
{
    if (a == NULL || b == NULL) {
        return a == b;
    }
    if (a->kind != b->kind || a->count != b->count) {
        return false;
    }
    switch (a->kind) {
    case JSON_NULL:
        return true;
    case JSON_BOOL:
        return a->truth == b->truth;
    case JSON_NUMBER:
    case JSON_STRING:
        return str_eq(a->text, b->text);
    case JSON_ARRAY:
        return arrays_equal(a, b);
    case JSON_OBJECT:
        return objects_equal(a, b);
    default:
        UNREACHABLE();
    }
}

#include "base/check.h"
#include "provider/stripe/decode.h"

/* Were the fields that `previous` names so in `before`? Nested objects name only
 * what changed in them, so they are compared member by member; arrays are whole.
 * A field that is absent was null. */
static bool was_so(const struct json *previous, const struct json *before)
{
    if (json_is_null(previous)) {
        return json_is_null(before);
    }
    if (previous->kind != JSON_OBJECT) {
        return !json_is_null(before) && json_equal(previous, before);
    }
    if (!json_is_null(before) && before->kind != JSON_OBJECT) {
        return false;
    }
    for (const struct json *member = previous->first; member != NULL; member = member->next) {
        if (!was_so(member, json_get(before, member->key))) {
            return false;
        }
    }
    return true;
}

static bool read_event(struct str body, struct arena *arena, struct stripe_event *event)
{
    struct json_document document;
    if (json_parse(body, arena, &document) != ERR_OK || document.root->kind != JSON_OBJECT) {
        return false;
    }
    (void)stripe_fields_read_what_can_be(STRIPE_EVENT, document.root, event);
    return event->data_object != NULL && event->data_object->kind == JSON_OBJECT;
}

/* Most events name nothing, and every pair of a tie is asked about: those are not even parsed. */
static bool may_name_what_was(struct str body)
{
    static const char key[] = "previous_attributes";
    return body.len > 0 && memmem(body.data, body.len, key, sizeof key - 1) != NULL;
}

bool stripe_follows(struct str later_body, struct str earlier_body, struct arena *arena)
{
    REQUIRE(arena != NULL);
    struct stripe_event later = {0};
    struct stripe_event earlier = {0};
    if (!may_name_what_was(later_body) || !read_event(later_body, arena, &later)) {
        return false;
    }
    const struct json *previous = later.previous_attributes;
    if (previous == NULL || previous->kind != JSON_OBJECT || previous->count == 0) {
        return false; /* it names nothing, so it proves nothing */
    }
    if (later.subject.len == 0 || !read_event(earlier_body, arena, &earlier) ||
        !str_eq(later.subject, earlier.subject)) {
        return false;
    }
    return was_so(previous, earlier.data_object);
}

/* ---- versions ---------------------------------------------------------------------------- */

#define DATE_BYTES 10

static bool starts_with_date(struct str text)
{
    static const char form[] = "0000-00-00";
    if (text.len < DATE_BYTES) {
        return false;
    }
    for (size_t i = 0; i < DATE_BYTES; i++) {
        bool digit = text.data[i] >= '0' && text.data[i] <= '9';
        if (form[i] == '0' ? !digit : text.data[i] != form[i]) {
            return false;
        }
    }
    return true;
}

/* "2025-03-31.basil" is newer than "2024-04-10"; what has no date is older than what has one; and
 * the rest of the text keeps the order total. */
int stripe_compare_versions(struct str a, struct str b)
{
    bool a_dated = starts_with_date(a);
    bool b_dated = starts_with_date(b);
    if (a_dated != b_dated) {
        return a_dated ? 1 : -1;
    }
    return str_compare(a, b);
}

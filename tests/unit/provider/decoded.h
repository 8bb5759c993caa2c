/* decoded: looks into the notices of objects that are decoded by rows.
 *
 * Layer: tests. Needs provider/stripe.
 */
#pragma once

#include "objects.h"

static inline int64_t at_second(int64_t second)
{
    return second * US_PER_SECOND;
}

/* The first notice of that kind. */
static inline const struct notice *notice_of(const struct notice_list *list, enum id_kind kind)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->notices[i].kind == kind) {
            return &list->notices[i];
        }
    }
    fail_msg("no notice of a %s", id_kind_word(kind));
    return &list->notices[0];
}

static inline const void *said_of(const struct notice_list *list, enum id_kind kind)
{
    return notice_of(list, kind)->object_says.record;
}

static inline void assert_link(
    const struct notice *notice, const char *field, const char *provider_id)
{
    struct link link = said_link(notice, field);
    assert_row(link.state == LINK_NAMED, field);
    assert_str_equal_to(link.provider_id, provider_id);
}

struct bad_object {
    const char *type, *object; /* without its braces */
    enum err err;
    const char *says; /* the whole message */
};

/* Each is refused: the message names the field and never its value, and no notice is made. */
static inline void assert_bad_objects(const struct bad_object *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = {.count = 77};
        struct err_info info = {""};
        struct str body = event_of(arena, rows[i].type, rows[i].object);
        assert_err(sample_decode(body, arena, &list, &info), rows[i].err);
        assert_int_equal(list.count, 77);
        assert_string_equal(info.text, rows[i].says);
    }
}

/* notices: writes and reads for tests what a notice says of an aggregate that is one object.
 *
 * Layer: tests. Needs domain.
 */
#pragma once

#include "domain/notice.h"
#include "unit/testing.h"

#define NOTICE_RECORDS 64

/* A zeroed record or a copy of one; it is given again after NOTICE_RECORDS others. */
static inline void *notice_record(const void *like, size_t size)
{
    static _Alignas(max_align_t) unsigned char records[NOTICE_RECORDS][RECORD_BYTES_MAX];
    static size_t next;
    assert_true(size <= RECORD_BYTES_MAX);
    void *record = records[next++ % NOTICE_RECORDS];
    memset(record, 0, size);
    if (like != NULL) {
        memcpy(record, like, size);
    }
    return record;
}

/* What the notice says, to be changed: of its own, so that copies of the notice keep what they say.
 */
static inline void *notice_change(struct notice *notice)
{
    assert_false(notice_is_of_payment(notice));
    void *record = notice_record(notice->object_says.record, record_kind_of(notice->kind)->size);
    notice->object_says.record = record;
    return record;
}

static inline struct refund *change_refund(struct notice *notice)
{
    assert_int_equal(notice->kind, ID_REFUND);
    return notice_change(notice);
}

static inline struct customer *change_customer(struct notice *notice)
{
    assert_int_equal(notice->kind, ID_CUSTOMER);
    return notice_change(notice);
}

static inline const struct refund *said_refund(const struct notice *notice)
{
    assert_int_equal(notice->kind, ID_REFUND);
    return notice->object_says.record;
}

static inline const struct customer *said_customer(const struct notice *notice)
{
    assert_int_equal(notice->kind, ID_CUSTOMER);
    return notice->object_says.record;
}

/* The place of an id field among the links that notices of that kind say. */
static inline uint32_t link_index(enum id_kind kind, const char *field)
{
    struct notice_link_fields links = notice_link_fields(record_kind_of(kind));
    for (uint32_t i = 0; i < links.count; i++) {
        if (strcmp(links.fields[i]->name, field) == 0) {
            return i;
        }
    }
    fail_msg("no link %s", field);
    return 0;
}

static inline struct link said_link(const struct notice *notice, const char *field)
{
    return notice->object_says.links[link_index(notice->kind, field)];
}

static inline struct link *change_link(struct notice *notice, const char *field)
{
    return &notice->object_says.links[link_index(notice->kind, field)];
}

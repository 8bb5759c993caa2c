/* objects: events around an object that a test writes down without its braces.
 *
 * Layer: tests. Needs provider/stripe.
 */
#pragma once

#include "samples.h"
#include "unit/notices.h"

#define AT "1700000000"

/* An event whose object is given without its braces. */
static inline struct str event_of(struct arena *arena, const char *type, const char *object)
{
    struct buf body;
    buf_init(&body, 1 << 20);
    buf_addf(&body,
        "{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"%s\",\"created\":" AT
        ",\"livemode\":false,\"data\":{\"object\":{%s}}}",
        type, object);
    assert_false(body.failed);
    struct str copy = arena_copy(arena, buf_str(&body));
    buf_fini(&body);
    return copy;
}

static inline struct notice_list notices_of(
    struct arena *arena, const char *type, const char *object)
{
    struct notice_list list;
    struct err_info info = {""};
    enum err err = sample_decode(event_of(arena, type, object), arena, &list, &info);
    if (err != ERR_OK) {
        print_error("%s: %s\n", object, info.text);
    }
    assert_err(err, ERR_OK);
    return list;
}

#define PI                                                                                         \
    "\"id\":\"pi_1\",\"object\":\"payment_intent\",\"amount\":1000,\"currency\":\"eur\","          \
    "\"created\":5,"
#define CH                                                                                         \
    "\"id\":\"ch_1\",\"object\":\"charge\",\"amount\":1000,\"currency\":\"eur\",\"created\":5,"
#define RE                                                                                         \
    "\"id\":\"re_1\",\"object\":\"refund\",\"amount\":400,\"currency\":\"eur\",\"created\":5,"

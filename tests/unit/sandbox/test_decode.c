/* The provider's decoder takes everything that the sandbox says, and the two agree on what is
 * mapped. */
#include "provider/stripe/stripe.h"
#include "sandbox/merchant_internal.h"
#include "unit/sandbox/shop.h"

#define EVENTS 8000
#define ARENA_BYTES ((size_t)4 * 1024 * 1024)

static void check_decoding(struct merchant *merchant, struct arena *arena)
{
    for (int i = 0; i < EVENTS; i++) {
        struct shop_event event = {0};
        struct notice_list notices = {0};
        struct err_info info = {{0}};
        arena_reset(arena);
        assert_err(shop_next(merchant, arena, &event), ERR_OK);
        const struct stored_event stored = {.body = event.raw.body,
            .type = event.type,
            .occurred_at_us = event.created_s * 1000000};
        assert_err(stripe_provider.decode(&stored, arena, &notices, &info), ERR_OK);
        if (shop_is_kept(&event)) {
            assert_row(notices.count >= 1 && !notices.truncated, event.raw.type.data);
            assert_strs_equal(notices.notices[0].object, event.object_id);
        } else if (str_eq(shop_text(event.object, "object"), STR("balance"))) {
            assert_row(notices.count > 0, event.raw.type.data); /* it has no id */
        }
    }
}

static void every_event_is_decoded_and_what_is_kept_gives_a_notice(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open_mixed(test_seed(), 80000);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    check_decoding(merchant, arena);
}

static void every_event_of_payments_alone_is_decoded(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open(test_seed(), 40000, false);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    check_decoding(merchant, arena);
}

static void every_event_has_a_clean_envelope(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open_mixed(test_seed(), 80000);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    for (int i = 0; i < 3000; i++) {
        struct merchant_event event = {0};
        struct envelope envelope = {0};
        arena_reset(arena);
        assert_err(merchant_next(merchant, &event), ERR_OK);
        assert_err(stripe_envelope_read(event.body, false, arena, &envelope), ERR_OK);
        assert_strs_equal(envelope.event_id, event.id);
        assert_strs_equal(envelope.type, event.type);
        assert_int64_equal(envelope.reason, REASON_NONE);
        assert_false(envelope.text_replaced);
    }
}

TESTS_MAIN("sandbox/decode",
    TEST(every_event_is_decoded_and_what_is_kept_gives_a_notice),
    TEST(every_event_of_payments_alone_is_decoded),
    TEST(every_event_has_a_clean_envelope))

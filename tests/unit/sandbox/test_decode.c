/* The provider's decoder takes everything that the sandbox says, and the two agree on what is
 * mapped. */
#include "provider/stripe/stripe.h"
#include "sandbox/merchant_internal.h"
#include "unit/notices.h"
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

/* ---- older versions -------------------------------------------------------------------------- */

static struct merchant *open_version(enum api_version version)
{
    struct merchant_mix mix = {0};
    assert_err(merchant_mix_parse(STR(SHOP_EVERYTHING), &mix), ERR_OK);
    struct merchant *merchant = merchant_new(&(struct merchant_config){.mix = mix,
        .seed = test_seed(),
        .start_us = SHOP_START_US,
        .mean_gap_us = 100000,
        .objects_max = 40000,
        .version = version});
    assert_non_null(merchant);
    return merchant;
}

static struct notice_list decode_next(struct merchant *merchant, struct arena *arena)
{
    struct shop_event event = {0};
    struct notice_list notices = {0};
    struct err_info info = {{0}};
    assert_err(shop_next(merchant, arena, &event), ERR_OK);
    const struct stored_event stored = {.body = arena_copy(arena, event.raw.body),
        .type = arena_copy(arena, event.raw.type),
        .occurred_at_us = event.created_s * 1000000};
    assert_err(stripe_provider.decode(&stored, arena, &notices, &info), ERR_OK);
    return notices;
}

/* What one side alone can know: an invoice names its payment until 2025-03-31, a credit note since
 * then how much a refund gave back, or that there was none, and a discount is told with its whole
 * coupon until 2025-09-30.
 */
static void forget_what_only_one_says(struct notice *notice)
{
    if (notice->kind == ID_INVOICE) {
        *change_link(notice, "payment_id") = (struct link){.state = LINK_UNSAID};
        *change_link(notice, "attempt_id") = (struct link){.state = LINK_UNSAID};
    } else if (notice->kind == ID_CREDIT_NOTE) {
        struct link *refund = change_link(notice, "refund_id");
        refund->state = refund->state == LINK_NONE ? LINK_UNSAID : refund->state;
        ((struct credit_note *)notice_change(notice))->refunded_minor = 0;
    } else if (notice->kind == ID_DISCOUNT) {
        ((struct discount *)notice_change(notice))->percent_off[0] = '\0';
    }
}

static bool is_told(const struct notice_list *list, struct notice wanted)
{
    forget_what_only_one_says(&wanted);
    for (uint32_t i = 0; i < list->count; i++) {
        struct notice notice = list->notices[i];
        if (notice.kind == wanted.kind && str_eq(notice.object, wanted.object)) {
            forget_what_only_one_says(&notice);
            if (notices_agree(&notice, &wanted)) {
                return true;
            }
        }
    }
    return false;
}

static void check_version(enum api_version version)
{
    CLEANUP(merchant_free) struct merchant *newest = open_version(VERSION_NEWEST);
    CLEANUP(merchant_free) struct merchant *older = open_version(version);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    for (int i = 0; i < 4000; i++) {
        arena_reset(arena);
        struct notice_list wanted = decode_next(newest, arena);
        struct notice_list told = decode_next(older, arena);
        for (uint32_t k = 0; k < wanted.count; k++) {
            assert_row(is_told(&told, wanted.notices[k]), emit_rows[newest->told.emit].type);
        }
    }
}

static void an_older_version_is_understood_as_the_newest_is(void **state)
{
    (void)state;
    for (int version = VERSION_NEWEST + 1; version < VERSION_COUNT; version++) {
        check_version((enum api_version)version);
    }
}

static void an_older_version_has_nothing_of_what_came_instead(void **state)
{
    (void)state;
    static const struct {
        const char *object, *older, *newer;
    } rows[] = {
        {"invoice", "total_tax_amounts", "total_taxes"},
        {"invoice", "subscription", "parent"},
        {"subscription", "current_period_end", "discounts"},
        {"credit_note", "tax_amounts", "total_taxes"},
        {"payment_intent", "charges", "latest_charge"},
        {"product", "features", "marketing_features"},
        {"discount", "coupon", "source"},
    };
    bool seen[sizeof rows / sizeof *rows] = {false};
    CLEANUP(merchant_free) struct merchant *older = open_version(VERSION_2020_08_27);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    for (int i = 0; i < 4000; i++) {
        struct shop_event event = {0};
        arena_reset(arena);
        assert_err(shop_next(older, arena, &event), ERR_OK);
        for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
            if (str_eq(shop_text(event.object, "object"), str_from(rows[k].object))) {
                assert_row(json_path(event.object, str_from(rows[k].older)) != NULL, rows[k].older);
                assert_row(json_path(event.object, str_from(rows[k].newer)) == NULL, rows[k].newer);
                seen[k] = true;
            }
        }
    }
    for (size_t k = 0; k < sizeof rows / sizeof *rows; k++) {
        assert_row(seen[k], rows[k].object);
    }
}

TESTS_MAIN("sandbox/decode",
    TEST(every_event_is_decoded_and_what_is_kept_gives_a_notice),
    TEST(every_event_of_payments_alone_is_decoded),
    TEST(every_event_has_a_clean_envelope),
    TEST(an_older_version_is_understood_as_the_newest_is),
    TEST(an_older_version_has_nothing_of_what_came_instead))

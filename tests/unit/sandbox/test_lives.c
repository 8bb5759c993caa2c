/* What the events say about one another: the truth, previous_attributes, amounts, and order within
 * a second. */
#include "unit/sandbox/shop.h"

#define EVENTS 5000
#define OBJECTS 30000
#define ARENA_BYTES ((size_t)16 * 1024 * 1024)

/* Runs a shop and calls `check` with each event about an object that is kept, and the event before
 * it about the same object (NULL: the first). */
typedef void check_fn(
    const struct shop_event *event, const struct json *before_root, void *context);

static void run_shop(check_fn *check, void *context)
{
    CLEANUP(merchant_free) struct merchant *merchant = shop_open_mixed(test_seed(), OBJECTS);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct shop_memory *memory = shop_memory_new();
    for (int i = 0; i < EVENTS; i++) {
        struct shop_event event = {0};
        struct json_document before = {0};
        arena_reset(arena);
        assert_err(shop_next(merchant, arena, &event), ERR_OK);
        if (!shop_is_kept(&event)) {
            continue;
        }
        struct shop_slot *slot = shop_slot_of(memory, event.object_id);
        if (slot->body != NULL) {
            assert_err(
                json_parse((struct str){slot->body, slot->body_len}, arena, &before), ERR_OK);
        }
        check(&event, before.root, context);
        shop_remember(memory, &event);
    }
    shop_memory_free(memory);
}

/* ---- the truth ------------------------------------------------------------------------------- */

struct truths {
    struct shop_memory *memory;
    struct arena *arena;
    uint32_t count;
};

static enum err compare_truth(void *context, const struct merchant_object *object)
{
    struct truths *truths = context;
    struct json_document truth = {0}, said = {0};
    arena_reset(truths->arena);
    assert_err(json_parse(object->json, truths->arena, &truth), ERR_OK);
    const struct shop_slot *slot = shop_slot_of(truths->memory, object->id);
    assert_row(slot->body != NULL, slot->id);
    assert_err(json_parse((struct str){slot->body, slot->body_len}, truths->arena, &said), ERR_OK);
    const struct json *last = json_path(said.root, STR("data.object"));
    if (str_eq(object->kind, STR("application_fee"))) { /* its refunds have events of their own */
        assert_int64_equal(
            shop_number(truth.root, "amount_refunded"), shop_number(last, "amount_refunded"));
    } else {
        assert_row(json_equal(truth.root, last), slot->id);
    }
    assert_strs_equal(json_string(json_get(truth.root, STR("object"))), object->kind);
    truths->count++;
    return ERR_OK;
}

static void truth_is_what_the_last_event_of_each_object_said(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open_mixed(test_seed(), OBJECTS);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct truths truths = {.memory = shop_memory_new(), .arena = arena};
    struct shop_event event = {0};
    for (int i = 0; i < EVENTS; i++) {
        arena_reset(arena);
        assert_err(shop_next(merchant, arena, &event), ERR_OK);
        if (shop_is_kept(&event)) {
            shop_remember(truths.memory, &event);
        }
    }
    merchant_wind_down(merchant);
    for (;;) {
        arena_reset(arena);
        if (shop_next(merchant, arena, &event) != ERR_OK) {
            break;
        }
        if (shop_is_kept(&event)) {
            shop_remember(truths.memory, &event);
        }
    }
    assert_err(merchant_objects(merchant, compare_truth, &truths), ERR_OK);
    assert_int64_equal(truths.count, truths.memory->count);
    assert_true(truths.count > 500);
    shop_memory_free(truths.memory);
}

/* ---- previous_attributes --------------------------------------------------------------------- */

static bool was_so(const struct json *previous, const struct json *before)
{
    if (json_is_null(previous)) {
        return json_is_null(before);
    }
    if (previous->kind != JSON_OBJECT) {
        return json_equal(previous, before);
    }
    for (const struct json *at = previous->first; at != NULL; at = at->next) {
        if (!was_so(at, json_get(before, at->key))) {
            return false;
        }
    }
    return true;
}

static void check_previous(const struct shop_event *event, const struct json *before, void *context)
{
    uint32_t *seen = context;
    bool intent = str_starts_with(event->type, STR("payment_intent."));
    assert_row(!intent || event->previous == NULL, "payment_intent events carry none");
    if (event->previous == NULL) {
        return;
    }
    /* refund.updated and charge.refund.updated tell the same change: the first one's before is
     * meant. */
    bool again = before != NULL && json_equal(event->object, json_path(before, STR("data.object")));
    if (before == NULL) { /* nobody tells that these are made */
        struct str kind = shop_text(event->object, "object");
        assert_row(str_eq(kind, STR("account")) || str_eq(kind, STR("fee_refund")),
            "something was there before");
        return;
    }
    assert_row(event->previous->count > 0, "it names something");
    assert_row(again || was_so(event->previous, json_path(before, STR("data.object"))),
        event->raw.type.data);
    for (const struct json *at = event->previous->first; at != NULL; at = at->next) {
        const struct json *now = json_get(event->object, at->key);
        assert_row(
            !json_equal(at, now) || (json_is_null(at) && !json_is_null(now)), "it has changed");
    }
    (*seen)++;
}

static void previous_attributes_are_what_the_event_before_said(void **state)
{
    (void)state;
    uint32_t seen = 0;
    run_shop(check_previous, &seen);
    assert_true(seen > 200);
}

/* ---- amounts --------------------------------------------------------------------------------- */

static void check_amounts(const struct shop_event *event, const struct json *before, void *context)
{
    uint32_t *three_decimals = context;
    (void)before;
    const struct json *object = event->object;
    struct str kind = shop_text(object, "object");
    if (str_eq(kind, STR("charge"))) {
        int64_t amount = shop_number(object, "amount");
        int64_t captured = shop_number(object, "amount_captured");
        int64_t refunded = shop_number(object, "amount_refunded");
        bool whole = json_bool(json_get(object, STR("refunded")), false);
        assert_true(amount > 0);
        assert_true(captured >= 0 && captured <= amount);
        assert_true(refunded >= 0 && refunded <= amount);
        assert_true(whole == (refunded == amount));
        assert_true(captured == 0 || json_bool(json_get(object, STR("captured")), false));
    } else if (str_eq(kind, STR("payment_intent"))) {
        int64_t amount = shop_number(object, "amount");
        assert_true(shop_number(object, "amount_received") <= amount);
        assert_true(shop_number(object, "amount_capturable") <= amount);
        bool succeeded = str_eq(shop_text(object, "status"), STR("succeeded"));
        assert_true(succeeded == (shop_number(object, "amount_received") > 0));
    }
    if (str_eq(shop_text(object, "currency"), STR("kwd"))) {
        assert_int64_equal(shop_number(object, "amount") % 10, 0);
        (*three_decimals)++;
    }
}

static void amounts_agree_with_one_another(void **state)
{
    (void)state;
    uint32_t three_decimals = 0;
    run_shop(check_amounts, &three_decimals);
    assert_true(three_decimals > 0);
}

struct given_back {
    struct arena *arena;
    struct shop_memory *sums; /* charge id: body_len is the sum of refunds that did not fail */
    uint32_t charges, refunds;
};

static enum err add_refund(void *context, const struct merchant_object *object)
{
    struct given_back *given = context;
    struct json_document document = {0};
    arena_reset(given->arena);
    assert_err(json_parse(object->json, given->arena, &document), ERR_OK);
    if (str_eq(object->kind, STR("refund")) &&
        !str_eq(shop_text(document.root, "status"), STR("failed"))) {
        struct shop_slot *slot = shop_slot_of(given->sums, shop_text(document.root, "charge"));
        slot->body_len += (size_t)shop_number(document.root, "amount");
        given->refunds++;
    }
    return ERR_OK;
}

static enum err check_refunds(void *context, const struct merchant_object *object)
{
    struct given_back *given = context;
    struct json_document document = {0};
    arena_reset(given->arena);
    assert_err(json_parse(object->json, given->arena, &document), ERR_OK);
    if (str_eq(object->kind, STR("charge"))) {
        int64_t amount = shop_number(document.root, "amount");
        int64_t captured = shop_number(document.root, "amount_captured");
        int64_t refunded = shop_number(document.root, "amount_refunded");
        int64_t sum = (int64_t)shop_slot_of(given->sums, object->id)->body_len;
        bool released = refunded > 0 && sum == 0;
        assert_true(sum <= captured);
        assert_true(released || sum == 0 || refunded == sum + (amount - captured));
        given->charges++;
    }
    return ERR_OK;
}

static void refunds_sum_up_to_what_their_charge_says_and_never_exceed_it(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open_mixed(test_seed(), OBJECTS);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct given_back given = {.arena = arena, .sums = shop_memory_new()};
    struct merchant_event event = {0};
    for (int i = 0; i < EVENTS; i++) {
        assert_err(merchant_next(merchant, &event), ERR_OK);
    }
    assert_err(merchant_objects(merchant, add_refund, &given), ERR_OK);
    assert_err(merchant_objects(merchant, check_refunds, &given), ERR_OK);
    assert_true(given.refunds > 20 && given.charges > 300);
    shop_memory_free(given.sums);
}

/* ---- order ----------------------------------------------------------------------------------- */

static void check_order(const struct shop_event *event, const struct json *before, void *context)
{
    uint32_t *same_second = context;
    if (before == NULL || shop_number(before, "created") != event->created_s) {
        return;
    }
    (*same_second)++;
    const struct json *earlier = json_path(before, STR("data.object"));
    if (json_equal(earlier, event->object) || event->previous != NULL) {
        return; /* says the same, or says itself what it follows */
    }
    /* Else the status must have moved on, or the type: created, updated, deleted. */
    struct str kind = shop_text(event->object, "object");
    bool moved = str_eq(kind, STR("customer"))
                     ? str_eq(event->type, STR("customer.deleted"))
                     : !str_eq(shop_text(earlier, "status"), shop_text(event->object, "status")) ||
                           !json_is_null(json_get(event->object, STR("last_payment_error")));
    assert_row(moved || str_eq(event->type, STR("charge.expired")), event->raw.type.data);
}

static void snapshots_of_one_second_can_be_ordered(void **state)
{
    (void)state;
    uint32_t same_second = 0;
    run_shop(check_order, &same_second);
    assert_true(same_second > 100);
}

TESTS_MAIN("sandbox/lives",
    TEST(truth_is_what_the_last_event_of_each_object_said),
    TEST(previous_attributes_are_what_the_event_before_said),
    TEST(amounts_agree_with_one_another),
    TEST(refunds_sum_up_to_what_their_charge_says_and_never_exceed_it),
    TEST(snapshots_of_one_second_can_be_ordered))

#include "sandbox/merchant_internal.h"
#include "unit/sandbox/shop.h"

#define EVENTS 8000
#define OBJECTS 40000
#define ARENA_BYTES ((size_t)4 * 1024 * 1024)

static void same_seed_says_the_same_bytes(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *one = shop_open(test_seed(), OBJECTS, false);
    CLEANUP(merchant_free) struct merchant *other = shop_open(test_seed(), OBJECTS, false);
    for (int i = 0; i < 3000; i++) {
        struct merchant_event a = {0}, b = {0};
        assert_err(merchant_next(one, &a), ERR_OK);
        assert_err(merchant_next(other, &b), ERR_OK);
        assert_strs_equal(a.body, b.body);
        assert_int64_equal(a.at_us, b.at_us);
    }
}

static bool json_equal_or_absent(const struct json *a, const struct json *b)
{
    return (a == NULL && b == NULL) || (a != NULL && b != NULL && json_equal(a, b));
}

static void another_seed_says_other_bytes(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *one = shop_open(test_seed(), OBJECTS, false);
    CLEANUP(merchant_free) struct merchant *other = shop_open(test_seed() + 1, OBJECTS, false);
    struct merchant_event a = {0}, b = {0};
    assert_err(merchant_next(one, &a), ERR_OK);
    assert_err(merchant_next(other, &b), ERR_OK);
    assert_false(str_eq(a.body, b.body));
    assert_false(str_eq(a.id, b.id));
}

static void every_body_is_strict_json_that_says_what_the_event_says(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open(test_seed(), OBJECTS, false);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    int64_t before_us = 0;
    for (int i = 0; i < EVENTS; i++) {
        struct shop_event event = {0};
        arena_reset(arena);
        int64_t announced_us = merchant_next_at(merchant);
        assert_err(shop_next(merchant, arena, &event), ERR_OK);
        assert_strs_equal(event.type, event.raw.type);
        assert_strs_equal(shop_text(event.root, "id"), event.raw.id);
        assert_int64_equal(event.created_s, event.raw.at_us / 1000000);
        assert_true(event.raw.at_us >= before_us && event.raw.at_us >= announced_us);
        assert_str_equal_to(shop_text(event.root, "api_version"), "2026-10-28.endive");
        before_us = event.raw.at_us;
    }
}

/* Whoever stops between them would leave a charge that has succeeded on a payment that has not. */
static void a_charge_that_succeeds_and_its_payment_are_of_one_act(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open(test_seed(), OBJECTS, false);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    bool charged = false, paid = false; /* in the act at hand */
    int halves = 0;
    for (int i = 0; i < EVENTS; i++) {
        struct shop_event event = {0};
        arena_reset(arena);
        assert_err(shop_next(merchant, arena, &event), ERR_OK);
        charged |= str_eq(event.type, STR("charge.succeeded")) &&
                   !json_is_null(json_get(event.object, STR("payment_intent")));
        paid |= str_eq(event.type, STR("payment_intent.succeeded")) ||
                str_eq(event.type, STR("payment_intent.amount_capturable_updated"));
        if (merchant_is_amid(merchant)) {
            halves += charged != paid ? 1 : 0;
            continue;
        }
        assert_true(!charged || paid);
        charged = paid = false;
    }
    assert_true(halves > 100);
}

struct seen {
    bool lives[LIFE_COUNT], courses[COURSE_COUNT], emits[EMIT_COUNT];
};

static void see(const struct merchant *merchant, const struct shop_event *event, struct seen *seen)
{
    struct str scenario = shop_text(event->object, "metadata.scenario");
    for (size_t i = 0; i < LIFE_COUNT; i++) {
        seen->lives[i] |= str_eq(scenario, str_from(life_word(i)));
    }
    for (size_t i = 0; i < COURSE_COUNT; i++) {
        seen->courses[i] |= str_eq(scenario, str_from(course_word(i)));
    }
    if (str_eq(shop_text(event->object, "object"), STR("application_fee"))) { /* has no metadata */
        seen->courses[merchant->fees[merchant->told.index].place.course] = true;
    }
    seen->emits[merchant->told.emit] = true;
}

static struct seen see_payments(struct merchant *merchant, uint64_t payments)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct merchant_counts counts = {0};
    struct seen seen = {0};
    while (counts.payments < payments) {
        struct shop_event event = {0};
        arena_reset(arena);
        assert_err(shop_next(merchant, arena, &event), ERR_OK);
        see(merchant, &event, &seen);
        merchant_count(merchant, &counts);
    }
    return seen;
}

static void every_life_every_course_and_every_event_occurs_within_4000_payments(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open_mixed(test_seed(), OBJECTS);
    struct seen seen = see_payments(merchant, 4000);
    for (size_t i = 0; i < LIFE_COUNT; i++) {
        assert_row(seen.lives[i], life_word(i));
    }
    for (size_t i = 0; i < COURSE_COUNT; i++) {
        assert_row(seen.courses[i], course_word(i));
    }
    for (int i = 0; i < EMIT_COUNT; i++) {
        assert_row(seen.emits[i] != emit_rows[i].once, emit_rows[i].type);
    }
}

static void payments_alone_tell_of_other_things_once(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open(test_seed(), OBJECTS, false);
    struct seen seen = see_payments(merchant, 3000);
    for (int i = 0; i < EMIT_COUNT; i++) {
        bool of_payments = emit_rows[i].subject <= SUBJECT_REFUND;
        assert_row(seen.emits[i] == (emit_rows[i].once || of_payments), emit_rows[i].type);
    }
}

/* What is measured with them must stay comparable: the hash was taken before there was anything
 * else. */
static void payments_alone_are_as_they_always_were(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open(7, OBJECTS, false);
    uint64_t hash = 0;
    for (int i = 0; i < 20000; i++) {
        struct merchant_event event = {0};
        assert_err(merchant_next(merchant, &event), ERR_OK);
        hash = hash_bytes(event.body.data, event.body.len, hash);
    }
    assert_true(hash == UINT64_C(0x2065b6571aad5f72));
}

static void a_mix_is_words_with_weights_or_without(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        enum err err;
        uint32_t payments, disputes;
    } rows[] = {
        {"all", ERR_OK, 70, 5},
        {"billing", ERR_OK, 0, 0},
        {"payments", ERR_OK, 70, 0},
        {"payments=3,disputes=1000", ERR_OK, 3, 1000},
        {"disputes", ERR_OK, 0, 5},
        {"", ERR_INVALID, 0, 0},
        {"payment", ERR_INVALID, 0, 0},
        {"payments,payments", ERR_INVALID, 0, 0},
        {"payments=0", ERR_INVALID, 0, 0},
        {"payments=1001", ERR_INVALID, 0, 0},
        {"payments=many", ERR_INVALID, 0, 0},
        {"payments,all", ERR_INVALID, 0, 0},
        {"payments,", ERR_INVALID, 0, 0},
        {"all,", ERR_INVALID, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct merchant_mix mix = {0};
        assert_row(merchant_mix_parse(str_from(rows[i].text), &mix) == rows[i].err, rows[i].text);
        assert_row(mix.payments == rows[i].payments, rows[i].text);
        assert_row(mix.disputes == rows[i].disputes, rows[i].text);
    }
}

static void ids_are_never_used_again(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open(test_seed(), 2000, true);
    enum { COUNT = 100000, SLOTS = 1 << 19 };
    uint64_t *seen = calloc(SLOTS, sizeof *seen);
    assert_non_null(seen);
    for (int i = 0; i < COUNT; i++) {
        struct merchant_event event = {0};
        assert_err(merchant_next(merchant, &event), ERR_OK);
        assert_true(str_starts_with(event.id, STR("evt_")));
        uint64_t hash = hash_bytes(event.id.data, event.id.len, 7) | 1;
        size_t at = hash % SLOTS;
        while (seen[at] != 0) {
            assert_true(seen[at] != hash); /* two hashes of 63 bits in common: one in 10^9 runs */
            at = (at + 1) % SLOTS;
        }
        seen[at] = hash;
    }
    free(seen);
}

static void winding_down_ends_when_all_has_lived(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open(test_seed(), OBJECTS, false);
    struct merchant_event event = {0};
    struct merchant_counts before = {0}, after = {0};
    for (int i = 0; i < 500; i++) {
        assert_err(merchant_next(merchant, &event), ERR_OK);
    }
    merchant_count(merchant, &before);
    merchant_wind_down(merchant);
    enum err err = ERR_OK;
    int more = 0;
    while ((err = merchant_next(merchant, &event)) == ERR_OK) {
        more++;
    }
    assert_err(err, ERR_NOT_FOUND);
    assert_err(merchant_next(merchant, &event), ERR_NOT_FOUND);
    assert_true(more > 0);
    assert_int64_equal(merchant_next_at(merchant), INT64_MAX);
    merchant_count(merchant, &after);
    assert_int64_equal((int64_t)after.payments, (int64_t)before.payments);
}

static void full_shop_lives_on_to_its_end_and_says_too_large(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open(test_seed(), 64, false);
    struct merchant_event event = {0};
    struct merchant_counts counts = {0};
    enum err err = ERR_OK;
    while ((err = merchant_next(merchant, &event)) == ERR_OK) {
    }
    assert_err(err, ERR_TOO_LARGE);
    merchant_count(merchant, &counts);
    assert_int64_equal((int64_t)counts.payments, 32);
    assert_true(counts.customers <= 16);
    assert_true(counts.refunds <= 16);
}

static void forgetful_shop_lives_for_ever_in_the_same_memory(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = shop_open(test_seed(), 400, true);
    struct merchant_event event = {0};
    struct merchant_counts counts = {0};
    for (int i = 0; i < 50000; i++) {
        assert_err(merchant_next(merchant, &event), ERR_OK);
        assert_true(merchant->payment_pool.in_use <= 200);
        assert_true(merchant->refund_pool.in_use <= 100);
        assert_true(merchant->customer_pool.in_use <= 100);
    }
    merchant_count(merchant, &counts);
    assert_true(counts.payments > 5000);
    assert_true(counts.customers > 1000);
}

/* What a slot that is used again would show of what was there before, no two events may say of one
 * object. */
static void forgetful_mixed_shop_forgets_only_what_has_ended(void **state)
{
    (void)state;
    struct merchant_mix mix = {0};
    assert_err(merchant_mix_parse(STR(SHOP_EVERYTHING), &mix), ERR_OK);
    CLEANUP(merchant_free) struct merchant *merchant = shop_open_with(mix, test_seed(), 4000, true);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct shop_memory *memory = shop_memory_new();
    uint32_t again = 0;
    for (int i = 0; i < 60000; i++) {
        struct shop_event event = {0};
        struct json_document before = {0};
        arena_reset(arena);
        assert_err(shop_next(merchant, arena, &event), ERR_OK);
        if (event.object_id.len == 0) {
            continue;
        }
        struct shop_slot *slot = shop_slot_of(memory, event.object_id);
        if (slot->body != NULL) {
            assert_err(
                json_parse((struct str){slot->body, slot->body_len}, arena, &before), ERR_OK);
            const struct json *was = json_path(before.root, STR("data.object"));
            static const char *const constant[] = {"object", "created", "currency", "charge",
                "payment_intent", "invoice", "metadata.scenario", "parent", "product"};
            for (size_t k = 0; k < sizeof constant / sizeof *constant; k++) {
                assert_row(json_equal_or_absent(json_path(was, str_from(constant[k])),
                               json_path(event.object, str_from(constant[k]))),
                    constant[k]);
            }
            again++;
        }
        shop_remember(memory, &event);
    }
    assert_true(again > 30000);
    assert_true(merchant->invoice_pool.in_use < 150 && merchant->dispute_pool.in_use < 150);
    assert_true(merchant->subscription_pool.in_use < 150 && merchant->payout_pool.in_use < 150);
    shop_memory_free(memory);
}

static void events_of_a_connected_account_name_it(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(merchant_free)
    struct merchant *merchant = merchant_new(&(struct merchant_config){.seed = test_seed(),
        .start_us = SHOP_START_US,
        .mean_gap_us = 1000,
        .objects_max = 1000,
        .live = true,
        .account = STR("acct_1Connected")});
    assert_non_null(merchant);
    struct shop_event event = {0};
    assert_err(shop_next(merchant, arena, &event), ERR_OK);
    assert_str_equal_to(shop_text(event.root, "account"), "acct_1Connected");
    assert_true(json_bool(json_get(event.root, STR("livemode")), false));
    assert_true(json_bool(json_get(event.object, STR("livemode")), false));
}

TESTS_MAIN("sandbox/merchant",
    TEST(same_seed_says_the_same_bytes),
    TEST(another_seed_says_other_bytes),
    TEST(every_body_is_strict_json_that_says_what_the_event_says),
    TEST(a_charge_that_succeeds_and_its_payment_are_of_one_act),
    TEST(every_life_every_course_and_every_event_occurs_within_4000_payments),
    TEST(payments_alone_tell_of_other_things_once),
    TEST(payments_alone_are_as_they_always_were),
    TEST(a_mix_is_words_with_weights_or_without),
    TEST(ids_are_never_used_again),
    TEST(winding_down_ends_when_all_has_lived),
    TEST(full_shop_lives_on_to_its_end_and_says_too_large),
    TEST(forgetful_shop_lives_for_ever_in_the_same_memory),
    TEST(forgetful_mixed_shop_forgets_only_what_has_ended),
    TEST(events_of_a_connected_account_name_it))

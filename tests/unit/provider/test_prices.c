/* Products, prices, plans and discounts: what each field of theirs becomes. */
#include "provider/stripe/decimal.h"
#include "decoded.h"

#define PROD "\"id\":\"prod_1\",\"object\":\"product\",\"created\":5,"
#define PRICE "\"id\":\"gold\",\"object\":\"price\",\"currency\":\"eur\",\"created\":5,"
#define PLAN "\"id\":\"gold\",\"object\":\"plan\",\"currency\":\"eur\",\"created\":5,"
#define DISC "\"id\":\"di_1\",\"object\":\"discount\",\"customer\":\"cus_1\",\"start\":5,"

static void every_field_of_a_product_is_said(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list =
        notices_of(arena, "product.updated", PROD "\"name\":\"Tea\",\"active\":true");
    const struct product *says = said_of(&list, ID_PRODUCT);
    assert_string_equal(says->name, "Tea");
    assert_true(says->active);
    assert_false(says->deleted);
    assert_int64_equal(says->made_at, at_second(5));
}

static void deletions_are_said_by_the_event_or_by_the_stub(void **state)
{
    (void)state;
    static const struct {
        const char *type, *object;
        enum id_kind kind;
    } rows[] = {
        {"product.deleted", PROD "\"name\":\"Tea\"", ID_PRODUCT},
        {"product.updated", "\"id\":\"p\",\"object\":\"product\",\"deleted\":true", ID_PRODUCT},
        {"price.deleted", PRICE "\"unit_amount\":5", ID_PRICE},
        {"plan.deleted", PLAN "\"amount\":5", ID_PRICE},
        {"plan.updated", "\"id\":\"p\",\"object\":\"plan\",\"deleted\":true", ID_PRICE},
        {"customer.discount.deleted", DISC "\"end\":null", ID_DISCOUNT},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, rows[i].type, rows[i].object);
        const struct record_kind *kind = record_kind_of(rows[i].kind);
        const char *record = said_of(&list, rows[i].kind);
        size_t offset = record_field(kind, STR("deleted"))->offset;
        assert_row(*(const bool *)(const void *)(record + offset), rows[i].type);
    }
}

static void every_field_of_a_price_is_said(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "price.updated",
        PRICE "\"product\":\"prod_1\",\"unit_amount\":1000,\"unit_amount_decimal\":\"1000\","
              "\"nickname\":\"Gold\",\"active\":true,\"tiers_mode\":null,"
              "\"custom_unit_amount\":null,"
              "\"recurring\":{\"interval\":\"month\",\"interval_count\":3}");
    const struct price *says = said_of(&list, ID_PRICE);
    assert_int64_equal(says->unit_amount_minor, 1000);
    assert_string_equal(says->unit_amount_decimal, "");
    assert_string_equal(says->currency.code, "EUR");
    assert_false(says->tiered || says->payer_chooses || says->deleted);
    assert_string_equal(says->interval_unit, "month");
    assert_int64_equal(says->interval_count, 3);
    assert_string_equal(says->nickname, "Gold");
    assert_true(says->active);
    assert_int64_equal(says->made_at, at_second(5));
    assert_link(&list.notices[0], "product_id", "prod_1");
}

static void prices_that_are_no_whole_amount_say_which(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        int64_t minor;
        const char *decimal;
        bool tiered, payer_chooses;
    } rows[] = {
        {PRICE "\"unit_amount\":null,\"unit_amount_decimal\":\"0.000381\"", 0, "0.000381", false,
            false},
        {PRICE "\"unit_amount\":null,\"unit_amount_decimal\":12.50", 0, "12.5", false, false},
        {PRICE "\"unit_amount\":null,\"unit_amount_decimal\":\"12.00\"", 12, "", false, false},
        {PRICE "\"unit_amount\":0,\"unit_amount_decimal\":\"0\"", 0, "", false, false},
        {PRICE "\"unit_amount\":7", 7, "", false, false},
        {PRICE "\"unit_amount\":null,\"tiers_mode\":\"volume\"", 0, "", true, false},
        {PRICE "\"unit_amount\":null,\"custom_unit_amount\":{}", 0, "", false, true},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, "price.updated", rows[i].object);
        const struct price *says = said_of(&list, ID_PRICE);
        assert_row(says->unit_amount_minor == rows[i].minor, rows[i].object);
        assert_string_equal(says->unit_amount_decimal, rows[i].decimal);
        assert_row(says->tiered == rows[i].tiered, rows[i].object);
        assert_row(says->payer_chooses == rows[i].payer_chooses, rows[i].object);
        assert_string_equal(says->interval_unit, ""); /* paid once */
        assert_int64_equal(says->interval_count, 0);
    }
}

/* Stripe tells of both in one second: if they differed the price would be contested. */
static void a_plan_and_its_price_say_the_same(void **state)
{
    (void)state;
    static const struct {
        const char *price, *plan;
    } rows[] = {
        {PRICE "\"product\":\"prod_1\",\"unit_amount\":1000,\"unit_amount_decimal\":\"1000\","
               "\"nickname\":\"Gold\",\"active\":true,\"tiers_mode\":null,\"type\":\"recurring\","
               "\"custom_unit_amount\":null,"
               "\"recurring\":{\"interval\":\"month\",\"interval_count\":3}",
            PLAN "\"product\":\"prod_1\",\"amount\":1000,\"amount_decimal\":\"1000\","
                 "\"nickname\":\"Gold\",\"active\":true,\"tiers_mode\":null,\"interval\":\"month\","
                 "\"interval_count\":3"},
        {PRICE "\"product\":\"prod_1\",\"unit_amount\":null,\"unit_amount_decimal\":\"0.5\","
               "\"nickname\":null,\"active\":false,\"tiers_mode\":\"graduated\","
               "\"recurring\":{\"interval\":\"day\",\"interval_count\":1}",
            PLAN "\"product\":\"prod_1\",\"amount\":null,\"amount_decimal\":\"0.5\","
                 "\"nickname\":null,\"active\":false,\"tiers_mode\":\"graduated\","
                 "\"interval\":\"day\",\"interval_count\":1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list price = notices_of(arena, "price.created", rows[i].price);
        struct notice_list plan = notices_of(arena, "plan.created", rows[i].plan);
        assert_row(notices_say_the_same(&price.notices[0], &plan.notices[0]), rows[i].plan);
        assert_int64_equal(price.notices[0].stamp.rank, plan.notices[0].stamp.rank);
    }
}

static void an_old_plan_has_its_name_for_a_nickname(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list =
        notices_of(arena, "plan.created", PLAN "\"amount\":50,\"name\":\"Gold\"");
    assert_string_equal(((const struct price *)said_of(&list, ID_PRICE))->nickname, "Gold");
}

static void a_product_in_place_of_its_id_comes_along(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list =
        notices_of(arena, "price.updated", PRICE "\"product\":{" PROD "\"name\":\"Tea\"}");
    assert_int_equal(list.count, 2);
    assert_link(&list.notices[0], "product_id", "prod_1");
    assert_string_equal(((const struct product *)said_of(&list, ID_PRODUCT))->name, "Tea");
}

/* ---- discounts --------------------------------------------------------------------------- */

static void every_field_of_a_discount_is_said(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "customer.discount.created",
        DISC
        "\"subscription\":\"sub_1\",\"subscription_item\":\"si_1\",\"end\":99,\"invoice\":\"in_1\","
        "\"promotion_code\":\"promo_1\",\"source\":{\"type\":\"coupon\",\"coupon\":{\"id\":"
        "\"TEN\",\"object\":\"coupon\",\"amount_off\":250,\"currency\":\"usd\","
        "\"percent_off\":null}}");
    assert_int_equal(list.count, 1);
    const struct discount *says = said_of(&list, ID_DISCOUNT);
    assert_string_equal(says->coupon, "TEN");
    assert_string_equal(says->promotion_code, "promo_1");
    assert_string_equal(says->percent_off, "");
    assert_int64_equal(says->amount_off_minor, 250);
    assert_string_equal(says->currency.code, "USD");
    assert_int64_equal(says->started_at, at_second(5));
    assert_int64_equal(says->ends_at, at_second(99));
    assert_false(says->deleted);
    assert_link(&list.notices[0], "customer_id", "cus_1");
    assert_link(&list.notices[0], "subscription_id", "sub_1");
    assert_link(&list.notices[0], "subscription_item_id", "si_1");
    assert_link(&list.notices[0], "invoice_id", "in_1");
}

static void coupons_and_codes_are_ids_or_objects_of_any_age(void **state)
{
    (void)state;
    static const struct {
        const char *object, *coupon, *code, *percent;
    } rows[] = {
        {DISC "\"source\":{\"coupon\":\"TEN\"},\"promotion_code\":null", "TEN", "", ""},
        {DISC "\"source\":{\"coupon\":{\"id\":\"TEN\",\"percent_off\":50.50}}", "TEN", "", "50.5"},
        {DISC "\"source\":{\"coupon\":null}", "", "", ""},
        {DISC "\"coupon\":{\"id\":\"OLD\",\"object\":\"coupon\",\"percent_off\":10}", "OLD", "",
            "10"},
        {DISC "\"promotion_code\":{\"id\":\"promo_2\",\"code\":\"SPRING\"}", "", "promo_2", ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, "customer.discount.updated", rows[i].object);
        const struct discount *says = said_of(&list, ID_DISCOUNT);
        assert_string_equal(says->coupon, rows[i].coupon);
        assert_string_equal(says->promotion_code, rows[i].code);
        assert_string_equal(says->percent_off, rows[i].percent);
    }
}

static void a_discount_without_an_id_goes_by_what_it_hangs_on(void **state)
{
    (void)state;
    static const struct {
        const char *object, *id;
    } rows[] = {
        {"\"object\":\"discount\",\"customer\":\"cus_1\",\"subscription\":\"sub_1\"", "sub_1"},
        {"\"object\":\"discount\",\"customer\":\"cus_1\",\"subscription\":null", "cus_1"},
        {"\"id\":null,\"object\":\"discount\",\"customer\":\"cus_1\"", "cus_1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
        struct notice_list list = notices_of(arena, "customer.discount.created", rows[i].object);
        assert_str_equal_to(list.notices[0].object, rows[i].id);
    }
}

static void a_customers_discount_comes_along(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct notice_list list = notices_of(arena, "customer.updated",
        "\"id\":\"cus_1\",\"object\":\"customer\",\"created\":5,\"discount\":{" DISC
        "\"source\":{\"coupon\":\"TEN\"}}");
    assert_int_equal(list.count, 2);
    assert_string_equal(((const struct discount *)said_of(&list, ID_DISCOUNT))->coupon, "TEN");
}

/* ---- decimals ---------------------------------------------------------------------------- */

static void decimals_are_written_in_one_way(void **state)
{
    (void)state;
    static const struct {
        const char *text, *written; /* NULL: refused */
    } rows[] = {{"0", "0"}, {"000", "0"}, {"007.100", "7.1"}, {"0.0", "0"},
        {"1.0000000001", "1.0000000001"}, {"12345678901234", "12345678901234"}, {"", NULL},
        {".5", NULL}, {"5.", NULL}, {"-1", NULL}, {"+1", NULL}, {"1e3", NULL}, {"1,5", NULL},
        {" 1", NULL}, {"1.2.3", NULL}, {"ten", NULL}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char to[16] = "untouched";
        const char *problem = NULL;
        struct json value = {.kind = JSON_STRING, .text = str_from(rows[i].text)};
        enum err err = stripe_decimal_read(&value, to, sizeof to, &problem);
        assert_row((err == ERR_OK) == (rows[i].written != NULL), rows[i].text);
        assert_string_equal(to, rows[i].written != NULL ? rows[i].written : "untouched");
        assert_row((problem != NULL) == (rows[i].written == NULL), rows[i].text);
    }
}

static void a_decimal_that_does_not_fit_is_not_cut(void **state)
{
    (void)state;
    char to[5] = "old";
    const char *problem = NULL;
    struct json value = {.kind = JSON_NUMBER, .text = STR("1.234")};
    assert_err(stripe_decimal_read(&value, to, sizeof to, &problem), ERR_TOO_LARGE);
    assert_string_equal(to, "old");
    value.text = STR("1.23000");
    assert_err(stripe_decimal_read(&value, to, sizeof to, &problem), ERR_OK);
    assert_string_equal(to, "1.23");
}

/* ---- what is wrong ----------------------------------------------------------------------- */

static const struct bad_object bad_rows[] = {
    {"product.updated", "\"object\":\"product\"", ERR_INVALID, "data.object.id is missing"},
    {"product.updated", "\"id\":\"prod_1\"", ERR_INVALID, "data.object.created is missing"},
    {"product.updated", PROD "\"active\":1", ERR_INVALID,
        "data.object.active must be true or false"},
    {"price.updated", "\"id\":\"gold\"", ERR_INVALID, "data.object.currency is missing"},
    {"price.updated", PRICE "\"unit_amount\":-1", ERR_INVALID,
        "data.object.unit_amount must not be negative"},
    {"price.updated", PRICE "\"unit_amount\":\"9\"", ERR_INVALID,
        "data.object.unit_amount must be a whole number"},
    {"price.updated", PRICE "\"unit_amount\":9223372036854775808", ERR_OVERFLOW,
        "data.object.unit_amount does not fit into 64 bits"},
    {"price.updated", PRICE "\"unit_amount_decimal\":\"9223372036854775808\"", ERR_OVERFLOW,
        "data.object.unit_amount_decimal does not fit into 64 bits"},
    {"price.updated", PRICE "\"unit_amount_decimal\":\"-0.5\"", ERR_INVALID,
        "data.object.unit_amount_decimal must be a decimal number without sign or exponent"},
    {"price.updated", PRICE "\"unit_amount_decimal\":[]", ERR_INVALID,
        "data.object.unit_amount_decimal must be a decimal number without sign or exponent"},
    {"price.updated", PRICE "\"recurring\":{\"interval_count\":0.5}", ERR_INVALID,
        "data.object.recurring.interval_count must be a whole number"},
    {"price.updated", PRICE "\"product\":{}", ERR_INVALID, "data.object.product has no id"},
    {"plan.updated", PLAN "\"amount\":-1", ERR_INVALID, "data.object.amount must not be negative"},
    {"plan.updated", PLAN "\"amount_decimal\":\"x\"", ERR_INVALID,
        "data.object.amount_decimal must be a decimal number without sign or exponent"},
    {"plan.updated", "\"id\":\"gold\",\"currency\":978", ERR_INVALID,
        "data.object.currency must be three letters"},
    {"customer.discount.created", "\"object\":\"discount\"", ERR_INVALID,
        "data.object.customer is missing"},
    {"customer.discount.created", DISC "\"source\":{\"coupon\":{\"amount_off\":-5}}", ERR_INVALID,
        "data.object.source.coupon.amount_off must not be negative"},
    {"customer.discount.created", DISC "\"source\":{\"coupon\":{\"percent_off\":1e1}}", ERR_INVALID,
        "data.object.source.coupon.percent_off must be a decimal number without sign or exponent"},
    {"customer.discount.created",
        DISC "\"source\":{\"coupon\":{\"percent_off\":\"0.1234567890123456789012345678901\"}}",
        ERR_TOO_LARGE, "data.object.source.coupon.percent_off has too many digits"},
    {"customer.discount.created", DISC "\"end\":\"never\"", ERR_INVALID,
        "data.object.end must be a whole number"},
};

static void what_is_wrong_is_named(void **state)
{
    (void)state;
    assert_bad_objects(bad_rows, sizeof bad_rows / sizeof *bad_rows);
}

TESTS_MAIN("prices",
    TEST(every_field_of_a_product_is_said),
    TEST(deletions_are_said_by_the_event_or_by_the_stub),
    TEST(every_field_of_a_price_is_said),
    TEST(prices_that_are_no_whole_amount_say_which),
    TEST(a_plan_and_its_price_say_the_same),
    TEST(an_old_plan_has_its_name_for_a_nickname),
    TEST(a_product_in_place_of_its_id_comes_along),
    TEST(every_field_of_a_discount_is_said),
    TEST(coupons_and_codes_are_ids_or_objects_of_any_age),
    TEST(a_discount_without_an_id_goes_by_what_it_hangs_on),
    TEST(a_customers_discount_comes_along),
    TEST(decimals_are_written_in_one_way),
    TEST(a_decimal_that_does_not_fit_is_not_cut),
    TEST(what_is_wrong_is_named))

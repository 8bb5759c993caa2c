#include "sandbox/merchant_internal.h"
#include "unit/sandbox/api_shop.h"

/* ---- lists ----------------------------------------------------------------------------------- */

/* Walks down by cursor, and says how many pages there were; `each` gets every element in turn. */
typedef void element_fn(struct api_shop *shop, const struct json *element, uint32_t number);
static uint32_t walk(struct api_shop *shop, const char *path, const char *query, element_fn *each)
{
    char cursor[64] = "", whole[256];
    uint32_t number = 0;
    for (uint32_t pages = 1; pages < 1000; pages++) {
        (void)snprintf(whole, sizeof whole, "%s%s%s", query,
            cursor[0] != '\0' ? "&starting_after=" : "", cursor);
        const struct json *list = api_shop_get(shop, path, whole);
        assert_int64_equal(shop->response.status, 200);
        assert_str_equal_to(shop_text(list, "url"), path);
        for (const struct json *at = api_shop_data(list)->first; at != NULL; at = at->next) {
            each(shop, at, number++);
            assert_true(str_copy_to(cursor, sizeof cursor, shop_text(at, "id")));
        }
        if (!json_bool(json_get(list, STR("has_more")), true)) {
            return number;
        }
    }
    fail_msg("%s has no end", path);
    return 0;
}

static void expect_next_older(struct api_shop *shop, const struct json *event, uint32_t number)
{
    assert_strs_equal(shop_text(event, "id"), shop->ids[shop->count - 1 - number]);
}

static void pages_hold_every_event_once_the_newest_first(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 1003);
    assert_int64_equal(walk(shop, "/v1/events", "limit=100", expect_next_older), 1003);
    assert_int64_equal(walk(shop, "/v1/events", "limit=17", expect_next_older), 1003);
    assert_int64_equal(walk(shop, "/v1/events", "", expect_next_older), 1003);
    api_shop_close(shop);
}

static uint32_t newer;
static void expect_older_while_new_ones_come(
    struct api_shop *shop, const struct json *event, uint32_t number)
{
    assert_strs_equal(shop_text(event, "id"), shop->ids[shop->count - 1 - newer - number]);
    if (number % 10 == 0) {
        api_shop_live(shop, 3);
        newer += 3;
    }
}

static void pages_hold_every_event_once_while_new_ones_come(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 400);
    newer = 0;
    assert_int64_equal(walk(shop, "/v1/events", "limit=30", expect_older_while_new_ones_come), 400);
    assert_int64_equal(newer, 120);
    api_shop_close(shop);
}

static void going_up_gives_the_next_newer_ones_newest_first(void **state)
{
    (void)state;
    char query[128];
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 50);
    (void)snprintf(query, sizeof query, "limit=7&ending_before=" STR_FMT, STR_ARG(shop->ids[20]));
    const struct json *list = api_shop_get(shop, "/v1/events", query);
    const struct json *at = api_shop_data(list)->first;
    for (int i = 27; i > 20; i--, at = at->next) {
        assert_strs_equal(shop_text(at, "id"), shop->ids[i]);
    }
    assert_null(at);
    assert_true(json_bool(json_get(list, STR("has_more")), false));
    (void)snprintf(query, sizeof query, "limit=29&ending_before=" STR_FMT, STR_ARG(shop->ids[20]));
    list = api_shop_get(shop, "/v1/events", query);
    assert_int64_equal(api_shop_data(list)->count, 29);
    assert_false(json_bool(json_get(list, STR("has_more")), true));
    api_shop_close(shop);
}

static void a_page_that_ends_with_the_last_row_has_no_more(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 20);
    assert_false(
        json_bool(json_get(api_shop_get(shop, "/v1/events", "limit=20"), STR("has_more")), true));
    assert_true(
        json_bool(json_get(api_shop_get(shop, "/v1/events", "limit=19"), STR("has_more")), false));
    api_shop_close(shop);
}

static void the_oldest_events_make_room(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.events_max = 64});
    char path[64];
    api_shop_live(shop, 300);
    assert_int64_equal(walk(shop, "/v1/events", "limit=10", expect_next_older), 64);
    (void)snprintf(path, sizeof path, "/v1/events/" STR_FMT, STR_ARG(shop->ids[235]));
    (void)api_shop_get(shop, path, "");
    assert_int64_equal(shop->response.status, 404);
    (void)snprintf(path, sizeof path, "/v1/events/" STR_FMT, STR_ARG(shop->ids[236]));
    (void)api_shop_get(shop, path, "");
    assert_int64_equal(shop->response.status, 200);
    api_shop_close(shop);
}

static void the_bytes_of_events_are_bounded_too(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.event_bytes_max = 100000});
    api_shop_live(shop, 300);
    uint32_t kept = walk(shop, "/v1/events", "limit=10", expect_next_older);
    assert_true(kept > 10 && kept < 60);
    api_shop_close(shop);
}

/* ---- filters --------------------------------------------------------------------------------- */

static int64_t from_s, to_s;
static void expect_created_between(
    struct api_shop *shop, const struct json *element, uint32_t number)
{
    (void)shop;
    (void)number;
    int64_t created_s = shop_number(element, "created");
    assert_true(created_s >= from_s && created_s <= to_s);
}

static void created_can_be_bounded_on_both_sides(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 600);
    int64_t begun_s = SHOP_START_US / 1000000;
    uint32_t within = 0, exclusive = 0, upto = 0, beyond = 0;
    char query[128];
    from_s = begun_s + 3;
    to_s = begun_s + 5;
    (void)snprintf(query, sizeof query, "limit=50&created[gte]=%lld&created%%5Blte%%5D=%lld",
        (long long)from_s, (long long)to_s);
    within = walk(shop, "/v1/events", query, expect_created_between);
    (void)snprintf(query, sizeof query, "limit=50&created[gt]=%lld&created[lt]=%lld",
        (long long)from_s - 1, (long long)to_s + 1);
    exclusive = walk(shop, "/v1/events", query, expect_created_between);
    assert_true(within > 0);
    assert_int64_equal(within, exclusive);
    from_s = INT64_MIN;
    to_s = begun_s + 2;
    (void)snprintf(query, sizeof query, "created[lte]=%lld", (long long)to_s);
    upto = walk(shop, "/v1/events", query, expect_created_between);
    from_s = begun_s + 6;
    to_s = INT64_MAX;
    (void)snprintf(query, sizeof query, "created[gte]=%lld", (long long)from_s);
    beyond = walk(shop, "/v1/events", query, expect_created_between);
    assert_int64_equal(upto + within + beyond, 600);
    api_shop_close(shop);
}

static const char *wanted_types[2];
static void expect_wanted_type(struct api_shop *shop, const struct json *event, uint32_t number)
{
    (void)shop;
    (void)number;
    struct str type = shop_text(event, "type");
    bool found = false;
    for (size_t i = 0; i < 2; i++) {
        found |= wanted_types[i] != NULL && str_starts_with(type, str_from(wanted_types[i]));
    }
    assert_true(found);
}

static void types_choose_events(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 800);
    wanted_types[0] = "charge.succeeded";
    wanted_types[1] = NULL;
    uint32_t one = walk(shop, "/v1/events", "type=charge.succeeded", expect_wanted_type);
    wanted_types[1] = "refund.created";
    uint32_t two = walk(shop, "/v1/events", "types[]=charge.succeeded&types%5B%5D=refund.created",
        expect_wanted_type);
    uint32_t indexed = walk(shop, "/v1/events", "types[0]=charge.succeeded&types[1]=refund.created",
        expect_wanted_type);
    wanted_types[0] = "charge.";
    uint32_t group = walk(shop, "/v1/events", "type=charge.*", expect_wanted_type);
    assert_true(one > 0 && two > one && group > one);
    assert_int64_equal(two, indexed);
    assert_int64_equal(api_shop_data(api_shop_get(shop, "/v1/events", "type=no.such"))->count, 0);
    api_shop_close(shop);
}

static void events_that_were_acknowledged_are_no_longer_pending(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 10);
    archive_delivered(shop->archive, shop->ids[4]);
    archive_delivered(shop->archive, STR("evt_1Unknown"));
    const struct json *done = api_shop_get(shop, "/v1/events", "delivery_success=true");
    assert_int64_equal(api_shop_data(done)->count, 1);
    assert_strs_equal(shop_text(api_shop_data(done)->first, "id"), shop->ids[4]);
    assert_int64_equal(shop_number(api_shop_data(done)->first, "pending_webhooks"), 0);
    const struct json *pending = api_shop_get(shop, "/v1/events", "delivery_success=false");
    assert_int64_equal(api_shop_data(pending)->count, 9);
    assert_int64_equal(shop_number(api_shop_data(pending)->first, "pending_webhooks"), 1);
    api_shop_close(shop);
}

/* ---- objects --------------------------------------------------------------------------------- */

static const char *wanted_object;
static int64_t last_created_s;
static void expect_object(struct api_shop *shop, const struct json *element, uint32_t number)
{
    char path[128];
    int64_t created_s = shop_number(element, "created");
    assert_str_equal_to(shop_text(element, "object"), wanted_object);
    assert_true(number == 0 || created_s <= last_created_s);
    last_created_s = created_s;
    (void)snprintf(
        path, sizeof path, "/v1/%ss/" STR_FMT, wanted_object, STR_ARG(shop_text(element, "id")));
    assert_true(json_equal(element, api_shop_get(shop, path, "")));
}

/* Enough of each for every kind of object to be there soon. */
static struct merchant_mix everything(void)
{
    return (struct merchant_mix){.payments = 40, .billing = 40, .disputes = 10, .payouts = 10};
}

static void expect_going_on(struct api_shop *shop, const struct json *element, uint32_t number)
{
    expect_object(shop, element, number);
    assert_true(json_is_null(json_get(element, STR("ended_at"))));
}

static void objects_of_every_kind_are_listed_and_found_by_id(void **state)
{
    (void)state;
    static const char *const objects[] = {"payment_intent", "charge", "refund", "customer",
        "dispute", "subscription", "invoice", "invoice_payment", "credit_note", "product", "price",
        "payment_method", "payout"};
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.shop.mix = everything()});
    api_shop_live(shop, 8000);
    for (size_t i = 0; i < sizeof objects / sizeof *objects; i++) {
        char path[64];
        wanted_object = objects[i];
        (void)snprintf(path, sizeof path, "/v1/%ss", objects[i]);
        assert_row(walk(shop, path, "limit=40", expect_object) >= 3, objects[i]);
    }
    api_shop_close(shop);
}

static void subscriptions_that_are_over_are_listed_only_with_all(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.shop.mix.billing = 1});
    api_shop_live(shop, 3000);
    wanted_object = "subscription";
    uint32_t going = walk(shop, "/v1/subscriptions", "limit=50", expect_going_on);
    assert_true(going > 0);
    assert_true(walk(shop, "/v1/subscriptions", "limit=50&status=all", expect_object) > going);
    (void)api_shop_get(shop, "/v1/subscriptions", "status=paused");
    assert_int64_equal(shop->response.status, 400);
    api_shop_close(shop);
}

static void objects_are_listed_as_they_are_and_found_by_id(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        uint32_t least;
    } rows[] = {{"payment_intent", 20}, {"charge", 20}, {"refund", 20}, {"customer", 20},
        {"dispute", 1}, {"invoice", 1}, {"product", 1}, {"price", 1}, {"payout", 1},
        {"payment_method", 1}};
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 6000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        char path[64];
        wanted_object = rows[i].object;
        (void)snprintf(path, sizeof path, "/v1/%ss", rows[i].object);
        assert_row(walk(shop, path, "limit=40", expect_object) >= rows[i].least, rows[i].object);
    }
    api_shop_close(shop);
}

/* Whatever the shop has told of an object last is what its API says. */
static void check_last_events(struct merchant_mix mix)
{
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.shop.mix = mix});
    struct shop_memory *memory = shop_memory_new();
    uint32_t compared = 0, made = 0;
    for (;;) {
        struct shop_event event = {0};
        enum err err = shop_next(shop->merchant, shop->arena, &event);
        if (err == ERR_NOT_FOUND) {
            break;
        }
        assert_err(err, ERR_OK);
        assert_err(archive_add(shop->archive, &event.raw), ERR_OK);
        bool askable = !str_eq(shop_text(event.object, "object"), STR("discount"));
        if (event.object_id.len > 0 && askable) {
            shop_remember(memory, &event);
        }
        if (++made == 1500) {
            merchant_wind_down(shop->merchant);
        }
    }
    for (size_t i = 0; i < SHOP_SLOTS; i++) {
        struct json_document document = {0};
        if (memory->slots[i].id[0] == '\0') {
            continue;
        }
        assert_err(json_parse((struct str){memory->slots[i].body, memory->slots[i].body_len},
                       shop->arena, &document),
            ERR_OK);
        const struct json *object = json_path(document.root, STR("data.object"));
        char path[128];
        (void)snprintf(path, sizeof path, "/v1/" STR_FMT "s/%s",
            STR_ARG(shop_text(object, "object")), memory->slots[i].id);
        const struct json *answer = api_shop_get(shop, path, "");
        assert_int64_equal(shop->response.status, 200);
        struct str type = shop_text(document.root, "type");
        if (str_eq(type, STR("customer.deleted")) || str_eq(type, STR("invoice.deleted"))) {
            assert_true(json_bool(json_get(answer, STR("deleted")), false));
        } else {
            assert_true(json_equal(object, answer));
        }
        compared++;
    }
    assert_true(compared > 300);
    shop_memory_free(memory);
    api_shop_close(shop);
}

static void an_object_is_what_its_last_event_showed(void **state)
{
    (void)state;
    check_last_events((struct merchant_mix){0});
    check_last_events(everything());
}

/* A list by parent holds what says that parent, and all of it. */
static void lists_by_parent_hold_what_names_it(void **state)
{
    (void)state;
    static const struct {
        const char *list, *parent;
    } rows[] = {
        {"/v1/charges", "payment_intent"},
        {"/v1/refunds", "payment_intent"},
        {"/v1/refunds", "charge"},
        {"/v1/charges", "customer"},
        {"/v1/payment_intents", "customer"},
        {"/v1/disputes", "payment_intent"},
        {"/v1/disputes", "charge"},
        {"/v1/invoices", "customer"},
        {"/v1/subscriptions", "customer"},
        {"/v1/credit_notes", "customer"},
        {"/v1/payment_methods", "customer"},
    };
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.shop.mix = everything()});
    api_shop_live(shop, 8000);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct json *all = api_shop_data(api_shop_get(shop, rows[i].list, "limit=100"));
        struct str parent = STR_NONE;
        uint32_t expected = 0;
        for (const struct json *at = all->first; at != NULL; at = at->next) {
            struct str named = shop_text(at, rows[i].parent);
            parent = parent.len > 0 ? parent : named;
            expected += parent.len > 0 && str_eq(parent, named) ? 1 : 0;
        }
        char query[128];
        (void)snprintf(
            query, sizeof query, "limit=100&%s=" STR_FMT, rows[i].parent, STR_ARG(parent));
        const struct json *some = api_shop_data(api_shop_get(shop, rows[i].list, query));
        assert_row(expected > 0 && some->count >= expected, rows[i].parent);
        for (const struct json *at = some->first; at != NULL; at = at->next) {
            assert_strs_equal(shop_text(at, rows[i].parent), parent);
        }
    }
    api_shop_close(shop);
}

static void what_the_shop_has_none_of_has_an_empty_list(void **state)
{
    (void)state;
    static const char *const paths[] = {"/v1/subscriptions", "/v1/subscription_schedules",
        "/v1/invoice_payments", "/v1/credit_notes", "/v1/reporting/report_runs"};
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 300);
    for (size_t i = 0; i < sizeof paths / sizeof *paths; i++) {
        const struct json *list = api_shop_get(shop, paths[i], "limit=10&created[gte]=0");
        assert_row(api_shop_data(list)->count == 0, paths[i]);
        assert_str_equal_to(shop_text(list, "url"), paths[i]);
    }
    (void)api_shop_get(shop, "/v1/subscriptions", "status=all");
    assert_int64_equal(shop->response.status, 200);
    (void)api_shop_get(shop, "/v1/reporting/report_runs/frr_1", "");
    assert_int64_equal(shop->response.status, 404);
    api_shop_close(shop);
}

static void a_deleted_customer_is_found_and_not_listed(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 3000);
    const struct json *event =
        api_shop_data(api_shop_get(shop, "/v1/events", "type=customer.deleted"))->first;
    assert_non_null(event);
    struct str id = shop_text(event, "data.object.id");
    char path[64];
    (void)snprintf(path, sizeof path, "/v1/customers/" STR_FMT, STR_ARG(id));
    const struct json *answer = api_shop_get(shop, path, "");
    assert_true(json_bool(json_get(answer, STR("deleted")), false));
    assert_null(json_get(answer, STR("email")));
    char query[96];
    (void)snprintf(query, sizeof query, "limit=100&created=%lld",
        (long long)shop_number(event, "data.object.created"));
    const struct json *list = api_shop_data(api_shop_get(shop, "/v1/customers", query));
    for (const struct json *at = list->first; at != NULL; at = at->next) {
        assert_false(str_eq(shop_text(at, "id"), id));
    }
    api_shop_close(shop);
}

/* ---- versions -------------------------------------------------------------------------------- */

static void expect_old_intent(const struct json *intent)
{
    assert_null(json_get(intent, STR("latest_charge")));
    assert_str_equal_to(shop_text(intent, "charges.object"), "list");
    assert_non_null(json_get(intent, STR("invoice")));
    const struct json *data = json_path(intent, STR("charges.data"));
    assert_int64_equal(shop_number(intent, "charges.total_count"), data->count);
    int64_t before_s = INT64_MAX;
    for (const struct json *at = data->first; at != NULL; at = at->next) {
        assert_strs_equal(shop_text(at, "payment_intent"), shop_text(intent, "id"));
        assert_str_equal_to(shop_text(at, "refunds.object"), "list");
        assert_true(shop_number(at, "created") <= before_s);
        before_s = shop_number(at, "created");
    }
}

static void expect_old_charge(const struct json *charge)
{
    int64_t sum = 0;
    const struct json *data = json_path(charge, STR("refunds.data"));
    assert_non_null(data);
    assert_int64_equal(shop_number(charge, "refunds.total_count"), data->count);
    for (const struct json *at = data->first; at != NULL; at = at->next) {
        assert_strs_equal(shop_text(at, "charge"), shop_text(charge, "id"));
        sum += str_eq(shop_text(at, "status"), STR("failed")) ? 0 : shop_number(at, "amount");
    }
    /* What was authorised and never captured counts as given back, without a refund. */
    int64_t released = shop_number(charge, "amount") - shop_number(charge, "amount_captured");
    int64_t refunded = shop_number(charge, "amount_refunded");
    assert_true(refunded == sum || refunded == sum + released);
}

static void the_older_version_lists_charges_and_refunds(void **state)
{
    (void)state;
    struct api_shop *shop =
        api_shop_open((struct api_shop_setup){.api.version = VERSION_2022_08_01});
    uint32_t with_refunds = 0, with_charges = 0;
    for (int i = 0; i < 3000; i++) {
        struct shop_event event = {0};
        arena_reset(shop->arena);
        assert_err(shop_next(shop->merchant, shop->arena, &event), ERR_OK);
        assert_str_equal_to(shop_text(event.root, "api_version"), "2022-08-01");
        if (str_eq(shop_text(event.object, "object"), STR("payment_intent"))) {
            expect_old_intent(event.object);
            with_charges += json_path(event.object, STR("charges.data"))->count > 0 ? 1 : 0;
        } else if (str_eq(shop_text(event.object, "object"), STR("charge"))) {
            expect_old_charge(event.object);
            with_refunds += json_path(event.object, STR("refunds.data"))->count > 0 ? 1 : 0;
        }
    }
    assert_true(with_refunds > 20 && with_charges > 100);
    api_shop_close(shop);
}

static const struct json *get_with_version(
    struct api_shop *shop, const char *path, const char *version)
{
    return api_shop_ask(shop, &(struct api_request){.method = STR("GET"),
                                  .path = str_from(path),
                                  .authorization = STR("Bearer " API_SHOP_KEY),
                                  .version = str_from(version)});
}

static void who_asks_chooses_the_version_of_objects_and_not_of_events(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 200);
    const struct json *list = get_with_version(shop, "/v1/payment_intents", "2022-08-01");
    assert_string_equal(api_shop_header(shop, "Stripe-Version"), "2022-08-01");
    expect_old_intent(api_shop_data(list)->first);
    list = get_with_version(shop, "/v1/payment_intents", "");
    assert_string_equal(api_shop_header(shop, "Stripe-Version"), "2026-10-28.endive");
    assert_null(json_get(api_shop_data(list)->first, STR("charges")));
    assert_non_null(json_get(api_shop_data(list)->first, STR("latest_charge")));
    list = get_with_version(shop, "/v1/events", "2022-08-01");
    assert_str_equal_to(shop_text(api_shop_data(list)->first, "api_version"), "2026-10-28.endive");
    const struct json *refused = get_with_version(shop, "/v1/events", "2019-12-03");
    api_shop_expect_error(shop, refused, 400, "", "");
    assert_non_null(strstr(buf_str(&shop->body).data, "2026-10-28.endive, 2025-08-27.basil"));
    api_shop_close(shop);
}

/* ---- refusals -------------------------------------------------------------------------------- */

static void what_is_wrong_with_a_question_is_said_in_the_providers_shape(void **state)
{
    (void)state;
    static const struct {
        const char *path, *query;
        int status;
        const char *code, *param;
    } rows[] = {
        {"/v1/events/evt_1None", "", 404, "resource_missing", "id"},
        {"/v1/charges/ch_1None", "", 404, "resource_missing", "id"},
        {"/v1/charges/ch_1None/refunds", "", 404, "resource_missing", "id"},
        {"/v1/webhook_endpoints/we_1None", "", 404, "resource_missing", "id"},
        {"/v1/events", "starting_after=evt_1None", 400, "resource_missing", "starting_after"},
        {"/v1/events", "ending_before=evt_1None", 400, "resource_missing", "ending_before"},
        {"/v1/events", "starting_after=", 400, "parameter_invalid", "starting_after"},
        {"/v1/events", "starting_after=a&ending_before=b", 400, "parameter_invalid", ""},
        {"/v1/events", "limit=0", 400, "parameter_invalid", "limit"},
        {"/v1/events", "limit=101", 400, "parameter_invalid", "limit"},
        {"/v1/events", "limit=ten", 400, "parameter_invalid_integer", "limit"},
        {"/v1/events", "limit=99999999999999999999", 400, "parameter_invalid_integer", "limit"},
        {"/v1/events", "created[gte]=now", 400, "parameter_invalid_integer", "created[gte]"},
        {"/v1/events", "created[since]=1", 400, "parameter_invalid", "created[since]"},
        {"/v1/events", "created[gt]=9223372036854775807", 400, "parameter_invalid", "created[gt]"},
        {"/v1/events", "type=a&types[]=b", 400, "parameter_invalid", "types[]"},
        {"/v1/events", "types[]=b&type=a", 400, "parameter_invalid", "type"},
        {"/v1/events", "type=a&type=b", 400, "parameter_invalid", "type"},
        {"/v1/events", "delivery_success=maybe", 400, "parameter_invalid", "delivery_success"},
        {"/v1/events", "customer=cus_1", 400, "parameter_unknown", "customer"},
        {"/v1/charges", "type=charge.failed", 400, "parameter_unknown", "type"},
        {"/v1/charges", "expand[]=data.refunds", 400, "parameter_unknown", "expand[]"},
        {"/v1/events", "%6c%69%6d%69%74=%30", 400, "parameter_invalid", "limit"},
        {"/v1/events", "%", 400, "parameter_unknown", "%"},
        {"/v1/nothing", "", 404, "", ""},
        {"/v1/events/evt_1/more", "", 404, "", ""},
        {"/v1", "", 404, "", ""},
        {"/", "", 404, "", ""},
        {"", "", 404, "", ""},
        {"/v2/events", "", 404, "", ""},
    };
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    api_shop_live(shop, 20);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct json *answer = api_shop_get(shop, rows[i].path, rows[i].query);
        print_message("# %s?%s\n", rows[i].path, rows[i].query);
        api_shop_expect_error(shop, answer, rows[i].status, rows[i].code, rows[i].param);
    }
    api_shop_close(shop);
}

static void at_most_20_types_and_4096_bytes_are_taken(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    CLEANUP(buf_fini) struct buf query;
    buf_init(&query, 8192);
    for (int i = 0; i < 20; i++) {
        buf_add(&query, STR("types[]=a.b&"));
    }
    buf_add_char(&query, '\0');
    (void)api_shop_get(shop, "/v1/events", query.data);
    assert_int64_equal(shop->response.status, 200);
    query.len--;
    buf_add(&query, STR("types[]=a.c"));
    buf_add_char(&query, '\0');
    api_shop_expect_error(
        shop, api_shop_get(shop, "/v1/events", query.data), 400, "parameter_invalid", "types[]");
    buf_clear(&query);
    buf_add(&query, STR("type="));
    while (query.len < API_QUERY_BYTES_MAX) {
        buf_add_char(&query, 'a');
    }
    buf_add_char(&query, '\0');
    (void)api_shop_get(shop, "/v1/events", query.data);
    assert_int64_equal(shop->response.status, 200);
    query.data[query.len - 1] = 'a';
    buf_add_char(&query, '\0');
    api_shop_expect_error(shop, api_shop_get(shop, "/v1/events", query.data), 400, "", "");
    api_shop_close(shop);
}

static struct str random_text(struct env *env, char *to, size_t size)
{
    static const char *const pieces[] = {"/v1/", "events", "charges", "/", "refunds", "limit", "=",
        "&", "created[", "gte", "]", "types[]", "%", "%5B", "%00", "+", "starting_after", "1", "-",
        "9223372036854775807", "\xff\xc3", "*", "account", "delivery_success", "true"};
    size_t len = 0;
    uint64_t count = env_random_below(env, 12);
    for (uint64_t i = 0; i < count; i++) {
        const char *piece = pieces[env_random_below(env, sizeof pieces / sizeof *pieces)];
        size_t piece_len = strlen(piece);
        if (len + piece_len < size) {
            memcpy(to + len, piece, piece_len);
            len += piece_len;
        }
    }
    return (struct str){to, len};
}

static void whatever_is_asked_there_is_an_answer_in_json(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    struct env_virtual virtual;
    struct env *env = env_virtual_init(&virtual, 0, test_seed());
    bool seen[600] = {false};
    api_shop_live(shop, 30);
    struct arena *ids = shop->arena;
    shop->arena = arena_new(API_SHOP_ARENA_BYTES);
    for (int i = 0; i < 20000; i++) {
        char path[256], query[256], version[256], account[256];
        struct api_request request = {.method = STR("GET"),
            .path = random_text(env, path, sizeof path),
            .query = random_text(env, query, sizeof query),
            .authorization = STR("Bearer " API_SHOP_KEY)};
        if (i % 4 > 0) {
            request.path = i % 4 == 1 ? STR("/v1/events") : STR("/v1/refunds");
        } else if (i % 3 == 0) {
            request.version = random_text(env, version, sizeof version);
            request.account = random_text(env, account, sizeof account);
        }
        arena_reset(shop->arena);
        (void)api_shop_ask(shop, &request);
        seen[shop->response.status] = true;
    }
    assert_true(seen[200] && seen[400] && seen[403] && seen[404] && !seen[500]);
    ids = arena_free(ids);
    api_shop_close(shop);
}

static void without_the_key_nothing_is_told(void **state)
{
    (void)state;
    static const char *const rows[] = {"", "Bearer", "Bearer ", "Bearer rk_test_other",
        "Bearer " API_SHOP_KEY "x", "Basic cmtfdGVzdDo=", API_SHOP_KEY};
    struct api_shop *shop = api_shop_open((struct api_shop_setup){0});
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct json *answer = api_shop_ask(shop, &(struct api_request){.method = STR("GET"),
                                                           .path = STR("/v1/events"),
                                                           .authorization = str_from(rows[i])});
        api_shop_expect_error(shop, answer, 401, "", "");
    }
    (void)api_shop_ask(shop, &(struct api_request){.method = STR("POST"),
                                 .path = STR("/v1/events"),
                                 .authorization = STR("bearer  " API_SHOP_KEY)});
    assert_int64_equal(shop->response.status, 404);
    api_shop_close(shop);
}

static void a_rate_is_kept_and_recovers_with_time(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.api.rate = 5});
    int answered = 0;
    shop->now_us = 77 * INT64_C(1000000);
    for (int i = 0; i < 20; i++) {
        const struct json *answer = api_shop_get(shop, "/v1/events", "");
        if (shop->response.status == 200) {
            answered++;
            continue;
        }
        api_shop_expect_error(shop, answer, 429, "rate_limit", "");
        assert_string_equal(api_shop_header(shop, "Stripe-Rate-Limited-Reason"), "global-rate");
    }
    assert_int64_equal(answered, 5);
    shop->now_us += 400000;
    for (int i = 0; i < 5; i++) {
        (void)api_shop_get(shop, "/v1/events", "");
        answered += shop->response.status == 200 ? 1 : 0;
    }
    assert_int64_equal(answered, 7);
    api_shop_close(shop);
}

static void failures_on_purpose_come_as_often_as_asked_for(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){
        .api = {.error_percent = 20, .lock_percent = 25, .seed = test_seed()}});
    int errors = 0, locks = 0;
    for (int i = 0; i < 1000; i++) {
        const struct json *answer = api_shop_get(shop, "/v1/account", "");
        if (shop->response.status == 500) {
            errors++;
            api_shop_expect_error(shop, answer, 500, "", "");
        } else if (shop->response.status == 429) {
            locks++;
            api_shop_expect_error(shop, answer, 429, "lock_timeout", "");
            assert_null(api_shop_header(shop, "Stripe-Rate-Limited-Reason"));
            assert_string_equal(api_shop_header(shop, "Stripe-Should-Retry"), "true");
        }
        arena_reset(shop->arena);
    }
    assert_true(errors > 140 && errors < 260);
    assert_true(locks > 140 && locks < 260); /* of the others */
    api_shop_close(shop);
}

/* ---- the endpoint ---------------------------------------------------------------------------- */

static void the_webhook_endpoint_is_told_with_its_version(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open(
        (struct api_shop_setup){.api = {.webhook_url = STR("http://127.0.0.1:8420/webhooks/demo"),
                                    .version = VERSION_2022_08_01}});
    const struct json *list = api_shop_get(shop, "/v1/webhook_endpoints", "");
    const struct json *endpoint = api_shop_data(list)->first;
    assert_str_equal_to(shop_text(endpoint, "url"), "http://127.0.0.1:8420/webhooks/demo");
    assert_str_equal_to(shop_text(endpoint, "api_version"), "2022-08-01");
    assert_str_equal_to(json_string(json_get(endpoint, STR("enabled_events"))->first), "*");
    api_shop_close(shop);
    shop = api_shop_open((struct api_shop_setup){0});
    list = api_shop_get(shop, "/v1/webhook_endpoints", "");
    assert_int64_equal(api_shop_data(list)->count, 0);
    api_shop_close(shop);
}

TESTS_MAIN("sandbox/api",
    TEST(pages_hold_every_event_once_the_newest_first),
    TEST(pages_hold_every_event_once_while_new_ones_come),
    TEST(going_up_gives_the_next_newer_ones_newest_first),
    TEST(a_page_that_ends_with_the_last_row_has_no_more),
    TEST(the_oldest_events_make_room),
    TEST(the_bytes_of_events_are_bounded_too),
    TEST(created_can_be_bounded_on_both_sides),
    TEST(types_choose_events),
    TEST(events_that_were_acknowledged_are_no_longer_pending),
    TEST(objects_of_every_kind_are_listed_and_found_by_id),
    TEST(subscriptions_that_are_over_are_listed_only_with_all),
    TEST(objects_are_listed_as_they_are_and_found_by_id),
    TEST(an_object_is_what_its_last_event_showed),
    TEST(lists_by_parent_hold_what_names_it),
    TEST(what_the_shop_has_none_of_has_an_empty_list),
    TEST(a_deleted_customer_is_found_and_not_listed),
    TEST(the_older_version_lists_charges_and_refunds),
    TEST(who_asks_chooses_the_version_of_objects_and_not_of_events),
    TEST(what_is_wrong_with_a_question_is_said_in_the_providers_shape),
    TEST(at_most_20_types_and_4096_bytes_are_taken),
    TEST(whatever_is_asked_there_is_an_answer_in_json),
    TEST(without_the_key_nothing_is_told),
    TEST(a_rate_is_kept_and_recovers_with_time),
    TEST(failures_on_purpose_come_as_often_as_asked_for),
    TEST(the_webhook_endpoint_is_told_with_its_version))

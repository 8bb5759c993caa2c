/* What stands on connected accounts, and lists that stand inside of objects. */
#include "sandbox/merchant_internal.h"
#include "unit/sandbox/api_shop.h"

/* ---- lists inside of objects ----------------------------------------------------------------- */

static uint32_t check_lists_inside(struct api_shop *shop, const char *path, const char *name)
{
    uint32_t checked = 0;
    const struct json *list = api_shop_data(api_shop_get(shop, path, "limit=100"));
    for (const struct json *at = list->first; at != NULL; at = at->next) {
        char inside[160];
        const struct json *stands = json_get(at, str_from(name));
        (void)snprintf(
            inside, sizeof inside, "%s/" STR_FMT "/%s", path, STR_ARG(shop_text(at, "id")), name);
        assert_str_equal_to(shop_text(stands, "url"), inside);
        assert_true(json_equal(
            api_shop_data(api_shop_get(shop, inside, "")), json_get(stands, STR("data"))));
        checked += json_get(stands, STR("data"))->count > 0 ? 1 : 0;
    }
    return checked;
}

static void a_list_inside_of_an_object_is_where_it_says(void **state)
{
    (void)state;
    struct merchant_mix mix = {0};
    assert_err(merchant_mix_parse(STR(SHOP_EVERYTHING), &mix), ERR_OK);
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.shop.mix = mix});
    api_shop_live(shop, 8000);
    assert_true(check_lists_inside(shop, "/v1/invoices", "lines") > 20);
    assert_true(check_lists_inside(shop, "/v1/credit_notes", "lines") > 0);
    assert_true(check_lists_inside(shop, "/v1/transfers", "reversals") > 0);
    assert_true(check_lists_inside(shop, "/v1/application_fees", "refunds") > 0);
    const struct json *first = api_shop_data(api_shop_get(shop, "/v1/invoices", ""))->first;
    char path[160];
    (void)snprintf(
        path, sizeof path, "/v1/invoices/" STR_FMT "/taxes", STR_ARG(shop_text(first, "id")));
    api_shop_expect_error(shop, api_shop_get(shop, path, ""), 404, "", "");
    api_shop_close(shop);
}

static void an_invoices_payments_are_given_when_they_are_asked_for(void **state)
{
    (void)state;
    struct merchant_mix mix = {0};
    assert_err(merchant_mix_parse(STR("billing"), &mix), ERR_OK);
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.shop.mix = mix});
    api_shop_live(shop, 3000);
    uint32_t paid = 0;
    const struct json *plain = api_shop_data(api_shop_get(shop, "/v1/invoices", "limit=100"));
    const struct json *whole =
        api_shop_data(api_shop_get(shop, "/v1/invoices", "limit=100&expand[]=data.payments"));
    const struct json *at = whole->first;
    for (const struct json *was = plain->first; was != NULL; was = was->next, at = at->next) {
        char path[160];
        assert_null(json_get(was, STR("payments")));
        const struct json *payments = json_path(at, STR("payments.data"));
        assert_non_null(payments);
        for (const struct json *one = payments->first; one != NULL; one = one->next) {
            assert_strs_equal(shop_text(one, "invoice"), shop_text(was, "id"));
            paid += str_eq(shop_text(one, "status"), STR("paid")) ? 1 : 0;
        }
        (void)snprintf(path, sizeof path, "/v1/invoices/" STR_FMT, STR_ARG(shop_text(was, "id")));
        assert_true(json_equal(api_shop_get(shop, path, "expand[]=payments"), at));
        assert_true(json_equal(api_shop_get(shop, path, ""), was));
    }
    assert_true(paid > 10);
    api_shop_close(shop);
}

/* ---- accounts -------------------------------------------------------------------------------- */

static const struct json *get_for(struct api_shop *shop, const char *path, const char *account)
{
    return api_shop_ask(shop, &(struct api_request){.method = STR("GET"),
                                  .path = str_from(path),
                                  .authorization = STR("Bearer " API_SHOP_KEY),
                                  .account = str_from(account)});
}

static void a_connected_accounts_shop_is_seen_by_who_names_it(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){
        .api.account = STR("acct_1Below"), .shop.account = STR("acct_1Below")});
    api_shop_live(shop, 30);
    assert_int64_equal(api_shop_data(get_for(shop, "/v1/events", "acct_1Below"))->count, 10);
    assert_int64_equal(api_shop_data(get_for(shop, "/v1/events", ""))->count, 0);
    api_shop_expect_error(
        shop, get_for(shop, "/v1/events", "acct_1Other"), 403, "account_invalid", "");
    assert_str_equal_to(shop_text(get_for(shop, "/v1/account", ""), "id"), API_ACCOUNT);
    assert_str_equal_to(
        shop_text(get_for(shop, "/v1/account", "acct_1Below"), "id"), "acct_1Below");
    api_shop_close(shop);
}

static struct merchant_mix of_connect(void)
{
    struct merchant_mix mix = {0};
    assert_err(merchant_mix_parse(STR("connect"), &mix), ERR_OK);
    return mix;
}

static void each_account_has_the_events_that_name_it_and_no_others(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.shop.mix = of_connect()});
    api_shop_live(shop, 4000);
    uint32_t sum = 0, below = 0;
    const struct json *accounts = api_shop_get(shop, "/v1/accounts", "limit=100");
    for (const struct json *account = api_shop_data(accounts)->first; account != NULL;
         account = account->next) {
        char id[64], path[128];
        assert_true(str_copy_to(id, sizeof id, shop_text(account, "id")));
        assert_str_equal_to(shop_text(get_for(shop, "/v1/account", id), "id"), id);
        const struct json *list = api_shop_data(get_for(shop, "/v1/events", id));
        for (const struct json *event = list->first; event != NULL; event = event->next) {
            assert_str_equal_to(shop_text(event, "account"), id);
            (void)snprintf(
                path, sizeof path, "/v1/events/" STR_FMT, STR_ARG(shop_text(event, "id")));
            (void)get_for(shop, path, id);
            assert_int64_equal(shop->response.status, 200);
            api_shop_expect_error(
                shop, api_shop_get(shop, path, ""), 404, "resource_missing", "id");
            below++;
        }
        assert_int64_equal(api_shop_data(get_for(shop, "/v1/transfers", id))->count, 0);
        sum++;
    }
    assert_true(sum >= 3 && below > 20);
    const struct json *own = api_shop_data(api_shop_get(shop, "/v1/events", "limit=100"));
    for (const struct json *event = own->first; event != NULL; event = event->next) {
        assert_null(json_get(event, STR("account")));
    }
    api_shop_close(shop);
}

static void platforms_objects_are_listed_with_the_accounts_that_they_name(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.shop.mix = of_connect()});
    api_shop_live(shop, 3000);
    static const struct {
        const char *path, *names;
    } rows[] = {{"/v1/transfers", "destination"}, {"/v1/application_fees", "account"}};
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct json *list = api_shop_data(api_shop_get(shop, rows[i].path, "limit=50"));
        assert_row(list->count > 20, rows[i].path);
        for (const struct json *at = list->first; at != NULL; at = at->next) {
            uint32_t owner = 0;
            assert_err(merchant_account_find(shop->merchant, shop_text(at, rows[i].names), &owner),
                ERR_OK);
        }
    }
    assert_true(api_shop_data(api_shop_get(shop, "/v1/topups", ""))->count > 5);
    char query[96];
    const struct json *first = api_shop_data(api_shop_get(shop, "/v1/transfers", ""))->first;
    (void)snprintf(
        query, sizeof query, "destination=" STR_FMT, STR_ARG(shop_text(first, "destination")));
    const struct json *some = api_shop_data(api_shop_get(shop, "/v1/transfers", query));
    for (const struct json *at = some->first; at != NULL; at = at->next) {
        assert_strs_equal(shop_text(at, "destination"), shop_text(first, "destination"));
    }
    api_shop_close(shop);
}

static void an_account_that_has_left_or_never_was_is_refused(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.shop.mix = of_connect()});
    uint32_t left = 0;
    while (left == 0) {
        api_shop_live(shop, 100);
        for (uint32_t i = 0; i < shop->merchant->account_count; i++) {
            left = shop->merchant->accounts[i].left ? i + 1 : left;
        }
    }
    char gone[64], path[128];
    assert_true(str_copy_to(gone, sizeof gone, merchant_account_at(shop->merchant, left).id));
    const char *const refused[] = {gone, "acct_1Never"};
    for (size_t i = 0; i < 2; i++) {
        api_shop_expect_error(
            shop, get_for(shop, "/v1/events", refused[i]), 403, "account_invalid", "");
        (void)snprintf(path, sizeof path, "/v1/accounts/%s", refused[i]);
        api_shop_expect_error(shop, api_shop_get(shop, path, ""), 403, "account_invalid", "");
    }
    const struct json *list = api_shop_data(api_shop_get(shop, "/v1/accounts", "limit=100"));
    for (const struct json *at = list->first; at != NULL; at = at->next) {
        assert_false(str_eq(shop_text(at, "id"), str_from(gone)));
    }
    api_shop_close(shop);
}

TESTS_MAIN("sandbox/api_connect",
    TEST(a_list_inside_of_an_object_is_where_it_says),
    TEST(an_invoices_payments_are_given_when_they_are_asked_for),
    TEST(a_connected_accounts_shop_is_seen_by_who_names_it),
    TEST(each_account_has_the_events_that_name_it_and_no_others),
    TEST(platforms_objects_are_listed_with_the_accounts_that_they_name),
    TEST(an_account_that_has_left_or_never_was_is_refused))

/* The statement and the balance as the API answers them, read as Counterfoil reads them. */
#include "provider/stripe/statement.h"
#include "sandbox/merchant_lines.h"
#include "unit/sandbox/api_shop.h"

#define EVENTS 6000
#define ARENA_BYTES ((size_t)16 * 1024 * 1024)
#define LINES "/v1/balance_transactions"
#define EXPANDED "expand[]=data.source"

static struct api_shop *open_shop(const char *mix)
{
    struct api_shop_setup setup = {.events_max = 0};
    assert_err(merchant_mix_parse(str_from(mix), &setup.shop.mix), ERR_OK);
    struct api_shop *shop = api_shop_open(setup);
    api_shop_live(shop, EVENTS);
    return shop;
}

static struct str ask(
    struct api_shop *shop, const char *path, const char *query, struct str account)
{
    buf_clear(&shop->body);
    api_answer(shop->api,
        &(struct api_request){.method = STR("GET"),
            .path = str_from(path),
            .query = str_from(query),
            .authorization = STR("Bearer " API_SHOP_KEY),
            .account = account},
        shop->now_us, &shop->response);
    return buf_str(&shop->body);
}

/* ---- walking --------------------------------------------------------------------------------- */

typedef void line_fn(const struct said_line *line, void *context);

/* All pages that answer the query, each line decoded. Returns how many there were. */
static uint32_t walk(struct api_shop *shop,
    struct str account,
    const char *filter,
    struct str payout,
    line_fn *each,
    void *context)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    char query[256], cursor[64] = "";
    uint32_t count = 0;
    struct said_page page = {.more = true};
    while (page.more) {
        struct err_info info = {{0}};
        arena_reset(arena);
        (void)snprintf(query, sizeof query, "limit=100&" EXPANDED "%s%s%s", filter,
            cursor[0] != '\0' ? "&starting_after=" : "", cursor);
        struct str body = ask(shop, LINES, query, account);
        assert_int_equal(shop->response.status, 200);
        assert_err(stripe_statement_decode_page(body, payout, arena, &page, &info), ERR_OK);
        assert_int_equal(page.refusal_count, 0);
        for (uint32_t i = 0; i < page.line_count; i++) {
            each(&page.lines[i], context);
        }
        count += page.line_count;
        assert_true(str_copy_to(cursor, sizeof cursor, page.cursor));
    }
    return count;
}

struct sums {
    const struct json *balance;
    int64_t before_us;
    uint32_t classified;
    struct {
        struct currency currency;
        int64_t available, pending;
    } of[MERCHANT_BALANCES_MAX];
    uint32_t count;
};

static void add_line(const struct said_line *said, void *context)
{
    struct sums *sums = context;
    const struct statement_line *line = &said->line;
    int64_t fees = 0;
    for (uint32_t i = 0; i < line->fee_count; i++) {
        fees += line->fees[i].minor;
    }
    assert_int64_equal(fees, line->fee_minor);
    assert_int64_equal(line->net_minor, line->amount_minor - line->fee_minor);
    assert_true(line->kind != LINE_UNCLASSIFIED);
    assert_true((said->learned & SAID_SOURCE) != 0 && (said->learned & SAID_CUSTOMER) != 0);
    assert_true((said->learned & SAID_FEES) != 0 && (said->learned & SAID_STATUS) != 0);
    assert_true(line->created_us <= sums->before_us);
    sums->before_us = line->created_us;
    uint32_t at = 0;
    while (at < sums->count && !currency_eq(sums->of[at].currency, line->currency)) {
        at++;
    }
    if (at == sums->count) {
        assert_true(at < MERCHANT_BALANCES_MAX);
        sums->of[sums->count++].currency = line->currency;
    }
    if (said->available) {
        sums->of[at].available += line->net_minor;
    } else {
        sums->of[at].pending += line->net_minor;
    }
}

static int64_t amount_of(const struct json *balance, const char *bucket, struct currency currency)
{
    const struct json *list = json_get(balance, str_from(bucket));
    for (const struct json *at = list->first; at != NULL; at = at->next) {
        if (str_eq(shop_text(at, "currency"), str_from(currency.code))) {
            return shop_number(at, "amount");
        }
    }
    fail_msg("%s has no %s", bucket, currency.code);
    return 0;
}

static struct currency in_lower_case(struct currency currency)
{
    for (char *at = currency.code; *at != '\0'; at++) {
        *at = (char)(*at >= 'A' && *at <= 'Z' ? *at + ('a' - 'A') : *at);
    }
    return currency;
}

static void check_sums(struct api_shop *shop, struct str account, uint32_t owner)
{
    struct sums sums = {.before_us = INT64_MAX};
    uint32_t count = walk(shop, account, "", STR_NONE, add_line, &sums);
    assert_int_equal(count, merchant_line_count(shop->merchant, owner));
    struct json_document document = {0};
    struct str text = arena_copy(shop->arena, ask(shop, "/v1/balance", "", account));
    assert_err(json_parse(text, shop->arena, &document), ERR_OK);
    assert_str_equal_to(shop_text(document.root, "object"), "balance");
    for (uint32_t i = 0; i < sums.count; i++) {
        struct currency currency = in_lower_case(sums.of[i].currency);
        assert_int64_equal(sums.of[i].available, amount_of(document.root, "available", currency));
        assert_int64_equal(sums.of[i].pending, amount_of(document.root, "pending", currency));
    }
}

static void pages_hold_every_line_and_sum_up_to_the_balance(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop(SHOP_EVERYTHING);
    assert_true(merchant_line_count(shop->merchant, 0) > 300);
    check_sums(shop, STR_NONE, 0);
    for (uint32_t i = 0; i < 3; i++) {
        struct merchant_account account = merchant_account_at(shop->merchant, i + 1);
        if (!account.left) {
            check_sums(shop, account.id, i + 1);
        }
    }
    api_shop_close(shop);
}

/* ---- payouts --------------------------------------------------------------------------------- */

struct payout_sum {
    int64_t in, own;
};

static void add_to_payout(const struct said_line *said, void *context)
{
    struct payout_sum *sum = context;
    if (said->payout.len > 0) {
        sum->in += said->line.net_minor;
    } else {
        sum->own += said->line.net_minor;
    }
}

static void a_payouts_lines_sum_up_to_it(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop("payments,disputes,payouts=20");
    uint32_t automatic = 0, by_hand = 0;
    const struct json *list = api_shop_get(shop, "/v1/payouts", "limit=100");
    for (const struct json *at = api_shop_data(list)->first; at != NULL; at = at->next) {
        char filter[128];
        struct str id = shop_text(at, "id");
        struct payout_sum sum = {0, 0};
        (void)snprintf(filter, sizeof filter, "&payout=" STR_FMT, STR_ARG(id));
        uint32_t lines = walk(shop, STR_NONE, filter, id, add_to_payout, &sum);
        if (json_bool(json_get(at, STR("automatic")), false)) {
            assert_int64_equal(sum.in, shop_number(at, "amount"));
            assert_int64_equal(sum.own, -sum.in);
            automatic++;
        } else {
            assert_int_equal(lines, 0);
            by_hand++;
        }
    }
    assert_true(automatic > 5 && by_hand > 0);
    api_shop_expect_error(
        shop, api_shop_get(shop, LINES, "payout=po_none"), 400, "resource_missing", "payout");
    api_shop_close(shop);
}

/* ---- filters --------------------------------------------------------------------------------- */

static const struct json *first_of(struct api_shop *shop, const char *query)
{
    const struct json *first = api_shop_data(api_shop_get(shop, LINES, query))->first;
    assert_non_null(first);
    return first;
}

static void filters_choose_lines(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop("all");
    char query[128];
    for (const struct json *at = first_of(shop, "type=refund&limit=100"); at != NULL;
         at = at->next) {
        assert_str_equal_to(shop_text(at, "type"), "refund");
    }
    for (const struct json *at = first_of(shop, "currency=jpy"); at != NULL; at = at->next) {
        assert_str_equal_to(shop_text(at, "currency"), "jpy");
    }
    const struct json *one = first_of(shop, "type=charge&limit=1");
    (void)snprintf(query, sizeof query, "source=" STR_FMT, STR_ARG(shop_text(one, "source")));
    assert_strs_equal(shop_text(first_of(shop, query), "source"), shop_text(one, "source"));
    int64_t created_s = shop_number(one, "created");
    (void)snprintf(query, sizeof query, "limit=100&created[lt]=%lld", (long long)created_s);
    for (const struct json *at = first_of(shop, query); at != NULL; at = at->next) {
        assert_true(shop_number(at, "created") < created_s);
    }
    (void)snprintf(query, sizeof query, "limit=100&created=%lld", (long long)created_s);
    for (const struct json *at = first_of(shop, query); at != NULL; at = at->next) {
        assert_int64_equal(shop_number(at, "created"), created_s);
    }
    api_shop_close(shop);
}

static void a_page_before_a_line_holds_the_next_newer_ones(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop("all");
    char query[128];
    const struct json *newest = api_shop_data(api_shop_get(shop, LINES, "limit=5"));
    const struct json *fourth = newest->first->next->next->next;
    (void)snprintf(
        query, sizeof query, "limit=2&ending_before=" STR_FMT, STR_ARG(shop_text(fourth, "id")));
    const struct json *page = api_shop_get(shop, LINES, query);
    assert_int_equal(api_shop_data(page)->count, 2);
    assert_strs_equal(
        shop_text(api_shop_data(page)->first, "id"), shop_text(newest->first->next, "id"));
    assert_true(json_bool(json_get(page, STR("has_more")), false));
    api_shop_close(shop);
}

static void what_no_line_can_answer_is_refused(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop("all");
    api_shop_expect_error(shop, api_shop_get(shop, LINES, "starting_after=txn_none"), 400,
        "resource_missing", "starting_after");
    api_shop_expect_error(shop, api_shop_get(shop, LINES, "expand[]=data.charge"), 400,
        "parameter_invalid", "expand[]");
    api_shop_expect_error(
        shop, api_shop_get(shop, LINES, "charge=ch_1"), 400, "parameter_unknown", "charge");
    api_shop_expect_error(
        shop, api_shop_get(shop, LINES "/txn_none", ""), 404, "resource_missing", "id");
    api_shop_close(shop);
}

static void a_line_by_its_id_has_its_source_when_that_is_asked_for(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop("all");
    char path[128];
    const struct json *one = first_of(shop, "type=charge&limit=1");
    (void)snprintf(path, sizeof path, LINES "/" STR_FMT, STR_ARG(shop_text(one, "id")));
    assert_true(json_equal(api_shop_get(shop, path, ""), one));
    const struct json *whole = api_shop_get(shop, path, "expand[]=source");
    assert_str_equal_to(shop_text(whole, "source.object"), "charge");
    assert_strs_equal(shop_text(whole, "source.id"), shop_text(one, "source"));
    assert_strs_equal(shop_text(whole, "source.balance_transaction"), shop_text(one, "id"));
    api_shop_close(shop);
}

TESTS_MAIN("sandbox/api_lines",
    TEST(pages_hold_every_line_and_sum_up_to_the_balance),
    TEST(a_payouts_lines_sum_up_to_it),
    TEST(filters_choose_lines),
    TEST(a_page_before_a_line_holds_the_next_newer_ones),
    TEST(what_no_line_can_answer_is_refused),
    TEST(a_line_by_its_id_has_its_source_when_that_is_asked_for))

#include "unit/sandbox/report_file.h"

/* ---- the files ------------------------------------------------------------------------------- */

static struct api_shop *open_shop(uint32_t events)
{
    struct api_shop_setup setup = {0};
    assert_err(merchant_mix_parse(STR(SHOP_EVERYTHING), &setup.shop.mix), ERR_OK);
    struct api_shop *shop = api_shop_open(setup);
    api_shop_live(shop, events);
    return shop;
}

static const struct report_sum *sum_in(const struct report_said *said, struct currency currency)
{
    static const struct report_sum none;
    for (uint32_t i = 0; i < said->count; i++) {
        if (currency_eq(said->sums[i].currency, currency)) {
            return &said->sums[i];
        }
    }
    return &none;
}

static void expect_agreement(const struct merchant *merchant, int64_t from_s, int64_t to_s)
{
    struct report_said total = report_of_shop(merchant, REPORT_SUMMARY_1, from_s, to_s, NULL, NULL);
    struct report_said activity =
        report_of_shop(merchant, REPORT_ACTIVITY_6, from_s, to_s, NULL, NULL);
    struct report_said older =
        report_of_shop(merchant, REPORT_ACTIVITY_3, from_s, to_s, NULL, NULL);
    struct report_said payouts =
        report_of_shop(merchant, REPORT_PAYOUTS_3, from_s, to_s, NULL, NULL);
    struct report_said left = report_of_shop(merchant, REPORT_ENDING_4, from_s, to_s, NULL, NULL);
    assert_int64_equal(activity.records, older.records);
    for (uint32_t i = 0; i < total.count; i++) {
        const struct report_sum *sum = &total.sums[i];
        assert_int64_equal(sum->starting + sum->activity + sum->payouts, sum->ending);
        assert_int64_equal(sum->activity, sum_in(&activity, sum->currency)->net);
        assert_int64_equal(sum->activity, sum_in(&older, sum->currency)->net);
        assert_int64_equal(sum->payouts, sum_in(&payouts, sum->currency)->net);
        assert_int64_equal(sum->ending, sum_in(&left, sum->currency)->net);
    }
}

static void for_any_interval_the_reports_agree(void **state)
{
    (void)state;
    uint64_t random = test_seed();
    struct api_shop *shop = open_shop(4000);
    int64_t begin_s = merchant_begin_s(shop->merchant);
    int64_t now_s = merchant_clock_s(shop->merchant);
    assert_true(merchant_line_count(shop->merchant, 0) > 100);
    expect_agreement(shop->merchant, begin_s - 1, now_s + 1);
    expect_agreement(shop->merchant, begin_s - 1, now_s + 30 * 86400);
    for (int i = 0; i < 50; i++) {
        int64_t from_s = begin_s + (int64_t)test_random_below(&random, (uint64_t)(now_s - begin_s));
        int64_t to_s = from_s + 1 + (int64_t)test_random_below(&random, 3 * 86400);
        expect_agreement(shop->merchant, from_s, to_s);
    }
    api_shop_close(shop);
}

static void adjoining_intervals_have_every_line_once(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop(3000);
    int64_t begin_s = merchant_begin_s(shop->merchant);
    int64_t end_s = merchant_clock_s(shop->merchant) + 8 * 86400;
    uint32_t records = 0;
    for (int64_t from_s = begin_s; from_s < end_s; from_s += 1000) {
        int64_t to_s = from_s + 1000;
        records +=
            report_of_shop(shop->merchant, REPORT_ACTIVITY_6, from_s, to_s, NULL, NULL).records;
        records +=
            report_of_shop(shop->merchant, REPORT_PAYOUTS_3, from_s, to_s, NULL, NULL).records;
    }
    assert_int64_equal(records, merchant_line_count(shop->merchant, 0));
    api_shop_close(shop);
}

/* By payout: what its lines sum up to. */
struct paid_out {
    const struct merchant *merchant;
    uint32_t lines;
};
static void expect_in_payout(void *context, const struct said_line *line)
{
    struct paid_out *paid_out = context;
    struct merchant_line kept;
    uint32_t index = 0;
    assert_err(merchant_line_find(paid_out->merchant, 0, line->provider_id, &index), ERR_OK);
    merchant_line_at(paid_out->merchant, 0, index, &kept);
    assert_strs_equal(line->payout, kept.payout);
    assert_false(kept.is_payout_own);
    paid_out->lines++;
}

static void the_payouts_items_name_the_payout_that_they_are_in(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop(4000);
    struct paid_out paid_out = {.merchant = shop->merchant};
    uint32_t expected = 0;
    for (uint32_t i = 0; i < merchant_line_count(shop->merchant, 0); i++) {
        struct merchant_line line;
        merchant_line_at(shop->merchant, 0, i, &line);
        expected += line.payout.len > 0 && !line.is_payout_own ? 1 : 0;
    }
    (void)report_of_shop(
        shop->merchant, REPORT_PAYOUT_ITEMS_5, 1, INT64_C(4000000000), expect_in_payout, &paid_out);
    assert_int64_equal(paid_out.lines, expected);
    api_shop_close(shop);
}

static void expect_like_kept(void *context, const struct said_line *said)
{
    const struct merchant *merchant = context;
    struct merchant_line kept;
    struct currency currency;
    uint32_t index = 0;
    assert_err(merchant_line_find(merchant, 0, said->provider_id, &index), ERR_OK);
    merchant_line_at(merchant, 0, index, &kept);
    assert_err(currency_parse(kept.currency, &currency), ERR_OK);
    assert_true(currency_eq(said->line.currency, currency));
    assert_int64_equal(said->line.amount_minor, kept.amount_minor);
    assert_int64_equal(said->line.fee_minor, kept.fee_minor);
    assert_int64_equal(said->line.net_minor, kept.net_minor);
    assert_int64_equal(said->line.created_us, kept.created_s * 1000000);
    assert_int64_equal(said->line.available_us, kept.available_on_s * 1000000);
    assert_strs_equal(said->category, str_from(kept.category));
    if (kept.customer_currency.len > 0) {
        assert_int64_equal(said->line.customer_minor, kept.customer_minor);
    }
}

static void a_line_is_read_from_its_file_as_it_is_kept(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop(3000);
    struct report_said said = report_of_shop(shop->merchant, REPORT_ACTIVITY_3, 1,
        INT64_C(4000000000), expect_like_kept, shop->merchant);
    assert_true(said.records > 100);
    assert_true(said.count > 1); /* currencies, those without decimals among them */
    api_shop_close(shop);
}

static void a_report_has_the_columns_that_its_documentation_counts(void **state)
{
    (void)state;
    const struct {
        enum report_type type;
        uint8_t count;
        enum statement_file file;
    } rows[] = {
        {REPORT_ACTIVITY_6, 65, FILE_ACTIVITY},
        {REPORT_ACTIVITY_3, 69, FILE_ACTIVITY},
        {REPORT_PAYOUTS_3, 20, FILE_PAYOUTS},
        {REPORT_PAYOUT_ITEMS_5, 71, FILE_PAYOUT_ITEMS},
        {REPORT_ENDING_4, 69, FILE_ACTIVITY},
        {REPORT_SUMMARY_1, 4, FILE_SUMMARY},
    };
    struct api_shop *shop = open_shop(10);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        uint8_t columns[REPORT_COLUMNS_MAX];
        assert_int64_equal(report_columns_all(rows[i].type, columns), rows[i].count);
        struct report_said said = report_of_shop(shop->merchant, rows[i].type, 1, 2, NULL, NULL);
        assert_int64_equal(said.file, rows[i].file);
        assert_int64_equal(said.records, 0);
    }
    api_shop_close(shop);
}

struct shown {
    const struct merchant *merchant;
    uint32_t differ;
};
static void expect_an_hour_or_two_later(void *context, const struct said_line *said)
{
    struct shown *shown = context;
    struct merchant_line kept;
    uint32_t index = 0;
    assert_err(merchant_line_find(shown->merchant, 0, said->provider_id, &index), ERR_OK);
    merchant_line_at(shown->merchant, 0, index, &kept);
    int64_t later_s = said->line.created_us / 1000000 - kept.created_s;
    assert_true(later_s == 3600 || later_s == 7200);
    shown->differ++;
}

static void times_without_utc_in_their_name_are_those_of_the_zone(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop(500);
    struct shown shown = {.merchant = shop->merchant};
    CLEANUP(zone_close) struct zone *zone = NULL;
    assert_err(zone_open(STR("Europe/Brussels"), &zone), ERR_OK);
    struct report_order order = {
        .type = REPORT_ACTIVITY_3, .from_s = 1, .to_s = INT64_C(4000000000), .zone = zone};
    CLEANUP(buf_fini) struct buf file;
    buf_init(&file, API_BODY_BYTES_MAX);
    report_write(shop->merchant, &order, &file);
    (void)report_read(buf_str(&file), expect_an_hour_or_two_later, &shown);
    assert_true(shown.differ > 0);
    api_shop_close(shop);
}

/* ---- runs over the API ----------------------------------------------------------------------- */

#define RUNS "/v1/reporting/report_runs"

static const struct json *post(struct api_shop *shop, const char *form, const char *key)
{
    return api_shop_ask(shop, &(struct api_request){.method = STR("POST"),
                                  .path = STR(RUNS),
                                  .authorization = STR("Bearer " API_SHOP_KEY),
                                  .host = STR("127.0.0.1:8430"),
                                  .idempotency_key = str_from(key),
                                  .body = str_from(form)});
}

/* All of the shop's data that a report can have. */
static const char *form_of(struct api_shop *shop, const char *type, const char *more)
{
    static char form[8192];
    const struct json *known =
        api_shop_get(shop, "/v1/reporting/report_types/balance.summary.1", "");
    (void)snprintf(form, sizeof form,
        "report_type=%s&parameters%%5Binterval_start%%5D=%" PRId64
        "&parameters[interval_end]=%" PRId64 "%s",
        type, shop_number(known, "data_available_start") + 1,
        shop_number(known, "data_available_end") - 1, more);
    return form;
}

static const struct json *look(struct api_shop *shop, struct str id)
{
    char path[128];
    (void)snprintf(path, sizeof path, RUNS "/" STR_FMT, STR_ARG(id));
    return api_shop_get(shop, path, "");
}

static void a_run_is_pending_and_at_the_second_look_there_is_its_file(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop(2000);
    const struct json *run = post(shop, form_of(shop, "balance.summary.1", ""), "");
    assert_int64_equal(shop->response.status, 200);
    assert_str_equal_to(shop_text(run, "object"), "reporting.report_run");
    assert_str_equal_to(shop_text(run, "status"), "pending");
    assert_true(json_is_null(json_get(run, STR("result"))));
    struct str id = shop_text(run, "id");
    assert_str_equal_to(shop_text(look(shop, id), "status"), "pending");
    run = look(shop, id);
    assert_str_equal_to(shop_text(run, "status"), "succeeded");
    struct str url = shop_text(run, "result.url");
    assert_true(str_starts_with(url, STR("http://")));
    assert_true(str_ends_with(url, STR("/contents")));
    assert_str_equal_to(shop_text(run, "result.type"), "csv");

    char path[128];
    (void)snprintf(
        path, sizeof path, "/v1/files/" STR_FMT "/contents", STR_ARG(shop_text(run, "result.id")));
    buf_clear(&shop->body);
    api_answer(shop->api,
        &(struct api_request){.method = STR("GET"),
            .path = str_from(path),
            .authorization = STR("Bearer " API_SHOP_KEY)},
        shop->now_us, &shop->response);
    assert_int64_equal(shop->response.status, 200);
    assert_string_equal(shop->response.content_type, "text/csv");
    assert_int64_equal((int64_t)shop->body.len, shop_number(run, "result.size"));
    assert_int64_equal(report_read(buf_str(&shop->body), NULL, NULL).file, FILE_SUMMARY);
    api_shop_close(shop);
}

static void a_file_is_not_given_without_the_key_nor_before_its_time(void **state)
{
    (void)state;
    char path[128];
    struct api_shop *shop = open_shop(500);
    const struct json *run = post(shop, form_of(shop, "balance.summary.1", ""), "");
    struct str id = shop_text(run, "id");
    (void)look(shop, id);
    (void)snprintf(path, sizeof path, "/v1/files/%s/contents", "file_1Never");
    api_shop_expect_error(shop, api_shop_get(shop, path, ""), 404, "resource_missing", "id");
    run = look(shop, id);
    (void)snprintf(
        path, sizeof path, "/v1/files/" STR_FMT "/contents", STR_ARG(shop_text(run, "result.id")));
    const struct json *refused =
        api_shop_ask(shop, &(struct api_request){.method = STR("GET"), .path = str_from(path)});
    api_shop_expect_error(shop, refused, 401, "", "");
    api_shop_close(shop);
}

static void what_is_wrong_with_a_run_is_said(void **state)
{
    (void)state;
    static const struct {
        const char *form, *code, *param;
    } rows[] = {
        {"", "parameter_missing", "report_type"},
        {"report_type=sales.4", "parameter_invalid", "report_type"},
        {"report_type=balance.summary.1", "parameter_missing", "parameters[interval_start]"},
        {"report_type=balance.summary.1&parameters[interval_start]=1795000000", "parameter_missing",
            "parameters[interval_end]"},
        {"report_type=balance.summary.1&parameters[interval_start]=1&parameters[interval_end]=2",
            "parameter_invalid", "parameters[interval_start]"},
        {"report_type=balance.summary.1&parameters[interval_start]=1795000000"
         "&parameters[interval_end]=1999999999",
            "parameter_invalid", "parameters[interval_end]"},
        {"report_type=balance.summary.1&parameters[interval_start]=soon",
            "parameter_invalid_integer", "parameters[interval_start]"},
        {"report_type=balance.summary.1&parameters[timezone]=Mars/Olympus", "parameter_invalid",
            "parameters[timezone]"},
        {"report_type=balance.summary.1&parameters[columns][]=gross", "parameter_invalid",
            "parameters[columns][]"},
        {"report_type=balance.summary.1&parameters[colour]=red", "parameter_unknown",
            "parameters[colour]"},
        {"report_type=balance.summary.1&colour=red", "parameter_unknown", "colour"},
        {"parameters[columns][]=net&report_type=payouts.itemized.3&parameters[columns][]=net",
            "parameter_invalid", "parameters[columns][]"},
    };
    struct api_shop *shop = open_shop(500);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct json *answer = post(shop, rows[i].form, "");
        api_shop_expect_error(shop, answer, 400, rows[i].code, rows[i].param);
    }
    const struct json *list = api_shop_get(shop, RUNS, "");
    assert_int64_equal(api_shop_data(list)->count, 0);
    api_shop_close(shop);
}

static void one_key_is_one_run(void **state)
{
    (void)state;
    struct api_shop *shop = open_shop(500);
    char form[8192];
    assert_true(str_copy_to(form, sizeof form, str_from(form_of(shop, "payouts.itemized.3", ""))));
    const struct json *first = post(shop, form, "key-1");
    assert_null(api_shop_header(shop, "Idempotent-Replayed"));
    const struct json *again = post(shop, form, "key-1");
    assert_string_equal(api_shop_header(shop, "Idempotent-Replayed"), "true");
    assert_true(json_equal(first, again));
    const struct json *other = post(shop, form, "key-2");
    assert_false(str_eq(shop_text(first, "id"), shop_text(other, "id")));
    const struct json *refused = post(shop, form_of(shop, "balance.summary.1", ""), "key-1");
    assert_int64_equal(shop->response.status, 400);
    assert_str_equal_to(shop_text(refused, "error.type"), "idempotency_error");
    api_shop_close(shop);
}

static void runs_are_listed_by_cursor_the_newest_first(void **state)
{
    (void)state;
    char query[128];
    struct str ids[5];
    struct api_shop *shop = open_shop(500);
    for (int i = 0; i < 5; i++) {
        ids[i] = shop_text(post(shop, form_of(shop, "balance.summary.1", ""), ""), "id");
    }
    const struct json *list = api_shop_get(shop, RUNS, "limit=2");
    assert_true(json_bool(json_get(list, STR("has_more")), false));
    assert_strs_equal(shop_text(api_shop_data(list)->first, "id"), ids[4]);
    (void)snprintf(query, sizeof query, "limit=3&starting_after=" STR_FMT, STR_ARG(ids[3]));
    list = api_shop_get(shop, RUNS, query);
    assert_false(json_bool(json_get(list, STR("has_more")), true));
    const struct json *at = api_shop_data(list)->first;
    for (int i = 2; i >= 0; i--, at = at->next) {
        assert_strs_equal(shop_text(at, "id"), ids[i]);
    }
    api_shop_close(shop);
}

static void columns_come_in_the_order_in_which_they_were_asked_for(void **state)
{
    (void)state;
    static const char wanted[] = "net,balance_transaction_id,created,source_id\n";
    struct api_shop *shop = open_shop(500);
    const struct json *run = post(shop,
        form_of(shop, "payout_reconciliation.itemized.5",
            "&parameters[columns][]=net&parameters[columns][]=balance_transaction_id"
            "&parameters%5Bcolumns%5D%5B%5D=created&parameters[columns][]=source_id"),
        "");
    struct str id = shop_text(run, "id");
    (void)look(shop, id);
    run = look(shop, id);
    assert_int64_equal(json_path(run, STR("parameters.columns"))->count, 4);
    char path[128];
    (void)snprintf(
        path, sizeof path, "/v1/files/" STR_FMT "/contents", STR_ARG(shop_text(run, "result.id")));
    buf_clear(&shop->body);
    api_answer(shop->api,
        &(struct api_request){.method = STR("GET"),
            .path = str_from(path),
            .authorization = STR("Bearer " API_SHOP_KEY)},
        shop->now_us, &shop->response);
    assert_true(str_starts_with(buf_str(&shop->body), str_from(wanted)));
    api_shop_close(shop);
}

static void reports_fail_on_purpose(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.api.report_error_percent = 100});
    api_shop_live(shop, 300);
    struct str id = shop_text(post(shop, form_of(shop, "balance.summary.1", ""), ""), "id");
    (void)look(shop, id);
    const struct json *run = look(shop, id);
    assert_str_equal_to(shop_text(run, "status"), "failed");
    assert_true(shop_text(run, "error").len > 0);
    assert_true(json_is_null(json_get(run, STR("result"))));
    api_shop_close(shop);
}

static void data_comes_in_half_days_half_a_day_later(void **state)
{
    (void)state;
    struct api_shop *shop = api_shop_open((struct api_shop_setup){.api.report_lag_us = -1});
    api_shop_live(shop, 300);
    const struct json *list = api_shop_get(shop, "/v1/reporting/report_types", "");
    int64_t now_s = merchant_clock_s(shop->merchant);
    assert_int64_equal(api_shop_data(list)->count, REPORT_COUNT);
    for (const struct json *at = api_shop_data(list)->first; at != NULL; at = at->next) {
        int64_t end_s = shop_number(at, "data_available_end");
        assert_int64_equal(end_s % 43200, 0);
        assert_in_range(now_s - end_s, 43200, 86400);
        assert_true(shop_number(at, "data_available_start") < merchant_begin_s(shop->merchant));
    }
    api_shop_close(shop);
}

TESTS_MAIN("sandbox/report",
    TEST(for_any_interval_the_reports_agree),
    TEST(adjoining_intervals_have_every_line_once),
    TEST(the_payouts_items_name_the_payout_that_they_are_in),
    TEST(a_line_is_read_from_its_file_as_it_is_kept),
    TEST(a_report_has_the_columns_that_its_documentation_counts),
    TEST(times_without_utc_in_their_name_are_those_of_the_zone),
    TEST(a_run_is_pending_and_at_the_second_look_there_is_its_file),
    TEST(a_file_is_not_given_without_the_key_nor_before_its_time),
    TEST(what_is_wrong_with_a_run_is_said),
    TEST(one_key_is_one_run),
    TEST(runs_are_listed_by_cursor_the_newest_first),
    TEST(columns_come_in_the_order_in_which_they_were_asked_for),
    TEST(reports_fail_on_purpose),
    TEST(data_comes_in_half_days_half_a_day_later))

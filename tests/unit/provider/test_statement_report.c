/* The balance, and having reports made, against a server on this machine. Waiting is on a virtual
 * clock. */
#include "base/timestamp.h"
#include "provider/stripe/api.h"
#include "provider/stripe/statement.h"
#include "unit/provider/api_peer.h"
#include <unistd.h>

#define SECRET "rk_test_aSecretThatNobodyMaySee"

struct world {
    struct api_peer *peer;
    struct provider_api *api;
    struct arena *arena;
    struct env_virtual virtual;
    struct report_run run;
    FILE *file;
    struct err_info info;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)env_virtual_init(&world->virtual, 1000 * US_PER_SECOND, test_seed());
    world->peer = api_peer_open();
    world->arena = arena_new((size_t)64 * 1024 * 1024);
    world->file = tmpfile();
    assert_non_null(world->file);
    struct provider_api_setup says = {
        .base_url = str_from(api_peer_url(world->peer)),
        .key = STR(SECRET),
        .account_key = STR("acct_own"),
        .env = &world->virtual.env,
    };
    assert_err(stripe_provider.api->open(&says, &world->api, &world->info), ERR_OK);
    world->api->is_environment_asked = true; /* the tests about that say so */
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    (void)stripe_provider.api->close(world->api);
    (void)api_peer_close(world->peer);
    (void)arena_free(world->arena);
    (void)fclose(world->file);
    free(world);
    return 0;
}

static void say(struct world *world, const char *body)
{
    api_peer_say(world->peer, 200, "", str_from(body));
}

#define REFUSAL "{\"error\": {\"type\": \"invalid_request_error\", \"message\": \"no\"}}"

/* --- the balance --- */

static enum err get_balance(struct world *world, struct said_balances *ret)
{
    return stripe_statement_ops.balance(
        world->api, STR("acct_below"), world->arena, ret, &world->info);
}

static int64_t minor_of(
    const struct said_balances *balances, enum balance_part part, const char *currency)
{
    for (uint32_t i = 0; i < balances->count; i++) {
        if (balances->items[i].part == part &&
            strcmp(balances->items[i].currency.code, currency) == 0) {
            return balances->items[i].minor;
        }
    }
    return INT64_MIN;
}

static void every_part_of_the_balance_is_told_once_by_currency(void **state)
{
    struct world *world = *state;
    struct said_balances balances = {0};
    say(world, "{\"object\": \"balance\", \"livemode\": false,"
               "\"available\": [{\"amount\": 100, \"currency\": \"eur\"}, {\"amount\": -7, "
               "\"currency\": \"usd\"}],"
               "\"pending\": [{\"amount\": 30, \"currency\": \"eur\"}],"
               "\"connect_reserved\": [{\"amount\": 4, \"currency\": \"eur\"}],"
               "\"instant_available\": [{\"amount\": 90, \"currency\": \"eur\"}],"
               "\"issuing\": {\"available\": [{\"amount\": 5, \"currency\": \"usd\"}]},"
               "\"refund_and_dispute_prefunding\": {\"available\": [{\"amount\": 6, \"currency\": "
               "\"eur\"}], \"pending\": [{\"amount\": 1, \"currency\": \"eur\"}]},"
               "\"risk_reserved\": {\"available\": [{\"amount\": 8, \"currency\": \"eur\"}]}}");
    assert_err(get_balance(world, &balances), ERR_OK);
    assert_non_null(strstr(api_peer_request(world->peer, 0), "GET /v1/balance HTTP/1.1\r\n"));
    assert_non_null(strstr(api_peer_request(world->peer, 0), "\r\nStripe-Account: acct_below\r\n"));
    assert_int_equal(balances.count, 7);
    assert_int_equal(minor_of(&balances, BALANCE_AVAILABLE, "EUR"), 100);
    assert_int_equal(minor_of(&balances, BALANCE_AVAILABLE, "USD"), -7);
    assert_int_equal(minor_of(&balances, BALANCE_PENDING, "EUR"), 30);
    assert_int_equal(minor_of(&balances, BALANCE_CONNECT_RESERVED, "EUR"), 4);
    assert_int_equal(minor_of(&balances, BALANCE_ISSUING, "USD"), 5);
    assert_int_equal(minor_of(&balances, BALANCE_PREFUND, "EUR"), 7);
    assert_int_equal(minor_of(&balances, BALANCE_RISK_RESERVED, "EUR"), 8);
}

static void a_balance_of_the_other_environment_is_refused(void **state)
{
    struct world *world = *state;
    struct said_balances balances = {.count = 9};
    say(world, "{\"object\": \"balance\", \"livemode\": true, \"available\": []}");
    assert_err(get_balance(world, &balances), ERR_CONFIG);
    assert_int_equal(balances.count, 9);
    assert_null(strstr(world->info.text, SECRET));
}

static void what_is_no_balance_is_refused(void **state)
{
    static const struct {
        const char *body;
        enum err err;
    } rows[] = {
        {"{\"object\": \"charge\"}", ERR_MALFORMED},
        {"{\"object\": \"balance\"}", ERR_MALFORMED},
        {"[]", ERR_MALFORMED},
        {"{\"object\": \"balance\", \"available\": [3]}", ERR_MALFORMED},
        {"{\"object\": \"balance\", \"available\": [{\"amount\": 9223372036854775807, "
         "\"currency\": "
         "\"eur\"}, {\"amount\": 1, \"currency\": \"eur\"}]}",
            ERR_OVERFLOW},
    };
    struct world *world = *state;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct said_balances balances = {0};
        say(world, rows[i].body);
        assert_err(get_balance(world, &balances), rows[i].err);
    }
}

/* --- which reports --- */

static void every_report_is_recognised_by_the_columns_that_are_asked_for(void **state)
{
    (void)state;
    for (int file = 0; file < STATEMENT_FILE_COUNT; file++) {
        const struct stripe_report_type *type = stripe_report_type_of((enum statement_file)file);
        struct str header[STRIPE_REPORT_COLUMNS_MAX];
        struct statement_layout layout;
        struct err_info info = {""};
        uint32_t count = 0;
        while (type->columns[count] != NULL) {
            header[count] = str_from(type->columns[count]);
            count++;
        }
        if (file == FILE_SUMMARY) {
            continue; /* it has no choice of columns */
        }
        assert_err(stripe_statement_ops.recognise(header, count, &layout, &info), ERR_OK);
        assert_true((layout.fits & 1U << file) != 0);
        for (uint32_t i = 0; i < count; i++) {
            size_t rows = 0;
            const struct stripe_statement_column *columns = stripe_statement_columns(&rows);
            bool read = false;
            for (size_t j = 0; j < rows; j++) {
                read = read || str_eq(columns[j].name, header[i]);
            }
            assert_true(read);
        }
    }
}

static void until_when_reports_can_be_had_is_a_second_before_what_is_said(void **state)
{
    struct world *world = *state;
    int64_t until_us = 0;
    say(world, "{\"object\": \"reporting.report_type\", \"data_available_end\": 1790000000}");
    assert_err(stripe_statement_ops.report_until(
                   world->api, STR_NONE, FILE_ACTIVITY, &until_us, &world->info),
        ERR_OK);
    assert_int_equal(until_us, 1789999999 * US_PER_SECOND);
    assert_non_null(strstr(api_peer_request(world->peer, 0),
        "GET /v1/reporting/report_types/balance_change_from_activity.itemized.6 HTTP"));
    say(world, "{\"object\": \"reporting.report_type\"}");
    assert_err(stripe_statement_ops.report_until(
                   world->api, STR_NONE, FILE_ACTIVITY, &until_us, &world->info),
        ERR_MALFORMED);
}

/* --- runs --- */

static enum err request(struct world *world, enum statement_file file, int64_t round)
{
    const struct report_wanted wanted = {
        file, 1790000000 * US_PER_SECOND, 1790086400 * US_PER_SECOND, round};
    return stripe_statement_ops.report_request(
        world->api, STR_NONE, &wanted, world->arena, &world->run, &world->info);
}

#define RUN(status, result)                                                                        \
    "{\"id\": \"frr_1\", \"object\": \"reporting.report_run\", \"status\": \"" status              \
    "\", \"error\": null, \"result\": " result "}"

static struct str key_of(struct world *world, uint32_t index)
{
    const char *line = strstr(api_peer_request(world->peer, index), "\r\nIdempotency-Key: ");
    assert_non_null(line);
    return (struct str){line + 19, 64};
}

static void a_run_is_asked_for_in_utc_with_the_columns_that_are_read(void **state)
{
    struct world *world = *state;
    say(world, RUN("pending", "null"));
    assert_err(request(world, FILE_PAYOUTS, 0), ERR_OK);
    assert_int_equal(world->run.state, RUN_PENDING);
    assert_str_equal_to(world->run.id, "frr_1");
    const char *asked = api_peer_request(world->peer, 0);
    assert_ptr_equal(strstr(asked, "POST /v1/reporting/report_runs HTTP/1.1\r\n"), asked);
    assert_non_null(strstr(asked, "\r\nContent-Type: application/x-www-form-urlencoded\r\n"));
    assert_non_null(strstr(asked, "\r\n\r\nreport_type=payouts.itemized.3"
                                  "&parameters%5Binterval_start%5D=1790000000"
                                  "&parameters%5Binterval_end%5D=1790086400"
                                  "&parameters%5Btimezone%5D=Etc%2FUTC"
                                  "&parameters%5Bcolumns%5D%5B%5D=balance_transaction_id&"));
}

static void the_same_round_has_the_same_key_and_another_one_another(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 4; i++) {
        say(world, RUN("pending", "null"));
    }
    assert_err(request(world, FILE_ACTIVITY, 0), ERR_OK);
    assert_err(request(world, FILE_ACTIVITY, 0), ERR_OK);
    assert_err(request(world, FILE_ACTIVITY, 1), ERR_OK);
    assert_err(request(world, FILE_ENDING, 0), ERR_OK);
    assert_strs_equal(key_of(world, 0), key_of(world, 1));
    assert_false(str_eq(key_of(world, 0), key_of(world, 2)));
    assert_false(str_eq(key_of(world, 0), key_of(world, 3)));
}

static void a_run_that_is_tried_again_keeps_its_key(void **state)
{
    struct world *world = *state;
    api_peer_say(world->peer, 500, "", STR(REFUSAL));
    say(world, RUN("pending", "null"));
    assert_err(request(world, FILE_ACTIVITY, 0), ERR_OK);
    assert_int_equal(api_peer_asked(world->peer), 2);
    assert_strs_equal(key_of(world, 0), key_of(world, 1));
}

static void a_key_that_may_not_make_reports_is_told_what_to_grant(void **state)
{
    struct world *world = *state;
    api_peer_say(world->peer, 403, "", STR(REFUSAL));
    assert_err(request(world, FILE_ACTIVITY, 0), ERR_REFUSED);
    assert_non_null(strstr(world->info.text, "POST /v1/reporting/report_runs: status 403"));
    assert_non_null(strstr(world->info.text, "give it Write for report runs"));
}

static enum err look(struct world *world, const char *body)
{
    say(world, body);
    return stripe_statement_ops.report_look(
        world->api, STR_NONE, STR("frr_1"), world->arena, &world->run, &world->info);
}

static void a_run_says_how_it_ended(void **state)
{
    struct world *world = *state;
    assert_err(look(world, RUN("pending", "null")), ERR_OK);
    assert_int_equal(world->run.state, RUN_PENDING);
    assert_err(look(world, RUN("succeeded", "{\"url\": \"https://files.stripe.com/v1/files/file_1/"
                                            "contents\", \"size\": 12}")),
        ERR_OK);
    assert_int_equal(world->run.state, RUN_SUCCEEDED);
    assert_int_equal(world->run.bytes, 12);
    assert_err(look(world, "{\"id\": \"frr_1\", \"object\": \"reporting.report_run\", \"status\": "
                           "\"failed\", \"error\": \"no luck\"}"),
        ERR_OK);
    assert_int_equal(world->run.state, RUN_FAILED);
    assert_str_equal_to(world->run.why, "no luck");
    assert_err(look(world, RUN("succeeded", "null")), ERR_MALFORMED);
    assert_err(look(world, RUN("odd", "null")), ERR_MALFORMED);
    assert_err(look(world, "{\"object\": \"charge\", \"id\": \"ch_1\"}"), ERR_MALFORMED);
}

/* --- files --- */

static enum err download(struct world *world, const char *url, int64_t bytes)
{
    const struct report_run run = {
        .state = RUN_SUCCEEDED, .id = STR("frr_1"), .url = str_from(url), .bytes = bytes};
    return stripe_statement_ops.report_download(
        world->api, STR_NONE, &run, fileno(world->file), &world->info);
}

static enum err download_own(struct world *world, int64_t bytes)
{
    char url[100];
    (void)snprintf(url, sizeof url, "%s/v1/files/file_1/contents", api_peer_url(world->peer));
    return download(world, url, bytes);
}

static void assert_file(struct world *world, const char *expected)
{
    char text[256];
    ssize_t len = pread(fileno(world->file), text, sizeof text, 0);
    assert_true(len >= 0);
    assert_str_equal_to(((struct str){text, (size_t)len}), expected);
}

static void a_file_is_fetched_with_the_key_from_the_apis_own_host(void **state)
{
    struct world *world = *state;
    say(world, "a,b\n1,2\n");
    assert_err(download_own(world, 8), ERR_OK);
    assert_file(world, "a,b\n1,2\n");
    const char *asked = api_peer_request(world->peer, 0);
    assert_ptr_equal(strstr(asked, "GET /v1/files/file_1/contents HTTP/1.1\r\n"), asked);
    assert_non_null(strstr(asked, "\r\nAuthorization: Bearer " SECRET "\r\n"));
}

static void the_key_goes_to_no_other_host(void **state)
{
    struct world *world = *state;
    char same_beginning[100];
    (void)snprintf(
        same_beginning, sizeof same_beginning, "%s0/v1/files", api_peer_url(world->peer));
    char in_user[100];
    (void)snprintf(in_user, sizeof in_user, "%s@127.0.0.2/v1/files", api_peer_url(world->peer));
    const char *urls[] = {"https://example.com/file", "http://files.stripe.com/v1/files/file_1",
        "https://files.stripe.com.example/x", "https://files.stripe.com@example.com/x",
        "file:///etc/passwd", "", same_beginning, in_user};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        assert_err(download(world, urls[i], 0), ERR_MALFORMED);
        assert_non_null(strstr(world->info.text, "not the provider's"));
    }
    assert_int_equal(api_peer_asked(world->peer), 0);
}

static void a_redirect_of_a_file_is_not_followed(void **state)
{
    struct world *world = *state;
    api_peer_say(world->peer, 302, "Location: http://127.0.0.1:1/x\r\n", STR(""));
    assert_err(download_own(world, 0), ERR_MALFORMED);
    assert_int_equal(api_peer_asked(world->peer), 1);
}

static void a_file_that_is_cut_off_is_fetched_again_from_its_beginning(void **state)
{
    struct world *world = *state;
    api_peer_say_raw(world->peer,
        STR("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nhalf of a file that is lo"),
        PEER_CLOSES);
    say(world, "a,b\n1,2\n");
    assert_err(download_own(world, 8), ERR_OK);
    assert_file(world, "a,b\n1,2\n");
}

static void a_file_of_another_length_than_was_said_is_not_taken(void **state)
{
    struct world *world = *state;
    say(world, "a,b\n1,2\n");
    assert_err(download_own(world, 9), ERR_NET_IO);
}

static void a_file_beyond_the_limit_is_refused(void **state)
{
    struct world *world = *state;
    world->api->file_bytes_max = 10;
    assert_err(download_own(world, 11), ERR_TOO_LARGE);
    assert_int_equal(api_peer_asked(world->peer), 0); /* it is said before anything comes */
    say(world, "0123456789");
    assert_err(download_own(world, 0), ERR_OK);
    say(world, "0123456789a");
    assert_err(download_own(world, 0), ERR_TOO_LARGE);
    assert_non_null(strstr(world->info.text, "ask for a shorter time"));
}

static void a_file_that_cannot_be_written_is_said(void **state)
{
    struct world *world = *state;
    const struct report_run run = {.state = RUN_SUCCEEDED, .id = STR("frr_1")};
    struct report_run own = run;
    char url[100];
    (void)snprintf(url, sizeof url, "%s/v1/files/file_1", api_peer_url(world->peer));
    own.url = str_from(url);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    assert_err(
        stripe_statement_ops.report_download(world->api, STR_NONE, &own, fds[0], &world->info),
        ERR_FILE_IO);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

#define A(test) TEST_WITH(test, setup, teardown)
TESTS_MAIN("statement_report",
    A(every_part_of_the_balance_is_told_once_by_currency),
    A(what_is_no_balance_is_refused),
    A(a_balance_of_the_other_environment_is_refused),
    A(every_report_is_recognised_by_the_columns_that_are_asked_for),
    A(until_when_reports_can_be_had_is_a_second_before_what_is_said),
    A(a_run_is_asked_for_in_utc_with_the_columns_that_are_read),
    A(the_same_round_has_the_same_key_and_another_one_another),
    A(a_run_that_is_tried_again_keeps_its_key),
    A(a_key_that_may_not_make_reports_is_told_what_to_grant),
    A(a_run_says_how_it_ended),
    A(a_file_is_fetched_with_the_key_from_the_apis_own_host),
    A(the_key_goes_to_no_other_host),
    A(a_redirect_of_a_file_is_not_followed),
    A(a_file_that_is_cut_off_is_fetched_again_from_its_beginning),
    A(a_file_of_another_length_than_was_said_is_not_taken),
    A(a_file_beyond_the_limit_is_refused),
    A(a_file_that_cannot_be_written_is_said))

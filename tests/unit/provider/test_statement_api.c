/* Asking for the statement, against a server on this machine. Waiting is on a virtual clock. */
#include "base/timestamp.h"
#include "provider/stripe/api.h"
#include "provider/stripe/statement.h"
#include "unit/provider/api_peer.h"

struct world {
    struct api_peer *peer;
    struct provider_api *api;
    struct arena *arena;
    struct env_virtual virtual;
    struct said_page page;
    struct err_info info;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)env_virtual_init(&world->virtual, 1000 * US_PER_SECOND, test_seed());
    world->peer = api_peer_open();
    world->arena = arena_new((size_t)64 * 1024 * 1024);
    struct provider_api_setup says = {
        .base_url = str_from(api_peer_url(world->peer)),
        .key = STR("rk_test_aSecretThatNobodyMaySee"),
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
    free(world);
    return 0;
}

#define LINE(id)                                                                                   \
    "{\"id\":  \"" id "\", \"object\": \"balance_transaction\", \"amount\": 10, \"fee\": 0, "      \
    "\"net\": 10, \"currency\": \"eur\", \"created\": 1790000000, \"available_on\": 1790000000, "  \
    "\"type\": \"charge\", \"reporting_category\": \"charge\", \"source\": \"ch_1\"}"

static void say_list(struct world *world, const char *elements, bool has_more)
{
    char text[4096];
    int len = snprintf(text, sizeof text,
        "{\"object\": \"list\",  \"data\": [%s], \"has_more\": %s, \"url\": \"/v1/x\"}", elements,
        has_more ? "true" : "false");
    api_peer_say(world->peer, 200, "", (struct str){text, (size_t)len});
}

static enum err get_lines(struct world *world, const char *cursor)
{
    struct fetch_range range = {1700000000 * US_PER_SECOND, 1700086400 * US_PER_SECOND};
    return stripe_statement_ops.lines(
        world->api, STR_NONE, range, str_from(cursor), world->arena, &world->page, &world->info);
}

static enum err get_payout_lines(struct world *world, struct str payout, const char *cursor)
{
    return stripe_statement_ops.payout_lines(world->api, STR("acct_below"), payout,
        str_from(cursor), world->arena, &world->page, &world->info);
}

static void lines_are_asked_by_their_time_with_their_sources(void **state)
{
    struct world *world = *state;
    say_list(world, LINE("txn_2") ", " LINE("txn_1"), true);
    assert_err(get_lines(world, ""), ERR_OK);
    const char *asked = api_peer_request(world->peer, 0);
    assert_ptr_equal(
        strstr(asked, "GET /v1/balance_transactions?limit=100&created%5Bgte%5D=1700000000"
                      "&created%5Blte%5D=1700086400&expand%5B%5D=data.source HTTP/1.1\r\n"),
        asked);
    assert_int_equal(world->page.line_count, 2);
    assert_true(world->page.more);
    assert_str_equal_to(world->page.cursor, "txn_1");

    say_list(world, LINE("txn_0"), false);
    assert_err(get_lines(world, "txn_1"), ERR_OK);
    assert_non_null(strstr(api_peer_request(world->peer, 1), "&starting_after=txn_1 HTTP"));
    assert_false(world->page.more);
}

static void a_payouts_lines_are_asked_by_its_id_below_its_account(void **state)
{
    struct world *world = *state;
    say_list(world, LINE("txn_1"), false);
    assert_err(get_payout_lines(world, STR("po_1"), ""), ERR_OK);
    const char *asked = api_peer_request(world->peer, 0);
    assert_ptr_equal(strstr(asked, "GET /v1/balance_transactions?limit=100&payout=po_1"
                                   "&expand%5B%5D=data.source HTTP/1.1\r\n"),
        asked);
    assert_non_null(strstr(asked, "\r\nStripe-Account: acct_below\r\n"));
    assert_str_equal_to(world->page.lines[0].payout, "po_1");
}

static void an_id_cannot_add_to_the_query(void **state)
{
    struct world *world = *state;
    say_list(world, "", false);
    assert_err(get_payout_lines(world, STR("po_1&limit=1#x"), ""), ERR_OK);
    assert_non_null(strstr(api_peer_request(world->peer, 0), "payout=po_1%26limit%3D1%23x&"));
    char longest[300];
    memset(longest, 'x', sizeof longest);
    assert_err(get_payout_lines(world, (struct str){longest, 256}, ""), ERR_INVALID);
    assert_err(get_payout_lines(world, STR_NONE, ""), ERR_INVALID);
    assert_int_equal(api_peer_asked(world->peer), 1);
}

static void lists_that_go_in_circles_end(void **state)
{
    struct world *world = *state;
    say_list(world, LINE("txn_2") ", " LINE("txn_1"), true);
    assert_err(get_lines(world, ""), ERR_OK);
    say_list(world, LINE("txn_1"), true);
    assert_err(get_lines(world, "txn_1"), ERR_IMPOSSIBLE);
    say_list(world, LINE("txn_1") ", " LINE("txn_1"), true);
    assert_err(get_lines(world, ""), ERR_IMPOSSIBLE);
    say_list(world, "", true);
    assert_err(get_lines(world, ""), ERR_IMPOSSIBLE);
}

static void an_odd_line_does_not_stop_a_page(void **state)
{
    struct world *world = *state;
    say_list(world, "{\"id\": \"txn_2\", \"amount\": \"x\"}, " LINE("txn_1"), false);
    assert_err(get_lines(world, ""), ERR_OK);
    assert_int_equal(world->page.line_count, 1);
    assert_int_equal(world->page.refusal_count, 1);
    assert_str_equal_to(world->page.refusals[0].provider_id, "txn_2");
}

static void a_refusal_of_the_providers_comes_through(void **state)
{
    struct world *world = *state;
    api_peer_say(world->peer, 403, "",
        STR("{\"error\": {\"type\": \"invalid_request_error\", \"message\": \"no\"}}"));
    assert_err(get_lines(world, ""), ERR_REFUSED);
    assert_non_null(strstr(world->info.text, "GET /v1/balance_transactions: status 403"));
}

/* --- of which environment --- */

#define BALANCE(live) "{\"object\": \"balance\", \"livemode\": " live ", \"available\": []}"

static void no_line_is_asked_for_with_a_key_of_the_other_environment(void **state)
{
    struct world *world = *state;
    world->api->is_environment_asked = false;
    api_peer_say(world->peer, 200, "", STR(BALANCE("true")));
    assert_err(get_lines(world, ""), ERR_CONFIG);
    assert_int_equal(api_peer_asked(world->peer), 1);
    assert_non_null(strstr(world->info.text, "GET /v1/balance: status 200"));
    api_peer_say(world->peer, 200, "", STR(BALANCE("true")));
    assert_err(get_payout_lines(world, STR("po_1"), ""), ERR_CONFIG);
}

static void the_environment_is_asked_for_once(void **state)
{
    struct world *world = *state;
    world->api->is_environment_asked = false;
    api_peer_say(world->peer, 200, "", STR(BALANCE("false")));
    say_list(world, LINE("txn_2"), false);
    assert_err(get_lines(world, ""), ERR_OK);
    say_list(world, LINE("txn_1"), false);
    assert_err(get_lines(world, ""), ERR_OK);
    assert_int_equal(api_peer_asked(world->peer), 3);
}

static void a_key_that_may_not_read_the_balance_may_read_lines(void **state)
{
    struct world *world = *state;
    world->api->is_environment_asked = false;
    api_peer_say(world->peer, 403, "",
        STR("{\"error\": {\"type\": \"invalid_request_error\", \"message\": \"no\"}}"));
    say_list(world, LINE("txn_1"), false);
    assert_err(get_lines(world, ""), ERR_OK);
    assert_int_equal(world->page.line_count, 1);
    say_list(world, LINE("txn_2"), false);
    assert_err(get_lines(world, ""), ERR_OK); /* and is not asked about it for each page */
    assert_int_equal(api_peer_asked(world->peer), 3);
}

#define A(test) TEST_WITH(test, setup, teardown)
TESTS_MAIN("statement_api",
    A(lines_are_asked_by_their_time_with_their_sources),
    A(a_payouts_lines_are_asked_by_its_id_below_its_account),
    A(an_id_cannot_add_to_the_query),
    A(lists_that_go_in_circles_end),
    A(an_odd_line_does_not_stop_a_page),
    A(a_refusal_of_the_providers_comes_through),
    A(no_line_is_asked_for_with_a_key_of_the_other_environment),
    A(the_environment_is_asked_for_once),
    A(a_key_that_may_not_read_the_balance_may_read_lines))

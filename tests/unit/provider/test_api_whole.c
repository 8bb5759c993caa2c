/* An object that is asked for comes with its lists to their end, as if they had never been cut off;
 * one whose lists cannot be had is not had at all. */
#include "base/digest.h"
#include "base/timestamp.h"
#include "provider/stripe/api.h"
#include "unit/provider/api_peer.h"

struct world {
    struct api_peer *peer;
    struct provider_api *api;
    struct arena *arena;
    struct env_virtual virtual;
    struct err_info info;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)env_virtual_init(&world->virtual, API_PEER_DATE_S * US_PER_SECOND, test_seed());
    world->peer = api_peer_open();
    world->arena = arena_new((size_t)64 * 1024 * 1024);
    const struct provider_api_setup says = {
        .base_url = str_from(api_peer_url(world->peer)),
        .key = STR("rk_test_a"),
        .env = &world->virtual.env,
    };
    assert_err(stripe_provider.api->open(&says, &world->api, &world->info), ERR_OK);
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

static void say(struct world *world, const char *text)
{
    api_peer_say(world->peer, 200, "", str_from(text));
}

static enum err get_invoice(struct world *world, struct fetched *ret)
{
    return stripe_provider.api->object(
        world->api, STR_NONE, ID_INVOICE, STR("in_1"), world->arena, ret, &world->info);
}

#define REST(elements, more)                                                                       \
    "{\"object\":\"list\",\"data\":[" elements "],\"has_more\":" more ",\"url\":\"/v1/y\"}"
#define INVOICE(lines) "{\"id\":\"in_1\", \"object\":\"invoice\", \"lines\":" lines ",\"z\":[1] }"
#define URL "\"url\":\"/v1/invoices/in_1/lines\""

static const struct {
    const char *name, *lines, *whole;
} forms[] = {
    {"data before has_more",
        "{\"object\":\"list\",\"data\":[{\"id\":\"il_1\"}],\"has_more\":true," URL "}",
        "{\"object\":\"list\",\"data\":[{\"id\":\"il_1\"},{\"id\":\"il_2\"},{\"id\":\"il_3\"}],"
        "\"has_more\":false," URL "}"},
    {"has_more before data, with blanks",
        "{ " URL " , \"has_more\" : true ,\"object\":\"list\",\"data\" : [ {\"id\":\"il_1\"} ] }",
        "{ " URL " , \"has_more\" : false ,\"object\":\"list\",\"data\" : [ {\"id\":\"il_1\"} "
        ",{\"id\":\"il_2\"},{\"id\":\"il_3\"}] }"},
};

static void a_list_is_continued_in_place(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof forms / sizeof forms[0]; i++) {
        char said[512];
        char whole[512];
        struct fetched fetched;
        uint8_t hash[SHA256_BYTES];
        (void)snprintf(said, sizeof said, INVOICE("%s"), forms[i].lines);
        (void)snprintf(whole, sizeof whole, INVOICE("%s"), forms[i].whole);
        say(world, said);
        say(world, REST("{\"id\":\"il_2\"}", "true"));
        say(world, REST("{\"id\":\"il_3\"}", "false"));
        assert_err(get_invoice(world, &fetched), ERR_OK);
        assert_row(str_eq(fetched.body, str_from(whole)), forms[i].name);
        sha256(fetched.body, hash);
        assert_memory_equal(fetched.envelope.body_sha256, hash, sizeof hash);
        assert_int64_equal(fetched.envelope.occurred_at_us, API_PEER_DATE_S * US_PER_SECOND);
    }
    assert_non_null(strstr(api_peer_request(world->peer, 1),
        "GET /v1/invoices/in_1/lines?limit=100&starting_after=il_1 HTTP"));
}

static void objects_of_a_page_are_whole_too(void **state)
{
    struct world *world = *state;
    say(world,
        REST(INVOICE("{\"object\":\"list\",\"data\":[{\"id\":\"il_1\"}],\"has_more\":true," URL
                     "}") ",{\"id\":\"in_2\",\"object\":\"invoice\"}",
            "false"));
    say(world, REST("{\"id\":\"il_2\"}", "false"));
    struct fetch_page page;
    struct fetch_range range = {0, US_PER_DAY};
    assert_err(stripe_provider.api->objects(world->api, STR_NONE, ID_INVOICE, range, STR_NONE,
                   world->arena, &page, &world->info),
        ERR_OK);
    assert_int_equal(page.count, 2);
    assert_str_equal_to(page.items[0].body,
        INVOICE("{\"object\":\"list\",\"data\":[{\"id\":\"il_1\"},{\"id\":\"il_2\"}],"
                "\"has_more\":false," URL "}"));
    assert_str_equal_to(page.items[1].body, "{\"id\":\"in_2\",\"object\":\"invoice\"}");
}

static const char *const left_alone[] = {
    INVOICE("{\"object\":\"list\",\"data\":[{\"id\":\"il_1\"}],\"has_more\":false," URL "}"),
    INVOICE("[{\"id\":\"il_1\"}]"),
    INVOICE("null"),
    INVOICE("{}"),
    "{\"id\":\"in_1\",\"object\":\"invoice\"}",
    "{\"id\":\"in_1\",\"object\":\"invoice\",\"mirror\":{\"lines\":{\"object\":\"list\",\"data\":"
    "[{\"id\":\"il_1\"}],\"has_more\":true," URL "}}}",
};

static void what_has_no_more_stays_as_it_is(void **state)
{
    struct world *world = *state;
    uint32_t count = sizeof left_alone / sizeof left_alone[0];
    for (uint32_t i = 0; i < count; i++) {
        struct fetched fetched;
        say(world, left_alone[i]);
        assert_err(get_invoice(world, &fetched), ERR_OK);
        assert_row(str_eq(fetched.body, str_from(left_alone[i])), left_alone[i]);
        assert_int_equal(api_peer_asked(world->peer), i + 1);
    }
}

static const char *const no_way_on[] = {
    INVOICE("{\"object\":\"list\",\"data\":[],\"has_more\":true," URL "}"),
    INVOICE("{\"object\":\"list\",\"data\":[{\"id\":\"il_1\"}],\"has_more\":true}"),
    INVOICE("{\"object\":\"list\",\"data\":[{\"id\":\"il_1\"}],\"has_more\":true,\"url\":7}"),
    INVOICE("{\"object\":\"list\",\"data\":[{\"a\":1}],\"has_more\":true," URL "}"),
    INVOICE("{\"object\":\"list\",\"data\":[7],\"has_more\":true," URL "}"),
    INVOICE("{\"object\":\"list\",\"data\":[{\"id\":\"il_1\"}],\"has_more\":true,"
            "\"url\":\"https://far.example/v1/x\"}"),
    INVOICE("{\"object\":\"list\",\"data\":7,\"has_more\":true," URL "}"),
};

static void what_says_too_little_to_go_on_is_an_error(void **state)
{
    struct world *world = *state;
    uint32_t count = sizeof no_way_on / sizeof no_way_on[0];
    for (uint32_t i = 0; i < count; i++) {
        struct fetched fetched;
        say(world, no_way_on[i]);
        world->info.text[0] = '\0';
        assert_err(get_invoice(world, &fetched), ERR_MALFORMED);
        assert_row(world->info.text[0] != '\0', no_way_on[i]);
        assert_int_equal(api_peer_asked(world->peer), i + 1);
    }
}

#define CUT INVOICE("{\"object\":\"list\",\"data\":[{\"id\":\"il_1\"}],\"has_more\":true," URL "}")
#define REFUSAL "{\"error\":{\"type\":\"invalid_request_error\"}}"

static const struct {
    int status;
    const char *answer;
    enum err err;
} not_continued[] = {
    {404, REFUSAL, ERR_MALFORMED}, /* the object is there */
    {400, REFUSAL, ERR_MALFORMED},
    {404, "<html>", ERR_MALFORMED},
    {200, "<html>", ERR_MALFORMED},
    {401, REFUSAL, ERR_REFUSED},
    {403, REFUSAL, ERR_REFUSED},
    {200, REST("", "true"), ERR_IMPOSSIBLE},
    {200, REST("{\"id\":\"il_1\"}", "true"), ERR_IMPOSSIBLE}, /* in circles */
    {200, REST("{\"a\":1}", "true"), ERR_MALFORMED},
};

static void a_list_that_the_provider_does_not_give_is_an_error_that_names_it(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof not_continued / sizeof not_continued[0]; i++) {
        struct fetched fetched;
        say(world, CUT);
        api_peer_say(world->peer, not_continued[i].status, "", str_from(not_continued[i].answer));
        assert_err(get_invoice(world, &fetched), not_continued[i].err);
        assert_row(strstr(world->info.text, "/v1/invoices/in_1/lines") != NULL, world->info.text);
    }
}

static void an_object_of_a_page_that_does_not_come_whole_hides_no_other(void **state)
{
    struct world *world = *state;
    struct fetch_page page;
    struct fetch_range range = {0, US_PER_DAY};
    say(world, REST(CUT ",{\"id\":\"in_2\",\"object\":\"invoice\"}", "false"));
    api_peer_say(world->peer, 404, "", STR(REFUSAL));
    assert_err(stripe_provider.api->objects(world->api, STR_NONE, ID_INVOICE, range, STR_NONE,
                   world->arena, &page, &world->info),
        ERR_OK);
    assert_int_equal(page.count, 1);
    assert_str_equal_to(page.items[0].envelope.subject, "in_2");
    assert_int_equal(page.missing, 1);
    assert_true(str_starts_with(page.why_missing, STR("GET /v1/invoices/in_1/lines: status 404")));
}

static void what_would_be_larger_than_the_inbox_keeps_stays_cut_off(void **state)
{
    struct world *world = *state;
    struct fetched fetched;
    CLEANUP(buf_fini) struct buf rest;
    buf_init(&rest, 2 * LIMIT_BODY_BYTES);
    buf_add(&rest, STR("{\"object\":\"list\",\"data\":[{\"id\":\"il_2\",\"a\":\""));
    for (int i = 0; i < LIMIT_BODY_BYTES; i++) {
        buf_add_char(&rest, 'x');
    }
    buf_add(&rest, STR("\"}],\"has_more\":false,\"url\":\"/v1/y\"}"));
    say(world, CUT);
    api_peer_say(world->peer, 200, "", buf_str(&rest));
    assert_err(get_invoice(world, &fetched), ERR_OK);
    assert_true(fetched.is_cut);
    assert_str_equal_to(fetched.body, CUT);
}

static void more_pages_than_are_read_leave_it_cut_off(void **state)
{
    struct world *world = *state;
    struct fetched fetched;
    say(world, CUT);
    for (int i = 0; i < LIMIT_API_PAGES; i++) {
        char page[128];
        (void)snprintf(page, sizeof page, REST("{\"id\":\"il_%d\"}", "true"), i + 2);
        say(world, page);
    }
    assert_err(get_invoice(world, &fetched), ERR_OK);
    assert_true(fetched.is_cut);
    assert_str_equal_to(fetched.body, CUT);
    assert_int_equal(api_peer_asked(world->peer), 1 + LIMIT_API_PAGES);
}

#define API_TEST(function) TEST_WITH(function, setup, teardown)

TESTS_MAIN("provider/api_whole",
    API_TEST(a_list_is_continued_in_place),
    API_TEST(objects_of_a_page_are_whole_too),
    API_TEST(what_has_no_more_stays_as_it_is),
    API_TEST(what_says_too_little_to_go_on_is_an_error),
    API_TEST(a_list_that_the_provider_does_not_give_is_an_error_that_names_it),
    API_TEST(an_object_of_a_page_that_does_not_come_whole_hides_no_other),
    API_TEST(what_would_be_larger_than_the_inbox_keeps_stays_cut_off),
    API_TEST(more_pages_than_are_read_leave_it_cut_off))

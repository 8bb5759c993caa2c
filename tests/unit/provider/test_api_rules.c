/* What of the API client is pure: keys, rate, retries, queries, cutting, circles, refusals. */
#include "base/timestamp.h"
#include "provider/stripe/api.h"
#include "unit/testing.h"

/* --- keys --- */

static const struct {
    const char *key;
    bool live, full_key_allowed;
    enum err err;
} key_cases[] = {
    {"rk_test_1", false, false, ERR_OK},
    {"rk_live_1", true, false, ERR_OK},
    {"rkcs_test_1", false, false, ERR_OK},
    {"sk_test_1", false, false, ERR_OK},
    {"sk_live_1", true, true, ERR_OK},
    {"sk_live_1", true, false, ERR_CONFIG},
    {"sk_live_1", false, true, ERR_CONFIG},
    {"rk_live_1", false, true, ERR_CONFIG},
    {"rk_test_1", true, true, ERR_CONFIG},
    {"rkcs_test_1", true, true, ERR_CONFIG},
    {"sk_test_1", true, true, ERR_CONFIG},
    {"pk_test_1", false, true, ERR_CONFIG},
    {"whsec_1", false, true, ERR_CONFIG},
    {"", false, true, ERR_CONFIG},
    {"rk_test_1 2", false, false, ERR_CONFIG},
    {"rk_test_1\r\nX: 2", false, false, ERR_CONFIG},
};

static void a_key_is_of_its_environment_and_no_more_powerful_than_allowed(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof key_cases / sizeof key_cases[0]; i++) {
        const char *key = key_cases[i].key;
        struct err_info info = {""};
        enum err err = stripe_key_check(
            str_from(key), key_cases[i].live, key_cases[i].full_key_allowed, &info);
        assert_row(err == key_cases[i].err, key);
        assert_row(key[0] == '\0' || strstr(info.text, key) == NULL, key);
        assert_row(err == ERR_OK || info.text[0] != '\0', key);
    }
}

static void a_key_longer_than_any_secret_is_refused(void **state)
{
    (void)state;
    char key[LIMIT_SECRET_BYTES + 1];
    memset(key, 'a', sizeof key);
    memcpy(key, "rk_test_", 8);
    assert_err(stripe_key_check((struct str){key, sizeof key - 1}, false, false, NULL), ERR_OK);
    assert_err(stripe_key_check((struct str){key, sizeof key}, false, false, NULL), ERR_CONFIG);
}

/* --- rate --- */

static void a_full_bucket_gives_its_burst_and_then_its_rate(void **state)
{
    (void)state;
    struct stripe_bucket bucket;
    stripe_bucket_init(&bucket, 20, 10);
    int64_t now_us = 7 * US_PER_SECOND;
    for (int i = 0; i < 10; i++) {
        assert_int64_equal(stripe_bucket_take(&bucket, now_us), 0);
    }
    for (int i = 1; i <= 100; i++) {
        assert_int64_equal(stripe_bucket_take(&bucket, now_us), i * US_PER_SECOND / 20);
    }
    now_us += US_PER_DAY; /* a day of rest does not make it larger */
    for (int i = 0; i < 10; i++) {
        assert_int64_equal(stripe_bucket_take(&bucket, now_us), 0);
    }
    assert_int64_equal(stripe_bucket_take(&bucket, now_us), US_PER_SECOND / 20);
}

static void whoever_waits_as_told_never_exceeds_the_rate(void **state)
{
    (void)state;
    uint64_t random = test_seed();
    struct stripe_bucket bucket;
    stripe_bucket_init(&bucket, 20, 10);
    int64_t now_us = 0;
    int64_t spent_us[2000];
    for (int i = 0; i < 2000; i++) {
        now_us += stripe_bucket_take(&bucket, now_us);
        spent_us[i] = now_us;
        now_us += (int64_t)test_random_below(&random, US_PER_SECOND / 10);
        /* within any second: what the bucket held, and what ran in meanwhile */
        assert_true(i < 30 || spent_us[i] - spent_us[i - 30] >= US_PER_SECOND);
    }
}

/* --- retries --- */

static const struct {
    const char *name;
    struct stripe_outcome outcome;
    bool again;
} retry_cases[] = {
    {"fine", {.status = 200}, false},
    {"fine, whatever it says", {.status = 200, .should_retry = STRIPE_ADVICE_RETRY}, false},
    {"no network", {.err = ERR_NET_IO}, true},
    {"too slow", {.err = ERR_TIMEOUT}, true},
    {"too large", {.err = ERR_TOO_LARGE}, false},
    {"no memory", {.err = ERR_BUSY}, false},
    {"redirect", {.status = 302}, false},
    {"bad request", {.status = 400}, false},
    {"bad request that says yes", {.status = 400, .should_retry = STRIPE_ADVICE_RETRY}, true},
    {"key refused", {.status = 401}, false},
    {"not there", {.status = 404}, false},
    {"conflict", {.status = 409}, true},
    {"conflict that says no", {.status = 409, .should_retry = STRIPE_ADVICE_STOP}, false},
    {"429 without a reason", {.status = 429}, false},
    {"429 with a reason", {.status = 429, .rate_limited = true}, true},
    {"429 with a reason that says no",
        {.status = 429, .rate_limited = true, .should_retry = STRIPE_ADVICE_STOP}, false},
    {"429 for a lock", {.status = 429, .lock_timeout = true}, true},
    {"429 that says yes", {.status = 429, .should_retry = STRIPE_ADVICE_RETRY}, true},
    {"failed", {.status = 500}, true},
    {"failed and says no", {.status = 500, .should_retry = STRIPE_ADVICE_STOP}, false},
    {"gateway", {.status = 504}, true},
};

static void what_is_tried_again_goes_by_its_class_and_first_by_what_stripe_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof retry_cases / sizeof retry_cases[0]; i++) {
        assert_row(stripe_should_retry(&retry_cases[i].outcome) == retry_cases[i].again,
            retry_cases[i].name);
    }
}

static void waits_double_up_to_a_bound_and_differ(void **state)
{
    (void)state;
    struct env_virtual virtual;
    struct env *env = env_virtual_init(&virtual, 0, test_seed());
    int64_t whole_us = US_PER_SECOND / 2;
    for (uint32_t attempt = 1; attempt <= 100; attempt++) {
        int64_t least_us = INT64_MAX;
        int64_t most_us = 0;
        for (int i = 0; i < 200; i++) {
            int64_t wait_us = stripe_retry_wait_us(attempt, -1, env);
            least_us = wait_us < least_us ? wait_us : least_us;
            most_us = wait_us > most_us ? wait_us : most_us;
        }
        assert_true(least_us >= whole_us / 2 && most_us <= whole_us);
        assert_true(most_us - least_us > whole_us / 4);
        whole_us = 2 * whole_us < 8 * US_PER_SECOND ? 2 * whole_us : 8 * US_PER_SECOND;
    }
}

static void an_asked_for_wait_is_kept(void **state)
{
    (void)state;
    struct env_virtual virtual;
    struct env *env = env_virtual_init(&virtual, 0, test_seed());
    assert_int64_equal(stripe_retry_wait_us(1, 7, env), 7 * US_PER_SECOND);
    assert_true(stripe_retry_wait_us(1, 0, env) >= US_PER_SECOND / 4);
    assert_int64_equal(stripe_retry_wait_us(1, INT64_MAX, env), INT64_MAX);
}

/* --- queries --- */

static void queries_are_encoded(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf query;
    buf_init(&query, 200);
    stripe_query_add_int(&query, "created[gte]", -5);
    stripe_query_add(&query, "types[]", STR("a.b_c-d"));
    stripe_query_add(&query, "x", (struct str){"&=/ ?\xc3\xa9\0", 8});
    assert_str_equal_to(
        buf_str(&query), "created%5Bgte%5D=-5&types%5B%5D=a.b_c-d&x=%26%3D%2F%20%3F%C3%A9%00");
}

static const struct {
    const char *url;
    bool plain;
} list_urls[] = {
    {"/v1/invoices/in_1/lines", true},
    {"/v1/subscription_items?subscription=sub_1", true},
    {"/v1/a?b[]=1&c=%20", true},
    {"/v1/", false},
    {"", false},
    {"/v2/core/events", false},
    {"https://far.example/v1/x", false},
    {"//far.example/v1/x", false},
    {"/v1//far.example", false},
    {"/v1/../v2/x", false},
    {"/v1/x\r\nA: b", false},
    {"/v1/x y", false},
    {"/v1/x#y", false},
    {"/v1/@far.example", false},
};

static void a_lists_own_url_must_lead_nowhere_else(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof list_urls / sizeof list_urls[0]; i++) {
        assert_row(stripe_list_url_is_plain(str_from(list_urls[i].url)) == list_urls[i].plain,
            list_urls[i].url);
    }
}

/* --- cutting --- */

static void elements_are_cut_with_their_exact_bytes(void **state)
{
    (void)state;
    static const char *const page =
        "\r\n{ \"object\" : \"list\",\"data\":[ {\"id\" : \"a]}\\\"\\\\\", \"n\":[1 ,2]}\t,\n"
        "{\"b\":1.00e2,\"c\":{\"data\":[]}},{} ],\"has_more\":true,\"url\":\"/v1/x\"} ";
    struct stripe_cut cut;
    const char *why = NULL;
    assert_err(stripe_cut_page(str_from(page), &cut, &why), ERR_OK);
    assert_int_equal(cut.count, 3);
    assert_true(cut.has_more);
    assert_str_equal_to(cut.elements[0], "{\"id\" : \"a]}\\\"\\\\\", \"n\":[1 ,2]}");
    assert_str_equal_to(cut.elements[1], "{\"b\":1.00e2,\"c\":{\"data\":[]}}");
    assert_str_equal_to(cut.elements[2], "{}");
}

#define LIST(data, more) "{\"object\":\"list\",\"data\":" data ",\"has_more\":" more "}"

static const char *const no_pages[] = {
    "",
    "   ",
    "null",
    "[]",
    "{}",
    "{",
    "<html><body>502 Bad Gateway</body></html>",
    "{\"object\":\"list\"}",
    "{\"object\":\"list\",\"has_more\":false}",
    "{\"object\":\"charge\",\"data\":[],\"has_more\":false}",
    "{\"data\":[],\"has_more\":false}",
    "{\"object\":\"list\",\"data\":[]}",
    "{\"object\":\"list\",\"data\":[],\"data\":[],\"has_more\":false}",
    LIST("[]", "\"false\""),
    LIST("[]", "null"),
    LIST("{}", "false"),
    LIST("null", "false"),
    LIST("[{}", "false"),
    LIST("[{},]", "false"),
    LIST("[{}{}]", "false"),
    LIST("[,{}]", "false"),
    LIST("[{\"a\":[}]", "false"),
    LIST("[{\"a\":\"}]", "false"),
    LIST("[]", "false") "x",
    LIST("[]", "false") LIST("[]", "false"),
    "{\"object\":\"list\",\"data\":[{}],\"has_more\":fal",
    "{\"object\":\"list\",\"data\":[{\"id\":\"a\\",
    "{\"object\":\"list\",\"data\":[{}],\"has_more\":false",
    "{\"object\":\"list\" \"data\":[]}",
    "{object:\"list\",\"data\":[],\"has_more\":false}",
};

static void what_is_no_whole_list_is_refused_and_said_why(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof no_pages / sizeof no_pages[0]; i++) {
        struct stripe_cut cut;
        const char *why = NULL;
        assert_row(
            stripe_cut_page(str_from(no_pages[i]), &cut, &why) == ERR_MALFORMED, no_pages[i]);
        assert_row(why != NULL, no_pages[i]);
    }
}

/* Copies on the heap, so that a look beyond the end is seen by the sanitisers. */
static void every_prefix_and_every_changed_byte_is_survived(void **state)
{
    (void)state;
    static const char page[] = LIST("[{\"id\":\"a\\\"b\",\"x\":[1,{}]},{\"id\":\"c\"}]", "true");
    uint64_t random = test_seed();
    for (size_t len = 0; len < sizeof page - 1; len++) {
        char *text = malloc(len + 1);
        memcpy(text, page, len);
        struct stripe_cut cut;
        const char *why = NULL;
        assert_err(stripe_cut_page((struct str){text, len}, &cut, &why), ERR_MALFORMED);
        free(text);
        text = malloc(sizeof page - 1);
        memcpy(text, page, sizeof page - 1);
        for (int i = 0; i < 200; i++) {
            text[len] = (char)test_random_below(&random, 256);
            if (stripe_cut_page((struct str){text, sizeof page - 1}, &cut, &why) == ERR_OK) {
                assert_true(cut.count <= LIMIT_API_PAGE);
            }
        }
        free(text);
    }
}

static void deep_and_long_pages_have_bounds(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf page;
    for (int depth = 500; depth <= 600; depth += 100) {
        buf_init(&page, 10000);
        buf_add(&page, STR("{\"object\":\"list\",\"has_more\":false,\"data\":["));
        for (int i = 0; i < depth; i++) {
            buf_add_char(&page, '[');
        }
        for (int i = 0; i < depth; i++) {
            buf_add_char(&page, ']');
        }
        buf_add(&page, STR("]}"));
        struct stripe_cut cut;
        const char *why = NULL;
        assert_err(
            stripe_cut_page(buf_str(&page), &cut, &why), depth == 500 ? ERR_OK : ERR_MALFORMED);
        buf_fini(&page);
    }
    for (int count = LIMIT_API_PAGE; count <= LIMIT_API_PAGE + 1; count++) {
        buf_init(&page, 10000);
        buf_add(&page, STR("{\"object\":\"list\",\"has_more\":false,\"data\":[{}"));
        for (int i = 1; i < count; i++) {
            buf_add(&page, STR(",{}"));
        }
        buf_add(&page, STR("]}"));
        struct stripe_cut cut;
        const char *why = NULL;
        assert_err(stripe_cut_page(buf_str(&page), &cut, &why),
            count == LIMIT_API_PAGE ? ERR_OK : ERR_MALFORMED);
        buf_fini(&page);
    }
    buf_init(&page, 1);
}

/* --- circles --- */

static const struct {
    const char *name;
    struct str ids[3];
    uint32_t count;
    bool has_more;
    const char *cursor;
    bool fine;
} page_cases[] = {
    {"all different", {{"a", 1}, {"b", 1}, {"c", 1}}, 3, true, "z", true},
    {"the last page", {{"a", 1}}, 1, false, "z", true},
    {"nothing at all", {{NULL, 0}}, 0, false, "", true},
    {"nothing, and more", {{NULL, 0}}, 0, true, "", false},
    {"one twice", {{"a", 1}, {"b", 1}, {"a", 1}}, 3, true, "", false},
    {"the cursor again", {{"a", 1}, {"z", 1}}, 2, true, "z", false},
    {"ids that cannot be read", {{NULL, 0}, {NULL, 0}, {"a", 1}}, 3, true, "", true},
};

static void a_page_that_cannot_be_is_seen(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof page_cases / sizeof page_cases[0]; i++) {
        const char *problem = stripe_page_problem(page_cases[i].ids, page_cases[i].count,
            page_cases[i].has_more, str_from(page_cases[i].cursor));
        assert_row((problem == NULL) == page_cases[i].fine, page_cases[i].name);
    }
}

/* A list of `tail` pages that then goes round `round` pages for ever. */
static int pages_until_seen(int tail, int round)
{
    struct stripe_walk walk = {0};
    char cursor[24] = "";
    for (int page = 0; page < 10 * (tail + round) + 10; page++) {
        int at = page < tail ? page : tail + (page - tail) % round;
        char last[24];
        (void)snprintf(last, sizeof last, "id_%d", at);
        if (stripe_walk_circles(&walk, 1, str_from(cursor), str_from(last))) {
            return page;
        }
        (void)snprintf(cursor, sizeof cursor, "%s", last);
    }
    return -1;
}

static void circles_of_any_length_are_seen_soon(void **state)
{
    (void)state;
    for (int tail = 0; tail < 40; tail++) {
        for (int round = 1; round < 40; round++) {
            int pages = pages_until_seen(tail, round);
            assert_true(pages >= tail + round); /* never before it has come round */
            assert_true(pages <= 4 * (tail + round));
        }
    }
}

static void another_list_or_a_resumed_one_begins_afresh(void **state)
{
    (void)state;
    struct stripe_walk walk = {0};
    assert_false(stripe_walk_circles(&walk, 1, STR(""), STR("a")));
    assert_false(stripe_walk_circles(&walk, 2, STR(""), STR("a")));
    assert_false(stripe_walk_circles(&walk, 2, STR("b"), STR("a")));
    assert_false(stripe_walk_circles(&walk, 2, STR(""), STR("a")));
    assert_true(stripe_walk_circles(&walk, 2, STR("a"), STR("a")));
}

/* --- refusals and kinds --- */

static const struct {
    int status;
    bool said;
    enum err err;
} refusal_cases[] = {
    {204, false, ERR_MALFORMED},
    {302, false, ERR_MALFORMED},
    {400, true, ERR_INVALID},
    {401, true, ERR_REFUSED},
    {401, false, ERR_MALFORMED},
    {402, true, ERR_INVALID},
    {403, true, ERR_REFUSED},
    {403, false, ERR_MALFORMED},
    {404, true, ERR_NOT_FOUND},
    {404, false, ERR_MALFORMED},
    {409, true, ERR_BUSY},
    {429, false, ERR_BUSY},
    {500, true, ERR_NET_IO},
    {502, false, ERR_NET_IO},
    {600, false, ERR_MALFORMED},
};

static void a_refusal_is_the_providers_only_in_its_own_words(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusal_cases / sizeof refusal_cases[0]; i++) {
        char name[32];
        (void)snprintf(name, sizeof name, "%d %d", refusal_cases[i].status, refusal_cases[i].said);
        const char *what = NULL;
        assert_row(stripe_refusal_err(refusal_cases[i].status, refusal_cases[i].said, &what) ==
                       refusal_cases[i].err,
            name);
        assert_row(what != NULL, name);
    }
}

static void kinds_that_can_be_asked_for_have_a_path(void **state)
{
    (void)state;
    assert_str_equal_to(stripe_api_kind_find(ID_PAYMENT)->path, "/v1/payment_intents");
    assert_str_equal_to(stripe_api_kind_find(ID_ATTEMPT)->path, "/v1/charges");
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        const struct stripe_api_kind *row = stripe_api_kind_find((enum id_kind)kind);
        assert_true(row == NULL || stripe_list_url_is_plain(row->path));
    }
    assert_null(stripe_api_kind_find(ID_KIND_COUNT));
}

static void every_other_kind_is_a_part_or_has_no_id_to_ask_by(void **state)
{
    (void)state;
    static const enum id_kind without[] = {ID_DISCOUNT, ID_INVOICE_LINE, ID_FEE_REFUND, ID_BALANCE};
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        bool expected = true;
        for (size_t i = 0; i < sizeof without / sizeof without[0]; i++) {
            expected = expected && (int)without[i] != kind;
        }
        assert_row((stripe_api_kind_find((enum id_kind)kind) != NULL) == expected,
            id_kind_word((enum id_kind)kind));
    }
}

static void what_needs_an_owner_or_takes_no_times_is_not_listed(void **state)
{
    (void)state;
    static const enum id_kind single[] = {
        ID_SUBSCRIPTION_ITEM, ID_TAX_ID, ID_PAYMENT_METHOD, ID_MANDATE};
    for (size_t i = 0; i < sizeof single / sizeof single[0]; i++) {
        assert_row(stripe_api_kind_find(single[i]) != NULL, id_kind_word(single[i]));
        assert_row(!stripe_provider.api->lists(single[i]), id_kind_word(single[i]));
    }
    assert_true(stripe_provider.api->lists(ID_SETUP));
    assert_false(stripe_provider.api->lists(ID_BALANCE));
}

TESTS_MAIN("provider/api_rules",
    TEST(a_key_is_of_its_environment_and_no_more_powerful_than_allowed),
    TEST(a_key_longer_than_any_secret_is_refused),
    TEST(a_full_bucket_gives_its_burst_and_then_its_rate),
    TEST(whoever_waits_as_told_never_exceeds_the_rate),
    TEST(what_is_tried_again_goes_by_its_class_and_first_by_what_stripe_says),
    TEST(waits_double_up_to_a_bound_and_differ),
    TEST(an_asked_for_wait_is_kept),
    TEST(queries_are_encoded),
    TEST(a_lists_own_url_must_lead_nowhere_else),
    TEST(elements_are_cut_with_their_exact_bytes),
    TEST(what_is_no_whole_list_is_refused_and_said_why),
    TEST(every_prefix_and_every_changed_byte_is_survived),
    TEST(deep_and_long_pages_have_bounds),
    TEST(a_page_that_cannot_be_is_seen),
    TEST(circles_of_any_length_are_seen_soon),
    TEST(another_list_or_a_resumed_one_begins_afresh),
    TEST(a_refusal_is_the_providers_only_in_its_own_words),
    TEST(kinds_that_can_be_asked_for_have_a_path),
    TEST(every_other_kind_is_a_part_or_has_no_id_to_ask_by),
    TEST(what_needs_an_owner_or_takes_no_times_is_not_listed))

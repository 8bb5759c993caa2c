/* The API client against a server on this machine that says what it likes, well or badly. Waiting
 * is on a virtual clock. */
#include "base/timestamp.h"
#include "provider/stripe/api.h"
#include "unit/provider/api_peer.h"

#define KEY "rk_test_aSecretThatNobodyMaySee"

/* One client and its peer. */
struct world {
    struct api_peer *peer;
    struct provider_api *api;
    struct arena *arena;
    struct env_virtual virtual;
    struct err_info info;
};

static const struct fetch_range any_time = {0, 2000 * US_PER_DAY};

static struct provider_api_setup setup_of(struct world *world)
{
    return (struct provider_api_setup){
        .base_url = str_from(api_peer_url(world->peer)),
        .key = STR(KEY),
        .account_key = STR("acct_own"),
        .env = &world->virtual.env,
    };
}

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    (void)env_virtual_init(&world->virtual, API_PEER_DATE_S * US_PER_SECOND, test_seed());
    world->peer = api_peer_open();
    world->arena = arena_new((size_t)64 * 1024 * 1024);
    struct provider_api_setup says = setup_of(world);
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

static void say_list(struct world *world, const char *elements, bool has_more)
{
    char text[4096];
    int len = snprintf(text, sizeof text,
        "{\"object\": \"list\", \"data\": [%s], \"has_more\": %s, \"url\": \"/v1/x\"}", elements,
        has_more ? "true" : "false");
    api_peer_say(world->peer, 200, "", (struct str){text, (size_t)len});
}

static void say_error(struct world *world, int status, const char *headers, const char *code)
{
    char text[256];
    int len = snprintf(text, sizeof text,
        "{\"error\": {\"type\": \"invalid_request_error\", \"code\": \"%s\", \"message\": \"no\"}}",
        code);
    api_peer_say(world->peer, status, headers, (struct str){text, (size_t)len});
}

static enum err get_events(struct world *world, const char *cursor, struct fetch_page *ret)
{
    return stripe_provider.api->events(
        world->api, STR_NONE, any_time, NULL, 0, str_from(cursor), world->arena, ret, &world->info);
}

static enum err get_object(struct world *world, const char *id, struct fetched *ret)
{
    return stripe_provider.api->object(
        world->api, STR_NONE, ID_ATTEMPT, str_from(id), world->arena, ret, &world->info);
}

/* How long the client has waited, on the virtual clock. */
static int64_t waited_us(struct world *world)
{
    return env_now(&world->virtual.env) - API_PEER_DATE_S * US_PER_SECOND;
}

#define EVENT(id, type, more)                                                                      \
    "{\"id\": \"" id "\", \"object\": \"event\", \"type\": \"" type                                \
    "\", \"created\": 1700000000, \"livemode\": false,  \"api_version\": \"2024-06-20\", "         \
    "\"data\": {\"object\": {\"id\": \"ch_1\", \"object\": \"charge\"}}" more "}"

/* --- what is asked --- */

static void a_request_says_who_asks_and_in_which_version_and_nothing_else(void **state)
{
    struct world *world = *state;
    say_list(world, "", false);
    struct fetch_page page;
    assert_err(get_events(world, "", &page), ERR_OK);
    const char *asked = api_peer_request(world->peer, 0);
    assert_ptr_equal(strstr(asked, "GET /v1/events?limit=100&created%5Bgte%5D=0&created%5Blte%5D="
                                   "172800000 HTTP/1.1\r\n"),
        asked);
    assert_non_null(strstr(asked, "\r\nAuthorization: Bearer " KEY "\r\n"));
    assert_non_null(strstr(asked, "\r\nStripe-Version: 2026-10-28.endive\r\n"));
    assert_null(strcasestr(asked, "Stripe-Account"));
    assert_null(strcasestr(asked, "Cookie"));
}

static void an_account_below_is_named_and_the_own_one_is_not(void **state)
{
    struct world *world = *state;
    struct fetch_page page;
    const struct provider_api_ops *ops = stripe_provider.api;
    say_list(world, EVENT("evt_1", "charge.updated", ""), false);
    assert_err(ops->events(world->api, STR("acct_below"), any_time, NULL, 0, STR_NONE, world->arena,
                   &page, &world->info),
        ERR_OK);
    assert_non_null(strstr(api_peer_request(world->peer, 0), "\r\nStripe-Account: acct_below\r\n"));
    assert_str_equal_to(page.items[0].envelope.account, "acct_below");

    say_list(world, EVENT("evt_1", "charge.updated", ""), false);
    assert_err(ops->events(world->api, STR("acct_own"), any_time, NULL, 0, STR_NONE, world->arena,
                   &page, &world->info),
        ERR_OK);
    assert_null(strstr(api_peer_request(world->peer, 1), "Stripe-Account"));
    assert_int_equal(page.items[0].envelope.account.len, 0);

    assert_err(ops->events(world->api, STR("acct_1\r\nX: y"), any_time, NULL, 0, STR_NONE,
                   world->arena, &page, &world->info),
        ERR_INVALID);
    assert_int_equal(api_peer_asked(world->peer), 2);
}

static void one_connection_serves_all_requests(void **state)
{
    struct world *world = *state;
    struct fetch_page page;
    for (int i = 0; i < 20; i++) {
        say_list(world, "", false);
        assert_err(get_events(world, "", &page), ERR_OK);
    }
    assert_int_equal(api_peer_connections(world->peer), 1);
    /* ten at once, and then twenty a second */
    assert_int64_equal(waited_us(world), 10 * US_PER_SECOND / 20);
}

/* --- events --- */

static void events_keep_their_bytes_and_the_cursor_goes_on(void **state)
{
    struct world *world = *state;
    static const char first[] = EVENT("evt_3", "charge.updated", ", \"pending_webhooks\":  7");
    static const char second[] = EVENT("evt_2", "refund.created", ",\"account\": \"acct_b\"");
    char both[1024];
    (void)snprintf(both, sizeof both, "\n  %s ,\n %s\n", first, second);
    say_list(world, both, true);
    struct fetch_page page;
    assert_err(get_events(world, "", &page), ERR_OK);
    assert_int_equal(page.count, 2);
    assert_true(page.more);
    assert_str_equal_to(page.cursor, "evt_2");
    assert_str_equal_to(page.items[0].body, first);
    assert_str_equal_to(page.items[1].body, second);
    const struct envelope *envelope = &page.items[0].envelope;
    assert_str_equal_to(envelope->event_id, "evt_3");
    assert_str_equal_to(envelope->type, "charge.updated");
    assert_str_equal_to(envelope->api_version, "2024-06-20");
    assert_str_equal_to(envelope->subject, "ch_1");
    assert_int64_equal(envelope->occurred_at_us, 1700000000 * US_PER_SECOND);
    assert_int64_equal(envelope->proof_at_us, API_PEER_DATE_S * US_PER_SECOND);
    assert_int_equal(envelope->reason, REASON_NONE);
    assert_str_equal_to(page.items[1].envelope.account, "acct_b");

    /* as the door would read it */
    struct envelope door;
    assert_err(stripe_envelope_read(str_from(first), false, world->arena, &door), ERR_OK);
    assert_memory_equal(door.content_sha256, envelope->content_sha256, 32);
    assert_memory_equal(door.body_sha256, envelope->body_sha256, 32);

    say_list(world, EVENT("evt_1", "charge.updated", ""), false);
    assert_err(get_events(world, "evt_2", &page), ERR_OK);
    assert_false(page.more);
    assert_non_null(strstr(api_peer_request(world->peer, 1), "&starting_after=evt_2 HTTP"));
}

static void up_to_twenty_types_are_asked_for_and_more_are_picked_here(void **state)
{
    struct world *world = *state;
    struct str types[21];
    for (int i = 0; i < 21; i++) {
        types[i] = i == 7 ? STR("refund.created") : STR("invoice.paid");
    }
    static const char three[] = EVENT("evt_3", "charge.updated", "") "," EVENT(
        "evt_2", "refund.created", "") "," EVENT("evt_1", "charge.updated", "");
    struct fetch_page page;
    say_list(world, three, true);
    assert_err(stripe_provider.api->events(world->api, STR_NONE, any_time, types, 20, STR_NONE,
                   world->arena, &page, &world->info),
        ERR_OK);
    const char *asked = api_peer_request(world->peer, 0);
    int named = 0;
    for (const char *at = asked; (at = strstr(at, "&types%5B%5D=")) != NULL; at++) {
        named++;
    }
    assert_int_equal(named, 20);

    say_list(world, three, true);
    assert_err(stripe_provider.api->events(world->api, STR_NONE, any_time, types, 21, STR_NONE,
                   world->arena, &page, &world->info),
        ERR_OK);
    assert_null(strstr(api_peer_request(world->peer, 1), "types"));
    assert_int_equal(page.count, 1);
    assert_str_equal_to(page.items[0].envelope.event_id, "evt_2");
    assert_str_equal_to(page.cursor, "evt_1"); /* of all, not of those that were picked */
    assert_true(page.more);
}

static void an_odd_event_hides_no_other(void **state)
{
    struct world *world = *state;
    say_list(world,
        EVENT("evt_3", "a.b", ",\"a\":1,\"a\":2") "," EVENT(
            "evt_2", "a.b", ",\"x\":\"\xff\"") "," EVENT("evt_1", "a.b", ""),
        true);
    struct fetch_page page;
    assert_err(get_events(world, "", &page), ERR_OK);
    assert_int_equal(page.count, 3);
    assert_int_equal(page.items[0].envelope.reason, REASON_KEY_TWICE);
    assert_int_equal(page.items[1].envelope.reason, REASON_NOT_UTF8);
    assert_true(str_starts_with(page.items[1].envelope.event_id, STR("sha256:")));
    assert_int_equal(page.items[2].envelope.reason, REASON_NONE);
}

/* A webhook of the other environment is kept and marked; a key of the other one is a mistake that
 * concerns all that it answers. */
static void a_list_with_anything_of_the_other_environment_is_refused(void **state)
{
    struct world *world = *state;
    say_list(world,
        EVENT("evt_2", "a.b", "") ",{\"id\":\"evt_1\",\"object\":\"event\",\"type\":\"a.b\","
                                  "\"created\":1,\"livemode\":true,\"data\":{\"object\":{}}}",
        false);
    struct fetch_page page = {.count = 9};
    assert_err(get_events(world, "", &page), ERR_CONFIG);
    assert_int_equal(page.count, 9);
    assert_non_null(strstr(world->info.text,
        "livemode is true, and the account's environment is test: nothing of it was taken; "
        "correct key.read or environment"));
    assert_null(strstr(world->info.text, "rk_test_"));
}

static void an_object_of_the_other_environment_is_refused(void **state)
{
    struct world *world = *state;
    struct fetched fetched;
    api_peer_say(
        world->peer, 200, "", STR("{\"id\":\"ch_1\",\"object\":\"charge\",\"livemode\":true}"));
    assert_err(get_object(world, "ch_1", &fetched), ERR_CONFIG);
    assert_non_null(strstr(world->info.text, "GET /v1/charges/ch_1: status 200, Request-Id req_1: "
                                             "livemode is true"));
}

/* --- objects --- */

static void an_object_gets_an_id_a_type_and_a_time_from_its_answer(void **state)
{
    struct world *world = *state;
    static const char body[] = "{\"id\": \"ch_1\", \"object\":\"charge\", \"livemode\":false}";
    api_peer_say(world->peer, 200, "", str_from(body));
    struct fetched fetched;
    assert_err(get_object(world, "ch_1", &fetched), ERR_OK);
    const char *asked = api_peer_request(world->peer, 0);
    assert_ptr_equal(strstr(asked, "GET /v1/charges/ch_1 HTTP/1.1\r\n"), asked);
    assert_str_equal_to(fetched.body, body);
    assert_str_equal_to(fetched.envelope.event_id, "ch_1@1795358574");
    assert_str_equal_to(fetched.envelope.type, "fetched.charge");
    assert_str_equal_to(fetched.envelope.subject, "ch_1");
    assert_str_equal_to(fetched.envelope.api_version, "2026-10-28.endive");
    assert_int64_equal(fetched.envelope.occurred_at_us, API_PEER_DATE_S * US_PER_SECOND);
    assert_int_equal(fetched.envelope.reason, REASON_NONE);
    assert_false(fetched.envelope.live);
}

static const struct {
    const char *body, *says;
} not_asked_for[] = {
    {"{\"id\":\"ch_2\",\"object\":\"charge\",\"livemode\":false}", "asked for ch_1, but ch_2 came"},
    {"{\"id\":\"ch_1\",\"object\":\"refund\",\"livemode\":false}", "ch_1 came as a refund"},
};

static void what_was_not_asked_for_is_refused_and_what_differs_is_said(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof not_asked_for / sizeof not_asked_for[0]; i++) {
        struct fetched fetched;
        api_peer_say(world->peer, 200, "", str_from(not_asked_for[i].body));
        assert_err(get_object(world, "ch_1", &fetched), ERR_MALFORMED);
        assert_row(strstr(world->info.text, not_asked_for[i].says) != NULL, world->info.text);
    }
}

static void an_answer_from_the_future_is_not_believed(void **state)
{
    struct world *world = *state;
    struct fetched fetched;
    static const char body[] = "{\"id\":\"ch_1\",\"object\":\"charge\"}";
    world->virtual.clock_us -= 5 * US_PER_MINUTE;
    api_peer_say(world->peer, 200, "", str_from(body));
    assert_err(get_object(world, "ch_1", &fetched), ERR_OK);
    world->virtual.clock_us -= 2 * US_PER_SECOND;
    api_peer_say(world->peer, 200, "", str_from(body));
    assert_err(get_object(world, "ch_1", &fetched), ERR_MALFORMED);
    assert_non_null(strstr(world->info.text, "ahead of this machine's clock: check both"));
}

static void a_long_id_of_a_merchants_own_still_makes_an_event_id(void **state)
{
    struct world *world = *state;
    char id[LIMIT_PROVIDER_ID_BYTES + 1];
    memset(id, 'a', sizeof id - 1);
    id[sizeof id - 1] = '\0';
    char body[400];
    int len = snprintf(body, sizeof body, "{\"id\":\"%s\",\"object\":\"charge\"}", id);
    api_peer_say(world->peer, 200, "", (struct str){body, (size_t)len});
    struct fetched fetched;
    assert_err(get_object(world, id, &fetched), ERR_OK);
    assert_str_equal_to(fetched.envelope.subject, id);
    assert_int_equal(fetched.envelope.event_id.len, 64 + 11);
}

static void ids_cannot_lead_to_another_path(void **state)
{
    struct world *world = *state;
    struct fetched fetched;
    api_peer_say(world->peer, 200, "", STR("{\"id\":\"a/../b?c\",\"object\":\"charge\"}"));
    assert_err(get_object(world, "a/../b?c", &fetched), ERR_OK);
    const char *asked = api_peer_request(world->peer, 0);
    assert_ptr_equal(strstr(asked, "GET /v1/charges/a%2F..%2Fb%3Fc HTTP"), asked);
    assert_err(get_object(world, "..", &fetched), ERR_INVALID);
    assert_err(get_object(world, ".", &fetched), ERR_INVALID);
    assert_err(get_object(world, "", &fetched), ERR_INVALID);
    assert_int_equal(api_peer_asked(world->peer), 1);
}

static void objects_are_listed_by_the_time_they_were_made(void **state)
{
    struct world *world = *state;
    say_list(world,
        "{\"id\":\"re_2\",\"object\":\"refund\"}, {\"id\":\"re_1\",\"object\":\"refund\"}", true);
    struct fetch_page page;
    struct fetch_range range = {5 * US_PER_SECOND, 9 * US_PER_SECOND};
    assert_err(stripe_provider.api->objects(world->api, STR_NONE, ID_REFUND, range, STR("re_9"),
                   world->arena, &page, &world->info),
        ERR_OK);
    const char *asked = api_peer_request(world->peer, 0);
    assert_ptr_equal(strstr(asked, "GET /v1/refunds?limit=100&created%5Bgte%5D=5&"
                                   "created%5Blte%5D=9&starting_after=re_9 HTTP"),
        asked);
    assert_int_equal(page.count, 2);
    assert_str_equal_to(page.items[0].body, "{\"id\":\"re_2\",\"object\":\"refund\"}");
    assert_str_equal_to(page.items[1].envelope.type, "fetched.refund");
    assert_str_equal_to(page.cursor, "re_1");
    assert_true(page.more);
    say_list(world, "{\"object\":\"refund\"}", false);
    assert_err(stripe_provider.api->objects(world->api, STR_NONE, ID_REFUND, range, STR_NONE,
                   world->arena, &page, &world->info),
        ERR_MALFORMED);
}

/* The peer does not say what is asked for: each path must be the one that Stripe documents. */
static const struct {
    enum id_kind kind;
    const char *path, *object;
    bool listed;
} object_cases[] = {
    {ID_SUBSCRIPTION_ITEM, "/v1/subscription_items", "subscription_item", false},
    {ID_SCHEDULE, "/v1/subscription_schedules", "subscription_schedule", true},
    {ID_CREDIT_NOTE, "/v1/credit_notes", "credit_note", true},
    {ID_PAYMENT_METHOD, "/v1/payment_methods", "payment_method", false},
    {ID_CHECKOUT, "/v1/checkout/sessions", "checkout.session", true},
    {ID_SETUP, "/v1/setup_intents", "setup_intent", true},
    {ID_MANDATE, "/v1/mandates", "mandate", false},
    {ID_REVIEW, "/v1/reviews", "review", true},
    {ID_FRAUD_WARNING, "/v1/radar/early_fraud_warnings", "radar.early_fraud_warning", true},
    {ID_CONNECTED_ACCOUNT, "/v1/accounts", "account", true},
    {ID_TRANSFER, "/v1/transfers", "transfer", true},
    {ID_APPLICATION_FEE, "/v1/application_fees", "application_fee", true},
    {ID_TOPUP, "/v1/topups", "topup", true},
};

static void ask_for_each(struct world *world, size_t at, uint32_t *asked)
{
    const char *path = object_cases[at].path;
    char body[200], line[200];
    struct fetched fetched;
    struct fetch_page page;
    (void)snprintf(
        body, sizeof body, "{\"id\":\"x_1\",\"object\":\"%s\"}", object_cases[at].object);
    api_peer_say(world->peer, 200, "", str_from(body));
    assert_row(stripe_provider.api->object(world->api, STR_NONE, object_cases[at].kind, STR("x_1"),
                   world->arena, &fetched, &world->info) == ERR_OK,
        path);
    (void)snprintf(line, sizeof line, "GET %s/x_1 HTTP", path);
    const char *request = api_peer_request(world->peer, (*asked)++);
    assert_row(strncmp(request, line, strlen(line)) == 0, path);
    if (object_cases[at].listed) {
        say_list(world, body, false);
    }
    enum err expected = object_cases[at].listed ? ERR_OK : ERR_INVALID;
    assert_row(stripe_provider.api->objects(world->api, STR_NONE, object_cases[at].kind, any_time,
                   STR_NONE, world->arena, &page, &world->info) == expected,
        path);
    if (object_cases[at].listed) {
        (void)snprintf(line, sizeof line, "GET %s?limit=100&created", path);
        request = api_peer_request(world->peer, (*asked)++);
        assert_row(strncmp(request, line, strlen(line)) == 0 && page.count == 1, path);
    }
}

static void each_kind_is_asked_for_at_its_own_path(void **state)
{
    struct world *world = *state;
    uint32_t asked = 0;
    for (size_t i = 0; i < sizeof object_cases / sizeof object_cases[0]; i++) {
        ask_for_each(world, i, &asked);
    }
    assert_int_equal(api_peer_asked(world->peer), asked);
}

/* --- retries --- */

struct told {
    uint32_t count;
    int64_t waited_us;
    char last[300];
};

static void on_wait(void *context, int64_t wait_us, const char *why)
{
    struct told *told = context;
    told->count++;
    told->waited_us += wait_us;
    (void)str_copy_to(told->last, sizeof told->last, str_from(why));
}

static void whoever_wants_is_told_of_each_wait(void **state)
{
    struct world *world = *state;
    struct told told = {0};
    stripe_provider.api->tell_waits(world->api, on_wait, &told);
    say_error(world, 500, "", "");
    say_error(world, 503, "", "");
    say_list(world, "", false);
    struct fetch_page page;
    int64_t before_us = env_monotonic(&world->virtual.env);
    assert_err(get_events(world, "", &page), ERR_OK);
    assert_int_equal(told.count, 2);
    assert_int64_equal(told.waited_us, env_monotonic(&world->virtual.env) - before_us);
    assert_string_equal(told.last, "GET /v1/events: the answer is 503");
    stripe_provider.api->tell_waits(world->api, NULL, NULL);
    say_error(world, 500, "", "");
    say_list(world, "", false);
    assert_err(get_events(world, "", &page), ERR_OK);
    assert_int_equal(told.count, 2);
}

static void a_rate_that_is_given_is_kept(void **state)
{
    struct world *world = *state;
    struct fetch_page page;
    struct provider_api_setup says = setup_of(world);
    says.requests_per_s = 2;
    struct provider_api *own = world->api;
    assert_err(stripe_provider.api->open(&says, &world->api, &world->info), ERR_OK);
    for (int i = 0; i < 12; i++) {
        say_list(world, "", false);
        assert_err(get_events(world, "", &page), ERR_OK);
    }
    assert_int64_equal(waited_us(world), 5 * US_PER_SECOND); /* two at once, then one each half */
    (void)stripe_provider.api->close(world->api);
    world->api = own;
}

static void trouble_is_tried_again_with_growing_waits(void **state)
{
    struct world *world = *state;
    say_error(world, 500, "", "");
    say_error(world, 429, "", "lock_timeout");
    say_error(world, 409, "", "");
    say_error(world, 429, "Stripe-Rate-Limited-Reason: global-rate\r\n", "rate_limit");
    say_list(world, "", false);
    struct fetch_page page;
    assert_err(get_events(world, "", &page), ERR_OK);
    assert_int_equal(api_peer_asked(world->peer), 5);
    assert_in_range(waited_us(world), 15 * US_PER_SECOND / 4, 15 * US_PER_SECOND / 2);
}

static void attempts_end(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 10; i++) {
        say_error(world, 503, "", "");
    }
    struct fetch_page page;
    assert_err(get_events(world, "", &page), ERR_NET_IO);
    assert_int_equal(api_peer_asked(world->peer), LIMIT_API_ATTEMPTS);
    assert_non_null(strstr(world->info.text, "GET /v1/events: status 503, Request-Id req_5: "));
}

static void stripes_own_word_goes_first(void **state)
{
    struct world *world = *state;
    struct fetch_page page;
    say_error(world, 500, "Stripe-Should-Retry: false\r\n", "");
    assert_err(get_events(world, "", &page), ERR_NET_IO);
    assert_int_equal(api_peer_asked(world->peer), 1);
    say_error(world, 400, "Stripe-Should-Retry: true\r\n", "");
    say_list(world, "", false);
    assert_err(get_events(world, "", &page), ERR_OK);
    assert_int_equal(api_peer_asked(world->peer), 3);
}

static void a_wait_that_is_asked_for_is_kept_unless_it_is_too_long(void **state)
{
    struct world *world = *state;
    struct fetch_page page;
    say_error(world, 503, "Retry-After: 30\r\n", "");
    say_list(world, "", false);
    assert_err(get_events(world, "", &page), ERR_OK);
    assert_in_range(waited_us(world), 30 * US_PER_SECOND, 31 * US_PER_SECOND);
    say_error(world, 503, "Retry-After: 3600\r\n", "");
    assert_err(get_events(world, "", &page), ERR_BUSY);
    say_error(world, 500, "Retry-After: 99999999999999\r\n", "");
    assert_err(get_events(world, "", &page), ERR_BUSY);
    say_error(
        world, 429, "Stripe-Should-Retry: true\r\nRetry-After: 99999999999999999999999\r\n", "");
    assert_err(get_events(world, "", &page), ERR_BUSY);
    assert_non_null(strstr(world->info.text, "Retry-After"));
    assert_int_equal(api_peer_asked(world->peer), 5);
    assert_true(waited_us(world) < 32 * US_PER_SECOND);
}

static void a_lost_connection_is_made_anew(void **state)
{
    struct world *world = *state;
    struct fetch_page page;
    api_peer_say_raw(world->peer, STR(""), PEER_CLOSES);
    api_peer_say_raw(
        world->peer, STR("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"object\""), PEER_CLOSES);
    api_peer_say_raw(world->peer, STR("SSH-2.0-OpenSSH\r\n"), PEER_CLOSES);
    say_list(world, "", false);
    assert_err(get_events(world, "", &page), ERR_OK);
    assert_int_equal(api_peer_asked(world->peer), 4);
}

static void a_slow_body_costs_its_deadline(void **state)
{
    struct world *world = *state;
    world->api->request_timeout_us = US_PER_SECOND / 10;
    for (int i = 0; i < LIMIT_API_ATTEMPTS; i++) {
        api_peer_say_raw(world->peer,
            STR("HTTP/1.1 200 OK\r\nContent-Length: 99\r\n\r\n{\"object\""), PEER_STALLS);
    }
    struct fetch_page page;
    int64_t begin_us = env_monotonic(env_system());
    assert_err(get_events(world, "", &page), ERR_TIMEOUT);
    assert_true(env_monotonic(env_system()) - begin_us < 30 * US_PER_SECOND);
    assert_non_null(strstr(world->info.text, "GET /v1/events: "));
}

/* --- bad answers --- */

#define HTTP_200 "HTTP/1.1 200 OK\r\n"

static const struct {
    const char *raw;
    enum err err;
    const char *says;
} bad_answers[] = {
    {HTTP_200 "Content-Length: 0\r\n\r\n", ERR_MALFORMED, "no JSON object"},
    {HTTP_200 "Content-Length: 6\r\n\r\n<html>", ERR_MALFORMED, "no JSON object"},
    {HTTP_200 "Content-Length: 40\r\n\r\n<html><body>Sign in to go on</body></htm", ERR_MALFORMED,
        "no JSON object"},
    {HTTP_200 "Content-Length: 20\r\n\r\n{\"object\":\"list\",\"data\":[],\"has_more\":false}",
        ERR_MALFORMED, "cut off"},
    {HTTP_200 "Content-Length: 17\r\n\r\n{\"object\":\"list\"}", ERR_MALFORMED, "no data"},
    {HTTP_200 "Content-Length: 2\r\n\r\n{}", ERR_MALFORMED, "no list"},
    {HTTP_200 "Content-Length: 48\r\n\r\n{\"object\":\"list\",\"data\":[1    ],\"has_more\":false}",
        ERR_MALFORMED, "no JSON object"},
    {HTTP_200 "Content-Length: 48\r\n\r\n{\"object\":\"list\",\"data\":[{,,,}],\"has_more\":false}",
        ERR_MALFORMED, "no JSON object"},
    {"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1:1/\r\nContent-Length: 0\r\n\r\n",
        ERR_MALFORMED, "status 302, Request-Id none: a redirect"},
    {"HTTP/1.1 204 Empty\r\n\r\n", ERR_MALFORMED, "base URL"},
    {"HTTP/1.1 404 No\r\nContent-Length: 6\r\n\r\n<html>", ERR_MALFORMED, "base URL"},
    {"HTTP/1.1 403 No\r\nContent-Length: 14\r\n\r\nAccess denied!", ERR_MALFORMED, "a proxy"},
    {"HTTP/1.1 429 No\r\nContent-Length: 0\r\n\r\n", ERR_BUSY, "too many requests"},
};

static void every_bad_answer_is_an_error_that_names_the_request(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof bad_answers / sizeof bad_answers[0]; i++) {
        const char *raw = bad_answers[i].raw;
        api_peer_say_raw(world->peer, str_from(raw), PEER_CLOSES);
        struct fetch_page page;
        world->info.text[0] = '\0';
        assert_row(get_events(world, "evt_9", &page) == bad_answers[i].err, raw);
        assert_row(strstr(world->info.text, "GET /v1/events: status ") != NULL, raw);
        assert_row(strstr(world->info.text, bad_answers[i].says) != NULL, raw);
        assert_row(strstr(world->info.text, KEY) == NULL, raw);
        assert_row(api_peer_asked(world->peer) == i + 1, raw);
    }
}

static void a_refusal_names_its_code_and_what_to_do(void **state)
{
    struct world *world = *state;
    struct fetched fetched;
    say_error(world, 401, "", "api_key_expired");
    assert_err(get_object(world, "ch_1", &fetched), ERR_REFUSED);
    assert_string_equal(world->info.text, "GET /v1/charges/ch_1: status 401, Request-Id req_1: the "
                                          "key is refused: is key.read right, "
                                          "and not revoked? `counterfoil doctor` tries it "
                                          "(api_key_expired)");
    say_error(world, 404, "", "resource_missing");
    assert_err(get_object(world, "ch_1", &fetched), ERR_NOT_FOUND);
    say_error(world, 400, "", "a code with \\n blanks");
    assert_err(get_object(world, "ch_1", &fetched), ERR_INVALID);
    assert_null(strstr(world->info.text, "blanks"));
    assert_int_equal(api_peer_asked(world->peer), 3);
}

static void an_object_without_id_kind_or_date_is_none(void **state)
{
    struct world *world = *state;
    struct fetched fetched;
    static const char *const bodies[] = {
        "{\"object\":\"charge\"}", "{\"id\":\"ch_1\"}", "{\"id\":7,\"object\":\"charge\"}", "[]"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        api_peer_say(world->peer, 200, "", str_from(bodies[i]));
        assert_row(get_object(world, "ch_1", &fetched) == ERR_MALFORMED, bodies[i]);
    }
    api_peer_say_raw(world->peer,
        STR("HTTP/1.1 200 OK\r\nContent-Length: 32\r\n\r\n{\"id\":\"ch_1\",\"object\":\"charge\"} "
            " "),
        PEER_GOES_ON);
    assert_err(get_object(world, "ch_1", &fetched), ERR_MALFORMED);
    assert_non_null(strstr(world->info.text, "Date"));
}

static void a_huge_page_is_asked_for_in_smaller_ones(void **state)
{
    struct world *world = *state;
    world->api->answer_bytes_max = 500;
    static const char three[] = EVENT("evt_3", "a.b", "") "," EVENT("evt_2", "a.b", "") "," EVENT(
        "evt_1", "a.b", "") "," EVENT("evt_0", "a.b", "") "," EVENT("evt_00", "a.b", "");
    struct fetch_page page;
    say_list(world, three, true);
    say_list(world, three, true);
    say_list(world, EVENT("evt_3", "a.b", ""), true);
    assert_err(get_events(world, "", &page), ERR_OK);
    assert_int_equal(page.count, 1);
    assert_non_null(strstr(api_peer_request(world->peer, 1), "?limit=10&"));
    assert_non_null(strstr(api_peer_request(world->peer, 2), "?limit=1&"));
    for (int i = 0; i < 3; i++) {
        say_list(world, three, true);
    }
    assert_err(get_events(world, "", &page), ERR_TOO_LARGE);
    assert_non_null(strstr(world->info.text, "GET /v1/events: "));
}

static void say_large_charges(struct world *world, int count)
{
    struct buf text;
    buf_init(&text, 1024 * 1024);
    buf_add(&text, STR("{\"object\":\"list\",\"has_more\":true,\"url\":\"/v1/x\",\"data\":["));
    for (int i = 0; i < count; i++) {
        buf_addf(&text, "%s{\"id\":\"ch_%d\",\"object\":\"charge\",\"x\":\"%03000d\"}",
            i > 0 ? "," : "", i, i);
    }
    buf_add(&text, STR("]}"));
    assert_false(text.failed);
    api_peer_say(world->peer, 200, "", buf_str(&text));
    buf_fini(&text);
}

static void objects_too_large_together_come_in_smaller_pages(void **state)
{
    struct world *world = *state;
    struct fetch_page page = {0};
    struct arena *small = arena_new((size_t)128 * 1024);
    say_large_charges(world, 100);
    say_large_charges(world, 50);
    say_large_charges(world, 25);
    enum err err = stripe_provider.api->objects(world->api, STR_NONE, ID_ATTEMPT,
        (struct fetch_range){0, US_PER_SECOND}, STR_NONE, small, &page, &world->info);
    assert_err(err, ERR_OK);
    assert_int_equal(page.count, 25);
    assert_true(page.more);
    assert_non_null(strstr(api_peer_request(world->peer, 2), "limit=25&"));
    (void)arena_free(small);
}

/* --- circles --- */

static void a_list_that_goes_in_circles_is_impossible(void **state)
{
    struct world *world = *state;
    struct fetch_page page;
    say_list(world, "", true);
    assert_err(get_events(world, "", &page), ERR_IMPOSSIBLE);
    say_list(world, EVENT("evt_1", "a.b", "") "," EVENT("evt_1", "a.b", ""), true);
    assert_err(get_events(world, "", &page), ERR_IMPOSSIBLE);
    say_list(world, EVENT("evt_1", "a.b", ""), true);
    assert_err(get_events(world, "evt_1", &page), ERR_IMPOSSIBLE);

    static const char *const round[] = {EVENT("evt_1", "a.b", ""), EVENT("evt_2", "a.b", ""),
        EVENT("evt_3", "a.b", ""), EVENT("evt_4", "a.b", ""), EVENT("evt_5", "a.b", "")};
    char cursor[16] = "";
    enum err err = ERR_OK;
    int pages = 0;
    for (; err == ERR_OK && pages < 60; pages++) {
        say_list(world, round[pages % 5], true);
        err = get_events(world, cursor, &page);
        (void)str_copy_to(cursor, sizeof cursor, page.cursor);
    }
    assert_err(err, ERR_IMPOSSIBLE);
    assert_in_range(pages, 6, 20);
    assert_non_null(strstr(world->info.text, "circles"));
}

/* --- the rest of an embedded list --- */

static enum err get_rest(struct world *world, const char *url, struct stripe_rest *ret)
{
    return stripe_api_rest_of_list(
        world->api, STR_NONE, str_from(url), STR("il_0"), world->arena, ret, &world->info);
}

static void the_rest_of_an_embedded_list_is_all_of_it(void **state)
{
    struct world *world = *state;
    say_list(world, "{\"id\":\"il_1\"} , {\"id\":\"il_2\", \"a\":1 }", true);
    say_list(world, "{\"id\":\"il_3\"}", true);
    say_list(world, "", false);
    struct stripe_rest rest = {0};
    assert_err(get_rest(world, "/v1/invoices/in_1/lines?x=y", &rest), ERR_OK);
    assert_int_equal(rest.count, 3);
    assert_str_equal_to(rest.bodies[1], "{\"id\":\"il_2\", \"a\":1 }");
    assert_str_equal_to(rest.bodies[2], "{\"id\":\"il_3\"}");
    assert_non_null(strstr(api_peer_request(world->peer, 0),
        "GET /v1/invoices/in_1/lines?limit=100&x=y&starting_after=il_0 HTTP"));
    assert_non_null(strstr(api_peer_request(world->peer, 2), "&starting_after=il_3 HTTP"));
}

static void an_element_that_comes_again_pages_later_is_impossible(void **state)
{
    struct world *world = *state;
    say_list(world, "{\"id\":\"il_1\"},{\"id\":\"il_2\"}", true);
    say_list(world, "{\"id\":\"il_1\"},{\"id\":\"il_3\"}", false);
    struct stripe_rest rest = {0};
    assert_err(get_rest(world, "/v1/invoices/in_1/lines", &rest), ERR_IMPOSSIBLE);
    assert_int_equal(rest.count, 0);
}

static void an_embedded_list_that_leads_elsewhere_is_not_followed(void **state)
{
    struct world *world = *state;
    struct stripe_rest rest = {0};
    assert_err(get_rest(world, "http://far.example/v1/x", &rest), ERR_MALFORMED);
    assert_err(get_rest(world, "", &rest), ERR_MALFORMED);
    assert_err(stripe_api_rest_of_list(
                   world->api, STR_NONE, STR("/v1/x"), STR_NONE, world->arena, &rest, &world->info),
        ERR_MALFORMED);
    assert_int_equal(api_peer_asked(world->peer), 0);
}

/* --- looking --- */

#define BALANCE(live) "{\"object\":\"balance\",\"livemode\":" live ",\"available\":[]}"

static void a_look_with_a_key_of_the_other_environment_says_so(void **state)
{
    struct world *world = *state;
    struct fetch_account account;
    api_peer_say(world->peer, 200, "", STR(BALANCE("true")));
    assert_err(
        stripe_provider.api->look(world->api, world->arena, &account, &world->info), ERR_CONFIG);
    assert_int_equal(api_peer_asked(world->peer), 1);
}

static void a_look_tells_the_account_and_the_types_of_enabled_endpoints(void **state)
{
    struct world *world = *state;
    api_peer_say(world->peer, 200, "", STR(BALANCE("false")));
    api_peer_say(world->peer, 200, "", STR("{\"id\":\"acct_own\",\"object\":\"account\"}"));
    say_list(world,
        "{\"id\":\"we_1\",\"url\":\"https://a/"
        "1\",\"status\":\"enabled\",\"enabled_events\":[\"a.b\",\"c.d\"]},"
        "{\"id\":\"we_2\",\"status\":\"disabled\",\"enabled_events\":[\"e.f\"]}",
        true);
    say_list(world, "{\"id\":\"we_3\",\"status\":\"enabled\",\"enabled_events\":[\"c.d\",\"*\"]}",
        false);
    struct fetch_account account = {0};
    assert_err(stripe_provider.api->look(world->api, world->arena, &account, &world->info), ERR_OK);
    assert_str_equal_to(account.account_key, "acct_own");
    assert_false(account.live);
    assert_true(account.endpoints_known);
    assert_int_equal(account.endpoint_count, 2);
    assert_str_equal_to(account.endpoints[0].url, "https://a/1");
    assert_int_equal(account.endpoints[0].event_type_count, 2);
    assert_str_equal_to(account.endpoints[0].event_types[0], "a.b");
    assert_str_equal_to(account.endpoints[0].event_types[1], "c.d");
    assert_int_equal(account.endpoints[1].event_type_count, 2);
    assert_str_equal_to(account.endpoints[1].event_types[1], "*");
}

static void a_key_that_may_not_look_says_so_without_an_error(void **state)
{
    struct world *world = *state;
    for (int i = 0; i < 3; i++) {
        say_error(world, 403, "", "");
    }
    struct fetch_account account = {.endpoints_known = true};
    assert_err(stripe_provider.api->look(world->api, world->arena, &account, &world->info), ERR_OK);
    assert_int_equal(account.account_key.len, 0);
    assert_false(account.endpoints_known);
    say_error(world, 401, "", "");
    assert_err(
        stripe_provider.api->look(world->api, world->arena, &account, &world->info), ERR_REFUSED);
}

/* --- opening --- */

static const struct {
    const char *base_url;
    enum err err;
} urls[] = {
    {"", ERR_OK},
    {"https://api.stripe.com", ERR_OK},
    {"https://api.stripe.com/", ERR_OK},
    {"https://proxy.example/stripe", ERR_OK},
    {"http://127.0.0.1:1", ERR_OK},
    {"http://localhost:1/", ERR_OK},
    {"http://[::1]:1", ERR_OK},
    {"http://api.stripe.com", ERR_CONFIG},
    {"http://127.0.0.1.example", ERR_CONFIG},
    {"http://192.168.0.1", ERR_CONFIG},
    {"https://user:word@api.stripe.com", ERR_CONFIG},
    {"https://api.stripe.com?a=b", ERR_CONFIG},
    {"ftp://api.stripe.com", ERR_CONFIG},
    {"api.stripe.com", ERR_CONFIG},
};

static void the_key_leaves_this_machine_only_by_tls(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct provider_api_setup says = setup_of(world);
        says.base_url = str_from(urls[i].base_url);
        struct provider_api *api = NULL;
        enum err err = stripe_provider.api->open(&says, &api, &world->info);
        assert_row(err == urls[i].err, urls[i].base_url);
        assert_row((api != NULL) == (err == ERR_OK), urls[i].base_url);
        assert_row(api == NULL || urls[i].base_url[0] != '\0' ||
                       strcmp(api->base_url, "https://api.stripe.com") == 0,
            urls[i].base_url);
        (void)stripe_provider.api->close(api);
    }
    assert_null(stripe_provider.api->close(NULL));
}

static void a_key_of_the_other_environment_opens_nothing(void **state)
{
    struct world *world = *state;
    struct provider_api_setup says = setup_of(world);
    struct provider_api *api = NULL;
    says.live = true;
    assert_err(stripe_provider.api->open(&says, &api, &world->info), ERR_CONFIG);
    says.key = STR("sk_live_1");
    assert_err(stripe_provider.api->open(&says, &api, &world->info), ERR_CONFIG);
    says.full_key_allowed = true;
    assert_err(stripe_provider.api->open(&says, &api, &world->info), ERR_OK);
    (void)stripe_provider.api->close(api);
}

#define API_TEST(function) TEST_WITH(function, setup, teardown)

TESTS_MAIN("provider/api",
    API_TEST(a_request_says_who_asks_and_in_which_version_and_nothing_else),
    API_TEST(an_account_below_is_named_and_the_own_one_is_not),
    API_TEST(one_connection_serves_all_requests),
    API_TEST(events_keep_their_bytes_and_the_cursor_goes_on),
    API_TEST(up_to_twenty_types_are_asked_for_and_more_are_picked_here),
    API_TEST(an_odd_event_hides_no_other),
    API_TEST(a_list_with_anything_of_the_other_environment_is_refused),
    API_TEST(an_object_of_the_other_environment_is_refused),
    API_TEST(an_object_gets_an_id_a_type_and_a_time_from_its_answer),
    API_TEST(what_was_not_asked_for_is_refused_and_what_differs_is_said),
    API_TEST(an_answer_from_the_future_is_not_believed),
    API_TEST(a_long_id_of_a_merchants_own_still_makes_an_event_id),
    API_TEST(ids_cannot_lead_to_another_path),
    API_TEST(objects_are_listed_by_the_time_they_were_made),
    API_TEST(each_kind_is_asked_for_at_its_own_path),
    API_TEST(a_rate_that_is_given_is_kept),
    API_TEST(trouble_is_tried_again_with_growing_waits),
    API_TEST(whoever_wants_is_told_of_each_wait),
    API_TEST(attempts_end),
    API_TEST(stripes_own_word_goes_first),
    API_TEST(a_wait_that_is_asked_for_is_kept_unless_it_is_too_long),
    API_TEST(a_lost_connection_is_made_anew),
    API_TEST(a_slow_body_costs_its_deadline),
    API_TEST(every_bad_answer_is_an_error_that_names_the_request),
    API_TEST(a_refusal_names_its_code_and_what_to_do),
    API_TEST(an_object_without_id_kind_or_date_is_none),
    API_TEST(a_huge_page_is_asked_for_in_smaller_ones),
    API_TEST(objects_too_large_together_come_in_smaller_pages),
    API_TEST(a_list_that_goes_in_circles_is_impossible),
    API_TEST(the_rest_of_an_embedded_list_is_all_of_it),
    API_TEST(an_element_that_comes_again_pages_later_is_impossible),
    API_TEST(an_embedded_list_that_leads_elsewhere_is_not_followed),
    API_TEST(a_look_with_a_key_of_the_other_environment_says_so),
    API_TEST(a_look_tells_the_account_and_the_types_of_enabled_endpoints),
    API_TEST(a_key_that_may_not_look_says_so_without_an_error),
    API_TEST(the_key_leaves_this_machine_only_by_tls),
    API_TEST(a_key_of_the_other_environment_opens_nothing))

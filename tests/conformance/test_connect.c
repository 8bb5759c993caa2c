/* What is connected to an account, on both engines: the account above and the connected one name it
 * alike, whoever is heard first; everything else that they name is their own; a replay agrees. */
#include "store/derived.h"
#include "store/shadow.h"
#include "provider/stripe/stripe.h"
#include "flow/project.h"
#include "flow/replay.h"
#include "flow/replay_compare.h"
#include "world.h"

#define EVENT(type, object)                                                                        \
    "{\"id\":\"evt_%d\",\"object\":\"event\",\"api_version\":\"2026-10-28.endive\","               \
    "\"created\":1790000000,\"livemode\":true,\"type\":\"" type "\",\"data\":{\"object\":" object  \
    "}}"
#define ACCOUNT(country)                                                                           \
    "{\"id\":\"acct_x%d\",\"object\":\"account\",\"charges_enabled\":true,\"country\":\"" country  \
    "\",\"created\":1780000000}"
#define TRANSFER                                                                                   \
    "{\"id\":\"tr_%d\",\"object\":\"transfer\",\"amount\":700,\"currency\":\"eur\",\"created\":"   \
    "1790000000,\"destination\":\"acct_x%d\"}"
#define CUSTOMER "{\"id\":\"cus_%d\",\"object\":\"customer\",\"created\":1790000000,\"name\":\"A\"}"

struct told {
    bool by_the_account_above;
    const char *type,
        *body; /* the first %d is the event's number, others the connected account's */
};
static const struct told tells[] = {
    {true, "transfer.created", EVENT("transfer.created", TRANSFER)},
    {false, "account.updated", EVENT("account.updated", ACCOUNT("DE"))},
    {true, "account.updated", EVENT("account.updated", ACCOUNT("FR"))}, /* of the same second */
    {true, "customer.created", EVENT("customer.created", CUSTOMER)},
    {false, "customer.created", EVENT("customer.created", CUSTOMER)},
};
enum { TELLS = sizeof tells / sizeof tells[0], ORDERS = 12 };

static struct str fill(struct world *world, const char *body, int event, int account)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 2048);
    struct str rest = str_from(body);
    for (int place = 0; rest.len > 0; place++) {
        buf_add(&text, str_cut(&rest, '%'));
        if (rest.len > 0) {
            buf_add_int(&text, place == 0 ? event : account);
            rest.data++; /* the d */
            rest.len--;
        }
    }
    return arena_copy(world->arena, buf_str(&text));
}

static int64_t scope_below(struct world *world, int account)
{
    char name[24];
    int64_t scope = 0;
    (void)snprintf(name, sizeof name, "acct_x%d", account);
    const struct scope_key key = {STR("stripe"), true, str_from(name)};
    world_write(world);
    assert_done(scope_ensure_below(world->store, &key, STR("acct_1"), &scope, reterr));
    world_commit(world);
    return scope;
}

static void tell(struct world *world, const struct told *told, int account)
{
    static int event_number;
    char id[32];
    (void)snprintf(id, sizeof id, "evt_%d", ++event_number);
    struct sample *sample = sample_new(world, id);
    sample->envelope.type = str_from(told->type);
    sample->envelope.api_version = STR("2026-10-28.endive");
    sample->envelope.occurred_at_us = INT64_C(1790000000) * US_PER_SECOND;
    sample->row.received_us = WORLD_NOW_US;
    if (!told->by_the_account_above) {
        sample->row.scope = scope_below(world, account);
    }
    sample_set_body(sample, fill(world, told->body, event_number, account));
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
    world_commit(world);
}

static void work_off(struct world *world, uint32_t batch_rows)
{
    CLEANUP(projector_free)
    struct projector *projector = projector_new(world->store, &stripe_provider, &world->virtual.env,
        &(struct projector_limits){.batch_rows_max = batch_rows, .lease_us = LEASE_US});
    int64_t now_us = env_now(&world->virtual.env);
    int64_t wake_us = 0;
    uint32_t count = 0;
    do {
        assert_done(project_step(projector, now_us, &count, &wake_us, reterr));
    } while (count > 0 || wake_us <= now_us);
}

/* Every account's events in an order of its own, for which chance is asked. */
static void tell_in_many_orders(struct world *world, uint32_t batch_rows)
{
    for (int account = 1; account <= ORDERS; account++) {
        int order[TELLS];
        for (int i = 0; i < TELLS; i++) {
            uint32_t chance = 0;
            env_random(&world->virtual.env, &chance, sizeof chance);
            int at = (int)(chance % (uint32_t)(i + 1));
            order[i] = order[at];
            order[at] = i;
        }
        for (int i = 0; i < TELLS; i++) {
            tell(world, &tells[order[i]], account);
        }
    }
    work_off(world, batch_rows);
}

static void assert_rows(struct world *world, int64_t count, const char *sql)
{
    if (raw_int(world, sql) != count) {
        print_error("not %lld: %s\n", (long long)count, sql);
    }
    assert_int64_equal(raw_int(world, sql), count);
}

static void assert_named_alike(struct world *world)
{
    assert_rows(
        world, 0, "SELECT count(*) FROM inbox_work WHERE status NOT IN ('applied', 'stale')");
    assert_rows(world, ORDERS, "SELECT count(*) FROM connected_account");
    assert_rows(world, ORDERS,
        "SELECT count(*) FROM transfer t JOIN connected_account a ON a.id = t.account_id "
        "JOIN provider_ref r ON r.id = a.id JOIN scope s ON s.account_key = r.provider_id "
        "WHERE r.kind = 'connected_account' AND r.scope = s.above AND a.scope = s.above "
        "AND t.scope = s.above");
    assert_rows(world, ORDERS,
        "SELECT count(*) FROM domain_event e JOIN connected_account a ON a.id = e.aggregate_id "
        "WHERE e.type = 'connected_account.opened' AND e.scope = a.scope");
}

static void an_account_is_one_thing_for_itself_and_for_the_one_above_it(void **state)
{
    struct world *world = world_of(state);
    tell_in_many_orders(world, 64);
    assert_named_alike(world);
}

static void the_same_when_each_event_comes_alone(void **state)
{
    struct world *world = world_of(state);
    tell_in_many_orders(world, 1);
    assert_named_alike(world);
}

static void what_both_say_in_one_second_is_a_tie_with_one_end(void **state)
{
    struct world *world = world_of(state);
    tell_in_many_orders(world, 3);
    assert_rows(world, ORDERS, "SELECT count(*) FROM connected_account WHERE contested = 1");
}

static void what_else_they_name_is_their_own(void **state)
{
    struct world *world = world_of(state);
    tell_in_many_orders(world, 16);
    assert_rows(world, 2 * ORDERS, "SELECT count(*) FROM customer");
    assert_rows(world, ORDERS,
        "SELECT count(*) FROM customer c JOIN scope s ON s.scope = c.scope WHERE s.above IS NULL");
}

static void print_difference(void *context, const struct replay_difference *difference)
{
    (void)context;
    print_error("a replay differs in %s\n", derived_table(difference->table));
}

static void a_replay_names_them_alike(void **state)
{
    struct world *world = world_of(state);
    tell_in_many_orders(world, 7);
    int64_t new_ids = 0;
    struct replay_comparison compared = {0};
    struct store *live = world_another(world, STORE_READ);
    struct store *shadow = world_another(world, STORE_WRITE);
    assert_done(shadow_open(shadow, reterr));
    CLEANUP(replay_free)
    struct replay *replay = replay_new(&(struct replay_setup){.live = live,
        .shadow = shadow,
        .provider = &stripe_provider,
        .env = &world->virtual.env,
        .received_to_us = INT64_MAX});
    assert_done(replay_read(replay, reterr));
    while (replay_turn(replay)) {
        assert_done(replay_read(replay, reterr));
        assert_done(replay_take(replay, reterr));
    }
    begin_on(live, STORE_READ);
    begin_on(shadow, STORE_WRITE);
    assert_done(replay_catch_up(replay, reterr));
    assert_done(replay_compare(live, shadow, print_difference, NULL, &compared, reterr));
    assert_done(shadow_new_ids(shadow, &new_ids, reterr));
    commit_on(shadow);
    commit_on(live);
    assert_int64_equal(replay_counts(replay).taken, TELLS * ORDERS);
    assert_int64_equal(compared.different, 0);
    assert_int64_equal(new_ids, 0);
    (void)store_close(live);
    (void)store_close(shadow);
}

TESTS_MAIN("connect",
    WORLD_TEST(an_account_is_one_thing_for_itself_and_for_the_one_above_it),
    WORLD_TEST(the_same_when_each_event_comes_alone),
    WORLD_TEST(what_both_say_in_one_second_is_a_tie_with_one_end),
    WORLD_TEST(what_else_they_name_is_their_own),
    WORLD_TEST(a_replay_names_them_alike))

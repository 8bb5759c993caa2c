/* What was told of incompletely is asked for, once, and the answer heals it; and which parts of a
 * whole are current does not depend on the order of what was told. Real stores, real decoder, an
 * API of the test's. */
#include "base/digest.h"
#include "base/timestamp.h"
#include "domain/part.h"
#include "store/records.h"
#include "store/refs.h"
#include "provider/stripe/stripe.h"
#include "flow/project.h"
#include "flow/refetch.h"
#include "unit/store_fixture.h"
#include "unit/testing.h"
#include <inttypes.h>

#define START_S INT64_C(1790000000)
#define START_US (START_S * US_PER_SECOND)
#define EVENTS 5

#define ITEM(id, quantity)                                                                         \
    "{\"id\":\"si_" id "\",\"object\":\"subscription_item\",\"subscription\":\"sub_1\","           \
    "\"created\":1780000000,\"quantity\":" quantity "}"
#define LIST(items, more)                                                                          \
    "{\"object\":\"list\",\"data\":[" items "],\"has_more\":" more                                 \
    ",\"url\":\"/v1/subscription_items?subscription=sub_1\"}"
#define SUBSCRIPTION(method, list)                                                                 \
    "{\"id\":\"sub_1\",\"object\":\"subscription\",\"customer\":\"cus_1\",\"status\":\"active\","  \
    "\"created\":1780000000,\"collection_method\":\"" method "\",\"items\":" list "}"

struct told {
    const char *id;
    int64_t second; /* after the start */
    const char *object, *previous;
};

struct world {
    struct store_fixture fixture;
    struct env_virtual env;
    struct arena *arena, *asking;
    struct projector *projector;
    int64_t scope;
    bool has_key;
    /* of the provider's API */
    enum err api_err;
    const char *answer;
    int64_t answer_s; /* its Date */
    uint32_t asked;
    enum id_kind asked_kind;
    const char *bad; /* begins the ids that answer `api_err`; empty: all do */
    bool is_cut;
    bool asks_inside;           /* another node asks while this one does */
    uint32_t told;              /* of trouble */
    struct ask_trouble trouble; /* the last one */
    char trouble_text[128];
    const struct told *meanwhile; /* is told of while it answers */
};
static struct world *current; /* the port's api has no context of a test's */
static struct provider_ops provider;

static enum err ask(struct world *world, struct refetch_counts *ret);
static void tell(struct world *world, const struct told *told);
static void work(struct world *world);

/* "acct_": all of an account's. */
static bool below_is_bad(const struct world *world, struct str below)
{
    return below.len > 0 && str_starts_with(str_from(world->bad), STR("acct_")) &&
           str_eq(below, str_from(world->bad));
}

static enum err object(struct provider_api *api,
    struct str below,
    enum id_kind kind,
    struct str provider_id,
    struct arena *arena,
    struct fetched *ret,
    struct err_info *reterr)
{
    struct world *world = current;
    (void)api;
    world->asked++;
    world->asked_kind = kind;
    if (world->asks_inside) {
        struct refetch_counts counts;
        world->asks_inside = false;
        assert_err(ask(world, &counts), ERR_OK);
    }
    if (world->api_err != ERR_OK &&
        (below_is_bad(world, below) || str_starts_with(provider_id, str_from(world->bad)))) {
        return err_set(reterr, world->api_err, "as the test wants it");
    }
    if (world->meanwhile != NULL) {
        tell(world, world->meanwhile);
        work(world);
    }
    char id[64];
    (void)snprintf(
        id, sizeof id, STR_FMT "@%" PRId64, STR_ARG(provider_id), START_S + world->answer_s);
    *ret = (struct fetched){.body = str_from(world->answer),
        .is_cut = world->is_cut,
        .envelope = {.event_id = arena_copy(arena, str_from(id)),
            .type = STR("fetched.subscription"),
            .api_version = STR("2026-10-28.endive"),
            .live = true,
            .occurred_at_us = START_US + world->answer_s * US_PER_SECOND,
            .proof_at_us = START_US}};
    sha256(ret->body, ret->envelope.body_sha256);
    memcpy(ret->envelope.content_sha256, ret->envelope.body_sha256, SHA256_BYTES);
    return ERR_OK;
}

static const struct provider_api_ops api_ops = {.object = object};
static const struct account account = {
    .says = {.name = {"acme", 4}, .account_key = {"acct_1", 6}, .live = true},
    .provider = &provider,
    .reads = {.key = {"key", 3}},
};
static const struct account other_account = {
    .says = {.name = {"other", 5}, .account_key = {"acct_2", 6}, .live = true},
    .provider = &provider,
    .reads = {.key = {"key", 3}},
};

static const struct account *account_of(
    void *context, struct str root_key, bool live, struct provider_api **ret_api)
{
    struct world *world = context;
    assert_true(live);
    *ret_api = NULL;
    return !world->has_key                   ? NULL
           : str_eq(root_key, STR("acct_1")) ? &account
           : str_eq(root_key, STR("acct_2")) ? &other_account
                                             : NULL;
}

static void on_trouble(void *context, const struct ask_trouble *trouble)
{
    struct world *world = context;
    world->told++;
    world->trouble = *trouble;
    (void)snprintf(world->trouble_text, sizeof world->trouble_text, STR_FMT " %s " STR_FMT " %s",
        STR_ARG(trouble->account), id_kind_word(trouble->kind), STR_ARG(trouble->provider_id),
        trouble->text);
}

static int64_t scope_named(struct world *world, const char *name)
{
    int64_t scope = 0;
    assert_done(store_begin(world->fixture.store, STORE_WRITE, reterr));
    assert_done(scope_ensure(world->fixture.store,
        &(struct scope_key){STR("stripe"), true, str_from(name)}, &scope, reterr));
    assert_done(store_commit(world->fixture.store, reterr));
    return scope;
}

static int open_world(void **state, const char *engine)
{
    static struct world world;
    world = (struct world){
        .arena = arena_new(1 << 26), .asking = arena_new(1 << 24), .has_key = true, .bad = ""};
    current = &world;
    provider = stripe_provider;
    provider.api = &api_ops;
    store_fixture_open(&world.fixture, engine);
    (void)env_virtual_init(&world.env, START_US + 60 * US_PER_SECOND, test_seed());
    world.projector = projector_new(world.fixture.store, &provider, &world.env.env,
        &(struct projector_limits){.batch_rows_max = 16, .lease_us = 60 * US_PER_SECOND});
    world.scope = scope_named(&world, "acct_1");
    *state = &world;
    return 0;
}

static int open_sqlite(void **state)
{
    return open_world(state, "sqlite");
}

static int open_postgres(void **state)
{
    return open_world(state, "postgresql");
}

static int close_world(void **state)
{
    struct world *world = *state;
    (void)projector_free(world->projector);
    store_fixture_close(&world->fixture);
    (void)arena_free(world->arena);
    (void)arena_free(world->asking);
    return 0;
}

static void tell(struct world *world, const struct told *told)
{
    char body[4096];
    int len = snprintf(body, sizeof body,
        "{\"id\":\"evt_%s\",\"object\":\"event\",\"api_version\":\"2026-10-28.endive\","
        "\"created\":%" PRId64 ",\"livemode\":true,\"type\":\"customer.subscription.updated\","
        "\"data\":{\"object\":%s%s%s}}",
        told->id, START_S + told->second, told->object,
        told->previous == NULL ? "" : ",\"previous_attributes\":",
        told->previous == NULL ? "" : told->previous);
    assert_in_range(len, 1, sizeof body - 1);
    struct envelope envelope;
    struct str text = {body, (size_t)len};
    assert_err(stripe_envelope_read(text, true, world->arena, &envelope), ERR_OK);
    sha256(text, envelope.body_sha256);
    struct inbox_append row = {.scope = world->scope,
        .envelope = &envelope,
        .body = text,
        .proof = STR("test"),
        .received_us = env_now(&world->env.env)};
    assert_done(store_begin(world->fixture.store, STORE_WRITE, reterr));
    assert_done(inbox_append(world->fixture.store, world->arena, &row, 1, reterr));
    assert_done(store_commit(world->fixture.store, reterr));
}

static void work(struct world *world)
{
    int64_t wake_us = 0;
    uint32_t count = 1;
    int64_t now_us = env_now(&world->env.env);
    while (count > 0 || wake_us <= now_us) {
        assert_done(project_step(world->projector, now_us, &count, &wake_us, reterr));
    }
}

static enum err ask(struct world *world, struct refetch_counts *ret)
{
    const struct refetch_setup setup = {
        .store = world->fixture.store,
        .env = &world->env.env,
        .account_of = account_of,
        .on_trouble = on_trouble,
        .context = world,
        .arena = world->asking,
    };
    bool more = false;
    return refetch_step(&setup, ret, &more, NULL);
}

static struct refetch_stats stats_of(struct world *world)
{
    struct refetch_stats stats;
    assert_done(store_begin(world->fixture.store, STORE_READ, reterr));
    assert_done(refetch_stats(world->fixture.store, &stats, reterr));
    (void)store_rollback(world->fixture.store);
    return stats;
}

static void assert_open(struct world *world, int64_t contested, int64_t cut)
{
    struct refetch_stats stats = stats_of(world);
    assert_int64_equal(stats.open[REFETCH_CONTESTED], contested);
    assert_int64_equal(stats.open[REFETCH_CUT], cut);
}

/* NULL: there is none. */
static const void *record_of(struct world *world, enum id_kind kind, const char *provider_id)
{
    struct own_id id;
    int64_t found = 0;
    void **records = NULL;
    assert_done(store_begin(world->fixture.store, STORE_READ, reterr));
    enum err err = ref_find(
        world->fixture.store, world->scope, kind, str_from(provider_id), &id, &found, NULL);
    if (err == ERR_OK) {
        assert_done(records_load(world->fixture.store, record_kind_of(kind), &id, 1, false,
            world->arena, &records, reterr));
    }
    (void)store_rollback(world->fixture.store);
    return err == ERR_OK ? records[0] : NULL;
}

static const struct subscription *subscription(struct world *world)
{
    return record_of(world, ID_SUBSCRIPTION, "sub_1");
}

/* The letters of the items that are current. */
static void current_items(struct world *world, char to[27])
{
    const void *whole = subscription(world);
    size_t len = 0;
    for (char letter = 'a'; letter <= 'z'; letter++) {
        char id[] = {'s', 'i', '_', letter, '\0'};
        const void *item = record_of(world, ID_SUBSCRIPTION_ITEM, id);
        if (item != NULL && part_is_current(part_kind_of(ID_SUBSCRIPTION_ITEM), whole, item)) {
            to[len++] = letter;
        }
    }
    to[len] = '\0';
}

static void assert_current(struct world *world, const char *letters)
{
    char found[27];
    current_items(world, found);
    assert_string_equal(found, letters);
}

static void later(struct world *world, int64_t us)
{
    world->env.clock_us += us;
}

/* --- which parts are current --- */

#define AB LIST(ITEM("a", "1") "," ITEM("b", "1"), "false")
#define A LIST(ITEM("a", "1"), "false")

static const struct life {
    const char *name;
    struct told told[EVENTS];
    const char *current;
} lives[] = {
    {"what a later whole list lacks is gone",
        {{"1", 1, SUBSCRIPTION("x", AB), NULL}, {"2", 2, SUBSCRIPTION("x", A), NULL}}, "a"},
    {"a list that is cut off takes nothing away, and adds what it names",
        {{"1", 1, SUBSCRIPTION("x", AB), NULL},
            {"2", 2, SUBSCRIPTION("x", LIST(ITEM("c", "1"), "true")), NULL}},
        "abc"},
    {"what was named before the whole list only is gone, whatever is cut off later",
        {{"1", 1, SUBSCRIPTION("x", LIST(ITEM("z", "1"), "true")), NULL},
            {"2", 2, SUBSCRIPTION("x", AB), NULL},
            {"3", 3, SUBSCRIPTION("y", LIST(ITEM("a", "2"), "true")), NULL}},
        "ab"},
    {"removed within the second in which it was added",
        {{"1", 1, SUBSCRIPTION("x", AB), NULL},
            {"2", 1, SUBSCRIPTION("x", A), "{\"items\":" AB "}"}},
        "a"},
    {"added within the second, to what was changed in it too",
        {{"1", 1, SUBSCRIPTION("x", A), NULL},
            {"2", 1, SUBSCRIPTION("y", A), "{\"collection_method\":\"x\"}"},
            {"3", 1, SUBSCRIPTION("y", AB), "{\"items\":" A ",\"collection_method\":\"y\"}"}},
        "ab"},
    {"removed within a second that is over, before a list that is cut off",
        {{"1", 1, SUBSCRIPTION("x", AB), NULL},
            {"2", 1, SUBSCRIPTION("x", A), "{\"items\":" AB "}"},
            {"3", 2, SUBSCRIPTION("y", LIST(ITEM("c", "1"), "true")), NULL}},
        "ac"},
    {"removed, and then more than a list shows, in one second",
        {{"1", 1, SUBSCRIPTION("x", AB), NULL},
            {"2", 1, SUBSCRIPTION("x", A), "{\"items\":" AB "}"},
            {"3", 1, SUBSCRIPTION("x", LIST(ITEM("c", "1"), "true")), "{\"items\":" A "}"}},
        "ac"},
    {"a snapshot without its list says nothing of parts",
        {{"1", 1, SUBSCRIPTION("x", AB), NULL}, {"2", 2, SUBSCRIPTION("y", "null"), NULL}}, "ab"},
};

static void check_order(
    struct world *world, const struct life *life, const uint32_t *order, uint32_t count)
{
    static int number;
    char name[32];
    (void)snprintf(name, sizeof name, "order-%d", ++number);
    world->scope = scope_named(world, name);
    for (uint32_t i = 0; i < count; i++) {
        tell(world, &life->told[order[i]]);
        if (number % 2 == 0) {
            work(world); /* else all in one batch */
        }
    }
    work(world);
    char found[27];
    current_items(world, found);
    assert_row(strcmp(found, life->current) == 0, life->name);
    assert_row(!subscription(world)->contested, life->name);
}

static void check_orders(
    struct world *world, const struct life *life, uint32_t *order, uint32_t from, uint32_t count)
{
    if (from == count) {
        check_order(world, life, order, count);
    }
    for (uint32_t i = from; i < count; i++) {
        uint32_t first = order[from];
        order[from] = order[i];
        order[i] = first;
        check_orders(world, life, order, from + 1, count);
        order[i] = order[from];
        order[from] = first;
    }
}

static void parts_are_current_whatever_the_order(void **state)
{
    struct world *world = *state;
    for (size_t i = 0; i < sizeof lives / sizeof lives[0]; i++) {
        uint32_t order[EVENTS] = {0, 1, 2, 3, 4};
        uint32_t count = 0;
        while (count < EVENTS && lives[i].told[count].id != NULL) {
            count++;
        }
        check_orders(world, &lives[i], order, 0, count);
    }
}

/* --- asking --- */

static const struct told one = {"1", 1, SUBSCRIPTION("x", A), NULL};
static const struct told other = {"2", 1, SUBSCRIPTION("y", A), NULL};
static const struct told cut = {"3", 3, SUBSCRIPTION("x", LIST(ITEM("a", "1"), "true")), NULL};

static void what_is_contested_is_asked_for_once_and_healed(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    tell(world, &one);
    tell(world, &other);
    work(world);
    assert_true(subscription(world)->contested);
    assert_open(world, 1, 0);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 0); /* not before the wait is over */

    world->answer = SUBSCRIPTION("z", A);
    world->answer_s = 7;
    later(world, REFETCH_WAIT_US);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.fetched, 1);
    assert_int_equal(world->asked_kind, ID_SUBSCRIPTION);
    assert_open(world, 0, 0);
    work(world);
    assert_false(subscription(world)->contested);
    assert_string_equal(subscription(world)->collection_method, "z");

    later(world, 60 * US_PER_SECOND);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 1);
}

static void an_answer_that_is_no_younger_is_asked_for_again(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    tell(world, &one);
    tell(world, &other);
    work(world);
    world->answer = SUBSCRIPTION("z", A);
    world->answer_s = 1; /* of the second that is contested */
    later(world, REFETCH_WAIT_US);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.put_off, 1);
    assert_open(world, 1, 0);
    world->answer_s = 2;
    later(world, 30 * US_PER_SECOND);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.fetched, 1);
    work(world);
    assert_false(subscription(world)->contested);
}

static void a_list_that_is_cut_off_is_asked_for_until_it_was_seen_whole(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    tell(world, &cut);
    work(world);
    assert_open(world, 0, 1);
    assert_current(world, "a");
    world->answer = SUBSCRIPTION("x", LIST(ITEM("a", "1") "," ITEM("b", "1"), "false"));
    world->answer_s = 9;
    later(world, REFETCH_WAIT_US);
    assert_err(ask(world, &counts), ERR_OK);
    work(world);
    assert_current(world, "ab");
    assert_open(world, 0, 0);

    tell(world, &(struct told){"4", 20, SUBSCRIPTION("x", LIST(ITEM("a", "1"), "true")), NULL});
    work(world);
    assert_current(world, "ab");
    assert_open(world, 0, 1); /* b may have been removed */
    world->answer = SUBSCRIPTION("x", A);
    world->answer_s = 29;
    later(world, REFETCH_WAIT_US);
    assert_err(ask(world, &counts), ERR_OK);
    work(world);
    assert_current(world, "a");
}

static void an_answer_that_is_cut_off_too_is_not_asked_for_again(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    tell(world, &cut);
    work(world);
    world->answer = SUBSCRIPTION("x", LIST(ITEM("a", "1") "," ITEM("b", "1"), "true"));
    world->answer_s = 9;
    later(world, REFETCH_WAIT_US);
    assert_err(ask(world, &counts), ERR_OK);
    work(world);
    assert_open(world, 0, 0);
    assert_current(world, "ab");
}

static void an_older_list_that_is_cut_off_is_not_asked_for(void **state)
{
    struct world *world = *state;
    tell(world, &(struct told){"4", 4, SUBSCRIPTION("x", AB), NULL});
    work(world);
    tell(world, &cut);
    work(world);
    assert_open(world, 0, 0);
}

static void a_part_that_is_contested_is_asked_for_with_its_whole(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    tell(world, &(struct told){"1", 1, SUBSCRIPTION("x", LIST(ITEM("a", "1"), "false")), NULL});
    tell(world, &(struct told){"2", 1, SUBSCRIPTION("x", LIST(ITEM("a", "2"), "false")), NULL});
    work(world);
    const struct subscription_item *item = record_of(world, ID_SUBSCRIPTION_ITEM, "si_a");
    assert_true(item->contested);
    assert_false(subscription(world)->contested);
    assert_open(world, 1, 0);
    world->answer = SUBSCRIPTION("x", LIST(ITEM("a", "2"), "false"));
    world->answer_s = 9;
    later(world, REFETCH_WAIT_US);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked_kind, ID_SUBSCRIPTION);
    work(world);
    item = record_of(world, ID_SUBSCRIPTION_ITEM, "si_a");
    assert_false(item->contested);
    assert_int64_equal(item->quantity, 2);
}

/* The whole is: nothing says whether b was added or removed. */
static void a_part_that_is_the_same_in_both_lists_is_not_contested(void **state)
{
    struct world *world = *state;
    tell(world, &(struct told){"1", 1, SUBSCRIPTION("x", AB), NULL});
    tell(world, &(struct told){"2", 1, SUBSCRIPTION("x", A), NULL});
    work(world);
    const struct subscription_item *item = record_of(world, ID_SUBSCRIPTION_ITEM, "si_a");
    assert_true(subscription(world)->contested);
    assert_false(item->contested);
    assert_true(part_is_current(part_kind_of(ID_SUBSCRIPTION_ITEM), subscription(world), item));
}

static void without_a_key_it_waits_and_is_one(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    world->has_key = false;
    tell(world, &cut);
    work(world);
    tell(world, &(struct told){"4", 4, SUBSCRIPTION("y", LIST(ITEM("a", "1"), "true")), NULL});
    work(world);
    later(world, REFETCH_WAIT_US);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int64_equal(counts.open, 1);
    assert_int_equal(world->asked, 0);
    assert_open(world, 0, 1);
    world->has_key = true; /* and then it is asked for */
    world->answer = SUBSCRIPTION("y", AB);
    world->answer_s = 9;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.fetched, 1);
}

static void what_is_gone_is_not_asked_for_again(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    tell(world, &cut);
    work(world);
    world->api_err = ERR_NOT_FOUND;
    later(world, REFETCH_WAIT_US);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.given_up, 1);
    assert_open(world, 0, 0);
    assert_int64_equal(stats_of(world).given_up, 1);
    assert_int_equal(world->trouble.end, ASK_GIVEN_UP);
    assert_string_equal(world->trouble_text, "acme subscription sub_1 as the test wants it");
    later(world, 365 * US_PER_DAY);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 1);

    tell(world, &(struct told){"9", 9, SUBSCRIPTION("y", LIST(ITEM("a", "1"), "true")), NULL});
    work(world);
    assert_open(world, 0, 1); /* a newer need begins anew */
    assert_int64_equal(stats_of(world).given_up, 0);
    later(world, REFETCH_WAIT_US);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 2);
}

static void a_refused_key_leaves_it_for_later(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    tell(world, &cut);
    work(world);
    world->api_err = ERR_REFUSED;
    later(world, REFETCH_WAIT_US);
    assert_err(ask(world, &counts), ERR_OK);
    assert_err(world->trouble.err, ERR_REFUSED);
    assert_int_equal(world->trouble.end, ASK_PUT_OFF);
    assert_int64_equal(world->trouble.again_in_us, 30 * US_PER_SECOND);
    assert_string_equal(world->trouble_text, "acme subscription sub_1 as the test wants it");
    assert_int_equal(counts.put_off, 1);
    assert_int64_equal(stats_of(world).failed[REFETCH_CUT], 1);
    assert_err(ask(world, &counts), ERR_OK); /* it is not due */
    assert_int_equal(world->asked, 1);
    later(world, 30 * US_PER_SECOND);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 2);
    later(world, 59 * US_PER_SECOND);
    assert_err(ask(world, &counts), ERR_OK); /* the second wait is twice as long */
    assert_int_equal(world->asked, 2);
    assert_int_equal(world->told, 1); /* for the same reason: once */
    world->api_err = ERR_MALFORMED;
    later(world, US_PER_SECOND);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->told, 2);
}

static void want(struct world *world, enum id_kind kind, const char *provider_id)
{
    struct refetch_want one_want = {
        world->scope, kind, str_from(provider_id), REFETCH_CONTESTED, START_US};
    assert_done(store_begin(world->fixture.store, STORE_WRITE, reterr));
    assert_done(refetch_want(world->fixture.store, &one_want, 1, START_US, START_US, reterr));
    assert_done(store_commit(world->fixture.store, reterr));
}

static void want_below(struct world *world, const char *account_key, const char *provider_id)
{
    int64_t own = world->scope;
    assert_done(store_begin(world->fixture.store, STORE_WRITE, reterr));
    assert_done(scope_ensure_below(world->fixture.store,
        &(struct scope_key){STR("stripe"), true, str_from(account_key)}, STR("acct_1"),
        &world->scope, reterr));
    assert_done(store_commit(world->fixture.store, reterr));
    want(world, ID_CUSTOMER, provider_id);
    world->scope = own;
}

/* What is refused of one object may be given of another of its kind. */
static void a_refusal_puts_off_only_what_was_refused(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    want(world, ID_CUSTOMER, "bad_1");
    want(world, ID_CUSTOMER, "cus_2");
    want(world, ID_CUSTOMER, "cus_3");
    world->api_err = ERR_REFUSED;
    world->bad = "bad";
    world->answer = "{}";
    world->answer_s = 9;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.fetched, 2);
    assert_int_equal(counts.put_off, 1);
    assert_open(world, 1, 0);
}

static void a_kind_that_is_refused_is_asked_for_a_few_at_a_time_and_holds_up_no_other(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    for (int i = 0; i < 40; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "bad_%02d", i);
        want(world, ID_CUSTOMER, id);
    }
    want(world, ID_INVOICE, "in_1");
    world->api_err = ERR_REFUSED;
    world->bad = "bad";
    world->answer = "{}";
    world->answer_s = 9;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.put_off, 3);
    assert_int_equal(counts.fetched, 1);
    assert_int64_equal(stats_of(world).failed[REFETCH_CONTESTED], 3);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int64_equal(stats_of(world).failed[REFETCH_CONTESTED], 6); /* others */
}

/* Else a busy object would never have its turn, and an old need would hide a newer one. */
static void a_newer_want_stands_and_comes_no_later(void **state)
{
    struct world *world = *state;
    struct refetch_row *rows = NULL;
    uint32_t count = 0;
    struct refetch_want wants[] = {
        {world->scope, ID_CUSTOMER, STR("cus_1"), REFETCH_CONTESTED, 5},
        {world->scope, ID_CUSTOMER, STR("cus_1"), REFETCH_CUT, 9},
        {world->scope, ID_CUSTOMER, STR("cus_2"), REFETCH_CUT, 1},
    };
    assert_done(store_begin(world->fixture.store, STORE_WRITE, reterr));
    assert_done(refetch_want(world->fixture.store, wants, 3, 100, 200, reterr));
    struct refetch_want older = {world->scope, ID_CUSTOMER, STR("cus_1"), REFETCH_CONTESTED, 8};
    struct refetch_want newer = {world->scope, ID_CUSTOMER, STR("cus_2"), REFETCH_CONTESTED, 2};
    assert_done(refetch_want(world->fixture.store, &older, 1, 300, 400, reterr));
    assert_done(refetch_want(world->fixture.store, &newer, 1, 300, 400, reterr));
    assert_done(refetch_due(
        world->fixture.store, world->scope, 200, 9, world->arena, &rows, &count, reterr));
    (void)store_rollback(world->fixture.store);
    assert_int_equal(count, 2);
    assert_str_equal_to(rows[0].want.provider_id, "cus_1");
    assert_int64_equal(rows[0].want.since_us, 9);
    assert_int_equal(rows[0].want.why, REFETCH_CUT);
    assert_str_equal_to(rows[1].want.provider_id, "cus_2");
    assert_int64_equal(rows[1].want.since_us, 2);
    assert_int_equal(rows[1].want.why, REFETCH_CONTESTED);
}

static void while_the_provider_is_away_one_is_put_off_and_other_accounts_go_on(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    int64_t own = world->scope;
    want(world, ID_CUSTOMER, "bad_1");
    want(world, ID_CUSTOMER, "cus_1");
    world->scope = scope_named(world, "acct_2");
    want(world, ID_CUSTOMER, "cus_2");
    world->scope = own;
    world->api_err = ERR_NET_IO;
    world->bad = "bad";
    world->answer = "{}";
    world->answer_s = 9;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 2); /* nothing more of the first account */
    assert_int_equal(counts.put_off, 1);
    assert_int_equal(counts.fetched, 1);
    assert_err(ask(world, &counts), ERR_OK); /* the other objects of it */
    assert_int_equal(counts.fetched, 1);
    assert_open(world, 1, 0);
}

/* Its rows are due before the others' for ever: each step asks for another of them. */
static void a_connected_account_that_fails_holds_up_no_other(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    uint32_t fetched = 0;
    for (int i = 0; i < 100; i++) {
        char id[16];
        (void)snprintf(id, sizeof id, "cus_%02d", i);
        want_below(world, "acct_bad", id);
    }
    want_below(world, "acct_good", "cus_of_good");
    world->api_err = ERR_NET_IO;
    world->bad = "acct_bad";
    world->answer = "{}";
    world->answer_s = 9;
    for (int i = 0; i < 60 && fetched == 0; i++) {
        assert_err(ask(world, &counts), ERR_OK);
        fetched += counts.fetched;
    }
    assert_int_equal(fetched, 1);
}

static void what_always_fails_is_given_up_in_the_end(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts = {0};
    want(world, ID_CUSTOMER, "cus_1");
    world->api_err = ERR_NET_IO;
    for (int i = 0; i < ASK_ATTEMPTS_MAX; i++) {
        assert_int64_equal(stats_of(world).given_up, 0);
        assert_err(ask(world, &counts), ERR_OK);
        later(world, US_PER_DAY);
    }
    assert_int_equal(counts.given_up, 1);
    assert_int64_equal(stats_of(world).given_up, 1);
    assert_open(world, 0, 0);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, ASK_ATTEMPTS_MAX);
}

static void what_one_node_asks_for_no_other_does(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    want(world, ID_CUSTOMER, "cus_1");
    world->answer = "{}";
    world->answer_s = 9;
    world->asks_inside = true;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 1);
    assert_int_equal(counts.fetched, 1);
}

static void of_two_nodes_that_listed_it_one_claims_it(void **state)
{
    struct world *world = *state;
    struct store *store = world->fixture.store;
    struct refetch_row *rows = NULL;
    uint32_t count = 0;
    bool claimed = false;
    want(world, ID_CUSTOMER, "cus_1");
    assert_done(store_begin(store, STORE_WRITE, reterr));
    assert_done(refetch_due(store, world->scope, START_US, 9, world->arena, &rows, &count, reterr));
    assert_done(refetch_claim(store, &rows[0], START_US + 1, &claimed, reterr));
    assert_true(claimed);
    assert_done(refetch_claim(store, &rows[0], START_US + 2, &claimed, reterr));
    assert_false(claimed);
    (void)store_rollback(store);
}

static void a_node_that_ended_while_it_asked_leaves_it_to_others(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    want(world, ID_CUSTOMER, "cus_1");
    world->answer = "{}";
    world->answer_s = 9;
    world->api_err = ERR_CLOSED;
    assert_err(ask(world, &counts), ERR_CLOSED);
    assert_int64_equal(stats_of(world).failed[REFETCH_CONTESTED], 0);
    world->api_err = ERR_OK;
    later(world, ASK_CLAIM_US - 1);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(world->asked, 1);
    later(world, 1);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.fetched, 1);
}

static void a_list_that_is_longer_than_is_read_is_said(void **state)
{
    struct world *world = *state;
    struct refetch_counts counts;
    want(world, ID_CUSTOMER, "cus_1");
    world->answer = "{}";
    world->answer_s = 9;
    world->is_cut = true;
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.fetched, 1);
    assert_int_equal(world->trouble.end, ASK_CUT);
}

static void what_is_wanted_anew_while_it_is_asked_for_stays_wanted(void **state)
{
    static const struct told newer = {
        "5", 30, SUBSCRIPTION("x", LIST(ITEM("c", "1"), "true")), NULL};
    struct world *world = *state;
    struct refetch_counts counts;
    tell(world, &cut);
    work(world);
    world->meanwhile = &newer;
    world->answer = SUBSCRIPTION("x", AB);
    world->answer_s = 9;
    later(world, REFETCH_WAIT_US);
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.fetched, 0);
    assert_open(world, 0, 1);
    world->meanwhile = NULL;
    world->answer_s = 31;
    later(world, REFETCH_WAIT_US); /* it is not held by the claim */
    assert_err(ask(world, &counts), ERR_OK);
    assert_int_equal(counts.fetched, 1);
    work(world);
    assert_current(world, "ab");
}

#define ON_BOTH(function)                                                                          \
    TEST_WITH(function, open_sqlite, close_world), TEST_WITH(function, open_postgres, close_world)

TESTS_MAIN("flow/refetch",
    ON_BOTH(parts_are_current_whatever_the_order),
    ON_BOTH(what_is_contested_is_asked_for_once_and_healed),
    ON_BOTH(an_answer_that_is_no_younger_is_asked_for_again),
    ON_BOTH(a_list_that_is_cut_off_is_asked_for_until_it_was_seen_whole),
    ON_BOTH(an_answer_that_is_cut_off_too_is_not_asked_for_again),
    ON_BOTH(an_older_list_that_is_cut_off_is_not_asked_for),
    ON_BOTH(a_part_that_is_contested_is_asked_for_with_its_whole),
    ON_BOTH(a_part_that_is_the_same_in_both_lists_is_not_contested),
    ON_BOTH(without_a_key_it_waits_and_is_one),
    ON_BOTH(what_is_gone_is_not_asked_for_again),
    ON_BOTH(a_refused_key_leaves_it_for_later),
    ON_BOTH(a_refusal_puts_off_only_what_was_refused),
    ON_BOTH(a_kind_that_is_refused_is_asked_for_a_few_at_a_time_and_holds_up_no_other),
    ON_BOTH(a_newer_want_stands_and_comes_no_later),
    ON_BOTH(while_the_provider_is_away_one_is_put_off_and_other_accounts_go_on),
    ON_BOTH(a_connected_account_that_fails_holds_up_no_other),
    ON_BOTH(what_always_fails_is_given_up_in_the_end),
    ON_BOTH(what_one_node_asks_for_no_other_does),
    ON_BOTH(of_two_nodes_that_listed_it_one_claims_it),
    ON_BOTH(a_node_that_ended_while_it_asked_leaves_it_to_others),
    ON_BOTH(a_list_that_is_longer_than_is_read_is_said),
    ON_BOTH(what_is_wanted_anew_while_it_is_asked_for_stays_wanted))

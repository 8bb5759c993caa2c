/* flow/reconcile.h, the second look: what could not be asked for, or is not decided yet, is not
 * missing. The provider is a function, the store is real. */
#include "store/journal.h"
#include "flow/reconcile.h"
#include "flow/submit.h"
#include "unit/flow/paged_statement.h"
#include "world.h"

#define NOW_US (WORLD_NOW_US + 40 * US_PER_DAY) /* events of the days are no longer listed */
#define STEPS_MAX 200

static const struct currency eur = {"EUR"};
static const struct own_id no_id;

static struct {
    enum err object, look; /* how asking ends */
    uint32_t asked;
} answers;

static enum err object(struct provider_api *api,
    struct str account,
    enum id_kind kind,
    struct str provider_id,
    struct arena *arena,
    struct fetched *ret_fetched,
    struct err_info *reterr)
{
    (void)api;
    (void)account;
    (void)kind;
    (void)arena;
    answers.asked++;
    *ret_fetched = (struct fetched){.body = STR("{}"),
        .envelope = {.event_id = provider_id,
            .type = STR("fetched.charge"),
            .occurred_at_us = NOW_US + US_PER_SECOND}};
    return answers.object == ERR_OK ? ERR_OK : err_set(reterr, answers.object, "no object");
}

static enum err look(struct provider_api *api,
    struct arena *arena,
    struct fetch_account *ret_account,
    struct err_info *reterr)
{
    (void)api;
    (void)arena;
    *ret_account = (struct fetch_account){.live = false};
    return answers.look == ERR_OK ? ERR_OK : err_set(reterr, answers.look, "no answer");
}

static const struct provider_api_ops api_ops = {.object = object, .look = look};
static const struct provider_ops provider = {
    .name = "words", .statement = &told_ops, .api = &api_ops};

/* Attempts that no line is about, each with an id that can be asked for. */
static void add_attempts(struct world *world, int64_t scope, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        char name[16];
        struct payment *payment = payment_new(world);
        struct attempt *attempt = attempt_new(world, payment->head.id);
        (void)snprintf(name, sizeof name, "ch_%u", i);
        struct ref ref = {scope, ID_ATTEMPT, str_from(name), attempt->head.id, false};
        attempt->head.scope = payment->head.scope = scope;
        attempt->state = ATTEMPT_SUCCEEDED;
        attempt->made_at = attempt->said_at = WORLD_NOW_US;
        (void)str_copy_to(attempt->method, sizeof attempt->method, STR("card"));
        struct posting postings[2] = {{ACCOUNT_CLEARING_PAYMENT, attempt->head.id, eur, 100},
            {ACCOUNT_SALES, no_id, eur, -100}};
        struct journal_entry entry = {.scope = scope,
            .stream = STREAM_BUSINESS,
            .subject_kind = ID_PAYMENT,
            .subject = payment->head.id,
            .effective_us = WORLD_NOW_US,
            .recorded_us = WORLD_NOW_US,
            .postings = postings,
            .posting_count = 2};
        world_save(world, ID_PAYMENT, payment);
        world_save(world, ID_ATTEMPT, attempt);
        world_write(world);
        assert_done(refs_resolve(world->store, world->arena, &ref, 1, reterr));
        assert_done(journal_append(world->store, &entry, 1, reterr));
        world_commit(world);
    }
}

/* Walks a run of books in which `count` attempts have not cleared. */
static enum err walked(void **state, uint32_t count, int64_t *ret_open, struct err_info *ret_info)
{
    static int here; /* the api of the port is never looked into */
    struct world *world = world_of(state);
    struct env_virtual env;
    struct account account = told_account;
    int64_t scope = 0;
    enum reconcile_stage stage = RECONCILE_PULL_EVENTS;
    account.provider = &provider;
    told = (struct told){.page_size = 4};
    (void)env_virtual_init(&env, NOW_US, 1);
    world_write(world);
    assert_done(submit_scope(world->store, &account, STR(""), &scope, reterr));
    world_commit(world);
    add_attempts(world, scope, count);
    struct arena *arena = arena_new((size_t)256 * 1024 * 1024);
    const struct reconcile_setup setup = {.store = world->store,
        .account = &account,
        .api = (struct provider_api *)(void *)&here,
        .env = &env.env,
        .zone = STR("UTC"),
        .who = STR("a test"),
        .from_us = WORLD_NOW_US,
        .to_us = WORLD_NOW_US + US_PER_DAY,
        .as_of_us = WORLD_NOW_US + 30 * US_PER_DAY,
        .arena = arena};
    struct reconcile *run = reconcile_new(&setup);
    enum err err = ERR_OK;
    for (int steps = 0; err == ERR_OK && stage != RECONCILE_DONE; steps++) {
        assert_true(steps < STEPS_MAX * 10);
        err = reconcile_step(run, &stage, ret_info);
    }
    *ret_open = err == ERR_OK ? reconcile_report(run)->open_total : -1;
    (void)reconcile_free(run);
    (void)arena_free(arena);
    return err;
}

static void without_the_provider_nothing_is_said_to_be_missing(void **state)
{
    int64_t open = 0;
    struct err_info info = {""};
    answers.object = answers.look = ERR_NET_IO;
    assert_err(walked(state, 2, &open, &info), ERR_NET_IO);
    assert_string_equal(info.text, "no answer");
}

static void a_provider_that_has_no_answer_for_many_objects_tells_nothing_of_them(void **state)
{
    int64_t open = 0;
    answers.object = ERR_NET_IO;
    answers.look = ERR_OK;
    assert_err(walked(state, 5, &open, NULL), ERR_NET_IO);
}

static void one_object_that_always_fails_holds_up_no_run(void **state)
{
    int64_t open = 0;
    answers.object = ERR_NET_IO;
    answers.look = ERR_OK;
    assert_err(walked(state, 2, &open, NULL), ERR_OK);
    assert_int64_equal(open, 3); /* and the balance, which no line makes */
}

static void what_came_and_nobody_has_decided_is_not_said_to_be_missing(void **state)
{
    int64_t open = 0;
    struct err_info info = {""};
    answers.object = answers.look = ERR_OK;
    assert_err(walked(state, 1, &open, &info), ERR_BUSY);
    assert_non_null(strstr(info.text, "inbox stats"));
}

TESTS_MAIN("conformance/heal",
    WORLD_TEST(without_the_provider_nothing_is_said_to_be_missing),
    WORLD_TEST(a_provider_that_has_no_answer_for_many_objects_tells_nothing_of_them),
    WORLD_TEST(one_object_that_always_fails_holds_up_no_run),
    WORLD_TEST(what_came_and_nobody_has_decided_is_not_said_to_be_missing))

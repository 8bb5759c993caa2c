/* flow/reconcile.h: a run ends in the same report wherever it was interrupted, and an account is
 * one run's at a time. The provider is an array, the store is real. */
#include "store/journal.h"
#include "store/postgres/engine.h"
#include "store/sqlite/engine.h"
#include "store/twice.h"
#include "flow/reconcile.h"
#include "flow/reconcile_start.h"
#include "flow/submit.h"
#include "fault_engine.h"
#include "unit/flow/paged_statement.h"
#include "world.h"
#include <inttypes.h>
#include <stdarg.h>

#define AT(second) (WORLD_NOW_US + (second)*US_PER_SECOND)
#define NOW_US (WORLD_NOW_US + 40 * US_PER_DAY) /* events of the days are no longer listed */
#define STEPS_MAX 200

static const struct currency eur = {"EUR"};
static const struct own_id no_id;

/* --- an account with a history --- */

struct books {
    struct world *world;
    struct account account;
    struct arena *arena; /* of reports */
    struct env_virtual env;
    int64_t scope;
    char key[32];
};

/* An attempt that its statement has no line of. */
static void add_uncleared(struct books *books, uint8_t number, int64_t made_us)
{
    struct world *world = books->world;
    struct payment *payment = payment_new(world);
    struct attempt *attempt = attempt_new(world, payment->head.id);
    attempt->head.scope = payment->head.scope = books->scope;
    attempt->head.id = (struct own_id){{number, (uint8_t)books->scope, 7}};
    attempt->state = ATTEMPT_SUCCEEDED;
    attempt->made_at = attempt->said_at = made_us;
    (void)str_copy_to(attempt->method, sizeof attempt->method, STR("card"));
    struct posting postings[2] = {{ACCOUNT_CLEARING_PAYMENT, attempt->head.id, eur, 100 * number},
        {ACCOUNT_SALES, no_id, eur, -100 * number}};
    struct journal_entry entry = {.scope = books->scope,
        .stream = STREAM_BUSINESS,
        .subject_kind = ID_PAYMENT,
        .subject = payment->head.id,
        .effective_us = made_us,
        .recorded_us = made_us,
        .postings = postings,
        .posting_count = 2};
    world_save(world, ID_PAYMENT, payment);
    world_save(world, ID_ATTEMPT, attempt);
    world_write(world);
    assert_done(journal_append(world->store, &entry, 1, reterr));
    world_commit(world);
}

/* Its books begin on the first day; the statement has nine fees of that day, one attempt is older,
 * and one should have cleared. */
static void books_new(struct books *books, struct world *world, int64_t number)
{
    *books = (struct books){
        .world = world, .account = told_account, .arena = arena_new((size_t)256 * 1024 * 1024)};
    assert_non_null(books->arena);
    (void)snprintf(books->key, sizeof books->key, "acct_%" PRId64, number);
    books->account.says.account_key = str_from(books->key);
    (void)env_virtual_init(&books->env, NOW_US, (uint64_t)number);
    world_write(world);
    assert_done(submit_scope(world->store, &books->account, STR(""), &books->scope, reterr));
    const struct books_start start = {
        .scope = books->scope, .start_us = WORLD_NOW_US, .decided_us = NOW_US, .who = STR("anna")};
    assert_done(reconcile_start(world->store, &start, reterr));
    world_commit(world);
    add_uncleared(books, 1, AT(-100));
    add_uncleared(books, 2, AT(100));
}

static void books_free(struct books *books)
{
    books->arena = arena_free(books->arena);
}

static void tell_nine_fees(void)
{
    told = (struct told){.page_size = 4};
    for (int i = 9; i >= 1; i--) {
        char id[24];
        (void)snprintf(id, sizeof id, "txn_%d", i);
        told_add(id, AT(i));
    }
}

/* --- runs --- */

static struct reconcile_setup setup_of(struct books *books)
{
    static int here; /* the api of the port is never looked into */
    return (struct reconcile_setup){.store = books->world->store,
        .account = &books->account,
        .api = (struct provider_api *)(void *)&here,
        .env = &books->env.env,
        .zone = STR("UTC"),
        .who = STR("a test"),
        .from_us = WORLD_NOW_US,
        .to_us = WORLD_NOW_US + US_PER_DAY,
        .as_of_us = WORLD_NOW_US + 30 * US_PER_DAY,
        .arena = books->arena};
}

static struct reconcile *run_by(const struct reconcile_setup *setup)
{
    struct reconcile *run = reconcile_new(setup);
    assert_non_null(run);
    return run;
}

static struct reconcile *run_new(struct books *books, struct store *store)
{
    struct reconcile_setup setup = setup_of(books);
    setup.store = store;
    return run_by(&setup);
}

static enum err walk(struct reconcile *run, struct err_info *reterr)
{
    enum reconcile_stage stage = RECONCILE_PULL_EVENTS;
    for (int steps = 0; stage != RECONCILE_DONE; steps++) {
        assert_true(steps < STEPS_MAX);
        TRY(reconcile_step(run, &stage, reterr));
    }
    return ERR_OK;
}

struct text {
    char bytes[8192];
    size_t len;
};

static void say(struct text *to, const char *format, ...) PRINTF_LIKE(2, 3);
static void say(struct text *to, const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(to->bytes + to->len, sizeof to->bytes - to->len, format, arguments);
    va_end(arguments);
    assert_true(len >= 0 && (size_t)len < sizeof to->bytes - to->len);
    to->len += (size_t)len;
}

/* All of a report but the ids that follow from the scope. */
static void report_text(const struct reconcile_report *report, struct text *out)
{
    *out = (struct text){.len = 0};
    say(out, "agreed %d open %" PRId64 " critical %" PRId64 " covered %" PRId64 "\n",
        report->agreed, report->open_total, report->critical_total, report->covered_to_us);
    for (uint32_t i = 0; i < report->currency_count; i++) {
        const struct report_currency *row = &report->currencies[i];
        say(out, "%s %" PRId64 " %" PRId64 " %" PRId64 " %" PRId64 "\n", row->currency.code,
            row->opening_minor, row->activity_minor, row->payouts_minor, row->closing_minor);
    }
    for (uint32_t i = 0; i < report->movement_count; i++) {
        const struct report_movement *row = &report->movements[i];
        say(out, "moved %s %d %" PRId64 " %" PRId64 "\n", row->currency.code, (int)row->kind,
            row->count, row->net_minor);
    }
    for (uint32_t i = 0; i < report->balance_count; i++) {
        const struct report_balance *row = &report->balances[i];
        say(out, "balance %s %" PRId64 " %d %" PRId64 "\n", row->currency.code, row->books_minor,
            row->is_said, row->said_minor);
    }
    for (uint32_t i = 0; i < report->measure_count; i++) {
        const struct report_measure *row = &report->measures[i];
        say(out, "measure %d %s %d %" PRId64 " of %" PRId64 "\n", (int)row->measure,
            row->currency.code, row->is_known, row->part, row->whole);
    }
    for (uint32_t i = 0; i < report->waiting_count; i++) {
        say(out, "waiting %" PRId64 "\n", report->waiting[i].minor);
    }
    for (uint32_t i = 0; i < report->discrepancy_count; i++) {
        const struct discrepancy *row = &report->discrepancies[i];
        say(out, "%s %s %" PRId64 " %" PRId64 " steps %" PRId64 "\n",
            code_row(row->found.code)->word, row->found.currency.code, row->found.ours_minor,
            row->found.theirs_minor, row->step_count);
    }
}

static void reconciled(struct books *books, struct text *ret)
{
    struct reconcile *run = run_new(books, books->world->store);
    assert_done(walk(run, reterr));
    report_text(reconcile_report(run), ret);
    (void)reconcile_free(run);
}

static int64_t books_of(struct books *books, enum ledger_account account)
{
    struct ledger_balance *rows = NULL;
    uint32_t count = 0;
    int64_t minor = 0;
    world_read(books->world);
    assert_done(ledger_balances(
        books->world->store, books->scope, books->world->arena, &rows, &count, reterr));
    world_commit(books->world);
    for (uint32_t i = 0; i < count; i++) {
        minor += rows[i].account == account ? rows[i].minor : 0;
    }
    return minor;
}

/* The provider says 4200, the fees are 900, what is older is 100 and what has not cleared 200. */
static void assert_opened_once(struct books *books)
{
    assert_int64_equal(books_of(books, ACCOUNT_OPENING), -5100 + 100);
    assert_int64_equal(books_of(books, ACCOUNT_CLEARING_PAYMENT), 200);
}

static void a_run_opens_the_books_and_finds_what_has_not_cleared(void **state)
{
    struct books books;
    struct text text;
    tell_nine_fees();
    books_new(&books, world_of(state), 1);
    reconciled(&books, &text);
    assert_opened_once(&books);
    assert_non_null(strstr(text.bytes, "agreed 0 open 1 critical 1 "));
    assert_non_null(strstr(text.bytes, "balance EUR 4200 1 4200\n"));
    assert_non_null(strstr(text.bytes, "MISSING_AT_PROVIDER EUR 200 0 "));
    struct text again;
    reconciled(&books, &again);
    assert_string_equal(again.bytes, text.bytes);
    assert_opened_once(&books);
    books_free(&books);
}

static struct store *open_faulty(struct world *world)
{
    static const struct sql_engine_opener *const engines[] = {
        &sqlite_engine_opener, &postgres_engine_opener, &fault_engine_opener};
    struct store *store = NULL;
    char url[600];
    store_use_engines(engines, 3);
    (void)snprintf(url, sizeof url, "fault:%s", world->fixture.url);
    fault_plan = (struct fault_plan){0};
    fault_statement_count = 0; /* those that readers make are others each time */
    assert_done(store_open(str_from(url), STORE_WRITE, env_system(), &store, reterr));
    return store;
}

/* --- two bodies of one event --- */

static void tell_body(
    struct books *books, struct store *store, const char *event_id, const char *body)
{
    struct sample *sample = sample_new(books->world, event_id);
    sample_set_body(sample, str_from(body));
    sample->row.scope = books->scope;
    /* Nobody decides here: recorded at once, and each connection counts in a row of its own. */
    bool is_other = store != books->world->store;
    sample->envelope.reason = is_other ? REASON_NO_OBJECT : REASON_TEST_PING;
    assert_done(inbox_append(store, books->world->arena, &sample->row, 1, reterr));
}

static void tell_body_now(struct books *books, const char *event_id, const char *body)
{
    world_write(books->world);
    tell_body(books, books->world->store, event_id, body);
    world_commit(books->world);
}

static bool finds_content(struct books *books)
{
    struct text text;
    reconciled(books, &text);
    return strstr(text.bytes, "EVENT_CONTENT") != NULL;
}

static int64_t looked_to(struct books *books)
{
    struct twice_reach reach;
    world_read(books->world);
    assert_done(twice_reach(books->world->store, env_now(&books->env.env), &reach, reterr));
    world_commit(books->world);
    return reach.last_seq - reach.mark.seq;
}

static void two_bodies_are_found_by_the_first_run_and_what_was_looked_at_is_not_again(void **state)
{
    struct books books;
    tell_nine_fees();
    books_new(&books, world_of(state), 1);
    tell_body_now(&books, "evt_1", "{\"a\":1}");
    assert_false(finds_content(&books));
    tell_body_now(&books, "evt_1", "{\"a\":2}");
    assert_true(finds_content(&books));
    for (int i = 0; i < 2; i++) { /* what came behind the first look is settled an hour later */
        env_sleep(&books.env.env, 2 * TWICE_SETTLED_US);
        assert_true(finds_content(&books));
    }
    assert_int64_equal(looked_to(&books), 0);
    assert_true(finds_content(&books));
    tell_body_now(&books, "evt_2", "{\"a\":1}");
    assert_int64_equal(looked_to(&books), 1);
    books_free(&books);
}

static bool dry_run_finds_content(struct books *books)
{
    struct text text;
    struct reconcile_setup setup = setup_of(books);
    setup.dry_run = true;
    struct reconcile *run = run_by(&setup);
    assert_done(walk(run, reterr));
    report_text(reconcile_report(run), &text);
    (void)reconcile_free(run);
    return strstr(text.bytes, "EVENT_CONTENT") != NULL;
}

static void a_dry_run_finds_two_bodies_as_well_and_keeps_none(void **state)
{
    struct books books;
    tell_nine_fees();
    books_new(&books, world_of(state), 1);
    tell_body_now(&books, "evt_1", "{\"a\":1}");
    assert_false(dry_run_finds_content(&books));
    tell_body_now(&books, "evt_1", "{\"a\":2}");
    assert_true(dry_run_finds_content(&books));
    assert_int64_equal(raw_int(books.world, "SELECT count(*) FROM inbox_twice"), 0);
    assert_true(finds_content(&books));
    assert_true(dry_run_finds_content(&books));
    books_free(&books);
}

/* Numbers are given before they are committed: the smaller one may come to sight last. */
static void two_bodies_are_found_also_when_the_first_is_committed_last(void **state)
{
    struct books books;
    struct world *world = world_of(state);
    if (world->is_sqlite) {
        return; /* one writer: what is given first is there first */
    }
    tell_nine_fees();
    books_new(&books, world, 1);
    (void)finds_content(&books);
    env_sleep(&books.env.env, 2 * TWICE_SETTLED_US);
    struct store *other = open_faulty(world);
    assert_done(store_begin(other, STORE_WRITE, reterr));
    tell_body(&books, other, "evt_1", "{\"a\":1}");
    tell_body_now(&books, "evt_1", "{\"a\":2}");
    assert_false(finds_content(&books));
    assert_done(store_commit(other, reterr));
    (void)store_close(other);
    env_sleep(&books.env.env, US_PER_MINUTE);
    assert_true(finds_content(&books));
    books_free(&books);
}

static void two_bodies_that_a_run_saw_that_died_are_found_by_the_next(void **state)
{
    struct books books;
    enum reconcile_stage stage = RECONCILE_PULL_EVENTS;
    tell_nine_fees();
    books_new(&books, world_of(state), 1);
    tell_body_now(&books, "evt_1", "{\"a\":1}");
    tell_body_now(&books, "evt_1", "{\"a\":2}");
    struct reconcile *run = run_new(&books, books.world->store);
    while (stage < RECONCILE_SETTLE) {
        assert_done(reconcile_step(run, &stage, reterr));
    }
    (void)reconcile_free(run);
    assert_true(finds_content(&books));
    books_free(&books);
}

/* --- interrupted --- */

enum then {
    STEP_AGAIN, /* whoever steps tries the same once more */
    RUN_AGAIN,  /* another run, as after a crash */
};

/* Fails as it is planned, once; false: there was no such call. */
static bool run_with_fault(
    struct books *books, const struct fault_plan *plan, enum then then, struct text *ret)
{
    struct store *store = open_faulty(books->world);
    struct reconcile *run = run_new(books, store);
    fault_plan = *plan;
    enum err err = walk(run, NULL);
    bool failed = fault_plan.failed;
    assert_true(err == ERR_OK || (failed && err_is_retryable(err)));
    if (err != ERR_OK && then == RUN_AGAIN) {
        (void)reconcile_free(run);
        env_sleep(&books->env.env, US_PER_HOUR); /* a lease that it could not end runs out */
        run = run_new(books, store);
    }
    if (err != ERR_OK) {
        assert_done(walk(run, reterr));
    }
    report_text(reconcile_report(run), ret);
    (void)reconcile_free(run);
    (void)store_close(store);
    return failed;
}

/* At commits, each done and not done; or at every second call, of which the seed says which. */
static struct fault_plan plan_of(int64_t number, bool commits, enum then then)
{
    int64_t call = 2 * number - (int64_t)(test_seed() % 2);
    return commits ? (struct fault_plan){.fail_at = (number + 1) / 2,
                         .after = number % 2 == 0,
                         .commits = true}
                   : (struct fault_plan){.fail_at = call, .after = number % 2 == (int)then};
}

static void check_every(struct world *world, int64_t *scopes, bool commits, enum then then)
{
    struct books books;
    struct text whole;
    bool failed = true;
    int64_t number = 0;
    tell_nine_fees();
    books_new(&books, world, ++*scopes);
    reconciled(&books, &whole);
    books_free(&books);
    while (failed) {
        struct text text;
        struct fault_plan plan = plan_of(++number, commits, then);
        tell_nine_fees();
        books_new(&books, world, ++*scopes);
        failed = run_with_fault(&books, &plan, then, &text);
        if (strcmp(text.bytes, whole.bytes) != 0) {
            print_error("%s %" PRId64 " failed, and the report is\n%snot\n%s",
                commits ? "commit" : "call", plan.fail_at, text.bytes, whole.bytes);
            fail();
        }
        assert_opened_once(&books);
        books_free(&books);
    }
    assert_true(number > (commits ? 12 : 50));
}

/* PostgreSQL's other calls are the same, and slow. */
static void check_all(void **state, enum then then)
{
    struct world *world = world_of(state);
    int64_t scopes = 0;
    check_every(world, &scopes, true, then);
    if (world->is_sqlite) {
        check_every(world, &scopes, false, then);
    }
}

static void a_step_that_failed_at_any_call_is_repeated_and_the_report_is_the_same(void **state)
{
    check_all(state, STEP_AGAIN);
}

static void a_run_that_was_left_at_any_call_is_begun_again_and_the_report_is_the_same(void **state)
{
    check_all(state, RUN_AGAIN);
}

/* --- the lease --- */

static void an_account_is_one_runs_at_a_time(void **state)
{
    struct world *world = world_of(state);
    struct books books;
    enum reconcile_stage stage = RECONCILE_DONE;
    tell_nine_fees();
    books_new(&books, world, 1);
    struct reconcile *first = run_new(&books, world->store);
    struct reconcile *second = run_new(&books, world->store);
    assert_done(reconcile_step(first, &stage, reterr));
    assert_err(reconcile_step(second, &stage, NULL), ERR_LOCKED);
    assert_err(reconcile_step(second, &stage, NULL), ERR_LOCKED);
    assert_done(walk(first, reterr));
    assert_done(walk(second, reterr));
    (void)reconcile_free(first);
    (void)reconcile_free(second);
    assert_opened_once(&books);
    books_free(&books);
}

static void a_run_that_was_given_up_leaves_the_account_to_others(void **state)
{
    struct world *world = world_of(state);
    struct books books;
    struct text text;
    enum reconcile_stage stage = RECONCILE_DONE;
    tell_nine_fees();
    books_new(&books, world, 1);
    struct reconcile *first = run_new(&books, world->store);
    assert_done(reconcile_step(first, &stage, reterr));
    (void)reconcile_free(first);
    reconciled(&books, &text);
    books_free(&books);
}

/* As one whose process was frozen: it must not settle beside whoever went on. */
static void a_run_that_lost_its_lease_ends(void **state)
{
    struct world *world = world_of(state);
    struct books books;
    enum reconcile_stage stage = RECONCILE_DONE;
    tell_nine_fees();
    books_new(&books, world, 1);
    struct reconcile *first = run_new(&books, world->store);
    while (stage != RECONCILE_SETTLE) {
        assert_done(reconcile_step(first, &stage, reterr));
    }
    env_sleep(&books.env.env, US_PER_HOUR);
    struct reconcile *second = run_new(&books, world->store);
    assert_done(reconcile_step(second, &stage, reterr));
    assert_err(reconcile_step(first, &stage, NULL), ERR_LOCKED);
    assert_err(reconcile_step(first, &stage, NULL), ERR_LOCKED);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM discrepancy"), 0);
    (void)reconcile_free(first); /* and takes nothing from it */
    assert_done(walk(second, reterr));
    (void)reconcile_free(second);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM discrepancy"), 1);
    books_free(&books);
}

static void a_long_run_prolongs_its_lease(void **state)
{
    struct world *world = world_of(state);
    struct books books;
    enum reconcile_stage stage = RECONCILE_PULL_EVENTS;
    tell_nine_fees();
    books_new(&books, world, 1);
    struct reconcile *first = run_new(&books, world->store);
    struct reconcile *second = run_new(&books, world->store);
    while (stage != RECONCILE_DONE) {
        enum reconcile_stage none = RECONCILE_DONE;
        assert_done(reconcile_step(first, &stage, reterr));
        if (stage != RECONCILE_DONE) {
            assert_err(reconcile_step(second, &none, NULL), ERR_LOCKED);
        }
        env_sleep(&books.env.env, 100 * US_PER_SECOND);
    }
    (void)reconcile_free(first);
    (void)reconcile_free(second);
    books_free(&books);
}

/* Every statement takes five seconds; nobody may find the account free meanwhile. */
struct slow {
    struct books *books;
    struct store *rival;
    int64_t statements;
};

static void take_five_seconds(void *context)
{
    struct slow *slow = context;
    struct run_lease held;
    env_sleep(&slow->books->env.env, 5 * US_PER_SECOND);
    begin_on(slow->rival, STORE_READ);
    assert_done(
        run_lease_get(slow->rival, slow->books->scope, slow->books->world->arena, &held, reterr));
    commit_on(slow->rival);
    assert_true(held.until_us > env_now(&slow->books->env.env));
    slow->statements++;
}

static void looking_for_longer_than_the_lease_prolongs_it(void **state)
{
    struct world *world = world_of(state);
    struct books books;
    enum reconcile_stage stage = RECONCILE_PULL_EVENTS;
    tell_nine_fees();
    books_new(&books, world, 1);
    struct slow slow = {.books = &books, .rival = world_another(world, STORE_WRITE)};
    struct store *store = open_faulty(world);
    struct reconcile *run = run_new(&books, store);
    while (stage != RECONCILE_FIND) {
        assert_done(reconcile_step(run, &stage, reterr));
    }
    fault_plan.on_statement = take_five_seconds;
    fault_plan.context = &slow;
    while (stage != RECONCILE_DONE) {
        assert_done(reconcile_step(run, &stage, reterr));
    }
    fault_plan = (struct fault_plan){0};
    assert_true(slow.statements > 24);
    (void)reconcile_free(run);
    (void)store_close(store);
    (void)store_close(slow.rival);
    books_free(&books);
}

/* Nobody holds the account any more when it goes on: it must not put back what they found. */
static void a_run_that_was_held_up_until_another_has_ended_settles_nothing(void **state)
{
    struct world *world = world_of(state);
    struct books books;
    struct text text;
    struct err_info info = {""};
    enum reconcile_stage stage = RECONCILE_PULL_EVENTS;
    tell_nine_fees();
    books_new(&books, world, 1);
    struct reconcile *first = run_new(&books, world->store);
    while (stage != RECONCILE_SETTLE) {
        assert_done(reconcile_step(first, &stage, reterr));
    }
    env_sleep(&books.env.env, US_PER_HOUR);
    reconciled(&books, &text);
    int64_t steps = raw_int(world, "SELECT count(*) FROM discrepancy_step");
    assert_int64_equal(steps, 1);
    assert_err(reconcile_step(first, &stage, &info), ERR_LOCKED);
    assert_non_null(strstr(info.text, "another one of the account has begun"));
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM discrepancy_step"), steps);
    (void)reconcile_free(first);
    books_free(&books);
}

/* Frozen at its first statement, until another has taken the account. */
struct frozen {
    struct books *books;
    struct reconcile *other;
};

static void freeze(void *context)
{
    struct frozen *frozen = context;
    enum reconcile_stage stage = RECONCILE_PULL_EVENTS;
    fault_plan = (struct fault_plan){0};
    env_sleep(&frozen->books->env.env, US_PER_HOUR);
    assert_done(reconcile_step(frozen->other, &stage, reterr));
}

static void a_run_that_was_held_up_while_it_stated_ends_none(void **state)
{
    struct world *world = world_of(state);
    struct books books;
    enum reconcile_stage stage = RECONCILE_PULL_EVENTS;
    tell_nine_fees();
    books_new(&books, world, 1);
    struct store *store = open_faulty(world);
    struct store *rival = world_another(world, STORE_WRITE);
    struct reconcile *first = run_new(&books, store);
    struct frozen frozen = {&books, run_new(&books, rival)};
    while (stage != RECONCILE_REPORT) {
        assert_done(reconcile_step(first, &stage, reterr));
    }
    fault_plan.on_statement = freeze;
    fault_plan.context = &frozen;
    assert_err(reconcile_step(first, &stage, NULL), ERR_LOCKED);
    const char *ended = "SELECT count(*) FROM reconcile_run WHERE finished_us IS NOT NULL";
    assert_int64_equal(raw_int(world, ended), 0);
    (void)reconcile_free(first);
    assert_done(walk(frozen.other, reterr));
    assert_int64_equal(raw_int(world, ended), 1);
    (void)reconcile_free(frozen.other);
    (void)store_close(rival);
    (void)store_close(store);
    books_free(&books);
}

/* --- as of when --- */

static struct reconcile *run_as_of(struct books *books, int64_t as_of_us, int64_t resume_since_us)
{
    struct reconcile_setup setup = setup_of(books);
    setup.as_of_us = as_of_us;
    setup.resume_since_us = resume_since_us;
    return run_by(&setup);
}

static void what_was_interrupted_goes_on_as_of_its_own_moment_when_that_is_wanted(void **state)
{
    struct world *world = world_of(state);
    struct books books;
    const int64_t then_us = WORLD_NOW_US + 30 * US_PER_DAY;
    const struct {
        int64_t since_us, number, as_of_us;
    } cases[] = {{0, 2, then_us + 5}, {then_us + 1, 2, then_us + 5}, {then_us, 1, then_us}};
    enum reconcile_stage stage = RECONCILE_DONE;
    for (int i = 0; i < 3; i++) {
        tell_nine_fees();
        books_new(&books, world, 1 + i);
        struct reconcile *first = run_as_of(&books, then_us, 0);
        assert_done(reconcile_step(first, &stage, reterr));
        (void)reconcile_free(first);
        struct reconcile *second = run_as_of(&books, then_us + 5, cases[i].since_us);
        assert_done(walk(second, reterr));
        assert_int64_equal(reconcile_run(second).number, cases[i].number);
        assert_int_equal(reconcile_run(second).resumed, cases[i].number == 1);
        assert_int64_equal(reconcile_run(second).as_of_us, cases[i].as_of_us);
        assert_int64_equal(reconcile_report(second)->as_of_us, cases[i].as_of_us);
        (void)reconcile_free(second);
        books_free(&books);
    }
}

TESTS_MAIN("conformance/reconcile",
    WORLD_TEST(a_run_opens_the_books_and_finds_what_has_not_cleared),
    WORLD_TEST(two_bodies_are_found_by_the_first_run_and_what_was_looked_at_is_not_again),
    WORLD_TEST(a_dry_run_finds_two_bodies_as_well_and_keeps_none),
    WORLD_TEST(two_bodies_are_found_also_when_the_first_is_committed_last),
    WORLD_TEST(two_bodies_that_a_run_saw_that_died_are_found_by_the_next),
    WORLD_TEST(a_step_that_failed_at_any_call_is_repeated_and_the_report_is_the_same),
    WORLD_TEST(a_run_that_was_left_at_any_call_is_begun_again_and_the_report_is_the_same),
    WORLD_TEST(an_account_is_one_runs_at_a_time),
    WORLD_TEST(a_run_that_was_given_up_leaves_the_account_to_others),
    WORLD_TEST(a_run_that_lost_its_lease_ends),
    WORLD_TEST(a_long_run_prolongs_its_lease),
    WORLD_TEST(looking_for_longer_than_the_lease_prolongs_it),
    WORLD_TEST(a_run_that_was_held_up_until_another_has_ended_settles_nothing),
    WORLD_TEST(a_run_that_was_held_up_while_it_stated_ends_none),
    WORLD_TEST(what_was_interrupted_goes_on_as_of_its_own_moment_when_that_is_wanted))

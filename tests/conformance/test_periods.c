/* periods.h: what is closed stays as it is, on both engines, whatever comes late. */
#include "base/check.h"
#include "store/periods.h"
#include "world.h"
#include <pthread.h>

#define OCTOBER (2025 * 12 + 9)

static const struct currency eur = {"EUR"};
static const struct own_id no_key;

/* Posts a sale that happened in the middle of that month. */
static void sell_in(struct world *world, int64_t scope, int64_t month, int64_t minor)
{
    struct posting postings[] = {
        {ACCOUNT_BANK, no_key, eur, minor}, {ACCOUNT_SALES, no_key, eur, -minor}};
    struct journal_entry entry = {.scope = scope,
        .stream = STREAM_BUSINESS,
        .subject_kind = ID_PAYMENT,
        .subject = world_id(world),
        .effective_us = period_begin_us(month) + 14 * US_PER_DAY,
        .recorded_us = WORLD_NOW_US,
        .postings = postings,
        .posting_count = 2};
    world_write(world);
    assert_done(journal_append(world->store, &entry, 1, reterr));
    world_commit(world);
}

static struct period_row step(
    struct world *world, int64_t scope, enum period_action action, int64_t month)
{
    struct period_row row = {.scope = scope,
        .step = {.action = action, .period = month},
        .who = STR("alex"),
        .reason = STR("month end"),
        .at_us = WORLD_NOW_US};
    world_write(world);
    assert_done(journal_lock(world->store, &scope, 1, reterr));
    assert_done(periods_add(world->store, &row, reterr));
    world_commit(world);
    return row;
}

static struct period_log log_of(struct world *world, int64_t scope)
{
    struct period_log log = {NULL, 0};
    world_read(world);
    assert_done(periods_log(world->store, scope, world->arena, &log, reterr));
    world_commit(world);
    return log;
}

/* Sales until the end of that month, with the sign of a credit. */
static int64_t sales_until(
    struct world *world, const int64_t *scopes, uint32_t count, int64_t month)
{
    struct ledger_balance *rows = NULL;
    uint32_t found = 0;
    int64_t minor = 0;
    int64_t sum = 0;
    world_read(world);
    assert_done(
        periods_balances(world->store, scopes, count, month, world->arena, &rows, &found, reterr));
    world_commit(world);
    for (uint32_t i = 0; i < found; i++) {
        minor += rows[i].account == ACCOUNT_SALES ? rows[i].minor : 0;
        sum += rows[i].minor;
        assert_true(i == 0 || rows[i - 1].account <= rows[i].account);
    }
    assert_int64_equal(sum, 0);
    return minor;
}

static int64_t first_open(struct world *world, int64_t month)
{
    struct period_log log = log_of(world, world->scope);
    int64_t first = 0;
    world_read(world);
    assert_done(periods_first_open(world->store, world->scope, &log, month, &first, reterr));
    world_commit(world);
    return first;
}

static int64_t another_scope(struct world *world)
{
    struct scope_key key = {STR("stripe"), true, STR("acct_2")};
    int64_t scope = 0;
    world_write(world);
    assert_done(scope_ensure(world->store, &key, &scope, reterr));
    world_commit(world);
    return scope;
}

/* --- the log --- */

static void what_was_closed_is_listed_with_who_and_why_and_the_last_entry(void **state)
{
    struct world *world = world_of(state);
    struct period_row *rows = NULL;
    uint32_t count = 0;
    struct period_row before = step(world, world->scope, PERIOD_CLOSE, OCTOBER - 1);
    assert_int64_equal(before.number, 1);
    assert_int64_equal(before.step.entry, 0);
    sell_in(world, world->scope, OCTOBER, 100);
    sell_in(world, world->scope, OCTOBER, 200);
    (void)step(world, world->scope, PERIOD_CLOSE, OCTOBER);
    (void)step(world, world->scope, PERIOD_REOPEN, OCTOBER);
    world_read(world);
    assert_done(periods_list(world->store, world->scope, world->arena, &rows, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 3);
    assert_int64_equal(rows[1].scope, world->scope);
    assert_int64_equal(rows[1].number, 2);
    assert_int_equal(rows[1].step.action, PERIOD_CLOSE);
    assert_int64_equal(rows[1].step.period, OCTOBER);
    assert_int64_equal(rows[1].step.entry, 2);
    assert_str_equal_to(rows[1].who, "alex");
    assert_str_equal_to(rows[1].reason, "month end");
    assert_int64_equal(rows[1].at_us, WORLD_NOW_US);
    assert_int_equal(rows[2].step.action, PERIOD_REOPEN);
    assert_int64_equal(period_closed(&(struct period_log){&rows[1].step, 1}), OCTOBER);
}

static void nobody_changes_or_removes_what_was_closed(void **state)
{
    struct world *world = world_of(state);
    (void)step(world, world->scope, PERIOD_CLOSE, OCTOBER);
    static const char *const refused[] = {"UPDATE ledger_period SET entry = 0",
        "DELETE FROM ledger_period",
        ("INSERT INTO ledger_period (scope, number, action, period, entry, who, reason, at_us) "
         "VALUES (1, 9, 'forget', '2025-10', 0, 'x', '', 0)")};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_row(!raw_run(world, refused[i]), refused[i]);
    }
    if (!world->is_sqlite) {
        assert_false(raw_run(world, "TRUNCATE ledger_period"));
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM ledger_period WHERE entry = 0"), 1);
}

/* --- what belongs where --- */

static void a_closed_month_never_changes_also_with_a_reopen_in_between(void **state)
{
    struct world *world = world_of(state);
    const int64_t *scope = &world->scope;
    sell_in(world, *scope, OCTOBER - 1, 1);
    sell_in(world, *scope, OCTOBER, 10);
    sell_in(world, *scope, OCTOBER + 1, 100);
    (void)step(world, *scope, PERIOD_CLOSE, OCTOBER);
    sell_in(world, *scope, OCTOBER, 1000);      /* late: November's */
    sell_in(world, *scope, OCTOBER - 2, 10000); /* later still: the same */
    assert_int64_equal(sales_until(world, scope, 1, OCTOBER - 2), 0);
    assert_int64_equal(sales_until(world, scope, 1, OCTOBER - 1), -1);
    assert_int64_equal(sales_until(world, scope, 1, OCTOBER), -11);
    assert_int64_equal(sales_until(world, scope, 1, OCTOBER + 1), -11111);
    (void)step(world, *scope, PERIOD_REOPEN, OCTOBER);
    sell_in(world, *scope, OCTOBER, 100000);
    sell_in(world, *scope, OCTOBER - 1, 1000000); /* September is closed: October's */
    (void)step(world, *scope, PERIOD_CLOSE, OCTOBER);
    sell_in(world, *scope, OCTOBER, 10000000);
    assert_int64_equal(sales_until(world, scope, 1, OCTOBER - 1), -1);
    assert_int64_equal(sales_until(world, scope, 1, OCTOBER), -1100011);
    assert_int64_equal(sales_until(world, scope, 1, OCTOBER + 1), -11111111);
}

static void entries_are_read_with_the_month_that_they_belong_to(void **state)
{
    struct world *world = world_of(state);
    struct journal_entry *entries = NULL;
    uint32_t count = 0;
    sell_in(world, world->scope, OCTOBER, 1);
    (void)step(world, world->scope, PERIOD_CLOSE, OCTOBER);
    sell_in(world, world->scope, OCTOBER, 2);
    sell_in(world, world->scope, OCTOBER + 3, 3);
    world_read(world);
    assert_done(
        journal_read(world->store, world->scope, 0, 10, world->arena, &entries, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 3);
    assert_int64_equal(entries[0].period, OCTOBER);
    assert_int64_equal(entries[1].period, OCTOBER + 1);
    assert_int64_equal(period_of(entries[1].effective_us), OCTOBER);
    assert_int64_equal(entries[2].period, OCTOBER + 3);
}

static void each_scope_closes_its_own_months(void **state)
{
    struct world *world = world_of(state);
    const int64_t scopes[] = {world->scope, another_scope(world)};
    (void)step(world, scopes[0], PERIOD_CLOSE, OCTOBER);
    sell_in(world, scopes[0], OCTOBER, 1);
    sell_in(world, scopes[1], OCTOBER, 10);
    assert_int64_equal(sales_until(world, scopes, 2, OCTOBER), -10);
    assert_int64_equal(sales_until(world, scopes, 1, OCTOBER), 0);
    assert_int64_equal(sales_until(world, scopes, 2, OCTOBER + 1), -11);
}

static void the_first_open_month_counts_what_came_late(void **state)
{
    struct world *world = world_of(state);
    assert_int64_equal(first_open(world, OCTOBER + 9), PERIOD_NONE);
    sell_in(world, world->scope, OCTOBER, 1);
    sell_in(world, world->scope, OCTOBER + 2, 2);
    assert_int64_equal(first_open(world, OCTOBER), PERIOD_NONE);
    assert_int64_equal(first_open(world, OCTOBER + 1), OCTOBER);
    (void)step(world, world->scope, PERIOD_CLOSE, OCTOBER);
    assert_int64_equal(first_open(world, OCTOBER + 2), PERIOD_NONE);
    assert_int64_equal(first_open(world, OCTOBER + 3), OCTOBER + 2);
    sell_in(world, world->scope, OCTOBER, 4);
    assert_int64_equal(first_open(world, OCTOBER + 1), PERIOD_NONE);
    assert_int64_equal(first_open(world, OCTOBER + 2), OCTOBER + 1);
    (void)step(world, world->scope, PERIOD_CLOSE, OCTOBER + 1);
    (void)step(world, world->scope, PERIOD_REOPEN, OCTOBER + 1);
    assert_int64_equal(first_open(world, OCTOBER + 2), OCTOBER + 1);
}

/* --- the lock --- */

struct late_seller {
    struct world *world;
    struct store *store;
    struct own_id subject;
    pthread_barrier_t *start;
    enum err err;
};

static enum err sell_late(struct late_seller *seller)
{
    struct posting postings[] = {{ACCOUNT_BANK, no_key, eur, 5}, {ACCOUNT_SALES, no_key, eur, -5}};
    struct journal_entry entry = {.scope = seller->world->scope,
        .stream = STREAM_BUSINESS,
        .subject_kind = ID_PAYMENT,
        .subject = seller->subject,
        .effective_us = period_begin_us(OCTOBER),
        .recorded_us = WORLD_NOW_US,
        .postings = postings,
        .posting_count = 2};
    TRY(store_begin(seller->store, STORE_WRITE, NULL));
    CLEANUP(store_rollback) struct store *transaction = seller->store;
    TRY(journal_append(seller->store, &entry, 1, NULL));
    transaction = NULL;
    return store_commit(seller->store, NULL);
}

static void *sell_beside(void *context)
{
    struct late_seller *seller = context;
    (void)pthread_barrier_wait(seller->start);
    seller->err = sell_late(seller);
    return NULL;
}

/* Whoever comes first: what is recorded while a month is being closed is behind it, and not lost.
 */
static void no_entry_slips_in_while_a_month_is_closed(void **state)
{
    struct world *world = world_of(state);
    pthread_barrier_t start;
    pthread_t thread;
    struct late_seller seller = {
        world, world_another(world, STORE_WRITE), world_id(world), &start, ERR_OK};
    struct period_row row = {.scope = world->scope,
        .step = {.action = PERIOD_CLOSE, .period = OCTOBER},
        .who = STR("alex"),
        .at_us = WORLD_NOW_US};
    sell_in(world, world->scope, OCTOBER, 1);
    assert_int_equal(pthread_barrier_init(&start, NULL, 2), 0);
    assert_int_equal(pthread_create(&thread, NULL, sell_beside, &seller), 0);
    world_write(world);
    assert_done(journal_lock(world->store, &world->scope, 1, reterr));
    (void)pthread_barrier_wait(&start);
    assert_done(periods_add(world->store, &row, reterr));
    world_commit(world);
    assert_int_equal(pthread_join(thread, NULL), 0);
    (void)pthread_barrier_destroy(&start);
    (void)store_close(seller.store);
    assert_err(seller.err, ERR_OK);
    assert_int64_equal(row.step.entry, 1);
    assert_int64_equal(sales_until(world, &world->scope, 1, OCTOBER), -1);
    assert_int64_equal(sales_until(world, &world->scope, 1, OCTOBER + 1), -6);
}

TESTS_MAIN("conformance/periods",
    WORLD_TEST(what_was_closed_is_listed_with_who_and_why_and_the_last_entry),
    WORLD_TEST(nobody_changes_or_removes_what_was_closed),
    WORLD_TEST(a_closed_month_never_changes_also_with_a_reopen_in_between),
    WORLD_TEST(entries_are_read_with_the_month_that_they_belong_to),
    WORLD_TEST(each_scope_closes_its_own_months),
    WORLD_TEST(the_first_open_month_counts_what_came_late),
    WORLD_TEST(no_entry_slips_in_while_a_month_is_closed))

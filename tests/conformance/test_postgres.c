/* What is promised of the PostgreSQL engine alone: its connection, and how its errors are told. */
#include "base/limits.h"
#include "world.h"
#include <libpq-fe.h>
#include <pthread.h>
#include <signal.h>

static enum err open_url(const char *url, struct err_info *reterr)
{
    struct store *store = NULL;
    enum err err = store_open(str_from(url), STORE_WRITE, env_system(), &store, reterr);
    if (err == ERR_OK) {
        (void)store_close(store);
    }
    return err;
}

static void password_in_the_url_is_refused_and_not_repeated(void **state)
{
    (void)state;
    static const char *const urls[] = {"postgresql://user:hunter2@localhost/x",
        "postgres://user@localhost/x?password=hunter2", "postgresql://?sslpassword=hunter2",
        "postgresql://user:hunter2@localhost:notaport/x?nosuch=1", "postgresql://u:hunter2@[/x"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct err_info info = {""};
        assert_row(open_url(urls[i], &info) == ERR_CONFIG, urls[i]);
        assert_row(strstr(info.text, "hunter2") == NULL, info.text);
        assert_row(strstr(info.text, "store url") != NULL, info.text);
    }
}

static void server_that_is_not_there_is_said_so(void **state)
{
    (void)state;
    struct err_info info = {""};
    assert_err(open_url("postgresql://nobody@127.0.0.1:1/none", &info), ERR_STORE_IO);
    assert_non_null(strstr(info.text, "reached"));
    assert_null(strchr(info.text, '\n'));
}

static void database_that_is_not_there_is_said_so(void **state)
{
    struct world *world = world_of(state);
    struct err_info info = {""};
    char url[600];
    struct str rest = str_from(world->fixture.url);
    struct str before = {rest.data,
        (size_t)(strstr(world->fixture.url, world->fixture.database) - world->fixture.url)};
    const char *after = before.data + before.len + strlen(world->fixture.database);
    (void)snprintf(url, sizeof url, STR_FMT "nosuch%s", STR_ARG(before), after);
    assert_err(open_url(url, &info), ERR_STORE_IO);
    assert_non_null(strstr(info.text, "nosuch"));
}

/* The server ends all our sessions but the one that says so. */
static void cut_connections(struct world *world)
{
    char sql[256];
    (void)snprintf(sql, sizeof sql,
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE datname = '%s' AND pid <> pg_backend_pid()",
        world->fixture.database);
    assert_true(raw_int(world, sql) > 0);
}

static void connection_cut_between_transactions_is_not_noticed(void **state)
{
    struct world *world = world_of(state);
    for (int i = 0; i < 3; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        (void)world_append(world, id);
        cut_connections(world);
        (void)usleep(50000);
    }
    assert_int64_equal(world_stats(world).total, 3);
}

static void connection_cut_in_a_transaction_keeps_nothing_and_heals(void **state)
{
    struct world *world = world_of(state);
    struct sample *first = sample_new(world, "evt_1");
    struct sample *second = sample_new(world, "evt_2");
    struct err_info info = {""};
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &first->row, 1, reterr));
    cut_connections(world);
    assert_err(inbox_append(world->store, world->arena, &second->row, 1, &info), ERR_STORE_IO);
    assert_true(info.text[0] != '\0');
    assert_err(store_commit(world->store, NULL), ERR_STORE_IO);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_event"), 0);
    (void)world_append(world, "evt_1");
    assert_int64_equal(world_stats(world).total, 1);
}

static void connection_cut_before_the_commit_keeps_nothing(void **state)
{
    struct world *world = world_of(state);
    struct sample *sample = sample_new(world, "evt_1");
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
    cut_connections(world);
    assert_err(store_commit(world->store, NULL), ERR_STORE_IO);
    assert_int64_equal(world_stats(world).total, 0);
}

static void probe_finds_a_server_that_takes_no_commit(void **state)
{
    struct world *world = world_of(state);
    world_write(world);
    cut_connections(world);
    (void)usleep(50000);
    assert_err(store_probe(world->store, NULL), ERR_STORE_IO);
    (void)store_rollback(world->store);
    static const char sql[] = "SELECT pg_wal_lsn_diff(pg_current_wal_flush_lsn(), '0/0')::bigint";
    int64_t flushed = raw_int(world, sql);
    world_write(world);
    assert_done(store_probe(world->store, reterr));
    world_commit(world);
    assert_true(raw_int(world, sql) > flushed);
}

static void server_made_read_only_says_so_and_is_left(void **state)
{
    struct world *world = world_of(state);
    char sql[160];
    (void)snprintf(sql, sizeof sql, "ALTER DATABASE %s SET default_transaction_read_only = on",
        world->fixture.database);
    assert_true(raw_run(world, sql));
    struct store *store = NULL;
    assert_done(store_open(str_from(world->fixture.url), STORE_READ, env_system(), &store, reterr));
    struct inbox_stats stats;
    begin_on(store, STORE_READ);
    assert_done(inbox_stats(store, &stats, reterr));
    commit_on(store);
    (void)store_close(store);
}

static void writer_on_a_store_opened_to_read_cannot_be(void **state)
{
    struct world *world = world_of(state);
    struct store *reader = world_another(world, STORE_READ);
    assert_aborts(begin_on(reader, STORE_WRITE));
    (void)store_close(reader);
}

/* --- waiting --- */

struct waiter {
    struct store *store;
    int64_t waited_us;
};

static void *wait_for_word(void *context)
{
    struct waiter *waiter = context;
    int64_t start_us = env_monotonic(env_system());
    store_wait(waiter->store, -1, 20 * US_PER_SECOND);
    waiter->waited_us = env_monotonic(env_system()) - start_us;
    return NULL;
}

static void word_of_work_wakes_another_node_at_the_commit(void **state)
{
    struct world *world = world_of(state);
    struct waiter waiter = {world_another(world, STORE_WRITE), 0};
    store_wait(waiter.store, -1, 0); /* begins to listen, and says to look once more */
    pthread_t thread;
    world_write(world);
    assert_int_equal(pthread_create(&thread, NULL, wait_for_word, &waiter), 0);
    assert_done(store_notify(world->store, reterr));
    (void)usleep(200000);
    world_commit(world);
    assert_int_equal(pthread_join(thread, NULL), 0);
    assert_true(waiter.waited_us >= 150000);
    assert_true(waiter.waited_us < 10 * US_PER_SECOND);
    (void)store_close(waiter.store);
}

static void wait_ends_by_time_or_by_the_other_end_of_a_pipe(void **state)
{
    struct world *world = world_of(state);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    store_wait(world->store, fds[0], 0);
    int64_t start_us = env_monotonic(env_system());
    store_wait(world->store, fds[0], 50000);
    assert_true(env_monotonic(env_system()) - start_us >= 49000);
    assert_int_equal(write(fds[1], "x", 1), 1);
    start_us = env_monotonic(env_system());
    store_wait(world->store, fds[0], 60 * US_PER_SECOND);
    assert_true(env_monotonic(env_system()) - start_us < 30 * US_PER_SECOND);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

static void wait_on_a_cut_connection_waits_and_heals(void **state)
{
    struct world *world = world_of(state);
    store_wait(world->store, -1, 0);
    cut_connections(world);
    int64_t start_us = env_monotonic(env_system());
    store_wait(world->store, -1, 100000);
    assert_true(env_monotonic(env_system()) - start_us >= 99000);
    (void)world_append(world, "evt_1");
}

/* --- locks --- */

static void row_held_for_long_is_busy(void **state)
{
    struct world *world = world_of(state);
    struct store *other = world_another(world, STORE_WRITE);
    struct payment *records[] = {payment_new(world), payment_new(world)};
    world_save(world, ID_PAYMENT, records[0]);
    world_save(world, ID_PAYMENT, records[1]);
    void *first = records[0];
    world_write(world);
    begin_on(other, STORE_WRITE);
    assert_done(records_save(world->store, record_kind_of(ID_PAYMENT), &first, 1, reterr));
    /* The other waits for the row: five seconds, then it is busy, not stuck. */
    struct payment twin = *records[0];
    twin.head.version = 1;
    void *same = &twin;
    struct err_info info = {""};
    assert_err(records_save(other, record_kind_of(ID_PAYMENT), &same, 1, &info), ERR_BUSY);
    assert_non_null(strstr(info.text, "5 s"));
    (void)store_rollback(other);
    world_commit(world);
    (void)store_close(other);
}

static void claim_that_is_not_committed_yet_holds_up_nobody(void **state)
{
    struct world *world = world_of(state);
    struct store *other = world_another(world, STORE_WRITE);
    struct inbox_event *mine = NULL;
    struct inbox_event *theirs = NULL;
    (void)world_append(world, "evt_1");
    (void)world_append(world, "evt_2");
    (void)world_append(world, "evt_3");
    world_write(world);
    assert_int_equal(claim_on(world, world->store, 1, WORLD_NOW_US, 2, &mine), 2);
    begin_on(other, STORE_WRITE);
    assert_int_equal(claim_on(world, other, 2, WORLD_NOW_US, 2, &theirs), 1);
    assert_str_equal_to(theirs[0].event_id, "evt_3");
    commit_on(other);
    world_commit(world);
    (void)store_close(other);
}

static void migration_waits_for_another_and_then_says_locked(void **state)
{
    struct world *world = world_of(state);
    assert_true(raw_run(world, "DELETE FROM schema_migration WHERE version = (SELECT max(version) "
                               "FROM schema_migration)"));
    PGconn *holder = PQconnectdb(world->fixture.url);
    PQclear(PQexec(holder, "SELECT pg_advisory_lock(4843512068530)"));
    assert_err(store_migrate(world->store, NULL, NULL, NULL), ERR_LOCKED);
    PQfinish(holder);
}

static void durability_tells_what_the_server_is_set_to(void **state)
{
    struct world *world = world_of(state);
    bool synced = true;
    char why[STORE_WHY_BYTES];
    bool fsync = strcmp(raw_text(world, "SHOW fsync").data, "on") == 0;
    assert_done(store_durability(world->store, &synced, why, reterr));
    assert_int_equal(synced, fsync);
    assert_non_null(strstr(why, fsync ? "fsync = on" : "fsync = off"));
}

static void server_that_is_frozen_is_given_up(void **state)
{
    struct world *world = world_of(state);
    char sql[200];
    world_write(world);
    assert_done(store_probe(world->store, reterr));
    (void)snprintf(sql, sizeof sql,
        "SELECT pid FROM pg_stat_activity WHERE datname = '%s' AND pid <> pg_backend_pid() "
        "AND state = 'idle in transaction'",
        world->fixture.database);
    pid_t server = (pid_t)raw_int(world, sql);
    assert_true(server > 1);
    assert_int_equal(kill(server, SIGSTOP), 0);
    int64_t start_us = env_monotonic(env_system());
    struct err_info info = {""};
    enum err err = store_commit(world->store, &info);
    int64_t waited_us = env_monotonic(env_system()) - start_us;
    assert_int_equal(kill(server, SIGCONT), 0);
    assert_err(err, ERR_STORE_IO);
    assert_non_null(strstr(info.text, "lost"));
    assert_true(waited_us < 15 * US_PER_SECOND);
    (void)world_append(world, "evt_1");
    assert_int64_equal(world_stats(world).total, 1);
}

static void commits_are_synced_whatever_the_database_is_set_to(void **state)
{
    struct world *world = world_of(state);
    static const char *const rows[][2] = {
        {"off", "synchronous_commit = on,"},
        {"local", "synchronous_commit = local,"},
        {"remote_write", "synchronous_commit = remote_write,"},
        {"on", "synchronous_commit = on,"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char sql[160];
        char why[STORE_WHY_BYTES];
        bool synced = false;
        (void)snprintf(sql, sizeof sql, "ALTER DATABASE %s SET synchronous_commit = %s",
            world->fixture.database, rows[i][0]);
        assert_true(raw_run(world, sql));
        struct store *store = world_another(world, STORE_WRITE);
        assert_done(store_durability(store, &synced, why, reterr));
        (void)store_close(store);
        assert_row(strstr(why, rows[i][1]) != NULL, rows[i][0]);
    }
}

static void large_answers_and_large_questions_do_not_block_each_other(void **state)
{
    struct world *world = world_of(state);
    enum { COUNT = 400 };
    size_t large = 100 * 1024;
    char *body = calloc(1, large);
    assert_non_null(body);
    struct inbox_append *rows = arena_new_array(world->arena, struct inbox_append, COUNT);
    struct inbox_effect *effects = arena_new_array(world->arena, struct inbox_effect, COUNT);
    struct own_id object = world_id(world);
    for (int i = 0; i < COUNT; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        rows[i] = sample_new(world, id)->row;
        rows[i].body = (struct str){body, large};
    }
    struct tie_event *events = NULL;
    uint32_t count = 0;
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, rows, COUNT, reterr));
    for (int i = 0; i < COUNT; i++) {
        effects[i] = (struct inbox_effect){
            rows[i].seq, ID_PAYMENT, object, {WORLD_NOW_US, 1}, EFFECT_APPLIED, false};
    }
    assert_done(effects_append(world->store, effects, COUNT, reterr));
    assert_done(effects_of_second(
        world->store, object, WORLD_NOW_US, 1, world->arena, &events, &count, reterr));
    struct inbox_event *claimed = NULL;
    assert_int_equal(
        claim_on(world, world->store, 1, WORLD_NOW_US, 256, &claimed), LIMIT_CLAIM_BYTES / large);
    world_commit(world);
    assert_int_equal(count, LIMIT_TIE_EVENTS + 1);
    free(body);
}

TESTS_MAIN("postgres",
    WORLD_TEST(password_in_the_url_is_refused_and_not_repeated),
    WORLD_TEST(server_that_is_not_there_is_said_so),
    WORLD_TEST(database_that_is_not_there_is_said_so),
    WORLD_TEST(connection_cut_between_transactions_is_not_noticed),
    WORLD_TEST(connection_cut_in_a_transaction_keeps_nothing_and_heals),
    WORLD_TEST(connection_cut_before_the_commit_keeps_nothing),
    WORLD_TEST(probe_finds_a_server_that_takes_no_commit),
    WORLD_TEST(server_made_read_only_says_so_and_is_left),
    WORLD_TEST(writer_on_a_store_opened_to_read_cannot_be),
    WORLD_TEST(word_of_work_wakes_another_node_at_the_commit),
    WORLD_TEST(wait_ends_by_time_or_by_the_other_end_of_a_pipe),
    WORLD_TEST(wait_on_a_cut_connection_waits_and_heals),
    WORLD_TEST(row_held_for_long_is_busy),
    WORLD_TEST(claim_that_is_not_committed_yet_holds_up_nobody),
    WORLD_TEST(migration_waits_for_another_and_then_says_locked),
    WORLD_TEST(durability_tells_what_the_server_is_set_to),
    WORLD_TEST(server_that_is_frozen_is_given_up),
    WORLD_TEST(commits_are_synced_whatever_the_database_is_set_to),
    WORLD_TEST(large_answers_and_large_questions_do_not_block_each_other))

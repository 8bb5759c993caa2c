/* store.h: migrations; what the schema itself forbids; the views for people. */
#include "base/check.h"
#include "store/engines.h"
#include "world.h"

/* --- migrations --- */

struct progress {
    int calls;
    int last;
};
static void count_migration(void *context, int version, const char *name)
{
    struct progress *progress = context;
    progress->calls++;
    progress->last = version;
    assert_true(name[0] != '\0');
}

static void migrated_store_has_nothing_left_to_do(void **state)
{
    struct world *world = world_of(state);
    struct schema_state schema;
    assert_done(store_schema(world->store, &schema, reterr));
    assert_true(schema.wanted > 0);
    assert_int_equal(schema.version, schema.wanted);
    struct progress progress = {0, 0};
    assert_done(store_migrate(world->store, count_migration, &progress, reterr));
    assert_int_equal(progress.calls, 0);
}

static void empty_store_is_brought_up_step_by_step(void **state)
{
    struct world *world = world_empty(state);
    struct schema_state schema;
    assert_done(store_schema(world->store, &schema, reterr));
    assert_int_equal(schema.version, 0);
    struct progress progress = {0, 0};
    assert_done(store_migrate(world->store, count_migration, &progress, reterr));
    assert_int_equal(progress.calls, schema.wanted);
    assert_int_equal(progress.last, schema.wanted);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM schema_migration"), schema.wanted);
}

static void store_without_a_schema_says_what_to_do(void **state)
{
    struct world *world = world_empty(state);
    struct inbox_stats stats;
    struct err_info info;
    world_read(world);
    assert_err(inbox_stats(world->store, &stats, &info), ERR_SCHEMA);
    assert_non_null(strstr(info.text, "migrate"));
    (void)store_rollback(world->store);
}

/* The child's exit code is the error. */
static pid_t migrate_in_a_child(const struct world *world)
{
    (void)fflush(stdout);
    pid_t child = fork();
    if (child == 0) {
        struct store *store = NULL;
        enum err err =
            store_open(str_from(world->fixture.url), STORE_WRITE, env_system(), &store, NULL);
        if (err == ERR_OK) {
            err = store_migrate(store, NULL, NULL, NULL);
        }
        (void)store_close(store);
        _exit((int)err);
    }
    return child;
}

static void processes_that_migrate_at_once_do_it_once(void **state)
{
    struct world *world = world_empty(state);
    struct schema_state schema;
    assert_done(store_schema(world->store, &schema, reterr));
    /* SQLite's locks belong to the process: the children must not inherit an open file. */
    world->fixture.store = store_close(world->store);
    world->store = NULL;
    pid_t children[4];
    for (int i = 0; i < 4; i++) {
        children[i] = migrate_in_a_child(world);
        assert_true(children[i] > 0);
    }
    for (int i = 0; i < 4; i++) {
        int status = 0;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_true(WIFEXITED(status));
        assert_err((enum err)WEXITSTATUS(status), ERR_OK);
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM schema_migration"), schema.wanted);
}

static void database_of_another_program_is_left_alone(void **state)
{
    struct world *world = world_empty(state);
    struct progress progress = {0, 0};
    struct err_info info = {""};
    assert_true(raw_run(world, "CREATE TABLE wp_posts (id INTEGER PRIMARY KEY)"));
    for (int i = 0; i < 2; i++) {
        assert_err(store_migrate(world->store, count_migration, &progress, &info), ERR_SCHEMA);
        assert_non_null(strstr(info.text, "wp_posts"));
        assert_non_null(strstr(info.text, "of its own"));
        assert_int_equal(progress.calls, 0);
    }
    assert_int64_equal(
        raw_int(world, world->is_sqlite ? "SELECT count(*) FROM sqlite_schema WHERE type = 'table'"
                                        : "SELECT count(*) FROM pg_tables "
                                          "WHERE schemaname = current_schema()"),
        1);
    assert_true(raw_run(world, "DROP TABLE wp_posts"));
    assert_done(store_migrate(world->store, NULL, NULL, reterr));
    /* Beside a schema that is ours, others may have their tables. */
    assert_true(raw_run(world, "CREATE TABLE wp_posts (id INTEGER PRIMARY KEY)"));
    assert_done(store_migrate(world->store, NULL, NULL, reterr));
}

static void newer_schema_is_refused(void **state)
{
    struct world *world = world_of(state);
    struct schema_state schema;
    struct err_info info;
    assert_true(raw_run(world, "INSERT INTO schema_migration (version, name, checksum, applied_us) "
                               "VALUES (999, 'future', '00', 1)"));
    assert_err(store_schema(world->store, &schema, &info), ERR_SCHEMA);
    assert_non_null(strstr(info.text, "999"));
    assert_non_null(strstr(info.text, "newer"));
    assert_err(store_migrate(world->store, NULL, NULL, NULL), ERR_SCHEMA);
}

static void changed_migration_is_refused(void **state)
{
    struct world *world = world_of(state);
    struct schema_state schema;
    struct err_info info;
    assert_true(raw_run(world, "UPDATE schema_migration SET checksum = 'abc' WHERE version = 1"));
    assert_err(store_schema(world->store, &schema, &info), ERR_SCHEMA);
    assert_non_null(strstr(info.text, "checksum"));
    assert_err(store_migrate(world->store, NULL, NULL, NULL), ERR_SCHEMA);
}

/* --- append-only --- */

static void kept_rows_cannot_be_changed_or_deleted(void **state)
{
    struct world *world = world_of(state);
    (void)world_append(world, "evt_1");
    struct ref ref = {world->scope, ID_PAYMENT, STR("pi_1"), world_id(world), false};
    struct feed_entry entry = {.scope = world->scope,
        .type = EVENT_PAYMENT_OPENED,
        .schema = 1,
        .aggregate_id = ref.id,
        .body = STR("{}")};
    struct audit_entry audit = {1, STR("root"), STR("act"), STR("s"), STR("r")};
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, &ref, 1, reterr));
    assert_done(feed_append(world->store, world->arena, &entry, 1, reterr));
    assert_done(audit_append(world->store, &audit, reterr));
    world_commit(world);
    static const char *const tables[] = {"inbox_event", "provider_ref", "domain_event", "audit"};
    static const char *const changes[] = {"seq = seq", "id = id", "late = late", "who = who"};
    for (int i = 0; i < 4; i++) {
        char sql[128];
        (void)snprintf(sql, sizeof sql, "UPDATE %s SET %s", tables[i], changes[i]);
        if (i == 0) {
            (void)snprintf(sql, sizeof sql, "UPDATE inbox_event SET type = 'x'");
        }
        assert_row(!raw_run(world, sql), sql);
        (void)snprintf(sql, sizeof sql, "DELETE FROM %s", tables[i]);
        assert_row(!raw_run(world, sql), sql);
        (void)snprintf(sql, sizeof sql, "TRUNCATE %s CASCADE", tables[i]);
        assert_row(!raw_run(world, sql), sql);
        (void)snprintf(sql, sizeof sql, "SELECT count(*) FROM %s", tables[i]);
        assert_int64_equal(raw_int(world, sql), 1);
    }
}

/* --- views --- */

static void amounts_of_views_are_those_of_the_program(void **state)
{
    struct world *world = world_of(state);
    static const char *const codes[] = {
#define CURRENCY(code, decimals, name) code,
#include "domain/currency.def"
#undef CURRENCY
        "QQQ"};
    static const int64_t amounts[] = {
        0, 5, -5, 100, 123456, -123456, INT64_MAX, INT64_MIN + 1, INT64_MIN};
    enum { CODES = sizeof codes / sizeof codes[0], AMOUNTS = sizeof amounts / sizeof amounts[0] };
    void *records[CODES];
    for (int i = 0; i < CODES; i++) {
        struct payment *payment = payment_new(world);
        (void)str_copy_to(
            payment->currency.code, sizeof payment->currency.code, str_from(codes[i]));
        payment->amount_minor = amounts[i % AMOUNTS];
        payment->received_minor = amounts[(i + 3) % AMOUNTS];
        records[i] = payment;
    }
    world_write(world);
    assert_done(records_save(world->store, record_kind_of(ID_PAYMENT), records, CODES, reterr));
    world_commit(world);
    for (int i = 0; i < CODES; i++) {
        const struct payment *payment = records[i];
        char sql[128];
        char with_commas[MONEY_TEXT_BYTES];
        char expected[MONEY_TEXT_BYTES] = "";
        money_format(payment->amount_minor, payment->currency, with_commas);
        size_t len = 0;
        for (const char *c = with_commas; *c != '\0'; c++) {
            if (*c != ',') {
                expected[len++] = *c;
            }
        }
        (void)snprintf(sql, sizeof sql,
            "SELECT amount || ' ' || currency FROM payment_view WHERE currency = '%s'", codes[i]);
        assert_str_equal_to(raw_text(world, sql), expected);
    }
}

static void times_and_ids_of_views_are_those_of_the_program(void **state)
{
    struct world *world = world_of(state);
    static const int64_t times[] = {1, -1, -1000000, 1000000, 1700000000123456, 1790000000000000,
        INT64_C(253402300799999999), 951782400000001};
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        struct payment *payment = payment_new(world);
        payment->customer_id = world_id(world);
        payment->opened_at = times[i];
        world_save(world, ID_PAYMENT, payment);
        char id[OWN_ID_TEXT_BYTES];
        char customer[OWN_ID_TEXT_BYTES];
        char time[TIMESTAMP_TEXT_BYTES];
        char expected[160];
        char sql[256];
        own_id_format(ID_PAYMENT, payment->head.id, id);
        own_id_format(ID_CUSTOMER, payment->customer_id, customer);
        timestamp_format(times[i], time);
        (void)snprintf(expected, sizeof expected, "%s %s -", time, customer);
        (void)snprintf(sql, sizeof sql,
            "SELECT opened_at || ' ' || customer_id || ' ' || coalesce(attempt_id, '-') "
            "FROM payment_view WHERE id = '%s'",
            id);
        assert_str_equal_to(raw_text(world, sql), expected);
    }
}

static void views_show_what_is_there(void **state)
{
    struct world *world = world_of(state);
    (void)world_append(world, "evt_1");
    struct sample *odd = sample_new(world, "evt_2");
    sample_set_body(odd, STR("\xff\xfe"));
    struct ref refs[] = {{world->scope, ID_ATTEMPT, STR("ch_1"), world_id(world), false},
        {world->scope, ID_PAYMENT, STR("pi_1"), world_id(world), false}};
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &odd->row, 1, reterr));
    assert_done(refs_resolve(world->store, world->arena, refs, 2, reterr));
    struct feed_entry entry = {.scope = world->scope,
        .type = EVENT_REFUND_OPENED,
        .schema = 1,
        .aggregate_id = refs[1].id,
        .recorded_at_us = WORLD_NOW_US,
        .body = STR("{}")};
    assert_done(feed_append(world->store, world->arena, &entry, 1, reterr));
    struct attempt *attempt = attempt_new(world, refs[1].id);
    struct refund *refund = refund_new(world, refs[1].id, refs[0].id);
    attempt->head.id = refs[0].id;
    void *record = attempt;
    assert_done(records_save(world->store, record_kind_of(ID_ATTEMPT), &record, 1, reterr));
    record = refund;
    assert_done(records_save(world->store, record_kind_of(ID_REFUND), &record, 1, reterr));
    world_commit(world);
    assert_str_equal_to(
        raw_text(world, "SELECT event_id || ' ' || status || ' ' || account || ' ' || body FROM "
                        "inbox_view WHERE event_id = 'evt_1'"),
        "evt_1 new acct_1 {\"id\":\"evt_1\",\"object\":\"event\"}");
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_view"), 2);
    assert_int64_equal(
        raw_int(world, "SELECT body_bytes FROM inbox_view WHERE event_id = 'evt_2'"), 2);
    assert_str_equal_to(raw_text(world, "SELECT provider_ids FROM attempt_view"), "ch_1");
    assert_str_equal_to(raw_text(world, "SELECT environment FROM refund_view"), "live");
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM customer_view"), 0);
    char id[OWN_ID_TEXT_BYTES];
    own_id_format(ID_REFUND, refs[1].id, id);
    assert_str_equal_to(raw_text(world, "SELECT aggregate_id FROM domain_event_view"), id);
    assert_str_equal_to(
        raw_text(world, "SELECT substr(payment_id, 1, 7) FROM refund_view"), "cf_pay_");
}

static void each_kind_has_the_prefix_of_its_ids(void **state)
{
    struct world *world = world_of(state);
    static const char of_aggregates[] =
        "SELECT count(*) FROM id_prefix WHERE prefix NOT IN ('cf_lin_', 'cf_dcp_')";
    assert_int64_equal(raw_int(world, of_aggregates), ID_KIND_COUNT);
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        const char *word = id_kind_word((enum id_kind)kind);
        char sql[128], id[OWN_ID_TEXT_BYTES];
        (void)snprintf(sql, sizeof sql, "SELECT prefix FROM id_prefix WHERE kind = '%s'", word);
        own_id_format((enum id_kind)kind, (struct own_id){{1}}, id);
        assert_row(str_starts_with(str_from(id), raw_text(world, sql)), word);
        assert_row(strlen(id) == raw_text(world, sql).len + 32, word);
    }
}

/* --- and the rest of store.h --- */

static void scheme_that_nobody_knows_is_a_wrong_configuration(void **state)
{
    (void)state;
    struct store *store = NULL;
    static const char *const urls[] = {
        "", "mysql://x", "sqlite", "/var/lib/books.db", ":", "SQLITE:x"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct err_info info;
        assert_row(
            store_open(str_from(urls[i]), STORE_WRITE, env_system(), &store, &info) == ERR_CONFIG,
            urls[i]);
        assert_null(store);
    }
}

static void reader_sees_one_state_of_everything(void **state)
{
    struct world *world = world_of(state);
    (void)world_append(world, "evt_1");
    struct store *reader = world_another(world, STORE_READ);
    struct inbox_stats before;
    struct inbox_stats after;
    begin_on(reader, STORE_READ);
    assert_done(inbox_stats(reader, &before, reterr));
    (void)world_append(world, "evt_2");
    assert_done(inbox_stats(reader, &after, reterr));
    commit_on(reader);
    assert_int64_equal(after.total, before.total);
    begin_on(reader, STORE_READ);
    assert_done(inbox_stats(reader, &after, reterr));
    commit_on(reader);
    assert_int64_equal(after.total, before.total + 1);
    (void)store_close(reader);
}

static void statement_that_fails_spoils_its_transaction_only(void **state)
{
    struct world *world = world_of(state);
    struct ref ref = {world->scope, ID_PAYMENT, STR("pi_1"), world_id(world), false};
    assert_true(raw_run(world, "ALTER TABLE audit RENAME TO hidden"));
    struct audit_entry audit = {1, STR("root"), STR("act"), STR("s"), STR("r")};
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, &ref, 1, reterr));
    assert_err(audit_append(world->store, &audit, NULL), ERR_SCHEMA);
    assert_err(refs_resolve(world->store, world->arena, &ref, 1, NULL), ERR_STORE_IO);
    assert_err(store_commit(world->store, NULL), ERR_STORE_IO);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM provider_ref"), 0);
    assert_true(raw_run(world, "ALTER TABLE hidden RENAME TO audit"));
    world_write(world);
    assert_done(audit_append(world->store, &audit, reterr));
    world_commit(world);
}

/* --- is a commit possible? --- */

static void probe_writes_its_row_at_the_commit(void **state)
{
    struct world *world = world_of(state);
    static const char sql[] = "SELECT at_us FROM liveness";
    assert_int64_equal(raw_int(world, sql), 0);
    world_write(world);
    assert_done(store_probe(world->store, reterr));
    (void)store_rollback(world->store);
    assert_int64_equal(raw_int(world, sql), 0);
    int64_t last_us = 0;
    for (int i = 0; i < 3; i++) {
        world_write(world);
        assert_done(store_probe(world->store, reterr));
        world_commit(world);
        assert_true(raw_int(world, sql) >= last_us);
        last_us = raw_int(world, sql);
        assert_true(last_us > 0);
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM liveness"), 1);
}

static void probe_that_has_no_row_to_write_fails(void **state)
{
    struct world *world = world_of(state);
    struct err_info info = {""};
    assert_true(raw_run(world, "DELETE FROM liveness"));
    world_write(world);
    assert_err(store_probe(world->store, &info), ERR_STORE_IO);
    (void)store_rollback(world->store);
    assert_non_null(strstr(info.text, "liveness"));
}

TESTS_MAIN("schema",
    WORLD_TEST(probe_writes_its_row_at_the_commit),
    WORLD_TEST(probe_that_has_no_row_to_write_fails),
    WORLD_TEST(migrated_store_has_nothing_left_to_do),
    WORLD_TEST(empty_store_is_brought_up_step_by_step),
    WORLD_TEST(store_without_a_schema_says_what_to_do),
    WORLD_TEST(processes_that_migrate_at_once_do_it_once),
    WORLD_TEST(database_of_another_program_is_left_alone),
    WORLD_TEST(newer_schema_is_refused),
    WORLD_TEST(changed_migration_is_refused),
    WORLD_TEST(kept_rows_cannot_be_changed_or_deleted),
    WORLD_TEST(amounts_of_views_are_those_of_the_program),
    WORLD_TEST(times_and_ids_of_views_are_those_of_the_program),
    WORLD_TEST(views_show_what_is_there),
    WORLD_TEST(each_kind_has_the_prefix_of_its_ids),
    WORLD_TEST(scheme_that_nobody_knows_is_a_wrong_configuration),
    WORLD_TEST(reader_sees_one_state_of_everything),
    WORLD_TEST(statement_that_fails_spoils_its_transaction_only))

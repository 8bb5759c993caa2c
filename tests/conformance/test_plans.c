/* No statement reads a whole table that grows: each verb is called once, and the engine is asked
 * how it would run what the verb has said. */
#include "store/discrepancies.h"
#include "store/postgres/engine.h"
#include "store/proofs.h"
#include "store/runs.h"
#include "store/sqlite/engine.h"
#include "store/statement_read.h"
#include "store/twice.h"
#include "fault_engine.h"
#include "world.h"
#include <libpq-fe.h>
#include <sqlite3.h>

static const char *const growing[] = {
    "inbox_event",
    "inbox_work",
    "inbox_effect",
    "provider_ref",
    "domain_event",
    "audit",
    "statement_line",
    "discrepancy",
    "discrepancy_step",
#define AGGREGATE(NAME, name, prefix, help) #name,
#include "domain/aggregates.def"
};

/* Those that say in their header that they do. */
static bool may_scan(const char *text)
{
    return strstr(text, "GROUP BY scope, state, currency") != NULL ||
           strstr(text, "GROUP BY event_id HAVING") != NULL;
}

static struct store *open_watched(struct world *world)
{
    static const struct sql_engine_opener *const engines[] = {
        &sqlite_engine_opener, &postgres_engine_opener, &fault_engine_opener};
    store_use_engines(engines, 3);
    char url[600];
    struct store *store = NULL;
    (void)snprintf(url, sizeof url, "fault:%s", world->fixture.url);
    fault_plan = (struct fault_plan){0};
    fault_statement_count = 0;
    assert_done(store_open(str_from(url), STORE_WRITE, env_system(), &store, reterr));
    return store;
}

static void call_inbox_verbs(struct world *world, struct store *store)
{
    struct inbox_append rows[] = {sample_new(world, "evt_1")->row, sample_new(world, "evt_2")->row,
        sample_new(world, "evt_2")->row};
    struct inbox_event *events = NULL;
    struct inbox_row row;
    struct str body;
    struct inbox_stats stats;
    int64_t number = 0;
    assert_done(inbox_append(store, world->arena, rows, 3, reterr));
    struct sample *object = sample_new(world, "ch_1@1790000000");
    object->row.channel = CHANNEL_FETCH;
    const struct inbox_append asked[] = {rows[0], object->row};
    bool known[2];
    assert_done(inbox_known(store, asked, 2, known, reterr));
    const struct inbox_key key = {world->scope, STR("evt_1")};
    struct inbox_awaiting *awaiting = NULL;
    uint32_t awaiting_count = 0;
    assert_done(inbox_has(store, &key, 1, known, reterr));
    assert_done(inbox_list_awaiting(
        store, WORLD_NOW_US, WORLD_NOW_US, 10, world->arena, &awaiting, &awaiting_count, reterr));
    const struct inbox_awaiting waiting = {.seq = 1, .due_us = 1};
    assert_done(inbox_await_until(store, &waiting, 2, known, reterr));
    assert_done(inbox_settle(store, 1, REASON_FETCHED, 1, known, reterr));
    assert_done(inbox_next_due(store, &number, reterr));
    assert_int_equal(claim_on(world, store, 1, WORLD_NOW_US, 2, &events), 2);
    assert_done(inbox_unclaim(store, 1, WORLD_NOW_US, reterr));
    assert_int_equal(claim_on(world, store, 2, WORLD_NOW_US, 2, &events), 2);
    assert_err(finish_on(world, store, 2, events, 2, WORK_DEAD), ERR_OK);
    assert_done(dead_retry(store, &events[0].seq, 1, 1, &number, reterr));
    assert_done(dead_discard(store, &events[1].seq, 1, 1, &number, reterr));
    assert_done(inbox_release_claims(store, WORLD_NOW_US, reterr));
    assert_done(inbox_stats(store, &stats, reterr));
    assert_done(inbox_get(store, events[0].seq, world->arena, &row, &body, reterr));
}

static void call_lists(struct world *world, struct store *store)
{
    const struct inbox_filter filters[] = {{0}, {.newest_first = true}, {.event_id = STR("evt_1")},
        {.event_id = STR("evt_1"), .by_status = true, .status = WORK_DEAD, .newest_first = true},
        {.by_status = true, .status = WORK_DEAD}, {.by_status = true, .status = WORK_WAITING},
        {.by_status = true, .status = WORK_DEAD, .newest_first = true, .error = STR("X")},
        {.by_status = true, .status = WORK_NEW, .newest_first = true, .type = STR("a.*")}};
    for (size_t i = 0; i < sizeof filters / sizeof filters[0]; i++) {
        struct inbox_row *rows = NULL;
        uint32_t count = 0;
        assert_done(inbox_list(store, &filters[i], world->arena, &rows, &count, reterr));
    }
}

static void call_effect_and_ref_verbs(struct world *world, struct store *store)
{
    struct own_id ids[] = {world_id(world), world_id(world)};
    struct inbox_effect effects[] = {{1, ID_PAYMENT, ids[0], {1, 1}, EFFECT_APPLIED, false},
        {2, ID_PAYMENT, ids[1], {1, 1}, EFFECT_APPLIED, false}};
    struct tie_event *ties = NULL;
    struct timeline_entry *entries = NULL;
    struct ref refs[] = {{world->scope, ID_PAYMENT, STR("pi_1"), ids[0], false},
        {world->scope, ID_PAYMENT, STR("pi_2"), ids[1], false}};
    struct own_id id;
    struct str *names = NULL;
    struct audit_entry audit = {1, STR("root"), STR("act"), STR("s"), STR("r")};
    struct audit_entry *audits = NULL;
    uint32_t count = 0;
    int64_t scope = 0;
    assert_done(effects_append(store, effects, 2, reterr));
    assert_done(effects_of_second(store, ids[0], 1, 1, world->arena, &ties, &count, reterr));
    assert_done(effects_of_objects(store, ids, 2, world->arena, &entries, &count, reterr));
    assert_done(refs_resolve(store, world->arena, refs, 2, reterr));
    assert_done(ref_find(store, 0, ID_PAYMENT, STR("pi_1"), &id, &scope, reterr));
    assert_done(ref_names(store, ID_PAYMENT, id, world->arena, &names, &count, reterr));
    assert_done(store_probe(store, reterr));
    assert_done(audit_append(store, &audit, reterr));
    assert_done(audit_of(store, STR("s"), world->arena, &audits, &count, reterr));
}

/* All that `show` asks for. */
static void call_linked(struct world *world, struct store *store, struct own_id id)
{
    static const struct {
        enum id_kind part;
        const char *field;
    } rows[] = {
#define PART(OF, PART, field, key, how, state, most) {ID_##PART, #field},
#include "cli/show_parts.def"
#undef PART
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct record_kind *kind = record_kind_of(rows[i].part);
        const struct field *field = record_field(kind, str_from(rows[i].field));
        void **records = NULL;
        uint32_t count = 0;
        assert_non_null(field);
        assert_done(
            records_linked(store, kind, field, id, 5, world->arena, &records, &count, reterr));
    }
}

static void call_record_and_feed_verbs(struct world *world, struct store *store)
{
    struct own_id ids[2];
    uint32_t count = 0;
    void **loaded = NULL;
    for (int i = 0; i < ID_KIND_COUNT; i++) {
        const struct record_kind *kind = record_kind_of((enum id_kind)i);
        void *records[2];
        for (int at = 0; at < 2; at++) {
            struct record_head *head = arena_alloc(world->arena, kind->size);
            head->id = ids[at] = world_id(world);
            head->scope = world->scope;
            records[at] = head;
        }
        assert_done(records_save(store, kind, records, 2, reterr));
        assert_done(records_save(store, kind, records, 2, reterr));
        assert_done(records_load(store, kind, ids, 2, true, world->arena, &loaded, reterr));
        assert_done(records_load(store, kind, ids, 2, false, world->arena, &loaded, reterr));
        assert_done(records_scan(store, kind, 0, ids[0], 5, world->arena, &loaded, &count, reterr));
        assert_done(records_scan(
            store, kind, world->scope, ids[0], 5, world->arena, &loaded, &count, reterr));
    }
    struct attempt **attempts = NULL;
    struct payment_total *totals = NULL;
    struct oddities odd;
    struct feed_entry entries[2];
    struct feed_entry *read = NULL;
    for (int i = 0; i < 2; i++) {
        entries[i] = (struct feed_entry){.scope = world->scope,
            .type = EVENT_PAYMENT_OPENED,
            .schema = 1,
            .aggregate_id = ids[i],
            .body = STR("{}")};
    }
    assert_done(attempts_of_payments(store, ids, 2, world->arena, &attempts, &count, reterr));
    call_linked(world, store, ids[0]);
    assert_done(payment_totals(store, world->arena, &totals, &count, reterr));
    assert_done(records_oddities(store, WORLD_NOW_US, &odd, reterr));
    assert_done(feed_append(store, world->arena, entries, 2, reterr));
    assert_done(feed_read(store, world->scope, 0, 5, world->arena, &read, &count, reterr));
    assert_done(feed_of(store, ids[0], world->arena, &read, &count, reterr));
    assert_done(
        feed_read_of(store, ids[0], world->scope, 0, 5, world->arena, &read, &count, reterr));
}

static void call_statement_verbs(struct world *world, struct store *store)
{
    const struct own_id none = {{0}};
    struct own_id id = world_id(world);
    struct kept_lines lines;
    struct kept_line line = {.line = {.source = id}, .source_kind = ID_REFUND};
    struct kept_line found;
    struct statement_sum sum;
    struct str name;
    struct arena *arena = world->arena;
    assert_done(statement_of_payout(store, id, none, 5, arena, &lines, reterr));
    assert_done(statement_of_source(store, id, none, 5, arena, &lines, reterr));
    assert_done(statement_of_attempt(store, id, none, 5, arena, &lines, reterr));
    assert_done(statement_between(store, world->scope, 0, 9, none, 5, arena, &lines, reterr));
    assert_done(statement_between(store, 0, 0, 9, none, 5, arena, &lines, reterr));
    assert_done(statement_line_by_id(store, id, arena, &found, reterr));
    assert_done(statement_line_by_name(store, 0, STR("txn_1"), arena, &found, reterr));
    assert_done(statement_source_names(store, &line, 1, arena, &name, reterr));
    assert_done(
        statement_sum_before(store, world->scope, (struct currency){"EUR"}, id, &sum, reterr));
    assert_done(
        statement_first(store, world->scope, (struct currency){"EUR"}, arena, &found, reterr));
}

static void call_discrepancy_verbs(struct world *world, struct store *store)
{
    struct discrepancy row = {.id = world_id(world), .found = {.scope = world->scope}};
    struct discrepancy_step step = {.discrepancy = row.id};
    struct discrepancy *rows = NULL;
    struct discrepancy_step *steps = NULL;
    struct discrepancy_total *totals = NULL;
    int64_t counts[DEED_COUNT];
    uint32_t count = 0;
    struct arena *arena = world->arena;
    struct discrepancy_filter all = {.scope = world->scope};
    struct discrepancy_filter going = {.scope = world->scope, .states = 1U << DISCREPANCY_OPEN};
    row.found.subject_kind = KEY_NONE;
    assert_done(discrepancies_save(store, &row, &step, 1, reterr));
    assert_done(discrepancies_seen(store, &row.id, 1, 2, reterr));
    assert_done(discrepancies_known(store, &row.id, 1, arena, &row, reterr));
    assert_done(discrepancies_list(store, &all, row.id, 5, arena, &rows, &count, reterr));
    assert_done(discrepancies_list(store, &going, row.id, 5, arena, &rows, &count, reterr));
    assert_done(discrepancies_about(store, &row.id, 1, 5, arena, &rows, &count, reterr));
    assert_done(discrepancy_steps(store, row.id, arena, &steps, &count, reterr));
    struct discrepancy_alarm *alarms = NULL;
    const struct discrepancy_alarm alarm = {row.id, 1};
    int64_t last_us = 0;
    struct runs_below below;
    assert_done(run_last_agreed(store, world->scope, &last_us, reterr));
    assert_done(runs_last_agreed_below(store, world->scope, 1, &below, reterr));
    assert_done(discrepancy_alarms(store, world->scope, 5, arena, &alarms, &count, reterr));
    assert_done(discrepancy_alarms_end(store, &alarm, 1, reterr));
    assert_done(discrepancies_done_by(store, world->scope, 1, counts, reterr));
    assert_done(discrepancy_totals(store, world->scope, arena, &totals, &count, reterr));
    assert_done(discrepancies_begun(store, world->scope, WORLD_NOW_US, &counts[0], reterr));
}

static void call_proof_verbs(struct world *world, struct store *store)
{
    struct arena *arena = world->arena;
    struct own_id ids[2] = {world_id(world), world_id(world)};
    struct payout_sum payouts[2] = {{.payout = ids[0]}, {.payout = ids[1]}};
    const struct totals_wanted wanted = {world->scope, STR("summary"), 0, US_PER_DAY};
    struct line_sums *sums = NULL;
    struct kept_total *totals = NULL;
    struct timeliness timely;
    struct kept_lines lines;
    struct restatement *restated = NULL;
    struct twice_told *twice = NULL;
    struct twice *pairs = NULL;
    struct dead_event *dead = NULL;
    struct str names[2];
    int64_t counts[2];
    uint32_t count = 0;
    assert_done(proof_movements(store, world->scope, 0, 9, arena, &sums, &count, reterr));
    assert_done(proof_made_since(store, world->scope, 0, arena, &sums, &count, reterr));
    assert_done(proof_payouts(store, payouts, 2, reterr));
    assert_done(proof_totals(store, &wanted, arena, &totals, &count, reterr));
    assert_done(proof_timeliness(store, world->scope, WORLD_NOW_US, 1, &timely, reterr));
    assert_done(proof_flawed(store, world->scope, ids[0], 5, arena, &lines, reterr));
    assert_done(proof_restated(store, ids[0], arena, &restated, &count, reterr));
    assert_done(proof_lines_of(store, ids, 2, counts, reterr));
    assert_done(proof_names(store, ids, 2, arena, names, reterr));
    assert_done(proof_twice_told(store, world->scope, 5, arena, &twice, &count, reterr));
    assert_done(proof_dead(store, world->scope, 0, 5, arena, &dead, &count, reterr));
    assert_done(proof_twice_between(store, world->scope, 5, 9, 5, arena, &twice, &count, reterr));
    assert_done(twice_find(store, 0, 5, 9, arena, &pairs, &count, reterr));
}

/* --- asking the engine --- */

/* True when a line of the plan says that a growing table is read from its beginning. */
static bool line_scans(const char *line, const char *words)
{
    const char *at = strstr(line, words);
    /* An index over the odd rows alone may be read from end to end. */
    if (at == NULL || strstr(line, "_contested") != NULL || strstr(line, "_going") != NULL) {
        return false;
    }
    struct str table = str_from(at + strlen(words));
    table = str_cut(&table, ' ');
    for (size_t i = 0; i < sizeof growing / sizeof growing[0]; i++) {
        if (str_eq(table, str_from(growing[i]))) {
            return true;
        }
    }
    /* Behind a short name; unnest gives `p`, and `s` and `h` are small tables. */
    return table.len == 1 && strchr("ewfdr", table.data[0]) != NULL;
}

/* Of what is open there is little, of what was open once ever more. */
static const char *wanted_index(const char *text)
{
    bool is_going = strstr(text, "FROM discrepancy WHERE scope = ?1") != NULL &&
                    strstr(text, "state IN") != NULL;
    return is_going ? "discrepancy_going" : "";
}

static void check_sqlite(struct world *world, const struct sql_statement *statement)
{
    char path[512];
    char text[8192];
    sqlite3 *db = NULL;
    sqlite3_stmt *explain = NULL;
    (void)snprintf(path, sizeof path, "%s/books.db", world->fixture.directory);
    (void)snprintf(text, sizeof text, "EXPLAIN QUERY PLAN %s", statement->text);
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, text, -1, &explain, NULL), SQLITE_OK);
    while (sqlite3_step(explain) == SQLITE_ROW) {
        const char *line = (const char *)sqlite3_column_text(explain, 3);
        if (line_scans(line, "SCAN ") || strstr(line, wanted_index(statement->text)) == NULL) {
            print_error("%s\n  %s\n", statement->text, line);
            fail();
        }
    }
    (void)sqlite3_finalize(explain);
    (void)sqlite3_close(db);
}

static void prepare_text(char *to, size_t size, const char *sql, const char *letters, bool as_set)
{
    size_t len = (size_t)snprintf(to, size, "PREPARE asked");
    for (size_t i = 0; letters[i] != '\0'; i++) {
        const char *type = letters[i] == 'i' ? "bigint" : letters[i] == 't' ? "text" : "bytea";
        len += (size_t)snprintf(
            to + len, size - len, "%s%s%s", i == 0 ? " (" : ", ", type, as_set ? "[]" : "");
    }
    len += (size_t)snprintf(to + len, size - len, "%s AS %s", letters[0] == '\0' ? "" : ")", sql);
    assert_true(len < size);
    for (char *c = to; *c != '\0'; c++) {
        *c = *c == '?' ? '$' : *c;
    }
}

static void explain_postgres(PGconn *connection, const char *sql, const char *letters, bool as_set)
{
    char text[8192];
    prepare_text(text, sizeof text, sql, letters, as_set);
    PGresult *result = PQexec(connection, text);
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    size_t len = (size_t)snprintf(text, sizeof text, "EXPLAIN EXECUTE asked");
    for (size_t i = 0; letters[i] != '\0'; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%sNULL", i == 0 ? "(" : ", ");
    }
    (void)snprintf(text + len, sizeof text - len, "%s", letters[0] == '\0' ? "" : ")");
    result = PQexec(connection, text);
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    for (int row = 0; row < PQntuples(result); row++) {
        const char *line = PQgetvalue(result, row, 0);
        if (line_scans(line, "Seq Scan on ") || strstr(line, "Hash Join") != NULL) {
            print_error("%s\n  %s\n", sql, line);
            fail();
        }
    }
    PQclear(result);
    PQclear(PQexec(connection, "DEALLOCATE asked"));
}

/* As the engine sets its sessions up; and with tables that the planner takes for tiny. */
static PGconn *connect_for_plans(struct world *world)
{
    PGconn *connection = PQconnectdb(world->fixture.url);
    PGresult *result = PQexec(connection,
        "ANALYZE; SET plan_cache_mode = force_generic_plan; SET enable_hashjoin = off;"
        "SET enable_mergejoin = off; SET enable_seqscan = off; SET enable_bitmapscan = off;");
    assert_int_equal(PQresultStatus(result), PGRES_COMMAND_OK);
    PQclear(result);
    return connection;
}

static void no_statement_reads_a_growing_table_from_its_beginning(void **state)
{
    struct world *world = world_of(state);
    struct store *store = open_watched(world);
    begin_on(store, STORE_WRITE);
    call_inbox_verbs(world, store);
    call_lists(world, store);
    call_effect_and_ref_verbs(world, store);
    call_record_and_feed_verbs(world, store);
    call_statement_verbs(world, store);
    call_discrepancy_verbs(world, store);
    call_proof_verbs(world, store);
    commit_on(store);
    assert_true(fault_statement_count > 50);
    PGconn *connection = world->is_sqlite ? NULL : connect_for_plans(world);
    for (uint32_t i = 0; i < fault_statement_count; i++) {
        const struct sql_statement *statement = fault_statements[i];
        if (may_scan(statement->text)) {
            continue;
        }
        if (world->is_sqlite) {
            check_sqlite(world, statement);
            continue;
        }
        explain_postgres(connection,
            statement->postgres != NULL ? statement->postgres : statement->text,
            statement->parameters, false);
        if (statement->postgres_set != NULL) {
            explain_postgres(connection, statement->postgres_set, statement->parameters, true);
        }
    }
    PQfinish(connection);
    (void)store_close(store);
}

TESTS_MAIN("plans", WORLD_TEST(no_statement_reads_a_growing_table_from_its_beginning))

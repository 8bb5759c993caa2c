/* kill -9 proves nothing about syncing. Here nobody is told "kept" while the log still holds bytes
 * that were not synced (SQLite: a disk that counts), or that the server has not flushed
 * (PostgreSQL: its positions). */
#include "base/digest.h"
#include "store/sqlite/engine.h"
#include "provider/stripe/stripe.h"
#include "flow/intake.h"
#include "conformance/vfs_fault.h"
#include "unit/store_fixture.h"
#include "unit/testing.h"
#include <libpq-fe.h>

#define ROUNDS 40

static struct account account;

struct sent {
    struct delivery delivery;
    char id[32];
};

static struct {
    int kept, refused;
    bool unsynced;   /* somebody was told "kept" too early */
    int unflushed;   /* PostgreSQL: answers while the server had more to flush */
    PGconn *looking; /* PostgreSQL */
} seen;

static bool is_flushed(PGconn *connection)
{
    PGresult *result =
        PQexec(connection, "SELECT pg_current_wal_insert_lsn() <= pg_current_wal_flush_lsn()");
    assert_int_equal(PQresultStatus(result), PGRES_TUPLES_OK);
    bool flushed = PQgetvalue(result, 0, 0)[0] == 't';
    PQclear(result);
    return flushed;
}

static void answered_on_sqlite(struct delivery *delivery, enum err err)
{
    (void)delivery;
    seen.kept += err == ERR_OK ? 1 : 0;
    seen.refused += err != ERR_OK ? 1 : 0;
    seen.unsynced = seen.unsynced ||
                    (err == ERR_OK && (vfs_fault.unsynced_log != 0 || vfs_fault.lost_log != 0));
}

static void answered_on_postgresql(struct delivery *delivery, enum err err)
{
    (void)delivery;
    assert_err(err, ERR_OK);
    seen.kept++;
    seen.unflushed += is_flushed(seen.looking) ? 0 : 1;
}

static void submit(struct intake *intake, struct sent *sent, int number, delivery_done_fn *done)
{
    account.says.name = STR("acme");
    account.says.account_key = STR("acct_1");
    account.provider = &stripe_provider;
    *sent = (struct sent){.delivery = {.account = &account, .done = done, .received_us = 1}};
    (void)snprintf(sent->id, sizeof sent->id, "evt_%d", number);
    sent->delivery.body = STR("{\"a body\":\"of some length, so that pages fill\"}");
    sent->delivery.envelope = (struct envelope){.event_id = str_from(sent->id), .type = STR("t")};
    sha256(sent->delivery.body, sent->delivery.envelope.body_sha256);
    assert_err(intake_submit(intake, &sent->delivery), ERR_OK);
}

static struct intake *new_intake(void)
{
    struct intake *intake = intake_new(
        &(struct intake_limits){.queue_rows_max = 100, .queue_bytes_max = 1 << 20}, env_system());
    assert_non_null(intake);
    return intake;
}

static int disk_that_counts(void **state)
{
    (void)state;
    vfs_fault_register();
    vfs_fault = (struct vfs_fault){.room_bytes = -1};
    sqlite_engine_use_vfs(VFS_FAULT_NAME);
    memset(&seen, 0, sizeof seen);
    return 0;
}

static int usual_disk(void **state)
{
    (void)state;
    sqlite_engine_use_vfs(NULL);
    return 0;
}

static void nobody_is_told_kept_before_the_log_is_synced(void **state)
{
    (void)state;
    struct store_fixture fixture;
    store_fixture_open(&fixture, "sqlite");
    CLEANUP(intake_free) struct intake *intake = new_intake();
    struct sent sent[3];
    for (int round = 0; round < ROUNDS; round++) {
        int64_t syncs = vfs_fault.syncs;
        for (int i = 0; i < 3; i++) {
            submit(intake, &sent[i], round * 3 + i, answered_on_sqlite);
        }
        uint32_t count = 0;
        assert_err(intake_step(intake, fixture.store, 3, &count, NULL), ERR_OK);
        assert_true(vfs_fault.syncs > syncs);
    }
    assert_int_equal(seen.kept, ROUNDS * 3);
    assert_false(seen.unsynced);
    store_fixture_close(&fixture);
}

static void a_failed_sync_is_told_to_everyone_of_the_batch(void **state)
{
    (void)state;
    struct store_fixture fixture;
    store_fixture_open(&fixture, "sqlite");
    CLEANUP(intake_free) struct intake *intake = new_intake();
    struct sent sent[3];
    for (int i = 0; i < 3; i++) {
        submit(intake, &sent[i], i, answered_on_sqlite);
    }
    vfs_fault.fail_sync_at = vfs_fault.syncs + 1;
    uint32_t count = 0;
    assert_err(intake_step(intake, fixture.store, 3, &count, NULL), ERR_STORE_IO);
    assert_int_equal(seen.kept, 0);
    assert_int_equal(seen.refused, 3);
    assert_true(vfs_fault.lost_log > 0);
    vfs_fault.fail_sync_at = 0;
    for (int i = 0; i < 3; i++) { /* they come again, and nobody had to help */
        submit(intake, &sent[i], i, answered_on_sqlite);
    }
    assert_err(intake_step(intake, fixture.store, 3, &count, NULL), ERR_OK);
    assert_int_equal(seen.kept, 3);
    assert_false(seen.unsynced);
    store_fixture_close(&fixture);
}

static void nobody_is_told_kept_before_postgresql_has_flushed(void **state)
{
    (void)state;
    struct store_fixture fixture;
    memset(&seen, 0, sizeof seen);
    store_fixture_open(&fixture, "postgresql");
    seen.looking = PQconnectdb(fixture.url);
    assert_int_equal(PQstatus(seen.looking), CONNECTION_OK);
    CLEANUP(intake_free) struct intake *intake = new_intake();
    struct sent sent[3];
    for (int round = 0; round < ROUNDS; round++) {
        for (int i = 0; i < 3; i++) {
            submit(intake, &sent[i], round * 3 + i, answered_on_postgresql);
        }
        uint32_t count = 0;
        assert_err(intake_step(intake, fixture.store, 3, &count, NULL), ERR_OK);
    }
    assert_int_equal(seen.kept, ROUNDS * 3);
    /* The cluster is this test's own, but a server writes a little by itself now and then. */
    assert_in_range(seen.unflushed, 0, ROUNDS / 10);

    /* The check can fail: a commit that does not wait is seen before its flush. */
    bool caught = false;
    PQclear(PQexec(seen.looking, "CREATE TABLE hasty (n BIGINT)"));
    PQclear(PQexec(seen.looking, "SET synchronous_commit = off"));
    for (int i = 0; i < 1000 && !caught; i++) {
        PQclear(PQexec(seen.looking, "INSERT INTO hasty SELECT generate_series(1, 1000)"));
        caught = !is_flushed(seen.looking);
    }
    assert_true(caught);
    PQfinish(seen.looking);
    store_fixture_close(&fixture);
}

TESTS_MAIN("durable",
    TEST_WITH(nobody_is_told_kept_before_the_log_is_synced, disk_that_counts, usual_disk),
    TEST_WITH(a_failed_sync_is_told_to_everyone_of_the_batch, disk_that_counts, usual_disk),
    TEST(nobody_is_told_kept_before_postgresql_has_flushed))

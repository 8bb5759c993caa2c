/* What is promised of the SQLite engine alone: its files, its log, and what happens when the disk
 * fails. */
#include "base/limits.h"
#include "store/sqlite/engine.h"
#include "vfs_fault.h"
#include "world.h"
#include <errno.h>
#include <inttypes.h>
#include <pthread.h>
#include <sys/stat.h>

/* --- files --- */

static enum err open_url(const char *url, enum store_access access, struct err_info *reterr)
{
    struct store *store = NULL;
    enum err err = store_open(str_from(url), access, env_system(), &store, reterr);
    if (err == ERR_OK) {
        (void)store_close(store);
    }
    return err;
}

static void files_are_readable_by_their_owner_alone(void **state)
{
    struct world *world = world_of(state);
    char url[512];
    (void)snprintf(url, sizeof url, "sqlite://%s/new.db", world->fixture.directory);
    CLEANUP(store_close) struct store *store = NULL;
    assert_done(store_open(str_from(url), STORE_WRITE, env_system(), &store, reterr));
    assert_done(store_migrate(store, NULL, NULL, reterr));
    assert_done(store_lock_serve(store, reterr));
    static const char *const ends[] = {"", "-wal", "-shm", ".serve.lock"};
    for (size_t i = 0; i < sizeof ends / sizeof ends[0]; i++) {
        char path[512];
        struct stat status;
        (void)snprintf(path, sizeof path, "%s/new.db%s", world->fixture.directory, ends[i]);
        assert_row(stat(path, &status) == 0 && (status.st_mode & 0777) == 0600, ends[i]);
    }
}

static void any_file_name_can_be_said(void **state)
{
    struct world *world = world_of(state);
    static const struct {
        const char *in_url, *on_disk;
    } rows[] = {
        {"a%20b", "a b"},
        {"a b", "a b"},
        {"%3Fmode=memory%23", "?mode=memory#"},
        {"100%25", "100%"},
        {"\xc3\xa9'\";", "\xc3\xa9'\";"},
        {"file:x", "file:x"},
        {":memory:", ":memory:"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char url[512];
        char path[512];
        struct stat status;
        (void)snprintf(url, sizeof url, "sqlite://%s/%s", world->fixture.directory, rows[i].in_url);
        (void)snprintf(path, sizeof path, "%s/%s", world->fixture.directory, rows[i].on_disk);
        (void)unlink(path);
        assert_row(open_url(url, STORE_WRITE, NULL) == ERR_OK, rows[i].in_url);
        assert_row(stat(path, &status) == 0, rows[i].in_url);
    }
}

static void relative_name_is_taken_as_it_is(void **state)
{
    struct world *world = world_of(state);
    char *before = getcwd(NULL, 0);
    assert_int_equal(chdir(world->fixture.directory), 0);
    assert_err(open_url("sqlite::memory:", STORE_WRITE, NULL), ERR_OK);
    assert_err(open_url("sqlite:file:y?z", STORE_WRITE, NULL), ERR_CONFIG);
    assert_int_equal(access(":memory:", F_OK), 0);
    assert_int_equal(chdir(before), 0);
    free(before);
}

static void url_that_cannot_be_a_path_is_refused(void **state)
{
    (void)state;
    static const char *const urls[] = {"sqlite:", "sqlite://", "sqlite:///", "sqlite://host/x",
        "sqlite:///tmp/x?cache=shared", "sqlite:///tmp/x#y", "sqlite:///tmp/%", "sqlite:///tmp/%2",
        "sqlite:///tmp/%zz", "sqlite:///tmp/%00", "sqlite:///tmp/"};
    for (size_t i = 0; i < sizeof urls / sizeof urls[0]; i++) {
        struct err_info info = {""};
        assert_row(open_url(urls[i], STORE_WRITE, &info) == ERR_CONFIG, urls[i]);
        assert_row(info.text[0] != '\0', urls[i]);
    }
}

static void what_is_no_database_is_said_to_be_none(void **state)
{
    struct world *world = world_of(state);
    char url[512];
    char path[512];
    struct err_info info;
    (void)snprintf(url, sizeof url, "sqlite://%s/none.db", world->fixture.directory);
    assert_err(open_url(url, STORE_READ, &info), ERR_NOT_FOUND);
    (void)snprintf(url, sizeof url, "sqlite://%s/none/books.db", world->fixture.directory);
    assert_err(open_url(url, STORE_WRITE, &info), ERR_STORE_IO);
    (void)snprintf(url, sizeof url, "sqlite://%s", world->fixture.directory);
    assert_err(open_url(url, STORE_WRITE, &info), ERR_CONFIG);
    (void)snprintf(path, sizeof path, "%s/text.db", world->fixture.directory);
    (void)snprintf(url, sizeof url, "sqlite://%s/text.db", world->fixture.directory);
    FILE *text = fopen(path, "w");
    assert_non_null(text);
    for (int i = 0; i < 1000; i++) {
        (void)fputs("this is no database at all\n", text);
    }
    (void)fclose(text);
    assert_err(open_url(url, STORE_WRITE, &info), ERR_STORE_IO);
    assert_non_null(strstr(info.text, "no SQLite database"));
}

static void second_serve_is_refused_until_the_first_ends(void **state)
{
    struct world *world = world_of(state);
    struct store *second = world_another(world, STORE_WRITE);
    struct err_info info;
    assert_done(store_lock_serve(world->store, reterr));
    assert_done(store_lock_serve(world->store, reterr));
    assert_err(store_lock_serve(second, &info), ERR_LOCKED);
    assert_non_null(strstr(info.text, "another serve"));
    /* By another name too. */
    char link_path[512];
    char file_path[512];
    char url[600];
    struct store *third = NULL;
    (void)snprintf(file_path, sizeof file_path, "%s/books.db", world->fixture.directory);
    (void)snprintf(link_path, sizeof link_path, "%s/link.db", world->fixture.directory);
    assert_int_equal(symlink(file_path, link_path), 0);
    (void)snprintf(url, sizeof url, "sqlite://%s", link_path);
    assert_done(store_open(str_from(url), STORE_WRITE, env_system(), &third, reterr));
    assert_err(store_lock_serve(third, NULL), ERR_LOCKED);
    world->store = world->fixture.store = store_close(world->store);
    assert_done(store_lock_serve(third, reterr));
    (void)store_close(third);
    (void)store_close(second);
}

/* --- a file that goes away --- */

static void name_file(const struct world *world, const char *from, const char *to)
{
    char paths[2][512];
    (void)snprintf(paths[0], sizeof paths[0], "%s/%s", world->fixture.directory, from);
    (void)snprintf(paths[1], sizeof paths[1], "%s/%s", world->fixture.directory, to);
    assert_int_equal(rename(paths[0], paths[1]), 0);
}

static bool is_there(const struct world *world, const char *name)
{
    char path[512];
    (void)snprintf(path, sizeof path, "%s/%s", world->fixture.directory, name);
    return access(path, F_OK) == 0;
}

static void assert_no_write_begins(struct world *world, const char *words)
{
    struct err_info info = {""};
    assert_err(store_begin(world->store, STORE_WRITE, &info), ERR_STORE_IO);
    assert_non_null(strstr(info.text, words));
    assert_non_null(strstr(info.text, "put the file back"));
    assert_non_null(strstr(info.text, "stop the program"));
}

static void file_that_was_moved_away_takes_no_more_writes(void **state)
{
    struct world *world = world_of(state);
    (void)world_append(world, "evt_1");
    name_file(world, "books.db", "away.db");
    for (int i = 0; i < 3; i++) {
        assert_no_write_begins(world, "moved or deleted");
    }
    assert_false(is_there(world, "books.db")); /* no empty one in its place */
    /* Neither does another store that has come to stand under the name. */
    char url[512];
    (void)snprintf(url, sizeof url, "sqlite://%s/other.db", world->fixture.directory);
    assert_err(open_url(url, STORE_WRITE, NULL), ERR_OK);
    name_file(world, "other.db", "books.db");
    assert_no_write_begins(world, "another file");
}

static void file_that_was_deleted_takes_no_more_writes(void **state)
{
    struct world *world = world_of(state);
    char path[512];
    (void)snprintf(path, sizeof path, "%s/books.db", world->fixture.directory);
    assert_int_equal(unlink(path), 0);
    assert_no_write_begins(world, "moved or deleted");
    assert_no_write_begins(world, "moved or deleted");
    assert_false(is_there(world, "books.db"));
}

static void file_that_came_back_is_written_again(void **state)
{
    struct world *world = world_of(state);
    static const char *const ends[] = {"", "-wal", "-shm"};
    assert_done(store_lock_serve(world->store, reterr));
    (void)world_append(world, "evt_1");
    for (int with_log = 0; with_log < 2; with_log++) {
        char names[2][32];
        for (int i = 0; i < (with_log != 0 ? 3 : 1); i++) {
            (void)snprintf(names[0], sizeof names[0], "books.db%s", ends[i]);
            (void)snprintf(names[1], sizeof names[1], "away.db%s", ends[i]);
            name_file(world, names[0], names[1]);
        }
        assert_no_write_begins(world, "moved or deleted");
        for (int i = 0; i < (with_log != 0 ? 3 : 1); i++) {
            (void)snprintf(names[0], sizeof names[0], "books.db%s", ends[i]);
            (void)snprintf(names[1], sizeof names[1], "away.db%s", ends[i]);
            name_file(world, names[1], names[0]);
        }
        (void)world_append(world, with_log != 0 ? "evt_3" : "evt_2");
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_event"), 3);
    assert_str_equal_to(raw_text(world, "PRAGMA integrity_check"), "ok");
}

/* --- beside a running writer --- */

static void reader_works_on_a_live_log_and_cannot_write(void **state)
{
    struct world *world = world_of(state);
    (void)world_append(world, "evt_1");
    struct store *reader = world_another(world, STORE_READ);
    struct inbox_stats stats;
    world_write(world); /* a writer in the middle of its work */
    struct sample *sample = sample_new(world, "evt_2");
    assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
    begin_on(reader, STORE_READ);
    assert_done(inbox_stats(reader, &stats, reterr));
    commit_on(reader);
    assert_int64_equal(stats.total, 1);
    world_commit(world);
    begin_on(reader, STORE_READ);
    assert_done(inbox_stats(reader, &stats, reterr));
    commit_on(reader);
    assert_int64_equal(stats.total, 2);
    assert_aborts(begin_on(reader, STORE_WRITE));
    (void)store_close(reader);
}

static void reader_works_when_no_writer_runs(void **state)
{
    struct world *world = world_of(state);
    (void)world_append(world, "evt_1");
    world->store = world->fixture.store = store_close(world->store);
    struct store *reader = world_another(world, STORE_READ);
    struct inbox_stats stats;
    begin_on(reader, STORE_READ);
    assert_done(inbox_stats(reader, &stats, reterr));
    commit_on(reader);
    assert_int64_equal(stats.total, 1);
    (void)store_close(reader);
}

static void *begin_and_roll_back(void *context)
{
    struct store *store = context;
    enum err err = store_begin(store, STORE_WRITE, NULL);
    (void)store_rollback(store);
    return err == ERR_OK ? context : NULL;
}

static void second_writer_waits_for_the_first(void **state)
{
    struct world *world = world_of(state);
    struct store *other = world_another(world, STORE_WRITE);
    pthread_t thread;
    void *answer = NULL;
    world_write(world);
    assert_int_equal(pthread_create(&thread, NULL, begin_and_roll_back, other), 0);
    (void)usleep(200000);
    world_commit(world);
    assert_int_equal(pthread_join(thread, &answer), 0);
    assert_ptr_equal(answer, other);
    (void)store_close(other);
}

/* --- the log --- */

static void fill_log(struct world *world, struct store *store, int64_t bytes)
{
    static char body[256 * 1024];
    static int number;
    while (store_wal_bytes(store) < bytes) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_big_%d", number++);
        struct sample *sample = sample_new(world, id);
        sample->row.body = (struct str){body, sizeof body};
        begin_on(store, STORE_WRITE);
        assert_done(inbox_append(store, world->arena, &sample->row, 1, reterr));
        commit_on(store);
    }
}

static void checkpoint_empties_the_log_for_all_to_see(void **state)
{
    struct world *world = world_of(state);
    assert_done(store_lock_serve(world->store, reterr));
    struct store *checkpointer = world_another(world, STORE_WRITE);
    fill_log(world, world->store, 2 * 1024 * 1024);
    assert_true(store_wal_bytes(checkpointer) >= 2 * 1024 * 1024);
    int64_t bytes = -1;
    assert_done(store_checkpoint(checkpointer, false, &bytes, reterr));
    assert_int64_equal(bytes, 0);
    assert_int64_equal(store_wal_bytes(world->store), 0);
    (void)world_append(world, "evt_1");
    bytes = store_wal_bytes(world->store);
    assert_true(bytes > 0 && bytes < 1024 * 1024); /* from the beginning again */
    (void)store_close(checkpointer);
}

static void log_that_a_reader_needs_begins_anew_once_it_has_gone(void **state)
{
    struct world *world = world_of(state);
    assert_done(store_lock_serve(world->store, reterr));
    struct store *checkpointer = world_another(world, STORE_WRITE);
    struct store *reader = world_another(world, STORE_READ);
    struct inbox_stats stats;
    fill_log(world, world->store, 1024 * 1024);
    begin_on(reader, STORE_READ);
    assert_done(inbox_stats(reader, &stats, reterr));
    fill_log(world, world->store, (int64_t)LIMIT_WAL_BYTES + 1);
    int64_t bytes = 0;
    assert_done(store_checkpoint(checkpointer, true, &bytes, reterr));
    assert_true(bytes > LIMIT_WAL_BYTES - 1024 * 1024); /* nothing behind what the reader sees */
    assert_true(store_wal_bytes(world->store) > LIMIT_WAL_BYTES);
    commit_on(reader);
    assert_done(store_checkpoint(checkpointer, true, &bytes, reterr));
    assert_int64_equal(bytes, 0);
    assert_int64_equal(store_wal_bytes(world->store), 0);
    (void)store_close(reader);
    (void)store_close(checkpointer);
}

static void writer_that_is_no_serve_leaves_no_long_log(void **state)
{
    struct world *world = world_of(state);
    static char body[512 * 1024];
    for (int i = 0; i < 100; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        struct sample *sample = sample_new(world, id);
        sample->row.body = (struct str){body, sizeof body};
        world_write(world);
        assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
        world_commit(world);
    }
    assert_true(store_wal_bytes(world->store) < 16 * 1024 * 1024);
}

static void durability_is_full(void **state)
{
    struct world *world = world_of(state);
    bool synced = false;
    char why[STORE_WHY_BYTES];
    assert_done(store_durability(world->store, &synced, why, reterr));
    assert_true(synced);
    assert_string_equal(why, "synchronous = 2");
}

static void wait_ends_by_time_or_by_the_other_end_of_a_pipe(void **state)
{
    struct world *world = world_of(state);
    int fds[2];
    assert_int_equal(pipe(fds), 0);
    int64_t start_us = env_monotonic(env_system());
    store_wait(world->store, fds[0], 50000);
    int64_t waited_us = env_monotonic(env_system()) - start_us;
    assert_true(waited_us >= 49000);
    assert_int_equal(write(fds[1], "x", 1), 1);
    start_us = env_monotonic(env_system());
    store_wait(world->store, fds[0], 60 * US_PER_SECOND);
    assert_true(env_monotonic(env_system()) - start_us < 30 * US_PER_SECOND);
    (void)close(fds[0]);
    (void)close(fds[1]);
}

/* --- a disk that fails --- */

static struct store *open_on_fault_disk(struct world *world)
{
    vfs_fault_register();
    world->store = world->fixture.store = store_close(world->store);
    vfs_fault = (struct vfs_fault){.room_bytes = -1};
    sqlite_engine_use_vfs(VFS_FAULT_NAME);
    return world_another(world, STORE_WRITE);
}

static void close_on_fault_disk(struct world *world, struct store *store)
{
    vfs_fault = (struct vfs_fault){.room_bytes = -1};
    (void)store_close(store);
    sqlite_engine_use_vfs(NULL);
    world->store = world->fixture.store = world_another(world, STORE_WRITE);
}

static enum err append_on(struct world *world, struct store *store, const char *event_id)
{
    struct sample *sample = sample_new(world, event_id);
    TRY(store_begin(store, STORE_WRITE, NULL));
    enum err err = inbox_append(store, world->arena, &sample->row, 1, NULL);
    if (err == ERR_OK) {
        err = store_commit(store, NULL);
    }
    (void)store_rollback(store);
    return err;
}

static void commit_is_said_only_after_the_sync(void **state)
{
    struct world *world = world_of(state);
    struct store *store = open_on_fault_disk(world);
    for (int i = 0; i < 20; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        int64_t syncs = vfs_fault.syncs;
        assert_err(append_on(world, store, id), ERR_OK);
        assert_true(vfs_fault.syncs > syncs);
        assert_int64_equal(vfs_fault.unsynced_log, 0);
    }
    int64_t bytes = 0;
    assert_done(store_checkpoint(store, false, &bytes, reterr));
    assert_false(vfs_fault.moved_before_sync);
    assert_int64_equal(vfs_fault.unsynced_database, 0);
    close_on_fault_disk(world, store);
}

/* An event may be kept although its commit is said to have failed; never the reverse. */
static void assert_kept_all(struct world *world, const bool *acknowledged, int count)
{
    for (int i = 0; i < count; i++) {
        char sql[128];
        (void)snprintf(
            sql, sizeof sql, "SELECT count(*) FROM inbox_event WHERE event_id = 'evt_%d'", i);
        int64_t kept = raw_int(world, sql);
        assert_true(kept == 1 || (kept == 0 && !acknowledged[i]));
    }
    assert_str_equal_to(raw_text(world, "PRAGMA integrity_check"), "ok");
}

static void failed_sync_is_never_tried_again_and_heals_by_itself(void **state)
{
    struct world *world = world_of(state);
    enum { COUNT = 40 };
    bool acknowledged[COUNT];
    struct store *store = open_on_fault_disk(world);
    for (int i = 0; i < COUNT; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        bool fails = i % 4 == 1;
        vfs_fault.fail_sync_at = fails ? vfs_fault.syncs + 1 : 0;
        int64_t syncs = vfs_fault.syncs;
        enum err err = append_on(world, store, id);
        acknowledged[i] = err == ERR_OK;
        assert_err(err, fails ? ERR_STORE_IO : ERR_OK);
        if (fails) {
            assert_int64_equal(vfs_fault.syncs, syncs + 1);
            assert_true(vfs_fault.lost_log > 0);
        } else {
            assert_int64_equal(vfs_fault.lost_log, 0); /* all of the log was written once more */
        }
    }
    close_on_fault_disk(world, store);
    assert_kept_all(world, acknowledged, COUNT);
}

static void sync_that_finds_no_room_says_the_disk_is_full(void **state)
{
    struct world *world = world_of(state);
    struct store *store = open_on_fault_disk(world);
    vfs_fault.fail_sync_errno = ENOSPC;
    vfs_fault.fail_sync_at = vfs_fault.syncs + 1;
    assert_err(append_on(world, store, "evt_0"), ERR_STORE_FULL);
    assert_true(vfs_fault.lost_log > 0);
    assert_err(append_on(world, store, "evt_1"), ERR_OK);
    assert_int64_equal(vfs_fault.lost_log, 0);
    close_on_fault_disk(world, store);
    const bool acknowledged[] = {false, true};
    assert_kept_all(world, acknowledged, 2);
}

static void failed_write_loses_nothing_that_was_acknowledged(void **state)
{
    struct world *world = world_of(state);
    enum { COUNT = 60 };
    bool acknowledged[COUNT];
    struct store *store = open_on_fault_disk(world);
    for (int i = 0; i < COUNT; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        vfs_fault.fail_write_at = i % 3 == 1 ? vfs_fault.writes + 1 + i / 3 : 0;
        enum err err = append_on(world, store, id);
        acknowledged[i] = err == ERR_OK;
        assert_true(err == ERR_OK || err == ERR_STORE_IO);
        int64_t bytes = 0;
        if (i % 7 == 3) {
            vfs_fault.fail_sync_at = i % 2 == 0 ? vfs_fault.syncs + 1 : 0;
            (void)(store_checkpoint(store, false, &bytes, NULL) == ERR_OK);
            vfs_fault.fail_sync_at = 0;
        }
    }
    close_on_fault_disk(world, store);
    assert_kept_all(world, acknowledged, COUNT);
}

static void full_disk_is_said_and_over_once_there_is_room(void **state)
{
    struct world *world = world_of(state);
    enum { COUNT = 200 };
    bool acknowledged[COUNT];
    struct store *store = open_on_fault_disk(world);
    bool was_full = false;
    vfs_fault.room_bytes = 1024 * 1024;
    for (int i = 0; i < COUNT; i++) {
        char id[32];
        struct err_info info = {""};
        (void)snprintf(id, sizeof id, "evt_%d", i);
        struct sample *sample = sample_new(world, id);
        begin_on(store, STORE_WRITE);
        enum err err = inbox_append(store, world->arena, &sample->row, 1, &info);
        if (err == ERR_OK) {
            err = store_commit(store, &info);
        }
        (void)store_rollback(store);
        acknowledged[i] = err == ERR_OK;
        if (err != ERR_OK) {
            assert_err(err, ERR_STORE_FULL);
            assert_non_null(strstr(info.text, "no room"));
            was_full = true;
            vfs_fault.room_bytes = i % 2 == 0 ? 512 * 1024 : 0;
        }
    }
    assert_true(was_full);
    vfs_fault.room_bytes = -1;
    assert_err(append_on(world, store, "evt_after"), ERR_OK);
    close_on_fault_disk(world, store);
    assert_kept_all(world, acknowledged, COUNT);
}

static enum err commit_probe(struct store *store, bool with_write)
{
    TRY(store_begin(store, STORE_WRITE, NULL));
    enum err err = with_write ? store_probe(store, NULL) : ERR_OK;
    if (err == ERR_OK) {
        err = store_commit(store, NULL);
    }
    (void)store_rollback(store);
    return err;
}

static void probe_finds_a_disk_that_takes_no_commit(void **state)
{
    struct world *world = world_of(state);
    struct store *store = open_on_fault_disk(world);
    vfs_fault.room_bytes = 0;
    assert_err(commit_probe(store, false), ERR_OK); /* which proves nothing */
    assert_err(commit_probe(store, true), ERR_STORE_FULL);
    assert_err(commit_probe(store, true), ERR_STORE_FULL);
    vfs_fault.room_bytes = -1;
    int64_t syncs = vfs_fault.syncs;
    assert_err(commit_probe(store, true), ERR_OK);
    assert_true(vfs_fault.syncs > syncs);
    assert_int64_equal(vfs_fault.unsynced_log, 0);
    vfs_fault.fail_sync_at = vfs_fault.syncs + 1;
    assert_err(commit_probe(store, true), ERR_STORE_IO);
    vfs_fault.fail_sync_at = 0;
    assert_err(commit_probe(store, true), ERR_OK);
    close_on_fault_disk(world, store);
}

/* --- statements for sets --- */

#define SET_ROWS 5

struct set_walk {
    uint32_t rows;
    char text[SET_ROWS][64]; /* by parameter row */
};

static enum err take_set_row(
    void *context, uint32_t index, const struct sql_value *columns, uint32_t column_count)
{
    struct set_walk *walk = context;
    assert_in_range(index, 0, SET_ROWS - 1);
    assert_int_equal(column_count, 3);
    walk->rows++;
    (void)snprintf(walk->text[index], sizeof walk->text[index],
        "%d:%" PRId64 " %d:" STR_FMT " %d:%zu", (int)columns[0].kind, columns[0].integer,
        (int)columns[1].kind, STR_ARG(columns[1].bytes), (int)columns[2].kind,
        columns[2].bytes.len);
    return ERR_OK;
}

static struct sql_engine *begin_engine(struct world *world)
{
    struct sql_engine *engine = NULL;
    assert_done(sqlite_engine_opener.open(
        str_from(world->fixture.url), STORE_WRITE, env_system(), &engine, reterr));
    assert_done(sql_begin(engine, true, reterr));
    return engine;
}

static void a_set_gives_what_its_rows_give_one_by_one(void **state)
{
    static const struct sql_statement one_by_one = {
        .text = "SELECT ?1, ?2, ?3 WHERE ?1 IS NOT 3", .parameters = "itb"};
    static const struct sql_statement as_set = {.text = "SELECT 'not run'",
        .parameters = "itb",
        .sqlite_set = "SELECT n, c1, c2, c3 FROM given WHERE c1 IS NOT 3"};
    const struct sql_value values[SET_ROWS * 3] = {sql_int(INT64_MIN), sql_text(STR("one")),
        sql_blob("\0\1", 2), sql_int(2), sql_text(STR("")), sql_null(), sql_int(3),
        sql_text(STR("left out")), sql_null(), sql_null(), sql_null(), sql_blob("", 0), sql_int(5),
        sql_text(STR("five")), sql_blob("\xff", 1)};
    struct set_walk apart = {.rows = 0};
    struct set_walk together = {.rows = 0};
    struct sql_engine *engine = begin_engine(world_of(state));
    assert_done(sql_run(engine, &one_by_one, values, SET_ROWS, take_set_row, &apart, NULL, reterr));
    assert_done(sql_run(engine, &as_set, values, SET_ROWS, take_set_row, &together, NULL, reterr));
    assert_int_equal(apart.rows, SET_ROWS - 1);
    assert_int_equal(together.rows, apart.rows);
    for (int i = 0; i < SET_ROWS; i++) {
        assert_string_equal(together.text[i], apart.text[i]);
    }
    sql_rollback(engine);
    engine->ops->close(engine);
}

static void a_set_with_a_row_that_breaks_a_rule_keeps_nothing(void **state)
{
    static const struct sql_statement make = {
        .text = "CREATE TABLE t (a INTEGER PRIMARY KEY)", .parameters = ""};
    static const struct sql_statement add = {.text = "INSERT INTO t VALUES (?1)",
        .parameters = "i",
        .sqlite_set = "INSERT INTO t SELECT c1 FROM given"};
    const struct sql_value fine[] = {sql_int(1), sql_int(2), sql_int(3)};
    const struct sql_value twice[] = {sql_int(4), sql_int(5), sql_int(4)};
    int64_t changed = 0;
    struct sql_engine *engine = begin_engine(world_of(state));
    assert_done(sql_run(engine, &make, NULL, 1, NULL, NULL, NULL, reterr));
    assert_done(sql_run(engine, &add, fine, 3, NULL, NULL, &changed, reterr));
    assert_int64_equal(changed, 3);
    assert_err(sql_run(engine, &add, twice, 3, NULL, NULL, &changed, NULL), ERR_INVALID);
    assert_err(sql_commit(engine, NULL), ERR_STORE_IO);
    engine->ops->close(engine);
    assert_false(raw_run(world_of(state), "SELECT count(*) FROM t"));
}

TESTS_MAIN("sqlite",
    WORLD_TEST(a_set_gives_what_its_rows_give_one_by_one),
    WORLD_TEST(a_set_with_a_row_that_breaks_a_rule_keeps_nothing),
    WORLD_TEST(files_are_readable_by_their_owner_alone),
    WORLD_TEST(any_file_name_can_be_said),
    WORLD_TEST(relative_name_is_taken_as_it_is),
    WORLD_TEST(url_that_cannot_be_a_path_is_refused),
    WORLD_TEST(what_is_no_database_is_said_to_be_none),
    WORLD_TEST(second_serve_is_refused_until_the_first_ends),
    WORLD_TEST(file_that_was_moved_away_takes_no_more_writes),
    WORLD_TEST(file_that_was_deleted_takes_no_more_writes),
    WORLD_TEST(file_that_came_back_is_written_again),
    WORLD_TEST(reader_works_on_a_live_log_and_cannot_write),
    WORLD_TEST(reader_works_when_no_writer_runs),
    WORLD_TEST(second_writer_waits_for_the_first),
    WORLD_TEST(checkpoint_empties_the_log_for_all_to_see),
    WORLD_TEST(log_that_a_reader_needs_begins_anew_once_it_has_gone),
    WORLD_TEST(writer_that_is_no_serve_leaves_no_long_log),
    WORLD_TEST(durability_is_full),
    WORLD_TEST(wait_ends_by_time_or_by_the_other_end_of_a_pipe),
    WORLD_TEST(commit_is_said_only_after_the_sync),
    WORLD_TEST(failed_sync_is_never_tried_again_and_heals_by_itself),
    WORLD_TEST(sync_that_finds_no_room_says_the_disk_is_full),
    WORLD_TEST(failed_write_loses_nothing_that_was_acknowledged),
    WORLD_TEST(full_disk_is_said_and_over_once_there_is_room),
    WORLD_TEST(probe_finds_a_disk_that_takes_no_commit))

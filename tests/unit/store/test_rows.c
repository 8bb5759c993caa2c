/* What the verbs share: rows that come back, words, and the migrations that the program carries. */
#include "base/digest.h"
#include "store/inbox.h"
#include "store/internal.h"
#include "testing.h"

static void rows_grow_to_their_bound_and_then_say_so(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    struct err_info info = {""};
    struct rows rows = rows_new(arena, sizeof(int64_t), 100, &info);
    for (int64_t i = 0; i < 100; i++) {
        int64_t *row = rows_add(&rows);
        assert_non_null(row);
        assert_int64_equal(*row, 0);
        *row = i;
    }
    assert_null(rows_add(&rows));
    assert_non_null(strstr(info.text, "100"));
    assert_int_equal(rows.count, 100);
    for (int64_t i = 0; i < 100; i++) {
        assert_int64_equal(((int64_t *)(void *)rows.items)[i], i);
    }
}

static void rows_without_room_say_so(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024);
    struct err_info info = {""};
    struct rows rows = rows_new(arena, 100, UINT32_MAX, &info);
    while (rows_add(&rows) != NULL) {
    }
    assert_non_null(strstr(info.text, "memory"));
}

static void column_of_another_kind_counts_as_nothing(void **state)
{
    (void)state;
    struct sql_value text = sql_text(STR("7"));
    struct sql_value null = sql_null();
    struct sql_value number = sql_int(7);
    uint8_t bytes[4] = {1, 2, 3, 4};
    assert_int64_equal(column_int(&number), 7);
    assert_int64_equal(column_int(&text), 0);
    assert_int64_equal(column_int(&null), 0);
    assert_str_equal_to(column_str(&text), "7");
    assert_str_equal_to(column_str(&number), NULL);
    column_bytes(&text, bytes, sizeof bytes);
    assert_memory_equal(bytes, "\0\0\0\0", 4);
    assert_true(own_id_is_none(column_id(&text)));
    struct own_id id = {{9}};
    struct sql_value blob = sql_id(&id);
    assert_true(own_id_eq(column_id(&blob), id));
    struct own_id none = {{0}};
    assert_int_equal(sql_id(&none).kind, SQL_NULL);
}

static void every_word_is_read_back(void **state)
{
    (void)state;
    for (int i = 0; i < WORK_STATUS_COUNT; i++) {
        enum work_status status = WORK_STATUS_COUNT;
        const char *word = work_status_word((enum work_status)i);
        assert_row(work_status_parse(str_from(word), &status) && (int)status == i, word);
    }
    for (int i = 0; i < CHANNEL_COUNT; i++) {
        enum channel channel = CHANNEL_COUNT;
        const char *word = channel_word((enum channel)i);
        assert_row(channel_parse(str_from(word), &channel) && (int)channel == i, word);
    }
    enum work_status status;
    enum channel channel;
    assert_false(work_status_parse(STR("New"), &status));
    assert_false(work_status_parse(STR(""), &status));
    assert_false(channel_parse(STR("webhooks"), &channel));
}

extern const struct sql_migration sqlite_migrations[];
extern const struct sql_migration postgres_migrations[];

static void migrations_are_numbered_and_carry_their_own_hash(void **state)
{
    (void)state;
    const struct sql_migration *engines[] = {sqlite_migrations, postgres_migrations};
    for (int engine = 0; engine < 2; engine++) {
        int at = 0;
        for (; engines[engine][at].version != 0; at++) {
            const struct sql_migration *migration = &engines[engine][at];
            uint8_t digest[SHA256_BYTES];
            char hex[2 * SHA256_BYTES + 1] = "";
            sha256(str_from(migration->text), digest);
            hex_encode(hex, digest, sizeof digest);
            assert_row(strcmp(hex, migration->sha256) == 0, migration->name);
            assert_int_equal(migration->version, at + 1);
            /* One schema: both engines go by the same steps. */
            assert_string_equal(migration->name, engines[0][at].name);
        }
        assert_int_equal(engines[0][at].version, 0);
        assert_true(at > 0);
    }
}

TESTS_MAIN("rows",
    TEST(rows_grow_to_their_bound_and_then_say_so),
    TEST(rows_without_room_say_so),
    TEST(column_of_another_kind_counts_as_nothing),
    TEST(every_word_is_read_back),
    TEST(migrations_are_numbered_and_carry_their_own_hash))

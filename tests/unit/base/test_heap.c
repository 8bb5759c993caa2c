/* A heap that runs out: each allocation of the room fails in turn, and that is an answer. */
#include "base/json.h"
#include "base/log.h"
#include "unit/testing.h"
#include <fcntl.h>

void *__real_malloc(size_t bytes);
void *__real_calloc(size_t count, size_t bytes);
void *__real_realloc(void *old, size_t bytes);
void *__wrap_malloc(size_t bytes);
void *__wrap_calloc(size_t count, size_t bytes);
void *__wrap_realloc(void *old, size_t bytes);

static bool heap_is_bounded;
static int allocations_left;
static int refusals;

static bool heap_refuses(void)
{
    if (!heap_is_bounded || allocations_left-- > 0) {
        return false;
    }
    refusals++;
    return true;
}

void *__wrap_malloc(size_t bytes)
{
    return heap_refuses() ? NULL : __real_malloc(bytes);
}

void *__wrap_calloc(size_t count, size_t bytes)
{
    return heap_refuses() ? NULL : __real_calloc(count, bytes);
}

void *__wrap_realloc(void *old, size_t bytes)
{
    return heap_refuses() ? NULL : __real_realloc(old, bytes);
}

static void allow(int allocations)
{
    heap_is_bounded = true;
    allocations_left = allocations;
    refusals = 0;
}

static int refused_in_the_meantime(void)
{
    heap_is_bounded = false;
    return refusals;
}

static void an_arena_without_heap_gives_nothing_and_stays_usable(void **state)
{
    (void)state;
    allow(0);
    struct arena *none = arena_new(1 << 20);
    assert_int_equal(refused_in_the_meantime(), 1);
    assert_null(none);

    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    allow(0);
    void *piece = arena_alloc(arena, 100);
    struct str copy = arena_copy(arena, STR("text"));
    assert_int_equal(refused_in_the_meantime(), 2);
    assert_null(piece);
    assert_null(copy.data);
    assert_non_null(arena_alloc(arena, 100));
}

static void a_buffer_without_heap_has_failed_and_keeps_what_it_had(void **state)
{
    (void)state;
    char long_text[2000];
    memset(long_text, 'b', sizeof long_text - 1);
    long_text[sizeof long_text - 1] = '\0';
    for (int formatted = 0; formatted < 2; formatted++) {
        CLEANUP(buf_fini) struct buf buf;
        buf_init(&buf, 1 << 20);
        buf_add(&buf, STR("a"));
        allow(0);
        if (formatted == 0) {
            buf_add(&buf, str_from(long_text));
        } else {
            buf_addf(&buf, "%s", long_text);
        }
        assert_int_equal(refused_in_the_meantime(), 1);
        assert_true(buf.failed);
        assert_str_equal_to(buf_str(&buf), "a");
        buf_clear(&buf);
        buf_add(&buf, STR("again"));
        assert_str_equal_to(buf_str(&buf), "again");
    }
    CLEANUP(buf_fini) struct buf buf;
    buf_init(&buf, 1 << 20);
    allow(0);
    buf_addf(&buf, "%d", 1);
    assert_int_equal(refused_in_the_meantime(), 1);
    assert_true(buf.failed);
}

static void a_document_read_without_heap_is_too_large_not_a_crash(void **state)
{
    (void)state;
    static const char text[] =
        "{\"a\":[1,2,{\"b\\n\":\"\\u20ac\"}],\"c\":\"\\n\\n\\n\",\"d\":12.5,\"e\":null}";
    int allocations = 0;
    enum err err = ERR_TOO_LARGE;
    for (; err != ERR_OK; allocations++) {
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        struct json_document document;
        allow(allocations);
        err = json_parse(str_from(text), arena, &document);
        int refused = refused_in_the_meantime();
        assert_true((refused > 0) == (err != ERR_OK));
        assert_int_equal(document.problem, err == ERR_OK ? JSON_FINE : JSON_NO_MEMORY);
        assert_true(err == ERR_OK || err == ERR_TOO_LARGE);
    }
    assert_true(allocations > 2); /* the arena's block and the parser's scratch, at least */
}

static void a_line_without_heap_is_lost_and_no_half_of_it_is_written(void **state)
{
    (void)state;
    int ends[2];
    char text[100];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(fcntl(ends[0], F_SETFL, O_NONBLOCK), 0);
    log_open(ends[1], LOG_DEBUG, env_system());
    allow(0);
    log_event(LOG_INFO, "lost", log_int("n", 1));
    assert_true(refused_in_the_meantime() > 0);
    assert_int_equal(read(ends[0], text, sizeof text), -1);
    log_event(LOG_INFO, "heard");
    assert_true(read(ends[0], text, sizeof text) > 0);
    (void)close(ends[0]);
    (void)close(ends[1]);
}

TESTS_MAIN("base/heap",
    TEST(an_arena_without_heap_gives_nothing_and_stays_usable),
    TEST(a_buffer_without_heap_has_failed_and_keeps_what_it_had),
    TEST(a_document_read_without_heap_is_too_large_not_a_crash),
    TEST(a_line_without_heap_is_lost_and_no_half_of_it_is_written))

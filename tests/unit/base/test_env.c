#include "base/env.h"
#include "unit/testing.h"
#include <pthread.h>

static void the_system_clock_is_that_of_the_c_library(void **state)
{
    (void)state;
    int64_t before = (int64_t)time(NULL) - 1;
    int64_t now_us = env_now(env_system());
    int64_t after = (int64_t)time(NULL) + 1;
    assert_true(now_us >= before * 1000000);
    assert_true(now_us <= after * 1000000);
}

static void the_monotonic_clock_never_goes_back(void **state)
{
    (void)state;
    int64_t before = env_monotonic(env_system());
    for (int i = 0; i < 10000; i++) {
        int64_t now = env_monotonic(env_system());
        assert_true(now >= before);
        before = now;
    }
}

static void random_bytes_of_any_count_are_filled_and_do_not_repeat(void **state)
{
    (void)state;
    static uint8_t bytes[20000];
    for (size_t count = 0; count < sizeof bytes; count = count * 2 + 1) {
        memset(bytes, 0, sizeof bytes);
        env_random(env_system(), bytes, count);
        for (size_t i = count; i < sizeof bytes; i++) {
            assert_int_equal(bytes[i], 0); /* and not one byte more */
        }
        size_t zeroes = 0;
        for (size_t i = 0; i < count; i++) {
            zeroes += bytes[i] == 0 ? 1 : 0;
        }
        assert_true(count < 1000 || zeroes < count / 64); /* some 1/256 are expected */
    }
    uint64_t drawn[1000];
    for (size_t i = 0; i < 1000; i++) {
        env_random(env_system(), &drawn[i], sizeof drawn[i]);
        for (size_t other = 0; other < i; other++) {
            assert_true(drawn[other] != drawn[i]);
        }
    }
}

static void *draw_one(void *to)
{
    env_random(env_system(), to, sizeof(uint64_t));
    return NULL;
}

static void threads_draw_different_bytes(void **state)
{
    (void)state;
    pthread_t threads[8];
    uint64_t drawn[8];
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, draw_one, &drawn[i]), 0);
    }
    for (size_t i = 0; i < 8; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        for (size_t other = 0; other < i; other++) {
            assert_true(drawn[other] != drawn[i]);
        }
    }
}

static void a_child_process_does_not_draw_its_parents_bytes(void **state)
{
    (void)state;
    int ends[2];
    uint64_t ours = 0;
    uint64_t theirs = 0;
    env_random(env_system(), &ours, sizeof ours); /* a block is drawn now */
    assert_int_equal(pipe(ends), 0);
    (void)fflush(stdout);
    pid_t child = fork();
    assert_true(child >= 0);
    env_random(env_system(), &ours, sizeof ours);
    if (child == 0) {
        _exit(write(ends[1], &ours, sizeof ours) == sizeof ours ? 0 : 1);
    }
    assert_int_equal(read(ends[0], &theirs, sizeof theirs), sizeof theirs);
    assert_int_equal(waitpid(child, NULL, 0), child);
    (void)close(ends[0]);
    (void)close(ends[1]);
    assert_true(ours != theirs);
}

static void virtual_time_moves_only_when_told(void **state)
{
    (void)state;
    struct env_virtual virtual;
    struct env *env = env_virtual_init(&virtual, 1000, 1);
    assert_int64_equal(env_now(env), 1000);
    assert_int64_equal(env_monotonic(env), 1000);
    virtual.clock_us += 5;
    assert_int64_equal(env_now(env), 1005);
    assert_int64_equal(env_monotonic(env), 1005);
}

static void the_same_seed_gives_the_same_chance_and_another_one_another(void **state)
{
    (void)state;
    struct env_virtual one;
    struct env_virtual same;
    struct env_virtual other;
    (void)env_virtual_init(&one, 0, test_seed());
    (void)env_virtual_init(&same, 7, test_seed());
    (void)env_virtual_init(&other, 0, test_seed() + 1);
    uint8_t a[100];
    uint8_t b[100];
    env_random(&one.env, a, sizeof a);
    env_random(&same.env, b, sizeof b);
    assert_memory_equal(a, b, sizeof a);
    env_random(&other.env, b, sizeof b);
    assert_memory_not_equal(a, b, sizeof a);
}

static void splitmix64_gives_its_published_numbers(void **state)
{
    (void)state;
    struct env_virtual virtual;
    struct env *env = env_virtual_init(&virtual, 0, 1234567);
    static const uint64_t expected[] = {UINT64_C(6457827717110365317),
        UINT64_C(3203168211198807973), UINT64_C(9817491932198370423)};
    for (size_t i = 0; i < 3; i++) {
        uint64_t value = 0;
        env_random(env, &value, sizeof value);
        assert_true(value == expected[i]);
    }
}

static void random_below_stays_below_and_reaches_all(void **state)
{
    (void)state;
    struct env_virtual virtual;
    struct env *env = env_virtual_init(&virtual, 0, test_seed());
    int hits[10] = {0};
    for (int i = 0; i < 10000; i++) {
        uint64_t value = env_random_below(env, 10);
        assert_true(value < 10);
        hits[value]++;
    }
    for (int i = 0; i < 10; i++) {
        assert_true(hits[i] > 800 && hits[i] < 1200);
    }
    for (int i = 0; i < 100; i++) {
        assert_true(env_random_below(env, 1) == 0);
        assert_true(env_random_below(env, UINT64_MAX) < UINT64_MAX);
    }
}

static void below_nothing_there_is_nothing(void **state)
{
    (void)state;
    assert_aborts((void)env_random_below(env_system(), 0));
}

static void a_sleep_lasts_on_the_system_and_is_a_step_on_the_virtual_clock(void **state)
{
    (void)state;
    int64_t before = env_monotonic(env_system());
    env_sleep(env_system(), -1);
    env_sleep(env_system(), 2000);
    assert_true(env_monotonic(env_system()) - before >= 2000);

    struct env_virtual virtual;
    struct env *env = env_virtual_init(&virtual, 1000, test_seed());
    env_sleep(env, INT64_C(3600) * 1000000);
    assert_int64_equal(env_now(env), 1000 + INT64_C(3600) * 1000000);
    env_sleep(env, -5);
    assert_int64_equal(env_monotonic(env), 1000 + INT64_C(3600) * 1000000);
}

TESTS_MAIN("base/env",
    TEST(the_system_clock_is_that_of_the_c_library),
    TEST(the_monotonic_clock_never_goes_back),
    TEST(random_bytes_of_any_count_are_filled_and_do_not_repeat),
    TEST(threads_draw_different_bytes),
    TEST(a_child_process_does_not_draw_its_parents_bytes),
    TEST(virtual_time_moves_only_when_told),
    TEST(a_sleep_lasts_on_the_system_and_is_a_step_on_the_virtual_clock),
    TEST(the_same_seed_gives_the_same_chance_and_another_one_another),
    TEST(splitmix64_gives_its_published_numbers),
    TEST(random_below_stays_below_and_reaches_all),
    TEST(below_nothing_there_is_nothing))

#include "base/env.h"
#include "base/check.h"
#include <errno.h>
#include <pthread.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define US_IN_SECOND 1000000
#define RANDOM_BLOCK_BYTES 4096

/* ---- the real one -------------------------------------------------------------------------- */

static int64_t clock_us(clockid_t clock)
{
    struct timespec now;
    int failed = clock_gettime(clock, &now);
    INVARIANT(failed == 0); /* both clocks exist on every Linux */
    return (int64_t)now.tv_sec * US_IN_SECOND + now.tv_nsec / 1000;
}

static int64_t system_now_us(struct env *env)
{
    (void)env;
    return clock_us(CLOCK_REALTIME);
}

static int64_t system_monotonic_us(struct env *env)
{
    (void)env;
    return clock_us(CLOCK_MONOTONIC);
}

/* Random bytes drawn and not yet given out: an id costs a copy of 16 bytes, not a system call. */
static _Thread_local uint8_t random_block[RANDOM_BLOCK_BYTES];
static _Thread_local size_t random_left;

/* A child process must not give out the bytes that its parent is going to give out. */
static void forget_random_block(void)
{
    random_left = 0;
}

static void watch_forks(void)
{
    int failed = pthread_atfork(NULL, NULL, forget_random_block);
    INVARIANT(failed == 0);
}

static void draw_random_block(void)
{
    static pthread_once_t watching = PTHREAD_ONCE_INIT;
    (void)pthread_once(&watching, watch_forks);
    size_t drawn = 0;
    while (drawn < sizeof random_block) {
        ssize_t got = getrandom(random_block + drawn, sizeof random_block - drawn, 0);
        INVARIANT(
            got > 0 || errno == EINTR); /* without chance there are no ids: better no process */
        drawn += got > 0 ? (size_t)got : 0;
    }
    random_left = sizeof random_block;
}

static void system_random(struct env *env, void *to, size_t bytes)
{
    (void)env;
    uint8_t *out = to;
    while (bytes > 0) {
        if (random_left == 0) {
            draw_random_block();
        }
        size_t part = bytes < random_left ? bytes : random_left;
        uint8_t *from = random_block + (sizeof random_block - random_left);
        memcpy(out, from, part);
        explicit_bzero(from, part); /* what was given out cannot be read here later */
        random_left -= part;
        out += part;
        bytes -= part;
    }
}

static void system_sleep(struct env *env, int64_t us)
{
    (void)env;
    if (us <= 0) {
        return;
    }
    int64_t end_us = clock_us(CLOCK_MONOTONIC) + us;
    struct timespec end = {end_us / US_IN_SECOND, end_us % US_IN_SECOND * 1000};
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &end, NULL) == EINTR) {
    }
}

struct env *env_system(void)
{
    static struct env env = {system_now_us, system_monotonic_us, system_random, system_sleep};
    return &env;
}

/* ---- the deterministic one ----------------------------------------------------------------- */

static int64_t virtual_now_us(struct env *env)
{
    return ((struct env_virtual *)env)->clock_us;
}

/* splitmix64 (Steele, Lea, Flood 2014): one word of state, so a test can note and restore it. */
static uint64_t virtual_next(struct env_virtual *virtual)
{
    virtual->state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = virtual->state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

static void virtual_random(struct env *env, void *to, size_t bytes)
{
    struct env_virtual *virtual = (struct env_virtual *)env;
    uint8_t *out = to;
    while (bytes > 0) {
        uint64_t word = virtual_next(virtual);
        size_t part = bytes < sizeof word ? bytes : sizeof word;
        memcpy(out, &word, part);
        out += part;
        bytes -= part;
    }
}

static void virtual_sleep(struct env *env, int64_t us)
{
    ((struct env_virtual *)env)->clock_us += us > 0 ? us : 0;
}

_Static_assert(offsetof(struct env_virtual, env) == 0, "the casts above rely on it");

struct env *env_virtual_init(struct env_virtual *virtual, int64_t now_us, uint64_t seed)
{
    REQUIRE(virtual != NULL);
    virtual->env = (struct env){virtual_now_us, virtual_now_us, virtual_random, virtual_sleep};
    virtual->clock_us = now_us;
    virtual->state = seed;
    return &virtual->env;
}

uint64_t env_random_below(struct env *env, uint64_t limit)
{
    REQUIRE(env != NULL);
    REQUIRE(limit > 0);
    /* The lowest 2^64 mod limit values are drawn again, or the small results would come up more
     * often. */
    uint64_t uneven = (0 - limit) % limit;
    uint64_t value;
    do {
        env->random(env, &value, sizeof value);
    } while (value < uneven);
    ENSURE(value % limit < limit);
    return value % limit;
}

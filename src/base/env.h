/* env: time and chance, the only door to either, so that a test or a simulator can stand in.
 *
 * Layer: base.
 */
#pragma once

#include <stddef.h>
#include <stdint.h>

struct env {
    int64_t (*now_us)(struct env *env);       /* UTC microseconds since the epoch; may jump */
    int64_t (*monotonic_us)(struct env *env); /* never goes back; only differences mean anything */
    void (*random)(
        struct env *env, void *to, size_t bytes); /* unpredictable; safe from any thread */
    void (*sleep)(struct env *env, int64_t us);   /* at least that long, on the monotonic clock */
};

struct env *env_system(
    void); /* the real one: clock_gettime, getrandom drawn in blocks per thread */

/* A deterministic one for tests and the sandbox's merchant: starts at `now_us`, moves only when
 * told; a sleep moves it at once. */
struct env_virtual {
    struct env env; /* first member */
    int64_t clock_us;
    uint64_t state;
};
struct env *env_virtual_init(struct env_virtual *virtual, int64_t now_us, uint64_t seed);

static inline int64_t env_now(struct env *env)
{
    return env->now_us(env);
}

static inline int64_t env_monotonic(struct env *env)
{
    return env->monotonic_us(env);
}

static inline void env_random(struct env *env, void *to, size_t bytes)
{
    env->random(env, to, bytes);
}

/* Blocks; nothing for us <= 0. */
static inline void env_sleep(struct env *env, int64_t us)
{
    env->sleep(env, us);
}

uint64_t env_random_below(struct env *env, uint64_t limit); /* uniform in [0, limit); limit > 0 */

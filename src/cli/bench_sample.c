#include "cli/bench_sample.h"
#include "base/check.h"
#include "base/timestamp.h"
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#define EVERY_US (US_PER_SECOND / 2)
#define NAP_US (20 * 1000)
#define NOISE_SHARE 50  /* growth of a backlog by a 50th of what was decided in a quarter ... */
#define NOISE_ROWS 1000 /* ... or of so many rows is the noise of the moments of sampling */

struct bench_sampler {
    const struct bench_server *server;
    struct env *env;
    pthread_t thread;
    bool joined;
    atomic_bool ending;
    uint32_t count;
    struct bench_sample samples[BENCH_SAMPLES_MAX];
};

enum err bench_sample_take(const struct bench_server *server,
    struct env *env,
    struct bench_sample *ret_sample,
    struct err_info *reterr)
{
    struct scrape scrape;
    struct bench_usage usage;
    TRY(bench_server_scrape(server, &scrape, reterr));
    bench_server_usage(server, &usage);
    *ret_sample = (struct bench_sample){
        .at_us = env_monotonic(env),
        .open = scrape.values[METRIC_EVENTS_OPEN],
        .decided = scrape.values[METRIC_EVENTS_APPLIED] + scrape.values[METRIC_EVENTS_STALE] +
                   scrape.values[METRIC_EVENTS_RECORDED] + scrape.values[METRIC_EVENTS_DEAD],
        .batches = scrape.values[METRIC_INTAKE_BATCHES],
        .kept = scrape.values[METRIC_DELIVERIES_KEPT],
        .wal_bytes = usage.wal_bytes,
    };
    return ERR_OK;
}

static void *sample_now_and_then(void *context)
{
    struct bench_sampler *sampler = context;
    int64_t next_us = env_monotonic(sampler->env);
    while (!atomic_load(&sampler->ending)) {
        if (env_monotonic(sampler->env) < next_us) {
            (void)usleep(NAP_US);
            continue;
        }
        next_us += EVERY_US;
        if (sampler->count < BENCH_SAMPLES_MAX &&
            bench_sample_take(
                sampler->server, sampler->env, &sampler->samples[sampler->count], NULL) == ERR_OK) {
            sampler->count++;
        }
    }
    return NULL;
}

struct bench_sampler *bench_sampler_new(const struct bench_server *server, struct env *env)
{
    struct bench_sampler *sampler = calloc(1, sizeof *sampler);
    if (sampler == NULL) {
        return NULL;
    }
    sampler->server = server;
    sampler->env = env;
    if (pthread_create(&sampler->thread, NULL, sample_now_and_then, sampler) != 0) {
        free(sampler);
        return NULL;
    }
    return sampler;
}

const struct bench_sample *bench_sampler_end(struct bench_sampler *sampler, uint32_t *ret_count)
{
    REQUIRE(sampler != NULL);
    if (!sampler->joined) {
        atomic_store(&sampler->ending, true);
        (void)pthread_join(sampler->thread, NULL);
        sampler->joined = true;
    }
    *ret_count = sampler->count;
    return sampler->samples;
}

struct bench_sampler *bench_sampler_free(struct bench_sampler *sampler)
{
    uint32_t count = 0;
    if (sampler != NULL) {
        (void)bench_sampler_end(sampler, &count);
        free(sampler);
    }
    return NULL;
}

/* ---- what they say --------------------------------------------------------------------------- */

static int64_t mean_open(
    const struct bench_sample *samples, uint32_t count, int64_t from_us, int64_t to_us)
{
    int64_t sum = 0;
    int64_t counted = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (samples[i].at_us >= from_us && samples[i].at_us <= to_us) {
            sum += samples[i].open;
            counted++;
        }
    }
    return counted > 0 ? sum / counted : 0;
}

static int64_t per(int64_t amount, int64_t whole)
{
    return whole > 0 ? amount / whole : 0;
}

void bench_window_of(const struct bench_sample *samples,
    uint32_t count,
    int64_t from_us,
    int64_t to_us,
    struct bench_window *ret_window)
{
    REQUIRE(from_us <= to_us);
    const struct bench_sample *first = NULL;
    const struct bench_sample *last = NULL;
    struct bench_window window = {0};
    for (uint32_t i = 0; i < count; i++) {
        if (samples[i].at_us < from_us || samples[i].at_us > to_us) {
            continue;
        }
        first = first == NULL ? &samples[i] : first;
        last = &samples[i];
        window.wal_bytes_max = samples[i].wal_bytes > window.wal_bytes_max ? samples[i].wal_bytes
                                                                           : window.wal_bytes_max;
    }
    if (first != NULL && last != first) {
        int64_t quarter_us = (to_us - from_us) / 4;
        int64_t ms = (last->at_us - first->at_us) / 1000;
        window.decided_per_s = per((last->decided - first->decided) * 1000, ms);
        window.batch_rows = per(last->kept - first->kept, last->batches - first->batches);
        window.open_first = first->open;
        window.open_last = last->open;
        window.open_third =
            mean_open(samples, count, from_us + 2 * quarter_us, from_us + 3 * quarter_us);
        window.open_fourth = mean_open(samples, count, from_us + 3 * quarter_us, to_us);
        int64_t noise = window.decided_per_s * quarter_us / US_PER_SECOND / NOISE_SHARE;
        noise = noise > NOISE_ROWS ? noise : NOISE_ROWS;
        window.sustained = window.open_fourth - window.open_third <= noise;
    }
    *ret_window = window;
}

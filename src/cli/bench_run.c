#include "cli/bench_run.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "provider/stripe/stripe.h"
#include "cli/bench_limit.h"
#include "cli/output.h"
#include <inttypes.h>
#include <stdlib.h>
#include <unistd.h>

#define OBJECTS_MAX 400000
/* In a closed loop nobody knows the rate beforehand. The shop's clock is paced for this one and
 * begins in the past, so that what it makes is neither far in the future nor, in a run of 20 s, too
 * young to see refunds. */
#define CLOSED_LOOP_RATE 12000
#define CLOSED_LOOP_HEAD_START_US (20 * US_PER_SECOND)
#define LIMIT_BODIES 8192
#define LIMIT_BATCH_ROWS_MIN 8
#define DRAIN_US (300 * US_PER_SECOND)
#define DRAIN_ROWS_MIN 10000 /* less is decided before it can be timed */
#define MIB (INT64_C(1024) * 1024)
#define IDLE_US (US_PER_SECOND)
#define SEARCH_RUNS 8
#define SEARCH_FINE_PARTS 25 /* enough when the gap is a 25th */
#define BEHIND_PARTS 20      /* of a second that the schedule may be behind at the end */
#define SEARCH_STEP_PERCENT 20

/* ---- pieces ---------------------------------------------------------------------------------- */

struct merchant *bench_shop_new(const struct bench *bench)
{
    int64_t rate = bench->rate > 0 ? bench->rate : CLOSED_LOOP_RATE;
    return merchant_new(&(struct merchant_config){
        .seed = (uint64_t)bench->seed,
        .start_us =
            env_now(bench->context->env) - (bench->rate > 0 ? 0 : CLOSED_LOOP_HEAD_START_US),
        .mean_gap_us = merchant_mix_events(&bench->mix) * 1000 / rate,
        .objects_max = OBJECTS_MAX,
        .forgetful = true,
        .mix = bench->mix,
    });
}

/* The measured part begins with the first tick that says so; what the server had used by then is
 * taken off. */
static void on_tick(void *context, int64_t now_us, bool measuring, uint64_t acknowledged)
{
    struct bench *bench = context;
    (void)acknowledged;
    if (measuring && bench->measured_from_us == 0) {
        bench->measured_from_us = now_us;
        bench_server_usage(&bench->server, &bench->before);
    }
}

static int64_t log_position(const struct bench *bench)
{
    return bench->server.place.sqlite ? -1
                                      : bench_postgres_log_position(bench->server.place.store_url);
}

static enum err run_load(struct bench *bench, struct err_info *reterr)
{
    bench->measured_from_us = 0;
    bench->log_before = log_position(bench);
    const struct load_config config = {
        .port = bench->server.public_port,
        .path = STR("/webhooks/bench"),
        .secret = STR(BENCH_SECRET),
        .sign = stripe_sign,
        .merchant = bench->merchant,
        .connections = (uint32_t)bench->connections,
        .rate = bench->rate,
        .warm_up_us = bench->warm_up_us,
        .measured_us = bench->seconds_us,
        .tick = on_tick,
        .context = bench,
        .stopped = command_is_stopped,
    };
    TRY(load_run(&config, bench->context->env, &bench->load, reterr));
    bench->log_after = log_position(bench);
    bench->acknowledged_ever += bench->load.acknowledged_in_all;
    bench_server_usage(&bench->server, &bench->after);
    bench->measured_to_us = env_monotonic(bench->context->env);
    if (command_is_stopped() || bench->measured_from_us == 0) {
        return err_set(reterr, ERR_CLOSED, "stopped before the end of the measurement");
    }
    if (bench->load.acknowledged == 0) {
        return err_set(reterr, ERR_NET_IO, "nothing was acknowledged; the last answer was HTTP %d",
            bench->load.last_refusal);
    }
    return ERR_OK;
}

/* Until everything that was kept is decided. *ret_us: how long that took. */
static enum err wait_for_projection(struct bench *bench, int64_t *ret_us, struct err_info *reterr)
{
    int64_t begun_us = env_monotonic(bench->context->env);
    struct bench_sample sample = {.open = 1};
    while (sample.open > 0) {
        int64_t waited_us = env_monotonic(bench->context->env) - begun_us;
        if (waited_us > DRAIN_US || command_is_stopped()) {
            return err_set(reterr, ERR_TIMEOUT, "%" PRId64 " events are still open", sample.open);
        }
        TRY(bench_sample_take(&bench->server, bench->context->env, &sample, reterr));
        if (sample.open > 0) {
            (void)usleep(100 * 1000);
        }
    }
    *ret_us = env_monotonic(bench->context->env) - begun_us;
    return ERR_OK;
}

/* ---- the limit ------------------------------------------------------------------------------- */

struct copies {
    struct str ids[LIMIT_BODIES], texts[LIMIT_BODIES];
    struct buf text;
};

static struct copies *copies_new(void)
{
    struct copies *copies = calloc(1, sizeof *copies);
    if (copies != NULL) {
        buf_init(&copies->text, (size_t)LIMIT_BODIES * 16384);
    }
    return copies;
}

static struct copies *copies_free(struct copies *copies)
{
    if (copies != NULL) {
        buf_fini(&copies->text);
        free(copies);
    }
    return NULL;
}
DEFINE_CLEANUP(struct copies *, copies_free);

/* The same mix that the server was given. Lengths first: the buffer moves while it grows. */
static enum err copy_events(struct bench *bench, struct copies *copies)
{
    struct merchant_event event;
    size_t at = 0;
    for (uint32_t i = 0; i < LIMIT_BODIES; i++) {
        TRY(merchant_next(bench->merchant, &event));
        copies->ids[i].len = event.id.len;
        copies->texts[i].len = event.body.len;
        buf_add(&copies->text, event.id);
        buf_add(&copies->text, event.body);
    }
    for (uint32_t i = 0; i < LIMIT_BODIES && !copies->text.failed; i++) {
        copies->ids[i].data = copies->text.data + at;
        at += copies->ids[i].len;
        copies->texts[i].data = copies->text.data + at;
        at += copies->texts[i].len;
    }
    return copies->text.failed ? ERR_BUSY : ERR_OK;
}

static enum err measure_limit(struct bench *bench,
    uint32_t batch_rows,
    struct bench_limit *ret_limit,
    struct err_info *reterr)
{
    char dir[BENCH_PATH_BYTES];
    CLEANUP(copies_free) struct copies *copies = copies_new();
    if (copies == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(copy_events(bench, copies));
    const struct bench_inserts inserts = {
        copies->ids, copies->texts, LIMIT_BODIES, batch_rows, bench->limit_us, bench->context->env};
    if (!bench->server.place.sqlite) {
        return bench_limit_postgres(bench->server.place.store_url, &inserts, ret_limit, reterr);
    }
    return str_copy_to(dir, sizeof dir, bench->dir)
               ? bench_limit_sqlite(dir, &inserts, ret_limit, reterr)
               : err_set(reterr, ERR_USAGE, "--dir is too long");
}

/* ---- reports --------------------------------------------------------------------------------- */

static void report_load(const struct bench *bench, struct bench_report *report)
{
    const struct load_result *load = &bench->load;
    int64_t acked = (int64_t)load->acknowledged;
    int64_t cpu_us = bench->after.cpu_us - bench->before.cpu_us;
    int64_t busy_us = bench->after.machine_busy_us - bench->before.machine_busy_us;
    bench_add_text(report, "store", "store", bench->server.place.sqlite ? "sqlite" : "postgresql");
    bench_add(report, "connections", "connections", "", bench->connections);
    if (bench->rate > 0) {
        bench_add(report, "rate_wanted", "open loop, events due", "events/s", bench->rate);
        bench_add(
            report, "late", "events due and not sent at the end", "events", (int64_t)load->late);
    }
    bench_add_ratio(report, "measured_s", "measured", "s", load->elapsed_us, US_PER_SECOND, 1);
    bench_add(report, "acknowledged", "acknowledged", "events", acked);
    bench_add(report, "refused", "refused", "events", (int64_t)load->refused);
    bench_add(report, "broken", "connections lost with an event", "", (int64_t)load->broken);
    bench_add_ratio(report, "events_per_s", "acknowledged a second", "events/s", acked * 1000,
        load->elapsed_us / 1000, 0);
    bench_add(report, "latency_p50_us", "latency, half within", "us",
        histogram_quantile(&load->latency, 500));
    bench_add(report, "latency_p99_us", "latency, 99 % within", "us",
        histogram_quantile(&load->latency, 990));
    bench_add(report, "latency_p999_us", "latency, 99.9 % within", "us",
        histogram_quantile(&load->latency, 999));
    bench_add(report, "latency_max_us", "latency, the longest", "us", load->latency.max);
    bench_add_ratio(
        report, "body_bytes", "body", "bytes/event", (int64_t)load->body_bytes, acked, 0);
    bench_add_ratio(report, "server_cpu_us", "processor, serve", "us/event", cpu_us, acked, 1);
    bench_add_ratio(report, "generator_cpu_us", "processor, this generator", "us/event",
        load->generator_cpu_us, acked, 1);
    bench_add_ratio(
        report, "machine_cpu_us", "processor, the whole machine", "us/event", busy_us, acked, 1);
}

static void report_server(
    const struct bench *bench, const struct bench_window *window, struct bench_report *report)
{
    int64_t acked = (int64_t)bench->load.acknowledged;
    bool written_known = bench->before.written_bytes >= 0 && bench->after.written_bytes >= 0;
    bench_add_ratio(report, "written_bytes", "written to disk by serve", "bytes/event",
        written_known ? bench->after.written_bytes - bench->before.written_bytes : BENCH_UNKNOWN,
        acked, 0);
    bench_add(
        report, "intake_batch_rows", "rows of an intake commit, mean", "", window->batch_rows);
    bench_add(
        report, "decided_per_s", "decided a second meanwhile", "events/s", window->decided_per_s);
    bench_add(report, "open_first", "open at the beginning", "events", window->open_first);
    bench_add(
        report, "open_third", "open, mean of the third quarter", "events", window->open_third);
    bench_add(
        report, "open_fourth", "open, mean of the fourth quarter", "events", window->open_fourth);
    bench_add(report, "open_last", "open at the end", "events", window->open_last);
    if (!bench->server.place.sqlite) {
        bool known = bench->log_before >= 0 && bench->log_after >= 0;
        bench_add_ratio(report, "log_bytes", "log (WAL) written by PostgreSQL", "bytes/event",
            known ? bench->log_after - bench->log_before : BENCH_UNKNOWN,
            (int64_t)bench->load.acknowledged_in_all, 0);
    } else {
        bench_add_ratio(
            report, "wal_max_mib", "longest log (WAL)", "MiB", window->wal_bytes_max, MIB, 1);
    }
    bench_add_ratio(report, "memory_peak_mib", "serve's memory, peak", "MiB",
        bench->after.memory_peak_bytes, MIB, 1);
}

/* What the kernel counted over serve's whole life: whoever may not read /proc/PID/io has this at
 * least. */
static void report_life(const struct bench *bench, struct bench_report *report)
{
    bench_add_ratio(report, "life_written_bytes", "written to disk, whole life of serve",
        "bytes/event",
        bench->server.place.sqlite ? bench->server.life_written_bytes : BENCH_UNKNOWN,
        (int64_t)bench->acknowledged_ever, 0);
    bench_add_ratio(report, "life_cpu_us", "processor, whole life of serve", "us/event",
        bench->server.life_cpu_us, (int64_t)bench->acknowledged_ever, 1);
}

static void report_limit(const struct bench *bench,
    const struct bench_limit *limit,
    int64_t batch_rows,
    struct bench_report *report)
{
    int64_t limit_per_s = (int64_t)limit->rows * 1000 / (limit->elapsed_us / 1000 + 1);
    int64_t per_s = (int64_t)bench->load.acknowledged * 1000 / (bench->load.elapsed_us / 1000 + 1);
    bench_add(report, "limit_batch_rows", "limit: rows of a commit", "", batch_rows);
    bench_add(report, "limit_per_s", "limit: the same bytes, bare inserts", "rows/s", limit_per_s);
    bench_add_ratio(report, "limit_share", "of the limit", "%", per_s * 100, limit_per_s, 1);
}

/* ---- intake ---------------------------------------------------------------------------------- */

static enum err start(struct bench *bench, struct bench_report *report, struct err_info *reterr)
{
    struct bench_usage usage;
    const struct bench_server_config config = {.dir = bench->dir.len > 0 ? bench->dir : STR("."),
        .store_url = bench->store,
        .no_project = bench->no_project,
        .keep = bench->keep};
    bench->dir = config.dir;
    TRY(bench_server_start(&config, bench->context->env, &bench->server, reterr));
    (void)usleep(IDLE_US);
    bench_server_usage(&bench->server, &usage);
    bench_add_ratio(
        report, "memory_idle_mib", "serve's memory, idle", "MiB", usage.memory_bytes, MIB, 1);
    bench->merchant = bench_shop_new(bench);
    return bench->merchant != NULL ? ERR_OK : err_set(reterr, ERR_BUSY, "out of memory");
}

/* One run under the eyes of the sampler. */
static enum err measure(
    struct bench *bench, struct bench_window *ret_window, struct err_info *reterr)
{
    CLEANUP(bench_sampler_free)
    struct bench_sampler *sampler = bench_sampler_new(&bench->server, bench->context->env);
    uint32_t count = 0;
    if (sampler == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory or threads");
    }
    TRY(run_load(bench, reterr));
    const struct bench_sample *samples = bench_sampler_end(sampler, &count);
    bench_window_of(samples, count, bench->measured_from_us, bench->measured_to_us, ret_window);
    return ERR_OK;
}

enum err bench_measure_intake(
    struct bench *bench, struct bench_report *report, struct err_info *reterr)
{
    struct bench_window window = {0};
    struct bench_limit limit = {0};
    TRY(start(bench, report, reterr));
    bench_add_text(report, "projection", "projection", bench->no_project ? "off" : "running");
    TRY(measure(bench, &window, reterr));
    report_load(bench, report);
    report_server(bench, &window, report);
    TRY(bench_server_stop(&bench->server, reterr));
    report_life(bench, report);
    if (bench->no_limit) {
        return ERR_OK;
    }
    int64_t batch_rows =
        window.batch_rows > LIMIT_BATCH_ROWS_MIN ? window.batch_rows : LIMIT_BATCH_ROWS_MIN;
    TRY(measure_limit(bench, (uint32_t)batch_rows, &limit, reterr));
    report_limit(bench, &limit, batch_rows, report);
    return ERR_OK;
}

/* ---- pipeline -------------------------------------------------------------------------------- */

/* The highest rate at which the backlog does not grow: steps up while it holds, down while it does
 * not, and then halves the gap between the two. */
static enum err search_rate(
    struct bench *bench, struct bench_window *ret_window, struct err_info *reterr)
{
    int64_t held = 0, failed = 0, drain_us = 0;
    struct bench_window window = {0};
    struct bench best = {0};
    for (int run = 0; run < SEARCH_RUNS; run++) {
        TRY(measure(bench, &window, reterr));
        bool good = window.sustained && bench->load.refused == 0 &&
                    bench->load.late * BEHIND_PARTS <= (uint64_t)bench->rate;
        if (!bench->context->json) {
            outf("  %8" PRId64 " events/s: %s (open %" PRId64 ", then %" PRId64 ")\n", bench->rate,
                good ? "held" : "not held", window.open_third, window.open_fourth);
            out_flush();
        }
        if (good) {
            held = bench->rate;
            *ret_window = window;
            best = *bench;
        } else {
            failed = bench->rate;
        }
        TRY(wait_for_projection(bench, &drain_us, reterr));
        if (failed == 0) {
            bench->rate += bench->rate * SEARCH_STEP_PERCENT / 100;
        } else if (held == 0) {
            bench->rate -= bench->rate * SEARCH_STEP_PERCENT / 100;
        } else {
            bench->rate = (held + failed) / 2;
        }
        if (held > 0 && failed > held && failed - held <= held / SEARCH_FINE_PARTS) {
            break;
        }
    }
    if (held == 0) {
        return err_set(
            reterr, ERR_DIFFERS, "no rate down to %" PRId64 " a second was held", failed);
    }
    best.acknowledged_ever = bench->acknowledged_ever;
    *bench = best;
    return ERR_OK;
}

enum err bench_measure_pipeline(
    struct bench *bench, struct bench_report *report, struct err_info *reterr)
{
    struct bench_window window = {0};
    int64_t drain_us = 0;
    TRY(start(bench, report, reterr));
    if (bench->search) {
        TRY(search_rate(bench, &window, reterr));
    } else {
        TRY(measure(bench, &window, reterr));
    }
    report_load(bench, report);
    report_server(bench, &window, report);
    bench_add_text(report, "sustained", "backlog not growing in the second half",
        window.sustained ? "yes" : "no");
    TRY(wait_for_projection(bench, &drain_us, reterr));
    bench_add_ratio(
        report, "drain_s", "until all of it was decided, then", "s", drain_us, US_PER_SECOND, 1);
    bench_add_ratio(report, "drain_per_s", "decided a second without intake", "events/s",
        window.open_last > DRAIN_ROWS_MIN ? window.open_last * US_PER_SECOND : BENCH_UNKNOWN,
        drain_us, 0);
    TRY(bench_server_stop(&bench->server, reterr));
    report_life(bench, report);
    return ERR_OK;
}

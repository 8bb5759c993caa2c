#include "base/check.h"
#include "base/metrics.h"
#include "base/timestamp.h"
#include "cli/reconcile_alert.h"
#include "cli/reconciler_inside.h"

#define ARENA_BYTES ((size_t)1024 * 1024 * 1024)

#define BACKOFF_MIN_US (5 * US_PER_SECOND)
#define BACKOFF_MAX_US (15 * US_PER_MINUTE)
#define GOES_ON_US US_PER_HOUR
#define LOCKED_US (5 * US_PER_SECOND) /* another node is at it */

/* --- trouble --- */

void reconciler_give_up(struct reconciled *reconciled)
{
    reconciled->run = reconcile_free(reconciled->run);
    reconciled->arena = arena_free(reconciled->arena);
}

/* What another node has done, or is at, is not due here; when it fails there, it will be again. */
static void leave_to_others(
    struct reconciler *reconciler, struct reconciled *reconciled, enum err err)
{
    struct env *env = reconciler->setup.env;
    reconciled->as_of_us = 0;
    if (err == ERR_LOCKED) {
        reconciled->retry_us = env_monotonic(env) + LOCKED_US;
    } else if (reconciled->is_open_day) {
        reconciled->open_due_us = env_now(env) + reconciler->setup.config->reconcile_every_us;
    } else {
        reconciled->look_us = 0;
    }
}

static void note_failure(struct reconciler *reconciler,
    struct reconciled *reconciled,
    enum err err,
    const struct err_info *info)
{
    struct env *env = reconciler->setup.env;
    int64_t wait_us = reconciled->backoff_us == 0 ? BACKOFF_MIN_US : 2 * reconciled->backoff_us;
    wait_us = wait_us > BACKOFF_MAX_US ? BACKOFF_MAX_US : wait_us;
    reconciler_give_up(reconciled);
    if (err == ERR_LOCKED || err == ERR_DUPLICATE) {
        leave_to_others(reconciler, reconciled, err);
        return;
    }
    if (reconciled->above != NULL) {
        reconciler_put_off_below(reconciler, reconciled, err, &wait_us);
    }
    reconciled->backoff_us = wait_us;
    reconciled->retry_us = env_monotonic(env) + wait_us;
    if (!atomic_load(&reconciler->stopping)) {
        metric_add(METRIC_RECONCILE_FAILED, 1);
        log_event(LOG_WARNING, "reconcile_failed",
            log_str("account", reconciled->account->says.name),
            log_text("connected", reconciled->below), log_text("error", err_name(err)),
            log_text("text", info->text), log_int("again_in_s", wait_us / US_PER_SECOND));
    }
}

/* --- what people are told --- */

static void call_people(struct reconciler *reconciler,
    const struct reconciled *reconciled,
    const struct reconcile_report *report)
{
    struct err_info info = {""};
    struct reconcile_called called = {0, 0};
    const struct reconcile_call call = {.config = reconciler->setup.config,
        .store = reconciler->store,
        .account = reconciled->below[0] != '\0' ? str_from(reconciled->below)
                                                : reconciled->account->says.name,
        .report = report,
        .zone = reconciled->zone,
        .stop_fd = reconciler->stop_fd};
    enum err err = reconcile_call_people(&call, &called, &info);
    if (err != ERR_OK) {
        log_event(LOG_ERROR, "alert_failed", log_str("account", call.account),
            log_text("error", err_name(err)), log_text("text", info.text));
    } else if (called.count > 0) {
        log_event(called.exit_code == 0 ? LOG_INFO : LOG_ERROR, "alert_run",
            log_str("account", call.account), log_int("critical", report->critical_total),
            log_int("called_for", called.count), log_int("exit_code", called.exit_code));
    }
}

static void log_end(const struct reconciled *reconciled,
    const struct reconcile_report *report,
    const struct reconcile_run *run)
{
    char first[DAY_TEXT_BYTES];
    char last[DAY_TEXT_BYTES];
    day_format(day_of(reconciled->zone, report->from_us), first);
    day_format(day_of(reconciled->zone, report->to_us - 1), last);
    log_event(report->critical_total > 0 ? LOG_ERROR
              : report->agreed           ? LOG_INFO
                                         : LOG_WARNING,
        "reconciled", log_str("account", reconciled->account->says.name),
        log_text("connected", reconciled->below), log_int("run", run->number),
        log_text("first_day", first), log_text("last_day", last),
        log_text("result", report->agreed ? "agreed" : "discrepancies"),
        log_int("open", report->open_total), log_int("critical", report->critical_total),
        log_int("raised", run->raised), log_int("cleared", run->cleared));
}

/* --- the end of a run --- */

static void keep_least(struct completeness *complete, const struct reconcile_report *report)
{
    for (uint32_t i = 0; i < report->measure_count; i++) {
        const struct report_measure *measure = &report->measures[i];
        struct completeness *least = &complete[measure->measure];
        int64_t ppm = measure->is_known ? measure_ppm(measure->part, measure->whole) : 0;
        if (measure->is_known && (!least->is_known || ppm < least->ppm)) {
            *least = (struct completeness){.is_known = true, .ppm = ppm};
        }
    }
}

/* Of connected accounts the least of all that were reconciled for the newest day counts. */
static void keep_completeness(struct reconciled *reconciled, const struct reconcile_report *report)
{
    struct reconciled *above = reconciled->above;
    if (above == NULL) {
        memset(reconciled->complete, 0, sizeof reconciled->complete);
        keep_least(reconciled->complete, report);
        return;
    }
    if (report->to_us > above->below_to_us) {
        memset(above->below_complete, 0, sizeof above->below_complete);
        above->below_to_us = report->to_us;
    }
    if (report->to_us == above->below_to_us) {
        keep_least(above->below_complete, report);
    }
}

static void finish(struct reconciler *reconciler, struct reconciled *reconciled)
{
    const struct reconcile_report *report = reconcile_report(reconciled->run);
    const struct reconcile_run run = reconcile_run(reconciled->run);
    struct env *env = reconciler->setup.env;
    metric_add(report->agreed ? METRIC_RECONCILE_AGREED : METRIC_RECONCILE_DIFFERS, 1);
    log_end(reconciled, report, &run);
    keep_completeness(reconciled, report);
    call_people(reconciler, reconciled, report);
    if (reconciled->is_open_day) {
        reconciled->open_due_us = env_now(env) + reconciler->setup.config->reconcile_every_us;
    }
    reconciled->as_of_us = 0;
    reconciled->backoff_us = 0;
    reconciler->gauges_due_us = 0;
    reconciler_give_up(reconciled);
}

/* --- its steps --- */

static enum err open_its_zone(struct reconciled *reconciled, struct err_info *reterr)
{
    if (!reconciled->zone_is_open &&
        zone_open(reconciled->account->zone, &reconciled->zone) != ERR_OK) {
        return err_set(reterr, ERR_CONFIG, "this machine does not know its timezone");
    }
    reconciled->zone_is_open = true;
    return ERR_OK;
}

/* A run that failed goes on under its number, which its as_of keeps, unless that is long ago. */
static enum err look(struct reconciler *reconciler,
    struct reconciled *reconciled,
    bool *ret_due,
    struct err_info *reterr)
{
    int64_t now_us = env_now(reconciler->setup.env);
    int64_t age_us = now_us - reconciled->as_of_us;
    if (reconciled->as_of_us != 0 && age_us >= 0 && age_us < GOES_ON_US) {
        *ret_due = true;
        return ERR_OK;
    }
    enum err err = reconciler_look(reconciler, reconciled, now_us, ret_due, reterr);
    reconciled->as_of_us = err == ERR_OK && *ret_due ? now_us : 0;
    return err;
}

enum err reconciler_open_api(
    struct reconciler *reconciler, struct reconciled *reconciled, struct err_info *reterr)
{
    return reconciled->api != NULL
               ? ERR_OK
               : account_open_own_api(reconciled->account, reconciler->setup.env,
                     &reconciler->stopping, &reconciled->api, reterr);
}

static enum err begin(
    struct reconciler *reconciler, struct reconciled *reconciled, struct err_info *reterr)
{
    TRY(reconciler_open_api(reconciler, reconciled, reterr));
    reconciled->arena = arena_new(ARENA_BYTES);
    who_holds("serve", reconciler->who);
    const struct reconcile_setup setup = {
        .store = reconciler->store,
        .account = reconciled->account,
        .below = str_from(reconciled->below),
        .api = reconciled->api,
        .env = reconciler->setup.env,
        .types = reconciler->types,
        .type_count = reconciler->type_count,
        .zone = reconciled->account->zone,
        .from_us = reconciled->days.from_us,
        .to_us = reconciled->days.to_us,
        .as_of_us = reconciled->as_of_us,
        .who = str_from(reconciler->who),
        .done_as_of_us = reconciled->done_as_of_us,
        .large = reconciled->is_large,
        .cancelled = &reconciler->stopping,
        .arena = reconciled->arena,
    };
    reconciled->run = reconciled->arena == NULL ? NULL : reconcile_new(&setup);

    return reconciled->run != NULL ? ERR_OK : err_set(reterr, ERR_BUSY, "out of memory");
}

static enum err step(struct reconciler *reconciler,
    struct reconciled *reconciled,
    bool *ret_more,
    struct err_info *reterr)
{
    enum reconcile_stage stage = RECONCILE_PULL_EVENTS;
    TRY(reconcile_step(reconciled->run, &stage, reterr));
    *ret_more = true;
    if (stage == RECONCILE_DONE) {
        finish(reconciler, reconciled);
    }
    return ERR_OK;
}

bool reconciler_work(struct reconciler *reconciler, struct reconciled *reconciled)
{
    struct err_info info = {""};
    bool more = false;
    bool due = reconciled->run != NULL;
    if (reconciled->retry_us > env_monotonic(reconciler->setup.env)) {
        return false;
    }
    enum err err = open_its_zone(reconciled, &info);
    if (err == ERR_OK && !due) {
        err = look(reconciler, reconciled, &due, &info);
        if (err == ERR_OK && due) {
            err = begin(reconciler, reconciled, &info);
        }
    }
    if (err == ERR_OK && due) {
        err = step(reconciler, reconciled, &more, &info);
    }
    if (err != ERR_OK) {
        note_failure(reconciler, reconciled, err, &info);
    }
    return err == ERR_OK && more;
}

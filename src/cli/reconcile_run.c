#include "base/check.h"
#include "base/timestamp.h"
#include "cli/api_wait.h"
#include "cli/log_mover.h"
#include "cli/output.h"
#include "cli/reconcile_alert.h"
#include "cli/reconcile_inside.h"
#include <inttypes.h>

#define TRIES 6 /* of one step */
#define PAUSE_US (US_PER_SECOND / 2)
#define LOCKED_WAIT_US US_PER_MINUTE
#define RESUMED_US US_PER_DAY /* what was interrupted longer ago is begun anew */

/* --- progress --- */

/* What counts in the stage at hand: it fits into a line of any terminal. */
static void show_progress(struct reconciling *reconciling, const struct reconcile_progress *at)
{
    struct progress *progress = &reconciling->progress;
    const char *doing = reconcile_stage_word(at->stage);
    if (!progress_is_due(progress, reconciling->context)) {
        return;
    }
    if (at->stage == RECONCILE_PULL_EVENTS) {
        progress_show(progress, "%s: %" PRId64 " found, %" PRId64 " were missing", doing,
            at->events_found, at->events_added);
    } else if (at->stage == RECONCILE_PULL_LINES) {
        progress_show(
            progress, "%s: %" PRId64 ", %" PRId64 " new", doing, at->lines, at->lines_added);
    } else if (at->stage == RECONCILE_HEAL) {
        progress_show(progress, "%s: %" PRId64 " asked for again", doing, at->healed);
    } else {
        progress_show(progress, "%s: %" PRId64 " looked at, %" PRId64 " do not agree", doing,
            at->looked_at, at->findings);
    }
}

void reconcile_show_wait(void *context, int64_t wait_us, const char *why)
{
    struct reconciling *reconciling = context;
    api_wait_show(&reconciling->progress, reconciling->context, wait_us, why);
}

/* --- steps --- */

static bool may_pass(enum err err)
{
    return (err_is_retryable(err) && err != ERR_LOCKED && err != ERR_CLOSED) || err == ERR_CONFLICT;
}

/* What may pass by itself is tried again, beyond what the API's client has tried. */
static enum err step(struct reconciling *reconciling,
    struct reconcile *run,
    enum reconcile_stage *ret_stage,
    struct err_info *reterr)
{
    enum err err = ERR_OK;
    for (int i = 0; i < TRIES; i++) {
        if (reconciling->log_mover != NULL) {
            log_mover_wait(reconciling->log_mover);
        }
        err = reconcile_step(run, ret_stage, reterr);
        if (err == ERR_OK || !may_pass(err) || command_is_stopped()) {
            break;
        }
        if (i == 0) {
            command_note(reconciling->context, "%s: trying again", reterr->text);
        }
        command_sleep(PAUSE_US << i);
    }
    return err;
}

/* Another process may be at it, serve say: it is waited for, a while. */
static enum err begin(struct reconciling *reconciling,
    struct reconcile *run,
    enum reconcile_stage *ret_stage,
    struct err_info *reterr)
{
    const struct command_context *context = reconciling->context;
    const int64_t begun_us = env_monotonic(context->env);
    bool is_said = false;
    for (;;) {
        struct err_info info = {""};
        int64_t waited_us = env_monotonic(context->env) - begun_us;
        enum err err = step(reconciling, run, ret_stage, &info);
        if (err != ERR_LOCKED || waited_us >= LOCKED_WAIT_US || command_is_stopped()) {
            return err == ERR_OK ? ERR_OK : err_set(reterr, err, "%s", info.text);
        }
        if (!is_said) {
            command_note(context, "%s: waiting for it, a minute at most", info.text);
            is_said = true;
        } else if (progress_is_due(&reconciling->progress, context)) {
            progress_show(&reconciling->progress, "waiting, for %" PRId64 " s more at most",
                (LOCKED_WAIT_US - waited_us) / US_PER_SECOND);
        }
        command_sleep(PAUSE_US);
    }
}

static void note_resumed(const struct reconciling *reconciling, const struct reconcile_run *run)
{
    char as_of[TIMESTAMP_TEXT_BYTES];
    timestamp_format(run->as_of_us, as_of);
    if (run->resumed) {
        command_note(reconciling->context,
            "run %" PRId64 " of these days was interrupted: it goes on, as of %s (`--as-of 0s` for "
            "one as of now)",
            run->number, as_of);
    }
}

static enum err run_to_end(
    struct reconciling *reconciling, struct reconcile *run, struct err_info *reterr)
{
    enum reconcile_stage stage = RECONCILE_PULL_EVENTS;
    enum err err = begin(reconciling, run, &stage, reterr);
    const struct reconcile_run begun = reconcile_run(run);
    note_resumed(reconciling, &begun);
    while (err == ERR_OK && stage != RECONCILE_DONE) {
        err = command_is_stopped() ? err_set(reterr, ERR_CLOSED, "interrupted")
                                   : step(reconciling, run, &stage, reterr);
        struct reconcile_progress now = reconcile_progress(run);
        show_progress(reconciling, &now);
    }
    progress_clear(&reconciling->progress);
    return err;
}

/* --- the answer --- */

/* What the run did is no part of the report, which is the same however often it is made. */
static void note_run(const struct reconciling *reconciling, const struct reconcile_run *run)
{
    if (reconciling->format == REPORT_TEXT && run->number > 0) {
        command_note(reconciling->context,
            "run %" PRId64 ": %" PRId64 " found, %" PRId64 " raised, %" PRId64 " cleared",
            run->number, run->found, run->raised, run->cleared);
    }
}

static void call_people(
    const struct reconciling *reconciling, const struct reconcile_report *report)
{
    const struct command_context *context = reconciling->context;
    struct err_info info = {""};
    struct reconcile_called called = {0, 0};
    const struct reconcile_call call = {.config = reconciling->config,
        .store = reconciling->store,
        .account =
            reconciling->below.len > 0 ? reconciling->below : reconciling->account->says.name,
        .report = report,
        .zone = reconciling->zone,
        .stop_fd = -1};
    if (reconciling->dry_run || reconciling->no_alert || command_is_stopped()) {
        return;
    }
    enum err err = reconcile_call_people(&call, &called, &info);
    if (err != ERR_OK) {
        command_note(
            context, "[reconcile] alert: %s: the account's next run calls again", info.text);
    } else if (called.exit_code != 0) {
        command_note(context,
            "[reconcile] alert ended with exit code %d: put it right; the account's next run calls "
            "again",
            called.exit_code);
    } else if (called.count > 0) {
        command_note(context, "[reconcile] alert: people were called for %" PRId64, called.count);
    }
}

static int answer(struct reconciling *reconciling, struct reconcile *run)
{
    CLEANUP(buf_fini) struct buf text;
    const struct reconcile_report *report = reconcile_report(run);
    const struct reconcile_run done = reconcile_run(run);
    buf_init(&text, REPORT_BYTES_MAX);
    reconcile_print(report, reconciling->zone, reconciling->format, &text);
    if (text.failed) {
        call_people(reconciling, report);
        return command_refuse(reconciling->context, ERR_TOO_LARGE,
            "the report has more than %u bytes: ask for fewer days", REPORT_BYTES_MAX);
    }
    if (reconciling->format == REPORT_JSON) {
        out_json(&text);
    } else {
        out(buf_str(&text));
    }
    out_flush();
    note_run(reconciling, &done);
    call_people(reconciling, report);
    return err_exit_code(report->agreed ? ERR_OK : ERR_DIFFERS);
}

static int complain(
    const struct reconciling *reconciling, enum err err, const struct err_info *info)
{
    struct command_context *context = reconciling->context;
    int exit_code = err_exit_code(err);
    if (command_is_stopped()) {
        (void)command_refuse(context, err, "interrupted");

    } else {
        (void)command_fail(context, err, info);
    }
    if (!reconciling->dry_run) {
        command_note(context, "%srun the same again: it goes on where it stopped",
            err_is_retryable(err) ? "" : "when that is put right, ");
    }
    return exit_code;
}

static struct reconcile_setup setup_of(struct reconciling *reconciling)
{
    return (struct reconcile_setup){
        .store = reconciling->store,
        .account = reconciling->account,
        .below = reconciling->below,
        .api = reconciling->api,
        .env = reconciling->context->env,
        .types = reconciling->types,
        .type_count = reconciling->type_count,
        .zone = reconciling->account_detail->timezone,
        .from_us = reconciling->days.from_us,
        .to_us = reconciling->days.to_us,
        .as_of_us = reconciling->as_of_us,
        .resume_since_us = reconciling->as_of_text.len > 0 ? 0 : reconciling->as_of_us - RESUMED_US,
        .who = str_from(reconciling->who),
        .dry_run = reconciling->dry_run,
        .reports = reconciling->reports,
        .decider = reconcile_decider,
        .decider_context = reconciling,
        .cancelled = command_stop_flag(),
        .arena = reconciling->arena,
    };
}

int reconcile_run_all(struct reconciling *reconciling)
{
    struct err_info info = {""};
    who_holds("reconcile", reconciling->who);
    const struct reconcile_setup setup = setup_of(reconciling);
    CLEANUP(reconcile_free) struct reconcile *run = reconcile_new(&setup);
    enum err err = run == NULL ? err_set(&info, ERR_BUSY, "out of memory")
                               : run_to_end(reconciling, run, &info);
    return err == ERR_OK ? answer(reconciling, run) : complain(reconciling, err, &info);
}

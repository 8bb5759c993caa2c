#include "base/check.h"
#include "base/timestamp.h"
#include "cli/api_wait.h"
#include "cli/import_inside.h"
#include <inttypes.h>
#include <stdlib.h>

#define TRIES 3 /* of one step, beyond those of the API's client */
#define PAUSE_US US_PER_SECOND

/* --- progress --- */

static void show_lines(struct importing *importing, const struct pull_progress *at)
{
    int64_t ms = (env_monotonic(importing->context->env) - importing->began_us) / 1000 + 1;
    int64_t walked_s = at->walked_us / US_PER_SECOND;
    int64_t left_s = at->left_us / US_PER_SECOND;
    int64_t done = walked_s + left_s > 0 ? 100 * walked_s / (walked_s + left_s) : 0;
    char left[TIMESTAMP_TEXT_BYTES] = "?";
    if (walked_s > 0) {
        duration_format(ms / 1000 * left_s / walked_s * US_PER_SECOND, left);
    }
    progress_show(&importing->progress,
        "lines: %" PRId64 "%% of the time, %" PRId64 " found, %" PRId64 " new, %" PRId64
        "/s, about %s left",
        done, at->lines, at->counts.added, at->lines * 1000 / ms, left);
}

static void show_progress(struct importing *importing, const struct pull *pull)
{
    if (!progress_is_due(&importing->progress, importing->context)) {
        return;
    }
    const struct pull_progress at = pull_progress(pull);
    switch (at.stage) {
    case PULL_ASKS_LINES:
        show_lines(importing, &at);
        return;
    case PULL_ASKS_PAYOUTS:
        progress_show(&importing->progress, "lines of payouts: %" PRId64 " payouts", at.payouts);
        return;
    case PULL_ASKS_REPORTS:
    case PULL_AWAITS_REPORT:
        progress_show(&importing->progress, "report `%s`: the provider is making it",
            statement_file_word(at.file));
        return;
    case PULL_TAKES_REPORT:
        progress_show(&importing->progress, "report `%s`: is fetched and taken",
            statement_file_word(at.file));
        return;
    case PULL_IS_DONE:
        return;
    }
}

static void show_wait(void *context, int64_t wait_us, const char *why)
{
    struct importing *importing = context;
    api_wait_show(&importing->progress, importing->context, wait_us, why);
}

/* --- steps --- */

/* ERR_BUSY is the provider's: it wants to be asked later, not at once. A report that takes long is
 * not waited for once more. */
static bool may_pass(enum err err)
{
    return (err == ERR_NET_IO || err == ERR_STORE_IO || err == ERR_LOCKED) && !command_is_stopped();
}

static enum err step(
    struct importing *importing, struct pull *pull, bool *ret_more, struct err_info *reterr)
{
    enum err err = ERR_BUSY;
    for (int i = 0; i < TRIES; i++) {
        err = command_is_stopped() ? err_set(reterr, ERR_CLOSED, "interrupted")
                                   : pull_step(pull, ret_more, reterr);
        if (err == ERR_OK || !may_pass(err)) {
            break;
        }
        if (i + 1 < TRIES) {
            progress_clear(&importing->progress);
            command_note(importing->context, "trying again: %s", reterr->text);
            command_sleep(PAUSE_US << i);
        }
    }
    return err;
}

static enum err walk(struct importing *importing, struct pull *pull, struct err_info *reterr)
{
    enum err err = ERR_OK;
    bool more = true;
    while (err == ERR_OK && more) {
        err = step(importing, pull, &more, reterr);
        show_progress(importing, pull);
    }
    progress_clear(&importing->progress);
    return err;
}

static struct pull_setup setup_of(const struct importing *importing, struct provider_api *api)
{
    return (struct pull_setup){
        .store = importing->store,
        .account = importing->account,
        .api = api,
        .env = importing->context->env,
        .below = importing->connected,
        .from_us = importing->from_us,
        .to_us = importing->to_us,
        .way = importing->reports ? PULL_BY_REPORTS : PULL_BY_PAGES,
        .only_look = importing->dry_run,
        .temporary_folder = getenv("TMPDIR"),
        .cancelled = command_stop_flag(),
    };
}

static int end(struct importing *importing,
    const struct pull_progress *progress,
    enum err err,
    const struct err_info *info)
{
    struct command_context *context = importing->context;
    bool differs = progress->counts.restated > 0 || progress->refused > 0;
    if (progress->resumed && !context->json) {
        command_note(context, "went on where the last one stopped");
    }
    import_report_pull(importing, progress, err == ERR_OK);
    if (err == ERR_OK) {
        return err_exit_code(differs ? ERR_DIFFERS : ERR_OK);
    }
    struct err_info said = *info;
    if (command_is_stopped()) {
        err = err_set(&said, err, "interrupted");
    }
    int exit_code = import_complain(importing, err, &said);
    if (!importing->dry_run) {
        command_note(context, "%srun the same again: it goes on where it stopped",
            err_is_retryable(err) ? "" : "when that is put right, ");
    }
    return exit_code;
}

int import_pull(struct importing *importing)
{
    struct command_context *context = importing->context;
    const struct provider_api_ops *ops = importing->account->provider->api;
    struct provider_api *api = NULL;
    struct err_info info = {""};
    enum err err =
        account_open_own_api(importing->account, context->env, command_stop_flag(), &api, &info);
    if (err != ERR_OK) {
        return command_fail(context, err, &info);
    }
    command_catch_signals();
    if (ops->tell_waits != NULL) {
        ops->tell_waits(api, show_wait, importing);
    }
    importing->began_us = env_monotonic(context->env);
    const struct pull_setup setup = setup_of(importing, api);
    struct pull *pull = pull_new(&setup);
    if (pull == NULL) {
        (void)ops->close(api);
        return command_refuse(context, ERR_BUSY, "out of memory");
    }
    err = walk(importing, pull, &info);
    const struct pull_progress progress = pull_progress(pull);
    (void)pull_free(pull);
    (void)ops->close(api);
    return end(importing, &progress, err, &info);
}

#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/stripe/stripe.h"
#include "flow/project.h"
#include "flow/reconcile_start.h"
#include "flow/submit.h"
#include "cli/log_mover.h"
#include "cli/needed_types.h"
#include "cli/reconcile_inside.h"
#include "cli/scope_word.h"
#include "cli/who.h"
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>

#define ARENA_BYTES                                                                                \
    ((size_t)1024 * 1024 * 1024) /* 100,000 findings and all lists of the report                   \
                                  */

/* --- the account --- */

/* By its label; or the only one, or the only one that has a key. */
static bool is_account(const struct reconciling *reconciling, const struct account *account)
{
    return reconciling->account_label.len > 0
               ? str_eq(account->says.name, reconciling->account_label)
               : reconciling->config->account_count == 1 || account_is_readable(account);
}

/* False: what is wrong was said. */
static bool choose_account(struct reconciling *reconciling, int *ret_exit)
{
    const struct config *config = reconciling->config;
    uint32_t fitting = 0;
    for (uint32_t i = 0; i < config->account_count; i++) {
        if (is_account(reconciling, &config->accounts[i])) {
            reconciling->account = &config->accounts[i];
            reconciling->account_detail = &config->details[i];
            fitting++;
        }
    }
    if (fitting == 1) {
        return true;
    }
    *ret_exit = fitting > 1 || reconciling->account_label.len == 0
                    ? command_refuse(
                          reconciling->context, ERR_USAGE, "say --account LABEL: there are several")
                    : command_refuse(reconciling->context, ERR_NOT_FOUND,
                          "there is no [account " STR_FMT "] in the configuration",
                          STR_ARG(reconciling->account_label));
    return false;
}

/* --- what is opened --- */

static enum err open_api(struct reconciling *reconciling, struct err_info *reterr)
{
    struct command_context *context = reconciling->context;
    const struct account *account = reconciling->account;
    const char *problem = reconciling->account_detail->key.problem.text;
    if (reconciling->dry_run) {
        return ERR_OK;
    }
    if (problem[0] != '\0') {
        return err_set(reterr, ERR_CONFIG,
            "[account " STR_FMT "] key.read: %s: put it right, or leave it out to compare only "
            "what was imported",
            STR_ARG(account->says.name), problem);
    }
    if (!account_is_readable(account)) {
        command_note(context,
            "[account " STR_FMT "] has no key.read: the provider is not asked, and only what was "
            "imported is compared",
            STR_ARG(account->says.name));
        return ERR_OK;
    }
    TRY(account_open_own_api(
        account, context->env, command_stop_flag(), &reconciling->api, reterr));
    if (account->provider->api->tell_waits != NULL) {
        account->provider->api->tell_waits(reconciling->api, reconcile_show_wait, reconciling);
    }
    return ERR_OK;
}

/* Signals are the main thread's, whose waits they end. */
static enum err start_log_mover(struct reconciling *reconciling, struct err_info *reterr)
{
    sigset_t all;
    sigset_t before;
    (void)sigfillset(&all);
    (void)pthread_sigmask(SIG_SETMASK, &all, &before);
    enum err err = log_mover_start(
        reconciling->config->store_url, reconciling->context->env, &reconciling->log_mover, reterr);
    (void)pthread_sigmask(SIG_SETMASK, &before, NULL);
    return err;
}

static enum err open_projector(struct reconciling *reconciling, struct err_info *reterr)
{
    const struct projector_limits limits = {.batch_rows_max = LIMIT_CLAIM_BATCH,
        .lease_us = reconciling->config->lease_us,
        .thin_wait_us = reconciling->config->scan_thin_wait_us};
    TRY(store_lock_serve(reconciling->store, reterr));
    if (!store_is_shared(reconciling->store) && reconciling->log_mover == NULL) {
        TRY(start_log_mover(reconciling, reterr));
    }
    reconciling->projector =
        projector_new(reconciling->store, &stripe_provider, reconciling->context->env, &limits);
    return reconciling->projector != NULL ? ERR_OK : err_set(reterr, ERR_BUSY, "out of memory");
}

/* Serve decides, when it runs on this file, or another run; else it is done here. Tried whenever
 * something is undecided, and not before: who only waits for the account must not be in the way of
 * the one who has it. */
enum err reconcile_decider(void *context, struct projector **ret_projector, struct err_info *reterr)
{
    struct reconciling *reconciling = context;
    struct err_info info = {""};
    enum err err = reconciling->projector != NULL ? ERR_OK : open_projector(reconciling, &info);
    *ret_projector = reconciling->projector;
    return err == ERR_OK || err == ERR_LOCKED ? ERR_OK : err_set(reterr, err, "%s", info.text);
}

static enum err open_zone(struct reconciling *reconciling, struct err_info *reterr)
{
    struct str name = reconciling->account_detail->timezone;
    return zone_open(name, &reconciling->zone) == ERR_OK
               ? ERR_OK
               : err_set(reterr, ERR_CONFIG,
                     "[account " STR_FMT "] timezone: this machine does not know it: correct the "
                     "name, or install tzdata",
                     STR_ARG(reconciling->account_detail->label));
}

static void close_all(struct reconciling *reconciling)
{
    struct err_info info = {""};
    if (reconciling->projector != NULL &&
        projector_release(reconciling->projector, &info) != ERR_OK) {
        command_note(reconciling->context, "events wait until the claim ends: %s", info.text);
    }
    reconciling->projector = projector_free(reconciling->projector);
    reconciling->log_mover = log_mover_stop(reconciling->log_mover);
    if (reconciling->api != NULL) {
        reconciling->api = reconciling->account->provider->api->close(reconciling->api);
    }
    reconciling->zone = zone_close(reconciling->zone);
    reconciling->arena = arena_free(reconciling->arena);
    free(reconciling->types);
    reconciling->store = store_close(reconciling->store);
    reconciling->config = config_free(reconciling->config);
}

/* --- a connected account --- */

static enum err find_below(struct store *store, void *context, struct err_info *reterr)
{
    const struct reconciling *reconciling = context;
    int64_t unused = 0;
    return scope_find(
        store, reconciling->config, reconciling->below, reconciling->arena, &unused, reterr);
}

/* A run makes the scope that it is of: one that is misspelt would stay for ever. */
static enum err check_below(struct reconciling *reconciling, struct err_info *reterr)
{
    struct err_info info = {""};
    if (reconciling->below.len == 0) {
        return ERR_OK;
    }
    enum err err =
        command_transaction(reconciling->store, STORE_READ, find_below, reconciling, &info);
    if (err == ERR_NOT_FOUND) {
        return err_set(reterr, err,
            "nothing is known of " STR_FMT " yet: is the id right? Then `backfill --connected` it "
            "first",
            STR_ARG(reconciling->below));
    }
    return err == ERR_OK || err == ERR_USAGE /* in both environments */
               ? ERR_OK
               : err_set(reterr, err, "%s", info.text);
}

/* --- when the books begin --- */

static enum err set_start(struct store *store, void *context, struct err_info *reterr)
{
    const struct reconciling *reconciling = context;
    char who[WHO_BYTES];
    struct books_start start = {
        .start_us = reconciling->days.start_us, .decided_us = env_now(reconciling->context->env)};
    who_decides(who);
    start.who = str_from(who);
    TRY(submit_scope(store, reconciling->account, reconciling->below, &start.scope, reterr));
    return reconcile_start(store, &start, reterr);
}

static enum err begin_books(struct reconciling *reconciling, struct err_info *reterr)
{
    struct err_info info = {""};
    if (reconciling->days.start_us == 0) {
        return ERR_OK;
    }
    enum err err =
        command_transaction(reconciling->store, STORE_WRITE, set_start, reconciling, &info);
    return err == ERR_OK          ? ERR_OK
           : err != ERR_DUPLICATE ? err_set(reterr, err, "%s", info.text)
                                  : err_set(reterr, ERR_INVALID,
                                        "%s, and cannot begin twice: leave --start out", info.text);
}

/* --- the command --- */

static enum err prepare(struct reconciling *reconciling, struct err_info *reterr)
{
    TRY(open_zone(reconciling, reterr));
    TRY(reconcile_days(
        &reconciling->wish, reconciling->zone, reconciling->as_of_us, &reconciling->days, reterr));
    reconciling->types = needed_types(&reconciling->type_count);
    reconciling->arena = arena_new(ARENA_BYTES);
    if (reconciling->types == NULL || reconciling->arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(check_below(reconciling, reterr));
    TRY(open_api(reconciling, reterr));
    return begin_books(reconciling, reterr);
}

static int run(struct reconciling *reconciling)
{
    struct err_info info = {""};
    int exit_code = 0;
    enum store_access access = reconciling->dry_run ? STORE_READ : STORE_WRITE;
    enum err err = reconciling->dry_run
                       ? command_open_ready(reconciling->context, access, &reconciling->config,
                             &reconciling->store, &exit_code)
                       : command_open_with_keys(reconciling->context, access, &reconciling->config,
                             &reconciling->store, &exit_code);
    if (err != ERR_OK || !choose_account(reconciling, &exit_code)) {
        return exit_code;
    }
    command_catch_signals();
    err = prepare(reconciling, &info);
    return err == ERR_OK ? reconcile_run_all(reconciling)
           : err == ERR_USAGE || err == ERR_CONFIG
               ? command_refuse(reconciling->context, err, "%s", info.text)
               : command_fail(reconciling->context, err, &info);
}

static enum err take_options(struct reconciling *reconciling)
{
    struct command_context *context = reconciling->context;
    int64_t now_us = env_now(context->env);
    int forms = (int)context->json + (int)reconciling->csv + (int)reconciling->markdown;
    const char *wrong = NULL;
    reconciling->as_of_us = timestamp_second(now_us); /* as the report says it */
    reconciling->format = context->json           ? REPORT_JSON
                          : reconciling->csv      ? REPORT_CSV
                          : reconciling->markdown ? REPORT_MARKDOWN
                                                  : REPORT_TEXT;
    TRY(options_time(context, "--as-of", reconciling->as_of_text, &reconciling->as_of_us));
    if (forms > 1) {
        wrong = "--json, --csv and --markdown are three forms of the report: say one";
    } else if (reconciling->as_of_us > now_us || reconciling->as_of_us <= 0) {
        wrong = "--as-of lies in the future, or before 1970";
    } else if (reconciling->dry_run && reconciling->wish.start.len > 0) {
        wrong = "--start changes the books, and --dry-run changes nothing";
    } else if (reconciling->dry_run && reconciling->reports) {
        wrong = "--reports asks the provider, and --dry-run does not";
    } else if (reconciling->below.len > 0 && !str_starts_with(reconciling->below, STR("acct_"))) {
        wrong = "--connected wants the provider's id of an account, acct_...";
    }
    if (wrong != NULL) {
        (void)command_refuse(context, ERR_USAGE, "%s", wrong);
        return ERR_USAGE;
    }
    return ERR_OK;
}

int command_reconcile(struct command_context *context)
{
    struct reconciling reconciling = {.context = context};
    const struct option_row options[] = {
        {"--account", OPTION_TEXT, "LABEL",
            "whose: not needed where there is one, or one with a key", &reconciling.account_label},
        {"--connected", OPTION_TEXT, "ID", "of that connected account", &reconciling.below},
        {"--day", OPTION_TEXT, "DAY", "of the account's timezone (default: the day before)",
            &reconciling.wish.day},
        {"--from", OPTION_TEXT, "DAY", "the first of several days", &reconciling.wish.from},
        {"--to", OPTION_TEXT, "DAY", "the last of them (default: the day before)",
            &reconciling.wish.to},
        {"--start", OPTION_TEXT, "DAY", "open the books: what is older is not looked into",
            &reconciling.wish.start},
        {"--as-of", OPTION_TEXT, "TIME",
            "as it stood for graces and ages then (default: now, or when one that was interrupted "
            "began)",
            &reconciling.as_of_text},
        {"--dry-run", OPTION_FLAG, NULL, "ask nobody and change nothing: report what is there",
            &reconciling.dry_run},
        {"--reports", OPTION_FLAG, NULL, "pull lines by report runs, not page by page",
            &reconciling.reports},
        {"--no-alert", OPTION_FLAG, NULL,
            "leave the command of [reconcile] alert to the next run: call nobody",
            &reconciling.no_alert},
        {"--csv", OPTION_FLAG, NULL, "the report as section,key,field,currency,value",
            &reconciling.csv},
        {"--markdown", OPTION_FLAG, NULL, "the report to paste into a ticket",
            &reconciling.markdown},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis =
            "reconcile [--account LABEL] [--day DAY | --from DAY --to DAY] [--start DAY] ...",
        .description =
            "Proves, or disproves, that the books of an account and its provider agree: asks for "
            "what is missing,\n"
            "asks again for what does not agree, compares, raises and clears discrepancies, and "
            "states what it\n"
            "found. May run beside serve, and as often as you like; interrupted, the same command "
            "goes on where\n"
            "it stopped, within a day also as of the same moment. The same days and --as-of give "
            "the "
            "same report.\n"
            "What is critical, and nobody was called for yet, is told by the command of "
            "[reconcile] "
            "alert.\n"
            "Exit code 0: agreed; 1: discrepancies are open; others: it could not run.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    enum err err = take_options(&reconciling);
    exit_code = err != ERR_OK ? err_exit_code(err) : run(&reconciling);
    close_all(&reconciling);
    return exit_code;
}

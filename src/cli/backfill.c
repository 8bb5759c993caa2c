#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/stripe/decode.h"
#include "cli/backfill_inside.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include <inttypes.h>

#define EVENTS_KEPT_US (30 * US_PER_DAY) /* by the provider; also how far is asked by default */
#define EVENTS_KEPT_SLACK_US US_PER_HOUR /* nobody who says 30d is told that it is too far */
#define NAME_BYTES ((size_t)16 * 1024)

/* --- the answer --- */

static void report_json(const struct filling *filling, bool complete)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, 4096);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    json_add_string(&json, STR("account"), filling->account->says.name);
    json_add_string(&json, STR("what"), filling->objects ? STR("objects") : STR("events"));
    json_add_time(&json, STR("from"), filling->from_us);
    json_add_time(&json, STR("to"), filling->to_us);
    json_add_int(&json, STR("found"), filling->sums.found);
    json_add_int(&json, STR("back_filled"), filling->sums.added);
    json_add_int(&json, STR("known"), filling->sums.known);
    json_add_int(&json, STR("missing"), filling->sums.missing);
    json_add_int(&json, STR("kinds_refused"), filling->refused_kinds);
    if (backfill_wants_all(filling)) {
        json_add_int(&json, STR("accounts"), filling->accounts);
        json_add_int(&json, STR("accounts_refused"), filling->refused_accounts);
        json_add_int(&json, STR("accounts_failed"), filling->failed_accounts);
        json_begin_array(&json, STR("not_complete"));
        for (uint32_t i = 0; i < filling->failed_count; i++) {
            json_add_string(&json, STR_NONE, str_from(filling->failed[i]));
        }
        json_end_array(&json);
    }
    json_add_bool(&json, STR("dry_run"), filling->dry_run);
    json_add_bool(&json, STR("complete"), complete);
    json_end_object(&json);
    out_json(&text);
}

static void report_accounts(const struct filling *filling)
{
    uint32_t bad = filling->refused_accounts + filling->failed_accounts;
    outf("of %u connected accounts, %u of which refused, %u failed\n", filling->accounts,
        filling->refused_accounts, filling->failed_accounts);
    for (uint32_t i = 0; i < filling->failed_count; i++) {
        outf("not complete: %s\n", filling->failed[i]);
    }
    if (bad > filling->failed_count) {
        outf("not complete: %u more\n", bad - filling->failed_count);
    }
}

static void report_text(const struct filling *filling)
{
    const struct backfill_counts *sums = &filling->sums;
    outf("%" PRId64 " %s found: %" PRId64 " %s, %" PRId64 " known, %" PRId64 " missing\n",
        sums->found, filling->objects ? "objects" : "events", sums->added,
        filling->dry_run ? "would be back-filled (--dry-run)" : "back-filled", sums->known,
        sums->missing);
    if (sums->missing > 0) {
        outf("what is missing is larger than the %d bytes that an event may have, or has a list "
             "that the provider does not give to its end\n",
            LIMIT_BODY_BYTES);
    }
    if (backfill_wants_all(filling)) {
        report_accounts(filling);
    }
}

/* An account that may pass by itself makes the exit code of its error: the same again later. */
static int report(const struct filling *filling, bool ended)
{
    bool complete = ended && filling->refused_kinds == 0 && filling->refused_accounts == 0 &&
                    filling->failed_accounts == 0;
    if (filling->context->json) {
        report_json(filling, complete);
    } else {
        report_text(filling);
    }
    bool whole = complete && filling->sums.missing == 0;
    return err_exit_code(filling->failed_accounts > 0 ? filling->failed_with
                         : whole                      ? ERR_OK
                                                      : ERR_DIFFERS);
}

/* --- the command --- */

/* The words of the API's client say all; what the store says needs the kind of error before it. */
static int complain(const struct filling *filling, enum err err, const struct err_info *info)
{
    struct command_context *context = filling->context;
    bool of_store = err == ERR_STORE_IO || err == ERR_STORE_FULL || err == ERR_LOCKED;
    int exit_code = err_exit_code(err);
    if (command_is_stopped()) {
        (void)command_refuse(context, err, "interrupted");
    } else if (of_store || info->text[0] == '\0') {
        (void)command_fail(context, err, info);
    } else {
        (void)command_refuse(context, err, STR_FMT "%s%s", STR_ARG(filling->at_fault),
            filling->at_fault.len > 0 ? ": " : "", info->text);
    }
    if (!filling->dry_run) {
        command_note(context, "%srun the same again: it goes on where it stopped",
            err_is_retryable(err) ? "" : "when that is put right, ");
    }
    return exit_code;
}

static int fill(struct filling *filling)
{
    struct command_context *context = filling->context;
    struct err_info info = {""};
    const struct provider_api_ops *ops = filling->account->provider->api;
    enum err err = account_open_own_api(
        filling->account, context->env, command_stop_flag(), &filling->api, &info);
    if (err != ERR_OK) {
        return command_fail(context, err, &info);
    }
    command_catch_signals();
    if (ops->tell_waits != NULL) {
        ops->tell_waits(filling->api, backfill_show_wait, filling);
    }
    filling->began_us = env_monotonic(context->env);
    buf_init(&filling->name, NAME_BYTES);
    err = backfill_walk(filling, &info);
    buf_fini(&filling->name);
    filling->api = ops->close(filling->api);
    int exit_code = report(filling, err == ERR_OK);
    return err == ERR_OK ? exit_code : complain(filling, err, &info);
}

/* A single account is meant even when its key is wrong, so that this is said. */
static bool is_account(
    const struct filling *filling, const struct config *config, const struct account *account)
{
    return filling->account_label.len > 0
               ? str_eq(account->says.name, filling->account_label)
               : config->account_count == 1 || account_is_readable(account);
}

/* By its label; or the only one, or the only one that has a key. False: what is wrong was said. */
static bool choose_account(struct filling *filling, const struct config *config, int *ret_exit)
{
    struct command_context *context = filling->context;
    uint32_t fitting = 0;
    const struct config_account *details = NULL;
    for (uint32_t i = 0; i < config->account_count; i++) {
        if (is_account(filling, config, &config->accounts[i])) {
            filling->account = &config->accounts[i];
            details = &config->details[i];
            fitting++;
        }
    }
    if (fitting == 0 && filling->account_label.len > 0) {
        *ret_exit = command_refuse(context, ERR_NOT_FOUND,
            "there is no [account " STR_FMT "] in the configuration",
            STR_ARG(filling->account_label));
    } else if (fitting == 0) {
        *ret_exit = command_refuse(context, ERR_CONFIG,
            "no account has a key.read that can be used: see `counterfoil doctor`");
    } else if (fitting > 1) {
        *ret_exit = command_refuse(
            context, ERR_USAGE, "say --account LABEL: several accounts have a key.read");
    } else if (!account_is_readable(filling->account)) {
        *ret_exit = command_refuse(context, ERR_CONFIG, "[account " STR_FMT "] key.read: %s",
            STR_ARG(details->label),
            details->key.problem.text[0] != '\0'
                ? details->key.problem.text
                : "is needed: make a restricted key that may read, as docs/stripe-api.md says");
    } else {
        return true;
    }
    return false;
}

static int run(struct filling *filling)
{
    int exit_code = 0;
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    if (command_open_with_keys(filling->context, STORE_WRITE, &config, &store, &exit_code) !=
        ERR_OK) {
        return exit_code;
    }
    filling->store = store;
    return choose_account(filling, config, &exit_code) ? fill(filling) : exit_code;
}

static bool is_type(struct str type)
{
    for (size_t i = 0; i < type.len; i++) {
        char c = type.data[i];
        if ((c < 'a' || c > 'z') && (c < '0' || c > '9') && c != '.' && c != '_') {
            return false;
        }
    }
    return type.len > 0 && type.len <= LIMIT_EVENT_TYPE_BYTES;
}

#define KNOWN_TYPES_MAX 1024

static enum err refuse_unknown_type(const struct filling *filling, struct str type)
{
    const char *known[KNOWN_TYPES_MAX];
    size_t row_count = 0;
    size_t count = 0;
    const struct stripe_event_row *rows = stripe_event_rows(&row_count);
    for (size_t i = 0; i < row_count && count < KNOWN_TYPES_MAX; i++) {
        if (rows[i].object != STRIPE_THIN) {
            known[count++] = rows[i].type.data;
        }
    }
    const char *near = nearest(type, known, count);
    (void)command_refuse(filling->context, ERR_USAGE,
        "--types: there is no event type `" STR_FMT "`%s%s%s", STR_ARG(type),
        near == NULL ? ": `counterfoil mapping` lists them" : "; did you mean `",
        near == NULL ? "" : near, near == NULL ? "" : "`?");
    return ERR_USAGE;
}

static enum err take_type(struct filling *filling, struct str type)
{
    if (!is_type(type)) {
        (void)command_refuse(filling->context, ERR_USAGE,
            "--types wants whole event types, separated by commas: "
            "charge.succeeded,refund.created");
        return ERR_USAGE;
    }
    const struct stripe_event_row *row = stripe_event_find(type);
    if (row == NULL || row->object == STRIPE_THIN) {
        return refuse_unknown_type(filling, type);
    }
    if (filling->type_count == TYPES_MAX) {
        (void)command_refuse(
            filling->context, ERR_USAGE, "--types takes at most %d event types", TYPES_MAX);
        return ERR_USAGE;
    }
    filling->types[filling->type_count++] = type;
    return ERR_OK;
}

static enum err take_types(struct filling *filling)
{
    struct str rest = filling->types_text;
    bool ends_with_comma = rest.len > 0 && rest.data[rest.len - 1] == ',';
    while (rest.len > 0) {
        TRY(take_type(filling, str_trim(str_cut(&rest, ','))));
    }
    return ends_with_comma ? take_type(filling, STR_NONE) : ERR_OK;
}

static enum err take_options(struct filling *filling)
{
    struct command_context *context = filling->context;
    int64_t now_us = env_now(context->env);
    filling->to_us = now_us;
    filling->from_us = now_us - EVENTS_KEPT_US;
    TRY(options_time(context, "--since", filling->since, &filling->from_us));
    TRY(options_time(context, "--until", filling->until, &filling->to_us));
    TRY(take_types(filling));
    filling->from_us = timestamp_second(filling->from_us);
    filling->to_us = timestamp_second(filling->to_us);
    if (filling->from_us < 0) {
        (void)command_refuse(context, ERR_USAGE, "--since lies before 1970");
        return ERR_USAGE;
    }
    if (filling->from_us >= filling->to_us) {
        (void)command_refuse(context, ERR_USAGE,
            "--since lies behind --until: it must be earlier, and --until is now when left out");
        return ERR_USAGE;
    }
    if (!filling->objects && filling->from_us < now_us - EVENTS_KEPT_US - EVENTS_KEPT_SLACK_US) {
        command_note(context, "the provider keeps its events for 30 days: what is older comes "
                              "with --objects");
    }
    if (filling->connected.len > 0 && !backfill_wants_all(filling) &&
        !str_starts_with(filling->connected, STR("acct_"))) {
        (void)command_refuse(context, ERR_USAGE,
            "--connected wants the provider's id of an account, acct_..., or all");
        return ERR_USAGE;
    }
    if (filling->objects && filling->type_count > 0) {
        (void)command_refuse(
            context, ERR_USAGE, "--types are of events: they do not go with --objects");
        return ERR_USAGE;
    }
    return ERR_OK;
}

int command_backfill(struct command_context *context)
{
    struct filling filling = {.context = context};
    const struct option_row options[] = {
        {"--account", OPTION_TEXT, "LABEL", "whose: not needed where one account has a key.read",
            &filling.account_label},
        {"--since", OPTION_TEXT, "TIME", "from then: a time, a day, or how long ago (default: 30d)",
            &filling.since},
        {"--until", OPTION_TEXT, "TIME", "until then (default: now)", &filling.until},
        {"--types", OPTION_TEXT, "A,B", "only events of these types", &filling.types_text},
        {"--objects", OPTION_FLAG, NULL,
            "objects made in that time, as they are now, instead of events", &filling.objects},
        {"--connected", OPTION_TEXT, "ID", "of that connected account; all: of all that are known",
            &filling.connected},
        {"--dry-run", OPTION_FLAG, NULL, "only count what is missing", &filling.dry_run},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis = "backfill [--account LABEL] [--since TIME] [--until TIME] [--types A,B] "
                    "[--objects] ...",
        .description =
            "Lists the provider's events by the account's key.read and puts those into the inbox "
            "that it lacks;\n"
            "a running serve decides them like any other. May run beside serve, and as often as "
            "you like: what\n"
            "is there is not kept twice. After an interruption the same command goes on where it "
            "stopped.\n"
            "The provider keeps events for 30 days; what is older comes with --objects, as it is "
            "now. Exit\n"
            "code 1 when something is missing that could not be kept or listed.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    enum err err = take_options(&filling);
    return err != ERR_OK ? err_exit_code(err) : run(&filling);
}

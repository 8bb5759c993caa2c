#include "cli/sandbox_options.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include <stdio.h>
#include <sys/stat.h>

#define RATE_QUICK 10
#define SPAN_MAX_US (400 * US_PER_DAY)
#define PAYMENTS_MAX 150000 /* that the shop can keep */

static bool is_web_url(struct str url)
{
    struct str rest = url;
    struct str scheme = str_cut(&rest, ':');
    return (str_eq_ignoring_case(scheme, STR("http")) ||
               str_eq_ignoring_case(scheme, STR("https"))) &&
           str_starts_with(rest, STR("//"));
}

/* By whichever names: a state would be written over the ids that were acknowledged. */
static bool is_one_file(struct str path, struct str other)
{
    struct stat a;
    struct stat b;
    if (path.len == 0 || other.len == 0) {
        return false;
    }
    return str_eq(path, other) || (stat(path.data, &a) == 0 && stat(other.data, &b) == 0 &&
                                      a.st_dev == b.st_dev && a.st_ino == b.st_ino);
}

/* ---- judging: each gives what is wrong, or NULL ---------------------------------------------- */

static const char *judge_files(const struct sandbox_options *options)
{
    if (is_one_file(options->state, options->acked)) {
        return "--state and --log-acked want two files, not the same one";
    }
    if (options->faults_file.len > 0 && !options->has_faults) {
        return "--faults-file wants --fault";
    }
    if (options->fault_spread_us > 0 && !options->has_faults) {
        return "--fault-spread wants --fault";
    }
    if (options->newest && !options->verify) {
        return "--newest wants --verify";
    }
    return options->verify && options->state.len == 0 ? "--verify wants --state FILE" : NULL;
}

/* Whoever only listens sends nothing. */
static const char *judge_target(const struct sandbox_options *options)
{
    if (options->to.len == 0 && options->secret.len == 0 && options->listen.len > 0) {
        return NULL;
    }
    if (options->to.len == 0 || options->secret.len == 0) {
        return "--to URL and --secret REFERENCE are wanted";
    }
    if (!is_web_url(options->to)) {
        return "--to wants http:// or https://, like http://127.0.0.1:8420/webhooks/ACCOUNT";
    }
    return NULL;
}

static const char *judge_numbers(const struct sandbox_options *options)
{
    if (options->for_us == 0 || options->payments == 0) {
        return "--for and --payments want more than 0; without them, it goes on until stopped";
    }
    if (options->duplicates > 100 || options->reorder > 100 || options->loss > 100 ||
        options->api_errors > 100 || options->api_lock > 100 || options->report_errors > 100) {
        return "percentages end at 100";
    }
    if (options->rate == 0 || options->rate > 100000) {
        return "--rate is between 1 and 100000 events a second";
    }
    if (options->connections < 1 || options->connections > 1024) {
        return "--connections is between 1 and 1024";
    }
    if (options->account.len > LIMIT_PROVIDER_ID_BYTES) {
        return "--account is too long for an account id";
    }
    return options->retry_scale >= 1 ? NULL : "--retry-scale begins at 1";
}

static const char *judge_span(const struct sandbox_options *options, struct str begin)
{
    if (begin.len == 0 && options->span_us < 0) {
        return NULL;
    }
    if (begin.len == 0 || options->span_us < 0 || options->payments < 0) {
        return "--begin, --span and --payments go together: --begin 2026-11-01 --span 30d "
               "--payments 1000";
    }
    if (options->span_us < US_PER_DAY || options->span_us > SPAN_MAX_US) {
        return "--span is between 1d and 400d";
    }
    return options->payments > PAYMENTS_MAX ? "--payments is at most 150000 with --begin" : NULL;
}

/* A date or a time; a date begins at midnight, UTC. */
static bool take_begin(const struct command_context *context, struct str text, int64_t *ret_us)
{
    char whole[TIMESTAMP_TEXT_BYTES];
    bool is_date = text.len == sizeof "2026-11-01" - 1;
    int written = snprintf(whole, sizeof whole, STR_FMT "%s",
        STR_ARG(str_prefix_utf8(text, sizeof whole - 12)), is_date ? "T00:00:00Z" : "");
    if (text.len == 0 ||
        (written > 0 && timestamp_parse(str_from(whole), ret_us) == ERR_OK && *ret_us >= 0)) {
        return true;
    }
    (void)command_refuse(context, ERR_USAGE,
        "--begin is a date or a time in UTC since 1970: 2026-11-01 or 2026-11-01T12:00:00Z");
    return false;
}

static const char *judge_api(const struct sandbox_options *options)
{
    bool has_api_option = options->api_key.len > 0 || options->port_file.len > 0 ||
                          options->api_rate >= 0 || options->api_errors > 0 ||
                          options->api_lock > 0 || options->report_lag_us >= 0 ||
                          options->report_errors > 0 || options->stay;
    if (options->listen.len == 0) {
        return has_api_option
                   ? "--api-..., --report-..., --port-file and --stay want --listen ADDRESS"
                   : NULL;
    }
    if (options->api_rate == 0 || options->api_rate > 100000) {
        return "--api-rate is between 1 and 100000 requests a second; without it, any number";
    }
    return options->api_key.len > LIMIT_SECRET_BYTES ? "--api-key is too long for a key" : NULL;
}

static const char *judge(const struct sandbox_options *options)
{
    const char *wrong = judge_files(options);
    if (wrong != NULL || options->verify) {
        return wrong;
    }
    wrong = judge_target(options);
    wrong = wrong != NULL ? wrong : judge_numbers(options);
    return wrong != NULL ? wrong : judge_api(options);
}

/* Empty: the newest. */
static bool take_version(
    const struct command_context *context, struct str text, enum api_version *ret_version)
{
    CLEANUP(buf_fini) struct buf list;
    buf_init(&list, 256);
    if (text.len == 0 || api_version_find(text, ret_version) == ERR_OK) {
        return true;
    }
    api_version_list(&list);
    (void)command_refuse(
        context, ERR_USAGE, "--api-version is one of " STR_FMT, STR_ARG(buf_str(&list)));
    return false;
}

bool sandbox_mix_take(
    const struct command_context *context, struct str text, struct merchant_mix *ret_mix)
{
    CLEANUP(buf_fini) struct buf list;
    buf_init(&list, 256);
    if (merchant_mix_parse(text, ret_mix) == ERR_OK) {
        return true;
    }
    merchant_mix_list(&list);
    (void)command_refuse(context, ERR_USAGE,
        "--mix is all, or some of " STR_FMT ", each with its weight up to %d or without: "
        "payments,disputes=20",
        STR_ARG(buf_str(&list)), MERCHANT_MIX_WEIGHT_MAX);
    return false;
}

bool sandbox_faults_take(
    const struct command_context *context, struct str text, struct fault_wish *ret_wish)
{
    CLEANUP(buf_fini) struct buf list;
    buf_init(&list, 1024);
    if (fault_wish_parse(text, ret_wish) == ERR_OK) {
        return true;
    }
    fault_list(&list);
    (void)command_refuse(context, ERR_USAGE,
        "--fault is all, none, or some of " STR_FMT
        ", each with how many up to %d or without: drop_line=2,wrong_net",
        STR_ARG(buf_str(&list)), FAULTS_EACH_MAX);
    return false;
}

/* ---- the table ------------------------------------------------------------------------------- */

struct option_texts { /* that are read once all are there */
    struct str version, mix, begin, faults;
};

static bool parse(struct command_context *context,
    struct sandbox_options *options,
    struct option_texts *ret_texts,
    int *ret_exit)
{
    const struct option_row rows[] = {
        {"--to", OPTION_TEXT, "URL", "http://127.0.0.1:8420/webhooks/ACCOUNT", &options->to},
        {"--secret", OPTION_TEXT, "REF", "what to sign with: env:NAME or file:PATH",
            &options->secret},
        {"--seed", OPTION_INT, "N", "the same seed lives the same payments (1)", &options->seed},
        {"--mix", OPTION_TEXT, "WORDS", "what begins: payments,disputes=20 (all)", &ret_texts->mix},
        {"--rate", OPTION_INT, "N",
            "events a second, about (10; with --begin as many as are taken)", &options->rate},
        {"--for", OPTION_DURATION, "TIME", "end by itself after 20s, 5m ...", &options->for_us},
        {"--payments", OPTION_INT, "N", "end when so many payments have lived", &options->payments},
        {"--begin", OPTION_TEXT, "DATE", "the shop's clock begins there: 2026-11-01",
            &ret_texts->begin},
        {"--span", OPTION_DURATION, "TIME", "and goes on for 30d, over which --payments are spread",
            &options->span_us},
        {"--duplicates", OPTION_INT, "P", "percent sent twice", &options->duplicates},
        {"--reorder", OPTION_INT, "P", "percent overtaken by later ones", &options->reorder},
        {"--delay", OPTION_DURATION, "TIME", "each is late by up to so much", &options->delay_us},
        {"--loss", OPTION_INT, "P", "percent never sent", &options->loss},
        {"--retry-scale", OPTION_INT, "N", "retries come N times sooner than Stripe's (3000)",
            &options->retry_scale},
        {"--flush", OPTION_DURATION, "TIME", "at the end, wait so long for answers (10s)",
            &options->flush_us},
        {"--connections", OPTION_INT, "N", "at once (32)", &options->connections},
        {"--account", OPTION_TEXT, "ID", "events of this connected account", &options->account},
        {"--live", OPTION_FLAG, NULL, "events say livemode true", &options->live},
        {"--api-version", OPTION_TEXT, "V", "shapes of an older version: 2022-08-01",
            &ret_texts->version},
        {"--listen", OPTION_TEXT, "ADDRESS", "answer Stripe's API there: 127.0.0.1:0",
            &options->listen},
        {"--api-key", OPTION_TEXT, "KEY", "what the API asks for (one that is printed)",
            &options->api_key},
        {"--api-rate", OPTION_INT, "N", "requests a second, above: 429 (any number)",
            &options->api_rate},
        {"--api-errors", OPTION_INT, "P", "percent of requests that fail with 500",
            &options->api_errors},
        {"--api-lock", OPTION_INT, "P", "percent of requests refused with 429 lock_timeout",
            &options->api_lock},
        {"--report-lag", OPTION_DURATION, "TIME",
            "reports have data until so long ago (half days, half a day later)",
            &options->report_lag_us},
        {"--report-errors", OPTION_INT, "P", "percent of report runs that fail",
            &options->report_errors},
        {"--port-file", OPTION_TEXT, "FILE", "write the API's port there when ready",
            &options->port_file},
        {"--stay", OPTION_FLAG, NULL, "at the end, go on answering the API until stopped",
            &options->stay},
        {"--fault", OPTION_TEXT, "WORDS", "what goes wrong: drop_line=2,wrong_net (nothing)",
            &ret_texts->faults},
        {"--fault-spread", OPTION_DURATION, "TIME",
            "spread those of a kind over so long (as soon as they fit)", &options->fault_spread_us},
        {"--faults-file", OPTION_TEXT, "FILE",
            "write there what went wrong, and what must be found", &options->faults_file},
        {"--state", OPTION_TEXT, "FILE", "write down what was acknowledged of each object",
            &options->state},
        {"--log-acked", OPTION_TEXT, "FILE", "append each acknowledged event's id, synced",
            &options->acked},
        {"--verify", OPTION_FLAG, NULL, "compare --state (and --log-acked) with the store",
            &options->verify},
        {"--newest", OPTION_FLAG, NULL, "with --verify: what was lost must have come too",
            &options->newest},
        {0},
    };
    const struct usage usage = {
        .synopsis = "sandbox [--to URL --secret REF] [--listen ADDRESS] [options] | "
                    "sandbox --verify --state FILE",
        .description =
            "A small stand-in for Stripe: a shop whose customers, payments and refunds live their\n"
            "lives in seconds, and whose signed webhooks arrive twice, late, out of order or not\n"
            "at all. With --listen it answers Stripe's API, where lost events are found. With\n"
            "--verify it prints every difference between what it told and what the store has made\n"
            "of it, and ends with 1 when there is one.",
        .options = rows,
    };
    return options_take(context, &usage, ret_exit);
}

bool sandbox_options_take(
    struct command_context *context, struct sandbox_options *ret_options, int *ret_exit)
{
    struct sandbox_options options = {.seed = 1,
        .rate = -1,
        .for_us = -1,
        .span_us = -1,
        .payments = -1,
        .connections = 32,
        .retry_scale = 3000,
        .flush_us = 10 * US_PER_SECOND,
        .api_rate = -1,
        .report_lag_us = -1};
    struct option_texts texts = {.mix = STR("all")};
    if (!parse(context, &options, &texts, ret_exit)) {
        return false;
    }
    options.has_faults = texts.faults.len > 0;
    const char *wrong = judge(&options);
    wrong = wrong != NULL ? wrong : judge_span(&options, texts.begin);
    if (wrong != NULL) {
        *ret_exit = command_refuse(context, ERR_USAGE, "%s", wrong);
        return false;
    }
    if (!take_version(context, texts.version, &options.version) ||
        !take_begin(context, texts.begin, &options.begin_us) ||
        !sandbox_mix_take(context, texts.mix, &options.mix) ||
        (options.has_faults && !sandbox_faults_take(context, texts.faults, &options.faults))) {
        *ret_exit = err_exit_code(ERR_USAGE);
        return false;
    }
    options.faults.spread_s = options.fault_spread_us / US_PER_SECOND;
    options.rate = options.rate < 0 && texts.begin.len == 0 ? RATE_QUICK : options.rate;
    if (options.account.len > 0 && options.mix.connect > 0) {
        *ret_exit = command_refuse(context, ERR_USAGE,
            "--account makes the shop a connected account's, and no account is connected to that: "
            "leave connect out of --mix");
        return false;
    }
    *ret_options = options;
    return true;
}

#include "cli/doctor.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/stripe/stripe.h"
#include "cli/output.h"
#include "cli/scrape.h"
#include "cli/secret.h"
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/timex.h>
#include <unistd.h>

#define SERVE_TIMEOUT_US (2 * US_PER_SECOND)
#define SECRET_BYTES_MIN 24 /* shorter ones were cut, or typed for a test */

void doctor_say(struct doctor *doctor,
    enum health health,
    const char *check,
    const char *to_do,
    const char *format,
    ...)
{
    static const char *const words[HEALTH_COUNT] = {"ok", "warning", "failed"};
    static const enum colour colours[HEALTH_COUNT] = {COLOUR_GOOD, COLOUR_WARN, COLOUR_BAD};
    REQUIRE((unsigned)health < HEALTH_COUNT);
    char found[600];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(found, sizeof found, format, arguments);
    va_end(arguments);
    doctor->counts[health]++;
    if (doctor->context->json) {
        CLEANUP(buf_fini) struct buf text;
        struct json_writer json;
        buf_init(&text, 16384);
        json_writer_init(&json, &text);
        json_begin_object(&json, STR_NONE);
        json_add_string(&json, STR("check"), str_from(check));
        json_add_string(&json, STR("health"), str_from(words[health]));
        json_add_string(&json, STR("found"), str_from(found));
        json_add_string(&json, STR("to_do"), str_from(to_do));
        json_end_object(&json);
        out_json(&text);
        return;
    }
    char padded[16];
    (void)snprintf(padded, sizeof padded, "%-8s", words[health]);
    out_coloured(colours[health], str_from(padded));
    outf(" %-14s ", check);
    out_escaped(str_from(found));
    out(STR("\n"));
    if (to_do[0] != '\0') {
        outf("%*s-> %s\n", 24, "", to_do);
    }
}

/* --- configuration --- */

static void check_file(struct doctor *doctor)
{
    const struct config *config = doctor->config;
    struct stat status;
    if (config->path[0] == '\0') {
        doctor_say(doctor, HEALTH_OK, "configuration", "", "from the environment, accounts: %u",
            config->account_count);
    } else if (stat(config->path, &status) == 0 && (status.st_mode & (S_IWGRP | S_IWOTH)) != 0) {
        doctor_say(doctor, HEALTH_WARNING, "configuration",
            "chmod go-w: it decides whose word is taken",
            "%s may be changed by others than its owner", config->path);
    } else {
        doctor_say(doctor, HEALTH_OK, "configuration", "", "%s, accounts: %u", config->path,
            config->account_count);
    }
    if (config->account_count == 0) {
        doctor_say(doctor, HEALTH_FAILED, "accounts",
            "add an [account LABEL] section; `counterfoil init` shows one",
            "none is configured, so nothing can be received");
    }
}

static void check_secret_file(struct doctor *doctor, const char *check, struct str reference)
{
    char folder[sizeof doctor->config->path];
    char path[PATH_MAX];
    struct stat status;
    (void)str_copy_to(folder, sizeof folder, str_from(doctor->config->path));
    char *slash = strrchr(folder, '/');
    if (slash != NULL) {
        slash[slash == folder ? 1 : 0] = '\0';
    } else {
        folder[0] = '\0';
    }
    if (secret_path(reference, str_from(folder), path, sizeof path, NULL) != ERR_OK ||
        path[0] == '\0' || stat(path, &status) != 0) {
        return;
    }
    if ((status.st_mode & S_IWOTH) != 0) {
        doctor_say(doctor, HEALTH_FAILED, check, "chmod 600", STR_FMT " may be written by anybody",
            STR_ARG(reference));
    } else if ((status.st_mode & S_IROTH) != 0) {
        doctor_say(doctor, HEALTH_WARNING, check, "chmod 600, owned by the user that serve runs as",
            STR_FMT " may be read by anybody on this machine", STR_ARG(reference));
    }
}

static void check_webhook_secret(
    struct doctor *doctor, const char *check, const struct config_secret *secret)
{
    bool from_systemd = str_starts_with(secret->reference, STR("credential:"));
    if (secret->value.len == 0) {
        doctor_say(doctor, from_systemd ? HEALTH_WARNING : HEALTH_FAILED, check,
            from_systemd ? "only the service itself can check it: see its log after a start"
                         : "set it, or correct the reference",
            "%s", secret->problem.text);
        return;
    }
    check_secret_file(doctor, check, secret->reference);
    if (!str_starts_with(secret->value, STR("whsec_"))) {
        doctor_say(doctor, HEALTH_WARNING, check, "copy the endpoint's signing secret, all of it",
            STR_FMT " does not begin with whsec_, as Stripe's signing secrets do",
            STR_ARG(secret->reference));
    } else if (secret->value.len < SECRET_BYTES_MIN) {
        doctor_say(doctor, HEALTH_WARNING, check, "copy the endpoint's signing secret, all of it",
            STR_FMT " is shorter than Stripe's signing secrets are", STR_ARG(secret->reference));
    } else {
        doctor_say(doctor, HEALTH_OK, check, "", STR_FMT " is there", STR_ARG(secret->reference));
    }
}

/* One secret in two accounts: each would take the other's events for its own. */
static void check_shared(struct doctor *doctor, uint32_t index, const char *check)
{
    const struct account *account = &doctor->config->accounts[index];
    for (uint32_t i = 0; i < index; i++) {
        const struct account *other = &doctor->config->accounts[i];
        for (uint32_t a = 0; a < account->says.secret_count; a++) {
            for (uint32_t b = 0; b < other->says.secret_count; b++) {
                if (str_eq(account->says.secrets[a], other->says.secrets[b])) {
                    doctor_say(doctor, HEALTH_WARNING, check,
                        "every endpoint has a secret of its own",
                        "the same secret proves events of [account " STR_FMT "]",
                        STR_ARG(other->says.name));
                    return;
                }
            }
        }
    }
}

static void check_account(struct doctor *doctor, uint32_t index)
{
    const struct config_account *account = &doctor->config->details[index];
    char check[CONFIG_LABEL_BYTES + 1];
    (void)str_copy_to(check, sizeof check, account->label);
    for (uint32_t i = 0; i < account->secret_count; i++) {
        check_webhook_secret(doctor, check, &account->secrets[i]);
    }
    check_shared(doctor, index, check);
    doctor_key(doctor, index, check);
    if (account->key.value.len > 0) {
        check_secret_file(doctor, check, account->key.reference);
    }
    char zone[128];
    (void)snprintf(zone, sizeof zone, "/usr/share/zoneinfo/" STR_FMT, STR_ARG(account->timezone));
    if (account->timezone.len > 0 && access(zone, R_OK) != 0) {
        doctor_say(doctor, HEALTH_WARNING, check, "correct the name, or install tzdata",
            "this machine does not know the timezone");
    }
}

static void check_listeners(struct doctor *doctor)
{
    bool loopback = false;
    int64_t port = 0;
    struct str address = doctor->config->listen_private;
    if (config_address_check(address, &loopback, &port) == ERR_OK && !loopback) {
        doctor_say(doctor, HEALTH_WARNING, "listen",
            "use 127.0.0.1, or make sure that only your own network reaches it",
            "private " STR_FMT " is no loopback address, and it asks for no password",
            STR_ARG(address));
    } else {
        doctor_say(doctor, HEALTH_OK, "listen", "", "public " STR_FMT ", private " STR_FMT,
            STR_ARG(doctor->config->listen_public), STR_ARG(address));
    }
}

/* --- clock and serve --- */

static void check_clock(struct doctor *doctor)
{
    struct timex clock = {.modes = 0};
    int state = adjtimex(&clock);
    if (state == -1) {
        doctor_say(doctor, HEALTH_WARNING, "clock", "make sure that it is synchronised",
            "whether it is synchronised cannot be read: %s", strerrordesc_np(errno));
    } else if ((clock.status & STA_UNSYNC) != 0) {
        doctor_say(doctor, HEALTH_WARNING, "clock",
            "start chrony or systemd-timesyncd: deliveries signed more than 300 s ago are refused",
            "nothing keeps it synchronised");
    } else {
        doctor_say(
            doctor, HEALTH_OK, "clock", "", "synchronised, within %ld ms", clock.maxerror / 1000);
    }
}

static void check_serve(struct doctor *doctor)
{
    struct err_info info = {""};
    struct scrape scrape;
    bool ready = false;
    struct str address = doctor->config->listen_private;
    enum err err = scrape_fetch(address, SERVE_TIMEOUT_US, &scrape, &info);
    if (err != ERR_OK) {
        doctor_say(doctor, HEALTH_WARNING, "serve",
            err == ERR_NOT_FOUND ? "" : "start it, or see its log; then this can be checked",
            "does not answer on " STR_FMT ": %s", STR_ARG(address), info.text);
        return;
    }
    err = scrape_ready(address, SERVE_TIMEOUT_US, &ready, &info);
    if (err != ERR_OK || !ready) {
        doctor_say(doctor, HEALTH_FAILED, "serve", "see its log and the store",
            "runs but cannot commit: senders get 503 and will try again");
    } else {
        doctor_say(doctor, HEALTH_OK, "serve", "", "runs and can commit");
    }
    int64_t skewed = scrape.values[METRIC_CLOCK_SKEW];
    int64_t kept = scrape.values[METRIC_DELIVERIES_KEPT];
    int64_t unproven = scrape.values[METRIC_DELIVERIES_UNPROVEN];
    if (skewed > 0) {
        doctor_say(doctor, HEALTH_WARNING, "clock", "this clock is late: synchronise it",
            "%lld deliveries since serve began were signed more than 5 s in the future",
            (long long)skewed);
    }
    if (unproven > 0 && kept == 0) {
        doctor_say(doctor, HEALTH_WARNING, "proof",
            "is the signing secret the one of this endpoint? `stripe listen` has its own",
            "all %lld deliveries since serve began were refused as not proven",
            (long long)unproven);
    }
}

static void print_types(struct doctor *doctor)
{
    CLEANUP(table_free) struct table *table = NULL;
    static const struct table_column columns[] = {
        {"EVENT TYPE", false}, {"WHAT BECOMES OF IT", false}};
    table = table_new(columns, 2);
    int mapped = 0;
    for (const struct provider_event_type *type = stripe_event_types(); type->type != NULL;
         type++) {
        mapped += type->reason == REASON_NONE && !type->past;
        if (table != NULL) {
            table_add(table, str_from(type->type));
            table_add(table, type->reason != REASON_NONE ? str_from(reason_help(type->reason))
                             : type->past ? STR("decoded; older API versions sent it")
                                          : STR("decoded"));
        }
    }
    doctor_say(doctor, HEALTH_OK, "event types", "",
        "%d are decoded: enable them at the endpoint (`doctor --types` lists them)", mapped);
    if (table != NULL && !doctor->context->json) {
        table_print(table);
    }
}

/* --- all of them --- */

static void check_all(struct doctor *doctor)
{
    check_file(doctor);
    for (uint32_t i = 0; i < doctor->config->account_count; i++) {
        check_account(doctor, i);
    }
    check_listeners(doctor);
    doctor_store(doctor);
    check_clock(doctor);
    check_serve(doctor);
}

int command_doctor(struct command_context *context)
{
    bool types = false;
    const struct option_row options[] = {
        {"--types", OPTION_FLAG, NULL, "also list the event types to enable at the provider",
            &types},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis = "doctor [--types]",
        .description =
            "Checks the configuration, every secret, the store, the clock and a running serve, "
            "and\n"
            "says for each what to do. Changes nothing. Exit code 1 when a check failed; warnings\n"
            "do not count.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    struct doctor doctor = {.context = context, .now_us = env_now(context->env)};
    enum err err = config_load_with(context->config_path, CONFIG_SECRETS_TRIED, &config, &info);
    if (err != ERR_OK) {
        doctor_say(&doctor, HEALTH_FAILED, "configuration",
            err == ERR_NOT_FOUND ? "write one with `counterfoil init`, or name it by --config"
                                 : "correct it",
            "%s", info.text);
        check_clock(&doctor);
        return err_exit_code(ERR_DIFFERS);
    }
    doctor.config = config;
    check_all(&doctor);
    if (types) {
        print_types(&doctor);
    }
    if (!context->json) {
        outf("\n%d ok, %d warnings, %d failed\n", doctor.counts[HEALTH_OK],
            doctor.counts[HEALTH_WARNING], doctor.counts[HEALTH_FAILED]);
    }
    return doctor.counts[HEALTH_FAILED] > 0 ? err_exit_code(ERR_DIFFERS) : 0;
}

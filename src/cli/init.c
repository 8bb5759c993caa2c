#include "base/check.h"
#include "provider/stripe/stripe.h"
#include "cli/command.h"
#include "cli/config_table.h"
#include "cli/output.h"
#include "cli/secret.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define FILE_BYTES_MAX 65536
#define WRAP_COLUMNS 96

struct init {
    struct command_context *context;
    struct str path, store, account, environment, secret, url;
    bool force;
    char path_text[PATH_MAX], store_text[PATH_MAX * 3], secret_text[80];
};

/* What the restricted key must be allowed to do: the same as in docs/stripe-api.md. */
static const char *const key_permissions[] = {"Events: read", "PaymentIntents: read",
    "Charges and Refunds: read", "Customers: read", "Tax IDs: read", "Products: read",
    "Prices: read", "Subscriptions: read", "Invoices: read", "Credit notes: read", "Disputes: read",
    "Payouts: read", "Report runs: read", "PaymentMethods: read", "SetupIntents: read",
    "Mandates: read", "Checkout Sessions: read", "Reviews: read", "Early fraud warnings: read",
    "Transfers: read", "Application Fees: read", "Top-ups: read", "Webhook Endpoints: read",
    "Accounts: read", "Balance: read", "Balance transactions: read", "Files: read"};
#define KEY_PERMISSION_COUNT (sizeof key_permissions / sizeof key_permissions[0])

/* --- what was asked for --- */

/* A file of the system's keeps the default store; one elsewhere gets a store beside it. */
static bool choose_store(struct init *init)
{
    const struct config_row *row = config_row_find(STR("store"), STR("url"));
    ENSURE(row != NULL);
    char folder[PATH_MAX];
    const char *slash = strrchr(init->path_text, '/');
    if (str_starts_with(init->path, STR("/etc/"))) {
        init->store = str_from(row->otherwise);
        return true;
    }
    struct str given =
        slash == NULL ? STR(".") : (struct str){init->path_text, (size_t)(slash - init->path_text)};
    char part[PATH_MAX];
    if (!str_copy_to(part, sizeof part, given.len == 0 ? STR("/") : given) ||
        realpath(part, folder) == NULL) {
        return false;
    }
    size_t len = 0;
    len += (size_t)snprintf(init->store_text, sizeof init->store_text, "sqlite://");
    for (const char *c = folder; *c != '\0' && strcmp(folder, "/") != 0; c++) {
        bool plain = (unsigned char)*c > 0x20 && strchr("%?#;\"'\x7f", *c) == NULL;
        len += (size_t)snprintf(init->store_text + len, sizeof init->store_text - len,
            plain ? "%c" : "%%%02X", (unsigned char)*c);
    }
    (void)snprintf(init->store_text + len, sizeof init->store_text - len, "/books.db");
    init->store = str_from(init->store_text);
    return true;
}

/* env:ACME_WEBHOOK_SECRET: no COUNTERFOIL_ before it, for such names are keys of the configuration.
 */
static void choose_secret(struct init *init)
{
    bool digit = init->account.data[0] >= '0' && init->account.data[0] <= '9';
    (void)snprintf(init->secret_text, sizeof init->secret_text, "env:%s" STR_FMT "_WEBHOOK_SECRET",
        digit ? "ACCOUNT_" : "", STR_ARG(init->account));
    for (char *c = init->secret_text + 4; *c != '\0'; c++) {
        *c = (char)(*c == '-' ? '_' : *c >= 'a' && *c <= 'z' ? *c - 0x20 : *c);
    }
    init->secret = str_from(init->secret_text);
}

static enum err check_value(const struct init *init,
    const char *option,
    const char *section,
    const char *key,
    struct str value)
{
    const struct config_row *row = config_row_find(str_from(section), str_from(key));
    ENSURE(row != NULL);
    struct err_info info;
    union {
        struct config globals;
        struct config_account account;
    } judged;
    if (config_row_store(row, value, &judged, &info) == ERR_OK) {
        return ERR_OK;
    }
    (void)command_refuse(init->context, ERR_USAGE, "%s %s", option, info.text);
    return ERR_USAGE;
}

static enum err choose(struct init *init)
{
    struct err_info info;
    struct command_context *context = init->context;
    if (init->path.len == 0) {
        init->path =
            str_from(context->config_path != NULL ? context->config_path : "counterfoil.ini");
    }
    if (!str_copy_to(init->path_text, sizeof init->path_text - 8, init->path)) {
        (void)command_refuse(context, ERR_USAGE, "--path is too long");
        return ERR_USAGE;
    }
    if (!config_label_is_good(init->account)) {
        (void)command_refuse(context, ERR_USAGE,
            "--account wants up to %d lower-case letters, digits, - and _", CONFIG_LABEL_BYTES);
        return ERR_USAGE;
    }
    if (init->store.len == 0 && !choose_store(init)) {
        (void)command_refuse(
            context, ERR_FILE_IO, "the folder of " STR_FMT " does not exist", STR_ARG(init->path));
        return ERR_FILE_IO;
    }
    if (init->secret.len == 0) {
        choose_secret(init);
    }
    if (secret_reference_check(init->secret, &info) != ERR_OK) {
        (void)command_refuse(context, ERR_USAGE, "--secret: %s", info.text);
        return ERR_USAGE;
    }
    TRY(check_value(init, "--store", "store", "url", init->store));
    return check_value(init, "--environment", "account", "environment", init->environment);
}

/* --- the file --- */

static void add_comment(struct buf *to, const char *text)
{
    struct str rest = str_from(text);
    size_t column = WRAP_COLUMNS;
    while (rest.len > 0) {
        struct str word = str_cut(&rest, ' ');
        if (column + word.len + 1 > WRAP_COLUMNS) {
            buf_add(to, to->len > 0 && to->data[to->len - 1] != '\n' ? STR("\n;") : STR(";"));
            column = 1;
        }
        buf_addf(to, " " STR_FMT, STR_ARG(word));
        column += word.len + 1;
    }
    buf_add_char(to, '\n');
}

static void add_row(const struct init *init, const struct config_row *row, struct buf *to)
{
    struct str value = STR_NONE;
    if (strcmp(row->key, "url") == 0) {
        value = init->store;
    } else if (strcmp(row->key, "environment") == 0) {
        value = init->environment;
    } else if (strcmp(row->key, "webhook_secret") == 0) {
        value = init->secret;
    }
    add_comment(to, row->help);
    if (value.len > 0) {
        buf_addf(to, "%s = " STR_FMT "\n", row->key, STR_ARG(value));
    } else {
        buf_addf(to, ";%s =%s%s\n", row->key, row->otherwise[0] != '\0' ? " " : "", row->otherwise);
    }
}

static void format_file(const struct init *init, struct buf *to)
{
    add_comment(to,
        "Counterfoil. `counterfoil doctor` checks this file; docs/config.md explains every key.");
    const char *section = "";
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        if (config_row_is_of_chart(row)) {
            continue; /* each account has its own name until somebody wants another */
        }
        if (strcmp(section, row->section) != 0) {
            section = row->section;
            if (config_row_is_of_account(row)) {
                buf_addf(to, "\n[account " STR_FMT "]\n", STR_ARG(init->account));
            } else {
                buf_addf(to, "\n[%s]\n", section);
            }
        }
        add_row(init, row, to);
    }
}

/* Whole or not at all: a new file takes the name once its bytes are there. */
static enum err write_file(const struct init *init, struct str text, struct err_info *reterr)
{
    char fresh[PATH_MAX + 16];
    (void)snprintf(fresh, sizeof fresh, "%s.XXXXXX", init->path_text);
    int fd = mkostemp(fresh, O_CLOEXEC); /* mode 0600 */
    if (fd < 0) {
        int error = errno;
        return err_set(reterr, ERR_FILE_IO, "%s cannot be written: %s", init->path_text,
            strerrordesc_np(error));
    }
    bool written = write(fd, text.data, text.len) == (ssize_t)text.len && fsync(fd) == 0;
    written = close(fd) == 0 && written;
    /* link, not rename: it refuses a name that exists, also one that came a moment ago */
    int moved = !written      ? -1
                : init->force ? rename(fresh, init->path_text)
                              : link(fresh, init->path_text);
    int error = errno;
    (void)unlink(fresh);
    if (moved == 0) {
        return ERR_OK;
    }
    if (error == EEXIST) {
        return err_set(reterr, ERR_CONFLICT, "%s exists; --force replaces it", init->path_text);
    }
    return err_set(
        reterr, ERR_FILE_IO, "%s cannot be written: %s", init->path_text, strerrordesc_np(error));
}

/* --- what to do next --- */

static void print_types(void)
{
    size_t column = 0;
    for (const struct provider_event_type *type = stripe_event_types(); type->type != NULL;
         type++) {
        size_t len = strlen(type->type);
        if (type->reason != REASON_NONE || type->past) {
            continue;
        }
        if (column > 0 && column + len + 1 > WRAP_COLUMNS) {
            out(STR("\n"));
            column = 0;
        }
        outf("%s%s", column == 0 ? "    " : " ", type->type);
        column += len + (column == 0 ? 4 : 1);
    }
    out(STR("\n"));
}

static void print_steps(const struct init *init)
{
    outf("Wrote %s (mode 0600). Next:\n\n", init->path_text);
    outf("1. At Stripe, add a webhook endpoint (" STR_FMT
         " mode, snapshot payloads):\n\n    URL  " STR_FMT "/webhooks/" STR_FMT "\n\n",
        STR_ARG(init->environment), STR_ARG(init->url), STR_ARG(init->account));
    outf("   A reverse proxy with TLS passes it on to [listen] public. Enable these event types; "
         "others do\n"
         "   no harm, they are kept and change nothing:\n\n");
    print_types();
    outf("\n2. Put its signing secret (whsec_...) where the configuration refers to it: " STR_FMT
         "\n\n",
        STR_ARG(init->secret));
    outf("3. Check, make the store, run:\n\n    counterfoil --config %s doctor\n    counterfoil "
         "--config %s migrate\n"
         "    counterfoil --config %s serve\n\n",
        init->path_text, init->path_text, init->path_text);
    outf("4. For back-fill and reconciliation, when you want them, make a restricted key and refer "
         "to it by\n"
         "   key.read. It needs these permissions and no other:\n\n");
    for (size_t i = 0; i < KEY_PERMISSION_COUNT; i++) {
        outf("    %s\n", key_permissions[i]);
    }
    out(STR("\nTo try it without Stripe: `counterfoil sandbox --help`.\n"));
}

static void print_json(const struct init *init)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    char url[PATH_MAX];
    buf_init(&text, FILE_BYTES_MAX);
    json_writer_init(&json, &text);
    (void)snprintf(
        url, sizeof url, STR_FMT "/webhooks/" STR_FMT, STR_ARG(init->url), STR_ARG(init->account));
    json_begin_object(&json, STR_NONE);
    json_add_string(&json, STR("path"), str_from(init->path_text));
    json_add_string(&json, STR("webhook_url"), str_from(url));
    json_add_string(&json, STR("webhook_secret"), init->secret);
    json_begin_array(&json, STR("event_types"));
    for (const struct provider_event_type *type = stripe_event_types(); type->type != NULL;
         type++) {
        if (type->reason == REASON_NONE && !type->past) {
            json_add_string(&json, STR_NONE, str_from(type->type));
        }
    }
    json_end_array(&json);
    json_begin_array(&json, STR("key_permissions"));
    for (size_t i = 0; i < KEY_PERMISSION_COUNT; i++) {
        json_add_string(&json, STR_NONE, str_from(key_permissions[i]));
    }
    json_end_array(&json);
    json_end_object(&json);
    out_json(&text);
}

int command_init(struct command_context *context)
{
    struct init init = {
        .context = context,
        .account = STR("main"),
        .environment = STR("test"),
        .url = STR("https://YOUR-HOST"),
    };
    const struct option_row options[] = {
        {"--path", OPTION_TEXT, "FILE", "where to write (default: --config, else counterfoil.ini)",
            &init.path},
        {"--store", OPTION_TEXT, "URL", "the store (default: books.db beside the file)",
            &init.store},
        {"--account", OPTION_TEXT, "LABEL", "the last part of the webhook URL (default: main)",
            &init.account},
        {"--environment", OPTION_TEXT, "WORD", "live or test (default: test)", &init.environment},
        {"--secret", OPTION_TEXT, "REFERENCE",
            "where the signing secret is: env:, file: or credential:", &init.secret},
        {"--url", OPTION_TEXT, "URL", "how the outside reaches this host, for what is printed",
            &init.url},
        {"--force", OPTION_FLAG, NULL, "replace a file that exists", &init.force},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis = "init [--path FILE] [--store URL] [--account LABEL] [--environment live|test]",
        .description =
            "Writes a configuration with every key and its default, and says what to set up at "
            "the\n"
            "provider: the webhook URL, the event types, the permissions of the read key.\n"
            "Does nothing else: no store is made, nothing is started.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    enum err err = choose(&init);
    if (err != ERR_OK) {
        return err_exit_code(err);
    }
    CLEANUP(buf_fini) struct buf text;
    struct err_info info;
    buf_init(&text, FILE_BYTES_MAX);
    format_file(&init, &text);
    ENSURE(!text.failed);
    err = write_file(&init, buf_str(&text), &info);
    if (err != ERR_OK) {
        return command_refuse(context, err, "%s", info.text);
    }
    if (context->json) {
        print_json(&init);
    } else {
        print_steps(&init);
    }
    return 0;
}

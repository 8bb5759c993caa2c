#include "base/check.h"
#include "cli/ledger.h"
#include "cli/output.h"
#include "ledger/line.h"

#define TEXT_BYTES_MAX ((size_t)1024 * 1024)

enum { ACCOUNT_BY_DETAIL = -1 };

struct line_row {
    const char *word, *key, *bucket, *alert, *help;
    int counter, fees;
};

static const struct line_row line_rows[] = {
#define LINE(KIND, word, counter, key, bucket, fees, alert, help)                                  \
    {word, #key, #bucket, #alert, help, ACCOUNT_##counter, ACCOUNT_##fees},
#include "ledger/lines.def"
#undef LINE
};

static const char *account_name(int account)
{
    return account_row((enum ledger_account)account)->name;
}

static const char *key_word(const struct account_row *row)
{
    return row->key == KEY_NONE   ? ""
           : row->key == KEY_LINE ? "line"
                                  : id_kind_word((enum id_kind)row->key);
}

/* Names as they stand in the rows, in small letters; NONE is nothing. */
static struct str row_word(const char *name, char *to, size_t size)
{
    size_t len = 0;
    for (; strcmp(name, "NONE") != 0 && name[len] != '\0' && len + 1 < size; len++) {
        char c = name[len];
        to[len] = (char)(c >= 'A' && c <= 'Z' ? c | 0x20 : c);
    }
    return (struct str){to, len};
}

/* --- docs/ledger.md --- */

static void markdown_accounts(struct buf *to)
{
    buf_addf(
        to, "| account | class | posted by | kept by | what it holds |\n|---|---|---|---|---|\n");
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        const struct account_row *row = account_row((enum ledger_account)i);
        buf_addf(to, "| `%s` | %s | %s | %s | %s |\n", row->name, account_class_word(row->class),
            stream_word(row->owner), key_word(row), row->help);
    }
}

static void markdown_lines(struct buf *to)
{
    char key[32];
    char bucket[32];
    char alert[32];
    buf_addf(to, "\n| kind of line | what it is | credited | kept by | available | fees | alert "
                 "|\n|---|---|---|---|---|---|---|\n");
    for (size_t i = 0; i < LINE_KIND_COUNT; i++) {
        const struct line_row *row = &line_rows[i];
        struct str key_text = row_word(row->key, key, sizeof key);
        struct str bucket_text = row_word(row->bucket, bucket, sizeof bucket);
        struct str alert_text = row_word(row->alert, alert, sizeof alert);
        buf_addf(to, "| `%s` | %s | `%s` | " STR_FMT " | %s | %s%s%s | " STR_FMT " |\n", row->word,
            row->help, account_name(row->counter), STR_ARG(key_text),
            str_eq(bucket_text, STR("now")) ? "at once" : "when the line says",
            row->fees == ACCOUNT_BY_DETAIL ? "" : "`",
            row->fees == ACCOUNT_BY_DETAIL ? "by detail" : account_name(row->fees),
            row->fees == ACCOUNT_BY_DETAIL ? "" : "`", STR_ARG(alert_text));
    }
}

static int print_markdown(void)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    markdown_accounts(&text);
    markdown_lines(&text);
    ENSURE(!text.failed);
    out(buf_str(&text));
    return 0;
}

/* --- for people and programs --- */

static void print_json(const struct config *config)
{
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, TEXT_BYTES_MAX);
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        const struct account_row *row = account_row((enum ledger_account)i);
        struct json_writer writer;
        buf_clear(&line);
        json_writer_init(&writer, &line);
        json_begin_object(&writer, STR_NONE);
        json_add_string(&writer, STR("account"), str_from(row->name));
        json_add_string(&writer, STR("code"), config->chart[i]);
        json_add_string(&writer, STR("class"), str_from(account_class_word(row->class)));
        json_add_string(&writer, STR("posted_by"), str_from(stream_word(row->owner)));
        json_add_string(&writer, STR("key"), str_from(key_word(row)));
        json_add_string(&writer, STR("help"), str_from(row->help));
        json_end_object(&writer);
        out_json(&line);
    }
}

static int print_table(struct command_context *context, const struct config *config)
{
    static const struct table_column columns[] = {{"account", false}, {"code", false},
        {"class", false}, {"posted by", false}, {"kept by", false}, {"what it holds", false}};
    CLEANUP(table_free) struct table *table = table_new(columns, 6);
    if (table == NULL) {
        return command_fail(context, ERR_BUSY, NULL);
    }
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        const struct account_row *row = account_row((enum ledger_account)i);
        bool own = str_eq(config->chart[i], str_from(row->name));
        table_add(table, str_from(row->name));
        table_add(table, own ? STR_NONE : config->chart[i]);
        table_add(table, str_from(account_class_word(row->class)));
        table_add(table, str_from(stream_word(row->owner)));
        table_add(table, str_from(key_word(row)));
        table_add(table, str_from(row->help));
    }
    table_print(table);
    return 0;
}

int ledger_accounts(struct command_context *context)
{
    bool markdown = false;
    const struct option_row options[] = {
        {"--markdown", OPTION_FLAG, NULL, "the tables of docs/ledger.md: accounts, kinds of lines",
            &markdown},
        {0},
    };
    const struct usage usage = {.synopsis = "ledger accounts [--markdown]",
        .description = "Lists the accounts of the books: class, who posts there, and what their "
                       "balances are kept by.\n"
                       "`code` is what [chart] of the configuration has exports call it. Needs no "
                       "store.",
        .options = options};
    CLEANUP(config_free) struct config *config = NULL;
    struct err_info info = {""};
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    if (markdown) {
        return print_markdown();
    }
    enum err err = config_load_with(context->config_path, CONFIG_SECRETS_LEFT, &config, &info);
    if (err != ERR_OK) {
        return command_fail(context, err, &info);
    }
    if (context->json) {
        print_json(config);
        return 0;
    }
    return print_table(context, config);
}

#include "base/check.h"
#include "cli/ledger.h"
#include "cli/ledger_question.h"
#include "cli/ledger_walk.h"
#include "cli/output.h"
#include <inttypes.h>

#define LINE_BYTES_MAX ((size_t)4 * 1024 * 1024)

static void balance_json(const struct question *question)
{
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    for (uint32_t i = 0; i < question->count; i++) {
        const struct ledger_balance *balance = &question->balances[i];
        struct json_writer writer;
        buf_clear(&line);
        json_writer_init(&writer, &line);
        json_begin_object(&writer, STR_NONE);
        json_add_string(&writer, STR("account"), str_from(account_row(balance->account)->name));
        json_add_string(&writer, STR("code"), question->config->chart[balance->account]);
        json_add_string(&writer, STR("currency"), str_from(balance->currency.code));
        json_add_int(&writer, STR("minor"), balance->minor);
        json_add_int(&writer, STR("keys"),
            account_row(balance->account)->key == KEY_NONE ? 0 : balance->keys);
        json_end_object(&writer);
        out_json(&line);
    }
}

static int balance_print(struct question *question)
{
    static const struct table_column columns[] = {
        {"account", false}, {"balance", true}, {"open", true}};
    CLEANUP(table_free) struct table *table = table_new(columns, 3);
    if (question->context->json) {
        balance_json(question);
        return 0;
    }
    if (table == NULL) {
        return command_fail(question->context, ERR_BUSY, NULL);
    }
    for (uint32_t i = 0; i < question->count; i++) {
        const struct ledger_balance *balance = &question->balances[i];
        char amount[MONEY_TEXT_BYTES];
        money_format(balance->minor, balance->currency, amount);
        table_add(table, str_from(account_row(balance->account)->name));
        table_add(table, str_from(amount));
        if (account_row(balance->account)->key == KEY_NONE) {
            table_add(table, STR(" "));
        } else {
            table_addf(table, "%" PRId64, balance->keys);
        }
    }
    table_print(table);
    return 0;
}

static bool names_any_account(const struct question *question)
{
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        if (question_names(question, (enum ledger_account)i)) {
            return true;
        }
    }
    return false;
}

int ledger_balance(struct command_context *context)
{
    struct question question = {.context = context, .only_due = true};
    const struct option_row options[] = {
        {"--account", OPTION_TEXT, "ACCOUNT", "of one configured account: its label, or its scope",
            &question.account_word},
        {"--currency", OPTION_TEXT, "CODE", "only in that currency", &question.currency_word},
        {0},
    };
    const struct usage usage = {
        .synopsis = "ledger balance [NAME] [--currency CODE] [--account ACCOUNT]",
        .description = "Prints what each account of the books holds now, and how many objects are "
                       "open on it. NAME is an\n"
                       "account or the beginning of some, like assets:clearing. Debits are "
                       "positive. What becomes\n"
                       "available later is pending until then.",
        .options = options};
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum ledger_account unused;
    enum err err = options_parse(context, &usage, 0, 1, &words, &count, &help);
    if (err != ERR_OK || help) {
        return err_exit_code(err);
    }
    question.name = count > 0 ? str_from(words[0]) : STR_NONE;
    if (!names_any_account(&question)) {
        return err_exit_code(ledger_account_find(context, question.name, &unused));
    }
    if (question_take_currency(&question) != ERR_OK) {
        return err_exit_code(ERR_USAGE);
    }
    return question_answer(&question, balance_print);
}

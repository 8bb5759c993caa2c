#include "base/check.h"
#include "cli/ledger.h"
#include "cli/ledger_question.h"
#include "cli/output.h"
#include <inttypes.h>
#include <stdlib.h>

#define TEXT_BYTES_MAX ((size_t)4 * 1024 * 1024)

struct total {
    struct currency currency;
    int64_t debit_minor, credit_minor; /* neither is negative */
};

struct totals {
    struct total *items; /* in the order of the balances */
    uint32_t count;
    bool agree;
};

static int compare_by_currency(const void *a, const void *b)
{
    const struct ledger_balance *left = a;
    const struct ledger_balance *right = b;
    int order = strcmp(left->currency.code, right->currency.code);
    return order != 0 ? order : (left->account > right->account) - (left->account < right->account);
}

static enum err add_to(struct total *total, int64_t minor)
{
    int64_t *side = minor < 0 ? &total->credit_minor : &total->debit_minor;
    return minor == INT64_MIN ? ERR_OVERFLOW : minor_add(*side, minor < 0 ? -minor : minor, side);
}

/* Sorts the balances by currency, too. */
static enum err add_up(struct question *question, struct totals *ret)
{
    struct totals totals = {arena_new_array(question->arena, struct total, question->count), 0,
        question->flaw_count == 0};
    if (totals.items == NULL) {
        return ERR_TOO_LARGE;
    }
    if (question->count > 0) {
        qsort(question->balances, question->count, sizeof *question->balances, compare_by_currency);
    }
    for (uint32_t i = 0; i < question->count; i++) {
        const struct ledger_balance *balance = &question->balances[i];
        bool first = i == 0 || !currency_eq(balance->currency, question->balances[i - 1].currency);
        if (first) {
            totals.items[totals.count++].currency = balance->currency;
        }
        TRY(add_to(&totals.items[totals.count - 1], balance->minor));
    }
    for (uint32_t i = 0; i < totals.count; i++) {
        totals.agree = totals.agree && totals.items[i].debit_minor == totals.items[i].credit_minor;
    }
    *ret = totals;
    return ERR_OK;
}

static void flaws_json(const struct question *question, struct json_writer *writer)
{
    json_begin_array(writer, STR("flaws"));
    for (uint32_t i = 0; i < question->flaw_count; i++) {
        const struct ledger_flaw *flaw = &question->flaws[i];
        char key[OWN_ID_TEXT_BYTES];
        posting_key_format(flaw->account, flaw->key, key);
        json_begin_object(writer, STR_NONE);
        json_add_int(writer, STR("scope"), flaw->scope);
        json_add_string(writer, STR("currency"), str_from(flaw->currency.code));
        if (flaw->entry > 0) {
            json_add_int(writer, STR("entry"), flaw->entry);
            json_add_int(writer, STR("sum_minor"), flaw->minor);
        } else {
            json_add_string(writer, STR("account"), str_from(account_row(flaw->account)->name));
            json_add_string(writer, STR("key"), str_from(key));
            json_add_int(writer, STR("minor"), flaw->minor);
            json_add_int(writer, STR("posted_minor"), flaw->posted_minor);
        }
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void trial_json(const struct question *question, const struct totals *totals)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer writer;
    buf_init(&text, TEXT_BYTES_MAX);
    json_writer_init(&writer, &text);
    json_begin_object(&writer, STR_NONE);
    json_add_bool(&writer, STR("agree"), totals->agree);
    json_add_bool(&writer, STR("verified"), question->verify);
    json_begin_array(&writer, STR("balances"));
    for (uint32_t i = 0; i < question->count; i++) {
        const struct ledger_balance *balance = &question->balances[i];
        const struct account_row *row = account_row(balance->account);
        json_begin_object(&writer, STR_NONE);
        json_add_string(&writer, STR("account"), str_from(row->name));
        json_add_string(&writer, STR("code"), question->config->chart[balance->account]);
        json_add_string(&writer, STR("class"), str_from(account_class_word(row->class)));
        json_add_string(&writer, STR("currency"), str_from(balance->currency.code));
        json_add_int(&writer, STR("minor"), balance->minor);
        json_end_object(&writer);
    }
    json_end_array(&writer);
    json_begin_array(&writer, STR("currencies"));
    for (uint32_t i = 0; i < totals->count; i++) {
        const struct total *total = &totals->items[i];
        json_begin_object(&writer, STR_NONE);
        json_add_string(&writer, STR("currency"), str_from(total->currency.code));
        json_add_int(&writer, STR("debit_minor"), total->debit_minor);
        json_add_int(&writer, STR("credit_minor"), total->credit_minor);
        json_end_object(&writer);
    }
    json_end_array(&writer);
    flaws_json(question, &writer);
    json_end_object(&writer);
    out_json(&text);
}

static void add_sides(
    struct table *table, int64_t debit_minor, int64_t credit_minor, struct currency currency)
{
    char text[MONEY_TEXT_BYTES];
    money_format(debit_minor, currency, text);
    table_add(table, debit_minor == 0 ? STR(" ") : str_from(text));
    money_format(credit_minor, currency, text);
    table_add(table, credit_minor == 0 ? STR(" ") : str_from(text));
}

static void add_total(struct table *table, const struct total *total)
{
    table_addf(table, "%s in all", total->currency.code);
    add_sides(table, total->debit_minor, total->credit_minor, total->currency);
}

static void trial_table(
    const struct question *question, const struct totals *totals, struct table *table)
{
    const struct total *total = totals->items;
    for (uint32_t i = 0; i < question->count; i++) {
        const struct ledger_balance *balance = &question->balances[i];
        int64_t minor = balance->minor;
        if (!currency_eq(balance->currency, total->currency)) {
            add_total(table, total++);
        }
        if (minor != 0) {
            table_add(table, str_from(account_row(balance->account)->name));
            add_sides(table, minor > 0 ? minor : 0, minor < 0 ? -minor : 0, balance->currency);
        }
    }
    if (totals->count > 0) {
        add_total(table, total);
    }
    table_print(table);
}

static void flaws_text(const struct question *question)
{
    for (uint32_t i = 0; i < question->flaw_count; i++) {
        const struct ledger_flaw *flaw = &question->flaws[i];
        char kept[MONEY_TEXT_BYTES];
        char posted[MONEY_TEXT_BYTES];
        char key[OWN_ID_TEXT_BYTES];
        money_format(flaw->minor, flaw->currency, kept);
        money_format(flaw->posted_minor, flaw->currency, posted);
        posting_key_format(flaw->account, flaw->key, key);
        if (flaw->entry > 0) {
            outf("entry %" PRId64 ".%" PRId64 " does not balance: its sum is %s\n", flaw->scope,
                flaw->entry, kept);
        } else {
            outf("scope %" PRId64 ": %s%s%s is kept as %s, its postings add up to %s\n",
                flaw->scope, account_row(flaw->account)->name, key[0] != '\0' ? " " : "", key, kept,
                posted);
        }
    }
    if (question->verify && question->flaw_count == 0) {
        out(STR("every entry balances, and every balance is what its postings add up to\n"));
    }
}

static void totals_text(const struct totals *totals)
{
    for (uint32_t i = 0; i < totals->count; i++) {
        const struct total *total = &totals->items[i];
        char text[MONEY_TEXT_BYTES];
        money_format(total->debit_minor - total->credit_minor, total->currency, text);
        if (total->debit_minor == total->credit_minor) {
            outf("%s: debits and credits agree\n", total->currency.code);
        } else {
            outf("%s: debits less credits are %s\n", total->currency.code, text);
        }
    }
    if (totals->count == 0) {
        out(STR("nothing is posted\n"));
    }
}

static int trial_print(struct question *question)
{
    static const struct table_column columns[] = {
        {"account", false}, {"debit", true}, {"credit", true}};
    CLEANUP(table_free) struct table *table = table_new(columns, 3);
    struct totals totals = {NULL, 0, false};
    enum err err = add_up(question, &totals);
    if (err != ERR_OK || table == NULL) {
        return command_fail(question->context, err != ERR_OK ? err : ERR_BUSY, NULL);
    }
    if (question->context->json) {
        trial_json(question, &totals);
    } else {
        trial_table(question, &totals, table);
        totals_text(&totals);
        flaws_text(question);
    }
    return totals.agree ? 0
                        : command_refuse(question->context, ERR_DIFFERS,
                              "the books do not agree with themselves: somebody has written to the "
                              "store's tables; compare with a backup");
}

int ledger_trial_balance(struct command_context *context)
{
    struct question question = {.context = context};
    const struct option_row options[] = {
        {"--at", OPTION_TEXT, "TIME", "as of then: of what had happened before", &question.at},
        {"--period", OPTION_TEXT, "MONTH",
            "as of its end: of what belongs to it and to those before", &question.period_word},
        {"--currency", OPTION_TEXT, "CODE", "only in that currency", &question.currency_word},
        {"--account", OPTION_TEXT, "ACCOUNT", "of one configured account: its label, or its scope",
            &question.account_word},
        {"--verify", OPTION_FLAG, NULL, "add up every posting and compare with the balances",
            &question.verify},
        {0},
    };
    const struct usage usage = {
        .synopsis = "ledger trial-balance [--at TIME | --period MONTH] [--currency CODE] "
                    "[--account ACCOUNT] [--verify]",
        .description = "Prints debits and credits of all accounts, and says for each currency that "
                       "they agree. Ends with 1\n"
                       "when they do not, or when --verify finds a balance that is not what was "
                       "posted. Of a closed month\n"
                       "--period says the same for ever. --at, --period and --verify take as long "
                       "as the journal is.",
        .options = options};
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    if (options_time(context, "--at", question.at, &question.at_us) != ERR_OK ||
        question_take_period(&question) != ERR_OK || question_take_currency(&question) != ERR_OK) {
        return err_exit_code(ERR_USAGE);
    }
    return question_answer(&question, trial_print);
}

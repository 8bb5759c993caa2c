#include "base/check.h"
#include "store/statement_read.h"
#include "cli/csv_text.h"
#include "cli/ledger.h"
#include "cli/ledger_print.h"
#include "cli/ledger_walk.h"
#include "cli/output.h"
#include "cli/scope_word.h"
#include "ledger/fees.h"
#include "ledger/period.h"
#include <inttypes.h>
#include <stdlib.h>

#define PAGE_LINES 5000
#define PAGE_BYTES ((size_t)64 * 1024 * 1024)
#define TEXT_BYTES_MAX ((size_t)4 * 1024 * 1024)
#define ROWS_MAX 2048 /* groups, names and currencies; beyond, names are left out */
#define ROWS_NAMED_MAX (ROWS_MAX - 1024)

struct fee_row {
    struct currency currency;
    enum fee_group group;
    char name[FEE_NAME_BYTES + 1]; /* of a fee that was charged on its own */
    struct fee_sum sum;
};

struct fees {
    struct command_context *context;
    const struct config *config;
    struct store *store;
    struct str month_word, account_word;
    int64_t month, scope; /* scope 0: of all */
    bool csv;
    struct arena *arena; /* of a page */
    struct own_id after;
    struct kept_lines page;
    struct fee_row rows[ROWS_MAX]; /* sorted once all is read */
    uint32_t row_count;
    int64_t unposted; /* lines that the books could not take: in no sum */
};

/* --- adding up --- */

static enum err too_many(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "fees are in too many currencies");
}

static struct fee_row *row_of(
    struct fees *fees, struct currency currency, enum fee_group group, struct str name)
{
    for (uint32_t i = 0; i < fees->row_count; i++) {
        struct fee_row *row = &fees->rows[i];
        if (row->group == group && currency_eq(row->currency, currency) &&
            str_eq(str_from(row->name), name)) {
            return row;
        }
    }
    if (fees->row_count >= ROWS_NAMED_MAX && name.len > 0) {
        return row_of(fees, currency, group, STR_NONE);
    }
    if (fees->row_count == ROWS_MAX) {
        return NULL;
    }
    struct fee_row *row = &fees->rows[fees->row_count++];
    *row = (struct fee_row){.currency = currency, .group = group};
    (void)str_copy_to(row->name, sizeof row->name, name);
    return row;
}

static enum err add_line(struct fees *fees, const struct kept_line *line, struct err_info *reterr)
{
    struct fee_sum sums[FEE_GROUP_COUNT] = {0};
    if ((line->flaws & FLAW_UNPOSTED) != 0) {
        fees->unposted++;
        return ERR_OK;
    }
    enum err err = fees_of_line(&line->line, sums);
    for (int i = 0; i < FEE_GROUP_COUNT && err == ERR_OK; i++) {
        if (sums[i].count == 0) {
            continue;
        }
        struct str name = i == FEE_GROUP_CHARGED ? fee_name(line->text) : STR_NONE;
        struct fee_row *row = row_of(fees, line->line.currency, (enum fee_group)i, name);
        if (row == NULL) {
            return too_many(reterr);
        }
        err = fee_sum_add(&row->sum, &sums[i]);
    }
    return err == ERR_OK ? ERR_OK : err_set(reterr, err, "the fees do not fit into 64 bits");
}

static enum err read_page(struct store *store, void *context, struct err_info *reterr)
{
    struct fees *fees = context;
    int64_t from_us = period_begin_us(fees->month);
    int64_t to_us = period_end_us(fees->month);
    from_us = from_us > 0 ? from_us : 0; /* no line is older */
    to_us = to_us > 0 ? to_us : 0;
    arena_reset(fees->arena);
    return statement_between(store, fees->scope, from_us, to_us, fees->after, PAGE_LINES,
        fees->arena, &fees->page, reterr);
}

static enum err find_scope(struct store *store, void *context, struct err_info *reterr)
{
    struct fees *fees = context;
    arena_reset(fees->arena);
    return scope_find(store, fees->config, fees->account_word, fees->arena, &fees->scope, reterr);
}

static int compare_rows(const void *a, const void *b)
{
    const struct fee_row *left = a;
    const struct fee_row *right = b;
    int order = strcmp(left->currency.code, right->currency.code);
    if (order == 0 && left->group != right->group) {
        order = left->group < right->group ? -1 : 1;
    }
    return order != 0 ? order : strcmp(left->name, right->name);
}

static enum err add_up(struct fees *fees, struct err_info *reterr)
{
    if (fees->account_word.len > 0) {
        TRY(command_transaction(fees->store, STORE_READ, find_scope, fees, reterr));
    }
    do {
        TRY(command_transaction(fees->store, STORE_READ, read_page, fees, reterr));
        for (uint32_t i = 0; i < fees->page.count; i++) {
            fees->after = fees->page.items[i].line.id;
            TRY(add_line(fees, &fees->page.items[i], reterr));
        }
    } while (fees->page.count == PAGE_LINES && !command_is_stopped());
    if (command_is_stopped()) {
        return err_set(reterr, ERR_CLOSED, "stopped before the end");
    }
    qsort(fees->rows, fees->row_count, sizeof fees->rows[0], compare_rows);
    return ERR_OK;
}

/* All rows of the currency of row `first`; *ret_next: the first row of another one. */
static enum err total_of(
    const struct fees *fees, uint32_t first, struct fee_sum *ret, uint32_t *ret_next)
{
    uint32_t at = first;
    *ret = (struct fee_sum){0};
    for (; at < fees->row_count && currency_eq(fees->rows[at].currency, fees->rows[first].currency);
         at++) {
        TRY(fee_sum_add(ret, &fees->rows[at].sum));
    }
    *ret_next = at;
    return ERR_OK;
}

static enum err gross_of(const struct fee_sum *sum, int64_t *ret)
{
    return minor_add(sum->net_minor, sum->tax_minor, ret);
}

/* --- for programs --- */

static enum err sum_json(const struct fee_sum *sum, struct json_writer *writer)
{
    int64_t gross = 0;
    TRY(gross_of(sum, &gross));
    json_add_int(writer, STR("lines"), sum->count);
    json_add_int(writer, STR("net_minor"), sum->net_minor);
    json_add_int(writer, STR("tax_minor"), sum->tax_minor);
    json_add_int(writer, STR("gross_minor"), gross);
    json_add_int(writer, STR("returned_minor"), sum->returned_minor);
    return ERR_OK;
}

static enum err rows_json(const struct fees *fees, struct json_writer *writer)
{
    json_begin_array(writer, STR("fees"));
    for (uint32_t i = 0; i < fees->row_count; i++) {
        const struct fee_row *row = &fees->rows[i];
        json_begin_object(writer, STR_NONE);
        json_add_string(writer, STR("group"), str_from(fee_group_word(row->group)));
        json_add_string(writer, STR("name"), str_from(row->name));
        json_add_string(writer, STR("currency"), str_from(row->currency.code));
        TRY(sum_json(&row->sum, writer));
        json_end_object(writer);
    }
    json_end_array(writer);
    return ERR_OK;
}

static enum err totals_json(const struct fees *fees, struct json_writer *writer)
{
    json_begin_array(writer, STR("totals"));
    for (uint32_t i = 0; i < fees->row_count;) {
        const struct fee_row *first = &fees->rows[i];
        struct fee_sum total;
        TRY(total_of(fees, i, &total, &i));
        json_begin_object(writer, STR_NONE);
        json_add_string(writer, STR("currency"), str_from(first->currency.code));
        TRY(sum_json(&total, writer));
        json_end_object(writer);
    }
    json_end_array(writer);
    return ERR_OK;
}

static enum err print_json(const struct fees *fees)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer writer;
    buf_init(&text, TEXT_BYTES_MAX);
    json_writer_init(&writer, &text);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("month"), fees->month_word);
    TRY(rows_json(fees, &writer));
    TRY(totals_json(fees, &writer));
    json_add_int(&writer, STR("unposted"), fees->unposted);
    json_end_object(&writer);
    out_json(&text);
    return ERR_OK;
}

static void csv_amount(struct buf *to, int64_t minor, struct currency currency)
{
    char amount[MONEY_TEXT_BYTES];
    ledger_decimal(minor, currency, amount);
    csv_add(to, str_from(amount));
}

static enum err print_csv(const struct fees *fees)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    buf_add(&text, STR("month,group,name,currency,lines,net,tax,gross,returned\r\n"));
    for (uint32_t i = 0; i < fees->row_count; i++) {
        const struct fee_row *row = &fees->rows[i];
        int64_t gross = 0;
        TRY(gross_of(&row->sum, &gross));
        csv_add(&text, fees->month_word);
        csv_add(&text, str_from(fee_group_word(row->group)));
        csv_add_said(&text, str_from(row->name));
        csv_add(&text, str_from(row->currency.code));
        csv_add_int(&text, row->sum.count);
        csv_amount(&text, row->sum.net_minor, row->currency);
        csv_amount(&text, row->sum.tax_minor, row->currency);
        csv_amount(&text, gross, row->currency);
        csv_amount(&text, row->sum.returned_minor, row->currency);
        csv_end(&text);
    }
    out(buf_str(&text));
    return ERR_OK;
}

/* --- for people --- */

static enum err add_sum(struct table *table, const struct fee_sum *sum, struct currency currency)
{
    char text[MONEY_TEXT_BYTES];
    int64_t gross = 0;
    TRY(gross_of(sum, &gross));
    const int64_t amounts[] = {sum->net_minor, sum->tax_minor, gross, sum->returned_minor};
    table_addf(table, "%" PRId64, sum->count);
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        money_format(amounts[i], currency, text);
        table_add(table, str_from(text));
    }
    return ERR_OK;
}

static enum err print_text(const struct fees *fees)
{
    static const struct table_column columns[] = {{"fees", false}, {"lines", true}, {"net", true},
        {"tax", true}, {"gross", true}, {"of it returned", true}};
    CLEANUP(table_free) struct table *table = table_new(columns, 6);
    if (table == NULL) {
        return ERR_BUSY;
    }
    for (uint32_t i = 0; i < fees->row_count;) {
        uint32_t first = i;
        struct fee_sum total;
        TRY(total_of(fees, first, &total, &i));
        for (uint32_t k = first; k < i; k++) {
            const struct fee_row *row = &fees->rows[k];
            bool named = row->name[0] != '\0';
            table_addf(table, "%s%s%s", fee_group_title(row->group), named ? ": " : "", row->name);
            TRY(add_sum(table, &row->sum, row->currency));
        }
        table_addf(table, "%s in all", fees->rows[first].currency.code);
        TRY(add_sum(table, &total, fees->rows[first].currency));
    }
    table_print(table);
    if (fees->unposted > 0) {
        outf("%" PRId64 " lines are not in the books, and in no sum: their amounts do not fit\n",
            fees->unposted);
    }
    return ERR_OK;
}

/* --- the command --- */

static enum err answer(struct fees *fees, struct err_info *reterr)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(PAGE_BYTES);
    if (arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    fees->arena = arena;
    TRY(add_up(fees, reterr));
    enum err err = fees->context->json ? print_json(fees)
                   : fees->csv         ? print_csv(fees)
                                       : print_text(fees);
    return err == ERR_OK ? ERR_OK : err_set(reterr, err, "the fees do not fit into 64 bits");
}

static int run(struct fees *fees)
{
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    struct err_info info = {""};
    int exit_code = 0;
    if (fees->csv && fees->context->json) {
        return command_refuse(fees->context, ERR_USAGE, "say --csv or --json, not both");
    }
    if (period_parse(fees->month_word, &fees->month) != ERR_OK) {
        return command_refuse(fees->context, ERR_USAGE, "--month wants a month like 2026-10");
    }
    command_catch_signals();
    if (command_open_ready(fees->context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    fees->config = config;
    fees->store = store;
    enum err err = answer(fees, &info);
    return err == ERR_OK ? 0 : command_fail(fees->context, err, &info);
}

int ledger_fees(struct command_context *context)
{
    struct fees *fees = calloc(1, sizeof *fees);
    if (fees == NULL) {
        return command_fail(context, ERR_BUSY, NULL);
    }
    fees->context = context;
    const struct option_row options[] = {
        {"--month", OPTION_TEXT, "MONTH", "the month (UTC), like 2026-10; must be given",
            &fees->month_word},
        {"--account", OPTION_TEXT, "ACCOUNT", "of one configured account: its label, or its scope",
            &fees->account_word},
        {"--csv", OPTION_FLAG, NULL, "for programs, with decimal amounts", &fees->csv},
        {0},
    };
    const struct usage usage = {.synopsis = "ledger fees --month MONTH [--account ACCOUNT] [--csv]",
        .description =
            "Prints what the provider took in a month, by the day of each line of its statement, "
            "grouped by what it\n"
            "was for as its tax invoice groups it: net, tax on it, both together, and how much of "
            "that was given\n"
            "back. What is charged on its own is told by its name. The sum is what the books have "
            "on the accounts\n"
            "of fees and of tax on them.",
        .options = options};
    int exit_code = 0;
    exit_code = options_take(context, &usage, &exit_code) ? run(fees) : exit_code;
    free(fees);
    return exit_code;
}

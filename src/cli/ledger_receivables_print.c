#include "base/check.h"
#include "cli/csv_text.h"
#include "cli/ledger_print.h"
#include "cli/ledger_receivables.h"
#include "cli/output.h"
#include <inttypes.h>

#define LINE_BYTES_MAX 65536
#define TEXT_BYTES_MAX ((size_t)1024 * 1024)
#define AMOUNT_COLUMNS 20
#define AGE_COLUMNS 12

/* --- texts --- */

struct row_text {
    char id[OWN_ID_TEXT_BYTES], customer[OWN_ID_TEXT_BYTES];
    struct str number;
    const char *kind, *age;
};

static struct row_text text_of(const struct receivable *row)
{
    bool is_dispute = row->balance.account == ACCOUNT_RECEIVABLE_DISPUTES;
    struct row_text text = {
        .kind = is_dispute ? "dispute" : "invoice", .age = is_dispute ? "" : age_word(row->age)};
    posting_key_format(row->balance.account, row->balance.key, text.id);
    if (row->invoice != NULL) {
        text.number = str_from(row->invoice->number);
        if (!own_id_is_none(row->invoice->customer_id)) {
            own_id_format(ID_CUSTOMER, row->invoice->customer_id, text.customer);
        }
    }
    return text;
}

/* --- a row of a list --- */

void receivables_list_begin(const struct receivables *asked)
{
    if (asked->csv) {
        out(STR("scope,kind,id,provider_ids,number,customer,customer_provider_ids,due,due_from,age,"
                "currency,open\r\n"));
    }
}

static void row_csv(const struct receivable *row, struct buf *to)
{
    struct row_text text = text_of(row);
    char amount[MONEY_TEXT_BYTES];
    ledger_decimal(row->balance.minor, row->balance.currency, amount);
    csv_add_int(to, row->balance.scope);
    csv_add(to, str_from(text.kind));
    csv_add(to, str_from(text.id));
    csv_add_said(to, row->names);
    csv_add_said(to, text.number);
    csv_add(to, str_from(text.customer));
    csv_add_said(to, row->customer_names);
    csv_add_time(to, row->due_us);
    csv_add(to, str_from(row->due_from));
    csv_add(to, str_from(text.age));
    csv_add(to, str_from(row->balance.currency.code));
    csv_add(to, str_from(amount));
    csv_end(to);
}

static void row_json(const struct receivable *row, struct buf *to)
{
    struct row_text text = text_of(row);
    struct json_writer writer;
    json_writer_init(&writer, to);
    json_begin_object(&writer, STR_NONE);
    json_add_int(&writer, STR("scope"), row->balance.scope);
    json_add_string(&writer, STR("kind"), str_from(text.kind));
    json_add_string(&writer, STR("id"), str_from(text.id));
    json_add_string(&writer, STR("provider_ids"), row->names);
    json_add_string(&writer, STR("number"), text.number);
    json_add_string(&writer, STR("customer"), str_from(text.customer));
    json_add_string(&writer, STR("customer_provider_ids"), row->customer_names);
    json_add_time(&writer, STR("due"), row->due_us);
    json_add_string(&writer, STR("due_from"), str_from(row->due_from));
    json_add_string(&writer, STR("age"), str_from(text.age));
    json_add_string(&writer, STR("currency"), str_from(row->balance.currency.code));
    json_add_int(&writer, STR("open_minor"), row->balance.minor);
    json_end_object(&writer);
}

static void row_text(const struct receivable *row)
{
    struct row_text text = text_of(row);
    char due[TIME_TEXT_BYTES];
    char amount[MONEY_TEXT_BYTES];
    bool is_dispute = row->balance.account == ACCOUNT_RECEIVABLE_DISPUTES;
    time_format(row->due_us, due);
    money_format(row->balance.minor, row->balance.currency, amount);
    outf("%s  %-*s %*s  %s ", due, AGE_COLUMNS, is_dispute ? "dispute" : age_title(row->age),
        AMOUNT_COLUMNS, amount, text.id);
    out_escaped(row->names);
    out(STR(" "));
    out_escaped(text.number);
    outf("%s%s", text.customer[0] != '\0' ? "  of " : "", text.customer);
    out(STR("\n"));
}

void receivables_list_row(const struct receivables *asked, const struct receivable *row)
{
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    if (asked->context->json) {
        row_json(row, &line);
        out_json(&line);
    } else if (asked->csv) {
        row_csv(row, &line);
        out(buf_str(&line));
    } else {
        row_text(row);
    }
}

/* --- sums --- */

static void sum_json(struct str key, const struct aged_sum *sum, struct json_writer *writer)
{
    json_begin_object(writer, key);
    json_add_int(writer, STR("count"), sum->count);
    json_add_int(writer, STR("minor"), sum->minor);
    json_end_object(writer);
}

static void sums_json(const struct receivables *asked, struct buf *to)
{
    struct json_writer writer;
    json_writer_init(&writer, to);
    json_begin_object(&writer, STR_NONE);
    json_add_time(&writer, STR("at"), asked->at_us);
    json_begin_array(&writer, STR("currencies"));
    for (uint32_t i = 0; i < asked->sum_count; i++) {
        const struct aged *aged = &asked->sums[i];
        json_begin_object(&writer, STR_NONE);
        json_add_string(&writer, STR("currency"), str_from(aged->currency.code));
        sum_json(STR("invoices"), &aged->invoices, &writer);
        json_begin_object(&writer, STR("ages"));
        for (int age = 0; age < AGE_COUNT; age++) {
            sum_json(str_from(age_word((enum age)age)), &aged->ages[age], &writer);
        }
        json_end_object(&writer);
        sum_json(STR("disputes"), &aged->disputes, &writer);
        json_end_object(&writer);
    }
    json_end_array(&writer);
    json_end_object(&writer);
}

static void sum_csv(const struct aged *aged,
    const char *kind,
    const char *age,
    const struct aged_sum *sum,
    struct buf *to)
{
    char amount[MONEY_TEXT_BYTES];
    ledger_decimal(sum->minor, aged->currency, amount);
    csv_add(to, str_from(aged->currency.code));
    csv_add(to, str_from(kind));
    csv_add(to, str_from(age));
    csv_add_int(to, sum->count);
    csv_add(to, str_from(amount));
    csv_end(to);
}

static void sums_csv(const struct receivables *asked, struct buf *to)
{
    buf_add(to, STR("currency,kind,age,count,open\r\n"));
    for (uint32_t i = 0; i < asked->sum_count; i++) {
        const struct aged *aged = &asked->sums[i];
        for (int age = 0; age < AGE_COUNT; age++) {
            sum_csv(aged, "invoice", age_word((enum age)age), &aged->ages[age], to);
        }
        sum_csv(aged, "dispute", "", &aged->disputes, to);
    }
}

static void add_cell(struct table *table, const struct aged_sum *sum, struct currency currency)
{
    char text[MONEY_TEXT_BYTES];
    money_format(sum->minor, currency, text);
    table_add(table, sum->count == 0 ? STR(" ") : str_from(text));
}

static enum err sums_text(const struct receivables *asked)
{
    struct table_column columns[AGE_COUNT + 4] = {{"currency", false}, {"open", true}};
    uint32_t count = 2;
    for (int age = 0; age < AGE_COUNT; age++) {
        columns[count++] = (struct table_column){age_title((enum age)age), true};
    }
    columns[count++] = (struct table_column){"invoices", true};
    columns[count++] = (struct table_column){"disputes", true};
    CLEANUP(table_free) struct table *table = table_new(columns, count);
    if (table == NULL) {
        return ERR_BUSY;
    }
    for (uint32_t i = 0; i < asked->sum_count; i++) {
        const struct aged *aged = &asked->sums[i];
        table_add(table, str_from(aged->currency.code));
        table_addf(table, "%" PRId64, aged->invoices.count);
        for (int age = 0; age < AGE_COUNT; age++) {
            add_cell(table, &aged->ages[age], aged->currency);
        }
        add_cell(table, &aged->invoices, aged->currency);
        add_cell(table, &aged->disputes, aged->currency);
    }
    out(asked->list && asked->sum_count > 0 ? STR("\n") : STR_NONE);
    table_print(table);
    return ERR_OK;
}

enum err receivables_print(const struct receivables *asked)
{
    REQUIRE(asked != NULL);
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    if (asked->context->json) {
        sums_json(asked, &text);
        out_json(&text);
        return ERR_OK;
    }
    if (asked->csv) {
        if (!asked->list) {
            sums_csv(asked, &text);
            out(buf_str(&text));
        }
        return ERR_OK;
    }
    return sums_text(asked);
}

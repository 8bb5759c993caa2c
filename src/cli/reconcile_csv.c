#include "base/check.h"
#include "base/timestamp.h"
#include "cli/csv_text.h"
#include "cli/ledger_print.h"
#include "cli/reconcile_writer.h"

#define TEXT_BYTES_MAX ((size_t)16384)

/* One figure a record: what a spreadsheet turns into any table. */

static void csv_begin(struct report_writer *writer)
{
    buf_add(writer->to, STR("section,key,field,currency,value\r\n"));
}

static void add_decimal(struct buf *to, int64_t minor, struct currency currency)
{
    char text[MONEY_TEXT_BYTES];
    ledger_decimal(minor, currency, text);
    csv_add(to, str_from(text));
}

static void add_value(struct buf *to, const struct report_row *row, uint32_t at)
{
    uint32_t count = 0;
    const struct cell *cell = &row->cells[at];
    enum cell_type type = section_columns(row->section, &count)[at].type;
    char share[TIME_TEXT_BYTES];
    if (type == CELL_TEXT) {
        csv_add_said(to, cell->text);
    } else if (type == CELL_MONEY || (type == CELL_QUANTITY && row->quantities_are_money)) {
        add_decimal(to, cell->number, row->currency);
    } else if (type == CELL_SHARE) {
        share_format(cell->number, share);
        csv_add(to, str_from(share));
    } else if (type == CELL_TIME) {
        csv_add_time(to, cell->number);
    } else if (type == CELL_SPAN || type == CELL_COUNT || type == CELL_QUANTITY) {
        csv_add_int(to, cell->number);
    } else {
        CLEANUP(buf_fini) struct buf words;
        buf_init(&words, TEXT_BYTES_MAX);
        cell_for_people(row, at, &words);
        csv_add(to, buf_str(&words));
    }
}

/* Amounts are decimals of their currency, and shares of a hundred. */
static const char *unit_of(enum cell_type type)
{
    return type == CELL_SHARE ? "_percent" : type == CELL_SPAN ? "_us" : "";
}

/* What there is nothing to say of has no record. */
static void csv_row(struct report_writer *writer, const struct report_row *row)
{
    uint32_t count = 0;
    struct buf *to = writer->to;
    const struct report_column *columns = section_columns(row->section, &count);
    const struct section_row *means = section_row(row->section);
    bool keyed = means->kind == SECTION_IS_KEYED || means->kind == SECTION_IS_LISTED;
    for (uint32_t i = keyed ? 1 : 0; i < count; i++) {
        if (column_is_for(writer, &columns[i]) && row->cells[i].is_known) {
            csv_add(to, str_from(means->key));
            csv_add_said(to, keyed ? row->cells[0].text : STR_NONE);
            buf_addf(to, "%s%s,", columns[i].key, unit_of(columns[i].type));
            csv_add(to, str_from(row->currency.code));
            add_value(to, row, i);
            csv_end(to);
        }
    }
}

const struct report_form report_csv = {
    .for_people = false,
    .begin = csv_begin,
    .row = csv_row,
};

#include "base/check.h"
#include "base/timestamp.h"
#include "cli/ledger_print.h"
#include "cli/reconcile_writer.h"

#define TEXT_BYTES_MAX ((size_t)16384)

/* One figure a record: what a spreadsheet turns into any table. RFC 4180. */

static void csv_begin(struct report_writer *writer)
{
    buf_add(writer->to, STR("section,key,field,currency,value\r\n"));
}

/* Text that a spreadsheet would take for a formula gets a mark before it; none moves a terminal. */
static void add_text(struct buf *to, struct str text)
{
    CLEANUP(buf_fini) struct buf safe;
    buf_init(&safe, TEXT_BYTES_MAX);
    text_escape(&safe, text);
    bool formula = safe.len > 0 && strchr("=+-@", safe.data[0]) != NULL;
    buf_add(to, formula ? STR("\"'") : STR("\""));
    for (size_t i = 0; i < safe.len; i++) {
        if (safe.data[i] == '"') {
            buf_add_char(to, '"');
        }
        buf_add_char(to, safe.data[i]);
    }
    buf_add_char(to, '"');
}

static void add_decimal(struct buf *to, int64_t minor, struct currency currency)
{
    char text[MONEY_TEXT_BYTES];
    ledger_decimal(minor, currency, text);
    buf_add(to, str_from(text));
}

static void add_value(
    struct buf *to, enum cell_type type, const struct report_row *row, const struct cell *cell)
{
    char text[TIMESTAMP_TEXT_BYTES];
    char day[DAY_TEXT_BYTES];
    switch (type) {
    case CELL_TEXT:
        add_text(to, cell->text);
        break;
    case CELL_FLAG:
        buf_add(to, cell->number != 0 ? STR("yes") : STR("no"));
        break;
    case CELL_COUNT:
        buf_add_int(to, cell->number);
        break;
    case CELL_MONEY:
        add_decimal(to, cell->number, row->currency);
        break;
    case CELL_QUANTITY:
        if (row->quantities_are_money) {
            add_decimal(to, cell->number, row->currency);
        } else {
            buf_add_int(to, cell->number);
        }
        break;
    case CELL_SHARE:
        share_format(cell->number, text);
        buf_addf(to, "%s%%", text);
        break;
    case CELL_SPAN:
        duration_format(cell->number, text);
        buf_add(to, str_from(text));
        break;
    case CELL_TIME:
        timestamp_format(cell->number, text);
        buf_add(to, str_from(text));
        break;
    case CELL_DAY:
        day_format(day_of(row->zone, cell->number), day);
        buf_add(to, str_from(day));
        break;
    default:
        UNREACHABLE();
    }
}

/* What there is nothing to say of has no record. */
static void csv_row(struct report_writer *writer, const struct report_row *row)
{
    uint32_t count = 0;
    const struct report_column *columns = section_columns(row->section, &count);
    const struct section_row *means = section_row(row->section);
    bool keyed = means->kind == SECTION_IS_KEYED || means->kind == SECTION_IS_LISTED;
    for (uint32_t i = keyed ? 1 : 0; i < count; i++) {
        if (!column_is_for(writer, &columns[i]) || !row->cells[i].is_known) {
            continue;
        }
        buf_addf(writer->to, "%s,", means->key);
        if (keyed) {
            add_text(writer->to, row->cells[0].text);
        }
        buf_addf(writer->to, ",%s,%s,", columns[i].key, row->currency.code);
        add_value(writer->to, columns[i].type, row, &row->cells[i]);
        buf_add(writer->to, STR("\r\n"));
    }
}

const struct report_form report_csv = {
    .for_people = false,
    .begin = csv_begin,
    .row = csv_row,
};

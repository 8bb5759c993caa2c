#include "base/check.h"
#include "cli/reconcile_writer.h"
#include <stdio.h>

#define KEY_BYTES 48

static void json_begin(struct report_writer *writer)
{
    json_writer_init(&writer->json, writer->to);
    json_begin_object(&writer->json, STR_NONE);
    json_add_int(&writer->json, STR("schema"), REPORT_SCHEMA);
}

static void json_section_begin(struct report_writer *writer, enum report_section section)
{
    const struct section_row *means = section_row(section);
    if (means->kind != SECTION_IS_SINGLE) {
        json_begin_array(&writer->json, str_from(means->key));
    }
}

/* Numbers carry their unit in their key; a quantity has it in the row. */
static const char *unit_of(enum cell_type type)
{
    return type == CELL_MONEY   ? "_minor"
           : type == CELL_SHARE ? "_ppm"
           : type == CELL_SPAN  ? "_us"
                                : "";
}

static void add_cell(struct json_writer *json,
    const struct report_column *column,
    const struct report_row *row,
    const struct cell *cell)
{
    char name[KEY_BYTES];
    char day[DAY_TEXT_BYTES];
    (void)snprintf(name, sizeof name, "%s%s", column->key, unit_of(column->type));
    struct str key = str_from(name);
    if (!cell->is_known) {
        json_add_null(json, key);
        return;
    }
    switch (column->type) {
    case CELL_TEXT:
        json_add_string(json, key, cell->text);
        break;
    case CELL_FLAG:
        json_add_bool(json, key, cell->number != 0);
        break;
    case CELL_COUNT:
    case CELL_MONEY:
    case CELL_QUANTITY:
    case CELL_SHARE:
    case CELL_SPAN:
        json_add_int(json, key, cell->number);
        break;
    case CELL_TIME:
        json_add_time(json, key, cell->number);
        break;
    case CELL_DAY:
        day_format(day_of(row->zone, cell->number), day);
        json_add_string(json, key, str_from(day));
        break;
    default:
        UNREACHABLE();
    }
}

static void json_row(struct report_writer *writer, const struct report_row *row)
{
    uint32_t count = 0;
    const struct report_column *columns = section_columns(row->section, &count);
    bool single = section_row(row->section)->kind == SECTION_IS_SINGLE;
    if (!single) {
        json_begin_object(&writer->json, STR_NONE);
        if (row->currency.code[0] != '\0') {
            json_add_string(&writer->json, STR("currency"), str_from(row->currency.code));
        } else {
            json_add_null(&writer->json, STR("currency"));
        }
    }
    for (uint32_t i = 0; i < count; i++) {
        if (column_is_for(writer, &columns[i])) {
            add_cell(&writer->json, &columns[i], row, &row->cells[i]);
        }
    }
    if (!single) {
        json_end_object(&writer->json);
    }
}

static void json_section_end(
    struct report_writer *writer, enum report_section section, int64_t left)
{
    (void)left;
    if (section_row(section)->kind != SECTION_IS_SINGLE) {
        json_end_array(&writer->json);
    }
}

static void json_end(struct report_writer *writer)
{
    json_end_object(&writer->json);
}

const struct report_form report_json = {
    .for_people = false,
    .begin = json_begin,
    .section_begin = json_section_begin,
    .row = json_row,
    .section_end = json_section_end,
    .end = json_end,
};

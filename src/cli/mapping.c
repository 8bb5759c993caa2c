#include "base/limits.h"
#include "provider/stripe/stripe.h"
#include "cli/command.h"
#include "cli/mapping_sheets.h"
#include "cli/output.h"

#define MAPPING_BYTES_MAX ((size_t)16 * 1024 * 1024)

/* --- markdown --- */

/* A bar would end the cell. */
static void add_cell(struct str cell, bool is_code, struct buf *to)
{
    buf_add(to, cell.len == 0 ? STR(" ") : is_code ? STR(" `") : STR(" "));
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.data[i] == '|') {
            buf_add(to, STR("\\"));
        }
        buf_add(to, (struct str){cell.data + i, 1});
    }
    buf_add(to, cell.len > 0 && is_code ? STR("` |") : STR(" |"));
}

static void add_markdown(const struct sheet *sheet, struct buf *to)
{
    buf_addf(to, "\n## %s\n\n", sheet->title);
    if (sheet->intro[0] != '\0') {
        buf_addf(to, "%s\n\n", sheet->intro);
    }
    buf_add(to, STR("|"));
    for (uint32_t i = 0; i < sheet->column_count; i++) {
        buf_addf(to, " %s |", sheet->columns[i]);
    }
    buf_add(to, STR("\n|"));
    for (uint32_t i = 0; i < sheet->column_count; i++) {
        buf_add(to, STR("---|"));
    }
    for (uint32_t row = 0; row < sheet->row_count; row++) {
        buf_add(to, STR("\n|"));
        for (uint32_t i = 0; i < sheet->column_count; i++) {
            /* The last column is prose. */
            add_cell(sheet->cells[(size_t)row * sheet->column_count + i],
                i + 1 < sheet->column_count, to);
        }
    }
    buf_add(to, STR("\n"));
}

static void print_markdown(const struct sheets *sheets, struct buf *to)
{
    buf_add(to, STR("# What Stripe's events become\n\nMade by `counterfoil mapping` from the "
                    "tables that the decoder and the domain run on; do not edit it.\n"));
    for (uint32_t i = 0; i < sheets->count; i++) {
        add_markdown(&sheets->sheets[i], to);
    }
    out(buf_str(to));
}

/* --- JSON --- */

static void add_json(const struct sheet *sheet, struct json_writer *writer)
{
    json_begin_array(writer, str_from(sheet->name));
    for (uint32_t row = 0; row < sheet->row_count; row++) {
        json_begin_object(writer, STR_NONE);
        for (uint32_t i = 0; i < sheet->column_count; i++) {
            json_add_string(writer, str_from(sheet->columns[i]),
                sheet->cells[(size_t)row * sheet->column_count + i]);
        }
        json_end_object(writer);
    }
    json_end_array(writer);
}

static void print_json(const struct sheets *sheets, struct buf *to)
{
    struct json_writer writer;
    json_writer_init(&writer, to);
    json_begin_object(&writer, STR_NONE);
    for (uint32_t i = 0; i < sheets->count; i++) {
        add_json(&sheets->sheets[i], &writer);
    }
    json_end_object(&writer);
    out_json(to);
}

/* --- the event types to enable --- */

static void print_events(bool json, struct buf *to)
{
    struct json_writer writer;
    json_writer_init(&writer, to);
    json_begin_array(&writer, STR_NONE);
    for (const struct provider_event_type *type = stripe_event_types(); type->type != NULL;
         type++) {
        if (type->past) {
            continue;
        }
        if (json) {
            json_add_string(&writer, STR_NONE, str_from(type->type));
        } else {
            outf("%s\n", type->type);
        }
    }
    json_end_array(&writer);
    if (json) {
        out_json(to);
    }
}

int command_mapping(struct command_context *context)
{
    struct str format = STR("markdown");
    bool events = false;
    const struct option_row options[] = {
        {"--format", OPTION_TEXT, "WORD", "markdown (the default) or json", &format},
        {"--events", OPTION_FLAG, NULL, "only the event types to enable at the endpoint", &events},
        {0},
    };
    const struct usage usage = {.synopsis = "mapping [--format markdown|json] [--events]",
        .description = "Prints what becomes of every event type, field and status of the provider, "
                       "from the tables that the program runs on.",
        .options = options};
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    bool json = context->json || str_eq(format, STR("json"));
    if (!json && !str_eq(format, STR("markdown"))) {
        return command_refuse(
            context, ERR_USAGE, "--format is markdown or json, not " STR_FMT, STR_ARG(format));
    }
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, MAPPING_BYTES_MAX);
    if (events) {
        print_events(json, &text);
        return 0;
    }
    CLEANUP(arena_free) struct arena *arena = arena_new(MAPPING_BYTES_MAX);
    struct sheets sheets;
    if (arena == NULL || mapping_sheets(arena, &sheets) != ERR_OK) {
        return command_refuse(context, ERR_BUSY, "out of memory");
    }
    json ? print_json(&sheets, &text) : print_markdown(&sheets, &text);
    return 0;
}

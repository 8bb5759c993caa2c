#include "base/check.h"
#include "cli/reconcile_walk.h"

static const struct section_row sections[SECTION_COUNT] = {
#define SECTION(NAME, kind, key, title, nothing) {SECTION_IS_##kind, key, title, nothing},
#define COLUMN(SECTION, type, whom, key, title)
#include "cli/reconcile_sections.def"
#undef SECTION
#undef COLUMN
};

static const struct report_column columns[] = {
#define SECTION(NAME, kind, key, title, nothing)
#define COLUMN(SECTION, type, whom, key, title)                                                    \
    {SECTION_##SECTION, CELL_##type, CELL_FOR_##whom, key, title},
#include "cli/reconcile_sections.def"
#undef SECTION
#undef COLUMN
};
#define COLUMN_COUNT (sizeof columns / sizeof columns[0])

static const struct report_form *const forms[] = {
    [REPORT_TEXT] = &report_text,
    [REPORT_JSON] = &report_json,
    [REPORT_CSV] = &report_csv,
    [REPORT_MARKDOWN] = &report_markdown,
};

const struct section_row *section_row(enum report_section section)
{
    REQUIRE((unsigned)section < SECTION_COUNT);
    return &sections[section];
}

const struct report_column *section_columns(enum report_section section, uint32_t *ret_count)
{
    REQUIRE((unsigned)section < SECTION_COUNT);
    size_t first = 0;
    uint32_t count = 0;
    while (first < COLUMN_COUNT && columns[first].section != section) {
        first++;
    }
    while (first + count < COLUMN_COUNT && columns[first + count].section == section) {
        count++;
    }
    ENSURE(count > 0 && count <= CELLS_MAX);
    *ret_count = count;
    return &columns[first];
}

bool cell_is_number(enum cell_type type)
{
    return type == CELL_COUNT || type == CELL_MONEY || type == CELL_QUANTITY || type == CELL_SHARE;
}

bool column_is_for(const struct report_writer *writer, const struct report_column *column)
{
    return column->whom == CELL_FOR_ALL ||
           (column->whom == CELL_FOR_PEOPLE) == writer->form->for_people;
}

void reconcile_print(const struct reconcile_report *report,
    const struct zone *zone,
    enum report_format format,
    struct buf *to)
{
    REQUIRE(report != NULL);
    REQUIRE(to != NULL);
    REQUIRE((unsigned)format < sizeof forms / sizeof forms[0]);
    struct report_writer writer = {.form = forms[format], .report = report, .zone = zone, .to = to};
    writer.form->begin(&writer);
    reconcile_walk(&writer);
    if (writer.form->end != NULL) {
        writer.form->end(&writer);
    }
}

#include "sandbox/report.h"
#include "base/check.h"
#include "sandbox/report_internal.h"

#define IN(type) (1U << REPORT_##type)
#define IN_NONE 0U
#define IN_ACTIVITY_6 IN(ACTIVITY_6)
#define IN_PAID_OUT IN(PAYOUT_ITEMS_5)
#define IN_LOCAL (IN(ACTIVITY_3) | IN(PAYOUT_ITEMS_5) | IN(ENDING_4))
#define IN_ITEMS (IN_LOCAL | IN_ACTIVITY_6)
#define IN_PAYOUTS IN(PAYOUTS_3)
#define IN_MOVES (IN_ITEMS | IN_PAYOUTS)
#define IN_SUMMARY IN(SUMMARY_1)
#define IN_ALL (IN_MOVES | IN_SUMMARY)

#define EACH_LINE false
#define EACH_TOTAL true

const struct report_type_row report_types[REPORT_COUNT] = {
#define REPORT(name, family, version, title, holds, each)                                          \
    {{family "." #version, sizeof(family "." #version) - 1}, title, version, REPORT_HOLDS_##holds, \
        EACH_##each},
#include "sandbox/report_types.def"
#undef REPORT
};

const struct report_column report_columns[] = {
#define COLUMN(name, value, in, default_in)                                                        \
    {{name, sizeof(name) - 1}, report_value_##value, IN_##in, IN_##default_in},
#include "sandbox/report_columns.def"
#undef COLUMN
};
enum { COLUMN_COUNT = sizeof report_columns / sizeof *report_columns };
_Static_assert((int)COLUMN_COUNT <= REPORT_COLUMNS_MAX, "an order has room for every column");

enum err report_type_find(struct str id, enum report_type *ret_type)
{
    REQUIRE(ret_type != NULL);
    for (int i = 0; i < REPORT_COUNT; i++) {
        if (str_eq(id, report_types[i].id)) {
            *ret_type = (enum report_type)i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

enum err report_column_find(enum report_type type, struct str name, uint8_t *ret_column)
{
    REQUIRE(type < REPORT_COUNT && ret_column != NULL);
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if ((report_columns[i].in & 1U << type) != 0 && str_eq(name, report_columns[i].name)) {
            *ret_column = (uint8_t)i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

uint8_t report_columns_default(enum report_type type, uint8_t columns[static REPORT_COLUMNS_MAX])
{
    REQUIRE(type < REPORT_COUNT);
    uint8_t count = 0;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if ((report_columns[i].default_in & 1U << type) != 0) {
            columns[count++] = (uint8_t)i;
        }
    }
    return count;
}

uint8_t report_columns_all(enum report_type type, uint8_t columns[static REPORT_COLUMNS_MAX])
{
    REQUIRE(type < REPORT_COUNT);
    uint8_t count = 0;
    for (int i = 0; i < COLUMN_COUNT; i++) {
        if ((report_columns[i].in & 1U << type) != 0) {
            columns[count++] = (uint8_t)i;
        }
    }
    return count;
}

struct str report_column_name(uint8_t column)
{
    REQUIRE(column < COLUMN_COUNT);
    return report_columns[column].name;
}

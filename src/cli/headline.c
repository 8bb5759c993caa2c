#include "cli/headline.h"

static const struct field *first_of_type(const struct record_kind *kind, enum field_type type)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].type == type && field_is_business(&kind->fields[i])) {
            return &kind->fields[i];
        }
    }
    return NULL;
}

const struct field *headline_amount(const struct record_kind *kind)
{
    const struct field *amount = record_field(kind, STR("amount_minor"));
    const struct field *total = record_field(kind, STR("total_minor"));
    return amount != NULL ? amount : total != NULL ? total : first_of_type(kind, FIELD_MINOR);
}

const struct field *headline_currency(const struct record_kind *kind)
{
    return first_of_type(kind, FIELD_CURRENCY);
}

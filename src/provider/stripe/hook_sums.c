/* What hooks share: amounts that stand in a list of their own. */
#include "base/check.h"
#include "provider/stripe/hooks.h"

enum err stripe_sum_amounts(const struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const char *path,
    const struct stripe_list *list,
    int64_t *ret_sum)
{
    int64_t sum = 0;
    int64_t index = 0;
    for (const struct json *at = list->first; at != NULL; at = at->next) {
        struct stripe_place place = {subject->place, path, index++};
        struct stripe_amount part = {.amount = {false, 0}};
        if (at->kind != JSON_OBJECT) {
            continue;
        }
        TRY(stripe_fields_read(STRIPE_AMOUNT, at, &place, &part, decoding->reterr));
        if (minor_add(sum, part.amount.value, &sum) != ERR_OK) {
            return stripe_field_refuse(&place, "amount", ERR_OVERFLOW,
                "makes a sum that does not fit into 64 bits", decoding->reterr);
        }
    }
    *ret_sum = sum;
    return ERR_OK;
}

struct link *stripe_said_link(const struct stripe_said *said, enum id_kind kind, size_t offset)
{
    struct notice_link_fields fields = notice_link_fields(record_kind_of(kind));
    for (uint32_t i = 0; i < fields.count; i++) {
        if (fields.fields[i]->offset == offset) {
            return &said->links[i];
        }
    }
    UNREACHABLE();
}

#include "provider/stripe/hooks.h"

enum err stripe_hook_line_item(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct invoice_line *line = said->record;
    struct stripe_line_item view = {.taxes = {false}};
    TRY(stripe_fields_read(
        STRIPE_LINE_ITEM, subject->json, subject->place, &view, decoding->reterr));
    TRY(stripe_sum_amounts(
        decoding, subject, "discount_amounts", &view.discount_amounts, &line->discount_minor));
    return stripe_sum_amounts(decoding, subject, "taxes", &view.taxes, &line->tax_minor);
}

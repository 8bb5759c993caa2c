#include "base/limits.h"
#include "provider/stripe/hooks.h"

/* Until 2018-05-21 a subscription's lines had the subscription's id, on every invoice the same.
 * They get one out of the invoice's and the item's. */
static enum err make_unique(const struct stripe_decoding *decoding, const struct stripe_said *said)
{
    const struct link *invoice =
        stripe_said_link(said, ID_INVOICE_LINE, offsetof(struct invoice_line, invoice_id));
    const struct link *subscription =
        stripe_said_link(said, ID_INVOICE_LINE, offsetof(struct invoice_line, subscription_id));
    const struct link *item = stripe_said_link(
        said, ID_INVOICE_LINE, offsetof(struct invoice_line, subscription_item_id));
    if (invoice->state != LINK_NAMED || subscription->state != LINK_NAMED ||
        !str_eq(*said->id, subscription->provider_id)) {
        return ERR_OK;
    }
    struct str part = item->state == LINK_NAMED ? item->provider_id : *said->id;
    size_t len = invoice->provider_id.len + 1 + part.len;
    char *made = arena_alloc_unzeroed(decoding->arena, len);
    if (made == NULL || len > LIMIT_PROVIDER_ID_BYTES) {
        return err_set(decoding->reterr, ERR_TOO_LARGE, "no room for a line's id");
    }
    memcpy(made, invoice->provider_id.data, invoice->provider_id.len);
    made[invoice->provider_id.len] = '/';
    memcpy(made + invoice->provider_id.len + 1, part.data, part.len);
    *said->id = (struct str){made, len};
    return ERR_OK;
}

enum err stripe_hook_line_item(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct invoice_line *line = said->record;
    struct stripe_line_item view = {.taxes = {false}};
    TRY(stripe_fields_read(
        STRIPE_LINE_ITEM, subject->json, subject->place, &view, decoding->reterr));
    TRY(make_unique(decoding, said));
    TRY(stripe_sum_amounts(
        decoding, subject, "discount_amounts", &view.discount_amounts, &line->discount_minor));
    return stripe_sum_amounts(decoding, subject, "taxes", &view.taxes, &line->tax_minor);
}

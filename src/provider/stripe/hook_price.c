#include "domain/aggregates.h"
#include "provider/stripe/decimal.h"
#include "provider/stripe/hooks.h"

/* The decimal text is there even when the whole number says the same, and is kept only when that
 * cannot. */
static enum err settle_amount(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct price *price,
    const struct json *decimal,
    const char *path)
{
    if (decimal == NULL) {
        return ERR_OK;
    }
    const char *problem = NULL;
    enum err err = stripe_decimal_read(
        decimal, price->unit_amount_decimal, sizeof price->unit_amount_decimal, &problem);
    if (err != ERR_OK) {
        return stripe_field_refuse(subject->place, path, err, problem, decoding->reterr);
    }
    if (!stripe_decimal_is_whole(price->unit_amount_decimal)) {
        return ERR_OK;
    }
    if (str_to_int64(str_from(price->unit_amount_decimal), &price->unit_amount_minor) != ERR_OK) {
        return stripe_field_refuse(
            subject->place, path, ERR_OVERFLOW, "does not fit into 64 bits", decoding->reterr);
    }
    price->unit_amount_decimal[0] = '\0';
    return ERR_OK;
}

enum err stripe_hook_price(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct stripe_price price = {0};
    (void)stripe_fields_read_what_can_be(STRIPE_PRICE, subject->json, &price);
    return settle_amount(
        decoding, subject, said->record, price.unit_amount_decimal, "unit_amount_decimal");
}

enum err stripe_hook_plan(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct stripe_plan plan = {0};
    (void)stripe_fields_read_what_can_be(STRIPE_PLAN, subject->json, &plan);
    return settle_amount(decoding, subject, said->record, plan.amount_decimal, "amount_decimal");
}

#include "domain/aggregates.h"
#include "provider/stripe/decimal.h"
#include "provider/stripe/hooks.h"

enum err stripe_hook_discount(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    struct stripe_discount says = {0};
    (void)stripe_fields_read_what_can_be(STRIPE_DISCOUNT, subject->json, &says);
    if (says.percent_off == NULL) {
        return ERR_OK;
    }
    struct discount *discount = said->record;
    const char *problem = NULL;
    enum err err = stripe_decimal_read(
        says.percent_off, discount->percent_off, sizeof discount->percent_off, &problem);
    return err == ERR_OK ? ERR_OK
                         : stripe_field_refuse(subject->place, "source.coupon.percent_off", err,
                               problem, decoding->reterr);
}

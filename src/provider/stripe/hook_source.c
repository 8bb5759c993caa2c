/* Cards and sources of before there were payment methods: their brands in today's words. */
#include "provider/stripe/hooks.h"

struct brand {
    const char *was, *is;
};
static const struct brand brands[] = {
    {"Visa", "visa"},
    {"MasterCard", "mastercard"},
    {"Mastercard", "mastercard"},
    {"American Express", "amex"},
    {"Discover", "discover"},
    {"JCB", "jcb"},
    {"Diners Club", "diners"},
    {"UnionPay", "unionpay"},
    {"Cartes Bancaires", "cartes_bancaires"},
    {"Eftpos Australia", "eftpos_au"},
    {"Girocard", "girocard"},
    {"Link", "link"},
    {"Unknown", "unknown"},
};

static void set_brand(struct payment_method *method, struct str brand)
{
    for (size_t i = 0; i < sizeof brands / sizeof *brands; i++) {
        if (str_eq(brand, str_from(brands[i].was))) {
            brand = str_from(brands[i].is);
        }
    }
    (void)str_copy_to(method->brand, sizeof method->brand, brand);
}

enum err stripe_hook_card(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    (void)decoding;
    struct stripe_card view = {.brand = STR_NONE};
    (void)stripe_fields_read_what_can_be(STRIPE_CARD, subject->json, &view);
    set_brand(said->record, view.brand);
    return ERR_OK;
}

enum err stripe_hook_source(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said)
{
    (void)decoding;
    struct payment_method *method = said->record;
    struct stripe_source view = {.status = STR_NONE};
    (void)stripe_fields_read_what_can_be(STRIPE_SOURCE, subject->json, &view);
    set_brand(method, view.brand);
    method->deleted |= str_eq(view.status, STR("failed")) || str_eq(view.status, STR("canceled"));
    return ERR_OK;
}

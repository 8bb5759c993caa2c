#include "base/check.h"
#include "base/timestamp.h"
#include "provider/stripe/api.h"
#include "provider/stripe/objects.h"
#include <inttypes.h>

#define ID_SHOWN 40
#define AHEAD_MAX_US (5 * US_PER_MINUTE)

#define PATH(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

/* A row for each kind that can be asked for; `filter` makes a list whole where Stripe leaves some
 * out by default. Those that are not listed need an owner or take no times there:
 * docs/stripe-api.md says which, and which kinds have no row. A plan is had as a price, a card or
 * source as a payment method. */
static const struct stripe_api_kind kinds[] = {
    {ID_PAYMENT, PATH("/v1/payment_intents"), PATH(""), true},
    {ID_ATTEMPT, PATH("/v1/charges"), PATH(""), true},
    {ID_REFUND, PATH("/v1/refunds"), PATH(""), true},
    {ID_CUSTOMER, PATH("/v1/customers"), PATH(""), true},
    {ID_PRODUCT, PATH("/v1/products"), PATH(""), true},
    {ID_PRICE, PATH("/v1/prices"), PATH(""), true},
    {ID_SUBSCRIPTION, PATH("/v1/subscriptions"), PATH("status=all"), true},
    {ID_SUBSCRIPTION_ITEM, PATH("/v1/subscription_items"), PATH(""), false},
    {ID_SCHEDULE, PATH("/v1/subscription_schedules"), PATH(""), true},
    {ID_TAX_ID, PATH("/v1/tax_ids"), PATH(""), false},
    {ID_INVOICE, PATH("/v1/invoices"), PATH(""), true},
    {ID_INVOICE_PAYMENT, PATH("/v1/invoice_payments"), PATH(""), true},
    {ID_CREDIT_NOTE, PATH("/v1/credit_notes"), PATH(""), true},
    {ID_DISPUTE, PATH("/v1/disputes"), PATH(""), true},
    {ID_PAYOUT, PATH("/v1/payouts"), PATH(""), true},
    {ID_PAYMENT_METHOD, PATH("/v1/payment_methods"), PATH(""), false},
    {ID_CHECKOUT, PATH("/v1/checkout/sessions"), PATH(""), true},
    {ID_SETUP, PATH("/v1/setup_intents"), PATH(""), true},
    {ID_MANDATE, PATH("/v1/mandates"), PATH(""), false},
    {ID_REVIEW, PATH("/v1/reviews"), PATH(""), true},
    {ID_FRAUD_WARNING, PATH("/v1/radar/early_fraud_warnings"), PATH(""), true},
    {ID_CONNECTED_ACCOUNT, PATH("/v1/accounts"), PATH(""), true},
    {ID_TRANSFER, PATH("/v1/transfers"), PATH(""), true},
    {ID_APPLICATION_FEE, PATH("/v1/application_fees"), PATH(""), true},
    {ID_TOPUP, PATH("/v1/topups"), PATH(""), true},
    {ID_REPORT, PATH("/v1/reporting/report_runs"), PATH(""), true},
};

const struct stripe_api_kind *stripe_api_kind_find(enum id_kind kind)
{
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        if (kinds[i].kind == kind) {
            return &kinds[i];
        }
    }
    return NULL;
}

static bool is_of_kind(struct str word, enum id_kind kind)
{
    enum stripe_object object;
    return stripe_object_parse(word, &object) && stripe_object_row(object)->kind == kind;
}

enum err stripe_api_check_asked(enum id_kind kind,
    struct str provider_id,
    const struct stripe_element *element,
    struct err_info *reterr)
{
    REQUIRE(element != NULL);
    struct str asked = str_prefix_utf8(provider_id, ID_SHOWN);
    struct str came = str_prefix_utf8(element->id, ID_SHOWN);
    if (!str_eq(element->id, provider_id)) {
        return err_set(reterr, ERR_MALFORMED,
            "asked for " STR_FMT ", but " STR_FMT " came: is there a proxy?", STR_ARG(asked),
            STR_ARG(came));
    }
    if (!is_of_kind(element->object, kind)) {
        return err_set(reterr, ERR_MALFORMED,
            "asked for a %s, but " STR_FMT " came as a " STR_FMT ": is there a proxy?",
            id_kind_word(kind), STR_ARG(came), STR_ARG(str_prefix_utf8(element->object, ID_SHOWN)));
    }
    return ERR_OK;
}

enum err stripe_api_check_date(
    const struct provider_api *api, int64_t date_us, struct err_info *reterr)
{
    REQUIRE(api != NULL);
    int64_t ahead_us = date_us - env_now(api->env);
    if (ahead_us <= AHEAD_MAX_US) {
        return ERR_OK;
    }
    return err_set(reterr, ERR_MALFORMED,
        "the answer's Date is %" PRId64 " s ahead of this machine's clock: check both",
        ahead_us / US_PER_SECOND);
}

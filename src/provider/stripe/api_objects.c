#include "provider/stripe/api.h"

#define PATH(text)                                                                                 \
    {                                                                                              \
        text, sizeof(text) - 1                                                                     \
    }

/* A row for each kind that can be asked for. `filter` makes a list whole where Stripe leaves some
 * out by default. Balances and discounts have no ids to ask by, and an
 * invoice's lines are asked for through it. */
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
    {ID_INVOICE, PATH("/v1/invoices"), PATH(""), true},
    {ID_INVOICE_PAYMENT, PATH("/v1/invoice_payments"), PATH(""), true},
    {ID_CREDIT_NOTE, PATH("/v1/credit_notes"), PATH(""), true},
    {ID_TAX_ID, PATH("/v1/tax_ids"), PATH(""), false},
    {ID_DISPUTE, PATH("/v1/disputes"), PATH(""), true},
    {ID_PAYOUT, PATH("/v1/payouts"), PATH(""), true},
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

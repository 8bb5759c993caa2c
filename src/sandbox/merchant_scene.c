#include "base/check.h"
#include "sandbox/merchant_internal.h"

/* What an object is rendered from. */

static struct scene scene_of_refund(const struct merchant *merchant, uint32_t index)
{
    const struct shop_refund *refund = &merchant->refunds[index];
    const struct shop_payment *payment = &merchant->payments[refund->payment];
    return (struct scene){.merchant = merchant,
        .payment = payment,
        .charge = &payment->attempts[refund->attempt],
        .refund = refund};
}

/* One that is told once hangs on its charge. */
static struct scene scene_of_dispute(const struct merchant *merchant, struct merchant_ref ref)
{
    struct scene scene = {.merchant = merchant};
    uint8_t attempt = ref.attempt;
    if (ref.told_once) {
        scene.payment = &merchant->payments[ref.index];
    } else {
        scene.dispute = &merchant->disputes[ref.index];
        scene.payment = &merchant->payments[scene.dispute->payment];
        attempt = scene.dispute->attempt;
    }
    scene.charge = &scene.payment->attempts[attempt];
    return scene;
}

static struct scene scene_of_billing(const struct merchant *merchant, struct merchant_ref ref)
{
    struct scene scene = {.merchant = merchant};
    if (ref.subject == SUBJECT_SUBSCRIPTION || ref.subject == SUBJECT_DISCOUNT) {
        scene.subscription = &merchant->subscriptions[ref.index];
        scene.customer = &merchant->customers[scene.subscription->customer];
        return scene;
    }
    uint32_t invoice = ref.index;
    if (ref.subject == SUBJECT_INVOICE_PAYMENT) {
        scene.payment = &merchant->payments[ref.index];
        invoice = scene.payment->invoice - 1;
    }
    scene.invoice = &merchant->invoices[invoice];
    scene.customer = &merchant->customers[scene.invoice->customer];
    if (scene.invoice->subscription != 0) {
        scene.subscription = &merchant->subscriptions[scene.invoice->subscription - 1];
    }
    return scene;
}

static struct scene scene_of_price(const struct merchant *merchant, uint32_t index)
{
    const struct shop_product *product = &merchant->products[index / PRICES_EACH];
    return (struct scene){
        .merchant = merchant, .product = product, .price = &product->prices[index % PRICES_EACH]};
}

static struct scene scene_of_connect(const struct merchant *merchant, struct merchant_ref ref)
{
    struct scene scene = {.merchant = merchant};
    if (ref.subject == SUBJECT_TRANSFER) {
        scene.transfer = &merchant->transfers[ref.index];
    } else if (ref.subject == SUBJECT_TRANSFER_REVERSAL) {
        scene.transfer = &merchant->transfers[ref.index];
        scene.given_back = &scene.transfer->reversals[ref.attempt];
    } else if (ref.subject == SUBJECT_TOPUP) {
        scene.topup = &merchant->topups[ref.index];
    } else {
        scene.fee = &merchant->fees[ref.index];
        scene.given_back = &scene.fee->refunds[ref.attempt];
    }
    return scene;
}

/* On whose account it is, and so who is told of it. */
static uint32_t owner_of(struct merchant_ref ref, const struct scene *scene)
{
    if (ref.subject == SUBJECT_NONE || ref.told_once) {
        return ref.told_once ? 0 : ref.index;
    }
    if (ref.subject == SUBJECT_ACCOUNT) {
        return ref.index + 1;
    }
    if (scene->payout != NULL) {
        return scene->payout->owner;
    }
    return scene->payment != NULL ? scene->payment->on_account : 0;
}

static struct scene scene_of_object(const struct merchant *merchant, struct merchant_ref ref)
{
    struct scene scene = {.merchant = merchant};
    if (ref.told_once && ref.subject != SUBJECT_DISPUTE) {
        return scene;
    }
    switch (ref.subject) {
    case SUBJECT_METHOD:
    case SUBJECT_CUSTOMER:
        scene.customer = &merchant->customers[ref.index];
        return scene;
    case SUBJECT_INTENT:
        scene.payment = &merchant->payments[ref.index];
        return scene;
    case SUBJECT_CHARGE:
        scene.payment = &merchant->payments[ref.index];
        scene.charge = &scene.payment->attempts[ref.attempt];
        return scene;
    case SUBJECT_REFUND:
        return scene_of_refund(merchant, ref.index);
    case SUBJECT_DISPUTE:
        return scene_of_dispute(merchant, ref);
    case SUBJECT_SUBSCRIPTION:
    case SUBJECT_DISCOUNT:
    case SUBJECT_INVOICE:
    case SUBJECT_INVOICE_PAYMENT:
    case SUBJECT_CREDIT_NOTE:
        return scene_of_billing(merchant, ref);
    case SUBJECT_PRODUCT:
        scene.product = &merchant->products[ref.index];
        return scene;
    case SUBJECT_PRICE:
        return scene_of_price(merchant, ref.index);
    case SUBJECT_PAYOUT:
        scene.payout = &merchant->payouts[ref.index];
        return scene;
    case SUBJECT_TRANSFER:
    case SUBJECT_TRANSFER_REVERSAL:
    case SUBJECT_FEE:
    case SUBJECT_FEE_REFUND:
    case SUBJECT_TOPUP:
        return scene_of_connect(merchant, ref);
    case SUBJECT_ACCOUNT:
    case SUBJECT_NONE:
        return scene; /* the owner's */
    default:
        UNREACHABLE();
    }
}

struct scene scene_of(const struct merchant *merchant, struct merchant_ref ref)
{
    struct scene scene = scene_of_object(merchant, ref);
    scene.owner = owner_of(ref, &scene);
    scene.account = scene.owner != 0 ? &merchant->accounts[scene.owner - 1] : NULL;
    return scene;
}

#include "sandbox/merchant_internal.h"

/* What the rows of fields.def ask of customers, payments, refunds and disputes. */

static const struct shop_refund *refund_at(const struct scene *scene, uint32_t slot_and_one)
{
    return slot_and_one == 0 ? NULL : &scene->merchant->refunds[slot_and_one - 1];
}

/* The newest of the charge's that is not newer than `refund`. */
static const struct shop_refund *refund_of_charge(
    const struct scene *scene, const struct shop_refund *refund)
{
    const struct shop_charge *attempts = scene->payment->attempts;
    while (refund != NULL && &attempts[refund->attempt] != scene->charge) {
        refund = refund_at(scene, refund->older);
    }
    return refund;
}

static const struct shop_refund *newest_refund(const struct scene *scene)
{
    return refund_of_charge(scene, refund_at(scene, scene->payment->newest_refund));
}

static const struct shop_refund *older_refund(
    const struct scene *scene, const struct shop_refund *than)
{
    return refund_of_charge(scene, refund_at(scene, than->older));
}

int shape_count_refunds(const struct scene *scene)
{
    int count = 0;
    const struct shop_refund *refund = newest_refund(scene);
    for (; refund != NULL; refund = older_refund(scene, refund)) {
        count++;
    }
    return count;
}

/* ---- writers --------------------------------------------------------------------------------- */

void write_customer_name(const struct scene *scene, struct buf *to)
{
    buf_add_char(to, '"');
    person_name(scene->customer->name, to);
    buf_add_char(to, '"');
}

void write_customer_email(const struct scene *scene, struct buf *to)
{
    buf_add_char(to, '"');
    person_email(scene->customer->email, to);
    buf_add_char(to, '"');
}

void write_customer_invoice_prefix(const struct scene *scene, struct buf *to)
{
    shape_add_made_up(to, "", scene->customer->id, 3, 8);
}

void write_customer_orders(const struct scene *scene, struct buf *to)
{
    buf_add(to, STR("\"K-"));
    buf_add_int(to, scene->customer->number);
    buf_add_char(to, '"');
}

void write_payer_name(const struct scene *scene, struct buf *to)
{
    buf_add_char(to, '"');
    person_name(scene->payment->payer, to);
    buf_add_char(to, '"');
}

void write_payer_email(const struct scene *scene, struct buf *to)
{
    buf_add_char(to, '"');
    person_email(scene->payment->payer, to);
    buf_add_char(to, '"');
}

void write_intent_client_secret(const struct scene *scene, struct buf *to)
{
    buf_add_char(to, '"');
    buf_add(to, str_from(scene->payment->id));
    buf_add(to, STR("_secret_sandbox"));
    buf_add(to, str_from(scene->payment->id + 3));
    buf_add_char(to, '"');
}

void write_payment_description(const struct scene *scene, struct buf *to)
{
    buf_add(to, STR("\"Order "));
    buf_add_int(to, scene->payment->order);
    buf_add_char(to, '"');
}

void write_payment_order(const struct scene *scene, struct buf *to)
{
    buf_add_char(to, '"');
    buf_add_int(to, scene->payment->order);
    buf_add_char(to, '"');
}

void write_listed_charges(const struct scene *scene, struct buf *to)
{
    struct scene inner = *scene;
    buf_add_char(to, '[');
    for (int i = scene->payment->attempt_count - 1; i >= 0; i--) {
        inner.charge = &scene->payment->attempts[i];
        shape_render(&inner, SHAPE_CHARGE, to);
        buf_add(to, i > 0 ? STR(",") : STR_NONE);
    }
    buf_add_char(to, ']');
}

void write_charges_url(const struct scene *scene, struct buf *to)
{
    buf_add(to, STR("\"/v1/charges?payment_intent="));
    buf_add(to, str_from(scene->payment->id));
    buf_add_char(to, '"');
}

void write_listed_refunds(const struct scene *scene, struct buf *to)
{
    struct scene inner = *scene;
    inner.refund = newest_refund(scene);
    buf_add_char(to, '[');
    for (int i = 0; inner.refund != NULL && i < EMBEDDED_MAX; i++) {
        buf_add(to, i > 0 ? STR(",") : STR_NONE);
        shape_render(&inner, SHAPE_REFUND, to);
        inner.refund = older_refund(scene, inner.refund);
    }
    buf_add_char(to, ']');
}

void write_refunds_url(const struct scene *scene, struct buf *to)
{
    buf_add(to, STR("\"/v1/charges/"));
    buf_add(to, str_from(scene->charge->id));
    buf_add(to, STR("/refunds\""));
}

void write_action_url(const struct scene *scene, struct buf *to)
{
    buf_add(to, STR("\"https://sandbox.invalid/3d-secure/"));
    buf_add(to, str_from(scene->payment->id));
    buf_add_char(to, '"');
}

void write_method_configuration(const struct scene *scene, struct buf *to)
{
    buf_add(to, STR("\"pmc_1"));
    buf_add(to, (struct str){scene->merchant->ids.account, sizeof scene->merchant->ids.account});
    buf_add_char(to, '"');
}

void write_card_fingerprint(const struct scene *scene, struct buf *to)
{
    shape_add_made_up(to, "", scene->payment->id, 4, 16);
}

void write_charge_receipt_url(const struct scene *scene, struct buf *to)
{
    if (scene->charge->status != CHARGE_SUCCEEDED) {
        buf_add(to, STR("null"));
        return;
    }
    buf_add(to, STR("\"https://sandbox.invalid/receipts/payment/"));
    buf_add(to, str_from(scene->charge->id));
    buf_add_char(to, '"');
}

void write_charge_authorization(const struct scene *scene, struct buf *to)
{
    shape_add_made_up(to, "", scene->charge->id, 5, 6);
}

void write_charge_network_transaction(const struct scene *scene, struct buf *to)
{
    shape_add_made_up(to, "", scene->charge->id, 6, 15);
}

void write_charge_mandate(const struct scene *scene, struct buf *to)
{
    shape_add_made_up(to, "mandate_1", scene->charge->payment_method, 7, 16);
}

void write_refund_reference(const struct scene *scene, struct buf *to)
{
    if (scene->refund->referenced) {
        shape_add_made_up(to, "", scene->refund->id, 8, 16);
    } else {
        buf_add(to, STR("null"));
    }
}

void write_refund_failure_members(const struct scene *scene, struct buf *to)
{
    if (scene->refund->status != REFUND_IS_FAILED) {
        return;
    }
    buf_add(to, scene->pretty ? STR("\"failure_balance_transaction\": ")
                              : STR("\"failure_balance_transaction\":"));
    shape_add_maybe(to, scene->refund->failure_balance_transaction);
    buf_add(to, scene->pretty
                    ? STR(",\n      \"failure_reason\": \"expired_or_canceled_card\",\n      ")
                    : STR(",\"failure_reason\":\"expired_or_canceled_card\","));
}

void write_refund_pending_member(const struct scene *scene, struct buf *to)
{
    if (scene->refund->status == REFUND_IS_PENDING) {
        buf_add(to, scene->pretty ? STR("\"pending_reason\": \"processing\",\n      ")
                                  : STR("\"pending_reason\":\"processing\","));
    }
}

void write_movement_rate(const struct scene *scene, struct buf *to)
{
    char text[RATE_BYTES];
    rate_text(scene->movement->rate, text);
    buf_add(to, text[0] != '\0' ? str_from(text) : STR("null"));
}

void write_dispute_movements(const struct scene *scene, struct buf *to)
{
    struct scene inner = *scene;
    buf_add_char(to, '[');
    for (int i = 0; i < scene->dispute->movement_count; i++) {
        inner.movement = &scene->dispute->movements[i];
        buf_add(to, i > 0 ? STR(",") : STR_NONE);
        shape_render(&inner, SHAPE_DISPUTE_MOVEMENT, to);
    }
    buf_add_char(to, ']');
}

void write_method_fingerprint(const struct scene *scene, struct buf *to)
{
    shape_add_made_up(to, "", scene->customer->method, 9, 16);
}

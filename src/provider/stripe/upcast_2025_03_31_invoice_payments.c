#include "provider/stripe/upcaster.h"

/* What is paid out of band was not paid by the payment that stands there: that one was given up. */
static struct str payment_status(const struct json *invoice)
{
    struct str status = json_string(json_get(invoice, STR("status")));
    if (json_bool(json_get(invoice, STR("paid_out_of_band")), false) ||
        str_eq(status, STR("void"))) {
        return STR("canceled");
    }
    bool paid = str_eq(status, STR("paid")) || json_bool(json_get(invoice, STR("paid")), false);
    return paid ? STR("paid") : STR("open");
}

static const struct json *invoice_payment_of(
    const struct json *invoice, const struct json *payment, const struct upcasting *upcasting)
{
    static const struct {
        struct str from, to;
        bool paid; /* says nothing about a payment that was given up */
    } kept[] = {
        {UPCAST_TEXT("currency"), UPCAST_TEXT("currency"), false},
        {UPCAST_TEXT("livemode"), UPCAST_TEXT("livemode"), false},
        {UPCAST_TEXT("amount_due"), UPCAST_TEXT("amount_requested"), true},
        {UPCAST_TEXT("amount_paid"), UPCAST_TEXT("amount_paid"), true},
    };
    struct str status = payment_status(invoice);
    bool given_up = str_eq(status, STR("canceled"));
    const struct json *line = json_new_object(upcasting->arena);
    for (size_t i = 0; i < sizeof kept / sizeof kept[0]; i++) {
        const struct json *value = json_get(invoice, kept[i].from);
        if (upcast_is_scalar(value) && !(kept[i].paid && given_up)) {
            line = upcast_set(line, kept[i].to, value, upcasting);
        }
    }
    line = upcast_set(line, STR("is_default"), json_new_bool(true, upcasting->arena), upcasting);
    line = upcast_set(line, STR("invoice"), upcast_id_of(invoice), upcasting);
    line = upcast_set_text(line, STR("status"), status, upcasting);
    line = upcast_set(line, STR("payment"), payment, upcasting);
    return upcast_set_text(line, STR("object"), STR("invoice_payment"), upcasting);
}

const struct json *upcast_invoice_payments(
    const struct json *object, const struct upcasting *upcasting)
{
    static const char *const moved[] = {"payment_intent", "charge", NULL};
    const struct json *intent = json_get(object, STR("payment_intent"));
    const struct json *charge = json_get(object, STR("charge"));
    if (json_get(object, STR("payments")) != NULL ||
        !(upcast_is_reference(intent) || upcast_is_reference(charge))) {
        return object;
    }
    struct str type = upcast_is_reference(intent) ? STR("payment_intent") : STR("charge");
    const struct json *payment =
        upcast_copy_members(upcast_new_typed(type, upcasting), object, moved, upcasting);
    const struct json *line = invoice_payment_of(object, payment, upcasting);
    object = upcast_drop_members(object, moved, upcasting);
    return upcast_set(object, STR("payments"),
        upcast_new_list(upcast_array_of(line, upcasting), upcasting), upcasting);
}

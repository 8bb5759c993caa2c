#include "base/check.h"
#include "sandbox/merchant_internal.h"

static struct merchant_ref ref_of(const struct queued_event *event)
{
    const struct emit_row *row = &emit_rows[event->emit];
    return (struct merchant_ref){row->subject, event->index, event->attempt, row->once};
}

struct scene scene_of_event(const struct merchant *merchant, const struct queued_event *event)
{
    struct merchant_ref ref = ref_of(event);
    struct scene scene = scene_of(merchant, ref);
    scene.event = event;
    scene.version = merchant->config.version;
    return scene;
}

/* ---- reading --------------------------------------------------------------------------------- */

static const struct {
    const char *kind;
    enum shape shape;
} subject_rows[] = {
    [SUBJECT_CUSTOMER] = {"customer", SHAPE_CUSTOMER},
    [SUBJECT_INTENT] = {"payment_intent", SHAPE_INTENT},
    [SUBJECT_CHARGE] = {"charge", SHAPE_CHARGE},
    [SUBJECT_REFUND] = {"refund", SHAPE_REFUND},
    [SUBJECT_DISPUTE] = {"dispute", SHAPE_DISPUTE},
    [SUBJECT_SUBSCRIPTION] = {"subscription", SHAPE_SUBSCRIPTION},
    [SUBJECT_INVOICE] = {"invoice", SHAPE_INVOICE},
    [SUBJECT_INVOICE_PAYMENT] = {"invoice_payment", SHAPE_INVOICE_PAYMENT},
    [SUBJECT_CREDIT_NOTE] = {"credit_note", SHAPE_CREDIT_NOTE},
    [SUBJECT_PRODUCT] = {"product", SHAPE_PRODUCT},
    [SUBJECT_PRICE] = {"price", SHAPE_PRICE},
    [SUBJECT_PAYOUT] = {"payout", SHAPE_PAYOUT},
    [SUBJECT_METHOD] = {"payment_method", SHAPE_METHOD},
    [SUBJECT_ACCOUNT] = {"account", SHAPE_ACCOUNT},
    [SUBJECT_TRANSFER] = {"transfer", SHAPE_TRANSFER},
    [SUBJECT_FEE] = {"application_fee", SHAPE_FEE},
    [SUBJECT_FEE_REFUND] = {"fee_refund", SHAPE_FEE_REFUND},
    [SUBJECT_TOPUP] = {"topup", SHAPE_TOPUP},
    [SUBJECT_TRANSFER_REVERSAL] = {"transfer_reversal", SHAPE_TRANSFER_REVERSAL},
    [SUBJECT_DISCOUNT] = {"discount", SHAPE_DISCOUNT},
};

static struct merchant_view view_of_payment(const struct scene *scene)
{
    INVARIANT(scene->payment != NULL); /* customers aside, everything hangs on one */
    const struct shop_charge *charge = scene->charge;
    const struct shop_refund *refund = scene->refund;
    struct merchant_view view = {
        .id = str_from(scene->payment->id),
        .customer = str_from(scene->payment->customer),
        .payment_intent = str_from(scene->payment->id),
        .created_s = scene->payment->created_s,
    };
    if (charge != NULL) {
        view.id = view.charge = str_from(charge->id);
        view.created_s = charge->created_s;
    }
    if (refund != NULL) {
        view.id = str_from(refund->id);
        view.created_s = refund->created_s;
    }
    if (scene->dispute != NULL) {
        view.id = str_from(scene->dispute->id);
        view.created_s = scene->dispute->created_s;
    }
    return view;
}

static struct merchant_view view_of_billing(const struct scene *scene, enum subject subject)
{
    struct merchant_view view = {.customer = str_from(scene->customer->id)};
    if (subject == SUBJECT_SUBSCRIPTION) {
        view.id = str_from(scene->subscription->id);
        view.created_s = scene->subscription->created_s;
        view.ended = scene->subscription->ended_at_s != 0;
    } else if (subject == SUBJECT_DISCOUNT) {
        view.id = str_from(scene->subscription->discount);
        view.created_s = scene->subscription->created_s;
    } else if (subject == SUBJECT_INVOICE_PAYMENT) {
        view.id = str_from(scene->payment->invoice_payment);
        view.created_s = scene->payment->invoice_paid_s;
    } else if (subject == SUBJECT_CREDIT_NOTE) {
        view.id = str_from(scene->invoice->credit.id);
        view.created_s = scene->invoice->credit.created_s;
    } else {
        view.id = str_from(scene->invoice->id);
        view.created_s = scene->invoice->created_s;
        view.deleted = scene->invoice->deleted;
    }
    return view;
}

static struct merchant_view view_of_customer(const struct shop_customer *customer, bool of_method)
{
    struct merchant_view view = {.id = str_from(customer->id),
        .customer = str_from(customer->id),
        .created_s = customer->created_s,
        .deleted = customer->deleted};
    if (of_method) {
        view = (struct merchant_view){.id = str_from(customer->method),
            .customer = customer->method_detached ? STR_NONE : view.customer,
            .created_s = customer->method_since_s};
    }
    return view;
}

static struct merchant_view view_of_connect(const struct scene *scene, enum subject subject)
{
    if (subject == SUBJECT_FEE_REFUND || subject == SUBJECT_TRANSFER_REVERSAL) {
        return (struct merchant_view){
            .id = str_from(scene->given_back->id), .created_s = scene->given_back->created_s};
    }
    if (subject == SUBJECT_FEE) {
        const struct shop_fee *fee = scene->fee;
        return (struct merchant_view){.id = str_from(fee->id),
            .charge = str_from(fee->originating[0] != '\0' ? fee->originating : fee->charge),
            .created_s = fee->created_s};
    }
    if (subject == SUBJECT_TRANSFER) {
        const struct shop_transfer *transfer = scene->transfer;
        return (struct merchant_view){.id = str_from(transfer->id),
            .destination = str_from(scene->merchant->accounts[transfer->account].id),
            .created_s = transfer->created_s};
    }
    INVARIANT(scene->topup != NULL);
    return (struct merchant_view){
        .id = str_from(scene->topup->id), .created_s = scene->topup->created_s};
}

static void look(const struct scene *scene, enum subject subject, struct merchant_view *ret)
{
    if (scene->customer != NULL && scene->subscription == NULL && scene->invoice == NULL) {
        *ret = view_of_customer(scene->customer, subject == SUBJECT_METHOD);
    } else if (scene->subscription != NULL || scene->invoice != NULL) {
        *ret = view_of_billing(scene, subject);
    } else if (scene->product != NULL) {
        *ret = (struct merchant_view){
            .id = str_from(scene->price != NULL ? scene->price->id : scene->product->id),
            .created_s = scene->product->created_s};
    } else if (scene->payout != NULL) {
        *ret = (struct merchant_view){
            .id = str_from(scene->payout->id), .created_s = scene->payout->created_s};
    } else if (subject == SUBJECT_ACCOUNT) {
        *ret = (struct merchant_view){.id = str_from(scene->account->id),
            .created_s = scene->account->created_s,
            .ended = scene->account->left};
    } else if (scene->payment != NULL) {
        *ret = view_of_payment(scene);
    } else {
        *ret = view_of_connect(scene, subject);
    }
}

/* The platform lists the accounts that are connected to it; all else is listed by whose it is. */
void merchant_look(
    const struct merchant *merchant, struct merchant_ref ref, struct merchant_view *ret)
{
    REQUIRE(!ref.told_once && ref.subject != SUBJECT_NONE);
    REQUIRE(!merchant->config.forgetful);
    struct scene scene = scene_of(merchant, ref);
    look(&scene, ref.subject, ret);
    ret->owner = ref.subject == SUBJECT_ACCOUNT ? 0 : scene.owner;
}

void merchant_render(const struct merchant *merchant,
    struct merchant_ref ref,
    struct merchant_rendering rendering,
    struct buf *to)
{
    REQUIRE(!ref.told_once && ref.subject != SUBJECT_NONE);
    REQUIRE(!merchant->config.forgetful);
    struct scene scene = scene_of(merchant, ref);
    scene.version = rendering.version;
    scene.whole = rendering.whole;
    shape_render(&scene, subject_rows[ref.subject].shape, to);
}

static const struct {
    enum subject subject;
    struct str name;
    void (*write)(const struct scene *scene, struct buf *to);
} list_rows[] = {
    {SUBJECT_INVOICE, {"lines", 5}, write_invoice_lines},
    {SUBJECT_CREDIT_NOTE, {"lines", 5}, write_credit_lines},
    {SUBJECT_TRANSFER, {"reversals", 9}, write_transfer_reversals},
    {SUBJECT_FEE, {"refunds", 7}, write_fee_refunds},
};
#define LIST_ROWS (sizeof list_rows / sizeof *list_rows)

static size_t list_find(enum subject subject, struct str name)
{
    size_t row = 0;
    while (row < LIST_ROWS &&
           (list_rows[row].subject != subject || !str_eq(list_rows[row].name, name))) {
        row++;
    }
    return row;
}

bool merchant_has_list(enum subject subject, struct str name)
{
    return list_find(subject, name) < LIST_ROWS;
}

void merchant_render_list(const struct merchant *merchant,
    struct merchant_ref ref,
    struct str name,
    enum api_version version,
    struct buf *to)
{
    size_t row = list_find(ref.subject, name);
    REQUIRE(row < LIST_ROWS && !ref.told_once);
    struct scene scene = scene_of(merchant, ref);
    scene.version = version;
    list_rows[row].write(&scene, to);
}

void merchant_look_told(const struct merchant *merchant, struct merchant_view *ret)
{
    const struct queued_event *told = &merchant->told;
    struct merchant_ref ref = ref_of(told);
    REQUIRE(ref.subject != SUBJECT_NONE);
    if (!ref.told_once) {
        merchant_look(merchant, ref, ret);
        return;
    }
    struct scene scene = scene_of_event(merchant, told);
    struct merchant_view view = {0};
    if (scene.payment != NULL) {
        view = view_of_payment(&scene);
    }
    view.id = str_from(merchant->sundry.id);
    view.created_s = merchant->queued_at_us / 1000000;
    *ret = view;
}

void merchant_render_told(const struct merchant *merchant, enum api_version version, struct buf *to)
{
    struct scene scene = scene_of_event(merchant, &merchant->told);
    scene.version = version;
    shape_render(&scene, emit_rows[merchant->told.emit].shape, to);
}

/* ---- connected accounts ---------------------------------------------------------------------- */

enum err merchant_account_find(const struct merchant *merchant, struct str id, uint32_t *ret_owner)
{
    REQUIRE(merchant != NULL);
    for (uint32_t i = 0; i < merchant->account_count; i++) {
        if (str_eq(id, str_from(merchant->accounts[i].id))) {
            *ret_owner = i + 1;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

struct merchant_account merchant_account_at(const struct merchant *merchant, uint32_t owner)
{
    REQUIRE(owner >= 1 && owner <= merchant->account_count);
    const struct shop_account *account = &merchant->accounts[owner - 1];
    return (struct merchant_account){str_from(account->id), account->left};
}

/* ---- the truth ------------------------------------------------------------------------------- */

static enum err tell(
    struct merchant *merchant, struct merchant_ref ref, merchant_object_fn *each, void *context)
{
    struct merchant_view view;
    merchant_look(merchant, ref, &view);
    buf_clear(&merchant->body);
    merchant_render(merchant, ref, (struct merchant_rendering){.version = merchant->config.version},
        &merchant->body);
    struct merchant_object object = {
        str_from(subject_rows[ref.subject].kind), view.id, buf_str(&merchant->body)};
    return each(context, &object);
}

/* The first so many of a kind, but those of which nothing was told yet. */
static enum err tell_all(struct merchant *merchant,
    enum subject subject,
    uint32_t count,
    merchant_object_fn *each,
    void *context)
{
    for (uint32_t i = 0; i < count; i++) {
        struct merchant_ref ref = {.subject = subject, .index = i};
        bool untold =
            (subject == SUBJECT_METHOD && merchant->customers[i].method[0] == '\0') ||
            (subject == SUBJECT_INVOICE_PAYMENT && merchant->payments[i].invoice_paid_s == 0) ||
            (subject == SUBJECT_CREDIT_NOTE && merchant->invoices[i].credit.id[0] == '\0') ||
            (subject == SUBJECT_DISCOUNT && merchant->subscriptions[i].discount[0] == '\0') ||
            (subject == SUBJECT_FEE_REFUND && !merchant->fees[i].refunds[0].noted) ||
            (subject == SUBJECT_ACCOUNT && !merchant->accounts[i].submitted);
        if (!untold) {
            TRY(tell(merchant, ref, each, context));
        }
    }
    return ERR_OK;
}

static enum err tell_payment(
    struct merchant *merchant, uint32_t index, merchant_object_fn *each, void *context)
{
    const struct shop_payment *payment = &merchant->payments[index];
    if (payment->id[0] != '\0') {
        TRY(tell(merchant, (struct merchant_ref){.subject = SUBJECT_INTENT, .index = index}, each,
            context));
    }
    for (uint8_t i = 0; i < payment->attempt_count; i++) {
        TRY(tell(merchant,
            (struct merchant_ref){.subject = SUBJECT_CHARGE, .index = index, .attempt = i}, each,
            context));
    }
    return ERR_OK;
}

enum err merchant_objects(struct merchant *merchant, merchant_object_fn *each, void *context)
{
    REQUIRE(merchant != NULL);
    REQUIRE(!merchant->config.forgetful); /* it has forgotten most of it */
    const struct {
        enum subject subject;
        uint32_t count;
    } rows[] = {
        {SUBJECT_CUSTOMER, merchant->customer_pool.made},
        {SUBJECT_METHOD, merchant->customer_pool.made},
        {SUBJECT_REFUND, merchant->refund_pool.made},
        {SUBJECT_DISPUTE, merchant->dispute_pool.made},
        {SUBJECT_PRODUCT, merchant->product_count},
        {SUBJECT_PRICE, merchant->product_count * PRICES_EACH},
        {SUBJECT_SUBSCRIPTION, merchant->subscription_pool.made},
        {SUBJECT_DISCOUNT, merchant->subscription_pool.made},
        {SUBJECT_INVOICE, merchant->invoice_pool.made},
        {SUBJECT_INVOICE_PAYMENT, merchant->payment_pool.made},
        {SUBJECT_CREDIT_NOTE, merchant->invoice_pool.made},
        {SUBJECT_PAYOUT, merchant->payout_pool.made},
        {SUBJECT_ACCOUNT, merchant->account_count},
        {SUBJECT_TRANSFER, merchant->transfer_pool.made},
        {SUBJECT_FEE, merchant->fee_pool.made},
        {SUBJECT_FEE_REFUND, merchant->fee_pool.made},
        {SUBJECT_TOPUP, merchant->topup_pool.made},
    };
    for (uint32_t i = 0; i < merchant->payment_pool.made; i++) {
        TRY(tell_payment(merchant, i, each, context));
    }
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        TRY(tell_all(merchant, rows[i].subject, rows[i].count, each, context));
    }
    return ERR_OK;
}

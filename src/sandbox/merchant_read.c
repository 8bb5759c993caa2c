#include "base/check.h"
#include "sandbox/merchant_internal.h"

/* ---- what an object is rendered from --------------------------------------------------------- */

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

struct scene scene_of(const struct merchant *merchant, struct merchant_ref ref)
{
    struct scene scene = {.merchant = merchant};
    switch (ref.subject) {
    case SUBJECT_CUSTOMER:
        scene.customer = &merchant->customers[ref.index];
        break;
    case SUBJECT_INTENT:
        scene.payment = &merchant->payments[ref.index];
        break;
    case SUBJECT_CHARGE:
        scene.payment = &merchant->payments[ref.index];
        scene.charge = &scene.payment->attempts[ref.attempt];
        break;
    case SUBJECT_REFUND:
        scene = scene_of_refund(merchant, ref.index);
        break;
    case SUBJECT_DISPUTE:
        scene = scene_of_dispute(merchant, ref);
        break;
    case SUBJECT_INVOICE:
    case SUBJECT_PRODUCT:
    case SUBJECT_PRICE:
    case SUBJECT_PAYOUT:
    case SUBJECT_METHOD:
    case SUBJECT_NONE:
        break;
    default:
        UNREACHABLE();
    }
    return scene;
}

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

void merchant_look(
    const struct merchant *merchant, struct merchant_ref ref, struct merchant_view *ret)
{
    REQUIRE(!ref.told_once && ref.subject != SUBJECT_NONE);
    REQUIRE(!merchant->config.forgetful);
    struct scene scene = scene_of(merchant, ref);
    if (scene.customer == NULL) {
        *ret = view_of_payment(&scene);
        return;
    }
    *ret = (struct merchant_view){
        .id = str_from(scene.customer->id),
        .customer = str_from(scene.customer->id),
        .created_s = scene.customer->created_s,
        .deleted = scene.customer->deleted,
    };
}

void merchant_render(const struct merchant *merchant,
    struct merchant_ref ref,
    enum api_version version,
    struct buf *to)
{
    REQUIRE(!ref.told_once && ref.subject != SUBJECT_NONE);
    REQUIRE(!merchant->config.forgetful);
    struct scene scene = scene_of(merchant, ref);
    scene.version = version;
    shape_render(&scene, subject_rows[ref.subject].shape, to);
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

/* ---- the truth ------------------------------------------------------------------------------- */

static enum err tell(
    struct merchant *merchant, struct merchant_ref ref, merchant_object_fn *each, void *context)
{
    struct merchant_view view;
    merchant_look(merchant, ref, &view);
    buf_clear(&merchant->body);
    merchant_render(merchant, ref, merchant->config.version, &merchant->body);
    struct merchant_object object = {
        str_from(subject_rows[ref.subject].kind), view.id, buf_str(&merchant->body)};
    return each(context, &object);
}

/* All of one pool that are told of one by one. */
static enum err tell_all(struct merchant *merchant,
    enum subject subject,
    const struct pool *pool,
    merchant_object_fn *each,
    void *context)
{
    for (uint32_t i = 0; i < pool->made; i++) {
        TRY(tell(merchant, (struct merchant_ref){.subject = subject, .index = i}, each, context));
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
    TRY(tell_all(merchant, SUBJECT_CUSTOMER, &merchant->customer_pool, each, context));
    for (uint32_t i = 0; i < merchant->payment_pool.made; i++) {
        TRY(tell_payment(merchant, i, each, context));
    }
    TRY(tell_all(merchant, SUBJECT_REFUND, &merchant->refund_pool, each, context));
    return tell_all(merchant, SUBJECT_DISPUTE, &merchant->dispute_pool, each, context);
}

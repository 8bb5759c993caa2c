#include "unit/flow/lives_tell.h"
#include "base/timestamp.h"

#define NEWEST "2026-10-28.endive"
#define BEFORE_LATEST_CHARGE "2022-08-01"
#define BEFORE_BASIL "2024-06-20"
#define BEFORE_RECONCILIATION "2020-08-27"

bool likely(struct world *world, uint64_t percent)
{
    return test_random_below(world->chance, 100) < percent;
}

void pass_time(struct world *world)
{
    if (!likely(world, world->haste)) {
        world->second += 1 + (int64_t)test_random_below(world->chance, 3);
    }
}

void pass_days(struct world *world)
{
    world->second += 86400 * (int64_t)(1 + test_random_below(world->chance, 5));
}

struct str text(struct world *world, const char *format, ...)
{
    char written[4096];
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(written, sizeof written, format, arguments);
    va_end(arguments);
    assert_true(len >= 0 && (size_t)len < sizeof written);
    for (int i = 0; i < len; i++) {
        written[i] = written[i] == '\'' ? '"' : written[i];
    }
    struct str copy = arena_copy(world->arena, (struct str){written, (size_t)len});
    assert_non_null(copy.data);
    return copy;
}

void note_name(struct world *world, enum id_kind kind, struct str id)
{
    assert_true(world->life->name_count < LIFE_NAMES);
    world->life->names[world->life->name_count++] = (struct life_name){kind, id};
}

struct str new_id(struct world *world, enum id_kind kind, const char *prefix)
{
    struct str id = text(world, "%s_%u_%u", prefix, world->number, world->objects++);
    note_name(world, kind, id);
    return id;
}

struct str link_to(struct world *world, struct str id)
{
    return id.len == 0 ? STR("null") : text(world, "'" STR_FMT "'", STR_ARG(id));
}

struct str word(struct world *world, const char *word_or_null)
{
    return link_to(world, word_or_null == NULL ? STR_NONE : str_from(word_or_null));
}

struct str time_or_null(struct world *world, int64_t second)
{
    return second == 0 ? STR("null") : text(world, "%" PRId64, second);
}

/* ---- events --------------------------------------------------------------------------------- */

static struct str event_body(struct world *world,
    struct str event_id,
    const char *version,
    const char *type,
    struct str object,
    struct str previous)
{
    return text(world,
        "{'id':'" STR_FMT "','object':'event','api_version':'%s','created':%" PRId64
        ",'livemode':true,'type':'%s','data':{'object':" STR_FMT STR_FMT "}}",
        STR_ARG(event_id), version, world->second, type, STR_ARG(object), STR_ARG(previous));
}

static struct str event_id(struct world *world, const struct telling *telling)
{
    return text(world, "evt_%u_%u", world->number, (uint32_t)(telling - world->life->tellings));
}

static struct str thin_body(
    struct world *world, struct str twin, struct str subject, const char *type)
{
    char created[TIMESTAMP_TEXT_BYTES];
    timestamp_format(world->second * US_PER_SECOND, created);
    return text(world,
        "{'id':'evt_thin_%u_%u','object':'v2.core.event','type':'v1.%s','created':'%s',"
        "'livemode':true,'snapshot_event':'" STR_FMT "','related_object':{'id':'" STR_FMT
        "','type':'object','url':'/v1/objects'}}",
        world->number, world->life->count, type, created, STR_ARG(twin), STR_ARG(subject));
}

static struct telling *add_telling(struct world *world,
    const struct teller *teller,
    const char *type,
    struct str object,
    struct str previous)
{
    assert_true(world->life->count < LIFE_TELLINGS);
    struct telling *telling = &world->life->tellings[world->life->count++];
    *telling = (struct telling){.older_says_more = false};
    telling->body = event_body(world, event_id(world, telling), NEWEST, type, object, previous);
    if (likely(world, 15)) {
        telling->thin = thin_body(world, event_id(world, telling), teller->id, type);
    }
    return telling;
}

void tell(struct world *world,
    struct teller *teller,
    const char *type,
    struct str object,
    const struct older *older)
{
    struct str previous = STR("");
    if (teller->step > 1 && !teller->unproven && likely(world, 80)) {
        previous =
            text(world, ",'previous_attributes':{'metadata':{'step':'%u'}}", teller->step - 1);
    }
    struct telling *telling = add_telling(world, teller, type, object, previous);
    if (older != NULL && likely(world, 25)) {
        telling->older = event_body(
            world, event_id(world, telling), older->version, type, older->object, previous);
        telling->older_says_more = older->says_more;
    }
}

void tell_again(struct world *world, struct teller *teller, const char *type, struct str object)
{
    (void)add_telling(world, teller, type, object, STR(""));
}

/* ---- payments ------------------------------------------------------------------------------- */

/* Members that every object has; the caller closes it. */
static struct str head(struct world *world, const struct teller *teller, const char *object)
{
    return text(world, "{'id':'" STR_FMT "','object':'%s','metadata':{'step':'%u'}",
        STR_ARG(teller->id), object, teller->step);
}

struct str object_of(
    struct world *world, const struct teller *teller, const char *object, struct str members)
{
    return text(world, STR_FMT STR_FMT "}", STR_ARG(head(world, teller, object)), STR_ARG(members));
}

void tell_object(struct world *world,
    struct teller *teller,
    const char *object,
    const char *type,
    struct str members,
    const struct older *older)
{
    teller->step++;
    struct older shown = {BEFORE_RECONCILIATION, members, false};
    shown = older == NULL ? shown : *older;
    shown.object = object_of(world, teller, object, shown.object);
    tell(world, teller, type, object_of(world, teller, object, members), &shown);
}

static struct str refund_object(struct world *world, const struct refund *refund)
{
    struct str links = STR("");
    if (refund->charge.len > 0) {
        links = text(world, ",'charge':'" STR_FMT "','payment_intent':" STR_FMT,
            STR_ARG(refund->charge), STR_ARG(link_to(world, refund->intent)));
    }
    return text(world,
        STR_FMT STR_FMT ",'amount':%" PRId64 ",'created':%" PRId64
                        ",'currency':'%s','reason':null,'failure_reason':" STR_FMT
                        ",'status':'%s'}",
        STR_ARG(head(world, &refund->teller, "refund")), STR_ARG(links), refund->amount,
        refund->created, refund->currency, STR_ARG(word(world, refund->failure)), refund->status);
}

void tell_refund(struct world *world, struct refund *refund, const char *type)
{
    refund->teller.step++;
    struct str object = refund_object(world, refund);
    tell(world, &refund->teller, type, object, &(struct older){"2020-08-27", object, false});
}

void tell_refund_again(struct world *world, struct refund *refund, const char *type)
{
    tell_again(world, &refund->teller, type, refund_object(world, refund));
}

static struct str charge_object(struct world *world, const struct charge *charge, struct str more)
{
    bool failed = strcmp(charge->status, "failed") == 0;
    return text(world,
        STR_FMT ",'amount':%" PRId64 ",'amount_captured':%" PRId64 ",'amount_refunded':%" PRId64
                ",'captured':%s,'paid':%s,'refunded':%s,'created':%" PRId64
                ",'currency':'%s','customer':" STR_FMT ",'payment_intent':" STR_FMT
                ",'payment_method_details':{'type':'card'},'failure_code':" STR_FMT
                ",'status':'%s'" STR_FMT "}",
        STR_ARG(head(world, &charge->teller, "charge")), charge->amount, charge->captured,
        charge->refunded, charge->is_captured ? "true" : "false", failed ? "false" : "true",
        charge->refunded == charge->amount ? "true" : "false", charge->created, charge->currency,
        STR_ARG(link_to(world, charge->customer)), STR_ARG(link_to(world, charge->intent)),
        STR_ARG(word(world, charge->failure)), charge->status, STR_ARG(more));
}

struct str list_of(struct world *world, const struct str *objects, uint32_t count)
{
    struct str list = STR("{'object':'list','has_more':false,'data':[");
    for (uint32_t i = 0; i < count; i++) {
        list = text(
            world, STR_FMT "%s" STR_FMT, STR_ARG(list), i == 0 ? "" : ",", STR_ARG(objects[i]));
    }
    return text(world, STR_FMT "]}", STR_ARG(list));
}

static struct str older_charge_object(struct world *world, const struct charge *charge)
{
    struct str refunds[CHARGE_REFUNDS];
    for (uint32_t i = 0; i < charge->refund_count; i++) {
        refunds[i] = refund_object(world, &charge->refunds[i]);
    }
    struct str list = list_of(world, refunds, charge->refund_count);
    return charge_object(world, charge, text(world, ",'refunds':" STR_FMT, STR_ARG(list)));
}

void tell_charge(struct world *world, struct charge *charge, const char *type)
{
    charge->teller.step++;
    struct older older = {
        BEFORE_LATEST_CHARGE, older_charge_object(world, charge), charge->refund_count > 0};
    tell(world, &charge->teller, type, charge_object(world, charge, STR("")), &older);
}

static struct str intent_object(struct world *world, const struct intent *intent, struct str more)
{
    struct str error =
        intent->error == NULL ? STR("null") : text(world, "{'code':'%s'}", intent->error);
    return text(world,
        STR_FMT ",'amount':%" PRId64 ",'amount_received':%" PRId64 ",'created':%" PRId64
                ",'currency':'%s','customer':" STR_FMT ",'last_payment_error':" STR_FMT
                ",'status':'%s'," STR_FMT "}",
        STR_ARG(head(world, &intent->teller, "payment_intent")), intent->amount, intent->received,
        intent->created, intent->currency, STR_ARG(link_to(world, intent->customer)),
        STR_ARG(error), intent->status, STR_ARG(more));
}

void tell_intent(struct world *world, struct intent *intent, const char *type)
{
    struct str latest = STR_NONE;
    struct str charges[INTENT_CHARGES];
    uint32_t count = intent->charge_count;
    for (uint32_t i = 0; i < count; i++) {
        const struct charge *charge = &intent->charges[i];
        latest = charge->teller.id;
        charges[count - 1 - i] = older_charge_object(world, charge);
    }
    intent->teller.step++;
    struct str newest = text(world, "'latest_charge':" STR_FMT, STR_ARG(link_to(world, latest)));
    struct str list = text(world, "'charges':" STR_FMT, STR_ARG(list_of(world, charges, count)));
    struct older older = {BEFORE_LATEST_CHARGE, intent_object(world, intent, list), count > 0};
    intent->teller.unproven = true; /* these events never have previous_attributes */
    tell(world, &intent->teller, type, intent_object(world, intent, newest), &older);
}

void tell_dispute(struct world *world, struct dispute *dispute, const char *type)
{
    dispute->teller.step++;
    struct str object = text(world,
        STR_FMT ",'amount':%" PRId64 ",'created':%" PRId64 ",'currency':'%s','charge':'" STR_FMT
                "','payment_intent':'" STR_FMT "','reason':'fraudulent','status':'%s',"
                "'balance_transactions':[" STR_FMT "],'evidence_details':{'due_by':%" PRId64 "}}",
        STR_ARG(head(world, &dispute->teller, "dispute")), dispute->amount, dispute->created,
        dispute->currency, STR_ARG(dispute->charge), STR_ARG(dispute->intent), dispute->status,
        STR_ARG(dispute->moved), dispute->created + 604800);
    tell(world, &dispute->teller, type, object, NULL);
}

/* ---- invoices, subscriptions, payouts ------------------------------------------------------- */

static struct str line_list(struct world *world, const struct invoice *invoice)
{
    struct str line = text(world,
        "{'id':'" STR_FMT "','object':'line_item','amount':%" PRId64
        ",'currency':'eur','description':'a month','quantity':1,'invoice':'" STR_FMT
        "','period':{'start':%" PRId64 ",'end':%" PRId64 "}}",
        STR_ARG(invoice->line), invoice->total, STR_ARG(invoice->teller.id), invoice->created,
        invoice->created + 2592000);
    return list_of(world, &line, 1);
}

static struct str invoice_object(
    struct world *world, const struct invoice *invoice, struct str more)
{
    struct str amounts = text(world,
        "'subtotal':%" PRId64 ",'total':%" PRId64 ",'amount_due':%" PRId64 ",'amount_paid':%" PRId64
        ",'amount_remaining':%" PRId64 ",'pre_payment_credit_notes_amount':%" PRId64
        ",'post_payment_credit_notes_amount':%" PRId64,
        invoice->total, invoice->total, invoice->due, invoice->paid, invoice->due - invoice->paid,
        invoice->pre_credit, invoice->post_credit);
    struct str times = text(world,
        "{'finalized_at':" STR_FMT ",'paid_at':" STR_FMT ",'voided_at':" STR_FMT
        ",'marked_uncollectible_at':" STR_FMT "}",
        STR_ARG(time_or_null(world, invoice->finalized)),
        STR_ARG(time_or_null(world, invoice->paid_at)),
        STR_ARG(time_or_null(world, invoice->voided)),
        STR_ARG(time_or_null(world, invoice->uncollectible)));
    return text(world,
        STR_FMT ",'currency':'eur','customer':'" STR_FMT "','status':'%s','created':%" PRId64
                ",'attempt_count':%u,'attempted':%s,'billing_reason':'manual'," STR_FMT
                ",'status_transitions':" STR_FMT ",'lines':" STR_FMT "," STR_FMT "}",
        STR_ARG(head(world, &invoice->teller, "invoice")), STR_ARG(world->customer),
        invoice->status, invoice->created, invoice->tries, invoice->tries > 0 ? "true" : "false",
        STR_ARG(amounts), STR_ARG(times), STR_ARG(line_list(world, invoice)), STR_ARG(more));
}

static struct str newest_invoice(struct world *world, const struct invoice *invoice)
{
    struct str parent = STR("null");
    if (invoice->subscription.len > 0) {
        parent = text(world,
            "{'type':'subscription_details','subscription_details':{'subscription':'" STR_FMT "'}}",
            STR_ARG(invoice->subscription));
    }
    struct str more = text(world, "'parent':" STR_FMT, STR_ARG(parent));
    if (invoice->payments.len > 0) {
        more = text(world, STR_FMT ",'payments':" STR_FMT, STR_ARG(more),
            STR_ARG(list_of(world, &invoice->payments, 1)));
    }
    return invoice_object(world, invoice, more);
}

void tell_invoice(struct world *world, struct invoice *invoice, const char *type)
{
    invoice->teller.step++;
    struct str more = text(world, "'subscription':" STR_FMT ",'payment_intent':" STR_FMT,
        STR_ARG(link_to(world, invoice->subscription)), STR_ARG(link_to(world, invoice->intent)));
    struct older older = {
        BEFORE_BASIL, invoice_object(world, invoice, more), invoice->intent.len > 0};
    tell(world, &invoice->teller, type, newest_invoice(world, invoice), &older);
}

void tell_invoice_again(struct world *world, struct invoice *invoice, const char *type)
{
    tell_again(world, &invoice->teller, type, newest_invoice(world, invoice));
}

static struct str item_object(
    struct world *world, const struct subscription *subscription, struct str id, const char *period)
{
    return text(world,
        "{'id':'" STR_FMT "','object':'subscription_item','quantity':%u,'created':%" PRId64
        ",'subscription':'" STR_FMT "','price':{'id':'" STR_FMT "','object':'price',"
        "'currency':'eur','unit_amount':500,'active':true}%s}",
        STR_ARG(id), subscription->quantity, subscription->created,
        STR_ARG(subscription->teller.id), STR_ARG(subscription->price), period);
}

static struct str subscription_object(struct world *world,
    const struct subscription *subscription,
    const char *period_of_subscription,
    const char *period_of_item)
{
    struct str pause = subscription->pause == NULL
                           ? STR("null")
                           : text(world, "{'behavior':'%s'}", subscription->pause);
    struct str items[] = {item_object(world, subscription, subscription->item, period_of_item),
        item_object(world, subscription, subscription->extra, period_of_item)};
    struct str list = list_of(world, items, subscription->extra_is == EXTRA_IN ? 2 : 1);
    if (subscription->extra_is == EXTRA_CUT_OFF) {
        struct str rest = list;
        (void)str_cut(&rest, ','); /* the object, and then has_more */
        (void)str_cut(&rest, ',');
        list = text(world, "{'object':'list','has_more':true," STR_FMT, STR_ARG(rest));
    }
    return text(world,
        STR_FMT ",'customer':'" STR_FMT "','status':'%s','created':%" PRId64
                ",'start_date':%" PRId64 ",'currency':'eur','pause_collection':" STR_FMT
                ",'ended_at':" STR_FMT ",'latest_invoice':" STR_FMT ",'items':" STR_FMT "%s}",
        STR_ARG(head(world, &subscription->teller, "subscription")), STR_ARG(world->customer),
        subscription->status, subscription->created, subscription->created, STR_ARG(pause),
        STR_ARG(time_or_null(world, subscription->ended)),
        STR_ARG(link_to(world, subscription->invoice)), STR_ARG(list), period_of_subscription);
}

void tell_subscription(struct world *world, struct subscription *subscription, const char *type)
{
    static const char period[] =
        ",'current_period_start':1790000000,'current_period_end':1792592000";
    subscription->teller.step++;
    struct older older = {
        BEFORE_BASIL, subscription_object(world, subscription, period, ""), false};
    tell(world, &subscription->teller, type, subscription_object(world, subscription, "", period),
        &older);
}

static struct str payout_object(
    struct world *world, const struct payout *payout, const char *reconciliation)
{
    return text(world,
        STR_FMT ",'amount':%" PRId64 ",'currency':'eur','created':%" PRId64
                ",'arrival_date':%" PRId64 ",'automatic':true,'method':'standard'"
                ",'failure_code':" STR_FMT ",'status':'%s'%s}",
        STR_ARG(head(world, &payout->teller, "payout")), payout->amount, payout->created,
        payout->created + 86400, STR_ARG(word(world, payout->failure)), payout->status,
        reconciliation);
}

void tell_payout(struct world *world, struct payout *payout, const char *type)
{
    payout->teller.step++;
    const char *said = strcmp(payout->reconciliation, "completed") == 0
                           ? ",'reconciliation_status':'completed'"
                           : ",'reconciliation_status':'in_progress'";
    struct older older = {BEFORE_RECONCILIATION, payout_object(world, payout, ""), false};
    tell(world, &payout->teller, type, payout_object(world, payout, said), &older);
}

#include "base/check.h"
#include "sandbox/merchant_internal.h"

#define PERIOD_S (INT64_C(30) * 86400)
#define TRIAL_S (INT64_C(7) * 86400)

const char *subscription_status_word(enum subscription_status status)
{
    static const char *const words[] = {
        [SUBSCRIPTION_IS_INCOMPLETE] = "incomplete",
        [SUBSCRIPTION_IS_TRIALING] = "trialing",
        [SUBSCRIPTION_IS_ACTIVE] = "active",
        [SUBSCRIPTION_IS_PAST_DUE] = "past_due",
        [SUBSCRIPTION_IS_PAUSED] = "paused",
        [SUBSCRIPTION_IS_EXPIRED] = "incomplete_expired",
        [SUBSCRIPTION_IS_CANCELED] = "canceled",
    };
    REQUIRE(status < sizeof words / sizeof *words);
    return words[status];
}

static void say(struct merchant *merchant, uint32_t index, enum emit emit, struct previous previous)
{
    merchant->subscriptions[index].place.last_event_s = merchant_second(merchant);
    merchant_emit(
        merchant, (struct queued_event){.emit = emit, .index = index, .previous = previous});
}

static void turn(struct shop_subscription *subscription,
    enum subscription_status status,
    struct previous *previous)
{
    previous_add_text(previous, "status", subscription_status_word(subscription->status));
    subscription->status = status;
}

/* ---- beginning ------------------------------------------------------------------------------- */

static void add_item(struct merchant *merchant, struct shop_subscription *subscription)
{
    INVARIANT(subscription->item_count < ITEMS_MAX);
    struct shop_item *item = &subscription->items[subscription->item_count++];
    *item = (struct shop_item){.product = product_for_billing(merchant),
        .created_s = merchant_second(merchant),
        .quantity = 1 + (int64_t)merchant_below(merchant, 3)};
    id_make_short(&merchant->ids, "si_", item->created_s, item->id);
}

static void begin_period(const struct merchant *merchant, struct shop_subscription *subscription)
{
    subscription->period_start_s = merchant_second(merchant);
    subscription->period_end_s = subscription->period_start_s + PERIOD_S;
}

void subscription_begin(struct merchant *merchant, uint32_t customer)
{
    uint32_t index = 0;
    if (!pool_take(&merchant->subscription_pool, &index)) {
        customer_release(merchant, customer);
        return;
    }
    struct shop_subscription *subscription = &merchant->subscriptions[index];
    *subscription =
        (struct shop_subscription){.customer = customer, .created_s = merchant_second(merchant)};
    id_make(&merchant->ids, "sub_1", subscription->created_s, subscription->id);
    begin_period(merchant, subscription);
    add_item(merchant, subscription);
    if (merchant_chance(merchant, 30)) {
        id_make(&merchant->ids, "di_1", subscription->created_s, subscription->discount);
    }
    merchant->counts.subscriptions++;
    course_begin(merchant, TASK_SUBSCRIPTION, index);
}

/* When neither it nor its newest invoice has anything to come. */
static void release(struct merchant *merchant, uint32_t index)
{
    const struct shop_subscription *subscription = &merchant->subscriptions[index];
    if (!subscription->place.ended || subscription->busy) {
        return;
    }
    customer_release(merchant, subscription->customer);
    if (merchant->config.forgetful) {
        pool_give(&merchant->subscription_pool, index);
    }
}

void subscription_end(struct merchant *merchant, uint32_t index)
{
    release(merchant, index);
}

void subscription_invoice_ended(struct merchant *merchant, uint32_t index)
{
    merchant->subscriptions[index].busy = false;
    release(merchant, index);
}

static void bill(struct merchant *merchant, uint32_t index, const char *reason, enum course course)
{
    struct shop_subscription *subscription = &merchant->subscriptions[index];
    const struct invoice_order order = {.customer = subscription->customer,
        .subscription = index + 1,
        .reason = reason,
        .free = subscription->status == SUBSCRIPTION_IS_TRIALING};
    uint32_t invoice = invoice_begin(merchant, &order, course);
    if (invoice != 0) {
        subscription->busy = true;
        memcpy(subscription->latest_invoice, merchant->invoices[invoice - 1].id,
            sizeof subscription->latest_invoice);
    }
}

/* ---- what its invoices do to it -------------------------------------------------------------- */

void subscription_is_paid(struct merchant *merchant, uint32_t index)
{
    struct shop_subscription *subscription = &merchant->subscriptions[index];
    struct previous previous = {0};
    if (subscription->status == SUBSCRIPTION_IS_INCOMPLETE ||
        subscription->status == SUBSCRIPTION_IS_PAST_DUE) {
        turn(subscription, SUBSCRIPTION_IS_ACTIVE, &previous);
        say(merchant, index, EMIT_SUBSCRIPTION_UPDATED, previous);
    }
}

void subscription_is_not_paid(struct merchant *merchant, uint32_t index)
{
    struct shop_subscription *subscription = &merchant->subscriptions[index];
    struct previous previous = {0};
    if (subscription->status == SUBSCRIPTION_IS_ACTIVE) {
        turn(subscription, SUBSCRIPTION_IS_PAST_DUE, &previous);
        say(merchant, index, EMIT_SUBSCRIPTION_UPDATED, previous);
    }
}

/* ---- deeds ----------------------------------------------------------------------------------- */

void deed_subscription_open(struct merchant *merchant, uint32_t index, int course)
{
    if (merchant->subscriptions[index].discount[0] != '\0') {
        say(merchant, index, EMIT_DISCOUNT_CREATED, (struct previous){0});
    }
    say(merchant, index, EMIT_SUBSCRIPTION_CREATED, (struct previous){0});
    bill(merchant, index, "subscription_create", (enum course)course);
}

void deed_subscription_trial(struct merchant *merchant, uint32_t index, int course)
{
    struct shop_subscription *subscription = &merchant->subscriptions[index];
    subscription->status = SUBSCRIPTION_IS_TRIALING;
    subscription->trial_start_s = subscription->created_s;
    subscription->trial_end_s = subscription->created_s + TRIAL_S;
    subscription->period_end_s = subscription->trial_end_s;
    deed_subscription_open(merchant, index, course);
}

void deed_subscription_trial_ends(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    say(merchant, index, EMIT_SUBSCRIPTION_TRIAL_ENDS, (struct previous){0});
}

void deed_subscription_bill(struct merchant *merchant, uint32_t index, int course)
{
    struct shop_subscription *subscription = &merchant->subscriptions[index];
    struct previous previous = {0};
    char before[OBJECT_ID_BYTES];
    memcpy(before, subscription->latest_invoice, sizeof before);
    enum subscription_status status = subscription->status;
    if (status == SUBSCRIPTION_IS_TRIALING) {
        subscription->status = SUBSCRIPTION_IS_ACTIVE;
    }
    bill(merchant, index, "subscription_cycle", (enum course)course);
    begin_period(merchant, subscription);
    if (before[0] != '\0' && strcmp(subscription->latest_invoice, before) != 0) {
        previous_add_text(&previous, "latest_invoice", before);
    }
    if (subscription->status != status) {
        previous_add_text(&previous, "status", subscription_status_word(status));
    }
    say(merchant, index, EMIT_SUBSCRIPTION_UPDATED, previous);
}

void deed_subscription_change(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    merchant->subscriptions[index].items[0].quantity++;
    say(merchant, index, EMIT_SUBSCRIPTION_UPDATED, (struct previous){0});
}

void deed_subscription_add(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    add_item(merchant, &merchant->subscriptions[index]);
    say(merchant, index, EMIT_SUBSCRIPTION_UPDATED, (struct previous){0});
}

void deed_subscription_pause(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct previous previous = {0};
    struct shop_subscription *subscription = &merchant->subscriptions[index];
    turn(subscription, SUBSCRIPTION_IS_PAUSED, &previous);
    subscription->paused_at_s = merchant_second(merchant);
    say(merchant, index, EMIT_SUBSCRIPTION_PAUSED, previous);
}

void deed_subscription_resume(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct previous previous = {0};
    turn(&merchant->subscriptions[index], SUBSCRIPTION_IS_ACTIVE, &previous);
    say(merchant, index, EMIT_SUBSCRIPTION_RESUMED, previous);
}

void deed_subscription_hold(struct merchant *merchant, uint32_t index, int hold)
{
    struct previous previous = {0};
    previous_add(&previous, "pause_collection",
        hold != 0 ? "null" : "{\"behavior\": \"keep_as_draft\", \"resumes_at\": null}");
    merchant->subscriptions[index].on_hold = hold != 0;
    say(merchant, index, EMIT_SUBSCRIPTION_UPDATED, previous);
}

void deed_subscription_end_later(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct previous previous = {0};
    struct shop_subscription *subscription = &merchant->subscriptions[index];
    subscription->ends_later = true;
    subscription->canceled_at_s = merchant_second(merchant);
    previous_add(&previous, "cancel_at", "null");
    previous_add(&previous, "cancel_at_period_end", "false");
    previous_add(&previous, "canceled_at", "null");
    say(merchant, index, EMIT_SUBSCRIPTION_UPDATED, previous);
}

void deed_subscription_cancel(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct shop_subscription *subscription = &merchant->subscriptions[index];
    int64_t now_s = merchant_second(merchant);
    subscription->status = SUBSCRIPTION_IS_CANCELED;
    subscription->ended_at_s = now_s;
    if (subscription->canceled_at_s == 0) {
        subscription->canceled_at_s = now_s;
    }
    say(merchant, index, EMIT_SUBSCRIPTION_DELETED, (struct previous){0});
    if (merchant_chance(merchant, 40)) {
        customer_detach_method(merchant, subscription->customer);
    }
}

void deed_subscription_expire(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct previous previous = {0};
    struct shop_subscription *subscription = &merchant->subscriptions[index];
    previous_add(&previous, "ended_at", "null");
    turn(subscription, SUBSCRIPTION_IS_EXPIRED, &previous);
    subscription->ended_at_s = merchant_second(merchant);
    say(merchant, index, EMIT_SUBSCRIPTION_UPDATED, previous);
}

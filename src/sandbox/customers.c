#include "base/check.h"
#include "sandbox/merchant_internal.h"

#define MS INT64_C(1000)
#define TRIES 4 /* draws for a customer whom a payment can have */

static void schedule_next(struct merchant *merchant, uint32_t index)
{
    struct shop_customer *customer = &merchant->customers[index];
    if (customer->changes_left == 0) {
        customer->busy = false;
        return;
    }
    customer->busy = true;
    /* Now and then two changes within a second: only previous_attributes tells which was the last.
     */
    uint64_t wait_ms = merchant_chance(merchant, 20) ? 20 + merchant_below(merchant, 300)
                                                     : 400 + merchant_below(merchant, 9000);
    merchant_schedule(merchant, TASK_CUSTOMER, index, (int64_t)wait_ms * MS);
}

/* A slot of somebody of whom nothing more will be told; the payments of such a customer go on,
 * since they hold the id. */
static bool take_over_slot(struct merchant *merchant, uint32_t *ret_index)
{
    uint32_t made = merchant->customer_pool.made;
    for (int i = 0; merchant->config.forgetful && made > 0 && i < TRIES; i++) {
        uint32_t index = (uint32_t)merchant_below(merchant, made);
        const struct shop_customer *customer = &merchant->customers[index];
        if (customer->used && !customer->busy && customer->bills == 0) {
            *ret_index = index;
            return true;
        }
    }
    return false;
}

static uint32_t customer_begin(struct merchant *merchant)
{
    uint32_t index = 0;
    if (!pool_take(&merchant->customer_pool, &index) && !take_over_slot(merchant, &index)) {
        return UINT32_MAX;
    }
    struct shop_customer *customer = &merchant->customers[index];
    struct person person = person_draw(merchant);
    *customer = (struct shop_customer){
        .name = person,
        .email = person,
        .created_s = merchant_second(merchant),
        .number = (uint32_t)merchant->counts.customers + 1,
        .used = true,
        .changes_left =
            merchant_chance(merchant, 35) ? (uint8_t)(1 + merchant_below(merchant, 3)) : 0,
    };
    id_make_short(&merchant->ids, "cus_", merchant_second(merchant), customer->id);
    merchant->counts.customers++;
    merchant_emit(merchant, (struct queued_event){.emit = EMIT_CUSTOMER_CREATED, .index = index});
    schedule_next(merchant, index);
    return index;
}

uint32_t customer_for_payment(struct merchant *merchant)
{
    uint64_t draw = merchant_below(merchant, 100);
    if (draw < 25) {
        return UINT32_MAX;
    }
    if (draw < 60) {
        return customer_begin(merchant);
    }
    uint32_t made = merchant->customer_pool.made;
    for (int i = 0; made > 0 && i < TRIES; i++) {
        uint32_t index = (uint32_t)merchant_below(merchant, made);
        if (merchant->customers[index].used && !merchant->customers[index].deleted) {
            return index;
        }
    }
    return customer_begin(merchant);
}

static void attach_method(struct merchant *merchant, uint32_t index)
{
    struct shop_customer *customer = &merchant->customers[index];
    customer->billed = true;
    customer->method_since_s = merchant_second(merchant);
    id_make(&merchant->ids, "pm_1", customer->method_since_s, customer->method);
    merchant_emit(merchant, (struct queued_event){.emit = EMIT_METHOD_ATTACHED, .index = index});
}

static bool can_be_billed(const struct shop_customer *customer)
{
    return customer->used && !customer->deleted && !customer->method_detached &&
           customer->bills < UINT16_MAX;
}

uint32_t customer_for_billing(struct merchant *merchant)
{
    uint32_t found = UINT32_MAX;
    uint32_t made = merchant->customer_pool.made;
    for (int i = 0; made > 0 && i < TRIES && found == UINT32_MAX; i++) {
        uint32_t index = (uint32_t)merchant_below(merchant, made);
        found = can_be_billed(&merchant->customers[index]) ? index : found;
    }
    if (found == UINT32_MAX || merchant_chance(merchant, 50)) {
        uint32_t fresh = customer_begin(merchant);
        found = fresh != UINT32_MAX ? fresh : found;
    }
    if (found == UINT32_MAX) {
        return found;
    }
    if (merchant->customers[found].method[0] == '\0') {
        attach_method(merchant, found);
    }
    merchant->customers[found].bills++;
    return found;
}

void customer_release(struct merchant *merchant, uint32_t index)
{
    INVARIANT(merchant->customers[index].bills > 0);
    merchant->customers[index].bills--;
}

void customer_detach_method(struct merchant *merchant, uint32_t index)
{
    struct shop_customer *customer = &merchant->customers[index];
    struct queued_event event = {.emit = EMIT_METHOD_DETACHED, .index = index};
    if (customer->method_detached || customer->method_since_s >= merchant_second(merchant)) {
        return;
    }
    previous_add_text(&event.previous, "customer", customer->id);
    customer->method_detached = true;
    merchant_emit(merchant, event);
}

/* An update that changes nothing is none. */
static struct person somebody_else(struct merchant *merchant, struct person than)
{
    struct person person = person_draw(merchant);
    if (person.first == than.first && person.last == than.last) {
        person.first++;
    }
    person.number += person.number == than.number ? 1 : 0;
    return person;
}

void customer_act(struct merchant *merchant, uint32_t index)
{
    struct shop_customer *customer = &merchant->customers[index];
    INVARIANT(customer->used);
    INVARIANT(customer->changes_left > 0);
    customer->changes_left--;
    if (customer->changes_left == 0 && merchant_chance(merchant, 25) && !customer->billed) {
        customer->deleted = true;
        merchant_emit(
            merchant, (struct queued_event){.emit = EMIT_CUSTOMER_DELETED, .index = index});
        customer->busy = false;
        return;
    }
    struct queued_event event = {.emit = EMIT_CUSTOMER_UPDATED, .index = index};
    if (merchant_chance(merchant, 60)) {
        event.previous = (struct previous){.fields = WAS_EMAIL, .person = customer->email};
        customer->email = somebody_else(merchant, customer->email);
    } else {
        event.previous = (struct previous){.fields = WAS_NAME, .person = customer->name};
        customer->name = somebody_else(merchant, customer->name);
    }
    merchant_emit(merchant, event);
    schedule_next(merchant, index);
}

#include "base/check.h"
#include "sandbox/merchant_internal.h"
#include <stdlib.h>

#define SUNDRIES_EVERY 4 /* one sundry event for so many payments */

/* ---- chance ---------------------------------------------------------------------------------- */

uint64_t merchant_random(struct merchant *merchant)
{
    merchant->random_state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64, as in base/env.c */
    uint64_t z = merchant->random_state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The high half of a product instead of a division; uneven by less than one in 2^32, for small
 * limits. */
uint64_t merchant_below(struct merchant *merchant, uint64_t limit)
{
    REQUIRE(limit > 0 && limit <= UINT32_MAX);
    return ((merchant_random(merchant) >> 32) * limit) >> 32;
}

bool merchant_chance(struct merchant *merchant, uint32_t percent)
{
    return merchant_below(merchant, 100) < percent;
}

/* ---- pools ----------------------------------------------------------------------------------- */

static bool pool_init(struct pool *pool, uint32_t room)
{
    *pool = (struct pool){.room = room, .free_slots = calloc(room, sizeof(uint32_t))};
    return pool->free_slots != NULL;
}

bool pool_take(struct pool *pool, uint32_t *ret_index)
{
    if (pool->free_count > 0) {
        *ret_index = pool->free_slots[--pool->free_count];
    } else if (pool->made < pool->room) {
        *ret_index = pool->made++;
    } else {
        return false;
    }
    pool->in_use++;
    return true;
}

void pool_give(struct pool *pool, uint32_t index)
{
    REQUIRE(index < pool->made);
    INVARIANT(pool->in_use > 0);
    pool->free_slots[pool->free_count++] = index;
    pool->in_use--;
}

/* ---- tasks ----------------------------------------------------------------------------------- */

static bool is_before(const struct task *a, const struct task *b)
{
    return a->at_us != b->at_us ? a->at_us < b->at_us : a->order < b->order;
}

void merchant_schedule(
    struct merchant *merchant, enum task_kind kind, uint32_t index, int64_t after_us)
{
    REQUIRE(after_us >= 0);
    INVARIANT(merchant->task_count < merchant->task_room); /* at most one for each object */
    struct task task = {merchant->now_us + after_us, merchant->task_order++, kind, index};
    uint32_t at = merchant->task_count++;
    while (at > 0 && is_before(&task, &merchant->tasks[(at - 1) / 2])) {
        merchant->tasks[at] = merchant->tasks[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    merchant->tasks[at] = task;
}

static struct task take_task(struct merchant *merchant)
{
    REQUIRE(merchant->task_count > 0);
    struct task first = merchant->tasks[0];
    struct task last = merchant->tasks[--merchant->task_count];
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < merchant->task_count &&
            is_before(&merchant->tasks[child + 1], &merchant->tasks[child])) {
            child++;
        }
        if (child >= merchant->task_count || !is_before(&merchant->tasks[child], &last)) {
            break;
        }
        merchant->tasks[at] = merchant->tasks[child];
        at = child;
    }
    merchant->tasks[at] = last;
    return first;
}

/* ---- the shop's day -------------------------------------------------------------------------- */

void merchant_emit(struct merchant *merchant, struct queued_event event)
{
    INVARIANT(merchant->queued_count < QUEUED_EVENTS_MAX);
    merchant->queued[merchant->queued_count++] = event;
    merchant->queued_at_us = merchant->now_us;
}

/* Even over [0, 2 * mean]. */
static int64_t draw_gap(struct merchant *merchant, int64_t mean_us)
{
    int64_t thousandths = (int64_t)merchant_below(merchant, 2001);
    return mean_us < 1000000 ? mean_us * thousandths / 1000 : mean_us / 1000 * thousandths;
}

bool merchant_is_mixed(const struct merchant *merchant)
{
    return merchant->disputes != NULL;
}

static void begin_billing(struct merchant *merchant)
{
    uint32_t customer = customer_for_billing(merchant);
    if (customer == UINT32_MAX) {
        return;
    }
    if (merchant_chance(merchant, 50)) {
        subscription_begin(merchant, customer);
    } else {
        invoice_begin_alone(merchant, customer);
    }
}

/* True: it lives in the slot of the payment. */
static bool begin_other(struct merchant *merchant, uint32_t payment, uint64_t draw)
{
    const struct merchant_mix *mix = &merchant->config.mix;
    if (draw < mix->billing) {
        begin_billing(merchant);
    } else if (draw < mix->billing + mix->payouts) {
        payout_begin(merchant, 0);
    } else if (draw < mix->billing + mix->payouts + mix->adjustments) {
        upkeep_adjust(merchant);
    } else {
        return connect_begin(merchant, payment);
    }
    return false;
}

/* False: no room for another payment. */
static bool begin_something(struct merchant *merchant)
{
    const struct merchant_mix *mix = &merchant->config.mix;
    uint32_t index = 0;
    if (!pool_take(&merchant->payment_pool, &index)) {
        return false;
    }
    if (!merchant_is_mixed(merchant)) {
        payment_begin(merchant, index);
        return true;
    }
    uint64_t draw = merchant_below(merchant, mix->payments + mix->disputes + mix->billing +
                                                 mix->payouts + mix->adjustments + mix->connect);
    if (draw < mix->payments) {
        payment_begin(merchant, index);
    } else if (draw < mix->payments + mix->disputes) {
        payment_begin_as(merchant, index, LIFE_DISPUTED);
    } else if (!begin_other(merchant, index, draw - mix->payments - mix->disputes)) {
        pool_give(&merchant->payment_pool, index);
    }
    return true;
}

/* In days: one beginning in each stretch of the mean gap, somewhere in it; the last ones early
 * enough to come to their end. */
static void schedule_arrival_in_days(struct merchant *merchant)
{
    const struct merchant_config *config = &merchant->config;
    int64_t begin_us = config->start_us + (int64_t)merchant->arrivals * config->mean_gap_us;
    int64_t within_us = (int64_t)merchant_below(merchant, 1000) * config->mean_gap_us / 1000;
    if (begin_us + config->mean_gap_us > config->end_us - MERCHANT_TAIL_US) {
        merchant->winding_down = true;
        return;
    }
    merchant->arrivals++;
    merchant_schedule(merchant, TASK_ARRIVAL, 0, begin_us + within_us - merchant->now_us);
}

static void schedule_arrival(struct merchant *merchant)
{
    if (merchant->config.end_us > 0) {
        schedule_arrival_in_days(merchant);
    } else {
        merchant_schedule(
            merchant, TASK_ARRIVAL, 0, draw_gap(merchant, merchant->config.mean_gap_us));
    }
}

static void arrive(struct merchant *merchant)
{
    if (merchant->winding_down) {
        return;
    }
    if (!begin_something(merchant) && !merchant->config.forgetful) {
        merchant->full = true;
        return;
    }
    schedule_arrival(merchant);
}

static void run(struct merchant *merchant, const struct task *task)
{
    switch (task->kind) {
    case TASK_ARRIVAL:
        arrive(merchant);
        break;
    case TASK_SUNDRY:
        if (!merchant->winding_down && !merchant->full) {
            sundry_act(merchant);
            merchant_schedule(merchant, TASK_SUNDRY, 0,
                draw_gap(merchant, merchant->config.mean_gap_us * SUNDRIES_EVERY));
        }
        break;
    case TASK_CUSTOMER:
        customer_act(merchant, task->index);
        break;
    case TASK_PAYMENT:
        payment_act(merchant, task->index);
        break;
    case TASK_REFUND:
        refund_act(merchant, task->index);
        break;
    case TASK_DAY:
        upkeep_day(merchant, task->index);
        break;
    case TASK_DISPUTE:
    case TASK_SUBSCRIPTION:
    case TASK_INVOICE:
    case TASK_PAYOUT:
    case TASK_ACCOUNT:
    case TASK_TRANSFER:
    case TASK_FEE:
    case TASK_TOPUP:
        course_act(merchant, task->kind, task->index);
        break;
    default:
        UNREACHABLE();
    }
}

/* ---- rendering ------------------------------------------------------------------------------- */

/* Events of a payment share its part of the id, those of others go by the time. */
static void make_event_id(struct merchant *merchant, const struct scene *scene)
{
    if (scene->payment != NULL) {
        id_make(&merchant->ids, "evt_3", scene->payment->created_s, merchant->event_id);
    } else {
        id_make(&merchant->ids, "evt_1", merchant->queued_at_us / 1000000, merchant->event_id);
    }
}

static void render_whole(struct merchant *merchant, const struct scene *scene)
{
    buf_clear(&merchant->whole);
    if (merchant->config.tells_whole) {
        struct scene whole = *scene;
        whole.whole = true;
        whole.version = VERSION_NEWEST;
        shape_render(&whole, SHAPE_EVENT, &merchant->whole);
    }
}

static void render_next(struct merchant *merchant, struct merchant_event *ret_event)
{
    const struct queued_event *event = &merchant->queued[merchant->queued_first];
    struct scene scene = scene_of_event(merchant, event);
    scene.pretty = true;
    merchant->told = *event;
    make_event_id(merchant, &scene);
    buf_clear(&merchant->body);
    shape_render(&scene, SHAPE_EVENT, &merchant->body);
    render_whole(merchant, &scene);
    merchant->counts.events++;
    *ret_event = (struct merchant_event){
        .at_us = merchant->queued_at_us,
        .id = str_from(merchant->event_id),
        .type = str_from(emit_rows[event->emit].type),
        .body = buf_str(&merchant->body),
        .whole = buf_str(&merchant->whole),
        .owner = scene.owner,
        .object = {emit_rows[event->emit].subject, event->index, event->attempt,
            emit_rows[event->emit].once},
    };
    if (++merchant->queued_first == merchant->queued_count) {
        merchant->queued_first = 0;
        merchant->queued_count = 0;
    }
}

/* ---- verbs ----------------------------------------------------------------------------------- */

static bool make_mixed_tables(struct merchant *merchant)
{
    uint32_t each = merchant->config.objects_max / 8;
    merchant->disputes = calloc(each, sizeof *merchant->disputes);
    merchant->subscriptions = calloc(each, sizeof *merchant->subscriptions);
    merchant->invoices = calloc(each, sizeof *merchant->invoices);
    merchant->payouts = calloc(each, sizeof *merchant->payouts);
    merchant->products = calloc(PRODUCTS_MAX, sizeof *merchant->products);
    merchant->transfers = calloc(each, sizeof *merchant->transfers);
    merchant->fees = calloc(each, sizeof *merchant->fees);
    merchant->topups = calloc(each, sizeof *merchant->topups);
    merchant->accounts = calloc(ACCOUNTS_MAX, sizeof *merchant->accounts);
    return merchant->transfers != NULL && merchant->fees != NULL && merchant->topups != NULL &&
           merchant->accounts != NULL && pool_init(&merchant->transfer_pool, each) &&
           pool_init(&merchant->fee_pool, each) && pool_init(&merchant->topup_pool, each) &&
           merchant->disputes != NULL && merchant->subscriptions != NULL &&
           merchant->invoices != NULL && merchant->payouts != NULL && merchant->products != NULL &&
           pool_init(&merchant->dispute_pool, each) &&
           pool_init(&merchant->subscription_pool, each) &&
           pool_init(&merchant->invoice_pool, each) && pool_init(&merchant->payout_pool, each);
}

static bool is_payments_alone(const struct merchant_mix *mix)
{
    return mix->disputes == 0 && mix->billing == 0 && mix->payouts == 0 && mix->connect == 0 &&
           mix->adjustments == 0;
}

static bool make_tables(struct merchant *merchant)
{
    uint32_t most = merchant->config.objects_max;
    uint32_t customers = most / 4, refunds = most / 4, payments = most - customers - refunds;
    bool mixed = !is_payments_alone(&merchant->config.mix) || merchant->config.end_us > 0;
    merchant->task_room = most + 2 + (mixed ? most + 2 * ACCOUNTS_MAX + 1 : 0);
    merchant->customers = calloc(customers, sizeof *merchant->customers);
    merchant->payments = calloc(payments, sizeof *merchant->payments);
    merchant->refunds = calloc(refunds, sizeof *merchant->refunds);
    merchant->tasks = calloc(merchant->task_room, sizeof *merchant->tasks);
    merchant->shapes = shape_set_new();
    return merchant->customers != NULL && merchant->payments != NULL && merchant->refunds != NULL &&
           merchant->tasks != NULL && merchant->shapes != NULL &&
           pool_init(&merchant->customer_pool, customers) &&
           pool_init(&merchant->payment_pool, payments) &&
           pool_init(&merchant->refund_pool, refunds) && (!mixed || make_mixed_tables(merchant));
}

static void begin_tasks(struct merchant *merchant)
{
    if (merchant->config.end_us > 0) {
        schedule_arrival_in_days(merchant);
        upkeep_schedule(merchant, 0);
        return;
    }
    merchant_schedule(merchant, TASK_ARRIVAL, 0, 0);
    if (!merchant_is_mixed(merchant)) {
        merchant_schedule(
            merchant, TASK_SUNDRY, 0, draw_gap(merchant, merchant->config.mean_gap_us));
    }
}

static void make_ids(struct merchant *merchant)
{
    uint64_t seed = merchant->config.seed;
    const char *account = merchant->ids.account;
    id_maker_init(&merchant->ids, seed);
    id_maker_init(&merchant->line_ids, ~seed);
    memcpy(merchant->line_ids.account, account, sizeof merchant->ids.account);
    (void)str_copy_to(merchant->application, sizeof merchant->application, STR("ca_1"));
    memcpy(merchant->application + sizeof "ca_1" - 1, account, sizeof merchant->ids.account);
}

struct merchant *merchant_new(const struct merchant_config *config)
{
    REQUIRE(config != NULL);
    REQUIRE(config->objects_max >= 8);
    REQUIRE(config->mean_gap_us >= 0);
    REQUIRE(config->end_us == 0 || !config->forgetful);
    REQUIRE(config->end_us == 0 || config->end_us >= config->start_us + 2 * MERCHANT_TAIL_US);
    REQUIRE(config->account.len <= LIMIT_PROVIDER_ID_BYTES);
    struct merchant *merchant = calloc(1, sizeof *merchant);
    if (merchant == NULL) {
        return NULL;
    }
    merchant->config = *config;
    (void)str_copy_to(merchant->account, sizeof merchant->account, config->account);
    merchant->config.account = str_from(merchant->account);
    if (is_payments_alone(&config->mix)) {
        merchant->config.mix.payments = 1;
    }
    merchant->random_state = config->seed;
    merchant->now_us = config->start_us;
    make_ids(merchant);
    buf_init(&merchant->body, BODY_BYTES_MAX);
    buf_init(&merchant->whole, BODY_BYTES_MAX);
    if (!make_tables(merchant)) {
        return merchant_free(merchant);
    }
    begin_tasks(merchant);
    return merchant;
}

struct merchant *merchant_free(struct merchant *merchant)
{
    if (merchant != NULL) {
        free(merchant->customers);
        free(merchant->payments);
        free(merchant->refunds);
        free(merchant->tasks);
        free(merchant->customer_pool.free_slots);
        free(merchant->payment_pool.free_slots);
        free(merchant->refund_pool.free_slots);
        free(merchant->disputes);
        free(merchant->dispute_pool.free_slots);
        free(merchant->subscriptions);
        free(merchant->subscription_pool.free_slots);
        free(merchant->invoices);
        free(merchant->invoice_pool.free_slots);
        free(merchant->products);
        free(merchant->payouts);
        free(merchant->payout_pool.free_slots);
        free(merchant->transfers);
        free(merchant->transfer_pool.free_slots);
        free(merchant->fees);
        free(merchant->fee_pool.free_slots);
        free(merchant->topups);
        free(merchant->topup_pool.free_slots);
        free(merchant->accounts);
        for (int i = 0; i <= ACCOUNTS_MAX; i++) {
            lines_fini(&merchant->statements[i]);
        }
        merchant->shapes = shape_set_free(merchant->shapes);
        buf_fini(&merchant->body);
        buf_fini(&merchant->whole);
        free(merchant);
    }
    return NULL;
}

enum err merchant_next(struct merchant *merchant, struct merchant_event *ret_event)
{
    return merchant_next_by(merchant, INT64_MAX, ret_event);
}

static enum err may_go_on(const struct merchant *merchant, int64_t until_us)
{
    int64_t end_us = merchant->config.end_us;
    if (end_us > 0 && (merchant->task_count == 0 || merchant->tasks[0].at_us >= end_us)) {
        return ERR_NOT_FOUND;
    }
    if (merchant->task_count == 0) {
        return merchant->winding_down ? ERR_NOT_FOUND : ERR_TOO_LARGE;
    }
    return merchant->tasks[0].at_us > until_us ? ERR_BUSY : ERR_OK;
}

/* Nothing happens until then: only the clock goes on. */
static void stand_still(struct merchant *merchant, int64_t until_us)
{
    int64_t end_us = merchant->config.end_us;
    int64_t to_us = end_us > 0 && until_us > end_us ? end_us : until_us;
    if (to_us != INT64_MAX && to_us > merchant->now_us) {
        merchant->now_us = to_us;
    }
}

enum err merchant_next_by(
    struct merchant *merchant, int64_t until_us, struct merchant_event *ret_event)
{
    REQUIRE(merchant != NULL);
    while (merchant->queued_count == 0) {
        enum err err = may_go_on(merchant, until_us);
        if (err != ERR_OK) {
            stand_still(merchant, until_us);
            return err;
        }
        struct task task = take_task(merchant);
        INVARIANT(task.at_us >= merchant->now_us);
        merchant->now_us = task.at_us;
        run(merchant, &task);
    }
    render_next(merchant, ret_event);
    return merchant->body.failed || merchant->whole.failed || merchant->out_of_memory
               ? ERR_TOO_LARGE
               : ERR_OK;
}

int64_t merchant_next_at(const struct merchant *merchant)
{
    REQUIRE(merchant != NULL);
    if (merchant->queued_count > 0) {
        return merchant->queued_at_us;
    }
    return merchant->task_count > 0 ? merchant->tasks[0].at_us : INT64_MAX;
}

void merchant_wind_down(struct merchant *merchant)
{
    REQUIRE(merchant != NULL);
    merchant->winding_down = true;
}

void merchant_count(const struct merchant *merchant, struct merchant_counts *ret)
{
    REQUIRE(merchant != NULL);
    *ret = merchant->counts;
}

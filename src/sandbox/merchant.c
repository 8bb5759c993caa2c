#include "base/check.h"
#include "sandbox/merchant_internal.h"

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
    INVARIANT(merchant->queued_count < MERCHANT_ACT_EVENTS_MAX);
    merchant->queued[merchant->queued_count++] = event;
    merchant->queued_at_us = merchant->now_us;
}

static void run(struct merchant *merchant, const struct task *task)
{
    switch (task->kind) {
    case TASK_ARRIVAL:
        arrival_act(merchant);
        break;
    case TASK_SUNDRY:
        arrival_sundry(merchant);
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
#define LIVING(name, things, end) case TASK_##name:
#include "sandbox/living.def"
#undef LIVING
        course_act(merchant, task->kind, task->index);
        break;
    case TASK_COUNT:
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
    faults_touch_event(merchant, ret_event);
    if (++merchant->queued_first == merchant->queued_count) {
        merchant->queued_first = 0;
        merchant->queued_count = 0;
    }
}

/* ---- verbs ----------------------------------------------------------------------------------- */

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

bool merchant_is_amid(const struct merchant *merchant)
{
    REQUIRE(merchant != NULL);
    return merchant->queued_count > 0;
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

#include "base/check.h"
#include "sandbox/merchant_internal.h"

#define MS INT64_C(1000)
#define STEPS_MAX 8
#define LOOK_AGAIN_MS 500 /* of a subscription, for its invoice's end */

struct step {
    uint16_t wait_ms_min, wait_ms_max;
    enum deed deed;
    int argument;
};

static const struct course_row {
    enum task_kind kind;
    const char *word;
    uint32_t weight;
    struct step steps[STEPS_MAX];
} courses[] = {
#define AFTER(from_ms, to_ms, deed, argument)                                                      \
    {                                                                                              \
        (from_ms), (to_ms), DEED_##deed, (argument)                                                \
    }
#define COURSE(name, kind, weight, word, ...) {TASK_##kind, (word), (weight), {__VA_ARGS__}},
#include "sandbox/courses.def"
#undef COURSE
#undef AFTER
};
_Static_assert(sizeof courses / sizeof *courses == COURSE_COUNT, "the enum is of the same rows");

static void (*const deeds[DEED_COUNT])(struct merchant *merchant, uint32_t index, int argument) = {
#define DEED(name, function, help) [DEED_##name] = function,
#include "sandbox/deeds.def"
#undef DEED
};

const char *course_word(size_t course)
{
    REQUIRE(course < COURSE_COUNT);
    return courses[course].word;
}

int course_argument(enum course course)
{
    REQUIRE(course < COURSE_COUNT);
    return courses[course].steps[0].argument;
}

enum course course_draw(struct merchant *merchant, enum task_kind kind)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < COURSE_COUNT; i++) {
        sum += courses[i].kind == kind ? courses[i].weight : 0;
    }
    uint64_t draw = merchant_below(merchant, sum);
    for (size_t i = 0; i < COURSE_COUNT; i++) {
        uint32_t weight = courses[i].kind == kind ? courses[i].weight : 0;
        if (draw < weight) {
            return (enum course)i;
        }
        draw -= weight;
    }
    UNREACHABLE();
}

#define LIVING(name, things, end)                                                                  \
    static struct course_place *place_in_##things(struct merchant *merchant, uint32_t index)       \
    {                                                                                              \
        return &merchant->things[index].place;                                                     \
    }
#include "sandbox/living.def"
#undef LIVING

static const struct living_row {
    struct course_place *(*place)(struct merchant *merchant, uint32_t index);
    void (*end)(struct merchant *merchant, uint32_t index);
} living[TASK_COUNT] = {
#define LIVING(name, things, end) [TASK_##name] = {place_in_##things, end},
#include "sandbox/living.def"
#undef LIVING
};

static const struct living_row *living_row(enum task_kind kind)
{
    REQUIRE(kind < TASK_COUNT && living[kind].place != NULL); /* it lives by courses */
    return &living[kind];
}

static struct course_place *place_of(struct merchant *merchant, enum task_kind kind, uint32_t index)
{
    return living_row(kind)->place(merchant, index);
}

static void end_of(struct merchant *merchant, enum task_kind kind, uint32_t index)
{
    const struct living_row *row = living_row(kind);
    if (row->end != NULL) {
        row->end(merchant, index);
    }
}

static const struct step *step_of(const struct course_place *place)
{
    static const struct step end = {.deed = DEED_END};
    return place->step < STEPS_MAX ? &courses[place->course].steps[place->step] : &end;
}

static void schedule_step(
    struct merchant *merchant, enum task_kind kind, uint32_t index, struct course_place *place)
{
    const struct step *step = step_of(place);
    if (step->deed == DEED_END) {
        place->ended = true;
        end_of(merchant, kind, index);
        return;
    }
    uint64_t spread = (uint64_t)(step->wait_ms_max - step->wait_ms_min) + 1;
    int64_t wait_ms = step->wait_ms_min + (int64_t)merchant_below(merchant, spread);
    bool long_waits = kind == TASK_PAYOUT && merchant->config.end_us > 0;
    merchant_schedule(merchant, kind, index,
        long_waits ? payout_wait_us(merchant, index, wait_ms) : wait_ms * MS);
}

void course_begin(struct merchant *merchant, enum task_kind kind, uint32_t index)
{
    course_begin_as(merchant, kind, index, course_draw(merchant, kind));
}

void course_begin_as(
    struct merchant *merchant, enum task_kind kind, uint32_t index, enum course course)
{
    REQUIRE(course < COURSE_COUNT && courses[course].kind == kind);
    struct course_place *place = place_of(merchant, kind, index);
    *place = (struct course_place){.course = (uint8_t)course};
    course_act(merchant, kind, index);
}

void course_resume(struct merchant *merchant, enum task_kind kind, uint32_t index)
{
    struct course_place *place = place_of(merchant, kind, index);
    INVARIANT(place->waits && !place->ended);
    place->waits = false;
    schedule_step(merchant, kind, index, place);
}

/* How long it must wait still; 0: not at all. */
static int64_t time_to_wait(struct merchant *merchant, enum task_kind kind, uint32_t index)
{
    int64_t last_s = kind == TASK_INVOICE ? invoice_last_event_s(merchant, index)
                                          : place_of(merchant, kind, index)->last_event_s;
    if (kind == TASK_SUBSCRIPTION && merchant->subscriptions[index].busy) {
        return LOOK_AGAIN_MS * MS;
    }
    return merchant_second(merchant) <= last_s ? (last_s + 1) * 1000000 - merchant->now_us : 0;
}

void course_act(struct merchant *merchant, enum task_kind kind, uint32_t index)
{
    struct course_place *place = place_of(merchant, kind, index);
    INVARIANT(!place->ended);
    INVARIANT(!place->waits);
    int64_t wait_us = place->step > 0 ? time_to_wait(merchant, kind, index) : 0;
    if (wait_us > 0) {
        merchant_schedule(merchant, kind, index, wait_us);
        return;
    }
    const struct step *step = step_of(place);
    INVARIANT(deeds[step->deed] != NULL); /* DEED_END has none: it would have ended */
    deeds[step->deed](merchant, index, step->argument);
    place->last_event_s = merchant_second(merchant);
    place->step++;
    if (!place->waits) {
        schedule_step(merchant, kind, index, place);
    }
}

/* Promise 3 for every aggregate that is one object: lives that the tables of states and fields
 * allow end equal in any order, told twice and with parts that come last. Payments with their
 * attempts: test_order. */
#include "domain/decide.h"
#include "domain/life.h"
#include "unit/lives_option.h"

#define LIVES 5000
#define OBJECTS 4
#define SAYINGS 32
#define TARGETS 3

/* One thing that a provider says of one of the life's objects. */
struct saying {
    struct notice notice;
    struct notice_ids ids;
    uint32_t object;
    uint32_t tie_order; /* of those with one stamp the highest is the last */
    bool orderless;     /* nobody knows the order of its second; the lowest stands, contested */
    _Alignas(max_align_t) unsigned char says[RECORD_BYTES_MAX];
};

struct object {
    enum id_kind kind;
    struct own_id id;
    uint32_t learned[NOTICE_LINKS_MAX]; /* whom its learned links name: always the same */
};

struct life {
    struct object objects[OBJECTS];
    struct saying sayings[SAYINGS];
    uint32_t count;
};

struct history {
    unsigned char records[OBJECTS][RECORD_BYTES_MAX] __attribute__((aligned(16)));
    bool heard[SAYINGS];
    uint8_t facts[OBJECTS][EVENT_TYPE_COUNT];
};

static struct life life;
static struct history ordered, other;

static bool likely(uint64_t *chance, uint64_t percent)
{
    return test_random_below(chance, 100) < percent;
}

/* ---- generating ----------------------------------------------------------------------------- */

static struct own_id target_id(enum id_kind kind, uint32_t target)
{
    return (struct own_id){{1, (uint8_t)kind, (uint8_t)target}};
}

static void say_link(struct saying *saying,
    const struct object *object,
    const struct field *field,
    uint32_t link,
    uint64_t *chance)
{
    static const char *const names[TARGETS] = {"one", "two", "three"};
    struct link *said = &saying->notice.object_says.links[link];
    said->state = (enum link_state)test_random_below(chance, 3);
    if (said->state == LINK_NAMED) {
        uint32_t target = field->source == FIELD_LEARNED
                              ? object->learned[link]
                              : (uint32_t)test_random_below(chance, TARGETS);
        said->provider_id = str_from(names[target]);
        saying->ids.links[link] = target_id(field->id_kind, target);
    }
}

static void say_value(const struct field *field, void *record, uint64_t *chance)
{
    static const char *const words[] = {"", "a", "b"};
    void *member = (char *)record + field->offset;
    uint64_t value = test_random_below(chance, 3);
    switch (field->type) {
    case FIELD_INT:
    case FIELD_MINOR:
        *(int64_t *)member = (int64_t)value;
        break;
    case FIELD_TIME:
        *(int64_t *)member = (int64_t)value * 1000000;
        break;
    case FIELD_BOOL:
        *(bool *)member = value == 0;
        break;
    case FIELD_CURRENCY:
        *(struct currency *)member = value == 0 ? (struct currency){""} : (struct currency){"EUR"};
        break;
    case FIELD_TEXT:
        (void)str_copy_to(member, field->size, str_from(words[value]));
        break;
    case FIELD_ENUM:
        *(int *)member = (int)test_random_below(chance, (uint64_t)field->words->count);
        break;
    case FIELD_ID:
        fail_msg("%s is a link", field->name);
    }
}

static void say_fields(struct saying *saying, const struct object *object, uint64_t *chance)
{
    const struct record_kind *kind = record_kind_of(object->kind);
    uint32_t link = 0;
    memset(saying->says, 0, kind->size);
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        if (field->source != FIELD_SAID && field->source != FIELD_LEARNED) {
            continue;
        }
        if (field->type == FIELD_ID) {
            say_link(saying, object, field, link++, chance);
        } else {
            say_value(field, saying->says, chance);
        }
    }
}

static struct saying *say(uint32_t which, struct stamp stamp, uint64_t *chance)
{
    const struct object *object = &life.objects[which];
    struct saying *saying = &life.sayings[life.count];
    memset(saying, 0, offsetof(struct saying, says));
    saying->object = which;
    saying->tie_order = life.count++;
    saying->orderless = stamp.at_us / 1000000 % 3 == 0;
    if (saying->orderless) {
        saying->tie_order = (uint32_t)test_random_below(chance, 1 << 30);
    }
    saying->ids.object = object->id;
    saying->notice.kind = object->kind;
    saying->notice.object = STR("object");
    saying->notice.stamp = stamp;
    saying->notice.object_says.record = saying->says;
    say_fields(saying, object, chance);
    return saying;
}

/* Where the table lets it go from there; it stays where there is nowhere to go. */
static int next_state(enum id_kind kind, int state, bool *walked, uint64_t *chance)
{
    size_t count = 0;
    const struct life_move *moves = life_moves(&count);
    uint64_t seen = 0;
    size_t chosen = count;
    for (size_t i = 0; i < count; i++) {
        if (moves[i].kind == kind && moves[i].from == state &&
            test_random_below(chance, ++seen) == 0) {
            chosen = i;
        }
    }
    if (chosen == count || likely(chance, 20)) {
        return state;
    }
    walked[chosen] = true;
    return moves[chosen].to;
}

static void generate_object(uint32_t which, bool *walked, uint64_t *chance)
{
    struct object *object = &life.objects[which];
    enum id_kind kind = (enum id_kind)test_random_below(chance, ID_KIND_COUNT);
    while (kind == ID_PAYMENT || kind == ID_ATTEMPT) {
        kind = (enum id_kind)test_random_below(chance, ID_KIND_COUNT);
    }
    *object = (struct object){.kind = kind, .id = {{2, (uint8_t)which}}};
    for (uint32_t i = 0; i < NOTICE_LINKS_MAX; i++) {
        object->learned[i] = (uint32_t)test_random_below(chance, TARGETS);
    }
    const struct record_kind *row = record_kind_of(kind);
    int states = row->states->count;
    int state = states == 0 ? 0 : (int)test_random_below(chance, (uint64_t)states);
    struct stamp stamp = {1000000 * (int64_t)(1000 + test_random_below(chance, 3)), 10};
    uint64_t sayings = 1 + test_random_below(chance, SAYINGS / OBJECTS);
    for (uint64_t i = 0; i < sayings; i++) {
        struct saying *saying = say(which, stamp, chance);
        if (states > 0) {
            *(int *)(void *)(saying->says + row->fields[0].offset) = state;
            state = next_state(kind, state, walked, chance);
        }
        stamp.rank += likely(chance, 70) ? 1 : 0; /* else the next is a tie */
        if (likely(chance, 40)) {
            stamp.at_us += 1000000;
            stamp.rank = (int64_t)test_random_below(chance, 20);
        }
    }
}

static void generate(bool *walked, uint64_t *chance)
{
    life.count = 0;
    for (uint32_t i = 0; i < OBJECTS; i++) {
        generate_object(i, walked, chance);
    }
}

/* ---- playing -------------------------------------------------------------------------------- */

static int64_t content(const struct saying *saying)
{
    return notice_content(&saying->notice, &saying->ids);
}

/* Stands in for flow/ties: by the set of what was heard of that second, and by nothing else. */
static const struct saying *last_of_second(
    const struct history *history, const struct saying *mine, bool *ret_contested)
{
    const struct saying *winner = mine;
    bool differ = false;
    for (uint32_t i = 0; i < life.count; i++) {
        const struct saying *one = &life.sayings[i];
        if (!history->heard[i] || one->object != mine->object ||
            one->notice.stamp.at_us != mine->notice.stamp.at_us ||
            one->notice.stamp.rank != mine->notice.stamp.rank) {
            continue;
        }
        differ = differ || content(one) != content(mine);
        bool later = one->tie_order > winner->tie_order;
        winner = one != winner && later != mine->orderless ? one : winner;
    }
    *ret_contested = differ && mine->orderless;
    return winner;
}

static void decide(
    struct history *history, const struct saying *saying, enum tie tie, bool contested)
{
    struct decision decision;
    assert_err(object_decide(history->records[saying->object], &saying->notice, &saying->ids, tie,
                   contested, &decision),
        ERR_OK);
    for (uint32_t i = 0; i < decision.event_count; i++) {
        enum domain_event_type type = decision.events[i].type;
        if (domain_event_is_milestone(type)) {
            history->facts[saying->object][type]++;
        }
    }
}

static void hear(struct history *history, uint32_t which)
{
    const struct saying *saying = &life.sayings[which];
    const void *record = history->records[saying->object];
    history->heard[which] = true;
    enum standing standing = object_standing(record, &saying->notice, &saying->ids);
    if (standing != STANDING_TIE && standing != STANDING_SAME) {
        decide(history, saying, TIE_NONE, false);
        return;
    }
    bool contested = false;
    const struct saying *winner = last_of_second(history, saying, &contested);
    if (content(winner) == content(saying)) {
        decide(history, saying, TIE_WINS, contested);
        return;
    }
    decide(history, saying, TIE_LOSES, contested);
    if (object_standing(record, &winner->notice, &winner->ids) == STANDING_TIE) {
        decide(history, winner, TIE_WINS, contested);
    }
}

static void play(struct history *history, const uint32_t *order, uint32_t count)
{
    memset(history, 0, sizeof *history);
    for (uint32_t i = 0; i < OBJECTS; i++) {
        ((struct record_head *)(void *)history->records[i])->id = life.objects[i].id;
    }
    for (uint32_t i = 0; i < count; i++) {
        hear(history, order[i]);
    }
}

static void assert_equal_ends(uint32_t number)
{
    for (uint32_t i = 0; i < OBJECTS; i++) {
        const struct record_kind *kind = record_kind_of(life.objects[i].kind);
        const struct field *differs = NULL;
        if (!record_business_equal(kind, ordered.records[i], other.records[i], &differs)) {
            fail_msg("life %u: %s.%s differs", number, kind->table, differs->name);
        }
        for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
            if (ordered.facts[i][type] > 1 || ordered.facts[i][type] != other.facts[i][type]) {
                fail_msg("life %u: %s was published %u and %u times", number,
                    domain_event_name((enum domain_event_type)type), ordered.facts[i][type],
                    other.facts[i][type]);
            }
        }
    }
}

/* ---- orders --------------------------------------------------------------------------------- */

static void shuffle(uint32_t *order, uint32_t count, uint64_t *chance)
{
    for (uint32_t i = count; i > 1; i--) {
        uint32_t k = (uint32_t)test_random_below(chance, i);
        uint32_t moved = order[i - 1];
        order[i - 1] = order[k];
        order[k] = moved;
    }
}

/* Moves some to the end. */
static void delay_some(uint32_t *order, uint32_t count, uint64_t *chance)
{
    uint32_t delayed[2 * SAYINGS] = {0};
    uint32_t delayed_count = 0;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (likely(chance, 30)) {
            delayed[delayed_count++] = order[i];
        } else {
            order[kept++] = order[i];
        }
    }
    memcpy(order + kept, delayed, sizeof delayed[0] * delayed_count);
}

static uint32_t repeat_some(uint32_t *order, uint32_t count, uint64_t *chance)
{
    uint32_t all = count;
    for (uint32_t i = 0; i < count; i++) {
        if (likely(chance, 30)) {
            order[all++] = order[i];
        }
    }
    return all;
}

enum way { SHUFFLED, REPEATED, BACK_FILLED, WAYS };

static void play_lives(enum way way)
{
    static bool walked[1024];
    uint64_t chance = test_seed() + (uint64_t)way;
    uint32_t lives = lives_wanted(LIVES);
    for (uint32_t number = 0; number < lives; number++) {
        uint32_t order[2 * SAYINGS] = {0};
        generate(walked, &chance);
        for (uint32_t i = 0; i < life.count; i++) {
            order[i] = i;
        }
        play(&ordered, order, life.count);
        uint32_t count = life.count;
        if (way == REPEATED) {
            count = repeat_some(order, count, &chance);
        }
        if (way == BACK_FILLED) {
            delay_some(order, count, &chance);
        } else {
            shuffle(order, count, &chance);
        }
        play(&other, order, count);
        assert_equal_ends(number);
    }
    print_message("# %u lives\n", lives);
}

static void lives_of_all_aggregates_end_equal_in_any_order(void **state)
{
    (void)state;
    play_lives(SHUFFLED);
}

static void lives_of_all_aggregates_end_equal_when_parts_are_told_twice(void **state)
{
    (void)state;
    play_lives(REPEATED);
}

static void lives_of_all_aggregates_end_equal_when_parts_are_lost_and_filled_in(void **state)
{
    (void)state;
    play_lives(BACK_FILLED);
}

/* Else the properties would say little. Always the same lives: this is about the generator. */
static void the_lives_show_every_move_milestone_and_contested_objects(void **state)
{
    (void)state;
    static bool walked[1024], told[EVENT_TYPE_COUNT];
    uint64_t chance = 1;
    size_t moves_count = 0;
    const struct life_move *moves = life_moves(&moves_count);
    assert_true(moves_count <= sizeof walked);
    uint32_t contested = 0;
    for (uint32_t number = 0; number < LIVES; number++) {
        uint32_t order[SAYINGS];
        generate(walked, &chance);
        for (uint32_t i = 0; i < life.count; i++) {
            order[i] = i;
        }
        play(&ordered, order, life.count);
        for (uint32_t i = 0; i < OBJECTS; i++) {
            size_t at = record_kind_of(life.objects[i].kind)->at.contested;
            contested += *(const bool *)(ordered.records[i] + at) ? 1 : 0;
            for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
                told[type] = told[type] || ordered.facts[i][type] > 0;
            }
        }
    }
    assert_true(contested > 0);
    for (size_t i = 0; i < moves_count; i++) {
        bool here = moves[i].kind != ID_PAYMENT && moves[i].kind != ID_ATTEMPT;
        assert_row(walked[i] || !here, moves[i].when);
    }
    for (int i = 0; i < EVENT_TYPE_COUNT; i++) {
        enum domain_event_type type = (enum domain_event_type)i;
        bool here = domain_event_aggregate(type) != ID_PAYMENT && domain_event_is_milestone(type);
        assert_row(told[i] || !here, domain_event_name(type));
    }
}

LIVES_MAIN("lives",
    TEST(lives_of_all_aggregates_end_equal_in_any_order),
    TEST(lives_of_all_aggregates_end_equal_when_parts_are_told_twice),
    TEST(lives_of_all_aggregates_end_equal_when_parts_are_lost_and_filled_in),
    TEST(the_lives_show_every_move_milestone_and_contested_objects))

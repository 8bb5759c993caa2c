/* inbox.h: effects and their timeline; lists by filter. */
#include "base/limits.h"
#include "world.h"

/* --- effects --- */

static struct inbox_effect effect_of(
    struct world *world, int64_t seq, struct own_id object, int64_t at_us, enum effect effect)
{
    (void)world;
    return (struct inbox_effect){seq, ID_PAYMENT, object, {at_us, 20}, effect, false};
}

static void effects_of_a_second_are_the_set_that_decides_a_tie(void **state)
{
    struct world *world = world_of(state);
    struct own_id object = world_id(world);
    struct own_id other = world_id(world);
    int64_t seqs[6];
    for (int i = 0; i < 6; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        seqs[i] = world_append(world, id);
    }
    int64_t at_us = WORLD_NOW_US;
    struct inbox_effect effects[] = {
        effect_of(world, seqs[1], object, at_us, EFFECT_STALE),
        effect_of(world, seqs[0], object, at_us, EFFECT_APPLIED),
        effect_of(world, seqs[2], object, at_us, EFFECT_SAME),
        effect_of(world, seqs[3], object, at_us + US_PER_SECOND, EFFECT_APPLIED),
        effect_of(world, seqs[4], other, at_us, EFFECT_APPLIED),
        {seqs[5], ID_PAYMENT, object, {at_us, 30}, EFFECT_APPLIED, false},
    };
    world_write(world);
    assert_done(effects_append(world->store, effects, 6, reterr));
    world_commit(world);
    struct tie_event *events = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(
        effects_of_second(world->store, object, at_us, 20, world->arena, &events, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 3);
    bool seen[3] = {false};
    for (uint32_t i = 0; i < count; i++) {
        char id[32];
        char body[64];
        int64_t number = events[i].seq - seqs[0];
        assert_true(number >= 0 && number < 3 && !seen[number]);
        seen[number] = true;
        (void)snprintf(id, sizeof id, "evt_%d", (int)number);
        (void)snprintf(body, sizeof body, "{\"id\":\"%s\",\"object\":\"event\"}", id);
        assert_int64_equal(events[i].rank, 20);
        assert_str_equal_to(events[i].event_id, id);
        assert_str_equal_to(events[i].body, body);
        struct sample *sample = sample_new(world, id);
        assert_memory_equal(events[i].body_sha256, sample->envelope.body_sha256, 32);
        assert_true(i == 0 || memcmp(events[i - 1].body_sha256, events[i].body_sha256, 32) < 0);
    }
}

static void second_that_is_cut_does_not_depend_on_what_came_first(void **state)
{
    struct world *world = world_of(state);
    struct own_id object = world_id(world);
    enum { COUNT = LIMIT_TIE_EVENTS + 5 };
    struct inbox_append *rows = arena_new_array(world->arena, struct inbox_append, COUNT);
    struct inbox_effect *effects = arena_new_array(world->arena, struct inbox_effect, COUNT);
    for (int i = 0; i < COUNT; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i);
        rows[i] = sample_new(world, id)->row;
    }
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, rows, COUNT, reterr));
    for (int i = 0; i < COUNT; i++) {
        effects[i] = effect_of(world, rows[i].seq, object, WORLD_NOW_US, EFFECT_APPLIED);
    }
    assert_done(effects_append(world->store, effects, COUNT, reterr));
    struct tie_event *events = NULL;
    uint32_t count = 0;
    assert_done(effects_of_second(
        world->store, object, WORLD_NOW_US, 20, world->arena, &events, &count, reterr));
    world_commit(world);
    assert_int_equal(count, LIMIT_TIE_EVENTS + 1); /* the caller sees that there are more */
    /* Those with the lowest hashes, whatever the order in which they came. */
    for (int i = 0; i < COUNT; i++) {
        const uint8_t *hash = rows[i].envelope->body_sha256;
        bool among = memcmp(hash, events[count - 1].body_sha256, 32) <= 0;
        uint32_t at = 0;
        while (at < count && events[at].seq != rows[i].seq) {
            at++;
        }
        assert_int_equal(at < count, among);
    }
}

static void effect_decided_again_replaces_the_one_before(void **state)
{
    struct world *world = world_of(state);
    struct own_id object = world_id(world);
    int64_t seq = world_append(world, "evt_1");
    static const struct {
        enum effect next, stands;
    } rows[] = {
        {EFFECT_STALE, EFFECT_STALE},
        {EFFECT_SAME, EFFECT_STALE}, /* says nothing new, so what was said before stands */
        {EFFECT_APPLIED, EFFECT_APPLIED},
        {EFFECT_SAME, EFFECT_APPLIED},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct inbox_effect effect = effect_of(world, seq, object, WORLD_NOW_US, rows[i].next);
        effect.contested = i % 2 == 0;
        struct timeline_entry *entries = NULL;
        uint32_t count = 0;
        world_write(world);
        assert_done(effects_append(world->store, &effect, 1, reterr));
        assert_done(
            effects_of_objects(world->store, &object, 1, world->arena, &entries, &count, reterr));
        world_commit(world);
        assert_int_equal(count, 1);
        assert_int_equal(entries[0].effect.effect, rows[i].stands);
        assert_int_equal(entries[0].effect.contested, effect.contested);
    }
}

static void two_effects_of_one_event_on_one_object_leave_the_one_that_says_more(void **state)
{
    struct world *world = world_of(state);
    struct own_id object = world_id(world);
    int64_t seq = world_append(world, "evt_1");
    static const enum effect pairs[][3] = {
        {EFFECT_APPLIED, EFFECT_SAME, EFFECT_APPLIED},
        {EFFECT_SAME, EFFECT_STALE, EFFECT_STALE},
        {EFFECT_APPLIED, EFFECT_STALE, EFFECT_STALE},
        {EFFECT_SAME, EFFECT_SAME, EFFECT_SAME},
    };
    for (int64_t i = 0; i < 4; i++) {
        int64_t at_us = WORLD_NOW_US + i * US_PER_SECOND;
        struct inbox_effect effects[] = {effect_of(world, seq, object, at_us, pairs[i][0]),
            effect_of(world, seq, object, at_us, pairs[i][1])};
        world_write(world);
        assert_done(effects_append(world->store, effects, 2, reterr));
        world_commit(world);
    }
    struct timeline_entry *entries = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(
        effects_of_objects(world->store, &object, 1, world->arena, &entries, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 4);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(entries[i].effect.effect, pairs[i][2]);
    }
}

static void timeline_of_several_objects_is_in_order(void **state)
{
    struct world *world = world_of(state);
    struct own_id objects[] = {world_id(world), world_id(world), world_id(world)};
    int64_t first = world_append(world, "evt_1");
    int64_t second = world_append(world, "evt_2");
    struct inbox_effect effects[] = {
        {second, ID_ATTEMPT, objects[1], {WORLD_NOW_US, 5}, EFFECT_APPLIED, true},
        {first, ID_PAYMENT, objects[0], {WORLD_NOW_US + US_PER_SECOND, 5}, EFFECT_STALE, false},
        {first, ID_PAYMENT, objects[1], {WORLD_NOW_US, 5}, EFFECT_APPLIED, false},
        {first, ID_PAYMENT, objects[2], {WORLD_NOW_US, 5}, EFFECT_APPLIED, false},
    };
    struct timeline_entry *entries = NULL;
    uint32_t count = 0;
    world_write(world);
    assert_done(effects_append(world->store, effects, 4, reterr));
    assert_done(
        effects_of_objects(world->store, objects, 2, world->arena, &entries, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 3);
    assert_int64_equal(entries[0].effect.seq, first);
    assert_int64_equal(entries[1].effect.seq, second);
    assert_int_equal(entries[1].effect.kind, ID_ATTEMPT);
    assert_true(entries[1].effect.contested);
    assert_int64_equal(entries[2].effect.stamp.at_us, WORLD_NOW_US + US_PER_SECOND);
    assert_int_equal(entries[2].effect.effect, EFFECT_STALE);
    assert_str_equal_to(entries[2].event_id, "evt_1");
    assert_int64_equal(entries[2].received_us, WORLD_NOW_US);
}

/* --- lists --- */

/* evt_1 .. evt_6: types a.b, a.b.c, a/b, a., z; states applied, dead, waiting, new. */
static void make_inbox(struct world *world)
{
    static const char *const types[] = {"a.b", "a.b.c", "a/b", "a.", "z", "a.b"};
    static const enum work_status statuses[] = {
        WORK_APPLIED, WORK_DEAD, WORK_WAITING, WORK_DEAD, WORK_RECORDED, WORK_NEW};
    for (int i = 0; i < 6; i++) {
        char id[32];
        (void)snprintf(id, sizeof id, "evt_%d", i + 1);
        struct sample *sample = sample_new(world, id);
        sample->envelope.type = str_from(types[i]);
        sample->row.received_us = WORLD_NOW_US + i;
        world_write(world);
        assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
        if (statuses[i] != WORK_NEW) {
            struct inbox_event *events = NULL;
            assert_int_equal(claim_on(world, world->store, 1, WORLD_NOW_US, 1, &events), 1);
            assert_err(finish_on(world, world->store, 1, events, 1, statuses[i]), ERR_OK);
        }
        world_commit(world);
    }
}

struct list_case {
    const char *name;
    struct inbox_filter filter;
    const char *expected; /* the last digits of the event ids */
};

static void list_takes_what_the_filter_says(void **state)
{
    struct world *world = world_of(state);
    make_inbox(world);
    struct own_id ignored = world_id(world);
    (void)ignored;
    const struct list_case cases[] = {
        {"all", {0}, "123456"},
        {"limit", {.limit = 2}, "12"},
        {"newest first", {.newest_first = true, .limit = 2}, "65"},
        {"dead", {.by_status = true, .status = WORK_DEAD}, "24"},
        {"dead, newest first", {.by_status = true, .status = WORK_DEAD, .newest_first = true},
            "42"},
        {"new", {.by_status = true, .status = WORK_NEW}, "6"},
        {"waiting", {.by_status = true, .status = WORK_WAITING}, "3"},
        {"applied", {.by_status = true, .status = WORK_APPLIED}, "1"},
        {"type", {.type = STR("a.b")}, "16"},
        {"type by prefix", {.type = STR("a.*")}, "1246"},
        {"a star alone is no prefix", {.type = STR("*")}, ""},
        {"event id", {.event_id = STR("evt_4")}, "4"},
        {"event id of none", {.event_id = STR("evt_")}, ""},
        {"error", {.error = STR("MALFORMED")}, "234"},
        {"error and status", {.by_status = true, .status = WORK_DEAD, .error = STR("MALFORMED")},
            "24"},
        {"another error", {.error = STR("OVERFLOW")}, ""},
        {"another scope", {.scope = 999}, ""},
        {"from", {.received_from_us = WORLD_NOW_US + 4}, "56"},
        {"to is exclusive", {.received_to_us = WORLD_NOW_US + 1}, "1"},
        {"from and to", {.received_from_us = WORLD_NOW_US + 1, .received_to_us = WORLD_NOW_US + 3},
            "23"},
        {"everything at once",
            {.by_status = true,
                .status = WORK_DEAD,
                .type = STR("a.b.*"),
                .event_id = STR("evt_2"),
                .error = STR("MALFORMED"),
                .scope = world->scope,
                .received_from_us = 1,
                .received_to_us = INT64_MAX,
                .newest_first = true,
                .limit = 5},
            "2"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct inbox_row *rows = NULL;
        uint32_t count = 0;
        world_read(world);
        assert_done(
            inbox_list(world->store, &cases[i].filter, world->arena, &rows, &count, reterr));
        world_commit(world);
        char found[16] = "";
        for (uint32_t at = 0; at < count; at++) {
            found[at] = rows[at].event_id.data[rows[at].event_id.len - 1];
        }
        assert_row(strcmp(found, cases[i].expected) == 0, cases[i].name);
    }
}

static void list_goes_on_after_a_seq(void **state)
{
    struct world *world = world_of(state);
    make_inbox(world);
    struct inbox_row *rows = NULL;
    uint32_t count = 0;
    struct inbox_filter filter = {.limit = 4};
    world_read(world);
    assert_done(inbox_list(world->store, &filter, world->arena, &rows, &count, reterr));
    filter.after_seq = rows[count - 1].seq;
    assert_done(inbox_list(world->store, &filter, world->arena, &rows, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 2);
    assert_str_equal_to(rows[0].event_id, "evt_5");
    assert_int_equal(rows[0].status, WORK_RECORDED);
    assert_int_equal(rows[0].reason, REASON_NOT_MODELLED);
}

static void stats_of_an_empty_inbox_are_zero(void **state)
{
    struct inbox_stats stats = world_stats(world_of(state));
    assert_int64_equal(stats.total, 0);
    assert_int64_equal(stats.oldest_open_us, 0);
    assert_int64_equal(stats.oldest_waiting_us, 0);
    assert_int64_equal(stats.oldest_dead_us, 0);
}

static void stats_count_every_event_once(void **state)
{
    struct world *world = world_of(state);
    make_inbox(world);
    struct inbox_stats stats = world_stats(world);
    assert_int64_equal(stats.total, 6);
    assert_int64_equal(stats.by_status[WORK_NEW], 1);
    assert_int64_equal(stats.by_status[WORK_WAITING], 1);
    assert_int64_equal(stats.by_status[WORK_APPLIED], 1);
    assert_int64_equal(stats.by_status[WORK_RECORDED], 1);
    assert_int64_equal(stats.by_status[WORK_DEAD], 2);
    assert_int64_equal(stats.oldest_open_us, WORLD_NOW_US + 2);
    assert_int64_equal(stats.oldest_waiting_us, WORLD_NOW_US + 2);
    assert_int64_equal(stats.oldest_dead_us, WORLD_NOW_US + 1);
}

TESTS_MAIN("look",
    WORLD_TEST(effects_of_a_second_are_the_set_that_decides_a_tie),
    WORLD_TEST(second_that_is_cut_does_not_depend_on_what_came_first),
    WORLD_TEST(effect_decided_again_replaces_the_one_before),
    WORLD_TEST(two_effects_of_one_event_on_one_object_leave_the_one_that_says_more),
    WORLD_TEST(timeline_of_several_objects_is_in_order),
    WORLD_TEST(list_takes_what_the_filter_says),
    WORLD_TEST(list_goes_on_after_a_seq),
    WORLD_TEST(stats_of_an_empty_inbox_are_zero),
    WORLD_TEST(stats_count_every_event_once))

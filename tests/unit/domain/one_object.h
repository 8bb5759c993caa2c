/* one_object: one aggregate that is one object of the provider, through its life in tests.
 *
 * Layer: tests. Needs domain.
 */
#pragma once

#include "domain/decide.h"
#include "unit/notices.h"

#define SECOND(n) ((int64_t)(n)*1000000)
#define LIFE_MAX 4 /* snapshots whose orders are all tried */

struct one_object {
    _Alignas(max_align_t) unsigned char record[RECORD_BYTES_MAX];
    struct decision decision;        /* the last one */
    uint32_t told[EVENT_TYPE_COUNT]; /* how often each event was published */
    uint32_t told_late[EVENT_TYPE_COUNT];
};

/* What an object says at one second; links are set with change_link. */
static inline struct notice object_says(
    enum id_kind kind, const void *says, int64_t second, int64_t rank)
{
    return (struct notice){.kind = kind,
        .stamp = {SECOND(second), rank},
        .object = STR("object"),
        .object_says = {.record = notice_record(says, record_kind_of(kind)->size)}};
}

static inline void one_object_init(struct one_object *one)
{
    *one = (struct one_object){.decision = {.event_count = 0}};
    struct record_head *head = (void *)one->record;
    head->id.bytes[0] = 1;
}

/* Links are resolved to ids that are as different as their names' first bytes. */
static inline enum err one_object_try(struct one_object *one, const struct notice *notice)
{
    struct notice_ids ids = {.object = ((struct record_head *)(void *)one->record)->id};
    for (uint32_t i = 0; i < NOTICE_LINKS_MAX; i++) {
        if (notice->object_says.links[i].state == LINK_NAMED) {
            ids.links[i].bytes[0] = (uint8_t)notice->object_says.links[i].provider_id.data[0];
        }
    }
    TRY(object_decide(one->record, notice, &ids, TIE_NONE, false, &one->decision));
    for (uint32_t i = 0; i < one->decision.event_count; i++) {
        one->told[one->decision.events[i].type]++;
        one->told_late[one->decision.events[i].type] += one->decision.events[i].late;
    }
    return ERR_OK;
}

static inline void one_object_take(struct one_object *one, const struct notice *notice)
{
    assert_err(one_object_try(one, notice), ERR_OK);
}

/* A row for each state: it alone opens the object and proves that event; -1: none. */
static inline void assert_states_prove(
    enum id_kind kind, const void *says, const int *facts, int state_count)
{
    const struct record_kind *of = record_kind_of(kind);
    assert_int_equal(of->states->count, state_count);
    for (int state = 0; state < state_count; state++) {
        struct one_object one;
        one_object_init(&one);
        struct notice notice = object_says(kind, says, 300, 1);
        memcpy((char *)notice_change(&notice) + of->fields[0].offset, &state, sizeof state);
        one_object_take(&one, &notice);
        const char *word = of->states->words[state];
        assert_row(one.told[of->first_event] == 1, word);
        assert_row(one.decision.event_count == (facts[state] >= 0 ? 2 : 1), word);
        assert_row(facts[state] < 0 || one.told[facts[state]] == 1, word);
        assert_row(*(int *)(void *)(one.record + of->fields[0].offset) == state, word);
        one_object_take(&one, &notice);
        assert_row(one.decision.effect == EFFECT_SAME && one.decision.event_count == 0, word);
    }
    assert_string_equal(of->states->words[state_count - 1], "unknown");
}

/* A row for each state from which, a column for each to which it may move: x moves, . must not. */
static inline void assert_moves(enum id_kind kind, const char *const *rows, int state_count)
{
    const struct word_table *states = record_kind_of(kind)->states;
    for (int from = 0; from < state_count; from++) {
        assert_row(strlen(rows[from]) == (size_t)state_count, states->words[from]);
        for (int to = 0; to < state_count; to++) {
            assert_row(life_move_is_allowed(kind, from, to) == (rows[from][to] == 'x'),
                states->words[from]);
        }
    }
}

static inline void one_object_play(
    struct one_object *one, const struct notice *notices, const uint32_t *order, uint32_t count)
{
    one_object_init(one);
    for (uint32_t i = 0; i < count; i++) {
        one_object_take(one, &notices[order[i]]);
        one_object_take(one, &notices[order[i]]); /* and once more, as webhooks do */
    }
}

static inline void assert_ends_equal(
    enum id_kind kind, const struct one_object *a, const struct one_object *b)
{
    const struct field *differs = NULL;
    if (!record_business_equal(record_kind_of(kind), a->record, b->record, &differs)) {
        fail_msg("%s differs", differs->name);
    }
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        if (domain_event_is_milestone((enum domain_event_type)type)) {
            const char *name = domain_event_name((enum domain_event_type)type);
            assert_row(a->told[type] == b->told[type] && a->told[type] <= 1, name);
        }
    }
}

/* All orders of the snapshots end as the given one, and publish the same facts, each once. */
static inline void assert_any_order_ends_equal(
    enum id_kind kind, const struct notice *notices, uint32_t count)
{
    assert_in_range(count, 2, LIFE_MAX);
    static struct one_object as_given;
    static struct one_object other;
    uint32_t order[LIFE_MAX] = {0, 1, 2, 3};
    one_object_play(&as_given, notices, order, count);
    uint32_t turns[LIFE_MAX] = {0}; /* Heap's algorithm */
    for (uint32_t at = 1; at < count;) {
        if (turns[at] >= at) {
            turns[at++] = 0;
            continue;
        }
        uint32_t from = at % 2 == 0 ? 0 : turns[at];
        uint32_t swapped = order[from];
        order[from] = order[at];
        order[at] = swapped;
        one_object_play(&other, notices, order, count);
        assert_ends_equal(kind, &as_given, &other);
        turns[at]++;
        at = 1;
    }
}

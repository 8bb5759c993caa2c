#include "conformance/provider_life.h"
#include "base/env.h"
#include "store/feed.h"
#include "store/records.h"
#include "store/refs.h"
#include "flow/project.h"
#include "unit/testing.h"

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define LEASE_US INT64_C(60000000)
#define FEED_MAX 1000

void life_open(struct life *life, const struct provider_samples *samples)
{
    const char *engine = getenv("COUNTERFOIL_TEST_ENGINE");
    *life = (struct life){.samples = samples, .arena = arena_new(ARENA_BYTES)};
    assert_non_null(life->arena);
    store_fixture_open(&life->fixture, engine == NULL ? "sqlite" : engine);
}

void life_close(struct life *life)
{
    store_fixture_close(&life->fixture);
    (void)arena_free(life->arena);
}

int64_t life_scope(struct life *life, int64_t number)
{
    char name[48];
    int64_t scope = 0;
    (void)snprintf(name, sizeof name, "life-%" PRId64, number);
    struct scope_key key = {str_from(life->samples->provider->name), true, str_from(name)};
    assert_done(scope_ensure(life->fixture.store, &key, &scope, reterr));
    return scope;
}

bool life_tell(struct life *life, int64_t scope, uint32_t message)
{
    struct envelope envelope;
    struct str body = str_from(life->samples->messages[message].body);
    sample_accept(life->samples, body, life->arena, &envelope);
    struct inbox_append row = {.scope = scope,
        .envelope = &envelope,
        .body = body,
        .proof = STR("test"),
        .received_us = SAMPLE_NOW_US};
    assert_done(inbox_append(life->fixture.store, life->arena, &row, 1, reterr));
    return !row.duplicate;
}

void life_project(struct life *life, uint32_t batch_rows_max)
{
    CLEANUP(projector_free)
    struct projector *projector =
        projector_new(life->fixture.store, life->samples->provider, env_system(),
            &(struct projector_limits){.batch_rows_max = batch_rows_max, .lease_us = LEASE_US});
    assert_non_null(projector);
    int64_t wake_us = 0;
    while (wake_us != INT64_MAX) {
        uint32_t count = 0;
        assert_done(project_step(projector, env_now(env_system()), &count, &wake_us, reterr));
        assert_true(count > 0 || wake_us == INT64_MAX);
    }
}

/* --- the end --- */

struct known { /* the life's objects in one scope */
    enum id_kind kind;
    const char *provider_id;
    struct own_id id;
};

static void find_all(struct life *life, int64_t scope, struct known to[static LIFE_OBJECTS])
{
    const struct sample_life *ids = &life->samples->life;
    const struct known objects[LIFE_OBJECTS] = {
        {ID_PAYMENT, ids->payment, {{0}}},
        {ID_ATTEMPT, ids->attempt, {{0}}},
        {ID_CUSTOMER, ids->customer, {{0}}},
        {ID_REFUND, ids->refund, {{0}}},
        {ID_DISPUTE, ids->dispute, {{0}}},
        {ID_PAYOUT, ids->payout, {{0}}},
    };
    for (uint32_t i = 0; i < LIFE_OBJECTS; i++) {
        int64_t found = 0;
        to[i] = objects[i];
        assert_done(ref_find(life->fixture.store, scope, objects[i].kind,
            str_from(objects[i].provider_id), &to[i].id, &found, reterr));
    }
}

/* What an id points to is the same in every history; the id itself is not. */
static void place_of(const struct known known[static LIFE_OBJECTS], struct own_id *id)
{
    if (own_id_is_none(*id)) {
        return;
    }
    for (uint8_t i = 0; i < LIFE_OBJECTS; i++) {
        if (own_id_eq(known[i].id, *id)) {
            *id = (struct own_id){{0}};
            id->bytes[0] = (uint8_t)(i + 1);
            return;
        }
    }
    fail_msg("an id of an object that is not in this life");
}

static const void *record_at(
    struct life *life, const struct known known[static LIFE_OBJECTS], uint32_t index)
{
    const struct record_kind *kind = record_kind_of(known[index].kind);
    struct own_id id = known[index].id;
    void **records = NULL;
    assert_done(
        records_load(life->fixture.store, kind, &id, 1, false, life->arena, &records, reterr));
    for (size_t i = 0; records[0] != NULL && i < kind->field_count; i++) {
        if (kind->fields[i].type == FIELD_ID) {
            void *member = (char *)records[0] + kind->fields[i].offset;
            place_of(known, member);
        }
    }
    return records[0];
}

static void count_milestones(struct life *life, int64_t scope, uint32_t *to)
{
    struct feed_entry *entries = NULL;
    uint32_t count = 0;
    assert_done(
        feed_read(life->fixture.store, scope, 0, FEED_MAX, life->arena, &entries, &count, reterr));
    assert_true(count < FEED_MAX);
    for (uint32_t i = 0; i < count; i++) {
        to[entries[i].type] += domain_event_is_milestone(entries[i].type) ? 1 : 0;
    }
}

struct life_end life_end(struct life *life, int64_t scope)
{
    struct known known[LIFE_OBJECTS];
    struct life_end end = {.records = {NULL}};
    find_all(life, scope, known);
    for (uint32_t i = 0; i < LIFE_OBJECTS; i++) {
        end.records[i] = record_at(life, known, i);
    }
    count_milestones(life, scope, end.milestones);
    return end;
}

static const enum id_kind kinds[LIFE_OBJECTS] = {
    ID_PAYMENT, ID_ATTEMPT, ID_CUSTOMER, ID_REFUND, ID_DISPUTE, ID_PAYOUT};

static void assert_same_record(
    enum id_kind id_kind, const void *expected, const void *actual, bool words, const char *name)
{
    const struct record_kind *kind = record_kind_of(id_kind);
    if (expected == NULL || actual == NULL) {
        assert_row(expected == actual, name);
        return;
    }
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        if (field_is_business(field) && (words || field->type != FIELD_TEXT) &&
            !field_equal(field, expected, actual)) {
            print_error("%s: %s.%s differs\n", name, kind->table, field->name);
            fail();
        }
    }
    assert_row(!words || record_business_equal(kind, expected, actual, NULL), name);
}

void life_assert_same_end(
    const struct life_end *expected, const struct life_end *actual, bool words, const char *name)
{
    for (uint32_t i = 0; i < LIFE_OBJECTS; i++) {
        assert_same_record(kinds[i], expected->records[i], actual->records[i], words, name);
    }
    for (int i = 0; i < EVENT_TYPE_COUNT; i++) {
        if (expected->milestones[i] != actual->milestones[i]) {
            print_error("%s: %s: %u times, expected %u\n", name,
                domain_event_name((enum domain_event_type)i), actual->milestones[i],
                expected->milestones[i]);
            fail();
        }
    }
}

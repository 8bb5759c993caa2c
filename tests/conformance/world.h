/* world: what every test of this suite begins with: a fresh store of the engine that
 * COUNTERFOIL_TEST_ENGINE names ("sqlite", "postgresql"), a scope, an arena, and helpers that fail
 * the test by themselves.
 *
 * The same tests run on both engines: what they hold is promised by the headers of src/store.
 *
 * Layer: tests.
 */
#pragma once

#include "base/timestamp.h"
#include "store/audit.h"
#include "store/feed.h"
#include "store/inbox.h"
#include "store/records.h"
#include "store/refs.h"
#include "unit/store_fixture.h"
#include "unit/testing.h"

#define WORLD_NOW_US INT64_C(1790000000000000) /* 2026-09-21 */
#define LEASE_US (60 * US_PER_SECOND)

struct world {
    struct store_fixture fixture;
    struct store *store; /* the fixture's */
    struct arena *arena;
    struct env_virtual virtual; /* for ids: its random bytes follow the seed */
    int64_t scope;
    bool is_sqlite;
};

/* Set-up and tear-down of one test. */
int world_open(void **state);
int world_close(void **state);
static inline struct world *world_of(void **state)
{
    return *state;
}
#define WORLD_TEST(function) TEST_WITH(function, world_open, world_close)

struct store *world_another(struct world *world, enum store_access access); /* to be closed */
struct world *world_empty(void **state); /* its store has no schema yet */
void begin_on(struct store *store, enum store_access access);
void commit_on(struct store *store);
static inline void world_write(struct world *world)
{
    begin_on(world->store, STORE_WRITE);
}
static inline void world_read(struct world *world)
{
    begin_on(world->store, STORE_READ);
}
static inline void world_commit(struct world *world)
{
    commit_on(world->store);
}

/* --- inbox events --- */

struct sample {
    struct envelope envelope;
    struct inbox_append row;
};
/* An event of type charge.succeeded whose body names its id; everything lives in the arena. */
struct sample *sample_new(struct world *world, const char *event_id);
void sample_set_body(struct sample *sample, struct str body); /* hashes and content too */
/* Each in a transaction of its own; returns the seq. */
int64_t world_append(struct world *world, const char *event_id);
/* In the transaction that is open; returns the count. */
uint32_t claim_on(struct world *world,
    struct store *store,
    int64_t token,
    int64_t now_us,
    uint32_t row_max,
    struct inbox_event **ret_events);
enum err finish_on(struct world *world,
    struct store *store,
    int64_t token,
    const struct inbox_event *events,
    uint32_t count,
    enum work_status status);
struct inbox_stats world_stats(struct world *world);
struct inbox_row world_row(struct world *world, int64_t seq);

/* --- ids and records --- */

struct own_id world_id(struct world *world); /* a new one */
struct payment *payment_new(struct world *world);
struct attempt *attempt_new(struct world *world, struct own_id payment);
struct refund *refund_new(struct world *world, struct own_id payment, struct own_id attempt);
/* Writes one record in a transaction of its own. */
void world_save(struct world *world, enum id_kind kind, void *record);
void *world_load(struct world *world, enum id_kind kind, struct own_id id); /* NULL: none */

/* --- the same data by another door: the engine's own library, one connection a call --- */

int64_t raw_int(struct world *world, const char *sql);
struct str raw_text(struct world *world, const char *sql); /* in the arena; "" for NULL */
bool raw_run(struct world *world, const char *sql);        /* false when it was refused */

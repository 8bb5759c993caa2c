/* provider_life: tells a provider's life to the real flow on a real store, in any order, and looks
 * at where it ends.
 *
 * The engine is the one that COUNTERFOIL_TEST_ENGINE names.
 *
 * Layer: tests. Needs flow.
 */
#pragma once

#include "domain/domain_event.h"
#include "conformance/provider_samples.h"
#include "unit/store_fixture.h"

#define LIFE_OBJECTS 6

struct life {
    const struct provider_samples *samples;
    struct store_fixture fixture;
    struct arena *arena;
};

/* Where a life ended: each object of it, NULL where it was never seen, and how often each milestone
 * was published. Own ids are the object's position here, so that two ends can be compared. */
struct life_end {
    const void *records[LIFE_OBJECTS];
    uint32_t milestones[EVENT_TYPE_COUNT];
};

void life_open(struct life *life, const struct provider_samples *samples);
void life_close(struct life *life);

/* A scope of its own for each history. In a transaction that is open. */
int64_t life_scope(struct life *life, int64_t number);
/* Keeps one message as the door would. False when it was there already. In a transaction. */
bool life_tell(struct life *life, int64_t scope, uint32_t message);
/* Until nothing is due. */
void life_project(struct life *life, uint32_t batch_rows_max);

/* In the arena. In a transaction. */
struct life_end life_end(struct life *life, int64_t scope);

/* Fails the test where a business field or a count differs. `words`: also the provider's own words,
 * which two providers do not share. */
void life_assert_same_end(
    const struct life_end *expected, const struct life_end *actual, bool words, const char *name);

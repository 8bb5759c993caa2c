/* derive: a Payment out of what it says itself and what its attempts say. Private to this folder.
 *
 * Nothing here looks at the order in which anything came, nor compares own ids for more than
 * equality: they are random, and two histories of the same events must end equal.
 *
 * Layer: domain.
 */
#pragma once

#include "domain/snapshot.h"

/* Writes all business fields of the payment but `contested`. ERR_OVERFLOW: some may be written
 * already; the caller puts the old record back. */
MUST_USE enum err payment_derive(struct payment_aggregate *aggregate);

/* Publishes a fact of the payment once. */
void payment_learn(struct payment *payment,
    enum domain_event_type type,
    int64_t occurred_at_us,
    bool late,
    struct decision *decision);

/* Adds payment.linked and payment.changed for what is now otherwise than in `was`, unless a
 * milestone of the same decision has shown it already: its body is the whole payment. */
void payment_tell_changes(const struct payment *was,
    const struct payment *now,
    int64_t at_us,
    bool late,
    struct decision *decision);

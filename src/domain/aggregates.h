/* aggregates: Payment with its attempts, Refund, Customer: fields, states and allowed moves.
 *
 * Layer: domain. Tables: payment.def attempt.def refund.def customer.def state.def.
 */
#pragma once

#include "domain/record.h"

/* state.def: STATE(AGGREGATE, NAME, "word", final, "help") and MOVE(AGGREGATE, FROM, TO, "when"). A
 * move outside the table is accepted, because the newest snapshot is the truth, and reported
 * (decision.unexpected). */
enum payment_state {
#define STATE_PAYMENT(name, word, help) PAYMENT_##name,
#define STATE_ATTEMPT(name, word, help)
#define STATE_REFUND(name, word, help)
#define STATE(aggregate, name, word, help) STATE_##aggregate(name, word, help)
#define MOVE(aggregate, from, to, when)
#include "domain/state.def"
#undef STATE_PAYMENT
#undef STATE_ATTEMPT
    PAYMENT_STATE_COUNT
};
enum attempt_state {
#define STATE_PAYMENT(name, word, help)
#define STATE_ATTEMPT(name, word, help) ATTEMPT_##name,
#include "domain/state.def"
#undef STATE_ATTEMPT
#undef STATE_REFUND
    ATTEMPT_STATE_COUNT
};
enum refund_state {
#define STATE_ATTEMPT(name, word, help)
#define STATE_REFUND(name, word, help) REFUND_##name,
#include "domain/state.def"
#undef STATE_PAYMENT
#undef STATE_ATTEMPT
#undef STATE_REFUND
#undef STATE
#undef MOVE
    REFUND_STATE_COUNT
};

extern const struct word_table payment_states, attempt_states, refund_states;

#define FIELD(type, member, argument, visibility, help) MEMBER_##type(member, argument)
struct payment {
    struct record_head head;
#include "domain/payment.def"
};
struct attempt {
    struct record_head head;
#include "domain/attempt.def"
};
struct refund {
    struct record_head head;
#include "domain/refund.def"
};
struct customer {
    struct record_head head;
#include "domain/customer.def"
};
#undef FIELD

bool payment_move_is_allowed(enum payment_state from, enum payment_state to);
bool attempt_move_is_allowed(enum attempt_state from, enum attempt_state to);
bool refund_move_is_allowed(enum refund_state from, enum refund_state to);

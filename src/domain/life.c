#include "base/check.h"
#include "domain/aggregates.h"

#define WORD_TABLE(count, name)                                                                    \
    _Static_assert(sizeof name##_words / sizeof name##_words[0] == (count), "each has its word");  \
    const struct word_table name = {name##_words, (count)}

/* Each aggregate takes its own rows of the table; the other rows become nothing. */
#define STATE(aggregate, name, word, help) STATE_##aggregate(name, word)
#define MOVE(aggregate, from, to, when)
#define STATE_PAYMENT(name, word) [PAYMENT_##name] = (word),
#define STATE_ATTEMPT(name, word)
#define STATE_REFUND(name, word)
static const char *const payment_states_words[] = {
#include "domain/state.def"
};
#undef STATE_PAYMENT
#undef STATE_ATTEMPT
#define STATE_PAYMENT(name, word)
#define STATE_ATTEMPT(name, word) [ATTEMPT_##name] = (word),
static const char *const attempt_states_words[] = {
#include "domain/state.def"
};
#undef STATE_ATTEMPT
#undef STATE_REFUND
#define STATE_ATTEMPT(name, word)
#define STATE_REFUND(name, word) [REFUND_##name] = (word),
static const char *const refund_states_words[] = {
#include "domain/state.def"
};
#undef STATE
#undef MOVE

WORD_TABLE(PAYMENT_STATE_COUNT, payment_states);
WORD_TABLE(ATTEMPT_STATE_COUNT, attempt_states);
WORD_TABLE(REFUND_STATE_COUNT, refund_states);

#define STATE(aggregate, name, word, help)
#define MOVE(aggregate, from, to, when) MOVE_##aggregate(from, to)
#define MOVE_PAYMENT(from, to) [PAYMENT_##from][PAYMENT_##to] = true,
#define MOVE_ATTEMPT(from, to)
#define MOVE_REFUND(from, to)
static const bool payment_moves[PAYMENT_STATE_COUNT][PAYMENT_STATE_COUNT] = {
#include "domain/state.def"
};
#undef MOVE_PAYMENT
#undef MOVE_ATTEMPT
#define MOVE_PAYMENT(from, to)
#define MOVE_ATTEMPT(from, to) [ATTEMPT_##from][ATTEMPT_##to] = true,
static const bool attempt_moves[ATTEMPT_STATE_COUNT][ATTEMPT_STATE_COUNT] = {
#include "domain/state.def"
};
#undef MOVE_ATTEMPT
#undef MOVE_REFUND
#define MOVE_ATTEMPT(from, to)
#define MOVE_REFUND(from, to) [REFUND_##from][REFUND_##to] = true,
static const bool refund_moves[REFUND_STATE_COUNT][REFUND_STATE_COUNT] = {
#include "domain/state.def"
};

/* Staying is no move, and of a state that this version does not know nothing can be said. */
bool payment_move_is_allowed(enum payment_state from, enum payment_state to)
{
    REQUIRE((unsigned)from < PAYMENT_STATE_COUNT);
    REQUIRE((unsigned)to < PAYMENT_STATE_COUNT);
    return from == to || from == PAYMENT_UNKNOWN || to == PAYMENT_UNKNOWN ||
           payment_moves[from][to];
}

bool attempt_move_is_allowed(enum attempt_state from, enum attempt_state to)
{
    REQUIRE((unsigned)from < ATTEMPT_STATE_COUNT);
    REQUIRE((unsigned)to < ATTEMPT_STATE_COUNT);
    return from == to || from == ATTEMPT_UNKNOWN || to == ATTEMPT_UNKNOWN ||
           attempt_moves[from][to];
}

bool refund_move_is_allowed(enum refund_state from, enum refund_state to)
{
    REQUIRE((unsigned)from < REFUND_STATE_COUNT);
    REQUIRE((unsigned)to < REFUND_STATE_COUNT);
    return from == to || from == REFUND_UNKNOWN || to == REFUND_UNKNOWN || refund_moves[from][to];
}

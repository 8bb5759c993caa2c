#include "domain/life.h"
#include "base/check.h"
#include "domain/aggregates.h"

/* One word more than there are states: no array may be empty. */
#define AGGREGATE(NAME, name, prefix, help)                                                        \
    static const char *const name##_words[] = {[NAME##_STATE_COUNT] = NULL,
#define STATE(NAME, state, word, fact, help) [NAME##_##state] = (word),
#define END(NAME, name)                                                                            \
    }                                                                                              \
    ;                                                                                              \
    const struct word_table name##_states = {name##_words, NAME##_STATE_COUNT};
#include "domain/aggregates.def"

static const struct life_state states[] = {
#define STATE(NAME, state, word, fact, help) {ID_##NAME, (word), EVENT_##NAME##_##fact, (help)},
#include "domain/aggregates.def"
};

static const struct life_move moves[] = {
#define MOVE(NAME, from, to, when) {ID_##NAME, NAME##_##from, NAME##_##to, (when)},
#include "domain/aggregates.def"
};

const struct life_state *life_states(size_t *ret_count)
{
    *ret_count = sizeof states / sizeof states[0];
    return states;
}

const struct life_move *life_moves(size_t *ret_count)
{
    *ret_count = sizeof moves / sizeof moves[0];
    return moves;
}

bool life_move_is_allowed(enum id_kind kind, int from, int to)
{
    int unknown = record_kind_of(kind)->states->count - 1;
    REQUIRE(from >= 0 && from <= unknown);
    REQUIRE(to >= 0 && to <= unknown);
    if (from == to || from == unknown || to == unknown) {
        return true;
    }
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        if (moves[i].kind == kind && moves[i].from == from && moves[i].to == to) {
            return true;
        }
    }
    return false;
}

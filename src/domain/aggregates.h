/* aggregates: the structs, states and word tables of all aggregates.
 *
 * Payment and its attempts are one aggregate out of several objects of the provider (decide.h);
 * each of the others is one object.
 *
 * Layer: domain. Table: aggregates.def.
 */
#pragma once

#include "domain/life.h"
#include "domain/words.h"

#define AGGREGATE(NAME, name, prefix, help)                                                        \
    enum name##_state                                                                              \
    {
#define STATE(NAME, state, word, fact, help) NAME##_##state,
#define END(NAME, name)                                                                            \
    NAME##_STATE_COUNT                                                                             \
    }                                                                                              \
    ;
#include "domain/aggregates.def"

#define AGGREGATE(NAME, name, prefix, help) extern const struct word_table name##_states;
#include "domain/aggregates.def"

#define AGGREGATE(NAME, name, prefix, help)                                                        \
    struct name {                                                                                  \
        struct record_head head;
#define FIELD(name, type, member, argument, source, help) MEMBER_##type(member, argument)
#define END(NAME, name)                                                                            \
    }                                                                                              \
    ;
#include "domain/aggregates.def"

/* life: what may become of a discrepancy, who may do it, and why.
 *
 *   open -> acknowledged -> explained -> resolved, written off
 *   cleared by a run that cannot find it any more; reopened by one that can, or by a person
 *
 * Layer: reconcile. Tables: moves.def, reasons.def.
 */
#pragma once

#include "domain/money.h"

enum discrepancy_state {
    DISCREPANCY_OPEN,
    DISCREPANCY_ACKNOWLEDGED,
    DISCREPANCY_EXPLAINED,
    DISCREPANCY_RESOLVED,
    DISCREPANCY_WRITTEN_OFF,
    DISCREPANCY_CLEARED,
    DISCREPANCY_STATE_COUNT
};
const char *discrepancy_state_word(enum discrepancy_state state); /* "written_off" */
MUST_USE enum err discrepancy_state_parse(struct str word, enum discrepancy_state *ret);
bool discrepancy_is_over(enum discrepancy_state state); /* resolved, written off, cleared */

/* What is done to it, step by step. OBSERVE: it was found again, with other figures. ASK: the first
 * of two people. */
enum deed {
    DEED_RAISE,
    DEED_OBSERVE,
    DEED_CLEAR,
    DEED_REOPEN,
    DEED_ACKNOWLEDGE,
    DEED_EXPLAIN,
    DEED_ASK_RESOLVE,
    DEED_RESOLVE,
    DEED_ASK_WRITE_OFF,
    DEED_WRITE_OFF,
    DEED_COUNT
};
const char *deed_word(enum deed deed); /* "write_off" */
MUST_USE enum err deed_parse(struct str word, enum deed *ret);

enum reason_code {
#define REASON_CODE(NAME, word, help) REASON_CODE_##NAME,
#include "reconcile/reasons.def"
#undef REASON_CODE
    REASON_CODE_COUNT
};
const char *reason_code_word(enum reason_code reason);
const char *reason_code_help(enum reason_code reason);
MUST_USE enum err reason_code_parse(struct str word, enum reason_code *ret); /* ERR_NOT_FOUND */

/* A person's wish, and what was asked for before by somebody. */
struct wish {
    enum deed deed;          /* ACKNOWLEDGE, EXPLAIN, RESOLVE, WRITE_OFF or REOPEN */
    struct str who;          /* the operating-system user */
    int64_t off_minor;       /* what is off now, signed */
    int64_t threshold_minor; /* above it two people are wanted */
    struct str asked_by;     /* who asked for the same deed, over the same amount; empty: nobody */
};
/* *ret_deed is what happens: the deed itself, or ASK_... when a second person is wanted and nobody
 * has asked yet. ERR_CONFLICT: not from that state; ERR_UNPROVEN: the second person is the first.
 */
MUST_USE enum err wish_judge(enum discrepancy_state state,
    const struct wish *wish,
    enum deed *ret_deed,
    enum discrepancy_state *ret_state);

/* One unit of the currency: 100 for EUR, 1 for JPY, 1000 for KWD. */
int64_t threshold_unit_minor(struct currency currency);

/* What a run does with a discrepancy that it found, or could not find any more. False: nothing.
 * `same`: it says what it said at the last step. */
bool run_judge_found(enum discrepancy_state state,
    bool is_fact,
    bool same,
    enum deed *ret_deed,
    enum discrepancy_state *ret_state);
bool run_judge_lost(
    enum discrepancy_state state, enum deed *ret_deed, enum discrepancy_state *ret_state);

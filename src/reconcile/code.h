/* code: the kinds of discrepancies, what they mean and what becomes of them.
 *
 * Layer: reconcile. Table: codes.def.
 */
#pragma once

#include "base/str.h"

enum discrepancy_code {
#define CODE(NAME, severity, grace, lasts, heals, stands, help, next) CODE_##NAME,
#include "reconcile/codes.def"
#undef CODE
    CODE_COUNT
};

enum severity { SEVERITY_MEDIUM, SEVERITY_HIGH, SEVERITY_CRITICAL, SEVERITY_COUNT };

/* Where money stands because of it: see codes.def. */
enum code_stands { STANDS_NOTHING, STANDS_KEY, STANDS_UNKEYED };

struct code_row {
    const char *word; /* "AMOUNT_MISMATCH" */
    const char *help, *next;
    enum severity severity;
    int64_t grace_us;
    bool is_fact; /* found for ever: what people ended stays ended while its figures stay */
    bool heals;   /* asking the provider again may end it */
    enum code_stands stands;
};

const struct code_row *code_row(enum discrepancy_code code);
MUST_USE enum err code_parse(struct str word, enum discrepancy_code *ret); /* ERR_NOT_FOUND */
const char *severity_word(enum severity severity);                         /* "critical" */
MUST_USE enum err severity_parse(struct str word, enum severity *ret);     /* ERR_NOT_FOUND */

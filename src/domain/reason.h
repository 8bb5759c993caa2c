/* reason: why an inbox event was kept and changes nothing.
 *
 * Layer: domain. Table: reason.def.
 */
#pragma once

#include "base/str.h"

/* Why a body that is proven changes nothing by itself; kept with the inbox event. reason.def:
 * REASON(NAME, "word", "help"); NONE is the first. */
enum reason {
#define REASON(name, word, help) REASON_##name,
#include "domain/reason.def"
#undef REASON
    REASON_COUNT
};
const char *reason_word(enum reason reason); /* "not_utf8" */
const char *reason_help(enum reason reason);
bool reason_parse(struct str word, enum reason *ret_reason);

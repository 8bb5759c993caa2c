/* age: how long something is due, in the classes of an aged list.
 *
 * Layer: ledger. Table: age.def.
 */
#pragma once

#include "base/err.h"
#include <stdint.h>

enum age {
#define AGE(NAME, word, title, days) AGE_##NAME,
#include "ledger/age.def"
#undef AGE
    AGE_COUNT
};
const char *age_word(enum age age);
const char *age_title(enum age age);

/* Whole days from due_us to at_us decide; a day has 24 hours. */
enum age age_of(int64_t due_us, int64_t at_us);

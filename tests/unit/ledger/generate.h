/* generate: lives of money by chance: everything that a provider and its statement say of them, in
 * the order in which it happens. When all is told, clearing is at zero.
 *
 * Layer: tests. Needs ledger.
 */
#pragma once

#include "unit/ledger/world.h"

#define GENERATED_STEPS 256
#define GENERATED_LIVES 4
#define GENERATED_DAYS 5 /* all lines are available by then */

struct generated {
    struct step steps[GENERATED_STEPS];
    uint32_t count;
    struct statement_line lines[GENERATED_STEPS];
    _Alignas(max_align_t) unsigned char records[GENERATED_STEPS][RECORD_BYTES_MAX];
};

void generate(struct generated *generated, uint64_t *chance);

/* generate: lives of payments as providers tell them: opened, tried, failed and tried again,
 * authorised and captured in part, canceled, failed late, refunded; with many things in the same
 * second.
 *
 * Layer: tests.
 */
#pragma once

#include "unit/domain/history.h"

/* The same `chance` makes the same life. At most LIFE_SAYINGS sayings. */
void life_generate(struct life *life, uint64_t *chance);

/* nearest: "did you mean ...?", for commands, options, keys and words of tables.
 *
 * Layer: cli.
 */
#pragma once

#include "base/str.h"

/* The candidate that needs the fewest typing errors to become `word`; NULL when none is near. Case
 * does not count. */
const char *nearest(struct str word, const char *const *candidates, size_t count);

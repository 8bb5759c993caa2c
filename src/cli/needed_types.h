/* needed_types: the provider's event types that something becomes of: what is asked for.
 *
 * Layer: cli.
 */
#pragma once

#include "base/str.h"

/* An array that the caller frees; NULL without memory. The texts live for ever. */
struct str *needed_types(uint32_t *ret_count) MUST_USE;

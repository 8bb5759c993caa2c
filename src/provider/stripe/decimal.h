/* decimal: numbers that need not be whole, kept as text: nothing here rounds.
 *
 * Layer: provider/stripe.
 */
#pragma once

#include "base/json.h"

/* A number, or text that is one: digits, perhaps a point and more digits. Written without zeros
 * that say nothing, so that equal numbers are equal texts. ERR_INVALID, ERR_TOO_LARGE: *ret_problem
 * says what is wrong with it, in the words that follow its path. */
MUST_USE enum err stripe_decimal_read(
    const struct json *value, char *to, size_t size, const char **ret_problem);
bool stripe_decimal_is_whole(const char *decimal);

#include "base/check.h"
#include "provider/provider.h"

static const char *const unproven_words[] = {
    [UNPROVEN_NO_HEADER] = "no_header",
    [UNPROVEN_HEADER_MALFORMED] = "header_malformed",
    [UNPROVEN_NO_SIGNATURE] = "no_signature",
    [UNPROVEN_NO_MATCH] = "no_match",
    [UNPROVEN_TOO_OLD] = "too_old",
    [UNPROVEN_EMPTY_BODY] = "empty_body",
};
_Static_assert(
    sizeof unproven_words / sizeof *unproven_words == UNPROVEN_COUNT, "a word for each way");

const char *unproven_word(enum unproven unproven)
{
    REQUIRE(unproven >= 0 && unproven < UNPROVEN_COUNT);
    return unproven_words[unproven];
}

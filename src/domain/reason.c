#include "domain/reason.h"
#include "base/check.h"

static const char *const reason_words[] = {
#define REASON(name, word, help) [REASON_##name] = (word),
#include "domain/reason.def"
#undef REASON
};
_Static_assert(
    sizeof reason_words / sizeof *reason_words == REASON_COUNT, "a word for each reason");

static const char *const reason_helps[] = {
#define REASON(name, word, help) [REASON_##name] = (help),
#include "domain/reason.def"
#undef REASON
};
_Static_assert(
    sizeof reason_helps / sizeof *reason_helps == REASON_COUNT, "a help for each reason");

const char *reason_word(enum reason reason)
{
    REQUIRE(reason >= 0 && reason < REASON_COUNT);
    return reason_words[reason];
}

const char *reason_help(enum reason reason)
{
    REQUIRE(reason >= 0 && reason < REASON_COUNT);
    return reason_helps[reason];
}

bool reason_parse(struct str word, enum reason *ret_reason)
{
    REQUIRE(ret_reason != NULL);
    for (int i = 0; i < REASON_COUNT; i++) {
        if (str_eq(word, str_from(reason_words[i]))) {
            *ret_reason = (enum reason)i;
            return true;
        }
    }
    return false;
}

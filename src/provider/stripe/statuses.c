#include "base/check.h"
#include "provider/stripe/fields.h"

static const struct stripe_status words[] = {
#define STATUS(object, word, state, rank, since, until, note)                                      \
    {STRIPE_##object, {(word), sizeof(word) - 1}, (state), (rank), (since), (until), (note)},
#define RULE(object, name, state, rank, when)
#include "provider/stripe/statuses.def"
#undef RULE
#include "provider/stripe/objects.def"
};
enum { WORD_COUNT = sizeof words / sizeof *words };

static const struct stripe_status rules[] = {
#define STATUS(object, word, state, rank, since, until, note)
#define RULE(object, name, state, rank, when)                                                      \
    [STRIPE_RULE_##object##_##name] = {                                                            \
        STRIPE_##object, {#name, sizeof(#name) - 1}, (state), (rank), "", "", (when)},
#include "provider/stripe/statuses.def"
#undef STATUS
#undef RULE
};
_Static_assert(sizeof rules / sizeof *rules == STRIPE_RULE_COUNT, "a row for each rule");

const struct stripe_status *stripe_status_words(size_t *ret_count)
{
    *ret_count = WORD_COUNT;
    return words;
}

const struct stripe_status *stripe_status_find(enum stripe_object object, struct str word)
{
    for (size_t i = 0; i < WORD_COUNT; i++) {
        if (words[i].object == object && str_eq(words[i].word, word)) {
            return &words[i];
        }
    }
    return NULL;
}

const struct stripe_status *stripe_status_rule(enum stripe_rule rule)
{
    REQUIRE(rule >= 0 && rule < STRIPE_RULE_COUNT);
    return &rules[rule];
}

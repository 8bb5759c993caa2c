#include "base/check.h"
#include "domain/decide.h"

const char *effect_name(enum effect effect)
{
    static const char *const names[] = {
        [EFFECT_APPLIED] = "applied",
        [EFFECT_STALE] = "stale",
        [EFFECT_SAME] = "same",
    };
    _Static_assert(sizeof names / sizeof names[0] == EFFECT_COUNT, "every effect has its name");
    REQUIRE((unsigned)effect < EFFECT_COUNT);
    return names[effect];
}

#include "ledger/age.h"
#include "base/check.h"
#include "base/timestamp.h"

static const struct {
    const char *word, *title;
    int64_t days;
} rows[] = {
#define AGE(NAME, word, title, days) {word, title, days},
#include "ledger/age.def"
#undef AGE
};

const char *age_word(enum age age)
{
    REQUIRE(age < AGE_COUNT);
    return rows[age].word;
}

const char *age_title(enum age age)
{
    REQUIRE(age < AGE_COUNT);
    return rows[age].title;
}

enum age age_of(int64_t due_us, int64_t at_us)
{
    int64_t us = 0;
    if (at_us < due_us) {
        return AGE_NOT_DUE;
    }
    if (__builtin_sub_overflow(at_us, due_us, &us)) {
        return AGE_OVER_90;
    }
    enum age age = AGE_TO_30;
    while (us / US_PER_DAY > rows[age].days) {
        age++;
    }
    return age;
}

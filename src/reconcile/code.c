#include "reconcile/code.h"
#include "base/check.h"
#include "base/timestamp.h"

enum { WHILE, FACT };
enum { NO, ASKING };

static const struct code_row code_rows[] = {
#define CODE(NAME, severity, grace, lasts, heals, stands, help, next)                              \
    {#NAME, (help), (next), SEVERITY_##severity, (grace)*US_PER_HOUR, (lasts) == FACT,             \
        (heals) == ASKING, STANDS_##stands},
#include "reconcile/codes.def"
#undef CODE
};
_Static_assert(CODE_COUNT <= 32, "a set of codes is 32 bits");

const struct code_row *code_row(enum discrepancy_code code)
{
    REQUIRE((unsigned)code < CODE_COUNT);
    return &code_rows[code];
}

enum err code_parse(struct str word, enum discrepancy_code *ret)
{
    REQUIRE(ret != NULL);
    for (int i = 0; i < CODE_COUNT; i++) {
        if (str_eq(word, str_from(code_rows[i].word))) {
            *ret = (enum discrepancy_code)i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

static const char *const severity_words[SEVERITY_COUNT] = {"medium", "high", "critical"};

const char *severity_word(enum severity severity)
{
    REQUIRE((unsigned)severity < SEVERITY_COUNT);
    return severity_words[severity];
}

enum err severity_parse(struct str word, enum severity *ret)
{
    REQUIRE(ret != NULL);
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        if (str_eq(word, str_from(severity_words[i]))) {
            *ret = (enum severity)i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

#include "store/engines.h"
#include "base/check.h"

static const struct sql_engine_opener *const *engine_table;
static size_t engine_count;

void store_use_engines(const struct sql_engine_opener *const *openers, size_t count)
{
    REQUIRE(openers != NULL);
    REQUIRE(count > 0);
    engine_table = openers;
    engine_count = count;
}

const struct sql_engine_opener *store_engine_for(struct str url)
{
    REQUIRE(engine_table != NULL);
    struct str rest = url;
    struct str scheme = str_cut(&rest, ':');
    for (size_t i = 0; i < engine_count; i++) {
        const struct sql_engine_opener *opener = engine_table[i];
        if (str_eq(scheme, str_from(opener->scheme)) ||
            (opener->scheme_alias != NULL && str_eq(scheme, str_from(opener->scheme_alias)))) {
            return opener;
        }
    }
    return NULL;
}

#include "sandbox/version.h"
#include "base/check.h"

static const char *const texts[VERSION_COUNT] = {
#define VERSION(name, text) (text),
#include "sandbox/versions.def"
#undef VERSION
};

const char *api_version_text(enum api_version version)
{
    REQUIRE(version < VERSION_COUNT);
    return texts[version];
}

enum err api_version_find(struct str text, enum api_version *ret_version)
{
    for (int i = 0; i < VERSION_COUNT; i++) {
        if (str_eq(text, str_from(texts[i]))) {
            *ret_version = (enum api_version)i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

bool api_version_is_before(enum api_version version, const char *date)
{
    return strncmp(api_version_text(version), date, sizeof "2022-11-15" - 1) < 0;
}

void api_version_list(struct buf *to)
{
    for (int i = 0; i < VERSION_COUNT; i++) {
        buf_add(to, i > 0 ? STR(", ") : STR_NONE);
        buf_add(to, str_from(texts[i]));
    }
}

/* version: the versions of the provider's API whose shapes the sandbox has.
 *
 * Layer: sandbox. Table: versions.def.
 */
#pragma once

#include "base/str.h"

enum api_version {
#define VERSION(name, text) VERSION_##name,
#include "sandbox/versions.def"
#undef VERSION
    VERSION_COUNT
};
#define VERSION_NEWEST ((enum api_version)0)

const char *api_version_text(enum api_version version);
/* ERR_NOT_FOUND: not among them. */
MUST_USE enum err api_version_find(struct str text, enum api_version *ret_version);
/* Older than the change of the API of that day: "2022-11-15". */
bool api_version_is_before(enum api_version version, const char *date);
void api_version_list(struct buf *to); /* "2026-10-28.endive, 2022-08-01" */

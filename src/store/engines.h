/* engines: which SQL engines this program has. They hang below their port and are named by the
 * composition root only, which gives them here, once, before the first store_open.
 *
 * Layer: store.
 */
#pragma once

#include "store/sql.h"
#include "store/store.h"

struct sql_engine_opener {
    const char *scheme;       /* of the URL: "sqlite" */
    const char *scheme_alias; /* another one, or NULL */
    /* `url` is the whole URL. As store_open. */
    MUST_USE enum err (*open)(struct str url,
        enum store_access access,
        struct env *env,
        struct sql_engine **ret_engine,
        struct err_info *reterr);
};

/* Borrows the table for the life of the program. Not thread-safe. */
void store_use_engines(const struct sql_engine_opener *const *openers, size_t count);
/* The one for the URL's scheme; NULL when there is none. */
const struct sql_engine_opener *store_engine_for(struct str url);

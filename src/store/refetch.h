/* refetch: objects that shall be asked for, one row for each, until the answer is in the inbox.
 *
 * Layer: store. Table: refetch.def.
 */
#pragma once

#include "base/limits.h"
#include "domain/id.h"
#include "store/store.h"

enum refetch_why {
#define WHY(NAME, word, help) REFETCH_##NAME,
#include "store/refetch.def"
#undef WHY
    REFETCH_WHY_COUNT
};
const char *refetch_why_word(enum refetch_why why);
const char *refetch_why_help(enum refetch_why why);

struct refetch_want {
    int64_t scope; /* whose event told of it */
    enum id_kind kind;
    struct str provider_id;
    enum refetch_why why;
    int64_t since_us; /* provider's time of what is wanted better */
};

/* Asks for objects, from `due_us` on, in the transaction that found the need; in key order. Of one
 * object the newest need stands, and an older one changes nothing. Sorts `wants`. */
MUST_USE enum err refetch_want(struct store *store,
    struct refetch_want *wants,
    uint32_t count,
    int64_t now_us,
    int64_t due_us,
    struct err_info *reterr);

struct refetch_scope {
    int64_t scope;
    struct str account_key, environment;
    struct str root_key; /* of the account that it is connected to; its own: to none */
};
/* The scopes in which anything is due; at most LIMIT_SCOPES. */
MUST_USE enum err refetch_scopes(struct store *store,
    int64_t now_us,
    struct arena *arena,
    struct refetch_scope **ret_scopes,
    uint32_t *ret_count,
    struct err_info *reterr);

struct refetch_row {
    struct refetch_want want;
    int64_t attempts;
    int64_t due_us;
    struct str error; /* name, of the last attempt; empty: none failed */
};
/* What is due in a scope, the longest due first. */
MUST_USE enum err refetch_due(struct store *store,
    int64_t scope,
    int64_t now_us,
    uint32_t row_max,
    struct arena *arena,
    struct refetch_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* Before it is asked for: nobody else does until `until_us`. *ret_claimed is false when somebody
 * else was quicker, or a newer need came: then leave it. */
MUST_USE enum err refetch_claim(struct store *store,
    const struct refetch_row *row,
    int64_t until_us,
    bool *ret_claimed,
    struct err_info *reterr);
/* In the transaction that submits the answer, or when there can be none. *ret_removed is false when
 * somebody else was quicker, or a newer need came: then keep nothing. */
MUST_USE enum err refetch_done(struct store *store,
    const struct refetch_want *want,
    bool *ret_removed,
    struct err_info *reterr);
/* `why`: ERR_OK when nothing failed, but the answer was too early. */
MUST_USE enum err refetch_put_off(struct store *store,
    const struct refetch_want *want,
    enum err why,
    int64_t due_us,
    struct err_info *reterr);

/* It is asked for no more, unless a newer need comes. The row stays, to be counted: of each scope
 * the newest thousand. */
MUST_USE enum err refetch_give_up(
    struct store *store, const struct refetch_want *want, enum err why, struct err_info *reterr);

struct refetch_stats {
    int64_t open[REFETCH_WHY_COUNT], failed[REFETCH_WHY_COUNT]; /* failed: of the open ones */
    int64_t oldest_us;                                          /* 0: none is open */
    int64_t given_up;                                           /* not open any more */
};
MUST_USE enum err refetch_stats(
    struct store *store, struct refetch_stats *ret, struct err_info *reterr);

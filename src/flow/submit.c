#include "flow/submit.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include <stdio.h>

#define PROOF_BYTES 160 /* the label is bounded by the configuration, the rest by its format */

struct scope_key submit_scope_key(const struct account *account, struct str below)
{
    REQUIRE(account != NULL);
    return (struct scope_key){
        .provider = str_from(account->provider->name),
        .live = account->says.live,
        .account_key = below.len > 0 ? below : account->says.account_key,
    };
}

enum err submit_scope(struct store *store,
    const struct account *account,
    struct str below,
    int64_t *ret_scope,
    struct err_info *reterr)
{
    struct scope_key key = submit_scope_key(account, below);
    return scope_ensure_below(store, &key, account->says.account_key, ret_scope, reterr);
}

/* TLS to the configured host proved it, and the account's key: never the key itself. */
static struct str proof_of(const struct account *account,
    enum channel channel,
    const struct envelope *envelope,
    struct arena *arena)
{
    char *to = arena_alloc_unzeroed(arena, PROOF_BYTES);
    if (to == NULL) {
        return STR_NONE;
    }
    struct str name = str_prefix_utf8(account->says.name, 80);
    int len = snprintf(to, PROOF_BYTES, "%s " STR_FMT " key.read at %lld", channel_word(channel),
        STR_ARG(name), (long long)(envelope->proof_at_us / US_PER_SECOND));
    ENSURE(len > 0 && len < PROOF_BYTES);
    return (struct str){to, (size_t)len};
}

static enum err no_memory(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "no memory for a page");
}

/* The rows of those that are small enough: *ret_count of them. */
static enum err make_rows(struct store *store,
    const struct account *account,
    const struct inbox_append *like,
    const struct fetched *items,
    uint32_t count,
    struct arena *arena,
    struct inbox_append *rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (items[i].body.len > LIMIT_BODY_BYTES) {
            continue;
        }
        struct inbox_append *row = &rows[kept++];
        *row = *like;
        row->envelope = &items[i].envelope;
        row->body = items[i].body;
        row->proof = proof_of(account, like->channel, row->envelope, arena);
        if (row->proof.data == NULL) {
            return no_memory(reterr);
        }
        TRY(submit_scope(store, account, items[i].envelope.account, &row->scope, reterr));
    }
    *ret_count = kept;
    return ERR_OK;
}

static enum err find_known(struct store *store,
    enum submit_unless unless,
    const struct inbox_append *rows,
    uint32_t count,
    struct arena *arena,
    bool *known,
    struct err_info *reterr)
{
    if (unless == UNLESS_RENDERED) {
        return inbox_known(store, rows, count, known, reterr);
    }
    struct inbox_key *keys = arena_new_array(arena, struct inbox_key, count + 1);
    if (keys == NULL) {
        return no_memory(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        keys[i] = (struct inbox_key){rows[i].scope, rows[i].envelope->event_id};
    }
    return inbox_has(store, keys, count, known, reterr);
}

enum err submit_fetched(struct store *store,
    const struct account *account,
    enum channel channel,
    enum submit_unless unless,
    const struct fetched *items,
    uint32_t count,
    int64_t received_us,
    struct arena *arena,
    struct submitted *ret,
    struct err_info *reterr)
{
    REQUIRE(store != NULL && account != NULL && ret != NULL);
    REQUIRE(items != NULL || count == 0);
    struct inbox_append *rows = arena_new_array(arena, struct inbox_append, count + 1);
    bool *known = arena_new_array(arena, bool, count + 1);
    if (rows == NULL || known == NULL) {
        return no_memory(reterr);
    }
    const struct inbox_append like = {.channel = channel, .received_us = received_us};
    struct submitted sums = {0};
    uint32_t row_count = 0;
    TRY(make_rows(store, account, &like, items, count, arena, rows, &row_count, reterr));
    TRY(find_known(store, unless, rows, row_count, arena, known, reterr));
    uint32_t fresh = 0;
    for (uint32_t i = 0; i < row_count; i++) {
        if (!known[i]) {
            rows[fresh++] = rows[i];
        }
    }
    TRY(inbox_append(store, arena, rows, fresh, reterr));
    for (uint32_t i = 0; i < fresh; i++) {
        sums.added += rows[i].duplicate ? 0 : 1;
    }
    if (sums.added > 0) {
        TRY(store_notify(store, reterr));
    }
    sums.known = row_count - sums.added;
    sums.refused = count - row_count;
    *ret = sums;
    return ERR_OK;
}

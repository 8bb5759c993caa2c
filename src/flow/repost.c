#include "flow/repost.h"
#include "base/check.h"
#include "base/limits.h"
#include "flow/posting.h"
#include <stdlib.h>

#define STEP_ROWS 250
#define BODY_BYTES ((size_t)64 * 1024)

struct repost {
    struct store *store;
    const struct provider_ops *provider;
    struct env *env;
    struct arena *arena, *scratch;
    struct buf body;
    uint32_t at; /* of posting_kind() */
    struct own_id after;
    struct repost_counts counts;
};

struct repost *repost_new(struct store *store, const struct provider_ops *provider, struct env *env)
{
    REQUIRE(store != NULL && provider != NULL && env != NULL);
    struct repost *repost = calloc(1, sizeof *repost);
    if (repost == NULL) {
        return NULL;
    }
    repost->store = store;
    repost->provider = provider;
    repost->env = env;
    buf_init(&repost->body, BODY_BYTES);
    repost->arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    repost->scratch = arena_new(LIMIT_BATCH_ARENA_BYTES);
    return repost->arena != NULL && repost->scratch != NULL ? repost : repost_free(repost);
}

struct repost *repost_free(struct repost *repost)
{
    if (repost != NULL) {
        (void)arena_free(repost->arena);
        (void)arena_free(repost->scratch);
        buf_fini(&repost->body);
        free(repost);
    }
    return NULL;
}

static struct workset *begin(struct repost *repost)
{
    arena_reset(repost->arena);
    return workset_new(&(struct workset_setup){
        .store = repost->store,
        .arena = repost->arena,
        .scratch = repost->scratch,
        .body = &repost->body,
        .env = repost->env,
        .provider = repost->provider,
        .now_us = env_now(repost->env),
        .event_max = 1,
    });
}

/* The next aggregates; *ret_count is 0 when there are none of this kind any more. */
static enum err want_some(struct repost *repost,
    struct workset *set,
    enum id_kind kind,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    void **records = NULL;
    TRY(records_scan(repost->store, record_kind_of(kind), 0, repost->after, STEP_ROWS,
        repost->arena, &records, ret_count, reterr));
    for (uint32_t i = 0; i < *ret_count; i++) {
        const struct record_head *head = records[i];
        TRY(posting_want_one(set, kind, head));
        repost->after = head->id;
    }
    return ERR_OK;
}

/* What was rolled back comes again where its own kind's turn is. */
static uint32_t count_of_kind(
    const struct journal_entry *entries, uint32_t count, enum id_kind kind)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++) {
        found += entries[i].subject_kind == (int)kind ? 1 : 0;
    }
    return found;
}

static enum err post_some(struct repost *repost,
    enum id_kind kind,
    bool dry_run,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    struct journal_entry *entries = NULL;
    uint32_t entry_count = 0;
    struct workset *set = begin(repost);
    if (set == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(store_begin(repost->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = repost->store;
    TRY(workset_load(set, reterr));
    TRY(want_some(repost, set, kind, ret_count, reterr));
    if (*ret_count == 0) {
        return ERR_OK;
    }
    TRY(workset_entries(set, &entries, &entry_count, reterr));
    TRY(journal_append(repost->store, entries, entry_count, reterr));
    if (!dry_run) {
        transaction = NULL;
        TRY(store_commit(repost->store, reterr));
    }
    repost->counts.entries += dry_run ? count_of_kind(entries, entry_count, kind) : entry_count;
    return ERR_OK;
}

enum err repost_step(struct repost *repost,
    bool dry_run,
    struct repost_counts *ret_counts,
    bool *ret_more,
    struct err_info *reterr)
{
    REQUIRE(repost != NULL && ret_counts != NULL && ret_more != NULL);
    struct own_id from = repost->after;
    uint32_t count = 0;
    enum id_kind kind;
    *ret_more = posting_kind(repost->at, &kind);
    enum err err = *ret_more ? post_some(repost, kind, dry_run, &count, reterr) : ERR_OK;
    if (err != ERR_OK) {
        repost->after = from;
        return err;
    }
    if (count == 0) {
        repost->at++;
        repost->after = (struct own_id){{0}};
    }
    repost->counts.looked_at += count;
    *ret_counts = repost->counts;
    return ERR_OK;
}

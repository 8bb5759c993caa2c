#include "flow/repost.h"
#include "base/check.h"
#include "base/limits.h"
#include "store/statement_read.h"
#include "flow/policy.h"
#include "flow/posting.h"
#include "flow/statement_inside.h"
#include <stdlib.h>

#define STEP_ROWS 250
#define STEP_LINES 2000
#define BODY_BYTES ((size_t)64 * 1024)

struct repost {
    struct store *store;
    const struct provider_ops *provider;
    const struct accounts *accounts;
    struct env *env;
    struct arena *arena, *scratch;
    struct buf body;
    uint32_t at; /* of posting_kind() */
    struct own_id after, line_after;
    struct repost_counts counts;
};

struct repost *repost_new(struct store *store,
    const struct provider_ops *provider,
    const struct accounts *accounts,
    struct env *env)
{
    REQUIRE(store != NULL && provider != NULL && env != NULL);
    struct repost *repost = calloc(1, sizeof *repost);
    if (repost == NULL) {
        return NULL;
    }
    repost->store = store;
    repost->provider = provider;
    repost->accounts = accounts;
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
        .accounts = repost->accounts,
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

/* --- lines --- */

static enum err out_of_room(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "the lines need more memory than a batch may have");
}

static enum err read_lines(struct repost *repost, struct kept_lines *ret, struct err_info *reterr)
{
    return statement_between(
        repost->store, 0, 0, INT64_MAX, repost->line_after, STEP_LINES, repost->arena, ret, reterr);
}

static int compare_scopes(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a;
    int64_t right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

/* Nobody else takes lines of these scopes until the commit. *ret_scopes: sorted, each once. */
static enum err lock_scopes(struct repost *repost,
    const struct kept_lines *lines,
    int64_t **ret_scopes,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    int64_t *scopes = arena_new_array(repost->arena, int64_t, lines->count);
    uint32_t count = 0;
    if (scopes == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < lines->count; i++) {
        scopes[i] = lines->items[i].scope;
    }
    qsort(scopes, lines->count, sizeof *scopes, compare_scopes);
    for (uint32_t i = 0; i < lines->count; i++) {
        if (count == 0 || scopes[count - 1] != scopes[i]) {
            scopes[count++] = scopes[i];
            TRY(statement_lock(repost->store, scopes[i], reterr));
        }
    }
    *ret_scopes = scopes;
    *ret_count = count;
    return ERR_OK;
}

/* As they are now and were before: what is posted is what the policy changes. A line that could not
 * be posted stays so, since what it would release is not known here. */
static enum err gather_lines(struct repost *repost,
    struct kept_lines *lines,
    const int64_t *scopes,
    uint32_t scope_count,
    struct entries *to,
    struct err_info *reterr)
{
    REQUIRE(scopes != NULL && scope_count > 0);
    struct arena *arena = repost->arena;
    struct taken_line *taken = arena_new_array(arena, struct taken_line, lines->count);
    struct taken_line **posted = arena_alloc_array(arena, sizeof *posted, lines->count);
    struct books_policy *policies = arena_new_array(arena, struct books_policy, scope_count);
    uint32_t count = 0;
    if (taken == NULL || posted == NULL || policies == NULL) {
        return out_of_room(reterr);
    }
    TRY(policy_of_scopes(
        repost->store, repost->accounts, scopes, scope_count, arena, policies, reterr));
    for (uint32_t i = 0; i < lines->count; i++) {
        const struct kept_line *line = &lines->items[i];
        const int64_t *scope =
            bsearch(&line->scope, scopes, scope_count, sizeof *scopes, compare_scopes);
        if (scope != NULL && (line->flaws & FLAW_UNPOSTED) == 0) {
            taken[count] = (struct taken_line){*line, *line, false, policies[scope - scopes].line};
            posted[count] = &taken[count];
            count++;
        }
    }
    return statement_entries(repost->store, arena, posted, count, env_now(repost->env), to, reterr);
}

/* Read once for their scopes, and again under their locks. */
static enum err post_lines(
    struct repost *repost, bool dry_run, uint32_t *ret_count, struct err_info *reterr)
{
    struct kept_lines lines = {NULL, 0};
    struct entries entries = {0};
    int64_t *scopes = NULL;
    uint32_t scope_count = 0;
    arena_reset(repost->arena);
    TRY(store_begin(repost->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = repost->store;
    TRY(read_lines(repost, &lines, reterr));
    *ret_count = lines.count;
    if (lines.count == 0) {
        return ERR_OK;
    }
    TRY(lock_scopes(repost, &lines, &scopes, &scope_count, reterr));
    TRY(read_lines(repost, &lines, reterr));
    ENSURE(lines.count > 0); /* lines are never taken away */
    TRY(gather_lines(repost, &lines, scopes, scope_count, &entries, reterr));
    TRY(journal_append(repost->store, entries.items, entries.count, reterr));
    repost->line_after = lines.items[lines.count - 1].line.id;
    if (!dry_run) {
        transaction = NULL;
        TRY(store_commit(repost->store, reterr));
    }
    repost->counts.entries += entries.count;
    repost->counts.lines += lines.count;
    return ERR_OK;
}

/* --- a step --- */

static enum err step_lines(
    struct repost *repost, bool dry_run, bool *ret_more, struct err_info *reterr)
{
    struct own_id from = repost->line_after;
    uint32_t count = 0;
    enum err err = post_lines(repost, dry_run, &count, reterr);
    if (err != ERR_OK) {
        repost->line_after = from;
        return err;
    }
    *ret_more = count == STEP_LINES;
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
    if (!posting_kind(repost->at, &kind)) {
        TRY(step_lines(repost, dry_run, ret_more, reterr));
        *ret_counts = repost->counts;
        return ERR_OK;
    }
    *ret_more = true;
    enum err err = post_some(repost, kind, dry_run, &count, reterr);
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

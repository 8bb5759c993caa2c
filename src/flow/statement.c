#include "flow/statement.h"
#include "base/check.h"
#include "base/limits.h"
#include "store/refs.h"
#include "store/runs.h"
#include "flow/posting.h"
#include "flow/statement_inside.h"
#include <stdlib.h>

#define TAKER_BODY_BYTES 1024 /* a workset wants one; nothing is published of lines */
enum { REFS_PER_LINE = 3 };

struct statement_taker {
    struct store *store;
    const struct provider_ops *provider;
    struct env *env;
    struct arena *arena, *scratch;
    struct buf body;
};

struct statement_taker *statement_taker_new(
    struct store *store, const struct provider_ops *provider, struct env *env)
{
    REQUIRE(store != NULL && provider != NULL && env != NULL);
    struct statement_taker *taker = calloc(1, sizeof *taker);
    if (taker == NULL) {
        return NULL;
    }
    *taker = (struct statement_taker){.store = store, .provider = provider, .env = env};
    taker->arena = arena_new(LIMIT_BATCH_ARENA_BYTES);
    taker->scratch = arena_new(LIMIT_BATCH_ARENA_BYTES);
    buf_init(&taker->body, TAKER_BODY_BYTES);
    return taker->arena != NULL && taker->scratch != NULL ? taker : statement_taker_free(taker);
}

struct statement_taker *statement_taker_free(struct statement_taker *taker)
{
    if (taker != NULL) {
        (void)arena_free(taker->arena);
        (void)arena_free(taker->scratch);
        buf_fini(&taker->body);
        free(taker);
    }
    return NULL;
}

/* --- a batch --- */

struct taking {
    struct statement_taker *taker;
    const struct statement_batch *batch;
    int64_t now_us, books_start_us;
    struct said_ids *ids;           /* by line of the batch */
    const struct said_line **order; /* by provider id, then as they were said */
    struct taken_line *lines;       /* one for each provider id */
    uint32_t line_count;
    struct restatements restated;
};

static enum err out_of_room(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "the lines need more memory than a batch may have");
}

static int compare_said(const void *a, const void *b)
{
    const struct said_line *left = *(const struct said_line *const *)a;
    const struct said_line *right = *(const struct said_line *const *)b;
    int order = str_compare(left->provider_id, right->provider_id);
    return order != 0 ? order : (left > right) - (left < right);
}

static enum err make_room(struct taking *taking, struct err_info *reterr)
{
    struct arena *arena = taking->taker->arena;
    uint32_t count = taking->batch->count;
    taking->ids = arena_new_array(arena, struct said_ids, count);
    taking->order = arena_alloc_array(arena, sizeof *taking->order, count);
    taking->lines = arena_new_array(arena, struct taken_line, count);
    taking->restated.arena = arena;
    if (taking->ids == NULL || taking->order == NULL || taking->lines == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        taking->order[i] = &taking->batch->lines[i];
    }
    if (count > 0) {
        qsort(taking->order, count, sizeof *taking->order, compare_said);
    }
    return ERR_OK;
}

/* --- whom lines are about --- */

static void add_ref(struct taking *taking,
    struct ref *refs,
    uint32_t *count,
    enum id_kind kind,
    struct str provider_id)
{
    uint8_t random[10];
    if (provider_id.len == 0) {
        return;
    }
    env_random(taking->taker->env, random, sizeof random);
    refs[(*count)++] = (struct ref){
        .scope = ref_scope(kind, taking->batch->scope, taking->batch->root),
        .kind = kind,
        .provider_id = provider_id,
        .id = own_id_make(taking->now_us, random),
    };
}

static bool is_own_attempt(const struct said_line *said)
{
    return said->source.len > 0 && said->source_kind == ID_ATTEMPT &&
           str_eq(said->source, said->attempt);
}

static void read_ref(struct own_id *to, struct str provider_id, const struct ref **at)
{
    if (provider_id.len > 0) {
        *to = (*at)++->id;
    }
}

static enum err resolve_ids(struct taking *taking, struct err_info *reterr)
{
    const struct statement_batch *batch = taking->batch;
    struct arena *arena = taking->taker->arena;
    struct ref *refs = arena_new_array(arena, struct ref, (size_t)batch->count * REFS_PER_LINE + 1);
    uint32_t count = 0;
    if (refs == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct said_line *said = &batch->lines[i];
        struct str attempt = is_own_attempt(said) ? STR_NONE : said->attempt;
        add_ref(taking, refs, &count, said->source_kind, said->source);
        add_ref(taking, refs, &count, ID_ATTEMPT, attempt);
        add_ref(taking, refs, &count, ID_PAYOUT, said->payout);
    }
    TRY(refs_resolve(taking->taker->store, arena, refs, count, reterr));
    const struct ref *at = refs;
    for (uint32_t i = 0; i < batch->count; i++) {
        const struct said_line *said = &batch->lines[i];
        struct said_ids *ids = &taking->ids[i];
        bool is_own = is_own_attempt(said);
        read_ref(&ids->source, said->source, &at);
        read_ref(&ids->attempt, is_own ? STR_NONE : said->attempt, &at);
        read_ref(&ids->payout, said->payout, &at);
        ids->attempt = is_own ? ids->source : ids->attempt;
    }
    ENSURE(at == refs + count);
    return ERR_OK;
}

/* --- what is known, and what is learned --- */

static enum err read_known(struct taking *taking, struct err_info *reterr)
{
    struct arena *arena = taking->taker->arena;
    uint32_t count = taking->batch->count;
    struct str *names = arena_new_array(arena, struct str, count);
    struct kept_line *known = arena_new_array(arena, struct kept_line, count);
    if (names == NULL || known == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        struct str name = taking->order[i]->provider_id;
        if (taking->line_count == 0 || !str_eq(name, names[taking->line_count - 1])) {
            names[taking->line_count++] = name;
        }
    }
    TRY(statement_known(taking->taker->store, taking->batch->scope, names, taking->line_count,
        arena, known, reterr));
    for (uint32_t i = 0; i < taking->line_count; i++) {
        taking->lines[i] = (struct taken_line){known[i], known[i], false, taking->batch->policy};
    }
    return ERR_OK;
}

static enum err merge_all(struct taking *taking, struct err_info *reterr)
{
    uint32_t at = 0;
    for (uint32_t i = 0; i < taking->batch->count; i++) {
        const struct said_line *said = taking->order[i];
        at += i > 0 && !str_eq(said->provider_id, taking->order[i - 1]->provider_id) ? 1 : 0;
        struct taken_line *line = &taking->lines[at];
        struct kept_line fresh = statement_fresh(
            said, &taking->ids[said - taking->batch->lines], taking->batch, taking->now_us);
        if (line->now.scope == 0) {
            line->now = fresh;
            line->changed = true;
        } else if (statement_merge(line, &fresh, &taking->restated) != ERR_OK) {
            return out_of_room(reterr);
        }
    }
    return ERR_OK;
}

/* Lines from before the books are kept, and not posted. */
static enum err read_start(struct taking *taking, struct err_info *reterr)
{
    struct books_start start;
    TRY(books_start_get(
        taking->taker->store, taking->batch->scope, taking->taker->arena, &start, reterr));
    taking->books_start_us = start.start_us;
    return ERR_OK;
}

/* --- writing --- */

struct written {
    struct taken_line **posted; /* changed, and not from before the books */
    const struct kept_line **added, **learned;
    uint32_t posted_count, added_count, learned_count;
};

static enum err list_written(struct taking *taking, struct written *ret, struct err_info *reterr)
{
    struct arena *arena = taking->taker->arena;
    uint32_t room = taking->line_count;
    *ret = (struct written){.posted = arena_alloc_array(arena, sizeof *ret->posted, room),
        .added = arena_alloc_array(arena, sizeof *ret->added, room),
        .learned = arena_alloc_array(arena, sizeof *ret->learned, room)};
    if (ret->posted == NULL || ret->added == NULL || ret->learned == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < taking->line_count; i++) {
        struct taken_line *line = &taking->lines[i];
        bool is_before_books = line->now.line.created_us < taking->books_start_us;
        if (line->changed && !is_before_books) {
            ret->posted[ret->posted_count++] = line;
        }
        if (line->was.scope == 0) {
            ret->added[ret->added_count++] = &line->now;
        } else if (line->changed || line->now.told != line->was.told) {
            ret->learned[ret->learned_count++] = &line->now;
        }
    }
    return ERR_OK;
}

/* Refunds look at what the statement says of them: see posting_refunds.c. */
static enum err post_refunds(struct taking *taking,
    const struct written *written,
    struct journal_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    struct statement_taker *taker = taking->taker;
    struct workset *set = workset_new(&(struct workset_setup){.store = taker->store,
        .arena = taker->arena,
        .scratch = taker->scratch,
        .body = &taker->body,
        .env = taker->env,
        .provider = taker->provider,
        .now_us = taking->now_us,
        .event_max = 1});
    if (set == NULL) {
        return out_of_room(reterr);
    }
    TRY(workset_load(set, reterr));
    for (uint32_t i = 0; i < written->posted_count; i++) {
        const struct kept_line *line = &written->posted[i]->now;
        if (!own_id_is_none(line->line.source) && line->source_kind == ID_REFUND) {
            TRY(posting_want_refund(set, line->scope, line->line.source, line->line.created_us));
        }
    }
    return workset_entries(set, ret_entries, ret_count, reterr);
}

static enum err append(struct taking *taking,
    const struct entries *money,
    const struct journal_entry *business,
    uint32_t business_count,
    struct err_info *reterr)
{
    uint32_t count = money->count + business_count;
    struct journal_entry *all =
        arena_new_array(taking->taker->arena, struct journal_entry, count + 1);
    if (all == NULL) {
        return out_of_room(reterr);
    }
    if (money->count > 0) {
        memcpy(all, money->items, money->count * sizeof *all);
    }
    if (business_count > 0) {
        memcpy(all + money->count, business, business_count * sizeof *all);
    }
    return journal_append(taking->taker->store, all, count, reterr);
}

static enum err write_all(struct taking *taking, struct written *written, struct err_info *reterr)
{
    struct store *store = taking->taker->store;
    struct arena *arena = taking->taker->arena;
    struct entries money = {0};
    struct journal_entry *business = NULL;
    uint32_t business_count = 0;
    int64_t restated = 0;
    TRY(statement_entries(
        store, arena, written->posted, written->posted_count, taking->now_us, &money, reterr));
    TRY(statement_add(store, written->added, written->added_count, reterr));
    TRY(statement_learn(store, written->learned, written->learned_count, reterr));
    TRY(statement_restate(store, taking->restated.rows, taking->restated.count, &restated, reterr));
    TRY(statement_exchanges(
        store, arena, written->posted, written->posted_count, taking->now_us, &money, reterr));
    TRY(post_refunds(taking, written, &business, &business_count, reterr));
    TRY(append(taking, &money, business, business_count, reterr));
    return statement_publish(
        store, arena, written->posted, written->posted_count, taking->now_us, reterr);
}

static struct taken_counts count_lines(const struct taking *taking, const struct written *written)
{
    struct taken_counts counts = {.added = written->added_count,
        .known = (int64_t)taking->batch->count - written->added_count};
    for (uint32_t i = 0; i < written->posted_count; i++) {
        const struct taken_line *line = written->posted[i];
        bool is_new = line->was.scope == 0;
        bool restated = (line->now.flaws & ~line->was.flaws & FLAW_RESTATED) != 0;
        counts.restated += restated ? 1 : 0;
        counts.learned += !is_new && line->now.learned != line->was.learned ? 1 : 0;
        bool is_odd = (line->now.flaws & (FLAW_UNCLASSIFIED | FLAW_UNPOSTED)) != 0;
        counts.unclassified += is_new && is_odd ? 1 : 0;
    }
    return counts;
}

enum err statement_take(struct statement_taker *taker,
    const struct statement_batch *batch,
    int64_t now_us,
    struct taken_counts *ret_counts,
    struct err_info *reterr)
{
    REQUIRE(taker != NULL && batch != NULL && ret_counts != NULL);
    REQUIRE(batch->scope > 0 && batch->root > 0 && batch->count <= STATEMENT_BATCH);
    struct taking taking = {.taker = taker, .batch = batch, .now_us = now_us};
    struct written written;
    arena_reset(taker->arena);
    TRY(statement_lock(taker->store, batch->scope, reterr));
    TRY(make_room(&taking, reterr));
    TRY(resolve_ids(&taking, reterr));
    TRY(read_known(&taking, reterr));
    TRY(read_start(&taking, reterr));
    TRY(merge_all(&taking, reterr));
    TRY(list_written(&taking, &written, reterr));
    TRY(write_all(&taking, &written, reterr));
    *ret_counts = count_lines(&taking, &written);
    return ERR_OK;
}

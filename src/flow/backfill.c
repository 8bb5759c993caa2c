#include "flow/backfill.h"
#include "base/check.h"
#include "base/fault.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "store/backfill.h"
#include "flow/submit.h"
#include <stdlib.h>

#define PAGE_ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define PARTS_MAX 3 /* what was begun, what is newer, what is older */

/* A part of the time, walked from its end to its beginning. */
struct part {
    int64_t from_us, to_us;
};

struct backfill {
    struct backfill_setup setup;
    struct part parts[PARTS_MAX];
    uint32_t part_count, part;
    bool begun;
    bool resumed;
    bool cursor_is_old;        /* it comes from a mark: the provider may have forgotten it */
    uint64_t milestone;        /* of a cursor, as a hash: it must not come again (Brent) */
    uint64_t pages, pages_max; /* since the milestone, and until the next */
    char cursor[LIMIT_PROVIDER_ID_BYTES + 1];
    int64_t reached_us; /* in this part */
    struct backfill_counts counts;
    struct fetch_page page;
    bool has_page;
    struct arena *page_arena, *scratch;
};

struct backfill *backfill_new(const struct backfill_setup *setup)
{
    REQUIRE(setup != NULL && setup->store != NULL && setup->api != NULL && setup->env != NULL);
    REQUIRE(setup->account != NULL && account_is_readable(setup->account));
    REQUIRE(setup->from_us <= setup->to_us);
    REQUIRE(!setup->only_look || setup->name.len == 0);
    struct backfill *backfill = calloc(1, sizeof *backfill);
    if (backfill == NULL) {
        return NULL;
    }
    backfill->setup = *setup;
    backfill->page_arena = arena_new(PAGE_ARENA_BYTES);
    backfill->scratch = arena_new(PAGE_ARENA_BYTES);
    if (backfill->page_arena == NULL || backfill->scratch == NULL) {
        return backfill_free(backfill);
    }
    return backfill;
}

struct backfill *backfill_free(struct backfill *backfill)
{
    if (backfill != NULL) {
        (void)arena_free(backfill->page_arena);
        (void)arena_free(backfill->scratch);
        free(backfill);
    }
    return NULL;
}

/* --- where to begin --- */

static void add_part(struct backfill *backfill, int64_t from_us, int64_t to_us)
{
    if (from_us <= to_us) {
        backfill->parts[backfill->part_count++] = (struct part){from_us, to_us};
    }
}

static void begin_part(struct backfill *backfill)
{
    backfill->pages = 0;
    backfill->pages_max = 1;
    backfill->milestone = 0;
    backfill->cursor[0] = '\0';
    backfill->cursor_is_old = false;
    backfill->reached_us =
        backfill->part < backfill->part_count ? backfill->parts[backfill->part].to_us : 0;
}

static void go_on_from(struct backfill *backfill, const struct backfill_mark *mark)
{
    const struct backfill_setup *setup = &backfill->setup;
    add_part(backfill, mark->from_us, mark->to_us);
    add_part(backfill, mark->to_us + US_PER_SECOND, setup->to_us);
    add_part(backfill, setup->from_us, mark->from_us - US_PER_SECOND);
    begin_part(backfill);
    backfill->cursor_is_old = mark->cursor.len > 0 &&
                              str_copy_to(backfill->cursor, sizeof backfill->cursor, mark->cursor);
    backfill->resumed = true;
    backfill->counts =
        (struct backfill_counts){mark->found, mark->added, mark->known, mark->missing};
}

static enum err scope_of(struct backfill *backfill, int64_t *ret_scope, struct err_info *reterr)
{
    const struct backfill_setup *setup = &backfill->setup;
    return submit_scope(setup->store, setup->account, setup->below, ret_scope, reterr);
}

static enum err read_mark(struct backfill *backfill,
    struct backfill_mark *ret_mark,
    bool *ret_found,
    struct err_info *reterr)
{
    struct store *store = backfill->setup.store;
    int64_t scope = 0;
    /* A new scope is not kept: nobody knows yet whether the provider has such an account. */
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(scope_of(backfill, &scope, reterr));
    arena_reset(backfill->scratch);
    enum err err = backfill_mark_read(
        store, scope, backfill->setup.name, backfill->scratch, ret_mark, ret_found, reterr);
    transaction = store_rollback(transaction);
    return err;
}

static enum err begin(struct backfill *backfill, struct err_info *reterr)
{
    const struct backfill_setup *setup = &backfill->setup;
    struct backfill_mark mark = {0};
    bool found = false;
    if (setup->name.len > 0) {
        TRY(read_mark(backfill, &mark, &found, reterr));
    }
    bool unfinished =
        found && !mark.done && mark.from_us <= setup->to_us && mark.to_us >= setup->from_us;
    if (unfinished) {
        go_on_from(backfill, &mark);
    } else {
        add_part(backfill, setup->from_us, setup->to_us);
        begin_part(backfill);
    }
    backfill->begun = true;
    return ERR_OK;
}

/* --- a page --- */

static enum err ask(struct backfill *backfill, struct err_info *reterr)
{
    const struct backfill_setup *setup = &backfill->setup;
    const struct provider_api_ops *ops = setup->account->provider->api;
    const struct part *part = &backfill->parts[backfill->part];
    struct fetch_range range = {part->from_us, part->to_us};
    struct str cursor = str_from(backfill->cursor);
    arena_reset(backfill->page_arena);
    return setup->objects
               ? ops->objects(setup->api, setup->below, setup->kind, range, cursor,
                     backfill->page_arena, &backfill->page, reterr)
               : ops->events(setup->api, setup->below, range, setup->types, setup->type_count,
                     cursor, backfill->page_arena, &backfill->page, reterr);
}

/* A session guards one list at a time, and here several may be walked in turns. */
static bool goes_in_circles(struct backfill *backfill)
{
    struct str cursor = backfill->page.cursor;
    uint64_t hash = hash_bytes(cursor.data, cursor.len, 1) | 1;
    if (hash == backfill->milestone) {
        return true;
    }
    if (++backfill->pages == backfill->pages_max) {
        backfill->milestone = hash;
        backfill->pages = 0;
        backfill->pages_max *= 2;
    }
    return false;
}

static enum err fetch(struct backfill *backfill, struct err_info *reterr)
{
    enum err err = ask(backfill, reterr);
    bool refused = err == ERR_INVALID || err == ERR_NOT_FOUND;
    if (refused && backfill->cursor_is_old) {
        begin_part(backfill); /* the cursor's element is gone by now */
        err = ask(backfill, reterr);
    }
    TRY(err);
    if (backfill->page.cursor.len >= sizeof backfill->cursor) {
        return err_set(reterr, ERR_MALFORMED, "the provider's cursor is too long");
    }
    if (backfill->page.more && goes_in_circles(backfill)) {
        return err_set(reterr, ERR_IMPOSSIBLE,
            "the provider's list goes in circles: it has come to the same cursor again");
    }
    backfill->has_page = true;
    return ERR_OK;
}

static bool is_last(const struct backfill *backfill)
{
    return !backfill->page.more && backfill->part + 1 == backfill->part_count;
}

static enum err write_mark(struct backfill *backfill,
    const struct backfill_counts *counts,
    int64_t now_us,
    struct err_info *reterr)
{
    const struct part *part = &backfill->parts[backfill->part];
    const struct backfill_mark mark = {
        .from_us = part->from_us,
        .to_us = part->to_us,
        .cursor = backfill->page.cursor,
        .done = is_last(backfill),
        .found = counts->found,
        .added = counts->added,
        .known = counts->known,
        .missing = counts->missing,
        .updated_us = now_us,
    };
    int64_t scope = 0;
    TRY(scope_of(backfill, &scope, reterr));
    return backfill_mark_write(backfill->setup.store, scope, backfill->setup.name, &mark, reterr);
}

/* What the page brought and how far it leads, in one transaction. */
static enum err keep(struct backfill *backfill, struct err_info *reterr)
{
    const struct backfill_setup *setup = &backfill->setup;
    const struct fetch_page *page = &backfill->page;
    int64_t now_us = env_now(setup->env);
    struct submitted sums = {0};
    TRY(store_begin(setup->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = setup->store;
    arena_reset(backfill->scratch);
    TRY(submit_fetched(setup->store, setup->account,
        setup->objects ? CHANNEL_FETCH : CHANNEL_BACKFILL,
        setup->by_id ? UNLESS_THERE : UNLESS_RENDERED, page->items, page->count, now_us,
        backfill->scratch, &sums, reterr));
    struct backfill_counts counts = backfill->counts;
    counts.found += page->count + page->missing;
    counts.added += sums.added;
    counts.known += sums.known;
    counts.missing += sums.refused + page->missing;
    if (setup->name.len > 0) {
        TRY(write_mark(backfill, &counts, now_us, reterr));
    }
    if (!setup->only_look) {
        fault_point(FAULT_BEFORE_COMMIT);
        transaction = NULL;
        TRY(store_commit(setup->store, reterr));
    }
    backfill->counts = counts;
    return ERR_OK;
}

static void turn_page(struct backfill *backfill)
{
    const struct fetch_page *page = &backfill->page;
    backfill->has_page = false;
    backfill->cursor_is_old = false;
    if (!page->more) {
        backfill->part++;
        begin_part(backfill);
        return;
    }
    bool fits = str_copy_to(backfill->cursor, sizeof backfill->cursor, page->cursor);
    ENSURE(fits);
    const struct part *part = &backfill->parts[backfill->part];
    for (uint32_t i = 0; i < page->count && !backfill->setup.objects; i++) {
        int64_t at_us = page->items[i].envelope.occurred_at_us;
        if (at_us >= part->from_us && at_us < backfill->reached_us) {
            backfill->reached_us = at_us;
        }
    }
}

enum err backfill_step(struct backfill *backfill, bool *ret_more, struct err_info *reterr)
{
    REQUIRE(backfill != NULL && ret_more != NULL);
    if (!backfill->begun) {
        TRY(begin(backfill, reterr));
    }
    if (backfill->part < backfill->part_count) {
        if (!backfill->has_page) {
            TRY(fetch(backfill, reterr));
        }
        TRY(keep(backfill, reterr));
        turn_page(backfill);
    }
    *ret_more = backfill->part < backfill->part_count;
    return ERR_OK;
}

struct backfill_progress backfill_progress(const struct backfill *backfill)
{
    REQUIRE(backfill != NULL);
    struct backfill_progress progress = {.counts = backfill->counts, .resumed = backfill->resumed};
    for (uint32_t i = 0; i < backfill->part_count; i++) {
        const struct part *part = &backfill->parts[i];
        int64_t left_us = i < backfill->part   ? 0
                          : i > backfill->part ? part->to_us - part->from_us
                                               : backfill->reached_us - part->from_us;
        progress.left_us += left_us;
        progress.walked_us += part->to_us - part->from_us - left_us;
    }
    return progress;
}

#include "base/check.h"
#include "base/fault.h"
#include "base/timestamp.h"
#include "flow/pull_inside.h"

/* --- asking --- */

static enum err ask(struct pull *pull, struct err_info *reterr)
{
    const struct pull_setup *setup = &pull->setup;
    const struct statement_ops *ops = setup->account->provider->statement;
    const struct pull_row *row = &pull->row;
    arena_reset(pull->page_arena);
    if (row->subject.len > 0) {
        return ops->payout_lines(setup->api, setup->below, row->subject, row->cursor,
            pull->page_arena, &pull->page, reterr);
    }
    const struct fetch_range range = {row->from_us, row->to_us};
    return ops->lines(
        setup->api, setup->below, range, row->cursor, pull->page_arena, &pull->page, reterr);
}

/* The session guards one list at a time, and others may use it in turns. */
static bool goes_in_circles(struct pull *pull)
{
    struct str cursor = pull->page.cursor;
    uint64_t hash = hash_bytes(cursor.data, cursor.len, 1) | 1;
    if (hash == pull->milestone) {
        return true;
    }
    if (++pull->pages >= pull->pages_max) {
        pull->milestone = hash;
        pull->pages = 0;
        pull->pages_max = 2 * pull->pages_max + 1;
    }
    return false;
}

static enum err fetch(struct pull *pull, struct err_info *reterr)
{
    enum err err = ask(pull, reterr);
    if ((err == ERR_INVALID || err == ERR_NOT_FOUND) && pull->cursor_is_old) {
        (void)pull_set_cursor(pull, STR_NONE); /* the line it names is gone by now */
        pull->cursor_is_old = false;
        err = ask(pull, reterr);
    }
    TRY(err);
    if (pull->page.cursor.len > LIMIT_PROVIDER_ID_BYTES) {
        return err_set(reterr, ERR_MALFORMED, "the provider's cursor is too long");
    }
    if (pull->page.more && goes_in_circles(pull)) {
        return err_set(reterr, ERR_IMPOSSIBLE,
            "the provider's list of lines goes in circles: it has come to the same cursor again");
    }
    pull->has_page = true;
    return ERR_OK;
}

/* --- keeping --- */

static enum err begin_source(struct pull *pull, int64_t now_us, struct err_info *reterr)
{
    struct pull_row *row = &pull->row;
    bool finished = false;
    struct statement_source source = {.scope = pull->scope,
        .kind = SOURCE_API,
        .name = row->subject.len > 0 ? row->subject : row->what,
        .from_us = row->from_us,
        .to_us = row->to_us,
        .received_us = now_us};
    if (row->source == 0 || pull->setup.only_look) {
        TRY(statement_source_begin(pull->setup.store, &source, &finished, reterr));
        row->source = source.number;
    }
    return ERR_OK;
}

static enum err finish_source(struct pull *pull, int64_t now_us, struct err_info *reterr)
{
    const struct statement_source source = {.scope = pull->scope, .number = pull->row.source};
    return statement_source_finish(pull->setup.store, &source, &pull->row.counts, now_us, reterr);
}

/* The row as it stands behind this page. */
static enum err advance(
    struct pull *pull, const struct taken_counts *counts, int64_t now_us, struct err_info *reterr)
{
    struct pull_row *row = &pull->row;
    pull_add_counts(&row->counts, counts);
    row->refused += pull->page.refusal_count;
    row->updated_us = now_us;
    (void)pull_set_cursor(pull, pull->page.cursor);
    if (!pull->page.more) {
        TRY(finish_source(pull, now_us, reterr));
        pull_finish_row(pull, now_us);
    }
    return pull->setup.only_look ? ERR_OK : pull_write(pull->setup.store, row, reterr);
}

static enum err keep_once(
    struct pull *pull, struct taken_counts *ret_counts, struct err_info *reterr)
{
    const int64_t now_us = env_now(pull->setup.env);
    TRY(pull_transaction(pull, reterr));
    CLEANUP(store_rollback) struct store *transaction = pull->setup.store;
    TRY(begin_source(pull, now_us, reterr));
    const struct statement_batch batch = {.scope = pull->scope,
        .root = pull->root,
        .source = pull->row.source,
        .lines = pull->page.lines,
        .count = pull->page.line_count,
        .kind = SOURCE_API,
        .policy = pull->setup.account->books.line};
    *ret_counts = (struct taken_counts){0};
    TRY(statement_take(pull->taker, &batch, now_us, ret_counts, reterr));
    TRY(advance(pull, ret_counts, now_us, reterr));
    fault_point(FAULT_BEFORE_COMMIT);
    transaction = NULL;
    return pull_commit(pull, reterr);
}

static enum err keep(struct pull *pull, struct taken_counts *ret_counts, struct err_info *reterr)
{
    struct pull_mark was;
    enum err err = ERR_BUSY;
    pull_save(pull, &was);
    for (int i = 0; i < PULL_TRIES && (err == ERR_BUSY || err == ERR_CONFLICT); i++) {
        err = keep_once(pull, ret_counts, reterr);
        if (err != ERR_OK) {
            pull_restore(pull, &was);
        }
    }
    return err;
}

static void note_refusals(struct pull_progress *progress, const struct said_page *page)
{
    if (page->refusal_count > 0 && progress->refused == 0) {
        const struct said_refusal *first = &page->refusals[0];
        enum err err = err_set(&progress->why_refused, first->err, STR_FMT ": " STR_FMT,
            STR_ARG(first->provider_id), STR_ARG(first->why));
        (void)err;
    }
    progress->refused += page->refusal_count;
}

static void note_page(struct pull *pull, const struct taken_counts *counts)
{
    struct pull_progress *progress = &pull->progress;
    const struct said_page *page = &pull->page;
    bool of_payout = pull->row.subject.len > 0;
    note_refusals(progress, page);
    pull_add_counts(&progress->counts, counts);
    progress->lines += of_payout ? 0 : page->line_count;
    for (uint32_t i = 0; i < page->line_count && !of_payout; i++) {
        int64_t at_us = page->lines[i].line.created_us;
        if (at_us >= pull->row.from_us && at_us < pull->reached_us) {
            pull->reached_us = at_us;
        }
    }
}

enum err pull_page(struct pull *pull, bool *ret_ended, struct err_info *reterr)
{
    struct taken_counts counts = {0};
    REQUIRE(pull != NULL && pull->is_open && ret_ended != NULL);
    if (!pull->has_page) {
        TRY(fetch(pull, reterr));
    }
    TRY(keep(pull, &counts, reterr));
    note_page(pull, &counts);
    pull->has_page = false;
    pull->cursor_is_old = false;
    pull->is_open = pull->page.more;
    *ret_ended = !pull->page.more;
    return ERR_OK;
}

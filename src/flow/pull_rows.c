#include "base/check.h"
#include "flow/pull_inside.h"
#include "flow/submit.h"

void pull_add_counts(struct taken_counts *to, const struct taken_counts *more)
{
    to->added += more->added;
    to->known += more->known;
    to->learned += more->learned;
    to->restated += more->restated;
    to->unclassified += more->unclassified;
}

/* --- transactions --- */

/* An account that nobody has heard of before is new in each transaction that is not kept. */
static enum err find_scope(struct pull *pull, struct err_info *reterr)
{
    const struct pull_setup *setup = &pull->setup;
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    int64_t scope = 0;
    TRY(submit_scope(setup->store, setup->account, setup->below, &scope, reterr));
    if (scope == pull->scope && !setup->only_look) {
        return ERR_OK;
    }
    TRY(scope_list(setup->store, pull->scratch, &rows, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        pull->root = rows[i].scope == scope ? rows[i].root : pull->root;
    }
    pull->scope = scope;
    ENSURE(pull->root > 0);
    return ERR_OK;
}

enum err pull_transaction(struct pull *pull, struct err_info *reterr)
{
    TRY(store_begin(pull->setup.store, STORE_WRITE, reterr));
    arena_reset(pull->scratch);
    enum err err = find_scope(pull, reterr);
    if (err != ERR_OK) {
        (void)store_rollback(pull->setup.store);
        return err;
    }
    pull->row.scope = pull->scope;
    return ERR_OK;
}

enum err pull_commit(struct pull *pull, struct err_info *reterr)
{
    if (pull->setup.only_look) {
        (void)store_rollback(pull->setup.store);
        return ERR_OK;
    }
    return store_commit(pull->setup.store, reterr);
}

/* --- the row at hand --- */

void pull_save(const struct pull *pull, struct pull_mark *to)
{
    to->row = pull->row;
    memcpy(to->cursor, pull->cursor, sizeof to->cursor);
}

void pull_restore(struct pull *pull, const struct pull_mark *from)
{
    pull->row = from->row;
    memcpy(pull->cursor, from->cursor, sizeof pull->cursor);
}

bool pull_set_cursor(struct pull *pull, struct str cursor)
{
    bool fits = str_copy_to(pull->cursor, sizeof pull->cursor, cursor);
    pull->row.cursor = str_from(fits ? pull->cursor : "");
    return fits;
}

void pull_finish_row(struct pull *pull, int64_t now_us)
{
    (void)pull_set_cursor(pull, STR_NONE);
    pull->row.cursor = STR("");
    pull->row.finished_us = now_us;
    pull->row.round++;
    pull->row.under_way = false;
}

static void begin_row(struct pull *pull, const struct pull_row *key)
{
    const int64_t now_us = env_now(pull->setup.env);
    struct pull_row *row = &pull->row;
    *row = *key;
    row->cursor = STR("");
    row->source = 0;
    row->counts = (struct taken_counts){0};
    row->refused = 0;
    row->began_us = row->updated_us = now_us;
    row->under_way = true;
}

static enum err read_row(struct pull *pull,
    const struct pull_row *key,
    struct pull_row *ret,
    bool *ret_found,
    struct err_info *reterr)
{
    TRY(pull_transaction(pull, reterr));
    CLEANUP(store_rollback) struct store *transaction = pull->setup.store;
    struct pull_row asked = *key;
    asked.scope = pull->scope;
    enum err err = pull_read(pull->setup.store, &asked, pull->scratch, ret, ret_found, reterr);
    transaction = store_rollback(transaction);
    return err;
}

enum err pull_open(struct pull *pull,
    struct str what,
    struct str subject,
    struct pull_part part,
    struct err_info *reterr)
{
    struct pull_row key = {
        .what = what, .subject = STR(""), .from_us = part.from_us, .to_us = part.to_us};
    struct pull_row found = {.scope = 0};
    bool is_there = false;
    REQUIRE(!pull->is_open);
    bool fits = str_copy_to(pull->subject, sizeof pull->subject, subject);
    key.subject = str_from(pull->subject);
    if (!fits) {
        return err_set(reterr, ERR_MALFORMED, "a payout's id is longer than an id may be");
    }
    if (!pull->setup.only_look) {
        TRY(read_row(pull, &key, &found, &is_there, reterr));
    }
    key.scope = pull->scope;
    key.round = found.round;
    key.finished_us = found.finished_us;
    begin_row(pull, &key);
    if (is_there && found.under_way && pull_set_cursor(pull, found.cursor)) {
        pull->row.source = found.source;
        pull->row.counts = found.counts;
        pull->row.refused = found.refused;
        pull->row.began_us = found.began_us;
        pull->cursor_is_old = found.cursor.len > 0;
        pull->progress.resumed = pull->progress.resumed || found.cursor.len > 0;
    }
    pull->milestone = pull->pages = pull->pages_max = 0;
    pull->reached_us = part.to_us;
    pull->is_open = true;
    pull->has_page = false;
    return ERR_OK;
}

#include "base/check.h"
#include "base/fault.h"
#include "base/limits.h"
#include "flow/statement_file_inside.h"
#include "flow/submit.h"
#include <inttypes.h>

#define BUSY_TRIES 5
#define SAMPLE_MAX 100 /* lines by which it is seen whose file it is */

/* --- a batch --- */

struct writing {
    const struct filed_setup *setup;
    struct filed_statement *file;
    struct arena *arena; /* of a batch */
    struct statement_taker *taker;
    struct statement_source source;
    int64_t root, done;
    bool finished; /* its bytes are there */
    struct said_line *lines;
    struct kept_total *totals;
    uint32_t count; /* of either */
    struct taken_counts counts;
};

static void add_counts(struct taken_counts *to, const struct taken_counts *more)
{
    to->added += more->added;
    to->known += more->known;
    to->learned += more->learned;
    to->restated += more->restated;
    to->unclassified += more->unclassified;
}

/* --- whose file is it? --- */

struct owners {
    uint32_t ours, others;
};

static enum err look_for_source(struct store *store,
    int64_t scope,
    const struct said_line *line,
    struct owners *owners,
    struct err_info *reterr)
{
    struct own_id id;
    int64_t found = 0;
    struct err_info info = {""};
    if (line->source.len == 0) {
        return ERR_OK;
    }
    enum err err = ref_find(store, scope, line->source_kind, line->source, &id, &found, &info);
    if (err == ERR_NOT_FOUND) {
        err = ref_find(store, 0, line->source_kind, line->source, &id, &found, &info);
        owners->others += err == ERR_OK || err == ERR_CONFLICT ? 1 : 0;
        return err == ERR_OK || err == ERR_CONFLICT || err == ERR_NOT_FOUND
                   ? ERR_OK
                   : err_set(reterr, err, "%s", info.text);
    }
    owners->ours += err == ERR_OK ? 1 : 0;
    return err == ERR_OK ? ERR_OK : err_set(reterr, err, "%s", info.text);
}

/* A line belongs to one account, and an object too: what is known of others tells. */
static enum err check_owner(struct writing *writing, struct store *store, struct err_info *reterr)
{
    struct owners owners = {0, 0};
    int64_t scope = writing->source.scope;
    for (uint32_t i = 0; i < writing->count && i < SAMPLE_MAX; i++) {
        int64_t elsewhere = 0;
        TRY(statement_elsewhere(store, scope, writing->lines[i].provider_id, &elsewhere, reterr));
        owners.others += elsewhere != 0 ? 1 : 0;
        TRY(look_for_source(store, scope, &writing->lines[i], &owners, reterr));
    }
    if (owners.others > 0 && owners.ours == 0) {
        return err_set(reterr, ERR_INVALID,
            "%s: is of another account than [account " STR_FMT "]: its lines, or what they are "
            "about, are known there: choose that account",
            writing->file->name, STR_ARG(writing->setup->account->says.name));
    }
    return ERR_OK;
}

/* --- transactions --- */

static enum err find_root(struct writing *writing, struct store *store, struct err_info *reterr)
{
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    TRY(scope_list(store, writing->arena, &rows, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        writing->root = rows[i].scope == writing->source.scope ? rows[i].root : writing->root;
    }
    ENSURE(writing->root > 0);
    return ERR_OK;
}

static enum err begin_source(struct writing *writing, struct store *store, struct err_info *reterr)
{
    const struct filed_setup *setup = writing->setup;
    TRY(submit_scope(store, setup->account, setup->below, &writing->source.scope, reterr));
    if (writing->done == 0) {
        TRY(find_root(writing, store, reterr));
        TRY(setup->surely_ours ? ERR_OK : check_owner(writing, store, reterr));
    }
    return statement_source_begin(store, &writing->source, &writing->finished, reterr);
}

static enum err take_batch(struct writing *writing,
    struct store *store,
    struct taken_counts *ret_counts,
    struct err_info *reterr)
{
    const struct statement_batch batch = {.scope = writing->source.scope,
        .root = writing->root,
        .source = writing->source.number,
        .lines = writing->lines,
        .count = writing->count,
        .kind = SOURCE_FILE,
        .policy = writing->setup->account->books.line};
    if (writing->file->layout.file == FILE_SUMMARY) {
        ret_counts->added = writing->count;
        return statement_totals_add(
            store, &writing->source, writing->done + 1, writing->totals, writing->count, reterr);
    }
    return statement_take(writing->taker, &batch, env_now(writing->setup->env), ret_counts, reterr);
}

/* A dry run does all of it and keeps nothing, so its source is not there in the next batch. */
static enum err work(struct writing *writing,
    struct store *store,
    struct taken_counts *ret_counts,
    struct err_info *reterr)
{
    if (writing->done == 0 || writing->setup->dry_run) {
        TRY(begin_source(writing, store, reterr));
    }
    return writing->finished ? ERR_OK : take_batch(writing, store, ret_counts, reterr);
}

static enum err try_batch(
    struct writing *writing, struct taken_counts *ret_counts, struct err_info *reterr)
{
    struct store *store = writing->setup->store;
    *ret_counts = (struct taken_counts){0};
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(work(writing, store, ret_counts, reterr));
    if (!writing->setup->dry_run) {
        fault_point(FAULT_BEFORE_COMMIT);
        transaction = NULL;
        TRY(store_commit(store, reterr));
    }
    return ERR_OK;
}

static enum err flush(struct writing *writing, struct err_info *reterr)
{
    struct taken_counts counts;
    struct err_info why = {""};
    enum err err = ERR_BUSY;
    for (int i = 0; i < BUSY_TRIES && (err == ERR_BUSY || err == ERR_CONFLICT); i++) {
        err = try_batch(writing, &counts, &why);
    }
    if (err == ERR_OVERFLOW) {
        return err_set(reterr, err,
            "%s: records %" PRId64 " to %" PRId64 ": with them what an account holds would not fit "
            "into 64 bits (%s): look for an amount that cannot be",
            writing->file->name, writing->done + 1, writing->done + writing->count, why.text);
    }
    if (err != ERR_OK) {
        return err_set(reterr, err, "%s", why.text);
    }
    add_counts(&writing->counts, &counts);
    writing->done += writing->count;
    writing->count = 0;
    arena_reset(writing->arena);
    return ERR_OK;
}

/* --- records --- */

static bool keep(struct arena *arena, struct str *text)
{
    struct str copy = text->len == 0 ? STR("") : arena_copy(arena, *text);
    *text = copy;
    return copy.data != NULL;
}

static bool keep_line(struct arena *arena, struct said_line *line)
{
    return keep(arena, &line->provider_id) && keep(arena, &line->type) &&
           keep(arena, &line->category) && keep(arena, &line->source) &&
           keep(arena, &line->attempt) && keep(arena, &line->account) &&
           keep(arena, &line->payout) && keep(arena, &line->text);
}

static bool keep_record(struct writing *writing, const struct filed_record *record)
{
    struct arena *arena = writing->arena;
    if (record->said != NULL) {
        struct said_line *line = &writing->lines[writing->count++];
        *line = *record->said;
        return keep_line(arena, line);
    }
    struct kept_total *total = &writing->totals[writing->count++];
    *total = (struct kept_total){
        record->total->category, record->total->currency, record->total->net_minor};
    return keep(arena, &total->category);
}

static enum err write_record(
    void *context, const struct filed_record *record, struct err_info *reterr)
{
    struct writing *writing = context;
    if (writing->finished) {
        return ERR_OK;
    }
    if (!keep_record(writing, record)) {
        return err_set(reterr, ERR_TOO_LARGE, "no memory for a batch of lines");
    }
    if (writing->count < STATEMENT_BATCH) {
        return ERR_OK;
    }
    TRY(flush(writing, reterr));
    if (writing->setup->on_progress != NULL) {
        writing->setup->on_progress(writing->setup->context, writing->file, writing->done);
    }
    return ERR_OK;
}

static enum err finish_source(struct writing *writing, struct err_info *reterr)
{
    struct store *store = writing->setup->store;
    TRY(store_begin(store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = store;
    TRY(statement_source_finish(
        store, &writing->source, &writing->counts, env_now(writing->setup->env), reterr));
    transaction = NULL;
    return store_commit(store, reterr);
}

static enum err write_all(struct writing *writing, struct err_info *reterr)
{
    const struct filed_setup *setup = writing->setup;
    TRY(statement_file_read(setup, writing->file, write_record, writing, reterr));
    if (!writing->finished) {
        TRY(flush(writing, reterr)); /* the last lines; of an empty file its source */
    }
    if (writing->finished || setup->dry_run) {
        return ERR_OK;
    }
    enum err err = ERR_BUSY;
    for (int i = 0; i < BUSY_TRIES && (err == ERR_BUSY || err == ERR_CONFLICT); i++) {
        err = finish_source(writing, reterr);
    }
    return err;
}

static struct statement_source source_of(
    const struct filed_setup *setup, const struct filed_statement *file)
{
    struct statement_source source = {.kind = SOURCE_FILE,
        .name = str_from(statement_file_word(file->layout.file)),
        .hashed = true,
        .bytes = file->bytes,
        .lines = file->lines,
        .from_us = file->from_us,
        .to_us = file->to_us,
        .received_us = env_now(setup->env)};
    memcpy(source.sha256, file->sha256, sizeof source.sha256);
    return source;
}

enum err statement_file_take(
    const struct filed_setup *setup, struct filed_statement *file, struct err_info *reterr)
{
    REQUIRE(setup != NULL && file != NULL && file->fd >= 0);
    CLEANUP(statement_taker_free)
    struct statement_taker *taker =
        statement_taker_new(setup->store, setup->account->provider, setup->env);
    CLEANUP(arena_free) struct arena *rows = arena_new(LIMIT_BATCH_ARENA_BYTES);
    CLEANUP(arena_free) struct arena *texts = arena_new(LIMIT_BATCH_ARENA_BYTES);
    if (taker == NULL || rows == NULL || texts == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    struct writing writing = {.setup = setup,
        .file = file,
        .arena = texts,
        .taker = taker,
        .source = source_of(setup, file),
        .lines = arena_new_array(rows, struct said_line, STATEMENT_BATCH),
        .totals = arena_new_array(rows, struct kept_total, STATEMENT_BATCH)};
    if (writing.lines == NULL || writing.totals == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    enum err err = write_all(&writing, reterr);
    file->counts = writing.counts;
    file->was_there = writing.finished;
    file->source_number = writing.source.number;
    return err;
}

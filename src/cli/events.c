#include "base/check.h"
#include "base/timestamp.h"
#include "cli/event_line.h"
#include "cli/object_word.h"
#include "cli/output.h"
#include "cli/scope_word.h"
#include <inttypes.h>

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define PAGE_ENTRIES 500
#define POLL_US INT64_C(200000)
#define PAUSE_US_MAX (5 * US_PER_SECOND) /* between two tries while the store is away */
#define LINE_BYTES_MAX ((size_t)1024 * 1024)

struct reading {
    struct command_context *context;
    const struct config *config;
    struct arena *arena;
    struct buf line; /* owned */
    struct event_filter filter;
    struct object_word object; /* id is empty: of all */
    struct own_id aggregate;   /* that one's; none: not looked up, or of all */
    bool follow;
    int64_t scope; /* 0: not known yet */
    int64_t after;
    bool after_is_checked;
    uint64_t left;              /* lines still to be printed */
    struct feed_entry *entries; /* in the arena */
    uint32_t count;
};

static void print_page(struct reading *reading)
{
    for (uint32_t i = 0; i < reading->count && reading->left > 0 && !output_is_gone(); i++) {
        const struct feed_entry *entry = &reading->entries[i];
        INVARIANT(
            entry->position > reading->after); /* in order, and no page repeats the one before */
        reading->after = entry->position;
        if (!event_is_wanted(&reading->filter, entry)) {
            continue;
        }
        if (reading->context->json) {
            event_line_json(entry, &reading->line);
        } else {
            event_line_text(entry, reading->arena);
        }
        reading->left--;
        if (reading->follow) {
            out_flush();
        }
    }
}

/* --- reading --- */

/* A reader of another scope's position, or of a store that was put back, would wait and then miss
 * events in silence. */
static enum err check_after(struct store *store, struct reading *reading, struct err_info *reterr)
{
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    TRY(scope_list(store, reading->arena, &rows, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].scope == reading->scope && rows[i].position < reading->after) {
            command_note(reading->context,
                "--after %" PRId64 " lies beyond the last position, %" PRId64
                ": is it of another scope, or was the store put back?",
                reading->after, rows[i].position);
        }
    }
    reading->after_is_checked = true;
    return ERR_OK;
}

/* Leaves the scope 0 when nothing has come in yet. */
static enum err find_scope(struct store *store, struct reading *reading, struct err_info *reterr)
{
    struct object_found found;
    if (reading->object.id.len > 0) {
        TRY(object_word_find(
            store, reading->config, &reading->object, reading->arena, &found, reterr));
        reading->aggregate = found.id;
        reading->scope = found.scope;
        return ERR_OK;
    }
    if (reading->object.scope_word.len > 0) {
        return scope_find(store, reading->config, reading->object.scope_word, reading->arena,
            &reading->scope, reterr);
    }
    return scope_only(store, reading->arena, &reading->scope, reterr);
}

static enum err read_page(struct store *store, void *context, struct err_info *reterr)
{
    struct reading *reading = context;
    arena_reset(reading->arena);
    reading->count = 0;
    if (reading->scope == 0) {
        TRY(find_scope(store, reading, reterr));
    }
    if (reading->scope == 0) {
        return ERR_OK; /* nothing has come in yet */
    }
    if (!reading->after_is_checked) {
        TRY(check_after(store, reading, reterr));
    }
    return own_id_is_none(reading->aggregate)
               ? feed_read(store, reading->scope, reading->after, PAGE_ENTRIES, reading->arena,
                     &reading->entries, &reading->count, reterr)
               : feed_read_of(store, reading->aggregate, reading->scope, reading->after,
                     PAGE_ENTRIES, reading->arena, &reading->entries, &reading->count, reterr);
}

/* To the end of what there is. */
static enum err read_all(struct reading *reading, struct store *store, struct err_info *reterr)
{
    do {
        TRY(command_transaction(store, STORE_READ, read_page, reading, reterr));
        print_page(reading);
    } while (reading->count == PAGE_ENTRIES && reading->left > 0 && !output_is_gone() &&
             !command_is_stopped());
    return ERR_OK;
}

/* A store that is away is asked again, over a new connection, until it is back. */
static void note_absence(
    struct reading *reading, bool lost, bool *away, enum err err, const struct err_info *info)
{
    if (lost && !*away) {
        command_note(
            reading->context, "%s: %s: trying again until it is back", err_text(err), info->text);
    } else if (!lost && *away) {
        command_note(reading->context, "the store is back; going on behind position %" PRId64,
            reading->after);
    }
    *away = lost;
}

static enum err follow(struct reading *reading, struct store **store, struct err_info *reterr)
{
    bool away = false;
    int64_t pause_us = POLL_US;
    while (!command_is_stopped() && !output_is_gone() && reading->left > 0) {
        struct err_info info = {""};
        enum err err = *store != NULL ? ERR_OK
                                      : store_open(reading->config->store_url, STORE_READ,
                                            reading->context->env, store, &info);
        err = err != ERR_OK ? err : read_all(reading, *store, &info);
        bool no_scope_yet = err == ERR_NOT_FOUND && reading->scope == 0 && *store != NULL &&
                            reading->object.id.len == 0;
        bool lost = *store == NULL || err_is_retryable(err);
        if (err != ERR_OK && !lost && !no_scope_yet) {
            return err_set(reterr, err, "%s", info.text);
        }
        note_absence(reading, lost, &away, err, &info);
        *store = lost ? store_close(*store) : *store;
        pause_us = !lost ? POLL_US : pause_us * 2 > PAUSE_US_MAX ? PAUSE_US_MAX : pause_us * 2;
        if (reading->left > 0) {
            out_flush();
            command_sleep(pause_us);
        }
    }
    return ERR_OK;
}

/* --- the command --- */

static int run(struct reading *reading)
{
    int exit_code = 0;
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    command_catch_signals();
    if (command_open_ready(reading->context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    reading->config = config;
    enum err err =
        reading->follow ? follow(reading, &store, &info) : read_all(reading, store, &info);
    if (reading->object.id.len > 0 && reading->scope == 0 &&
        (err == ERR_NOT_FOUND || err == ERR_CONFLICT)) {
        return command_refuse(reading->context, err, "%s", info.text);
    }
    return err == ERR_OK ? 0 : command_fail(reading->context, err, &info);
}

int command_events(struct command_context *context)
{
    int64_t limit = 0;
    struct reading reading = {.context = context};
    const struct option_row options[] = {
        {"--after", OPTION_INT, "N", "behind that position (default: 0, from the beginning)",
            &reading.after},
        {"--follow", OPTION_FLAG, NULL, "go on with what comes, until stopped", &reading.follow},
        {"--limit", OPTION_INT, "N", "at most so many (default: 0, all)", &limit},
        {"--type", OPTION_TEXT, "TYPE", "only that type; `payment.*` for a family",
            &reading.filter.type},
        {"--kind", OPTION_TEXT, "KIND", "only those of that kind of object: payment, invoice...",
            &reading.filter.kind_word},
        {"--aggregate", OPTION_TEXT, "ID", "only those of that object; ours or the provider's id",
            &reading.object.id},
        {"--scope", OPTION_TEXT, "SCOPE", "whose: the scope's number, or the account's label",
            &reading.object.scope_word},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis =
            "events [--after N] [--follow] [--json] [--limit N] [--type TYPE] [--aggregate ID] ...",
        .description = "Prints the domain events, one a line, in the order of their positions. "
                       "Positions are per scope\n"
                       "(an account in one environment), have no gaps, and never change: keep the "
                       "last one you have\n"
                       "dealt with and go on with --after. With one scope that is the one; with "
                       "several, say --scope. --aggregate takes an id as `show` does: a charge's "
                       "leads to its payment.\n"
                       "--follow waits for more, outlasts a store that is briefly away, and ends "
                       "on SIGINT, SIGTERM or\n"
                       "when nobody reads any more.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    enum err err = event_filter_take(context, &reading.filter);
    if (err != ERR_OK) {
        return err_exit_code(err);
    }
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    if (arena == NULL) {
        return command_fail(context, ERR_BUSY, NULL);
    }
    reading.arena = arena;
    reading.left = limit == 0 ? UINT64_MAX : (uint64_t)limit;
    buf_init(&reading.line, LINE_BYTES_MAX);
    exit_code = run(&reading);
    buf_fini(&reading.line);
    return exit_code;
}

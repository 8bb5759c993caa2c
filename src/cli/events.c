#include "base/check.h"
#include "base/timestamp.h"
#include "store/feed.h"
#include "cli/command.h"
#include "cli/headline.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include "cli/scope_word.h"
#include <inttypes.h>
#include <stdio.h>

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
    struct str scope_word, type;
    bool type_is_family; /* `payment.*` */
    bool follow;
    int64_t scope; /* 0: not known yet */
    int64_t after;
    bool after_is_checked;
    uint64_t left;              /* lines still to be printed */
    struct feed_entry *entries; /* in the arena */
    uint32_t count;
};

/* --- one line an event --- */

static void id_text(const struct feed_entry *entry, char to[static OWN_ID_TEXT_BYTES])
{
    own_id_format(domain_event_aggregate(entry->type), entry->aggregate_id, to);
}

static void print_json(struct reading *reading, const struct feed_entry *entry)
{
    char id[80];
    char aggregate[OWN_ID_TEXT_BYTES];
    struct json_writer json;
    buf_clear(&reading->line);
    json_writer_init(&json, &reading->line);
    (void)snprintf(id, sizeof id, "cf_evt_%" PRId64 "_%" PRId64, entry->scope, entry->position);
    id_text(entry, aggregate);
    json_begin_object(&json, STR_NONE);
    json_add_string(&json, STR("id"), str_from(id));
    json_add_int(&json, STR("scope"), entry->scope);
    json_add_int(&json, STR("position"), entry->position);
    json_add_string(&json, STR("type"), str_from(domain_event_name(entry->type)));
    json_add_int(&json, STR("schema"), entry->schema);
    json_add_time(&json, STR("occurred_at"), entry->occurred_at_us);
    json_add_time(&json, STR("recorded_at"), entry->recorded_at_us);
    json_add_bool(&json, STR("late"), entry->late);
    json_add_string(&json, STR("aggregate_id"), str_from(aggregate));
    json_add_raw(&json, STR("data"), entry->body);
    json_end_object(&json);
    out_json(&reading->line);
}

/* Amount and state, out of the event's own data; empty when it has none. */
static void summarise(
    struct reading *reading, const struct feed_entry *entry, char *to, size_t size)
{
    const struct record_kind *kind = record_kind_of(domain_event_aggregate(entry->type));
    const struct field *amount = headline_amount(kind);
    const struct field *unit = headline_currency(kind);
    struct json_document document;
    struct currency currency;
    int64_t minor = 0;
    char money[MONEY_TEXT_BYTES] = "";
    to[0] = '\0';
    if (json_parse(entry->body, reading->arena, &document) != ERR_OK) {
        return;
    }
    const struct json *record = json_get(document.root, str_from(kind->table));
    if (amount != NULL && unit != NULL &&
        json_int64(json_get(record, str_from(amount->name)), &minor) == ERR_OK &&
        currency_parse(json_string(json_get(record, str_from(unit->name))), &currency) == ERR_OK) {
        money_format(minor, currency, money);
    }
    struct str state = json_string(json_get(record, STR("state")));
    if (money[0] != '\0' || state.len > 0) {
        (void)snprintf(
            to, size, "%16s%s" STR_FMT, money, state.len > 0 ? "  " : "", STR_ARG(state));
    }
}

/* Columns of the longest type there is. */
static int type_width(void)
{
    size_t widest = 0;
    for (int i = 0; i < EVENT_TYPE_COUNT; i++) {
        size_t width = strlen(domain_event_name((enum domain_event_type)i));
        widest = width > widest ? width : widest;
    }
    return (int)widest;
}

static void print_text(struct reading *reading, const struct feed_entry *entry)
{
    char when[TIME_TEXT_BYTES];
    char aggregate[OWN_ID_TEXT_BYTES];
    char summary[200];
    time_format(entry->occurred_at_us, when);
    id_text(entry, aggregate);
    summarise(reading, entry, summary, sizeof summary);
    outf("%8" PRId64 "  %s  %-*s  %s", entry->position, when, type_width(),
        domain_event_name(entry->type), aggregate);
    out_escaped(str_from(summary));
    out(entry->late ? STR("  late\n") : STR("\n"));
}

static bool is_wanted(const struct reading *reading, const struct feed_entry *entry)
{
    struct str name = str_from(domain_event_name(entry->type));
    return reading->type.len == 0 || (reading->type_is_family ? str_starts_with(name, reading->type)
                                                              : str_eq(name, reading->type));
}

static void print_page(struct reading *reading)
{
    for (uint32_t i = 0; i < reading->count && reading->left > 0 && !output_is_gone(); i++) {
        const struct feed_entry *entry = &reading->entries[i];
        INVARIANT(
            entry->position > reading->after); /* in order, and no page repeats the one before */
        reading->after = entry->position;
        if (!is_wanted(reading, entry)) {
            continue;
        }
        if (reading->context->json) {
            print_json(reading, entry);
        } else {
            print_text(reading, entry);
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

static enum err read_page(struct store *store, void *context, struct err_info *reterr)
{
    struct reading *reading = context;
    arena_reset(reading->arena);
    reading->count = 0;
    if (reading->scope == 0 && reading->scope_word.len > 0) {
        TRY(scope_find(
            store, reading->config, reading->scope_word, reading->arena, &reading->scope, reterr));
    } else if (reading->scope == 0) {
        TRY(scope_only(store, reading->arena, &reading->scope, reterr));
    }
    if (reading->scope == 0) {
        return ERR_OK; /* nothing has come in yet */
    }
    if (!reading->after_is_checked) {
        TRY(check_after(store, reading, reterr));
    }
    return feed_read(store, reading->scope, reading->after, PAGE_ENTRIES, reading->arena,
        &reading->entries, &reading->count, reterr);
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
        bool no_scope_yet = err == ERR_NOT_FOUND && reading->scope == 0 && *store != NULL;
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

/* Exactly one type, or a family of them: `payment.*`. */
static enum err check_type(struct reading *reading)
{
    const char *names[EVENT_TYPE_COUNT];
    enum domain_event_type type;
    struct str word = reading->type;
    bool known = word.len == 0 || domain_event_parse(word, &type);
    if (word.len > 2 && word.data[word.len - 1] == '*' && word.data[word.len - 2] == '.') {
        reading->type.len = word.len - 1;
        reading->type_is_family = true;
    }
    for (int i = 0; i < EVENT_TYPE_COUNT; i++) {
        names[i] = domain_event_name((enum domain_event_type)i);
        known = known ||
                (reading->type_is_family && str_starts_with(str_from(names[i]), reading->type));
    }
    if (known) {
        return ERR_OK;
    }
    const char *near = nearest(word, names, EVENT_TYPE_COUNT);
    (void)command_refuse(reading->context, ERR_USAGE, "there is no event type " STR_FMT "%s%s%s",
        STR_ARG(word), near == NULL ? "" : "; did you mean ", near == NULL ? "" : near,
        near == NULL ? "" : "?");
    return ERR_USAGE;
}

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
        {"--type", OPTION_TEXT, "TYPE", "only that type; `payment.*` for a family", &reading.type},
        {"--scope", OPTION_TEXT, "SCOPE", "whose: the scope's number, or the account's label",
            &reading.scope_word},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis =
            "events [--after N] [--follow] [--json] [--limit N] [--type TYPE] [--scope SCOPE]",
        .description = "Prints the domain events, one a line, in the order of their positions. "
                       "Positions are per scope\n"
                       "(an account in one environment), have no gaps, and never change: keep the "
                       "last one you have\n"
                       "dealt with and go on with --after. With one scope that is the one; with "
                       "several, say --scope.\n"
                       "--follow waits for more, outlasts a store that is briefly away, and ends "
                       "on SIGINT, SIGTERM or\n"
                       "when nobody reads any more.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    enum err err = check_type(&reading);
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

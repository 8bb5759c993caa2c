#include "base/check.h"
#include "base/timestamp.h"
#include "store/records.h"
#include "cli/inbox_view.h"
#include "cli/output.h"
#include <inttypes.h>
#include <stdio.h>

#define LIST_LIMIT 100
#define JSON_BYTES 65536

/* --- list --- */

struct listing {
    struct command_context *context;
    struct table *table; /* NULL: JSON */
    uint64_t count;
};

static enum colour status_colour(enum work_status status)
{
    return status == WORK_DEAD                               ? COLOUR_BAD
           : status == WORK_WAITING                          ? COLOUR_WARN
           : status == WORK_STALE || status == WORK_RECORDED ? COLOUR_DIM
                                                             : COLOUR_NONE;
}

/* Why it is as it is, in a few words. */
static struct str why(const struct inbox_row *row, int64_t now_us, char *to, size_t size)
{
    if (row->status == WORK_RECORDED) {
        return str_from(reason_word(row->reason));
    }
    if (row->status == WORK_WAITING) {
        char in[TIME_TEXT_BYTES];
        age_format(row->due_us, now_us, in);
        (void)snprintf(to, size, "%" PRId64 " attempts, next in %s: " STR_FMT " " STR_FMT,
            row->attempts, in, STR_ARG(row->error_name), STR_ARG(row->error_text));
        return str_from(to);
    }
    if (row->status == WORK_DEAD) {
        (void)snprintf(
            to, size, STR_FMT ": " STR_FMT, STR_ARG(row->error_name), STR_ARG(row->error_text));
        return str_from(to);
    }
    return STR(" ");
}

static void print_json_row(const struct inbox_row *row)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, JSON_BYTES);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    inbox_row_json(row, &json);
    json_end_object(&json);
    out_json(&text);
}

static void add_page(void *context, const struct inbox_row *rows, uint32_t count)
{
    struct listing *listing = context;
    int64_t now_us = env_now(listing->context->env);
    listing->count += count;
    for (uint32_t i = 0; i < count; i++) {
        const struct inbox_row *row = &rows[i];
        if (listing->table == NULL) {
            print_json_row(row);
            continue;
        }
        char when[TIME_TEXT_BYTES];
        char words[400];
        time_format(row->received_us, when);
        table_addf(listing->table, "%" PRId64, row->seq);
        table_add(listing->table, str_from(when));
        table_add(listing->table, row->type);
        table_add(listing->table, row->event_id);
        table_add_coloured(
            listing->table, status_colour(row->status), str_from(work_status_word(row->status)));
        table_add(listing->table, why(row, now_us, words, sizeof words));
    }
}

int inbox_list_command(
    struct command_context *context, const struct selection *selection, const char *none)
{
    static const struct table_column columns[] = {{"SEQ", true}, {"RECEIVED (UTC)", false},
        {"TYPE", false}, {"EVENT", false}, {"STATUS", false}, {"WHY", false}};
    CLEANUP(table_free) struct table *table = context->json ? NULL : table_new(columns, 6);
    struct listing listing = {.context = context, .table = table};
    if (table == NULL && !context->json) {
        return command_fail(context, ERR_BUSY, NULL);
    }
    uint64_t limit = selection->limit == 0 ? UINT64_MAX : (uint64_t)selection->limit;
    int exit_code = inbox_pages(context, selection, limit, add_page, &listing);
    if (exit_code != 0 || context->json) {
        return exit_code;
    }
    if (listing.count == 0) {
        outf("%s\n", none);
        return 0;
    }
    table_print(table);
    if (listing.count == limit) {
        command_note(context, "%" PRIu64 " are shown; there may be more: --limit", limit);
    }
    return 0;
}

static int list(struct command_context *context)
{
    struct selection chosen = {.limit = LIST_LIMIT};
    const struct option_row options[] = {
        {"--status", OPTION_TEXT, "WORD", "new, claimed, waiting, applied, stale, recorded or dead",
            &chosen.status},
        SELECTION_ROWS(chosen),
        {"--after", OPTION_INT, "SEQ", "behind that number", &chosen.after},
        {"--newest", OPTION_FLAG, NULL, "the newest first", &chosen.newest},
        {"--limit", OPTION_INT, "N", "at most so many (default: 100; 0: all)", &chosen.limit},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis =
            "inbox list [--status WORD] [--type TYPE] [--error NAME] [--from TIME] [--newest] ...",
        .description = "Lists the events that came in, without their bodies, in the order in which "
                       "they were kept.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    if (chosen.newest && chosen.limit == 0) {
        return command_refuse(context, ERR_USAGE, "--newest wants a --limit");
    }
    return inbox_list_command(context, &chosen, "no such events");
}

/* --- show --- */

int inbox_show_verb(
    struct command_context *context, const char *synopsis, const char *description, bool only_dead)
{
    bool body = false;
    const struct option_row options[] = {
        {"--body", OPTION_FLAG, NULL, "print the exact bytes that came (personal data) instead",
            &body},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis = synopsis, .description = description, .options = options};
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum err err = options_parse(context, &usage, 1, 1, &words, &count, &help);
    if (err != ERR_OK || help) {
        return err_exit_code(err);
    }
    return inbox_show_one(context, words[0], body, only_dead);
}

static int show(struct command_context *context)
{
    return inbox_show_verb(context, "inbox show SEQ [--body]",
        "Shows one event: what it is, how it was proven, what was done with it and why.\n"
        "The body is checked against its hash.",
        false);
}

/* --- stats --- */

struct numbers {
    struct inbox_stats stats;
    struct oddities oddities;
    int64_t now_us;
};

static enum err read_numbers(struct store *store, void *context, struct err_info *reterr)
{
    struct numbers *numbers = context;
    TRY(inbox_stats(store, &numbers->stats, reterr));
    return records_oddities(store, numbers->now_us - US_PER_HOUR, &numbers->oddities, reterr);
}

static void print_count(
    const char *name, int64_t count, const char *what, int64_t oldest_us, int64_t now_us)
{
    char age[TIME_TEXT_BYTES];
    age_format(now_us, oldest_us, age);
    outf("  %-12s %10" PRId64 "%s%s", name, count, what[0] != '\0' ? "  " : "", what);
    outf(oldest_us == 0 ? "%.0s\n" : "  (the oldest for %s)\n", age);
}

static void print_numbers(const struct numbers *numbers)
{
    const struct inbox_stats *stats = &numbers->stats;
    int64_t now_us = numbers->now_us;
    int64_t open_us =
        stats->by_status[WORK_NEW] + stats->by_status[WORK_CLAIMED] > 0 ? stats->oldest_open_us : 0;
    outf("Events by status\n");
    for (int i = 0; i < WORK_STATUS_COUNT; i++) {
        int64_t oldest_us = i == WORK_WAITING ? stats->oldest_waiting_us
                            : i == WORK_DEAD  ? stats->oldest_dead_us
                            : i == WORK_NEW   ? open_us
                                              : 0;
        print_count(
            work_status_word((enum work_status)i), stats->by_status[i], "", oldest_us, now_us);
    }
    print_count("total", stats->total, "", 0, now_us);
    bool titled = false;
    for (int i = 0; i < REASON_COUNT; i++) {
        if (stats->by_reason[i] > 0) {
            outf("%s", titled ? "" : "\nRecorded, by reason\n");
            outf("  %-18s %10" PRId64 "  %s\n", reason_word((enum reason)i), stats->by_reason[i],
                reason_help((enum reason)i));
            titled = true;
        }
    }
    outf("\nTo look at\n");
    print_count("contested", numbers->oddities.contested,
        "objects whose snapshots of one second no rule could order",
        numbers->oddities.contested_oldest_us, now_us);
    print_count("stubs", numbers->oddities.stubs,
        "attempts named an hour ago or longer, and never seen themselves",
        numbers->oddities.stubs_oldest_us, now_us);
}

static void print_numbers_json(const struct numbers *numbers)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    const struct inbox_stats *stats = &numbers->stats;
    buf_init(&text, JSON_BYTES);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    json_add_int(&json, STR("total"), stats->total);
    json_begin_object(&json, STR("by_status"));
    for (int i = 0; i < WORK_STATUS_COUNT; i++) {
        json_add_int(&json, str_from(work_status_word((enum work_status)i)), stats->by_status[i]);
    }
    json_end_object(&json);
    json_begin_object(&json, STR("by_reason"));
    for (int i = 0; i < REASON_COUNT; i++) {
        if (stats->by_reason[i] > 0) {
            json_add_int(&json, str_from(reason_word((enum reason)i)), stats->by_reason[i]);
        }
    }
    json_end_object(&json);
    json_add_time(&json, STR("oldest_open_received_at"), stats->oldest_open_us);
    json_add_time(&json, STR("oldest_waiting_received_at"), stats->oldest_waiting_us);
    json_add_time(&json, STR("oldest_dead_received_at"), stats->oldest_dead_us);
    json_add_int(&json, STR("contested"), numbers->oddities.contested);
    json_add_time(&json, STR("oldest_contested_at"), numbers->oddities.contested_oldest_us);
    json_add_int(&json, STR("stubs"), numbers->oddities.stubs);
    json_add_time(&json, STR("oldest_stub_at"), numbers->oddities.stubs_oldest_us);
    json_end_object(&json);
    out_json(&text);
}

static int stats(struct command_context *context)
{
    const struct option_row options[] = {{NULL, OPTION_FLAG, NULL, NULL, NULL}};
    const struct usage usage = {
        .synopsis = "inbox stats",
        .description =
            "Counts events by status and reason, with the ages of what is open, waiting, dead,\n"
            "contested or a stub. Reads totals, never the whole inbox.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    struct err_info info = {""};
    struct numbers numbers = {.now_us = env_now(context->env)};
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    if (command_open_ready(context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    enum err err = command_transaction(store, STORE_READ, read_numbers, &numbers, &info);
    if (err != ERR_OK) {
        return command_fail(context, err, &info);
    }
    if (context->json) {
        print_numbers_json(&numbers);
    } else {
        print_numbers(&numbers);
    }
    return 0;
}

int command_inbox(struct command_context *context)
{
    static const struct command_verb verbs[] = {
        {"list", "the events that came in, by status, type, error, time", list},
        {"show", "one event: proof, state of the work, outcome, why", show},
        {"stats", "counts by status and reason, and the ages of what is open", stats},
        {NULL, NULL, NULL},
    };
    return command_verbs(context,
        "Looks at the inbox: every proven event, kept for ever, and the work there was with it.",
        verbs);
}

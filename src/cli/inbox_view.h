/* inbox_view: choosing inbox events by options, and showing them; shared by inbox and dead-letters.
 *
 * Layer: cli.
 */
#pragma once

#include "store/inbox.h"
#include "cli/command.h"

/* What the options say; zeroed: everything. */
struct selection {
    struct str status, type, event_id, error, scope, from, to;
    int64_t after, limit;
    bool newest;
};

/* The rows for an options table that every list has. */
#define SELECTION_ROWS(selection)                                                                  \
    {"--type", OPTION_TEXT, "TYPE", "of that type; `charge.*` for a family", &(selection).type},   \
        {"--event-id", OPTION_TEXT, "ID", "with that id of the provider's",                        \
            &(selection).event_id},                                                                \
        {"--error", OPTION_TEXT, "NAME", "whose last attempt failed with it, like MALFORMED",      \
            &(selection).error},                                                                   \
        {"--scope", OPTION_TEXT, "SCOPE", "of that scope: its number or the account's label",      \
            &(selection).scope},                                                                   \
        {"--from", OPTION_TEXT, "TIME", "received at or after: a time, a day, or how long ago",    \
            &(selection).from},                                                                    \
    {                                                                                              \
        "--to", OPTION_TEXT, "TIME", "received before", &(selection).to                            \
    }

/* Judges what needs no store. ERR_USAGE, ERR_NOT_FOUND were said. */
MUST_USE enum err selection_filter(const struct command_context *context,
    const struct selection *selection,
    struct inbox_filter *ret_filter);

/* Fills in the scope. Inside a transaction. */
MUST_USE enum err selection_scope(const struct selection *selection,
    struct store *store,
    const struct config *config,
    struct arena *arena,
    struct inbox_filter *filter,
    struct err_info *reterr);

/* Reads the rows that `filter` chooses, at most `limit` in all, in short transactions, and gives
 * each page to `page`, between them. Says what goes wrong; returns the exit code. */
typedef void inbox_page_fn(void *context, const struct inbox_row *rows, uint32_t count);
int inbox_pages(struct command_context *context,
    const struct selection *selection,
    uint64_t limit,
    inbox_page_fn *page,
    void *page_context);

/* Prints the events that are chosen as a table, or as JSON; `none` when there is no such event. */
int inbox_list_command(
    struct command_context *context, const struct selection *selection, const char *none);

/* Shows the event of that number; `only_dead` refuses one in another state. */
int inbox_show_one(
    struct command_context *context, const char *seq, bool with_body, bool only_dead);
/* The verb with its options. */
int inbox_show_verb(
    struct command_context *context, const char *synopsis, const char *description, bool only_dead);

/* An event as members of an open JSON object. */
void inbox_row_json(const struct inbox_row *row, struct json_writer *json);

/* Sequence numbers given as words. ERR_USAGE was said. */
MUST_USE enum err seq_parse(
    const struct command_context *context, const char *word, int64_t *ret_seq);

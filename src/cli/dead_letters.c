#include "base/check.h"
#include "store/audit.h"
#include "cli/inbox_view.h"
#include "cli/output.h"
#include "cli/who.h"
#include <inttypes.h>
#include <stdio.h>

#define ARENA_BYTES ((size_t)32 * 1024 * 1024)
#define BATCH_ROWS 200 /* changed in one transaction, so that intake never waits long */
#define NAMED_MAX 1000 /* sequence numbers on one command line */
#define LIST_LIMIT 100
#define REASON_BYTES_MAX 1000

enum action { ACTION_RETRY, ACTION_DISCARD };

struct change {
    struct command_context *context;
    const struct config *config;
    enum action action;
    struct selection selection;
    struct inbox_filter filter;
    struct str reason; /* of people, for the audit log */
    bool all, dry_run;
    int64_t named[NAMED_MAX];
    uint32_t named_count;
    char who[WHO_BYTES];
    struct arena *arena;
    struct table *table; /* --dry-run for people; NULL otherwise */
    /* of one transaction */
    int64_t seqs[BATCH_ROWS];
    uint32_t seq_count;
    struct inbox_row rows[BATCH_ROWS]; /* in the arena but for the struct itself */
    int64_t changed;
};

/* --- one transaction --- */

/* Named ones that are not dead are left out; report() says how many. */
static enum err choose_named(
    struct store *store, struct change *change, uint32_t from, struct err_info *reterr)
{
    for (uint32_t i = from; i < change->named_count && i < from + BATCH_ROWS; i++) {
        struct inbox_row *rows = NULL;
        uint32_t count = 0;
        struct inbox_filter filter = change->filter;
        filter.after_seq = change->named[i] - 1;
        filter.limit = 1;
        TRY(inbox_list(store, &filter, change->arena, &rows, &count, reterr));
        if (count == 1 && rows[0].seq == change->named[i]) {
            change->rows[change->seq_count] = rows[0];
            change->seqs[change->seq_count++] = rows[0].seq;
        }
    }
    return ERR_OK;
}

static enum err choose_filtered(struct store *store, struct change *change, struct err_info *reterr)
{
    struct inbox_row *rows = NULL;
    uint32_t count = 0;
    TRY(selection_scope(
        &change->selection, store, change->config, change->arena, &change->filter, reterr));
    TRY(inbox_list(store, &change->filter, change->arena, &rows, &count, reterr));
    ENSURE(count <= BATCH_ROWS);
    for (uint32_t i = 0; i < count; i++) {
        change->rows[i] = rows[i];
        change->seqs[i] = rows[i].seq;
    }
    change->seq_count = count;
    return ERR_OK;
}

/* Who did what to which event, in the very transaction that does it. */
static enum err audit(
    struct store *store, const struct change *change, int64_t now_us, struct err_info *reterr)
{
    for (uint32_t i = 0; i < change->seq_count; i++) {
        char subject[40];
        (void)snprintf(subject, sizeof subject, "inbox:%" PRId64, change->seqs[i]);
        const struct audit_entry entry = {
            .at_us = now_us,
            .who = str_from(change->who),
            .action = change->action == ACTION_RETRY ? STR("dead_letter.retry")
                                                     : STR("dead_letter.discard"),
            .subject = str_from(subject),
            .reason = change->reason,
        };
        TRY(audit_append(store, &entry, reterr));
    }
    return ERR_OK;
}

struct step {
    struct change *change;
    uint32_t from; /* of the named ones */
};

static enum err change_batch(struct store *store, void *context, struct err_info *reterr)
{
    struct step *step = context;
    struct change *change = step->change;
    int64_t now_us = env_now(change->context->env);
    arena_reset(change->arena);
    change->seq_count = 0;
    change->changed = 0;
    if (change->named_count > 0) {
        TRY(choose_named(store, change, step->from, reterr));
    } else {
        TRY(choose_filtered(store, change, reterr));
    }
    if (change->dry_run || change->seq_count == 0) {
        return ERR_OK;
    }
    TRY((change->action == ACTION_RETRY ? dead_retry : dead_discard)(
        store, change->seqs, change->seq_count, now_us, &change->changed, reterr));
    if (change->changed != change->seq_count) {
        return err_set(reterr, ERR_CONFLICT,
            "a dead letter changed at the same time; nothing of this batch is done");
    }
    return audit(store, change, now_us, reterr);
}

/* --- all of them --- */

static void show_json(const struct change *change, const struct inbox_row *row)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, 65536);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    json_add_int(&json, STR("seq"), row->seq);
    json_add_string(&json, STR("event_id"), row->event_id);
    json_add_string(&json, STR("type"), row->type);
    json_add_string(&json, STR("error"), row->error_name);
    json_add_string(
        &json, STR("action"), change->action == ACTION_RETRY ? STR("retry") : STR("discard"));
    json_add_bool(&json, STR("done"), !change->dry_run);
    json_end_object(&json);
    out_json(&text);
}

static void show_batch(const struct change *change)
{
    for (uint32_t i = 0; i < change->seq_count; i++) {
        const struct inbox_row *row = &change->rows[i];
        if (change->context->json) {
            show_json(change, row);
        } else if (change->table != NULL) {
            table_addf(change->table, "%" PRId64, row->seq);
            table_add(change->table, row->type);
            table_add(change->table, row->event_id);
            table_add(change->table, row->error_name);
            table_add(change->table, row->error_text);
        }
    }
}

/* *ret_count: how many are, or would be, changed. */
static enum err change_all(
    struct store *store, struct change *change, uint64_t *ret_count, struct err_info *reterr)
{
    uint64_t count = 0;
    struct step step = {.change = change};
    bool more = true;
    while (more) {
        enum store_access access = change->dry_run ? STORE_READ : STORE_WRITE;
        *ret_count = count; /* also when a later batch fails: what is done stays done */
        TRY(command_transaction(store, access, change_batch, &step, reterr));
        show_batch(change);
        count += change->seq_count;
        if (change->named_count > 0) {
            step.from += BATCH_ROWS;
            more = step.from < change->named_count;
        } else {
            more = change->seq_count == BATCH_ROWS;
            change->filter.after_seq = more ? change->seqs[change->seq_count - 1] : 0;
        }
    }
    *ret_count = count;
    return ERR_OK;
}

static int report(const struct change *change, uint64_t count)
{
    const char *done = change->action == ACTION_RETRY
                           ? "will be tried again from the beginning"
                           : "discarded: recorded with that reason, changing nothing";
    if (!change->context->json && change->table != NULL && count > 0) {
        table_print(change->table);
    }
    if (count == 0) {
        return command_refuse(change->context, ERR_NOT_FOUND, "no such dead letter");
    }
    if (!change->context->json) {
        outf("%" PRIu64 " %s%s\n", count, count == 1 ? "dead letter " : "dead letters ",
            change->dry_run ? (change->action == ACTION_RETRY ? "would be tried again (--dry-run)"
                                                              : "would be discarded (--dry-run)")
                            : done);
    }
    if (count < change->named_count) {
        return command_refuse(change->context, ERR_NOT_FOUND,
            "%" PRIu64 " of the %u named are no dead letters", change->named_count - count,
            change->named_count);
    }
    return 0;
}

static enum err take_words(struct change *change, char **words, int count)
{
    for (int i = 0; i < count; i++) {
        TRY(seq_parse(change->context, words[i], &change->named[i]));
        for (int j = 0; j < i; j++) {
            if (change->named[j] == change->named[i]) {
                (void)command_refuse(change->context, ERR_USAGE, "%s is named twice", words[i]);
                return ERR_USAGE;
            }
        }
    }
    change->named_count = (uint32_t)count;
    TRY(selection_filter(change->context, &change->selection, &change->filter));
    change->filter.by_status = true;
    change->filter.status = WORK_DEAD;
    change->filter.limit = BATCH_ROWS;
    const struct selection *chosen = &change->selection;
    size_t filters = chosen->type.len + chosen->event_id.len + chosen->error.len +
                     chosen->scope.len + chosen->from.len + chosen->to.len;
    int ways = (count > 0) + (filters > 0) + (change->all ? 1 : 0);
    if (ways != 1) {
        (void)command_refuse(change->context, ERR_USAGE, "%s",
            ways == 0 ? "say which: their numbers, filters like --type, or --all"
                      : "numbers, filters and --all exclude each other");
        return ERR_USAGE;
    }
    return ERR_OK;
}

static int run(struct change *change)
{
    static const struct table_column columns[] = {
        {"SEQ", true}, {"TYPE", false}, {"EVENT", false}, {"ERROR", false}, {"WHY", false}};
    struct command_context *context = change->context;
    struct err_info info = {""};
    int exit_code = 0;
    uint64_t count = 0;
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(table_free) struct table *table = change->dry_run ? table_new(columns, 5) : NULL;
    if (arena == NULL) {
        return command_fail(context, ERR_BUSY, NULL);
    }
    enum store_access access = change->dry_run ? STORE_READ : STORE_WRITE;
    if (command_open_ready(context, access, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    change->config = config;
    change->arena = arena;
    change->table = table;
    who_decides(change->who);
    enum err err = change_all(store, change, &count, &info);
    if (err != ERR_OK && count > 0) {
        command_note(context, "%" PRIu64 " were done before this:", count);
    }
    return err != ERR_OK ? command_fail(context, err, &info) : report(change, count);
}

/* --- verbs --- */

static int list(struct command_context *context)
{
    struct selection chosen = {.status = STR("dead"), .limit = LIST_LIMIT};
    const struct option_row options[] = {
        SELECTION_ROWS(chosen),
        {"--after", OPTION_INT, "SEQ", "behind that number", &chosen.after},
        {"--limit", OPTION_INT, "N", "at most so many (default: 100; 0: all)", &chosen.limit},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis = "dead-letters list [--type TYPE] [--error NAME] [--from TIME] [--to TIME] ...",
        .description =
            "Lists the events that could not be decided, with the error of the last attempt.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    return inbox_list_command(context, &chosen, "no dead letters");
}

static int show(struct command_context *context)
{
    return inbox_show_verb(context, "dead-letters show SEQ [--body]",
        "Shows one dead letter: what it is, how often it was tried, and what was wrong.", true);
}

static int retry(struct command_context *context)
{
    struct change change = {.context = context, .action = ACTION_RETRY};
    const struct option_row options[] = {
        SELECTION_ROWS(change.selection),
        {"--all", OPTION_FLAG, NULL, "every dead letter", &change.all},
        {"--reason", OPTION_TEXT, "TEXT", "why, for the audit log", &change.reason},
        {"--dry-run", OPTION_FLAG, NULL, "only say what would happen", &change.dry_run},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis =
            "dead-letters retry SEQ... | --all | [--type TYPE] [--error NAME] [--from TIME] ...",
        .description =
            "Makes dead letters due again, now, with attempts counted from zero. The audit log "
            "keeps who\n"
            "and when. Exit code 4 when nothing matched, or a number named is no dead letter.",
        .options = options,
    };
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum err err = options_parse(context, &usage, 0, NAMED_MAX, &words, &count, &help);
    if (err == ERR_OK && !help) {
        err = take_words(&change, words, count);
    }
    return err != ERR_OK || help ? err_exit_code(err) : run(&change);
}

static int discard(struct command_context *context)
{
    struct change change = {.context = context, .action = ACTION_DISCARD};
    const struct option_row options[] = {
        {"--reason", OPTION_TEXT, "TEXT", "why; must be given; kept in the audit log",
            &change.reason},
        SELECTION_ROWS(change.selection),
        {"--all", OPTION_FLAG, NULL, "every dead letter", &change.all},
        {"--dry-run", OPTION_FLAG, NULL, "only say what would happen", &change.dry_run},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis =
            "dead-letters discard --reason TEXT SEQ... | --all | [--type TYPE] [--error NAME] ...",
        .description = "Gives dead letters up: they stay in the inbox, recorded as discarded, and "
                       "change nothing.\n"
                       "The audit log keeps who, when and the reason. Exit code 4 as for retry.",
        .options = options,
    };
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum err err = options_parse(context, &usage, 0, NAMED_MAX, &words, &count, &help);
    if (err != ERR_OK || help) {
        return err_exit_code(err);
    }
    change.reason = str_trim(change.reason);
    if (change.reason.len == 0 || change.reason.len > REASON_BYTES_MAX ||
        !str_is_utf8(change.reason)) {
        return command_refuse(
            context, ERR_USAGE, "--reason wants some words, at most %d bytes", REASON_BYTES_MAX);
    }
    err = take_words(&change, words, count);
    return err != ERR_OK ? err_exit_code(err) : run(&change);
}

int command_dead_letters(struct command_context *context)
{
    static const struct command_verb verbs[] = {
        {"list", "the dead letters with their errors", list},
        {"show", "one of them", show},
        {"retry", "try some or all of them again", retry},
        {"discard", "give some or all of them up, with a reason", discard},
        {NULL, NULL, NULL},
    };
    return command_verbs(context,
        "Dead letters are events that were kept but could not be decided: retries are used up, or "
        "the event\n"
        "is malformed. Nothing ever deletes them.",
        verbs);
}

#include "cli/discrepancies.h"
#include "cli/output.h"
#include "cli/who.h"
#include <inttypes.h>
#include <stdio.h>

#define ARENA_BYTES ((size_t)32 * 1024 * 1024)
#define ANSWER_BYTES_MAX ((size_t)64 * 1024)
#define TRIES 3 /* while somebody else takes steps */

struct doing {
    struct command_context *context;
    struct discrepancy_wish wish;
    struct str reason_word, account_word, threshold_word;
    char who[WHO_BYTES];
    struct arena *arena;
    struct wish_answer answer;
    struct standing_amount left; /* what stays where it stands, since no account was named */
};

/* --- the threshold --- */

static enum err take_threshold(struct store *store, struct doing *doing, struct err_info *reterr)
{
    struct discrepancy row;
    doing->wish.threshold_minor = -1;
    if (doing->threshold_word.len == 0) {
        return ERR_OK;
    }
    TRY(discrepancies_known(store, &doing->wish.id, 1, doing->arena, &row, reterr));
    /* In the discrepancy's currency, which only the store knows. */
    if (money_parse(doing->threshold_word, row.found.currency, &doing->wish.threshold_minor) !=
            ERR_OK ||
        doing->wish.threshold_minor < 0) {
        return err_set(reterr, ERR_USAGE,
            "--threshold wants an amount of the discrepancy's "
            "currency, like 5.00");
    }
    return ERR_OK;
}

/* --- doing it --- */

static enum err do_it(struct store *store, void *context, struct err_info *reterr)
{
    struct doing *doing = context;
    arena_reset(doing->arena);
    TRY(take_threshold(store, doing, reterr));
    TRY(discrepancy_do(
        store, &doing->wish, env_now(doing->context->env), doing->arena, &doing->answer, reterr));
    bool leaves = doing->wish.deed == DEED_REOPEN ||
                  (doing->wish.deed == DEED_RESOLVE && !doing->wish.has_account);
    return leaves
               ? discrepancy_standing(store, &doing->answer.now, doing->arena, &doing->left, reterr)
               : ERR_OK;
}

static bool is_done(const struct doing *doing)
{
    return doing->answer.deed == doing->wish.deed;
}

static void print_json(const struct doing *doing)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, ANSWER_BYTES_MAX);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    json_add_bool(&json, STR("done"), is_done(doing));
    json_add_int(&json, STR("posted_minor"), doing->answer.posted_minor);
    discrepancy_to_json(&doing->answer.now, STR("discrepancy"), &json);
    discrepancy_step_to_json(&doing->answer.step, STR("step"), &json);
    json_end_object(&json);
    out_json(&text);
}

static void print_text(const struct doing *doing)
{
    const struct wish_answer *answer = &doing->answer;
    const struct discrepancy_step *step = &answer->step;
    char id[FINDING_ID_TEXT_BYTES];
    char amount[MONEY_TEXT_BYTES];
    finding_id_format(answer->now.id, id);
    if (!is_done(doing)) {
        discrepancy_amount_text(step->wanted_minor, answer->now.found.currency, amount);
        outf("%s: asked for. It is about %s: another operating-system user must do the same\n", id,
            amount);
        return;
    }
    outf("%s is %s", id, discrepancy_state_word(answer->now.state));
    if (step->deed == DEED_REOPEN && step->entry > 0) {
        outf(": what was posted is taken back by entry %" PRId64, step->entry);
    } else if (step->entry > 0) {
        discrepancy_amount_text(answer->posted_minor, answer->now.found.currency, amount);
        outf(": %s posted to " STR_FMT " by entry %" PRId64, amount, STR_ARG(step->account),
            step->entry);
    }
    out(STR("\n"));
}

static void note_left(const struct doing *doing)
{
    char amount[MONEY_TEXT_BYTES];
    if (doing->left.is_there) {
        discrepancy_amount_text(doing->left.minor, doing->left.currency, amount);
        command_note(doing->context,
            doing->wish.deed == DEED_REOPEN ? "%s stands on %s"
                                            : "%s stays on %s: --to ACCOUNT would post it there",
            amount, account_row(doing->left.account)->name);
    }
}

static int run(struct doing *doing)
{
    int exit_code = 0;
    struct err_info info = {""};
    struct command_context *context = doing->context;
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    if (arena == NULL) {
        return command_fail(context, ERR_BUSY, NULL);
    }
    if (command_open_ready(context, STORE_WRITE, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    doing->arena = arena;
    doing->wish.threshold_units = config->reconcile_threshold_units;
    who_decides(doing->who);
    doing->wish.who = str_from(doing->who);
    enum err err = ERR_CONFLICT;
    for (int i = 0; i < TRIES && err == ERR_CONFLICT; i++) {
        err = command_transaction(store, STORE_WRITE, do_it, doing, &info);
    }
    if (err != ERR_OK) {
        return discrepancy_refuse(context, err, &info);
    }
    if (context->json) {
        print_json(doing);
    } else {
        print_text(doing);
    }
    note_left(doing);
    return 0;
}

/* --- the verbs --- */

static enum err take_reason(struct doing *doing)
{
    if (doing->reason_word.len == 0) {
        return ERR_OK;
    }
    doing->wish.has_reason = reason_code_parse(doing->reason_word, &doing->wish.reason) == ERR_OK;
    if (!doing->wish.has_reason) {
        (void)command_refuse(doing->context, ERR_USAGE,
            "--reason does not know " STR_FMT ": --help lists the reasons",
            STR_ARG(doing->reason_word));
        return ERR_USAGE;
    }
    return ERR_OK;
}

static enum err take_account(struct doing *doing)
{
    doing->wish.has_account = doing->account_word.len > 0;
    if (doing->wish.has_account &&
        account_parse(doing->account_word, &doing->wish.account) != ERR_OK) {
        (void)command_refuse(doing->context, ERR_NOT_FOUND,
            "there is no account " STR_FMT ": `ledger accounts` lists them",
            STR_ARG(doing->account_word));
        return ERR_NOT_FOUND;
    }
    return ERR_OK;
}

#define HELP_BYTES_MAX 2048

/* Description, and the reasons where one is wanted. */
static void describe(struct buf *to, const char *description, bool has_reason)
{
    buf_addf(to, "%s", description);
    if (has_reason) {
        buf_add(to, STR("\n\nReasons:"));
        for (int i = 0; i < REASON_CODE_COUNT; i++) {
            enum reason_code reason = (enum reason_code)i;
            buf_addf(to, "\n  %-24s %s", reason_code_word(reason), reason_code_help(reason));
        }
    }
    buf_add_char(to, '\0');
}

static int verb(struct doing *doing,
    const char *synopsis,
    const char *description,
    const struct option_row *options)
{
    CLEANUP(buf_fini) struct buf help_text;
    char **words = NULL;
    int count = 0;
    bool help = false;
    bool has_reason = doing->wish.deed != DEED_ACKNOWLEDGE && doing->wish.deed != DEED_REOPEN;
    buf_init(&help_text, HELP_BYTES_MAX);
    describe(&help_text, description, has_reason);
    if (help_text.failed) {
        return command_fail(doing->context, ERR_BUSY, NULL);
    }
    const struct usage usage = {
        .synopsis = synopsis, .description = help_text.data, .options = options};
    enum err err = options_parse(doing->context, &usage, 1, 1, &words, &count, &help);
    if (err != ERR_OK || help) {
        return err_exit_code(err);
    }
    err = discrepancy_id_take(doing->context, words[0], &doing->wish.id);
    err = err != ERR_OK ? err : take_reason(doing);
    err = err != ERR_OK ? err : take_account(doing);
    if (err == ERR_OK && has_reason && !doing->wish.has_reason) {
        (void)command_refuse(
            doing->context, ERR_USAGE, "say why with --reason: --help lists the reasons");
        err = ERR_USAGE;
    }
    return err != ERR_OK ? err_exit_code(err) : run(doing);
}

#define REASON_ROW(doing)                                                                          \
    {                                                                                              \
        "--reason", OPTION_TEXT, "WORD", "why; must be given", &(doing).reason_word                \
    }
#define NOTE_ROW(doing)                                                                            \
    {                                                                                              \
        "--note", OPTION_TEXT, "TEXT", "your own words, kept with it", &(doing).wish.note          \
    }
#define INCIDENT_ROW(doing)                                                                        \
    {                                                                                              \
        "--incident", OPTION_TEXT, "TEXT", "where it is followed, like INC-7",                     \
            &(doing).wish.incident                                                                 \
    }
#define THRESHOLD_ROW(doing)                                                                       \
    {                                                                                              \
        "--threshold", OPTION_TEXT, "AMOUNT",                                                      \
            "above it two people are wanted: less than [reconcile] threshold, not more",           \
            &(doing).threshold_word                                                                \
    }
#define TWO_PEOPLE                                                                                 \
    "Above the threshold this takes two people: the first one's command asks, and the same by "    \
    "another\n"                                                                                    \
    "operating-system user does it."

int discrepancies_acknowledge_command(struct command_context *context)
{
    struct doing doing = {.context = context, .wish = {.deed = DEED_ACKNOWLEDGE}};
    const struct option_row options[] = {NOTE_ROW(doing), {0}};
    return verb(&doing, "discrepancies acknowledge ID [--note TEXT]",
        "Says that you, the operating-system user, look after it.", options);
}

int discrepancies_explain_command(struct command_context *context)
{
    struct doing doing = {.context = context, .wish = {.deed = DEED_EXPLAIN}};
    const struct option_row options[] = {
        REASON_ROW(doing), NOTE_ROW(doing), INCIDENT_ROW(doing), {0}};
    return verb(&doing, "discrepancies explain ID --reason WORD [--note TEXT] [--incident TEXT]",
        "Says why it is there. It stays until it is gone.", options);
}

int discrepancies_resolve_command(struct command_context *context)
{
    struct doing doing = {.context = context, .wish = {.deed = DEED_RESOLVE}};
    const struct option_row options[] = {REASON_ROW(doing), NOTE_ROW(doing), INCIDENT_ROW(doing),
        {"--to", OPTION_TEXT, "ACCOUNT", "post what stands because of it there",
            &doing.account_word},
        THRESHOLD_ROW(doing), {0}};
    return verb(&doing,
        "discrepancies resolve ID --reason WORD [--to ACCOUNT] [--note TEXT] [--incident TEXT]",
        "Says that it is over. With --to, what stands in clearing or suspense because of it is "
        "posted to that\n"
        "account. What is found again by the next run is open again.\n\n" TWO_PEOPLE,
        options);
}

int discrepancies_write_off_command(struct command_context *context)
{
    struct doing doing = {.context = context, .wish = {.deed = DEED_WRITE_OFF}};
    const struct option_row options[] = {
        REASON_ROW(doing), NOTE_ROW(doing), INCIDENT_ROW(doing), THRESHOLD_ROW(doing), {0}};
    return verb(&doing, "discrepancies write-off ID --reason WORD [--note TEXT] [--incident TEXT]",
        "Gives its amount up: what stands in clearing or suspense because of it is posted to\n"
        "expenses:writeoff.\n\n" TWO_PEOPLE,
        options);
}

int discrepancies_reopen_command(struct command_context *context)
{
    struct doing doing = {.context = context, .wish = {.deed = DEED_REOPEN}};
    const struct option_row options[] = {NOTE_ROW(doing), {0}};
    return verb(&doing, "discrepancies reopen ID [--note TEXT]",
        "Opens one that is over. What was posted because of it is taken back, by an entry of its "
        "own.",
        options);
}

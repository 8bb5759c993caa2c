#include "base/check.h"
#include "base/fault.h"
#include "base/limits.h"
#include "store/audit.h"
#include "store/records.h"
#include "store/refs.h"
#include "provider/stripe/stripe.h"
#include "cli/aside.h"
#include "cli/ledger.h"
#include "cli/output.h"
#include "cli/replay_print.h"
#include "cli/who.h"
#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#define ARENA_BYTES ((size_t)16 * 1024 * 1024)
#define SHOWN_MAX 20
#define APPLY_TRIES 5

struct replaying {
    struct command_context *context;
    const struct config *config; /* borrowed */
    struct replay_printer printer;
    struct str as_of_text, wanted; /* of --as-of, and the id behind it */
    int64_t as_of_us;
    bool apply;
    struct store *live, *shadow;
    struct replay *replay;
    struct replay_sums sums;
    enum err read_err; /* of the thread that reads ahead */
    struct err_info read_info;
};

/* --- the run --- */

static void read_ahead(void *context)
{
    struct replaying *replaying = context;
    replaying->read_err = replay_read(replaying->replay, &replaying->read_info);
}

/* The next page is read and decoded on another thread while this one is decided. */
static enum err run_through(struct replaying *replaying, struct err_info *reterr)
{
    CLEANUP(aside_free) struct aside *reading = aside_new(read_ahead, replaying);
    if (reading == NULL) {
        return err_set(reterr, ERR_BUSY, "no thread can be started");
    }
    TRY(replay_read(replaying->replay, reterr));
    while (replay_turn(replaying->replay)) {
        if (command_is_stopped()) {
            return err_set(reterr, ERR_CLOSED, "interrupted: the store is as it was");
        }
        aside_begin(reading);
        enum err err = replay_take(replaying->replay, reterr);
        aside_wait(reading);
        TRY(err);
        if (replaying->read_err != ERR_OK) {
            return err_set(reterr, replaying->read_err, "%s", replaying->read_info.text);
        }
        struct replay_counts counts = replay_counts(replaying->replay);
        replay_print_progress(&replaying->printer, &counts);
    }
    return ERR_OK;
}

/* Both stores stand still, as they see themselves. */
static enum err compare(struct replaying *replaying, struct err_info *reterr)
{
    struct replay_sums *sums = &replaying->sums;
    TRY(store_begin(replaying->live, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *reading = replaying->live;
    TRY(store_begin(replaying->shadow, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *writing = replaying->shadow;
    TRY(replay_catch_up(replaying->replay, reterr));
    sums->counts = replay_counts(replaying->replay);
    TRY(shadow_new_ids(replaying->shadow, &sums->new_ids, reterr));
    TRY(replay_compare(replaying->live, replaying->shadow, replay_print_difference,
        &replaying->printer, &sums->compared, reterr));
    writing = NULL;
    reading = store_rollback(reading);
    return store_commit(replaying->shadow, reterr);
}

/* --- apply --- */

static enum err write_audit(struct replaying *replaying, struct err_info *reterr)
{
    char who[WHO_BYTES];
    char reason[160];
    const struct shadow_changes *changes = &replaying->sums.changes;
    who_decides(who);
    (void)snprintf(reason, sizeof reason,
        "%" PRId64 " rows changed, %" PRId64 " added, %" PRId64 " removed, effects %" PRId64,
        changes->changed, changes->added, changes->removed, changes->effects);
    const struct audit_entry audit = {.at_us = env_now(replaying->context->env),
        .who = str_from(who),
        .action = STR("replay.apply"),
        .subject = STR("derived"),
        .reason = str_from(reason)};
    return audit_append(replaying->shadow, &audit, reterr);
}

static enum err begin_apply(struct replaying *replaying, struct err_info *reterr)
{
    enum err err = ERR_BUSY;
    for (int i = 0; i < APPLY_TRIES && err_is_retryable(err) && !command_is_stopped(); i++) {
        err = shadow_begin_apply(replaying->shadow, reterr);
        if (err_class(err) != ERR_CLASS_BUSY) {
            break;
        }
    }
    return err;
}

/* All in one transaction: whoever reads sees the one half or the other, and an end before the
 * commit leaves the one that was. */
static enum err apply(struct replaying *replaying, struct err_info *reterr)
{
    TRY(begin_apply(replaying, reterr));
    CLEANUP(store_rollback) struct store *writing = replaying->shadow;
    TRY(store_begin(replaying->live, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *reading = replaying->live;
    TRY(replay_catch_up(replaying->replay, reterr));
    TRY(shadow_apply(replaying->shadow, &replaying->sums.changes, reterr));
    TRY(write_audit(replaying, reterr));
    fault_point(FAULT_BEFORE_COMMIT);
    writing = NULL;
    reading = store_rollback(reading);
    TRY(store_commit(replaying->shadow, reterr));
    replaying->sums.applied = true;
    return ERR_OK;
}

/* The books are never replaced: what they should show now is posted as corrections. */
static enum err post_corrections(struct replaying *replaying, struct err_info *reterr)
{
    CLEANUP(store_close) struct store *store = NULL;
    const struct command_context *context = replaying->context;
    TRY(store_open(replaying->config->store_url, STORE_WRITE, context->env, &store, reterr));
    return ledger_post_all(
        context, store, replaying->config, false, &replaying->sums.posted, reterr);
}

static enum err compare_and_apply(struct replaying *replaying, struct err_info *reterr)
{
    TRY(compare(replaying, reterr));
    if (replaying->apply && replaying->sums.compared.different > 0) {
        TRY(apply(replaying, reterr));
        TRY(post_corrections(replaying, reterr));
    }
    replay_print_sums(&replaying->printer, &replaying->sums);
    return ERR_OK;
}

/* --- as of --- */

static enum err find_id(struct replaying *replaying,
    enum id_kind *ret_kind,
    struct own_id *ret_id,
    struct err_info *reterr)
{
    int64_t scope = 0;
    if (own_id_parse(replaying->wanted, ret_kind, ret_id) == ERR_OK) {
        return ERR_OK;
    }
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        *ret_kind = (enum id_kind)kind;
        enum err err =
            ref_find(replaying->shadow, 0, *ret_kind, replaying->wanted, ret_id, &scope, reterr);
        if (err != ERR_NOT_FOUND) {
            return err;
        }
    }
    return err_set(reterr, ERR_NOT_FOUND, "nothing is known by that id");
}

static enum err show_then(struct replaying *replaying, struct err_info *reterr)
{
    if (replaying->wanted.len == 0) {
        return replay_print_states(&replaying->printer, replaying->shadow, reterr);
    }
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    if (arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    enum id_kind kind = ID_KIND_COUNT;
    struct own_id id = {{0}};
    void **records = NULL;
    TRY(find_id(replaying, &kind, &id, reterr));
    TRY(records_load(
        replaying->shadow, record_kind_of(kind), &id, 1, false, arena, &records, reterr));
    if (records[0] == NULL) {
        return err_set(reterr, ERR_NOT_FOUND, "nothing was known about it then");
    }
    struct shown_object object = {.kind = kind, .id = id, .record = records[0]};
    TRY(ref_names(replaying->shadow, kind, id, arena, &object.provider_ids,
        &object.provider_id_count, reterr));
    replay_print_object(&replaying->printer, &object);
    return ERR_OK;
}

static enum err show_as_of(struct replaying *replaying, struct err_info *reterr)
{
    TRY(store_begin(replaying->shadow, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *tx = replaying->shadow;
    enum err err = show_then(replaying, reterr);
    tx = store_rollback(tx);
    return err;
}

/* --- the command --- */

static enum err last_seq(struct store *store, void *context, struct err_info *reterr)
{
    struct replaying *replaying = context;
    return inbox_last_seq(store, &replaying->printer.last_seq, reterr);
}

static enum err prepare(
    struct replaying *replaying, const struct config *config, struct err_info *reterr)
{
    replaying->config = config;
    TRY(store_open(
        config->store_url, STORE_READ, replaying->context->env, &replaying->live, reterr));
    if (replaying->apply) {
        TRY(store_lock_serve(replaying->shadow, reterr));
    }
    TRY(shadow_open(replaying->shadow, reterr));
    TRY(command_transaction(replaying->live, STORE_READ, last_seq, replaying, reterr));
    replaying->replay = replay_new(&(struct replay_setup){
        .live = replaying->live,
        .shadow = replaying->shadow,
        .provider = &stripe_provider,
        .env = replaying->context->env,
        .received_to_us = replaying->as_of_us,
        .on_other = replaying->as_of_text.len > 0 ? NULL : replay_print_other,
        .context = &replaying->printer,
    });
    return replaying->replay != NULL ? ERR_OK : err_set(reterr, ERR_BUSY, "out of memory");
}

static int run(struct replaying *replaying)
{
    int exit_code = 0;
    struct err_info info = {""};
    struct command_context *context = replaying->context;
    CLEANUP(config_free) struct config *config = NULL;
    if (command_open_ready(context, STORE_WRITE, &config, &replaying->shadow, &exit_code) !=
        ERR_OK) {
        return exit_code;
    }
    command_catch_signals();
    replaying->printer.context = context;
    replaying->printer.began_us = env_monotonic(context->env);
    bool is_as_of = replaying->as_of_text.len > 0;
    enum err err = prepare(replaying, config, &info);
    err = err != ERR_OK ? err : run_through(replaying, &info);
    err = err != ERR_OK ? err
          : is_as_of    ? show_as_of(replaying, &info)
                        : compare_and_apply(replaying, &info);
    replaying->replay = replay_free(replaying->replay);
    replaying->live = store_close(replaying->live);
    replaying->shadow = store_close(replaying->shadow);
    if (err != ERR_OK) {
        bool ours = err == ERR_CLOSED || err == ERR_NOT_FOUND;
        return ours ? command_refuse(context, err, "%s", info.text)
                    : command_fail(context, err, &info);
    }
    bool differs = replaying->sums.compared.different > 0 && !replaying->sums.applied;
    return err_exit_code(differs ? ERR_DIFFERS : ERR_OK);
}

static enum err check_words(struct replaying *replaying, char **words, int count)
{
    struct command_context *context = replaying->context;
    TRY(options_time(context, "--as-of", replaying->as_of_text, &replaying->as_of_us));
    bool is_as_of = replaying->as_of_text.len > 0;
    if (is_as_of && replaying->apply) {
        (void)command_refuse(
            context, ERR_USAGE, "--as-of looks back and changes nothing: leave --apply out");
        return ERR_USAGE;
    }
    if (count > 0 && !is_as_of) {
        (void)command_refuse(context, ERR_USAGE,
            "an id goes with --as-of; `counterfoil show` shows what is known now");
        return ERR_USAGE;
    }
    replaying->wanted = count > 0 ? str_from(words[0]) : STR_NONE;
    return ERR_OK;
}

int command_replay(struct command_context *context)
{
    struct replaying replaying = {
        .context = context, .as_of_us = INT64_MAX, .printer.shown_max = SHOWN_MAX};
    const struct option_row options[] = {
        {"--apply", OPTION_FLAG, NULL, "put the rebuilt rows in place of the live ones that differ",
            &replaying.apply},
        {"--limit", OPTION_INT, "N", "show at most so many differences (default: 20)",
            &replaying.printer.shown_max},
        {"--values", OPTION_FLAG, NULL, "show texts too, which may be personal",
            &replaying.printer.values},
        {"--as-of", OPTION_TEXT, "TIME", "what was known then: a time, a day, or how long ago",
            &replaying.as_of_text},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis = "replay [--apply] | replay --as-of TIME [ID]",
        .description =
            "Rebuilds payments, refunds, customers and all else that is derived from the inbox, "
            "beside the\n"
            "live rows, with this version of the program, and compares: exit code 0 when they are "
            "equal, 1\n"
            "when not. Nothing is published, and nothing is changed without --apply, which needs "
            "`serve` to be\n"
            "stopped on SQLite. The rebuilt rows need room on disk beside the database (another "
            "folder:\n"
            "SQLITE_TMPDIR), about as much as the live ones.\n"
            "With --as-of only what had come in until then counts: prints how many of each kind "
            "there were\n"
            "in each state, or one object by its own id or the provider's.",
        .options = options,
    };
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum err err = options_parse(context, &usage, 0, 1, &words, &count, &help);
    if (err == ERR_OK && !help) {
        err = check_words(&replaying, words, count);
    }
    return err != ERR_OK || help ? err_exit_code(err) : run(&replaying);
}

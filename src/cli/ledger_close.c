#include "base/check.h"
#include "store/audit.h"
#include "store/discrepancies.h"
#include "store/periods.h"
#include "cli/ledger.h"
#include "cli/ledger_walk.h"
#include "cli/output.h"
#include "cli/who.h"
#include <inttypes.h>
#include <stdio.h>

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define LINE_BYTES_MAX 4096
#define REASON_BYTES_MAX 500

struct closing {
    struct command_context *context;
    enum period_action action;
    struct str account_word, period_word, reason;
    int64_t period;
    char who[WHO_BYTES];
    struct arena *arena; /* reset for each try */
    struct ledger_scopes scopes;
    struct period_row *done; /* by scope; number 0: it was closed already */
    int64_t *open;           /* by scope: discrepancies that are not over and began by its end */
};

/* --- what may be done --- */

static enum err refuse(const struct closing *closing,
    int64_t scope,
    enum period_verdict verdict,
    int64_t other, /* the month that stands in the way */
    struct err_info *reterr)
{
    char period[PERIOD_TEXT_BYTES];
    char in_the_way[PERIOD_TEXT_BYTES] = "";
    period_format(closing->period, period);
    if (other != PERIOD_NONE) {
        period_format(other, in_the_way);
    }
    switch (verdict) {
    case PERIOD_NOT_OVER:
        return err_set(reterr, ERR_IMPOSSIBLE,
            "%s is not over (months are those of UTC): close it when it is", period);
    case PERIOD_EARLIER_OPEN:
        return err_set(reterr, ERR_IMPOSSIBLE,
            "scope %" PRId64 ": %s has entries and is open: close it before %s", scope, in_the_way,
            period);
    case PERIOD_NOT_CLOSED:
        return other == PERIOD_NONE
                   ? err_set(reterr, ERR_IMPOSSIBLE,
                         "scope %" PRId64 ": no month is closed: there is nothing to reopen", scope)
                   : err_set(reterr, ERR_IMPOSSIBLE,
                         "scope %" PRId64 ": %s is open; %s is the last closed one", scope, period,
                         in_the_way);
    case PERIOD_LATER_CLOSED:
        return err_set(reterr, ERR_IMPOSSIBLE,
            "scope %" PRId64 ": %s is closed behind it: reopen that first", scope, in_the_way);
    case PERIOD_ALLOWED:
    case PERIOD_IS_CLOSED:
    default:
        UNREACHABLE();
    }
}

static enum err check(const struct closing *closing,
    struct store *store,
    int64_t scope,
    int64_t now_us,
    bool *ret_nothing,
    struct err_info *reterr)
{
    struct period_log log = {NULL, 0};
    enum period_verdict verdict = PERIOD_ALLOWED;
    TRY(periods_log(store, scope, closing->arena, &log, reterr));
    int64_t other = period_closed(&log);
    if (closing->action == PERIOD_REOPEN) {
        verdict = period_may_reopen(&log, closing->period);
    } else {
        TRY(periods_first_open(store, scope, &log, closing->period, &other, reterr));
        verdict = period_may_close(&log, closing->period, other, now_us);
    }
    *ret_nothing = verdict == PERIOD_IS_CLOSED;
    return verdict == PERIOD_ALLOWED || verdict == PERIOD_IS_CLOSED
               ? ERR_OK
               : refuse(closing, scope, verdict, other, reterr);
}

/* --- doing it --- */

static enum err audit(struct store *store, const struct period_row *row, struct err_info *reterr)
{
    char period[PERIOD_TEXT_BYTES];
    char subject[64];
    period_format(row->step.period, period);
    (void)snprintf(subject, sizeof subject, "period:%" PRId64 ":%s", row->scope, period);
    const struct audit_entry entry = {
        .at_us = row->at_us,
        .who = row->who,
        .action = row->step.action == PERIOD_CLOSE ? STR("ledger.close") : STR("ledger.reopen"),
        .subject = str_from(subject),
        .reason = row->reason,
    };
    return audit_append(store, &entry, reterr);
}

static enum err change_scope(struct closing *closing,
    struct store *store,
    uint32_t index,
    int64_t now_us,
    struct err_info *reterr)
{
    struct period_row *row = &closing->done[index];
    bool nothing = false;
    *row = (struct period_row){.scope = closing->scopes.scopes[index],
        .step = {.action = closing->action, .period = closing->period},
        .who = str_from(closing->who),
        .reason = closing->reason,
        .at_us = now_us};
    TRY(check(closing, store, row->scope, now_us, &nothing, reterr));
    if (nothing) {
        return ERR_OK;
    }
    TRY(periods_add(store, row, reterr));
    return audit(store, row, reterr);
}

/* The journals are locked first: nobody records an entry between what is looked at and the end. */
static enum err change(struct store *store, void *context, struct err_info *reterr)
{
    struct closing *closing = context;
    int64_t now_us = env_now(closing->context->env);
    arena_reset(closing->arena);
    TRY(journal_lock(store, closing->scopes.scopes, closing->scopes.count, reterr));
    for (uint32_t i = 0; i < closing->scopes.count; i++) {
        TRY(change_scope(closing, store, i, now_us, reterr));
        TRY(discrepancies_begun(store, closing->scopes.scopes[i], period_end_us(closing->period),
            &closing->open[i], reterr));
    }
    return ERR_OK;
}

/* --- telling --- */

static void done_json(const struct period_row *row, int64_t open)
{
    CLEANUP(buf_fini) struct buf line;
    struct json_writer writer;
    char period[PERIOD_TEXT_BYTES];
    buf_init(&line, LINE_BYTES_MAX);
    period_format(row->step.period, period);
    json_writer_init(&writer, &line);
    json_begin_object(&writer, STR_NONE);
    json_add_int(&writer, STR("scope"), row->scope);
    json_add_string(&writer, STR("period"), str_from(period));
    json_add_string(&writer, STR("action"), str_from(period_action_word(row->step.action)));
    json_add_bool(&writer, STR("changed"), row->number > 0);
    json_add_int(&writer, STR("entry"), row->step.entry);
    json_add_int(&writer, STR("open_discrepancies"), open);
    json_end_object(&writer);
    out_json(&line);
}

static void done_text(const struct period_row *row)
{
    char period[PERIOD_TEXT_BYTES];
    period_format(row->step.period, period);
    if (row->number == 0) {
        outf("scope %" PRId64 ": %s was closed before\n", row->scope, period);
    } else if (row->step.action == PERIOD_CLOSE) {
        outf("scope %" PRId64 ": %s is closed behind entry %" PRId64
             "; what comes late belongs to the next month\n",
            row->scope, period, row->step.entry);
    } else {
        outf("scope %" PRId64 ": %s is open again for what comes behind entry %" PRId64 "\n",
            row->scope, period, row->step.entry);
    }
}

/* Whoever signs a month must know what in it does not agree. */
static void tell(const struct closing *closing, uint32_t index)
{
    const struct period_row *row = &closing->done[index];
    int64_t open = closing->open[index];
    if (closing->context->json) {
        done_json(row, open);
        return;
    }
    done_text(row);
    if (closing->action == PERIOD_CLOSE && open > 0) {
        command_note(closing->context,
            "scope %" PRId64 ": %" PRId64 " discrepanc%s of that time or before %s not over; what "
            "is posted for them comes late: `counterfoil discrepancies list`",
            row->scope, open, open == 1 ? "y" : "ies", open == 1 ? "is" : "are");
    }
}

static enum err change_all(struct closing *closing,
    struct store *store,
    const struct config *config,
    struct err_info *reterr)
{
    CLEANUP(arena_free) struct arena *names = arena_new(ARENA_BYTES);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    if (names == NULL || arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    closing->arena = arena;
    TRY(ledger_scopes(store, config, closing->account_word, names, &closing->scopes, reterr));
    closing->done = arena_new_array(names, struct period_row, closing->scopes.count);
    closing->open = arena_new_array(names, int64_t, closing->scopes.count);
    if (closing->done == NULL || closing->open == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "too many scopes: name one with --account");
    }
    TRY(command_transaction(store, STORE_WRITE, change, closing, reterr));
    for (uint32_t i = 0; i < closing->scopes.count; i++) {
        tell(closing, i);
    }
    if (closing->scopes.count == 0 && !closing->context->json) {
        out(STR("nothing has come in yet, so there are no books\n"));
    }
    return ERR_OK;
}

/* --- the commands --- */

static int run(struct closing *closing)
{
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    struct err_info info = {""};
    int exit_code = 0;
    enum err err = ledger_period_find(closing->period_word, &closing->period, &info);
    if (err != ERR_OK) {
        return command_fail(closing->context, err, &info);
    }
    closing->reason = str_trim(closing->reason);
    if (closing->reason.len > REASON_BYTES_MAX || !str_is_utf8(closing->reason) ||
        (closing->action == PERIOD_REOPEN && closing->reason.len == 0)) {
        return command_refuse(closing->context, ERR_USAGE,
            "--reason wants some words, at most %d bytes", REASON_BYTES_MAX);
    }
    who_decides(closing->who);
    if (command_open_ready(closing->context, STORE_WRITE, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    err = change_all(closing, store, config, &info);
    return err == ERR_OK ? 0 : command_fail(closing->context, err, &info);
}

int ledger_close(struct command_context *context)
{
    struct closing closing = {.context = context, .action = PERIOD_CLOSE};
    const struct option_row options[] = {
        {"--period", OPTION_TEXT, "MONTH", "the month, like 2026-10; must be given",
            &closing.period_word},
        {"--account", OPTION_TEXT, "ACCOUNT", "of one configured account: its label, or its scope",
            &closing.account_word},
        {"--reason", OPTION_TEXT, "TEXT", "why, for the audit log", &closing.reason},
        {0},
    };
    const struct usage usage = {
        .synopsis = "ledger close --period MONTH [--account ACCOUNT] [--reason TEXT]",
        .description =
            "Closes a month of the books (UTC), and with it those before: what they hold never "
            "changes from then on.\n"
            "What comes late for them belongs to the first month that is open when it is "
            "recorded, and keeps the\n"
            "time at which it happened. The month must be over, and no month before it may be "
            "open with entries.\n"
            "Says how many discrepancies of that time are not over. The audit log keeps who, when "
            "and the reason.",
        .options = options};
    int exit_code = 0;
    return options_take(context, &usage, &exit_code) ? run(&closing) : exit_code;
}

int ledger_reopen(struct command_context *context)
{
    struct closing closing = {.context = context, .action = PERIOD_REOPEN};
    const struct option_row options[] = {
        {"--period", OPTION_TEXT, "MONTH", "the last closed month, like 2026-10; must be given",
            &closing.period_word},
        {"--account", OPTION_TEXT, "ACCOUNT", "of one configured account: its label, or its scope",
            &closing.account_word},
        {"--reason", OPTION_TEXT, "TEXT", "why; must be given; kept in the audit log",
            &closing.reason},
        {0},
    };
    const struct usage usage = {
        .synopsis = "ledger reopen --period MONTH --reason TEXT [--account ACCOUNT]",
        .description =
            "Opens the last closed month again: what is recorded from then on and happened in it "
            "belongs to it. What\n"
            "came late before stays where it is, since an entry never moves. The audit log keeps "
            "who, when and\n"
            "the reason.",
        .options = options};
    int exit_code = 0;
    return options_take(context, &usage, &exit_code) ? run(&closing) : exit_code;
}

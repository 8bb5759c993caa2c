#include "cli/ledger_question.h"
#include "base/check.h"
#include "store/periods.h"
#include "cli/ledger_walk.h"
#include "cli/scope_word.h"
#include "ledger/minor.h"
#include <stdlib.h>

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define FLAWS_MAX 100 /* shown; more change nothing */

bool question_names(const struct question *question, enum ledger_account account)
{
    struct str name = str_from(account_row(account)->name);
    struct str word = question->name;
    return word.len == 0 || str_eq(name, word) ||
           (str_starts_with(name, word) && name.data[word.len] == ':');
}

static bool is_asked_for(const struct question *question, const struct ledger_balance *balance)
{
    bool any_currency = question->currency.code[0] == '\0';
    return question_names(question, balance->account) &&
           (any_currency || currency_eq(balance->currency, question->currency));
}

/* Each scope closes its own months: without a scope, all of them in turn. */
static enum err ask_of_period(
    struct question *question, struct store *store, int64_t scope, struct err_info *reterr)
{
    struct scope_row *rows = NULL;
    uint32_t count = scope != 0 ? 1 : 0;
    if (scope == 0) {
        TRY(scope_list(store, question->arena, &rows, &count, reterr));
    }
    int64_t *scopes = arena_new_array(question->arena, int64_t, count);
    if (scopes == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "too many scopes: name one with --account");
    }
    for (uint32_t i = 0; i < count; i++) {
        scopes[i] = rows != NULL ? rows[i].scope : scope;
    }
    return periods_balances(store, scopes, count, question->period, question->arena,
        &question->balances, &question->count, reterr);
}

static int compare_balances(const void *a, const void *b)
{
    const struct ledger_balance *left = a;
    const struct ledger_balance *right = b;
    return left->account != right->account ? (left->account < right->account ? -1 : 1)
                                           : strcmp(left->currency.code, right->currency.code);
}

static struct ledger_balance *balance_of(
    struct ledger_balance *rows, uint32_t *count, const struct ledger_balance *like)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (rows[i].account == like->account && currency_eq(rows[i].currency, like->currency)) {
            return &rows[i];
        }
    }
    rows[*count] = *like;
    rows[*count].minor = 0;
    return &rows[(*count)++];
}

/* What is released later is pending until then. */
static enum err ask_for_due(
    struct question *question, struct store *store, int64_t scope, struct err_info *reterr)
{
    struct ledger_balance *later = NULL;
    struct ledger_balance *all = NULL;
    uint32_t later_count = 0;
    uint32_t count = 0;
    TRY(ledger_balances(store, scope, question->arena, &all, &count, reterr));
    TRY(ledger_balances_later(store, scope, env_now(question->context->env), question->arena,
        &later, &later_count, reterr));
    struct ledger_balance *due =
        arena_new_array(question->arena, struct ledger_balance, (size_t)count + later_count + 1);
    if (due == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "too many balances: name one with --account");
    }
    for (uint32_t i = 0; i < count; i++) {
        due[i] = all[i];
    }
    for (uint32_t i = 0; i < later_count; i++) {
        struct ledger_balance *row = balance_of(due, &count, &later[i]);
        TRY(minor_subtract(row->minor, later[i].minor, &row->minor));
    }
    if (count > 0) {
        qsort(due, count, sizeof *due, compare_balances);
    }
    question->balances = due;
    question->count = count;
    return ERR_OK;
}

static enum err ask_for_balances(
    struct question *question, struct store *store, int64_t scope, struct err_info *reterr)
{
    if (question->period_word.len > 0) {
        return ask_of_period(question, store, scope, reterr);
    }
    if (question->only_due) {
        return ask_for_due(question, store, scope, reterr);
    }
    return question->at.len > 0 ? ledger_balances_at(store, scope, question->at_us, question->arena,
                                      &question->balances, &question->count, reterr)
                                : ledger_balances(store, scope, question->arena,
                                      &question->balances, &question->count, reterr);
}

static enum err ask(struct store *store, void *context, struct err_info *reterr)
{
    struct question *question = context;
    int64_t scope = 0;
    uint32_t kept = 0;
    arena_reset(question->arena);
    if (question->account_word.len > 0) {
        TRY(scope_find(
            store, question->config, question->account_word, question->arena, &scope, reterr));
    }
    TRY(ask_for_balances(question, store, scope, reterr));
    for (uint32_t i = 0; i < question->count; i++) {
        if (is_asked_for(question, &question->balances[i])) {
            question->balances[kept++] = question->balances[i];
        }
    }
    question->count = kept;
    return !question->verify ? ERR_OK
                             : ledger_verify(store, scope, FLAWS_MAX, question->arena,
                                   &question->flaws, &question->flaw_count, reterr);
}

int question_answer(struct question *question, answer_fn *print)
{
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct err_info info = {""};
    int exit_code = 0;
    if (arena == NULL) {
        return command_fail(question->context, ERR_BUSY, NULL);
    }
    if (command_open_ready(question->context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    question->config = config;
    question->arena = arena;
    enum err err = command_transaction(store, STORE_READ, ask, question, &info);
    return err == ERR_OK ? print(question) : command_fail(question->context, err, &info);
}

/* --- what was asked --- */

enum err question_take_currency(struct question *question)
{
    if (question->currency_word.len > 0 &&
        currency_parse(question->currency_word, &question->currency) != ERR_OK) {
        (void)command_refuse(
            question->context, ERR_USAGE, "--currency wants three letters, like EUR");
        return ERR_USAGE;
    }
    return ERR_OK;
}

enum err question_take_period(struct question *question)
{
    struct err_info info = {""};
    if (question->period_word.len == 0) {
        return ERR_OK;
    }
    if (question->at.len > 0) {
        (void)command_refuse(question->context, ERR_USAGE, "say --at or --period, not both");
        return ERR_USAGE;
    }
    enum err err = ledger_period_find(question->period_word, &question->period, &info);
    if (err != ERR_OK) {
        (void)command_fail(question->context, err, &info);
    }
    return err;
}

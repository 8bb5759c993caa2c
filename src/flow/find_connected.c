#include "store/refs.h"
#include "provider/statement.h"
#include "flow/reconcile_inside.h"

/* Debts of connected accounts. Events tell of their balances now and then, and of one that is below
 * zero not again: the provider is asked whether it still is, before anybody is alarmed. */

#define ASKED_MAX 200 /* balances in a run; of others the last event counts */

/* --- asking --- */

static bool is_balance(const struct finding *finding)
{
    return finding->code == CODE_CONNECT_NEGATIVE && finding->subject_kind == ID_BALANCE;
}

static enum err sum_of(
    const struct said_balances *said, struct currency currency, int64_t *ret_minor)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < said->count; i++) {
        const struct said_balance *row = &said->items[i];
        bool counts = row->part == BALANCE_AVAILABLE || row->part == BALANCE_PENDING;
        if (counts && currency_eq(row->currency, currency)) {
            TRY(minor_add(sum, row->minor, &sum));
        }
    }
    *ret_minor = sum;
    return ERR_OK;
}

/* What cannot be had, because the account has left or the provider is away, stays as it was told.
 */
static enum err ask(struct reconcile *run, const struct finding *finding, struct err_info *reterr)
{
    struct said_balances said = {0};
    struct err_info info = {""};
    struct said_below *row = &run->below[run->below_count];
    enum err err = run->setup.account->provider->statement->balance(
        run->setup.api, finding->name, run->pages, &said, &info);
    if (err == ERR_CLOSED) {
        return err_set(reterr, err, "%s", info.text);
    }
    run->below_asked++;
    run->below_away = err_is_retryable(err);
    if (err == ERR_OK && sum_of(&said, finding->currency, &row->minor) == ERR_OK) {
        row->balance = finding->subject;
        run->below_count++;
    }
    return ERR_OK;
}

enum err reconcile_ask_connected(struct reconcile *run, bool *ret_more, struct err_info *reterr)
{
    const struct provider_ops *provider = run->setup.account->provider;
    if (provider->statement == NULL || provider->statement->balance == NULL) {
        return ERR_OK;
    }
    if (run->below == NULL) {
        run->below = arena_new_array(run->setup.arena, struct said_below, ASKED_MAX);
    }
    if (run->below == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "out of the memory for connected accounts");
    }
    uint32_t at = run->below_at;
    while (at < run->finding_count && !is_balance(&run->findings[at])) {
        at++;
    }
    if (at == run->finding_count || run->below_asked == ASKED_MAX || run->below_away) {
        return ERR_OK;
    }
    TRY(ask(run, &run->findings[at], reterr));
    run->below_at = at + 1;
    *ret_more = true;
    return ERR_OK;
}

/* --- judging --- */

static const struct said_below *said_of(const struct reconcile *run, struct own_id balance)
{
    for (uint32_t i = 0; i < run->below_count; i++) {
        if (own_id_eq(run->below[i].balance, balance)) {
            return &run->below[i];
        }
    }
    return NULL;
}

static enum err judge(
    struct reconcile *run, const struct scope_row *below, const struct balance *balance)
{
    const struct said_below *said = said_of(run, balance->head.id);
    const struct finding finding = {.code = CODE_CONNECT_NEGATIVE,
        .subject_kind = ID_BALANCE,
        .subject = balance->head.id,
        .name = below->account_key,
        .currency = balance->currency,
        .theirs_minor = said != NULL
                            ? said->minor
                            : minor_add_cut(balance->available_minor, balance->pending_minor),
        .since_us = balance->said_at,
        .text = said != NULL
                    ? STR("the connected account's balance is below zero")
                    : STR("the connected account's balance was below zero when it was last told")};
    return finding.theirs_minor < 0 ? finding_add(run, &finding) : ERR_OK;
}

static enum err judge_account(
    struct reconcile *run, const struct scope_row *below, struct err_info *reterr)
{
    void **records = NULL;
    uint32_t count = 0;
    struct own_id first = {{0}};
    TRY(records_scan(run->setup.store, record_kind_of(ID_BALANCE), below->scope, first,
        FINDING_PAGE, run->pages, &records, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        TRY(judge(run, below, records[i]));
    }
    return ERR_OK;
}

enum err find_in_connected(struct reconcile *run, struct err_info *reterr)
{
    struct scope_row *below = NULL;
    uint32_t count = FINDING_PAGE;
    int64_t after = 0;
    while (count == FINDING_PAGE) {
        arena_reset(run->pages);
        TRY(scope_list_below(run->setup.store, run->run.scope, after, FINDING_PAGE, run->pages,
            &below, &count, reterr));
        for (uint32_t i = 0; i < count; i++) {
            after = below[i].scope;
            TRY(judge_account(run, &below[i], reterr));
        }
    }
    return ERR_OK;
}

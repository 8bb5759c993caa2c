#include "base/check.h"
#include "base/timestamp.h"
#include "provider/statement.h"
#include "flow/reconcile_inside.h"
#include <stdlib.h>

#define END_OF_TIME_US (INT64_C(253402300800) * US_PER_SECOND) /* the year 10000 */

/* --- what the books hold at the provider --- */

static bool is_at_provider(enum ledger_account account)
{
    return str_starts_with(str_from(account_row(account)->name), STR("assets:provider:"));
}

/* Where lines put their net; the provider's other accounts are what some of them take it from. */
static bool is_free(enum ledger_account account)
{
    return account == ACCOUNT_PROVIDER_PENDING || account == ACCOUNT_PROVIDER_AVAILABLE ||
           account == ACCOUNT_PREFUND || account == ACCOUNT_ISSUING;
}

static enum err does_not_fit(struct currency currency, struct err_info *reterr)
{
    return err_set(reterr, ERR_OVERFLOW,
        "what is held at the provider in %s does not fit into 64 bits: look for a line whose "
        "amount "
        "cannot be (`counterfoil ledger account assets:provider:pending`)",
        currency.code);
}

struct held { /* by currency, in the order of codes */
    struct held_row *rows;
    uint32_t count, room;
};

static struct held_row *held_in(struct held *held, struct currency currency)
{
    uint32_t at = 0;
    while (at < held->count && strcmp(held->rows[at].currency.code, currency.code) < 0) {
        at++;
    }
    if (at < held->count && currency_eq(held->rows[at].currency, currency)) {
        return &held->rows[at];
    }
    INVARIANT(held->count < held->room);
    memmove(&held->rows[at + 1], &held->rows[at], (held->count - at) * sizeof *held->rows);
    held->rows[at] = (struct held_row){.currency = currency};
    held->count++;
    return &held->rows[at];
}

enum err reconcile_hold(struct reconcile *run,
    struct arena *arena,
    struct held_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    struct ledger_balance *balances = NULL;
    uint32_t count = 0;
    TRY(ledger_balances(run->setup.store, run->run.scope, arena, &balances, &count, reterr));
    struct held held = {NULL, 0, count + run->balance_count};
    held.rows = arena_new_array(arena, struct held_row, held.room + 1);
    if (held.rows == NULL) {
        return report_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (is_at_provider(balances[i].account)) {
            struct held_row *row = held_in(&held, balances[i].currency);
            int64_t *part =
                is_free(balances[i].account) ? &row->books_free_minor : &row->books_reserved_minor;
            if (minor_add(*part, balances[i].minor, part) != ERR_OK) {
                return does_not_fit(row->currency, reterr);
            }
        }
    }
    for (uint32_t i = 0; i < run->balance_count; i++) {
        struct held_row *row = held_in(&held, run->balances[i].currency);
        row->said_free_minor = run->balances[i].free_minor;
        row->said_reserved_minor = run->balances[i].reserved_minor;
    }
    *ret_rows = held.rows;
    *ret_count = held.count;
    return ERR_OK;
}

static enum err net_of(const struct moved *moved, struct currency currency, int64_t *ret_minor)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < moved->count; i++) {
        if (currency_eq(moved->rows[i].currency, currency)) {
            TRY(minor_add(sum, moved->rows[i].net_minor, &sum));
        }
    }
    *ret_minor = sum;
    return ERR_OK;
}

/* At as_of: both sides less what has moved since. */
static enum err turn_back(
    const struct held_row *row, const struct moved *since, bool is_said, struct report_balance *to)
{
    int64_t moved = 0;
    TRY(net_of(since, row->currency, &moved));
    *to = (struct report_balance){.currency = row->currency, .is_said = is_said};
    TRY(minor_subtract(row->books_free_minor, moved, &to->books_minor));
    if (is_said) {
        TRY(minor_subtract(row->said_free_minor, moved, &to->said_minor));
    }
    if (row->said_reserved_minor != 0) {
        TRY(minor_add(to->books_minor, row->books_reserved_minor, &to->books_minor));
        TRY(minor_add(to->said_minor, row->said_reserved_minor, &to->said_minor));
    }
    return ERR_OK;
}

enum err reconcile_compare_balances(struct reconcile *run,
    struct arena *arena,
    struct report_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    struct held_row *held = NULL;
    struct moved since = {NULL, 0};
    uint32_t count = 0;
    TRY(reconcile_hold(run, arena, &held, &count, reterr));
    TRY(proof_made_since(run->setup.store, run->run.scope, run->setup.as_of_us, arena, &since.rows,
        &since.count, reterr));
    struct report_balance *rows = arena_new_array(arena, struct report_balance, (size_t)count + 1);
    if (rows == NULL) {
        return report_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (turn_back(&held[i], &since, run->balance_held, &rows[i]) != ERR_OK) {
            return does_not_fit(held[i].currency, reterr);
        }
    }
    *ret_rows = rows;
    *ret_count = count;
    return ERR_OK;
}

/* --- roll-forward --- */

static bool is_payout(enum line_kind kind)
{
    return kind == LINE_PAYOUT || kind == LINE_PAYOUT_RETURNED;
}

struct forward { /* by currency, in the order of codes */
    struct report_currency *rows;
    uint32_t count;
};

static struct report_currency *forward_of(struct forward *forward, struct currency currency)
{
    for (uint32_t i = 0; i < forward->count; i++) {
        if (currency_eq(forward->rows[i].currency, currency)) {
            return &forward->rows[i];
        }
    }
    struct report_currency *row = &forward->rows[forward->count++];
    *row = (struct report_currency){.currency = currency};
    return row;
}

static int compare_currencies(const void *a, const void *b)
{
    return strcmp(((const struct report_currency *)a)->currency.code,
        ((const struct report_currency *)b)->currency.code);
}

/* A summary says the sign of payouts by adding up, or not. */
static void judge_sign(struct report_currency *row)
{
    int64_t sum = 0;
    if (minor_add(row->said_opening_minor, row->said_activity_minor, &sum) == ERR_OK &&
        minor_subtract(sum, row->said_payouts_minor, &sum) == ERR_OK &&
        sum == row->said_closing_minor && row->said_payouts_minor != INT64_MIN) {
        row->said_payouts_minor = -row->said_payouts_minor;
    }
}

static enum err take_totals(
    struct reconcile *run, struct arena *arena, struct forward *forward, struct err_info *reterr)
{
    struct kept_total *totals = NULL;
    uint32_t count = 0;
    const struct totals_wanted wanted = {run->run.scope,
        str_from(statement_file_word(FILE_SUMMARY)), run->setup.from_us, run->setup.to_us};
    TRY(proof_totals(run->setup.store, &wanted, arena, &totals, &count, reterr));
    struct report_currency *rows =
        arena_new_array(arena, struct report_currency, (size_t)forward->count + count + 1);
    if (rows == NULL) {
        return report_out_of_room(reterr);
    }
    memcpy(rows, forward->rows, forward->count * sizeof *rows);
    forward->rows = rows;
    for (uint32_t i = 0; i < count; i++) {
        struct report_currency *row = forward_of(forward, totals[i].currency);
        row->totals_known = true;
        if (str_eq(totals[i].category, STR("starting_balance"))) {
            row->said_opening_minor = totals[i].net_minor;
        } else if (str_eq(totals[i].category, STR("activity"))) {
            row->said_activity_minor = totals[i].net_minor;
        } else if (str_eq(totals[i].category, STR("payouts"))) {
            row->said_payouts_minor = totals[i].net_minor;
        } else if (str_eq(totals[i].category, STR("ending_balance"))) {
            row->said_closing_minor = totals[i].net_minor;
        }
    }
    for (uint32_t i = 0; i < forward->count; i++) {
        judge_sign(&forward->rows[i]);
    }
    return ERR_OK;
}

/* closing is what is held now, less what has moved since. */
static enum err roll(struct forward *forward,
    const struct moved *within,
    const struct moved *since,
    const struct held_row *held,
    uint32_t held_count)
{
    for (uint32_t i = 0; i < held_count; i++) {
        forward_of(forward, held[i].currency)->closing_minor = held[i].books_free_minor;
    }
    for (uint32_t i = 0; i < since->count; i++) {
        struct report_currency *row = forward_of(forward, since->rows[i].currency);
        TRY(minor_subtract(row->closing_minor, since->rows[i].net_minor, &row->closing_minor));
    }
    for (uint32_t i = 0; i < within->count; i++) {
        const struct line_sums *sums = &within->rows[i];
        struct report_currency *row = forward_of(forward, sums->currency);
        int64_t *part = is_payout(sums->kind) ? &row->payouts_minor : &row->activity_minor;
        TRY(minor_add(*part, sums->net_minor, part));
    }
    for (uint32_t i = 0; i < forward->count; i++) {
        struct report_currency *row = &forward->rows[i];
        TRY(minor_subtract(row->closing_minor, row->activity_minor, &row->opening_minor));
        TRY(minor_subtract(row->opening_minor, row->payouts_minor, &row->opening_minor));
    }
    return ERR_OK;
}

enum err reconcile_roll_forward(struct reconcile *run, struct err_info *reterr)
{
    const struct reconcile_setup *setup = &run->setup;
    struct arena *arena = setup->arena;
    struct moved within = {NULL, 0};
    struct moved since = {NULL, 0};
    struct held_row *held = NULL;
    uint32_t held_count = 0;
    TRY(reconcile_hold(run, arena, &held, &held_count, reterr));
    TRY(proof_movements(setup->store, run->run.scope, setup->from_us, setup->to_us, arena,
        &within.rows, &within.count, reterr));
    TRY(proof_movements(setup->store, run->run.scope, setup->to_us, END_OF_TIME_US, arena,
        &since.rows, &since.count, reterr));
    struct forward forward = {arena_new_array(arena, struct report_currency,
                                  (size_t)held_count + within.count + since.count + 1),
        0};
    if (forward.rows == NULL) {
        return report_out_of_room(reterr);
    }
    if (roll(&forward, &within, &since, held, held_count) != ERR_OK) {
        return err_set(reterr, ERR_OVERFLOW, "a sum of what moved does not fit into 64 bits");
    }
    TRY(take_totals(run, arena, &forward, reterr));
    qsort(forward.rows, forward.count, sizeof *forward.rows, compare_currencies);
    run->moved = within;
    run->currencies = forward.rows;
    run->currency_count = forward.count;
    return ERR_OK;
}

/* The balance says several things of each currency, in several lists, and some of a list in parts
 * by where the money comes from: they are added up. */
#include "base/check.h"
#include "provider/stripe/api.h"
#include "provider/stripe/statement.h"

#define ROWS_MAX (160 * BALANCE_PART_COUNT) /* as many currencies as there are */

static const struct part_row {
    enum balance_part part;
    struct stripe_balance_list list;
} part_rows[] = {
    {BALANCE_AVAILABLE, {"available", NULL}},
    {BALANCE_PENDING, {"pending", NULL}},
    {BALANCE_CONNECT_RESERVED, {"connect_reserved", NULL}},
    {BALANCE_ISSUING, {"issuing", "available"}},
    {BALANCE_PREFUND, {"refund_and_dispute_prefunding", "available"}},
    {BALANCE_PREFUND, {"refund_and_dispute_prefunding", "pending"}},
    {BALANCE_RISK_RESERVED, {"risk_reserved", "available"}},
    {BALANCE_RISK_RESERVED, {"risk_reserved", "pending"}},
};

static struct said_balance *row_of(
    struct said_balances *balances, enum balance_part part, struct currency currency)
{
    for (uint32_t i = 0; i < balances->count; i++) {
        if (balances->items[i].part == part && currency_eq(balances->items[i].currency, currency)) {
            return &balances->items[i];
        }
    }
    if (balances->count == ROWS_MAX) {
        return NULL;
    }
    balances->items[balances->count] = (struct said_balance){part, currency, 0};
    return &balances->items[balances->count++];
}

static enum err add_list(struct said_balances *balances,
    const struct part_row *row,
    const struct json *first,
    struct err_info *reterr)
{
    int64_t index = 0;
    for (const struct json *at = first; at != NULL; at = at->next) {
        struct stripe_place place = {NULL, row->list.name, index++};
        struct stripe_money money = {.amount = {false, 0}};
        if (at->kind != JSON_OBJECT) {
            return stripe_field_refuse(&place, "amount", ERR_MALFORMED, "is missing", reterr);
        }
        TRY(stripe_fields_read(STRIPE_MONEY, at, &place, &money, reterr));
        struct said_balance *sum = row_of(balances, row->part, money.currency);
        if (sum == NULL) {
            return stripe_field_refuse(
                &place, "currency", ERR_TOO_LARGE, "is one too many", reterr);
        }
        if (minor_add(sum->minor, money.amount.value, &sum->minor) != ERR_OK) {
            return stripe_field_refuse(&place, "amount", ERR_OVERFLOW,
                "makes a sum that does not fit into 64 bits", reterr);
        }
    }
    return ERR_OK;
}

enum err stripe_statement_balance(struct provider_api *api,
    struct str account,
    struct arena *arena,
    struct said_balances *ret_balances,
    struct err_info *reterr)
{
    REQUIRE(api != NULL && arena != NULL && ret_balances != NULL);
    const struct stripe_call call = {.path = STR("/v1/balance"), .account = account};
    struct stripe_answer answer;
    struct said_balances balances = {
        .items = arena_new_array(arena, struct said_balance, ROWS_MAX)};
    if (balances.items == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "no memory for a balance");
    }
    TRY(stripe_api_ask(api, &call, &answer, reterr));
    arena_reset(api->scratch);
    const struct json *balance = stripe_balance_read(answer.body, api->scratch);
    if (balance == NULL) {
        return stripe_call_failed(
            &call, &answer, ERR_MALFORMED, reterr, "the answer is no balance");
    }
    TRY(stripe_check_environment(api, &call, &answer, stripe_livemode_read(balance), reterr));
    for (size_t i = 0; i < sizeof part_rows / sizeof part_rows[0]; i++) {
        TRY(add_list(&balances, &part_rows[i],
            stripe_balance_list_read(balance, &part_rows[i].list), reterr));
    }
    *ret_balances = balances;
    return ERR_OK;
}

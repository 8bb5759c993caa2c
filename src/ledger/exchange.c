#include "ledger/exchange.h"
#include "base/check.h"
#include "ledger/minor.h"

static const struct own_id no_key;

struct own_id exchange_id(int64_t scope, struct own_id attempt, const struct exchange *pair)
{
    char what[sizeof attempt.bytes + sizeof pair->payer.code + sizeof pair->settled.code];
    int64_t made_ms = 0;
    REQUIRE(pair != NULL && !own_id_is_none(attempt));
    for (int i = 0; i < 6; i++) {
        made_ms = made_ms << 8 | attempt.bytes[i];
    }
    memcpy(what, attempt.bytes, sizeof attempt.bytes);
    memcpy(what + sizeof attempt.bytes, pair->payer.code, sizeof pair->payer.code);
    memcpy(what + sizeof attempt.bytes + sizeof pair->payer.code, pair->settled.code,
        sizeof pair->settled.code);
    return derived_id(made_ms * 1000, 'X', scope, 0, (struct str){what, sizeof what});
}

enum err exchange_add(struct exchange *exchange, const struct statement_line *line)
{
    REQUIRE(exchange != NULL);
    REQUIRE(line != NULL && line_is_exchanged(line));
    REQUIRE(currency_eq(exchange->payer, line->customer_currency));
    REQUIRE(currency_eq(exchange->settled, line->currency));
    struct exchange sum = *exchange;
    if (line->kind == LINE_PAYMENT) {
        TRY(minor_add(sum.payer_in_minor, line->customer_minor, &sum.payer_in_minor));
        TRY(minor_add(sum.settled_in_minor, line->amount_minor, &sum.settled_in_minor));
    } else {
        TRY(minor_subtract(sum.payer_out_minor, line->customer_minor, &sum.payer_out_minor));
        TRY(minor_subtract(sum.settled_out_minor, line->amount_minor, &sum.settled_out_minor));
    }
    *exchange = sum;
    return ERR_OK;
}

enum err exchange_loss(const struct exchange *exchange, int64_t *ret_minor)
{
    REQUIRE(exchange != NULL && ret_minor != NULL);
    int64_t cost = 0;
    if (exchange->payer_in_minor <= 0) {
        *ret_minor = 0;
        return ERR_OK;
    }
    TRY(minor_share(
        exchange->settled_in_minor, exchange->payer_out_minor, exchange->payer_in_minor, &cost));
    return minor_subtract(exchange->settled_out_minor, cost, ret_minor);
}

enum err exchange_post(
    const struct exchange *exchange, struct own_id attempt, struct ledger_entry *entry)
{
    REQUIRE(exchange != NULL);
    REQUIRE(!own_id_is_none(attempt));
    int64_t loss = 0;
    TRY(exchange_loss(exchange, &loss));
    enum ledger_account account = loss > 0 ? ACCOUNT_FX_LOSS : ACCOUNT_FX_GAIN;
    TRY(entry_debit(entry, account, no_key, exchange->settled, loss));
    return entry_credit(entry, ACCOUNT_FX_POSITION, attempt, exchange->settled, loss);
}

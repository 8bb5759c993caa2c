#include "sandbox/merchant_lines.h"
#include "base/check.h"
#include "sandbox/merchant_internal.h"

static const struct {
    const char *type, *category, *description;
} movement_rows[MOVEMENT_COUNT] = {
#define MOVEMENT(name, type, category, when, description)                                          \
    [MOVEMENT_##name] = {(type), (category), (description)},
#include "sandbox/movements.def"
#undef MOVEMENT
};

static const struct {
    const char *type, *description;
} fee_rows[] = {
    [FEE_IS_PROCESSING] = {"stripe_fee", "Stripe processing fees"},
    [FEE_IS_TAX] = {"tax", "VAT"},
    [FEE_IS_NETWORK] = {"payment_method_passthrough_fee", "Card network costs"},
    [FEE_IS_APPLICATION] = {"application_fee", "Sandbox Platform application fee"},
    [FEE_IS_DISPUTE] = {"stripe_fee", "Dispute fee"},
    [FEE_IS_INSTANT_PAYOUT] = {"stripe_fee", "Instant payout fee"},
};

static const char *const currency_codes[CURRENCY_COUNT] = {
#define CURRENCY(code, weight, least, most, step) #code,
#include "sandbox/currencies.def"
#undef CURRENCY
};
struct str currency_word(enum currency_index currency)
{
    REQUIRE(currency < CURRENCY_COUNT);
    return str_from(currency_codes[currency]);
}
_Static_assert(CURRENCY_COUNT <= MERCHANT_BALANCES_MAX, "a balance of each currency fits");

/* ---- a line ---------------------------------------------------------------------------------- */

static void take_fees(
    const struct merchant *merchant, const struct shop_money *money, struct merchant_line *line)
{
    line->fee_count = money->fee_count;
    for (uint8_t i = 0; i < money->fee_count; i++) {
        const struct shop_line_fee *fee = &money->fees[i];
        line->fees[i] = (struct merchant_line_fee){
            fee_rows[fee->type].type, fee_rows[fee->type].description, fee->minor, STR_NONE};
        if (fee->type == FEE_IS_APPLICATION) {
            line->fees[i].application = str_from(merchant->application);
        }
    }
}

static void take_exchange(const struct shop_money *money, struct merchant_line *line)
{
    if (money->rate == 0) {
        return;
    }
    line->customer_currency = str_from(currency_codes[money->paid_in]);
    line->customer_minor = money->paid;
    rate_text(money->rate, line->exchange_rate);
}

static void take_connected(
    const struct merchant *merchant, const struct scene *scene, struct merchant_line *line)
{
    const struct shop_transfer *transfer = scene->transfer;
    const struct shop_fee *fee = scene->fee;
    if (transfer != NULL) {
        line->connected = str_from(merchant->accounts[transfer->account].id);
    } else if (fee != NULL) {
        line->connected = str_from(merchant->accounts[fee->account].id);
    }
}

static void take_source(
    const struct merchant *merchant, const struct shop_money *money, struct merchant_line *line)
{
    struct merchant_view view;
    line->source = str_from(money->beside);
    line->charge = str_from(money->beside_charge);
    if (money->source.subject == SUBJECT_NONE) {
        return;
    }
    struct scene scene = scene_of(merchant, money->source);
    merchant_look(merchant, money->source, &view);
    line->has_source_ref = money->beside[0] == '\0';
    line->source = line->has_source_ref ? view.id : line->source;
    line->source_ref = money->source;
    take_connected(merchant, &scene, line);
    if (scene.payment != NULL) {
        line->charge = view.charge;
        line->payment_intent = str_from(scene.payment->id);
        line->customer = str_from(scene.payment->customer);
        line->invoice = str_from(scene.payment->invoice_id);
    }
}

static void take_payout(
    const struct merchant *merchant, const struct shop_money *money, struct merchant_line *line)
{
    if (money->payout == 0) {
        return;
    }
    const struct shop_payout *payout = &merchant->payouts[money->payout - 1];
    line->payout = str_from(payout->id);
    line->payout_effective_s = payout->arrival_s;
    line->is_payout_own =
        money->movement == MOVEMENT_PAYOUT && money->source.index == money->payout - 1;
    line->effective_s = line->is_payout_own ? payout->arrival_s : line->effective_s;
}

void merchant_line_at(
    const struct merchant *merchant, uint32_t owner, uint32_t index, struct merchant_line *ret_line)
{
    REQUIRE(index < merchant_line_count(merchant, owner));
    const struct shop_money *money = &merchant->statements[owner].lines[index];
    int64_t fee = money_fee(money);
    struct merchant_line line = {.id = str_from(money->id),
        .type = movement_rows[money->movement].type,
        .category = movement_rows[money->movement].category,
        .balance_type = "payments",
        .amount_minor = money->amount,
        .fee_minor = fee,
        .net_minor = money_net(money),
        .currency = str_from(currency_codes[money->currency]),
        .created_s = money->created_s,
        .available_on_s = money->available_s,
        .effective_s = money->created_s,
        .description = str_from(movement_rows[money->movement].description)};
    take_fees(merchant, money, &line);
    take_exchange(money, &line);
    take_source(merchant, money, &line);
    take_payout(merchant, money, &line);
    *ret_line = line;
}

/* ---- the statement --------------------------------------------------------------------------- */

uint32_t merchant_line_count(const struct merchant *merchant, uint32_t owner)
{
    REQUIRE(merchant != NULL);
    REQUIRE(owner <= ACCOUNTS_MAX);
    return merchant->statements[owner].count;
}

enum err merchant_line_find(
    const struct merchant *merchant, uint32_t owner, struct str id, uint32_t *ret_index)
{
    REQUIRE(owner <= ACCOUNTS_MAX);
    uint32_t index = 0;
    if (!lines_find(&merchant->statements[owner], id, &index)) {
        return ERR_NOT_FOUND;
    }
    *ret_index = index;
    return ERR_OK;
}

uint32_t merchant_line_from(const struct merchant *merchant, uint32_t owner, int64_t created_s)
{
    const struct shop_statement *statement = &merchant->statements[owner];
    uint32_t low = 0;
    uint32_t high = merchant_line_count(merchant, owner);
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (statement->lines[middle].created_s < created_s) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return low;
}

enum err merchant_payout_lines(const struct merchant *merchant,
    uint32_t owner,
    struct str id,
    uint32_t *ret_first,
    uint32_t *ret_end)
{
    REQUIRE(merchant != NULL);
    for (uint32_t i = 0; i < merchant->payout_pool.made; i++) {
        const struct shop_payout *payout = &merchant->payouts[i];
        if (payout->owner == owner && str_eq(id, str_from(payout->id))) {
            *ret_first = payout->lines_from;
            *ret_end = payout->lines_end;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

void merchant_render_balance(const struct merchant *merchant, uint32_t owner, struct buf *to)
{
    struct scene scene =
        scene_of(merchant, (struct merchant_ref){.subject = SUBJECT_NONE, .index = owner});
    shape_render(&scene, SHAPE_BALANCE, to);
}

uint32_t merchant_balances(const struct merchant *merchant,
    uint32_t owner,
    struct merchant_balance ret_balances[static MERCHANT_BALANCES_MAX])
{
    REQUIRE(owner <= ACCOUNTS_MAX);
    uint32_t count = 0;
    for (int i = 0; i < CURRENCY_COUNT; i++) {
        struct money_balance balance = lines_balance(merchant, owner, (enum currency_index)i);
        if (balance.moved) {
            ret_balances[count++] = (struct merchant_balance){
                str_from(currency_codes[i]), balance.available, balance.pending};
        }
    }
    return count;
}

int64_t merchant_clock_s(const struct merchant *merchant)
{
    REQUIRE(merchant != NULL);
    return merchant_second(merchant);
}

const struct faults *merchant_faults(const struct merchant *merchant)
{
    REQUIRE(merchant != NULL);
    return merchant->config.faults;
}

int64_t merchant_begin_s(const struct merchant *merchant)
{
    REQUIRE(merchant != NULL);
    return merchant->config.start_us / 1000000;
}

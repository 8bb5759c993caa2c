#include "base/check.h"
#include "sandbox/merchant_internal.h"
#include <stdlib.h>

/* The lines of each owner's account, and which of them no payout holds yet: those are the balance.
 */

#define ROOM_FIRST 64
#define QUICK_WAIT_S 2 /* until money is available where a bank's days are seconds */
#define DAYS_WAIT 2
#define DAY_S INT64_C(86400)

static const bool is_later[MOVEMENT_COUNT] = {
#define WHEN_LATER true
#define WHEN_NOW false
#define MOVEMENT(name, type, category, when, description) [MOVEMENT_##name] = WHEN_##when,
#include "sandbox/movements.def"
#undef MOVEMENT
};

/* ---- found by id ----------------------------------------------------------------------------- */

static uint32_t *bucket_of(const struct shop_statement *statement, struct str id)
{
    uint32_t at = (uint32_t)hash_bytes(id.data, id.len, 0) & (statement->buckets - 1);
    while (statement->by_id[at] != 0 &&
           !str_eq(str_from(statement->lines[statement->by_id[at] - 1].id), id)) {
        at = (at + 1) & (statement->buckets - 1);
    }
    return &statement->by_id[at];
}

bool lines_find(const struct shop_statement *statement, struct str id, uint32_t *ret_index)
{
    uint32_t found = statement->count > 0 ? *bucket_of(statement, id) : 0;
    *ret_index = found > 0 ? found - 1 : 0;
    return found > 0;
}

static bool grow(struct shop_statement *statement)
{
    uint32_t room = statement->room > 0 ? 2 * statement->room : ROOM_FIRST;
    struct shop_money *lines = realloc(statement->lines, room * sizeof *lines);
    statement->lines = lines != NULL ? lines : statement->lines;
    uint32_t *by_id = calloc((size_t)2 * room, sizeof *by_id);
    if (lines == NULL || by_id == NULL) {
        free(by_id);
        return false;
    }
    free(statement->by_id);
    statement->by_id = by_id;
    statement->buckets = 2 * room;
    statement->room = room;
    for (uint32_t i = 0; i < statement->count; i++) {
        *bucket_of(statement, str_from(lines[i].id)) = i + 1;
    }
    return true;
}

void lines_fini(struct shop_statement *statement)
{
    free(statement->lines);
    free(statement->by_id);
}

/* ---- adding ---------------------------------------------------------------------------------- */

static int64_t available_at(const struct merchant *merchant, enum movement movement)
{
    int64_t now_s = merchant_second(merchant);
    if (!is_later[movement]) {
        return now_s;
    }
    return merchant->config.end_us > 0 ? (now_s / DAY_S + DAYS_WAIT) * DAY_S : now_s + QUICK_WAIT_S;
}

static void open_line(struct shop_statement *statement, uint32_t index)
{
    enum currency_index currency = statement->lines[index].currency;
    if (statement->open[currency].last != 0) {
        statement->lines[statement->open[currency].last - 1].next_open = index + 1;
    } else {
        statement->open[currency].first = index + 1;
    }
    statement->open[currency].last = index + 1;
    statement->open[currency].moved = true;
}

static void append(struct merchant *merchant, uint32_t owner, const struct shop_money *line)
{
    struct shop_statement *statement = &merchant->statements[owner];
    if (statement->count == statement->room && !grow(statement)) {
        merchant->out_of_memory = true;
        return;
    }
    struct shop_money *added = &statement->lines[statement->count];
    *added = *line;
    added->created_s = merchant_second(merchant);
    added->available_s = available_at(merchant, line->movement);
    added->next_open = 0;
    if (added->id[0] == '\0') {
        id_make(&merchant->line_ids, "txn_1", added->created_s, added->id);
    }
    *bucket_of(statement, str_from(added->id)) = ++statement->count;
    if (added->payout == 0) {
        open_line(statement, statement->count - 1);
    }
}

void lines_add(struct merchant *merchant, uint32_t owner, const struct shop_money *line)
{
    REQUIRE(owner <= ACCOUNTS_MAX);
    struct shop_money taken = *line;
    if (!merchant->config.forgetful && faults_take_line(merchant, owner, &taken)) {
        append(merchant, owner, &taken);
        faults_follow_line(merchant, owner, &taken);
    }
}

void lines_add_simple(struct merchant *merchant, uint32_t owner, const struct simple_line *simple)
{
    struct shop_money line = {.movement = simple->movement,
        .currency = CURRENCY_eur,
        .paid_in = CURRENCY_eur,
        .amount = simple->amount,
        .source = simple->source};
    if (simple->id != NULL) {
        memcpy(line.id, simple->id, sizeof line.id);
    }
    if (simple->beside != NULL) {
        memcpy(line.beside, simple->beside, sizeof line.beside);
    }
    if (simple->beside_charge != NULL) {
        memcpy(line.beside_charge, simple->beside_charge, sizeof line.beside_charge);
    }
    lines_add(merchant, owner, &line);
}

int64_t money_fee(const struct shop_money *line)
{
    int64_t fee = 0;
    for (uint8_t i = 0; i < line->fee_count; i++) {
        fee += line->fees[i].minor;
    }
    return fee;
}

int64_t money_net(const struct shop_money *line)
{
    return line->amount - money_fee(line) + line->net_off;
}

/* ---- what no payout holds yet ---------------------------------------------------------------- */

struct money_balance lines_balance(
    const struct merchant *merchant, uint32_t owner, enum currency_index currency)
{
    const struct shop_statement *statement = &merchant->statements[owner];
    struct money_balance balance = {.moved = statement->open[currency].moved};
    uint32_t at = statement->open[currency].first;
    while (at != 0) {
        const struct shop_money *line = &statement->lines[at - 1];
        int64_t net = money_net(line);
        if (line->available_s <= merchant_second(merchant)) {
            balance.available += net;
        } else {
            balance.pending += net;
        }
        at = line->next_open;
    }
    return balance;
}

uint32_t lines_gather(
    struct merchant *merchant, uint32_t owner, enum currency_index currency, uint32_t payout)
{
    struct shop_statement *statement = &merchant->statements[owner];
    uint32_t at = statement->open[currency].first;
    uint32_t first = statement->count;
    statement->open[currency].first = statement->open[currency].last = 0;
    while (at != 0) {
        struct shop_money *line = &statement->lines[at - 1];
        uint32_t next = line->next_open;
        line->next_open = 0;
        if (line->available_s <= merchant_second(merchant)) {
            line->payout = payout + 1;
            first = at - 1 < first ? at - 1 : first;
        } else {
            open_line(statement, at - 1);
        }
        at = next;
    }
    return first;
}

/* world: what a business and its provider's statement say, and the books that are kept of it: after
 * each step, whatever differs is posted. Here targets are given what a store would look up.
 *
 * Layer: tests. Needs ledger.
 */
#pragma once

#include "ledger/line.h"
#include "ledger/target.h"
#include "unit/ledger/book.h"

#define WORLD_THINGS 512
#define WORLD_LINES 512

/* One thing that becomes known: a line, or the state of an aggregate. */
struct step {
    const struct statement_line *line;
    enum id_kind kind;
    const struct record_head *record; /* borrowed; its head.version says which state is newer */
    int64_t now_us;                   /* when it is: lines of before are available; 0: as before */
    const char *posts;                /* in stories: what is posted then */
};

struct thing {
    enum id_kind kind;
    const struct record_head *record;
};

struct world {
    struct target_policy policy;
    struct line_policy line_policy;
    int64_t now_us;
    struct thing things[WORLD_THINGS];
    uint32_t thing_count;
    struct statement_line lines[WORLD_LINES];
    uint32_t line_count;
    struct book book;
};

void world_begin(struct world *world);
/* A state that is older than the known one is forgotten; a line learns what it did not say. */
void world_learn(struct world *world, const struct step *step);
void world_post(struct world *world); /* whatever differs */

/* ---- steps, written short; ids and currencies are text --------------------------------------- */

#define MOVES(amount, fee)                                                                         \
    .amount_minor = (amount), .fee_minor = (fee), .net_minor = (amount) - (fee)
#define LINE_IN(CODE, ID, ...)                                                                     \
    .line = &(const struct statement_line)                                                         \
    {                                                                                              \
        .id = {ID}, .currency = {CODE}, __VA_ARGS__                                                \
    }
#define LINE(ID, ...) LINE_IN("EUR", ID, __VA_ARGS__)
#define RECORD(NAME, name, CODE, ID, ...)                                                          \
    .kind = ID_##NAME,                                                                             \
    .record = &((const struct name){.head = {.id = {ID}}, .currency = {CODE}, __VA_ARGS__}).head
#define ATTEMPT_IN(CODE, ID, ...) RECORD(ATTEMPT, attempt, CODE, ID, __VA_ARGS__)
#define ATTEMPT(ID, ...) ATTEMPT_IN("EUR", ID, __VA_ARGS__)
#define INVOICE(ID, ...) RECORD(INVOICE, invoice, "EUR", ID, __VA_ARGS__)
#define INVOICE_PAYMENT(ID, ...) RECORD(INVOICE_PAYMENT, invoice_payment, "EUR", ID, __VA_ARGS__)
#define CREDIT_NOTE(ID, ...) RECORD(CREDIT_NOTE, credit_note, "EUR", ID, __VA_ARGS__)
#define REFUND_IN(CODE, ID, ...) RECORD(REFUND, refund, CODE, ID, __VA_ARGS__)
#define REFUND(ID, ...) REFUND_IN("EUR", ID, __VA_ARGS__)
#define DISPUTE(ID, ...)                                                                           \
    RECORD(DISPUTE, dispute, "EUR", ID, .settlement_currency = {"EUR"}, __VA_ARGS__)
#define PAYOUT(ID, ...) RECORD(PAYOUT, payout, "EUR", ID, __VA_ARGS__)
#define TOPUP(ID, ...) RECORD(TOPUP, topup, "EUR", ID, __VA_ARGS__)
#define TRANSFER(ID, ...) RECORD(TRANSFER, transfer, "EUR", ID, __VA_ARGS__)

/* story: what becomes known of some money, step by step, with what each step posts written out.
 *
 * Telling a step twice posts nothing more; a story ends with clearing at zero, and in the same
 * balances when the statement comes before everything else and after it.
 *
 * Layer: tests. Needs ledger.
 */
#pragma once

#include "unit/ledger/world.h"

struct story {
    const struct step *steps;
    uint32_t count;
    struct target_policy policy;
};

void goes_as_told(void **state); /* a test; *state is the struct story */

#define STORY_WITH(name, steps, ...)                                                               \
    {                                                                                              \
        name, goes_as_told, NULL, NULL, &(struct story)                                            \
        {                                                                                          \
            steps, sizeof(steps) / sizeof((steps)[0]), __VA_ARGS__                                 \
        }                                                                                          \
    }
#define STORY(name, steps) STORY_WITH(name, steps, {.hold_unlinked = false})

/* ---- what many stories have ---------------------------------------------------------------- */

#define PAID(minor)                                                                                \
    ATTEMPT("att", .payment_id = {"pay"}, .state = ATTEMPT_SUCCEEDED, .captured_minor = (minor))
#define PAYMENT_OF_100                                                                             \
    {PAID(10000), .posts = "assets:clearing:payment{att} 100.00 EUR\n"                             \
                           "income:sales -100.00 EUR\n"},                                          \
    {                                                                                              \
        LINE("ch", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(10000, 0)),                     \
            .posts = "assets:provider:pending 100.00 EUR\n"                                        \
                     "assets:clearing:payment{att} -100.00 EUR\n"                                  \
    }
#define REFUNDED(state_, minor)                                                                    \
    REFUND("ref", .attempt_id = {"att"}, .state = (state_), .amount_minor = (minor))
#define REFUND_LINE(minor)                                                                         \
    LINE("re", .kind = LINE_REFUND, .source = {"ref"}, .attempt = {"att"}, MOVES(-(minor), 0))
#define DISPUTED(state_, withdrawn)                                                                \
    DISPUTE("dis", .state = (state_), .withdrawn_minor = (withdrawn))
#define OWED(state_) OWED_WITH(state_, .due_minor = 0)
#define OWED_WITH(state_, ...)                                                                     \
    INVOICE("inv", .state = (state_), .customer_id = {"cus"}, .total_minor = 11900,                \
        .tax_minor = 1900, __VA_ARGS__)
#define SETTLES(ID, minor)                                                                         \
    INVOICE_PAYMENT(ID, .state = INVOICE_PAYMENT_PAID, .invoice_id = {"inv"},                      \
        .payment_id = {"pay"}, .paid_minor = (minor))
#define OWED_POSTS                                                                                 \
    "assets:receivable:invoices{inv} 119.00 EUR\n"                                                 \
    "liabilities:tax_payable -19.00 EUR\n"                                                         \
    "income:sales -100.00 EUR\n"
#define NOT_OWED_POSTS                                                                             \
    "assets:receivable:invoices{inv} -119.00 EUR\n"                                                \
    "liabilities:tax_payable 19.00 EUR\n"                                                          \
    "income:sales 100.00 EUR\n"
#define STATEMENT_OF_119 LINE("ch", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(11900, 400))
#define STATEMENT_OF_119_POSTS                                                                     \
    "assets:provider:pending 115.00 EUR\n"                                                         \
    "assets:clearing:payment{att} -119.00 EUR\n"                                                   \
    "expenses:fees:unspecified 4.00 EUR\n"

#include "unit/ledger/story.h"
#include "unit/testing.h"

/* ---- refunds ---- */

static const struct step refund_steps[] = {
    PAYMENT_OF_100,
    {REFUNDED(REFUND_SUCCEEDED, 10000), .posts = "assets:clearing:refund{ref} -100.00 EUR\n"
                                                 "income:refunds 100.00 EUR\n"},
    {REFUND_LINE(10000), .posts = "assets:provider:pending -100.00 EUR\n"
                                  "assets:clearing:refund{ref} 100.00 EUR\n"},
};

/* Of an invoice, so with its share of the tax: 19 of 119. */
static const struct step partial_refund_steps[] = {
    {OWED(INVOICE_PAID), .posts = OWED_POSTS},
    {SETTLES("lnk", 11900), .posts = ""},
    {PAID(11900), .posts = "assets:clearing:payment{att} 119.00 EUR\n"
                           "assets:receivable:invoices{inv} -119.00 EUR\n"},
    {STATEMENT_OF_119, .posts = STATEMENT_OF_119_POSTS},
    {REFUND_LINE(5000), .posts = "assets:provider:pending -50.00 EUR\n"
                                 "assets:clearing:refund{ref} 50.00 EUR\n"},
    {REFUNDED(REFUND_SUCCEEDED, 5000), .posts = "assets:clearing:refund{ref} -50.00 EUR\n"
                                                "liabilities:tax_payable 7.98 EUR\n"
                                                "income:refunds 42.02 EUR\n"},
};

#define PART(ID, minor)                                                                            \
    REFUND(ID, .attempt_id = {"att"}, .state = REFUND_SUCCEEDED, .amount_minor = (minor))
#define PART_LINE(ID, REF, minor)                                                                  \
    LINE(ID, .kind = LINE_REFUND, .source = {REF}, .attempt = {"att"}, MOVES(-(minor), 0))

/* All of it, part by part; the tax of the parts is the tax of the whole. */
static const struct step refund_in_parts_steps[] = {
    {OWED(INVOICE_PAID), .posts = OWED_POSTS},
    {SETTLES("lnk", 11900), .posts = ""},
    {PAID(11900), .posts = "assets:clearing:payment{att} 119.00 EUR\n"
                           "assets:receivable:invoices{inv} -119.00 EUR\n"},
    {STATEMENT_OF_119, .posts = STATEMENT_OF_119_POSTS},
    {PART("ref1", 3967), .posts = "assets:clearing:refund{ref1} -39.67 EUR\n"
                                  "liabilities:tax_payable 6.33 EUR\n"
                                  "income:refunds 33.34 EUR\n"},
    {PART("ref3", 3966), .posts = "assets:clearing:refund{ref3} -39.66 EUR\n"
                                  "liabilities:tax_payable 6.34 EUR\n"
                                  "income:refunds 33.32 EUR\n"},
    /* It was made before the last one, whose cent it takes. */
    {PART("ref2", 3967), .posts = "liabilities:tax_payable -0.01 EUR\n"
                                  "income:refunds 0.01 EUR\n"
                                  "assets:clearing:refund{ref2} -39.67 EUR\n"
                                  "liabilities:tax_payable 6.34 EUR\n"
                                  "income:refunds 33.33 EUR\n"},
    {PART_LINE("re1", "ref1", 3967), .posts = "assets:provider:pending -39.67 EUR\n"
                                              "assets:clearing:refund{ref1} 39.67 EUR\n"},
    {PART_LINE("re2", "ref2", 3967), .posts = "assets:provider:pending -39.67 EUR\n"
                                              "assets:clearing:refund{ref2} 39.67 EUR\n"},
    {PART_LINE("re3", "ref3", 3966), .posts = "assets:provider:pending -39.66 EUR\n"
                                              "assets:clearing:refund{ref3} 39.66 EUR\n"},
};

/* It is under way, but its money has left; then it comes back. */
static const struct step failed_refund_steps[] = {
    PAYMENT_OF_100,
    {REFUNDED(REFUND_PENDING, 4000), .posts = ""},
    {REFUND_LINE(4000), .posts = "assets:provider:pending -40.00 EUR\n"
                                 "assets:clearing:refund{ref} 40.00 EUR\n"
                                 "assets:clearing:refund{ref} -40.00 EUR\n"
                                 "income:refunds 40.00 EUR\n"},
    {REFUNDED(REFUND_SUCCEEDED, 4000), .posts = ""},
    {REFUNDED(REFUND_FAILED, 4000), .posts = "assets:clearing:refund{ref} 40.00 EUR\n"
                                             "income:refunds -40.00 EUR\n"},
    {LINE("rf", .kind = LINE_REFUND_FAILED, .source = {"ref"}, .attempt = {"att"}, MOVES(4000, 0)),
        .posts = "assets:provider:pending 40.00 EUR\n"
                 "assets:clearing:refund{ref} -40.00 EUR\n"},
};

static const struct step canceled_refund_steps[] = {
    PAYMENT_OF_100,
    {REFUNDED(REFUND_ACTION_REQUIRED, 4000), .posts = ""},
    {REFUNDED(REFUND_CANCELED, 4000), .posts = ""},
};

/* The note says what the refund is for; a part of the note goes to the customer's balance. */
static const struct step credited_refund_steps[] = {
    {OWED(INVOICE_PAID), .posts = OWED_POSTS},
    {SETTLES("lnk", 11900), .posts = ""},
    {PAID(11900), .posts = "assets:clearing:payment{att} 119.00 EUR\n"
                           "assets:receivable:invoices{inv} -119.00 EUR\n"},
    {STATEMENT_OF_119, .posts = STATEMENT_OF_119_POSTS},
    {REFUNDED(REFUND_SUCCEEDED, 5000), .posts = "assets:clearing:refund{ref} -50.00 EUR\n"
                                                "liabilities:tax_payable 7.98 EUR\n"
                                                "income:refunds 42.02 EUR\n"},
    {CREDIT_NOTE("note",
         .state = CREDIT_NOTE_ISSUED,
         .invoice_id = {"inv"},
         .customer_id = {"cus"},
         .amount_minor = 6000,
         .tax_minor = 958,
         .post_payment_minor = 6000,
         .refund_id = {"ref"},
         .refund_count = 1,
         .balance_minor = 1000),
        .posts = "liabilities:refund_due{ref} 50.00 EUR\n"
                 "liabilities:tax_payable -7.98 EUR\n"
                 "income:refunds -42.02 EUR\n"
                 "liabilities:refund_due{ref} -50.00 EUR\n"
                 "liabilities:tax_payable 9.58 EUR\n"
                 "liabilities:customer_credit{cus} -10.00 EUR\n"
                 "income:refunds 50.42 EUR\n"},
    {REFUND_LINE(5000), .posts = "assets:provider:pending -50.00 EUR\n"
                                 "assets:clearing:refund{ref} 50.00 EUR\n"},
};

/* ---- disputes ---- */

#define WITHDRAWAL                                                                                 \
    LINE("wd", .kind = LINE_DISPUTE_WITHDRAWN, .source = {"dis"}, .attempt = {"att"},              \
        MOVES(-10000, 1785), .fee_count = 2, .fees = {{FEE_PROVIDER, 1500}, {FEE_TAX, 285}})
#define WITHDRAWAL_POSTS                                                                           \
    "assets:provider:pending -117.85 EUR\n"                                                        \
    "assets:clearing:dispute{dis} 100.00 EUR\n"                                                    \
    "expenses:fees:tax 2.85 EUR\n"                                                                 \
    "expenses:disputes:fee 15.00 EUR\n"
#define DISPUTE_OPENED                                                                             \
    PAYMENT_OF_100, {DISPUTED(DISPUTE_NEEDS_RESPONSE, 0), .posts = ""},                            \
        {DISPUTED(DISPUTE_NEEDS_RESPONSE, 10000),                                                  \
            .posts = "assets:clearing:dispute{dis} -100.00 EUR\n"                                  \
                     "assets:receivable:disputes{dis} 100.00 EUR\n"},                              \
    {                                                                                              \
        WITHDRAWAL, .posts = WITHDRAWAL_POSTS                                                      \
    }
#define LOSS_POSTS                                                                                 \
    "assets:receivable:disputes{dis} -100.00 EUR\n"                                                \
    "expenses:disputes:loss 100.00 EUR\n"
#define NO_LOSS_POSTS                                                                              \
    "assets:receivable:disputes{dis} 100.00 EUR\n"                                                 \
    "expenses:disputes:loss -100.00 EUR\n"
#define MONEY_BACK_POSTS                                                                           \
    "assets:clearing:dispute{dis} 100.00 EUR\n"                                                    \
    "assets:receivable:disputes{dis} -100.00 EUR\n"
#define REINSTATEMENT(fee)                                                                         \
    LINE("rs", .kind = LINE_DISPUTE_REINSTATED, .source = {"dis"}, .attempt = {"att"},             \
        MOVES(10000, fee))

static const struct step dispute_lost_steps[] = {
    DISPUTE_OPENED,
    {DISPUTED(DISPUTE_UNDER_REVIEW, 10000), .posts = ""},
    {DISPUTED(DISPUTE_LOST, 10000), .posts = LOSS_POSTS},
};

static const struct step dispute_won_steps[] = {
    DISPUTE_OPENED,
    {DISPUTED(DISPUTE_WON, 0), .posts = MONEY_BACK_POSTS},
    {REINSTATEMENT(0), .posts = "assets:provider:pending 100.00 EUR\n"
                                "assets:clearing:dispute{dis} -100.00 EUR\n"},
};

/* The receivable stays: somebody must ask where the money is. */
static const struct step dispute_won_unpaid_steps[] = {
    DISPUTE_OPENED,
    {DISPUTED(DISPUTE_WON, 10000), .posts = ""},
};

static const struct step dispute_fee_returned_steps[] = {
    DISPUTE_OPENED,
    {REINSTATEMENT(-1500), .posts = "assets:provider:pending 115.00 EUR\n"
                                    "assets:clearing:dispute{dis} -100.00 EUR\n"
                                    "expenses:disputes:fee -15.00 EUR\n"},
    /* Money back alone is not a dispute won, nor one lost. */
    {DISPUTED(DISPUTE_UNDER_REVIEW, 0), .posts = MONEY_BACK_POSTS},
    {DISPUTED(DISPUTE_WON, 0), .posts = ""},
};

static const struct step dispute_appealed_steps[] = {
    DISPUTE_OPENED,
    {DISPUTED(DISPUTE_LOST, 10000), .posts = LOSS_POSTS},
    {DISPUTED(DISPUTE_APPEAL_UNDER_REVIEW, 10000), .posts = NO_LOSS_POSTS},
    {DISPUTED(DISPUTE_WON, 0), .posts = MONEY_BACK_POSTS},
    {REINSTATEMENT(0), .posts = "assets:provider:pending 100.00 EUR\n"
                                "assets:clearing:dispute{dis} -100.00 EUR\n"},
    {DISPUTED(DISPUTE_APPEAL_NEEDS_RESPONSE, 0), .posts = ""},
    {DISPUTED(DISPUTE_LOST, 10000), .posts = "assets:clearing:dispute{dis} -100.00 EUR\n"
                                             "expenses:disputes:loss 100.00 EUR\n"},
    {LINE("w2",
         .kind = LINE_DISPUTE_WITHDRAWN,
         .source = {"dis"},
         .attempt = {"att"},
         MOVES(-10000, 0)),
        .posts = "assets:provider:pending -100.00 EUR\n"
                 "assets:clearing:dispute{dis} 100.00 EUR\n"},
};

TESTS_MAIN("refund_stories",
    STORY("a_full_refund", refund_steps),
    STORY("a_partial_refund_takes_its_share_of_tax", partial_refund_steps),
    STORY("a_refund_in_parts_takes_all_of_the_tax", refund_in_parts_steps),
    STORY("a_refund_that_fails_after_success", failed_refund_steps),
    STORY("a_refund_that_is_canceled_posts_nothing", canceled_refund_steps),
    STORY("a_refund_with_a_credit_note_is_not_counted_twice", credited_refund_steps),
    STORY("a_dispute_lost", dispute_lost_steps),
    STORY("a_dispute_won", dispute_won_steps),
    STORY("a_dispute_won_without_money_back_stays_receivable", dispute_won_unpaid_steps),
    STORY("a_dispute_whose_fee_is_returned", dispute_fee_returned_steps),
    STORY("a_dispute_appealed_twice", dispute_appealed_steps))

#include "unit/ledger/story.h"
#include "unit/testing.h"

static const struct step invoiced_steps[] = {
    {OWED(INVOICE_DRAFT), .posts = ""},
    {OWED(INVOICE_OPEN), .posts = OWED_POSTS},
    {SETTLES("lnk", 11900), .posts = ""},
    {PAID(11900), .posts = "assets:clearing:payment{att} 119.00 EUR\n"
                           "assets:receivable:invoices{inv} -119.00 EUR\n"},
    {OWED(INVOICE_PAID), .posts = ""},
    {STATEMENT_OF_119, .posts = STATEMENT_OF_119_POSTS},
};

static const struct step late_link_steps[] = {
    {PAID(11900), .posts = "assets:clearing:payment{att} 119.00 EUR\n"
                           "income:sales -119.00 EUR\n"},
    {OWED(INVOICE_PAID), .posts = OWED_POSTS},
    {STATEMENT_OF_119, .posts = STATEMENT_OF_119_POSTS},
    {SETTLES("lnk", 11900), .posts = "assets:receivable:invoices{inv} -119.00 EUR\n"
                                     "income:sales 119.00 EUR\n"},
};

static const struct step failed_after_success_steps[] = {
    {OWED(INVOICE_PAID), .posts = OWED_POSTS},
    {SETTLES("lnk", 11900), .posts = ""},
    {PAID(11900), .posts = "assets:clearing:payment{att} 119.00 EUR\n"
                           "assets:receivable:invoices{inv} -119.00 EUR\n"},
    {STATEMENT_OF_119, .posts = STATEMENT_OF_119_POSTS},
    {ATTEMPT("att", .payment_id = {"pay"}, .state = ATTEMPT_FAILED, .captured_minor = 11900),
        .posts = "assets:clearing:payment{att} -119.00 EUR\n"
                 "assets:receivable:invoices{inv} 119.00 EUR\n"},
    {LINE("pf", .kind = LINE_PAYMENT_FAILED, .attempt = {"att"}, MOVES(-11900, 0)),
        .posts = "assets:provider:pending -119.00 EUR\n"
                 "assets:clearing:payment{att} 119.00 EUR\n"},
};

/* Two payments, one of them past the provider, and more than was owed. */
static const struct step several_payments_steps[] = {
    {OWED(INVOICE_OPEN), .posts = OWED_POSTS},
    {SETTLES("lnk", 10000), .posts = ""},
    {PAID(10000), .posts = "assets:clearing:payment{att} 100.00 EUR\n"
                           "assets:receivable:invoices{inv} -100.00 EUR\n"},
    {INVOICE_PAYMENT("ext",
         .state = INVOICE_PAYMENT_PAID,
         .invoice_id = {"inv"},
         .external = true,
         .paid_minor = 2900),
        .posts = "assets:bank 29.00 EUR\n"
                 "assets:receivable:invoices{inv} -29.00 EUR\n"},
    {OWED_WITH(INVOICE_PAID, .overpaid_minor = 1000, .out_of_band_minor = 2900),
        .posts = "assets:receivable:invoices{inv} 10.00 EUR\n"
                 "liabilities:customer_credit{cus} -10.00 EUR\n"},
    {LINE("ch", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(10000, 0)),
        .posts = "assets:provider:pending 100.00 EUR\n"
                 "assets:clearing:payment{att} -100.00 EUR\n"},
};

static const struct step customer_balance_steps[] = {
    {INVOICE("neg",
         .state = INVOICE_PAID,
         .customer_id = {"cus"},
         .total_minor = -3000,
         .applied_balance_minor = -3000),
        .posts = "liabilities:customer_credit{cus} -30.00 EUR\n"
                 "income:sales 30.00 EUR\n"},
    {OWED_WITH(INVOICE_OPEN, .applied_balance_minor = 3000),
        .posts = "assets:receivable:invoices{inv} 89.00 EUR\n"
                 "liabilities:tax_payable -19.00 EUR\n"
                 "liabilities:customer_credit{cus} 30.00 EUR\n"
                 "income:sales -100.00 EUR\n"},
    {PAID(8900), .posts = "assets:clearing:payment{att} 89.00 EUR\n"
                          "income:sales -89.00 EUR\n"},
    {SETTLES("lnk", 8900), .posts = "assets:receivable:invoices{inv} -89.00 EUR\n"
                                    "income:sales 89.00 EUR\n"},
    {LINE("ch", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(8900, 0)),
        .posts = "assets:provider:pending 89.00 EUR\n"
                 "assets:clearing:payment{att} -89.00 EUR\n"},
};

static const struct step void_steps[] = {
    {OWED(INVOICE_OPEN), .posts = OWED_POSTS},
    {OWED(INVOICE_VOID), .posts = NOT_OWED_POSTS},
};

static const struct step uncollectible_steps[] = {
    {OWED(INVOICE_OPEN), .posts = OWED_POSTS},
    {OWED(INVOICE_UNCOLLECTIBLE), .posts = "assets:receivable:invoices{inv} -119.00 EUR\n"
                                           "expenses:bad_debt 119.00 EUR\n"},
    {SETTLES("lnk", 11900), .posts = ""},
    /* The money is known before the invoice says so: it is owed no less, and not lost. */
    {PAID(11900), .posts = "assets:receivable:invoices{inv} 119.00 EUR\n"
                           "expenses:bad_debt -119.00 EUR\n"
                           "assets:clearing:payment{att} 119.00 EUR\n"
                           "assets:receivable:invoices{inv} -119.00 EUR\n"},
    {OWED(INVOICE_PAID), .posts = ""},
    {STATEMENT_OF_119, .posts = STATEMENT_OF_119_POSTS},
};

static const struct step out_of_band_steps[] = {
    {OWED(INVOICE_OPEN), .posts = OWED_POSTS},
    {OWED_WITH(INVOICE_PAID, .paid_out_of_band = true),
        .posts = "assets:bank 119.00 EUR\n"
                 "assets:receivable:invoices{inv} -119.00 EUR\n"},
};

static const struct step note_before_payment_steps[] = {
    {OWED(INVOICE_OPEN), .posts = OWED_POSTS},
    {CREDIT_NOTE("note",
         .state = CREDIT_NOTE_ISSUED,
         .invoice_id = {"inv"},
         .amount_minor = 11900,
         .tax_minor = 1900,
         .pre_payment_minor = 11900),
        .posts = NOT_OWED_POSTS},
    {OWED_WITH(INVOICE_PAID, .pre_payment_credit_minor = 11900), .posts = ""},
    {CREDIT_NOTE("note",
         .state = CREDIT_NOTE_VOID,
         .invoice_id = {"inv"},
         .amount_minor = 11900,
         .tax_minor = 1900,
         .pre_payment_minor = 11900),
        .posts = OWED_POSTS},
};

TESTS_MAIN("invoice_stories",
    STORY("an_invoice_with_tax_is_sold_when_final", invoiced_steps),
    STORY("a_link_that_comes_late_moves_the_sale_to_the_receivable", late_link_steps),
    STORY("a_debit_that_fails_after_success_is_owed_again", failed_after_success_steps),
    STORY("several_payments_and_too_much_of_it", several_payments_steps),
    STORY("the_customers_balance_is_given_and_used_up", customer_balance_steps),
    STORY("a_void_invoice_never_was", void_steps),
    STORY("an_uncollectible_invoice_is_paid_after_all", uncollectible_steps),
    STORY("paid_out_of_band_goes_to_the_bank_without_a_line", out_of_band_steps),
    STORY("a_credit_note_before_payment_lessens_what_is_owed", note_before_payment_steps))

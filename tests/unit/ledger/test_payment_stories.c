#include "unit/ledger/story.h"
#include "unit/testing.h"

static const struct step charge_steps[] = {
    {PAID(10000), .posts = "assets:clearing:payment{att} 100.00 EUR\n"
                           "income:sales -100.00 EUR\n"},
    {LINE("ch",
         .kind = LINE_PAYMENT,
         .attempt = {"att"},
         MOVES(10000, 320),
         .available_us = 2,
         .fee_count = 3,
         .fees = {{FEE_PROVIDER, 200}, {FEE_PASSTHROUGH, 70}, {FEE_TAX, 50}}),
        .posts = "assets:provider:pending 96.80 EUR\n"
                 "assets:clearing:payment{att} -100.00 EUR\n"
                 "expenses:fees:provider 2.00 EUR\n"
                 "expenses:fees:passthrough 0.70 EUR\n"
                 "expenses:fees:tax 0.50 EUR\n"},
    {.now_us = 1, .posts = ""},
    {.now_us = 2,
        .posts = "assets:provider:pending -96.80 EUR\n"
                 "assets:provider:available 96.80 EUR\n"},
};

static const struct step unlinked_steps[] = {
    {PAID(10000), .posts = "assets:clearing:payment{att} 100.00 EUR\n"
                           "liabilities:unapplied{pay} -100.00 EUR\n"},
    {LINE("ch", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(10000, 0)),
        .posts = "assets:provider:pending 100.00 EUR\n"
                 "assets:clearing:payment{att} -100.00 EUR\n"},
};

/* The file knows neither the fees nor whose money it is. */
static const struct step learned_steps[] = {
    {LINE("ch", .kind = LINE_PAYMENT, MOVES(10000, 320)),
        .posts = "assets:provider:pending 96.80 EUR\n"
                 "assets:clearing:payment -100.00 EUR\n"
                 "expenses:fees:unspecified 3.20 EUR\n"},
    {LINE("ch",
         .kind = LINE_PAYMENT,
         .attempt = {"att"},
         MOVES(10000, 320),
         .fee_count = 1,
         .fees = {{FEE_PROVIDER, 320}}),
        .posts = "assets:clearing:payment 100.00 EUR\n"
                 "assets:clearing:payment{att} -100.00 EUR\n"
                 "expenses:fees:provider 3.20 EUR\n"
                 "expenses:fees:unspecified -3.20 EUR\n"},
    {PAID(10000), .posts = "assets:clearing:payment{att} 100.00 EUR\n"
                           "income:sales -100.00 EUR\n"},
};

/* Nothing but the statement tells of it, until somebody asks the provider what it is about. */
static const struct step never_heard_of_steps[] = {
    {LINE("ch", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(10000, 320)),
        .posts = "assets:provider:pending 96.80 EUR\n"
                 "assets:clearing:payment{att} -100.00 EUR\n"
                 "expenses:fees:unspecified 3.20 EUR\n"},
    {PAID(10000), .posts = "assets:clearing:payment{att} 100.00 EUR\n"
                           "income:sales -100.00 EUR\n"},
};

static const struct step partial_capture_steps[] = {
    {ATTEMPT("att", .payment_id = {"pay"}, .state = ATTEMPT_AUTHORIZED, .amount_minor = 10000),
        .posts = ""},
    {PAID(6000), .posts = "assets:clearing:payment{att} 60.00 EUR\n"
                          "income:sales -60.00 EUR\n"},
    {LINE("ch", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(10000, 320)),
        .posts = "assets:provider:pending 96.80 EUR\n"
                 "assets:clearing:payment{att} -100.00 EUR\n"
                 "expenses:fees:unspecified 3.20 EUR\n"},
    /* The provider calls what was not captured a refund too; the statement says that it is none. */
    {REFUND("ref", .attempt_id = {"att"}, .state = REFUND_SUCCEEDED, .amount_minor = 4000),
        .posts = "assets:clearing:refund{ref} -40.00 EUR\n"
                 "income:refunds 40.00 EUR\n"},
    {LINE("rel",
         .kind = LINE_CAPTURE_RELEASE,
         .source = {"ref"},
         .attempt = {"att"},
         MOVES(-4000, -116)),
        .posts = "assets:provider:pending -38.84 EUR\n"
                 "assets:clearing:payment{att} 40.00 EUR\n"
                 "expenses:fees:unspecified -1.16 EUR\n"
                 "assets:clearing:refund{ref} 40.00 EUR\n"
                 "income:refunds -40.00 EUR\n"},
};

/* The second attempt pays; what is captured in several parts is the sum of them. */
static const struct step several_captures_steps[] = {
    {ATTEMPT("one", .payment_id = {"pay"}, .state = ATTEMPT_FAILED, .amount_minor = 10000),
        .posts = ""},
    {PAID(3000), .posts = "assets:clearing:payment{att} 30.00 EUR\n"
                          "income:sales -30.00 EUR\n"},
    {PAID(10000), .posts = "assets:clearing:payment{att} 70.00 EUR\n"
                           "income:sales -70.00 EUR\n"},
    {LINE("ch1", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(3000, 0)),
        .posts = "assets:provider:pending 30.00 EUR\n"
                 "assets:clearing:payment{att} -30.00 EUR\n"},
    {LINE("ch2", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(7000, 0)),
        .posts = "assets:provider:pending 70.00 EUR\n"
                 "assets:clearing:payment{att} -70.00 EUR\n"},
};

/* A debit's money is in the statement while nobody knows yet whether it will stay. */
static const struct step failed_before_success_steps[] = {
    {ATTEMPT("att", .payment_id = {"pay"}, .state = ATTEMPT_PENDING, .amount_minor = 10000),
        .posts = ""},
    {LINE("py", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(10000, 80)),
        .posts = "assets:provider:pending 99.20 EUR\n"
                 "assets:clearing:payment{att} -100.00 EUR\n"
                 "expenses:fees:unspecified 0.80 EUR\n"},
    {ATTEMPT("att", .payment_id = {"pay"}, .state = ATTEMPT_FAILED, .amount_minor = 10000),
        .posts = ""},
    {LINE("pf", .kind = LINE_PAYMENT_FAILED, .attempt = {"att"}, MOVES(-10000, -80)),
        .posts = "assets:provider:pending -99.20 EUR\n"
                 "assets:clearing:payment{att} 100.00 EUR\n"
                 "expenses:fees:unspecified -0.80 EUR\n"},
};

TESTS_MAIN("payment_stories",
    STORY("a_charge_with_a_fee_and_no_invoice_is_a_sale", charge_steps),
    STORY_WITH("without_an_invoice_it_is_held_where_that_is_wanted",
        unlinked_steps,
        {.hold_unlinked = true}),
    STORY("a_line_of_a_file_learns_fees_and_source_from_the_api", learned_steps),
    STORY("a_charge_never_heard_of_by_webhook_waits_in_clearing", never_heard_of_steps),
    STORY("of_a_partial_capture_the_rest_is_no_refund", partial_capture_steps),
    STORY("several_captures_and_attempts_are_one_payment", several_captures_steps),
    STORY("a_debit_that_fails_before_success_leaves_nothing", failed_before_success_steps))

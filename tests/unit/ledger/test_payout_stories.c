#include "unit/ledger/story.h"
#include "unit/testing.h"

/* ---- payouts ---- */

#define PAID_OUT(state_, minor) PAYOUT("po", .state = (state_), .amount_minor = (minor))

/* With what is held back of it as a minimum balance. */
static const struct step payout_automatic_steps[] = {
    PAYMENT_OF_100,
    {PAID_OUT(PAYOUT_PENDING, 9000), .posts = ""},
    {LINE("hold", .kind = LINE_MINIMUM_BALANCE, MOVES(-1000, 0)),
        .posts = "assets:provider:available -10.00 EUR\n"
                 "assets:provider:reserve:min_balance 10.00 EUR\n"},
    {LINE("out", .kind = LINE_PAYOUT, .source = {"po"}, MOVES(-9000, 0)),
        .posts = "assets:provider:available -90.00 EUR\n"
                 "assets:clearing:payout{po} 90.00 EUR\n"},
    {PAID_OUT(PAYOUT_IN_TRANSIT, 9000), .posts = ""},
    {PAID_OUT(PAYOUT_PAID, 9000), .posts = "assets:clearing:payout{po} -90.00 EUR\n"
                                           "assets:bank 90.00 EUR\n"},
    {LINE("free", .kind = LINE_MINIMUM_BALANCE, MOVES(1000, 0)),
        .posts = "assets:provider:available 10.00 EUR\n"
                 "assets:provider:reserve:min_balance -10.00 EUR\n"},
};

static const struct step payout_failed_steps[] = {
    {LINE("out", .kind = LINE_PAYOUT, .source = {"po"}, MOVES(-9000, 0)),
        .posts = "assets:provider:available -90.00 EUR\n"
                 "assets:clearing:payout{po} 90.00 EUR\n"},
    {PAID_OUT(PAYOUT_PAID, 9000), .posts = "assets:clearing:payout{po} -90.00 EUR\n"
                                           "assets:bank 90.00 EUR\n"},
    {PAID_OUT(PAYOUT_FAILED, 9000), .posts = "assets:clearing:payout{po} 90.00 EUR\n"
                                             "assets:bank -90.00 EUR\n"},
    {LINE("back", .kind = LINE_PAYOUT_RETURNED, .source = {"po"}, MOVES(9000, 0)),
        .posts = "assets:provider:available 90.00 EUR\n"
                 "assets:clearing:payout{po} -90.00 EUR\n"},
};

static const struct step payout_manual_steps[] = {
    {PAID_OUT(PAYOUT_PAID, 5000), .posts = "assets:clearing:payout{po} -50.00 EUR\n"
                                           "assets:bank 50.00 EUR\n"},
    {LINE("out", .kind = LINE_PAYOUT, .source = {"po"}, MOVES(-5000, 0)),
        .posts = "assets:provider:available -50.00 EUR\n"
                 "assets:clearing:payout{po} 50.00 EUR\n"},
};

static const struct step payout_instant_steps[] = {
    {LINE("out",
         .kind = LINE_PAYOUT,
         .source = {"po"},
         MOVES(-5000, 50),
         .fee_count = 1,
         .fees = {{FEE_PROVIDER, 50}}),
        .posts = "assets:provider:available -50.50 EUR\n"
                 "assets:clearing:payout{po} 50.00 EUR\n"
                 "expenses:fees:provider 0.50 EUR\n"},
    {PAID_OUT(PAYOUT_PAID, 5000), .posts = "assets:clearing:payout{po} -50.00 EUR\n"
                                           "assets:bank 50.00 EUR\n"},
};

static const struct step payout_negative_steps[] = {
    {LINE("out", .kind = LINE_PAYOUT, .source = {"po"}, MOVES(10000, 0)),
        .posts = "assets:provider:available 100.00 EUR\n"
                 "assets:clearing:payout{po} -100.00 EUR\n"},
    {PAID_OUT(PAYOUT_PAID, -10000), .posts = "assets:clearing:payout{po} 100.00 EUR\n"
                                             "assets:bank -100.00 EUR\n"},
};

static const struct step topup_steps[] = {
    {TOPUP("tu", .state = TOPUP_SUCCEEDED, .amount_minor = 5000),
        .posts = "assets:clearing:topup{tu} 50.00 EUR\n"
                 "assets:bank -50.00 EUR\n"},
    {LINE("in", .kind = LINE_TOPUP, .source = {"tu"}, MOVES(5000, 0)),
        .posts = "assets:provider:pending 50.00 EUR\n"
                 "assets:clearing:topup{tu} -50.00 EUR\n"},
    {LINE("back", .kind = LINE_TOPUP_RETURNED, .source = {"tu"}, MOVES(-5000, 0)),
        .posts = "assets:provider:pending -50.00 EUR\n"
                 "assets:clearing:topup{tu} 50.00 EUR\n"},
    {TOPUP("tu", .state = TOPUP_REVERSED, .amount_minor = 5000),
        .posts = "assets:clearing:topup{tu} -50.00 EUR\n"
                 "assets:bank 50.00 EUR\n"},
};

/* ---- reserves and what nobody knows ---- */

static const struct step reserve_steps[] = {
    {LINE("old", .kind = LINE_RISK_RESERVE, MOVES(-2000, 0)),
        .posts = "assets:provider:available -20.00 EUR\n"
                 "assets:provider:reserve:risk 20.00 EUR\n"},
    {LINE("from", .kind = LINE_RESERVE_MOVE, MOVES(-3000, 0)),
        .posts = "assets:provider:pending -30.00 EUR\n"
                 "assets:clearing:reserve 30.00 EUR\n"},
    {LINE("to", .kind = LINE_RESERVE_MOVE, .bucket = BUCKET_RISK, MOVES(3000, 0)),
        .posts = "assets:provider:reserve:risk 30.00 EUR\n"
                 "assets:clearing:reserve -30.00 EUR\n"},
    {LINE("adj", .kind = LINE_ADJUSTMENT, MOVES(-700, 0)),
        .posts = "assets:provider:pending -7.00 EUR\n"
                 "suspense:unexplained{adj} 7.00 EUR\n"},
    {LINE("new", .kind = LINE_UNCLASSIFIED, MOVES(900, 0)),
        .posts = "assets:provider:pending 9.00 EUR\n"
                 "suspense:unclassified{new} -9.00 EUR\n"},
};

TESTS_MAIN("payout_stories",
    STORY("an_automatic_payout_with_a_minimum_balance", payout_automatic_steps),
    STORY("a_payout_that_fails_after_it_was_paid", payout_failed_steps),
    STORY("a_manual_payout", payout_manual_steps),
    STORY("an_instant_payout_has_a_fee_of_its_own", payout_instant_steps),
    STORY("a_negative_payout_debits_the_bank", payout_negative_steps),
    STORY("a_topup_that_is_reversed", topup_steps),
    STORY("reserves_adjustments_and_unknown_lines_are_posted", reserve_steps))

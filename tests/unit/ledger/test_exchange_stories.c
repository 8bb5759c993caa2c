#include "unit/ledger/story.h"
#include "unit/testing.h"

/* ---- currencies ---- */

#define DOLLARS(minor) .customer_currency = {"USD"}, .customer_minor = (minor)
#define PAID_IN_DOLLARS                                                                            \
    ATTEMPT_IN(                                                                                    \
        "USD", "att", .payment_id = {"pay"}, .state = ATTEMPT_SUCCEEDED, .captured_minor = 10000)

/* Taken at 0.90; 40 of the 100 dollars go back at 0.95, and the rest at 0.85. */
static const struct step exchange_steps[] = {
    {PAID_IN_DOLLARS, .posts = "assets:clearing:payment{att} 100.00 USD\n"
                               "income:sales -100.00 USD\n"},
    {LINE("ch", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(9000, 300), DOLLARS(10000)),
        .posts = "assets:provider:pending 87.00 EUR\n"
                 "assets:clearing:payment{att} -100.00 USD\n"
                 "equity:fx_position{att} -90.00 EUR\n"
                 "equity:fx_position{att} 100.00 USD\n"
                 "expenses:fees:unspecified 3.00 EUR\n"},
    {REFUND_IN(
         "USD", "ref", .attempt_id = {"att"}, .state = REFUND_SUCCEEDED, .amount_minor = 4000),
        .posts = "assets:clearing:refund{ref} -40.00 USD\n"
                 "income:refunds 40.00 USD\n"},
    {LINE("re",
         .kind = LINE_REFUND,
         .source = {"ref"},
         .attempt = {"att"},
         MOVES(-3800, 0),
         DOLLARS(-4000)),
        .posts = "assets:provider:pending -38.00 EUR\n"
                 "assets:clearing:refund{ref} 40.00 USD\n"
                 "equity:fx_position{att} 38.00 EUR\n"
                 "equity:fx_position{att} -40.00 USD\n"
                 "equity:fx_position{att} -2.00 EUR\n"
                 "expenses:fx_loss 2.00 EUR\n"},
    {LINE("r2",
         .kind = LINE_REFUND,
         .source = {"ref2"},
         .attempt = {"att"},
         MOVES(-5100, 0),
         DOLLARS(-6000)),
        .posts = "assets:provider:pending -51.00 EUR\n"
                 "assets:clearing:refund{ref2} 60.00 USD\n"
                 "equity:fx_position{att} 51.00 EUR\n"
                 "equity:fx_position{att} -60.00 USD\n"
                 "equity:fx_position{att} 3.00 EUR\n"
                 "income:fx_gain -1.00 EUR\n"
                 "expenses:fx_loss -2.00 EUR\n"},
    {REFUND_IN(
         "USD", "ref2", .attempt_id = {"att"}, .state = REFUND_SUCCEEDED, .amount_minor = 6000),
        .posts = "assets:clearing:refund{ref2} -60.00 USD\n"
                 "income:refunds 60.00 USD\n"},
};

/* A file says in which currency the payer paid, and only later whose attempt it is. */
static const struct step exchange_learned_steps[] = {
    {LINE("re", .kind = LINE_REFUND, .source = {"ref"}, MOVES(-9500, 0), DOLLARS(-10000)),
        .posts = "assets:provider:pending -95.00 EUR\n"
                 "assets:clearing:refund{ref} 100.00 USD\n"
                 "equity:fx_position 95.00 EUR\n"
                 "equity:fx_position -100.00 USD\n"},
    {REFUND_IN(
         "USD", "ref", .attempt_id = {"att"}, .state = REFUND_SUCCEEDED, .amount_minor = 10000),
        .posts = "assets:clearing:refund{ref} -100.00 USD\n"
                 "income:refunds 100.00 USD\n"},
    {PAID_IN_DOLLARS, .posts = "assets:clearing:payment{att} 100.00 USD\n"
                               "income:sales -100.00 USD\n"},
    {LINE("ch", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(9000, 0), DOLLARS(10000)),
        .posts = "assets:provider:pending 90.00 EUR\n"
                 "assets:clearing:payment{att} -100.00 USD\n"
                 "equity:fx_position{att} -90.00 EUR\n"
                 "equity:fx_position{att} 100.00 USD\n"},
    {LINE("re",
         .kind = LINE_REFUND,
         .source = {"ref"},
         .attempt = {"att"},
         MOVES(-9500, 0),
         DOLLARS(-10000)),
        .posts = "equity:fx_position -95.00 EUR\n"
                 "equity:fx_position{att} 95.00 EUR\n"
                 "equity:fx_position 100.00 USD\n"
                 "equity:fx_position{att} -100.00 USD\n"
                 "equity:fx_position{att} -5.00 EUR\n"
                 "expenses:fx_loss 5.00 EUR\n"},
};

/* Disputes are taken in the currency of settlement, whatever the payer paid in. */
static const struct step exchange_disputed_steps[] = {
    {PAID_IN_DOLLARS, .posts = "assets:clearing:payment{att} 100.00 USD\n"
                               "income:sales -100.00 USD\n"},
    {LINE("ch", .kind = LINE_PAYMENT, .attempt = {"att"}, MOVES(9000, 0), DOLLARS(10000)),
        .posts = "assets:provider:pending 90.00 EUR\n"
                 "assets:clearing:payment{att} -100.00 USD\n"
                 "equity:fx_position{att} -90.00 EUR\n"
                 "equity:fx_position{att} 100.00 USD\n"},
    {LINE("wd",
         .kind = LINE_DISPUTE_WITHDRAWN,
         .source = {"dis"},
         .attempt = {"att"},
         MOVES(-9200, 1500),
         DOLLARS(-10000)),
        .posts = "assets:provider:pending -107.00 EUR\n"
                 "assets:clearing:dispute{dis} 92.00 EUR\n"
                 "expenses:disputes:fee 15.00 EUR\n"},
    {DISPUTED(DISPUTE_LOST, 9200), .posts = "assets:clearing:dispute{dis} -92.00 EUR\n"
                                            "expenses:disputes:loss 92.00 EUR\n"},
};

static const struct step yen_and_dinar_steps[] = {
    {ATTEMPT_IN(
         "JPY", "yen", .payment_id = {"pay1"}, .state = ATTEMPT_SUCCEEDED, .captured_minor = 1500),
        .posts = "assets:clearing:payment{yen} 1,500 JPY\n"
                 "income:sales -1,500 JPY\n"},
    {LINE_IN("JPY", "ch1", .kind = LINE_PAYMENT, .attempt = {"yen"}, MOVES(1500, 54)),
        .posts = "assets:provider:pending 1,446 JPY\n"
                 "assets:clearing:payment{yen} -1,500 JPY\n"
                 "expenses:fees:unspecified 54 JPY\n"},
    {ATTEMPT_IN("KWD",
         "dinar",
         .payment_id = {"pay2"},
         .state = ATTEMPT_SUCCEEDED,
         .captured_minor = 5120),
        .posts = "assets:clearing:payment{dinar} 5.120 KWD\n"
                 "income:sales -5.120 KWD\n"},
    {LINE_IN("KWD", "ch2", .kind = LINE_PAYMENT, .attempt = {"dinar"}, MOVES(5120, 0)),
        .posts = "assets:provider:pending 5.120 KWD\n"
                 "assets:clearing:payment{dinar} -5.120 KWD\n"},
};

/* ---- connected accounts ---- */

#define TRANSFERRED(reversed)                                                                      \
    TRANSFER("tr", .account_id = {"acct"}, .attempt_id = {"att"}, .amount_minor = 10000,           \
        .reversed_minor = (reversed))

/* The whole payment goes to the account, the fee comes back; then all of it is refunded. */
static const struct step destination_steps[] = {
    PAYMENT_OF_100,
    {TRANSFERRED(0), .posts = "liabilities:connected{acct} -100.00 EUR\n"
                              "income:sales 100.00 EUR\n"
                              "assets:clearing:transfer{tr} -100.00 EUR\n"
                              "liabilities:connected{acct} 100.00 EUR\n"},
    {LINE("tr", .kind = LINE_TRANSFER, .source = {"tr"}, MOVES(-10000, 0)),
        .posts = "assets:provider:available -100.00 EUR\n"
                 "assets:clearing:transfer{tr} 100.00 EUR\n"},
    {LINE("fee", .kind = LINE_PLATFORM_FEE, .source = {"fee"}, MOVES(1000, 0)),
        .posts = "assets:provider:pending 10.00 EUR\n"
                 "income:platform_fees -10.00 EUR\n"},
    {REFUNDED(REFUND_SUCCEEDED, 10000), .posts = "assets:clearing:refund{ref} -100.00 EUR\n"
                                                 "income:refunds 100.00 EUR\n"},
    {REFUND_LINE(10000), .posts = "assets:provider:pending -100.00 EUR\n"
                                  "assets:clearing:refund{ref} 100.00 EUR\n"},
    {TRANSFERRED(10000), .posts = "assets:clearing:transfer{tr} 100.00 EUR\n"
                                  "liabilities:connected{acct} -100.00 EUR\n"
                                  "liabilities:connected{acct} 100.00 EUR\n"
                                  "income:refunds -100.00 EUR\n"},
    {LINE("tb", .kind = LINE_TRANSFER_RETURNED, .source = {"tr"}, MOVES(10000, 0)),
        .posts = "assets:provider:available 100.00 EUR\n"
                 "assets:clearing:transfer{tr} -100.00 EUR\n"},
    {LINE("fb", .kind = LINE_PLATFORM_FEE_RETURNED, .source = {"fee"}, MOVES(-1000, 0)),
        .posts = "assets:provider:pending -10.00 EUR\n"
                 "income:platform_fees 10.00 EUR\n"},
};

/* The invoice sold what is the account's; tax and the fee stay with the platform. */
static const struct step invoiced_destination_steps[] = {
    {OWED(INVOICE_PAID), .posts = OWED_POSTS},
    {SETTLES("lnk", 11900), .posts = ""},
    {PAID(11900), .posts = "assets:clearing:payment{att} 119.00 EUR\n"
                           "assets:receivable:invoices{inv} -119.00 EUR\n"},
    {STATEMENT_OF_119, .posts = STATEMENT_OF_119_POSTS},
    {LINE("tr", .kind = LINE_TRANSFER, .source = {"tr"}, MOVES(-10000, 0)),
        .posts = "assets:provider:available -100.00 EUR\n"
                 "assets:clearing:transfer{tr} 100.00 EUR\n"},
    {TRANSFERRED(0), .posts = "liabilities:connected{acct} -100.00 EUR\n"
                              "income:sales 100.00 EUR\n"
                              "assets:clearing:transfer{tr} -100.00 EUR\n"
                              "liabilities:connected{acct} 100.00 EUR\n"},
};

/* What comes back for no refund is the platform's. */
static const struct step taken_back_steps[] = {
    PAYMENT_OF_100,
    {TRANSFERRED(0), .posts = "liabilities:connected{acct} -100.00 EUR\n"
                              "income:sales 100.00 EUR\n"
                              "assets:clearing:transfer{tr} -100.00 EUR\n"
                              "liabilities:connected{acct} 100.00 EUR\n"},
    {TRANSFERRED(2500), .posts = "liabilities:connected{acct} 25.00 EUR\n"
                                 "income:sales -25.00 EUR\n"
                                 "assets:clearing:transfer{tr} 25.00 EUR\n"
                                 "liabilities:connected{acct} -25.00 EUR\n"},
    {LINE("tr", .kind = LINE_TRANSFER, .source = {"tr"}, MOVES(-10000, 0)),
        .posts = "assets:provider:available -100.00 EUR\n"
                 "assets:clearing:transfer{tr} 100.00 EUR\n"},
    {LINE("tb", .kind = LINE_TRANSFER_RETURNED, .source = {"tr"}, MOVES(2500, 0)),
        .posts = "assets:provider:available 25.00 EUR\n"
                 "assets:clearing:transfer{tr} -25.00 EUR\n"},
};

TESTS_MAIN("exchange_stories",
    STORY("a_foreign_currency_and_refunds_at_other_rates", exchange_steps),
    STORY("an_exchange_whose_attempt_is_learned_late", exchange_learned_steps),
    STORY("a_dispute_of_a_foreign_currency_is_in_that_of_settlement", exchange_disputed_steps),
    STORY("currencies_without_and_with_three_decimals", yen_and_dinar_steps),
    STORY("a_destination_charge_with_its_fee_is_refunded", destination_steps),
    STORY("an_invoiced_destination_charge_is_no_sale_of_ours", invoiced_destination_steps),
    STORY("a_transfer_taken_back_without_a_refund_is_a_sale", taken_back_steps))

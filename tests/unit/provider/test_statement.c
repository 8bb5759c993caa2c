/* What each movement of Stripe's statement is in our words: every type and category that is known,
 * and whatever may yet come. */
#include "provider/stripe/statement.h"
#include "unit/testing.h"

static struct stripe_movement classify(
    const char *category, const char *type, const char *balance_type, const char *description)
{
    const struct stripe_movement_words words = {
        str_from(category), str_from(type), str_from(balance_type), str_from(description)};
    return stripe_classify(&words);
}

/* Types as the provider sends them, each with the category that it then has. */
static const struct {
    const char *category, *type;
    enum line_kind kind;
} pairs[] = {
    {"charge", "charge", LINE_PAYMENT},
    {"charge", "payment", LINE_PAYMENT},
    {"charge", "validation", LINE_PAYMENT},
    {"charge_failure", "payment_failure_refund", LINE_PAYMENT_FAILED},
    {"refund", "refund", LINE_REFUND},
    {"partial_capture_reversal", "refund", LINE_CAPTURE_RELEASE},
    {"refund", "payment_refund", LINE_REFUND},
    {"refund_failure", "refund_failure", LINE_REFUND_FAILED},
    {"other", "payment_reversal", LINE_PAYMENT_REVERSED},
    {"unreconciled_customer_funds", "payment_unreconciled", LINE_UNRECONCILED},
    {"unreconciled_customer_funds", "transferred_to_balance_transaction", LINE_UNRECONCILED},
    {"dispute", "adjustment", LINE_DISPUTE_WITHDRAWN},
    {"dispute_reversal", "adjustment", LINE_DISPUTE_REINSTATED},
    {"other_adjustment", "adjustment", LINE_ADJUSTMENT},
    {"other_adjustment", "obligation_outbound", LINE_ADJUSTMENT},
    {"other_adjustment", "obligation_reversal_inbound", LINE_ADJUSTMENT},
    {"fee", "stripe_fee", LINE_FEE},
    {"fee", "stripe_fx_fee", LINE_FX_FEE},
    {"fee", "fee_credit_funding", LINE_UNCLASSIFIED},
    {"network_cost", "network_cost", LINE_NETWORK_FEE},
    {"tax", "tax_fee", LINE_TAX},
    {"tax", "tax_fund", LINE_UNCLASSIFIED},
    {"payout", "payout", LINE_PAYOUT},
    {"payout_reversal", "payout_failure", LINE_PAYOUT_RETURNED},
    {"payout_reversal", "payout_cancel", LINE_PAYOUT_RETURNED},
    {"payout_minimum_balance_hold", "payout_minimum_balance_hold", LINE_MINIMUM_BALANCE},
    {"payout_minimum_balance_release", "payout_minimum_balance_release", LINE_MINIMUM_BALANCE},
    {"topup", "topup", LINE_TOPUP},
    {"topup_reversal", "topup_reversal", LINE_TOPUP_RETURNED},
    {"risk_reserved_funds", "reserved_funds", LINE_RISK_RESERVE},
    {"risk_reserved_funds", "reserve_hold", LINE_RESERVE_MOVE},
    {"risk_reserved_funds", "reserve_release", LINE_RESERVE_MOVE},
    {"payment_network_reserve_hold", "payment_network_reserve_hold", LINE_NETWORK_RESERVE},
    {"payment_network_reserve_release", "payment_network_reserve_release", LINE_NETWORK_RESERVE},
    {"connect_reserved_funds", "reserve_transaction", LINE_CONNECT_RESERVE},
    {"connect_collection_transfer", "connect_collection_transfer", LINE_CONNECT_COLLECTION},
    {"transfer", "transfer", LINE_TRANSFER},
    {"transfer", "recipient_transfer", LINE_TRANSFER},
    {"transfer_reversal", "transfer_refund", LINE_TRANSFER_RETURNED},
    {"transfer_reversal", "transfer_cancel", LINE_TRANSFER_RETURNED},
    {"transfer_reversal", "transfer_failure", LINE_TRANSFER_RETURNED},
    {"transfer_reversal", "recipient_transfer_cancel", LINE_TRANSFER_RETURNED},
    {"transfer_reversal", "recipient_transfer_failure", LINE_TRANSFER_RETURNED},
    {"platform_earning", "application_fee", LINE_PLATFORM_FEE},
    {"platform_earning_refund", "application_fee_refund", LINE_PLATFORM_FEE_RETURNED},
    {"advance", "advance", LINE_ADVANCE},
    {"advance_funding", "advance_funding", LINE_ADVANCE},
    {"anticipation_repayment", "anticipation_repayment", LINE_LOAN},
    {"financing_payout", "financing_payout", LINE_LOAN},
    {"financing_payout_reversal", "financing_payout_reversal", LINE_LOAN},
    {"financing_paydown", "financing_paydown", LINE_LOAN},
    {"financing_paydown_reversal", "financing_paydown_reversal", LINE_LOAN},
    {"contribution", "contribution", LINE_PURCHASE},
    {"climate_order_purchase", "climate_order_purchase", LINE_PURCHASE},
    {"climate_order_refund", "climate_order_refund", LINE_PURCHASE},
    {"issuing_authorization_hold", "issuing_authorization_hold", LINE_CARD_HOLD},
    {"issuing_authorization_release", "issuing_authorization_release", LINE_CARD_HOLD},
    {"issuing_transaction", "issuing_transaction", LINE_CARD_SPENDING},
    {"issuing_dispute", "issuing_dispute", LINE_CARD_SPENDING},
    {"issuing_dispute_provisional_credit", "issuing_dispute_provisional_credit",
        LINE_CARD_SPENDING},
    {"issuing_dispute_provisional_credit_reversal", "issuing_dispute_provisional_credit_reversal",
        LINE_CARD_SPENDING},
    {"other", "inbound_transfer", LINE_INBOUND},
    {"other", "inbound_transfer_reversal", LINE_INBOUND},
    {"other", "stripe_balance_payment_debit", LINE_PURCHASE},
    {"other", "stripe_balance_payment_debit_reversal", LINE_PURCHASE},
};
#define PAIRS (sizeof pairs / sizeof pairs[0])

static void every_known_type_is_what_its_category_says(void **state)
{
    (void)state;
    for (size_t i = 0; i < PAIRS; i++) {
        struct stripe_movement movement = classify(pairs[i].category, pairs[i].type, "", "");
        assert_row(movement.kind == pairs[i].kind, pairs[i].type);
    }
}

static void the_table_has_no_type_that_this_test_does_not_know(void **state)
{
    (void)state;
    size_t count = 0;
    const struct stripe_movement *rows = stripe_movements(&count);
    for (size_t i = 0; i < count; i++) {
        bool known = rows[i].type.len == 0;
        for (size_t j = 0; j < PAIRS; j++) {
            known = known || str_eq(rows[i].type, str_from(pairs[j].type));
        }
        assert_row(known, rows[i].type.data);
        for (size_t j = 0; j < i; j++) {
            assert_row(rows[i].type.len > 0 ? !str_eq(rows[i].type, rows[j].type)
                                            : !str_eq(rows[i].category, rows[j].category),
                rows[i].category.data);
        }
    }
}

/* Categories as a file has them: without a type. */
static const struct {
    const char *category;
    enum line_kind kind;
    enum bucket bucket;
} categories[] = {
    {"advance", LINE_ADVANCE, BUCKET_PAYMENTS},
    {"advance_funding", LINE_ADVANCE, BUCKET_PAYMENTS},
    {"anticipation_repayment", LINE_LOAN, BUCKET_PAYMENTS},
    {"charge", LINE_PAYMENT, BUCKET_PAYMENTS},
    {"charge_failure", LINE_PAYMENT_FAILED, BUCKET_PAYMENTS},
    {"climate_order_purchase", LINE_PURCHASE, BUCKET_PAYMENTS},
    {"climate_order_refund", LINE_PURCHASE, BUCKET_PAYMENTS},
    {"connect_collection_transfer", LINE_CONNECT_COLLECTION, BUCKET_PAYMENTS},
    {"connect_reserved_funds", LINE_CONNECT_RESERVE, BUCKET_PAYMENTS},
    {"contribution", LINE_PURCHASE, BUCKET_PAYMENTS},
    {"dispute", LINE_DISPUTE_WITHDRAWN, BUCKET_PAYMENTS},
    {"dispute_reversal", LINE_DISPUTE_REINSTATED, BUCKET_PAYMENTS},
    {"fee", LINE_FEE, BUCKET_PAYMENTS},
    {"financing_paydown", LINE_LOAN, BUCKET_PAYMENTS},
    {"financing_paydown_reversal", LINE_LOAN, BUCKET_PAYMENTS},
    {"financing_payout", LINE_LOAN, BUCKET_PAYMENTS},
    {"financing_payout_reversal", LINE_LOAN, BUCKET_PAYMENTS},
    {"issuing_authorization_hold", LINE_CARD_HOLD, BUCKET_ISSUING},
    {"issuing_authorization_release", LINE_CARD_HOLD, BUCKET_ISSUING},
    {"issuing_dispute", LINE_CARD_SPENDING, BUCKET_ISSUING},
    {"issuing_transaction", LINE_CARD_SPENDING, BUCKET_ISSUING},
    {"network_cost", LINE_NETWORK_FEE, BUCKET_PAYMENTS},
    {"other_adjustment", LINE_ADJUSTMENT, BUCKET_PAYMENTS},
    {"partial_capture_reversal", LINE_CAPTURE_RELEASE, BUCKET_PAYMENTS},
    {"payout", LINE_PAYOUT, BUCKET_PAYMENTS},
    {"payout_reversal", LINE_PAYOUT_RETURNED, BUCKET_PAYMENTS},
    {"platform_earning", LINE_PLATFORM_FEE, BUCKET_PAYMENTS},
    {"platform_earning_refund", LINE_PLATFORM_FEE_RETURNED, BUCKET_PAYMENTS},
    {"refund", LINE_REFUND, BUCKET_PAYMENTS},
    {"refund_failure", LINE_REFUND_FAILED, BUCKET_PAYMENTS},
    {"risk_reserved_funds", LINE_RISK_RESERVE, BUCKET_PAYMENTS},
    {"tax", LINE_TAX, BUCKET_PAYMENTS},
    {"topup", LINE_TOPUP, BUCKET_PAYMENTS},
    {"topup_reversal", LINE_TOPUP_RETURNED, BUCKET_PAYMENTS},
    {"transfer", LINE_TRANSFER, BUCKET_PAYMENTS},
    {"transfer_reversal", LINE_TRANSFER_RETURNED, BUCKET_PAYMENTS},
    {"unreconciled_customer_funds", LINE_UNRECONCILED, BUCKET_PAYMENTS},
    /* in the documents, not in the enum of report runs */
    {"payment_network_reserve_hold", LINE_NETWORK_RESERVE, BUCKET_PAYMENTS},
    {"payment_network_reserve_release", LINE_NETWORK_RESERVE, BUCKET_PAYMENTS},
    {"payout_minimum_balance_hold", LINE_MINIMUM_BALANCE, BUCKET_PAYMENTS},
    {"payout_minimum_balance_release", LINE_MINIMUM_BALANCE, BUCKET_PAYMENTS},
    {"issuing_dispute_provisional_credit", LINE_CARD_SPENDING, BUCKET_ISSUING},
    {"issuing_dispute_provisional_credit_reversal", LINE_CARD_SPENDING, BUCKET_ISSUING},
    {"issuing_dispute_fraud_liability_debit", LINE_UNCLASSIFIED, BUCKET_ISSUING},
    {"issuing_disbursement", LINE_UNCLASSIFIED, BUCKET_ISSUING},
    {"other", LINE_UNCLASSIFIED, BUCKET_PAYMENTS},
};

static void every_known_category_decides_alone_in_a_file(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof categories / sizeof categories[0]; i++) {
        struct stripe_movement movement = classify(categories[i].category, "", "", "");
        assert_row(movement.kind == categories[i].kind, categories[i].category);
        assert_row(movement.bucket == categories[i].bucket, categories[i].category);
    }
}

static void the_category_goes_before_a_type_that_mostly_has_another(void **state)
{
    (void)state;
    assert_int_equal(classify("charge_failure", "adjustment", "", "").kind, LINE_PAYMENT_FAILED);
    assert_int_equal(classify("issuing_dispute", "adjustment", "", "").kind, LINE_CARD_SPENDING);
    assert_int_equal(classify("refund", "charge", "", "").kind, LINE_REFUND);
}

static void a_type_goes_alone_where_there_is_no_category(void **state)
{
    (void)state;
    assert_int_equal(classify("", "charge", "", "").kind, LINE_PAYMENT);
    assert_int_equal(classify("", "refund", "", "").kind, LINE_REFUND);
    assert_int_equal(classify("other", "payout", "", "").kind, LINE_PAYOUT);
    /* whether it was for a dispute is not known */
    assert_int_equal(classify("", "adjustment", "", "").kind, LINE_ADJUSTMENT);
}

static void what_is_not_known_is_unclassified(void **state)
{
    (void)state;
    static const char *const unknown[][3] = {
        {"", "", ""},
        {"new_category", "", ""},
        {"new_category", "charge", ""},
        {"charge", "new_type", ""},
        {"", "new_type", ""},
        {"other", "new_type", ""},
        {"charge", "charge", "new_balance"},
        {"Charge", "charge", ""},
        {"charge ", "", ""},
    };
    for (size_t i = 0; i < sizeof unknown / sizeof unknown[0]; i++) {
        struct stripe_movement movement = classify(unknown[i][0], unknown[i][1], unknown[i][2], "");
        assert_row(movement.kind == LINE_UNCLASSIFIED, unknown[i][0]);
        assert_row(movement.bucket == BUCKET_PAYMENTS, unknown[i][0]);
    }
}

static void the_balance_type_says_where_the_money_is(void **state)
{
    (void)state;
    assert_int_equal(classify("charge", "charge", "payments", "").bucket, BUCKET_PAYMENTS);
    assert_int_equal(
        classify("refund", "refund", "refund_and_dispute_prefunding", "").bucket, BUCKET_PREFUND);
    assert_int_equal(classify("transfer", "transfer", "issuing", "").bucket, BUCKET_ISSUING);
    struct stripe_movement hold =
        classify("risk_reserved_funds", "reserve_hold", "risk_reserved", "");
    assert_int_equal(hold.bucket, BUCKET_RISK);
    assert_int_equal(hold.kind, LINE_RESERVE_MOVE);
    assert_int_equal(classify("issuing_transaction", "issuing_transaction", "payments", "").bucket,
        BUCKET_PAYMENTS);
}

static void a_fee_is_what_its_description_says(void **state)
{
    (void)state;
    static const struct {
        const char *description;
        enum line_kind kind;
    } rows[] = {
        {"Billing - Usage Fee (2026-10-01)", LINE_FEE},
        {"", LINE_FEE},
        {"Currency Conversion Fee", LINE_FX_FEE},
        {"2026-10: card network costs", LINE_NETWORK_FEE},
        {"INTERCHANGE", LINE_NETWORK_FEE},
        {"interchang", LINE_FEE},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        assert_row(classify("fee", "stripe_fee", "", rows[i].description).kind == rows[i].kind,
            rows[i].description);
        assert_row(
            classify("fee", "", "", rows[i].description).kind == rows[i].kind, rows[i].description);
        assert_row(classify("charge", "charge", "", rows[i].description).kind == LINE_PAYMENT,
            rows[i].description);
    }
}

static void fees_have_their_kinds(void **state)
{
    (void)state;
    assert_int_equal(stripe_fee_kind(STR("stripe_fee")), FEE_PROVIDER);
    assert_int_equal(stripe_fee_kind(STR("payment_method_passthrough_fee")), FEE_PASSTHROUGH);
    assert_int_equal(stripe_fee_kind(STR("application_fee")), FEE_APPLICATION);
    assert_int_equal(stripe_fee_kind(STR("tax")), FEE_TAX);
    assert_int_equal(stripe_fee_kind(STR("withheld_tax")), FEE_UNSPECIFIED);
    assert_int_equal(stripe_fee_kind(STR("new_fee")), FEE_UNSPECIFIED);
    assert_int_equal(stripe_fee_kind(STR("payments")), FEE_UNSPECIFIED);
}

static void only_the_providers_own_words_are_kept_and_cut(void **state)
{
    (void)state;
    char text[SAID_TEXT_BYTES_MAX + 50];
    memset(text, 'x', sizeof text);
    struct str whole = {text, sizeof text};
    assert_int_equal(stripe_line_text(LINE_FEE, whole).len, SAID_TEXT_BYTES_MAX);
    assert_int_equal(stripe_line_text(LINE_ADJUSTMENT, STR("why")).len, 3);
    static const enum line_kind may_name_people[] = {LINE_PAYMENT, LINE_REFUND,
        LINE_DISPUTE_WITHDRAWN, LINE_PAYOUT, LINE_TRANSFER, LINE_INBOUND, LINE_UNRECONCILED,
        LINE_UNCLASSIFIED, LINE_CARD_SPENDING};
    for (size_t i = 0; i < sizeof may_name_people / sizeof may_name_people[0]; i++) {
        assert_int_equal(stripe_line_text(may_name_people[i], STR("Ann Lee")).len, 0);
    }
}

TESTS_MAIN("statement",
    TEST(every_known_type_is_what_its_category_says),
    TEST(the_table_has_no_type_that_this_test_does_not_know),
    TEST(every_known_category_decides_alone_in_a_file),
    TEST(the_category_goes_before_a_type_that_mostly_has_another),
    TEST(a_type_goes_alone_where_there_is_no_category),
    TEST(what_is_not_known_is_unclassified),
    TEST(the_balance_type_says_where_the_money_is),
    TEST(a_fee_is_what_its_description_says),
    TEST(fees_have_their_kinds),
    TEST(only_the_providers_own_words_are_kept_and_cut))

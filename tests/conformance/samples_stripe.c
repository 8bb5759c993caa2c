#include "provider/stripe/stripe.h"
#include "conformance/provider_samples.h"

#define EVENT(id, type, created, object, previous)                                                 \
    "{\"id\":\"evt_" id "\",\"object\":\"event\",\"api_version\":\"2026-10-28.endive\","           \
    "\"created\":" created ",\"livemode\":true,\"pending_webhooks\":1,\"type\":\"" type            \
    "\",\"data\":{\"object\":" object previous "}}"
#define PREVIOUS(text) ",\"previous_attributes\":{" text "}"
#define INTENT(status, received, charge)                                                           \
    "{\"id\":\"pi_1\",\"object\":\"payment_intent\",\"amount\":5000,\"amount_received\":" received \
    ",\"created\":1790000000,\"currency\":\"eur\",\"customer\":\"cus_1\","                         \
    "\"latest_charge\":" charge ",\"status\":\"" status "\"}"
#define CHARGE(status, captured, paid, refunded)                                                   \
    "{\"id\":\"ch_1\",\"object\":\"charge\",\"amount\":5000,\"amount_captured\":" captured         \
    ",\"amount_refunded\":" refunded ",\"captured\":" paid ",\"paid\":" paid                       \
    ",\"refunded\":false,\"created\":1790000002,\"currency\":\"eur\",\"customer\":\"cus_1\","      \
    "\"payment_intent\":\"pi_1\",\"payment_method_details\":{\"type\":\"card\"},"                  \
    "\"status\":\"" status "\"}"
#define PAID(refunded) CHARGE("succeeded", "5000", "true", refunded)
#define REFUND(status)                                                                             \
    "{\"id\":\"re_1\",\"object\":\"refund\",\"amount\":1200,\"charge\":\"ch_1\","                  \
    "\"created\":1790000009,\"currency\":\"eur\",\"payment_intent\":\"pi_1\","                     \
    "\"reason\":\"requested_by_customer\",\"status\":\"" status "\"}"
#define MOVED(amount) "{\"amount\":" amount ",\"currency\":\"eur\"}"
#define DISPUTE(status, moved)                                                                     \
    "{\"id\":\"du_1\",\"object\":\"dispute\",\"amount\":5000,\"balance_transactions\":[" moved     \
    "],\"charge\":\"ch_1\",\"created\":1790100000,\"currency\":\"eur\","                           \
    "\"evidence_details\":{\"due_by\":1790812800},\"payment_intent\":\"pi_1\","                    \
    "\"reason\":\"fraudulent\",\"status\":\"" status "\"}"
#define PAYOUT(status, code)                                                                       \
    "{\"id\":\"po_1\",\"object\":\"payout\",\"amount\":43321,\"arrival_date\":1790380800,"         \
    "\"automatic\":false,\"created\":1790300000,\"currency\":\"eur\",\"failure_code\":" code       \
    ",\"method\":\"standard\",\"status\":\"" status "\"}"

static const struct sample_message messages[] = {
    {"begun", EVENT("1",
                  "payment_intent.created",
                  "1790000000",
                  INTENT("requires_payment_method", "0", "null"),
                  "")},
    {"under way",
        EVENT("12", "charge.pending", "1790000002", CHARGE("pending", "0", "false", "0"), "")},
    {"charged", EVENT("2", "charge.succeeded", "1790000002", PAID("0"), "")},
    {"paid", EVENT("3",
                 "payment_intent.succeeded",
                 "1790000002",
                 INTENT("succeeded", "5000", "\"ch_1\""),
                 "")},
    {"refund", EVENT("4", "refund.created", "1790000009", REFUND("succeeded"), "")},
    {"given back",
        EVENT(
            "5", "charge.refunded", "1790000009", PAID("1200"), PREVIOUS("\"amount_refunded\":0"))},
    {"bounced", EVENT("6",
                    "refund.failed",
                    "1790086400",
                    REFUND("failed"),
                    PREVIOUS("\"status\":\"succeeded\""))},
    {"disputed", EVENT("7",
                     "charge.dispute.created",
                     "1790100000",
                     DISPUTE("needs_response", MOVED("-5000")),
                     "")},
    {"won", EVENT("8",
                "charge.dispute.closed",
                "1790200000",
                DISPUTE("won", MOVED("-5000") "," MOVED("5000")),
                PREVIOUS("\"status\":\"under_review\""))},
    {"planned", EVENT("9", "payout.created", "1790300000", PAYOUT("pending", "null"), "")},
    {"paid out", EVENT("10", "payout.paid", "1790380800", PAYOUT("paid", "null"), "")},
    {"came back", EVENT("11",
                      "payout.failed",
                      "1790400000",
                      PAYOUT("failed", "\"account_closed\""),
                      PREVIOUS("\"failure_code\":null,\"status\":\"paid\""))},
};

static const struct sample_garbage garbage[] = {
    {"not UTF-8", SAMPLE_BYTES("{\"id\":\"\xff\"}"), REASON_NOT_UTF8},
    {"no JSON", SAMPLE_BYTES("x"), REASON_NOT_JSON},
    {"no object", SAMPLE_BYTES("[]"), REASON_NOT_AN_EVENT},
    {"another object", SAMPLE_BYTES("{\"object\":\"charge\",\"id\":\"ch_1\"}"),
        REASON_NOT_AN_EVENT},
    {"no id",
        SAMPLE_BYTES("{\"object\":\"event\",\"type\":\"charge.succeeded\",\"created\":1790000000}"),
        REASON_NO_EVENT_ID},
    {"a key twice", SAMPLE_BYTES("{\"object\":\"event\",\"object\":\"event\"}"), REASON_KEY_TWICE},
    {"for tests",
        SAMPLE_BYTES("{\"object\":\"event\",\"id\":\"evt_1\",\"type\":\"charge.succeeded\","
                     "\"created\":1790000000,\"livemode\":false,\"data\":{\"object\":{}}}"),
        REASON_WRONG_ENVIRONMENT},
};

static const char *const versions[] = {"", "x", "2011-01-01", "2024-04-10", "2024-04-11",
    "2025-03-31.basil", "2025-03-31", "2026-10-28.endive"};

const struct provider_samples stripe_samples = {
    .provider = &stripe_provider,
    .sign = stripe_sign,
    .tolerance_s = STRIPE_TOLERANCE_S,
    .life = {"pi_1", "ch_1", "cus_1", "re_1", "du_1", "po_1"},
    .messages = messages,
    .message_count = sizeof messages / sizeof messages[0],
    .garbage = garbage,
    .garbage_count = sizeof garbage / sizeof garbage[0],
    .versions = versions,
    .version_count = sizeof versions / sizeof versions[0],
};

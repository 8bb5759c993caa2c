#include "provider/plain/plain.h"
#include "conformance/provider_samples.h"

/* One kind of object: what it was made for, when it was made, when it was so, its number. */
#define SAYS(object, state, amount, made, at, number, more)                                        \
    "notification|" object "|" state "|" amount "|EUR|" made "|" at "|" number more "\n"
#define PAYMENT(state, at, number, more)                                                           \
    SAYS("payment|P-1", state, "50.00", "2026-09-21T14:13:20Z", at, number, "|customer=K-1" more)
#define ATTEMPT(state, at, number, more)                                                           \
    SAYS("attempt|A-1", state, "50", "2026-09-21T14:13:22Z", at, number,                           \
        "|payment=P-1|customer=K-1|method=wallet" more)
#define REFUND(state, at, number, more)                                                            \
    SAYS("refund|R-1", state, "12.0", "2026-09-21T14:13:29Z", at, number,                          \
        "|payment=P-1|attempt=A-1|reason=unwanted" more)
#define DISPUTE(state, at, number, more)                                                           \
    SAYS("dispute|D-1", state, "50.00", "2026-09-22T18:00:00Z", at, number,                        \
        "|payment=P-1|attempt=A-1|due=2026-10-01T00:00:00Z" more)
#define PAYOUT(state, at, number, more)                                                            \
    SAYS("payout|O-1", state, "433.21", "2026-09-25T01:33:20Z", at, number,                        \
        "|arrival=2026-09-26T00:00:00Z" more)
#define GIVEN_BACK                                                                                 \
    ATTEMPT("settled", "2026-09-21T14:13:29.750Z", "6", "|captured=50.00|refunded=12.00")

/* Batches say several things about one object in one second, repeat what another has said, and hold
 * what we know nothing of. */
static const struct sample_message messages[] = {
    {"begun", "plain|1|live|1\n" PAYMENT("created", "2026-09-21T14:13:20Z", "1", "") "end\n"},
    {"paid", "plain|1|live|4\n" ATTEMPT("working", "2026-09-21T14:13:22Z", "2", "") PAYMENT(
                 "created", "2026-09-21T14:13:22.1Z", "3", "|attempt=A-1")
                 ATTEMPT("settled", "2026-09-21T14:13:22.2Z", "4", "|captured=50.00") PAYMENT(
                     "settled", "2026-09-21T14:13:22.3Z", "5", "|paid=50.00|attempt=A-1") "end\n"},
    {"given back", "plain|1|live|3\n" GIVEN_BACK REFUND("working", "2026-09-21T14:13:29Z", "7", "")
                       REFUND("settled", "2026-09-21T14:13:29Z", "8", "") "end\n"},
    {"bounced", "plain|2|live|2\n" GIVEN_BACK REFUND(
                    "bounced", "2026-09-22T16:13:20+02:00", "9", "|failure=closed") "end\n"},
    {"disputed", "plain|1|live|2\nnotification|letter|L-1|sent|0|EUR|-|-|10\n" DISPUTE(
                     "claimed", "2026-09-22T18:00:00Z", "11", "|taken=50.00") "end\n"},
    {"won", "plain|1|live|2\n" PAYOUT("planned", "2026-09-25T01:33:20Z", "13", "") DISPUTE(
                "won", "2026-09-23T21:46:40Z", "12", "|taken=50.00|returned=50.00") "end\n"},
    {"paid out", "plain|1|live|1\n" PAYOUT("settled", "2026-09-26T00:00:00Z", "14", "") "end\n"},
    {"came back", "plain|1|live|1\n" PAYOUT(
                      "bounced", "2026-09-26T05:20:00Z", "15", "|failure=no_such_account") "end\n"},
};

static const struct sample_garbage garbage[] = {
    {"not UTF-8", SAMPLE_BYTES("plain|1|live|0\n\xff"), REASON_NOT_UTF8},
    {"a NUL", SAMPLE_BYTES("plain|1|live|0\n\0end\n"), REASON_NOT_AN_EVENT},
    {"no line", SAMPLE_BYTES("x"), REASON_NOT_AN_EVENT},
    {"a line without its end", SAMPLE_BYTES("plain|1|live|0"), REASON_NOT_AN_EVENT},
    {"JSON", SAMPLE_BYTES("{\"id\":\"evt_1\"}"), REASON_NOT_AN_EVENT},
    {"no environment", SAMPLE_BYTES("plain|1||0\nend\n"), REASON_NOT_AN_EVENT},
    {"a count that is none", SAMPLE_BYTES("plain|1|live|-1\nend\n"), REASON_NOT_AN_EVENT},
    {"for tests", SAMPLE_BYTES("plain|1|test|0\nend\n"), REASON_WRONG_ENVIRONMENT},
};

static const char *const versions[] = {"", "1", "2", "9", "10", "11", "100"};

const struct provider_samples plain_samples = {
    .provider = &plain_provider,
    .sign = plain_sign,
    .tolerance_s = PLAIN_TOLERANCE_S,
    .life = {"P-1", "A-1", "K-1", "R-1", "D-1", "O-1"},
    .messages = messages,
    .message_count = sizeof messages / sizeof messages[0],
    .garbage = garbage,
    .garbage_count = sizeof garbage / sizeof garbage[0],
    .versions = versions,
    .version_count = sizeof versions / sizeof versions[0],
};

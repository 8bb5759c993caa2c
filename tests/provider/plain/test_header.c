/* The listener takes the proof from the header that the account's provider names, and from no
 * other.
 */
#include "base/timestamp.h"
#include "provider/plain/plain.h"
#include "unit/http/door.h"

#define BODY "plain|1|test|0\nend\n"

static int setup(void **state)
{
    struct door *door = door_open();
    static const struct str secret = {"whsec_door", 10};
    const struct account entries[] = {
        {.says = {.name = STR("acme"),
             .account_key = STR("a"),
             .secrets = &secret,
             .secret_count = 1},
            .provider = &door_provider},
        {.says = {.name = STR("bank"),
             .account_key = STR("b"),
             .secrets = &secret,
             .secret_count = 1},
            .provider = &plain_provider},
    };
    struct accounts *accounts = accounts_new(entries, 2);
    assert_non_null(accounts);
    accounts_current_replace(door->accounts, accounts);
    door_mode_set(door, DOOR_ANSWERS, ERR_OK);
    *state = door;
    return 0;
}

static int status_of(const struct door *door, const char *account, const char *headers)
{
    struct wire wire = wire_open(door->port);
    struct wire_answer answer;
    wire_sendf(&wire, "POST /webhooks/%s HTTP/1.1\r\nHost: a\r\nContent-Length: %zu\r\n%s\r\n%s",
        account, strlen(BODY), headers, BODY);
    wire_read(&wire, &answer);
    wire_close(&wire);
    return answer.status;
}

static void each_provider_is_proven_by_its_own_header(void **state)
{
    const struct door *door = *state;
    char proof[PLAIN_SIGNATURE_TEXT_BYTES];
    plain_sign(STR("whsec_door"), env_now(env_system()) / US_PER_SECOND, STR(BODY), proof);
    static const struct {
        const char *account;
        const char *format; /* of the headers; %s: what the second provider would say */
        int status;
    } rows[] = {
        {"bank", "Plain-Proof: %s\r\n", 200},
        {"bank", "plain-proof: %s\r\n", 200},
        {"bank", "Stripe-Signature: forged\r\nPlain-Proof: %s\r\n", 200},
        {"bank", "Stripe-Signature: %s\r\n", 400},
        {"bank", "X-Plain-Proof: %s\r\n", 400},
        {"bank", "Plain-Proof: forged\r\nPlain-Proof: %s\r\n", 400},
        {"bank", "Plain-Proof: %s\r\nPlain-Proof: forged\r\n", 400},
        {"acme", "Stripe-Signature: good\r\nPlain-Proof: %s\r\n", 200},
        {"acme", "Plain-Proof: good, %s\r\n", 400},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char headers[2 * PLAIN_SIGNATURE_TEXT_BYTES + 128];
        const char *at = strstr(rows[i].format, "%s");
        (void)snprintf(headers, sizeof headers, "%.*s%s%s", (int)(at - rows[i].format),
            rows[i].format, proof, at + 2);
        assert_row(status_of(door, rows[i].account, headers) == rows[i].status, rows[i].format);
    }
}

TESTS_MAIN("provider/plain_header",
    TEST_WITH(each_provider_is_proven_by_its_own_header, setup, door_teardown))

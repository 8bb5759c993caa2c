/* A key of the other environment may answer well, and what it answers must get into no books. The
 * prefix of a key says of which it is (api_key.c); this is about what the answers say. */
#include "base/check.h"
#include "provider/stripe/api.h"

enum err stripe_check_environment(const struct provider_api *api,
    const struct stripe_call *call,
    const struct stripe_answer *answer,
    struct stripe_bool live,
    struct err_info *reterr)
{
    REQUIRE(api != NULL);
    if (!live.said || live.value == api->live) {
        return ERR_OK;
    }
    return stripe_call_failed(call, answer, ERR_CONFIG, reterr,
        live.value
            ? "livemode is true, and the account's environment is test: nothing of it was taken; "
              "correct key.read or environment"
            : "livemode is false, and the account's environment is live: nothing of it was taken; "
              "correct key.read or environment");
}

/* Lines of the statement do not say it, but the key's own balance does, of connected accounts too.
 * Without the permission to read that nothing is known, and nothing is refused. */
enum err stripe_prove_environment(struct provider_api *api, struct err_info *reterr)
{
    REQUIRE(api != NULL);
    const struct stripe_call call = {.path = STR("/v1/balance")};
    struct stripe_answer answer;
    if (api->is_environment_asked) {
        return ERR_OK;
    }
    enum err err = stripe_api_ask(api, &call, &answer, reterr);
    if (err == ERR_REFUSED && answer.status == 403) {
        api->is_environment_asked = true;
        return ERR_OK;
    }
    TRY(err);
    arena_reset(api->scratch);
    const struct json *balance = stripe_balance_read(answer.body, api->scratch);
    if (balance == NULL) {
        return stripe_call_failed(
            &call, &answer, ERR_MALFORMED, reterr, "the answer is no balance");
    }
    TRY(stripe_check_environment(api, &call, &answer, stripe_livemode_read(balance), reterr));
    api->is_environment_asked = true;
    return ERR_OK;
}

#include "provider/stripe/stripe.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "provider/stripe/api.h"
#include "provider/stripe/decode.h"
#include "provider/stripe/statement.h"

static int64_t whole_seconds(int64_t us)
{
    return us / US_PER_SECOND - (us % US_PER_SECOND < 0);
}

static enum err verify(const struct provider_account *account,
    const struct message *message,
    int64_t now_us,
    struct arena *arena,
    struct envelope *ret_envelope,
    enum unproven *ret_unproven)
{
    REQUIRE(account != NULL);
    REQUIRE(message != NULL);
    REQUIRE(arena != NULL);
    REQUIRE(ret_envelope != NULL);
    REQUIRE(ret_unproven != NULL);

    if (message->signature_repeated) {
        *ret_unproven =
            UNPROVEN_HEADER_MALFORMED; /* which one would have been checked by others? */
        return ERR_UNPROVEN;
    }
    struct stripe_signature_verdict verdict = {0};
    enum err err = stripe_signature_verify(message->signature, message->body, account->secrets,
        account->secret_count, whole_seconds(now_us), STRIPE_TOLERANCE_S, &verdict);
    if (err != ERR_OK) {
        *ret_unproven = verdict.unproven;
        return err;
    }
    TRY(stripe_envelope_read(message->body, account->live, arena, ret_envelope));
    ret_envelope->proof_at_us = verdict.at_s * US_PER_SECOND;
    ret_envelope->clock_skewed = ret_envelope->proof_at_us - now_us > STRIPE_SKEW_S * US_PER_SECOND;
    ret_envelope->secret_index = verdict.secret_index;
    return ERR_OK;
}

const struct provider_ops stripe_provider = {
    .name = "stripe",
    .proof_header = "Stripe-Signature",
    .verify = verify,
    .decode = stripe_decode,
    .follows = stripe_follows,
    .api = &stripe_api_ops,
    .statement = &stripe_statement_ops,
    .compare_versions = stripe_compare_versions,
    .newest_version = STRIPE_API_VERSION,
};

/* Any header over any body: it is judged without an abort, and proven only when it carries the
 * HMAC. The input is the header, a line feed, and the body. */
#include "base/check.h"
#include "base/limits.h"
#include "provider/stripe/stripe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW INT64_C(1700000000)

/* The proof once more, by another way: is what we would sign for that second
 * somewhere in the header? */
static bool carries_proof(struct str header, struct str secret, int64_t at_s, struct str body)
{
    char own[STRIPE_SIGNATURE_TEXT_BYTES];
    stripe_sign(secret, at_s, body, own);
    const char *signature = strstr(own, "v1=");
    INVARIANT(signature != NULL);
    return memmem(header.data, header.len, signature, strlen(signature)) != NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const struct str secrets[] = {{"whsec_fuzz", 10}, {"", 0}, {"whsec_two", 9}};
    struct str body = {(const char *)data, size};
    struct str header = str_cut(&body, '\n');

    struct stripe_signature_verdict verdict = {.unproven = UNPROVEN_COUNT};
    enum err err = stripe_signature_verify(header, body, secrets, 3, NOW, 300, &verdict);
    INVARIANT(err == ERR_OK || err == ERR_UNPROVEN);
    if (err == ERR_OK) {
        INVARIANT(verdict.secret_index == 0 || verdict.secret_index == 2);
        INVARIANT(NOW - verdict.at_s <= 300);
        INVARIANT(carries_proof(header, secrets[verdict.secret_index], verdict.at_s, body));
    } else {
        INVARIANT(verdict.unproven < UNPROVEN_COUNT);
        INVARIANT(strlen(unproven_word(verdict.unproven)) > 0);
    }

    if (body.len > 0) {
        char own[STRIPE_SIGNATURE_TEXT_BYTES];
        stripe_sign(secrets[2], NOW, body, own);
        err = stripe_signature_verify(str_from(own), body, secrets, 3, NOW, 300, &verdict);
        INVARIANT(err == ERR_OK);
        INVARIANT(verdict.secret_index == 2);
    }
    return 0;
}

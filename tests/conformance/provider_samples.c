#include "conformance/provider_samples.h"
#include "base/timestamp.h"
#include "unit/testing.h"

#define SECRET STR("a secret of the tests")

void sample_accept(const struct provider_samples *samples,
    struct str body,
    struct arena *arena,
    struct envelope *ret_envelope)
{
    char signature[SAMPLE_SIGNATURE_BYTES];
    struct provider_account account = {.name = STR("acme-live"),
        .account_key = STR("acme"),
        .live = true,
        .secret_count = 1,
        .secrets = &SECRET};
    enum unproven why = UNPROVEN_COUNT;
    samples->sign(SECRET, SAMPLE_NOW_US / US_PER_SECOND, body, signature);
    struct message message = {.body = body, .signature = str_from(signature)};
    assert_err(
        samples->provider->verify(&account, &message, SAMPLE_NOW_US, arena, ret_envelope, &why),
        ERR_OK);
}

struct notice_list sample_decode(
    const struct provider_samples *samples, struct str body, struct arena *arena)
{
    struct envelope envelope;
    sample_accept(samples, body, arena, &envelope);
    assert_int_equal(envelope.reason, REASON_NONE);
    struct stored_event event = {body, envelope.type, envelope.occurred_at_us};
    struct notice_list list = {.count = 0};
    assert_done(samples->provider->decode(&event, arena, &list, reterr));
    return list;
}

bool sample_notices_equal(const struct notice_list *a, const struct notice_list *b)
{
    if (a->count != b->count || a->reason != b->reason || a->truncated != b->truncated) {
        return false;
    }
    for (uint32_t i = 0; i < a->count; i++) {
        const struct notice *left = &a->notices[i];
        const struct notice *right = &b->notices[i];
        if (left->stamp.at_us != right->stamp.at_us || left->stamp.rank != right->stamp.rank ||
            !notices_say_the_same(left, right)) {
            return false;
        }
    }
    return true;
}

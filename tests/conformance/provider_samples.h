/* provider_samples: what a provider brings to the suite that every driver must pass: a life that it
 * tells in genuine messages, proven bodies that say nothing, and how it signs.
 *
 * Layer: tests. Needs provider.
 */
#pragma once

#include "provider/provider.h"

#define SAMPLE_SIGNATURE_BYTES 256
#define SAMPLE_MESSAGES_MAX 16

struct sample_message {
    const char *name, *body;
};

#define SAMPLE_BYTES(literal)                                                                      \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
struct sample_garbage {
    const char *name;
    struct str body;
    enum reason reason;
};

/* All providers tell the same life, with the same amounts at the same times, in their own words and
 * in as many messages as they like: a payment of 50.00 EUR by a known customer is paid, 12.00 of it
 * are given back and come back to us, a dispute is won, a payout is paid and fails after all. */
struct sample_life {
    const char *payment, *attempt, *customer, *refund, *dispute, *payout; /* the provider's ids */
};

struct provider_samples {
    const struct provider_ops *provider;
    void (*sign)(struct str secret, int64_t at_s, struct str body, char *to);
    int64_t tolerance_s; /* how old a signature may be */
    struct sample_life life;
    const struct sample_message *messages; /* the life, in order, for a live account */
    uint32_t message_count;
    const struct sample_garbage *garbage;
    uint32_t garbage_count;
    const char *const *versions;
    uint32_t version_count;
};

extern const struct provider_samples stripe_samples, plain_samples;

/* Proves a body at the door, signed now. */
#define SAMPLE_NOW_US INT64_C(1790500000000000)
void sample_accept(const struct provider_samples *samples,
    struct str body,
    struct arena *arena,
    struct envelope *ret_envelope);

/* Decodes a genuine message. */
struct notice_list sample_decode(
    const struct provider_samples *samples, struct str body, struct arena *arena);

/* Do both lists say the same, stamps and links included? */
bool sample_notices_equal(const struct notice_list *a, const struct notice_list *b);

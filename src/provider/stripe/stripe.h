/* stripe: the driver for Stripe: signature, envelope, decoders.
 *
 * Layer: provider/stripe. Source: shared facts in docs/stripe.md; API 2026-10-28.endive and older.
 */
#pragma once

#include "provider/provider.h"

extern const struct provider_ops stripe_provider;

/* Signature header of a delivery, `t=...,v1=...`: what the sandbox and the load generator sign
 * with. Writes into `to`; `key` is the whole secret, prefix included. */
#define STRIPE_SIGNATURE_TEXT_BYTES 128
void stripe_sign(
    struct str secret, int64_t at_s, struct str body, char to[static STRIPE_SIGNATURE_TEXT_BYTES]);

#define STRIPE_FETCHED_PREFIX "fetched." /* begins the type of what was fetched and is no event */

/* The event types that this version maps, ended by .type == NULL. */
const struct provider_event_type *stripe_event_types(void);
/* An endpoint that sends "*" does not send it: it must be named. */
bool stripe_event_type_wants_name(struct str type);

/* May `key` be an account's key.read? ERR_CONFIG: it is of the other environment, a full live key
 * that is not allowed, or no key for reading. *reterr never holds any of it. */
MUST_USE enum err stripe_key_check(
    struct str key, bool live, bool full_key_allowed, struct err_info *reterr);

/* --- for tests and fuzz targets of this room --- */

#define STRIPE_TOLERANCE_S 300
#define STRIPE_SKEW_S 5

struct stripe_signature_verdict {
    int64_t at_s;
    uint32_t secret_index;
    enum unproven unproven; /* meaningful on ERR_UNPROVEN */
};

/* Judges the header alone. ERR_UNPROVEN. tolerance_s 0 switches the age check off (tests only). */
MUST_USE enum err stripe_signature_verify(struct str header,
    struct str body,
    const struct str *secrets,
    uint32_t secret_count,
    int64_t now_s,
    int64_t tolerance_s,
    struct stripe_signature_verdict *ret);

/* Reads the envelope of a proven body. Always gives an envelope. ERR_BUSY: arena. */
MUST_USE enum err stripe_envelope_read(
    struct str body, bool account_is_live, struct arena *arena, struct envelope *ret);

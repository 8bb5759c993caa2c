/* plain: a second provider, for tests only, with another temperament than the first: no event ids,
 * many notifications in one request, amounts as decimal text, its own sequence numbers. It shows
 * that the domain and the flow know no provider.
 *
 * A body is text of lines that end with LF:
 *
 *   plain|1|live|2
 *   notification|payment|P-1|settled|12.34|EUR|2026-11-20T10:00:00Z|2026-11-20T10:00:07Z|4|paid=12.34
 *   notification|attempt|A-1|settled|12.34|EUR|2026-11-20T10:00:05Z|2026-11-20T10:00:07Z|5|payment=P-1
 *   end
 *
 * The first has the version of the format, the environment and the count of notifications; each of
 * them has its object's kind and id, state, amount, currency, when the object was made, when it
 * was so, the sequence number (which grows over all that the provider says), and what else there
 * is by name. `-` is none.
 *
 * Layer: tests. Needs domain.
 */
#pragma once

#include "provider/provider.h"

extern const struct provider_ops plain_provider;

#define PLAIN_TOLERANCE_S 600
#define PLAIN_SIGNATURE_TEXT_BYTES 128

/* The header Plain-Proof of a delivery: `HMAC-SHA256 2026-11-20T10:00:09Z <64 hex digits>`, over
 * the time, LF and the body. */
void plain_sign(
    struct str secret, int64_t at_s, struct str body, char to[static PLAIN_SIGNATURE_TEXT_BYTES]);

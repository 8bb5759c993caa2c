/* digest: SHA-256 and HMAC-SHA256 (OpenSSL), and comparison in constant time.
 *
 * Layer: base. Source: FIPS 180-4, RFC 2104.
 */
#pragma once

#include "base/str.h"

#define SHA256_BYTES 32

void sha256(struct str data, uint8_t ret_digest[static SHA256_BYTES]);
/* The same of what comes piece by piece. */
struct sha256_sum;
struct sha256_sum *sha256_sum_new(void) MUST_USE; /* NULL without memory */
struct sha256_sum *sha256_sum_free(struct sha256_sum *sum);
DEFINE_CLEANUP(struct sha256_sum *, sha256_sum_free);
void sha256_sum_add(struct sha256_sum *sum, struct str data);
void sha256_sum_end(struct sha256_sum *sum, uint8_t ret_digest[static SHA256_BYTES]); /* once */

/* Of `data`, and of `data` without the `len` bytes at `at`; what stands before them is read once.
 */
void sha256_without(struct str data,
    size_t at,
    size_t len,
    uint8_t ret_whole[static SHA256_BYTES],
    uint8_t ret_rest[static SHA256_BYTES]);
/* HMAC over the two parts as if they stood together. */
void hmac_sha256(
    struct str key, struct str first, struct str second, uint8_t ret_digest[static SHA256_BYTES]);
bool bytes_equal_constant_time(const void *a, const void *b, size_t len);
void bytes_wipe(void *data, size_t len); /* not removed by the optimiser */

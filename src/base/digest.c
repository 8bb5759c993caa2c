#include "base/digest.h"
#include "base/check.h"
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <pthread.h>

#define SHA256_BLOCK_BYTES 64

/* OpenSSL 3 looks an algorithm up by name at a cost of several hashes, and a new context costs
 * heap. So the algorithm is fetched once in the process and every thread keeps one context. */
static pthread_once_t fetched = PTHREAD_ONCE_INIT;
static EVP_MD *sha256_algorithm;
static pthread_key_t context_key; /* frees a thread's context when the thread ends */
static _Thread_local EVP_MD_CTX *thread_context;

static void free_context(void *context)
{
    EVP_MD_CTX_free(context);
}

static void fetch_once(void)
{
    sha256_algorithm = EVP_MD_fetch(NULL, "SHA256", NULL);
    INVARIANT(sha256_algorithm != NULL);
    int failed = pthread_key_create(&context_key, free_context);
    INVARIANT(failed == 0);
}

/* None of OpenSSL's calls below can fail once the algorithm and the context are there. */
static EVP_MD_CTX *digest_begin(void)
{
    if (thread_context == NULL) {
        (void)pthread_once(&fetched, fetch_once);
        thread_context = EVP_MD_CTX_new();
        INVARIANT(thread_context != NULL);
        int failed = pthread_setspecific(context_key, thread_context);
        INVARIANT(failed == 0);
    }
    int done = EVP_DigestInit_ex2(thread_context, sha256_algorithm, NULL);
    INVARIANT(done == 1);
    return thread_context;
}

static void digest_add(EVP_MD_CTX *context, const void *data, size_t len)
{
    REQUIRE(data != NULL || len == 0);
    if (len > 0) {
        int done = EVP_DigestUpdate(context, data, len);
        INVARIANT(done == 1);
    }
}

static void digest_end(EVP_MD_CTX *context, uint8_t ret_digest[static SHA256_BYTES])
{
    unsigned bytes = 0;
    int done = EVP_DigestFinal_ex(context, ret_digest, &bytes);
    INVARIANT(done == 1);
    ENSURE(bytes == SHA256_BYTES);
}

void sha256(struct str data, uint8_t ret_digest[static SHA256_BYTES])
{
    EVP_MD_CTX *context = digest_begin();
    digest_add(context, data.data, data.len);
    digest_end(context, ret_digest);
}

/* An opaque name for OpenSSL's context. */
static EVP_MD_CTX *context_of(struct sha256_sum *sum)
{
    REQUIRE(sum != NULL);
    return (EVP_MD_CTX *)(void *)sum;
}

struct sha256_sum *sha256_sum_new(void)
{
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    (void)pthread_once(&fetched, fetch_once);
    if (context != NULL && EVP_DigestInit_ex2(context, sha256_algorithm, NULL) != 1) {
        EVP_MD_CTX_free(context);
        context = NULL;
    }
    return (struct sha256_sum *)(void *)context;
}

struct sha256_sum *sha256_sum_free(struct sha256_sum *sum)
{
    EVP_MD_CTX_free((EVP_MD_CTX *)(void *)sum);
    return NULL;
}

void sha256_sum_add(struct sha256_sum *sum, struct str data)
{
    digest_add(context_of(sum), data.data, data.len);
}

void sha256_sum_end(struct sha256_sum *sum, uint8_t ret_digest[static SHA256_BYTES])
{
    digest_end(context_of(sum), ret_digest);
}

void sha256_without(struct str data,
    size_t at,
    size_t len,
    uint8_t ret_whole[static SHA256_BYTES],
    uint8_t ret_rest[static SHA256_BYTES])
{
    REQUIRE(at <= data.len && len <= data.len - at);
    EVP_MD_CTX *whole = digest_begin();
    digest_add(whole, data.data, at);
    EVP_MD_CTX *rest = EVP_MD_CTX_new();
    INVARIANT(rest != NULL);
    int copied = EVP_MD_CTX_copy_ex(rest, whole);
    INVARIANT(copied == 1);
    digest_add(whole, data.data + at, data.len - at);
    digest_end(whole, ret_whole);
    digest_add(rest, data.data + at + len, data.len - at - len);
    digest_end(rest, ret_rest);
    EVP_MD_CTX_free(rest);
}

/* H(key ^ opad, H(key ^ ipad, text)), RFC 2104 section 2. EVP_MAC would copy contexts. */
void hmac_sha256(
    struct str key, struct str first, struct str second, uint8_t ret_digest[static SHA256_BYTES])
{
    REQUIRE(key.data != NULL || key.len == 0);
    uint8_t block_key[SHA256_BLOCK_BYTES] = {0};
    if (key.len > sizeof block_key) {
        sha256(key, block_key);
    } else if (key.len > 0) {
        memcpy(block_key, key.data, key.len);
    }

    uint8_t pad[SHA256_BLOCK_BYTES];
    for (size_t i = 0; i < sizeof pad; i++) {
        pad[i] = block_key[i] ^ 0x36;
    }
    uint8_t inner[SHA256_BYTES];
    EVP_MD_CTX *context = digest_begin();
    digest_add(context, pad, sizeof pad);
    digest_add(context, first.data, first.len);
    digest_add(context, second.data, second.len);
    digest_end(context, inner);

    for (size_t i = 0; i < sizeof pad; i++) {
        pad[i] = block_key[i] ^ 0x5c;
    }
    context = digest_begin();
    digest_add(context, pad, sizeof pad);
    digest_add(context, inner, sizeof inner);
    digest_end(context, ret_digest);

    bytes_wipe(block_key, sizeof block_key);
    bytes_wipe(pad, sizeof pad);
    bytes_wipe(inner, sizeof inner);
}

bool bytes_equal_constant_time(const void *a, const void *b, size_t len)
{
    REQUIRE(len == 0 || (a != NULL && b != NULL));
    return len == 0 || CRYPTO_memcmp(a, b, len) == 0;
}

void bytes_wipe(void *data, size_t len)
{
    REQUIRE(data != NULL || len == 0);
    if (len > 0) {
        OPENSSL_cleanse(data, len);
    }
}

#include "base/digest.h"
#include "unit/testing.h"
#include <pthread.h>

static void assert_digest(const uint8_t digest[static SHA256_BYTES], const char *hex)
{
    char text[2 * SHA256_BYTES];
    hex_encode(text, digest, SHA256_BYTES);
    assert_str_equal_to(((struct str){text, sizeof text}), hex);
}

static void sha256_is_that_of_fips_180(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        const char *hex;
    } rows[] = {
        {"", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"},
        {"abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"},
        {"abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        uint8_t digest[SHA256_BYTES];
        sha256(str_from(rows[i].text), digest);
        assert_digest(digest, rows[i].hex);
    }
}

/* RFC 4231, cases 1, 2, 3, 4, 6 and 7. */
static void hmac_is_that_of_rfc_4231(void **state)
{
    (void)state;
    char key_0b[20];
    char key_aa[131];
    char data_dd[50];
    char data_cd[50];
    char key_counting[25];
    memset(key_0b, 0x0b, sizeof key_0b);
    memset(key_aa, 0xaa, sizeof key_aa);
    memset(data_dd, 0xdd, sizeof data_dd);
    memset(data_cd, 0xcd, sizeof data_cd);
    for (size_t i = 0; i < sizeof key_counting; i++) {
        key_counting[i] = (char)(i + 1);
    }
    const struct {
        struct str key;
        struct str data;
        const char *hex;
    } rows[] = {
        {{key_0b, 20}, STR("Hi There"),
            "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7"},
        {STR("Jefe"), STR("what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843"},
        {{key_aa, 20}, {data_dd, 50},
            "773ea91e36800e46854db8ebd09181a72959098b3ef8c122d9635514ced565fe"},
        {{key_counting, 25}, {data_cd, 50},
            "82558a389a443c0ea4cc819899f2083a85f0faa3e578f8077a2e3ff46729665b"},
        {{key_aa, 131}, STR("Test Using Larger Than Block-Size Key - Hash Key First"),
            "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54"},
        {{key_aa, 131},
            STR("This is a test using a larger than block-size key and a larger than block-size "
                "data. The key needs to be hashed before being used by the HMAC algorithm."),
            "9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        for (size_t cut = 0; cut <= rows[i].data.len; cut++) {
            struct str first = {rows[i].data.data, cut};
            struct str second = {rows[i].data.data + cut, rows[i].data.len - cut};
            uint8_t digest[SHA256_BYTES];
            hmac_sha256(rows[i].key, first, second, digest);
            assert_digest(digest, rows[i].hex);
        }
    }
}

static void an_empty_key_and_empty_text_have_a_digest(void **state)
{
    (void)state;
    uint8_t digest[SHA256_BYTES];
    hmac_sha256(STR_NONE, STR_NONE, STR_NONE, digest);
    assert_digest(digest, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void *digest_many(void *result)
{
    uint8_t digest[SHA256_BYTES];
    for (int i = 0; i < 2000; i++) {
        sha256(STR("abc"), digest);
    }
    hmac_sha256(STR("Jefe"), STR("what do ya want "), STR("for nothing?"), result);
    return NULL;
}

static void threads_do_not_disturb_each_other(void **state)
{
    (void)state;
    pthread_t threads[4];
    uint8_t digests[4][SHA256_BYTES];
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, digest_many, digests[i]), 0);
    }
    for (size_t i = 0; i < 4; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_digest(
            digests[i], "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    }
}

static void any_different_bit_makes_bytes_unequal(void **state)
{
    (void)state;
    uint8_t a[SHA256_BYTES];
    uint8_t b[SHA256_BYTES];
    sha256(STR("abc"), a);
    memcpy(b, a, sizeof b);
    assert_true(bytes_equal_constant_time(a, b, sizeof a));
    for (size_t bit = 0; bit < 8 * sizeof b; bit++) {
        b[bit / 8] = (uint8_t)(b[bit / 8] ^ 1u << bit % 8);
        assert_false(bytes_equal_constant_time(a, b, sizeof a));
        b[bit / 8] = a[bit / 8];
    }
    assert_true(bytes_equal_constant_time(NULL, NULL, 0));
}

static void wiped_bytes_are_zero(void **state)
{
    (void)state;
    char secret[] = "whsec_test";
    bytes_wipe(secret, sizeof secret);
    for (size_t i = 0; i < sizeof secret; i++) {
        assert_int_equal(secret[i], 0);
    }
    bytes_wipe(NULL, 0);
}

static void without_a_piece_is_the_digest_of_the_rest(void **state)
{
    (void)state;
    static const struct {
        size_t at, len;
    } rows[] = {{0, 0}, {0, 3}, {4, 2}, {7, 3}, {10, 0}, {0, 10}};
    struct str data = STR("0123456789");
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char rest[10];
        memcpy(rest, data.data, rows[i].at);
        memcpy(rest + rows[i].at, data.data + rows[i].at + rows[i].len,
            data.len - rows[i].at - rows[i].len);
        uint8_t whole[SHA256_BYTES], without[SHA256_BYTES], expected[SHA256_BYTES];
        sha256_without(data, rows[i].at, rows[i].len, whole, without);
        sha256(data, expected);
        assert_memory_equal(whole, expected, SHA256_BYTES);
        sha256((struct str){rest, data.len - rows[i].len}, expected);
        assert_memory_equal(without, expected, SHA256_BYTES);
    }
}

TESTS_MAIN("base/digest",
    TEST(without_a_piece_is_the_digest_of_the_rest),
    TEST(sha256_is_that_of_fips_180),
    TEST(hmac_is_that_of_rfc_4231),
    TEST(an_empty_key_and_empty_text_have_a_digest),
    TEST(threads_do_not_disturb_each_other),
    TEST(any_different_bit_makes_bytes_unequal),
    TEST(wiped_bytes_are_zero))

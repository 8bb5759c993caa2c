/* Path and length: the two things of a request that are read before anything is believed. */
#include "base/limits.h"
#include "http/head.h"
#include "unit/testing.h"

static const struct {
    const char *path;
    const char *name; /* NULL: refused */
} paths[] = {
    {"/webhooks/acme", "acme"},
    {"/webhooks/acme-live.2", "acme-live.2"},
    {"/webhooks/a%20b", "a b"},
    {"/webhooks/%61%63%6D%65", "acme"},
    {"/webhooks/%c3%a9", "\xc3\xa9"},
    {"/webhooks/a%2fb", "a/b"},
    {"/webhooks/%2e%2e", ".."},
    {"/webhooks/%25", "%"},
    {"/webhooks/+", "+"},
    {"", NULL},
    {"/", NULL},
    {"/webhooks", NULL},
    {"/webhooks/", NULL},
    {"/webhooks/acme/", NULL},
    {"/webhooks//acme", NULL},
    {"//webhooks/acme", NULL},
    {"/Webhooks/acme", NULL},
    {"/webhooks/%", NULL},
    {"/webhooks/a%2", NULL},
    {"/webhooks/a%2x", NULL},
    {"/webhooks/a%%61", NULL},
    {"http://a/webhooks/acme", NULL},
    {"*", NULL},
};

static void a_path_has_exactly_one_segment_behind_webhooks(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof paths / sizeof paths[0]; i++) {
        struct http_head head;
        bool found = http_head_path(str_from(paths[i].path), &head);
        assert_row(found == (paths[i].name != NULL), paths[i].path);
        assert_row(!found || str_eq(head.name, str_from(paths[i].name)), paths[i].path);
    }
}

static void a_name_is_bounded_after_decoding(void **state)
{
    (void)state;
    char path[10 + 3 * (HTTP_NAME_BYTES_MAX + 1)] = "/webhooks/";
    struct http_head head;
    for (size_t len = HTTP_NAME_BYTES_MAX; len <= HTTP_NAME_BYTES_MAX + 1; len++) {
        memset(path + 10, 'x', len);
        assert_int_equal(
            http_head_path((struct str){path, 10 + len}, &head), len == HTTP_NAME_BYTES_MAX);
        for (size_t i = 0; i < len; i++) {
            memcpy(path + 10 + 3 * i, "%41", 3);
        }
        assert_int_equal(
            http_head_path((struct str){path, 10 + 3 * len}, &head), len == HTTP_NAME_BYTES_MAX);
    }
}

static void an_escaped_nul_stays_in_the_name(void **state)
{
    (void)state;
    struct http_head head;
    assert_true(http_head_path(STR("/webhooks/acme%00x"), &head));
    assert_true(str_eq(head.name, (struct str){"acme\0x", 6}));
}

static const struct {
    const char *text;
    enum err err;
    size_t len;
} lengths[] = {
    {"0", ERR_OK, 0},
    {"7", ERR_OK, 7},
    {"0007", ERR_OK, 7},
    {"1048576", ERR_OK, LIMIT_BODY_BYTES},
    {"1048577", ERR_TOO_LARGE, 0},
    {"18446744073709551616", ERR_TOO_LARGE, 0},
    {"18446744073709551617", ERR_TOO_LARGE, 0},
    {"99999999999999999999999999999999999999999", ERR_TOO_LARGE, 0},
    {"", ERR_MALFORMED, 0},
    {" 7", ERR_MALFORMED, 0},
    {"7 ", ERR_MALFORMED, 0},
    {"+7", ERR_MALFORMED, 0},
    {"-7", ERR_MALFORMED, 0},
    {"0x7", ERR_MALFORMED, 0},
    {"7, 7", ERR_MALFORMED, 0},
    {"7.0", ERR_MALFORMED, 0},
    {"9999999999999999x", ERR_MALFORMED, 0},
};

static void a_length_is_digits_within_the_bound(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof lengths / sizeof lengths[0]; i++) {
        size_t len = 0;
        enum err err = http_head_length(str_from(lengths[i].text), &len);
        assert_row(err == lengths[i].err, lengths[i].text);
        assert_row(len == lengths[i].len, lengths[i].text);
    }
}

TESTS_MAIN("http/head",
    TEST(a_path_has_exactly_one_segment_behind_webhooks),
    TEST(a_name_is_bounded_after_decoding),
    TEST(an_escaped_nul_stays_in_the_name),
    TEST(a_length_is_digits_within_the_bound))

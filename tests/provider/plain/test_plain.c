/* The second driver's own rules: what the conformance suite does not ask of every driver. */
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/plain/lines.h"
#include "provider/plain/plain.h"
#include "unit/testing.h"

/* --- amounts --- */

static const struct {
    const char *text, *currency;
    enum err err;
    int64_t minor;
} amounts[] = {
    {"12.34", "EUR", ERR_OK, 1234},
    {"12.3", "EUR", ERR_OK, 1230},
    {"12", "EUR", ERR_OK, 1200},
    {"0.07", "EUR", ERR_OK, 7},
    {"-0.07", "EUR", ERR_OK, -7},
    {"0", "EUR", ERR_OK, 0},
    {"1.10", "EUR", ERR_OK, 110},
    {"4.35", "EUR", ERR_OK, 435}, /* 434.99999999999994 in floating point */
    {"1234", "JPY", ERR_OK, 1234},
    {"1.234", "KWD", ERR_OK, 1234},
    {"1.2", "KWD", ERR_OK, 1200},
    {"92233720368547758.07", "EUR", ERR_OK, INT64_MAX},
    {"-92233720368547758.08", "EUR", ERR_OK, INT64_MIN},
    {"92233720368547758.08", "EUR", ERR_OVERFLOW, 0},
    {"92233720368547759", "EUR", ERR_OVERFLOW, 0},
    {"99999999999999999999999999", "JPY", ERR_OVERFLOW, 0},
    {"12.345", "EUR", ERR_INVALID, 0},
    {"12.340", "EUR", ERR_INVALID, 0},
    {"1.0", "JPY", ERR_INVALID, 0},
    {"1.2345", "KWD", ERR_INVALID, 0},
    {"", "EUR", ERR_MALFORMED, 0},
    {"-", "EUR", ERR_MALFORMED, 0},
    {".5", "EUR", ERR_MALFORMED, 0},
    {"5.", "EUR", ERR_MALFORMED, 0},
    {"+5", "EUR", ERR_MALFORMED, 0},
    {"--5", "EUR", ERR_MALFORMED, 0},
    {"1,000.00", "EUR", ERR_MALFORMED, 0},
    {"1.2.3", "EUR", ERR_MALFORMED, 0},
    {"1e3", "EUR", ERR_MALFORMED, 0},
    {" 1", "EUR", ERR_MALFORMED, 0},
};

static void an_amount_is_exact_or_refused(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        struct currency currency;
        int64_t minor = 42;
        assert_err(currency_parse(str_from(amounts[i].currency), &currency), ERR_OK);
        enum err err = plain_amount(str_from(amounts[i].text), currency, &minor);
        assert_row(err == amounts[i].err, amounts[i].text);
        assert_row(minor == (err == ERR_OK ? amounts[i].minor : 42), amounts[i].text);
    }
}

/* --- what is refused --- */

#define MADE "2026-09-21T14:13:20Z"
#define BATCH(lines) "plain|1|live|" lines "end\n"
#define ONE(line) BATCH("1\nnotification|" line "\n")
#define PAYMENT(more) ONE("payment|P-1|settled|50.00|EUR|" MADE "|" MADE "|1" more)

static const struct {
    const char *name, *body;
    enum err err;
    const char *says; /* part of the error */
} bad_bodies[] = {
    {"amount", ONE("payment|P-1|settled|50.001|EUR|" MADE "|" MADE "|1"), ERR_INVALID,
        "notification 1: amount"},
    {"currency", ONE("payment|P-1|settled|50|EURO|" MADE "|" MADE "|1"), ERR_MALFORMED, "currency"},
    {"time made", ONE("payment|P-1|settled|50|EUR|soon|" MADE "|1"), ERR_MALFORMED, "time made"},
    {"time", ONE("payment|P-1|settled|50|EUR|" MADE "|1790000000|1"), ERR_MALFORMED, "time"},
    {"number", ONE("payment|P-1|settled|50|EUR|" MADE "|" MADE "|x"), ERR_MALFORMED, "sequence"},
    {"negative number", ONE("payment|P-1|settled|50|EUR|" MADE "|" MADE "|-1"), ERR_INVALID,
        "sequence"},
    {"overflowing number", ONE("payment|P-1|settled|50|EUR|" MADE "|" MADE "|9223372036854775808"),
        ERR_OVERFLOW, "sequence"},
    {"no object", ONE("payment||settled|50|EUR|" MADE "|" MADE "|1"), ERR_MALFORMED, "the line"},
    {"too few parts", ONE("payment|P-1|settled|50"), ERR_MALFORMED, "the line"},
    {"named amount", PAYMENT("|paid=lots"), ERR_MALFORMED, "paid"},
    {"named twice", PAYMENT("|paid=1|paid=1"), ERR_MALFORMED, "the line"},
    {"named without a value", PAYMENT("|paid="), ERR_MALFORMED, "the line"},
    {"more than was taken",
        ONE("dispute|D-1|won|50|EUR|" MADE "|" MADE "|1|taken=5.00|returned=5.01"), ERR_INVALID,
        "returned"},
    {"one number twice",
        BATCH("2\nnotification|payout|O-1|sent|5|EUR|" MADE "|" MADE
              "|7\nnotification|payout|O-1|settled|5|EUR|" MADE "|" MADE "|7\n"),
        ERR_INVALID, "notification 2: sequence"},
    {"fewer than counted", BATCH("2\nnotification|payout|O-1|sent|5|EUR|" MADE "|" MADE "|7\n"),
        ERR_MALFORMED, "notification 2"},
    {"more than counted", BATCH("0\nnotification|payout|O-1|sent|5|EUR|" MADE "|" MADE "|7\n"),
        ERR_MALFORMED, "count"},
    {"too many", BATCH("1025\n"), ERR_TOO_LARGE, "1024"},
};

static enum err decode(
    const char *body, struct arena *arena, struct notice_list *ret_list, struct err_info *reterr)
{
    struct stored_event event = {str_from(body), STR("notifications"), 0};
    return plain_provider.decode(&event, arena, ret_list, reterr);
}

static void a_bad_line_refuses_the_batch_and_is_named(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)1024 * 1024);
    for (size_t i = 0; i < sizeof bad_bodies / sizeof bad_bodies[0]; i++) {
        struct notice_list list = {.count = 0};
        struct err_info info = {""};
        assert_row(decode(bad_bodies[i].body, arena, &list, &info) == bad_bodies[i].err,
            bad_bodies[i].name);
        assert_row(strstr(info.text, bad_bodies[i].says) != NULL, bad_bodies[i].name);
        assert_row(list.count == 0, bad_bodies[i].name);
        arena_reset(arena);
    }
}

/* --- what is said --- */

static void what_is_not_known_is_passed_over(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)1024 * 1024);
    struct notice_list list = {.count = 0};
    assert_err(decode(ONE("letter|L-1|sent|-|-|-|-|-"), arena, &list, NULL), ERR_OK);
    assert_int_equal(list.count, 0);
    assert_int_equal(list.reason, REASON_UNKNOWN_TYPE);
    assert_err(decode(BATCH("0\n"), arena, &list, NULL), ERR_OK);
    assert_int_equal(list.reason, REASON_NO_OBJECT);
    assert_err(decode(PAYMENT("|colour=blue"), arena, &list, NULL), ERR_OK);
    assert_int_equal(list.count, 1);
}

static void an_unknown_state_is_kept_and_named(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)1024 * 1024);
    struct notice_list list = {.count = 0};
    assert_err(decode(ONE("payout|O-1|lost at sea|5|EUR|" MADE "|" MADE "|7"), arena, &list, NULL),
        ERR_OK);
    const struct payout *payout = list.notices[0].object_says.record;
    assert_int_equal(payout->state, PAYOUT_UNKNOWN);
    assert_str_equal_to(list.unknown_word, "lost at sea");
    assert_string_equal(list.unknown_word_of, "payout");
}

static void a_line_says_a_notice(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)1024 * 1024);
    struct notice_list list = {.count = 0};
    assert_err(decode(ONE("attempt|A-1|refused|50|JPY|" MADE
                          "|2026-09-21T16:13:22.9+02:00|7|payment=P-1|customer=-|failure=no_funds"),
                   arena, &list, NULL),
        ERR_OK);
    const struct notice *notice = &list.notices[0];
    assert_int_equal(notice->kind, ID_ATTEMPT);
    assert_str_equal_to(notice->object, "A-1");
    assert_int64_equal(notice->stamp.at_us, INT64_C(1790000002) * US_PER_SECOND);
    assert_int64_equal(notice->stamp.rank, 7);
    assert_int_equal(notice->attempt_says.state, ATTEMPT_FAILED);
    assert_int64_equal(notice->attempt_says.amount_minor, 50);
    assert_int64_equal(notice->attempt_says.created_at_us, INT64_C(1790000000) * US_PER_SECOND);
    assert_str_equal_to(notice->attempt_says.failure_code, "no_funds");
    assert_int_equal(notice->payment.state, LINK_NAMED);
    assert_str_equal_to(notice->payment.provider_id, "P-1");
    assert_int_equal(notice->customer.state, LINK_NONE);
    assert_int_equal(notice->attempt.state, LINK_UNSAID);
}

TESTS_MAIN("provider/plain",
    TEST(an_amount_is_exact_or_refused),
    TEST(a_bad_line_refuses_the_batch_and_is_named),
    TEST(what_is_not_known_is_passed_over),
    TEST(an_unknown_state_is_kept_and_named),
    TEST(a_line_says_a_notice))

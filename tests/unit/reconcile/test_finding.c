/* Findings: what makes their ids, when they are due, their order and their age. */
#include "base/timestamp.h"
#include "reconcile/finding.h"
#include "unit/testing.h"

static const struct finding drift = {
    .code = CODE_BALANCE_DRIFT,
    .scope = 1,
    .subject_kind = KEY_NONE,
    .currency = {"EUR"},
    .ours_minor = 100,
    .theirs_minor = 90,
    .since_us = 5,
};
static const struct finding missing = {
    .code = CODE_MISSING_AT_PROVIDER,
    .scope = 1,
    .subject_kind = ID_ATTEMPT,
    .subject = {{1, 2, 3}},
    .name = {"ch_1", 4},
    .currency = {"EUR"},
    .ours_minor = 100,
};

static bool same_id(struct finding a, struct finding b)
{
    return own_id_eq(finding_id(&a), finding_id(&b));
}

static void an_id_stays_while_figures_names_and_times_change(void **state)
{
    (void)state;
    struct finding other = missing;
    other.ours_minor = 7;
    other.theirs_minor = -7;
    other.since_us = 99;
    other.text = STR("another text");
    other.name = STR("py_1");
    assert_true(same_id(missing, other));
    char text[FINDING_ID_TEXT_BYTES];
    finding_id_format(finding_id(&drift), text);
    assert_str_equal_to(str_from(text), "cf_dcp_000000000000724c8dee17ab7aaddca5");
}

static void an_id_is_another_when_it_is_about_something_else(void **state)
{
    (void)state;
    struct finding others[9] = {
        drift, drift, drift, drift, drift, missing, missing, missing, drift};
    others[0].code = CODE_ROLLFORWARD_BREAK;
    others[1].scope = 2;
    others[2].name = STR("report_1");
    others[3].currency = (struct currency){"USD"};
    others[4].period_us = US_PER_DAY;
    others[5].subject.bytes[15] = 1;
    others[6].subject_kind = ID_PAYMENT;
    others[7].code = CODE_AMOUNT_MISMATCH;
    others[8].period_us = US_PER_DAY; /* a month and its first day */
    others[8].period_to_us = 31 * US_PER_DAY;
    for (int i = 0; i < 9; i++) {
        assert_false(same_id(others[i], drift));
        assert_false(same_id(others[i], missing));
        for (int k = 0; k < i; k++) {
            assert_false(same_id(others[i], others[k]));
        }
    }
    /* What belongs to one part is not taken for the next. */
    struct finding a = drift;
    struct finding b = drift;
    a.name = STR("EUR");
    b.currency = (struct currency){"EUR"};
    a.currency = (struct currency){""};
    assert_false(same_id(a, b));
}

static void an_id_is_read_as_it_is_written(void **state)
{
    (void)state;
    char text[FINDING_ID_TEXT_BYTES];
    struct own_id id = finding_id(&missing);
    struct own_id read = {{0}};
    finding_id_format(id, text);
    assert_err(finding_id_parse(str_from(text), &read), ERR_OK);
    assert_true(own_id_eq(id, read));
    static const char *const bad[] = {"", "cf_dcp_", "cf_pay_00000000000000000000000000000001",
        "cf_dcp_00000000000000000000000000000000", "cf_dcp_0000000000000000000000000000000g",
        "cf_dcp_000000000000000000000000000000011"};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
        assert_row(finding_id_parse(str_from(bad[i]), &read) == ERR_MALFORMED, bad[i]);
    }
    enum id_kind kind;
    assert_err(own_id_parse(str_from(text), &kind, &read), ERR_MALFORMED);
    assert_true(own_id_eq(id, read));
    finding_id_format((struct own_id){{0}}, text);
    assert_str_equal_to(str_from(text), "");
}

static void every_kind_of_subject_is_found_again(void **state)
{
    (void)state;
    for (int kind = KEY_LINE; kind < (int)ID_KIND_COUNT; kind++) {
        int found = ID_KIND_COUNT;
        assert_err(finding_subject_parse(str_from(finding_subject_word(kind)), &found), ERR_OK);
        assert_int_equal(found, kind);
    }
    int kept = KEY_LINE;
    assert_err(finding_subject_parse(STR("lines"), &kept), ERR_NOT_FOUND);
    assert_int_equal(kept, KEY_LINE);
}

static void what_is_off_is_theirs_less_ours(void **state)
{
    (void)state;
    int64_t off = 0;
    assert_err(finding_off(&drift, &off), ERR_OK);
    assert_int64_equal(off, -10);
    struct finding wide = {.ours_minor = INT64_MIN, .theirs_minor = 1};
    assert_err(finding_off(&wide, &off), ERR_OVERFLOW);
    assert_int64_equal(off, -10);
    assert_int64_equal(finding_size(&drift), 10);
    assert_int64_equal(finding_size(&wide), INT64_MAX);
}

static void a_finding_is_due_from_the_end_of_its_grace(void **state)
{
    (void)state;
    struct finding day = {.code = CODE_MISSING_AT_PROVIDER, .since_us = 1000};
    assert_false(finding_is_due(&day, 1000 + 24 * US_PER_HOUR - 1));
    assert_true(finding_is_due(&day, 1000 + 24 * US_PER_HOUR));
    struct finding at_once = {.code = CODE_BALANCE_DRIFT, .since_us = 1000};
    assert_false(finding_is_due(&at_once, 999));
    assert_true(finding_is_due(&at_once, 1000));
    struct finding late = {.code = CODE_MISSING_AT_PROVIDER, .since_us = INT64_MAX};
    assert_false(finding_is_due(&late, INT64_MAX));
}

static void new_figures_and_another_text_are_new(void **state)
{
    (void)state;
    struct finding others[3] = {missing, missing, missing};
    others[0].ours_minor++;
    others[1].theirs_minor++;
    others[2].text = STR("other");
    for (int i = 0; i < 3; i++) {
        assert_false(finding_says_the_same(&missing, &others[i]));
    }
    struct finding later = missing;
    later.since_us = 77;
    assert_true(finding_says_the_same(&missing, &later));
}

static void findings_are_in_the_order_of_reports(void **state)
{
    (void)state;
    struct finding sorted[7] = {drift, drift, drift, drift, drift, missing, missing};
    sorted[0].currency = (struct currency){"CHF"};
    sorted[2].period_us = sorted[3].period_us = 1;
    sorted[3].period_to_us = 2;
    sorted[4].name = STR("a");
    sorted[6].subject.bytes[0] = 2;
    for (int i = 0; i < 7; i++) {
        for (int k = 0; k < 7; k++) {
            int order = finding_compare(&sorted[i], &sorted[k]);
            assert_int_equal((order > 0) - (order < 0), (i > k) - (i < k));
        }
    }
}

static void ages_fall_into_their_buckets(void **state)
{
    (void)state;
    static const struct {
        int64_t days;
        const char *at, *before;
    } rows[] = {
        {0, "0-1 d", "0-1 d"},
        {1, "1-3 d", "0-1 d"},
        {3, "3-7 d", "1-3 d"},
        {7, "7-30 d", "3-7 d"},
        {30, "30+ d", "7-30 d"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t as_of_us = 500 + rows[i].days * US_PER_DAY;
        assert_row(strcmp(age_bucket_word(age_bucket(500, as_of_us)), rows[i].at) == 0, rows[i].at);
        assert_row(strcmp(age_bucket_word(age_bucket(500, as_of_us - 1)), rows[i].before) == 0,
            rows[i].at);
    }
    assert_int_equal(age_bucket(INT64_MIN, INT64_MAX), AGE_BUCKETS - 1);
    assert_int_equal(age_bucket(INT64_MAX, INT64_MIN), 0);
}

TESTS_MAIN("finding",
    TEST(an_id_stays_while_figures_names_and_times_change),
    TEST(an_id_is_another_when_it_is_about_something_else),
    TEST(an_id_is_read_as_it_is_written),
    TEST(every_kind_of_subject_is_found_again),
    TEST(what_is_off_is_theirs_less_ours),
    TEST(a_finding_is_due_from_the_end_of_its_grace),
    TEST(new_figures_and_another_text_are_new),
    TEST(findings_are_in_the_order_of_reports),
    TEST(ages_fall_into_their_buckets))

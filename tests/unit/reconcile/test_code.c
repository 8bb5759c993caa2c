/* The codes of discrepancies. */
#include "base/timestamp.h"
#include "reconcile/code.h"
#include "unit/testing.h"

static void every_code_is_found_again_and_says_what_to_do(void **state)
{
    (void)state;
    for (int i = 0; i < CODE_COUNT; i++) {
        const struct code_row *row = code_row((enum discrepancy_code)i);
        enum discrepancy_code found = CODE_COUNT;
        assert_err(code_parse(str_from(row->word), &found), ERR_OK);
        assert_row((int)found == i, row->word);
        assert_row(row->help[0] != '\0' && row->next[0] != '\0', row->word);
        assert_row(row->grace_us >= 0 && row->grace_us % US_PER_HOUR == 0, row->word);
        assert_row(
            strspn(row->word, "ABCDEFGHIJKLMNOPQRSTUVWXYZ_") == strlen(row->word), row->word);
    }
}

static void a_code_is_what_its_row_says(void **state)
{
    (void)state;
    static const struct {
        enum discrepancy_code code;
        const char *word;
        enum severity severity;
        int64_t hours;
        bool is_fact, heals;
    } rows[] = {
        {CODE_BALANCE_DRIFT, "BALANCE_DRIFT", SEVERITY_CRITICAL, 0, false, false},
        {CODE_AMOUNT_MISMATCH, "AMOUNT_MISMATCH", SEVERITY_CRITICAL, 24, false, true},
        {CODE_NET_ARITHMETIC, "NET_ARITHMETIC", SEVERITY_CRITICAL, 0, true, false},
        {CODE_MISSING_LOCAL_EVENT, "MISSING_LOCAL_EVENT", SEVERITY_MEDIUM, 1, false, true},
        {CODE_REPORT_RESTATED, "REPORT_RESTATED", SEVERITY_HIGH, 0, true, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const struct code_row *row = code_row(rows[i].code);
        assert_row(strcmp(row->word, rows[i].word) == 0, rows[i].word);
        assert_row(row->severity == rows[i].severity, rows[i].word);
        assert_row(row->grace_us == rows[i].hours * US_PER_HOUR, rows[i].word);
        assert_row(row->is_fact == rows[i].is_fact, rows[i].word);
        assert_row(row->heals == rows[i].heals, rows[i].word);
    }
}

static void another_word_is_no_code_and_no_severity(void **state)
{
    (void)state;
    enum discrepancy_code code = CODE_ORPHAN;
    assert_err(code_parse(STR("ORPHA"), &code), ERR_NOT_FOUND);
    assert_err(code_parse(STR("orphan"), &code), ERR_NOT_FOUND);
    assert_err(code_parse(STR(""), &code), ERR_NOT_FOUND);
    assert_int_equal(code, CODE_ORPHAN);
    enum severity severity = SEVERITY_HIGH;
    assert_err(severity_parse(STR("low"), &severity), ERR_NOT_FOUND);
    assert_int_equal(severity, SEVERITY_HIGH);
    for (int i = 0; i < SEVERITY_COUNT; i++) {
        assert_err(severity_parse(str_from(severity_word((enum severity)i)), &severity), ERR_OK);
        assert_int_equal(severity, i);
    }
}

TESTS_MAIN("code",
    TEST(every_code_is_found_again_and_says_what_to_do),
    TEST(a_code_is_what_its_row_says),
    TEST(another_word_is_no_code_and_no_severity))

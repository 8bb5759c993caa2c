#include "cli/csv_text.h"
#include "cli/reconcile_print.h"
#include "unit/cli/report_sample.h"
#include "unit/testing.h"

/* The reports of report_sample.c stand in tests/golden/reconcile in every form;
 * COUNTERFOIL_GOLDEN_WRITE=1 writes them anew, and git shows what has changed.
 * The tests' standard output is no terminal, so there are no colours. */
#define FOLDER SOURCE_ROOT "/tests/golden/reconcile"
#define GOLDEN_BYTES_MAX 65536

static struct zone *berlin;
static struct report_sample sample;

static int open_zone(void **state)
{
    (void)state;
    return zone_open(STR("Europe/Berlin"), &berlin) == ERR_OK ? 0 : -1;
}

static int close_zone(void **state)
{
    (void)state;
    berlin = zone_close(berlin);
    return 0;
}

static void write_golden(const char *path, struct str text)
{
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

static void check_golden(
    const struct reconcile_report *report, enum report_format format, const char *name)
{
    static char golden[GOLDEN_BYTES_MAX];
    char path[512];
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, GOLDEN_BYTES_MAX);
    (void)snprintf(path, sizeof path, FOLDER "/%s", name);
    reconcile_print(report, berlin, format, &text);
    assert_false(text.failed);
    if (getenv("COUNTERFOIL_GOLDEN_WRITE") != NULL) {
        write_golden(path, buf_str(&text));
    }
    FILE *file = fopen(path, "re");
    assert_row(file != NULL, path);
    size_t len = fread(golden, 1, sizeof golden, file);
    (void)fclose(file);
    assert_strs_equal(buf_str(&text), ((struct str){golden, len}));
}

static void a_report_that_agrees_is_written_in_every_form(void **state)
{
    (void)state;
    const struct reconcile_report *report = report_sample_agreed(&sample);
    check_golden(report, REPORT_TEXT, "agreed.txt");
    check_golden(report, REPORT_JSON, "agreed.json");
    check_golden(report, REPORT_CSV, "agreed.csv");
    check_golden(report, REPORT_MARKDOWN, "agreed.md");
}

static void a_report_that_does_not_is_written_in_every_form(void **state)
{
    (void)state;
    const struct reconcile_report *report = report_sample_not_agreed(&sample);
    check_golden(report, REPORT_TEXT, "not_agreed.txt");
    check_golden(report, REPORT_JSON, "not_agreed.json");
    check_golden(report, REPORT_CSV, "not_agreed.csv");
    check_golden(report, REPORT_MARKDOWN, "not_agreed.md");
}

/* How often `word` stands in the report's form. */
static uint32_t count_words(
    const struct reconcile_report *report, enum report_format format, const char *word)
{
    CLEANUP(buf_fini) struct buf text;
    uint32_t count = 0;
    buf_init(&text, REPORT_BYTES_MAX);
    reconcile_print(report, berlin, format, &text);
    assert_false(text.failed);
    buf_add_char(&text, '\0');
    for (const char *at = strstr(text.data, word); at != NULL; at = strstr(at + 1, word)) {
        count++;
    }
    return count;
}

static void people_see_the_twenty_worst_and_how_many_more_there_are(void **state)
{
    (void)state;
    const struct reconcile_report *report = report_sample_many(&sample, 30);
    assert_int_equal(count_words(report, REPORT_TEXT, "cf_dcp_"), 20);
    assert_int_equal(count_words(report, REPORT_TEXT, "PAYOUT_SUM"), 10);
    assert_int_equal(count_words(report, REPORT_TEXT, "ORPHAN"), 10);
    assert_int_equal(count_words(report, REPORT_TEXT, "MISSING_LOCAL_EVENT"), 0);
    assert_int_equal(count_words(report, REPORT_TEXT, "and 10 more"), 1);
    assert_int_equal(count_words(report, REPORT_MARKDOWN, "and 10 more"), 1);
}

static void programs_see_them_all(void **state)
{
    (void)state;
    const struct reconcile_report *report = report_sample_many(&sample, 30);
    assert_int_equal(count_words(report, REPORT_JSON, "MISSING_LOCAL_EVENT"), 10);
    assert_int_equal(count_words(report, REPORT_CSV, "MISSING_LOCAL_EVENT"), 10);
}

static void what_the_report_does_not_list_is_counted_all_the_same(void **state)
{
    (void)state;
    (void)report_sample_many(&sample, 3);
    sample.report.open_total = 12345;
    assert_int_equal(count_words(&sample.report, REPORT_TEXT, "and 12342 more"), 1);
}

static void a_report_without_room_says_so(void **state)
{
    (void)state;
    for (int format = REPORT_TEXT; format <= REPORT_MARKDOWN; format++) {
        CLEANUP(buf_fini) struct buf text;
        buf_init(&text, 200);
        reconcile_print(
            report_sample_not_agreed(&sample), berlin, (enum report_format)format, &text);
        assert_true(text.failed);
    }
}

static void a_cell_that_somebody_else_said_is_no_formula_and_moves_no_terminal(void **state)
{
    (void)state;
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 256);
    csv_add_said(&text, STR("=1+1"));
    csv_add_said(&text, STR("a\x1b[2J,b"));
    csv_add_said(&text, STR_NONE);
    csv_end(&text);
    assert_str_equal_to(buf_str(&text), "'=1+1,\"a\\x1b[2J,b\",\r\n");
}

TESTS_MAIN_WITH("reconcile print",
    open_zone,
    close_zone,
    TEST(a_report_that_agrees_is_written_in_every_form),
    TEST(a_report_that_does_not_is_written_in_every_form),
    TEST(people_see_the_twenty_worst_and_how_many_more_there_are),
    TEST(programs_see_them_all),
    TEST(what_the_report_does_not_list_is_counted_all_the_same),
    TEST(a_report_without_room_says_so),
    TEST(a_cell_that_somebody_else_said_is_no_formula_and_moves_no_terminal))

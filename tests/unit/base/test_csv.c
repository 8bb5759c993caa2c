/* The CSV reader: what the RFC allows, and a place for everything that it does not. */
#include "base/check.h"
#include "base/csv.h"
#include "base/limits.h"
#include "unit/testing.h"

/* Gives a text in pieces. */
struct pieces {
    struct str rest;
    size_t piece_bytes;
    enum err fails_at_end;
};

static enum err give(
    void *context, char *to, size_t room, size_t *ret_count, struct err_info *reterr)
{
    struct pieces *pieces = context;
    if (pieces->rest.len == 0 && pieces->fails_at_end != ERR_OK) {
        return err_set(reterr, pieces->fails_at_end, "the disk is gone");
    }
    size_t count = pieces->rest.len < pieces->piece_bytes ? pieces->rest.len : pieces->piece_bytes;
    count = count < room ? count : room;
    memcpy(to, count > 0 ? pieces->rest.data : "", count);
    pieces->rest = (struct str){pieces->rest.data + count, pieces->rest.len - count};
    *ret_count = count;
    return ERR_OK;
}

/* Everything that was read, as `a|b` and a line end for each record. */
static enum err read_all(struct str text, size_t piece_bytes, struct buf *to, struct err_info *info)
{
    struct pieces pieces = {text, piece_bytes, ERR_OK};
    CLEANUP(csv_free) struct csv *csv = csv_new(give, &pieces);
    assert_non_null(csv);
    for (;;) {
        struct csv_record record;
        enum err err = csv_next(csv, &record, info);
        if (err != ERR_OK) {
            struct err_info again = {""};
            assert_err(csv_next(csv, &record, &again), err);
            assert_string_equal(again.text, info->text);
            return err;
        }
        if (record.count == 0) {
            return ERR_OK;
        }
        for (uint32_t i = 0; i < record.count; i++) {
            buf_add(to, i > 0 ? STR("|") : STR(""));
            buf_add(to, record.fields[i]);
        }
        buf_add_char(to, '\n');
    }
}

static const size_t piece_sizes[] = {1, 2, 3, 7, 1000000};
#define PIECE_SIZES (sizeof piece_sizes / sizeof piece_sizes[0])

#define TEXT(literal)                                                                              \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }

static const struct {
    struct str text;
    const char *read;
} taken[] = {
    {TEXT("a,b\n1,2\n"), "a|b\n1|2\n"},
    {TEXT("a,b\r\n1,2\r\n"), "a|b\n1|2\n"},
    {TEXT("a,b\n1,2"), "a|b\n1|2\n"},
    {TEXT("a,b\n1,\n,2\n,\n"), "a|b\n1|\n|2\n|\n"},
    {TEXT("a,b\n1,"), "a|b\n1|\n"},
    {TEXT("\xef\xbb\xbf"
          "a,b\n1,2\n"),
        "a|b\n1|2\n"},
    {TEXT("\xef\xbb\xbf\"a\",b\n1,2\n"), "a|b\n1|2\n"},
    {TEXT("\xef\xbb\xb9,b\n1,2\n"), "\xef\xbb\xb9|b\n1|2\n"},
    {TEXT("a\n\"x, y\"\n"), "a\nx, y\n"},
    {TEXT("a\n\"say \"\"no\"\"\"\n"), "a\nsay \"no\"\n"},
    {TEXT("a,b\n\"one\ntwo\r\nthree\",4\n"), "a|b\none\ntwo\r\nthree|4\n"},
    {TEXT("a,b\n\"\",\"\"\"\"\n"), "a|b\n|\"\n"},
    {TEXT("a\n\"\"\n"), "a\n\n"},
    {TEXT("a\n 1 \n"), "a\n 1 \n"},
    {TEXT("a,b\n1,2\n\n\r\n\n"), "a|b\n1|2\n"},
    {TEXT("a;b,c\n1;2,3\n"), "a;b|c\n1;2|3\n"},
    {TEXT("n\n\xc3\xa4\xf0\x9f\x92\xb0\n"), "n\n\xc3\xa4\xf0\x9f\x92\xb0\n"},
    {TEXT("a,b"), "a|b\n"},
};

static void records_are_read_however_the_bytes_come(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof taken / sizeof taken[0]; i++) {
        for (size_t piece = 0; piece < PIECE_SIZES; piece++) {
            CLEANUP(buf_fini) struct buf read;
            buf_init(&read, 10000);
            struct err_info info = {""};
            enum err err = read_all(taken[i].text, piece_sizes[piece], &read, &info);
            assert_string_equal(info.text, "");
            assert_err(err, ERR_OK);
            assert_str_equal_to(buf_str(&read), taken[i].read);
        }
    }
}

static const struct {
    struct str text;
    const char *why;
} refusals[] = {
    {TEXT(""), "line 1, column 1: the file is empty: it has no line of column names"},
    {TEXT("\xef\xbb\xbf"), "line 1, column 1: the file is empty: it has no line of column names"},
    {TEXT("\n\r\n"), "line 1, column 1: the file is empty: it has no line of column names"},
    {TEXT("a;b;c\n1;2;3\n"),
        "line 1, column 1: the columns are not separated by commas: export the file with commas"},
    {TEXT("a\tb\n1\t2\n"),
        "line 1, column 1: the columns are not separated by commas: export the file with commas"},
    {TEXT("a,b\n1,2\n3\n4,5\n"),
        "line 3, column 1: the record has fewer columns than the first line"},
    {TEXT("a,b\n1,2\n3,4,5\n"),
        "line 3, column 3: the record has more columns than the first line"},
    {TEXT("a,b,c\n1,2,3\n4,5"),
        "line 3, column 2: the record ends here, before its last column: is the file cut off?"},
    {TEXT("a,b\n1,\"two\n\nthree"),
        "line 2, column 2: the quote that opens here is never closed: is the file cut off?"},
    {TEXT("a,b\n1,\""),
        "line 2, column 2: the quote that opens here is never closed: is the file cut off?"},
    {TEXT("a,b\n1,x\"y\"\n"), "line 2, column 2: a quote stands within text that is not quoted"},
    {TEXT("a,b\n1, \"y\"\n"), "line 2, column 2: a quote stands within text that is not quoted"},
    {TEXT("a,b\n\"1\"2,3\n"), "line 2, column 1: text follows the closing quote"},
    {TEXT("a,b\n\"1\n\n\"2,3\n"), "line 4, column 1: text follows the closing quote"},
    {TEXT("a,b\n1,2\r3,4\r"), "line 2, column 2: a carriage return without a line feed"},
    {TEXT("a,b\n1,2\r"), "line 2, column 2: a carriage return without a line feed"},
    {TEXT("a,b\n1,2\r\r\n"), "line 2, column 2: a carriage return without a line feed"},
    {TEXT("a,b\n1,2\n\n3,4\n"), "line 3, column 1: the line is empty"},
    {TEXT("\na,b\n"), "line 1, column 1: the line is empty"},
    {TEXT("a,b\n1,\0\n"), "line 2, column 2: a NUL byte: is the file UTF-16, or no text at all?"},
    {TEXT("a,b\n1,\"\0\"\n"),
        "line 2, column 2: a NUL byte: is the file UTF-16, or no text at all?"},
    {TEXT("a,b\n\xe4,2\n"), "line 2, column 1: the text is not UTF-8: export the file as UTF-8"},
    {TEXT("a,b\n1,\"\n\xe4\n\"\n"),
        "line 2, column 2: the text is not UTF-8: export the file as UTF-8"},
    {TEXT("\xff\xfe"
          "a\0,\0b\0\n\0"),
        "line 1, column 1: a NUL byte: is the file UTF-16, or no text at all?"},
};

static void what_is_refused_has_its_place(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        for (size_t piece = 0; piece < PIECE_SIZES; piece++) {
            CLEANUP(buf_fini) struct buf read;
            buf_init(&read, 10000);
            struct err_info info = {""};
            enum err err = read_all(refusals[i].text, piece_sizes[piece], &read, &info);
            assert_string_equal(info.text, refusals[i].why);
            assert_err(err, ERR_MALFORMED);
        }
    }
}

static void every_field_knows_the_line_that_it_begins_in(void **state)
{
    (void)state;
    struct pieces pieces = {STR("a,b,c\n1,\"x\ny\",3\r\n4,5,6\n"), 1, ERR_OK};
    CLEANUP(csv_free) struct csv *csv = csv_new(give, &pieces);
    struct csv_record record;
    assert_err(csv_next(csv, &record, NULL), ERR_OK);
    assert_int_equal(record.lines[2], 1);
    assert_err(csv_next(csv, &record, NULL), ERR_OK);
    assert_int_equal(record.lines[0], 2);
    assert_int_equal(record.lines[1], 2);
    assert_int_equal(record.lines[2], 3);
    assert_err(csv_next(csv, &record, NULL), ERR_OK);
    assert_int_equal(record.lines[0], 4);
}

static void a_last_line_without_an_end_is_told(void **state)
{
    (void)state;
    struct pieces pieces = {STR("a,b\n1,2"), 100, ERR_OK};
    CLEANUP(csv_free) struct csv *csv = csv_new(give, &pieces);
    struct csv_record record;
    assert_err(csv_next(csv, &record, NULL), ERR_OK);
    assert_true(record.is_ended);
    assert_err(csv_next(csv, &record, NULL), ERR_OK);
    assert_int_equal(record.count, 2);
    assert_false(record.is_ended);
    for (int i = 0; i < 2; i++) {
        assert_err(csv_next(csv, &record, NULL), ERR_OK);
        assert_int_equal(record.count, 0);
    }
}

static void the_sources_own_error_comes_through(void **state)
{
    (void)state;
    struct pieces pieces = {STR("a,b\n1,2"), 100, ERR_FILE_IO};
    CLEANUP(csv_free) struct csv *csv = csv_new(give, &pieces);
    struct csv_record record;
    struct err_info info = {""};
    assert_err(csv_next(csv, &record, &info), ERR_OK);
    assert_err(csv_next(csv, &record, &info), ERR_FILE_IO);
    assert_string_equal(info.text, "the disk is gone");
}

/* --- bounds --- */

static void fields_of_the_bound_fit_and_longer_ones_do_not(void **state)
{
    (void)state;
    static char text[LIMIT_CSV_FIELD_BYTES + 16];
    for (int quoted = 0; quoted <= 1; quoted++) {
        for (int over = 0; over <= 1; over++) {
            struct buf read;
            struct err_info info = {""};
            size_t len = 0;
            memcpy(text, "a\n\"", 3);
            len = quoted ? 3 : 2;
            memset(text + len, 'x', LIMIT_CSV_FIELD_BYTES + (size_t)over);
            len += LIMIT_CSV_FIELD_BYTES + (size_t)over;
            memcpy(text + len, quoted ? "\"\n" : "\n", quoted ? 2 : 1);
            len += quoted ? 2 : 1;
            buf_init(&read, sizeof text);
            enum err err = read_all((struct str){text, len}, 1000, &read, &info);
            buf_fini(&read);
            assert_err(err, over ? ERR_TOO_LARGE : ERR_OK);
            assert_string_equal(info.text,
                !over    ? ""
                : quoted ? "line 2, column 1: the field is too long: is its quote never closed?"
                         : "line 2, column 1: the field is too long");
        }
    }
}

static void more_columns_than_the_bound_are_refused(void **state)
{
    (void)state;
    char text[LIMIT_CSV_FIELDS + 8];
    memset(text, ',', sizeof text);
    for (int over = 0; over <= 1; over++) {
        struct buf read;
        struct err_info info = {""};
        buf_init(&read, sizeof text);
        struct str header = {text, LIMIT_CSV_FIELDS - 1 + (size_t)over};
        assert_err(read_all(header, 1000, &read, &info), over ? ERR_TOO_LARGE : ERR_OK);
        buf_fini(&read);
        assert_string_equal(
            info.text, over ? "line 1, column 513: the record has too many columns" : "");
    }
}

static void records_beyond_the_bound_are_refused(void **state)
{
    (void)state;
    enum { FIELDS = LIMIT_CSV_RECORD_BYTES / LIMIT_CSV_FIELD_BYTES + 1 };
    static char text[(size_t)FIELDS * (LIMIT_CSV_FIELD_BYTES + 1)];
    memset(text, 'x', sizeof text);
    for (size_t i = LIMIT_CSV_FIELD_BYTES; i < sizeof text; i += LIMIT_CSV_FIELD_BYTES + 1) {
        text[i] = ',';
    }
    struct buf read;
    struct err_info info = {""};
    buf_init(&read, 16);
    assert_err(read_all((struct str){text, sizeof text}, 1000, &read, &info), ERR_TOO_LARGE);
    assert_string_equal(info.text, "line 1, column 17: the record is too long");
    buf_fini(&read);
}

/* --- whatever is written is read --- */

static void add_quoted(struct buf *to, struct str field)
{
    buf_add_char(to, '"');
    for (size_t i = 0; i < field.len; i++) {
        buf_add(to, field.data[i] == '"' ? STR("\"\"") : (struct str){field.data + i, 1});
    }
    buf_add_char(to, '"');
}

static void fields_of_any_bytes_come_back_as_they_were(void **state)
{
    (void)state;
    uint64_t random = test_seed();
    for (int round = 0; round < 300; round++) {
        CLEANUP(buf_fini) struct buf written;
        CLEANUP(buf_fini) struct buf expected;
        CLEANUP(buf_fini) struct buf read;
        buf_init(&written, 100000);
        buf_init(&expected, 100000);
        buf_init(&read, 100000);
        uint64_t columns = 1 + test_random_below(&random, 5);
        for (int row = 0; row < 8; row++) {
            for (uint64_t column = 0; column < columns; column++) {
                char field[12];
                size_t len = test_random_below(&random, sizeof field);
                for (size_t i = 0; i < len; i++) {
                    field[i] = "ab,\"\n\r ;\t"[test_random_below(&random, 9)];
                }
                buf_add(&written, column > 0 ? STR(",") : STR(""));
                buf_add(&expected, column > 0 ? STR("|") : STR(""));
                /* A single column of ; alone would be taken for another separator. */
                struct str text = row == 0 ? STR("name") : (struct str){field, len};
                add_quoted(&written, text);
                buf_add(&expected, text);
            }
            buf_add(&written, test_random_below(&random, 2) > 0 ? STR("\n") : STR("\r\n"));
            buf_add_char(&expected, '\n');
        }
        struct err_info info = {""};
        assert_err(
            read_all(buf_str(&written), 1 + test_random_below(&random, 40), &read, &info), ERR_OK);
        assert_strs_equal(buf_str(&read), buf_str(&expected));
    }
}

TESTS_MAIN("csv",
    TEST(records_are_read_however_the_bytes_come),
    TEST(what_is_refused_has_its_place),
    TEST(every_field_knows_the_line_that_it_begins_in),
    TEST(a_last_line_without_an_end_is_told),
    TEST(the_sources_own_error_comes_through),
    TEST(fields_of_the_bound_fit_and_longer_ones_do_not),
    TEST(more_columns_than_the_bound_are_refused),
    TEST(records_beyond_the_bound_are_refused),
    TEST(fields_of_any_bytes_come_back_as_they_were))

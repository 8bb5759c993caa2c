#include "base/csv.h"
#include "base/check.h"
#include "base/limits.h"
#include <inttypes.h>
#include <stdlib.h>

#define CHUNK_BYTES 65536
#define EACH_BYTE UINT64_C(0x0101010101010101)

enum state {
    AT_START,   /* of a field */
    IN_PLAIN,   /* in a field without quotes */
    IN_QUOTES,  /* between quotes */
    AFTER_QUOTE /* behind a quote that ends the field, or is the first of two */
};

struct csv {
    csv_source_fn *source;
    void *context;
    char *text; /* of the record; owned, LIMIT_CSV_RECORD_BYTES */
    size_t text_len, field_start;
    uint32_t field_count, column_count; /* column_count is the header's; 0 before */
    uint64_t line, empty_line;          /* empty_line: the first of those just passed; 0: none */
    enum state state;
    bool saw_return; /* the byte before was a carriage return outside of quotes */
    bool at_end;     /* of the source */
    enum err failed;
    struct err_info why;
    size_t chunk_at, chunk_len;
    struct str fields[LIMIT_CSV_FIELDS];
    size_t starts[LIMIT_CSV_FIELDS];
    uint64_t lines[LIMIT_CSV_FIELDS];
    char chunk[CHUNK_BYTES];
};

struct csv *csv_new(csv_source_fn *source, void *context)
{
    REQUIRE(source != NULL);
    struct csv *csv = calloc(1, sizeof *csv);
    if (csv == NULL) {
        return NULL;
    }
    csv->text = malloc(LIMIT_CSV_RECORD_BYTES);
    if (csv->text == NULL) {
        return csv_free(csv);
    }
    csv->source = source;
    csv->context = context;
    csv->line = 1;
    return csv;
}

struct csv *csv_free(struct csv *csv)
{
    if (csv != NULL) {
        free(csv->text);
        free(csv);
    }
    return NULL;
}

static enum err refuse_at(
    struct csv *csv, uint64_t line, uint32_t column, enum err err, const char *what)
{
    csv->failed =
        err_set(&csv->why, err, "line %" PRIu64 ", column %" PRIu32 ": %s", line, column, what);
    return csv->failed;
}

static enum err refuse(struct csv *csv, enum err err, const char *what)
{
    return refuse_at(csv, csv->line, csv->field_count + 1, err, what);
}

/* --- the source --- */

static enum err fill(struct csv *csv)
{
    size_t count = 0;
    enum err err = csv->source(csv->context, csv->chunk, sizeof csv->chunk, &count, &csv->why);
    if (err != ERR_OK) {
        csv->failed = err;
        return err;
    }
    ENSURE(count <= sizeof csv->chunk);
    csv->chunk_at = 0;
    csv->chunk_len = count;
    csv->at_end = count == 0;
    return ERR_OK;
}

/* --- fields --- */

static enum err add(struct csv *csv, struct str bytes)
{
    if (csv->text_len - csv->field_start + bytes.len > LIMIT_CSV_FIELD_BYTES) {
        return refuse_at(csv, csv->lines[csv->field_count], csv->field_count + 1, ERR_TOO_LARGE,
            csv->state == IN_QUOTES ? "the field is too long: is its quote never closed?"
                                    : "the field is too long");
    }
    if (csv->text_len + bytes.len > LIMIT_CSV_RECORD_BYTES) {
        return refuse(csv, ERR_TOO_LARGE, "the record is too long");
    }
    memcpy(csv->text + csv->text_len, bytes.data, bytes.len);
    csv->text_len += bytes.len;
    return ERR_OK;
}

static enum err begin_field(struct csv *csv)
{
    if (csv->field_count == LIMIT_CSV_FIELDS) {
        return refuse(csv, ERR_TOO_LARGE, "the record has too many columns");
    }
    csv->lines[csv->field_count] = csv->line;
    csv->starts[csv->field_count] = csv->field_start = csv->text_len;
    csv->state = AT_START;
    return ERR_OK;
}

static enum err end_field(struct csv *csv)
{
    struct str field = {csv->text + csv->field_start, csv->text_len - csv->field_start};
    if (!str_is_utf8(field)) {
        return refuse_at(csv, csv->lines[csv->field_count], csv->field_count + 1, ERR_MALFORMED,
            "the text is not UTF-8: export the file as UTF-8");
    }
    csv->fields[csv->field_count++] = field;
    return ERR_OK;
}

/* --- records --- */

static bool is_separator_of_others(struct str header)
{
    return header.len > 0 && (memchr(header.data, ';', header.len) != NULL ||
                                 memchr(header.data, '\t', header.len) != NULL ||
                                 memchr(header.data, '|', header.len) != NULL);
}

static enum err check_width(struct csv *csv, bool ended)
{
    if (csv->column_count == 0) {
        csv->column_count = csv->field_count;
        if (csv->field_count == 1 && is_separator_of_others(csv->fields[0])) {
            return refuse_at(csv, csv->lines[0], 1, ERR_MALFORMED,
                "the columns are not separated by commas: export the file with commas");
        }
        return ERR_OK;
    }
    if (csv->field_count == csv->column_count) {
        return ERR_OK;
    }
    bool fewer = csv->field_count < csv->column_count;
    uint32_t column = fewer ? csv->field_count : csv->column_count + 1;
    return refuse_at(csv, csv->lines[column - 1], column, ERR_MALFORMED,
        !fewer  ? "the record has more columns than the first line"
        : ended ? "the record has fewer columns than the first line"
                : "the record ends here, before its last column: is the file cut off?");
}

static bool is_empty_line(const struct csv *csv)
{
    return csv->field_count == 0 && csv->state == AT_START;
}

/* Empty lines are nothing at the end, and a hole anywhere else. */
static enum err end_record(struct csv *csv, bool ended, bool *ret_ended)
{
    if (is_empty_line(csv)) {
        csv->empty_line = csv->empty_line == 0 ? csv->line : csv->empty_line;
        return ERR_OK;
    }
    if (csv->empty_line != 0) {
        return refuse_at(csv, csv->empty_line, 1, ERR_MALFORMED, "the line is empty");
    }
    TRY(end_field(csv));
    TRY(check_width(csv, ended));
    *ret_ended = true;
    return ERR_OK;
}

static enum err take_in_quotes(struct csv *csv, char c)
{
    if (c == '"') {
        csv->state = AFTER_QUOTE;
        return ERR_OK;
    }
    csv->line += c == '\n' ? 1 : 0;
    return add(csv, (struct str){&c, 1});
}

static enum err take_line_end(struct csv *csv, bool *ret_ended)
{
    csv->saw_return = false;
    TRY(end_record(csv, true, ret_ended));
    csv->line++;
    if (!*ret_ended) { /* an empty line */
        csv->lines[0] = csv->line;
    }
    return ERR_OK;
}

static enum err take_quote(struct csv *csv)
{
    switch (csv->state) {
    case AT_START:
        csv->state = IN_QUOTES;
        return ERR_OK;
    case AFTER_QUOTE:
        csv->state = IN_QUOTES;
        return add(csv, STR("\""));
    case IN_PLAIN:
        return refuse(csv, ERR_MALFORMED, "a quote stands within text that is not quoted");
    case IN_QUOTES:
    default:
        UNREACHABLE();
    }
}

static enum err take(struct csv *csv, char c, bool *ret_ended)
{
    if (c == '\0') {
        return refuse(csv, ERR_MALFORMED, "a NUL byte: is the file UTF-16, or no text at all?");
    }
    if (csv->state == IN_QUOTES) {
        return take_in_quotes(csv, c);
    }
    if (c == '\n') {
        return take_line_end(csv, ret_ended);
    }
    if (csv->saw_return) {
        return refuse(csv, ERR_MALFORMED, "a carriage return without a line feed");
    }
    if (c == '\r') {
        csv->saw_return = true;
        return ERR_OK;
    }
    if (c == ',') {
        TRY(end_field(csv));
        return begin_field(csv);
    }
    if (c == '"') {
        return take_quote(csv);
    }
    if (csv->state == AFTER_QUOTE) {
        return refuse(csv, ERR_MALFORMED, "text follows the closing quote");
    }
    csv->state = IN_PLAIN;
    return add(csv, (struct str){&c, 1});
}

static enum err take_end(struct csv *csv, bool *ret_ended)
{
    if (csv->state == IN_QUOTES) {
        return refuse_at(csv, csv->lines[csv->field_count], csv->field_count + 1, ERR_MALFORMED,
            "the quote that opens here is never closed: is the file cut off?");
    }
    if (csv->saw_return) {
        return refuse(csv, ERR_MALFORMED, "a carriage return without a line feed");
    }
    if (is_empty_line(csv)) {
        return ERR_OK;
    }
    return end_record(csv, false, ret_ended);
}

/* --- reading --- */

static enum err skip_byte_order_mark(struct csv *csv)
{
    static const char mark[] = {'\xef', '\xbb', '\xbf'};
    for (size_t i = 0; i < sizeof mark; i++) {
        if (csv->chunk_at == csv->chunk_len) {
            TRY(fill(csv));
        }
        if (csv->at_end || csv->chunk[csv->chunk_at] != mark[i]) {
            /* The bytes that were passed over are put back as text. */
            for (size_t j = 0; j < i; j++) {
                csv->state = IN_PLAIN;
                TRY(add(csv, (struct str){&mark[j], 1}));
            }
            return ERR_OK;
        }
        csv->chunk_at++;
    }
    return ERR_OK;
}

/* Of eight bytes: is one of them below '-', as all that mean something are? */
static bool may_mean_something(const char *bytes)
{
    uint64_t word;
    memcpy(&word, bytes, sizeof word);
    return ((word - EACH_BYTE * '-') & ~word & EACH_BYTE * 0x80) != 0;
}

/* The bytes ahead that mean nothing but themselves. */
static struct str ordinary_bytes(const struct csv *csv)
{
    static const bool special[256] = {
        ['\0'] = true, ['\n'] = true, ['\r'] = true, ['"'] = true, [','] = true};
    size_t end = csv->chunk_at;
    while (csv->chunk_len - end >= sizeof(uint64_t) && !may_mean_something(csv->chunk + end)) {
        end += sizeof(uint64_t);
    }
    while (end < csv->chunk_len && !special[(unsigned char)csv->chunk[end]]) {
        end++;
    }
    return (struct str){csv->chunk + csv->chunk_at, end - csv->chunk_at};
}

/* A shortcut for what take() would do with each of these bytes. */
static enum err take_ordinary(struct csv *csv)
{
    if (csv->saw_return || csv->state == AFTER_QUOTE) {
        return ERR_OK;
    }
    struct str bytes = ordinary_bytes(csv);
    if (bytes.len > 0) {
        csv->state = csv->state == AT_START ? IN_PLAIN : csv->state;
        csv->chunk_at += bytes.len;
        TRY(add(csv, bytes));
    }
    return ERR_OK;
}

static enum err read_record(struct csv *csv, bool *ret_ended)
{
    while (!*ret_ended) {
        if (csv->chunk_at == csv->chunk_len) {
            TRY(fill(csv));
        }
        if (csv->at_end) {
            return take_end(csv, ret_ended);
        }
        TRY(take_ordinary(csv));
        if (csv->chunk_at < csv->chunk_len) {
            TRY(take(csv, csv->chunk[csv->chunk_at++], ret_ended));
        }
    }
    return ERR_OK;
}

static enum err next(struct csv *csv, bool *ret_ended)
{
    bool is_header = csv->column_count == 0;
    csv->text_len = 0;
    csv->field_count = 0;
    TRY(begin_field(csv));
    if (is_header) {
        TRY(skip_byte_order_mark(csv));
    }
    if (!csv->at_end) {
        TRY(read_record(csv, ret_ended));
    }
    if (is_header && !*ret_ended) {
        return refuse_at(
            csv, 1, 1, ERR_MALFORMED, "the file is empty: it has no line of column names");
    }
    return ERR_OK;
}

enum err csv_next(struct csv *csv, struct csv_record *ret_record, struct err_info *reterr)
{
    REQUIRE(csv != NULL);
    REQUIRE(ret_record != NULL);
    bool ended = false;
    enum err err = csv->failed != ERR_OK ? csv->failed : next(csv, &ended);
    if (err != ERR_OK) {
        return err_set(reterr, err, "%s", csv->why.text);
    }
    *ret_record = (struct csv_record){
        .count = ended ? csv->field_count : 0,
        .fields = csv->fields,
        .lines = csv->lines,
        .is_ended = !csv->at_end,
    };
    return ERR_OK;
}

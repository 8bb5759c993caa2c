#include "base/check.h"
#include "base/limits.h"
#include "provider/stripe/statement.h"

#define FITS(file) (1U << FILE_##file)
#define NEED_NONE 0U
#define NEED_ITEMS (FITS(ACTIVITY) | FITS(PAYOUT_ITEMS) | FITS(ENDING))
#define NEED_PAYOUTS FITS(PAYOUTS)
#define NEED_SUMMARY FITS(SUMMARY)
#define NEED_MOVES (NEED_ITEMS | NEED_PAYOUTS)
#define NEED_ALL (NEED_MOVES | NEED_SUMMARY)

enum member {
    MEMBER_ID,
    MEMBER_CREATED,
    MEMBER_AVAILABLE,
    MEMBER_EFFECTIVE,
    MEMBER_CURRENCY,
    MEMBER_GROSS,
    MEMBER_FEE,
    MEMBER_NET,
    MEMBER_CATEGORY,
    MEMBER_SOURCE,
    MEMBER_CHARGE,
    MEMBER_CUSTOMER_AMOUNT,
    MEMBER_CUSTOMER_CURRENCY,
    MEMBER_ACCOUNT,
    MEMBER_IN_PAYOUT,
    MEMBER_PAYOUT,
    MEMBER_TEXT,
    MEMBER_TOTAL_OF,
    MEMBER_TOTAL
};

static const struct stripe_statement_column columns[] = {
#define COLUMN(member, name, need, ours, note)                                                     \
    {MEMBER_##member, {name, sizeof(name) - 1}, NEED_##need, ours, note},
#include "provider/stripe/statement_columns.def"
#undef COLUMN
};
enum { COLUMN_COUNT = sizeof columns / sizeof columns[0] };
_Static_assert((int)COLUMN_COUNT <= STATEMENT_COLUMNS_MAX, "a layout holds every column");

const struct stripe_statement_column *stripe_statement_columns(size_t *ret_count)
{
    *ret_count = COLUMN_COUNT;
    return columns;
}

/* --- the header --- */

static int find(const struct str *header, uint32_t count, struct str name)
{
    for (uint32_t i = 0; i < count; i++) {
        if (str_eq_ignoring_case(header[i], name)) {
            return (int)i;
        }
    }
    return -1;
}

static bool is_there(const struct str *header, uint32_t count, const char *name)
{
    return find(header, count, str_from(name)) >= 0;
}

/* The itemized reports have nearly the same columns, and a user may leave some out. */
static enum statement_file guess_file(const struct str *header, uint32_t count, unsigned *ret_fits)
{
    enum statement_file file = FILE_ACTIVITY;
    *ret_fits = NEED_ITEMS;
    if (is_there(header, count, "net_amount")) {
        file = FILE_SUMMARY;
        *ret_fits = FITS(SUMMARY);
    } else if (is_there(header, count, "payout_id")) {
        file = FILE_PAYOUTS;
        *ret_fits = FITS(PAYOUTS);
    } else if (is_there(header, count, "destination_payment_id") ||
               is_there(header, count, "order_id")) {
        file = FILE_PAYOUT_ITEMS;
        *ret_fits = FITS(PAYOUT_ITEMS);
    }
    return file;
}

static enum err place_columns(const struct str *header,
    uint32_t count,
    struct statement_layout *layout,
    struct err_info *reterr)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        int at = find(header, count, columns[i].name);
        layout->column_of[i] = (int16_t)at;
        if (at >= 0 && find(header + at + 1, count - (uint32_t)at - 1, columns[i].name) >= 0) {
            return err_set(reterr, ERR_INVALID, "the column `%s` is there twice: export it once",
                columns[i].name.data);
        }
    }
    return ERR_OK;
}

/* The row of the member's column that is there; -1: none. Rows stand in the order of the members,
 * of which each has one or more. */
static int row_of(const struct statement_layout *layout, enum member member)
{
    for (int i = (int)member; i < (int)COLUMN_COUNT && columns[i].member <= (int)member; i++) {
        if (columns[i].member == (int)member && layout->column_of[i] >= 0) {
            return i;
        }
    }
    return -1;
}

static enum err check_needs(const struct statement_layout *layout, struct err_info *reterr)
{
    for (size_t i = 0; i < COLUMN_COUNT; i++) {
        bool is_needed = (columns[i].needed_by & 1U << layout->file) != 0;
        if (is_needed && row_of(layout, (enum member)columns[i].member) < 0) {
            return err_set(reterr, ERR_INVALID,
                "the column `%s` is missing: export the report with it", columns[i].name.data);
        }
    }
    return ERR_OK;
}

static bool is_ours(const struct str *header, uint32_t count)
{
    return is_there(header, count, "balance_transaction_id") ||
           is_there(header, count, "net_amount") ||
           (is_there(header, count, "reporting_category") && !is_there(header, count, "count"));
}

enum err stripe_statement_recognise(const struct str *header,
    uint32_t count,
    struct statement_layout *ret_layout,
    struct err_info *reterr)
{
    REQUIRE(header != NULL && count > 0);
    REQUIRE(ret_layout != NULL);
    struct statement_layout layout = {.column_count = count};
    if (count > INT16_MAX) {
        return err_set(reterr, ERR_TOO_LARGE, "there are too many columns");
    }
    if (is_there(header, count, "reporting_category") && is_there(header, count, "count")) {
        return err_set(reterr, ERR_NOT_FOUND,
            "a summary by category does not say what it sums up: import balance.summary");
    }
    if (!is_ours(header, count)) {
        return err_set(reterr, ERR_NOT_FOUND,
            "the first line has no columns of a report that can be imported: docs/statement.md "
            "lists them");
    }
    layout.file = guess_file(header, count, &layout.fits);
    TRY(place_columns(header, count, &layout, reterr));
    TRY(check_needs(&layout, reterr));
    *ret_layout = layout;
    return ERR_OK;
}

/* --- a record --- */

struct record {
    const struct statement_layout *layout;
    const struct str *fields;
    uint32_t *ret_column;
    struct err_info *reterr;
};

static bool has(const struct record *record, enum member member)
{
    return row_of(record->layout, member) >= 0;
}

static struct str cell(const struct record *record, enum member member)
{
    int row = row_of(record->layout, member);
    return row < 0 ? STR_NONE : record->fields[record->layout->column_of[row]];
}

static enum err refuse(
    const struct record *record, enum member member, enum err err, const char *problem)
{
    int row = row_of(record->layout, member);
    REQUIRE(row >= 0);
    *record->ret_column = (uint32_t)record->layout->column_of[row] + 1;
    return err_set(record->reterr, err, "`%s` %s", columns[row].name.data, problem);
}

/* Blanks and line ends are of a file that was put together by something else. */
static bool is_id(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] <= ' ' || text.data[i] > '~') {
            return false;
        }
    }
    return true;
}

static enum err read_id(const struct record *record, enum member member, struct str *ret_id)
{
    struct str id = cell(record, member);
    if (id.len > LIMIT_PROVIDER_ID_BYTES) {
        return refuse(record, member, ERR_TOO_LARGE, "is longer than 255 bytes");
    }
    if (!is_id(id)) {
        return refuse(record, member, ERR_INVALID, "must be an id like txn_1");
    }
    *ret_id = id;
    return ERR_OK;
}

static enum err read_currency(
    const struct record *record, enum member member, struct currency *ret_currency)
{
    if (currency_parse(cell(record, member), ret_currency) != ERR_OK) {
        return refuse(record, member, ERR_INVALID, "must be three letters");
    }
    return ERR_OK;
}

static enum err read_amount(
    const struct record *record, enum member member, struct currency currency, int64_t *ret_minor)
{
    const char *problem = NULL;
    enum err err = stripe_report_amount(cell(record, member), currency, ret_minor, &problem);
    return err == ERR_OK ? ERR_OK : refuse(record, member, err, problem);
}

static enum err read_time(const struct record *record, enum member member, int64_t *ret_time_us)
{
    const char *problem = NULL;
    enum err err = stripe_report_time(cell(record, member), ret_time_us, &problem);
    return err == ERR_OK ? ERR_OK : refuse(record, member, err, problem);
}

/* Whether the amount has a sign there is not documented: here it has that of the line. */
static enum err read_customer(const struct record *record, struct said_line *line)
{
    if (!has(record, MEMBER_CUSTOMER_AMOUNT) || !has(record, MEMBER_CUSTOMER_CURRENCY)) {
        return ERR_OK;
    }
    line->learned |= SAID_CUSTOMER;
    if (cell(record, MEMBER_CUSTOMER_AMOUNT).len == 0 ||
        cell(record, MEMBER_CUSTOMER_CURRENCY).len == 0) {
        return ERR_OK;
    }
    struct currency currency;
    int64_t minor = 0;
    TRY(read_currency(record, MEMBER_CUSTOMER_CURRENCY, &currency));
    TRY(read_amount(record, MEMBER_CUSTOMER_AMOUNT, currency, &minor));
    if (minor == INT64_MIN) {
        return refuse(record, MEMBER_CUSTOMER_AMOUNT, ERR_OVERFLOW, "does not fit into 64 bits");
    }
    if (!currency_eq(currency, line->line.currency)) {
        bool turns = (minor < 0) != (line->line.amount_minor < 0);
        line->line.customer_minor = turns ? -minor : minor;
        line->line.customer_currency = currency;
    }
    return ERR_OK;
}

static enum err read_money(const struct record *record, struct said_line *line)
{
    struct statement_line *to = &line->line;
    TRY(read_currency(record, MEMBER_CURRENCY, &to->currency));
    TRY(read_amount(record, MEMBER_GROSS, to->currency, &to->amount_minor));
    TRY(read_amount(record, MEMBER_FEE, to->currency, &to->fee_minor));
    TRY(read_amount(record, MEMBER_NET, to->currency, &to->net_minor));
    return read_customer(record, line);
}

static enum err read_times(const struct record *record, struct said_line *line)
{
    if (record->layout->file == FILE_PAYOUTS) {
        TRY(read_time(record, MEMBER_EFFECTIVE, &line->effective_us));
        line->line.created_us = line->line.available_us = line->effective_us;
        return ERR_OK;
    }
    line->learned |= SAID_CREATED;
    TRY(read_time(record, MEMBER_CREATED, &line->line.created_us));
    return read_time(record, MEMBER_AVAILABLE, &line->line.available_us);
}

/* Some categories are about a charge or about a refund of it: the charge's own column tells. */
static void take_source(
    const struct record *record, int source_kind, struct str charge, struct said_line *line)
{
    if (line->source.len == 0) {
        line->learned |= has(record, MEMBER_SOURCE) ? SAID_SOURCE : 0;
    } else if (charge.len > 0 && str_eq(line->source, charge)) {
        line->source_kind = ID_ATTEMPT;
        line->learned |= SAID_SOURCE;
    } else if (source_kind == STRIPE_SOURCE_UNKNOWN) {
        line->source = STR_NONE;
    } else {
        bool is_its_refund = source_kind == ID_ATTEMPT && charge.len > 0;
        line->source_kind = is_its_refund ? ID_REFUND : (enum id_kind)source_kind;
        line->learned |= SAID_SOURCE;
    }
}

/* A charge that is no payer's is of a connected account. */
static void take_attempt(
    const struct record *record, int source_kind, struct str charge, struct said_line *line)
{
    bool is_of_payer =
        source_kind == ID_ATTEMPT || source_kind == ID_REFUND || source_kind == ID_DISPUTE;
    if (has(record, MEMBER_CHARGE)) {
        line->attempt = is_of_payer ? charge : STR_NONE;
        line->learned |= SAID_ATTEMPT;
    } else if (line->source.len > 0 && line->source_kind == ID_ATTEMPT) {
        line->attempt = line->source;
        line->learned |= SAID_ATTEMPT;
    }
}

static enum err read_ids(const struct record *record, int source_kind, struct said_line *line)
{
    struct str charge = STR_NONE;
    TRY(read_id(record, MEMBER_SOURCE, &line->source));
    TRY(read_id(record, MEMBER_CHARGE, &charge));
    TRY(read_id(record, MEMBER_ACCOUNT, &line->account));
    TRY(read_id(record, MEMBER_IN_PAYOUT, &line->payout));
    line->learned |= line->payout.len > 0 ? SAID_PAYOUT : 0;
    take_source(record, source_kind, charge, line);
    take_attempt(record, source_kind, charge, line);
    return ERR_OK;
}

static enum err read_payout(const struct record *record, struct said_line *line)
{
    TRY(read_id(record, MEMBER_PAYOUT, &line->source));
    line->source_kind = ID_PAYOUT;
    line->learned |= line->source.len > 0 ? SAID_SOURCE | SAID_ATTEMPT | SAID_CUSTOMER : 0;
    return ERR_OK;
}

static enum err read_what(const struct record *record, struct said_line *line)
{
    const struct stripe_movement_words words = {
        .category = cell(record, MEMBER_CATEGORY), .description = cell(record, MEMBER_TEXT)};
    struct stripe_movement movement = stripe_classify(&words);
    line->line.kind = movement.kind;
    line->line.bucket = movement.bucket;
    line->category = str_prefix_utf8(words.category, SAID_WORD_BYTES_MAX);
    line->text = stripe_line_text(movement.kind, words.description);
    return record->layout->file == FILE_PAYOUTS ? read_payout(record, line)
                                                : read_ids(record, movement.source, line);
}

static enum err check_width(const struct record *record, uint32_t count)
{
    if (count == record->layout->column_count) {
        return ERR_OK;
    }
    *record->ret_column = count;
    return err_set(
        record->reterr, ERR_MALFORMED, "the record has not as many columns as the header");
}

enum err stripe_statement_record(const struct statement_layout *layout,
    const struct str *fields,
    uint32_t count,
    struct said_line *ret_line,
    uint32_t *ret_column,
    struct err_info *reterr)
{
    REQUIRE(layout != NULL && layout->file != FILE_SUMMARY);
    REQUIRE(fields != NULL && ret_line != NULL && ret_column != NULL);
    const struct record record = {layout, fields, ret_column, reterr};
    struct said_line line = {.learned = 0};
    TRY(check_width(&record, count));
    TRY(read_id(&record, MEMBER_ID, &line.provider_id));
    if (line.provider_id.len == 0) {
        return refuse(&record, MEMBER_ID, ERR_INVALID, "is empty");
    }
    TRY(read_money(&record, &line));
    TRY(read_times(&record, &line));
    TRY(read_what(&record, &line));
    *ret_line = line;
    return ERR_OK;
}

enum err stripe_statement_total(const struct statement_layout *layout,
    const struct str *fields,
    uint32_t count,
    struct said_total *ret_total,
    uint32_t *ret_column,
    struct err_info *reterr)
{
    REQUIRE(layout != NULL && layout->file == FILE_SUMMARY);
    REQUIRE(fields != NULL && ret_total != NULL && ret_column != NULL);
    const struct record record = {layout, fields, ret_column, reterr};
    struct said_total total = {.net_minor = 0};
    TRY(check_width(&record, count));
    total.category = str_prefix_utf8(cell(&record, MEMBER_TOTAL_OF), SAID_WORD_BYTES_MAX);
    if (total.category.len == 0) {
        return refuse(&record, MEMBER_TOTAL_OF, ERR_INVALID, "is empty");
    }
    TRY(read_currency(&record, MEMBER_CURRENCY, &total.currency));
    TRY(read_amount(&record, MEMBER_TOTAL, total.currency, &total.net_minor));
    *ret_total = total;
    return ERR_OK;
}

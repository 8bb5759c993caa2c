#include "base/check.h"
#include "domain/money.h"
#include "sandbox/faults.h"
#include "sandbox/report_internal.h"

#define CELL_BYTES_MAX 1024
#define CURRENCIES_MAX 16

/* ---- comma-separated values ------------------------------------------------------------------ */

static bool wants_quotes(struct str cell)
{
    for (size_t i = 0; i < cell.len; i++) {
        if (strchr("\",\r\n", cell.data[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static void add_cell(struct buf *to, struct str cell)
{
    if (!wants_quotes(cell)) {
        buf_add(to, cell);
        return;
    }
    buf_add_char(to, '"');
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.data[i] == '"') {
            buf_add_char(to, '"');
        }
        buf_add_char(to, cell.data[i]);
    }
    buf_add_char(to, '"');
}

struct report_file {
    const struct merchant *merchant;
    const struct report_order *order;
    uint8_t columns[REPORT_COLUMNS_MAX];
    uint8_t column_count;
    struct buf cell;
    struct buf *to;
};

static void write_head(struct report_file *file)
{
    for (uint8_t i = 0; i < file->column_count; i++) {
        buf_add(file->to, i > 0 ? STR(",") : STR_NONE);
        add_cell(file->to, report_column_name(file->columns[i]));
    }
    buf_add_char(file->to, '\n');
}

static void write_record(struct report_file *file, const struct report_record *record)
{
    for (uint8_t i = 0; i < file->column_count; i++) {
        buf_add(file->to, i > 0 ? STR(",") : STR_NONE);
        buf_clear(&file->cell);
        report_columns[file->columns[i]].value(record, &file->cell);
        ENSURE(!file->cell.failed);
        add_cell(file->to, buf_str(&file->cell));
    }
    buf_add_char(file->to, '\n');
}

/* ---- which lines ----------------------------------------------------------------------------- */

bool report_is_payout(const struct merchant_line *line)
{
    return strcmp(line->category, "payout") == 0 || strcmp(line->category, "payout_reversal") == 0;
}

/* When it changes the balance that the reports know. */
static int64_t counted_s(const struct merchant_line *line)
{
    return report_is_payout(line) ? line->effective_s : line->created_s;
}

/* What an automatic payout took along has left with it; what it says of itself has not been there
 * before. Of another payout nobody can say what was in it. */
static bool is_left(const struct report_file *file, const struct merchant_line *line)
{
    int64_t end_s = file->order->to_s;
    bool has_left = line->payout.len > 0 && line->payout_effective_s < end_s;
    return counted_s(line) < end_s && !line->is_payout_own && !has_left;
}

static bool is_within(const struct report_file *file, int64_t at_s)
{
    return at_s >= file->order->from_s && at_s < file->order->to_s;
}

static bool holds(const struct report_file *file, const struct merchant_line *line)
{
    switch (report_types[file->order->type].holds) {
    case REPORT_HOLDS_ACTIVITY:
        return !report_is_payout(line) && is_within(file, line->created_s);
    case REPORT_HOLDS_PAYOUTS:
        return report_is_payout(line) && is_within(file, line->effective_s);
    case REPORT_HOLDS_PAID_OUT:
        return line->payout.len > 0 && !line->is_payout_own &&
               is_within(file, line->payout_effective_s);
    case REPORT_HOLDS_LEFT:
        return is_left(file, line);
    case REPORT_HOLDS_ALL:
        return counted_s(line) < file->order->to_s;
    default:
        UNREACHABLE();
    }
}

static bool is_asked_for(const struct report_order *order, const struct merchant_line *line)
{
    return (order->currency.len == 0 || str_eq_ignoring_case(order->currency, line->currency)) &&
           (order->category.len == 0 || str_eq(order->category, str_from(line->category)));
}

static bool is_shown(const struct report_file *file, const struct merchant_line *line)
{
    const struct faults *faults = merchant_faults(file->merchant);
    const struct report_type_row *type = &report_types[file->order->type];
    if (type->is_total) {
        return faults_show_line(faults, FAULT_VIEW_SUMMARY, line);
    }
    bool in_payout =
        type->holds != REPORT_HOLDS_PAID_OUT || faults_show_line(faults, FAULT_VIEW_PAYOUT, line);
    return in_payout && faults_show_line(faults, FAULT_VIEW_REPORT, line);
}

static bool next_line(const struct report_file *file, uint32_t *at, struct merchant_line *ret_line)
{
    uint32_t count = merchant_line_count(file->merchant, file->order->owner);
    while (*at < count) {
        merchant_line_at(file->merchant, file->order->owner, (*at)++, ret_line);
        if (holds(file, ret_line) && is_asked_for(file->order, ret_line) &&
            is_shown(file, ret_line)) {
            return true;
        }
    }
    return false;
}

static void write_lines(struct report_file *file)
{
    uint32_t at = 0;
    struct report_record record = {.merchant = file->merchant, .zone = file->order->zone};
    while (next_line(file, &at, &record.line)) {
        faults_alter_line(merchant_faults(file->merchant), FAULT_VIEW_REPORT, &record.line);
        record.scene = record.line.has_source_ref ? scene_of(file->merchant, record.line.source_ref)
                                                  : (struct scene){.merchant = file->merchant};
        write_record(file, &record);
    }
}

/* ---- sums ------------------------------------------------------------------------------------ */

struct sum {
    struct str currency;
    int64_t starting, activity, payouts, ending;
};

static void add_to(int64_t *sum, int64_t minor)
{
    ENSURE(minor_add(*sum, minor, sum) == ERR_OK);
}

static struct sum *sum_of(struct sum *sums, uint32_t *count, struct str currency)
{
    for (uint32_t i = 0; i < *count; i++) {
        if (str_eq(sums[i].currency, currency)) {
            return &sums[i];
        }
    }
    INVARIANT(*count < CURRENCIES_MAX); /* the shop settles in few */
    sums[*count] = (struct sum){.currency = currency};
    return &sums[(*count)++];
}

static void count_line(
    const struct report_order *order, const struct merchant_line *line, struct sum *sum)
{
    if (counted_s(line) < order->from_s) {
        add_to(&sum->starting, line->net_minor);
    } else if (report_is_payout(line)) {
        add_to(&sum->payouts, line->net_minor);
    } else {
        add_to(&sum->activity, line->net_minor);
    }
    add_to(&sum->ending, line->net_minor);
}

static void write_sum(struct report_file *file, const struct sum *sum)
{
    const struct {
        const char *total;
        int64_t at_s, net;
    } rows[] = {
        {"starting_balance", file->order->from_s, sum->starting},
        {"activity", 0, sum->activity},
        {"payouts", 0, sum->payouts},
        {"ending_balance", file->order->to_s - 1, sum->ending},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        const struct report_record record = {.merchant = file->merchant,
            .zone = file->order->zone,
            .line.currency = sum->currency,
            .total = rows[i].total,
            .total_at_s = rows[i].at_s,
            .total_net = rows[i].net};
        write_record(file, &record);
    }
}

/* Only this: the balances stand, so that it is wrong at one place. */
static void add_faults(const struct report_file *file, struct sum *sum)
{
    const struct report_order *order = file->order;
    const struct faults *faults = merchant_faults(file->merchant);
    add_to(&sum->activity, faults_in_total(faults, sum->currency, order->from_s, order->to_s));
}

static void write_sums(struct report_file *file)
{
    struct sum sums[CURRENCIES_MAX];
    char codes[CURRENCIES_MAX][4];
    uint32_t count = 0;
    uint32_t at = 0;
    struct merchant_line line;
    while (next_line(file, &at, &line)) {
        uint32_t before = count;
        struct sum *sum = sum_of(sums, &count, line.currency);
        if (count > before) { /* the line's own text is gone with the next one */
            ENSURE(str_copy_to(codes[before], sizeof codes[before], line.currency));
            sum->currency = str_from(codes[before]);
        }
        count_line(file->order, &line, sum);
    }
    for (uint32_t i = 0; i < count; i++) {
        add_faults(file, &sums[i]);
        write_sum(file, &sums[i]);
    }
}

void report_write(const struct merchant *merchant, const struct report_order *order, struct buf *to)
{
    REQUIRE(merchant != NULL && to != NULL);
    REQUIRE(order->type < REPORT_COUNT && order->from_s < order->to_s);
    struct report_file file = {.merchant = merchant, .order = order, .to = to};
    file.column_count = order->column_count;
    memcpy(file.columns, order->columns, sizeof file.columns);
    if (order->column_count == 0) {
        file.column_count = report_columns_default(order->type, file.columns);
    }
    buf_init(&file.cell, CELL_BYTES_MAX);
    write_head(&file);
    if (report_types[order->type].is_total) {
        write_sums(&file);
    } else {
        write_lines(&file);
    }
    buf_fini(&file.cell);
}

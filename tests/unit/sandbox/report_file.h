/* report_file: a report as the API gives it, read as a file: by base/csv and by the provider's own
 * reading of statements.
 *
 * Layer: tests.
 */
#pragma once

#include "base/csv.h"
#include "provider/stripe/statement.h"
#include "sandbox/report.h"
#include "unit/sandbox/api_shop.h"

struct report_text { /* a source for csv_new */
    struct str left;
};

static inline enum err report_text_read(
    void *context, char *to, size_t room, size_t *ret_count, struct err_info *reterr)
{
    (void)reterr;
    struct report_text *text = context;
    size_t count = text->left.len < room ? text->left.len : room;
    memcpy(to, text->left.data, count);
    text->left = (struct str){text->left.data + count, text->left.len - count};
    *ret_count = count;
    return ERR_OK;
}

#define REPORT_SUMS_MAX 16

/* What a file says, per currency. */
struct report_sum {
    struct currency currency;
    uint32_t lines;
    int64_t net;                                 /* of lines */
    int64_t starting, activity, payouts, ending; /* of a summary */
};
struct report_said {
    enum statement_file file;
    uint32_t records;
    uint32_t count;
    struct report_sum sums[REPORT_SUMS_MAX];
};

static inline struct report_sum *report_sum_of(struct report_said *said, struct currency currency)
{
    for (uint32_t i = 0; i < said->count; i++) {
        if (currency_eq(said->sums[i].currency, currency)) {
            return &said->sums[i];
        }
    }
    assert_true(said->count < REPORT_SUMS_MAX);
    said->sums[said->count] = (struct report_sum){.currency = currency};
    return &said->sums[said->count++];
}

static inline void report_take_total(struct report_said *said, const struct said_total *total)
{
    struct report_sum *sum = report_sum_of(said, total->currency);
    if (str_eq(total->category, STR("starting_balance"))) {
        sum->starting = total->net_minor;
    } else if (str_eq(total->category, STR("activity"))) {
        sum->activity = total->net_minor;
    } else if (str_eq(total->category, STR("payouts"))) {
        sum->payouts = total->net_minor;
    } else {
        assert_strs_equal(total->category, STR("ending_balance"));
        sum->ending = total->net_minor;
    }
}

typedef void report_line_fn(void *context, const struct said_line *line);

static inline void report_take_record(struct report_said *said,
    const struct statement_layout *layout,
    const struct csv_record *record,
    report_line_fn *each,
    void *context)
{
    struct err_info info = {{0}};
    uint32_t column = 0;
    said->records++;
    if (layout->file == FILE_SUMMARY) {
        struct said_total total = {0};
        assert_err(
            stripe_statement_total(layout, record->fields, record->count, &total, &column, &info),
            ERR_OK);
        report_take_total(said, &total);
        return;
    }
    struct said_line line = {0};
    assert_err(
        stripe_statement_record(layout, record->fields, record->count, &line, &column, &info),
        ERR_OK);
    struct report_sum *sum = report_sum_of(said, line.line.currency);
    sum->lines++;
    sum->net += line.line.net_minor;
    if (each != NULL) {
        each(context, &line);
    }
}

/* `each` may be NULL. */
static inline struct report_said report_read(struct str file, report_line_fn *each, void *context)
{
    struct report_said said = {0};
    struct report_text text = {file};
    struct statement_layout layout;
    struct csv_record record;
    struct err_info info = {{0}};
    CLEANUP(csv_free) struct csv *csv = csv_new(report_text_read, &text);
    assert_non_null(csv);
    assert_err(csv_next(csv, &record, &info), ERR_OK);
    assert_err(stripe_statement_recognise(record.fields, record.count, &layout, &info), ERR_OK);
    said.file = layout.file;
    for (;;) {
        assert_err(csv_next(csv, &record, &info), ERR_OK);
        if (record.count == 0) {
            return said;
        }
        report_take_record(&said, &layout, &record, each, context);
    }
}

/* A report of the merchant's with all its columns. */
static inline struct report_said report_of_shop(const struct merchant *merchant,
    enum report_type type,
    int64_t from_s,
    int64_t to_s,
    report_line_fn *each,
    void *context)
{
    struct report_order order = {.type = type, .from_s = from_s, .to_s = to_s};
    CLEANUP(buf_fini) struct buf file;
    buf_init(&file, API_BODY_BYTES_MAX);
    order.column_count = report_columns_all(type, order.columns);
    report_write(merchant, &order, &file);
    return report_read(buf_str(&file), each, context);
}

/* Reports as files: which one it is, what each record says, and a place for whatever is wrong. */
#include "base/csv.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/stripe/statement.h"
#include "unit/testing.h"

#define COLUMNS_MAX 128

/* --- amounts --- */

static const struct {
    const char *text, *currency;
    int64_t minor;
} amounts[] = {
    {"12.34", "USD", 1234},
    {"-12.34", "usd", -1234},
    {"+12.34", "EUR", 1234},
    {"12", "USD", 1200},
    {"12.3", "USD", 1230},
    {"0.00", "USD", 0},
    {"-0.01", "USD", -1},
    {"00012.30", "USD", 1230},
    {"1234", "JPY", 1234},
    {"1.234", "BHD", 1234},
    {"1.2", "KWD", 1200},
    {"12,34", "EUR", 1234},
    {"-12,3", "EUR", -1230},
    {"1234,56", "EUR", 123456},
    {"1,2", "BHD", 1200},
    {"12.34", "XYZ", 1234},
    {"92233720368547758.07", "USD", INT64_MAX},
    {"-92233720368547758.08", "USD", INT64_MIN},
    {"9223372036854775807", "JPY", INT64_MAX},
    {"-9223372036854775808", "JPY", INT64_MIN},
};

static struct currency currency_of(const char *code)
{
    struct currency currency;
    assert_err(currency_parse(str_from(code), &currency), ERR_OK);
    return currency;
}

static void amounts_are_read_to_the_minor_unit(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof amounts / sizeof amounts[0]; i++) {
        int64_t minor = 7;
        const char *problem = NULL;
        enum err err = stripe_report_amount(
            str_from(amounts[i].text), currency_of(amounts[i].currency), &minor, &problem);
        assert_row(err == ERR_OK, amounts[i].text);
        assert_row(minor == amounts[i].minor, amounts[i].text);
    }
}

#define NO_AMOUNT "must be an amount like -12.34"
#define TOO_EXACT "has more digits than its currency"
#define THOUSANDS "has a separator of thousands: export amounts without"
#define MAYBE_THOUSANDS                                                                            \
    "has a comma that may separate thousands: export amounts with a decimal point"

static const struct {
    const char *text, *currency, *problem;
    enum err err;
} no_amounts[] = {
    {"", "USD", NO_AMOUNT, ERR_INVALID},
    {"-", "USD", NO_AMOUNT, ERR_INVALID},
    {"--1", "USD", NO_AMOUNT, ERR_INVALID},
    {".5", "USD", NO_AMOUNT, ERR_INVALID},
    {"5.", "USD", NO_AMOUNT, ERR_INVALID},
    {"5,", "USD", NO_AMOUNT, ERR_INVALID},
    {"1e3", "USD", NO_AMOUNT, ERR_INVALID},
    {"0x10", "USD", NO_AMOUNT, ERR_INVALID},
    {"NaN", "USD", NO_AMOUNT, ERR_INVALID},
    {"(12.34)", "USD", NO_AMOUNT, ERR_INVALID},
    {"12.34-", "USD", NO_AMOUNT, ERR_INVALID},
    {"$12.34", "USD", NO_AMOUNT, ERR_INVALID},
    {"12.34USD", "USD", NO_AMOUNT, ERR_INVALID},
    {" 12.34", "USD", NO_AMOUNT, ERR_INVALID},
    {"12:34", "USD", NO_AMOUNT, ERR_INVALID},
    {"12.345", "USD", TOO_EXACT, ERR_INVALID},
    {"12.340", "USD", TOO_EXACT, ERR_INVALID},
    {"12.0", "JPY", TOO_EXACT, ERR_INVALID},
    {"12,3", "JPY", TOO_EXACT, ERR_INVALID},
    {"1.2345", "BHD", TOO_EXACT, ERR_INVALID},
    {"1,2345", "BHD", TOO_EXACT, ERR_INVALID},
    {"1.234", "USD", TOO_EXACT, ERR_INVALID},
    {"1,234.56", "USD", THOUSANDS, ERR_INVALID},
    {"1.234,56", "EUR", THOUSANDS, ERR_INVALID},
    {"1,234,567", "JPY", THOUSANDS, ERR_INVALID},
    {"1 234.56", "EUR", THOUSANDS, ERR_INVALID},
    {"1\xc2\xa0"
     "234,56",
        "EUR", THOUSANDS, ERR_INVALID},
    {"1\xe2\x80\xaf"
     "234,56",
        "EUR", THOUSANDS, ERR_INVALID},
    {"1'234.56", "CHF", THOUSANDS, ERR_INVALID},
    {"1,234", "USD", MAYBE_THOUSANDS, ERR_INVALID},
    {"1,234", "JPY", MAYBE_THOUSANDS, ERR_INVALID},
    {"1,234", "BHD", MAYBE_THOUSANDS, ERR_INVALID},
    {"92233720368547758.08", "USD", "does not fit into 64 bits", ERR_OVERFLOW},
    {"-92233720368547758.09", "USD", "does not fit into 64 bits", ERR_OVERFLOW},
    {"9223372036854775808", "JPY", "does not fit into 64 bits", ERR_OVERFLOW},
    {"99999999999999999999999999999", "JPY", "does not fit into 64 bits", ERR_OVERFLOW},
};

static void what_is_no_amount_is_refused_for_what_it_is(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof no_amounts / sizeof no_amounts[0]; i++) {
        int64_t minor = 7;
        const char *problem = NULL;
        enum err err = stripe_report_amount(
            str_from(no_amounts[i].text), currency_of(no_amounts[i].currency), &minor, &problem);
        assert_row(err == no_amounts[i].err, no_amounts[i].text);
        assert_string_equal(problem, no_amounts[i].problem);
        assert_int64_equal(minor, 7);
    }
}

/* --- times --- */

static const struct {
    const char *text, *time;
} times[] = {
    {"2026-11-22 10:52:52", "2026-11-22T10:52:52Z"},
    {"2026-11-22T10:52:52", "2026-11-22T10:52:52Z"},
    {"2026-11-22 10:52", "2026-11-22T10:52:00Z"},
    {"2026-11-22", "2026-11-22T00:00:00Z"},
    {"2024-02-29", "2024-02-29T00:00:00Z"},
    {"2026-11-22 10:52:52 UTC", "2026-11-22T10:52:52Z"},
    {"2026-11-22 10:52:52Z", "2026-11-22T10:52:52Z"},
    {"2026-11-22T10:52:52+02:00", "2026-11-22T08:52:52Z"},
    {"2026-11-22 10:52:52-05:00", "2026-11-22T15:52:52Z"},
    {"2026-11-22 10:52:52.5", "2026-11-22T10:52:52.500000Z"},
};

static void times_without_a_zone_are_taken_for_utc(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
        int64_t time_us = 0;
        const char *problem = NULL;
        enum err err = stripe_report_time(str_from(times[i].text), &time_us, &problem);
        assert_row(err == ERR_OK, times[i].text);
        char text[TIMESTAMP_TEXT_BYTES];
        timestamp_format(time_us, text);
        assert_string_equal(text, times[i].time);
    }
    static const char *const no_times[] = {"", "2026", "2026-11-31", "2026-02-29", "22.11.2026",
        "11/22/2026 10:52", "2026-11-22 25:00:00", "2026-11-22 10:52:52 CET", "1969-12-31",
        "1790000000", "2026-11-22 10:52:52.1234567890123456789012345678901", "2026-11-22Z"};
    for (size_t i = 0; i < sizeof no_times / sizeof no_times[0]; i++) {
        int64_t time_us = 7;
        const char *problem = NULL;
        enum err err = stripe_report_time(str_from(no_times[i]), &time_us, &problem);
        assert_row(err == ERR_INVALID, no_times[i]);
        assert_int64_equal(time_us, 7);
    }
}

/* --- which file it is --- */

static uint32_t split(const char *line, struct str *columns)
{
    struct str rest = str_from(line);
    uint32_t count = 0;
    while (rest.len > 0) {
        assert_true(count < COLUMNS_MAX);
        columns[count++] = str_cut(&rest, ',');
    }
    return count;
}

static enum err recognise(
    const char *line, struct statement_layout *ret_layout, struct err_info *info)
{
    struct str columns[COLUMNS_MAX];
    uint32_t count = split(line, columns);
    return stripe_statement_ops.recognise(columns, count, ret_layout, info);
}

#define ITEMS ((1U << FILE_ACTIVITY) | (1U << FILE_PAYOUT_ITEMS) | (1U << FILE_ENDING))
#define FIRST                                                                                      \
    "balance_transaction_id,created_utc,currency,gross,fee,net,reporting_category,available_on_"   \
    "utc"

static const struct {
    const char *what, *header;
    enum statement_file file;
    unsigned fits;
} headers[] = {
    {"balance_change_from_activity.itemized.1",
        "automatic_payout_effective_at,automatic_payout_id,available_on_utc,balance_transaction_id,"
        "card_brand,card_country,card_funding,charge_created_utc,charge_id,created_utc,currency,"
        "customer_description,customer_email,customer_facing_amount,customer_facing_currency,"
        "customer_id,customer_name,description,fee,gross,invoice_id,is_link,net,payment_intent_id,"
        "payment_method_type,reporting_category,shipping_address_city,source_id,subscription_id,"
        "trace_id,trace_id_status",
        FILE_ACTIVITY, ITEMS},
    {"balance_change_from_activity.itemized.3, ending_balance_reconciliation.itemized.4",
        "automatic_payout_effective_at,automatic_payout_effective_at_utc,automatic_payout_id,"
        "available_on,available_on_utc,balance_transaction_id,charge_created,charge_created_utc,"
        "charge_id,connected_account_id,created,created_utc,currency,customer_facing_amount,"
        "customer_facing_currency,description,dispute_reason,fee,gross,net,payment_metadata[key],"
        "regulatory_tag,reporting_category,source_id,transfer_metadata[key]",
        FILE_ACTIVITY, ITEMS},
    {"payout_reconciliation.itemized.5",
        "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created_utc,"
        "created,available_on_utc,available_on,currency,gross,fee,net,reporting_category,source_id,"
        "description,customer_facing_amount,customer_facing_currency,order_id,destination_payment_"
        "id,payment_metadata[order],payment_metadata[shop]",
        FILE_PAYOUT_ITEMS, 1U << FILE_PAYOUT_ITEMS},
    {"payout_reconciliation.itemized.7, its default columns",
        "automatic_payout_id,automatic_payout_effective_at,balance_transaction_id,created,"
        "available_on,currency,gross,fee,net,reporting_category,description",
        FILE_ACTIVITY, ITEMS},
    {"payouts.itemized.1",
        "balance_transaction_id,currency,description,effective_at_utc,fee,gross,net,payout_"
        "description,payout_destination_id,payout_expected_arrival_date,payout_id,payout_reversed_"
        "at,payout_status,payout_type,reporting_category,trace_id,trace_id_status",
        FILE_PAYOUTS, 1U << FILE_PAYOUTS},
    {"payouts.itemized.3",
        "balance_transaction_id,currency,description,effective_at,effective_at_utc,fee,gross,net,"
        "payout_description,payout_destination_id,payout_expected_arrival_date,payout_id,payout_"
        "reversed_at,payout_reversed_at_utc,payout_status,payout_type,regulatory_tag,reporting_"
        "category,trace_id,trace_id_status",
        FILE_PAYOUTS, 1U << FILE_PAYOUTS},
    {"balance.summary", "category,currency,description,net_amount", FILE_SUMMARY,
        1U << FILE_SUMMARY},
    {"any order and case", "NET_AMOUNT,x,Currency,Category", FILE_SUMMARY, 1U << FILE_SUMMARY},
};

static void the_header_says_which_file_it_is_or_may_be(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof headers / sizeof headers[0]; i++) {
        struct statement_layout layout;
        struct err_info info = {""};
        enum err err = recognise(headers[i].header, &layout, &info);
        assert_string_equal(info.text, "");
        assert_row(err == ERR_OK, headers[i].what);
        assert_row(layout.file == headers[i].file, headers[i].what);
        assert_row(layout.fits == headers[i].fits, headers[i].what);
        assert_row((layout.fits & 1U << layout.file) != 0, headers[i].what);
    }
}

static const struct {
    const char *header;
    enum err err;
    const char *why;
} strangers[] = {
    {"a", ERR_NOT_FOUND, "the first line has no columns of a report"},
    {"id,Type,Source,Amount,Fee,Net,Currency", ERR_NOT_FOUND,
        "the first line has no columns of a report"},
    {"count,currency,fee,gross,net,reporting_category", ERR_NOT_FOUND,
        "a summary by category does not say what it sums up: import balance.summary"},
    {"created_utc,available_on_utc,currency,gross,fee,net,reporting_category", ERR_INVALID,
        "the column `balance_transaction_id` is missing: export the report with it"},
    {"balance_transaction_id,available_on,currency,gross,fee,net,reporting_category", ERR_INVALID,
        "the column `created_utc` is missing: export the report with it"},
    {"balance_transaction_id,created,available_on,currency,gross,fee,reporting_category",
        ERR_INVALID, "the column `net` is missing: export the report with it"},
    {"balance_transaction_id,payout_id,currency,gross,fee,net,reporting_category", ERR_INVALID,
        "the column `effective_at_utc` is missing: export the report with it"},
    {"category,net_amount", ERR_INVALID,
        "the column `currency` is missing: export the report with it"},
    {"currency,net_amount", ERR_INVALID,
        "the column `category` is missing: export the report with it"},
    {FIRST ",gross", ERR_INVALID, "the column `gross` is there twice: export it once"},
};

static void a_header_that_is_none_says_what_is_missing(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof strangers / sizeof strangers[0]; i++) {
        struct statement_layout layout;
        struct err_info info = {""};
        enum err err = recognise(strangers[i].header, &layout, &info);
        assert_row(err == strangers[i].err, strangers[i].header);
        if (!str_starts_with(str_from(info.text), str_from(strangers[i].why))) {
            assert_string_equal(info.text, strangers[i].why);
        }
    }
}

/* --- records --- */

struct read {
    struct said_line line;
    struct said_total total;
    uint32_t column;
    struct err_info info;
};

static enum err read_line(const char *header, const char *record, struct read *read)
{
    struct statement_layout layout;
    struct str fields[COLUMNS_MAX];
    memset(read, 0, sizeof *read);
    assert_done(recognise(header, &layout, reterr));
    uint32_t count = split(record, fields);
    if (layout.file == FILE_SUMMARY) {
        return stripe_statement_ops.read_total(
            &layout, fields, count, &read->total, &read->column, &read->info);
    }
    return stripe_statement_ops.read_record(
        &layout, fields, count, &read->line, &read->column, &read->info);
}

static void assert_read(const char *header, const char *record, struct read *read)
{
    enum err err = read_line(header, record, read);
    assert_string_equal(read->info.text, "");
    assert_err(err, ERR_OK);
}

static void a_record_has_its_numbers_times_and_words(void **state)
{
    (void)state;
    struct read read;
    assert_read(
        "net,fee,gross,currency,created,created_utc,available_on,available_on_utc,reporting_"
        "category,balance_transaction_id,source_id,charge_id,customer_facing_amount,customer_"
        "facing_currency,automatic_payout_id,connected_account_id,description,other",
        "96.80,3.20,100.00,eur,2026-01-01 09:00:00,2026-01-01 08:00:00,2026-01-03,2026-01-02,"
        "charge,txn_1,ch_1,ch_1,110.00,USD,po_1,acct_1,for Ann Lee,x",
        &read);
    const struct said_line *line = &read.line;
    assert_str_equal_to(line->provider_id, "txn_1");
    assert_int_equal(line->line.kind, LINE_PAYMENT);
    assert_int64_equal(line->line.amount_minor, 10000);
    assert_int64_equal(line->line.fee_minor, 320);
    assert_int64_equal(line->line.net_minor, 9680);
    assert_string_equal(line->line.currency.code, "EUR");
    assert_int64_equal(line->line.created_us, 1767254400 * US_PER_SECOND);
    assert_int64_equal(line->line.available_us, 1767312000 * US_PER_SECOND);
    assert_int_equal(line->line.fee_count, 0);
    assert_str_equal_to(line->category, "charge");
    assert_str_equal_to(line->type, "");
    assert_str_equal_to(line->text, "");
    assert_str_equal_to(line->source, "ch_1");
    assert_int_equal(line->source_kind, ID_ATTEMPT);
    assert_str_equal_to(line->attempt, "ch_1");
    assert_int64_equal(line->line.customer_minor, 11000);
    assert_string_equal(line->line.customer_currency.code, "USD");
    assert_str_equal_to(line->payout, "po_1");
    assert_str_equal_to(line->account, "acct_1");
    assert_int_equal(
        line->learned, SAID_CREATED | SAID_SOURCE | SAID_ATTEMPT | SAID_CUSTOMER | SAID_PAYOUT);
}

static void columns_that_are_not_there_are_not_learned(void **state)
{
    (void)state;
    struct read read;
    assert_read(FIRST, "txn_1,2026-01-01,jpy,1000,36,964,charge,2026-01-01", &read);
    assert_int_equal(read.line.learned, SAID_CREATED);
    assert_int64_equal(read.line.line.amount_minor, 1000);
    assert_read(
        FIRST ",source_id", "txn_1,2026-01-01,jpy,1000,36,964,charge,2026-01-01,ch_1", &read);
    assert_int_equal(read.line.learned, SAID_CREATED | SAID_SOURCE | SAID_ATTEMPT);
    assert_str_equal_to(read.line.attempt, "ch_1");
    assert_read(FIRST ",source_id,charge_id,automatic_payout_id,customer_facing_amount,customer_"
                      "facing_currency,x",
        "txn_1,2026-01-01,jpy,1000,36,964,charge,2026-01-01,,,,,,y", &read);
    assert_int_equal(read.line.learned, SAID_CREATED | SAID_SOURCE | SAID_ATTEMPT | SAID_CUSTOMER);
    assert_str_equal_to(read.line.source, "");
}

static const struct {
    const char *category, *source, *charge;
    int kind; /* -1: not told */
    const char *attempt;
} sources[] = {
    {"charge", "ch_1", "ch_1", ID_ATTEMPT, "ch_1"},
    {"charge_failure", "py_1", "py_1", ID_ATTEMPT, "py_1"},
    {"charge_failure", "pyr_1", "py_1", ID_REFUND, "py_1"},
    {"refund", "re_1", "ch_1", ID_REFUND, "ch_1"},
    {"refund", "ch_1", "ch_1", ID_ATTEMPT, "ch_1"},
    {"partial_capture_reversal", "re_1", "ch_1", ID_REFUND, "ch_1"},
    {"dispute", "du_1", "ch_1", ID_DISPUTE, "ch_1"},
    {"platform_earning", "fee_1", "ch_below", ID_APPLICATION_FEE, ""},
    {"transfer", "tr_1", "", ID_TRANSFER, ""},
    {"transfer_reversal", "trr_1", "", -1, ""},
    {"other_adjustment", "xx_1", "", -1, ""},
    {"new_category", "xx_1", "", -1, ""},
};

static void the_source_is_what_category_and_charge_say(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        struct read read;
        char record[400];
        (void)snprintf(record, sizeof record,
            "%s,%s,txn_1,2026-01-01,eur,1.00,0,1.00,%s,2026-01-01", sources[i].source,
            sources[i].charge, sources[i].category);
        assert_read("source_id,charge_id,balance_transaction_id,created_utc,currency,gross,fee,net,"
                    "reporting_category,available_on_utc",
            record, &read);
        bool known = sources[i].kind >= 0;
        assert_row((read.line.source.len > 0) == known, sources[i].category);
        assert_row(((read.line.learned & SAID_SOURCE) != 0) == known, sources[i].category);
        assert_row(!known || (int)read.line.source_kind == sources[i].kind, sources[i].category);
        assert_str_equal_to(read.line.attempt, sources[i].attempt);
    }
}

static void what_the_payer_saw_has_the_sign_of_the_line(void **state)
{
    (void)state;
    static const struct {
        const char *gross, *seen, *currency;
        int64_t minor;
    } rows[] = {
        {"-9.00", "10.00", "usd", -1000},
        {"-9.00", "-10.00", "usd", -1000},
        {"9.00", "-10.00", "usd", 1000},
        {"9.00", "1000", "jpy", 1000},
        {"9.00", "9.00", "eur", 0},
        {"9.00", "", "", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct read read;
        char record[400];
        (void)snprintf(record, sizeof record,
            "%s,%s,txn_1,2026-01-01,eur,%s,0,%s,refund,2026-01-01", rows[i].seen, rows[i].currency,
            rows[i].gross, rows[i].gross);
        assert_read(
            "customer_facing_amount,customer_facing_currency,balance_transaction_id,created_"
            "utc,currency,gross,fee,net,reporting_category,available_on_utc",
            record, &read);
        assert_row(read.line.line.customer_minor == rows[i].minor, rows[i].seen);
        assert_row((read.line.line.customer_currency.code[0] != '\0') == (rows[i].minor != 0),
            rows[i].seen);
        assert_true((read.line.learned & SAID_CUSTOMER) != 0);
    }
}

#define PAYOUTS                                                                                    \
    "balance_transaction_id,currency,effective_at_utc,gross,fee,net,reporting_category,payout_id"

static void a_payouts_line_knows_when_it_left_but_not_when_it_was_made(void **state)
{
    (void)state;
    struct read read;
    assert_read(PAYOUTS, "txn_1,eur,2026-01-02 00:00:00,-500.00,0.00,-500.00,payout,po_1", &read);
    assert_int_equal(read.line.line.kind, LINE_PAYOUT);
    assert_int64_equal(read.line.effective_us, 1767312000 * US_PER_SECOND);
    assert_int64_equal(read.line.line.created_us, read.line.effective_us);
    assert_str_equal_to(read.line.source, "po_1");
    assert_int_equal(read.line.source_kind, ID_PAYOUT);
    assert_int_equal(read.line.payout.len, 0);
    assert_int_equal(read.line.learned, SAID_SOURCE | SAID_ATTEMPT | SAID_CUSTOMER);
    assert_read(PAYOUTS, "txn_1,eur,2026-01-02,500.00,0.00,500.00,payout_reversal,po_1", &read);
    assert_int_equal(read.line.line.kind, LINE_PAYOUT_RETURNED);
}

static void totals_keep_the_words_of_the_provider(void **state)
{
    (void)state;
    struct read read;
    static const char header[] = "category,currency,description,net_amount";
    assert_read(header, "starting_balance,usd,Starting balance (2026-01-01),-12.34", &read);
    assert_str_equal_to(read.total.category, "starting_balance");
    assert_string_equal(read.total.currency.code, "USD");
    assert_int64_equal(read.total.net_minor, -1234);
    assert_read(header, "new_words,jpy,x,12", &read);
    assert_str_equal_to(read.total.category, "new_words");
    assert_err(read_line(header, ",usd,x,1.00", &read), ERR_INVALID);
    assert_string_equal(read.info.text, "`category` is empty");
    assert_int_equal(read.column, 1);
    assert_err(read_line(header, "activity,usd,x,1,234.00", &read), ERR_MALFORMED);
    assert_err(read_line(header, "activity,usd,x,1234.567", &read), ERR_INVALID);
    assert_int_equal(read.column, 4);
}

static void fees_and_adjustments_keep_their_text(void **state)
{
    (void)state;
    struct read read;
    assert_read(FIRST ",description",
        "txn_1,2026-01-01,eur,-1.00,0,-1.00,fee,2026-01-01,Billing - Usage Fee", &read);
    assert_str_equal_to(read.line.text, "Billing - Usage Fee");
    assert_int_equal(read.line.line.kind, LINE_FEE);
    assert_read(FIRST ",description",
        "txn_1,2026-01-01,eur,-1.00,0,-1.00,fee,2026-01-01,Currency conversion fee", &read);
    assert_int_equal(read.line.line.kind, LINE_FX_FEE);
}

static void an_unknown_category_is_kept_and_unclassified(void **state)
{
    (void)state;
    struct read read;
    assert_read(FIRST, "txn_1,2026-01-01,eur,-1.00,0,-1.00,brand_new,2026-01-01", &read);
    assert_int_equal(read.line.line.kind, LINE_UNCLASSIFIED);
    assert_str_equal_to(read.line.category, "brand_new");
    assert_read(FIRST, "txn_1,2026-01-01,eur,-1.00,0,-1.00,,2026-01-01", &read);
    assert_int_equal(read.line.line.kind, LINE_UNCLASSIFIED);
}

/* FIRST has: 1 id, 2 created, 3 currency, 4 gross, 5 fee, 6 net, 7 category, 8 available. */
static const struct {
    const char *record;
    enum err err;
    uint32_t column;
    const char *why;
} bad_records[] = {
    {",2026-01-01,eur,1.00,0,1.00,charge,2026-01-01", ERR_INVALID, 1,
        "`balance_transaction_id` is empty"},
    {"txn_1,01.01.2026,eur,1.00,0,1.00,charge,2026-01-01", ERR_INVALID, 2,
        "`created_utc` must be a time like 2026-11-22 10:52:52, after 1970"},
    {"txn_1,2026-01-01,euro,1.00,0,1.00,charge,2026-01-01", ERR_INVALID, 3,
        "`currency` must be three letters"},
    {"txn_1,2026-01-01,,1.00,0,1.00,charge,2026-01-01", ERR_INVALID, 3,
        "`currency` must be three letters"},
    {"txn_1,2026-01-01,eur,,0,1.00,charge,2026-01-01", ERR_INVALID, 4,
        "`gross` must be an amount like -12.34"},
    {"txn_1,2026-01-01,jpy,1.00,0,1,charge,2026-01-01", ERR_INVALID, 4,
        "`gross` has more digits than its currency"},
    {"txn_1,2026-01-01,eur,1.00,1 000.00,1.00,charge,2026-01-01", ERR_INVALID, 5,
        "`fee` has a separator of thousands: export amounts without"},
    {"txn_1,2026-01-01,eur,1.00,0,92233720368547758.08,charge,2026-01-01", ERR_OVERFLOW, 6,
        "`net` does not fit into 64 bits"},
    {"txn_1,2026-01-01,eur,1.00,0,1.00,charge,", ERR_MALFORMED, 7,
        "the record has not as many columns as the header"},
    {"txn_1,2026-01-01,eur,1.00,0,1.00,charge,soon", ERR_INVALID, 8,
        "`available_on_utc` must be a time like 2026-11-22 10:52:52, after 1970"},
};

static void what_is_wrong_with_a_record_has_its_column_and_no_value(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof bad_records / sizeof bad_records[0]; i++) {
        struct read read;
        enum err err = read_line(FIRST, bad_records[i].record, &read);
        assert_string_equal(read.info.text, bad_records[i].why);
        assert_row(err == bad_records[i].err, bad_records[i].record);
        assert_int_equal(read.column, bad_records[i].column);
    }
}

static void ids_longer_than_the_bound_are_refused(void **state)
{
    (void)state;
    struct read read;
    char record[600];
    char id[LIMIT_PROVIDER_ID_BYTES + 2];
    memset(id, 'x', sizeof id - 1);
    for (size_t over = 0; over <= 1; over++) {
        id[LIMIT_PROVIDER_ID_BYTES + over] = '\0';
        (void)snprintf(
            record, sizeof record, "%s,2026-01-01,eur,1.00,0,1.00,charge,2026-01-01", id);
        assert_err(read_line(FIRST, record, &read), over > 0 ? ERR_TOO_LARGE : ERR_OK);
        id[LIMIT_PROVIDER_ID_BYTES] = 'x';
    }
}

/* --- whole files --- */

static enum err give(
    void *context, char *to, size_t room, size_t *ret_count, struct err_info *reterr)
{
    (void)reterr;
    struct str *rest = context;
    size_t count = rest->len < room ? rest->len : room;
    memcpy(to, count > 0 ? rest->data : "", count);
    *rest = (struct str){rest->data + count, rest->len - count};
    *ret_count = count;
    return ERR_OK;
}

/* What an import would do: "line 3, column 4: `gross` ..." in *info. */
static enum err read_file(struct str text, uint32_t *ret_lines, struct err_info *info)
{
    CLEANUP(csv_free) struct csv *csv = csv_new(give, &text);
    struct csv_record record;
    struct statement_layout layout;
    struct read read;
    *ret_lines = 0;
    TRY(csv_next(csv, &record, info));
    TRY(stripe_statement_ops.recognise(record.fields, record.count, &layout, info));
    for (;;) {
        TRY(csv_next(csv, &record, info));
        if (record.count == 0) {
            return ERR_OK;
        }
        enum err err = stripe_statement_ops.read_record(
            &layout, record.fields, record.count, &read.line, &read.column, &read.info);
        if (err != ERR_OK) {
            return err_set(info, err, "line %" PRIu64 ", column %u: %s",
                record.lines[read.column - 1], read.column, read.info.text);
        }
        ++*ret_lines;
    }
}

#define FILE_TEXT(literal)                                                                         \
    {                                                                                              \
        literal, sizeof(literal) - 1                                                               \
    }
#define GOOD "txn_1,2026-01-01,eur,1.00,0,1.00,charge,2026-01-01"

static const struct {
    const char *what;
    struct str text;
    const char *why; /* NULL: it is read, with as many lines as said */
    uint32_t lines;
} files[] = {
    {"as it should be", FILE_TEXT(FIRST "\n" GOOD "\n" GOOD "\n"), NULL, 2},
    {"no records", FILE_TEXT(FIRST "\n"), NULL, 0},
    {"BOM and CR LF", FILE_TEXT("\xef\xbb\xbf" FIRST "\r\n" GOOD "\r\n"), NULL, 1},
    {"no end of the last line", FILE_TEXT(FIRST "\n" GOOD), NULL, 1},
    {"quoted line ends", FILE_TEXT(FIRST ",description\n" GOOD ",\"one\ntwo\"\n" GOOD ",x\n"), NULL,
        2},
    {"decimal commas", FILE_TEXT(FIRST "\ntxn_1,2026-01-01,eur,\"1,00\",0,\"1,00\",fee,2026-01-01"),
        NULL, 1},
    {"empty", FILE_TEXT(""), "line 1, column 1: the file is empty: it has no line of column names",
        0},
    {"cut in mid-line", FILE_TEXT(FIRST "\n" GOOD "\ntxn_2,2026-01-01,eur,1"),
        "line 3, column 4: the record ends here, before its last column: is the file cut off?", 1},
    {"cut in mid-quote", FILE_TEXT(FIRST ",description\n" GOOD ",\"one\n"),
        "line 2, column 9: the quote that opens here is never closed: is the file cut off?", 0},
    {"semicolons", FILE_TEXT("balance_transaction_id;created_utc\n"),
        "line 1, column 1: the columns are not separated by commas: export the file with commas",
        0},
    {"tabs", FILE_TEXT("balance_transaction_id\tcreated_utc\n"),
        "line 1, column 1: the columns are not separated by commas: export the file with commas",
        0},
    {"UTF-16", FILE_TEXT("b\0a\0"),
        "line 1, column 1: a NUL byte: is the file UTF-16, or no text at all?", 0},
    {"thousands",
        FILE_TEXT(
            FIRST "\n" GOOD "\ntxn_2,2026-01-01,eur,\"1,000.00\",0,1000.00,charge,2026-01-01"),
        "line 3, column 4: `gross` has a separator of thousands: export amounts without", 1},
    {"an amount beyond 64 bits behind a line end",
        FILE_TEXT(FIRST ",description\n" GOOD ",\"a\n\nb\"\n"
                        "txn_2,2026-01-01,eur,92233720368547758.08,0,0,charge,2026-01-01,c\n"),
        "line 5, column 4: `gross` does not fit into 64 bits", 1},
};

static void whole_files_are_read_or_refused_with_line_and_column(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof files / sizeof files[0]; i++) {
        struct err_info info = {""};
        uint32_t lines = 0;
        enum err err = read_file(files[i].text, &lines, &info);
        assert_string_equal(info.text, files[i].why != NULL ? files[i].why : "");
        assert_row((err == ERR_OK) == (files[i].why == NULL), files[i].what);
        assert_row(lines == files[i].lines, files[i].what);
    }
}

static void files_have_words(void **state)
{
    (void)state;
    for (int file = 0; file < STATEMENT_FILE_COUNT; file++) {
        assert_true(strlen(statement_file_word((enum statement_file)file)) > 0);
    }
}

static void columns_stand_in_the_order_of_their_members(void **state)
{
    size_t count = 0;
    const struct stripe_statement_column *columns = stripe_statement_columns(&count);
    (void)state;
    assert_int_equal(columns[0].member, 0);
    for (size_t i = 1; i < count; i++) {
        int step = columns[i].member - columns[i - 1].member;
        assert_row(step == 0 || step == 1, columns[i].name.data);
    }
}

TESTS_MAIN("statement_file",
    TEST(columns_stand_in_the_order_of_their_members),
    TEST(amounts_are_read_to_the_minor_unit),
    TEST(what_is_no_amount_is_refused_for_what_it_is),
    TEST(times_without_a_zone_are_taken_for_utc),
    TEST(the_header_says_which_file_it_is_or_may_be),
    TEST(a_header_that_is_none_says_what_is_missing),
    TEST(a_record_has_its_numbers_times_and_words),
    TEST(columns_that_are_not_there_are_not_learned),
    TEST(the_source_is_what_category_and_charge_say),
    TEST(what_the_payer_saw_has_the_sign_of_the_line),
    TEST(a_payouts_line_knows_when_it_left_but_not_when_it_was_made),
    TEST(totals_keep_the_words_of_the_provider),
    TEST(fees_and_adjustments_keep_their_text),
    TEST(an_unknown_category_is_kept_and_unclassified),
    TEST(what_is_wrong_with_a_record_has_its_column_and_no_value),
    TEST(ids_longer_than_the_bound_are_refused),
    TEST(whole_files_are_read_or_refused_with_line_and_column),
    TEST(files_have_words))

#include "base/check.h"
#include "base/timestamp.h"
#include "domain/money.h"
#include "sandbox/report_internal.h"
#include <inttypes.h>
#include <stdio.h>

/* What the columns of report_columns.def say of a record. A writer adds nothing where there is
 * nothing to say. */

void report_value_empty(const struct report_record *record, struct buf *to)
{
    (void)record;
    (void)to;
}

/* ---- times: a second of 0 is none ------------------------------------------------------------ */

static int64_t local_s(int64_t at_s, const struct zone *zone)
{
    return at_s + zone_offset_us(zone, at_s * US_PER_SECOND) / US_PER_SECOND;
}

static void add_time(struct buf *to, int64_t at_s, const struct zone *zone)
{
    char text[TIMESTAMP_TEXT_BYTES]; /* "2026-11-22T10:52:52Z" */
    if (at_s == 0) {
        return;
    }
    timestamp_format(local_s(at_s, zone) * US_PER_SECOND, text);
    buf_addf(to, "%.10s %.8s", text, text + 11);
}

static void add_date(struct buf *to, int64_t at_s)
{
    char text[TIMESTAMP_TEXT_BYTES];
    timestamp_format(at_s * US_PER_SECOND, text);
    buf_addf(to, "%.10s", text);
}

void report_value_created_utc(const struct report_record *record, struct buf *to)
{
    add_time(to, record->line.created_s, NULL);
}

void report_value_created(const struct report_record *record, struct buf *to)
{
    add_time(to, record->line.created_s, record->zone);
}

void report_value_available_utc(const struct report_record *record, struct buf *to)
{
    add_time(to, record->line.available_on_s, NULL);
}

void report_value_available(const struct report_record *record, struct buf *to)
{
    add_time(to, record->line.available_on_s, record->zone);
}

void report_value_effective_utc(const struct report_record *record, struct buf *to)
{
    add_time(to, record->line.effective_s, NULL);
}

void report_value_effective(const struct report_record *record, struct buf *to)
{
    add_time(to, record->line.effective_s, record->zone);
}

void report_value_in_payout_effective_utc(const struct report_record *record, struct buf *to)
{
    add_time(to, record->line.payout_effective_s, NULL);
}

void report_value_in_payout_effective(const struct report_record *record, struct buf *to)
{
    add_time(to, record->line.payout_effective_s, record->zone);
}

static int64_t charge_created(const struct report_record *record)
{
    return record->scene.charge != NULL ? record->scene.charge->created_s : 0;
}

void report_value_charge_created_utc(const struct report_record *record, struct buf *to)
{
    add_time(to, charge_created(record), NULL);
}

void report_value_charge_created(const struct report_record *record, struct buf *to)
{
    add_time(to, charge_created(record), record->zone);
}

/* ---- money ----------------------------------------------------------------------------------- */

/* Major units: -5 eur is -0.05, 5 jpy is 5. */
static void add_amount(struct buf *to, int64_t minor, struct str code)
{
    struct currency currency;
    ENSURE(currency_parse(code, &currency) == ERR_OK);
    int decimals = currency_decimals(currency);
    uint64_t size = minor < 0 ? -(uint64_t)minor : (uint64_t)minor;
    uint64_t unit = 1;
    for (int i = 0; i < decimals; i++) {
        unit *= 10;
    }
    buf_addf(to, "%s%" PRIu64, minor < 0 ? "-" : "", size / unit);
    if (decimals > 0) {
        buf_addf(to, ".%0*" PRIu64, decimals, size % unit);
    }
}

void report_value_gross(const struct report_record *record, struct buf *to)
{
    add_amount(to, record->line.amount_minor, record->line.currency);
}

void report_value_fee(const struct report_record *record, struct buf *to)
{
    add_amount(to, record->line.fee_minor, record->line.currency);
}

void report_value_net(const struct report_record *record, struct buf *to)
{
    add_amount(to, record->line.net_minor, record->line.currency);
}

void report_value_currency(const struct report_record *record, struct buf *to)
{
    buf_add(to, record->line.currency);
}

void report_value_customer_amount(const struct report_record *record, struct buf *to)
{
    if (record->line.customer_currency.len > 0) {
        add_amount(to, record->line.customer_minor, record->line.customer_currency);
    }
}

void report_value_customer_currency(const struct report_record *record, struct buf *to)
{
    buf_add(to, record->line.customer_currency);
}

void report_value_total_net(const struct report_record *record, struct buf *to)
{
    add_amount(to, record->total_net, record->line.currency);
}

/* ---- words and ids --------------------------------------------------------------------------- */

void report_value_id(const struct report_record *record, struct buf *to)
{
    buf_add(to, record->line.id);
}

void report_value_category(const struct report_record *record, struct buf *to)
{
    buf_add(to, str_from(record->line.category));
}

void report_value_total_category(const struct report_record *record, struct buf *to)
{
    buf_add(to, str_from(record->total));
}

static void describe_total(const struct report_record *record, struct buf *to)
{
    static const struct {
        const char *total, *text;
        bool dated;
    } rows[] = {{"starting_balance", "Starting balance", true}, {"activity", "Activity", false},
        {"payouts", "Total payouts", false}, {"ending_balance", "Ending balance", true}};
    size_t i = 0;
    while (strcmp(rows[i].total, record->total) != 0) {
        i++;
        INVARIANT(i < sizeof rows / sizeof *rows);
    }
    buf_add(to, str_from(rows[i].text));
    if (rows[i].dated) {
        buf_add(to, STR(" ("));
        add_date(to, local_s(record->total_at_s, record->zone));
        buf_add(to, STR(")"));
    }
}

void report_value_description(const struct report_record *record, struct buf *to)
{
    if (record->total != NULL) {
        describe_total(record, to);
    } else {
        buf_add(to, record->line.description);
    }
}

void report_value_source(const struct report_record *record, struct buf *to)
{
    buf_add(to, record->line.source);
}

void report_value_charge(const struct report_record *record, struct buf *to)
{
    buf_add(to, record->line.charge);
}

void report_value_intent(const struct report_record *record, struct buf *to)
{
    buf_add(to, record->line.payment_intent);
}

void report_value_invoice(const struct report_record *record, struct buf *to)
{
    buf_add(to, record->line.invoice);
}

void report_value_customer(const struct report_record *record, struct buf *to)
{
    buf_add(to, record->line.customer);
}

void report_value_connected(const struct report_record *record, struct buf *to)
{
    buf_add(to, record->line.connected);
}

void report_value_in_payout(const struct report_record *record, struct buf *to)
{
    buf_add(to, record->line.payout);
}

/* ---- of who paid, and how -------------------------------------------------------------------- */

void report_value_payer_name(const struct report_record *record, struct buf *to)
{
    if (record->scene.payment != NULL) {
        person_name(record->scene.payment->payer, to);
    }
}

void report_value_payer_email(const struct report_record *record, struct buf *to)
{
    if (record->scene.payment != NULL) {
        person_email(record->scene.payment->payer, to);
    }
}

void report_value_method(const struct report_record *record, struct buf *to)
{
    const struct shop_payment *payment = record->scene.payment;
    if (payment != NULL) {
        bool is_debit = life_method(payment->life) == METHOD_DEBIT;
        buf_add(to, is_debit ? STR("sepa_debit") : STR("card"));
    }
}

void report_value_link(const struct report_record *record, struct buf *to)
{
    if (record->scene.payment != NULL) {
        buf_add(to, STR("false"));
    }
}

/* ---- of payouts ------------------------------------------------------------------------------ */

void report_value_payout(const struct report_record *record, struct buf *to)
{
    buf_add(to, record->line.source);
}

void report_value_arrival(const struct report_record *record, struct buf *to)
{
    if (record->scene.payout != NULL) {
        add_date(to, record->scene.payout->arrival_s);
    }
}

void report_value_payout_status(const struct report_record *record, struct buf *to)
{
    if (record->scene.payout != NULL) {
        buf_add(to, str_from(payout_status_word(record->scene.payout->status)));
    }
}

void report_value_payout_type(const struct report_record *record, struct buf *to)
{
    if (record->scene.payout != NULL) {
        buf_add(to, STR("bank_account"));
    }
}

void report_value_payout_bank(const struct report_record *record, struct buf *to)
{
    const struct scene *scene = &record->scene;
    if (scene->payout != NULL && scene->account != NULL) {
        buf_add(to, str_from(scene->account->bank_account));
    }
}

/* The line that brings the money back says when. */
static int64_t reversed_s(const struct report_record *record)
{
    return strcmp(record->line.category, "payout_reversal") == 0 ? record->line.created_s : 0;
}

void report_value_reversed_utc(const struct report_record *record, struct buf *to)
{
    add_time(to, reversed_s(record), NULL);
}

void report_value_reversed(const struct report_record *record, struct buf *to)
{
    add_time(to, reversed_s(record), record->zone);
}

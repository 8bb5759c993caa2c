#include "cli/bench_text.h"
#include "base/check.h"
#include "base/timestamp.h"
#include <inttypes.h>
#include <stdio.h>

/* --- records --- */

void bench_activity_header(struct buf *to)
{
    buf_add(to, STR("balance_transaction_id,created_utc,created,available_on_utc,available_on,"
                    "currency,gross,fee,net,reporting_category,source_id,description,"
                    "customer_facing_amount,customer_facing_currency,automatic_payout_id,"
                    "automatic_payout_effective_at,customer_id,charge_id,payment_intent_id,"
                    "charge_created_utc,payment_method_type,card_brand,card_funding,card_country,"
                    "statement_descriptor,connected_account_id\n"));
}

void bench_payouts_header(struct buf *to)
{
    buf_add(to, STR("payout_id,effective_at_utc,effective_at,balance_transaction_id,currency,gross,"
                    "fee,net,reporting_category,description,payout_expected_arrival_date,"
                    "payout_status,payout_reversed_at,payout_type,payout_description,"
                    "payout_destination_id\n"));
}

static void add_time(struct buf *to, int64_t at_us)
{
    char text[TIMESTAMP_TEXT_BYTES];
    timestamp_format(at_us, text);
    buf_add(to, (struct str){text, 10});
    buf_add_char(to, ' ');
    buf_add(to, (struct str){text + 11, 8});
    buf_add_char(to, ',');
}

static void add_amount(struct buf *to, int64_t minor)
{
    uint64_t size = minor < 0 ? (uint64_t)-minor : (uint64_t)minor;
    buf_add(to, minor < 0 ? STR("-") : STR(""));
    buf_add_int(to, (int64_t)(size / 100));
    buf_add_char(to, '.');
    buf_add_char(to, (char)('0' + size / 10 % 10));
    buf_add_char(to, (char)('0' + size % 10));
    buf_add_char(to, ',');
}

static void add_cell(struct buf *to, const char *text)
{
    buf_add(to, str_from(text));
    buf_add_char(to, ',');
}

static void add_money(struct buf *to, const struct made_line *line)
{
    add_cell(to, "eur");
    add_amount(to, line->amount_minor);
    add_amount(to, line->fee_minor);
    add_amount(to, line->net_minor);
}

static void add_payout_record(const struct made_line *line, struct buf *to)
{
    add_cell(to, line->source);
    add_time(to, line->made_us);
    add_time(to, line->made_us);
    add_cell(to, line->id);
    add_money(to, line);
    add_cell(to, "payout");
    add_cell(to, "STRIPE PAYOUT");
    add_time(to, line->made_us);
    buf_add(to, STR("paid,,bank_account,,ba_1BenchBooks\n"));
}

static const char *const categories[] = {"charge", "refund", "dispute", "payout"};
static const char *const types[] = {"charge", "refund", "adjustment", "payout"};

void bench_csv_record(const struct made_group *group, const struct made_line *line, struct buf *to)
{
    if (line->what == MADE_PAYOUT) {
        add_payout_record(line, to);
        return;
    }
    add_cell(to, line->id);
    add_time(to, line->made_us);
    add_time(to, line->made_us);
    add_time(to, line->available_us);
    add_time(to, line->available_us);
    add_money(to, line);
    add_cell(to, categories[line->what]);
    add_cell(to, line->source);
    add_cell(to, "\"Order of the spring sale, number 4711\"");
    add_amount(to, line->amount_minor);
    add_cell(to, "eur");
    add_cell(to, group->payout);
    add_time(to, group->payout_us);
    add_cell(to, line->of->customer);
    add_cell(to, line->of->attempt);
    add_cell(to, line->of->payment);
    add_time(to, line->of->made_us);
    buf_add(to, STR("card,Visa,debit,DE,BENCH BOOKS,\n"));
}

/* --- pages --- */

/* What a charge has besides, and nobody reads here: most of a page's bytes. */
static const char charge_rest[] =
    "\"amount_captured\":0,\"amount_refunded\":0,\"application\":null,\"application_fee\":null,"
    "\"application_fee_amount\":null,\"billing_details\":{\"address\":{\"city\":null,\"country\":"
    "\"DE\",\"line1\":null,\"line2\":null,\"postal_code\":null,\"state\":null},\"email\":null,"
    "\"name\":null,\"phone\":null,\"tax_id\":null},\"calculated_statement_descriptor\":"
    "\"BENCH BOOKS\",\"captured\":true,\"description\":\"Order of the spring sale\",\"disputed\":"
    "false,\"failure_balance_transaction\":null,\"failure_code\":null,\"failure_message\":null,"
    "\"fraud_details\":{},\"livemode\":false,\"metadata\":{\"order\":\"4711\"},\"on_behalf_of\":"
    "null,\"outcome\":{\"advice_code\":null,\"network_advice_code\":null,\"network_decline_code\":"
    "null,\"network_status\":\"approved_by_network\",\"reason\":null,\"risk_level\":\"normal\","
    "\"risk_score\":17,\"seller_message\":\"Payment complete.\",\"type\":\"authorized\"},\"paid\":"
    "true,\"payment_method\":\"pm_1BenchBooks000000000000\",\"payment_method_details\":{\"card\":{"
    "\"amount_authorized\":0,\"authorization_code\":\"231142\",\"brand\":\"visa\",\"checks\":{"
    "\"address_line1_check\":null,\"address_postal_code_check\":null,\"cvc_check\":\"pass\"},"
    "\"country\":\"DE\",\"exp_month\":4,\"exp_year\":2031,\"extended_authorization\":{\"status\":"
    "\"disabled\"},\"fingerprint\":\"BenchBooksBench1\",\"funding\":\"debit\","
    "\"incremental_authorization\":{\"status\":\"unavailable\"},\"installments\":null,\"last4\":"
    "\"4242\",\"mandate\":null,\"multicapture\":{\"status\":\"unavailable\"},\"network\":\"visa\","
    "\"network_token\":{\"used\":false},\"overcapture\":{\"status\":\"unavailable\"},"
    "\"regulated_status\":\"unregulated\",\"three_d_secure\":null,\"wallet\":null},\"type\":"
    "\"card\"},\"receipt_email\":null,\"receipt_number\":null,\"receipt_url\":null,\"refunded\":"
    "false,\"review\":null,\"shipping\":null,\"source\":null,\"source_transfer\":null,"
    "\"statement_descriptor\":null,\"statement_descriptor_suffix\":null,\"status\":\"succeeded\","
    "\"transfer_data\":null,\"transfer_group\":null}";
static const char refund_rest[] =
    "\"destination_details\":{\"card\":{\"reference_status\":\"pending\",\"reference_type\":"
    "\"acquirer_reference_number\",\"type\":\"refund\"},\"type\":\"card\"},\"metadata\":{},"
    "\"reason\":\"requested_by_customer\",\"receipt_number\":null,\"source_transfer_reversal\":"
    "null,\"status\":\"succeeded\",\"transfer_reversal\":null}";
static const char dispute_rest[] =
    "\"enhanced_eligibility_types\":[],\"evidence\":{},\"is_charge_refundable\":false,\"livemode\":"
    "false,\"metadata\":{},\"reason\":\"fraudulent\",\"status\":\"needs_response\"}";
static const char payout_rest[] =
    "\"application_fee\":null,\"automatic\":true,\"description\":\"STRIPE PAYOUT\",\"destination\":"
    "\"ba_1BenchBooks\",\"failure_balance_transaction\":null,\"failure_code\":null,\"livemode\":"
    "false,\"metadata\":{},\"method\":\"standard\",\"original_payout\":null,\"payout_method\":null,"
    "\"reconciliation_status\":\"completed\",\"reversed_by\":null,\"source_type\":\"card\","
    "\"statement_descriptor\":null,\"status\":\"paid\",\"type\":\"bank_account\"}";

static int64_t seconds(int64_t at_us)
{
    return at_us / US_PER_SECOND;
}

static void begin_object(struct buf *to, const char *id, const char *object, int64_t amount)
{
    buf_addf(to, "{\"id\":\"%s\",\"object\":\"%s\",\"amount\":%" PRId64 ",\"currency\":\"eur\",",
        id, object, amount);
}

static void add_source(const struct made_line *line, struct buf *to)
{
    const struct made_payment *of = line->of;
    int64_t made_s = seconds(line->made_us);
    switch (line->what) {
    case MADE_CHARGE:
        begin_object(to, line->source, "charge", line->amount_minor);
        buf_addf(to,
            "\"balance_transaction\":\"%s\",\"created\":%" PRId64
            ",\"customer\":\"%s\",\"payment_intent\":\"%s\",%s",
            line->id, made_s, of->customer, of->payment, charge_rest);
        break;
    case MADE_REFUND:
    case MADE_DISPUTE:
        begin_object(to, line->source, line->what == MADE_REFUND ? "refund" : "dispute",
            -line->amount_minor);
        buf_addf(to, "\"charge\":\"%s\",\"created\":%" PRId64 ",\"payment_intent\":\"%s\",%s",
            of->attempt, made_s, of->payment,
            line->what == MADE_REFUND ? refund_rest : dispute_rest);
        break;
    case MADE_PAYOUT:
        begin_object(to, line->source, "payout", -line->amount_minor);
        buf_addf(to, "\"arrival_date\":%" PRId64 ",\"created\":%" PRId64 ",%s", made_s, made_s,
            payout_rest);
        break;
    default:
        UNREACHABLE();
    }
}

static void add_fee_details(int64_t fee_minor, struct buf *to)
{
    if (fee_minor != 0) {
        buf_addf(to,
            "{\"amount\":%" PRId64 ",\"application\":null,\"currency\":\"eur\",\"description\":"
            "\"Stripe processing fees\",\"type\":\"stripe_fee\"}",
            fee_minor);
    }
}

static void add_element(const struct made_line *line, struct buf *to)
{
    begin_object(to, line->id, "balance_transaction", line->amount_minor);
    buf_addf(to,
        "\"available_on\":%" PRId64 ",\"balance_type\":\"payments\",\"created\":%" PRId64
        ",\"description\":null,\"exchange_rate\":null,\"fee\":%" PRId64 ",\"fee_details\":[",
        seconds(line->available_us), seconds(line->made_us), line->fee_minor);
    add_fee_details(line->fee_minor, to);
    buf_addf(to, "],\"net\":%" PRId64 ",\"reporting_category\":\"%s\",\"source\":", line->net_minor,
        categories[line->what]);
    add_source(line, to);
    buf_addf(to, ",\"status\":\"available\",\"type\":\"%s\"}", types[line->what]);
}

void bench_page(const struct made_line *const *lines, uint32_t count, bool more, struct buf *to)
{
    buf_add(to, STR("{\"object\":\"list\",\"data\":["));
    for (uint32_t i = 0; i < count; i++) {
        buf_add(to, i > 0 ? STR(",") : STR(""));
        add_element(lines[i], to);
    }
    buf_addf(
        to, "],\"has_more\":%s,\"url\":\"/v1/balance_transactions\"}", more ? "true" : "false");
}

/* Disputes, payouts, balances and reports, in the newest shape. */
#include "said.h"

static struct arena *arena;

static int begin(void **state)
{
    (void)state;
    arena = arena_new(ARENA_BYTES);
    return arena == NULL;
}

static int end(void **state)
{
    (void)state;
    arena = arena_free(arena);
    return 0;
}

/* ---- disputes ------------------------------------------------------------------------------ */

#define DISPUTE                                                                                    \
    "'id':'du_1','object':'dispute','amount':1000,'balance_transactions':[{'id':'txn_1',"          \
    "'object':'balance_transaction','amount':-1110,'currency':'usd','fee':1500,'net':-2610}],"     \
    "'charge':'ch_1','created':1690000000,'currency':'eur','evidence':{'customer_name':null},"     \
    "'evidence_details':{'due_by':1700500000,'has_evidence':false},'is_charge_refundable':false,"  \
    "'livemode':false,'payment_intent':'pi_1','payment_method_details':{'type':'card','card':{"    \
    "'brand':'visa','network_reason_code':'10.4'}},'reason':'fraudulent','status':"

static void a_dispute_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "charge.dispute.funds_withdrawn", DISPUTE "'needs_response'",
        "dispute du_1: state=needs_response amount_minor=1000 currency=EUR reason=fraudulent"
        " network_reason=10.4 evidence_due_at=1700500000 withdrawn_minor=1110"
        " settlement_currency=USD funds_withdrawn attempt_id=ch_1 payment_id=pi_1"
        " made_at=1690000000");
}

static void every_status_of_a_dispute_has_its_state(void **state)
{
    (void)state;
    static const struct {
        const char *word, *state;
        bool is_inquiry;
    } rows[] = {
        {"warning_needs_response", "inquiry_needs_response", true},
        {"warning_under_review", "inquiry_under_review", true},
        {"warning_closed", "inquiry_closed", true},
        {"needs_response", "needs_response", false},
        {"under_review", "under_review", false},
        {"appeal_needs_response", "appeal_needs_response", false},
        {"appeal_under_review", "appeal_under_review", false},
        {"lost", "lost", false},
        {"won", "won", false},
        {"charge_refunded", "won", false},
        {"prevented", "prevented", false},
        {"decided_by_lot", "unknown", false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char object[2048];
        (void)snprintf(object, sizeof object, DISPUTE "'%s'", rows[i].word);
        struct notice_list list = notices_in_quotes(arena, "charge.dispute.closed", object);
        const struct dispute *dispute = list.notices[0].object_says.record;
        assert_row(strcmp(dispute_states.words[dispute->state], rows[i].state) == 0, rows[i].word);
        assert_row(dispute->is_inquiry == rows[i].is_inquiry, rows[i].word);
    }
}

static void money_that_came_back_is_told_beside_the_status(void **state)
{
    (void)state;
    assert_said(arena, "charge.dispute.funds_reinstated",
        "'id':'du_1','object':'dispute','amount':1000,'currency':'eur','created':5,'status':'lost',"
        "'balance_transactions':[{'amount':-1110,'currency':'usd'},{'amount':1110,'currency':'usd'}"
        "]",
        "dispute du_1: state=lost amount_minor=1000 currency=EUR settlement_currency=USD"
        " funds_withdrawn funds_reinstated made_at=5");
}

static void of_one_second_the_snapshot_with_more_lines_stands(void **state)
{
    (void)state;
    static const char *const lines[] = {"[]", "[{'amount':-1,'currency':'usd'}]",
        "[{'amount':-1,'currency':'usd'},{'amount':1,'currency':'usd'}]"};
    int64_t ranks[3];
    for (size_t i = 0; i < 3; i++) {
        struct notice_list list = notices_in_quotes(arena, "charge.dispute.closed",
            spoilt(arena, DISPUTE "'won'", "balance_transactions", lines[i]));
        ranks[i] = list.notices[0].stamp.rank;
    }
    assert_true(ranks[0] < ranks[1] && ranks[1] < ranks[2]);
    struct notice_list later =
        notices_in_quotes(arena, "charge.dispute.closed", DISPUTE "'appeal_under_review'");
    assert_true(later.notices[0].stamp.rank < ranks[0]);
}

static void a_dispute_of_long_ago_is_known_by_its_charge(void **state)
{
    (void)state;
    assert_said(arena, "charge.dispute.created",
        "'object':'dispute','amount':1000,'currency':'usd','created':5,'charge':'ch_1',"
        "'status':'needs_response','evidence_due_by':9,'evidence':null,'balance_transaction':'t'",
        "dispute ch_1: state=needs_response amount_minor=1000 currency=USD evidence_due_at=9"
        " attempt_id=ch_1 made_at=5");
}

static void a_spoilt_dispute_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row rows[] = {
        {"id", "7", ERR_INVALID, "data.object.id must be text"},
        {"id", "''", ERR_INVALID, "data.object.id must not be empty"},
        {"amount", NULL, ERR_INVALID, "data.object.amount is missing"},
        {"amount", "null", ERR_INVALID, "data.object.amount is missing"},
        {"amount", "-1", ERR_INVALID, "data.object.amount must not be negative"},
        {"amount", "'1000'", ERR_INVALID, "data.object.amount must be a whole number"},
        {"amount", "9223372036854775808", ERR_OVERFLOW,
            "data.object.amount does not fit into 64 bits"},
        {"currency", "'euro'", ERR_INVALID, "data.object.currency must be three letters"},
        {"created", NULL, ERR_INVALID, "data.object.created is missing"},
        {"created", "true", ERR_INVALID, "data.object.created must be a whole number"},
        {"charge", "7", ERR_INVALID, "data.object.charge must be text"},
        {"payment_intent", "{'object':'payment_intent'}", ERR_INVALID,
            "data.object.payment_intent has no id"},
        {"due_by", "'soon'", ERR_INVALID,
            "data.object.evidence_details.due_by must be a whole number"},
        {"status", "7", ERR_INVALID, "data.object.status must be text"},
        {"balance_transactions", "'txn_1'", ERR_INVALID,
            "data.object.balance_transactions must be a list"},
        {"balance_transactions", "[{'amount':'x','currency':'usd'}]", ERR_INVALID,
            "data.object.balance_transactions[0].amount must be a whole number"},
        {"balance_transactions", "[{'amount':1}]", ERR_INVALID,
            "data.object.balance_transactions[0].currency is missing"},
        {"balance_transactions", "[{'amount':1,'currency':'usd'},{'amount':1,'currency':'eur'}]",
            ERR_INVALID,
            "data.object.balance_transactions[1].currency is not that of the line before"},
        {"balance_transactions",
            "[{'amount':-9223372036854775807,'currency':'usd'},{'amount':-9,'currency':'usd'}]",
            ERR_OVERFLOW,
            "data.object.balance_transactions[1].amount makes a sum that does not fit into 64 "
            "bits"},
        {"balance_transactions", "[]", ERR_OK, ""},
        {"balance_transactions", "['txn_1']", ERR_OK, ""},
        {"reason", "7", ERR_OK, ""},
        {"status", NULL, ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "charge.dispute.updated", DISPUTE "'needs_response'", rows);
}

/* ---- payouts ------------------------------------------------------------------------------- */

#define PAYOUT                                                                                     \
    "'id':'po_1','object':'payout','amount':9000,'arrival_date':1690070400,'automatic':true,"      \
    "'balance_transaction':'txn_1','created':1690000000,'currency':'eur','destination':'ba_1',"    \
    "'failure_balance_transaction':null,'failure_code':null,'livemode':false,'method':'standard'," \
    "'original_payout':null,'reconciliation_status':'completed','reversed_by':'po_2',"             \
    "'source_type':'card','statement_descriptor':'ACME','trace_id':{'status':'supported',"         \
    "'value':'FED123'},'type':'bank_account','status':"

static void a_payout_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "payout.paid", PAYOUT "'paid'",
        "payout po_1: state=paid amount_minor=9000 currency=EUR automatic method=standard"
        " arrival_at=1690070400 trace_id=FED123 reconciliation=completed reconciled"
        " original_payout_id=none reversed_by_id=po_2 made_at=1690000000");
    assert_said(arena, "payout.failed",
        "'id':'po_2','object':'payout','amount':-10000,'currency':'jpy','created':5,"
        "'status':'failed','failure_code':'account_closed','method':'instant',"
        "'reconciliation_status':'not_applicable','original_payout':'po_1','automatic':false",
        "payout po_2: state=failed amount_minor=-10000 currency=JPY method=instant"
        " failure_code=account_closed reconciliation=not_applicable original_payout_id=po_1"
        " made_at=5");
    assert_said(arena, "payout.updated",
        "'id':'po_3','object':'payout','amount':1,'currency':'eur','created':5,'status':'"
        "teleported'"
        ",'method':'pigeon','reconciliation_status':'guessed'",
        "payout po_3: state=unknown amount_minor=1 currency=EUR method=unknown"
        " reconciliation=unknown made_at=5");
}

static void a_transfer_to_a_bank_of_long_ago_is_a_payout(void **state)
{
    (void)state;
    assert_said(arena, "transfer.paid",
        "'id':'tr_1','object':'transfer','amount':9000,'currency':'usd','created':5,'date':86400,"
        "'status':'paid','type':'bank_account','method':'standard','bank_account':{'id':'ba_1',"
        "'object':'bank_account','last4':'6789'},'failure_code':null",
        "payout tr_1: state=paid amount_minor=9000 currency=USD method=standard arrival_at=86400"
        " reconciliation=not_applicable made_at=5");
}

static void every_status_of_a_payout_has_its_state(void **state)
{
    (void)state;
    static const char *const words[] = {"pending", "in_transit", "paid", "failed", "canceled"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char object[2048];
        (void)snprintf(object, sizeof object, PAYOUT "'%s'", words[i]);
        struct notice_list list = notices_in_quotes(arena, "payout.updated", object);
        const struct payout *payout = list.notices[0].object_says.record;
        assert_row(strcmp(payout_states.words[payout->state], words[i]) == 0, words[i]);
    }
}

static void what_comes_later_in_a_payouts_life_outranks_the_rest_of_its_second(void **state)
{
    (void)state;
    struct notice_list paid = notices_in_quotes(arena, "payout.paid", PAYOUT "'paid'");
    struct notice_list failed = notices_in_quotes(arena, "payout.failed", PAYOUT "'failed'");
    assert_true(failed.notices[0].stamp.rank > paid.notices[0].stamp.rank);
    struct notice_list open = notices_in_quotes(arena, "payout.paid",
        spoilt(arena, PAYOUT "'paid'", "reconciliation_status", "'in_progress'"));
    assert_true(paid.notices[0].stamp.rank > open.notices[0].stamp.rank);
}

static void a_spoilt_payout_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row rows[] = {
        {"id", NULL, ERR_INVALID, "data.object.id is missing"},
        {"amount", "10.5", ERR_INVALID, "data.object.amount must be a whole number"},
        {"amount", "-9000", ERR_OK, ""},
        {"amount", "-9223372036854775809", ERR_OVERFLOW,
            "data.object.amount does not fit into 64 bits"},
        {"currency", NULL, ERR_INVALID, "data.object.currency is missing"},
        {"currency", "'xyz'", ERR_OK, ""},
        {"arrival_date", "-1", ERR_INVALID, "data.object.arrival_date must not be negative"},
        {"automatic", "'yes'", ERR_INVALID, "data.object.automatic must be true or false"},
        {"method", "7", ERR_INVALID, "data.object.method must be text"},
        {"original_payout", "true", ERR_INVALID, "data.object.original_payout must be text"},
        {"reversed_by", "{'id':7}", ERR_INVALID, "data.object.reversed_by must be text"},
        {"trace_id", "'T'", ERR_OK, ""},
        {"created", "253402300800", ERR_OVERFLOW, "data.object.created is after the year 9999"},
    };
    ASSERT_SPOILT(arena, "payout.updated", PAYOUT "'paid'", rows);
}

/* ---- balances ------------------------------------------------------------------------------ */

static void each_currency_of_a_balance_is_one_of_its_own(void **state)
{
    (void)state;
    assert_said(arena, "balance.available",
        "'object':'balance','livemode':false,"
        "'available':[{'amount':700,'currency':'eur','source_types':{'card':700}},"
        "{'amount':-30,'currency':'usd'}],"
        "'pending':[{'amount':5,'currency':'usd'},{'amount':9,'currency':'jpy'}],"
        "'instant_available':[{'amount':600,'currency':'eur'}],"
        "'connect_reserved':[{'amount':1,'currency':'gbp'}]",
        "balance EUR: currency=EUR available_minor=700 instant_available_minor=600",
        "balance USD: currency=USD available_minor=-30 pending_minor=5",
        "balance JPY: currency=JPY pending_minor=9");
}

static void a_balance_that_cannot_be_read_says_where(void **state)
{
    (void)state;
    static const struct spoilt_row rows[] = {
        {"available", "[]", ERR_INVALID, "data.object.available names no currency"},
        {"available", NULL, ERR_INVALID, "data.object.available names no currency"},
        {"available", "7", ERR_INVALID, "data.object.available must be a list"},
        {"available", "[7]", ERR_INVALID, "data.object.available[0].amount is missing"},
        {"available", "[{'amount':1}]", ERR_INVALID,
            "data.object.available[0].currency is missing"},
        {"available", "[{'amount':1,'currency':'eur'},{'amount':1.5,'currency':'usd'}]",
            ERR_INVALID, "data.object.available[1].amount must be a whole number"},
        {"available",
            "[{'amount':9223372036854775807,'currency':'eur'},{'amount':1,'currency':'eur'}]",
            ERR_OVERFLOW,
            "data.object.available[1].amount makes a sum that does not fit into 64 bits"},
    };
    ASSERT_SPOILT(arena, "balance.available",
        "'object':'balance','available':[{'amount':700,'currency':'eur'}]", rows);
}

/* ---- reports ------------------------------------------------------------------------------- */

#define REPORT                                                                                     \
    "'id':'frr_1','object':'reporting.report_run','created':1690000000,'error':null,"              \
    "'livemode':true,'parameters':{'interval_start':1680000000,'interval_end':1681000000},"        \
    "'report_type':'balance.summary.1','result':{'id':'file_1','object':'file','url':'x'},"        \
    "'succeeded_at':1690000100,'status':"

static void a_run_of_a_report_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "reporting.report_run.succeeded", REPORT "'succeeded'",
        "report frr_1: state=succeeded report_type=balance.summary.1 interval_start_at=1680000000"
        " interval_end_at=1681000000 file=file_1 succeeded_at=1690000100 made_at=1690000000");
    assert_said(arena, "reporting.report_run.failed",
        "'id':'frr_2','object':'reporting.report_run','created':5,'error':'No data',"
        "'report_type':'payouts.itemized.3','parameters':{},'result':null,'succeeded_at':null,"
        "'status':'failed'",
        "report frr_2: state=failed report_type=payouts.itemized.3 failure_reason=No data"
        " made_at=5");
    assert_said(arena, "reporting.report_run.failed",
        "'id':'frr_3','object':'reporting.report_run','created':5,'status':'lost in the post'",
        "report frr_3: state=unknown made_at=5");
    assert_said(arena, "reporting.report_run.failed",
        "'id':'frr_4','object':'reporting.report_run','created':5,'status':'pending'",
        "report frr_4: state=pending made_at=5");
}

static void a_kind_of_report_says_until_when_there_is_data(void **state)
{
    (void)state;
    assert_said(arena, "reporting.report_type.updated",
        "'id':'balance.summary.1','object':'reporting.report_type','data_available_start':"
        "1600000000"
        ",'data_available_end':1690000000,'name':'Balance summary','updated':5,'version':1",
        "report balance.summary.1: state=offered report_type=balance.summary.1"
        " data_from_at=1600000000 data_until_at=1690000000");
}

static void a_spoilt_report_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row rows[] = {
        {"id", "null", ERR_INVALID, "data.object.id is missing"},
        {"created", NULL, ERR_INVALID, "data.object.created is missing"},
        {"interval_start", "'x'", ERR_INVALID,
            "data.object.parameters.interval_start must be a whole number"},
        {"succeeded_at", "-5", ERR_INVALID, "data.object.succeeded_at must not be negative"},
        {"result", "'file_1'", ERR_OK, ""},
        {"result", "[]", ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "reporting.report_run.succeeded", REPORT "'succeeded'", rows);
}

#define EACH(test) TEST_WITH(test, begin, end)
TESTS_MAIN("settlement",
    EACH(a_dispute_says_all_its_fields),
    EACH(every_status_of_a_dispute_has_its_state),
    EACH(money_that_came_back_is_told_beside_the_status),
    EACH(of_one_second_the_snapshot_with_more_lines_stands),
    EACH(a_dispute_of_long_ago_is_known_by_its_charge),
    EACH(a_spoilt_dispute_says_which_field),
    EACH(a_payout_says_all_its_fields),
    EACH(a_transfer_to_a_bank_of_long_ago_is_a_payout),
    EACH(every_status_of_a_payout_has_its_state),
    EACH(what_comes_later_in_a_payouts_life_outranks_the_rest_of_its_second),
    EACH(a_spoilt_payout_says_which_field),
    EACH(each_currency_of_a_balance_is_one_of_its_own),
    EACH(a_balance_that_cannot_be_read_says_where),
    EACH(a_run_of_a_report_says_all_its_fields),
    EACH(a_kind_of_report_says_until_when_there_is_data),
    EACH(a_spoilt_report_says_which_field))

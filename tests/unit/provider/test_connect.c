/* Connected accounts, transfers, application fees and top-ups, in the newest shape. */
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

#define ACCOUNT                                                                                    \
    "'id':'acct_1','object':'account','business_profile':{'name':'Ann'},'charges_enabled':true,"   \
    "'country':'DE','created':1690000000,'default_currency':'eur','email':'ann@example.com',"      \
    "'payouts_enabled':false,'type':'express'"

static void an_account_says_all_its_fields_and_nothing_personal(void **state)
{
    (void)state;
    assert_said(arena, "account.updated", ACCOUNT,
        "connected_account acct_1: charges_enabled country=DE default_currency=EUR"
        " made_at=1690000000");
    assert_said(arena, "account.updated",
        "'id':'acct_1','object':'account','charge_enabled':false,'transfer_enabled':true,"
        "'default_currency':'moon'",
        "connected_account acct_1: payouts_enabled");
    assert_said(arena, "account.updated", "'id':'acct_1','object':'account','deleted':true",
        "connected_account acct_1: deleted");
}

#define TRANSFER                                                                                   \
    "'id':'tr_1','object':'transfer','amount':1000,'amount_reversed':400,'balance_transaction':"   \
    "'txn_1','created':1690000000,'currency':'eur','destination':'acct_1','destination_payment':"  \
    "'py_1','reversals':{'object':'list','data':[{'id':'trr_1','object':'transfer_reversal',"      \
    "'amount':400}],'has_more':false},'reversed':false,'source_transaction':'ch_1',"               \
    "'transfer_group':'group 1'"

static void a_transfer_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "transfer.reversed", TRANSFER,
        "transfer tr_1: amount_minor=1000 reversed_minor=400 currency=EUR was_reversed"
        " account_id=acct_1 attempt_id=ch_1 transfer_group=group 1 made_at=1690000000");
    assert_said(arena, "transfer.created",
        "'id':'tr_2','object':'transfer','amount':1000,'amount_reversed':0,'created':5,"
        "'currency':'jpy','destination':'acct_1','reversed':false,'source_transaction':null,"
        "'transfer_group':null",
        "transfer tr_2: amount_minor=1000 currency=JPY account_id=acct_1 attempt_id=none"
        " made_at=5");
}

#define FEE                                                                                        \
    "'id':'fee_1','object':'application_fee','account':'acct_1','amount':100,'amount_refunded':50" \
    ",'application':'ca_1','charge':'ch_9','created':1690000000,'currency':'usd',"                 \
    "'originating_transaction':'ch_1','refunded':false,'refunds':{'object':'list','data':[{'id':"  \
    "'fr_1','object':'fee_refund','amount':50,'created':1690000005,'currency':'usd'}],'has_more'"  \
    ":false}"

static void a_fee_says_all_its_fields_and_its_refunds(void **state)
{
    (void)state;
    assert_said(arena, "application_fee.refunded", FEE,
        "application_fee fee_1: amount_minor=100 refunded_minor=50 currency=USD was_refunded"
        " account_id=acct_1 attempt_id=ch_1 made_at=1690000000",
        "fee_refund fr_1: amount_minor=50 currency=USD application_fee_id=fee_1"
        " made_at=1690000005");
    assert_said(arena, "application_fee.refund.updated",
        "'id':'fr_1','object':'fee_refund','amount':50,'balance_transaction':'txn_1','created':5,"
        "'currency':'usd','fee':'fee_1'",
        "fee_refund fr_1: amount_minor=50 currency=USD application_fee_id=fee_1 made_at=5");
}

static void a_list_of_refunds_that_is_cut_off_is_said_to_be(void **state)
{
    (void)state;
    struct notice_list list = notices_in_quotes(
        arena, "application_fee.refunded", spoilt(arena, FEE, "has_more", "true"));
    assert_int_equal(list.count, 2);
    assert_true(list.truncated);
    assert_int64_equal(
        ((const struct application_fee *)list.notices[0].object_says.record)->refunded_minor, 50);
}

#define TOPUP                                                                                      \
    "'id':'tu_1','object':'topup','amount':5000,'created':1690000000,'currency':'eur',"            \
    "'expected_availability_date':1690500000,'failure_code':'insufficient_funds',"                 \
    "'failure_message':'No','source':{'id':'src_1','object':'source'},'status':"

static void a_topup_says_all_its_fields(void **state)
{
    (void)state;
    static const char *const words[] = {
        "pending", "succeeded", "failed", "canceled", "reversed", "unknown"};
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char object[1024], line[512];
        (void)snprintf(object, sizeof object, TOPUP "'%s'", words[i]);
        (void)snprintf(line, sizeof line,
            "topup tu_1: state=%s amount_minor=5000 currency=EUR expected_at=1690500000"
            " failure_code=insufficient_funds made_at=1690000000",
            words[i]);
        assert_said(arena, "topup.failed", object, line);
    }
}

static void what_is_spoilt_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row account_rows[] = {
        {"id", "7", ERR_INVALID, "data.object.id must be text"},
        {"charges_enabled", "1", ERR_INVALID, "data.object.charges_enabled must be true or false"},
        {"payouts_enabled", "'no'", ERR_INVALID,
            "data.object.payouts_enabled must be true or false"},
        {"country", "7", ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "account.updated", ACCOUNT, account_rows);
    static const struct spoilt_row transfer_rows[] = {
        {"amount", NULL, ERR_INVALID, "data.object.amount is missing"},
        {"amount", "-1000", ERR_INVALID, "data.object.amount must not be negative"},
        {"amount_reversed", "'x'", ERR_INVALID,
            "data.object.amount_reversed must be a whole number"},
        {"currency", "null", ERR_INVALID, "data.object.currency is missing"},
        {"destination", "7", ERR_INVALID, "data.object.destination must be text"},
        {"source_transaction", "{'id':''}", ERR_INVALID,
            "data.object.source_transaction must not be empty"},
        {"reversed", "0", ERR_INVALID, "data.object.reversed must be true or false"},
        {"created", "1e99", ERR_INVALID, "data.object.created must be a whole number"},
    };
    ASSERT_SPOILT(arena, "transfer.updated", TRANSFER, transfer_rows);
    static const struct spoilt_row fee_rows[] = {
        {"account", "{'object':'account'}", ERR_INVALID, "data.object.account has no id"},
        {"amount", "true", ERR_INVALID, "data.object.amount must be a whole number"},
        {"refunded", "'x'", ERR_INVALID, "data.object.refunded must be true or false"},
        {"refunds", "7", ERR_INVALID, "data.object.refunds must be a list"},
        {"refunds", "[{'id':'fr_1','object':'fee_refund','amount':-1}]", ERR_INVALID,
            "data.object.refunds[0].amount must not be negative"},
        {"refunds", "[]", ERR_OK, ""},
        {"originating_transaction", "null", ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "application_fee.created", FEE, fee_rows);
    static const struct spoilt_row topup_rows[] = {
        {"amount", "50.5", ERR_INVALID, "data.object.amount must be a whole number"},
        {"expected_availability_date", "'soon'", ERR_INVALID,
            "data.object.expected_availability_date must be a whole number"},
        {"status", "7", ERR_INVALID, "data.object.status must be text"},
        {"source", "null", ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "topup.created", TOPUP "'pending'", topup_rows);
}

#define EACH(test) TEST_WITH(test, begin, end)
TESTS_MAIN("connect",
    EACH(an_account_says_all_its_fields_and_nothing_personal),
    EACH(a_transfer_says_all_its_fields),
    EACH(a_fee_says_all_its_fields_and_its_refunds),
    EACH(a_list_of_refunds_that_is_cut_off_is_said_to_be),
    EACH(a_topup_says_all_its_fields),
    EACH(what_is_spoilt_says_which_field))

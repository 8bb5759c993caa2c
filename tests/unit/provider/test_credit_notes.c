/* Credit notes, and the tax ids of customers, in the newest shape. */
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

/* ---- credit notes -------------------------------------------------------------------------- */

#define NOTE                                                                                       \
    "'id':'cn_1','object':'credit_note','amount':1200,'created':1690000000,'currency':'eur',"      \
    "'customer':'cus_1','customer_balance_transaction':'cbtxn_1','invoice':'in_1',"                \
    "'livemode':false,'memo':'sorry','number':'ABC-0001-CN-01','out_of_band_amount':100,"          \
    "'post_payment_amount':1000,'pre_payment_amount':200,'reason':'order_change',"                 \
    "'refunds':[{'amount_refunded':400,'refund':'re_1','type':'refund'},{'amount_refunded':200,"   \
    "'refund':'re_2','type':'refund'}],'total_taxes':[{'amount':150},{'amount':41}],"              \
    "'type':'mixed','voided_at':1690000500,'status':"

static void a_credit_note_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "credit_note.voided", NOTE "'void'",
        "credit_note cn_1: state=void number=ABC-0001-CN-01 invoice_id=in_1 customer_id=cus_1"
        " amount_minor=1200 currency=EUR tax_minor=191 pre_payment_minor=200"
        " post_payment_minor=1000 refund_id=re_1 refund_count=2 refunded_minor=600"
        " balance_minor=300 out_of_band_minor=100 reason=order_change made_at=1690000000"
        " voided_at=1690000500");
    assert_said(arena, "credit_note.created",
        "'id':'cn_1','object':'credit_note','amount':1,'created':5,'currency':'eur',"
        "'refunds':[],'status':'pencilled_in'",
        "credit_note cn_1: state=unknown amount_minor=1 currency=EUR refund_id=none made_at=5");
}

#define BARE                                                                                       \
    "'id':'cn_1','object':'credit_note','amount':1000,'created':5,'currency':'eur',"               \
    "'status':'issued',"

static void what_a_credit_note_gives_back_adds_up(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        int64_t pre_minor, post_minor, refunded_minor, balance_minor;
    } rows[] = {
        {"'type':'pre_payment'", 1000, 0, 0, 0},
        {"'type':'post_payment'", 0, 1000, 0, 0},
        {"'type':'post_payment','customer_balance_transaction':'b'", 0, 1000, 0, 1000},
        {"'type':'post_payment','customer_balance_transaction':null", 0, 1000, 0, 0},
        {"'type':'pre_payment','pre_payment_amount':400", 400, 0, 0, 0},
        {"'type':'post_payment','post_payment_amount':400", 0, 400, 0, 0},
        {"'type':'mixed','pre_payment_amount':300,'post_payment_amount':700", 300, 700, 0, 0},
        {"'type':'post_payment','refund':{'id':'re_1','object':'refund','amount':900,"
         "'currency':'eur','created':5}",
            0, 1000, 900, 0},
        {"'type':'post_payment','refund':'re_1'", 0, 1000, 0, 0}, /* an id does not say how much */
        {"'post_payment_amount':1000,'customer_balance_transaction':'b','out_of_band_amount':250,"
         "'refunds':[{'amount_refunded':250,'refund':'re_1'}]",
            0, 1000, 250, 500},
        {"'post_payment_amount':10,'customer_balance_transaction':'b','out_of_band_amount':"
         "9223372036854775807,'refunds':[{'amount_refunded':9223372036854775807}]",
            0, 10, INT64_MAX, 0},
        {"'type':7", 0, 0, 0, 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char object[2048];
        (void)snprintf(object, sizeof object, BARE "%s", rows[i].object);
        struct notice_list list = notices_in_quotes(arena, "credit_note.created", object);
        const struct credit_note *note = list.notices[0].object_says.record;
        assert_row(note->pre_payment_minor == rows[i].pre_minor, rows[i].object);
        assert_row(note->post_payment_minor == rows[i].post_minor, rows[i].object);
        assert_row(note->refunded_minor == rows[i].refunded_minor, rows[i].object);
        assert_row(note->balance_minor == rows[i].balance_minor, rows[i].object);
    }
}

static void a_spoilt_credit_note_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row rows[] = {
        {"id", "''", ERR_INVALID, "data.object.id must not be empty"},
        {"amount", NULL, ERR_INVALID, "data.object.amount is missing"},
        {"amount", "-1", ERR_INVALID, "data.object.amount must not be negative"},
        {"amount", "12.00", ERR_INVALID, "data.object.amount must be a whole number"},
        {"amount", "9223372036854775808", ERR_OVERFLOW,
            "data.object.amount does not fit into 64 bits"},
        {"currency", "null", ERR_INVALID, "data.object.currency is missing"},
        {"created", "'now'", ERR_INVALID, "data.object.created must be a whole number"},
        {"invoice", "7", ERR_INVALID, "data.object.invoice must be text"},
        {"customer", "{}", ERR_INVALID, "data.object.customer has no id"},
        {"out_of_band_amount", "-1", ERR_INVALID,
            "data.object.out_of_band_amount must not be negative"},
        {"voided_at", "253402300800", ERR_OVERFLOW, "data.object.voided_at is after the year 9999"},
        {"refunds", "7", ERR_INVALID, "data.object.refunds must be a list"},
        {"refunds", "[{'refund':7}]", ERR_INVALID, "data.object.refunds[0].refund must be text"},
        {"refunds", "[{'amount_refunded':-1}]", ERR_INVALID,
            "data.object.refunds[0].amount_refunded must not be negative"},
        {"refunds", "[{'amount_refunded':9223372036854775807},{'amount_refunded':1}]", ERR_OVERFLOW,
            "data.object.refunds[1].amount_refunded makes a sum that does not fit into 64 bits"},
        {"refunds", "null", ERR_OK, ""},
        {"refunds", "['re_1']", ERR_OK, ""},
        {"total_taxes", "[{'amount':'9'}]", ERR_INVALID,
            "data.object.total_taxes[0].amount must be a whole number"},
        {"reason", "7", ERR_OK, ""},
        {"number", "{}", ERR_OK, ""},
        {"status", "7", ERR_INVALID, "data.object.status must be text"},
        {"status", NULL, ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "credit_note.updated", NOTE "'issued'", rows);
}

/* ---- tax ids ------------------------------------------------------------------------------- */

#define TAX_ID                                                                                     \
    "'id':'txi_1','object':'tax_id','country':'DE','created':1690000000,'customer':'cus_1',"       \
    "'livemode':false,'owner':{'type':'customer','customer':'cus_2'},'type':'eu_vat',"             \
    "'value':'DE123456789','verification':{'verified_name':'Somebody','verified_address':'There'," \
    "'status':"

static void a_tax_id_says_all_its_fields_and_not_itself(void **state)
{
    (void)state;
    assert_said(arena, "customer.tax_id.updated", TAX_ID "'verified'}",
        "tax_id txi_1: state=verified customer_id=cus_1 type=eu_vat country=DE"
        " made_at=1690000000");
    assert_said(arena, "customer.tax_id.deleted", TAX_ID "'verified'}",
        "tax_id txi_1: state=verified customer_id=cus_1 type=eu_vat country=DE deleted"
        " made_at=1690000000");
    assert_said(arena, "customer.tax_id.created",
        "'id':'txi_1','object':'tax_id','country':null,'created':5,'customer':null,'owner':{"
        "'type':'customer','customer':'cus_2'},'type':'us_ein','verification':null",
        "tax_id txi_1: state=unknown customer_id=cus_2 type=us_ein made_at=5");
}

static void every_status_of_a_tax_id_has_its_state(void **state)
{
    (void)state;
    static const char *const words[] = {"pending", "unavailable", "unverified", "verified"};
    int64_t rank = 0;
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++) {
        char object[2048];
        (void)snprintf(object, sizeof object, TAX_ID "'%s'}", words[i]);
        struct notice_list list = notices_in_quotes(arena, "customer.tax_id.updated", object);
        const struct tax_id *id = list.notices[0].object_says.record;
        assert_row(strcmp(tax_id_states.words[id->state], words[i]) == 0, words[i]);
        assert_row(list.notices[0].stamp.rank > rank, words[i]);
        rank = list.notices[0].stamp.rank;
    }
}

static void a_spoilt_tax_id_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row rows[] = {
        {"id", "null", ERR_INVALID, "data.object.id is missing"},
        {"created", NULL, ERR_INVALID, "data.object.created is missing"},
        {"created", "-5", ERR_INVALID, "data.object.created must not be negative"},
        {"customer", "7", ERR_INVALID, "data.object.customer must be text"},
        {"status", "7", ERR_INVALID, "data.object.verification.status must be text"},
        {"verification", "'verified'", ERR_OK, ""},
        {"type", "7", ERR_OK, ""},
        {"country", "'Deutschland'", ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "customer.tax_id.updated", TAX_ID "'pending'}", rows);
}

#define EACH(test) TEST_WITH(test, begin, end)
TESTS_MAIN("credit_notes",
    EACH(a_credit_note_says_all_its_fields),
    EACH(what_a_credit_note_gives_back_adds_up),
    EACH(a_spoilt_credit_note_says_which_field),
    EACH(a_tax_id_says_all_its_fields_and_not_itself),
    EACH(every_status_of_a_tax_id_has_its_state),
    EACH(a_spoilt_tax_id_says_which_field))

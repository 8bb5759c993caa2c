/* Invoices with their lines and payments, in the newest shape. */
#include "said.h"
#include "unit/notices.h"

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

/* ---- invoices ------------------------------------------------------------------------------ */

#define INVOICE                                                                                    \
    "'id':'in_1','object':'invoice','amount_due':1900,'amount_overpaid':5,'amount_paid':900,"      \
    "'amount_paid_off_stripe':70,'amount_remaining':1000,'attempt_count':2,'attempted':true,"      \
    "'billing_reason':'subscription_cycle','collection_method':'charge_automatically',"            \
    "'created':1690000000,'currency':'eur','customer':'cus_1','customer_name':'Somebody',"         \
    "'due_date':1700500000,'ending_balance':-300,'livemode':false,"                                \
    "'next_payment_attempt':1700090000,'number':'ABC-0001','parent':{'type':"                      \
    "'subscription_details','quote_details':null,'subscription_details':{'metadata':{},"           \
    "'subscription':'sub_1'}},'period_end':1690000000,'period_start':1680000000,"                  \
    "'post_payment_credit_notes_amount':11,'pre_payment_credit_notes_amount':22,"                  \
    "'starting_balance':-1000,'status_details':{},'status_transitions':{'finalized_at':"           \
    "1690003600,'marked_uncollectible_at':1690600000,'paid_at':1690700000,'voided_at':"            \
    "1690800000},'subtotal':2500,'total':2600,'total_discount_amounts':[{'amount':100,"            \
    "'discount':'di_1'},{'amount':50,'discount':'di_2'}],'total_taxes':[{'amount':190,"            \
    "'tax_behavior':'exclusive'},{'amount':60,'tax_behavior':'inclusive'}],'status':"

#define INVOICE_SAYS(state)                                                                        \
    "invoice in_1: state=" state " number=ABC-0001 customer_id=cus_1 subscription_id=sub_1"        \
    " currency=EUR subtotal_minor=2500 discount_minor=150 tax_minor=250 total_minor=2600"          \
    " due_minor=1900 paid_minor=900 remaining_minor=1000 overpaid_minor=5 out_of_band_minor=70"    \
    " paid_out_of_band pre_payment_credit_minor=22 post_payment_credit_minor=11"                   \
    " starting_balance_minor=-1000 ending_balance_minor=-300 applied_balance_minor=700"            \
    " billing_reason=subscription_cycle collects_itself due_at=1700500000"
#define INVOICE_SAYS_TOO                                                                           \
    " period_start=1680000000 period_end=1690000000 made_at=1690000000 finalized_at=1690003600"    \
    " paid_at=1690700000 voided_at=1690800000 uncollectible_at=1690600000"

static void an_invoice_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "invoice.updated", INVOICE "'open'",
        INVOICE_SAYS(
            "open") " attempted attempt_count=2 next_attempt_at=1700090000" INVOICE_SAYS_TOO);
}

#define BARE                                                                                       \
    "'id':'in_1','object':'invoice','created':5,'currency':'jpy','total':1000,'amount_due':1000,"

static void an_invoice_may_say_next_to_nothing(void **state)
{
    (void)state;
    assert_said(arena, "invoice.created", BARE "'status':'draft','customer':null,'parent':null",
        "invoice in_1: state=draft customer_id=none currency=JPY total_minor=1000 due_minor=1000"
        " remaining_minor=1000 collects_itself made_at=5");
}

static void every_status_of_an_invoice_has_its_state(void **state)
{
    (void)state;
    static const struct {
        const char *type, *word, *state;
    } rows[] = {
        {"invoice.created", "draft", "draft"},
        {"invoice.finalized", "open", "open"},
        {"invoice.marked_uncollectible", "uncollectible", "uncollectible"},
        {"invoice.paid", "paid", "paid"},
        {"invoice.voided", "void", "void"},
        {"invoice.deleted", "draft", "deleted"},
        {"invoice.deleted", "deleted", "deleted"},
        {"invoice.updated", "levitating", "unknown"},
    };
    int64_t rank = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char object[4096];
        (void)snprintf(object, sizeof object, BARE "'status':'%s'", rows[i].word);
        struct notice_list list = notices_in_quotes(arena, rows[i].type, object);
        const struct invoice *invoice = list.notices[0].object_says.record;
        assert_row(strcmp(invoice_states.words[invoice->state], rows[i].state) == 0, rows[i].word);
        bool is_known = invoice->state != INVOICE_UNKNOWN;
        assert_row((list.notices[0].stamp.rank >= rank) == is_known, rows[i].word);
        rank = list.notices[0].stamp.rank;
    }
}

/* In one second: finalised, tried, failed; and whatever is said of it beside that. */
static void an_open_invoice_grows_older_within_its_second(void **state)
{
    (void)state;
    static const struct {
        const char *type, *object;
    } rows[] = {
        {"invoice.created", BARE "'status':'draft'"},
        {"invoice.finalized", BARE "'status':'open','attempt_count':0"},
        {"invoice.updated", BARE "'status':'open','attempt_count':1,'attempted':true"},
        {"invoice.payment_action_required", BARE "'status':'open','attempt_count':1"},
        {"invoice.payment_failed", BARE "'status':'open','attempt_count':1,'attempted':true"},
        {"invoice.updated", BARE "'status':'uncollectible','attempt_count':1"},
        {"invoice.paid", BARE "'status':'paid','attempt_count':1"},
        {"invoice.voided", BARE "'status':'void'"},
    };
    int64_t rank = 0;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct notice_list list = notices_in_quotes(arena, rows[i].type, rows[i].object);
        assert_row(list.notices[0].stamp.rank > rank, rows[i].type);
        rank = list.notices[0].stamp.rank;
    }
}

/* The balance's sign is the customer's debt: what an invoice uses up or adds is the way it went. */
static void what_the_customers_balance_settles_is_worked_out(void **state)
{
    (void)state;
    static const struct {
        const char *balances;
        int64_t applied_minor;
    } rows[] = {
        {"'starting_balance':-1000,'ending_balance':0", 1000},
        {"'starting_balance':-1000,'ending_balance':-300", 700},
        {"'starting_balance':500,'ending_balance':0", -500},
        {"'starting_balance':0,'ending_balance':-500", -500},
        {"'starting_balance':-1000,'ending_balance':null", 0},
        {"'starting_balance':-1000", 0},
        {"'ending_balance':30", 30},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char object[4096];
        (void)snprintf(object, sizeof object, BARE "%s", rows[i].balances);
        struct notice_list list = notices_in_quotes(arena, "invoice.updated", object);
        const struct invoice *invoice = list.notices[0].object_says.record;
        assert_row(invoice->applied_balance_minor == rows[i].applied_minor, rows[i].balances);
    }
}

/* Paid may be by nobody's money: what came is never made up. */
static void a_paid_invoice_without_money_has_none(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        int64_t paid_minor, remaining_minor;
        bool out_of_band;
    } rows[] = {
        {"'status':'paid','amount_paid':1000,'amount_remaining':0", 1000, 0, false},
        {"'status':'paid','amount_paid':0,'amount_remaining':0", 0, 0, false},
        {"'status':'paid'", 0, 0, false},
        {"'status':'paid','charge':'ch_1'", 1000, 0, false},
        {"'status':'paid','charge':'ch_1','amount_paid':400", 400, 0, false},
        {"'status':'open','charge':'ch_1'", 0, 1000, false},
        {"'status':'open','amount_paid':400", 400, 600, false},
        {"'status':'paid','amount_paid':0,'amount_paid_off_stripe':1000", 0, 0, true},
        {"'status':'paid','amount_paid':0,'paid_out_of_band':true", 0, 0, true},
        {"'status':'paid','amount_paid':0,'paid_out_of_band':false", 0, 0, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char object[4096];
        (void)snprintf(object, sizeof object, BARE "%s", rows[i].object);
        struct notice_list list = notices_in_quotes(arena, "invoice.paid", object);
        const struct invoice *invoice = list.notices[0].object_says.record;
        assert_row(invoice->paid_minor == rows[i].paid_minor, rows[i].object);
        assert_row(invoice->remaining_minor == rows[i].remaining_minor, rows[i].object);
        assert_row(invoice->paid_out_of_band == rows[i].out_of_band, rows[i].object);
        for (uint32_t n = 0; n < list.count; n++) {
            assert_row(!notice_is_of_payment(&list.notices[n]), rows[i].object);
        }
    }
}

static void an_invoice_that_owes_the_customer_is_paid_by_nobody(void **state)
{
    (void)state;
    struct notice_list list = notices_in_quotes(arena, "invoice.paid",
        "'id':'in_1','object':'invoice','created':5,'currency':'jpy','total':-500,"
        "'amount_due':-500,'status':'paid','charge':'ch_1'");
    const struct invoice *invoice = list.notices[0].object_says.record;
    assert_int64_equal(invoice->paid_minor, 0);
    assert_int64_equal(invoice->due_minor, -500);
}

static void only_an_open_invoice_can_be_overdue(void **state)
{
    (void)state;
    static const struct {
        const char *object;
        int64_t overdue_at;
    } rows[] = {
        {"'status':'open','due_date':1699999999", 1699999999},
        {"'status':'open','due_date':1700000000", 0}, /* the event's own second */
        {"'status':'open','due_date':1700000001", 0},
        {"'status':'open','due_date':null", 0},
        {"'status':'paid','due_date':1699999999", 0},
        {"'status':'draft','due_date':1699999999", 0},
        {"'status':'void','due_date':1699999999", 0},
        {"'status':'open','attempt_count':1,'due_date':1699999999", 1699999999},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char object[4096];
        (void)snprintf(object, sizeof object, BARE "%s", rows[i].object);
        struct notice_list list = notices_in_quotes(arena, "invoice.updated", object);
        const struct invoice *invoice = list.notices[0].object_says.record;
        assert_row(invoice->overdue_at == rows[i].overdue_at * US_PER_SECOND, rows[i].object);
    }
}

static void only_its_event_says_that_a_payment_failed(void **state)
{
    (void)state;
    const char *object = BARE "'status':'open','attempt_count':1,'attempted':true";
    struct notice_list list = notices_in_quotes(arena, "invoice.payment_failed", object);
    const struct invoice *invoice = list.notices[0].object_says.record;
    assert_int64_equal(invoice->payment_failed_at, 1700000000 * US_PER_SECOND);
    list = notices_in_quotes(arena, "invoice.updated", object);
    invoice = list.notices[0].object_says.record;
    assert_int64_equal(invoice->payment_failed_at, 0);
}

static void who_is_sent_an_invoice_is_not_charged(void **state)
{
    (void)state;
    struct notice_list list =
        notices_in_quotes(arena, "invoice.updated", BARE "'collection_method':'send_invoice'");
    const struct invoice *invoice = list.notices[0].object_says.record;
    assert_false(invoice->collects_itself);
}

/* ---- what settles it ----------------------------------------------------------------------- */

#define PART(id, intent)                                                                           \
    "{'id':'" id "','object':'invoice_payment','amount_paid':400,'amount_requested':500,"          \
    "'created':1690000001,'currency':'eur','invoice':'in_1','is_default':false,'livemode':false,"  \
    "'payment':{'type':'payment_intent','payment_intent':'" intent "'},'status':'paid',"           \
    "'status_transitions':{'canceled_at':null,'paid_at':1690000002}}"
#define PART_SAYS(id, intent)                                                                      \
    "invoice_payment " id ": state=paid invoice_id=in_1 payment_id=" intent                        \
    " requested_minor=500 paid_minor=400 currency=EUR made_at=1690000001 paid_at=1690000002"

static void several_payments_settle_an_invoice_each_a_part(void **state)
{
    (void)state;
    assert_said(arena, "invoice.paid",
        BARE "'status':'paid','amount_paid':1000,'payments':{'object':'list','has_more':false,"
             "'data':[" PART("inpay_1", "pi_1") "," PART("inpay_2", "pi_2") "]}",
        "invoice in_1: state=paid currency=JPY total_minor=1000 due_minor=1000 paid_minor=1000"
        " payment_id=pi_1 collects_itself made_at=5",
        PART_SAYS("inpay_1", "pi_1"), PART_SAYS("inpay_2", "pi_2"));
}

#define NAMED(id, is_default, intent)                                                              \
    "{'id':'" id "','amount_requested':5,'currency':'jpy','created':5,'is_default':" is_default    \
    ",'payment':{'payment_intent':'" intent "','charge':null}}"

static void the_default_payment_is_the_one_that_an_invoice_names(void **state)
{
    (void)state;
    static const struct {
        const char *payments, *intent;
    } rows[] = {
        {NAMED("a", "false", "pi_1") "," NAMED("b", "true", "pi_2"), "pi_2"},
        {NAMED("a", "true", "pi_1") "," NAMED("b", "true", "pi_2"), "pi_1"},
        {NAMED("a", "null", "pi_1") "," NAMED("b", "false", "pi_2"), "pi_1"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char object[4096];
        (void)snprintf(object, sizeof object, BARE "'payments':{'data':[%s]}", rows[i].payments);
        struct notice_list list = notices_in_quotes(arena, "invoice.updated", object);
        assert_str_equal_to(said_link(&list.notices[0], "payment_id").provider_id, rows[i].intent);
        assert_int_equal(said_link(&list.notices[0], "attempt_id").state, LINK_NONE);
    }
    struct notice_list list = notices_in_quotes(arena, "invoice.updated", BARE "'payments':[]");
    assert_int_equal(said_link(&list.notices[0], "payment_id").state, LINK_UNSAID);
}

static void a_part_may_be_of_a_charge_or_of_money_from_elsewhere(void **state)
{
    (void)state;
    assert_said(arena, "invoice_payment.paid",
        "'id':'inpay_1','object':'invoice_payment','amount_requested':500,'amount_paid':null,"
        "'created':5,'currency':'eur','invoice':{'id':'in_1','object':'invoice','deleted':true},"
        "'is_default':true,'payment':{'type':'charge','charge':'ch_1'},'status':'open'",
        "invoice_payment inpay_1: state=open invoice_id=in_1 attempt_id=ch_1 requested_minor=500"
        " currency=EUR is_default made_at=5");
    assert_said(arena, "invoice_payment.paid",
        "'id':'inpay_1','object':'invoice_payment','amount_requested':500,'amount_paid':500,"
        "'created':5,'currency':'eur','invoice':'in_1','is_default':false,'payment':{'type':"
        "'payment_record','payment_record':'prec_1'},'status':'canceled','status_transitions':{"
        "'canceled_at':9,'paid_at':null}",
        "invoice_payment inpay_1: state=canceled invoice_id=in_1 external requested_minor=500"
        " paid_minor=500 currency=EUR made_at=5 canceled_at=9");
    struct notice_list list = notices_in_quotes(arena, "invoice_payment.paid",
        "'id':'inpay_1','object':'invoice_payment','amount_requested':5,'created':5,"
        "'currency':'eur','status':'pledged'");
    const struct invoice_payment *part = list.notices[0].object_says.record;
    assert_int_equal(part->state, INVOICE_PAYMENT_UNKNOWN);
}

/* ---- lines --------------------------------------------------------------------------------- */

#define LINE                                                                                       \
    "'id':'il_1','object':'line_item','amount':-1500,'currency':'eur','description':'Basic',"      \
    "'discount_amounts':[{'amount':10,'discount':'di_1'},{'amount':5}],'discountable':true,"       \
    "'invoice':'in_1','livemode':false,'parent':{'type':'subscription_item_details',"              \
    "'invoice_item_details':null,'subscription_item_details':{'invoice_item':null,"                \
    "'proration':true,'subscription':'sub_1','subscription_item':'si_1'}},'period':{"              \
    "'end':1702592000,'start':1700000000},'pricing':{'type':'price_details','price_details':{"     \
    "'price':'price_1','product':'prod_1'}},'quantity':3,'quantity_decimal':'3.5',"                \
    "'subscription':'sub_1','subtotal':-1500,'taxes':[{'amount':-285},{'amount':-1}]"
#define LINE_SAYS                                                                                  \
    "invoice_line il_1: invoice_id=in_1 description=Basic amount_minor=-1500 currency=EUR"         \
    " quantity=3 quantity_decimal=3.5 price_id=price_1 subscription_id=sub_1"                      \
    " subscription_item_id=si_1 period_start=1700000000 period_end=1702592000 proration"           \
    " discount_minor=15 tax_minor=-286"
#define BARE_SAYS                                                                                  \
    "invoice in_1: state=open currency=JPY total_minor=1000 due_minor=1000 remaining_minor=1000"   \
    " collects_itself made_at=5"

static void a_line_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "invoice.updated",
        BARE "'status':'open','lines':{'object':'list','has_more':false,'data':[{" LINE "}]}",
        BARE_SAYS, LINE_SAYS);
}

static void a_line_of_an_item_names_its_subscription_if_any(void **state)
{
    (void)state;
    assert_said(arena, "invoice.updated",
        BARE "'status':'open','lines':{'data':[{'id':'il_1','object':'line_item','amount':9,"
             "'currency':'jpy','parent':{'type':'invoice_item_details','invoice_item_details':{"
             "'invoice_item':'ii_1','proration':true,'subscription':'sub_2'},"
             "'subscription_item_details':null}},{'id':'il_2','amount':0,'currency':'jpy',"
             "'parent':null,'pricing':null,'taxes':null,'description':null,'quantity':null}]}",
        BARE_SAYS,
        "invoice_line il_1: invoice_id=in_1 amount_minor=9 currency=JPY subscription_id=sub_2"
        " proration",
        "invoice_line il_2: invoice_id=in_1 currency=JPY");
}

static void a_line_has_the_stamp_of_its_invoice(void **state)
{
    (void)state;
    static const struct {
        const char *type, *object;
    } rows[] = {
        {"invoice.created", BARE "'status':'draft','lines':{'data':[{" LINE "}]}"},
        {"invoice.finalized", BARE "'status':'open','lines':{'data':[{" LINE "}]}"},
        {"invoice.paid", BARE "'status':'paid','lines':{'data':[{" LINE "}]}"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct notice_list list = notices_in_quotes(arena, rows[i].type, rows[i].object);
        assert_int_equal(list.count, 2);
        assert_int64_equal(list.notices[1].stamp.at_us, list.notices[0].stamp.at_us);
        assert_int64_equal(list.notices[1].stamp.rank, list.notices[0].stamp.rank);
    }
}

static void lines_that_are_cut_off_are_said_to_be(void **state)
{
    (void)state;
    struct notice_list list = notices_in_quotes(arena, "invoice.updated",
        BARE "'lines':{'object':'list','has_more':true,'data':[{" LINE "}]}");
    assert_true(list.truncated);
    list = notices_in_quotes(arena, "invoice.updated",
        BARE "'lines':{'object':'list','has_more':false,'data':[{" LINE "}]}");
    assert_false(list.truncated);
}

static void long_text_is_cut_and_never_refused(void **state)
{
    (void)state;
    char object[4096];
    (void)snprintf(object, sizeof object,
        BARE "'number':'%0*d','lines':{'data':[{'id':'il_1','amount':1,'currency':'jpy',"
             "'description':'%0*d'}]}",
        200, 7, 900, 7);
    struct notice_list list = notices_in_quotes(arena, "invoice.updated", object);
    const struct invoice *invoice = list.notices[0].object_says.record;
    const struct invoice_line *line = list.notices[1].object_says.record;
    assert_int_equal(strlen(invoice->number), sizeof invoice->number - 1);
    assert_int_equal(strlen(line->description), sizeof line->description - 1);
}

/* ---- older shapes -------------------------------------------------------------------------- */

/* What changed with 2025-03-31.basil: both renderings say the same of the invoice and its line. */
static void an_invoice_of_before_names_its_payment_itself(void **state)
{
    (void)state;
    assert_said(arena, "invoice.paid",
        BARE "'status':'paid','amount_paid':1000,'amount_remaining':0,'subscription':'sub_1',"
             "'payment_intent':'pi_1','charge':'ch_1','paid':true,'tax':190,'lines':{'data':[{"
             "'id':'il_1','object':'line_item','type':'subscription','amount':1000,"
             "'currency':'jpy','subscription':'sub_1','subscription_item':'si_1','proration':true,"
             "'price':'price_1','tax_amounts':[{'amount':190,"
             "'inclusive':true}]}]}",
        "invoice in_1: state=paid subscription_id=sub_1 currency=JPY tax_minor=190"
        " total_minor=1000 due_minor=1000 paid_minor=1000 payment_id=pi_1 attempt_id=ch_1"
        " collects_itself made_at=5",
        "invoice_line il_1: invoice_id=in_1 amount_minor=1000 currency=JPY price_id=price_1"
        " subscription_id=sub_1 subscription_item_id=si_1 proration tax_minor=190");
    struct notice_list list =
        notices_in_quotes(arena, "invoice.updated", BARE "'status':'open','payment_intent':'pi_1'");
    assert_int_equal(list.count, 1);
    assert_false(list.truncated); /* it names the only one */
}

/* Until 2018-05-21: they would be taken for one and the same line, on each invoice and for each
 * item. */
static void lines_with_the_id_of_their_subscription_get_one_of_their_own(void **state)
{
    (void)state;
    assert_said(arena, "invoice.updated",
        BARE "'status':'open','subscription':'sub_1','lines':{'data':["
             "{'id':'sub_1','type':'subscription','amount':1,'currency':'jpy',"
             "'subscription_item':'si_1'},"
             "{'id':'sub_1','type':'subscription','amount':2,'currency':'jpy',"
             "'subscription_item':'si_2'},"
             "{'id':'sub_1','type':'subscription','amount':3,'currency':'jpy'},"
             "{'id':'ii_1','type':'invoiceitem','amount':4,'currency':'jpy',"
             "'subscription':'sub_1'}]}",
        "invoice in_1: state=open subscription_id=sub_1 currency=JPY total_minor=1000"
        " due_minor=1000 remaining_minor=1000 collects_itself made_at=5",
        "invoice_line in_1/si_1: invoice_id=in_1 amount_minor=1 currency=JPY"
        " subscription_id=sub_1 subscription_item_id=si_1",
        "invoice_line in_1/si_2: invoice_id=in_1 amount_minor=2 currency=JPY"
        " subscription_id=sub_1 subscription_item_id=si_2",
        "invoice_line in_1/sub_1: invoice_id=in_1 amount_minor=3 currency=JPY"
        " subscription_id=sub_1",
        "invoice_line ii_1: invoice_id=in_1 amount_minor=4 currency=JPY subscription_id=sub_1");
    assert_said(arena, "invoice.updated", /* without its invoice there is nothing to make it of */
        "'id':'sub_1','object':'line_item','amount':1,'currency':'jpy','subscription':'sub_1'",
        "invoice_line sub_1: amount_minor=1 currency=JPY subscription_id=sub_1");
}

/* ---- what is wrong, by name ---------------------------------------------------------------- */

static void a_spoilt_invoice_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row rows[] = {
        {"id", "7", ERR_INVALID, "data.object.id must be text"},
        {"currency", NULL, ERR_INVALID, "data.object.currency is missing"},
        {"currency", "'euro'", ERR_INVALID, "data.object.currency must be three letters"},
        {"currency", "'xqz'", ERR_OK, ""}, /* not known here is not wrong */
        {"total", "null", ERR_INVALID, "data.object.total is missing"},
        {"total", "'2600'", ERR_INVALID, "data.object.total must be a whole number"},
        {"total", "26.5", ERR_INVALID, "data.object.total must be a whole number"},
        {"total", "-2600", ERR_OK, ""},
        {"total", "9223372036854775808", ERR_OVERFLOW,
            "data.object.total does not fit into 64 bits"},
        {"amount_paid", "-1", ERR_INVALID, "data.object.amount_paid must not be negative"},
        {"amount_overpaid", "-1", ERR_INVALID, "data.object.amount_overpaid must not be negative"},
        {"amount_due", "{}", ERR_INVALID, "data.object.amount_due must be a whole number"},
        {"amount_due", "-1", ERR_OK, ""},
        {"attempt_count", "-1", ERR_INVALID, "data.object.attempt_count must not be negative"},
        {"attempted", "'yes'", ERR_INVALID, "data.object.attempted must be true or false"},
        {"created", NULL, ERR_INVALID, "data.object.created is missing"},
        {"created", "253402300800", ERR_OVERFLOW, "data.object.created is after the year 9999"},
        {"due_date", "'soon'", ERR_INVALID, "data.object.due_date must be a whole number"},
        {"paid_at", "-1", ERR_INVALID,
            "data.object.status_transitions.paid_at must not be negative"},
        {"status_transitions", "7", ERR_OK, ""},
        {"customer", "7", ERR_INVALID, "data.object.customer must be text"},
        {"customer", "{'object':'customer'}", ERR_INVALID, "data.object.customer has no id"},
        {"subscription", "[]", ERR_INVALID,
            "data.object.parent.subscription_details.subscription must be text"},
        {"parent", "'sub_1'", ERR_OK, ""},
        {"number", "7", ERR_OK, ""},
        {"billing_reason", "{}", ERR_OK, ""},
        {"collection_method", "7", ERR_OK, ""},
        {"status", "7", ERR_INVALID, "data.object.status must be text"},
        {"status", NULL, ERR_OK, ""},
        {"total_taxes", "7", ERR_INVALID, "data.object.total_taxes must be a list"},
        {"total_taxes", "null", ERR_OK, ""},
        {"total_taxes", "['txr_1',{'amount':null},{}]", ERR_OK, ""},
        {"total_taxes", "[{'amount':1},{'amount':'x'}]", ERR_INVALID,
            "data.object.total_taxes[1].amount must be a whole number"},
        {"total_discount_amounts", "[{'amount':9223372036854775807},{'amount':1}]", ERR_OVERFLOW,
            "data.object.total_discount_amounts[1].amount makes a sum that does not fit into 64 "
            "bits"},
        {"ending_balance", "9223372036854775807", ERR_OVERFLOW,
            "data.object.ending_balance makes a difference that does not fit into 64 bits"},
    };
    ASSERT_SPOILT(arena, "invoice.updated", INVOICE "'open'", rows);
    static const struct spoilt_row inner[] = {
        {"lines", "7", ERR_INVALID, "data.object.lines must be a list"},
        {"lines", "{'data':[{'amount':1}]}", ERR_OK, ""}, /* no id: left out */
        {"lines", "{'data':[{'id':'il_1','amount':1}]}", ERR_INVALID,
            "data.object.lines[0].currency is missing"},
        {"lines", "{'data':[{'id':'il_1','amount':1,'currency':'eur','quantity':-1}]}", ERR_INVALID,
            "data.object.lines[0].quantity must not be negative"},
        {"lines", "{'data':[{'id':'il_1','amount':1,'currency':'eur','taxes':[{'amount':true}]}]}",
            ERR_INVALID, "data.object.lines[0].taxes[0].amount must be a whole number"},
        {"payments", "{'data':[{'id':'a','amount_requested':'5','currency':'eur','created':5}]}",
            ERR_INVALID, "data.object.payments[0].amount_requested must be a whole number"},
        {"payments", "{'data':[{'id':'a','payment':7,'amount_requested':5,'currency':'eur'}]}",
            ERR_INVALID, "data.object.payments[0].created is missing"},
        {"payments", "{'data':['inpay_1',7]}", ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "invoice.updated", BARE "'lines':{},'payments':{}", inner);
}

static void a_spoilt_part_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row rows[] = {
        {"amount_requested", NULL, ERR_INVALID, "data.object.amount_requested is missing"},
        {"amount_requested", "-5", ERR_INVALID,
            "data.object.amount_requested must not be negative"},
        {"amount_paid", "'400'", ERR_INVALID, "data.object.amount_paid must be a whole number"},
        {"currency", "7", ERR_INVALID, "data.object.currency must be three letters"},
        {"created", "null", ERR_INVALID, "data.object.created is missing"},
        {"payment_intent", "7", ERR_INVALID, "data.object.payment.payment_intent must be text"},
        {"is_default", "1", ERR_INVALID, "data.object.is_default must be true or false"},
        {"paid_at", "9223372036854775808", ERR_OVERFLOW,
            "data.object.status_transitions.paid_at does not fit into 64 bits"},
        {"payment", "'pi_1'", ERR_OK, ""},
        {"status", "null", ERR_OK, ""},
    };
    static const char *const part =
        "'id':'inpay_1','object':'invoice_payment','amount_paid':400,'amount_requested':500,"
        "'created':5,'currency':'eur','invoice':'in_1','is_default':false,'payment':{'type':"
        "'payment_intent','payment_intent':'pi_1'},'status':'paid','status_transitions':{"
        "'paid_at':9}";
    ASSERT_SPOILT(arena, "invoice_payment.paid", part, rows);
}

#define EACH(test) TEST_WITH(test, begin, end)
TESTS_MAIN("invoices",
    EACH(an_invoice_says_all_its_fields),
    EACH(an_invoice_may_say_next_to_nothing),
    EACH(every_status_of_an_invoice_has_its_state),
    EACH(an_open_invoice_grows_older_within_its_second),
    EACH(what_the_customers_balance_settles_is_worked_out),
    EACH(a_paid_invoice_without_money_has_none),
    EACH(an_invoice_that_owes_the_customer_is_paid_by_nobody),
    EACH(only_an_open_invoice_can_be_overdue),
    EACH(only_its_event_says_that_a_payment_failed),
    EACH(who_is_sent_an_invoice_is_not_charged),
    EACH(several_payments_settle_an_invoice_each_a_part),
    EACH(the_default_payment_is_the_one_that_an_invoice_names),
    EACH(a_part_may_be_of_a_charge_or_of_money_from_elsewhere),
    EACH(a_line_says_all_its_fields),
    EACH(a_line_of_an_item_names_its_subscription_if_any),
    EACH(a_line_has_the_stamp_of_its_invoice),
    EACH(lines_that_are_cut_off_are_said_to_be),
    EACH(long_text_is_cut_and_never_refused),
    EACH(an_invoice_of_before_names_its_payment_itself),
    EACH(lines_with_the_id_of_their_subscription_get_one_of_their_own),
    EACH(a_spoilt_invoice_says_which_field),
    EACH(a_spoilt_part_says_which_field))

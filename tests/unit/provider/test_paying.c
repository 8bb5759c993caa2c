/* Payment methods old and new, checkouts, setups, mandates, reviews and fraud warnings, in the
 * newest shape. */
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

/* ---- payment methods ----------------------------------------------------------------------- */

#define METHOD                                                                                     \
    "'id':'pm_1','object':'payment_method','billing_details':{'email':'ann@example.com','name':"   \
    "'Ann'},'card':{'brand':'visa','country':'DE','exp_month':9,'exp_year':2030,'fingerprint':"    \
    "'F','last4':'4242','wallet':{'type':'apple_pay'}},'created':1690000000,'customer':'cus_1',"   \
    "'livemode':false,'type':'card'"

static void a_payment_method_says_all_its_fields_and_nothing_personal(void **state)
{
    (void)state;
    assert_said(arena, "payment_method.attached", METHOD,
        "payment_method pm_1: customer_id=cus_1 method=card brand=visa last_four=4242"
        " expiry_month=9 expiry_year=2030 country=DE wallet=apple_pay made_at=1690000000");
    assert_said(arena, "payment_method.updated",
        "'id':'pm_2','object':'payment_method','type':'sepa_debit','created':5,'customer':null,"
        "'sepa_debit':{'last4':'3000','country':'AT','bank_code':'1'}",
        "payment_method pm_2: customer_id=none method=sepa_debit last_four=3000 country=AT"
        " made_at=5");
    assert_said(arena, "payment_method.updated",
        "'id':'pm_3','object':'payment_method','type':'paypal','created':5,'paypal':{}",
        "payment_method pm_3: method=paypal made_at=5");
}

static void every_kind_with_last_digits_shows_them(void **state)
{
    (void)state;
    static const char *const kinds[] = {"card", "card_present", "interac_present", "kr_card",
        "us_bank_account", "sepa_debit", "acss_debit", "au_becs_debit", "bacs_debit",
        "nz_bank_account", "payto"};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        char object[256];
        (void)snprintf(object, sizeof object,
            "'id':'pm_1','object':'payment_method','type':'%s','%s':{'last4':'0007'}", kinds[i],
            kinds[i]);
        struct notice_list list = notices_in_quotes(arena, "payment_method.updated", object);
        const struct payment_method *method = list.notices[0].object_says.record;
        assert_row(strcmp(method->last_four, "0007") == 0, kinds[i]);
        assert_row(strcmp(method->method, kinds[i]) == 0, kinds[i]);
    }
}

static void a_detached_payment_method_is_deleted(void **state)
{
    (void)state;
    struct notice_list list = notices_in_quotes(arena, "payment_method.detached",
        "'id':'pm_1','object':'payment_method','type':'card','created':5,'customer':null");
    assert_string_equal(said_of(arena, &list.notices[0]),
        "payment_method pm_1: customer_id=none method=card deleted made_at=5");
    struct notice_list before = notices_in_quotes(arena, "payment_method.updated", METHOD);
    assert_true(list.notices[0].stamp.rank > before.notices[0].stamp.rank);
}

static void cards_bank_accounts_and_sources_are_payment_methods(void **state)
{
    (void)state;
    assert_said(arena, "customer.source.created",
        "'id':'card_1','object':'card','brand':'American Express','country':'US','customer':'cus_1'"
        ",'exp_month':1,'exp_year':2031,'last4':'0005','name':'Ann','tokenization_method':null",
        "payment_method card_1: customer_id=cus_1 method=card brand=amex last_four=0005"
        " expiry_month=1 expiry_year=2031 country=US");
    assert_said(arena, "customer.source.deleted",
        "'id':'ba_1','object':'bank_account','account_holder_name':'Ann','bank_name':'B','country':"
        "'US','currency':'usd','customer':'cus_1','last4':'6789','status':'new'",
        "payment_method ba_1: customer_id=cus_1 method=bank_account last_four=6789 country=US"
        " deleted");
    assert_said(arena, "source.chargeable",
        "'id':'src_1','object':'source','card':{'brand':'MasterCard','country':'FR','exp_month':2,"
        "'exp_year':2032,'last4':'4444','tokenization_method':'apple_pay'},'created':5,"
        "'owner':{'email':'ann@example.com'},'status':'chargeable','type':'card'",
        "payment_method src_1: method=card brand=mastercard last_four=4444 expiry_month=2"
        " expiry_year=2032 country=FR wallet=apple_pay made_at=5");
    assert_said(arena, "source.failed",
        "'id':'src_2','object':'source','created':5,'customer':'cus_1','status':'failed','type':"
        "'ach_debit','ach_debit':{'last4':'1116','country':'US'}",
        "payment_method src_2: customer_id=cus_1 method=ach_debit last_four=1116 country=US deleted"
        " made_at=5");
}

/* Both are sent when a card is added, with one id, in one second. */
static void a_payment_method_outranks_the_card_that_it_was(void **state)
{
    (void)state;
    static const char *const card = "'id':'card_1','object':'card','last4':'4242'";
    static const char *const method = "'id':'card_1','object':'payment_method','created':5";
    struct notice_list was = notices_in_quotes(arena, "customer.source.created", card);
    struct notice_list is = notices_in_quotes(arena, "payment_method.attached", method);
    assert_true(is.notices[0].stamp.rank > was.notices[0].stamp.rank);
    was = notices_in_quotes(arena, "customer.source.deleted", card);
    assert_true(is.notices[0].stamp.rank < was.notices[0].stamp.rank);
    is = notices_in_quotes(arena, "payment_method.detached", method);
    assert_true(is.notices[0].stamp.rank > was.notices[0].stamp.rank);
}

static void a_card_of_long_ago_says_its_brand_as_its_type(void **state)
{
    (void)state;
    assert_said(arena, "customer.card.deleted",
        "'id':'card_1','object':'card','type':'Visa','last4':'4242','exp_month':1,'exp_year':2015,"
        "'customer':'cus_1'",
        "payment_method card_1: customer_id=cus_1 method=card brand=visa last_four=4242"
        " expiry_month=1 expiry_year=2015 deleted");
}

static void a_brand_that_is_not_known_stands_as_it_is_said(void **state)
{
    (void)state;
    assert_said(arena, "customer.source.updated",
        "'id':'card_1','object':'card','brand':'Moon Card'",
        "payment_method card_1: method=card brand=Moon Card");
}

static void a_spoilt_payment_method_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row rows[] = {
        {"id", NULL, ERR_INVALID, "data.object.id is missing"},
        {"customer", "7", ERR_INVALID, "data.object.customer must be text"},
        {"exp_month", "'09'", ERR_INVALID, "data.object.card.exp_month must be a whole number"},
        {"exp_year", "-1", ERR_INVALID, "data.object.card.exp_year must not be negative"},
        {"exp_year", "99999999999999999999", ERR_OVERFLOW,
            "data.object.card.exp_year does not fit into 64 bits"},
        {"created", "'x'", ERR_INVALID, "data.object.created must be a whole number"},
        {"card", "'visa'", ERR_OK, ""},
        {"card", NULL, ERR_OK, ""},
        {"last4", "4242", ERR_OK, ""},
        {"type", "7", ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "payment_method.updated", METHOD, rows);
}

/* ---- checkouts ----------------------------------------------------------------------------- */

#define SESSION                                                                                    \
    "'id':'cs_1','object':'checkout.session','amount_total':1999,'client_reference_id':"           \
    "'order 17','created':1690000000,'currency':'eur','customer':'cus_1','customer_details':{"     \
    "'email':'ann@example.com'},'expires_at':1690086400,'invoice':'in_1','livemode':false,"        \
    "'mode':'payment','payment_intent':'pi_1','setup_intent':null,'subscription':null,"            \
    "'payment_status':'paid','status':"

static void a_checkout_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "checkout.session.completed", SESSION "'complete'",
        "checkout cs_1: state=complete payment_status=paid mode=payment order_reference=order 17"
        " amount_minor=1999 currency=EUR expires_at=1690086400 paid customer_id=cus_1"
        " payment_id=pi_1 subscription_id=none invoice_id=in_1 setup_id=none made_at=1690000000");
    assert_said(arena, "checkout.session.expired",
        "'id':'cs_2','object':'checkout.session','mode':'setup','payment_status':"
        "'no_payment_required','status':'expired','setup_intent':'seti_1','amount_total':null,"
        "'currency':null,'created':5",
        "checkout cs_2: state=expired payment_status=no_payment_required mode=setup"
        " setup_id=seti_1 made_at=5");
    assert_said(arena, "checkout.session.completed",
        "'id':'cs_3','object':'checkout.session','mode':'barter','payment_status':'promised',"
        "'status':'odd','subscription':'sub_1'",
        "checkout cs_3: state=unknown payment_status=unknown mode=unknown subscription_id=sub_1");
}

static void a_checkout_without_a_status_is_complete_once_nothing_is_owed(void **state)
{
    (void)state;
    static const struct {
        const char *said, *state;
    } rows[] = {
        {"'payment_status':'paid'", "complete"},
        {"'payment_status':'no_payment_required'", "complete"},
        {"'payment_status':'unpaid'", "unknown"},
        {"'mode':'payment'", "unknown"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char object[256];
        (void)snprintf(
            object, sizeof object, "'id':'cs_1','object':'checkout.session',%s", rows[i].said);
        struct notice_list list = notices_in_quotes(arena, "checkout.session.completed", object);
        const struct checkout *checkout = list.notices[0].object_says.record;
        assert_row(
            strcmp(checkout_states.words[checkout->state], rows[i].state) == 0, rows[i].said);
    }
}

static void paid_outranks_unpaid_in_one_second(void **state)
{
    (void)state;
    struct notice_list unpaid = notices_in_quotes(arena, "checkout.session.completed",
        spoilt(arena, SESSION "'complete'", "payment_status", "'unpaid'"));
    struct notice_list paid =
        notices_in_quotes(arena, "checkout.session.async_payment_succeeded", SESSION "'complete'");
    assert_true(paid.notices[0].stamp.rank > unpaid.notices[0].stamp.rank);
    assert_false(((const struct checkout *)unpaid.notices[0].object_says.record)->paid);
}

static void a_spoilt_checkout_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row rows[] = {
        {"id", "''", ERR_INVALID, "data.object.id must not be empty"},
        {"amount_total", "-1", ERR_INVALID, "data.object.amount_total must not be negative"},
        {"amount_total", "19.99", ERR_INVALID, "data.object.amount_total must be a whole number"},
        {"currency", "7", ERR_INVALID, "data.object.currency must be three letters"},
        {"mode", "7", ERR_INVALID, "data.object.mode must be text"},
        {"payment_status", "true", ERR_INVALID, "data.object.payment_status must be text"},
        {"status", "[]", ERR_INVALID, "data.object.status must be text"},
        {"payment_intent", "[]", ERR_INVALID, "data.object.payment_intent must be text"},
        {"expires_at", "'x'", ERR_INVALID, "data.object.expires_at must be a whole number"},
        {"client_reference_id", "17", ERR_OK, ""},
        {"customer", NULL, ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "checkout.session.completed", SESSION "'complete'", rows);
}

/* ---- setups and mandates ------------------------------------------------------------------- */

#define SETUP                                                                                      \
    "'id':'seti_1','object':'setup_intent','created':1690000000,'customer':'cus_1',"               \
    "'last_setup_error':null,'livemode':false,'mandate':'mandate_1','payment_method':'pm_1',"      \
    "'usage':'off_session','status':"

static void a_setup_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "setup_intent.succeeded", SETUP "'succeeded'",
        "setup seti_1: state=succeeded customer_id=cus_1 payment_method_id=pm_1"
        " mandate_id=mandate_1 usage=off_session made_at=1690000000");
    assert_said(arena, "setup_intent.setup_failed",
        "'id':'seti_2','object':'setup_intent','created':5,'customer':null,'payment_method':null,"
        "'mandate':null,'single_use_mandate':'mandate_2','status':'requires_payment_method',"
        "'last_setup_error':{'code':'card_declined','type':'card_error','message':'No'}",
        "setup seti_2: state=failed customer_id=none payment_method_id=none mandate_id=mandate_2"
        " failure_code=card_declined made_at=5");
    assert_said(arena, "setup_intent.setup_failed",
        "'id':'seti_3','object':'setup_intent','created':5,'status':'requires_source',"
        "'last_setup_error':{'type':'api_error'}",
        "setup seti_3: state=failed failure_code=api_error made_at=5");
}

static void every_status_of_a_setup_has_its_state(void **state)
{
    (void)state;
    static const struct {
        const char *word, *state;
    } rows[] = {
        {"requires_payment_method", "open"},
        {"requires_source", "open"},
        {"requires_confirmation", "open"},
        {"requires_action", "action_required"},
        {"requires_source_action", "action_required"},
        {"processing", "processing"},
        {"succeeded", "succeeded"},
        {"canceled", "canceled"},
        {"postponed", "unknown"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char object[1024];
        (void)snprintf(object, sizeof object, SETUP "'%s'", rows[i].word);
        struct notice_list list = notices_in_quotes(arena, "setup_intent.created", object);
        const struct setup *setup = list.notices[0].object_says.record;
        assert_row(strcmp(setup_states.words[setup->state], rows[i].state) == 0, rows[i].word);
    }
}

static void a_payment_method_in_place_of_its_id_is_told_too(void **state)
{
    (void)state;
    assert_said(arena, "setup_intent.succeeded",
        "'id':'seti_1','object':'setup_intent','created':5,'status':'succeeded','payment_method':{"
        "'id':'pm_1','object':'payment_method','type':'card','card':{'last4':'4242'},'created':4}",
        "setup seti_1: state=succeeded payment_method_id=pm_1 made_at=5",
        "payment_method pm_1: method=card last_four=4242 made_at=4");
}

static void a_mandate_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "mandate.updated",
        "'id':'mandate_1','object':'mandate','customer_acceptance':{'accepted_at':1690000000,"
        "'online':{'ip_address':'192.0.2.1'},'type':'online'},'livemode':false,'multi_use':{},"
        "'payment_method':'pm_1','payment_method_details':{'type':'sepa_debit','sepa_debit':{"
        "'reference':'R'}},'status':'inactive','type':'multi_use'",
        "mandate mandate_1: state=inactive mandate_type=multi_use method=sepa_debit"
        " payment_method_id=pm_1 accepted_at=1690000000");
    assert_said(arena, "mandate.updated",
        "'id':'mandate_2','object':'mandate','status':'active','type':'single_use'",
        "mandate mandate_2: state=active mandate_type=single_use");
    assert_said(arena, "mandate.updated",
        "'id':'mandate_3','object':'mandate','status':'pending','type':'never'",
        "mandate mandate_3: state=pending mandate_type=unknown");
    assert_said(arena, "mandate.updated", "'id':'mandate_4','object':'mandate','status':'torn up'",
        "mandate mandate_4: state=unknown mandate_type=multi_use");
}

static void a_spoilt_setup_or_mandate_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row rows[] = {
        {"created", "null", ERR_INVALID, "data.object.created is missing"},
        {"payment_method", "{}", ERR_INVALID, "data.object.payment_method has no id"},
        {"mandate", "7", ERR_INVALID, "data.object.mandate must be text"},
        {"status", "7", ERR_INVALID, "data.object.status must be text"},
        {"last_setup_error", "'declined'", ERR_OK, ""},
        {"usage", "7", ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "setup_intent.succeeded", SETUP "'succeeded'", rows);
    static const struct spoilt_row mandate_rows[] = {
        {"id", "{}", ERR_INVALID, "data.object.id must be text"},
        {"accepted_at", "'x'", ERR_INVALID,
            "data.object.customer_acceptance.accepted_at must be a whole number"},
        {"type", "7", ERR_INVALID, "data.object.type must be text"},
        {"status", "true", ERR_INVALID, "data.object.status must be text"},
    };
    ASSERT_SPOILT(arena, "mandate.updated",
        "'id':'m','object':'mandate','type':'multi_use','status':'active','customer_acceptance':{"
        "'accepted_at':5}",
        mandate_rows);
}

/* ---- reviews and fraud warnings ------------------------------------------------------------ */

static void a_review_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "review.opened",
        "'id':'prv_1','object':'review','billing_zip':'10115','charge':'ch_1','closed_reason':null,"
        "'created':1690000000,'ip_address':'192.0.2.1','open':true,'opened_reason':'rule',"
        "'payment_intent':'pi_1','reason':'rule'",
        "review prv_1: state=open reason=rule attempt_id=ch_1 payment_id=pi_1 made_at=1690000000");
    assert_said(arena, "review.closed",
        "'id':'prv_1','object':'review','charge':null,'created':5,'open':false,'reason':'approved'",
        "review prv_1: state=closed reason=approved attempt_id=none made_at=5");
    assert_said(arena, "review.closed", "'id':'prv_1','object':'review','created':5",
        "review prv_1: state=unknown made_at=5");
}

static void a_fraud_warning_says_all_its_fields(void **state)
{
    (void)state;
    assert_said(arena, "radar.early_fraud_warning.created",
        "'id':'issfr_1','object':'radar.early_fraud_warning','actionable':true,'charge':'ch_1',"
        "'created':1690000000,'fraud_type':'made_with_lost_card','payment_intent':'pi_1'",
        "fraud_warning issfr_1: fraud_type=made_with_lost_card actionable attempt_id=ch_1"
        " payment_id=pi_1 made_at=1690000000");
}

static void a_spoilt_review_or_warning_says_which_field(void **state)
{
    (void)state;
    static const struct spoilt_row review_rows[] = {
        {"open", "'yes'", ERR_INVALID, "data.object.open must be true or false"},
        {"charge", "7", ERR_INVALID, "data.object.charge must be text"},
        {"created", NULL, ERR_INVALID, "data.object.created is missing"},
        {"reason", "7", ERR_OK, ""},
    };
    ASSERT_SPOILT(arena, "review.closed",
        "'id':'prv_1','object':'review','created':5,'open':false,'charge':'ch_1','reason':'rule'",
        review_rows);
    static const struct spoilt_row warning_rows[] = {
        {"actionable", "1", ERR_INVALID, "data.object.actionable must be true or false"},
        {"charge", "''", ERR_INVALID, "data.object.charge must not be empty"},
        {"created", "-1", ERR_INVALID, "data.object.created must not be negative"},
    };
    ASSERT_SPOILT(arena, "radar.early_fraud_warning.updated",
        "'id':'i','object':'radar.early_fraud_warning','created':5,'actionable':true,'charge':'c'",
        warning_rows);
}

#define EACH(test) TEST_WITH(test, begin, end)
TESTS_MAIN("paying",
    EACH(a_payment_method_says_all_its_fields_and_nothing_personal),
    EACH(every_kind_with_last_digits_shows_them),
    EACH(a_detached_payment_method_is_deleted),
    EACH(cards_bank_accounts_and_sources_are_payment_methods),
    EACH(a_payment_method_outranks_the_card_that_it_was),
    EACH(a_card_of_long_ago_says_its_brand_as_its_type),
    EACH(a_brand_that_is_not_known_stands_as_it_is_said),
    EACH(a_spoilt_payment_method_says_which_field),
    EACH(a_checkout_says_all_its_fields),
    EACH(a_checkout_without_a_status_is_complete_once_nothing_is_owed),
    EACH(paid_outranks_unpaid_in_one_second),
    EACH(a_spoilt_checkout_says_which_field),
    EACH(a_setup_says_all_its_fields),
    EACH(every_status_of_a_setup_has_its_state),
    EACH(a_payment_method_in_place_of_its_id_is_told_too),
    EACH(a_mandate_says_all_its_fields),
    EACH(a_spoilt_setup_or_mandate_says_which_field),
    EACH(a_review_says_all_its_fields),
    EACH(a_fraud_warning_says_all_its_fields),
    EACH(a_spoilt_review_or_warning_says_which_field))

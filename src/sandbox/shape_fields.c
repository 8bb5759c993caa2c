#include "base/check.h"
#include "sandbox/merchant_internal.h"

static const char *const currency_codes[CURRENCY_COUNT] = {
#define CURRENCY(code, weight, least, most, step) #code,
#include "sandbox/currencies.def"
#undef CURRENCY
};
static const char *const intent_words[] = {"requires_payment_method", "requires_action",
    "processing", "requires_capture", "succeeded", "canceled"};
static const char *const charge_words[] = {"pending", "succeeded", "failed"};
static const char *const refund_words[] = {"pending", "succeeded", "failed"};

static const struct {
    const char *brand, *funding, *country, *last4;
    int month;
} card_rows[] = {
#define CARD(brand, funding, country, last4, month) {brand, funding, country, last4, month},
#include "sandbox/cards.def"
#undef CARD
};

static const struct {
    const char *intent_code, *charge_code, *decline_code, *network_code, *advice, *type, *message;
} failure_rows[] = {
#define FAILURE(name, intent_code, charge_code, decline_code, network_code, advice, type, message) \
    {intent_code, charge_code, decline_code, network_code, advice, type, message},
#include "sandbox/failures.def"
#undef FAILURE
};

static const struct {
    const char *word, *network_code;
} dispute_reasons[DISPUTE_REASONS] = {
    {"fraudulent", "10.4"},
    {"product_not_received", "13.1"},
    {"product_unacceptable", "13.3"},
    {"duplicate", "12.6.1"},
};

const struct emit_row emit_rows[EMIT_COUNT] = {
#define CAUSE_REQUEST false
#define CAUSE_AUTOMATIC true
#define EMIT(name, type, subject, shape, cause)                                                    \
    {(type), SUBJECT_##subject, SHAPE_##shape, CAUSE_##cause, false},
#define EMIT_ONCE(name, type, subject, shape, cause)                                               \
    {(type), SUBJECT_##subject, SHAPE_##shape, CAUSE_##cause, true},
#include "sandbox/emits.def"
#undef EMIT
#undef EMIT_ONCE
};

static bool is_before(const struct scene *scene, const char *date)
{
    return api_version_is_before(scene->version, date);
}

/* ---- what the rows of fields.def ask --------------------------------------------------------- */

static bool is_debit(const struct shop_payment *payment)
{
    return life_method(payment->life) == METHOD_DEBIT;
}

/* Refused by the issuer at once; a debit that bounced was authorised before. */
static bool is_declined(const struct shop_charge *charge)
{
    return charge->status == CHARGE_FAILED && failure_rows[charge->failure].decline_code[0] != '\0';
}

static const char *intent_method_id(const struct shop_payment *payment)
{
    return payment->status == INTENT_REQUIRES_PAYMENT_METHOD ? "" : payment->tried_method;
}

/* The payment that an invoice named while it could name one; NULL: none yet. */
static const struct shop_payment *invoice_first(const struct scene *scene)
{
    const struct shop_invoice *invoice = scene->invoice;
    return invoice->payment_count == 0 ? NULL : &scene->merchant->payments[invoice->payments[0]];
}

static const char *last_charge_id(const struct shop_payment *payment)
{
    return payment == NULL || payment->attempt_count == 0
               ? ""
               : payment->attempts[payment->attempt_count - 1].id;
}

static enum shape shape_of_error(const struct shop_payment *payment)
{
    if (payment->failure == 0) {
        return SHAPE_NONE;
    }
    return payment->failed_without_charge ? SHAPE_ERROR_WITHOUT_CHARGE : SHAPE_ERROR_WITH_CHARGE;
}

/* Inside a charge its own, else the payment's. */
static uint8_t failure_shown(const struct scene *scene)
{
    return scene->charge != NULL ? scene->charge->failure : scene->payment->failure;
}

static size_t card_shown(const struct scene *scene)
{
    size_t card = scene->charge != NULL ? scene->charge->card : scene->payment->tried_card;
    return card % (sizeof card_rows / sizeof *card_rows);
}

/* ---- writers --------------------------------------------------------------------------------- */

static void add_text(struct buf *to, const char *text)
{
    buf_add_char(to, '"');
    buf_add(to, str_from(text));
    buf_add_char(to, '"');
}

void shape_add_maybe(struct buf *to, const char *text)
{
    if (text == NULL || text[0] == '\0') {
        buf_add(to, STR("null"));
    } else {
        add_text(to, text);
    }
}

void shape_add_made_up(
    struct buf *to, const char *prefix, const char *source, uint64_t salt, int digits)
{
    uint64_t hash = hash_bytes(source, strlen(source), salt);
    static const char hex[] = "0123456789ABCDEF";
    buf_add_char(to, '"');
    buf_add(to, str_from(prefix));
    for (int i = 0; i < digits; i++) {
        buf_add_char(to, hex[hash >> (4 * (i % 16)) & 15]);
    }
    buf_add_char(to, '"');
}

void write_account_member(const struct scene *scene, struct buf *to)
{
    struct str account =
        scene->owner != 0 ? str_from(scene->account->id) : scene->merchant->config.account;
    if (account.len > 0) {
        buf_add(to, scene->pretty ? STR("\"account\": \"") : STR("\"account\":\""));
        buf_add(to, account);
        buf_add(to, scene->pretty ? STR("\",\n  ") : STR("\","));
    }
}

void write_request_id(const struct scene *scene, struct buf *to)
{
    if (emit_rows[scene->event->emit].automatic) {
        buf_add(to, STR("null"));
    } else {
        shape_add_made_up(to, "req_", scene->merchant->event_id, 1, 14);
    }
}

void write_idempotency_key(const struct scene *scene, struct buf *to)
{
    if (emit_rows[scene->event->emit].automatic) {
        buf_add(to, STR("null"));
    } else {
        shape_add_made_up(to, "shop-", scene->merchant->event_id, 2, 16);
    }
}

void write_intent_method_types(const struct scene *scene, struct buf *to)
{
    const char *type = is_debit(scene->payment) ? "\"sepa_debit\"" : "\"card\"";
    buf_add(to, scene->pretty ? STR("[\n        ") : STR("["));
    buf_add(to, str_from(type));
    buf_add(to, scene->pretty ? STR("\n      ]") : STR("]"));
}

void write_failure_doc_url(const struct scene *scene, struct buf *to)
{
    buf_add(to, STR("\"https://stripe.com/docs/error-codes/"));
    for (const char *at = failure_rows[failure_shown(scene)].intent_code; *at != '\0'; at++) {
        if (*at == '_') {
            buf_add_char(to, '-');
        } else {
            buf_add_char(to, *at);
        }
    }
    buf_add_char(to, '"');
}

static size_t method_card(const struct shop_customer *customer)
{
    return customer->number % (sizeof card_rows / sizeof *card_rows);
}

void write_payout_trace_value(const struct scene *scene, struct buf *to)
{
    shape_add_made_up(to, "", scene->payout->id, 10, 16);
}

void write_sundry_amount_text(const struct scene *scene, struct buf *to)
{
    buf_add_char(to, '"');
    buf_add_int(to, scene->merchant->sundry.amount);
    buf_add_char(to, '"');
}

/* ---- the table ------------------------------------------------------------------------------- */

enum shape_field shape_field_find(struct str name)
{
    static const char *const names[SHAPE_FIELD_COUNT] = {
#define ROW(name) [SHAPE_FIELD_##name] = #name,
#define TEXT(name, expression) ROW(name)
#define MAYBE(name, expression) ROW(name)
#define INT(name, expression) ROW(name)
#define MAYBE_INT(name, expression) ROW(name)
#define BOOL(name, expression) ROW(name)
#define SHAPE(name, expression) ROW(name)
#define WRITE(name) ROW(name)
#include "sandbox/fields.def"
#undef ROW
#undef TEXT
#undef MAYBE
#undef INT
#undef MAYBE_INT
#undef BOOL
#undef SHAPE
#undef WRITE
    };
    for (int i = SHAPE_FIELD_NONE + 1; i < SHAPE_FIELD_COUNT; i++) {
        if (str_eq(name, str_from(names[i]))) {
            return (enum shape_field)i;
        }
    }
    return SHAPE_FIELD_NONE;
}

void shape_field_add(const struct scene *scene, enum shape_field field, struct buf *to)
{
    const struct merchant *m = scene->merchant;
    const struct shop_customer *u = scene->customer;
    const struct shop_payment *p = scene->payment;
    const struct shop_charge *c = scene->charge;
    const struct shop_refund *r = scene->refund;
    const struct shop_dispute *d = scene->dispute;
    const struct shop_movement *v = scene->movement;
    const struct shop_product *g = scene->product;
    const struct shop_price *k = scene->price;
    const struct shop_subscription *s = scene->subscription;
    const struct shop_item *t = scene->item;
    const struct shop_invoice *i = scene->invoice;
    const struct shop_line *l = scene->line;
    const struct shop_payout *o = scene->payout;
    const struct shop_account *a = scene->account;
    const struct shop_transfer *x = scene->transfer;
    const struct shop_fee *f = scene->fee;
    const struct shop_given_back *b = scene->given_back;
    const struct shop_topup *w = scene->topup;
    const struct queued_event *e = scene->event;
    int64_t number = 0;
    switch (field) {
#define TEXT(name, expression)                                                                     \
    case SHAPE_FIELD_##name:                                                                       \
        add_text(to, (expression));                                                                \
        break;
#define MAYBE(name, expression)                                                                    \
    case SHAPE_FIELD_##name:                                                                       \
        shape_add_maybe(to, (expression));                                                         \
        break;
#define INT(name, expression)                                                                      \
    case SHAPE_FIELD_##name:                                                                       \
        buf_add_int(to, (expression));                                                             \
        break;
#define MAYBE_INT(name, expression)                                                                \
    case SHAPE_FIELD_##name:                                                                       \
        number = (expression);                                                                     \
        if (number == 0) {                                                                         \
            buf_add(to, STR("null"));                                                              \
        } else {                                                                                   \
            buf_add_int(to, number);                                                               \
        }                                                                                          \
        break;
#define BOOL(name, expression)                                                                     \
    case SHAPE_FIELD_##name:                                                                       \
        buf_add(to, (expression) ? STR("true") : STR("false"));                                    \
        break;
#define SHAPE(name, expression)                                                                    \
    case SHAPE_FIELD_##name:                                                                       \
        shape_render(scene, (expression), to);                                                     \
        break;
#define WRITE(name)                                                                                \
    case SHAPE_FIELD_##name:                                                                       \
        write_##name(scene, to);                                                                   \
        break;
#include "sandbox/fields.def"
#undef TEXT
#undef MAYBE
#undef INT
#undef MAYBE_INT
#undef BOOL
#undef SHAPE
#undef WRITE
    case SHAPE_FIELD_NONE:
    case SHAPE_FIELD_COUNT:
    default:
        UNREACHABLE();
    }
}

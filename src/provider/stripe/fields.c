#include "provider/stripe/fields.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include <inttypes.h>
#include <stdio.h>

#define LAST_SECOND INT64_C(253402300799) /* of the year 9999 */
#define PLACE_BYTES 160

#define VIEW_EVENT struct stripe_event
#define VIEW_THIN struct stripe_thin
#define VIEW_KIND struct stripe_kind
#define VIEW_PAYMENT_INTENT struct stripe_payment_intent
#define VIEW_CHARGE struct stripe_charge
#define VIEW_REFUND struct stripe_refund
#define VIEW_PRICE struct stripe_price
#define VIEW_PLAN struct stripe_plan
#define VIEW_DISCOUNT struct stripe_discount
#define VIEW_DISPUTE struct stripe_dispute
#define VIEW_PAYOUT struct stripe_payout
#define VIEW_BALANCE struct stripe_balance
#define VIEW_CARD struct stripe_card
#define VIEW_SOURCE struct stripe_source
#define VIEW_CHECKOUT_SESSION struct stripe_checkout_session
#define VIEW_SETUP_INTENT struct stripe_setup_intent
#define VIEW_REVIEW struct stripe_review
#define VIEW_ACCOUNT struct stripe_account
#define VIEW_TRANSFER struct stripe_transfer
#define VIEW_APPLICATION_FEE struct stripe_application_fee
#define VIEW_MONEY struct stripe_money
#define VIEW_AMOUNT struct stripe_amount
#define VIEW_INVOICE struct stripe_invoice
#define VIEW_LINE_ITEM struct stripe_line_item
#define VIEW_INVOICE_PAYMENT struct stripe_invoice_payment
#define VIEW_CREDIT_NOTE struct stripe_credit_note
#define VIEW_CREDITED_REFUND struct stripe_credited_refund
#define VIEW_BALANCE_TRANSACTION struct stripe_balance_transaction
#define VIEW_FEE_DETAIL struct stripe_fee_detail
#define VIEW_LINE_SOURCE struct stripe_line_source

static const struct stripe_field rows[] = {
#define FIELD(object, member, type, need, path, since, until, target, note)                        \
    {STRIPE_##object, #member, STRIPE_##type, STRIPE_##need, {(path), sizeof(path) - 1}, (since),  \
        (until), (target), (note), offsetof(VIEW_##object, member),                                \
        sizeof(((VIEW_##object *)NULL)->member)},
#include "provider/stripe/fields.def"
#undef FIELD
};
enum { ROW_COUNT = sizeof rows / sizeof *rows };

const struct stripe_field *stripe_field_rows(size_t *ret_count)
{
    *ret_count = ROW_COUNT;
    return rows;
}

static const char *const object_words[] = {
#define OBJECT(OBJECT_, KIND, kind, word, hook) [STRIPE_##OBJECT_] = word,
#include "provider/stripe/objects.def"
    [STRIPE_EVENT] = "event",
    [STRIPE_THIN] = "v2.core.event",
    [STRIPE_MONEY] = "money",
    [STRIPE_AMOUNT] = "amount",
    [STRIPE_CREDITED_REFUND] = "credited_refund",
    [STRIPE_BALANCE_TRANSACTION] = "balance_transaction",
    [STRIPE_FEE_DETAIL] = "fee_detail",
    [STRIPE_LINE_SOURCE] = "line_source",
};

const char *stripe_object_word(enum stripe_object object)
{
    REQUIRE(object >= 0 && object < STRIPE_KIND);
    return object_words[object];
}

bool stripe_object_parse(struct str word, enum stripe_object *ret_object)
{
    for (int i = 0; i < STRIPE_MODELLED_COUNT; i++) {
        if (str_eq(word, str_from(object_words[i]))) {
            *ret_object = (enum stripe_object)i;
            return true;
        }
    }
    return false;
}

/* ---- one value of each type -------------------------------------------------------------- */

/* What was wrong, in the words that follow the field's path; NULL when nothing was. */
struct reading {
    enum err err;
    const char *problem;
};
#define FINE ((struct reading){ERR_OK, NULL})

static struct reading wrong(enum err err, const char *problem)
{
    return (struct reading){err, problem};
}

static struct reading read_id(const struct json *value, struct str *to)
{
    if (value->kind != JSON_STRING) {
        return wrong(ERR_INVALID, "must be text");
    }
    if (value->text.len == 0) {
        return wrong(ERR_INVALID, "must not be empty");
    }
    if (value->text.len > LIMIT_PROVIDER_ID_BYTES) {
        return wrong(ERR_TOO_LARGE, "is longer than 255 bytes");
    }
    *to = value->text;
    return FINE;
}

static struct reading read_word(const struct json *value, struct str *to)
{
    if (value->kind != JSON_STRING) {
        return wrong(ERR_INVALID, "must be text");
    }
    *to = value->text;
    return FINE;
}

static struct reading read_signed(const struct json *value, struct stripe_int *to)
{
    int64_t number = 0;
    enum err err = json_int64(value, &number);
    if (err == ERR_OVERFLOW) {
        return wrong(ERR_OVERFLOW, "does not fit into 64 bits");
    }
    if (err != ERR_OK) {
        return wrong(ERR_INVALID, "must be a whole number");
    }
    *to = (struct stripe_int){true, number};
    return FINE;
}

static struct reading read_minor(const struct json *value, struct stripe_int *to)
{
    struct stripe_int number = {false, 0};
    struct reading reading = read_signed(value, &number);
    if (reading.err != ERR_OK) {
        return reading;
    }
    if (number.value < 0) {
        return wrong(ERR_INVALID, "must not be negative");
    }
    *to = number;
    return FINE;
}

static struct reading read_time(const struct json *value, struct stripe_int *to)
{
    struct stripe_int seconds = {false, 0};
    struct reading reading = read_minor(value, &seconds);
    if (reading.err != ERR_OK) {
        return reading;
    }
    if (seconds.value > LAST_SECOND) {
        return wrong(ERR_OVERFLOW, "is after the year 9999");
    }
    *to = (struct stripe_int){true, seconds.value * US_PER_SECOND};
    return FINE;
}

static struct reading read_time_text(const struct json *value, struct stripe_int *to)
{
    int64_t time_us = 0;
    if (timestamp_parse(json_string(value), &time_us) != ERR_OK || time_us < 0) {
        return wrong(ERR_INVALID, "must be a time by RFC 3339, after 1970");
    }
    *to = (struct stripe_int){true, time_us};
    return FINE;
}

static struct reading read_bool(const struct json *value, struct stripe_bool *to)
{
    if (value->kind != JSON_BOOL) {
        return wrong(ERR_INVALID, "must be true or false");
    }
    *to = (struct stripe_bool){true, value->truth};
    return FINE;
}

static struct reading read_currency(const struct json *value, struct currency *to)
{
    struct currency currency;
    if (currency_parse(json_string(value), &currency) != ERR_OK) {
        return wrong(ERR_INVALID, "must be three letters");
    }
    *to = currency;
    return FINE;
}

/* Any reference of Stripe's may be an id, the object itself, a stub of a deleted one, or null. */
static struct reading read_link(const struct json *value, struct stripe_link *to)
{
    const struct json *id = value;
    if (value->kind == JSON_OBJECT) {
        id = json_get(value, STR("id"));
        if (json_is_null(id)) {
            return wrong(ERR_INVALID, "has no id");
        }
    }
    struct str named = STR_NONE;
    struct reading reading = read_id(id, &named);
    if (reading.err != ERR_OK) {
        return reading;
    }
    to->link = (struct link){LINK_NAMED, named};
    if (value->kind == JSON_OBJECT && !json_bool(json_get(value, STR("deleted")), false)) {
        to->expanded = value;
    }
    return FINE;
}

/* A list object, or the array that it was before 2014-06-17. A list object
 * without its data is an incomplete one: money does not hang on embedded lists,
 * so it need not stop the object around it. */
static struct reading read_list(const struct json *value, struct stripe_list *to)
{
    const struct json *data = value;
    if (value->kind == JSON_OBJECT) {
        data = json_get(value, STR("data"));
    }
    if (data != NULL && data->kind != JSON_ARRAY) {
        return wrong(ERR_INVALID, "must be a list");
    }
    to->said = true;
    to->has_more = data == NULL || json_bool(json_get(value, STR("has_more")), false);
    if (data != NULL) {
        to->first = data->first;
    }
    return FINE;
}

static struct reading read_value(
    const struct stripe_field *row, const struct json *value, void *member)
{
    switch (row->type) {
    case STRIPE_ID:
        return read_id(value, member);
    case STRIPE_STATE:
    case STRIPE_WORD:
        return read_word(value, member);
    case STRIPE_TEXT:
        *(struct str *)member = json_string(value);
        return FINE;
    case STRIPE_MINOR:
    case STRIPE_WHOLE:
        return read_minor(value, member);
    case STRIPE_SIGNED:
        return read_signed(value, member);
    case STRIPE_TIME:
        return read_time(value, member);
    case STRIPE_TIME_TEXT:
        return read_time_text(value, member);
    case STRIPE_BOOL:
        return read_bool(value, member);
    case STRIPE_CURRENCY:
        return read_currency(value, member);
    case STRIPE_LINK:
        return read_link(value, member);
    case STRIPE_LIST:
        return read_list(value, member);
    case STRIPE_PRESENT:
        *(bool *)member = true;
        return FINE;
    case STRIPE_ANY:
        *(const struct json **)member = value;
        return FINE;
    default:
        UNREACHABLE();
    }
}

enum err stripe_field_value(
    const struct stripe_field *row, const struct json *value, void *to, const char **ret_problem)
{
    struct reading reading = read_value(row, value, to);
    *ret_problem = reading.problem;
    return reading.err;
}

/* ---- an object --------------------------------------------------------------------------- */

static size_t place_format(const struct stripe_place *place, char *to, size_t size)
{
    size_t used = 0;
    if (place->above != NULL) {
        used = place_format(place->above, to, size);
    }
    int added = place->index < 0
                    ? snprintf(to + used, size - used, "%s%s", used > 0 ? "." : "", place->name)
                    : snprintf(to + used, size - used, "%s%s[%" PRId64 "]", used > 0 ? "." : "",
                          place->name, place->index);
    ENSURE(added >= 0);
    used += (size_t)added;
    return used < size ? used : size - 1; /* a path cut short still says where to look */
}

enum err stripe_field_refuse(const struct stripe_place *place,
    const char *path,
    enum err err,
    const char *what,
    struct err_info *reterr)
{
    REQUIRE(place != NULL);
    char where[PLACE_BYTES];
    (void)place_format(place, where, sizeof where);
    return err_set(reterr, err, "%s.%s %s", where, path, what);
}

/* The value of a path, or NULL when it is absent or null, or when it is text that says nothing. */
const struct json *stripe_field_look_up(const struct stripe_field *row, const struct json *from)
{
    const struct json *value = json_path(from, row->path);
    if (json_is_null(value)) {
        return NULL;
    }
    if (row->type == STRIPE_TEXT && value->kind != JSON_STRING) {
        return NULL; /* words that only describe must not keep money from being booked */
    }
    return value;
}

/* A reference that is said to be null is known to be none, one that is absent is not. */
static void note_null(const struct stripe_field *row, const struct json *from, char *member)
{
    if (row->type == STRIPE_LINK && json_path(from, row->path) != NULL) {
        struct stripe_link *link = (void *)member;
        link->link.state = LINK_NONE;
    }
}

/* Reads the rows of one member, the first of which is `row`: the first path with a
 * value wins. Moves *next behind them. */
static struct reading read_member(const struct stripe_field *row,
    const struct json *from,
    char *view,
    const struct stripe_field **next,
    const struct stripe_field **ret_at)
{
    char *member = view + row->offset;
    const struct stripe_field *at = row;
    const struct json *value = NULL;
    for (; at < rows + ROW_COUNT && at->object == row->object && at->offset == row->offset; at++) {
        if (value == NULL) {
            value = stripe_field_look_up(at, from);
            *ret_at = at;
            if (value == NULL) {
                note_null(at, from, member);
            }
        }
    }
    *next = at;
    if (value == NULL) {
        *ret_at = row;
        return row->need == STRIPE_REQUIRED ? wrong(ERR_INVALID, "is missing") : FINE;
    }
    return read_value(*ret_at, value, member);
}

static const struct stripe_field *first_row(enum stripe_object object)
{
    const struct stripe_field *row = rows;
    while (row < rows + ROW_COUNT && row->object != object) {
        row++;
    }
    ENSURE(row < rows + ROW_COUNT);
    return row;
}

enum err stripe_fields_read(enum stripe_object object,
    const struct json *from,
    const struct stripe_place *place,
    void *view,
    struct err_info *reterr)
{
    REQUIRE(from != NULL && from->kind == JSON_OBJECT);
    REQUIRE(view != NULL);
    const struct stripe_field *row = first_row(object);
    while (row < rows + ROW_COUNT && row->object == object) {
        const struct stripe_field *at = row;
        struct reading reading = read_member(row, from, view, &row, &at);
        if (reading.err != ERR_OK) {
            return stripe_field_refuse(place, at->path.data, reading.err, reading.problem, reterr);
        }
    }
    return ERR_OK;
}

bool stripe_fields_read_what_can_be(enum stripe_object object, const struct json *from, void *view)
{
    REQUIRE(from != NULL && from->kind == JSON_OBJECT);
    REQUIRE(view != NULL);
    bool all = true;
    const struct stripe_field *row = first_row(object);
    while (row < rows + ROW_COUNT && row->object == object) {
        const struct stripe_field *at = row;
        all &= read_member(row, from, view, &row, &at).err == ERR_OK;
    }
    return all;
}

#include "sandbox/compare.h"
#include "base/check.h"
#include "base/json.h"
#include "base/timestamp.h"
#include <stdio.h>

enum how {
    HOW_NUMBER,
    HOW_TEXT,
    HOW_TIME,
    HOW_CURRENCY,
    HOW_CUSTOMER,
    HOW_ATTEMPT,
    HOW_OWNER,
    HOW_INTENT_STATE,
    HOW_CHARGE_STATE,
    HOW_GIVEN_BACK,
    HOW_BY_TYPE /* of the field */
};

struct compare_row {
    enum truth_kind kind;
    enum how how;
    const char *field;
    struct str name;
    bool may_be_unknown; /* to the store */
};
static const struct compare_row rows[] = {
#define COMPARE(kind, field, how, name)                                                            \
    {TRUTH_##kind, HOW_##how, (field), {name, sizeof(name) - 1}, false},
#include "sandbox/compare.def"
#undef COMPARE
#define SAYS(kind, member, how, path)                                                              \
    {TRUTH_##kind, HOW_BY_TYPE, #member, {#member, sizeof(#member) - 1}, false},
#define MAY_SAY(kind, member, how, path)                                                           \
    {TRUTH_##kind, HOW_BY_TYPE, #member, {#member, sizeof(#member) - 1}, true},
#include "sandbox/records.def"
};

struct comparing {
    const struct compare_context *context;
    struct str id; /* of the object at the provider */
    const struct json *says;
};

enum id_kind compare_record_kind(enum truth_kind kind)
{
    static const enum id_kind kinds[TRUTH_KIND_COUNT] = {
        [TRUTH_INTENT] = ID_PAYMENT,
        [TRUTH_CHARGE] = ID_ATTEMPT,
#define RECORD(KIND, word) [TRUTH_##KIND] = ID_##KIND,
#include "sandbox/records.def"
    };
    REQUIRE(kind < TRUTH_KIND_COUNT);
    return kinds[kind];
}

/* ---- what the truth wants -------------------------------------------------------------------- */

static struct str said(const struct comparing *comparing, const char *name)
{
    return json_string(json_get(comparing->says, str_from(name)));
}

static int64_t said_number(const struct comparing *comparing, const char *name)
{
    int64_t number = 0;
    return json_int64(json_get(comparing->says, str_from(name)), &number) == ERR_OK ? number : 0;
}

/* An intent goes back to requires_payment_method when an attempt failed. */
static const char *wanted_intent_state(const struct comparing *comparing)
{
    static const struct {
        struct str status;
        const char *state;
    } states[] = {
        {{"requires_action", 15}, "action_required"},
        {{"processing", 10}, "processing"},
        {{"requires_capture", 16}, "authorized"},
        {{"succeeded", 9}, "succeeded"},
        {{"canceled", 8}, "canceled"},
    };
    struct str status = said(comparing, "status");
    for (size_t i = 0; i < sizeof states / sizeof *states; i++) {
        if (str_eq(status, states[i].status)) {
            return states[i].state;
        }
    }
    bool tried = said(comparing, "error_code").len > 0 || said(comparing, "latest_charge").len > 0;
    return tried ? "failed" : "open";
}

static const char *wanted_charge_state(const struct comparing *comparing)
{
    struct str status = said(comparing, "status");
    if (!str_eq(status, STR("succeeded"))) {
        return str_eq(status, STR("pending")) ? "pending" : "failed";
    }
    if (json_bool(json_get(comparing->says, STR("captured")), true)) {
        return "succeeded";
    }
    return json_bool(json_get(comparing->says, STR("refunded")), false) ? "failed" : "authorized";
}

/* Stripe counts what was authorised and never captured as refunded; nobody had paid that. */
static int64_t wanted_given_back(const struct comparing *comparing)
{
    int64_t never_captured =
        said_number(comparing, "amount") - said_number(comparing, "amount_captured");
    int64_t refunded = said_number(comparing, "amount_refunded") - never_captured;
    return refunded > 0 ? refunded : 0;
}

static enum err want_id(
    const struct comparing *comparing, enum id_kind kind, struct str provider_id, struct buf *to)
{
    struct own_id id = {{0}};
    if (provider_id.len == 0) {
        return ERR_OK;
    }
    TRY(comparing->context->find(comparing->context->context, kind, provider_id, &id));
    if (own_id_is_none(id)) {
        buf_addf(to, "(unknown: " STR_FMT ")", STR_ARG(provider_id));
        return ERR_OK;
    }
    char text[OWN_ID_TEXT_BYTES];
    own_id_format(kind, id, text);
    buf_add(to, str_from(text));
    return ERR_OK;
}

static void want_currency(struct str code, struct buf *to)
{
    struct currency currency = {""};
    if (currency_parse(code, &currency) == ERR_OK) {
        buf_add(to, str_from(currency.code));
    } else {
        buf_add(to, code);
    }
}

/* Our word for a state; most are the provider's. */
static void want_word(struct str word, struct buf *to)
{
    static const struct {
        const char *theirs, *ours;
    } words[] = {
        {"warning_needs_response", "inquiry_needs_response"},
        {"warning_under_review", "inquiry_under_review"},
        {"warning_closed", "inquiry_closed"},
    };
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        if (str_eq(word, str_from(words[i].theirs))) {
            buf_add(to, str_from(words[i].ours));
            return;
        }
    }
    buf_add(to, word);
}

static enum err want_by_type(const struct comparing *comparing,
    const struct compare_row *row,
    const struct field *field,
    struct buf *to)
{
    const struct json *value = json_get(comparing->says, row->name);
    switch (field->type) {
    case FIELD_ID:
        return want_id(comparing, field->id_kind, json_string(value), to);
    case FIELD_INT:
    case FIELD_MINOR:
        buf_add_int(to, said_number(comparing, row->name.data));
        return ERR_OK;
    case FIELD_TIME:
        buf_add_int(to, said_number(comparing, row->name.data) * US_PER_SECOND);
        return ERR_OK;
    case FIELD_BOOL:
        buf_add_int(to, json_bool(value, false) ? 1 : 0);
        return ERR_OK;
    case FIELD_CURRENCY:
        want_currency(json_string(value), to);
        return ERR_OK;
    case FIELD_TEXT:
        buf_add(to, json_string(value));
        return ERR_OK;
    case FIELD_ENUM:
        want_word(json_string(value), to);
        return ERR_OK;
    default:
        UNREACHABLE();
    }
}

static enum err want(const struct comparing *comparing,
    const struct compare_row *row,
    const struct field *field,
    struct buf *to)
{
    struct str text = json_string(json_get(comparing->says, row->name));
    switch (row->how) {
    case HOW_NUMBER:
        buf_add_int(to, said_number(comparing, row->name.data));
        return ERR_OK;
    case HOW_TIME:
        buf_add_int(to, said_number(comparing, row->name.data) * US_PER_SECOND);
        return ERR_OK;
    case HOW_TEXT:
        buf_add(to, text);
        return ERR_OK;
    case HOW_CURRENCY:
        want_currency(text, to);
        return ERR_OK;
    case HOW_CUSTOMER:
        return want_id(comparing, ID_CUSTOMER, text, to);
    case HOW_ATTEMPT:
        return want_id(comparing, ID_ATTEMPT, text, to);
    case HOW_OWNER: /* a charge without a payment intent is a payment of its own */
        return want_id(comparing, ID_PAYMENT, text.len > 0 ? text : comparing->id, to);
    case HOW_INTENT_STATE:
        buf_add(to, str_from(wanted_intent_state(comparing)));
        return ERR_OK;
    case HOW_CHARGE_STATE:
        buf_add(to, str_from(wanted_charge_state(comparing)));
        return ERR_OK;
    case HOW_GIVEN_BACK:
        buf_add_int(to, wanted_given_back(comparing));
        return ERR_OK;
    case HOW_BY_TYPE:
        return want_by_type(comparing, row, field, to);
    default:
        UNREACHABLE();
    }
}

/* ---- what the record has --------------------------------------------------------------------- */

static const struct field *field_find(const struct record_kind *kind, const char *name)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        if (strcmp(kind->fields[i].name, name) == 0) {
            return &kind->fields[i];
        }
    }
    UNREACHABLE(); /* compare.def names a field that the tables of the domain do not have */
}

static void show(const struct field *field, const void *record, struct buf *to)
{
    const char *member = (const char *)record + field->offset;
    char text[OWN_ID_TEXT_BYTES];
    int64_t number = 0;
    int word = 0;
    struct own_id id;
    switch (field->type) {
    case FIELD_ID:
        memcpy(&id, member, sizeof id);
        if (!own_id_is_none(id)) {
            own_id_format(field->id_kind, id, text);
            buf_add(to, str_from(text));
        }
        break;
    case FIELD_INT:
    case FIELD_MINOR:
    case FIELD_TIME:
        memcpy(&number, member, sizeof number);
        buf_add_int(to, number);
        break;
    case FIELD_BOOL:
        buf_add_int(to, *(const bool *)(const void *)member ? 1 : 0);
        break;
    case FIELD_CURRENCY:
    case FIELD_TEXT:
        buf_add(to, str_from(member));
        break;
    case FIELD_ENUM:
        memcpy(&word, member, sizeof word);
        INVARIANT(word >= 0 && word < field->words->count);
        buf_add(to, str_from(field->words->words[word]));
        break;
    default:
        UNREACHABLE();
    }
}

/* As a record shows what nobody has said. */
static bool is_empty(struct str shown)
{
    return shown.len == 0 || str_eq(shown, STR("0"));
}

enum err compare_snapshot(const struct compare_context *context,
    enum truth_kind kind,
    struct str id,
    const struct json *says,
    const void *record,
    struct compare_difference ret_differences[static COMPARE_FIELDS_MAX],
    uint32_t *ret_count)
{
    REQUIRE(context->find != NULL);
    REQUIRE(record != NULL);
    const struct record_kind *record_kind = record_kind_of(compare_record_kind(kind));
    struct comparing comparing = {context, id, says};
    CLEANUP(buf_fini) struct buf truth;
    CLEANUP(buf_fini) struct buf store;
    buf_init(&truth, 4096);
    buf_init(&store, 4096);
    uint32_t count = 0;
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if (rows[i].kind != kind) {
            continue;
        }
        buf_clear(&truth);
        buf_clear(&store);
        const struct field *field = field_find(record_kind, rows[i].field);
        TRY(want(&comparing, &rows[i], field, &truth));
        show(field, record, &store);
        if (!str_eq(buf_str(&truth), buf_str(&store)) &&
            !(rows[i].may_be_unknown && is_empty(buf_str(&store)))) {
            INVARIANT(count < COMPARE_FIELDS_MAX);
            struct compare_difference *to = &ret_differences[count++];
            to->field = rows[i].field;
            (void)str_copy_to(to->truth, sizeof to->truth, buf_str(&truth));
            (void)str_copy_to(to->store, sizeof to->store, buf_str(&store));
        }
    }
    *ret_count = count;
    return ERR_OK;
}

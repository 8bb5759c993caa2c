/* event_type_rows: the rows of event_types.def and thin_types.def as words, without the enums that
 * the decoder makes of them, and what the tests of both tables expect there.
 *
 * Layer: tests.
 */
#pragma once

#include "samples.h"

#define CURRENT_TYPES 275 /* of API 2026-10-28.endive */
#define RECORDED_TYPES_MAX 150
#define THIN_TYPES_WITHOUT_TWIN 110

struct event_type_row {
    const char *type;
    const char *object; /* "DISPUTE"; NULL: recorded */
    const char *reason; /* "NO_MONEY"; NULL: mapped */
    const char *help;
    int rank; /* 0: recorded */
    bool past;
};

static const struct event_type_row event_rows[] = {
#define EVENT_TYPE(type, object, rank, help) {(type), #object, NULL, (help), (rank), false},
#define PAST_EVENT_TYPE(type, object, rank, help) {(type), #object, NULL, (help), (rank), true},
#define RECORDED_TYPE(type, reason, help) {(type), NULL, #reason, (help), 0, false},
#include "provider/stripe/event_types.def"
#undef EVENT_TYPE
#undef PAST_EVENT_TYPE
#undef RECORDED_TYPE
};
enum { EVENT_ROW_COUNT = sizeof event_rows / sizeof *event_rows };

static const struct event_type_row thin_rows[] = {
#define THIN_TYPE(type, reason, help) {(type), NULL, #reason, (help), 0, false},
#include "provider/stripe/thin_types.def"
#undef THIN_TYPE
};
enum { THIN_ROW_COUNT = sizeof thin_rows / sizeof *thin_rows };

/* Sent by older versions only. */
static const char *const historical_types[] = {
    "customer.bank_account.deleted",
    "customer.card.created",
    "customer.card.deleted",
    "customer.card.updated",
    "invoiceitem.updated",
    "issuing_settlement.created",
    "issuing_settlement.updated",
    "order.created",
    "order.payment_failed",
    "order.payment_succeeded",
    "order.updated",
    "order_return.created",
    "payment_method.card_automatically_updated",
    "ping",
    "recipient.created",
    "recipient.deleted",
    "recipient.updated",
    "sku.created",
    "sku.deleted",
    "sku.updated",
    "transfer.canceled",
    "transfer.failed",
    "transfer.paid",
    "treasury.received_credit.reversed",
};
enum { HISTORICAL_COUNT = sizeof historical_types / sizeof *historical_types };

static inline bool type_is_historical(const char *type)
{
    for (size_t i = 0; i < HISTORICAL_COUNT; i++) {
        if (strcmp(historical_types[i], type) == 0) {
            return true;
        }
    }
    return false;
}

static inline const struct event_type_row *row_find(
    const struct event_type_row *rows, size_t count, struct str type)
{
    for (size_t i = 0; i < count; i++) {
        if (str_eq(str_from(rows[i].type), type)) {
            return &rows[i];
        }
    }
    return NULL;
}

/* "v1.charge.succeeded" tells what "charge.succeeded" tells, if that is a type. */
static inline const struct event_type_row *row_of_twin(struct str thin_type)
{
    static const struct str prefix = {"v1.", 3};
    if (!str_starts_with(thin_type, prefix)) {
        return NULL;
    }
    struct str type = {thin_type.data + prefix.len, thin_type.len - prefix.len};
    return row_find(event_rows, EVENT_ROW_COUNT, type);
}

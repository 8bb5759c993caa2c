#include "base/check.h"
#include "sandbox/merchant_internal.h"

/* previous_attributes: the members that changed, as they were before, in the order of their names.
 */

static void write_refunded(const struct previous *was, struct buf *to)
{
    buf_add_int(to, was->refunded);
}

static void write_email(const struct previous *was, struct buf *to)
{
    buf_add_char(to, '"');
    person_email(was->person, to);
    buf_add_char(to, '"');
}

static void write_name(const struct previous *was, struct buf *to)
{
    buf_add_char(to, '"');
    person_name(was->person, to);
    buf_add_char(to, '"');
}

/* A refund that changes its status was one of these two before. */
static void write_status(const struct previous *was, struct buf *to)
{
    buf_add(to, was->status == REFUND_IS_PENDING ? STR("\"pending\"") : STR("\"succeeded\""));
}

static const struct {
    uint32_t field;
    const char *name;
    const char *value;
    void (*write)(const struct previous *was, struct buf *to); /* instead of a value */
} rows[] = {
    {WAS_NOT_CAPTURED, "amount_captured", "0", NULL},
    {WAS_REFUNDED_AMOUNT, "amount_refunded", NULL, write_refunded},
    {WAS_WITHOUT_BALANCE_TRANSACTION, "balance_transaction", "null", NULL},
    {WAS_NOT_CAPTURED, "captured", "false", NULL},
    {WAS_WITHOUT_REFERENCE, "destination_details",
        "{\n        \"card\": {\n          \"reference\": null,\n"
        "          \"reference_status\": \"pending\"\n        }\n      }",
        NULL},
    {WAS_NOT_DISPUTED, "disputed", "false", NULL},
    {WAS_EMAIL, "email", NULL, write_email},
    {WAS_WITHOUT_FAILURE, "failure_balance_transaction", "null", NULL},
    {WAS_WITHOUT_FAILURE, "failure_reason", "null", NULL},
    {WAS_NAME, "name", NULL, write_name},
    {WAS_PENDING, "pending_reason", "\"processing\"", NULL},
    {WAS_REFUNDED, "refunded", "true", NULL},
    {WAS_NOT_REFUNDED, "refunded", "false", NULL},
    {WAS_STATUS, "status", NULL, write_status},
};

/* Laid out as an event is; truths, which are compact, have no previous_attributes. */
void write_previous_attributes(const struct scene *scene, struct buf *to)
{
    REQUIRE(scene->pretty);
    const struct previous *was = &scene->event->previous;
    if (was->fields == 0) {
        return;
    }
    buf_add(to, STR(",\n    \"previous_attributes\": {"));
    const char *separator = "\n      \"";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if ((was->fields & rows[i].field) == 0) {
            continue;
        }
        buf_add(to, str_from(separator));
        separator = ",\n      \"";
        buf_add(to, str_from(rows[i].name));
        buf_add(to, STR("\": "));
        if (rows[i].write != NULL) {
            rows[i].write(was, to);
        } else {
            buf_add(to, str_from(rows[i].value));
        }
    }
    buf_add(to, STR("\n    }"));
}

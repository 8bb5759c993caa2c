#include "base/check.h"
#include "sandbox/merchant_internal.h"
#include <stdio.h>

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
    {WAS_WITHOUT_FEE, "application_fee", "null", NULL},
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
    {WAS_WITHOUT_TRANSFER, "transfer", "null", NULL},
};

void previous_add(struct previous *previous, const char *name, const char *json)
{
    REQUIRE(previous->member_count < PREVIOUS_MEMBERS_MAX);
    struct previous_member *member = &previous->members[previous->member_count++];
    member->name = name;
    bool fits = str_copy_to(member->json, sizeof member->json, str_from(json));
    ENSURE(fits);
}

void previous_add_text(struct previous *previous, const char *name, const char *text)
{
    char json[sizeof previous->members[0].json];
    int len = snprintf(json, sizeof json, "\"%s\"", text);
    ENSURE(len > 0 && (size_t)len < sizeof json);
    previous_add(previous, name, json);
}

void previous_add_number(struct previous *previous, const char *name, int64_t number)
{
    char json[24];
    int len = snprintf(json, sizeof json, "%lld", (long long)number);
    ENSURE(len > 0 && (size_t)len < sizeof json);
    previous_add(previous, name, json);
}

/* The separator stands before each member. */
static void add_member(struct buf *to, const char **separator, const char *name)
{
    buf_add(to, str_from(*separator));
    *separator = ",\n      \"";
    buf_add(to, str_from(name));
    buf_add(to, STR("\": "));
}

/* Laid out as an event is; truths, which are compact, have no previous_attributes. */
void write_previous_attributes(const struct scene *scene, struct buf *to)
{
    REQUIRE(scene->pretty);
    const struct previous *was = &scene->event->previous;
    if (was->fields == 0 && was->member_count == 0) {
        return;
    }
    buf_add(to, STR(",\n    \"previous_attributes\": {"));
    const char *separator = "\n      \"";
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        if ((was->fields & rows[i].field) == 0) {
            continue;
        }
        add_member(to, &separator, rows[i].name);
        if (rows[i].write != NULL) {
            rows[i].write(was, to);
        } else {
            buf_add(to, str_from(rows[i].value));
        }
    }
    for (uint8_t i = 0; i < was->member_count; i++) {
        add_member(to, &separator, was->members[i].name);
        buf_add(to, str_from(was->members[i].json));
    }
    buf_add(to, STR("\n    }"));
}

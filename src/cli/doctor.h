/* doctor: the list of checks that `counterfoil doctor` makes; one line each, with what to do.
 *
 * Layer: cli; shared by doctor*.c.
 */
#pragma once

#include "cli/command.h"

enum health { HEALTH_OK, HEALTH_WARNING, HEALTH_FAILED, HEALTH_COUNT };

struct doctor {
    struct command_context *context;
    const struct config *config;
    int64_t now_us;
    int counts[HEALTH_COUNT];
};

/* Prints one result. `to_do` is what to do about it: "" when it is fine. `format` is what was
 * found. */
void doctor_say(struct doctor *doctor,
    enum health health,
    const char *check,
    const char *to_do,
    const char *format,
    ...) PRINTF_LIKE(5, 6);

/* Store, schema, durability, disk, what waits in it. */
void doctor_store(struct doctor *doctor);
/* What the account's provider says of its key and of the endpoints' event types. */
void doctor_key(struct doctor *doctor, uint32_t index, const char *check);
/* How the events look, from a store whose schema is ours. */
void doctor_drift(struct doctor *doctor, struct store *store);
/* Days that nobody reconciled, and what does not agree, from such a store. */
void doctor_reconcile(struct doctor *doctor, struct store *store);

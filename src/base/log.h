/* log: one JSON object a line to standard error. Never a secret, a body or a person's data.
 *
 *   log_event(LOG_INFO, "webhook_refused", log_str("account", a), log_int("age_s", 412));
 *
 * Only cli, and the threads that cli composes, log above debug. Safe from any thread; a line
 * is one write.
 *
 * Layer: base.
 */
#pragma once

#include "base/env.h"
#include "base/str.h"

enum log_level { LOG_DEBUG, LOG_INFO, LOG_WARNING, LOG_ERROR, LOG_OFF };

struct log_field {
    const char *name; /* NULL ends the list */
    bool is_text;
    struct str text; /* cut at 256 bytes, escaped */
    int64_t number;
};

void log_open(
    int fd, enum log_level level, struct env *env); /* before threads start; borrows env */
bool log_level_parse(struct str name, enum log_level *ret_level);

void log_fields(enum log_level level, const char *event, const struct log_field *fields);
#define log_event(level, ...) LOG_EVENT_((level), __VA_ARGS__, log_int(NULL, 0))
#define LOG_EVENT_(level, event, ...)                                                              \
    log_fields((level), (event), (const struct log_field[]){__VA_ARGS__})

static inline struct log_field log_str(const char *name, struct str text)
{
    return (struct log_field){name, true, text, 0};
}

static inline struct log_field log_text(const char *name, const char *text)
{
    return (struct log_field){name, true, str_from(text), 0};
}

static inline struct log_field log_int(const char *name, int64_t number)
{
    return (struct log_field){name, false, {NULL, 0}, number};
}

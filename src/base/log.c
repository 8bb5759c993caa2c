#include "base/log.h"
#include "base/check.h"
#include "base/json.h"
#include "base/timestamp.h"
#include <errno.h>
#include <unistd.h>

#define LOG_TEXT_BYTES 256
/* A write of at most PIPE_BUF bytes to a pipe is never mixed with another thread's or process's. */
#define LOG_LINE_BYTES 4096
#define LOG_END_BYTES 32 /* kept free for what ends a line that was cut */

static const char *const level_names[] = {
    [LOG_DEBUG] = "debug",
    [LOG_INFO] = "info",
    [LOG_WARNING] = "warning",
    [LOG_ERROR] = "error",
    [LOG_OFF] = "off",
};

/* Set once, before there are threads; without log_open (a unit test) the library stays silent. */
static struct {
    int fd;
    enum log_level level;
    struct env *env;
} log_state = {-1, LOG_OFF, NULL};

void log_open(int fd, enum log_level level, struct env *env)
{
    REQUIRE(fd >= 0);
    REQUIRE(env != NULL);
    log_state.fd = fd;
    log_state.level = level;
    log_state.env = env;
}

bool log_level_parse(struct str name, enum log_level *ret_level)
{
    REQUIRE(ret_level != NULL);
    for (size_t i = 0; i < sizeof level_names / sizeof level_names[0]; i++) {
        if (str_eq(name, str_from(level_names[i]))) {
            *ret_level = (enum log_level)i;
            return true;
        }
    }
    return false;
}

/* Leaves out the first field that has no room, and all after it; the line stays valid JSON. */
static void add_fields(struct json_writer *writer, const struct log_field *fields)
{
    struct buf *line = writer->to;
    for (const struct log_field *field = fields; field->name != NULL; field++) {
        size_t len_before = line->len;
        struct str name = str_from(field->name);
        if (field->is_text) {
            json_add_string(writer, name, str_prefix_utf8(field->text, LOG_TEXT_BYTES));
        } else {
            json_add_int(writer, name, field->number);
        }
        if (line->failed) {
            line->len = len_before;
            line->failed = false;
            line->max = LOG_LINE_BYTES;
            json_add_bool(writer, STR("cut"), true);
            return;
        }
    }
}

static void write_line(struct str line)
{
    while (line.len > 0) {
        ssize_t written = write(log_state.fd, line.data, line.len);
        if (written < 0 && errno != EINTR) {
            return; /* a log that cannot be written is no reason to stop taking payments */
        }
        if (written > 0) {
            line.data += written;
            line.len -= (size_t)written;
        }
    }
}

void log_fields(enum log_level level, const char *event, const struct log_field *fields)
{
    REQUIRE(level < LOG_OFF);
    REQUIRE(event != NULL);
    REQUIRE(fields != NULL);
    if (level < log_state.level || log_state.level == LOG_OFF) {
        return;
    }
    char time[TIMESTAMP_TEXT_BYTES];
    timestamp_format(env_now(log_state.env), time);
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, LOG_LINE_BYTES - LOG_END_BYTES);
    struct json_writer writer;
    json_writer_init(&writer, &line);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("time"), str_from(time));
    json_add_string(&writer, STR("level"), str_from(level_names[level]));
    json_add_string(&writer, STR("event"), str_prefix_utf8(str_from(event), LOG_TEXT_BYTES));
    add_fields(&writer, fields);
    line.max = LOG_LINE_BYTES;
    json_end_object(&writer);
    buf_add_char(&line, '\n');
    if (!line.failed) { /* else the heap is out */
        write_line(buf_str(&line));
    }
}

#include "cli/output.h"
#include "base/check.h"
#include "base/timestamp.h"
#include <errno.h>
#include <limits.h>
#include <locale.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#define FIELD_COLUMNS 16
#define CELL_BYTES_MAX ((size_t)1024 * 1024)

static struct {
    bool terminal, colours;
    int error; /* errno of the first write that failed */
} state;

void output_open(void)
{
    (void)signal(
        SIGPIPE, SIG_IGN); /* a reader that went away shows as EPIPE, and we end in order */
    (void)setlocale(LC_CTYPE, "C.UTF-8"); /* for wcwidth; numbers and times stay as they are */
    const char *no_colour = getenv("NO_COLOR");
    const char *kind = getenv("TERM");
    state.terminal = isatty(STDOUT_FILENO) == 1;
    state.colours = state.terminal && (no_colour == NULL || no_colour[0] == '\0') &&
                    (kind == NULL || strcmp(kind, "dumb") != 0);
}

int output_close(int exit_code)
{
    out_flush();
    if (state.error == 0 || state.error == EPIPE) {
        return exit_code;
    }
    (void)fprintf(stderr, "counterfoil: what was printed could not be written: %s\n",
        strerrordesc_np(state.error));
    return exit_code != 0 ? exit_code : err_exit_code(ERR_FILE_IO);
}

bool output_is_terminal(void)
{
    return state.terminal;
}

bool output_is_gone(void)
{
    return state.error != 0;
}

/* `said` by the terminal; serial lines and some containers say 0, and there the variable helps. */
static int extent(unsigned short said, const char *variable, int otherwise)
{
    int64_t number = 0;
    if (said > 0) {
        return said;
    }
    bool given = str_to_int64(str_from(getenv(variable)), &number) == ERR_OK && number > 0 &&
                 number <= USHRT_MAX;
    return given ? (int)number : otherwise;
}

void output_size(int *ret_columns, int *ret_rows)
{
    struct winsize size = {0};
    (void)ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
    *ret_columns = extent(size.ws_col, "COLUMNS", 80);
    *ret_rows = extent(size.ws_row, "LINES", 24);
}

/* --- printing --- */

static void note_error(bool failed)
{
    if (failed && state.error == 0) {
        state.error = errno != 0 ? errno : EIO;
    }
}

void out(struct str text)
{
    if (state.error == 0 && text.len > 0) {
        errno = 0;
        note_error(fwrite(text.data, 1, text.len, stdout) != text.len);
    }
}

void outf(const char *format, ...)
{
    if (state.error != 0) {
        return;
    }
    va_list arguments;
    va_start(arguments, format);
    errno = 0;
    int len = vprintf(format, arguments);
    va_end(arguments);
    note_error(len < 0);
}

void out_flush(void)
{
    if (state.error == 0) {
        errno = 0;
        note_error(fflush(stdout) != 0);
    }
}

/* A pipe whose reader has gone says so without being asked: the last line may have been written
 * long ago. */
void output_wait(int64_t us)
{
    struct timespec timeout = {us / US_PER_SECOND, us % US_PER_SECOND * 1000};
    struct pollfd watched = {.fd = STDOUT_FILENO, .events = 0};
    if (ppoll(&watched, 1, &timeout, NULL) == 1 && state.error == 0) {
        state.error = EPIPE;
    }
}

void out_escaped(struct str text)
{
    CLEANUP(buf_fini) struct buf escaped;
    buf_init(&escaped, CELL_BYTES_MAX);
    text_escape(&escaped, text);
    out(buf_str(&escaped));
}

void out_field(const char *name, struct str value)
{
    if (value.len > 0) {
        outf("  %-*s ", FIELD_COLUMNS, name);
        out_escaped(value);
        out(STR("\n"));
    }
}

void out_field_time(const char *name, int64_t time_us)
{
    char text[TIME_TEXT_BYTES];
    time_format(time_us, text);
    out_field(name, time_us == 0 ? STR_NONE : str_from(text));
}

const char *colour_on(enum colour colour)
{
    static const char *const codes[COLOUR_COUNT] = {
        [COLOUR_NONE] = "",
        [COLOUR_GOOD] = "\x1b[32m",
        [COLOUR_WARN] = "\x1b[33m",
        [COLOUR_BAD] = "\x1b[31m",
        [COLOUR_DIM] = "\x1b[2m",
        [COLOUR_BOLD] = "\x1b[1m",
    };
    REQUIRE((unsigned)colour < COLOUR_COUNT);
    return state.colours ? codes[colour] : "";
}

const char *colour_off(void)
{
    return state.colours ? "\x1b[0m" : "";
}

void out_coloured(enum colour colour, struct str text)
{
    out(str_from(colour_on(colour)));
    out(text);
    out(str_from(colour == COLOUR_NONE ? "" : colour_off()));
}

/* --- text from outside --- */

/* The first character of well-formed UTF-8 and its length. */
static uint32_t character(const unsigned char *at, size_t *ret_len)
{
    size_t len = at[0] < 0x80 ? 1 : at[0] < 0xe0 ? 2 : at[0] < 0xf0 ? 3 : 4;
    uint32_t value = len == 1 ? at[0] : at[0] & (0x7fU >> len);
    for (size_t i = 1; i < len; i++) {
        value = value << 6 | (at[i] & 0x3fU);
    }
    *ret_len = len;
    return value;
}

/* Controls of both sets, line and paragraph separators, and what embeds, overrides or isolates
 * direction. */
static bool is_harmful(uint32_t c)
{
    return c < 0x20 || (c >= 0x7f && c < 0xa0) || c == 0x61c || (c >= 0x200e && c <= 0x200f) ||
           (c >= 0x2028 && c <= 0x202e) || (c >= 0x2066 && c <= 0x2069) || c == 0xfeff;
}

void text_escape(struct buf *to, struct str text)
{
    REQUIRE(to != NULL);
    size_t at = 0;
    while (at < text.len) {
        size_t well_formed = at + str_utf8_len((struct str){text.data + at, text.len - at});
        while (at < well_formed) {
            size_t len = 0;
            uint32_t c = character((const unsigned char *)text.data + at, &len);
            if (!is_harmful(c)) {
                buf_add(to, (struct str){text.data + at, len});
            } else if (c < 0x100) {
                buf_addf(to, c == '\n' ? "\\n" : c == '\t' ? "\\t" : "\\x%02x", c);
            } else {
                buf_addf(to, "\\u%04x", c);
            }
            at += len;
        }
        if (at < text.len) {
            buf_addf(to, "\\x%02x", (unsigned char)text.data[at]);
            at++;
        }
    }
}

/* Columns of the character at the beginning of `text`, and its bytes. */
static size_t first_width(struct str text, size_t *ret_len)
{
    if (str_utf8_len((struct str){text.data, text.len < 4 ? text.len : 4}) == 0) {
        *ret_len = 1; /* not UTF-8: some mark is shown in its place */
        return 1;
    }
    uint32_t c = character((const unsigned char *)text.data, ret_len);
    int width = wcwidth((wchar_t)c);
    return width < 0 ? 1 : (size_t)width;
}

size_t text_width(struct str text)
{
    size_t columns = 0;
    size_t len = 0;
    for (size_t at = 0; at < text.len; at += len) {
        columns += first_width((struct str){text.data + at, text.len - at}, &len);
    }
    return columns;
}

struct str text_fit(struct str line, size_t columns)
{
    size_t used = 0;
    size_t len = 0;
    for (size_t at = 0; at < line.len; at += len) {
        if (line.data[at] == '\x1b') { /* ESC [ ... m */
            const char *end = memchr(line.data + at, 'm', line.len - at);
            len = end == NULL ? line.len - at : (size_t)(end - (line.data + at)) + 1;
            continue;
        }
        used += first_width((struct str){line.data + at, line.len - at}, &len);
        if (used > columns) {
            return (struct str){line.data, at};
        }
    }
    return line;
}

void time_format(int64_t time_us, char to[static TIME_TEXT_BYTES])
{
    _Static_assert(TIME_TEXT_BYTES >= TIMESTAMP_TEXT_BYTES, "room for the whole form");
    if (time_us == 0) {
        (void)str_copy_to(to, TIME_TEXT_BYTES, STR("-"));
        return;
    }
    timestamp_format(timestamp_second(time_us), to);
    to[10] = ' ';
    to[19] = '\0';
}

void age_format(int64_t now_us, int64_t then_us, char to[static TIME_TEXT_BYTES])
{
    int64_t age = now_us > then_us ? now_us - then_us : 0;
    if (then_us == 0) {
        (void)str_copy_to(to, TIME_TEXT_BYTES, STR("-"));
        return;
    }
    duration_format(age >= US_PER_SECOND ? age - age % US_PER_SECOND : 0, to);
}

/* Where a control character of U+0080 to U+009F begins: two bytes. */
static size_t find_c1(struct str text)
{
    for (size_t at = 0; at + 1 < text.len; at++) {
        const char *found = memchr(text.data + at, '\xc2', text.len - at - 1);
        if (found == NULL) {
            return text.len;
        }
        at = (size_t)(found - text.data);
        unsigned char next = (unsigned char)text.data[at + 1];
        if (next >= 0x80 && next <= 0x9f) {
            return at;
        }
    }
    return text.len;
}

/* JSON may have such characters as they are, but a terminal obeys them. They stand in strings only,
 * since nothing else in it is not ASCII. */
void out_json(const struct buf *json)
{
    REQUIRE(!json->failed); /* the caller's bound was too small for what it prints */
    struct str rest = buf_str(json);
    for (size_t at = find_c1(rest); at < rest.len; at = find_c1(rest)) {
        out((struct str){rest.data, at});
        outf("\\u%04x", (unsigned)(unsigned char)rest.data[at + 1]);
        rest.data += at + 2;
        rest.len -= at + 2;
    }
    out(rest);
    out(STR("\n"));
}

void json_add_time(struct json_writer *writer, struct str key, int64_t time_us)
{
    char text[TIMESTAMP_TEXT_BYTES];
    if (time_us == 0) {
        json_add_null(writer, key);
        return;
    }
    timestamp_format(time_us, text);
    json_add_string(writer, key, str_from(text));
}

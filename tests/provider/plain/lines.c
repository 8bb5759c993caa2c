#include "provider/plain/lines.h"
#include "base/check.h"
#include "base/limits.h"

#define VERSION_BYTES_MAX 8

/* A line without its LF has been cut off, and is none. */
static bool cut_line(struct str *text, struct str *ret_line)
{
    if (text->len == 0 || memchr(text->data, '\n', text->len) == NULL) {
        return false;
    }
    *ret_line = str_cut(text, '\n');
    return true;
}

static bool is_digits(struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.data[i] < '0' || text.data[i] > '9') {
            return false;
        }
    }
    return text.len > 0;
}

bool plain_is_text(struct str body)
{
    return str_is_utf8(body) && (body.len == 0 || memchr(body.data, '\0', body.len) == NULL);
}

enum err plain_head_read(struct str *text, struct plain_head *ret_head)
{
    struct str line;
    if (!cut_line(text, &line) || !str_eq(str_cut(&line, '|'), STR("plain"))) {
        return ERR_MALFORMED;
    }
    struct plain_head head = {.version = str_cut(&line, '|')};
    struct str environment = str_cut(&line, '|');
    head.live = str_eq(environment, STR("live"));
    bool said = head.live || str_eq(environment, STR("test"));
    if (!said || !is_digits(head.version) || head.version.len > VERSION_BYTES_MAX ||
        !is_digits(line)) {
        return ERR_MALFORMED;
    }
    TRY(str_to_int64(line, &head.count));
    *ret_head = head;
    return ERR_OK;
}

static enum err read_named(struct str rest, struct plain_line *line)
{
    while (rest.len > 0) {
        struct str value = str_cut(&rest, '|');
        struct str name = str_cut(&value, '=');
        if (name.len == 0 || value.len == 0) {
            return ERR_MALFORMED;
        }
        for (uint32_t i = 0; i < line->named_count; i++) {
            if (str_eq(line->named[i].name, name)) {
                return ERR_MALFORMED;
            }
        }
        if (line->named_count == PLAIN_NAMED_MAX) {
            return ERR_TOO_LARGE;
        }
        line->named[line->named_count++] = (struct plain_named){name, value};
    }
    return ERR_OK;
}

enum err plain_line_read(struct str *text, struct plain_line *ret_line)
{
    struct str rest;
    if (!cut_line(text, &rest) || !str_eq(str_cut(&rest, '|'), STR("notification"))) {
        return ERR_MALFORMED;
    }
    struct plain_line line = {.named_count = 0};
    struct str *parts[] = {&line.kind, &line.id, &line.state, &line.amount, &line.currency,
        &line.made, &line.at, &line.sequence};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        *parts[i] = str_cut(&rest, '|');
        if (parts[i]->len == 0) {
            return ERR_MALFORMED;
        }
    }
    if (line.id.len > LIMIT_PROVIDER_ID_BYTES) {
        return ERR_TOO_LARGE;
    }
    TRY(read_named(rest, &line));
    *ret_line = line;
    return ERR_OK;
}

bool plain_is_end(struct str text)
{
    return str_eq(text, STR("end\n"));
}

struct str plain_named(const struct plain_line *line, const char *name)
{
    for (uint32_t i = 0; i < line->named_count; i++) {
        if (str_eq(line->named[i].name, str_from(name))) {
            return line->named[i].value;
        }
    }
    return STR_NONE;
}

/* Digit by digit: no number on the way is another than the text says. */
static enum err add_digit(int64_t *minor, char digit, bool negative)
{
    int value = digit - '0';
    if (__builtin_mul_overflow(*minor, 10, minor) ||
        __builtin_add_overflow(*minor, negative ? -value : value, minor)) {
        return ERR_OVERFLOW;
    }
    return ERR_OK;
}

enum err plain_amount(struct str text, struct currency currency, int64_t *ret_minor)
{
    REQUIRE(ret_minor != NULL);
    bool negative = str_starts_with(text, STR("-"));
    if (negative) {
        text = (struct str){text.data + 1, text.len - 1};
    }
    bool pointed = text.len > 0 && memchr(text.data, '.', text.len) != NULL;
    struct str fraction = text;
    struct str whole = str_cut(&fraction, '.');
    size_t decimals = (size_t)currency_decimals(currency);
    if (!is_digits(whole) || (pointed && !is_digits(fraction))) {
        return ERR_MALFORMED;
    }
    if (fraction.len > decimals) {
        return ERR_INVALID; /* to round would be to make money up */
    }
    int64_t minor = 0;
    for (size_t i = 0; i < whole.len; i++) {
        TRY(add_digit(&minor, whole.data[i], negative));
    }
    for (size_t i = 0; i < decimals; i++) {
        TRY(add_digit(&minor, i < fraction.len ? fraction.data[i] : '0', negative));
    }
    *ret_minor = minor;
    return ERR_OK;
}

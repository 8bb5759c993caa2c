#include "base/check.h"
#include "base/json_internal.h"
#include "base/limits.h"

void json_writer_init(struct json_writer *writer, struct buf *to)
{
    REQUIRE(writer != NULL);
    REQUIRE(to != NULL);
    *writer = (struct json_writer){.to = to};
}

/* Not valid UTF-8, and NUL, become U+FFFD: what is written can always be read again, also by
 * PostgreSQL. */
static void add_escaped(struct buf *to, struct str s)
{
    size_t plain = 0; /* from here up to i nothing needs an escape */
    size_t well_formed = str_utf8_len(s);
    for (size_t i = 0; i < s.len; i++) {
        unsigned char c = (unsigned char)s.data[i];
        bool broken = i == well_formed;
        if (c >= 0x20 && c != '"' && c != '\\' && !broken) {
            continue;
        }
        buf_add(to, (struct str){s.data + plain, i - plain});
        plain = i + 1;
        if (broken) {
            well_formed = plain + str_utf8_len((struct str){s.data + plain, s.len - plain});
            buf_add(to, STR(JSON_REPLACEMENT));
        } else if (c == '\0') {
            buf_add(to, STR(JSON_REPLACEMENT));
        } else if (c == '"' || c == '\\') {
            buf_add_char(to, '\\');
            buf_add_char(to, (char)c);
        } else if (c == '\n') {
            buf_add(to, STR("\\n"));
        } else {
            char digits[2];
            hex_encode(digits, &c, 1);
            buf_add(to, STR("\\u00"));
            buf_add(to, (struct str){digits, sizeof digits});
        }
    }
    buf_add(to, (struct str){s.data + plain, s.len - plain});
}

static void add_quoted(struct buf *to, struct str s)
{
    buf_add_char(to, '"');
    if (s.len > 0) {
        add_escaped(to, s);
    }
    buf_add_char(to, '"');
}

/* What comes before every value: the comma, and the key where an object is open. */
static void begin_value(struct json_writer *writer, struct str key)
{
    REQUIRE(writer != NULL);
    bool in_object = (writer->objects & 1) != 0;
    REQUIRE(in_object == (key.data != NULL));
    REQUIRE(writer->depth > 0 || !writer->comma); /* one value makes a document */
    if (writer->comma) {
        buf_add_char(writer->to, ',');
    }
    if (in_object) {
        add_quoted(writer->to, key);
        buf_add_char(writer->to, ':');
    }
    writer->comma = true;
}

static void begin_container(struct json_writer *writer, struct str key, bool object)
{
    begin_value(writer, key);
    REQUIRE(writer->depth < LIMIT_JSON_DEPTH);
    buf_add_char(writer->to, object ? '{' : '[');
    writer->objects = writer->objects << 1 | (object ? 1 : 0);
    writer->depth++;
    writer->comma = false;
}

static void end_container(struct json_writer *writer, bool object)
{
    REQUIRE(writer != NULL);
    REQUIRE(writer->depth > 0);
    REQUIRE(((writer->objects & 1) != 0) == object);
    buf_add_char(writer->to, object ? '}' : ']');
    writer->objects >>= 1;
    writer->depth--;
    writer->comma = true;
}

_Static_assert(LIMIT_JSON_DEPTH <= 64, "json_writer.objects has one bit for each level");

void json_begin_object(struct json_writer *writer, struct str key)
{
    begin_container(writer, key, true);
}

void json_end_object(struct json_writer *writer)
{
    end_container(writer, true);
}

void json_begin_array(struct json_writer *writer, struct str key)
{
    begin_container(writer, key, false);
}

void json_end_array(struct json_writer *writer)
{
    end_container(writer, false);
}

void json_add_string(struct json_writer *writer, struct str key, struct str value)
{
    begin_value(writer, key);
    add_quoted(writer->to, value);
}

void json_add_int(struct json_writer *writer, struct str key, int64_t value)
{
    begin_value(writer, key);
    buf_add_int(writer->to, value);
}

void json_add_bool(struct json_writer *writer, struct str key, bool value)
{
    begin_value(writer, key);
    buf_add(writer->to, value ? STR("true") : STR("false"));
}

void json_add_null(struct json_writer *writer, struct str key)
{
    begin_value(writer, key);
    buf_add(writer->to, STR("null"));
}

void json_add_raw(struct json_writer *writer, struct str key, struct str json)
{
    REQUIRE(json.len > 0);
    begin_value(writer, key);
    buf_add(writer->to, json);
}

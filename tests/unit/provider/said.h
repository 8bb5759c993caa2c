/* said: what the notices of an event say, as one line of text for each; and what is said of a
 * fixture with one field spoilt. Objects are written without braces and with ' for ".
 *
 * Layer: tests. Needs provider/stripe.
 */
#pragma once

#include "domain/aggregates.h"
#include "samples.h"

#define SAID_BYTES 4096

/* `'id':'du_1','object':'dispute'` as an event of that type at second 1700000000. */
static inline struct str event_in_quotes(struct arena *arena, const char *type, const char *object)
{
    struct buf body;
    buf_init(&body, 1 << 20);
    buf_addf(&body,
        "{'id':'evt_1','object':'event','type':'%s','created':1700000000,'livemode':false,"
        "'data':{'object':{%s}}}",
        type, object);
    assert_false(body.failed);
    struct str text = arena_copy(arena, buf_str(&body));
    buf_fini(&body);
    char *at = (char *)(uintptr_t)text.data;
    for (size_t i = 0; i < text.len; i++) {
        at[i] = at[i] == '\'' ? '"' : at[i];
    }
    return text;
}

static inline void said_field(
    struct buf *to, const struct field *field, const void *record, struct link link)
{
    const char *member = (const char *)record + field->offset;
    int64_t number = 0;
    switch (field->type) {
    case FIELD_ID:
        if (link.state == LINK_NAMED) {
            buf_addf(to, " %s=" STR_FMT, field->name, STR_ARG(link.provider_id));
        } else if (link.state == LINK_NONE) {
            buf_addf(to, " %s=none", field->name);
        }
        break;
    case FIELD_TIME:
    case FIELD_INT:
    case FIELD_MINOR:
        memcpy(&number, member, sizeof number);
        number /= field->type == FIELD_TIME ? US_PER_SECOND : 1;
        if (number != 0) {
            buf_addf(to, " %s=%" PRId64, field->name, number);
        }
        break;
    case FIELD_BOOL:
        buf_addf(
            to, "%s%s", *(const bool *)member ? " " : "", *(const bool *)member ? field->name : "");
        break;
    case FIELD_CURRENCY:
    case FIELD_TEXT:
        buf_addf(to, "%s%s%s%s", member[0] != '\0' ? " " : "", member[0] != '\0' ? field->name : "",
            member[0] != '\0' ? "=" : "", member);
        break;
    case FIELD_ENUM:
        buf_addf(
            to, " %s=%s", field->name, field->words->words[*(const int *)(const void *)member]);
        break;
    default:
        fail();
    }
}

/* "dispute du_1: state=lost amount_minor=1000 ...": every field that a notice says and that is not
 * empty, zero or false. */
static inline const char *said_of(struct arena *arena, const struct notice *notice)
{
    const struct record_kind *kind = record_kind_of(notice->kind);
    struct buf to;
    buf_init(&to, SAID_BYTES);
    buf_addf(&to, "%s " STR_FMT ":", kind->table, STR_ARG(notice->object));
    uint32_t link = 0;
    for (size_t i = 0; i < kind->field_count && !notice_is_of_payment(notice); i++) {
        const struct field *field = &kind->fields[i];
        if (field_is_said(field)) {
            bool is_link = field->type == FIELD_ID;
            said_field(&to, field, notice->object_says.record,
                is_link ? notice->object_says.links[link] : (struct link){LINK_UNSAID, STR_NONE});
            link += is_link;
        }
    }
    assert_false(to.failed);
    buf_addf(&to, "%c", '\0');
    const char *text = arena_copy(arena, buf_str(&to)).data;
    buf_fini(&to);
    return text;
}

static inline struct notice_list notices_in_quotes(
    struct arena *arena, const char *type, const char *object)
{
    struct notice_list list;
    struct err_info info = {""};
    enum err err = sample_decode(event_in_quotes(arena, type, object), arena, &list, &info);
    if (err != ERR_OK) {
        print_error("%s: %s\n", object, info.text);
    }
    assert_err(err, ERR_OK);
    return list;
}

/* The event makes notices that say these lines, the last of which is followed by NULL. */
#define assert_said(arena, type, object, ...)                                                      \
    assert_said_((arena), (type), (object), (const char *const[]){__VA_ARGS__, NULL}, __LINE__)
static inline void assert_said_(
    struct arena *arena, const char *type, const char *object, const char *const *lines, int line)
{
    struct notice_list list = notices_in_quotes(arena, type, object);
    uint32_t count = 0;
    while (lines[count] != NULL) {
        if (count >= list.count ||
            strcmp(said_of(arena, &list.notices[count]), lines[count]) != 0) {
            fail_msg("line %d\n  says %s\n  not  %s", line,
                count < list.count ? said_of(arena, &list.notices[count]) : "nothing",
                lines[count]);
        }
        count++;
    }
    if (list.count != count) {
        fail_msg("line %d says %s too", line, said_of(arena, &list.notices[count]));
    }
}

/* Where a field's value begins: the outermost of that name, else the first. */
static inline const char *value_of(const char *object, const char *key)
{
    int depth = 0;
    for (const char *at = object; *at != '\0'; at++) {
        depth += (*at == '{' || *at == '[') - (*at == '}' || *at == ']');
        if (depth == 0 && strncmp(at, key, strlen(key)) == 0) {
            return at + strlen(key);
        }
    }
    const char *inner = strstr(object, key);
    assert_row(inner != NULL, key);
    return inner + strlen(key);
}

/* The fixture with the value of one field exchanged; NULL takes the field out. */
static inline const char *spoilt(
    struct arena *arena, const char *object, const char *field, const char *value)
{
    char key[64];
    (void)snprintf(key, sizeof key, "'%s':", field);
    const char *at = value_of(object, key);
    const char *end = at;
    for (int depth = 0; *end != '\0' && (depth > 0 || (*end != ',' && *end != '}')); end++) {
        depth += (*end == '{' || *end == '[') - (*end == '}' || *end == ']');
    }
    struct buf to;
    buf_init(&to, SAID_BYTES);
    buf_addf(&to, "%.*s", (int)(at - object - (int)strlen(key)), object);
    buf_addf(&to, "%s%s", value == NULL ? "'gone':" : key, value == NULL ? "0" : value);
    buf_addf(&to, "%s%c", end, '\0');
    assert_false(to.failed);
    const char *text = arena_copy(arena, buf_str(&to)).data;
    buf_fini(&to);
    return text;
}

struct spoilt_row {
    const char *field, *value; /* value NULL: taken out */
    enum err err;              /* ERR_OK: read all the same */
    const char *complaint;     /* names the field and never the value */
};
static inline void assert_spoilt(struct arena *arena,
    const char *type,
    const char *object,
    const struct spoilt_row *rows,
    size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct notice_list list;
        struct err_info info = {""};
        const char *bad = spoilt(arena, object, rows[i].field, rows[i].value);
        enum err err = sample_decode(event_in_quotes(arena, type, bad), arena, &list, &info);
        if (err != rows[i].err || (err != ERR_OK && strcmp(info.text, rows[i].complaint) != 0)) {
            fail_msg("%s=%s gave %s \"%s\", expected %s \"%s\"", rows[i].field,
                rows[i].value == NULL ? "(gone)" : rows[i].value, err_name(err), info.text,
                err_name(rows[i].err), rows[i].complaint);
        }
    }
}
#define ASSERT_SPOILT(arena, type, object, rows)                                                   \
    assert_spoilt((arena), (type), (object), (rows), sizeof(rows) / sizeof(rows)[0])

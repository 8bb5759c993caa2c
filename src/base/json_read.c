/* yajl reads, this builds. What yajl lets through and json.h promises to refuse is refused here:
 *
 * - Bytes that are not UTF-8: yajl knows neither overlong forms nor surrogates. All is checked
 * first.
 * - Vertical tab and form feed, which yajl takes for blanks.
 * - An unclosed string behind the value: yajl thinks that its end is still to come.
 * - A key twice, depth and sizes, which yajl leaves to its caller.
 */
#include "base/check.h"
#include "base/json_internal.h"
#include "base/limits.h"
#include <stdlib.h>
#include <yajl/yajl_parse.h>

/* Objects of up to so many members are compared key by key, larger ones sorted when they end: so no
 * text, however hostile, makes the check quadratic. Stripe's largest have some 60 members. */
#define PAIRWISE_MEMBERS 128
#define SEEN_WORDS 4
#define NODES_AT_ONCE 16

struct frame {
    struct json *container;
    struct json *last;
    uint64_t
        seen[SEEN_WORDS]; /* one bit for each hash that came up: a clear bit proves a key is new */
};

struct reader {
    struct str text;
    struct arena *arena;
    yajl_handle yajl;
    struct json *root;
    struct json *nodes; /* the next one not yet used */
    uint32_t nodes_left;
    uint32_t values;
    uint32_t replaced;
    enum json_problem problem;
    bool at_end;     /* all of the text was read; yajl is told so by one blank of its own */
    size_t root_end; /* offset behind the value */
    struct str key;  /* of the member whose value comes next */
    uint32_t key_hash;
    uint32_t depth;
    struct frame frames[LIMIT_JSON_DEPTH];
};

/* ---- building ------------------------------------------------------------------------------ */

/* yajl's callbacks return 0 to stop. */
static int stop(struct reader *reader, enum json_problem problem)
{
    reader->problem = problem;
    return 0;
}

static size_t offset(const struct reader *reader)
{
    return reader->at_end ? reader->text.len : yajl_get_bytes_consumed(reader->yajl);
}

static struct json *node_new(struct reader *reader)
{
    if (reader->nodes_left == 0) {
        reader->nodes = arena_alloc_unzeroed(reader->arena, NODES_AT_ONCE * sizeof(struct json));
        if (reader->nodes == NULL) {
            return NULL;
        }
        reader->nodes_left = NODES_AT_ONCE;
    }
    reader->nodes_left--;
    return reader->nodes++;
}

/* Hangs a new value where the text has come to. NULL after stop(). */
static struct json *add_value(struct reader *reader, enum json_kind kind)
{
    if (reader->values == LIMIT_JSON_VALUES) {
        (void)stop(reader, JSON_TOO_MANY);
        return NULL;
    }
    struct json *value = node_new(reader);
    if (value == NULL) {
        (void)stop(reader, JSON_NO_MEMORY);
        return NULL;
    }
    reader->values++;
    *value = (struct json){.kind = kind};
    if (reader->depth == 0) {
        INVARIANT(reader->root == NULL);
        reader->root = value;
        reader->root_end = offset(reader);
        return value;
    }
    struct frame *frame = &reader->frames[reader->depth - 1];
    if (frame->container->kind == JSON_OBJECT) {
        value->key = reader->key;
        value->key_hash = reader->key_hash;
    }
    if (frame->last == NULL) {
        frame->container->first = value;
    } else {
        frame->last->next = value;
    }
    frame->last = value;
    frame->container->count++;
    return value;
}

/* A string as yajl hands it out: inside the text, borrowed as it is, or, when it had escapes,
 * somewhere else. Then it is decoded from the text: it ends before the quote that was read last,
 * and begins behind the nearest quote before that has no backslash before it. */
static bool take_string(
    struct reader *reader, const unsigned char *data, size_t len, struct str *ret_text)
{
    uintptr_t from_start = (uintptr_t)data - (uintptr_t)reader->text.data;
    if (from_start < reader->text.len) {
        *ret_text = (struct str){reader->text.data + from_start, len};
        return true;
    }
    size_t end = offset(reader) - 1;
    INVARIANT(end < reader->text.len);
    INVARIANT(reader->text.data[end] == '"');
    size_t start = end;
    do {
        INVARIANT(start > 0);
        start--;
    } while (
        reader->text.data[start] != '"' || (start > 0 && reader->text.data[start - 1] == '\\'));
    struct str raw = {reader->text.data + start + 1, end - start - 1};
    *ret_text = json_unescape(raw, reader->arena, &reader->replaced);
    return ret_text->data != NULL;
}

static int on_null(void *context)
{
    return add_value(context, JSON_NULL) != NULL;
}

static int on_boolean(void *context, int truth)
{
    struct json *value = add_value(context, JSON_BOOL);
    if (value != NULL) {
        value->truth = truth != 0;
    }
    return value != NULL;
}

static int on_number(void *context, const char *data, size_t len)
{
    struct reader *reader = context;
    struct json *value = add_value(reader, JSON_NUMBER);
    if (value == NULL) {
        return 0;
    }
    value->text = (struct str){data, len};
    if (reader->at_end) { /* the number ends the text; yajl has it in its own memory */
        value->text = arena_copy(reader->arena, value->text);
    }
    return value->text.data != NULL ? 1 : stop(reader, JSON_NO_MEMORY);
}

static int on_string(void *context, const unsigned char *data, size_t len)
{
    struct reader *reader = context;
    struct json *value = add_value(reader, JSON_STRING);
    if (value == NULL) {
        return 0;
    }
    return take_string(reader, data, len, &value->text) ? 1 : stop(reader, JSON_NO_MEMORY);
}

static int begin_container(struct reader *reader, enum json_kind kind)
{
    if (reader->depth == LIMIT_JSON_DEPTH) {
        return stop(reader, JSON_TOO_DEEP);
    }
    struct json *value = add_value(reader, kind);
    if (value == NULL) {
        return 0;
    }
    reader->frames[reader->depth++] = (struct frame){.container = value};
    return 1;
}

static void end_container(struct reader *reader)
{
    INVARIANT(reader->depth > 0);
    reader->depth--;
    if (reader->depth == 0) {
        reader->root_end = offset(reader);
    }
}

static int on_start_array(void *context)
{
    return begin_container(context, JSON_ARRAY);
}

static int on_end_array(void *context)
{
    end_container(context);
    return 1;
}

static int on_start_object(void *context)
{
    return begin_container(context, JSON_OBJECT);
}

/* ---- keys ---------------------------------------------------------------------------------- */

static bool object_has_key(const struct json *object, struct str key, uint32_t hash)
{
    const struct json *member = object->first;
    while (member != NULL && !(member->key_hash == hash && str_eq(member->key, key))) {
        member = member->next;
    }
    return member != NULL;
}

static int on_key(void *context, const unsigned char *data, size_t len)
{
    struct reader *reader = context;
    INVARIANT(reader->depth > 0);
    struct frame *frame = &reader->frames[reader->depth - 1];
    if (frame->container->count == LIMIT_JSON_MEMBERS) {
        return stop(reader, JSON_TOO_MANY);
    }
    if (!take_string(reader, data, len, &reader->key)) {
        return stop(reader, JSON_NO_MEMORY);
    }
    uint32_t hash = json_key_hash(reader->key);
    uint64_t bit = UINT64_C(1) << (hash & 63);
    uint64_t *word = &frame->seen[hash >> 6 & (SEEN_WORDS - 1)];
    if ((*word & bit) != 0 && frame->container->count <= PAIRWISE_MEMBERS &&
        object_has_key(frame->container, reader->key, hash)) {
        return stop(reader, JSON_KEY_TWICE);
    }
    *word |= bit;
    reader->key_hash = hash;
    return 1;
}

static int compare_keys(const void *a, const void *b)
{
    const struct json *one = *(const struct json *const *)a;
    const struct json *other = *(const struct json *const *)b;
    if (one->key_hash != other->key_hash) {
        return one->key_hash < other->key_hash ? -1 : 1;
    }
    return str_compare(one->key, other->key);
}

static enum json_problem check_large_object(struct reader *reader, const struct json *object)
{
    const struct json **members =
        arena_new_array(reader->arena, const struct json *, object->count);
    if (members == NULL) {
        return JSON_NO_MEMORY;
    }
    size_t count = 0;
    for (const struct json *member = object->first; member != NULL; member = member->next) {
        members[count++] = member;
    }
    INVARIANT(count == object->count);
    qsort(members, count, sizeof(const struct json *), compare_keys);
    for (size_t i = 1; i < count; i++) {
        if (compare_keys(&members[i - 1], &members[i]) == 0) {
            return JSON_KEY_TWICE;
        }
    }
    return JSON_FINE;
}

static int on_end_object(void *context)
{
    struct reader *reader = context;
    end_container(reader);
    const struct json *object = reader->frames[reader->depth].container;
    if (object->count > PAIRWISE_MEMBERS) {
        enum json_problem problem = check_large_object(reader, object);
        return problem == JSON_FINE ? 1 : stop(reader, problem);
    }
    return 1;
}

/* ---- the whole text ------------------------------------------------------------------------ */

/* Offset of the first vertical tab or form feed, which have no place in JSON, be it inside a string
 * or between tokens; text.len when there is none. */
static size_t first_false_blank(struct str text)
{
    size_t first = text.len;
    for (char c = '\v'; c <= '\f' && text.len > 0; c++) {
        const char *at = memchr(text.data, c, first);
        first = at != NULL ? (size_t)(at - text.data) : first;
    }
    return first;
}

static bool only_blanks_from(struct str text, size_t at)
{
    return str_trim((struct str){text.data + at, text.len - at}).len == 0;
}

/* Fills reader->root, or reader->problem. Returns the offset of the problem. */
static size_t read_text(struct reader *reader, struct json_scratch *scratch)
{
    static const yajl_callbacks callbacks = {
        .yajl_null = on_null,
        .yajl_boolean = on_boolean,
        .yajl_number = on_number, /* and no other number callback: so yajl converts none */
        .yajl_string = on_string,
        .yajl_start_map = on_start_object,
        .yajl_map_key = on_key,
        .yajl_end_map = on_end_object,
        .yajl_start_array = on_start_array,
        .yajl_end_array = on_end_array,
    };
    yajl_alloc_funcs memory = {
        json_scratch_alloc, json_scratch_realloc, json_scratch_free, scratch};
    reader->yajl = yajl_alloc(&callbacks, &memory, reader);
    (void)yajl_config(reader->yajl, yajl_dont_validate_strings, 1); /* all is known to be UTF-8 */

    yajl_status status =
        yajl_parse(reader->yajl, (const unsigned char *)reader->text.data, reader->text.len);
    size_t at = offset(reader);
    if (status == yajl_status_ok) {
        reader->at_end = true;
        status = yajl_complete_parse(reader->yajl);
        at = reader->text.len;
    }
    if (status == yajl_status_client_canceled) {
        ENSURE(reader->problem != JSON_FINE);
    } else if (status != yajl_status_ok) {
        reader->problem = JSON_SYNTAX;
    } else if (!only_blanks_from(reader->text, reader->root_end)) {
        reader->problem = JSON_SYNTAX;
        at = reader->root_end;
    }
    yajl_free(reader->yajl);
    return at;
}

enum err json_parse(struct str text, struct arena *arena, struct json_document *ret)
{
    REQUIRE(arena != NULL);
    REQUIRE(ret != NULL);
    REQUIRE(text.data != NULL || text.len == 0);
    *ret = (struct json_document){.problem = JSON_FINE};
    size_t well_formed = str_utf8_len(text);
    if (well_formed < text.len) {
        ret->problem = JSON_NOT_UTF8;
        ret->problem_at = well_formed;
        return ERR_MALFORMED;
    }
    size_t without_false_blank = first_false_blank(text);
    if (without_false_blank < text.len) {
        ret->problem = JSON_SYNTAX;
        ret->problem_at = without_false_blank;
        return ERR_MALFORMED;
    }
    CLEANUP(json_scratch_fini) struct json_scratch scratch = {0};
    if (!json_scratch_init(&scratch, text.len)) {
        ret->problem = JSON_NO_MEMORY;
        return ERR_TOO_LARGE;
    }
    struct reader reader;
    memset(&reader, 0, offsetof(struct reader, frames)); /* each frame is set when it is entered */
    reader.text = text;
    reader.arena = arena;
    size_t at = read_text(&reader, &scratch);
    if (reader.problem != JSON_FINE) {
        ret->problem = reader.problem;
        ret->problem_at = at;
        return reader.problem == JSON_NO_MEMORY ? ERR_TOO_LARGE : ERR_MALFORMED;
    }
    ENSURE(reader.root != NULL);
    ENSURE(reader.depth == 0);
    ret->root = reader.root;
    ret->replaced = reader.replaced;
    return ERR_OK;
}

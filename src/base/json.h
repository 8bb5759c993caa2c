/* json: strict parsing into an arena with exact numbers, trees built from others, and a writer.
 *
 * Wraps yajl, which docs/why/json-parser.md gives the reasons for.
 *
 * Numbers stay text: nothing here knows a floating-point number, so 2^53+1 and 1e400 cannot be
 * harmed. Strings are well-formed UTF-8 without NUL: an escaped \u0000 or lone surrogate becomes
 * U+FFFD, and json_document.replaced says how many. What is refused: bytes that are not UTF-8,
 * bytes after the value, comments, leading zeros, a key twice in one object, nesting or sizes
 * beyond the limits.
 *
 * Layer: base. Source: RFC 8259.
 */
#pragma once

#include "base/arena.h"

enum json_kind { JSON_NULL, JSON_BOOL, JSON_NUMBER, JSON_STRING, JSON_ARRAY, JSON_OBJECT };

struct json {
    enum json_kind kind;
    bool truth;               /* JSON_BOOL */
    uint32_t count;           /* members or elements */
    uint32_t key_hash;        /* of key; private to json_*.c */
    struct str text;          /* JSON_STRING decoded; JSON_NUMBER as written */
    struct str key;           /* when this is a member of an object */
    const struct json *next;  /* the next member or element */
    const struct json *first; /* first member or element */
};

enum json_problem {
    JSON_FINE,
    JSON_NOT_UTF8,
    JSON_SYNTAX,
    JSON_TOO_DEEP,
    JSON_TOO_MANY, /* members in one object, or values in all */
    JSON_KEY_TWICE,
    JSON_NO_MEMORY
};
const char *json_problem_text(enum json_problem problem);

struct json_document {
    const struct json *root;
    uint32_t replaced;         /* \u0000 and lone surrogates that became U+FFFD */
    enum json_problem problem; /* set on failure too */
    size_t problem_at;         /* byte offset */
};

/* The document borrows `text` and `arena`. ERR_MALFORMED (see ret->problem) or ERR_TOO_LARGE
 * (arena). */
MUST_USE enum err json_parse(struct str text, struct arena *arena, struct json_document *ret);

/* All look-ups take NULL and values of another kind, and then find nothing. */
const struct json *json_get(const struct json *object, struct str key);
const struct json *json_path(const struct json *root, struct str dotted); /* "data.object.id" */
bool json_is_null(const struct json *value);      /* absent counts as null */
struct str json_string(const struct json *value); /* STR_NONE if none */
bool json_bool(const struct json *value, bool otherwise);
/* A number without fraction or exponent that fits. ERR_NOT_FOUND when absent or null, ERR_INVALID
 * when it is no integer, ERR_OVERFLOW. */
MUST_USE enum err json_int64(const struct json *value, int64_t *ret_value);
bool json_equal(
    const struct json *a, const struct json *b); /* deep; member order does not matter */

/* Building. A tree is never changed: each verb gives a new one that shares what it can with the
 * old one, and borrows keys and texts. NULL when the arena is out of room, and when a tree or value
 * given is NULL: so a chain of calls is looked at once, at its end. */
const struct json *json_new_null(struct arena *arena);
const struct json *json_new_bool(bool truth, struct arena *arena);
const struct json *json_new_string(struct str text, struct arena *arena);
const struct json *json_new_int(int64_t value, struct arena *arena);
const struct json *json_new_object(struct arena *arena);
const struct json *json_new_array(
    const struct json *const *elements, size_t count, struct arena *arena);
/* Sets the member: in its place if there is one, else as the first. Requires: an object. */
const struct json *json_with(
    const struct json *object, struct str key, const struct json *value, struct arena *arena);
/* The object itself when it has no such member. */
const struct json *json_without(const struct json *object, struct str key, struct arena *arena);
/* Requires: `element` is one of the array's own. */
const struct json *json_without_element(
    const struct json *array, const struct json *element, struct arena *arena);
/* Puts map(child) in the place of each member's value or element; the container itself when none
 * has changed. */
typedef const struct json *json_map_fn(const struct json *child, void *context);
const struct json *json_map(
    const struct json *container, json_map_fn *map, void *context, struct arena *arena);

/* Writer: commas and escapes are its business, and what it wrote is JSON whatever the strings hold:
 * NUL and bytes that are not UTF-8 become U+FFFD. Keys are given where an object is open, else
 * STR_NONE. */
struct json_writer {
    struct buf *to; /* borrowed */
    bool comma;
    int depth;
    uint64_t objects; /* one bit a level, the innermost lowest: an object is open, not an array */
};
void json_writer_init(struct json_writer *writer, struct buf *to);
void json_begin_object(struct json_writer *writer, struct str key);
void json_end_object(struct json_writer *writer);
void json_begin_array(struct json_writer *writer, struct str key);
void json_end_array(struct json_writer *writer);
void json_add_string(struct json_writer *writer, struct str key, struct str value);
void json_add_int(struct json_writer *writer, struct str key, int64_t value);
void json_add_bool(struct json_writer *writer, struct str key, bool value);
void json_add_null(struct json_writer *writer, struct str key);
void json_add_raw(
    struct json_writer *writer, struct str key, struct str json); /* already valid JSON */

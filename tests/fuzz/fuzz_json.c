/* Any bytes: json_parse answers and never aborts; what it takes keeps the promises of json.h, and
 * is the same document after it was written and read again. */
#include "base/check.h"
#include "base/json.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define SMALL_ARENA_BYTES 2048

static void check_text(struct str text)
{
    INVARIANT(text.data != NULL);
    INVARIANT(str_is_utf8(text));
    INVARIANT(text.len == 0 || memchr(text.data, '\0', text.len) == NULL);
}

/* Writes `value`, checking it on the way; LIMIT_JSON_DEPTH bounds the recursion. */
static uint32_t write_again(struct json_writer *writer, const struct json *value, struct str key)
{
    uint32_t values = 1;
    uint32_t count = 0;
    bool object = value->kind == JSON_OBJECT;
    switch (value->kind) {
    case JSON_NULL:
        json_add_null(writer, key);
        break;
    case JSON_BOOL:
        json_add_bool(writer, key, value->truth);
        break;
    case JSON_NUMBER: {
        int64_t number = 0;
        enum err err = json_int64(value, &number);
        INVARIANT(err == ERR_OK || err == ERR_INVALID || err == ERR_OVERFLOW);
        json_add_raw(writer, key, value->text);
        break;
    }
    case JSON_STRING:
        check_text(value->text);
        json_add_string(writer, key, value->text);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        if (object) {
            json_begin_object(writer, key);
        } else {
            json_begin_array(writer, key);
        }
        for (const struct json *part = value->first; part != NULL; part = part->next) {
            if (object) {
                check_text(part->key);
                INVARIANT(count > 16 || json_get(value, part->key) == part);
            }
            values += write_again(writer, part, object ? part->key : STR_NONE);
            count++;
        }
        if (object) {
            INVARIANT(count <= LIMIT_JSON_MEMBERS);
            json_end_object(writer);
        } else {
            json_end_array(writer);
        }
        break;
    default:
        UNREACHABLE();
    }
    INVARIANT(count == value->count);
    return values;
}

static void check_round_trip(const struct json *root, struct arena *arena)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, ARENA_BYTES);
    struct json_writer writer;
    json_writer_init(&writer, &text);
    uint32_t values = write_again(&writer, root, STR_NONE);
    INVARIANT(values <= LIMIT_JSON_VALUES);
    INVARIANT(!text.failed);
    struct json_document again;
    enum err err = json_parse(buf_str(&text), arena, &again);
    INVARIANT(err == ERR_OK);
    INVARIANT(again.replaced == 0);
    INVARIANT(json_equal(root, again.root));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(arena_free) struct arena *small = arena_new(SMALL_ARENA_BYTES);
    INVARIANT(arena != NULL);
    INVARIANT(small != NULL);
    struct json_document document;
    enum err err = json_parse(text, arena, &document);
    INVARIANT((err == ERR_OK) == (document.root != NULL));
    INVARIANT((err == ERR_OK) == (document.problem == JSON_FINE));
    INVARIANT(document.problem_at <= size);
    if (err == ERR_OK) {
        INVARIANT(str_is_utf8(text));
        check_round_trip(document.root, arena);
    }
    struct json_document cramped; /* the same, or no room */
    enum err err_cramped = json_parse(text, small, &cramped);
    INVARIANT(err_cramped == ERR_TOO_LARGE || cramped.problem == document.problem);
    return 0;
}

#include "base/check.h"
#include "sandbox/merchant_internal.h"
#include <stdlib.h>

#define FIELD_NAME_BYTES_MAX 40

struct piece {        /* literal text, then a field */
    uint32_t at, len; /* in shape_set.text */
    enum shape_field field;
};

struct cut_shape {
    uint32_t first, count; /* in shape_set.pieces */
};

struct shape_set {
    struct cut_shape compact[SHAPE_COUNT], pretty[SHAPE_COUNT];
    struct piece *pieces;
    uint32_t piece_count, piece_room;
    struct buf text;
};

static const struct {
    const char *text;
    int depth;
} shape_texts[SHAPE_COUNT] = {
    [SHAPE_NONE] = {"null", 0},
#define SHAPE(name, depth, text) [SHAPE_##name] = {text, depth},
#include "sandbox/shapes.def"
#undef SHAPE
};

/* ---- cutting --------------------------------------------------------------------------------- */

static bool is_name_char(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* The field whose name stands at `name`, the longest that is one: in `@account_member'api_version'`
 * the name ends at the quote, and nothing else may follow it directly. */
static enum shape_field read_field(const char *name, size_t *ret_len)
{
    size_t len = 0;
    while (len < FIELD_NAME_BYTES_MAX && is_name_char(name[len])) {
        len++;
    }
    enum shape_field field = shape_field_find((struct str){name, len});
    INVARIANT(field != SHAPE_FIELD_NONE); /* shapes.def asks for what fields.def does not have */
    *ret_len = len;
    return field;
}

static void break_line(struct buf *to, int depth)
{
    buf_add_char(to, '\n');
    for (int i = 0; i < depth; i++) {
        buf_add(to, STR("  "));
    }
}

/* One character outside of quotes, laid out as Stripe does: a line for each member and element,
 * `{}` and `[]` on one. Returns the depth after it. */
static int add_pretty(struct buf *to, const char *at, int depth)
{
    switch (*at) {
    case '{':
    case '[':
        buf_add_char(to, *at);
        if (at[1] == '}' || at[1] == ']') {
            return depth;
        }
        break_line(to, depth);
        return depth + 1;
    case '}':
    case ']':
        if (at[-1] == '{' || at[-1] == '[') {
            buf_add_char(to, *at);
            return depth;
        }
        break_line(to, depth - 2);
        buf_add_char(to, *at);
        return depth - 1;
    case ',':
        buf_add_char(to, ',');
        break_line(to, depth - 1);
        return depth;
    case ':':
        buf_add(to, STR(": "));
        return depth;
    default:
        buf_add_char(to, *at);
        return depth;
    }
}

static void end_piece(struct shape_set *set, uint32_t begin, enum shape_field field)
{
    INVARIANT(set->piece_count < set->piece_room);
    set->pieces[set->piece_count++] = (struct piece){begin, (uint32_t)set->text.len - begin, field};
}

/* Fields that are whole members bring their own comma and line, or nothing. */
static struct cut_shape cut(struct shape_set *set, enum shape shape, bool pretty)
{
    struct cut_shape result = {.first = set->piece_count};
    int depth = shape_texts[shape].depth;
    bool quoted = false;
    uint32_t begin = (uint32_t)set->text.len;
    for (const char *at = shape_texts[shape].text; *at != '\0'; at++) {
        if (*at == '\'') {
            quoted = !quoted;
            buf_add_char(&set->text, '"');
        } else if (*at == '@' && !quoted) {
            size_t len = 0;
            enum shape_field field = read_field(at + 1, &len);
            end_piece(set, begin, field);
            begin = (uint32_t)set->text.len;
            at += len;
        } else if (pretty && !quoted) {
            depth = add_pretty(&set->text, at, depth);
        } else {
            buf_add_char(&set->text, *at);
        }
    }
    end_piece(set, begin, SHAPE_FIELD_NONE);
    result.count = set->piece_count - result.first;
    return result;
}

static uint32_t count_pieces(void)
{
    uint32_t count = 0;
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        count++;
        for (const char *at = shape_texts[i].text; *at != '\0'; at++) {
            count += *at == '@' ? 1 : 0;
        }
    }
    return count;
}

struct shape_set *shape_set_new(void)
{
    struct shape_set *set = calloc(1, sizeof *set);
    if (set == NULL) {
        return NULL;
    }
    set->piece_room = 2 * count_pieces();
    set->pieces = calloc(set->piece_room, sizeof *set->pieces);
    buf_init(&set->text, (size_t)1024 * 1024);
    if (set->pieces == NULL) {
        return shape_set_free(set);
    }
    for (size_t i = 0; i < SHAPE_COUNT; i++) {
        set->compact[i] = cut(set, (enum shape)i, false);
        set->pretty[i] = cut(set, (enum shape)i, true);
    }
    return set->text.failed ? shape_set_free(set) : set;
}

struct shape_set *shape_set_free(struct shape_set *set)
{
    if (set != NULL) {
        free(set->pieces);
        buf_fini(&set->text);
        free(set);
    }
    return NULL;
}

/* ---- rendering ------------------------------------------------------------------------------- */

void shape_render(const struct scene *scene, enum shape shape, struct buf *to)
{
    REQUIRE(shape < SHAPE_COUNT);
    const struct shape_set *set = scene->merchant->shapes;
    const struct cut_shape *chosen = scene->pretty ? &set->pretty[shape] : &set->compact[shape];
    for (uint32_t i = 0; i < chosen->count; i++) {
        const struct piece *piece = &set->pieces[chosen->first + i];
        buf_add(to, (struct str){set->text.data + piece->at, piece->len});
        if (piece->field != SHAPE_FIELD_NONE) {
            shape_field_add(scene, piece->field, to);
        }
    }
}

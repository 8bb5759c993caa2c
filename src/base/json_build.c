/* Trees are shared and never changed: a changed container gets new nodes up to the place that
 * changed, and shares those behind it. */
#include "base/check.h"
#include "base/json_internal.h"
#include <stdio.h>

#define INT64_TEXT_BYTES 21

static struct json *node_new(enum json_kind kind, struct arena *arena)
{
    struct json *node = arena_alloc_unzeroed(arena, sizeof *node);
    if (node != NULL) {
        *node = (struct json){.kind = kind};
    }
    return node;
}

/* `value` as a member or element of its own; the key is the caller's business. */
static struct json *node_copy(const struct json *value, struct arena *arena)
{
    struct json *node = arena_alloc_unzeroed(arena, sizeof *node);
    if (node != NULL) {
        *node = *value;
        node->next = NULL;
    }
    return node;
}

const struct json *json_new_null(struct arena *arena)
{
    return node_new(JSON_NULL, arena);
}

const struct json *json_new_bool(bool truth, struct arena *arena)
{
    struct json *node = node_new(JSON_BOOL, arena);
    if (node != NULL) {
        node->truth = truth;
    }
    return node;
}

const struct json *json_new_string(struct str text, struct arena *arena)
{
    REQUIRE(text.data != NULL || text.len == 0);
    struct json *node = node_new(JSON_STRING, arena);
    if (node != NULL) {
        node->text = text.data != NULL ? text : STR("");
    }
    return node;
}

const struct json *json_new_int(int64_t value, struct arena *arena)
{
    char digits[INT64_TEXT_BYTES];
    int len = snprintf(digits, sizeof digits, "%lld", (long long)value);
    ENSURE(len > 0 && (size_t)len < sizeof digits);
    struct json *node = node_new(JSON_NUMBER, arena);
    if (node == NULL) {
        return NULL;
    }
    node->text = arena_copy(arena, (struct str){digits, (size_t)len});
    return node->text.data != NULL ? node : NULL;
}

const struct json *json_new_object(struct arena *arena)
{
    return node_new(JSON_OBJECT, arena);
}

const struct json *json_new_array(
    const struct json *const *elements, size_t count, struct arena *arena)
{
    REQUIRE(elements != NULL || count == 0);
    struct json *array = node_new(JSON_ARRAY, arena);
    if (array == NULL) {
        return NULL;
    }
    const struct json **place = &array->first;
    for (size_t i = 0; i < count; i++) {
        struct json *element = elements[i] != NULL ? node_copy(elements[i], arena) : NULL;
        if (element == NULL) {
            return NULL;
        }
        element->key = STR_NONE;
        element->key_hash = 0;
        *place = element;
        place = &element->next;
    }
    array->count = (uint32_t)count;
    return array;
}

/* `container` with `instead` in the place of its child `old`, or with nothing there (NULL). */
static struct json *replace(
    const struct json *container, const struct json *old, struct json *instead, struct arena *arena)
{
    struct json *changed = node_copy(container, arena);
    if (changed == NULL) {
        return NULL;
    }
    const struct json **place = &changed->first;
    for (const struct json *child = container->first; child != old; child = child->next) {
        INVARIANT(child != NULL);
        struct json *copy = node_copy(child, arena);
        if (copy == NULL) {
            return NULL;
        }
        *place = copy;
        place = &copy->next;
    }
    if (instead == NULL) {
        *place = old->next;
        changed->count--;
    } else {
        *place = instead;
        instead->next = old->next;
    }
    return changed;
}

const struct json *json_with(
    const struct json *object, struct str key, const struct json *value, struct arena *arena)
{
    if (object == NULL || value == NULL) {
        return NULL;
    }
    REQUIRE(object->kind == JSON_OBJECT);
    struct json *member = node_copy(value, arena);
    if (member == NULL) {
        return NULL;
    }
    member->key = key;
    member->key_hash = json_key_hash(key);
    const struct json *old = json_get(object, key);
    if (old != NULL) {
        return replace(object, old, member, arena);
    }
    struct json *changed = node_copy(object, arena);
    if (changed == NULL) {
        return NULL;
    }
    member->next = object->first;
    changed->first = member;
    changed->count++;
    return changed;
}

const struct json *json_without(const struct json *object, struct str key, struct arena *arena)
{
    const struct json *old = json_get(object, key);
    return old != NULL ? replace(object, old, NULL, arena) : object;
}

const struct json *json_without_element(
    const struct json *array, const struct json *element, struct arena *arena)
{
    if (array == NULL || element == NULL) {
        return NULL;
    }
    REQUIRE(array->kind == JSON_ARRAY);
    return replace(array, element, NULL, arena);
}

const struct json *json_map(
    const struct json *container, json_map_fn *map, void *context, struct arena *arena)
{
    REQUIRE(map != NULL);
    if (container == NULL) {
        return NULL;
    }
    struct json *changed = NULL;
    struct json *last = NULL; /* the copy of the child before */
    for (const struct json *child = container->first; child != NULL; child = child->next) {
        const struct json *mapped = map(child, context);
        if (mapped == NULL) {
            return NULL;
        }
        if (mapped == child && changed == NULL) {
            continue;
        }
        struct json *copy = node_copy(mapped, arena);
        if (copy == NULL) {
            return NULL;
        }
        copy->key = child->key;
        copy->key_hash = child->key_hash;
        if (changed == NULL) {
            changed = replace(container, child, copy, arena);
            if (changed == NULL) {
                return NULL;
            }
        } else {
            last->next = copy;
        }
        last = copy;
    }
    return changed != NULL ? changed : container;
}

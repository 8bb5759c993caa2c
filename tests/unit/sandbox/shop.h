/* shop: a merchant for tests, its events parsed, and a table from object ids to what was last said
 * of them.
 *
 * Layer: tests.
 */
#pragma once

#include "base/json.h"
#include "sandbox/merchant.h"
#include "unit/testing.h"

#define SHOP_START_US INT64_C(1795000000000000)
#define SHOP_SLOTS 65536 /* a power of two, far above the objects of any test */

static inline struct merchant *shop_open_with(
    struct merchant_mix mix, uint64_t seed, uint32_t objects_max, bool forgetful)
{
    struct merchant *merchant = merchant_new(&(struct merchant_config){
        .mix = mix,
        .seed = seed,
        .start_us = SHOP_START_US,
        .mean_gap_us = 100000,
        .objects_max = objects_max,
        .forgetful = forgetful,
    });
    assert_non_null(merchant);
    return merchant;
}

/* Payments alone. */
static inline struct merchant *shop_open(uint64_t seed, uint32_t objects_max, bool forgetful)
{
    return shop_open_with((struct merchant_mix){0}, seed, objects_max, forgetful);
}

/* Of everything. */
#define SHOP_EVERYTHING "payments,disputes,payouts,billing,connect=20"
static inline struct merchant *shop_open_mixed(uint64_t seed, uint32_t objects_max)
{
    struct merchant_mix mix = {0};
    assert_err(merchant_mix_parse(STR(SHOP_EVERYTHING), &mix), ERR_OK);
    return shop_open_with(mix, seed, objects_max, false);
}

/* An event with its parts. Lives in the arena given. */
struct shop_event {
    struct merchant_event raw;
    const struct json *root, *object, *previous;
    struct str type, object_id;
    int64_t created_s;
};

static inline enum err shop_next(
    struct merchant *merchant, struct arena *arena, struct shop_event *ret_event)
{
    struct shop_event event = {0};
    struct json_document document = {0};
    TRY(merchant_next(merchant, &event.raw));
    assert_err(json_parse(arena_copy(arena, event.raw.body), arena, &document), ERR_OK);
    event.root = document.root;
    event.object = json_path(document.root, STR("data.object"));
    event.previous = json_path(document.root, STR("data.previous_attributes"));
    event.type = json_string(json_get(document.root, STR("type")));
    event.object_id = json_string(json_get(event.object, STR("id")));
    assert_err(json_int64(json_get(document.root, STR("created")), &event.created_s), ERR_OK);
    *ret_event = event;
    return ERR_OK;
}

static inline struct str shop_text(const struct json *object, const char *path)
{
    return json_string(json_path(object, str_from(path)));
}

static inline int64_t shop_number(const struct json *object, const char *path)
{
    int64_t number = 0;
    assert_err(json_int64(json_path(object, str_from(path)), &number), ERR_OK);
    return number;
}

/* What was last said of each object: bodies on the heap, found by id. */
struct shop_memory {
    struct shop_slot {
        char id[48];
        char *body; /* of the last event about it */
        size_t body_len;
    } slots[SHOP_SLOTS];
    uint32_t count;
};

static inline struct shop_memory *shop_memory_new(void)
{
    struct shop_memory *memory = calloc(1, sizeof *memory);
    assert_non_null(memory);
    return memory;
}

static inline void shop_memory_free(struct shop_memory *memory)
{
    for (size_t i = 0; i < SHOP_SLOTS; i++) {
        free(memory->slots[i].body);
    }
    free(memory);
}

static inline struct shop_slot *shop_slot_of(struct shop_memory *memory, struct str id)
{
    size_t at = hash_bytes(id.data, id.len, 0) % SHOP_SLOTS;
    while (memory->slots[at].id[0] != '\0' && !str_eq(str_from(memory->slots[at].id), id)) {
        at = (at + 1) % SHOP_SLOTS;
    }
    if (memory->slots[at].id[0] == '\0') {
        assert_true(memory->count < SHOP_SLOTS / 2);
        memory->count++;
        assert_true(str_copy_to(memory->slots[at].id, sizeof memory->slots[at].id, id));
    }
    return &memory->slots[at];
}

static inline void shop_remember(struct shop_memory *memory, const struct shop_event *event)
{
    struct shop_slot *slot = shop_slot_of(memory, event->object_id);
    free(slot->body);
    slot->body_len = event->raw.body.len;
    slot->body = malloc(slot->body_len);
    assert_non_null(slot->body);
    memcpy(slot->body, event->raw.body.data, slot->body_len);
}

/* Objects that the merchant keeps; the rest is made up for one event. */
static inline bool shop_is_kept(const struct shop_event *event)
{
    return !event->raw.object.told_once && event->raw.object.subject != SUBJECT_NONE;
}

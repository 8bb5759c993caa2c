#include "sandbox/shelf.h"
#include "base/check.h"
#include <stdlib.h>

bool shelf_init(struct shelf *shelf, uint32_t room)
{
    REQUIRE(room > 0);
    *shelf = (struct shelf){
        .room = room,
        .rows = calloc(room, sizeof *shelf->rows),
        .buckets = calloc(room, sizeof *shelf->buckets),
        .next = calloc(room, sizeof *shelf->next),
    };
    return shelf->rows != NULL && shelf->buckets != NULL && shelf->next != NULL;
}

void shelf_fini(struct shelf *shelf)
{
    free(shelf->rows);
    free(shelf->buckets);
    free(shelf->next);
    *shelf = (struct shelf){0};
}

bool shelf_is_full(const struct shelf *shelf)
{
    return shelf->end - shelf->first == shelf->room;
}

static uint32_t *bucket_of(const struct shelf *shelf, struct str id)
{
    return &shelf->buckets[hash_bytes(id.data, id.len, 0) % shelf->room];
}

void shelf_push(struct shelf *shelf, const struct shelf_row *row)
{
    REQUIRE(!shelf_is_full(shelf));
    uint32_t slot = (uint32_t)(shelf->end % shelf->room);
    uint32_t *bucket = bucket_of(shelf, str_from(row->id));
    shelf->rows[slot] = *row;
    shelf->next[slot] = *bucket;
    *bucket = slot + 1;
    shelf->end++;
}

struct shelf_row shelf_pop(struct shelf *shelf)
{
    REQUIRE(shelf->end > shelf->first);
    uint32_t slot = (uint32_t)(shelf->first % shelf->room);
    struct shelf_row row = shelf->rows[slot];
    uint32_t *link = bucket_of(shelf, str_from(row.id));
    while (*link != slot + 1) {
        INVARIANT(*link != 0);
        link = &shelf->next[*link - 1];
    }
    *link = shelf->next[slot];
    shelf->first++;
    return row;
}

bool shelf_find(const struct shelf *shelf, struct str id, uint64_t *ret_position)
{
    uint32_t slot_and_one = *bucket_of(shelf, id);
    while (slot_and_one != 0 && !str_eq(str_from(shelf->rows[slot_and_one - 1].id), id)) {
        slot_and_one = shelf->next[slot_and_one - 1];
    }
    if (slot_and_one == 0) {
        return false;
    }
    uint64_t behind_first = slot_and_one - 1 + shelf->room - shelf->first % shelf->room;
    *ret_position = shelf->first + behind_first % shelf->room;
    return true;
}

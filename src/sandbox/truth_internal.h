/* truth_internal: what the files of the truth share; included by truth*.c only.
 *
 * Layer: sandbox.
 */
#pragma once

#include "base/json.h"
#include "sandbox/truth.h"

#define TRUTH_ID_BYTES 64
#define TRUTH_ACCOUNTS_MAX 64

struct truth_note {
    uint64_t number; /* of the event, in the merchant's order */
    uint32_t entry;
    uint32_t holders;
    bool tried, acked;
    struct truth_note *next; /* in its entry's list of tried ones */
    struct truth_note *also; /* held; what the same event says of another object */
    char says[];             /* JSON, NUL-terminated */
};

struct entry {
    enum truth_kind kind;
    uint8_t account; /* that its events name, from 1; 0: none */
    char id[TRUTH_ID_BYTES];
    struct truth_note *newest; /* held; of the newest event made */
    struct truth_note *acked;  /* held */
    struct truth_note *tried;  /* held; without answer so far */
};

struct truth_account { /* that events name */
    char id[TRUTH_ID_BYTES];
    bool left; /* it was disconnected: what was lost there cannot be had any more */
};

struct truth {
    struct truth_account accounts[TRUTH_ACCOUNTS_MAX];
    uint8_t account_count;
    uint8_t account_now; /* of the event that is taken */
    struct entry *entries;
    uint32_t *slots; /* open addressing: number of the entry + 1, 0 is free */
    uint32_t entry_count, entry_room, slot_mask;
    uint64_t event_count;
    struct arena *arena;
    struct buf says;
};

/* --- truth_says.c --- */
bool truth_kind_parse(struct str word, enum truth_kind *ret_kind);
/* By what the store knows the object: its id, and where it has none what stands for it. The text is
 * the object's or `room`'s. */
struct str truth_identity(
    const struct json *object, enum truth_kind kind, char room[static TRUTH_ID_BYTES]);
/* What the event `root` says of the object, as one JSON object. */
void truth_write_says(
    const struct json *root, const struct json *object, enum truth_kind kind, struct buf *to);

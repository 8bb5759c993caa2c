#include "base/check.h"
#include "base/json.h"
#include "sandbox/truth_internal.h"
#include <stdlib.h>

#define EVENT_ARENA_BYTES ((size_t)1024 * 1024)
#define SAYS_BYTES_MAX ((size_t)8192)

#define TEXT_OF(text)                                                                              \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }
static const struct part_row {
    enum truth_kind kind, child;
    struct str path;
} part_rows[] = {
#define PART(kind, child, path) {TRUTH_##kind, TRUTH_##child, TEXT_OF(path)},
#include "sandbox/records.def"
};

struct truth *truth_new(uint32_t objects_max)
{
    REQUIRE(objects_max > 0 && objects_max < UINT32_MAX / 4);
    struct truth *truth = calloc(1, sizeof *truth);
    if (truth == NULL) {
        return NULL;
    }
    uint32_t slots = 1024;
    while (slots < 2 * objects_max) {
        slots *= 2;
    }
    truth->entry_room = objects_max;
    truth->slot_mask = slots - 1;
    truth->entries = calloc(objects_max, sizeof *truth->entries);
    truth->slots = calloc(slots, sizeof *truth->slots);
    truth->arena = arena_new(EVENT_ARENA_BYTES);
    buf_init(&truth->says, SAYS_BYTES_MAX);
    if (truth->entries == NULL || truth->slots == NULL || truth->arena == NULL) {
        return truth_free(truth);
    }
    return truth;
}

struct truth *truth_free(struct truth *truth)
{
    if (truth == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; truth->entries != NULL && i < truth->entry_count; i++) {
        struct truth_note *note = truth->entries[i].tried;
        while (note != NULL) {
            struct truth_note *next = note->next;
            truth_note_drop(note);
            note = next;
        }
        truth_note_drop(truth->entries[i].acked);
        truth_note_drop(truth->entries[i].newest);
    }
    free(truth->entries);
    free(truth->slots);
    truth->arena = arena_free(truth->arena);
    buf_fini(&truth->says);
    free(truth);
    return NULL;
}

/* ---- what is told ---------------------------------------------------------------------------- */

/* The account that an event names, from 1; 0: none. */
static enum err find_or_add_account(struct truth *truth, struct str id, uint8_t *ret_account)
{
    uint8_t at = 0;
    if (id.len == 0) {
        *ret_account = 0;
        return ERR_OK;
    }
    while (at < truth->account_count && !str_eq(id, str_from(truth->accounts[at].id))) {
        at++;
    }
    if (at == truth->account_count) {
        if (at == TRUTH_ACCOUNTS_MAX || id.len >= TRUTH_ID_BYTES) {
            return ERR_TOO_LARGE;
        }
        (void)str_copy_to(truth->accounts[at].id, sizeof truth->accounts[at].id, id);
        truth->account_count++;
    }
    *ret_account = (uint8_t)(at + 1);
    return ERR_OK;
}

static enum err find_or_add(
    struct truth *truth, enum truth_kind kind, uint8_t account, struct str id, uint32_t *ret_entry)
{
    uint32_t slot = (uint32_t)hash_bytes(id.data, id.len, account) & truth->slot_mask;
    while (truth->slots[slot] != 0) {
        uint32_t at = truth->slots[slot] - 1;
        if (truth->entries[at].account == account && str_eq(id, str_from(truth->entries[at].id))) {
            *ret_entry = at;
            return ERR_OK;
        }
        slot = (slot + 1) & truth->slot_mask;
    }
    if (truth->entry_count == truth->entry_room || id.len >= TRUTH_ID_BYTES) {
        return ERR_TOO_LARGE;
    }
    uint32_t at = truth->entry_count++;
    truth->entries[at] = (struct entry){.kind = kind, .account = account};
    (void)str_copy_to(truth->entries[at].id, sizeof truth->entries[at].id, id);
    truth->slots[slot] = at + 1;
    *ret_entry = at;
    return ERR_OK;
}

static struct truth_note *note_new(uint64_t number, uint32_t entry, struct str says)
{
    struct truth_note *note = calloc(1, sizeof *note + says.len + 1);
    if (note != NULL) {
        note->number = number;
        note->entry = entry;
        note->holders = 1;
        memcpy(note->says, says.data, says.len);
    }
    return note;
}

/* Appends a note of what the event says of the object. Nothing, when it has said something of it
 * already. */
static enum err note_object(struct truth *truth,
    const struct json *root,
    const struct json *object,
    enum truth_kind kind,
    struct truth_note **chain)
{
    uint32_t entry = 0;
    char room[TRUTH_ID_BYTES];
    TRY(find_or_add(truth, kind, truth->account_now, truth_identity(object, kind, room), &entry));
    struct truth_note *before = truth->entries[entry].newest;
    if (before != NULL && before->number == truth->event_count) {
        return ERR_OK;
    }
    buf_clear(&truth->says);
    truth_write_says(root, object, kind, &truth->says);
    struct truth_note *note =
        truth->says.failed ? NULL : note_new(truth->event_count, entry, buf_str(&truth->says));
    if (note == NULL) {
        return ERR_TOO_LARGE;
    }
    truth_note_drop(before);
    truth->entries[entry].newest = truth_note_hold(note);
    while (*chain != NULL) {
        chain = &(*chain)->also;
    }
    *chain = note;
    return ERR_OK;
}

/* The first element of what is inside: one object, or a list of them; `next` leads on. */
static const struct json *first_part(const struct json *inside)
{
    const struct json *data = json_get(inside, STR("data"));
    return data != NULL ? data->first : inside;
}

/* The object and what is inside of it, which goes no deeper than tables say. */
static enum err note_all(struct truth *truth,
    const struct json *root,
    const struct json *object,
    enum truth_kind kind,
    struct truth_note **chain)
{
    TRY(note_object(truth, root, object, kind, chain));
    for (size_t i = 0; i < sizeof part_rows / sizeof *part_rows; i++) {
        const struct part_row *row = &part_rows[i];
        const struct json *inside = row->kind == kind ? json_path(object, row->path) : NULL;
        bool listed = json_get(inside, STR("data")) != NULL;
        for (const struct json *at = first_part(inside); at != NULL; at = at->next) {
            TRY(note_all(truth, root, at, row->child, chain));
            if (!listed) {
                break; /* what follows it is another member */
            }
        }
    }
    return ERR_OK;
}

enum err truth_made(struct truth *truth, struct str event_body, struct truth_note **ret_note)
{
    REQUIRE(truth != NULL);
    struct json_document document;
    enum truth_kind kind = TRUTH_INTENT;
    struct truth_note *chain = NULL;
    arena_reset(truth->arena);
    TRY(json_parse(event_body, truth->arena, &document));
    truth->event_count++;
    TRY(find_or_add_account(
        truth, json_string(json_get(document.root, STR("account"))), &truth->account_now));
    if (truth->account_now != 0 && str_eq(json_string(json_get(document.root, STR("type"))),
                                       STR("account.application.deauthorized"))) {
        truth->accounts[truth->account_now - 1].left = true;
    }
    const struct json *object = json_path(document.root, STR("data.object"));
    if (!truth_kind_parse(json_string(json_get(object, STR("object"))), &kind)) {
        *ret_note = NULL;
        return ERR_OK;
    }
    enum err err = note_all(truth, document.root, object, kind, &chain);
    if (err != ERR_OK) {
        truth_note_drop(chain);
        return err;
    }
    *ret_note = chain;
    return ERR_OK;
}

struct truth_note *truth_note_hold(struct truth_note *note)
{
    if (note != NULL) {
        note->holders++;
    }
    return note;
}

void truth_note_drop(struct truth_note *note)
{
    if (note != NULL) {
        INVARIANT(note->holders > 0);
        if (--note->holders == 0) {
            truth_note_drop(note->also);
            free(note);
        }
    }
}

static void try_one(struct truth *truth, struct truth_note *note)
{
    if (note->tried || note->acked) {
        return;
    }
    struct entry *entry = &truth->entries[note->entry];
    note->tried = true;
    note->next = entry->tried;
    entry->tried = truth_note_hold(note);
}

void truth_tried(struct truth *truth, struct truth_note *note)
{
    REQUIRE(truth != NULL);
    for (; note != NULL; note = note->also) {
        try_one(truth, note);
    }
}

static void unlink_tried(struct entry *entry, struct truth_note *note)
{
    for (struct truth_note **at = &entry->tried; *at != NULL; at = &(*at)->next) {
        if (*at == note) {
            *at = note->next;
            note->next = NULL;
            truth_note_drop(note);
            return;
        }
    }
}

static void acknowledge_one(struct truth *truth, struct truth_note *note)
{
    if (note->acked) {
        return;
    }
    struct entry *entry = &truth->entries[note->entry];
    note->acked = true;
    if (entry->acked == NULL || entry->acked->number < note->number) {
        struct truth_note *before = entry->acked;
        entry->acked = truth_note_hold(note);
        truth_note_drop(before);
    }
    unlink_tried(entry, note);
}

void truth_acked(struct truth *truth, struct truth_note *note)
{
    REQUIRE(truth != NULL);
    for (; note != NULL; note = note->also) {
        acknowledge_one(truth, note);
    }
}

uint32_t truth_object_count(const struct truth *truth)
{
    return truth->entry_count;
}

uint32_t truth_lagging_count(const struct truth *truth)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < truth->entry_count; i++) {
        const struct entry *entry = &truth->entries[i];
        count += entry->acked != entry->newest ? 1 : 0;
    }
    return count;
}

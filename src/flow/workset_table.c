#include "flow/workset_table.h"
#include "base/check.h"
#include "base/limits.h"

static uint64_t hash_of(struct own_id id)
{
    return hash_bytes(id.bytes, sizeof id.bytes, 0);
}

bool table_grow(struct arena *arena, void **array, uint32_t count, uint32_t *room, size_t size)
{
    REQUIRE(count <= *room);
    if (count < *room) {
        return true;
    }
    uint32_t wanted = *room < 8 ? 8 : *room * 2;
    void *larger = arena_alloc_unzeroed(arena, wanted * size);
    if (larger == NULL) {
        return false;
    }
    if (count > 0) {
        memcpy(larger, *array, count * size);
    }
    *array = larger;
    *room = wanted;
    return true;
}

static void put(struct entry **slots, uint32_t slot_count, struct entry *entry)
{
    uint32_t at = (uint32_t)hash_of(entry->id) & (slot_count - 1);
    while (slots[at] != NULL) {
        at = (at + 1) & (slot_count - 1);
    }
    slots[at] = entry;
}

static enum err rehash(struct table *table, uint32_t slot_count)
{
    struct entry **slots = arena_new_array(table->arena, struct entry *, slot_count);
    if (slots == NULL) {
        return ERR_TOO_LARGE;
    }
    for (uint32_t i = 0; i < table->entry_count; i++) {
        put(slots, slot_count, table->entries[i]);
    }
    table->slots = slots;
    table->slot_count = slot_count;
    return ERR_OK;
}

enum err table_init(struct table *table, struct arena *arena, uint32_t expected)
{
    REQUIRE(table != NULL && arena != NULL);
    *table = (struct table){.arena = arena};
    uint32_t slot_count = 64;
    while (slot_count < expected * 2) {
        slot_count *= 2;
    }
    return rehash(table, slot_count);
}

struct entry *table_find(const struct table *table, struct own_id id)
{
    REQUIRE(table != NULL && table->slot_count > 0);
    uint32_t at = (uint32_t)hash_of(id) & (table->slot_count - 1);
    while (table->slots[at] != NULL && !own_id_eq(table->slots[at]->id, id)) {
        at = (at + 1) & (table->slot_count - 1);
    }
    return table->slots[at];
}

enum err table_expect(
    struct table *table, enum id_kind kind, struct own_id id, int64_t scope, bool is_new)
{
    REQUIRE(!own_id_is_none(id));
    struct entry *known = table_find(table, id);
    if (known != NULL) {
        return known->kind == kind ? ERR_OK
                                   : ERR_STORE_IO; /* one id of two kinds: edited by hand */
    }
    struct entry *entry = arena_alloc(table->arena, sizeof *entry);
    if (entry == NULL || !table_grow(table->arena, (void **)&table->entries, table->entry_count,
                             &table->entry_room, sizeof(struct entry *))) {
        return ERR_TOO_LARGE;
    }
    entry->id = id;
    entry->kind = kind;
    entry->scope = scope;
    entry->is_new = is_new;
    table->entries[table->entry_count++] = entry;
    if (table->entry_count * 2 > table->slot_count) {
        return rehash(table, table->slot_count * 2);
    }
    put(table->slots, table->slot_count, entry);
    return ERR_OK;
}

/* --- loading --- */

/* Ids of `kind` that may be stored and are not loaded yet, in the arena. */
static enum err wanted_ids(
    const struct table *table, enum id_kind kind, struct own_id **ret_ids, uint32_t *ret_count)
{
    struct own_id *ids = arena_new_array(table->arena, struct own_id, table->entry_count + 1);
    if (ids == NULL) {
        return ERR_TOO_LARGE;
    }
    uint32_t count = 0;
    for (uint32_t i = table->loaded_count; i < table->entry_count; i++) {
        const struct entry *entry = table->entries[i];
        if (entry->kind == kind && !entry->is_new && entry->record == NULL) {
            ids[count++] = entry->id;
        }
    }
    *ret_ids = ids;
    *ret_count = count;
    return ERR_OK;
}

static void adopt(struct entry *entry, void *record)
{
    if (entry->kind == ID_PAYMENT) {
        entry->aggregate.payment = *(struct payment *)record;
        entry->record = &entry->aggregate.payment;
    } else {
        entry->record = record;
    }
}

static enum err load_kind(
    struct table *table, enum id_kind kind, struct store *store, bool lock, struct err_info *reterr)
{
    struct own_id *ids = NULL;
    uint32_t count = 0;
    TRY(wanted_ids(table, kind, &ids, &count));
    if (count == 0) {
        return ERR_OK;
    }
    void **records = NULL;
    TRY(records_load(
        store, record_kind_of(kind), ids, count, lock, table->arena, &records, reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (records[i] != NULL) {
            struct entry *entry = table_find(table, ((struct record_head *)records[i])->id);
            INVARIANT(entry != NULL && entry->kind == kind);
            adopt(entry, records[i]);
        }
    }
    return ERR_OK;
}

/* All attempts of the payments that were there before are expected too: also of one that is known
 * by its attempts only. They are read here for their ids, and loaded with the others, locked in key
 * order. */
static enum err expect_attempts(struct table *table, struct store *store, struct err_info *reterr)
{
    struct own_id *ids = arena_new_array(table->arena, struct own_id, table->entry_count + 1);
    if (ids == NULL) {
        return ERR_TOO_LARGE;
    }
    uint32_t count = 0;
    for (uint32_t i = table->loaded_count; i < table->entry_count; i++) {
        if (table->entries[i]->kind == ID_PAYMENT && !table->entries[i]->is_new) {
            ids[count++] = table->entries[i]->id;
        }
    }
    struct attempt **attempts = NULL;
    uint32_t attempt_count = 0;
    TRY(attempts_of_payments(store, ids, count, table->arena, &attempts, &attempt_count, reterr));
    for (uint32_t i = 0; i < attempt_count; i++) {
        TRY(table_expect(table, ID_ATTEMPT, attempts[i]->head.id, attempts[i]->head.scope, false));
    }
    return ERR_OK;
}

static enum err gather_attempts(struct table *table)
{
    for (uint32_t i = 0; i < table->entry_count; i++) {
        struct entry *entry = table->entries[i];
        if (entry->kind != ID_ATTEMPT || entry->record == NULL) {
            continue;
        }
        struct attempt *attempt = entry->record;
        struct entry *payment = table_find(table, attempt->payment_id);
        if (payment != NULL && payment->kind == ID_PAYMENT &&
            !table_has_attempt(payment, attempt)) {
            TRY(table_add_attempt(table, payment, attempt));
        }
    }
    return ERR_OK;
}

enum err table_load(struct table *table, struct store *store, bool lock, struct err_info *reterr)
{
    REQUIRE(table != NULL && store != NULL);
    TRY(load_kind(table, ID_PAYMENT, store, lock, reterr));
    TRY(expect_attempts(table, store, reterr));
    TRY(load_kind(table, ID_ATTEMPT, store, lock, reterr));
    TRY(gather_attempts(table));
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        if (kind != ID_PAYMENT && kind != ID_ATTEMPT) {
            TRY(load_kind(table, (enum id_kind)kind, store, lock, reterr));
        }
    }
    table->loaded_count = table->entry_count;
    return ERR_OK;
}

enum err table_make_record(struct table *table, struct entry *entry, int64_t now_us)
{
    REQUIRE(entry != NULL && entry->record == NULL);
    if (entry->kind == ID_PAYMENT) {
        entry->aggregate.payment = (struct payment){0};
        entry->record = &entry->aggregate.payment;
    } else {
        entry->record = arena_alloc(table->arena, record_kind_of(entry->kind)->size);
        if (entry->record == NULL) {
            return ERR_TOO_LARGE;
        }
    }
    struct record_head *head = entry->record;
    *head = (struct record_head){.id = entry->id, .scope = entry->scope, .created_us = now_us};
    return ERR_OK;
}

bool table_has_attempt(const struct entry *payment, const struct attempt *attempt)
{
    REQUIRE(payment != NULL && payment->kind == ID_PAYMENT);
    for (uint32_t i = 0; i < payment->aggregate.attempt_count; i++) {
        if (payment->aggregate.attempts[i] == attempt) {
            return true;
        }
    }
    return false;
}

enum err table_add_attempt(struct table *table, struct entry *payment, struct attempt *attempt)
{
    REQUIRE(payment != NULL && payment->kind == ID_PAYMENT && attempt != NULL);
    struct payment_aggregate *aggregate = &payment->aggregate;
    if (aggregate->attempt_count >= LIMIT_ATTEMPTS ||
        !table_grow(table->arena, (void **)&aggregate->attempts, aggregate->attempt_count,
            &payment->attempt_room, sizeof(struct attempt *))) {
        return ERR_TOO_LARGE;
    }
    aggregate->attempts[aggregate->attempt_count++] = attempt;
    return ERR_OK;
}

/* --- saving --- */

enum err table_save(struct table *table, struct store *store, struct err_info *reterr)
{
    REQUIRE(table != NULL && store != NULL);
    void **records = arena_new_array(table->arena, void *, table->entry_count + 1);
    if (records == NULL) {
        return ERR_TOO_LARGE;
    }
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < table->entry_count; i++) {
            struct entry *entry = table->entries[i];
            if (entry->kind == (enum id_kind)kind && entry->dirty && entry->record != NULL) {
                records[count++] = entry->record;
            }
        }
        if (count > 0) {
            TRY(records_save(store, record_kind_of((enum id_kind)kind), records, count, reterr));
        }
    }
    return ERR_OK;
}

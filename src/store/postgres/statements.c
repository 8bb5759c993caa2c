/* Statements are known by address; each is prepared once per session, under a number for a name. */
#include "store/postgres/internal.h"
#include <stdlib.h>

#define SLOTS_FIRST 256

static uint32_t slot_of(const struct postgres_engine *engine, const void *key)
{
    uint64_t hash = (uint64_t)(uintptr_t)key * UINT64_C(0x9e3779b97f4a7c15);
    uint32_t at = (uint32_t)(hash >> 32) & (engine->slot_count - 1);
    while (engine->slots[at].key != NULL && engine->slots[at].key != key) {
        at = (at + 1) & (engine->slot_count - 1);
    }
    return at;
}

static bool grow_slots(struct postgres_engine *engine)
{
    struct known_statement *old = engine->slots;
    uint32_t old_count = engine->slot_count;
    uint32_t count = old_count == 0 ? SLOTS_FIRST : 2 * old_count;
    struct known_statement *slots = calloc(count, sizeof *slots);
    if (slots == NULL) {
        return false;
    }
    engine->slots = slots;
    engine->slot_count = count;
    for (uint32_t i = 0; i < old_count; i++) {
        if (old[i].key != NULL) {
            slots[slot_of(engine, old[i].key)] = old[i];
        }
    }
    free(old);
    return true;
}

/* ?1 becomes $1. No text of ours has a question mark elsewhere. */
static char *server_text(const struct sql_statement *statement, bool as_set)
{
    const char *ours = as_set ? statement->postgres_set : statement->postgres;
    char *text = strdup(ours != NULL ? ours : statement->text);
    for (char *c = text; c != NULL && *c != '\0'; c++) {
        if (*c == '?') {
            INVARIANT(c[1] >= '1' && c[1] <= '9');
            *c = '$';
        }
    }
    return text;
}

enum err postgres_know(struct postgres_engine *engine,
    const struct sql_statement *statement,
    bool as_set,
    struct known_statement **ret_known,
    struct err_info *reterr)
{
    if (2 * (engine->slots_used + 1) > engine->slot_count && !grow_slots(engine)) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    const void *key = (const char *)statement + (as_set ? 1 : 0);
    struct known_statement *slot = &engine->slots[slot_of(engine, key)];
    if (slot->key == NULL) {
        char *text = server_text(statement, as_set);
        if (text == NULL) {
            return err_set(reterr, ERR_BUSY, "out of memory");
        }
        *slot = (struct known_statement){key, text, engine->slots_used++, false};
    }
    *ret_known = slot;
    return ERR_OK;
}

void postgres_forget_prepared(struct postgres_engine *engine)
{
    for (uint32_t i = 0; i < engine->slot_count; i++) {
        engine->slots[i].prepared = false;
    }
}

void postgres_forget_statements(struct postgres_engine *engine)
{
    for (uint32_t i = 0; i < engine->slot_count; i++) {
        free(engine->slots[i].text);
    }
    free(engine->slots);
    engine->slots = NULL;
    engine->slot_count = engine->slots_used = 0;
}

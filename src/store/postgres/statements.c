/* Each statement is prepared once per session, under a number for a name. */
#include "store/postgres/internal.h"
#include <stdlib.h>

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
    /* A statement's form for sets goes under the next address. */
    const void *key = (const char *)statement + (as_set ? 1 : 0);
    uint32_t number = statement_slot(&engine->statements, key);
    struct known_statement *known = &engine->known[number];
    if (known->text == NULL) {
        *known = (struct known_statement){server_text(statement, as_set), number, false};
    }
    if (known->text == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    *ret_known = known;
    return ERR_OK;
}

void postgres_forget_prepared(struct postgres_engine *engine)
{
    for (uint32_t i = 0; i < STATEMENT_SLOTS; i++) {
        engine->known[i].prepared = false;
    }
}

void postgres_forget_statements(struct postgres_engine *engine)
{
    for (uint32_t i = 0; i < STATEMENT_SLOTS; i++) {
        free(engine->known[i].text);
        engine->known[i].text = NULL;
    }
}

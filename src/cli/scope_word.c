#include "cli/scope_word.h"
#include "base/check.h"

#define NAMED_MAX 3 /* scopes that an error text names */

static void name_some(const struct scope_row *rows, uint32_t count, struct buf *to)
{
    for (uint32_t i = 0; i < count && i < NAMED_MAX; i++) {
        buf_addf(to, "%s%lld (" STR_FMT " " STR_FMT ")", i == 0 ? "" : ", ",
            (long long)rows[i].scope, STR_ARG(rows[i].account_key), STR_ARG(rows[i].environment));
    }
    if (count > NAMED_MAX) {
        buf_addf(to, " and %u more", count - NAMED_MAX);
    }
}

static enum err refuse(enum err err,
    const char *words,
    const struct scope_row *rows,
    uint32_t count,
    struct err_info *reterr)
{
    CLEANUP(buf_fini) struct buf names;
    buf_init(&names, 4096);
    name_some(rows, count, &names);
    struct str text = buf_str(&names);
    return err_set(reterr, err, "%s: " STR_FMT, words, STR_ARG(text));
}

/* A label stands for one account of the configuration, its environment included. */
static bool label_matches(
    const struct config *config, struct str label, const struct scope_row *row)
{
    for (uint32_t i = 0; i < config->account_count; i++) {
        const struct provider_account *says = &config->accounts[i].says;
        if (str_eq(says->name, label)) {
            return str_eq(says->account_key, row->account_key) &&
                   says->live == str_eq(row->environment, STR("live")) &&
                   str_eq(row->provider, str_from(config->accounts[i].provider->name));
        }
    }
    return false;
}

enum err scope_find(struct store *store,
    const struct config *config,
    struct str word,
    struct arena *arena,
    int64_t *ret_scope,
    struct err_info *reterr)
{
    REQUIRE(config != NULL);
    REQUIRE(ret_scope != NULL);
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    int64_t number = 0;
    bool is_number = str_to_int64(word, &number) == ERR_OK;
    TRY(scope_list(store, arena, &rows, &count, reterr));
    const struct scope_row *by_key = NULL;
    uint32_t keys = 0;
    for (uint32_t i = 0; i < count; i++) {
        if (label_matches(config, word, &rows[i]) || (is_number && rows[i].scope == number)) {
            *ret_scope = rows[i].scope;
            return ERR_OK;
        }
        if (str_eq(rows[i].account_key, word)) {
            by_key = &rows[i];
            keys++;
        }
    }
    if (keys == 1) {
        *ret_scope = by_key->scope;
        return ERR_OK;
    }
    if (count == 0) {
        return err_set(reterr, ERR_NOT_FOUND, "no event has come in yet, so there is no scope");
    }
    return keys > 1
               ? refuse(ERR_USAGE,
                     "several scopes have that name: say --scope with a number; there are", rows,
                     count, reterr)
               : refuse(ERR_NOT_FOUND, "there is no such scope; there are", rows, count, reterr);
}

enum err scope_only(
    struct store *store, struct arena *arena, int64_t *ret_scope, struct err_info *reterr)
{
    REQUIRE(ret_scope != NULL);
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    TRY(scope_list(store, arena, &rows, &count, reterr));
    if (count > 1) {
        return refuse(ERR_USAGE, "say --scope, for each has positions of its own; there are", rows,
            count, reterr);
    }
    *ret_scope = count == 0 ? 0 : rows[0].scope;
    return ERR_OK;
}

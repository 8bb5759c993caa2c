#include "cli/object_word.h"
#include "base/check.h"
#include "cli/nearest.h"
#include "cli/scope_word.h"

/* A charge is an attempt, and people who ask for the payment often have its id. */
static bool may_be(const struct object_word *word, enum id_kind kind)
{
    return !word->kind_given || kind == word->wanted ||
           (word->wanted == ID_PAYMENT && kind == ID_ATTEMPT);
}

static enum err find_by_provider_id(struct store *store,
    const struct object_word *word,
    struct object_found *found,
    struct err_info *reterr)
{
    for (int i = 0; i < ID_KIND_COUNT; i++) { /* payments first: people mostly mean those */
        enum id_kind kind = (enum id_kind)i;
        if (!may_be(word, kind)) {
            continue;
        }
        enum err err =
            ref_find(store, found->scope, kind, word->id, &found->id, &found->scope, reterr);
        if (err == ERR_CONFLICT) {
            return err_set(reterr, err, "it is known in several scopes: say which by --scope");
        }
        if (err != ERR_NOT_FOUND) {
            found->kind = kind;
            return err;
        }
    }
    return err_set(
        reterr, ERR_NOT_FOUND, "nothing with the id " STR_FMT " is known", STR_ARG(word->id));
}

static enum err find_id(struct store *store,
    const struct object_word *word,
    struct object_found *found,
    struct err_info *reterr)
{
    if (own_id_parse(word->id, &found->kind, &found->id) != ERR_OK) {
        return find_by_provider_id(store, word, found, reterr);
    }
    if (!may_be(word, found->kind)) {
        return err_set(reterr, ERR_USAGE, "that id is of the kind %s, not %s",
            id_kind_word(found->kind), id_kind_word(word->wanted));
    }
    return ERR_OK;
}

static enum err load(
    struct store *store, struct arena *arena, struct object_found *found, struct err_info *reterr)
{
    void **records = NULL;
    char text[OWN_ID_TEXT_BYTES];
    TRY(records_load(
        store, record_kind_of(found->kind), &found->id, 1, false, arena, &records, reterr));
    if (records[0] == NULL) {
        own_id_format(found->kind, found->id, text);
        return err_set(reterr, ERR_NOT_FOUND,
            "%s is named by other objects at most: no event about itself was applied yet", text);
    }
    found->record = records[0];
    return ERR_OK;
}

enum err object_word_find(struct store *store,
    const struct config *config,
    const struct object_word *word,
    struct arena *arena,
    struct object_found *ret_found,
    struct err_info *reterr)
{
    REQUIRE(word != NULL && word->id.len > 0);
    REQUIRE(ret_found != NULL);
    struct object_found found = {.scope = 0};
    if (word->scope_word.len > 0) {
        TRY(scope_find(store, config, word->scope_word, arena, &found.scope, reterr));
    }
    TRY(find_id(store, word, &found, reterr));
    TRY(load(store, arena, &found, reterr));
    const struct attempt *attempt = found.kind == ID_ATTEMPT ? found.record : NULL;
    if (attempt != NULL && !own_id_is_none(attempt->payment_id)) {
        found.kind = ID_PAYMENT;
        found.id = attempt->payment_id;
        TRY(load(store, arena, &found, reterr));
    }
    ENSURE(found.record != NULL);
    found.scope = ((const struct record_head *)found.record)->scope;
    *ret_found = found;
    return ERR_OK;
}

enum err object_kind_take(struct command_context *context, struct str word, enum id_kind *ret_kind)
{
    const char *words[ID_KIND_COUNT];
    if (id_kind_parse(word, ret_kind)) {
        return ERR_OK;
    }
    for (int i = 0; i < ID_KIND_COUNT; i++) {
        words[i] = id_kind_word((enum id_kind)i);
    }
    const char *near = nearest(word, words, ID_KIND_COUNT);
    (void)command_refuse(context, ERR_USAGE, "there is no kind `" STR_FMT "`%s%s%s", STR_ARG(word),
        near == NULL ? ": `counterfoil show --help` names them" : "; did you mean ",
        near == NULL ? "" : near, near == NULL ? "" : "?");
    return ERR_USAGE;
}

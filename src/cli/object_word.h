/* object_word: which object people mean: by its own id, or by the provider's.
 *
 * Layer: cli; for events and show.
 */
#pragma once

#include "store/records.h"
#include "store/refs.h"
#include "cli/command.h"

struct object_word {
    struct str id;         /* ours or the provider's */
    struct str scope_word; /* where a provider's id is known in several; may be empty */
    bool kind_given;
    enum id_kind wanted; /* when it was given */
};

struct object_found {
    enum id_kind kind;
    struct own_id id;
    int64_t scope;
    void *record; /* in the arena */
};

/* Inside a transaction. An attempt (a charge) leads to its payment once that is known.
 * ERR_NOT_FOUND, ERR_CONFLICT (known in several scopes) and ERR_USAGE say what to do. */
MUST_USE enum err object_word_find(struct store *store,
    const struct config *config,
    const struct object_word *word,
    struct arena *arena,
    struct object_found *ret_found,
    struct err_info *reterr);

/* ERR_USAGE: there is no such kind, which was said. */
MUST_USE enum err object_kind_take(
    struct command_context *context, struct str word, enum id_kind *ret_kind);

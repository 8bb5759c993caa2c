#include "cli/ledger_walk.h"
#include "base/check.h"
#include "cli/nearest.h"
#include "cli/output.h"
#include "cli/scope_word.h"
#include "ledger/period.h"

#define PAGE_ENTRIES 500
#define PAGE_BYTES ((size_t)64 * 1024 * 1024)
#define SCOPES_BYTES ((size_t)64 * 1024 * 1024)

/* --- scopes --- */

struct scope_search {
    const struct config *config;
    struct str word;
    struct arena *arena;
    struct ledger_scopes found;
};

static enum err find_scopes(struct store *store, void *context, struct err_info *reterr)
{
    struct scope_search *search = context;
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    int64_t one = 0;
    if (search->word.len > 0) {
        TRY(scope_find(store, search->config, search->word, search->arena, &one, reterr));
    } else {
        TRY(scope_list(store, search->arena, &rows, &count, reterr));
    }
    search->found.count = one != 0 ? 1 : count;
    search->found.scopes = arena_new_array(search->arena, int64_t, search->found.count);
    if (search->found.scopes == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "too many scopes: name one with --account");
    }
    for (uint32_t i = 0; i < search->found.count; i++) {
        search->found.scopes[i] = one != 0 ? one : rows[i].scope;
    }
    return ERR_OK;
}

enum err ledger_scopes(struct store *store,
    const struct config *config,
    struct str account_word,
    struct arena *arena,
    struct ledger_scopes *ret,
    struct err_info *reterr)
{
    REQUIRE(ret != NULL);
    struct scope_search search = {config, account_word, arena, {NULL, 0}};
    TRY(command_transaction(store, STORE_READ, find_scopes, &search, reterr));
    *ret = search.found;
    return ERR_OK;
}

/* --- pages --- */

struct page {
    const struct ledger_walk *walk;
    struct arena *arena;
    int64_t scope, after, period; /* PERIOD_NONE: of any */
    uint64_t left;
    struct journal_entry *entries; /* in the arena */
    struct str *names;
    uint32_t count;
};

static enum err read_page(struct store *store, void *context, struct err_info *reterr)
{
    struct page *page = context;
    arena_reset(page->arena);
    TRY(journal_read(store, page->scope, page->after, PAGE_ENTRIES, page->arena, &page->entries,
        &page->count, reterr));
    return journal_names(store, page->entries, page->count, page->arena, &page->names, reterr);
}

static bool is_asked_for(const struct page *page, const struct journal_entry *entry)
{
    return entry->effective_us >= page->walk->from_us && entry->effective_us < page->walk->to_us &&
           (page->period == PERIOD_NONE || entry->period == page->period);
}

static enum err take_page(struct page *page, struct err_info *reterr)
{
    const struct ledger_walk *walk = page->walk;
    for (uint32_t i = 0; i < page->count && page->left > 0 && !output_is_gone(); i++) {
        const struct journal_entry *entry = &page->entries[i];
        INVARIANT(entry->number > page->after);
        page->after = entry->number;
        if (is_asked_for(page, entry)) {
            TRY(walk->take(walk->context, entry, page->names[i], reterr));
            page->left--;
        }
    }
    return ERR_OK;
}

static enum err walk_scope(struct page *page, struct err_info *reterr)
{
    do {
        TRY(command_transaction(page->walk->store, STORE_READ, read_page, page, reterr));
        TRY(take_page(page, reterr));
    } while (page->count == PAGE_ENTRIES && page->left > 0 && !output_is_gone() &&
             !command_is_stopped());
    return ERR_OK;
}

enum err ledger_walk(const struct ledger_walk *walk, struct err_info *reterr)
{
    REQUIRE(walk->take != NULL);
    CLEANUP(arena_free) struct arena *names = arena_new(SCOPES_BYTES);
    CLEANUP(arena_free) struct arena *arena = arena_new(PAGE_BYTES);
    struct ledger_scopes scopes = {NULL, 0};
    int64_t period = PERIOD_NONE;
    if (names == NULL || arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    if (walk->period_word.len > 0) {
        TRY(ledger_period_find(walk->period_word, &period, reterr));
    }
    TRY(ledger_scopes(walk->store, walk->config, walk->account_word, names, &scopes, reterr));
    if (walk->after > 0 && scopes.count > 1) {
        return err_set(reterr, ERR_USAGE, "--after wants --account: each has numbers of its own");
    }
    uint64_t left = walk->limit == 0 ? UINT64_MAX : walk->limit;
    for (uint32_t i = 0; i < scopes.count && left > 0; i++) {
        struct page page = {.walk = walk,
            .arena = arena,
            .scope = scopes.scopes[i],
            .after = walk->after,
            .period = period,
            .left = left};
        TRY(walk_scope(&page, reterr));
        left = page.left;
    }
    return ERR_OK;
}

/* --- words --- */

enum err ledger_period_find(struct str word, int64_t *ret_period, struct err_info *reterr)
{
    return period_parse(word, ret_period) == ERR_OK
               ? ERR_OK
               : err_set(reterr, ERR_USAGE, "--period wants a month like 2026-10");
}

enum err ledger_account_find(
    struct command_context *context, struct str name, enum ledger_account *ret)
{
    const char *names[ACCOUNT_COUNT];
    if (account_parse(name, ret) == ERR_OK) {
        return ERR_OK;
    }
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        names[i] = account_row((enum ledger_account)i)->name;
    }
    const char *near = nearest(name, names, ACCOUNT_COUNT);
    (void)command_refuse(context, ERR_NOT_FOUND,
        "the books have no account " STR_FMT "%s%s%s; `counterfoil ledger accounts` lists them",
        STR_ARG(name), near == NULL ? "" : ": did you mean ", near == NULL ? "" : near,
        near == NULL ? "" : "?");
    return ERR_NOT_FOUND;
}

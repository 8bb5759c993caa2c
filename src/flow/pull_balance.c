#include "base/check.h"
#include "base/timestamp.h"
#include "flow/pull_inside.h"

#define TRIES 5
#define AHEAD_US (5 * US_PER_MINUTE) /* the provider's clock may be ahead of ours */
#define PAGE_BYTES ((size_t)64 * 1024 * 1024)

static enum err read_head(const struct pull_setup *setup,
    struct arena *scratch,
    struct arena *arena,
    struct str *ret_head,
    struct err_info *reterr)
{
    const struct fetch_range range = {0, env_now(setup->env) + AHEAD_US};
    struct said_page page;
    arena_reset(scratch);
    TRY(setup->account->provider->statement->lines(
        setup->api, setup->below, range, STR_NONE, scratch, &page, reterr));
    /* One that cannot be read may be the newest: its name serves as well. */
    bool odd_first = page.refusal_count > 0 && page.refusals[0].index == 0;
    struct str head = odd_first             ? page.refusals[0].provider_id
                      : page.line_count > 0 ? page.lines[0].provider_id
                                            : STR_NONE;
    *ret_head = head.len == 0 ? STR("") : arena_copy(arena, head);
    return ret_head->data != NULL ? ERR_OK : err_set(reterr, ERR_TOO_LARGE, "out of memory");
}

enum err pull_balance(const struct pull_setup *setup,
    struct arena *arena,
    struct pulled_balance *ret,
    struct err_info *reterr)
{
    REQUIRE(setup != NULL && setup->api != NULL && arena != NULL && ret != NULL);
    const struct statement_ops *ops = setup->account->provider->statement;
    struct pulled_balance pulled = {.asked_us = 0};
    struct str after;
    CLEANUP(arena_free) struct arena *scratch = arena_new(PAGE_BYTES);
    if (scratch == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    if (ops->balance == NULL) {
        return err_set(reterr, ERR_INVALID, "the account's provider does not tell its balance");
    }
    TRY(read_head(setup, scratch, arena, &pulled.head, reterr));
    for (int i = 0; i < TRIES; i++) {
        pulled.asked_us = env_now(setup->env);
        TRY(ops->balance(setup->api, setup->below, arena, &pulled.balances, reterr));
        TRY(read_head(setup, scratch, arena, &after, reterr));
        if (str_eq(pulled.head, after)) {
            *ret = pulled;
            return ERR_OK;
        }
        pulled.head = after;
    }
    return err_set(reterr, ERR_BUSY,
        "lines came each time while the balance was asked for: try again when less moves");
}

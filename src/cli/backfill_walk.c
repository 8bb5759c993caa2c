#include "base/check.h"
#include "base/timestamp.h"
#include "store/refs.h"
#include "flow/submit.h"
#include "cli/api_wait.h"
#include "cli/backfill_inside.h"
#include <inttypes.h>
#include <stdio.h>

#define TRIES 3 /* of one step, beyond those of the API's client */
#define PAUSE_US US_PER_SECOND
#define ACCOUNTS_A_TIME 100
#define PAGE_BYTES ((size_t)16 * 1024 * 1024)

/* --- progress --- */

static void show_progress(struct filling *filling, const struct backfill *backfill)
{
    if (!progress_is_due(&filling->progress, filling->context)) {
        return;
    }
    struct backfill_progress progress = backfill_progress(backfill);
    int64_t ms = (env_monotonic(filling->context->env) - filling->began_us) / 1000 + 1;
    int64_t walked_s = progress.walked_us / US_PER_SECOND;
    int64_t left_s = progress.left_us / US_PER_SECOND;
    int64_t done = walked_s + left_s > 0 ? 100 * walked_s / (walked_s + left_s) : 0;
    char left[TIMESTAMP_TEXT_BYTES] = "?";
    if (walked_s > 0) {
        duration_format(ms / 1000 * left_s / walked_s * US_PER_SECOND, left);
    }
    struct str name = buf_str(&filling->name);
    progress_show(&filling->progress,
        STR_FMT "%s%.40s: %" PRId64 "%% of the time, %" PRId64 " found, %" PRId64
                " back-filled, %" PRId64 "/s, about %s left",
        STR_ARG(filling->below), filling->below.len > 0 ? " " : "", name.data, done,
        progress.counts.found, progress.counts.added, progress.counts.found * 1000 / ms, left);
}

void backfill_show_wait(void *context, int64_t wait_us, const char *why)
{
    struct filling *filling = context;
    api_wait_show(&filling->progress, filling->context, wait_us, why);
}

/* --- one walk --- */

/* A line about the account at hand: of many, each is named. */
static void note(const struct filling *filling, const char *of, const char *text)
{
    command_note(filling->context, STR_FMT "%s%s%s%s", STR_ARG(filling->below),
        filling->below.len > 0 ? ": " : "", of, of[0] != '\0' ? ": " : "", text);
}

/* ERR_BUSY is the provider's: it wants to be asked later, not at once. */
static bool may_pass(enum err err)
{
    return err_is_retryable(err) && err != ERR_BUSY && !command_is_stopped();
}

/* What may pass by itself is tried again, beyond what the API's client has tried. */
static enum err step(
    struct filling *filling, struct backfill *backfill, bool *ret_more, struct err_info *reterr)
{
    enum err err = ERR_BUSY;
    for (int i = 0; i < TRIES; i++) {
        err = backfill_step(backfill, ret_more, reterr);
        if (err == ERR_OK || !may_pass(err)) {
            break;
        }
        if (i + 1 < TRIES) {
            progress_clear(&filling->progress);
            note(filling, "trying again", reterr->text);
            command_sleep(PAUSE_US << i);
        }
    }
    return err;
}

static enum err walk(
    struct filling *filling, const struct backfill_setup *setup, struct err_info *reterr)
{
    CLEANUP(backfill_free) struct backfill *backfill = backfill_new(setup);
    if (backfill == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    enum err err = ERR_OK;
    bool more = true;
    while (err == ERR_OK && more) {
        err = command_is_stopped() ? err_set(reterr, ERR_CLOSED, "interrupted")
                                   : step(filling, backfill, &more, reterr);
        show_progress(filling, backfill);
    }
    progress_clear(&filling->progress);
    struct backfill_progress progress = backfill_progress(backfill);
    if (progress.resumed && !filling->context->json) {
        command_note(filling->context, STR_FMT "%s" STR_FMT ": went on where the last one stopped",
            STR_ARG(filling->below), filling->below.len > 0 ? " " : "", STR_ARG(setup->name));
    }
    filling->sums.found += progress.counts.found;
    filling->sums.added += progress.counts.added;
    filling->sums.known += progress.counts.known;
    filling->sums.missing += progress.counts.missing;
    return err;
}

static struct backfill_setup setup_of(struct filling *filling)
{
    return (struct backfill_setup){
        .store = filling->store,
        .account = filling->account,
        .api = filling->api,
        .env = filling->context->env,
        .below = filling->below,
        .from_us = filling->from_us,
        .to_us = filling->to_us,
        .name = filling->dry_run ? STR_NONE : buf_str(&filling->name),
        .only_look = filling->dry_run,
    };
}

static enum err walk_events(struct filling *filling, struct err_info *reterr)
{
    buf_clear(&filling->name);
    buf_addf(&filling->name, "events%s", filling->type_count > 0 ? ":" : "");
    for (uint32_t i = 0; i < filling->type_count; i++) {
        buf_addf(&filling->name, "%s" STR_FMT, i > 0 ? "," : "", STR_ARG(filling->types[i]));
    }
    ENSURE(!filling->name.failed);
    struct backfill_setup setup = setup_of(filling);
    setup.types = filling->types;
    setup.type_count = filling->type_count;
    return walk(filling, &setup, reterr);
}

static bool is_refusal(enum err err)
{
    return err == ERR_REFUSED || err == ERR_NOT_FOUND || err == ERR_INVALID;
}

/* A key need not be allowed to list everything: the other kinds are walked all the same. */
static enum err walk_objects(struct filling *filling, struct err_info *reterr)
{
    const struct provider_api_ops *ops = filling->account->provider->api;
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        if (!ops->lists((enum id_kind)kind)) {
            continue;
        }
        buf_clear(&filling->name);
        buf_addf(&filling->name, "%s", id_kind_word((enum id_kind)kind));
        struct backfill_setup setup = setup_of(filling);
        setup.objects = true;
        setup.kind = (enum id_kind)kind;
        enum err err = walk(filling, &setup, reterr);
        if (is_refusal(err)) {
            filling->refused_kinds++;
            note(filling, id_kind_word(setup.kind), reterr->text);
        } else {
            TRY(err);
        }
    }
    return ERR_OK;
}

/* Any events of the account, of the last second. */
static enum err probe(struct filling *filling, struct str account, struct err_info *reterr)
{
    const struct fetch_range range = {filling->to_us, filling->to_us};
    struct fetch_page page = {0};
    CLEANUP(arena_free) struct arena *arena = arena_new(PAGE_BYTES);
    if (arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    return filling->account->provider->api->events(
        filling->api, account, range, NULL, 0, STR_NONE, arena, &page, reterr);
}

/* An account that is gone refuses every kind alike: that is one refusal. When the key may list no
 * events of ours either, nothing can be said beforehand. */
static enum err check_below(struct filling *filling, struct err_info *reterr)
{
    struct err_info ignored;
    enum err err = filling->below.len > 0 ? probe(filling, filling->below, reterr) : ERR_OK;
    return is_refusal(err) && probe(filling, STR_NONE, &ignored) != ERR_OK ? ERR_OK : err;
}

static enum err walk_account(struct filling *filling, struct err_info *reterr)
{
    if (!filling->objects) {
        return walk_events(filling, reterr);
    }
    TRY(check_below(filling, reterr));
    return walk_objects(filling, reterr);
}

/* --- connected accounts --- */

bool backfill_wants_all(const struct filling *filling)
{
    return str_eq(filling->connected, STR("all"));
}

/* The next ones; the scope above is not kept when it is new: then it has none. */
static enum err list_below(struct filling *filling,
    int64_t after,
    struct arena *arena,
    struct scope_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    int64_t root = 0;
    TRY(store_begin(filling->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = filling->store;
    TRY(submit_scope(filling->store, filling->account, STR_NONE, &root, reterr));
    enum err err = scope_list_below(
        filling->store, root, after, ACCOUNTS_A_TIME, arena, ret_rows, ret_count, reterr);
    transaction = store_rollback(transaction);
    return err;
}

static bool is_of_all(enum err err)
{
    return err == ERR_STORE_IO || err == ERR_STORE_FULL || err == ERR_LOCKED || err == ERR_SCHEMA ||
           err == ERR_CLOSED || command_is_stopped();
}

/* The list of those that failed is bounded; the numbers are not. */
static void count_failure(struct filling *filling, struct str account_key, enum err err)
{
    if (is_refusal(err)) {
        filling->refused_accounts++;
    } else {
        filling->failed_accounts++;
        filling->failed_with = filling->failed_with == ERR_OK ? err : filling->failed_with;
    }
    if (filling->failed_count < FAILED_MAX) {
        (void)str_copy_to(
            filling->failed[filling->failed_count], sizeof filling->failed[0], account_key);
        filling->failed_count++;
    }
}

/* An account that fails holds up no other one, unless the provider cannot be asked at all. */
static enum err walk_below(
    struct filling *filling, const struct scope_row *row, struct err_info *reterr)
{
    struct err_info of_all;
    filling->below = row->account_key;
    enum err err = walk_account(filling, reterr);
    filling->accounts++;
    if (err == ERR_OK || is_of_all(err)) {
        return err;
    }
    note(filling, "", reterr->text);
    count_failure(filling, row->account_key, err);
    err = is_refusal(err) ? ERR_OK : probe(filling, STR_NONE, &of_all);
    return err == ERR_OK ? ERR_OK : err_set(reterr, err, "%s", of_all.text);
}

static enum err walk_connected(struct filling *filling, struct err_info *reterr)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(PAGE_BYTES);
    if (arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    /* So that a key that is refused is said once, and not of every account. */
    TRY(probe(filling, STR_NONE, reterr));
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    int64_t after = 0;
    do {
        arena_reset(arena);
        TRY(list_below(filling, after, arena, &rows, &count, reterr));
        for (uint32_t i = 0; i < count; i++) {
            TRY(walk_below(filling, &rows[i], reterr));
            after = rows[i].scope;
        }
    } while (count == ACCOUNTS_A_TIME);
    if (filling->accounts == 0) {
        command_note(filling->context,
            "no connected account is known yet: its first event makes it known, or --connected "
            "with its id");
    }
    return ERR_OK;
}

enum err backfill_walk(struct filling *filling, struct err_info *reterr)
{
    filling->below = backfill_wants_all(filling) ? STR_NONE : filling->connected;
    filling->at_fault = filling->below;
    return backfill_wants_all(filling) ? walk_connected(filling, reterr)
                                       : walk_account(filling, reterr);
}

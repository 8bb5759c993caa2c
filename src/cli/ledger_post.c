#include "provider/stripe/stripe.h"
#include "cli/ledger.h"
#include "cli/output.h"
#include "cli/progress.h"
#include <inttypes.h>

#define TRIES 20 /* of one step, while others write */
#define TRY_AGAIN_US (100 * INT64_C(1000))

static enum err step(struct repost *repost,
    struct env *env,
    bool dry_run,
    struct repost_counts *counts,
    bool *more,
    struct err_info *reterr)
{
    enum err err = repost_step(repost, dry_run, counts, more, reterr);
    for (int i = 1; i < TRIES && (err_class(err) == ERR_CLASS_BUSY || err == ERR_CONFLICT); i++) {
        env_sleep(env, TRY_AGAIN_US);
        err = repost_step(repost, dry_run, counts, more, reterr);
    }
    return err;
}

enum err ledger_post_all(const struct command_context *context,
    struct store *store,
    const struct config *config,
    bool dry_run,
    struct repost_counts *ret_counts,
    struct err_info *reterr)
{
    CLEANUP(accounts_drop)
    struct accounts *accounts = accounts_new(config->accounts, config->account_count);
    CLEANUP(repost_free)
    struct repost *repost = repost_new(store, &stripe_provider, accounts, context->env);
    struct progress progress = {0};
    enum err err = ERR_OK;
    bool more = true;
    if (accounts == NULL || repost == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    while (more && err == ERR_OK) {
        err = command_is_stopped()
                  ? err_set(reterr, ERR_CLOSED,
                        "interrupted; what was posted stands: run `ledger post` again")
                  : step(repost, context->env, dry_run, ret_counts, &more, reterr);
        if (err == ERR_OK && progress_is_due(&progress, context)) {
            progress_show(&progress,
                "%" PRId64 " aggregates and %" PRId64 " lines looked at, %" PRId64 " entries",
                ret_counts->looked_at, ret_counts->lines, ret_counts->entries);
        }
    }
    progress_clear(&progress);
    return err;
}

static void print_counts(
    const struct command_context *context, const struct repost_counts *counts, bool dry_run)
{
    if (!context->json) {
        outf("%" PRId64 " aggregates and %" PRId64 " lines looked at, %" PRId64 " %s\n",
            counts->looked_at, counts->lines, counts->entries,
            dry_run ? "entries would be posted" : "entries posted");
        return;
    }
    outf("{\"looked_at\":%" PRId64 ",\"lines\":%" PRId64 ",\"entries\":%" PRId64
         ",\"dry_run\":%s}\n",
        counts->looked_at, counts->lines, counts->entries, dry_run ? "true" : "false");
}

int ledger_post(struct command_context *context)
{
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    struct repost_counts counts = {0};
    struct err_info info = {""};
    bool dry_run = false;
    const struct option_row options[] = {
        {"--dry-run", OPTION_FLAG, NULL, "only say how many entries are missing", &dry_run},
        {0},
    };
    const struct usage usage = {.synopsis = "ledger post [--dry-run]",
        .description =
            "Posts what the books should show of everything that is known and do not show yet. "
            "serve posts all by\n"
            "itself; this is for a store that is older than its books, and for books whose rules, "
            "or the account's\n"
            "policy (unlinked, bank, fee_tax in the configuration), have changed.\n"
            "Only differences are posted, so it may run beside serve, and again.",
        .options = options};
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    if (command_open_ready(context, STORE_WRITE, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    command_catch_signals();
    enum err err = ledger_post_all(context, store, config, dry_run, &counts, &info);
    if (err != ERR_OK) {
        return command_fail(context, err, &info);
    }
    print_counts(context, &counts, dry_run);
    return 0;
}

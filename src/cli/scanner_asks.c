#include "base/metrics.h"
#include "base/timestamp.h"
#include "provider/stripe/stripe.h"
#include "flow/refetch.h"
#include "flow/thin.h"
#include "cli/scanner_inside.h"

static const struct account *account_of(
    void *context, struct str root_key, bool live, struct provider_api **ret_api)
{
    struct scanner *scanner = context;
    for (uint32_t i = 0; i < scanner->scanned_count; i++) {
        struct scanned *scanned = &scanner->scanned[i];
        const struct provider_account *says = &scanned->account->says;
        if (says->live == live && str_eq(says->account_key, root_key)) {
            if (scanner_open_account(scanner, scanned, NULL) != ERR_OK) {
                return NULL;
            }
            *ret_api = scanned->api;
            return scanned->account;
        }
    }
    return NULL;
}

/* What failed is asked for later: the longer, the more often it fails. */
static void back_off(struct scanner *scanner,
    const char *event,
    enum err err,
    const struct err_info *info,
    int64_t *backoff_us,
    int64_t *due_us)
{
    *backoff_us = scanner_longer(*backoff_us);
    *due_us = env_monotonic(scanner->setup.env) + *backoff_us;
    if (!atomic_load(&scanner->stopping)) {
        log_event(LOG_WARNING, event, log_text("error", err_name(err)),
            log_text("text", info->text), log_int("again_in_s", *backoff_us / US_PER_SECOND));
    }
}

static void log_trouble(const char *event, const struct ask_trouble *trouble)
{
    log_event(LOG_WARNING, event, log_str("account", trouble->account),
        log_text("kind", id_kind_word(trouble->kind)), log_str("provider_id", trouble->provider_id),
        log_text("error", err_name(trouble->err)), log_text("text", trouble->text),
        log_int("again_in_s", trouble->again_in_us / US_PER_SECOND)); /* 0: not at all */
}

static void tell_thin(void *context, const struct ask_trouble *trouble)
{
    static const char *const events[] = {
        [ASK_PUT_OFF] = "thin_fetch_failed",
        [ASK_GIVEN_UP] = "thin_given_up",
        [ASK_CUT] = "thin_cut",
    };
    (void)context;
    log_trouble(events[trouble->end], trouble);
}

static void tell_wanted(void *context, const struct ask_trouble *trouble)
{
    static const char *const events[] = {
        [ASK_PUT_OFF] = "refetch_refused",
        [ASK_GIVEN_UP] = "refetch_given_up",
        [ASK_CUT] = "refetch_cut",
    };
    (void)context;
    log_trouble(events[trouble->end], trouble);
}

static bool ask_for_thin(struct scanner *scanner)
{
    const struct thin_setup setup = {
        .store = scanner->store,
        .provider = &stripe_provider,
        .env = scanner->setup.env,
        .wait_us = scanner->setup.config->scan_thin_wait_us,
        .account_of = account_of,
        .on_trouble = tell_thin,
        .context = scanner,
        .arena = scanner->thin_arena,
    };
    struct err_info info = {""};
    struct thin_counts counts;
    bool more = false;
    if (scanner->thin_due_us > env_monotonic(setup.env)) {
        return false;
    }
    enum err err = thin_step(&setup, &counts, &more, &info);
    metric_add(METRIC_THIN_FETCHED, counts.fetched);
    if (err != ERR_OK) {
        back_off(scanner, "thin_fetch_failed", err, &info, &scanner->thin_backoff_us,
            &scanner->thin_due_us);
        return false;
    }
    scanner->thin_backoff_us = 0;
    return more;
}

static bool ask_for_wanted(struct scanner *scanner)
{
    const struct refetch_setup setup = {
        .store = scanner->store,
        .env = scanner->setup.env,
        .account_of = account_of,
        .on_trouble = tell_wanted,
        .context = scanner,
        .arena = scanner->thin_arena,
    };
    struct err_info info = {""};
    struct refetch_counts counts;
    bool more = false;
    if (scanner->refetch_due_us > env_monotonic(setup.env)) {
        return false;
    }
    enum err err = refetch_step(&setup, &counts, &more, &info);
    int64_t ended = (int64_t)counts.fetched + counts.given_up;
    metric_add(METRIC_REFETCH_FETCHED, counts.fetched);
    metric_add(METRIC_REFETCH_GIVEN_UP, counts.given_up);
    metric_set(METRIC_REFETCH_OPEN, counts.open > ended ? counts.open - ended : 0);
    if (err != ERR_OK) {
        back_off(scanner, "refetch_failed", err, &info, &scanner->refetch_backoff_us,
            &scanner->refetch_due_us);
        return false;
    }
    scanner->refetch_backoff_us = 0;
    return more;
}

/* True when there is more to be done at once. */
bool scanner_ask(struct scanner *scanner)
{
    bool more = ask_for_thin(scanner);
    return ask_for_wanted(scanner) || more;
}

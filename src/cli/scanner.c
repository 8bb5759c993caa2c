#include "cli/scanner.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "base/timestamp.h"
#include "provider/stripe/stripe.h"
#include "flow/gapscan.h"
#include "flow/thin.h"
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOK_EVERY_MS 1000 /* for accounts that a reload brought */
#define THIN_ARENA_BYTES ((size_t)128 * 1024 * 1024)
#define BACKOFF_MIN_US (5 * US_PER_SECOND)
#define BACKOFF_MAX_US (5 * US_PER_MINUTE)

/* An account that has a key. */
struct scanned {
    const struct account *account; /* of the set that is held */
    struct provider_api *api;      /* NULL: to be opened */
    struct gapscan *gapscan;
    int64_t due_us;     /* UTC */
    int64_t backoff_us; /* 0: nothing failed */
    struct gapscan_report last;
};

struct scanner {
    struct scanner_setup setup;
    struct store *store;
    struct accounts *accounts; /* held; NULL at first */
    struct scanned scanned[LIMIT_ACCOUNTS];
    uint32_t scanned_count;
    struct str *types; /* that the mapping needs */
    uint32_t type_count;
    struct arena *thin_arena;
    int64_t thin_due_us, thin_backoff_us; /* monotonic */
    atomic_bool stopping;
    int stop_fd; /* readable once stopping */
    pthread_t thread;
    bool started;
};

/* --- accounts --- */

static void close_account(struct scanned *scanned)
{
    scanned->gapscan = gapscan_free(scanned->gapscan);
    if (scanned->api != NULL) {
        scanned->api = scanned->account->provider->api->close(scanned->api);
    }
}

static void close_accounts(struct scanner *scanner)
{
    for (uint32_t i = 0; i < scanner->scanned_count; i++) {
        close_account(&scanner->scanned[i]);
    }
    scanner->scanned_count = 0;
    scanner->accounts = accounts_drop(scanner->accounts);
}

/* After a reload everything is opened anew, with what it brought. */
static void take_over_accounts(struct scanner *scanner)
{
    struct accounts *current = accounts_current_hold(scanner->setup.accounts);
    if (current == scanner->accounts) {
        (void)accounts_drop(current);
        return;
    }
    close_accounts(scanner);
    scanner->accounts = current;
    for (uint32_t i = 0; i < accounts_count(current) && i < LIMIT_ACCOUNTS; i++) {
        const struct account *account = accounts_at(current, i);
        if (account_is_readable(account)) {
            scanner->scanned[scanner->scanned_count++] = (struct scanned){.account = account};
        }
    }
}

static enum err open_account(
    struct scanner *scanner, struct scanned *scanned, struct err_info *reterr)
{
    const struct config *config = scanner->setup.config;
    if (scanned->api == NULL) {
        TRY(account_open_api(
            scanned->account, scanner->setup.env, &scanner->stopping, &scanned->api, reterr));
    }
    if (scanned->gapscan == NULL) {
        const struct gapscan_setup setup = {
            .store = scanner->store,
            .account = scanned->account,
            .api = scanned->api,
            .env = scanner->setup.env,
            .types = scanner->types,
            .type_count = scanner->type_count,
            .every_us = config->scan_every_us,
            .lag_us = config->scan_lag_us,
            .overlap_us = config->scan_overlap_us,
        };
        scanned->gapscan = gapscan_new(&setup);
    }
    return scanned->gapscan != NULL ? ERR_OK : err_set(reterr, ERR_BUSY, "out of memory");
}

/* --- one account's turn --- */

/* "n of m missing as of t", over all accounts. */
static void export_gap(const struct scanner *scanner)
{
    int64_t checked = 0;
    int64_t missing = 0;
    int64_t as_of_us = INT64_MAX;
    for (uint32_t i = 0; i < scanner->scanned_count; i++) {
        const struct gapscan_report *last = &scanner->scanned[i].last;
        checked += last->checked;
        missing += last->missing;
        as_of_us = last->to_us < as_of_us ? last->to_us : as_of_us;
    }
    metric_set(METRIC_GAP_CHECKED, checked);
    metric_set(METRIC_GAP_MISSING, missing);
    metric_set(METRIC_GAP_AS_OF, as_of_us / US_PER_SECOND);
}

static void note_report(
    struct scanner *scanner, struct scanned *scanned, const struct gapscan_report *report)
{
    char from[TIMESTAMP_TEXT_BYTES];
    char as_of[TIMESTAMP_TEXT_BYTES];
    timestamp_format(report->from_us, from);
    timestamp_format(report->to_us, as_of);
    scanned->last = *report;
    scanned->backoff_us = 0;
    metric_add(METRIC_GAP_FETCHED, (uint64_t)(report->missing - report->refused));
    export_gap(scanner);
    log_event(report->missing > 0 ? LOG_WARNING : LOG_INFO, "gap_scanned",
        log_str("account", scanned->account->says.name), log_int("missing", report->missing),
        log_int("checked", report->checked), log_text("from", from), log_text("as_of", as_of),
        log_int("too_large", report->refused));
}

static int64_t longer(int64_t backoff_us)
{
    int64_t next_us = backoff_us == 0 ? BACKOFF_MIN_US : backoff_us * 2;
    return next_us > BACKOFF_MAX_US ? BACKOFF_MAX_US : next_us;
}

static void note_failure(
    struct scanned *scanned, enum err err, const struct err_info *info, int64_t now_us)
{
    scanned->backoff_us = longer(scanned->backoff_us);
    scanned->due_us = now_us + scanned->backoff_us;
    metric_add(METRIC_GAP_FAILED, 1);
    log_event(LOG_WARNING, "gap_scan_failed", log_str("account", scanned->account->says.name),
        log_text("error", err_name(err)), log_text("text", info->text),
        log_int("again_in_s", scanned->backoff_us / US_PER_SECOND));
}

/* One page; true when there is more to be done at once. */
static bool scan_some(struct scanner *scanner, struct scanned *scanned)
{
    struct err_info info = {""};
    struct gapscan_report report = {0};
    int64_t now_us = env_now(scanner->setup.env);
    int64_t wake_us = now_us;
    enum err err = open_account(scanner, scanned, &info);
    err = err != ERR_OK ? err : gapscan_step(scanned->gapscan, now_us, &report, &wake_us, &info);
    if (err != ERR_OK) {
        if (!atomic_load(&scanner->stopping)) {
            note_failure(scanned, err, &info, now_us);
        }
        return false;
    }
    if (report.finished) {
        note_report(scanner, scanned, &report);
    } else if (report.to_us > 0) {
        scanned->last = report; /* of another node, or of this one before it was started anew */
        export_gap(scanner);
    }
    scanned->due_us = wake_us;
    return wake_us <= now_us;
}

/* --- thin events --- */

/* The account whose scope it is; or the only one that others can be below. */
static struct scanned *find_account(
    struct scanner *scanner, struct str account_key, bool live, bool *ret_is_own)
{
    struct scanned *above = NULL;
    uint32_t count = 0;
    for (uint32_t i = 0; i < scanner->scanned_count; i++) {
        const struct provider_account *says = &scanner->scanned[i].account->says;
        if (says->live != live) {
            continue;
        }
        if (str_eq(says->account_key, account_key)) {
            *ret_is_own = true;
            return &scanner->scanned[i];
        }
        above = &scanner->scanned[i];
        count++;
    }
    *ret_is_own = false;
    return count == 1 && str_starts_with(account_key, STR("acct_")) ? above : NULL;
}

static const struct account *account_of(void *context,
    struct str account_key,
    bool live,
    struct str *ret_below,
    struct provider_api **ret_api)
{
    struct scanner *scanner = context;
    bool is_own = false;
    struct scanned *scanned = find_account(scanner, account_key, live, &is_own);
    if (scanned == NULL || open_account(scanner, scanned, NULL) != ERR_OK) {
        return NULL;
    }
    *ret_below = is_own ? STR_NONE : account_key;
    *ret_api = scanned->api;
    return scanned->account;
}

/* True when there is more to be done at once. */
static bool fetch_thin(struct scanner *scanner)
{
    struct env *env = scanner->setup.env;
    const struct thin_setup setup = {
        .store = scanner->store,
        .provider = &stripe_provider,
        .env = env,
        .wait_us = scanner->setup.config->scan_thin_wait_us,
        .account_of = account_of,
        .context = scanner,
        .arena = scanner->thin_arena,
    };
    struct err_info info = {""};
    struct thin_counts counts;
    bool more = false;
    if (scanner->thin_due_us > env_monotonic(env)) {
        return false;
    }
    enum err err = thin_step(&setup, &counts, &more, &info);
    metric_add(METRIC_THIN_FETCHED, counts.fetched);
    if (err == ERR_OK) {
        scanner->thin_backoff_us = 0;
        return more;
    }
    scanner->thin_backoff_us = longer(scanner->thin_backoff_us);
    scanner->thin_due_us = env_monotonic(env) + scanner->thin_backoff_us;
    if (!atomic_load(&scanner->stopping)) {
        log_event(LOG_WARNING, "thin_fetch_failed", log_text("error", err_name(err)),
            log_text("text", info.text),
            log_int("again_in_s", scanner->thin_backoff_us / US_PER_SECOND));
    }
    return false;
}

/* --- the thread --- */

static bool is_stopping(struct scanner *scanner, int timeout_ms)
{
    struct pollfd fd = {.fd = scanner->stop_fd, .events = POLLIN};
    return poll(&fd, 1, timeout_ms) != 0 || atomic_load(&scanner->stopping);
}

static void *scan_now_and_then(void *context)
{
    struct scanner *scanner = context;
    bool more = true;
    while (!is_stopping(scanner, more ? 0 : LOOK_EVERY_MS)) {
        take_over_accounts(scanner);
        more = fetch_thin(scanner);
        int64_t now_us = env_now(scanner->setup.env);
        for (uint32_t i = 0; i < scanner->scanned_count; i++) {
            struct scanned *scanned = &scanner->scanned[i];
            bool clock_went_back = scanned->due_us > now_us + US_PER_DAY;
            if ((scanned->due_us <= now_us || clock_went_back) && scan_some(scanner, scanned)) {
                more = true;
            }
        }
    }
    return NULL;
}

/* --- starting and stopping --- */

static bool list_types(struct scanner *scanner)
{
    uint32_t count = 0;
    const struct provider_event_type *rows = stripe_event_types();
    while (rows[count].type != NULL) {
        count++;
    }
    scanner->types = calloc(count + 1, sizeof *scanner->types);
    for (uint32_t i = 0; scanner->types != NULL && i < count; i++) {
        if (rows[i].reason == REASON_NONE) {
            scanner->types[scanner->type_count++] = str_from(rows[i].type);
        }
    }
    return scanner->types != NULL;
}

enum err scanner_start(
    const struct scanner_setup *setup, struct scanner **ret_scanner, struct err_info *reterr)
{
    REQUIRE(setup != NULL && setup->accounts != NULL && ret_scanner != NULL);
    struct scanner *scanner = calloc(1, sizeof *scanner);
    if (scanner == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    scanner->setup = *setup;
    scanner->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    scanner->thin_arena = arena_new(THIN_ARENA_BYTES);
    enum err err =
        list_types(scanner) && scanner->stop_fd >= 0 && scanner->thin_arena != NULL
            ? store_open(setup->config->store_url, STORE_WRITE, setup->env, &scanner->store, reterr)
            : err_set(reterr, ERR_BUSY, "out of memory or descriptors");
    if (err == ERR_OK) {
        scanner->started = pthread_create(&scanner->thread, NULL, scan_now_and_then, scanner) == 0;
        err = scanner->started
                  ? ERR_OK
                  : err_set(reterr, ERR_BUSY, "no thread can be started: raise the limit on tasks");
    }
    if (err != ERR_OK) {
        (void)scanner_stop(scanner);
        return err;
    }
    *ret_scanner = scanner;
    return ERR_OK;
}

struct scanner *scanner_stop(struct scanner *scanner)
{
    if (scanner == NULL) {
        return NULL;
    }
    atomic_store(&scanner->stopping, true);
    if (scanner->started) {
        uint64_t one = 1;
        ssize_t written = write(scanner->stop_fd, &one, sizeof one);
        (void)written;
        (void)pthread_join(scanner->thread, NULL);
    }
    close_accounts(scanner);
    (void)store_close(scanner->store);
    if (scanner->stop_fd >= 0) {
        (void)close(scanner->stop_fd);
    }
    (void)arena_free(scanner->thin_arena);
    free(scanner->types);
    free(scanner);
    return NULL;
}

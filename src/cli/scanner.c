#include "base/check.h"
#include "base/timestamp.h"
#include "cli/needed_types.h"
#include "cli/scanner_inside.h"
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOK_EVERY_MS 1000 /* for accounts that a reload brought */
#define THIN_ARENA_BYTES ((size_t)128 * 1024 * 1024)
#define BACKOFF_MIN_US (5 * US_PER_SECOND)
#define BACKOFF_MAX_US (5 * US_PER_MINUTE)

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

enum err scanner_open_account(
    struct scanner *scanner, struct scanned *scanned, struct err_info *reterr)
{
    const struct config *config = scanner->setup.config;
    if (scanned->api == NULL) {
        TRY(account_open_own_api(
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

int64_t scanner_longer(int64_t backoff_us)
{
    int64_t next_us = backoff_us == 0 ? BACKOFF_MIN_US : backoff_us * 2;
    return next_us > BACKOFF_MAX_US ? BACKOFF_MAX_US : next_us;
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
        more = scanner_ask(scanner);
        int64_t now_us = env_now(scanner->setup.env);
        for (uint32_t i = 0; i < scanner->scanned_count; i++) {
            struct scanned *scanned = &scanner->scanned[i];
            bool clock_went_back = scanned->due_us > now_us + US_PER_DAY;
            if ((scanned->due_us <= now_us || clock_went_back) &&
                scanner_scan_gaps(scanner, scanned)) {
                more = true;
            }
        }
        scanner_export_gaps(scanner);
    }
    return NULL;
}

/* --- starting and stopping --- */

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
    scanner->types = needed_types(&scanner->type_count);
    enum err err =
        scanner->types != NULL && scanner->stop_fd >= 0 && scanner->thin_arena != NULL
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

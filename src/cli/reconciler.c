#include "cli/reconciler.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "cli/needed_types.h"
#include "cli/reconciler_inside.h"
#include <poll.h>
#include <stdlib.h>
#include <sys/eventfd.h>
#include <unistd.h>

#define LOOK_EVERY_MS 500 /* for accounts that a reload brought, and what is due */
#define PAGES_BYTES ((size_t)16 * 1024 * 1024)

/* --- accounts --- */

static void close_account(struct reconciled *reconciled)
{
    reconciler_give_up(reconciled);
    if (reconciled->api != NULL) {
        reconciled->api = reconciled->account->provider->api->close(reconciled->api);
    }
    reconciled->zone = zone_close(reconciled->zone);
}

static void close_accounts(struct reconciler *reconciler)
{
    reconciler_give_up(&reconciler->below);
    for (uint32_t i = 0; i < reconciler->reconciled_count; i++) {
        close_account(&reconciler->reconciled[i]);
    }
    reconciler->reconciled_count = 0;
    reconciler->accounts = accounts_drop(reconciler->accounts);
}

/* After a reload everything is opened anew, with what it brought; a run that was under way begins
 * again, and finds what it has pulled. */
static void take_over_accounts(struct reconciler *reconciler)
{
    struct accounts *current = accounts_current_hold(reconciler->setup.accounts);
    if (current == reconciler->accounts) {
        (void)accounts_drop(current);
        return;
    }
    close_accounts(reconciler);
    reconciler->accounts = current;
    int64_t first_us =
        env_now(reconciler->setup.env) + reconciler->setup.config->reconcile_every_us;
    for (uint32_t i = 0; i < accounts_count(current) && i < LIMIT_ACCOUNTS; i++) {
        const struct account *account = accounts_at(current, i);
        if (account_is_readable(account)) {
            reconciler->reconciled[reconciler->reconciled_count++] =
                (struct reconciled){.account = account, .open_due_us = first_us};
        }
    }
}

/* --- the thread --- */

static bool is_stopping(struct reconciler *reconciler, int timeout_ms)
{
    struct pollfd fd = {.fd = reconciler->stop_fd, .events = POLLIN};
    return poll(&fd, 1, timeout_ms) != 0 || atomic_load(&reconciler->stopping);
}

/* One account after the other: a run has a lot in memory. */
static bool work(struct reconciler *reconciler)
{
    bool more = false;
    if (reconciler->below.run != NULL) {
        (void)reconciler_work(reconciler, &reconciler->below);
        return true;
    }
    for (uint32_t i = 0; i < reconciler->reconciled_count; i++) {
        if (reconciler->reconciled[i].run != NULL) {
            return reconciler_work(reconciler, &reconciler->reconciled[i]);
        }
    }
    for (uint32_t i = 0; i < reconciler->reconciled_count && !more; i++) {
        more = reconciler_work(reconciler, &reconciler->reconciled[i]);
    }
    for (uint32_t i = 0; i < reconciler->reconciled_count && !more; i++) {
        more = reconciler_work_below(reconciler, &reconciler->reconciled[i]);
    }
    return more;
}

static void *reconcile_now_and_then(void *context)
{
    struct reconciler *reconciler = context;
    bool more = true;
    while (!is_stopping(reconciler, more ? 0 : LOOK_EVERY_MS)) {
        take_over_accounts(reconciler);
        more = work(reconciler);
        reconciler_export(reconciler);
    }
    return NULL;
}

/* --- starting and stopping --- */

enum err reconciler_start(const struct reconciler_setup *setup,
    struct reconciler **ret_reconciler,
    struct err_info *reterr)
{
    REQUIRE(setup != NULL && setup->accounts != NULL && ret_reconciler != NULL);
    struct reconciler *reconciler = calloc(1, sizeof *reconciler);
    if (reconciler == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    reconciler->setup = *setup;
    reconciler->stop_fd = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    reconciler->pages = arena_new(PAGES_BYTES);
    reconciler->types = needed_types(&reconciler->type_count);
    bool fine = reconciler->stop_fd >= 0 && reconciler->pages != NULL && reconciler->types != NULL;
    enum err err = fine ? store_open(setup->config->store_url, STORE_WRITE, setup->env,
                              &reconciler->store, reterr)
                        : err_set(reterr, ERR_BUSY, "out of memory or descriptors");
    if (err == ERR_OK) {
        reconciler->started =
            pthread_create(&reconciler->thread, NULL, reconcile_now_and_then, reconciler) == 0;
        err = reconciler->started
                  ? ERR_OK
                  : err_set(reterr, ERR_BUSY, "no thread can be started: raise the limit on tasks");
    }
    if (err != ERR_OK) {
        (void)reconciler_stop(reconciler);
        return err;
    }
    *ret_reconciler = reconciler;
    return ERR_OK;
}

struct reconciler *reconciler_stop(struct reconciler *reconciler)
{
    if (reconciler == NULL) {
        return NULL;
    }
    atomic_store(&reconciler->stopping, true);
    if (reconciler->started) {
        uint64_t one = 1;
        ssize_t written = write(reconciler->stop_fd, &one, sizeof one);
        (void)written;
        (void)pthread_join(reconciler->thread, NULL);
    }
    close_accounts(reconciler);
    (void)store_close(reconciler->store);
    if (reconciler->stop_fd >= 0) {
        (void)close(reconciler->stop_fd);
    }
    (void)arena_free(reconciler->pages);
    free(reconciler->types);
    free(reconciler);
    return NULL;
}

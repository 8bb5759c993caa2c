/* reconcile_inside: what the files of `counterfoil reconcile` share. Private to them.
 *
 *   reconcile.c      options, account, what is opened
 *   reconcile_run.c  the run with its progress, and its answer
 *
 * Layer: cli.
 */
#pragma once

#include "flow/reconcile.h"
#include "cli/command.h"
#include "cli/progress.h"
#include "cli/reconcile_days.h"
#include "cli/reconcile_print.h"
#include "cli/who.h"

struct reconciling { /* what the command was asked, and what it has opened */
    struct command_context *context;
    struct str account_label, below, as_of_text;
    struct days_wish wish;
    bool dry_run, reports, no_alert, csv, markdown;
    enum report_format format;
    struct config *config;                       /* owned */
    struct store *store;                         /* owned */
    const struct account *account;               /* of the configuration */
    const struct config_account *account_detail; /* of it too */
    struct zone *zone;                           /* owned */
    struct provider_api *api;                    /* owned; NULL: nothing is asked for */
    struct projector *projector;                 /* owned; NULL: a running serve decides */
    struct log_mover *log_mover;                 /* owned; NULL: serve's does, or there is no log */
    struct str *types;                           /* owned */
    uint32_t type_count;
    struct arena *arena; /* owned; of the report */
    struct days days;
    int64_t as_of_us;
    char who[WHO_HOLDS_BYTES];
    struct progress progress;
};

/* Runs it to its end, prints the report and returns the exit code. */
int reconcile_run_all(struct reconciling *reconciling);

/* reconcile_decider_fn; `context` is the reconciling. */
MUST_USE enum err reconcile_decider(
    void *context, struct projector **ret_projector, struct err_info *reterr);

/* The session's tell_waits(): `context` is the reconciling. */
void reconcile_show_wait(void *context, int64_t wait_us, const char *why);

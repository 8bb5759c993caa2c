/* reconcile_alert: calls people, by the command of [reconcile] alert, for what a run left critical
 * and open and nobody was called for: the same for `serve` and for `counterfoil reconcile`.
 *
 * It is called once for each, from when it is raised, or open again, until it is over or somebody
 * looks after it. That people were called is written down once the command has ended with 0; what
 * ends otherwise, is killed or dies with this process is done again by the account's next run:
 * rather twice than never. Two processes may call at once.
 *
 * Layer: cli.
 */
#pragma once

#include "flow/reconcile_report.h"
#include "cli/alert.h"
#include "cli/config.h"

struct reconcile_call {                    /* all borrowed */
    const struct config *config;           /* [reconcile] alert, alert_timeout */
    struct store *store;                   /* for writing; no transaction is under way */
    struct str account;                    /* the label, or the id of one that is connected */
    const struct reconcile_report *report; /* of a run that has settled */
    const struct zone *zone;               /* of its days; NULL: UTC */
    int stop_fd;                           /* readable: the command is killed; -1: by a signal */
};

struct reconcile_called {
    int64_t count; /* what it is called for; 0: nothing, or no command is configured */
    int exit_code; /* other than 0: it is called again by the next run */
};

/* Waits for the command's end. Errors of alert_run() and of the store: called again by the next
 * run. Counts both ends in the metrics. */
MUST_USE enum err reconcile_call_people(
    const struct reconcile_call *call, struct reconcile_called *ret, struct err_info *reterr);

/* alert: runs the command that calls people, because something critical does not agree.
 *
 * It gets an environment of its own: PATH, HOME and LANG of this process, and
 *   COUNTERFOIL_ACCOUNT   the account's label
 *   COUNTERFOIL_CRITICAL  how many critical discrepancies are open
 *   COUNTERFOIL_REPORT    a file with the report as JSON, which is gone when the command has ended
 * and none of the secrets that this one may have. Nothing that the provider said stands on its
 * command line. What it prints is dropped.
 *
 * Layer: cli.
 */
#pragma once

#include "base/str.h"

struct alert { /* all borrowed */
    struct str command;
    struct str account;
    int64_t critical;
    struct str report;
    int64_t timeout_us;
    int stop_fd; /* readable: it is killed, with all that it has started; -1: only by a signal */
};

/* Waits for its end. *ret_exit is its exit code, or 128 and the signal. ERR_TIMEOUT, ERR_CLOSED: it
 * was killed, the latter also when a signal has come. ERR_FILE_IO, ERR_BUSY: it could not be
 * started. */
MUST_USE enum err alert_run(const struct alert *alert, int *ret_exit, struct err_info *reterr);

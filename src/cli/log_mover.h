/* log_mover: a thread that moves SQLite's log into the file while the writer goes on.
 *
 * The log begins anew only when nothing of it is left, so the writer has to wait for the last of
 * it: it calls log_mover_wait between two transactions.
 *
 * Layer: cli.
 */
#pragma once

#include "store/store.h"

struct log_mover;

/* Opens a connection of its own and starts the thread. */
MUST_USE enum err log_mover_start(
    struct str store_url, struct env *env, struct log_mover **ret, struct err_info *reterr);
/* Of the writer's thread; returns at once unless the rest of the log is being moved, and after a
 * second at the latest: a long reader must not stop the intake; the log grows a while longer. */
void log_mover_wait(struct log_mover *mover);
/* Ends and joins the thread; NULL does nothing; returns NULL. */
struct log_mover *log_mover_stop(struct log_mover *mover);

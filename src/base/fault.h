/* fault: points at which a test build kills itself, to prove what survives. Nothing in other
 * builds.
 *
 * COUNTERFOIL_FAULT=before-commit:40 raises SIGKILL the 40th time that point is reached.
 *
 * Layer: base.
 */
#pragma once

enum fault {
    FAULT_BEFORE_COMMIT, /* an intake batch is written, not yet committed */
    FAULT_AFTER_COMMIT,  /* committed, nobody was answered yet */
    FAULT_IN_PROJECTION, /* a projection batch is written, not yet committed */
    FAULT_IN_MIGRATION,  /* a migration ran, not yet committed */
    FAULT_IN_COMMIT,     /* any transaction is written, not yet committed */
    FAULT_COMMITTED,     /* any transaction was committed, and nobody knows */
    FAULT_COUNT
};

#if defined(FAULTS)
void fault_point(enum fault fault);
#else
static inline void fault_point(enum fault fault)
{
    (void)fault;
}
#endif

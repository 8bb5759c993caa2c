#include "base/fault.h"

#if defined(FAULTS)

#include "base/str.h"
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

static const char *const names[FAULT_COUNT] = {
    [FAULT_BEFORE_COMMIT] = "before-commit",
    [FAULT_AFTER_COMMIT] = "after-commit",
    [FAULT_IN_PROJECTION] = "in-projection",
    [FAULT_IN_MIGRATION] = "in-migration",
    [FAULT_IN_COMMIT] = "in-commit",
    [FAULT_COMMITTED] = "committed",
};

static atomic_llong remaining[FAULT_COUNT];
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void read_environment(void)
{
    struct str wish = str_from(getenv("COUNTERFOIL_FAULT"));
    struct str name = str_cut(&wish, ':');
    int64_t count = 0;
    if (str_to_int64(wish, &count) != ERR_OK || count < 1) {
        return;
    }
    for (int i = 0; i < FAULT_COUNT; i++) {
        if (str_eq(name, str_from(names[i]))) {
            atomic_store(&remaining[i], count);
        }
    }
}

void fault_point(enum fault fault)
{
    (void)pthread_once(&once, read_environment);
    if (atomic_load(&remaining[fault]) > 0 && atomic_fetch_sub(&remaining[fault], 1) == 1) {
        (void)kill(getpid(), SIGKILL);
        (void)pause();
    }
}

#else

/* A translation unit must hold something. */
typedef int fault_points_are_off;

#endif

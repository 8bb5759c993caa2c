/* thin: what becomes of events that carry no data of their own.
 *
 * A thin event whose twin is mapped waits for it. With the twin in the inbox it is recorded:
 * subset. Where none has come within the wait, the object is asked for instead and goes through the
 * inbox (recorded: fetched); where it cannot be asked for, the event is recorded as what it is.
 *
 * Layer: flow.
 */
#pragma once

#include "flow/asking.h"
#include "flow/claim.h"

#define THIN_WAIT_US INT64_C(60000000)

/* In the projection's transaction: outcomes of those of `count` events that await a twin; the
 * others are left as they are. */
MUST_USE enum err thin_judge(struct store *store,
    const struct inbox_event *events,
    const struct decoded *decoded,
    uint32_t count,
    int64_t wait_us,
    int64_t now_us,
    struct arena *arena,
    struct inbox_outcome *outcomes,
    struct err_info *reterr);

struct thin_setup { /* all borrowed */
    struct store *store;
    const struct provider_ops *provider; /* whose bodies are decoded */
    struct env *env;
    int64_t wait_us;
    account_to_ask_fn *account_of;
    ask_trouble_fn *on_trouble; /* may be NULL */
    void *context;              /* of both */
    struct arena *arena;        /* reset by each step */
};

struct thin_counts {
    uint32_t fetched; /* objects */
    uint32_t given_up;
    uint32_t put_off;
};

/* Asks for the objects of events that have waited long enough; at most a few at a time: *ret_more.
 * An event whose object cannot be had now is put off by itself; when its provider is away, the
 * account is asked nothing more in this step; others go on. Errors are those of the store, and
 * ERR_CLOSED: back off and come again. */
MUST_USE enum err thin_step(const struct thin_setup *setup,
    struct thin_counts *ret_counts,
    bool *ret_more,
    struct err_info *reterr);

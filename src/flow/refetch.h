/* refetch: asks for objects that were seen incompletely, or of which no order could be told.
 *
 * project writes what is wanted (store/refetch.h), this asks for it, and the answer goes through
 * the inbox like anything else: whole, and under one stamp, which is younger than what it heals.
 *
 * Layer: flow.
 */
#pragma once

#include "store/refetch.h"
#include "flow/asking.h"

/* So long something is wanted before it is asked for: an object is told of in bursts, and an answer
 * of the same second would be no younger. */
#define REFETCH_WAIT_US INT64_C(3000000)

struct refetch_setup { /* all borrowed */
    struct store *store;
    struct env *env;
    account_to_ask_fn *account_of;
    ask_trouble_fn *on_trouble; /* may be NULL */
    void *context;              /* of both */
    struct arena *arena;        /* reset by each step */
};

struct refetch_counts {
    uint32_t fetched;  /* objects */
    uint32_t given_up; /* the provider has no such object, or has failed too often */
    uint32_t put_off;  /* to be asked for again: it failed, or the answer was no younger */
    uint32_t failed;   /* of those put off: the provider failed, or could not be reached */
    int64_t open;      /* wanted, before the step */
};

/* Asks for what is due, at most for a few objects: *ret_more. What belongs to a scope that nobody
 * can be asked about waits. An object that cannot be had now is put off by itself; when its
 * provider is away, the account is asked nothing more in this step; others go on. Errors are those
 * of the store, and ERR_CLOSED: back off and come again. */
MUST_USE enum err refetch_step(const struct refetch_setup *setup,
    struct refetch_counts *ret_counts,
    bool *ret_more,
    struct err_info *reterr);

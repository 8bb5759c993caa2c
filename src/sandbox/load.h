/* load: a load generator for one webhook endpoint: one thread, epoll, keep-alive connections over
 * the loopback, raw HTTP/1.1.
 *
 * Every event is unique and is rendered and signed in the loop, when it is sent: some 2 us and some
 * 4 us each. Nothing is prepared aside, so no pause gives the server a rest; what the generator
 * itself used is told.
 *
 * Closed loop (rate 0): each connection sends the next event as soon as it has its answer; the
 * latency runs from the send. Open loop: events are due by a schedule, whoever is free sends them,
 * and the latency runs from when the event was due, so that a slow server cannot slow the questions
 * down and look better for it.
 *
 * Layer: sandbox.
 */
#pragma once

#include "base/env.h"
#include "sandbox/courier.h"
#include "sandbox/histogram.h"
#include "sandbox/merchant.h"

struct load_config {
    uint16_t port;   /* on 127.0.0.1 */
    struct str path; /* "/webhooks/bench" */
    struct str secret;
    courier_sign_fn *sign;
    struct merchant *merchant; /* a forgetful one; borrowed */
    uint32_t connections;
    int64_t rate;       /* events a second; 0: closed loop */
    int64_t warm_up_us; /* not measured */
    int64_t measured_us;
    /* Called some ten times a second with what has been acknowledged so far, warm-up included; may
     * be NULL. */
    void (*tick)(void *context, int64_t now_us, bool measuring, uint64_t acknowledged);
    void *context;
    bool (*stopped)(void); /* ends the run early; may be NULL */
};

struct load_result {
    uint64_t acknowledged, refused,
        broken; /* measured part; broken: the connection ended without an answer */
    uint64_t acknowledged_in_all; /* warm-up included */
    uint64_t body_bytes;          /* of the acknowledged of the measured part */
    uint64_t late; /* open loop: events due and not sent when the measured part ended */
    int last_refusal;
    int64_t elapsed_us;
    int64_t generator_cpu_us; /* of this process, measured part */
    struct histogram latency; /* us */
};

/* ERR_NET_IO: nobody listens. */
MUST_USE enum err load_run(const struct load_config *config,
    struct env *env,
    struct load_result *ret_result,
    struct err_info *reterr);

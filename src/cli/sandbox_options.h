/* sandbox_options: what `counterfoil sandbox` is asked to do.
 *
 * Layer: cli.
 */
#pragma once

#include "sandbox/faults.h"
#include "sandbox/merchant.h"
#include "cli/command.h"

struct sandbox_options {
    struct str to, secret, state, acked, account;
    int64_t seed, rate, duplicates, reorder, loss, delay_us, for_us, payments, connections,
        retry_scale, flush_us;
    bool live, verify, newest;
    int64_t begin_us, span_us; /* the shop's clock; 0: begins now, and goes as ours does */
    struct merchant_mix mix;
    bool has_faults; /* that something goes wrong was asked for, if only `none` */
    struct fault_wish faults;
    struct str faults_file; /* "": none */
    int64_t fault_spread_us;
    enum api_version version;
    /* its API */
    struct str listen, api_key, port_file; /* listen is empty: none */
    int64_t api_rate, api_errors, api_lock;
    int64_t report_lag_us, report_errors; /* a lag of -1: as the provider's */
    bool stay;
};

/* Of `--mix`. False: it is wrong, and that was said. */
MUST_USE bool sandbox_mix_take(
    const struct command_context *context, struct str text, struct merchant_mix *ret_mix);

/* Of `--fault`. False: it is wrong, and that was said. */
MUST_USE bool sandbox_faults_take(
    const struct command_context *context, struct str text, struct fault_wish *ret_wish);

/* Takes and checks them. False when it ends here, with *ret_exit; what is wrong was said. */
MUST_USE bool sandbox_options_take(
    struct command_context *context, struct sandbox_options *ret_options, int *ret_exit);

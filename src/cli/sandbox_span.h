/* sandbox_span: how the clock of the sandbox's shop goes: with ours, or by itself over --span.
 *
 * Layer: cli; for sandbox.
 */
#pragma once

#include "sandbox/merchant.h"
#include "cli/sandbox_options.h"

#define SANDBOX_OBJECTS_MAX 400000 /* that the shop keeps */

bool sandbox_has_span(const struct sandbox_options *options);
/* The shop that is asked for; texts are those of the options. */
struct merchant_config sandbox_span_shop(const struct sandbox_options *options, int64_t now_us);
/* Over a span events are told as fast as they are taken, or by --rate: `events` were, in
 * `passed_us` of our time. Without one the shop's clock says it. */
bool sandbox_span_may_tell(
    const struct sandbox_options *options, int64_t passed_us, uint64_t events);

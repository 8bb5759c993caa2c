/* sandbox_api: the sandbox's shop behind Stripe's API: archive, answers and listener together.
 *
 * Every verb but open takes NULL, for a sandbox without an API, and then does nothing.
 *
 * Layer: cli.
 */
#pragma once

#include "sandbox/merchant.h"
#include "cli/sandbox_options.h"

struct sandbox_api;

/* Listens, says where, and writes --port-file. Borrows all; the merchant is used from another
 * thread from now on: see sandbox_api_lock. ERR_CONFIG (address), ERR_NET_IO, ERR_FILE_IO,
 * ERR_BUSY. */
MUST_USE enum err sandbox_api_open(const struct sandbox_options *options,
    const struct merchant *merchant,
    const struct command_context *context,
    struct sandbox_api **ret_api,
    struct err_info *reterr);
struct sandbox_api *sandbox_api_close(struct sandbox_api *api); /* returns NULL */

/* To be held while the merchant changes, and until the event that tells of it was added. */
void sandbox_api_lock(struct sandbox_api *api);
void sandbox_api_unlock(struct sandbox_api *api);
/* Only while locked. Without memory the event is not listed. */
void sandbox_api_add(struct sandbox_api *api, const struct merchant_event *event);

/* The event was acknowledged. Only while not locked. */
void sandbox_api_delivered(struct sandbox_api *api, struct str event_id);

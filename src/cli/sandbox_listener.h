/* sandbox_listener: the listener of the sandbox's API; what it answers is sandbox/api's.
 *
 * Layer: cli.
 */
#pragma once

#include "base/env.h"
#include "sandbox/api.h"
#include <pthread.h>

struct sandbox_listener;

struct sandbox_listener_config {
    struct str address;    /* "127.0.0.1:0": a free port */
    struct api *api;       /* borrowed */
    pthread_mutex_t *shop; /* borrowed; held whenever the shop or its archive is used */
    struct env *env;
};

/* Listens, and answers on a thread of its own. ERR_CONFIG (address), ERR_NET_IO. */
MUST_USE enum err sandbox_listener_open(const struct sandbox_listener_config *config,
    struct sandbox_listener **ret_listener,
    struct err_info *reterr);
uint16_t sandbox_listener_port(const struct sandbox_listener *listener);
/* Waits for the answer under way. NULL does nothing; returns NULL. */
struct sandbox_listener *sandbox_listener_close(struct sandbox_listener *listener);
DEFINE_CLEANUP(struct sandbox_listener *, sandbox_listener_close);

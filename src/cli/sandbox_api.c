#include "cli/sandbox_api.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "cli/sandbox_listener.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define EVENTS_KEPT 200000
#define EVENT_BYTES_KEPT ((size_t)512 * 1024 * 1024)
#define OBJECTS_KEPT 400000 /* of each resource; the merchant makes no more */
#define KEY_TEST "rk_test_CounterfoilSandbox"
#define KEY_LIVE "rk_live_CounterfoilSandbox"

struct sandbox_api {
    const struct sandbox_options *options;
    const struct command_context *context;
    pthread_mutex_t shop; /* merchant, archive and api */
    struct archive *archive;
    struct api *api;
    struct sandbox_listener *listener;
};

static struct str key_of(const struct sandbox_options *options)
{
    if (options->api_key.len > 0) {
        return options->api_key;
    }
    return options->live ? STR(KEY_LIVE) : STR(KEY_TEST);
}

/* ---- opening --------------------------------------------------------------------------------- */

static enum err make_answers(
    struct sandbox_api *api, const struct merchant *merchant, struct err_info *reterr)
{
    const struct sandbox_options *options = api->options;
    api->archive = archive_new(&(struct archive_config){
        .merchant = merchant,
        .events_max = EVENTS_KEPT,
        .objects_max = OBJECTS_KEPT,
        .event_bytes_max = EVENT_BYTES_KEPT,
        .version = options->version,
    });
    if (api->archive == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    api->api = api_new(&(struct api_config){
        .archive = api->archive,
        .key = key_of(options),
        .account = options->account,
        .webhook_url = options->to,
        .version = options->version,
        .live = options->live,
        .started_s = env_now(api->context->env) / US_PER_SECOND,
        .seed = (uint64_t)options->seed,
        .rate = options->api_rate > 0 ? (uint32_t)options->api_rate : 0,
        .error_percent = (uint32_t)options->api_errors,
        .lock_percent = (uint32_t)options->api_lock,
        .report_error_percent = (uint32_t)options->report_errors,
        .report_lag_us = options->report_lag_us,
    });
    return api->api == NULL ? err_set(reterr, ERR_BUSY, "out of memory") : ERR_OK;
}

static void say_where(const struct sandbox_api *api)
{
    bool ours = api->options->api_key.len == 0;
    struct str host = api->options->listen;
    while (host.len > 0 && host.data[host.len - 1] != ':') {
        host.len--;
    }
    command_note(api->context,
        "Stripe's API is answered at http://" STR_FMT "%u with the key " STR_FMT, STR_ARG(host),
        sandbox_listener_port(api->listener),
        STR_ARG(ours ? key_of(api->options) : STR("of --api-key")));
}

static enum err write_port_file(const struct sandbox_api *api, struct err_info *reterr)
{
    char fresh[4096];
    const char *path = api->options->port_file.data;
    if (path == NULL) {
        return ERR_OK;
    }
    int written = snprintf(fresh, sizeof fresh, "%s.new", path);
    if (written < 0 || (size_t)written >= sizeof fresh) {
        return err_set(reterr, ERR_USAGE, "--port-file is longer than %zu bytes", sizeof fresh - 5);
    }
    FILE *file = fopen(fresh, "we");
    if (file == NULL) {
        return err_set(reterr, ERR_FILE_IO, "%s: %s", fresh, strerror(errno));
    }
    written = fprintf(file, "%u\n", sandbox_listener_port(api->listener));
    if (fclose(file) != 0 || written < 0 || rename(fresh, path) != 0) {
        return err_set(reterr, ERR_FILE_IO, "%s: %s", path, strerror(errno));
    }
    return ERR_OK;
}

static enum err open_all(
    struct sandbox_api *api, const struct merchant *merchant, struct err_info *reterr)
{
    TRY(make_answers(api, merchant, reterr));
    const struct sandbox_listener_config config = {.address = api->options->listen,
        .api = api->api,
        .shop = &api->shop,
        .env = api->context->env};
    TRY(sandbox_listener_open(&config, &api->listener, reterr));
    say_where(api);
    return write_port_file(api, reterr);
}

enum err sandbox_api_open(const struct sandbox_options *options,
    const struct merchant *merchant,
    const struct command_context *context,
    struct sandbox_api **ret_api,
    struct err_info *reterr)
{
    REQUIRE(options->listen.len > 0);
    struct sandbox_api *api = calloc(1, sizeof *api);
    if (api == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    api->options = options;
    api->context = context;
    (void)pthread_mutex_init(&api->shop, NULL); /* cannot fail without attributes */
    enum err err = open_all(api, merchant, reterr);
    if (err != ERR_OK) {
        (void)sandbox_api_close(api);
        return err;
    }
    *ret_api = api;
    return ERR_OK;
}

struct sandbox_api *sandbox_api_close(struct sandbox_api *api)
{
    if (api != NULL) {
        api->listener = sandbox_listener_close(api->listener);
        api->api = api_free(api->api);
        api->archive = archive_free(api->archive);
        (void)pthread_mutex_destroy(&api->shop);
        free(api);
    }
    return NULL;
}

/* ---- what happens in the shop ---------------------------------------------------------------- */

void sandbox_api_lock(struct sandbox_api *api)
{
    if (api != NULL) {
        (void)pthread_mutex_lock(&api->shop);
    }
}

void sandbox_api_unlock(struct sandbox_api *api)
{
    if (api != NULL) {
        (void)pthread_mutex_unlock(&api->shop);
    }
}

void sandbox_api_add(struct sandbox_api *api, const struct merchant_event *event)
{
    if (api != NULL && archive_add(api->archive, event) != ERR_OK) {
        command_note(api->context, "no memory left: an event is not listed");
    }
}

void sandbox_api_delivered(struct sandbox_api *api, struct str event_id)
{
    if (api != NULL) {
        sandbox_api_lock(api);
        archive_delivered(api->archive, event_id);
        sandbox_api_unlock(api);
    }
}

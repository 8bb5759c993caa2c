#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/stripe/stripe.h"
#include "http/server.h"
#include "cli/command.h"
#include "cli/reconciler.h"
#include "cli/scanner.h"
#include "cli/workers.h"
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <systemd/sd-daemon.h>
#include <unistd.h>

#define DRAIN_US (10 * US_PER_SECOND) /* how long requests under way may take at the end */
#define TICK_MS 200

struct serving {
    struct command_context *context;
    struct config *config;
    struct accounts_current *accounts;
    struct intake *intake;
    struct workers *workers;
    struct scanner *scanner;
    struct reconciler *reconciler;
    struct http_server *public_server, *private_server;
    _Atomic(struct http_server *) counted; /* the public one, once it stands: asked by the writer */
};

static uint32_t open_connections(void *context)
{
    struct serving *serving = context;
    struct http_server *server = atomic_load(&serving->counted);
    return server == NULL ? 0 : http_server_connections(server);
}

static bool is_ready(void *context, struct err_info *reterr)
{
    struct serving *serving = context;
    return workers_ready(serving->workers, reterr);
}

/* Secrets live in this process: no core dump, no ptrace by others of the same user. */
static void guard_secrets(void)
{
    struct rlimit none = {0, 0};
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
}

/* A connection is a file: as many as the hard limit gives, whatever the soft one was set to. */
static void raise_file_limit(void)
{
    struct rlimit files;
    if (getrlimit(RLIMIT_NOFILE, &files) == 0) {
        files.rlim_cur = files.rlim_max;
        (void)setrlimit(RLIMIT_NOFILE, &files);
    }
}

static enum err write_port_file(
    const struct serving *serving, struct str path, struct err_info *reterr)
{
    char name[4096];
    char fresh[4104];
    if (!str_copy_to(name, sizeof name, path)) {
        return err_set(reterr, ERR_USAGE, "--port-file is longer than %zu bytes", sizeof name);
    }
    (void)snprintf(fresh, sizeof fresh, "%s.new", name);
    FILE *file = fopen(fresh, "we");
    if (file == NULL) {
        return err_set(reterr, ERR_FILE_IO, "%s: %s", fresh, strerror(errno));
    }
    int written = fprintf(file, "%u %u\n", http_server_port(serving->public_server),
        http_server_port(serving->private_server));
    if (fclose(file) != 0 || written < 0 || rename(fresh, name) != 0) {
        return err_set(reterr, ERR_FILE_IO, "%s: %s", name, strerror(errno));
    }
    return ERR_OK;
}

static void say_migration(void *context, int version, const char *name)
{
    (void)context;
    log_event(LOG_INFO, "migrating", log_int("version", version), log_text("name", name));
}

static enum err prepare_store(struct serving *serving, struct err_info *reterr)
{
    CLEANUP(store_close) struct store *store = NULL;
    TRY(store_open(serving->config->store_url, STORE_WRITE, serving->context->env, &store, reterr));
    TRY(store_migrate(store, say_migration, NULL, reterr));
    bool synced = false;
    char why[STORE_WHY_BYTES] = "";
    if (store_durability(store, &synced, why, NULL) == ERR_OK && !synced) {
        log_event(LOG_ERROR, "commits_are_not_synced", log_text("why", why),
            log_text("hint", "a power loss can lose acknowledged events: see counterfoil doctor"));
    }
    return ERR_OK;
}

static enum err start(struct serving *serving, int64_t projectors, struct err_info *reterr)
{
    struct env *env = serving->context->env;
    const struct config *config = serving->config;
    TRY(prepare_store(serving, reterr));
    struct accounts *first = accounts_new(config->accounts, config->account_count);
    serving->accounts = first == NULL ? NULL : accounts_current_new(first);
    serving->intake = intake_new(&(struct intake_limits){.queue_rows_max = LIMIT_QUEUE_ROWS,
                                     .queue_bytes_max = LIMIT_QUEUE_BYTES},
        env);
    if (serving->accounts == NULL || serving->intake == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(workers_start(&(struct workers_setup){.config = config,
                          .provider = &stripe_provider,
                          .intake = serving->intake,
                          .accounts = serving->accounts,
                          .env = env,
                          .connections = open_connections,
                          .context = serving,
                          .projectors = projectors},
        &serving->workers, reterr));
    TRY(http_private_open(
        &(struct http_private_config){
            .address = config->listen_private, .env = env, .ready = is_ready, .context = serving},
        &serving->private_server, reterr));
    TRY(http_public_open(&(struct http_public_config){.address = config->listen_public,
                             .accounts = serving->accounts,
                             .intake = serving->intake,
                             .env = env,
                             .connections_max = (uint32_t)config->http_connections,
                             .idle_timeout_s = (uint32_t)(config->http_timeout_us / US_PER_SECOND)},
        &serving->public_server, reterr));
    atomic_store(&serving->counted, serving->public_server);
    TRY(scanner_start(
        &(struct scanner_setup){.config = config, .accounts = serving->accounts, .env = env},
        &serving->scanner, reterr));
    return reconciler_start(
        &(struct reconciler_setup){.config = config, .accounts = serving->accounts, .env = env},
        &serving->reconciler, reterr);
}

/* SIGHUP: new secrets and accounts; the rest of the configuration stays until a restart. A
 * configuration that is wrong changes nothing. */
static void reload(struct serving *serving)
{
    (void)sd_notify(0, "RELOADING=1");
    struct err_info info = {{0}};
    CLEANUP(config_free) struct config *fresh = NULL;
    enum err err = config_load(serving->context->config_path, &fresh, &info);
    struct accounts *accounts =
        err == ERR_OK ? accounts_new(fresh->accounts, fresh->account_count) : NULL;
    if (accounts == NULL) {
        log_event(LOG_ERROR, "reload_failed", log_text("text", info.text),
            log_text("hint", "the accounts and secrets of before stay in force"));
    } else {
        log_event(LOG_INFO, "reloaded", log_int("accounts", accounts_count(accounts)));
        accounts_current_replace(serving->accounts, accounts);
    }
    (void)sd_notify(0, "READY=1");
}

/* No new connections; requests under way get their answers while the workers go on. */
static void drain(struct serving *serving)
{
    struct env *env = serving->context->env;
    (void)sd_notify(0, "STOPPING=1");
    http_server_quiesce(serving->public_server);
    int64_t until_us = env_monotonic(env) + DRAIN_US;
    while (http_server_active(serving->public_server) > 0 && env_monotonic(env) < until_us) {
        (void)usleep(1000);
    }
    log_event(LOG_INFO, "drained", log_int("left", http_server_active(serving->public_server)));
}

static void stop(struct serving *serving)
{
    serving->reconciler = reconciler_stop(serving->reconciler);
    serving->scanner = scanner_stop(serving->scanner);
    serving->private_server = http_server_close(serving->private_server); /* it asks the workers */
    if (serving->intake != NULL) {
        intake_close(serving->intake);
    }
    serving->workers = workers_stop(serving->workers);
    serving->public_server = http_server_close(serving->public_server);
    serving->intake = intake_free(serving->intake);
    serving->accounts = accounts_current_free(serving->accounts);
    serving->config = config_free(serving->config);
}

static void handle_signals(struct serving *serving, const sigset_t *signals)
{
    uint64_t watchdog_us = 0;
    bool watched = sd_watchdog_enabled(0, &watchdog_us) > 0;
    for (;;) {
        struct timespec tick = {0, TICK_MS * 1000000L};
        int caught = sigtimedwait(signals, NULL, &tick);
        if (caught == SIGHUP) {
            reload(serving);
        } else if (caught == SIGTERM || caught == SIGINT) {
            log_event(LOG_INFO, "stopping", log_text("signal", sigabbrev_np(caught)));
            return;
        }
        if (watched && workers_ready(serving->workers, NULL)) {
            (void)sd_notify(0, "WATCHDOG=1");
        }
    }
}

static int serve(
    struct serving *serving, struct str port_file, int64_t projectors, const sigset_t *signals)
{
    struct err_info info = {{0}};
    enum err err = start(serving, projectors, &info);
    if (err == ERR_OK && port_file.len > 0) {
        err = write_port_file(serving, port_file, &info);
    }
    if (err == ERR_OK) {
        log_event(LOG_INFO, "listening",
            log_int("public_port", http_server_port(serving->public_server)),
            log_int("private_port", http_server_port(serving->private_server)),
            log_int("accounts", serving->config->account_count));
        (void)sd_notify(0, "READY=1");
        handle_signals(serving, signals);
        drain(serving);
    }
    stop(serving);
    if (err != ERR_OK) {
        return command_fail(serving->context, err, &info);
    }
    log_event(LOG_INFO, "stopped");
    return 0;
}

int command_serve(struct command_context *context)
{
    struct str port_file = STR_NONE;
    int64_t projectors = -1;
    const struct option_row options[] = {
        {"--port-file", OPTION_TEXT, "FILE",
            "write the public and the private port there when ready", &port_file},
        {"--workers", OPTION_INT, "N",
            "projecting threads on PostgreSQL; 0 receives only (default: the configuration's)",
            &projectors},
        {0},
    };
    const struct usage usage = {
        .synopsis = "serve [--port-file FILE] [--workers N]",
        .description =
            "Receives webhooks at [listen] public, keeps them, and turns them into domain events.\n"
            "SIGTERM and SIGINT drain and end; SIGHUP reads accounts and secrets anew.\n"
            "Logs go to standard error, one JSON object a line.",
        .options = options,
    };
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum err err = options_parse(context, &usage, 0, 0, &words, &count, &help);
    if (err != ERR_OK || help) {
        return err_exit_code(err);
    }
    guard_secrets();
    raise_file_limit();
    struct serving serving = {.context = context};
    struct err_info info = {{0}};
    err = config_load(context->config_path, &serving.config, &info);
    if (err != ERR_OK) {
        return command_fail(context, err, &info);
    }
    if (serving.config->account_count == 0) {
        (void)err_set(&info, ERR_CONFIG,
            "no [account ...] is configured: `counterfoil init` writes an example");
        (void)config_free(serving.config);
        return command_fail(context, ERR_CONFIG, &info);
    }
    log_open(STDERR_FILENO, serving.config->log_level, context->env);
    sigset_t signals;
    (void)sigemptyset(&signals);
    (void)sigaddset(&signals, SIGTERM);
    (void)sigaddset(&signals, SIGINT);
    (void)sigaddset(&signals, SIGHUP);
    (void)pthread_sigmask(
        SIG_BLOCK, &signals, NULL); /* before any thread: all of them inherit it */
    (void)signal(SIGPIPE, SIG_IGN);
    return serve(
        &serving, port_file, projectors < 0 ? serving.config->workers : projectors, &signals);
}

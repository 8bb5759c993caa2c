#include "cli/bench_server.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "store/store.h"
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define READY_US (60 * US_PER_SECOND)
#define END_US (120 * US_PER_SECOND)
#define STEP_US INT64_C(20000)
#define SCRAPE_US (5 * US_PER_SECOND)

/* ---- the child ------------------------------------------------------------------------------- */

static void run_serve(const char *config, const char *ports, int log_fd, bool no_project)
{
    sigset_t none;
    (void)prctl(PR_SET_PDEATHSIG, SIGTERM);
    (void)sigemptyset(&none);
    (void)sigprocmask(SIG_SETMASK, &none, NULL);
    (void)dup2(log_fd, STDOUT_FILENO);
    (void)dup2(log_fd, STDERR_FILENO);
    if (no_project) {
        (void)execl("/proc/self/exe", "counterfoil", "serve", "--config", config, "--port-file",
            ports, "--workers", "0", (char *)NULL);
    } else {
        (void)execl("/proc/self/exe", "counterfoil", "serve", "--config", config, "--port-file",
            ports, (char *)NULL);
    }
    _exit(127);
}

static bool read_ports(struct bench_server *server, const char *path)
{
    char text[64] = "";
    int64_t public_port = 0;
    int64_t private_port = 0;
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t len = fread(text, 1, sizeof text - 1, file);
    (void)fclose(file);
    struct str rest = str_trim((struct str){text, len});
    struct str first = str_cut(&rest, ' ');
    if (str_to_int64(first, &public_port) != ERR_OK ||
        str_to_int64(rest, &private_port) != ERR_OK || public_port < 1 ||
        public_port > UINT16_MAX || private_port < 1 || private_port > UINT16_MAX) {
        return false;
    }
    server->public_port = (uint16_t)public_port;
    server->private_port = (uint16_t)private_port;
    return true;
}

static void take_end(struct bench_server *server, const struct rusage *usage)
{
    server->pid = 0;
    server->life_cpu_us = (usage->ru_utime.tv_sec + usage->ru_stime.tv_sec) * US_PER_SECOND +
                          usage->ru_utime.tv_usec + usage->ru_stime.tv_usec;
    server->life_written_bytes = (int64_t)usage->ru_oublock * 512;
    server->life_memory_bytes = (int64_t)usage->ru_maxrss * 1024;
}

static enum err wait_until_ready(
    struct bench_server *server, const char *ports, struct env *env, struct err_info *reterr)
{
    int64_t until_us = env_monotonic(env) + READY_US;
    char end[160];
    struct rusage usage;
    int status = 0;
    while (!read_ports(server, ports)) {
        if (wait4(server->pid, &status, WNOHANG, &usage) == server->pid) {
            take_end(server, &usage);
            bench_place_log_end(&server->place, "serve.log", end, sizeof end);
            return err_set(reterr, ERR_IMPOSSIBLE, "serve ended at once: %s", end);
        }
        if (env_monotonic(env) > until_us) {
            bench_place_log_end(&server->place, "serve.log", end, sizeof end);
            return err_set(reterr, ERR_TIMEOUT, "serve did not get ready: %s", end);
        }
        (void)usleep(STEP_US);
    }
    return ERR_OK;
}

static enum err start_child(
    struct bench_server *server, bool no_project, struct env *env, struct err_info *reterr)
{
    char config[BENCH_PATH_BYTES], ports[BENCH_PATH_BYTES], log[BENCH_PATH_BYTES];
    TRY(bench_place_join(&server->place, "bench.ini", config, sizeof config, reterr));
    TRY(bench_place_join(&server->place, "ports", ports, sizeof ports, reterr));
    TRY(bench_place_join(&server->place, "serve.log", log, sizeof log, reterr));
    int log_fd = open(log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (log_fd < 0) {
        return err_set(reterr, ERR_FILE_IO, "%s: %s", log, strerror(errno));
    }
    pid_t pid = fork();
    if (pid == 0) {
        run_serve(config, ports, log_fd, no_project);
    }
    (void)close(log_fd);
    if (pid < 0) {
        return err_set(reterr, ERR_BUSY, "fork: %s", strerror(errno));
    }
    server->pid = pid;
    return wait_until_ready(server, ports, env, reterr);
}

enum err bench_server_start(const struct bench_server_config *config,
    struct env *env,
    struct bench_server *ret_server,
    struct err_info *reterr)
{
    struct bench_server server = {.pid = 0};
    TRY(bench_place_make(config->dir, config->store_url, config->keep, env, &server.place, reterr));
    enum err err = start_child(&server, config->no_project, env, reterr);
    if (err != ERR_OK) {
        (void)bench_server_kill(&server);
        return err;
    }
    *ret_server = server;
    return ERR_OK;
}

enum err bench_server_stop(struct bench_server *server, struct err_info *reterr)
{
    REQUIRE(server->pid > 0);
    struct rusage usage;
    int status = 0;
    pid_t pid = server->pid;
    (void)kill(pid, SIGTERM);
    for (int64_t waited_us = 0; waited_us < END_US; waited_us += STEP_US) {
        if (wait4(pid, &status, WNOHANG, &usage) == pid) {
            take_end(server, &usage);
            char end[160];
            bench_place_log_end(&server->place, "serve.log", end, sizeof end);
            (void)bench_server_kill(server);
            bool good = WIFEXITED(status) && WEXITSTATUS(status) == 0;
            return good ? ERR_OK : err_set(reterr, ERR_IMPOSSIBLE, "serve ended badly: %s", end);
        }
        (void)usleep(STEP_US);
    }
    (void)bench_server_kill(server);
    return err_set(reterr, ERR_TIMEOUT, "serve did not end");
}

struct bench_server *bench_server_kill(struct bench_server *server)
{
    if (server != NULL && server->pid > 0) {
        (void)kill(server->pid, SIGKILL);
        (void)waitpid(server->pid, NULL, 0);
        server->pid = 0;
    }
    if (server != NULL) {
        (void)bench_place_remove(&server->place);
    }
    return NULL;
}

/* ---- what the system says -------------------------------------------------------------------- */

static bool read_proc(pid_t pid, const char *name, char *to, size_t size)
{
    char path[64];
    if (pid > 0) {
        (void)snprintf(path, sizeof path, "/proc/%ld/%s", (long)pid, name);
    } else {
        (void)snprintf(path, sizeof path, "/proc/%s", name);
    }
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        return false;
    }
    size_t len = fread(to, 1, size - 1, file);
    to[len] = '\0';
    (void)fclose(file);
    return len > 0;
}

/* The number behind `name` in lines like "VmHWM:  1234 kB"; -1 when there is none. */
static int64_t number_after(const char *text, const char *name)
{
    const char *at = strstr(text, name);
    if (at == NULL) {
        return -1;
    }
    return strtoll(at + strlen(name), NULL, 10);
}

static int64_t ticks_to_us(int64_t ticks)
{
    return ticks * (US_PER_SECOND / sysconf(_SC_CLK_TCK));
}

/* Fields 14 and 15; the second may hold blanks, so the count starts behind its parenthesis. */
static int64_t cpu_of(pid_t pid)
{
    char text[1024];
    int64_t ticks = 0;
    if (!read_proc(pid, "stat", text, sizeof text)) {
        return 0;
    }
    char *at = strrchr(text, ')');
    for (int field = 3; at != NULL && field <= 15; field++) {
        at = strchr(at + 1, ' ');
        if (at != NULL && field >= 14) {
            ticks += strtoll(at + 1, NULL, 10);
        }
    }
    return ticks_to_us(ticks);
}

/* user, nice, system, then idle and waiting, then interrupts. */
static int64_t machine_busy(void)
{
    char text[512];
    int64_t busy = 0;
    if (!read_proc(0, "stat", text, sizeof text)) {
        return 0;
    }
    char *at = text + strcspn(text, " ");
    for (int column = 0; column < 8; column++) {
        int64_t ticks = strtoll(at, &at, 10);
        busy += column == 3 || column == 4 ? 0 : ticks;
    }
    return ticks_to_us(busy);
}

void bench_server_usage(const struct bench_server *server, struct bench_usage *ret_usage)
{
    char text[8192];
    char path[BENCH_PATH_BYTES];
    struct stat status;
    struct bench_usage usage = {.written_bytes = -1};
    usage.cpu_us = cpu_of(server->pid);
    usage.machine_busy_us = machine_busy();
    if (server->place.sqlite && read_proc(server->pid, "io", text, sizeof text)) {
        usage.written_bytes = number_after(text, "\nwrite_bytes: ");
    }
    if (read_proc(server->pid, "status", text, sizeof text)) {
        usage.memory_bytes = number_after(text, "VmRSS:") * 1024;
        usage.memory_peak_bytes = number_after(text, "VmHWM:") * 1024;
    }
    if (server->place.sqlite &&
        bench_place_join(&server->place, "books.db-wal", path, sizeof path, NULL) == ERR_OK &&
        stat(path, &status) == 0) {
        usage.wal_bytes = status.st_size;
    }
    *ret_usage = usage;
}

enum err bench_server_scrape(
    const struct bench_server *server, struct scrape *ret_scrape, struct err_info *reterr)
{
    char address[32];
    (void)snprintf(address, sizeof address, "127.0.0.1:%u", server->private_port);
    return scrape_fetch(str_from(address), SCRAPE_US, ret_scrape, reterr);
}

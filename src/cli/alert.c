#include "cli/alert.h"
#include "base/check.h"
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/pidfd.h>
#include <sys/wait.h>
#include <unistd.h>

#define VARIABLES_MAX 8
#define VARIABLE_BYTES 4096
#define COMMAND_BYTES 4096
#define PATH_BYTES 256
#define SIGNALLED 128

/* --- the report's file --- */

static enum err write_report(
    struct str report, char path[static PATH_BYTES], struct err_info *reterr)
{
    const char *folder = getenv("TMPDIR");
    (void)snprintf(
        path, PATH_BYTES, "%s/counterfoil-XXXXXX.json", folder != NULL ? folder : "/tmp");
    int fd = mkostemps(path, (int)sizeof ".json" - 1, O_CLOEXEC); /* mode 0600 */
    size_t written = 0;
    bool fine = fd >= 0;
    while (fine && written < report.len) {
        ssize_t count = write(fd, report.data + written, report.len - written);
        fine = count > 0;
        written += fine ? (size_t)count : 0;
    }
    int error = errno;
    if (fd >= 0) {
        fine = close(fd) == 0 && fine;
    }
    if (fd >= 0 && !fine) {
        (void)unlink(path);
    }
    return fine ? ERR_OK
                : err_set(reterr, ERR_FILE_IO, "the report cannot be written to %s: %s", path,
                      strerrordesc_np(error));
}

/* --- its environment --- */

struct surroundings {
    char texts[VARIABLES_MAX][VARIABLE_BYTES];
    char *list[VARIABLES_MAX + 1];
    uint32_t count;
};

static void add_variable(struct surroundings *to, const char *name, struct str value)
{
    REQUIRE(to->count < VARIABLES_MAX);
    char *text = to->texts[to->count];
    int len = snprintf(text, VARIABLE_BYTES, "%s=" STR_FMT, name, STR_ARG(value));
    if (len > 0 && len < VARIABLE_BYTES) {
        to->list[to->count++] = text;
    }
}

static void add_own(struct surroundings *to, const char *name, const char *otherwise)
{
    const char *value = getenv(name);
    if (value != NULL || otherwise != NULL) {
        add_variable(to, name, str_from(value != NULL ? value : otherwise));
    }
}

static void surround(const struct alert *alert, const char *path, struct surroundings *to)
{
    char number[32];
    (void)snprintf(number, sizeof number, "%" PRId64, alert->critical);
    add_own(to, "PATH", "/usr/local/bin:/usr/bin:/bin");
    add_own(to, "HOME", NULL);
    add_own(to, "LANG", NULL);
    add_variable(to, "COUNTERFOIL_ACCOUNT", alert->account);
    add_variable(to, "COUNTERFOIL_CRITICAL", str_from(number));
    add_variable(to, "COUNTERFOIL_REPORT", str_from(path));
    to->list[to->count] = NULL;
}

/* --- the process --- */

/* A group of its own, so that all of it can be killed; signals as a shell expects them. */
static int spawn(char *const arguments[], char *const variables[], pid_t *ret_pid)
{
    posix_spawnattr_t attributes;
    posix_spawn_file_actions_t files;
    sigset_t none;
    sigset_t all;
    (void)sigemptyset(&none);
    (void)sigfillset(&all);
    int error = posix_spawnattr_init(&attributes);
    if (error != 0) {
        return error;
    }
    error = posix_spawn_file_actions_init(&files);
    if (error != 0) {
        (void)posix_spawnattr_destroy(&attributes);
        return error;
    }
    (void)posix_spawnattr_setflags(
        &attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    (void)posix_spawnattr_setpgroup(&attributes, 0);
    (void)posix_spawnattr_setsigmask(&attributes, &none);
    (void)posix_spawnattr_setsigdefault(&attributes, &all);
    error = posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    error = error != 0
                ? error
                : posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    error =
        error != 0 ? error : posix_spawn_file_actions_adddup2(&files, STDOUT_FILENO, STDERR_FILENO);
    error =
        error != 0 ? error : posix_spawn_file_actions_addclosefrom_np(&files, STDERR_FILENO + 1);
    error = error != 0 ? error
                       : posix_spawn(ret_pid, "/bin/sh", &files, &attributes, arguments, variables);
    (void)posix_spawn_file_actions_destroy(&files);
    (void)posix_spawnattr_destroy(&attributes);
    return error;
}

/* ERR_OK: it has ended by itself. */
static enum err wait_for(pid_t pid, const struct alert *alert)
{
    int pidfd = pidfd_open(pid, 0);
    struct pollfd fds[2] = {
        {.fd = pidfd, .events = POLLIN},
        {.fd = alert->stop_fd, .events = POLLIN}, /* one of -1 is left out */
    };
    if (pidfd < 0) {
        return ERR_BUSY;
    }
    int found = poll(fds, 2, (int)(alert->timeout_us / 1000)); /* negative: a signal has come */
    (void)close(pidfd);
    return found > 0 && (fds[0].revents & POLLIN) != 0 ? ERR_OK
           : found == 0                                ? ERR_TIMEOUT
                                                       : ERR_CLOSED;
}

static enum err run(const struct alert *alert,
    char *const arguments[],
    char *const variables[],
    int *ret_exit,
    struct err_info *reterr)
{
    pid_t pid = 0;
    int status = 0;
    int error = spawn(arguments, variables, &pid);
    if (error != 0) {
        return err_set(reterr, ERR_BUSY, "no process can be started: %s", strerrordesc_np(error));
    }
    enum err err = wait_for(pid, alert);
    if (err != ERR_OK) {
        (void)kill(-pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    if (err != ERR_OK) {
        return err_set(reterr, err, "the command was killed: %s",
            err == ERR_TIMEOUT  ? "it took too long"
            : err == ERR_CLOSED ? "this process ends"
                                : "it cannot be waited for");
    }
    *ret_exit = WIFSIGNALED(status) ? SIGNALLED + WTERMSIG(status) : WEXITSTATUS(status);
    return ERR_OK;
}

enum err alert_run(const struct alert *alert, int *ret_exit, struct err_info *reterr)
{
    REQUIRE(alert != NULL);
    REQUIRE(alert->command.len > 0);
    REQUIRE(alert->timeout_us > 0);
    char path[PATH_BYTES];
    char command[COMMAND_BYTES];
    char shell[] = "sh";
    char option[] = "-c";
    struct surroundings *surroundings = calloc(1, sizeof *surroundings);
    if (surroundings == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    enum err err = str_copy_to(command, sizeof command, alert->command)
                       ? write_report(alert->report, path, reterr)
                       : err_set(reterr, ERR_TOO_LARGE, "the command is too long");
    if (err == ERR_OK) {
        char *const arguments[] = {shell, option, command, NULL};
        surround(alert, path, surroundings);
        err = run(alert, arguments, surroundings->list, ret_exit, reterr);
        (void)unlink(path);
    }
    free(surroundings);
    return err;
}

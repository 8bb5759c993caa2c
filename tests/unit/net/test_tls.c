/* Certificates are verified: a server that made its own is never told anything. The server is that
 * of the openssl command; without it there is nothing to see. */
#include "net/client.h"
#include "unit/testing.h"
#include <fcntl.h>

#define WAIT_S 20

struct server {
    char folder[64];
    pid_t pid;
    unsigned port;
};

static pid_t run(char *const arguments[], int out)
{
    pid_t child = fork();
    assert_true(child >= 0);
    if (child == 0) {
        int nowhere = open("/dev/null", O_RDWR | O_CLOEXEC);
        (void)dup2(nowhere, STDIN_FILENO);
        (void)dup2(out >= 0 ? out : nowhere, STDOUT_FILENO);
        (void)dup2(nowhere, STDERR_FILENO);
        (void)alarm(WAIT_S); /* outlives exec: no server stays behind a test that died */
        (void)execvp(arguments[0], arguments);
        _exit(127);
    }
    return child;
}

static bool runs_well(char *const arguments[])
{
    int status = 0;
    return waitpid(run(arguments, -1), &status, 0) > 0 && status == 0;
}

static bool openssl_is_here(void)
{
    static char name[] = "openssl";
    static char what[] = "version";
    char *arguments[] = {name, what, NULL};
    return runs_well(arguments);
}

/* "ACCEPT 127.0.0.1:41234" */
static unsigned read_port(int from)
{
    char text[512];
    size_t len = 0;
    const char *at = NULL;
    while (at == NULL || strchr(at, '\n') == NULL) {
        ssize_t count = read(from, text + len, sizeof text - 1 - len);
        assert_true(count > 0);
        len += (size_t)count;
        text[len] = '\0';
        at = strstr(text, "ACCEPT 127.0.0.1:");
    }
    return (unsigned)strtoul(at + strlen("ACCEPT 127.0.0.1:"), NULL, 10);
}

static int server_open(void **state)
{
    struct server *server = calloc(1, sizeof *server);
    assert_non_null(server);
    (void)snprintf(server->folder, sizeof server->folder, "/tmp/counterfoil_tls_XXXXXX");
    assert_non_null(mkdtemp(server->folder));
    assert_int_equal(chdir(server->folder), 0);
    char make[] =
        "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key "
        "-out certificate -days 2 -subj /CN=127.0.0.1 -addext subjectAltName=IP:127.0.0.1";
    char serve[] = "openssl s_server -accept 127.0.0.1:0 -key key -cert certificate -www";
    char *arguments[2][32] = {{NULL}};
    char *texts[] = {make, serve};
    for (int i = 0; i < 2; i++) {
        char *rest = texts[i];
        for (int word = 0; rest != NULL && word < 31; word++) {
            arguments[i][word] = strsep(&rest, " ");
        }
    }
    assert_true(runs_well(arguments[0]));
    int out[2];
    assert_int_equal(pipe2(out, O_CLOEXEC), 0);
    server->pid = run(arguments[1], out[1]);
    (void)close(out[1]);
    server->port = read_port(out[0]);
    (void)close(out[0]);
    *state = server;
    return 0;
}

static int server_close(void **state)
{
    struct server *server = *state;
    int status = 0;
    (void)kill(server->pid, SIGKILL);
    (void)waitpid(server->pid, &status, 0);
    (void)unlink("key");
    (void)unlink("certificate");
    assert_int_equal(chdir("/"), 0);
    (void)rmdir(server->folder);
    free(server);
    return 0;
}

static void a_server_with_a_certificate_of_its_own_is_refused(void **state)
{
    const struct server *server = *state;
    char url[64];
    (void)snprintf(url, sizeof url, "https://127.0.0.1:%u/v1/events", server->port);
    struct net_request request = {.url = str_from(url),
        .headers = {STR("Authorization: Bearer secret")},
        .timeout_us = INT64_C(10000000)};
    struct net_client *client = net_client_new(1);
    struct err_info info = {""};
    assert_err(net_client_fetch(client, &request, &info), ERR_NET_IO);
    assert_non_null(strstr(info.text, "certificate"));
    assert_int_equal(request.status, 0);
    (void)net_client_free(client);
}

TESTS_MAIN_WHEN("net/tls",
    openssl_is_here(),
    "there is no openssl command",
    TEST_WITH(a_server_with_a_certificate_of_its_own_is_refused, server_open, server_close))

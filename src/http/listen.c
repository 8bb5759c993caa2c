#include "base/check.h"
#include "http/listener.h"
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <sys/socket.h>
#include <unistd.h>

#define HOST_BYTES 64 /* the longest numeric IPv6 address has 45 */

union any_address {
    struct sockaddr any;
    struct sockaddr_in v4;
    struct sockaddr_in6 v6;
};

/* "127.0.0.1:8420" or "[::1]:8420". Names are refused: what a name means may change between two
 * starts, and with it who can reach the listener. */
static bool parse_address(struct str text, union any_address *ret, socklen_t *ret_len)
{
    bool is_v6 = str_starts_with(text, STR("["));
    struct str port_text = text;
    struct str host_text = str_cut(&port_text, is_v6 ? ']' : ':');
    if (is_v6) {
        host_text = (struct str){host_text.data + 1, host_text.len - 1};
        if (!str_starts_with(port_text, STR(":"))) {
            return false;
        }
        port_text = (struct str){port_text.data + 1, port_text.len - 1};
    }
    char host[HOST_BYTES];
    int64_t port = 0;
    if (port_text.len == 0 || port_text.data[0] < '0' || port_text.data[0] > '9' ||
        str_to_int64(port_text, &port) != ERR_OK || port > UINT16_MAX ||
        !str_copy_to(host, sizeof host, host_text)) {
        return false;
    }
    union any_address address;
    memset(&address, 0, sizeof address);
    if (is_v6) {
        address.v6.sin6_family = AF_INET6;
        address.v6.sin6_port = htons((uint16_t)port);
        *ret_len = sizeof address.v6;
    } else {
        address.v4.sin_family = AF_INET;
        address.v4.sin_port = htons((uint16_t)port);
        *ret_len = sizeof address.v4;
    }
    void *to = is_v6 ? (void *)&address.v6.sin6_addr : (void *)&address.v4.sin_addr;
    if (inet_pton(is_v6 ? AF_INET6 : AF_INET, host, to) != 1) {
        return false;
    }
    *ret = address;
    return true;
}

static enum err refuse(struct str address, int error, struct err_info *reterr)
{
    const char *advice = "see errno";
    switch (error) {
    case EADDRINUSE:
        advice = "another process listens there; stop it or choose another port";
        break;
    case EACCES:
    case EPERM:
        advice = "ports below 1024 need CAP_NET_BIND_SERVICE; choose a higher port";
        break;
    case EADDRNOTAVAIL:
        advice = "this machine has no such address; use one of its own, 127.0.0.1 or 0.0.0.0";
        break;
    case EAFNOSUPPORT:
        advice = "this machine has no IPv6; use an IPv4 address";
        break;
    case EMFILE:
    case ENFILE:
        advice = "too many open files; raise the limit (LimitNOFILE=)";
        break;
    default:
        break;
    }
    char text[96];
    const char *what = strerror_r(error, text, sizeof text);
    return err_set(
        reterr, ERR_NET_IO, "cannot listen on " STR_FMT ": %s: %s", STR_ARG(address), what, advice);
}

static enum err bind_and_listen(
    int fd, const union any_address *address, socklen_t len, uint16_t *ret_port)
{
    /* A restart must not wait until the last connections have left TIME_WAIT. */
    int on = 1;
    (void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
    if (address->any.sa_family == AF_INET6) {
        (void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
    }
    union any_address bound;
    memset(&bound, 0, sizeof bound);
    socklen_t bound_len = sizeof bound;
    if (bind(fd, &address->any, len) != 0 || listen(fd, SOMAXCONN) != 0 ||
        getsockname(fd, &bound.any, &bound_len) != 0) {
        return ERR_NET_IO;
    }
    *ret_port = ntohs(bound.any.sa_family == AF_INET6 ? bound.v6.sin6_port : bound.v4.sin_port);
    return ERR_OK;
}

enum err http_listen(struct str address, int *ret_fd, uint16_t *ret_port, struct err_info *reterr)
{
    REQUIRE(ret_fd != NULL);
    REQUIRE(ret_port != NULL);
    union any_address parsed;
    socklen_t len = 0;
    if (!parse_address(address, &parsed, &len)) {
        return err_set(reterr, ERR_CONFIG,
            "\"" STR_FMT "\" is no address to listen on: it is a number and a port, "
            "such as 127.0.0.1:8420 or [::1]:8420",
            STR_ARG(address));
    }
    int fd = socket(parsed.any.sa_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return refuse(address, errno, reterr);
    }
    if (bind_and_listen(fd, &parsed, len, ret_port) != ERR_OK) {
        int error = errno;
        (void)close(fd);
        return refuse(address, error, reterr);
    }
    *ret_fd = fd;
    return ERR_OK;
}

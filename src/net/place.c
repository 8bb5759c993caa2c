#include "net/place.h"
#include "base/check.h"
#include <arpa/inet.h>
#include <curl/curl.h>

/* A name that begins like an address, as 127.0.0.1.example, may lie anywhere. */
static bool host_is_loopback(const char *host)
{
    struct in_addr address;
    if (inet_pton(AF_INET, host, &address) == 1) {
        return ntohl(address.s_addr) >> 24 == 127;
    }
    return str_eq_ignoring_case(str_from(host), STR("localhost")) ||
           str_eq(str_from(host), STR("[::1]"));
}

static bool url_has(CURLU *parsed, CURLUPart part)
{
    char *text = NULL;
    bool has = curl_url_get(parsed, part, &text, 0) == CURLUE_OK;
    curl_free(text);
    return has;
}

/* Other schemes are refused here, and not by curl: there "unsupported protocol" also means that the
 * other side did not answer in HTTP. */
static enum err read_place(CURLU *parsed, const char *url, struct net_place *place)
{
    char *scheme = NULL;
    char *host = NULL;
    bool ok = curl_url_set(parsed, CURLUPART_URL, url, 0) == CURLUE_OK &&
              curl_url_get(parsed, CURLUPART_SCHEME, &scheme, 0) == CURLUE_OK &&
              curl_url_get(parsed, CURLUPART_HOST, &host, 0) == CURLUE_OK;
    if (ok) {
        place->tls = strcmp(scheme, "https") == 0;
        place->is_loopback = host_is_loopback(host);
        place->bare = !url_has(parsed, CURLUPART_USER) && !url_has(parsed, CURLUPART_PASSWORD) &&
                      !url_has(parsed, CURLUPART_QUERY) && !url_has(parsed, CURLUPART_FRAGMENT);
        ok = place->tls || strcmp(scheme, "http") == 0;
    }
    curl_free(scheme);
    curl_free(host);
    return ok ? ERR_OK : ERR_INVALID;
}

enum err net_url_read(struct str url, struct net_place *ret_place)
{
    REQUIRE(ret_place != NULL);
    char text[NET_URL_BYTES_MAX];
    if (url.len == 0 || memchr(url.data, '\0', url.len) != NULL ||
        !str_copy_to(text, sizeof text, url)) {
        return ERR_INVALID;
    }
    CURLU *parsed = curl_url();
    if (parsed == NULL) {
        return ERR_BUSY;
    }
    struct net_place place = {0};
    enum err err = read_place(parsed, text, &place);
    curl_url_cleanup(parsed);
    if (err == ERR_OK) {
        *ret_place = place;
    }
    return err;
}

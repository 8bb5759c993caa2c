/* place: what a URL says of where things would go.
 *
 * Layer: net.
 */
#pragma once

#include "base/str.h"

#define NET_URL_BYTES_MAX 4096 /* its NUL included */

struct net_place {
    bool tls;         /* https */
    bool is_loopback; /* localhost, 127.0.0.0/8 or [::1]: nothing leaves this machine */
    bool bare;        /* no user, password, query or fragment */
};
/* ERR_INVALID: no URL, too long, or neither http nor https; ERR_BUSY: no memory. */
MUST_USE enum err net_url_read(struct str url, struct net_place *ret_place);

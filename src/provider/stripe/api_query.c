#include "base/check.h"
#include "provider/stripe/api.h"

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c != '\0' && strchr("-._~", c) != NULL);
}

void stripe_percent_encode(struct buf *to, struct str text)
{
    REQUIRE(to != NULL);
    for (size_t i = 0; i < text.len; i++) {
        if (is_unreserved(text.data[i])) {
            buf_add_char(to, text.data[i]);
        } else {
            buf_addf(to, "%%%02X", (unsigned)(unsigned char)text.data[i]);
        }
    }
}

void stripe_query_add(struct buf *query, const char *name, struct str value)
{
    REQUIRE(query != NULL);
    REQUIRE(name != NULL);
    if (query->len > 0) {
        buf_add_char(query, '&');
    }
    stripe_percent_encode(query, str_from(name));
    buf_add_char(query, '=');
    stripe_percent_encode(query, value);
}

void stripe_query_add_int(struct buf *query, const char *name, int64_t value)
{
    stripe_query_add(query, name, STR_NONE);
    buf_add_int(query, value);
}

bool stripe_list_url_is_plain(struct str url)
{
    bool asked = false;
    for (size_t i = 0; i < url.len; i++) {
        char c = url.data[i];
        asked = asked || c == '?';
        bool doubled = i > 0 && (c == '.' || (c == '/' && !asked)) && url.data[i - 1] == c;
        if (doubled || !(is_unreserved(c) || (c != '\0' && strchr("/?=&%[]", c) != NULL))) {
            return false;
        }
    }
    return str_starts_with(url, STR("/v1/")) && url.len > 4;
}

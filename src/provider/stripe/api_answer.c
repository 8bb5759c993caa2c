#include "provider/stripe/api.h"

/* What is not Stripe's own error object came from something between: a proxy's 404 must not be
 * taken for "there is no such payment". */
static const struct refusal_row {
    int from, to;
    bool by_stripe; /* only when Stripe's error object says so */
    enum err err;
    const char *what;
} refusal_rows[] = {
    {300, 399, false, ERR_MALFORMED, "a redirect, which is never followed: is the base URL right?"},
    {401, 401, true, ERR_REFUSED,
        "the key is refused: is key.read right, and not revoked? `counterfoil doctor` tries it"},
    {403, 403, true, ERR_REFUSED,
        "the key may not read this, or not of that account: give it the permission "
        "(docs/stripe-api.md)"},
    {404, 404, true, ERR_NOT_FOUND, "not there, or not in this account and environment"},
    {409, 409, false, ERR_BUSY, "another request holds it: try again later"},
    {429, 429, false, ERR_BUSY, "too many requests: try again later"},
    {400, 499, true, ERR_INVALID, "the request is refused"},
    {500, 599, false, ERR_NET_IO, "the provider is in trouble: try again later"},
};

enum err stripe_refusal_err(int status, bool said, const char **ret_what)
{
    for (size_t i = 0; i < sizeof refusal_rows / sizeof refusal_rows[0]; i++) {
        const struct refusal_row *row = &refusal_rows[i];
        if (status >= row->from && status <= row->to && (said || !row->by_stripe)) {
            *ret_what = row->what;
            return row->err;
        }
    }
    *ret_what = "the answer is not the provider's: is the base URL right, is there a proxy?";
    return ERR_MALFORMED;
}

const char *stripe_call_method(const struct stripe_call *call)
{
    return call->form.len > 0 ? "POST" : "GET";
}

enum err stripe_call_failed(const struct stripe_call *call,
    const struct stripe_answer *answer,
    enum err err,
    struct err_info *reterr,
    const char *what)
{
    struct str path = str_prefix_utf8(call->path, 80);
    if (answer->status == 0) {
        return err_set(
            reterr, err, "%s " STR_FMT ": %s", stripe_call_method(call), STR_ARG(path), what);
    }
    return err_set(reterr, err, "%s " STR_FMT ": status %d, Request-Id %s: %s",
        stripe_call_method(call), STR_ARG(path), answer->status, answer->request_id, what);
}

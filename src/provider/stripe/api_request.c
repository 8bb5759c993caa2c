#include "base/check.h"
#include "base/timestamp.h"
#include "net/client.h"
#include "provider/stripe/api.h"
#include <stdio.h>

enum wanted { WANTED_REQUEST_ID, WANTED_SHOULD_RETRY, WANTED_RATE_LIMITED_REASON };

#define URL_BYTES_MAX 4096
#define HEADER_BYTES_MAX 320
#define US_PER_MS 1000
#define CANCEL_LOOK_US (100 * US_PER_MS)
#define FILE_TIMEOUT_US (15 * US_PER_MINUTE) /* of a file with all its attempts */

/* One attempt, and what came of it. */
struct exchange {
    struct stripe_answer answer;
    struct stripe_outcome outcome;
    int64_t retry_after_s;
    struct stripe_refusal refusal;
    bool is_put_off;         /* the wait that the answer asks for is longer than we wait */
    struct err_info problem; /* of the network */
};

static bool is_plain_word(struct str word)
{
    for (size_t i = 0; i < word.len; i++) {
        char c = word.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && c != '_' && c != '-' && c != '.') {
            return false;
        }
    }
    return word.len > 0;
}

/* --- what goes out --- */

static enum err make_url(
    const struct provider_api *api, const struct stripe_call *call, struct buf *url)
{
    buf_add(url, str_from(api->base_url));
    buf_add(url, call->path);
    if (call->url.len > 0) {
        buf_clear(url);
        buf_add(url, call->url);
    } else if (call->query.len > 0) {
        bool asked = call->path.len > 0 && memchr(call->path.data, '?', call->path.len) != NULL;
        buf_add_char(url, asked ? '&' : '?');
        buf_add(url, call->query);
    }
    return url->failed ? ERR_TOO_LARGE : ERR_OK;
}

/* The account itself needs no header; one that is below is asked for by it. */
static enum err make_account_header(const struct provider_api *api,
    struct str account,
    char to[static HEADER_BYTES_MAX],
    struct str *ret)
{
    if (account.len == 0 || str_eq(account, str_from(api->account_key))) {
        *ret = STR_NONE;
        return ERR_OK;
    }
    if (!is_plain_word(account) || account.len > LIMIT_PROVIDER_ID_BYTES) {
        return ERR_INVALID;
    }
    int len = snprintf(to, HEADER_BYTES_MAX, "Stripe-Account: " STR_FMT, STR_ARG(account));
    INVARIANT(len > 0 && len < HEADER_BYTES_MAX);
    *ret = (struct str){to, (size_t)len};
    return ERR_OK;
}

/* --- what comes back --- */

static enum stripe_advice read_advice(struct str header)
{
    if (str_eq_ignoring_case(header, STR("true"))) {
        return STRIPE_ADVICE_RETRY;
    }
    return str_eq_ignoring_case(header, STR("false")) ? STRIPE_ADVICE_STOP : STRIPE_ADVICE_NONE;
}

static void read_answer(
    struct provider_api *api, const struct net_request *request, struct exchange *to)
{
    struct str id = request->found[WANTED_REQUEST_ID];
    (void)str_copy_to(
        to->answer.request_id, sizeof to->answer.request_id, is_plain_word(id) ? id : STR("none"));
    to->answer.status = request->status;
    to->answer.body = request->response;
    to->answer.date_us = request->date_us;
    to->retry_after_s = request->retry_after_s;
    to->outcome.status = request->status;
    to->outcome.should_retry = read_advice(request->found[WANTED_SHOULD_RETRY]);
    to->outcome.rate_limited = request->found[WANTED_RATE_LIMITED_REASON].len > 0;
    if (request->status != 200) {
        arena_reset(api->scratch);
        to->refusal = stripe_refusal_read(request->response, api->scratch);
        to->outcome.lock_timeout = str_eq(to->refusal.code, STR("lock_timeout"));
    }
}

/* What is the same for every attempt of a call. */
struct asking {
    const struct stripe_call *call;
    struct str url, account_header, idempotency_header;
};

static void make_request(const struct provider_api *api,
    const struct asking *asking,
    int64_t timeout_us,
    struct net_request *to)
{
    const struct stripe_call *call = asking->call;
    bool posts = call->form.len > 0;
    *to = (struct net_request){
        .url = asking->url,
        .post = posts,
        .body = call->form,
        .headers = {str_from(api->authorization), STR("Stripe-Version: " STRIPE_API_VERSION),
            asking->account_header, call->sink == NULL ? STR("Accept: application/json") : STR_NONE,
            posts ? STR("Content-Type: application/x-www-form-urlencoded") : STR_NONE,
            asking->idempotency_header},
        .timeout_us = timeout_us > US_PER_MS ? timeout_us : US_PER_MS,
        .response_bytes_max = call->sink == NULL ? api->answer_bytes_max : call->sink->bytes_max,
        .on_piece = call->sink == NULL ? NULL : call->sink->take,
        .piece_context = call->sink == NULL ? NULL : call->sink->context,
        .cancelled = api->cancelled,
        .wanted = {"Request-Id", "Stripe-Should-Retry", "Stripe-Rate-Limited-Reason"},
    };
}

static void exchange_once(
    struct provider_api *api, const struct asking *asking, int64_t timeout_us, struct exchange *to)
{
    struct net_request request;
    const struct stripe_sink *sink = asking->call->sink;
    make_request(api, asking, timeout_us, &request);
    *to = (struct exchange){.answer = {.request_id = "none"}, .retry_after_s = -1};
    to->outcome.err = sink == NULL ? ERR_OK : sink->empty(sink->context);
    if (to->outcome.err != ERR_OK) {
        return;
    }
    to->outcome.err = net_client_fetch(api->client, &request, &to->problem);
    if (to->outcome.err == ERR_OK) {
        read_answer(api, &request, to);
    }
}

static enum err judge(
    const struct stripe_call *call, const struct exchange *last, struct err_info *reterr)
{
    if (last->outcome.err == ERR_TOO_LARGE) {
        return stripe_call_failed(call, &last->answer, ERR_TOO_LARGE, reterr,
            call->sink == NULL ? "the answer is larger than 8 MiB"
                               : "the file is larger than is read: ask for a shorter time");
    }
    if (last->outcome.err == ERR_FILE_IO) {
        return stripe_call_failed(call, &last->answer, ERR_FILE_IO, reterr,
            "what comes cannot be kept: is there room for temporary files?");
    }
    if (last->outcome.err != ERR_OK) {
        return stripe_call_failed(
            call, &last->answer, last->outcome.err, reterr, last->problem.text);
    }
    if (last->answer.status == 200) {
        return ERR_OK;
    }
    const char *what = NULL;
    enum err err = stripe_refusal_err(last->answer.status, last->refusal.said, &what);
    if (last->is_put_off) {
        return stripe_call_failed(call, &last->answer, ERR_BUSY, reterr,
            "Retry-After asks for a longer wait than is kept: try again later");
    }
    struct str code = last->refusal.code.len > 0 ? last->refusal.code : last->refusal.type;
    if (!is_plain_word(code) || code.len > 60) {
        return stripe_call_failed(call, &last->answer, err, reterr, what);
    }
    char text[sizeof reterr->text];
    (void)snprintf(text, sizeof text, "%s (" STR_FMT ")", what, STR_ARG(code));
    return stripe_call_failed(call, &last->answer, err, reterr, text);
}

static bool is_cancelled(const struct provider_api *api)
{
    return api->cancelled != NULL && atomic_load(api->cancelled);
}

static int64_t lesser(int64_t a, int64_t b)
{
    return a < b ? a : b;
}

/* In small pieces, so that it may end early. */
static void wait_for(const struct provider_api *api, int64_t us)
{
    while (us > 0 && !is_cancelled(api)) {
        int64_t piece_us = lesser(us, CANCEL_LOOK_US);
        env_sleep(api->env, piece_us);
        us -= piece_us;
    }
}

static void tell_wait(const struct provider_api *api,
    const struct stripe_call *call,
    const struct exchange *last,
    int64_t wait_us)
{
    char why[sizeof last->problem.text + 100];
    if (api->on_wait == NULL) {
        return;
    }
    if (last->outcome.err != ERR_OK) {
        (void)snprintf(why, sizeof why, "%s " STR_FMT ": %s", stripe_call_method(call),
            STR_ARG(str_prefix_utf8(call->path, 80)), last->problem.text);
    } else {
        (void)snprintf(why, sizeof why, "%s " STR_FMT ": the answer is %d",
            stripe_call_method(call), STR_ARG(str_prefix_utf8(call->path, 80)),
            last->outcome.status);
    }
    api->on_wait(api->on_wait_context, wait_us, why);
}

/* True: the last attempt is worth another one, and the time for it has come. */
static bool wait_for_another(const struct provider_api *api,
    const struct stripe_call *call,
    uint32_t attempts,
    struct exchange *last,
    int64_t end_us)
{
    if (is_cancelled(api) || attempts == LIMIT_API_ATTEMPTS ||
        !stripe_should_retry(&last->outcome)) {
        return false;
    }
    int64_t wait_us = stripe_retry_wait_us(attempts, last->retry_after_s, api->env);
    if (wait_us >= end_us - env_monotonic(api->env)) {
        last->is_put_off = last->retry_after_s > 0;
        return false;
    }
    tell_wait(api, call, last, wait_us);
    wait_for(api, wait_us);
    return !is_cancelled(api);
}

static bool make_idempotency_header(
    const struct stripe_call *call, char to[static HEADER_BYTES_MAX], struct str *ret)
{
    if (call->idempotency_key.len == 0) {
        return true;
    }
    int len =
        snprintf(to, HEADER_BYTES_MAX, "Idempotency-Key: " STR_FMT, STR_ARG(call->idempotency_key));
    *ret = (struct str){to, len > 0 ? (size_t)len : 0};
    return len > 0 && len < HEADER_BYTES_MAX && is_plain_word(call->idempotency_key);
}

static void try_until_it_stands(
    struct provider_api *api, const struct asking *asking, struct exchange *last)
{
    const struct stripe_call *call = asking->call;
    bool is_long = call->sink != NULL;
    int64_t timeout_us = is_long ? FILE_TIMEOUT_US : api->request_timeout_us;
    int64_t end_us = env_monotonic(api->env) + (is_long ? FILE_TIMEOUT_US : api->total_timeout_us);
    uint32_t attempts = 0;
    do {
        wait_for(api, stripe_bucket_take(&api->bucket, env_monotonic(api->env)));
        int64_t left_us = end_us - env_monotonic(api->env);
        exchange_once(api, asking, lesser(left_us, timeout_us), last);
        attempts++;
    } while (wait_for_another(api, call, attempts, last, end_us));
}

enum err stripe_api_ask(struct provider_api *api,
    const struct stripe_call *call,
    struct stripe_answer *ret_answer,
    struct err_info *reterr)
{
    REQUIRE(api != NULL);
    REQUIRE(call != NULL && str_starts_with(call->path, STR("/v1/")));
    REQUIRE(call->form.len == 0 || call->idempotency_key.len > 0);
    REQUIRE(ret_answer != NULL);
    *ret_answer = (struct stripe_answer){.request_id = "none"};
    char account_text[HEADER_BYTES_MAX];
    char idempotency_text[HEADER_BYTES_MAX];
    struct asking asking = {.call = call};
    if (make_account_header(api, call->account, account_text, &asking.account_header) != ERR_OK) {
        return stripe_call_failed(call, ret_answer, ERR_INVALID, reterr,
            "the account below is named by no id of the provider's");
    }
    bool has_key = make_idempotency_header(call, idempotency_text, &asking.idempotency_header);
    REQUIRE(has_key);
    CLEANUP(buf_fini) struct buf url;
    buf_init(&url, URL_BYTES_MAX - 1);
    if (make_url(api, call, &url) != ERR_OK) {
        return stripe_call_failed(call, ret_answer, ERR_TOO_LARGE, reterr, "the URL is too long");
    }
    asking.url = buf_str(&url);
    struct exchange exchange;
    try_until_it_stands(api, &asking, &exchange);
    *ret_answer = exchange.answer;
    return judge(call, &exchange, reterr);
}

#include "sandbox/api.h"
#include "base/check.h"
#include "base/json.h"
#include "base/timestamp.h"
#include "sandbox/api_internal.h"
#include <stdio.h>
#include <stdlib.h>

#define MESSAGE_BYTES_MAX 512
#define DOC_URL "https://stripe.com/docs/error-codes/"

struct api *api_new(const struct api_config *config)
{
    REQUIRE(config->archive != NULL);
    REQUIRE(config->key.len > 0);
    REQUIRE(config->error_percent <= 100 && config->lock_percent <= 100);
    struct api *api = calloc(1, sizeof *api);
    if (api != NULL) {
        api->config = *config;
        api->random_state = config->seed;
        api->credit_us = US_PER_SECOND;
        api->looked_us = INT64_MAX;
        if (!api_reports_init(&api->reports, config->seed)) {
            return api_free(api);
        }
    }
    return api;
}

struct api *api_free(struct api *api)
{
    if (api != NULL) {
        api_reports_fini(&api->reports);
        free(api);
    }
    return NULL;
}

uint64_t api_draw(struct api *api)
{
    api->random_state += UINT64_C(0x9e3779b97f4a7c15); /* splitmix64, as in base/env.c */
    uint64_t z = api->random_state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* ---- answers --------------------------------------------------------------------------------- */

void api_add_header(struct api_response *response, const char *name, struct str value)
{
    INVARIANT(response->header_count < API_HEADERS_MAX);
    struct api_header *header = &response->headers[response->header_count++];
    header->name = name;
    (void)str_copy_to(header->value, sizeof header->value, value);
}

/* "resource_missing" is explained at .../resource-missing. */
static void add_doc_url(struct json_writer *writer, const char *code)
{
    char url[128] = DOC_URL;
    bool whole =
        str_copy_to(url + sizeof DOC_URL - 1, sizeof url - sizeof DOC_URL + 1, str_from(code));
    ENSURE(whole);
    for (char *at = url + sizeof DOC_URL - 1; *at != '\0'; at++) {
        *at = *at == '_' ? '-' : *at;
    }
    json_add_string(writer, STR("doc_url"), str_from(url));
}

static void write_error(
    const struct api_call *call, const struct api_error *error, struct str message)
{
    struct json_writer writer;
    json_writer_init(&writer, call->response->body);
    json_begin_object(&writer, STR_NONE);
    json_begin_object(&writer, STR("error"));
    if (error->code != NULL) {
        json_add_string(&writer, STR("code"), str_from(error->code));
        add_doc_url(&writer, error->code);
    }
    json_add_string(&writer, STR("message"), message);
    if (error->param.len > 0) {
        json_add_string(&writer, STR("param"), error->param);
    }
    json_add_string(&writer, STR("type"),
        error->type == NULL ? STR("invalid_request_error") : str_from(error->type));
    json_end_object(&writer);
    json_end_object(&writer);
}

void api_refuse(const struct api_call *call, struct api_error error, const char *format, ...)
{
    REQUIRE(error.status >= 400);
    va_list arguments;
    char text[MESSAGE_BYTES_MAX];
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    buf_clear(call->response->body);
    call->response->content_type = "application/json";
    write_error(call, &error, str_from(text));
    call->response->status = error.status;
}

static void add_request_id(const struct api_call *call)
{
    static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
    char id[] = "req_12345678901234";
    uint64_t number = api_draw(call->api);
    for (size_t i = sizeof "req_" - 1; i < sizeof id - 1; i++) {
        id[i] = letters[number % (sizeof letters - 1)];
        number /= sizeof letters - 1;
        number = number > 0 ? number : api_draw(call->api);
    }
    api_add_header(call->response, "Request-Id", str_from(id));
}

/* ---- what is looked at before the question --------------------------------------------------- */

static bool check_key(const struct api_call *call)
{
    static const char scheme[] = "Bearer ";
    struct str key = call->request->authorization;
    if (key.len > sizeof scheme - 1 &&
        str_eq_ignoring_case((struct str){key.data, sizeof scheme - 1}, STR("Bearer "))) {
        key = str_trim((struct str){key.data + sizeof scheme - 1, key.len - (sizeof scheme - 1)});
        if (str_eq(key, call->api->config.key)) {
            return true;
        }
        api_add_header(call->response, "WWW-Authenticate", STR("Bearer realm=\"sandbox\""));
        api_refuse(call, (struct api_error){.status = 401},
            "This is not the key of this sandbox: it was given with --api-key, or printed at the "
            "start.");
        return false;
    }
    api_add_header(call->response, "WWW-Authenticate", STR("Bearer realm=\"sandbox\""));
    api_refuse(call, (struct api_error){.status = 401},
        "No API key was given: send it as `Authorization: Bearer KEY`.");
    return false;
}

/* A second's worth of requests at once, and then one whenever its time has passed. */
static bool check_rate(const struct api_call *call, int64_t now_us)
{
    struct api *api = call->api;
    if (api->config.rate == 0) {
        return true;
    }
    int64_t cost_us = US_PER_SECOND / api->config.rate;
    int64_t passed_us = now_us > api->looked_us ? now_us - api->looked_us : 0;
    int64_t lacking_us = US_PER_SECOND - api->credit_us;
    api->looked_us = now_us;
    api->credit_us += passed_us < lacking_us ? passed_us : lacking_us;
    if (api->credit_us >= cost_us) {
        api->credit_us -= cost_us;
        return true;
    }
    api_add_header(call->response, "Stripe-Rate-Limited-Reason", STR("global-rate"));
    api_refuse(call, (struct api_error){.status = 429, .code = "rate_limit"},
        "More than %u requests within a second: see --api-rate.", api->config.rate);
    return false;
}

static bool check_luck(const struct api_call *call)
{
    uint64_t luck = api_draw(call->api) % 100;
    const struct api_config *config = &call->api->config;
    if (luck < config->error_percent) {
        api_refuse(call, (struct api_error){.status = 500, .type = "api_error"},
            "This request failed on purpose: see --api-errors.");
        return false;
    }
    if (api_draw(call->api) % 100 < config->lock_percent) {
        api_add_header(call->response, "Stripe-Should-Retry", STR("true"));
        api_refuse(call, (struct api_error){.status = 429, .code = "lock_timeout"},
            "The object is locked by another request, on purpose: see --api-lock.");
        return false;
    }
    return true;
}

static bool check_version(struct api_call *call)
{
    struct str wanted = call->request->version;
    if (wanted.len == 0 || api_version_find(wanted, &call->version) == ERR_OK) {
        return true;
    }
    CLEANUP(buf_fini) struct buf list;
    buf_init(&list, 256);
    api_version_list(&list);
    api_refuse(call, (struct api_error){.status = 400},
        "Stripe-Version " STR_FMT " is none that this sandbox speaks: " STR_FMT ".",
        STR_ARG(str_prefix_utf8(wanted, 40)), STR_ARG(buf_str(&list)));
    return false;
}

void api_refuse_account(const struct api_call *call, struct str account)
{
    api_refuse(call, (struct api_error){.status = 403, .code = "account_invalid"},
        "The key does not reach account " STR_FMT
        ", or there is none. It may have been disconnected.",
        STR_ARG(str_prefix_utf8(account, 80)));
}

/* The shop belongs to one account; the key sees its own account, the shop's when it is named, and
 * those that are connected to the shop. */
static bool check_account(struct api_call *call)
{
    struct str own = STR(API_ACCOUNT);
    struct str shop = call->api->config.account;
    struct str wanted = call->request->account.len > 0 ? call->request->account : own;
    const struct merchant *merchant = archive_merchant(call->api->config.archive);
    call->sees_shop = str_eq(wanted, shop.len > 0 ? shop : own);
    if (call->sees_shop || str_eq(wanted, own)) {
        return true;
    }
    if (shop.len == 0 && merchant_account_find(merchant, wanted, &call->owner) == ERR_OK &&
        !merchant_account_at(merchant, call->owner).left) {
        call->sees_shop = true;
        return true;
    }
    api_refuse_account(call, wanted);
    return false;
}

void api_answer(struct api *api,
    const struct api_request *request,
    int64_t monotonic_us,
    struct api_response *response)
{
    REQUIRE(api != NULL);
    REQUIRE(response->body != NULL);
    struct api_call call = {
        .api = api, .request = request, .response = response, .version = api->config.version};
    response->status = 200;
    response->header_count = 0;
    response->content_type = "application/json";
    add_request_id(&call);
    if (check_key(&call) && check_rate(&call, monotonic_us) && check_luck(&call) &&
        check_version(&call) && check_account(&call)) {
        api_route(&call);
    }
    api_add_header(response, "Stripe-Version", str_from(api_version_text(call.version)));
    if (response->body->failed) {
        api_refuse(&call, (struct api_error){.status = 500, .type = "api_error"},
            "The answer does not fit into memory: ask for less with limit.");
    }
}

#include "base/check.h"
#include "provider/stripe/api.h"

#define ENDPOINT_PAGES_MAX 4 /* an account has at most 16 endpoints */
#define ENDPOINTS_MAX 64
#define EVENT_TYPES_MAX 1024 /* of one */

/* A restricted key need not be allowed to say whose it is. */
static enum err look_at_account(
    struct provider_api *api, struct arena *arena, struct str *ret_id, struct err_info *reterr)
{
    struct stripe_call call = {.path = STR("/v1/account")};
    struct stripe_answer answer;
    enum err err = stripe_api_ask(api, &call, &answer, reterr);
    if (err == ERR_REFUSED && answer.status == 403) {
        *ret_id = STR_NONE;
        return ERR_OK;
    }
    TRY(err);
    arena_reset(api->scratch);
    struct str id = stripe_account_id_read(answer.body, api->scratch);
    if (id.len == 0) {
        return stripe_call_failed(
            &call, &answer, ERR_MALFORMED, reterr, "the answer is no account");
    }
    *ret_id = arena_copy(arena, id);
    return ret_id->data != NULL ? ERR_OK : err_set(reterr, ERR_TOO_LARGE, "no memory left");
}

static enum err add_endpoint(struct provider_api *api,
    struct str body,
    struct arena *arena,
    struct fetch_account *account,
    struct err_info *reterr)
{
    arena_reset(api->scratch);
    struct fetch_endpoint endpoint = {0};
    struct stripe_endpoint said = stripe_endpoint_read(body, api->scratch);
    if (!said.enabled) {
        return ERR_OK;
    }
    endpoint.url = arena_copy(arena, said.url);
    endpoint.event_types = arena_new_array(arena, struct str, EVENT_TYPES_MAX);
    bool fits = account->endpoint_count < ENDPOINTS_MAX && endpoint.url.data != NULL &&
                endpoint.event_types != NULL;
    for (const struct json *type = said.types; fits && type != NULL; type = type->next) {
        struct str *to = &endpoint.event_types[endpoint.event_type_count];
        fits = endpoint.event_type_count++ < EVENT_TYPES_MAX;
        if (fits) {
            *to = arena_copy(arena, json_string(type));
            fits = to->data != NULL;
        }
    }
    if (!fits) {
        return err_set(
            reterr, ERR_TOO_LARGE, "the endpoints are too many, or name too many event types");
    }
    account->endpoints[account->endpoint_count++] = endpoint;
    return ERR_OK;
}

static enum err look_at_endpoints(struct provider_api *api,
    struct arena *arena,
    struct fetch_account *account,
    struct err_info *reterr)
{
    struct stripe_list_call list = {.path = STR("/v1/webhook_endpoints")};
    struct stripe_list_page page = {.more = true};
    for (uint32_t pages = 0; page.more && pages < ENDPOINT_PAGES_MAX; pages++) {
        enum err err = stripe_api_page(api, &list, arena, &page, reterr);
        if (err == ERR_REFUSED && page.answer.status == 403) {
            account->endpoint_count = 0;
            return ERR_OK;
        }
        TRY(err);
        for (uint32_t i = 0; i < page.count; i++) {
            TRY(add_endpoint(api, page.elements[i].bytes, arena, account, reterr));
        }
        list.cursor = page.cursor;
    }
    account->endpoints_known = !page.more;
    return ERR_OK;
}

enum err stripe_api_look(struct provider_api *api,
    struct arena *arena,
    struct fetch_account *ret_account,
    struct err_info *reterr)
{
    REQUIRE(api != NULL);
    REQUIRE(arena != NULL);
    REQUIRE(ret_account != NULL);
    struct fetch_account account = {.live = api->live};
    account.endpoints = arena_new_array(arena, struct fetch_endpoint, ENDPOINTS_MAX);
    if (account.endpoints == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "no memory left");
    }
    TRY(stripe_prove_environment(api, reterr));
    TRY(look_at_account(api, arena, &account.account_key, reterr));
    TRY(look_at_endpoints(api, arena, &account, reterr));
    *ret_account = account;
    return ERR_OK;
}

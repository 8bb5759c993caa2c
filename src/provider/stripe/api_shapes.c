#include "provider/stripe/api.h"

static const struct json *parse(struct str body, struct arena *arena)
{
    struct json_document document;
    return json_parse(body, arena, &document) == ERR_OK ? document.root : NULL;
}

struct stripe_refusal stripe_refusal_read(struct str body, struct arena *arena)
{
    const struct json *error = json_get(parse(body, arena), STR("error"));
    return (struct stripe_refusal){
        .said = error != NULL && error->kind == JSON_OBJECT,
        .type = json_string(json_get(error, STR("type"))),
        .code = json_string(json_get(error, STR("code"))),
    };
}

struct str stripe_account_id_read(struct str body, struct arena *arena)
{
    const struct json *account = parse(body, arena);
    if (!str_eq(json_string(json_get(account, STR("object"))), STR("account"))) {
        return STR_NONE;
    }
    struct str id = json_string(json_get(account, STR("id")));
    return id.len <= LIMIT_PROVIDER_ID_BYTES ? id : STR_NONE;
}

struct stripe_endpoint stripe_endpoint_read(struct str body, struct arena *arena)
{
    const struct json *endpoint = parse(body, arena);
    const struct json *types = json_get(endpoint, STR("enabled_events"));
    return (struct stripe_endpoint){
        .enabled = str_eq(json_string(json_get(endpoint, STR("status"))), STR("enabled")),
        .url = json_string(json_get(endpoint, STR("url"))),
        .types = types != NULL && types->kind == JSON_ARRAY ? types->first : NULL,
    };
}

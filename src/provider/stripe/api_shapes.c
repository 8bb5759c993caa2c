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

/* A number that cannot be read is not said. */
static int64_t whole_number(const struct json *value)
{
    int64_t number = 0;
    return json_int64(value, &number) == ERR_OK && number > 0 ? number : 0;
}

struct stripe_report_run_shape stripe_report_run_read(struct str body, struct arena *arena)
{
    const struct json *run = parse(body, arena);
    const struct json *file = json_get(run, STR("result"));
    if (!str_eq(json_string(json_get(run, STR("object"))), STR("reporting.report_run"))) {
        return (struct stripe_report_run_shape){.bytes = 0};
    }
    return (struct stripe_report_run_shape){
        .id = json_string(json_get(run, STR("id"))),
        .status = json_string(json_get(run, STR("status"))),
        .error = json_string(json_get(run, STR("error"))),
        .url = json_string(json_get(file, STR("url"))),
        .bytes = whole_number(json_get(file, STR("size"))),
    };
}

int64_t stripe_report_until_read(struct str body, struct arena *arena)
{
    return whole_number(json_get(parse(body, arena), STR("data_available_end")));
}

const struct json *stripe_balance_read(struct str body, struct arena *arena)
{
    const struct json *balance = parse(body, arena);
    bool is_one = str_eq(json_string(json_get(balance, STR("object"))), STR("balance"));
    const struct json *available = json_get(balance, STR("available"));
    return is_one && available != NULL && available->kind == JSON_ARRAY ? balance : NULL;
}

struct stripe_bool stripe_livemode_read(const struct json *object)
{
    const struct json *value = json_get(object, STR("livemode"));
    bool is_said = value != NULL && value->kind == JSON_BOOL;
    return (struct stripe_bool){is_said, json_bool(value, false)};
}

const struct json *stripe_balance_list_read(
    const struct json *balance, const struct stripe_balance_list *list)
{
    const struct json *value = json_get(balance, str_from(list->name));
    value = list->inner == NULL ? value : json_get(value, str_from(list->inner));
    return value != NULL && value->kind == JSON_ARRAY ? value->first : NULL;
}

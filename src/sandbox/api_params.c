#include "base/check.h"
#include "sandbox/api_internal.h"

/* `%5B` and `+`; what is no escape stands for itself. Never longer than it was. */
static struct str decode(char *to, struct str text)
{
    size_t len = 0;
    for (size_t at = 0; at < text.len; at++) {
        uint8_t byte = (uint8_t)text.data[at];
        if (byte == '+') {
            byte = ' ';
        } else if (byte == '%' && at + 2 < text.len &&
                   hex_decode(&byte, 1, (struct str){text.data + at + 1, 2})) {
            at += 2;
        }
        to[len++] = (char)byte;
    }
    return (struct str){to, len};
}

static void cut_name(struct api_param *param)
{
    struct str rest = param->whole;
    param->name = str_cut(&rest, '[');
    param->key = str_cut(&rest, ']');
}

bool api_params_begin(const struct api_call *call, struct str text, struct api_params *ret)
{
    REQUIRE(ret != NULL);
    bool is_form = text.data == call->request->body.data;
    size_t bytes_max = is_form ? API_FORM_BYTES_MAX : API_QUERY_BYTES_MAX;
    if (text.len > bytes_max) {
        api_refuse(call, (struct api_error){.status = 400}, "The %s is longer than %zu bytes.",
            is_form ? "form" : "query", bytes_max);
        return false;
    }
    *ret = (struct api_params){.rest = text, .room = call->api->decoded};
    return true;
}

bool api_params_next(struct api_params *params, struct api_param *ret)
{
    while (params->rest.len > 0) {
        struct api_param param;
        struct str value = str_cut(&params->rest, '&');
        struct str name = str_cut(&value, '=');
        param.whole = decode(params->room, name);
        params->room += param.whole.len;
        param.value = decode(params->room, value);
        params->room += param.value.len;
        if (param.whole.len > 0) {
            cut_name(&param);
            *ret = param;
            return true;
        }
    }
    return false;
}

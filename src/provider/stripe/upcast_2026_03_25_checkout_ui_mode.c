#include "provider/stripe/upcaster.h"

const struct json *upcast_checkout_ui_mode(
    const struct json *object, const struct upcasting *upcasting)
{
    static const struct {
        struct str old, newest;
    } words[] = {
        {UPCAST_TEXT("hosted"), UPCAST_TEXT("hosted_page")},
        {UPCAST_TEXT("embedded"), UPCAST_TEXT("embedded_page")},
        {UPCAST_TEXT("custom"), UPCAST_TEXT("elements")},
    };
    struct str mode = json_string(json_get(object, STR("ui_mode")));
    for (size_t i = 0; i < sizeof words / sizeof words[0] && mode.len > 0; i++) {
        if (str_eq(mode, words[i].old)) {
            return upcast_set_text(object, STR("ui_mode"), words[i].newest, upcasting);
        }
    }
    return object;
}

#include "base/limits.h"
#include "provider/stripe/stripe.h"

enum key_power { KEY_RESTRICTED, KEY_FULL, KEY_USELESS };

static const struct key_kind {
    struct str prefix;
    bool live;
    enum key_power power;
} key_kinds[] = {
    {{"rk_live_", 8}, true, KEY_RESTRICTED},
    {{"rk_test_", 8}, false, KEY_RESTRICTED},
    {{"rkcs_test_", 10}, false, KEY_RESTRICTED}, /* of the provider's CLI, for a few days */
    {{"sk_live_", 8}, true, KEY_FULL},
    {{"sk_test_", 8}, false, KEY_FULL},
    {{"pk_live_", 8}, true, KEY_USELESS},
    {{"pk_test_", 8}, false, KEY_USELESS},
};

static bool is_one_word(struct str key)
{
    for (size_t i = 0; i < key.len; i++) {
        if (key.data[i] <= 0x20 || key.data[i] >= 0x7f) {
            return false;
        }
    }
    return key.len > 0 && key.len <= LIMIT_SECRET_BYTES;
}

static const char *problem_of(const struct key_kind *kind, bool live, bool full_key_allowed)
{
    if (kind->power == KEY_USELESS) {
        return "a publishable key, which may not read: make a restricted one (rk_...)";
    }
    if (kind->live != live) {
        return live ? "a test key, but the environment is live"
                    : "a live key, but the environment is test";
    }
    if (kind->live && kind->power == KEY_FULL && !full_key_allowed) {
        return "a full secret key, which can move money: make a restricted one (rk_live_...) that "
               "may read, or say allow_full_key = yes";
    }
    return NULL;
}

enum err stripe_key_check(struct str key, bool live, bool full_key_allowed, struct err_info *reterr)
{
    if (!is_one_word(key)) {
        return err_set(reterr, ERR_CONFIG,
            "is empty, longer than %d characters, or more than one word", LIMIT_SECRET_BYTES);
    }
    for (size_t i = 0; i < sizeof key_kinds / sizeof key_kinds[0]; i++) {
        if (str_starts_with(key, key_kinds[i].prefix)) {
            const char *problem = problem_of(&key_kinds[i], live, full_key_allowed);
            return problem == NULL ? ERR_OK : err_set(reterr, ERR_CONFIG, "%s", problem);
        }
    }
    return err_set(reterr, ERR_CONFIG,
        "begins with neither rk_live_ nor rk_test_: is it a restricted key of Stripe's?");
}

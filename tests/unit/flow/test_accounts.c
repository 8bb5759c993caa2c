#include "flow/accounts.h"
#include "unit/testing.h"

static struct accounts *one(const char *name, const char *secret)
{
    struct str secrets[] = {str_from(secret)};
    struct account account = {
        .says = {.name = str_from(name),
            .account_key = STR("acct_1"),
            .live = true,
            .secret_count = 1,
            .secrets = secrets},
    };
    return accounts_new(&account, 1);
}

static void a_set_is_copied_and_found_by_name(void **state)
{
    (void)state;
    char name[] = "acme";
    char secret[] = "whsec_a";
    CLEANUP(accounts_drop) struct accounts *accounts = one(name, secret);
    memset(name, 'x', 4);
    memset(secret, 'x', 7);
    const struct account *found = accounts_find(accounts, STR("acme"));
    assert_non_null(found);
    assert_str_equal_to(found->says.secrets[0], "whsec_a");
    assert_str_equal_to(found->says.account_key, "acct_1");
    assert_null(accounts_find(accounts, STR("acm")));
    assert_null(accounts_find(accounts, STR_NONE));
}

static void a_replaced_set_lives_until_its_last_holder_is_done(void **state)
{
    (void)state;
    struct accounts_current *current = accounts_current_new(one("acme", "whsec_old"));
    CLEANUP(accounts_drop) struct accounts *held = accounts_current_hold(current);
    accounts_current_replace(current, one("acme", "whsec_new"));
    assert_str_equal_to(accounts_find(held, STR("acme"))->says.secrets[0], "whsec_old");
    CLEANUP(accounts_drop) struct accounts *fresh = accounts_current_hold(current);
    assert_str_equal_to(accounts_find(fresh, STR("acme"))->says.secrets[0], "whsec_new");
    assert_null(accounts_current_free(current));
}

static void an_empty_set_finds_nobody(void **state)
{
    (void)state;
    CLEANUP(accounts_drop) struct accounts *accounts = accounts_new(NULL, 0);
    assert_int_equal(accounts_count(accounts), 0);
    assert_null(accounts_find(accounts, STR("acme")));
    assert_null(accounts_drop(NULL));
}

TESTS_MAIN("accounts",
    TEST(a_set_is_copied_and_found_by_name),
    TEST(a_replaced_set_lives_until_its_last_holder_is_done),
    TEST(an_empty_set_finds_nobody))

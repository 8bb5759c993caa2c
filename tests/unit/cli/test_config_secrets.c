#include "config_file.h"
#include "unit/testing.h"

#define ACCOUNT(environment, secret, more)                                                         \
    "[account a]\nenvironment = " environment "\nwebhook_secret = " secret "\n" more

static void write_all(void)
{
    char text[600];
    memset(text, 'x', sizeof text - 1);
    text[sizeof text - 1] = '\0';
    config_write("secret", STR(TEST_SECRET "\n"));
    config_write("blank", STR(" \n\t\r\n"));
    config_write("two", STR(TEST_SECRET " " TEST_SECRET));
    config_write("long", str_from(text));
}

/* A secret that stands where a reference belongs is refused without being repeated. */
static void no_error_about_a_secret_shows_it(void **state)
{
    (void)state;
    static const struct {
        const char *name, *text, *says;
    } rows[] = {
        {"literal value", ACCOUNT("test", TEST_SECRET, ""), "never written here"},
        {"literal value behind a good one", ACCOUNT("test", "file:secret " TEST_SECRET, ""),
            "never written here"},
        {"literal value behind env:", ACCOUNT("test", "env:" TEST_SECRET, ""),
            "environment variable"},
        {"literal value behind file:", ACCOUNT("test", "file:" TEST_SECRET, ""), "path"},
        {"literal value as a key", "[account a]\n" TEST_SECRET " = 1\n", "what stands here"},
        {"literal value as a line", "[account a]\n" TEST_SECRET "\n", "key = value"},
        {"literal value as a section", "[" TEST_SECRET "]\n", "what stands here"},
        {"literal value as another key",
            ACCOUNT("test", "file:secret", "timezone = " TEST_SECRET "%\n"), "timezone"},
        {"full key as a literal",
            ACCOUNT("test", "file:secret", "key.read = sk_test_never_to_be_seen\n"), "key.read"},
        {"variable that is not set", ACCOUNT("test", "env:NOT_SET_AT_ALL", ""),
            "NOT_SET_AT_ALL is not set"},
        {"file that is not there", ACCOUNT("test", "file:nothing", ""), "No such file"},
        {"folder", ACCOUNT("test", "file:/tmp", ""), "no regular file"},
        {"device", ACCOUNT("test", "file:/dev/zero", ""), "no regular file"},
        {"blank file", ACCOUNT("test", "file:blank", ""), "is empty"},
        {"file with two words", ACCOUNT("test", "file:two", ""), "more than one word"},
        {"file that is too long", ACCOUNT("test", "file:long", ""), "longer than"},
        {"credential outside the service", ACCOUNT("test", "credential:acme", ""), "systemd"},
        {"credential that climbs", ACCOUNT("test", "credential:../x", ""),
            "name of a systemd credential"},
    };
    write_all();
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct config *config = NULL;
        struct err_info info = {""};
        enum err err =
            config_load_text(str_from(rows[i].text), CONFIG_SECRETS_RESOLVED, &config, &info);
        if (strstr(info.text, rows[i].says) == NULL) {
            print_error("\"%s\" does not say \"%s\"\n", info.text, rows[i].says);
        }
        assert_row(err == ERR_CONFIG, rows[i].name);
        assert_row(strstr(info.text, "never_to_be_seen") == NULL, rows[i].name);
        assert_row(strstr(info.text, rows[i].says) != NULL, rows[i].name);
    }
}

static void the_read_key_must_fit_the_environment_and_be_restricted(void **state)
{
    (void)state;
    static const struct {
        const char *key, *text, *says; /* NULL: it is taken */
    } rows[] = {
        {"rk_live_1", ACCOUNT("live", "file:secret", "key.read = file:key\n"), NULL},
        {"rk_test_1", ACCOUNT("test", "file:secret", "key.read = file:key\n"), NULL},
        {"rk_test_1", ACCOUNT("live", "file:secret", "key.read = file:key\n"),
            "environment is live"},
        {"rk_live_1", ACCOUNT("test", "file:secret", "key.read = file:key\n"),
            "environment is test"},
        {"sk_live_1", ACCOUNT("live", "file:secret", "key.read = file:key\n"), "full secret key"},
        {"sk_live_1", ACCOUNT("live", "file:secret", "allow_full_key = yes\nkey.read = file:key\n"),
            NULL},
        {"sk_live_1", ACCOUNT("test", "file:secret", "allow_full_key = yes\nkey.read = file:key\n"),
            "environment is test"},
        {"rkcs_test_1", ACCOUNT("test", "file:secret", "key.read = file:key\n"), NULL},
        {"sk_test_1", ACCOUNT("test", "file:secret", "key.read = file:key\n"), NULL},
        {"pk_test_1", ACCOUNT("test", "file:secret", "key.read = file:key\n"), "publishable key"},
        {"whsec_x", ACCOUNT("live", "file:secret", "key.read = file:key\n"), "restricted key"},
    };
    write_all();
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct err_info info = {""};
        CLEANUP(config_free) struct config *config = NULL;
        config_write("key", str_from(rows[i].key));
        enum err err =
            config_load_text(str_from(rows[i].text), CONFIG_SECRETS_RESOLVED, &config, &info);
        assert_row(err == (rows[i].says == NULL ? ERR_OK : ERR_CONFIG), rows[i].text);
        assert_row(rows[i].says == NULL || strstr(info.text, rows[i].says) != NULL, rows[i].text);
        assert_row(strstr(info.text, rows[i].key) == NULL, rows[i].text);
    }
}

static void the_key_comes_with_how_to_ask(void **state)
{
    (void)state;
    write_all();
    config_write("key", STR("rk_test_1"));
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    assert_err(config_load_text(STR(ACCOUNT("test", "file:secret",
                                    "key.read = file:key\naccount_id = acct_1\n"
                                    "api_base = http://127.0.0.1:8430\n")),
                   CONFIG_SECRETS_RESOLVED, &config, &info),
        ERR_OK);
    assert_str_equal_to(config->accounts[0].reads.key, "rk_test_1");
    assert_str_equal_to(config->accounts[0].reads.base_url, "http://127.0.0.1:8430");
    assert_str_equal_to(config->accounts[0].reads.account_id, "acct_1");
    assert_false(config->accounts[0].reads.full_key_allowed);
}

static void more_secrets_than_the_bound_are_refused(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct err_info info = {""};
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 4096);
    buf_addf(&text, "[account a]\nenvironment = test\nwebhook_secret =");
    for (int i = 0; i < 17; i++) {
        buf_addf(&text, " file:secret");
    }
    write_all();
    assert_err(
        config_load_text(buf_str(&text), CONFIG_SECRETS_RESOLVED, &config, &info), ERR_CONFIG);
    assert_non_null(strstr(info.text, "16 secrets"));
}

static void credentials_come_from_the_folder_that_systemd_names(void **state)
{
    (void)state;
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    write_all();
    assert_int_equal(setenv("CREDENTIALS_DIRECTORY", test_folder, 1), 0);
    enum err err = config_load_text(
        STR(ACCOUNT("test", "credential:secret", "")), CONFIG_SECRETS_RESOLVED, &config, &info);
    assert_int_equal(unsetenv("CREDENTIALS_DIRECTORY"), 0);
    assert_err(err, ERR_OK);
    assert_str_equal_to(config->accounts[0].says.secrets[0], TEST_SECRET);
}

/* Whoever only looks at the store has no secrets, and must not need them. */
static void secrets_may_be_left_unread(void **state)
{
    (void)state;
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    assert_err(config_load_text(STR(ACCOUNT("live", "file:nothing env:NOT_SET_AT_ALL",
                                    "key.read = file:nothing\n")),
                   CONFIG_SECRETS_LEFT, &config, &info),
        ERR_OK);
    assert_int64_equal(config->accounts[0].says.secret_count, 0);
    assert_int64_equal(config->details[0].secret_count, 2);
    assert_str_equal_to(config->details[0].secrets[0].reference, "file:nothing");
}

static void each_secret_that_cannot_be_read_is_told_with_its_reason(void **state)
{
    (void)state;
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    write_all();
    assert_err(config_load_text(
                   STR(ACCOUNT("live", "file:nothing file:secret", "key.read = file:secret\n")),
                   CONFIG_SECRETS_TRIED, &config, &info),
        ERR_OK);
    const struct config_account *account = &config->details[0];
    assert_non_null(strstr(account->secrets[0].problem.text, "No such file"));
    assert_string_equal(account->secrets[1].problem.text, "");
    assert_str_equal_to(account->secrets[1].value, TEST_SECRET);
    assert_non_null(strstr(account->key.problem.text, "restricted key"));
    assert_int64_equal(config->accounts[0].says.secret_count, 1);
}

TESTS_MAIN_WITH("cli/config_secrets",
    config_folder_make,
    config_folder_remove,
    TEST(no_error_about_a_secret_shows_it),
    TEST(the_read_key_must_fit_the_environment_and_be_restricted),
    TEST(the_key_comes_with_how_to_ask),
    TEST(more_secrets_than_the_bound_are_refused),
    TEST(credentials_come_from_the_folder_that_systemd_names),
    TEST(secrets_may_be_left_unread),
    TEST(each_secret_that_cannot_be_read_is_told_with_its_reason))

#include "cli/config_table.h"
#include "config_file.h"
#include "unit/testing.h"

/* --- what is refused, and how it is said --- */

#define ACCOUNT "[account a]\nenvironment = test\nwebhook_secret = file:secret\n"

static const struct refusal {
    const char *name, *text;
    const char *says[3]; /* all of them stand in the error; NULL: no more */
} refusals[] = {
    {"unknown section", "[store]\n[stroe]\n", {":2:", "stroe", "did you mean [store]"}},
    {"unknown section without a near one", "[xylophone]\nkey = 1\n", {":1:", "xylophone", NULL}},
    {"unknown key", "[store]\nurls = sqlite:///x\n", {":2:", "`urls`", "did you mean `url`"}},
    {"unknown key of an account", "[account a]\nenviroment = live\n",
        {":2:", "`environment`", NULL}},
    {"key before any section", "url = sqlite:///x\n", {":1:", "url", "before the first"}},
    {"key twice", "[store]\nurl = sqlite:///x\n\nurl = sqlite:///y\n", {":4:", "url", "line 2"}},
    {"section twice", "[store]\n[log]\n[store]\n", {":3:", "store", "line 1"}},
    {"account twice", ACCOUNT "[account a]\n", {":4:", "account a", "line 1"}},
    {"labels that differ in - and _ only", "[account de_mo]\n[account de-mo]\n",
        {":2:", "rename [account de-mo] or [account de_mo] on line 1", "environment variables"}},
    {"long labels that differ in - and _ only",
        "[account aaaaaaaaaa_bbbbbbbbb_ccccccccc_ddddddddd]\n"
        "[account aaaaaaaaaa-bbbbbbbbb-ccccccccc-ddddddddd]\n",
        {":2:", "_ddddddddd] on line 1", "cannot tell - from _"}},
    {"account without a label", "[account]\n", {":1:", "label", NULL}},
    {"label in capitals", "[account Acme]\n", {":1:", "label", "lower-case"}},
    {"label with a slash", "[account a/b]\n", {":1:", "label", NULL}},
    {"label that is too long", "[account aaaaaaaaaabbbbbbbbbbccccccccccdddddddddde]\n",
        {":1:", "40", NULL}},
    {"neither key nor section", "[store]\nnonsense\n", {":2:", "key = value", NULL}},
    {"section that is not closed", "[store\n", {":1:", "[name]", NULL}},
    {"text behind a section", "[store] url = sqlite:///x\n", {":1:", "alone", NULL}},
    {"store of another kind", "[store]\nurl = mysql://x/y\n", {":2:", "[store] url", "sqlite:///"}},
    {"store that is a folder", "[store]\nurl = sqlite:///var/lib/\n",
        {":2:", "[store] url", "a file, sqlite:///path/to/books.db"}},
    {"store in memory", "[store]\nurl = sqlite::memory:\n",
        {":2:", "[store] url", "a file, sqlite:///path/to/books.db"}},
    {"store in memory, by an absolute path", "[store]\nurl = sqlite:///:memory:\n",
        {":2:", "[store] url", NULL}},
    {"store without a path", "[store]\nurl = sqlite:\n", {":2:", "[store] url", NULL}},
    {"password in the URL", "[store]\nurl = postgresql://me:hunter2@h/db\n",
        {":2:", "url", "without a password"}},
    {"password in the query", "[store]\nurl = postgresql://h/db?sslmode=x&password=hunter2\n",
        {":2:", "url", NULL}},
    {"value in quotes", "[store]\nurl = \"sqlite:///x\"\n", {":2:", "url", "without quotes"}},
    {"address without a port", "[listen]\npublic = 127.0.0.1\n",
        {":2:", "public", "127.0.0.1:8420"}},
    {"address by name", "[listen]\nprivate = localhost:1\n", {":2:", "private", "numeric"}},
    {"port too large", "[listen]\nprivate = 127.0.0.1:65536\n", {":2:", "private", NULL}},
    {"IPv6 without brackets", "[listen]\nprivate = ::1:80\n", {":2:", "private", "[::1]"}},
    {"both listeners the same", "[listen]\npublic = 127.0.0.1:1\nprivate = 127.0.0.1:1\n",
        {":3:", "private", "public"}},
    {"number that is none", "[http]\nconnections = many\n",
        {":2:", "connections", "from 1 to 65536"}},
    {"number too small", "[http]\nconnections = 0\n", {":2:", "connections", "from 1"}},
    {"number too large", "[work]\nworkers = 65\n", {":2:", "workers", "to 64"}},
    {"number beyond 64 bits", "[intake]\nbatch_rows = 99999999999999999999\n",
        {":2:", "batch_rows", NULL}},
    {"duration too short", "[work]\nlease = 1s\n", {":2:", "lease", "5s"}},
    {"duration without sense", "[http]\ntimeout = soon\n", {":2:", "timeout", "30s"}},
    {"time of day that is none", "[reconcile]\nat = 24:00\n", {":2:", "at", "04:30"}},
    {"time of day without a colon", "[reconcile]\nat = 0430\n", {":2:", "at", "or off"}},
    {"time of day of one digit", "[reconcile]\nat = 4:30\n", {":2:", "at", NULL}},
    {"minutes that are none", "[reconcile]\nat = 04:60\n", {":2:", "at", NULL}},
    {"command with a control character", "[reconcile]\nalert = mail \x01\n",
        {":2:", "alert", "of one line"}},
    {"alert that never waits", "[reconcile]\nalert_timeout = 0s\n", {":2:", "alert_timeout", "1s"}},
    {"log level", "[log]\nlevel = loud\n", {":2:", "level", "warning"}},
    {"empty value", "[store]\nurl =\n", {":2:", "url", "empty"}},
    {"no environment", "[account a]\nwebhook_secret = file:secret\n",
        {":1:", "environment", "must be given"}},
    {"no secret", "[account a]\nenvironment = test\n", {":1:", "webhook_secret", "must be given"}},
    {"environment of a third kind", "[account a]\nenvironment = staging\n",
        {":2:", "environment", "live or test"}},
    {"another provider", "[account a]\nprovider = adyen\n", {":2:", "provider", "stripe"}},
    {"account id", ACCOUNT "account_id = cus_1\n", {":4:", "account_id", "acct_"}},
    {"an API without TLS", ACCOUNT "api_base = http://api.example.com\n",
        {":4:", "api_base", "https://host"}},
    {"an API with a password", ACCOUNT "api_base = https://me:you@api.example.com\n",
        {":4:", "api_base", "https://host"}},
    {"scans without a pause", "[scan]\nevery = 0s\n", {":2:", "every", "1s"}},
    {"flag", ACCOUNT "allow_full_key = maybe\n", {":4:", "allow_full_key", "yes or no"}},
    {"timezone that climbs", ACCOUNT "timezone = ../../etc/passwd\n",
        {":4:", "timezone", "Europe/Paris"}},
    {"the same account and environment twice",
        "[account a]\nenvironment = live\nwebhook_secret = file:secret\naccount_id = acct_1\n"
        "[account b]\nenvironment = live\nwebhook_secret = file:secret\naccount_id = acct_1\n",
        {":8:", "[account b]", "[account a]"}},
    {"a label that is the id of another account",
        "[account acct_1]\nenvironment = live\nwebhook_secret = file:secret\n"
        "[account b]\nenvironment = live\nwebhook_secret = file:secret\naccount_id = acct_1\n",
        {":7:", "[account b]", "acct_1"}},
};

static void each_error_names_line_and_key_and_what_is_allowed(void **state)
{
    (void)state;
    config_write("secret", STR(TEST_SECRET "\n"));
    for (size_t i = 0; i < sizeof refusals / sizeof refusals[0]; i++) {
        struct config *config = NULL;
        struct err_info info = {""};
        enum err err =
            config_load_text(str_from(refusals[i].text), CONFIG_SECRETS_RESOLVED, &config, &info);
        if (err != ERR_CONFIG) {
            print_error("%s: %s\n", refusals[i].name, err_name(err));
        }
        assert_row(err == ERR_CONFIG, refusals[i].name);
        assert_row(config == NULL, refusals[i].name);
        assert_row(strstr(info.text, "counterfoil.ini:") != NULL, refusals[i].name);
        assert_row(strstr(info.text, "hunter2") == NULL, refusals[i].name);
        assert_row(strstr(info.text, "never_to_be_seen") == NULL, refusals[i].name);
        for (size_t j = 0; j < 3 && refusals[i].says[j] != NULL; j++) {
            if (strstr(info.text, refusals[i].says[j]) == NULL) {
                print_error("\"%s\" does not say \"%s\"\n", info.text, refusals[i].says[j]);
            }
            assert_row(strstr(info.text, refusals[i].says[j]) != NULL, refusals[i].name);
        }
    }
}

static void a_line_that_is_too_long_or_no_text_is_refused(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct err_info info = {""};
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 65536);
    buf_addf(&text, "[store]\nurl = sqlite:///%*s\n", 60000, "x");
    assert_err(config_load_text(buf_str(&text), CONFIG_SECRETS_LEFT, &config, &info), ERR_CONFIG);
    assert_non_null(strstr(info.text, ":2:"));
    assert_err(
        config_load_text(STR("[store]\nurl = \xff\xfe\n"), CONFIG_SECRETS_LEFT, &config, &info),
        ERR_CONFIG);
    assert_non_null(strstr(info.text, ":2:"));
    assert_err(config_load_text(STR("[store]\nurl = a\0b\n"), CONFIG_SECRETS_LEFT, &config, &info),
        ERR_CONFIG);
    assert_non_null(strstr(info.text, ":2:"));
    assert_null(config);
}

/* --- what is taken --- */

static void defaults_stand_where_nothing_is_written(void **state)
{
    (void)state;
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    assert_err(config_load_text(STR(""), CONFIG_SECRETS_RESOLVED, &config, &info), ERR_OK);
    assert_str_equal_to(config->store_url, "sqlite:///var/lib/counterfoil/books.db");
    assert_str_equal_to(config->listen_public, "127.0.0.1:8420");
    assert_str_equal_to(config->listen_private, "127.0.0.1:8421");
    assert_int64_equal(config->log_level, LOG_INFO);
    assert_int64_equal(config->http_connections, 4096);
    assert_int64_equal(config->http_timeout_us, 30000000);
    assert_int64_equal(config->lease_us, 60000000);
    assert_int64_equal(config->reconcile_every_us, INT64_C(3600000000));
    assert_int64_equal(config->reconcile_at_us, INT64_C(16200000000));
    assert_int64_equal((int64_t)config->reconcile_alert.len, 0);
    assert_int64_equal(config->account_count, 0);
}

static void values_comments_and_indentation_are_read(void **state)
{
    (void)state;
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    config_write("secret", STR("  " TEST_SECRET "\r\n\n"));
    config_write("next", STR("whsec_next"));
    assert_err(config_load_text(
                   STR("\xef\xbb\xbf; a comment\r\n[store]\r\n"
                       "   url = postgresql://me@host:5432/books?sslmode=verify-full ; a remark\r\n"
                       "\t[listen]\nprivate = [::1]:0\n# another\n"
                       "[account acme-live]\nenvironment = live\n"
                       "webhook_secret =  file:secret \t file:next\naccount_id = acct_1Ab\n"
                       "timezone = Europe/Paris\n"
                       "[account acme-test]\nenvironment=test\nwebhook_secret=file:secret"),
                   CONFIG_SECRETS_RESOLVED, &config, &info),
        ERR_OK);
    assert_str_equal_to(config->store_url, "postgresql://me@host:5432/books?sslmode=verify-full");
    assert_str_equal_to(config->listen_private, "[::1]:0");
    assert_int64_equal(config->account_count, 2);
    const struct provider_account *live = &config->accounts[0].says;
    assert_str_equal_to(live->name, "acme-live");
    assert_str_equal_to(live->account_key, "acct_1Ab");
    assert_true(live->live);
    assert_int64_equal(live->secret_count, 2);
    assert_str_equal_to(live->secrets[0], TEST_SECRET);
    assert_str_equal_to(live->secrets[1], "whsec_next");
    assert_str_equal_to(config->details[0].timezone, "Europe/Paris");
    const struct provider_account *test = &config->accounts[1].says;
    assert_str_equal_to(test->account_key, "acme-test");
    assert_false(test->live);
    assert_int64_equal(test->secret_count, 1);
}

static void the_time_of_day_is_counted_from_midnight_and_may_be_off(void **state)
{
    (void)state;
    static const struct {
        const char *text;
        int64_t us;
    } rows[] = {{"00:00", 0}, {"23:59", INT64_C(86340000000)}, {"04:30", INT64_C(16200000000)},
        {"off", -1}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t us = 7;
        assert_err(config_clock_parse(str_from(rows[i].text), &us), ERR_OK);
        assert_int64_equal(us, rows[i].us);
    }
    int64_t us = 7;
    assert_err(config_clock_parse(STR("1a:00"), &us), ERR_MALFORMED);
    assert_int64_equal(us, 7);
}

static void a_file_that_is_not_there_is_not_found(void **state)
{
    (void)state;
    struct config *config = NULL;
    struct err_info info = {""};
    assert_err(config_load(config_place("nothing.ini"), &config, &info), ERR_NOT_FOUND);
    assert_non_null(strstr(info.text, "nothing.ini"));
    assert_err(config_load(test_folder, &config, &info), ERR_FILE_IO);
    assert_null(config);
}

/* --- the environment --- */

static void the_environment_wins_over_the_file(void **state)
{
    (void)state;
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    config_write("secret", STR(TEST_SECRET));
    assert_int_equal(setenv("COUNTERFOIL_STORE_URL", "sqlite:///from/the/environment", 1), 0);
    assert_int_equal(
        setenv("COUNTERFOIL_HTTP_CONNECTIONS", "", 1), 0); /* empty counts as not set */
    assert_int_equal(setenv("COUNTERFOIL_ACCOUNT_A_ENVIRONMENT", "live", 1), 0);
    assert_int_equal(setenv("COUNTERFOIL_SERVICE_HOST", "10.0.0.1", 1), 0); /* somebody else's */
    enum err err = config_load_text(
        STR("[store]\nurl = sqlite:///file\n" ACCOUNT), CONFIG_SECRETS_RESOLVED, &config, &info);
    assert_int_equal(unsetenv("COUNTERFOIL_STORE_URL"), 0);
    assert_int_equal(unsetenv("COUNTERFOIL_HTTP_CONNECTIONS"), 0);
    assert_int_equal(unsetenv("COUNTERFOIL_ACCOUNT_A_ENVIRONMENT"), 0);
    assert_int_equal(unsetenv("COUNTERFOIL_SERVICE_HOST"), 0);
    assert_err(err, ERR_OK);
    assert_str_equal_to(config->store_url, "sqlite:///from/the/environment");
    assert_int64_equal(config->http_connections, 4096);
    assert_true(config->accounts[0].says.live);
}

static void an_account_may_come_from_the_environment_alone(void **state)
{
    (void)state;
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    assert_int_equal(setenv("COUNTERFOIL_ACCOUNT_ACME_LIVE_ENVIRONMENT", "live", 1), 0);
    assert_int_equal(setenv("COUNTERFOIL_ACCOUNT_ACME_LIVE_WEBHOOK_SECRET", "env:A_SECRET", 1), 0);
    assert_int_equal(setenv("A_SECRET", TEST_SECRET, 1), 0);
    enum err err = config_load_text(STR(""), CONFIG_SECRETS_RESOLVED, &config, &info);
    assert_int_equal(unsetenv("COUNTERFOIL_ACCOUNT_ACME_LIVE_ENVIRONMENT"), 0);
    assert_int_equal(unsetenv("COUNTERFOIL_ACCOUNT_ACME_LIVE_WEBHOOK_SECRET"), 0);
    assert_int_equal(unsetenv("A_SECRET"), 0);
    assert_err(err, ERR_OK);
    assert_int64_equal(config->account_count, 1);
    assert_str_equal_to(config->accounts[0].says.name, "acme-live");
    assert_str_equal_to(config->accounts[0].says.secrets[0], TEST_SECRET);
}

static void a_variable_of_ours_that_is_no_key_is_refused_by_name(void **state)
{
    (void)state;
    static const struct {
        const char *variable, *value, *says;
    } rows[] = {
        {"COUNTERFOIL_STORE_URI", "sqlite:///x", "did you mean `url`"},
        {"COUNTERFOIL_LOG_LEVEL", "loud", "allowed is debug"},
        {"COUNTERFOIL_ACCOUNT_A_ENVIROMENT", "live", "no such key"},
        {"COUNTERFOIL_ACCOUNT_A_WEBHOOK_SECRET", TEST_SECRET, "never written here"},
    };
    config_write("secret", STR(TEST_SECRET));
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct config *config = NULL;
        struct err_info info = {""};
        assert_int_equal(setenv(rows[i].variable, rows[i].value, 1), 0);
        enum err err = config_load_text(STR(ACCOUNT), CONFIG_SECRETS_RESOLVED, &config, &info);
        assert_int_equal(unsetenv(rows[i].variable), 0);
        assert_row(err == ERR_CONFIG, rows[i].variable);
        assert_row(strstr(info.text, rows[i].variable) != NULL, rows[i].variable);
        assert_row(strstr(info.text, rows[i].says) != NULL, rows[i].variable);
        assert_row(strstr(info.text, "never_to_be_seen") == NULL, rows[i].variable);
    }
}

TESTS_MAIN_WITH("cli/config",
    config_folder_make,
    config_folder_remove,
    TEST(each_error_names_line_and_key_and_what_is_allowed),
    TEST(a_line_that_is_too_long_or_no_text_is_refused),
    TEST(defaults_stand_where_nothing_is_written),
    TEST(values_comments_and_indentation_are_read),
    TEST(the_time_of_day_is_counted_from_midnight_and_may_be_off),
    TEST(a_file_that_is_not_there_is_not_found),
    TEST(the_environment_wins_over_the_file),
    TEST(an_account_may_come_from_the_environment_alone),
    TEST(a_variable_of_ours_that_is_no_key_is_refused_by_name))

#include "cli/config_table.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "net/client.h"
#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>

#define CODE_BYTES_MAX 80
#define CODE_WORDS "a name like 1200-Bank, of letters, digits, single blanks and . : _ - & / +"

const struct config_row config_rows[] = {
#define CONFIG(section, key, type, otherwise, min, max, member, help)                              \
    {#section, key, CONFIG_##type, otherwise, min, max, offsetof(struct config, member), help},
#define ACCOUNT(key, type, otherwise, min, max, member, help)                                      \
    {"account", key, CONFIG_##type, otherwise, min, max, offsetof(struct config_account, member),  \
        help},
#include "cli/config.def"
#undef CONFIG
#undef ACCOUNT
#define ACCOUNT(NAME, name, class, owner, key, help)                                               \
    {"chart", name, CONFIG_CODE, name, 0, 0, offsetof(struct config, chart[ACCOUNT_##NAME]), help},
#include "ledger/chart.def"
#undef ACCOUNT
};
const size_t config_row_count = sizeof config_rows / sizeof config_rows[0];
_Static_assert(
    sizeof config_rows / sizeof config_rows[0] <= CONFIG_ROWS_MAX, "room for a setting each");

bool config_row_is_of_account(const struct config_row *row)
{
    return strcmp(row->section, "account") == 0;
}

bool config_row_is_of_chart(const struct config_row *row)
{
    return strcmp(row->section, "chart") == 0;
}

const struct config_row *config_row_find(struct str section, struct str key)
{
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        if (str_eq(section, str_from(row->section)) && str_eq(key, str_from(row->key))) {
            return row;
        }
    }
    return NULL;
}

/* --- one value of each type --- */

static bool is_one_of(char c, const char *also)
{
    bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    return letter || (c >= '0' && c <= '9') || (c != '\0' && strchr(also, c) != NULL);
}

static bool is_made_of(struct str value, const char *also)
{
    for (size_t i = 0; i < value.len; i++) {
        if (!is_one_of(value.data[i], also)) {
            return false;
        }
    }
    return value.len > 0;
}

enum err config_address_check(struct str address, bool *ret_loopback, int64_t *ret_port)
{
    struct str host = address;
    size_t colon = address.len;
    while (colon > 0 && address.data[colon - 1] != ':') {
        colon--;
    }
    if (colon < 2) {
        return ERR_MALFORMED;
    }
    host.len = colon - 1;
    struct str digits = {address.data + colon, address.len - colon};
    int64_t port = 0;
    if (str_to_int64(digits, &port) != ERR_OK || port < 0 || port > 65535) {
        return ERR_MALFORMED;
    }
    bool six = host.len > 2 && host.data[0] == '[' && host.data[host.len - 1] == ']';
    if (six) {
        host = (struct str){host.data + 1, host.len - 2};
    }
    char text[INET6_ADDRSTRLEN + 1];
    uint8_t bytes[16];
    if (!str_copy_to(text, sizeof text, host) ||
        inet_pton(six ? AF_INET6 : AF_INET, text, bytes) != 1) {
        return ERR_MALFORMED;
    }
    static const uint8_t loopback_six[16] = {[15] = 1};
    *ret_loopback = six ? memcmp(bytes, loopback_six, sizeof loopback_six) == 0 : bytes[0] == 127;
    *ret_port = port;
    return ERR_OK;
}

/* `postgresql://user:password@host` and `?password=`: what has a password would be shown in
 * messages. */
static bool url_has_password(struct str url)
{
    struct str rest = url;
    (void)str_cut(&rest, ':');
    struct str query = rest;
    struct str address = str_cut(&query, '?');
    address.data += address.len >= 2 ? 2 : address.len;
    address.len -= address.len >= 2 ? 2 : address.len;
    struct str host = address;
    struct str user = str_cut(&host, '@');
    bool has_user = user.len < address.len;
    if (has_user && memchr(user.data, ':', user.len) != NULL) {
        return true;
    }
    while (query.len > 0) {
        struct str pair = str_cut(&query, '&');
        struct str name = str_cut(&pair, '=');
        if (str_eq(name, STR("password")) || str_eq(name, STR("sslpassword"))) {
            return true;
        }
    }
    return false;
}

static bool ends_with(struct str text, struct str end)
{
    return text.len >= end.len &&
           str_eq((struct str){text.data + text.len - end.len, end.len}, end);
}

/* What is to be kept can neither be a folder nor live in memory. */
static bool sqlite_url_is_good(struct str value)
{
    return value.len > sizeof "sqlite:" - 1 && !ends_with(value, STR("/")) &&
           !ends_with(value, STR(":memory:"));
}

static bool url_is_good(struct str value)
{
    if (str_starts_with(value, STR("sqlite:"))) {
        return sqlite_url_is_good(value);
    }
    bool postgres =
        str_starts_with(value, STR("postgresql://")) || str_starts_with(value, STR("postgres://"));
    return postgres && !url_has_password(value);
}

static bool flag_parse(struct str value, bool *ret)
{
    bool yes = str_eq(value, STR("yes")) || str_eq(value, STR("true")) || str_eq(value, STR("on"));
    bool no = str_eq(value, STR("no")) || str_eq(value, STR("false")) || str_eq(value, STR("off"));
    *ret = yes;
    return yes || no;
}

static bool choice_parse(struct str value, const char *words, bool *ret)
{
    struct str second = str_from(words);
    struct str first = str_cut(&second, ' ');
    second.data += sizeof "or " - 1;
    second.len -= sizeof "or " - 1;
    *ret = str_eq(value, second);
    return *ret || str_eq(value, first);
}

static bool account_id_is_good(struct str value)
{
    struct str rest = {value.data + 5, value.len > 5 ? value.len - 5 : 0};
    return value.len <= LIMIT_PROVIDER_ID_BYTES && str_starts_with(value, STR("acct_")) &&
           is_made_of(rest, "_");
}

static bool api_base_is_good(struct str value)
{
    struct net_place place = {0};
    return net_url_read(value, &place) == ERR_OK && place.bare && (place.tls || place.is_loopback);
}

static bool zone_is_good(struct str value)
{
    if (!is_made_of(value, "_+-/") || value.data[0] == '/' || value.len > 64) {
        return false;
    }
    return true;
}

/* Marks, blanks and controls beyond ASCII that somebody's program might take for the end of a name:
 * U+0080 to U+00BF, U+2000 to U+2FFF, U+3000 to U+303F and what begins with EF. */
static bool is_letter_beyond_ascii(struct str rest)
{
    unsigned char lead = (unsigned char)rest.data[0];
    bool wide_mark = lead == 0xe3 && rest.len > 1 && (unsigned char)rest.data[1] == 0x80;
    return lead >= 0x80 && lead != 0xc2 && lead != 0xe2 && lead != 0xef && !wide_mark;
}

/* What hledger and beancount can both be given as a name, the one as it is, the other in its form.
 */
static bool code_is_good(struct str value)
{
    char before = ':';
    if (value.len > CODE_BYTES_MAX || !str_is_utf8(value)) {
        return false;
    }
    for (size_t i = 0; i < value.len; i++) {
        struct str rest = {value.data + i, value.len - i};
        char c = value.data[i];
        bool begins = before == ':'; /* a part of the name */
        bool continued = ((unsigned char)c & 0xc0) == 0x80;
        bool letter = is_one_of(c, "") || continued || is_letter_beyond_ascii(rest);
        bool mark = strchr("._-&/+: ", c) != NULL && c != '\0';
        if (!letter && (!mark || begins || (c == ' ' && before == ' '))) {
            return false;
        }
        before = c;
    }
    return value.len > 0 && before != ':' && before != ' ';
}

static const char *const type_words[CONFIG_TYPE_COUNT] = {
    [CONFIG_URL] =
        "a file, sqlite:///path/to/books.db, or postgresql://user@host/db without a password",
    [CONFIG_ADDRESS] = "a numeric address with a port, like 127.0.0.1:8420 or [::1]:8420",
    [CONFIG_LEVEL] = "debug, info, warning, error or off",
    [CONFIG_FLAG] = "yes or no",
    [CONFIG_PROVIDER] = "stripe",
    [CONFIG_ENVIRONMENT] = "live or test",
    [CONFIG_REFERENCES] = "env:NAME, file:PATH or credential:NAME, several separated by blanks",
    [CONFIG_REFERENCE] = "env:NAME, file:PATH or credential:NAME",
    [CONFIG_ACCOUNT_ID] = "acct_ followed by letters and digits",
    [CONFIG_API_BASE] = "https://host, or http://127.0.0.1:port on this machine",
    [CONFIG_ZONE] = "a zone of the tz database, like Europe/Paris",
    [CONFIG_CODE] = CODE_WORDS,
    [CONFIG_CLOCK] = "hours and minutes, like 04:30, or off",
    [CONFIG_COMMAND] = "a command of the shell, of one line",
    [CONFIG_UNLINKED] = "sale or hold",
    [CONFIG_BANK] = "asserted or unknown",
    [CONFIG_FEE_TAX] = "expense or input",
};

static void allowed(const struct config_row *row, char *to, size_t size)
{
    if (row->type == CONFIG_INT) {
        (void)snprintf(to, size, "a number from %" PRId64 " to %" PRId64, row->min, row->max);
    } else if (row->type == CONFIG_DURATION) {
        char min[TIMESTAMP_TEXT_BYTES];
        char max[TIMESTAMP_TEXT_BYTES];
        duration_format(row->min, min);
        duration_format(row->max, max);
        (void)snprintf(to, size, "a duration from %s to %s, like %s", min, max, row->otherwise);
    } else {
        (void)snprintf(to, size, "%s", type_words[row->type]);
    }
}

/* Addresses inside the struct that `row` describes. */
static void *member_of(const struct config_row *row, void *base)
{
    return (char *)base + row->offset;
}

static bool store_number(const struct config_row *row, struct str value, void *base)
{
    int64_t number = 0;
    enum err err =
        row->type == CONFIG_INT ? str_to_int64(value, &number) : duration_parse(value, &number);
    if (err != ERR_OK || number < row->min || number > row->max) {
        return false;
    }
    *(int64_t *)member_of(row, base) = number;
    return true;
}

static bool store_value(const struct config_row *row, struct str value, void *base)
{
    bool unused = false;
    int64_t port = 0;
    bool good = false;
    switch (row->type) {
    case CONFIG_INT:
    case CONFIG_DURATION:
        return store_number(row, value, base);
    case CONFIG_CLOCK:
        return config_clock_parse(value, (int64_t *)member_of(row, base)) == ERR_OK;
    case CONFIG_LEVEL:
        return log_level_parse(value, (enum log_level *)member_of(row, base));
    case CONFIG_FLAG:
        return flag_parse(value, (bool *)member_of(row, base));
    case CONFIG_UNLINKED:
    case CONFIG_BANK:
    case CONFIG_FEE_TAX:
        return choice_parse(value, type_words[row->type], (bool *)member_of(row, base));
    case CONFIG_URL:
        good = url_is_good(value);
        break;
    case CONFIG_ADDRESS:
        good = config_address_check(value, &unused, &port) == ERR_OK;
        break;
    case CONFIG_PROVIDER:
        good = str_eq(value, STR("stripe"));
        break;
    case CONFIG_ENVIRONMENT:
        good = str_eq(value, STR("live")) || str_eq(value, STR("test"));
        break;
    case CONFIG_ACCOUNT_ID:
        good = account_id_is_good(value);
        break;
    case CONFIG_API_BASE:
        good = api_base_is_good(value);
        break;
    case CONFIG_ZONE:
        good = zone_is_good(value);
        break;
    case CONFIG_CODE:
        good = code_is_good(value);
        break;
    case CONFIG_COMMAND:
        good = config_command_is_good(value);
        break;
    case CONFIG_REFERENCES:
    case CONFIG_REFERENCE:
        good = true; /* judged one by one in config_account.c */
        break;
    case CONFIG_TYPE_COUNT:
    default:
        UNREACHABLE();
    }
    if (good) {
        *(struct str *)member_of(row, base) = value;
    }
    return good;
}

enum err config_row_store(
    const struct config_row *row, struct str value, void *base, struct err_info *reterr)
{
    REQUIRE(row != NULL);
    REQUIRE(base != NULL);
    if (value.len > 0 && store_value(row, value, base)) {
        return ERR_OK;
    }
    char words[160];
    allowed(row, words, sizeof words);
    bool quoted = value.len > 0 && (value.data[0] == '"' || value.data[0] == '\'');
    return err_set(reterr, ERR_CONFIG, "%s; allowed is %s%s",
        value.len == 0 ? "is empty" : "is not valid", words, quoted ? " (without quotes)" : "");
}

/* --- the page of documentation --- */

static void docs_row(const struct config_row *row, struct buf *to)
{
    char words[160];
    char variable[128];
    allowed(row, words, sizeof words);
    (void)snprintf(variable, sizeof variable, "COUNTERFOIL_%s_%s", row->section, row->key);
    for (char *c = variable; *c != '\0'; c++) {
        *c = (char)(*c == '.' ? '_' : *c >= 'a' && *c <= 'z' ? *c - 0x20 : *c);
    }
    bool of_account = config_row_is_of_account(row);
    buf_addf(to, "### `%s`\n\n%s\n\n", row->key, row->help);
    buf_addf(to, "- allowed: %s\n", words);
    if (row->otherwise == NULL) {
        buf_addf(to, "- must be given\n");
    } else if (row->otherwise[0] != '\0') {
        buf_addf(to, "- default: `%s`\n", row->otherwise);
    } else {
        buf_addf(to, "- default: none\n");
    }
    buf_addf(to, "- environment: `COUNTERFOIL_%s%s`\n\n", of_account ? "ACCOUNT_<LABEL>_" : "",
        of_account ? variable + sizeof "COUNTERFOIL_ACCOUNT" : variable + sizeof "COUNTERFOIL");
}

static void docs_chart(struct buf *to)
{
    char words[160];
    allowed(config_row_find(STR("chart"), str_from(account_row(ACCOUNT_BANK)->name)), words,
        sizeof words);
    buf_addf(to,
        "## `[chart]`\n\n"
        "What `counterfoil export` calls the accounts of the books: `%s = 1200-Bank`. The keys are "
        "the accounts'\n"
        "names, which [ledger.md](ledger.md) lists; one that is not there keeps its own name. "
        "Several accounts may\n"
        "have one code.\n\n"
        "- allowed: %s\n"
        "- default: the account's own name\n"
        "- environment: `COUNTERFOIL_CHART_` and the account's name in upper case with `_` for "
        "`:`, like `COUNTERFOIL_CHART_ASSETS_BANK`\n\n",
        account_row(ACCOUNT_BANK)->name, words);
}

void config_docs(struct buf *to)
{
    REQUIRE(to != NULL);
    buf_addf(to,
        "# Configuration\n\n"
        "<!-- Made by `counterfoil completion config.md` from src/cli/config.def; a test compares. "
        "-->\n\n"
        "One INI file, `%s` unless `--config FILE` or `COUNTERFOIL_CONFIG` names another. "
        "`counterfoil init`\n"
        "writes one, `counterfoil doctor` checks it. Lines that begin with `;` or `#` are "
        "comments, and so is\n"
        "what follows a blank and `;`. Unknown sections and keys, keys that stand twice and values "
        "that are\n"
        "not allowed are errors that name file and line.\n\n"
        "Every key may also come from the environment, which wins over the file; a variable that "
        "is empty\n"
        "counts as not set. In the name of an account's variables, `<LABEL>` is the label in upper "
        "case with\n"
        "`_` for `-`. Without the default file the environment alone is enough; an account that "
        "only the\n"
        "environment knows gets the label in lower case with `-` for `_`.\n\n"
        "Secrets are never written into the file. They are referred to:\n\n"
        "| reference | value |\n"
        "|---|---|\n"
        "| `env:NAME` | of an environment variable |\n"
        "| `file:PATH` | of a file; a relative path starts at the folder of the configuration |\n"
        "| `credential:NAME` | of a systemd credential (`LoadCredential=` in the unit) |\n\n"
        "White space around the value does not count. `systemctl reload counterfoil` (SIGHUP) "
        "reads them\n"
        "again.\n",
        CONFIG_PATH_DEFAULT);
    const char *section = "";
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        if (config_row_is_of_chart(row)) {
            continue;
        }
        if (strcmp(section, row->section) != 0) {
            section = row->section;
            buf_addf(to, "%s## `[%s%s]`\n\n", i == 0 ? "\n" : "", section,
                config_row_is_of_account(row) ? " LABEL" : "");
            if (config_row_is_of_account(row)) {
                buf_addf(to,
                    "One section for each endpoint. LABEL is the last part of its URL, "
                    "`/webhooks/LABEL`: up to\n"
                    "%d lower-case letters, digits, `-` and `_`, beginning with a letter or "
                    "digit.\n\n",
                    CONFIG_LABEL_BYTES);
            }
        }
        docs_row(row, to);
    }
    docs_chart(to);
    while (to->len > 1 && to->data[to->len - 1] == '\n' && to->data[to->len - 2] == '\n') {
        to->len--; /* one line end closes the file */
    }
}

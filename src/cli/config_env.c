#include "base/check.h"
#include "base/limits.h"
#include "cli/config_table.h"
#include "cli/nearest.h"
#include "cli/secret.h"
#include <stdlib.h>
#include <unistd.h>

#define PREFIX "COUNTERFOIL_"
#define VARIABLES_MAX 4096

/* --- names --- */

/* What may be repeated in a message: a name, and no secret that stands where a name belongs. */
struct str config_shown_name(struct str name)
{
    bool fine = name.len > 0 && name.len <= 48 && !secret_looks_like_one(name);
    for (size_t i = 0; fine && i < name.len; i++) {
        char c = name.data[i];
        fine = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
               strchr("._- ", c) != NULL;
    }
    return fine ? name : STR("(what stands here)");
}

const char *config_nearest_key(struct str section, struct str key)
{
    const char *keys[CONFIG_ROWS_MAX];
    size_t count = 0;
    for (size_t i = 0; i < config_row_count; i++) {
        if (str_eq(section, str_from(config_rows[i].section))) {
            keys[count++] = config_rows[i].key;
        }
    }
    return nearest(key, keys, count);
}

const char *config_nearest_section(struct str section)
{
    const char *sections[CONFIG_ROWS_MAX];
    for (size_t i = 0; i < config_row_count; i++) {
        sections[i] = config_rows[i].section;
    }
    return nearest(section, sections, config_row_count);
}

bool config_label_is_good(struct str label)
{
    for (size_t i = 0; i < label.len; i++) {
        char c = label.data[i];
        bool alphanumeric = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
        if (!alphanumeric && (i == 0 || (c != '-' && c != '_'))) {
            return false;
        }
    }
    return label.len > 0 && label.len <= CONFIG_LABEL_BYTES && !secret_looks_like_one(label);
}

static char variable_char(char c)
{
    return (char)(c == '-' || c == '.' || c == ':' ? '_' : c >= 'a' && c <= 'z' ? c - 0x20 : c);
}

bool config_label_matches(struct str label, struct str other)
{
    if (label.len != other.len) {
        return false;
    }
    for (size_t i = 0; i < label.len; i++) {
        if (variable_char(label.data[i]) != variable_char(other.data[i])) {
            return false;
        }
    }
    return true;
}

/* --- the environment --- */

struct variable {
    struct str name; /* without the prefix */
    struct str full, value;
};

static int variable_compare(const void *a, const void *b)
{
    return str_compare(((const struct variable *)a)->full, ((const struct variable *)b)->full);
}

/* Sorted, so that accounts that only the environment knows stand in an order that does not change.
 */
static enum err variables_collect(struct arena *arena,
    struct variable **ret_variables,
    size_t *ret_count,
    struct err_info *reterr)
{
    size_t count = 0;
    struct variable *variables = arena_new_array(arena, struct variable, VARIABLES_MAX);
    if (variables == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    for (char **entry = environ; entry != NULL && *entry != NULL; entry++) {
        struct str value = str_from(*entry);
        struct str full = str_cut(&value, '=');
        if (str_starts_with(full, STR(PREFIX)) && value.len > 0 && count < VARIABLES_MAX) {
            size_t prefix = sizeof PREFIX - 1;
            variables[count++] =
                (struct variable){{full.data + prefix, full.len - prefix}, full, value};
        }
    }
    qsort(variables, count, sizeof *variables, variable_compare);
    *ret_variables = variables;
    *ret_count = count;
    return ERR_OK;
}

/* Cuts `NAME_` off the front. */
static bool take_front(struct str *text, struct str name)
{
    if (text->len <= name.len || text->data[name.len] != '_' ||
        !config_label_matches(name, (struct str){text->data, name.len})) {
        return false;
    }
    *text = (struct str){text->data + name.len + 1, text->len - name.len - 1};
    return true;
}

static enum err set(struct config_text *text,
    struct setting *setting,
    const struct variable *variable,
    struct err_info *reterr)
{
    setting->value = arena_copy(text->arena, str_trim(variable->value));
    setting->name = arena_copy(text->arena, variable->full);
    setting->line = 0;
    bool whole = setting->value.data != NULL && setting->name.data != NULL;
    return whole ? ERR_OK : err_set(reterr, ERR_BUSY, "out of memory");
}

static enum err no_such_key(
    const struct variable *variable, struct str section, struct str key, struct err_info *reterr)
{
    const char *near = config_nearest_key(section, key);
    return err_set(reterr, ERR_CONFIG, STR_FMT ": [" STR_FMT "] has no such key%s%s%s",
        STR_ARG(variable->full), STR_ARG(section), near == NULL ? "" : "; did you mean `",
        near == NULL ? "" : near, near == NULL ? "" : "`?");
}

static enum err take_global(
    struct config_text *text, const struct variable *variable, bool *found, struct err_info *reterr)
{
    for (size_t i = 0; i < config_row_count; i++) {
        struct str section = str_from(config_rows[i].section);
        struct str key = variable->name;
        if (config_row_is_of_account(&config_rows[i]) || !take_front(&key, section)) {
            continue;
        }
        for (size_t j = i; j < config_row_count; j++) {
            if (str_eq(str_from(config_rows[j].section), section) &&
                config_label_matches(str_from(config_rows[j].key), key)) {
                *found = true;
                return set(text, &text->settings[j], variable, reterr);
            }
        }
        return no_such_key(variable, section, key, reterr);
    }
    return ERR_OK; /* somebody else's: service managers make COUNTERFOIL_SERVICE_HOST and the like
                    */
}

static enum err account_of(struct config_text *text,
    const struct variable *variable,
    struct str label,
    struct account_settings **ret_account,
    struct err_info *reterr)
{
    for (uint32_t i = 0; i < text->account_count; i++) {
        if (config_label_matches(text->accounts[i].label, label)) {
            *ret_account = &text->accounts[i];
            return ERR_OK;
        }
    }
    char lower[CONFIG_LABEL_BYTES + 1] = "";
    bool fits = str_copy_to(lower, sizeof lower, label);
    for (char *c = lower; *c != '\0'; c++) {
        *c = (char)(*c == '_' ? '-' : *c >= 'A' && *c <= 'Z' ? *c | 0x20 : *c);
    }
    if (!fits || !config_label_is_good(str_from(lower))) {
        return err_set(reterr, ERR_CONFIG, STR_FMT ": the label of the account is not valid",
            STR_ARG(variable->full));
    }
    if (text->account_count == LIMIT_ACCOUNTS) {
        return err_set(reterr, ERR_CONFIG, STR_FMT ": more than %d accounts",
            STR_ARG(variable->full), LIMIT_ACCOUNTS);
    }
    struct account_settings *account = &text->accounts[text->account_count++];
    account->label = arena_copy(text->arena, str_from(lower));
    *ret_account = account;
    return account->label.data == NULL ? err_set(reterr, ERR_BUSY, "out of memory") : ERR_OK;
}

/* `LABEL_KEY`: both may hold underscores, so the keys that there are decide where one ends. */
static enum err take_account(struct config_text *text,
    const struct variable *variable,
    struct str name,
    struct err_info *reterr)
{
    for (size_t i = 0; i < config_row_count; i++) {
        struct str key = str_from(config_rows[i].key);
        if (!config_row_is_of_account(&config_rows[i]) || name.len < key.len + 2) {
            continue;
        }
        size_t at = name.len - key.len;
        struct str label = {name.data, at - 1};
        if (name.data[at - 1] != '_' ||
            !config_label_matches(key, (struct str){name.data + at, key.len})) {
            continue;
        }
        struct account_settings *account = NULL;
        TRY(account_of(text, variable, label, &account, reterr));
        ENSURE(account != NULL);
        return set(text, &account->settings[i], variable, reterr);
    }
    return no_such_key(variable, STR("account"), name, reterr);
}

enum err config_read_environment(struct config_text *text, bool *ret_found, struct err_info *reterr)
{
    REQUIRE(text != NULL);
    REQUIRE(ret_found != NULL);
    struct variable *variables = NULL;
    size_t count = 0;
    bool found = false;
    TRY(variables_collect(text->arena, &variables, &count, reterr));
    for (size_t i = 0; i < count; i++) {
        struct str name = variables[i].name;
        if (take_front(&name, STR("account"))) {
            TRY(take_account(text, &variables[i], name, reterr));
            found = true;
        } else {
            TRY(take_global(text, &variables[i], &found, reterr));
        }
    }
    *ret_found = found;
    return ERR_OK;
}

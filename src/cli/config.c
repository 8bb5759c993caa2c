#include "base/check.h"
#include "base/limits.h"
#include "cli/config_table.h"
#include "cli/secret.h"
#include <stdlib.h>

#define ARENA_BYTES ((size_t)16 * 1024 * 1024)

/* The public struct and what it borrows from. */
struct config_box {
    struct config config; /* first member: config_free casts back */
    struct arena *arena;
    struct secret_vault *vault;
};
_Static_assert(offsetof(struct config_box, config) == 0, "config_free casts back");

struct config *config_free(struct config *config)
{
    if (config != NULL) {
        struct config_box *box = (struct config_box *)config;
        box->vault = secret_vault_free(box->vault);
        box->arena = arena_free(box->arena);
        free(box);
    }
    return NULL;
}

static enum err store_globals(
    const struct config_text *text, struct config *config, struct err_info *reterr)
{
    struct err_info info;
    for (size_t i = 0; i < config_row_count; i++) {
        const struct config_row *row = &config_rows[i];
        const struct setting *setting = &text->settings[i];
        if (config_row_is_of_account(row)) {
            continue;
        }
        ENSURE(row->otherwise != NULL); /* only accounts have keys that must be given */
        struct str value = setting->value.data != NULL ? setting->value : str_from(row->otherwise);
        if (setting->value.data == NULL && value.len == 0) {
            continue; /* none */
        }
        enum err err = config_row_store(row, value, config, &info);
        if (err != ERR_OK) {
            return config_complain(text, NULL, row, setting, err, info.text, reterr);
        }
    }
    return ERR_OK;
}

/* What no row can say alone. */
static enum err check_together(
    const struct config_text *text, const struct config *config, struct err_info *reterr)
{
    bool loopback = false;
    int64_t port = 0;
    const struct config_row *row = config_row_find(STR("listen"), STR("private"));
    ENSURE(row != NULL);
    ENSURE(config_address_check(config->listen_private, &loopback, &port) == ERR_OK);
    if (port != 0 && str_eq(config->listen_public, config->listen_private)) {
        return config_complain(text, NULL, row, &text->settings[row - config_rows], ERR_CONFIG,
            "must be another address than public, which anybody may reach", reterr);
    }
    return ERR_OK;
}

static struct str folder_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    if (slash == NULL) {
        return STR_NONE;
    }
    return slash == path ? STR("/") : (struct str){path, (size_t)(slash - path)};
}

static enum err read_all(
    struct config_text *text, const char *path, struct config *config, struct err_info *reterr)
{
    const char *file = path != NULL ? path : CONFIG_PATH_DEFAULT;
    bool found = false;
    struct err_info missing;
    if (!str_copy_to(config->path, sizeof config->path, str_from(file))) {
        return err_set(reterr, ERR_CONFIG, "the path of the configuration is too long");
    }
    enum err err = config_read_file(text, file, &missing);
    bool only_environment = err == ERR_NOT_FOUND && path == NULL;
    if (err != ERR_OK && !only_environment) {
        return err_set(reterr, err, "%s", missing.text);
    }
    TRY(config_read_environment(text, &found, reterr));
    if (only_environment) {
        config->path[0] = '\0';
        return found ? ERR_OK : err_set(reterr, ERR_NOT_FOUND, "%s", missing.text);
    }
    return ERR_OK;
}

static enum err load(
    struct config_box *box, const char *path, enum config_secrets secrets, struct err_info *reterr)
{
    box->arena = arena_new(ARENA_BYTES);
    box->vault = secret_vault_new();
    if (box->arena == NULL || box->vault == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    struct config_text text = {.arena = box->arena};
    text.accounts = arena_new_array(box->arena, struct account_settings, LIMIT_ACCOUNTS);
    if (text.accounts == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(read_all(&text, path, &box->config, reterr));
    TRY(store_globals(&text, &box->config, reterr));
    TRY(check_together(&text, &box->config, reterr));
    return config_accounts(
        &text, folder_of(box->config.path), box->vault, secrets, &box->config, reterr);
}

enum err config_load_with(const char *path,
    enum config_secrets secrets,
    struct config **ret_config,
    struct err_info *reterr)
{
    REQUIRE(ret_config != NULL);
    struct config_box *box = calloc(1, sizeof *box);
    if (box == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    enum err err = load(box, path, secrets, reterr);
    if (err != ERR_OK) {
        (void)config_free(&box->config);
        return err;
    }
    *ret_config = &box->config;
    return ERR_OK;
}

enum err config_load(const char *path, struct config **ret_config, struct err_info *reterr)
{
    return config_load_with(path, CONFIG_SECRETS_RESOLVED, ret_config, reterr);
}

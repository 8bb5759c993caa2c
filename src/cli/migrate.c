#include "base/check.h"
#include "base/timestamp.h"
#include "cli/command.h"
#include "cli/output.h"

struct migrate {
    struct command_context *context;
    int applied;
    int64_t began_us;
};

static void say_progress(void *context, int version, const char *name)
{
    struct migrate *migrate = context;
    migrate->applied++;
    if (!migrate->context->json) {
        outf("migration %d: %s\n", version, name);
        out_flush();
    }
}

static int report(const struct migrate *migrate,
    const struct schema_state *before,
    const struct schema_state *after,
    bool check)
{
    bool current = after->version == after->wanted;
    if (migrate->context->json) {
        CLEANUP(buf_fini) struct buf text;
        struct json_writer json;
        buf_init(&text, 4096);
        json_writer_init(&json, &text);
        json_begin_object(&json, STR_NONE);
        json_add_int(&json, STR("before"), before->version);
        json_add_int(&json, STR("version"), after->version);
        json_add_int(&json, STR("wanted"), after->wanted);
        json_add_int(&json, STR("applied"), migrate->applied);
        json_end_object(&json);
        out_json(&text);
    } else if (check && !current) {
        outf("the schema is %d, this program needs %d: `counterfoil migrate` is to be run\n",
            after->version, after->wanted);
    } else if (migrate->applied == 0) {
        outf("the schema is %d already: nothing to do\n", after->version);
    } else {
        char took[TIMESTAMP_TEXT_BYTES];
        duration_format(env_monotonic(migrate->context->env) - migrate->began_us, took);
        outf("the schema is %d now, after %s\n", after->version, took);
    }
    return current ? 0 : err_exit_code(ERR_DIFFERS);
}

/* What was read is newer than this program, or of another build: the text says which. */
static enum err read_schema(
    struct store *store, struct schema_state *ret_state, struct err_info *reterr)
{
    struct err_info info = {""};
    enum err err = store_schema(store, ret_state, &info);
    return err == ERR_OK ? ERR_OK
           : err == ERR_SCHEMA
               ? err_set(reterr, err,
                     "%s: another build of the program has migrated the store; nothing was changed",
                     info.text)
               : err_set(reterr, err, "%s", info.text);
}

/* A store that is not there yet is one that has everything to be done. */
static int check(struct migrate *migrate, const struct config *config)
{
    struct err_info info = {""};
    struct schema_state state = {0};
    CLEANUP(store_close) struct store *store = NULL;
    enum err err = store_open(config->store_url, STORE_READ, migrate->context->env, &store, &info);
    if (err == ERR_OK) {
        err = read_schema(store, &state, &info);
    } else if (err == ERR_NOT_FOUND) {
        if (!migrate->context->json) {
            out(STR("there is no store yet: `counterfoil migrate` makes it\n"));
        }
        return err_exit_code(ERR_DIFFERS);
    }
    return err != ERR_OK ? command_fail(migrate->context, err, &info)
                         : report(migrate, &state, &state, true);
}

static int migrate_now(struct migrate *migrate, const struct config *config)
{
    struct err_info info = {""};
    struct schema_state before = {0};
    struct schema_state after = {0};
    CLEANUP(store_close) struct store *store = NULL;
    enum err err = store_open(config->store_url, STORE_WRITE, migrate->context->env, &store, &info);
    err = err != ERR_OK ? err : read_schema(store, &before, &info);
    err = err != ERR_OK ? err : store_migrate(store, say_progress, migrate, &info);
    err = err != ERR_OK ? err : store_schema(store, &after, &info);
    return err != ERR_OK ? command_fail(migrate->context, err, &info)
                         : report(migrate, &before, &after, false);
}

int command_migrate(struct command_context *context)
{
    bool only_check = false;
    const struct option_row options[] = {
        {"--check", OPTION_FLAG, NULL, "change nothing; exit code 1 when something is to be done",
            &only_check},
        {NULL, OPTION_FLAG, NULL, NULL, NULL},
    };
    const struct usage usage = {
        .synopsis = "migrate [--check]",
        .description = "Makes the store if there is none and brings its schema to what this "
                       "program needs, one\n"
                       "migration a transaction, under a lock: any number may run it at once. "
                       "`serve` does the\n"
                       "same when it starts.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    enum err err = config_load_with(context->config_path, CONFIG_SECRETS_LEFT, &config, &info);
    if (err != ERR_OK) {
        return command_refuse(context, err, "%s", info.text);
    }
    struct migrate migrate = {.context = context, .began_us = env_monotonic(context->env)};
    return only_check ? check(&migrate, config) : migrate_now(&migrate, config);
}

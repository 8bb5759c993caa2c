#include "store/periods.h"
#include "cli/ledger.h"
#include "cli/ledger_walk.h"
#include "cli/output.h"
#include <inttypes.h>

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define LINE_BYTES_MAX 8192

struct listing {
    struct arena *arena; /* reset for each scope */
    int64_t scope;
    struct period_row *rows;
    uint32_t count;
    struct table *table; /* NULL: as JSON */
};

static enum err read_scope(struct store *store, void *context, struct err_info *reterr)
{
    struct listing *listing = context;
    arena_reset(listing->arena);
    return periods_list(
        store, listing->scope, listing->arena, &listing->rows, &listing->count, reterr);
}

static void row_json(const struct period_row *row)
{
    CLEANUP(buf_fini) struct buf line;
    struct json_writer writer;
    char period[PERIOD_TEXT_BYTES];
    buf_init(&line, LINE_BYTES_MAX);
    period_format(row->step.period, period);
    json_writer_init(&writer, &line);
    json_begin_object(&writer, STR_NONE);
    json_add_int(&writer, STR("scope"), row->scope);
    json_add_int(&writer, STR("number"), row->number);
    json_add_string(&writer, STR("period"), str_from(period));
    json_add_string(&writer, STR("action"), str_from(period_action_word(row->step.action)));
    json_add_int(&writer, STR("entry"), row->step.entry);
    json_add_time(&writer, STR("at"), row->at_us);
    json_add_string(&writer, STR("who"), row->who);
    json_add_string(&writer, STR("reason"), row->reason);
    json_end_object(&writer);
    out_json(&line);
}

static void add_row(struct table *table, const struct period_row *row)
{
    char period[PERIOD_TEXT_BYTES];
    char at[TIME_TEXT_BYTES];
    period_format(row->step.period, period);
    time_format(row->at_us, at);
    table_addf(table, "%" PRId64, row->scope);
    table_add(table, str_from(period));
    table_add(table, row->step.action == PERIOD_CLOSE ? STR("closed") : STR("reopened"));
    table_addf(table, "%" PRId64, row->step.entry);
    table_add(table, str_from(at));
    table_add(table, row->who);
    table_add(table, row->reason);
}

static enum err list_all(struct listing *listing,
    struct store *store,
    const struct config *config,
    struct str account_word,
    struct err_info *reterr)
{
    CLEANUP(arena_free) struct arena *names = arena_new(ARENA_BYTES);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct ledger_scopes scopes = {NULL, 0};
    if (names == NULL || arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    listing->arena = arena;
    TRY(ledger_scopes(store, config, account_word, names, &scopes, reterr));
    for (uint32_t i = 0; i < scopes.count; i++) {
        listing->scope = scopes.scopes[i];
        TRY(command_transaction(store, STORE_READ, read_scope, listing, reterr));
        for (uint32_t k = 0; k < listing->count; k++) {
            if (listing->table != NULL) {
                add_row(listing->table, &listing->rows[k]);
            } else {
                row_json(&listing->rows[k]);
            }
        }
    }
    return ERR_OK;
}

static int list(struct command_context *context, struct str account_word)
{
    static const struct table_column columns[] = {{"scope", true}, {"month", false}, {"", false},
        {"behind entry", true}, {"at", false}, {"who", false}, {"reason", false}};
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    CLEANUP(table_free) struct table *table = table_new(columns, 7);
    struct listing listing = {.table = context->json ? NULL : table};
    struct err_info info = {""};
    int exit_code = 0;
    if (table == NULL) {
        return command_fail(context, ERR_BUSY, NULL);
    }
    if (command_open_ready(context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    enum err err = list_all(&listing, store, config, account_word, &info);
    if (err != ERR_OK) {
        return command_fail(context, err, &info);
    }
    if (!context->json) {
        table_print(table);
    }
    return 0;
}

int ledger_periods(struct command_context *context)
{
    struct str account_word = STR_NONE;
    const struct option_row options[] = {
        {"--account", OPTION_TEXT, "ACCOUNT", "of one configured account: its label, or its scope",
            &account_word},
        {0},
    };
    const struct usage usage = {.synopsis = "ledger periods [--account ACCOUNT]",
        .description = "Prints which months were closed and reopened, oldest first: behind which "
                       "entry, when, by whom and why.",
        .options = options};
    int exit_code = 0;
    return options_take(context, &usage, &exit_code) ? list(context, account_word) : exit_code;
}

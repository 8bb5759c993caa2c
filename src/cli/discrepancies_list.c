#include "base/check.h"
#include "base/timestamp.h"
#include "cli/csv_text.h"
#include "cli/discrepancies.h"
#include "cli/ledger_print.h"
#include "cli/output.h"
#include "cli/scope_word.h"
#include "ledger/minor.h"
#include <inttypes.h>
#include <stdlib.h>

#define ARENA_BYTES ((size_t)256 * 1024 * 1024)
#define LINE_BYTES_MAX ((size_t)64 * 1024)
#define PAGE_ROWS 500
#define ROWS_MAX 100000 /* sorted in memory */
#define LIMIT_DEFAULT 100

struct listing {
    struct command_context *context;
    const struct config *config;
    struct str account_word, state_word, code_word, severity_word;
    int64_t limit; /* 0: all */
    bool csv;
    struct discrepancy_filter filter;
    bool by_severity;
    enum severity severity;
    struct arena *arena;
    struct scope_row *scopes;
    uint32_t scope_count;
    struct discrepancy *rows; /* of ROWS_MAX */
    uint32_t count;
    struct own_id after;
    bool more;
    int64_t now_us;
};

/* --- reading --- */

static enum err read_scopes(struct store *store, void *context, struct err_info *reterr)
{
    struct listing *listing = context;
    if (listing->account_word.len > 0) {
        TRY(scope_find(store, listing->config, listing->account_word, listing->arena,
            &listing->filter.scope, reterr));
    }
    return scope_list(store, listing->arena, &listing->scopes, &listing->scope_count, reterr);
}

static enum err read_page(struct store *store, void *context, struct err_info *reterr)
{
    struct listing *listing = context;
    struct discrepancy *page = NULL;
    uint32_t count = 0;
    TRY(discrepancies_list(
        store, &listing->filter, listing->after, PAGE_ROWS, listing->arena, &page, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        bool wanted =
            !listing->by_severity || code_row(page[i].found.code)->severity == listing->severity;
        if (wanted && listing->count == ROWS_MAX) {
            return err_set(reterr, ERR_TOO_LARGE,
                "more than %d of them: say --account, --code or --state", ROWS_MAX);
        }
        if (wanted) {
            listing->rows[listing->count++] = page[i];
        }
        listing->after = page[i].id;
    }
    listing->more = count == PAGE_ROWS;
    return ERR_OK;
}

static int compare_rows(const void *a, const void *b)
{
    const struct discrepancy *left = a;
    const struct discrepancy *right = b;
    int order = finding_compare(&left->found, &right->found);
    return order != 0 ? order : own_id_compare(left->id, right->id);
}

static enum err read_all(struct listing *listing, struct store *store, struct err_info *reterr)
{
    TRY(command_transaction(store, STORE_READ, read_scopes, listing, reterr));
    for (listing->more = true; listing->more;) {
        TRY(command_transaction(store, STORE_READ, read_page, listing, reterr));
    }
    if (listing->count > 0) {
        qsort(listing->rows, listing->count, sizeof *listing->rows, compare_rows);
    }
    return ERR_OK;
}

static struct str account_of(const struct listing *listing, int64_t scope)
{
    for (uint32_t i = 0; i < listing->scope_count; i++) {
        if (listing->scopes[i].scope == scope) {
            return listing->scopes[i].account_key;
        }
    }
    return STR("");
}

static uint32_t shown_count(const struct listing *listing)
{
    bool all = listing->limit == 0 || listing->limit >= listing->count;
    return all ? listing->count : (uint32_t)listing->limit;
}

/* --- for programs --- */

static void print_json(const struct listing *listing)
{
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    for (uint32_t i = 0; i < shown_count(listing); i++) {
        const struct discrepancy *row = &listing->rows[i];
        struct json_writer json;
        buf_clear(&line);
        json_writer_init(&json, &line);
        json_begin_object(&json, STR_NONE);
        json_add_int(&json, STR("scope"), row->found.scope);
        json_add_string(&json, STR("account"), account_of(listing, row->found.scope));
        json_add_string(&json, STR("age"),
            str_from(age_bucket_word(age_bucket(row->found.since_us, listing->now_us))));
        discrepancy_to_json(row, STR("discrepancy"), &json);
        json_end_object(&json);
        out_json(&line);
    }
}

static void csv_amount(struct buf *to, int64_t minor, struct currency currency)
{
    char text[MONEY_TEXT_BYTES] = "";
    if (currency.code[0] != '\0') {
        ledger_decimal(minor, currency, text);
    }
    csv_add(to, str_from(text));
}

static void csv_row(const struct listing *listing, const struct discrepancy *row, struct buf *to)
{
    const struct finding *found = &row->found;
    char id[FINDING_ID_TEXT_BYTES];
    char about[ABOUT_BYTES];
    int64_t off = 0;
    finding_id_format(row->id, id);
    discrepancy_about(found, about);
    csv_add(to, str_from(id));
    csv_add(to, account_of(listing, found->scope));
    csv_add(to, str_from(code_row(found->code)->word));
    csv_add(to, str_from(severity_word(code_row(found->code)->severity)));
    csv_add(to, str_from(discrepancy_state_word(row->state)));
    csv_add(to, str_from(about));
    csv_add_said(to, found->name);
    csv_add(to, str_from(found->currency.code));
    csv_amount(to, found->ours_minor, found->currency);
    csv_amount(to, found->theirs_minor, found->currency);
    bool fits = finding_off(found, &off) == ERR_OK;
    csv_amount(to, off, fits ? found->currency : (struct currency){""});
    csv_add_time(to, found->period_us);
    csv_add_time(to, found->period_to_us);
    csv_add_time(to, found->since_us);
    csv_add(to, str_from(age_bucket_word(age_bucket(found->since_us, listing->now_us))));
    csv_add_said(to, row->owner);
    csv_add_time(to, row->raised_us);
    csv_add_time(to, row->changed_us);
    csv_add_said(to, found->text);
    csv_end(to);
}

static void print_csv(const struct listing *listing)
{
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, LINE_BYTES_MAX);
    out(STR("id,account,code,severity,state,about,name,currency,ours,theirs,off,period,period_to,"
            "since,age,owner,raised_at,changed_at,text\n"));
    for (uint32_t i = 0; i < shown_count(listing); i++) {
        buf_clear(&line);
        csv_row(listing, &listing->rows[i], &line);
        out(buf_str(&line));
    }
}

/* --- for people --- */

static void add_row(
    const struct listing *listing, const struct discrepancy *row, struct table *table)
{
    static const enum colour colours[SEVERITY_COUNT] = {COLOUR_NONE, COLOUR_WARN, COLOUR_BAD};
    const struct finding *found = &row->found;
    const struct code_row *code = code_row(found->code);
    bool over = discrepancy_is_over(row->state);
    char id[FINDING_ID_TEXT_BYTES];
    char about[ABOUT_BYTES];
    char amount[MONEY_TEXT_BYTES];
    char age[TIME_TEXT_BYTES];
    finding_id_format(row->id, id);
    discrepancy_about(found, about);
    age_format(listing->now_us, found->since_us, age);
    table_add_coloured(table, over ? COLOUR_DIM : colours[code->severity], str_from(code->word));
    table_add(table, str_from(discrepancy_state_word(row->state)));
    discrepancy_amount_text(found->ours_minor, found->currency, amount);
    table_add(table, str_from(amount));
    discrepancy_amount_text(found->theirs_minor, found->currency, amount);
    table_add(table, str_from(amount));
    discrepancy_off_text(found, amount);
    table_add(table, str_from(amount));
    table_add(table, str_from(age));
    table_add(table, found->name.len > 0 ? found->name : str_from(about));
    table_add(table, row->owner);
    table_add(table, str_from(id));
}

/* Of all that were chosen, also of those beyond the limit. Rows of one code and currency stand
 * together. */
static void print_totals(const struct listing *listing)
{
    static const struct table_column columns[] = {
        {"CODE", false}, {"SEVERITY", false}, {"COUNT", true}, {"OFF", true}, {"OLDEST", true}};
    CLEANUP(table_free) struct table *table = table_new(columns, 5);
    for (uint32_t first = 0, i = 0; first < listing->count && table != NULL; first = i) {
        const struct finding *found = &listing->rows[first].found;
        char amount[MONEY_TEXT_BYTES];
        char age[TIME_TEXT_BYTES];
        int64_t sum = 0;
        int64_t oldest_us = found->since_us;
        for (i = first; i < listing->count && listing->rows[i].found.code == found->code &&
                        currency_eq(listing->rows[i].found.currency, found->currency);
             i++) {
            const struct finding *one = &listing->rows[i].found;
            sum = minor_grow(sum, finding_size(one));
            oldest_us = one->since_us < oldest_us ? one->since_us : oldest_us;
        }
        discrepancy_amount_text(sum, found->currency, amount);
        age_format(listing->now_us, oldest_us, age);
        table_add(table, str_from(code_row(found->code)->word));
        table_add(table, str_from(severity_word(code_row(found->code)->severity)));
        table_addf(table, "%u", i - first);
        table_add(table, str_from(amount));
        table_add(table, str_from(age));
    }
    if (table != NULL) {
        out(STR("\n"));
        table_print(table);
    }
}

static void print_text(const struct listing *listing)
{
    static const struct table_column columns[] = {{"CODE", false}, {"STATE", false}, {"OURS", true},
        {"THEIRS", true}, {"OFF", true}, {"AGE", true}, {"ABOUT", false}, {"OWNER", false},
        {"ID", false}};
    CLEANUP(table_free) struct table *table = table_new(columns, 9);
    if (listing->count == 0) {
        out(STR("no discrepancies\n"));
        return;
    }
    for (uint32_t i = 0; i < shown_count(listing) && table != NULL; i++) {
        add_row(listing, &listing->rows[i], table);
    }
    if (table != NULL) {
        table_print(table);
    }
    if (shown_count(listing) < listing->count) {
        outf("and %u more: --limit 0 shows all\n", listing->count - shown_count(listing));
    }
    print_totals(listing);
}

/* --- the verb --- */

static enum err refuse_word(
    const struct listing *listing, const char *option, struct str word, const char *known)
{
    (void)command_refuse(listing->context, ERR_USAGE, "%s does not know " STR_FMT ": %s", option,
        STR_ARG(word), known);
    return ERR_USAGE;
}

static enum err take_words(struct listing *listing)
{
    enum discrepancy_state state = DISCREPANCY_OPEN;
    listing->filter.states =
        1U << DISCREPANCY_OPEN | 1U << DISCREPANCY_ACKNOWLEDGED | 1U << DISCREPANCY_EXPLAINED;
    if (str_eq(listing->state_word, STR("all"))) {
        listing->filter.states = 0;
    } else if (listing->state_word.len > 0) {
        if (discrepancy_state_parse(listing->state_word, &state) != ERR_OK) {
            return refuse_word(listing, "--state", listing->state_word,
                "open, acknowledged, explained, resolved, written_off, cleared, or all");
        }
        listing->filter.states = 1U << state;
    }
    listing->filter.has_code = listing->code_word.len > 0;
    if (listing->filter.has_code &&
        code_parse(listing->code_word, &listing->filter.code) != ERR_OK) {
        return refuse_word(
            listing, "--code", listing->code_word, "docs/reconcile.md lists the codes");
    }
    listing->by_severity = listing->severity_word.len > 0;
    if (listing->by_severity &&
        severity_parse(listing->severity_word, &listing->severity) != ERR_OK) {
        return refuse_word(listing, "--severity", listing->severity_word, "medium, high, critical");
    }
    if (listing->csv && listing->context->json) {
        (void)command_refuse(listing->context, ERR_USAGE, "say --csv or --json, not both");
        return ERR_USAGE;
    }
    return ERR_OK;
}

static int run(struct listing *listing)
{
    int exit_code = 0;
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    if (arena == NULL ||
        (listing->rows = arena_new_array(arena, struct discrepancy, ROWS_MAX)) == NULL) {
        return command_fail(listing->context, ERR_BUSY, NULL);
    }
    if (command_open_ready(listing->context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    listing->config = config;
    listing->arena = arena;
    listing->now_us = env_now(listing->context->env);
    enum err err = read_all(listing, store, &info);
    if (err != ERR_OK) {
        return discrepancy_refuse(listing->context, err, &info);
    }
    if (listing->csv) {
        print_csv(listing);
    } else if (listing->context->json) {
        print_json(listing);
    } else {
        print_text(listing);
    }
    return 0;
}

int discrepancies_list_command(struct command_context *context)
{
    struct listing listing = {.context = context, .limit = LIMIT_DEFAULT};
    const struct option_row options[] = {
        {"--account", OPTION_TEXT, "ACCOUNT", "of one account: its label, key or scope",
            &listing.account_word},
        {"--state", OPTION_TEXT, "STATE", "in that state, or all (default: what is not over)",
            &listing.state_word},
        {"--code", OPTION_TEXT, "CODE", "of that kind, like AMOUNT_MISMATCH", &listing.code_word},
        {"--severity", OPTION_TEXT, "WORD", "medium, high or critical", &listing.severity_word},
        {"--limit", OPTION_INT, "N", "at most so many (default: 100; 0: all)", &listing.limit},
        {"--csv", OPTION_FLAG, NULL, "comma-separated, for programs", &listing.csv},
        {0},
    };
    const struct usage usage = {
        .synopsis = "discrepancies list [--account ACCOUNT] [--state STATE] [--code CODE] "
                    "[--severity WORD] [--csv]",
        .description =
            "Lists what does not agree, in the order of its codes, with what stands against what "
            "and for how\n"
            "long, and totals by code. OFF is theirs less ours.",
        .options = options,
    };
    int exit_code = 0;
    if (!options_take(context, &usage, &exit_code)) {
        return exit_code;
    }
    enum err err = take_words(&listing);
    return err != ERR_OK ? err_exit_code(err) : run(&listing);
}

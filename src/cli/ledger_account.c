#include "base/check.h"
#include "store/refs.h"
#include "cli/ledger.h"
#include "cli/ledger_print.h"
#include "cli/ledger_walk.h"
#include "cli/output.h"
#include <inttypes.h>

#define PAGE_KEYS 500
#define PAGE_POSTINGS 5000
#define PAGE_BYTES ((size_t)64 * 1024 * 1024)
#define SCOPES_BYTES ((size_t)64 * 1024 * 1024)
#define LINE_BYTES_MAX 65536
#define AMOUNT_COLUMNS 26

struct statement {
    struct command_context *context;
    struct store *store;
    enum ledger_account account;
    struct str account_word; /* of one configured account */
    struct str key_word;     /* as it was given */
    struct own_id key;       /* none: of all */
    int64_t after;
    uint64_t left;
    bool postings; /* else open keys */
    int64_t scope;
    struct ledger_balance last; /* of the page before */
    bool has_last;
    struct arena *arena; /* of a page */
    struct ledger_balance *keys;
    struct ledger_posting *rows;
    uint32_t count;
};

/* --- pages --- */

static enum err read_page(struct store *store, void *context, struct err_info *reterr)
{
    struct statement *statement = context;
    arena_reset(statement->arena);
    return statement->postings ? ledger_postings(store, statement->scope, statement->account,
                                     statement->key, statement->after, PAGE_POSTINGS,
                                     statement->arena, &statement->rows, &statement->count, reterr)
                               : ledger_keys(store, statement->scope, statement->account,
                                     statement->has_last ? &statement->last : NULL, PAGE_KEYS,
                                     statement->arena, &statement->keys, &statement->count, reterr);
}

static void key_json(const struct statement *statement, const struct ledger_balance *balance)
{
    CLEANUP(buf_fini) struct buf line;
    struct json_writer writer;
    char key[OWN_ID_TEXT_BYTES];
    buf_init(&line, LINE_BYTES_MAX);
    posting_key_format(statement->account, balance->key, key);
    json_writer_init(&writer, &line);
    json_begin_object(&writer, STR_NONE);
    json_add_int(&writer, STR("scope"), statement->scope);
    json_add_string(&writer, STR("key"), str_from(key));
    json_add_string(&writer, STR("currency"), str_from(balance->currency.code));
    json_add_int(&writer, STR("minor"), balance->minor);
    json_add_time(&writer, STR("since"), balance->since_us);
    json_end_object(&writer);
    out_json(&line);
}

static void print_key(const struct statement *statement, const struct ledger_balance *balance)
{
    char since[TIME_TEXT_BYTES];
    char amount[MONEY_TEXT_BYTES];
    char key[OWN_ID_TEXT_BYTES];
    if (statement->context->json) {
        key_json(statement, balance);
        return;
    }
    time_format(balance->since_us, since);
    money_format(balance->minor, balance->currency, amount);
    posting_key_format(statement->account, balance->key, key);
    outf("%s  %*s  %s\n", since, AMOUNT_COLUMNS, amount, key[0] != '\0' ? key : "-");
}

static void posting_json(const struct statement *statement, const struct ledger_posting *posting)
{
    CLEANUP(buf_fini) struct buf line;
    struct json_writer writer;
    char key[OWN_ID_TEXT_BYTES];
    char subject[OWN_ID_TEXT_BYTES];
    buf_init(&line, LINE_BYTES_MAX);
    posting_key_format(statement->account, posting->key, key);
    subject_format(posting->subject_kind, posting->subject, subject);
    json_writer_init(&writer, &line);
    json_begin_object(&writer, STR_NONE);
    json_add_int(&writer, STR("scope"), posting->scope);
    json_add_int(&writer, STR("entry"), posting->entry);
    json_add_time(&writer, STR("effective"), posting->effective_us);
    json_add_string(
        &writer, STR("subject_kind"), str_from(subject_kind_word(posting->subject_kind)));
    json_add_string(&writer, STR("subject"), str_from(subject));
    json_add_string(&writer, STR("key"), str_from(key));
    json_add_string(&writer, STR("currency"), str_from(posting->currency.code));
    json_add_int(&writer, STR("minor"), posting->minor);
    json_end_object(&writer);
    out_json(&line);
}

static void print_posting(const struct statement *statement, const struct ledger_posting *posting)
{
    char effective[TIME_TEXT_BYTES];
    char amount[MONEY_TEXT_BYTES];
    char subject[OWN_ID_TEXT_BYTES];
    if (statement->context->json) {
        posting_json(statement, posting);
        return;
    }
    time_format(posting->effective_us, effective);
    money_format(posting->minor, posting->currency, amount);
    subject_format(posting->subject_kind, posting->subject, subject);
    outf("%s  %*s  %" PRId64 ".%-10" PRId64 " %s %s\n", effective, AMOUNT_COLUMNS, amount,
        posting->scope, posting->entry, subject_kind_word(posting->subject_kind), subject);
}

/* An entry may have several postings: what is behind a full page begins with a new entry. */
static uint32_t whole_entries(const struct statement *statement)
{
    uint32_t count = statement->count;
    if (count < PAGE_POSTINGS) {
        return count;
    }
    int64_t last = statement->rows[count - 1].entry;
    while (count > 0 && statement->rows[count - 1].entry == last) {
        count--;
    }
    return count > 0 ? count : statement->count;
}

static void print_page(struct statement *statement)
{
    uint32_t count = statement->postings ? whole_entries(statement) : statement->count;
    for (uint32_t i = 0; i < count && statement->left > 0 && !output_is_gone(); i++) {
        statement->left--;
        if (statement->postings) {
            statement->after = statement->rows[i].entry;
            print_posting(statement, &statement->rows[i]);
        } else {
            statement->last = statement->keys[i];
            statement->has_last = true;
            print_key(statement, &statement->keys[i]);
        }
    }
}

static enum err print_scope(struct statement *statement, struct err_info *reterr)
{
    uint32_t page = statement->postings ? PAGE_POSTINGS : PAGE_KEYS;
    do {
        TRY(command_transaction(statement->store, STORE_READ, read_page, statement, reterr));
        print_page(statement);
    } while (statement->count == page && statement->left > 0 && !output_is_gone() &&
             !command_is_stopped());
    return ERR_OK;
}

/* --- the command --- */

static enum err find_by_provider(struct store *store, void *context, struct err_info *reterr)
{
    struct statement *statement = context;
    int kind = account_row(statement->account)->key;
    int64_t scope = 0;
    enum err err = kind < 0 ? ERR_NOT_FOUND
                            : ref_find(store, 0, (enum id_kind)kind, statement->key_word,
                                  &statement->key, &scope, reterr);
    return err == ERR_NOT_FOUND
               ? err_set(reterr, err, "nothing of the kind that %s is kept by has that id",
                     account_row(statement->account)->name)
               : err;
}

static enum err find_key(struct statement *statement, struct err_info *reterr)
{
    struct str word = statement->key_word;
    struct str prefix = STR("cf_lin_");
    enum id_kind kind;
    if (word.len == 0 || own_id_parse(word, &kind, &statement->key) == ERR_OK) {
        return ERR_OK;
    }
    if (str_starts_with(word, prefix) &&
        hex_decode(statement->key.bytes, sizeof statement->key.bytes,
            (struct str){word.data + prefix.len, word.len - prefix.len})) {
        return ERR_OK;
    }
    return command_transaction(statement->store, STORE_READ, find_by_provider, statement, reterr);
}

static enum err print_all(
    struct statement *statement, const struct config *config, struct err_info *reterr)
{
    CLEANUP(arena_free) struct arena *names = arena_new(SCOPES_BYTES);
    CLEANUP(arena_free) struct arena *arena = arena_new(PAGE_BYTES);
    struct ledger_scopes scopes = {NULL, 0};
    int64_t after = statement->after;
    if (names == NULL || arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    statement->arena = arena;
    TRY(find_key(statement, reterr));
    TRY(ledger_scopes(statement->store, config, statement->account_word, names, &scopes, reterr));
    if (after > 0 && scopes.count > 1) {
        return err_set(reterr, ERR_USAGE, "--after wants --account: each has numbers of its own");
    }
    for (uint32_t i = 0; i < scopes.count && statement->left > 0; i++) {
        statement->scope = scopes.scopes[i];
        statement->after = after;
        statement->has_last = false;
        TRY(print_scope(statement, reterr));
    }
    return ERR_OK;
}

static int run(struct statement *statement)
{
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    struct err_info info = {""};
    int exit_code = 0;
    command_catch_signals();
    if (command_open_ready(statement->context, STORE_READ, &config, &store, &exit_code) != ERR_OK) {
        return exit_code;
    }
    statement->store = store;
    enum err err = print_all(statement, config, &info);
    return err == ERR_OK ? 0 : command_fail(statement->context, err, &info);
}

int ledger_account(struct command_context *context)
{
    struct statement statement = {.context = context};
    int64_t limit = 0;
    const struct option_row options[] = {
        {"--key", OPTION_TEXT, "ID", "what was posted for that object; ours or the provider's id",
            &statement.key_word},
        {"--postings", OPTION_FLAG, NULL, "what was posted, not what is open", &statement.postings},
        {"--after", OPTION_INT, "N", "postings of entries behind that number", &statement.after},
        {"--limit", OPTION_INT, "N", "at most so many (default: 0, all)", &limit},
        {"--account", OPTION_TEXT, "ACCOUNT", "of one configured account: its label, or its scope",
            &statement.account_word},
        {0},
    };
    const struct usage usage = {
        .synopsis = "ledger account NAME [--key ID] [--postings] [--after N] [--limit N] "
                    "[--account ACCOUNT]",
        .description = "Prints what is open on one account of the books: since when, how much, of "
                       "which object. Of an\n"
                       "account that is not kept by objects, or with --key or --postings, prints "
                       "what was posted there,\n"
                       "which takes as long as the journal is.",
        .options = options};
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum err err = options_parse(context, &usage, 1, 1, &words, &count, &help);
    if (err != ERR_OK || help) {
        return err_exit_code(err);
    }
    err = ledger_account_find(context, str_from(words[0]), &statement.account);
    if (err != ERR_OK) {
        return err_exit_code(err);
    }
    statement.left = limit == 0 ? UINT64_MAX : (uint64_t)limit;
    statement.postings = statement.postings || statement.key_word.len > 0 || statement.after > 0 ||
                         account_row(statement.account)->key == KEY_NONE;
    return run(&statement);
}

/* Real balance transactions of every age: each decodes, and what it says of its sums agrees. */
#include "base/json.h"
#include "provider/stripe/statement.h"
#include "samples.h"
#include <sys/stat.h>

struct tally {
    uint32_t found, unclassified;
};

/* Writes a value as it was read. */
static void write_value(struct json_writer *writer, const struct json *value, struct str key)
{
    switch (value->kind) {
    case JSON_NULL:
        json_add_null(writer, key);
        break;
    case JSON_BOOL:
        json_add_bool(writer, key, value->truth);
        break;
    case JSON_NUMBER:
        json_add_raw(writer, key, value->text);
        break;
    case JSON_STRING:
        json_add_string(writer, key, value->text);
        break;
    case JSON_ARRAY:
    case JSON_OBJECT:
        value->kind == JSON_OBJECT ? json_begin_object(writer, key) : json_begin_array(writer, key);
        for (const struct json *part = value->first; part != NULL; part = part->next) {
            write_value(writer, part, value->kind == JSON_OBJECT ? part->key : STR_NONE);
        }
        value->kind == JSON_OBJECT ? json_end_object(writer) : json_end_array(writer);
        break;
    default:
        fail();
    }
}

static struct str page_of(const struct json *transaction, struct buf *text)
{
    struct json_writer writer;
    json_writer_init(&writer, text);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("object"), STR("list"));
    json_begin_array(&writer, STR("data"));
    write_value(&writer, transaction, STR_NONE);
    json_end_array(&writer);
    json_add_bool(&writer, STR("has_more"), false);
    json_end_object(&writer);
    return buf_str(text);
}

static void check(const struct json *transaction, const char *path, struct tally *tally)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, 1000000);
    struct said_page page;
    struct str body = page_of(transaction, &text);
    assert_err(stripe_statement_ops.decode_page(body, STR_NONE, arena, &page, NULL), ERR_OK);
    if (page.refusal_count > 0) {
        print_error("%s: " STR_FMT "\n", path, STR_ARG(page.refusals[0].why));
    }
    assert_row(page.line_count == 1, path);
    const struct statement_line *line = &page.lines[0].line;
    int64_t fees = 0;
    for (uint32_t i = 0; i < line->fee_count; i++) {
        fees += line->fees[i].minor;
    }
    assert_row(line->net_minor == line->amount_minor - line->fee_minor, path);
    assert_row(fees == line->fee_minor, path);
    tally->found++;
    tally->unclassified += line->kind == LINE_UNCLASSIFIED;
}

static void check_inside(const struct json *value, const char *path, struct tally *tally)
{
    if (value->kind == JSON_OBJECT &&
        str_eq(json_string(json_get(value, STR("object"))), STR("balance_transaction"))) {
        check(value, path, tally);
    }
    bool has_parts = value->kind == JSON_OBJECT || value->kind == JSON_ARRAY;
    for (const struct json *part = has_parts ? value->first : NULL; part != NULL;
         part = part->next) {
        check_inside(part, path, tally);
    }
}

static void check_file(const char *path, struct tally *tally)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct json_document document = {.root = NULL};
    if (json_parse(sample_file(arena, path), arena, &document) == ERR_OK) {
        check_inside(document.root, path, tally);
    }
}

static void walk(const char *folder, struct tally *tally)
{
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char path[2048];
        struct stat status;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
            walk(path, tally);
        } else if (str_ends_with(str_from(path), STR(".json"))) {
            check_file(path, tally);
        }
    }
    (void)closedir(directory);
}

static void recorded_transactions_decode_and_their_sums_agree(void **state)
{
    (void)state;
    struct tally tally = {0};
    walk(sample_shared("recorded"), &tally);
    print_message("# %u balance transactions\n", tally.found);
    assert_true(tally.found >= 14);
    assert_int_equal(tally.unclassified, 0);
}

static bool payloads_are_there(void)
{
    return access(sample_shared("recorded"), R_OK) == 0;
}

TESTS_MAIN_WHEN("statement_recorded",
    payloads_are_there(),
    "no recorded payloads are there",
    TEST(recorded_transactions_decode_and_their_sums_agree))

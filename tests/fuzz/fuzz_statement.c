/* Any report or page of balance transactions: lines that keep the promises of provider/statement.h,
 * or an error with its place. What begins with { is a page. */
#include "base/check.h"
#include "base/csv.h"
#include "base/limits.h"
#include "provider/stripe/statement.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)

static void check_id(struct str id)
{
    INVARIANT(id.len <= LIMIT_PROVIDER_ID_BYTES);
    INVARIANT(str_is_utf8(id));
}

static void check_line(const struct said_line *line)
{
    INVARIANT(line->provider_id.len > 0);
    check_id(line->provider_id);
    check_id(line->source);
    check_id(line->attempt);
    check_id(line->account);
    check_id(line->payout);
    INVARIANT(line->line.kind < LINE_KIND_COUNT && line->line.bucket < BUCKET_COUNT);
    INVARIANT(line->line.currency.code[0] != '\0');
    INVARIANT(line->line.created_us >= 0 && line->line.available_us >= 0);
    INVARIANT(line->line.fee_count <= LINE_FEES_MAX);
    INVARIANT(line->line.fee_count == 0 || (line->learned & SAID_FEES) != 0);
    INVARIANT(line->source.len == 0 || (line->learned & SAID_SOURCE) != 0);
    INVARIANT(line->source.len == 0 || line->source_kind < ID_KIND_COUNT);
    INVARIANT(line->attempt.len == 0 || (line->learned & SAID_ATTEMPT) != 0);
    INVARIANT((line->payout.len > 0) == ((line->learned & SAID_PAYOUT) != 0));
    bool has_customer = line->line.customer_currency.code[0] != '\0';
    INVARIANT(!has_customer || (line->learned & SAID_CUSTOMER) != 0);
    INVARIANT(has_customer || line->line.customer_minor == 0);
    INVARIANT(line->type.len <= SAID_WORD_BYTES_MAX && line->category.len <= SAID_WORD_BYTES_MAX);
    INVARIANT(line->text.len <= SAID_TEXT_BYTES_MAX);
}

/* --- a page --- */

static void check_page(struct str body)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct said_page page;
    struct err_info info = {""};
    INVARIANT(arena != NULL);
    enum err err = stripe_statement_ops.decode_page(body, STR("po_1"), arena, &page, &info);
    if (err != ERR_OK) {
        INVARIANT(info.text[0] != '\0');
        return;
    }
    for (uint32_t i = 0; i < page.line_count; i++) {
        check_line(&page.lines[i]);
    }
    for (uint32_t i = 0; i < page.refusal_count; i++) {
        INVARIANT(err_class(page.refusals[i].err) == ERR_CLASS_INPUT);
        INVARIANT(page.refusals[i].why.len > 0);
        check_id(page.refusals[i].provider_id);
    }
}

/* --- a file --- */

static enum err give(
    void *context, char *to, size_t room, size_t *ret_count, struct err_info *reterr)
{
    (void)reterr;
    struct str *rest = context;
    size_t count = rest->len < room ? rest->len : room;
    memcpy(to, rest->len > 0 ? rest->data : "", count);
    *rest = (struct str){rest->data + count, rest->len - count};
    *ret_count = count;
    return ERR_OK;
}

static void check_record(const struct statement_layout *layout, const struct csv_record *record)
{
    uint32_t column = 0;
    struct err_info info = {""};
    struct said_line line;
    struct said_total total;
    enum err err = layout->file == FILE_SUMMARY
                       ? stripe_statement_ops.read_total(
                             layout, record->fields, record->count, &total, &column, &info)
                       : stripe_statement_ops.read_record(
                             layout, record->fields, record->count, &line, &column, &info);
    if (err != ERR_OK) {
        INVARIANT(err_class(err) == ERR_CLASS_INPUT);
        INVARIANT(column >= 1 && column <= record->count);
        INVARIANT(info.text[0] != '\0');
    } else if (layout->file == FILE_SUMMARY) {
        INVARIANT(total.category.len > 0 && total.currency.code[0] != '\0');
    } else {
        check_line(&line);
    }
}

static void check_file(struct str text)
{
    CLEANUP(csv_free) struct csv *csv = csv_new(give, &text);
    struct csv_record record;
    struct statement_layout layout;
    INVARIANT(csv != NULL);
    if (csv_next(csv, &record, NULL) != ERR_OK ||
        stripe_statement_ops.recognise(record.fields, record.count, &layout, NULL) != ERR_OK) {
        return;
    }
    while (csv_next(csv, &record, NULL) == ERR_OK && record.count > 0) {
        check_record(&layout, &record);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct str text = {(const char *)data, size};
    if (size > 0 && data[0] == '{') {
        check_page(text);
    } else {
        check_file(text);
    }
    return 0;
}

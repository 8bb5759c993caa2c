#include "cli/export_format.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "cli/csv_text.h"
#include "cli/ledger_print.h"
#include "cli/output.h"
#include "ledger/period.h"

#define LETTERS 26
#define DAY_CHARS (sizeof "2026-11-22" - 1)

/* --- shared --- */

static void see(struct export_text *text, const struct journal_entry *entry)
{
    for (uint32_t i = 0; i < entry->posting_count; i++) {
        const char *code = entry->postings[i].currency.code;
        uint32_t place = 0;
        for (int k = 0; k < 3; k++) {
            REQUIRE(code[k] >= 'A' && code[k] <= 'Z');
            place = place * LETTERS + (uint32_t)(code[k] - 'A');
        }
        text->seen[place / 8] |= (uint8_t)(1u << (place % 8));
    }
}

void export_each_currency(struct export_text *text, export_currency_fn *each)
{
    for (uint32_t place = 0; place < CURRENCY_CODES; place++) {
        if ((text->seen[place / 8] & (1u << (place % 8))) != 0) {
            struct currency currency = {{(char)('A' + place / LETTERS / LETTERS),
                (char)('A' + place / LETTERS % LETTERS), (char)('A' + place % LETTERS), '\0'}};
            each(text, currency);
        }
    }
}

void export_add_plain(struct buf *to, struct str text)
{
    for (size_t i = 0; i < text.len; i++) {
        char c = text.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     (c != '\0' && strchr(" ._-/+", c) != NULL);
        if (plain) {
            buf_add_char(to, c);
        } else {
            buf_addf(to, "%%%02X", (unsigned)(unsigned char)c);
        }
    }
}

void export_add_day(struct buf *to, int64_t time_us)
{
    char text[TIMESTAMP_TEXT_BYTES];
    timestamp_format(time_us, text);
    buf_add(to, (struct str){text, DAY_CHARS});
}

bool export_is_late(const struct journal_entry *entry)
{
    return entry->period != period_of(entry->effective_us);
}

void export_begin_entry(struct export_text *text, const struct journal_entry *entry)
{
    see(text, entry);
    buf_add_char(text->to, '\n');
    export_add_day(
        text->to, export_is_late(entry) ? period_begin_us(entry->period) : entry->effective_us);
}

/* --- comma-separated values --- */

static void csv_begin(struct export_text *text)
{
    buf_add(text->to, STR("scope,entry,line,effective,recorded,stream,subject_kind,subject,"
                          "provider_ids,cause_seq,account,code,key,currency,amount,minor,"
                          "period\n"));
}

static void csv_subject(struct buf *to, const struct journal_entry *entry, struct str provider_ids)
{
    char effective[TIMESTAMP_TEXT_BYTES];
    char recorded[TIMESTAMP_TEXT_BYTES];
    char subject[OWN_ID_TEXT_BYTES];
    timestamp_format(entry->effective_us, effective);
    timestamp_format(entry->recorded_us, recorded);
    subject_format(entry->subject_kind, entry->subject, subject);
    buf_addf(to, "%s,%s,%s,%s,%s,", effective, recorded, stream_word(entry->stream),
        subject_kind_word(entry->subject_kind), subject);
    csv_add(to, provider_ids);
    buf_add_int(to, entry->cause_seq);
    buf_add_char(to, ',');
}

static void csv_posting(
    const struct export_text *text, const struct posting *posting, const char *period)
{
    char key[OWN_ID_TEXT_BYTES];
    char amount[MONEY_TEXT_BYTES];
    posting_key_format(posting->account, posting->key, key);
    ledger_decimal(posting->minor, posting->currency, amount);
    buf_addf(text->to, "%s,", account_row(posting->account)->name);
    csv_add(text->to, text->config->chart[posting->account]);
    buf_addf(text->to, "%s,%s,%s,", key, posting->currency.code, amount);
    buf_add_int(text->to, posting->minor);
    buf_addf(text->to, ",%s\n", period);
}

static void csv_entry(
    struct export_text *text, const struct journal_entry *entry, struct str provider_ids)
{
    char period[PERIOD_TEXT_BYTES];
    period_format(entry->period, period);
    for (uint32_t i = 0; i < entry->posting_count; i++) {
        buf_add_int(text->to, entry->scope);
        buf_add_char(text->to, ',');
        buf_add_int(text->to, entry->number);
        buf_addf(text->to, ",%u,", i + 1);
        csv_subject(text->to, entry, provider_ids);
        csv_posting(text, &entry->postings[i], period);
    }
}

const struct export_format export_csv = {"csv", NULL, csv_begin, csv_entry, NULL};

/* --- JSON, one entry a line --- */

static void jsonl_entry(
    struct export_text *text, const struct journal_entry *entry, struct str provider_ids)
{
    struct json_writer writer;
    json_writer_init(&writer, text->to);
    ledger_entry_json(entry, provider_ids, text->config, &writer);
    buf_add_char(text->to, '\n');
}

const struct export_format export_jsonl = {"jsonl", NULL, NULL, jsonl_entry, NULL};

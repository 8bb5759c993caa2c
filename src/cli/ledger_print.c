#include "cli/ledger_print.h"
#include "cli/output.h"
#include "ledger/period.h"
#include <inttypes.h>

#define ACCOUNT_COLUMNS 36
#define AMOUNT_COLUMNS 26

void ledger_decimal(int64_t minor, struct currency currency, char to[static MONEY_TEXT_BYTES])
{
    char text[MONEY_TEXT_BYTES];
    size_t len = 0;
    money_format(minor, currency, text);
    for (const char *c = text; *c != '\0' && *c != ' '; c++) {
        if (*c != ',') {
            to[len++] = *c;
        }
    }
    to[len] = '\0';
}

static void posting_json(
    const struct posting *posting, const struct config *config, struct json_writer *writer)
{
    char key[OWN_ID_TEXT_BYTES];
    char amount[MONEY_TEXT_BYTES];
    posting_key_format(posting->account, posting->key, key);
    ledger_decimal(posting->minor, posting->currency, amount);
    json_begin_object(writer, STR_NONE);
    json_add_string(writer, STR("account"), str_from(account_row(posting->account)->name));
    json_add_string(writer, STR("code"), config->chart[posting->account]);
    json_add_string(writer, STR("key"), str_from(key));
    json_add_string(writer, STR("currency"), str_from(posting->currency.code));
    json_add_int(writer, STR("minor"), posting->minor);
    json_add_string(writer, STR("amount"), str_from(amount));
    json_end_object(writer);
}

void ledger_entry_json(const struct journal_entry *entry,
    struct str provider_ids,
    const struct config *config,
    struct json_writer *writer)
{
    char subject[OWN_ID_TEXT_BYTES];
    char period[PERIOD_TEXT_BYTES];
    subject_format(entry->subject_kind, entry->subject, subject);
    period_format(entry->period, period);
    json_begin_object(writer, STR_NONE);
    json_add_int(writer, STR("scope"), entry->scope);
    json_add_int(writer, STR("entry"), entry->number);
    json_add_time(writer, STR("effective"), entry->effective_us);
    json_add_time(writer, STR("recorded"), entry->recorded_us);
    json_add_string(writer, STR("period"), str_from(period));
    json_add_string(writer, STR("stream"), str_from(stream_word(entry->stream)));
    json_add_string(writer, STR("subject_kind"), str_from(subject_kind_word(entry->subject_kind)));
    json_add_string(writer, STR("subject"), str_from(subject));
    json_add_string(writer, STR("provider_ids"), provider_ids);
    json_add_int(writer, STR("cause_seq"), entry->cause_seq);
    json_begin_array(writer, STR("postings"));
    for (uint32_t i = 0; i < entry->posting_count; i++) {
        posting_json(&entry->postings[i], config, writer);
    }
    json_end_array(writer);
    json_end_object(writer);
}

void ledger_entry_text(const struct journal_entry *entry, struct str provider_ids)
{
    char effective[TIME_TEXT_BYTES];
    char recorded[TIME_TEXT_BYTES];
    char subject[OWN_ID_TEXT_BYTES];
    time_format(entry->effective_us, effective);
    time_format(entry->recorded_us, recorded);
    subject_format(entry->subject_kind, entry->subject, subject);
    outf("%" PRId64 ".%" PRId64 "  %s  %s %s%s", entry->scope, entry->number, effective,
        subject_kind_word(entry->subject_kind), subject, provider_ids.len > 0 ? "  " : "");
    out_escaped(provider_ids);
    outf("\n    %s, recorded %s", stream_word(entry->stream), recorded);
    if (entry->period != period_of(entry->effective_us)) {
        char period[PERIOD_TEXT_BYTES];
        period_format(entry->period, period);
        outf(", belongs to %s", period);
    }
    if (entry->cause_seq > 0) {
        outf(", because of inbox event %" PRId64, entry->cause_seq);
    }
    out(STR("\n"));
    for (uint32_t i = 0; i < entry->posting_count; i++) {
        const struct posting *posting = &entry->postings[i];
        char amount[MONEY_TEXT_BYTES];
        char key[OWN_ID_TEXT_BYTES];
        money_format(posting->minor, posting->currency, amount);
        posting_key_format(posting->account, posting->key, key);
        outf("    %-*s %*s%s%s\n", ACCOUNT_COLUMNS, account_row(posting->account)->name,
            AMOUNT_COLUMNS, amount, key[0] != '\0' ? "  " : "", key);
    }
    out(STR("\n"));
}

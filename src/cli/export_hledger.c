#include "base/check.h"
#include "base/timestamp.h"
#include "cli/export_format.h"
#include "cli/ledger_print.h"
#include <inttypes.h>

static const char *type_of(enum account_class class)
{
    switch (class) {
    case CLASS_ASSET:
        return "Asset";
    case CLASS_LIABILITY:
        return "Liability";
    case CLASS_EQUITY:
        return "Equity";
    case CLASS_INCOME:
        return "Revenue";
    case CLASS_EXPENSE:
        return "Expense";
    default:
        UNREACHABLE();
    }
}

/* Accounts that share a code are declared once, as what the first of them is. */
static bool is_first(const struct config *config, int account)
{
    for (int i = 0; i < account; i++) {
        if (str_eq(config->chart[i], config->chart[account])) {
            return false;
        }
    }
    return true;
}

static void begin(struct export_text *text)
{
    buf_add(text->to, STR("; made by counterfoil export --format hledger\n\ndecimal-mark .\n\n"));
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        if (is_first(text->config, i)) {
            buf_addf(text->to, "account " STR_FMT "  ; type:%s\n", STR_ARG(text->config->chart[i]),
                type_of(account_row((enum ledger_account)i)->class));
        }
    }
}

static void entry(
    struct export_text *text, const struct journal_entry *entry, struct str provider_ids)
{
    char subject[OWN_ID_TEXT_BYTES];
    char recorded[TIMESTAMP_TEXT_BYTES];
    subject_format(entry->subject_kind, entry->subject, subject);
    timestamp_format(entry->recorded_us, recorded);
    export_begin_entry(text, entry);
    if (export_is_late(entry)) { /* hledger's secondary date */
        buf_add_char(text->to, '=');
        export_add_day(text->to, entry->effective_us);
    }
    buf_addf(text->to, " %s  ; entry:%" PRId64 ".%" PRId64 ", subject:%s\n",
        subject_kind_word(entry->subject_kind), entry->scope, entry->number, subject);
    buf_addf(text->to, "    ; stream:%s, recorded:%s", stream_word(entry->stream), recorded);
    if (entry->cause_seq > 0) {
        buf_addf(text->to, ", cause:%" PRId64, entry->cause_seq);
    }
    if (provider_ids.len > 0) {
        buf_add(text->to, STR(", provider:"));
        export_add_plain(text->to, provider_ids);
    }
    buf_add_char(text->to, '\n');
    for (uint32_t i = 0; i < entry->posting_count; i++) {
        const struct posting *posting = &entry->postings[i];
        char amount[MONEY_TEXT_BYTES];
        char key[OWN_ID_TEXT_BYTES];
        ledger_decimal(posting->minor, posting->currency, amount);
        posting_key_format(posting->account, posting->key, key);
        buf_addf(text->to, "    " STR_FMT "  %s %s%s%s\n",
            STR_ARG(text->config->chart[posting->account]), amount, posting->currency.code,
            key[0] != '\0' ? "  ; key:" : "", key);
    }
}

static void declare(struct export_text *text, struct currency currency)
{
    char amount[MONEY_TEXT_BYTES];
    ledger_decimal(0, currency, amount);
    bool whole = strchr(amount, '.') == NULL;
    buf_addf(text->to, "commodity %s%s %s\n", amount, whole ? "." : "", currency.code);
}

static void end(struct export_text *text)
{
    buf_add_char(text->to, '\n');
    export_each_currency(text, declare);
}

const struct export_format export_hledger = {"hledger", NULL, begin, entry, end};

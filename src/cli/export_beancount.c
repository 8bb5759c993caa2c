#include "base/check.h"
#include "base/timestamp.h"
#include "cli/export_format.h"
#include "cli/ledger_print.h"
#include <inttypes.h>
#include <stdio.h>

#define NAME_BYTES 128      /* a root and a code */
#define OPENED "1970-01-01" /* before any entry: the same in every export */

static const char *root_of(enum account_class class)
{
    switch (class) {
    case CLASS_ASSET:
        return "Assets";
    case CLASS_LIABILITY:
        return "Liabilities";
    case CLASS_EQUITY:
        return "Equity";
    case CLASS_INCOME:
        return "Income";
    case CLASS_EXPENSE:
        return "Expenses";
    default:
        UNREACHABLE();
    }
}

static char name_char(char c, bool begins)
{
    bool small = c >= 'a' && c <= 'z';
    bool kept = small || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == ':' ||
                ((unsigned char)c & 0x80) != 0;
    return (char)(begins && small ? c - 0x20 : kept ? c : '-');
}

/* A name below one of the five roots, whose parts begin with a capital or a digit. */
static void name_of(const struct config *config, int account, char to[static NAME_BYTES])
{
    const char *root = root_of(account_row((enum ledger_account)account)->class);
    struct str rest = config->chart[account];
    struct str first = str_cut(&rest, ':');
    struct str code =
        rest.len > 0 && str_eq_ignoring_case(first, str_from(root)) ? rest : config->chart[account];
    int at = snprintf(to, NAME_BYTES, "%s:", root);
    size_t len = (size_t)at;
    REQUIRE(at > 0 && len + code.len < NAME_BYTES); /* config_table bounds codes */
    for (size_t i = 0; i < code.len; i++) {
        to[len] = name_char(code.data[i], to[len - 1] == ':');
        len++;
    }
    to[len] = '\0';
}

/* Codes that differ for people must not become one account in silence. */
static enum err check(const struct config *config, struct err_info *reterr)
{
    char one[NAME_BYTES];
    char other[NAME_BYTES];
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        name_of(config, i, one);
        for (int j = 0; j < i; j++) {
            name_of(config, j, other);
            if (strcmp(one, other) == 0 && !str_eq(config->chart[i], config->chart[j])) {
                return err_set(reterr, ERR_CONFIG,
                    "[chart] %s and %s would both be %s for beancount: give one another code",
                    account_row((enum ledger_account)j)->name,
                    account_row((enum ledger_account)i)->name, one);
            }
        }
    }
    return ERR_OK;
}

static bool is_first(const struct config *config, int account)
{
    char name[NAME_BYTES];
    char before[NAME_BYTES];
    name_of(config, account, name);
    for (int i = 0; i < account; i++) {
        name_of(config, i, before);
        if (strcmp(before, name) == 0) {
            return false;
        }
    }
    return true;
}

static void begin(struct export_text *text)
{
    char name[NAME_BYTES];
    buf_add(text->to, STR("; made by counterfoil export --format beancount\n\n"));
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        if (is_first(text->config, i)) {
            name_of(text->config, i, name);
            buf_addf(text->to, OPENED " open %s\n", name);
        }
    }
}

static void add_posting(const struct export_text *text, const struct posting *posting)
{
    char name[NAME_BYTES];
    char amount[MONEY_TEXT_BYTES];
    char key[OWN_ID_TEXT_BYTES];
    name_of(text->config, (int)posting->account, name);
    ledger_decimal(posting->minor, posting->currency, amount);
    posting_key_format(posting->account, posting->key, key);
    buf_addf(text->to, "  %s  %s %s\n", name, amount, posting->currency.code);
    if (key[0] != '\0') {
        buf_addf(text->to, "    key: \"%s\"\n", key);
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
    buf_addf(text->to, " * \"%s %s\"\n", subject_kind_word(entry->subject_kind), subject);
    buf_addf(text->to, "  entry: \"%" PRId64 ".%" PRId64 "\"\n  subject: \"%s\"\n", entry->scope,
        entry->number, subject);
    buf_addf(
        text->to, "  stream: \"%s\"\n  recorded: \"%s\"\n", stream_word(entry->stream), recorded);
    if (export_is_late(entry)) {
        buf_add(text->to, STR("  effective: "));
        export_add_day(text->to, entry->effective_us);
        buf_add_char(text->to, '\n');
    }
    if (entry->cause_seq > 0) {
        buf_addf(text->to, "  cause: \"%" PRId64 "\"\n", entry->cause_seq);
    }
    if (provider_ids.len > 0) {
        buf_add(text->to, STR("  provider: \""));
        export_add_plain(text->to, provider_ids);
        buf_add(text->to, STR("\"\n"));
    }
    for (uint32_t i = 0; i < entry->posting_count; i++) {
        add_posting(text, &entry->postings[i]);
    }
}

static void declare(struct export_text *text, struct currency currency)
{
    buf_addf(text->to, OPENED " commodity %s\n", currency.code);
}

static void end(struct export_text *text)
{
    buf_add_char(text->to, '\n');
    export_each_currency(text, declare);
}

const struct export_format export_beancount = {"beancount", check, begin, entry, end};

/* export_format: the books as other programs read them.
 *
 * Nothing is rounded: amounts are written digit by digit from minor units. What is written depends
 * on the entries and on [chart] alone, so two exports of the same entries are the same bytes.
 *
 * Layer: cli; for export. Source of the formats: hledger 1.25's manual, beancount 2's language
 * syntax, RFC 4180.
 */
#pragma once

#include "store/journal.h"
#include "cli/config.h"

#define CURRENCY_CODES (26 * 26 * 26)

struct export_text {
    const struct config *config;            /* borrowed */
    struct buf *to;                         /* borrowed; emptied by whoever writes it out */
    uint8_t seen[(CURRENCY_CODES + 7) / 8]; /* currencies, one bit each */
};

struct export_format {
    const char *name;
    /* May be NULL. ERR_CONFIG: [chart] cannot be told in this format. */
    MUST_USE enum err (*check)(const struct config *config, struct err_info *reterr);
    void (*begin)(struct export_text *text); /* may be NULL */
    void (*entry)(
        struct export_text *text, const struct journal_entry *entry, struct str provider_ids);
    void (*end)(struct export_text *text); /* may be NULL */
};

extern const struct export_format export_hledger, export_beancount, export_csv, export_jsonl;

/* --- shared by the formats --- */

/* An empty line and the day at which the entry is posted. Remembers its currencies, for
 * export_each_currency. */
void export_begin_entry(struct export_text *text, const struct journal_entry *entry);
typedef void export_currency_fn(struct export_text *text, struct currency currency);
void export_each_currency(struct export_text *text, export_currency_fn *each);

/* Letters, digits, blanks, and . _ - / +; all else as %XX: ends no tag, string or line. */
void export_add_plain(struct buf *to, struct str text);
/* "2026-11-22", UTC. */
void export_add_day(struct buf *to, int64_t time_us);
/* It happened in a month before the one that it belongs to, and is posted at that one's first. */
bool export_is_late(const struct journal_entry *entry);

/* ledger_print: what ledger and export say of entries and amounts.
 *
 * Layer: cli; for ledger and export.
 */
#pragma once

#include "base/json.h"
#include "store/journal.h"
#include "cli/config.h"

/* "1234.56", exact and without thousands, as programs read it. */
void ledger_decimal(int64_t minor, struct currency currency, char to[static MONEY_TEXT_BYTES]);

/* An object: the entry with its postings. Codes are those of [chart]. */
void ledger_entry_json(const struct journal_entry *entry,
    struct str provider_ids,
    const struct config *config,
    struct json_writer *writer);
/* For people: a line about it, and one for each posting. */
void ledger_entry_text(const struct journal_entry *entry, struct str provider_ids);

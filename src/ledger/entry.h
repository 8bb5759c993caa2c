/* entry: debits and credits that belong together. One that does not balance, or posts where its
 * stream must not, cannot be finished.
 *
 * Layer: ledger.
 */
#pragma once

#include "domain/money.h"
#include "ledger/chart.h"

struct posting {
    enum ledger_account account;
    struct own_id key; /* none where the account is keyed by nothing, or the key is not known */
    struct currency currency;
    int64_t minor; /* positive: debit; never 0 in a finished entry */
};

/* What is being gathered, in the caller's memory. */
struct ledger_entry {
    enum stream stream;
    struct posting *postings;
    uint32_t count, room;
};
void entry_begin(
    struct ledger_entry *entry, enum stream stream, struct posting *postings, uint32_t room);

/* Postings of one account, key and currency are added up. 0 adds nothing. ERR_OVERFLOW;
 * ERR_TOO_LARGE: no room. Requires: the account takes that stream. */
MUST_USE enum err entry_post(struct ledger_entry *entry,
    enum ledger_account account,
    struct own_id key,
    struct currency currency,
    int64_t minor);
MUST_USE enum err entry_debit(struct ledger_entry *entry,
    enum ledger_account account,
    struct own_id key,
    struct currency currency,
    int64_t minor);
MUST_USE enum err entry_credit(struct ledger_entry *entry,
    enum ledger_account account,
    struct own_id key,
    struct currency currency,
    int64_t minor);

/* Drops what has become 0 and sorts by account, currency and key. ERR_IMPOSSIBLE: a currency does
 * not sum to zero. ERR_OK with a count of 0: there is nothing to post. */
MUST_USE enum err entry_finish(struct ledger_entry *entry);

/* Makes the entry say what is still to be posted: what it has, less what was posted before. */
MUST_USE enum err entry_subtract(
    struct ledger_entry *entry, const struct posting *posted, uint32_t count);

int posting_compare(const void *a, const void *b); /* of two struct posting, by place */

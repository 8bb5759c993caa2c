#include "ledger/entry.h"
#include "base/check.h"
#include <stdlib.h>

/* Signed 64-bit amounts of one entry cannot leave it. */
__extension__ typedef __int128 wide;

void entry_begin(
    struct ledger_entry *entry, enum stream stream, struct posting *postings, uint32_t room)
{
    REQUIRE(entry != NULL);
    REQUIRE(postings != NULL || room == 0);
    *entry = (struct ledger_entry){.stream = stream, .postings = postings, .room = room};
}

static bool is_same_place(const struct posting *a, const struct posting *b)
{
    return a->account == b->account && own_id_eq(a->key, b->key) &&
           currency_eq(a->currency, b->currency);
}

enum err entry_post(struct ledger_entry *entry,
    enum ledger_account account,
    struct own_id key,
    struct currency currency,
    int64_t minor)
{
    REQUIRE(account_takes(account, entry->stream));
    struct posting posting = {account, key, currency, minor};
    if (minor == 0) {
        return ERR_OK;
    }
    for (uint32_t i = 0; i < entry->count; i++) {
        if (is_same_place(&entry->postings[i], &posting)) {
            return minor_add(entry->postings[i].minor, minor, &entry->postings[i].minor);
        }
    }
    if (entry->count == entry->room) {
        return ERR_TOO_LARGE;
    }
    entry->postings[entry->count++] = posting;
    return ERR_OK;
}

enum err entry_debit(struct ledger_entry *entry,
    enum ledger_account account,
    struct own_id key,
    struct currency currency,
    int64_t minor)
{
    return entry_post(entry, account, key, currency, minor);
}

enum err entry_credit(struct ledger_entry *entry,
    enum ledger_account account,
    struct own_id key,
    struct currency currency,
    int64_t minor)
{
    return minor == INT64_MIN ? ERR_OVERFLOW : entry_post(entry, account, key, currency, -minor);
}

int posting_compare(const void *a, const void *b)
{
    const struct posting *left = a;
    const struct posting *right = b;
    if (left->account != right->account) {
        return left->account < right->account ? -1 : 1;
    }
    int currencies = memcmp(left->currency.code, right->currency.code, sizeof left->currency.code);
    return currencies != 0 ? currencies : own_id_compare(left->key, right->key);
}

static bool is_balanced(const struct ledger_entry *entry, struct currency currency)
{
    wide sum = 0;
    for (uint32_t i = 0; i < entry->count; i++) {
        if (currency_eq(entry->postings[i].currency, currency)) {
            sum += entry->postings[i].minor;
        }
    }
    return sum == 0;
}

enum err entry_finish(struct ledger_entry *entry)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < entry->count; i++) {
        if (entry->postings[i].minor != 0) {
            entry->postings[kept++] = entry->postings[i];
        }
    }
    entry->count = kept;
    for (uint32_t i = 0; i < entry->count; i++) {
        if (!is_balanced(entry, entry->postings[i].currency)) {
            return ERR_IMPOSSIBLE;
        }
    }
    if (kept > 0) {
        qsort(entry->postings, kept, sizeof entry->postings[0], posting_compare);
    }
    return ERR_OK;
}

enum err entry_subtract(struct ledger_entry *entry, const struct posting *posted, uint32_t count)
{
    REQUIRE(posted != NULL || count == 0);
    for (uint32_t i = 0; i < count; i++) {
        TRY(entry_credit(
            entry, posted[i].account, posted[i].key, posted[i].currency, posted[i].minor));
    }
    return ERR_OK;
}

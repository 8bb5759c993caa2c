/* journal: the books, as they are kept: entries that are never changed, numbered without gaps for
 * each scope, and what they add up to.
 *
 * Layer: store. Source of the meaning: ledger/entry.h.
 */
#pragma once

#include "store/store.h"
#include "ledger/entry.h"

/* What an entry is posted for. An aggregate's kind, or: */
enum {
    SUBJECT_LINE = ID_KIND_COUNT, /* a line of the provider's statement */
    SUBJECT_RELEASE,              /* what became available on one day */
    SUBJECT_EXCHANGE,             /* gains and losses of one attempt's exchanges */
    SUBJECT_DECISION,             /* of a person */
    SUBJECT_KIND_COUNT
};
const char *subject_kind_word(int kind);
MUST_USE enum err subject_kind_parse(struct str word, int *ret_kind); /* ERR_NOT_FOUND */
/* An aggregate's as everywhere; the others' with cf_lin_, cf_rel_, cf_exc_ and cf_dec_. None gives
 * "". */
void subject_format(int kind, struct own_id subject, char to[static OWN_ID_TEXT_BYTES]);
/* What a posting there names: own ids of aggregates, or lines. None gives "". */
void posting_key_format(
    enum ledger_account account, struct own_id key, char to[static OWN_ID_TEXT_BYTES]);

struct journal_entry {
    int64_t scope;
    int64_t number; /* out of append */
    enum stream stream;
    int subject_kind;
    struct own_id subject;
    int64_t effective_us, recorded_us;
    int64_t period;    /* out of read: the month that it belongs to; see ledger/period.h */
    int64_t cause_seq; /* the inbox event that brought it; 0: none */
    struct posting *postings;
    uint32_t posting_count;
};

/* Makes whoever posts in one of these scopes wait for this transaction's end. What is to be posted
 * is found out after it, so that two transactions cannot miss each other's half: the later one
 * reads what the earlier one has committed. `scopes` are sorted, each once. SQLite has one writer
 * and needs nothing. */
MUST_USE enum err journal_lock(
    struct store *store, const int64_t *scopes, uint32_t count, struct err_info *reterr);

/* Numbers the entries in the order of the array and writes them, their postings and balances. Once
 * in a transaction, after everything else but the feed: it holds the scopes' heads until the
 * commit, and writes in key order. Entries are finished and not empty. ERR_OVERFLOW, of SQLite
 * ERR_INVALID: a balance would not fit. */
MUST_USE enum err journal_append(
    struct store *store, struct journal_entry *entries, uint32_t count, struct err_info *reterr);

/* What was posted for each of the subjects, added up by account, key and currency; those that are
 * zero are not there. */
struct posted {
    struct own_id subject; /* in */
    struct posting *postings;
    uint32_t count;
};
MUST_USE enum err journal_posted(struct store *store,
    struct posted *subjects,
    uint32_t count,
    struct arena *arena,
    struct err_info *reterr);

/* Entries of a scope with a number > after, in order, at most `limit`, with their postings. */
MUST_USE enum err journal_read(struct store *store,
    int64_t scope,
    int64_t after,
    uint32_t limit,
    struct arena *arena,
    struct journal_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr);

/* The provider's ids of what each entry is posted for, in the arena, separated by blanks; empty for
 * what no provider names. */
MUST_USE enum err journal_names(struct store *store,
    const struct journal_entry *entries,
    uint32_t count,
    struct arena *arena,
    struct str **ret_names,
    struct err_info *reterr);

/* --- balances --- */

struct ledger_balance {
    int64_t scope;
    enum ledger_account account;
    struct currency currency;
    struct own_id key; /* none: of an account without keys, or of all keys together */
    int64_t minor;
    int64_t since_us; /* of one key: effective time of the posting that made it */
    int64_t keys;     /* of all keys together: how many are not zero */
};

/* Of all accounts (scope 0: of all scopes), all keys together, in the order of the chart. */
MUST_USE enum err ledger_balances(struct store *store,
    int64_t scope,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* What of that is not due yet: lines become available by releases (ledger/release.h), which are
 * posted when lines are taken, with the time at which they happen. Of the two accounts that they
 * move money between, in no order. */
MUST_USE enum err ledger_balances_later(struct store *store,
    int64_t scope,
    int64_t after_us,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* The same as of an effective time, from the postings: takes as long as the journal is. */
MUST_USE enum err ledger_balances_at(struct store *store,
    int64_t scope,
    int64_t before_us,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* Of one account, key by key, those that are not zero, behind `after`, at most `limit`. */
MUST_USE enum err ledger_keys(struct store *store,
    int64_t scope,
    enum ledger_account account,
    const struct ledger_balance *after, /* NULL: from the first */
    uint32_t limit,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* The same as of an effective time, from the postings: each page takes as long as the journal is.
 */
MUST_USE enum err ledger_keys_at(struct store *store,
    int64_t scope,
    enum ledger_account account,
    int64_t before_us,
    const struct ledger_balance *after, /* NULL: from the first */
    uint32_t limit,
    struct arena *arena,
    struct ledger_balance **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* Of one key (none: of an account without keys); 0 when there is none. */
MUST_USE enum err ledger_balance_of(struct store *store,
    int64_t scope,
    enum ledger_account account,
    struct currency currency,
    struct own_id key,
    int64_t *ret_minor,
    struct err_info *reterr);

/* --- one account --- */

struct ledger_posting {
    int64_t scope, entry;
    uint32_t line;
    int subject_kind;
    struct own_id subject, key;
    struct currency currency;
    int64_t minor, effective_us;
};

/* Postings to an account, of one key or (none) of all, in entries of that scope with a number >
 * after, in order, at most `limit`. Takes as long as the journal behind `after` is. */
MUST_USE enum err ledger_postings(struct store *store,
    int64_t scope,
    enum ledger_account account,
    struct own_id key,
    int64_t after,
    uint32_t limit,
    struct arena *arena,
    struct ledger_posting **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

/* --- proof --- */

struct ledger_flaw {
    int64_t scope;
    int64_t entry;               /* this entry does not balance; 0: it is about a balance */
    enum ledger_account account; /* of a balance */
    struct currency currency;
    struct own_id key;
    int64_t minor;        /* as kept; of an entry: its sum */
    int64_t posted_minor; /* what the postings add up to */
};

/* Balances that are not what postings add up to, then entries that do not balance, at most `limit`
 * of each (scope 0: of all scopes). Takes as long as the journal is. */
MUST_USE enum err ledger_verify(struct store *store,
    int64_t scope,
    uint32_t limit,
    struct arena *arena,
    struct ledger_flaw **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

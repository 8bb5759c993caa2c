#include "base/check.h"
#include "base/timestamp.h"
#include "flow/reconcile_inside.h"

/* Accounts whose keys must become zero. */
static const enum ledger_account clearing_accounts[] = {ACCOUNT_CLEARING_PAYMENT,
    ACCOUNT_CLEARING_REFUND, ACCOUNT_CLEARING_DISPUTE, ACCOUNT_CLEARING_PAYOUT,
    ACCOUNT_CLEARING_TOPUP, ACCOUNT_CLEARING_TRANSFER};
#define CLEARING_ACCOUNTS (sizeof clearing_accounts / sizeof clearing_accounts[0])

#define WAITING_MAX 512 /* accounts by currencies */

/* A page of keys of one account, and what is known of each. */
struct key_page {
    enum ledger_account account;
    enum id_kind kind;
    const struct ledger_balance *balances;
    uint32_t count;
    struct own_id *ids;    /* sorted by records_load() */
    void **records;        /* records[i] is of ids[i] */
    struct posted *posted; /* posted[i]: of what posts the key of balances[i] */
    int64_t *line_counts;
    struct str *names;
};

/* --- money on its way --- */

static enum err keep_waiting(struct reconcile *run, const struct ledger_balance *balance)
{
    struct report_waiting *waiting = NULL;
    for (uint32_t i = 0; i < run->waiting_count; i++) {
        if (run->waiting[i].account == balance->account &&
            currency_eq(run->waiting[i].currency, balance->currency)) {
            waiting = &run->waiting[i];
        }
    }
    if (run->waiting == NULL) {
        run->waiting = arena_new_array(run->setup.arena, struct report_waiting, WAITING_MAX);
    }
    if (waiting == NULL && (run->waiting == NULL || run->waiting_count == WAITING_MAX)) {
        return ERR_TOO_LARGE;
    }
    if (waiting == NULL) {
        waiting = &run->waiting[run->waiting_count++];
        *waiting =
            (struct report_waiting){balance->account, balance->currency, 0, 0, balance->since_us};
    }
    waiting->count++;
    waiting->oldest_us =
        balance->since_us < waiting->oldest_us ? balance->since_us : waiting->oldest_us;
    waiting->minor = minor_add_cut(waiting->minor, balance->minor);
    return ERR_OK;
}

/* Filed under the opening of the books: reconcile_start.c. */
static enum err keep_older(struct reconcile *run, const struct ledger_balance *balance)
{
    if (run->older_count == FINDINGS_MAX) {
        return ERR_OK; /* the next run's */
    }
    if (run->older_count == run->older_room) {
        uint32_t room = run->older_room == 0 ? FINDING_PAGE : 2 * run->older_room;
        struct ledger_balance *older =
            arena_new_array(run->setup.arena, struct ledger_balance, room);
        if (older == NULL) {
            return ERR_TOO_LARGE;
        }
        if (run->older_count > 0) {
            memcpy(older, run->older, run->older_count * sizeof *older);
        }
        run->older = older;
        run->older_room = room;
    }
    run->older[run->older_count++] = *balance;
    return ERR_OK;
}

/* --- what is known of keys --- */

static const void *record_of(const struct key_page *page, struct own_id id)
{
    REQUIRE(page->count == 0 || page->records != NULL);
    uint32_t low = 0;
    uint32_t high = page->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = own_id_compare(page->ids[middle], id);
        if (order == 0) {
            return page->records[middle];
        }
        low = order < 0 ? middle + 1 : low;
        high = order < 0 ? high : middle;
    }
    return NULL;
}

/* A payment posts for its attempts; every other key is posted for by its own object. */
static struct own_id poster_of(const struct key_page *page, struct own_id key)
{
    const void *record = record_of(page, key);
    if (page->account != ACCOUNT_CLEARING_PAYMENT || record == NULL) {
        return key;
    }
    return ((const struct attempt *)record)->payment_id;
}

static enum err look_up(struct reconcile *run, struct key_page *page, struct err_info *reterr)
{
    struct arena *arena = run->pages;
    struct store *store = run->setup.store;
    page->ids = arena_new_array(arena, struct own_id, page->count);
    page->posted = arena_new_array(arena, struct posted, page->count);
    page->line_counts = arena_new_array(arena, int64_t, page->count);
    page->names = arena_new_array(arena, struct str, page->count);
    struct own_id *keys = arena_new_array(arena, struct own_id, page->count);
    if (page->ids == NULL || page->posted == NULL || page->line_counts == NULL ||
        page->names == NULL || keys == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "out of the memory for one page of keys");
    }
    for (uint32_t i = 0; i < page->count; i++) {
        keys[i] = page->ids[i] = page->balances[i].key;
    }
    TRY(records_load(store, record_kind_of(page->kind), page->ids, page->count, false, arena,
        &page->records, reterr));
    for (uint32_t i = 0; i < page->count; i++) {
        page->posted[i] = (struct posted){.subject = poster_of(page, keys[i])};
    }
    TRY(journal_posted(store, page->posted, page->count, arena, reterr));
    TRY(proof_lines_of(store, keys, page->count, page->line_counts, reterr));
    return proof_names(store, keys, page->count, arena, page->names, reterr);
}

/* What was posted for the aggregate in one key and currency, or in others. */
static void sum_business(
    const struct posted *posted, const struct ledger_balance *balance, struct clearing_key *key)
{
    for (uint32_t i = 0; i < posted->count; i++) {
        const struct posting *posting = &posted->postings[i];
        if (posting->account != balance->account || !own_id_eq(posting->key, balance->key)) {
            continue;
        }
        if (currency_eq(posting->currency, balance->currency)) {
            key->business_minor = posting->minor;
        } else {
            key->other_currency = true;
        }
    }
}

static bool is_slow(const struct key_page *page, const void *record)
{
    return page->account == ACCOUNT_CLEARING_PAYMENT && record != NULL &&
           !str_eq(str_from(((const struct attempt *)record)->method), STR("card"));
}

/* Lines that are there and moved nothing in this currency moved it in another: that key tells. */
static enum err is_told_elsewhere(struct reconcile *run,
    const struct key_page *page,
    const struct clearing_key *key,
    bool *ret_told,
    struct err_info *reterr)
{
    struct kept_lines lines = {NULL, 0};
    static const struct own_id first;
    *ret_told = false;
    if (!key->has_lines || key->money_minor != 0) {
        return ERR_OK;
    }
    TRY(statement_of_source(
        run->setup.store, key->key, first, FINDING_PAGE, run->pages, &lines, reterr));
    for (uint32_t i = 0; i < lines.count && !*ret_told; i++) {
        const struct statement_line *line = &lines.items[i].line;
        struct currency met = line_is_exchanged(line) ? line->customer_currency : line->currency;
        int64_t minor = 0;
        if (!currency_eq(met, key->currency)) {
            TRY(ledger_balance_of(
                run->setup.store, run->run.scope, page->account, met, key->key, &minor, reterr));
            *ret_told = minor != 0;
        }
    }
    return ERR_OK;
}

/* Where the bank's own statement is awaited, what has arrived stays in clearing. */
static bool meets_the_bank(const struct reconcile *run, const struct clearing_key *key)
{
    bool is_of_bank =
        key->account == ACCOUNT_CLEARING_PAYOUT || key->account == ACCOUNT_CLEARING_TOPUP;
    return is_of_bank && key->is_final && run->setup.account->books.target.bank_unknown;
}

static enum err judge(
    struct reconcile *run, struct key_page *page, uint32_t at, struct err_info *reterr)
{
    const struct ledger_balance *balance = &page->balances[at];
    const void *record = record_of(page, balance->key);
    struct object_facts facts = object_facts(page->kind, record);
    struct finding finding;
    struct clearing_key key = {
        .account = balance->account,
        .key = balance->key,
        .currency = balance->currency,
        .is_known = facts.is_known,
        .is_final = facts.is_final,
        .is_slow = is_slow(page, record),
        .has_lines = page->line_counts[at] > 0,
        .arrival_us = page->kind == ID_PAYOUT && record != NULL
                          ? ((const struct payout *)record)->arrival_at
                          : 0,
        .covered_us = run->covered_to_us,
        .since_us = balance->since_us,
    };
    sum_business(&page->posted[at], balance, &key);
    TRY(minor_subtract(balance->minor, key.business_minor, &key.money_minor));
    if (is_before_books(run, facts.is_known ? facts.made_us : balance->since_us)) {
        return keep_older(run, balance);
    }
    bool is_told = false;
    TRY(is_told_elsewhere(run, page, &key, &is_told, reterr));
    if (is_told) {
        return ERR_OK;
    }
    if (meets_the_bank(run, &key) ||
        clearing_judge(&key, run->setup.as_of_us, &finding) == CLEARING_OPEN) {
        return keep_waiting(run, balance);
    }
    finding.name = page->names[at];
    finding.text =
        facts.is_known
            ? finding_text(run->pages, "the %s is %s; lines of the statement about it: %lld",
                  id_kind_word(page->kind), *facts.state != '\0' ? facts.state : "known",
                  (long long)page->line_counts[at])
            : finding_text(run->pages, "the statement names one that is not known: %s",
                  id_kind_word(page->kind));
    return finding_add(run, &finding);
}

/* --- walking --- */

/* Most keys are young: what cannot be a finding yet is not looked up. A payout is, whose grace goes
 * by its arrival. */
static bool is_young(const struct reconcile *run, const struct ledger_balance *balance)
{
    int64_t grace_us = code_row(CODE_AMOUNT_MISMATCH)->grace_us;
    return balance->account != ACCOUNT_CLEARING_PAYOUT &&
           balance->since_us > run->setup.as_of_us - grace_us;
}

static enum err look_at(struct reconcile *run,
    enum ledger_account account,
    struct ledger_balance *balances,
    uint32_t count,
    struct err_info *reterr)
{
    struct key_page page = {
        .account = account, .kind = (enum id_kind)account_row(account)->key, .balances = balances};
    for (uint32_t i = 0; i < count; i++) {
        if (is_young(run, &balances[i])) {
            TRY(keep_waiting(run, &balances[i]));
        } else if (!own_id_is_none(balances[i].key)) { /* lines without a key are orphans */
            balances[page.count++] = balances[i];
        }
    }
    if (page.count == 0) {
        return ERR_OK;
    }
    TRY(look_up(run, &page, reterr));
    for (uint32_t i = 0; i < page.count; i++) {
        TRY(judge(run, &page, i, reterr));
    }
    run->progress.looked_at += page.count;
    return ERR_OK;
}

static enum err walk(struct reconcile *run, enum ledger_account account, struct err_info *reterr)
{
    struct ledger_balance last;
    struct ledger_balance *balances = NULL;
    uint32_t count = FINDING_PAGE;
    for (bool first = true; count == FINDING_PAGE; first = false) {
        arena_reset(run->pages);
        TRY(ledger_keys(run->setup.store, run->run.scope, account, first ? NULL : &last,
            FINDING_PAGE, run->pages, &balances, &count, reterr));
        if (count > 0) {
            last = balances[count - 1];
            TRY(look_at(run, account, balances, count, reterr));
        }
    }
    return ERR_OK;
}

enum err find_in_clearing(struct reconcile *run, struct err_info *reterr)
{
    run->waiting_count = run->older_count = 0;
    for (size_t i = 0; i < CLEARING_ACCOUNTS; i++) {
        TRY(walk(run, clearing_accounts[i], reterr));
    }
    return ERR_OK;
}

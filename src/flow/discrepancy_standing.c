#include "base/check.h"
#include "store/journal.h"
#include "flow/discrepancies_inside.h"

/* Clearing, where both sides meet under the object's id; suspense, where lines wait under theirs.
 */
static bool is_place_of(enum ledger_account account, int subject_kind)
{
    const struct account_row *row = account_row(account);
    return row->key == subject_kind && (row->owner == STREAM_MEETING || row->key == KEY_LINE);
}

static enum err stands_on_key(struct store *store,
    const struct finding *found,
    struct standing_amount *ret,
    struct err_info *reterr)
{
    for (int i = 0; i < ACCOUNT_COUNT && !ret->is_there; i++) {
        enum ledger_account account = (enum ledger_account)i;
        int64_t minor = 0;
        if (is_place_of(account, found->subject_kind)) {
            TRY(ledger_balance_of(
                store, found->scope, account, found->currency, found->subject, &minor, reterr));
            *ret = (struct standing_amount){
                minor != 0, account, found->subject, found->currency, minor};
        }
    }
    return ERR_OK;
}

static bool is_unkeyed(const struct posting *posting)
{
    return account_row(posting->account)->owner == STREAM_MEETING && own_id_is_none(posting->key);
}

/* What the line posted without a key, and what was posted away for this discrepancy before. */
static enum err stands_unkeyed(struct store *store,
    const struct discrepancy *of,
    struct arena *arena,
    struct standing_amount *ret,
    struct err_info *reterr)
{
    struct posted posted[] = {{.subject = of->found.subject}, {.subject = of->id}};
    TRY(journal_posted(store, posted, 2, arena, reterr));
    for (uint32_t i = 0; i < posted[0].count; i++) {
        const struct posting *posting = &posted[0].postings[i];
        if (is_unkeyed(posting)) {
            *ret = (struct standing_amount){
                true, posting->account, posting->key, posting->currency, posting->minor};
        }
    }
    for (uint32_t i = 0; i < posted[1].count && ret->is_there; i++) {
        const struct posting *posting = &posted[1].postings[i];
        if (posting->account == ret->account && currency_eq(posting->currency, ret->currency)) {
            TRY(minor_add(ret->minor, posting->minor, &ret->minor));
        }
    }
    ret->is_there = ret->is_there && ret->minor != 0;
    return ERR_OK;
}

enum err discrepancy_standing(struct store *store,
    const struct discrepancy *of,
    struct arena *arena,
    struct standing_amount *ret,
    struct err_info *reterr)
{
    REQUIRE(of->step_count > 0);
    REQUIRE(ret != NULL);
    *ret = (struct standing_amount){.is_there = false};
    if (own_id_is_none(of->found.subject)) {
        return ERR_OK;
    }
    switch (code_row(of->found.code)->stands) {
    case STANDS_KEY:
        return stands_on_key(store, &of->found, ret, reterr);
    case STANDS_UNKEYED:
        return stands_unkeyed(store, of, arena, ret, reterr);
    case STANDS_NOTHING:
    default:
        return ERR_OK;
    }
}

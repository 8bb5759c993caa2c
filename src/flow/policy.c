#include "flow/policy.h"
#include "base/check.h"
#include "store/refs.h"

static bool is_default(const struct books_policy *policy)
{
    return !policy->target.hold_unlinked && !policy->target.bank_unknown &&
           !policy->line.fee_tax_is_input;
}

static bool all_are_default(const struct accounts *accounts)
{
    uint32_t count = accounts == NULL ? 0 : accounts_count(accounts);
    for (uint32_t i = 0; i < count; i++) {
        if (!is_default(&accounts_at(accounts, i)->books)) {
            return false;
        }
    }
    return true;
}

static const struct account *find(
    const struct accounts *accounts, const struct scope_row *row, struct str account_key)
{
    for (uint32_t i = 0; i < accounts_count(accounts); i++) {
        const struct account *account = accounts_at(accounts, i);
        if (str_eq(account->says.account_key, account_key) &&
            account->says.live == str_eq(row->environment, STR("live")) &&
            str_eq(row->provider, str_from(account->provider->name))) {
            return account;
        }
    }
    return NULL;
}

static struct books_policy policy_of(
    const struct accounts *accounts, const struct scope_owner *owner)
{
    const struct account *account = find(accounts, &owner->row, owner->row.account_key);
    account = account != NULL ? account : find(accounts, &owner->row, owner->root_key);
    return account != NULL ? account->books : (struct books_policy){0};
}

enum err policy_of_scopes(struct store *store,
    const struct accounts *accounts,
    const int64_t *scopes,
    uint32_t count,
    struct arena *arena,
    struct books_policy *ret,
    struct err_info *reterr)
{
    REQUIRE(ret != NULL || count == 0);
    uint32_t asked_count = 0;
    uint32_t at = 0;
    if (all_are_default(accounts)) {
        for (uint32_t i = 0; i < count; i++) {
            ret[i] = (struct books_policy){0};
        }
        return ERR_OK;
    }
    struct scope_owner *owners = arena_new_array(arena, struct scope_owner, count);
    if (owners == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "the batch needs more memory than a batch may have");
    }
    for (uint32_t i = 0; i < count; i++) {
        if (i == 0 || scopes[i] != scopes[i - 1]) {
            owners[asked_count++].row.scope = scopes[i];
        }
    }
    TRY(scope_owners(store, owners, asked_count, arena, reterr));
    for (uint32_t i = 0; i < count; i++) {
        at += i > 0 && scopes[i] != scopes[i - 1] ? 1 : 0;
        ret[i] = policy_of(accounts, &owners[at]);
    }
    return ERR_OK;
}

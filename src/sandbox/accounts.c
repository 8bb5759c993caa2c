#include "base/check.h"
#include "sandbox/merchant_internal.h"

#define READY_MIN 3 /* accounts below this number are made at once */

static void say(struct merchant *merchant, uint32_t index, enum emit emit, struct previous previous)
{
    merchant_emit(
        merchant, (struct queued_event){.emit = emit, .index = index, .previous = previous});
}

/* About what has no place of its own: the event names the owner. */
static void say_beside(struct merchant *merchant, uint32_t index, enum emit emit)
{
    say(merchant, index + 1, emit, (struct previous){0});
}

static bool is_ready(const struct shop_account *account)
{
    return account->enabled && !account->leaving;
}

static uint32_t count_staying(const struct merchant *merchant)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < merchant->account_count; i++) {
        count += merchant->accounts[i].leaving ? 0 : 1;
    }
    return count;
}

uint32_t account_draw(struct merchant *merchant)
{
    uint32_t ready = 0;
    for (uint32_t i = 0; i < merchant->account_count; i++) {
        ready += is_ready(&merchant->accounts[i]) ? 1 : 0;
    }
    uint64_t draw = ready > 0 ? merchant_below(merchant, ready) : 0;
    for (uint32_t i = 0; i < merchant->account_count; i++) {
        if (is_ready(&merchant->accounts[i]) && draw-- == 0) {
            return i;
        }
    }
    return UINT32_MAX;
}

/* In turns: there are too few accounts for chance to give each. */
static const enum course courses[] = {
    COURSE_ACCOUNT_ENABLED, COURSE_ACCOUNT_STOPPED, COURSE_ACCOUNT_LEAVES};
#define COURSES (sizeof courses / sizeof *courses)

static void account_begin(struct merchant *merchant)
{
    INVARIANT(merchant->account_count < ACCOUNTS_MAX);
    uint32_t index = merchant->account_count++;
    struct shop_account *account = &merchant->accounts[index];
    *account = (struct shop_account){.created_s = merchant_second(merchant)};
    id_make(&merchant->ids, "acct_1", account->created_s, account->id);
    id_make(&merchant->ids, "ba_1", account->created_s, account->bank_account);
    merchant->counts.accounts++;
    upkeep_schedule(merchant, index + 1);
    course_begin_as(merchant, TASK_ACCOUNT, index, courses[index % COURSES]);
}

bool account_begin_if_wanted(struct merchant *merchant)
{
    bool wanted = count_staying(merchant) < READY_MIN || merchant_chance(merchant, 3);
    if (!wanted || merchant->account_count == ACCOUNTS_MAX) {
        return false;
    }
    account_begin(merchant);
    return true;
}

void account_hold(struct merchant *merchant, uint32_t owner)
{
    if (owner != 0) {
        merchant->accounts[owner - 1].open_ends++;
    }
}

/* It leaves when nothing more is going to happen on it: the provider tells of an account that has
 * left no more. */
static void leave(struct merchant *merchant, uint32_t index)
{
    struct shop_account *account = &merchant->accounts[index];
    if (account->leaving && account->open_ends == 0) {
        account->left = true;
        say_beside(merchant, index, EMIT_ACCOUNT_DEAUTHORIZED);
    }
}

void account_release(struct merchant *merchant, uint32_t owner)
{
    if (owner != 0) {
        INVARIANT(merchant->accounts[owner - 1].open_ends > 0);
        merchant->accounts[owner - 1].open_ends--;
        leave(merchant, owner - 1);
    }
}

/* ---- deeds ----------------------------------------------------------------------------------- */

void deed_account_connect(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    say_beside(merchant, index, EMIT_ACCOUNT_AUTHORIZED);
}

void deed_account_submit(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct previous previous = {0};
    previous_add(&previous, "details_submitted", "false");
    merchant->accounts[index].submitted = true;
    say_beside(merchant, index, EMIT_EXTERNAL_ACCOUNT_CREATED);
    say(merchant, index, EMIT_ACCOUNT_UPDATED, previous);
}

void deed_account_enable(struct merchant *merchant, uint32_t index, int enabled)
{
    struct previous previous = {0};
    const char *was = enabled != 0 ? "false" : "true";
    previous_add(&previous, "charges_enabled", was);
    previous_add(&previous, "payouts_enabled", was);
    merchant->accounts[index].enabled = enabled != 0;
    say_beside(merchant, index, EMIT_CAPABILITY_UPDATED);
    say(merchant, index, EMIT_ACCOUNT_UPDATED, previous);
}

/* Some stay, so that there is always something to happen on them. */
void deed_account_leave(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    if (count_staying(merchant) >= READY_MIN) {
        merchant->accounts[index].leaving = true;
        leave(merchant, index);
    }
}

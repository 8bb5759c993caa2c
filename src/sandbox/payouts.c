#include "base/check.h"
#include "sandbox/merchant_internal.h"

#define DAY_S INT64_C(86400)
#define INCOME_MAX 200000 /* of a merchant that forgets what it has */
#define HELD_FROM 20000   /* minor units: from here on a part may be kept back as minimum balance */
#define HELD_SHARE 20     /* one so many-th of what is available */
#define HELD_PERCENT 25   /* of the payouts */
#define SLOWLY_US 100000  /* for a millisecond of the courses */
#define HOURS_US 10000000 /* likewise */
#define ASKED_A_DAY 4
#define HELD_STEP 10 /* three-decimal amounts end in 0 */

const char *payout_status_word(enum payout_status status)
{
    static const char *const words[] = {
        [PAYOUT_IS_PENDING] = "pending",
        [PAYOUT_IS_IN_TRANSIT] = "in_transit",
        [PAYOUT_IS_PAID] = "paid",
        [PAYOUT_IS_FAILED] = "failed",
        [PAYOUT_IS_CANCELED] = "canceled",
    };
    REQUIRE(status < sizeof words / sizeof *words);
    return words[status];
}

static void say(struct merchant *merchant, uint32_t index, enum emit emit, struct previous previous)
{
    merchant_emit(
        merchant, (struct queued_event){.emit = emit, .index = index, .previous = previous});
}

static void add_line(
    struct merchant *merchant, uint32_t index, const char *id, struct shop_money *line)
{
    const struct shop_payout *payout = &merchant->payouts[index];
    line->currency = line->paid_in = payout->currency;
    line->source = (struct merchant_ref){.subject = SUBJECT_PAYOUT, .index = index};
    (void)str_copy_to(line->id, sizeof line->id, str_from(id));
    lines_add(merchant, payout->owner, line);
}

static int64_t available(const struct merchant *merchant, const struct shop_payout *payout)
{
    return lines_balance(merchant, payout->owner, payout->currency).available;
}

/* ---- what begins ----------------------------------------------------------------------------- */

/* False: there is no room for another one. */
static bool take_slot(
    struct merchant *merchant, uint32_t owner, enum currency_index currency, uint32_t *ret_index)
{
    if (!pool_take(&merchant->payout_pool, ret_index)) {
        return false;
    }
    int64_t now_s = merchant_second(merchant);
    merchant->payouts[*ret_index] = (struct shop_payout){.owner = owner,
        .currency = currency,
        .created_s = now_s,
        .arrival_s = (now_s / DAY_S + 1) * DAY_S};
    return true;
}

static void begin(struct merchant *merchant, uint32_t index, enum course course)
{
    struct shop_payout *payout = &merchant->payouts[index];
    payout->way = (enum payout_way)course_argument(course);
    id_make(&merchant->ids, "po_1", payout->created_s, payout->id);
    id_make(&merchant->ids, "txn_1", payout->created_s, payout->balance_transaction);
    account_hold(merchant, payout->owner);
    merchant->counts.payouts++;
}

/* Kept back of this payout, and back in the balance for the next one. */
static int64_t draw_held(struct merchant *merchant, const struct shop_payout *payout)
{
    int64_t whole = available(merchant, payout);
    if (payout->owner != 0 || whole < HELD_FROM || !merchant_chance(merchant, HELD_PERCENT)) {
        return 0;
    }
    return whole / HELD_SHARE / HELD_STEP * HELD_STEP;
}

/* All that is available, and nothing else. */
static void fill_automatic(struct merchant *merchant, uint32_t index)
{
    struct shop_payout *payout = &merchant->payouts[index];
    int64_t held = draw_held(merchant, payout);
    if (held > 0) {
        add_line(merchant, index, "",
            &(struct shop_money){.movement = MOVEMENT_MINIMUM_HOLD, .amount = -held});
    }
    payout->amount = available(merchant, payout);
    payout->lines_from = lines_gather(merchant, payout->owner, payout->currency, index);
    payout->lines_end = merchant->statements[payout->owner].count + 1;
    add_line(merchant, index, payout->balance_transaction,
        &(struct shop_money){
            .movement = MOVEMENT_PAYOUT, .amount = -payout->amount, .payout = index + 1});
    if (held > 0) {
        add_line(merchant, index, "",
            &(struct shop_money){.movement = MOVEMENT_MINIMUM_RELEASE, .amount = held});
    }
}

/* The bank pays what the balance lacks: such a payout does not fail. */
void payout_begin_automatic(
    struct merchant *merchant, uint32_t owner, enum currency_index currency, enum course course)
{
    uint32_t index = 0;
    int64_t amount = lines_balance(merchant, owner, currency).available;
    if (amount == 0 || !take_slot(merchant, owner, currency, &index)) {
        return;
    }
    course = amount < 0 ? COURSE_PAYOUT_PAID : course;
    begin(merchant, index, course);
    fill_automatic(merchant, index);
    course = faults_payout_course(merchant, index, course);
    course_begin_as(merchant, TASK_PAYOUT, index, course);
}

/* A part of what is available; an instant one costs. */
static void begin_manual(
    struct merchant *merchant, uint32_t owner, enum currency_index currency, enum course course)
{
    uint32_t index = 0;
    int64_t whole = lines_balance(merchant, owner, currency).available;
    int64_t amount = whole * (30 + (int64_t)merchant_below(merchant, 50)) / 100;
    amount = amount / HELD_STEP * HELD_STEP;
    if (amount <= 0 || !take_slot(merchant, owner, currency, &index)) {
        return;
    }
    struct shop_payout *payout = &merchant->payouts[index];
    struct shop_money line = {.movement = MOVEMENT_PAYOUT, .amount = -amount};
    payout->amount = amount;
    begin(merchant, index, course);
    if (payout->way == PAYOUT_INSTANT) {
        payout->arrival_s = payout->created_s;
        tariff_fee(&line, FEE_IS_INSTANT_PAYOUT, tariff_instant_payout(amount, currency));
    }
    add_line(merchant, index, payout->balance_transaction, &line);
    course_begin_as(merchant, TASK_PAYOUT, index, course);
}

/* Of what it has forgotten, it says something. */
static void begin_forgetful(struct merchant *merchant, uint32_t owner, enum course course)
{
    uint32_t index = 0;
    if (take_slot(merchant, owner, CURRENCY_eur, &index)) {
        merchant->payouts[index].amount = 1000 + (int64_t)merchant_below(merchant, INCOME_MAX);
        begin(merchant, index, course);
        course_begin_as(merchant, TASK_PAYOUT, index, course);
    }
}

/* Any currency of which there is something; CURRENCY_COUNT: none. */
static enum currency_index draw_currency(struct merchant *merchant, uint32_t owner, bool positive)
{
    uint32_t first = (uint32_t)merchant_below(merchant, CURRENCY_COUNT);
    for (uint32_t i = 0; i < CURRENCY_COUNT; i++) {
        enum currency_index currency = (enum currency_index)((first + i) % CURRENCY_COUNT);
        int64_t amount = lines_balance(merchant, owner, currency).available;
        if (positive ? amount > 0 : amount != 0) {
            return currency;
        }
    }
    return CURRENCY_COUNT;
}

static bool is_automatic(enum course course)
{
    return course_argument(course) == PAYOUT_BY_SCHEDULE;
}

/* Where days are days, those by the schedule are made at midnight. */
static enum course draw_course(struct merchant *merchant)
{
    enum course course = course_draw(merchant, TASK_PAYOUT);
    while (merchant->config.end_us > 0 && is_automatic(course)) {
        course = course_draw(merchant, TASK_PAYOUT);
    }
    return course;
}

/* They fail where the mix asks for payouts that do. */
enum course payout_draw_automatic(struct merchant *merchant)
{
    if (merchant->config.mix.payouts == 0) {
        return COURSE_PAYOUT_PAID;
    }
    enum course course = course_draw(merchant, TASK_PAYOUT);
    while (!is_automatic(course)) {
        course = course_draw(merchant, TASK_PAYOUT);
    }
    return course;
}

/* Where days are days, somebody thinks of it a few times in each. */
static bool is_enough_for_today(struct merchant *merchant)
{
    int64_t day = merchant_second(merchant) / DAY_S;
    if (merchant->config.end_us == 0) {
        return false;
    }
    merchant->asked_today = day == merchant->asked_on ? merchant->asked_today + 1 : 1;
    merchant->asked_on = day;
    return merchant->asked_today > ASKED_A_DAY;
}

/* A platform that has nothing calls for some. */
void payout_begin(struct merchant *merchant, uint32_t owner)
{
    if (is_enough_for_today(merchant)) {
        return;
    }
    enum course course = draw_course(merchant);
    bool automatic = is_automatic(course);
    if (balance_can_be_told(merchant, owner)) {
        balance_tell(merchant, owner);
    }
    if (merchant->config.forgetful) {
        begin_forgetful(merchant, owner, course);
        return;
    }
    enum currency_index currency = draw_currency(merchant, owner, !automatic);
    if (currency == CURRENCY_COUNT && owner == 0) {
        topup_begin(merchant);
    } else if (currency != CURRENCY_COUNT && automatic) {
        upkeep_charge(merchant, owner, currency);
        payout_begin_automatic(merchant, owner, currency, course);
    } else if (currency != CURRENCY_COUNT) {
        begin_manual(merchant, owner, currency, course);
    }
}

/* Hours for seconds, and paid or not when it arrives. */
int64_t payout_wait_us(const struct merchant *merchant, uint32_t index, int64_t wait_ms)
{
    const struct shop_payout *payout = &merchant->payouts[index];
    int64_t arrival_us = payout->arrival_s * 1000000 + wait_ms * SLOWLY_US;
    if (payout->status == PAYOUT_IS_IN_TRANSIT && arrival_us > merchant->now_us) {
        return arrival_us - merchant->now_us;
    }
    return wait_ms * HOURS_US;
}

void payout_end(struct merchant *merchant, uint32_t index)
{
    account_release(merchant, merchant->payouts[index].owner);
    if (merchant->config.forgetful) {
        pool_give(&merchant->payout_pool, index);
    }
}

/* ---- deeds ----------------------------------------------------------------------------------- */

void deed_payout_open(struct merchant *merchant, uint32_t index, int way)
{
    REQUIRE((enum payout_way)way == merchant->payouts[index].way);
    say(merchant, index, EMIT_PAYOUT_CREATED, (struct previous){0});
}

/* Its lines stay in it; the money is in the balance again, for the next one. */
static void give_back(struct merchant *merchant, uint32_t index, enum movement movement)
{
    struct shop_payout *payout = &merchant->payouts[index];
    id_make(
        &merchant->ids, "txn_1", merchant_second(merchant), payout->failure_balance_transaction);
    add_line(merchant, index, payout->failure_balance_transaction,
        &(struct shop_money){.movement = movement, .amount = payout->amount});
}

void deed_payout_move(struct merchant *merchant, uint32_t index, int status)
{
    static const enum emit emits[] = {
        [PAYOUT_IS_IN_TRANSIT] = EMIT_PAYOUT_UPDATED,
        [PAYOUT_IS_PAID] = EMIT_PAYOUT_PAID,
        [PAYOUT_IS_FAILED] = EMIT_PAYOUT_FAILED,
        [PAYOUT_IS_CANCELED] = EMIT_PAYOUT_CANCELED,
    };
    struct shop_payout *payout = &merchant->payouts[index];
    struct previous previous = {0};
    REQUIRE(status > PAYOUT_IS_PENDING && status <= PAYOUT_IS_CANCELED);
    if (status == PAYOUT_IS_PAID && faults_hold_payout(merchant, index)) {
        return;
    }
    if (status == PAYOUT_IS_IN_TRANSIT) {
        previous_add_text(&previous, "status", payout_status_word(payout->status));
    }
    payout->status = (enum payout_status)status;
    if (status == PAYOUT_IS_FAILED) {
        give_back(merchant, index, MOVEMENT_PAYOUT_FAILURE);
    } else if (status == PAYOUT_IS_CANCELED) {
        give_back(merchant, index, MOVEMENT_PAYOUT_CANCEL);
    }
    say(merchant, index, emits[status], previous);
}

void deed_payout_reconcile(struct merchant *merchant, uint32_t index, int argument)
{
    (void)argument;
    struct previous previous = {0};
    previous_add_text(&previous, "reconciliation_status", "in_progress");
    merchant->payouts[index].reconciled = true;
    say(merchant, index, EMIT_PAYOUT_RECONCILED, previous);
}

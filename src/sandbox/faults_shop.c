#include "base/check.h"
#include "sandbox/faults_internal.h"

/* What goes wrong while the shop lives. Only plain things are taken, of which nothing more is to
 * come that would hide the fault or make another one of it; and no thing twice. */

#define PENNIES 100 /* 1.00 of most currencies */

static struct faults *faults_of(const struct merchant *merchant)
{
    return merchant->config.faults;
}

void fault_name(char *to, const char *id)
{
    ENSURE(str_copy_to(to, OBJECT_ID_BYTES, str_from(id)));
}

/* ---- payments that fit ----------------------------------------------------------------------- */

static bool is_spoiled(const struct faults *faults, const struct shop_payment *payment)
{
    for (uint32_t i = 0; i < faults->done_count; i++) {
        if (strcmp(faults->done[i].intent, payment->id) == 0) {
            return true;
        }
    }
    return false;
}

bool fault_is_plain(const struct faults *faults, const struct shop_payment *payment)
{
    return payment->id[0] != '\0' && payment->life == LIFE_AT_ONCE && payment->on_account == 0 &&
           payment->destination == 0 && !payment->grouped && payment->invoice == 0 &&
           tariff_into(payment->currency) == payment->currency && !is_spoiled(faults, payment);
}

static const struct shop_payment *payment_of_line(
    const struct merchant *merchant, uint32_t owner, const struct shop_money *line)
{
    bool is_charge =
        owner == 0 && line->movement == MOVEMENT_CHARGE && line->source.subject == SUBJECT_CHARGE;
    return is_charge ? &merchant->payments[line->source.index] : NULL;
}

/* ---- lines as they are made ------------------------------------------------------------------ */

struct fault_done *fault_note_line(const struct merchant *merchant,
    enum fault_kind kind,
    const char *subject,
    const struct shop_money *line,
    int64_t minor)
{
    struct fault_done *done = fault_note(faults_of(merchant), merchant, kind);
    fault_name(done->subject, subject);
    fault_name(done->line, line->id);
    ENSURE(str_copy_to(done->currency, sizeof done->currency, currency_word(line->currency)));
    done->minor = minor;
    return done;
}

/* What changes a line; the others are seen only when somebody asks. */
static bool change(enum fault_kind kind, struct shop_money *line)
{
    bool by_tens = line->currency == CURRENCY_kwd;
    if (kind == FAULT_IS_ALTER_AMOUNT) {
        line->amount += PENNIES;
    } else if (kind == FAULT_IS_ALTER_CURRENCY) {
        line->currency = line->currency == CURRENCY_usd ? CURRENCY_eur : CURRENCY_usd;
        line->paid_in = line->currency;
    } else if (kind == FAULT_IS_WRONG_NET) {
        line->net_off = by_tens ? -10 : -1;
    }
    return kind != FAULT_IS_DROP_LINE;
}

static int64_t size_of(enum fault_kind kind, const struct shop_money *line)
{
    if (kind == FAULT_IS_ALTER_AMOUNT) {
        return PENNIES;
    }
    if (kind == FAULT_IS_WRONG_NET) {
        return -line->net_off;
    }
    if (kind == FAULT_IS_WRONG_FEE_SUM) {
        return 1;
    }
    return kind == FAULT_IS_DROP_LINE || kind == FAULT_IS_ALTER_CURRENCY
               ? line->amount
               : line->amount - money_fee(line);
}

static bool take_payment(
    struct merchant *merchant, const struct shop_payment *payment, struct shop_money *line)
{
    static const enum fault_kind kinds[] = {FAULT_IS_DROP_LINE, FAULT_IS_ALTER_AMOUNT,
        FAULT_IS_ALTER_CURRENCY, FAULT_IS_WRONG_FEE_SUM, FAULT_IS_WRONG_NET, FAULT_IS_PAYOUT_SUM,
        FAULT_IS_LINE_NOT_IN_REPORT, FAULT_IS_LINE_ONLY_IN_REPORT, FAULT_IS_RESTATE_REPORT};
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (fault_is_due(merchant, kinds[i])) {
            bool stays = change(kinds[i], line);
            struct fault_done *done = fault_note_line(
                merchant, kinds[i], payment->attempts[0].id, line, size_of(kinds[i], line));
            fault_name(done->intent, payment->id);
            return stays;
        }
    }
    return true;
}

bool faults_take_line(struct merchant *merchant, uint32_t owner, struct shop_money *line)
{
    const struct faults *faults = faults_of(merchant);
    if (faults == NULL || faults->busy) {
        return true;
    }
    const struct shop_payment *payment = payment_of_line(merchant, owner, line);
    return payment == NULL || !fault_is_plain(faults, payment) ||
           take_payment(merchant, payment, line);
}

/* ---- lines that are made up ------------------------------------------------------------------ */

static void make_id(struct merchant *merchant, const char *prefix, char to[static OBJECT_ID_BYTES])
{
    struct id_maker *ids = &faults_of(merchant)->ids;
    memcpy(ids->account, merchant->ids.account, sizeof ids->account);
    id_make(ids, prefix, merchant_second(merchant), to);
}

static void add_line(struct merchant *merchant, struct shop_money *line)
{
    struct faults *faults = faults_of(merchant);
    make_id(merchant, "txn_1", line->id);
    faults->busy = true;
    lines_add(merchant, 0, line);
    faults->busy = false;
}

static const struct {
    enum fault_kind kind;
    enum movement movement;
    int64_t amount;
    bool names_charge;
} made_up[] = {
    {FAULT_IS_MISSING_OBJECT, MOVEMENT_CHARGE, 1230, true},
    {FAULT_IS_ORPHAN, MOVEMENT_REFUND, -710, false},
    {FAULT_IS_OTHER_ADJUSTMENT, MOVEMENT_ADJUSTMENT, -520, false},
    {FAULT_IS_UNKNOWN_TYPE, MOVEMENT_NEVER_HEARD_OF, 340, false},
    {FAULT_IS_CONNECT_NEGATIVE, MOVEMENT_COLLECTION, -930, false},
};

static void add_made_up(struct merchant *merchant, size_t row)
{
    struct shop_money line = {.movement = made_up[row].movement,
        .currency = CURRENCY_eur,
        .paid_in = CURRENCY_eur,
        .amount = made_up[row].amount,
        .source = {.subject = SUBJECT_NONE}};
    if (made_up[row].names_charge) {
        make_id(merchant, "ch_3", line.beside);
        memcpy(line.beside_charge, line.beside, sizeof line.beside_charge);
    }
    add_line(merchant, &line);
    const char *subject = made_up[row].names_charge ? line.beside : line.id;
    (void)fault_note_line(merchant, made_up[row].kind, subject, &line, line.amount);
}

static void note_total(struct merchant *merchant, enum fault_kind kind)
{
    struct fault_done *done = fault_note(faults_of(merchant), merchant, kind);
    ENSURE(str_copy_to(done->currency, sizeof done->currency, STR("eur")));
    done->minor = PENNIES;
}

/* The money of a refund comes back. */
static void return_refund(struct merchant *merchant, const struct shop_money *line)
{
    const struct shop_refund *refund = &merchant->refunds[line->source.index];
    const struct shop_payment *payment = &merchant->payments[refund->payment];
    bool fits = line->movement == MOVEMENT_REFUND && refund->life == REFUND_DONE &&
                payment->life == LIFE_REFUNDED && line->rate == 0 && payment->on_account == 0;
    if (!fits || !fault_is_due(merchant, FAULT_IS_STALE_STATUS)) {
        return;
    }
    struct shop_money back = {.movement = MOVEMENT_REFUND_FAILURE,
        .currency = line->currency,
        .paid_in = line->paid_in,
        .amount = -line->amount,
        .source = line->source};
    add_line(merchant, &back);
    (void)fault_note_line(merchant, FAULT_IS_STALE_STATUS, refund->id, &back, back.amount);
}

void faults_follow_line(struct merchant *merchant, uint32_t owner, const struct shop_money *line)
{
    struct faults *faults = faults_of(merchant);
    if (faults == NULL || faults->busy || owner != 0) {
        return;
    }
    struct shop_money like = *line; /* the statement may move in memory */
    if (like.source.subject == SUBJECT_REFUND) {
        return_refund(merchant, &like);
    }
    if (payment_of_line(merchant, owner, &like) == NULL) {
        return;
    }
    for (size_t i = 0; i < sizeof made_up / sizeof *made_up; i++) {
        if (fault_is_due(merchant, made_up[i].kind)) {
            add_made_up(merchant, i);
        }
    }
    if (fault_is_due(merchant, FAULT_IS_ROLLFORWARD)) {
        note_total(merchant, FAULT_IS_ROLLFORWARD);
    }
    if (fault_is_due(merchant, FAULT_IS_BALANCE_DRIFT)) {
        note_total(merchant, FAULT_IS_BALANCE_DRIFT);
    }
}

/* ---- lives of disputes, payouts and invoices ------------------------------------------------- */

void faults_dispute_lost(struct merchant *merchant, uint32_t index)
{
    const struct shop_dispute *dispute = &merchant->disputes[index];
    const struct shop_payment *payment = &merchant->payments[dispute->payment];
    bool fits = dispute->movement_count == 1 && dispute->place.course != COURSE_DISPUTE_APPEALED &&
                payment->on_account == 0;
    if (!fits || !fault_is_due(merchant, FAULT_IS_DISPUTE_OUTCOME)) {
        return;
    }
    const struct shop_movement *taken = &dispute->movements[0];
    struct shop_money line = {.movement = MOVEMENT_DISPUTE_REVERSAL,
        .currency = taken->currency,
        .paid_in = payment->currency,
        .paid = dispute->amount,
        .rate = taken->rate,
        .amount = -taken->amount,
        .source = {.subject = SUBJECT_DISPUTE, .index = index}};
    add_line(merchant, &line);
    (void)fault_note_line(merchant, FAULT_IS_DISPUTE_OUTCOME, dispute->id, &line, line.amount);
}

bool faults_keep_dispute(struct merchant *merchant, uint32_t index)
{
    const struct shop_dispute *dispute = &merchant->disputes[index];
    bool fits = merchant->payments[dispute->payment].on_account == 0 &&
                dispute->place.course == COURSE_DISPUTE_WON;
    if (!fits || !fault_is_due(merchant, FAULT_IS_DISPUTE_UNPAID)) {
        return false;
    }
    const struct shop_money none = {.currency = dispute->movements[0].currency};
    (void)fault_note_line(
        merchant, FAULT_IS_DISPUTE_UNPAID, dispute->id, &none, -dispute->movements[0].amount);
    return true;
}

static void note_payout(struct merchant *merchant, enum fault_kind kind, uint32_t index)
{
    const struct shop_payout *payout = &merchant->payouts[index];
    struct shop_money line = {.currency = payout->currency};
    fault_name(line.id, payout->balance_transaction);
    (void)fault_note_line(merchant, kind, payout->id, &line, payout->amount);
}

/* Nobody adds up the lines of a payout that does not arrive. */
static bool lacks_line(const struct merchant *merchant, const struct shop_payout *payout)
{
    const struct faults *faults = faults_of(merchant);
    for (uint32_t i = 0; i < faults->done_count; i++) {
        struct merchant_line line;
        uint32_t index = 0;
        if (faults->done[i].kind == FAULT_IS_PAYOUT_SUM &&
            merchant_line_find(merchant, 0, str_from(faults->done[i].line), &index) == ERR_OK) {
            merchant_line_at(merchant, 0, index, &line);
            if (str_eq(line.payout, str_from(payout->id))) {
                return true;
            }
        }
    }
    return false;
}

bool faults_hold_payout(struct merchant *merchant, uint32_t index)
{
    const struct shop_payout *payout = &merchant->payouts[index];
    bool fits = faults_of(merchant) != NULL && payout->owner == 0 && payout->amount > 0 &&
                payout->place.course == COURSE_PAYOUT_PAID && !lacks_line(merchant, payout);
    if (!fits || !fault_is_due(merchant, FAULT_IS_PAYOUT_STUCK)) {
        return false;
    }
    note_payout(merchant, FAULT_IS_PAYOUT_STUCK, index);
    return true;
}

enum course faults_payout_course(struct merchant *merchant, uint32_t index, enum course course)
{
    const struct shop_payout *payout = &merchant->payouts[index];
    if (faults_of(merchant) == NULL) {
        return course;
    }
    if (lacks_line(merchant, payout)) {
        return COURSE_PAYOUT_PAID;
    }
    bool fits = payout->owner == 0 && payout->amount > 0;
    if (fits && fault_is_due(merchant, FAULT_IS_PAYOUT_FAILED)) {
        note_payout(merchant, FAULT_IS_PAYOUT_FAILED, index);
        return COURSE_PAYOUT_FAILED_LATE;
    }
    return course == COURSE_PAYOUT_FAILED_LATE ? COURSE_PAYOUT_PAID : course;
}

bool faults_pay_again(struct merchant *merchant, uint32_t payment)
{
    const struct shop_payment *by = &merchant->payments[payment];
    const struct shop_invoice *invoice = &merchant->invoices[by->invoice - 1];
    bool fits = invoice->payment_count == 1 && invoice->subscription == 0 &&
                invoice->place.course == COURSE_INVOICE_PAID;
    if (!fits || !fault_is_due(merchant, FAULT_IS_DUPLICATE_CHARGE)) {
        return false;
    }
    const struct shop_money none = {.currency = by->currency};
    (void)fault_note_line(merchant, FAULT_IS_DUPLICATE_CHARGE, invoice->id, &none, by->received);
    return true;
}

#include "unit/ledger/generate.h"
#include "unit/testing.h"

/* One life: a payment and what becomes of it, or money that comes and goes by itself. */
struct life {
    struct generated *generated;
    uint64_t *chance;
    uint32_t number;
    uint32_t line_count;
    struct currency payer;
    struct attempt attempt;
    bool is_invoiced;
};

static const struct currency eur = {"EUR"}, usd = {"USD"};

static bool likely(struct life *life, uint64_t percent)
{
    return test_random_below(life->chance, 100) < percent;
}

static int64_t some(struct life *life, int64_t most)
{
    return 1 + (int64_t)test_random_below(life->chance, (uint64_t)most);
}

static struct own_id id_of(const struct life *life, const char *noun)
{
    struct own_id id = {""};
    char text[24];
    int len = snprintf(text, sizeof text, "%s%u", noun, life->number);
    assert_true(len > 0 && (size_t)len < sizeof id.bytes);
    memcpy(id.bytes, text, (size_t)len);
    return id;
}

/* ---- saying --------------------------------------------------------------------------------- */

static struct step *new_step(struct life *life)
{
    struct generated *generated = life->generated;
    assert_true(generated->count < GENERATED_STEPS);
    struct step *step = &generated->steps[generated->count++];
    *step = (struct step){.line = NULL};
    return step;
}

static void say(struct life *life, enum id_kind kind, const void *record)
{
    struct generated *generated = life->generated;
    void *copy = generated->records[generated->count];
    struct step *step = new_step(life);
    memcpy(copy, record, record_kind_of(kind)->size);
    struct record_head *head = copy;
    head->version = generated->count; /* what is said later is newer */
    step->kind = kind;
    step->record = head;
}

static void say_line(struct life *life, const struct statement_line *line)
{
    struct generated *generated = life->generated;
    struct statement_line *copy = &generated->lines[generated->count];
    *copy = *line;
    new_step(life)->line = copy;
}

/* Some lines come by a file first, which knows less of them. */
static void tell_line(struct life *life, struct statement_line line)
{
    char noun[16];
    (void)snprintf(noun, sizeof noun, "txn%c", (char)('a' + (int)life->line_count++));
    line.id = id_of(life, noun);
    line.currency = eur;
    line.net_minor = line.amount_minor - line.fee_minor;
    line.available_us = some(life, GENERATED_DAYS);
    if (likely(life, 30)) {
        struct statement_line first = line;
        first.source = (struct own_id){""};
        first.attempt = (struct own_id){""};
        first.fee_count = 0;
        say_line(life, &first);
    }
    say_line(life, &line);
}

static void add_fees(struct life *life, struct statement_line *line)
{
    line->fee_minor = some(life, 300);
    if (likely(life, 70)) {
        line->fees[0] = (struct line_fee){FEE_PROVIDER, line->fee_minor / 2};
        line->fees[1] = (struct line_fee){FEE_TAX, line->fee_minor - line->fee_minor / 2};
        line->fee_count = 2;
    }
}

/* About the attempt; what the payer saw is `minor`, and the rate is never twice the same. */
static void tell_payers_line(
    struct life *life, enum line_kind kind, struct own_id source, int64_t minor)
{
    struct statement_line line = {.kind = kind,
        .amount_minor = minor,
        .source = source,
        .attempt = life->attempt.head.id,
        .customer_minor = minor,
        .customer_currency = life->payer};
    if (!currency_eq(life->payer, eur)) {
        line.amount_minor = minor * (80 + some(life, 40)) / 100;
    }
    if (kind == LINE_PAYMENT) {
        add_fees(life, &line);
    }
    tell_line(life, line);
}

static void tell_own_line(
    struct life *life, enum line_kind kind, struct own_id source, int64_t minor)
{
    struct statement_line line = {.kind = kind,
        .amount_minor = minor,
        .source = source,
        .fee_minor = likely(life, 20) ? some(life, 50) : 0};
    tell_line(life, line);
}

/* ---- payments ------------------------------------------------------------------------------- */

static void say_attempt(struct life *life, enum attempt_state is, int64_t captured)
{
    life->attempt.state = (int)is;
    life->attempt.captured_minor = captured;
    say(life, ID_ATTEMPT, &life->attempt);
}

static void fail_payment(struct life *life, int64_t minor)
{
    say_attempt(life, ATTEMPT_FAILED, life->attempt.captured_minor);
    tell_payers_line(life, LINE_PAYMENT_FAILED, life->attempt.head.id, -minor);
}

static void try_in_vain(struct life *life)
{
    struct attempt vain = life->attempt;
    vain.head.id = id_of(life, "vain");
    vain.state = ATTEMPT_FAILED;
    say(life, ID_ATTEMPT, &vain);
}

/* The rest of a partial capture; often its refund is told too. */
static void release_rest(struct life *life, int64_t rest)
{
    struct refund refund = {.head = {.id = id_of(life, "rest")},
        .state = REFUND_SUCCEEDED,
        .attempt_id = life->attempt.head.id,
        .currency = life->payer,
        .amount_minor = rest};
    if (likely(life, 60)) {
        say(life, ID_REFUND, &refund);
    }
    tell_payers_line(life, LINE_CAPTURE_RELEASE, refund.head.id, -rest);
}

static void capture(struct life *life)
{
    int64_t amount = life->attempt.amount_minor;
    int64_t rest = likely(life, 20) ? some(life, amount - 1) : 0;
    if (likely(life, 40)) {
        say_attempt(life, ATTEMPT_AUTHORIZED, 0);
    }
    if (likely(life, 20)) {
        say_attempt(life, ATTEMPT_SUCCEEDED, (amount - rest) / 2);
    }
    say_attempt(life, ATTEMPT_SUCCEEDED, amount - rest);
    tell_payers_line(life, LINE_PAYMENT, life->attempt.head.id, amount);
    if (rest > 0) {
        release_rest(life, rest);
    }
}

/* ---- what was paid, and for what --------------------------------------------------------------
 */

static void say_invoice(struct life *life, enum invoice_state is)
{
    int64_t total = life->attempt.captured_minor;
    struct invoice invoice = {.head = {.id = id_of(life, "inv")},
        .state = (int)is,
        .customer_id = id_of(life, "cus"),
        .currency = life->payer,
        .total_minor = total,
        .tax_minor = total / 6};
    say(life, ID_INVOICE, &invoice);
}

static void invoice_it(struct life *life)
{
    struct invoice_payment link = {.head = {.id = id_of(life, "lnk")},
        .state = INVOICE_PAYMENT_OPEN,
        .invoice_id = id_of(life, "inv"),
        .payment_id = life->attempt.payment_id,
        .currency = life->payer};
    life->is_invoiced = true;
    say_invoice(life, likely(life, 50) ? INVOICE_DRAFT : INVOICE_OPEN);
    if (likely(life, 20)) {
        say_invoice(life, INVOICE_UNCOLLECTIBLE);
    }
    say(life, ID_INVOICE_PAYMENT, &link);
    link.state = INVOICE_PAYMENT_PAID;
    link.paid_minor = life->attempt.captured_minor;
    say(life, ID_INVOICE_PAYMENT, &link);
    say_invoice(life, likely(life, 5) ? INVOICE_VOID : INVOICE_PAID);
}

static void say_credit_note(struct life *life, const struct refund *refund)
{
    struct credit_note note = {.head = {.id = id_of(life, "note")},
        .state = likely(life, 90) ? CREDIT_NOTE_ISSUED : CREDIT_NOTE_VOID,
        .invoice_id = id_of(life, "inv"),
        .customer_id = id_of(life, "cus"),
        .currency = life->payer,
        .tax_minor = refund->amount_minor / 7,
        .post_payment_minor = refund->amount_minor,
        .refund_id = refund->head.id,
        .refund_count = 1,
        .refunded_minor = likely(life, 50) ? refund->amount_minor : 0};
    say(life, ID_CREDIT_NOTE, &note);
}

static void end_refund(struct life *life, struct refund *refund)
{
    uint64_t fate = test_random_below(life->chance, 100);
    if (fate < 20) {
        refund->state = REFUND_CANCELED;
        say(life, ID_REFUND, refund);
        return;
    }
    tell_payers_line(life, LINE_REFUND, refund->head.id, -refund->amount_minor);
    refund->state = REFUND_SUCCEEDED;
    say(life, ID_REFUND, refund);
    if (fate < 40) {
        refund->state = REFUND_FAILED;
        say(life, ID_REFUND, refund);
        tell_payers_line(life, LINE_REFUND_FAILED, refund->head.id, refund->amount_minor);
    }
}

static void refund_some(struct life *life, const char *noun, int64_t minor)
{
    struct refund refund = {.head = {.id = id_of(life, noun)},
        .state = REFUND_PENDING,
        .attempt_id = life->attempt.head.id,
        .currency = life->payer,
        .amount_minor = minor};
    if (likely(life, 50)) {
        say(life, ID_REFUND, &refund);
    }
    if (life->is_invoiced && likely(life, 50)) {
        say_credit_note(life, &refund);
    }
    end_refund(life, &refund);
}

static void refund_it(struct life *life)
{
    int64_t captured = life->attempt.captured_minor;
    int64_t first = likely(life, 50) ? captured : some(life, captured);
    refund_some(life, "refa", first);
    if (first < captured && likely(life, 50)) {
        refund_some(life, "refb", captured - first);
    }
}

/* Taken and given back as often as it is decided. */
static void dispute_it(struct life *life)
{
    static const enum dispute_state states[] = {DISPUTE_NEEDS_RESPONSE, DISPUTE_UNDER_REVIEW,
        DISPUTE_LOST, DISPUTE_WON, DISPUTE_APPEAL_UNDER_REVIEW, DISPUTE_PREVENTED};
    int64_t taken = life->attempt.captured_minor;
    struct dispute dispute = {.head = {.id = id_of(life, "dis")},
        .state = DISPUTE_INQUIRY_NEEDS_RESPONSE,
        .attempt_id = life->attempt.head.id,
        .currency = life->payer,
        .settlement_currency = eur};
    say(life, ID_DISPUTE, &dispute);
    for (int64_t turns = some(life, 4); turns > 0; turns--) {
        dispute.state = (int)states[test_random_below(life->chance, 6)];
        if (likely(life, 60)) {
            bool is_taken = dispute.withdrawn_minor != 0;
            dispute.withdrawn_minor = is_taken ? 0 : taken;
            tell_own_line(life, is_taken ? LINE_DISPUTE_REINSTATED : LINE_DISPUTE_WITHDRAWN,
                dispute.head.id, is_taken ? taken : -taken);
        }
        say(life, ID_DISPUTE, &dispute);
    }
}

static void transfer_it(struct life *life)
{
    int64_t captured = life->attempt.captured_minor;
    struct transfer transfer = {.head = {.id = id_of(life, "tra")},
        .account_id = id_of(life, "acc"),
        .attempt_id = life->attempt.head.id,
        .currency = eur,
        .amount_minor = some(life, captured)};
    say(life, ID_TRANSFER, &transfer);
    tell_own_line(life, LINE_TRANSFER, transfer.head.id, -transfer.amount_minor);
    tell_own_line(life, LINE_PLATFORM_FEE, id_of(life, "fee"), some(life, 100));
    if (likely(life, 60)) {
        transfer.reversed_minor = some(life, transfer.amount_minor);
        say(life, ID_TRANSFER, &transfer);
        tell_own_line(life, LINE_TRANSFER_RETURNED, transfer.head.id, transfer.reversed_minor);
    }
    if (likely(life, 60)) {
        refund_it(life);
    }
}

static void live_on(struct life *life)
{
    switch (test_random_below(life->chance, 6)) {
    case 0:
        fail_payment(life, life->attempt.captured_minor);
        break;
    case 1:
    case 2:
        refund_it(life);
        break;
    case 3:
        dispute_it(life);
        break;
    case 4:
        if (currency_eq(life->payer, eur)) {
            transfer_it(life);
        }
        break;
    default:
        break;
    }
}

static void live_as_payment(struct life *life)
{
    life->payer = likely(life, 30) ? usd : eur;
    life->attempt = (struct attempt){.head = {.id = id_of(life, "att")},
        .payment_id = id_of(life, "pay"),
        .amount_minor = 100 + some(life, 100000),
        .currency = life->payer};
    if (likely(life, 20)) {
        try_in_vain(life);
    }
    if (likely(life, 15)) {
        say_attempt(life, ATTEMPT_PENDING, 0);
        tell_payers_line(life, LINE_PAYMENT, life->attempt.head.id, life->attempt.amount_minor);
        fail_payment(life, life->attempt.amount_minor);
        return;
    }
    capture(life);
    if (likely(life, 50)) {
        invoice_it(life);
    }
    live_on(life);
}

/* ---- money by itself --------------------------------------------------------------------------
 */

static void live_as_payout(struct life *life)
{
    struct payout payout = {.head = {.id = id_of(life, "out")},
        .state = PAYOUT_IN_TRANSIT,
        .currency = eur,
        .amount_minor = some(life, 100000) - 20000};
    say(life, ID_PAYOUT, &payout);
    tell_own_line(life, LINE_PAYOUT, payout.head.id, -payout.amount_minor);
    payout.state = PAYOUT_PAID;
    say(life, ID_PAYOUT, &payout);
    if (likely(life, 30)) {
        payout.state = PAYOUT_FAILED;
        say(life, ID_PAYOUT, &payout);
        tell_own_line(life, LINE_PAYOUT_RETURNED, payout.head.id, payout.amount_minor);
    }
}

static void live_as_topup(struct life *life)
{
    struct topup topup = {.head = {.id = id_of(life, "top")},
        .state = TOPUP_SUCCEEDED,
        .currency = eur,
        .amount_minor = some(life, 100000)};
    say(life, ID_TOPUP, &topup);
    tell_own_line(life, LINE_TOPUP, topup.head.id, topup.amount_minor);
    if (likely(life, 30)) {
        topup.state = TOPUP_REVERSED;
        say(life, ID_TOPUP, &topup);
        tell_own_line(life, LINE_TOPUP_RETURNED, topup.head.id, -topup.amount_minor);
    }
}

static void live_as_lines(struct life *life)
{
    static const enum line_kind kinds[] = {LINE_FEE, LINE_TAX, LINE_RISK_RESERVE,
        LINE_MINIMUM_BALANCE, LINE_ADJUSTMENT, LINE_UNCLASSIFIED, LINE_LOAN, LINE_PURCHASE};
    for (int64_t lines = some(life, 4); lines > 0; lines--) {
        enum line_kind kind = kinds[test_random_below(life->chance, 8)];
        tell_own_line(life, kind, id_of(life, "any"), some(life, 2000) - 1000);
    }
}

static void live(struct life *life)
{
    uint64_t kind = test_random_below(life->chance, 10);
    if (kind == 0) {
        live_as_payout(life);
    } else if (kind == 1) {
        live_as_topup(life);
    } else if (kind == 2) {
        live_as_lines(life);
    } else {
        live_as_payment(life);
    }
}

void generate(struct generated *generated, uint64_t *chance)
{
    generated->count = 0;
    int64_t day = 0;
    uint64_t lives = 1 + test_random_below(chance, GENERATED_LIVES);
    for (uint32_t number = 1; number <= lives; number++) {
        struct life life = {.generated = generated, .chance = chance, .number = number};
        live(&life);
        day += (int64_t)test_random_below(chance, 2);
        new_step(&life)->now_us = day;
    }
    struct life last = {.generated = generated, .chance = chance};
    new_step(&last)->now_us = GENERATED_DAYS;
}

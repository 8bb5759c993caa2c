#include "unit/ledger/world.h"
#include "ledger/exchange.h"
#include "ledger/release.h"
#include "unit/testing.h"

#define SHARES_MAX 8
#define ATTEMPTS_MAX 8
#define ENTRY_ROOM 96

static const struct currency no_currency;
static struct posting room[ENTRY_ROOM];

void world_begin(struct world *world)
{
    world->policy = (struct target_policy){.hold_unlinked = false};
    world->line_policy = (struct line_policy){.fee_tax_is_input = false};
    world->now_us = 0;
    world->thing_count = 0;
    world->line_count = 0;
    book_begin(&world->book);
}

/* ---- learning ------------------------------------------------------------------------------- */

static void learn_record(struct world *world, enum id_kind kind, const struct record_head *record)
{
    for (uint32_t i = 0; i < world->thing_count; i++) {
        struct thing *thing = &world->things[i];
        if (thing->kind == kind && own_id_eq(thing->record->id, record->id)) {
            thing->record = record->version < thing->record->version ? thing->record : record;
            return;
        }
    }
    assert_true(world->thing_count < WORLD_THINGS);
    world->things[world->thing_count++] = (struct thing){kind, record};
}

static void learn_id(struct own_id *known, struct own_id said)
{
    *known = own_id_is_none(said) ? *known : said;
}

static void learn_more(struct statement_line *known, const struct statement_line *said)
{
    learn_id(&known->source, said->source);
    learn_id(&known->attempt, said->attempt);
    if (said->customer_currency.code[0] != '\0') {
        known->customer_currency = said->customer_currency;
        known->customer_minor = said->customer_minor;
    }
    if (said->fee_count > 0) {
        known->fee_count = said->fee_count;
        memcpy(known->fees, said->fees, sizeof known->fees);
    }
}

static void learn_line(struct world *world, const struct statement_line *said)
{
    for (uint32_t i = 0; i < world->line_count; i++) {
        if (own_id_eq(world->lines[i].id, said->id)) {
            learn_more(&world->lines[i], said);
            return;
        }
    }
    assert_true(world->line_count < WORLD_LINES);
    world->lines[world->line_count++] = *said;
}

void world_learn(struct world *world, const struct step *step)
{
    if (step->line != NULL) {
        learn_line(world, step->line);
    }
    if (step->record != NULL) {
        learn_record(world, step->kind, step->record);
    }
    world->now_us = step->now_us > world->now_us ? step->now_us : world->now_us;
}

/* ---- looking up ----------------------------------------------------------------------------- */

/* The next record of that kind; *at is first 0. */
static const void *next_of(const struct world *world, enum id_kind kind, uint32_t *at)
{
    while (*at < world->thing_count) {
        const struct thing *thing = &world->things[(*at)++];
        if (thing->kind == kind) {
            return thing->record;
        }
    }
    return NULL;
}

static const void *find(const struct world *world, enum id_kind kind, struct own_id id)
{
    uint32_t at = 0;
    const struct record_head *record = NULL;
    do {
        record = next_of(world, kind, &at);
    } while (record != NULL && !own_id_eq(record->id, id));
    return record;
}

static bool has_captured(const struct world *world, struct own_id payment)
{
    uint32_t at = 0;
    const struct attempt *attempt = NULL;
    while ((attempt = next_of(world, ID_ATTEMPT, &at)) != NULL) {
        if (own_id_eq(attempt->payment_id, payment) && attempt->state == ATTEMPT_SUCCEEDED &&
            attempt->captured_minor != 0) {
            return true;
        }
    }
    return false;
}

static bool has_line(const struct world *world, enum line_kind kind, struct own_id source)
{
    for (uint32_t i = 0; i < world->line_count; i++) {
        if (world->lines[i].kind == kind && own_id_eq(world->lines[i].source, source)) {
            return true;
        }
    }
    return false;
}

static struct refund_cover seen_cover(const struct world *world, const struct refund *refund)
{
    return (struct refund_cover){
        .is_capture_release = has_line(world, LINE_CAPTURE_RELEASE, refund->head.id),
        .is_in_statement = has_line(world, LINE_REFUND, refund->head.id)};
}

/* What the transfer's account gave back for refunds whose ids are smaller than `before`. */
static int64_t returned_for_refunds(
    const struct world *world, const struct transfer *transfer, const struct own_id *before)
{
    int64_t refunded = 0;
    uint32_t at = 0;
    const struct refund *refund = NULL;
    while ((refund = next_of(world, ID_REFUND, &at)) != NULL) {
        struct refund_cover cover = seen_cover(world, refund);
        if (own_id_eq(refund->attempt_id, transfer->attempt_id) &&
            refund_has_moved(refund, &cover) &&
            (before == NULL || own_id_compare(refund->head.id, *before) < 0)) {
            refunded += refund->amount_minor;
        }
    }
    return refunded < transfer->reversed_minor ? refunded : transfer->reversed_minor;
}

/* ---- lines ---------------------------------------------------------------------------------- */

static void post_lines(struct world *world)
{
    for (uint32_t i = 0; i < world->line_count; i++) {
        struct ledger_entry entry;
        unsigned flaws = 0;
        entry_begin(&entry, STREAM_MONEY, room, ENTRY_ROOM);
        assert_err(line_post(&world->lines[i], &world->line_policy, &entry, &flaws), ERR_OK);
        book_post(&world->book, "line", world->lines[i].id, no_currency, &entry);
    }
}

static bool is_available(const struct world *world, const struct statement_line *line)
{
    return line->available_us > 0 && line->available_us <= world->now_us;
}

static void post_release(struct world *world, const struct statement_line *first)
{
    int64_t net = 0;
    struct ledger_entry entry;
    struct own_id day = {""};
    for (uint32_t i = 0; i < world->line_count; i++) {
        const struct statement_line *line = &world->lines[i];
        if (line->available_us == first->available_us &&
            currency_eq(line->currency, first->currency)) {
            assert_err(release_add(line, &net), ERR_OK);
        }
    }
    memcpy(day.bytes, &first->available_us, sizeof first->available_us);
    entry_begin(&entry, STREAM_MONEY, room, ENTRY_ROOM);
    assert_err(release_post(net, first->currency, &entry), ERR_OK);
    book_post(&world->book, "release", day, first->currency, &entry);
}

static bool is_in_exchange(const struct statement_line *line, const struct exchange *exchange)
{
    return line_is_exchanged(line) && currency_eq(line->currency, exchange->settled) &&
           currency_eq(line->customer_currency, exchange->payer);
}

static void post_exchange(struct world *world, const struct statement_line *first)
{
    struct exchange exchange = {.payer = first->customer_currency, .settled = first->currency};
    struct ledger_entry entry;
    for (uint32_t i = 0; i < world->line_count; i++) {
        const struct statement_line *line = &world->lines[i];
        if (own_id_eq(line->attempt, first->attempt) && is_in_exchange(line, &exchange)) {
            assert_err(exchange_add(&exchange, line), ERR_OK);
        }
    }
    entry_begin(&entry, STREAM_MONEY, room, ENTRY_ROOM);
    assert_err(exchange_post(&exchange, first->attempt, &entry), ERR_OK);
    book_post(&world->book, "exchange", first->attempt, exchange.settled, &entry);
}

static void post_what_lines_make(struct world *world)
{
    for (uint32_t i = 0; i < world->line_count; i++) {
        const struct statement_line *line = &world->lines[i];
        if (is_available(world, line)) {
            post_release(world, line);
        }
        if (line_is_exchanged(line) && !own_id_is_none(line->attempt)) {
            post_exchange(world, line);
        }
    }
}

/* ---- payments and what they pay ------------------------------------------------------------- */

static uint32_t invoices_of(
    const struct world *world, struct own_id payment, struct share shares[static SHARES_MAX])
{
    uint32_t count = 0;
    uint32_t at = 0;
    const struct invoice_payment *link = NULL;
    while ((link = next_of(world, ID_INVOICE_PAYMENT, &at)) != NULL) {
        if (own_id_eq(link->payment_id, payment) && link->state == INVOICE_PAYMENT_PAID &&
            !link->external) {
            assert_true(count < SHARES_MAX);
            shares[count++] = (struct share){link->invoice_id, link->paid_minor};
        }
    }
    return count;
}

static uint32_t accounts_of(
    const struct world *world, struct own_id payment, struct share shares[static SHARES_MAX])
{
    uint32_t count = 0;
    uint32_t at = 0;
    const struct transfer *transfer = NULL;
    while ((transfer = next_of(world, ID_TRANSFER, &at)) != NULL) {
        const struct attempt *attempt = find(world, ID_ATTEMPT, transfer->attempt_id);
        if (attempt != NULL && own_id_eq(attempt->payment_id, payment)) {
            assert_true(count < SHARES_MAX);
            int64_t kept = transfer->amount_minor - transfer->reversed_minor +
                           returned_for_refunds(world, transfer, NULL);
            shares[count++] = (struct share){transfer->account_id, kept};
        }
    }
    return count;
}

/* The aggregate may be changed by who decides, so its attempts are copies. */
static void post_payment(struct world *world, const struct attempt *first)
{
    static struct attempt copies[ATTEMPTS_MAX];
    struct attempt *attempts[ATTEMPTS_MAX];
    struct share invoices[SHARES_MAX];
    struct share accounts[SHARES_MAX];
    struct payment_aggregate aggregate = {.attempts = attempts};
    struct ledger_entry entry;
    uint32_t at = 0;
    const struct attempt *attempt = NULL;
    aggregate.payment.head.id = first->payment_id;
    aggregate.payment.currency = first->currency;
    while ((attempt = next_of(world, ID_ATTEMPT, &at)) != NULL) {
        if (own_id_eq(attempt->payment_id, first->payment_id)) {
            assert_true(aggregate.attempt_count < ATTEMPTS_MAX);
            copies[aggregate.attempt_count] = *attempt;
            attempts[aggregate.attempt_count] = &copies[aggregate.attempt_count];
            aggregate.attempt_count++;
        }
    }
    uint32_t invoice_count = invoices_of(world, first->payment_id, invoices);
    uint32_t account_count = accounts_of(world, first->payment_id, accounts);
    entry_begin(&entry, STREAM_BUSINESS, room, ENTRY_ROOM);
    assert_err(target_payment(&aggregate, invoices, invoice_count, accounts, account_count,
                   &world->policy, &entry),
        ERR_OK);
    book_post(&world->book, "payment", first->payment_id, no_currency, &entry);
}

static struct settlement settlement_of(const struct world *world, struct own_id invoice)
{
    struct settlement settlement = {0, 0};
    uint32_t at = 0;
    const struct invoice_payment *link = NULL;
    while ((link = next_of(world, ID_INVOICE_PAYMENT, &at)) != NULL) {
        if (!own_id_eq(link->invoice_id, invoice) || link->state != INVOICE_PAYMENT_PAID) {
            continue;
        }
        if (link->external) {
            settlement.external_minor += link->paid_minor;
        } else if (has_captured(world, link->payment_id)) {
            settlement.provider_minor += link->paid_minor;
        }
    }
    return settlement;
}

/* ---- refunds -------------------------------------------------------------------------------- */

static void cover_by_notes(
    const struct world *world, const struct refund *refund, struct refund_cover *cover)
{
    uint32_t at = 0;
    const struct credit_note *note = NULL;
    while ((note = next_of(world, ID_CREDIT_NOTE, &at)) != NULL) {
        int64_t refunded = 0;
        if (own_id_eq(note->refund_id, refund->head.id)) {
            assert_err(credit_note_refunded(note, &refunded), ERR_OK);
            cover->credited_minor += refunded;
        }
    }
}

/* Of the same attempt, and with a smaller id. */
static int64_t uncredited_before(const struct world *world, const struct refund *last)
{
    int64_t before = 0;
    uint32_t at = 0;
    const struct refund *refund = NULL;
    while ((refund = next_of(world, ID_REFUND, &at)) != NULL) {
        struct refund_cover cover = seen_cover(world, refund);
        cover_by_notes(world, refund, &cover);
        if (own_id_eq(refund->attempt_id, last->attempt_id) && refund_has_moved(refund, &cover) &&
            own_id_compare(refund->head.id, last->head.id) < 0 &&
            cover.credited_minor < refund->amount_minor) {
            before += refund->amount_minor - cover.credited_minor;
        }
    }
    return before;
}

static void cover_by_accounts(
    const struct world *world, const struct refund *refund, struct refund_cover *cover)
{
    uint32_t at = 0;
    const struct transfer *transfer = NULL;
    while ((transfer = next_of(world, ID_TRANSFER, &at)) != NULL) {
        if (!own_id_eq(transfer->attempt_id, refund->attempt_id)) {
            continue;
        }
        int64_t left =
            transfer->reversed_minor - returned_for_refunds(world, transfer, &refund->head.id);
        cover->account.id = transfer->account_id;
        cover->account.minor = left < refund->amount_minor ? left : refund->amount_minor;
    }
}

static void cover_by_invoice(
    const struct world *world, const struct refund *refund, struct refund_cover *cover)
{
    struct share shares[SHARES_MAX];
    const struct attempt *attempt = find(world, ID_ATTEMPT, refund->attempt_id);
    if (attempt == NULL || invoices_of(world, attempt->payment_id, shares) != 1) {
        return;
    }
    const struct invoice *invoice = find(world, ID_INVOICE, shares[0].id);
    if (invoice != NULL) {
        cover->invoice_tax_minor = invoice->tax_minor;
        cover->invoice_total_minor = invoice->total_minor;
        cover->refunded_before_minor = uncredited_before(world, refund);
    }
}

static enum err post_refund(
    const struct world *world, const struct refund *refund, struct ledger_entry *entry)
{
    struct refund_cover cover = seen_cover(world, refund);
    cover_by_notes(world, refund, &cover);
    cover_by_accounts(world, refund, &cover);
    cover_by_invoice(world, refund, &cover);
    return target_refund(refund, &cover, entry);
}

/* ---- all --------------------------------------------------------------------------------------
 */

static enum err target_of(
    const struct world *world, const struct thing *thing, struct ledger_entry *entry)
{
    struct settlement settlement = settlement_of(world, thing->record->id);
    const void *record = thing->record;
    switch ((int)thing->kind) {
    case ID_INVOICE:
        return target_invoice(record, &settlement, entry);
    case ID_CREDIT_NOTE:
        return target_credit_note(record, entry);
    case ID_REFUND:
        return post_refund(world, record, entry);
    case ID_DISPUTE:
        return target_dispute(record, entry);
    case ID_PAYOUT:
        return target_payout(record, &world->policy, entry);
    case ID_TOPUP:
        return target_topup(record, &world->policy, entry);
    case ID_TRANSFER:
        return target_transfer(record, entry);
    default:
        return ERR_OK;
    }
}

static void post_things(struct world *world)
{
    for (uint32_t i = 0; i < world->thing_count; i++) {
        const struct thing *thing = &world->things[i];
        struct ledger_entry entry;
        if (thing->kind == ID_ATTEMPT) {
            post_payment(world, (const void *)thing->record);
            continue;
        }
        entry_begin(&entry, STREAM_BUSINESS, room, ENTRY_ROOM);
        assert_err(target_of(world, thing, &entry), ERR_OK);
        book_post(&world->book, id_kind_word(thing->kind), thing->record->id, no_currency, &entry);
    }
}

void world_post(struct world *world)
{
    post_lines(world);
    post_what_lines_make(world);
    post_things(world);
    assert_books_balance(&world->book);
}

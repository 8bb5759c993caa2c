#include "base/check.h"
#include "sandbox/merchant_internal.h"

const char *dispute_status_word(enum dispute_status status)
{
    static const char *const words[] = {
        [DISPUTE_IS_INQUIRY] = "warning_needs_response",
        [DISPUTE_IS_INQUIRY_ANSWERED] = "warning_under_review",
        [DISPUTE_IS_INQUIRY_CLOSED] = "warning_closed",
        [DISPUTE_IS_OPEN] = "needs_response",
        [DISPUTE_IS_ANSWERED] = "under_review",
        [DISPUTE_IS_LOST] = "lost",
        [DISPUTE_IS_APPEALED] = "appeal_under_review",
        [DISPUTE_IS_WON] = "won",
    };
    REQUIRE(status < sizeof words / sizeof *words);
    return words[status];
}

static void say(struct merchant *merchant, uint32_t index, enum emit emit, struct previous previous)
{
    merchant_emit(
        merchant, (struct queued_event){.emit = emit, .index = index, .previous = previous});
}

/* Changes the status and says what it was. */
static struct previous turn(struct shop_dispute *dispute, enum dispute_status status)
{
    struct previous previous = {0};
    previous_add_text(&previous, "status", dispute_status_word(dispute->status));
    dispute->status = status;
    return previous;
}

/* Nothing happens when there is no room for another dispute. */
void dispute_begin(struct merchant *merchant, uint32_t payment, uint8_t attempt)
{
    uint32_t index = 0;
    if (!pool_take(&merchant->dispute_pool, &index)) {
        return;
    }
    struct shop_dispute *dispute = &merchant->disputes[index];
    *dispute = (struct shop_dispute){
        .payment = payment,
        .attempt = attempt,
        .reason = (uint8_t)merchant_below(merchant, DISPUTE_REASONS),
        .created_s = merchant_second(merchant),
        .amount = merchant->payments[payment].attempts[attempt].captured,
    };
    id_make(&merchant->ids, "du_1", dispute->created_s, dispute->id);
    merchant->payments[payment].open_ends++;
    merchant->counts.disputes++;
    course_begin(merchant, TASK_DISPUTE, index);
}

void dispute_end(struct merchant *merchant, uint32_t index)
{
    uint32_t payment = merchant->disputes[index].payment;
    INVARIANT(merchant->payments[payment].open_ends > 0);
    merchant->payments[payment].open_ends--;
    if (merchant->config.forgetful) {
        pool_give(&merchant->dispute_pool, index);
    }
    payment_release(merchant, payment);
}

void deed_dispute_open(struct merchant *merchant, uint32_t index, int status)
{
    struct shop_dispute *dispute = &merchant->disputes[index];
    dispute->status = (enum dispute_status)status;
    if (dispute->status == DISPUTE_IS_OPEN) {
        takings_dispute(merchant, index, false);
    }
    say(merchant, index, EMIT_DISPUTE_CREATED, (struct previous){0});
    if (dispute->status == DISPUTE_IS_OPEN) {
        say(merchant, index, EMIT_DISPUTE_WITHDRAWN, (struct previous){0});
    }
}

void deed_dispute_escalate(struct merchant *merchant, uint32_t index, int status)
{
    struct shop_dispute *dispute = &merchant->disputes[index];
    struct previous previous = turn(dispute, (enum dispute_status)status);
    takings_dispute(merchant, index, false);
    say(merchant, index, EMIT_DISPUTE_UPDATED, previous);
    say(merchant, index, EMIT_DISPUTE_WITHDRAWN, (struct previous){0});
}

void deed_dispute_move(struct merchant *merchant, uint32_t index, int status)
{
    struct shop_dispute *dispute = &merchant->disputes[index];
    dispute->has_evidence = true;
    say(merchant, index, EMIT_DISPUTE_UPDATED, turn(dispute, (enum dispute_status)status));
}

void deed_dispute_close(struct merchant *merchant, uint32_t index, int status)
{
    struct shop_dispute *dispute = &merchant->disputes[index];
    struct previous previous = turn(dispute, (enum dispute_status)status);
    if (dispute->status == DISPUTE_IS_LOST) {
        faults_dispute_lost(merchant, index);
    }
    if (dispute->status == DISPUTE_IS_WON && !faults_keep_dispute(merchant, index)) {
        takings_dispute(merchant, index, true);
        say(merchant, index, EMIT_DISPUTE_REINSTATED, (struct previous){0});
    }
    say(merchant, index, EMIT_DISPUTE_CLOSED, previous);
}

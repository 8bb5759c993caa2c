#include "unit/flow/lives_tell.h"

struct refund *give_back(struct world *world, struct charge *charge, const char *status, bool named)
{
    assert_true(charge->refund_count < CHARGE_REFUNDS);
    struct refund *refund = &charge->refunds[charge->refund_count++];
    *refund = (struct refund){
        .charge = named ? charge->teller.id : STR_NONE,
        .intent = named ? charge->intent : STR_NONE,
        .amount = 200,
        .created = world->second,
        .currency = charge->currency,
        .status = status,
    };
    refund->teller.id = new_id(world, ID_REFUND, "re");
    charge->refunded += refund->amount;
    tell_refund(world, refund, "refund.created");
    tell_charge(world, charge, "charge.refunded");
    if (likely(world, 30)) { /* one change, two events */
        charge->teller.step++;
        tell_charge(world, charge, "charge.updated");
    }
    return refund;
}

void live_lone_charge(struct world *world)
{
    struct charge charge = {.amount = 700, .created = world->second, .currency = "eur"};
    charge.teller.id = new_id(world, ID_ATTEMPT, "ch");
    note_name(world, ID_PAYMENT, charge.teller.id);
    charge.status = "pending";
    tell_charge(world, &charge, "charge.pending");
    pass_time(world);
    charge.status = "succeeded";
    charge.is_captured = true;
    charge.captured = charge.amount;
    tell_charge(world, &charge, "charge.succeeded");
    pass_time(world);
    (void)give_back(world, &charge, "succeeded", true);
}

void live_partial_refund(struct world *world)
{
    struct intent intent;
    struct charge *charge = pay(world, &intent, "eur");
    for (uint32_t i = 0; i < CHARGE_REFUNDS && (i == 0 || likely(world, 60)); i++) {
        pass_time(world);
        struct refund *refund = give_back(world, charge, "pending", true);
        pass_time(world);
        refund->status = "succeeded";
        tell_refund(world, refund, "refund.updated");
        tell_refund_again(world, refund, "charge.refund.updated");
    }
}

void fail_refund(struct world *world, struct charge *charge, struct refund *refund)
{
    refund->status = "failed";
    refund->failure = "expired_or_canceled_card";
    charge->refunded -= refund->amount;
    tell_refund(world, refund, "refund.failed");
    tell_refund_again(world, refund, "refund.updated");
    tell_charge(world, charge, "charge.updated");
}

void live_refund_failed(struct world *world)
{
    struct intent intent;
    struct charge *charge = pay(world, &intent, "eur");
    pass_time(world);
    struct refund *refund = give_back(world, charge, "succeeded", true);
    pass_time(world);
    fail_refund(world, charge, refund);
}

static struct dispute open_dispute(struct world *world, struct charge *charge)
{
    struct dispute dispute = {
        .charge = charge->teller.id,
        .intent = charge->intent,
        .amount = charge->amount,
        .currency = charge->currency,
        .status = "warning_needs_response",
        .moved = STR(""),
    };
    pass_days(world);
    dispute.created = world->second;
    dispute.teller.id = new_id(world, ID_DISPUTE, "du");
    bool asked = likely(world, 30);
    if (asked) {
        tell_dispute(world, &dispute, "charge.dispute.created");
        pass_time(world);
    }
    dispute.status = "needs_response";
    tell_dispute(world, &dispute, asked ? "charge.dispute.updated" : "charge.dispute.created");
    dispute.moved = text(world, "{'amount':-%" PRId64 ",'currency':'eur'}", dispute.amount);
    tell_dispute(world, &dispute, "charge.dispute.funds_withdrawn");
    pass_time(world);
    if (likely(world, 60)) {
        dispute.status = "under_review";
        tell_dispute(world, &dispute, "charge.dispute.updated");
        pass_time(world);
    }
    return dispute;
}

static void win(struct world *world, struct dispute *dispute)
{
    dispute->status = "won";
    tell_dispute(world, dispute, "charge.dispute.closed");
    pass_time(world);
    dispute->moved = text(world, STR_FMT ",{'amount':%" PRId64 ",'currency':'eur'}",
        STR_ARG(dispute->moved), dispute->amount);
    tell_dispute(world, dispute, "charge.dispute.funds_reinstated");
}

static void lose(struct world *world, struct dispute *dispute)
{
    dispute->status = "lost";
    tell_dispute(world, dispute, "charge.dispute.closed");
}

void live_dispute_lost(struct world *world)
{
    struct intent intent;
    struct dispute dispute = open_dispute(world, pay(world, &intent, "eur"));
    lose(world, &dispute);
}

void live_dispute_won(struct world *world)
{
    struct intent intent;
    struct dispute dispute = open_dispute(world, pay(world, &intent, "eur"));
    win(world, &dispute);
}

void live_dispute_appealed(struct world *world)
{
    struct intent intent;
    struct dispute dispute = open_dispute(world, pay(world, &intent, "eur"));
    lose(world, &dispute);
    pass_time(world);
    dispute.status = "appeal_needs_response";
    tell_dispute(world, &dispute, "charge.dispute.updated");
    pass_time(world);
    dispute.status = "appeal_under_review";
    tell_dispute(world, &dispute, "charge.dispute.updated");
    pass_time(world);
    if (likely(world, 50)) {
        win(world, &dispute);
    } else {
        lose(world, &dispute);
    }
}

/* Paid in one currency, and the dispute taken from a balance in another. */
void live_exchange(struct world *world)
{
    static const char *const currencies[] = {"jpy", "usd", "kwd"};
    struct intent intent;
    struct charge *charge = pay(world, &intent, currencies[test_random_below(world->chance, 3)]);
    pass_time(world);
    (void)give_back(world, charge, "succeeded", true);
    struct dispute dispute = open_dispute(world, charge);
    lose(world, &dispute);
}

#include "base/check.h"
#include "domain/snapshot.h"

/* The first notice, whatever its age, opens the customer; so this bit also says that it was seen.
 */
static enum standing standing_of(
    const struct customer *customer, const struct notice *notice, int64_t content)
{
    struct said said = {milestone_is_known(customer->milestones, EVENT_CUSTOMER_OPENED),
        {customer->said_at, customer->said_rank}, customer->said_content};
    return snapshot_standing(&said, notice->stamp, content);
}

enum standing customer_standing(
    const struct customer *c, const struct notice *n, const struct notice_ids *ids)
{
    REQUIRE(n->kind == NOTICE_CUSTOMER);
    return standing_of(c, n, notice_content(n, ids));
}

static void take(struct customer *customer, const struct notice *notice, int64_t content)
{
    const struct customer_notice *says = &notice->customer_says;
    customer->said_at = notice->stamp.at_us;
    customer->said_rank = notice->stamp.rank;
    customer->said_content = content;
    (void)str_copy_to(customer->name, sizeof customer->name, says->name);
    (void)str_copy_to(customer->email, sizeof customer->email, says->email);
}

/* What every notice teaches, however old. Nobody comes back from being deleted: a newer snapshot
 * that does not say so was rendered before. */
static void learn(
    struct customer *customer, const struct notice *notice, bool late, struct decision *decision)
{
    const struct customer_notice *says = &notice->customer_says;
    struct domain_event event = {.type = EVENT_CUSTOMER_OPENED,
        .aggregate_id = customer->head.id,
        .occurred_at_us = time_of_object(says->created_at_us, notice->stamp),
        .late = late};
    milestone_learn(decision, &customer->milestones, event);
    if (says->deleted) {
        event.type = EVENT_CUSTOMER_DELETED;
        event.occurred_at_us = time_earliest(notice->stamp.at_us, 0);
        milestone_learn(decision, &customer->milestones, event);
        customer->deleted = true;
    }
    customer->made_at = time_earliest(customer->made_at, says->created_at_us);
}

enum err customer_decide(struct customer *customer,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum tie tie,
    bool contested,
    struct decision *ret)
{
    REQUIRE(notice->kind == NOTICE_CUSTOMER);
    REQUIRE(!own_id_is_none(customer->head.id));
    REQUIRE(own_id_eq(customer->head.id, ids->object));
    const struct record_kind *kind = record_kind_of(ID_CUSTOMER);
    int64_t content = notice_content(notice, ids);
    struct verdict verdict = snapshot_judge(standing_of(customer, notice, content), tie);
    struct customer now = *customer;

    struct decision decision = {.event_count = 0};
    learn(&now, notice, verdict.late, &decision);
    if (verdict.takes) {
        take(&now, notice, content);
    }
    if (verdict.settles) {
        now.contested = contested;
    }
    if (decision.event_count == 0 && !record_business_equal(kind, customer, &now, NULL)) {
        decision_add(&decision, (struct domain_event){.type = EVENT_CUSTOMER_CHANGED,
                                    .aggregate_id = customer->head.id,
                                    .occurred_at_us = time_earliest(notice->stamp.at_us, 0),
                                    .late = verdict.late});
    }
    decision.effect = decision_effect(verdict, !record_equal(kind, customer, &now));
    ENSURE(!customer->deleted || now.deleted);
    ENSURE(decision.event_count == 0 || decision.effect == EFFECT_APPLIED);
    *customer = now;
    *ret = decision;
    return ERR_OK;
}

#include "unit/flow/lives_tell.h"

static struct str suspect(struct world *world, const struct charge *charge, int64_t created)
{
    return text(world, ",'created':%" PRId64 ",'charge':'" STR_FMT "','payment_intent':" STR_FMT,
        created, STR_ARG(charge->teller.id), STR_ARG(link_to(world, charge->intent)));
}

void live_review(struct world *world)
{
    struct intent intent;
    struct charge *charge = pay(world, &intent, "eur");
    struct teller review = {.id = new_id(world, ID_REVIEW, "prv")};
    struct str members = suspect(world, charge, world->second);
    tell_object(world, &review, "review", "review.opened",
        text(world, STR_FMT ",'open':true,'reason':'rule','closed_reason':null", STR_ARG(members)),
        NULL);
    pass_time(world);
    const char *reason = "approved";
    if (likely(world, 50)) {
        reason = "refunded";
        (void)give_back(world, charge, "succeeded", true);
    }
    tell_object(world, &review, "review", "review.closed",
        text(world, STR_FMT ",'open':false,'reason':'%s','closed_reason':'%s'", STR_ARG(members),
            reason, reason),
        NULL);
}

void live_fraud_warning(struct world *world)
{
    struct intent intent;
    struct charge *charge = pay(world, &intent, "eur");
    pass_days(world);
    struct teller warning = {.id = new_id(world, ID_FRAUD_WARNING, "issfr")};
    struct str members = suspect(world, charge, world->second);
    tell_object(world, &warning, "radar.early_fraud_warning", "radar.early_fraud_warning.created",
        text(world, STR_FMT ",'actionable':true,'fraud_type':'misc'", STR_ARG(members)), NULL);
    pass_time(world);
    (void)give_back(world, charge, "succeeded", true);
    tell_object(world, &warning, "radar.early_fraud_warning", "radar.early_fraud_warning.updated",
        text(world, STR_FMT ",'actionable':false,'fraud_type':'misc'", STR_ARG(members)), NULL);
}

#include "base/check.h"
#include "flow/workset_inside.h"

static void add_ref(struct workset *set,
    struct ref *refs,
    uint32_t *count,
    const struct inbox_event *event,
    enum id_kind kind,
    struct str provider_id)
{
    uint8_t random[10];
    env_random(set->setup.env, random, sizeof random);
    refs[(*count)++] = (struct ref){
        .scope = ref_scope(kind, event->scope, event->root),
        .kind = kind,
        .provider_id = provider_id,
        .id = own_id_make(set->setup.now_us, random),
    };
}

struct str workset_payment_ref(const struct notice *notice)
{
    if (!notice_is_of_payment(notice)) {
        return STR_NONE;
    }
    if (notice->payment.state == LINK_NAMED) {
        return notice->payment.provider_id;
    }
    return notice->kind == ID_ATTEMPT ? notice->object : STR_NONE;
}

static void add_object_refs(struct workset *set,
    struct ref *refs,
    uint32_t *count,
    const struct inbox_event *event,
    const struct notice *notice)
{
    struct notice_link_fields links = notice_link_fields(record_kind_of(notice->kind));
    for (uint32_t i = 0; i < links.count; i++) {
        const struct link *link = &notice->object_says.links[i];
        if (link->state == LINK_NAMED) {
            add_ref(set, refs, count, event, links.fields[i]->id_kind, link->provider_id);
        }
    }
}

void workset_refs_of(struct workset *set,
    struct ref *refs,
    uint32_t *count,
    const struct inbox_event *event,
    const struct notice *notice)
{
    add_ref(set, refs, count, event, notice->kind, notice->object);
    if (!notice_is_of_payment(notice)) {
        add_object_refs(set, refs, count, event, notice);
        return;
    }
    struct str payment = workset_payment_ref(notice);
    if (payment.len > 0) {
        add_ref(set, refs, count, event, ID_PAYMENT, payment);
    }
    if (notice->attempt.state == LINK_NAMED) {
        add_ref(set, refs, count, event, ID_ATTEMPT, notice->attempt.provider_id);
    }
    if (notice->customer.state == LINK_NAMED) {
        add_ref(set, refs, count, event, ID_CUSTOMER, notice->customer.provider_id);
    }
}

void workset_ids_of(const struct notice *notice, const struct ref **at, struct notice_ids *ret)
{
    ret->object = (*at)++->id;
    if (!notice_is_of_payment(notice)) {
        for (uint32_t i = 0; i < NOTICE_LINKS_MAX; i++) {
            if (notice->object_says.links[i].state == LINK_NAMED) {
                ret->links[i] = (*at)++->id;
            }
        }
        return;
    }
    if (workset_payment_ref(notice).len > 0) {
        ret->payment = (*at)++->id;
    }
    if (notice->attempt.state == LINK_NAMED) {
        ret->attempt = (*at)++->id;
    }
    if (notice->customer.state == LINK_NAMED) {
        ret->customer = (*at)++->id;
    }
}

#include "base/check.h"
#include "flow/workset_inside.h"

static void add_ref(struct workset *set,
    struct ref *refs,
    uint32_t *count,
    int64_t scope,
    enum id_kind kind,
    struct str provider_id)
{
    uint8_t random[10];
    env_random(set->setup.env, random, sizeof random);
    refs[(*count)++] = (struct ref){
        .scope = scope,
        .kind = kind,
        .provider_id = provider_id,
        .id = own_id_make(set->setup.now_us, random),
    };
}

struct str workset_payment_ref(const struct notice *notice)
{
    if (notice->payment.state == LINK_NAMED) {
        return notice->payment.provider_id;
    }
    return notice->kind == NOTICE_ATTEMPT ? notice->object : STR_NONE;
}

void workset_refs_of(struct workset *set,
    struct ref *refs,
    uint32_t *count,
    int64_t scope,
    const struct notice *notice)
{
    add_ref(set, refs, count, scope, notice_object_kind(notice), notice->object);
    struct str payment = workset_payment_ref(notice);
    if (payment.len > 0) {
        add_ref(set, refs, count, scope, ID_PAYMENT, payment);
    }
    if (notice->attempt.state == LINK_NAMED) {
        add_ref(set, refs, count, scope, ID_ATTEMPT, notice->attempt.provider_id);
    }
    if (notice->customer.state == LINK_NAMED) {
        add_ref(set, refs, count, scope, ID_CUSTOMER, notice->customer.provider_id);
    }
}

void workset_ids_of(const struct notice *notice, const struct ref **at, struct notice_ids *ret)
{
    ret->object = (*at)++->id;
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

#include "unit/domain/history.h"
#include "unit/notices.h"

_Static_assert(LIFE_REFUNDS <= LIFE_ATTEMPTS && LIFE_CUSTOMERS <= LIFE_ATTEMPTS, "facts have room");

static struct own_id random_id(uint64_t *chance)
{
    uint64_t bits[2] = {test_random(chance), test_random(chance) | 1};
    struct own_id id;
    memcpy(id.bytes, bits, sizeof id.bytes);
    return id;
}

static void begin(struct history *history, uint64_t *chance)
{
    *history = (struct history){.aggregate = {.attempts = history->joined}};
    history->aggregate.payment.head.id = random_id(chance);
    for (uint32_t i = 0; i < LIFE_ATTEMPTS; i++) {
        history->attempts[i].head.id = random_id(chance);
    }
    for (uint32_t i = 0; i < LIFE_REFUNDS; i++) {
        history->refunds[i].head.id = random_id(chance);
    }
    for (uint32_t i = 0; i < LIFE_CUSTOMERS; i++) {
        history->customers[i].head.id = random_id(chance);
    }
}

/* Puts an attempt among the payment's, at any place: the store gives them in no particular order.
 */
static void join(struct history *history, struct attempt *attempt, uint64_t *chance)
{
    uint32_t count = history->aggregate.attempt_count;
    for (uint32_t i = 0; i < count; i++) {
        if (history->joined[i] == attempt) {
            return;
        }
    }
    uint32_t place = (uint32_t)test_random_below(chance, count + 1);
    history->joined[count] = history->joined[place];
    history->joined[place] = attempt;
    history->aggregate.attempt_count = count + 1;
}

static void *object_of(struct history *history, const struct saying *saying)
{
    if (saying->notice.kind == ID_REFUND) {
        return &history->refunds[saying->object];
    }
    assert_int_equal(saying->notice.kind, ID_CUSTOMER);
    return &history->customers[saying->object];
}

static struct notice_ids ids_of(struct history *history, const struct saying *saying)
{
    struct notice_ids ids = {.payment = history->aggregate.payment.head.id,
        .attempt = history->attempts[saying->attempt].head.id,
        .customer = history->customers[saying->customer].head.id};
    if (saying->notice.kind == ID_PAYMENT) {
        ids.object = ids.payment;
    } else if (saying->notice.kind == ID_ATTEMPT) {
        ids.object = history->attempts[saying->object].head.id;
    } else {
        ids.object = ((struct record_head *)object_of(history, saying))->id;
    }
    if (saying->notice.kind == ID_REFUND) {
        ids.links[link_index(ID_REFUND, "payment_id")] = ids.payment;
        ids.links[link_index(ID_REFUND, "attempt_id")] = ids.attempt;
    }
    return ids;
}

static enum standing standing_of(
    struct history *history, const struct saying *saying, const struct notice_ids *ids)
{
    const struct notice *notice = &saying->notice;
    if (notice->kind == ID_PAYMENT) {
        return payment_standing(&history->aggregate.payment, notice, ids);
    }
    if (notice->kind == ID_ATTEMPT) {
        return attempt_standing(&history->attempts[saying->object], notice, ids);
    }
    return object_standing(object_of(history, saying), notice, ids);
}

/* Decides a tie by the set of what was heard of that object's second, and by nothing else. */
static enum tie decide_tie(
    const struct history *history, const struct life *life, uint32_t which, bool *ret_contested)
{
    const struct saying *saying = &life->sayings[which];
    bool wins = true;
    *ret_contested = saying->orderless;
    for (uint32_t i = 0; i < life->count; i++) {
        const struct saying *other = &life->sayings[i];
        bool same_second = history->heard[i] && other->notice.kind == saying->notice.kind &&
                           other->object == saying->object &&
                           other->notice.stamp.at_us == saying->notice.stamp.at_us &&
                           other->notice.stamp.rank == saying->notice.stamp.rank;
        if (same_second) {
            wins = wins && other->tie_order <= saying->tie_order;
            *ret_contested = *ret_contested || other->orderless;
        }
    }
    return wins ? TIE_WINS : TIE_LOSES;
}

static void count_facts(
    struct history *history, const struct saying *saying, const struct decision *decision)
{
    for (uint32_t i = 0; i < decision->event_count; i++) {
        const struct domain_event *event = &decision->events[i];
        if (!domain_event_is_milestone(event->type)) {
            continue;
        }
        uint32_t about = LIFE_ATTEMPTS; /* the payment */
        if (!notice_is_of_payment(&saying->notice)) {
            about = saying->object;
        }
        for (uint32_t a = 0; a < LIFE_ATTEMPTS; a++) {
            if (own_id_eq(event->attempt_id, history->attempts[a].head.id)) {
                about = a;
            }
        }
        history->facts[event->type][about]++;
    }
}

static void hear(struct history *history, const struct life *life, uint32_t which, uint64_t *chance)
{
    const struct saying *saying = &life->sayings[which];
    const struct notice *notice = &saying->notice;
    struct notice_ids ids = ids_of(history, saying);
    struct attempt *attempt = &history->attempts[saying->object % LIFE_ATTEMPTS];
    if (notice->kind == ID_PAYMENT && notice->attempt.state == LINK_NAMED) {
        join(history, &history->attempts[saying->attempt], chance);
    } else if (notice->kind == ID_ATTEMPT) {
        join(history, attempt, chance);
    }
    history->heard[which] = true;
    enum tie tie = TIE_NONE;
    bool contested = false;
    if (standing_of(history, saying, &ids) == STANDING_TIE) {
        tie = decide_tie(history, life, which, &contested);
    }
    struct decision decision;
    enum err err = ERR_OK;
    if (notice->kind == ID_PAYMENT) {
        err = payment_decide(&history->aggregate, notice, &ids, tie, contested, &decision);
    } else if (notice->kind == ID_ATTEMPT) {
        err = attempt_decide(&history->aggregate, attempt, notice, &ids, tie, contested, &decision);
    } else {
        err = object_decide(object_of(history, saying), notice, &ids, tie, contested, &decision);
    }
    assert_err(err, ERR_OK);
    count_facts(history, saying, &decision);
}

void history_play(struct history *history,
    const struct life *life,
    const uint32_t *order,
    uint32_t count,
    uint64_t *chance)
{
    begin(history, chance);
    for (uint32_t i = 0; i < count; i++) {
        hear(history, life, order[i], chance);
    }
}

/* ---- comparing --------------------------------------------------------------------------------
 */

/* The same number in every history for the same object, in the place of its id. */
static struct own_id number_of(const struct history *history, struct own_id id)
{
    struct own_id number = {{0}};
    if (own_id_is_none(id)) {
        return number;
    }
    number.bytes[0] = 1;
    for (uint8_t i = 0; i < LIFE_ATTEMPTS; i++) {
        number.bytes[1] = own_id_eq(id, history->attempts[i].head.id) ? i + 1 : number.bytes[1];
    }
    for (uint8_t i = 0; i < LIFE_REFUNDS; i++) {
        number.bytes[2] = own_id_eq(id, history->refunds[i].head.id) ? i + 1 : number.bytes[2];
    }
    for (uint8_t i = 0; i < LIFE_CUSTOMERS; i++) {
        number.bytes[3] = own_id_eq(id, history->customers[i].head.id) ? i + 1 : number.bytes[3];
    }
    return number;
}

static void number_ids(const struct history *history, enum id_kind kind, void *record)
{
    const struct record_kind *description = record_kind_of(kind);
    for (size_t i = 0; i < description->field_count; i++) {
        const struct field *field = &description->fields[i];
        if (field->type == FIELD_ID) {
            struct own_id *id = (struct own_id *)(void *)((char *)record + field->offset);
            *id = number_of(history, *id);
        }
    }
}

#define DIFFER(kind, type, a, b, member)                                                           \
    do {                                                                                           \
        struct type record_a = (a)->member;                                                        \
        struct type record_b = (b)->member;                                                        \
        const struct field *field = NULL;                                                          \
        number_ids(a, kind, &record_a);                                                            \
        number_ids(b, kind, &record_b);                                                            \
        if (!record_business_equal(record_kind_of(kind), &record_a, &record_b, &field)) {          \
            return field->name;                                                                    \
        }                                                                                          \
    } while (0)

const char *histories_differ(const struct history *a, const struct history *b)
{
    DIFFER(ID_PAYMENT, payment, a, b, aggregate.payment);
    for (uint32_t i = 0; i < LIFE_ATTEMPTS; i++) {
        DIFFER(ID_ATTEMPT, attempt, a, b, attempts[i]);
    }
    for (uint32_t i = 0; i < LIFE_REFUNDS; i++) {
        DIFFER(ID_REFUND, refund, a, b, refunds[i]);
    }
    for (uint32_t i = 0; i < LIFE_CUSTOMERS; i++) {
        DIFFER(ID_CUSTOMER, customer, a, b, customers[i]);
    }
    for (int type = 0; type < EVENT_TYPE_COUNT; type++) {
        for (uint32_t about = 0; about <= LIFE_ATTEMPTS; about++) {
            if (a->facts[type][about] > 1 || a->facts[type][about] != b->facts[type][about]) {
                return domain_event_name((enum domain_event_type)type);
            }
        }
    }
    return NULL;
}

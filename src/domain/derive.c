#include "domain/derive.h"
#include "base/check.h"

/* How far an attempt has come; only to tell apart attempts that were made in the same second. */
static int attempt_state_rank(int state)
{
    switch ((enum attempt_state)state) {
    case ATTEMPT_SUCCEEDED:
        return 4;
    case ATTEMPT_AUTHORIZED:
        return 3;
    case ATTEMPT_PENDING:
        return 2;
    case ATTEMPT_FAILED:
        return 1;
    case ATTEMPT_UNKNOWN:
        return 0;
    case ATTEMPT_STATE_COUNT:
    default:
        UNREACHABLE();
    }
}

static int compare(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

/* Which of two attempts is newer? Times have seconds, so a retry within the second needs more: the
 * one that the payment names, then whatever else the provider said about them. 0: nothing the
 * provider said tells them apart. */
static int attempt_compare(
    const struct payment *payment, const struct attempt *a, const struct attempt *b)
{
    bool a_named = own_id_eq(a->head.id, payment->said_attempt_id);
    bool b_named = own_id_eq(b->head.id, payment->said_attempt_id);
    const int orders[] = {
        compare(a->made_at, b->made_at),
        compare(a_named, b_named),
        compare(attempt_state_rank(a->state), attempt_state_rank(b->state)),
        compare(a->said_at, b->said_at),
        compare(a->said_rank, b->said_rank),
        compare(a->amount_minor, b->amount_minor),
        compare(a->captured_minor, b->captured_minor),
        compare(a->refunded_minor, b->refunded_minor),
        strcmp(a->currency.code, b->currency.code),
        strcmp(a->method, b->method),
        strcmp(a->failure_code, b->failure_code),
        compare(a->milestones, b->milestones),
        compare(a->contested, b->contested),
    };
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        if (orders[i] != 0) {
            return orders[i];
        }
    }
    return 0;
}

struct newest {
    const struct attempt *attempt; /* NULL: none was seen */
    bool alone;                    /* no other that differs in nothing but its ids */
};

static struct newest newest_attempt(const struct payment_aggregate *aggregate)
{
    struct newest newest = {NULL, true};
    for (uint32_t i = 0; i < aggregate->attempt_count; i++) {
        const struct attempt *attempt = aggregate->attempts[i];
        if (!attempt->seen) {
            continue;
        }
        int order = newest.attempt == NULL
                        ? 1
                        : attempt_compare(&aggregate->payment, attempt, newest.attempt);
        if (order > 0) {
            newest = (struct newest){attempt, true};
        } else if (order == 0) {
            newest.alone = false;
        }
    }
    return newest;
}

static const struct attempt *find_seen(const struct payment_aggregate *aggregate, struct own_id id)
{
    for (uint32_t i = 0; i < aggregate->attempt_count; i++) {
        const struct attempt *attempt = aggregate->attempts[i];
        if (attempt->seen && own_id_eq(attempt->head.id, id)) {
            return attempt;
        }
    }
    return NULL;
}

/* The attempt that the payment says it succeeded by, when that one has failed after all. Providers
 * move the attempt and may leave the payment as it was. */
static const struct attempt *late_failure(const struct payment_aggregate *aggregate)
{
    const struct payment *payment = &aggregate->payment;
    if (!payment->said_seen || payment->said_state != PAYMENT_SUCCEEDED) {
        return NULL;
    }
    const struct attempt *attempt = find_seen(aggregate, payment->said_attempt_id);
    bool failed = attempt != NULL && attempt->state == ATTEMPT_FAILED &&
                  milestone_is_known(attempt->milestones, EVENT_PAYMENT_SUCCEEDED);
    return failed ? attempt : NULL;
}

static enum payment_state state_of_attempt(const struct attempt *attempt)
{
    REQUIRE(attempt != NULL);
    switch ((enum attempt_state)attempt->state) {
    case ATTEMPT_PENDING:
        return PAYMENT_PROCESSING;
    case ATTEMPT_AUTHORIZED:
        return PAYMENT_AUTHORIZED;
    case ATTEMPT_SUCCEEDED:
        return PAYMENT_SUCCEEDED;
    case ATTEMPT_FAILED:
        return PAYMENT_FAILED;
    case ATTEMPT_UNKNOWN:
        return PAYMENT_UNKNOWN;
    case ATTEMPT_STATE_COUNT:
    default:
        UNREACHABLE();
    }
}

/* The payment's own snapshot may lag behind its newest attempt, whose proof of success is published
 * at once: what is shown then is the attempt's state. A snapshot that is younger, or that says in
 * the same second that the attempt failed or the payment was given up, stands. */
static bool attempt_is_ahead(const struct payment *payment, const struct attempt *newest)
{
    if (!payment->said_seen || newest == NULL || newest->said_at < payment->said_at) {
        return false;
    }
    bool same_second = newest->said_at == payment->said_at;
    switch ((enum payment_state)payment->said_state) {
    case PAYMENT_OPEN:
    case PAYMENT_ACTION_REQUIRED:
    case PAYMENT_PROCESSING:
        return newest->state == ATTEMPT_SUCCEEDED || newest->state == ATTEMPT_AUTHORIZED;
    case PAYMENT_AUTHORIZED:
        return newest->state == ATTEMPT_SUCCEEDED;
    case PAYMENT_FAILED:
        return !same_second &&
               (newest->state == ATTEMPT_SUCCEEDED || newest->state == ATTEMPT_AUTHORIZED);
    case PAYMENT_SUCCEEDED:
    case PAYMENT_CANCELED:
    case PAYMENT_UNKNOWN:
        return false;
    case PAYMENT_STATE_COUNT:
    default:
        UNREACHABLE();
    }
}

/* What the payment says itself, or else its newest attempt. */
static void derive_words(struct payment_aggregate *aggregate, const struct attempt *newest)
{
    struct payment *payment = &aggregate->payment;
    const struct attempt *failure = late_failure(aggregate);
    struct str failure_code = STR_NONE;
    if (payment->said_seen) {
        payment->state = failure != NULL ? (int)PAYMENT_FAILED : payment->said_state;
        if (attempt_is_ahead(payment, newest)) {
            payment->state = (int)state_of_attempt(newest);
        }
        payment->amount_minor = payment->said_amount_minor;
        payment->currency = payment->said_currency;
        failure_code =
            str_from(failure != NULL ? failure->failure_code : payment->said_failure_code);
    } else if (newest != NULL) {
        payment->state = (int)state_of_attempt(newest);
        payment->amount_minor = newest->amount_minor;
        payment->currency = newest->currency;
        failure_code = str_from(newest->failure_code);
    }
    (void)str_copy_to(payment->failure_code, sizeof payment->failure_code, failure_code);
}

/* Sums what was given back, and what was captured where the payment does not say so itself. Other
 * currencies than the payment's are left out: an amount in them is no part of its sum. */
static enum err derive_sums(struct payment_aggregate *aggregate, const struct attempt *newest)
{
    struct payment *payment = &aggregate->payment;
    bool says_itself = payment->said_seen && !attempt_is_ahead(payment, newest);
    int64_t captured = 0;
    int64_t refunded = 0;
    int64_t seen = 0;
    for (uint32_t i = 0; i < aggregate->attempt_count; i++) {
        const struct attempt *attempt = aggregate->attempts[i];
        seen += attempt->seen ? 1 : 0;
        if (!attempt->seen || currency_differs(attempt->currency, payment->currency)) {
            continue;
        }
        TRY(minor_add(refunded, attempt->refunded_minor, &refunded));
        if (attempt->state != ATTEMPT_FAILED && !says_itself) {
            TRY(minor_add(captured, attempt->captured_minor, &captured));
        }
    }
    ENSURE(seen <= aggregate->attempt_count);
    payment->attempt_count = seen;
    payment->refunded_minor = refunded;
    payment->received_minor = says_itself ? payment->said_received_minor : captured;
    return ERR_OK;
}

/* The newest attempt that names a customer; nobody when equally new ones name different customers.
 */
static struct own_id customer_of_attempts(const struct payment_aggregate *aggregate)
{
    const struct attempt *newest = NULL;
    bool agreed = true;
    for (uint32_t i = 0; i < aggregate->attempt_count; i++) {
        const struct attempt *attempt = aggregate->attempts[i];
        if (!attempt->seen || own_id_is_none(attempt->customer_id)) {
            continue;
        }
        int order = newest == NULL ? 1 : attempt_compare(&aggregate->payment, attempt, newest);
        if (order > 0) {
            newest = attempt;
            agreed = true;
        } else if (order == 0 && !own_id_eq(attempt->customer_id, newest->customer_id)) {
            agreed = false;
        }
    }
    return newest != NULL && agreed ? newest->customer_id : (struct own_id){{0}};
}

static void derive_links(struct payment_aggregate *aggregate, struct newest newest)
{
    struct payment *payment = &aggregate->payment;
    struct own_id named = payment->said_attempt_id;
    /* The named one may be a stub, which has no time of its own; it was there when it was named. */
    bool named_stands =
        !own_id_is_none(named) &&
        (newest.attempt == NULL ||
            (find_seen(aggregate, named) == NULL && newest.attempt->made_at <= payment->said_at));
    if (named_stands) {
        payment->attempt_id = named;
    } else if (newest.attempt != NULL && newest.alone) {
        payment->attempt_id = newest.attempt->head.id;
    } else {
        payment->attempt_id = (struct own_id){{0}};
    }
    payment->customer_id = own_id_is_none(payment->said_customer_id)
                               ? customer_of_attempts(aggregate)
                               : payment->said_customer_id;
}

static void derive_times(struct payment_aggregate *aggregate)
{
    struct payment *payment = &aggregate->payment;
    int64_t opened = payment->said_created_at;
    int64_t succeeded = 0;
    for (uint32_t i = 0; i < aggregate->attempt_count; i++) {
        const struct attempt *attempt = aggregate->attempts[i];
        opened = time_earliest(opened, attempt->made_at);
        if (milestone_is_known(attempt->milestones, EVENT_PAYMENT_SUCCEEDED)) {
            succeeded = time_earliest(succeeded, attempt->made_at);
        }
    }
    bool is_known = milestone_is_known(payment->milestones, EVENT_PAYMENT_SUCCEEDED);
    payment->opened_at = opened;
    /* Rows come from a database that anybody may have written to: a success that was never
     * published is none. */
    succeeded = succeeded != 0 ? succeeded : payment->said_succeeded_at;
    payment->succeeded_at = is_known ? succeeded : 0;
    ENSURE(is_known || payment->succeeded_at == 0);
}

enum err payment_derive(struct payment_aggregate *aggregate)
{
    REQUIRE(aggregate != NULL);
    REQUIRE(aggregate->attempts != NULL || aggregate->attempt_count == 0);
    struct newest newest = newest_attempt(aggregate);
    derive_words(aggregate, newest.attempt);
    derive_links(aggregate, newest);
    derive_times(aggregate);
    return derive_sums(aggregate, newest.attempt);
}

void payment_learn(struct payment *payment,
    enum domain_event_type type,
    int64_t occurred_at_us,
    bool late,
    struct decision *decision)
{
    REQUIRE(domain_event_aggregate(type) == ID_PAYMENT);
    milestone_learn(decision, &payment->milestones,
        (struct domain_event){.type = type,
            .aggregate_id = payment->head.id,
            .occurred_at_us = occurred_at_us,
            .late = late});
}

void payment_tell_changes(const struct payment *was,
    const struct payment *now,
    int64_t at_us,
    bool late,
    struct decision *decision)
{
    REQUIRE(own_id_eq(was->head.id, now->head.id));
    if (decision->event_count > 0 ||
        record_business_equal(record_kind_of(ID_PAYMENT), was, now, NULL)) {
        return;
    }
    bool customer_found = own_id_is_none(was->customer_id) && !own_id_is_none(now->customer_id);
    bool attempt_found =
        !own_id_is_none(now->attempt_id) && !own_id_eq(was->attempt_id, now->attempt_id);
    struct payment rest = *now; /* without what payment.linked says */
    rest.attempt_count = was->attempt_count;
    rest.attempt_id = attempt_found ? was->attempt_id : now->attempt_id;
    rest.customer_id = customer_found ? was->customer_id : now->customer_id;
    struct domain_event event = {
        .aggregate_id = now->head.id, .occurred_at_us = time_earliest(at_us, 0), .late = late};
    if (customer_found || attempt_found || was->attempt_count != now->attempt_count) {
        event.type = EVENT_PAYMENT_LINKED;
        decision_add(decision, event);
    }
    if (!record_business_equal(record_kind_of(ID_PAYMENT), was, &rest, NULL)) {
        event.type = EVENT_PAYMENT_CHANGED;
        decision_add(decision, event);
    }
}

/* says: notices for tests, made in a line: what a provider says about one object at one second.
 *
 * Layer: tests.
 */
#pragma once

#include "domain/decide.h"
#include "unit/notices.h"

#define SECOND(n) ((int64_t)(n)*1000000)
#define EUR ((struct currency){"EUR"})
#define USD ((struct currency){"USD"})

static inline struct own_id id_of(uint8_t number)
{
    struct own_id id = {{0}};
    memset(id.bytes, number, sizeof id.bytes);
    return id;
}

static inline struct notice payment_says(enum payment_state state, int64_t second, int64_t rank)
{
    return (struct notice){.kind = ID_PAYMENT,
        .stamp = {SECOND(second), rank},
        .object = STR("payment"),
        .payment_says = {.state = state,
            .amount_minor = 1000,
            .received_minor = state == PAYMENT_SUCCEEDED ? 1000 : 0,
            .currency = EUR,
            .created_at_us = SECOND(100)}};
}

static inline struct notice attempt_says(enum attempt_state state, int64_t second, int64_t rank)
{
    return (struct notice){.kind = ID_ATTEMPT,
        .stamp = {SECOND(second), rank},
        .object = STR("attempt"),
        .payment = {LINK_NAMED, STR("payment")},
        .attempt_says = {.state = state,
            .amount_minor = 1000,
            .captured_minor = state == ATTEMPT_SUCCEEDED ? 1000 : 0,
            .currency = EUR,
            .created_at_us = SECOND(110),
            .method = STR("card"),
            .failure_code = state == ATTEMPT_FAILED ? STR("card_declined") : STR_NONE}};
}

static inline struct notice refund_says(enum refund_state state, int64_t second, int64_t rank)
{
    struct refund refund = {.state = (int)state,
        .amount_minor = 300,
        .currency = EUR,
        .made_at = SECOND(200),
        .reason = "duplicate"};
    return (struct notice){.kind = ID_REFUND,
        .stamp = {SECOND(second), rank},
        .object = STR("refund"),
        .object_says = {.record = notice_record(&refund, sizeof refund)}};
}

static inline struct notice customer_says(const char *name, int64_t second, int64_t rank)
{
    struct customer customer = {.email = "someone@example.com", .made_at = SECOND(50)};
    (void)str_copy_to(customer.name, sizeof customer.name, str_from(name));
    return (struct notice){.kind = ID_CUSTOMER,
        .stamp = {SECOND(second), rank},
        .object = STR("customer"),
        .object_says = {.record = notice_record(&customer, sizeof customer)}};
}

static inline bool decision_has(const struct decision *decision, enum domain_event_type type)
{
    for (uint32_t i = 0; i < decision->event_count; i++) {
        if (decision->events[i].type == type) {
            return true;
        }
    }
    return false;
}

/* ---- one payment ------------------------------------------------------------------------------
 */

#define PAYMENT_ATTEMPTS 4

/* A payment with id 1 and room for attempts with the ids 11, 12, ... */
struct one_payment {
    struct payment_aggregate aggregate;
    struct attempt attempts[PAYMENT_ATTEMPTS];
    struct attempt *pointers[PAYMENT_ATTEMPTS];
};

static inline void one_payment_init(struct one_payment *one, uint32_t attempt_count)
{
    *one = (struct one_payment){.aggregate = {.payment = {.head = {.id = id_of(1)}}}};
    for (uint32_t i = 0; i < PAYMENT_ATTEMPTS; i++) {
        one->attempts[i].head.id = id_of((uint8_t)(11 + i));
        one->pointers[i] = &one->attempts[i];
    }
    one->aggregate.attempts = one->pointers;
    one->aggregate.attempt_count = attempt_count;
}

/* Takes a notice about the payment, or about its attempt of that index. Links: the customer is id
 * 21 and the attempt that a payment names is the one of that index. */
static inline enum err one_payment_take(struct one_payment *one,
    const struct notice *notice,
    uint32_t index,
    enum tie tie,
    bool contested,
    struct decision *ret)
{
    struct notice_ids ids = {.customer = id_of(21)};
    if (notice->kind == ID_PAYMENT) {
        ids.object = id_of(1);
        ids.attempt = id_of((uint8_t)(11 + index));
        return payment_decide(&one->aggregate, notice, &ids, tie, contested, ret);
    }
    ids.object = one->attempts[index].head.id;
    ids.payment = id_of(1);
    return attempt_decide(
        &one->aggregate, &one->attempts[index], notice, &ids, tie, contested, ret);
}

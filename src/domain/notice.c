#include "domain/notice.h"
#include "base/check.h"

enum id_kind notice_object_kind(const struct notice *notice)
{
    REQUIRE(notice != NULL);
    switch (notice->kind) {
    case NOTICE_PAYMENT:
        return ID_PAYMENT;
    case NOTICE_ATTEMPT:
        return ID_ATTEMPT;
    case NOTICE_REFUND:
        return ID_REFUND;
    case NOTICE_CUSTOMER:
        return ID_CUSTOMER;
    case NOTICE_KIND_COUNT:
    default:
        UNREACHABLE();
    }
}

/* The hash is stored, so it must not depend on the byte order of the machine that made it. */
static uint64_t hash_int(int64_t value, uint64_t hash)
{
    uint8_t bytes[8];
    for (int i = 0; i < 8; i++) {
        bytes[i] = (uint8_t)((uint64_t)value >> (8 * i));
    }
    return hash_bytes(bytes, sizeof bytes, hash);
}

/* With its length before it, so that "ab","c" and "a","bc" differ. */
static uint64_t hash_text(struct str text, uint64_t hash)
{
    return hash_bytes(text.data, text.len, hash_int((int64_t)text.len, hash));
}

static uint64_t hash_link(const struct link *link, struct own_id id, uint64_t hash)
{
    return hash_bytes(id.bytes, sizeof id.bytes, hash_int((int64_t)link->state, hash));
}

static uint64_t hash_money(int64_t minor, struct currency currency, uint64_t hash)
{
    return hash_text(str_from(currency.code), hash_int(minor, hash));
}

static uint64_t hash_payment(const struct payment_notice *says, uint64_t hash)
{
    hash = hash_int((int64_t)says->state, hash);
    hash = hash_money(says->amount_minor, says->currency, hash);
    hash = hash_int(says->received_minor, hash);
    hash = hash_int(says->created_at_us, hash);
    return hash_text(says->failure_code, hash);
}

static uint64_t hash_attempt(const struct attempt_notice *says, uint64_t hash)
{
    hash = hash_int((int64_t)says->state, hash);
    hash = hash_money(says->amount_minor, says->currency, hash);
    hash = hash_int(says->captured_minor, hash);
    hash = hash_int(says->refunded_minor, hash);
    hash = hash_int(says->created_at_us, hash);
    hash = hash_text(says->method, hash);
    return hash_text(says->failure_code, hash);
}

static uint64_t hash_refund(const struct refund_notice *says, uint64_t hash)
{
    hash = hash_int((int64_t)says->state, hash);
    hash = hash_money(says->amount_minor, says->currency, hash);
    hash = hash_int(says->created_at_us, hash);
    hash = hash_text(says->reason, hash);
    return hash_text(says->failure_reason, hash);
}

static uint64_t hash_customer(const struct customer_notice *says, uint64_t hash)
{
    hash = hash_int(says->deleted ? 1 : 0, hash);
    hash = hash_int(says->created_at_us, hash);
    hash = hash_text(says->name, hash);
    return hash_text(says->email, hash);
}

int64_t notice_content(const struct notice *notice, const struct notice_ids *ids)
{
    REQUIRE(notice != NULL);
    REQUIRE(ids != NULL);
    uint64_t hash = hash_int((int64_t)notice->kind, 0);
    hash = hash_link(&notice->payment, ids->payment, hash);
    hash = hash_link(&notice->attempt, ids->attempt, hash);
    hash = hash_link(&notice->customer, ids->customer, hash);
    switch (notice->kind) {
    case NOTICE_PAYMENT:
        return (int64_t)hash_payment(&notice->payment_says, hash);
    case NOTICE_ATTEMPT:
        return (int64_t)hash_attempt(&notice->attempt_says, hash);
    case NOTICE_REFUND:
        return (int64_t)hash_refund(&notice->refund_says, hash);
    case NOTICE_CUSTOMER:
        return (int64_t)hash_customer(&notice->customer_says, hash);
    case NOTICE_KIND_COUNT:
    default:
        UNREACHABLE();
    }
}

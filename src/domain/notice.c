#include "domain/notice.h"
#include "base/check.h"
#include "domain/part.h"

bool notice_is_of_payment(const struct notice *notice)
{
    REQUIRE(notice != NULL);
    return notice->kind == ID_PAYMENT || notice->kind == ID_ATTEMPT;
}

struct notice_link_fields notice_link_fields(const struct record_kind *kind)
{
    struct notice_link_fields links = {.count = 0};
    for (size_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].type == FIELD_ID && field_is_said(&kind->fields[i])) {
            INVARIANT(links.count < NOTICE_LINKS_MAX);
            links.fields[links.count++] = &kind->fields[i];
        }
    }
    return links;
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

static uint64_t hash_field(const struct field *field, const void *record, uint64_t hash)
{
    const char *member = (const char *)record + field->offset;
    switch (field->type) {
    case FIELD_INT:
    case FIELD_MINOR:
    case FIELD_TIME:
        return hash_int(*(const int64_t *)(const void *)member, hash);
    case FIELD_ENUM:
        return hash_int(*(const int *)(const void *)member, hash);
    case FIELD_BOOL:
        return hash_int(*(const bool *)member ? 1 : 0, hash);
    case FIELD_CURRENCY:
    case FIELD_TEXT:
        return hash_text(str_from(member), hash);
    case FIELD_ID:
    default:
        UNREACHABLE();
    }
}

static uint64_t hash_object(
    const struct notice *notice, const struct notice_ids *ids, uint64_t hash)
{
    const struct record_kind *kind = record_kind_of(notice->kind);
    uint32_t link = 0;
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        if (!field_is_said(field)) {
            continue;
        }
        if (field->type == FIELD_ID) {
            hash = hash_link(&notice->object_says.links[link], ids->links[link], hash);
            link++;
        } else {
            hash = hash_field(field, notice->object_says.record, hash);
        }
    }
    return hash_int(notice->object_says.list, hash);
}

int64_t notice_content(const struct notice *notice, const struct notice_ids *ids)
{
    REQUIRE(notice != NULL);
    REQUIRE(ids != NULL);
    uint64_t hash = hash_int((int64_t)notice->kind, 0);
    if (!notice_is_of_payment(notice)) {
        return (int64_t)hash_object(notice, ids, hash);
    }
    hash = hash_link(&notice->payment, ids->payment, hash);
    hash = hash_link(&notice->attempt, ids->attempt, hash);
    hash = hash_link(&notice->customer, ids->customer, hash);
    hash = notice->kind == ID_PAYMENT ? hash_payment(&notice->payment_says, hash)
                                      : hash_attempt(&notice->attempt_says, hash);
    return (int64_t)hash;
}

/* --- equality --- */

static bool links_equal(const struct link *a, const struct link *b)
{
    return a->state == b->state && str_eq(a->provider_id, b->provider_id);
}

static bool payments_equal(const struct payment_notice *a, const struct payment_notice *b)
{
    return a->state == b->state && a->amount_minor == b->amount_minor &&
           a->received_minor == b->received_minor && currency_eq(a->currency, b->currency) &&
           a->created_at_us == b->created_at_us && str_eq(a->failure_code, b->failure_code);
}

static bool attempts_equal(const struct attempt_notice *a, const struct attempt_notice *b)
{
    return a->state == b->state && a->amount_minor == b->amount_minor &&
           a->captured_minor == b->captured_minor && a->refunded_minor == b->refunded_minor &&
           currency_eq(a->currency, b->currency) && a->created_at_us == b->created_at_us &&
           str_eq(a->method, b->method) && str_eq(a->failure_code, b->failure_code);
}

static bool fields_equal(
    const struct record_kind *kind, const struct object_notice *a, const struct object_notice *b)
{
    for (uint32_t i = 0; i < NOTICE_LINKS_MAX; i++) {
        if (!links_equal(&a->links[i], &b->links[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        if (field_is_said(field) && field->type != FIELD_ID &&
            !field_equal(field, a->record, b->record)) {
            return false;
        }
    }
    return true;
}

bool notices_agree(const struct notice *a, const struct notice *b)
{
    REQUIRE(a != NULL && b != NULL);
    if (a->kind != b->kind || !str_eq(a->object, b->object)) {
        return false;
    }
    if (!notice_is_of_payment(a)) {
        bool same_list = a->object_says.list == b->object_says.list;
        return (same_list || part_kind_of(a->kind) != NULL) &&
               fields_equal(record_kind_of(a->kind), &a->object_says, &b->object_says);
    }
    return links_equal(&a->payment, &b->payment) && links_equal(&a->attempt, &b->attempt) &&
           links_equal(&a->customer, &b->customer) &&
           (a->kind == ID_PAYMENT ? payments_equal(&a->payment_says, &b->payment_says)
                                  : attempts_equal(&a->attempt_says, &b->attempt_says));
}

bool notices_say_the_same(const struct notice *a, const struct notice *b)
{
    return notices_agree(a, b) &&
           (notice_is_of_payment(a) || a->object_says.list == b->object_says.list);
}

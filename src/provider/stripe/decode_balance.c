/* A balance has no id and says several things of each currency in several lists: here each currency
 * becomes a notice of its own, known by its code. */
#include "base/limits.h"
#include "provider/stripe/decode.h"

#define CURRENCIES_MAX 160 /* as many as there are */

struct sums {
    struct balance of[CURRENCIES_MAX];
    uint32_t count;
};

static struct balance *sums_of(struct sums *sums, struct currency currency)
{
    for (uint32_t i = 0; i < sums->count; i++) {
        if (currency_eq(sums->of[i].currency, currency)) {
            return &sums->of[i];
        }
    }
    if (sums->count == CURRENCIES_MAX) {
        return NULL;
    }
    sums->of[sums->count] = (struct balance){.currency = currency};
    return &sums->of[sums->count++];
}

/* Adds the elements of one list; `member` is where the record keeps its sum. */
static enum err add_list(struct sums *sums,
    const struct stripe_list *list,
    const char *name,
    size_t member,
    const struct stripe_decoding *decoding,
    const struct stripe_subject *subject)
{
    int64_t index = 0;
    for (const struct json *at = list->first; at != NULL; at = at->next) {
        struct stripe_place place = {subject->place, name, index++};
        struct stripe_money money = {.amount = {false, 0}};
        if (at->kind != JSON_OBJECT) {
            return stripe_field_refuse(
                &place, "amount", ERR_INVALID, "is missing", decoding->reterr);
        }
        TRY(stripe_fields_read(STRIPE_MONEY, at, &place, &money, decoding->reterr));
        struct balance *balance = sums_of(sums, money.currency);
        if (balance == NULL) {
            return stripe_field_refuse(
                &place, "currency", ERR_TOO_LARGE, "is one too many", decoding->reterr);
        }
        int64_t *sum = (int64_t *)(void *)((char *)balance + member);
        if (minor_add(*sum, money.amount.value, sum) != ERR_OK) {
            return stripe_field_refuse(&place, "amount", ERR_OVERFLOW,
                "makes a sum that does not fit into 64 bits", decoding->reterr);
        }
    }
    return ERR_OK;
}

static enum err add_notice(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const struct balance *balance)
{
    static const struct stripe_status present = {.rank = STRIPE_PRESENT_RANK};
    struct balance *record = arena_alloc(decoding->arena, sizeof *record);
    struct str code = arena_copy(decoding->arena, str_from(balance->currency.code));
    if (record == NULL || code.data == NULL) {
        return err_set(decoding->reterr, ERR_TOO_LARGE, "no room for the event's notices");
    }
    *record = *balance;
    struct notice notice = {.kind = ID_BALANCE,
        .stamp = stripe_stamp(decoding, subject, &present),
        .object = code,
        .object_says = {.record = record}};
    bool added = false;
    return stripe_notice_add(decoding, &notice, &added);
}

enum err stripe_decode_balance(
    struct stripe_decoding *decoding, const struct stripe_subject *subject)
{
    struct stripe_balance view = {.available = {false}};
    TRY(stripe_fields_read(STRIPE_BALANCE, subject->json, subject->place, &view, decoding->reterr));
    struct sums *sums = arena_alloc(decoding->arena, sizeof *sums);
    if (sums == NULL) {
        return err_set(decoding->reterr, ERR_TOO_LARGE, "no room for the event's notices");
    }
    TRY(add_list(sums, &view.available, "available", offsetof(struct balance, available_minor),
        decoding, subject));
    TRY(add_list(sums, &view.pending, "pending", offsetof(struct balance, pending_minor), decoding,
        subject));
    TRY(add_list(sums, &view.instant_available, "instant_available",
        offsetof(struct balance, instant_available_minor), decoding, subject));
    if (sums->count == 0) {
        return stripe_field_refuse(
            subject->place, "available", ERR_INVALID, "names no currency", decoding->reterr);
    }
    for (uint32_t i = 0; i < sums->count; i++) {
        TRY(add_notice(decoding, subject, &sums->of[i]));
    }
    return ERR_OK;
}

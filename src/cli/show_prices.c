/* What has a price and no amount of its own (an item of a subscription) says what it costs. */
#include "base/check.h"
#include "cli/headline.h"
#include "cli/show.h"
#include <inttypes.h>
#include <stdio.h>

static const struct field *price_field(enum id_kind kind_of)
{
    const struct record_kind *kind = record_kind_of(kind_of);
    const struct field *field = record_field(kind, STR("price_id"));
    return field != NULL && headline_currency(kind) == NULL ? field : NULL;
}

static struct own_id price_of(const struct shown_object *object)
{
    struct own_id id = {{0}};
    const struct field *field = price_field(object->kind);
    if (field != NULL) {
        memcpy(&id, (const char *)object->record + field->offset, sizeof id);
    }
    return id;
}

static bool is_among(struct own_id id, const struct own_id *ids, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (own_id_eq(ids[i], id)) {
            return true;
        }
    }
    return false;
}

enum err show_prices(
    struct store *store, struct arena *arena, struct shown *shown, struct err_info *reterr)
{
    struct own_id *ids = arena_new_array(arena, struct own_id, shown->object_count);
    void **prices = NULL;
    uint32_t count = 0;
    if (ids == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    for (uint32_t i = 0; i < shown->object_count; i++) {
        struct own_id id = price_of(&shown->objects[i]);
        if (!own_id_is_none(id) && !is_among(id, ids, count)) {
            ids[count++] = id;
        }
    }
    if (count == 0) {
        return ERR_OK;
    }
    TRY(records_load(store, record_kind_of(ID_PRICE), ids, count, false, arena, &prices, reterr));
    for (uint32_t i = 0; i < shown->object_count; i++) {
        struct own_id id = price_of(&shown->objects[i]);
        for (uint32_t at = 0; at < count && !own_id_is_none(id); at++) {
            if (prices[at] != NULL && own_id_eq(ids[at], id)) {
                shown->objects[i].price = prices[at];
            }
        }
    }
    return ERR_OK;
}

static void format_amount(const struct price *price, char to[static SHOW_PRICE_BYTES])
{
    if (price->tiered || price->payer_chooses) {
        (void)snprintf(to, SHOW_PRICE_BYTES, "%s in %s",
            price->tiered ? "by tiers" : "what the payer chooses", price->currency.code);
    } else if (price->unit_amount_minor == 0 && price->unit_amount_decimal[0] != '\0') {
        (void)snprintf(to, SHOW_PRICE_BYTES, "%s minor units of %s", price->unit_amount_decimal,
            price->currency.code);
    } else {
        money_format(price->unit_amount_minor, price->currency, to);
    }
}

static void format_interval(const struct price *price, char to[static SHOW_PRICE_BYTES])
{
    if (price->interval_count == 0 || price->interval_unit[0] == '\0') {
        (void)str_copy_to(to, SHOW_PRICE_BYTES, STR("once"));
    } else if (price->interval_count == 1) {
        (void)snprintf(to, SHOW_PRICE_BYTES, "a %s", price->interval_unit);
    } else {
        (void)snprintf(to, SHOW_PRICE_BYTES, "every %" PRId64 " %ss", price->interval_count,
            price->interval_unit);
    }
}

void show_price(const struct shown_object *object, char to[static SHOW_PRICE_BYTES])
{
    const struct field *field = record_field(record_kind_of(object->kind), STR("quantity"));
    const struct price *price = object->price;
    char amount[SHOW_PRICE_BYTES];
    char interval[SHOW_PRICE_BYTES];
    int64_t quantity = 0;
    to[0] = '\0';
    if (price == NULL) {
        return;
    }
    if (field != NULL) {
        memcpy(&quantity, (const char *)object->record + field->offset, sizeof quantity);
    }
    format_amount(price, amount);
    format_interval(price, interval);
    int len = quantity != 0 ? snprintf(to, SHOW_PRICE_BYTES, "%" PRId64 " x ", quantity) : 0;
    ENSURE(len >= 0 && len < SHOW_PRICE_BYTES);
    (void)snprintf(to + len, SHOW_PRICE_BYTES - (size_t)len, "%.100s %.40s%s%.40s", amount,
        interval, price->nickname[0] != '\0' ? ", " : "", price->nickname);
}

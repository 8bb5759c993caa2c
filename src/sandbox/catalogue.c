#include "base/check.h"
#include "sandbox/merchant_internal.h"

static void say(struct merchant *merchant, enum emit emit, uint32_t index)
{
    merchant_emit(merchant, (struct queued_event){.emit = emit, .index = index});
}

static uint32_t product_begin(struct merchant *merchant)
{
    INVARIANT(merchant->product_count < PRODUCTS_MAX);
    uint32_t index = merchant->product_count++;
    struct shop_product *product = &merchant->products[index];
    int64_t now_s = merchant_second(merchant);
    *product = (struct shop_product){.number = index + 1,
        .name = (uint32_t)merchant_below(merchant, 1000),
        .created_s = now_s,
        .updated_s = now_s};
    id_make_short(&merchant->ids, "prod_", now_s, product->id);
    say(merchant, EMIT_PRODUCT_CREATED, index);
    for (uint32_t i = 0; i < PRICES_EACH; i++) {
        struct shop_price *price = &product->prices[i];
        price->amount = 400 + 50 * (int64_t)merchant_below(merchant, 200);
        price->recurring = i == 0;
        id_make(&merchant->ids, "price_1", now_s, price->id);
        say(merchant, EMIT_PRICE_CREATED, index * PRICES_EACH + i);
    }
    return index;
}

static void rename_product(struct merchant *merchant, uint32_t index)
{
    CLEANUP(buf_fini) struct buf name;
    struct queued_event event = {.emit = EMIT_PRODUCT_UPDATED, .index = index};
    struct shop_product *product = &merchant->products[index];
    buf_init(&name, 64);
    product_name(product, &name);
    buf_add_char(&name, '\0');
    REQUIRE(!name.failed);
    previous_add_text(&event.previous, "name", name.data);
    product->name++;
    product->updated_s = merchant_second(merchant);
    merchant_emit(merchant, event);
}

uint32_t product_for_billing(struct merchant *merchant)
{
    uint32_t count = merchant->product_count;
    if (count == 0 || (count < PRODUCTS_MAX && merchant_chance(merchant, 10))) {
        return product_begin(merchant);
    }
    uint32_t other = (uint32_t)merchant_below(merchant, count);
    if (merchant_chance(merchant, 5) &&
        merchant->products[other].updated_s < merchant_second(merchant)) {
        rename_product(merchant, other);
    }
    return (uint32_t)merchant_below(merchant, count);
}

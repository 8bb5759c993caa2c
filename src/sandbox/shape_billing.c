#include "sandbox/merchant_internal.h"

/* What the rows of fields.def ask of subscriptions, invoices and what they are for. */

static void add_path(struct buf *to, const char *before, const char *id, const char *after)
{
    buf_add_char(to, '"');
    buf_add(to, str_from(before));
    buf_add(to, str_from(id));
    buf_add(to, str_from(after));
    buf_add_char(to, '"');
}

static void add_number_text(struct buf *to, const char *before, int64_t number)
{
    buf_add_char(to, '"');
    buf_add(to, str_from(before));
    buf_add_int(to, number);
    buf_add_char(to, '"');
}

void product_name(const struct shop_product *product, struct buf *to)
{
    static const char *const goods[] = {
        "Coffee beans", "Bicycle repair", "Choir lessons", "Garden plan", "Printed maps"};
    buf_add(to, str_from(goods[product->name % (sizeof goods / sizeof *goods)]));
    buf_add_char(to, ' ');
    buf_add_int(to, product->name);
}

void write_product_name(const struct scene *scene, struct buf *to)
{
    buf_add_char(to, '"');
    product_name(scene->product, to);
    buf_add_char(to, '"');
}

void write_price_amount_text(const struct scene *scene, struct buf *to)
{
    add_number_text(to, "", scene->price->amount);
}

static struct scene with_product(const struct scene *scene, uint32_t product, int price)
{
    struct scene inner = *scene;
    inner.product = &scene->merchant->products[product];
    inner.price = &inner.product->prices[price];
    return inner;
}

void write_subscription_items(const struct scene *scene, struct buf *to)
{
    const struct shop_subscription *subscription = scene->subscription;
    buf_add_char(to, '[');
    for (int i = 0; i < subscription->item_count; i++) {
        struct scene inner = with_product(scene, subscription->items[i].product, 0);
        inner.item = &subscription->items[i];
        buf_add(to, i > 0 ? STR(",") : STR_NONE);
        shape_render(&inner, SHAPE_ITEM, to);
    }
    buf_add_char(to, ']');
}

void write_subscription_items_url(const struct scene *scene, struct buf *to)
{
    add_path(to, "/v1/subscription_items?subscription=", scene->subscription->id, "");
}

void write_invoice_ending_balance(const struct scene *scene, struct buf *to)
{
    buf_add(to, scene->invoice->finalized_s == 0 ? STR("null") : STR("0"));
}

void write_invoice_lines(const struct scene *scene, struct buf *to)
{
    const struct shop_invoice *invoice = scene->invoice;
    buf_add_char(to, '[');
    for (int i = 0; i < invoice->line_count; i++) {
        const struct shop_line *line = &invoice->lines[i];
        struct scene inner = with_product(scene, line->product, line->item > 0 ? 0 : 1);
        inner.line = line;
        inner.item = line->item > 0 ? &scene->subscription->items[line->item - 1] : NULL;
        buf_add(to, i > 0 ? STR(",") : STR_NONE);
        shape_render(&inner, SHAPE_LINE, to);
    }
    buf_add_char(to, ']');
}

void write_subscription_plan(const struct scene *scene, struct buf *to)
{
    const struct scene inner = with_product(scene, scene->subscription->items[0].product, 0);
    shape_render(&inner, SHAPE_PLAN, to);
}

void write_line_invoice_item(const struct scene *scene, struct buf *to)
{
    add_path(to, "ii_", scene->line->id, "");
}

void write_invoice_payments(const struct scene *scene, struct buf *to)
{
    struct scene inner = *scene;
    buf_add_char(to, '[');
    for (uint8_t i = 0; i < scene->invoice->payment_count; i++) {
        inner.payment = &scene->merchant->payments[scene->invoice->payments[i]];
        buf_add(to, i > 0 ? STR(",") : STR_NONE);
        shape_render(&inner, SHAPE_INVOICE_PAYMENT, to);
    }
    buf_add_char(to, ']');
}

void write_invoice_payments_url(const struct scene *scene, struct buf *to)
{
    add_path(to, "/v1/invoice_payments?invoice=", scene->invoice->id, "");
}

void write_invoice_lines_url(const struct scene *scene, struct buf *to)
{
    add_path(to, "/v1/invoices/", scene->invoice->id, "/lines");
}

void write_invoice_number(const struct scene *scene, struct buf *to)
{
    if (scene->invoice->finalized_s == 0) {
        buf_add(to, STR("null"));
    } else {
        add_number_text(to, "SHOP-", scene->invoice->number);
    }
}

/* Not the product's name: that may change, and the line does not. */
void write_line_description(const struct scene *scene, struct buf *to)
{
    add_number_text(to, "Article ", scene->product->number);
}

void write_line_quantity_text(const struct scene *scene, struct buf *to)
{
    add_number_text(to, "", scene->line->quantity);
}

void write_credit_lines(const struct scene *scene, struct buf *to)
{
    buf_add_char(to, '[');
    shape_render(scene, SHAPE_CREDIT_LINE, to);
    buf_add_char(to, ']');
}

void write_credit_lines_url(const struct scene *scene, struct buf *to)
{
    add_path(to, "/v1/credit_notes/", scene->invoice->credit.id, "/lines");
}

void write_credit_number(const struct scene *scene, struct buf *to)
{
    add_number_text(to, "SHOP-CN-", scene->invoice->number);
}

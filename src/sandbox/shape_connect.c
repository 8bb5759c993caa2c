#include "sandbox/merchant_internal.h"

/* What the rows of fields.def ask of connected accounts, transfers and fees. */

static void add_path(struct buf *to, const char *before, const char *id, const char *after)
{
    buf_add_char(to, '"');
    buf_add(to, str_from(before));
    buf_add(to, str_from(id));
    buf_add(to, str_from(after));
    buf_add_char(to, '"');
}

static void add_list(const struct scene *scene,
    const struct shop_given_back *list,
    uint8_t count,
    enum shape shape,
    struct buf *to)
{
    struct scene inner = *scene;
    buf_add_char(to, '[');
    for (uint8_t i = 0; i < count; i++) {
        inner.given_back = &list[i];
        buf_add(to, i > 0 ? STR(",") : STR_NONE);
        shape_render(&inner, shape, to);
    }
    buf_add_char(to, ']');
}

void write_application_id(const struct scene *scene, struct buf *to)
{
    const struct id_maker *ids = &scene->merchant->ids;
    buf_add(to, STR("\"ca_1"));
    buf_add(to, (struct str){ids->account, sizeof ids->account});
    buf_add_char(to, '"');
}

void write_account_banks_url(const struct scene *scene, struct buf *to)
{
    add_path(to, "/v1/accounts/", scene->account->id, "/external_accounts");
}

void write_transfer_reversals(const struct scene *scene, struct buf *to)
{
    const struct shop_transfer *transfer = scene->transfer;
    add_list(scene, transfer->reversals, transfer->reversal_count, SHAPE_TRANSFER_REVERSAL, to);
}

void write_transfer_reversals_url(const struct scene *scene, struct buf *to)
{
    add_path(to, "/v1/transfers/", scene->transfer->id, "/reversals");
}

static void add_group(struct buf *to, uint32_t order)
{
    buf_add(to, STR("\"ORDER-"));
    buf_add_int(to, order);
    buf_add_char(to, '"');
}

void write_transfer_group(const struct scene *scene, struct buf *to)
{
    add_group(to, scene->transfer->order);
}

void write_payment_group(const struct scene *scene, struct buf *to)
{
    if (scene->payment->grouped) {
        add_group(to, scene->payment->order);
    } else {
        buf_add(to, STR("null"));
    }
}

void write_fee_refunds(const struct scene *scene, struct buf *to)
{
    add_list(scene, scene->fee->refunds, scene->fee->refund_count, SHAPE_FEE_REFUND, to);
}

void write_fee_refunds_url(const struct scene *scene, struct buf *to)
{
    add_path(to, "/v1/application_fees/", scene->fee->id, "/refunds");
}

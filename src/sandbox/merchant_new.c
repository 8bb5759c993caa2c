#include "base/check.h"
#include "sandbox/merchant_internal.h"
#include <stdlib.h>

/* The merchant's tables: made at once, as large as they may become. */

/* ---- pools ----------------------------------------------------------------------------------- */

static bool pool_init(struct pool *pool, uint32_t room)
{
    *pool = (struct pool){.room = room, .free_slots = calloc(room, sizeof(uint32_t))};
    return pool->free_slots != NULL;
}

bool pool_take(struct pool *pool, uint32_t *ret_index)
{
    if (pool->free_count > 0) {
        *ret_index = pool->free_slots[--pool->free_count];
    } else if (pool->made < pool->room) {
        *ret_index = pool->made++;
    } else {
        return false;
    }
    pool->in_use++;
    return true;
}

void pool_give(struct pool *pool, uint32_t index)
{
    REQUIRE(index < pool->made);
    INVARIANT(pool->in_use > 0);
    pool->free_slots[pool->free_count++] = index;
    pool->in_use--;
}

/* ---- tables ---------------------------------------------------------------------------------- */

static bool make_mixed_tables(struct merchant *merchant)
{
    uint32_t each = merchant->config.objects_max / 8;
    merchant->disputes = calloc(each, sizeof *merchant->disputes);
    merchant->subscriptions = calloc(each, sizeof *merchant->subscriptions);
    merchant->invoices = calloc(each, sizeof *merchant->invoices);
    merchant->payouts = calloc(each, sizeof *merchant->payouts);
    merchant->products = calloc(PRODUCTS_MAX, sizeof *merchant->products);
    merchant->transfers = calloc(each, sizeof *merchant->transfers);
    merchant->fees = calloc(each, sizeof *merchant->fees);
    merchant->topups = calloc(each, sizeof *merchant->topups);
    merchant->accounts = calloc(ACCOUNTS_MAX, sizeof *merchant->accounts);
    return merchant->transfers != NULL && merchant->fees != NULL && merchant->topups != NULL &&
           merchant->accounts != NULL && pool_init(&merchant->transfer_pool, each) &&
           pool_init(&merchant->fee_pool, each) && pool_init(&merchant->topup_pool, each) &&
           merchant->disputes != NULL && merchant->subscriptions != NULL &&
           merchant->invoices != NULL && merchant->payouts != NULL && merchant->products != NULL &&
           pool_init(&merchant->dispute_pool, each) &&
           pool_init(&merchant->subscription_pool, each) &&
           pool_init(&merchant->invoice_pool, each) && pool_init(&merchant->payout_pool, each);
}

static bool is_payments_alone(const struct merchant_mix *mix)
{
    return mix->disputes == 0 && mix->billing == 0 && mix->payouts == 0 && mix->connect == 0 &&
           mix->adjustments == 0;
}

static bool make_tables(struct merchant *merchant)
{
    uint32_t most = merchant->config.objects_max;
    uint32_t customers = most / 4, refunds = most / 4, payments = most - customers - refunds;
    bool mixed = !is_payments_alone(&merchant->config.mix) || merchant->config.end_us > 0;
    merchant->task_room = most + 2 + (mixed ? most + 2 * ACCOUNTS_MAX + 1 : 0);
    merchant->customers = calloc(customers, sizeof *merchant->customers);
    merchant->payments = calloc(payments, sizeof *merchant->payments);
    merchant->refunds = calloc(refunds, sizeof *merchant->refunds);
    merchant->tasks = calloc(merchant->task_room, sizeof *merchant->tasks);
    merchant->shapes = shape_set_new();
    return merchant->customers != NULL && merchant->payments != NULL && merchant->refunds != NULL &&
           merchant->tasks != NULL && merchant->shapes != NULL &&
           pool_init(&merchant->customer_pool, customers) &&
           pool_init(&merchant->payment_pool, payments) &&
           pool_init(&merchant->refund_pool, refunds) && (!mixed || make_mixed_tables(merchant));
}

bool merchant_is_mixed(const struct merchant *merchant)
{
    return merchant->disputes != NULL;
}

static void make_ids(struct merchant *merchant)
{
    uint64_t seed = merchant->config.seed;
    const char *account = merchant->ids.account;
    id_maker_init(&merchant->ids, seed);
    id_maker_init(&merchant->line_ids, ~seed);
    memcpy(merchant->line_ids.account, account, sizeof merchant->ids.account);
    (void)str_copy_to(merchant->application, sizeof merchant->application, STR("ca_1"));
    memcpy(merchant->application + sizeof "ca_1" - 1, account, sizeof merchant->ids.account);
}

struct merchant *merchant_new(const struct merchant_config *config)
{
    REQUIRE(config != NULL);
    REQUIRE(config->objects_max >= 8);
    REQUIRE(config->mean_gap_us >= 0);
    REQUIRE(config->end_us == 0 || !config->forgetful);
    REQUIRE(config->faults == NULL || !config->forgetful);
    REQUIRE(config->end_us == 0 || config->end_us >= config->start_us + 2 * MERCHANT_TAIL_US);
    REQUIRE(config->account.len <= LIMIT_PROVIDER_ID_BYTES);
    struct merchant *merchant = calloc(1, sizeof *merchant);
    if (merchant == NULL) {
        return NULL;
    }
    merchant->config = *config;
    (void)str_copy_to(merchant->account, sizeof merchant->account, config->account);
    merchant->config.account = str_from(merchant->account);
    if (is_payments_alone(&config->mix)) {
        merchant->config.mix.payments = 1;
    }
    merchant->random_state = config->seed;
    merchant->now_us = config->start_us;
    make_ids(merchant);
    buf_init(&merchant->body, BODY_BYTES_MAX);
    buf_init(&merchant->whole, BODY_BYTES_MAX);
    if (!make_tables(merchant)) {
        return merchant_free(merchant);
    }
    arrivals_begin(merchant);
    return merchant;
}

struct merchant *merchant_free(struct merchant *merchant)
{
    if (merchant != NULL) {
        free(merchant->customers);
        free(merchant->payments);
        free(merchant->refunds);
        free(merchant->tasks);
        free(merchant->customer_pool.free_slots);
        free(merchant->payment_pool.free_slots);
        free(merchant->refund_pool.free_slots);
        free(merchant->disputes);
        free(merchant->dispute_pool.free_slots);
        free(merchant->subscriptions);
        free(merchant->subscription_pool.free_slots);
        free(merchant->invoices);
        free(merchant->invoice_pool.free_slots);
        free(merchant->products);
        free(merchant->payouts);
        free(merchant->payout_pool.free_slots);
        free(merchant->transfers);
        free(merchant->transfer_pool.free_slots);
        free(merchant->fees);
        free(merchant->fee_pool.free_slots);
        free(merchant->topups);
        free(merchant->topup_pool.free_slots);
        free(merchant->accounts);
        for (int i = 0; i <= ACCOUNTS_MAX; i++) {
            lines_fini(&merchant->statements[i]);
        }
        merchant->shapes = shape_set_free(merchant->shapes);
        buf_fini(&merchant->body);
        buf_fini(&merchant->whole);
        free(merchant);
    }
    return NULL;
}

#include "sandbox/faults.h"
#include "sandbox/merchant_internal.h"

/* What the rows of fields.def ask of a balance: a list of the currencies that ever moved. Euros
 * come first, and always: they stand for the balance where it has to have a name. */

enum bucket { AVAILABLE, PENDING, INSTANT };

static int64_t amount_in(const struct merchant_balance *balance, enum bucket bucket)
{
    if (bucket == PENDING) {
        return balance->pending_minor;
    }
    return bucket == INSTANT && balance->available_minor < 0 ? 0 : balance->available_minor;
}

static void add_currency(
    struct buf *to, const struct merchant_balance *balance, enum bucket bucket, bool first)
{
    int64_t amount = amount_in(balance, bucket);
    buf_add(to, first ? STR("{\"amount\":") : STR(",{\"amount\":"));
    buf_add_int(to, amount);
    buf_add(to, STR(",\"currency\":\""));
    buf_add(to, balance->currency);
    buf_add(to, STR("\",\"source_types\":{\"card\":"));
    buf_add_int(to, amount);
    buf_add(to, STR("}}"));
}

static void add_list(const struct scene *scene, enum bucket bucket, struct buf *to)
{
    struct merchant_balance balances[MERCHANT_BALANCES_MAX];
    const struct merchant_balance none = {STR("eur"), 0, 0};
    uint32_t count = merchant_balances(scene->merchant, scene->owner, balances);
    for (uint32_t i = 0; bucket == AVAILABLE && scene->owner == 0 && i < count; i++) {
        balances[i].available_minor +=
            faults_in_balance(scene->merchant->config.faults, balances[i].currency);
    }
    bool has_euros = count > 0 && str_eq(balances[0].currency, none.currency);
    buf_add_char(to, '[');
    if (!has_euros) {
        add_currency(to, &none, bucket, true);
    }
    for (uint32_t i = 0; i < count; i++) {
        add_currency(to, &balances[i], bucket, has_euros && i == 0);
    }
    buf_add_char(to, ']');
}

void write_balance_available(const struct scene *scene, struct buf *to)
{
    add_list(scene, AVAILABLE, to);
}

void write_balance_pending(const struct scene *scene, struct buf *to)
{
    add_list(scene, PENDING, to);
}

void write_balance_instant(const struct scene *scene, struct buf *to)
{
    add_list(scene, INSTANT, to);
}

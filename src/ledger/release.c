#include "ledger/release.h"
#include "base/check.h"

static const struct own_id no_key;

struct own_id release_id(int64_t scope, struct currency currency, int64_t available_us)
{
    return derived_id(available_us, 'R', scope, available_us, str_from(currency.code));
}

enum err release_add(const struct statement_line *line, int64_t *net_minor)
{
    REQUIRE(line != NULL);
    REQUIRE(net_minor != NULL);
    return line_is_released(line) ? minor_add(*net_minor, line->net_minor, net_minor) : ERR_OK;
}

enum err release_post(int64_t net_minor, struct currency currency, struct ledger_entry *entry)
{
    REQUIRE(entry != NULL);
    TRY(entry_debit(entry, ACCOUNT_PROVIDER_AVAILABLE, no_key, currency, net_minor));
    return entry_credit(entry, ACCOUNT_PROVIDER_PENDING, no_key, currency, net_minor);
}

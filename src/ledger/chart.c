#include "ledger/chart.h"
#include "base/check.h"

#define KEY_ATTEMPT ID_ATTEMPT
#define KEY_CONNECTED_ACCOUNT ID_CONNECTED_ACCOUNT
#define KEY_CUSTOMER ID_CUSTOMER
#define KEY_DISPUTE ID_DISPUTE
#define KEY_INVOICE ID_INVOICE
#define KEY_PAYMENT ID_PAYMENT
#define KEY_PAYOUT ID_PAYOUT
#define KEY_REFUND ID_REFUND
#define KEY_TOPUP ID_TOPUP
#define KEY_TRANSFER ID_TRANSFER

static const struct account_row account_rows[] = {
#define ACCOUNT(NAME, name, class, owner, key, help)                                               \
    {name, help, CLASS_##class, STREAM_##owner, KEY_##key},
#include "ledger/chart.def"
#undef ACCOUNT
};

const struct account_row *account_row(enum ledger_account account)
{
    REQUIRE(account < ACCOUNT_COUNT);
    return &account_rows[account];
}

enum err account_parse(struct str name, enum ledger_account *ret)
{
    REQUIRE(ret != NULL);
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        if (str_eq(name, str_from(account_rows[i].name))) {
            *ret = (enum ledger_account)i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

const char *account_class_word(enum account_class class)
{
    static const char *const words[] = {"asset", "liability", "equity", "income", "expense"};
    REQUIRE((size_t) class < sizeof words / sizeof words[0]);
    return words[class];
}

const char *stream_word(enum stream stream)
{
    static const char *const words[] = {"money", "business", "meeting", "people"};
    REQUIRE((size_t)stream < sizeof words / sizeof words[0]);
    return words[stream];
}

/* People resolve what nothing else explains, so they may post everywhere. */
bool account_takes(enum ledger_account account, enum stream stream)
{
    enum stream owner = account_row(account)->owner;
    REQUIRE(stream != STREAM_MEETING);
    return stream == STREAM_PEOPLE || owner == STREAM_MEETING || owner == stream;
}

#include "provider/statement.h"
#include "base/check.h"

const char *statement_file_word(enum statement_file file)
{
    static const char *const words[] = {
        [FILE_ACTIVITY] = "activity",
        [FILE_PAYOUTS] = "payouts",
        [FILE_PAYOUT_ITEMS] = "payout_items",
        [FILE_ENDING] = "ending_balance",
        [FILE_SUMMARY] = "summary",
    };
    REQUIRE(file < STATEMENT_FILE_COUNT);
    return words[file];
}

const char *balance_part_word(enum balance_part part)
{
    static const char *const words[] = {
        [BALANCE_AVAILABLE] = "available",
        [BALANCE_PENDING] = "pending",
        [BALANCE_CONNECT_RESERVED] = "connect_reserved",
        [BALANCE_ISSUING] = "issuing",
        [BALANCE_PREFUND] = "prefund",
        [BALANCE_RISK_RESERVED] = "risk_reserved",
    };
    REQUIRE(part < BALANCE_PART_COUNT);
    return words[part];
}

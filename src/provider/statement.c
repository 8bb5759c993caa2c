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

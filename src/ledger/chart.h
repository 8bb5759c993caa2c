/* chart: the accounts of the books.
 *
 * Layer: ledger. Table: chart.def.
 */
#pragma once

#include "domain/id.h"

enum ledger_account {
#define ACCOUNT(NAME, name, class, owner, key, help) ACCOUNT_##NAME,
#include "ledger/chart.def"
#undef ACCOUNT
    ACCOUNT_COUNT
};

enum account_class { CLASS_ASSET, CLASS_LIABILITY, CLASS_EQUITY, CLASS_INCOME, CLASS_EXPENSE };

/* Who posts: see chart.def. */
enum stream { STREAM_MONEY, STREAM_BUSINESS, STREAM_MEETING, STREAM_PEOPLE };

/* What a posting's key is the own id of: an enum id_kind, or one of these. */
enum { KEY_NONE = -1, KEY_LINE = -2 };

struct account_row {
    const char *name, *help;
    enum account_class class;
    enum stream owner;
    int key; /* enum id_kind, KEY_NONE or KEY_LINE */
};

const struct account_row *account_row(enum ledger_account account);
MUST_USE enum err account_parse(struct str name, enum ledger_account *ret); /* ERR_NOT_FOUND */
const char *account_class_word(enum account_class class);                   /* "asset" */
const char *stream_word(enum stream stream);                                /* "money" */

/* May entries of that stream post there? MEETING is nobody's stream. */
bool account_takes(enum ledger_account account, enum stream stream);

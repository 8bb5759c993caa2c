/* asking: what refetch and thin have in common: what becomes of an object that cannot be had now.
 *
 * One that fails is put off by itself, the longer the more often. When the provider is away, its
 * account is asked nothing more in this step; other accounts go on.
 *
 * Layer: flow.
 */
#pragma once

#include "base/limits.h"
#include "flow/accounts.h"

#define ASK_CLAIM_US INT64_C(120000000) /* nobody else asks for it meanwhile */
#define ASK_PUT_OFF_MAX_US (6 * INT64_C(3600000000))
#define ASK_ATTEMPTS_MAX 40 /* then it is given up: some eight days */

enum ask_end {
    ASK_PUT_OFF,
    ASK_GIVEN_UP,
    ASK_CUT, /* kept, but for the end of a list that is longer than is read */
};

struct ask_trouble { /* borrowed, for the call */
    enum ask_end end;
    struct str account; /* whose session */
    enum id_kind kind;
    struct str provider_id;
    enum err err;
    const char *text;
    int64_t again_in_us; /* ASK_PUT_OFF */
};
/* For the log: an object is given up or cut, or put off for another reason than before. */
typedef void ask_trouble_fn(void *context, const struct ask_trouble *trouble);

/* How long to leave an object alone that was asked for `attempts` times before. */
int64_t ask_put_off_us(int64_t attempts);
/* There is no such object, or none of that kind is given: asking again will not help. */
bool ask_is_gone(enum err err);

/* The accounts whose provider failed in this step; zeroed: none. */
struct ask_away {
    const struct account *accounts[LIMIT_ACCOUNTS];
    uint32_t count;
};
void ask_away_add(struct ask_away *away, const struct account *account);
bool ask_away_has(const struct ask_away *away, const struct account *account);

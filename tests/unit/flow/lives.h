/* lives: what a merchant lives through, told in bodies as Stripe sends them: orders that are paid
 * or not, refunded, disputed, invoiced; with much of it in the same second.
 *
 * Layer: tests.
 */
#pragma once

#include "base/arena.h"
#include "domain/id.h"

enum life_kind {
#define LIFE(NAME, name, words) LIFE_##NAME,
#include "unit/flow/lives.def"
    LIFE_KIND_COUNT
};

#define LIVES_AT_ONCE 200 /* in one scope */
#define LIFE_TELLINGS 192
#define LIFE_NAMES 64

/* One event, in the newest shape. What is empty was not told. */
struct telling {
    struct str body;
    struct str older;     /* the same event in the shape of an older API version */
    bool older_says_more; /* it shows objects that the newest shape does not */
    struct str thin;      /* a v2 event of the same change */
};

struct life_name { /* an object that occurs, or is named */
    enum id_kind kind;
    struct str provider_id;
};

struct life {
    struct telling tellings[LIFE_TELLINGS]; /* in the order in which it happened */
    uint32_t count;
    struct life_name names[LIFE_NAMES];
    uint32_t name_count;
    uint32_t kinds[LIFE_KIND_COUNT]; /* how often each occurs */
};

/* The same number and `chance` make the same life; lives of LIVES_AT_ONCE numbers in a row share
 * no object. * Texts live in the arena. */
void life_generate(struct life *life, uint32_t number, uint64_t *chance, struct arena *arena);

const char *life_kind_words(enum life_kind kind);

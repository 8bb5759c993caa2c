/* finding: something that does not agree, as one run of reconciliation sees it.
 *
 * Its id is made of what it is about, not of when it was found or by how much it is off: so a later
 * run finds the same discrepancy again, and one that grows stays one.
 *
 * Layer: reconcile.
 */
#pragma once

#include "base/limits.h"
#include "domain/id.h"
#include "domain/money.h"
#include "ledger/chart.h"
#include "reconcile/code.h"

#define FINDING_TEXT_BYTES_MAX 500

struct finding {
    enum discrepancy_code code;
    int64_t scope;
    int subject_kind;         /* enum id_kind, KEY_LINE, or KEY_NONE: of the account as a whole */
    struct own_id subject;    /* none: KEY_NONE, and events, which have a name only */
    struct str name;          /* the provider's id of it; may be empty */
    struct currency currency; /* of the amounts; empty: there are none */
    /* Of a proof over days: when the first begins and when the last has ended; else both 0. */
    int64_t period_us, period_to_us;
    /* Signed, as the books have them. What is off is theirs less ours. */
    int64_t ours_minor, theirs_minor;
    int64_t since_us; /* when it could first be seen: grace counts from then */
    struct str text;  /* one line for people, in our words: what stands against what; the same
                       * whenever it is looked at, while nothing has changed */
};

const char *finding_subject_word(int kind); /* "payout", "line", "none" */
MUST_USE enum err finding_subject_parse(struct str word, int *ret_kind); /* ERR_NOT_FOUND */

/* Of the account, code, subject, currency and period; of the name where there is no subject, since
 * an object may be given another one. */
struct own_id finding_id(const struct finding *finding);
#define FINDING_ID_TEXT_BYTES OWN_ID_TEXT_BYTES
void finding_id_format(struct own_id id, char to[static FINDING_ID_TEXT_BYTES]); /* "cf_dcp_..." */
MUST_USE enum err finding_id_parse(struct str text, struct own_id *ret_id);      /* ERR_MALFORMED */

/* theirs - ours; ERR_OVERFLOW */
MUST_USE enum err finding_off(const struct finding *finding, int64_t *ret_minor);
int64_t finding_size(const struct finding *finding); /* of that; cut to INT64_MAX */
/* Does it count yet, at `as_of_us`? Not while its grace lasts. */
bool finding_is_due(const struct finding *finding, int64_t as_of_us);

/* Says whether two findings of one id say the same: new figures, or another text, are new evidence.
 */
bool finding_says_the_same(const struct finding *a, const struct finding *b);

/* For reports, by id; so they are the same every time: code, currency, name, subject, period. */
int finding_compare(const void *a, const void *b); /* of two struct finding */

/* How old: 0-1, 1-3, 3-7, 7-30 days and older. */
enum { AGE_BUCKETS = 5 };
uint32_t age_bucket(int64_t since_us, int64_t as_of_us);
const char *age_bucket_word(uint32_t bucket); /* "0-1 d" */

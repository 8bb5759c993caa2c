/* explain_story: what `counterfoil explain` has to say, fact by fact; the same facts are sentences
 * for people and objects for programs.
 *
 * Layer: cli; shared by the explain*.c files. Table: explain.def.
 */
#pragma once

#include "store/journal.h"
#include "store/records.h"
#include "store/refs.h"
#include "store/statement_read.h"
#include "cli/config.h"
#include "reconcile/finding.h"

enum sentence {
#define SENTENCE(NAME, fact, depth, text) SAY_##NAME,
#include "cli/explain.def"
#undef SENTENCE
    SENTENCE_COUNT
};

struct told_money {
    int64_t minor;
    struct currency currency;
};
struct told_id {
    int kind; /* enum id_kind, or SUBJECT_LINE and the like */
    struct own_id id;
    struct str name; /* the provider's; may be empty */
};
/* Texts are borrowed from the arena or static; what the sentence has no slot for is not set. */
struct told {
    enum sentence sentence;
    int64_t at_us, until_us, day_us, count;
    struct told_money amount, fee, net;
    struct told_id object, other;
    struct str word, words;
};

#define STORY_FACTS_MAX 5000
#define STORY_LINES_MAX 50 /* of one object */
#define STORY_OPEN_MAX 500

struct story {
    struct store *store; /* inside a transaction */
    const struct config *config;
    struct arena *arena; /* all that facts borrow */
    struct err_info *reterr;
    struct told *facts; /* STORY_FACTS_MAX of them */
    uint32_t count;
    bool full;         /* there would have been more */
    struct told *open; /* STORY_OPEN_MAX: what is open in the books, which is told last */
    uint32_t open_count;
};

/* The lines about something, and the currencies that they moved. */
#define STORY_CURRENCIES_MAX 8
struct lines_told {
    bool any;
    struct currency currencies[STORY_CURRENCIES_MAX];
    uint32_t currency_count;
};

/* A zeroed fact to be filled in; once the story is full, one that nobody sees. */
struct told *story_say(struct story *story, enum sentence sentence);
/* The id with the provider's first name for it. */
MUST_USE enum err story_name(
    struct story *story, enum id_kind kind, struct own_id id, struct told_id *ret);
/* One record, in the arena; NULL: none is stored. */
MUST_USE enum err story_load(
    struct story *story, enum id_kind kind, struct own_id id, const void **ret_record);
/* The records of `kind` whose field names `id`, those first that became known first. */
MUST_USE enum err story_linked(struct story *story,
    enum id_kind kind,
    const char *field,
    struct own_id id,
    void ***ret_records,
    uint32_t *ret_count);
/* The word of a record's state, and what it means. */
void story_state(enum id_kind kind, int state, struct str *ret_word, struct str *ret_help);

void story_text(const struct story *story);
/* {"object": word, "facts": [...]} */
void story_json(const struct story *story, struct str word);

/* --- the parts of stories, by file --- */

/* explain_line.c: all lines about an object; `ret` may be NULL. */
MUST_USE enum err story_lines(
    struct story *story, struct own_id source, bool say_none, struct lines_told *ret);
MUST_USE enum err story_line(struct story *story, const struct kept_line *kept);
MUST_USE enum err explain_line(struct story *story, const struct kept_line *kept);

/* explain_books.c: what is left on a key of an account. */
MUST_USE enum err story_key_balance(struct story *story,
    int64_t scope,
    enum ledger_account account,
    struct own_id key,
    struct currency currency,
    int64_t *ret_minor);
/* Notes when a clearing account's key is not zero, in that currency or in one of the lines'. */
MUST_USE enum err story_clearing(struct story *story,
    int64_t scope,
    enum ledger_account account,
    struct own_id key,
    struct currency currency,
    const struct lines_told *lines);
void story_say_open(struct story *story); /* what was noted so, or that nothing was */
MUST_USE enum err story_posted(struct story *story, struct own_id subject);
MUST_USE enum err explain_entry(struct story *story, int64_t scope, int64_t number);

/* explain_discrepancy.c: those of an object, or a line, and its parts that are not over; and one by
 * its id, *ret_found in the arena. ERR_NOT_FOUND */
MUST_USE enum err story_discrepancies(struct story *story, int kind, struct own_id id);
MUST_USE enum err explain_discrepancy(
    struct story *story, struct own_id id, struct finding *ret_found);

/* explain_payment.c, explain_money.c, explain_invoice.c: of one record each. */
MUST_USE enum err explain_payment(struct story *story, const void *record);
MUST_USE enum err explain_attempt(struct story *story, const void *record);
MUST_USE enum err explain_refund(struct story *story, const void *record);
MUST_USE enum err explain_dispute(struct story *story, const void *record);
MUST_USE enum err explain_invoice(struct story *story, const void *record);
MUST_USE enum err explain_payout(struct story *story, const void *record);
MUST_USE enum err explain_transfer(struct story *story, const void *record);
MUST_USE enum err explain_topup(struct story *story, const void *record);
/* Of every other kind. */
MUST_USE enum err explain_object(struct story *story, enum id_kind kind, const void *record);

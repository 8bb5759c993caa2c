/* book: the books in memory, for tests: what was posted of each subject, the balances that come of
 * it, and the postings written out as text.
 *
 * Ids are their own names here: (struct own_id){"att"} is shown as "att".
 *
 * Layer: tests. Needs ledger.
 */
#pragma once

#include "ledger/entry.h"

#define BOOK_SUBJECTS 1024
#define BOOK_PLACES 4096
#define BOOK_POSTINGS 48 /* of one subject */
#define BOOK_TEXT_BYTES 8192

struct subject {
    const char *what; /* "line", "payment"... */
    struct own_id id;
    struct currency currency; /* none for most */
    uint32_t count;
    struct posting posted[BOOK_POSTINGS];
};

struct book {
    struct subject subjects[BOOK_SUBJECTS];
    uint32_t subject_count;
    struct posting balances[BOOK_PLACES]; /* sorted */
    uint32_t place_count;
    size_t told_len;
    char told[BOOK_TEXT_BYTES]; /* since book_forget_told; one posting a line */
};

void book_begin(struct book *book);

/* Posts what is missing of the subject; fails the test when the entry cannot be finished. */
void book_post(struct book *book,
    const char *what,
    struct own_id id,
    struct currency currency,
    struct ledger_entry *target);
void book_forget_told(struct book *book);

int64_t book_balance(const struct book *book,
    enum ledger_account account,
    struct own_id key,
    struct currency currency);

/* Each fails the test, naming the place. */
void assert_books_balance(const struct book *book);
void assert_books_are_cleared(const struct book *book);
void assert_books_equal(const struct book *book, const struct book *other);

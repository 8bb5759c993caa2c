#include "unit/ledger/book.h"
#include "unit/ledger/posts.h"

void book_begin(struct book *book)
{
    book->subject_count = 0;
    book->place_count = 0;
    book_forget_told(book);
}

void book_forget_told(struct book *book)
{
    book->told_len = 0;
    book->told[0] = '\0';
}

static void tell(struct book *book, const struct posting *posting)
{
    char text[POSTING_TEXT_BYTES];
    posting_format(posting, text);
    size_t len = strlen(text);
    if (book->told_len + len < sizeof book->told) {
        memcpy(book->told + book->told_len, text, len + 1);
        book->told_len += len;
    }
}

/* ---- places --------------------------------------------------------------------------------- */

static uint32_t place_of(const struct book *book, const struct posting *posting)
{
    uint32_t first = 0;
    uint32_t end = book->place_count;
    while (first < end) {
        uint32_t middle = first + (end - first) / 2;
        if (posting_compare(&book->balances[middle], posting) < 0) {
            first = middle + 1;
        } else {
            end = middle;
        }
    }
    return first;
}

static void add_balance(struct book *book, const struct posting *posting)
{
    uint32_t place = place_of(book, posting);
    struct posting *at = &book->balances[place];
    if (place == book->place_count || posting_compare(at, posting) != 0) {
        assert_true(book->place_count < BOOK_PLACES);
        memmove(at + 1, at, sizeof *at * (book->place_count - place));
        book->place_count++;
        *at = *posting;
        return;
    }
    assert_err(minor_add(at->minor, posting->minor, &at->minor), ERR_OK);
}

int64_t book_balance(const struct book *book,
    enum ledger_account account,
    struct own_id key,
    struct currency currency)
{
    struct posting posting = {account, key, currency, 0};
    uint32_t place = place_of(book, &posting);
    bool is_there =
        place < book->place_count && posting_compare(&book->balances[place], &posting) == 0;
    return is_there ? book->balances[place].minor : 0;
}

/* ---- subjects ------------------------------------------------------------------------------- */

static struct subject *subject_of(
    struct book *book, const char *what, struct own_id id, struct currency currency)
{
    for (uint32_t i = 0; i < book->subject_count; i++) {
        struct subject *subject = &book->subjects[i];
        if (strcmp(subject->what, what) == 0 && own_id_eq(subject->id, id) &&
            currency_eq(subject->currency, currency)) {
            return subject;
        }
    }
    assert_true(book->subject_count < BOOK_SUBJECTS);
    struct subject *subject = &book->subjects[book->subject_count++];
    *subject = (struct subject){.what = what, .id = id, .currency = currency};
    return subject;
}

static void add_posted(struct subject *subject, const struct ledger_entry *entry)
{
    struct ledger_entry sum;
    entry_begin(&sum, entry->stream, subject->posted, BOOK_POSTINGS);
    sum.count = subject->count;
    for (uint32_t i = 0; i < entry->count; i++) {
        const struct posting *posting = &entry->postings[i];
        assert_err(
            entry_post(&sum, posting->account, posting->key, posting->currency, posting->minor),
            ERR_OK);
    }
    assert_err(entry_finish(&sum), ERR_OK);
    subject->count = sum.count;
}

void book_post(struct book *book,
    const char *what,
    struct own_id id,
    struct currency currency,
    struct ledger_entry *target)
{
    struct subject *subject = subject_of(book, what, id, currency);
    assert_err(entry_subtract(target, subject->posted, subject->count), ERR_OK);
    assert_err(entry_finish(target), ERR_OK);
    for (uint32_t i = 0; i < target->count; i++) {
        tell(book, &target->postings[i]);
        add_balance(book, &target->postings[i]);
    }
    add_posted(subject, target);
}

/* ---- proofs --------------------------------------------------------------------------------- */

void assert_books_balance(const struct book *book)
{
    for (uint32_t i = 0; i < book->place_count; i++) {
        int64_t sum = 0;
        for (uint32_t j = 0; j < book->place_count; j++) {
            if (currency_eq(book->balances[i].currency, book->balances[j].currency)) {
                sum += book->balances[j].minor;
            }
        }
        assert_int64_equal(sum, 0);
    }
}

void assert_books_are_cleared(const struct book *book)
{
    for (uint32_t i = 0; i < book->place_count; i++) {
        const struct posting *posting = &book->balances[i];
        if (account_row(posting->account)->owner == STREAM_MEETING && posting->minor != 0) {
            char text[POSTING_TEXT_BYTES];
            posting_format(posting, text);
            fail_msg("not cleared: %s", text);
        }
    }
}

static void assert_has_all_of(const struct book *book, const struct book *other)
{
    for (uint32_t i = 0; i < other->place_count; i++) {
        const struct posting *posting = &other->balances[i];
        int64_t minor = book_balance(book, posting->account, posting->key, posting->currency);
        if (minor != posting->minor) {
            char text[POSTING_TEXT_BYTES];
            posting_format(posting, text);
            fail_msg("the other book has %" PRId64 " at %s", minor, text);
        }
    }
}

void assert_books_equal(const struct book *book, const struct book *other)
{
    assert_has_all_of(book, other);
    assert_has_all_of(other, book);
}

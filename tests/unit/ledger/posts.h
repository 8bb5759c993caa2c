/* posts: entries as text, one posting a line: "assets:clearing:payment{att} 100.00 EUR\n".
 *
 * Ids are their own names: (struct own_id){"att"} is shown as "att".
 *
 * Layer: tests. Needs ledger.
 */
#pragma once

#include "ledger/entry.h"
#include "unit/testing.h"

#define POSTING_TEXT_BYTES 192
#define POSTS_ROOM 64

static inline void posting_format(const struct posting *posting, char to[static POSTING_TEXT_BYTES])
{
    char money[MONEY_TEXT_BYTES];
    char key[20] = "";
    money_format(posting->minor, posting->currency, money);
    if (!own_id_is_none(posting->key)) {
        (void)snprintf(key, sizeof key, "{%.16s}", (const char *)posting->key.bytes);
    }
    (void)snprintf(
        to, POSTING_TEXT_BYTES, "%s%s %s\n", account_row(posting->account)->name, key, money);
}

/* A begun entry in memory of its own, good until the next. */
static inline struct ledger_entry begun(enum stream stream)
{
    static struct posting room[POSTS_ROOM];
    struct ledger_entry entry;
    entry_begin(&entry, stream, room, POSTS_ROOM);
    return entry;
}

#define assert_posts(entry, text) test_assert_posts_((entry), (text), __FILE__, __LINE__)

/* Finishes the entry. */
static inline void test_assert_posts_(
    struct ledger_entry *entry, const char *text, const char *file, int line)
{
    char posted[POSTS_ROOM * POSTING_TEXT_BYTES] = "";
    size_t len = 0;
    enum err err = entry_finish(entry);
    for (uint32_t i = 0; err == ERR_OK && i < entry->count; i++) {
        posting_format(&entry->postings[i], posted + len);
        len += strlen(posted + len);
    }
    if (err != ERR_OK || strcmp(posted, text) != 0) {
        print_error("%s:%d: %s\nis\n%sexpected\n%s", file, line, err_name(err), posted, text);
        _fail(file, line);
    }
}

#include "base/check.h"
#include "cli/explain_story.h"
#include <inttypes.h>
#include <stdio.h>

/* The greatest that is smaller; of none: none. */
static struct own_id id_before(struct own_id id)
{
    for (int i = (int)sizeof id.bytes - 1; i >= 0; i--) {
        if (id.bytes[i]-- != 0) {
            return id;
        }
    }
    return (struct own_id){{0}};
}

enum err story_key_balance(struct story *story,
    int64_t scope,
    enum ledger_account account,
    struct own_id key,
    struct currency currency,
    int64_t *ret_minor)
{
    const struct ledger_balance before = {.currency = currency, .key = id_before(key)};
    struct ledger_balance *rows = NULL;
    uint32_t count = 0;
    REQUIRE(!own_id_is_none(key));
    TRY(ledger_keys(
        story->store, scope, account, &before, 1, story->arena, &rows, &count, story->reterr));
    bool is_there =
        count == 1 && own_id_eq(rows[0].key, key) && currency_eq(rows[0].currency, currency);
    *ret_minor = is_there ? rows[0].minor : 0;
    return ERR_OK;
}

static enum err note_open(struct story *story,
    int64_t scope,
    enum ledger_account account,
    struct own_id key,
    struct currency currency,
    const struct lines_told *lines)
{
    int64_t minor = 0;
    TRY(story_key_balance(story, scope, account, key, currency, &minor));
    if (minor == 0 || story->open_count == STORY_OPEN_MAX) {
        return ERR_OK;
    }
    struct told *fact = &story->open[story->open_count++];
    *fact = (struct told){.sentence = lines->any ? SAY_BOOKS_NO_EVENT : SAY_BOOKS_NO_LINE,
        .word = str_from(account_row(account)->name),
        .amount = {minor, currency}};
    return story_name(story, (enum id_kind)account_row(account)->key, key, &fact->object);
}

enum err story_clearing(struct story *story,
    int64_t scope,
    enum ledger_account account,
    struct own_id key,
    struct currency currency,
    const struct lines_told *lines)
{
    TRY(note_open(story, scope, account, key, currency, lines));
    for (uint32_t i = 0; i < lines->currency_count; i++) {
        if (!currency_eq(lines->currencies[i], currency)) {
            TRY(note_open(story, scope, account, key, lines->currencies[i], lines));
        }
    }
    return ERR_OK;
}

void story_say_open(struct story *story)
{
    if (story->open_count == 0) {
        (void)story_say(story, SAY_BOOKS_CLEAR);
    }
    for (uint32_t i = 0; i < story->open_count; i++) {
        *story_say(story, story->open[i].sentence) = story->open[i];
    }
    story->open_count = 0;
}

/* --- postings --- */

static enum err say_posting(struct story *story, const struct posting *posting)
{
    int kind = account_row(posting->account)->key;
    bool has_key = kind != KEY_NONE && !own_id_is_none(posting->key);
    struct told *fact = story_say(story, has_key ? SAY_BOOKS_POSTED_FOR : SAY_BOOKS_POSTED);
    fact->word = str_from(account_row(posting->account)->name);
    fact->amount = (struct told_money){posting->minor, posting->currency};
    if (has_key && kind == KEY_LINE) {
        fact->other = (struct told_id){.kind = SUBJECT_LINE, .id = posting->key};
        return ERR_OK;
    }
    return has_key ? story_name(story, (enum id_kind)kind, posting->key, &fact->other) : ERR_OK;
}

enum err story_posted(struct story *story, struct own_id subject)
{
    struct posted posted = {.subject = subject};
    TRY(journal_posted(story->store, &posted, 1, story->arena, story->reterr));
    for (uint32_t i = 0; i < posted.count; i++) {
        TRY(say_posting(story, &posted.postings[i]));
    }
    return ERR_OK;
}

/* --- an entry's own story --- */

static enum err say_subject(struct story *story, const struct journal_entry *entry)
{
    struct str *names = NULL;
    struct told *fact = story_say(story, SAY_ENTRY_FOR);
    TRY(journal_names(story->store, entry, 1, story->arena, &names, story->reterr));
    fact->word = str_from(subject_kind_word(entry->subject_kind));
    fact->object = (struct told_id){entry->subject_kind, entry->subject, names[0]};
    return ERR_OK;
}

enum err explain_entry(struct story *story, int64_t scope, int64_t number)
{
    struct journal_entry *entries = NULL;
    char name[2 * 24];
    uint32_t count = 0;
    REQUIRE(number > 0);
    TRY(journal_read(
        story->store, scope, number - 1, 1, story->arena, &entries, &count, story->reterr));
    if (count == 0 || entries[0].number != number) {
        return err_set(story->reterr, ERR_NOT_FOUND,
            "scope %" PRId64 " has no entry %" PRId64 ": `counterfoil ledger journal` lists them",
            scope, number);
    }
    (void)snprintf(name, sizeof name, "%" PRId64 ".%" PRId64, scope, number);
    struct told *fact = story_say(story, SAY_ENTRY_IS);
    fact->word = arena_copy(story->arena, str_from(name));
    fact->at_us = entries[0].effective_us;
    fact->until_us = entries[0].recorded_us;
    fact->words = str_from(stream_word(entries[0].stream));
    TRY(say_subject(story, &entries[0]));
    if (entries[0].cause_seq > 0) {
        story_say(story, SAY_ENTRY_CAUSE)->count = entries[0].cause_seq;
    }
    for (uint32_t i = 0; i < entries[0].posting_count; i++) {
        TRY(say_posting(story, &entries[0].postings[i]));
    }
    return ERR_OK;
}

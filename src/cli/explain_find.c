#include "base/check.h"
#include "cli/discrepancies.h"
#include "cli/explain_inside.h"
#include "cli/nearest.h"
#include "cli/scope_word.h"
#include "cli/show_payout.h"

#define LINE_PREFIX "cf_lin_"
#define ENTRY_PREFIX "entry:"

enum err explain_begin(struct explaining *explaining, struct store *store, struct err_info *reterr)
{
    struct story *story = &explaining->story;
    arena_reset(story->arena);
    story->store = store;
    story->reterr = reterr;
    story->facts = arena_new_array(story->arena, struct told, STORY_FACTS_MAX + 1);
    story->open = arena_new_array(story->arena, struct told, STORY_OPEN_MAX);
    story->count = story->open_count = 0;
    story->full = false;
    explaining->payout = NULL;
    return story->facts == NULL || story->open == NULL ? err_set(reterr, ERR_BUSY, "out of memory")
                                                       : ERR_OK;
}

/* --- entries and lines --- */

static enum err tell_entry(struct explaining *explaining)
{
    struct story *story = &explaining->story;
    struct str number = explaining->word.id;
    int64_t scope = 0;
    int64_t entry = 0;
    number.data += strlen(ENTRY_PREFIX);
    number.len -= strlen(ENTRY_PREFIX);
    struct str first = str_cut(&number, '.');
    bool has_scope = number.len > 0;
    if (str_to_int64(has_scope ? number : first, &entry) != ERR_OK || entry <= 0 ||
        (has_scope && str_to_int64(first, &scope) != ERR_OK)) {
        return err_set(story->reterr, ERR_USAGE,
            "an entry is asked for by its number: entry:17, or entry:1.17");
    }
    if (!has_scope && explaining->word.scope_word.len > 0) {
        TRY(scope_find(story->store, story->config, explaining->word.scope_word, story->arena,
            &scope, story->reterr));
    } else if (!has_scope) {
        TRY(scope_only(story->store, story->arena, &scope, story->reterr));
    }
    return explain_entry(story, scope, entry);
}

static bool parse_line_id(struct str word, struct own_id *ret)
{
    struct str hex = word;
    if (!str_starts_with(word, STR(LINE_PREFIX))) {
        return false;
    }
    hex.data += strlen(LINE_PREFIX);
    hex.len -= strlen(LINE_PREFIX);
    return hex_decode(ret->bytes, sizeof ret->bytes, hex);
}

/* A line by either id; ERR_NOT_FOUND: it is none. */
static enum err tell_line(struct explaining *explaining)
{
    struct story *story = &explaining->story;
    struct kept_line kept = {.scope = 0};
    struct own_id id;
    int64_t scope = 0;
    if (parse_line_id(explaining->word.id, &id)) {
        TRY(statement_line_by_id(story->store, id, story->arena, &kept, story->reterr));
    } else {
        if (explaining->word.scope_word.len > 0) {
            TRY(scope_find(story->store, story->config, explaining->word.scope_word, story->arena,
                &scope, story->reterr));
        }
        enum err err = statement_line_by_name(
            story->store, scope, explaining->word.id, story->arena, &kept, story->reterr);
        if (err == ERR_CONFLICT) {
            return err_set(
                story->reterr, err, "it is known in several scopes: say which by --scope");
        }
        TRY(err);
    }
    if (kept.scope == 0) {
        return ERR_NOT_FOUND;
    }
    TRY(explain_line(story, &kept));
    return story_discrepancies(story, SUBJECT_LINE, kept.line.id);
}

/* --- objects --- */

static enum err tell_record(struct explaining *explaining, enum id_kind kind, const void *record)
{
    static const struct {
        enum id_kind kind;
        enum err (*tell)(struct story *story, const void *record);
    } rows[] = {
        {ID_PAYMENT, explain_payment},
        {ID_ATTEMPT, explain_attempt},
        {ID_REFUND, explain_refund},
        {ID_DISPUTE, explain_dispute},
        {ID_INVOICE, explain_invoice},
        {ID_PAYOUT, explain_payout},
        {ID_TRANSFER, explain_transfer},
        {ID_TOPUP, explain_topup},
    };
    explaining->payout = kind == ID_PAYOUT ? record : NULL;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if (rows[i].kind == kind) {
            return rows[i].tell(&explaining->story, record);
        }
    }
    return explain_object(&explaining->story, kind, record);
}

static enum err tell_payout_of_statement(struct explaining *explaining, struct own_id id)
{
    struct story *story = &explaining->story;
    struct payout *payout = NULL;
    enum err err = payout_of_statement(story->store, id, story->arena, &payout, story->reterr);
    if (err == ERR_NOT_FOUND) {
        return story_lines(story, id, true, NULL);
    }
    TRY(err);
    explaining->payout = payout;
    return explain_payout(story, payout);
}

/* What is named by lines or by other objects, and was never seen itself. */
static enum err tell_named(struct explaining *explaining)
{
    struct story *story = &explaining->story;
    enum id_kind kind = ID_KIND_COUNT;
    struct own_id id;
    int64_t scope = 0;
    enum err err = ERR_NOT_FOUND;
    struct told_id name;
    if (own_id_parse(explaining->word.id, &kind, &id) == ERR_OK) {
        TRY(story_name(story, kind, id, &name));
        err = name.name.len > 0 ? ERR_OK : ERR_NOT_FOUND;
    }
    for (int i = 0; i < ID_KIND_COUNT && kind == ID_KIND_COUNT; i++) {
        err = ref_find(
            story->store, 0, (enum id_kind)i, explaining->word.id, &id, &scope, story->reterr);
        kind = err == ERR_NOT_FOUND ? ID_KIND_COUNT : (enum id_kind)i;
    }
    TRY(err);
    struct told *fact = story_say(story, SAY_OBJECT_NAMED);
    fact->word = str_from(id_kind_word(kind));
    TRY(story_name(story, kind, id, &fact->object));
    TRY(kind == ID_PAYOUT ? tell_payout_of_statement(explaining, id)
                          : story_lines(story, id, true, NULL));
    return story_discrepancies(story, (int)kind, id);
}

/* --- nothing --- */

/* "cf_pay_" of the kind; the word of an id that is mistyped begins nearly so. */
static enum err refuse_unknown(struct explaining *explaining)
{
    static const struct own_id some = {{1}};
    char prefixes[ID_KIND_COUNT][OWN_ID_TEXT_BYTES];
    const char *candidates[ID_KIND_COUNT];
    struct str word = explaining->word.id;
    struct str rest = word;
    (void)str_cut(&rest, '_');
    (void)str_cut(&rest, '_');
    struct str prefix = {word.data, word.len - rest.len};
    const char *near = NULL;
    for (int i = 0; i < ID_KIND_COUNT; i++) {
        own_id_format((enum id_kind)i, some, prefixes[i]);
        prefixes[i][strlen(prefixes[i]) - 2 * sizeof some.bytes] = '\0';
        candidates[i] = prefixes[i];
    }
    if (str_starts_with(word, STR("cf_"))) {
        near = nearest(prefix, candidates, ID_KIND_COUNT);
    }
    return err_set(explaining->story.reterr, ERR_NOT_FOUND,
        "nothing with the id " STR_FMT
        " is known, looked for among objects, lines of the statement "
        "and entries (entry:17)%s%s%s",
        STR_ARG(word), near == NULL ? "" : "; did you mean one of ", near == NULL ? "" : near,
        near == NULL ? "" : "...?");
}

static enum err tell_any(struct explaining *explaining)
{
    struct story *story = &explaining->story;
    struct object_found found;
    if (str_starts_with(explaining->word.id, STR(ENTRY_PREFIX))) {
        return tell_entry(explaining);
    }
    enum err err = str_starts_with(explaining->word.id, STR(LINE_PREFIX))
                       ? ERR_NOT_FOUND
                       : object_word_find(story->store, story->config, &explaining->word,
                             story->arena, &found, story->reterr);
    if (err != ERR_NOT_FOUND) {
        TRY(err);
        TRY(tell_record(explaining, found.kind, found.record));
        return story_discrepancies(story, (int)found.kind, found.id);
    }
    err = tell_line(explaining);
    if (err == ERR_NOT_FOUND) {
        err = tell_named(explaining);
    }
    return err == ERR_NOT_FOUND ? refuse_unknown(explaining) : err;
}

/* And behind it what it is about, as if that had been asked for; nothing may be known of that. */
static enum err tell_discrepancy(struct explaining *explaining)
{
    struct story *story = &explaining->story;
    struct finding found;
    struct own_id id;
    char subject[OWN_ID_TEXT_BYTES];
    if (finding_id_parse(explaining->asked, &id) != ERR_OK) {
        return err_set(story->reterr, ERR_USAGE,
            "a discrepancy's id is cf_dcp_ and 32 hexadecimal digits: `discrepancies list` has "
            "them");
    }
    TRY(explain_discrepancy(story, id, &found));
    if (found.subject_kind == KEY_NONE || own_id_is_none(found.subject)) {
        return ERR_OK;
    }
    subject_format(found.subject_kind == KEY_LINE ? (int)SUBJECT_LINE : found.subject_kind,
        found.subject, subject);
    explaining->word.id = arena_copy(story->arena, str_from(subject));
    enum err err = explaining->word.id.data == NULL ? ERR_TOO_LARGE : tell_any(explaining);
    return err == ERR_NOT_FOUND ? ERR_OK : err;
}

enum err explain_id(struct store *store, void *context, struct err_info *reterr)
{
    struct explaining *explaining = context;
    TRY(explain_begin(explaining, store, reterr));
    explaining->word.id = explaining->asked;
    return str_starts_with(explaining->asked, STR(DISCREPANCY_PREFIX))
               ? tell_discrepancy(explaining)
               : tell_any(explaining);
}

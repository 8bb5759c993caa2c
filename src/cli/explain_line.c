#include "base/check.h"
#include "cli/explain_story.h"

static const char *kind_help(enum line_kind kind)
{
    static const char *const help[] = {
#define LINE(KIND, word, counter, key, bucket, fees, alert, help) help,
#include "ledger/lines.def"
#undef LINE
    };
    REQUIRE(kind < LINE_KIND_COUNT);
    return help[kind];
}

static struct told_money money_of(const struct kept_line *kept, int64_t minor)
{
    return (struct told_money){minor, kept->line.currency};
}

/* --- in which payout --- */

static enum sentence payout_sentence(int state)
{
    switch ((enum payout_state)state) {
    case PAYOUT_PAID:
        return SAY_LINE_PAID_OUT;
    case PAYOUT_FAILED:
    case PAYOUT_CANCELED:
        return SAY_LINE_CAME_BACK;
    case PAYOUT_PENDING:
    case PAYOUT_IN_TRANSIT:
    case PAYOUT_UNKNOWN:
        return SAY_LINE_ON_ITS_WAY;
    case PAYOUT_STATE_COUNT:
    default:
        UNREACHABLE();
    }
}

static enum err say_payout(struct story *story, const struct kept_line *kept)
{
    const void *record = NULL;
    struct str help;
    if (kept->line.kind == LINE_PAYOUT) {
        return ERR_OK;
    }
    if (own_id_is_none(kept->payout)) {
        (void)story_say(story, SAY_LINE_IN_NO_PAYOUT);
        return ERR_OK;
    }
    TRY(story_load(story, ID_PAYOUT, kept->payout, &record));
    const struct payout *payout = record;
    struct told *fact =
        story_say(story, payout == NULL ? SAY_LINE_IN_PAYOUT : payout_sentence(payout->state));
    if (payout != NULL) {
        fact->amount = (struct told_money){payout->amount_minor, payout->currency};
        fact->day_us = payout->arrival_at;
        story_state(ID_PAYOUT, payout->state, &fact->word, &help);
    }
    return story_name(story, ID_PAYOUT, kept->payout, &fact->other);
}

/* --- one line --- */

static void say_fees(struct story *story, const struct kept_line *kept)
{
    for (uint32_t i = 0; i < kept->line.fee_count; i++) {
        const struct line_fee *fee = &kept->line.fees[i];
        if (fee->minor != 0) {
            struct told *fact = story_say(story, SAY_LINE_FEE);
            fact->fee = money_of(kept, fee->minor);
            fact->word = str_from(fee_kind_word(fee->kind));
        }
    }
}

enum err story_line(struct story *story, const struct kept_line *kept)
{
    const struct statement_line *line = &kept->line;
    bool took = line->net_minor < 0;
    bool has_fee = line->fee_minor != 0;
    struct told *fact = story_say(story, took      ? has_fee ? SAY_LINE_TOOK_MORE : SAY_LINE_TOOK
                                         : has_fee ? SAY_LINE_BROUGHT_LESS
                                                   : SAY_LINE_BROUGHT);
    fact->at_us = line->created_us;
    fact->object = (struct told_id){SUBJECT_LINE, line->id, kept->provider_id};
    fact->word = str_from(line_kind_word(line->kind));
    fact->amount = money_of(kept, line->amount_minor);
    fact->fee = money_of(kept, line->fee_minor);
    fact->net = money_of(kept, line->net_minor);
    if (line->customer_currency.code[0] != '\0') {
        story_say(story, SAY_LINE_CUSTOMER)->amount =
            (struct told_money){line->customer_minor, line->customer_currency};
    }
    say_fees(story, kept);
    if (line->available_us != 0 && line->available_us != line->created_us) {
        story_say(story, SAY_LINE_AVAILABLE)->day_us = line->available_us;
    }
    return say_payout(story, kept);
}

static void see_currency(struct lines_told *seen, struct currency currency)
{
    if (currency.code[0] == '\0') {
        return;
    }
    for (uint32_t i = 0; i < seen->currency_count; i++) {
        if (currency_eq(seen->currencies[i], currency)) {
            return;
        }
    }
    if (seen->currency_count < STORY_CURRENCIES_MAX) {
        seen->currencies[seen->currency_count++] = currency;
    }
}

enum err story_lines(
    struct story *story, struct own_id source, bool say_none, struct lines_told *ret)
{
    const struct own_id from_the_first = {{0}};
    struct kept_lines lines = {NULL, 0};
    struct lines_told told = {.any = false};
    TRY(statement_of_source(story->store, source, from_the_first, STORY_LINES_MAX + 1, story->arena,
        &lines, story->reterr));
    for (uint32_t i = 0; i < lines.count && i < STORY_LINES_MAX; i++) {
        TRY(story_line(story, &lines.items[i]));
        see_currency(&told, lines.items[i].line.currency);
        see_currency(&told, lines.items[i].line.customer_currency);
    }
    told.any = lines.count > 0;
    if (lines.count > STORY_LINES_MAX) {
        (void)story_say(story, SAY_LINE_MORE);
    }
    if (lines.count == 0 && say_none) {
        (void)story_say(story, SAY_LINE_NONE);
    }
    if (ret != NULL) {
        *ret = told;
    }
    return ERR_OK;
}

/* --- a line's own story --- */

static void say_flaws(struct story *story, unsigned flaws)
{
    static const struct {
        unsigned flaw;
        const char *words;
    } rows[] = {
        {FLAW_NET, "its net is not its amount less its fee"},
        {FLAW_FEES, "the fees that it names are not its fee"},
        {FLAW_ADJUSTMENT, "it is a correction that nobody has explained"},
        {FLAW_UNCLASSIFIED, "it is of a kind that this version does not know"},
        {FLAW_UNKEYED, "what it is about is not known"},
        {FLAW_RESTATED, "another source says otherwise of it; what was said first stands"},
        {FLAW_UNEXCHANGED, "it is in another currency than the payer's, and tells of no exchange"},
        {FLAW_UNPOSTED, "it is not posted: its amount is too large to be believed"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        if ((flaws & rows[i].flaw) != 0) {
            story_say(story, SAY_LINE_FLAW)->words = str_from(rows[i].words);
        }
    }
}

enum err explain_line(struct story *story, const struct kept_line *kept)
{
    struct told *fact = story_say(story, SAY_LINE_IS);
    fact->object = (struct told_id){SUBJECT_LINE, kept->line.id, kept->provider_id};
    fact->word = str_from(line_kind_word(kept->line.kind));
    fact->words = str_from(kind_help(kept->line.kind));
    TRY(story_line(story, kept));
    if (!own_id_is_none(kept->line.source)) {
        fact = story_say(story, SAY_LINE_ABOUT);
        fact->word = str_from(id_kind_word(kept->source_kind));
        TRY(story_name(story, kept->source_kind, kept->line.source, &fact->other));
    }
    say_flaws(story, kept->flaws);
    return story_posted(story, kept->line.id);
}

#include "base/check.h"
#include "base/timestamp.h"
#include "cli/explain_inside.h"
#include "cli/scope_word.h"

#define PAGE_LINES 500
#define PAGE_PAYOUTS 500

struct amount_search {
    struct explaining *explaining;
    struct currency currency;
    int64_t minor; /* without its sign */
    int64_t from_us, to_us;
    int64_t scope; /* 0: all */
    struct own_id after;
    uint32_t told; /* before this page, which may be read again when the store is busy */
    bool more;
    struct arena *page;
};

/* --- what was asked --- */

static enum err read_question(struct amount_search *search, struct err_info *reterr)
{
    const struct explaining *explaining = search->explaining;
    if (explaining->currency.len == 0 || explaining->day.len == 0) {
        return err_set(reterr, ERR_USAGE,
            "--amount wants --currency and --day: --amount 123.45 --currency eur --day 2026-11-22");
    }
    if (currency_parse(explaining->currency, &search->currency) != ERR_OK) {
        return err_set(reterr, ERR_USAGE, "--currency wants three letters, like eur");
    }
    if (money_parse(str_trim(explaining->amount), search->currency, &search->minor) != ERR_OK ||
        search->minor == INT64_MIN) {
        return err_set(reterr, ERR_USAGE,
            "--amount wants digits and at most %d behind a point, like 1234.5",
            currency_decimals(search->currency));
    }
    search->minor = search->minor < 0 ? -search->minor : search->minor;
    search->from_us = -1;
    if (options_time(explaining->context, "--day", explaining->day, &search->from_us) != ERR_OK) {
        return err_set(reterr, ERR_USAGE, "%s", ""); /* it was said */
    }
    search->from_us = search->from_us < 0 ? 0 : search->from_us - search->from_us % US_PER_DAY;
    search->to_us = search->from_us + US_PER_DAY;
    return ERR_OK;
}

static enum err find_scope(struct store *store, void *context, struct err_info *reterr)
{
    struct amount_search *search = context;
    struct str word = search->explaining->word.scope_word;
    const struct story *story = &search->explaining->story;
    return word.len == 0
               ? ERR_OK
               : scope_find(store, story->config, word, story->arena, &search->scope, reterr);
}

/* --- what moved --- */

static bool is_it(const struct amount_search *search, int64_t minor, struct currency currency)
{
    return (minor == search->minor || minor == -search->minor) &&
           currency_eq(currency, search->currency);
}

static void say_moved(struct amount_search *search)
{
    struct told *fact = story_say(&search->explaining->story, SAY_MOVED_ON);
    fact->amount = (struct told_money){search->minor, search->currency};
    fact->day_us = search->from_us;
}

/* The bank has it on that day, or it was made then. */
static bool is_payout(const struct amount_search *search, const struct payout *payout)
{
    bool arrives = payout->arrival_at >= search->from_us && payout->arrival_at < search->to_us;
    bool made = payout->made_at >= search->from_us && payout->made_at < search->to_us;
    return (arrives || made) && is_it(search, payout->amount_minor, payout->currency);
}

/* The line of a payout that was told by itself. */
static enum err is_told(
    struct amount_search *search, const struct statement_line *line, bool *ret_told)
{
    const void *payout = NULL;
    *ret_told = false;
    if (line->kind == LINE_PAYOUT) {
        TRY(story_load(&search->explaining->story, ID_PAYOUT, line->source, &payout));
        *ret_told = payout != NULL && is_payout(search, payout);
    }
    return ERR_OK;
}

/* Keeps what the facts borrow beyond the page. */
static enum err tell_line(struct amount_search *search, const struct kept_line *line)
{
    struct kept_line kept = *line;
    struct story *story = &search->explaining->story;
    kept.provider_id = arena_copy(story->arena, line->provider_id);
    if (kept.provider_id.data == NULL) {
        return err_set(story->reterr, ERR_TOO_LARGE, "too many lines moved that amount");
    }
    say_moved(search);
    TRY(story_line(story, &kept));
    if (own_id_is_none(kept.line.source)) {
        return ERR_OK;
    }
    struct told *fact = story_say(story, SAY_LINE_ABOUT);
    fact->word = str_from(id_kind_word(kept.source_kind));
    return story_name(story, kept.source_kind, kept.line.source, &fact->other);
}

static enum err read_lines(struct store *store, void *context, struct err_info *reterr)
{
    struct amount_search *search = context;
    struct story *story = &search->explaining->story;
    struct kept_lines lines = {NULL, 0};
    story->store = store;
    story->reterr = reterr;
    story->count = search->told;
    arena_reset(search->page);
    TRY(statement_between(store, search->scope, search->from_us, search->to_us, search->after,
        PAGE_LINES, search->page, &lines, reterr));
    for (uint32_t i = 0; i < lines.count && !story->full; i++) {
        const struct statement_line *line = &lines.items[i].line;
        if (is_it(search, line->amount_minor, line->currency) ||
            is_it(search, line->net_minor, line->currency) ||
            is_it(search, line->customer_minor, line->customer_currency)) {
            bool told = false;
            TRY(is_told(search, line, &told));
            TRY(told ? ERR_OK : tell_line(search, &lines.items[i]));
        }
    }
    search->more = lines.count == PAGE_LINES && !story->full;
    search->after = lines.count > 0 ? lines.items[lines.count - 1].line.id : search->after;
    return ERR_OK;
}

static enum err read_payouts(struct store *store, void *context, struct err_info *reterr)
{
    struct amount_search *search = context;
    struct story *story = &search->explaining->story;
    void **records = NULL;
    uint32_t count = 0;
    story->store = store;
    story->reterr = reterr;
    story->count = search->told;
    arena_reset(search->page);
    TRY(records_scan(store, record_kind_of(ID_PAYOUT), search->scope, search->after, PAGE_PAYOUTS,
        search->page, &records, &count, reterr));
    for (uint32_t i = 0; i < count && !story->full; i++) {
        const struct payout *payout = records[i];
        const void *mine = NULL;
        search->after = payout->head.id;
        if (is_payout(search, payout)) {
            say_moved(search);
            TRY(story_load(story, ID_PAYOUT, payout->head.id, &mine));
            TRY(explain_payout(story, mine));
            story_say_open(story);
        }
    }
    search->more = count == PAGE_PAYOUTS && !story->full;
    return ERR_OK;
}

static enum err walk(struct amount_search *search, command_work_fn *read, struct err_info *reterr)
{
    search->after = (struct own_id){{0}};
    do {
        search->told = search->explaining->story.count;
        TRY(command_transaction(search->explaining->store, STORE_READ, read, search, reterr));
    } while (search->more && !command_is_stopped());
    return ERR_OK;
}

enum err explain_amount(struct explaining *explaining, struct err_info *reterr)
{
    CLEANUP(arena_free) struct arena *page = arena_new((size_t)32 * 1024 * 1024);
    struct amount_search search = {.explaining = explaining, .page = page};
    char amount[MONEY_TEXT_BYTES];
    if (page == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(read_question(&search, reterr));
    TRY(explain_begin(explaining, explaining->store, reterr));
    TRY(command_transaction(explaining->store, STORE_READ, find_scope, &search, reterr));
    TRY(walk(&search, read_payouts, reterr));
    TRY(walk(&search, read_lines, reterr));
    if (explaining->story.count > 0) {
        return ERR_OK;
    }
    money_format(search.minor, search.currency, amount);
    return err_set(reterr, ERR_NOT_FOUND,
        "nothing is known that moved exactly %s on that day (UTC): no payout made or arriving, no "
        "line of the statement by its amount, its net or what the customer saw",
        amount);
}

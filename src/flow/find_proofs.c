#include "base/timestamp.h"
#include "store/pull.h"
#include "flow/reconcile_inside.h"
#include <inttypes.h>

/* --- what the provider holds --- */

enum err find_in_balances(struct reconcile *run, struct err_info *reterr)
{
    struct report_balance *balances = NULL;
    uint32_t count = 0;
    if (!run->balance_held) {
        run->looked.whole &= ~(1U << CODE_BALANCE_DRIFT); /* nothing to compare with */
        return ERR_OK;
    }
    TRY(reconcile_compare_balances(run, run->pages, &balances, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        struct finding finding = {.code = CODE_BALANCE_DRIFT,
            .subject_kind = KEY_NONE,
            .currency = balances[i].currency,
            .ours_minor = balances[i].books_minor,
            .theirs_minor = balances[i].said_minor,
            .since_us = run->setup.as_of_us,
            .text = STR("ours is the sum of the books' provider accounts, theirs all of its "
                        "balance; lines older than the books? `reconcile --start`")};
        if (finding.ours_minor != finding.theirs_minor) {
            TRY(finding_add(run, &finding));
        }
    }
    return ERR_OK;
}

/* --- its own totals --- */

/* The parts of a summary, the one first that the others follow from. */
struct part {
    const char *word;
    int64_t ours_minor, theirs_minor;
};

/* One for each currency: a wrong activity makes a wrong closing. */
static enum err compare(struct reconcile *run, const struct report_currency *row)
{
    const struct part parts[] = {
        {"opening", row->opening_minor, row->said_opening_minor},
        {"activity", row->activity_minor, row->said_activity_minor},
        {"payouts", row->payouts_minor, row->said_payouts_minor},
        {"closing", row->closing_minor, row->said_closing_minor},
    };
    struct finding finding = {.code = CODE_ROLLFORWARD_BREAK,
        .subject_kind = KEY_NONE,
        .currency = row->currency,
        .period_us = run->setup.from_us,
        .period_to_us = run->setup.to_us,
        .since_us = run->setup.to_us};
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        if (parts[i].ours_minor == parts[i].theirs_minor) {
            continue;
        }
        if (finding.text.len == 0) {
            finding.ours_minor = parts[i].ours_minor;
            finding.theirs_minor = parts[i].theirs_minor;
        }
        finding.text = finding_text(run->pages, STR_FMT "%s%s", STR_ARG(finding.text),
            finding.text.len == 0 ? "ours from the lines, theirs from its summary; what differs: "
                                  : ", ",
            parts[i].word);
    }
    return finding.text.len == 0 ? ERR_OK : finding_add(run, &finding);
}

enum err find_in_totals(struct reconcile *run, struct err_info *reterr)
{
    bool is_known = false;
    run->looked.reach[CODE_ROLLFORWARD_BREAK] = (struct settle_reach){
        .from_us = run->setup.from_us, .to_us = run->setup.to_us, .just_these = true};
    TRY(reconcile_roll_forward(run, reterr));
    for (uint32_t i = 0; i < run->currency_count; i++) {
        const struct report_currency *row = &run->currencies[i];
        if (row->totals_known) {
            is_known = true;
            TRY(compare(run, row));
        }
    }
    if (!is_known) {
        run->looked.whole &= ~(1U << CODE_ROLLFORWARD_BREAK);
    }
    return ERR_OK;
}

/* --- lines that one source told and another should have --- */

/* Reports have the line of a payout on the day when it left. */
static bool is_in_reports(const struct reconcile *run, const struct kept_line *kept)
{
    int64_t at_us = kept->effective_us != 0 ? kept->effective_us : kept->line.created_us;
    return at_us >= run->setup.from_us && at_us < run->setup.to_us &&
           !is_before_books(run, kept->line.created_us);
}

enum err find_told_by_one(struct reconcile *run, struct err_info *reterr)
{
    struct kept_lines page = {NULL, FINDING_PAGE};
    struct own_id after = {{0}};
    bool both = false;
    run->looked.reach[CODE_MISSING_LOCAL_LINE] =
        (struct settle_reach){.from_us = run->setup.from_us, .to_us = run->setup.to_us};
    TRY(reconcile_covered_by_both(run, &both, reterr));
    if (!both) {
        run->looked.whole &= ~(1U << CODE_MISSING_LOCAL_LINE);
        return ERR_OK;
    }
    while (page.count == FINDING_PAGE) {
        arena_reset(run->pages);
        TRY(statement_told_by_one(run->setup.store, run->run.scope, run->setup.from_us,
            run->setup.to_us, after, FINDING_PAGE, run->pages, &page, reterr));
        for (uint32_t i = 0; i < page.count; i++) {
            const struct kept_line *kept = &page.items[i];
            bool by_api = (kept->told & (1U << SOURCE_API)) != 0;
            struct finding finding = {.code = CODE_MISSING_LOCAL_LINE,
                .subject_kind = KEY_LINE,
                .subject = kept->line.id,
                .name = kept->provider_id,
                .currency = kept->line.currency,
                .ours_minor = by_api ? kept->line.net_minor : 0,
                .theirs_minor = by_api ? 0 : kept->line.net_minor,
                .since_us = kept->line.created_us,
                .text = by_api ? STR("listed by the API, and not in the report of its day")
                               : STR("in the report, and not listed by the API")};
            after = kept->line.id;
            if (is_in_reports(run, kept)) {
                TRY(finding_add(run, &finding));
            }
        }
        run->progress.looked_at += page.count;
    }
    return ERR_OK;
}

/* --- lines that could not be read --- */

/* Nothing of them is in the books, and the balance may be proven at another moment. */
enum err find_unread(struct reconcile *run, struct err_info *reterr)
{
    struct pull_unread unread;
    TRY(pull_unread(run->setup.store, run->run.scope, PULL_LINES, &unread, reterr));
    if (unread.most == 0) {
        return ERR_OK;
    }
    const struct finding finding = {.code = CODE_UNCLASSIFIED_MOVEMENT,
        .subject_kind = KEY_NONE,
        .name = STR(""),
        .since_us = unread.from_us,
        .text = finding_text(run->pages,
            "%" PRId64 " of the lines that the API listed cannot be read, and are not in the "
            "books: `import --api --dry-run` of these days names them",
            unread.most)};
    return finding_add(run, &finding);
}

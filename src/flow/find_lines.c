#include "flow/reconcile_inside.h"
#include <stdlib.h>

/* --- flaws --- */

static struct finding about(const struct kept_line *kept, enum discrepancy_code code)
{
    return (struct finding){.code = code,
        .subject_kind = KEY_LINE,
        .subject = kept->line.id,
        .name = kept->provider_id,
        .currency = kept->line.currency,
        .since_us = kept->line.created_us};
}

static enum err wrong_net(struct reconcile *run, const struct kept_line *kept)
{
    struct finding finding = about(kept, CODE_NET_ARITHMETIC);
    TRY(minor_subtract(kept->line.amount_minor, kept->line.fee_minor, &finding.ours_minor));
    finding.theirs_minor = kept->line.net_minor;
    finding.text = STR("ours is the line's amount less its fee, theirs its net");
    return finding_add(run, &finding);
}

static enum err wrong_fees(struct reconcile *run, const struct kept_line *kept)
{
    struct finding finding = about(kept, CODE_FEE_DETAIL_SUM);
    finding.ours_minor = kept->line.fee_minor;
    for (uint32_t i = 0; i < kept->line.fee_count; i++) {
        finding.theirs_minor = minor_add_cut(finding.theirs_minor, kept->line.fees[i].minor);
    }
    finding.text = STR("ours is the line's fee, theirs the sum of the fees that it names");
    return finding_add(run, &finding);
}

static enum err moved(
    struct reconcile *run, const struct kept_line *kept, enum discrepancy_code code)
{
    struct finding finding = about(kept, code);
    finding.theirs_minor = kept->line.amount_minor;
    finding.text = finding_text(run->pages, "type " STR_FMT ", category " STR_FMT "%s" STR_FMT "%s",
        STR_ARG(kept->type), STR_ARG(kept->category), kept->text.len > 0 ? ": " : "",
        STR_ARG(kept->text),
        kept->flaws & FLAW_UNPOSTED ? "; it is not posted: its amount is too large to be believed"
                                    : "");
    return finding_add(run, &finding);
}

/* It is about the object: that is what somebody must compare the line with. */
static enum err unexchanged(
    struct reconcile *run, const struct kept_line *kept, struct err_info *reterr)
{
    struct finding finding = about(kept, CODE_CURRENCY_MISMATCH);
    char payer[MONEY_TEXT_BYTES];
    money_format(kept->line.customer_minor, kept->line.customer_currency, payer);
    finding.theirs_minor = kept->line.amount_minor;
    finding.text =
        finding_text(run->pages, "the payer saw %s, and the line " STR_FMT " tells of no exchange",
            payer, STR_ARG(kept->provider_id));
    if (!own_id_is_none(kept->line.source)) {
        finding.subject_kind = (int)kept->source_kind;
        finding.subject = kept->line.source;
        TRY(proof_names(run->setup.store, &finding.subject, 1, run->pages, &finding.name, reterr));
    }
    return finding_add(run, &finding);
}

/* All that is said otherwise, in one; the figures are those of the first that is an amount. */
static enum err restated(
    struct reconcile *run, const struct kept_line *kept, struct err_info *reterr)
{
    struct finding finding = about(kept, CODE_REPORT_RESTATED);
    struct restatement *rows = NULL;
    uint32_t count = 0;
    bool has_amount = false;
    TRY(proof_restated(run->setup.store, kept->line.id, run->pages, &rows, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        int64_t stands = 0;
        int64_t said = 0;
        if (!has_amount && str_to_int64(rows[i].stands, &stands) == ERR_OK &&
            str_to_int64(rows[i].said, &said) == ERR_OK) {
            has_amount = true;
            finding.ours_minor = stands;
            finding.theirs_minor = said;
        }
        finding.text = finding_text(run->pages,
            STR_FMT "%s%s was \"" STR_FMT "\", is said to be \"" STR_FMT "\"",
            STR_ARG(finding.text), i > 0 ? "; " : "", rows[i].field, STR_ARG(rows[i].stands),
            STR_ARG(rows[i].said));
    }
    return finding_add(run, &finding);
}

static enum err judge(struct reconcile *run, const struct kept_line *kept, struct err_info *reterr)
{
    if (is_before_books(run, kept->line.created_us)) {
        return ERR_OK;
    }
    if (kept->flaws & FLAW_NET) {
        TRY(wrong_net(run, kept));
    }
    if (kept->flaws & FLAW_FEES) {
        TRY(wrong_fees(run, kept));
    }
    if (kept->flaws & FLAW_ADJUSTMENT) {
        bool is_debt = kept->line.kind == LINE_CONNECT_COLLECTION;
        TRY(moved(run, kept, is_debt ? CODE_CONNECT_NEGATIVE : CODE_UNEXPECTED_ADJUSTMENT));
    }
    if (kept->flaws & (FLAW_UNCLASSIFIED | FLAW_UNPOSTED)) {
        TRY(moved(run, kept, CODE_UNCLASSIFIED_MOVEMENT));
    }
    if (kept->flaws & FLAW_UNKEYED) {
        TRY(moved(run, kept, CODE_ORPHAN));
    }
    if (kept->flaws & FLAW_UNEXCHANGED) {
        TRY(unexchanged(run, kept, reterr));
    }
    return kept->flaws & FLAW_RESTATED ? restated(run, kept, reterr) : ERR_OK;
}

enum err find_in_lines(struct reconcile *run, struct err_info *reterr)
{
    struct kept_lines page = {NULL, FINDING_PAGE};
    struct own_id after = {{0}};
    while (page.count == FINDING_PAGE) {
        arena_reset(run->pages);
        TRY(proof_flawed(
            run->setup.store, run->run.scope, after, FINDING_PAGE, run->pages, &page, reterr));
        for (uint32_t i = 0; i < page.count; i++) {
            TRY(judge(run, &page.items[i], reterr));
            after = page.items[i].line.id;
        }
        run->progress.looked_at += page.count;
    }
    return ERR_OK;
}

#include "base/check.h"
#include "flow/statement_inside.h"
#include "flow/workset_table.h"
#include <inttypes.h>
#include <stdio.h>

#define VALUE_BYTES 96

/* Only the provider's own answer has it: it goes before files, whichever came first. */
static bool is_answer(const struct kept_line *line)
{
    return (line->learned & SAID_TYPE) != 0;
}

struct kept_line statement_fresh(const struct said_line *said,
    const struct said_ids *ids,
    const struct statement_batch *batch,
    int64_t now_us)
{
    struct kept_line line = {
        .scope = batch->scope,
        .line = said->line,
        .provider_id = said->provider_id,
        .type = said->type,
        .category = said->category,
        .text = said->text,
        .source_kind = said->source_kind,
        .payout = ids->payout,
        .available = said->available,
        .learned = said->learned,
        .flaws = said->is_unexchanged ? FLAW_UNEXCHANGED : 0U,
        .told = 1U << batch->kind,
        .effective_us = said->effective_us,
        .entered_us = now_us,
        .first_source = batch->source,
    };
    line.line.source = ids->source;
    line.line.attempt = ids->attempt;
    line.line.id = line_id(batch->scope, said->provider_id, said->line.created_us);
    return line;
}

/* --- what is said otherwise --- */

struct merging {
    struct kept_line *now;
    const struct kept_line *said;
    struct restatements *to;
    bool restated;
};

static enum err restate(
    struct merging *merging, const char *field, struct str said, struct str stands)
{
    struct restatements *to = merging->to;
    if (!table_grow(to->arena, (void **)&to->rows, to->count, &to->room, sizeof *to->rows)) {
        return ERR_TOO_LARGE;
    }
    struct restatement *row = &to->rows[to->count++];
    *row = (struct restatement){
        .line = merging->now->line.id,
        .field = field,
        .said = arena_copy(to->arena, said),
        .stands = arena_copy(to->arena, stands),
        .scope = merging->now->scope,
        .source = merging->said->first_source,
        .told_us = merging->said->entered_us,
    };
    merging->restated = true;
    return row->said.data == NULL || row->stands.data == NULL ? ERR_TOO_LARGE : ERR_OK;
}

static enum err compare_number(
    struct merging *merging, const char *field, int64_t said, int64_t stands)
{
    char said_text[VALUE_BYTES];
    char stands_text[VALUE_BYTES];
    if (said == stands) {
        return ERR_OK;
    }
    (void)snprintf(said_text, sizeof said_text, "%" PRId64, said);
    (void)snprintf(stands_text, sizeof stands_text, "%" PRId64, stands);
    return restate(merging, field, str_from(said_text), str_from(stands_text));
}

/* Words that one of them lacks are learned, not compared. */
static enum err compare_word(
    struct merging *merging, const char *field, struct str said, struct str stands)
{
    bool same = said.len == 0 || stands.len == 0 || str_eq(said, stands);
    return same ? ERR_OK : restate(merging, field, said, stands);
}

static void format_source(const struct kept_line *line, char to[static OWN_ID_TEXT_BYTES])
{
    if (own_id_is_none(line->line.source)) {
        (void)snprintf(to, OWN_ID_TEXT_BYTES, "none");
    } else {
        own_id_format(line->source_kind, line->line.source, to);
    }
}

static enum err compare_source(struct merging *merging)
{
    char said[OWN_ID_TEXT_BYTES];
    char stands[OWN_ID_TEXT_BYTES];
    if ((merging->said->learned & merging->now->learned & SAID_SOURCE) == 0 ||
        own_id_eq(merging->said->line.source, merging->now->line.source)) {
        return ERR_OK;
    }
    format_source(merging->said, said);
    format_source(merging->now, stands);
    return restate(merging, "source", str_from(said), str_from(stands));
}

static enum err compare_fixed(struct merging *merging)
{
    const struct statement_line *said = &merging->said->line;
    const struct statement_line *stands = &merging->now->line;
    TRY(compare_number(merging, "amount", said->amount_minor, stands->amount_minor));
    TRY(compare_number(merging, "fee", said->fee_minor, stands->fee_minor));
    TRY(compare_number(merging, "net", said->net_minor, stands->net_minor));
    TRY(compare_word(
        merging, "currency", str_from(said->currency.code), str_from(stands->currency.code)));
    TRY(compare_word(merging, "category", merging->said->category, merging->now->category));
    TRY(compare_word(merging, "type", merging->said->type, merging->now->type));
    if ((merging->said->learned & merging->now->learned & SAID_CREATED) != 0) {
        TRY(compare_number(merging, "created", said->created_us, stands->created_us));
    }
    return compare_source(merging);
}

/* --- what is learned --- */

static bool learns(const struct merging *merging, unsigned field)
{
    return (merging->said->learned & field) != 0 && (merging->now->learned & field) == 0;
}

/* Of what may differ from source to source, the provider's answer is the better one. */
static bool learns_better(const struct merging *merging, unsigned field)
{
    return learns(merging, field) || ((merging->said->learned & field) != 0 &&
                                         is_answer(merging->said) && !is_answer(merging->now));
}

static void learn_what(struct kept_line *now, const struct merging *merging)
{
    const struct kept_line *said = merging->said;
    if (learns(merging, SAID_TYPE)) {
        now->type = said->type;
        now->line.kind = said->line.kind;
        now->line.bucket = said->line.bucket;
        now->text = said->text.len > 0 ? said->text : now->text;
    }
    now->category = now->category.len == 0 ? said->category : now->category;
    now->text = now->text.len == 0 ? said->text : now->text;
}

/* When the money is available is no fixed field: the newest answer of the provider stands. */
static void learn_times(struct kept_line *now, const struct merging *merging)
{
    const struct kept_line *said = merging->said;
    if (learns(merging, SAID_CREATED)) {
        now->line.created_us = said->line.created_us;
    }
    if (learns(merging, SAID_CREATED) || (is_answer(said) && (said->learned & SAID_CREATED) != 0)) {
        now->line.available_us = said->line.available_us;
    }
    if (said->effective_us != 0 && (now->effective_us == 0 || is_answer(said))) {
        now->effective_us = said->effective_us;
    }
}

static void learn_ids(struct kept_line *now, const struct merging *merging)
{
    const struct kept_line *said = merging->said;
    if (learns(merging, SAID_SOURCE)) {
        now->line.source = said->line.source;
        now->source_kind = said->source_kind;
    }
    if (learns_better(merging, SAID_ATTEMPT)) {
        now->line.attempt = said->line.attempt;
    }
    if (!own_id_is_none(said->payout)) {
        now->payout = said->payout;
    }
}

static void learn_money(struct kept_line *now, const struct merging *merging)
{
    const struct statement_line *said = &merging->said->line;
    if (learns(merging, SAID_FEES)) {
        now->line.fee_count = said->fee_count;
        memcpy(now->line.fees, said->fees, sizeof now->line.fees);
    }
    if (learns_better(merging, SAID_CUSTOMER)) {
        now->line.customer_minor = said->customer_minor;
        now->line.customer_currency = said->customer_currency;
    }
}

static bool same_ids(const struct kept_line *a, const struct kept_line *b)
{
    return own_id_eq(a->line.source, b->line.source) &&
           own_id_eq(a->line.attempt, b->line.attempt) && own_id_eq(a->payout, b->payout);
}

static bool same_money(const struct statement_line *a, const struct statement_line *b)
{
    bool same = a->fee_count == b->fee_count && a->customer_minor == b->customer_minor &&
                currency_eq(a->customer_currency, b->customer_currency);
    for (uint32_t i = 0; same && i < a->fee_count; i++) {
        same = a->fees[i].kind == b->fees[i].kind && a->fees[i].minor == b->fees[i].minor;
    }
    return same;
}

static bool same(const struct kept_line *a, const struct kept_line *b)
{
    return a->learned == b->learned && a->flaws == b->flaws && a->available == b->available &&
           a->effective_us == b->effective_us && a->line.kind == b->line.kind &&
           a->line.bucket == b->line.bucket && a->line.created_us == b->line.created_us &&
           a->line.available_us == b->line.available_us && str_eq(a->type, b->type) &&
           str_eq(a->category, b->category) && str_eq(a->text, b->text) && same_ids(a, b) &&
           same_money(&a->line, &b->line);
}

enum err statement_merge(
    struct taken_line *taken, const struct kept_line *said, struct restatements *to)
{
    REQUIRE(taken != NULL && said != NULL && to != NULL);
    struct kept_line now = taken->now;
    struct merging merging = {&taken->now, said, to, false};
    TRY(compare_fixed(&merging));
    learn_what(&now, &merging);
    learn_times(&now, &merging);
    learn_ids(&now, &merging);
    learn_money(&now, &merging);
    now.available = now.available || said->available;
    now.flaws |= merging.restated ? FLAW_RESTATED : 0U;
    now.flaws |= said->flaws & FLAW_UNEXCHANGED;
    now.learned |= said->learned;
    now.told |= said->told;
    taken->changed = taken->changed || !same(&now, &taken->now);
    taken->now = now;
    return ERR_OK;
}

#include "base/check.h"
#include "store/journal.h"
#include "store/pull.h"
#include "store/refs.h"
#include "cli/command.h"
#include "cli/show_payout.h"
#include "ledger/minor.h"

#define ROOM_BYTES ((size_t)16 * 1024 * 1024)

struct concluding {
    struct payout_content *content;
    struct arena *arena;
};

/* The line by which it left the balance, as long as there is one alone. */
static const struct kept_line *leaving_line(const struct payout_content *content)
{
    const struct kept_line *found = NULL;
    for (uint32_t i = 0; i < content->own_count; i++) {
        if (content->own[i].kept.line.kind == LINE_PAYOUT) {
            found = found == NULL ? &content->own[i].kept : found;
        }
    }
    return found;
}

/* What was there before the statement that is kept. */
static enum err read_opening(struct store *store,
    struct concluding *concluding,
    int64_t scope,
    int64_t *ret_minor,
    struct err_info *reterr)
{
    struct ledger_balance *rows = NULL;
    uint32_t count = 0;
    TRY(ledger_balances(store, scope, concluding->arena, &rows, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (rows[i].account == ACCOUNT_OPENING &&
            currency_eq(rows[i].currency, concluding->content->payout->currency)) {
            TRY(minor_subtract(0, rows[i].minor, ret_minor));
        }
    }
    return ERR_OK;
}

static enum err read_roll(
    struct store *store, struct concluding *concluding, struct err_info *reterr)
{
    struct payout_content *content = concluding->content;
    const struct kept_line *line = leaving_line(content);
    struct statement_sum sum;
    int64_t opening = 0;
    if (line == NULL) {
        return ERR_OK;
    }
    TRY(read_opening(store, concluding, line->scope, &opening, reterr));
    TRY(statement_sum_before(store, line->scope, line->line.currency, line->line.id, &sum, reterr));
    TRY(minor_add(opening, sum.net_minor, &content->before_minor));
    TRY(minor_add(content->before_minor, line->line.net_minor, &content->after_minor));
    content->has_roll = true;
    return ERR_OK;
}

/* The provider was asked for exactly its lines, to the end. */
static enum err is_taken_whole(
    struct store *store, struct concluding *concluding, bool *ret_whole, struct err_info *reterr)
{
    const struct payout *payout = concluding->content->payout;
    struct str *names = NULL;
    uint32_t count = 0;
    *ret_whole = false;
    TRY(ref_names(store, ID_PAYOUT, payout->head.id, concluding->arena, &names, &count, reterr));
    for (uint32_t i = 0; i < count && !*ret_whole; i++) {
        const struct pull_row key = {
            .scope = payout->head.scope, .what = PULL_PAYOUT, .subject = names[i]};
        struct pull_row row;
        bool found = false;
        TRY(pull_read(store, &key, concluding->arena, &row, &found, reterr));
        *ret_whole = found && row.finished_us > 0;
    }
    return ERR_OK;
}

/* Payouts alone are no statement: their report may have been taken without the others. The first
 * payout of the books may hold lines that are older than they are. */
static enum err is_before_books(
    struct store *store, struct concluding *concluding, bool *ret_before, struct err_info *reterr)
{
    const struct payout *payout = concluding->content->payout;
    struct kept_line first;
    TRY(statement_first(
        store, payout->head.scope, payout->currency, concluding->arena, &first, reterr));
    *ret_before = first.scope != 0 && first.line.kind != LINE_PAYOUT &&
                  (first.line.created_us >= payout->made_at ||
                      own_id_eq(first.line.id, concluding->content->oldest));
    return ERR_OK;
}

static enum err judge(struct store *store, struct concluding *concluding, struct err_info *reterr)
{
    struct payout_content *content = concluding->content;
    struct remainder_facts facts = {
        .adds_up = content->remainder_minor == 0, .has_lines = content->sum.count > 0};
    TRY(is_taken_whole(store, concluding, &facts.is_taken_whole, reterr));
    TRY(is_before_books(store, concluding, &facts.is_before_books, reterr));
    content->remainder = remainder_judge(content->payout, &facts);
    return ERR_OK;
}

static enum err conclude(struct store *store, void *context, struct err_info *reterr)
{
    struct concluding *concluding = context;
    struct payout_content *content = concluding->content;
    TRY(payout_own_read(store, content, concluding->arena, reterr));
    TRY(judge(store, concluding, reterr));
    return content->remainder == REMAINDER_BY_HAND ? read_roll(store, concluding, reterr) : ERR_OK;
}

enum err payout_content_conclude(
    struct store *store, struct payout_content *content, struct err_info *reterr)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ROOM_BYTES);
    struct concluding concluding = {content, arena};
    if (arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    if (minor_subtract(content->payout->amount_minor, content->sum.net_minor,
            &content->remainder_minor) != ERR_OK) {
        return err_set(reterr, ERR_OVERFLOW, "the remainder does not fit into 64 bits");
    }
    return command_transaction(store, STORE_READ, conclude, &concluding, reterr);
}

/* --- a payout that is known by its line alone --- */

enum err payout_of_statement(struct store *store,
    struct own_id id,
    struct arena *arena,
    struct payout **ret_payout,
    struct err_info *reterr)
{
    const struct own_id from_the_first = {{0}};
    struct payout *payout = arena_alloc(arena, sizeof *payout);
    struct kept_lines lines = {NULL, 0};
    if (payout == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    TRY(statement_of_source(store, id, from_the_first, PAYOUT_OWN_MAX, arena, &lines, reterr));
    for (uint32_t i = 0; i < lines.count; i++) {
        const struct kept_line *kept = &lines.items[i];
        if (kept->line.kind == LINE_PAYOUT) {
            payout->head = (struct record_head){.id = id, .scope = kept->scope};
            payout->state = PAYOUT_UNKNOWN;
            payout->currency = kept->line.currency;
            payout->automatic = payout->reconciled = true;
            payout->made_at = kept->line.created_us;
            *ret_payout = payout;
            return minor_subtract(0, kept->line.amount_minor, &payout->amount_minor);
        }
    }
    return ERR_NOT_FOUND;
}

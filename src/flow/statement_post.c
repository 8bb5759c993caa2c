#include "base/check.h"
#include "flow/statement_inside.h"
#include "flow/workset_table.h"
#include "ledger/exchange.h"
#include "ledger/release.h"
#include <stdlib.h>

static enum err out_of_room(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "the lines need more memory than a batch may have");
}

/* --- entries --- */

struct subject {
    int kind;
    struct own_id id;
    int64_t scope, effective_us;
};

/* What a finished entry still has to post; nothing when it has nothing. */
static enum err add_entry(struct entries *to,
    struct arena *arena,
    const struct subject *subject,
    const struct ledger_entry *entry,
    int64_t now_us,
    struct err_info *reterr)
{
    if (entry->count == 0) {
        return ERR_OK;
    }
    if (!table_grow(arena, (void **)&to->items, to->count, &to->room, sizeof *to->items)) {
        return out_of_room(reterr);
    }
    to->items[to->count++] = (struct journal_entry){
        .scope = subject->scope,
        .stream = STREAM_MONEY,
        .subject_kind = subject->kind,
        .subject = subject->id,
        .effective_us = subject->effective_us,
        .recorded_us = now_us,
        .postings = entry->postings,
        .posting_count = entry->count,
    };
    return ERR_OK;
}

static enum err begin_entry(
    struct arena *arena, uint32_t room, struct ledger_entry *ret, struct err_info *reterr)
{
    struct posting *postings = arena_new_array(arena, struct posting, room);
    if (postings == NULL) {
        return out_of_room(reterr);
    }
    entry_begin(ret, STREAM_MONEY, postings, room);
    return ERR_OK;
}

/* --- lines --- */

/* Of lines that are new nothing was posted; what was posted of the others is read at once. */
static enum err read_posted(struct store *store,
    struct arena *arena,
    struct taken_line *const *lines,
    uint32_t count,
    struct posted **ret,
    struct err_info *reterr)
{
    struct posted *posted = arena_new_array(arena, struct posted, count);
    struct posted *asked = arena_new_array(arena, struct posted, count);
    uint32_t asked_count = 0;
    if (posted == NULL || asked == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (lines[i]->was.scope != 0) {
            asked[asked_count++].subject = lines[i]->now.line.id;
        }
    }
    TRY(journal_posted(store, asked, asked_count, arena, reterr));
    asked_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        posted[i] = lines[i]->was.scope != 0 ? asked[asked_count++] : posted[i];
    }
    *ret = posted;
    return ERR_OK;
}

static enum err fill_line_entry(
    struct taken_line *taken, const struct posted *posted, struct ledger_entry *entry)
{
    struct kept_line *line = &taken->now;
    unsigned flaws = 0;
    TRY(line_post(&line->line, &taken->policy, entry, &flaws));
    TRY(entry_subtract(entry, posted->postings, posted->count));
    TRY(entry_finish(entry));
    line->flaws = flaws | (line->flaws & (FLAW_RESTATED | FLAW_UNEXCHANGED));
    return ERR_OK;
}

/* One that was posted before and no longer can be learns nothing. */
static void keep_unposted(struct taken_line *line)
{
    bool was_posted = line->was.scope != 0 && (line->was.flaws & FLAW_UNPOSTED) == 0;
    const unsigned told = line->now.told;
    line->now = was_posted ? line->was : line->now;
    line->now.told = told;
    line->now.flaws |= was_posted ? FLAW_FEES : FLAW_UNPOSTED;
}

static enum err post_line(struct arena *arena,
    struct taken_line *taken,
    const struct posted *posted,
    int64_t now_us,
    struct entries *to,
    struct err_info *reterr)
{
    struct ledger_entry entry;
    struct kept_line *line = &taken->now;
    TRY(begin_entry(arena, LINE_POSTINGS_MAX + posted->count, &entry, reterr));
    enum err err = fill_line_entry(taken, posted, &entry);
    if (err == ERR_OVERFLOW) {
        keep_unposted(taken);
        return ERR_OK;
    }
    if (err != ERR_OK) {
        return err_set(reterr, err, "a line of the statement cannot be posted: %s", err_text(err));
    }
    const struct subject subject = {
        SUBJECT_LINE, line->line.id, line->scope, line->line.created_us};
    return add_entry(to, arena, &subject, &entry, now_us, reterr);
}

/* --- releases: a batch adds what its own lines change --- */

struct release {
    int64_t scope, available_us;
    struct currency currency;
    int64_t net_minor;
};

static int compare_releases(const void *a, const void *b)
{
    const struct release *left = a;
    const struct release *right = b;
    if (left->available_us != right->available_us) {
        return left->available_us < right->available_us ? -1 : 1;
    }
    return memcmp(left->currency.code, right->currency.code, sizeof left->currency.code);
}

static enum err net_released(const struct kept_line *kept, bool is_new, int64_t *ret_minor)
{
    int64_t net = 0;
    *ret_minor = 0;
    if ((kept->flaws & FLAW_UNPOSTED) != 0) {
        return ERR_OK;
    }
    TRY(release_add(&kept->line, &net));
    if (!is_new && net == INT64_MIN) {
        return ERR_OVERFLOW;
    }
    *ret_minor = is_new ? net : -net;
    return ERR_OK;
}

static enum err note_release(
    const struct kept_line *kept, bool is_new, struct release *rows, uint32_t *count)
{
    struct release *row = &rows[*count];
    *row = (struct release){kept->scope, kept->line.available_us, kept->line.currency, 0};
    TRY(net_released(kept, is_new, &row->net_minor));
    *count += row->net_minor != 0 ? 1 : 0;
    return ERR_OK;
}

static enum err sum_releases(struct release *rows, uint32_t *count)
{
    uint32_t kept = 0;
    if (*count > 0) {
        qsort(rows, *count, sizeof *rows, compare_releases);
    }
    for (uint32_t i = 0; i < *count; i++) {
        if (kept > 0 && compare_releases(&rows[kept - 1], &rows[i]) == 0) {
            TRY(minor_add(rows[kept - 1].net_minor, rows[i].net_minor, &rows[kept - 1].net_minor));
        } else {
            rows[kept++] = rows[i];
        }
    }
    *count = kept;
    return ERR_OK;
}

static enum err post_release(struct arena *arena,
    const struct release *row,
    int64_t now_us,
    struct entries *to,
    struct err_info *reterr)
{
    struct ledger_entry entry;
    const struct subject subject = {SUBJECT_RELEASE,
        release_id(row->scope, row->currency, row->available_us), row->scope, row->available_us};
    TRY(begin_entry(arena, 2, &entry, reterr));
    enum err err = release_post(row->net_minor, row->currency, &entry);
    err = err != ERR_OK ? err : entry_finish(&entry);
    if (err != ERR_OK) {
        return err_set(reterr, err, "what became available cannot be posted: %s", err_text(err));
    }
    return add_entry(to, arena, &subject, &entry, now_us, reterr);
}

/* What the lines release, less what they released before: that is the difference, whatever other
 * lines of that day there are. */
static enum err post_releases(struct arena *arena,
    struct taken_line *const *lines,
    uint32_t count,
    int64_t now_us,
    struct entries *to,
    struct err_info *reterr)
{
    struct release *rows = arena_new_array(arena, struct release, (size_t)count * 2 + 1);
    uint32_t row_count = 0;
    enum err err = ERR_OK;
    if (rows == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count && err == ERR_OK; i++) {
        err = note_release(&lines[i]->now, true, rows, &row_count);
        if (err == ERR_OK && lines[i]->was.scope != 0) {
            err = note_release(&lines[i]->was, false, rows, &row_count);
        }
    }
    err = err != ERR_OK ? err : sum_releases(rows, &row_count);
    if (err != ERR_OK) {
        return err_set(reterr, err, "what becomes available on a day does not fit into 64 bits");
    }
    for (uint32_t i = 0; i < row_count; i++) {
        if (rows[i].net_minor != 0) {
            TRY(post_release(arena, &rows[i], now_us, to, reterr));
        }
    }
    return ERR_OK;
}

enum err statement_entries(struct store *store,
    struct arena *arena,
    struct taken_line *const *lines,
    uint32_t count,
    int64_t now_us,
    struct entries *to,
    struct err_info *reterr)
{
    REQUIRE(store != NULL && arena != NULL && to != NULL && (lines != NULL || count == 0));
    struct posted *posted = NULL;
    TRY(read_posted(store, arena, lines, count, &posted, reterr));
    INVARIANT(posted != NULL);
    for (uint32_t i = 0; i < count; i++) {
        TRY(post_line(arena, lines[i], &posted[i], now_us, to, reterr));
    }
    return post_releases(arena, lines, count, now_us, to, reterr);
}

/* --- exchanges --- */

struct pair {
    int64_t scope;
    struct own_id attempt;
    struct exchange sums;
    int64_t effective_us; /* of the newest line of this batch */
};

static int compare_pairs(const void *a, const void *b)
{
    const struct pair *left = a;
    const struct pair *right = b;
    int order = own_id_compare(left->attempt, right->attempt);
    order = order != 0 ? order
                       : memcmp(left->sums.payer.code, right->sums.payer.code,
                             sizeof left->sums.payer.code);
    return order != 0 ? order
                      : memcmp(left->sums.settled.code, right->sums.settled.code,
                            sizeof left->sums.settled.code);
}

static void note_pair(const struct kept_line *kept, struct pair *pairs, uint32_t *count)
{
    const struct statement_line *line = &kept->line;
    if (kept->scope == 0 || !line_is_exchanged(line) || own_id_is_none(line->attempt)) {
        return;
    }
    pairs[(*count)++] = (struct pair){.scope = kept->scope,
        .attempt = line->attempt,
        .sums = {.payer = line->customer_currency, .settled = line->currency},
        .effective_us = line->created_us};
}

static uint32_t unite_pairs(struct pair *pairs, uint32_t count)
{
    uint32_t kept = 0;
    if (count > 0) {
        qsort(pairs, count, sizeof *pairs, compare_pairs);
    }
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || compare_pairs(&pairs[kept - 1], &pairs[i]) != 0) {
            pairs[kept++] = pairs[i];
        } else if (pairs[i].effective_us > pairs[kept - 1].effective_us) {
            pairs[kept - 1].effective_us = pairs[i].effective_us;
        }
    }
    return kept;
}

static enum err sum_pair(struct pair *pair, const struct exchanged_lines *lines)
{
    for (uint32_t i = 0; i < lines->count; i++) {
        const struct kept_line *kept = &lines->lines[i];
        if (kept->scope == pair->scope && line_is_exchanged(&kept->line) &&
            (kept->flaws & FLAW_UNPOSTED) == 0 &&
            currency_eq(kept->line.currency, pair->sums.settled) &&
            currency_eq(kept->line.customer_currency, pair->sums.payer)) {
            TRY(exchange_add(&pair->sums, &kept->line));
        }
    }
    return ERR_OK;
}

static enum err post_pair(struct arena *arena,
    const struct pair *pair,
    const struct posted *posted,
    int64_t now_us,
    struct entries *to,
    struct err_info *reterr)
{
    struct ledger_entry entry;
    const struct subject subject = {
        SUBJECT_EXCHANGE, posted->subject, pair->scope, pair->effective_us};
    TRY(begin_entry(arena, 2 + posted->count, &entry, reterr));
    enum err err = exchange_post(&pair->sums, pair->attempt, &entry);
    err = err != ERR_OK ? err : entry_subtract(&entry, posted->postings, posted->count);
    err = err != ERR_OK ? err : entry_finish(&entry);
    if (err != ERR_OK) {
        return err_set(reterr, err, "an exchange cannot be posted: %s", err_text(err));
    }
    return add_entry(to, arena, &subject, &entry, now_us, reterr);
}

static enum err post_pairs(struct store *store,
    struct arena *arena,
    struct pair *pairs,
    uint32_t count,
    int64_t now_us,
    struct entries *to,
    struct err_info *reterr)
{
    struct exchanged_lines *lines = arena_new_array(arena, struct exchanged_lines, count);
    struct posted *posted = arena_new_array(arena, struct posted, count);
    if (lines == NULL || posted == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        lines[i].attempt = pairs[i].attempt;
        posted[i].subject = exchange_id(pairs[i].scope, pairs[i].attempt, &pairs[i].sums);
    }
    TRY(statement_exchanged(store, lines, count, arena, reterr));
    TRY(journal_posted(store, posted, count, arena, reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (sum_pair(&pairs[i], &lines[i]) != ERR_OK) {
            return err_set(reterr, ERR_OVERFLOW, "an exchange does not fit into 64 bits");
        }
        TRY(post_pair(arena, &pairs[i], &posted[i], now_us, to, reterr));
    }
    return ERR_OK;
}

enum err statement_exchanges(struct store *store,
    struct arena *arena,
    struct taken_line *const *lines,
    uint32_t count,
    int64_t now_us,
    struct entries *to,
    struct err_info *reterr)
{
    REQUIRE(store != NULL && arena != NULL && to != NULL && (lines != NULL || count == 0));
    struct pair *pairs = arena_new_array(arena, struct pair, (size_t)count * 2 + 1);
    uint32_t pair_count = 0;
    if (pairs == NULL) {
        return out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        note_pair(&lines[i]->now, pairs, &pair_count);
        note_pair(&lines[i]->was, pairs, &pair_count);
    }
    return post_pairs(store, arena, pairs, unite_pairs(pairs, pair_count), now_us, to, reterr);
}

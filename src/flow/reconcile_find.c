#include "base/check.h"
#include "flow/reconcile_inside.h"
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#define C(code) (1U << CODE_##code)
_Static_assert(CODE_COUNT <= 32, "the codes are bits of an unsigned");

/* What each could find, if it looked at everything. */
static const struct finder {
    finder_fn *find;
    unsigned codes;
} finders[] = {
    {find_in_clearing, C(AMOUNT_MISMATCH) | C(CURRENCY_MISMATCH) | C(MISSING_AT_PROVIDER) |
                           C(MISSING_LOCAL_OBJECT) | C(STATUS_MISMATCH) | C(PAYOUT_STUCK)},
    {find_in_lines, C(NET_ARITHMETIC) | C(FEE_DETAIL_SUM) | C(UNEXPECTED_ADJUSTMENT) |
                        C(UNCLASSIFIED_MOVEMENT) | C(REPORT_RESTATED) | C(ORPHAN) |
                        C(CURRENCY_MISMATCH)},
    {find_told_by_one, C(MISSING_LOCAL_LINE)},
    {find_unread, C(UNCLASSIFIED_MOVEMENT)},
    {find_in_payouts, C(PAYOUT_SUM) | C(PAYOUT_FAILED_AFTER_PAID)},
    {find_in_disputes, C(DISPUTE_OUTCOME_CONFLICT)},
    {find_in_invoices, C(DUPLICATE_CHARGE)},
    {find_in_events, C(MISSING_LOCAL_EVENT) | C(EVENT_CONTENT)},
    {find_in_balances, C(BALANCE_DRIFT)},
    {find_in_totals, C(ROLLFORWARD_BREAK)},
    {find_in_connected, C(CONNECT_NEGATIVE)},
};
#define FINDERS (sizeof finders / sizeof finders[0])

bool is_before_books(const struct reconcile *run, int64_t made_us)
{
    return made_us != 0 && made_us < run->start.start_us;
}

struct str finding_text(struct arena *arena, const char *format, ...)
{
    char text[FINDING_TEXT_BYTES_MAX + 1];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    struct str kept = str_prefix_utf8(str_from(text), FINDING_TEXT_BYTES_MAX);
    kept = arena_copy(arena, kept);
    return kept.data != NULL ? kept : STR_NONE;
}

static bool make_room(struct reconcile *run)
{
    if (run->finding_count < run->finding_room) {
        return true;
    }
    uint32_t room = run->finding_room == 0 ? 64 : 2 * run->finding_room;
    struct finding *findings = arena_new_array(run->setup.arena, struct finding, room);
    if (findings == NULL) {
        return false;
    }
    if (run->finding_count > 0) {
        memcpy(findings, run->findings, run->finding_count * sizeof *findings);
    }
    run->findings = findings;
    run->finding_room = room;
    return true;
}

enum err finding_add(struct reconcile *run, const struct finding *finding)
{
    if (!finding_is_due(finding, run->setup.as_of_us)) {
        return ERR_OK;
    }
    if (run->finding_count >= FINDINGS_MAX) {
        run->looked.whole &= ~(1U << finding->code);
        return ERR_OK;
    }
    if (!make_room(run)) {
        return ERR_TOO_LARGE;
    }
    struct finding *kept = &run->findings[run->finding_count];
    *kept = *finding;
    kept->scope = run->run.scope;
    kept->name = arena_copy(run->setup.arena, finding->name);
    kept->text = arena_copy(run->setup.arena, finding->text);
    if (kept->name.data == NULL || kept->text.data == NULL) {
        return ERR_TOO_LARGE;
    }
    run->finding_count++;
    return ERR_OK;
}

static int compare_found(const void *a, const void *b)
{
    const struct finding *left = *(const struct finding *const *)a;
    const struct finding *right = *(const struct finding *const *)b;
    int order = finding_compare(left, right);
    return order != 0 ? order : (left > right) - (left < right); /* as they were found */
}

/* Two finders may see the same: it is one discrepancy, as the first says it. */
static enum err sort_findings(struct reconcile *run)
{
    uint32_t count = run->finding_count;
    uint32_t kept = 0;
    const struct finding **order = arena_new_array(run->pages, const struct finding *, count + 1);
    struct finding *sorted = arena_new_array(run->setup.arena, struct finding, count + 1);
    if (order == NULL || sorted == NULL) {
        return ERR_TOO_LARGE;
    }
    for (uint32_t i = 0; i < count; i++) {
        order[i] = &run->findings[i];
    }
    qsort(order, count, sizeof *order, compare_found);
    for (uint32_t i = 0; i < count; i++) {
        if (kept == 0 || !own_id_eq(finding_id(&sorted[kept - 1]), finding_id(order[i]))) {
            sorted[kept++] = *order[i];
        }
    }
    run->findings = sorted;
    run->finding_count = kept;
    run->finding_room = count + 1;
    return ERR_OK;
}

/* A transaction for each: a long one would keep the log from being moved. */
static enum err read_with(struct reconcile *run, finder_fn *find, struct err_info *reterr)
{
    TRY(reconcile_lease_prolong(run, reterr));
    TRY(store_begin(run->setup.store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->setup.store;
    (void)transaction;
    return find(run, reterr);
}

enum err reconcile_find(struct reconcile *run, struct err_info *reterr)
{
    run->finding_count = 0;
    run->looked = (struct settle_looked){.whole = 0};
    TRY(read_with(run, reconcile_cover, reterr));
    for (size_t i = 0; i < FINDERS; i++) {
        arena_reset(run->pages);
        run->looked.whole |= finders[i].codes;
        TRY(read_with(run, finders[i].find, reterr));
    }
    arena_reset(run->pages);
    if (sort_findings(run) != ERR_OK) {
        return err_set(reterr, ERR_TOO_LARGE, "out of the memory for what does not agree");
    }
    run->progress.findings = run->finding_count;
    return ERR_OK;
}

/* --- objects --- */

#define F(state) (1U << (state))
/* States in which money has moved, or will not move any more; those of transfers are all. */
static const struct final_states {
    enum id_kind kind;
    unsigned states;
} final_states[] = {
    {ID_ATTEMPT, F(ATTEMPT_SUCCEEDED) | F(ATTEMPT_FAILED)},
    {ID_REFUND, F(REFUND_SUCCEEDED) | F(REFUND_FAILED) | F(REFUND_CANCELED)},
    {ID_DISPUTE,
        F(DISPUTE_LOST) | F(DISPUTE_WON) | F(DISPUTE_PREVENTED) | F(DISPUTE_INQUIRY_CLOSED)},
    {ID_PAYOUT, F(PAYOUT_PAID) | F(PAYOUT_FAILED) | F(PAYOUT_CANCELED)},
    {ID_TOPUP, F(TOPUP_SUCCEEDED) | F(TOPUP_FAILED) | F(TOPUP_CANCELED) | F(TOPUP_REVERSED)},
};

static bool is_final(enum id_kind kind, int state)
{
    for (size_t i = 0; i < sizeof final_states / sizeof final_states[0]; i++) {
        if (final_states[i].kind == kind) {
            return (final_states[i].states & F(state)) != 0;
        }
    }
    return true;
}

static int64_t int_at(const void *record, size_t offset)
{
    int64_t value = 0;
    memcpy(&value, (const char *)record + offset, sizeof value);
    return value;
}

struct object_facts object_facts(enum id_kind kind, const void *record)
{
    const struct record_kind *rows = record_kind_of(kind);
    const struct field *made = record_field(rows, STR("made_at"));
    struct object_facts facts = {.state = ""};
    if (record == NULL) {
        return facts;
    }
    facts.is_known = int_at(record, rows->at.said_at) != 0;
    facts.made_us = made != NULL ? int_at(record, made->offset) : 0;
    facts.is_final = true;
    const struct field *field = record_field(rows, STR("state"));
    if (field != NULL) {
        int state = 0;
        memcpy(&state, (const char *)record + field->offset, sizeof state);
        INVARIANT(state >= 0 && state < rows->states->count);
        facts.is_final = is_final(kind, state);
        facts.state = rows->states->words[state];
    }
    return facts;
}

#include "base/check.h"
#include "store/audit.h"
#include "store/journal.h"
#include "flow/discrepancies_inside.h"
#include "ledger/minor.h"
#include <inttypes.h>

/* What a wish comes to, before anything is written. */
struct decision {
    const struct discrepancy_wish *wish;
    struct discrepancy now;
    struct standing_amount standing;
    struct posted before; /* to open it again: by people, because of it */
    bool posts;
    enum ledger_account account; /* where it goes */
    int64_t amount_minor;        /* over which two people decide, without a sign ... */
    int64_t threshold_minor;     /* ... when it is above that */
    bool tells_threshold;        /* it is not the usual one */
    enum deed deed;
    enum discrepancy_state state;
};

/* --- is it a wish at all? --- */

static bool is_posting(const struct discrepancy_wish *wish)
{
    return wish->deed == DEED_WRITE_OFF || (wish->deed == DEED_RESOLVE && wish->has_account);
}

static enum err check_words(const struct discrepancy_wish *wish, struct err_info *reterr)
{
    bool wants_reason =
        wish->deed == DEED_EXPLAIN || wish->deed == DEED_RESOLVE || wish->deed == DEED_WRITE_OFF;
    if (wants_reason && !wish->has_reason) {
        return err_set(reterr, ERR_INVALID, "a reason is missing");
    }
    if (wish->note.len > WISH_NOTE_BYTES_MAX || wish->incident.len > WISH_INCIDENT_BYTES_MAX) {
        return err_set(reterr, ERR_INVALID, "a note has at most %d bytes, an incident %d",
            WISH_NOTE_BYTES_MAX, WISH_INCIDENT_BYTES_MAX);
    }
    if (!str_is_utf8(wish->note) || !str_is_utf8(wish->incident)) {
        return err_set(reterr, ERR_INVALID, "note and incident must be UTF-8");
    }
    if (wish->deed == DEED_RESOLVE && wish->has_account &&
        account_row(wish->account)->key != KEY_NONE) {
        return err_set(reterr, ERR_INVALID, "%s is kept by what it is about: take another account",
            account_row(wish->account)->name);
    }
    return ERR_OK;
}

/* --- what is there --- */

static enum err read_row(struct store *store,
    struct own_id id,
    struct arena *arena,
    struct discrepancy *ret,
    struct err_info *reterr)
{
    TRY(discrepancies_known(store, &id, 1, arena, ret, reterr));
    return ret->step_count > 0 ? ERR_OK
                               : err_set(reterr, ERR_NOT_FOUND, "there is no such discrepancy");
}

/* What is off by the last run, and what stands by now, may differ. */
static int64_t amount_of(const struct decision *decision)
{
    int64_t off = finding_size(&decision->now.found);
    int64_t stands = decision->posts ? minor_absolute(decision->standing.minor) : 0;
    return off > stands ? off : stands;
}

static const char *account_name(const struct decision *decision)
{
    return decision->posts ? account_row(decision->account)->name : "";
}

/* Who asked for just that; a step of a run, or a new life, ends what was asked before it. */
static struct str asked_by(
    const struct decision *decision, const struct discrepancy_step *steps, uint32_t count)
{
    enum deed ask = decision->wish->deed == DEED_WRITE_OFF ? DEED_ASK_WRITE_OFF : DEED_ASK_RESOLVE;
    for (uint32_t i = count; i > 0; i--) {
        const struct discrepancy_step *step = &steps[i - 1];
        if (step->run > 0 || step->deed == DEED_REOPEN) {
            break;
        }
        if (step->deed == ask && step->wanted_minor == decision->amount_minor &&
            str_eq(step->account, str_from(account_name(decision)))) {
            return step->who;
        }
    }
    return STR_NONE;
}

/* The journal is locked first: whoever posts has it before any row. */
static enum err look(
    struct store *store, struct decision *decision, struct arena *arena, struct err_info *reterr)
{
    const struct discrepancy_wish *wish = decision->wish;
    TRY(read_row(store, wish->id, arena, &decision->now, reterr));
    if (is_posting(wish) || wish->deed == DEED_REOPEN) {
        TRY(journal_lock(store, &decision->now.found.scope, 1, reterr));
        TRY(read_row(store, wish->id, arena, &decision->now, reterr));
    }
    if (wish->deed == DEED_REOPEN) {
        decision->before.subject = wish->id;
        TRY(journal_posted(store, &decision->before, 1, arena, reterr));
    }
    if (is_posting(wish)) {
        TRY(discrepancy_standing(store, &decision->now, arena, &decision->standing, reterr));
        decision->posts = decision->standing.is_there;
        decision->account = wish->deed == DEED_WRITE_OFF ? ACCOUNT_WRITE_OFF : wish->account;
    }
    decision->amount_minor = amount_of(decision);
    return ERR_OK;
}

/* --- may it be? --- */

static enum err refuse(
    const struct decision *decision, enum err err, struct str asker, struct err_info *reterr)
{
    if (err == ERR_UNPROVEN) {
        return err_set(reterr, err,
            STR_FMT " has asked for it: another operating-system user must do the same",
            STR_ARG(asker));
    }
    return err_set(reterr, err, "it is %s: that cannot be done to it now",
        discrepancy_state_word(decision->now.state));
}

/* A command may be stricter than the configuration, which is not for whoever decides to change. */
static enum err take_threshold(
    struct decision *decision, struct currency currency, struct err_info *reterr)
{
    const struct discrepancy_wish *wish = decision->wish;
    REQUIRE(wish->threshold_units >= 0 && wish->threshold_units <= THRESHOLD_UNITS_MAX);
    int64_t configured_minor = wish->threshold_units * threshold_unit_minor(currency);
    if (wish->threshold_minor > configured_minor) {
        return err_set(reterr, ERR_INVALID,
            "a threshold of its own can only be lower: [reconcile] threshold = %" PRId64
            " holds for all, and is changed there",
            wish->threshold_units);
    }
    decision->threshold_minor =
        wish->threshold_minor >= 0 ? wish->threshold_minor : configured_minor;
    decision->tells_threshold = decision->threshold_minor != threshold_unit_minor(currency);
    return ERR_OK;
}

static enum err decide(
    struct store *store, struct decision *decision, struct arena *arena, struct err_info *reterr)
{
    const struct discrepancy_wish *wish = decision->wish;
    struct discrepancy_step *steps = NULL;
    uint32_t count = 0;
    TRY(discrepancy_steps(store, wish->id, arena, &steps, &count, reterr));
    struct currency currency =
        decision->posts ? decision->standing.currency : decision->now.found.currency;
    TRY(take_threshold(decision, currency, reterr));
    struct wish judged = {.deed = wish->deed,
        .who = wish->who,
        .off_minor = decision->amount_minor,
        .threshold_minor = decision->threshold_minor,
        .asked_by = asked_by(decision, steps, count)};
    enum err err = wish_judge(decision->now.state, &judged, &decision->deed, &decision->state);
    if (err != ERR_OK) {
        return refuse(decision, err, judged.asked_by, reterr);
    }
    if (is_posting(wish) && !decision->posts) {
        return err_set(reterr, ERR_INVALID,
            "nothing stands in clearing or suspense because of it: explain it, or resolve it "
            "without an account");
    }
    return ERR_OK;
}

/* --- doing it --- */

static enum err append(struct store *store,
    const struct decision *decision,
    struct ledger_entry *entry,
    int64_t now_us,
    int64_t *ret_entry,
    struct err_info *reterr)
{
    TRY(entry_finish(entry));
    struct journal_entry posted = {.scope = decision->now.found.scope,
        .stream = STREAM_PEOPLE,
        .subject_kind = SUBJECT_DECISION,
        .subject = decision->now.id,
        .effective_us = now_us,
        .recorded_us = now_us,
        .postings = entry->postings,
        .posting_count = entry->count};
    TRY(journal_append(store, &posted, 1, reterr));
    *ret_entry = posted.number;
    return ERR_OK;
}

static enum err post(struct store *store,
    const struct decision *decision,
    int64_t now_us,
    int64_t *ret_entry,
    struct err_info *reterr)
{
    static const struct own_id no_key;
    const struct standing_amount *standing = &decision->standing;
    struct posting postings[2];
    struct ledger_entry entry;
    entry_begin(&entry, STREAM_PEOPLE, postings, 2);
    TRY(entry_credit(
        &entry, standing->account, standing->key, standing->currency, standing->minor));
    TRY(entry_debit(&entry, decision->account, no_key, standing->currency, standing->minor));
    return append(store, decision, &entry, now_us, ret_entry, reterr);
}

/* Whoever opens it again says that the decision was wrong: what stood stands again. */
static enum err take_back(struct store *store,
    const struct decision *decision,
    int64_t now_us,
    struct arena *arena,
    int64_t *ret_entry,
    struct err_info *reterr)
{
    const struct posted *before = &decision->before;
    struct posting *postings = arena_new_array(arena, struct posting, before->count);
    struct ledger_entry entry;
    if (postings == NULL) {
        return discrepancies_out_of_room(reterr);
    }
    entry_begin(&entry, STREAM_PEOPLE, postings, before->count);
    for (uint32_t i = 0; i < before->count; i++) {
        const struct posting *was = &before->postings[i];
        TRY(entry_credit(&entry, was->account, was->key, was->currency, was->minor));
    }
    return append(store, decision, &entry, now_us, ret_entry, reterr);
}

static struct discrepancy_step step_of(
    const struct decision *decision, int64_t now_us, int64_t entry)
{
    const struct discrepancy_wish *wish = decision->wish;
    const struct finding *found = &decision->now.found;
    return (struct discrepancy_step){.discrepancy = decision->now.id,
        .deed = decision->deed,
        .state = decision->state,
        .at_us = now_us,
        .who = wish->who,
        .has_reason = wish->has_reason,
        .reason = wish->reason,
        .note = wish->note,
        .incident = wish->incident,
        .account = str_from(account_name(decision)),
        .wanted_minor = decision->amount_minor,
        .ours_minor = found->ours_minor,
        .theirs_minor = found->theirs_minor,
        .text = found->text,
        .entry = entry};
}

static bool is_for_two(enum deed deed)
{
    return deed == DEED_ASK_RESOLVE || deed == DEED_RESOLVE || deed == DEED_ASK_WRITE_OFF ||
           deed == DEED_WRITE_OFF;
}

/* Also which threshold held, unless it is the usual one: a higher one spares the second person. */
static enum err write_audit(struct store *store,
    const struct decision *decision,
    const struct discrepancy_step *step,
    struct err_info *reterr)
{
    char id[FINDING_ID_TEXT_BYTES];
    CLEANUP(buf_fini) struct buf action;
    CLEANUP(buf_fini) struct buf reason;
    buf_init(&action, 64);
    buf_init(&reason, (size_t)2 * WISH_NOTE_BYTES_MAX);
    finding_id_format(step->discrepancy, id);
    buf_addf(&action, "discrepancy.%s", deed_word(step->deed));
    if (step->has_reason) {
        buf_addf(&reason, "%s", reason_code_word(step->reason));
    }
    if (decision->tells_threshold && is_for_two(step->deed)) {
        buf_addf(&reason, " (threshold %" PRId64 ")", decision->threshold_minor);
    }
    buf_add(&reason, reason.len > 0 && step->note.len > 0 ? STR(": ") : STR_NONE);
    buf_add(&reason, step->note);
    if (action.failed || reason.failed) {
        return discrepancies_out_of_room(reterr);
    }
    struct audit_entry entry = {.at_us = step->at_us,
        .who = step->who,
        .action = buf_str(&action),
        .subject = str_from(id),
        .reason = buf_str(&reason)};
    return audit_append(store, &entry, reterr);
}

enum err discrepancy_do(struct store *store,
    const struct discrepancy_wish *wish,
    int64_t now_us,
    struct arena *arena,
    struct wish_answer *ret,
    struct err_info *reterr)
{
    REQUIRE(store != NULL && ret != NULL);
    REQUIRE(wish->who.len > 0);
    struct decision decision = {.wish = wish};
    int64_t entry = 0;
    TRY(check_words(wish, reterr));
    TRY(look(store, &decision, arena, reterr));
    TRY(decide(store, &decision, arena, reterr));
    bool posts = decision.posts && decision.deed == wish->deed;
    if (posts) {
        TRY(post(store, &decision, now_us, &entry, reterr));
    } else if (decision.before.count > 0) {
        TRY(take_back(store, &decision, now_us, arena, &entry, reterr));
    }
    struct discrepancy row = decision.now;
    row.state = decision.state;
    row.changed_us = now_us;
    row.owner = decision.deed == DEED_ACKNOWLEDGE ? wish->who
                : decision.deed == DEED_REOPEN    ? STR_NONE
                                                  : row.owner;
    struct discrepancy_step step = step_of(&decision, now_us, entry);
    TRY(write_audit(store, &decision, &step, reterr));
    TRY(discrepancies_take_steps(store, &row, &step, 1, now_us, arena, reterr));
    *ret = (struct wish_answer){decision.deed, row, step, posts ? decision.standing.minor : 0};
    return ERR_OK;
}

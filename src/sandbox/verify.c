#include "sandbox/verify.h"
#include "base/check.h"
#include "store/inbox.h"
#include "store/records.h"
#include "store/refs.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#define LINES_PER_TRANSACTION 256
#define ARENA_BYTES ((size_t)16 * 1024 * 1024)

struct verifying {
    struct store *store;
    struct arena *arena;
    verify_finding_fn *finding;
    void *context;
    struct verify_counts *counts;
    struct err_info *reterr;
    const char *path;
    uint64_t line;
    bool newest;
    struct str account; /* that the object of this line is of; "": the sandbox's own */
    int64_t own_scope;  /* 0: not known yet */
};
typedef enum err take_line_fn(struct verifying *verifying, struct str line);

/* ---- lines ----------------------------------------------------------------------------------- */

struct line_file {
    FILE *file;
    char *line;
    size_t room;
};

static struct line_file *line_file_close(struct line_file *lines)
{
    if (lines->file != NULL) {
        (void)fclose(lines->file);
    }
    free(lines->line);
    return NULL;
}

static inline void line_file_close_cleanup(struct line_file *lines)
{
    (void)line_file_close(lines);
}

/* One transaction: a reader that stays for the whole file would hold up the checkpoint of a running
 * serve. */
static enum err take_some(
    struct verifying *verifying, struct line_file *lines, take_line_fn *take, bool *ret_more)
{
    TRY(store_begin(verifying->store, STORE_READ, verifying->reterr));
    CLEANUP(store_rollback) struct store *tx = verifying->store;
    (void)tx; /* reading leaves nothing to commit */
    for (int i = 0; i < LINES_PER_TRANSACTION; i++) {
        ssize_t len = getline(&lines->line, &lines->room, lines->file);
        if (len < 0) {
            *ret_more = false;
            return ferror(lines->file) != 0 ? err_set(verifying->reterr, ERR_FILE_IO, "%s: %s",
                                                  verifying->path, strerror(errno))
                                            : ERR_OK;
        }
        verifying->line++;
        arena_reset(verifying->arena);
        TRY(take(verifying, str_trim((struct str){lines->line, (size_t)len})));
    }
    *ret_more = true;
    return ERR_OK;
}

static enum err take_all(struct verifying *verifying, take_line_fn *take)
{
    CLEANUP(line_file_close) struct line_file lines = {.file = fopen(verifying->path, "re")};
    if (lines.file == NULL) {
        return err_set(verifying->reterr, ERR_FILE_IO, "%s: %s", verifying->path, strerror(errno));
    }
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    if (arena == NULL) {
        return err_set(verifying->reterr, ERR_BUSY, "out of memory");
    }
    verifying->arena = arena;
    bool more = true;
    while (more) {
        TRY(take_some(verifying, &lines, take, &more));
    }
    return ERR_OK;
}

/* ---- the store ------------------------------------------------------------------------------- */

/* Of an object that an account's events tell; 0: any. Ids are of one scope each, but a balance goes
 * by its currency, which is the same in all of them, and what the sandbox's own account has is
 * known by the rest of it. A connected account is known to the one above it and by its own events,
 * by one id. */
static enum err scope_of(struct verifying *verifying, enum id_kind kind, int64_t *ret_scope)
{
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    *ret_scope = kind == ID_BALANCE ? verifying->own_scope : 0;
    if (verifying->account.len == 0 || kind == ID_CONNECTED_ACCOUNT) {
        return ERR_OK;
    }
    TRY(scope_list(verifying->store, verifying->arena, &rows, &count, verifying->reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (str_eq(rows[i].account_key, verifying->account)) {
            *ret_scope = rows[i].scope;
        }
    }
    return ERR_OK;
}

static enum err find_own(
    void *context, enum id_kind kind, struct str provider_id, struct own_id *ret_id)
{
    struct verifying *verifying = context;
    int64_t wanted = 0, scope = 0;
    TRY(scope_of(verifying, kind, &wanted));
    enum err err =
        ref_find(verifying->store, wanted, kind, provider_id, ret_id, &scope, verifying->reterr);
    if (err == ERR_NOT_FOUND) {
        *ret_id = (struct own_id){{0}};
        return ERR_OK;
    }
    if (err == ERR_OK && verifying->account.len == 0 && kind != ID_CONNECTED_ACCOUNT) {
        verifying->own_scope = scope;
    }
    return err;
}

static enum err load(
    struct verifying *verifying, enum id_kind kind, struct str provider_id, const void **ret_record)
{
    struct own_id id = {{0}};
    void **records = NULL;
    *ret_record = NULL;
    TRY(find_own(verifying, kind, provider_id, &id));
    if (own_id_is_none(id)) {
        return ERR_OK;
    }
    TRY(records_load(verifying->store, record_kind_of(kind), &id, 1, false, verifying->arena,
        &records, verifying->reterr));
    *ret_record = records[0];
    return ERR_OK;
}

static void report(struct verifying *verifying,
    const struct truth_line *line,
    const char *field,
    const char *truth,
    const char *store)
{
    struct verify_finding finding = {truth_kind_word(line->kind), line->id, field, truth, store};
    verifying->finding(verifying->context, &finding);
}

static int64_t said_at(const struct record_kind *kind, const void *record)
{
    return *(const int64_t *)(const void *)((const char *)record + kind->at.said_at);
}

static bool contested(const struct record_kind *kind, const void *record)
{
    return *(const bool *)((const char *)record + kind->at.contested);
}

/* Seen itself, and not only named by others? */
static bool is_seen(enum truth_kind kind, const void *record)
{
    if (record == NULL) {
        return false;
    }
    switch (kind) {
    case TRUTH_INTENT:
        return ((const struct payment *)record)->said_seen;
    case TRUTH_CHARGE:
        return ((const struct attempt *)record)->seen;
#define RECORD(KIND, word) case TRUTH_##KIND:
#include "sandbox/records.def"
        return said_at(record_kind_of(compare_record_kind(kind)), record) != 0;
    case TRUTH_KIND_COUNT:
    default:
        UNREACHABLE();
    }
}

static bool is_contested(enum truth_kind kind, const void *record)
{
    switch (kind) {
    case TRUTH_INTENT:
        return ((const struct payment *)record)->contested;
    case TRUTH_CHARGE:
        return ((const struct attempt *)record)->contested;
#define RECORD(KIND, word) case TRUTH_##KIND:
#include "sandbox/records.def"
        return contested(record_kind_of(compare_record_kind(kind)), record);
    case TRUTH_KIND_COUNT:
    default:
        UNREACHABLE();
    }
}

/* ---- what follows from the attempts ---------------------------------------------------------- */

struct derived {
    int64_t refunded_minor, captured_minor, seen;
    bool states[PAYMENT_STATE_COUNT]; /* that a payment shows which goes by one of its attempts */
};

static enum payment_state shown_by(const struct attempt *attempt)
{
    static const enum payment_state states[ATTEMPT_STATE_COUNT] = {
        [ATTEMPT_PENDING] = PAYMENT_PROCESSING,
        [ATTEMPT_AUTHORIZED] = PAYMENT_AUTHORIZED,
        [ATTEMPT_SUCCEEDED] = PAYMENT_SUCCEEDED,
        [ATTEMPT_FAILED] = PAYMENT_FAILED,
        [ATTEMPT_UNKNOWN] = PAYMENT_UNKNOWN,
    };
    return states[attempt->state];
}

static enum err derive(
    struct verifying *verifying, const struct payment *payment, struct derived *ret)
{
    struct attempt **attempts = NULL;
    uint32_t count = 0;
    struct derived derived = {0};
    TRY(attempts_of_payments(verifying->store, &payment->head.id, 1, verifying->arena, &attempts,
        &count, verifying->reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (attempts[i]->seen) {
            derived.seen++;
            derived.refunded_minor += attempts[i]->refunded_minor;
            derived.captured_minor +=
                attempts[i]->state != ATTEMPT_FAILED ? attempts[i]->captured_minor : 0;
            derived.states[shown_by(attempts[i])] = true;
        }
    }
    *ret = derived;
    return ERR_OK;
}

static bool expect_number(struct verifying *verifying,
    const struct truth_line *line,
    const char *field,
    int64_t wanted,
    int64_t stored)
{
    char truth[32], store[32];
    if (wanted == stored) {
        return true;
    }
    (void)snprintf(truth, sizeof truth, "%lld", (long long)wanted);
    (void)snprintf(store, sizeof store, "%lld", (long long)stored);
    report(verifying, line, field, truth, store);
    return false;
}

/* The payment's own fields: what its intent says, and the sums over its attempts. While the
 * intent's newest snapshot has not arrived, the payment may go by an attempt that is ahead of it.
 */
static enum err check_derived(struct verifying *verifying,
    const struct truth_line *line,
    const struct payment *payment,
    bool *ret_good)
{
    REQUIRE(payment != NULL);
    struct derived derived = {0};
    TRY(derive(verifying, payment, &derived));
    int state = payment->said_state;
    int64_t received_minor = payment->said_received_minor;
    if (line->lags && payment->state != state && derived.states[payment->state]) {
        state = payment->state;
        received_minor = state == PAYMENT_FAILED ? received_minor : derived.captured_minor;
    }
    bool good = true;
    if (payment->state != state) {
        report(verifying, line, "state", payment_states.words[state],
            payment_states.words[payment->state]);
        good = false;
    }
    good &= expect_number(
        verifying, line, "amount_minor", payment->said_amount_minor, payment->amount_minor);
    good &=
        expect_number(verifying, line, "received_minor", received_minor, payment->received_minor);
    good &= expect_number(
        verifying, line, "refunded_minor", derived.refunded_minor, payment->refunded_minor);
    good &= expect_number(verifying, line, "attempt_count", derived.seen, payment->attempt_count);
    *ret_good = good;
    return ERR_OK;
}

/* ---- one object ------------------------------------------------------------------------------ */

static enum err compare_candidates(
    struct verifying *verifying, const struct truth_line *line, const void *record, bool *ret_good)
{
    const struct compare_context context = {find_own, verifying};
    struct compare_difference first[COMPARE_FIELDS_MAX], differences[COMPARE_FIELDS_MAX];
    uint32_t first_count = 0, count = 0;
    for (uint32_t i = 0; i < line->candidate_count; i++) {
        TRY(compare_snapshot(
            &context, line->kind, line->id, line->candidates[i], record, differences, &count));
        if (count == 0) {
            verifying->counts->unanswered += i > 0 || !line->acked ? 1 : 0;
            *ret_good = true;
            return ERR_OK;
        }
        if (i == 0) {
            memcpy(first, differences, sizeof first);
            first_count = count;
        }
    }
    for (uint32_t i = 0; i < first_count; i++) {
        report(verifying, line, first[i].field, first[i].truth, first[i].store);
    }
    *ret_good = false;
    return ERR_OK;
}

static enum err check_object(struct verifying *verifying, const struct truth_line *line)
{
    struct verify_counts *counts = verifying->counts;
    const void *record = NULL;
    bool good = true, derived_good = true;
    TRY(load(verifying, compare_record_kind(line->kind), line->id, &record));
    if (!is_seen(line->kind, record)) {
        if (line->acked) {
            counts->missing++;
            report(verifying, line, "", "acknowledged", "not there");
        } else {
            counts->untold++;
        }
        return ERR_OK;
    }
    if (is_contested(line->kind, record)) {
        counts->contested++;
        return ERR_OK;
    }
    TRY(compare_candidates(verifying, line, record, &good));
    if (line->kind == TRUTH_INTENT) {
        TRY(check_derived(verifying, line, record, &derived_good));
    }
    if (good && derived_good) {
        counts->equal++;
    } else {
        counts->different++;
    }
    return ERR_OK;
}

static enum err take_object(struct verifying *verifying, struct str text)
{
    struct truth_line line;
    if (text.len == 0) {
        return ERR_OK;
    }
    enum err err = truth_line_read(text, verifying->arena, &line);
    if (err == ERR_NOT_FOUND && verifying->line == 1) {
        return ERR_OK; /* the head */
    }
    if (err != ERR_OK) {
        return err_set(verifying->reterr, ERR_MALFORMED,
            "%s: line %llu is no object of a sandbox's state", verifying->path,
            (unsigned long long)verifying->line);
    }
    verifying->account = line.account;
    if (verifying->newest && line.newest != NULL && !line.left) {
        line.acked = true;
        line.lags = false;
        line.candidates[0] = line.newest;
        line.candidate_count = 1;
    }
    verifying->counts->objects++;
    return check_object(verifying, &line);
}

/* Before the rest: the first of the sandbox's own objects that the store has tells its scope. */
static enum err take_scope(struct verifying *verifying, struct str text)
{
    struct truth_line line;
    struct own_id id;
    if (verifying->own_scope != 0 || text.len == 0 ||
        truth_line_read(text, verifying->arena, &line) != ERR_OK || line.account.len > 0 ||
        line.kind == TRUTH_BALANCE || line.kind == TRUTH_CONNECTED_ACCOUNT) {
        return ERR_OK; /* what is no line at all is said later */
    }
    verifying->account = STR_NONE;
    return find_own(verifying, compare_record_kind(line.kind), line.id, &id);
}

static enum err take_acked(struct verifying *verifying, struct str event_id)
{
    struct inbox_row *found = NULL;
    uint32_t count = 0;
    if (event_id.len == 0) {
        return ERR_OK;
    }
    const struct inbox_filter filter = {.event_id = event_id};
    TRY(inbox_list(verifying->store, &filter, verifying->arena, &found, &count, verifying->reterr));
    verifying->counts->acked_events++;
    struct verify_finding finding = {"event", event_id, "", "acknowledged", "not there"};
    if (count == 0) {
        verifying->counts->acked_missing++;
        verifying->finding(verifying->context, &finding);
    } else if (count > 1) {
        verifying->counts->acked_twice++;
        finding.store = "there more than once";
        verifying->finding(verifying->context, &finding);
    }
    return ERR_OK;
}

enum err verify_state(struct store *store,
    const char *path,
    bool newest,
    verify_finding_fn *finding,
    void *context,
    struct verify_counts *ret_counts,
    struct err_info *reterr)
{
    REQUIRE(store != NULL);
    REQUIRE(finding != NULL);
    struct verify_counts counts = {0};
    struct verifying verifying = {.store = store,
        .finding = finding,
        .context = context,
        .counts = &counts,
        .reterr = reterr,
        .path = path,
        .newest = newest};
    TRY(take_all(&verifying, take_scope));
    verifying.line = 0;
    TRY(take_all(&verifying, take_object));
    *ret_counts = counts;
    return ERR_OK;
}

enum err verify_acked(struct store *store,
    const char *path,
    verify_finding_fn *finding,
    void *context,
    struct verify_counts *counts,
    struct err_info *reterr)
{
    REQUIRE(store != NULL);
    struct verifying verifying = {.store = store,
        .finding = finding,
        .context = context,
        .counts = counts,
        .reterr = reterr,
        .path = path};
    return take_all(&verifying, take_acked);
}

bool verify_is_good(const struct verify_counts *counts)
{
    return counts->different == 0 && counts->missing == 0 && counts->acked_missing == 0 &&
           counts->acked_twice == 0;
}

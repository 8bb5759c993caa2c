/* faults: what the sandbox does wrong on purpose, each with the discrepancy that must be found for
 * it. Where is chosen by the seed alone, among what fits. Nothing is done for NULL.
 *
 * The merchant asks while it lives (faults_shop.c, faults_events.c), API and reports while they
 * answer (faults_said.c).
 *
 * Layer: sandbox. Table: faults.def. Source: docs/sandbox.md.
 */
#pragma once

#include "sandbox/merchant_lines.h"

enum fault_kind {
#define FAULT(name, word, code, help) FAULT_IS_##name,
#include "sandbox/faults.def"
#undef FAULT
    FAULT_KIND_COUNT
};

#define FAULTS_EACH_MAX 100

struct fault_wish {
    uint32_t count[FAULT_KIND_COUNT]; /* how many of each */
    int64_t
        spread_s; /* of the shop's life, over which those of a kind are spread; 0: as they fit */
};
/* "drop_line=2,wrong_net"; "none", and "all" or "all=5", which is so many of each. ERR_INVALID:
 * another word, a number beyond 1 to FAULTS_EACH_MAX, or a word said twice. */
MUST_USE enum err fault_wish_parse(struct str text, struct fault_wish *ret_wish);
void fault_list(struct buf *to); /* "drop_event, drop_object" */

struct faults;
struct faults *faults_new(uint64_t seed, const struct fault_wish *wish); /* NULL without memory */
struct faults *faults_free(struct faults *faults);
DEFINE_CLEANUP(struct faults *, faults_free);

uint32_t faults_left(const struct faults *faults); /* wished for, and nothing has fitted yet */
/* What was done, as a JSON object a line. */
void faults_write(const struct faults *faults, const struct merchant *merchant, struct buf *to);

/* --- faults_said.c: what is said of the account --- */
enum fault_view {
    FAULT_VIEW_API,    /* lists of lines, and lines by id */
    FAULT_VIEW_PAYOUT, /* the lines in a payout: in the API, and in a report */
    FAULT_VIEW_REPORT, /* an itemized report */
    FAULT_VIEW_SUMMARY,
};
/* False: it is not in there. */
bool faults_show_line(
    const struct faults *faults, enum fault_view view, const struct merchant_line *line);
/* Changes what a line says of itself there. */
void faults_alter_line(
    const struct faults *faults, enum fault_view view, struct merchant_line *line);
/* Changes how the source of a line is rendered beside it. */
void faults_alter_source(
    const struct faults *faults, const struct merchant_line *line, struct buf *source);
/* What is added to a total, of lines that were never made, in that interval. */
int64_t faults_in_total(
    const struct faults *faults, struct str currency, int64_t from_s, int64_t to_s);
int64_t faults_in_balance(const struct faults *faults, struct str currency);

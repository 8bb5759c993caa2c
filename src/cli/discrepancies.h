/* discrepancies: what the files of `counterfoil discrepancies` share. Private to them.
 *
 * Layer: cli.
 */
#pragma once

#include "store/journal.h"
#include "store/refs.h"
#include "store/statement_read.h"
#include "flow/discrepancies.h"
#include "cli/command.h"
#include "cli/show.h"

int discrepancies_list_command(struct command_context *context);
int discrepancies_show_command(struct command_context *context);
int discrepancies_acknowledge_command(struct command_context *context);
int discrepancies_explain_command(struct command_context *context);
int discrepancies_resolve_command(struct command_context *context);
int discrepancies_write_off_command(struct command_context *context);
int discrepancies_reopen_command(struct command_context *context);

/* The evidence of one; returns the exit code. */
int discrepancy_show(struct command_context *context, const char *word);
#define DISCREPANCY_PREFIX "cf_dcp_"

/* "cf_dcp_..."; ERR_USAGE was said. */
MUST_USE enum err discrepancy_id_take(
    const struct command_context *context, const char *word, struct own_id *ret_id);
/* What went wrong in our own words where there are some; returns the exit code. */
int discrepancy_refuse(
    const struct command_context *context, enum err err, const struct err_info *info);
/* "-0.50 EUR", or "" without a currency; "too large" when it does not fit. */
void discrepancy_off_text(const struct finding *found, char to[static MONEY_TEXT_BYTES]);
void discrepancy_amount_text(
    int64_t minor, struct currency currency, char to[static MONEY_TEXT_BYTES]);
/* "attempt cf_att_..." , "line cf_lin_...", or "". */
#define ABOUT_BYTES (OWN_ID_TEXT_BYTES + 24)
void discrepancy_about(const struct finding *found, char to[static ABOUT_BYTES]);

/* --- evidence --- */

#define EVIDENCE_LINES_MAX 100 /* of one object; there are more */

/* What aggregate, line or person posted there. */
struct evidence_posting {
    int subject_kind;
    struct own_id subject;
    struct posting posting;
};
struct evidence { /* everything lives in the arena */
    struct discrepancy now;
    struct discrepancy_step *steps;
    uint32_t step_count;
    struct scope_row scope;
    struct standing_amount standing;
    struct shown shown; /* our record and what events did to it; no objects: there is none */
    struct evidence_posting *postings;
    uint32_t posting_count;
    struct kept_lines lines;          /* of the statement, about it */
    struct statement_source *sources; /* who told them first, each once */
    uint32_t source_count;
    struct inbox_row *events; /* that it names */
    uint32_t event_count;
};
/* Inside a transaction. ERR_NOT_FOUND. */
MUST_USE enum err evidence_gather(struct store *store,
    struct own_id id,
    struct arena *arena,
    struct evidence *ret,
    struct err_info *reterr);
void evidence_json(const struct evidence *evidence, int64_t now_us);

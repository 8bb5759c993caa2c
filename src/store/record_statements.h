/* record_statements: the SQL of one kind of record.
 *
 * Layer: store (inside).
 */
#pragma once

#include "store/internal.h"

#define RECORD_HEAD_COLUMNS 6

struct record_statements {
    size_t column_count; /* the head's included */
    struct sql_statement load, load_locked, insert, update, scan, scan_scope;
    struct sql_statement of_payment;     /* of attempts only */
    const struct sql_statement **linked; /* by field; see record_linked_statement */
};

/* Made on first use; lives as long as the store. NULL without memory. */
struct record_statements *record_statements_of(
    struct store *store, const struct record_kind *kind, struct err_info *reterr);
/* The records whose `field` is ?1, the newest ?2 of them; likewise. */
const struct sql_statement *record_linked_statement(struct store *store,
    const struct record_kind *kind,
    const struct field *field,
    struct err_info *reterr);
/* How many records of all kinds are contested, and when the oldest of them changed; likewise. */
const struct sql_statement *record_contested_statement(
    struct store *store, struct err_info *reterr);

/* A record as one row of parameters, and back. The parameters borrow the record. */
void record_to_parameters(
    const struct record_kind *kind, const void *record, struct parameters *to);
/* ERR_STORE_IO when a column holds what no record can. */
MUST_USE enum err record_from_columns(const struct record_kind *kind,
    const struct sql_value *columns,
    uint32_t column_count,
    void *record,
    struct err_info *reterr);

/* record_statements: the SQL of one kind of record.
 *
 * Layer: store (inside).
 */
#pragma once

#include "store/internal.h"

#define RECORD_HEAD_COLUMNS 6

struct record_statements {
    size_t column_count; /* the head's included */
    struct sql_statement load, load_locked, insert, update, scan, scan_scope, of_payment;
};

/* Made on first use; lives as long as the store. NULL without memory. */
struct record_statements *record_statements_of(
    struct store *store, const struct record_kind *kind, struct err_info *reterr);

/* A record as one row of parameters, and back. The parameters borrow the record. */
void record_to_parameters(
    const struct record_kind *kind, const void *record, struct parameters *to);
/* ERR_STORE_IO when a column holds what no record can. */
MUST_USE enum err record_from_columns(const struct record_kind *kind,
    const struct sql_value *columns,
    uint32_t column_count,
    void *record,
    struct err_info *reterr);

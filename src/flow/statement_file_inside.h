/* statement_file_inside: what the files of statement_file share. Private to them.
 *
 *   statement_file.c       a file, record by record
 *   statement_file_take.c  its lines, a batch a transaction
 *
 * Layer: flow.
 */
#pragma once

#include "flow/statement_file.h"

/* One record of a file: a line, or of a summary a total. */
struct filed_record {
    const struct said_line *said; /* NULL: a total */
    const struct said_total *total;
};
typedef enum err filed_record_fn(
    void *context, const struct filed_record *record, struct err_info *reterr);

/* Reads a checked file once more, record by record. ERR_CONFLICT: it was changed meanwhile. */
MUST_USE enum err statement_file_read(const struct filed_setup *setup,
    struct filed_statement *file,
    filed_record_fn *on_record,
    void *context,
    struct err_info *reterr);
bool statement_file_is_stopped(const struct filed_setup *setup);

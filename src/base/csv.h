/* csv: reads comma-separated values record by record, in constant memory, and is strict: whatever
 * the RFC does not allow is refused with its place, never guessed at.
 *
 * Taken: a byte order mark, LF and CR LF, quoted commas, quotes and line ends, a last line without
 * an end, empty lines at the end. Refused: another separator, lone carriage returns, quotes within
 * unquoted text, NUL, text that is not UTF-8, records with more or fewer fields than the header,
 * and what exceeds LIMIT_CSV_*.
 *
 * Layer: base. Source: RFC 4180.
 */
#pragma once

#include "base/str.h"

struct csv;

/* Puts at most `room` bytes at `to`; *ret_count is 0 at the end. */
typedef enum err csv_source_fn(
    void *context, char *to, size_t room, size_t *ret_count, struct err_info *reterr);

struct csv_record { /* valid until the next record is read */
    uint32_t count; /* 0: there are no more */
    const struct str *fields;
    const uint64_t *lines; /* for each field: the line that it begins in, from 1 */
    bool is_ended;         /* false: it is the last, and its line has no end; perhaps it is cut */
};

/* NULL without memory. `context` is the source's. */
struct csv *csv_new(csv_source_fn *source, void *context) MUST_USE;
struct csv *csv_free(struct csv *csv); /* NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct csv *, csv_free);

/* The next record; the first is the header, without which the text is malformed. ERR_MALFORMED,
 * ERR_TOO_LARGE with "line 7, column 3: ..." in *reterr, which never holds any of the text; the
 * source's own errors. After an error there is nothing more to be had: the same call fails again.
 */
MUST_USE enum err csv_next(struct csv *csv, struct csv_record *ret_record, struct err_info *reterr);

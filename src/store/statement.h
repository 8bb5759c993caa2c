/* statement: the lines of the provider's statement as they were told, and who told them.
 *
 * Lines are never taken away, and what every source says of one never changes; what only some say
 * is learned. Sources never change.
 *
 * Layer: store. Source of the meaning: ledger/line.h; provider/statement.h.
 */
#pragma once

#include "base/digest.h"
#include "store/store.h"
#include "ledger/line.h"

enum source_kind { SOURCE_API, SOURCE_FILE };

struct kept_line {
    int64_t scope; /* 0: there is none */
    struct statement_line line;
    struct str provider_id, type, category, text;
    enum id_kind source_kind; /* valid while line.source is not none */
    struct own_id payout;     /* none: not known */
    bool available;
    unsigned learned, flaws; /* of enum said_field, enum line_flaw */
    unsigned told;           /* by whom: bits 1 << enum source_kind */
    int64_t effective_us, entered_us;
    int64_t first_source; /* number of its source */
};

/* Until the commit nobody else takes lines of that scope. Before everything else of them. */
MUST_USE enum err statement_lock(struct store *store, int64_t scope, struct err_info *reterr);

/* ret[i]: the line of provider_ids[i], or one of scope 0. In the arena. */
MUST_USE enum err statement_known(struct store *store,
    int64_t scope,
    const struct str *provider_ids,
    uint32_t count,
    struct arena *arena,
    struct kept_line *ret,
    struct err_info *reterr);
MUST_USE enum err statement_add(struct store *store,
    const struct kept_line *const *lines,
    uint32_t count,
    struct err_info *reterr);
/* Writes what may be learned, and the flaws. */
MUST_USE enum err statement_learn(struct store *store,
    const struct kept_line *const *lines,
    uint32_t count,
    struct err_info *reterr);

/* All lines of an attempt where payer and settlement differ in currency; only `line` is filled in.
 */
struct exchanged_lines {
    struct own_id attempt; /* in */
    struct kept_line *lines;
    uint32_t count;
};
MUST_USE enum err statement_exchanged(struct store *store,
    struct exchanged_lines *attempts,
    uint32_t count,
    struct arena *arena,
    struct err_info *reterr);

/* What the statement says of refunds. */
struct refund_moved {
    struct own_id refund; /* in */
    bool is_in_statement, is_capture_release;
};
MUST_USE enum err statement_refunds(
    struct store *store, struct refund_moved *refunds, uint32_t count, struct err_info *reterr);

/* Does the scope have lines at all, and which of these? For who wonders whose file it is. */
MUST_USE enum err statement_has_lines(
    struct store *store, int64_t scope, bool *ret_has, struct err_info *reterr);
/* The scope other than `scope` that has a line of that id; 0: none. */
MUST_USE enum err statement_elsewhere(struct store *store,
    int64_t scope,
    struct str provider_id,
    int64_t *ret_scope,
    struct err_info *reterr);

/* --- restated --- */

struct restatement {
    struct own_id line;
    const char *field;
    struct str said, stands;
    int64_t scope, source, told_us;
};
/* Once for each line, field and what is said; *ret_added: how many were new. */
MUST_USE enum err statement_restate(struct store *store,
    const struct restatement *rows,
    uint32_t count,
    int64_t *ret_added,
    struct err_info *reterr);

/* --- sources --- */

#define SOURCE_NAME_BYTES_MAX 200

struct statement_source {
    int64_t scope, number; /* number: out of begin */
    enum source_kind kind;
    struct str name;
    bool hashed;
    uint8_t sha256[SHA256_BYTES];
    int64_t bytes, lines, from_us, to_us, received_us;
};
struct taken_counts {
    int64_t added, known, learned, restated, unclassified;
};
/* Gives it a number. Bytes that are there go on under the number that they have; *ret_finished:
 * there is nothing more to do. Takes the lock. */
MUST_USE enum err statement_source_begin(struct store *store,
    struct statement_source *source,
    bool *ret_finished,
    struct err_info *reterr);
MUST_USE enum err statement_source_finish(struct store *store,
    const struct statement_source *source,
    const struct taken_counts *counts,
    int64_t now_us,
    struct err_info *reterr);
/* The one of that number; ret->number is 0 when there is none. */
MUST_USE enum err statement_source_read(struct store *store,
    int64_t scope,
    int64_t number,
    struct arena *arena,
    struct statement_source *ret,
    struct err_info *reterr);
/* The number of the file with that hash; 0: none. */
MUST_USE enum err statement_source_find(struct store *store,
    int64_t scope,
    const uint8_t sha256[static SHA256_BYTES],
    int64_t *ret_number,
    bool *ret_finished,
    struct err_info *reterr);

/* A total of the provider's own, of which lines make the proof. */
struct kept_total {
    struct str category;
    struct currency currency;
    int64_t net_minor;
};
/* In the order of the array, from `first` on: the place of the first of them, from 1. */
MUST_USE enum err statement_totals_add(struct store *store,
    const struct statement_source *source,
    int64_t first,
    const struct kept_total *totals,
    uint32_t count,
    struct err_info *reterr);

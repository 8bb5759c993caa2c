/* derived: the rows that a replay makes again, as they stand in their tables, in key order: for
 * comparing. Unlike records.h it also reads what no record can hold, since somebody may have
 * written it there.
 *
 * Layer: store.
 */
#pragma once

#include "domain/record.h"
#include "store/sql.h"
#include "store/store.h"

/* The kinds of records in their order, then the effects. inbox_total stands apart. */
enum { DERIVED_EFFECTS = ID_KIND_COUNT, DERIVED_COUNT };
const char *derived_table(int table);

/* What is compared of a row: the scope and the business fields of a record; what an effect is
 * about, not how it came out, since that depends on the order of events. */
uint32_t derived_field_count(int table);
const char *derived_field_name(int table, uint32_t at);
const struct field *derived_field(int table, uint32_t at); /* NULL: no field of a record */

struct derived_row {
    struct own_id id;         /* key; of the object */
    int64_t at_us, seq;       /* key of effects */
    struct sql_value *values; /* derived_field_count() of them */
};
int derived_compare_keys(const struct derived_row *a, const struct derived_row *b);

/* At most `limit` rows behind `after` (NULL: from the first). */
MUST_USE enum err derived_scan(struct store *store,
    int table,
    const struct derived_row *after,
    uint32_t limit,
    struct arena *arena,
    struct derived_row **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

struct derived_total {
    struct str status, reason;
    int64_t count;
};
MUST_USE enum err derived_totals(struct store *store,
    struct arena *arena,
    struct derived_total **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr);

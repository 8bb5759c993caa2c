/* compare: one snapshot of the truth with one record of the store, field by field. Private to
 * verify.
 *
 * Layer: sandbox. Tables: compare.def, records.def.
 */
#pragma once

#include "domain/record.h"
#include "sandbox/truth.h"

#define COMPARE_FIELDS_MAX 48
#define COMPARE_TEXT_BYTES 340

struct compare_difference {
    const char *field;
    char truth[COMPARE_TEXT_BYTES], store[COMPARE_TEXT_BYTES];
};

/* Own ids of what the truth names, looked up by whoever has the store. ERR_OK with a none id when
 * the store does not know it. */
typedef enum err compare_find_fn(
    void *context, enum id_kind kind, struct str provider_id, struct own_id *ret_id);

struct compare_context {
    compare_find_fn *find;
    void *context;
};

enum id_kind compare_record_kind(enum truth_kind kind);

/* The fields that differ; none: equal. */
MUST_USE enum err compare_snapshot(const struct compare_context *context,
    enum truth_kind kind,
    struct str id,
    const struct json *says,
    const void *record,
    struct compare_difference ret_differences[static COMPARE_FIELDS_MAX],
    uint32_t *ret_count);

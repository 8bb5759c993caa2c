/* id: ids of our own. 16 bytes, UUID version 7, shown as `cf_pay_` and 32 hex digits.
 *
 * Layer: domain. Table: aggregates.def. Source: RFC 9562.
 */
#pragma once

#include "base/str.h"

enum id_kind {
#define AGGREGATE(NAME, name, prefix, help) ID_##NAME,
#include "domain/aggregates.def"
    ID_KIND_COUNT
};

struct own_id {
    uint8_t bytes[16]; /* all zero: none */
};

#define OWN_ID_TEXT_BYTES 48

/* Version 7 from milliseconds of `now_us` and ten random bytes of the caller's. */
struct own_id own_id_make(int64_t now_us, const uint8_t random[static 10]);
/* What is before every id of the first whole millisecond from `time_us` on, and behind all earlier
 * ones: a bound of a range of times, and no id itself. From 1970 on. */
struct own_id own_id_first(int64_t time_us);
bool own_id_is_none(struct own_id id);
bool own_id_eq(struct own_id a, struct own_id b);
int own_id_compare(struct own_id a, struct own_id b);
/* None gives "". */
void own_id_format(enum id_kind kind, struct own_id id, char to[static OWN_ID_TEXT_BYTES]);
/* ERR_MALFORMED when `text` is not one of ours. */
MUST_USE enum err own_id_parse(struct str text, enum id_kind *ret_kind, struct own_id *ret_id);
const char *id_kind_word(enum id_kind kind);
bool id_kind_parse(struct str word, enum id_kind *ret_kind);

/* json_internal: what the files of the JSON reader share; included by json_*.c only.
 *
 * Layer: base.
 */
#pragma once

#include "base/json.h"

#define JSON_REPLACEMENT "\xef\xbf\xbd" /* U+FFFD */

/* Decodes what stands between the quotes of a string whose escapes the lexer has found to be good.
 * Counts in *replaced what became U+FFFD; data is NULL when the arena is out of room. */
struct str json_unescape(struct str raw, struct arena *arena, uint32_t *replaced);

/* yajl's memory for one text, taken before it starts (json_scratch.c says why). */
struct json_scratch {
    unsigned char *data; /* owned */
    size_t used;
    size_t bytes;
};
MUST_USE bool json_scratch_init(struct json_scratch *scratch, size_t text_len);
void json_scratch_fini(struct json_scratch *scratch);
static inline void json_scratch_fini_cleanup(struct json_scratch *scratch)
{
    json_scratch_fini(scratch);
}

/* What yajl calls; never NULL. */
void *json_scratch_alloc(void *context, size_t bytes);
void *json_scratch_realloc(void *context, void *old, size_t bytes);
void json_scratch_free(void *context, void *piece);

/* Of a member's name, eight bytes at a time: FNV-1a over all keys would cost as much as the lexer.
 * Lives only in memory, so the machine's byte order may show. */
static inline uint32_t json_key_hash(struct str key)
{
    const uint64_t factor = UINT64_C(0x9e3779b97f4a7c15);
    uint64_t hash = key.len * factor;
    uint64_t word = 0;
    size_t at = 0;
    for (; key.len - at > sizeof word; at += sizeof word) {
        memcpy(&word, key.data + at, sizeof word);
        hash = (hash ^ word) * factor;
        hash ^= hash >> 32;
    }
    if (key.len >= sizeof word) {
        memcpy(
            &word, key.data + key.len - sizeof word, sizeof word); /* may overlap what was read */
    } else {
        for (word = 0; at < key.len; at++) {
            word = word << 8 | (unsigned char)key.data[at];
        }
    }
    hash = (hash ^ word) * factor;
    return (uint32_t)(hash >> 32);
}

#include "domain/id.h"
#include "base/check.h"

#define ID_HEX_CHARS 32
#define PREFIX_CHARS_MAX 15

struct id_row {
    const char *prefix;
    const char *word;
};

static const struct id_row id_rows[] = {
#define AGGREGATE(NAME, name, prefix, help) [ID_##NAME] = {prefix, #name},
#include "domain/aggregates.def"
};
_Static_assert(sizeof id_rows / sizeof id_rows[0] == ID_KIND_COUNT, "every kind has its row");
_Static_assert(PREFIX_CHARS_MAX + ID_HEX_CHARS + 1 <= OWN_ID_TEXT_BYTES, "an id's text has room");
#define AGGREGATE(NAME, name, prefix, help)                                                        \
    _Static_assert(sizeof(prefix) - 1 <= PREFIX_CHARS_MAX, "a prefix is short");
#include "domain/aggregates.def"

#define MS_MAX ((UINT64_C(1) << 48) - 1) /* an id has six bytes of time */

static void put_time(struct own_id *id, uint64_t ms)
{
    for (int i = 0; i < 6; i++) {
        id->bytes[i] = (uint8_t)(ms >> (8 * (5 - i)));
    }
}

struct own_id own_id_make(int64_t now_us, const uint8_t random[static 10])
{
    REQUIRE(now_us >= 0);
    struct own_id id;
    put_time(&id, (uint64_t)now_us / 1000);
    memcpy(id.bytes + 6, random, 10);
    id.bytes[6] = (uint8_t)(0x70 | (id.bytes[6] & 0x0f)); /* version 7 */
    id.bytes[8] = (uint8_t)(0x80 | (id.bytes[8] & 0x3f)); /* variant 10 */
    ENSURE(!own_id_is_none(id));
    return id;
}

struct own_id own_id_first(int64_t time_us)
{
    struct own_id id = {{0}};
    uint64_t us = time_us > 0 ? (uint64_t)time_us : 0;
    uint64_t ms = us / 1000 + (us % 1000 != 0 ? 1 : 0);
    put_time(&id, ms < MS_MAX ? ms : MS_MAX);
    return id;
}

bool own_id_is_none(struct own_id id)
{
    static const struct own_id none;
    return memcmp(id.bytes, none.bytes, sizeof id.bytes) == 0;
}

bool own_id_eq(struct own_id a, struct own_id b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes) == 0;
}

int own_id_compare(struct own_id a, struct own_id b)
{
    return memcmp(a.bytes, b.bytes, sizeof a.bytes);
}

void own_id_format(enum id_kind kind, struct own_id id, char to[static OWN_ID_TEXT_BYTES])
{
    REQUIRE((unsigned)kind < ID_KIND_COUNT);
    if (own_id_is_none(id)) {
        to[0] = '\0';
        return;
    }
    size_t prefix_len = strlen(id_rows[kind].prefix);
    memcpy(to, id_rows[kind].prefix, prefix_len);
    hex_encode(to + prefix_len, id.bytes, sizeof id.bytes);
    to[prefix_len + ID_HEX_CHARS] = '\0';
}

enum err own_id_parse(struct str text, enum id_kind *ret_kind, struct own_id *ret_id)
{
    REQUIRE(ret_kind != NULL);
    REQUIRE(ret_id != NULL);
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        struct str prefix = str_from(id_rows[kind].prefix);
        if (!str_starts_with(text, prefix)) {
            continue;
        }
        struct str hex = {text.data + prefix.len, text.len - prefix.len};
        struct own_id id;
        if (hex.len != ID_HEX_CHARS || !hex_decode(id.bytes, sizeof id.bytes, hex) ||
            own_id_is_none(id)) {
            return ERR_MALFORMED;
        }
        *ret_kind = (enum id_kind)kind;
        *ret_id = id;
        return ERR_OK;
    }
    return ERR_MALFORMED;
}

const char *id_kind_word(enum id_kind kind)
{
    REQUIRE((unsigned)kind < ID_KIND_COUNT);
    return id_rows[kind].word;
}

bool id_kind_parse(struct str word, enum id_kind *ret_kind)
{
    REQUIRE(ret_kind != NULL);
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        if (str_eq(word, str_from(id_rows[kind].word))) {
            *ret_kind = (enum id_kind)kind;
            return true;
        }
    }
    return false;
}

/* FNV-1a, 64 bits. Source: draft-eastlake-fnv, section 2; a seed of 0 gives the published hash. */
#include "base/check.h"
#include "base/str.h"

#define FNV_OFFSET_BASIS UINT64_C(0xcbf29ce484222325)
#define FNV_PRIME UINT64_C(0x00000100000001b3)

uint64_t hash_bytes(const void *data, size_t len, uint64_t seed)
{
    REQUIRE(data != NULL || len == 0);
    const uint8_t *bytes = data;
    uint64_t hash = FNV_OFFSET_BASIS ^ seed;
    for (size_t i = 0; i < len; i++) {
        hash = (hash ^ bytes[i]) * FNV_PRIME;
    }
    return hash;
}

#include "sandbox/object_id.h"
#include "base/check.h"

#define TIME_DIGITS 5
#define TAIL_DIGITS 8
#define ACCOUNT_DIGITS (sizeof((struct id_maker *)NULL)->account)
#define TIME_ZERO_S INT64_C(1293840000)      /* 2011-01-01: five digits last until 2040 */
#define TIME_COUNT INT64_C(916132832)        /* 62^5 */
#define TAIL_COUNT UINT64_C(218340105584896) /* 62^8 */
/* Has no factor in common with 62, so that counting by it meets every tail once before the first
 * again. */
#define TAIL_STRIDE UINT64_C(134775813000001)

static const char digits[] = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

_Static_assert(sizeof digits - 1 == 62, "base 62, in the order of their bytes");
_Static_assert(TAIL_STRIDE % 2 != 0 && TAIL_STRIDE % 31 != 0, "no factor in common with 62");

static char *add_digits(char *to, uint64_t value, int count)
{
    for (int i = count - 1; i >= 0; i--) {
        to[i] = digits[value % 62];
        value /= 62;
    }
    return to + count;
}

static uint64_t next_tail(struct id_maker *maker)
{
    maker->made++;
    INVARIANT(maker->made < TAIL_COUNT);
    __extension__ unsigned __int128 step = (unsigned __int128)maker->made * TAIL_STRIDE;
    return ((uint64_t)(step % TAIL_COUNT) + maker->offset) % TAIL_COUNT;
}

static uint64_t time_of(int64_t at_s)
{
    int64_t since = at_s > TIME_ZERO_S ? at_s - TIME_ZERO_S : 0;
    return (uint64_t)(since % TIME_COUNT);
}

void id_maker_init(struct id_maker *maker, uint64_t seed)
{
    REQUIRE(maker != NULL);
    *maker = (struct id_maker){.offset = hash_bytes(&seed, sizeof seed, 1) % TAIL_COUNT};
    (void)add_digits(maker->account, hash_bytes(&seed, sizeof seed, 2), sizeof maker->account);
}

/* Returns where the prefix ends; there the digits begin. */
static char *add_prefix(char *to, const char *prefix)
{
    size_t room = OBJECT_ID_BYTES - TIME_DIGITS - ACCOUNT_DIGITS - TAIL_DIGITS;
    bool whole = str_copy_to(to, room, str_from(prefix));
    REQUIRE(whole);
    return to + strlen(to);
}

void id_make(
    struct id_maker *maker, const char *prefix, int64_t at_s, char to[static OBJECT_ID_BYTES])
{
    REQUIRE(maker != NULL);
    char *end = add_prefix(to, prefix);
    end = add_digits(end, time_of(at_s), TIME_DIGITS);
    memcpy(end, maker->account, sizeof maker->account);
    end = add_digits(end + sizeof maker->account, next_tail(maker), TAIL_DIGITS);
    *end = '\0';
}

void id_make_short(
    struct id_maker *maker, const char *prefix, int64_t at_s, char to[static OBJECT_ID_BYTES])
{
    REQUIRE(maker != NULL);
    char *end = add_prefix(to, prefix);
    end = add_digits(end, time_of(at_s), TIME_DIGITS);
    *end++ = maker->account[0];
    end = add_digits(end, next_tail(maker), TAIL_DIGITS);
    *end = '\0';
}

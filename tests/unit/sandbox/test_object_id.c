#include "sandbox/object_id.h"
#include "unit/testing.h"

static void id_is_prefix_time_account_and_tail(void **state)
{
    (void)state;
    struct id_maker maker;
    char first[OBJECT_ID_BYTES], second[OBJECT_ID_BYTES];
    id_maker_init(&maker, test_seed());
    id_make(&maker, "pi_3", 1795000000, first);
    id_make(&maker, "ch_3", 1795000000, second);
    assert_int64_equal((int64_t)strlen(first), 4 + 5 + 10 + 8);
    assert_memory_equal(first, "pi_3", 4);
    assert_memory_equal(first + 4, second + 4, 15); /* objects of one payment share the stem */
    assert_string_not_equal(first + 19, second + 19);
}

static void later_ids_sort_behind_earlier_ones(void **state)
{
    (void)state;
    struct id_maker maker;
    char before[OBJECT_ID_BYTES], after[OBJECT_ID_BYTES];
    id_maker_init(&maker, test_seed());
    id_make(&maker, "evt_1", 1700000000, before);
    for (int64_t at_s = 1700000001; at_s < 1900000000; at_s += 7919 * 101) {
        id_make(&maker, "evt_1", at_s, after);
        assert_true(strcmp(before, after) < 0);
        memcpy(before, after, sizeof before);
    }
}

static void short_id_has_fourteen_digits(void **state)
{
    (void)state;
    struct id_maker maker;
    char id[OBJECT_ID_BYTES];
    id_maker_init(&maker, test_seed());
    id_make_short(&maker, "cus_", 1795000000, id);
    assert_int64_equal((int64_t)strlen(id), 4 + 14);
}

TESTS_MAIN("sandbox/object_id",
    TEST(id_is_prefix_time_account_and_tail),
    TEST(later_ids_sort_behind_earlier_ones),
    TEST(short_id_has_fourteen_digits))

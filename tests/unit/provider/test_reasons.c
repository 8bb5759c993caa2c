/* Words for people: reasons and the ways of not being proven. */
#include "provider/provider.h"
#include "unit/testing.h"

static void every_reason_reads_back_from_its_word(void **state)
{
    (void)state;
    for (int i = 0; i < REASON_COUNT; i++) {
        enum reason reason = REASON_COUNT;
        assert_true(reason_parse(str_from(reason_word((enum reason)i)), &reason));
        assert_int_equal(reason, i);
        assert_true(strlen(reason_help((enum reason)i)) > 0);
    }
}

static void an_unknown_word_is_no_reason(void **state)
{
    (void)state;
    enum reason reason = REASON_COUNT;
    assert_false(reason_parse(STR("because"), &reason));
    assert_false(reason_parse(STR_NONE, &reason));
    assert_int_equal(reason, REASON_COUNT);
}

static void every_way_of_not_being_proven_has_its_own_word(void **state)
{
    (void)state;
    for (int i = 0; i < UNPROVEN_COUNT; i++) {
        for (int j = 0; j < i; j++) {
            assert_string_not_equal(
                unproven_word((enum unproven)i), unproven_word((enum unproven)j));
        }
    }
}

static void a_number_that_is_no_reason_aborts(void **state)
{
    (void)state;
    assert_aborts((void)reason_word(REASON_COUNT));
    assert_aborts((void)unproven_word(UNPROVEN_COUNT));
}

TESTS_MAIN("reasons",
    TEST(every_reason_reads_back_from_its_word),
    TEST(an_unknown_word_is_no_reason),
    TEST(every_way_of_not_being_proven_has_its_own_word),
    TEST(a_number_that_is_no_reason_aborts))

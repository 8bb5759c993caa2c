/* Where engines find the prepared form of a statement. */
#include "store/statement_table.h"
#include "testing.h"

static char statements[STATEMENT_SLOTS]; /* addresses are all that counts */

static void statement_keeps_a_slot_of_its_own(void **state)
{
    (void)state;
    static struct statement_table table;
    static bool taken[STATEMENT_SLOTS];
    uint32_t slots[STATEMENT_SLOTS - 1];
    for (uint32_t i = 0; i < STATEMENT_SLOTS - 1; i++) {
        slots[i] = statement_slot(&table, &statements[i]);
        assert_true(slots[i] < STATEMENT_SLOTS);
        assert_false(taken[slots[i]]);
        taken[slots[i]] = true;
    }
    for (uint32_t i = 0; i < STATEMENT_SLOTS - 1; i++) {
        assert_int_equal(statement_slot(&table, &statements[i]), slots[i]);
    }
    assert_int_equal(table.used, STATEMENT_SLOTS - 1);
}

TESTS_MAIN("statement_table", TEST(statement_keeps_a_slot_of_its_own))

/* What the lines in a payout leave of its amount: the first reason that fits stands. */
#include "reconcile/remainder.h"
#include "unit/testing.h"

enum { NOT_APPLICABLE, IN_PROGRESS, COMPLETED }; /* payout_reconciliations */

static struct payout settled(void)
{
    return (struct payout){.automatic = true, .reconciled = true, .state = PAYOUT_PAID};
}

static void lines_that_add_up_leave_nothing_whatever_the_payout(void **state)
{
    (void)state;
    struct payout payout = {.state = PAYOUT_FAILED};
    struct remainder_facts facts = {.adds_up = true, .is_before_books = true};
    assert_int_equal(remainder_judge(&payout, &facts), REMAINDER_NONE);
}

static void a_payout_by_hand_is_never_open(void **state)
{
    (void)state;
    struct payout payout = settled();
    payout.automatic = false;
    struct remainder_facts facts = {.has_lines = true, .is_taken_whole = true};
    assert_int_equal(remainder_judge(&payout, &facts), REMAINDER_BY_HAND);
}

static void money_that_came_back_is_not_asked_for(void **state)
{
    (void)state;
    struct payout payout = settled();
    struct remainder_facts facts = {.is_taken_whole = true};
    payout.reconciled = false;
    payout.state = PAYOUT_FAILED;
    assert_int_equal(remainder_judge(&payout, &facts), REMAINDER_RETURNED);
    payout.state = PAYOUT_CANCELED;
    assert_int_equal(remainder_judge(&payout, &facts), REMAINDER_RETURNED);
    payout.automatic = false;
    assert_int_equal(remainder_judge(&payout, &facts), REMAINDER_RETURNED);
}

static void a_failed_payout_whose_lines_were_settled_is_summed_all_the_same(void **state)
{
    (void)state;
    struct payout payout = settled();
    payout.state = PAYOUT_FAILED;
    struct remainder_facts facts = {.has_lines = true};
    assert_int_equal(remainder_judge(&payout, &facts), REMAINDER_UNEXPLAINED);
}

static void lines_that_may_still_change_are_waited_for(void **state)
{
    (void)state;
    struct payout payout = settled();
    payout.reconciled = false;
    payout.reconciliation = IN_PROGRESS;
    struct remainder_facts facts = {.has_lines = true};
    assert_false(payout_is_settled(&payout));
    assert_int_equal(remainder_judge(&payout, &facts), REMAINDER_UNFINISHED);
    payout.reconciled = true; /* the event says so before the field does */
    assert_true(payout_is_settled(&payout));
    assert_int_equal(remainder_judge(&payout, &facts), REMAINDER_UNEXPLAINED);
}

static void a_payout_of_which_nothing_is_said_counts_as_settled(void **state)
{
    (void)state;
    struct payout payout = settled();
    payout.reconciled = false;
    for (int said = NOT_APPLICABLE; said <= COMPLETED; said++) {
        payout.reconciliation = (uint8_t)said;
        assert_int_equal(payout_is_settled(&payout), said != IN_PROGRESS);
    }
}

static void lines_decide_what_a_settled_payout_lacks(void **state)
{
    (void)state;
    struct payout payout = settled();
    struct remainder_facts none = {0}, some = {.has_lines = true};
    struct remainder_facts old = {.has_lines = true, .is_before_books = true};
    struct remainder_facts whole = {
        .has_lines = true, .is_before_books = true, .is_taken_whole = true};
    assert_int_equal(remainder_judge(&payout, &none), REMAINDER_NO_LINES);
    assert_int_equal(remainder_judge(&payout, &some), REMAINDER_UNEXPLAINED);
    assert_int_equal(remainder_judge(&payout, &old), REMAINDER_BEFORE_BOOKS);
    assert_int_equal(remainder_judge(&payout, &whole), REMAINDER_NOT_THE_SUM);
}

static void what_is_open_says_what_to_do_next(void **state)
{
    (void)state;
    int open = 0;
    for (int i = 0; i < REMAINDER_COUNT; i++) {
        assert_true(remainder_word((enum remainder)i)[0] != '\0');
        assert_true(remainder_what((enum remainder)i)[0] != '\0');
        if (remainder_is_open((enum remainder)i)) {
            assert_true(remainder_next((enum remainder)i)[0] != '\0');
            open++;
        }
    }
    assert_int_equal(open, 2);
}

TESTS_MAIN("remainder",
    TEST(lines_that_add_up_leave_nothing_whatever_the_payout),
    TEST(a_payout_by_hand_is_never_open),
    TEST(money_that_came_back_is_not_asked_for),
    TEST(a_failed_payout_whose_lines_were_settled_is_summed_all_the_same),
    TEST(lines_that_may_still_change_are_waited_for),
    TEST(a_payout_of_which_nothing_is_said_counts_as_settled),
    TEST(lines_decide_what_a_settled_payout_lacks),
    TEST(what_is_open_says_what_to_do_next))

/* flow/reconcile_listed.h: a report that cannot list everything lists the worst. */
#include "flow/reconcile_listed.h"
#include "unit/testing.h"
#include <stdio.h>

#define MAX 4
#define ROWS 41

static const enum discrepancy_code codes[] = {
    CODE_MISSING_LOCAL_EVENT, CODE_ORPHAN, CODE_PAYOUT_SUM}; /* medium, high, critical */

/* Its texts are gone with the call, like those of a page that was read. */
static void add(struct listed *listed, enum discrepancy_code code, unsigned number)
{
    char name[20];
    char text[40];
    (void)snprintf(name, sizeof name, "n_%03u", number);
    (void)snprintf(text, sizeof text, "text of %s", name);
    const struct discrepancy row = {
        .found = {.code = code, .name = str_from(name), .text = str_from(text)},
        .owner = str_from(name)};
    assert_err(listed_add(listed, &row), ERR_OK);
    memset(name, 'x', sizeof name);
    memset(text, 'x', sizeof text);
}

static void assert_row_is(
    const struct discrepancy *row, enum discrepancy_code code, const char *name)
{
    char text[40];
    (void)snprintf(text, sizeof text, "text of %s", name);
    assert_int_equal(row->found.code, code);
    assert_str_equal_to(row->found.name, name);
    assert_str_equal_to(row->found.text, text);
    assert_str_equal_to(row->owner, name);
}

/* Three of 41 are critical; they come at the end, in the middle and at the beginning. */
static void add_all(struct listed *listed, unsigned step)
{
    for (unsigned i = 0; i < ROWS; i++) {
        unsigned number = (i * step + step) % ROWS;
        add(listed, codes[number % 19 == 2 ? 2 : number % 2], number);
    }
}

static void of_too_many_the_worst_are_listed_in_whichever_order_they_come(void **state)
{
    (void)state;
    for (unsigned step = 1; step < ROWS; step++) {
        CLEANUP(listed_free) struct listed *listed = listed_new(MAX);
        CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
        struct discrepancy *rows = NULL;
        uint32_t count = 0;
        assert_true(listed != NULL && arena != NULL);
        add_all(listed, step);
        assert_err(listed_take(listed, arena, &rows, &count), ERR_OK);
        listed = listed_free(listed);
        assert_int_equal(count, MAX);
        assert_row_is(&rows[0], CODE_PAYOUT_SUM, "n_002");
        assert_row_is(&rows[1], CODE_PAYOUT_SUM, "n_021");
        assert_row_is(&rows[2], CODE_PAYOUT_SUM, "n_040");
        assert_row_is(&rows[3], CODE_ORPHAN, "n_001");
    }
}

static void few_are_all_listed_the_worst_first(void **state)
{
    (void)state;
    CLEANUP(listed_free) struct listed *listed = listed_new(MAX);
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    struct discrepancy *rows = NULL;
    uint32_t count = 9;
    assert_true(listed != NULL && arena != NULL);
    assert_err(listed_take(listed, arena, &rows, &count), ERR_OK);
    assert_int_equal(count, 0);
    add(listed, CODE_MISSING_LOCAL_EVENT, 1);
    add(listed, CODE_PAYOUT_SUM, 2);
    assert_err(listed_take(listed, arena, &rows, &count), ERR_OK);
    assert_int_equal(count, 2);
    assert_row_is(&rows[0], CODE_PAYOUT_SUM, "n_002");
    assert_row_is(&rows[1], CODE_MISSING_LOCAL_EVENT, "n_001");
    assert_null(listed_free(NULL));
}

TESTS_MAIN("listed",
    TEST(of_too_many_the_worst_are_listed_in_whichever_order_they_come),
    TEST(few_are_all_listed_the_worst_first))

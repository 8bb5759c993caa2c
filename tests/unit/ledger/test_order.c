/* The books do not depend on the order in which things became known, nor on how often: a life told
 * as it happened and told in any order end in the same balances. */
#include "unit/ledger/generate.h"
#include "unit/lives_option.h"

#define LIVES 1000
#define ORDERS_EACH 3
#define TOLD_MAX (2 * GENERATED_STEPS)

static struct generated generated;
static struct world ordered, other;

static void tell_as_it_happened(uint64_t *chance)
{
    world_begin(&ordered);
    ordered.policy.hold_unlinked = test_random_below(chance, 2) == 0;
    ordered.line_policy.fee_tax_is_input = test_random_below(chance, 2) == 0;
    for (uint32_t i = 0; i < generated.count; i++) {
        world_learn(&ordered, &generated.steps[i]);
        world_post(&ordered);
    }
}

/* Everything once, and some of it twice. */
static uint32_t any_order(uint32_t order[static TOLD_MAX], uint64_t *chance)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < generated.count; i++) {
        order[count++] = i;
        if (test_random_below(chance, 4) == 0) {
            order[count++] = i;
        }
    }
    for (uint32_t i = count; i > 1; i--) {
        uint32_t place = (uint32_t)test_random_below(chance, i);
        uint32_t swapped = order[i - 1];
        order[i - 1] = order[place];
        order[place] = swapped;
    }
    return count;
}

/* How much is known when it is posted is chance too. */
static void tell_in_any_order(uint64_t *chance)
{
    uint32_t order[TOLD_MAX];
    uint32_t count = any_order(order, chance);
    world_begin(&other);
    other.policy = ordered.policy;
    other.line_policy = ordered.line_policy;
    for (uint32_t i = 0; i < count; i++) {
        world_learn(&other, &generated.steps[order[i]]);
        if (test_random_below(chance, 3) == 0) {
            world_post(&other);
        }
    }
    world_post(&other);
}

/* What an account got, it gave back or it is its own. */
static void assert_nothing_is_owed_to_accounts(const struct book *book)
{
    for (uint32_t i = 0; i < book->place_count; i++) {
        if (book->balances[i].account == ACCOUNT_CONNECTED) {
            assert_int64_equal(book->balances[i].minor, 0);
        }
    }
}

static void lives_in_any_order_end_in_equal_balances(void **state)
{
    (void)state;
    uint64_t chance = test_seed();
    for (uint32_t i = lives_wanted(LIVES); i > 0; i--) {
        generate(&generated, &chance);
        tell_as_it_happened(&chance);
        assert_books_are_cleared(&ordered.book);
        assert_nothing_is_owed_to_accounts(&ordered.book);
        for (int order = 0; order < ORDERS_EACH; order++) {
            tell_in_any_order(&chance);
            assert_books_equal(&ordered.book, &other.book);
        }
    }
}

static void posting_again_posts_nothing(void **state)
{
    (void)state;
    uint64_t chance = test_seed();
    for (uint32_t i = lives_wanted(LIVES / 10); i > 0; i--) {
        generate(&generated, &chance);
        tell_as_it_happened(&chance);
        book_forget_told(&ordered.book);
        world_post(&ordered);
        assert_string_equal(ordered.book.told, "");
    }
}

/* A generator that forgets a kind of line proves nothing about it. */
static void every_kind_that_can_be_generated_is(void **state)
{
    (void)state;
    bool seen[LINE_KIND_COUNT] = {false};
    uint64_t chance = test_seed();
    for (int i = 0; i < LIVES; i++) {
        generate(&generated, &chance);
        for (uint32_t step = 0; step < generated.count; step++) {
            if (generated.steps[step].line != NULL) {
                seen[generated.steps[step].line->kind] = true;
            }
        }
    }
    static const enum line_kind kinds[] = {LINE_PAYMENT, LINE_PAYMENT_FAILED, LINE_CAPTURE_RELEASE,
        LINE_REFUND, LINE_REFUND_FAILED, LINE_DISPUTE_WITHDRAWN, LINE_DISPUTE_REINSTATED,
        LINE_PAYOUT, LINE_PAYOUT_RETURNED, LINE_TRANSFER, LINE_TRANSFER_RETURNED, LINE_PLATFORM_FEE,
        LINE_TOPUP, LINE_TOPUP_RETURNED, LINE_FEE, LINE_ADJUSTMENT, LINE_UNCLASSIFIED};
    for (size_t i = 0; i < sizeof kinds / sizeof kinds[0]; i++) {
        assert_row(seen[kinds[i]], line_kind_word(kinds[i]));
    }
}

LIVES_MAIN("order",
    TEST(lives_in_any_order_end_in_equal_balances),
    TEST(posting_again_posts_nothing),
    TEST(every_kind_that_can_be_generated_is))

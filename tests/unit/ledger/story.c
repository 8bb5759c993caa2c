#include "unit/ledger/story.h"
#include "unit/testing.h"

static struct world told, other;

static bool is_of_statement(const struct step *step)
{
    return step->line != NULL || step->record == NULL;
}

static void begin(struct world *world, const struct story *story)
{
    world_begin(world);
    world->policy = story->policy;
}

static void take(struct world *world, const struct step *step)
{
    world_learn(world, step);
    world_post(world);
}

static void tell_some(struct world *world, const struct story *story, bool of_statement)
{
    for (uint32_t i = 0; i < story->count; i++) {
        if (is_of_statement(&story->steps[i]) == of_statement) {
            take(world, &story->steps[i]);
        }
    }
}

static void assert_no_order_matters(const struct story *story)
{
    begin(&other, story);
    tell_some(&other, story, true);
    tell_some(&other, story, false);
    assert_books_equal(&told.book, &other.book);

    begin(&other, story);
    tell_some(&other, story, false);
    tell_some(&other, story, true);
    assert_books_equal(&told.book, &other.book);
}

void goes_as_told(void **state)
{
    const struct story *story = *state;
    begin(&told, story);
    for (uint32_t i = 0; i < story->count; i++) {
        book_forget_told(&told.book);
        take(&told, &story->steps[i]);
        assert_str_equal_to(str_from(told.book.told), story->steps[i].posts);
        take(&told, &story->steps[i]);
        assert_str_equal_to(str_from(told.book.told), story->steps[i].posts);
    }
    assert_books_are_cleared(&told.book);
    assert_no_order_matters(story);
}

#include "cli/nearest.h"
#include "unit/testing.h"

static const char *const words[] = {"init", "doctor", "migrate", "serve", "watch", "events", "show",
    "inbox", "dead-letters", "sandbox", "bench", "completion"};

static void typing_errors_find_the_word_that_was_meant(void **state)
{
    (void)state;
    static const struct {
        const char *typed, *meant; /* NULL: nothing is near */
    } rows[] = {
        {"eventz", "events"},
        {"evnets", "events"},
        {"even", "events"},
        {"event", "events"},
        {"SERVE", "serve"},
        {"serv", "serve"},
        {"deadletters", "dead-letters"},
        {"doctr", "doctor"},
        {"dcotor", "doctor"},
        {"migarte", "migrate"},
        {"xylophone", NULL},
        {"", NULL},
        {"sandboxx", "sandbox"},
        {"q", NULL},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *found = nearest(str_from(rows[i].typed), words, sizeof words / sizeof words[0]);
        bool same = found == NULL || rows[i].meant == NULL ? found == rows[i].meant
                                                           : strcmp(found, rows[i].meant) == 0;
        if (!same) {
            print_error("%s: %s\n", rows[i].typed, found == NULL ? "(none)" : found);
        }
        assert_row(same, rows[i].typed);
    }
}

static void words_beyond_every_bound_are_near_to_nothing(void **state)
{
    (void)state;
    char text[4000];
    memset(text, 'e', sizeof text);
    assert_null(nearest((struct str){text, sizeof text}, words, sizeof words / sizeof words[0]));
    assert_null(nearest(STR("events"), NULL, 0));
}

TESTS_MAIN("cli/nearest",
    TEST(typing_errors_find_the_word_that_was_meant),
    TEST(words_beyond_every_bound_are_near_to_nothing))

/* The life of discrepancies: every move, and who may do it. */
#include "reconcile/life.h"
#include "unit/testing.h"

enum who { SYSTEM, PERSON, TWO };
static const struct {
    enum discrepancy_state from;
    enum deed deed;
    enum discrepancy_state to;
    enum who who;
} moves[] = {
#define MOVE(FROM, DEED, TO, WHO) {DISCREPANCY_##FROM, DEED_##DEED, DISCREPANCY_##TO, WHO},
#include "reconcile/moves.def"
#undef MOVE
};
enum { MOVE_COUNT = sizeof moves / sizeof moves[0] };

static int find(enum discrepancy_state from, enum deed deed, bool of_people)
{
    for (int i = 0; i < MOVE_COUNT; i++) {
        if (moves[i].from == from && moves[i].deed == deed &&
            (moves[i].who != SYSTEM) == of_people) {
            return i;
        }
    }
    return -1;
}

static struct wish small_wish(enum deed deed)
{
    return (struct wish){.deed = deed, .who = STR("anna"), .off_minor = 5, .threshold_minor = 5};
}

static void people_do_what_the_table_has_and_nothing_else(void **state)
{
    (void)state;
    for (int from = 0; from < DISCREPANCY_STATE_COUNT; from++) {
        for (int deed = 0; deed < DEED_COUNT; deed++) {
            struct wish wish = small_wish((enum deed)deed);
            enum deed done = DEED_COUNT;
            enum discrepancy_state to = DISCREPANCY_STATE_COUNT;
            int move = find((enum discrepancy_state)from, (enum deed)deed, true);
            enum err err = wish_judge((enum discrepancy_state)from, &wish, &done, &to);
            assert_err(err, move < 0 ? ERR_CONFLICT : ERR_OK);
            assert_int_equal(done, move < 0 ? (int)DEED_COUNT : deed);
            assert_int_equal(to, move < 0 ? DISCREPANCY_STATE_COUNT : moves[move].to);
        }
    }
    assert_true(find(DISCREPANCY_OPEN, DEED_WRITE_OFF, true) >= 0);
    assert_true(find(DISCREPANCY_CLEARED, DEED_WRITE_OFF, true) < 0);
}

static void above_the_threshold_the_first_of_two_people_asks(void **state)
{
    (void)state;
    static const int64_t above[] = {6, -6, INT64_MAX, INT64_MIN};
    for (size_t i = 0; i < sizeof above / sizeof above[0]; i++) {
        enum deed done = DEED_COUNT;
        enum discrepancy_state to = DISCREPANCY_STATE_COUNT;
        struct wish wish = small_wish(DEED_WRITE_OFF);
        wish.off_minor = above[i];
        assert_err(wish_judge(DISCREPANCY_EXPLAINED, &wish, &done, &to), ERR_OK);
        assert_int_equal(done, DEED_ASK_WRITE_OFF);
        assert_int_equal(to, DISCREPANCY_EXPLAINED);
        wish.deed = DEED_RESOLVE;
        assert_err(wish_judge(DISCREPANCY_OPEN, &wish, &done, &to), ERR_OK);
        assert_int_equal(done, DEED_ASK_RESOLVE);
        assert_int_equal(to, DISCREPANCY_OPEN);
    }
    enum deed done = DEED_COUNT;
    enum discrepancy_state to = DISCREPANCY_STATE_COUNT;
    struct wish wish = small_wish(DEED_WRITE_OFF);
    wish.off_minor = -5;
    assert_err(wish_judge(DISCREPANCY_OPEN, &wish, &done, &to), ERR_OK);
    assert_int_equal(done, DEED_WRITE_OFF);
}

static void the_second_person_is_not_the_first(void **state)
{
    (void)state;
    enum deed done = DEED_COUNT;
    enum discrepancy_state to = DISCREPANCY_STATE_COUNT;
    struct wish wish = small_wish(DEED_WRITE_OFF);
    wish.off_minor = 6;
    wish.asked_by = STR("anna");
    assert_err(wish_judge(DISCREPANCY_OPEN, &wish, &done, &to), ERR_UNPROVEN);
    assert_int_equal(done, DEED_COUNT);
    wish.asked_by = STR("ben");
    assert_err(wish_judge(DISCREPANCY_OPEN, &wish, &done, &to), ERR_OK);
    assert_int_equal(done, DEED_WRITE_OFF);
    assert_int_equal(to, DISCREPANCY_WRITTEN_OFF);
    /* What was asked for over another amount counts for nothing. */
    wish.asked_by = STR_NONE;
    assert_err(wish_judge(DISCREPANCY_OPEN, &wish, &done, &to), ERR_OK);
    assert_int_equal(done, DEED_ASK_WRITE_OFF);
}

static void one_person_may_do_what_needs_no_second_one_whatever_the_amount(void **state)
{
    (void)state;
    static const enum deed deeds[] = {DEED_ACKNOWLEDGE, DEED_EXPLAIN};
    for (size_t i = 0; i < 2; i++) {
        enum deed done = DEED_COUNT;
        enum discrepancy_state to = DISCREPANCY_STATE_COUNT;
        struct wish wish = small_wish(deeds[i]);
        wish.off_minor = INT64_MIN;
        assert_err(wish_judge(DISCREPANCY_OPEN, &wish, &done, &to), ERR_OK);
        assert_int_equal(done, deeds[i]);
    }
}

/* state, fact, same: the deed, or DEED_COUNT for none. */
static void a_run_observes_reopens_and_leaves_alone(void **state)
{
    (void)state;
    static const struct {
        enum discrepancy_state state;
        bool is_fact, same;
        enum deed deed;
        enum discrepancy_state to;
    } rows[] = {
        {DISCREPANCY_OPEN, false, true, DEED_COUNT, 0},
        {DISCREPANCY_OPEN, true, true, DEED_COUNT, 0},
        {DISCREPANCY_OPEN, false, false, DEED_OBSERVE, DISCREPANCY_OPEN},
        {DISCREPANCY_OPEN, true, false, DEED_OBSERVE, DISCREPANCY_OPEN},
        {DISCREPANCY_ACKNOWLEDGED, false, true, DEED_COUNT, 0},
        {DISCREPANCY_ACKNOWLEDGED, false, false, DEED_OBSERVE, DISCREPANCY_ACKNOWLEDGED},
        {DISCREPANCY_EXPLAINED, false, true, DEED_COUNT, 0},
        {DISCREPANCY_EXPLAINED, true, false, DEED_OBSERVE, DISCREPANCY_EXPLAINED},
        {DISCREPANCY_RESOLVED, true, true, DEED_COUNT, 0},
        {DISCREPANCY_RESOLVED, true, false, DEED_REOPEN, DISCREPANCY_OPEN},
        {DISCREPANCY_RESOLVED, false, true, DEED_REOPEN, DISCREPANCY_OPEN},
        {DISCREPANCY_RESOLVED, false, false, DEED_REOPEN, DISCREPANCY_OPEN},
        {DISCREPANCY_WRITTEN_OFF, true, true, DEED_COUNT, 0},
        {DISCREPANCY_WRITTEN_OFF, true, false, DEED_REOPEN, DISCREPANCY_OPEN},
        {DISCREPANCY_WRITTEN_OFF, false, true, DEED_REOPEN, DISCREPANCY_OPEN},
        {DISCREPANCY_CLEARED, false, true, DEED_REOPEN, DISCREPANCY_OPEN},
        {DISCREPANCY_CLEARED, true, true, DEED_REOPEN, DISCREPANCY_OPEN},
        {DISCREPANCY_CLEARED, true, false, DEED_REOPEN, DISCREPANCY_OPEN},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        const char *word = discrepancy_state_word(rows[i].state);
        enum deed deed = DEED_COUNT;
        enum discrepancy_state to = DISCREPANCY_STATE_COUNT;
        bool does = run_judge_found(rows[i].state, rows[i].is_fact, rows[i].same, &deed, &to);
        assert_row(does == (rows[i].deed != DEED_COUNT), word);
        assert_row(deed == rows[i].deed, word);
        assert_row(!does || to == rows[i].to, word);
    }
}

static void a_run_clears_what_is_not_over(void **state)
{
    (void)state;
    for (int from = 0; from < DISCREPANCY_STATE_COUNT; from++) {
        enum deed deed = DEED_COUNT;
        enum discrepancy_state to = DISCREPANCY_STATE_COUNT;
        bool does = run_judge_lost((enum discrepancy_state)from, &deed, &to);
        assert_int_equal(does, !discrepancy_is_over((enum discrepancy_state)from));
        assert_int_equal(deed, does ? DEED_CLEAR : DEED_COUNT);
        assert_true(!does || to == DISCREPANCY_CLEARED);
    }
}

static void every_word_is_found_again(void **state)
{
    (void)state;
    for (int i = 0; i < DISCREPANCY_STATE_COUNT; i++) {
        enum discrepancy_state found = DISCREPANCY_STATE_COUNT;
        const char *word = discrepancy_state_word((enum discrepancy_state)i);
        assert_err(discrepancy_state_parse(str_from(word), &found), ERR_OK);
        assert_int_equal(found, i);
    }
    for (int i = 0; i < DEED_COUNT; i++) {
        enum deed found = DEED_COUNT;
        assert_err(deed_parse(str_from(deed_word((enum deed)i)), &found), ERR_OK);
        assert_int_equal(found, i);
    }
    for (int i = 0; i < REASON_CODE_COUNT; i++) {
        enum reason_code found = REASON_CODE_COUNT;
        const char *word = reason_code_word((enum reason_code)i);
        assert_err(reason_code_parse(str_from(word), &found), ERR_OK);
        assert_int_equal(found, i);
        assert_true(reason_code_help((enum reason_code)i)[0] != '\0');
    }
    enum discrepancy_state kept = DISCREPANCY_CLEARED;
    enum deed deed = DEED_CLEAR;
    enum reason_code reason = REASON_CODE_FEE;
    assert_err(discrepancy_state_parse(STR("Open"), &kept), ERR_NOT_FOUND);
    assert_err(deed_parse(STR("write-off"), &deed), ERR_NOT_FOUND);
    assert_err(reason_code_parse(STR(""), &reason), ERR_NOT_FOUND);
    assert_int_equal(kept, DISCREPANCY_CLEARED);
}

static void one_person_decides_over_one_unit_of_the_currency(void **state)
{
    (void)state;
    assert_int64_equal(threshold_unit_minor((struct currency){"EUR"}), 100);
    assert_int64_equal(threshold_unit_minor((struct currency){"JPY"}), 1);
    assert_int64_equal(threshold_unit_minor((struct currency){"KWD"}), 1000);
    assert_int64_equal(threshold_unit_minor((struct currency){"QQQ"}), 100);
}

TESTS_MAIN("life",
    TEST(people_do_what_the_table_has_and_nothing_else),
    TEST(above_the_threshold_the_first_of_two_people_asks),
    TEST(the_second_person_is_not_the_first),
    TEST(one_person_may_do_what_needs_no_second_one_whatever_the_amount),
    TEST(a_run_observes_reopens_and_leaves_alone),
    TEST(a_run_clears_what_is_not_over),
    TEST(every_word_is_found_again),
    TEST(one_person_decides_over_one_unit_of_the_currency))

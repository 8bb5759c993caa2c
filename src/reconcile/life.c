#include "reconcile/life.h"
#include "base/check.h"

static const char *const state_words[DISCREPANCY_STATE_COUNT] = {
    "open", "acknowledged", "explained", "resolved", "written_off", "cleared"};
static const char *const deed_words[DEED_COUNT] = {"raise", "observe", "clear", "reopen",
    "acknowledge", "explain", "ask_resolve", "resolve", "ask_write_off", "write_off"};

static const struct {
    const char *word, *help;
} reasons[] = {
#define REASON_CODE(NAME, word, help) {word, help},
#include "reconcile/reasons.def"
#undef REASON_CODE
};

enum who { SYSTEM = 1 << 0, PERSON = 1 << 1, TWO = 1 << 2 };

struct move {
    enum discrepancy_state from, to;
    enum deed deed;
    enum who who;
};
static const struct move moves[] = {
#define MOVE(FROM, DEED, TO, WHO) {DISCREPANCY_##FROM, DISCREPANCY_##TO, DEED_##DEED, WHO},
#include "reconcile/moves.def"
#undef MOVE
};

/* --- words --- */

static enum err find_word(const char *const *words, int count, struct str word, int *ret)
{
    for (int i = 0; i < count; i++) {
        if (str_eq(word, str_from(words[i]))) {
            *ret = i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

const char *discrepancy_state_word(enum discrepancy_state state)
{
    REQUIRE((unsigned)state < DISCREPANCY_STATE_COUNT);
    return state_words[state];
}

enum err discrepancy_state_parse(struct str word, enum discrepancy_state *ret)
{
    int found = 0;
    TRY(find_word(state_words, DISCREPANCY_STATE_COUNT, word, &found));
    *ret = (enum discrepancy_state)found;
    return ERR_OK;
}

bool discrepancy_is_over(enum discrepancy_state state)
{
    return state == DISCREPANCY_RESOLVED || state == DISCREPANCY_WRITTEN_OFF ||
           state == DISCREPANCY_CLEARED;
}

const char *deed_word(enum deed deed)
{
    REQUIRE((unsigned)deed < DEED_COUNT);
    return deed_words[deed];
}

enum err deed_parse(struct str word, enum deed *ret)
{
    int found = 0;
    TRY(find_word(deed_words, DEED_COUNT, word, &found));
    *ret = (enum deed)found;
    return ERR_OK;
}

const char *reason_code_word(enum reason_code reason)
{
    REQUIRE((unsigned)reason < REASON_CODE_COUNT);
    return reasons[reason].word;
}

const char *reason_code_help(enum reason_code reason)
{
    REQUIRE((unsigned)reason < REASON_CODE_COUNT);
    return reasons[reason].help;
}

enum err reason_code_parse(struct str word, enum reason_code *ret)
{
    for (int i = 0; i < REASON_CODE_COUNT; i++) {
        if (str_eq(word, str_from(reasons[i].word))) {
            *ret = (enum reason_code)i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

/* --- moves --- */

static const struct move *find_move(enum discrepancy_state from, enum deed deed, unsigned who)
{
    for (size_t i = 0; i < sizeof moves / sizeof moves[0]; i++) {
        if (moves[i].from == from && moves[i].deed == deed && (moves[i].who & who) != 0) {
            return &moves[i];
        }
    }
    return NULL;
}

static bool is_above(int64_t minor, int64_t threshold_minor)
{
    return minor > threshold_minor || minor < -threshold_minor;
}

enum err wish_judge(enum discrepancy_state state,
    const struct wish *wish,
    enum deed *ret_deed,
    enum discrepancy_state *ret_state)
{
    REQUIRE(wish->who.len > 0);
    REQUIRE(wish->threshold_minor >= 0);
    const struct move *move = find_move(state, wish->deed, PERSON | TWO);
    if (move == NULL) {
        return ERR_CONFLICT;
    }
    bool wants_two = move->who == TWO && is_above(wish->off_minor, wish->threshold_minor);
    if (wants_two && wish->asked_by.len == 0) {
        *ret_deed = wish->deed == DEED_WRITE_OFF ? DEED_ASK_WRITE_OFF : DEED_ASK_RESOLVE;
        *ret_state = state;
        return ERR_OK;
    }
    if (wants_two && str_eq(wish->asked_by, wish->who)) {
        return ERR_UNPROVEN;
    }
    *ret_deed = wish->deed;
    *ret_state = move->to;
    return ERR_OK;
}

int64_t threshold_unit_minor(struct currency currency)
{
    int64_t unit = 1;
    for (int i = currency_decimals(currency); i > 0; i--) {
        unit *= 10;
    }
    return unit;
}

/* --- what a run does --- */

static bool run_moves(enum discrepancy_state state,
    enum deed deed,
    enum deed *ret_deed,
    enum discrepancy_state *ret_state)
{
    const struct move *move = find_move(state, deed, SYSTEM);
    if (move != NULL) {
        *ret_deed = deed;
        *ret_state = move->to;
    }
    return move != NULL;
}

bool run_judge_found(enum discrepancy_state state,
    bool is_fact,
    bool same,
    enum deed *ret_deed,
    enum discrepancy_state *ret_state)
{
    /* A fact that people are done with may be told for ever; what is still there is not over. */
    bool was_decided = state == DISCREPANCY_RESOLVED || state == DISCREPANCY_WRITTEN_OFF;
    if (discrepancy_is_over(state)) {
        return !(was_decided && is_fact && same) &&
               run_moves(state, DEED_REOPEN, ret_deed, ret_state);
    }
    if (same) {
        return false;
    }
    *ret_deed = DEED_OBSERVE;
    *ret_state = state;
    return true;
}

bool run_judge_lost(
    enum discrepancy_state state, enum deed *ret_deed, enum discrepancy_state *ret_state)
{
    return run_moves(state, DEED_CLEAR, ret_deed, ret_state);
}

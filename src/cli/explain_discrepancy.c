#include "store/discrepancies.h"
#include "cli/explain_inside.h"

#define LISTED_MAX 20 /* of each object */

/* In the arena; empty without room, which the sentence bears. */
static struct str id_text(struct story *story, struct own_id id)
{
    char text[FINDING_ID_TEXT_BYTES];
    finding_id_format(id, text);
    struct str kept = arena_copy(story->arena, str_from(text));
    return kept.data != NULL ? kept : STR_NONE;
}

static struct str what_it_is(struct story *story, const struct finding *found)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, FINDING_TEXT_BYTES_MAX + 100);
    buf_addf(&text, "%s, " STR_FMT, code_row(found->code)->word, STR_ARG(found->text));
    struct str kept = text.failed ? STR_NONE : arena_copy(story->arena, buf_str(&text));
    return kept.data != NULL ? kept : STR_NONE;
}

static void say_itself(struct story *story, const struct discrepancy *row)
{
    const struct finding *found = &row->found;
    int64_t off = 0;
    struct told *fact = story_say(story, SAY_DISCREPANCY_FOUND);
    fact->at_us = row->raised_us;
    fact->word = id_text(story, row->id);
    fact->words = what_it_is(story, found);
    if (found->currency.code[0] != '\0' && finding_off(found, &off) == ERR_OK) {
        fact = story_say(story, SAY_DISCREPANCY_OFF);
        fact->amount = (struct told_money){off, found->currency};
    }
    fact = story_say(story, SAY_DISCREPANCY_IS);
    fact->word = str_from(discrepancy_state_word(row->state));
    if (!discrepancy_is_over(row->state)) {
        fact = story_say(story, SAY_DISCREPANCY_NEXT);
        fact->words = str_from(code_row(found->code)->next);
    }
}

enum err explain_discrepancy(struct story *story, struct own_id id, struct finding *ret_found)
{
    struct discrepancy row;
    TRY(discrepancies_known(story->store, &id, 1, story->arena, &row, story->reterr));
    if (row.step_count == 0) {
        return err_set(story->reterr, ERR_NOT_FOUND,
            "there is no such discrepancy: `discrepancies list` has those that there are");
    }
    say_itself(story, &row);
    *ret_found = row.found;
    return ERR_OK;
}

static enum err say_about(struct story *story, const struct own_id *ids, uint32_t count)
{
    struct discrepancy *rows = NULL;
    uint32_t row_count = 0;
    TRY(discrepancies_about(
        story->store, ids, count, LISTED_MAX, story->arena, &rows, &row_count, story->reterr));
    for (uint32_t i = 0; i < row_count; i++) {
        struct told *fact = story_say(story, SAY_DISCREPANCY_GOES_ON);
        fact->at_us = rows[i].found.since_us;
        fact->word = id_text(story, rows[i].id);
        fact->words = what_it_is(story, &rows[i].found);
    }
    return ERR_OK;
}

static enum err say_of_parts(struct story *story, enum id_kind kind, struct own_id payment)
{
    void **records = NULL;
    uint32_t count = 0;
    TRY(story_linked(story, kind, "payment_id", payment, &records, &count));
    for (uint32_t i = 0; i < count; i++) {
        TRY(say_about(story, &((const struct record_head *)records[i])->id, 1));
    }
    return ERR_OK;
}

/* Money of a payment stands under its attempts, refunds and disputes. */
enum err story_discrepancies(struct story *story, int kind, struct own_id id)
{
    TRY(say_about(story, &id, 1));
    if (kind != ID_PAYMENT) {
        return ERR_OK;
    }
    TRY(say_of_parts(story, ID_ATTEMPT, id));
    TRY(say_of_parts(story, ID_REFUND, id));
    return say_of_parts(story, ID_DISPUTE, id);
}

#include "base/check.h"
#include "cli/explain_story.h"
#include "cli/headline.h"

/* --- payouts --- */

static enum err say_other_payout(struct story *story, enum sentence sentence, struct own_id other)
{
    return own_id_is_none(other)
               ? ERR_OK
               : story_name(story, ID_PAYOUT, other, &story_say(story, sentence)->other);
}

/* What is in it, and then what is open, is added by whoever reads it, page by page. */
enum err explain_payout(struct story *story, const void *record)
{
    const struct payout *payout = record;
    struct lines_told lines;
    struct told *fact =
        story_say(story, payout->automatic ? SAY_PAYOUT_MADE : SAY_PAYOUT_MADE_BY_HAND);
    fact->at_us = payout->made_at;
    fact->amount = (struct told_money){payout->amount_minor, payout->currency};
    TRY(story_name(story, ID_PAYOUT, payout->head.id, &fact->object));
    fact = story_say(story, SAY_PAYOUT_IS);
    story_state(ID_PAYOUT, payout->state, &fact->word, &fact->words);
    if (payout->failure_code[0] != '\0') {
        story_say(story, SAY_PAYOUT_FAILED)->words = str_from(payout->failure_code);
    } else if (payout->arrival_at != 0) {
        story_say(story, SAY_PAYOUT_ARRIVES)->day_us = payout->arrival_at;
    }
    if (payout->trace_id[0] != '\0') {
        story_say(story, SAY_PAYOUT_TRACE)->word = str_from(payout->trace_id);
    }
    TRY(say_other_payout(story, SAY_PAYOUT_REVERSES, payout->original_payout_id));
    TRY(say_other_payout(story, SAY_PAYOUT_REVERSED, payout->reversed_by_id));
    TRY(story_lines(story, payout->head.id, true, &lines));
    return story_clearing(story, payout->head.scope, ACCOUNT_CLEARING_PAYOUT, payout->head.id,
        payout->currency, &lines);
}

/* --- transfers and top-ups --- */

enum err explain_transfer(struct story *story, const void *record)
{
    const struct transfer *transfer = record;
    struct lines_told lines;
    bool has_account = !own_id_is_none(transfer->account_id);
    struct told *fact = story_say(story, has_account ? SAY_TRANSFER_MADE_TO : SAY_TRANSFER_MADE);
    fact->at_us = transfer->made_at;
    fact->amount = (struct told_money){transfer->amount_minor, transfer->currency};
    TRY(story_name(story, ID_TRANSFER, transfer->head.id, &fact->object));
    TRY(story_name(story, ID_CONNECTED_ACCOUNT, transfer->account_id, &fact->other));
    if (transfer->reversed_minor != 0) {
        story_say(story, SAY_TRANSFER_REVERSED)->amount =
            (struct told_money){transfer->reversed_minor, transfer->currency};
    }
    TRY(story_lines(story, transfer->head.id, true, &lines));
    TRY(story_clearing(story, transfer->head.scope, ACCOUNT_CLEARING_TRANSFER, transfer->head.id,
        transfer->currency, &lines));
    story_say_open(story);
    return ERR_OK;
}

enum err explain_topup(struct story *story, const void *record)
{
    const struct topup *topup = record;
    struct lines_told lines;
    struct told *fact = story_say(story, SAY_TOPUP_MADE);
    fact->at_us = topup->made_at;
    fact->amount = (struct told_money){topup->amount_minor, topup->currency};
    TRY(story_name(story, ID_TOPUP, topup->head.id, &fact->object));
    fact = story_say(story, SAY_TOPUP_IS);
    story_state(ID_TOPUP, topup->state, &fact->word, &fact->words);
    TRY(story_lines(story, topup->head.id, true, &lines));
    TRY(story_clearing(
        story, topup->head.scope, ACCOUNT_CLEARING_TOPUP, topup->head.id, topup->currency, &lines));
    story_say_open(story);
    return ERR_OK;
}

/* --- all others --- */

enum err explain_object(struct story *story, enum id_kind kind, const void *record)
{
    const struct record_kind *of = record_kind_of(kind);
    const struct field *made = record_field(of, STR("made_at"));
    const struct field *amount = headline_amount(of);
    const struct field *currency = headline_currency(of);
    const char *bytes = record;
    struct own_id id = ((const struct record_head *)record)->id;
    int64_t at_us = 0;
    if (made != NULL) {
        memcpy(&at_us, bytes + made->offset, sizeof at_us);
    }
    struct told *fact = story_say(story, at_us != 0 ? SAY_OBJECT_MADE : SAY_OBJECT_KNOWN);
    fact->at_us = at_us;
    fact->word = str_from(id_kind_word(kind));
    TRY(story_name(story, kind, id, &fact->object));
    if (amount != NULL && currency != NULL && bytes[currency->offset] != '\0') {
        fact = story_say(story, SAY_OBJECT_AMOUNT);
        memcpy(&fact->amount.minor, bytes + amount->offset, sizeof fact->amount.minor);
        memcpy(&fact->amount.currency, bytes + currency->offset, sizeof fact->amount.currency);
    }
    if (of->states->count > 0) {
        int state = 0;
        memcpy(&state, bytes + of->fields[0].offset, sizeof state);
        fact = story_say(story, SAY_OBJECT_IS);
        story_state(kind, state, &fact->word, &fact->words);
    }
    TRY(story_lines(story, id, false, NULL));
    return story_posted(story, id);
}

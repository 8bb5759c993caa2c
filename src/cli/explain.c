#include "base/check.h"
#include "cli/explain_inside.h"
#include "cli/output.h"
#include "cli/show_payout.h"

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)

/* --- what is in a payout --- */

static void say_content(struct story *story, const struct payout_content *content)
{
    struct currency currency = content->payout->currency;
    struct told *fact = NULL;
    for (int i = 0; i < GROUP_COUNT; i++) {
        const struct group_sum *sum = &content->groups[i];
        if (sum->count > 0) {
            fact = story_say(story, SAY_PAYOUT_GROUP);
            fact->count = sum->count;
            fact->word = str_from(payout_group_title((enum payout_group)i));
            fact->amount = (struct told_money){sum->amount_minor, currency};
            fact->fee = (struct told_money){sum->fee_minor, currency};
            fact->net = (struct told_money){sum->net_minor, currency};
        }
    }
    fact = story_say(
        story, content->remainder == REMAINDER_NONE ? SAY_PAYOUT_WHOLE : SAY_PAYOUT_REMAINDER);
    fact->count = content->sum.count;
    fact->amount = (struct told_money){content->remainder_minor, currency};
    fact->words = str_from(remainder_what(content->remainder));
    story_say_open(story);
}

/* --- the command --- */

static enum err tell(struct explaining *explaining, struct err_info *reterr)
{
    struct payout_content content;
    if (explaining->amount.len > 0) {
        return explain_amount(explaining, reterr);
    }
    TRY(command_transaction(explaining->store, STORE_READ, explain_id, explaining, reterr));
    if (explaining->payout != NULL) {
        TRY(payout_content_read(explaining->store, explaining->payout, &content, reterr));
        say_content(&explaining->story, &content);
    }
    return ERR_OK;
}

static int answer(struct explaining *explaining)
{
    struct err_info info = {""};
    enum err err = tell(explaining, &info);
    if (err == ERR_NOT_FOUND || err == ERR_CONFLICT || err == ERR_USAGE) {
        return info.text[0] == '\0' ? err_exit_code(err)
                                    : command_refuse(explaining->context, err, "%s", info.text);
    }
    if (err != ERR_OK) {
        return command_fail(explaining->context, err, &info);
    }
    if (explaining->context->json) {
        story_json(&explaining->story,
            explaining->amount.len > 0 ? explaining->amount : explaining->asked);
    } else {
        story_text(&explaining->story);
    }
    return 0;
}

static int run(struct explaining *explaining)
{
    CLEANUP(config_free) struct config *config = NULL;
    CLEANUP(store_close) struct store *store = NULL;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    int exit_code = 0;
    if (arena == NULL) {
        return command_fail(explaining->context, ERR_BUSY, NULL);
    }
    if (command_open_ready(explaining->context, STORE_READ, &config, &store, &exit_code) !=
        ERR_OK) {
        return exit_code;
    }
    explaining->store = store;
    explaining->story = (struct story){.config = config, .arena = arena};
    command_catch_signals();
    return answer(explaining);
}

int command_explain(struct command_context *context)
{
    struct explaining explaining = {.context = context};
    const struct option_row options[] = {
        {"--scope", OPTION_TEXT, "SCOPE", "where a provider's id is known in several",
            &explaining.word.scope_word},
        {"--amount", OPTION_TEXT, "AMOUNT", "instead of an id: what moved exactly that much",
            &explaining.amount},
        {"--currency", OPTION_TEXT, "CUR", "with --amount: of which currency",
            &explaining.currency},
        {"--day", OPTION_TEXT, "DAY", "with --amount: on which day, in UTC", &explaining.day},
        {0},
    };
    const struct usage usage = {
        .synopsis = "explain ID | explain --amount AMOUNT --currency CUR --day DAY",
        .description =
            "Tells the story of an object, by our id or the provider's, in sentences: what was to "
            "be paid, what\n"
            "was tried, which lines of the provider's statement brought the money, in which payout "
            "it went to\n"
            "the bank, what was given back, and what is open in the books. Also of a line of the "
            "statement, of\n"
            "a discrepancy with what it is about, and of an entry of the journal: `explain "
            "entry:17`, or\n"
            "entry:SCOPE.17.\n\n"
            "By an amount it finds the payouts that were made or arrive on that day, and the lines "
            "of that day.",
        .options = options};
    char **words = NULL;
    int count = 0;
    bool help = false;
    enum err err = options_parse(context, &usage, 0, 1, &words, &count, &help);
    if (err != ERR_OK || help) {
        return err_exit_code(err);
    }
    if ((count == 1) == (explaining.amount.len > 0) || (count == 1 && words[0][0] == '\0')) {
        return command_refuse(
            context, ERR_USAGE, "one thing is explained at a time: an id, or --amount");
    }
    explaining.asked = count == 1 ? str_from(words[0]) : STR_NONE;
    return run(&explaining);
}

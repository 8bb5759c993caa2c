#include "cli/discrepancies.h"
#include <stdio.h>

enum err discrepancy_id_take(
    const struct command_context *context, const char *word, struct own_id *ret_id)
{
    if (finding_id_parse(str_from(word), ret_id) != ERR_OK) {
        (void)command_refuse(context, ERR_USAGE,
            "a discrepancy's id is cf_dcp_ and 32 hexadecimal digits: `discrepancies list` has "
            "them");
        return ERR_USAGE;
    }
    return ERR_OK;
}

int discrepancy_refuse(
    const struct command_context *context, enum err err, const struct err_info *info)
{
    bool ours = err_class(err) == ERR_CLASS_INPUT || err_class(err) == ERR_CLASS_STATE;
    return ours && info->text[0] != '\0' ? command_refuse(context, err, "%s", info->text)
                                         : command_fail(context, err, info);
}

void discrepancy_amount_text(
    int64_t minor, struct currency currency, char to[static MONEY_TEXT_BYTES])
{
    to[0] = '\0';
    if (currency.code[0] != '\0') {
        money_format(minor, currency, to);
    }
}

void discrepancy_off_text(const struct finding *found, char to[static MONEY_TEXT_BYTES])
{
    int64_t off = 0;
    if (finding_off(found, &off) == ERR_OK) {
        discrepancy_amount_text(off, found->currency, to);
    } else {
        (void)snprintf(to, MONEY_TEXT_BYTES, "too large");
    }
}

void discrepancy_about(const struct finding *found, char to[static ABOUT_BYTES])
{
    char id[OWN_ID_TEXT_BYTES] = "";
    int kind = found->subject_kind == KEY_LINE ? (int)SUBJECT_LINE : found->subject_kind;
    to[0] = '\0';
    if (found->subject_kind != KEY_NONE && !own_id_is_none(found->subject)) {
        subject_format(kind, found->subject, id);
        (void)snprintf(to, ABOUT_BYTES, "%s %s", finding_subject_word(found->subject_kind), id);
    }
}

int command_discrepancies(struct command_context *context)
{
    static const struct command_verb verbs[] = {
        {"list", "what is not over, and totals by code", discrepancies_list_command},
        {"show", "one: what we have, what they have, what led there, what to do",
            discrepancies_show_command},
        {"acknowledge", "you look after it", discrepancies_acknowledge_command},
        {"explain", "why it is there; it stays until it is gone", discrepancies_explain_command},
        {"resolve", "it is over; --to posts what stands to an account",
            discrepancies_resolve_command},
        {"write-off", "posts what stands to expenses:writeoff", discrepancies_write_off_command},
        {"reopen", "it is not over", discrepancies_reopen_command},
        {NULL, NULL, NULL},
    };
    return command_verbs(context,
        "What does not agree between the books and the provider. Runs of `reconcile` find and "
        "clear it; people\n"
        "explain and end it, above a threshold two of them. docs/reconcile.md says more.",
        verbs);
}

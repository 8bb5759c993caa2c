#include "base/check.h"
#include "store/journal.h"

static const char *const other_subjects[] = {"line", "release", "exchange", "decision"};
static const char *const other_prefixes[] = {"cf_lin_", "cf_rel_", "cf_exc_", "cf_dec_"};
_Static_assert(
    sizeof other_subjects / sizeof other_subjects[0] == SUBJECT_KIND_COUNT - (int)ID_KIND_COUNT,
    "a word for each");

const char *subject_kind_word(int kind)
{
    REQUIRE(kind >= 0 && kind < SUBJECT_KIND_COUNT);
    return kind < (int)ID_KIND_COUNT ? id_kind_word((enum id_kind)kind)
                                     : other_subjects[kind - (int)ID_KIND_COUNT];
}

enum err subject_kind_parse(struct str word, int *ret_kind)
{
    REQUIRE(ret_kind != NULL);
    enum id_kind kind;
    if (id_kind_parse(word, &kind)) {
        *ret_kind = (int)kind;
        return ERR_OK;
    }
    for (int i = (int)ID_KIND_COUNT; i < SUBJECT_KIND_COUNT; i++) {
        if (str_eq(word, str_from(subject_kind_word(i)))) {
            *ret_kind = i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

void subject_format(int kind, struct own_id subject, char to[static OWN_ID_TEXT_BYTES])
{
    REQUIRE(kind >= 0 && kind < SUBJECT_KIND_COUNT);
    to[0] = '\0';
    if (kind < (int)ID_KIND_COUNT) {
        own_id_format((enum id_kind)kind, subject, to);
    } else if (!own_id_is_none(subject)) {
        const char *prefix = other_prefixes[kind - (int)ID_KIND_COUNT];
        size_t len = strlen(prefix);
        memcpy(to, prefix, len);
        hex_encode(to + len, subject.bytes, sizeof subject.bytes);
        to[len + 2 * sizeof subject.bytes] = '\0';
    }
}

void posting_key_format(
    enum ledger_account account, struct own_id key, char to[static OWN_ID_TEXT_BYTES])
{
    int kind = account_row(account)->key;
    to[0] = '\0';
    if (kind != KEY_NONE) {
        subject_format(kind == KEY_LINE ? (int)SUBJECT_LINE : kind, key, to);
    }
}

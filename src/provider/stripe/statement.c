#include "provider/stripe/statement.h"
#include "base/check.h"
#include <strings.h>

const struct statement_ops stripe_statement_ops = {
    .balance = stripe_statement_balance,
    .report_until = stripe_report_until,
    .report_request = stripe_report_request,
    .report_look = stripe_report_look,
    .report_download = stripe_report_download,
    .lines = stripe_statement_lines,
    .payout_lines = stripe_statement_payout_lines,
    .decode_page = stripe_statement_decode_page,
    .recognise = stripe_statement_recognise,
    .read_record = stripe_statement_record,
    .read_total = stripe_statement_total,
};

/* --- the tables --- */

#define COUNT_OF(array) (sizeof(array) / sizeof(array)[0])
#define TEXT(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define ID_NONE STRIPE_SOURCE_UNKNOWN

static const struct stripe_movement movements[] = {
#define MOVEMENT(category, type, kind, source, bucket, note)                                       \
    {TEXT(category), TEXT(type), LINE_##kind, ID_##source, BUCKET_##bucket, note},
#include "provider/stripe/statement.def"
};

static const struct stripe_statement_word words_of_ours[] = {
#define BALANCE_TYPE(word, bucket, note) {STRIPE_BALANCE_TYPE, TEXT(word), BUCKET_##bucket, note},
#define FEE_TYPE(word, fee, note) {STRIPE_FEE_TYPE, TEXT(word), FEE_##fee, note},
#define FEE_TEXT(words, kind, note) {STRIPE_FEE_TEXT, TEXT(words), LINE_##kind, note},
#include "provider/stripe/statement.def"
};

const struct stripe_movement *stripe_movements(size_t *ret_count)
{
    *ret_count = COUNT_OF(movements);
    return movements;
}

const struct stripe_statement_word *stripe_statement_words(size_t *ret_count)
{
    *ret_count = COUNT_OF(words_of_ours);
    return words_of_ours;
}

/* --- what a movement is --- */

static const struct stripe_movement *category_row(struct str category)
{
    for (size_t i = 0; i < COUNT_OF(movements); i++) {
        if (movements[i].type.len == 0 && str_eq(movements[i].category, category)) {
            return &movements[i];
        }
    }
    return NULL;
}

static const struct stripe_movement *type_row(struct str type)
{
    for (size_t i = 0; type.len > 0 && i < COUNT_OF(movements); i++) {
        if (str_eq(movements[i].type, type)) {
            return &movements[i];
        }
    }
    return NULL;
}

static const struct stripe_movement *movement_row(struct str category, struct str type)
{
    const struct stripe_movement *by_category = category_row(category);
    const struct stripe_movement *by_type = type_row(type);
    bool says_nothing = category.len == 0 || str_eq(category, STR("other"));
    if (says_nothing && by_type != NULL) {
        return by_type;
    }
    if (by_category == NULL || (type.len > 0 && by_type == NULL)) {
        return NULL;
    }
    return by_type != NULL && str_eq(by_type->category, category) ? by_type : by_category;
}

static bool contains_ignoring_case(struct str text, struct str words)
{
    for (size_t i = 0; i + words.len <= text.len; i++) {
        if (strncasecmp(text.data + i, words.data, words.len) == 0) {
            return true;
        }
    }
    return false;
}

static enum line_kind fee_by_text(struct str description)
{
    for (size_t i = 0; i < COUNT_OF(words_of_ours); i++) {
        const struct stripe_statement_word *row = &words_of_ours[i];
        if (row->of == STRIPE_FEE_TEXT && contains_ignoring_case(description, row->word)) {
            return (enum line_kind)row->ours;
        }
    }
    return LINE_FEE;
}

static const struct stripe_statement_word *word_row(enum stripe_word_of of, struct str word)
{
    for (size_t i = 0; i < COUNT_OF(words_of_ours); i++) {
        if (words_of_ours[i].of == of && str_eq(words_of_ours[i].word, word)) {
            return &words_of_ours[i];
        }
    }
    return NULL;
}

struct stripe_movement stripe_classify(const struct stripe_movement_words *words)
{
    static const struct stripe_movement unknown = {.kind = LINE_UNCLASSIFIED,
        .source = STRIPE_SOURCE_UNKNOWN,
        .bucket = BUCKET_PAYMENTS,
        .note = ""};
    REQUIRE(words != NULL);
    const struct stripe_movement *row = movement_row(words->category, words->type);
    struct stripe_movement movement = row != NULL ? *row : unknown;
    const struct stripe_statement_word *balance =
        word_row(STRIPE_BALANCE_TYPE, words->balance_type);
    if (balance != NULL) {
        movement.bucket = (enum bucket)balance->ours;
    } else if (words->balance_type.len > 0) {
        movement.kind = LINE_UNCLASSIFIED;
    }
    if (movement.kind == LINE_FEE) {
        movement.kind = fee_by_text(words->description);
    }
    return movement;
}

enum fee_kind stripe_fee_kind(struct str type)
{
    const struct stripe_statement_word *row = word_row(STRIPE_FEE_TYPE, type);
    return row != NULL ? (enum fee_kind)row->ours : FEE_UNSPECIFIED;
}

/* Descriptions of payments and of what follows from them are the business's own, and name people.
 */
struct str stripe_line_text(enum line_kind kind, struct str description)
{
    static const bool is_the_providers[LINE_KIND_COUNT] = {
        [LINE_FEE] = true,
        [LINE_FX_FEE] = true,
        [LINE_NETWORK_FEE] = true,
        [LINE_TAX] = true,
        [LINE_MINIMUM_BALANCE] = true,
        [LINE_RISK_RESERVE] = true,
        [LINE_RESERVE_MOVE] = true,
        [LINE_NETWORK_RESERVE] = true,
        [LINE_CONNECT_RESERVE] = true,
        [LINE_CONNECT_COLLECTION] = true,
        [LINE_ADJUSTMENT] = true,
    };
    REQUIRE(kind < LINE_KIND_COUNT);
    return is_the_providers[kind] ? str_prefix_utf8(description, SAID_TEXT_BYTES_MAX) : STR_NONE;
}

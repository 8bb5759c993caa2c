#include "base/check.h"
#include "domain/money.h"
#include "sandbox/truth_internal.h"

static const char *const kind_words[TRUTH_KIND_COUNT] = {
    "payment_intent",
    "charge",
#define RECORD(KIND, word) word,
#include "sandbox/records.def"
};

const char *truth_kind_word(enum truth_kind kind)
{
    REQUIRE(kind < TRUTH_KIND_COUNT);
    return kind_words[kind];
}

bool truth_kind_parse(struct str word, enum truth_kind *ret_kind)
{
    for (int i = 0; i < TRUTH_KIND_COUNT; i++) {
        if (str_eq(word, str_from(kind_words[i]))) {
            *ret_kind = (enum truth_kind)i;
            return true;
        }
    }
    return false;
}

enum how {
    HOW_AS_IS,
    HOW_STATE,
    HOW_SET,
    HOW_IS,
    HOW_ABOVE,
    HOW_TOLD,
    HOW_LESS,
    HOW_SUM,
    HOW_MINUS,
    HOW_ANY_TAKEN,
    HOW_ANY_GIVEN,
    HOW_FIRST,
    HOW_FIRST_OF,
    HOW_UPPER,
    HOW_COUNT,
    HOW_TOTAL,
    HOW_FRACTION,
    HOW_TO_BALANCE,
    HOW_DEFAULT_OF,
    HOW_DIGITS
};

#define TEXT_OF(text)                                                                              \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }
static const struct says_row {
    enum truth_kind kind;
    enum how how;
    struct str name, path;
} says_rows[] = {
#define SAYS(kind, name, path) {TRUTH_##kind, HOW_AS_IS, TEXT_OF(name), TEXT_OF(path)},
#include "sandbox/truth.def"
#undef SAYS
#define SAYS(kind, member, how, path) {TRUTH_##kind, HOW_##how, TEXT_OF(#member), TEXT_OF(path)},
#define MAY_SAY(kind, member, how, path) SAYS(kind, member, how, path)
#include "sandbox/records.def"
};

static void add_scalar(struct json_writer *to, struct str name, const struct json *value)
{
    if (json_is_null(value)) {
        json_add_null(to, name);
    } else if (value->kind == JSON_BOOL) {
        json_add_bool(to, name, value->truth);
    } else if (value->kind == JSON_NUMBER) {
        json_add_raw(to, name, value->text);
    } else {
        json_add_string(to, name, json_string(value));
    }
}

static int64_t number_at(const struct json *object, struct str path)
{
    int64_t number = 0;
    return json_int64(json_path(object, path), &number) == ERR_OK ? number : 0;
}

/* Of the amounts in a list: their sum, and whether money was taken and given. */
struct amounts {
    int64_t sum;
    bool taken, given;
    struct str currency; /* of the first */
};

static struct amounts add_up(const struct json *list)
{
    struct amounts amounts = {.currency = STR_NONE};
    if (list == NULL || list->kind != JSON_ARRAY) {
        return amounts;
    }
    amounts.currency = json_string(json_get(list->first, STR("currency")));
    for (const struct json *at = list->first; at != NULL; at = at->next) {
        int64_t amount = number_at(at, STR("amount"));
        if (!str_eq(json_string(json_get(at, STR("currency"))), amounts.currency)) {
            continue;
        }
        amounts.sum += amount;
        amounts.taken |= amount < 0;
        amounts.given |= amount > 0;
    }
    return amounts;
}

static int64_t difference(const struct json *object, struct str paths)
{
    struct str minuend = str_cut(&paths, ' ');
    return json_is_null(json_path(object, minuend))
               ? 0
               : number_at(object, minuend) - number_at(object, paths);
}

static bool is_word(const struct json *object, struct str path)
{
    const struct json *value = json_path(object, str_cut(&path, '='));
    return str_eq(json_string(value), path);
}

/* "list member": of the first element. */
static const struct json *first_of(const struct json *object, struct str paths)
{
    const struct json *list = json_path(object, str_cut(&paths, ' '));
    return list == NULL || list->kind != JSON_ARRAY ? NULL : json_path(list->first, paths);
}

/* "list flag member": of the element with the flag, else of the first. */
static const struct json *default_of(const struct json *object, struct str paths)
{
    const struct json *list = json_path(object, str_cut(&paths, ' '));
    struct str flag = str_cut(&paths, ' ');
    const struct json *chosen = list == NULL ? NULL : list->first;
    for (const struct json *at = chosen; at != NULL; at = at->next) {
        if (json_bool(json_path(at, flag), false)) {
            return json_path(at, paths);
        }
    }
    return json_path(chosen, paths);
}

/* "list member": the sum over all elements. */
static int64_t total_of(const struct json *object, struct str paths)
{
    int64_t sum = 0;
    const struct json *list = json_path(object, str_cut(&paths, ' '));
    for (const struct json *at = list == NULL ? NULL : list->first; at != NULL; at = at->next) {
        sum += number_at(at, paths);
    }
    return sum;
}

/* What a credit note gives to the customer's balance: no member says how much. */
static int64_t to_balance(const struct json *object, struct str path)
{
    int64_t rest = number_at(object, STR("post_payment_amount")) -
                   total_of(object, STR("refunds amount_refunded")) -
                   number_at(object, STR("out_of_band_amount"));
    return json_is_null(json_path(object, path)) ? 0 : rest;
}

static struct str digits_at(const struct json *object, struct str path)
{
    const struct json *value = json_path(object, path);
    return value != NULL && value->kind == JSON_NUMBER ? value->text : STR_NONE;
}

static int64_t count_at(const struct json *object, struct str path)
{
    const struct json *list = json_path(object, path);
    return list == NULL ? 0 : (int64_t)list->count;
}

/* "decimal whole": the first, unless there is the second. */
static const struct json *fraction(const struct json *object, struct str paths)
{
    struct str decimal = str_cut(&paths, ' ');
    return json_is_null(json_path(object, paths)) ? json_path(object, decimal) : NULL;
}

static void add_upper(struct json_writer *to, struct str name, struct str text)
{
    char upper[TRUTH_ID_BYTES];
    (void)str_copy_to(upper, sizeof upper, text);
    for (char *at = upper; *at != '\0'; at++) {
        *at = *at >= 'a' && *at <= 'z' ? (char)(*at - 'a' + 'A') : *at;
    }
    json_add_string(to, name, str_from(upper));
}

static void add_said(struct json_writer *to,
    const struct says_row *row,
    const struct json *object,
    struct str event_type)
{
    const struct amounts amounts = add_up(json_path(object, row->path));
    switch (row->how) {
    case HOW_AS_IS:
        add_scalar(to, row->name, json_path(object, row->path));
        break;
    case HOW_STATE:
        if (str_ends_with(event_type, STR(".deleted"))) {
            json_add_string(to, row->name, STR("deleted"));
        } else {
            add_scalar(to, row->name, json_path(object, row->path));
        }
        break;
    case HOW_SET:
        json_add_bool(to, row->name, !json_is_null(json_path(object, row->path)));
        break;
    case HOW_IS:
        json_add_bool(to, row->name, is_word(object, row->path));
        break;
    case HOW_ABOVE:
        json_add_bool(to, row->name, number_at(object, row->path) > 0);
        break;
    case HOW_TOLD:
        json_add_bool(to, row->name, str_eq(event_type, row->path));
        break;
    case HOW_LESS:
        json_add_int(to, row->name, difference(object, row->path));
        break;
    case HOW_SUM:
        json_add_int(to, row->name, amounts.sum);
        break;
    case HOW_MINUS:
        json_add_int(to, row->name, -amounts.sum);
        break;
    case HOW_ANY_TAKEN:
        json_add_bool(to, row->name, amounts.taken);
        break;
    case HOW_ANY_GIVEN:
        json_add_bool(to, row->name, amounts.given);
        break;
    case HOW_FIRST:
        json_add_string(to, row->name, amounts.currency);
        break;
    case HOW_FIRST_OF:
        add_scalar(to, row->name, first_of(object, row->path));
        break;
    case HOW_DEFAULT_OF:
        add_scalar(to, row->name, default_of(object, row->path));
        break;
    case HOW_DIGITS:
        json_add_string(to, row->name, digits_at(object, row->path));
        break;
    case HOW_UPPER:
        add_upper(to, row->name, json_string(json_path(object, row->path)));
        break;
    case HOW_COUNT:
        json_add_int(to, row->name, count_at(object, row->path));
        break;
    case HOW_TOTAL:
        json_add_int(to, row->name, total_of(object, row->path));
        break;
    case HOW_FRACTION:
        add_scalar(to, row->name, fraction(object, row->path));
        break;
    case HOW_TO_BALANCE:
        json_add_int(to, row->name, to_balance(object, row->path));
        break;
    default:
        UNREACHABLE();
    }
}

/* A balance has no id: its first currency stands for it, which is the shop's own. */
struct str truth_identity(
    const struct json *object, enum truth_kind kind, char room[static TRUTH_ID_BYTES])
{
    if (kind != TRUTH_BALANCE) {
        return json_string(json_get(object, STR("id")));
    }
    struct currency currency = {""};
    const struct json *first = first_of(object, STR("available currency"));
    if (currency_parse(json_string(first), &currency) != ERR_OK) {
        return STR_NONE;
    }
    (void)str_copy_to(room, TRUTH_ID_BYTES, str_from(currency.code));
    return str_from(room);
}

void truth_write_says(
    const struct json *root, const struct json *object, enum truth_kind kind, struct buf *to)
{
    struct str type = json_string(json_get(root, STR("type")));
    struct json_writer writer;
    json_writer_init(&writer, to);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("event"), json_string(json_get(root, STR("id"))));
    json_add_string(&writer, STR("type"), type);
    for (size_t i = 0; i < sizeof says_rows / sizeof *says_rows; i++) {
        if (says_rows[i].kind == kind) {
            add_said(&writer, &says_rows[i], object, type);
        }
    }
    json_end_object(&writer);
}

#include "ledger/line.h"
#include "base/check.h"
#include "base/digest.h"
#include "ledger/minor.h"

enum key_of { KEYED_NONE, KEYED_SOURCE, KEYED_ATTEMPT, KEYED_LINE };
enum first_bucket { GOES_PENDING, GOES_NOW };

#define FEES_BY_DETAIL (-1)

struct line_rule {
    const char *word;
    enum ledger_account counter;
    enum key_of key;
    enum first_bucket bucket;
    int fees; /* enum ledger_account, or FEES_BY_DETAIL */
    unsigned alert;
};

#define ALERT_NONE 0
#define ALERT_ADJUSTMENT FLAW_ADJUSTMENT
#define ALERT_UNCLASSIFIED FLAW_UNCLASSIFIED
#define FEES_DISPUTE_FEES ((int)ACCOUNT_DISPUTE_FEES)

static const struct line_rule line_rules[] = {
#define LINE(KIND, word, counter, key, bucket, fees, alert, help)                                  \
    {word, ACCOUNT_##counter, KEYED_##key, GOES_##bucket, FEES_##fees, ALERT_##alert},
#include "ledger/lines.def"
#undef LINE
};

const char *line_kind_word(enum line_kind kind)
{
    REQUIRE(kind < LINE_KIND_COUNT);
    return line_rules[kind].word;
}

enum err line_kind_parse(struct str word, enum line_kind *ret)
{
    REQUIRE(ret != NULL);
    for (int i = 0; i < LINE_KIND_COUNT; i++) {
        if (str_eq(word, str_from(line_rules[i].word))) {
            *ret = (enum line_kind)i;
            return ERR_OK;
        }
    }
    return ERR_NOT_FOUND;
}

const char *fee_kind_word(enum fee_kind kind)
{
    static const char *const words[] = {
        "provider", "passthrough", "application", "tax", "unspecified"};
    REQUIRE(kind < FEE_KIND_COUNT);
    return words[kind];
}

const char *bucket_word(enum bucket bucket)
{
    static const char *const words[] = {"payments", "prefund", "issuing", "risk_reserved"};
    REQUIRE(bucket < BUCKET_COUNT);
    return words[bucket];
}

static void put_number(char *to, int64_t number)
{
    for (size_t i = 0; i < sizeof number; i++) {
        to[i] = (char)((uint64_t)number >> (8 * i) & 0xff);
    }
}

struct own_id derived_id(int64_t at_us, char what, int64_t a, int64_t b, struct str rest)
{
    enum { FIXED = 1 + 2 * sizeof(int64_t) };
    char text[FIXED + DERIVED_REST_BYTES_MAX];
    uint8_t hash[SHA256_BYTES];
    REQUIRE(rest.len > 0 && rest.len <= DERIVED_REST_BYTES_MAX);
    text[0] = what;
    put_number(text + 1, a);
    put_number(text + 1 + sizeof a, b);
    memcpy(text + FIXED, rest.data, rest.len);
    sha256((struct str){text, FIXED + rest.len}, hash);
    return own_id_make(at_us > 0 ? at_us : 0, hash);
}

struct own_id line_id(int64_t scope, struct str provider_id, int64_t created_us)
{
    return derived_id(created_us, 'L', scope, 0, provider_id);
}

/* --- where its money is --- */

bool line_is_released(const struct statement_line *line)
{
    return line->bucket == BUCKET_PAYMENTS && line_rules[line->kind].bucket != GOES_NOW;
}

enum ledger_account line_account_first(const struct statement_line *line)
{
    switch (line->bucket) {
    case BUCKET_PREFUND:
        return ACCOUNT_PREFUND;
    case BUCKET_ISSUING:
        return ACCOUNT_ISSUING;
    case BUCKET_RISK:
        return ACCOUNT_RESERVE_RISK;
    case BUCKET_PAYMENTS:
        return line_is_released(line) ? ACCOUNT_PROVIDER_PENDING : ACCOUNT_PROVIDER_AVAILABLE;
    case BUCKET_COUNT:
    default:
        UNREACHABLE();
    }
}

/* --- posting --- */

static const struct own_id no_key;

/* Some kinds have an account for the provider's own fees, and for those that do not say which. */
static enum ledger_account fee_account(
    const struct statement_line *line, enum fee_kind kind, const struct line_policy *policy)
{
    int own = line_rules[line->kind].fees;
    switch (kind) {
    case FEE_PROVIDER:
        return own != FEES_BY_DETAIL ? (enum ledger_account)own : ACCOUNT_FEES_PROVIDER;
    case FEE_PASSTHROUGH:
        return ACCOUNT_FEES_PASSTHROUGH;
    case FEE_APPLICATION:
        return ACCOUNT_FEES_APPLICATION;
    case FEE_TAX:
        return policy->fee_tax_is_input ? ACCOUNT_TAX_INPUT : ACCOUNT_FEES_TAX;
    case FEE_UNSPECIFIED:
        return own != FEES_BY_DETAIL ? (enum ledger_account)own : ACCOUNT_FEES_UNSPECIFIED;
    case FEE_KIND_COUNT:
    default:
        UNREACHABLE();
    }
}

static enum err post_fee(const struct statement_line *line,
    enum fee_kind kind,
    int64_t minor,
    const struct line_policy *policy,
    struct ledger_entry *entry)
{
    return entry_debit(entry, fee_account(line, kind, policy), no_key, line->currency, minor);
}

/* What the named fees leave of the fee is posted as unspecified, so the whole is always there. */
static enum err post_fees(const struct statement_line *line,
    const struct line_policy *policy,
    struct ledger_entry *entry,
    unsigned *flaws)
{
    int64_t left = line->fee_minor;
    for (uint32_t i = 0; i < line->fee_count; i++) {
        const struct line_fee *fee = &line->fees[i];
        TRY(post_fee(line, fee->kind, fee->minor, policy, entry));
        TRY(minor_subtract(left, fee->minor, &left));
    }
    *flaws |= line->fee_count > 0 && left != 0 ? FLAW_FEES : 0;
    return post_fee(line, FEE_UNSPECIFIED, left, policy, entry);
}

static struct own_id key_of(const struct statement_line *line)
{
    switch (line_rules[line->kind].key) {
    case KEYED_SOURCE:
        return line->source;
    case KEYED_ATTEMPT:
        return line->attempt;
    case KEYED_LINE:
        return line->id;
    case KEYED_NONE:
        return no_key;
    default:
        UNREACHABLE();
    }
}

static enum ledger_account counter_of(
    const struct statement_line *line, const struct line_policy *policy)
{
    return line->kind == LINE_TAX ? fee_account(line, FEE_TAX, policy)
                                  : line_rules[line->kind].counter;
}

/* The business knows payments and refunds in the payer's currency. Disputes are taken in the
 * currency of settlement, and the business knows them so. */
bool line_is_exchanged(const struct statement_line *line)
{
    REQUIRE(line != NULL && line->kind < LINE_KIND_COUNT);
    enum ledger_account counter = line_rules[line->kind].counter;
    return (counter == ACCOUNT_CLEARING_PAYMENT || counter == ACCOUNT_CLEARING_REFUND) &&
           line->customer_currency.code[0] != '\0' &&
           !currency_eq(line->customer_currency, line->currency);
}

static bool is_unkeyed(const struct statement_line *line)
{
    return (line_rules[line->kind].key != KEYED_NONE && own_id_is_none(key_of(line))) ||
           (line_is_exchanged(line) && own_id_is_none(line->attempt));
}

static enum err post_counter(
    const struct statement_line *line, const struct line_policy *policy, struct ledger_entry *entry)
{
    enum ledger_account counter = counter_of(line, policy);
    struct own_id key = key_of(line);
    struct own_id position = line->attempt;
    if (!line_is_exchanged(line)) {
        return entry_credit(entry, counter, key, line->currency, line->amount_minor);
    }
    TRY(entry_credit(entry, ACCOUNT_FX_POSITION, position, line->currency, line->amount_minor));
    TRY(entry_debit(
        entry, ACCOUNT_FX_POSITION, position, line->customer_currency, line->customer_minor));
    return entry_credit(entry, counter, key, line->customer_currency, line->customer_minor);
}

/* A line whose own sums do not agree still moved its net; what it does not account for is
 * suspended under its own id. */
static enum err post_remainder(
    const struct statement_line *line, struct ledger_entry *entry, unsigned *flaws)
{
    int64_t left = 0;
    TRY(minor_subtract(line->amount_minor, line->fee_minor, &left));
    TRY(minor_subtract(left, line->net_minor, &left));
    *flaws |= left != 0 ? FLAW_NET : 0;
    return entry_debit(entry, ACCOUNT_UNEXPLAINED, line->id, line->currency, left);
}

static bool is_believed(const struct statement_line *line)
{
    int64_t largest = minor_absolute(line->amount_minor);
    const int64_t others[] = {line->fee_minor, line->net_minor, line->customer_minor};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++) {
        largest = minor_absolute(others[i]) > largest ? minor_absolute(others[i]) : largest;
    }
    for (uint32_t i = 0; i < line->fee_count; i++) {
        int64_t fee_minor = minor_absolute(line->fees[i].minor);
        largest = fee_minor > largest ? fee_minor : largest;
    }
    return largest <= LINE_MINOR_MAX;
}

enum err line_post(const struct statement_line *line,
    const struct line_policy *policy,
    struct ledger_entry *entry,
    unsigned *ret_flaws)
{
    REQUIRE(line != NULL && policy != NULL && entry != NULL && ret_flaws != NULL);
    REQUIRE(line->kind < LINE_KIND_COUNT && line->fee_count <= LINE_FEES_MAX);
    if (!is_believed(line)) {
        return ERR_OVERFLOW;
    }
    unsigned flaws = line_rules[line->kind].alert | (is_unkeyed(line) ? FLAW_UNKEYED : 0U);
    TRY(entry_debit(entry, line_account_first(line), no_key, line->currency, line->net_minor));
    TRY(post_fees(line, policy, entry, &flaws));
    TRY(post_counter(line, policy, entry));
    TRY(post_remainder(line, entry, &flaws));
    *ret_flaws = flaws;
    return ERR_OK;
}

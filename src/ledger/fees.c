#include "ledger/fees.h"
#include "base/check.h"
#include "ledger/minor.h"

static const struct {
    const char *word, *title;
} group_rows[] = {
#define FEE_GROUP(NAME, word, title) {word, title},
#include "ledger/fees.def"
#undef FEE_GROUP
};

const char *fee_group_word(enum fee_group group)
{
    REQUIRE(group < FEE_GROUP_COUNT);
    return group_rows[group].word;
}

const char *fee_group_title(enum fee_group group)
{
    REQUIRE(group < FEE_GROUP_COUNT);
    return group_rows[group].title;
}

/* What a fee on such a line is for, unless its own kind says; on all others: OTHER. */
static const struct {
    enum line_kind kind;
    enum fee_group group;
} line_groups[] = {
    {LINE_PAYMENT, FEE_GROUP_PROCESSING},
    {LINE_PAYMENT_FAILED, FEE_GROUP_PROCESSING},
    {LINE_PAYMENT_REVERSED, FEE_GROUP_PROCESSING},
    {LINE_CAPTURE_RELEASE, FEE_GROUP_PROCESSING},
    {LINE_REFUND, FEE_GROUP_PROCESSING},
    {LINE_REFUND_FAILED, FEE_GROUP_PROCESSING},
    {LINE_DISPUTE_WITHDRAWN, FEE_GROUP_DISPUTES},
    {LINE_DISPUTE_REINSTATED, FEE_GROUP_DISPUTES},
    {LINE_FEE, FEE_GROUP_CHARGED},
    {LINE_FX_FEE, FEE_GROUP_EXCHANGE},
    {LINE_NETWORK_FEE, FEE_GROUP_NETWORK},
    {LINE_TAX, FEE_GROUP_TAX},
    {LINE_PAYOUT, FEE_GROUP_PAYOUTS},
    {LINE_PAYOUT_RETURNED, FEE_GROUP_PAYOUTS},
};

static enum fee_group group_of(enum line_kind kind)
{
    for (size_t i = 0; i < sizeof line_groups / sizeof line_groups[0]; i++) {
        if (line_groups[i].kind == kind) {
            return line_groups[i].group;
        }
    }
    return FEE_GROUP_OTHER;
}

static enum err add(struct fee_sum *sum, bool is_tax, int64_t minor)
{
    int64_t *to = is_tax ? &sum->tax_minor : &sum->net_minor;
    sum->count = minor != 0 ? 1 : sum->count;
    return minor_add(*to, minor, to);
}

/* Fees that the line does not name are the provider's: what they are for, the line says. */
static enum err add_fees(
    const struct statement_line *line, enum fee_group group, struct fee_sum *sums)
{
    int64_t left = line->fee_minor;
    for (uint32_t i = 0; i < line->fee_count; i++) {
        const struct line_fee *fee = &line->fees[i];
        enum fee_group own = fee->kind == FEE_PASSTHROUGH   ? FEE_GROUP_NETWORK
                             : fee->kind == FEE_APPLICATION ? FEE_GROUP_APPLICATION
                                                            : group;
        TRY(add(&sums[own], fee->kind == FEE_TAX, fee->minor));
        TRY(minor_subtract(left, fee->minor, &left));
    }
    return add(&sums[group], false, left);
}

/* The amount of these is what they cost. */
static bool is_fee_itself(enum line_kind kind)
{
    return kind == LINE_FEE || kind == LINE_FX_FEE || kind == LINE_NETWORK_FEE || kind == LINE_TAX;
}

static enum err note_returned(struct fee_sum *sum)
{
    int64_t gross = 0;
    TRY(minor_add(sum->net_minor, sum->tax_minor, &gross));
    return gross < 0 ? minor_subtract(0, gross, &sum->returned_minor) : ERR_OK;
}

enum err fees_of_line(const struct statement_line *line, struct fee_sum ret[static FEE_GROUP_COUNT])
{
    REQUIRE(line != NULL && line->kind < LINE_KIND_COUNT && line->fee_count <= LINE_FEES_MAX);
    enum fee_group group = group_of(line->kind);
    TRY(add_fees(line, group, ret));
    if (is_fee_itself(line->kind)) {
        int64_t cost = 0;
        TRY(minor_subtract(0, line->amount_minor, &cost));
        TRY(add(&ret[group], line->kind == LINE_TAX, cost));
    }
    for (int i = 0; i < FEE_GROUP_COUNT; i++) {
        TRY(note_returned(&ret[i]));
    }
    return ERR_OK;
}

enum err fee_sum_add(struct fee_sum *to, const struct fee_sum *more)
{
    REQUIRE(to != NULL && more != NULL);
    TRY(minor_add(to->count, more->count, &to->count));
    TRY(minor_add(to->net_minor, more->net_minor, &to->net_minor));
    TRY(minor_add(to->tax_minor, more->tax_minor, &to->tax_minor));
    return minor_add(to->returned_minor, more->returned_minor, &to->returned_minor);
}

struct str fee_name(struct str text)
{
    size_t len = 0;
    while (len < text.len && text.data[len] != '(' && text.data[len] != ':' &&
           !(text.data[len] >= '0' && text.data[len] <= '9')) {
        len++;
    }
    struct str name = str_trim((struct str){text.data, len});
    while (name.len > 0 && strchr("-,.#", name.data[name.len - 1]) != NULL) {
        name.len--;
        name = str_trim(name);
    }
    return str_prefix_utf8(name, FEE_NAME_BYTES);
}

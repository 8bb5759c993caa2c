#include "base/check.h"
#include "base/limits.h"
#include "provider/stripe/api.h"
#include "provider/stripe/objects.h"
#include "provider/stripe/statement.h"

/* One balance transaction at hand. */
struct reading {
    const struct stripe_place *place;
    struct stripe_balance_transaction said;
    struct stripe_movement movement;
    struct said_line line;
    struct err_info *reterr;
};

/* --- fees --- */

static struct line_fee *fee_of(struct statement_line *line, enum fee_kind kind)
{
    _Static_assert(FEE_KIND_COUNT <= LINE_FEES_MAX, "a fee of each kind fits");
    for (uint32_t i = 0; i < line->fee_count; i++) {
        if (line->fees[i].kind == kind) {
            return &line->fees[i];
        }
    }
    INVARIANT(line->fee_count < LINE_FEES_MAX);
    line->fees[line->fee_count] = (struct line_fee){kind, 0};
    return &line->fees[line->fee_count++];
}

/* The fee itself stands in the line. A detail that cannot be added to the others is left out: then
 * their sum is not the fee, and the ledger tells it. Their currency is the line's, even where an
 * old one says another. */
static void add_fee(struct statement_line *line, const struct json *json)
{
    struct stripe_fee_detail said = {.amount = {false, 0}};
    if (json->kind != JSON_OBJECT ||
        !stripe_fields_read_what_can_be(STRIPE_FEE_DETAIL, json, &said)) {
        return;
    }
    struct line_fee *fee = fee_of(line, stripe_fee_kind(said.type));
    int64_t sum = fee->minor;
    if (minor_add(sum, said.amount.value, &sum) == ERR_OK) {
        fee->minor = sum;
    }
}

static void take_fees(struct reading *reading)
{
    struct statement_line *line = &reading->line.line;
    if (!reading->said.fee_details.said) {
        return;
    }
    reading->line.learned |= SAID_FEES;
    for (const struct json *at = reading->said.fee_details.first; at != NULL; at = at->next) {
        add_fee(line, at);
    }
    if (line->fee_count == 0 && line->fee_minor != 0) {
        (void)fee_of(line, FEE_UNSPECIFIED); /* it does say which fees there are: none */
    }
}

/* --- what it is about --- */

static bool is_of_payer(enum id_kind kind)
{
    return kind == ID_ATTEMPT || kind == ID_REFUND || kind == ID_DISPUTE;
}

/* A part of an authorisation that was released is not as large as its charge. */
static void learn_customer(struct reading *reading, const struct stripe_line_source *source)
{
    struct said_line *line = &reading->line;
    if (line->source.len == 0 || !is_of_payer(line->source_kind)) {
        line->learned |= SAID_CUSTOMER;
        return;
    }
    bool is_other = line->line.kind == LINE_CAPTURE_RELEASE && line->source_kind == ID_ATTEMPT;
    if (!source->amount.said || source->currency.code[0] == '\0' || is_other) {
        return;
    }
    line->learned |= SAID_CUSTOMER;
    if (!currency_eq(source->currency, line->line.currency)) {
        line->is_unexchanged = !reading->said.exchange_rate;
        line->line.customer_currency = source->currency;
        line->line.customer_minor =
            line->line.amount_minor < 0 ? -source->amount.value : source->amount.value;
    }
}

static void learn_attempt(struct said_line *line, const struct link *of_source)
{
    bool has_other = is_of_payer(line->source_kind) && line->source_kind != ID_ATTEMPT;
    if (line->source.len == 0 || !has_other) {
        line->attempt = line->source_kind == ID_ATTEMPT ? line->source : STR_NONE;
        line->learned |= SAID_ATTEMPT;
    } else if (of_source->state != LINK_UNSAID) {
        line->attempt = of_source->provider_id;
        line->learned |= SAID_ATTEMPT;
    }
}

/* As the provider's own reports count it. */
static void learn_effective(struct said_line *line, const struct stripe_line_source *source)
{
    if (line->line.kind == LINE_PAYOUT && line->source_kind == ID_PAYOUT &&
        source->automatic.said) {
        line->effective_us =
            source->automatic.value ? source->arrival_date.value : line->line.created_us;
    }
}

/* The reversal of a transfer is not modelled: the transfer is. */
static void learn_object(struct reading *reading, const struct stripe_line_source *source)
{
    enum stripe_object object;
    struct said_line *line = &reading->line;
    line->learned |= SAID_SOURCE;
    if (str_eq(source->object, STR("transfer_reversal"))) {
        line->source = source->transfer.link.provider_id;
        line->source_kind = ID_TRANSFER;
    } else if (stripe_object_parse(source->object, &object)) {
        line->source = reading->said.source.link.provider_id;
        line->source_kind = stripe_object_row(object)->kind;
    }
    line->account = line->source_kind == ID_TRANSFER ? source->destination.link.provider_id
                                                     : source->account.link.provider_id;
    learn_attempt(line, &source->charge.link);
    learn_customer(reading, source);
    learn_effective(line, source);
}

static void learn_id(struct reading *reading)
{
    static const struct link unsaid;
    struct said_line *line = &reading->line;
    if (reading->movement.source != STRIPE_SOURCE_UNKNOWN) {
        line->source = reading->said.source.link.provider_id;
        line->source_kind = (enum id_kind)reading->movement.source;
        line->learned |= SAID_SOURCE;
        learn_attempt(line, &unsaid);
    }
}

static void learn_source(struct reading *reading)
{
    struct stripe_line_source source = {.object = STR_NONE};
    const struct stripe_link *link = &reading->said.source;
    if (link->expanded != NULL) {
        (void)stripe_fields_read_what_can_be(STRIPE_LINE_SOURCE, link->expanded, &source);
    }
    if (link->link.state == LINK_NONE) {
        reading->line.learned |= SAID_SOURCE | SAID_ATTEMPT | SAID_CUSTOMER;
    } else if (source.object.len > 0) {
        learn_object(reading, &source);
    } else if (link->link.state == LINK_NAMED) {
        learn_id(reading);
    }
}

/* --- a line --- */

static void take_words(struct reading *reading)
{
    const struct stripe_balance_transaction *said = &reading->said;
    struct said_line *line = &reading->line;
    const struct stripe_movement_words words = {
        said->reporting_category, said->type, said->balance_type, said->description};
    reading->movement = stripe_classify(&words);
    line->line.kind = reading->movement.kind;
    line->line.bucket = reading->movement.bucket;
    line->type = str_prefix_utf8(said->type, SAID_WORD_BYTES_MAX);
    line->category = str_prefix_utf8(said->reporting_category, SAID_WORD_BYTES_MAX);
    line->text = stripe_line_text(line->line.kind, said->description);
    line->available = str_eq(said->status, STR("available"));
    line->learned |= said->type.len > 0 ? SAID_TYPE : 0;
    line->learned |= said->status.len > 0 ? SAID_STATUS : 0;
}

static void take_numbers(struct reading *reading)
{
    const struct stripe_balance_transaction *said = &reading->said;
    reading->line.provider_id = said->id;
    reading->line.line = (struct statement_line){
        .amount_minor = said->amount.value,
        .fee_minor = said->fee.value,
        .net_minor = said->net.value,
        .currency = said->currency,
        .created_us = said->created.value,
        .available_us = said->available_on.value,
    };
    reading->line.learned = SAID_CREATED;
}

/* Its own line is in the list of a payout's lines, and is not one of them. */
static void take_payout(struct said_line *line, struct str payout)
{
    bool is_own = line->line.kind == LINE_PAYOUT && str_eq(line->source, payout);
    if (payout.len > 0 && !is_own) {
        line->payout = payout;
        line->learned |= SAID_PAYOUT;
    }
}

static enum err read_line(struct reading *reading, const struct json *json, struct str payout)
{
    TRY(stripe_fields_read(
        STRIPE_BALANCE_TRANSACTION, json, reading->place, &reading->said, reading->reterr));
    take_numbers(reading);
    take_words(reading);
    take_fees(reading);
    learn_source(reading);
    take_payout(&reading->line, payout);
    return ERR_OK;
}

/* --- a page --- */

struct paging {
    struct arena *arena;   /* of what the lines say */
    struct arena *element; /* of one element as a tree, which is ten times as large */
    struct said_page page;
    struct err_info *reterr;
};

static enum err out_of_room(struct paging *paging)
{
    return err_set(
        paging->reterr, ERR_TOO_LARGE, "the page is too large for the memory that it may take");
}

static enum err refuse_line(
    struct paging *paging, uint32_t index, const struct json *json, enum err err, const char *why)
{
    struct stripe_kind kind = {.object = STR_NONE};
    if (json != NULL && json->kind == JSON_OBJECT) {
        (void)stripe_fields_read_what_can_be(STRIPE_KIND, json, &kind);
    }
    struct str words = arena_copy(paging->arena, str_from(why));
    struct str id = arena_copy(paging->arena, str_prefix_utf8(kind.id, LIMIT_PROVIDER_ID_BYTES));
    if (words.data == NULL || id.data == NULL) {
        return out_of_room(paging);
    }
    paging->page.refusals[paging->page.refusal_count++] =
        (struct said_refusal){index, id, err, words};
    return ERR_OK;
}

static enum err keep_line(struct paging *paging, const struct said_line *line)
{
    struct said_line kept = *line;
    struct str *const texts[] = {&kept.provider_id, &kept.type, &kept.category, &kept.source,
        &kept.attempt, &kept.account, &kept.payout, &kept.text};
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i]->len > 0) {
            *texts[i] = arena_copy(paging->arena, *texts[i]);
            if (texts[i]->data == NULL) {
                return out_of_room(paging);
            }
        }
    }
    paging->page.lines[paging->page.line_count++] = kept;
    return ERR_OK;
}

static enum err take_element(
    struct paging *paging, uint32_t index, struct str bytes, struct str payout)
{
    struct json_document document = {.root = NULL};
    struct err_info why = {""};
    struct stripe_place place = {NULL, "data", index};
    struct reading reading = {.place = &place, .reterr = &why};
    arena_reset(paging->element);
    enum err err = json_parse(bytes, paging->element, &document);
    if (document.problem == JSON_NO_MEMORY) {
        return out_of_room(paging);
    }
    if (err != ERR_OK || document.root->kind != JSON_OBJECT) {
        (void)err_set(&why, ERR_MALFORMED, "data[%u]: %s", index,
            err != ERR_OK ? json_problem_text(document.problem) : "is no object");
        return refuse_line(paging, index, NULL, ERR_MALFORMED, why.text);
    }
    err = read_line(&reading, document.root, payout);
    if (err != ERR_OK) {
        return refuse_line(paging, index, document.root, err, why.text);
    }
    return keep_line(paging, &reading.line);
}

static struct str last_id(const struct said_page *page)
{
    bool is_refused =
        page->refusal_count > 0 &&
        page->refusals[page->refusal_count - 1].index + 1 == page->line_count + page->refusal_count;
    return is_refused             ? page->refusals[page->refusal_count - 1].provider_id
           : page->line_count > 0 ? page->lines[page->line_count - 1].provider_id
                                  : STR_NONE;
}

enum err stripe_statement_decode_page(struct str body,
    struct str payout,
    struct arena *arena,
    struct said_page *ret_page,
    struct err_info *reterr)
{
    REQUIRE(arena != NULL);
    REQUIRE(ret_page != NULL);
    struct stripe_cut cut = {0};
    const char *why = "";
    CLEANUP(arena_free) struct arena *element = arena_new(LIMIT_BATCH_ARENA_BYTES);
    struct paging paging = {.arena = arena, .element = element, .reterr = reterr};
    if (element == NULL) {
        return out_of_room(&paging);
    }
    if (stripe_cut_page(body, &cut, &why) != ERR_OK) {
        return err_set(reterr, ERR_MALFORMED, "a page of balance transactions: %s", why);
    }
    paging.page.lines = arena_new_array(arena, struct said_line, cut.count + 1);
    paging.page.refusals = arena_new_array(arena, struct said_refusal, cut.count + 1);
    struct str kept = arena_copy(arena, payout);
    if (paging.page.lines == NULL || paging.page.refusals == NULL || kept.data == NULL) {
        return out_of_room(&paging);
    }
    for (uint32_t i = 0; i < cut.count; i++) {
        TRY(take_element(&paging, i, cut.elements[i], kept));
    }
    paging.page.more = cut.has_more;
    paging.page.cursor = last_id(&paging.page);
    *ret_page = paging.page;
    return ERR_OK;
}

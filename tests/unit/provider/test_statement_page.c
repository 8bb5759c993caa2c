/* Pages of balance transactions become lines: what each says, what it leaves open, and that an odd
 * one does not stop the others. */
#include "base/timestamp.h"
#include "provider/stripe/fields.h"
#include "provider/stripe/statement.h"
#include "samples.h"

#define NUMBERS                                                                                    \
    "\"amount\": 10000, \"fee\": 320, \"net\": 9680, \"currency\": \"eur\", "                      \
    "\"created\": 1790000000, \"available_on\": 1790086400"
#define CHARGE_WORDS "\"type\": \"charge\", \"reporting_category\": \"charge\""

/* One world for each test. */
struct world {
    struct arena *arena;
    struct said_page page;
    struct err_info info;
};

static int setup(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->arena = arena_new(ARENA_BYTES);
    *state = world;
    return 0;
}

static int teardown(void **state)
{
    struct world *world = *state;
    (void)arena_free(world->arena);
    free(world);
    return 0;
}

static struct str page_of(struct world *world, const char *elements, bool more)
{
    struct buf text;
    buf_init(&text, 200000);
    buf_addf(&text, "{\"object\": \"list\", \"data\": [%s], \"has_more\": %s}", elements,
        more ? "true" : "false");
    struct str copy = arena_copy(world->arena, buf_str(&text));
    buf_fini(&text);
    return copy;
}

/* What the page says must not need its bytes, which are overwritten. */
static void decode(struct world *world, const char *elements, const char *payout)
{
    struct str page = page_of(world, elements, false);
    char *bytes = malloc(page.len);
    assert_non_null(bytes);
    memcpy(bytes, page.data, page.len);
    assert_err(stripe_statement_ops.decode_page((struct str){bytes, page.len}, str_from(payout),
                   world->arena, &world->page, &world->info),
        ERR_OK);
    memset(bytes, '#', page.len);
    free(bytes);
}

/* The only line of a page that has one element, given without its braces. */
static const struct said_line *line_of(struct world *world, const char *members)
{
    char element[4000];
    (void)snprintf(element, sizeof element, "{\"id\": \"txn_1\", %s}", members);
    decode(world, element, "");
    if (world->page.refusal_count > 0) {
        print_error(STR_FMT "\n", STR_ARG(world->page.refusals[0].why));
    }
    assert_int_equal(world->page.line_count, 1);
    return world->page.lines;
}

/* --- what a line says --- */

static void a_line_has_its_numbers_times_and_words(void **state)
{
    struct world *world = *state;
    const struct said_line *line = line_of(world,
        NUMBERS ", " CHARGE_WORDS ", \"balance_type\": \"payments\", \"status\": \"pending\", "
                "\"description\": \"for Ann Lee\", \"exchange_rate\": 1.23456789012345678901234, "
                "\"source\": \"ch_1\", \"fee_details\": [{\"amount\": 300, \"currency\": \"eur\", "
                "\"type\": \"stripe_fee\"}, {\"amount\": 20, \"currency\": \"eur\", \"type\": "
                "\"tax\"}]");
    assert_str_equal_to(line->provider_id, "txn_1");
    assert_int_equal(line->line.kind, LINE_PAYMENT);
    assert_int_equal(line->line.bucket, BUCKET_PAYMENTS);
    assert_int64_equal(line->line.amount_minor, 10000);
    assert_int64_equal(line->line.fee_minor, 320);
    assert_int64_equal(line->line.net_minor, 9680);
    assert_string_equal(line->line.currency.code, "EUR");
    assert_int64_equal(line->line.created_us, 1790000000 * US_PER_SECOND);
    assert_int64_equal(line->line.available_us, 1790086400 * US_PER_SECOND);
    assert_str_equal_to(line->type, "charge");
    assert_str_equal_to(line->category, "charge");
    assert_int_equal(line->text.len, 0);
    assert_false(line->available);
    assert_int_equal(line->line.fee_count, 2);
    assert_int_equal(line->line.fees[0].kind, FEE_PROVIDER);
    assert_int64_equal(line->line.fees[0].minor, 300);
    assert_int_equal(line->line.fees[1].kind, FEE_TAX);
    assert_int64_equal(line->line.fees[1].minor, 20);
    assert_str_equal_to(line->source, "ch_1");
    assert_int_equal(line->source_kind, ID_ATTEMPT);
    assert_str_equal_to(line->attempt, "ch_1");
    assert_int_equal(line->learned,
        SAID_CREATED | SAID_TYPE | SAID_STATUS | SAID_FEES | SAID_SOURCE | SAID_ATTEMPT);
}

static void what_is_not_said_is_not_learned(void **state)
{
    struct world *world = *state;
    const struct said_line *line = line_of(world, NUMBERS);
    assert_int_equal(line->learned, SAID_CREATED);
    assert_int_equal(line->line.kind, LINE_UNCLASSIFIED);
    assert_int_equal(line->line.fee_count, 0);
    line = line_of(world, NUMBERS ", " CHARGE_WORDS ", \"source\": null, \"fee_details\": null");
    assert_int_equal(
        line->learned, SAID_CREATED | SAID_TYPE | SAID_SOURCE | SAID_ATTEMPT | SAID_CUSTOMER);
    assert_int_equal(line->source.len, 0);
}

static void a_status_that_is_available_is_told(void **state)
{
    struct world *world = *state;
    assert_true(line_of(world, NUMBERS ", \"status\": \"available\"")->available);
    assert_false(line_of(world, NUMBERS ", \"status\": \"other\"")->available);
}

/* --- fees --- */

static void fees_of_one_kind_are_summed_however_many_they_are(void **state)
{
    struct world *world = *state;
    struct buf details;
    buf_init(&details, 100000);
    for (int i = 0; i < 40; i++) {
        buf_addf(&details, "%s{\"amount\": %d, \"currency\": \"eur\", \"type\": \"%s\"}",
            i > 0 ? "," : "", i % 3 == 0 ? -5 : 10, i % 2 == 0 ? "stripe_fee" : "application_fee");
    }
    buf_add_char(&details, '\0');
    struct buf members;
    buf_init(&members, 100000);
    buf_addf(&members, "{\"id\": \"txn_1\", " NUMBERS ", \"fee_details\": [%s]}", details.data);
    buf_add_char(&members, '\0');
    decode(world, members.data, "");
    buf_fini(&members);
    buf_fini(&details);
    const struct statement_line *line = &world->page.lines[0].line;
    assert_int_equal(world->page.line_count, 1);
    assert_int_equal(line->fee_count, 2);
    assert_int_equal(line->fees[0].kind, FEE_PROVIDER);
    assert_int64_equal(line->fees[0].minor, 13 * 10 - 7 * 5);
    assert_int_equal(line->fees[1].kind, FEE_APPLICATION);
    assert_int64_equal(line->fees[1].minor, 13 * 10 - 7 * 5);
}

static void a_fee_that_no_detail_explains_is_said_to_be_unexplained(void **state)
{
    struct world *world = *state;
    const struct said_line *line = line_of(world, NUMBERS ", \"fee_details\": []");
    assert_true((line->learned & SAID_FEES) != 0);
    assert_int_equal(line->line.fee_count, 1);
    assert_int_equal(line->line.fees[0].kind, FEE_UNSPECIFIED);
    assert_int64_equal(line->line.fees[0].minor, 0);

    line = line_of(world, "\"amount\": 5, \"fee\": 0, \"net\": 5, \"currency\": \"eur\", "
                          "\"created\": 1, \"available_on\": 1, \"fee_details\": []");
    assert_int_equal(line->line.fee_count, 0);
}

static void a_detail_that_cannot_be_added_leaves_the_sum_short(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *details;
        int64_t sum;
    } rows[] = {
        {"7", 0},
        {"{\"type\": \"stripe_fee\"}", 0},
        {"{\"amount\": 300}, {\"amount\": 20.0}", 300},
        {"{\"amount\": null}, {\"amount\": 20}", 20},
        {"{\"amount\": 9223372036854775807}, {\"amount\": 1}", INT64_MAX},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char members[600];
        (void)snprintf(members, sizeof members, NUMBERS ", \"fee_details\": [%s]", rows[i].details);
        const struct said_line *line = line_of(world, members);
        assert_row(line->line.fee_count == 1, rows[i].details);
        assert_row(line->line.fees[0].kind == FEE_UNSPECIFIED, rows[i].details);
        assert_row(line->line.fees[0].minor == rows[i].sum, rows[i].details);
        assert_row(rows[i].sum != line->line.fee_minor, rows[i].details);
    }
}

/* --- what it is about --- */

#define SOURCE_IS(words, amount, source)                                                           \
    "\"amount\": " amount ", \"fee\": 0, \"net\": " amount ", \"currency\": \"eur\", "             \
    "\"created\": 1790000000, \"available_on\": 1790086400, " words ", \"source\": {" source "}"

static void a_charge_in_another_currency_says_what_the_payer_saw(void **state)
{
    struct world *world = *state;
    const struct said_line *line = line_of(world,
        SOURCE_IS(CHARGE_WORDS, "9000",
            "\"id\": \"ch_1\", \"object\": \"charge\", \"amount\": 10000, \"currency\": \"usd\", "
            "\"transfer\": \"tr_9\", \"destination\": \"acct_9\""));
    assert_str_equal_to(line->source, "ch_1");
    assert_int_equal(line->source_kind, ID_ATTEMPT);
    assert_str_equal_to(line->attempt, "ch_1");
    assert_int64_equal(line->line.customer_minor, 10000);
    assert_string_equal(line->line.customer_currency.code, "USD");
    assert_int_equal(line->account.len, 0);
    unsigned all = SAID_SOURCE | SAID_ATTEMPT | SAID_CUSTOMER;
    assert_int_equal(line->learned & all, all);
}

static void the_same_currency_is_no_other_amount(void **state)
{
    struct world *world = *state;
    const struct said_line *line = line_of(world,
        SOURCE_IS(CHARGE_WORDS, "10000",
            "\"id\": \"ch_1\", \"object\": \"charge\", \"amount\": 10000, \"currency\": \"eur\""));
    assert_string_equal(line->line.customer_currency.code, "");
    assert_int64_equal(line->line.customer_minor, 0);
    assert_true((line->learned & SAID_CUSTOMER) != 0);
}

static void refunds_and_disputes_name_their_charge_with_the_lines_sign(void **state)
{
    struct world *world = *state;
    const struct said_line *line = line_of(world,
        SOURCE_IS("\"type\": \"refund\", \"reporting_category\": \"refund\"", "-900",
            "\"id\": \"re_1\", \"object\": \"refund\", \"amount\": 1000, \"currency\": \"usd\", "
            "\"charge\": \"ch_1\""));
    assert_str_equal_to(line->source, "re_1");
    assert_int_equal(line->source_kind, ID_REFUND);
    assert_str_equal_to(line->attempt, "ch_1");
    assert_int64_equal(line->line.customer_minor, -1000);

    line = line_of(world,
        SOURCE_IS("\"type\": \"adjustment\", \"reporting_category\": \"dispute_reversal\"", "900",
            "\"id\": \"du_1\", \"object\": \"dispute\", \"amount\": 1000, \"currency\": \"usd\", "
            "\"charge\": {\"id\": \"ch_1\", \"object\": \"charge\"}"));
    assert_str_equal_to(line->source, "du_1");
    assert_int_equal(line->source_kind, ID_DISPUTE);
    assert_str_equal_to(line->attempt, "ch_1");
    assert_int64_equal(line->line.customer_minor, 1000);
}

static void a_release_is_not_as_large_as_its_charge(void **state)
{
    struct world *world = *state;
    static const char words[] =
        "\"type\": \"refund\", \"reporting_category\": \"partial_capture_reversal\"";
    char members[1000];
    (void)snprintf(members, sizeof members,
        "\"amount\": -400, \"fee\": 0, \"net\": -400, \"currency\": \"eur\", \"created\": 1, "
        "\"available_on\": 1, %s, \"source\": {\"id\": \"ch_1\", \"object\": \"charge\", "
        "\"amount\": 1000, \"currency\": \"usd\"}",
        words);
    const struct said_line *line = line_of(world, members);
    assert_int_equal(line->line.kind, LINE_CAPTURE_RELEASE);
    assert_str_equal_to(line->attempt, "ch_1");
    assert_int64_equal(line->line.customer_minor, 0);
    assert_true((line->learned & SAID_CUSTOMER) == 0);
}

static void a_source_that_is_only_an_id_is_what_its_category_says(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *category, *type;
        int kind; /* -1: cannot be told */
        bool attempt_is_known;
    } rows[] = {
        {"charge", "payment", ID_ATTEMPT, true},
        {"charge_failure", "payment_failure_refund", ID_ATTEMPT, true},
        {"refund", "refund", ID_REFUND, false},
        {"partial_capture_reversal", "refund", ID_REFUND, false},
        {"dispute", "adjustment", ID_DISPUTE, false},
        {"payout", "payout", ID_PAYOUT, true},
        {"payout_reversal", "payout_failure", ID_PAYOUT, true},
        {"transfer", "transfer", ID_TRANSFER, true},
        {"transfer_reversal", "transfer_refund", -1, false},
        {"transfer_reversal", "transfer_failure", ID_TRANSFER, true},
        {"platform_earning", "application_fee", ID_APPLICATION_FEE, true},
        {"platform_earning_refund", "application_fee_refund", ID_FEE_REFUND, true},
        {"topup", "topup", ID_TOPUP, true},
        {"other_adjustment", "adjustment", -1, false},
        {"issuing_transaction", "issuing_transaction", -1, false},
        {"new", "new", -1, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char members[600];
        (void)snprintf(members, sizeof members,
            NUMBERS ", \"reporting_category\": \"%s\", \"type\": \"%s\", \"source\": \"xx_1\"",
            rows[i].category, rows[i].type);
        const struct said_line *line = line_of(world, members);
        bool known = rows[i].kind >= 0;
        assert_row((line->source.len > 0) == known, rows[i].type);
        assert_row(((line->learned & SAID_SOURCE) != 0) == known, rows[i].type);
        assert_row(!known || (int)line->source_kind == rows[i].kind, rows[i].type);
        assert_row(((line->learned & SAID_ATTEMPT) != 0) == rows[i].attempt_is_known, rows[i].type);
        assert_row((line->learned & SAID_CUSTOMER) == 0, rows[i].type);
    }
}

static void what_an_expanded_source_is_it_says_itself(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *words, *source, *id;
        enum id_kind kind;
        const char *account;
    } rows[] = {
        {"\"reporting_category\": \"transfer_reversal\", \"type\": \"transfer_refund\"",
            "\"id\": \"trr_1\", \"object\": \"transfer_reversal\", \"transfer\": \"tr_1\"", "tr_1",
            ID_TRANSFER, ""},
        {"\"reporting_category\": \"transfer\", \"type\": \"transfer\"",
            "\"id\": \"tr_1\", \"object\": \"transfer\", \"destination\": \"acct_1\"", "tr_1",
            ID_TRANSFER, "acct_1"},
        {"\"reporting_category\": \"platform_earning\", \"type\": \"application_fee\"",
            "\"id\": \"fee_1\", \"object\": \"application_fee\", \"account\": \"acct_1\", "
            "\"charge\": \"ch_below\"",
            "fee_1", ID_APPLICATION_FEE, "acct_1"},
        {"\"reporting_category\": \"charge_failure\", \"type\": \"payment_failure_refund\"",
            "\"id\": \"pyr_1\", \"object\": \"refund\", \"charge\": null", "pyr_1", ID_REFUND, ""},
        {"\"reporting_category\": \"issuing_transaction\", \"type\": \"issuing_transaction\"",
            "\"id\": \"ipi_1\", \"object\": \"issuing.transaction\"", "", ID_PAYMENT, ""},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char members[800];
        (void)snprintf(members, sizeof members, NUMBERS ", %s, \"source\": {%s}", rows[i].words,
            rows[i].source);
        const struct said_line *line = line_of(world, members);
        assert_str_equal_to(line->source, rows[i].id);
        assert_row(line->source.len == 0 || line->source_kind == rows[i].kind, rows[i].source);
        assert_str_equal_to(line->account, rows[i].account);
        assert_int_equal(line->attempt.len, 0);
        assert_true((line->learned & SAID_SOURCE) != 0);
    }
}

static void a_refund_that_does_not_name_its_charge_leaves_it_open(void **state)
{
    struct world *world = *state;
    static const char words[] = "\"reporting_category\": \"refund\", \"type\": \"refund\"";
    static const char *const sources[] = {
        "\"re_1\"", "{\"id\": \"re_1\", \"object\": \"refund\"}", "{\"id\": \"re_1\"}"};
    for (size_t i = 0; i < sizeof sources / sizeof sources[0]; i++) {
        char members[600];
        (void)snprintf(members, sizeof members, NUMBERS ", %s, \"source\": %s", words, sources[i]);
        const struct said_line *line = line_of(world, members);
        assert_str_equal_to(line->source, "re_1");
        assert_int_equal(line->source_kind, ID_REFUND);
        assert_int_equal(line->attempt.len, 0);
        assert_row((line->learned & SAID_ATTEMPT) == 0, sources[i]);
    }
    const struct said_line *line =
        line_of(world, NUMBERS ", \"reporting_category\": \"refund\", "
                               "\"type\": \"refund\", \"source\": {\"id\": \"re_1\", \"object\": "
                               "\"refund\", \"charge\": null}");
    assert_int_equal(line->attempt.len, 0);
    assert_true((line->learned & SAID_ATTEMPT) != 0);
}

static void a_payout_leaves_the_balance_when_it_arrives_if_it_is_automatic(void **state)
{
    struct world *world = *state;
    static const struct {
        const char *members;
        int64_t second;
    } rows[] = {
        {"\"automatic\": true, \"arrival_date\": 1790121600", 1790121600},
        {"\"automatic\": false, \"arrival_date\": 1790121600", 1790000000},
        {"\"automatic\": true", 0},
        {"\"arrival_date\": 1790121600", 0},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        char members[600];
        (void)snprintf(members, sizeof members,
            NUMBERS ", \"reporting_category\": \"payout\", \"type\": \"payout\", \"source\": "
                    "{\"id\": \"po_1\", \"object\": \"payout\", \"amount\": -5, %s}",
            rows[i].members);
        const struct said_line *line = line_of(world, members);
        assert_int64_equal(line->effective_us, rows[i].second * US_PER_SECOND);
        assert_true((line->learned & SAID_CUSTOMER) != 0);
    }
}

static void an_odd_source_does_not_hide_the_money(void **state)
{
    struct world *world = *state;
    const struct said_line *line = line_of(world,
        SOURCE_IS(CHARGE_WORDS, "10000",
            "\"id\": \"ch_1\", \"object\": \"charge\", \"amount\": \"much\", \"currency\": 7"));
    assert_str_equal_to(line->attempt, "ch_1");
    assert_true((line->learned & SAID_CUSTOMER) == 0);
}

/* --- payouts --- */

static void a_payouts_own_line_is_not_one_of_its_lines(void **state)
{
    struct world *world = *state;
    decode(world,
        "{\"id\": \"txn_2\", " NUMBERS ", " CHARGE_WORDS ", \"source\": \"ch_1\"}, "
        "{\"id\": \"txn_1\", " NUMBERS ", \"reporting_category\": \"payout\", \"type\": "
        "\"payout\", \"source\": {\"id\": \"po_1\", \"object\": \"payout\"}}, "
        "{\"id\": \"txn_0\", " NUMBERS ", \"reporting_category\": \"payout_minimum_balance_hold\", "
        "\"type\": \"payout_minimum_balance_hold\", \"source\": \"po_1\"}",
        "po_1");
    assert_int_equal(world->page.line_count, 3);
    assert_str_equal_to(world->page.lines[0].payout, "po_1");
    assert_true((world->page.lines[0].learned & SAID_PAYOUT) != 0);
    assert_str_equal_to(world->page.lines[1].payout, "");
    assert_true((world->page.lines[1].learned & SAID_PAYOUT) == 0);
    assert_str_equal_to(world->page.lines[2].payout, "po_1");
}

/* --- pages --- */

static void a_page_says_where_it_goes_on(void **state)
{
    struct world *world = *state;
    struct str body =
        page_of(world, "{\"id\": \"txn_2\", " NUMBERS "}, {\"id\": \"txn_1\", " NUMBERS "}", true);
    assert_err(
        stripe_statement_ops.decode_page(body, STR_NONE, world->arena, &world->page, &world->info),
        ERR_OK);
    assert_true(world->page.more);
    assert_str_equal_to(world->page.cursor, "txn_1");
    decode(world, "", "");
    assert_int_equal(world->page.line_count, 0);
    assert_false(world->page.more);
}

static void what_is_no_page_is_malformed(void **state)
{
    struct world *world = *state;
    static const char *const bodies[] = {"", "[]", "{}", "{\"object\": \"list\"}",
        "{\"object\": \"list\", \"data\": [{}", "{\"object\": \"list\", \"data\": []}"};
    for (size_t i = 0; i < sizeof bodies / sizeof bodies[0]; i++) {
        assert_err(stripe_statement_ops.decode_page(
                       str_from(bodies[i]), STR_NONE, world->arena, &world->page, &world->info),
            ERR_MALFORMED);
    }
}

static void too_little_memory_is_told(void **state)
{
    struct world *world = *state;
    struct str body = page_of(world, "{\"id\": \"txn_1\", " NUMBERS "}", false);
    for (size_t room = 64; room < 4096; room *= 2) {
        CLEANUP(arena_free) struct arena *small = arena_new(room);
        enum err err =
            stripe_statement_ops.decode_page(body, STR_NONE, small, &world->page, &world->info);
        assert_true(err == ERR_OK || err == ERR_TOO_LARGE);
        assert_int_equal(room == 64 ? err : ERR_TOO_LARGE, ERR_TOO_LARGE);
        if (err == ERR_OK) {
            break;
        }
    }
}

/* --- odd elements --- */

struct odd {
    const char *element;
    enum err err;
    const char *id, *why;
};

static void an_element_that_cannot_be_read_is_told_and_the_others_stand(void **state)
{
    struct world *world = *state;
    static const struct odd odds[] = {
        {"7", ERR_MALFORMED, "", "data[1]: is no object"},
        {"{\"id\": \"txn_x\", \"id\": \"txn_y\"}", ERR_MALFORMED, "", NULL},
        {"{}", ERR_INVALID, "", "data[1].id is missing"},
        {"{\"id\": \"txn_x\"}", ERR_INVALID, "txn_x", "data[1].amount is missing"},
        {"{\"id\": \"txn_x\", " NUMBERS ", \"source\": 7}", ERR_INVALID, "txn_x",
            "data[1].source must be text"},
        {"{\"id\": \"txn_x\", " NUMBERS ", \"fee_details\": 7}", ERR_INVALID, "txn_x",
            "data[1].fee_details must be a list"},
    };
    for (size_t i = 0; i < sizeof odds / sizeof odds[0]; i++) {
        char elements[4000];
        (void)snprintf(elements, sizeof elements,
            "{\"id\": \"txn_2\", " NUMBERS "}, %s, {\"id\": \"txn_1\", " NUMBERS "}",
            odds[i].element);
        decode(world, elements, "");
        assert_row(world->page.line_count == 2, odds[i].element);
        assert_row(world->page.refusal_count == 1, odds[i].element);
        assert_str_equal_to(world->page.lines[1].provider_id, "txn_1");
        const struct said_refusal *refusal = &world->page.refusals[0];
        assert_int_equal(refusal->index, 1);
        assert_err(refusal->err, odds[i].err);
        assert_str_equal_to(refusal->provider_id, odds[i].id);
        if (odds[i].why != NULL) {
            assert_str_equal_to(refusal->why, odds[i].why);
        }
    }
}

static void a_refused_element_at_the_end_is_where_the_page_goes_on(void **state)
{
    struct world *world = *state;
    decode(world, "{\"id\": \"txn_2\", " NUMBERS "}, {\"id\": \"txn_1\"}", "");
    assert_str_equal_to(world->page.cursor, "txn_1");
    decode(world, "{\"id\": \"txn_2\"}, {\"id\": \"txn_1\", " NUMBERS "}", "");
    assert_str_equal_to(world->page.cursor, "txn_1");
}

static const struct {
    const char *json, *secret;
} bads[] = {
    {"null", NULL},
    {"true", NULL},
    {"-7", NULL},
    {"1.5", NULL},
    {"1e400", NULL},
    {"9223372036854775808", NULL},
    {"99999999999999999999999999", NULL},
    {"\"\"", NULL},
    {"\"SECRET-7\"", "SECRET-7"},
    {"[]", NULL},
    {"[\"SECRET-7\"]", "SECRET-7"},
    {"{}", NULL},
    {"{\"id\":7}", NULL},
    {"{\"id\":\"SECRET-7\",\"object\":\"file\"}", NULL},
    {"{\"object\":\"list\",\"has_more\":true}", NULL},
};

/* A whole object of that kind with one member's value replaced. */
static void bad_object(
    enum stripe_object object, struct str member, const char *value, char *to, size_t size)
{
    struct buf text;
    buf_init(&text, 4000);
    size_t count = 0;
    const struct stripe_field *rows = stripe_field_rows(&count);
    buf_add_char(&text, '{');
    for (size_t i = 0; i < count; i++) {
        if (rows[i].object == object) {
            bool is_number = rows[i].type == STRIPE_SIGNED || rows[i].type == STRIPE_TIME ||
                             rows[i].type == STRIPE_MINOR;
            const char *good = rows[i].type == STRIPE_CURRENCY ? "\"eur\""
                               : rows[i].type == STRIPE_LIST   ? "[]"
                               : is_number                     ? "1200"
                                                               : "\"word\"";
            buf_addf(&text, "%s\"" STR_FMT "\": %s", text.len > 1 ? ", " : "",
                STR_ARG(rows[i].path), str_eq(rows[i].path, member) ? value : good);
        }
    }
    buf_add_char(&text, '}');
    assert_true(str_copy_to(to, size, buf_str(&text)));
    buf_fini(&text);
}

static void assert_answered(struct world *world, const char *what, const char *secret)
{
    assert_row(world->page.line_count + world->page.refusal_count == 2, what);
    assert_row(world->page.line_count >= 1, what);
    for (uint32_t i = 0; i < world->page.refusal_count; i++) {
        const struct said_refusal *refusal = &world->page.refusals[i];
        assert_row(err_class(refusal->err) == ERR_CLASS_INPUT, what);
        assert_row(secret == NULL || strstr(refusal->why.data, secret) == NULL, what);
    }
}

/* Two lines, in the first of which that object stands; false: it never stands in one. */
static bool around(enum stripe_object which, char *object, char *to, size_t size)
{
    const char *before = "";
    const char *after = "";
    if (which == STRIPE_FEE_DETAIL) {
        before = "{\"id\": \"txn_2\", " NUMBERS ", \"fee_details\": [";
        after = "]}";
    } else if (which == STRIPE_LINE_SOURCE) {
        before = "{\"id\": \"txn_2\", " NUMBERS ", " CHARGE_WORDS ", \"source\": {\"id\": \"xx_1\"";
        after = "}";
        object[0] = ','; /* behind the id, which is no row of its own */
    } else if (which != STRIPE_BALANCE_TRANSACTION) {
        return false;
    }
    (void)snprintf(to, size, "%s%s%s, {\"id\": \"txn_1\", " NUMBERS "}", before, object, after);
    return true;
}

static void odd_values_of_every_field_give_a_line_or_a_refusal(void **state)
{
    struct world *world = *state;
    size_t count = 0;
    const struct stripe_field *rows = stripe_field_rows(&count);
    uint32_t tried = 0;
    for (size_t i = 0; i < count; i++) {
        for (size_t bad = 0; bad < sizeof bads / sizeof bads[0]; bad++) {
            char object[4000];
            char elements[8000];
            bad_object(rows[i].object, rows[i].path, bads[bad].json, object, sizeof object);
            if (!around(rows[i].object, object, elements, sizeof elements)) {
                continue;
            }
            tried++;
            decode(world, elements, "");
            assert_answered(world, rows[i].path.data, bads[bad].secret);
            arena_reset(world->arena);
        }
    }
    assert_true(tried > 300);
}

#define A(test) TEST_WITH(test, setup, teardown)
TESTS_MAIN("statement_page",
    A(a_line_has_its_numbers_times_and_words),
    A(what_is_not_said_is_not_learned),
    A(a_status_that_is_available_is_told),
    A(fees_of_one_kind_are_summed_however_many_they_are),
    A(a_fee_that_no_detail_explains_is_said_to_be_unexplained),
    A(a_detail_that_cannot_be_added_leaves_the_sum_short),
    A(a_charge_in_another_currency_says_what_the_payer_saw),
    A(the_same_currency_is_no_other_amount),
    A(refunds_and_disputes_name_their_charge_with_the_lines_sign),
    A(a_release_is_not_as_large_as_its_charge),
    A(a_source_that_is_only_an_id_is_what_its_category_says),
    A(what_an_expanded_source_is_it_says_itself),
    A(a_refund_that_does_not_name_its_charge_leaves_it_open),
    A(a_payout_leaves_the_balance_when_it_arrives_if_it_is_automatic),
    A(an_odd_source_does_not_hide_the_money),
    A(a_payouts_own_line_is_not_one_of_its_lines),
    A(a_page_says_where_it_goes_on),
    A(what_is_no_page_is_malformed),
    A(too_little_memory_is_told),
    A(an_element_that_cannot_be_read_is_told_and_the_others_stand),
    A(a_refused_element_at_the_end_is_where_the_page_goes_on),
    A(odd_values_of_every_field_give_a_line_or_a_refusal))

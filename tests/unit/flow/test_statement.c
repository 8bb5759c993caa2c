/* Lines of the statement and events of the same objects, in any order, from any source: the same
 * books. Each order is a scope of its own. */
#include "base/timestamp.h"
#include "store/feed.h"
#include "store/inbox.h"
#include "store/journal.h"
#include "store/refs.h"
#include "provider/stripe/stripe.h"
#include "flow/project.h"
#include "flow/statement.h"
#include "unit/store_fixture.h"
#include "unit/testing.h"

#define DAY(n) (INT64_C(1790000000000000) + (n)*US_PER_DAY)
#define EUR                                                                                        \
    {                                                                                              \
        "EUR"                                                                                      \
    }
#define IN_FILES (SAID_SOURCE | SAID_ATTEMPT | SAID_CREATED)
#define IN_ANSWERS (IN_FILES | SAID_FEES | SAID_STATUS | SAID_TYPE | SAID_CUSTOMER)

struct world {
    struct store_fixture fixture;
    struct arena *arena;
    struct statement_taker *taker;
    uint64_t random;
    int64_t scope, source;
};

static const char *engine_of(void **state)
{
    return *state == NULL ? "sqlite" : *state;
}

static struct world *world_open(void **state)
{
    struct world *world = calloc(1, sizeof *world);
    assert_non_null(world);
    world->arena = arena_new((size_t)64 * 1024 * 1024);
    world->random = test_seed();
    store_fixture_open(&world->fixture, engine_of(state));
    world->taker = statement_taker_new(world->fixture.store, &stripe_provider, env_system());
    assert_non_null(world->taker);
    return world;
}

static void world_close(struct world *world)
{
    (void)statement_taker_free(world->taker);
    store_fixture_close(&world->fixture);
    (void)arena_free(world->arena);
    free(world);
}

static void world_begin(struct world *world, enum store_access access)
{
    assert_err(store_begin(world->fixture.store, access, NULL), ERR_OK);
}

static void world_commit(struct world *world)
{
    assert_err(store_commit(world->fixture.store, NULL), ERR_OK);
}

/* A scope, and a source that its lines come from. */
static void new_scope(struct world *world, int number)
{
    char name[32];
    bool finished = true;
    struct store *store = world->fixture.store;
    (void)snprintf(name, sizeof name, "acct_%d", number);
    const struct scope_key key = {STR("stripe"), true, str_from(name)};
    world_begin(world, STORE_WRITE);
    assert_err(scope_ensure(store, &key, &world->scope, NULL), ERR_OK);
    struct statement_source source = {
        .scope = world->scope, .kind = SOURCE_API, .name = STR("lines"), .received_us = 1};
    assert_err(statement_source_begin(store, &source, &finished, NULL), ERR_OK);
    assert_false(finished);
    world->source = source.number;
    world_commit(world);
}

static struct taken_counts take(struct world *world, const struct said_line *lines, uint32_t count)
{
    struct taken_counts counts = {0};
    struct err_info info = {""};
    const struct statement_batch batch = {
        world->scope, world->scope, world->source, lines, count, SOURCE_API, {false}};
    world_begin(world, STORE_WRITE);
    enum err err = statement_take(world->taker, &batch, DAY(40), &counts, &info);
    if (err != ERR_OK) {
        print_error("%s\n", info.text);
    }
    assert_err(err, ERR_OK);
    world_commit(world);
    return counts;
}

static int64_t balance(struct world *world, const char *account, const char *currency)
{
    struct ledger_balance *rows = NULL;
    uint32_t count = 0;
    int64_t minor = 0;
    world_begin(world, STORE_READ);
    assert_err(
        ledger_balances(world->fixture.store, world->scope, world->arena, &rows, &count, NULL),
        ERR_OK);
    for (uint32_t i = 0; i < count; i++) {
        if (strcmp(account_row(rows[i].account)->name, account) == 0 &&
            strcmp(rows[i].currency.code, currency) == 0) {
            minor = rows[i].minor;
        }
    }
    world_commit(world);
    return minor;
}
#define assert_balance(world, account, expected)                                                   \
    assert_int64_equal(balance((world), (account), "EUR"), (expected))

static uint32_t entry_count(struct world *world)
{
    struct journal_entry *entries = NULL;
    uint32_t count = 0;
    world_begin(world, STORE_READ);
    assert_err(journal_read(world->fixture.store, world->scope, 0, 1000, world->arena, &entries,
                   &count, NULL),
        ERR_OK);
    world_commit(world);
    return count;
}

static struct kept_line kept(struct world *world, const char *provider_id)
{
    struct kept_line line;
    struct str name = str_from(provider_id);
    world_begin(world, STORE_READ);
    assert_err(
        statement_known(world->fixture.store, world->scope, &name, 1, world->arena, &line, NULL),
        ERR_OK);
    world_commit(world);
    return line;
}

/* ---- the lines ------------------------------------------------------------------------------ */

#define MOVES(amount, fee)                                                                         \
    .amount_minor = (amount), .fee_minor = (fee), .net_minor = (amount) - (fee), .currency = EUR
#define SAYS(literal)                                                                              \
    {                                                                                              \
        (literal), sizeof(literal) - 1                                                             \
    }
#define SOURCE(KIND, id) .source_kind = ID_##KIND, .source = SAYS(id)

enum { CHARGE_LINE, REFUND_LINE, FAILED_LINE, RELEASE_LINE, PENDING_LINE };
static const struct said_line answers[] = {
    {.provider_id = SAYS("txn_charge"),
        .line = {.kind = LINE_PAYMENT,
            MOVES(5000, 175),
            .created_us = DAY(0),
            .available_us = DAY(2),
            .fee_count = 2,
            .fees = {{FEE_PROVIDER, 145}, {FEE_TAX, 30}}},
        SOURCE(ATTEMPT, "ch_1"),
        .attempt = SAYS("ch_1"),
        .type = SAYS("charge"),
        .category = SAYS("charge")},
    {.provider_id = SAYS("txn_refund"),
        .line =
            {.kind = LINE_REFUND, MOVES(-1200, 0), .created_us = DAY(1), .available_us = DAY(1)},
        SOURCE(REFUND, "re_1"),
        .attempt = SAYS("ch_1"),
        .type = SAYS("refund"),
        .category = SAYS("refund")},
    {.provider_id = SAYS("txn_failed"),
        .line = {.kind = LINE_REFUND_FAILED,
            MOVES(1200, 0),
            .created_us = DAY(3),
            .available_us = DAY(3)},
        SOURCE(REFUND, "re_1"),
        .attempt = SAYS("ch_1"),
        .type = SAYS("refund_failure"),
        .category = SAYS("refund_failure")},
    {.provider_id = SAYS("txn_release"),
        .line = {.kind = LINE_CAPTURE_RELEASE,
            MOVES(-700, 0),
            .created_us = DAY(1),
            .available_us = DAY(2)},
        SOURCE(REFUND, "re_2"),
        .attempt = SAYS("ch_1"),
        .type = SAYS("refund"),
        .category = SAYS("partial_capture_reversal")},
    {.provider_id = SAYS("txn_pending"),
        .line = {.kind = LINE_REFUND, MOVES(-300, 0), .created_us = DAY(4), .available_us = DAY(4)},
        SOURCE(REFUND, "re_3"),
        .attempt = SAYS("ch_1"),
        .type = SAYS("refund"),
        .category = SAYS("refund")},
    {.provider_id = SAYS("txn_fx_in"),
        .line = {.kind = LINE_PAYMENT,
            MOVES(5500, 0),
            .created_us = DAY(2),
            .available_us = DAY(4),
            .customer_minor = 6000,
            .customer_currency = {"USD"}},
        SOURCE(ATTEMPT, "ch_2"),
        .attempt = SAYS("ch_2"),
        .type = SAYS("charge"),
        .category = SAYS("charge")},
    {.provider_id = SAYS("txn_fx_out"),
        .line = {.kind = LINE_REFUND,
            MOVES(-2800, 0),
            .created_us = DAY(5),
            .available_us = DAY(5),
            .customer_minor = -3000,
            .customer_currency = {"USD"}},
        SOURCE(REFUND, "re_4"),
        .attempt = SAYS("ch_2"),
        .type = SAYS("refund"),
        .category = SAYS("refund")},
    {.provider_id = SAYS("txn_new"),
        .line =
            {.kind = LINE_UNCLASSIFIED, MOVES(7, 0), .created_us = DAY(5), .available_us = DAY(5)},
        .type = SAYS("something_new"),
        .category = SAYS("something_new")},
    {.provider_id = SAYS("txn_payout"),
        .line =
            {.kind = LINE_PAYOUT, MOVES(-2000, 0), .created_us = DAY(6), .available_us = DAY(6)},
        SOURCE(PAYOUT, "po_1"),
        .type = SAYS("payout"),
        .category = SAYS("payout"),
        .effective_us = DAY(7)},
};
enum { LINES = sizeof answers / sizeof answers[0] };

static struct said_line answer_of(uint32_t i)
{
    struct said_line line = answers[i];
    line.learned = IN_ANSWERS;
    line.available = true;
    return line;
}

/* The same from a file: without fees, type and status, now and then without what the payer saw. */
static struct said_line record_of(uint32_t i, bool with_customer)
{
    struct said_line line = answers[i];
    line.learned = IN_FILES | (with_customer ? SAID_CUSTOMER : 0);
    line.type = STR_NONE;
    line.line.fee_count = 0;
    if (!with_customer) {
        line.line.customer_minor = 0;
        line.line.customer_currency = (struct currency){""};
    }
    if (line.line.kind == LINE_PAYOUT) {
        line.learned &= ~(unsigned)SAID_CREATED;
        line.line.created_us = line.line.available_us = line.effective_us;
    }
    return line;
}

/* ---- one source after the other ------------------------------------------------------------- */

static void a_file_comes_first_and_the_answer_tells_the_fees(void **state)
{
    struct world *world = world_open(state);
    new_scope(world, 1);
    struct said_line record = record_of(CHARGE_LINE, false);
    struct taken_counts counts = take(world, &record, 1);
    assert_int64_equal(counts.added, 1);
    assert_balance(world, "expenses:fees:unspecified", 175);
    assert_balance(world, "assets:provider:pending", 0);
    assert_balance(world, "assets:provider:available", 4825);
    struct said_line answer = answer_of(CHARGE_LINE);
    counts = take(world, &answer, 1);
    assert_int64_equal(counts.added, 0);
    assert_int64_equal(counts.known, 1);
    assert_int64_equal(counts.learned, 1);
    assert_balance(world, "expenses:fees:unspecified", 0);
    assert_balance(world, "expenses:fees:provider", 145);
    assert_balance(world, "expenses:fees:tax", 30);
    assert_balance(world, "assets:provider:available", 4825);
    assert_int_equal(entry_count(world), 3);
    world_close(world);
}

static void what_is_known_posts_nothing(void **state)
{
    struct world *world = world_open(state);
    struct said_line lines[LINES * 2];
    new_scope(world, 1);
    for (uint32_t i = 0; i < LINES; i++) {
        lines[i] = answer_of(i);
        lines[LINES + i] = record_of(i, true); /* and within one batch */
    }
    assert_int64_equal(take(world, lines, LINES).unclassified, 1);
    uint32_t entries = entry_count(world);
    struct taken_counts counts = take(world, lines, LINES * 2);
    assert_int64_equal(counts.added, 0);
    assert_int64_equal(counts.known, LINES * 2);
    assert_int64_equal(counts.learned + counts.restated + counts.unclassified, 0);
    assert_int_equal(entry_count(world), entries);
    world_close(world);
}

static void what_never_changes_stands_as_it_was_first_said(void **state)
{
    struct world *world = world_open(state);
    new_scope(world, 1);
    struct said_line line = answer_of(CHARGE_LINE);
    (void)take(world, &line, 1);
    uint32_t entries = entry_count(world);
    line.line.amount_minor += 100;
    line.line.net_minor += 100;
    line.source = STR("ch_other");
    assert_int64_equal(take(world, &line, 1).restated, 1);
    struct kept_line stands = kept(world, "txn_charge");
    assert_int64_equal(stands.line.amount_minor, 5000);
    assert_true((stands.flaws & FLAW_RESTATED) != 0);
    assert_int_equal(entry_count(world), entries);
    assert_int64_equal(take(world, &line, 1).restated, 0); /* once told, it is known */
    world_close(world);
}

static void a_line_that_does_not_fit_is_kept_and_stalls_nobody(void **state)
{
    struct world *world = world_open(state);
    struct said_line lines[2] = {answer_of(CHARGE_LINE), answer_of(REFUND_LINE)};
    new_scope(world, 1);
    lines[0].line.amount_minor = INT64_MIN;
    lines[0].line.fee_minor = 1;
    assert_int64_equal(take(world, lines, 2).added, 2);
    assert_true((kept(world, "txn_charge").flaws & FLAW_UNPOSTED) != 0);
    assert_balance(world, "assets:provider:available", -1200);
    world_close(world);
}

static void what_is_too_large_to_be_believed_is_kept_and_the_others_are_posted(void **state)
{
    struct world *world = world_open(state);
    struct said_line lines[3] = {
        answer_of(CHARGE_LINE), answer_of(REFUND_LINE), answer_of(CHARGE_LINE)};
    new_scope(world, 1);
    lines[0].line.fee_count = lines[2].line.fee_count = 0;
    lines[0].line.fee_minor = lines[2].line.fee_minor = 0;
    lines[0].line.amount_minor = lines[0].line.net_minor = LINE_MINOR_MAX;
    lines[2].line.amount_minor = lines[2].line.net_minor = LINE_MINOR_MAX + 1;
    lines[2].provider_id = STR("txn_too_much");
    assert_int64_equal(take(world, lines, 3).added, 3);
    assert_true((kept(world, "txn_too_much").flaws & FLAW_UNPOSTED) != 0);
    assert_true((kept(world, "txn_charge").flaws & FLAW_UNPOSTED) == 0);
    assert_balance(world, "assets:provider:available", LINE_MINOR_MAX - 1200);
    assert_int64_equal(take(world, lines, 3).added, 0); /* and it stays so */
    assert_balance(world, "assets:provider:available", LINE_MINOR_MAX - 1200);
    world_close(world);
}

/* ---- what lines tell the business ------------------------------------------------------------ */

static struct said_line line_of(enum line_kind kind, const char *provider_id)
{
    return (struct said_line){.provider_id = str_from(provider_id),
        .line = {.kind = kind, MOVES(-90, 0), .created_us = DAY(1), .available_us = DAY(1)},
        .learned = IN_FILES};
}

static uint32_t told(struct world *world, struct feed_entry **entries)
{
    uint32_t count = 0;
    world_begin(world, STORE_READ);
    assert_err(
        feed_read(world->fixture.store, world->scope, 0, 100, world->arena, entries, &count, NULL),
        ERR_OK);
    world_commit(world);
    return count;
}

static void fees_adjustments_and_reserves_are_told_once(void **state)
{
    struct world *world = world_open(state);
    struct feed_entry *entries = NULL;
    struct said_line lines[] = {line_of(LINE_FEE, "txn_fee"), line_of(LINE_PAYMENT, "txn_payment"),
        line_of(LINE_ADJUSTMENT, "txn_adjustment"), line_of(LINE_RISK_RESERVE, "txn_reserve")};
    new_scope(world, 1);
    (void)take(world, lines, 4);
    (void)take(world, lines, 4);
    lines[0].line.kind = LINE_FX_FEE; /* the answer knows better, and it is a fee all the same */
    lines[0].learned = IN_ANSWERS;
    lines[0].type = STR("stripe_fx_fee");
    assert_int64_equal(take(world, lines, 4).learned, 1);
    assert_int_equal(told(world, &entries), 3);
    unsigned seen = 0;
    for (int i = 0; i < 3; i++) {
        seen |= 1U << (entries[i].type - EVENT_TYPE_COUNT);
        assert_int64_equal(entries[i].occurred_at_us, DAY(1));
        assert_int64_equal(entries[i].position, i + 1);
    }
    assert_int_equal(seen, 7);
    assert_true(own_id_eq(kept(world, "txn_adjustment").line.id, entries[0].aggregate_id));
    world_close(world);
}

/* ---- in any order --------------------------------------------------------------------------- */

#define EVENT(id, type, created, object)                                                           \
    "{\"id\":\"evt_" id                                                                            \
    "\",\"object\":\"event\",\"api_version\":\"2026-10-28.endive\",\"created\":" #created          \
    ",\"livemode\":true,\"type\":\"" type "\",\"data\":{\"object\":" object "}}"
#define CHARGE                                                                                     \
    "{\"id\":\"ch_1\",\"object\":\"charge\",\"amount\":5000,\"amount_captured\":4300,"             \
    "\"amount_refunded\":700,\"captured\":true,\"paid\":true,\"refunded\":false,"                  \
    "\"created\":1790000002,\"currency\":\"eur\",\"payment_intent\":\"pi_1\","                     \
    "\"payment_method_details\":{\"type\":\"card\"},\"status\":\"succeeded\"}"
#define REFUND(id, amount, status)                                                                 \
    "{\"id\":\"" id "\",\"object\":\"refund\",\"amount\":" amount                                  \
    ",\"charge\":\"ch_1\",\"created\":1790000009,\"currency\":\"eur\",\"payment_intent\":"         \
    "\"pi_1\",\"status\":\"" status "\"}"

static const char *const events[] = {
    EVENT("1", "charge.succeeded", 1790000002, CHARGE),
    EVENT("2", "refund.created", 1790000009, REFUND("re_1", "1200", "succeeded")),
    EVENT("3", "refund.failed", 1790259200, REFUND("re_1", "1200", "failed")),
    EVENT("4", "refund.created", 1790000010, REFUND("re_2", "700", "succeeded")),
    EVENT("5", "refund.created", 1790000011, REFUND("re_3", "300", "pending")),
};
enum { EVENTS = sizeof events / sizeof events[0], STEPS = EVENTS + 2 * LINES };

static void deliver(struct world *world, uint32_t event)
{
    struct envelope envelope;
    struct str body = str_from(events[event]);
    assert_err(stripe_envelope_read(body, true, world->arena, &envelope), ERR_OK);
    sha256(body, envelope.body_sha256);
    struct inbox_append row = {.scope = world->scope,
        .envelope = &envelope,
        .body = body,
        .proof = STR("test"),
        .received_us = 1};
    world_begin(world, STORE_WRITE);
    assert_err(inbox_append(world->fixture.store, world->arena, &row, 1, NULL), ERR_OK);
    world_commit(world);
}

static void project_all(struct world *world)
{
    const struct projector_limits limits = {.batch_rows_max = 16, .lease_us = 60 * US_PER_SECOND};
    CLEANUP(projector_free)
    struct projector *projector =
        projector_new(world->fixture.store, &stripe_provider, env_system(), &limits);
    int64_t wake_us = 0;
    while (wake_us != INT64_MAX) { /* until nothing is due */
        uint32_t count = 0;
        assert_err(project_step(projector, env_now(env_system()), &count, &wake_us, NULL), ERR_OK);
    }
}

static void do_step(struct world *world, uint32_t step)
{
    struct said_line line;
    if (step < EVENTS) {
        deliver(world, step);
        project_all(world);
        return;
    }
    uint32_t at = step - EVENTS;
    line = at < LINES ? answer_of(at)
                      : record_of(at - LINES, test_random_below(&world->random, 2) == 0);
    (void)take(world, &line, 1);
}

static void shuffle(struct world *world, uint32_t *order)
{
    for (uint32_t i = STEPS; i-- > 1;) {
        uint32_t other = (uint32_t)test_random_below(&world->random, i + 1);
        uint32_t moved = order[i];
        order[i] = order[other];
        order[other] = moved;
    }
}

static struct ledger_balance *all_balances(struct world *world, uint32_t *count)
{
    struct ledger_balance *rows = NULL;
    world_begin(world, STORE_READ);
    assert_err(
        ledger_balances(world->fixture.store, world->scope, world->arena, &rows, count, NULL),
        ERR_OK);
    world_commit(world);
    return rows;
}

/* Accounts that were posted to and are zero again are the same as none. */
static uint32_t drop_zeros(struct ledger_balance *rows, uint32_t count)
{
    uint32_t left = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool is_keyed = account_row(rows[i].account)->key != KEY_NONE;
        if (rows[i].minor != 0 || (is_keyed && rows[i].keys != 0)) {
            rows[left++] = rows[i];
        }
    }
    return left;
}

static void assert_same_books(
    struct world *world, const struct ledger_balance *expected, uint32_t expected_count, int order)
{
    uint32_t count = 0;
    struct ledger_balance *rows = all_balances(world, &count);
    count = drop_zeros(rows, count);
    for (uint32_t i = 0; i < count && i < expected_count; i++) {
        if (rows[i].account != expected[i].account || rows[i].minor != expected[i].minor ||
            rows[i].keys != expected[i].keys) {
            print_error("order %d: %s has %" PRId64 " %s, expected %s with %" PRId64 " %s\n", order,
                account_row(rows[i].account)->name, rows[i].minor, rows[i].currency.code,
                account_row(expected[i].account)->name, expected[i].minor,
                expected[i].currency.code);
            fail();
        }
    }
    assert_int_equal(count, expected_count);
}

#define ORDERS 60

static void any_order_of_lines_and_events_ends_in_the_same_books(void **state)
{
    struct world *world = world_open(state);
    uint32_t order[STEPS];
    uint32_t expected_count = 0;
    struct ledger_balance *expected = NULL;
    for (uint32_t i = 0; i < STEPS; i++) {
        order[i] = i;
    }
    for (int n = 0; n < ORDERS; n++) {
        new_scope(world, n + 1);
        for (uint32_t i = 0; i < STEPS; i++) {
            do_step(world, order[i]);
        }
        if (n == 0) {
            expected = all_balances(world, &expected_count);
            expected_count = drop_zeros(expected, expected_count);
        }
        assert_same_books(world, expected, expected_count, n);
        shuffle(world, order);
    }
    /* What the books say: of the payment 4300 are captured, 1200 came back, 300 are on their way.
     */
    assert_balance(world, "assets:clearing:payment", 0);
    assert_balance(world, "assets:clearing:refund", 0);
    assert_balance(world, "income:sales", -4300);
    assert_balance(world, "income:refunds", 300);
    assert_balance(world, "expenses:fx_loss", 50);
    assert_balance(world, "suspense:unclassified", -7);
    assert_balance(world, "assets:provider:pending", 0);
    assert_balance(world, "assets:provider:available", 4825 - 700 - 300 + 5500 - 2800 + 7 - 2000);
    world_close(world);
}

/* The same on the other engine, whose cluster is around this test. */
static int on_postgresql(void **state)
{
    static char name[] = "postgresql";
    *state = name;
    return 0;
}
#define BOTH(function) TEST(function), TEST_WITH(function, on_postgresql, NULL)

TESTS_MAIN("statement",
    BOTH(a_file_comes_first_and_the_answer_tells_the_fees),
    BOTH(what_is_known_posts_nothing),
    BOTH(what_never_changes_stands_as_it_was_first_said),
    BOTH(a_line_that_does_not_fit_is_kept_and_stalls_nobody),
    BOTH(what_is_too_large_to_be_believed_is_kept_and_the_others_are_posted),
    BOTH(fees_adjustments_and_reserves_are_told_once),
    BOTH(any_order_of_lines_and_events_ends_in_the_same_books))

/* store/statement.h: lines as they were told, who told them, and that neither is taken back. */
#include "base/check.h"
#include "store/statement.h"
#include "provider/stripe/stripe.h"
#include "flow/statement.h"
#include "world.h"
#include <pthread.h>

static const struct currency eur = {"EUR"};
static const struct currency usd = {"USD"};

/* With something in every field. */
static struct kept_line whole_line(struct world *world, const char *provider_id)
{
    struct kept_line kept = {
        .scope = world->scope,
        .line = {.kind = LINE_REFUND,
            .bucket = BUCKET_RISK,
            .amount_minor = -1200,
            .fee_minor = -30,
            .net_minor = -1170,
            .currency = eur,
            .created_us = WORLD_NOW_US,
            .available_us = WORLD_NOW_US + US_PER_DAY,
            .source = world_id(world),
            .attempt = world_id(world),
            .customer_minor = -1300,
            .customer_currency = usd,
            .fee_count = 2,
            .fees = {{FEE_PROVIDER, -20}, {FEE_TAX, -10}}},
        .provider_id = str_from(provider_id),
        .type = STR("refund"),
        .category = STR("refund"),
        .text = STR("words"),
        .source_kind = ID_REFUND,
        .payout = world_id(world),
        .available = true,
        .learned = 0x55,
        .flaws = FLAW_FEES,
        .effective_us = WORLD_NOW_US + 1,
        .entered_us = WORLD_NOW_US + 2,
        .first_source = 3,
    };
    kept.line.id = line_id(kept.scope, kept.provider_id, kept.line.created_us);
    return kept;
}

static struct kept_line bare_line(struct world *world, const char *provider_id)
{
    struct kept_line kept = {.scope = world->scope,
        .line = {.kind = LINE_FEE, .currency = eur, .created_us = WORLD_NOW_US},
        .provider_id = str_from(provider_id),
        .first_source = 1};
    kept.line.id = line_id(kept.scope, kept.provider_id, kept.line.created_us);
    return kept;
}

static void add(struct world *world, const struct kept_line *line)
{
    world_write(world);
    assert_done(statement_add(world->store, &line, 1, reterr));
    world_commit(world);
}

static struct kept_line known(struct world *world, const char *provider_id)
{
    struct kept_line line;
    struct str name = str_from(provider_id);
    world_read(world);
    assert_done(statement_known(world->store, world->scope, &name, 1, world->arena, &line, reterr));
    world_commit(world);
    return line;
}

static void assert_same_line(const struct kept_line *a, const struct kept_line *b)
{
    assert_int64_equal(a->scope, b->scope);
    assert_true(own_id_eq(a->line.id, b->line.id));
    assert_int_equal(a->line.kind, b->line.kind);
    assert_int_equal(a->line.bucket, b->line.bucket);
    assert_int64_equal(a->line.amount_minor, b->line.amount_minor);
    assert_int64_equal(a->line.fee_minor, b->line.fee_minor);
    assert_int64_equal(a->line.net_minor, b->line.net_minor);
    assert_string_equal(a->line.currency.code, b->line.currency.code);
    assert_int64_equal(a->line.created_us, b->line.created_us);
    assert_int64_equal(a->line.available_us, b->line.available_us);
    assert_true(own_id_eq(a->line.source, b->line.source));
    assert_true(own_id_eq(a->line.attempt, b->line.attempt));
    assert_int64_equal(a->line.customer_minor, b->line.customer_minor);
    assert_string_equal(a->line.customer_currency.code, b->line.customer_currency.code);
    assert_int_equal(a->line.fee_count, b->line.fee_count);
    assert_memory_equal(a->line.fees, b->line.fees, sizeof a->line.fees);
    assert_strs_equal(a->provider_id, b->provider_id);
    assert_strs_equal(a->type, b->type);
    assert_strs_equal(a->category, b->category);
    assert_strs_equal(a->text, b->text);
    assert_int_equal(a->source_kind, b->source_kind);
    assert_true(own_id_eq(a->payout, b->payout));
    assert_int_equal(a->available, b->available);
    assert_int_equal(a->learned, b->learned);
    assert_int_equal(a->flaws, b->flaws);
    assert_int64_equal(a->effective_us, b->effective_us);
    assert_int64_equal(a->entered_us, b->entered_us);
    assert_int64_equal(a->first_source, b->first_source);
}

static void a_line_is_read_as_it_was_kept(void **state)
{
    struct world *world = world_of(state);
    struct kept_line whole = whole_line(world, "txn_whole");
    struct kept_line bare = bare_line(world, "txn_bare");
    add(world, &whole);
    add(world, &bare);
    struct kept_line read = known(world, "txn_whole");
    assert_same_line(&read, &whole);
    read = known(world, "txn_bare");
    assert_same_line(&read, &bare);
    assert_int64_equal(known(world, "txn_none").scope, 0);
}

static void what_is_learned_is_written_and_the_rest_stays(void **state)
{
    struct world *world = world_of(state);
    struct kept_line bare = bare_line(world, "txn_1");
    add(world, &bare);
    struct kept_line more = whole_line(world, "txn_1");
    const struct kept_line *line = &more;
    world_write(world);
    assert_done(statement_learn(world->store, &line, 1, reterr));
    world_commit(world);
    struct kept_line read = known(world, "txn_1");
    more.line.amount_minor = more.line.fee_minor = more.line.net_minor = 0;
    more.first_source = bare.first_source;
    more.entered_us = bare.entered_us;
    assert_same_line(&read, &more);
}

static void nothing_told_is_ever_taken_back(void **state)
{
    struct world *world = world_of(state);
    struct kept_line line = whole_line(world, "txn_1");
    const struct restatement row = {.line = line.line.id,
        .field = "fee",
        .said = STR("1"),
        .stands = STR("2"),
        .scope = world->scope,
        .source = 1};
    struct statement_source source = {.scope = world->scope, .name = STR("x")};
    bool finished = false;
    int64_t added = 0;
    add(world, &line);
    world_write(world);
    assert_done(statement_source_begin(world->store, &source, &finished, reterr));
    assert_done(statement_restate(world->store, &row, 1, &added, reterr));
    assert_int64_equal(added, 1);
    assert_done(statement_restate(world->store, &row, 1, &added, reterr));
    assert_int64_equal(added, 0);
    world_commit(world);
    static const char *const refused[] = {
        "DELETE FROM statement_line",
        "UPDATE statement_line SET amount_minor = 1",
        "UPDATE statement_line SET currency = 'USD'",
        "DELETE FROM statement_source",
        "UPDATE statement_source SET lines = 1",
        "DELETE FROM statement_restated",
        "UPDATE statement_restated SET said = '3'",
    };
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_row(!raw_run(world, refused[i]), refused[i]);
    }
    assert_true(raw_run(world, "UPDATE statement_line SET flaws = 0"));
}

static void a_file_is_known_by_its_bytes(void **state)
{
    struct world *world = world_of(state);
    struct statement_source first = {
        .scope = world->scope, .kind = SOURCE_FILE, .name = STR("activity"), .hashed = true};
    struct statement_source other = first;
    struct statement_source asked = {.scope = world->scope, .name = STR("lines")};
    const struct taken_counts counts = {.added = 5};
    bool finished = true;
    other.sha256[31] = 1;
    world_write(world);
    assert_done(statement_source_begin(world->store, &first, &finished, reterr));
    assert_false(finished);
    assert_done(statement_source_begin(world->store, &other, &finished, reterr));
    assert_done(statement_source_begin(world->store, &asked, &finished, reterr));
    assert_int64_equal(first.number, 1);
    assert_int64_equal(other.number, 2);
    assert_int64_equal(asked.number, 3);
    struct statement_source again = first;
    assert_done(statement_source_begin(world->store, &again, &finished, reterr));
    assert_false(finished); /* it was interrupted, and goes on under its number */
    assert_int64_equal(again.number, 1);
    assert_done(statement_source_finish(world->store, &first, &counts, WORLD_NOW_US, reterr));
    assert_done(statement_source_finish(world->store, &first, &counts, WORLD_NOW_US, reterr));
    assert_done(statement_source_begin(world->store, &again, &finished, reterr));
    assert_true(finished);
    world_commit(world);
}

static void refunds_are_seen_in_the_statement(void **state)
{
    struct world *world = world_of(state);
    struct kept_line refund = whole_line(world, "txn_1");
    struct kept_line release = whole_line(world, "txn_2");
    struct kept_line failed = whole_line(world, "txn_3");
    release.line.kind = LINE_CAPTURE_RELEASE;
    failed.line.kind = LINE_REFUND_FAILED;
    add(world, &refund);
    add(world, &release);
    add(world, &failed);
    struct refund_moved moved[] = {{.refund = refund.line.source}, {.refund = release.line.source},
        {.refund = failed.line.source}, {.refund = world_id(world)}};
    world_read(world);
    assert_done(statement_refunds(world->store, moved, 4, reterr));
    world_commit(world);
    assert_true(moved[0].is_in_statement && !moved[0].is_capture_release);
    assert_true(!moved[1].is_in_statement && moved[1].is_capture_release);
    assert_true(!moved[2].is_in_statement && !moved[2].is_capture_release);
    assert_true(!moved[3].is_in_statement && !moved[3].is_capture_release);
}

static void exchanged_lines_are_found_by_their_attempt(void **state)
{
    struct world *world = world_of(state);
    struct kept_line mine = whole_line(world, "txn_1");
    struct kept_line too = whole_line(world, "txn_2");
    struct kept_line same_currency = whole_line(world, "txn_3");
    too.line.attempt = same_currency.line.attempt = mine.line.attempt;
    same_currency.line.customer_currency = (struct currency){""};
    add(world, &mine);
    add(world, &too);
    add(world, &same_currency);
    struct exchanged_lines asked[] = {{.attempt = mine.line.attempt}, {.attempt = world_id(world)}};
    world_read(world);
    assert_done(statement_exchanged(world->store, asked, 2, world->arena, reterr));
    world_commit(world);
    assert_int_equal(asked[0].count, 2);
    assert_int_equal(asked[1].count, 0);
}

static void a_line_of_another_scope_is_found_there(void **state)
{
    struct world *world = world_of(state);
    struct kept_line line = bare_line(world, "txn_1");
    struct scope_key key = {STR("stripe"), true, STR("acct_2")};
    int64_t other = 0;
    int64_t found = -1;
    bool has = false;
    add(world, &line);
    world_write(world);
    assert_done(scope_ensure(world->store, &key, &other, reterr));
    assert_done(statement_elsewhere(world->store, other, STR("txn_1"), &found, reterr));
    assert_int64_equal(found, world->scope);
    assert_done(statement_elsewhere(world->store, world->scope, STR("txn_1"), &found, reterr));
    assert_int64_equal(found, 0);
    assert_done(statement_has_lines(world->store, world->scope, &has, reterr));
    assert_true(has);
    assert_done(statement_has_lines(world->store, other, &has, reterr));
    assert_false(has);
    world_commit(world);
}

/* --- two who take the same lines at once --- */

#define LINES 40

struct taker {
    struct store *store;
    int64_t scope;
    struct taken_counts counts;
};

static enum err take_once(struct taker *taker, struct statement_taker *by, struct said_line *lines)
{
    struct err_info info;
    const struct statement_batch batch = {
        taker->scope, taker->scope, 1, lines, LINES, SOURCE_API, {false}};
    TRY(store_begin(taker->store, STORE_WRITE, &info));
    CLEANUP(store_rollback) struct store *transaction = taker->store;
    TRY(statement_take(by, &batch, WORLD_NOW_US, &taker->counts, &info));
    TRY(store_commit(taker->store, &info));
    transaction = NULL;
    return ERR_OK;
}

static void *take_all(void *context)
{
    struct taker *taker = context;
    struct said_line lines[LINES];
    char names[LINES][16];
    CLEANUP(statement_taker_free)
    struct statement_taker *by = statement_taker_new(taker->store, &stripe_provider, env_system());
    for (int i = 0; i < LINES; i++) {
        (void)snprintf(names[i], sizeof names[i], "txn_%d", i);
        lines[i] = (struct said_line){.provider_id = str_from(names[i]),
            .line = {.kind = LINE_FEE,
                .currency = eur,
                .amount_minor = -100,
                .net_minor = -100,
                .created_us = WORLD_NOW_US},
            .learned = SAID_CREATED};
    }
    enum err err = ERR_BUSY;
    for (int i = 0; i < 50 && (err == ERR_BUSY || err == ERR_CONFLICT); i++) {
        err = take_once(taker, by, lines);
    }
    return err == ERR_OK ? NULL : (void *)(uintptr_t)err;
}

static void two_who_take_the_same_lines_post_them_once(void **state)
{
    struct world *world = world_of(state);
    struct taker takers[2];
    pthread_t threads[2];
    for (int i = 0; i < 2; i++) {
        takers[i] = (struct taker){world_another(world, STORE_WRITE), world->scope, {0}};
        assert_int_equal(pthread_create(&threads[i], NULL, take_all, &takers[i]), 0);
    }
    for (int i = 0; i < 2; i++) {
        void *failed = NULL;
        (void)pthread_join(threads[i], &failed);
        assert_null(failed);
        (void)store_close(takers[i].store);
    }
    assert_int64_equal(takers[0].counts.added + takers[1].counts.added, LINES);
    assert_int64_equal(takers[0].counts.known + takers[1].counts.known, LINES);
    assert_int64_equal(
        raw_int(world, "SELECT minor FROM ledger_balance WHERE account = 'expenses:fees:billing'"),
        INT64_C(100) * LINES);
}

TESTS_MAIN("statement",
    WORLD_TEST(a_line_is_read_as_it_was_kept),
    WORLD_TEST(what_is_learned_is_written_and_the_rest_stays),
    WORLD_TEST(nothing_told_is_ever_taken_back),
    WORLD_TEST(a_file_is_known_by_its_bytes),
    WORLD_TEST(refunds_are_seen_in_the_statement),
    WORLD_TEST(exchanged_lines_are_found_by_their_attempt),
    WORLD_TEST(a_line_of_another_scope_is_found_there),
    WORLD_TEST(two_who_take_the_same_lines_post_them_once))

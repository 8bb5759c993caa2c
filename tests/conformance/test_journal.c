/* journal.h: what is posted stays, is numbered without gaps, and adds up to the balances. */
#include "base/check.h"
#include "store/journal.h"
#include "world.h"
#include <pthread.h>

static const struct currency eur = {"EUR"};
static const struct currency jpy = {"JPY"};
static const struct own_id no_key;

/* Debits `to` and credits sales, in an entry of its own. */
static struct journal_entry sale(
    struct world *world, struct own_id key, struct currency currency, int64_t minor)
{
    struct journal_entry entry = {.scope = world->scope,
        .stream = STREAM_BUSINESS,
        .subject_kind = ID_PAYMENT,
        .subject = world_id(world),
        .effective_us = WORLD_NOW_US,
        .recorded_us = WORLD_NOW_US + 1,
        .postings = arena_new_array(world->arena, struct posting, 2),
        .posting_count = 2};
    assert_non_null(entry.postings);
    entry.postings[0] = (struct posting){ACCOUNT_CLEARING_PAYMENT, key, currency, minor};
    entry.postings[1] = (struct posting){ACCOUNT_SALES, no_key, currency, -minor};
    return entry;
}

static void append(struct world *world, struct journal_entry *entries, uint32_t count)
{
    world_write(world);
    assert_done(journal_append(world->store, entries, count, reterr));
    world_commit(world);
}

static int64_t another_scope(struct world *world)
{
    struct scope_key key = {STR("stripe"), true, STR("acct_2")};
    int64_t scope = 0;
    world_write(world);
    assert_done(scope_ensure(world->store, &key, &scope, reterr));
    world_commit(world);
    return scope;
}

static int64_t balance_of(struct world *world, int64_t scope, enum ledger_account account)
{
    struct ledger_balance *rows = NULL;
    uint32_t count = 0;
    int64_t minor = 0;
    world_read(world);
    assert_done(ledger_balances(world->store, scope, world->arena, &rows, &count, reterr));
    world_commit(world);
    for (uint32_t i = 0; i < count; i++) {
        minor +=
            rows[i].account == account && currency_eq(rows[i].currency, eur) ? rows[i].minor : 0;
    }
    return minor;
}

static uint32_t flaws_of(struct world *world, struct ledger_flaw **ret_flaws)
{
    uint32_t count = 0;
    world_read(world);
    assert_done(ledger_verify(world->store, 0, 10, world->arena, ret_flaws, &count, reterr));
    world_commit(world);
    return count;
}

static void assert_proven(struct world *world)
{
    struct ledger_flaw *flaws = NULL;
    assert_int_equal(flaws_of(world, &flaws), 0);
}

/* --- append --- */

static void numbers_have_no_gaps_in_any_scope_and_follow_the_array(void **state)
{
    struct world *world = world_of(state);
    int64_t other = another_scope(world);
    struct journal_entry entries[6];
    for (int i = 0; i < 6; i++) {
        entries[i] = sale(world, world_id(world), eur, 100 + i);
        entries[i].scope = i % 3 == 0 ? other : world->scope;
    }
    append(world, entries, 4);
    append(world, entries + 4, 2);
    const int64_t expected[] = {1, 1, 2, 2, 3, 4};
    for (int i = 0; i < 6; i++) {
        assert_int64_equal(entries[i].number, expected[i]);
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM journal_entry"), 6);
}

static void a_rolled_back_append_leaves_no_gap(void **state)
{
    struct world *world = world_of(state);
    struct journal_entry lost = sale(world, world_id(world), eur, 5);
    struct journal_entry kept = sale(world, world_id(world), eur, 7);
    world_write(world);
    assert_done(journal_append(world->store, &lost, 1, reterr));
    (void)store_rollback(world->store);
    append(world, &kept, 1);
    assert_int64_equal(kept.number, 1);
    assert_int64_equal(balance_of(world, world->scope, ACCOUNT_SALES), -7);
}

static void entries_are_read_as_they_were_appended_page_by_page(void **state)
{
    struct world *world = world_of(state);
    struct journal_entry entries[5];
    for (int i = 0; i < 5; i++) {
        entries[i] = sale(world, world_id(world), i == 3 ? jpy : eur, 100 + i);
        entries[i].effective_us += i;
        entries[i].cause_seq = 40 + i;
    }
    append(world, entries, 5);
    int64_t after = 0;
    for (int i = 0; i < 5; i += 2) {
        struct journal_entry *page = NULL;
        uint32_t count = 0;
        world_read(world);
        assert_done(journal_read(
            world->store, world->scope, after, 2, world->arena, &page, &count, reterr));
        world_commit(world);
        assert_int_equal(count, i == 4 ? 1 : 2);
        for (uint32_t k = 0; k < count; k++) {
            const struct journal_entry *was = &entries[i + (int)k];
            assert_int64_equal(page[k].number, was->number);
            assert_true(own_id_eq(page[k].subject, was->subject));
            assert_int64_equal(page[k].effective_us, was->effective_us);
            assert_int64_equal(page[k].recorded_us, was->recorded_us);
            assert_int64_equal(page[k].cause_seq, was->cause_seq);
            assert_int_equal(page[k].posting_count, 2);
            for (int line = 0; line < 2; line++) {
                const struct posting *posting = &page[k].postings[line];
                assert_int_equal(posting_compare(posting, &was->postings[line]), 0);
                assert_int64_equal(posting->minor, was->postings[line].minor);
            }
        }
        after = page[count - 1].number;
    }
}

static void an_amount_that_no_balance_can_hold_is_an_error_and_keeps_nothing(void **state)
{
    struct world *world = world_of(state);
    struct journal_entry entries[2];
    for (int together = 0; together < 2; together++) {
        struct own_id key = world_id(world);
        entries[0] = sale(world, key, eur, INT64_MAX - 5);
        entries[1] = sale(world, key, eur, 6);
        if (together) {
            world_write(world);
            assert_err(journal_append(world->store, entries, 2, NULL), ERR_OVERFLOW);
            (void)store_rollback(world->store);
            continue;
        }
        world_write(world);
        assert_done(journal_append(world->store, &entries[0], 1, reterr));
        assert_err(journal_append(world->store, &entries[1], 1, NULL), ERR_OVERFLOW);
        (void)store_rollback(world->store);
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM journal_entry"), 0);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM posting"), 0);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM ledger_balance"), 0);
}

/* --- balances --- */

static void balances_are_what_postings_add_up_to(void **state)
{
    struct world *world = world_of(state);
    uint64_t random = test_seed();
    struct own_id keys[4];
    int64_t sum = 0;
    for (int i = 0; i < 4; i++) {
        keys[i] = world_id(world);
    }
    for (int batch = 0; batch < 20; batch++) {
        struct journal_entry entries[5];
        for (int i = 0; i < 5; i++) {
            int64_t minor = (int64_t)test_random_below(&random, 2000) - 1000;
            minor = minor == 0 ? 1 : minor;
            entries[i] = sale(world, keys[test_random_below(&random, 4)], eur, minor);
            sum += minor;
        }
        append(world, entries, 5);
    }
    assert_int64_equal(balance_of(world, world->scope, ACCOUNT_CLEARING_PAYMENT), sum);
    assert_int64_equal(balance_of(world, 0, ACCOUNT_SALES), -sum);
    assert_proven(world);
}

static void a_balance_of_a_key_is_gone_when_it_is_zero(void **state)
{
    struct world *world = world_of(state);
    struct own_id key = world_id(world);
    struct journal_entry there = sale(world, key, eur, 900);
    struct journal_entry back = sale(world, key, eur, -900);
    append(world, &there, 1);
    static const char keyed[] =
        "SELECT count(*) FROM ledger_balance WHERE account = 'assets:clearing:payment'";
    assert_int64_equal(raw_int(world, keyed), 1);
    append(world, &back, 1);
    assert_int64_equal(raw_int(world, keyed), 0);
    assert_int64_equal(balance_of(world, world->scope, ACCOUNT_SALES), 0);
    assert_proven(world);
}

static void a_key_is_as_old_as_the_posting_that_made_it(void **state)
{
    struct world *world = world_of(state);
    struct own_id key = world_id(world);
    struct journal_entry first = sale(world, key, eur, 900);
    struct journal_entry second = sale(world, key, eur, 1);
    second.effective_us += US_PER_DAY;
    append(world, &first, 1);
    append(world, &second, 1);
    struct ledger_balance *rows = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(ledger_keys(world->store, world->scope, ACCOUNT_CLEARING_PAYMENT, NULL, 10,
        world->arena, &rows, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 1);
    assert_int64_equal(rows[0].minor, 901);
    assert_int64_equal(rows[0].since_us, WORLD_NOW_US);
}

static void open_keys_come_in_pages_each_once(void **state)
{
    struct world *world = world_of(state);
    struct journal_entry entries[7];
    int64_t sum = 0;
    for (int i = 0; i < 7; i++) {
        entries[i] = sale(world, world_id(world), i < 2 ? jpy : eur, 10 + i);
    }
    append(world, entries, 7);
    struct ledger_balance last;
    uint32_t count = 3;
    uint32_t seen = 0;
    while (count == 3) {
        struct ledger_balance *rows = NULL;
        world_read(world);
        assert_done(ledger_keys(world->store, world->scope, ACCOUNT_CLEARING_PAYMENT,
            seen > 0 ? &last : NULL, 3, world->arena, &rows, &count, reterr));
        world_commit(world);
        for (uint32_t i = 0; i < count; i++) {
            sum += rows[i].minor;
        }
        seen += count;
        last = count > 0 ? rows[count - 1] : last;
    }
    assert_int_equal(seen, 7);
    assert_int64_equal(sum, 10 + 11 + 12 + 13 + 14 + 15 + 16);
}

static void open_keys_of_a_time_are_what_was_open_then_in_pages(void **state)
{
    struct world *world = world_of(state);
    struct own_id keys[3] = {{{1}}, {{2}}, {{3}}}; /* in their order */
    struct journal_entry entries[5] = {
        sale(world, keys[0], eur, 100),
        sale(world, keys[1], eur, 20),
        sale(world, keys[2], jpy, 3),
        sale(world, keys[1], eur, -20),
        sale(world, keys[0], eur, 4000),
    };
    for (int i = 0; i < 5; i++) {
        entries[i].effective_us += i;
    }
    append(world, entries, 5);
    const int64_t expected[] = {100, 20, 3};
    struct ledger_balance last = {0};
    for (int i = 0; i < 4; i++) {
        struct ledger_balance *rows = NULL;
        uint32_t count = 0;
        world_read(world);
        assert_done(ledger_keys_at(world->store, world->scope, ACCOUNT_CLEARING_PAYMENT,
            WORLD_NOW_US + 3, i == 0 ? NULL : &last, 1, world->arena, &rows, &count, reterr));
        world_commit(world);
        assert_int_equal(count, i == 3 ? 0 : 1);
        if (i < 3) {
            last = rows[0];
            assert_int64_equal(last.minor, expected[i]);
            assert_true(own_id_eq(last.key, keys[i]));
            assert_int64_equal(last.since_us, WORLD_NOW_US + i);
        }
    }
}

static void balances_of_a_time_leave_out_what_happened_then_or_later(void **state)
{
    struct world *world = world_of(state);
    struct journal_entry entries[2] = {
        sale(world, world_id(world), eur, 10), sale(world, world_id(world), eur, 200)};
    entries[1].effective_us += US_PER_DAY;
    append(world, entries, 2);
    struct ledger_balance *rows = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(ledger_balances_at(
        world->store, 0, WORLD_NOW_US + US_PER_DAY, world->arena, &rows, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 2);
    assert_int_equal(rows[0].account, ACCOUNT_CLEARING_PAYMENT);
    assert_int64_equal(rows[0].minor, 10);
    assert_int64_equal(rows[1].minor, -10);
}

static void a_time_before_everything_has_no_balances(void **state)
{
    struct world *world = world_of(state);
    struct journal_entry entry = sale(world, world_id(world), eur, 10);
    struct ledger_balance *rows = NULL;
    uint32_t count = 9;
    append(world, &entry, 1);
    world_read(world);
    assert_done(
        ledger_balances_at(world->store, 0, WORLD_NOW_US, world->arena, &rows, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 0);
}

/* --- what was posted --- */

static void what_was_posted_for_a_subject_adds_up_without_what_is_zero(void **state)
{
    struct world *world = world_of(state);
    struct own_id key = world_id(world);
    struct journal_entry entries[3] = {
        sale(world, key, eur, 100), sale(world, key, eur, -30), sale(world, key, jpy, 5)};
    entries[1].subject = entries[0].subject;
    entries[2].subject = entries[0].subject;
    append(world, entries, 3);
    struct journal_entry back = sale(world, key, jpy, -5);
    back.subject = entries[0].subject;
    append(world, &back, 1);
    struct posted posted[2] = {{.subject = world_id(world)}, {.subject = back.subject}};
    world_read(world);
    assert_done(journal_posted(world->store, posted, 2, world->arena, reterr));
    world_commit(world);
    assert_int_equal(posted[0].count, 0);
    assert_int_equal(posted[1].count, 2);
    for (int i = 0; i < 2; i++) {
        const struct posting *posting = &posted[1].postings[i];
        assert_true(currency_eq(posting->currency, eur));
        assert_int64_equal(posting->minor, posting->account == ACCOUNT_SALES ? -70 : 70);
    }
}

static void postings_of_an_account_are_those_of_the_key_or_of_all(void **state)
{
    struct world *world = world_of(state);
    struct own_id key = world_id(world);
    struct journal_entry entries[3] = {sale(world, key, eur, 100),
        sale(world, world_id(world), eur, 30), sale(world, key, eur, 5)};
    append(world, entries, 3);
    const struct {
        struct own_id key;
        int64_t after;
        uint32_t limit, count;
        int64_t first;
    } cases[] = {{no_key, 0, 10, 3, 100}, {key, 0, 10, 2, 100}, {key, 1, 10, 1, 5},
        {no_key, 1, 1, 1, 30}, {key, 3, 10, 0, 0}};
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct ledger_posting *rows = NULL;
        uint32_t count = 0;
        world_read(world);
        assert_done(ledger_postings(world->store, world->scope, ACCOUNT_CLEARING_PAYMENT,
            cases[i].key, cases[i].after, cases[i].limit, world->arena, &rows, &count, reterr));
        world_commit(world);
        assert_int_equal(count, cases[i].count);
        assert_int64_equal(count > 0 ? rows[0].minor : 0, cases[i].first);
    }
}

/* A line of the statement, as far as it must be there. */
static void add_line(struct world *world, struct own_id id)
{
    char hex[2 * sizeof id.bytes + 1] = "";
    char sql[800];
    hex_encode(hex, id.bytes, sizeof id.bytes);
    (void)snprintf(sql, sizeof sql,
        "INSERT INTO statement_line (line, scope, provider_id, kind, type, category, bucket, "
        "amount_minor, fee_minor, net_minor, currency, created_us, available_us, effective_us, "
        "text, available, learned, flaws, first_source, told, entered_us) VALUES (%s%s', %" PRId64
        ", 'txn_1', 'payment', '', '', 'payments', 3, 0, 3, 'EUR', 1, 1, 0, '', 0, 0, 0, 1, 1, 1)",
        world->is_sqlite ? "x'" : "'\\x", hex, world->scope);
    assert_true(raw_run(world, sql));
}

static void entries_are_named_as_the_provider_names_what_they_are_for(void **state)
{
    struct world *world = world_of(state);
    struct journal_entry entries[3] = {
        sale(world, no_key, eur, 1), sale(world, no_key, eur, 2), sale(world, no_key, eur, 3)};
    struct ref refs[2] = {{world->scope, ID_PAYMENT, STR("ch_1"), entries[1].subject, false},
        {world->scope, ID_PAYMENT, STR("pi_1"), entries[1].subject, false}};
    struct str *names = NULL;
    entries[2].subject_kind = SUBJECT_LINE;
    add_line(world, entries[2].subject);
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, refs, 2, reterr));
    world_commit(world);
    world_read(world);
    assert_done(journal_names(world->store, entries, 3, world->arena, &names, reterr));
    world_commit(world);
    assert_str_equal_to(names[0], "");
    assert_str_equal_to(names[1], "ch_1 pi_1");
    assert_str_equal_to(names[2], "txn_1");
}

/* --- append-only, and proof --- */

static void nobody_changes_or_removes_what_is_posted(void **state)
{
    struct world *world = world_of(state);
    struct journal_entry entry = sale(world, world_id(world), eur, 10);
    append(world, &entry, 1);
    static const char *const refused[] = {"UPDATE journal_entry SET recorded_us = 0",
        "DELETE FROM journal_entry", "UPDATE posting SET minor = minor + 1", "DELETE FROM posting"};
    for (size_t i = 0; i < sizeof refused / sizeof refused[0]; i++) {
        assert_row(!raw_run(world, refused[i]), refused[i]);
    }
    if (!world->is_sqlite) {
        assert_false(raw_run(world, "TRUNCATE posting"));
        assert_false(raw_run(world, "TRUNCATE journal_entry"));
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM posting"), 2);
    assert_proven(world);
}

static void a_balance_that_somebody_wrote_is_found(void **state)
{
    struct world *world = world_of(state);
    struct journal_entry entry = sale(world, world_id(world), eur, 10);
    struct ledger_flaw *flaws = NULL;
    append(world, &entry, 1);
    assert_true(raw_run(world,
        "UPDATE ledger_balance SET minor = minor + 1 WHERE account = 'assets:clearing:payment'"));
    assert_int_equal(flaws_of(world, &flaws), 1);
    assert_int64_equal(flaws[0].entry, 0);
    assert_int_equal(flaws[0].account, ACCOUNT_CLEARING_PAYMENT);
    assert_true(own_id_eq(flaws[0].key, entry.postings[0].key));
    assert_int64_equal(flaws[0].minor, 11);
    assert_int64_equal(flaws[0].posted_minor, 10);
}

static void a_posting_that_somebody_added_is_found(void **state)
{
    struct world *world = world_of(state);
    struct journal_entry entry = sale(world, world_id(world), eur, 10);
    struct ledger_flaw *flaws = NULL;
    append(world, &entry, 1);
    assert_true(raw_run(world,
        "INSERT INTO posting (subject, scope, entry, line, account, currency, key, minor, "
        "effective_us) SELECT subject, scope, entry, 9, 'income:sales', currency, NULL, 4, "
        "effective_us FROM posting WHERE line = 1"));
    assert_int_equal(flaws_of(world, &flaws), 2);
    assert_int64_equal(flaws[0].entry, 0);
    assert_int64_equal(flaws[0].posted_minor, -6);
    assert_int64_equal(flaws[1].entry, 1);
    assert_int64_equal(flaws[1].minor, 4);
}

/* --- two writers --- */

#define WRITERS 2
#define BATCHES 25
#define BATCH_ENTRIES 3

struct writer {
    struct world *world;
    struct store *store;
    pthread_barrier_t *start;
    struct journal_entry entries[BATCHES][BATCH_ENTRIES];
    enum err err;
};

static enum err write_batch(struct writer *writer, int batch)
{
    enum err err = store_begin(writer->store, STORE_WRITE, NULL);
    if (err == ERR_OK) {
        err = journal_append(writer->store, writer->entries[batch], BATCH_ENTRIES, NULL);
        err = err == ERR_OK ? store_commit(writer->store, NULL) : err;
    }
    return err;
}

static void *write_batches(void *context)
{
    struct writer *writer = context;
    (void)pthread_barrier_wait(writer->start);
    for (int batch = 0; batch < BATCHES && writer->err == ERR_OK; batch++) {
        writer->err = write_batch(writer, batch);
    }
    return NULL;
}

static void two_writers_number_without_gaps_and_lose_no_balance(void **state)
{
    struct world *world = world_of(state);
    struct writer *writers = arena_new_array(world->arena, struct writer, WRITERS);
    struct own_id key = world_id(world);
    pthread_barrier_t start;
    pthread_t threads[WRITERS];
    assert_int_equal(pthread_barrier_init(&start, NULL, WRITERS), 0);
    for (int i = 0; i < WRITERS; i++) {
        writers[i].world = world;
        writers[i].store = world_another(world, STORE_WRITE);
        writers[i].start = &start;
        for (int k = 0; k < BATCHES * BATCH_ENTRIES; k++) {
            writers[i].entries[k / BATCH_ENTRIES][k % BATCH_ENTRIES] = sale(world, key, eur, 1 + k);
        }
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_create(&threads[i], NULL, write_batches, &writers[i]), 0);
    }
    for (int i = 0; i < WRITERS; i++) {
        assert_int_equal(pthread_join(threads[i], NULL), 0);
        assert_err(writers[i].err, ERR_OK);
        (void)store_close(writers[i].store);
    }
    (void)pthread_barrier_destroy(&start);
    const int64_t count = (int64_t)WRITERS * BATCHES * BATCH_ENTRIES;
    const int64_t each = (int64_t)BATCHES * BATCH_ENTRIES;
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM journal_entry"), count);
    assert_int64_equal(raw_int(world, "SELECT max(entry) FROM journal_entry"), count);
    assert_int64_equal(
        balance_of(world, world->scope, ACCOUNT_CLEARING_PAYMENT), WRITERS * each * (each + 1) / 2);
    assert_proven(world);
}

TESTS_MAIN("conformance/journal",
    WORLD_TEST(numbers_have_no_gaps_in_any_scope_and_follow_the_array),
    WORLD_TEST(a_rolled_back_append_leaves_no_gap),
    WORLD_TEST(entries_are_read_as_they_were_appended_page_by_page),
    WORLD_TEST(an_amount_that_no_balance_can_hold_is_an_error_and_keeps_nothing),
    WORLD_TEST(balances_are_what_postings_add_up_to),
    WORLD_TEST(a_balance_of_a_key_is_gone_when_it_is_zero),
    WORLD_TEST(a_key_is_as_old_as_the_posting_that_made_it),
    WORLD_TEST(open_keys_come_in_pages_each_once),
    WORLD_TEST(open_keys_of_a_time_are_what_was_open_then_in_pages),
    WORLD_TEST(balances_of_a_time_leave_out_what_happened_then_or_later),
    WORLD_TEST(a_time_before_everything_has_no_balances),
    WORLD_TEST(what_was_posted_for_a_subject_adds_up_without_what_is_zero),
    WORLD_TEST(postings_of_an_account_are_those_of_the_key_or_of_all),
    WORLD_TEST(entries_are_named_as_the_provider_names_what_they_are_for),
    WORLD_TEST(nobody_changes_or_removes_what_is_posted),
    WORLD_TEST(a_balance_that_somebody_wrote_is_found),
    WORLD_TEST(a_posting_that_somebody_added_is_found),
    WORLD_TEST(two_writers_number_without_gaps_and_lose_no_balance))

/* store/proofs.h: sums over the statement and the books, and what in them may not agree. */
#include "store/journal.h"
#include "store/proofs.h"
#include "store/pull.h"
#include "store/twice.h"
#include "world.h"

#define DAY(n) (WORLD_NOW_US + (n)*US_PER_DAY)

static const struct currency eur = {"EUR"};
static const struct currency usd = {"USD"};
static const struct own_id no_id;

static int64_t another_scope(struct world *world)
{
    struct scope_key key = {STR("stripe"), true, STR("acct_2")};
    int64_t scope = 0;
    world_write(world);
    assert_done(scope_ensure(world->store, &key, &scope, reterr));
    world_commit(world);
    return scope;
}

/* One of a payment: 1000 less 30. */
static struct kept_line payment_line(struct world *world, const char *provider_id, int64_t made_us)
{
    return (struct kept_line){.scope = world->scope,
        .line = {.kind = LINE_PAYMENT,
            .amount_minor = 1000,
            .fee_minor = 30,
            .net_minor = 970,
            .currency = eur,
            .created_us = made_us},
        .provider_id = str_from(provider_id),
        .first_source = 1};
}

static struct own_id add(struct world *world, struct kept_line line)
{
    const struct kept_line *rows = &line;
    line.line.id = line_id(line.scope, line.provider_id, line.line.created_us);
    world_write(world);
    assert_done(statement_add(world->store, &rows, 1, reterr));
    world_commit(world);
    return line.line.id;
}

/* --- movements --- */

struct sums {
    struct line_sums *rows;
    uint32_t count;
};

static struct sums moved_in(struct world *world, int64_t from_us, int64_t to_us)
{
    struct sums sums = {0};
    world_read(world);
    assert_done(proof_movements(
        world->store, world->scope, from_us, to_us, world->arena, &sums.rows, &sums.count, reterr));
    world_commit(world);
    return sums;
}

static struct sums made_since(struct world *world, int64_t from_us)
{
    struct sums sums = {0};
    world_read(world);
    assert_done(proof_made_since(
        world->store, world->scope, from_us, world->arena, &sums.rows, &sums.count, reterr));
    world_commit(world);
    return sums;
}

static void assert_sums(const struct line_sums *row,
    enum line_kind kind,
    const char *currency,
    int64_t count,
    int64_t net_minor)
{
    assert_int_equal(row->kind, kind);
    assert_string_equal(row->currency.code, currency);
    assert_int64_equal(row->count, count);
    assert_int64_equal(row->net_minor, net_minor);
}

static void movements_are_added_up_by_currency_and_kind_in_their_order(void **state)
{
    struct world *world = world_of(state);
    struct kept_line line = payment_line(world, "txn_usd", DAY(0));
    line.line.currency = usd;
    (void)add(world, line);
    line = payment_line(world, "txn_refund", DAY(0));
    line.line.kind = LINE_REFUND;
    line.line.amount_minor = line.line.net_minor = -400;
    line.line.fee_minor = 0;
    (void)add(world, line);
    (void)add(world, payment_line(world, "txn_1", DAY(0)));
    (void)add(world, payment_line(world, "txn_2", DAY(0)));
    struct sums sums = moved_in(world, DAY(0), DAY(1));
    assert_int_equal(sums.count, 3);
    assert_sums(&sums.rows[0], LINE_PAYMENT, "EUR", 2, 1940);
    assert_int64_equal(sums.rows[0].amount_minor, 2000);
    assert_int64_equal(sums.rows[0].fee_minor, 60);
    assert_sums(&sums.rows[1], LINE_REFUND, "EUR", 1, -400);
    assert_sums(&sums.rows[2], LINE_PAYMENT, "USD", 1, 970);
}

static void days_have_the_moment_of_their_beginning_and_not_that_of_their_end(void **state)
{
    struct world *world = world_of(state);
    (void)add(world, payment_line(world, "txn_before", DAY(0) - US_PER_SECOND));
    (void)add(world, payment_line(world, "txn_first", DAY(0)));
    (void)add(world, payment_line(world, "txn_last", DAY(1) - US_PER_SECOND));
    (void)add(world, payment_line(world, "txn_end", DAY(1)));
    struct sums sums = moved_in(world, DAY(0), DAY(1));
    assert_int_equal(sums.count, 1);
    assert_int64_equal(sums.rows[0].count, 2);
    assert_int_equal(moved_in(world, DAY(0), DAY(0)).count, 0);
}

static struct kept_line payout_line(struct world *world, int64_t made_us, int64_t left_us)
{
    struct kept_line line = payment_line(world, "txn_payout", made_us);
    line.line.kind = LINE_PAYOUT;
    line.line.amount_minor = line.line.net_minor = -5000;
    line.line.fee_minor = 0;
    line.effective_us = left_us;
    return line;
}

static void a_payout_moves_the_balance_when_it_leaves(void **state)
{
    struct world *world = world_of(state);
    (void)add(world, payout_line(world, DAY(0), DAY(2)));
    assert_int_equal(moved_in(world, DAY(0), DAY(2)).count, 0);
    struct sums sums = moved_in(world, DAY(2), DAY(3));
    assert_int_equal(sums.count, 1);
    assert_sums(&sums.rows[0], LINE_PAYOUT, "EUR", 1, -5000);
}

static void what_was_made_since_has_payouts_by_the_time_they_were_made(void **state)
{
    struct world *world = world_of(state);
    (void)add(world, payout_line(world, DAY(0), DAY(2)));
    (void)add(world, payment_line(world, "txn_1", DAY(0) - US_PER_SECOND));
    (void)add(world, payment_line(world, "txn_2", DAY(0)));
    struct sums sums = made_since(world, DAY(0));
    assert_int_equal(sums.count, 2);
    assert_sums(&sums.rows[0], LINE_PAYMENT, "EUR", 1, 970);
    assert_sums(&sums.rows[1], LINE_PAYOUT, "EUR", 1, -5000);
    assert_int_equal(made_since(world, DAY(0) + US_PER_SECOND).count, 0);
}

static void the_balance_that_is_held_back_is_no_movement(void **state)
{
    struct world *world = world_of(state);
    struct kept_line held = payment_line(world, "txn_held", DAY(0));
    struct kept_line gone = payout_line(world, DAY(0), DAY(0));
    held.line.bucket = gone.line.bucket = BUCKET_RISK;
    (void)add(world, held);
    (void)add(world, gone);
    assert_int_equal(moved_in(world, DAY(0), DAY(1)).count, 0);
    assert_int_equal(made_since(world, DAY(0)).count, 0);
}

static void another_scope_moves_nothing_here(void **state)
{
    struct world *world = world_of(state);
    struct kept_line line = payment_line(world, "txn_1", DAY(0));
    struct kept_line payout = payout_line(world, DAY(0), DAY(0));
    line.scope = payout.scope = another_scope(world);
    (void)add(world, line);
    (void)add(world, payout);
    assert_int_equal(moved_in(world, DAY(0), DAY(1)).count, 0);
    assert_int_equal(made_since(world, DAY(0)).count, 0);
}

static bool is_overflow(const struct world *world, enum err err)
{
    return err == ERR_OVERFLOW || (world->is_sqlite && err == ERR_INVALID);
}

static void sums_beyond_64_bits_are_an_error(void **state)
{
    struct world *world = world_of(state);
    struct kept_line line = payment_line(world, "txn_1", DAY(0));
    struct payout_sum payout = {.payout = world_id(world)};
    struct sums sums;
    line.payout = payout.payout;
    line.line.net_minor = INT64_MAX;
    (void)add(world, line);
    line.provider_id = STR("txn_2");
    line.line.net_minor = 1;
    (void)add(world, line);
    world_read(world);
    assert_true(is_overflow(world, proof_movements(world->store, world->scope, DAY(0), DAY(1),
                                       world->arena, &sums.rows, &sums.count, NULL)));
    (void)store_rollback(world->store);
    world_read(world);
    assert_true(is_overflow(world, proof_made_since(world->store, world->scope, DAY(0),
                                       world->arena, &sums.rows, &sums.count, NULL)));
    (void)store_rollback(world->store);
    world_read(world);
    assert_true(is_overflow(world, proof_payouts(world->store, &payout, 1, NULL)));
    (void)store_rollback(world->store);
}

/* --- payouts --- */

static void payouts_are_the_sums_of_their_lines(void **state)
{
    struct world *world = world_of(state);
    struct payout_sum payouts[3] = {{.payout = world_id(world)}, {.payout = world_id(world)},
        {.payout = world_id(world), .count = 9, .net_minor = 9, .other_currency = true}};
    struct kept_line line = payment_line(world, "txn_2", DAY(2));
    line.payout = payouts[0].payout;
    (void)add(world, line);
    line.provider_id = STR("txn_1");
    line.line.created_us = DAY(1);
    line.line.net_minor = -70;
    (void)add(world, line);
    line.provider_id = STR("txn_3");
    line.payout = payouts[1].payout;
    (void)add(world, line);
    line.provider_id = STR("txn_4");
    line.line.currency = usd;
    (void)add(world, line);
    world_read(world);
    assert_done(proof_payouts(world->store, payouts, 3, reterr));
    assert_done(proof_payouts(world->store, NULL, 0, reterr));
    world_commit(world);
    assert_int64_equal(payouts[0].count, 2);
    assert_int64_equal(payouts[0].net_minor, 900);
    assert_int64_equal(payouts[0].first_us, DAY(1));
    assert_false(payouts[0].other_currency);
    assert_true(payouts[1].other_currency);
    assert_int64_equal(payouts[2].count, 0);
    assert_int64_equal(payouts[2].net_minor, 0);
    assert_int64_equal(payouts[2].first_us, 0);
    assert_false(payouts[2].other_currency);
}

/* --- lines and entries --- */

static void post(struct world *world,
    int subject_kind,
    struct own_id subject,
    int64_t cause_seq,
    int64_t recorded_us)
{
    struct posting postings[2] = {
        {ACCOUNT_FEES_BILLING, no_id, eur, 970}, {ACCOUNT_SALES, no_id, eur, -970}};
    struct journal_entry entry = {.scope = world->scope,
        .stream = subject_kind == SUBJECT_LINE ? STREAM_MONEY : STREAM_BUSINESS,
        .subject_kind = subject_kind,
        .subject = subject,
        .effective_us = WORLD_NOW_US,
        .recorded_us = recorded_us,
        .cause_seq = cause_seq,
        .postings = postings,
        .posting_count = 2};
    world_write(world);
    assert_done(journal_append(world->store, &entry, 1, reterr));
    world_commit(world);
}

static int64_t unposted_on_first_day(struct world *world)
{
    struct sums sums = moved_in(world, DAY(0), DAY(1));
    int64_t count = 0;
    for (uint32_t i = 0; i < sums.count; i++) {
        count += sums.rows[i].unposted;
    }
    return count;
}

static void lines_without_an_entry_are_counted_unless_they_moved_nothing(void **state)
{
    struct world *world = world_of(state);
    struct kept_line empty = payment_line(world, "txn_empty", DAY(0));
    struct kept_line fee = payment_line(world, "txn_fee", DAY(0));
    struct kept_line payout = payout_line(world, DAY(-1), DAY(0));
    empty.line.net_minor = empty.line.fee_minor = 0;
    fee.line.net_minor = 0;
    (void)add(world, empty);
    (void)add(world, payment_line(world, "txn_end", DAY(1)));
    assert_int64_equal(unposted_on_first_day(world), 0);
    struct own_id line = add(world, payment_line(world, "txn_1", DAY(0)));
    (void)add(world, fee);
    struct own_id left = add(world, payout);
    struct sums sums = moved_in(world, DAY(0), DAY(1));
    assert_int_equal(sums.count, 2);
    assert_int64_equal(sums.rows[0].count, 3);
    assert_int64_equal(sums.rows[0].unposted, 2);
    assert_int64_equal(sums.rows[1].unposted, 1);
    post(world, SUBJECT_LINE, line, 0, WORLD_NOW_US);
    post(world, SUBJECT_LINE, left, 0, WORLD_NOW_US);
    assert_int64_equal(unposted_on_first_day(world), 1);
}

/* --- the provider's totals --- */

/* A summary of the first day; returns its source. */
static int64_t add_summary(struct world *world, int64_t finished_us, int64_t net_minor)
{
    struct statement_source source = {.scope = world->scope, .name = STR("summary")};
    const struct kept_total totals[2] = {
        {STR("charge"), eur, net_minor}, {STR("a_fee"), usd, -net_minor}};
    struct pull_row row = {.scope = world->scope,
        .what = STR("summary"),
        .from_us = DAY(0),
        .to_us = DAY(1) - US_PER_SECOND,
        .finished_us = finished_us};
    bool finished = false;
    world_write(world);
    assert_done(statement_source_begin(world->store, &source, &finished, reterr));
    assert_done(statement_totals_add(world->store, &source, 1, totals, 2, reterr));
    row.source = source.number;
    assert_done(pull_write(world->store, &row, reterr));
    world_commit(world);
    return source.number;
}

static uint32_t totals_of(
    struct world *world, int64_t from_us, int64_t to_us, struct kept_total **ret_rows)
{
    const struct totals_wanted wanted = {world->scope, STR("summary"), from_us, to_us};
    uint32_t count = 0;
    world_read(world);
    assert_done(proof_totals(world->store, &wanted, world->arena, ret_rows, &count, reterr));
    world_commit(world);
    return count;
}

static void totals_are_of_just_these_days_of_the_last_summary_that_was_finished(void **state)
{
    struct world *world = world_of(state);
    struct kept_total *rows = NULL;
    (void)add_summary(world, 0, 1);
    assert_int_equal(totals_of(world, DAY(0), DAY(1), &rows), 0);
    (void)add_summary(world, WORLD_NOW_US, 500);
    assert_int_equal(totals_of(world, DAY(0), DAY(2), &rows), 0);
    assert_int_equal(totals_of(world, DAY(-1), DAY(1), &rows), 0);
    assert_int_equal(totals_of(world, DAY(0), DAY(1), &rows), 2);
    assert_str_equal_to(rows[0].category, "charge");
    assert_int64_equal(rows[0].net_minor, 500);
    assert_str_equal_to(rows[1].category, "a_fee");
    assert_string_equal(rows[1].currency.code, "USD");
    assert_int64_equal(rows[1].net_minor, -500);
}

/* --- timeliness --- */

static int64_t told_at(struct world *world, const char *event_id, enum channel channel, int64_t at)
{
    struct sample *sample = sample_new(world, event_id);
    sample->envelope.occurred_at_us = at;
    sample->row.channel = channel;
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
    world_commit(world);
    return sample->row.seq;
}

static struct timeliness timely(struct world *world, int64_t before_us, int64_t target_us)
{
    struct timeliness found = {-1, -1, -1};
    world_read(world);
    assert_done(proof_timeliness(world->store, world->scope, before_us, target_us, &found, reterr));
    world_commit(world);
    return found;
}

static void entries_are_timely_that_follow_their_webhook_within_the_target(void **state)
{
    struct world *world = world_of(state);
    int64_t told_us = WORLD_NOW_US;
    assert_int64_equal(timely(world, DAY(1), 7).count, 0);
    assert_int64_equal(timely(world, DAY(1), 7).p99_us, 0);
    int64_t webhook = told_at(world, "evt_1", CHANNEL_WEBHOOK, told_us);
    int64_t fetched = told_at(world, "evt_2", CHANNEL_FETCH, told_us);
    int64_t timeless = told_at(world, "evt_3", CHANNEL_WEBHOOK, 0);
    post(world, ID_PAYMENT, world_id(world), webhook, told_us + 7);
    post(world, ID_PAYMENT, world_id(world), webhook, told_us + 8);
    post(world, ID_PAYMENT, world_id(world), webhook, told_us - 5); /* of a clock that is slow */
    post(world, ID_PAYMENT, world_id(world), fetched, told_us + 99);
    post(world, ID_PAYMENT, world_id(world), timeless, told_us + 99);
    post(world, SUBJECT_LINE, world_id(world), 0, told_us + 99);
    struct timeliness found = timely(world, DAY(1), 7);
    assert_int64_equal(found.count, 3);
    assert_int64_equal(found.within, 2);
    assert_int64_equal(found.p99_us, 7);
    assert_int64_equal(timely(world, told_us + 8, 7).count, 2);
}

static void the_newest_entries_are_the_sample(void **state)
{
    struct world *world = world_of(state);
    uint32_t count = PROOF_SAMPLE_MAX + 10;
    int64_t seq = told_at(world, "evt_1", CHANNEL_WEBHOOK, WORLD_NOW_US);
    struct journal_entry *entries = arena_new_array(world->arena, struct journal_entry, count);
    static struct posting postings[2] = {
        {.account = ACCOUNT_FEES_BILLING, .minor = 1}, {.account = ACCOUNT_SALES, .minor = -1}};
    postings[0].currency = postings[1].currency = eur;
    for (uint32_t i = 0; i < count; i++) {
        entries[i] = (struct journal_entry){.scope = world->scope,
            .stream = STREAM_BUSINESS,
            .subject_kind = ID_PAYMENT,
            .subject = world_id(world),
            .effective_us = WORLD_NOW_US,
            .recorded_us = WORLD_NOW_US + (i < 10 ? US_PER_DAY : (int64_t)i),
            .cause_seq = seq,
            .postings = postings,
            .posting_count = 2};
    }
    world_write(world);
    assert_done(journal_append(world->store, entries, count, reterr));
    world_commit(world);
    struct timeliness found = timely(world, DAY(2), US_PER_HOUR);
    assert_int64_equal(found.count, PROOF_SAMPLE_MAX);
    assert_int64_equal(found.within, PROOF_SAMPLE_MAX);
    assert_int64_equal(found.p99_us, 10 + (PROOF_SAMPLE_MAX - 1) * 99 / 100);
}

/* --- lines that are odd --- */

static void lines_with_flaws_come_page_by_page_in_the_order_of_time(void **state)
{
    struct world *world = world_of(state);
    struct kept_line line = payment_line(world, "txn_fine", DAY(0));
    struct own_id after = no_id;
    (void)add(world, line);
    line.flaws = FLAW_NET;
    line.scope = another_scope(world);
    (void)add(world, line);
    line.scope = world->scope;
    for (int i = 4; i >= 0; i--) {
        char name[16];
        (void)snprintf(name, sizeof name, "txn_%d", i);
        line.provider_id = str_from(name);
        line.line.created_us = DAY(i);
        (void)add(world, line);
    }
    for (int i = 0; i < 6; i += 2) {
        struct kept_lines page;
        world_read(world);
        assert_done(
            proof_flawed(world->store, world->scope, after, 2, world->arena, &page, reterr));
        world_commit(world);
        assert_int_equal(page.count, i == 4 ? 1 : 2);
        for (uint32_t k = 0; k < page.count; k++) {
            assert_int64_equal(page.items[k].line.created_us, DAY(i + (int)k));
            assert_int_equal(page.items[k].flaws, FLAW_NET);
            after = page.items[k].line.id;
        }
    }
}

static void what_was_said_otherwise_comes_by_field_and_words(void **state)
{
    struct world *world = world_of(state);
    struct own_id line = add(world, payment_line(world, "txn_1", DAY(0)));
    struct own_id other = add(world, payment_line(world, "txn_2", DAY(0)));
    struct restatement rows[4] = {{line, "net", STR("9"), STR("970"), world->scope, 2, 11},
        {line, "fee", STR("7"), STR("30"), world->scope, 2, 12},
        {line, "fee", STR("5"), STR("30"), world->scope, 3, 13},
        {other, "fee", STR("1"), STR("30"), world->scope, 2, 14}};
    struct restatement *found = NULL;
    uint32_t count = 0;
    int64_t added = 0;
    world_write(world);
    assert_done(statement_restate(world->store, rows, 4, &added, reterr));
    assert_done(proof_restated(world->store, line, world->arena, &found, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 3);
    const struct restatement *expected[] = {&rows[2], &rows[1], &rows[0]};
    for (int i = 0; i < 3; i++) {
        assert_true(own_id_eq(found[i].line, line));
        assert_string_equal(found[i].field, expected[i]->field);
        assert_strs_equal(found[i].said, expected[i]->said);
        assert_strs_equal(found[i].stands, expected[i]->stands);
        assert_int64_equal(found[i].scope, world->scope);
        assert_int64_equal(found[i].source, expected[i]->source);
        assert_int64_equal(found[i].told_us, expected[i]->told_us);
    }
}

/* --- objects --- */

static void lines_of_objects_are_counted(void **state)
{
    struct world *world = world_of(state);
    struct own_id sources[2] = {world_id(world), world_id(world)};
    struct kept_line line = payment_line(world, "txn_1", DAY(0));
    int64_t counts[2] = {-1, -1};
    line.line.source = sources[1];
    line.source_kind = ID_ATTEMPT;
    (void)add(world, line);
    line.provider_id = STR("txn_2");
    (void)add(world, line);
    world_read(world);
    assert_done(proof_lines_of(world->store, sources, 2, counts, reterr));
    assert_done(proof_lines_of(world->store, sources, 0, counts, reterr));
    world_commit(world);
    assert_int64_equal(counts[0], 0);
    assert_int64_equal(counts[1], 2);
}

static void an_object_goes_by_the_first_of_its_names(void **state)
{
    struct world *world = world_of(state);
    struct own_id ids[2] = {world_id(world), world_id(world)};
    struct ref refs[] = {{world->scope, ID_PAYMENT, STR("pi_9"), ids[0], false},
        {world->scope, ID_PAYMENT, STR("pi_1"), ids[0], false}};
    struct str names[2] = {STR("x"), STR("x")};
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, refs, 2, reterr));
    ids[0] = refs[0].id;
    assert_done(proof_names(world->store, ids, 2, world->arena, names, reterr));
    world_commit(world);
    assert_str_equal_to(names[0], own_id_eq(refs[0].id, refs[1].id) ? "pi_1" : "pi_9");
    assert_str_equal_to(names[1], "");
}

/* --- events --- */

static int64_t tell(
    struct world *world, const char *event_id, const char *version, const char *body)
{
    struct sample *sample = sample_new(world, event_id);
    sample->envelope.api_version = str_from(version);
    sample_set_body(sample, str_from(body));
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
    world_commit(world);
    return sample->row.seq;
}

/* Without the look that keeps them, only who looks anew sees them. */
static void look(struct world *world, uint32_t anew_before)
{
    struct twice *rows = NULL;
    struct twice_told *told = NULL;
    struct twice_reach reach;
    uint32_t count = 0;
    world_write(world);
    assert_done(proof_twice_between(
        world->store, world->scope, 0, INT64_MAX, 9, world->arena, &told, &count, reterr));
    assert_int_equal(count, anew_before);
    assert_done(twice_reach(world->store, WORLD_NOW_US, &reach, reterr));
    assert_done(twice_find(
        world->store, 0, reach.mark.seq, reach.last_seq, world->arena, &rows, &count, reterr));
    assert_done(twice_keep(world->store, rows, count, reterr));
    assert_done(twice_keep(world->store, rows, count, reterr));
    world_commit(world);
}

static uint32_t twice_told(struct world *world, uint32_t limit, struct twice_told **ret_rows)
{
    uint32_t count = 0;
    world_read(world);
    assert_done(proof_twice_told(
        world->store, world->scope, limit, world->arena, ret_rows, &count, reterr));
    world_commit(world);
    return count;
}

static void an_event_is_told_twice_by_two_bodies_in_one_version_over_one_channel(void **state)
{
    struct world *world = world_of(state);
    struct twice_told *rows = NULL;
    (void)tell(world, "evt_once", "2024-06-20", "1");
    (void)tell(world, "evt_versions", "2024-06-20", "1");
    (void)tell(world, "evt_versions", "2025-01-01", "2");
    struct sample *fetched = sample_new(world, "evt_once");
    fetched->row.channel = CHANNEL_FETCH;
    sample_set_body(fetched, STR("2"));
    struct sample *elsewhere = sample_new(world, "evt_once");
    elsewhere->row.scope = another_scope(world);
    sample_set_body(elsewhere, STR("3"));
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &fetched->row, 1, reterr));
    assert_done(inbox_append(world->store, world->arena, &elsewhere->row, 1, reterr));
    world_commit(world);
    look(world, 0);
    assert_int_equal(twice_told(world, 9, &rows), 0);
    int64_t second = tell(world, "evt_z", "2024-06-20", "1");
    int64_t third = tell(world, "evt_z", "2024-06-20", "2");
    int64_t fourth = tell(world, "evt_a", "2024-06-20", "1");
    int64_t fifth = tell(world, "evt_a", "2024-06-20", "2");
    assert_int_equal(twice_told(world, 9, &rows), 0);
    look(world, 2);
    assert_int_equal(twice_told(world, 9, &rows), 2);
    look(world, 2);
    assert_int_equal(twice_told(world, 9, &rows), 2);
    assert_str_equal_to(rows[0].event_id, "evt_a");
    assert_str_equal_to(rows[0].type, "charge.succeeded");
    assert_int64_equal(rows[0].first_seq, fourth);
    assert_int64_equal(rows[0].second_seq, fifth);
    assert_int64_equal(rows[0].occurred_at_us, WORLD_NOW_US - US_PER_SECOND);
    assert_int64_equal(rows[1].first_seq, second);
    assert_int64_equal(rows[1].second_seq, third);
    assert_int_equal(twice_told(world, 1, &rows), 1);
}

static void dead_letters_of_a_scope_come_page_by_page(void **state)
{
    struct world *world = world_of(state);
    struct inbox_event *events = NULL;
    struct dead_event *rows = NULL;
    int64_t after = 0;
    uint32_t count = 0;
    for (int i = 0; i < 3; i++) {
        char name[16];
        (void)snprintf(name, sizeof name, "evt_%d", i);
        (void)world_append(world, name);
    }
    struct sample *elsewhere = sample_new(world, "evt_1");
    elsewhere->row.scope = another_scope(world);
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &elsewhere->row, 1, reterr));
    assert_int_equal(claim_on(world, world->store, 1, WORLD_NOW_US, 4, &events), 4);
    assert_done(finish_on(world, world->store, 1, events, 4, WORK_DEAD));
    world_commit(world);
    (void)world_append(world, "evt_alive");
    for (int i = 0; i < 4; i += 2) {
        world_read(world);
        assert_done(
            proof_dead(world->store, world->scope, after, 2, world->arena, &rows, &count, reterr));
        world_commit(world);
        assert_int_equal(count, i == 0 ? 2 : 1);
        after = rows[count - 1].seq;
    }
    assert_str_equal_to(rows[0].event_id, "evt_2");
    assert_str_equal_to(rows[0].type, "charge.succeeded");
    assert_true(rows[0].error.len > 0);
    assert_int64_equal(rows[0].occurred_at_us, WORLD_NOW_US - US_PER_SECOND);
    assert_int64_equal(rows[0].received_us, WORLD_NOW_US);
}

TESTS_MAIN("conformance/proofs",
    WORLD_TEST(movements_are_added_up_by_currency_and_kind_in_their_order),
    WORLD_TEST(days_have_the_moment_of_their_beginning_and_not_that_of_their_end),
    WORLD_TEST(a_payout_moves_the_balance_when_it_leaves),
    WORLD_TEST(what_was_made_since_has_payouts_by_the_time_they_were_made),
    WORLD_TEST(the_balance_that_is_held_back_is_no_movement),
    WORLD_TEST(another_scope_moves_nothing_here),
    WORLD_TEST(sums_beyond_64_bits_are_an_error),
    WORLD_TEST(payouts_are_the_sums_of_their_lines),
    WORLD_TEST(lines_without_an_entry_are_counted_unless_they_moved_nothing),
    WORLD_TEST(totals_are_of_just_these_days_of_the_last_summary_that_was_finished),
    WORLD_TEST(entries_are_timely_that_follow_their_webhook_within_the_target),
    WORLD_TEST(the_newest_entries_are_the_sample),
    WORLD_TEST(lines_with_flaws_come_page_by_page_in_the_order_of_time),
    WORLD_TEST(what_was_said_otherwise_comes_by_field_and_words),
    WORLD_TEST(lines_of_objects_are_counted),
    WORLD_TEST(an_object_goes_by_the_first_of_its_names),
    WORLD_TEST(an_event_is_told_twice_by_two_bodies_in_one_version_over_one_channel),
    WORLD_TEST(dead_letters_of_a_scope_come_page_by_page))

/* flow/discrepancies.h: what runs and people do to discrepancies, step by step, on a real store. */
#include "store/journal.h"
#include "store/postgres/engine.h"
#include "store/sqlite/engine.h"
#include "flow/discrepancies.h"
#include "fault_engine.h"
#include "world.h"

#define ALL_CODES UINT32_MAX

static const struct currency eur = {"EUR"};
static const struct own_id no_id = {{0}};

static struct finding mismatch(struct world *world, uint8_t subject, int64_t ours, int64_t theirs)
{
    return (struct finding){.code = CODE_AMOUNT_MISMATCH,
        .scope = world->scope,
        .subject_kind = ID_ATTEMPT,
        .subject = {{subject, 7}},
        .name = STR("ch_1"),
        .currency = eur,
        .ours_minor = ours,
        .theirs_minor = theirs,
        .since_us = WORLD_NOW_US - 2 * US_PER_DAY,
        .text = STR("ours is captured, theirs is in the statement")};
}

static struct finding drift(struct world *world, int64_t theirs)
{
    return (struct finding){.code = CODE_BALANCE_DRIFT,
        .scope = world->scope,
        .subject_kind = KEY_NONE,
        .currency = eur,
        .theirs_minor = theirs,
        .since_us = WORLD_NOW_US - US_PER_DAY,
        .text = STR("the provider has more")};
}

static struct finding adjustment(struct world *world, struct own_id line, int64_t amount)
{
    struct finding finding = mismatch(world, 0, 0, amount);
    finding.code = CODE_UNEXPECTED_ADJUSTMENT;
    finding.subject_kind = KEY_LINE;
    finding.subject = line;
    finding.name = STR("txn_1");
    return finding;
}

static struct settle_counts settle_of(struct world *world,
    int64_t run,
    const struct finding *findings,
    uint32_t count,
    unsigned whole)
{
    struct settle_counts counts = {-1, -1, -1, -1, -1, -1, -1};
    struct settling settling = {.scope = world->scope,
        .run = run,
        .as_of_us = WORLD_NOW_US - US_PER_HOUR,
        .findings = findings,
        .count = count,
        .looked = {.whole = whole}};
    assert_done(discrepancies_settle(world->store, &settling, WORLD_NOW_US + run, &counts, reterr));
    return counts;
}

static struct discrepancy known(struct world *world, const struct finding *finding)
{
    struct own_id id = finding_id(finding);
    struct discrepancy row;
    world_read(world);
    assert_done(discrepancies_known(world->store, &id, 1, world->arena, &row, reterr));
    world_commit(world);
    return row;
}

static void assert_deeds(
    struct world *world, const struct finding *finding, const enum deed *deeds, uint32_t expected)
{
    struct discrepancy_step *steps = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(
        discrepancy_steps(world->store, finding_id(finding), world->arena, &steps, &count, reterr));
    world_commit(world);
    assert_int_equal(count, expected);
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(steps[i].deed, deeds[i]);
        assert_int64_equal(steps[i].number, i + 1);
    }
}
#define assert_life(world, finding, ...)                                                           \
    assert_deeds(world, finding, (const enum deed[]){__VA_ARGS__},                                 \
        sizeof((const enum deed[]){__VA_ARGS__}) / sizeof(enum deed))

/* --- runs --- */

static void what_is_found_is_raised_once_and_seen_again(void **state)
{
    struct world *world = world_of(state);
    struct finding findings[3] = {
        drift(world, 5), mismatch(world, 1, 100, 90), mismatch(world, 2, 100, 90)};
    struct settle_counts first = settle_of(world, 1, findings, 3, ALL_CODES);
    assert_int64_equal(first.found, 3);
    assert_int64_equal(first.raised, 3);
    assert_int64_equal(first.open, 3);
    assert_int64_equal(first.critical, 3);
    assert_int64_equal(first.cleared + first.observed + first.reopened, 0);
    struct settle_counts again = settle_of(world, 2, findings, 3, ALL_CODES);
    assert_int64_equal(again.found, 3);
    assert_int64_equal(again.raised, 0);
    assert_int64_equal(again.open, 3);
    for (int i = 0; i < 3; i++) {
        struct discrepancy row = known(world, &findings[i]);
        assert_int_equal(row.state, DISCREPANCY_OPEN);
        assert_int64_equal(row.first_run, 1);
        assert_int64_equal(row.last_run, 2);
        assert_int64_equal(row.raised_us, WORLD_NOW_US + 1);
        assert_int64_equal(row.changed_us, WORLD_NOW_US + 1);
        assert_life(world, &findings[i], DEED_RAISE);
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM domain_event"), 3);
}

static void what_a_run_finds_twice_counts_once(void **state)
{
    struct world *world = world_of(state);
    struct finding findings[2] = {mismatch(world, 1, 100, 90), mismatch(world, 1, 100, 80)};
    struct settle_counts counts = settle_of(world, 1, findings, 2, ALL_CODES);
    assert_int64_equal(counts.found, 1);
    assert_int64_equal(known(world, &findings[0]).found.theirs_minor, 90);
}

static void other_figures_are_observed(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = mismatch(world, 1, 100, 90);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    finding.theirs_minor = 80;
    struct settle_counts counts = settle_of(world, 2, &finding, 1, ALL_CODES);
    assert_int64_equal(counts.observed, 1);
    assert_int64_equal(counts.raised, 0);
    assert_int64_equal(known(world, &finding).found.theirs_minor, 80);
    assert_life(world, &finding, DEED_RAISE, DEED_OBSERVE);
}

static void what_is_gone_is_cleared_and_what_comes_back_is_open_again(void **state)
{
    struct world *world = world_of(state);
    struct finding findings[2] = {mismatch(world, 1, 100, 90), mismatch(world, 2, 100, 90)};
    (void)settle_of(world, 1, findings, 2, ALL_CODES);
    struct settle_counts counts = settle_of(world, 2, findings, 1, ALL_CODES);
    assert_int64_equal(counts.cleared, 1);
    assert_int64_equal(counts.open, 1);
    assert_int_equal(known(world, &findings[1]).state, DISCREPANCY_CLEARED);
    assert_int64_equal(known(world, &findings[1]).last_run, 1);
    counts = settle_of(world, 3, findings, 2, ALL_CODES);
    assert_int64_equal(counts.reopened, 1);
    assert_int64_equal(counts.open, 2);
    assert_life(world, &findings[1], DEED_RAISE, DEED_CLEAR, DEED_REOPEN);
    assert_life(world, &findings[0], DEED_RAISE);
}

static void what_was_not_looked_at_is_not_cleared(void **state)
{
    struct world *world = world_of(state);
    struct finding findings[2] = {mismatch(world, 1, 100, 90), drift(world, 5)};
    (void)settle_of(world, 1, findings, 2, ALL_CODES);
    struct settle_counts counts =
        settle_of(world, 2, NULL, 0, ALL_CODES & ~(1U << CODE_AMOUNT_MISMATCH));
    assert_int64_equal(counts.cleared, 1);
    assert_int_equal(known(world, &findings[0]).state, DISCREPANCY_OPEN);
    assert_int_equal(known(world, &findings[1]).state, DISCREPANCY_CLEARED);
}

static void a_run_clears_nothing_of_days_that_it_did_not_look_at(void **state)
{
    struct world *world = world_of(state);
    struct finding sum = mismatch(world, 1, 100, 90);
    struct finding total = drift(world, 5);
    sum.code = CODE_PAYOUT_SUM;
    total.code = CODE_ROLLFORWARD_BREAK;
    total.period_us = WORLD_NOW_US - 3 * US_PER_DAY;
    total.period_to_us = WORLD_NOW_US - 2 * US_PER_DAY;
    struct finding findings[2] = {total, sum};
    (void)settle_of(world, 1, findings, 2, ALL_CODES);
    struct settling settling = {.scope = world->scope,
        .run = 2,
        .as_of_us = WORLD_NOW_US,
        .looked = {.whole = 1U << CODE_ROLLFORWARD_BREAK | 1U << CODE_PAYOUT_SUM}};
    struct settle_reach *reach = settling.looked.reach;
    struct settle_counts counts;
    const struct settle_reach others[3] = {{total.period_us + US_PER_DAY, total.period_to_us, true},
        {total.period_us, total.period_to_us + US_PER_DAY, true},
        {total.period_us - US_PER_DAY, total.period_to_us, true}};
    reach[CODE_PAYOUT_SUM] = (struct settle_reach){sum.since_us + 1, INT64_MAX, false};
    for (int i = 0; i < 3; i++) { /* a month says nothing of its first day, nor the day of it */
        reach[CODE_ROLLFORWARD_BREAK] = others[i];
        assert_done(discrepancies_settle(world->store, &settling, WORLD_NOW_US, &counts, reterr));
        assert_int64_equal(counts.cleared, 0);
        assert_int64_equal(counts.open, 2);
    }
    settling.run = 3;
    reach[CODE_ROLLFORWARD_BREAK] =
        (struct settle_reach){total.period_us, total.period_to_us, true};
    reach[CODE_PAYOUT_SUM] = (struct settle_reach){sum.since_us, INT64_MAX, false};
    assert_done(discrepancies_settle(world->store, &settling, WORLD_NOW_US, &counts, reterr));
    assert_int64_equal(counts.cleared, 2);
}

struct leave {
    int asked, given;
};

static enum err give_leave(void *context, struct err_info *reterr)
{
    struct leave *leave = context;
    return leave->asked++ < leave->given ? ERR_OK
                                         : err_set(reterr, ERR_LOCKED, "somebody else is at it");
}

static void a_run_that_may_not_write_any_more_writes_nothing_more(void **state)
{
    struct world *world = world_of(state);
    struct finding findings[2] = {drift(world, 5), mismatch(world, 1, 100, 90)};
    (void)settle_of(world, 1, &findings[1], 1, ALL_CODES);
    for (int given = 0; given < 3; given++) { /* what is found, then what is not */
        struct leave leave = {.given = given};
        struct settling settling = {.scope = world->scope,
            .run = 2,
            .as_of_us = WORLD_NOW_US,
            .findings = findings,
            .count = 1,
            .looked = {.whole = ALL_CODES},
            .may_write = give_leave,
            .may_write_context = &leave};
        struct settle_counts counts;
        assert_err(discrepancies_settle(world->store, &settling, WORLD_NOW_US, &counts, NULL),
            given < 2 ? ERR_LOCKED : ERR_OK);
        assert_int64_equal(raw_int(world, "SELECT count(*) FROM discrepancy_step"), 1 + given);
    }
}

static void other_figures_make_it_no_younger(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = drift(world, 5);
    int64_t since_us = finding.since_us;
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    finding.theirs_minor = 6;
    finding.since_us += US_PER_HOUR;
    (void)settle_of(world, 2, &finding, 1, ALL_CODES);
    assert_int64_equal(known(world, &finding).found.since_us, since_us);
    assert_int64_equal(known(world, &finding).found.theirs_minor, 6);
}

static int64_t scope_named(struct world *world, const char *name)
{
    struct scope_key key = {STR("stripe"), true, str_from(name)};
    int64_t scope = 0;
    world_write(world);
    assert_done(scope_ensure(world->store, &key, &scope, reterr));
    world_commit(world);
    return scope;
}

static void another_account_is_left_alone(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = mismatch(world, 1, 100, 90);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    world->scope = scope_named(world, "acct_2");
    struct settle_counts counts = settle_of(world, 1, NULL, 0, ALL_CODES);
    assert_int64_equal(counts.cleared, 0);
    assert_int64_equal(counts.open, 0);
    assert_int_equal(known(world, &finding).state, DISCREPANCY_OPEN);
}

/* Each call of the engine fails once, in a run of several transactions. */
static void a_run_that_was_interrupted_anywhere_ends_the_same(void **state)
{
    enum { MANY = 300 };
    struct world *world = world_of(state);
    static const struct sql_engine_opener *const engines[] = {
        &sqlite_engine_opener, &postgres_engine_opener, &fault_engine_opener};
    struct finding *findings = arena_new_array(world->arena, struct finding, MANY);
    bool failed = true;
    int64_t calls = 0;
    for (int64_t at = 1; failed; at++) {
        char name[32];
        char url[600];
        struct store *store = NULL;
        (void)snprintf(name, sizeof name, "acct_%" PRId64, at + 1);
        world->scope = scope_named(world, name);
        for (int i = 0; i < MANY; i++) {
            findings[i] = mismatch(world, (uint8_t)i, 100, 90);
            findings[i].subject.bytes[2] = (uint8_t)(i >> 8);
        }
        struct finding lost = drift(world, 5);
        (void)settle_of(world, 1, &lost, 1, ALL_CODES);
        struct settling settling = {.scope = world->scope,
            .run = 2,
            .as_of_us = WORLD_NOW_US,
            .findings = findings,
            .count = MANY,
            .looked = {.whole = ALL_CODES}};
        struct settle_counts counts = {0};
        store_use_engines(engines, 3);
        (void)snprintf(url, sizeof url, "fault:%s", world->fixture.url);
        fault_plan = (struct fault_plan){0};
        assert_done(store_open(str_from(url), STORE_WRITE, env_system(), &store, reterr));
        fault_plan = (struct fault_plan){.fail_at = at, .after = at % 2 == 0};
        enum err err = discrepancies_settle(store, &settling, WORLD_NOW_US, &counts, NULL);
        failed = fault_plan.failed;
        calls = fault_plan.calls;
        (void)store_close(store);
        assert_true(failed || err == ERR_OK);
        counts = settle_of(world, 2, findings, MANY, ALL_CODES);
        assert_int64_equal(counts.raised, MANY);
        assert_int64_equal(counts.cleared, 1);
        assert_int64_equal(counts.open, MANY);
        assert_int64_equal(counts.observed + counts.reopened, 0);
    }
    assert_true(calls > 15);
    assert_int64_equal(
        raw_int(world, "SELECT count(*) - (SELECT count(*) FROM discrepancy_step) FROM "
                       "domain_event"),
        0);
}

/* --- people --- */

static struct discrepancy_wish wish_of(
    const struct finding *finding, enum deed deed, const char *who)
{
    return (struct discrepancy_wish){.id = finding_id(finding),
        .deed = deed,
        .who = str_from(who),
        .has_reason = deed != DEED_ACKNOWLEDGE && deed != DEED_REOPEN,
        .reason = REASON_CODE_ROUNDING,
        .note = STR("as agreed"),
        .threshold_units = 1,
        .threshold_minor = -1};
}

static enum err try_wish(
    struct world *world, const struct discrepancy_wish *wish, struct wish_answer *ret)
{
    world_write(world);
    enum err err =
        discrepancy_do(world->store, wish, WORLD_NOW_US + US_PER_HOUR, world->arena, ret, NULL);
    if (err == ERR_OK) {
        world_commit(world);
    } else {
        store_rollback(world->store);
    }
    return err;
}

static struct wish_answer done(struct world *world, const struct discrepancy_wish *wish)
{
    struct wish_answer answer;
    assert_err(try_wish(world, wish, &answer), ERR_OK);
    return answer;
}

static void assert_refused(
    struct world *world, const struct discrepancy_wish *wish, enum err expected)
{
    struct wish_answer answer;
    int64_t steps = raw_int(world, "SELECT count(*) FROM discrepancy_step");
    int64_t audits = raw_int(world, "SELECT count(*) FROM audit");
    assert_err(try_wish(world, wish, &answer), expected);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM discrepancy_step"), steps);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM audit"), audits);
}

static void book(struct world *world,
    enum stream stream,
    enum ledger_account from,
    enum ledger_account to,
    struct own_id key,
    int64_t minor)
{
    struct posting postings[2] = {{to, key, eur, minor}, {from, no_id, eur, -minor}};
    struct journal_entry entry = {.scope = world->scope,
        .stream = stream,
        .subject_kind = stream == STREAM_MONEY ? (int)SUBJECT_LINE : (int)ID_PAYMENT,
        .subject = own_id_is_none(key) ? world_id(world) : key,
        .effective_us = WORLD_NOW_US,
        .recorded_us = WORLD_NOW_US,
        .postings = postings,
        .posting_count = 2};
    world_write(world);
    assert_done(journal_append(world->store, &entry, 1, reterr));
    world_commit(world);
}

static int64_t balance(struct world *world, enum ledger_account account, struct own_id key)
{
    int64_t minor = 0;
    world_read(world);
    assert_done(ledger_balance_of(world->store, world->scope, account, eur, key, &minor, reterr));
    world_commit(world);
    return minor;
}

static void assert_books_verify(struct world *world)
{
    struct ledger_flaw *flaws = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(ledger_verify(world->store, 0, 10, world->arena, &flaws, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 0);
}

static void one_looks_after_it_explains_it_and_opens_it_again(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = drift(world, 5);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    struct discrepancy_wish acknowledge = wish_of(&finding, DEED_ACKNOWLEDGE, "anna");
    struct discrepancy_wish explain = wish_of(&finding, DEED_EXPLAIN, "ben");
    struct discrepancy_wish resolve = wish_of(&finding, DEED_RESOLVE, "anna");
    struct discrepancy_wish reopen = wish_of(&finding, DEED_REOPEN, "ben");
    assert_str_equal_to(done(world, &acknowledge).now.owner, "anna");
    assert_refused(world, &acknowledge, ERR_CONFLICT);
    explain.incident = STR("INC-7");
    assert_int_equal(done(world, &explain).now.state, DISCREPANCY_EXPLAINED);
    assert_int_equal(done(world, &resolve).now.state, DISCREPANCY_RESOLVED);
    assert_refused(world, &explain, ERR_CONFLICT);
    struct discrepancy row = done(world, &reopen).now;
    assert_int_equal(row.state, DISCREPANCY_OPEN);
    assert_str_equal_to(row.owner, "");
    assert_life(
        world, &finding, DEED_RAISE, DEED_ACKNOWLEDGE, DEED_EXPLAIN, DEED_RESOLVE, DEED_REOPEN);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM journal_entry"), 0);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM audit WHERE who <> 'reconcile'"), 4);
    assert_str_equal_to(
        raw_text(world, "SELECT action FROM audit WHERE who = 'reconcile'"), "discrepancy.raise");
    assert_str_equal_to(raw_text(world, "SELECT reason FROM audit WHERE action = "
                                        "'discrepancy.explain' AND who = 'ben'"),
        "rounding: as agreed");
}

static void what_is_no_wish_is_refused(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = mismatch(world, 1, 100, 90);
    struct finding unknown = mismatch(world, 2, 100, 90);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    book(world, STREAM_BUSINESS, ACCOUNT_SALES, ACCOUNT_CLEARING_PAYMENT, finding.subject, 10);
    struct discrepancy_wish nobody = wish_of(&unknown, DEED_ACKNOWLEDGE, "anna");
    struct discrepancy_wish why = wish_of(&finding, DEED_WRITE_OFF, "anna");
    struct discrepancy_wish keyed = wish_of(&finding, DEED_RESOLVE, "anna");
    struct discrepancy_wish bytes = wish_of(&finding, DEED_EXPLAIN, "anna");
    struct discrepancy_wish wordy = wish_of(&finding, DEED_EXPLAIN, "anna");
    why.has_reason = false;
    keyed.has_account = true;
    keyed.account = ACCOUNT_RECEIVABLE_INVOICES;
    bytes.note = STR("\xff");
    wordy.note = (struct str){arena_alloc(world->arena, 2000), 2000};
    memset((char *)(uintptr_t)wordy.note.data, 'a', 2000);
    assert_refused(world, &nobody, ERR_NOT_FOUND);
    assert_refused(world, &why, ERR_INVALID);
    assert_refused(world, &keyed, ERR_INVALID);
    assert_refused(world, &bytes, ERR_INVALID);
    assert_refused(world, &wordy, ERR_INVALID);
}

static void a_write_off_posts_exactly_what_stands(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = mismatch(world, 1, 1050, 1000);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    book(world, STREAM_BUSINESS, ACCOUNT_SALES, ACCOUNT_CLEARING_PAYMENT, finding.subject, 1050);
    book(world, STREAM_MONEY, ACCOUNT_PROVIDER_PENDING, ACCOUNT_CLEARING_PAYMENT, finding.subject,
        -1000);
    struct discrepancy_wish wish = wish_of(&finding, DEED_WRITE_OFF, "anna");
    struct wish_answer answer = done(world, &wish);
    assert_int_equal(answer.deed, DEED_WRITE_OFF);
    assert_int64_equal(answer.posted_minor, 50);
    assert_int64_equal(answer.step.entry, 3);
    assert_int64_equal(balance(world, ACCOUNT_CLEARING_PAYMENT, finding.subject), 0);
    assert_int64_equal(balance(world, ACCOUNT_WRITE_OFF, no_id), 50);
    assert_str_equal_to(
        raw_text(world, "SELECT subject_kind FROM journal_entry WHERE entry = 3"), "decision");
    assert_str_equal_to(
        raw_text(world, "SELECT stream FROM journal_entry WHERE entry = 3"), "people");
    assert_books_verify(world);
    /* It is not found any more, and stays as it is. */
    struct settle_counts counts = settle_of(world, 2, NULL, 0, ALL_CODES);
    assert_int64_equal(counts.cleared, 0);
    assert_int_equal(known(world, &finding).state, DISCREPANCY_WRITTEN_OFF);
}

static void above_the_threshold_two_people_write_off(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = mismatch(world, 1, 500, 0);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    book(world, STREAM_BUSINESS, ACCOUNT_SALES, ACCOUNT_CLEARING_PAYMENT, finding.subject, 500);
    struct discrepancy_wish anna = wish_of(&finding, DEED_WRITE_OFF, "anna");
    struct discrepancy_wish ben = wish_of(&finding, DEED_WRITE_OFF, "ben");
    struct wish_answer asked = done(world, &anna);
    assert_int_equal(asked.deed, DEED_ASK_WRITE_OFF);
    assert_int_equal(asked.now.state, DISCREPANCY_OPEN);
    assert_int64_equal(asked.step.entry, 0);
    assert_int64_equal(asked.step.wanted_minor, 500);
    assert_refused(world, &anna, ERR_UNPROVEN);
    assert_int64_equal(balance(world, ACCOUNT_WRITE_OFF, no_id), 0);
    /* To resolve it is another thing, and so is another amount. */
    struct discrepancy_wish other = wish_of(&finding, DEED_RESOLVE, "ben");
    other.has_account = true;
    other.account = ACCOUNT_INCOME_OTHER;
    assert_int_equal(done(world, &other).deed, DEED_ASK_RESOLVE);
    book(world, STREAM_BUSINESS, ACCOUNT_SALES, ACCOUNT_CLEARING_PAYMENT, finding.subject, 20);
    struct wish_answer more = done(world, &ben);
    assert_int_equal(more.deed, DEED_ASK_WRITE_OFF);
    assert_int64_equal(more.step.wanted_minor, 520);
    struct wish_answer end = done(world, &anna);
    assert_int_equal(end.deed, DEED_WRITE_OFF);
    assert_int64_equal(end.posted_minor, 520);
    assert_int64_equal(balance(world, ACCOUNT_WRITE_OFF, no_id), 520);
    assert_books_verify(world);
}

static void what_was_asked_before_a_run_saw_other_figures_is_asked_anew(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = drift(world, 500);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    struct discrepancy_wish anna = wish_of(&finding, DEED_RESOLVE, "anna");
    struct discrepancy_wish ben = wish_of(&finding, DEED_RESOLVE, "ben");
    assert_int_equal(done(world, &anna).deed, DEED_ASK_RESOLVE);
    finding.theirs_minor = 600;
    (void)settle_of(world, 2, &finding, 1, ALL_CODES);
    assert_int_equal(done(world, &ben).deed, DEED_ASK_RESOLVE);
    assert_refused(world, &ben, ERR_UNPROVEN);
    assert_int_equal(done(world, &anna).deed, DEED_RESOLVE);
}

static void the_threshold_is_over_the_larger_of_what_is_off_and_what_stands(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = mismatch(world, 1, 300, 0);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    book(world, STREAM_BUSINESS, ACCOUNT_SALES, ACCOUNT_CLEARING_PAYMENT, finding.subject, 2);
    struct discrepancy_wish wish = wish_of(&finding, DEED_WRITE_OFF, "anna");
    assert_int_equal(done(world, &wish).deed, DEED_ASK_WRITE_OFF);
    wish.threshold_units = 3;
    assert_int_equal(done(world, &wish).deed, DEED_WRITE_OFF);
    assert_int64_equal(balance(world, ACCOUNT_WRITE_OFF, no_id), 2);
    assert_str_equal_to(
        raw_text(world, "SELECT reason FROM audit WHERE action = 'discrepancy.write_off'"),
        "rounding (threshold 300): as agreed");
}

static void a_threshold_that_is_wished_for_may_be_lower_and_never_higher(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = mismatch(world, 1, 300, 0);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    struct discrepancy_wish wish = wish_of(&finding, DEED_RESOLVE, "anna");
    wish.threshold_units = 3;
    wish.threshold_minor = 301;
    assert_refused(world, &wish, ERR_INVALID);
    wish.threshold_minor = 299;
    assert_int_equal(done(world, &wish).deed, DEED_ASK_RESOLVE);
    wish.threshold_minor = 300;
    assert_int_equal(done(world, &wish).deed, DEED_RESOLVE);
}

static void what_stands_nowhere_cannot_be_posted(void **state)
{
    struct world *world = world_of(state);
    struct finding findings[2] = {drift(world, 5), mismatch(world, 1, 100, 90)};
    (void)settle_of(world, 1, findings, 2, ALL_CODES);
    for (int i = 0; i < 2; i++) {
        struct discrepancy_wish resolve = wish_of(&findings[i], DEED_RESOLVE, "anna");
        struct discrepancy_wish write_off = wish_of(&findings[i], DEED_WRITE_OFF, "anna");
        resolve.has_account = true;
        resolve.account = ACCOUNT_INCOME_OTHER;
        assert_refused(world, &write_off, ERR_INVALID);
        assert_refused(world, &resolve, ERR_INVALID);
        resolve.has_account = false;
        assert_int64_equal(done(world, &resolve).posted_minor, 0);
    }
}

static void a_line_in_suspense_is_resolved_to_an_account(void **state)
{
    struct world *world = world_of(state);
    struct own_id line = world_id(world);
    struct finding finding = adjustment(world, line, -40);
    book(world, STREAM_MONEY, ACCOUNT_PROVIDER_PENDING, ACCOUNT_UNEXPLAINED, line, 40);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    struct discrepancy_wish wish = wish_of(&finding, DEED_RESOLVE, "anna");
    wish.has_account = true;
    wish.account = ACCOUNT_EXPENSE_OTHER;
    struct wish_answer answer = done(world, &wish);
    assert_int64_equal(answer.posted_minor, 40);
    assert_int64_equal(balance(world, ACCOUNT_UNEXPLAINED, line), 0);
    assert_int64_equal(balance(world, ACCOUNT_EXPENSE_OTHER, no_id), 40);
    assert_books_verify(world);
    /* A fact is found for ever, and stays ended. */
    (void)settle_of(world, 2, &finding, 1, ALL_CODES);
    assert_int_equal(known(world, &finding).state, DISCREPANCY_RESOLVED);
    assert_int64_equal(known(world, &finding).last_run, 2);
    finding.theirs_minor = -41;
    assert_int64_equal(settle_of(world, 3, &finding, 1, ALL_CODES).reopened, 1);
}

static void a_line_without_a_key_is_resolved_to_an_account_once_until_somebody_takes_it_back(
    void **state)
{
    struct world *world = world_of(state);
    struct own_id line = world_id(world);
    struct finding finding = adjustment(world, line, 60);
    finding.code = CODE_ORPHAN;
    struct posting postings[2] = {
        {ACCOUNT_PROVIDER_PENDING, no_id, eur, 60}, {ACCOUNT_CLEARING_REFUND, no_id, eur, -60}};
    struct journal_entry entry = {.scope = world->scope,
        .stream = STREAM_MONEY,
        .subject_kind = SUBJECT_LINE,
        .subject = line,
        .effective_us = WORLD_NOW_US,
        .recorded_us = WORLD_NOW_US,
        .postings = postings,
        .posting_count = 2};
    world_write(world);
    assert_done(journal_append(world->store, &entry, 1, reterr));
    world_commit(world);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    struct discrepancy_wish wish = wish_of(&finding, DEED_RESOLVE, "anna");
    struct discrepancy_wish reopen = wish_of(&finding, DEED_REOPEN, "anna");
    wish.has_account = true;
    wish.account = ACCOUNT_INCOME_OTHER;
    assert_int64_equal(done(world, &wish).posted_minor, -60);
    assert_int64_equal(balance(world, ACCOUNT_CLEARING_REFUND, no_id), 0);
    assert_int64_equal(balance(world, ACCOUNT_INCOME_OTHER, no_id), -60);
    assert_int64_equal(done(world, &reopen).step.entry, 3);
    assert_int64_equal(balance(world, ACCOUNT_CLEARING_REFUND, no_id), -60);
    assert_int64_equal(balance(world, ACCOUNT_INCOME_OTHER, no_id), 0);
    assert_int64_equal(done(world, &wish).posted_minor, -60);
    assert_int64_equal(balance(world, ACCOUNT_CLEARING_REFUND, no_id), 0);
    finding.theirs_minor++; /* a run opens it again: what was posted stays */
    assert_int64_equal(settle_of(world, 2, &finding, 1, ALL_CODES).reopened, 1);
    assert_refused(world, &wish, ERR_INVALID);
    assert_books_verify(world);
}

static void what_people_resolved_and_is_still_there_is_open_again(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = drift(world, 5);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    struct discrepancy_wish wish = wish_of(&finding, DEED_RESOLVE, "anna");
    (void)done(world, &wish);
    assert_int64_equal(settle_of(world, 2, &finding, 1, ALL_CODES).reopened, 1);
}

/* --- whom it calls --- */

static uint32_t alarms_of(struct world *world, struct discrepancy_alarm **ret)
{
    uint32_t count = 0;
    world_read(world);
    assert_done(
        discrepancy_alarms(world->store, world->scope, 9, world->arena, ret, &count, reterr));
    world_commit(world);
    return count;
}

static void end_alarms(struct world *world, const struct discrepancy_alarm *rows, uint32_t count)
{
    world_write(world);
    assert_done(discrepancy_alarms_end(world->store, rows, count, reterr));
    world_commit(world);
}

static void people_are_to_be_called_for_what_is_critical_and_open_until_they_were(void **state)
{
    struct world *world = world_of(state);
    struct finding findings[3] = {
        drift(world, 5), mismatch(world, 1, 100, 90), mismatch(world, 2, 100, 90)};
    struct discrepancy_alarm *rows = NULL;
    findings[2].code = CODE_STATUS_MISMATCH; /* high */
    (void)settle_of(world, 1, findings, 3, ALL_CODES);
    assert_int_equal(alarms_of(world, &rows), 2);
    assert_true(own_id_compare(rows[0].id, rows[1].id) < 0);
    struct discrepancy_wish wish = wish_of(&findings[1], DEED_ACKNOWLEDGE, "anna");
    (void)done(world, &wish);
    assert_int_equal(alarms_of(world, &rows), 1);
    assert_true(own_id_eq(rows[0].id, finding_id(&findings[0])));
    end_alarms(world, rows, 1);
    findings[0].theirs_minor = 6;
    (void)settle_of(world, 2, findings, 3, ALL_CODES);
    assert_int_equal(alarms_of(world, &rows), 0); /* other figures are no other matter */
}

static void what_is_open_again_calls_again_also_when_people_are_being_called_for_what_was(
    void **state)
{
    struct world *world = world_of(state);
    struct finding finding = drift(world, 5);
    struct discrepancy_alarm *first = NULL;
    struct discrepancy_alarm *second = NULL;
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    assert_int_equal(alarms_of(world, &first), 1);
    (void)settle_of(world, 2, NULL, 0, ALL_CODES);
    assert_int_equal(alarms_of(world, &second), 0);
    (void)settle_of(world, 3, &finding, 1, ALL_CODES);
    assert_int_equal(alarms_of(world, &second), 1);
    end_alarms(world, first, 1);
    assert_int_equal(alarms_of(world, &second), 1);
    assert_int64_equal(second->step, 3);
    end_alarms(world, second, 1);
    assert_int_equal(alarms_of(world, &second), 0);
}

/* --- what the business is told --- */

/* COUNTERFOIL_GOLDEN_WRITE=1 writes those that are missing, for reading over. */
static void assert_golden(const char *type, struct str body)
{
    char path[600];
    char golden[8192];
    (void)snprintf(path, sizeof path, "%s/%s.json", GOLDEN_DIR, type);
    FILE *made = getenv("COUNTERFOIL_GOLDEN_WRITE") != NULL ? fopen(path, "wbx") : NULL;
    if (made != NULL) {
        assert_true(fprintf(made, STR_FMT "\n", STR_ARG(body)) > 0);
        assert_int_equal(fclose(made), 0);
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        print_error("%s is missing\n", path);
        fail();
        return;
    }
    size_t len = fread(golden, 1, sizeof golden, file);
    (void)fclose(file);
    assert_true(len > 0);
    assert_strs_equal(body, ((struct str){golden, len - 1}));
}

static void every_event_is_what_its_golden_file_says(void **state)
{
    struct world *world = world_of(state);
    struct finding finding = mismatch(world, 1, 1050, 1000);
    book(world, STREAM_BUSINESS, ACCOUNT_SALES, ACCOUNT_CLEARING_PAYMENT, finding.subject, 50);
    (void)settle_of(world, 1, &finding, 1, ALL_CODES);
    static const enum deed deeds[] = {DEED_ACKNOWLEDGE, DEED_EXPLAIN, DEED_WRITE_OFF};
    for (int i = 0; i < 3; i++) {
        struct discrepancy_wish wish = wish_of(&finding, deeds[i], "anna");
        (void)done(world, &wish);
    }
    finding.theirs_minor = 990;
    (void)settle_of(world, 2, &finding, 1, ALL_CODES);
    finding.theirs_minor = 980;
    (void)settle_of(world, 3, &finding, 1, ALL_CODES);
    (void)settle_of(world, 4, NULL, 0, ALL_CODES);
    (void)settle_of(world, 5, &finding, 1, ALL_CODES);
    struct discrepancy_wish wish = wish_of(&finding, DEED_RESOLVE, "anna");
    wish.incident = STR("INC-7");
    (void)done(world, &wish);
    static const char *const types[] = {"opened", "acknowledged", "explained", "written_off",
        "reopened", "changed", "cleared", "reopened", "resolved"};
    struct feed_entry *entries = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(
        feed_read(world->store, world->scope, 0, 99, world->arena, &entries, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 9);
    for (uint32_t i = 0; i < count; i++) {
        char type[64];
        (void)snprintf(type, sizeof type, "discrepancy.%s", types[i]);
        assert_str_equal_to(str_from(domain_event_name(entries[i].type)), type);
        if (i != 7) {
            assert_golden(type, entries[i].body);
        }
    }
}

TESTS_MAIN("conformance/settle",
    WORLD_TEST(what_is_found_is_raised_once_and_seen_again),
    WORLD_TEST(what_a_run_finds_twice_counts_once),
    WORLD_TEST(other_figures_are_observed),
    WORLD_TEST(what_is_gone_is_cleared_and_what_comes_back_is_open_again),
    WORLD_TEST(what_was_not_looked_at_is_not_cleared),
    WORLD_TEST(a_run_clears_nothing_of_days_that_it_did_not_look_at),
    WORLD_TEST(people_are_to_be_called_for_what_is_critical_and_open_until_they_were),
    WORLD_TEST(what_is_open_again_calls_again_also_when_people_are_being_called_for_what_was),
    WORLD_TEST(a_run_that_may_not_write_any_more_writes_nothing_more),
    WORLD_TEST(other_figures_make_it_no_younger),
    WORLD_TEST(another_account_is_left_alone),
    WORLD_TEST(a_run_that_was_interrupted_anywhere_ends_the_same),
    WORLD_TEST(one_looks_after_it_explains_it_and_opens_it_again),
    WORLD_TEST(what_is_no_wish_is_refused),
    WORLD_TEST(a_write_off_posts_exactly_what_stands),
    WORLD_TEST(above_the_threshold_two_people_write_off),
    WORLD_TEST(what_was_asked_before_a_run_saw_other_figures_is_asked_anew),
    WORLD_TEST(the_threshold_is_over_the_larger_of_what_is_off_and_what_stands),
    WORLD_TEST(a_threshold_that_is_wished_for_may_be_lower_and_never_higher),
    WORLD_TEST(what_stands_nowhere_cannot_be_posted),
    WORLD_TEST(a_line_in_suspense_is_resolved_to_an_account),
    WORLD_TEST(a_line_without_a_key_is_resolved_to_an_account_once_until_somebody_takes_it_back),
    WORLD_TEST(what_people_resolved_and_is_still_there_is_open_again),
    WORLD_TEST(every_event_is_what_its_golden_file_says))

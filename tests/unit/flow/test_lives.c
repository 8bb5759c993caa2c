/* Promise 3 for all aggregates together: whole lives, of which the bodies come in any order, twice,
 * in two renderings, beside their thin twins or late by back-fill, end equal to the ordered run.
 * Runs the real projection on the real engines; an ordered run and another have a scope each. */
#include "base/digest.h"
#include "base/limits.h"
#include "domain/part.h"
#include "store/feed.h"
#include "store/journal.h"
#include "store/records.h"
#include "store/refs.h"
#include "provider/stripe/stripe.h"
#include "flow/project.h"
#include "unit/flow/lives.h"
#include "unit/lives_option.h"
#include "unit/store_fixture.h"

#define LIVES_SQLITE 3000
#define LIVES_POSTGRESQL 2000
#define ARENA_BYTES (512u * 1024 * 1024)

struct delivery {
    struct str body;
    bool late; /* lost at first, and back-filled */
};

struct run { /* one of the two scopes */
    int64_t scope;
    struct delivery *deliveries;
    uint32_t count;
    struct own_id *ids; /* of the names; and what is stored of them */
    void **records;
    struct milestone *milestones;
    uint32_t milestone_count;
    struct booked *balances; /* of the books, that are not zero */
    uint32_t balance_count;
};

struct milestone {
    int type;
    uint32_t about, attempt; /* names, counted from 1; 0: none */
};

struct booked {
    uint32_t account, key; /* a name, counted from 1; 0: none */
    struct currency currency;
    int64_t minor;
};

struct name_of_id {
    struct own_id id;
    uint32_t name;
};

struct world {
    struct store_fixture fixture;
    struct arena *arena; /* of one round */
    uint64_t chance;
    struct life *lives;
    uint32_t life_count;
    struct life_name *names; /* of all lives of the round */
    uint32_t name_count;
    struct name_of_id *by_id; /* of the run at hand, sorted */
    uint32_t kinds[LIFE_KIND_COUNT];
    uint32_t retold[ID_KIND_COUNT]; /* records that more than one snapshot has changed */
    uint64_t contested, former, older, thin, late, twice, delivered, booked;
};

static void *room_for(struct world *world, size_t bytes, size_t count)
{
    void *room = arena_alloc_array(world->arena, bytes, count + 1);
    assert_non_null(room);
    return room;
}

static bool likely(struct world *world, uint64_t percent)
{
    return test_random_below(&world->chance, 100) < percent;
}

/* ---- what is delivered ---------------------------------------------------------------------- */

static void deliver(struct run *run, struct str body, bool late)
{
    run->deliveries[run->count++] = (struct delivery){body, late};
}

/* What only shows the same once more is left out, or told in its place where it says more. */
static void deliver_in_order(struct world *world, struct run *run)
{
    for (uint32_t i = 0; i < world->life_count; i++) {
        for (uint32_t k = 0; k < world->lives[i].count; k++) {
            const struct telling *telling = &world->lives[i].tellings[k];
            deliver(run, telling->body, false);
            if (telling->older_says_more) {
                deliver(run, telling->older, false);
            }
        }
    }
}

/* A life that is lost in part is lost from some point on, or here and there. */
static void deliver_life(struct world *world, struct run *run, const struct life *life)
{
    bool loses = likely(world, 40);
    bool loses_end = likely(world, 50);
    uint32_t end = (uint32_t)test_random_below(&world->chance, life->count + 1);
    for (uint32_t i = 0; i < life->count; i++) {
        const struct telling *telling = &life->tellings[i];
        bool late = loses && (loses_end ? i >= end : likely(world, 40));
        deliver(run, telling->body, late);
        world->late += late ? 1 : 0;
        if (likely(world, 15)) {
            deliver(run, telling->body, likely(world, 30));
            world->twice++;
        }
        if (telling->older.len > 0) {
            deliver(run, telling->older, likely(world, 30));
            world->older++;
        }
        if (telling->thin.len > 0) {
            deliver(run, telling->thin, likely(world, 30));
            world->thin++;
        }
    }
}

static void deliver_in_disorder(struct world *world, struct run *run)
{
    for (uint32_t i = 0; i < world->life_count; i++) {
        deliver_life(world, run, &world->lives[i]);
    }
    for (uint32_t i = run->count; i > 1; i--) {
        uint32_t k = (uint32_t)test_random_below(&world->chance, i);
        struct delivery moved = run->deliveries[i - 1];
        run->deliveries[i - 1] = run->deliveries[k];
        run->deliveries[k] = moved;
    }
}

/* As the door would, with the deliveries that are late, or with the others. */
static void append(struct world *world, const struct run *run, bool late)
{
    struct store *store = world->fixture.store;
    struct inbox_append rows[LIMIT_INTAKE_BATCH];
    struct envelope envelopes[LIMIT_INTAKE_BATCH];
    uint32_t count = 0;
    assert_done(store_begin(store, STORE_WRITE, reterr));
    for (uint32_t i = 0; i < run->count; i++) {
        const struct delivery *delivery = &run->deliveries[i];
        if (delivery->late == late) {
            struct envelope *envelope = &envelopes[count];
            assert_err(stripe_envelope_read(delivery->body, true, world->arena, envelope), ERR_OK);
            sha256(delivery->body, envelope->body_sha256);
            rows[count++] = (struct inbox_append){.scope = run->scope,
                .channel = late ? CHANNEL_BACKFILL : CHANNEL_WEBHOOK,
                .envelope = envelope,
                .body = delivery->body,
                .proof = STR("test"),
                .received_us = 1};
        }
        if (count == LIMIT_INTAKE_BATCH || (i + 1 == run->count && count > 0)) {
            assert_done(inbox_append(store, world->arena, rows, count, reterr));
            world->delivered += count;
            count = 0;
        }
    }
    assert_done(store_commit(store, reterr));
}

static void project_all(struct world *world, uint32_t batch)
{
    CLEANUP(projector_free)
    struct projector *projector = projector_new(world->fixture.store, &stripe_provider,
        env_system(), &(struct projector_limits){.batch_rows_max = batch, .lease_us = 60000000});
    uint32_t count = 1;
    while (count > 0) {
        int64_t wake_us = 0;
        assert_done(project_step(projector, env_now(env_system()), &count, &wake_us, reterr));
    }
}

static bool is_thin(const struct inbox_row *row)
{
    return str_starts_with(row->event_id, STR("evt_thin"));
}

/* A life that Stripe can live has nothing in it that we refuse; only a thin event waits. */
static void assert_all_decided(struct world *world, const struct run *run)
{
    static const enum work_status open[] = {WORK_NEW, WORK_CLAIMED, WORK_WAITING, WORK_DEAD};
    assert_done(store_begin(world->fixture.store, STORE_READ, reterr));
    for (size_t i = 0; i < sizeof open / sizeof open[0]; i++) {
        struct inbox_row *rows = NULL;
        uint32_t count = 0;
        struct inbox_filter filter = {
            .by_status = true, .status = open[i], .scope = run->scope, .limit = 1000};
        assert_done(inbox_list(world->fixture.store, &filter, world->arena, &rows, &count, reterr));
        for (uint32_t k = 0; k < count; k++) {
            if (open[i] != WORK_WAITING || !is_thin(&rows[k])) {
                fail_msg("seed %" PRIu64 ": " STR_FMT " " STR_FMT " is %s: " STR_FMT, test_seed(),
                    STR_ARG(rows[k].event_id), STR_ARG(rows[k].type), work_status_word(open[i]),
                    STR_ARG(rows[k].error_text));
            }
        }
    }
    (void)store_rollback(world->fixture.store);
}

/* ---- where it ended ------------------------------------------------------------------------- */

static int compare_names(const void *a, const void *b)
{
    const struct name_of_id *one = a;
    const struct name_of_id *other = b;
    return own_id_compare(one->id, other->id);
}

/* The name of an own id, counted from 1. */
static uint32_t name_of(const struct world *world, struct own_id id)
{
    if (own_id_is_none(id)) {
        return 0;
    }
    struct name_of_id wanted = {.id = id};
    const struct name_of_id *found =
        bsearch(&wanted, world->by_id, world->name_count, sizeof wanted, compare_names);
    if (found == NULL) {
        fail_msg("a record or domain event names what no life named");
        return 0;
    }
    return found->name + 1;
}

static void find_ids(struct world *world, struct run *run)
{
    struct ref *refs = room_for(world, sizeof *refs, world->name_count);
    run->ids = room_for(world, sizeof *run->ids, world->name_count);
    for (uint32_t i = 0; i < world->name_count; i++) {
        uint64_t bits[2] = {test_random(&world->chance), test_random(&world->chance)};
        refs[i] = (struct ref){.scope = run->scope,
            .kind = world->names[i].kind,
            .provider_id = world->names[i].provider_id};
        memcpy(refs[i].id.bytes, bits, sizeof refs[i].id.bytes);
    }
    assert_done(refs_resolve(world->fixture.store, world->arena, refs, world->name_count, reterr));
    for (uint32_t i = 0; i < world->name_count; i++) {
        if (refs[i].created) {
            fail_msg("scope %" PRId64 ": " STR_FMT " was never heard of", run->scope,
                STR_ARG(refs[i].provider_id));
        }
        run->ids[i] = refs[i].id;
        world->by_id[i] = (struct name_of_id){refs[i].id, i};
    }
    qsort(world->by_id, world->name_count, sizeof world->by_id[0], compare_names);
}

/* Ids differ from run to run; what they point to must not. */
static void name_ids(struct world *world, const struct record_kind *kind, void *record)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].type == FIELD_ID) {
            struct own_id *id = (struct own_id *)(void *)((char *)record + kind->fields[i].offset);
            uint32_t name = name_of(world, *id);
            *id = (struct own_id){{0}};
            memcpy(id->bytes, &name, sizeof name);
        }
    }
}

static void load_records(struct world *world, struct run *run)
{
    run->records = room_for(world, sizeof *run->records, world->name_count);
    struct own_id *ids = room_for(world, sizeof *ids, world->name_count);
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        const struct record_kind *row = record_kind_of((enum id_kind)kind);
        uint32_t count = 0;
        for (uint32_t i = 0; i < world->name_count; i++) {
            if (world->names[i].kind == (enum id_kind)kind) {
                ids[count++] = run->ids[i];
            }
        }
        void **records = NULL;
        assert_done(records_load(
            world->fixture.store, row, ids, count, false, world->arena, &records, reterr));
        for (uint32_t i = 0; i < count; i++) {
            if (records[i] != NULL) {
                const struct record_head *head = records[i];
                assert_int64_equal(head->scope, run->scope);
                run->records[name_of(world, head->id) - 1] = records[i];
                name_ids(world, row, records[i]);
            }
        }
    }
}

static int compare_milestones(const void *a, const void *b)
{
    return memcmp(a, b, sizeof(struct milestone));
}

static void load_milestones(struct world *world, struct run *run)
{
    uint32_t room = 16 * world->name_count;
    run->milestones = room_for(world, sizeof *run->milestones, room);
    struct feed_entry *entries = NULL;
    uint32_t count = 0;
    int64_t after = 0;
    do {
        assert_done(feed_read(
            world->fixture.store, run->scope, after, 1000, world->arena, &entries, &count, reterr));
        for (uint32_t i = 0; i < count; i++) {
            assert_int64_equal(entries[i].position, ++after);
            if (domain_event_is_milestone(entries[i].type)) {
                assert_true(run->milestone_count < room);
                run->milestones[run->milestone_count++] = (struct milestone){(int)entries[i].type,
                    name_of(world, entries[i].aggregate_id), name_of(world, entries[i].attempt_id)};
            }
        }
    } while (count > 0);
    qsort(run->milestones, run->milestone_count, sizeof *run->milestones, compare_milestones);
}

static int compare_balances(const void *a, const void *b)
{
    const struct booked *one = a;
    const struct booked *other = b;
    if (one->account != other->account || one->key != other->key) {
        return one->account != other->account ? (one->account > other->account ? 1 : -1)
                                              : (one->key > other->key ? 1 : -1);
    }
    return memcmp(one->currency.code, other->currency.code, sizeof one->currency.code);
}

static void load_balances_of(
    struct world *world, struct run *run, enum ledger_account account, uint32_t room)
{
    struct ledger_balance *rows = NULL;
    struct ledger_balance last = {0};
    uint32_t count = 1;
    for (bool first = true; count > 0; first = false) {
        assert_done(ledger_keys(world->fixture.store, run->scope, account, first ? NULL : &last,
            500, world->arena, &rows, &count, reterr));
        for (uint32_t i = 0; i < count; i++) {
            assert_true(run->balance_count < room);
            run->balances[run->balance_count++] = (struct booked){
                account, name_of(world, rows[i].key), rows[i].currency, rows[i].minor};
            last = rows[i];
        }
    }
}

/* All accounts, and that they are what the journal adds up to. */
static void load_balances(struct world *world, struct run *run)
{
    uint32_t room = 16 * world->name_count;
    struct ledger_balance *kept = NULL;
    struct ledger_balance *added_up = NULL;
    uint32_t kept_count = 0;
    uint32_t added_up_count = 0;
    run->balances = room_for(world, sizeof *run->balances, room);
    for (int account = 0; account < ACCOUNT_COUNT; account++) {
        load_balances_of(world, run, (enum ledger_account)account, room);
    }
    qsort(run->balances, run->balance_count, sizeof *run->balances, compare_balances);
    assert_done(ledger_balances(
        world->fixture.store, run->scope, world->arena, &kept, &kept_count, reterr));
    assert_done(ledger_balances_at(world->fixture.store, run->scope, INT64_MAX, world->arena,
        &added_up, &added_up_count, reterr));
    for (uint32_t i = 0, k = 0; k < added_up_count; k++) {
        if (added_up[k].minor != 0) {
            while (i < kept_count && kept[i].minor == 0) {
                i++;
            }
            assert_true(i < kept_count);
            assert_int_equal(kept[i].account, added_up[k].account);
            assert_int64_equal(kept[i++].minor, added_up[k].minor);
        }
    }
}

static void look_at(struct world *world, struct run *run)
{
    assert_done(store_begin(world->fixture.store, STORE_WRITE, reterr));
    find_ids(world, run);
    load_records(world, run);
    load_milestones(world, run);
    load_balances(world, run);
    (void)store_rollback(world->fixture.store);
}

/* The seed repeats it; the life's events in the order in which they happened say why. */
static void fail_life(const struct world *world, uint32_t name, const char *what)
{
    struct str id = world->names[name].provider_id;
    print_error("seed %" PRIu64 ": " STR_FMT ": %s\n", test_seed(), STR_ARG(id), what);
    uint32_t at = 0;
    for (uint32_t i = 0; i < world->life_count; i++) {
        const struct life *life = &world->lives[i];
        at += life->name_count;
        if (at <= name) {
            continue;
        }
        for (uint32_t k = 0; k < life->count; k++) {
            print_error(STR_FMT "\n", STR_ARG(life->tellings[k].body));
        }
        break;
    }
    fail();
}

/* The link's id was made a name before. */
static bool is_current(const struct run *run, const void *part, const struct part_kind *kind)
{
    uint32_t whole = 0;
    memcpy(&whole, (const char *)part + kind->link, sizeof whole);
    return whole == 0 || run->records[whole - 1] == NULL ||
           part_is_current(kind, run->records[whole - 1], part);
}

static void assert_same_records(struct world *world, const struct run *a, const struct run *b)
{
    for (uint32_t i = 0; i < world->name_count; i++) {
        const struct record_kind *kind = record_kind_of(world->names[i].kind);
        const struct field *differs = NULL;
        if ((a->records[i] == NULL) != (b->records[i] == NULL)) {
            fail_life(world, i, "is there in one run only");
        }
        if (a->records[i] == NULL) {
            continue;
        }
        if (!record_business_equal(kind, a->records[i], b->records[i], &differs)) {
            fail_life(world, i, differs->name);
        }
        const struct part_kind *part = part_kind_of(world->names[i].kind);
        if (part != NULL &&
            is_current(a, a->records[i], part) != is_current(b, b->records[i], part)) {
            fail_life(world, i, "is current in one run only");
        }
        world->former += part != NULL && !is_current(a, a->records[i], part) ? 1 : 0;
        const struct record_head *head = b->records[i];
        world->retold[world->names[i].kind] += head->version > 1 ? 1 : 0;
        world->contested += *((const bool *)a->records[i] + kind->at.contested) ? 1 : 0;
    }
}

static void assert_same_milestones(
    const struct world *world, const struct run *a, const struct run *b)
{
    for (uint32_t i = 0; i < a->milestone_count && i < b->milestone_count; i++) {
        const struct milestone *one = &a->milestones[i];
        const struct milestone *other = &b->milestones[i];
        if (compare_milestones(one, other) != 0) {
            const struct milestone *first =
                one->type < other->type || (one->type == other->type && one->about < other->about)
                    ? one
                    : other;
            fail_life(
                world, first->about - 1, domain_event_name((enum domain_event_type)first->type));
        }
        if (i > 0 && compare_milestones(one, one - 1) == 0) {
            fail_life(world, one->about - 1, "one fact, two events");
        }
    }
    assert_int_equal(a->milestone_count, b->milestone_count);
}

static void assert_same_balances(struct world *world, const struct run *a, const struct run *b)
{
    for (uint32_t i = 0; i < a->balance_count && i < b->balance_count; i++) {
        const struct booked *one = &a->balances[i];
        const struct booked *other = &b->balances[i];
        const struct booked *first = compare_balances(one, other) <= 0 ? one : other;
        if (compare_balances(one, other) == 0 && one->minor == other->minor) {
            continue;
        }
        const char *account = account_row((enum ledger_account)first->account)->name;
        if (first->key == 0) {
            fail_msg("seed %" PRIu64 ": %s %s: %" PRId64 " and %" PRId64, test_seed(), account,
                first->currency.code, one->minor, other->minor);
        }
        fail_life(world, first->key - 1, account);
    }
    assert_int_equal(a->balance_count, b->balance_count);
    world->booked += a->balance_count;
}

/* ---- rounds --------------------------------------------------------------------------------- */

static int64_t scope_named(struct world *world, uint32_t round, const char *what)
{
    char name[48];
    int64_t scope = 0;
    (void)snprintf(name, sizeof name, "round-%u-%s", round, what);
    assert_done(store_begin(world->fixture.store, STORE_WRITE, reterr));
    assert_done(scope_ensure(world->fixture.store,
        &(struct scope_key){STR("stripe"), true, str_from(name)}, &scope, reterr));
    assert_done(store_commit(world->fixture.store, reterr));
    return scope;
}

static void generate(struct world *world, uint32_t first, uint32_t count)
{
    world->life_count = count;
    world->lives = room_for(world, sizeof *world->lives, count);
    world->names = room_for(world, sizeof *world->names, (size_t)count * LIFE_NAMES);
    world->name_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct life *life = &world->lives[i];
        life_generate(life, first + i, &world->chance, world->arena);
        memcpy(world->names + world->name_count, life->names,
            sizeof life->names[0] * life->name_count);
        world->name_count += life->name_count;
        for (int kind = 0; kind < LIFE_KIND_COUNT; kind++) {
            world->kinds[kind] += life->kinds[kind];
        }
    }
    world->by_id = room_for(world, sizeof *world->by_id, world->name_count);
}

static void live_a_round(struct world *world, uint32_t round, uint32_t first, uint32_t count)
{
    generate(world, first, count);
    struct run ordered = {.scope = scope_named(world, round, "ordered")};
    struct run other = {.scope = scope_named(world, round, "other")};
    size_t room = (size_t)count * LIFE_TELLINGS;
    ordered.deliveries = room_for(world, sizeof *ordered.deliveries, 2 * room);
    other.deliveries = room_for(world, sizeof *other.deliveries, 4 * room);
    deliver_in_order(world, &ordered);
    deliver_in_disorder(world, &other);
    append(world, &ordered, false);
    append(world, &other, false);
    project_all(world, 32 + (uint32_t)test_random_below(&world->chance, LIMIT_CLAIM_BATCH - 31));
    append(world, &other, true);
    project_all(world, 32 + (uint32_t)test_random_below(&world->chance, LIMIT_CLAIM_BATCH - 31));
    assert_all_decided(world, &ordered);
    assert_all_decided(world, &other);
    look_at(world, &ordered);
    look_at(world, &other);
    assert_same_records(world, &ordered, &other);
    assert_same_milestones(world, &ordered, &other);
    assert_same_balances(world, &ordered, &other);
}

static void say_what_occurred(const struct world *world, uint32_t lives)
{
    print_message("# %u lives, %" PRIu64 " deliveries: %" PRIu64 " twice, %" PRIu64
                  " older renderings, %" PRIu64 " thin twins, %" PRIu64 " back-filled; %" PRIu64
                  " contested, %" PRIu64 " former parts, %" PRIu64 " balances\n",
        lives, world->delivered, world->twice, world->older, world->thin, world->late,
        world->contested, world->former, world->booked);
    for (int kind = 0; kind < LIFE_KIND_COUNT; kind++) {
        print_message("# %6u %s\n", world->kinds[kind], life_kind_words((enum life_kind)kind));
    }
    for (int kind = 0; kind < ID_KIND_COUNT; kind++) {
        print_message("# %6u retold: %s\n", world->retold[kind], id_kind_word((enum id_kind)kind));
    }
}

static void assert_everything_occurred(const struct world *world, uint32_t lives)
{
    for (int kind = 0; kind < LIFE_KIND_COUNT && lives >= 1000; kind++) {
        assert_row(world->kinds[kind] > 0, life_kind_words((enum life_kind)kind));
    }
    for (int kind = 0; kind < ID_KIND_COUNT && lives >= 1000; kind++) {
        assert_row(world->retold[kind] > 0, id_kind_word((enum id_kind)kind));
    }
    assert_true(lives < 1000 || (world->contested > 0 && world->former > 0 && world->older > 0 &&
                                    world->thin > 0 && world->booked > lives));
}

static void lives_end_equal(const char *engine, uint32_t otherwise)
{
    struct world world = {.arena = arena_new(ARENA_BYTES), .chance = test_seed()};
    uint32_t lives = lives_wanted(otherwise);
    store_fixture_open(&world.fixture, engine);
    uint32_t round = 0;
    for (uint32_t first = 0; first < lives; first += LIVES_AT_ONCE) {
        uint32_t count = lives - first < LIVES_AT_ONCE ? lives - first : LIVES_AT_ONCE;
        live_a_round(&world, round++, first, count);
        arena_reset(world.arena);
    }
    say_what_occurred(&world, lives);
    assert_everything_occurred(&world, lives);
    store_fixture_close(&world.fixture);
    (void)arena_free(world.arena);
}

static void lives_of_all_aggregates_together_end_equal_on_sqlite(void **state)
{
    (void)state;
    lives_end_equal("sqlite", LIVES_SQLITE);
}

static void lives_of_all_aggregates_together_end_equal_on_postgresql(void **state)
{
    (void)state;
    lives_end_equal("postgresql", LIVES_POSTGRESQL);
}

LIVES_MAIN("lives",
    TEST(lives_of_all_aggregates_together_end_equal_on_sqlite),
    TEST(lives_of_all_aggregates_together_end_equal_on_postgresql))

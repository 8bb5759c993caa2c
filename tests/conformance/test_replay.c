/* replay.h and replay_compare.h on both engines: a history that was decided once is rebuilt equal;
 * what differs is found and repaired; what is primary stays as it was. */
#include "base/limits.h"
#include "store/shadow.h"
#include "provider/stripe/stripe.h"
#include "flow/project.h"
#include "flow/replay.h"
#include "flow/replay_compare.h"
#include "world.h"

#define EVENT(type, created, object)                                                               \
    "{\"id\":\"evt_%d\",\"object\":\"event\",\"api_version\":\"2026-10-28.endive\","               \
    "\"created\":" #created ",\"livemode\":true,\"type\":\"" type                                  \
    "\",\"data\":{\"object\":" object "}}"
#define INTENT(status, received, charge)                                                           \
    "{\"id\":\"pi_%d\",\"object\":\"payment_intent\",\"amount\":5000,\"amount_"                    \
    "received\":" received                                                                         \
    ",\"created\":1790000000,\"currency\":\"eur\",\"latest_charge\":" charge                       \
    ",\"status\":\"" status "\"}"
#define CHARGE(refunded)                                                                           \
    "{\"id\":\"ch_%d\",\"object\":\"charge\",\"amount\":5000,\"amount_captured\":5000,"            \
    "\"amount_refunded\":" refunded ",\"captured\":true,\"paid\":true,\"refunded\":false,"         \
    "\"created\":1790000002,\"currency\":\"eur\",\"payment_intent\":\"pi_%d\","                    \
    "\"status\":\"succeeded\"}"
#define REFUND                                                                                     \
    "{\"id\":\"re_%d\",\"object\":\"refund\",\"amount\":1200,\"charge\":\"ch_%d\",\"created\":"    \
    "1790000009,\"currency\":\"eur\",\"payment_intent\":\"pi_%d\",\"status\":\"succeeded\"}"

struct told {
    const char *type, *body; /* each %d is the number of the life, but for the first: the event's */
    int64_t created;
};
static const struct told life[] = {
    {"charge.succeeded", EVENT("charge.succeeded", 1790000002, CHARGE("0")), 1790000002},
    {"payment_intent.created",
        EVENT("payment_intent.created", 1790000000, INTENT("requires_payment_method", "0", "null")),
        1790000000},
    {"payment_intent.succeeded",
        EVENT("payment_intent.succeeded", 1790000003, INTENT("succeeded", "5000", "null")),
        1790000003},
    {"refund.created", EVENT("refund.created", 1790000009, REFUND), 1790000009},
    {"charge.refunded", EVENT("charge.refunded", 1790000010, CHARGE("1200")), 1790000010},
    {"test.nobody_knows", EVENT("test.nobody_knows", 1790000011, "{\"id\":\"x_%d\"}"), 1790000011},
    {"refund.created",
        "{\"id\":\"evt_%d\",\"data\":{\"object\":{\"id\":\"re_b%d\",\"object\":"
        "\"refund\",\"amount\":\"many\"}}}",
        1790000012},
};
#define LIFE ((int)(sizeof life / sizeof life[0]))

static void keep(struct world *world, const struct told *told, int number, int64_t received_us)
{
    static int event_number;
    char id[32];
    char body[2048];
    (void)snprintf(id, sizeof id, "evt_%d", ++event_number);
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, sizeof body);
    struct str rest = str_from(told->body);
    for (int place = 0; rest.len > 0; place++) {
        buf_add(&text, str_cut(&rest, '%'));
        if (rest.len > 0) {
            buf_add_int(&text, place == 0 ? event_number : number);
            rest.data++; /* the d */
            rest.len--;
        }
    }
    struct sample *sample = sample_new(world, id);
    sample->envelope.type = str_from(told->type);
    sample->envelope.api_version = STR("2026-10-28.endive");
    sample->envelope.occurred_at_us = told->created * US_PER_SECOND;
    sample->row.received_us = received_us;
    sample_set_body(sample, arena_copy(world->arena, buf_str(&text)));
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &sample->row, 1, reterr));
    world_commit(world);
}

static void work_off(struct world *world, const struct provider_ops *provider)
{
    CLEANUP(projector_free)
    struct projector *projector = projector_new(world->store, provider, &world->virtual.env,
        &(struct projector_limits){.batch_rows_max = 5, .lease_us = LEASE_US});
    int64_t wake_us = 0;
    uint32_t count = 0;
    do {
        assert_done(
            project_step(projector, env_now(&world->virtual.env), &count, &wake_us, reterr));
    } while (count > 0 || wake_us <= env_now(&world->virtual.env));
}

static void live_through(struct world *world, int lives, const struct provider_ops *provider)
{
    for (int number = 1; number <= lives; number++) {
        for (int i = 0; i < LIFE; i++) {
            keep(world, &life[i], number, WORLD_NOW_US);
        }
    }
    work_off(world, provider);
}

/* --- a replay and what it says --- */

#define SAID_MAX 32

struct rebuilt {
    struct world *world;
    struct store *live, *shadow;
    struct replay *replay;
    struct replay_comparison compared;
    char said[SAID_MAX][128]; /* "payment state" */
    int said_count;
    struct replay_other other[SAID_MAX];
    int other_count;
};

static void take_difference(void *context, const struct replay_difference *difference)
{
    struct rebuilt *rebuilt = context;
    assert_true(rebuilt->said_count < SAID_MAX);
    char *to = rebuilt->said[rebuilt->said_count++];
    const char *table =
        difference->table == DERIVED_COUNT ? "inbox_total" : derived_table(difference->table);
    const char *field = difference->table == DERIVED_COUNT ? "count"
                        : difference->live == NULL         ? "missing"
                        : difference->rebuilt == NULL
                            ? "extra"
                            : derived_field_name(difference->table, difference->field);
    (void)snprintf(to, sizeof rebuilt->said[0], "%s %s", table, field);
}

static void take_other(void *context, const struct replay_other *other)
{
    struct rebuilt *rebuilt = context;
    assert_true(rebuilt->other_count < SAID_MAX);
    rebuilt->other[rebuilt->other_count++] = *other;
}

static void rebuild_until(struct world *world, int64_t received_to_us, struct rebuilt *rebuilt)
{
    *rebuilt = (struct rebuilt){.world = world};
    rebuilt->live = world_another(world, STORE_READ);
    rebuilt->shadow = world_another(world, STORE_WRITE);
    assert_done(shadow_open(rebuilt->shadow, reterr));
    rebuilt->replay = replay_new(&(struct replay_setup){.live = rebuilt->live,
        .shadow = rebuilt->shadow,
        .provider = &stripe_provider,
        .env = &world->virtual.env,
        .received_to_us = received_to_us,
        .on_other = take_other,
        .context = rebuilt});
    assert_non_null(rebuilt->replay);
    assert_done(replay_read(rebuilt->replay, reterr));
    while (replay_turn(rebuilt->replay)) {
        assert_done(replay_read(rebuilt->replay, reterr));
        assert_done(replay_take(rebuilt->replay, reterr));
    }
}

static void compare(struct rebuilt *rebuilt)
{
    rebuilt->said_count = 0;
    begin_on(rebuilt->live, STORE_READ);
    begin_on(rebuilt->shadow, STORE_WRITE);
    assert_done(replay_catch_up(rebuilt->replay, reterr));
    assert_done(replay_compare(
        rebuilt->live, rebuilt->shadow, take_difference, rebuilt, &rebuilt->compared, reterr));
    commit_on(rebuilt->shadow);
    commit_on(rebuilt->live);
}

static void apply(struct rebuilt *rebuilt)
{
    struct shadow_changes changes;
    assert_done(shadow_begin_apply(rebuilt->shadow, reterr));
    begin_on(rebuilt->live, STORE_READ);
    assert_done(replay_catch_up(rebuilt->replay, reterr));
    assert_done(shadow_apply(rebuilt->shadow, &changes, reterr));
    commit_on(rebuilt->live);
    commit_on(rebuilt->shadow);
}

static void end(struct rebuilt *rebuilt)
{
    rebuilt->replay = replay_free(rebuilt->replay);
    (void)store_close(rebuilt->live);
    (void)store_close(rebuilt->shadow);
}

static struct replay_comparison rebuild_and_compare(struct world *world)
{
    struct rebuilt rebuilt;
    rebuild_until(world, INT64_MAX, &rebuilt);
    compare(&rebuilt);
    for (int i = 0; i < rebuilt.said_count; i++) {
        print_error("%s\n", rebuilt.said[i]);
    }
    end(&rebuilt);
    return rebuilt.compared;
}

/* --- what is promised --- */

static void a_history_is_rebuilt_equal_and_nothing_else_is_touched(void **state)
{
    struct world *world = world_of(state);
    live_through(world, 40, &stripe_provider);
    int64_t events = raw_int(world, "SELECT count(*) FROM domain_event");
    int64_t refs = raw_int(world, "SELECT count(*) FROM provider_ref");
    int64_t versions = raw_int(world, "SELECT CAST(sum(version) AS BIGINT) FROM payment");
    struct rebuilt rebuilt;
    rebuild_until(world, INT64_MAX, &rebuilt);
    compare(&rebuilt);
    struct replay_counts counts = replay_counts(rebuilt.replay);
    assert_int64_equal(rebuilt.compared.different, 0);
    assert_int64_equal(rebuilt.compared.rebuilt[ID_PAYMENT], 40);
    assert_int64_equal(rebuilt.compared.live[ID_REFUND], 40);
    assert_int64_equal(rebuilt.compared.rebuilt[DERIVED_EFFECTS], 200);
    assert_int64_equal(counts.passed, 40 * LIFE);
    assert_int64_equal(counts.taken, 200);
    assert_int64_equal(counts.recorded, 40);
    assert_int64_equal(counts.dead, 40);
    assert_int64_equal(counts.other, 0);
    end(&rebuilt);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM domain_event"), events);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM provider_ref"), refs);
    assert_int64_equal(
        raw_int(world, "SELECT CAST(sum(version) AS BIGINT) FROM payment"), versions);
}

static void a_row_changed_by_hand_is_found_with_its_field_and_repaired(void **state)
{
    struct world *world = world_of(state);
    static const struct {
        const char *change, *said;
    } rows[] = {
        {"UPDATE payment SET amount_minor = 7", "payment amount_minor"},
        {"UPDATE payment SET state = 'nonsense'", "payment state"},
        {"UPDATE attempt SET method = 'x'", "attempt method"},
        {"DELETE FROM refund", "refund missing"},
        {"DELETE FROM inbox_effect WHERE seq = 1", "inbox_effect missing"},
        {"UPDATE inbox_effect SET rank = 99 WHERE seq = 1", "inbox_effect rank"},
        {"UPDATE inbox_total SET count = count + 1 WHERE status = 'dead'", "inbox_total count"},
    };
    live_through(world, 1, &stripe_provider);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct rebuilt rebuilt;
        assert_true(raw_run(world, rows[i].change));
        rebuild_until(world, INT64_MAX, &rebuilt);
        compare(&rebuilt);
        assert_int64_equal(rebuilt.compared.different, 1);
        assert_string_equal(rebuilt.said[0], rows[i].said);
        apply(&rebuilt);
        end(&rebuilt);
        assert_int64_equal(rebuild_and_compare(world).different, 0);
    }
}

static void rows_without_an_event_are_found_and_removed(void **state)
{
    struct world *world = world_of(state);
    live_through(world, 1, &stripe_provider);
    world_save(world, ID_PAYMENT, payment_new(world));
    struct rebuilt rebuilt;
    rebuild_until(world, INT64_MAX, &rebuilt);
    compare(&rebuilt);
    assert_int_equal(rebuilt.said_count, 1);
    assert_string_equal(rebuilt.said[0], "payment extra");
    apply(&rebuilt);
    end(&rebuilt);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM payment"), 1);
}

static void what_is_decided_while_a_replay_runs_is_caught_up(void **state)
{
    struct world *world = world_of(state);
    live_through(world, 2, &stripe_provider);
    for (int i = 0; i < LIFE; i++) {
        keep(world, &life[i], 3, WORLD_NOW_US); /* open when they are passed */
    }
    struct rebuilt rebuilt;
    rebuild_until(world, INT64_MAX, &rebuilt);
    compare(&rebuilt);
    assert_int64_equal(replay_counts(rebuilt.replay).open, LIFE);
    assert_int64_equal(rebuilt.compared.different, 0);
    live_through(world, 4, &stripe_provider); /* decides those too, and more */
    compare(&rebuilt);
    struct replay_counts counts = replay_counts(rebuilt.replay);
    assert_int64_equal(rebuilt.compared.different, 0);
    assert_int64_equal(rebuilt.compared.live[ID_PAYMENT], 4);
    assert_int64_equal(counts.open, 0);
    assert_int64_equal(counts.passed, 7 * LIFE);
    end(&rebuilt);
}

/* As a version of the program that knew no refunds. */
static enum err decode_without_refunds(const struct stored_event *event,
    struct arena *arena,
    struct notice_list *ret_notices,
    struct err_info *reterr)
{
    if (str_starts_with(event->type, STR("refund."))) {
        *ret_notices = (struct notice_list){.reason = REASON_NOT_MODELLED};
        return ERR_OK;
    }
    return stripe_provider.decode(event, arena, ret_notices, reterr);
}

static void what_an_older_version_recorded_is_read_by_this_one(void **state)
{
    struct world *world = world_of(state);
    struct provider_ops older = stripe_provider;
    older.decode = decode_without_refunds;
    keep(world, &life[0], 1, WORLD_NOW_US);
    keep(world, &life[3], 1, WORLD_NOW_US);
    work_off(world, &older);
    int64_t published = raw_int(world, "SELECT count(*) FROM domain_event");
    struct rebuilt rebuilt;
    rebuild_until(world, INT64_MAX, &rebuilt);
    compare(&rebuilt);
    assert_int_equal(rebuilt.other_count, 1);
    assert_int64_equal(rebuilt.other[0].seq, 2);
    assert_int_equal(rebuilt.other[0].was, WORK_RECORDED);
    assert_int_equal(rebuilt.other[0].was_reason, REASON_NOT_MODELLED);
    assert_int_equal(rebuilt.other[0].now, WORK_APPLIED);
    int64_t made = 0;
    begin_on(rebuilt.shadow, STORE_READ);
    assert_done(shadow_new_ids(rebuilt.shadow, &made, reterr));
    commit_on(rebuilt.shadow);
    assert_int64_equal(made, 1);
    assert_int_equal(rebuilt.said_count, 2);
    assert_string_equal(rebuilt.said[0], "refund missing");
    assert_string_equal(rebuilt.said[1], "inbox_effect missing");
    apply(&rebuilt);
    end(&rebuilt);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM refund"), 1);
    assert_int64_equal(
        raw_int(world, "SELECT count(*) FROM provider_ref WHERE kind = 'refund'"), 1);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM domain_event"), published);
    assert_int64_equal(rebuild_and_compare(world).different, 0);
}

static void what_cannot_be_decided_any_more_is_told(void **state)
{
    struct world *world = world_of(state);
    live_through(world, 1, &stripe_provider);
    /* The dead letter of the life, as if an older version had applied it. */
    assert_true(raw_run(world, "UPDATE inbox_work SET status = 'applied' WHERE status = 'dead'"));
    struct rebuilt rebuilt;
    rebuild_until(world, INT64_MAX, &rebuilt);
    compare(&rebuilt);
    assert_int_equal(rebuilt.other_count, 1);
    assert_int_equal(rebuilt.other[0].now, WORK_DEAD);
    assert_int_equal(rebuilt.compared.differing[ID_REFUND], 0);
    end(&rebuilt);
}

static void what_came_later_is_not_known_as_of_before(void **state)
{
    struct world *world = world_of(state);
    for (int i = 0; i < LIFE; i++) {
        keep(world, &life[i], 1, WORLD_NOW_US + i * US_PER_SECOND);
    }
    work_off(world, &stripe_provider);
    struct rebuilt rebuilt;
    rebuild_until(world, WORLD_NOW_US + 1 * US_PER_SECOND, &rebuilt);
    struct derived_row *rows = NULL;
    uint32_t payments = 0;
    uint32_t refunds = 0;
    begin_on(rebuilt.shadow, STORE_READ);
    assert_done(
        derived_scan(rebuilt.shadow, ID_REFUND, NULL, 9, world->arena, &rows, &refunds, reterr));
    assert_done(
        derived_scan(rebuilt.shadow, ID_PAYMENT, NULL, 9, world->arena, &rows, &payments, reterr));
    commit_on(rebuilt.shadow);
    assert_int_equal(refunds, 0);
    assert_int_equal(payments, 1);
    end(&rebuilt);
}

static void an_inbox_without_events_is_rebuilt_equal(void **state)
{
    assert_int64_equal(rebuild_and_compare(world_of(state)).different, 0);
}

TESTS_MAIN("replay",
    WORLD_TEST(an_inbox_without_events_is_rebuilt_equal),
    WORLD_TEST(a_history_is_rebuilt_equal_and_nothing_else_is_touched),
    WORLD_TEST(a_row_changed_by_hand_is_found_with_its_field_and_repaired),
    WORLD_TEST(rows_without_an_event_are_found_and_removed),
    WORLD_TEST(what_is_decided_while_a_replay_runs_is_caught_up),
    WORLD_TEST(what_an_older_version_recorded_is_read_by_this_one),
    WORLD_TEST(what_cannot_be_decided_any_more_is_told),
    WORLD_TEST(what_came_later_is_not_known_as_of_before))

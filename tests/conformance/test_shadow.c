/* shadow.h, derived.h, inbox_read.h: the derived half once more, beside the live one. */
#include "base/check.h"
#include "store/derived.h"
#include "store/inbox_read.h"
#include "store/shadow.h"
#include "world.h"

static struct store *open_shadow(struct world *world)
{
    struct store *shadow = world_another(world, STORE_WRITE);
    assert_done(shadow_open(shadow, reterr));
    return shadow;
}

static void save_on(struct store *store, struct payment *payment)
{
    void *record = payment;
    begin_on(store, STORE_WRITE);
    assert_done(records_save(store, record_kind_of(ID_PAYMENT), &record, 1, reterr));
    commit_on(store);
}

static struct payment *load_on(struct world *world, struct store *store, struct own_id id)
{
    void **records = NULL;
    begin_on(store, STORE_WRITE);
    assert_done(records_load(
        store, record_kind_of(ID_PAYMENT), &id, 1, true, world->arena, &records, reterr));
    commit_on(store);
    return records[0];
}

/* The same payment, as if it had been rebuilt. */
static struct payment *again(struct world *world, const struct payment *payment)
{
    struct payment *copy = arena_alloc(world->arena, sizeof *copy);
    *copy = *payment;
    copy->head.version = 0;
    return copy;
}

static void a_shadow_is_empty_at_first_and_its_rows_are_seen_by_nobody_else(void **state)
{
    struct world *world = world_of(state);
    struct payment *live = payment_new(world);
    save_on(world->store, live);
    struct store *shadow = open_shadow(world);
    assert_null(load_on(world, shadow, live->head.id));
    struct payment *rebuilt = payment_new(world);
    save_on(shadow, rebuilt);
    assert_non_null(load_on(world, shadow, rebuilt->head.id));
    assert_null(load_on(world, world->store, rebuilt->head.id));
    assert_non_null(load_on(world, world->store, live->head.id));
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM payment"), 1);
    (void)store_close(shadow);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM payment"), 1);
}

static void a_shadow_has_the_keys_of_the_tables_it_stands_for(void **state)
{
    struct world *world = world_of(state);
    struct store *shadow = open_shadow(world);
    struct payment *payment = payment_new(world);
    save_on(shadow, payment);
    void *twice = again(world, payment);
    begin_on(shadow, STORE_WRITE);
    assert_err(records_save(shadow, record_kind_of(ID_PAYMENT), &twice, 1, NULL), ERR_CONFLICT);
    (void)store_rollback(shadow);
    (void)store_close(shadow);
}

static void the_store_is_written_to_while_a_shadow_is(void **state)
{
    struct world *world = world_of(state);
    struct store *shadow = open_shadow(world);
    struct payment *payment = payment_new(world);
    void *record = payment;
    begin_on(shadow, STORE_WRITE);
    assert_done(records_save(shadow, record_kind_of(ID_PAYMENT), &record, 1, reterr));
    (void)world_append(world, "evt_1");
    save_on(world->store, payment_new(world));
    commit_on(shadow);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_event"), 1);
    (void)store_close(shadow);
}

static struct own_id resolve(struct world *world, struct store *store, const char *name)
{
    struct ref ref = {.scope = world->scope,
        .kind = ID_PAYMENT,
        .provider_id = str_from(name),
        .id = world_id(world)};
    begin_on(store, STORE_WRITE);
    assert_done(refs_resolve(store, world->arena, &ref, 1, reterr));
    commit_on(store);
    return ref.id;
}

static void known_ids_are_taken_and_others_made_in_the_shadow_alone(void **state)
{
    struct world *world = world_of(state);
    struct own_id known = resolve(world, world->store, "pi_known");
    struct store *shadow = open_shadow(world);
    assert_true(own_id_eq(resolve(world, shadow, "pi_known"), known));
    struct own_id made = resolve(world, shadow, "pi_new");
    assert_true(own_id_eq(resolve(world, shadow, "pi_new"), made));
    int64_t count = 0;
    begin_on(shadow, STORE_READ);
    assert_done(shadow_new_ids(shadow, &count, reterr));
    commit_on(shadow);
    assert_int64_equal(count, 1);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM provider_ref"), 1);
    (void)store_close(shadow);
}

static void the_engine_refuses_a_shadow_every_other_write(void **state)
{
    struct world *world = world_of(state);
    struct store *shadow = open_shadow(world);
    const struct audit_entry entry = {WORLD_NOW_US, STR("root"), STR("x"), STR("y"), STR("z")};
    begin_on(shadow, STORE_WRITE);
    assert_err(audit_append(shadow, &entry, NULL), ERR_STORE_IO);
    (void)store_close(shadow);
    shadow =
        open_shadow(world); /* PostgreSQL takes such a refusal for a server that is a stand-by */
    struct sample *sample = sample_new(world, "evt_1");
    begin_on(shadow, STORE_WRITE);
    assert_err(inbox_append(shadow, world->arena, &sample->row, 1, NULL), ERR_STORE_IO);
    (void)store_rollback(shadow);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM audit"), 0);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_event"), 0);
    (void)store_close(shadow);
}

static void temporary_tables_are_found_first_wherever_the_search_path_has_them(void **state)
{
    struct world *world = world_of(state);
    if (world->is_sqlite) {
        return; /* it has no search path */
    }
    char sql[256];
    (void)snprintf(sql, sizeof sql, "ALTER DATABASE %s SET search_path = public, pg_temp",
        world->fixture.database);
    assert_true(raw_run(world, sql));
    struct payment *live = payment_new(world);
    save_on(world->store, live);
    struct store *shadow = open_shadow(world);
    assert_null(load_on(world, shadow, live->head.id));
    (void)store_close(shadow);
}

static void a_shadow_that_lost_its_connection_says_so_and_writes_nothing(void **state)
{
    struct world *world = world_of(state);
    if (world->is_sqlite) {
        return; /* there is no connection to lose */
    }
    struct store *shadow = open_shadow(world);
    save_on(shadow, payment_new(world));
    assert_true(raw_run(world,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() "
        "AND application_name = 'counterfoil' AND pid <> pg_backend_pid()"));
    enum err err = ERR_OK;
    for (int i = 0; i < 100 && err == ERR_OK; i++) {
        void *record = payment_new(world);
        err = store_begin(shadow, STORE_WRITE, NULL);
        if (err == ERR_OK) {
            err = records_save(shadow, record_kind_of(ID_PAYMENT), &record, 1, NULL);
            (void)store_rollback(shadow);
        }
    }
    assert_err(err, ERR_STORE_IO);
    assert_err(store_begin(shadow, STORE_WRITE, NULL), ERR_STORE_IO);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM payment"), 0);
    (void)store_close(shadow);
}

/* --- apply --- */

static struct shadow_changes apply(struct store *shadow)
{
    struct shadow_changes changes = {0};
    assert_done(shadow_begin_apply(shadow, reterr));
    assert_done(shadow_apply(shadow, &changes, reterr));
    commit_on(shadow);
    return changes;
}

static void apply_changes_adds_and_removes_and_leaves_equal_rows_alone(void **state)
{
    struct world *world = world_of(state);
    struct payment *equal = payment_new(world);
    struct payment *other = payment_new(world);
    struct payment *removed = payment_new(world);
    struct payment *added = payment_new(world);
    other->milestones = 5;
    save_on(world->store, equal);
    save_on(world->store, other);
    save_on(world->store, removed);
    struct store *shadow = open_shadow(world);
    struct payment *rebuilt = again(world, other);
    rebuilt->amount_minor = 77;
    rebuilt->milestones = 2;
    save_on(shadow, again(world, equal));
    save_on(shadow, rebuilt);
    save_on(shadow, added);
    struct shadow_changes changes = apply(shadow);
    assert_int64_equal(changes.changed, 1);
    assert_int64_equal(changes.added, 1);
    assert_int64_equal(changes.removed, 1);
    assert_null(load_on(world, world->store, removed->head.id));
    assert_non_null(load_on(world, world->store, added->head.id));
    assert_int64_equal(load_on(world, world->store, equal->head.id)->head.version, 1);
    const struct payment *changed = load_on(world, world->store, other->head.id);
    assert_int64_equal(changed->amount_minor, 77);
    assert_int64_equal(changed->milestones, 7); /* what was published stays published */
    assert_int64_equal(changed->head.version, 2);
    (void)store_close(shadow);
}

static void an_apply_without_a_commit_leaves_the_live_half(void **state)
{
    struct world *world = world_of(state);
    struct payment *live = payment_new(world);
    save_on(world->store, live);
    struct store *shadow = open_shadow(world);
    struct shadow_changes changes = {0};
    assert_done(shadow_begin_apply(shadow, reterr));
    assert_done(shadow_apply(shadow, &changes, reterr));
    assert_int64_equal(changes.removed, 1);
    (void)store_rollback(shadow);
    assert_non_null(load_on(world, world->store, live->head.id));
    /* And the next transaction may write to the shadow alone again. */
    const struct audit_entry entry = {WORLD_NOW_US, STR("root"), STR("x"), STR("y"), STR("z")};
    begin_on(shadow, STORE_WRITE);
    assert_err(audit_append(shadow, &entry, NULL), ERR_STORE_IO);
    (void)store_rollback(shadow);
    (void)store_close(shadow);
}

static void apply_adds_the_ids_that_were_made_unless_somebody_else_made_them(void **state)
{
    struct world *world = world_of(state);
    struct store *shadow = open_shadow(world);
    struct own_id made = resolve(world, shadow, "pi_1");
    struct shadow_changes changes = apply(shadow);
    assert_int64_equal(changes.ids, 1);
    assert_true(own_id_eq(resolve(world, world->store, "pi_1"), made));
    (void)store_close(shadow);

    shadow = open_shadow(world);
    (void)resolve(world, shadow, "pi_2");
    (void)resolve(world, world->store, "pi_2");
    assert_done(shadow_begin_apply(shadow, reterr));
    assert_err(shadow_apply(shadow, &changes, NULL), ERR_CONFLICT);
    (void)store_rollback(shadow);
    (void)store_close(shadow);
}

static void append_effect(struct store *store, struct inbox_effect effect)
{
    begin_on(store, STORE_WRITE);
    assert_done(effects_append(store, &effect, 1, reterr));
    commit_on(store);
}

static void apply_repairs_effects_and_totals_but_not_how_an_effect_came_out(void **state)
{
    struct world *world = world_of(state);
    struct inbox_effect effect = {
        1, ID_PAYMENT, world_id(world), {WORLD_NOW_US, 3}, EFFECT_STALE, false};
    struct inbox_effect other = effect;
    other.seq = 2;
    append_effect(world->store, effect);
    append_effect(world->store, other);
    assert_true(raw_run(world, "INSERT INTO inbox_total VALUES ('applied', '', 9)"));
    struct store *shadow = open_shadow(world);
    effect.effect = EFFECT_APPLIED;
    append_effect(shadow, effect);
    other.seq = 3;
    append_effect(shadow, other);
    int64_t by_status[WORK_STATUS_COUNT] = {[WORK_APPLIED] = 4};
    int64_t by_reason[REASON_COUNT] = {[REASON_NOT_MODELLED] = 2};
    begin_on(shadow, STORE_WRITE);
    assert_done(shadow_set_totals(shadow, by_status, by_reason, reterr));
    commit_on(shadow);
    assert_int64_equal(apply(shadow).effects, 2);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_effect WHERE seq IN (1, 3)"), 2);
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM inbox_effect"), 2);
    assert_str_equal_to(raw_text(world, "SELECT effect FROM inbox_effect WHERE seq = 1"), "stale");
    struct inbox_stats stats = world_stats(world);
    assert_int64_equal(stats.by_status[WORK_APPLIED], 4);
    assert_int64_equal(stats.by_reason[REASON_NOT_MODELLED], 2);
    (void)store_close(shadow);
}

/* --- reading --- */

static void derived_rows_come_in_key_order_by_pages(void **state)
{
    struct world *world = world_of(state);
    struct own_id object = world_id(world);
    for (int i = 0; i < 7; i++) {
        save_on(world->store, payment_new(world));
        append_effect(world->store, (struct inbox_effect){7 - i, ID_PAYMENT, object,
                                        {WORLD_NOW_US - i % 2, 3}, EFFECT_APPLIED, false});
    }
    static const int tables[] = {ID_PAYMENT, DERIVED_EFFECTS};
    for (int i = 0; i < 2; i++) {
        struct derived_row last = {.seq = 0};
        uint32_t count = 1;
        uint32_t total = 0;
        world_read(world);
        while (count > 0) {
            struct derived_row *rows = NULL;
            assert_done(derived_scan(world->store, tables[i], total == 0 ? NULL : &last, 3,
                world->arena, &rows, &count, reterr));
            for (uint32_t at = 0; at < count; at++) {
                assert_true(total == 0 || derived_compare_keys(&last, &rows[at]) < 0);
                last = rows[at];
                total++;
            }
        }
        world_commit(world);
        assert_int_equal(total, 7);
    }
}

static void rows_that_no_record_can_hold_are_read_for_comparing(void **state)
{
    struct world *world = world_of(state);
    save_on(world->store, payment_new(world));
    assert_true(raw_run(world, "UPDATE payment SET state = 'nonsense'"));
    struct derived_row *rows = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(
        derived_scan(world->store, ID_PAYMENT, NULL, 3, world->arena, &rows, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 1);
    assert_string_equal(derived_field_name(ID_PAYMENT, 1), "state");
    assert_str_equal_to(rows[0].values[1].bytes, "nonsense");
}

static void what_was_decoded_once_is_read_again_and_nothing_else(void **state)
{
    struct world *world = world_of(state);
    static const enum work_status decided[] = {
        WORK_APPLIED, WORK_STALE, WORK_RECORDED, WORK_DEAD, WORK_DEAD};
    for (int i = 0; i < 5; i++) {
        struct inbox_event *events = NULL;
        (void)world_append(world, (const char *[]){"a", "b", "c", "d", "e"}[i]);
        world_write(world);
        assert_int_equal(claim_on(world, world->store, 9, WORLD_NOW_US, 1, &events), 1);
        assert_err(finish_on(world, world->store, 9, events, 1, decided[i]), ERR_OK);
        world_commit(world);
    }
    const int64_t discarded = 5;
    int64_t changed = 0;
    world_write(world);
    assert_done(dead_discard(world->store, &discarded, 1, WORLD_NOW_US, &changed, reterr));
    world_commit(world);
    struct sample *unread = sample_new(world, "f");
    unread->envelope.reason = REASON_WRONG_ENVIRONMENT;
    world_write(world);
    assert_done(inbox_append(world->store, world->arena, &unread->row, 1, reterr));
    world_commit(world);
    (void)world_append(world, "g");

    struct inbox_reread *rows = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(inbox_read(world->store, 0, 100, INT64_MAX, world->arena, &rows, &count, reterr));
    static const bool again[] = {true, true, true, false, false, false, false};
    assert_int_equal(count, 7);
    for (uint32_t i = 0; i < count; i++) {
        assert_int64_equal(rows[i].event.seq, i + 1);
        assert_int_equal(rows[i].again, again[i]);
        assert_int_equal(rows[i].event.body.len > 0, again[i]);
    }
    assert_done(inbox_read(world->store, 1, 100, 1, world->arena, &rows, &count, reterr));
    assert_int_equal(count, 1); /* one is always taken */
    assert_int64_equal(rows[0].event.seq, 2);
    const int64_t some[] = {2, 7};
    assert_done(
        inbox_read_these(world->store, some, 2, INT64_MAX, world->arena, &rows, &count, reterr));
    assert_int_equal(count, 2);
    assert_int_equal(rows[1].status, WORK_NEW);
    int64_t last = 0;
    assert_done(inbox_last_seq(world->store, &last, reterr));
    assert_int64_equal(last, 7);
    world_commit(world);
}

TESTS_MAIN("shadow",
    WORLD_TEST(a_shadow_is_empty_at_first_and_its_rows_are_seen_by_nobody_else),
    WORLD_TEST(a_shadow_has_the_keys_of_the_tables_it_stands_for),
    WORLD_TEST(the_store_is_written_to_while_a_shadow_is),
    WORLD_TEST(known_ids_are_taken_and_others_made_in_the_shadow_alone),
    WORLD_TEST(the_engine_refuses_a_shadow_every_other_write),
    WORLD_TEST(temporary_tables_are_found_first_wherever_the_search_path_has_them),
    WORLD_TEST(a_shadow_that_lost_its_connection_says_so_and_writes_nothing),
    WORLD_TEST(apply_changes_adds_and_removes_and_leaves_equal_rows_alone),
    WORLD_TEST(an_apply_without_a_commit_leaves_the_live_half),
    WORLD_TEST(apply_adds_the_ids_that_were_made_unless_somebody_else_made_them),
    WORLD_TEST(apply_repairs_effects_and_totals_but_not_how_an_effect_came_out),
    WORLD_TEST(derived_rows_come_in_key_order_by_pages),
    WORLD_TEST(rows_that_no_record_can_hold_are_read_for_comparing),
    WORLD_TEST(what_was_decoded_once_is_read_again_and_nothing_else))

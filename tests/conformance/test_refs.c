/* refs.h, audit.h: own ids for provider ids; who decided what. */
#include "world.h"

static void scope_is_made_once_per_provider_environment_and_account(void **state)
{
    struct world *world = world_of(state);
    const struct {
        const char *name;
        struct scope_key key;
        bool same;
    } rows[] = {
        {"again", {STR("stripe"), true, STR("acct_1")}, true},
        {"test", {STR("stripe"), false, STR("acct_1")}, false},
        {"account", {STR("stripe"), true, STR("acct_2")}, false},
        {"provider", {STR("other"), true, STR("acct_1")}, false},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        int64_t scope = 0;
        world_write(world);
        assert_done(scope_ensure(world->store, &rows[i].key, &scope, reterr));
        world_commit(world);
        assert_row(scope > 0 && (scope == world->scope) == rows[i].same, rows[i].name);
    }
    struct scope_row *list = NULL;
    uint32_t count = 0;
    world_read(world);
    assert_done(scope_list(world->store, world->arena, &list, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 4);
    assert_str_equal_to(list[0].provider, "stripe");
    assert_str_equal_to(list[0].environment, "live");
    assert_str_equal_to(list[0].account_key, "acct_1");
    assert_int64_equal(list[0].position, 0);
    assert_str_equal_to(list[1].environment, "test");
}

static void there_may_be_any_number_of_scopes(void **state)
{
    struct world *world = world_of(state);
    assert_true(raw_run(world,
        "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 70000) "
        "INSERT INTO scope (provider, environment, account_key) "
        "SELECT 'stripe', 'live', 'acct_n' || i FROM n"));
    struct scope_key key = {STR("stripe"), true, STR("acct_of_a_proven_body")};
    int64_t scope = 0;
    world_write(world);
    assert_done(scope_ensure(world->store, &key, &scope, reterr));
    world_commit(world);
    assert_true(scope > world->scope);
}

static int64_t scope_below(struct world *world, const char *account_key, const char *above)
{
    const struct scope_key key = {STR("stripe"), true, str_from(account_key)};
    int64_t scope = 0;
    world_write(world);
    assert_done(scope_ensure_below(world->store, &key, str_from(above), &scope, reterr));
    world_commit(world);
    return scope;
}

static int64_t root_of(struct world *world, int64_t scope)
{
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    int64_t root = 0;
    world_read(world);
    assert_done(scope_list(world->store, world->arena, &rows, &count, reterr));
    world_commit(world);
    for (uint32_t i = 0; i < count; i++) {
        root = rows[i].scope == scope ? rows[i].root : root;
    }
    return root;
}

static void a_scope_knows_what_it_is_below_from_its_first_event_on(void **state)
{
    struct world *world = world_of(state);
    int64_t below = scope_below(world, "acct_x", "acct_1");
    assert_int64_equal(root_of(world, below), world->scope);
    assert_int64_equal(root_of(world, world->scope), world->scope);
    assert_int64_equal(scope_below(world, "acct_x", "acct_other"), below);
    assert_int64_equal(scope_below(world, "acct_x", ""), below);
    assert_int64_equal(root_of(world, below), world->scope);
    assert_int64_equal(scope_below(world, "acct_1", "acct_x"), world->scope);
    assert_int64_equal(root_of(world, world->scope), world->scope);
}

static void what_is_above_is_made_with_it_and_is_never_two_steps_away(void **state)
{
    struct world *world = world_of(state);
    int64_t own = scope_below(world, "acct_own", "acct_own");
    assert_int64_equal(root_of(world, own), own);
    int64_t below = scope_below(world, "acct_y", "acct_new");
    int64_t above = scope_below(world, "acct_new", "");
    assert_true(above != below);
    assert_int64_equal(root_of(world, below), above);
    int64_t farther = scope_below(world, "acct_z", "acct_y");
    assert_int64_equal(root_of(world, farther), above);
}

static void what_is_below_is_listed_a_page_at_a_time(void **state)
{
    struct world *world = world_of(state);
    static const char *const keys[] = {"acct_c", "acct_a", "acct_b"};
    for (int i = 0; i < 3; i++) {
        (void)scope_below(world, keys[i], "acct_1");
    }
    (void)scope_below(world, "acct_other", "acct_2");
    int64_t after = 0;
    for (int i = 0; i < 3; i++) {
        struct scope_row *rows = NULL;
        uint32_t count = 0;
        world_read(world);
        assert_done(scope_list_below(
            world->store, world->scope, after, 1, world->arena, &rows, &count, reterr));
        world_commit(world);
        assert_int_equal(count, 1);
        assert_str_equal_to(rows[0].account_key, keys[i]);
        after = rows[0].scope;
    }
}

static void known_scope_is_found_by_a_reader(void **state)
{
    struct world *world = world_of(state);
    struct scope_key key = {STR("stripe"), true, STR("acct_1")};
    int64_t scope = 0;
    world_read(world);
    assert_done(scope_ensure(world->store, &key, &scope, reterr));
    world_commit(world);
    assert_int64_equal(scope, world->scope);
}

static struct ref ref_of(struct world *world, enum id_kind kind, const char *provider_id)
{
    return (struct ref){world->scope, kind, str_from(provider_id), world_id(world), false};
}

static void resolve_makes_what_is_missing_and_keeps_what_stands(void **state)
{
    struct world *world = world_of(state);
    struct ref first[] = {ref_of(world, ID_PAYMENT, "pi_2"), ref_of(world, ID_PAYMENT, "pi_1")};
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, first, 2, reterr));
    world_commit(world);
    assert_true(first[0].created && first[1].created);
    struct ref second[] = {ref_of(world, ID_PAYMENT, "pi_3"), ref_of(world, ID_PAYMENT, "pi_1"),
        ref_of(world, ID_ATTEMPT, "pi_1"), ref_of(world, ID_PAYMENT, "pi_2")};
    struct own_id fresh = second[0].id;
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, second, 4, reterr));
    world_commit(world);
    assert_true(second[0].created && !second[1].created && second[2].created && !second[3].created);
    assert_true(own_id_eq(second[0].id, fresh));
    assert_true(own_id_eq(second[1].id, first[1].id));
    assert_true(own_id_eq(second[3].id, first[0].id));
    assert_false(own_id_eq(second[2].id, first[1].id));
}

static void one_id_for_two_kinds_is_said_and_not_handed_out(void **state)
{
    struct world *world = world_of(state);
    struct ref refs[] = {ref_of(world, ID_PAYMENT, "pi_1"), ref_of(world, ID_ATTEMPT, "ch_1"),
        ref_of(world, ID_PAYMENT, "pi_2"), ref_of(world, ID_ATTEMPT, "ch_1")};
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, refs, 1, reterr));
    world_commit(world);
    assert_true(raw_run(world, "INSERT INTO provider_ref (scope, kind, provider_id, id) "
                               "SELECT scope, 'attempt', 'ch_1', id FROM provider_ref"));
    struct err_info info = {""};
    world_write(world);
    assert_err(refs_resolve(world->store, world->arena, refs, 4, &info), ERR_STORE_IO);
    (void)store_rollback(world->store);
    assert_non_null(strstr(info.text, "provider_ref"));
    assert_non_null(strstr(info.text, "pi_1"));
    assert_non_null(strstr(info.text, "ch_1"));
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM provider_ref"), 2);
}

static void equal_keys_of_a_batch_get_the_first_rows_id(void **state)
{
    struct world *world = world_of(state);
    enum { COUNT = 300 };
    struct ref *refs = arena_new_array(world->arena, struct ref, COUNT);
    struct own_id given[COUNT];
    static const char *const ids[] = {"pi_c", "pi_a", "pi_b"};
    for (int i = 0; i < COUNT; i++) {
        refs[i] = ref_of(world, ID_PAYMENT, ids[i % 3]);
        given[i] = refs[i].id;
    }
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, refs, COUNT, reterr));
    world_commit(world);
    for (int i = 0; i < COUNT; i++) {
        assert_true(own_id_eq(refs[i].id, given[i % 3]));
        assert_int_equal(refs[i].created, i < 3);
    }
    assert_int64_equal(raw_int(world, "SELECT count(*) FROM provider_ref"), 3);
}

static void find_says_whose_it_is_and_whether_it_is_one(void **state)
{
    struct world *world = world_of(state);
    struct scope_key key = {STR("stripe"), false, STR("acct_1")};
    int64_t other = 0;
    struct ref refs[] = {ref_of(world, ID_PAYMENT, "pi_1"), ref_of(world, ID_PAYMENT, "pi_both"),
        ref_of(world, ID_PAYMENT, "pi_both")};
    world_write(world);
    assert_done(scope_ensure(world->store, &key, &other, reterr));
    refs[2].scope = other;
    assert_done(refs_resolve(world->store, world->arena, refs, 3, reterr));
    world_commit(world);
    struct own_id id;
    int64_t scope = 0;
    world_read(world);
    assert_done(ref_find(world->store, 0, ID_PAYMENT, STR("pi_1"), &id, &scope, reterr));
    assert_true(own_id_eq(id, refs[0].id));
    assert_int64_equal(scope, world->scope);
    assert_done(ref_find(world->store, other, ID_PAYMENT, STR("pi_both"), &id, &scope, reterr));
    assert_true(own_id_eq(id, refs[2].id));
    assert_int64_equal(scope, other);
    assert_err(
        ref_find(world->store, 0, ID_PAYMENT, STR("pi_both"), &id, &scope, NULL), ERR_CONFLICT);
    assert_err(
        ref_find(world->store, 0, ID_ATTEMPT, STR("pi_1"), &id, &scope, NULL), ERR_NOT_FOUND);
    assert_err(
        ref_find(world->store, other, ID_PAYMENT, STR("pi_1"), &id, &scope, NULL), ERR_NOT_FOUND);
    world_commit(world);
}

static void a_connected_account_is_found_in_its_own_scope_and_in_the_one_above(void **state)
{
    struct world *world = world_of(state);
    int64_t below = scope_below(world, "acct_x", "acct_1");
    struct ref refs[] = {
        ref_of(world, ID_CONNECTED_ACCOUNT, "acct_x"), ref_of(world, ID_PAYMENT, "pi_1")};
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, refs, 2, reterr));
    world_commit(world);
    struct own_id id;
    int64_t scope = 0;
    world_read(world);
    assert_done(
        ref_find(world->store, below, ID_CONNECTED_ACCOUNT, STR("acct_x"), &id, &scope, reterr));
    assert_true(own_id_eq(id, refs[0].id));
    assert_int64_equal(scope, world->scope);
    assert_err(
        ref_find(world->store, below, ID_PAYMENT, STR("pi_1"), &id, &scope, NULL), ERR_NOT_FOUND);
    world_commit(world);
}

static void id_tells_all_its_names(void **state)
{
    struct world *world = world_of(state);
    struct ref refs[] = {ref_of(world, ID_PAYMENT, "pi_1"), ref_of(world, ID_PAYMENT, "ch_1")};
    refs[1].id = refs[0].id;
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, refs, 2, reterr));
    struct str *names = NULL;
    uint32_t count = 0;
    assert_done(
        ref_names(world->store, ID_PAYMENT, refs[0].id, world->arena, &names, &count, reterr));
    assert_int_equal(count, 2);
    assert_str_equal_to(names[0], "ch_1");
    assert_str_equal_to(names[1], "pi_1");
    assert_done(
        ref_names(world->store, ID_CUSTOMER, refs[0].id, world->arena, &names, &count, reterr));
    assert_int_equal(count, 0);
    world_commit(world);
}

static void rolled_back_ids_are_not_given_out_again(void **state)
{
    struct world *world = world_of(state);
    struct ref first = ref_of(world, ID_PAYMENT, "pi_1");
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, &first, 1, reterr));
    (void)store_rollback(world->store);
    struct ref second = ref_of(world, ID_PAYMENT, "pi_1");
    struct own_id given = second.id;
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, &second, 1, reterr));
    world_commit(world);
    assert_true(second.created);
    assert_true(own_id_eq(second.id, given));
}

static void audit_keeps_decisions_in_order(void **state)
{
    struct world *world = world_of(state);
    struct audit_entry first = {
        WORLD_NOW_US, STR("root"), STR("dead_letter.retry"), STR("inbox:17"), STR("fixed it")};
    struct audit_entry second = first;
    second.action = STR("dead_letter.discard");
    struct audit_entry other = first;
    other.subject = STR("inbox:18");
    world_write(world);
    assert_done(audit_append(world->store, &first, reterr));
    assert_done(audit_append(world->store, &other, reterr));
    assert_done(audit_append(world->store, &second, reterr));
    struct audit_entry *entries = NULL;
    uint32_t count = 0;
    assert_done(audit_of(world->store, STR("inbox:17"), world->arena, &entries, &count, reterr));
    world_commit(world);
    assert_int_equal(count, 2);
    assert_str_equal_to(entries[0].action, "dead_letter.retry");
    assert_str_equal_to(entries[0].who, "root");
    assert_str_equal_to(entries[0].reason, "fixed it");
    assert_int64_equal(entries[0].at_us, WORLD_NOW_US);
    assert_str_equal_to(entries[1].action, "dead_letter.discard");
}

TESTS_MAIN("refs",
    WORLD_TEST(scope_is_made_once_per_provider_environment_and_account),
    WORLD_TEST(there_may_be_any_number_of_scopes),
    WORLD_TEST(a_scope_knows_what_it_is_below_from_its_first_event_on),
    WORLD_TEST(what_is_above_is_made_with_it_and_is_never_two_steps_away),
    WORLD_TEST(what_is_below_is_listed_a_page_at_a_time),
    WORLD_TEST(known_scope_is_found_by_a_reader),
    WORLD_TEST(resolve_makes_what_is_missing_and_keeps_what_stands),
    WORLD_TEST(one_id_for_two_kinds_is_said_and_not_handed_out),
    WORLD_TEST(equal_keys_of_a_batch_get_the_first_rows_id),
    WORLD_TEST(find_says_whose_it_is_and_whether_it_is_one),
    WORLD_TEST(a_connected_account_is_found_in_its_own_scope_and_in_the_one_above),
    WORLD_TEST(id_tells_all_its_names),
    WORLD_TEST(rolled_back_ids_are_not_given_out_again),
    WORLD_TEST(audit_keeps_decisions_in_order))

/* store/statement_read.h: what is kept is found again: by payout, object, time and name. */
#include "store/statement_read.h"
#include "world.h"

static const struct currency eur = {"EUR"};
static const struct own_id from_the_first = {{0}};

struct telling {
    const char *provider_id;
    int64_t second;
    int64_t net_minor;
    struct own_id source, attempt, payout;
    int64_t scope; /* 0: the world's */
};

static struct own_id tell(struct world *world, struct telling told)
{
    struct kept_line kept = {.scope = told.scope == 0 ? world->scope : told.scope,
        .line = {.kind = LINE_REFUND,
            .currency = eur,
            .amount_minor = told.net_minor,
            .net_minor = told.net_minor,
            .created_us = WORLD_NOW_US + told.second * US_PER_SECOND,
            .source = told.source,
            .attempt = told.attempt},
        .source_kind = ID_REFUND,
        .provider_id = str_from(told.provider_id),
        .payout = told.payout,
        .first_source = 1};
    const struct kept_line *line = &kept;
    kept.line.id = line_id(kept.scope, kept.provider_id, kept.line.created_us);
    world_write(world);
    assert_done(statement_add(world->store, &line, 1, reterr));
    world_commit(world);
    return kept.line.id;
}

/* The provider's ids of a page, with blanks between them. */
static struct str words_of(struct world *world, const struct kept_lines *lines)
{
    char text[400] = "";
    size_t len = 0;
    for (uint32_t i = 0; i < lines->count; i++) {
        len += (size_t)snprintf(text + len, sizeof text - len, "%s" STR_FMT, i == 0 ? "" : " ",
            STR_ARG(lines->items[i].provider_id));
    }
    return arena_copy(world->arena, str_from(text));
}

static void a_payout_gives_its_lines_page_by_page_in_the_order_of_time(void **state)
{
    struct world *world = world_of(state);
    struct own_id payout = world_id(world);
    struct kept_lines lines;
    (void)tell(world, (struct telling){"txn_c", .second = 3, .payout = payout});
    (void)tell(world, (struct telling){"txn_a", .second = 1, .payout = payout});
    (void)tell(world, (struct telling){"txn_b", .second = 2, .payout = payout});
    (void)tell(world, (struct telling){"txn_x", .second = 2, .payout = world_id(world)});
    (void)tell(world, (struct telling){"txn_y", .second = 2});
    world_read(world);
    assert_done(
        statement_of_payout(world->store, payout, from_the_first, 2, world->arena, &lines, reterr));
    assert_str_equal_to(words_of(world, &lines), "txn_a txn_b");
    assert_true(own_id_eq(lines.items[1].payout, payout));
    assert_done(statement_of_payout(
        world->store, payout, lines.items[1].line.id, 2, world->arena, &lines, reterr));
    assert_str_equal_to(words_of(world, &lines), "txn_c");
    assert_done(statement_of_payout(
        world->store, payout, lines.items[0].line.id, 2, world->arena, &lines, reterr));
    assert_int_equal(lines.count, 0);
    world_commit(world);
}

static void an_attempt_gives_its_own_lines_and_those_of_its_refunds(void **state)
{
    struct world *world = world_of(state);
    struct own_id attempt = world_id(world);
    struct own_id refund = world_id(world);
    struct kept_lines lines;
    (void)tell(world, (struct telling){"txn_1", 1, 5, attempt, attempt, {{0}}, 0});
    (void)tell(world, (struct telling){"txn_2", 2, -2, refund, attempt, {{0}}, 0});
    (void)tell(world, (struct telling){"txn_3", 3, -1, {{0}}, attempt, {{0}}, 0});
    (void)tell(world, (struct telling){"txn_4", 4, -1, world_id(world), world_id(world), {{0}}, 0});
    world_read(world);
    assert_done(statement_of_attempt(
        world->store, attempt, from_the_first, 9, world->arena, &lines, reterr));
    assert_str_equal_to(words_of(world, &lines), "txn_1 txn_2 txn_3");
    assert_done(statement_of_attempt(
        world->store, attempt, lines.items[0].line.id, 1, world->arena, &lines, reterr));
    assert_str_equal_to(words_of(world, &lines), "txn_2");
    assert_done(statement_of_source(
        world->store, attempt, from_the_first, 9, world->arena, &lines, reterr));
    assert_str_equal_to(words_of(world, &lines), "txn_1");
    assert_done(
        statement_of_source(world->store, refund, from_the_first, 9, world->arena, &lines, reterr));
    assert_str_equal_to(words_of(world, &lines), "txn_2");
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

static struct str between(
    struct world *world, int64_t scope, int from_s, int to_s, struct own_id after)
{
    struct kept_lines lines;
    assert_done(statement_between(world->store, scope, WORLD_NOW_US + from_s * US_PER_SECOND,
        WORLD_NOW_US + to_s * US_PER_SECOND, after, 9, world->arena, &lines, reterr));
    return words_of(world, &lines);
}

static void a_time_begins_with_its_first_line_and_ends_before_its_end(void **state)
{
    struct world *world = world_of(state);
    int64_t other = another_scope(world);
    (void)tell(world, (struct telling){"txn_1", .second = 1});
    struct own_id second = tell(world, (struct telling){"txn_2", .second = 2});
    (void)tell(world, (struct telling){"txn_3", .second = 3});
    (void)tell(world, (struct telling){"txn_o", .second = 2, .scope = other});
    world_read(world);
    assert_str_equal_to(between(world, world->scope, 1, 3, from_the_first), "txn_1 txn_2");
    assert_str_equal_to(between(world, world->scope, 2, 4, from_the_first), "txn_2 txn_3");
    assert_str_equal_to(between(world, world->scope, 1, 9, second), "txn_3");
    assert_str_equal_to(between(world, world->scope, 4, 9, from_the_first), "");
    assert_str_equal_to(between(world, other, 0, 9, from_the_first), "txn_o");
    struct kept_lines all;
    assert_done(statement_between(world->store, 0, WORLD_NOW_US, WORLD_NOW_US + US_PER_DAY,
        from_the_first, 9, world->arena, &all, reterr));
    assert_int_equal(all.count, 4);
    world_commit(world);
}

static void one_line_is_found_by_our_id_and_by_theirs(void **state)
{
    struct world *world = world_of(state);
    int64_t other = another_scope(world);
    struct own_id mine = tell(world, (struct telling){"txn_1", .second = 1});
    (void)tell(world, (struct telling){"txn_2", .second = 2});
    (void)tell(world, (struct telling){"txn_2", .second = 2, .scope = other});
    struct kept_line line;
    struct err_info info;
    world_read(world);
    assert_done(statement_line_by_id(world->store, mine, world->arena, &line, reterr));
    assert_str_equal_to(line.provider_id, "txn_1");
    assert_done(statement_line_by_id(world->store, world_id(world), world->arena, &line, reterr));
    assert_int64_equal(line.scope, 0);
    assert_done(statement_line_by_name(world->store, 0, STR("txn_1"), world->arena, &line, reterr));
    assert_true(own_id_eq(line.line.id, mine));
    assert_done(
        statement_line_by_name(world->store, other, STR("txn_2"), world->arena, &line, reterr));
    assert_int64_equal(line.scope, other);
    assert_done(
        statement_line_by_name(world->store, other, STR("txn_1"), world->arena, &line, reterr));
    assert_int64_equal(line.scope, 0);
    assert_err(statement_line_by_name(world->store, 0, STR("txn_2"), world->arena, &line, &info),
        ERR_CONFLICT);
    world_commit(world);
}

static void lines_have_the_names_of_what_they_are_about(void **state)
{
    struct world *world = world_of(state);
    struct ref refs[] = {{world->scope, ID_REFUND, STR("re_2"), world_id(world), false},
        {world->scope, ID_REFUND, STR("re_1"), {{0}}, false}};
    struct str names[3];
    refs[1].id = refs[0].id;
    world_write(world);
    assert_done(refs_resolve(world->store, world->arena, refs, 2, reterr));
    world_commit(world);
    const struct kept_line lines[] = {{.scope = 1},
        {.scope = 1, .line = {.source = refs[0].id}, .source_kind = ID_REFUND},
        {.scope = 1, .line = {.source = world_id(world)}, .source_kind = ID_REFUND}};
    world_read(world);
    assert_done(statement_source_names(world->store, lines, 3, world->arena, names, reterr));
    world_commit(world);
    assert_str_equal_to(names[0], "");
    assert_str_equal_to(names[1], "re_1");
    assert_str_equal_to(names[2], "");
}

static void what_came_before_a_line_is_summed_without_it(void **state)
{
    struct world *world = world_of(state);
    struct statement_sum sum;
    struct kept_line first;
    (void)tell(world, (struct telling){"txn_1", .second = 1, .net_minor = 700});
    (void)tell(world, (struct telling){"txn_2", .second = 2, .net_minor = -50});
    struct own_id third = tell(world, (struct telling){"txn_3", .second = 3, .net_minor = 9});
    (void)tell(world,
        (struct telling){"txn_o", .second = 1, .net_minor = 4, .scope = another_scope(world)});
    world_read(world);
    assert_done(statement_sum_before(world->store, world->scope, eur, third, &sum, reterr));
    assert_int64_equal(sum.count, 2);
    assert_int64_equal(sum.net_minor, 650);
    assert_done(statement_sum_before(
        world->store, world->scope, (struct currency){"USD"}, third, &sum, reterr));
    assert_int64_equal(sum.count, 0);
    assert_int64_equal(sum.net_minor, 0);
    assert_done(statement_first(world->store, world->scope, eur, world->arena, &first, reterr));
    assert_str_equal_to(first.provider_id, "txn_1");
    world_commit(world);
}

TESTS_MAIN("statement_read",
    WORLD_TEST(a_payout_gives_its_lines_page_by_page_in_the_order_of_time),
    WORLD_TEST(an_attempt_gives_its_own_lines_and_those_of_its_refunds),
    WORLD_TEST(a_time_begins_with_its_first_line_and_ends_before_its_end),
    WORLD_TEST(one_line_is_found_by_our_id_and_by_theirs),
    WORLD_TEST(lines_have_the_names_of_what_they_are_about),
    WORLD_TEST(what_came_before_a_line_is_summed_without_it))

#include "base/digest.h"
#include "flow/ties.h"
#include "unit/notices.h"

/* A provider whose bodies are names: "b<a" says that it follows a. */
static bool follows(struct str later, struct str earlier, struct arena *arena)
{
    (void)arena;
    struct str rest = later;
    (void)str_cut(&rest, '<');
    struct str before = earlier;
    return rest.len > 0 && str_eq(rest, str_cut(&before, '<'));
}

static int compare_versions(struct str a, struct str b)
{
    return str_compare(a, b);
}

static const struct provider_ops provider = {
    .name = "names", .follows = follows, .compare_versions = compare_versions};

struct row {
    const char *name;
    struct {
        const char *body, *event_id, *api_version;
        int64_t refunded_minor; /* what it says; equal numbers say the same */
        uint8_t hash;           /* first byte of the body's */
    } members[5];
    const char *winner; /* body */
    bool contested;
};

static const struct row rows[] = {
    {"one alone", {{"a", "e1", "", 1, 9}}, "a", false},
    {"two that say the same: the smaller hash, no contest",
        {{"a", "e1", "", 1, 9}, {"b", "e2", "", 1, 3}}, "b", false},
    {"the one that follows", {{"a", "e1", "", 1, 1}, {"b<a", "e2", "", 2, 9}}, "b<a", false},
    {"a chain of three", {{"a", "e1", "", 1, 1}, {"c<b", "e3", "", 3, 2}, {"b<a", "e2", "", 2, 9}},
        "c<b", false},
    {"nothing to tell them apart", {{"a", "e1", "", 1, 5}, {"b", "e2", "", 2, 3}}, "b", true},
    {"a chain and a stranger",
        {{"a", "e1", "", 1, 7}, {"b<a", "e2", "", 2, 5}, {"x", "e3", "", 3, 6}}, "b<a", true},
    {"a circle", {{"a<b", "e1", "", 1, 7}, {"b<a", "e2", "", 2, 5}}, "b<a", true},
    {"changed and changed back: each of two follows the other",
        {{"a", "e1", "", 1, 7}, {"b<a", "e2", "", 2, 5}, {"a<b", "e3", "", 1, 6}}, "b<a", true},
    {"changed, changed back, and then something else",
        {{"b<a", "e2", "", 2, 5}, {"a<b", "e3", "", 1, 6}, {"c<a", "e4", "", 3, 9}}, "c<a", false},
    {"two renderings of one event: the newer version",
        {{"a", "e1", "2020-08-27", 1, 1}, {"b", "e1", "2026-10-28.endive", 2, 9}}, "b", false},
    {"two renderings of one version: the smaller hash",
        {{"a", "e1", "2020-08-27", 1, 8}, {"b", "e1", "2020-08-27", 2, 4}}, "b", false},
    {"a worse rendering does not contest",
        {{"a", "e1", "2020-08-27", 1, 1}, {"b", "e1", "2026-10-28.endive", 2, 9},
            {"c<b", "e2", "2026-10-28.endive", 3, 5}},
        "c<b", false},
    {"a follower of one that says the same as another",
        {{"a", "e1", "", 1, 2}, {"b", "e2", "", 1, 1}, {"c<a", "e3", "", 3, 9}}, "c<a", false},
};

static uint32_t fill(const struct row *row, struct notice *notices, struct tie_member *members)
{
    uint32_t count = 0;
    while (count < 5 && row->members[count].body != NULL) {
        notices[count] = (struct notice){.kind = ID_ATTEMPT, .object = STR("ch_1")};
        notices[count].attempt_says.refunded_minor = row->members[count].refunded_minor;
        members[count] = (struct tie_member){
            .notice = &notices[count],
            .event_id = str_from(row->members[count].event_id),
            .api_version = str_from(row->members[count].api_version),
            .body = str_from(row->members[count].body),
            .body_sha256 = {row->members[count].hash},
        };
        count++;
    }
    return count;
}

static void check_orders(const struct row *row,
    struct tie_member *members,
    uint32_t from,
    uint32_t count,
    struct arena *arena)
{
    if (from + 1 >= count) {
        struct tie_verdict verdict = ties_decide(&provider, members, count, arena);
        assert_row(str_eq(verdict.winner->body, str_from(row->winner)), row->name);
        assert_row(verdict.contested == row->contested, row->name);
        return;
    }
    for (uint32_t i = from; i < count; i++) {
        struct tie_member first = members[from];
        members[from] = members[i];
        members[i] = first;
        check_orders(row, members, from + 1, count, arena);
        first = members[from];
        members[from] = members[i];
        members[i] = first;
    }
}

static void the_verdict_is_the_same_in_every_order_of_arrival(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(65536);
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct notice notices[5];
        struct tie_member members[5];
        uint32_t count = fill(&rows[i], notices, members);
        check_orders(&rows[i], members, 0, count, arena);
    }
}

static void notices_differ_when_any_field_or_link_does(void **state)
{
    (void)state;
    struct notice a = {.kind = ID_REFUND, .object = STR("re_1")};
    change_refund(&a)->amount_minor = 5;
    struct notice b = a;
    b.stamp.rank = 7;
    change_refund(&b)->milestones = 7; /* ours, and not said */
    assert_true(notices_say_the_same(&a, &b));
    (void)str_copy_to(change_refund(&b)->failure_reason, 64, STR("lost_or_stolen_card"));
    assert_false(notices_say_the_same(&a, &b));
    b = a;
    *change_link(&b, "attempt_id") = (struct link){LINK_NAMED, STR("ch_1")};
    assert_false(notices_say_the_same(&a, &b));
    b = a;
    b.kind = ID_CUSTOMER;
    assert_false(notices_say_the_same(&a, &b));
}

TESTS_MAIN("ties",
    TEST(the_verdict_is_the_same_in_every_order_of_arrival),
    TEST(notices_differ_when_any_field_or_link_does))

/* Which parts of a whole are current. */
#include "domain/part.h"
#include "unit/domain/one_object.h"

static const struct invoice invoice = {.currency = {"EUR"}, .made_at = SECOND(100)};

/* A list of 0 is none, or cut off. */
static struct notice invoice_says(int64_t second, int64_t rank, int64_t list)
{
    struct notice notice = object_says(ID_INVOICE, &invoice, second, rank);
    notice.object_says.list = list;
    notice.object_says.list_is_cut = list == 0;
    return notice;
}

static struct notice line_says(int64_t second, int64_t rank, int64_t list)
{
    static const struct invoice_line line = {.amount_minor = 100, .currency = {"EUR"}};
    struct notice notice = object_says(ID_INVOICE_LINE, &line, second, rank);
    *change_link(&notice, "invoice_id") = (struct link){LINK_NAMED, STR("in_1")};
    notice.object_says.list = list;
    return notice;
}

static void the_listed_parts_are_those_of_the_table(void **state)
{
    (void)state;
    static const enum id_kind pairs[][2] = {
        {ID_SUBSCRIPTION_ITEM, ID_SUBSCRIPTION}, {ID_INVOICE_LINE, ID_INVOICE}};
    for (size_t i = 0; i < sizeof pairs / sizeof pairs[0]; i++) {
        const struct part_kind *row = part_kind_of(pairs[i][0]);
        assert_non_null(row);
        assert_ptr_equal(row, part_kind_in(pairs[i][1]));
        assert_int_equal(row->whole, pairs[i][1]);
    }
    assert_null(part_kind_of(ID_INVOICE));
    assert_null(part_kind_in(ID_INVOICE_LINE));
    assert_null(part_kind_in(ID_PAYMENT));
}

/* The part's last notice against the whole's: a row for each case. */
static const struct {
    const char *name;
    int64_t whole[3], part[3]; /* second, rank, list */
    bool is_current;
} cases[] = {
    {"named by that list", {5, 10, 77}, {5, 10, 77}, true},
    {"named by another list of that stamp", {5, 10, 77}, {5, 10, 78}, false},
    {"named by one of that stamp that is cut off", {5, 10, 77}, {5, 10, 0}, true},
    {"named a second before", {5, 10, 77}, {4, 10, 77}, false},
    {"named by a snapshot of a lower rank", {5, 10, 77}, {5, 9, 77}, false},
    {"named by a snapshot of a higher rank", {5, 10, 77}, {5, 11, 0}, true},
    {"named a second later", {5, 10, 77}, {6, 1, 78}, true},
    {"no list was ever seen whole", {5, 10, 0}, {1, 1, 0}, true},
};

static void a_part_is_current_when_no_newer_list_lacks_it(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct one_object whole;
        struct one_object part;
        const int64_t *w = cases[i].whole;
        const int64_t *p = cases[i].part;
        struct notice whole_says = invoice_says(w[0], w[1], w[2]);
        struct notice part_says = line_says(p[0], p[1], p[2]);
        one_object_init(&whole);
        one_object_init(&part);
        one_object_take(&whole, &whole_says);
        one_object_take(&part, &part_says);
        assert_row(part_is_current(part_kind_of(ID_INVOICE_LINE), whole.record, part.record) ==
                       cases[i].is_current,
            cases[i].name);
    }
}

static void the_newest_whole_list_stands_in_any_order(void **state)
{
    (void)state;
    const struct notice notices[] = {
        invoice_says(1, 10, 71), invoice_says(3, 10, 73), invoice_says(4, 10, 0)};
    static const uint32_t orders[][3] = {
        {0, 1, 2}, {0, 2, 1}, {1, 0, 2}, {1, 2, 0}, {2, 0, 1}, {2, 1, 0}};
    for (size_t i = 0; i < sizeof orders / sizeof orders[0]; i++) {
        struct one_object one;
        one_object_play(&one, notices, orders[i], 3);
        const struct invoice *now = (const void *)one.record;
        assert_int64_equal(now->listed_at, SECOND(3));
        assert_int64_equal(now->listed_rank, 10);
        assert_int64_equal(now->listed, 73);
        assert_int64_equal(now->said_at, SECOND(4));
    }
}

static void of_one_stamp_the_caller_says_which_list_stands(void **state)
{
    (void)state;
    struct one_object one;
    const struct part_kind *row = part_kind_in(ID_INVOICE);
    struct notice first = invoice_says(3, 10, 73);
    struct notice newer = invoice_says(4, 10, 0);
    struct notice second = invoice_says(3, 10, 74);
    one_object_init(&one);
    assert_false(part_list_has_stamp(row, one.record, first.stamp));
    one_object_take(&one, &first);
    one_object_take(&one, &newer);
    assert_true(part_list_has_stamp(row, one.record, first.stamp));
    assert_false(part_list_has_stamp(row, one.record, newer.stamp));
    one_object_take(&one, &second);
    assert_int64_equal(((const struct invoice *)(const void *)one.record)->listed, 73);
    part_list_settle(row, one.record, 74);
    assert_int64_equal(((const struct invoice *)(const void *)one.record)->listed, 74);
}

/* Else a removal within the second of another change would be no tie, and stay unseen. */
static void notices_with_other_lists_differ_and_parts_agree_all_the_same(void **state)
{
    (void)state;
    struct notice_ids ids = {.object = {{1}}};
    struct notice a = invoice_says(3, 10, 73);
    struct notice b = invoice_says(3, 10, 74);
    assert_false(notices_say_the_same(&a, &b));
    assert_false(notices_agree(&a, &b));
    assert_true(notice_content(&a, &ids) != notice_content(&b, &ids));
    a = line_says(3, 10, 73);
    b = line_says(3, 10, 74);
    assert_false(notices_say_the_same(&a, &b));
    assert_true(notices_agree(&a, &b));
    ((struct invoice_line *)notice_change(&b))->amount_minor = 200;
    assert_false(notices_agree(&a, &b));
}

TESTS_MAIN("domain/part",
    TEST(the_listed_parts_are_those_of_the_table),
    TEST(a_part_is_current_when_no_newer_list_lacks_it),
    TEST(the_newest_whole_list_stands_in_any_order),
    TEST(of_one_stamp_the_caller_says_which_list_stands),
    TEST(notices_with_other_lists_differ_and_parts_agree_all_the_same))

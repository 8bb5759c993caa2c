/* What is said of lists of parts: whole, with a hash of their ids, or cut off. */
#include "objects.h"

static struct arena *arena;

static int setup(void **state)
{
    (void)state;
    arena = arena_new(ARENA_BYTES);
    return arena != NULL ? 0 : -1;
}

static int teardown(void **state)
{
    (void)state;
    arena = arena_free(arena);
    return 0;
}

#define INVOICE                                                                                    \
    "\"id\":\"in_1\",\"object\":\"invoice\",\"currency\":\"eur\",\"total\":1,\"created\":5,"       \
    "\"status\":\"open\""
#define LINE(id) "{\"id\":\"il_" id "\",\"object\":\"line_item\",\"amount\":1,\"currency\":\"eur\"}"
#define LINES(data, more)                                                                          \
    INVOICE ",\"lines\":{\"object\":\"list\",\"data\":[" data "],\"has_more\":" more "}"

static const struct object_notice *says_of(const char *type, const char *object)
{
    struct notice_list list = notices_of(arena, type, object);
    for (uint32_t i = 1; i < list.count; i++) { /* parts say which list they stand in */
        if (list.notices[i].kind == ID_INVOICE_LINE) {
            assert_int64_equal(list.notices[i].object_says.list, list.notices[0].object_says.list);
        }
    }
    return &list.notices[0].object_says;
}

static int64_t list_of(const char *object)
{
    const struct object_notice *says = says_of("invoice.updated", object);
    assert_false(says->list_is_cut);
    return says->list;
}

static void a_whole_list_has_a_hash_of_its_ids_in_any_order(void **state)
{
    (void)state;
    int64_t both = list_of(LINES(LINE("1") "," LINE("2"), "false"));
    assert_true(both != 0);
    assert_int64_equal(list_of(LINES(LINE("2") "," LINE("1"), "false")), both);
    assert_true(list_of(LINES(LINE("1"), "false")) != both);
    assert_true(list_of(LINES("", "false")) != 0);
    assert_true(list_of(LINES("", "false")) != list_of(LINES(LINE("1"), "false")));
}

static const char *const cut_off[] = {
    LINES(LINE("1"), "true"),
    LINES("", "true"),
};

static void a_list_that_is_cut_off_has_none_and_says_so(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof cut_off / sizeof cut_off[0]; i++) {
        const struct object_notice *says = says_of("invoice.updated", cut_off[i]);
        assert_row(says->list == 0 && says->list_is_cut, cut_off[i]);
    }
}

static void no_list_says_nothing(void **state)
{
    (void)state;
    const struct object_notice *says = says_of("invoice.updated", INVOICE);
    assert_int64_equal(says->list, 0);
    assert_false(says->list_is_cut);
    says = says_of("invoice.updated", INVOICE ",\"lines\":null");
    assert_int64_equal(says->list, 0);
    assert_false(says->list_is_cut);
}

/* What is in such a list is no part that could be removed, but may be missing. */
static void another_list_that_is_cut_off_is_said_to_be(void **state)
{
    (void)state;
    const struct object_notice *says = says_of("application_fee.refunded",
        "\"id\":\"fee_1\",\"object\":\"application_fee\",\"amount\":1,\"amount_refunded\":1,"
        "\"currency\":\"eur\",\"created\":5,\"refunds\":{\"object\":\"list\",\"data\":[],"
        "\"has_more\":true}");
    assert_int64_equal(says->list, 0);
    assert_true(says->list_is_cut);
}

static void more_lines_than_notices_have_room_are_as_good_as_cut_off(void **state)
{
    (void)state;
    struct buf object;
    buf_init(&object, 1 << 20);
    buf_addf(&object, INVOICE ",\"lines\":{\"object\":\"list\",\"has_more\":false,\"data\":[");
    for (int i = 0; i < LIMIT_NOTICES; i++) {
        buf_addf(&object, "%s" LINE("%d"), i == 0 ? "" : ",", i);
    }
    buf_addf(&object, "]}");
    buf_add_char(&object, '\0');
    assert_false(object.failed);
    const struct object_notice *says = says_of("invoice.updated", object.data);
    assert_int64_equal(says->list, 0);
    assert_true(says->list_is_cut);
    buf_fini(&object);
}

TESTS_MAIN_WITH("provider/lists",
    setup,
    teardown,
    TEST(a_whole_list_has_a_hash_of_its_ids_in_any_order),
    TEST(a_list_that_is_cut_off_has_none_and_says_so),
    TEST(no_list_says_nothing),
    TEST(another_list_that_is_cut_off_is_said_to_be),
    TEST(more_lines_than_notices_have_room_are_as_good_as_cut_off))

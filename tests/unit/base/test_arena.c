#include "base/arena.h"
#include "unit/testing.h"
#include <stdalign.h>

static void pieces_are_zeroed_aligned_and_apart(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    uint64_t random = test_seed();
    unsigned char *before = NULL;
    size_t before_bytes = 0;
    for (int i = 0; i < 500; i++) {
        size_t bytes = 1 + test_random_below(&random, 300);
        unsigned char *piece = arena_alloc(arena, bytes);
        assert_non_null(piece);
        assert_true((uintptr_t)piece % alignof(max_align_t) == 0);
        for (size_t at = 0; at < bytes; at++) {
            assert_int_equal(piece[at], 0);
        }
        memset(piece, i & 0xff, bytes);
        for (size_t at = 0; at < before_bytes; at++) {
            assert_int_equal(before[at], (i - 1) & 0xff);
        }
        before = piece;
        before_bytes = bytes;
    }
}

static void what_was_dirty_before_a_reset_is_zeroed_after_it(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 16);
    for (int round = 0; round < 3; round++) {
        unsigned char *piece = arena_alloc(arena, 1000);
        assert_non_null(piece);
        for (size_t at = 0; at < 1000; at++) {
            assert_int_equal(piece[at], 0);
        }
        memset(piece, 0xff, 1000);
        arena_reset(arena);
    }
}

static void the_bound_holds_for_all_blocks_together(void **state)
{
    (void)state;
    const size_t bytes_max = 100000;
    CLEANUP(arena_free) struct arena *arena = arena_new(bytes_max);
    size_t given = 0;
    while (arena_alloc_unzeroed(arena, 512) != NULL) {
        given += 512;
        assert_true(given <= bytes_max);
    }
    assert_true(given > bytes_max / 2);
    assert_true(arena_used(arena) >= given);
    assert_true(arena_used(arena) <= bytes_max);
}

static void a_piece_beyond_the_bound_is_refused_whatever_its_size(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(4096);
    assert_null(arena_alloc(arena, 4097));
    assert_null(arena_alloc(arena, SIZE_MAX));
    assert_null(arena_alloc(arena, SIZE_MAX - 8));
    assert_null(arena_new_array(arena, uint64_t, SIZE_MAX / 4));
    assert_non_null(arena_alloc(arena, 2048)); /* a refusal leaves the arena usable */
}

static void a_piece_larger_than_a_block_is_given(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new((size_t)16 << 20);
    assert_non_null(arena_alloc(arena, 100));
    assert_non_null(arena_alloc(arena, (size_t)9 << 20));
    assert_non_null(arena_alloc(arena, 100));
}

static void nothing_is_given_for_no_bytes_but_a_valid_pointer(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(4096);
    assert_non_null(arena_alloc(arena, 0));
}

static void a_copy_is_terminated_and_its_own(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(4096);
    char original[] = "evt_1";
    struct str copy = arena_copy(arena, str_from(original));
    original[0] = 'X';
    assert_str_equal_to(copy, "evt_1");
    assert_int_equal(copy.data[copy.len], '\0');
    struct str empty = arena_copy(arena, STR_NONE);
    assert_non_null(empty.data);
    assert_int_equal(empty.len, 0);
}

static void a_copy_without_room_has_no_data(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(64);
    char text[100];
    memset(text, 'a', sizeof text);
    struct str copy = arena_copy(arena, (struct str){text, sizeof text});
    assert_null(copy.data);
    assert_int_equal(copy.len, 0);
}

static void used_counts_and_reset_forgets(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    assert_int_equal(arena_used(arena), 0);
    for (int i = 0; i < 100; i++) {
        assert_non_null(arena_alloc(arena, 1000));
    }
    assert_true(arena_used(arena) >= 100000);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
}

static void after_a_reset_the_whole_bound_is_there_again(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 1000; i++) {
            assert_non_null(arena_alloc_unzeroed(arena, 800));
        }
        arena_reset(arena);
    }
}

static void an_arena_never_used_can_be_reset(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1 << 20);
    arena_reset(arena);
    assert_int_equal(arena_used(arena), 0);
    assert_non_null(arena_alloc(arena, 10));
}

static void nobody_is_freed_without_harm(void **state)
{
    (void)state;
    assert_null(arena_free(NULL));
}

static void an_arena_without_bound_is_a_bug(void **state)
{
    (void)state;
    assert_aborts((void)arena_new(0));
}

TESTS_MAIN("base/arena",
    TEST(pieces_are_zeroed_aligned_and_apart),
    TEST(what_was_dirty_before_a_reset_is_zeroed_after_it),
    TEST(the_bound_holds_for_all_blocks_together),
    TEST(a_piece_beyond_the_bound_is_refused_whatever_its_size),
    TEST(a_piece_larger_than_a_block_is_given),
    TEST(nothing_is_given_for_no_bytes_but_a_valid_pointer),
    TEST(a_copy_is_terminated_and_its_own),
    TEST(a_copy_without_room_has_no_data),
    TEST(used_counts_and_reset_forgets),
    TEST(after_a_reset_the_whole_bound_is_there_again),
    TEST(an_arena_never_used_can_be_reset),
    TEST(nobody_is_freed_without_harm),
    TEST(an_arena_without_bound_is_a_bug))

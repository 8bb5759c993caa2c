/* provider_suite: what provider/provider.h promises of every driver. A driver that passes it can
 * feed the domain; a new one brings its provider_samples and one file with
 *
 *   PROVIDER_SUITE_MAIN("provider of that name", its_samples)
 *
 * Layer: tests. Needs flow and the driver.
 */
#pragma once

#include "conformance/provider_samples.h"
#include "unit/testing.h"

extern const struct provider_samples *const suite_samples; /* of the driver under test */

void a_genuine_message_is_proven(void **state);
void any_of_the_secrets_proves(void **state);
void a_flipped_bit_of_the_body_proves_nothing(void **state);
void a_flipped_bit_of_the_signature_proves_nothing(void **state);
void a_cut_signature_proves_nothing(void **state);
void another_or_a_blank_secret_proves_nothing(void **state);
void a_missing_or_repeated_signature_proves_nothing(void **state);
void an_old_signature_proves_nothing(void **state);
void the_door_says_when_its_arena_is_too_small(void **state);
void what_is_kept_without_an_event_id_has_one_by_its_bytes(void **state);
void a_proven_body_that_is_garbage_is_kept_with_a_reason(void **state);
void a_message_of_the_other_environment_is_kept_with_a_reason(void **state);
void the_same_bytes_decode_to_the_same_notices(void **state);
void threads_decode_at_the_same_time(void **state);
void decode_says_when_its_arena_is_too_small(void **state);
void every_notice_is_whole(void **state);
void a_truncated_body_gives_no_half_object(void **state);
void a_garbled_body_gives_whole_notices_or_none(void **state);
void nothing_follows_itself_nor_both_ways(void **state);
void versions_are_in_a_total_order(void **state);
void a_life_told_in_any_order_ends_equal(void **state);
void a_life_told_twice_changes_nothing(void **state);

#define PROVIDER_SUITE_MAIN(group, samples)                                                        \
    const struct provider_samples *const suite_samples = &(samples);                               \
    TESTS_MAIN(group, TEST(a_genuine_message_is_proven), TEST(any_of_the_secrets_proves),          \
        TEST(a_flipped_bit_of_the_body_proves_nothing),                                            \
        TEST(a_flipped_bit_of_the_signature_proves_nothing), TEST(a_cut_signature_proves_nothing), \
        TEST(another_or_a_blank_secret_proves_nothing),                                            \
        TEST(a_missing_or_repeated_signature_proves_nothing),                                      \
        TEST(an_old_signature_proves_nothing), TEST(the_door_says_when_its_arena_is_too_small),    \
        TEST(what_is_kept_without_an_event_id_has_one_by_its_bytes),                               \
        TEST(a_proven_body_that_is_garbage_is_kept_with_a_reason),                                 \
        TEST(a_message_of_the_other_environment_is_kept_with_a_reason),                            \
        TEST(the_same_bytes_decode_to_the_same_notices), TEST(threads_decode_at_the_same_time),    \
        TEST(decode_says_when_its_arena_is_too_small), TEST(every_notice_is_whole),                \
        TEST(a_truncated_body_gives_no_half_object),                                               \
        TEST(a_garbled_body_gives_whole_notices_or_none),                                          \
        TEST(nothing_follows_itself_nor_both_ways), TEST(versions_are_in_a_total_order),           \
        TEST(a_life_told_in_any_order_ends_equal), TEST(a_life_told_twice_changes_nothing))

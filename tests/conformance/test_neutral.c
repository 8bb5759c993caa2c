/* Two providers of different temperament tell one life, and the domain knows no difference but
 * their own words. */
#include "base/limits.h"
#include "provider/plain/plain.h"
#include "conformance/provider_life.h"
#include "unit/testing.h"

static struct life_end told_by(struct life *life, const struct provider_samples *samples)
{
    life_open(life, samples);
    assert_done(store_begin(life->fixture.store, STORE_WRITE, reterr));
    int64_t scope = life_scope(life, 1);
    for (uint32_t i = 0; i < samples->message_count; i++) {
        assert_true(life_tell(life, scope, i));
    }
    assert_done(store_commit(life->fixture.store, reterr));
    life_project(life, LIMIT_CLAIM_BATCH);
    assert_done(store_begin(life->fixture.store, STORE_READ, reterr));
    struct life_end end = life_end(life, scope);
    (void)store_rollback(life->fixture.store);
    return end;
}

static void one_life_ends_equal_whoever_tells_it(void **state)
{
    (void)state;
    struct life stripe;
    struct life plain;
    struct life_end a = told_by(&stripe, &stripe_samples);
    struct life_end b = told_by(&plain, &plain_samples);
    life_assert_same_end(&a, &b, false, "the second provider");
    life_close(&stripe);
    life_close(&plain);
}

/* One batch tells of a payout twice in a second; another contradicts the second of the two. */
#define T1 "2026-09-21T14:13:20Z"
#define T2 "2026-09-22T14:13:20Z"
#define SAY(what) "notification|" what "\n"
static const struct sample_message batches[] = {
    {"begin",
        "plain|1|live|5\n" SAY("payment|P-1|settled|5|EUR|" T1 "|" T1 "|1|customer=K-1|attempt=A-1")
            SAY("attempt|A-1|settled|5|EUR|" T1 "|" T1 "|2|payment=P-1")
                SAY("refund|R-1|settled|1|EUR|" T1 "|" T1 "|3|attempt=A-1")
                    SAY("dispute|D-1|won|1|EUR|" T1 "|" T1 "|4|attempt=A-1")
                        SAY("payout|O-1|planned|5|EUR|" T1 "|" T1 "|5") "end\n"},
    {"two moments", "plain|1|live|2\n" SAY("payout|O-1|sent|10|EUR|" T1 "|" T2 "|7")
                        SAY("payout|O-1|settled|10|EUR|" T1 "|" T2 "|8") "end\n"},
    {"contradicts", "plain|1|live|1\n" SAY("payout|O-1|settled|24|EUR|" T1 "|" T2 "|8") "end\n"},
};

static struct payout payout_after(struct life *life, int64_t number, const uint32_t *order)
{
    assert_done(store_begin(life->fixture.store, STORE_WRITE, reterr));
    int64_t scope = life_scope(life, number);
    assert_done(store_commit(life->fixture.store, reterr));
    for (int i = 0; i < 3; i++) {
        assert_done(store_begin(life->fixture.store, STORE_WRITE, reterr));
        assert_true(life_tell(life, scope, order[i]));
        assert_done(store_commit(life->fixture.store, reterr));
        life_project(life, 10);
    }
    assert_done(store_begin(life->fixture.store, STORE_READ, reterr));
    struct life_end end = life_end(life, scope);
    (void)store_rollback(life->fixture.store);
    return *(const struct payout *)end.records[5];
}

static void moments_of_one_batch_take_part_in_ties(void **state)
{
    (void)state;
    struct life life;
    const struct provider_samples samples = {.provider = &plain_provider,
        .sign = plain_sign,
        .life = {"P-1", "A-1", "K-1", "R-1", "D-1", "O-1"},
        .messages = batches,
        .message_count = 3};
    life_open(&life, &samples);
    struct payout one = payout_after(&life, 1, (const uint32_t[]){0, 1, 2});
    struct payout other = payout_after(&life, 2, (const uint32_t[]){0, 2, 1});
    assert_true(one.contested);
    assert_int_equal(one.contested, other.contested);
    assert_int64_equal(one.amount_minor, other.amount_minor);
    life_close(&life);
}

TESTS_MAIN("conformance/neutral",
    TEST(one_life_ends_equal_whoever_tells_it),
    TEST(moments_of_one_batch_take_part_in_ties))

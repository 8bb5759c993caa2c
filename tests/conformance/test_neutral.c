/* Two providers of different temperament tell one life, and the domain knows no difference but
 * their own words. */
#include "base/limits.h"
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

TESTS_MAIN("conformance/neutral", TEST(one_life_ends_equal_whoever_tells_it))

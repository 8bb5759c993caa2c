/* The statement of the shop's account: what its lines say of themselves, of one another, of the
 * balance and of the objects. */
#include "unit/sandbox/lines_shop.h"

#define SEEDS 1 /* of each mix */
#define SHOPS 6
#define ARENA_BYTES ((size_t)4 * 1024 * 1024)

static const char *const mixes[] = {"payments", "payments,disputes=20", "payments,payouts=20",
    "payouts", "billing,payouts=10", "connect", "payments,disputes,payouts,billing,connect=20",
    "payments,payouts,adjustments"};
#define MIXES (sizeof mixes / sizeof *mixes)

typedef void check_fn(const struct merchant *merchant, uint32_t owner, void *context);

/* Of every mix and some seeds, quick and in days, each owner's statement. */
static void check_everywhere(check_fn *check, void *context)
{
    for (size_t mix = 0; mix < 2 * MIXES; mix++) {
        for (uint64_t i = 0; i < SEEDS; i++) {
            CLEANUP(merchant_free)
            struct merchant *merchant =
                lines_shop_open(mixes[mix / 2], test_seed() + i, mix % 2 == 1);
            lines_shop_live(merchant);
            for (uint32_t owner = 0; owner <= merchant->account_count; owner++) {
                check(merchant, owner, context);
            }
        }
    }
}

/* ---- a line ---------------------------------------------------------------------------------- */

static void check_line(const struct merchant_line *line)
{
    int64_t fees = 0;
    for (uint32_t i = 0; i < line->fee_count; i++) {
        fees += line->fees[i].minor;
        assert_true(line->fees[i].minor != 0);
        assert_int_equal(
            line->fees[i].application.len > 0, strcmp(line->fees[i].type, "application_fee") == 0);
    }
    assert_int64_equal(line->net_minor, line->amount_minor - line->fee_minor);
    assert_int64_equal(fees, line->fee_minor);
    assert_true(line->available_on_s >= line->created_s);
    assert_true(str_starts_with(line->id, STR("txn_")));
    assert_true(line->type[0] != '\0' && line->category[0] != '\0' && line->currency.len == 3);
    assert_int_equal(line->customer_currency.len > 0, line->exchange_rate[0] != '\0');
    if (str_eq(line->currency, STR("kwd"))) {
        assert_int64_equal(line->amount_minor % 10, 0);
        assert_int64_equal(line->fee_minor % 10, 0);
    }
}

static void check_lines(const struct merchant *merchant, uint32_t owner, void *context)
{
    uint64_t *seen = context;
    int64_t before_s = 0;
    for (uint32_t i = 0; i < merchant_line_count(merchant, owner); i++) {
        struct merchant_line line;
        uint32_t found = 0;
        merchant_line_at(merchant, owner, i, &line);
        check_line(&line);
        assert_true(line.created_s >= before_s);
        assert_err(merchant_line_find(merchant, owner, line.id, &found), ERR_OK);
        assert_int_equal(found, i);
        assert_true(merchant_line_from(merchant, owner, line.created_s) <= i);
        before_s = line.created_s;
        (*seen)++;
    }
}

static void each_line_adds_up_and_is_found(void **state)
{
    (void)state;
    uint64_t seen = 0;
    check_everywhere(check_lines, &seen);
    assert_true(seen > 10000);
}

/* ---- the balance ----------------------------------------------------------------------------- */

static void check_balance(const struct merchant *merchant, uint32_t owner, void *context)
{
    uint64_t *nonzero = context;
    struct merchant_balance balances[MERCHANT_BALANCES_MAX];
    uint32_t count = merchant_balances(merchant, owner, balances);
    for (uint32_t i = 0; i < merchant_line_count(merchant, owner); i++) {
        struct merchant_line line;
        uint32_t at = 0;
        merchant_line_at(merchant, owner, i, &line);
        while (at < count && !str_eq(balances[at].currency, line.currency)) {
            at++;
        }
        assert_true(at < count);
        *nonzero += balances[at].available_minor != 0 ? 1 : 0;
        if (line.available_on_s <= merchant_clock_s(merchant)) {
            balances[at].available_minor -= line.net_minor;
        } else {
            balances[at].pending_minor -= line.net_minor;
        }
    }
    for (uint32_t at = 0; at < count; at++) {
        assert_int64_equal(balances[at].available_minor, 0);
        assert_int64_equal(balances[at].pending_minor, 0);
    }
}

static void the_balance_is_the_sum_of_the_lines(void **state)
{
    (void)state;
    uint64_t nonzero = 0;
    check_everywhere(check_balance, &nonzero);
    assert_true(nonzero > 1000);
}

/* ---- payouts --------------------------------------------------------------------------------- */

struct payouts_seen {
    uint64_t automatic, manual, negative, failed;
};

static int64_t sum_of_payout(const struct merchant *merchant,
    const struct shop_payout *payout,
    int64_t *ret_own,
    uint32_t *ret_lines)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < merchant_line_count(merchant, payout->owner); i++) {
        struct merchant_line line;
        merchant_line_at(merchant, payout->owner, i, &line);
        bool is_in = str_eq(line.payout, str_from(payout->id));
        if (is_in && line.is_payout_own) {
            *ret_own = line.net_minor;
            assert_int64_equal(line.effective_s, payout->arrival_s);
        } else if (is_in) {
            assert_true(i >= payout->lines_from && i < payout->lines_end);
            assert_true(line.available_on_s <= payout->created_s);
            sum += line.net_minor;
            (*ret_lines)++;
        }
    }
    return sum;
}

static void check_payout(
    const struct merchant *merchant, const struct shop_payout *payout, struct payouts_seen *seen)
{
    int64_t own = 0;
    uint32_t lines = 0;
    int64_t sum = sum_of_payout(merchant, payout, &own, &lines);
    if (payout->way != PAYOUT_BY_SCHEDULE) {
        assert_int_equal(lines, 0);
        seen->manual++;
        return;
    }
    assert_int64_equal(sum, payout->amount);
    assert_int64_equal(own, -payout->amount);
    assert_true(lines > 0);
    seen->automatic++;
    seen->negative += payout->amount < 0 ? 1 : 0;
    seen->failed += payout->status == PAYOUT_IS_FAILED ? 1 : 0;
}

static void an_automatic_payout_is_the_sum_of_its_lines(void **state)
{
    (void)state;
    struct payouts_seen seen = {0};
    for (uint64_t i = 0; i < SHOPS; i++) {
        CLEANUP(merchant_free)
        struct merchant *merchant = lines_shop_open(SHOP_EVERYTHING, test_seed() + i, i % 2 == 1);
        lines_shop_live(merchant);
        for (uint32_t at = 0; at < merchant->payout_pool.made; at++) {
            check_payout(merchant, &merchant->payouts[at], &seen);
        }
    }
    assert_true(seen.automatic > 50 && seen.manual > 10 && seen.failed > 5);
    assert_true(seen.negative > 0);
}

/* ---- objects --------------------------------------------------------------------------------- */

struct named {
    const struct merchant *merchant;
    struct arena *arena;
    uint64_t seen;
};

/* The line of that id, on whichever statement it stands. */
static struct merchant_line line_named(const struct merchant *merchant, struct str id)
{
    struct merchant_line line = {.net_minor = 0};
    bool found = false;
    for (uint32_t owner = 0; owner <= merchant->account_count; owner++) {
        uint32_t index = 0;
        if (merchant_line_find(merchant, owner, id, &index) == ERR_OK) {
            merchant_line_at(merchant, owner, index, &line);
            found = true;
        }
    }
    assert_row(found, id.data);
    return line;
}

static void check_named(
    struct named *named, const struct merchant_object *object, const struct json *id)
{
    if (!json_is_null(id)) {
        struct merchant_line line = line_named(named->merchant, json_string(id));
        assert_strs_equal(line.source, object->id);
        named->seen++;
    }
}

static void check_dispute(struct named *named, const struct json *movements)
{
    for (const struct json *at = movements->first; at != NULL; at = at->next) {
        struct merchant_line line = line_named(named->merchant, shop_text(at, "id"));
        assert_int64_equal(line.amount_minor, shop_number(at, "amount"));
        assert_int64_equal(line.fee_minor, shop_number(at, "fee"));
        assert_int64_equal(line.net_minor, shop_number(at, "net"));
        assert_strs_equal(line.currency, shop_text(at, "currency"));
        assert_str_equal_to(shop_text(at, "reporting_category"), line.category);
        named->seen++;
    }
}

static enum err check_object(void *context, const struct merchant_object *object)
{
    struct named *named = context;
    struct json_document document = {0};
    arena_reset(named->arena);
    assert_err(json_parse(object->json, named->arena, &document), ERR_OK);
    check_named(named, object, json_get(document.root, STR("balance_transaction")));
    check_named(named, object, json_get(document.root, STR("failure_balance_transaction")));
    if (str_eq(object->kind, STR("dispute"))) {
        check_dispute(named, json_get(document.root, STR("balance_transactions")));
    }
    return ERR_OK;
}

static void objects_name_lines_that_are_about_them(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    for (int in_days = 0; in_days < 2; in_days++) {
        CLEANUP(merchant_free)
        struct merchant *merchant = lines_shop_open(SHOP_EVERYTHING, test_seed(), in_days != 0);
        struct named named = {merchant, arena, 0};
        lines_shop_live(merchant);
        assert_err(merchant_objects(merchant, check_object, &named), ERR_OK);
        assert_true(named.seen > 500);
    }
}

static void check_exchange(const struct merchant *merchant, uint32_t owner, void *context)
{
    uint64_t *exchanged = context;
    for (uint32_t i = 0; i < merchant_line_count(merchant, owner); i++) {
        const struct shop_money *money = &merchant->statements[owner].lines[i];
        struct merchant_line line;
        merchant_line_at(merchant, owner, i, &line);
        if (line.customer_currency.len == 0) {
            continue;
        }
        assert_str_equal_to(line.currency, "eur");
        int64_t twice = 2 * (money->paid * money->rate - money->amount * 1000000);
        assert_true(twice >= -1000000 && twice <= 1000000);
        assert_true(money->rate > 1000000 && money->rate < 1200000);
        (*exchanged)++;
    }
}

static void other_currencies_are_exchanged_to_the_nearest_cent(void **state)
{
    (void)state;
    uint64_t exchanged = 0;
    check_everywhere(check_exchange, &exchanged);
    assert_true(exchanged > 500);
}

/* ---- what there is --------------------------------------------------------------------------- */

static void every_movement_occurs(void **state)
{
    (void)state;
    bool seen[MOVEMENT_COUNT] = {false};
    for (int i = 0; i < 4; i++) {
        CLEANUP(merchant_free)
        struct merchant *merchant =
            lines_shop_open(SHOP_EVERYTHING ",adjustments", test_seed() + (uint64_t)i, i % 2 == 1);
        lines_shop_live(merchant);
        for (uint32_t owner = 0; owner <= merchant->account_count; owner++) {
            for (uint32_t k = 0; k < merchant_line_count(merchant, owner); k++) {
                seen[merchant->statements[owner].lines[k].movement] = true;
            }
        }
    }
    for (int i = 0; i < MOVEMENT_COUNT; i++) {
        static const char *const names[] = {
#define MOVEMENT(name, type, category, when, description) #name,
#include "sandbox/movements.def"
#undef MOVEMENT
        };
        bool monthly = i == MOVEMENT_MONTHLY_FEE; /* the days may have no first of a month */
        bool wrong = i == MOVEMENT_COLLECTION || i == MOVEMENT_NEVER_HEARD_OF; /* only by a fault */
        assert_row(seen[i] || monthly || wrong, names[i]);
    }
}

static void corrections_come_only_when_they_are_asked_for(void **state)
{
    (void)state;
    CLEANUP(merchant_free) struct merchant *merchant = lines_shop_open("all", test_seed(), false);
    lines_shop_live(merchant);
    for (uint32_t i = 0; i < merchant_line_count(merchant, 0); i++) {
        assert_true(merchant->statements[0].lines[i].movement != MOVEMENT_ADJUSTMENT);
    }
}

static void a_forgetful_merchant_keeps_no_lines(void **state)
{
    (void)state;
    struct merchant_mix mix = {0};
    struct merchant_event event = {0};
    assert_err(merchant_mix_parse(STR(SHOP_EVERYTHING), &mix), ERR_OK);
    CLEANUP(merchant_free) struct merchant *merchant = shop_open_with(mix, test_seed(), 4000, true);
    for (int i = 0; i < LINES_EVENTS; i++) {
        assert_err(merchant_next(merchant, &event), ERR_OK);
    }
    for (uint32_t owner = 0; owner <= merchant->account_count; owner++) {
        assert_int_equal(merchant_line_count(merchant, owner), 0);
    }
}

TESTS_MAIN("sandbox/lines",
    TEST(each_line_adds_up_and_is_found),
    TEST(the_balance_is_the_sum_of_the_lines),
    TEST(an_automatic_payout_is_the_sum_of_its_lines),
    TEST(objects_name_lines_that_are_about_them),
    TEST(other_currencies_are_exchanged_to_the_nearest_cent),
    TEST(every_movement_occurs),
    TEST(corrections_come_only_when_they_are_asked_for),
    TEST(a_forgetful_merchant_keeps_no_lines))

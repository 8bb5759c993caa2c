/* Faults on purpose: each changes what its row in faults.def says, and nothing else. */
#include "sandbox/faults_internal.h"
#include "unit/sandbox/api_shop.h"
#include "unit/sandbox/report_file.h"

#define EVENTS 6000
#define DAYS 12
#define ARENA_BYTES ((size_t)16 * 1024 * 1024)

static const char *const words[FAULT_KIND_COUNT] = {
#define FAULT(name, word, code, help) [FAULT_IS_##name] = (word),
#include "sandbox/faults.def"
#undef FAULT
};
static const char *const codes[FAULT_KIND_COUNT] = {
#define FAULT(name, word, code, help) [FAULT_IS_##name] = (code),
#include "sandbox/faults.def"
#undef FAULT
};

/* ---- shops ----------------------------------------------------------------------------------- */

struct told { /* an event, in short */
    uint64_t body_hash;
    enum event_fate fate;
    bool again;
};
struct world {
    struct faults *faults;
    struct merchant *merchant;
    struct archive *archive;
    uint32_t count;
    struct told *told;
};

static void live(struct world *world, uint32_t events)
{
    struct merchant_event event = {0};
    while (world->count < events && merchant_next(world->merchant, &event) == ERR_OK) {
        assert_err(archive_add(world->archive, &event), ERR_OK);
        world->told[world->count++] = (struct told){
            hash_bytes(event.body.data, event.body.len, 0), event.fate, event.again.len > 0};
    }
}

/* "" is a shop without faults; in days it lives for DAYS, else for EVENTS. */
static struct world open_world_spread(
    const char *wish, const char *mix, bool in_days, int64_t spread_s)
{
    struct world world = {0};
    struct fault_wish wanted = {.spread_s = 0};
    struct merchant_config config = {.seed = test_seed(),
        .start_us = SHOP_START_US / 86400000000 * 86400000000,
        .mean_gap_us = in_days ? INT64_C(400) * 1000000 : 100000,
        .objects_max = 40000};
    config.end_us = in_days ? config.start_us + DAYS * INT64_C(86400000000) : 0;
    assert_err(merchant_mix_parse(str_from(mix), &config.mix), ERR_OK);
    if (wish[0] != '\0') {
        assert_err(fault_wish_parse(str_from(wish), &wanted), ERR_OK);
        wanted.spread_s = spread_s;
        world.faults = config.faults = faults_new(test_seed(), &wanted);
        assert_non_null(world.faults);
    }
    world.merchant = merchant_new(&config);
    assert_non_null(world.merchant);
    world.archive = archive_new(&(struct archive_config){.merchant = world.merchant,
        .events_max = 60000,
        .objects_max = 40000,
        .event_bytes_max = SIZE_MAX / 2});
    assert_non_null(world.archive);
    world.told = calloc(60000, sizeof *world.told);
    assert_non_null(world.told);
    live(&world, in_days ? 60000 : EVENTS);
    return world;
}

static struct world open_world(const char *wish, const char *mix, bool in_days)
{
    return open_world_spread(wish, mix, in_days, 0);
}

static void close_world(struct world *world)
{
    world->archive = archive_free(world->archive);
    world->merchant = merchant_free(world->merchant);
    world->faults = faults_free(world->faults);
    free(world->told);
}

/* The only one that was done. */
static const struct fault_done *done_in(const struct world *world)
{
    assert_int64_equal(faults_left(world->faults), 0);
    assert_int64_equal(world->faults->done_count, 1);
    return &world->faults->done[0];
}

static void line_named(const struct world *world, struct str id, struct merchant_line *ret)
{
    uint32_t index = 0;
    assert_err(merchant_line_find(world->merchant, 0, id, &index), ERR_OK);
    merchant_line_at(world->merchant, 0, index, ret);
}

/* ---- against a shop without --------------------------------------------------------------------
 */

/* Of the lines that a view shows: how many are not there otherwise, lack, and say something else.
 */
struct difference {
    uint32_t added, missing, altered;
};

static bool shown(
    const struct world *world, enum fault_view view, uint32_t index, struct merchant_line *ret_line)
{
    merchant_line_at(world->merchant, 0, index, ret_line);
    bool is_shown = faults_show_line(world->faults, view, ret_line);
    faults_alter_line(world->faults, view, ret_line);
    return is_shown;
}

static bool is_same(const struct merchant_line *a, const struct merchant_line *b)
{
    bool same = a->amount_minor == b->amount_minor && a->fee_minor == b->fee_minor &&
                a->net_minor == b->net_minor && str_eq(a->currency, b->currency) &&
                strcmp(a->type, b->type) == 0 && strcmp(a->category, b->category) == 0 &&
                a->created_s == b->created_s && a->available_on_s == b->available_on_s &&
                str_eq(a->source, b->source) && a->is_source_hidden == b->is_source_hidden &&
                str_eq(a->customer_currency, b->customer_currency) &&
                a->fee_count == b->fee_count && str_eq(a->payout, b->payout);
    for (uint32_t i = 0; same && i < a->fee_count; i++) {
        same = a->fees[i].minor == b->fees[i].minor;
    }
    return same;
}

static struct difference compare(
    const struct world *clean, const struct world *faulty, enum fault_view view)
{
    struct difference difference = {0};
    uint32_t common = 0;
    for (uint32_t i = 0; i < merchant_line_count(faulty->merchant, 0); i++) {
        struct merchant_line a;
        struct merchant_line b;
        uint32_t index = 0;
        if (!shown(faulty, view, i, &a)) {
            continue;
        }
        if (merchant_line_find(clean->merchant, 0, a.id, &index) != ERR_OK) {
            difference.added++;
            continue;
        }
        common++;
        merchant_line_at(clean->merchant, 0, index, &b);
        difference.altered += is_same(&a, &b) ? 0 : 1;
    }
    difference.missing = merchant_line_count(clean->merchant, 0) - common;
    return difference;
}

static uint32_t count_events_that_differ(const struct world *clean, const struct world *faulty)
{
    uint32_t count = 0;
    assert_int64_equal(clean->count, faulty->count);
    for (uint32_t i = 0; i < clean->count; i++) {
        const struct told *a = &clean->told[i];
        const struct told *b = &faulty->told[i];
        bool same = a->body_hash == b->body_hash && b->fate == EVENT_TOLD && !b->again;
        count += same ? 0 : 1;
    }
    return count;
}

/* The faults that leave the lives of all other things as they are. */
static const struct {
    enum fault_kind kind;
    uint32_t events;
    struct difference api, report;
} rows[] = {
    {FAULT_IS_DROP_EVENT, 1, {0, 0, 0}, {0, 0, 0}},
    {FAULT_IS_DROP_OBJECT, 4, {0, 0, 1}, {0, 0, 1}},
    {FAULT_IS_MISSING_EVENT, 1, {0, 0, 0}, {0, 0, 0}},
    {FAULT_IS_EVENT_CONTENT, 1, {0, 0, 0}, {0, 0, 0}},
    {FAULT_IS_STALE_STATUS, 0, {1, 0, 0}, {1, 0, 0}},
    {FAULT_IS_DROP_LINE, 0, {0, 1, 0}, {0, 1, 0}},
    {FAULT_IS_MISSING_OBJECT, 0, {1, 0, 0}, {1, 0, 0}},
    {FAULT_IS_ALTER_AMOUNT, 0, {0, 0, 1}, {0, 0, 1}},
    {FAULT_IS_ALTER_CURRENCY, 0, {0, 0, 1}, {0, 0, 1}},
    {FAULT_IS_WRONG_FEE_SUM, 0, {0, 0, 1}, {0, 0, 1}},
    {FAULT_IS_WRONG_NET, 0, {0, 0, 1}, {0, 0, 1}},
    {FAULT_IS_ORPHAN, 0, {1, 0, 0}, {1, 0, 0}},
    {FAULT_IS_OTHER_ADJUSTMENT, 0, {1, 0, 0}, {1, 0, 0}},
    {FAULT_IS_UNKNOWN_TYPE, 0, {1, 0, 0}, {1, 0, 0}},
    {FAULT_IS_CONNECT_NEGATIVE, 0, {1, 0, 0}, {1, 0, 0}},
    {FAULT_IS_DISPUTE_OUTCOME, 0, {1, 0, 0}, {1, 0, 0}},
    {FAULT_IS_LINE_NOT_IN_REPORT, 0, {0, 0, 0}, {0, 1, 0}},
    {FAULT_IS_LINE_ONLY_IN_REPORT, 0, {0, 1, 0}, {0, 0, 0}},
    {FAULT_IS_RESTATE_REPORT, 0, {0, 0, 0}, {0, 0, 1}},
    {FAULT_IS_ROLLFORWARD, 0, {0, 0, 0}, {0, 0, 0}},
    {FAULT_IS_BALANCE_DRIFT, 0, {0, 0, 0}, {0, 0, 0}},
};

static void expect_difference(
    const char *word, const struct difference *is, const struct difference *wanted)
{
    if (memcmp(is, wanted, sizeof *is) != 0) {
        fail_msg("%s: %u added, %u missing, %u altered", word, is->added, is->missing, is->altered);
    }
}

static void a_fault_changes_one_thing_and_leaves_all_else_as_it_would_be(void **state)
{
    (void)state;
    static const char mix[] = "payments,disputes=20,billing=5";
    struct world clean = open_world("", mix, false);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        struct world faulty = open_world(words[rows[i].kind], mix, false);
        struct difference api = compare(&clean, &faulty, FAULT_VIEW_API);
        struct difference report = compare(&clean, &faulty, FAULT_VIEW_REPORT);
        assert_int64_equal(done_in(&faulty)->kind, rows[i].kind);
        expect_difference(words[rows[i].kind], &api, &rows[i].api);
        expect_difference(words[rows[i].kind], &report, &rows[i].report);
        assert_int64_equal(count_events_that_differ(&clean, &faulty), rows[i].events);
        close_world(&faulty);
    }
    close_world(&clean);
}

/* ---- the money ------------------------------------------------------------------------------- */

#define MONTH_MIX "payments,disputes=20,billing=5,payouts=5"

static int64_t sum_of_lines(const struct merchant *merchant, struct str currency)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < merchant_line_count(merchant, 0); i++) {
        struct merchant_line line;
        merchant_line_at(merchant, 0, i, &line);
        sum += str_eq(line.currency, currency) ? line.net_minor : 0;
    }
    return sum;
}

static void balance_and_payouts_follow_the_lines_that_are_wrong(void **state)
{
    (void)state;
    struct world world = open_world(
        "drop_line=4,alter_amount=4,alter_currency=4,wrong_net=4,wrong_fee_sum=4,missing_object=4,"
        "orphan=4,other_adjustment=4,unknown_type=4,connect_negative=4,stale_status=2",
        MONTH_MIX, true);
    struct merchant_balance balances[MERCHANT_BALANCES_MAX];
    uint32_t count = merchant_balances(world.merchant, 0, balances);
    assert_int64_equal(faults_left(world.faults), 0);
    for (uint32_t i = 0; i < count; i++) {
        assert_int64_equal(balances[i].available_minor + balances[i].pending_minor,
            sum_of_lines(world.merchant, balances[i].currency));
    }
    for (uint32_t i = 0; i < world.merchant->payout_pool.made; i++) {
        const struct shop_payout *payout = &world.merchant->payouts[i];
        int64_t left = payout->amount;
        bool automatic = false;
        for (uint32_t at = 0; at < merchant_line_count(world.merchant, payout->owner); at++) {
            struct merchant_line line;
            merchant_line_at(world.merchant, payout->owner, at, &line);
            bool is_in = str_eq(line.payout, str_from(payout->id)) && !line.is_payout_own;
            automatic = automatic || is_in;
            left -= is_in ? line.net_minor : 0;
        }
        assert_int64_equal(left, automatic ? 0 : payout->amount);
    }
    close_world(&world);
}

static void reports_of_a_faulty_shop_agree_with_one_another(void **state)
{
    (void)state;
    struct world world = open_world(
        "drop_line=2,alter_amount=2,wrong_net=2,missing_object=2,restate_report,balance_drift",
        MONTH_MIX, true);
    int64_t from_s = merchant_begin_s(world.merchant) + 3 * 86400;
    struct report_said total =
        report_of_shop(world.merchant, REPORT_SUMMARY_1, from_s, from_s + 5 * 86400, NULL, NULL);
    struct report_said activity =
        report_of_shop(world.merchant, REPORT_ACTIVITY_6, from_s, from_s + 5 * 86400, NULL, NULL);
    assert_true(total.count > 1);
    for (uint32_t i = 0; i < activity.count; i++) {
        const struct report_sum *sum = report_sum_of(&total, activity.sums[i].currency);
        assert_int64_equal(sum->activity, activity.sums[i].net);
        assert_int64_equal(sum->starting + sum->activity + sum->payouts, sum->ending);
    }
    close_world(&world);
}

static void a_roll_forward_is_broken_by_what_the_file_says(void **state)
{
    (void)state;
    struct world world = open_world("rollforward", MONTH_MIX, true);
    const struct fault_done *done = done_in(&world);
    struct currency euro;
    assert_err(currency_parse(STR("eur"), &euro), ERR_OK);
    for (int day = 0; day < DAYS; day++) {
        int64_t from_s = merchant_begin_s(world.merchant) + day * 86400;
        struct report_said total =
            report_of_shop(world.merchant, REPORT_SUMMARY_1, from_s, from_s + 86400, NULL, NULL);
        struct report_said activity =
            report_of_shop(world.merchant, REPORT_ACTIVITY_6, from_s, from_s + 86400, NULL, NULL);
        bool is_the_day = done->at_s >= from_s && done->at_s < from_s + 86400;
        const struct report_sum *sum = report_sum_of(&total, euro);
        int64_t off = is_the_day ? done->minor : 0;
        assert_int64_equal(sum->starting + sum->activity + sum->payouts, sum->ending + off);
        assert_int64_equal(sum->activity, report_sum_of(&activity, euro)->net + off);
    }
    close_world(&world);
}

/* ---- things that have lives ------------------------------------------------------------------ */

static void a_refund_whose_money_came_back_says_that_it_succeeded(void **state)
{
    (void)state;
    struct world world = open_world("stale_status", MONTH_MIX, true);
    const struct fault_done *done = done_in(&world);
    struct merchant_line line;
    line_named(&world, str_from(done->line), &line);
    assert_string_equal(line.category, "refund_failure");
    assert_strs_equal(line.source, str_from(done->subject));
    assert_int64_equal(world.merchant->refunds[line.source_ref.index].status, REFUND_IS_SUCCEEDED);
    close_world(&world);
}

static const struct shop_dispute *dispute_named(const struct world *world, const char *id)
{
    for (uint32_t i = 0; i < world->merchant->dispute_pool.made; i++) {
        if (strcmp(world->merchant->disputes[i].id, id) == 0) {
            return &world->merchant->disputes[i];
        }
    }
    fail_msg("there is no dispute %s", id);
    return NULL;
}

static int64_t sum_about(const struct world *world, const char *source)
{
    int64_t sum = 0;
    for (uint32_t i = 0; i < merchant_line_count(world->merchant, 0); i++) {
        struct merchant_line line;
        merchant_line_at(world->merchant, 0, i, &line);
        sum += str_eq(line.source, str_from(source)) ? line.amount_minor : 0;
    }
    return sum;
}

static void a_disputes_outcome_and_its_money_disagree(void **state)
{
    (void)state;
    struct world lost = open_world("dispute_outcome", MONTH_MIX, true);
    const struct shop_dispute *dispute = dispute_named(&lost, done_in(&lost)->subject);
    assert_int64_equal(dispute->status, DISPUTE_IS_LOST);
    assert_int64_equal(dispute->movement_count, 1);
    assert_int64_equal(sum_about(&lost, dispute->id), 0);
    close_world(&lost);

    struct world won = open_world("dispute_unpaid", MONTH_MIX, true);
    dispute = dispute_named(&won, done_in(&won)->subject);
    assert_int64_equal(dispute->status, DISPUTE_IS_WON);
    assert_int64_equal(dispute->movement_count, 1);
    assert_int64_equal(sum_about(&won, dispute->id), dispute->movements[0].amount);
    close_world(&won);
}

static uint32_t count_payouts(const struct world *world, enum course course)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < world->merchant->payout_pool.made; i++) {
        count += world->merchant->payouts[i].place.course == course ? 1 : 0;
    }
    return count;
}

static const struct shop_payout *payout_named(const struct world *world, const char *id)
{
    for (uint32_t i = 0; i < world->merchant->payout_pool.made; i++) {
        if (strcmp(world->merchant->payouts[i].id, id) == 0) {
            return &world->merchant->payouts[i];
        }
    }
    fail_msg("there is no payout %s", id);
    return NULL;
}

static void a_payout_is_stuck_or_comes_back_and_no_other(void **state)
{
    (void)state;
    struct world none = open_world("none", MONTH_MIX, true);
    assert_int64_equal(count_payouts(&none, COURSE_PAYOUT_FAILED_LATE), 0);
    close_world(&none);

    struct world failed = open_world("payout_failed_after_paid", MONTH_MIX, true);
    assert_int64_equal(count_payouts(&failed, COURSE_PAYOUT_FAILED_LATE), 1);
    assert_int64_equal(payout_named(&failed, done_in(&failed)->subject)->status, PAYOUT_IS_FAILED);
    close_world(&failed);

    struct world stuck = open_world("payout_stuck", MONTH_MIX, true);
    const struct shop_payout *payout = payout_named(&stuck, done_in(&stuck)->subject);
    assert_int64_equal(payout->status, PAYOUT_IS_IN_TRANSIT);
    assert_true(payout->arrival_s + 3 * 86400 < merchant_clock_s(stuck.merchant));
    close_world(&stuck);
}

static void a_payouts_line_is_missing_where_its_lines_are_asked_for(void **state)
{
    (void)state;
    struct world world = open_world("payout_sum", MONTH_MIX, true);
    const struct fault_done *done = done_in(&world);
    struct merchant_line line;
    line_named(&world, str_from(done->line), &line);
    assert_true(line.payout.len > 0);
    char payout[OBJECT_ID_BYTES];
    assert_true(str_copy_to(payout, sizeof payout, line.payout));
    assert_int64_equal(payout_named(&world, payout)->status, PAYOUT_IS_PAID);
    assert_int64_equal(done->minor, line.net_minor);
    assert_false(faults_show_line(world.faults, FAULT_VIEW_PAYOUT, &line));
    assert_true(faults_show_line(world.faults, FAULT_VIEW_API, &line));
    assert_true(faults_show_line(world.faults, FAULT_VIEW_REPORT, &line));
    faults_alter_line(world.faults, FAULT_VIEW_API, &line);
    assert_int64_equal((int64_t)line.payout.len, 0);
    close_world(&world);
}

static void an_invoice_is_paid_by_two_payments_each_of_them_whole(void **state)
{
    (void)state;
    struct world world = open_world("duplicate_charge", MONTH_MIX, true);
    const struct fault_done *done = done_in(&world);
    uint32_t payments = 0;
    for (uint32_t i = 0; i < world.merchant->payment_pool.made; i++) {
        const struct shop_payment *payment = &world.merchant->payments[i];
        if (strcmp(payment->invoice_id, done->subject) == 0) {
            payments++;
            assert_int64_equal(payment->status, INTENT_SUCCEEDED);
            assert_int64_equal(payment->received, done->minor);
            assert_true(payment->invoice_paid_s > 0);
            assert_int64_equal(world.merchant->invoices[payment->invoice - 1].paid, done->minor);
        }
    }
    assert_int64_equal(payments, 2);
    close_world(&world);
}

/* ---- what the API says ----------------------------------------------------------------------- */

struct asked {
    struct world *world;
    struct api *api;
    struct arena *arena;
    struct buf body;
    struct api_response response;
};

static struct asked ask_of(struct world *world)
{
    struct asked asked = {.world = world, .arena = arena_new(ARENA_BYTES)};
    asked.api =
        api_new(&(struct api_config){.archive = world->archive, .key = STR("rk_test_unit")});
    assert_non_null(asked.api);
    assert_non_null(asked.arena);
    buf_init(&asked.body, API_BODY_BYTES_MAX);
    return asked;
}

static void ask_no_more(struct asked *asked)
{
    asked->api = api_free(asked->api);
    asked->arena = arena_free(asked->arena);
    buf_fini(&asked->body);
}

static const struct json *get(
    struct asked *asked, const char *path, const char *id, const char *query, int status)
{
    char whole[256];
    struct json_document document = {0};
    (void)snprintf(whole, sizeof whole, "%s%s", path, id);
    buf_clear(&asked->body);
    asked->response = (struct api_response){.body = &asked->body};
    api_answer(asked->api,
        &(struct api_request){.method = STR("GET"),
            .path = str_from(whole),
            .query = str_from(query),
            .authorization = STR("Bearer rk_test_unit")},
        0, &asked->response);
    assert_int64_equal(asked->response.status, status);
    struct str text = arena_copy(asked->arena, buf_str(&asked->body));
    assert_err(json_parse(text, asked->arena, &document), ERR_OK);
    return document.root;
}

static void what_was_dropped_cannot_be_asked_for(void **state)
{
    (void)state;
    struct world world = open_world("drop_event,drop_object,missing_object", MONTH_MIX, true);
    struct asked asked = ask_of(&world);
    assert_int64_equal(faults_left(world.faults), 0);
    for (uint32_t i = 0; i < world.faults->done_count; i++) {
        const struct fault_done *done = &world.faults->done[i];
        if (done->kind == FAULT_IS_DROP_EVENT) {
            (void)get(&asked, "/v1/events/", done->event, "", 404);
            const struct json *intent = get(&asked, "/v1/payment_intents/", done->intent, "", 200);
            assert_str_equal_to(shop_text(intent, "status"), "succeeded");
        } else if (done->kind == FAULT_IS_DROP_OBJECT) {
            (void)get(&asked, "/v1/events/", done->event, "", 404);
            (void)get(&asked, "/v1/payment_intents/", done->intent, "", 404);
        } else {
            (void)get(&asked, "/v1/charges/", done->subject, "", 404);
            const struct json *line =
                get(&asked, "/v1/balance_transactions/", done->line, "expand[]=source", 200);
            assert_strs_equal(shop_text(line, "source"), str_from(done->subject));
        }
    }
    ask_no_more(&asked);
    close_world(&world);
}

static void a_charge_beside_a_line_in_another_currency_explains_nothing(void **state)
{
    (void)state;
    struct world world = open_world("alter_currency", MONTH_MIX, true);
    struct asked asked = ask_of(&world);
    const struct fault_done *done = done_in(&world);
    const struct json *line =
        get(&asked, "/v1/balance_transactions/", done->line, "expand[]=source", 200);
    assert_strs_equal(shop_text(line, "currency"), str_from(done->currency));
    assert_strs_equal(shop_text(line, "source.currency"), str_from(done->currency));
    assert_true(json_is_null(json_get(line, STR("exchange_rate"))));
    const struct json *charge = get(&asked, "/v1/charges/", done->subject, "", 200);
    assert_false(str_eq(shop_text(charge, "currency"), str_from(done->currency)));
    ask_no_more(&asked);
    close_world(&world);
}

static void a_line_that_only_reports_have_is_not_in_the_api(void **state)
{
    (void)state;
    struct world world = open_world("line_only_in_report,balance_drift", MONTH_MIX, true);
    struct asked asked = ask_of(&world);
    int64_t lines = 0;
    int64_t drift = 0;
    struct merchant_balance balances[MERCHANT_BALANCES_MAX];
    assert_int64_equal(faults_left(world.faults), 0);
    for (uint32_t i = 0; i < world.faults->done_count; i++) {
        const struct fault_done *done = &world.faults->done[i];
        if (done->kind == FAULT_IS_LINE_ONLY_IN_REPORT) {
            (void)get(&asked, "/v1/balance_transactions/", done->line, "", 404);
            char query[64];
            (void)snprintf(query, sizeof query, "source=%s", done->subject);
            lines = get(&asked, "/v1/balance_transactions", "", query, 200)->count;
            assert_int64_equal(
                json_get(get(&asked, "/v1/balance_transactions", "", query, 200), STR("data"))
                    ->count,
                0);
        } else {
            drift = done->minor;
        }
    }
    assert_true(lines > 0);
    (void)merchant_balances(world.merchant, 0, balances);
    const struct json *balance = get(&asked, "/v1/balance", "", "", 200);
    const struct json *euros = json_get(balance, STR("available"))->first;
    assert_str_equal_to(shop_text(euros, "currency"), "eur");
    assert_int64_equal(shop_number(euros, "amount"), balances[0].available_minor + drift);
    ask_no_more(&asked);
    close_world(&world);
}

/* ---- wishes and what is told ----------------------------------------------------------------- */

static void every_fault_finds_its_place_within_days_and_tells_its_code(void **state)
{
    (void)state;
    struct world world = open_world("all", MONTH_MIX, true);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    CLEANUP(buf_fini) struct buf text;
    bool seen[FAULT_KIND_COUNT] = {false};
    buf_init(&text, 1024 * 1024);
    assert_int64_equal(faults_left(world.faults), 0);
    faults_write(world.faults, world.merchant, &text);
    struct str rest = buf_str(&text);
    while (rest.len > 0) {
        struct json_document document = {0};
        assert_err(json_parse(str_cut(&rest, '\n'), arena, &document), ERR_OK);
        int kind = 0;
        while (!str_eq(shop_text(document.root, "fault"), str_from(words[kind]))) {
            assert_true(++kind < FAULT_KIND_COUNT);
        }
        assert_false(seen[kind]);
        seen[kind] = true;
        assert_strs_equal(shop_text(document.root, "discrepancy"), str_from(codes[kind]));
        bool is_of_all = kind == FAULT_IS_ROLLFORWARD || kind == FAULT_IS_BALANCE_DRIFT;
        assert_int_equal(shop_text(document.root, "subject").len > 0, !is_of_all);
        assert_true(shop_number(document.root, "amount_minor") != 0);
        assert_int64_equal((int64_t)shop_text(document.root, "currency").len, 3);
    }
    assert_int64_equal(world.faults->done_count, FAULT_KIND_COUNT);
    close_world(&world);
}

static void one_seed_makes_the_same_faults(void **state)
{
    (void)state;
    struct buf text[2];
    for (int i = 0; i < 2; i++) {
        struct world world = open_world("all", MONTH_MIX, true);
        buf_init(&text[i], 1024 * 1024);
        faults_write(world.faults, world.merchant, &text[i]);
        close_world(&world);
    }
    assert_strs_equal(buf_str(&text[0]), buf_str(&text[1]));
    buf_fini(&text[0]);
    buf_fini(&text[1]);
}

static void wishes_are_read_and_refused(void **state)
{
    (void)state;
    struct fault_wish wish;
    assert_err(fault_wish_parse(STR("drop_line=3,wrong_net"), &wish), ERR_OK);
    assert_int64_equal(wish.count[FAULT_IS_DROP_LINE], 3);
    assert_int64_equal(wish.count[FAULT_IS_WRONG_NET], 1);
    assert_int64_equal(wish.count[FAULT_IS_ORPHAN], 0);
    assert_err(fault_wish_parse(STR("all"), &wish), ERR_OK);
    assert_int64_equal(wish.count[FAULT_IS_ORPHAN], 1);
    assert_err(fault_wish_parse(STR("none"), &wish), ERR_OK);
    assert_int64_equal(wish.count[FAULT_IS_ORPHAN], 0);
    static const char *const wrong[] = {"", "drop_lines", "drop_line=0", "drop_line=101",
        "drop_line,drop_line", "drop_line,", ",drop_line", "drop_line=x", "all,orphan",
        "none,orphan", "orphan,none", "all=101"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        assert_row(fault_wish_parse(str_from(wrong[i]), &wish) == ERR_INVALID, wrong[i]);
    }
}

static void faults_of_a_kind_are_spread_over_the_shops_life(void **state)
{
    (void)state;
    enum { EACH = 4, HOUR_S = 3600 };
    const int64_t share_s = INT64_C(86400) * DAYS / 2 / EACH;
    struct world world = open_world_spread(
        "wrong_net=4,unknown_type=4,drop_event=4", MONTH_MIX, true, EACH * share_s);
    int64_t begun_s = world.merchant->config.start_us / 1000000;
    uint32_t met[FAULT_KIND_COUNT] = {0};
    assert_int64_equal(faults_left(world.faults), 0);
    for (uint32_t i = 0; i < world.faults->done_count; i++) {
        const struct fault_done *done = &world.faults->done[i];
        int64_t from_s = begun_s + share_s * met[done->kind]++;
        assert_true(done->at_s >= from_s && done->at_s < from_s + share_s + 6 * HOUR_S);
    }
    assert_int64_equal(met[FAULT_IS_WRONG_NET], EACH);
    close_world(&world);
}

TESTS_MAIN("sandbox/faults",
    TEST(faults_of_a_kind_are_spread_over_the_shops_life),
    TEST(a_fault_changes_one_thing_and_leaves_all_else_as_it_would_be),
    TEST(balance_and_payouts_follow_the_lines_that_are_wrong),
    TEST(reports_of_a_faulty_shop_agree_with_one_another),
    TEST(a_roll_forward_is_broken_by_what_the_file_says),
    TEST(a_refund_whose_money_came_back_says_that_it_succeeded),
    TEST(a_disputes_outcome_and_its_money_disagree),
    TEST(a_payout_is_stuck_or_comes_back_and_no_other),
    TEST(a_payouts_line_is_missing_where_its_lines_are_asked_for),
    TEST(an_invoice_is_paid_by_two_payments_each_of_them_whole),
    TEST(what_was_dropped_cannot_be_asked_for),
    TEST(a_charge_beside_a_line_in_another_currency_explains_nothing),
    TEST(a_line_that_only_reports_have_is_not_in_the_api),
    TEST(every_fault_finds_its_place_within_days_and_tells_its_code),
    TEST(one_seed_makes_the_same_faults),
    TEST(wishes_are_read_and_refused))

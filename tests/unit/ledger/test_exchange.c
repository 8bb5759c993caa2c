#include "ledger/exchange.h"
#include "ledger/release.h"
#include "unit/ledger/posts.h"

static const struct currency eur = {"EUR"}, usd = {"USD"};
static const struct own_id attempt = {"att"};

static struct statement_line line_of(enum line_kind kind, int64_t settled, int64_t payer)
{
    return (struct statement_line){.id = {"line"},
        .kind = kind,
        .amount_minor = settled,
        .net_minor = settled,
        .currency = eur,
        .attempt = attempt,
        .customer_minor = payer,
        .customer_currency = usd};
}

static void add(struct exchange *exchange, enum line_kind kind, int64_t settled, int64_t payer)
{
    struct statement_line line = line_of(kind, settled, payer);
    assert_err(exchange_add(exchange, &line), ERR_OK);
}

/* ---- gains and losses -------------------------------------------------------------------------
 */

static void what_goes_back_dearer_is_lost_and_cheaper_is_gained(void **state)
{
    (void)state;
    static const struct {
        int64_t settled_out, payer_out, loss;
    } rows[] = {
        {9000, 10000, 0},
        {9500, 10000, 500},
        {8500, 10000, -500},
        {3800, 4000, 200},
        {3400, 4000, -200},
        {0, 0, 0},
        {3001, 3333, 1},  /* 2999.7 */
        {9001, 10001, 0}, /* 9000.9 */
        {18500, 20000, 500},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        struct exchange exchange = {usd, eur, 10000, 9000, rows[i].payer_out, rows[i].settled_out};
        int64_t loss = -99;
        assert_err(exchange_loss(&exchange, &loss), ERR_OK);
        assert_int64_equal(loss, rows[i].loss);
    }
}

static void nothing_is_known_before_the_payments_own_line(void **state)
{
    (void)state;
    struct exchange exchange = {.payer = usd, .settled = eur};
    int64_t loss = -99;
    add(&exchange, LINE_REFUND, -9500, -10000);
    assert_err(exchange_loss(&exchange, &loss), ERR_OK);
    assert_int64_equal(loss, 0);
    add(&exchange, LINE_PAYMENT, 9000, 10000);
    assert_err(exchange_loss(&exchange, &loss), ERR_OK);
    assert_int64_equal(loss, 500);
}

/* The payment counts as in; all else is out, and what failed of it less out. */
static void a_failed_refund_leaves_what_the_two_rates_cost(void **state)
{
    (void)state;
    struct exchange exchange = {.payer = usd, .settled = eur};
    add(&exchange, LINE_REFUND_FAILED, 9400, 10000);
    add(&exchange, LINE_PAYMENT, 9000, 10000);
    add(&exchange, LINE_REFUND, -9500, -10000);
    assert_int64_equal(exchange.payer_out_minor, 0);
    assert_int64_equal(exchange.settled_out_minor, 100);
    int64_t loss = 0;
    assert_err(exchange_loss(&exchange, &loss), ERR_OK);
    assert_int64_equal(loss, 100);
}

static void a_loss_and_a_gain_are_posted_against_the_position(void **state)
{
    (void)state;
    struct exchange exchange = {usd, eur, 10000, 9000, 10000, 9500};
    struct ledger_entry entry = begun(STREAM_MONEY);
    assert_err(exchange_post(&exchange, attempt, &entry), ERR_OK);
    assert_posts(&entry, "equity:fx_position{att} -5.00 EUR\n"
                         "expenses:fx_loss 5.00 EUR\n");
    exchange.settled_out_minor = 8500;
    entry = begun(STREAM_MONEY);
    assert_err(exchange_post(&exchange, attempt, &entry), ERR_OK);
    assert_posts(&entry, "equity:fx_position{att} 5.00 EUR\n"
                         "income:fx_gain -5.00 EUR\n");
    exchange.settled_out_minor = 9000;
    entry = begun(STREAM_MONEY);
    assert_err(exchange_post(&exchange, attempt, &entry), ERR_OK);
    assert_posts(&entry, "");
}

static void sums_that_do_not_fit_are_refused_and_change_nothing(void **state)
{
    (void)state;
    struct exchange exchange = {usd, eur, 1, INT64_MAX, 0, 0};
    struct statement_line line = line_of(LINE_PAYMENT, 1, 1);
    assert_err(exchange_add(&exchange, &line), ERR_OVERFLOW);
    assert_int64_equal(exchange.payer_in_minor, 1);
    line = line_of(LINE_REFUND, INT64_MIN, -1);
    assert_err(exchange_add(&exchange, &line), ERR_OVERFLOW);
    int64_t loss = 7;
    exchange.payer_out_minor = 2;
    assert_err(exchange_loss(&exchange, &loss), ERR_OVERFLOW);
    assert_int64_equal(loss, 7);
}

static void a_line_of_other_currencies_is_not_added(void **state)
{
    (void)state;
    struct exchange exchange = {.payer = usd, .settled = eur};
    struct statement_line line = line_of(LINE_PAYMENT, 1, 1);
    line.customer_currency = (struct currency){"JPY"};
    assert_aborts((void)!exchange_add(&exchange, &line));
    line.customer_currency = eur;
    assert_aborts((void)!exchange_add(&exchange, &line));
}

/* ---- releases ---------------------------------------------------------------------------------
 */

static void a_day_releases_the_net_of_its_pending_lines(void **state)
{
    (void)state;
    int64_t net = 0;
    struct statement_line line = line_of(LINE_PAYMENT, 10000, 10000);
    line.net_minor = 9700;
    assert_err(release_add(&line, &net), ERR_OK);
    line = line_of(LINE_REFUND, -2000, -2000);
    assert_err(release_add(&line, &net), ERR_OK);
    line = line_of(LINE_PAYOUT, -5000, -5000);
    assert_err(release_add(&line, &net), ERR_OK);
    line = line_of(LINE_REFUND, -1000, -1000);
    line.bucket = BUCKET_PREFUND;
    assert_err(release_add(&line, &net), ERR_OK);
    assert_int64_equal(net, 7700);

    struct ledger_entry entry = begun(STREAM_MONEY);
    assert_err(release_post(net, eur, &entry), ERR_OK);
    assert_posts(&entry, "assets:provider:pending -77.00 EUR\n"
                         "assets:provider:available 77.00 EUR\n");
}

static void a_day_that_takes_more_than_it_gives_goes_the_other_way(void **state)
{
    (void)state;
    struct ledger_entry entry = begun(STREAM_MONEY);
    assert_err(release_post(-300, eur, &entry), ERR_OK);
    assert_posts(&entry, "assets:provider:pending 3.00 EUR\n"
                         "assets:provider:available -3.00 EUR\n");
    entry = begun(STREAM_MONEY);
    assert_err(release_post(INT64_MIN, eur, &entry), ERR_OVERFLOW);
    int64_t net = INT64_MAX;
    struct statement_line line = line_of(LINE_PAYMENT, 1, 1);
    assert_err(release_add(&line, &net), ERR_OVERFLOW);
    assert_int64_equal(net, INT64_MAX);
}

TESTS_MAIN("exchange",
    TEST(what_goes_back_dearer_is_lost_and_cheaper_is_gained),
    TEST(nothing_is_known_before_the_payments_own_line),
    TEST(a_failed_refund_leaves_what_the_two_rates_cost),
    TEST(a_loss_and_a_gain_are_posted_against_the_position),
    TEST(sums_that_do_not_fit_are_refused_and_change_nothing),
    TEST(a_line_of_other_currencies_is_not_added),
    TEST(a_day_releases_the_net_of_its_pending_lines),
    TEST(a_day_that_takes_more_than_it_gives_goes_the_other_way))

/* The chart, and that no rule posts where it must not: every kind of line in every bucket, and
 * every state of every aggregate, under every policy. */
#include "ledger/exchange.h"
#include "ledger/release.h"
#include "ledger/target.h"
#include "unit/ledger/posts.h"

static const struct currency eur = {"EUR"}, usd = {"USD"};
static const struct own_id source = {"source"}, attempt = {"attempt"}, line_itself = {"line"};

/* ---- the table ------------------------------------------------------------------------------ */

static void every_name_is_found_again_and_says_its_class(void **state)
{
    (void)state;
    static const char *const roots[] = {
        [CLASS_ASSET] = "assets:",
        [CLASS_LIABILITY] = "liabilities:",
        [CLASS_EQUITY] = "equity:",
        [CLASS_INCOME] = "income:",
        [CLASS_EXPENSE] = "expenses:",
    };
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        const struct account_row *row = account_row((enum ledger_account)i);
        enum ledger_account found = ACCOUNT_COUNT;
        assert_err(account_parse(str_from(row->name), &found), ERR_OK);
        assert_row((int)found == i, row->name);
        bool in_suspense = strncmp(row->name, "suspense:", 9) == 0;
        assert_row(
            in_suspense || strncmp(row->name, roots[row->class], strlen(roots[row->class])) == 0,
            row->name);
        assert_row(row->help[0] != '\0', row->name);
    }
    enum ledger_account found = ACCOUNT_BANK;
    assert_err(account_parse(STR("assets:ban"), &found), ERR_NOT_FOUND);
    assert_err(account_parse(STR(""), &found), ERR_NOT_FOUND);
    assert_int_equal(found, ACCOUNT_BANK);
}

static bool is_under(const struct account_row *row, const char *root)
{
    return strncmp(row->name, root, strlen(root)) == 0;
}

static void what_is_earned_spent_and_owed_has_one_owner(void **state)
{
    (void)state;
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        const struct account_row *row = account_row((enum ledger_account)i);
        bool meets = row->owner == STREAM_MEETING;
        assert_row(!meets || is_under(row, "assets:clearing:"), row->name);
        assert_row(!meets || row->key >= 0, row->name);
        assert_row(!is_under(row, "assets:provider:") || row->owner == STREAM_MONEY, row->name);
        assert_row(
            !is_under(row, "assets:receivable:") || row->owner == STREAM_BUSINESS, row->name);
    }
}

static void a_stream_posts_in_its_own_accounts_and_where_both_meet(void **state)
{
    (void)state;
    assert_true(account_takes(ACCOUNT_SALES, STREAM_BUSINESS));
    assert_false(account_takes(ACCOUNT_SALES, STREAM_MONEY));
    assert_true(account_takes(ACCOUNT_FEES_PROVIDER, STREAM_MONEY));
    assert_false(account_takes(ACCOUNT_FEES_PROVIDER, STREAM_BUSINESS));
    assert_true(account_takes(ACCOUNT_CLEARING_PAYMENT, STREAM_MONEY));
    assert_true(account_takes(ACCOUNT_CLEARING_PAYMENT, STREAM_BUSINESS));
    assert_false(account_takes(ACCOUNT_OPENING, STREAM_MONEY));
    assert_false(account_takes(ACCOUNT_OPENING, STREAM_BUSINESS));
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        assert_true(account_takes((enum ledger_account)i, STREAM_PEOPLE));
    }
    assert_aborts((void)account_takes(ACCOUNT_SALES, STREAM_MEETING));
}

static void classes_and_streams_have_words(void **state)
{
    (void)state;
    assert_string_equal(account_class_word(CLASS_ASSET), "asset");
    assert_string_equal(account_class_word(CLASS_EXPENSE), "expense");
    assert_string_equal(stream_word(STREAM_MONEY), "money");
    assert_string_equal(stream_word(STREAM_PEOPLE), "people");
}

/* ---- what posts where ------------------------------------------------------------------------ */

static bool used[ACCOUNT_COUNT];

static void see(struct ledger_entry *entry, enum stream stream)
{
    assert_err(entry_finish(entry), ERR_OK);
    for (uint32_t i = 0; i < entry->count; i++) {
        const struct posting *posting = &entry->postings[i];
        const struct account_row *row = account_row(posting->account);
        assert_row(row->owner == stream || row->owner == STREAM_MEETING, row->name);
        assert_row(row->key != KEY_NONE || own_id_is_none(posting->key), row->name);
        assert_row(row->key == KEY_NONE || !own_id_is_none(posting->key), row->name);
        assert_row(row->key != KEY_LINE || own_id_eq(posting->key, line_itself), row->name);
        used[posting->account] = true;
    }
}

static struct statement_line line_of(int kind, int bucket, int64_t sign, bool is_foreign)
{
    return (struct statement_line){.id = line_itself,
        .kind = (enum line_kind)kind,
        .bucket = (enum bucket)bucket,
        .amount_minor = sign * 1000,
        .fee_minor = sign * 100,
        .net_minor = sign * 890, /* 10 are not accounted for */
        .currency = eur,
        .source = source,
        .attempt = attempt,
        .customer_minor = sign * 1200,
        .customer_currency = is_foreign ? usd : eur,
        .fee_count = 4,
        .fees = {{FEE_PROVIDER, sign * 10}, {FEE_PASSTHROUGH, sign * 20},
            {FEE_APPLICATION, sign * 30}, {FEE_TAX, sign * 35}}};
}

static void see_line(const struct statement_line *line)
{
    for (int tax = 0; tax < 2; tax++) {
        struct line_policy policy = {.fee_tax_is_input = tax == 1};
        struct ledger_entry entry = begun(STREAM_MONEY);
        unsigned flaws = 0;
        assert_err(line_post(line, &policy, &entry, &flaws), ERR_OK);
        see(&entry, STREAM_MONEY);
    }
}

static void see_lines(void)
{
    for (int kind = 0; kind < LINE_KIND_COUNT; kind++) {
        for (int bucket = 0; bucket < BUCKET_COUNT; bucket++) {
            for (int64_t sign = -1; sign <= 1; sign += 2) {
                struct statement_line line = line_of(kind, bucket, sign, false);
                see_line(&line);
                line = line_of(kind, bucket, sign, true);
                see_line(&line);
            }
        }
    }
}

static void see_what_lines_make(void)
{
    for (int64_t rate = 90; rate <= 110; rate += 10) {
        struct exchange exchange = {usd, eur, 100, 100, 50, rate / 2};
        struct ledger_entry entry = begun(STREAM_MONEY);
        assert_err(exchange_post(&exchange, attempt, &entry), ERR_OK);
        see(&entry, STREAM_MONEY);
    }
    struct ledger_entry entry = begun(STREAM_MONEY);
    assert_err(release_post(100, eur, &entry), ERR_OK);
    see(&entry, STREAM_MONEY);
}

static void lines_post_only_where_money_may(void **state)
{
    (void)state;
    see_lines();
    see_what_lines_make();
}

static void see_payments(const struct target_policy *policy)
{
    for (int is = 0; is < ATTEMPT_STATE_COUNT; is++) {
        for (int64_t part = 500; part <= 1500; part += 500) {
            struct attempt one = {
                .head = {.id = attempt}, .state = is, .captured_minor = 1000, .currency = eur};
            struct attempt foreign = {
                .head = {.id = {"other"}}, .state = is, .captured_minor = 1000, .currency = usd};
            struct attempt *attempts[] = {&one, &foreign};
            struct payment_aggregate aggregate = {
                {.head = {.id = {"payment"}}, .currency = eur}, attempts, 2};
            struct share invoice = {{"invoice"}, part};
            struct share account = {{"account"}, part};
            struct ledger_entry entry = begun(STREAM_BUSINESS);
            assert_err(
                target_payment(&aggregate, &invoice, 1, &account, 1, policy, &entry), ERR_OK);
            see(&entry, STREAM_BUSINESS);
        }
    }
}

static void see_invoices(void)
{
    for (int is = 0; is < INVOICE_STATE_COUNT; is++) {
        for (int64_t settled = 0; settled <= 1000; settled += 250) {
            struct invoice invoice = {.head = {.id = {"invoice"}},
                .state = is,
                .currency = eur,
                .customer_id = {"customer"},
                .total_minor = 1000,
                .tax_minor = 160,
                .applied_balance_minor = 100,
                .overpaid_minor = 10,
                .paid_out_of_band = settled == 500};
            struct settlement settlement = {settled, settled / 2};
            struct ledger_entry entry = begun(STREAM_BUSINESS);
            assert_err(target_invoice(&invoice, &settlement, &entry), ERR_OK);
            see(&entry, STREAM_BUSINESS);
        }
    }
}

static void see_credit_notes(void)
{
    for (int is = 0; is < CREDIT_NOTE_STATE_COUNT; is++) {
        struct credit_note note = {.state = is,
            .currency = eur,
            .invoice_id = {"invoice"},
            .customer_id = {"customer"},
            .tax_minor = 160,
            .pre_payment_minor = 300,
            .post_payment_minor = 700,
            .balance_minor = 200,
            .out_of_band_minor = 100,
            .refund_id = {"refund"},
            .refund_count = 1};
        struct ledger_entry entry = begun(STREAM_BUSINESS);
        assert_err(target_credit_note(&note, &entry), ERR_OK);
        see(&entry, STREAM_BUSINESS);
    }
}

static void see_refunds(void)
{
    for (int is = 0; is < REFUND_STATE_COUNT; is++) {
        for (int choice = 0; choice < 4; choice++) {
            struct refund refund = {
                .head = {.id = {"refund"}}, .state = is, .amount_minor = 1000, .currency = eur};
            struct refund_cover cover = {.credited_minor = 300,
                .account = {{"account"}, 200},
                .invoice_tax_minor = 19,
                .invoice_total_minor = 119,
                .is_in_statement = (choice & 1) != 0,
                .is_capture_release = (choice & 2) != 0};
            struct ledger_entry entry = begun(STREAM_BUSINESS);
            assert_err(target_refund(&refund, &cover, &entry), ERR_OK);
            see(&entry, STREAM_BUSINESS);
        }
    }
}

static void see_disputes(void)
{
    for (int is = 0; is < DISPUTE_STATE_COUNT; is++) {
        struct dispute dispute = {.head = {.id = {"dispute"}},
            .state = is,
            .withdrawn_minor = 1000,
            .settlement_currency = eur};
        struct ledger_entry entry = begun(STREAM_BUSINESS);
        assert_err(target_dispute(&dispute, &entry), ERR_OK);
        see(&entry, STREAM_BUSINESS);
    }
}

static void see_transfers(const struct target_policy *policy)
{
    struct transfer transfer = {.head = {.id = {"transfer"}},
        .account_id = {"account"},
        .amount_minor = 9,
        .currency = eur};
    struct ledger_entry entry = begun(STREAM_BUSINESS);
    assert_err(target_transfer(&transfer, &entry), ERR_OK);
    for (int is = 0; is < PAYOUT_STATE_COUNT; is++) {
        struct payout payout = {
            .head = {.id = {"payout"}}, .state = is, .amount_minor = 7, .currency = eur};
        assert_err(target_payout(&payout, policy, &entry), ERR_OK);
    }
    for (int is = 0; is < TOPUP_STATE_COUNT; is++) {
        struct topup topup = {
            .head = {.id = {"topup"}}, .state = is, .amount_minor = 5, .currency = eur};
        assert_err(target_topup(&topup, policy, &entry), ERR_OK);
    }
    see(&entry, STREAM_BUSINESS);
}

static void aggregates_post_only_where_business_may(void **state)
{
    (void)state;
    for (int choice = 0; choice < 4; choice++) {
        struct target_policy policy = {(choice & 1) != 0, (choice & 2) != 0};
        see_payments(&policy);
        see_transfers(&policy);
    }
    see_invoices();
    see_credit_notes();
    see_refunds();
    see_disputes();
}

/* An account that no rule knows is one that nobody needs. */
static void every_account_but_those_of_people_has_a_rule(void **state)
{
    (void)state;
    memset(used, 0, sizeof used);
    lines_post_only_where_money_may(NULL);
    aggregates_post_only_where_business_may(NULL);
    for (int i = 0; i < ACCOUNT_COUNT; i++) {
        const struct account_row *row = account_row((enum ledger_account)i);
        assert_row(used[i] == (row->owner != STREAM_PEOPLE), row->name);
    }
}

TESTS_MAIN("chart",
    TEST(every_name_is_found_again_and_says_its_class),
    TEST(what_is_earned_spent_and_owed_has_one_owner),
    TEST(a_stream_posts_in_its_own_accounts_and_where_both_meet),
    TEST(classes_and_streams_have_words),
    TEST(lines_post_only_where_money_may),
    TEST(aggregates_post_only_where_business_may),
    TEST(every_account_but_those_of_people_has_a_rule))

/* What becomes of every event type: the rules that both tables keep, whatever the provider lists.
 */
#include "event_type_rows.h"

static void assert_types_stand_once(const struct event_type_row *rows, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        assert_row(row_find(rows, count, str_from(rows[i].type)) == &rows[i], rows[i].type);
    }
}

static void every_type_has_one_row(void **state)
{
    (void)state;
    assert_types_stand_once(event_rows, EVENT_ROW_COUNT);
    assert_types_stand_once(thin_rows, THIN_ROW_COUNT);
}

static void no_row_was_lost(void **state)
{
    (void)state;
    for (size_t i = 0; i < HISTORICAL_COUNT; i++) {
        assert_row(row_find(event_rows, EVENT_ROW_COUNT, str_from(historical_types[i])) != NULL,
            historical_types[i]);
    }
    assert_int_equal(EVENT_ROW_COUNT - HISTORICAL_COUNT, CURRENT_TYPES);
    assert_int_equal(THIN_ROW_COUNT, THIN_TYPES_WITHOUT_TWIN);
}

static void at_most_150_of_the_current_types_are_recorded(void **state)
{
    (void)state;
    int recorded = 0;
    for (size_t i = 0; i < EVENT_ROW_COUNT; i++) {
        recorded += event_rows[i].reason != NULL && !type_is_historical(event_rows[i].type);
    }
    assert_in_range(recorded, 0, RECORDED_TYPES_MAX);
}

static void only_types_of_older_versions_are_past(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENT_ROW_COUNT; i++) {
        const struct event_type_row *row = &event_rows[i];
        bool past = row->reason == NULL && type_is_historical(row->type);
        assert_row(row->past == past, row->type);
    }
}

static void every_row_says_what_happened(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENT_ROW_COUNT; i++) {
        assert_row(strlen(event_rows[i].help) > 0, event_rows[i].type);
    }
    for (size_t i = 0; i < THIN_ROW_COUNT; i++) {
        assert_row(strlen(thin_rows[i].help) > 0, thin_rows[i].type);
    }
}

static void assert_reason_is_known(const struct event_type_row *row)
{
    static const char *const reasons[] = {"NO_MONEY", "SUBSET", "HOUSEKEEPING", "NOT_MODELLED"};
    for (size_t i = 0; i < sizeof reasons / sizeof *reasons; i++) {
        if (strcmp(reasons[i], row->reason) == 0) {
            return;
        }
    }
    assert_row(false, row->type); /* no reason why a type is recorded */
}

static void what_is_recorded_has_one_of_four_reasons(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENT_ROW_COUNT; i++) {
        if (event_rows[i].reason != NULL) {
            assert_reason_is_known(&event_rows[i]);
        }
    }
    for (size_t i = 0; i < THIN_ROW_COUNT; i++) {
        assert_reason_is_known(&thin_rows[i]);
    }
}

/* Does `text` name `type` as a whole word? invoice.updated is not named by "invoice.updated_at". */
static bool names(const char *text, const char *type)
{
    static const char of_types[] = "abcdefghijklmnopqrstuvwxyz0123456789_.";
    for (const char *at = text + strcspn(text, of_types); *at != '\0';
         at += strcspn(at, of_types)) {
        size_t len = strspn(at, of_types);
        if (len == strlen(type) && strncmp(at, type, len) == 0) {
            return true;
        }
        at += len;
    }
    return false;
}

static void assert_subset_of_a_mapped_type(const struct event_type_row *row)
{
    if (row->reason == NULL || strcmp(row->reason, "SUBSET") != 0) {
        return;
    }
    for (size_t i = 0; i < EVENT_ROW_COUNT; i++) {
        if (event_rows[i].object != NULL && names(row->help, event_rows[i].type)) {
            return;
        }
    }
    assert_row(false, row->type); /* names no mapped type */
}

static void a_subset_names_the_mapped_type_that_tells_the_rest(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENT_ROW_COUNT; i++) {
        assert_subset_of_a_mapped_type(&event_rows[i]);
    }
    for (size_t i = 0; i < THIN_ROW_COUNT; i++) {
        assert_subset_of_a_mapped_type(&thin_rows[i]);
    }
}

/* The rank that the type's last word promises; 0: none. */
static int rank_by_name(const char *type)
{
    static const struct {
        const char *word;
        int rank;
    } words[] = {{".created", 10}, {".opened", 10}, {".updated", 20}, {".deleted", 30},
        {".closed", 30}, {".canceled", 30}, {".paid", 30}, {".reversed", 30}};
    const char *word = strrchr(type, '.');
    for (size_t i = 0; word != NULL && i < sizeof words / sizeof *words; i++) {
        if (strcmp(words[i].word, word) == 0) {
            return words[i].rank;
        }
    }
    return 0;
}

static void ranks_say_new_changed_or_reached(void **state)
{
    (void)state;
    for (size_t i = 0; i < EVENT_ROW_COUNT; i++) {
        const struct event_type_row *row = &event_rows[i];
        if (row->object == NULL) {
            continue;
        }
        assert_row(row->rank == 10 || row->rank == 20 || row->rank == 30, row->type);
        int promised = rank_by_name(row->type);
        assert_row(promised == 0 || row->rank == promised, row->type);
    }
}

static void assert_same_rank(const char *a, const char *b)
{
    const struct event_type_row *row_a = row_find(event_rows, EVENT_ROW_COUNT, str_from(a));
    const struct event_type_row *row_b = row_find(event_rows, EVENT_ROW_COUNT, str_from(b));
    assert_row(row_a != NULL && row_b != NULL && row_a->rank == row_b->rank, a);
}

/* Of two ranks the larger would stand, without a look at what changed. */
static void types_that_tell_the_same_have_the_same_rank(void **state)
{
    (void)state;
    assert_same_rank("refund.updated", "charge.refund.updated");
    assert_same_rank("invoice.paid", "invoice.payment_succeeded");
    assert_same_rank("invoice.paid", "invoice.overpaid");
    assert_same_rank("customer.subscription.updated", "customer.subscription.trial_will_end");
    assert_same_rank(
        "customer.subscription.updated", "customer.subscription.pending_update_applied");
    assert_same_rank(
        "customer.subscription.updated", "customer.subscription.pending_update_expired");
    assert_same_rank("payment_method.updated", "payment_method.automatically_updated");
    assert_same_rank("payment_method.updated", "payment_method.card_automatically_updated");
    assert_same_rank("customer.source.updated", "customer.source.expiring");
    assert_same_rank("subscription_schedule.updated", "subscription_schedule.expiring");
    assert_same_rank("transfer.reversed", "transfer.canceled");
}

/* Of one object from new to ended, so that a reader sees its life. */
static void rows_of_one_object_stand_together_in_the_order_of_rank(void **state)
{
    (void)state;
    const struct event_type_row *before = NULL;
    for (size_t i = 0; i < EVENT_ROW_COUNT; i++) {
        const struct event_type_row *row = &event_rows[i];
        if (row->object == NULL) {
            continue;
        }
        bool same = before != NULL && strcmp(before->object, row->object) == 0;
        assert_row(!same || before->rank <= row->rank, row->type);
        for (const struct event_type_row *earlier = event_rows; !same && earlier < row; earlier++) {
            assert_row(
                earlier->object == NULL || strcmp(earlier->object, row->object) != 0, row->type);
        }
        before = row;
    }
}

/* Else it would be decided twice. */
static void no_thin_row_has_a_twin(void **state)
{
    (void)state;
    for (size_t i = 0; i < THIN_ROW_COUNT; i++) {
        assert_row(row_of_twin(str_from(thin_rows[i].type)) == NULL, thin_rows[i].type);
    }
}

TESTS_MAIN("event_types",
    TEST(every_type_has_one_row),
    TEST(no_row_was_lost),
    TEST(at_most_150_of_the_current_types_are_recorded),
    TEST(only_types_of_older_versions_are_past),
    TEST(every_row_says_what_happened),
    TEST(what_is_recorded_has_one_of_four_reasons),
    TEST(a_subset_names_the_mapped_type_that_tells_the_rest),
    TEST(ranks_say_new_changed_or_reached),
    TEST(types_that_tell_the_same_have_the_same_rank),
    TEST(rows_of_one_object_stand_together_in_the_order_of_rank),
    TEST(no_thin_row_has_a_twin))

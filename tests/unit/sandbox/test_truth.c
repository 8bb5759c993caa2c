#include "base/json.h"
#include "sandbox/truth.h"
#include "unit/testing.h"

static const char file_name[] = "test_truth.state";

struct told {
    struct truth *truth;
    struct truth_note *notes[8];
    int count;
};

static void tell(struct told *told, const char *event, const char *status)
{
    char body[512];
    (void)snprintf(body, sizeof body,
        "{\"id\":\"%s\",\"type\":\"payment_intent.x\",\"data\":{\"object\":{\"id\":\"pi_1\","
        "\"object\":\"payment_intent\",\"status\":\"%s\",\"amount\":500,\"currency\":\"eur\"}}}",
        event, status);
    assert_err(truth_made(told->truth, str_from(body), &told->notes[told->count]), ERR_OK);
    assert_non_null(told->notes[told->count]);
    told->count++;
}

static void forget(struct told *told)
{
    for (int i = 0; i < told->count; i++) {
        truth_note_drop(told->notes[i]);
    }
    told->truth = truth_free(told->truth);
    (void)remove(file_name);
}

/* Writes the file and reads its second line. */
static struct truth_line write_and_read(struct told *told, struct arena *arena)
{
    static char text[8192];
    struct truth_line line = {0};
    struct err_info info = {{0}};
    assert_err(truth_write(told->truth, file_name, STR("{\"head\":1}"), &info), ERR_OK);
    FILE *file = fopen(file_name, "re");
    assert_non_null(file);
    assert_non_null(fgets(text, sizeof text, file));
    assert_err(truth_line_read(str_trim(str_from(text)), arena, &line), ERR_NOT_FOUND);
    assert_non_null(fgets(text, sizeof text, file));
    (void)fclose(file);
    assert_err(truth_line_read(str_trim(str_from(text)), arena, &line), ERR_OK);
    return line;
}

static struct str event_of(const struct truth_line *line, uint32_t candidate)
{
    assert_true(candidate < line->candidate_count);
    return json_string(json_get(line->candidates[candidate], STR("event")));
}

static void newest_acknowledged_snapshot_stands_whatever_the_order(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    struct told told = {.truth = truth_new(16)};
    tell(&told, "evt_1", "requires_action");
    tell(&told, "evt_2", "succeeded");
    truth_tried(told.truth, told.notes[1]);
    truth_tried(told.truth, told.notes[0]);
    truth_acked(told.truth, told.notes[1]);
    truth_acked(told.truth, told.notes[0]);
    struct truth_line line = write_and_read(&told, arena);
    assert_true(line.acked);
    assert_false(line.lags);
    assert_int64_equal(line.candidate_count, 1);
    assert_str_equal_to(event_of(&line, 0), "evt_2");
    assert_ptr_equal(line.newest, line.candidates[0]);
    assert_int64_equal(truth_lagging_count(told.truth), 0);
    forget(&told);
}

static void lost_event_leaves_its_object_lagging_at_the_snapshot_before(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    struct told told = {.truth = truth_new(16)};
    tell(&told, "evt_1", "requires_action");
    truth_tried(told.truth, told.notes[0]);
    truth_acked(told.truth, told.notes[0]);
    tell(&told, "evt_2", "succeeded");
    struct truth_line line = write_and_read(&told, arena);
    assert_true(line.lags);
    assert_int64_equal(line.candidate_count, 1);
    assert_str_equal_to(event_of(&line, 0), "evt_1");
    assert_str_equal_to(json_string(json_get(line.newest, STR("event"))), "evt_2");
    assert_int64_equal(truth_lagging_count(told.truth), 1);
    forget(&told);
}

static void sent_without_an_answer_is_a_candidate_unless_something_newer_is_acknowledged(
    void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    struct told told = {.truth = truth_new(16)};
    tell(&told, "evt_1", "requires_action");
    tell(&told, "evt_2", "processing");
    tell(&told, "evt_3", "succeeded");
    for (int i = 0; i < 3; i++) {
        truth_tried(told.truth, told.notes[i]);
    }
    truth_acked(told.truth, told.notes[1]);
    struct truth_line line = write_and_read(&told, arena);
    assert_true(line.lags);
    assert_int64_equal(line.candidate_count, 2);
    assert_str_equal_to(event_of(&line, 0), "evt_2");
    assert_str_equal_to(event_of(&line, 1), "evt_3");
    forget(&told);
}

static void nothing_acknowledged_means_the_store_need_not_know_it(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    struct told told = {.truth = truth_new(16)};
    tell(&told, "evt_1", "requires_action");
    struct truth_line line = write_and_read(&told, arena);
    assert_false(line.acked);
    assert_int64_equal(line.candidate_count, 0);
    forget(&told);
}

static const char subscription_event[] =
    "{\"id\":\"evt_1\",\"type\":\"customer.subscription.created\",\"data\":{\"object\":{"
    "\"id\":\"sub_1\",\"object\":\"subscription\",\"status\":\"active\",\"items\":{"
    "\"object\":\"list\",\"data\":[{\"id\":\"si_1\",\"object\":\"subscription_item\","
    "\"quantity\":2,\"price\":{\"id\":\"price_1\",\"object\":\"price\",\"unit_amount\":5}},"
    "{\"id\":\"si_2\",\"object\":\"subscription_item\",\"quantity\":1,\"price\":{"
    "\"id\":\"price_1\",\"object\":\"price\",\"unit_amount\":5}}]}}}}";

static void what_stands_inside_is_told_and_acknowledged_with_what_is_around_it(void **state)
{
    (void)state;
    CLEANUP(truth_free) struct truth *truth = truth_new(16);
    struct truth_note *note = NULL;
    assert_err(truth_made(truth, str_from(subscription_event), &note), ERR_OK);
    assert_int64_equal(truth_object_count(truth), 4); /* the price stands there twice */
    assert_int64_equal(truth_lagging_count(truth), 4);
    truth_tried(truth, note);
    truth_acked(truth, note);
    truth_note_drop(note);
    assert_int64_equal(truth_lagging_count(truth), 0);
    assert_err(truth_made(truth,
                   STR("{\"id\":\"evt_2\",\"type\":\"price.updated\",\"data\":{\"object\":{"
                       "\"id\":\"price_1\",\"object\":\"price\"}}}"),
                   &note),
        ERR_OK);
    truth_note_drop(note);
    assert_int64_equal(truth_lagging_count(truth), 1);
}

static void sums_and_words_are_worked_out_of_what_an_event_says(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    struct told told = {.truth = truth_new(16), .count = 1};
    assert_err(
        truth_made(told.truth,
            STR("{\"id\":\"evt_1\",\"type\":\"charge.dispute.closed\",\"data\":{\"object\":{"
                "\"id\":\"du_1\",\"object\":\"dispute\",\"balance_transactions\":["
                "{\"amount\":-700,\"currency\":\"eur\"},{\"amount\":300,\"currency\":\"eur\"}],"
                "\"payment_method_details\":{\"card\":{\"case_type\":\"inquiry\"}}}}}"),
            &told.notes[0]),
        ERR_OK);
    truth_acked(told.truth, told.notes[0]);
    struct truth_line line = write_and_read(&told, arena);
    const struct json *says = line.candidates[0];
    int64_t withdrawn = 0;
    assert_int64_equal(line.kind, TRUTH_DISPUTE);
    assert_err(json_int64(json_get(says, STR("withdrawn_minor")), &withdrawn), ERR_OK);
    assert_int64_equal(withdrawn, 400);
    assert_true(json_bool(json_get(says, STR("funds_withdrawn")), false));
    assert_true(json_bool(json_get(says, STR("funds_reinstated")), false));
    assert_true(json_bool(json_get(says, STR("is_inquiry")), false));
    assert_str_equal_to(json_string(json_get(says, STR("settlement_currency"))), "eur");
    forget(&told);
}

static struct truth_line read_line(struct told *told, int number, struct arena *arena)
{
    static char text[8192];
    struct truth_line line = {0};
    struct err_info info = {{0}};
    assert_err(truth_write(told->truth, file_name, STR("{\"head\":1}"), &info), ERR_OK);
    FILE *file = fopen(file_name, "re");
    assert_non_null(file);
    for (int i = 0; i <= number; i++) {
        assert_non_null(fgets(text, sizeof text, file));
    }
    (void)fclose(file);
    assert_err(truth_line_read(str_trim(str_from(text)), arena, &line), ERR_OK);
    return line;
}

static void made(struct told *told, const char *body)
{
    assert_err(truth_made(told->truth, str_from(body), &told->notes[told->count]), ERR_OK);
    told->count += told->notes[told->count] != NULL ? 1 : 0;
}

#define BALANCE(id, account, amount)                                                               \
    "{\"id\":\"" id "\",\"type\":\"balance.available\"," account                                   \
    "\"data\":{\"object\":{\"object\":\"balance\",\"available\":["                                 \
    "{\"amount\":" amount ",\"currency\":\"eur\"}]}}}"

static void a_balance_goes_by_its_currency_and_its_account(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    struct told told = {.truth = truth_new(16)};
    made(&told, BALANCE("evt_1", "", "100"));
    made(&told, BALANCE("evt_2", "\"account\":\"acct_1\",", "200"));
    made(&told, BALANCE("evt_3", "", "300"));
    assert_int64_equal(truth_object_count(told.truth), 2);
    struct truth_line own = read_line(&told, 1, arena);
    assert_int64_equal(own.kind, TRUTH_BALANCE);
    assert_str_equal_to(own.id, "EUR");
    assert_true(own.account.len == 0);
    struct truth_line below = read_line(&told, 2, arena);
    assert_str_equal_to(below.account, "acct_1");
    assert_false(below.left);
    made(&told, "{\"id\":\"evt_4\",\"type\":\"account.application.deauthorized\","
                "\"account\":\"acct_1\",\"data\":{\"object\":{\"object\":\"application\"}}}");
    assert_true(read_line(&told, 2, arena).left);
    forget(&told);
}

static void more_objects_than_room_is_an_answer(void **state)
{
    (void)state;
    CLEANUP(truth_free) struct truth *truth = truth_new(1);
    struct truth_note *note = NULL;
    assert_err(truth_made(truth,
                   STR("{\"data\":{\"object\":{\"object\":\"refund\",\"id\":\"re_1\"}}}"), &note),
        ERR_OK);
    truth_note_drop(note);
    assert_err(truth_made(truth,
                   STR("{\"data\":{\"object\":{\"object\":\"refund\",\"id\":\"re_2\"}}}"), &note),
        ERR_TOO_LARGE);
    assert_err(truth_made(truth, STR("{\"data\":{\"object\":{\"object\":\"capability\"}}}"), &note),
        ERR_OK);
    assert_null(note);
    assert_err(truth_made(truth, STR("{\"data\":"), &note), ERR_MALFORMED);
}

static void lines_that_are_none_are_refused(void **state)
{
    (void)state;
    CLEANUP(arena_free) struct arena *arena = arena_new(1024 * 1024);
    struct truth_line line = {0};
    static const struct {
        const char *text;
        enum err err;
    } rows[] = {
        {"{\"counterfoil_sandbox\":1}", ERR_NOT_FOUND},
        {"not json", ERR_MALFORMED},
        {"{\"kind\":\"unicorn\",\"id\":\"u_1\",\"unanswered\":[]}", ERR_MALFORMED},
        {"{\"kind\":\"charge\",\"id\":\"\",\"unanswered\":[]}", ERR_MALFORMED},
        {"{\"kind\":\"charge\",\"id\":\"ch_1\"}", ERR_MALFORMED},
        {"{\"kind\":\"charge\",\"id\":\"ch_1\",\"unanswered\":[1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,"
         "16,17]}",
            ERR_MALFORMED},
        {"{\"kind\":\"charge\",\"id\":\"ch_1\",\"acknowledged\":null,\"unanswered\":[]}", ERR_OK},
    };
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
        assert_row(
            truth_line_read(str_from(rows[i].text), arena, &line) == rows[i].err, rows[i].text);
    }
}

TESTS_MAIN("sandbox/truth",
    TEST(newest_acknowledged_snapshot_stands_whatever_the_order),
    TEST(lost_event_leaves_its_object_lagging_at_the_snapshot_before),
    TEST(sent_without_an_answer_is_a_candidate_unless_something_newer_is_acknowledged),
    TEST(nothing_acknowledged_means_the_store_need_not_know_it),
    TEST(what_stands_inside_is_told_and_acknowledged_with_what_is_around_it),
    TEST(sums_and_words_are_worked_out_of_what_an_event_says),
    TEST(a_balance_goes_by_its_currency_and_its_account),
    TEST(more_objects_than_room_is_an_answer),
    TEST(lines_that_are_none_are_refused))

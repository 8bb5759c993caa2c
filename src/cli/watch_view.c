#include "base/check.h"
#include "base/timestamp.h"
#include "store/journal.h"
#include "cli/output.h"
#include "cli/watch.h"
#include <inttypes.h>
#include <stdio.h>

#define NUMBER_BYTES 32

int64_t watch_received(const struct watch_view *view)
{
    return view->stats.total;
}

int64_t watch_open(const struct watch_view *view)
{
    return view->stats.by_status[WORK_NEW] + view->stats.by_status[WORK_CLAIMED];
}

/* "1,234,567" */
static const char *number(int64_t value, char to[static NUMBER_BYTES])
{
    char digits[NUMBER_BYTES];
    int len = snprintf(digits, sizeof digits, "%" PRId64, value);
    size_t at = 0;
    for (int i = 0; i < len; i++) {
        bool comma = i > 0 && digits[i - 1] != '-' && (len - i) % 3 == 0;
        if (comma) {
            to[at++] = ',';
        }
        to[at++] = digits[i];
    }
    to[at] = '\0';
    return to;
}

/* `name value`, the value coloured when it is a matter of concern and not zero. */
static void add_count(struct buf *to, const char *name, int64_t value, enum colour colour)
{
    char text[NUMBER_BYTES];
    bool marked = value != 0 && colour != COLOUR_NONE;
    buf_addf(to, "%s %s%s%s   ", name, marked ? colour_on(colour) : "", number(value, text),
        marked ? colour_off() : "");
}

/* Without the blanks behind the last count. */
static void end_line(struct buf *to)
{
    while (to->len > 0 && to->data[to->len - 1] == ' ') {
        to->len--;
    }
    buf_add_char(to, '\n');
}

static void add_deliveries(const struct watch_view *view, struct buf *to)
{
    char text[NUMBER_BYTES];
    buf_addf(
        to, "received %s (%" PRId64 "/s)   ", number(watch_received(view), text), view->per_second);
    if (view->serve_answers) {
        add_count(to, "duplicates", view->scrape.values[METRIC_DELIVERIES_DUPLICATE], COLOUR_NONE);
        add_count(to, "refused", view->scrape.values[METRIC_DELIVERIES_UNPROVEN], COLOUR_WARN);
        add_count(to, "busy", view->scrape.values[METRIC_DELIVERIES_BUSY], COLOUR_WARN);
    } else {
        buf_addf(to, "%sserve does not answer%s", colour_on(COLOUR_WARN), colour_off());
    }
    end_line(to);
}

/* That are not over; -1: serve does not say. */
static int64_t discrepancies_of(const struct watch_view *view)
{
    const int64_t *values = view->scrape.values;
    return !view->serve_answers
               ? -1
               : values[METRIC_DISCREPANCIES_MEDIUM] + values[METRIC_DISCREPANCIES_HIGH] +
                     values[METRIC_DISCREPANCIES_CRITICAL];
}

static void add_outcomes(const struct watch_view *view, struct buf *to)
{
    const int64_t *by_status = view->stats.by_status;
    add_count(to, "applied", by_status[WORK_APPLIED], COLOUR_GOOD);
    add_count(to, "stale", by_status[WORK_STALE], COLOUR_NONE);
    add_count(to, "recorded", by_status[WORK_RECORDED], COLOUR_NONE);
    add_count(to, "open", watch_open(view), COLOUR_NONE);
    add_count(to, "waiting", by_status[WORK_WAITING], COLOUR_WARN);
    add_count(to, "dead", by_status[WORK_DEAD], COLOUR_BAD);
    add_count(to, "domain events", view->events, COLOUR_NONE);
    if (discrepancies_of(view) > 0) {
        bool critical = view->scrape.values[METRIC_DISCREPANCIES_CRITICAL] > 0;
        add_count(to, "discrepancies", discrepancies_of(view), critical ? COLOUR_BAD : COLOUR_WARN);
    }
    end_line(to);
}

static void add_states(const struct watch_view *view, struct buf *to)
{
    bool any = false;
    for (int i = 0; i < PAYMENT_STATE_COUNT; i++) {
        enum colour colour = i == PAYMENT_SUCCEEDED ? COLOUR_GOOD
                             : i == PAYMENT_FAILED  ? COLOUR_BAD
                                                    : COLOUR_NONE;
        if (view->payments_by_state[i] != 0) {
            add_count(to, payment_states.words[i], view->payments_by_state[i], colour);
            any = true;
        }
    }
    buf_add(to, any ? STR_NONE : STR("none yet"));
    end_line(to);
}

static void add_money(struct table *table, const struct watch_amount *amount, int64_t minor)
{
    char text[MONEY_TEXT_BYTES];
    money_format(minor, amount->currency, text);
    table_add(table, amount->overflow ? STR("too large") : str_from(text));
}

static void add_amounts(const struct watch_view *view, struct buf *to)
{
    static const struct table_column columns[] = {
        {"PAYMENTS", true}, {"ASKED FOR", true}, {"RECEIVED", true}, {"REFUNDED", true}};
    CLEANUP(table_free) struct table *table = table_new(columns, 4);
    if (table == NULL || view->amount_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < view->amount_count; i++) {
        char text[NUMBER_BYTES];
        const struct watch_amount *amount = &view->amounts[i];
        table_add(table, str_from(number(amount->count, text)));
        add_money(table, amount, amount->amount_minor);
        add_money(table, amount, amount->received_minor);
        add_money(table, amount, amount->refunded_minor);
    }
    table_format(table, to);
    if (view->amounts_more > 0) {
        buf_addf(to, "and more currencies\n");
    }
}

/* What does not fit is cut off at the right: the id is the last to be missed. */
static void add_recent(const struct watch_view *view, struct buf *to)
{
    static const struct table_column columns[] = {
        {"LAST EVENTS", false}, {"AMOUNT", true}, {"STATE", false}, {"", true}, {"OBJECT", false}};
    CLEANUP(table_free) struct table *table = table_new(columns, 5);
    if (table == NULL || view->recent_count == 0) {
        return;
    }
    for (uint32_t i = 0; i < view->recent_count; i++) {
        const struct watch_event *event = &view->recent[i];
        char id[OWN_ID_TEXT_BYTES];
        char age[TIME_TEXT_BYTES];
        subject_format((int)domain_event_aggregate(event->type), event->aggregate_id, id);
        age_format(view->now_us, event->recorded_at_us, age);
        table_add_coloured(table,
            domain_event_is_milestone(event->type) ? COLOUR_BOLD : COLOUR_NONE,
            str_from(domain_event_name(event->type)));
        table_add(table, event->has_amount ? str_from(event->money) : STR(" "));
        table_add(table, event->state[0] != '\0' ? str_from(event->state) : STR(" "));
        table_addf(table, "%s ago", age);
        table_add(table, str_from(id));
    }
    table_format(table, to);
}

void watch_format_screen(const struct watch_view *view, struct buf *to)
{
    char clock[TIME_TEXT_BYTES];
    char running[TIMESTAMP_TEXT_BYTES];
    REQUIRE(view != NULL);
    time_format(view->now_us, clock);
    duration_format(view->running_us - view->running_us % US_PER_SECOND, running);
    buf_addf(to, "%scounterfoil%s  %s UTC, for %s", colour_on(COLOUR_BOLD), colour_off(), clock,
        running);
    if (view->engine == NULL) {
        buf_add(to, STR("\n\nwaiting for the store: "));
        text_escape(to, str_from(view->away.text));
        buf_add_char(to, '\n');
        return;
    }
    buf_addf(to, ", %s\n\n", view->engine);
    add_deliveries(view, to);
    add_outcomes(view, to);
    buf_add(to, STR("\npayments   "));
    add_states(view, to);
    buf_add_char(to, '\n');
    add_amounts(view, to);
    buf_add_char(to, '\n');
    add_recent(view, to);
}

static int64_t payments(const struct watch_view *view)
{
    int64_t sum = 0;
    for (int i = 0; i < PAYMENT_STATE_COUNT; i++) {
        sum += view->payments_by_state[i];
    }
    return sum;
}

void watch_format_line(const struct watch_view *view, struct buf *to)
{
    char clock[TIME_TEXT_BYTES];
    REQUIRE(view != NULL);
    time_format(view->now_us, clock);
    buf_addf(to, "%s ", clock + sizeof "2026-11-22" - 1);
    if (view->engine == NULL) {
        buf_add(to, STR(" waiting for the store: "));
        text_escape(to, str_from(view->away.text));
        buf_add_char(to, '\n');
        return;
    }
    const int64_t *by_status = view->stats.by_status;
    char duplicates[NUMBER_BYTES] = "-";
    if (view->serve_answers) {
        (void)snprintf(duplicates, sizeof duplicates, "%" PRId64,
            view->scrape.values[METRIC_DELIVERIES_DUPLICATE]);
    }
    buf_addf(to,
        "received %" PRId64 " (%" PRId64 "/s) duplicates %s applied %" PRId64 " stale %" PRId64
        " recorded %" PRId64 " open %" PRId64 " waiting %" PRId64 " dead %" PRId64
        " payments %" PRId64 " events %" PRId64 "\n",
        watch_received(view), view->per_second, duplicates, by_status[WORK_APPLIED],
        by_status[WORK_STALE], by_status[WORK_RECORDED], watch_open(view), by_status[WORK_WAITING],
        by_status[WORK_DEAD], payments(view), view->events);
}

/* --- for programs, and at the end --- */

static void add_json_amounts(const struct watch_view *view, struct json_writer *json)
{
    json_begin_array(json, STR("amounts"));
    for (uint32_t i = 0; i < view->amount_count; i++) {
        const struct watch_amount *amount = &view->amounts[i];
        json_begin_object(json, STR_NONE);
        json_add_string(json, STR("currency"), str_from(amount->currency.code));
        json_add_int(json, STR("payments"), amount->count);
        if (!amount->overflow) {
            json_add_int(json, STR("amount_minor"), amount->amount_minor);
            json_add_int(json, STR("received_minor"), amount->received_minor);
            json_add_int(json, STR("refunded_minor"), amount->refunded_minor);
        }
        json_end_object(json);
    }
    json_end_array(json);
}

static void add_json_recent(const struct watch_view *view, struct json_writer *json)
{
    json_begin_array(json, STR("last_events"));
    for (uint32_t i = 0; i < view->recent_count; i++) {
        const struct watch_event *event = &view->recent[i];
        char id[OWN_ID_TEXT_BYTES];
        subject_format((int)domain_event_aggregate(event->type), event->aggregate_id, id);
        json_begin_object(json, STR_NONE);
        json_add_string(json, STR("type"), str_from(domain_event_name(event->type)));
        json_add_string(json, STR("aggregate_id"), str_from(id));
        json_add_time(json, STR("occurred_at"), event->occurred_at_us);
        json_add_time(json, STR("recorded_at"), event->recorded_at_us);
        json_add_bool(json, STR("late"), event->late);
        if (event->state[0] != '\0') {
            json_add_string(json, STR("state"), str_from(event->state));
        }
        if (event->has_amount) {
            json_add_int(json, STR("amount_minor"), event->amount_minor);
            json_add_string(json, STR("currency"), str_from(event->currency.code));
        }
        json_end_object(json);
    }
    json_end_array(json);
}

void watch_format_json(const struct watch_view *view, bool is_summary, struct buf *to)
{
    struct json_writer json;
    REQUIRE(view != NULL);
    json_writer_init(&json, to);
    json_begin_object(&json, STR_NONE);
    json_add_time(&json, STR("at"), view->now_us);
    json_add_bool(&json, STR("summary"), is_summary);
    json_add_bool(&json, STR("store"), view->engine != NULL);
    json_add_bool(&json, STR("serve"), view->engine != NULL && view->serve_answers);
    json_add_int(&json, STR("received"), watch_received(view));
    json_add_int(&json, STR("received_per_second"), view->per_second);
    if (view->serve_answers) {
        json_add_int(&json, STR("duplicates"), view->scrape.values[METRIC_DELIVERIES_DUPLICATE]);
        json_add_int(&json, STR("unproven"), view->scrape.values[METRIC_DELIVERIES_UNPROVEN]);
        json_add_int(&json, STR("discrepancies"), discrepancies_of(view));
    }
    for (int i = 0; i < WORK_STATUS_COUNT; i++) {
        json_add_int(
            &json, str_from(work_status_word((enum work_status)i)), view->stats.by_status[i]);
    }
    json_add_int(&json, STR("domain_events"), view->events);
    json_begin_object(&json, STR("payments"));
    for (int i = 0; i < PAYMENT_STATE_COUNT; i++) {
        json_add_int(&json, str_from(payment_states.words[i]), view->payments_by_state[i]);
    }
    json_end_object(&json);
    add_json_amounts(view, &json);
    add_json_recent(view, &json);
    json_end_object(&json);
    buf_add_char(to, '\n');
}

void watch_format_summary(
    const struct watch_view *first, const struct watch_view *last, struct buf *to)
{
    char running[TIMESTAMP_TEXT_BYTES];
    char text[NUMBER_BYTES];
    int64_t us = last->running_us - first->running_us;
    duration_format(last->running_us, running);
    buf_addf(to, "\nIn %s: %s events received", running,
        number(watch_received(last) - watch_received(first), text));
    if (us >= US_PER_SECOND) {
        buf_addf(to, " (%" PRId64 "/s)",
            (watch_received(last) - watch_received(first)) * US_PER_SECOND / us);
    }
    if (first->serve_answers && last->serve_answers) {
        buf_addf(to, ", %s duplicates",
            number(last->scrape.values[METRIC_DELIVERIES_DUPLICATE] -
                       first->scrape.values[METRIC_DELIVERIES_DUPLICATE],
                text));
    }
    buf_addf(to, ", %s domain events.\nIn all:   ", number(last->events - first->events, text));
    add_outcomes(last, to);
    buf_add(to, STR("Payments: "));
    add_states(last, to);
    add_amounts(last, to);
}

#include "provider/plain/decode.h"
#include "base/check.h"
#include "base/limits.h"
#include "base/timestamp.h"
#include "provider/plain/lines.h"

struct reading { /* of one notification */
    const struct plain_line *line;
    int64_t number; /* of the line, from 1: for errors */
    struct arena *arena;
    struct err_info *reterr;
    struct notice notice;
    struct currency currency;
    int64_t amount_minor, made_us;
    bool unknown_state;
};

static const struct state_word {
    enum id_kind kind;
    const char *word;
    int state;
} state_words[] = {
#define WORD(KIND, word, state) {ID_##KIND, word, state},
#include "provider/plain/states.def"
#undef WORD
};

/* --- parts --- */

static enum err refuse(const struct reading *reading, enum err err, const char *part)
{
    return err_set(reading->reterr, err, "notification %lld: %s: %s", (long long)reading->number,
        part, err_text(err));
}

static enum err read_time(
    const struct reading *reading, struct str text, const char *part, int64_t *ret_us)
{
    enum err err = timestamp_parse(text, ret_us);
    return err == ERR_OK ? ERR_OK : refuse(reading, err, part);
}

/* Nothing when it is not there. */
static enum err named_time(const struct reading *reading, const char *name, int64_t *ret_us)
{
    struct str text = plain_named(reading->line, name);
    return text.len == 0 ? ERR_OK : read_time(reading, text, name, ret_us);
}

static enum err named_amount(const struct reading *reading, const char *name, int64_t *ret_minor)
{
    struct str text = plain_named(reading->line, name);
    if (text.len == 0) {
        return ERR_OK;
    }
    enum err err = plain_amount(text, reading->currency, ret_minor);
    return err == ERR_OK ? ERR_OK : refuse(reading, err, name);
}

static enum err named_link(const struct reading *reading, const char *name, struct link *ret_link)
{
    struct str text = plain_named(reading->line, name);
    if (text.len > LIMIT_PROVIDER_ID_BYTES) {
        return refuse(reading, ERR_TOO_LARGE, name);
    }
    if (str_eq(text, STR("-"))) {
        *ret_link = (struct link){LINK_NONE, STR_NONE};
    } else if (text.len > 0) {
        *ret_link = (struct link){LINK_NAMED, text};
    }
    return ERR_OK;
}

/* The link of the record's own field. */
static enum err object_link(struct reading *reading, const char *name, const char *field)
{
    struct notice_link_fields links = notice_link_fields(record_kind_of(reading->notice.kind));
    for (uint32_t i = 0; i < links.count; i++) {
        if (strcmp(links.fields[i]->name, field) == 0) {
            return named_link(reading, name, &reading->notice.object_says.links[i]);
        }
    }
    UNREACHABLE();
}

static int read_state(struct reading *reading)
{
    for (size_t i = 0; i < sizeof state_words / sizeof state_words[0]; i++) {
        if (state_words[i].kind == reading->notice.kind &&
            str_eq(str_from(state_words[i].word), reading->line->state)) {
            return state_words[i].state;
        }
    }
    reading->unknown_state = true;
    return record_kind_of(reading->notice.kind)->states->count - 1;
}

/* --- objects --- */

static enum err read_payment(struct reading *reading)
{
    struct notice *notice = &reading->notice;
    notice->payment_says = (struct payment_notice){
        .state = (enum payment_state)read_state(reading),
        .amount_minor = reading->amount_minor,
        .currency = reading->currency,
        .created_at_us = reading->made_us,
        .failure_code = plain_named(reading->line, "failure"),
    };
    TRY(named_amount(reading, "paid", &notice->payment_says.received_minor));
    TRY(named_link(reading, "attempt", &notice->attempt));
    return named_link(reading, "customer", &notice->customer);
}

static enum err read_attempt(struct reading *reading)
{
    struct notice *notice = &reading->notice;
    notice->attempt_says = (struct attempt_notice){
        .state = (enum attempt_state)read_state(reading),
        .amount_minor = reading->amount_minor,
        .currency = reading->currency,
        .created_at_us = reading->made_us,
        .method = plain_named(reading->line, "method"),
        .failure_code = plain_named(reading->line, "failure"),
    };
    TRY(named_amount(reading, "captured", &notice->attempt_says.captured_minor));
    TRY(named_amount(reading, "refunded", &notice->attempt_says.refunded_minor));
    TRY(named_link(reading, "payment", &notice->payment));
    return named_link(reading, "customer", &notice->customer);
}

static void *new_record(struct reading *reading)
{
    void *record = arena_alloc(reading->arena, record_kind_of(reading->notice.kind)->size);
    reading->notice.object_says = (struct object_notice){.record = record};
    return record;
}

static enum err no_room(const struct reading *reading)
{
    return refuse(reading, ERR_TOO_LARGE, "its object");
}

static enum err read_refund(struct reading *reading)
{
    struct refund *refund = new_record(reading);
    if (refund == NULL) {
        return no_room(reading);
    }
    refund->state = read_state(reading);
    refund->amount_minor = reading->amount_minor;
    refund->currency = reading->currency;
    refund->made_at = reading->made_us;
    (void)str_copy_to(refund->reason, sizeof refund->reason, plain_named(reading->line, "reason"));
    (void)str_copy_to(refund->failure_reason, sizeof refund->failure_reason,
        plain_named(reading->line, "failure"));
    TRY(object_link(reading, "payment", "payment_id"));
    return object_link(reading, "attempt", "attempt_id");
}

static enum err read_payout(struct reading *reading)
{
    struct payout *payout = new_record(reading);
    if (payout == NULL) {
        return no_room(reading);
    }
    payout->state = read_state(reading);
    payout->amount_minor = reading->amount_minor;
    payout->currency = reading->currency;
    payout->made_at = reading->made_us;
    (void)str_copy_to(
        payout->failure_code, sizeof payout->failure_code, plain_named(reading->line, "failure"));
    (void)str_copy_to(
        payout->trace_id, sizeof payout->trace_id, plain_named(reading->line, "trace"));
    return named_time(reading, "arrival", &payout->arrival_at);
}

static enum err read_dispute(struct reading *reading)
{
    struct dispute *dispute = new_record(reading);
    if (dispute == NULL) {
        return no_room(reading);
    }
    dispute->state = read_state(reading);
    dispute->is_inquiry = dispute->state == DISPUTE_INQUIRY_NEEDS_RESPONSE ||
                          dispute->state == DISPUTE_INQUIRY_UNDER_REVIEW ||
                          dispute->state == DISPUTE_INQUIRY_CLOSED;
    dispute->amount_minor = reading->amount_minor;
    dispute->currency = reading->currency;
    dispute->made_at = reading->made_us;
    (void)str_copy_to(
        dispute->reason, sizeof dispute->reason, plain_named(reading->line, "reason"));
    int64_t taken = 0;
    int64_t returned = 0;
    TRY(named_amount(reading, "taken", &taken));
    TRY(named_amount(reading, "returned", &returned));
    if (taken < 0 || returned < 0 || returned > taken) {
        return refuse(reading, ERR_INVALID, "returned");
    }
    dispute->withdrawn_minor = taken - returned;
    dispute->funds_withdrawn = taken > 0;
    dispute->funds_reinstated = returned > 0;
    dispute->settlement_currency = taken > 0 ? reading->currency : (struct currency){""};
    TRY(named_time(reading, "due", &dispute->evidence_due_at));
    TRY(object_link(reading, "payment", "payment_id"));
    return object_link(reading, "attempt", "attempt_id");
}

static const struct {
    enum id_kind kind;
    enum err (*read)(struct reading *reading);
} readers[] = {
    {ID_PAYMENT, read_payment},
    {ID_ATTEMPT, read_attempt},
    {ID_REFUND, read_refund},
    {ID_PAYOUT, read_payout},
    {ID_DISPUTE, read_dispute},
};

/* --- lines --- */

/* The second decides first, as everywhere; within it the provider's own number. */
static enum err read_stamp(struct reading *reading)
{
    int64_t at_us = 0;
    TRY(read_time(reading, reading->line->at, "time", &at_us));
    int64_t second = at_us / US_PER_SECOND - (at_us % US_PER_SECOND < 0);
    int64_t rank = 0;
    enum err err = str_to_int64(reading->line->sequence, &rank);
    if (err != ERR_OK || rank < 0) {
        return refuse(reading, err != ERR_OK ? err : ERR_INVALID, "sequence number");
    }
    reading->notice.stamp = (struct stamp){second * US_PER_SECOND, rank};
    return ERR_OK;
}

static enum err read_common(struct reading *reading)
{
    const struct plain_line *line = reading->line;
    reading->notice.object = line->id;
    TRY(read_stamp(reading));
    TRY(read_time(reading, line->made, "time made", &reading->made_us));
    enum err err = currency_parse(line->currency, &reading->currency);
    if (err != ERR_OK) {
        return refuse(reading, err, "currency");
    }
    err = plain_amount(line->amount, reading->currency, &reading->amount_minor);
    return err == ERR_OK ? ERR_OK : refuse(reading, err, "amount");
}

/* One object cannot be two things at one number: no rule could say which. */
static bool is_said_twice(const struct notice_list *list, const struct notice *notice)
{
    for (uint32_t i = 0; i < list->count; i++) {
        const struct notice *other = &list->notices[i];
        if (other->kind == notice->kind && str_eq(other->object, notice->object) &&
            other->stamp.rank == notice->stamp.rank) {
            return true;
        }
    }
    return false;
}

/* A kind of object that we do not know is no error: the others in the batch are still right. */
static enum err take_line(struct reading *reading, struct notice_list *list)
{
    for (size_t i = 0; i < sizeof readers / sizeof readers[0]; i++) {
        if (!str_eq(str_from(id_kind_word(readers[i].kind)), reading->line->kind)) {
            continue;
        }
        reading->notice.kind = readers[i].kind;
        TRY(read_common(reading));
        TRY(readers[i].read(reading));
        if (is_said_twice(list, &reading->notice)) {
            return refuse(reading, ERR_INVALID, "sequence number");
        }
        if (reading->unknown_state) {
            list->unknown_word = reading->line->state;
            list->unknown_word_of = record_kind_of(readers[i].kind)->table;
        }
        list->notices[list->count++] = reading->notice;
    }
    return ERR_OK;
}

static enum err read_lines(struct str text,
    int64_t count,
    struct arena *arena,
    struct notice_list *list,
    struct err_info *reterr)
{
    for (int64_t i = 1; i <= count; i++) {
        struct plain_line line;
        struct reading reading = {.line = &line, .number = i, .arena = arena, .reterr = reterr};
        enum err err = plain_line_read(&text, &line);
        if (err != ERR_OK) {
            return refuse(&reading, err, "the line");
        }
        TRY(take_line(&reading, list));
    }
    return plain_is_end(text)
               ? ERR_OK
               : err_set(reterr, ERR_MALFORMED, "the batch does not end where its count says");
}

enum err plain_decode(const struct stored_event *event,
    struct arena *arena,
    struct notice_list *ret_notices,
    struct err_info *reterr)
{
    REQUIRE(event != NULL && arena != NULL && ret_notices != NULL);
    struct str text = event->body;
    struct plain_head head;
    enum err err = plain_is_text(text) ? plain_head_read(&text, &head) : ERR_MALFORMED;
    if (err != ERR_OK) {
        return err_set(reterr, err, "the first line: %s", err_text(err));
    }
    if (head.count > LIMIT_NOTICES) {
        return err_set(reterr, ERR_TOO_LARGE, "more than %d notifications", LIMIT_NOTICES);
    }
    struct notice_list list = {.reason = REASON_NONE};
    list.notices = arena_new_array(arena, struct notice, (size_t)head.count + 1);
    if (list.notices == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "no room for the notices");
    }
    TRY(read_lines(text, head.count, arena, &list, reterr));
    if (list.count == 0) {
        list.reason = head.count == 0 ? REASON_NO_OBJECT : REASON_UNKNOWN_TYPE;
    }
    *ret_notices = list;
    return ERR_OK;
}

#include "base/check.h"
#include "sandbox/faults_internal.h"

/* What goes wrong with events, once they are rendered. */

static bool is_hidden(const struct faults *faults, const struct shop_payment *payment)
{
    for (uint32_t i = 0; i < faults->done_count; i++) {
        const struct fault_done *done = &faults->done[i];
        if (done->kind == FAULT_IS_DROP_OBJECT && strcmp(done->intent, payment->id) == 0) {
            return true;
        }
    }
    return false;
}

static void note_event(const struct merchant *merchant,
    enum fault_kind kind,
    const struct shop_payment *payment,
    const struct merchant_event *event)
{
    const struct shop_money none = {.currency = payment->currency};
    struct fault_done *done = fault_note_line(merchant, kind, payment->id, &none, payment->amount);
    fault_name(done->intent, payment->id);
    ENSURE(str_copy_to(done->event, sizeof done->event, event->id));
}

/* Where the words stand in the body. */
static char *find(struct buf *body, const char *words)
{
    buf_add_char(body, '\0');
    ENSURE(!body->failed);
    char *at = strstr(body->data, words);
    body->len--;
    return at;
}

static void make_unreadable(struct merchant *merchant)
{
    char *at = find(&merchant->body, "\"currency\": \"");
    ENSURE(at != NULL);
    at[sizeof "\"currency\": \"" - 1] = '?';
}

static void tell_otherwise(struct merchant *merchant, struct merchant_event *event)
{
    struct faults *faults = merchant->config.faults;
    buf_clear(&faults->again);
    buf_add(&faults->again, event->body);
    char *at = find(&faults->again, "\"description\": \"Order");
    ENSURE(at != NULL);
    at[sizeof "\"description\": \"" - 1] = 'o';
    event->again = buf_str(&faults->again);
}

/* The last that is said of the payment intent. */
static void touch_success(
    struct merchant *merchant, const struct shop_payment *payment, struct merchant_event *event)
{
    if (fault_is_due(merchant, FAULT_IS_DROP_EVENT)) {
        note_event(merchant, FAULT_IS_DROP_EVENT, payment, event);
        event->fate = EVENT_UNTOLD;
    } else if (fault_is_due(merchant, FAULT_IS_MISSING_EVENT)) {
        note_event(merchant, FAULT_IS_MISSING_EVENT, payment, event);
        make_unreadable(merchant);
    } else if (fault_is_due(merchant, FAULT_IS_EVENT_CONTENT)) {
        note_event(merchant, FAULT_IS_EVENT_CONTENT, payment, event);
        tell_otherwise(merchant, event);
    }
}

void faults_touch_event(struct merchant *merchant, struct merchant_event *event)
{
    struct faults *faults = merchant->config.faults;
    enum subject subject = event->object.subject;
    bool is_of_payment =
        (subject == SUBJECT_INTENT || subject == SUBJECT_CHARGE) && !event->object.told_once;
    if (faults == NULL || !is_of_payment) {
        return;
    }
    const struct shop_payment *payment = &merchant->payments[event->object.index];
    if (str_eq(event->type, STR("payment_intent.created")) && payment->customer[0] == '\0' &&
        fault_is_plain(faults, payment) && fault_is_due(merchant, FAULT_IS_DROP_OBJECT)) {
        note_event(merchant, FAULT_IS_DROP_OBJECT, payment, event);
    }
    if (is_hidden(faults, payment)) {
        event->fate = EVENT_AND_OBJECT_UNTOLD;
    } else if (str_eq(event->type, STR("payment_intent.succeeded")) &&
               fault_is_plain(faults, payment)) {
        touch_success(merchant, payment, event);
    }
}

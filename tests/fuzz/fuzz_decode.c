/* Any object in an event of a mapped type (FUZZ_TYPE): notices that keep the promises of
 * notice.h, or an error that names the field. */
#include "base/check.h"
#include "base/limits.h"
#include "provider/stripe/stripe.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)

static void check_text(struct str text)
{
    INVARIANT(str_is_utf8(text));
    INVARIANT(text.len == 0 || memchr(text.data, '\0', text.len) == NULL);
}

static void check_link(const struct link *link)
{
    INVARIANT((link->state == LINK_NAMED) == (link->provider_id.len > 0));
    INVARIANT(link->provider_id.len <= LIMIT_PROVIDER_ID_BYTES);
    check_text(link->provider_id);
}

static void check_payment(const struct payment_notice *says)
{
    INVARIANT(says->state < PAYMENT_STATE_COUNT);
    INVARIANT(says->amount_minor >= 0);
    INVARIANT(says->received_minor >= 0);
    INVARIANT(says->currency.code[0] != '\0');
    check_text(says->failure_code);
}

static void check_attempt(const struct notice *notice)
{
    const struct attempt_notice *says = &notice->attempt_says;
    INVARIANT(says->state < ATTEMPT_STATE_COUNT);
    INVARIANT(says->amount_minor >= 0);
    INVARIANT(says->captured_minor >= 0);
    INVARIANT(says->refunded_minor >= 0);
    INVARIANT(says->currency.code[0] != '\0');
    INVARIANT(notice->payment.state != LINK_UNSAID);
    check_text(says->method);
}

static void check_field(const struct field *field, const void *record)
{
    const char *member = (const char *)record + field->offset;
    if (field->type == FIELD_TEXT || field->type == FIELD_CURRENCY) {
        INVARIANT(memchr(member, '\0', field->size) != NULL);
        check_text(str_from(member));
    } else if (field->type == FIELD_ENUM) {
        int value = *(const int *)(const void *)member;
        INVARIANT(value >= 0 && value < field->words->count);
    } else if (field->type == FIELD_ID) {
        INVARIANT(own_id_is_none(*(const struct own_id *)member)); /* ids are in the links */
    }
}

static void check_object(const struct notice *notice)
{
    const struct record_kind *kind = record_kind_of(notice->kind);
    for (size_t i = 0; i < kind->field_count; i++) {
        check_field(&kind->fields[i], notice->object_says.record);
    }
    uint32_t links = notice_link_fields(kind).count;
    for (uint32_t i = 0; i < NOTICE_LINKS_MAX; i++) {
        check_link(&notice->object_says.links[i]);
        INVARIANT(i < links || notice->object_says.links[i].state == LINK_UNSAID);
    }
    if (notice->kind == ID_REFUND) {
        const struct refund *refund = notice->object_says.record;
        INVARIANT(refund->amount_minor >= 0);
        INVARIANT(refund->currency.code[0] != '\0');
    }
}

static void check_says(const struct notice *notice)
{
    if (notice->kind == ID_PAYMENT) {
        check_payment(&notice->payment_says);
    } else if (notice->kind == ID_ATTEMPT) {
        check_attempt(notice);
    } else {
        check_object(notice);
    }
}

static void check_list(const struct notice_list *list)
{
    INVARIANT(list->count <= LIMIT_NOTICES);
    INVARIANT((list->count > 0) == (list->reason == REASON_NONE));
    for (uint32_t i = 0; i < list->count; i++) {
        const struct notice *notice = &list->notices[i];
        INVARIANT(notice->object.len > 0 && notice->object.len <= LIMIT_PROVIDER_ID_BYTES);
        INVARIANT(notice->stamp.at_us == 7);
        INVARIANT(notice->stamp.rank > 0);
        INVARIANT(
            (notice->stamp.rank % 100 == 0) == (i > 0)); /* only the outermost is not embedded */
        check_text(notice->object);
        check_link(&notice->payment);
        check_link(&notice->attempt);
        check_link(&notice->customer);
        check_says(notice);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    INVARIANT(arena != NULL);
    static const struct str before = {"{\"object\":\"event\",\"data\":{\"object\":", 35};
    char *text = arena_alloc_unzeroed(arena, before.len + size + 2);
    if (text == NULL) {
        return 0;
    }
    memcpy(text, before.data, before.len);
    memcpy(text + before.len, data, size);
    memcpy(text + before.len + size, "}}", 2);

    struct stored_event event = {{text, before.len + size + 2}, str_from(FUZZ_TYPE), 7};
    struct notice_list list = {0};
    struct err_info info = {""};
    enum err err = stripe_provider.decode(&event, arena, &list, &info);
    if (err == ERR_OK) {
        check_list(&list);
    } else {
        INVARIANT(err_class(err) == ERR_CLASS_INPUT);
        INVARIANT(strlen(info.text) > 0);
    }
    return 0;
}

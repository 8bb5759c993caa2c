#include "base/check.h"
#include "base/limits.h"
#include "provider/stripe/objects.h"
#include "provider/stripe/upcast.h"

#define FIRST_ROOM 4 /* most events make one or two notices */

/* ---- the list ---------------------------------------------------------------------------- */

struct stamp stripe_stamp(const struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const struct stripe_status *status)
{
    REQUIRE(subject->type_rank >= 0 && subject->type_rank < STRIPE_RANKS_PER_STATE);
    return (struct stamp){
        decoding->at_us, status->rank * STRIPE_RANKS_PER_STATE + subject->type_rank};
}

static bool has_notice(const struct notice_list *list, const struct notice *notice)
{
    for (uint32_t i = 0; i < list->count; i++) {
        if (list->notices[i].kind == notice->kind &&
            str_eq(list->notices[i].object, notice->object)) {
            return true;
        }
    }
    return false;
}

static bool make_room(struct stripe_decoding *decoding)
{
    struct notice_list *list = decoding->list;
    if (list->count < decoding->room) {
        return true;
    }
    uint32_t room = decoding->room == 0 ? FIRST_ROOM : decoding->room * 2;
    struct notice *notices = arena_new_array(decoding->arena, struct notice, room);
    if (notices == NULL) {
        return false;
    }
    if (list->count > 0) {
        memcpy(notices, list->notices, list->count * sizeof *notices);
    }
    list->notices = notices;
    decoding->room = room;
    return true;
}

enum err stripe_notice_add(
    struct stripe_decoding *decoding, const struct notice *notice, bool *ret_added)
{
    REQUIRE(notice->object.len > 0);
    struct notice_list *list = decoding->list;
    *ret_added = false;
    if (has_notice(list, notice)) {
        return ERR_OK; /* the outermost is the newest, and the whole */
    }
    if (list->count == LIMIT_NOTICES) {
        list->truncated = true;
        decoding->is_full = true;
        return ERR_OK;
    }
    if (!make_room(decoding)) {
        return err_set(decoding->reterr, ERR_TOO_LARGE, "no room for the event's notices");
    }
    list->notices[list->count++] = *notice;
    *ret_added = true;
    return ERR_OK;
}

/* ---- objects ----------------------------------------------------------------------------- */

static enum err decode_object(struct stripe_decoding *decoding,
    enum stripe_object object,
    const struct stripe_subject *subject)
{
    stripe_decoder *own = stripe_own_decoder(object);
    if (own != NULL) {
        return own(decoding, subject);
    }
    return stripe_decode_by_rows(decoding, object, subject);
}

/* Does `json` say itself that it is such an object? */
static bool is_object(const struct json *json, enum stripe_object object)
{
    struct stripe_kind kind = {0};
    if (json->kind != JSON_OBJECT) {
        return false;
    }
    (void)stripe_fields_read_what_can_be(STRIPE_KIND, json, &kind);
    return str_eq(kind.object, str_from(stripe_object_word(object)));
}

enum err stripe_decode_expanded(struct stripe_decoding *decoding,
    const struct stripe_subject *within,
    const char *field,
    const struct stripe_link *link,
    enum stripe_object object,
    struct stripe_parent parent)
{
    if (link->expanded == NULL || !is_object(link->expanded, object)) {
        return ERR_OK;
    }
    struct stripe_place place = {within->place, field, -1};
    struct stripe_subject subject = {.json = link->expanded, .place = &place, .parent = parent};
    return decode_object(decoding, object, &subject);
}

enum err stripe_decode_in_place(struct stripe_decoding *decoding,
    const struct stripe_subject *within,
    const char *field,
    const struct json *object)
{
    struct stripe_kind kind = {0};
    enum stripe_object which;
    (void)stripe_fields_read_what_can_be(STRIPE_KIND, object, &kind);
    if (kind.deleted.value || !stripe_object_parse(kind.object, &which)) {
        return ERR_OK;
    }
    struct stripe_place place = {within->place, field, -1};
    struct stripe_subject subject = {.json = object, .place = &place};
    return decode_object(decoding, which, &subject);
}

static bool has_identity(const struct json *element, enum stripe_object object)
{
    struct str path = STR_NONE;
    return element->kind == JSON_OBJECT && stripe_identity(object, element, &path) != NULL;
}

enum err stripe_decode_list(struct stripe_decoding *decoding,
    const struct stripe_subject *within,
    const char *field,
    const struct stripe_list *list,
    enum stripe_object object,
    struct stripe_parent parent)
{
    decoding->list->truncated |= list->has_more;
    int64_t index = 0;
    for (const struct json *element = list->first; element != NULL; element = element->next) {
        if (element->kind == JSON_STRING) {
            index++; /* an id where the object may stand: it says nothing, and nothing is missing */
            continue;
        }
        struct stripe_place place = {within->place, field, index++};
        struct stripe_subject subject = {.json = element, .place = &place, .parent = parent};
        if (!has_identity(element, object)) {
            /* Before 2014-05-19 refunds had no ids of their own: nothing can
             * be said about such a one. Before 2025-03-31 payments of invoices had none, but there
             * was one only, and the invoice names it. */
            decoding->list->truncated |= object != STRIPE_INVOICE_PAYMENT;
            continue;
        }
        TRY(decode_object(decoding, object, &subject));
    }
    return ERR_OK;
}

/* The order of a list's elements means nothing. */
static uint64_t hash_of_ids(const struct json *first, enum stripe_object object, bool *ret_is_cut)
{
    uint64_t sum = 1; /* of an empty list */
    for (const struct json *element = first; element != NULL; element = element->next) {
        struct str path = STR_NONE;
        const struct json *id =
            element->kind == JSON_OBJECT ? stripe_identity(object, element, &path) : NULL;
        struct str text = json_string(id);
        *ret_is_cut = *ret_is_cut || text.len == 0;
        sum += hash_bytes(text.data, text.len, 1);
    }
    return sum == 0 ? 1 : sum;
}

bool stripe_note_list(const struct json *whole,
    const char *path,
    enum stripe_object object,
    struct object_notice *says)
{
    const struct stripe_field row = {.type = STRIPE_LIST, .path = str_from(path)};
    const struct json *value = stripe_field_look_up(&row, whole);
    struct stripe_list list = {false};
    const char *problem = NULL;
    if (value == NULL || stripe_field_value(&row, value, &list, &problem) != ERR_OK) {
        return false;
    }
    bool is_cut = list.has_more;
    uint64_t hash = hash_of_ids(list.first, object, &is_cut);
    says->list = is_cut ? 0 : (int64_t)hash;
    says->list_is_cut = is_cut;
    return list.has_more;
}

enum err stripe_decode_embedded(struct stripe_decoding *decoding,
    const struct stripe_subject *within,
    const char *path,
    enum stripe_object object,
    struct stripe_parent parent)
{
    const struct stripe_field row = {.type = STRIPE_LIST, .path = str_from(path)};
    const struct json *value = stripe_field_look_up(&row, within->json);
    if (value == NULL) {
        return ERR_OK;
    }
    if (value->kind == JSON_OBJECT && is_object(value, object)) {
        struct stripe_place place = {within->place, path, -1};
        struct stripe_subject subject = {.json = value, .place = &place, .parent = parent};
        return decode_object(decoding, object, &subject);
    }
    struct stripe_list list = {false};
    const char *problem = NULL;
    enum err err = stripe_field_value(&row, value, &list, &problem);
    if (err != ERR_OK) {
        return stripe_field_refuse(within->place, path, err, problem, decoding->reterr);
    }
    return stripe_decode_list(decoding, within, path, &list, object, parent);
}

/* ---- what it looked like --------------------------------------------------------------- */

void stripe_observe(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const struct stripe_field *row,
    bool seen)
{
    struct notice_list *list = decoding->list;
    if (subject->place->above != NULL || decoding->field_room == list->field_count) {
        return;
    }
    list->fields[list->field_count++] =
        (struct field_seen){stripe_object_word(row->object), row->path.data, seen};
}

void stripe_observe_begin(
    struct stripe_decoding *decoding, const struct stripe_subject *subject, size_t row_count)
{
    if (subject->place->above == NULL) {
        decoding->list->fields = arena_new_array(decoding->arena, struct field_seen, row_count);
        /* Without room it is not counted, and only counted. */
        decoding->field_room = decoding->list->fields == NULL ? 0 : (uint32_t)row_count;
    }
}

void stripe_observe_object(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    enum stripe_object object)
{
    size_t count = 0;
    const struct stripe_field *row = stripe_field_rows(&count);
    const struct stripe_field *end = row + count;
    while (row < end && row->object != object) {
        row++;
    }
    const struct stripe_field *behind = row;
    while (behind < end && behind->object == object) {
        behind++;
    }
    stripe_observe_begin(decoding, subject, (size_t)(behind - row));
    while (row < behind) {
        const struct stripe_field *first = row;
        bool seen = false;
        for (; row < behind && row->offset == first->offset; row++) {
            seen = seen || stripe_field_look_up(row, subject->json) != NULL;
        }
        stripe_observe(decoding, subject, first, seen);
    }
}

void stripe_observe_word(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const char *of,
    struct str word)
{
    if (subject->place->above == NULL && word.len > 0) {
        decoding->list->unknown_word = word;
        decoding->list->unknown_word_of = of;
    }
}

/* ---- the event --------------------------------------------------------------------------- */

/* What is taken from its customer cannot be used again, by anyone. */
static bool type_deletes(struct str type)
{
    return str_ends_with(type, STR(".deleted")) || str_ends_with(type, STR(".detached"));
}

static enum err parse(
    struct str body, struct arena *arena, const struct json **ret_root, struct err_info *reterr)
{
    struct json_document document;
    enum err err = json_parse(body, arena, &document);
    if (err != ERR_OK) {
        return err_set(reterr, err, "the body is no JSON document: %s at byte %zu",
            json_problem_text(document.problem), document.problem_at);
    }
    if (document.root->kind != JSON_OBJECT) {
        return err_set(reterr, ERR_MALFORMED, "the body is no JSON object");
    }
    *ret_root = document.root;
    return ERR_OK;
}

static enum err record(struct notice_list *ret_notices, enum reason reason)
{
    *ret_notices = (struct notice_list){.reason = reason};
    return ERR_OK;
}

/* What an event, or a fetched answer, is about. */
struct matter {
    const struct json *object;
    enum stripe_object which;
    int64_t type_rank;
    enum reason reason; /* NONE: decode it */
};

/* What an object says it is goes before what its event's type suggests. */
static void name_object(struct matter *matter)
{
    struct stripe_kind kind = {0};
    (void)stripe_fields_read_what_can_be(STRIPE_KIND, matter->object, &kind);
    if (kind.object.len > 0 && !stripe_object_parse(kind.object, &matter->which)) {
        matter->reason = REASON_NOT_MODELLED;
    }
}

static enum err find_matter(const struct json *root,
    const struct stripe_event_row *row,
    struct arena *arena,
    struct matter *matter,
    struct err_info *reterr)
{
    struct stripe_event event = {0};
    (void)stripe_fields_read_what_can_be(STRIPE_EVENT, root, &event);
    if (str_eq(event.object, str_from(stripe_object_word(STRIPE_THIN)))) {
        matter->reason = REASON_THIN_EVENT;
        return ERR_OK;
    }
    /* A fetched object stands alone; an event has it inside. */
    const struct json *object = row == NULL ? root : event.data_object;
    if (object == NULL || object->kind != JSON_OBJECT) {
        matter->reason = REASON_NO_OBJECT;
        return ERR_OK;
    }
    if (stripe_upcast(object, event.api_version, arena, &matter->object) != ERR_OK) {
        return err_set(reterr, ERR_TOO_LARGE, "no room for the event's newest shape");
    }
    matter->which = row == NULL ? STRIPE_MODELLED_COUNT : row->object;
    matter->type_rank = row == NULL ? 0 : row->rank;
    name_object(matter);
    if (matter->reason == REASON_NONE && matter->which == STRIPE_MODELLED_COUNT) {
        matter->reason = REASON_NOT_MODELLED;
    }
    return ERR_OK;
}

/* ---- thin events ------------------------------------------------------------------------- */

static bool is_provider_id(struct str text)
{
    return text.len > 0 && text.len <= LIMIT_PROVIDER_ID_BYTES;
}

/* The twin tells it all; what to do without one is not ours to say. */
static enum err decode_thin(
    struct str body, struct arena *arena, struct notice_list *ret_notices, struct err_info *reterr)
{
    const struct json *root = NULL;
    TRY(parse(body, arena, &root, reterr));
    struct stripe_event event = {0};
    struct stripe_thin thin = {0};
    (void)stripe_fields_read_what_can_be(STRIPE_EVENT, root, &event);
    (void)stripe_fields_read_what_can_be(STRIPE_THIN, root, &thin);
    if (!str_eq(event.object, str_from(stripe_object_word(STRIPE_THIN)))) {
        return record(ret_notices, REASON_UNKNOWN_TYPE);
    }
    struct thin_says *says = arena_alloc(arena, sizeof *says);
    if (says == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "no room for a thin event");
    }
    enum stripe_object object;
    says->twin = is_provider_id(thin.twin) ? thin.twin : STR_NONE;
    if (is_provider_id(thin.subject) && stripe_object_parse(thin.object, &object)) {
        says->can_be_asked = true;
        says->kind = stripe_object_row(object)->kind;
        says->object = thin.subject;
    }
    *ret_notices = (struct notice_list){.reason = REASON_THIN_EVENT, .thin = says};
    return ERR_OK;
}

/* ---- the whole ----------------------------------------------------------------------------- */

static enum err decode_unlisted(const struct stored_event *stored,
    struct arena *arena,
    struct notice_list *ret_notices,
    struct err_info *reterr)
{
    const struct stripe_event_row *twin = stripe_event_find_twin(stored->type);
    if (twin != NULL && twin->reason == REASON_NONE) {
        return decode_thin(stored->body, arena, ret_notices, reterr);
    }
    return record(ret_notices, twin == NULL ? REASON_UNKNOWN_TYPE : twin->reason);
}

enum err stripe_decode(const struct stored_event *stored,
    struct arena *arena,
    struct notice_list *ret_notices,
    struct err_info *reterr)
{
    REQUIRE(stored != NULL);
    REQUIRE(arena != NULL);
    REQUIRE(ret_notices != NULL);

    bool is_fetched = str_starts_with(stored->type, STR(STRIPE_FETCHED_PREFIX));
    const struct stripe_event_row *row = is_fetched ? NULL : stripe_event_find(stored->type);
    if (!is_fetched && row == NULL) {
        return decode_unlisted(stored, arena, ret_notices, reterr);
    }
    if (!is_fetched && row->reason != REASON_NONE) {
        return record(ret_notices, row->reason); /* most of what comes: not even parsed */
    }
    const struct json *root = NULL;
    TRY(parse(stored->body, arena, &root, reterr));
    struct matter matter = {.reason = REASON_NONE};
    TRY(find_matter(root, row, arena, &matter, reterr));
    if (matter.reason != REASON_NONE) {
        return record(ret_notices, matter.reason);
    }
    struct notice_list list = {.reason = REASON_NONE, .is_answer = is_fetched};
    struct stripe_decoding decoding = {
        .arena = arena, .list = &list, .at_us = stored->occurred_at_us, .reterr = reterr};
    struct stripe_place place = {NULL, is_fetched ? "object" : "data.object", -1};
    struct stripe_subject subject = {.json = matter.object,
        .place = &place,
        .type_rank = matter.type_rank,
        .event_deletes = type_deletes(stored->type),
        .event_type = is_fetched ? STR_NONE : stored->type};
    TRY(decode_object(&decoding, matter.which, &subject));
    ENSURE(list.count > 0);
    *ret_notices = list;
    return ERR_OK;
}

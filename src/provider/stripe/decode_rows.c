/* Decodes any object by its rows in objects.def. */
#include "base/check.h"
#include "domain/part.h"
#include "provider/stripe/objects.h"

/* The lowest: a state that we know stands, if the same second brought one. */
#define UNKNOWN_RANK 5
#define DELETED_RANK 20
#define STATE_RANK_GAP 10 /* between the ranks of two states */

struct reading {
    struct stripe_decoding *decoding;
    const struct stripe_subject *subject;
    const struct record_kind *kind;
    struct notice_link_fields links;
    void *record;
    struct notice *notice;
    const struct stripe_status *status;
    bool deleted;
};

static enum err refuse(
    const struct reading *reading, const struct stripe_field *row, enum err err, const char *what)
{
    return stripe_field_refuse(
        reading->subject->place, row->path.data, err, what, reading->decoding->reterr);
}

static struct link *link_at(struct reading *reading, size_t offset)
{
    for (uint32_t i = 0; i < reading->links.count; i++) {
        if (reading->links.fields[i]->offset == offset) {
            return &reading->notice->object_says.links[i];
        }
    }
    UNREACHABLE();
}

/* A word of the member's own table; the last stands for those that are not known. */
static int word_value(const struct reading *reading, size_t offset, struct str word)
{
    const struct word_table *words = NULL;
    for (size_t i = 0; i < reading->kind->field_count; i++) {
        if (reading->kind->fields[i].offset == offset) {
            words = reading->kind->fields[i].words;
        }
    }
    INVARIANT(words != NULL && words->count > 0);
    for (int i = 0; i < words->count; i++) {
        if (str_eq(word, str_from(words->words[i]))) {
            return i;
        }
    }
    return words->count - 1;
}

static enum err store(
    struct reading *reading, const struct stripe_field *row, const struct json *value)
{
    union {
        struct str text;
        struct stripe_int number;
        struct stripe_bool truth;
        struct currency currency;
        struct stripe_link link;
        bool present;
    } read = {.text = STR_NONE};
    const char *problem = NULL;
    char *member = (char *)reading->record + row->offset;
    enum err err = stripe_field_value(row, value, &read, &problem);
    if (err != ERR_OK) {
        return refuse(reading, row, err, problem);
    }
    switch (row->type) {
    case STRIPE_MINOR:
    case STRIPE_SIGNED:
    case STRIPE_WHOLE:
    case STRIPE_TIME:
        memcpy(member, &read.number.value, sizeof read.number.value);
        break;
    case STRIPE_BOOL:
        *(bool *)member = read.truth.value;
        break;
    case STRIPE_PRESENT:
        *(bool *)member = read.present;
        break;
    case STRIPE_CURRENCY:
        memcpy(member, &read.currency, sizeof read.currency);
        break;
    case STRIPE_TEXT:
        (void)str_copy_to(member, row->size, read.text);
        break;
    case STRIPE_WORD: {
        int word = word_value(reading, row->offset, read.text);
        memcpy(member, &word, sizeof word);
        break;
    }
    case STRIPE_STATE:
        reading->status = stripe_status_find(row->object, read.text);
        if (reading->status == NULL) {
            stripe_observe_word(reading->decoding, reading->subject, row->target, read.text);
        }
        break;
    case STRIPE_LINK:
        *link_at(reading, row->offset) = read.link.link;
        break;
    case STRIPE_ID:
    case STRIPE_TIME_TEXT:
    case STRIPE_LIST:
    case STRIPE_ANY:
    default:
        UNREACHABLE();
    }
    return ERR_OK;
}

/* A reference that is said to be null is known to be none; one that is absent is not. */
static void note_null(struct reading *reading, const struct stripe_field *row)
{
    if (row->type == STRIPE_LINK && json_path(reading->subject->json, row->path) != NULL) {
        link_at(reading, row->offset)->state = LINK_NONE;
    }
}

/* The rows of one member, the first of which is `row`: the first path with a value wins. */
static enum err read_member(
    struct reading *reading, const struct stripe_field *row, const struct stripe_field *end)
{
    for (const struct stripe_field *at = row; at < end && at->offset == row->offset; at++) {
        const struct json *value = stripe_field_look_up(at, reading->subject->json);
        if (value != NULL) {
            stripe_observe(reading->decoding, reading->subject, row, true);
            return store(reading, at, value);
        }
        note_null(reading, at);
    }
    stripe_observe(reading->decoding, reading->subject, row, false);
    bool is_missing = row->need == STRIPE_REQUIRED && !reading->deleted;
    return is_missing ? refuse(reading, row, ERR_INVALID, "is missing") : ERR_OK;
}

static enum err read_members(struct reading *reading, enum stripe_object object)
{
    size_t count = 0;
    const struct stripe_field *row = stripe_map_rows(object, &count);
    const struct stripe_field *end = row + count;
    stripe_observe_begin(reading->decoding, reading->subject, count);
    while (row < end) {
        TRY(read_member(reading, row, end));
        size_t offset = row->offset;
        while (row < end && row->offset == offset) {
            row++;
        }
    }
    return ERR_OK;
}

static enum err read_identity(struct reading *reading, enum stripe_object object)
{
    struct stripe_field row = {.object = object, .type = STRIPE_ID, .need = STRIPE_REQUIRED};
    const struct json *value = stripe_identity(object, reading->subject->json, &row.path);
    if (value == NULL) {
        return refuse(reading, &row, ERR_INVALID, "is missing");
    }
    const char *problem = NULL;
    enum err err = stripe_field_value(&row, value, &reading->notice->object, &problem);
    return err == ERR_OK ? ERR_OK : refuse(reading, &row, err, problem);
}

/* Some kinds can be deleted; the event that says so carries the object as it was. */
static void note_deletion(struct reading *reading)
{
    if (record_field(reading->kind, STR("deleted")) == NULL) {
        return;
    }
    struct stripe_kind said = {0};
    (void)stripe_fields_read_what_can_be(STRIPE_KIND, reading->subject->json, &said);
    reading->deleted = said.deleted.value || reading->subject->event_deletes;
}

/* After the rows: the object as it was may say that it is not deleted. */
static void settle_deletion(struct reading *reading)
{
    const struct field *field = record_field(reading->kind, STR("deleted"));
    if (field != NULL) {
        *((bool *)(void *)((char *)reading->record + field->offset)) = reading->deleted;
    }
}

static void fill_parent(struct reading *reading, enum stripe_object object)
{
    size_t offset = 0;
    if (reading->subject->parent.id.len == 0 || !stripe_parent_offset(object, &offset)) {
        return;
    }
    struct link *link = link_at(reading, offset);
    if (link->state != LINK_NAMED) {
        *link = (struct link){LINK_NAMED, reading->subject->parent.id};
    }
}

/* Without a life of its own it has its parent's stamp, and so says which of the parent's snapshots
 * it belongs to. */
static bool is_part(const struct reading *reading, enum stripe_object object)
{
    size_t offset = 0;
    return reading->kind->states->count == 0 && reading->subject->parent.id.len > 0 &&
           stripe_parent_offset(object, &offset);
}

static void settle_state(struct reading *reading, enum stripe_object object)
{
    const struct record_kind *kind = reading->kind;
    int64_t rank = reading->deleted ? DELETED_RANK : STRIPE_PRESENT_RANK;
    if (kind->states->count > 0) {
        int state = reading->status != NULL ? reading->status->state : kind->states->count - 1;
        memcpy((char *)reading->record + kind->fields[0].offset, &state, sizeof state);
        rank = reading->status != NULL ? reading->status->rank : UNKNOWN_RANK;
    }
    struct stripe_status status = {.rank = stripe_is_older_form(object) ? rank - 1 : rank};
    reading->notice->stamp = stripe_stamp(reading->decoding, reading->subject, &status);
    if (is_part(reading, object)) {
        reading->notice->stamp.rank = reading->subject->parent.rank;
    }
    if (part_kind_of(reading->notice->kind) != NULL) {
        reading->notice->object_says.list = reading->subject->parent.list;
    }
}

enum err stripe_raise_rank(struct stripe_decoding *decoding, struct stripe_said *said, int64_t by)
{
    REQUIRE(by >= 0);
    if (said->status == NULL || by == 0) {
        return ERR_OK;
    }
    struct stripe_status *raised = arena_alloc(decoding->arena, sizeof *raised);
    if (raised == NULL) {
        return err_set(decoding->reterr, ERR_TOO_LARGE, "no room for the event's notices");
    }
    *raised = *said->status;
    raised->rank += by < STATE_RANK_GAP ? by : STATE_RANK_GAP - 1;
    said->status = raised;
    return ERR_OK;
}

static enum err run_hook(struct reading *reading, stripe_hook *hook)
{
    if (hook == NULL) {
        return ERR_OK;
    }
    struct stripe_said said = {&reading->notice->object, reading->record,
        reading->notice->object_says.links, reading->status};
    TRY(hook(reading->decoding, reading->subject, &said));
    reading->status = said.status;
    return ERR_OK;
}

/* The list of its parts; any other list only as far as it is cut off. */
static void note_lists(struct reading *reading, enum stripe_object object)
{
    const struct part_kind *part = part_kind_in(reading->notice->kind);
    struct object_notice *says = &reading->notice->object_says;
    size_t count = 0;
    const struct stripe_embed *embeds = stripe_embeds(&count);
    for (size_t i = 0; i < count; i++) {
        if (embeds[i].object != object) {
            continue;
        }
        struct object_notice lists = {.list = 0};
        bool has_more =
            stripe_note_list(reading->subject->json, embeds[i].path, embeds[i].child, &lists);
        bool of_parts = part != NULL && stripe_object_row(embeds[i].child)->kind == part->part;
        says->list = of_parts ? lists.list : says->list;
        says->list_is_cut = says->list_is_cut || (of_parts ? lists.list_is_cut : has_more);
    }
}

/* Objects that stand in place of their ids, and objects inside. */
static enum err decode_inner(struct reading *reading, enum stripe_object object)
{
    size_t count = 0;
    const struct stripe_field *rows = stripe_map_rows(object, &count);
    for (size_t i = 0; i < count; i++) {
        if (rows[i].type != STRIPE_LINK) {
            continue;
        }
        const struct json *value = stripe_field_look_up(&rows[i], reading->subject->json);
        if (value != NULL && value->kind == JSON_OBJECT) {
            TRY(stripe_decode_in_place(
                reading->decoding, reading->subject, rows[i].path.data, value));
        }
    }
    const struct stripe_parent parent = {
        reading->notice->object, reading->notice->stamp.rank, reading->notice->object_says.list};
    const struct stripe_embed *embeds = stripe_embeds(&count);
    for (size_t i = 0; i < count; i++) {
        if (embeds[i].object == object) {
            TRY(stripe_decode_embedded(
                reading->decoding, reading->subject, embeds[i].path, embeds[i].child, parent));
        }
    }
    return ERR_OK;
}

/* A list whose last parts found no room is as good as cut off. */
static void forget_list(struct notice_list *list, uint32_t at)
{
    struct notice *whole = &list->notices[at];
    const struct part_kind *part = part_kind_in(whole->kind);
    if (part == NULL || whole->object_says.list == 0) {
        return;
    }
    for (uint32_t i = at + 1; i < list->count; i++) {
        struct notice *notice = &list->notices[i];
        if (notice->kind == part->part && notice->object_says.list == whole->object_says.list) {
            notice->object_says.list = 0;
        }
    }
    whole->object_says.list = 0;
    whole->object_says.list_is_cut = true;
}

enum err stripe_decode_by_rows(struct stripe_decoding *decoding,
    enum stripe_object object,
    const struct stripe_subject *subject)
{
    const struct stripe_object_row *object_row = stripe_object_row(object);
    const struct record_kind *kind = record_kind_of(object_row->kind);
    struct notice notice = {.kind = object_row->kind};
    struct reading reading = {.decoding = decoding,
        .subject = subject,
        .kind = kind,
        .links = notice_link_fields(kind),
        .record = arena_alloc(decoding->arena, kind->size),
        .notice = &notice};
    if (reading.record == NULL) {
        return err_set(decoding->reterr, ERR_TOO_LARGE, "no room for the event's notices");
    }
    notice.object_says.record = reading.record;
    note_deletion(&reading);
    TRY(read_identity(&reading, object));
    TRY(read_members(&reading, object));
    settle_deletion(&reading);
    fill_parent(&reading, object);
    TRY(run_hook(&reading, object_row->hook));
    settle_state(&reading, object);
    note_lists(&reading, object);
    uint32_t at = decoding->list->count;
    bool added = false;
    TRY(stripe_notice_add(decoding, &notice, &added));
    if (added) {
        TRY(decode_inner(&reading, object));
        if (decoding->is_full) {
            forget_list(decoding->list, at);
        }
    }
    return ERR_OK;
}

#include "base/check.h"
#include "cli/output.h"
#include "cli/show.h"
#include <inttypes.h>
#include <stdio.h>

#define JSON_BYTES_MAX ((size_t)256 * 1024 * 1024)
#define VALUE_BYTES 400

/* --- fields --- */

static struct currency currency_of(const struct record_kind *kind, const void *record)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        if (kind->fields[i].type == FIELD_CURRENCY && field_is_business(&kind->fields[i])) {
            return *(const struct currency *)((const char *)record + kind->fields[i].offset);
        }
    }
    return (struct currency){""};
}

/* Empty when there is nothing to say. */
static void format_value(const struct record_kind *kind,
    const struct field *field,
    const void *record,
    char to[static VALUE_BYTES])
{
    const void *value = (const char *)record + field->offset;
    to[0] = '\0';
    switch (field->type) {
    case FIELD_ID:
        if (!own_id_is_none(*(const struct own_id *)value)) {
            own_id_format(field->id_kind, *(const struct own_id *)value, to);
        }
        break;
    case FIELD_INT:
        (void)snprintf(to, VALUE_BYTES, "%" PRId64, *(const int64_t *)value);
        break;
    case FIELD_MINOR:
        money_format(*(const int64_t *)value, currency_of(kind, record), to);
        break;
    case FIELD_TIME:
        if (*(const int64_t *)value != 0) {
            time_format(*(const int64_t *)value, to);
        }
        break;
    case FIELD_BOOL:
        (void)str_copy_to(to, VALUE_BYTES, *(const bool *)value ? STR("yes") : STR("no"));
        break;
    case FIELD_ENUM:
        (void)str_copy_to(to, VALUE_BYTES, str_from(field->words->words[*(const int *)value]));
        break;
    case FIELD_TEXT:
        (void)str_copy_to(to, VALUE_BYTES, str_from(value));
        break;
    case FIELD_CURRENCY: /* stands behind every amount */
        break;
    default:
        UNREACHABLE();
    }
}

/* `amount_minor` reads "amount". */
static void format_name(const struct field *field, char to[static 40])
{
    struct str name = str_from(field->name);
    struct str tail = STR("_minor");
    if (field->type == FIELD_MINOR && name.len > tail.len) {
        name.len -= tail.len;
    }
    (void)str_copy_to(to, 40, name);
    for (char *c = to; *c != '\0'; c++) {
        *c = (char)(*c == '_' ? ' ' : *c);
    }
}

static void print_object(const struct shown_object *object)
{
    char id[OWN_ID_TEXT_BYTES];
    const struct record_kind *kind = record_kind_of(object->kind);
    own_id_format(object->kind, object->id, id);
    outf("%s ", id_kind_word(object->kind));
    out_coloured(COLOUR_BOLD, str_from(id));
    for (uint32_t i = 0; i < object->provider_id_count; i++) {
        out(i == 0 ? STR("  (") : STR(", "));
        out_escaped(object->provider_ids[i]);
    }
    out(object->provider_id_count > 0 ? STR(")\n") : STR("\n"));
    for (size_t i = 0; i < kind->field_count; i++) {
        char name[40];
        char value[VALUE_BYTES];
        if (field_is_business(&kind->fields[i])) {
            format_name(&kind->fields[i], name);
            format_value(kind, &kind->fields[i], object->record, value);
            out_field(name, str_from(value));
        }
    }
}

/* --- why --- */

static int compare_stamps(const struct stamp *a, const struct stamp *b)
{
    int seconds = (a->at_us > b->at_us) - (a->at_us < b->at_us);
    return seconds != 0 ? seconds : (a->rank > b->rank) - (a->rank < b->rank);
}

/* The newest that was accepted of the same object, other than `of` itself; NULL when there is none.
 */
static const struct inbox_effect *newest_accepted(
    const struct shown *shown, const struct inbox_effect *of)
{
    const struct inbox_effect *newest = NULL;
    for (uint32_t i = 0; i < shown->moment_count; i++) {
        const struct timeline_entry *entry = shown->moments[i].effect;
        if (entry == NULL || entry->effect.seq == of->seq ||
            entry->effect.effect != EFFECT_APPLIED ||
            !own_id_eq(entry->effect.object_id, of->object_id)) {
            continue;
        }
        if (newest == NULL || compare_stamps(&entry->effect.stamp, &newest->stamp) > 0) {
            newest = &entry->effect;
        }
    }
    return newest;
}

static void explain_effect(
    const struct shown *shown, const struct inbox_effect *effect, char *to, size_t size)
{
    const struct inbox_effect *newer = newest_accepted(shown, effect);
    const char *contested =
        effect->contested ? "; contested: no rule orders the events of that second" : "";
    switch (effect->effect) {
    case EFFECT_APPLIED:
        if (newer != NULL && newer->seq < effect->seq &&
            compare_stamps(&newer->stamp, &effect->stamp) > 0) {
            (void)snprintf(to, size, "applied: facts only, %" PRId64 " says something newer%s",
                newer->seq, contested);
        } else {
            (void)snprintf(to, size, "applied%s", contested);
        }
        return;
    case EFFECT_SAME:
        (void)snprintf(to, size, "same: says nothing new%s", contested);
        return;
    case EFFECT_STALE:
        if (newer != NULL && compare_stamps(&newer->stamp, &effect->stamp) > 0) {
            (void)snprintf(
                to, size, "stale: %" PRId64 " says something newer%s", newer->seq, contested);
        } else if (newer != NULL) {
            (void)snprintf(
                to, size, "stale: %" PRId64 " stands for that second%s", newer->seq, contested);
        } else {
            (void)snprintf(to, size, "stale: something newer was known%s", contested);
        }
        return;
    case EFFECT_COUNT:
    default:
        UNREACHABLE();
    }
}

static void explain_open(const struct inbox_row *row, int64_t now_us, char *to, size_t size)
{
    char in[TIME_TEXT_BYTES];
    age_format(row->due_us, now_us, in);
    if (row->status == WORK_DEAD) {
        (void)snprintf(to, size, "dead: " STR_FMT ": " STR_FMT, STR_ARG(row->error_name),
            STR_ARG(row->error_text));
    } else if (row->status == WORK_WAITING) {
        (void)snprintf(
            to, size, "waiting, next attempt in %s: " STR_FMT, in, STR_ARG(row->error_text));
    } else {
        (void)snprintf(to, size, "%s: not decided yet", work_status_word(row->status));
    }
}

static const struct shown_object *object_of(const struct shown *shown, struct own_id id)
{
    for (uint32_t i = 0; i < shown->object_count; i++) {
        if (own_id_eq(shown->objects[i].id, id)) {
            return &shown->objects[i];
        }
    }
    return NULL;
}

/* "attempt ch_123". */
static void name_object(
    const struct shown *shown, const struct inbox_effect *effect, char *to, size_t size)
{
    const struct shown_object *object = object_of(shown, effect->object_id);
    struct str name =
        object != NULL && object->provider_id_count > 0 ? object->provider_ids[0] : STR_NONE;
    (void)snprintf(to, size, "%s " STR_FMT, id_kind_word(effect->kind), STR_ARG(name));
}

/* --- for people --- */

static void add_line(struct table *table, int64_t seq, int64_t occurred_us, int64_t received_us)
{
    char occurred[TIME_TEXT_BYTES];
    char received[TIME_TEXT_BYTES];
    char number[24] = " ";
    if (seq > 0) {
        (void)snprintf(number, sizeof number, "%" PRId64, seq);
    }
    time_format(occurred_us, occurred);
    time_format(received_us, received);
    table_add(table, str_from(number));
    table_add(table, str_from(occurred));
    table_add(table, str_from(received));
}

static void add_moment(
    const struct shown *shown, const struct moment *moment, int64_t now_us, struct table *table)
{
    char what[VALUE_BYTES];
    char object[VALUE_BYTES];
    char id[80];
    if (moment->effect != NULL) {
        const struct timeline_entry *entry = moment->effect;
        explain_effect(shown, &entry->effect, what, sizeof what);
        name_object(shown, &entry->effect, object, sizeof object);
        add_line(table, moment->seq, entry->occurred_at_us, entry->received_us);
        table_add(table, entry->type);
        table_add(table, str_from(object));
        table_add_coloured(table, entry->effect.effect == EFFECT_APPLIED ? COLOUR_NONE : COLOUR_DIM,
            str_from(what));
        table_add(table, entry->event_id);
    } else if (moment->open != NULL) {
        explain_open(moment->open, now_us, what, sizeof what);
        add_line(table, moment->seq, moment->open->occurred_at_us, moment->open->received_us);
        table_add(table, moment->open->type);
        table_add(table, moment->open->subject);
        table_add_coloured(
            table, moment->open->status == WORK_DEAD ? COLOUR_BAD : COLOUR_WARN, str_from(what));
        table_add(table, moment->open->event_id);
    } else {
        const struct feed_entry *event = moment->event;
        (void)snprintf(what, sizeof what, "  -> %s", domain_event_name(event->type));
        (void)snprintf(object, sizeof object, "position %" PRId64, event->position);
        (void)snprintf(id, sizeof id, "cf_evt_%" PRId64 "_%" PRId64, event->scope, event->position);
        add_line(table, 0, event->occurred_at_us, event->recorded_at_us);
        table_add_coloured(table, COLOUR_GOOD, str_from(what));
        table_add(table, str_from(object));
        table_add(table, event->late ? STR("late: learned after something newer") : STR(" "));
        table_add(table, str_from(id));
    }
}

void show_text(const struct shown *shown, int64_t now_us)
{
    REQUIRE(shown->object_count > 0);
    static const struct table_column columns[] = {{"SEQ", true}, {"OCCURRED (UTC)", false},
        {"RECEIVED", false}, {"EVENT", false}, {"OBJECT", false}, {"WHAT IT DID", false},
        {"EVENT ID", false}};
    CLEANUP(table_free) struct table *table = table_new(columns, 7);
    char scope[200];
    for (uint32_t i = 0; i < shown->object_count; i++) {
        print_object(&shown->objects[i]);
        if (i == 0) {
            (void)snprintf(scope, sizeof scope, "%" PRId64 ", " STR_FMT ", " STR_FMT,
                shown->scope.scope, STR_ARG(shown->scope.account_key),
                STR_ARG(shown->scope.environment));
            out_field("scope", str_from(scope));
        }
        out(STR("\n"));
    }
    out(STR("timeline\n"));
    for (uint32_t i = 0; i < shown->moment_count && table != NULL; i++) {
        add_moment(shown, &shown->moments[i], now_us, table);
    }
    if (table != NULL) {
        table_print(table);
    }
}

/* --- for programs --- */

static void object_json(const struct shown_object *object, struct str key, struct json_writer *json)
{
    json_begin_object(json, key);
    record_to_json(record_kind_of(object->kind), object->record, json);
    json_begin_array(json, STR("provider_ids"));
    for (uint32_t i = 0; i < object->provider_id_count; i++) {
        json_add_string(json, STR_NONE, object->provider_ids[i]);
    }
    json_end_array(json);
    json_end_object(json);
}

static void objects_json(
    const struct shown *shown, enum id_kind kind, struct str key, struct json_writer *json)
{
    json_begin_array(json, key);
    for (uint32_t i = 1; i < shown->object_count; i++) {
        if (shown->objects[i].kind == kind) {
            object_json(&shown->objects[i], STR_NONE, json);
        }
    }
    json_end_array(json);
}

static void effect_json(
    const struct shown *shown, const struct timeline_entry *entry, struct json_writer *json)
{
    char id[OWN_ID_TEXT_BYTES];
    char why[VALUE_BYTES];
    own_id_format(entry->effect.kind, entry->effect.object_id, id);
    explain_effect(shown, &entry->effect, why, sizeof why);
    json_add_string(json, STR("event_id"), entry->event_id);
    json_add_string(json, STR("type"), entry->type);
    json_add_time(json, STR("occurred_at"), entry->occurred_at_us);
    json_add_time(json, STR("received_at"), entry->received_us);
    json_add_string(json, STR("object_id"), str_from(id));
    json_add_string(json, STR("effect"), str_from(effect_name(entry->effect.effect)));
    json_add_bool(json, STR("contested"), entry->effect.contested);
    json_add_string(json, STR("why"), str_from(why));
}

static void open_json(const struct inbox_row *row, struct json_writer *json)
{
    json_add_string(json, STR("event_id"), row->event_id);
    json_add_string(json, STR("type"), row->type);
    json_add_time(json, STR("occurred_at"), row->occurred_at_us);
    json_add_time(json, STR("received_at"), row->received_us);
    json_add_string(json, STR("effect"), str_from(work_status_word(row->status)));
    json_add_string(json, STR("error"), row->error_name);
    json_add_string(json, STR("why"), row->error_text);
}

static void event_json(const struct feed_entry *event, struct json_writer *json)
{
    char id[80];
    (void)snprintf(id, sizeof id, "cf_evt_%" PRId64 "_%" PRId64, event->scope, event->position);
    json_add_string(json, STR("domain_event"), str_from(domain_event_name(event->type)));
    json_add_string(json, STR("id"), str_from(id));
    json_add_int(json, STR("position"), event->position);
    json_add_time(json, STR("occurred_at"), event->occurred_at_us);
    json_add_time(json, STR("recorded_at"), event->recorded_at_us);
    json_add_bool(json, STR("late"), event->late);
}

void show_json(const struct shown *shown)
{
    REQUIRE(shown->object_count > 0);
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, JSON_BYTES_MAX);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    json_begin_object(&json, STR("scope"));
    json_add_int(&json, STR("scope"), shown->scope.scope);
    json_add_string(&json, STR("provider"), shown->scope.provider);
    json_add_string(&json, STR("environment"), shown->scope.environment);
    json_add_string(&json, STR("account_key"), shown->scope.account_key);
    json_end_object(&json);
    object_json(&shown->objects[0], str_from(id_kind_word(shown->objects[0].kind)), &json);
    objects_json(shown, ID_ATTEMPT, STR("attempts"), &json);
    objects_json(shown, ID_REFUND, STR("refunds"), &json);
    json_begin_array(&json, STR("timeline"));
    for (uint32_t i = 0; i < shown->moment_count; i++) {
        const struct moment *moment = &shown->moments[i];
        json_begin_object(&json, STR_NONE);
        json_add_int(&json, STR("seq"), moment->seq);
        if (moment->effect != NULL) {
            effect_json(shown, moment->effect, &json);
        } else if (moment->open != NULL) {
            open_json(moment->open, &json);
        } else {
            event_json(moment->event, &json);
        }
        json_end_object(&json);
    }
    json_end_array(&json);
    json_end_object(&json);
    out_json(&text);
}

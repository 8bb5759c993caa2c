#include "base/check.h"
#include "flow/discrepancies.h"
#include "cli/output.h"
#include "cli/show.h"
#include <inttypes.h>
#include <stdio.h>

#define JSON_BYTES_MAX ((size_t)256 * 1024 * 1024)
#define VALUE_BYTES 400

static void links_json(const struct shown_object *object, struct json_writer *json)
{
    const struct record_kind *kind = record_kind_of(object->kind);
    json_begin_object(json, STR("provider_links"));
    for (size_t i = 0; i < kind->field_count; i++) {
        if (object->links[i].len > 0) {
            json_add_string(json, str_from(kind->fields[i].name), object->links[i]);
        }
    }
    json_end_object(json);
}

static void object_json(const struct shown_object *object, struct str key, struct json_writer *json)
{
    json_begin_object(json, key);
    record_to_json(record_kind_of(object->kind), object->record, json);
    json_begin_array(json, STR("provider_ids"));
    for (uint32_t i = 0; i < object->provider_id_count; i++) {
        json_add_string(json, STR_NONE, object->provider_ids[i]);
    }
    json_end_array(json);
    if (object->links != NULL) {
        links_json(object, json);
    }
    if (object->price != NULL) {
        json_begin_object(json, STR("price"));
        record_to_json(record_kind_of(ID_PRICE), object->price, json);
        json_end_object(json);
    }
    if (object->way == PART_LISTED) {
        json_add_bool(json, STR("current"), !object->is_former);
    }
    json_end_object(json);
}

/* All groups, empty ones too, and the keys of those that were cut. */
static void groups_json(const struct shown *shown, struct json_writer *json)
{
    for (uint32_t group = 0; group < shown->group_count; group++) {
        json_begin_array(json, str_from(shown->groups[group].key));
        for (uint32_t i = 1; i < shown->object_count; i++) {
            if (shown->objects[i].group == group) {
                object_json(&shown->objects[i], STR_NONE, json);
            }
        }
        json_end_array(json);
    }
    json_begin_array(json, STR("more"));
    for (uint32_t group = 0; group < shown->group_count; group++) {
        if (shown->groups[group].more) {
            json_add_string(json, STR_NONE, str_from(shown->groups[group].key));
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
    show_why(shown, &entry->effect, why, sizeof why);
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
    if (shown->content != NULL) {
        json_begin_object(&json, STR("content"));
        payout_content_json(shown->content, &json);
        json_end_object(&json);
    }
    groups_json(shown, &json);
    json_begin_array(&json, STR("discrepancies"));
    for (uint32_t i = 0; i < shown->discrepancy_count; i++) {
        discrepancy_to_json(&shown->discrepancies[i], STR_NONE, &json);
    }
    json_end_array(&json);
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

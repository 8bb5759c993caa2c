#include "cli/discrepancies.h"
#include "cli/output.h"

#define JSON_BYTES_MAX ((size_t)8 * 1024 * 1024)

static void scope_json(const struct scope_row *scope, struct json_writer *json)
{
    json_begin_object(json, STR("scope"));
    json_add_int(json, STR("scope"), scope->scope);
    json_add_string(json, STR("provider"), scope->provider);
    json_add_string(json, STR("environment"), scope->environment);
    json_add_string(json, STR("account_key"), scope->account_key);
    json_end_object(json);
}

static void standing_json(const struct standing_amount *standing, struct json_writer *json)
{
    if (!standing->is_there) {
        json_add_null(json, STR("stands"));
        return;
    }
    json_begin_object(json, STR("stands"));
    json_add_string(json, STR("account"), str_from(account_row(standing->account)->name));
    json_add_string(json, STR("currency"), str_from(standing->currency.code));
    json_add_int(json, STR("minor"), standing->minor);
    json_end_object(json);
}

static void postings_json(const struct evidence *evidence, struct json_writer *json)
{
    json_begin_array(json, STR("postings"));
    for (uint32_t i = 0; i < evidence->posting_count; i++) {
        const struct evidence_posting *row = &evidence->postings[i];
        char id[OWN_ID_TEXT_BYTES];
        subject_format(row->subject_kind, row->subject, id);
        json_begin_object(json, STR_NONE);
        json_add_string(json, STR("posted_for"), str_from(id));
        json_add_string(json, STR("account"), str_from(account_row(row->posting.account)->name));
        json_add_string(json, STR("currency"), str_from(row->posting.currency.code));
        json_add_int(json, STR("minor"), row->posting.minor);
        json_end_object(json);
    }
    json_end_array(json);
}

static void ours_json(const struct evidence *evidence, struct json_writer *json)
{
    json_begin_object(json, STR("ours"));
    if (evidence->shown.object_count > 0) {
        const struct shown_object *object = &evidence->shown.objects[0];
        const struct record_kind *kind = record_kind_of(object->kind);
        json_begin_object(json, str_from(kind->table));
        record_to_json(kind, object->record, json);
        json_end_object(json);
    }
    postings_json(evidence, json);
    json_end_object(json);
}

static void line_json(const struct kept_line *kept, struct json_writer *json)
{
    const struct statement_line *line = &kept->line;
    char id[OWN_ID_TEXT_BYTES];
    subject_format(SUBJECT_LINE, line->id, id);
    json_begin_object(json, STR_NONE);
    json_add_string(json, STR("id"), str_from(id));
    json_add_string(json, STR("provider_id"), kept->provider_id);
    json_add_string(json, STR("kind"), str_from(line_kind_word(line->kind)));
    json_add_string(json, STR("type"), kept->type);
    json_add_string(json, STR("category"), kept->category);
    json_add_string(json, STR("bucket"), str_from(bucket_word(line->bucket)));
    json_add_string(json, STR("currency"), str_from(line->currency.code));
    json_add_int(json, STR("amount_minor"), line->amount_minor);
    json_add_int(json, STR("fee_minor"), line->fee_minor);
    json_add_int(json, STR("net_minor"), line->net_minor);
    if (line->customer_currency.code[0] != '\0') {
        json_add_string(json, STR("customer_currency"), str_from(line->customer_currency.code));
        json_add_int(json, STR("customer_minor"), line->customer_minor);
    }
    json_add_string(json, STR("text"), kept->text);
    json_add_time(json, STR("created_at"), line->created_us);
    json_add_time(json, STR("available_at"), line->available_us);
    json_add_time(json, STR("effective_at"), kept->effective_us);
    json_add_int(json, STR("source"), kept->first_source);
    json_end_object(json);
}

static void source_json(const struct statement_source *source, struct json_writer *json)
{
    char hex[2 * SHA256_BYTES];
    hex_encode(hex, source->sha256, SHA256_BYTES);
    json_begin_object(json, STR_NONE);
    json_add_int(json, STR("source"), source->number);
    json_add_string(json, STR("kind"), source->kind == SOURCE_FILE ? STR("file") : STR("api"));
    json_add_string(json, STR("name"), source->name);
    json_add_time(json, STR("received_at"), source->received_us);
    if (source->hashed) {
        json_add_string(json, STR("sha256"), (struct str){hex, sizeof hex});
    }
    json_end_object(json);
}

static void theirs_json(const struct evidence *evidence, struct json_writer *json)
{
    json_begin_object(json, STR("theirs"));
    json_begin_array(json, STR("lines"));
    for (uint32_t i = 0; i < evidence->lines.count; i++) {
        line_json(&evidence->lines.items[i], json);
    }
    json_end_array(json);
    json_begin_array(json, STR("sources"));
    for (uint32_t i = 0; i < evidence->source_count; i++) {
        source_json(&evidence->sources[i], json);
    }
    json_end_array(json);
    json_end_object(json);
}

static void event_json(struct json_writer *json,
    int64_t seq,
    int64_t occurred_us,
    struct str type,
    const char *what,
    struct str event_id)
{
    json_begin_object(json, STR_NONE);
    json_add_int(json, STR("seq"), seq);
    json_add_string(json, STR("event_id"), event_id);
    json_add_string(json, STR("type"), type);
    json_add_time(json, STR("occurred_at"), occurred_us);
    json_add_string(json, STR("what"), str_from(what));
    json_end_object(json);
}

static void events_json(const struct evidence *evidence, struct json_writer *json)
{
    json_begin_array(json, STR("events"));
    for (uint32_t i = 0; i < evidence->shown.moment_count; i++) {
        const struct timeline_entry *entry = evidence->shown.moments[i].effect;
        event_json(json, entry->effect.seq, entry->occurred_at_us, entry->type,
            effect_name(entry->effect.effect), entry->event_id);
    }
    for (uint32_t i = 0; i < evidence->event_count; i++) {
        const struct inbox_row *row = &evidence->events[i];
        event_json(json, row->seq, row->occurred_at_us, row->type, work_status_word(row->status),
            row->event_id);
    }
    json_end_array(json);
}

void evidence_json(const struct evidence *evidence, int64_t now_us)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    const struct discrepancy *now = &evidence->now;
    const struct code_row *code = code_row(now->found.code);
    buf_init(&text, JSON_BYTES_MAX);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    scope_json(&evidence->scope, &json);
    discrepancy_to_json(now, STR("discrepancy"), &json);
    json_add_string(&json, STR("help"), str_from(code->help));
    json_add_string(&json, STR("next"), str_from(code->next));
    json_add_string(
        &json, STR("age"), str_from(age_bucket_word(age_bucket(now->found.since_us, now_us))));
    json_add_time(&json, STR("raised_at"), now->raised_us);
    json_add_time(&json, STR("changed_at"), now->changed_us);
    standing_json(&evidence->standing, &json);
    ours_json(evidence, &json);
    theirs_json(evidence, &json);
    events_json(evidence, &json);
    json_begin_array(&json, STR("steps"));
    for (uint32_t i = 0; i < evidence->step_count; i++) {
        discrepancy_step_to_json(&evidence->steps[i], STR_NONE, &json);
    }
    json_end_array(&json);
    json_end_object(&json);
    out_json(&text);
}

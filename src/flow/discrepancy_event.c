#include "base/check.h"
#include "base/timestamp.h"
#include "store/audit.h"
#include "store/journal.h"
#include "flow/discrepancies_inside.h"
#include <stdio.h>

#define EVENT_BODY_BYTES_MAX 16384
#define AUDIT_WORDS_BYTES 64

/* --- JSON --- */

static void add_time(struct json_writer *json, struct str key, int64_t time_us)
{
    char text[TIMESTAMP_TEXT_BYTES];
    timestamp_format(time_us, text);
    json_add_string(json, key, str_from(text));
}

static void add_optional(struct json_writer *json, struct str key, struct str text)
{
    if (text.len > 0) {
        json_add_string(json, key, text);
    } else {
        json_add_null(json, key);
    }
}

static void add_subject(struct json_writer *json, const struct finding *found)
{
    char id[OWN_ID_TEXT_BYTES] = "";
    if (found->subject_kind != KEY_NONE) {
        subject_format(found->subject_kind == KEY_LINE ? (int)SUBJECT_LINE : found->subject_kind,
            found->subject, id);
    }
    json_add_string(json, STR("subject_kind"), str_from(finding_subject_word(found->subject_kind)));
    add_optional(json, STR("subject_id"), str_from(id));
    add_optional(json, STR("name"), found->name);
}

static void add_amounts(struct json_writer *json, const struct finding *found)
{
    int64_t off = 0;
    if (found->currency.code[0] == '\0') {
        json_add_null(json, STR("currency"));
        return;
    }
    json_add_string(json, STR("currency"), str_from(found->currency.code));
    json_add_int(json, STR("ours_minor"), found->ours_minor);
    json_add_int(json, STR("theirs_minor"), found->theirs_minor);
    if (finding_off(found, &off) == ERR_OK) {
        json_add_int(json, STR("off_minor"), off);
    }
}

void discrepancy_to_json(
    const struct discrepancy *discrepancy, struct str key, struct json_writer *json)
{
    const struct finding *found = &discrepancy->found;
    const struct code_row *code = code_row(found->code);
    char id[FINDING_ID_TEXT_BYTES];
    finding_id_format(discrepancy->id, id);
    json_begin_object(json, key);
    json_add_string(json, STR("id"), str_from(id));
    json_add_string(json, STR("code"), str_from(code->word));
    json_add_string(json, STR("severity"), str_from(severity_word(code->severity)));
    json_add_string(json, STR("state"), str_from(discrepancy_state_word(discrepancy->state)));
    add_subject(json, found);
    add_amounts(json, found);
    if (found->period_us != 0) {
        add_time(json, STR("period_at"), found->period_us);
        add_time(json, STR("period_to_at"), found->period_to_us);
    }
    add_time(json, STR("since_at"), found->since_us);
    json_add_string(json, STR("text"), found->text);
    add_optional(json, STR("owner"), discrepancy->owner);
    json_add_int(json, STR("first_run"), discrepancy->first_run);
    json_add_int(json, STR("last_run"), discrepancy->last_run);
    json_end_object(json);
}

static void add_decision(struct json_writer *json, const struct discrepancy_step *step)
{
    json_add_string(json, STR("who"), step->who);
    if (step->has_reason) {
        json_add_string(json, STR("reason"), str_from(reason_code_word(step->reason)));
    }
    json_add_string(json, STR("note"), step->note);
    add_optional(json, STR("incident"), step->incident);
    if (step->account.len > 0) {
        json_add_string(json, STR("to_account"), step->account);
        json_add_int(json, STR("wanted_minor"), step->wanted_minor);
    }
    if (step->entry > 0) {
        json_add_int(json, STR("entry"), step->entry);
    }
}

void discrepancy_step_to_json(
    const struct discrepancy_step *step, struct str key, struct json_writer *json)
{
    json_begin_object(json, key);
    json_add_int(json, STR("number"), step->number);
    json_add_string(json, STR("deed"), str_from(deed_word(step->deed)));
    json_add_string(json, STR("state"), str_from(discrepancy_state_word(step->state)));
    add_time(json, STR("at"), step->at_us);
    json_add_int(json, STR("ours_minor"), step->ours_minor);
    json_add_int(json, STR("theirs_minor"), step->theirs_minor);
    json_add_string(json, STR("text"), step->text);
    if (step->run > 0) {
        json_add_int(json, STR("run"), step->run);
    } else {
        add_decision(json, step);
    }
    json_end_object(json);
}

/* --- domain events --- */

static enum domain_event_type event_of(enum deed deed)
{
    switch (deed) {
    case DEED_RAISE:
        return EVENT_DISCREPANCY_OPENED;
    case DEED_OBSERVE:
    case DEED_ASK_RESOLVE:
    case DEED_ASK_WRITE_OFF:
        return EVENT_DISCREPANCY_CHANGED;
    case DEED_CLEAR:
        return EVENT_DISCREPANCY_CLEARED;
    case DEED_REOPEN:
        return EVENT_DISCREPANCY_REOPENED;
    case DEED_ACKNOWLEDGE:
        return EVENT_DISCREPANCY_ACKNOWLEDGED;
    case DEED_EXPLAIN:
        return EVENT_DISCREPANCY_EXPLAINED;
    case DEED_RESOLVE:
        return EVENT_DISCREPANCY_RESOLVED;
    case DEED_WRITE_OFF:
        return EVENT_DISCREPANCY_WRITTEN_OFF;
    case DEED_COUNT:
    default:
        UNREACHABLE();
    }
}

static struct str body_of(const struct discrepancy *row,
    const struct discrepancy_step *step,
    struct buf *body,
    struct arena *arena)
{
    struct json_writer json;
    buf_clear(body);
    json_writer_init(&json, body);
    json_begin_object(&json, STR_NONE);
    discrepancy_to_json(row, STR("discrepancy"), &json);
    discrepancy_step_to_json(step, STR("step"), &json);
    json_end_object(&json);
    return body->failed ? STR_NONE : arena_copy(arena, buf_str(body));
}

enum err discrepancies_out_of_room(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "discrepancies need more memory than they may have");
}

static bool audit_of_run(
    const struct discrepancy_step *step, struct arena *arena, struct audit_entry *to)
{
    char id[FINDING_ID_TEXT_BYTES];
    char action[AUDIT_WORDS_BYTES];
    char reason[AUDIT_WORDS_BYTES];
    finding_id_format(step->discrepancy, id);
    (void)snprintf(action, sizeof action, "discrepancy.%s", deed_word(step->deed));
    (void)snprintf(reason, sizeof reason, "run %lld", (long long)step->run);
    *to = (struct audit_entry){.at_us = step->at_us,
        .who = STR("reconcile"),
        .action = arena_copy(arena, str_from(action)),
        .subject = arena_copy(arena, str_from(id)),
        .reason = arena_copy(arena, str_from(reason))};
    return to->action.data != NULL && to->subject.data != NULL && to->reason.data != NULL;
}

/* People's own steps say more of themselves: discrepancy_deeds.c. */
static enum err audit_runs(struct store *store,
    const struct discrepancy_step *steps,
    uint32_t count,
    struct arena *arena,
    struct err_info *reterr)
{
    uint32_t of_runs = 0;
    struct audit_entry *entries = arena_new_array(arena, struct audit_entry, (size_t)count + 1);
    for (uint32_t i = 0; entries != NULL && i < count; i++) {
        if (steps[i].who.len == 0 && !audit_of_run(&steps[i], arena, &entries[of_runs++])) {
            entries = NULL;
        }
    }
    return entries == NULL ? discrepancies_out_of_room(reterr)
                           : audit_append_all(store, entries, of_runs, reterr);
}

/* Other steps leave it as it is in the store. */
static void set_alarm(struct discrepancy *row, const struct discrepancy_step *step)
{
    bool is_opened = step->deed == DEED_RAISE || step->deed == DEED_REOPEN;
    bool is_critical = code_row(row->found.code)->severity == SEVERITY_CRITICAL;
    row->alarm_step = is_opened && is_critical ? row->step_count + 1 : 0;
}

enum err discrepancies_take_steps(struct store *store,
    struct discrepancy *rows,
    struct discrepancy_step *steps,
    uint32_t count,
    int64_t occurred_us,
    struct arena *arena,
    struct err_info *reterr)
{
    CLEANUP(buf_fini) struct buf body;
    buf_init(&body, EVENT_BODY_BYTES_MAX);
    struct feed_entry *entries = arena_new_array(arena, struct feed_entry, count + 1);
    if (entries == NULL) {
        return discrepancies_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        set_alarm(&rows[i], &steps[i]);
    }
    TRY(discrepancies_save(store, rows, steps, count, reterr));
    TRY(audit_runs(store, steps, count, arena, reterr));
    for (uint32_t i = 0; i < count; i++) {
        enum domain_event_type type = event_of(steps[i].deed);
        struct str text = body_of(&rows[i], &steps[i], &body, arena);
        if (text.data == NULL) {
            return discrepancies_out_of_room(reterr);
        }
        entries[i] = (struct feed_entry){.scope = rows[i].found.scope,
            .type = type,
            .schema = domain_event_schema(type),
            .aggregate_id = rows[i].id,
            .occurred_at_us = occurred_us,
            .recorded_at_us = steps[i].at_us,
            .body = text};
    }
    return count == 0 ? ERR_OK : feed_append(store, arena, entries, count, reterr);
}

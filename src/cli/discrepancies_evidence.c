#include "base/check.h"
#include "cli/discrepancies.h"

#define EVENTS_MAX 20

struct gathering {
    struct store *store;
    struct arena *arena;
    struct evidence *to;
    struct err_info *reterr;
};

static enum err out_of_room(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "its evidence needs more memory than it may have");
}

/* --- what it is --- */

static enum err read_itself(struct gathering *gathering, struct own_id id)
{
    struct evidence *to = gathering->to;
    struct scope_row *scopes = NULL;
    uint32_t count = 0;
    TRY(discrepancies_known(
        gathering->store, &id, 1, gathering->arena, &to->now, gathering->reterr));
    if (to->now.step_count == 0) {
        return err_set(gathering->reterr, ERR_NOT_FOUND,
            "there is no such discrepancy: `discrepancies list --state all` has them all");
    }
    TRY(discrepancy_steps(
        gathering->store, id, gathering->arena, &to->steps, &to->step_count, gathering->reterr));
    TRY(discrepancy_standing(
        gathering->store, &to->now, gathering->arena, &to->standing, gathering->reterr));
    TRY(scope_list(gathering->store, gathering->arena, &scopes, &count, gathering->reterr));
    for (uint32_t i = 0; i < count; i++) {
        if (scopes[i].scope == to->now.found.scope) {
            to->scope = scopes[i];
        }
    }
    return ERR_OK;
}

/* --- what they have --- */

static enum err read_lines(struct gathering *gathering)
{
    static const struct own_id from_the_first = {{0}};
    struct evidence *to = gathering->to;
    const struct finding *found = &to->now.found;
    if (own_id_is_none(found->subject)) {
        return ERR_OK;
    }
    if (found->subject_kind != KEY_LINE) {
        return statement_of_source(gathering->store, found->subject, from_the_first,
            EVIDENCE_LINES_MAX, gathering->arena, &to->lines, gathering->reterr);
    }
    to->lines.items = arena_new_array(gathering->arena, struct kept_line, 1);
    if (to->lines.items == NULL) {
        return out_of_room(gathering->reterr);
    }
    TRY(statement_line_by_id(gathering->store, found->subject, gathering->arena,
        &to->lines.items[0], gathering->reterr));
    to->lines.count = to->lines.items[0].scope != 0 ? 1 : 0;
    return ERR_OK;
}

static bool has_source(const struct evidence *evidence, int64_t number)
{
    for (uint32_t i = 0; i < evidence->source_count; i++) {
        if (evidence->sources[i].number == number) {
            return true;
        }
    }
    return false;
}

static enum err read_sources(struct gathering *gathering)
{
    struct evidence *to = gathering->to;
    to->sources = arena_new_array(gathering->arena, struct statement_source, to->lines.count + 1);
    if (to->sources == NULL) {
        return out_of_room(gathering->reterr);
    }
    for (uint32_t i = 0; i < to->lines.count; i++) {
        const struct kept_line *line = &to->lines.items[i];
        struct statement_source source;
        TRY(statement_source_read(gathering->store, line->scope, line->first_source,
            gathering->arena, &source, gathering->reterr));
        if (source.number != 0 && !has_source(to, source.number)) {
            to->sources[to->source_count++] = source;
        }
    }
    return ERR_OK;
}

/* --- what we have --- */

static enum err add_effects(struct gathering *gathering, struct own_id object)
{
    struct shown *shown = &gathering->to->shown;
    struct timeline_entry *entries = NULL;
    uint32_t count = 0;
    TRY(effects_of_objects(
        gathering->store, &object, 1, gathering->arena, &entries, &count, gathering->reterr));
    shown->moments = arena_new_array(gathering->arena, struct moment, count + 1);
    if (shown->moments == NULL) {
        return out_of_room(gathering->reterr);
    }
    for (uint32_t i = 0; i < count; i++) {
        shown->moments[shown->moment_count++] =
            (struct moment){.seq = entries[i].effect.seq, .effect = &entries[i]};
    }
    return ERR_OK;
}

/* The object itself; of a line, what the line is about. */
static enum err read_record(struct gathering *gathering)
{
    struct evidence *to = gathering->to;
    const struct finding *found = &to->now.found;
    bool of_line = found->subject_kind == KEY_LINE && to->lines.count > 0;
    int kind = of_line ? (int)to->lines.items[0].source_kind : found->subject_kind;
    struct own_id id = of_line ? to->lines.items[0].line.source : found->subject;
    void **records = NULL;
    if (own_id_is_none(id) || kind < 0) {
        return ERR_OK;
    }
    TRY(records_load(gathering->store, record_kind_of((enum id_kind)kind), &id, 1, false,
        gathering->arena, &records, gathering->reterr));
    if (records[0] == NULL) {
        return ERR_OK;
    }
    TRY(show_gather(gathering->store, (enum id_kind)kind, records[0], gathering->arena, &to->shown,
        gathering->reterr));
    return add_effects(gathering, id);
}

/* --- the books --- */

struct poster {
    int kind;
    struct own_id id;
};

/* Whoever may have posted there: an attempt's money is posted by its payment. */
static uint32_t list_posters(const struct evidence *evidence, struct poster *to)
{
    const struct finding *found = &evidence->now.found;
    uint32_t count = 0;
    if (found->subject_kind >= 0) {
        to[count++] = (struct poster){found->subject_kind, found->subject};
    }
    if (found->subject_kind == ID_ATTEMPT && evidence->shown.object_count > 0) {
        const struct attempt *attempt = evidence->shown.objects[0].record;
        to[count++] = (struct poster){ID_PAYMENT, attempt->payment_id};
    }
    for (uint32_t i = 0; i < evidence->lines.count; i++) {
        to[count++] = (struct poster){SUBJECT_LINE, evidence->lines.items[i].line.id};
    }
    to[count++] = (struct poster){SUBJECT_DECISION, evidence->now.id};
    return count;
}

static bool is_about_it(const struct evidence *evidence, const struct posting *posting)
{
    const struct finding *found = &evidence->now.found;
    return found->subject_kind == KEY_LINE || own_id_eq(posting->key, found->subject);
}

static enum err add_postings(
    struct gathering *gathering, const struct poster *poster, const struct posted *posted)
{
    struct evidence *to = gathering->to;
    struct evidence_posting *rows = arena_new_array(
        gathering->arena, struct evidence_posting, to->posting_count + posted->count + 1);
    if (rows == NULL) {
        return out_of_room(gathering->reterr);
    }
    for (uint32_t i = 0; i < to->posting_count; i++) {
        rows[i] = to->postings[i];
    }
    to->postings = rows;
    for (uint32_t i = 0; i < posted->count; i++) {
        if (is_about_it(to, &posted->postings[i])) {
            rows[to->posting_count++] =
                (struct evidence_posting){poster->kind, poster->id, posted->postings[i]};
        }
    }
    return ERR_OK;
}

static enum err read_postings(struct gathering *gathering)
{
    uint32_t room = gathering->to->lines.count + 3;
    struct poster *posters = arena_new_array(gathering->arena, struct poster, room);
    struct posted *posted = arena_new_array(gathering->arena, struct posted, room);
    if (posters == NULL || posted == NULL) {
        return out_of_room(gathering->reterr);
    }
    if (own_id_is_none(gathering->to->now.found.subject)) {
        return ERR_OK;
    }
    uint32_t count = list_posters(gathering->to, posters);
    for (uint32_t i = 0; i < count; i++) {
        posted[i].subject = posters[i].id;
    }
    TRY(journal_posted(gathering->store, posted, count, gathering->arena, gathering->reterr));
    for (uint32_t i = 0; i < count; i++) {
        TRY(add_postings(gathering, &posters[i], &posted[i]));
    }
    return ERR_OK;
}

/* --- events that it names --- */

static enum err read_events(struct gathering *gathering)
{
    struct evidence *to = gathering->to;
    const struct finding *found = &to->now.found;
    bool names_one = found->code == CODE_EVENT_CONTENT || found->code == CODE_MISSING_LOCAL_EVENT;
    if (!names_one || found->name.len == 0) {
        return ERR_OK;
    }
    const struct inbox_filter filter = {
        .event_id = found->name, .scope = found->scope, .limit = EVENTS_MAX};
    return inbox_list(gathering->store, &filter, gathering->arena, &to->events, &to->event_count,
        gathering->reterr);
}

enum err evidence_gather(struct store *store,
    struct own_id id,
    struct arena *arena,
    struct evidence *ret,
    struct err_info *reterr)
{
    REQUIRE(arena != NULL && ret != NULL);
    *ret = (struct evidence){0};
    struct gathering gathering = {store, arena, ret, reterr};
    TRY(read_itself(&gathering, id));
    TRY(read_lines(&gathering));
    TRY(read_sources(&gathering));
    TRY(read_record(&gathering));
    TRY(read_postings(&gathering));
    return read_events(&gathering);
}

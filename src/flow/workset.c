#include "base/check.h"
#include "domain/part.h"
#include "flow/posting.h"
#include "flow/workset_inside.h"

enum err workset_out_of_room(struct err_info *reterr)
{
    return err_set(reterr, ERR_TOO_LARGE, "the batch needs more memory than a batch may have");
}

struct workset *workset_new(const struct workset_setup *setup)
{
    REQUIRE(setup != NULL && setup->store != NULL && setup->arena != NULL && setup->env != NULL);
    REQUIRE(setup->provider != NULL && setup->event_max > 0);
    REQUIRE(setup->scratch != NULL && setup->body != NULL);
    struct workset *set = arena_alloc(setup->arena, sizeof *set);
    if (set == NULL) {
        return NULL;
    }
    set->setup = *setup;
    set->members = arena_new_array(setup->arena, struct member, setup->event_max);
    return set->members == NULL ? NULL : set;
}

enum err workset_add(
    struct workset *set, const struct inbox_event *event, const struct notice_list *notices)
{
    REQUIRE(set != NULL && event != NULL && notices != NULL);
    REQUIRE(set->member_count < set->setup.event_max);
    struct notice_ids *ids =
        arena_new_array(set->setup.arena, struct notice_ids, notices->count + 1);
    if (ids == NULL) {
        return ERR_TOO_LARGE;
    }
    set->members[set->member_count++] =
        (struct member){.event = event, .notices = notices, .ids = ids};
    return ERR_OK;
}

/* An attempt that anything else names is loaded too: if it was never seen it gets a stub. */
static enum err expect_named_attempts(
    struct workset *set, const struct notice *notice, const struct ref *refs)
{
    const struct ref *at = refs;
    struct notice_link_fields links = notice_link_fields(record_kind_of(notice->kind));
    for (uint32_t i = 0; i < links.count; i++) {
        if (notice->object_says.links[i].state != LINK_NAMED) {
            continue;
        }
        if (links.fields[i]->id_kind == ID_ATTEMPT) {
            TRY(table_expect(&set->table, ID_ATTEMPT, at->id, at->scope, at->created));
        }
        at++;
    }
    return ERR_OK;
}

/* Everything a notice names that has a record to load. */
static enum err expect_records(
    struct workset *set, const struct notice *notice, const struct ref *refs)
{
    const struct ref *at = refs;
    TRY(table_expect(&set->table, notice->kind, at->id, at->scope, at->created));
    at++;
    if (!notice_is_of_payment(notice)) {
        return expect_named_attempts(set, notice, at);
    }
    if (workset_payment_ref(notice).len > 0) {
        if (notice->kind == ID_ATTEMPT) {
            TRY(table_expect(&set->table, ID_PAYMENT, at->id, at->scope, at->created));
        }
        at++;
    }
    if (notice->attempt.state == LINK_NAMED) {
        TRY(table_expect(&set->table, ID_ATTEMPT, at->id, at->scope, at->created));
    }
    return ERR_OK;
}

static uint32_t notice_total(const struct workset *set)
{
    uint32_t total = 0;
    for (uint32_t i = 0; i < set->member_count; i++) {
        total += set->members[i].notices->count;
    }
    return total;
}

enum err workset_load(struct workset *set, struct err_info *reterr)
{
    REQUIRE(set != NULL);
    struct arena *arena = set->setup.arena;
    uint32_t notices = notice_total(set);
    struct ref *refs = arena_new_array(arena, struct ref, (size_t)notices * REFS_PER_NOTICE + 1);
    set->effect_room = notices;
    set->effects = arena_new_array(arena, struct inbox_effect, notices + 1);
    if (refs == NULL || set->effects == NULL ||
        table_init(&set->table, arena, notices * 3) != ERR_OK) {
        return workset_out_of_room(reterr);
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < set->member_count; i++) {
        const struct member *member = &set->members[i];
        for (uint32_t k = 0; k < member->notices->count; k++) {
            workset_refs_of(set, refs, &count, member->event, &member->notices->notices[k]);
        }
    }
    TRY(refs_resolve(set->setup.store, arena, refs, count, reterr));
    const struct ref *at = refs;
    for (uint32_t i = 0; i < set->member_count; i++) {
        const struct member *member = &set->members[i];
        for (uint32_t k = 0; k < member->notices->count; k++) {
            const struct notice *notice = &member->notices->notices[k];
            TRY(expect_records(set, notice, at));
            workset_ids_of(notice, &at, &member->ids[k]);
        }
    }
    ENSURE(at == refs + count);
    return table_load(&set->table, set->setup.store, true, reterr);
}

/* --- taking one event --- */

static enum err touch(struct workset *set, struct entry *entry, const struct inbox_event *event)
{
    if (entry->touched_by == event->seq) {
        return ERR_OK;
    }
    struct undo *undo = arena_alloc(set->setup.arena, sizeof *undo);
    size_t size = record_kind_of(entry->kind)->size;
    void *copy = entry->record == NULL ? NULL : arena_alloc_unzeroed(set->setup.arena, size);
    if (undo == NULL || (entry->record != NULL && copy == NULL)) {
        return ERR_TOO_LARGE;
    }
    if (copy != NULL) {
        memcpy(copy, entry->record, size);
    }
    if (!entry->has_print) {
        entry->print = posting_print(entry);
        entry->has_print = true;
    }
    *undo = (struct undo){entry, copy, entry->aggregate.attempt_count, entry->dirty, set->undo};
    set->undo = undo;
    if (entry->record == NULL) {
        TRY(table_make_record(&set->table, entry, set->setup.now_us));
    }
    entry->touched_by = event->seq;
    entry->touched_at_us = event->occurred_at_us;
    entry->dirty = true;
    struct record_head *head = entry->record;
    head->updated_seq = event->seq;
    head->updated_us = set->setup.now_us;
    return ERR_OK;
}

/* What an event left as it was is not written: a stale one costs nothing and makes nothing look
 * younger. */
static void leave_unchanged(struct workset *set)
{
    for (struct undo *undo = set->undo; undo != NULL; undo = undo->next) {
        struct entry *entry = undo->entry;
        size_t head = sizeof(struct record_head);
        size_t size = record_kind_of(entry->kind)->size;
        if (undo->record != NULL &&
            memcmp((char *)entry->record + head, (char *)undo->record + head, size - head) == 0) {
            memcpy(entry->record, undo->record, head);
            entry->dirty = undo->dirty;
        }
    }
}

static void undo_event(struct workset *set, uint32_t feed_before, uint32_t wants_before)
{
    for (struct undo *undo = set->undo; undo != NULL; undo = undo->next) {
        struct entry *entry = undo->entry;
        if (undo->record == NULL) {
            entry->record = NULL;
        } else {
            memcpy(entry->record, undo->record, record_kind_of(entry->kind)->size);
        }
        entry->aggregate.attempt_count = undo->attempt_count;
        entry->dirty = undo->dirty;
        entry->touched_by = 0;
    }
    set->effect_count = set->effects_of_this;
    set->feed_count = feed_before;
    set->want_count = wants_before;
}

/* Makes `attempt` one of the payment's, as a stub when it was never seen. */
static enum err attach(struct workset *set,
    const struct inbox_event *event,
    struct entry *payment,
    struct entry *attempt,
    struct err_info *reterr)
{
    struct attempt *record = attempt->record;
    if (record != NULL && own_id_eq(record->payment_id, payment->id)) {
        if (table_has_attempt(payment, record)) {
            return ERR_OK;
        }
        return err_set(reterr, ERR_CONFLICT,
            "another worker made this payment while its attempts were being loaded");
    }
    if (record != NULL && !own_id_is_none(record->payment_id)) {
        return err_set(reterr, ERR_IMPOSSIBLE, "one charge is said to belong to two payments");
    }
    TRY(touch(set, attempt, event));
    TRY(touch(set, payment, event));
    record = attempt->record;
    INVARIANT(record != NULL);
    record->payment_id = payment->id;
    return table_add_attempt(&set->table, payment, record);
}

/* The payment of such an attempt is learned from itself. */
static enum err stub_named_attempts(struct workset *set,
    const struct inbox_event *event,
    const struct notice *notice,
    const struct notice_ids *ids)
{
    struct notice_link_fields links = notice_link_fields(record_kind_of(notice->kind));
    for (uint32_t i = 0; i < links.count; i++) {
        if (links.fields[i]->id_kind != ID_ATTEMPT || own_id_is_none(ids->links[i])) {
            continue;
        }
        struct entry *named = table_find(&set->table, ids->links[i]);
        if (named != NULL && named->record == NULL) {
            TRY(touch(set, named, event));
        }
    }
    return ERR_OK;
}

/* Which record, among those a notice may name, workset_decide() works on. */
static enum err prepare(struct workset *set,
    const struct inbox_event *event,
    const struct notice *notice,
    const struct notice_ids *ids,
    struct err_info *reterr)
{
    struct entry *object = table_find(&set->table, ids->object);
    INVARIANT(object != NULL);
    TRY(touch(set, object, event));
    if (!notice_is_of_payment(notice)) {
        return stub_named_attempts(set, event, notice, ids);
    }
    struct entry *named =
        own_id_is_none(ids->attempt) ? NULL : table_find(&set->table, ids->attempt);
    if (notice->kind == ID_ATTEMPT) {
        struct entry *payment = table_find(&set->table, ids->payment);
        INVARIANT(payment != NULL);
        TRY(touch(set, payment, event));
        return attach(set, event, payment, object, reterr);
    }
    return named != NULL ? attach(set, event, object, named, reterr) : ERR_OK;
}

enum standing workset_standing(
    const struct entry *object, const struct notice *notice, const struct notice_ids *ids)
{
    if (notice->kind == ID_PAYMENT) {
        return payment_standing(object->record, notice, ids);
    }
    if (notice->kind == ID_ATTEMPT) {
        return attempt_standing(object->record, notice, ids);
    }
    return object_standing(object->record, notice, ids);
}

enum err workset_decide(struct workset *set,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum tie tie,
    bool contested,
    struct decision *ret)
{
    struct entry *object = table_find(&set->table, ids->object);
    INVARIANT(object != NULL && object->record != NULL);
    if (notice->kind == ID_PAYMENT) {
        return payment_decide(&object->aggregate, notice, ids, tie, contested, ret);
    }
    if (notice->kind == ID_ATTEMPT) {
        struct entry *payment = table_find(&set->table, ids->payment);
        INVARIANT(payment != NULL && payment->record != NULL);
        return attempt_decide(
            &payment->aggregate, object->record, notice, ids, tie, contested, ret);
    }
    return object_decide(object->record, notice, ids, tie, contested, ret);
}

enum err workset_publish(struct workset *set,
    const struct inbox_event *event,
    const struct decision *decision,
    struct err_info *reterr)
{
    for (uint32_t i = 0; i < decision->event_count; i++) {
        const struct domain_event *happened = &decision->events[i];
        const struct entry *entry = table_find(&set->table, happened->aggregate_id);
        INVARIANT(entry != NULL && entry->record != NULL);
        buf_clear(set->setup.body);
        domain_event_body(happened, entry->record, set->setup.body);
        struct str body = arena_copy(set->setup.arena, buf_str(set->setup.body));
        if (set->setup.body->failed || body.data == NULL ||
            !table_grow(set->setup.arena, (void **)&set->feed, set->feed_count, &set->feed_room,
                sizeof *set->feed)) {
            return workset_out_of_room(reterr);
        }
        set->feed[set->feed_count++] = (struct feed_entry){
            .scope = entry->scope,
            .type = happened->type,
            .schema = domain_event_schema(happened->type),
            .aggregate_id = happened->aggregate_id,
            .attempt_id = happened->attempt_id,
            .occurred_at_us = happened->occurred_at_us,
            .recorded_at_us = set->setup.now_us,
            .cause_seq = event->seq,
            .late = happened->late,
            .body = body,
        };
    }
    return ERR_OK;
}

/* One row for each second of an object that an event tells of: the strongest effect stands, and the
 * highest rank, since a lower one can tie with nothing that stands. */
static void note_effect(struct workset *set,
    const struct inbox_event *event,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum effect effect,
    bool contested)
{
    for (uint32_t i = set->effects_of_this; i < set->effect_count; i++) {
        struct inbox_effect *known = &set->effects[i];
        if (own_id_eq(known->object_id, ids->object) && known->stamp.at_us == notice->stamp.at_us) {
            if (notice->stamp.rank > known->stamp.rank) {
                known->stamp.rank = notice->stamp.rank;
            }
            known->effect = effect == EFFECT_APPLIED ? effect : known->effect;
            known->contested = known->contested || contested;
            return;
        }
    }
    INVARIANT(set->effect_count < set->effect_room);
    set->effects[set->effect_count++] = (struct inbox_effect){
        .seq = event->seq,
        .kind = notice->kind,
        .object_id = ids->object,
        .stamp = notice->stamp,
        .effect = effect,
        .contested = contested,
    };
}

static bool notice_lists_all(const struct notice *notice)
{
    return part_kind_in(notice->kind) != NULL && notice->object_says.list != 0;
}

static enum err take_notice(struct workset *set,
    const struct member *mine,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum effect *ret_effect,
    struct err_info *reterr)
{
    TRY(prepare(set, mine->event, notice, ids, reterr));
    struct decision decision = {0};
    bool contested = false;
    const struct entry *object = table_find(&set->table, ids->object);
    enum standing standing = workset_standing(object, notice, ids);
    if (standing == STANDING_TIE || standing == STANDING_SAME) {
        TRY(workset_take_tie(set, mine, notice, ids, &decision, &contested, reterr));
    } else {
        TRY(workset_decide(set, notice, ids, TIE_NONE, false, &decision));
    }
    if (standing == STANDING_OLDER && notice_lists_all(notice)) {
        TRY(workset_settle_list(set, mine, notice, ids, reterr));
    }
    TRY(workset_note_want(set, mine, notice, ids, contested, reterr));
    set->counts.contested += contested ? 1 : 0;
    set->counts.unexpected_moves += decision.unexpected_move ? 1 : 0;
    *ret_effect = decision.effect;
    note_effect(set, mine->event, notice, ids, decision.effect, contested);
    return workset_publish(set, mine->event, &decision, reterr);
}

enum err workset_take(
    struct workset *set, uint32_t index, enum work_status *ret_status, struct err_info *reterr)
{
    REQUIRE(set != NULL && ret_status != NULL);
    REQUIRE(index < set->member_count);
    const struct member *mine = &set->members[index];
    REQUIRE(mine->notices->count > 0);
    uint32_t feed_before = set->feed_count;
    uint32_t wants_before = set->want_count;
    struct workset_counts counts_before = set->counts;
    set->effects_of_this = set->effect_count;
    set->undo = NULL;
    *ret_status = WORK_STALE;
    for (uint32_t i = 0; i < mine->notices->count; i++) {
        enum effect effect = EFFECT_STALE;
        enum err err =
            take_notice(set, mine, &mine->notices->notices[i], &mine->ids[i], &effect, reterr);
        if (err != ERR_OK) {
            undo_event(set, feed_before, wants_before);
            set->members[index].failed = true;
            set->counts = counts_before;
            return err;
        }
        if (effect == EFFECT_APPLIED) {
            *ret_status = WORK_APPLIED;
        }
    }
    leave_unchanged(set);
    return ERR_OK;
}

/* --- writing back --- */

enum err workset_save(struct workset *set, struct err_info *reterr)
{
    REQUIRE(set != NULL);
    TRY(table_save(&set->table, set->setup.store, reterr));
    return effects_append(set->setup.store, set->effects, set->effect_count, reterr);
}

enum err workset_feed(struct workset *set, struct err_info *reterr)
{
    REQUIRE(set != NULL);
    set->counts.domain_events = set->feed_count;
    if (set->feed_count == 0) {
        return ERR_OK;
    }
    return feed_append(set->setup.store, set->setup.arena, set->feed, set->feed_count, reterr);
}

struct refetch_want *workset_wants(struct workset *set, uint32_t *ret_count)
{
    REQUIRE(set != NULL && ret_count != NULL);
    *ret_count = set->want_count;
    return set->wants;
}

struct workset_counts workset_counts(const struct workset *set)
{
    REQUIRE(set != NULL);
    return set->counts;
}

/* An aggregate that is one object of the provider: what it shows is its newest snapshot, what it
 * has learned, and nothing else. All such aggregates are decided here, by their rows. */
#include "base/check.h"
#include "domain/part.h"
#include "domain/snapshot.h"

static void *member_of(void *record, size_t offset)
{
    return (char *)record + offset;
}

static const void *said_member(const struct notice *notice, size_t offset)
{
    return (const char *)notice->object_says.record + offset;
}

static int64_t int_at(const void *record, size_t offset)
{
    return *(const int64_t *)(const void *)((const char *)record + offset);
}

static bool has_states(const struct record_kind *kind)
{
    return kind->states->count > 0;
}

static int state_of(const void *record, const struct record_kind *kind)
{
    return *(const int *)(const void *)((const char *)record + kind->fields[0].offset);
}

/* The first notice, whatever its age, opens the object; so its bit also says that it was seen. */
static bool is_known(const struct record_kind *kind, const void *record)
{
    return milestone_is_known(
        int_at(record, kind->at.milestones), (enum domain_event_type)kind->first_event);
}

static enum standing standing_of(const struct record_kind *kind,
    const void *record,
    const struct notice *notice,
    int64_t content)
{
    struct said said = {is_known(kind, record),
        {int_at(record, kind->at.said_at), int_at(record, kind->at.said_rank)},
        int_at(record, kind->at.said_content)};
    return snapshot_standing(&said, notice->stamp, content);
}

enum standing object_standing(
    const void *record, const struct notice *n, const struct notice_ids *ids)
{
    REQUIRE(!notice_is_of_payment(n));
    return standing_of(record_kind_of(n->kind), record, n, notice_content(n, ids));
}

/* --- taking --- */

/* The new snapshot's word for everything that is said. */
static void take(const struct record_kind *kind,
    void *record,
    const struct notice *notice,
    const struct notice_ids *ids,
    int64_t content)
{
    *(int64_t *)member_of(record, kind->at.said_at) = notice->stamp.at_us;
    *(int64_t *)member_of(record, kind->at.said_rank) = notice->stamp.rank;
    *(int64_t *)member_of(record, kind->at.said_content) = content;
    const struct part_kind *part = part_kind_of(notice->kind);
    if (part != NULL) {
        *(int64_t *)member_of(record, part->listed_in) = notice->object_says.list;
    }
    uint32_t link = 0;
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        bool is_link = field->type == FIELD_ID && field_is_said(field);
        if (field->source == FIELD_SAID && is_link) {
            *(struct own_id *)member_of(record, field->offset) =
                link_target(notice->object_says.links[link], ids->links[link]);
        } else if (field->source == FIELD_SAID) {
            memcpy(
                member_of(record, field->offset), said_member(notice, field->offset), field->size);
        }
        link += is_link ? 1 : 0;
    }
}

/* What is learned from any notice, however old. False: it names another object than was known. */
static bool learn_fields(const struct record_kind *kind,
    void *record,
    const struct notice *notice,
    const struct notice_ids *ids)
{
    struct notice_link_fields links = notice_link_fields(kind);
    for (uint32_t i = 0; i < links.count; i++) {
        if (links.fields[i]->source == FIELD_LEARNED &&
            !link_learn(member_of(record, links.fields[i]->offset), notice->object_says.links[i],
                ids->links[i])) {
            return false;
        }
    }
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        if (field->source != FIELD_LEARNED) {
            continue;
        }
        if (field->type == FIELD_TIME) {
            int64_t *known = member_of(record, field->offset);
            *known = time_earliest(*known, int_at(notice->object_says.record, field->offset));
        } else if (field->type == FIELD_BOOL) {
            bool *known = member_of(record, field->offset);
            *known = *known || *(const bool *)said_member(notice, field->offset);
        } else {
            INVARIANT(field->type == FIELD_ID);
        }
    }
    return true;
}

/* --- facts --- */

struct telling { /* what all events of one decision share */
    const struct record_kind *kind;
    void *record;
    const struct notice *notice;
    bool late;
    struct decision *decision;
};

static void tell(const struct telling *telling, int event, int64_t at_us)
{
    struct record_head *head = telling->record;
    milestone_learn(telling->decision, member_of(telling->record, telling->kind->at.milestones),
        (struct domain_event){.type = (enum domain_event_type)event,
            .aggregate_id = head->id,
            .occurred_at_us = at_us,
            .late = telling->late});
}

/* The time that a field of the notice gives for an event; 0: none does. */
static int64_t time_said(const struct telling *telling, int event)
{
    for (const struct fact *fact = telling->kind->facts; fact->event >= 0; fact++) {
        if (fact->event == event && fact->type == FIELD_TIME) {
            return time_earliest(int_at(telling->notice->object_says.record, fact->offset), 0);
        }
    }
    return 0;
}

static void tell_opened(const struct telling *telling)
{
    int opened = telling->kind->first_event;
    tell(telling, opened, time_of_object(time_said(telling, opened), telling->notice->stamp));
}

static void tell_state(const struct telling *telling)
{
    if (!has_states(telling->kind)) {
        return;
    }
    int state = state_of(telling->notice->object_says.record, telling->kind);
    int event = telling->kind->state_facts[state];
    if (event < 0) {
        return;
    }
    int64_t at_us = time_said(telling, event);
    if (at_us == 0) {
        int64_t made_us = time_said(telling, telling->kind->first_event);
        at_us = time_of_outcome(made_us, telling->notice->stamp);
    }
    tell(telling, event, at_us);
}

static void tell_facts(const struct telling *telling)
{
    const struct stamp stamp = telling->notice->stamp;
    for (const struct fact *fact = telling->kind->facts; fact->event >= 0; fact++) {
        int64_t said_us = time_said(telling, fact->event);
        if (fact->event == telling->kind->first_event || !fact->proves) {
            continue;
        }
        if (fact->type == FIELD_TIME && said_us != 0) {
            tell(telling, fact->event, said_us);
        }
        if (fact->type == FIELD_BOOL && *(const bool *)said_member(telling->notice, fact->offset)) {
            tell(telling, fact->event, said_us != 0 ? said_us : time_earliest(stamp.at_us, 0));
        }
    }
}

static int turning_value(const struct turn *turn, const void *record)
{
    const void *member = (const char *)record + turn->offset;
    return turn->type == FIELD_BOOL ? (int)*(const bool *)member : *(const int *)member;
}

/* What comes again and again cannot be a fact that is told once: it is told by what was before. */
static void tell_turns(const struct telling *telling, const void *was)
{
    bool was_known = is_known(telling->kind, was);
    const struct record_head *head = was;
    for (const struct turn *turn = telling->kind->turns; turn->event >= 0; turn++) {
        int from = was_known ? turning_value(turn, was) : TURN_ANY;
        int to = turning_value(turn, telling->record);
        if (from == to || to != turn->to || (turn->from != TURN_ANY && turn->from != from)) {
            continue;
        }
        decision_add(telling->decision,
            (struct domain_event){.type = (enum domain_event_type)turn->event,
                .aggregate_id = head->id,
                .occurred_at_us = time_earliest(telling->notice->stamp.at_us, 0)});
    }
}

static void tell_changed(const struct telling *telling, const void *was)
{
    const struct record_kind *kind = telling->kind;
    if (telling->decision->event_count > 0 ||
        record_business_equal(kind, was, telling->record, NULL)) {
        return;
    }
    const struct record_head *head = was;
    decision_add(telling->decision,
        (struct domain_event){
            .type = (enum domain_event_type)(kind->first_event + kind->event_count - 1),
            .aggregate_id = head->id,
            .occurred_at_us = time_earliest(telling->notice->stamp.at_us, 0),
            .late = telling->late});
}

/* --- deciding --- */

/* An object does not change its currency. */
static bool changes_currency(
    const struct record_kind *kind, const void *record, const struct notice *notice)
{
    for (size_t i = 0; i < kind->field_count; i++) {
        const struct field *field = &kind->fields[i];
        const void *known = (const char *)record + field->offset;
        if (field->type == FIELD_CURRENCY && field->source == FIELD_SAID &&
            currency_differs(*(const struct currency *)known,
                *(const struct currency *)said_member(notice, field->offset))) {
            return true;
        }
    }
    return false;
}

enum err object_decide(void *record,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum tie tie,
    bool contested,
    struct decision *ret)
{
    REQUIRE(!notice_is_of_payment(notice));
    const struct record_kind *kind = record_kind_of(notice->kind);
    const struct record_head *head = record;
    REQUIRE(!own_id_is_none(head->id) && own_id_eq(head->id, ids->object));
    int64_t content = notice_content(notice, ids);
    struct verdict verdict = snapshot_judge(standing_of(kind, record, notice, content), tie);
    _Alignas(max_align_t) unsigned char now[RECORD_BYTES_MAX];
    memcpy(now, record, kind->size);
    if (changes_currency(kind, record, notice) || !learn_fields(kind, now, notice, ids)) {
        return ERR_IMPOSSIBLE;
    }

    const struct part_kind *parts = part_kind_in(notice->kind);
    if (parts != NULL) {
        part_list_learn(parts, now, notice);
    }
    struct decision decision = {.event_count = 0};
    struct telling telling = {kind, now, notice, verdict.late, &decision};
    if (verdict.takes) {
        take(kind, now, notice, ids, content);
    }
    if (verdict.settles) {
        *(bool *)member_of(now, kind->at.contested) = contested;
    }
    tell_opened(&telling);
    tell_state(&telling);
    tell_facts(&telling);
    if (verdict.takes) {
        tell_turns(&telling, record);
    }
    tell_changed(&telling, record);
    decision.unexpected_move = has_states(kind) && is_known(kind, record) &&
                               verdict.standing == STANDING_NEWER &&
                               !life_move_is_allowed(notice->kind, state_of(record, kind),
                                   state_of(notice->object_says.record, kind));
    decision.effect = decision_effect(verdict, !record_equal(kind, record, now));
    ENSURE(decision.event_count == 0 || decision.effect == EFFECT_APPLIED);
    memcpy(record, now, kind->size);
    *ret = decision;
    return ERR_OK;
}

#include "domain/snapshot.h"
#include "base/check.h"
#include "base/timestamp.h"

#define OUTCOME_AT_ONCE_US US_PER_MINUTE
#define TIME_US_MAX (INT64_C(253402300800) * US_PER_SECOND - 1) /* the end of the year 9999 */

enum standing snapshot_standing(const struct said *said, struct stamp stamp, int64_t content)
{
    REQUIRE(said != NULL);
    if (!said->known) {
        return STANDING_NEWER;
    }
    if (stamp.at_us != said->stamp.at_us) {
        return stamp.at_us > said->stamp.at_us ? STANDING_NEWER : STANDING_OLDER;
    }
    if (stamp.rank != said->stamp.rank) {
        return stamp.rank > said->stamp.rank ? STANDING_NEWER : STANDING_OLDER;
    }
    return content == said->content ? STANDING_SAME : STANDING_TIE;
}

struct verdict snapshot_judge(enum standing standing, enum tie tie)
{
    REQUIRE(standing != STANDING_TIE || tie != TIE_NONE);
    REQUIRE(tie == TIE_NONE || standing == STANDING_TIE || standing == STANDING_SAME);
    struct verdict verdict = {.standing = standing};
    verdict.takes = standing == STANDING_NEWER || (standing == STANDING_TIE && tie == TIE_WINS);
    verdict.settles = verdict.takes || tie != TIE_NONE;
    verdict.late = standing == STANDING_OLDER || (standing == STANDING_TIE && tie == TIE_LOSES);
    ENSURE(!(verdict.takes && verdict.late));
    return verdict;
}

bool currency_differs(struct currency a, struct currency b)
{
    return a.code[0] != '\0' && b.code[0] != '\0' && !currency_eq(a, b);
}

struct own_id link_target(struct link link, struct own_id id)
{
    return link.state == LINK_NAMED ? id : (struct own_id){{0}};
}

bool link_learn(struct own_id *known, struct link link, struct own_id id)
{
    REQUIRE(known != NULL);
    struct own_id named = link_target(link, id);
    if (own_id_is_none(named)) {
        return true;
    }
    if (!own_id_is_none(*known) && !own_id_eq(*known, named)) {
        return false;
    }
    *known = named;
    return true;
}

static bool time_is_known(int64_t time_us)
{
    return time_us > 0 && time_us <= TIME_US_MAX;
}

int64_t time_earliest(int64_t a_us, int64_t b_us)
{
    int64_t a = time_is_known(a_us) ? a_us : 0;
    int64_t b = time_is_known(b_us) ? b_us : 0;
    if (a == 0 || b == 0) {
        return a + b;
    }
    return a < b ? a : b;
}

int64_t time_of_object(int64_t created_at_us, struct stamp stamp)
{
    return time_is_known(created_at_us) ? created_at_us : time_earliest(stamp.at_us, 0);
}

int64_t time_of_outcome(int64_t created_at_us, struct stamp stamp)
{
    int64_t stamped_us = time_earliest(stamp.at_us, 0);
    int64_t made_us = time_of_object(created_at_us, stamp);
    return stamped_us - made_us <= OUTCOME_AT_ONCE_US ? made_us : stamped_us;
}

bool milestone_is_known(int64_t milestones, enum domain_event_type type)
{
    REQUIRE(domain_event_is_milestone(type));
    return (milestones & milestone_bit(type)) != 0;
}

void milestone_learn(struct decision *decision, int64_t *milestones, struct domain_event event)
{
    REQUIRE(milestones != NULL);
    if (!milestone_is_known(*milestones, event.type)) {
        *milestones |= milestone_bit(event.type);
        decision_add(decision, event);
    }
    ENSURE(milestone_is_known(*milestones, event.type));
}

void decision_add(struct decision *decision, struct domain_event event)
{
    REQUIRE(!own_id_is_none(event.aggregate_id));
    INVARIANT(decision->event_count < DECISION_EVENTS_MAX);
    decision->events[decision->event_count++] = event;
}

enum effect decision_effect(struct verdict verdict, bool changed)
{
    REQUIRE(changed || !verdict.takes || verdict.standing == STANDING_TIE);
    if (changed) {
        return EFFECT_APPLIED;
    }
    return verdict.standing == STANDING_SAME ? EFFECT_SAME : EFFECT_STALE;
}

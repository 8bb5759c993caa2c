#include "base/check.h"
#include "base/digest.h"
#include "base/limits.h"
#include "flow/ties.h"
#include "flow/workset_inside.h"

/* The notice about `wanted`'s object, with its stamp, among what an event says. */
static const struct notice *same_object(
    const struct notice_list *notices, const struct notice *wanted)
{
    for (uint32_t i = 0; i < notices->count; i++) {
        const struct notice *notice = &notices->notices[i];
        if (notice->kind == wanted->kind && str_eq(notice->object, wanted->object) &&
            notice->stamp.at_us == wanted->stamp.at_us &&
            notice->stamp.rank == wanted->stamp.rank) {
            return notice;
        }
    }
    return NULL;
}

static void add_tie_member(struct tie_member *members,
    uint32_t *count,
    const struct notice *notice,
    struct str event_id,
    struct str api_version,
    struct str body,
    const uint8_t *sha256_or_null)
{
    if (notice == NULL) {
        return;
    }
    struct tie_member *member = &members[(*count)++];
    *member = (struct tie_member){
        .notice = notice, .event_id = event_id, .api_version = api_version, .body = body};
    if (sha256_or_null != NULL) {
        memcpy(member->body_sha256, sha256_or_null, sizeof member->body_sha256);
    } else {
        sha256(body, member->body_sha256);
    }
}

static enum err tie_members(struct workset *set,
    const struct member *mine,
    const struct notice *notice,
    const struct notice_ids *ids,
    struct tie_member **ret_members,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    struct arena *arena = set->setup.arena;
    struct tie_member *members =
        arena_new_array(arena, struct tie_member, LIMIT_TIE_EVENTS + 2 + set->member_count);
    if (members == NULL) {
        return workset_out_of_room(reterr);
    }
    uint32_t count = 0;
    add_tie_member(members, &count, notice, mine->event->event_id, mine->event->api_version,
        mine->event->body, NULL);
    for (const struct member *other = set->members; other < mine; other++) {
        if (!other->failed && other->event->scope == mine->event->scope) {
            add_tie_member(members, &count, same_object(other->notices, notice),
                other->event->event_id, other->event->api_version, other->event->body, NULL);
        }
    }
    struct tie_event *stored = NULL;
    uint32_t stored_count = 0;
    TRY(effects_of_second(set->setup.store, ids->object, notice->stamp.at_us, notice->stamp.rank,
        arena, &stored, &stored_count, reterr));
    INVARIANT(stored_count <= LIMIT_TIE_EVENTS + 1);
    for (uint32_t i = 0; i < stored_count; i++) {
        const struct tie_event *event = &stored[i];
        struct stored_event as_stored = {event->body, event->type, event->occurred_at_us};
        struct notice_list *said = arena_alloc(arena, sizeof *said);
        if (said == NULL) {
            return workset_out_of_room(reterr);
        }
        enum err err = set->setup.provider->decode(&as_stored, arena, said, NULL);
        if (err == ERR_TOO_LARGE) {
            return workset_out_of_room(
                reterr); /* a set that lacks one would be decided otherwise */
        }
        if (err == ERR_OK) {
            add_tie_member(members, &count, same_object(said, notice), event->event_id,
                event->api_version, event->body, event->body_sha256);
        }
    }
    *ret_members = members;
    *ret_count = count;
    return ERR_OK;
}

enum err workset_take_tie(struct workset *set,
    const struct member *mine,
    const struct notice *notice,
    const struct notice_ids *ids,
    struct decision *ret,
    bool *ret_contested,
    struct err_info *reterr)
{
    struct tie_member *members = NULL;
    uint32_t count = 0;
    TRY(tie_members(set, mine, notice, ids, &members, &count, reterr));
    struct tie_verdict verdict = count > LIMIT_TIE_EVENTS ? ties_too_many(members, count)
                                                          : ties_decide(set->setup.provider,
                                                                members, count, set->setup.scratch);
    *ret_contested = verdict.contested;
    if (notices_say_the_same(verdict.winner->notice, notice)) {
        return workset_decide(set, notice, ids, TIE_WINS, verdict.contested, ret);
    }
    TRY(workset_decide(set, notice, ids, TIE_LOSES, verdict.contested, ret));
    TRY(workset_publish(set, mine->event, ret, reterr));
    struct ref refs[REFS_PER_NOTICE];
    uint32_t ref_count = 0;
    workset_refs_of(set, refs, &ref_count, mine->event->scope, verdict.winner->notice);
    TRY(refs_resolve(set->setup.store, set->setup.arena, refs, ref_count, reterr));
    struct notice_ids winner_ids = {0};
    const struct ref *at = refs;
    workset_ids_of(verdict.winner->notice, &at, &winner_ids);
    INVARIANT(own_id_eq(winner_ids.object, ids->object));
    struct entry *object = table_find(&set->table, ids->object);
    if (!own_id_eq(winner_ids.payment, ids->payment) ||
        workset_standing(object, verdict.winner->notice, &winner_ids) != STANDING_TIE) {
        ret->event_count = 0; /* published above */
        return ERR_OK;        /* the standing snapshot is the winner's */
    }
    return workset_decide(
        set, verdict.winner->notice, &winner_ids, TIE_WINS, verdict.contested, ret);
}

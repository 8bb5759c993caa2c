#include "base/check.h"
#include "base/digest.h"
#include "base/limits.h"
#include "domain/part.h"
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
    const struct tie_member *like,
    const uint8_t *body_sha256)
{
    struct tie_member *member = &members[(*count)++];
    *member = *like;
    member->notice = notice;
    memcpy(member->body_sha256, body_sha256, sizeof member->body_sha256);
}

static void add_batched(struct workset *set,
    uint32_t index,
    const struct notice *notice,
    struct tie_member *members,
    uint32_t *count)
{
    struct member *from = &set->members[index];
    const struct inbox_event *event = from->event;
    if (notice == NULL) {
        return;
    }
    if (!from->hashed) {
        sha256(event->body, from->body_sha256);
        from->hashed = true;
    }
    const struct tie_member like = {
        .event_id = event->event_id, .api_version = event->api_version, .body = event->body};
    add_tie_member(members, count, notice, &like, from->body_sha256);
}

static bool keep_event(struct arena *arena, const struct tie_event *event, struct tie_event *ret)
{
    *ret = *event;
    ret->event_id = arena_copy(arena, event->event_id);
    ret->type = arena_copy(arena, event->type);
    ret->api_version = arena_copy(arena, event->api_version);
    ret->body = arena_copy(arena, event->body);
    return ret->event_id.data != NULL && ret->type.data != NULL && ret->api_version.data != NULL &&
           ret->body.data != NULL;
}

/* Keeps and decodes an event once, however many objects of it tie. */
static enum err told_of(struct workset *set,
    const struct tie_event *event,
    const struct told **ret_told,
    struct err_info *reterr)
{
    struct arena *arena = set->setup.arena;
    for (*ret_told = set->told; *ret_told != NULL; *ret_told = (*ret_told)->next) {
        if ((*ret_told)->event.seq == event->seq) {
            return ERR_OK;
        }
    }
    struct told *told = arena_alloc(arena, sizeof *told);
    struct notice_list *says = arena_alloc(arena, sizeof *says);
    if (told == NULL || says == NULL || !keep_event(arena, event, &told->event)) {
        return workset_out_of_room(reterr);
    }
    struct stored_event stored = {told->event.body, told->event.type, event->occurred_at_us};
    enum err err = set->setup.provider->decode(&stored, arena, says, NULL);
    if (err == ERR_TOO_LARGE) {
        return workset_out_of_room(reterr); /* a set that lacks one would be decided otherwise */
    }
    told->says = err == ERR_OK ? says : NULL;
    told->next = set->told;
    *ret_told = set->told = told;
    return ERR_OK;
}

static enum err add_stored(struct workset *set,
    const struct notice *notice,
    const struct notice_ids *ids,
    struct tie_member *members,
    uint32_t *count,
    struct err_info *reterr)
{
    struct tie_event *stored = NULL;
    uint32_t stored_count = 0;
    arena_reset(set->setup.scratch);
    TRY(effects_of_second(set->setup.store, ids->object, notice->stamp.at_us, notice->stamp.rank,
        set->setup.scratch, &stored, &stored_count, reterr));
    INVARIANT(stored_count <= LIMIT_TIE_EVENTS + 1);
    for (uint32_t i = 0; i < stored_count; i++) {
        const struct told *told = NULL;
        TRY(told_of(set, &stored[i], &told, reterr));
        const struct notice *said = told->says == NULL ? NULL : same_object(told->says, notice);
        if (said != NULL) {
            const struct tie_member like = {.event_id = told->event.event_id,
                .api_version = told->event.api_version,
                .body = told->event.body};
            add_tie_member(members, count, said, &like, told->event.body_sha256);
        }
    }
    return ERR_OK;
}

/* A provider id that both name means one object. */
static bool is_of_one_scope(
    enum id_kind kind, const struct inbox_event *a, const struct inbox_event *b)
{
    return ref_scope(kind, a->scope, a->root) == ref_scope(kind, b->scope, b->root);
}

static enum err tie_members(struct workset *set,
    const struct member *mine,
    const struct notice *notice,
    const struct notice_ids *ids,
    struct tie_member **ret_members,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    const uint32_t my_index = (uint32_t)(mine - set->members);
    struct tie_member *members = arena_new_array(
        set->setup.arena, struct tie_member, LIMIT_TIE_EVENTS + 2 + set->member_count);
    if (members == NULL) {
        return workset_out_of_room(reterr);
    }
    uint32_t count = 0;
    add_batched(set, my_index, notice, members, &count);
    for (uint32_t i = 0; i < my_index; i++) {
        const struct member *other = &set->members[i];
        if (!other->failed && is_of_one_scope(notice->kind, other->event, mine->event)) {
            add_batched(set, i, same_object(other->notices, notice), members, &count);
        }
    }
    TRY(add_stored(set, notice, ids, members, &count, reterr));
    *ret_members = members;
    *ret_count = count;
    return ERR_OK;
}

static struct tie_verdict judge(
    struct workset *set, const struct tie_member *members, uint32_t count)
{
    return count > LIMIT_TIE_EVENTS
               ? ties_too_many(members, count)
               : ties_decide(set->setup.provider, members, count, set->setup.scratch);
}

/* The last snapshot of a second may show its list in part only; of those that do not, the last list
 * stands. Reorders the members. */
static void settle_list(struct workset *set,
    const struct notice *notice,
    const struct notice_ids *ids,
    struct tie_member *members,
    uint32_t count)
{
    const struct part_kind *row = part_kind_in(notice->kind);
    struct entry *whole = table_find(&set->table, ids->object);
    if (row == NULL || !part_list_has_stamp(row, whole->record, notice->stamp)) {
        return;
    }
    uint32_t kept = 0;
    bool differ = false;
    for (uint32_t i = 0; i < count; i++) {
        if (members[i].notice->object_says.list != 0) {
            members[kept++] = members[i];
            differ = differ || members[kept - 1].notice->object_says.list !=
                                   members[0].notice->object_says.list;
        }
    }
    if (kept > 0) {
        const struct tie_member *last = differ ? judge(set, members, kept).winner : &members[0];
        part_list_settle(row, whole->record, last->notice->object_says.list);
    }
}

enum err workset_settle_list(struct workset *set,
    const struct member *mine,
    const struct notice *notice,
    const struct notice_ids *ids,
    struct err_info *reterr)
{
    struct tie_member *members = NULL;
    uint32_t count = 0;
    TRY(tie_members(set, mine, notice, ids, &members, &count, reterr));
    settle_list(set, notice, ids, members, count);
    return ERR_OK;
}

static enum err take_verdict(struct workset *set,
    const struct member *mine,
    const struct notice *notice,
    const struct notice_ids *ids,
    struct tie_verdict verdict,
    struct decision *ret,
    struct err_info *reterr)
{
    if (notices_say_the_same(verdict.winner->notice, notice)) {
        return workset_decide(set, notice, ids, TIE_WINS, verdict.contested, ret);
    }
    TRY(workset_decide(set, notice, ids, TIE_LOSES, verdict.contested, ret));
    TRY(workset_publish(set, mine->event, ret, reterr));
    struct ref refs[REFS_PER_NOTICE];
    uint32_t ref_count = 0;
    workset_refs_of(set, refs, &ref_count, mine->event, verdict.winner->notice);
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
    struct tie_verdict verdict = judge(set, members, count);
    *ret_contested = verdict.contested;
    TRY(take_verdict(set, mine, notice, ids, verdict, ret, reterr));
    settle_list(set, notice, ids, members, count);
    return ERR_OK;
}

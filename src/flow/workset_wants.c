#include "base/check.h"
#include "domain/part.h"
#include "flow/workset_inside.h"

static int64_t int_at(const void *record, size_t offset)
{
    return *(const int64_t *)(const void *)((const char *)record + offset);
}

/* It stands, shows a part of its list only, and no other of its stamp shows all. */
static bool is_seen_in_part(const struct notice *notice, const void *record)
{
    const struct record_kind *kind = record_kind_of(notice->kind);
    const struct part_kind *parts = part_kind_in(notice->kind);
    return !notice_is_of_payment(notice) && notice->object_says.list_is_cut &&
           int_at(record, kind->at.said_at) == notice->stamp.at_us &&
           int_at(record, kind->at.said_rank) == notice->stamp.rank &&
           (parts == NULL || !part_list_has_stamp(parts, record, notice->stamp));
}

/* A part is asked for with its whole, which says all parts under one stamp. */
static void name_whole(const struct notice *notice, struct refetch_want *want)
{
    const struct part_kind *part = part_kind_of(notice->kind);
    if (part == NULL) {
        return;
    }
    struct notice_link_fields links = notice_link_fields(record_kind_of(notice->kind));
    for (uint32_t i = 0; i < links.count; i++) {
        const struct link *link = &notice->object_says.links[i];
        if (links.fields[i]->offset == part->link && link->state == LINK_NAMED) {
            want->kind = part->whole;
            want->provider_id = link->provider_id;
        }
    }
}

enum err workset_note_want(struct workset *set,
    const struct member *mine,
    const struct notice *notice,
    const struct notice_ids *ids,
    bool contested,
    struct err_info *reterr)
{
    const struct entry *object = table_find(&set->table, ids->object);
    bool is_cut = !mine->notices->is_answer && is_seen_in_part(notice, object->record);
    if (!contested && !is_cut) {
        return ERR_OK;
    }
    struct refetch_want want = {
        .scope = mine->event->scope,
        .kind = notice->kind,
        .provider_id = notice->object,
        .why = contested ? REFETCH_CONTESTED : REFETCH_CUT,
        .since_us = notice->stamp.at_us,
    };
    name_whole(notice, &want);
    if (!table_grow(set->setup.arena, (void **)&set->wants, set->want_count, &set->want_room,
            sizeof *set->wants)) {
        return workset_out_of_room(reterr);
    }
    set->wants[set->want_count++] = want;
    return ERR_OK;
}

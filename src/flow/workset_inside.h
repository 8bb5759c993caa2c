/* workset_inside: what the files of the workset share. Private to them.
 *
 *   workset.c        load, take an event, undo it, save
 *   workset_ids.c    what a notice names, as refs and as own ids
 *   workset_ties.c   a notice whose stamp another one has too
 *   workset_wants.c  what is to be asked for
 *   workset_table.c  the records, by own id
 *
 * Layer: flow.
 */
#pragma once

#include "base/digest.h"
#include "flow/workset.h"
#include "flow/workset_table.h"

enum { REFS_PER_NOTICE = 1 + NOTICE_LINKS_MAX };

struct member { /* an event with its notices */
    const struct inbox_event *event;
    const struct notice_list *notices;
    struct notice_ids *ids;
    bool failed; /* taken and undone: it has no say among the others */
    bool hashed;
    uint8_t body_sha256[SHA256_BYTES]; /* once hashed */
};

struct told { /* a stored event that took part in a tie */
    struct tie_event event;
    const struct notice_list *says; /* NULL: it cannot be decoded */
    struct told *next;
};

struct undo { /* what an entry was before the event that is being taken */
    struct entry *entry;
    void *record; /* copy; NULL: there was none */
    uint32_t attempt_count;
    bool dirty;
    struct undo *next;
};

struct workset {
    struct workset_setup setup;
    struct member *members;
    uint32_t member_count;
    struct table table;
    struct undo *undo;
    struct told *told; /* all parts of an object tie with the same events */
    struct inbox_effect *effects;
    uint32_t effect_count, effect_room;
    uint32_t effects_of_this; /* where those of the event being taken begin */
    struct refetch_want *wants;
    uint32_t want_count, want_room;
    struct feed_entry *feed;
    uint32_t feed_count, feed_room;
    struct workset_counts counts;
};

MUST_USE enum err workset_out_of_room(struct err_info *reterr);

/* The payment that a notice is about: an attempt that says it has none is a payment of its own. */
struct str workset_payment_ref(const struct notice *notice);
/* Appends at most REFS_PER_NOTICE refs, each with a fresh id to give and the scope to look in. */
void workset_refs_of(struct workset *set,
    struct ref *refs,
    uint32_t *count,
    const struct inbox_event *event,
    const struct notice *notice);
/* Reads the ids back in the order in which workset_refs_of() wrote the refs. */
void workset_ids_of(const struct notice *notice, const struct ref **at, struct notice_ids *ret);

enum standing workset_standing(
    const struct entry *object, const struct notice *notice, const struct notice_ids *ids);
MUST_USE enum err workset_decide(struct workset *set,
    const struct notice *notice,
    const struct notice_ids *ids,
    enum tie tie,
    bool contested,
    struct decision *ret);
MUST_USE enum err workset_publish(struct workset *set,
    const struct inbox_event *event,
    const struct decision *decision,
    struct err_info *reterr);

/* Takes a notice whose stamp equals the standing one's while saying something else. The winner may
 * be a third event, when this one only tells that the standing snapshot was not the last. */
MUST_USE enum err workset_take_tie(struct workset *set,
    const struct member *mine,
    const struct notice *notice,
    const struct notice_ids *ids,
    struct decision *ret,
    bool *ret_contested,
    struct err_info *reterr);

/* Of several whole lists of that second, which is not the newest of its object: the last one
 * stands. */
MUST_USE enum err workset_settle_list(struct workset *set,
    const struct member *mine,
    const struct notice *notice,
    const struct notice_ids *ids,
    struct err_info *reterr);

/* After a notice was taken: its object shall be asked for, if it is contested or lists more parts
 * than it has. */
MUST_USE enum err workset_note_want(struct workset *set,
    const struct member *mine,
    const struct notice *notice,
    const struct notice_ids *ids,
    bool contested,
    struct err_info *reterr);

#include "flow/posting.h"
#include "base/check.h"
#include "flow/policy.h"

/* What is still to be posted for one subject, into `ret`; its count is 0 when nothing is. */
static enum err difference(struct workset *set,
    const struct entry *subject,
    const struct posted *posted,
    struct ledger_entry *ret,
    struct err_info *reterr)
{
    uint32_t room = posting_room(subject) + posted->count;
    struct posting *postings = arena_new_array(set->setup.arena, struct posting, room);
    if (postings == NULL) {
        return workset_out_of_room(reterr);
    }
    entry_begin(ret, STREAM_BUSINESS, postings, room);
    enum err err = posting_target(subject, ret);
    err = err != ERR_OK ? err : entry_subtract(ret, posted->postings, posted->count);
    err = err != ERR_OK ? err : entry_finish(ret);
    if (err == ERR_OK) {
        return ERR_OK;
    }
    char id[OWN_ID_TEXT_BYTES];
    own_id_format(subject->kind, subject->id, id);
    return err_set(reterr, err, "%s cannot be posted: %s", id, err_text(err));
}

/* The first entry happened when the object says; what comes later, with the event that brought it.
 */
static int64_t effective_at(const struct entry *subject, bool is_first)
{
    int64_t first_us = is_first ? posting_first_at(subject) : 0;
    return first_us != 0 ? first_us : subject->posting->cause_at_us;
}

static enum err read_posted(struct workset *set,
    const struct entry_list *subjects,
    struct posted **ret,
    struct err_info *reterr)
{
    struct posted *posted = arena_new_array(set->setup.arena, struct posted, subjects->count);
    if (posted == NULL) {
        return workset_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < subjects->count; i++) {
        posted[i].subject = subjects->items[i]->id;
    }
    *ret = posted;
    return journal_posted(set->setup.store, posted, subjects->count, set->setup.arena, reterr);
}

static enum err set_policies(
    struct workset *set, const struct entry_list *subjects, struct err_info *reterr)
{
    struct arena *arena = set->setup.arena;
    int64_t *scopes = arena_new_array(arena, int64_t, subjects->count);
    struct books_policy *policies = arena_new_array(arena, struct books_policy, subjects->count);
    if (scopes == NULL || policies == NULL) {
        return workset_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < subjects->count; i++) {
        scopes[i] = subjects->items[i]->scope;
    }
    TRY(policy_of_scopes(
        set->setup.store, set->setup.accounts, scopes, subjects->count, arena, policies, reterr));
    for (uint32_t i = 0; i < subjects->count; i++) {
        subjects->items[i]->posting->policy = policies[i].target;
    }
    return ERR_OK;
}

enum err workset_entries(struct workset *set,
    struct journal_entry **ret_entries,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    REQUIRE(set != NULL && ret_entries != NULL && ret_count != NULL);
    struct entry_list subjects = {0};
    struct posted *posted = NULL;
    uint32_t count = 0;
    TRY(posting_want(set, reterr));
    TRY(posting_look(set, reterr));
    TRY(posting_list(set, -1, WANTED_POSTED, &subjects, reterr));
    TRY(set_policies(set, &subjects, reterr));
    TRY(read_posted(set, &subjects, &posted, reterr));
    struct journal_entry *entries =
        arena_new_array(set->setup.arena, struct journal_entry, subjects.count);
    if (entries == NULL) {
        return workset_out_of_room(reterr);
    }
    for (uint32_t i = 0; i < subjects.count; i++) {
        const struct entry *subject = subjects.items[i];
        struct ledger_entry entry = {0};
        INVARIANT(posted != NULL);
        TRY(difference(set, subject, &posted[i], &entry, reterr));
        if (entry.count > 0) {
            entries[count++] = (struct journal_entry){.scope = subject->scope,
                .stream = STREAM_BUSINESS,
                .subject_kind = (int)subject->kind,
                .subject = subject->id,
                .effective_us = effective_at(subject, posted[i].count == 0),
                .recorded_us = set->setup.now_us,
                .cause_seq = subject->posting->cause_seq,
                .postings = entry.postings,
                .posting_count = entry.count};
        }
    }
    *ret_entries = entries;
    *ret_count = count;
    return ERR_OK;
}

enum err workset_post(struct workset *set, struct err_info *reterr)
{
    struct journal_entry *entries = NULL;
    uint32_t count = 0;
    TRY(workset_entries(set, &entries, &count, reterr));
    return journal_append(set->setup.store, entries, count, reterr);
}

#include "base/timestamp.h"
#include "flow/reconcile_inside.h"

#define TWICE_MAX 1000 /* more of them are one matter for whoever looks at the first */

static bool is_needed(const struct reconcile *run, struct str type)
{
    for (uint32_t i = 0; i < run->setup.type_count; i++) {
        if (str_eq(run->setup.types[i], type)) {
            return true;
        }
    }
    return false;
}

static enum err find_dead(struct reconcile *run, struct err_info *reterr)
{
    struct dead_event *rows = NULL;
    uint32_t count = FINDING_PAGE;
    int64_t after = 0;
    while (count == FINDING_PAGE) {
        arena_reset(run->pages);
        TRY(proof_dead(run->setup.store, run->run.scope, after, FINDING_PAGE, run->pages, &rows,
            &count, reterr));
        for (uint32_t i = 0; i < count; i++) {
            after = rows[i].seq;
            if (!is_needed(run, rows[i].type) || is_before_books(run, rows[i].occurred_at_us)) {
                continue;
            }
            struct finding finding = {.code = CODE_MISSING_LOCAL_EVENT,
                .subject_kind = KEY_NONE,
                .name = rows[i].event_id,
                .since_us = rows[i].occurred_at_us,
                .text = finding_text(run->pages, STR_FMT " is a dead letter, inbox %lld: " STR_FMT,
                    STR_ARG(rows[i].type), (long long)rows[i].seq, STR_ARG(rows[i].error))};
            TRY(finding_add(run, &finding));
        }
        run->progress.looked_at += count;
    }
    return ERR_OK;
}

static enum err add_twice(struct reconcile *run, const struct twice_told *row)
{
    const struct finding finding = {.code = CODE_EVENT_CONTENT,
        .subject_kind = KEY_NONE,
        .name = row->event_id,
        .since_us = row->occurred_at_us,
        .text = finding_text(run->pages, STR_FMT " came as inbox %lld and as inbox %lld",
            STR_ARG(row->type), (long long)row->first_seq, (long long)row->second_seq)};
    return finding_add(run, &finding);
}

static enum err add_all_twice(struct reconcile *run, const struct twice_told *rows, uint32_t count)
{
    if (count == TWICE_MAX) {
        run->looked.whole &= ~(1U << CODE_EVENT_CONTENT);
    }
    for (uint32_t i = 0; i < count; i++) {
        TRY(add_twice(run, &rows[i]));
    }
    return ERR_OK;
}

/* A difference of renderings that the provider itself makes is none (see envelope): what is left
 * are two contents. */
static enum err find_twice_told(struct reconcile *run, struct err_info *reterr)
{
    struct twice_told *rows = NULL;
    uint32_t count = 0;
    arena_reset(run->pages);
    TRY(proof_twice_told(
        run->setup.store, run->run.scope, TWICE_MAX, run->pages, &rows, &count, reterr));
    return add_all_twice(run, rows, count);
}

/* A dry run keeps nothing of what came since the last look. */
static enum err find_twice_since(struct reconcile *run, struct err_info *reterr)
{
    struct store *store = run->setup.store;
    struct twice_reach reach;
    TRY(twice_reach(store, env_now(run->setup.env), &reach, reterr));
    int64_t to_seq = reach.mark.seq;
    while (to_seq < reach.last_seq) {
        struct twice_told *rows = NULL;
        uint32_t count = 0;
        int64_t after_seq = to_seq;
        to_seq = reach.last_seq - after_seq > TWICE_PAGE ? after_seq + TWICE_PAGE : reach.last_seq;
        arena_reset(run->pages);
        TRY(proof_twice_between(store, run->run.scope, after_seq, to_seq, TWICE_MAX, run->pages,
            &rows, &count, reterr));
        TRY(add_all_twice(run, rows, count));
    }
    return ERR_OK;
}

enum err find_in_events(struct reconcile *run, struct err_info *reterr)
{
    TRY(find_dead(run, reterr));
    TRY(find_twice_told(run, reterr));
    return run->setup.dry_run ? find_twice_since(run, reterr) : ERR_OK;
}

/* Two bodies of one event are looked for in what came since the last look, whoever's run that was:
 * the whole inbox is read once, not once a day. */
#include "flow/reconcile_inside.h"

static enum err begin(struct reconcile *run, struct err_info *reterr)
{
    struct twice_look *look = &run->twice;
    int64_t now_us = env_now(run->setup.env);
    TRY(store_begin(run->setup.store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->setup.store;
    (void)transaction;
    TRY(twice_reach(run->setup.store, now_us, &look->reach, reterr));
    look->at_seq = look->reach.mark.seq;
    look->began_us = now_us;
    look->is_begun = true;
    return ERR_OK;
}

static enum err read_page(struct reconcile *run,
    int64_t to_seq,
    struct twice **ret_rows,
    uint32_t *ret_count,
    struct err_info *reterr)
{
    TRY(store_begin(run->setup.store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->setup.store;
    (void)transaction;
    return twice_find(
        run->setup.store, 0, run->twice.at_seq, to_seq, run->pages, ret_rows, ret_count, reterr);
}

/* Once everything was looked at, what can be seen now is what the next look starts to settle. */
static struct twice_mark next_mark(const struct twice_look *look, int64_t to_seq)
{
    const struct twice_reach *reach = &look->reach;
    struct twice_mark next = reach->mark;
    int64_t settled = to_seq < reach->settled_seq ? to_seq : reach->settled_seq;
    next.seq = settled > next.seq ? settled : next.seq;
    bool is_whole = to_seq == reach->last_seq;
    if (is_whole && next.seq >= next.next_seq && next.seq < reach->last_seq) {
        next.next_seq = reach->last_seq;
        next.next_us = look->began_us;
    }
    return next;
}

static enum err keep_page(struct reconcile *run,
    const struct twice *rows,
    uint32_t count,
    const struct twice_mark *next,
    struct err_info *reterr)
{
    const struct twice_mark *mark = &run->twice.reach.mark;
    bool is_moved = next->seq != mark->seq || next->next_seq != mark->next_seq;
    if (count == 0 && !is_moved) {
        return ERR_OK;
    }
    TRY(store_begin(run->setup.store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = run->setup.store;
    TRY(twice_keep(run->setup.store, rows, count, reterr));
    TRY(twice_move(run->setup.store, mark, next, reterr));
    transaction = NULL;
    return store_commit(run->setup.store, reterr);
}

enum err reconcile_look_twice(struct reconcile *run, bool *ret_more, struct err_info *reterr)
{
    struct twice_look *look = &run->twice;
    struct twice *rows = NULL;
    uint32_t count = 0;
    if (run->setup.dry_run) {
        return ERR_OK; /* its finder looks by itself, and keeps nothing */
    }
    if (!look->is_begun) {
        TRY(begin(run, reterr));
    }
    int64_t last_seq = look->reach.last_seq;
    int64_t to_seq = last_seq - look->at_seq > TWICE_PAGE ? look->at_seq + TWICE_PAGE : last_seq;
    if (look->at_seq >= last_seq) {
        return ERR_OK;
    }
    TRY(read_page(run, to_seq, &rows, &count, reterr));
    struct twice_mark next = next_mark(look, to_seq);
    TRY(keep_page(run, rows, count, &next, reterr));
    look->reach.mark = next;
    look->at_seq = to_seq;
    *ret_more = to_seq < last_seq;
    return ERR_OK;
}

#include "base/timestamp.h"
#include "flow/pull.h"
#include "flow/reconcile_inside.h"

struct span { /* in whole seconds, both included; to_us 0: empty */
    int64_t from_us, to_us;
};

static enum err span_of(
    struct reconcile *run, struct str what, struct span *ret, struct err_info *reterr)
{
    struct store *store = run->setup.store;
    struct pull_summary said;
    struct span span = {0, 0};
    TRY(pull_summarise(store, run->run.scope, what, 0, 0, &said, reterr));
    if (said.first_from_us != 0) {
        span.from_us = said.first_from_us;
        TRY(pull_covered_until(store, run->run.scope, what, span.from_us, &span.to_us, reterr));
    }
    *ret = span;
    return ERR_OK;
}

/* What reaches furthest, and what leads to it without a gap. */
static struct span join(const struct span *spans, int count)
{
    struct span joined = {0, 0};
    for (int i = 0; i < count; i++) {
        joined = spans[i].to_us > joined.to_us ? spans[i] : joined;
    }
    for (int round = 1; round < count; round++) {
        for (int i = 0; i < count; i++) {
            bool leads_to_it = spans[i].to_us + US_PER_SECOND >= joined.from_us;
            joined.from_us = spans[i].to_us != 0 && leads_to_it && spans[i].from_us < joined.from_us
                                 ? spans[i].from_us
                                 : joined.from_us;
        }
    }
    return joined;
}

enum err reconcile_cover(struct reconcile *run, struct err_info *reterr)
{
    enum { WAYS = 3 };
    struct span spans[WAYS];
    TRY(span_of(run, PULL_LINES, &spans[0], reterr));
    TRY(span_of(run, str_from(statement_file_word(FILE_ACTIVITY)), &spans[1], reterr));
    TRY(span_of(run, PULL_BOTH, &spans[2], reterr));
    struct span known = join(spans, WAYS);
    run->covered_from_us = known.from_us;
    run->covered_to_us = known.to_us != 0 ? known.to_us + US_PER_SECOND : 0;
    if (run->covered_to_us > run->setup.as_of_us) {
        run->covered_to_us = run->setup.as_of_us; /* what is known beyond it does not count */
    }
    return ERR_OK;
}

enum err reconcile_covered_by_both(struct reconcile *run, bool *ret_both, struct err_info *reterr)
{
    const struct reconcile_setup *setup = &run->setup;
    int64_t last_us = setup->to_us - US_PER_SECOND;
    bool pages = false;
    bool files = false;
    TRY(pull_covered(setup->store, run->run.scope, PULL_LINES, timestamp_second(setup->from_us),
        last_us, &pages, reterr));
    TRY(pull_covered(setup->store, run->run.scope, str_from(statement_file_word(FILE_ACTIVITY)),
        timestamp_second(setup->from_us), last_us, &files, reterr));
    *ret_both = pages && files;
    return ERR_OK;
}

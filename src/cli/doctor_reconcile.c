/* Whether the books of each account were proven lately, and what is known not to agree. */
#include "base/check.h"
#include "store/discrepancies.h"
#include "store/refs.h"
#include "store/runs.h"
#include "flow/submit.h"
#include "cli/doctor.h"
#include "cli/reconcile_days.h"
#include <inttypes.h>

#define ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define RUNS_MAX 100
#define DAYS_MAX 30 /* that are looked back; more are as bad */

struct proven { /* of one account */
    const struct account *account;
    struct arena *arena;
    int64_t now_us, at_us;
    int64_t scope; /* 0: nothing has come in yet */
    bool was_ever_run;
    int64_t first_us; /* the beginning of the first day that was reconciled */
    int days_missing;
    struct day newest; /* that is over */
    int64_t open, critical;
};

static enum err find_scope(struct store *store, struct proven *proven, struct err_info *reterr)
{
    const struct scope_key key = submit_scope_key(proven->account, STR_NONE);
    struct str environment = key.live ? STR("live") : STR("test");
    struct scope_row *rows = NULL;
    uint32_t count = 0;
    TRY(scope_list(store, proven->arena, &rows, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        bool fits = str_eq(rows[i].account_key, key.account_key) &&
                    str_eq(rows[i].provider, key.provider) &&
                    str_eq(rows[i].environment, environment);
        proven->scope = fits ? rows[i].scope : proven->scope;
    }
    return ERR_OK;
}

static enum err count_days(
    struct store *store, struct proven *proven, const struct zone *zone, struct err_info *reterr)
{
    int64_t from_us = 0;
    int64_t to_us = 0;
    struct books_start start = {0};
    TRY(books_start_get(store, proven->scope, proven->arena, &start, reterr));
    proven->newest = day_closed(zone, proven->at_us, proven->now_us, &to_us);
    struct day day = proven->newest;
    for (int i = 0; i < DAYS_MAX; i++, day = day_before(day)) {
        struct reconcile_run run = {0};
        day_bounds(zone, day, &from_us, &to_us);
        if (to_us <= start.start_us || to_us <= proven->first_us) {
            break;
        }
        TRY(run_covering(store, proven->scope, from_us, to_us, &run, reterr));
        if (run.number > 0 && run.as_of_us >= to_us) {
            break;
        }
        proven->days_missing++;
    }
    return ERR_OK;
}

static enum err count_open(struct store *store, struct proven *proven, struct err_info *reterr)
{
    struct discrepancy_total *totals = NULL;
    uint32_t count = 0;
    TRY(discrepancy_totals(store, proven->scope, proven->arena, &totals, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        bool critical = code_row(totals[i].code)->severity == SEVERITY_CRITICAL;
        proven->open += totals[i].count;
        proven->critical += critical ? totals[i].count : 0;
    }
    return ERR_OK;
}

static enum err look(struct store *store, void *context, struct err_info *reterr)
{
    struct proven *proven = context;
    CLEANUP(zone_close) struct zone *zone = NULL;
    struct reconcile_run *runs = NULL;
    uint32_t count = 0;
    arena_reset(proven->arena);
    proven->scope = proven->open = proven->critical = proven->days_missing = 0;
    TRY(find_scope(store, proven, reterr));
    if (proven->scope == 0) {
        return ERR_OK;
    }
    TRY(zone_open(proven->account->zone, &zone));
    TRY(runs_list(store, proven->scope, RUNS_MAX, proven->arena, &runs, &count, reterr));
    proven->was_ever_run = count > 0;
    for (uint32_t i = 0; i < count; i++) {
        bool earlier = i == 0 || runs[i].from_us < proven->first_us;
        proven->first_us = earlier ? runs[i].from_us : proven->first_us;
    }
    TRY(count_days(store, proven, zone, reterr));
    return count_open(store, proven, reterr);
}

static void say_days(struct doctor *doctor, const struct proven *proven)
{
    char newest[DAY_TEXT_BYTES];
    struct str label = proven->account->says.name;
    day_format(proven->newest, newest);
    if (!proven->was_ever_run) {
        doctor_say(doctor, HEALTH_WARNING, "reconcile",
            "`counterfoil reconcile`; for an account that has a history with --start: see "
            "docs/reconcile.md",
            "[account " STR_FMT "] was never reconciled", STR_ARG(label));
    } else if (proven->days_missing > 0) {
        doctor_say(doctor, HEALTH_WARNING, "reconcile",
            account_is_readable(proven->account)
                ? "does serve run, and what does its log say? Or `counterfoil reconcile --from`"
                : "import the statement, then `counterfoil reconcile --from`; or give a key.read",
            "[account " STR_FMT "] %s%d days up to %s are not reconciled", STR_ARG(label),
            proven->days_missing == DAYS_MAX ? "at least " : "", proven->days_missing, newest);
    } else {
        doctor_say(doctor, HEALTH_OK, "reconcile", "",
            "[account " STR_FMT "] is reconciled up to %s", STR_ARG(label), newest);
    }
}

static void say(struct doctor *doctor, const struct proven *proven)
{
    if (proven->scope == 0) {
        return;
    }
    say_days(doctor, proven);
    if (proven->open > 0) {
        doctor_say(doctor, HEALTH_WARNING, "discrepancies", "`counterfoil discrepancies list`",
            "[account " STR_FMT "] %" PRId64 " are open, %" PRId64 " of them critical",
            STR_ARG(proven->account->says.name), proven->open, proven->critical);
    }
}

void doctor_reconcile(struct doctor *doctor, struct store *store)
{
    REQUIRE(doctor != NULL && store != NULL);
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    for (uint32_t i = 0; i < doctor->config->account_count; i++) {
        struct err_info info = {""};
        int64_t at_us = doctor->config->reconcile_at_us;
        struct proven proven = {.account = &doctor->config->accounts[i],
            .arena = arena,
            .now_us = doctor->now_us,
            .at_us = at_us < 0 ? 0 : at_us};
        enum err err = arena == NULL ? err_set(&info, ERR_BUSY, "out of memory")
                                     : command_transaction(store, STORE_READ, look, &proven, &info);
        if (err != ERR_OK) {
            doctor_say(doctor, HEALTH_WARNING, "reconcile", "try again",
                "[account " STR_FMT "] %s %s", STR_ARG(proven.account->says.name), err_text(err),
                info.text);
        } else {
            say(doctor, &proven);
        }
    }
}

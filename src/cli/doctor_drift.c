/* What the provider's events look like, and no longer look like: types, fields and words that this
 * version does not expect. */
#include "base/check.h"
#include "store/drift.h"
#include "store/inbox.h"
#include "provider/stripe/stripe.h"
#include "flow/drift.h"
#include "cli/doctor.h"

#define ARENA_BYTES ((size_t)256 * 1024 * 1024)
#define NAMED_MAX 10 /* more are only counted */

struct seen {
    struct arena *arena;
    struct drift_count *counts;
    struct drift_word *words;
    uint32_t count, word_count;
    struct inbox_stats stats;
};

static enum err look(struct store *store, void *context, struct err_info *reterr)
{
    struct seen *seen = context;
    arena_reset(seen->arena);
    TRY(drift_list(store, seen->arena, &seen->counts, &seen->count, reterr));
    TRY(drift_list_words(store, seen->arena, &seen->words, &seen->word_count, reterr));
    return inbox_stats(store, &seen->stats, reterr);
}

static void say_fields(struct doctor *doctor, const struct seen *seen)
{
    int odd = 0;
    for (uint32_t i = 0; i < seen->count; i++) {
        const struct drift_count *count = &seen->counts[i];
        if (drift_is_odd(count) && odd++ < NAMED_MAX) {
            doctor_say(doctor, HEALTH_WARNING, "drift",
                "has the endpoint's API version changed? `counterfoil mapping` has what is read",
                STR_FMT " in " STR_FMT " (" STR_FMT "): there in %lld events, absent in the last "
                        "%lld",
                STR_ARG(count->field), STR_ARG(count->event_type), STR_ARG(count->api_version),
                (long long)count->seen, (long long)count->absent_in_row);
        }
    }
    if (odd == 0) {
        doctor_say(doctor, HEALTH_OK, "drift", "",
            "no field of the provider's events has gone missing: %u are watched",
            (unsigned)seen->count);
    } else if (odd > NAMED_MAX) {
        doctor_say(
            doctor, HEALTH_WARNING, "drift", "see above", "and %d more fields", odd - NAMED_MAX);
    }
}

/* Rows stand in the order of types, so that a version comes up again and again. */
static void say_versions(struct doctor *doctor, const struct seen *seen)
{
    struct str newest = str_from(stripe_provider.newest_version);
    struct str found = newest;
    for (uint32_t i = 0; i < seen->count; i++) {
        if (stripe_provider.compare_versions(seen->counts[i].api_version, found) > 0) {
            found = seen->counts[i].api_version;
        }
    }
    if (!str_eq(found, newest)) {
        doctor_say(doctor, HEALTH_WARNING, "API version",
            "is there a newer version of this program?",
            "events of " STR_FMT " come, which are decoded as " STR_FMT, STR_ARG(found),
            STR_ARG(newest));
    }
}

static void say_words(struct doctor *doctor, const struct seen *seen)
{
    for (uint32_t i = 0; i < seen->word_count && i < NAMED_MAX; i++) {
        const struct drift_word *word = &seen->words[i];
        doctor_say(doctor, HEALTH_WARNING, "unknown status",
            "is there a newer version of this program? The objects stand as `unknown`",
            "\"" STR_FMT "\" for " STR_FMT " in " STR_FMT ", %lld time%s", STR_ARG(word->word),
            STR_ARG(word->field), STR_ARG(word->event_type), (long long)word->count,
            word->count == 1 ? "" : "s");
    }
}

static void say_types(struct doctor *doctor, const struct seen *seen)
{
    int64_t unknown = seen->stats.by_reason[REASON_UNKNOWN_TYPE];
    if (unknown > 0) {
        doctor_say(doctor, HEALTH_WARNING, "unknown types",
            "`counterfoil inbox list --status recorded` has them; a newer version may decode "
            "them",
            "%lld events are of types that are in no table", (long long)unknown);
    }
}

void doctor_drift(struct doctor *doctor, struct store *store)
{
    REQUIRE(doctor != NULL && store != NULL);
    struct err_info info = {""};
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct seen seen = {.arena = arena};
    enum err err = arena == NULL ? err_set(&info, ERR_BUSY, "out of memory")
                                 : command_transaction(store, STORE_READ, look, &seen, &info);
    if (err != ERR_OK) {
        doctor_say(
            doctor, HEALTH_WARNING, "drift", "try again", "%s: %s", err_text(err), info.text);
        return;
    }
    say_fields(doctor, &seen);
    say_versions(doctor, &seen);
    say_words(doctor, &seen);
    say_types(doctor, &seen);
}

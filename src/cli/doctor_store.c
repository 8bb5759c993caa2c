#include "base/check.h"
#include "base/timestamp.h"
#include "store/inbox.h"
#include "store/records.h"
#include "store/refetch.h"
#include "cli/doctor.h"
#include "cli/output.h"
#include <errno.h>
#include <limits.h>
#include <sys/statvfs.h>

#define ARENA_BYTES ((size_t)8 * 1024 * 1024)
#define DISK_BYTES_FAILED (INT64_C(100) * 1024 * 1024)
#define DISK_BYTES_WARNING (INT64_C(1024) * 1024 * 1024)
#define OPEN_AGE_US (5 * US_PER_MINUTE)
#define CLOCK_SLACK_US (5 * US_PER_SECOND)

/* What one look into the store finds. */
struct findings {
    struct arena *arena;
    int64_t now_us;
    struct inbox_stats stats;
    struct oddities oddities;
    struct refetch_stats refetch;
    int64_t newest_received_us; /* 0: the inbox is empty */
};

static enum err look(struct store *store, void *context, struct err_info *reterr)
{
    struct findings *findings = context;
    struct inbox_row *rows = NULL;
    uint32_t count = 0;
    const struct inbox_filter newest = {.newest_first = true, .limit = 1};
    arena_reset(findings->arena);
    TRY(inbox_stats(store, &findings->stats, reterr));
    TRY(records_oddities(store, findings->now_us - US_PER_HOUR, &findings->oddities, reterr));
    TRY(refetch_stats(store, &findings->refetch, reterr));
    TRY(inbox_list(store, &newest, findings->arena, &rows, &count, reterr));
    findings->newest_received_us = count > 0 ? rows[0].received_us : 0;
    return ERR_OK;
}

static void say_age(struct doctor *doctor,
    enum health health,
    const char *check,
    const char *to_do,
    int64_t count,
    const char *what,
    int64_t oldest_us)
{
    char age[TIME_TEXT_BYTES];
    age_format(doctor->now_us, oldest_us, age);
    if (count == 0) {
        doctor_say(doctor, HEALTH_OK, check, "", "no %s", what);
    } else {
        doctor_say(doctor, health, check, health == HEALTH_OK ? "" : to_do,
            "%lld %s, the oldest for %s", (long long)count, what, age);
    }
}

/* Those that wait for a key are no younger than others; that they are not asked for is what counts.
 */
static void say_wanted(struct doctor *doctor, const struct refetch_stats *stats)
{
    int64_t open = 0;
    for (int i = 0; i < REFETCH_WHY_COUNT; i++) {
        open += stats->open[i];
    }
    bool late = open > 0 && doctor->now_us - stats->oldest_us > OPEN_AGE_US;
    say_age(doctor, late ? HEALTH_WARNING : HEALTH_OK, "refetch",
        "has the account a key.read, and does serve run? Its log says `refetch_refused` or "
        "`refetch_failed`, and why",
        open, "objects to be asked for", stats->oldest_us);
    for (int i = 0; i < REFETCH_WHY_COUNT; i++) {
        enum refetch_why why = (enum refetch_why)i;
        if (stats->open[i] > 0) {
            doctor_say(doctor, HEALTH_OK, "refetch", "", "%lld of them %s; asking for %lld failed",
                (long long)stats->open[i], refetch_why_help(why), (long long)stats->failed[i]);
        }
    }
    if (stats->given_up > 0) {
        doctor_say(doctor, HEALTH_OK, "refetch", "",
            "%lld objects were given up: the provider does not give them. Which, and why: "
            "`refetch_given_up` in the log of serve",
            (long long)stats->given_up);
    }
}

static void say_findings(struct doctor *doctor, const struct findings *findings)
{
    const struct inbox_stats *stats = &findings->stats;
    int64_t open = stats->by_status[WORK_NEW] + stats->by_status[WORK_CLAIMED] +
                   stats->by_status[WORK_WAITING];
    bool late = open > 0 && doctor->now_us - stats->oldest_open_us > OPEN_AGE_US;
    doctor_say(doctor, HEALTH_OK, "inbox", "",
        "%lld events kept, %lld applied, %lld stale, %lld recorded", (long long)stats->total,
        (long long)stats->by_status[WORK_APPLIED], (long long)stats->by_status[WORK_STALE],
        (long long)stats->by_status[WORK_RECORDED]);
    say_age(doctor, late ? HEALTH_WARNING : HEALTH_OK, "open",
        "does serve run? `counterfoil inbox list --status waiting`", open, "events not decided yet",
        stats->oldest_open_us);
    say_age(doctor, HEALTH_WARNING, "dead letters",
        "`counterfoil dead-letters list`, then retry or discard", stats->by_status[WORK_DEAD],
        "dead letters", stats->oldest_dead_us);
    say_age(doctor, HEALTH_WARNING, "contested",
        "`counterfoil show` has their timelines; the provider knows the truth",
        findings->oddities.contested, "contested objects", findings->oddities.contested_oldest_us);
    say_wanted(doctor, &findings->refetch);
    say_age(doctor, HEALTH_WARNING, "stubs",
        "are all event types enabled at the endpoint? `counterfoil doctor --types`",
        findings->oddities.stubs, "attempts named by others but never seen themselves",
        findings->oddities.stubs_oldest_us);
    if (findings->newest_received_us > doctor->now_us + CLOCK_SLACK_US) {
        char ahead[TIMESTAMP_TEXT_BYTES];
        duration_format(findings->newest_received_us - doctor->now_us, ahead);
        doctor_say(doctor, HEALTH_FAILED, "clock", "set this machine's clock right",
            "the newest event was received %s from now: the clock has gone back", ahead);
    }
}

static void check_contents(struct doctor *doctor, struct store *store)
{
    struct err_info info = {""};
    struct findings findings = {.now_us = doctor->now_us};
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    findings.arena = arena;
    enum err err = arena == NULL ? err_set(&info, ERR_BUSY, "out of memory")
                                 : command_transaction(store, STORE_READ, look, &findings, &info);
    if (err != ERR_OK) {
        doctor_say(doctor, HEALTH_FAILED, "inbox", "try again", "%s: %s", err_text(err), info.text);
    } else {
        say_findings(doctor, &findings);
    }
}

/* --- schema, syncing, room --- */

/* Returns whether the tables can be looked into. */
static bool check_schema(struct doctor *doctor, struct store *store)
{
    struct err_info info = {""};
    struct schema_state schema = {0};
    enum err err = store_schema(store, &schema, &info);
    if (err != ERR_OK) {
        doctor_say(doctor, HEALTH_FAILED, "schema",
            err == ERR_SCHEMA ? "use the program that made it, or a newer one" : "see the store",
            "%s: %s", err_text(err), info.text);
    } else if (schema.version != schema.wanted) {
        doctor_say(doctor, HEALTH_FAILED, "schema", "`counterfoil migrate`",
            "it is %d, this program needs %d", schema.version, schema.wanted);
    } else {
        doctor_say(doctor, HEALTH_OK, "schema", "", "%d, as this program needs", schema.version);
        return true;
    }
    return false;
}

static void check_durability(struct doctor *doctor, struct store *store)
{
    struct err_info info = {""};
    char why[STORE_WHY_BYTES] = "";
    bool synced = false;
    enum err err = store_durability(store, &synced, why, &info);
    if (err != ERR_OK) {
        doctor_say(
            doctor, HEALTH_WARNING, "durability", "try again", "%s: %s", err_text(err), info.text);
    } else if (!synced) {
        doctor_say(doctor, HEALTH_FAILED, "durability",
            "change the setting: an acknowledged event could be lost",
            "commits may not survive a power cut: %s", why);
    } else {
        doctor_say(
            doctor, HEALTH_OK, "durability", "", "a commit is on disk before it is acknowledged");
    }
}

/* The folder of sqlite:///path/books.db, %XX decoded. */
static bool folder_of(struct str url, char *to, size_t size)
{
    size_t len = 0;
    if (!str_starts_with(url, STR("sqlite://"))) {
        return false;
    }
    for (size_t i = sizeof "sqlite://" - 1; i < url.len && url.data[i] != '?'; i++) {
        uint8_t byte = (uint8_t)url.data[i];
        if (byte == '%' && i + 2 < url.len &&
            hex_decode(&byte, 1, (struct str){url.data + i + 1, 2})) {
            i += 2;
        }
        if (len + 1 >= size || byte == '\0') {
            return false;
        }
        to[len++] = (char)byte;
    }
    to[len] = '\0';
    char *slash = strrchr(to, '/');
    if (slash != NULL) {
        slash[slash == to ? 1 : 0] = '\0';
    }
    return slash != NULL;
}

static void check_room(struct doctor *doctor)
{
    char folder[PATH_MAX];
    struct statvfs disk;
    if (!folder_of(doctor->config->store_url, folder, sizeof folder)) {
        return;
    }
    if (statvfs(folder, &disk) != 0) {
        doctor_say(doctor, HEALTH_WARNING, "disk",
            "make the folder, owned by the user that serve runs as", "%s: %s", folder,
            strerrordesc_np(errno));
        return;
    }
    int64_t bytes = (int64_t)(disk.f_bavail * disk.f_frsize);
    enum health health = bytes < DISK_BYTES_FAILED    ? HEALTH_FAILED
                         : bytes < DISK_BYTES_WARNING ? HEALTH_WARNING
                                                      : HEALTH_OK;
    doctor_say(doctor, health, "disk",
        health == HEALTH_OK
            ? ""
            : "make room: a full disk means 503 for every sender, until there is some",
        "%lld MiB are free in %s", (long long)(bytes / 1024 / 1024), folder);
}

void doctor_store(struct doctor *doctor)
{
    REQUIRE(doctor != NULL);
    struct err_info info = {""};
    CLEANUP(store_close) struct store *store = NULL;
    struct str url = doctor->config->store_url;
    enum err err = store_open(url, STORE_READ, doctor->context->env, &store, &info);
    check_room(doctor);
    if (err == ERR_NOT_FOUND) {
        doctor_say(doctor, HEALTH_FAILED, "store",
            "`counterfoil migrate` makes it, and so does `counterfoil serve`",
            STR_FMT " does not exist yet", STR_ARG(url));
        return;
    }
    if (err != ERR_OK) {
        doctor_say(doctor, HEALTH_FAILED, "store", "can this user reach it?", "%s: %s",
            err_text(err), info.text);
        return;
    }
    doctor_say(
        doctor, HEALTH_OK, "store", "", "%s, " STR_FMT, store_engine_name(store), STR_ARG(url));
    check_durability(doctor, store);
    if (check_schema(doctor, store)) {
        check_contents(doctor, store);
        doctor_drift(doctor, store);
        doctor_reconcile(doctor, store);
    }
}

/* Real payloads of every age: whatever is an event of a mapped type decodes without an error. */
#include "samples.h"
#include <sys/stat.h>

struct tally {
    uint32_t events, decoded, recorded;
};

/* Written by hand without an id, which the provider never leaves out. */
static bool is_without_id(const char *path)
{
    static const char *const names[] = {
        "/unknown/invoice.finalized.json", "/unknown/invoice.paid.json"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (str_ends_with(str_from(path), str_from(names[i]))) {
            return true;
        }
    }
    return false;
}

static void decode_file(const char *path, struct tally *tally)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct str body = sample_file(arena, path);
    assert_row(body.data != NULL, path);
    struct envelope envelope;
    assert_err(stripe_envelope_read(body, false, arena, &envelope), ERR_OK);
    if (envelope.type.len == 0) {
        return; /* an answer of the API, not an event */
    }
    tally->events++;
    struct stored_event event = {body, envelope.type, envelope.occurred_at_us};
    struct notice_list list;
    struct err_info info = {""};
    enum err err = stripe_provider.decode(&event, arena, &list, &info);
    if (is_without_id(path)) {
        assert_err(err, ERR_INVALID);
        assert_string_equal(info.text, "data.object.id is missing");
        return;
    }
    if (err != ERR_OK) {
        print_error("%s: %s\n", path, info.text);
    }
    assert_err(err, ERR_OK);
    tally->decoded += list.count > 0;
    tally->recorded += list.count == 0;
    assert_row((list.count > 0) == (list.reason == REASON_NONE), path);
}

static void walk(const char *folder, struct tally *tally)
{
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        return;
    }
    for (struct dirent *entry; (entry = readdir(directory)) != NULL;) {
        if (entry->d_name[0] == '.') {
            continue;
        }
        char path[2048];
        struct stat status;
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        if (stat(path, &status) == 0 && S_ISDIR(status.st_mode)) {
            walk(path, tally);
        } else if (str_starts_with(str_from(strrchr(path, '.')), STR(".json"))) {
            decode_file(path, tally);
        }
    }
    (void)closedir(directory);
}

static void recorded_events_decode(void **state)
{
    (void)state;
    struct tally tally = {0};
    walk(sample_shared("recorded"), &tally);
    print_message("# %u events, %u decoded, %u recorded with a reason\n", tally.events,
        tally.decoded, tally.recorded);
    assert_true(tally.decoded >= 60);
}

static bool payloads_are_there(void)
{
    return access(sample_shared("recorded"), R_OK) == 0;
}

TESTS_MAIN_WHEN("recorded",
    payloads_are_there(),
    "no recorded payloads are there",
    TEST(recorded_events_decode))

/* Real payloads of every age go through the walk: no error, once is twice, bounded memory. */
#include "provider/stripe/upcast.h"
#include "samples.h"
#include <sys/stat.h>

/* Every move copies the members before it, so old objects are copied some four times. */
#define BYTES_PER_NODE (8 * sizeof(struct json))

struct tally {
    uint32_t files, changed;
};

static size_t count_nodes(const struct json *value)
{
    size_t count = 1;
    for (const struct json *child = value->first; child != NULL; child = child->next) {
        count += count_nodes(child);
    }
    return count;
}

static void upcast_file(const char *path, struct tally *tally)
{
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    struct str body = sample_file(arena, path);
    struct json_document document;
    assert_row(body.data != NULL && json_parse(body, arena, &document) == ERR_OK, path);
    struct str version = json_string(json_get(document.root, STR("api_version")));
    size_t before = arena_used(arena);
    const struct json *newest = NULL;
    assert_err(stripe_upcast(document.root, version, arena, &newest), ERR_OK);
    size_t used = arena_used(arena) - before;
    assert_row(used <= count_nodes(document.root) * BYTES_PER_NODE, path);
    const struct json *again = NULL;
    assert_err(stripe_upcast(newest, version, arena, &again), ERR_OK);
    assert_row(again == newest, path);
    tally->files++;
    tally->changed += newest != document.root;
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
            upcast_file(path, tally);
        }
    }
    (void)closedir(directory);
}

static void recorded_objects_come_up_to_the_newest_shape(void **state)
{
    (void)state;
    struct tally tally = {0};
    walk(sample_shared("recorded"), &tally);
    print_message("# %u files, %u with something old in them\n", tally.files, tally.changed);
    assert_true(tally.files >= 800);
    assert_true(tally.changed >= 200);
}

static bool payloads_are_there(void)
{
    return access(sample_shared("recorded"), R_OK) == 0;
}

TESTS_MAIN_WHEN("upcast_recorded",
    payloads_are_there(),
    "no recorded payloads are there",
    TEST(recorded_objects_come_up_to_the_newest_shape))

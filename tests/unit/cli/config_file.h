/* config_file: a configuration in a folder of its own, for tests that load it.
 *
 * Layer: tests.
 */
#pragma once

#include "cli/config.h"
#include "unit/testing.h"
#include <limits.h>
#include <sys/stat.h>

/* Never to be seen in any text; the tests look for it. */
#define TEST_SECRET "whsec_never_to_be_seen_0123456789"

static char test_folder[64]; /* made by config_folder_make */

static inline int config_folder_make(void **state)
{
    (void)state;
    (void)snprintf(test_folder, sizeof test_folder, "/tmp/counterfoil-test-XXXXXX");
    return mkdtemp(test_folder) == NULL ? -1 : 0;
}

static inline const char *config_place(const char *name)
{
    static char path[PATH_MAX];
    (void)snprintf(path, sizeof path, "%s/%s", test_folder, name);
    return path;
}

static inline void config_write(const char *name, struct str text)
{
    FILE *file = fopen(config_place(name), "we");
    assert_non_null(file);
    assert_int_equal(fwrite(text.data, 1, text.len, file), text.len);
    assert_int_equal(fclose(file), 0);
}

/* Removes what the tests of this program wrote. */
static inline int config_folder_remove(void **state)
{
    (void)state;
    static const char *const names[] = {
        "counterfoil.ini", "secret", "next", "blank", "long", "two", "key"};
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        (void)unlink(config_place(names[i]));
    }
    return rmdir(test_folder);
}

static inline enum err config_load_text(
    struct str text, enum config_secrets secrets, struct config **ret, struct err_info *info)
{
    char path[PATH_MAX];
    config_write("counterfoil.ini", text);
    (void)str_copy_to(path, sizeof path, str_from(config_place("counterfoil.ini")));
    return config_load_with(path, secrets, ret, info);
}

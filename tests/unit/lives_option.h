/* lives_option: how many lives a property test generates.
 *
 * `test_x --lives 100000` or COUNTERFOIL_TEST_LIVES=100000, else what the test says.
 *
 * Layer: tests.
 */
#pragma once

#include "unit/testing.h"

#define LIVES_VARIABLE "COUNTERFOIL_TEST_LIVES"

static inline uint32_t lives_wanted(uint32_t otherwise)
{
    const char *text = getenv(LIVES_VARIABLE);
    unsigned long wanted = text == NULL ? 0 : strtoul(text, NULL, 10);
    return wanted == 0 || wanted > UINT32_MAX ? otherwise : (uint32_t)wanted;
}

/* Takes `--lives N` out of the arguments. */
static inline void lives_take_option(int *argc, char **argv)
{
    for (int i = 1; i + 1 < *argc; i++) {
        if (strcmp(argv[i], "--lives") == 0) {
            (void)setenv(LIVES_VARIABLE, argv[i + 1], 1);
            memmove(&argv[i], &argv[i + 2], sizeof argv[0] * (size_t)(*argc - i - 1));
            *argc -= 2;
            return;
        }
    }
}

#define LIVES_MAIN(group, ...)                                                                     \
    int main(int argc, char **argv)                                                                \
    {                                                                                              \
        const struct CMUnitTest tests[] = {__VA_ARGS__};                                           \
        lives_take_option(&argc, argv);                                                            \
        int refused = tests_begin_(group, argc, argv);                                             \
        return refused != 0 ? refused : cmocka_run_group_tests_name(group, tests, NULL, NULL);     \
    }

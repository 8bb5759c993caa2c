/* Feeds every file of the folders given to one fuzz target: what a fuzzer has found once is checked
 * in every run of the tests, with any compiler. The name is printed first, so that a crash says by
 * whom.
 *
 *   replay_fuzz_json tests/fuzz/corpus/json
 *
 * Layer: tests. */
#include <dirent.h>
#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_BYTES_MAX ((size_t)4 * 1024 * 1024)

static int feed_file(const char *path)
{
    printf("%s\n", path);
    if (fflush(stdout) != 0) {
        return 1;
    }
    FILE *file = fopen(path, "rb");
    if (file == NULL) {
        (void)fprintf(stderr, "%s: %s\n", path, strerror(errno));
        return 1;
    }
    uint8_t *data = malloc(INPUT_BYTES_MAX);
    size_t size = data == NULL ? 0 : fread(data, 1, INPUT_BYTES_MAX, file);
    (void)fclose(file);
    /* An exact copy, so that a sanitizer sees a read behind the end. */
    uint8_t *exact = data == NULL ? NULL : malloc(size == 0 ? 1 : size);
    int failed = 1;
    if (exact != NULL) {
        memcpy(exact, data, size);
        failed = LLVMFuzzerTestOneInput(exact, size) == 0 ? 0 : 1;
    }
    free(exact);
    free(data);
    return failed;
}

static int feed_folder(const char *folder)
{
    DIR *directory = opendir(folder);
    if (directory == NULL) {
        (void)fprintf(stderr, "%s: %s\n", folder, strerror(errno));
        return 1;
    }
    int failed = 0;
    int count = 0;
    for (struct dirent *entry; failed == 0 && (entry = readdir(directory)) != NULL;) {
        char path[2048];
        if (entry->d_name[0] == '.') {
            continue;
        }
        (void)snprintf(path, sizeof path, "%s/%s", folder, entry->d_name);
        failed = feed_file(path);
        count++;
    }
    (void)closedir(directory);
    if (count == 0) {
        (void)fprintf(stderr, "%s: there is nothing in it\n", folder);
        return 1;
    }
    return failed;
}

int main(int argc, char **argv)
{
    if (argc < 2) {
        (void)fprintf(stderr, "usage: %s folder...\n", argv[0]);
        return 2;
    }
    int failed = 0;
    for (int i = 1; i < argc && failed == 0; i++) {
        failed = feed_folder(argv[i]);
    }
    return failed;
}

/* Any bytes as a configuration: they are taken or refused with words, without an abort; the words
 * are text, and never hold what stands behind a secret's key. */
#include "base/check.h"
#include "cli/config.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MARK                                                                                       \
    "whsec_never_to_be_seen" /* stands in the corpus wherever a secret could be written            \
                              */

static void load(const char *path, enum config_secrets secrets)
{
    struct err_info info = {""};
    CLEANUP(config_free) struct config *config = NULL;
    enum err err = config_load_with(path, secrets, &config, &info);
    INVARIANT((err == ERR_OK) == (config != NULL));
    if (err != ERR_OK) {
        INVARIANT(err == ERR_CONFIG || err == ERR_BUSY);
        INVARIANT(info.text[0] != '\0');
        INVARIANT(str_is_utf8(str_from(info.text)));
        /* What holds a slash is the path of a file, whatever its name. */
        INVARIANT(strstr(info.text, MARK) == NULL || strstr(info.text, "file:") != NULL);
        return;
    }
    for (uint32_t i = 0; i < config->account_count; i++) {
        INVARIANT(config->details[i].label.len > 0 && config->details[i].secret_count > 0);
        INVARIANT(config->accounts[i].provider != NULL);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static int fd = -1;
    char path[64];
    if (fd < 0) {
        (void)clearenv(); /* COUNTERFOIL_... of whoever runs this */
        fd = memfd_create("config", MFD_CLOEXEC);
        INVARIANT(fd >= 0);
    }
    INVARIANT(ftruncate(fd, 0) == 0);
    INVARIANT(pwrite(fd, data, size, 0) == (ssize_t)size);
    (void)snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    load(path, CONFIG_SECRETS_LEFT);
    load(path, CONFIG_SECRETS_TRIED);
    return 0;
}

#include "cli/secret.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/limits.h"
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#define VAULT_BYTES ((size_t)LIMIT_ACCOUNTS * (LIMIT_SECRETS + 1) * LIMIT_SECRET_BYTES)
#define FILE_BYTES_MAX 4096 /* white space around the secret included */
#define NAME_BYTES_MAX 128
#define SHOWN_BYTES 72

struct secret_vault {
    char *bytes; /* mapped; pages that are never used cost nothing */
    size_t used;
};

struct secret_vault *secret_vault_new(void)
{
    struct secret_vault *vault = calloc(1, sizeof *vault);
    if (vault == NULL) {
        return NULL;
    }
    void *bytes = mmap(NULL, VAULT_BYTES, PROT_READ | PROT_WRITE,
        MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (bytes == MAP_FAILED) {
        free(vault);
        return NULL;
    }
    (void)madvise(bytes, VAULT_BYTES, MADV_DONTDUMP);
    vault->bytes = bytes;
    return vault;
}

struct secret_vault *secret_vault_free(struct secret_vault *vault)
{
    if (vault != NULL) {
        bytes_wipe(vault->bytes, vault->used);
        (void)munmap(vault->bytes, VAULT_BYTES);
        free(vault);
    }
    return NULL;
}

/* --- references --- */

enum source { SOURCE_ENV, SOURCE_FILE, SOURCE_CREDENTIAL };

bool secret_looks_like_one(struct str text)
{
    static const char *const beginnings[] = {"sk_", "rk_", "pk_", "ak_", "xoxb-", "-----BEGIN"};
    static const char *const anywhere[] = {
        "whsec_", "sk_live_", "sk_test_", "rk_live_", "rk_test_"};
    for (size_t i = 0; i < sizeof beginnings / sizeof beginnings[0]; i++) {
        if (str_starts_with(text, str_from(beginnings[i]))) {
            return true;
        }
    }
    for (size_t i = 0; i < sizeof anywhere / sizeof anywhere[0] && text.len > 0; i++) {
        if (memmem(text.data, text.len, anywhere[i], strlen(anywhere[i])) != NULL) {
            return true;
        }
    }
    return false;
}

static bool is_name(struct str name, const char *also)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = name.data[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!letter && (c == '\0' || strchr(also, c) == NULL)) {
            return false;
        }
    }
    return name.len > 0 && name.len <= NAME_BYTES_MAX;
}

static bool is_path(struct str path)
{
    for (size_t i = 0; i < path.len; i++) {
        if ((unsigned char)path.data[i] < 0x20 || path.data[i] == 0x7f) {
            return false;
        }
    }
    return path.len > 0;
}

static enum err reference_parse(
    struct str reference, enum source *ret_source, struct str *ret_name, struct err_info *reterr)
{
    struct str name = reference;
    struct str scheme = str_cut(&name, ':');
    if (str_eq(scheme, STR("env"))) {
        *ret_source = SOURCE_ENV;
        if (!is_name(name, "_") || secret_looks_like_one(name)) {
            return err_set(reterr, ERR_CONFIG, "env: wants the name of an environment variable");
        }
    } else if (str_eq(scheme, STR("file"))) {
        *ret_source = SOURCE_FILE;
        bool has_folder = name.len > 0 && memchr(name.data, '/', name.len) != NULL;
        if (!is_path(name) || (!has_folder && secret_looks_like_one(name))) {
            return err_set(reterr, ERR_CONFIG, "file: wants the path of a file");
        }
    } else if (str_eq(scheme, STR("credential"))) {
        *ret_source = SOURCE_CREDENTIAL;
        if (!is_name(name, "_-.") || str_starts_with(name, STR(".")) ||
            secret_looks_like_one(name)) {
            return err_set(
                reterr, ERR_CONFIG, "credential: wants the name of a systemd credential");
        }
    } else {
        return err_set(reterr, ERR_CONFIG,
            "a secret is never written here: refer to it by env:NAME, file:PATH or "
            "credential:NAME%s",
            secret_looks_like_one(reference) ? " (the value that stands here now should be rolled)"
                                             : "");
    }
    *ret_name = name;
    return ERR_OK;
}

enum err secret_reference_check(struct str reference, struct err_info *reterr)
{
    enum source source = SOURCE_ENV;
    struct str name = STR_NONE;
    return reference_parse(reference, &source, &name, reterr);
}

enum err secret_path(
    struct str reference, struct str folder, char *to, size_t to_size, struct err_info *reterr)
{
    REQUIRE(to != NULL);
    REQUIRE(to_size > 1);
    enum source source = SOURCE_ENV;
    struct str name = STR_NONE;
    TRY(reference_parse(reference, &source, &name, reterr));
    int len = 0;
    to[0] = '\0';
    if (source == SOURCE_CREDENTIAL) {
        const char *credentials = getenv("CREDENTIALS_DIRECTORY");
        if (credentials == NULL || credentials[0] == '\0') {
            return err_set(reterr, ERR_CONFIG,
                "credential:" STR_FMT " exists only inside the systemd service "
                "(LoadCredential= in its unit)",
                STR_ARG(name));
        }
        len = snprintf(to, to_size, "%s/" STR_FMT, credentials, STR_ARG(name));
    } else if (source == SOURCE_FILE) {
        bool relative = !str_starts_with(name, STR("/")) && folder.len > 0;
        len = snprintf(to, to_size, STR_FMT "%s" STR_FMT, relative ? (int)folder.len : 0,
            relative ? folder.data : "", relative ? "/" : "", STR_ARG(name));
    }
    if (len < 0 || (size_t)len >= to_size) {
        return err_set(reterr, ERR_CONFIG, "the path of a secret is too long");
    }
    return ERR_OK;
}

/* --- values --- */

/* `where` is the reference: it may be shown, the value may not. */
static enum err keep(struct secret_vault *vault,
    struct str raw,
    const char *where,
    struct str *ret_value,
    struct err_info *reterr)
{
    struct str value = str_trim(raw);
    if (value.len == 0) {
        return err_set(reterr, ERR_CONFIG, "%s is empty", where);
    }
    if (value.len > LIMIT_SECRET_BYTES) {
        return err_set(reterr, ERR_CONFIG, "%s is longer than %d characters: is it the right one?",
            where, LIMIT_SECRET_BYTES);
    }
    for (size_t i = 0; i < value.len; i++) {
        if (value.data[i] <= 0x20 || value.data[i] >= 0x7f) {
            return err_set(reterr, ERR_CONFIG,
                "%s holds more than one word, or characters that no secret has", where);
        }
    }
    if (value.len > VAULT_BYTES - vault->used) {
        return err_set(reterr, ERR_BUSY, "too many secrets");
    }
    char *at = vault->bytes + vault->used;
    memcpy(at, value.data, value.len);
    vault->used += value.len;
    *ret_value = (struct str){at, value.len};
    return ERR_OK;
}

/* Only a regular file: a pipe would be empty at the next reload, and a device might never end. */
static enum err read_file(const char *path,
    const char *where,
    char *to,
    size_t to_size,
    size_t *ret_len,
    struct err_info *reterr)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    if (fd < 0) {
        int error = errno;
        return err_set(reterr, ERR_CONFIG, "%s cannot be read: %s", where, strerrordesc_np(error));
    }
    struct stat status;
    if (fstat(fd, &status) != 0 || !S_ISREG(status.st_mode)) {
        (void)close(fd);
        return err_set(reterr, ERR_CONFIG, "%s is no regular file", where);
    }
    size_t len = 0;
    ssize_t got = 1;
    while (len < to_size && got > 0) {
        got = read(fd, to + len, to_size - len);
        if (got < 0 && errno == EINTR) {
            got = 1;
            continue;
        }
        len += got > 0 ? (size_t)got : 0;
    }
    int error = errno;
    (void)close(fd);
    if (got < 0) {
        return err_set(reterr, ERR_CONFIG, "%s cannot be read: %s", where, strerrordesc_np(error));
    }
    *ret_len = len;
    return ERR_OK;
}

/* A reference in a message: the end of a long path says more than its beginning, and the reason
 * behind it must fit too. */
static void show(struct str reference, char to[static SHOWN_BYTES])
{
    size_t room = SHOWN_BYTES - 1;
    bool fits = reference.len <= room;
    size_t len = fits ? reference.len : room - 3;
    struct str end = {reference.data + reference.len - len, len};
    (void)snprintf(to, SHOWN_BYTES, "%s" STR_FMT, fits ? "" : "...", STR_ARG(end));
}

enum err secret_resolve(struct secret_vault *vault,
    struct str reference,
    struct str folder,
    struct str *ret_value,
    struct err_info *reterr)
{
    REQUIRE(vault != NULL);
    REQUIRE(ret_value != NULL);
    enum source source = SOURCE_ENV;
    struct str name = STR_NONE;
    char where[SHOWN_BYTES];
    show(reference, where);
    TRY(reference_parse(reference, &source, &name, reterr));
    if (source == SOURCE_ENV) {
        char variable[NAME_BYTES_MAX + 1];
        (void)str_copy_to(variable, sizeof variable, name);
        const char *value = getenv(variable);
        if (value == NULL) {
            return err_set(reterr, ERR_CONFIG, "%s is not set", where);
        }
        return keep(vault, str_from(value), where, ret_value, reterr);
    }
    char path[PATH_MAX];
    TRY(secret_path(reference, folder, path, sizeof path, reterr));
    char raw[FILE_BYTES_MAX];
    size_t len = 0;
    enum err err = read_file(path, where, raw, sizeof raw, &len, reterr);
    if (err == ERR_OK && len == sizeof raw) {
        err = err_set(reterr, ERR_CONFIG, "%s is longer than any secret", where);
    } else if (err == ERR_OK) {
        err = keep(vault, (struct str){raw, len}, where, ret_value, reterr);
    }
    bytes_wipe(raw, sizeof raw);
    return err;
}

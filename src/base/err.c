#include "base/err.h"
#include "base/check.h"
#include "base/str.h"
#include <stdarg.h>
#include <stdio.h>

struct err_row {
    const char *name;
    const char *text;
    enum err_class class;
    int http_status;
    int exit_code;
};

static const struct err_row err_rows[] = {
#define ERR(name, class, http, exit, text)                                                         \
    [ERR_##name] = {#name, text, ERR_CLASS_##class, http, exit},
#include "base/err.def"
#undef ERR
};
_Static_assert(sizeof err_rows / sizeof err_rows[0] == ERR_COUNT, "every error has its row");
_Static_assert(ERR_OK == 0, "TRY and callers' memory rely on it");

static const struct err_row *err_row(enum err err)
{
    REQUIRE((unsigned)err < ERR_COUNT);
    return &err_rows[err];
}

const char *err_name(enum err err)
{
    return err_row(err)->name;
}

const char *err_text(enum err err)
{
    return err_row(err)->text;
}

enum err_class err_class(enum err err)
{
    return err_row(err)->class;
}

int err_http_status(enum err err)
{
    return err_row(err)->http_status;
}

int err_exit_code(enum err err)
{
    return err_row(err)->exit_code;
}

bool err_is_retryable(enum err err)
{
    enum err_class class = err_class(err);
    return class == ERR_CLASS_BUSY || class == ERR_CLASS_IO;
}

enum err err_set(struct err_info *reterr, enum err err, const char *format, ...)
{
    REQUIRE(err != ERR_OK);
    if (reterr == NULL) {
        return err;
    }
    va_list arguments;
    va_start(arguments, format);
    int len = vsnprintf(reterr->text, sizeof reterr->text, format, arguments);
    va_end(arguments);
    if (len < 0) {
        reterr->text[0] = '\0';
    } else if ((size_t)len >= sizeof reterr->text) {
        /* What was cut may have been cut inside a character; the text ends up in JSON. */
        struct str kept = {reterr->text, sizeof reterr->text - 1};
        reterr->text[str_prefix_utf8(kept, kept.len - 1).len] = '\0';
    }
    return err;
}

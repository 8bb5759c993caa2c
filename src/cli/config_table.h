/* config_table: the rows of config.def at run time, and how one value is judged.
 *
 * Layer: cli; for config_*.c and doctor.
 */
#pragma once

#include "base/arena.h"
#include "cli/config.h"

enum config_type {
    CONFIG_URL,
    CONFIG_ADDRESS,
    CONFIG_LEVEL,
    CONFIG_INT,
    CONFIG_DURATION,
    CONFIG_FLAG,
    CONFIG_PROVIDER,
    CONFIG_ENVIRONMENT,
    CONFIG_REFERENCES,
    CONFIG_REFERENCE,
    CONFIG_ACCOUNT_ID,
    CONFIG_API_BASE,
    CONFIG_ZONE,
    CONFIG_CODE,
    CONFIG_CLOCK,
    CONFIG_COMMAND,
    CONFIG_UNLINKED, /* these are one of two words, and true is the second */
    CONFIG_BANK,
    CONFIG_FEE_TAX,
    CONFIG_TYPE_COUNT
};

struct config_row {
    const char *section; /* "account" for the keys of `[account LABEL]` */
    const char *key;
    enum config_type type;
    const char *otherwise; /* the default; NULL: must be given */
    int64_t min, max;
    size_t offset; /* of the member, in struct config or struct config_account */
    const char *help;
};

#define CONFIG_ROWS_MAX 128
extern const struct config_row config_rows[];
extern const size_t config_row_count;

bool config_row_is_of_account(const struct config_row *row);
bool config_row_is_of_chart(const struct config_row *row);
/* NULL when there is no such key. */
const struct config_row *config_row_find(struct str section, struct str key);

/* Stores `value`, which must stay where it is, into the row's member of `base`. ERR_CONFIG; *reterr
 * says what is allowed and never repeats the value. */
MUST_USE enum err config_row_store(
    const struct config_row *row, struct str value, void *base, struct err_info *reterr);

/* "04:30", since midnight in microseconds; "off" is -1. ERR_MALFORMED */
MUST_USE enum err config_clock_parse(struct str text, int64_t *ret_us);
bool config_command_is_good(struct str command); /* text of one line */

/* --- what was written, before it is judged --- */

struct setting {
    struct str value; /* data is NULL when nothing was written */
    int line;         /* in the file */
    struct str name;  /* of the environment variable; empty when it stood in the file */
};

struct account_settings {
    struct str label;
    int line; /* of the section's head; 0 when it comes from the environment */
    struct setting settings[CONFIG_ROWS_MAX]; /* by row */
};

struct config_text {
    char file[80];                            /* for messages: the path, or the end of a long one */
    struct arena *arena;                      /* borrowed; everything here lives in it */
    struct setting settings[CONFIG_ROWS_MAX]; /* by row */
    struct account_settings *accounts;        /* LIMIT_ACCOUNTS of them */
    uint32_t account_count;
};

/* Reads the file into *text, which begins zeroed but for the arena. ERR_CONFIG with file and line,
 * ERR_NOT_FOUND, ERR_FILE_IO, ERR_BUSY. */
MUST_USE enum err config_read_file(
    struct config_text *text, const char *path, struct err_info *reterr);
/* The environment over it; *ret_found says whether any key was there. ERR_CONFIG */
MUST_USE enum err config_read_environment(
    struct config_text *text, bool *ret_found, struct err_info *reterr);

/* "FILE:LINE: [section] key: words", or "VARIABLE: words". Returns `err`. `account` may be NULL. */
MUST_USE enum err config_complain(const struct config_text *text,
    const struct account_settings *account,
    const struct config_row *row,
    const struct setting *setting,
    enum err err,
    const char *words,
    struct err_info *reterr);

/* What may be repeated in a message: a name, or else other words, because it may be a misplaced
 * secret. */
struct str config_shown_name(struct str name);
const char *config_nearest_key(struct str section, struct str key); /* NULL: none is near */
const char *config_nearest_section(struct str section);
bool config_label_is_good(struct str label);
/* Would both be the same in the name of an environment variable? */
bool config_label_matches(struct str label, struct str other);

/* --- accounts --- */

struct secret_vault;

/* Judges all accounts of `text` into config->accounts and ->details. `folder` is where relative
 * paths of secrets begin. ERR_CONFIG, ERR_BUSY */
MUST_USE enum err config_accounts(const struct config_text *text,
    struct str folder,
    struct secret_vault *vault,
    enum config_secrets secrets,
    struct config *config,
    struct err_info *reterr);

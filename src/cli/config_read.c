#include "base/check.h"
#include "base/limits.h"
#include "cli/config_table.h"
#include <errno.h>
#include <ini.h>
#include <stdio.h>
#include <sys/stat.h>

#define FILE_LINES_MAX 100000
#define LINE_BYTES_MAX 4096

/* inih hands over keys and values; where the sections are, how long a line may be and which line it
 * is, is seen by the reader below it, because inih cuts long names silently and does not count
 * lines for us. */
struct ini_state {
    struct config_text *text;
    FILE *file;
    int line;
    char separator; /* of key and value on the line, as inih sees it */
    bool section_given;
    struct str section;                 /* of the rows: "store", "account"; STR_NONE: unknown */
    struct account_settings *account;   /* of `[account LABEL]` */
    int section_lines[CONFIG_ROWS_MAX]; /* of the first row's index: where the section stood */
    enum err err;
    struct err_info *reterr;
};

static enum err fail(struct ini_state *state, enum err err, const char *format, ...)
    PRINTF_LIKE(3, 4);

/* The first complaint stands: what follows is often only its consequence. */
static enum err fail(struct ini_state *state, enum err err, const char *format, ...)
{
    if (state->err == ERR_OK) {
        char words[200];
        va_list arguments;
        va_start(arguments, format);
        (void)vsnprintf(words, sizeof words, format, arguments);
        va_end(arguments);
        state->err =
            err_set(state->reterr, err, "%s:%d: %s", state->text->file, state->line, words);
    }
    return state->err;
}

enum err config_complain(const struct config_text *text,
    const struct account_settings *account,
    const struct config_row *row,
    const struct setting *setting,
    enum err err,
    const char *words,
    struct err_info *reterr)
{
    REQUIRE(text != NULL);
    REQUIRE(row != NULL);
    REQUIRE(setting != NULL);
    if (setting->name.len > 0) {
        return err_set(reterr, err, STR_FMT ": %s", STR_ARG(setting->name), words);
    }
    struct str label = account == NULL ? STR_NONE : account->label;
    int line = setting->line > 0 ? setting->line : account == NULL ? 0 : account->line;
    char place[120] = "";
    if (line > 0) {
        (void)snprintf(place, sizeof place, "%s:%d: ", text->file, line);
    }
    return err_set(reterr, err, "%s[%s%s" STR_FMT "] %s: %s", place, row->section,
        label.len > 0 ? " " : "", STR_ARG(label), row->key, words);
}

/* --- the file --- */

static enum err say_taken(
    struct ini_state *state, struct str label, const struct account_settings *other)
{
    if (str_eq(other->label, label)) {
        return fail(state, ERR_CONFIG,
            "[account " STR_FMT "] stands on line %d already; a label has one environment, so use "
            "two labels for live and test",
            STR_ARG(label), other->line);
    }
    return fail(state, ERR_CONFIG,
        "rename [account " STR_FMT "] or [account " STR_FMT "] on line %d: environment variables "
        "cannot tell - from _",
        STR_ARG(label), STR_ARG(other->label), other->line);
}

static enum err begin_account(struct ini_state *state, struct str label)
{
    struct config_text *text = state->text;
    if (!config_label_is_good(label)) {
        return fail(state, ERR_CONFIG,
            "[account LABEL] wants a label of up to %d lower-case letters, digits, - and _",
            CONFIG_LABEL_BYTES);
    }
    for (uint32_t i = 0; i < text->account_count; i++) {
        if (config_label_matches(text->accounts[i].label, label)) {
            return say_taken(state, label, &text->accounts[i]);
        }
    }
    if (text->account_count == LIMIT_ACCOUNTS) {
        return fail(state, ERR_CONFIG, "more than %d accounts", LIMIT_ACCOUNTS);
    }
    state->account = &text->accounts[text->account_count];
    state->account->label = arena_copy(text->arena, label);
    state->account->line = state->line;
    text->account_count++;
    state->section = STR("account");
    return state->account->label.data == NULL ? fail(state, ERR_BUSY, "out of memory") : ERR_OK;
}

/* `name` is what stands between the brackets. */
static enum err begin_section(struct ini_state *state, struct str name)
{
    state->section_given = true;
    state->account = NULL;
    struct str label = name;
    struct str word = str_cut(&label, ' ');
    if (str_eq(word, STR("account"))) {
        return begin_account(state, str_trim(label));
    }
    for (size_t i = 0; i < config_row_count; i++) {
        if (str_eq(name, str_from(config_rows[i].section))) {
            if (state->section_lines[i] > 0) {
                return fail(state, ERR_CONFIG, "[%s] stands on line %d already",
                    config_rows[i].section, state->section_lines[i]);
            }
            state->section_lines[i] = state->line;
            state->section = str_from(config_rows[i].section);
            return ERR_OK;
        }
    }
    const char *near = config_nearest_section(word);
    struct str shown = config_shown_name(name);
    return fail(state, ERR_CONFIG, "there is no section [" STR_FMT "]%s%s%s", STR_ARG(shown),
        near == NULL ? "" : "; did you mean [", near == NULL ? "" : near, near == NULL ? "" : "]?");
}

static enum err look_at_line(struct ini_state *state, struct str line)
{
    if (!str_is_utf8(line) || memchr(line.data, '\0', line.len) != NULL) {
        return fail(state, ERR_CONFIG, "the line is not UTF-8 text");
    }
    if (line.len == 0 || line.data[0] != '[') {
        const char *equals = memchr(line.data, '=', line.len);
        const char *colon = memchr(line.data, ':', line.len);
        state->separator = equals == NULL || (colon != NULL && colon < equals) ? ':' : '=';
        return ERR_OK;
    }
    struct str behind = {line.data + 1, line.len - 1};
    struct str name = str_cut(&behind, ']');
    behind = str_trim(behind);
    if (name.len == line.len - 1 ||
        (behind.len > 0 && behind.data[0] != ';' && behind.data[0] != '#')) {
        return fail(state, ERR_CONFIG, "a section is [name], alone on its line");
    }
    return begin_section(state, str_trim(name));
}

/* inih's reader, like fgets; blanks at the beginning of a line are left out, so that an indented
 * key is a key and not the continuation of the line before. NULL ends the reading. */
static char *read_line(char *to, int size, void *stream)
{
    struct ini_state *state = stream;
    size_t len = 0;
    int c = EOF;
    state->line++;
    while ((c = getc_unlocked(state->file)) != EOF && c != '\n') {
        bool leading = len == 0 && (c == ' ' || c == '\t');
        bool mark = state->line == 1 && len == 3 && memcmp(to, "\xef\xbb\xbf", 3) == 0;
        if (leading) {
            continue;
        }
        len = mark ? 0 : len; /* a byte order mark at the beginning of the file */
        if (len + 3 > (size_t)size) {
            (void)fail(state, ERR_CONFIG, "the line is longer than %d bytes", size - 3);
            return NULL;
        }
        to[len++] = (char)c;
    }
    if (c == EOF && len == 0) {
        return NULL;
    }
    if (state->line > FILE_LINES_MAX ||
        look_at_line(state, str_trim((struct str){to, len})) != ERR_OK) {
        (void)fail(state, ERR_CONFIG, "the file has too many lines");
        return NULL;
    }
    to[len++] = '\n';
    to[len] = '\0';
    return to;
}

/* inih ends a key at a colon too, which the accounts of [chart] have in their names. */
static void join_account(
    const struct ini_state *state, struct str *key, struct str *value, char *to, size_t size)
{
    if (!str_eq(state->section, STR("chart")) || state->separator != ':') {
        return;
    }
    int len = snprintf(to, size, STR_FMT ":" STR_FMT, STR_ARG(*key), STR_ARG(*value));
    struct str rest = {to, len > 0 && (size_t)len < size ? (size_t)len : 0};
    *key = str_trim(str_cut(&rest, '='));
    *value = rest;
}

static int take_key(void *user, const char *section, const char *name, const char *value_text)
{
    (void)section; /* inih's own idea of it is cut at 50 bytes */
    struct ini_state *state = user;
    struct str key = str_from(name);
    struct str value = str_from(value_text);
    char joined[LINE_BYTES_MAX];
    join_account(state, &key, &value, joined, sizeof joined);
    if (state->err != ERR_OK) {
        return 0;
    }
    struct str shown = config_shown_name(key);
    if (!state->section_given) {
        (void)fail(
            state, ERR_CONFIG, "`" STR_FMT "` stands before the first [section]", STR_ARG(shown));
        return 0;
    }
    const struct config_row *row = config_row_find(state->section, key);
    if (row == NULL) {
        const char *near = config_nearest_key(state->section, key);
        (void)fail(state, ERR_CONFIG, "[" STR_FMT "] has no key `" STR_FMT "`%s%s%s",
            STR_ARG(state->section), STR_ARG(shown), near == NULL ? "" : "; did you mean `",
            near == NULL ? "" : near, near == NULL ? "" : "`?");
        return 0;
    }
    struct setting *settings =
        state->account != NULL ? state->account->settings : state->text->settings;
    struct setting *setting = &settings[row - config_rows];
    if (setting->value.data != NULL) {
        (void)fail(state, ERR_CONFIG, "[" STR_FMT "] %s: stands on line %d already",
            STR_ARG(state->section), row->key, setting->line);
        return 0;
    }
    setting->value = arena_copy(state->text->arena, str_trim(value));
    setting->line = state->line;
    if (setting->value.data == NULL) {
        (void)fail(state, ERR_BUSY, "out of memory");
    }
    return state->err == ERR_OK;
}

static void name_file(struct config_text *text, const char *path)
{
    struct str shown = str_from(path);
    size_t room = sizeof text->file - 1;
    if (shown.len > room) { /* the end of a path says more than its beginning */
        struct str end = {shown.data + shown.len - (room - 3), room - 3};
        (void)snprintf(text->file, sizeof text->file, "..." STR_FMT, STR_ARG(end));
    } else {
        (void)str_copy_to(text->file, sizeof text->file, shown);
    }
}

enum err config_read_file(struct config_text *text, const char *path, struct err_info *reterr)
{
    REQUIRE(text != NULL);
    REQUIRE(path != NULL);
    name_file(text, path);
    FILE *file = fopen(path, "re");
    if (file == NULL) {
        int error = errno;
        return err_set(reterr, error == ENOENT ? ERR_NOT_FOUND : ERR_FILE_IO,
            "the configuration %s cannot be read: %s", text->file, strerrordesc_np(error));
    }
    struct stat status;
    struct ini_state state = {.text = text, .file = file, .reterr = reterr};
    if (fstat(fileno(file), &status) != 0 || S_ISDIR(status.st_mode)) {
        (void)fclose(file);
        return err_set(reterr, ERR_FILE_IO, "the configuration %s is no file", text->file);
    }
#if defined(HAVE_INI_MAX_LINE)
    ini_max_line = LINE_BYTES_MAX; /* Debian's inih; elsewhere it is 200 */
#endif
    int result = ini_parse_stream(read_line, &state, take_key, &state);
    bool broken = ferror(file) != 0;
    (void)fclose(file);
    if (state.err != ERR_OK) {
        return state.err;
    }
    if (broken || result < 0) {
        return err_set(reterr, ERR_FILE_IO, "the configuration %s cannot be read", text->file);
    }
    state.line = result;
    return result > 0 ? fail(&state, ERR_CONFIG, "is neither `key = value` nor `[section]`")
                      : ERR_OK;
}

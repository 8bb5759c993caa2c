#include "base/check.h"
#include "base/json.h"
#include "sandbox/truth_internal.h"
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

/* ---- the file -------------------------------------------------------------------------------- */

static void write_entry(const struct truth *truth, const struct entry *entry, struct buf *to)
{
    uint64_t acked = entry->acked == NULL ? 0 : entry->acked->number;
    struct json_writer writer;
    json_writer_init(&writer, to);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("kind"), str_from(truth_kind_word(entry->kind)));
    json_add_string(&writer, STR("id"), str_from(entry->id));
    if (entry->account != 0) {
        const struct truth_account *account = &truth->accounts[entry->account - 1];
        json_add_string(&writer, STR("account"), str_from(account->id));
        json_add_bool(&writer, STR("left"), account->left);
    }
    json_add_bool(&writer, STR("lags"), entry->acked != entry->newest);
    if (entry->acked != entry->newest) {
        json_add_raw(&writer, STR("newest"), str_from(entry->newest->says));
    }
    if (entry->acked != NULL) {
        json_add_raw(&writer, STR("acknowledged"), str_from(entry->acked->says));
    } else {
        json_add_null(&writer, STR("acknowledged"));
    }
    json_begin_array(&writer, STR("unanswered"));
    for (const struct truth_note *note = entry->tried; note != NULL; note = note->next) {
        if (note->number > acked) {
            json_add_raw(&writer, STR_NONE, str_from(note->says));
        }
    }
    json_end_array(&writer);
    json_end_object(&writer);
    buf_add_char(to, '\n');
}

static bool write_all(const struct truth *truth, FILE *file, struct str head)
{
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, (size_t)1024 * 1024);
    bool good = fwrite(head.data, 1, head.len, file) == head.len && fputc('\n', file) != EOF;
    for (uint32_t i = 0; good && i < truth->entry_count; i++) {
        buf_clear(&line);
        write_entry(truth, &truth->entries[i], &line);
        good = !line.failed && fwrite(line.data, 1, line.len, file) == line.len;
    }
    return good && fflush(file) == 0 && fsync(fileno(file)) == 0;
}

enum err truth_write(
    const struct truth *truth, const char *path, struct str head, struct err_info *reterr)
{
    REQUIRE(truth != NULL);
    char beside[4096];
    int written = snprintf(beside, sizeof beside, "%s.new", path);
    if (written < 0 || (size_t)written >= sizeof beside) {
        return err_set(reterr, ERR_TOO_LARGE, "the path of the state file is too long");
    }
    FILE *file = fopen(beside, "we");
    if (file == NULL) {
        return err_set(reterr, ERR_FILE_IO, "%s: %s", beside, strerror(errno));
    }
    bool good = write_all(truth, file, head);
    int cause = errno;
    good = fclose(file) == 0 && good && rename(beside, path) == 0;
    return good ? ERR_OK : err_set(reterr, ERR_FILE_IO, "%s: %s", path, strerror(cause));
}

/* ---- reading --------------------------------------------------------------------------------- */

enum err truth_line_read(struct str line, struct arena *arena, struct truth_line *ret_line)
{
    struct json_document document;
    TRY(json_parse(line, arena, &document));
    struct truth_line result = {.id = json_string(json_get(document.root, STR("id")))};
    if (json_get(document.root, STR("kind")) == NULL) {
        return ERR_NOT_FOUND;
    }
    if (result.id.len == 0 ||
        !truth_kind_parse(json_string(json_get(document.root, STR("kind"))), &result.kind)) {
        return ERR_MALFORMED;
    }
    result.account = json_string(json_get(document.root, STR("account")));
    result.left = json_bool(json_get(document.root, STR("left")), false);
    result.lags = json_bool(json_get(document.root, STR("lags")), false);
    const struct json *acked = json_get(document.root, STR("acknowledged"));
    if (!json_is_null(acked)) {
        result.acked = true;
        result.candidates[result.candidate_count++] = acked;
    }
    result.newest = result.lags ? json_get(document.root, STR("newest")) : acked;
    const struct json *list = json_get(document.root, STR("unanswered"));
    if (list == NULL || list->kind != JSON_ARRAY ||
        list->count + result.candidate_count > TRUTH_CANDIDATES_MAX) {
        return ERR_MALFORMED;
    }
    for (const struct json *at = list->first; at != NULL; at = at->next) {
        result.candidates[result.candidate_count++] = at;
    }
    *ret_line = result;
    return ERR_OK;
}

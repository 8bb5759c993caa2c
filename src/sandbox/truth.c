#include "sandbox/truth.h"
#include "base/check.h"
#include "base/json.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define ID_BYTES 64
#define EVENT_ARENA_BYTES ((size_t)1024 * 1024)
#define SAYS_BYTES_MAX ((size_t)8192)

struct truth_note {
    uint64_t number; /* of the event, in the merchant's order */
    uint32_t entry;
    uint32_t holders;
    bool tried, acked;
    struct truth_note *next; /* in its entry's list of tried ones */
    struct truth_note *also; /* held; what the same event says of another object */
    char says[];             /* JSON, NUL-terminated */
};

struct entry {
    enum truth_kind kind;
    char id[ID_BYTES];
    struct truth_note *newest; /* held; of the newest event made */
    struct truth_note *acked;  /* held */
    struct truth_note *tried;  /* held; without answer so far */
};

struct truth {
    struct entry *entries;
    uint32_t *slots; /* open addressing: number of the entry + 1, 0 is free */
    uint32_t entry_count, entry_room, slot_mask;
    uint64_t event_count;
    struct arena *arena;
    struct buf says;
};

static const char *const kind_words[TRUTH_KIND_COUNT] = {
    "payment_intent",
    "charge",
#define RECORD(KIND, word) word,
#include "sandbox/records.def"
};

enum how {
    HOW_AS_IS,
    HOW_STATE,
    HOW_SET,
    HOW_IS,
    HOW_ABOVE,
    HOW_TOLD,
    HOW_LESS,
    HOW_SUM,
    HOW_MINUS,
    HOW_ANY_TAKEN,
    HOW_ANY_GIVEN,
    HOW_FIRST
};

#define TEXT_OF(text)                                                                              \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }
static const struct says_row {
    enum truth_kind kind;
    enum how how;
    struct str name, path;
} says_rows[] = {
#define SAYS(kind, name, path) {TRUTH_##kind, HOW_AS_IS, TEXT_OF(name), TEXT_OF(path)},
#include "sandbox/truth.def"
#undef SAYS
#define SAYS(kind, member, how, path) {TRUTH_##kind, HOW_##how, TEXT_OF(#member), TEXT_OF(path)},
#include "sandbox/records.def"
};

static const struct part_row {
    enum truth_kind kind, child;
    struct str path;
} part_rows[] = {
#define PART(kind, child, path) {TRUTH_##kind, TRUTH_##child, TEXT_OF(path)},
#include "sandbox/records.def"
};

const char *truth_kind_word(enum truth_kind kind)
{
    REQUIRE(kind < TRUTH_KIND_COUNT);
    return kind_words[kind];
}

static bool kind_parse(struct str word, enum truth_kind *ret_kind)
{
    for (int i = 0; i < TRUTH_KIND_COUNT; i++) {
        if (str_eq(word, str_from(kind_words[i]))) {
            *ret_kind = (enum truth_kind)i;
            return true;
        }
    }
    return false;
}

struct truth *truth_new(uint32_t objects_max)
{
    REQUIRE(objects_max > 0 && objects_max < UINT32_MAX / 4);
    struct truth *truth = calloc(1, sizeof *truth);
    if (truth == NULL) {
        return NULL;
    }
    uint32_t slots = 1024;
    while (slots < 2 * objects_max) {
        slots *= 2;
    }
    truth->entry_room = objects_max;
    truth->slot_mask = slots - 1;
    truth->entries = calloc(objects_max, sizeof *truth->entries);
    truth->slots = calloc(slots, sizeof *truth->slots);
    truth->arena = arena_new(EVENT_ARENA_BYTES);
    buf_init(&truth->says, SAYS_BYTES_MAX);
    if (truth->entries == NULL || truth->slots == NULL || truth->arena == NULL) {
        return truth_free(truth);
    }
    return truth;
}

struct truth *truth_free(struct truth *truth)
{
    if (truth == NULL) {
        return NULL;
    }
    for (uint32_t i = 0; truth->entries != NULL && i < truth->entry_count; i++) {
        struct truth_note *note = truth->entries[i].tried;
        while (note != NULL) {
            struct truth_note *next = note->next;
            truth_note_drop(note);
            note = next;
        }
        truth_note_drop(truth->entries[i].acked);
        truth_note_drop(truth->entries[i].newest);
    }
    free(truth->entries);
    free(truth->slots);
    truth->arena = arena_free(truth->arena);
    buf_fini(&truth->says);
    free(truth);
    return NULL;
}

/* ---- what is told ---------------------------------------------------------------------------- */

static enum err find_or_add(
    struct truth *truth, enum truth_kind kind, struct str id, uint32_t *ret_entry)
{
    uint32_t slot = (uint32_t)hash_bytes(id.data, id.len, 0) & truth->slot_mask;
    while (truth->slots[slot] != 0) {
        uint32_t at = truth->slots[slot] - 1;
        if (str_eq(id, str_from(truth->entries[at].id))) {
            *ret_entry = at;
            return ERR_OK;
        }
        slot = (slot + 1) & truth->slot_mask;
    }
    if (truth->entry_count == truth->entry_room || id.len >= ID_BYTES) {
        return ERR_TOO_LARGE;
    }
    uint32_t at = truth->entry_count++;
    truth->entries[at] = (struct entry){.kind = kind};
    (void)str_copy_to(truth->entries[at].id, sizeof truth->entries[at].id, id);
    truth->slots[slot] = at + 1;
    *ret_entry = at;
    return ERR_OK;
}

static void add_scalar(struct json_writer *to, struct str name, const struct json *value)
{
    if (json_is_null(value)) {
        json_add_null(to, name);
    } else if (value->kind == JSON_BOOL) {
        json_add_bool(to, name, value->truth);
    } else if (value->kind == JSON_NUMBER) {
        json_add_raw(to, name, value->text);
    } else {
        json_add_string(to, name, json_string(value));
    }
}

static int64_t number_at(const struct json *object, struct str path)
{
    int64_t number = 0;
    return json_int64(json_path(object, path), &number) == ERR_OK ? number : 0;
}

/* API versions before 2022-11-15 list the charges, the newest first, instead of naming it. */
static const struct json *value_of(const struct json *object, const struct says_row *row)
{
    const struct json *value = json_path(object, row->path);
    if (value == NULL && str_eq(row->path, STR("latest_charge"))) {
        const struct json *charges = json_path(object, STR("charges.data"));
        value = charges == NULL ? NULL : json_get(charges->first, STR("id"));
    }
    return value;
}

/* Of the amounts in a list: their sum, and whether money was taken and given. */
struct amounts {
    int64_t sum;
    bool taken, given;
    struct str currency; /* of the first */
};

static struct amounts add_up(const struct json *list)
{
    struct amounts amounts = {.currency = STR_NONE};
    if (list == NULL || list->kind != JSON_ARRAY) {
        return amounts;
    }
    amounts.currency = json_string(json_get(list->first, STR("currency")));
    for (const struct json *at = list->first; at != NULL; at = at->next) {
        int64_t amount = number_at(at, STR("amount"));
        amounts.sum += amount;
        amounts.taken |= amount < 0;
        amounts.given |= amount > 0;
    }
    return amounts;
}

static int64_t difference(const struct json *object, struct str paths)
{
    struct str minuend = str_cut(&paths, ' ');
    return json_is_null(json_path(object, minuend))
               ? 0
               : number_at(object, minuend) - number_at(object, paths);
}

static bool is_word(const struct json *object, struct str path)
{
    const struct json *value = json_path(object, str_cut(&path, '='));
    return str_eq(json_string(value), path);
}

static void add_said(struct json_writer *to,
    const struct says_row *row,
    const struct json *object,
    struct str event_type)
{
    const struct amounts amounts = add_up(json_path(object, row->path));
    switch (row->how) {
    case HOW_AS_IS:
        add_scalar(to, row->name, value_of(object, row));
        break;
    case HOW_STATE:
        if (str_ends_with(event_type, STR(".deleted"))) {
            json_add_string(to, row->name, STR("deleted"));
        } else {
            add_scalar(to, row->name, value_of(object, row));
        }
        break;
    case HOW_SET:
        json_add_bool(to, row->name, !json_is_null(json_path(object, row->path)));
        break;
    case HOW_IS:
        json_add_bool(to, row->name, is_word(object, row->path));
        break;
    case HOW_ABOVE:
        json_add_bool(to, row->name, number_at(object, row->path) > 0);
        break;
    case HOW_TOLD:
        json_add_bool(to, row->name, str_eq(event_type, row->path));
        break;
    case HOW_LESS:
        json_add_int(to, row->name, difference(object, row->path));
        break;
    case HOW_SUM:
        json_add_int(to, row->name, amounts.sum);
        break;
    case HOW_MINUS:
        json_add_int(to, row->name, -amounts.sum);
        break;
    case HOW_ANY_TAKEN:
        json_add_bool(to, row->name, amounts.taken);
        break;
    case HOW_ANY_GIVEN:
        json_add_bool(to, row->name, amounts.given);
        break;
    case HOW_FIRST:
        json_add_string(to, row->name, amounts.currency);
        break;
    default:
        UNREACHABLE();
    }
}

static void write_says(
    const struct json *root, const struct json *object, enum truth_kind kind, struct buf *to)
{
    struct str type = json_string(json_get(root, STR("type")));
    struct json_writer writer;
    json_writer_init(&writer, to);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("event"), json_string(json_get(root, STR("id"))));
    json_add_string(&writer, STR("type"), type);
    for (size_t i = 0; i < sizeof says_rows / sizeof *says_rows; i++) {
        if (says_rows[i].kind == kind) {
            add_said(&writer, &says_rows[i], object, type);
        }
    }
    json_end_object(&writer);
}

static struct truth_note *note_new(uint64_t number, uint32_t entry, struct str says)
{
    struct truth_note *note = calloc(1, sizeof *note + says.len + 1);
    if (note != NULL) {
        note->number = number;
        note->entry = entry;
        note->holders = 1;
        memcpy(note->says, says.data, says.len);
    }
    return note;
}

/* Appends a note of what the event says of the object. Nothing, when it has said something of it
 * already. */
static enum err note_object(struct truth *truth,
    const struct json *root,
    const struct json *object,
    enum truth_kind kind,
    struct truth_note **chain)
{
    uint32_t entry = 0;
    TRY(find_or_add(truth, kind, json_string(json_get(object, STR("id"))), &entry));
    struct truth_note *before = truth->entries[entry].newest;
    if (before != NULL && before->number == truth->event_count) {
        return ERR_OK;
    }
    buf_clear(&truth->says);
    write_says(root, object, kind, &truth->says);
    struct truth_note *note =
        truth->says.failed ? NULL : note_new(truth->event_count, entry, buf_str(&truth->says));
    if (note == NULL) {
        return ERR_TOO_LARGE;
    }
    truth_note_drop(before);
    truth->entries[entry].newest = truth_note_hold(note);
    while (*chain != NULL) {
        chain = &(*chain)->also;
    }
    *chain = note;
    return ERR_OK;
}

/* The first element of what is inside: one object, or a list of them; `next` leads on. */
static const struct json *first_part(const struct json *inside)
{
    const struct json *data = json_get(inside, STR("data"));
    return data != NULL ? data->first : inside;
}

/* The object and what is inside of it, which goes no deeper than tables say. */
static enum err note_all(struct truth *truth,
    const struct json *root,
    const struct json *object,
    enum truth_kind kind,
    struct truth_note **chain)
{
    TRY(note_object(truth, root, object, kind, chain));
    for (size_t i = 0; i < sizeof part_rows / sizeof *part_rows; i++) {
        const struct part_row *row = &part_rows[i];
        const struct json *inside = row->kind == kind ? json_path(object, row->path) : NULL;
        bool listed = json_get(inside, STR("data")) != NULL;
        for (const struct json *at = first_part(inside); at != NULL; at = at->next) {
            TRY(note_all(truth, root, at, row->child, chain));
            if (!listed) {
                break; /* what follows it is another member */
            }
        }
    }
    return ERR_OK;
}

enum err truth_made(struct truth *truth, struct str event_body, struct truth_note **ret_note)
{
    REQUIRE(truth != NULL);
    struct json_document document;
    enum truth_kind kind = TRUTH_INTENT;
    struct truth_note *chain = NULL;
    arena_reset(truth->arena);
    TRY(json_parse(event_body, truth->arena, &document));
    truth->event_count++;
    const struct json *object = json_path(document.root, STR("data.object"));
    if (!kind_parse(json_string(json_get(object, STR("object"))), &kind)) {
        *ret_note = NULL;
        return ERR_OK;
    }
    enum err err = note_all(truth, document.root, object, kind, &chain);
    if (err != ERR_OK) {
        truth_note_drop(chain);
        return err;
    }
    *ret_note = chain;
    return ERR_OK;
}

struct truth_note *truth_note_hold(struct truth_note *note)
{
    if (note != NULL) {
        note->holders++;
    }
    return note;
}

void truth_note_drop(struct truth_note *note)
{
    if (note != NULL) {
        INVARIANT(note->holders > 0);
        if (--note->holders == 0) {
            truth_note_drop(note->also);
            free(note);
        }
    }
}

static void try_one(struct truth *truth, struct truth_note *note)
{
    if (note->tried || note->acked) {
        return;
    }
    struct entry *entry = &truth->entries[note->entry];
    note->tried = true;
    note->next = entry->tried;
    entry->tried = truth_note_hold(note);
}

void truth_tried(struct truth *truth, struct truth_note *note)
{
    REQUIRE(truth != NULL);
    for (; note != NULL; note = note->also) {
        try_one(truth, note);
    }
}

static void unlink_tried(struct entry *entry, struct truth_note *note)
{
    for (struct truth_note **at = &entry->tried; *at != NULL; at = &(*at)->next) {
        if (*at == note) {
            *at = note->next;
            note->next = NULL;
            truth_note_drop(note);
            return;
        }
    }
}

static void acknowledge_one(struct truth *truth, struct truth_note *note)
{
    if (note->acked) {
        return;
    }
    struct entry *entry = &truth->entries[note->entry];
    note->acked = true;
    if (entry->acked == NULL || entry->acked->number < note->number) {
        struct truth_note *before = entry->acked;
        entry->acked = truth_note_hold(note);
        truth_note_drop(before);
    }
    unlink_tried(entry, note);
}

void truth_acked(struct truth *truth, struct truth_note *note)
{
    REQUIRE(truth != NULL);
    for (; note != NULL; note = note->also) {
        acknowledge_one(truth, note);
    }
}

uint32_t truth_object_count(const struct truth *truth)
{
    return truth->entry_count;
}

uint32_t truth_lagging_count(const struct truth *truth)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < truth->entry_count; i++) {
        const struct entry *entry = &truth->entries[i];
        count += entry->acked != entry->newest ? 1 : 0;
    }
    return count;
}

/* ---- the file -------------------------------------------------------------------------------- */

static void write_entry(const struct entry *entry, struct buf *to)
{
    uint64_t acked = entry->acked == NULL ? 0 : entry->acked->number;
    struct json_writer writer;
    json_writer_init(&writer, to);
    json_begin_object(&writer, STR_NONE);
    json_add_string(&writer, STR("kind"), str_from(kind_words[entry->kind]));
    json_add_string(&writer, STR("id"), str_from(entry->id));
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
        write_entry(&truth->entries[i], &line);
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
        !kind_parse(json_string(json_get(document.root, STR("kind"))), &result.kind)) {
        return ERR_MALFORMED;
    }
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

#include "flow/drift.h"
#include "base/check.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/timestamp.h"
#include <stdlib.h>

#define KEYS_MAX 16384
#define SLOT_COUNT (2 * KEYS_MAX)
#define WORDS_MAX 256
#define WORD_BYTES 64
#define TYPE_BYTES 121
#define VERSION_BYTES 64
#define FIELD_BYTES 128
#define SAVE_EVERY_US (10 * US_PER_SECOND)

struct key {
    uint64_t hash;
    char event_type[TYPE_BYTES], api_version[VERSION_BYTES], field[FIELD_BYTES];
    int64_t seen, absent, absent_in_row;
    int64_t saved_seen, saved_absent; /* what the store has of them */
    int64_t saving_seen, saving_absent;
    bool told;
};

struct word {
    char event_type[TYPE_BYTES], field[FIELD_BYTES], word[WORD_BYTES];
    int64_t count, saved, saving;
};

struct drift {
    struct key *keys; /* KEYS_MAX */
    uint32_t key_count;
    uint32_t slots[SLOT_COUNT]; /* key number + 1 */
    struct word words[WORDS_MAX];
    uint32_t word_count;
    int64_t saved_us, saving_us;
    bool is_new;    /* something was counted since */
    bool is_saving; /* the transaction under way has it */
    struct arena *scratch;
};

struct drift *drift_new(void)
{
    struct drift *drift = calloc(1, sizeof *drift);
    if (drift == NULL) {
        return NULL;
    }
    drift->keys = calloc(KEYS_MAX, sizeof *drift->keys);
    drift->scratch = arena_new((size_t)64 * 1024 * 1024);
    return drift->keys == NULL || drift->scratch == NULL ? drift_free(drift) : drift;
}

struct drift *drift_free(struct drift *drift)
{
    if (drift != NULL) {
        free(drift->keys);
        (void)arena_free(drift->scratch);
        free(drift);
    }
    return NULL;
}

bool drift_is_odd(const struct drift_count *count)
{
    int64_t absent_before = count->absent - count->absent_in_row;
    return count->absent_in_row >= DRIFT_ABSENT_IN_ROW && count->seen >= DRIFT_SEEN_MIN &&
           absent_before <= (count->seen + absent_before) / 100;
}

/* --- keys --- */

/* What the keys of one event share. */
struct shape {
    struct str event_type, api_version;
    uint64_t hash;
};

static struct shape shape_of(struct str event_type, struct str api_version)
{
    uint64_t hash = hash_bytes(event_type.data, event_type.len, 0);
    return (struct shape){
        event_type, api_version, hash_bytes(api_version.data, api_version.len, hash)};
}

static bool is_key(
    const struct key *key, uint64_t hash, const struct shape *shape, struct str field)
{
    return key->hash == hash && str_eq(str_from(key->event_type), shape->event_type) &&
           str_eq(str_from(key->api_version), shape->api_version) &&
           str_eq(str_from(key->field), field);
}

/* NULL when it is new and there is no room. */
static struct key *key_at(struct drift *drift, const struct shape *shape, struct str field)
{
    uint64_t hash = hash_bytes(field.data, field.len, shape->hash);
    uint32_t at = (uint32_t)hash % SLOT_COUNT;
    while (drift->slots[at] != 0) {
        struct key *key = &drift->keys[drift->slots[at] - 1];
        if (is_key(key, hash, shape, field)) {
            return key;
        }
        at = (at + 1) % SLOT_COUNT;
    }
    if (drift->key_count == KEYS_MAX || shape->event_type.len >= TYPE_BYTES ||
        shape->api_version.len >= VERSION_BYTES || field.len >= FIELD_BYTES) {
        return NULL;
    }
    struct key *key = &drift->keys[drift->key_count++];
    drift->slots[at] = drift->key_count;
    key->hash = hash;
    (void)str_copy_to(key->event_type, sizeof key->event_type, shape->event_type);
    (void)str_copy_to(key->api_version, sizeof key->api_version, shape->api_version);
    (void)str_copy_to(key->field, sizeof key->field, field);
    return key;
}

static struct drift_count counts_of(const struct key *key)
{
    return (struct drift_count){.event_type = str_from(key->event_type),
        .api_version = str_from(key->api_version),
        .field = str_from(key->field),
        .seen = key->seen,
        .absent = key->absent,
        .absent_in_row = key->absent_in_row};
}

/* --- counting --- */

static void tell_drift(struct key *key)
{
    struct drift_count count = counts_of(key);
    if (key->told || !drift_is_odd(&count)) {
        return;
    }
    key->told = true;
    metric_add(METRIC_FIELDS_DRIFTED, 1);
    log_event(LOG_WARNING, "field_drifted", log_text("type", key->event_type),
        log_text("version", key->api_version), log_text("field", key->field));
}

static void note_field(struct drift *drift, const struct shape *shape, const struct field_seen *of)
{
    char name[FIELD_BYTES];
    struct str object = str_from(of->object);
    struct str path = str_from(of->path);
    if (object.len + 1 + path.len >= sizeof name) {
        return;
    }
    memcpy(name, object.data, object.len);
    name[object.len] = '.';
    memcpy(name + object.len + 1, path.data, path.len);
    struct str field = {name, object.len + 1 + path.len};
    struct key *key = key_at(drift, shape, field);
    if (key == NULL) {
        return;
    }
    if (of->seen) {
        key->seen++;
        key->absent_in_row = 0;
        key->told = false;
    } else {
        key->absent++;
        key->absent_in_row++;
        tell_drift(key);
    }
}

static void note_word(struct drift *drift, struct str event_type, const struct notice_list *of)
{
    struct str word = of->unknown_word;
    struct str field = str_from(of->unknown_word_of);
    metric_add(METRIC_WORDS_UNKNOWN, 1);
    if (word.len >= WORD_BYTES || event_type.len >= TYPE_BYTES || field.len >= FIELD_BYTES) {
        return;
    }
    for (uint32_t i = 0; i < drift->word_count; i++) {
        struct word *known = &drift->words[i];
        if (str_eq(str_from(known->word), word) && str_eq(str_from(known->field), field) &&
            str_eq(str_from(known->event_type), event_type)) {
            known->count++;
            return;
        }
    }
    if (drift->word_count == WORDS_MAX) {
        return;
    }
    struct word *known = &drift->words[drift->word_count++];
    (void)str_copy_to(known->event_type, sizeof known->event_type, event_type);
    (void)str_copy_to(known->field, sizeof known->field, field);
    (void)str_copy_to(known->word, sizeof known->word, word);
    known->count = 1;
    log_event(LOG_WARNING, "word_unknown", log_text("type", known->event_type),
        log_text("field", known->field), log_text("word", known->word));
}

void drift_note(struct drift *drift,
    struct str event_type,
    struct str api_version,
    const struct notice_list *of)
{
    REQUIRE(drift != NULL && of != NULL);
    struct shape shape = shape_of(event_type, api_version);
    for (uint32_t i = 0; i < of->field_count; i++) {
        note_field(drift, &shape, &of->fields[i]);
    }
    if (of->unknown_word.len > 0) {
        note_word(drift, event_type, of);
    }
    drift->is_new = drift->is_new || of->field_count > 0 || of->unknown_word.len > 0;
}

/* --- the store --- */

enum err drift_load(struct drift *drift, struct store *store, struct err_info *reterr)
{
    REQUIRE(drift != NULL && store != NULL);
    struct drift_count *counts = NULL;
    uint32_t count = 0;
    arena_reset(drift->scratch);
    TRY(drift_list(store, drift->scratch, &counts, &count, reterr));
    for (uint32_t i = 0; i < count; i++) {
        struct shape shape = shape_of(counts[i].event_type, counts[i].api_version);
        struct key *key = key_at(drift, &shape, counts[i].field);
        if (key != NULL) {
            key->seen = key->saved_seen = counts[i].seen;
            key->absent = key->saved_absent = counts[i].absent;
            key->absent_in_row = counts[i].absent_in_row;
            key->told = drift_is_odd(&counts[i]);
        }
    }
    return ERR_OK;
}

static enum err save_counts(
    struct drift *drift, struct store *store, int64_t now_us, struct err_info *reterr)
{
    struct drift_count *counts =
        arena_new_array(drift->scratch, struct drift_count, drift->key_count + 1);
    if (counts == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "no memory for the counts of fields");
    }
    uint32_t count = 0;
    for (uint32_t i = 0; i < drift->key_count; i++) {
        struct key *key = &drift->keys[i];
        key->saving_seen = key->seen;
        key->saving_absent = key->absent;
        if (key->seen == key->saved_seen && key->absent == key->saved_absent) {
            continue;
        }
        counts[count] = counts_of(key);
        counts[count].seen -= key->saved_seen;
        counts[count].absent -= key->saved_absent;
        count++;
    }
    return drift_add(store, counts, count, now_us, reterr);
}

static enum err save_words(
    struct drift *drift, struct store *store, int64_t now_us, struct err_info *reterr)
{
    struct drift_word words[WORDS_MAX];
    uint32_t count = 0;
    for (uint32_t i = 0; i < drift->word_count; i++) {
        struct word *word = &drift->words[i];
        word->saving = word->count;
        if (word->count != word->saved) {
            words[count++] = (struct drift_word){str_from(word->event_type), str_from(word->field),
                str_from(word->word), word->count - word->saved};
        }
    }
    return drift_add_words(store, words, count, now_us, reterr);
}

enum err drift_save(
    struct drift *drift, struct store *store, int64_t now_us, struct err_info *reterr)
{
    REQUIRE(drift != NULL && store != NULL);
    drift->is_saving = false;
    bool is_due = now_us - drift->saved_us >= SAVE_EVERY_US || now_us < drift->saved_us;
    if (!drift->is_new || !is_due) {
        return ERR_OK;
    }
    arena_reset(drift->scratch);
    TRY(save_counts(drift, store, now_us, reterr));
    TRY(save_words(drift, store, now_us, reterr));
    drift->saving_us = now_us;
    drift->is_saving = true;
    return ERR_OK;
}

void drift_saved(struct drift *drift)
{
    REQUIRE(drift != NULL);
    if (!drift->is_saving) {
        return;
    }
    for (uint32_t i = 0; i < drift->key_count; i++) {
        drift->keys[i].saved_seen = drift->keys[i].saving_seen;
        drift->keys[i].saved_absent = drift->keys[i].saving_absent;
    }
    for (uint32_t i = 0; i < drift->word_count; i++) {
        drift->words[i].saved = drift->words[i].saving;
    }
    drift->is_new = drift->is_saving = false;
    drift->saved_us = drift->saving_us;
}

#include "cli/explain_story.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "cli/output.h"
#include <stdio.h>

#define TEXT_BYTES_MAX 4096
#define JSON_BYTES_MAX ((size_t)64 * 1024 * 1024)
#define DAY_CHARS (sizeof "2026-11-22" - 1)

static const struct {
    const char *fact, *text;
    int depth;
} sentences[] = {
#define SENTENCE(NAME, fact, depth, text) {fact, text, depth},
#include "cli/explain.def"
#undef SENTENCE
};

enum slot_type { SLOT_TIME, SLOT_DAY, SLOT_MONEY, SLOT_ID, SLOT_TEXT, SLOT_COUNT };
static const struct slot {
    const char *name;
    enum slot_type type;
    size_t offset;
} slots[] = {
    {"at", SLOT_TIME, offsetof(struct told, at_us)},
    {"until", SLOT_TIME, offsetof(struct told, until_us)},
    {"day", SLOT_DAY, offsetof(struct told, day_us)},
    {"amount", SLOT_MONEY, offsetof(struct told, amount)},
    {"fee", SLOT_MONEY, offsetof(struct told, fee)},
    {"net", SLOT_MONEY, offsetof(struct told, net)},
    {"object", SLOT_ID, offsetof(struct told, object)},
    {"other", SLOT_ID, offsetof(struct told, other)},
    {"word", SLOT_TEXT, offsetof(struct told, word)},
    {"words", SLOT_TEXT, offsetof(struct told, words)},
    {"count", SLOT_COUNT, offsetof(struct told, count)},
};

/* --- making --- */

struct told *story_say(struct story *story, enum sentence sentence)
{
    REQUIRE(story != NULL && story->facts != NULL);
    story->full = story->full || story->count == STORY_FACTS_MAX;
    struct told *fact = &story->facts[story->full ? STORY_FACTS_MAX : story->count++];
    *fact = (struct told){.sentence = sentence};
    return fact;
}

enum err story_name(struct story *story, enum id_kind kind, struct own_id id, struct told_id *ret)
{
    struct str *names = NULL;
    uint32_t count = 0;
    *ret = (struct told_id){.kind = (int)kind, .id = id};
    if (own_id_is_none(id)) {
        return ERR_OK;
    }
    TRY(ref_names(story->store, kind, id, story->arena, &names, &count, story->reterr));
    ret->name = count > 0 ? names[0] : STR_NONE;
    return ERR_OK;
}

enum err story_load(
    struct story *story, enum id_kind kind, struct own_id id, const void **ret_record)
{
    void **records = NULL;
    *ret_record = NULL;
    if (!own_id_is_none(id)) {
        TRY(records_load(story->store, record_kind_of(kind), &id, 1, false, story->arena, &records,
            story->reterr));
        *ret_record = records[0];
    }
    return ERR_OK;
}

enum err story_linked(struct story *story,
    enum id_kind kind,
    const char *field,
    struct own_id id,
    void ***ret_records,
    uint32_t *ret_count)
{
    const struct record_kind *of = record_kind_of(kind);
    TRY(records_linked(story->store, of, record_field(of, str_from(field)), id, LIMIT_ATTEMPTS,
        story->arena, ret_records, ret_count, story->reterr));
    for (uint32_t i = 0; i < *ret_count / 2; i++) { /* they came newest first */
        void *newer = (*ret_records)[i];
        (*ret_records)[i] = (*ret_records)[*ret_count - 1 - i];
        (*ret_records)[*ret_count - 1 - i] = newer;
    }
    return ERR_OK;
}

void story_state(enum id_kind kind, int state, struct str *ret_word, struct str *ret_help)
{
    size_t count = 0;
    const struct life_state *rows = life_states(&count);
    const struct word_table *words = record_kind_of(kind)->states;
    REQUIRE(state >= 0 && state < words->count);
    *ret_word = str_from(words->words[state]);
    *ret_help = STR_NONE;
    for (size_t i = 0; i < count; i++) {
        if (rows[i].kind == kind && str_eq(str_from(rows[i].word), *ret_word)) {
            *ret_help = str_from(rows[i].help);
        }
    }
}

/* --- slots --- */

static const struct slot *slot_named(struct str name)
{
    for (size_t i = 0; i < sizeof slots / sizeof slots[0]; i++) {
        if (str_eq(name, str_from(slots[i].name))) {
            return &slots[i];
        }
    }
    UNREACHABLE();
}

/* The next slot of a text: what stands before it, and *rest behind it. NULL: there is none. */
static const struct slot *next_slot(struct str *rest, struct str *ret_before, bool *ret_absolute)
{
    *ret_before = str_cut(rest, '{');
    if (rest->len == 0) {
        return NULL;
    }
    struct str name = str_cut(rest, '}');
    *ret_absolute = name.len > 0 && name.data[name.len - 1] == '!';
    name.len -= *ret_absolute ? 1 : 0;
    return slot_named(name);
}

static void add_id(const struct told_id *id, struct buf *to)
{
    char own[OWN_ID_TEXT_BYTES];
    subject_format(id->kind, id->id, own);
    buf_add(to, str_from(own));
    if (id->name.len > 0) {
        buf_addf(to, own[0] == '\0' ? STR_FMT : " (" STR_FMT ")", STR_ARG(id->name));
    }
}

static void add_time(int64_t time_us, bool is_day, struct buf *to)
{
    char text[TIME_TEXT_BYTES];
    if (time_us == 0) {
        buf_add(to, STR("an unknown day"));
        return;
    }
    time_format(time_us, text);
    buf_add(to, is_day ? (struct str){text, DAY_CHARS} : str_from(text));
    buf_add(to, is_day ? STR_NONE : STR(" UTC"));
}

static void add_money(const struct told_money *money, bool absolute, struct buf *to)
{
    char text[MONEY_TEXT_BYTES];
    money_format(money->minor, money->currency, text);
    buf_add(to, str_from(text + (absolute && text[0] == '-' ? 1 : 0)));
}

static void add_slot(
    const struct told *fact, const struct slot *slot, bool absolute, struct buf *to)
{
    const void *value = (const char *)fact + slot->offset;
    switch (slot->type) {
    case SLOT_TIME:
    case SLOT_DAY:
        add_time(*(const int64_t *)value, slot->type == SLOT_DAY, to);
        break;
    case SLOT_MONEY:
        add_money(value, absolute, to);
        break;
    case SLOT_ID:
        add_id(value, to);
        break;
    case SLOT_TEXT:
        buf_add(to, *(const struct str *)value);
        break;
    case SLOT_COUNT:
        buf_add_int(to, *(const int64_t *)value);
        break;
    default:
        UNREACHABLE();
    }
}

static void add_sentence(const struct told *fact, struct buf *to)
{
    struct str rest = str_from(sentences[fact->sentence].text);
    const struct slot *slot = NULL;
    do {
        struct str before;
        bool absolute = false;
        slot = next_slot(&rest, &before, &absolute);
        buf_add(to, before);
        if (slot != NULL) {
            add_slot(fact, slot, absolute, to);
        }
    } while (slot != NULL);
}

/* --- for people --- */

void story_text(const struct story *story)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, TEXT_BYTES_MAX);
    for (uint32_t i = 0; i < story->count && !output_is_gone(); i++) {
        const struct told *fact = &story->facts[i];
        buf_clear(&text);
        add_sentence(fact, &text);
        outf("%*s", 2 * sentences[fact->sentence].depth, "");
        out_escaped(buf_str(&text));
        out(STR("\n"));
    }
    out(story->full ? STR("There is more than is told here.\n") : STR_NONE);
}

/* --- for programs --- */

static void member(struct json_writer *json, const char *name, const char *tail, struct str value)
{
    char key[40];
    (void)snprintf(key, sizeof key, "%s%s", name, tail);
    json_add_string(json, str_from(key), value);
}

static void slot_json(const struct told *fact, const struct slot *slot, struct json_writer *json)
{
    const void *value = (const char *)fact + slot->offset;
    const struct told_money *money = value;
    const struct told_id *id = value;
    char text[OWN_ID_TEXT_BYTES];
    switch (slot->type) {
    case SLOT_TIME:
        json_add_time(json, str_from(slot->name), *(const int64_t *)value);
        break;
    case SLOT_DAY:
        time_format(*(const int64_t *)value, text);
        text[*(const int64_t *)value == 0 ? 0 : DAY_CHARS] = '\0';
        member(json, slot->name, "", str_from(text));
        break;
    case SLOT_MONEY:
        (void)snprintf(text, sizeof text, "%s_minor", slot->name);
        json_add_int(json, str_from(text), money->minor);
        member(json, slot->name, "_currency", str_from(money->currency.code));
        break;
    case SLOT_ID:
        subject_format(id->kind, id->id, text);
        member(json, slot->name, "", str_from(text));
        member(json, slot->name, "_provider_id", id->name);
        break;
    case SLOT_TEXT:
        member(json, slot->name, "", *(const struct str *)value);
        break;
    case SLOT_COUNT:
        json_add_int(json, str_from(slot->name), *(const int64_t *)value);
        break;
    default:
        UNREACHABLE();
    }
}

static void fact_json(const struct told *fact, struct buf *text, struct json_writer *json)
{
    struct str rest = str_from(sentences[fact->sentence].text);
    struct str before;
    bool absolute = false;
    buf_clear(text);
    add_sentence(fact, text);
    json_begin_object(json, STR_NONE);
    json_add_string(json, STR("fact"), str_from(sentences[fact->sentence].fact));
    json_add_string(json, STR("text"), buf_str(text));
    for (const struct slot *slot = next_slot(&rest, &before, &absolute); slot != NULL;
         slot = next_slot(&rest, &before, &absolute)) {
        slot_json(fact, slot, json);
    }
    json_end_object(json);
}

void story_json(const struct story *story, struct str word)
{
    CLEANUP(buf_fini) struct buf text;
    CLEANUP(buf_fini) struct buf whole;
    struct json_writer json;
    buf_init(&text, TEXT_BYTES_MAX);
    buf_init(&whole, JSON_BYTES_MAX);
    json_writer_init(&json, &whole);
    json_begin_object(&json, STR_NONE);
    json_add_string(&json, STR("asked"), word);
    json_begin_array(&json, STR("facts"));
    for (uint32_t i = 0; i < story->count; i++) {
        fact_json(&story->facts[i], &text, &json);
    }
    json_end_array(&json);
    json_add_bool(&json, STR("more"), story->full);
    json_end_object(&json);
    out_json(&whole);
}

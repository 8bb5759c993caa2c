#include "reconcile/finding.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/timestamp.h"
#include "ledger/minor.h"

#define ID_PREFIX "cf_dcp_"
#define ID_HEX_CHARS 32

/* --- what it is about --- */

const char *finding_subject_word(int kind)
{
    REQUIRE(kind == KEY_NONE || kind == KEY_LINE || (kind >= 0 && kind < (int)ID_KIND_COUNT));
    return kind == KEY_NONE ? "none" : kind == KEY_LINE ? "line" : id_kind_word((enum id_kind)kind);
}

enum err finding_subject_parse(struct str word, int *ret_kind)
{
    REQUIRE(ret_kind != NULL);
    enum id_kind kind;
    if (str_eq(word, STR("none")) || str_eq(word, STR("line"))) {
        *ret_kind = str_eq(word, STR("line")) ? KEY_LINE : KEY_NONE;
        return ERR_OK;
    }
    if (!id_kind_parse(word, &kind)) {
        return ERR_NOT_FOUND;
    }
    *ret_kind = (int)kind;
    return ERR_OK;
}

/* --- its id --- */

static char *put_word(char *to, const char *word)
{
    size_t bytes = strlen(word) + 1; /* its NUL ends it */
    memcpy(to, word, bytes);
    return to + bytes;
}

static char *put_number(char *to, int64_t value)
{
    for (int i = 7; i >= 0; i--) {
        *to++ = (char)(uint8_t)((uint64_t)value >> (8 * i));
    }
    return to;
}

/* Words, not numbers of enums, which change from version to version. An object may be given another
 * name, and is still the same. */
struct own_id finding_id(const struct finding *finding)
{
    REQUIRE(finding->scope > 0);
    char text[256];
    uint8_t name[SHA256_BYTES];
    uint8_t hash[SHA256_BYTES];
    bool is_named = own_id_is_none(finding->subject);
    sha256(is_named ? finding->name : STR(""), name);
    char *end = put_number(text, finding->scope);
    end = put_word(end, code_row(finding->code)->word);
    end = put_word(end, finding_subject_word(finding->subject_kind));
    end = put_word(end, finding->currency.code);
    end = put_number(end, finding->period_us);
    if (finding->period_to_us != 0) { /* a month and its first day are two */
        end = put_number(end, finding->period_to_us);
    }
    memcpy(end, finding->subject.bytes, sizeof finding->subject.bytes);
    end += sizeof finding->subject.bytes;
    memcpy(end, name, sizeof name);
    end += sizeof name;
    ENSURE((size_t)(end - text) <= sizeof text);
    sha256((struct str){text, (size_t)(end - text)}, hash);
    return own_id_make(finding->period_us > 0 ? finding->period_us : 0, hash);
}

void finding_id_format(struct own_id id, char to[static FINDING_ID_TEXT_BYTES])
{
    size_t prefix_len = sizeof ID_PREFIX - 1;
    to[0] = '\0';
    if (!own_id_is_none(id)) {
        memcpy(to, ID_PREFIX, prefix_len);
        hex_encode(to + prefix_len, id.bytes, sizeof id.bytes);
        to[prefix_len + ID_HEX_CHARS] = '\0';
    }
}

enum err finding_id_parse(struct str text, struct own_id *ret_id)
{
    REQUIRE(ret_id != NULL);
    size_t prefix_len = sizeof ID_PREFIX - 1;
    struct own_id id;
    if (!str_starts_with(text, STR(ID_PREFIX)) || text.len != prefix_len + ID_HEX_CHARS) {
        return ERR_MALFORMED;
    }
    struct str hex = {text.data + prefix_len, text.len - prefix_len};
    if (!hex_decode(id.bytes, sizeof id.bytes, hex) || own_id_is_none(id)) {
        return ERR_MALFORMED;
    }
    *ret_id = id;
    return ERR_OK;
}

/* --- what it says --- */

enum err finding_off(const struct finding *finding, int64_t *ret_minor)
{
    return minor_subtract(finding->theirs_minor, finding->ours_minor, ret_minor);
}

int64_t finding_size(const struct finding *finding)
{
    int64_t off = 0;
    return finding_off(finding, &off) == ERR_OK ? minor_absolute(off) : INT64_MAX;
}

bool finding_is_due(const struct finding *finding, int64_t as_of_us)
{
    int64_t due_us = 0;
    return !__builtin_add_overflow(finding->since_us, code_row(finding->code)->grace_us, &due_us) &&
           as_of_us >= due_us;
}

bool finding_says_the_same(const struct finding *a, const struct finding *b)
{
    return a->ours_minor == b->ours_minor && a->theirs_minor == b->theirs_minor &&
           str_eq(a->text, b->text);
}

static int compare_numbers(int64_t a, int64_t b)
{
    return (a > b) - (a < b);
}

int finding_compare(const void *a, const void *b)
{
    const struct finding *left = a;
    const struct finding *right = b;
    int order = compare_numbers(left->code, right->code);
    order = order != 0 ? order : strcmp(left->currency.code, right->currency.code);
    order = order != 0 ? order : str_compare(left->name, right->name);
    order = order != 0 ? order : own_id_compare(left->subject, right->subject);
    order = order != 0 ? order : compare_numbers(left->period_us, right->period_us);
    order = order != 0 ? order : compare_numbers(left->period_to_us, right->period_to_us);
    return order != 0 ? order : compare_numbers(left->scope, right->scope);
}

/* --- how old it is --- */

static const struct {
    int64_t days; /* younger than that */
    const char *word;
} ages[AGE_BUCKETS] = {
    {1, "0-1 d"}, {3, "1-3 d"}, {7, "3-7 d"}, {30, "7-30 d"}, {INT64_MAX, "30+ d"}};

uint32_t age_bucket(int64_t since_us, int64_t as_of_us)
{
    int64_t age_us = 0;
    uint32_t bucket = 0;
    if (__builtin_sub_overflow(as_of_us, since_us, &age_us)) {
        return as_of_us > since_us ? AGE_BUCKETS - 1 : 0;
    }
    while (bucket < AGE_BUCKETS - 1 && age_us >= ages[bucket].days * US_PER_DAY) {
        bucket++;
    }
    return bucket;
}

const char *age_bucket_word(uint32_t bucket)
{
    REQUIRE(bucket < AGE_BUCKETS);
    return ages[bucket].word;
}

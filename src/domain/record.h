/* record: an aggregate's fields, described once in its .def and read by everybody else from here.
 *
 * A row FIELD(TYPE, member, ARGUMENT, VISIBILITY, "help") makes the struct member, the SQL column,
 * the member of a domain event's JSON and the line of documentation.
 *
 *   TYPE       member                       column      JSON
 *   ID         struct own_id (none = NULL)  16 bytes    "cf_pay_...", ARGUMENT is the id kind
 *   INT        int64_t                      integer     number
 *   MINOR      int64_t                      integer     number (minor units)
 *   TIME       int64_t, us, 0 = NULL        integer     RFC 3339
 *   BOOL       bool                         0 or 1      true or false
 *   CURRENCY   struct currency              text        "EUR"
 *   TEXT       char[ARGUMENT]               text        string; "" = NULL
 *   ENUM       int                          text        the word, ARGUMENT is its struct word_table
 *
 * VISIBILITY: BUSINESS fields are the model and are compared between histories; INTERNAL ones are
 * our bookkeeping (stamps, hashes) and depend on the way a state was reached.
 *
 * Layer: domain.
 */
#pragma once

#include "base/json.h"
#include "domain/id.h"
#include "domain/money.h"

enum field_type {
    FIELD_ID,
    FIELD_INT,
    FIELD_MINOR,
    FIELD_TIME,
    FIELD_BOOL,
    FIELD_CURRENCY,
    FIELD_TEXT,
    FIELD_ENUM
};
enum field_visibility { FIELD_BUSINESS, FIELD_INTERNAL };

struct word_table { /* an enum's words, in the order of its values */
    const char *const *words;
    int count;
};

struct field {
    const char *name;
    enum field_type type;
    enum field_visibility visibility;
    enum id_kind id_kind;           /* FIELD_ID */
    const struct word_table *words; /* FIELD_ENUM */
    size_t offset, size;            /* of the member in the record's struct */
    const char *help;
};

struct record_kind {
    const char *table; /* SQL table and JSON member: "payment" */
    enum id_kind id_kind;
    const struct field *fields; /* without the head */
    size_t field_count;
    size_t size; /* of the struct, head included */
};

/* First member of every record's struct. */
struct record_head {
    struct own_id id;
    int64_t scope;
    int64_t version;                /* 0: not stored yet */
    int64_t updated_seq;            /* the inbox event that changed it last */
    int64_t created_us, updated_us; /* recorded times */
};

/* C types of the members, for the struct-making pass over a .def. */
#define MEMBER_ID(member, argument) struct own_id member;
#define MEMBER_INT(member, argument) int64_t member;
#define MEMBER_MINOR(member, argument) int64_t member;
#define MEMBER_TIME(member, argument) int64_t member;
#define MEMBER_BOOL(member, argument) bool member;
#define MEMBER_CURRENCY(member, argument) struct currency member;
#define MEMBER_TEXT(member, argument) char member[argument];
#define MEMBER_ENUM(member, argument) int member;

const struct record_kind *record_kind_of(enum id_kind kind);

/* The business fields as members of an open JSON object, the id first. */
void record_to_json(const struct record_kind *kind, const void *record, struct json_writer *to);

/* Equal in all business fields? (*ret_field: the first that differs; may be NULL) */
bool record_business_equal(
    const struct record_kind *kind, const void *a, const void *b, const struct field **ret_field);

/* Equal in all fields, the internal ones too? The heads are not looked at. */
bool record_equal(const struct record_kind *kind, const void *a, const void *b);

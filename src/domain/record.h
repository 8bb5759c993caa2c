/* record: an aggregate's fields, described once in its .def and read by everybody else from here.
 *
 * A row FIELD(name, TYPE, member, ARGUMENT, SOURCE, "help") makes the struct member, the SQL
 * column, the member of a domain event's JSON and the line of documentation.
 *
 *   TYPE       member                       column      JSON
 *   ID         struct own_id (none = NULL)  16 bytes    "cf_pay_...", ARGUMENT is the id kind
 *   INT        int64_t                      integer     number
 *   MINOR      int64_t                      integer     number (minor units of the currency in
 *                                                       the member ARGUMENT)
 *   TIME       int64_t, us, 0 = NULL        integer     RFC 3339
 *   BOOL       bool                         0 or 1      true or false
 *   CURRENCY   struct currency              text        "EUR"
 *   TEXT       char[ARGUMENT]               text        string; "" = NULL
 *   ENUM       int                          text        the word, ARGUMENT is its struct word_table
 *
 *   SOURCE     where the value comes from
 *   SAID       the newest accepted snapshot
 *   LEARNED    any snapshot, however old, and never forgotten: an id is the first that was named,
 *              and another one cannot be; a time is the earliest; true stays true
 *   DERIVED    worked out from the above by the aggregate's own rule
 *   KEPT       our bookkeeping (stamps, hashes): no business field, since it depends on the way on
 *              which a state was reached
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
enum field_source { FIELD_SAID, FIELD_LEARNED, FIELD_DERIVED, FIELD_KEPT };

struct word_table { /* an enum's words, in the order of its values */
    const char *const *words;
    int count;
};

struct field {
    const char *name;
    enum field_type type;
    enum field_source source;
    enum id_kind id_kind;           /* FIELD_ID */
    const struct word_table *words; /* FIELD_ENUM */
    size_t currency_offset;         /* FIELD_MINOR: of the member that has its currency */
    size_t offset, size;            /* of the member in the record's struct */
    const char *help;
};

/* A fact that a field of a notice proves, or dates; `offset` is the member's in the record. */
struct fact {
    int event; /* enum domain_event_type; -1 ends the table */
    enum field_type type;
    size_t offset;
    bool proves;
};

/* An event that is told each time that a member turns so. */
#define TURN_ANY (-1) /* from whatever it was, or from nothing */
struct turn {
    int event; /* enum domain_event_type; -1 ends the table */
    enum field_type type;
    size_t offset;
    int from, to;
};

struct record_kind {
    const char *table; /* SQL table and JSON member: "payment" */
    enum id_kind id_kind;
    const char *help;
    const struct field *fields; /* without the head */
    size_t field_count;
    size_t size;                     /* of the struct, head included */
    const struct word_table *states; /* of fields[0]; count 0: it has no states */
    const int *state_facts;          /* the event that each state proves; -1: none */
    const struct fact *facts;
    const struct turn *turns;
    int first_event, event_count; /* enum domain_event_type: opened first, changed last */
    struct {
        size_t contested, said_at, said_rank, said_content, milestones;
    } at; /* offsets of what every aggregate has */
};

#define RECORD_BYTES_MAX 4096 /* of any record's struct */

/* First member of every record's struct. */
struct record_head {
    struct own_id id;
    int64_t scope;
    int64_t version;                /* 0: not stored yet */
    int64_t updated_seq;            /* the inbox event that changed it last */
    int64_t created_us, updated_us; /* recorded times */
};

/* C types of the members, for the struct-making pass over the table. */
#define MEMBER_ID(member, argument) struct own_id member;
#define MEMBER_INT(member, argument) int64_t member;
#define MEMBER_MINOR(member, argument) int64_t member;
#define MEMBER_TIME(member, argument) int64_t member;
#define MEMBER_BOOL(member, argument) bool member;
#define MEMBER_CURRENCY(member, argument) struct currency member;
#define MEMBER_TEXT(member, argument) char member[argument];
#define MEMBER_ENUM(member, argument) int member;

const struct record_kind *record_kind_of(enum id_kind kind);
const struct field *record_field(const struct record_kind *kind, struct str name); /* NULL: none */
bool field_is_business(const struct field *field);
bool field_is_said(
    const struct field *field); /* by notices: SAID or LEARNED; the others are ours */

/* The business fields as members of an open JSON object, the id first. */
void record_to_json(const struct record_kind *kind, const void *record, struct json_writer *to);

bool field_equal(const struct field *field, const void *a, const void *b); /* of two records */

/* Equal in all business fields? (*ret_field: the first that differs; may be NULL) */
bool record_business_equal(
    const struct record_kind *kind, const void *a, const void *b, const struct field **ret_field);

/* Equal in all fields, the internal ones too? The heads are not looked at. */
bool record_equal(const struct record_kind *kind, const void *a, const void *b);

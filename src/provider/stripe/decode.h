/* decode: from the body of an event to notices; what the files decode_*.c share.
 *
 * Layer: provider/stripe.
 */
#pragma once

#include "provider/stripe/fields.h"
#include "provider/stripe/stripe.h"

#define STRIPE_RANKS_PER_STATE                                                                     \
    100 /* a stamp's rank: the state's times this, plus the event type's */

#define STRIPE_PRESENT_RANK 10 /* of objects without states */

struct stripe_event_row {
    struct str type;
    enum stripe_object object; /* STRIPE_EVENT or STRIPE_THIN when it is recorded */
    int64_t rank;
    enum reason reason; /* NONE: mapped */
    const char *help;
};
const struct stripe_event_row *stripe_event_find(struct str type); /* NULL: in no table */
const struct stripe_event_row *stripe_event_rows(size_t *ret_count);
/* The row of X for a thin type v1.X; NULL: it has no twin. */
const struct stripe_event_row *stripe_event_find_twin(struct str thin_type);

struct stripe_decoding {
    struct arena *arena;
    struct notice_list *list;
    uint32_t room;       /* of list->notices */
    uint32_t field_room; /* of list->fields */
    int64_t at_us;       /* of the event */
    bool is_full;        /* there were more objects than an event may have */
    struct err_info *reterr;
};

/* What an object is embedded in. */
struct stripe_parent {
    struct str id; /* empty: in nothing */
    int64_t rank;  /* of its notice's stamp */
    int64_t list;  /* of its notice: what list of parts it is */
};

/* The object at hand. */
struct stripe_subject {
    const struct json *json;
    const struct stripe_place *place;
    int64_t type_rank;     /* of the event's type; 0 for an embedded object */
    bool event_deletes;    /* the event's type says that it is no more */
    struct str event_type; /* empty for an embedded object, and for a fetched one */
    struct stripe_parent parent;
};

typedef enum err stripe_decoder(
    struct stripe_decoding *decoding, const struct stripe_subject *subject);
/* Each adds the notice of its object and then those of the objects embedded in it.
 * ERR_INVALID, ERR_OVERFLOW, ERR_TOO_LARGE. */
stripe_decoder stripe_decode_payment_intent, stripe_decode_charge, stripe_decode_balance;
/* Any other object, by the rows of objects.def. */
MUST_USE enum err stripe_decode_by_rows(struct stripe_decoding *decoding,
    enum stripe_object object,
    const struct stripe_subject *subject);

/* What rows have made of an object, for the hook that works out the rest. */
struct stripe_said {
    struct str *id; /* of the object; may be made unique */
    void *record;   /* of the object's kind */
    struct link *links;
    const struct stripe_status *status; /* NULL: a word that is not known, or none */
};
/* For drift: begins, and notes whether the member of a row was there. Only of the event's own
 * object, and at most `row_count` members. */
void stripe_observe_begin(
    struct stripe_decoding *decoding, const struct stripe_subject *subject, size_t row_count);
void stripe_observe(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const struct stripe_field *row,
    bool seen);
/* All of it, by the rows of fields.def. */
void stripe_observe_object(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    enum stripe_object object);
/* The same for a status that is in no row. `of` is static text. */
void stripe_observe_word(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const char *of,
    struct str word);

typedef enum err stripe_hook(struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    struct stripe_said *said);

/* Of two snapshots of one second in one state, the one that was raised by more is the later one. */
MUST_USE enum err stripe_raise_rank(
    struct stripe_decoding *decoding, struct stripe_said *said, int64_t by);

struct stamp stripe_stamp(const struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const struct stripe_status *status);

enum err stripe_decode(const struct stored_event *stored,
    struct arena *arena,
    struct notice_list *ret_notices,
    struct err_info *reterr) MUST_USE;

/* order.c */
bool stripe_follows(struct str later_body, struct str earlier_body, struct arena *arena);
int stripe_compare_versions(struct str a, struct str b);

/* Appends a copy. *ret_added is false when the list has that object already, or is full:
 * then it is said to be truncated. */
MUST_USE enum err stripe_notice_add(
    struct stripe_decoding *decoding, const struct notice *notice, bool *ret_added);

/* Decodes an object that stands in place of its id, by what it says it is. */
MUST_USE enum err stripe_decode_in_place(struct stripe_decoding *decoding,
    const struct stripe_subject *within,
    const char *field,
    const struct json *object);

/* Decodes what is embedded at a row's path: an object, or a list of them. */
MUST_USE enum err stripe_decode_embedded(struct stripe_decoding *decoding,
    const struct stripe_subject *within,
    const char *path,
    enum stripe_object object,
    struct stripe_parent parent);

/* Says what list of parts stands at a row's path: `list` and `list_is_cut`; returns whether the
 * list has more. Nothing when there is none, or it cannot be read: then stripe_decode_embedded()
 * tells why. */
bool stripe_note_list(const struct json *whole,
    const char *path,
    enum stripe_object object,
    struct object_notice *says);

/* Decodes what stands in place of an id, if it is an object of that kind. */
MUST_USE enum err stripe_decode_expanded(struct stripe_decoding *decoding,
    const struct stripe_subject *within,
    const char *field,
    const struct stripe_link *link,
    enum stripe_object object,
    struct stripe_parent parent);

/* Decodes each element of an embedded list. */
MUST_USE enum err stripe_decode_list(struct stripe_decoding *decoding,
    const struct stripe_subject *within,
    const char *field,
    const struct stripe_list *list,
    enum stripe_object object,
    struct stripe_parent parent);

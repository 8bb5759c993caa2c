/* truth: what has really been told of each object: the newest snapshot that the other side
 * acknowledged, and those newer ones that were sent without an answer and may have arrived. That,
 * and not what the merchant knows by now, is what a store can be held to, since events may be lost
 * on purpose.
 *
 * Layer: sandbox. Tables: truth.def, records.def.
 */
#pragma once

#include "base/arena.h"

enum truth_kind {
    TRUTH_INTENT,
    TRUTH_CHARGE,
#define RECORD(KIND, word) TRUTH_##KIND,
#include "sandbox/records.def"
    TRUTH_KIND_COUNT
};
const char *truth_kind_word(enum truth_kind kind); /* "payment_intent" */

struct truth;
struct truth_note; /* what one event says of all that is in it; counted, since duplicates of a
                      letter share it */

struct truth *truth_new(uint32_t objects_max); /* NULL without memory */
struct truth *truth_free(struct truth *truth);
DEFINE_CLEANUP(struct truth *, truth_free);

/* An event was made. *ret_note is the caller's until truth_note_drop, and NULL when the event is
 * about nothing that is compared. Events come in the order of the merchant's clock. ERR_MALFORMED,
 * ERR_TOO_LARGE (memory). The body is in the newest version, and has the lists in it that the
 * provider leaves out unless asked for them: merchant_event's `whole`. */
MUST_USE enum err truth_made(
    struct truth *truth, struct str event_body, struct truth_note **ret_note);
/* Each takes NULL. */
struct truth_note *truth_note_hold(struct truth_note *note);
void truth_note_drop(struct truth_note *note);
void truth_tried(struct truth *truth, struct truth_note *note); /* it may arrive from now on */
void truth_acked(struct truth *truth, struct truth_note *note); /* it has arrived */

uint32_t truth_object_count(const struct truth *truth);
/* Objects of which the newest event was not acknowledged. */
uint32_t truth_lagging_count(const struct truth *truth);

/* One JSON object a line, one line an object. The file is replaced in one go. `head` is the first
 * line, already JSON. ERR_FILE_IO. */
MUST_USE enum err truth_write(
    const struct truth *truth, const char *path, struct str head, struct err_info *reterr);

/* --- reading it again --- */

#define TRUTH_CANDIDATES_MAX 16

struct truth_line {
    enum truth_kind kind;
    struct str id;
    struct str account; /* that its events name; "": none */
    bool left;          /* that was disconnected: what was lost there cannot be had any more */
    bool lags;          /* a newer snapshot was made and not acknowledged */
    bool acked; /* candidates[0] was acknowledged; else the store need not know the object */
    uint32_t candidate_count; /* any of these may be what the store has */
    const struct json *candidates[TRUTH_CANDIDATES_MAX];
    const struct json *newest; /* that was made, lost or not */
};
/* Borrows `line` and the arena. ERR_NOT_FOUND: the head line. ERR_MALFORMED. */
MUST_USE enum err truth_line_read(
    struct str line, struct arena *arena, struct truth_line *ret_line);

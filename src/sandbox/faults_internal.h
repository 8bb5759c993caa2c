/* faults_internal: what the files of the faults share; included by faults*.c only.
 *
 * Layer: sandbox.
 */
#pragma once

#include "sandbox/faults.h"
#include "sandbox/merchant_internal.h"

#define FAULTS_DONE_MAX (FAULT_KIND_COUNT * FAULTS_EACH_MAX)

struct fault_done {
    enum fault_kind kind;
    char subject[OBJECT_ID_BYTES]; /* what it is found at; "": the account as a whole */
    char intent[OBJECT_ID_BYTES];  /* the payment that it is about; "": none */
    char line[OBJECT_ID_BYTES];    /* likewise */
    char event[OBJECT_ID_BYTES];   /* likewise */
    char currency[4];
    int64_t minor;
    int64_t at_s; /* the merchant's clock */
};

struct faults {
    uint64_t random_state; /* this and the ids are its own, so that the shop lives as without */
    int64_t spread_s;
    struct id_maker ids;
    struct {
        uint32_t left, wished; /* left: still to be done */
        uint32_t skip;         /* of what fits, before the next */
        int64_t wait_s;        /* of the shop's life, before the next */
    } kinds[FAULT_KIND_COUNT];
    uint32_t done_count;
    struct fault_done done[FAULTS_DONE_MAX];
    bool busy;        /* what is added by a fault is none's prey */
    struct buf again; /* the body of the event that is sent once more */
};

/* Something fits: is it the turn of that kind? */
bool fault_is_due(const struct merchant *merchant, enum fault_kind kind);
/* Notes that it was done; the caller fills in the rest. */
struct fault_done *fault_note(
    struct faults *faults, const struct merchant *merchant, enum fault_kind kind);
const struct fault_done *fault_find_line(
    const struct faults *faults, enum fault_kind kind, struct str line);

/* --- faults_shop.c --- */
/* Paid at once in the shop's own account, and no more than that; and no fault has taken it. */
bool fault_is_plain(const struct faults *faults, const struct shop_payment *payment);
/* Notes what was done to a line; of one that there is not, only the currency is looked at. */
struct fault_done *fault_note_line(const struct merchant *merchant,
    enum fault_kind kind,
    const char *subject,
    const struct shop_money *line,
    int64_t minor);
void fault_name(char *to, const char *id); /* `to` holds OBJECT_ID_BYTES */

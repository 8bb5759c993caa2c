/* clearing: what it means that a key of a clearing account has not become zero.
 *
 * Layer: reconcile.
 */
#pragma once

#include "reconcile/finding.h"

/* What is known of one key in one clearing account, in one currency. */
struct clearing_key {
    enum ledger_account
        account; /* CLEARING_PAYMENT, _REFUND, _DISPUTE, _PAYOUT, _TOPUP, _TRANSFER */
    struct own_id key;
    struct currency currency;
    int64_t business_minor; /* what aggregates posted there */
    int64_t money_minor;    /* what everybody else did: lines, and people */
    bool other_currency;    /* the key has a balance in another currency too */
    bool is_known;          /* the object was seen, not only named */
    bool is_final;          /* its state says that money has moved, or will not move any more */
    bool is_slow;           /* a debit or the like, whose lines may be late by days */
    bool has_lines;         /* the statement has lines about it, in whichever currency */
    int64_t arrival_us;     /* of a payout: when it should be there; else 0 */
    int64_t covered_us;     /* until when the statement is known whole */
    int64_t since_us;
};

enum clearing_verdict {
    CLEARING_OPEN,  /* on its way: nothing to say yet */
    CLEARING_FOUND, /* *ret_finding */
};
/* Grace is the code's, three times as long for what is slow, and counts from since_us. Fills in
 * code, subject, currency, amounts and since_us; theirs is what the lines say, with the sign of
 * ours. The caller adds account, name and text. */
enum clearing_verdict clearing_judge(
    const struct clearing_key *key, int64_t as_of_us, struct finding *ret_finding);

/* The end of the second business day (Monday to Friday) after the day of `arrival_us`, in UTC. */
int64_t payout_stuck_at(int64_t arrival_us);

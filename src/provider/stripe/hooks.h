/* hooks: what rows cannot say: values of ours that are worked out from several of Stripe's. Each
 * has its COMPUTED row in objects.def.
 *
 * Layer: provider/stripe.
 */
#pragma once

#include "provider/stripe/decode.h"

#define stripe_hook_NONE NULL
stripe_hook stripe_hook_refund;
stripe_hook stripe_hook_price;
stripe_hook stripe_hook_plan;
stripe_hook stripe_hook_discount;
stripe_hook stripe_hook_dispute;
stripe_hook stripe_hook_payout;
stripe_hook stripe_hook_card;
stripe_hook stripe_hook_source;
stripe_hook stripe_hook_checkout_session;
stripe_hook stripe_hook_setup_intent;
stripe_hook stripe_hook_review;
stripe_hook stripe_hook_account;
stripe_hook stripe_hook_transfer;
stripe_hook stripe_hook_application_fee;
stripe_hook stripe_hook_invoice;
stripe_hook stripe_hook_line_item;
stripe_hook stripe_hook_credit_note;

/* The amounts of a list's elements; those that say none count as nothing. */
MUST_USE enum err stripe_sum_amounts(const struct stripe_decoding *decoding,
    const struct stripe_subject *subject,
    const char *path,
    const struct stripe_list *list,
    int64_t *ret_sum);

/* The link of the ID field that is at `offset` in the record. */
struct link *stripe_said_link(const struct stripe_said *said, enum id_kind kind, size_t offset);

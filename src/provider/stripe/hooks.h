/* hooks: what rows cannot say: values of ours that are worked out from several of Stripe's. Each
 * has its COMPUTED row in objects.def.
 *
 * Layer: provider/stripe.
 */
#pragma once

#include "provider/stripe/decode.h"

#define stripe_hook_NONE NULL
stripe_hook stripe_hook_refund;
stripe_hook stripe_hook_dispute;
stripe_hook stripe_hook_payout;
stripe_hook stripe_hook_price;
stripe_hook stripe_hook_plan;
stripe_hook stripe_hook_discount;
stripe_hook stripe_hook_dispute;
stripe_hook stripe_hook_payout;

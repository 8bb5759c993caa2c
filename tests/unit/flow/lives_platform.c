#include "unit/flow/lives_tell.h"

static const char *yes_or_no(bool yes)
{
    return yes ? "true" : "false";
}

struct account {
    struct teller teller;
    int64_t created;
    bool charges, payouts;
};

static void tell_account(struct world *world, struct account *account)
{
    struct str members = text(world,
        ",'created':%" PRId64 ",'country':'DE','default_currency':'eur','charges_enabled':%s",
        account->created, yes_or_no(account->charges));
    const char *payouts = yes_or_no(account->payouts);
    struct str older = text(world, STR_FMT ",'transfers_enabled':%s", STR_ARG(members), payouts);
    tell_object(world, &account->teller, "account", "account.updated",
        text(world, STR_FMT ",'payouts_enabled':%s", STR_ARG(members), payouts),
        &(struct older){"2016-07-06", older, false});
    pass_time(world);
}

static struct account connect_account(struct world *world)
{
    struct account account = {.created = world->second};
    account.teller.id = new_id(world, ID_CONNECTED_ACCOUNT, "acct");
    tell_account(world, &account);
    account.charges = true;
    tell_account(world, &account);
    return account;
}

void live_account(struct world *world)
{
    struct account account = connect_account(world);
    account.payouts = true;
    tell_account(world, &account);
    while (likely(world, 50)) {
        account.charges = likely(world, 50);
        account.payouts = account.charges && likely(world, 50);
        tell_account(world, &account);
    }
}

struct transfer {
    struct teller teller;
    struct str account, attempt;
    int64_t amount, reversed, created;
};

static struct str transfer_members(
    struct world *world, const struct transfer *transfer, const char *created)
{
    return text(world,
        ",'%s':%" PRId64 ",'amount':%" PRId64 ",'amount_reversed':%" PRId64
        ",'currency':'eur','reversed':%s,'destination':'" STR_FMT "','source_transaction':" STR_FMT
        ",'transfer_group':'order_%u'",
        created, transfer->created, transfer->amount, transfer->reversed,
        yes_or_no(transfer->reversed == transfer->amount), STR_ARG(transfer->account),
        STR_ARG(link_to(world, transfer->attempt)), world->number);
}

static void tell_transfer(struct world *world, struct transfer *transfer, const char *type)
{
    tell_object(world, &transfer->teller, "transfer", type,
        transfer_members(world, transfer, "created"),
        &(struct older){"2016-07-06", transfer_members(world, transfer, "date"), false});
    pass_time(world);
}

void live_transfer(struct world *world)
{
    struct intent intent;
    struct charge *charge = pay(world, &intent, "eur");
    struct account account = connect_account(world);
    struct transfer transfer = {.account = account.teller.id,
        .attempt = likely(world, 70) ? charge->teller.id : STR_NONE,
        .amount = 900,
        .created = world->second};
    transfer.teller.id = new_id(world, ID_TRANSFER, "tr");
    tell_transfer(world, &transfer, "transfer.created");
    if (likely(world, 30)) {
        tell_transfer(world, &transfer, "transfer.updated"); /* metadata alone */
    }
    while (transfer.reversed < transfer.amount && likely(world, 70)) {
        transfer.reversed += 300;
        tell_transfer(world, &transfer, "transfer.reversed");
    }
}

struct fee {
    struct teller teller, refunds[2];
    struct str account, attempt;
    int64_t amount, refunded, created, refunded_at[2];
    uint32_t refund_count;
};

static struct str fee_refund_members(struct world *world, const struct fee *fee, uint32_t at)
{
    return text(world, ",'created':%" PRId64 ",'amount':100,'currency':'eur','fee':'" STR_FMT "'",
        fee->refunded_at[at], STR_ARG(fee->teller.id));
}

static struct str fee_refunds(struct world *world, const struct fee *fee)
{
    struct str refunds[2];
    for (uint32_t i = 0; i < fee->refund_count; i++) {
        refunds[i] =
            object_of(world, &fee->refunds[i], "fee_refund", fee_refund_members(world, fee, i));
    }
    return list_of(world, refunds, fee->refund_count);
}

/* The older shape has neither a list's frame nor the platform's own attempt. */
static void tell_fee(struct world *world, struct fee *fee, const char *type)
{
    struct str members = text(world,
        ",'created':%" PRId64 ",'amount':%" PRId64 ",'amount_refunded':%" PRId64
        ",'currency':'eur','refunded':%s",
        fee->created, fee->amount, fee->refunded, yes_or_no(fee->refunded == fee->amount));
    struct str refunds = fee_refunds(world, fee);
    struct str elements = refunds;
    while (elements.len > 0 && elements.data[0] != '[') {
        elements.data++;
        elements.len--;
    }
    elements.len--; /* the list's brace */
    struct str older = text(world, STR_FMT ",'user':'" STR_FMT "','refunds':" STR_FMT,
        STR_ARG(members), STR_ARG(fee->account), STR_ARG(elements));
    tell_object(world, &fee->teller, "application_fee", type,
        text(world,
            STR_FMT ",'account':'" STR_FMT "','originating_transaction':" STR_FMT
                    ",'refunds':" STR_FMT,
            STR_ARG(members), STR_ARG(fee->account), STR_ARG(link_to(world, fee->attempt)),
            STR_ARG(refunds)),
        &(struct older){"2013-10-29", older, false});
    pass_time(world);
}

static void give_back_fee(struct world *world, struct fee *fee)
{
    uint32_t at = fee->refund_count++;
    fee->refunds[at] = (struct teller){.id = new_id(world, ID_FEE_REFUND, "fr"), .step = 1};
    fee->refunded_at[at] = world->second;
    fee->refunded += 100;
    tell_fee(world, fee, "application_fee.refunded");
    if (likely(world, 60)) { /* metadata alone */
        tell_object(world, &fee->refunds[at], "fee_refund", "application_fee.refund.updated",
            fee_refund_members(world, fee, at), NULL);
        pass_time(world);
    }
}

void live_fee(struct world *world)
{
    struct intent intent;
    struct charge *charge = pay(world, &intent, "eur");
    struct account account = connect_account(world);
    struct fee fee = {.account = account.teller.id,
        .attempt = charge->teller.id,
        .amount = 200,
        .created = world->second};
    fee.teller.id = new_id(world, ID_APPLICATION_FEE, "fee");
    tell_fee(world, &fee, "application_fee.created");
    while (fee.refunded < fee.amount && likely(world, 70)) {
        give_back_fee(world, &fee);
    }
}

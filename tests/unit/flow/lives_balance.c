#include "unit/flow/lives_tell.h"

void live_payout_failed(struct world *world)
{
    struct payout payout = {.amount = 5000,
        .created = world->second,
        .status = "pending",
        .reconciliation = "in_progress"};
    payout.teller.id = new_id(world, ID_PAYOUT, "po");
    tell_payout(world, &payout, "payout.created");
    pass_time(world);
    payout.status = "in_transit";
    tell_payout(world, &payout, "payout.updated");
    pass_time(world);
    payout.status = "paid";
    tell_payout(world, &payout, "payout.paid");
    pass_time(world);
    payout.reconciliation = "completed";
    tell_payout(world, &payout, "payout.reconciliation_completed");
    pass_time(world);
    payout.status = "failed";
    payout.failure = "account_closed";
    tell_payout(world, &payout, "payout.failed");
}

static void tell_topup(struct world *world,
    struct teller *topup,
    int64_t created,
    const char *status,
    const char *type)
{
    bool failed = strcmp(status, "failed") == 0;
    struct str members = text(world,
        ",'created':%" PRId64
        ",'amount':2500,'currency':'eur','expected_availability_date':%" PRId64
        ",'failure_code':" STR_FMT ",'status':'%s'",
        created, created + 86400, STR_ARG(word(world, failed ? "account_closed" : NULL)), status);
    tell_object(world, topup, "topup", type, members, NULL);
    pass_time(world);
}

void live_topup(struct world *world)
{
    struct teller topup = {.id = new_id(world, ID_TOPUP, "tu")};
    int64_t created = world->second;
    tell_topup(world, &topup, created, "pending", "topup.created");
    if (likely(world, 20)) {
        tell_topup(world, &topup, created, "canceled", "topup.canceled");
        return;
    }
    if (likely(world, 80)) {
        tell_topup(world, &topup, created, "succeeded", "topup.succeeded");
    }
    if (likely(world, 30)) {
        tell_topup(world, &topup, created, "failed", "topup.failed");
    } else if (likely(world, 30)) {
        tell_topup(world, &topup, created, "reversed", "topup.reversed");
    }
}

/* There is one of each currency in a scope, so each life has a currency of its own. */
static void open_balance(struct world *world)
{
    uint32_t number = world->number;
    char code[] = {'X', (char)('A' + number / 26 % 26), (char)('A' + number % 26), '\0'};
    world->balance.id = text(world, "%s", code);
    note_name(world, ID_BALANCE, world->balance.id);
}

static struct str sum_list(struct world *world, const char *name)
{
    char code[] = {
        'x', (char)(world->balance.id.data[1] | 32), (char)(world->balance.id.data[2] | 32), '\0'};
    return text(world, "'%s':[{'amount':%" PRId64 ",'currency':'%s'}]", name,
        (int64_t)test_random_below(world->chance, 100000) - 20000, code);
}

void live_balance(struct world *world)
{
    if (world->balance.id.len == 0) {
        open_balance(world);
    }
    uint64_t times = 2 + test_random_below(world->chance, 3);
    world->balance.unproven = true; /* these events never have previous_attributes */
    for (uint64_t i = 0; i < times; i++) {
        struct str available = sum_list(world, "available");
        struct str pending = sum_list(world, "pending");
        struct str instant = sum_list(world, "instant_available");
        struct str object =
            text(world, "{'object':'balance','livemode':true," STR_FMT "," STR_FMT "," STR_FMT "}",
                STR_ARG(available), STR_ARG(pending), STR_ARG(instant));
        tell(world, &world->balance, "balance.available", object, NULL);
        pass_time(world);
    }
}

/* ---- reports -------------------------------------------------------------------------------- */

static void tell_report_type(struct world *world, struct teller *report, int64_t until)
{
    struct str members = text(world,
        ",'name':'payouts','data_available_start':1700000000,'data_available_end':%" PRId64, until);
    tell_object(
        world, report, "reporting.report_type", "reporting.report_type.updated", members, NULL);
}

static void tell_report_run(
    struct world *world, struct teller *run, struct str kind, int64_t created, bool made)
{
    struct str result = STR("null,'error':'too large','succeeded_at':null");
    if (made) {
        result =
            text(world, "{'id':'file_%u','object':'file'},'error':null,'succeeded_at':%" PRId64,
                world->number, world->second);
    }
    struct str members = text(world,
        ",'created':%" PRId64 ",'report_type':'" STR_FMT
        "','parameters':{'interval_start':1700000000,'interval_end':1700086400},'status':'%s',"
        "'result':" STR_FMT,
        created, STR_ARG(kind), made ? "succeeded" : "failed", STR_ARG(result));
    tell_object(world, run, "reporting.report_run",
        made ? "reporting.report_run.succeeded" : "reporting.report_run.failed", members, NULL);
}

void live_report(struct world *world)
{
    struct teller kind = {.id = new_id(world, ID_REPORT, "payouts.itemized.3")};
    int64_t until = world->second;
    do {
        tell_report_type(world, &kind, until);
        until += 86400;
        pass_time(world);
    } while (likely(world, 70));
    struct teller run = {.id = new_id(world, ID_REPORT, "frr")};
    int64_t created = world->second;
    pass_time(world);
    tell_report_run(world, &run, kind.id, created, likely(world, 70));
}

#include "cli/reconcile_alert.h"
#include "base/check.h"
#include "base/metrics.h"
#include "cli/reconcile_print.h"

#define CALLED_MAX 100000 /* at once; of what is beyond people are told by the next run */
#define PAGE_ROWS 1000    /* of one transaction */
#define ARENA_BYTES ((size_t)16 * 1024 * 1024)

struct alarms {
    struct discrepancy_alarm *rows; /* in the arena */
    uint32_t count;
};

static enum err read_alarms(const struct reconcile_call *call,
    struct arena *arena,
    struct alarms *ret,
    struct err_info *reterr)
{
    TRY(store_begin(call->store, STORE_READ, reterr));
    CLEANUP(store_rollback) struct store *transaction = call->store;
    (void)transaction;
    return discrepancy_alarms(
        call->store, call->report->scope, CALLED_MAX, arena, &ret->rows, &ret->count, reterr);
}

static enum err end_page(const struct reconcile_call *call,
    const struct discrepancy_alarm *rows,
    uint32_t count,
    struct err_info *reterr)
{
    TRY(store_begin(call->store, STORE_WRITE, reterr));
    CLEANUP(store_rollback) struct store *transaction = call->store;
    TRY(discrepancy_alarms_end(call->store, rows, count, reterr));
    transaction = NULL;
    return store_commit(call->store, reterr);
}

static enum err end_alarms(
    const struct reconcile_call *call, const struct alarms *alarms, struct err_info *reterr)
{
    for (uint32_t at = 0; at < alarms->count; at += PAGE_ROWS) {
        uint32_t left = alarms->count - at;
        TRY(end_page(call, alarms->rows + at, left < PAGE_ROWS ? left : PAGE_ROWS, reterr));
    }
    return ERR_OK;
}

static enum err run_command(
    const struct reconcile_call *call, int *ret_exit, struct err_info *reterr)
{
    CLEANUP(buf_fini) struct buf text;
    buf_init(&text, REPORT_BYTES_MAX);
    reconcile_print(call->report, call->zone, REPORT_JSON, &text);
    const struct alert alert = {.command = call->config->reconcile_alert,
        .account = call->account,
        .critical = call->report->critical_total,
        .report = buf_str(&text),
        .timeout_us = call->config->reconcile_alert_timeout_us,
        .stop_fd = call->stop_fd};
    return text.failed ? err_set(reterr, ERR_TOO_LARGE, "the report is too large for a file")
                       : alert_run(&alert, ret_exit, reterr);
}

enum err reconcile_call_people(
    const struct reconcile_call *call, struct reconcile_called *ret, struct err_info *reterr)
{
    REQUIRE(call != NULL && call->report != NULL);
    REQUIRE(ret != NULL);
    struct alarms alarms = {NULL, 0};
    int code = 0;
    *ret = (struct reconcile_called){0, 0};
    if (call->config->reconcile_alert.len == 0) {
        return ERR_OK;
    }
    CLEANUP(arena_free) struct arena *arena = arena_new(ARENA_BYTES);
    enum err err = arena == NULL ? err_set(reterr, ERR_BUSY, "out of memory")
                                 : read_alarms(call, arena, &alarms, reterr);
    if (err == ERR_OK && alarms.count == 0) {
        return ERR_OK;
    }
    err = err == ERR_OK ? run_command(call, &code, reterr) : err;
    err = err == ERR_OK && code == 0 ? end_alarms(call, &alarms, reterr) : err;
    metric_add(
        err == ERR_OK && code == 0 ? METRIC_RECONCILE_CALLED : METRIC_RECONCILE_NOT_CALLED, 1);
    *ret = (struct reconcile_called){alarms.count, code};
    return err;
}

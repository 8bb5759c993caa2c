/* paged_statement: a provider whose statement is an array in memory, given out newest first, in
 * small pages; with a balance, and with reports that it makes when asked.
 *
 * Layer: tests.
 */
#pragma once

#include "base/timestamp.h"
#include "provider/statement.h"
#include "provider/stripe/statement.h"
#include "provider/stripe/stripe.h"
#include "flow/accounts.h"
#include "unit/testing.h"
#include <stdio.h>
#include <unistd.h>

#define TOLD_LINES_MAX 64

/* One at a time: the port's api has no context of a test's. */
struct told {
    struct {
        char id[24];
        int64_t at_us;
    } lines[TOLD_LINES_MAX]; /* newest first */
    uint32_t count, page_size;
    uint32_t asked;   /* pages */
    uint32_t fail_at; /* the page that fails once, from 1; 0: none */
    enum err fail_with;
    const char *unknown_cursor; /* refused with ERR_INVALID */
    const char *refused_payout; /* of which no lines are given */
    bool circles;
    int64_t from_us, to_us; /* as was asked for last */
    uint32_t moving;        /* so many looks at the head find another one */
    uint32_t balances;      /* asked for */
    enum err may_report;
    int64_t reports_until_us;
    uint32_t pending_looks; /* before a run has succeeded */
    uint32_t runs, looks;
    const char *activity; /* the file; what follows the header */
};
static struct told told;

static inline void told_add(const char *id, int64_t at_us)
{
    (void)str_copy_to(told.lines[told.count].id, sizeof told.lines[0].id, str_from(id));
    told.lines[told.count++].at_us = at_us;
}

static inline void told_give(uint32_t index, struct said_line *to)
{
    *to = (struct said_line){.provider_id = str_from(told.lines[index].id),
        .line = {.kind = LINE_FEE,
            .currency = {"EUR"},
            .amount_minor = -100,
            .net_minor = -100,
            .created_us = told.lines[index].at_us,
            .available_us = told.lines[index].at_us},
        .type = STR("stripe_fee"),
        .category = STR("fee"),
        .learned = SAID_CREATED | SAID_TYPE};
}

static inline enum err told_page(struct fetch_range range,
    struct str cursor,
    struct arena *arena,
    struct said_page *ret_page,
    struct err_info *reterr)
{
    told.from_us = range.from_us;
    told.to_us = range.to_us;
    if (++told.asked == told.fail_at) {
        return err_set(reterr, told.fail_with, "as the test wants it");
    }
    if (told.unknown_cursor != NULL && str_eq(cursor, str_from(told.unknown_cursor))) {
        return err_set(reterr, ERR_INVALID, "no such cursor");
    }
    struct said_page page = {.lines = arena_new_array(arena, struct said_line, TOLD_LINES_MAX)};
    bool behind = cursor.len == 0 || told.circles;
    for (uint32_t i = 0; i < told.count; i++) {
        bool within = told.lines[i].at_us >= range.from_us && told.lines[i].at_us <= range.to_us;
        if (behind && within && page.line_count == told.page_size) {
            page.more = true;
            break;
        }
        if (behind && within) {
            told_give(i, &page.lines[page.line_count++]);
            page.cursor = page.lines[page.line_count - 1].provider_id;
        }
        behind = behind || str_eq(cursor, str_from(told.lines[i].id));
    }
    *ret_page = page;
    return ERR_OK;
}

static inline enum err told_lines(struct provider_api *api,
    struct str account,
    struct fetch_range range,
    struct str cursor,
    struct arena *arena,
    struct said_page *ret_page,
    struct err_info *reterr)
{
    (void)api;
    (void)account;
    if (told.moving > 0) {
        told.moving--;
        (void)snprintf(told.lines[0].id, sizeof told.lines[0].id, "txn_moved_%u", told.moving);
    }
    return told_page(range, cursor, arena, ret_page, reterr);
}

static inline enum err told_payout_lines(struct provider_api *api,
    struct str account,
    struct str payout,
    struct str cursor,
    struct arena *arena,
    struct said_page *ret_page,
    struct err_info *reterr)
{
    (void)api;
    (void)account;
    if (told.refused_payout != NULL && str_eq(payout, str_from(told.refused_payout))) {
        return err_set(reterr, ERR_NOT_FOUND, "no such payout");
    }
    TRY(told_page((struct fetch_range){0, INT64_MAX}, cursor, arena, ret_page, reterr));
    for (uint32_t i = 0; i < ret_page->line_count; i++) {
        ret_page->lines[i].payout = payout;
        ret_page->lines[i].learned |= SAID_PAYOUT;
    }
    return ERR_OK;
}

static inline enum err told_balance(struct provider_api *api,
    struct str account,
    struct arena *arena,
    struct said_balances *ret,
    struct err_info *reterr)
{
    (void)api;
    (void)account;
    (void)reterr;
    told.balances++;
    ret->items = arena_new_array(arena, struct said_balance, 1);
    ret->items[0] = (struct said_balance){BALANCE_AVAILABLE, {"EUR"}, 4200};
    ret->count = 1;
    return ERR_OK;
}

static inline enum err told_until(struct provider_api *api,
    struct str account,
    enum statement_file file,
    int64_t *ret_until_us,
    struct err_info *reterr)
{
    (void)api;
    (void)account;
    (void)file;
    if (told.may_report != ERR_OK) {
        return err_set(reterr, told.may_report, "as the test wants it");
    }
    *ret_until_us = told.reports_until_us;
    return ERR_OK;
}

static inline enum err told_look(struct provider_api *api,
    struct str account,
    struct str run_id,
    struct arena *arena,
    struct report_run *ret,
    struct err_info *reterr)
{
    (void)api;
    (void)account;
    (void)reterr;
    told.looks++;
    *ret = (struct report_run){.id = arena_copy(arena, run_id), .why = STR(""), .url = STR("x")};
    ret->state = told.pending_looks > 0 ? RUN_PENDING : RUN_SUCCEEDED;
    told.pending_looks -= told.pending_looks > 0 ? 1 : 0;
    return ERR_OK;
}

/* The run's id says which file it is. */
static inline enum err told_request(struct provider_api *api,
    struct str account,
    const struct report_wanted *wanted,
    struct arena *arena,
    struct report_run *ret,
    struct err_info *reterr)
{
    (void)api;
    (void)account;
    (void)reterr;
    told.runs++;
    *ret = (struct report_run){.state = RUN_PENDING,
        .id = arena_copy(arena, str_from(statement_file_word(wanted->file))),
        .why = STR(""),
        .url = STR("")};
    return ERR_OK;
}

static inline enum err told_download(struct provider_api *api,
    struct str account,
    const struct report_run *run,
    int fd,
    struct err_info *reterr)
{
    static const char items[] = "balance_transaction_id,created_utc,available_on_utc,currency,"
                                "gross,fee,net,reporting_category\n";
    static const char payouts[] = "balance_transaction_id,effective_at_utc,currency,gross,fee,net,"
                                  "reporting_category,payout_id\n";
    (void)api;
    (void)account;
    (void)reterr;
    const char *text = str_eq(run->id, STR("summary"))   ? "category,currency,net_amount\n"
                       : str_eq(run->id, STR("payouts")) ? payouts
                                                         : items;
    const char *rows =
        str_eq(run->id, STR("activity")) && told.activity != NULL ? told.activity : "";
    assert_true(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    assert_true(write(fd, rows, strlen(rows)) == (ssize_t)strlen(rows));
    return ERR_OK;
}

static const struct statement_ops told_ops = {
    .balance = told_balance,
    .report_until = told_until,
    .report_request = told_request,
    .report_look = told_look,
    .report_download = told_download,
    .lines = told_lines,
    .payout_lines = told_payout_lines,
    .recognise = stripe_statement_recognise,
    .read_record = stripe_statement_record,
    .read_total = stripe_statement_total,
};
static const struct provider_ops told_provider = {.name = "words", .statement = &told_ops};
static const struct account told_account = {
    .says = {.name = {"acme", 4}, .account_key = {"acct_1", 6}},
    .provider = &told_provider,
    .reads = {.key = {"key", 3}},
};

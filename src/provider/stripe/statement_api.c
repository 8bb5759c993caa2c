#include "base/check.h"
#include "base/timestamp.h"
#include "provider/stripe/api.h"
#include "provider/stripe/statement.h"

#define FILTER_BYTES_MAX 1024

static enum err ask(struct provider_api *api,
    const struct stripe_list_call *list,
    struct str payout,
    struct arena *arena,
    struct said_page *ret_page,
    struct err_info *reterr)
{
    struct stripe_list_page from = {0};
    struct said_page page;
    TRY(stripe_api_page(api, list, arena, &from, reterr));
    TRY(stripe_statement_decode_page(from.answer.body, payout, arena, &page, reterr));
    page.cursor = arena_copy(arena, from.cursor);
    page.more = from.more;
    if (page.cursor.data == NULL) {
        return err_set(
            reterr, ERR_TOO_LARGE, "the page is too large for the memory that it may take");
    }
    *ret_page = page;
    return ERR_OK;
}

static enum err ask_with(struct provider_api *api,
    struct str account,
    struct buf *filter,
    struct str payout,
    struct str cursor,
    struct arena *arena,
    struct said_page *ret_page,
    struct err_info *reterr)
{
    stripe_query_add(filter, "expand[]", STR("data.source"));
    if (filter->failed) {
        return err_set(reterr, ERR_INVALID, "that is no id of the provider's");
    }
    struct stripe_list_call list = {
        STR("/v1/balance_transactions"), buf_str(filter), account, cursor, 0};
    TRY(stripe_prove_environment(api, reterr));
    return ask(api, &list, payout, arena, ret_page, reterr);
}

enum err stripe_statement_lines(struct provider_api *api,
    struct str account,
    struct fetch_range range,
    struct str cursor,
    struct arena *arena,
    struct said_page *ret_page,
    struct err_info *reterr)
{
    REQUIRE(api != NULL && arena != NULL && ret_page != NULL);
    CLEANUP(buf_fini) struct buf filter;
    buf_init(&filter, FILTER_BYTES_MAX);
    stripe_query_add_int(&filter, "created[gte]", range.from_us / US_PER_SECOND);
    stripe_query_add_int(&filter, "created[lte]", range.to_us / US_PER_SECOND);
    return ask_with(api, account, &filter, STR_NONE, cursor, arena, ret_page, reterr);
}

enum err stripe_statement_payout_lines(struct provider_api *api,
    struct str account,
    struct str payout,
    struct str cursor,
    struct arena *arena,
    struct said_page *ret_page,
    struct err_info *reterr)
{
    REQUIRE(api != NULL && arena != NULL && ret_page != NULL);
    if (payout.len == 0 || payout.len > LIMIT_PROVIDER_ID_BYTES) {
        return err_set(reterr, ERR_INVALID, "that is no id of a payout of the provider's");
    }
    CLEANUP(buf_fini) struct buf filter;
    buf_init(&filter, FILTER_BYTES_MAX);
    stripe_query_add(&filter, "payout", payout);
    return ask_with(api, account, &filter, payout, cursor, arena, ret_page, reterr);
}

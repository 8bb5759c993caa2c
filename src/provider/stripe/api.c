#include "provider/stripe/api.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/timestamp.h"
#include "net/client.h"
#include <stdio.h>
#include <stdlib.h>

#define REQUESTS_PER_S 20 /* Stripe allows 25 to one endpoint, and to all of a sandbox */
#define REQUESTS_BURST 10
#define REQUEST_TIMEOUT_US (40 * US_PER_SECOND)
#define TOTAL_TIMEOUT_US (120 * US_PER_SECOND) /* of one request with all its attempts */
#define SCRATCH_BYTES_MAX ((size_t)128 * 1024 * 1024)
#define FILTER_BYTES_MAX 3000

/* --- opening and closing --- */

/* Certificates are verified everywhere. Without TLS the key stays on this machine. */
static enum err check_base_url(struct str url, struct err_info *reterr)
{
    struct net_place place = {0};
    if (net_url_read(url, &place) != ERR_OK || !place.bare) {
        return err_set(reterr, ERR_CONFIG,
            "the provider's base URL is no plain URL: https://host, or http://127.0.0.1:port");
    }
    if (!place.tls && !place.is_loopback) {
        return err_set(reterr, ERR_CONFIG,
            "the provider's base URL has no TLS, so the key would be readable on the way: https, "
            "or "
            "a host of this machine");
    }
    return ERR_OK;
}

static enum err set_up(
    struct provider_api *api, const struct provider_api_setup *setup, struct err_info *reterr)
{
    struct str url = setup->base_url.len > 0 ? setup->base_url : STR(STRIPE_API_URL);
    while (url.len > 0 && url.data[url.len - 1] == '/') {
        url.len--;
    }
    TRY(check_base_url(url, reterr));
    struct err_info why = {""};
    if (stripe_key_check(setup->key, setup->live, setup->full_key_allowed, &why) != ERR_OK) {
        return err_set(reterr, ERR_CONFIG, "key.read: %s", why.text);
    }
    if (!str_copy_to(api->base_url, sizeof api->base_url, url) ||
        !str_copy_to(api->account_key, sizeof api->account_key, setup->account_key)) {
        return err_set(reterr, ERR_CONFIG, "the base URL or the account's id is too long");
    }
    int len = snprintf(api->authorization, sizeof api->authorization,
        "Authorization: Bearer " STR_FMT, STR_ARG(setup->key));
    ENSURE(len > 0 && (size_t)len < sizeof api->authorization);
    api->env = setup->env;
    api->cancelled = setup->cancelled;
    api->live = setup->live;
    api->request_timeout_us = REQUEST_TIMEOUT_US;
    api->total_timeout_us = TOTAL_TIMEOUT_US;
    api->answer_bytes_max = LIMIT_API_ANSWER_BYTES;
    api->file_bytes_max = LIMIT_REPORT_BYTES;
    int64_t per_s = setup->requests_per_s > 0 ? setup->requests_per_s : REQUESTS_PER_S;
    stripe_bucket_init(&api->bucket, per_s, per_s < REQUESTS_BURST ? per_s : REQUESTS_BURST);
    return ERR_OK;
}

static struct provider_api *api_close(struct provider_api *api)
{
    if (api != NULL) {
        (void)net_client_free(api->client);
        (void)arena_free(api->scratch);
        bytes_wipe(api->authorization, sizeof api->authorization);
        free(api);
    }
    return NULL;
}
DEFINE_CLEANUP(struct provider_api *, api_close);

static enum err api_open(
    const struct provider_api_setup *setup, struct provider_api **ret_api, struct err_info *reterr)
{
    REQUIRE(setup != NULL && setup->env != NULL);
    REQUIRE(ret_api != NULL);
    CLEANUP(api_close) struct provider_api *api = calloc(1, sizeof *api);
    if (api == NULL) {
        return err_set(reterr, ERR_BUSY, "no memory left");
    }
    TRY(set_up(api, setup, reterr));
    api->client = net_client_new(1);
    api->scratch = arena_new(SCRATCH_BYTES_MAX);
    if (api->client == NULL || api->scratch == NULL) {
        return err_set(reterr, ERR_BUSY, "no memory left");
    }
    *ret_api = api;
    api = NULL;
    return ERR_OK;
}

static void api_tell_waits(struct provider_api *api, fetch_wait_fn *on_wait, void *context)
{
    REQUIRE(api != NULL);
    api->on_wait = on_wait;
    api->on_wait_context = context;
}

/* --- lists --- */

static void filter_range(struct buf *filter, struct fetch_range range)
{
    stripe_query_add_int(filter, "created[gte]", range.from_us / US_PER_SECOND);
    stripe_query_add_int(filter, "created[lte]", range.to_us / US_PER_SECOND);
}

static bool is_among(struct str type, const struct str *types, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (str_eq(type, types[i])) {
            return true;
        }
    }
    return count == 0;
}

static enum err page_begin(const struct stripe_list_page *from,
    struct arena *arena,
    struct fetch_page *page,
    struct err_info *reterr)
{
    *page = (struct fetch_page){.cursor = arena_copy(arena, from->cursor), .more = from->more};
    page->items = arena_new_array(arena, struct fetched, from->count + 1);
    if (page->items == NULL || page->cursor.data == NULL) {
        return err_set(reterr, ERR_TOO_LARGE, "the page is too large for the memory it may take");
    }
    return ERR_OK;
}

static enum err element_failed(
    struct str path, const struct stripe_answer *answer, enum err err, struct err_info *reterr)
{
    struct stripe_call call = {.path = path};
    return stripe_call_failed(&call, answer, err, reterr,
        err == ERR_MALFORMED ? "an object has no id or no kind, or the answer has no Date"
                             : "what came is too large for the memory that it may take");
}

static enum err api_events(struct provider_api *api,
    struct str account,
    struct fetch_range range,
    const struct str *types,
    uint32_t type_count,
    struct str cursor,
    struct arena *arena,
    struct fetch_page *ret_page,
    struct err_info *reterr)
{
    REQUIRE(api != NULL);
    REQUIRE(types != NULL || type_count == 0);
    REQUIRE(ret_page != NULL);
    CLEANUP(buf_fini) struct buf filter;
    buf_init(&filter, FILTER_BYTES_MAX);
    filter_range(&filter, range);
    for (uint32_t i = 0; type_count <= STRIPE_API_TYPES_MAX && i < type_count; i++) {
        stripe_query_add(&filter, "types[]", types[i]);
    }
    if (filter.failed) {
        return err_set(reterr, ERR_INVALID, "the event types are no event types");
    }
    struct stripe_list_call list = {STR("/v1/events"), buf_str(&filter), account, cursor, 0};
    struct stripe_list_page from = {0};
    struct fetch_page page;
    TRY(stripe_api_page(api, &list, arena, &from, reterr));
    TRY(page_begin(&from, arena, &page, reterr));
    for (uint32_t i = 0; i < from.count; i++) {
        struct fetched *to = &page.items[page.count];
        enum err err =
            stripe_fetched_event(api, account, &from.elements[i], from.answer.date_us, arena, to);
        if (err != ERR_OK) {
            return element_failed(list.path, &from.answer, err, reterr);
        }
        page.count += is_among(to->envelope.type, types, type_count) ? 1 : 0;
    }
    *ret_page = page;
    return ERR_OK;
}

/* Objects have no proof of their own: what does not say what it is cannot be kept. */
static enum err take_object(struct provider_api *api,
    struct str account,
    const struct stripe_element *element,
    const struct stripe_call *call,
    const struct stripe_answer *answer,
    struct arena *arena,
    struct fetched *ret,
    struct err_info *reterr)
{
    enum err err = ERR_MALFORMED;
    if (element->readable && element->id.len > 0 && element->object.len > 0 &&
        answer->date_us != 0) {
        struct stripe_element whole = *element;
        bool is_cut = false;
        TRY(stripe_api_make_whole(api, account, &whole, arena, &is_cut, reterr));
        err = stripe_fetched_object(api, account, &whole, answer->date_us, arena, ret);
        ret->is_cut = err == ERR_OK && is_cut;
    }
    return err == ERR_OK ? ERR_OK : element_failed(call->path, answer, err, reterr);
}

/* Where there is no room for the page, a smaller one is asked for. A second failure of the provider
 * in one page is about more than that object. */
static bool ends_page(enum err err, int64_t limit, uint32_t missing)
{
    return err == ERR_CLOSED || (err == ERR_TOO_LARGE && limit > 1) ||
           (err_is_retryable(err) && missing > 0);
}

/* One that does not come whole holds up no others. */
static enum err take_or_miss(struct provider_api *api,
    const struct stripe_list_call *list,
    const struct stripe_element *element,
    const struct stripe_answer *answer,
    struct arena *arena,
    struct fetch_page *page,
    struct err_info *reterr)
{
    struct err_info info = {""};
    struct stripe_call call = {.path = list->path};
    enum err err = take_object(
        api, list->account, element, &call, answer, arena, &page->items[page->count], &info);
    bool was_cut = err != ERR_OK && stripe_has_cut_list(element);
    if (err != ERR_OK && (!was_cut || ends_page(err, list->limit, page->missing))) {
        return err_set(reterr, err, "%s", info.text);
    }
    if (err == ERR_OK) {
        page->count++;
        return ERR_OK;
    }
    if (page->missing++ == 0) {
        page->why_missing = arena_copy(arena, str_from(info.text));
    }
    return ERR_OK;
}

/* Asking for more makes an answer's bytes another's. */
static bool keep_bytes(struct stripe_element *elements, uint32_t count, struct arena *arena)
{
    bool any_is_cut = false;
    for (uint32_t i = 0; i < count; i++) {
        any_is_cut = any_is_cut || stripe_has_cut_list(&elements[i]);
    }
    for (uint32_t i = 0; any_is_cut && i < count; i++) {
        elements[i].bytes = arena_copy(arena, elements[i].bytes);
        if (elements[i].bytes.data == NULL) {
            return false;
        }
    }
    return true;
}

static bool api_lists(enum id_kind kind)
{
    const struct stripe_api_kind *row = stripe_api_kind_find(kind);
    return row != NULL && row->listed;
}

static enum err objects_page(struct provider_api *api,
    const struct stripe_list_call *list,
    struct arena *arena,
    struct fetch_page *ret_page,
    struct err_info *reterr)
{
    struct stripe_list_page from = {0};
    struct fetch_page page;
    TRY(stripe_api_page(api, list, arena, &from, reterr));
    TRY(page_begin(&from, arena, &page, reterr));
    struct stripe_call call = {.path = list->path};
    if (!keep_bytes(from.elements, from.count, arena)) {
        return element_failed(call.path, &from.answer, ERR_TOO_LARGE, reterr);
    }
    TRY(stripe_api_check_date(api, from.answer.date_us, reterr));
    for (uint32_t i = 0; i < from.count; i++) {
        TRY(take_or_miss(api, list, &from.elements[i], &from.answer, arena, &page, reterr));
    }
    *ret_page = page;
    return ERR_OK;
}

/* Objects with their lists to the end may be a hundred times larger than the answer: then half as
 * many are asked for, down to one. */
static enum err api_objects(struct provider_api *api,
    struct str account,
    enum id_kind kind,
    struct fetch_range range,
    struct str cursor,
    struct arena *arena,
    struct fetch_page *ret_page,
    struct err_info *reterr)
{
    REQUIRE(api != NULL);
    REQUIRE(ret_page != NULL);
    const struct stripe_api_kind *row = stripe_api_kind_find(kind);
    if (!api_lists(kind)) {
        return err_set(
            reterr, ERR_INVALID, "the provider does not list things like a %s", id_kind_word(kind));
    }
    CLEANUP(buf_fini) struct buf filter;
    buf_init(&filter, FILTER_BYTES_MAX);
    buf_add(&filter, row->filter);
    filter_range(&filter, range);
    struct stripe_list_call list = {row->path, buf_str(&filter), account, cursor, LIMIT_API_PAGE};
    enum err err = objects_page(api, &list, arena, ret_page, reterr);
    while (err == ERR_TOO_LARGE && list.limit > 1) {
        list.limit /= 2;
        arena_reset(arena);
        err = objects_page(api, &list, arena, ret_page, reterr);
    }
    return err;
}

/* --- one object --- */

static enum err api_object(struct provider_api *api,
    struct str account,
    enum id_kind kind,
    struct str provider_id,
    struct arena *arena,
    struct fetched *ret_fetched,
    struct err_info *reterr)
{
    REQUIRE(api != NULL);
    REQUIRE(ret_fetched != NULL);
    const struct stripe_api_kind *row = stripe_api_kind_find(kind);
    if (row == NULL) {
        return err_set(
            reterr, ERR_INVALID, "the provider has nothing like a %s", id_kind_word(kind));
    }
    if (provider_id.len == 0 || provider_id.len > LIMIT_PROVIDER_ID_BYTES ||
        str_eq(provider_id, STR(".")) || str_eq(provider_id, STR(".."))) {
        return err_set(reterr, ERR_INVALID, "that is no id of the provider's");
    }
    CLEANUP(buf_fini) struct buf path;
    buf_init(&path, FILTER_BYTES_MAX);
    buf_add(&path, row->path);
    buf_add_char(&path, '/');
    stripe_percent_encode(&path, provider_id);
    struct stripe_call call = {.path = buf_str(&path), .account = account};
    struct stripe_answer answer;
    struct stripe_element element = {0};
    TRY(stripe_api_ask(api, &call, &answer, reterr));
    enum err err = stripe_element_read(answer.body, api->scratch, arena, &element);
    if (err == ERR_MALFORMED) {
        return stripe_call_failed(
            &call, &answer, err, reterr, "the answer is no JSON object, or is cut off");
    }
    if (err != ERR_OK || !keep_bytes(&element, 1, arena)) {
        return element_failed(call.path, &answer, ERR_TOO_LARGE, reterr);
    }
    TRY(stripe_api_check_date(api, answer.date_us, reterr));
    TRY(stripe_api_check_asked(kind, provider_id, &element, reterr));
    TRY(stripe_check_environment(api, &call, &answer, element.live, reterr));
    return take_object(api, account, &element, &call, &answer, arena, ret_fetched, reterr);
}

const struct provider_api_ops stripe_api_ops = {
    .open = api_open,
    .close = api_close,
    .tell_waits = api_tell_waits,
    .events = api_events,
    .lists = api_lists,
    .objects = api_objects,
    .object = api_object,
    .look = stripe_api_look,
};

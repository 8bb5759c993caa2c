#include "base/check.h"
#include "provider/stripe/api.h"
#include <stdio.h>
#include <stdlib.h>

#define QUERY_BYTES_MAX 3500

/* Objects differ in size a thousandfold: where a hundred do not fit, fewer may. */
static const int64_t page_sizes[] = {LIMIT_API_PAGE, 10, 1};
#define PAGE_SIZE_COUNT (sizeof page_sizes / sizeof page_sizes[0])

static enum err ask(struct provider_api *api,
    const struct stripe_list_call *list,
    int64_t limit,
    struct stripe_answer *ret_answer,
    struct err_info *reterr)
{
    CLEANUP(buf_fini) struct buf query;
    buf_init(&query, QUERY_BYTES_MAX);
    stripe_query_add_int(&query, "limit", limit);
    if (list->filter.len > 0) {
        buf_add_char(&query, '&');
        buf_add(&query, list->filter);
    }
    if (list->cursor.len > 0) {
        stripe_query_add(&query, "starting_after", list->cursor);
    }
    struct stripe_call call = {
        .path = list->path, .query = buf_str(&query), .account = list->account};
    if (query.failed) {
        struct stripe_answer none = {.request_id = "none"};
        return stripe_call_failed(&call, &none, ERR_TOO_LARGE, reterr, "the query is too long");
    }
    return stripe_api_ask(api, &call, ret_answer, reterr);
}

static enum err page_failed(const struct stripe_list_call *list,
    const struct stripe_answer *answer,
    enum err err,
    struct err_info *reterr,
    const char *what)
{
    struct stripe_call call = {.path = list->path};
    return stripe_call_failed(&call, answer, err, reterr, what);
}

static enum err read_elements(struct provider_api *api,
    const struct stripe_list_call *list,
    const struct stripe_cut *cut,
    struct arena *arena,
    struct stripe_list_page *page,
    struct err_info *reterr)
{
    page->count = cut->count;
    page->more = cut->has_more;
    page->elements = arena_new_array(arena, struct stripe_element, cut->count + 1);
    enum err err = page->elements != NULL ? ERR_OK : ERR_TOO_LARGE;
    for (uint32_t i = 0; err == ERR_OK && i < cut->count; i++) {
        err = stripe_element_read(cut->elements[i], api->scratch, arena, &page->elements[i]);
    }
    struct stripe_call call = {.path = list->path};
    for (uint32_t i = 0; err == ERR_OK && i < cut->count; i++) {
        TRY(stripe_check_environment(api, &call, &page->answer, page->elements[i].live, reterr));
    }
    if (err == ERR_MALFORMED) {
        return page_failed(
            list, &page->answer, err, reterr, "an element of the list is no JSON object");
    }
    return err == ERR_OK ? ERR_OK
                         : page_failed(list, &page->answer, err, reterr,
                               "the page is too large for the memory that it may take");
}

static uint64_t list_hash(const struct stripe_list_call *list)
{
    uint64_t hash = hash_bytes(list->path.data, list->path.len, 1);
    hash = hash_bytes(list->filter.data, list->filter.len, hash);
    return hash_bytes(list->account.data, list->account.len, hash);
}

/* The last id is the way to the next page: without one there is none. */
static enum err guard(struct provider_api *api,
    const struct stripe_list_call *list,
    struct stripe_list_page *page,
    struct err_info *reterr)
{
    struct str ids[LIMIT_API_PAGE];
    for (uint32_t i = 0; i < page->count; i++) {
        ids[i] = page->elements[i].id;
    }
    const char *problem = stripe_page_problem(ids, page->count, page->more, list->cursor);
    if (problem != NULL) {
        return page_failed(list, &page->answer, ERR_IMPOSSIBLE, reterr, problem);
    }
    page->cursor = page->count > 0 ? ids[page->count - 1] : list->cursor;
    if (!page->more) {
        return ERR_OK;
    }
    if (page->cursor.len == 0) {
        return page_failed(list, &page->answer, ERR_MALFORMED, reterr,
            "the list has more, but its last element has no id to go on from");
    }
    if (stripe_walk_circles(&api->walk, list_hash(list), list->cursor, page->cursor)) {
        return page_failed(list, &page->answer, ERR_IMPOSSIBLE, reterr,
            "the list goes in circles: it has come to the same id again");
    }
    return ERR_OK;
}

enum err stripe_api_page(struct provider_api *api,
    const struct stripe_list_call *list,
    struct arena *arena,
    struct stripe_list_page *ret_page,
    struct err_info *reterr)
{
    REQUIRE(api != NULL);
    REQUIRE(list != NULL);
    REQUIRE(arena != NULL);
    struct stripe_list_page page = {0};
    enum err err = ERR_TOO_LARGE;
    int64_t limit = 0;
    const int64_t limit_max = list->limit > 0 ? list->limit : LIMIT_API_PAGE;
    for (size_t i = 0; i < PAGE_SIZE_COUNT && err == ERR_TOO_LARGE; i++) {
        if (i > 0 && page_sizes[i] >= limit_max) {
            continue;
        }
        limit = page_sizes[i] < limit_max ? page_sizes[i] : limit_max;
        err = ask(api, list, limit, &page.answer, reterr);
    }
    ret_page->answer = page.answer; /* its status says more than the error */
    TRY(err);
    struct stripe_cut cut = {0};
    const char *why = "the list has more than was asked for";
    err = stripe_cut_page(page.answer.body, &cut, &why);
    if (err != ERR_OK || cut.count > limit) {
        return page_failed(list, &page.answer, ERR_MALFORMED, reterr, why);
    }
    TRY(read_elements(api, list, &cut, arena, &page, reterr));
    TRY(guard(api, list, &page, reterr));
    *ret_page = page;
    return ERR_OK;
}

/* --- the rest of an embedded list --- */

struct gathering {
    struct arena *arena;
    struct str *bodies, *ids;
    uint32_t count, room;
    size_t bytes;
};

/* Doubles; the arena keeps what was outgrown. */
static bool make_room(struct gathering *all, uint32_t more)
{
    if (all->count + more <= all->room) {
        return true;
    }
    uint32_t room = 2 * all->room + LIMIT_API_PAGE;
    struct str *bodies = arena_new_array(all->arena, struct str, room);
    struct str *ids = arena_new_array(all->arena, struct str, room);
    if (bodies == NULL || ids == NULL) {
        return false;
    }
    for (uint32_t i = 0; i < all->count; i++) {
        bodies[i] = all->bodies[i];
        ids[i] = all->ids[i];
    }
    all->bodies = bodies;
    all->ids = ids;
    all->room = room;
    return true;
}

static bool is_too_long(struct gathering *all, const struct stripe_list_page *page)
{
    for (uint32_t i = 0; i < page->count; i++) {
        all->bytes += page->elements[i].bytes.len;
    }
    return all->bytes > LIMIT_BODY_BYTES;
}

static bool gather(struct gathering *all, const struct stripe_list_page *page)
{
    if (!make_room(all, page->count)) {
        return false;
    }
    for (uint32_t i = 0; i < page->count; i++) {
        all->bodies[all->count] = arena_copy(all->arena, page->elements[i].bytes);
        all->ids[all->count] = page->elements[i].id;
        if (all->bodies[all->count++].data == NULL) {
            return false;
        }
    }
    return true;
}

static int compare_ids(const void *a, const void *b)
{
    return str_compare(*(const struct str *)a, *(const struct str *)b);
}

/* An element that came twice would be counted twice. Sorts the ids. */
static bool any_id_twice(struct gathering *all)
{
    if (all->count > 1) {
        qsort(all->ids, all->count, sizeof *all->ids, compare_ids);
    }
    for (uint32_t i = 1; i < all->count; i++) {
        if (all->ids[i].len > 0 && str_eq(all->ids[i - 1], all->ids[i])) {
            return true;
        }
    }
    return false;
}

enum err stripe_api_rest_of_list(struct provider_api *api,
    struct str account,
    struct str url,
    struct str last_id,
    struct arena *arena,
    struct stripe_rest *ret_rest,
    struct err_info *reterr)
{
    REQUIRE(api != NULL);
    REQUIRE(arena != NULL);
    REQUIRE(ret_rest != NULL);
    if (!stripe_list_url_is_plain(url) || last_id.len == 0) {
        return err_set(reterr, ERR_MALFORMED,
            "an embedded list has more, but no usable url or no id to go on from");
    }
    struct str filter = url;
    struct stripe_list_call list = {.path = str_cut(&filter, '?'), .account = account};
    list.filter = filter;
    list.cursor = last_id;
    struct stripe_list_page page = {.more = true};
    struct gathering all = {.arena = arena};
    for (uint32_t pages = 0; page.more; pages++) {
        if (pages == LIMIT_API_PAGES) {
            ret_rest->is_too_long = true;
            return page_failed(&list, &page.answer, ERR_TOO_LARGE, reterr,
                "the list has more pages than are read");
        }
        TRY(stripe_api_page(api, &list, arena, &page, reterr));
        if (is_too_long(&all, &page)) {
            ret_rest->is_too_long = true;
            return page_failed(&list, &page.answer, ERR_TOO_LARGE, reterr,
                "the list is larger than an object may be");
        }
        if (!gather(&all, &page)) {
            return page_failed(&list, &page.answer, ERR_TOO_LARGE, reterr,
                "the list is too large for the memory that it may take");
        }
        list.cursor = page.cursor;
    }
    if (any_id_twice(&all)) {
        return page_failed(&list, &page.answer, ERR_IMPOSSIBLE, reterr,
            "the list goes in circles: it has one id twice");
    }
    *ret_rest = (struct stripe_rest){all.count, all.bodies, false};
    return ERR_OK;
}

/* api_shop: a shop with its archive and its API, for tests; answers are parsed.
 *
 * Layer: tests.
 */
#pragma once

#include "sandbox/api.h"
#include "unit/sandbox/shop.h"

#define API_SHOP_KEY "rk_test_unit"
#define API_SHOP_ARENA_BYTES ((size_t)512 * 1024 * 1024) /* touched as far as a walk goes */

struct api_shop {
    struct merchant *merchant;
    struct archive *archive;
    struct api *api;
    struct arena *arena; /* answers and ids */
    struct buf body;
    struct api_response response; /* the last */
    int64_t now_us;
    struct str *ids; /* of all events, the oldest first */
    uint32_t count, room;
};

struct api_shop_setup {
    struct api_config api; /* without archive and key */
    struct merchant_config shop;
    uint32_t events_max;
    size_t event_bytes_max;
};

static inline struct api_shop *api_shop_open(struct api_shop_setup setup)
{
    struct api_shop *shop = calloc(1, sizeof *shop);
    assert_non_null(shop);
    setup.shop.seed = test_seed();
    setup.shop.start_us = SHOP_START_US;
    setup.shop.mean_gap_us = 100000;
    setup.shop.objects_max = 40000;
    setup.shop.version = setup.api.version;
    shop->merchant = merchant_new(&setup.shop);
    assert_non_null(shop->merchant);
    shop->archive = archive_new(&(struct archive_config){
        .merchant = shop->merchant,
        .events_max = setup.events_max > 0 ? setup.events_max : 20000,
        .objects_max = 40000,
        .event_bytes_max = setup.event_bytes_max > 0 ? setup.event_bytes_max : SIZE_MAX / 2,
    });
    assert_non_null(shop->archive);
    setup.api.archive = shop->archive;
    setup.api.key = STR(API_SHOP_KEY);
    shop->api = api_new(&setup.api);
    shop->arena = arena_new(API_SHOP_ARENA_BYTES);
    assert_non_null(shop->api);
    assert_non_null(shop->arena);
    shop->room = 20000;
    shop->ids = calloc(shop->room, sizeof *shop->ids);
    assert_non_null(shop->ids);
    buf_init(&shop->body, API_BODY_BYTES_MAX);
    shop->response.body = &shop->body;
    return shop;
}

static inline void api_shop_close(struct api_shop *shop)
{
    shop->api = api_free(shop->api);
    shop->archive = archive_free(shop->archive);
    shop->merchant = merchant_free(shop->merchant);
    shop->arena = arena_free(shop->arena);
    buf_fini(&shop->body);
    free(shop->ids);
    free(shop);
}

static inline void api_shop_live(struct api_shop *shop, uint32_t events)
{
    for (uint32_t i = 0; i < events; i++) {
        struct merchant_event event = {0};
        assert_err(merchant_next(shop->merchant, &event), ERR_OK);
        assert_err(archive_add(shop->archive, &event), ERR_OK);
        assert_true(shop->count < shop->room);
        shop->ids[shop->count++] = arena_copy(shop->arena, event.id);
    }
}

static inline const struct json *api_shop_ask(
    struct api_shop *shop, const struct api_request *request)
{
    struct json_document document = {0};
    buf_clear(&shop->body);
    api_answer(shop->api, request, shop->now_us, &shop->response);
    struct str text = arena_copy(shop->arena, buf_str(&shop->body));
    assert_non_null(text.data);
    assert_err(json_parse(text, shop->arena, &document), ERR_OK);
    return document.root;
}

/* GET with the key; `query` may be "". */
static inline const struct json *api_shop_get(
    struct api_shop *shop, const char *path, const char *query)
{
    return api_shop_ask(shop, &(struct api_request){.method = STR("GET"),
                                  .path = str_from(path),
                                  .query = str_from(query),
                                  .authorization = STR("Bearer " API_SHOP_KEY)});
}

static inline const char *api_shop_header(const struct api_shop *shop, const char *name)
{
    for (uint32_t i = 0; i < shop->response.header_count; i++) {
        if (strcmp(shop->response.headers[i].name, name) == 0) {
            return shop->response.headers[i].value;
        }
    }
    return NULL;
}

static inline const struct json *api_shop_data(const struct json *list)
{
    assert_str_equal_to(shop_text(list, "object"), "list");
    const struct json *data = json_get(list, STR("data"));
    assert_true(data != NULL && data->kind == JSON_ARRAY);
    return data;
}

static inline void api_shop_expect_error(struct api_shop *shop,
    const struct json *answer,
    int status,
    const char *code,
    const char *param)
{
    assert_int64_equal(shop->response.status, status);
    assert_str_equal_to(
        shop_text(answer, "error.type"), status == 500 ? "api_error" : "invalid_request_error");
    assert_true(shop_text(answer, "error.message").len > 0);
    assert_strs_equal(shop_text(answer, "error.code"), str_from(code));
    assert_strs_equal(shop_text(answer, "error.param"), str_from(param));
    assert_non_null(api_shop_header(shop, "Request-Id"));
}

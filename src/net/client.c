#include "net/client.h"
#include "base/check.h"
#include "base/digest.h"
#include "base/timestamp.h"
#include <curl/curl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define RESPONSE_BYTES_MAX ((size_t)64 * 1024)
#define FOUND_BYTES_MAX ((size_t)NET_WANTED_MAX * 256)
#define CANCEL_LOOK_US 100000
#define US_PER_MS 1000
#define PIECES_BYTES_PER_S_MIN 64L /* of a body that comes in pieces; below it for so long: */
#define PIECES_PATIENCE_S 60L

_Static_assert(LIBCURL_VERSION_NUM >= 0x075500, "PROTOCOLS_STR and curl_easy_header are needed");

/* One request at a time; the handle keeps what it can from one to the next. */
struct slot {
    CURL *easy;                  /* owned; NULL before its first request */
    struct curl_slist *headers;  /* owned */
    struct net_request *request; /* NULL: free */
    struct buf response;         /* its bound is the request's */
    size_t pieces_bytes;         /* that on_piece took */
    enum err piece_err;          /* why it takes no more */
    char error[CURL_ERROR_SIZE];
    struct slot *next_free;
};

struct net_client {
    CURLM *multi;
    struct buf shown; /* the response that `done` looks at, while its slot may begin another */
    struct buf found; /* the headers that it looks at */
    uint32_t connections_max;
    uint32_t active;
    bool stepping;
    bool closing;
    struct slot *free_slots;
    struct slot slots[];
};

static pthread_once_t curl_once = PTHREAD_ONCE_INIT;

static void curl_init(void)
{
    (void)curl_global_init(CURL_GLOBAL_DEFAULT);
}

struct net_client *net_client_new(uint32_t connections_max)
{
    REQUIRE(connections_max > 0);
    (void)pthread_once(&curl_once, curl_init);
    struct net_client *client = calloc(1, sizeof *client + connections_max * sizeof(struct slot));
    if (client == NULL) {
        return NULL;
    }
    client->connections_max = connections_max;
    buf_init(&client->shown, RESPONSE_BYTES_MAX);
    buf_init(&client->found, FOUND_BYTES_MAX);
    for (uint32_t i = connections_max; i > 0; i--) {
        struct slot *slot = &client->slots[i - 1];
        buf_init(&slot->response, RESPONSE_BYTES_MAX);
        slot->next_free = client->free_slots;
        client->free_slots = slot;
    }
    client->multi = curl_multi_init();
    if (client->multi == NULL ||
        curl_multi_setopt(client->multi, CURLMOPT_MAXCONNECTS, (long)connections_max) != CURLM_OK) {
        return net_client_free(client);
    }
    return client;
}

/* --- what came back --- */

/* Only here do curl's codes become ours. */
static enum err err_of(CURLcode code)
{
    if (code == CURLE_OK) {
        return ERR_OK;
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        return ERR_TIMEOUT;
    }
    if (code == CURLE_URL_MALFORMAT) {
        return ERR_INVALID;
    }
    return code == CURLE_OUT_OF_MEMORY ? ERR_BUSY : ERR_NET_IO;
}

static bool wants_pieces(const struct slot *slot)
{
    long status = 0;
    (void)curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
    return slot->request->on_piece != NULL && status == 200;
}

static size_t hand_on(struct slot *slot, struct str piece)
{
    struct net_request *request = slot->request;
    if (piece.len > request->response_bytes_max - slot->pieces_bytes) {
        slot->piece_err = ERR_TOO_LARGE;
        return 0;
    }
    slot->pieces_bytes += piece.len;
    if (!request->on_piece(request->piece_context, piece)) {
        slot->piece_err = ERR_FILE_IO;
        return 0;
    }
    return piece.len;
}

/* Taking less than was offered ends the transfer: what lies beyond the bound is not even read. */
static size_t on_data(char *data, size_t size, size_t count, void *context)
{
    struct slot *slot = context;
    size_t len = size * count;
    if (len > 0 && wants_pieces(slot)) {
        return hand_on(slot, (struct str){data, len});
    }
    size_t room = slot->response.max - slot->response.len;
    buf_add(&slot->response, (struct str){data, len < room ? len : room});
    return len <= room && !slot->response.failed ? len : 0;
}

static int64_t retry_after_of(CURL *easy)
{
    struct curl_header *header = NULL;
    curl_off_t seconds = 0;
    if (curl_easy_header(easy, "Retry-After", 0, CURLH_HEADER, -1, &header) != CURLHE_OK ||
        curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &seconds) != CURLE_OK) {
        return -1;
    }
    struct str text = str_trim(str_from(header->value));
    size_t digits = 0;
    while (digits < text.len && text.data[digits] >= '0' && text.data[digits] <= '9') {
        digits++;
    }
    int64_t whole = 0;
    if (digits > 0 && digits == text.len) {
        return str_to_int64(text, &whole) == ERR_OK ? whole : INT64_MAX;
    }
    return (int64_t)seconds; /* a date is turned into seconds; what cannot be read is 0 */
}

/* Copied, because curl's own die with the next request of the slot. One that is too long for any of
 * those that are asked for is left out. */
static void find_headers(struct net_client *client, CURL *easy, struct net_request *request)
{
    buf_clear(&client->found);
    size_t ends[NET_WANTED_MAX] = {0};
    size_t count = 0;
    for (; count < NET_WANTED_MAX && request->wanted[count] != NULL; count++) {
        struct curl_header *header = NULL;
        if (curl_easy_header(easy, request->wanted[count], 0, CURLH_HEADER, -1, &header) ==
            CURLHE_OK) {
            struct str value = str_trim(str_from(header->value)); /* of an empty one, CR stays */
            buf_add(&client->found, value.len <= 255 ? value : STR_NONE);
        }
        ends[count] = client->found.len;
    }
    const char *data = buf_str(&client->found).data;
    for (size_t i = 0, start = 0; i < count; start = ends[i++]) {
        request->found[i] = (struct str){data + start, ends[i] - start};
    }
}

static int64_t date_of(CURL *easy)
{
    struct curl_header *header = NULL;
    if (curl_easy_header(easy, "Date", 0, CURLH_HEADER, -1, &header) != CURLHE_OK) {
        return 0;
    }
    time_t at_s = curl_getdate(header->value, NULL);
    return at_s > 0 ? (int64_t)at_s * US_PER_SECOND : 0;
}

/* A header may be a key. */
static void forget_headers(struct slot *slot)
{
    for (struct curl_slist *line = slot->headers; line != NULL; line = line->next) {
        bytes_wipe(line->data, strlen(line->data));
    }
    curl_slist_free_all(slot->headers);
    slot->headers = NULL;
}

static void slot_release(struct net_client *client, struct slot *slot)
{
    forget_headers(slot);
    slot->request = NULL;
    slot->next_free = client->free_slots;
    client->free_slots = slot;
    INVARIANT(client->active > 0);
    client->active--;
}

/* The slot is free again before `done` is called, so that it may begin the next request. */
static void finish(struct net_client *client, struct slot *slot, enum err err)
{
    struct net_request *request = slot->request;
    struct buf spare = client->shown;
    client->shown = slot->response;
    slot->response = spare;
    buf_clear(&slot->response);
    slot_release(client, slot);
    request->response = buf_str(&client->shown);
    request->done(request, err);
}

static void finish_transfer(struct net_client *client, struct slot *slot, CURLcode code)
{
    struct net_request *request = slot->request;
    bool cut = false;
    if (code == CURLE_WRITE_ERROR && slot->response.len == slot->response.max) {
        code = CURLE_OK; /* cut off by on_data: the status and what fits are there */
        cut = true;
    }
    if (code == CURLE_OK) {
        long status = 0;
        (void)curl_easy_getinfo(slot->easy, CURLINFO_RESPONSE_CODE, &status);
        request->status = (int)status;
        request->retry_after_s = retry_after_of(slot->easy);
        request->date_us = date_of(slot->easy);
        find_headers(client, slot->easy, request);
    }
    (void)curl_multi_remove_handle(client->multi, slot->easy);
    enum err err = cut && request->response_bytes_max > 0 ? ERR_TOO_LARGE : err_of(code);
    finish(client, slot, slot->piece_err != ERR_OK ? slot->piece_err : err);
}

static uint32_t finish_all(struct net_client *client)
{
    uint32_t count = 0;
    int left = 0;
    CURLMsg *message = NULL;
    while ((message = curl_multi_info_read(client->multi, &left)) != NULL) {
        if (message->msg != CURLMSG_DONE) {
            continue;
        }
        struct slot *slot = NULL;
        CURLcode code = message->data.result; /* the message dies with remove_handle */
        (void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, (char **)&slot);
        INVARIANT(slot != NULL && slot->request != NULL);
        finish_transfer(client, slot, code);
        count++;
    }
    return count;
}

/* --- what goes out --- */

struct target {
    char url[NET_URL_BYTES_MAX];
    struct net_place place;
};

static enum err target_of(struct str url, struct target *ret)
{
    TRY(net_url_read(url, &ret->place));
    bool fits = str_copy_to(ret->url, sizeof ret->url, url);
    ENSURE(fits);
    return ERR_OK;
}

static enum err add_header(struct slot *slot, struct str line)
{
    if (memchr(line.data, '\r', line.len) != NULL || memchr(line.data, '\n', line.len) != NULL ||
        memchr(line.data, '\0', line.len) != NULL) {
        return ERR_INVALID; /* it would be two headers, or half of one */
    }
    char *text = strndup(line.data, line.len);
    struct curl_slist *longer = text != NULL ? curl_slist_append(slot->headers, text) : NULL;
    if (text != NULL) {
        bytes_wipe(text, line.len);
    }
    free(text);
    if (longer == NULL) {
        return ERR_BUSY;
    }
    slot->headers = longer;
    return ERR_OK;
}

static enum err add_headers(struct slot *slot, const struct net_request *request)
{
    TRY(add_header(slot, STR("Expect:"))); /* a round trip for nothing */
    bool typed = !request->post;
    for (size_t i = 0; i < sizeof request->headers / sizeof request->headers[0]; i++) {
        struct str rest = request->headers[i];
        if (rest.len > 0) {
            TRY(add_header(slot, rest));
            typed = typed || str_eq_ignoring_case(str_cut(&rest, ':'), STR("Content-Type"));
        }
    }
    return typed ? ERR_OK : add_header(slot, STR("Content-Type: application/json; charset=utf-8"));
}

#define SET(option, value)                                                                         \
    do {                                                                                           \
        CURLcode set_code_ = curl_easy_setopt(easy, (option), (value));                            \
        if (set_code_ != CURLE_OK) {                                                               \
            return err_of(set_code_);                                                              \
        }                                                                                          \
    } while (0)

/* What is the same for all requests of a slot. */
static enum err configure(struct slot *slot, CURL *easy)
{
    SET(CURLOPT_PRIVATE, slot);
    SET(CURLOPT_ERRORBUFFER, slot->error);
    SET(CURLOPT_WRITEFUNCTION, on_data);
    SET(CURLOPT_WRITEDATA, slot);
    SET(CURLOPT_NOSIGNAL, 1L);
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
    SET(CURLOPT_FOLLOWLOCATION, 0L);
    SET(CURLOPT_SSL_VERIFYPEER, 1L);
    SET(CURLOPT_SSL_VERIFYHOST, 2L);
    SET(CURLOPT_HTTP_VERSION, (long)CURL_HTTP_VERSION_1_1);
    SET(CURLOPT_TCP_NODELAY, 1L);
    SET(CURLOPT_USERAGENT, "counterfoil/" COUNTERFOIL_VERSION);
    return ERR_OK;
}

/* A handle that could not be configured whole is never used. */
static enum err slot_open(struct slot *slot)
{
    if (slot->easy != NULL) {
        return ERR_OK;
    }
    CURL *easy = curl_easy_init();
    if (easy == NULL) {
        return ERR_BUSY;
    }
    enum err err = configure(slot, easy);
    if (err != ERR_OK) {
        curl_easy_cleanup(easy);
        return err;
    }
    slot->easy = easy;
    return ERR_OK;
}

static enum err slot_prepare(struct slot *slot, const struct net_request *request)
{
    slot->error[0] = '\0';
    struct target target;
    TRY(target_of(request->url, &target));
    TRY(slot_open(slot));
    TRY(add_headers(slot, request));
    CURL *easy = slot->easy;
    int64_t timeout_ms = (request->timeout_us + US_PER_MS - 1) / US_PER_MS;
    SET(CURLOPT_URL, target.url);
    /* A proxy of the environment is for the world outside; what runs on this machine is reached
     * directly. */
    SET(CURLOPT_PROXY, target.place.is_loopback ? "" : NULL);
    SET(CURLOPT_HTTPHEADER, slot->headers);
    SET(CURLOPT_TIMEOUT_MS, (long)timeout_ms);
    if (request->post) {
        SET(CURLOPT_POST, 1L);
        SET(CURLOPT_POSTFIELDS, request->body.len > 0 ? request->body.data : "");
        SET(CURLOPT_POSTFIELDSIZE_LARGE, (curl_off_t)request->body.len);
    } else {
        SET(CURLOPT_POSTFIELDS, NULL);
        SET(CURLOPT_HTTPGET, 1L);
    }
    bool in_pieces = request->on_piece != NULL;
    SET(CURLOPT_LOW_SPEED_LIMIT, in_pieces ? PIECES_BYTES_PER_S_MIN : 0L);
    SET(CURLOPT_LOW_SPEED_TIME, in_pieces ? PIECES_PATIENCE_S : 0L);
    slot->pieces_bytes = 0;
    slot->piece_err = ERR_OK;
    buf_clear(&slot->response);
    slot->response.max = request->response_bytes_max > 0 && !in_pieces ? request->response_bytes_max
                                                                       : RESPONSE_BYTES_MAX;
    return ERR_OK;
}

static void forget_answer(struct net_request *request)
{
    request->status = 0;
    request->response = STR_NONE;
    memset(request->found, 0, sizeof request->found);
    request->retry_after_s = -1;
    request->date_us = 0;
}

enum err net_client_begin(struct net_client *client, struct net_request *request)
{
    REQUIRE(client != NULL);
    REQUIRE(request != NULL && request->done != NULL);
    REQUIRE(request->timeout_us > 0);
    REQUIRE(request->on_piece == NULL || request->response_bytes_max > 0);
    if (client->closing) {
        return ERR_CLOSED; /* from a `done` that net_client_free calls */
    }
    struct slot *slot = client->free_slots;
    if (slot == NULL) {
        return ERR_BUSY;
    }
    client->free_slots = slot->next_free;
    client->active++;
    slot->request = request;
    forget_answer(request);
    enum err err = slot_prepare(slot, request);
    if (err == ERR_OK && curl_multi_add_handle(client->multi, slot->easy) != CURLM_OK) {
        err = ERR_BUSY;
    }
    if (err != ERR_OK) {
        slot_release(client, slot);
    }
    return err;
}

uint32_t net_client_active(const struct net_client *client)
{
    REQUIRE(client != NULL);
    return client->active;
}

void net_client_step(struct net_client *client, int64_t timeout_us)
{
    REQUIRE(client != NULL);
    REQUIRE(timeout_us >= 0);
    REQUIRE(!client->stepping); /* `done` may begin requests, and nothing else */
    client->stepping = true;
    int running = 0;
    (void)curl_multi_perform(client->multi, &running);
    if (finish_all(client) == 0 && timeout_us > 0) {
        int64_t wait_ms = (timeout_us + US_PER_MS - 1) / US_PER_MS;
        wait_ms = wait_ms > INT32_MAX ? INT32_MAX : wait_ms;
        (void)curl_multi_poll(client->multi, NULL, 0, (int)wait_ms, NULL);
        (void)curl_multi_perform(client->multi, &running);
        (void)finish_all(client);
    }
    client->stepping = false;
}

static void end_all(struct net_client *client)
{
    for (uint32_t i = 0; i < client->connections_max; i++) {
        struct slot *slot = &client->slots[i];
        if (slot->request != NULL) {
            (void)curl_multi_remove_handle(client->multi, slot->easy);
            buf_clear(&slot->response);
            finish(client, slot, ERR_CLOSED);
        }
    }
}

struct net_client *net_client_free(struct net_client *client)
{
    if (client == NULL) {
        return NULL;
    }
    REQUIRE(!client->stepping);
    client->closing = true;
    end_all(client);
    for (uint32_t i = 0; i < client->connections_max; i++) {
        curl_easy_cleanup(client->slots[i].easy);
        buf_fini(&client->slots[i].response);
    }
    (void)curl_multi_cleanup(client->multi);
    buf_fini(&client->shown);
    buf_fini(&client->found);
    free(client);
    return NULL;
}

/* --- one request, waited for --- */

struct fetch {
    net_done_fn *done; /* the caller's; may be NULL */
    void *context;
    enum err err;
    bool finished;
};

static void on_fetched(struct net_request *request, enum err err)
{
    struct fetch *fetch = request->context;
    fetch->err = err;
    fetch->finished = true;
    request->context = fetch->context;
    if (fetch->done != NULL) {
        fetch->done(request, err);
    }
}

static bool is_cancelled(const struct net_request *request)
{
    return request->cancelled != NULL && atomic_load(request->cancelled);
}

static enum err fetch_on(
    struct net_client *client, struct net_request *request, struct fetch *fetch)
{
    request->done = on_fetched;
    request->context = fetch;
    int64_t step_us = request->cancelled != NULL ? CANCEL_LOOK_US : request->timeout_us;
    enum err err = is_cancelled(request) ? ERR_CLOSED : net_client_begin(client, request);
    while (err == ERR_OK && !fetch->finished) {
        net_client_step(client, step_us);
        if (!fetch->finished && is_cancelled(request)) {
            end_all(client);
        }
    }
    request->done = fetch->done;
    request->context = fetch->context;
    return err == ERR_OK ? fetch->err : err;
}

/* The URL may carry a key in its query: what curl says names the host only. */
static enum err explain(const struct net_client *client, enum err err, struct err_info *reterr)
{
    const char *said = client->slots[0].error;
    bool known = err == ERR_TOO_LARGE || said[0] == '\0'; /* curl would blame the writing of it */
    return err_set(reterr, err, "%s", known ? err_text(err) : said);
}

enum err net_client_fetch(
    struct net_client *client, struct net_request *request, struct err_info *reterr)
{
    REQUIRE(client != NULL);
    REQUIRE(client->connections_max == 1);
    REQUIRE(client->active == 0);
    REQUIRE(request != NULL);
    struct fetch fetch = {.context = request->context};
    enum err err = fetch_on(client, request, &fetch);
    return err == ERR_OK ? ERR_OK : explain(client, err, reterr);
}

enum err net_fetch(struct net_request *request, struct err_info *reterr)
{
    REQUIRE(request != NULL);
    CLEANUP(net_client_free) struct net_client *client = net_client_new(1);
    if (client == NULL) {
        return err_set(reterr, ERR_BUSY, "no memory left for a request");
    }
    struct fetch fetch = {.done = request->done, .context = request->context};
    enum err err = fetch_on(client, request, &fetch);
    request->response = STR_NONE;
    memset(request->found, 0, sizeof request->found);
    return err == ERR_OK ? ERR_OK : explain(client, err, reterr);
}

#include "base/check.h"
#include "base/limits.h"
#include "base/metrics.h"
#include "base/timestamp.h"
#include "http/body.h"
#include "http/head.h"
#include "http/refused.h"
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>

#define CONNECTIONS_MAX_USUAL 4096
#define IDLE_TIMEOUT_S_USUAL 30
/* The largest body that limits.h lets parse needs some 30 MiB; blocks double on the way there. */
#define VERIFY_ARENA_BYTES ((size_t)64 * 1024 * 1024)
#define SETTLE_POLL_NS 1000000

struct public_server {
    struct http_server server; /* first member */
    struct http_public_config config;
    int64_t body_timeout_us;
    /* the listener's thread only: */
    struct arena *arena; /* of the verification that runs */
    uint64_t body_bytes; /* held by requests */
    struct refused_log refused;
    /* any thread: */
    atomic_uint submitted; /* deliveries whose `done` has not returned */
    atomic_bool closing;
};
_Static_assert(offsetof(struct public_server, server) == 0, "the base is the first member");

enum request_state {
    REQUEST_READING,
    REQUEST_SUSPENDED, /* its delivery is the intake's */
    REQUEST_DECIDED    /* `result` says what to answer */
};

/* Lives from the request's headers to the library's word that it is over. The delivery is part of
 * it and borrows from it, and cannot outlive it: a suspended connection does not end, not even when
 * its client is gone. */
struct request {
    struct public_server *public;
    struct MHD_Connection *connection;
    struct http_waiting waiting; /* while REQUEST_SUSPENDED, and on the way out of it */
    struct accounts *accounts;   /* a reference, so that a reload does not pull the secrets away */
    const struct account *account;
    struct message message; /* signature: in the library's memory of the request */
    int64_t deadline_us;    /* monotonic; for the last byte of the body */
    struct http_body body;
    char *texts; /* owned; what the envelope points into */
    _Atomic enum request_state state;
    enum err result;
    struct delivery delivery;
};

/* --- the end of a request --- */

static void request_free(struct request *request)
{
    INVARIANT(atomic_load(&request->state) != REQUEST_SUSPENDED);
    http_body_fini(&request->body);
    (void)accounts_drop(request->accounts);
    free(request->texts);
    free(request);
}

static void public_finish(struct http_server *server, void *request)
{
    REQUIRE(((struct request *)request)->public == (struct public_server *)server);
    request_free(request);
}

static void count_result(enum err result, const struct delivery *delivery)
{
    if (result == ERR_OK) {
        metric_add(delivery->duplicate ? METRIC_DELIVERIES_DUPLICATE : METRIC_DELIVERIES_KEPT, 1);
        metric_add(METRIC_TEXT_REPLACED, delivery->envelope.text_replaced && !delivery->duplicate);
    } else if (err_class(result) == ERR_CLASS_BUSY) {
        metric_add(METRIC_DELIVERIES_BUSY, 1);
    } else {
        metric_add(METRIC_DELIVERIES_FAILED, 1);
    }
}

/* It would be a lie to tell a sender who is proven that what he sent is wrong, and he would stop
 * sending it: whatever the reason, it was not kept. */
static enum err result_for_sender(enum err result)
{
    return result == ERR_OK || err_is_retryable(result) ? result : ERR_STORE_IO;
}

static enum MHD_Result answer_result(struct request *request)
{
    struct http_server *server = &request->public->server;
    const struct delivery *delivery = &request->delivery;
    count_result(request->result, delivery);
    if (request->result != ERR_OK) {
        return http_server_refuse(server, request->connection,
            &(struct http_refusal){.err = result_for_sender(request->result)});
    }
    ENSURE(delivery->seq > 0);
    bool recorded = delivery->envelope.reason != REASON_NONE;
    char body[192];
    int len = snprintf(body, sizeof body, "{\"status\":\"%s\",\"seq\":%lld%s%s%s}",
        delivery->duplicate ? "duplicate" : "kept", (long long)delivery->seq,
        recorded ? ",\"recorded\":\"" : "", recorded ? reason_word(delivery->envelope.reason) : "",
        recorded ? "\"" : "");
    ENSURE(len > 0 && (size_t)len < sizeof body);
    struct http_answer answer = {
        .status = 200,
        .content_type = "application/json",
        .body = {body, (size_t)len},
    };
    return http_server_answer(server, request->connection, &answer);
}

/* --- the wait for the commit --- */

/* On the thread that steps the intake, or on ours when the intake took nothing. Once resumed, the
 * request may be answered and freed at any moment. */
static void on_done(struct delivery *delivery, enum err err)
{
    struct request *request = delivery->context;
    struct public_server *public = request->public;
    INVARIANT(atomic_load(&request->state) == REQUEST_SUSPENDED);
    request->result = err;
    atomic_store(&request->state, REQUEST_DECIDED);
    http_server_resume(&public->server, &request->waiting);
    (void)atomic_fetch_sub(&public->submitted, 1); /* the last touch: settle waits for it */
}

static enum MHD_Result submit(struct request *request)
{
    struct public_server *public = request->public;
    (void)atomic_fetch_add(&public->submitted, 1);
    if (atomic_load(&public->closing)) {
        (void)atomic_fetch_sub(&public->submitted, 1);
        request->result = ERR_CLOSED;
        return answer_result(request);
    }
    request->delivery.done = on_done;
    request->delivery.context = request;
    /* Before the submission: `done` may come, and resume, before that call returns. */
    atomic_store(&request->state, REQUEST_SUSPENDED);
    MHD_suspend_connection(request->connection);
    enum err err = intake_submit(public->config.intake, &request->delivery);
    if (err != ERR_OK) {
        on_done(&request->delivery, err);
    }
    return MHD_YES;
}

/* --- proof --- */

/* The envelope points into the arena, which the next verification takes: its texts move to memory
 * of the request's own. */
static enum err keep_envelope(struct request *request, const struct envelope *envelope)
{
    request->delivery.envelope = *envelope;
    struct envelope *kept = &request->delivery.envelope;
    struct str *const texts[] = {
        &kept->event_id, &kept->type, &kept->api_version, &kept->account, &kept->subject};
    size_t len = 0;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        len += texts[i]->len;
    }
    request->texts = malloc(len + 1);
    if (request->texts == NULL) {
        return ERR_BUSY;
    }
    char *to = request->texts;
    for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
        if (texts[i]->len > 0) {
            memcpy(to, texts[i]->data, texts[i]->len);
        }
        texts[i]->data = to;
        to += texts[i]->len;
    }
    return ERR_OK;
}

static enum err verify(struct request *request, enum unproven *ret_why)
{
    struct public_server *public = request->public;
    const struct account *account = request->account;
    struct envelope envelope;
    int64_t now_us = env_now(public->config.env);
    arena_reset(public->arena);
    TRY(account->provider->verify(
        &account->says, &request->message, now_us, public->arena, &envelope, ret_why));
    ENSURE(envelope.event_id.len > 0);
    TRY(keep_envelope(request, &envelope));
    metric_add(METRIC_CLOCK_SKEW, envelope.clock_skewed);
    request->delivery.account = account;
    request->delivery.body = request->message.body;
    request->delivery.received_us = now_us;
    return ERR_OK;
}

static enum MHD_Result body_complete(struct request *request)
{
    struct public_server *public = request->public;
    if (!http_body_is_whole(&request->body)) {
        return MHD_NO;
    }
    request->message.body = http_body_str(&request->body);
    enum unproven why = UNPROVEN_NO_HEADER;
    enum err err = verify(request, &why);
    if (err == ERR_UNPROVEN) {
        metric_add(METRIC_DELIVERIES_UNPROVEN, 1);
        refused_log_add(
            &public->refused, env_monotonic(public->config.env), request->account->says.name, why);
        return http_server_refuse(
            &public->server, request->connection, &(struct http_refusal){.err = err});
    }
    if (err != ERR_OK) {
        request->result = err;
        return answer_result(request);
    }
    return submit(request);
}

/* --- headers and body --- */

static enum MHD_Result request_begin(struct public_server *public,
    struct MHD_Connection *connection,
    const char *path,
    const char *method,
    struct request **ret_request)
{
    struct http_head head;
    const struct http_refusal *refusal = http_head_read(connection, path, method, &head);
    if (refusal != NULL) {
        metric_add(METRIC_REQUESTS_REFUSED, 1);
        return http_server_refuse(&public->server, connection, refusal);
    }
    CLEANUP(accounts_drop)
    struct accounts *accounts = accounts_current_hold(public->config.accounts);
    const struct account *account = accounts_find(accounts, head.name);
    if (account == NULL) {
        /* In the words for an unknown path: the accounts there are cannot be found out by asking.
         */
        metric_add(METRIC_REQUESTS_REFUSED, 1);
        return http_server_refuse(
            &public->server, connection, &(struct http_refusal){.err = ERR_NOT_FOUND});
    }
    struct request *request = calloc(1, sizeof *request);
    if (request == NULL) {
        metric_add(METRIC_DELIVERIES_BUSY, 1);
        return http_server_refuse(
            &public->server, connection, &(struct http_refusal){.err = ERR_BUSY});
    }
    request->public = public;
    request->connection = connection;
    request->waiting.connection = connection;
    request->account = account;
    request->accounts = accounts;
    accounts = NULL; /* the request drops it */
    request->message.signature = http_head_proof(
        connection, account->provider->proof_header, &request->message.signature_repeated);
    http_body_init(&request->body, head.body_len, &public->body_bytes);
    request->deadline_us = env_monotonic(public->config.env) + public->body_timeout_us;
    *ret_request = request;
    return MHD_YES;
}

/* A client that goes away right behind a piece of its body is not always noticed by the library: it
 * takes a short read for an empty socket, the end came with the same edge-triggered event as the
 * piece, and there is no second event. The request would seem to be under way until its timeout. */
static bool client_is_gone(struct MHD_Connection *connection)
{
    const union MHD_ConnectionInfo *info =
        MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    char byte = 0;
    return info != NULL && recv(info->connect_fd, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

static enum MHD_Result body_add(struct request *request, struct str piece)
{
    struct http_body *body = &request->body;
    if (piece.len > body->announced - body->len ||
        env_monotonic(request->public->config.env) > request->deadline_us) {
        return MHD_NO;
    }
    request->result =
        http_body_add(body, piece); /* BUSY stays BUSY; it is answered when the request has ended */
    return http_body_is_whole(body) || !client_is_gone(request->connection) ? MHD_YES : MHD_NO;
}

static enum MHD_Result public_handle(struct http_server *server,
    struct MHD_Connection *connection,
    const char *path,
    const char *method,
    struct str upload,
    void **context)
{
    struct public_server *public = (struct public_server *)server;
    struct request *request = *context;
    if (request == NULL) {
        enum MHD_Result result = request_begin(public, connection, path, method, &request);
        *context = request;
        return result;
    }
    INVARIANT(request->connection == connection);
    if (upload.len > 0) {
        return body_add(request, upload);
    }
    INVARIANT(atomic_load(&request->state) != REQUEST_SUSPENDED);
    if (atomic_load(&request->state) == REQUEST_DECIDED || request->result != ERR_OK) {
        return answer_result(request);
    }
    return body_complete(request);
}

/* --- the listener --- */

/* A request that comes between the caller's last look and now may still be submitted: it is waited
 * for. The counting and the flag are sequentially consistent, so one of the two sees the other. */
static void public_settle(struct http_server *server)
{
    struct public_server *public = (struct public_server *)server;
    atomic_store(&public->closing, true);
    while (atomic_load(&public->submitted) > 0) {
        (void)nanosleep(&(struct timespec){0, SETTLE_POLL_NS}, NULL);
    }
}

static void public_free(struct http_server *server)
{
    struct public_server *public = (struct public_server *)server;
    INVARIANT(public->body_bytes == 0);
    refused_log_flush(&public->refused);
    (void)arena_free(public->arena);
    free(public);
}

static const struct http_server_ops public_ops = {
    .handle = public_handle,
    .finish = public_finish,
    .settle = public_settle,
    .free = public_free,
};

enum err http_public_open(const struct http_public_config *config,
    struct http_server **ret_server,
    struct err_info *reterr)
{
    REQUIRE(config != NULL);
    REQUIRE(config->accounts != NULL && config->intake != NULL && config->env != NULL);
    REQUIRE(ret_server != NULL);
    struct public_server *public = calloc(1, sizeof *public);
    struct arena *arena = arena_new(VERIFY_ARENA_BYTES);
    if (public == NULL || arena == NULL) {
        free(public);
        (void)arena_free(arena);
        return err_set(reterr, ERR_BUSY, "no memory left for the public listener");
    }
    struct http_listener_limits limits = {config->connections_max, config->idle_timeout_s};
    limits.connections_max =
        limits.connections_max > 0 ? limits.connections_max : CONNECTIONS_MAX_USUAL;
    limits.idle_timeout_s =
        limits.idle_timeout_s > 0 ? limits.idle_timeout_s : IDLE_TIMEOUT_S_USUAL;
    public->config = *config;
    public->config.address = STR_NONE; /* borrowed for the call only */
    public->arena = arena;
    public->body_timeout_us = (int64_t)limits.idle_timeout_s * US_PER_SECOND;
    enum err err = http_server_start(
        &public->server, &public_ops, config->env, config->address, &limits, reterr);
    if (err != ERR_OK) {
        public_free(&public->server);
        return err;
    }
    *ret_server = &public->server;
    return ERR_OK;
}

#include "unit/http/door.h"
#include <pthread.h>
#include <stdatomic.h>

#define PATIENCE_MS 10000

/* --- the provider --- */

static atomic_bool last_repeated;

bool door_signature_repeated(void)
{
    return atomic_load(&last_repeated);
}

static enum err verify(const struct provider_account *account,
    const struct message *message,
    int64_t now_us,
    struct arena *arena,
    struct envelope *ret_envelope,
    enum unproven *ret_unproven)
{
    assert_true(account->secret_count == 1);
    atomic_store(&last_repeated, message->signature_repeated);
    if (str_eq(message->signature, STR("busy"))) {
        return ERR_BUSY;
    }
    if (message->body.len == 0 || !str_starts_with(message->signature, STR("good"))) {
        *ret_unproven = message->body.len == 0 ? UNPROVEN_EMPTY_BODY : UNPROVEN_NO_MATCH;
        return ERR_UNPROVEN;
    }
    struct str id = message->body;
    id.len = id.len > 64 ? 64 : id.len;
    *ret_envelope = (struct envelope){
        .event_id = arena_copy(arena, id), /* gone with the next verification */
        .type = arena_copy(arena, STR("test.event")),
        .api_version = STR(""),
        .account = STR(""),
        .subject = STR("subject"),
        .proof_at_us = now_us,
        .clock_skewed = str_eq(message->signature, STR("good-skewed")),
        .text_replaced = str_eq(message->signature, STR("good-replaced")),
        .reason = str_eq(message->signature, STR("good-odd")) ? REASON_NOT_JSON : REASON_NONE,
    };
    return ERR_OK;
}

const struct provider_ops door_provider = {
    .name = "double", .proof_header = "Stripe-Signature", .verify = verify};

struct accounts *door_accounts(const char *name, const char *other_name)
{
    static const struct str secret = {"whsec_door", 10};
    struct account entries[] = {
        {.says = {.name = str_from(name), .account_key = STR("a"), .secrets = &secret},
            .provider = &door_provider},
        {.says = {.name = str_from(other_name), .account_key = STR("b"), .secrets = &secret},
            .provider = &door_provider},
    };
    entries[0].says.secret_count = 1;
    entries[1].says.secret_count = 1;
    struct accounts *accounts = accounts_new(entries, 2);
    assert_non_null(accounts);
    return accounts;
}

/* --- the intake --- */

struct intake {
    pthread_mutex_t lock;
    enum door_mode mode;
    enum err result;
    struct delivery *first, **end, *last;
    uint32_t waiting;
    int64_t seq;
};

struct behind {
    struct delivery *delivery;
    enum err err;
};

static void *answer_behind(void *context)
{
    struct behind *behind = context;
    behind->delivery->done(behind->delivery, behind->err);
    return NULL;
}

enum err intake_submit(struct intake *intake, struct delivery *delivery)
{
    (void)pthread_mutex_lock(&intake->lock);
    enum door_mode mode = intake->mode;
    enum err result = intake->result;
    delivery->seq = ++intake->seq;
    if (mode == DOOR_HOLDS) {
        delivery->next = NULL;
        *intake->end = delivery;
        intake->end = &delivery->next;
        intake->last = delivery;
        intake->waiting++;
    }
    (void)pthread_mutex_unlock(&intake->lock);
    if (mode == DOOR_ANSWERS) {
        delivery->done(delivery, result);
    } else if (mode == DOOR_ANSWERS_BEHIND) {
        struct behind behind = {delivery, result};
        pthread_t thread;
        assert_int_equal(pthread_create(&thread, NULL, answer_behind, &behind), 0);
        assert_int_equal(pthread_join(thread, NULL), 0);
    }
    return mode == DOOR_REFUSES ? result : ERR_OK;
}

uint32_t intake_waiting(const struct intake *intake)
{
    pthread_mutex_t *lock = (pthread_mutex_t *)(uintptr_t)&intake->lock;
    (void)pthread_mutex_lock(lock);
    uint32_t waiting = intake->waiting;
    (void)pthread_mutex_unlock(lock);
    return waiting;
}

void door_mode_set(struct door *door, enum door_mode mode, enum err result)
{
    (void)pthread_mutex_lock(&door->intake->lock);
    door->intake->mode = mode;
    door->intake->result = result;
    (void)pthread_mutex_unlock(&door->intake->lock);
}

void door_freeze(struct door *door)
{
    (void)pthread_mutex_lock(&door->intake->lock);
}

void door_thaw(struct door *door)
{
    (void)pthread_mutex_unlock(&door->intake->lock);
}

uint32_t door_waiting(struct door *door)
{
    return intake_waiting(door->intake);
}

void door_wait_for(struct door *door, uint32_t waiting)
{
    for (int ms = 0; door_waiting(door) != waiting; ms++) {
        assert_true(ms < PATIENCE_MS);
        sleep_ms(1);
    }
}

struct delivery *door_last(struct door *door)
{
    (void)pthread_mutex_lock(&door->intake->lock);
    struct delivery *last = door->intake->last;
    (void)pthread_mutex_unlock(&door->intake->lock);
    return last;
}

uint32_t door_release(struct door *door, enum err err)
{
    struct intake *intake = door->intake;
    (void)pthread_mutex_lock(&intake->lock);
    struct delivery *delivery = intake->first;
    intake->first = intake->last = NULL;
    intake->end = &intake->first;
    intake->waiting = 0;
    (void)pthread_mutex_unlock(&intake->lock);
    uint32_t count = 0;
    while (delivery != NULL) {
        struct delivery *next = delivery->next;
        delivery->done(delivery, err);
        delivery = next;
        count++;
    }
    return count;
}

/* --- the listener --- */

struct door *door_open_with(uint32_t connections_max, uint32_t idle_timeout_s)
{
    struct door *door = calloc(1, sizeof *door);
    assert_non_null(door);
    door->intake = calloc(1, sizeof *door->intake);
    assert_non_null(door->intake);
    door->intake->end = &door->intake->first;
    (void)pthread_mutex_init(&door->intake->lock, NULL);
    door->accounts = accounts_current_new(door_accounts("acme", "b c"));
    assert_non_null(door->accounts);
    struct http_public_config config = {
        .address = STR("127.0.0.1:0"),
        .accounts = door->accounts,
        .intake = door->intake,
        .env = env_system(),
        .connections_max = connections_max,
        .idle_timeout_s = idle_timeout_s,
    };
    struct err_info info = {""};
    assert_err(http_public_open(&config, &door->server, &info), ERR_OK);
    door->port = http_server_port(door->server);
    return door;
}

struct door *door_open(void)
{
    return door_open_with(0, 0);
}

struct door *door_close(struct door *door)
{
    if (door != NULL) {
        door_mode_set(door, DOOR_REFUSES, ERR_CLOSED); /* as intake_close does */
        (void)door_release(door, ERR_CLOSED);
        door->server = http_server_close(door->server);
        assert_int_equal(door_waiting(door), 0);
        (void)accounts_current_free(door->accounts);
        (void)pthread_mutex_destroy(&door->intake->lock);
        free(door->intake);
        free(door);
    }
    return NULL;
}

int door_setup(void **state)
{
    *state = door_open();
    return 0;
}

int door_teardown(void **state)
{
    *state = door_close(*state);
    return 0;
}

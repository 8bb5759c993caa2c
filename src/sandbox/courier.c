#include "sandbox/courier.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "net/client.h"
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#define TIMEOUT_US (10 * US_PER_SECOND)
#define DUPLICATE_WITHIN_MS 2000
#define REORDER_FROM_MS 50
#define REORDER_WITHIN_MS 2000
#define GIVE_UP_US (3 * US_PER_DAY)
/* However much the provider's times are compressed: no hammering at a server that is down, and no
 * giving up before it can have come back. */
#define RETRY_US_MIN INT64_C(20000)
#define GIVE_UP_US_MIN US_PER_MINUTE

/* The provider says "up to three days with exponential back-off" and no more; these are ours, by
 * the attempt that failed, and the last one repeats. */
static const int64_t retry_after_us[] = {5 * US_PER_MINUTE, 30 * US_PER_MINUTE, 2 * US_PER_HOUR,
    5 * US_PER_HOUR, 10 * US_PER_HOUR, 12 * US_PER_HOUR};
#define RETRY_ROWS (sizeof retry_after_us / sizeof *retry_after_us)

struct letter {
    struct net_request request; /* first member: `done` gets it back */
    struct courier *courier;
    int64_t due_us, first_sent_us;
    uint64_t order;
    uint32_t failures;
    bool is_duplicate;
    struct truth_note *note; /* held */
    struct letter *next;     /* of those acknowledged in this step */
    char event_id[64];
    char header[COURIER_SIGNATURE_BYTES + 32];
    size_t body_len;
    char body[];
};

struct courier {
    struct courier_config config;
    struct truth *truth;
    struct env *env;
    struct net_client *client;
    struct courier_counts counts;
    uint64_t random_state, order;
    struct letter **waiting; /* a binary heap, the first due first */
    uint32_t waiting_count;
    uint32_t open; /* waiting and on the way */
    struct letter *acked;
    struct buf log;
};

/* Random numbers of its own, so that the knobs do not change what the merchant does. */
static uint64_t below(struct courier *courier, uint64_t limit)
{
    courier->random_state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t z = courier->random_state;
    z = (z ^ (z >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (z ^ (z >> 31)) % limit;
}

static bool chance(struct courier *courier, uint32_t percent)
{
    return below(courier, 100) < percent;
}

struct courier *courier_new(
    const struct courier_config *config, struct truth *truth, struct env *env)
{
    REQUIRE(config->sign != NULL);
    REQUIRE(config->retry_scale >= 1);
    REQUIRE(config->letters_max >= 2);
    struct courier *courier = calloc(1, sizeof *courier);
    if (courier == NULL) {
        return NULL;
    }
    courier->config = *config;
    courier->truth = truth;
    courier->env = env;
    courier->random_state = ~config->seed;
    courier->client = net_client_new(config->connections_max);
    courier->waiting = calloc(config->letters_max, sizeof(struct letter *));
    buf_init(&courier->log, (size_t)64 * config->letters_max);
    if (courier->client == NULL || courier->waiting == NULL) {
        return courier_free(courier);
    }
    return courier;
}

/* ---- letters --------------------------------------------------------------------------------- */

static bool is_before(const struct letter *a, const struct letter *b)
{
    return a->due_us != b->due_us ? a->due_us < b->due_us : a->order < b->order;
}

static void put(struct courier *courier, struct letter *letter)
{
    INVARIANT(courier->waiting_count < courier->config.letters_max);
    uint32_t at = courier->waiting_count++;
    while (at > 0 && is_before(letter, courier->waiting[(at - 1) / 2])) {
        courier->waiting[at] = courier->waiting[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    courier->waiting[at] = letter;
}

static struct letter *take_first(struct courier *courier)
{
    REQUIRE(courier->waiting_count > 0);
    struct letter *first = courier->waiting[0];
    struct letter *last = courier->waiting[--courier->waiting_count];
    uint32_t at = 0;
    for (;;) {
        uint32_t child = 2 * at + 1;
        if (child + 1 < courier->waiting_count &&
            is_before(courier->waiting[child + 1], courier->waiting[child])) {
            child++;
        }
        if (child >= courier->waiting_count || !is_before(courier->waiting[child], last)) {
            break;
        }
        courier->waiting[at] = courier->waiting[child];
        at = child;
    }
    courier->waiting[at] = last;
    return first;
}

static void letter_free(struct courier *courier, struct letter *letter)
{
    truth_note_drop(letter->note);
    free(letter);
    INVARIANT(courier->open > 0);
    courier->open--;
}

static void on_answer(struct net_request *request, enum err err);

static struct letter *letter_new(struct courier *courier,
    const struct merchant_event *event,
    struct truth_note *note,
    struct str body,
    int64_t due_us)
{
    struct letter *letter = calloc(1, sizeof *letter + body.len + 1);
    if (letter == NULL) {
        return NULL;
    }
    memcpy(letter->body, body.data, body.len);
    letter->body_len = body.len;
    (void)str_copy_to(letter->event_id, sizeof letter->event_id, event->id);
    letter->courier = courier;
    letter->due_us = due_us;
    letter->order = courier->order++;
    letter->note = truth_note_hold(note);
    letter->request = (struct net_request){
        .url = courier->config.url,
        .post = true,
        .body = {letter->body, letter->body_len},
        .timeout_us = TIMEOUT_US,
        .done = on_answer,
    };
    courier->open++;
    put(courier, letter);
    return letter;
}

static int64_t draw_due(struct courier *courier, int64_t at_us)
{
    int64_t due_us = at_us;
    if (courier->config.delay_max_us > 0) {
        due_us += (int64_t)below(courier, (uint64_t)courier->config.delay_max_us + 1);
    }
    if (chance(courier, courier->config.reorder_percent)) {
        uint64_t ms = REORDER_FROM_MS + below(courier, REORDER_WITHIN_MS - REORDER_FROM_MS);
        due_us += (int64_t)ms * 1000;
    }
    return due_us;
}

/* Each may be sent twice. */
uint32_t courier_room(const struct courier *courier)
{
    return (courier->config.letters_max - courier->open) / 2;
}

/* Draws in the same order whatever becomes of the event, so that one seed gives the same fates. */
enum err courier_take(struct courier *courier, const struct merchant_event *event)
{
    REQUIRE(courier != NULL);
    if (courier_room(courier) == 0) {
        return ERR_BUSY;
    }
    struct truth_note *note = NULL;
    REQUIRE(event->whole.len > 0);
    TRY(truth_made(courier->truth, event->whole, &note));
    bool lost = chance(courier, courier->config.loss_percent);
    bool twice = chance(courier, courier->config.duplicate_percent);
    int64_t due_us = draw_due(courier, event->at_us);
    int64_t again_us = due_us + (int64_t)below(courier, DUPLICATE_WITHIN_MS) * 1000;
    courier->counts.events++;
    enum err err = ERR_OK;
    if (event->fate != EVENT_TOLD) {
        courier->counts.lost++; /* and can be had nowhere */
    } else if (lost) {
        courier->counts.lost++;
        if (courier->config.lost_may_arrive) {
            truth_tried(courier->truth, note);
        }
    } else if (letter_new(courier, event, note, event->body, due_us) == NULL) {
        err = ERR_BUSY;
    } else if (twice || event->again.len > 0) {
        struct str body = event->again.len > 0 ? event->again : event->body;
        struct letter *second = letter_new(courier, event, note, body, again_us);
        if (second != NULL) {
            second->is_duplicate = true;
        }
    }
    truth_note_drop(note);
    return err;
}

/* ---- sending --------------------------------------------------------------------------------- */

static enum err send(struct courier *courier, struct letter *letter, int64_t now_us)
{
    char signature[COURIER_SIGNATURE_BYTES];
    courier->config.sign(
        courier->config.secret, now_us / US_PER_SECOND, letter->request.body, signature);
    int written =
        snprintf(letter->header, sizeof letter->header, "Stripe-Signature: %s", signature);
    ENSURE(written > 0 && (size_t)written < sizeof letter->header);
    letter->request.headers[0] = str_from(letter->header);
    enum err err = net_client_begin(courier->client, &letter->request);
    if (err == ERR_OK) {
        if (letter->first_sent_us == 0) {
            letter->first_sent_us = now_us;
        }
        courier->counts.attempts++;
        truth_tried(courier->truth, letter->note);
    }
    return err;
}

static void send_due(struct courier *courier, int64_t now_us)
{
    while (courier->waiting_count > 0 && courier->waiting[0]->due_us <= now_us &&
           net_client_active(courier->client) < courier->config.connections_max) {
        struct letter *letter = take_first(courier);
        if (send(courier, letter, now_us) != ERR_OK) {
            letter->due_us = now_us + US_PER_SECOND / 10;
            put(courier, letter);
            return;
        }
    }
}

static void retry_or_give_up(struct courier *courier, struct letter *letter)
{
    size_t row = letter->failures < RETRY_ROWS ? letter->failures : RETRY_ROWS - 1;
    int64_t scale = courier->config.retry_scale;
    int64_t now_us = env_now(courier->env);
    letter->failures++;
    int64_t give_up_us = GIVE_UP_US / scale > GIVE_UP_US_MIN ? GIVE_UP_US / scale : GIVE_UP_US_MIN;
    if (now_us - letter->first_sent_us > give_up_us) {
        courier->counts.given_up++;
        letter_free(courier, letter);
        return;
    }
    int64_t wait_us = retry_after_us[row] / scale;
    wait_us = wait_us > RETRY_US_MIN ? wait_us : RETRY_US_MIN;
    wait_us += (int64_t)below(courier, (uint64_t)wait_us / 10 + 1);
    letter->due_us = now_us + wait_us;
    put(courier, letter);
}

static void on_answer(struct net_request *request, enum err err)
{
    struct letter *letter = (struct letter *)request;
    struct courier *courier = letter->courier;
    if (err == ERR_CLOSED) {
        letter_free(courier, letter);
        return;
    }
    if (err == ERR_OK && request->status >= 200 && request->status < 300) {
        letter->next = courier->acked;
        courier->acked = letter;
        return;
    }
    if (err == ERR_OK) {
        courier->counts.refused++;
        courier->counts.last_refusal = request->status;
    } else {
        courier->counts.unreachable++;
    }
    retry_or_give_up(courier, letter);
}

_Static_assert(offsetof(struct letter, request) == 0, "the cast above relies on it");

/* ---- acknowledgements ------------------------------------------------------------------------ */

static enum err log_acked(struct courier *courier, struct err_info *reterr)
{
    if (courier->config.acked_fd < 0) {
        return ERR_OK;
    }
    buf_clear(&courier->log);
    for (const struct letter *at = courier->acked; at != NULL; at = at->next) {
        buf_add(&courier->log, str_from(at->event_id));
        buf_add_char(&courier->log, '\n');
    }
    struct str left = buf_str(&courier->log);
    while (left.len > 0) {
        ssize_t written = write(courier->config.acked_fd, left.data, left.len);
        if (written < 0 && errno == EINTR) {
            continue;
        }
        if (written <= 0) {
            return err_set(
                reterr, ERR_FILE_IO, "the log of acknowledged events: %s", strerror(errno));
        }
        left = (struct str){left.data + written, left.len - (size_t)written};
    }
    if (courier->log.failed || fdatasync(courier->config.acked_fd) != 0) {
        return err_set(reterr, ERR_FILE_IO, "the log of acknowledged events: %s", strerror(errno));
    }
    return ERR_OK;
}

static enum err settle(struct courier *courier, struct err_info *reterr)
{
    if (courier->acked == NULL) {
        return ERR_OK;
    }
    TRY(log_acked(courier, reterr));
    while (courier->acked != NULL) {
        struct letter *letter = courier->acked;
        courier->acked = letter->next;
        truth_acked(courier->truth, letter->note);
        if (courier->config.delivered != NULL) {
            courier->config.delivered(courier->config.context, str_from(letter->event_id));
        }
        if (letter->is_duplicate) {
            courier->counts.duplicates++;
        } else {
            courier->counts.acknowledged++;
        }
        letter_free(courier, letter);
    }
    return ERR_OK;
}

/* ---- verbs ----------------------------------------------------------------------------------- */

enum err courier_step(struct courier *courier, int64_t timeout_us, struct err_info *reterr)
{
    REQUIRE(courier != NULL);
    REQUIRE(timeout_us >= 0);
    int64_t now_us = env_now(courier->env);
    send_due(courier, now_us);
    if (courier->waiting_count > 0 &&
        net_client_active(courier->client) < courier->config.connections_max) {
        int64_t until_due_us = courier->waiting[0]->due_us - now_us;
        timeout_us = until_due_us < timeout_us ? until_due_us : timeout_us;
    }
    net_client_step(courier->client, timeout_us < 0 ? 0 : timeout_us);
    return settle(courier, reterr);
}

/* The heap stays one: all that changes becomes due at the same moment, in its order. */
void courier_hurry(struct courier *courier)
{
    REQUIRE(courier != NULL);
    uint32_t count = courier->waiting_count;
    courier->waiting_count = 0;
    for (uint32_t i = 0; i < count; i++) {
        struct letter *letter = courier->waiting[i];
        if (letter->failures == 0) {
            letter->due_us = 0;
        }
        put(courier, letter); /* writes at or before i: what follows is still to be read */
    }
}

uint32_t courier_open(const struct courier *courier)
{
    return courier->open;
}

void courier_count(const struct courier *courier, struct courier_counts *ret)
{
    *ret = courier->counts;
}

struct courier *courier_free(struct courier *courier)
{
    if (courier == NULL) {
        return NULL;
    }
    courier->client = net_client_free(courier->client);
    while (courier->acked != NULL) {
        struct letter *letter = courier->acked;
        courier->acked = letter->next;
        letter_free(courier, letter);
    }
    while (courier->waiting_count > 0) {
        letter_free(courier, take_first(courier));
    }
    free(courier->waiting);
    buf_fini(&courier->log);
    free(courier);
    return NULL;
}

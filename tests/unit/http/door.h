/* door: a public listener under test, with doubles for the provider and for the intake.
 *
 * The provider's double goes by the signature header alone:
 *   good, good-replaced, good-skewed, good-odd (recorded as not_json), busy; all else is unproven
 * and takes the body as the event's id, cut at 64 bytes.
 *
 * The intake's double is linked in place of the real one: the test decides when `done` is called,
 * and on which thread.
 *
 * Layer: tests.
 */
#pragma once

#include "http/server.h"
#include "unit/http/wire.h"

enum door_mode {
    DOOR_HOLDS,          /* deliveries wait for door_release */
    DOOR_ANSWERS,        /* `done` is called inside of intake_submit */
    DOOR_ANSWERS_BEHIND, /* by another thread, before intake_submit returns */
    DOOR_REFUSES         /* intake_submit gives door->result */
};

struct door {
    struct http_server *server;
    struct accounts_current *accounts;
    struct intake *intake;
    uint16_t port;
};

extern const struct provider_ops door_provider;

/* Accounts "acme" and "b c". */
struct door *door_open(void);
struct door *door_open_with(uint32_t connections_max, uint32_t idle_timeout_s);
struct door *door_close(struct door *door);

void door_mode_set(struct door *door, enum door_mode mode, enum err result);
/* The listener's thread stands still in its next submission, until thawed. */
void door_freeze(struct door *door);
void door_thaw(struct door *door);
uint32_t door_waiting(struct door *door);
void door_wait_for(struct door *door, uint32_t waiting); /* until so many wait */
/* Calls `done` for all that wait; returns how many. */
uint32_t door_release(struct door *door, enum err err);
/* What the last delivery looked like: valid until it is released. */
struct delivery *door_last(struct door *door);
/* What the last verification was shown. */
bool door_signature_repeated(void);

struct accounts *door_accounts(const char *name, const char *other_name);

int door_setup(void **state); /* *state is a struct door * */
int door_teardown(void **state);

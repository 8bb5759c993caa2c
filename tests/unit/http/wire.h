/* wire: HTTP as bytes on a socket, so that a test can also send what no client would.
 *
 * Layer: tests.
 */
#pragma once

#include "unit/testing.h"

#define WIRE_BYTES 4096

struct wire {
    int fd;
    char bytes[WIRE_BYTES]; /* received and not yet looked at */
    size_t len;
};

struct wire_answer {
    int status;
    char head[2048];
    char body[2048];
};

/* All of them fail the test when something cannot be done within some seconds. */
struct wire wire_open(uint16_t port);
void wire_close(struct wire *wire);
void wire_send(struct wire *wire, struct str bytes);
/* False when the other side has closed before all of it was taken. */
bool wire_try_send(struct wire *wire, struct str bytes);
void wire_sendf(struct wire *wire, const char *format, ...) PRINTF_LIKE(2, 3);
/* Headers and a body of `body.len` bytes; `signature` may be NULL: none. */
void wire_post(struct wire *wire, const char *path, const char *signature, struct str body);

/* The next answer. False when the connection ended instead. */
bool wire_try_read(struct wire *wire, struct wire_answer *ret_answer);
void wire_read(struct wire *wire, struct wire_answer *ret_answer);
/* Has the other side closed (or does it within `wait_ms`)? */
bool wire_is_closed(struct wire *wire, int wait_ms);
/* Nothing comes for `wait_ms`. */
bool wire_is_silent(struct wire *wire, int wait_ms);

bool answer_has_header(const struct wire_answer *answer, const char *line);
void sleep_ms(int ms);

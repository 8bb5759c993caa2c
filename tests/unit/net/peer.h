/* peer: the other side of the client under test; what it answers is chosen by the path.
 *
 *   /ok         200 "hello"                /echo     200, the whole request
 *   /busy       503, Retry-After: 7        /when     503, Retry-After: soon (not readable)
 *   /redirect   302 to /ok                 /big      200, 200000 bytes
 *   /exact      200, 65536 bytes           /endless  200, and never an end
 *   /slow       nothing at all             /cut      closes without an answer
 *   /garbage    no HTTP                    /short    200, 5 of 100 bytes
 *   /headers    200, with Date and Request-Id twice
 *
 * Layer: tests.
 */
#pragma once

#include "unit/testing.h"

struct peer;

struct peer *peer_open(void);
struct peer *peer_close(struct peer *peer);
uint16_t peer_port(const struct peer *peer);
uint32_t peer_connections(struct peer *peer); /* ever accepted */

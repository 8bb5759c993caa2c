/* api_peer: the other side of the API client: answers what a test has written down, in that order,
 * and keeps what it was asked.
 *
 * Layer: tests.
 */
#pragma once

#include "unit/testing.h"

struct api_peer;

enum api_peer_after { PEER_GOES_ON, PEER_CLOSES, PEER_STALLS };

struct api_peer *api_peer_open(void);
struct api_peer *api_peer_close(struct api_peer *peer);
const char *api_peer_url(const struct api_peer *peer); /* "http://127.0.0.1:PORT" */

/* The next answer: bytes as they are. Borrowed. */
void api_peer_say_raw(struct api_peer *peer, struct str bytes, enum api_peer_after after);
/* The next answer, in HTTP: with Content-Length, a Date (API_PEER_DATE) and a Request-Id that
 * counts from req_1. `headers` are whole lines, each ended by CR LF; may be empty. */
void api_peer_say(struct api_peer *peer, int status, const char *headers, struct str body);
#define API_PEER_DATE "Sun, 22 Nov 2026 14:42:54 GMT"
#define API_PEER_DATE_S INT64_C(1795358574)

uint32_t api_peer_asked(struct api_peer *peer); /* requests so far */
uint32_t api_peer_connections(struct api_peer *peer);
/* The whole of a request, from 0; valid until the peer is closed. */
const char *api_peer_request(struct api_peer *peer, uint32_t index);

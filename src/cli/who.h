/* who: the person that a decision is written down for, the operating-system user; and what holds
 * something that others wait for.
 *
 * Layer: cli.
 */
#pragma once

#include <stddef.h>

#define WHO_BYTES 64

/* The real user, also under sudo -u and set-user-id; "uid 1000" when it has no name. */
void who_decides(char to[static WHO_BYTES]);

#define WHO_HOLDS_BYTES 160
/* `counterfoil serve`, process 1234 on HOST. */
void who_holds(const char *command, char to[static WHO_HOLDS_BYTES]);

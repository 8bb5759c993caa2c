/* aside: a thread that does one piece of work at a time for another thread.
 *
 * The owner begins a piece, does other things, and waits before it begins the next. What the piece
 * touches belongs to it from aside_begin to aside_wait.
 *
 * Layer: cli.
 */
#pragma once

#include "base/err.h"

struct aside;

/* NULL when no thread can be started. */
struct aside *aside_new(void (*work)(void *context), void *context);
struct aside *aside_free(struct aside *aside); /* waits; NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct aside *, aside_free);

void aside_begin(struct aside *aside);
void aside_wait(struct aside *aside); /* returns at once when nothing was begun */

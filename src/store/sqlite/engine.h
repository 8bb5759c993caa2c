/* engine: the SQL port on SQLite: one connection, write-ahead log, every commit synced.
 *
 * Layer: store (engine; named by the composition root only).
 */
#pragma once

#include "store/engines.h"

extern const struct sql_engine_opener sqlite_engine_opener;

/* For tests: the name of the VFS that connections opened from now on use; NULL is the usual one. */
void sqlite_engine_use_vfs(const char *name);

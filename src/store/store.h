/* store: the durable side of everything, in our verbs; one connection, used by one thread at a
 * time.
 *
 * Verbs stand in families: inbox.h, refs.h, records.h, feed.h, audit.h. All of them run inside a
 * transaction that the caller has begun; none begins or commits by itself.
 *
 *   TRY(store_begin(store, STORE_WRITE, reterr));
 *   CLEANUP(store_rollback) struct store *tx = store;
 *   ...
 *   TRY(store_commit(store, reterr)); tx = NULL;
 *
 * Layer: store.
 */
#pragma once

#include "base/arena.h"
#include "base/env.h"

struct store;

enum store_access { STORE_READ, STORE_WRITE };

/* `sqlite:///path/books.db` (%XX stands for a byte; `sqlite:books.db` is relative), or
 * `postgresql://user@host:port/db?...` (libpq; passwords by PGPASSFILE). STORE_READ opens SQLite
 * read-only. Does not touch the schema. ERR_CONFIG (url), ERR_STORE_IO, ERR_NOT_FOUND (STORE_READ
 * and no such file; STORE_WRITE creates it). Borrows env. */
MUST_USE enum err store_open(struct str url,
    enum store_access access,
    struct env *env,
    struct store **ret_store,
    struct err_info *reterr);
struct store *store_close(struct store *store);
DEFINE_CLEANUP(struct store *, store_close);

const char *store_engine_name(const struct store *store); /* "sqlite", "postgresql" */
bool store_is_shared(const struct store *store);          /* many writers: PostgreSQL */

MUST_USE enum err store_begin(
    struct store *store, enum store_access access, struct err_info *reterr);
MUST_USE enum err store_commit(struct store *store, struct err_info *reterr);
struct store *store_rollback(struct store *store); /* NULL does nothing; returns NULL */
DEFINE_CLEANUP(struct store *, store_rollback);

/* Inside a write transaction: a real write, if a tiny one, so that its commit proves that a commit
 * is possible. One that is empty syncs nothing on SQLite and sends nothing on PostgreSQL. */
MUST_USE enum err store_probe(struct store *store, struct err_info *reterr);

/* --- schema --- */

struct schema_state {
    int version; /* the last migration applied; 0: empty */
    int wanted;  /* the last one this program has */
};
/* ERR_SCHEMA when newer than this program or a checksum differs. Own transaction. */
MUST_USE enum err store_schema(
    struct store *store, struct schema_state *ret, struct err_info *reterr);
/* Applies what is missing, each in its own transaction, under a lock among all processes; calls
 * `progress` (may be NULL) before each. ERR_SCHEMA when there are tables, but none of ours. Own
 * transactions. */
typedef void store_migration_fn(void *context, int version, const char *name);
MUST_USE enum err store_migrate(
    struct store *store, store_migration_fn *progress, void *context, struct err_info *reterr);

/* Outside a transaction: do commits survive a power cut, as the engine is set up (SQLite:
 * synchronous; PostgreSQL: fsync, synchronous_commit, full_page_writes)? When not, `why` names the
 * setting. */
#define STORE_WHY_BYTES 160
MUST_USE enum err store_durability(struct store *store,
    bool *ret_synced,
    char why[static STORE_WHY_BYTES],
    struct err_info *reterr);

/* --- a running serve --- */

/* SQLite: one serve per file, held until store_close: ERR_LOCKED. From then on this store does not
 * checkpoint by itself: store_checkpoint is the caller's business. PostgreSQL: does nothing. */
MUST_USE enum err store_lock_serve(struct store *store, struct err_info *reterr);
/* Tells other nodes' workers, when this transaction commits, that there is work. SQLite: nothing.
 */
MUST_USE enum err store_notify(struct store *store, struct err_info *reterr);
/* Waits for such a word, or `timeout_us`, or until wake_fd is readable. SQLite: for the latter two.
 */
void store_wait(struct store *store, int wake_fd, int64_t timeout_us);
/* SQLite: moves the log into the database file as far as readers allow; own connection, own thread,
 * outside a transaction. *ret_left_bytes is what it could not move: written meanwhile, or needed by
 * a reader. `whole` waits up to a second for writers and readers, so that nothing is left and the
 * log begins anew: whoever writes pauses for it. PostgreSQL: 0. */
MUST_USE enum err store_checkpoint(
    struct store *store, bool whole, int64_t *ret_left_bytes, struct err_info *reterr);
/* What the log holds, from a counter in shared memory: any connection sees the same, at any time. 0
 * once all of it has been moved, although the file keeps its size: overwriting costs half of what
 * growing does. PostgreSQL: 0. */
int64_t store_wal_bytes(const struct store *store);

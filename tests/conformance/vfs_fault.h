/* vfs_fault: a disk for SQLite that counts writes and syncs, refuses one of them, or is full; and
 * that knows at any time how much of what was written has not been synced yet.
 *
 * Layer: tests.
 */
#pragma once

#include <stdbool.h>
#include <stdint.h>

#define VFS_FAULT_NAME "fault"

/* Shared by all files opened by way of it; not thread-safe. */
struct vfs_fault {
    int64_t writes, syncs; /* so far, of the database and its log */
    int64_t fail_write_at; /* SQLITE_IOERR_WRITE; 0: none */
    int64_t
        fail_sync_at; /* SQLITE_IOERR_FSYNC; 0: none. What was written since the last sync is lost
                         for good, as a kernel's page cache does it, unless it is written again */
    int fail_sync_errno;  /* what errno says then; 0: EIO */
    int64_t room_bytes;   /* SQLITE_FULL once files have grown by this much; negative: no bound */
    int64_t unsynced_log; /* bytes written to the log since its last sync */
    int64_t unsynced_database; /* the same of the database file */
    int64_t lost_log;          /* ranges of the log that no sync will write any more */
    bool moved_before_sync;    /* the database was written while the log held unsynced bytes */
};
extern struct vfs_fault vfs_fault;

void vfs_fault_register(void); /* under VFS_FAULT_NAME, above the usual one */

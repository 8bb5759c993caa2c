#include "vfs_fault.h"
#include "base/check.h"
#include <errno.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

struct vfs_fault vfs_fault = {.room_bytes = -1};

struct fault_file {
    sqlite3_file base; /* first member */
    sqlite3_file *inner;
    bool is_log, is_database;
};

static struct fault_file *file_of(sqlite3_file *file)
{
    return (struct fault_file *)(void *)file;
}

static int fault_close(sqlite3_file *file)
{
    return file_of(file)->inner->pMethods->xClose(file_of(file)->inner);
}

static int fault_read(sqlite3_file *file, void *to, int bytes, sqlite3_int64 at)
{
    return file_of(file)->inner->pMethods->xRead(file_of(file)->inner, to, bytes, at);
}

static bool has_room(struct fault_file *file, int bytes, sqlite3_int64 at)
{
    sqlite3_int64 size = 0;
    if (vfs_fault.room_bytes < 0 ||
        file->inner->pMethods->xFileSize(file->inner, &size) != SQLITE_OK) {
        return true;
    }
    sqlite3_int64 grows = at + bytes > size ? at + bytes - size : 0;
    if (grows > vfs_fault.room_bytes) {
        return false;
    }
    vfs_fault.room_bytes -= grows;
    return true;
}

/* Pieces of the log: written since the last sync, or lost by one that failed. */
#define PIECES_MAX 65536
struct piece {
    sqlite3_int64 from, to;
    bool lost;
};
static struct piece pieces[PIECES_MAX];
static uint32_t piece_count;

static void log_was_written(sqlite3_int64 from, sqlite3_int64 to)
{
    REQUIRE(piece_count < PIECES_MAX);
    for (uint32_t i = 0; i < piece_count;) {
        struct piece *piece = &pieces[i];
        if (piece->from >= from && piece->to <= to) {
            vfs_fault.lost_log -= piece->lost ? 1 : 0;
            *piece = pieces[--piece_count]; /* all of it is new */
            continue;
        }
        if (piece->from >= from && piece->from < to) {
            piece->from = to;
        } else if (piece->to > from && piece->to <= to) {
            piece->to = from;
        }
        i++;
    }
    pieces[piece_count++] = (struct piece){from, to, false};
    vfs_fault.unsynced_log += to - from;
}

static void log_was_synced(bool fails)
{
    uint32_t kept = 0;
    for (uint32_t i = 0; i < piece_count; i++) {
        if (fails && !pieces[i].lost) {
            pieces[i].lost = true;
            vfs_fault.lost_log++;
        }
        if (pieces[i].lost) {
            pieces[kept++] = pieces[i];
        }
    }
    piece_count = kept;
    vfs_fault.unsynced_log = 0;
}

static int fault_write(sqlite3_file *base, const void *from, int bytes, sqlite3_int64 at)
{
    struct fault_file *file = file_of(base);
    if (file->is_log || file->is_database) {
        if (++vfs_fault.writes == vfs_fault.fail_write_at) {
            return SQLITE_IOERR_WRITE;
        }
        if (!has_room(file, bytes, at)) {
            return SQLITE_FULL;
        }
    }
    if (file->is_log) {
        log_was_written(at, at + bytes);
    } else if (file->is_database) {
        vfs_fault.unsynced_database += bytes;
        vfs_fault.moved_before_sync = vfs_fault.moved_before_sync || vfs_fault.unsynced_log > 0;
    }
    return file->inner->pMethods->xWrite(file->inner, from, bytes, at);
}

static int fault_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    return file_of(file)->inner->pMethods->xTruncate(file_of(file)->inner, size);
}

static int fault_sync(sqlite3_file *base, int flags)
{
    struct fault_file *file = file_of(base);
    if (file->is_log || file->is_database) {
        bool fails = ++vfs_fault.syncs == vfs_fault.fail_sync_at;
        if (file->is_log) {
            log_was_synced(fails);
        } else {
            vfs_fault.unsynced_database = 0;
        }
        if (fails) {
            errno = vfs_fault.fail_sync_errno == 0 ? EIO : vfs_fault.fail_sync_errno;
            return SQLITE_IOERR_FSYNC;
        }
    }
    return file->inner->pMethods->xSync(file->inner, flags);
}

static int fault_file_size(sqlite3_file *file, sqlite3_int64 *ret)
{
    return file_of(file)->inner->pMethods->xFileSize(file_of(file)->inner, ret);
}

static int fault_lock(sqlite3_file *file, int lock)
{
    return file_of(file)->inner->pMethods->xLock(file_of(file)->inner, lock);
}

static int fault_unlock(sqlite3_file *file, int lock)
{
    return file_of(file)->inner->pMethods->xUnlock(file_of(file)->inner, lock);
}

static int fault_check_lock(sqlite3_file *file, int *ret)
{
    return file_of(file)->inner->pMethods->xCheckReservedLock(file_of(file)->inner, ret);
}

static int fault_control(sqlite3_file *file, int what, void *argument)
{
    return file_of(file)->inner->pMethods->xFileControl(file_of(file)->inner, what, argument);
}

static int fault_sector_size(sqlite3_file *file)
{
    return file_of(file)->inner->pMethods->xSectorSize(file_of(file)->inner);
}

static int fault_characteristics(sqlite3_file *file)
{
    return file_of(file)->inner->pMethods->xDeviceCharacteristics(file_of(file)->inner);
}

static int fault_shm_map(sqlite3_file *file, int page, int size, int extend, void volatile **ret)
{
    return file_of(file)->inner->pMethods->xShmMap(file_of(file)->inner, page, size, extend, ret);
}

static int fault_shm_lock(sqlite3_file *file, int offset, int count, int flags)
{
    return file_of(file)->inner->pMethods->xShmLock(file_of(file)->inner, offset, count, flags);
}

static void fault_shm_barrier(sqlite3_file *file)
{
    file_of(file)->inner->pMethods->xShmBarrier(file_of(file)->inner);
}

static int fault_shm_unmap(sqlite3_file *file, int remove)
{
    return file_of(file)->inner->pMethods->xShmUnmap(file_of(file)->inner, remove);
}

static const sqlite3_io_methods fault_methods = {
    .iVersion = 2,
    .xClose = fault_close,
    .xRead = fault_read,
    .xWrite = fault_write,
    .xTruncate = fault_truncate,
    .xSync = fault_sync,
    .xFileSize = fault_file_size,
    .xLock = fault_lock,
    .xUnlock = fault_unlock,
    .xCheckReservedLock = fault_check_lock,
    .xFileControl = fault_control,
    .xSectorSize = fault_sector_size,
    .xDeviceCharacteristics = fault_characteristics,
    .xShmMap = fault_shm_map,
    .xShmLock = fault_shm_lock,
    .xShmBarrier = fault_shm_barrier,
    .xShmUnmap = fault_shm_unmap,
};

static sqlite3_vfs *usual;

static int fault_open(
    sqlite3_vfs *vfs, sqlite3_filename name, sqlite3_file *base, int flags, int *ret_flags)
{
    (void)vfs;
    struct fault_file *file = file_of(base);
    *file = (struct fault_file){
        .inner = (sqlite3_file *)(void *)(file + 1),
        .is_log = (flags & SQLITE_OPEN_WAL) != 0,
        .is_database = (flags & SQLITE_OPEN_MAIN_DB) != 0,
    };
    int code = usual->xOpen(usual, name, file->inner, flags, ret_flags);
    /* Even a file that could not be opened is closed when it has methods. */
    file->base.pMethods = file->inner->pMethods != NULL ? &fault_methods : NULL;
    return code;
}

void vfs_fault_register(void)
{
    static sqlite3_vfs vfs;
    piece_count = 0;
    if (usual != NULL) {
        return;
    }
    usual = sqlite3_vfs_find(NULL);
    REQUIRE(usual != NULL);
    vfs = *usual; /* all but opening is the usual one's, which does not look at its own address */
    vfs.zName = VFS_FAULT_NAME;
    vfs.xOpen = fault_open;
    vfs.szOsFile = (int)sizeof(struct fault_file) + usual->szOsFile;
    vfs.pNext = NULL;
    REQUIRE(sqlite3_vfs_register(&vfs, 0) == SQLITE_OK);
}

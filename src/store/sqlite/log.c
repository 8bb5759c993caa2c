/* The write-ahead log. It is moved by a thread of its own, so that no commit pays for it, and
 * written from its beginning again rather than cut off: to overwrite a block and sync it takes half
 * as long as to grow the file (measured on ext4: 190 us against 450 us for 64 kB), and to cut off
 * 64 MiB stops all for 30 ms. */
#include "base/limits.h"
#include "store/sqlite/internal.h"

#define REWRITE_BYTES (64 * 1024) /* SQLite writes less than 128 KiB at a time */

static int rewrite(sqlite3_file *log, char *block)
{
    sqlite3_int64 size = 0;
    int code = log->pMethods->xFileSize(log, &size);
    for (sqlite3_int64 at = 0; code == SQLITE_OK && at < size; at += REWRITE_BYTES) {
        int bytes = size - at < REWRITE_BYTES ? (int)(size - at) : REWRITE_BYTES;
        code = log->pMethods->xRead(log, block, bytes, at);
        if (code == SQLITE_OK) {
            code = log->pMethods->xWrite(log, block, bytes, at);
        }
    }
    return code == SQLITE_OK && size > 0 ? log->pMethods->xSync(log, SQLITE_SYNC_NORMAL) : code;
}

enum err sqlite_rewrite_log(struct sqlite_engine *engine, struct err_info *reterr)
{
    /* The write lock: nobody adds to the log meanwhile. Readers and the checkpoint see the same
     * bytes. */
    TRY(sqlite_tell(engine, "BEGIN IMMEDIATE", reterr));
    sqlite3_file *log = NULL;
    char *block = sqlite3_malloc(REWRITE_BYTES);
    int code = block == NULL
                   ? SQLITE_NOMEM
                   : sqlite3_file_control(engine->db, "main", SQLITE_FCNTL_JOURNAL_POINTER, &log);
    if (code == SQLITE_OK && log != NULL && log->pMethods != NULL) {
        code = rewrite(log, block);
    }
    sqlite3_free(block);
    enum err ended = sqlite_tell(engine, "ROLLBACK", reterr);
    if (code != SQLITE_OK) {
        return sqlite_failure(engine, code, "to write the log anew", reterr);
    }
    engine->log_unsure = engine->log_unsure && ended != ERR_OK;
    return ended;
}

/* The index of the log is shared memory whose format is documented and fixed (walformat.html,
 * section 2.1): the header that every connection of every process sees change at each commit. */
struct wal_index {
    uint32_t version; /* 3007000 */
    uint32_t unused;
    uint32_t change;
    uint8_t is_ready;
    uint8_t checksums_big_endian;
    uint16_t page_size; /* 1: 65536 */
    uint32_t frames;
    uint32_t pages;
    uint32_t frame_checksum[2], salt[2], checksum[2];
    uint32_t second_header[12];
    uint32_t frames_moved;
};
_Static_assert(offsetof(struct wal_index, frames) == 16, "as documented");
_Static_assert(offsetof(struct wal_index, frames_moved) == 96, "as documented");

#define WAL_INDEX_VERSION 3007000
#define WAL_INDEX_BYTES 32768
#define WAL_FRAME_HEADER_BYTES 24

struct log_size {
    int64_t bytes, left_bytes; /* written since it began anew; of that not yet moved */
};

static struct log_size measure(struct sqlite_engine *engine)
{
    sqlite3_file *file = NULL;
    if (engine->db == NULL ||
        sqlite3_file_control(engine->db, "main", SQLITE_FCNTL_FILE_POINTER, &file) != SQLITE_OK ||
        file == NULL || file->pMethods == NULL || file->pMethods->iVersion < 2) {
        return (struct log_size){0};
    }
    void volatile *map = NULL;
    if (file->pMethods->xShmMap(file, 0, WAL_INDEX_BYTES, 0, &map) != SQLITE_OK || map == NULL) {
        return (struct log_size){0};
    }
    const volatile struct wal_index *index = map;
    if (index->version != WAL_INDEX_VERSION || index->is_ready == 0) {
        return (struct log_size){0};
    }
    int64_t frames = index->frames;
    int64_t moved = index->frames_moved; /* another connection may begin anew between these two */
    int64_t frame_bytes = index->page_size == 1 ? 65536 : index->page_size;
    frame_bytes += WAL_FRAME_HEADER_BYTES;
    return (struct log_size){
        frames * frame_bytes, frames > moved ? (frames - moved) * frame_bytes : 0};
}

int64_t sqlite_log_bytes(struct sql_engine *base)
{
    struct log_size size = measure(sqlite_engine_of(base));
    /* Once all has been moved the next commit starts at the beginning. */
    return size.left_bytes == 0 ? 0 : size.bytes;
}

enum err sqlite_checkpoint(
    struct sql_engine *base, bool whole, int64_t *ret_left_bytes, struct err_info *reterr)
{
    struct sqlite_engine *engine = sqlite_engine_of(base);
    if (engine->reopen) {
        sqlite_disconnect(engine);
        TRY(sqlite_connect(engine, reterr));
    }
    /* Passive first in any case: it moves nearly all of it while others write. */
    int code = sqlite3_wal_checkpoint_v2(engine->db, "main", SQLITE_CHECKPOINT_PASSIVE, NULL, NULL);
    if (code == SQLITE_OK && whole) {
        engine->naps_max = SQLITE_NAPS_RESTART;
        code = sqlite3_wal_checkpoint_v2(engine->db, "main", SQLITE_CHECKPOINT_RESTART, NULL, NULL);
        engine->naps_max = SQLITE_NAPS_BUSY;
    }
    *ret_left_bytes = measure(engine).left_bytes;
    if ((code & 0xff) == SQLITE_BUSY) {
        return ERR_OK; /* another one is at it, or a reader needs the log: later */
    }
    return code == SQLITE_OK ? ERR_OK : sqlite_failure(engine, code, "checkpoint", reterr);
}

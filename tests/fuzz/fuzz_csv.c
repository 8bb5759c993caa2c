/* Any bytes: the CSV reader answers and never aborts, whether they come at once or one by one, and
 * says the same both times. */
#include "base/check.h"
#include "base/csv.h"
#include "base/limits.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct bytes {
    const uint8_t *data;
    size_t left, piece_bytes;
};

static enum err give(
    void *context, char *to, size_t room, size_t *ret_count, struct err_info *reterr)
{
    (void)reterr;
    struct bytes *bytes = context;
    size_t count = bytes->left < bytes->piece_bytes ? bytes->left : bytes->piece_bytes;
    count = count < room ? count : room;
    memcpy(to, bytes->data, count);
    bytes->data += count;
    bytes->left -= count;
    *ret_count = count;
    return ERR_OK;
}

struct sum {
    enum err err;
    uint64_t hash;
    struct err_info why;
};

static struct sum read_all(const uint8_t *data, size_t size, size_t piece_bytes)
{
    struct bytes bytes = {data, size, piece_bytes};
    CLEANUP(csv_free) struct csv *csv = csv_new(give, &bytes);
    struct sum sum = {.hash = 1};
    uint32_t columns = 0;
    INVARIANT(csv != NULL);
    for (;;) {
        struct csv_record record;
        sum.err = csv_next(csv, &record, &sum.why);
        if (sum.err != ERR_OK || record.count == 0) {
            return sum;
        }
        INVARIANT(columns == 0 || record.count == columns);
        columns = record.count;
        for (uint32_t i = 0; i < record.count; i++) {
            INVARIANT(record.fields[i].len <= LIMIT_CSV_FIELD_BYTES);
            INVARIANT(str_is_utf8(record.fields[i]));
            INVARIANT(record.lines[i] >= 1 && record.lines[i] <= size + 1);
            sum.hash = hash_bytes(record.fields[i].data, record.fields[i].len, sum.hash + i);
        }
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const uint8_t nothing[1];
    data = size > 0 ? data : nothing;
    struct sum whole = read_all(data, size, size + 1);
    struct sum single = read_all(data, size, 1);
    INVARIANT(whole.err == single.err);
    INVARIANT(whole.hash == single.hash);
    INVARIANT(whole.err == ERR_OK || whole.err == ERR_MALFORMED || whole.err == ERR_TOO_LARGE);
    INVARIANT(strcmp(whole.why.text, single.why.text) == 0);
    return 0;
}

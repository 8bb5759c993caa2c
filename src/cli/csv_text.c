#include "cli/csv_text.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "cli/output.h"

#define SAID_BYTES_MAX ((size_t)16384)

void csv_add(struct buf *to, struct str cell)
{
    bool quoted = false;
    for (size_t i = 0; i < cell.len && !quoted; i++) {
        quoted = cell.data[i] != '\0' && strchr("\",\r\n", cell.data[i]) != NULL;
    }
    buf_add(to, quoted ? STR("\"") : STR_NONE);
    for (size_t i = 0; i < cell.len; i++) {
        if (cell.data[i] == '"') {
            buf_add_char(to, '"');
        }
        buf_add_char(to, cell.data[i]);
    }
    buf_add(to, quoted ? STR("\",") : STR(","));
}

void csv_add_said(struct buf *to, struct str cell)
{
    CLEANUP(buf_fini) struct buf safe;
    buf_init(&safe, SAID_BYTES_MAX);
    if (cell.len > 0 && cell.data[0] != '\0' && strchr("=+-@", cell.data[0]) != NULL) {
        buf_add_char(&safe, '\'');
    }
    text_escape(&safe, cell);
    csv_add(to, buf_str(&safe));
}

void csv_add_int(struct buf *to, int64_t value)
{
    buf_add_int(to, value);
    buf_add_char(to, ',');
}

void csv_add_time(struct buf *to, int64_t time_us)
{
    char text[TIMESTAMP_TEXT_BYTES] = "";
    if (time_us != 0) {
        timestamp_format(time_us, text);
    }
    csv_add(to, str_from(text));
}

void csv_end(struct buf *to)
{
    REQUIRE(to->failed || to->len > 0);
    if (!to->failed) {
        to->len--; /* the comma */
    }
    buf_add(to, STR("\r\n"));
}

/* Values go and come in binary: integers of 8 bytes in network order, text and bytes as they are.
 */
#include "store/postgres/internal.h"
#include <endian.h>
#include <limits.h>

/* Types by their numbers in pg_type, which are fixed. */
#define TYPE_BOOL 16
#define TYPE_BYTEA 17
#define TYPE_INT8 20
#define TYPE_INT2 21
#define TYPE_INT4 23
#define TYPE_TEXT 25
#define TYPE_BYTEA_ARRAY 1001
#define TYPE_TEXT_ARRAY 1009
#define TYPE_INT8_ARRAY 1016

Oid postgres_type(char letter, bool as_set)
{
    switch (letter) {
    case 'i':
        return as_set ? TYPE_INT8_ARRAY : TYPE_INT8;
    case 't':
        return as_set ? TYPE_TEXT_ARRAY : TYPE_TEXT;
    case 'b':
        return as_set ? TYPE_BYTEA_ARRAY : TYPE_BYTEA;
    default:
        UNREACHABLE();
    }
}

void postgres_encode_row(const char *letters, const struct sql_value *row, struct wire_row *to)
{
    for (size_t i = 0; letters[i] != '\0'; i++) {
        const struct sql_value *value = &row[i];
        to->formats[i] = 1;
        switch (value->kind) {
        case SQL_NULL:
            to->values[i] = NULL;
            to->lengths[i] = 0;
            break;
        case SQL_INT:
            INVARIANT(letters[i] == 'i');
            to->integers[i] = (int64_t)htobe64((uint64_t)value->integer);
            to->values[i] = (const char *)&to->integers[i];
            to->lengths[i] = sizeof to->integers[i];
            break;
        case SQL_TEXT:
        case SQL_BLOB:
            INVARIANT(letters[i] == (value->kind == SQL_TEXT ? 't' : 'b'));
            INVARIANT(value->bytes.len <= INT_MAX);
            to->values[i] = value->bytes.len == 0 ? "" : value->bytes.data;
            to->lengths[i] = (int)value->bytes.len;
            break;
        default:
            UNREACHABLE();
        }
    }
}

static void add_int32(struct buf *to, int32_t value)
{
    uint32_t big = htobe32((uint32_t)value);
    buf_add(to, (struct str){(const char *)&big, sizeof big});
}

static void add_element(struct buf *to, char letter, const struct sql_value *value)
{
    switch (value->kind) {
    case SQL_NULL:
        add_int32(to, -1);
        break;
    case SQL_INT: {
        INVARIANT(letter == 'i');
        uint64_t big = htobe64((uint64_t)value->integer);
        add_int32(to, sizeof big);
        buf_add(to, (struct str){(const char *)&big, sizeof big});
        break;
    }
    case SQL_TEXT:
    case SQL_BLOB:
        INVARIANT(letter == (value->kind == SQL_TEXT ? 't' : 'b'));
        INVARIANT(value->bytes.len <= INT_MAX);
        add_int32(to, (int32_t)value->bytes.len);
        buf_add(to, value->bytes);
        break;
    default:
        UNREACHABLE();
    }
}

enum err postgres_encode_set(const char *letters,
    const struct sql_value *rows,
    uint32_t count,
    struct buf *buffer,
    struct wire_row *to)
{
    size_t starts[POSTGRES_PARAMETERS_MAX + 1];
    size_t width = strlen(letters);
    REQUIRE(width > 0 && width <= POSTGRES_PARAMETERS_MAX);
    buf_clear(buffer);
    for (size_t column = 0; column < width; column++) {
        starts[column] = buffer->len;
        add_int32(buffer, 1); /* dimension */
        add_int32(buffer, 1); /* may hold NULL */
        add_int32(buffer, (int32_t)postgres_type(letters[column], false));
        add_int32(buffer, (int32_t)count);
        add_int32(buffer, 1); /* number of the first */
        for (uint32_t row = 0; row < count; row++) {
            add_element(buffer, letters[column], &rows[row * width + column]);
        }
    }
    if (buffer->failed) {
        return ERR_BUSY;
    }
    starts[width] = buffer->len;
    for (size_t column = 0; column < width; column++) {
        to->values[column] = buffer->data + starts[column];
        to->lengths[column] = (int)(starts[column + 1] - starts[column]);
        to->formats[column] = 1;
    }
    return ERR_OK;
}

static int64_t read_integer(const char *bytes, int len)
{
    uint64_t value = (uint8_t)bytes[0] >= 0x80 && len > 1 ? UINT64_MAX : 0;
    for (int i = 0; i < len; i++) {
        value = value << 8 | (uint8_t)bytes[i];
    }
    return (int64_t)value;
}

static struct sql_value read_value(const PGresult *result, int row, int column)
{
    if (PQgetisnull(result, row, column) != 0) {
        return sql_null();
    }
    const char *bytes = PQgetvalue(result, row, column);
    int len = PQgetlength(result, row, column);
    switch (PQftype(result, column)) {
    case TYPE_BOOL:
    case TYPE_INT2:
    case TYPE_INT4:
    case TYPE_INT8:
        return sql_int(read_integer(bytes, len));
    case TYPE_BYTEA:
        return sql_blob(bytes, (size_t)len);
    default:
        return sql_text((struct str){bytes, (size_t)len});
    }
}

enum err postgres_give_rows(
    const PGresult *result, const struct postgres_taker *taker, struct err_info *reterr)
{
    int column_count = PQnfields(result);
    if (column_count > POSTGRES_COLUMNS_MAX) {
        return err_set(reterr, ERR_STORE_IO, "more columns than any statement asks for");
    }
    for (int row = 0; row < PQntuples(result); row++) {
        struct sql_value columns[POSTGRES_COLUMNS_MAX];
        for (int column = 0; column < column_count; column++) {
            columns[column] = read_value(result, row, column);
        }
        uint32_t index = taker->first;
        if (taker->as_set) {
            INVARIANT(column_count > 0 && columns[0].kind == SQL_INT);
            index = columns[0].integer == 0 ? SQL_INDEX_UNKNOWN
                                            : taker->first + (uint32_t)columns[0].integer - 1;
        }
        int skipped = taker->as_set ? 1 : 0;
        TRY(taker->on_row(
            taker->context, index, columns + skipped, (uint32_t)(column_count - skipped)));
    }
    return ERR_OK;
}

int64_t postgres_changed(PGresult *result)
{
    if (strncmp(PQcmdStatus(result), "SELECT", 6) == 0) {
        return 0;
    }
    int64_t changed = 0;
    enum err err = str_to_int64(str_from(PQcmdTuples(result)), &changed);
    return err == ERR_OK ? changed : 0; /* BEGIN and the like count nothing */
}

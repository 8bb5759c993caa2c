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

enum err postgres_give_rows(const PGresult *result,
    uint32_t index,
    sql_row_fn *on_row,
    void *context,
    bool *ret_refused,
    struct err_info *reterr)
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
        enum err err = on_row(context, index, columns, (uint32_t)column_count);
        if (err != ERR_OK) {
            *ret_refused = true;
            return err;
        }
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

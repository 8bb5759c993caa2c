#include "domain/aggregates.h"
#include "domain/domain_event.h"
#include "store/record_statements.h"

static struct sql_value text_or_null(const char *text, size_t size)
{
    size_t len = strnlen(text, size);
    return len == 0 ? sql_null() : sql_text((struct str){text, len});
}

static struct sql_value field_value(const struct field *field, const void *record)
{
    const char *member = (const char *)record + field->offset;
    switch (field->type) {
    case FIELD_ID:
        return sql_id((const struct own_id *)(const void *)member);
    case FIELD_INT:
    case FIELD_MINOR:
        return sql_int(*(const int64_t *)(const void *)member);
    case FIELD_TIME: {
        int64_t time_us = *(const int64_t *)(const void *)member;
        return time_us == 0 ? sql_null() : sql_int(time_us);
    }
    case FIELD_BOOL:
        return sql_int(*(const bool *)(const void *)member);
    case FIELD_CURRENCY:
    case FIELD_TEXT:
        return text_or_null(member, field->size);
    case FIELD_ENUM: {
        int value = *(const int *)(const void *)member;
        REQUIRE(value >= 0 && value < field->words->count);
        return sql_word(field->words->words[value]);
    }
    default:
        UNREACHABLE();
    }
}

void record_to_parameters(const struct record_kind *kind, const void *record, struct parameters *to)
{
    const struct record_head *head = record;
    parameters_add(to, sql_id(&head->id));
    parameters_add(to, sql_int(head->scope));
    parameters_add(to, sql_int(head->version + 1));
    parameters_add(to, sql_int(head->updated_seq));
    parameters_add(to, sql_int(head->created_us));
    parameters_add(to, sql_int(head->updated_us));
    for (size_t i = 0; i < kind->field_count; i++) {
        parameters_add(to, field_value(&kind->fields[i], record));
    }
}

static bool read_word(const struct word_table *words, struct str word, int *ret_value)
{
    for (int i = 0; i < words->count; i++) {
        if (str_eq(word, str_from(words->words[i]))) {
            *ret_value = i;
            return true;
        }
    }
    return false;
}

static bool read_field(const struct field *field, const struct sql_value *value, void *record)
{
    char *member = (char *)record + field->offset;
    switch (field->type) {
    case FIELD_ID:
        *(struct own_id *)(void *)member = column_id(value);
        return value->kind == SQL_NULL || value->bytes.len == sizeof(struct own_id);
    case FIELD_INT:
    case FIELD_MINOR:
    case FIELD_TIME:
        *(int64_t *)(void *)member = column_int(value);
        return true;
    case FIELD_BOOL:
        *(bool *)(void *)member = column_int(value) != 0;
        return true;
    case FIELD_CURRENCY:
    case FIELD_TEXT:
        return str_copy_to(member, field->size, column_str(value));
    case FIELD_ENUM:
        return read_word(field->words, column_str(value), (int *)(void *)member);
    default:
        UNREACHABLE();
    }
}

/* What two columns say must fit together: a row that was edited by hand is told of here, not by the
 * code that relies on it. */
static enum err check_payment(const struct payment *payment, struct err_info *reterr)
{
    bool is_known = (payment->milestones & milestone_bit(EVENT_PAYMENT_SUCCEEDED)) != 0;
    if (payment->succeeded_at == 0 || is_known) {
        return ERR_OK;
    }
    char id[OWN_ID_TEXT_BYTES];
    own_id_format(ID_PAYMENT, payment->head.id, id);
    return err_set(reterr, ERR_STORE_IO,
        "payment %s: succeeded_at is set, but milestones knows of no success", id);
}

enum err record_from_columns(const struct record_kind *kind,
    const struct sql_value *columns,
    uint32_t column_count,
    void *record,
    struct err_info *reterr)
{
    REQUIRE(column_count == RECORD_HEAD_COLUMNS + kind->field_count);
    struct record_head *head = record;
    head->id = column_id(&columns[0]);
    head->scope = column_int(&columns[1]);
    head->version = column_int(&columns[2]);
    head->updated_seq = column_int(&columns[3]);
    head->created_us = column_int(&columns[4]);
    head->updated_us = column_int(&columns[5]);
    for (size_t i = 0; i < kind->field_count; i++) {
        if (!read_field(&kind->fields[i], &columns[RECORD_HEAD_COLUMNS + i], record)) {
            return err_set(reterr, ERR_STORE_IO, "%s.%s holds what this version cannot read",
                kind->table, kind->fields[i].name);
        }
    }
    return kind->id_kind == ID_PAYMENT ? check_payment(record, reterr) : ERR_OK;
}

#include "base/check.h"
#include "cli/headline.h"
#include "cli/output.h"
#include "cli/show.h"
#include <inttypes.h>
#include <stdio.h>

#define VALUE_BYTES 400

/* --- fields --- */

static struct currency currency_of(const struct field *amount, const void *record)
{
    struct currency currency = {""};
    memcpy(&currency, (const char *)record + amount->currency_offset, sizeof currency);
    return currency;
}

/* Empty when there is nothing to say. */
static void format_value(const struct field *field, const void *record, char to[static VALUE_BYTES])
{
    const void *value = (const char *)record + field->offset;
    to[0] = '\0';
    switch (field->type) {
    case FIELD_ID:
        if (!own_id_is_none(*(const struct own_id *)value)) {
            own_id_format(field->id_kind, *(const struct own_id *)value, to);
        }
        break;
    case FIELD_INT:
        (void)snprintf(to, VALUE_BYTES, "%" PRId64, *(const int64_t *)value);
        break;
    case FIELD_MINOR:
        if (*(const int64_t *)value != 0 || currency_of(field, record).code[0] != '\0') {
            money_format(*(const int64_t *)value, currency_of(field, record), to);
        }
        break;
    case FIELD_TIME:
        if (*(const int64_t *)value != 0) {
            time_format(*(const int64_t *)value, to);
        }
        break;
    case FIELD_BOOL:
        (void)str_copy_to(to, VALUE_BYTES, *(const bool *)value ? STR("yes") : STR("no"));
        break;
    case FIELD_ENUM:
        (void)str_copy_to(to, VALUE_BYTES, str_from(field->words->words[*(const int *)value]));
        break;
    case FIELD_TEXT:
        (void)str_copy_to(to, VALUE_BYTES, str_from(value));
        break;
    case FIELD_CURRENCY: /* stands behind every amount */
        break;
    default:
        UNREACHABLE();
    }
}

/* `amount_minor` reads "amount". */
static void format_name(const struct field *field, char to[static 40])
{
    struct str name = str_from(field->name);
    struct str tail = STR("_minor");
    if (field->type == FIELD_MINOR && name.len > tail.len) {
        name.len -= tail.len;
    }
    (void)str_copy_to(to, 40, name);
    for (char *c = to; *c != '\0'; c++) {
        *c = (char)(*c == '_' ? ' ' : *c);
    }
}

/* Columns of the longest name of its fields. */
static int name_width(const struct record_kind *kind)
{
    char name[40];
    size_t widest = strlen("contested");
    for (size_t i = 0; i < kind->field_count; i++) {
        if (field_is_business(&kind->fields[i])) {
            format_name(&kind->fields[i], name);
            widest = strlen(name) > widest ? strlen(name) : widest;
        }
    }
    return (int)widest;
}

/* Nothing when the value is empty. */
static void print_named(int width, const char *name, const char *value)
{
    if (value[0] != '\0') {
        outf("  %-*s  ", width, name);
        out_escaped(str_from(value));
        out(STR("\n"));
    }
}

static void print_field(
    const struct shown_object *object, const struct record_kind *kind, size_t at, int width)
{
    char name[40];
    char value[VALUE_BYTES];
    char both[2 * VALUE_BYTES];
    struct str link = object->links == NULL ? STR_NONE : object->links[at];
    format_name(&kind->fields[at], name);
    format_value(&kind->fields[at], object->record, value);
    if (link.len > 0) {
        (void)snprintf(both, sizeof both, "%s  (" STR_FMT ")", value, STR_ARG(link));
    }
    print_named(width, name, link.len > 0 ? both : value);
}

void show_object(const struct shown_object *object)
{
    REQUIRE(object != NULL && object->record != NULL);
    char id[OWN_ID_TEXT_BYTES];
    const struct record_kind *kind = record_kind_of(object->kind);
    int width = name_width(kind);
    own_id_format(object->kind, object->id, id);
    outf("%s ", id_kind_word(object->kind));
    out_coloured(COLOUR_BOLD, str_from(id));
    for (uint32_t i = 0; i < object->provider_id_count; i++) {
        out(i == 0 ? STR("  (") : STR(", "));
        out_escaped(object->provider_ids[i]);
    }
    out(object->provider_id_count > 0 ? STR(")\n") : STR("\n"));
    for (size_t i = 0; i < kind->field_count; i++) {
        if (field_is_business(&kind->fields[i])) {
            print_field(object, kind, i, width);
        }
    }
}

/* --- parts in a line --- */

#define WORDS_COLUMNS 60

/* All texts of it that are business fields: a description, a number, a brand. */
static struct str format_words(
    const struct record_kind *kind, const void *record, char to[static VALUE_BYTES])
{
    size_t len = 0;
    to[0] = '\0';
    for (size_t i = 0; i < kind->field_count && len < WORDS_COLUMNS; i++) {
        const char *text = (const char *)record + kind->fields[i].offset;
        if (kind->fields[i].type != FIELD_TEXT || !field_is_business(&kind->fields[i]) ||
            text[0] == '\0') {
            continue;
        }
        int more = snprintf(to + len, VALUE_BYTES - len, "%s%s", len == 0 ? "" : ", ", text);
        len += more > 0 ? (size_t)more : 0;
    }
    return str_prefix_utf8(str_from(to), WORDS_COLUMNS);
}

static void add_line_of(const struct shown_object *object, struct table *table)
{
    char value[VALUE_BYTES];
    char price[SHOW_PRICE_BYTES];
    const struct record_kind *kind = record_kind_of(object->kind);
    const struct field *amount = headline_amount(kind);
    const struct field *made = record_field(kind, STR("made_at"));
    own_id_format(object->kind, object->id, value);
    table_add(table, str_from(value));
    value[0] = '\0';
    if (kind->states->count > 0) {
        format_value(&kind->fields[0], object->record, value);
    }
    table_add(table, object->is_former ? STR("former") : str_from(value));
    value[0] = '\0';
    if (amount != NULL && currency_of(amount, object->record).code[0] != '\0') {
        format_value(amount, object->record, value);
    }
    table_add(table, str_from(value));
    show_price(object, price);
    table_add(
        table, price[0] != '\0' ? str_from(price) : format_words(kind, object->record, value));
    value[0] = '\0';
    if (made != NULL) {
        format_value(made, object->record, value);
    }
    table_add(table, str_from(value));
    table_add(table, object->provider_id_count > 0 ? object->provider_ids[0] : STR_NONE);
}

static void format_title(const char *key, char to[static 40])
{
    (void)str_copy_to(to, 40, str_from(key));
    for (char *c = to; *c != '\0'; c++) {
        *c = (char)(*c == '_' ? ' ' : *c >= 'a' && *c <= 'z' ? *c - 'a' + 'A' : *c);
    }
}

static void print_lines(const struct shown *shown, uint32_t group)
{
    char title[40];
    format_title(shown->groups[group].key, title);
    const struct table_column columns[] = {{title, false}, {"STATE", false}, {"AMOUNT", true},
        {"WHAT", false}, {"MADE (UTC)", false}, {"PROVIDER'S ID", false}};
    CLEANUP(table_free) struct table *table = table_new(columns, 6);
    bool any = false;
    for (uint32_t i = 1; i < shown->object_count && table != NULL; i++) {
        if (shown->objects[i].group == group) {
            add_line_of(&shown->objects[i], table);
            any = true;
        }
    }
    if (any) {
        table_print(table);
    }
}

static void print_group(const struct shown *shown, uint32_t group)
{
    bool any = false;
    for (uint32_t i = 1; i < shown->object_count; i++) {
        const struct shown_object *object = &shown->objects[i];
        any = any || object->group == group;
        if (object->group == group && object->way == PART_WHOLE) {
            show_object(object);
            out(STR("\n"));
        }
    }
    if (shown->groups[group].way != PART_WHOLE) {
        print_lines(shown, group);
    }
    if (shown->groups[group].more) {
        char title[40];
        format_title(shown->groups[group].key, title);
        outf("and more %s, older than these\n", title);
    }
    out(any && shown->groups[group].way != PART_WHOLE ? STR("\n") : STR_NONE);
}

/* --- why --- */

static void explain_open(const struct inbox_row *row, int64_t now_us, char *to, size_t size)
{
    char in[TIME_TEXT_BYTES];
    age_format(row->due_us, now_us, in);
    if (row->status == WORK_DEAD) {
        (void)snprintf(to, size, "dead: " STR_FMT ": " STR_FMT, STR_ARG(row->error_name),
            STR_ARG(row->error_text));
    } else if (row->status == WORK_WAITING) {
        (void)snprintf(
            to, size, "waiting, next attempt in %s: " STR_FMT, in, STR_ARG(row->error_text));
    } else {
        (void)snprintf(to, size, "%s: not decided yet", work_status_word(row->status));
    }
}

static const struct shown_object *object_of(const struct shown *shown, struct own_id id)
{
    for (uint32_t i = 0; i < shown->object_count; i++) {
        if (own_id_eq(shown->objects[i].id, id)) {
            return &shown->objects[i];
        }
    }
    return NULL;
}

/* "attempt ch_123". */
static void name_object(
    const struct shown *shown, const struct inbox_effect *effect, char *to, size_t size)
{
    const struct shown_object *object = object_of(shown, effect->object_id);
    struct str name =
        object != NULL && object->provider_id_count > 0 ? object->provider_ids[0] : STR_NONE;
    (void)snprintf(to, size, "%s " STR_FMT, id_kind_word(effect->kind), STR_ARG(name));
}

/* --- for people --- */

static void add_line(struct table *table, int64_t seq, int64_t occurred_us, int64_t received_us)
{
    char occurred[TIME_TEXT_BYTES];
    char received[TIME_TEXT_BYTES];
    char number[24] = " ";
    if (seq > 0) {
        (void)snprintf(number, sizeof number, "%" PRId64, seq);
    }
    time_format(occurred_us, occurred);
    time_format(received_us, received);
    table_add(table, str_from(number));
    table_add(table, str_from(occurred));
    table_add(table, str_from(received));
}

static void add_moment(
    const struct shown *shown, const struct moment *moment, int64_t now_us, struct table *table)
{
    char what[VALUE_BYTES];
    char object[VALUE_BYTES];
    char id[80];
    if (moment->effect != NULL) {
        const struct timeline_entry *entry = moment->effect;
        show_why(shown, &entry->effect, what, sizeof what);
        name_object(shown, &entry->effect, object, sizeof object);
        add_line(table, moment->seq, entry->occurred_at_us, entry->received_us);
        table_add(table, entry->type);
        table_add(table, str_from(object));
        table_add_coloured(table, entry->effect.effect == EFFECT_APPLIED ? COLOUR_NONE : COLOUR_DIM,
            str_from(what));
        table_add(table, entry->event_id);
    } else if (moment->open != NULL) {
        explain_open(moment->open, now_us, what, sizeof what);
        add_line(table, moment->seq, moment->open->occurred_at_us, moment->open->received_us);
        table_add(table, moment->open->type);
        table_add(table, moment->open->subject);
        table_add_coloured(
            table, moment->open->status == WORK_DEAD ? COLOUR_BAD : COLOUR_WARN, str_from(what));
        table_add(table, moment->open->event_id);
    } else {
        const struct feed_entry *event = moment->event;
        (void)snprintf(what, sizeof what, "  -> %s", domain_event_name(event->type));
        (void)snprintf(object, sizeof object, "position %" PRId64, event->position);
        (void)snprintf(id, sizeof id, "cf_evt_%" PRId64 "_%" PRId64, event->scope, event->position);
        add_line(table, 0, event->occurred_at_us, event->recorded_at_us);
        table_add_coloured(table, COLOUR_GOOD, str_from(what));
        table_add(table, str_from(object));
        table_add(table, event->late ? STR("late: learned after something newer") : STR(" "));
        table_add(table, str_from(id));
    }
}

static void print_discrepancies(const struct shown *shown)
{
    char id[FINDING_ID_TEXT_BYTES];
    if (shown->discrepancy_count == 0) {
        return;
    }
    out(STR("discrepancies\n"));
    for (uint32_t i = 0; i < shown->discrepancy_count; i++) {
        const struct discrepancy *row = &shown->discrepancies[i];
        finding_id_format(row->id, id);
        outf("  %s  %s, %s: ", id, code_row(row->found.code)->word,
            discrepancy_state_word(row->state));
        out_escaped(row->found.text);
        out(STR("\n"));
    }
    out(STR("\n"));
}

void show_text(const struct shown *shown, int64_t now_us)
{
    REQUIRE(shown->object_count > 0);
    static const struct table_column columns[] = {{"SEQ", true}, {"OCCURRED (UTC)", false},
        {"RECEIVED", false}, {"EVENT", false}, {"OBJECT", false}, {"WHAT IT DID", false},
        {"EVENT ID", false}};
    CLEANUP(table_free) struct table *table = table_new(columns, 7);
    char scope[200];
    show_object(&shown->objects[0]);
    (void)snprintf(scope, sizeof scope, "%" PRId64 ", " STR_FMT ", " STR_FMT, shown->scope.scope,
        STR_ARG(shown->scope.account_key), STR_ARG(shown->scope.environment));
    print_named(name_width(record_kind_of(shown->objects[0].kind)), "scope", scope);
    out(STR("\n"));
    if (shown->content != NULL) {
        payout_content_text(shown->content);
    }
    for (uint32_t i = 0; i < shown->group_count; i++) {
        print_group(shown, i);
    }
    print_discrepancies(shown);
    out(STR("timeline\n"));
    for (uint32_t i = 0; i < shown->moment_count && table != NULL; i++) {
        add_moment(shown, &shown->moments[i], now_us, table);
    }
    if (table != NULL) {
        table_print(table);
    }
}

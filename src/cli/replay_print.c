#include "cli/replay_print.h"
#include "base/check.h"
#include "base/timestamp.h"
#include "cli/output.h"
#include <inttypes.h>
#include <stdio.h>

#define STATES_MAX 64
#define PAGE_ROWS 2048
#define PAGE_BYTES ((size_t)64 * 1024 * 1024)

/* --- progress --- */

static int64_t per_second(const struct replay_printer *printer, int64_t count)
{
    int64_t ms = (env_monotonic(printer->context->env) - printer->began_us) / 1000;
    return ms <= 0 ? 0 : count * 1000 / ms;
}

void replay_print_progress(struct replay_printer *printer, const struct replay_counts *counts)
{
    if (!progress_is_due(&printer->progress, printer->context)) {
        return;
    }
    int64_t rate = per_second(printer, counts->passed);
    int64_t left = printer->last_seq - counts->read_to_seq;
    char remaining[TIMESTAMP_TEXT_BYTES] = "?";
    if (rate > 0 && left >= 0) {
        duration_format(left / rate * US_PER_SECOND, remaining);
    }
    progress_show(&printer->progress,
        "%" PRId64 " events decided once more, %" PRId64 "/s, up to number %" PRId64 " of %" PRId64
        ", about %s left",
        counts->passed, rate, counts->read_to_seq, printer->last_seq, remaining);
}

/* --- events that would be decided otherwise --- */

static void add_verdict(struct buf *to, enum work_status status, enum reason reason)
{
    buf_addf(to, "%s", status == WORK_DEAD ? "not decidable" : work_status_word(status));
    if (status == WORK_RECORDED) {
        buf_addf(to, " (%s)", reason_word(reason));
    }
}

static void other_json(const struct replay_other *other)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, 65536);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    json_add_string(&json, STR("what"), STR("decided_otherwise"));
    json_add_int(&json, STR("seq"), other->seq);
    json_add_string(&json, STR("type"), other->type);
    json_add_string(&json, STR("was"), str_from(work_status_word(other->was)));
    json_add_string(&json, STR("was_reason"), str_from(reason_word(other->was_reason)));
    json_add_string(&json, STR("now"), str_from(work_status_word(other->now)));
    json_add_string(&json, STR("now_reason"), str_from(reason_word(other->now_reason)));
    json_add_string(&json, STR("why"), other->why);
    json_end_object(&json);
    out_json(&text);
}

void replay_print_other(void *context, const struct replay_other *other)
{
    struct replay_printer *printer = context;
    if (printer->others++ >= printer->shown_max) {
        return;
    }
    progress_clear(&printer->progress);
    if (printer->context->json) {
        other_json(other);
        return;
    }
    CLEANUP(buf_fini) struct buf line;
    buf_init(&line, 8192);
    buf_addf(&line, "event %" PRId64 " (", other->seq);
    text_escape(&line, other->type);
    buf_add(&line, STR(") was "));
    add_verdict(&line, other->was, other->was_reason);
    buf_add(&line, STR(", would now be "));
    add_verdict(&line, other->now, other->now_reason);
    if (other->why.len > 0) {
        buf_add(&line, STR(": "));
        text_escape(&line, other->why);
    }
    buf_add_char(&line, '\n');
    out(buf_str(&line));
}

/* --- differences --- */

static const char *table_word(int table)
{
    return table == DERIVED_COUNT ? "inbox_total" : derived_table(table);
}

/* A value as people read it; a person's text only when it was asked for. */
static void add_value(struct buf *to,
    const struct replay_printer *printer,
    const struct field *field,
    const struct sql_value *value)
{
    char text[OWN_ID_TEXT_BYTES];
    if (value->kind == SQL_NULL) {
        buf_add(to, STR("none"));
    } else if (field != NULL && field->type == FIELD_TEXT && !printer->values) {
        buf_addf(to, "%zu bytes", value->bytes.len);
    } else if (value->kind == SQL_INT && field != NULL && field->type == FIELD_TIME) {
        char time[TIMESTAMP_TEXT_BYTES];
        timestamp_format(value->integer, time);
        buf_addf(to, "%s", time);
    } else if (value->kind == SQL_INT && field != NULL && field->type == FIELD_BOOL) {
        buf_addf(to, "%s", value->integer != 0 ? "true" : "false");
    } else if (value->kind == SQL_INT) {
        buf_add_int(to, value->integer);
    } else if (value->kind == SQL_BLOB && field != NULL && field->type == FIELD_ID &&
               value->bytes.len == sizeof(struct own_id)) {
        struct own_id id;
        memcpy(id.bytes, value->bytes.data, sizeof id.bytes);
        own_id_format(field->id_kind, id, text);
        buf_addf(to, "%s", text);
    } else {
        buf_add(to, value->kind == SQL_BLOB ? STR("bytes") : value->bytes);
    }
}

struct told { /* a difference in words */
    struct buf subject, live, rebuilt;
    const char *field;
};

static void tell_row(struct told *told,
    const struct replay_printer *printer,
    const struct replay_difference *difference)
{
    const struct derived_row *any =
        difference->live != NULL ? difference->live : difference->rebuilt;
    char id[OWN_ID_TEXT_BYTES] = "";
    if (difference->table == DERIVED_EFFECTS) {
        hex_encode(id, any->id.bytes, sizeof any->id.bytes);
        buf_addf(&told->subject, STR_FMT " of event %" PRId64, 2 * (int)sizeof any->id.bytes, id,
            any->seq);
    } else {
        own_id_format((enum id_kind)difference->table, any->id, id);
        buf_addf(&told->subject, "%s", id);
    }
    if (difference->live == NULL || difference->rebuilt == NULL) {
        buf_addf(&told->live, "%s", difference->live == NULL ? "missing" : "there");
        buf_addf(&told->rebuilt, "%s", difference->rebuilt == NULL ? "missing" : "there");
        return;
    }
    uint32_t at = difference->field;
    const struct field *field = derived_field(difference->table, at);
    told->field = derived_field_name(difference->table, at);
    add_value(&told->live, printer, field, &difference->live->values[at]);
    add_value(&told->rebuilt, printer, field, &difference->rebuilt->values[at]);
}

static void tell_total(struct told *told, const struct replay_difference *difference)
{
    const struct derived_total *live = difference->live_total;
    const struct derived_total *rebuilt = difference->rebuilt_total;
    const struct derived_total *any = live != NULL ? live : rebuilt;
    buf_addf(&told->subject, STR_FMT "%s" STR_FMT, STR_ARG(any->status),
        any->reason.len > 0 ? " " : "", STR_ARG(any->reason));
    told->field = "count";
    buf_add_int(&told->live, live == NULL ? 0 : live->count);
    buf_add_int(&told->rebuilt, rebuilt == NULL ? 0 : rebuilt->count);
}

static void told_json(const struct replay_difference *difference, const struct told *told)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, 65536);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    json_add_string(&json, STR("what"), STR("difference"));
    json_add_string(&json, STR("table"), str_from(table_word(difference->table)));
    json_add_string(&json, STR("id"), buf_str(&told->subject));
    json_add_string(&json, STR("field"), str_from(told->field));
    json_add_string(&json, STR("live"), buf_str(&told->live));
    json_add_string(&json, STR("rebuilt"), buf_str(&told->rebuilt));
    json_end_object(&json);
    out_json(&text);
}

static void told_text(const struct replay_difference *difference, const struct told *told)
{
    outf("%s ", table_word(difference->table));
    out_escaped(buf_str(&told->subject));
    outf("%s%s: ", told->field[0] == '\0' ? "" : " ", told->field);
    out_escaped(buf_str(&told->live));
    out(STR(", rebuilt: "));
    out_escaped(buf_str(&told->rebuilt));
    out(STR("\n"));
}

void replay_print_difference(void *context, const struct replay_difference *difference)
{
    struct replay_printer *printer = context;
    if (printer->differences++ >= printer->shown_max) {
        return;
    }
    progress_clear(&printer->progress);
    struct told told = {.field = ""};
    buf_init(&told.subject, 1024);
    buf_init(&told.live, 8192);
    buf_init(&told.rebuilt, 8192);
    if (difference->table == DERIVED_COUNT) {
        tell_total(&told, difference);
    } else {
        tell_row(&told, printer, difference);
    }
    if (printer->context->json) {
        told_json(difference, &told);
    } else {
        told_text(difference, &told);
    }
    buf_fini(&told.subject);
    buf_fini(&told.live);
    buf_fini(&told.rebuilt);
}

/* --- sums --- */

static void sums_json(struct replay_printer *printer, const struct replay_sums *sums)
{
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, 65536);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    json_add_string(&json, STR("what"), STR("sum"));
    json_add_bool(&json, STR("equal"), sums->compared.different == 0);
    json_add_bool(&json, STR("applied"), sums->applied);
    json_add_int(&json, STR("posted"), sums->posted.entries);
    json_add_int(&json, STR("events"), sums->counts.passed);
    json_add_int(&json, STR("taken"), sums->counts.taken);
    json_add_int(&json, STR("recorded"), sums->counts.recorded);
    json_add_int(&json, STR("dead"), sums->counts.dead);
    json_add_int(&json, STR("open"), sums->counts.open);
    json_add_int(&json, STR("decided_otherwise"), sums->counts.other);
    json_add_int(&json, STR("ids_made"), sums->new_ids);
    json_add_int(&json, STR("events_per_second"), per_second(printer, sums->counts.passed));
    json_begin_object(&json, STR("tables"));
    for (int table = 0; table <= DERIVED_COUNT; table++) {
        json_begin_object(&json, str_from(table_word(table)));
        if (table < DERIVED_COUNT) {
            json_add_int(&json, STR("live"), sums->compared.live[table]);
            json_add_int(&json, STR("rebuilt"), sums->compared.rebuilt[table]);
        }
        json_add_int(&json, STR("different"), sums->compared.differing[table]);
        json_end_object(&json);
    }
    json_end_object(&json);
    json_end_object(&json);
    out_json(&text);
}

static void print_tables(const struct replay_sums *sums)
{
    static const struct table_column columns[] = {
        {"TABLE", false}, {"LIVE", true}, {"REBUILT", true}, {"DIFFERENT", true}};
    CLEANUP(table_free) struct table *table = table_new(columns, 4);
    if (table == NULL) {
        return;
    }
    for (int i = 0; i < DERIVED_COUNT; i++) {
        if (sums->compared.live[i] == 0 && sums->compared.rebuilt[i] == 0) {
            continue;
        }
        table_add(table, str_from(table_word(i)));
        table_addf(table, "%" PRId64, sums->compared.live[i]);
        table_addf(table, "%" PRId64, sums->compared.rebuilt[i]);
        table_addf(table, "%" PRId64, sums->compared.differing[i]);
    }
    if (sums->counts.passed > 0) {
        table_print(table);
    }
}

static void print_verdict(const struct replay_sums *sums)
{
    const struct shadow_changes *changes = &sums->changes;
    if (sums->applied) {
        outf("applied: %" PRId64 " rows changed, %" PRId64 " added, %" PRId64
             " removed, and of the effects %" PRId64 "; ids added: %" PRId64
             "; nothing was published; entries posted to the books: %" PRId64 "\n",
            changes->changed, changes->added, changes->removed, changes->effects, changes->ids,
            sums->posted.entries);
    } else if (sums->compared.different == 0) {
        out_coloured(COLOUR_GOOD, STR("equal: the live half is what the inbox says\n"));
    } else {
        CLEANUP(buf_fini) struct buf line;
        buf_init(&line, 1024);
        buf_addf(&line,
            "%" PRId64 " rows differ: the live half was left as it is; `counterfoil replay "
            "--apply` puts the rebuilt rows in their place\n",
            sums->compared.different);
        out_coloured(COLOUR_BAD, buf_str(&line));
    }
}

void replay_print_sums(struct replay_printer *printer, const struct replay_sums *sums)
{
    progress_clear(&printer->progress);
    if (printer->context->json) {
        sums_json(printer, sums);
        return;
    }
    char took[TIMESTAMP_TEXT_BYTES];
    const struct replay_counts *counts = &sums->counts;
    duration_format(env_monotonic(printer->context->env) - printer->began_us, took);
    if (printer->differences > printer->shown_max || printer->others > printer->shown_max) {
        outf("... only the first %" PRId64 " are shown: --limit says how many\n",
            printer->shown_max);
    }
    outf("%" PRId64 " events in %s (%" PRId64 "/s): %" PRId64 " were decided once more, %" PRId64
         " recorded, %" PRId64 " dead, %" PRId64 " open\n",
        counts->passed, took, per_second(printer, counts->passed), counts->taken, counts->recorded,
        counts->dead, counts->open);
    if (counts->other > 0) {
        outf("%" PRId64 " events would now be decided otherwise; ids that had to be made: %" PRId64
             "\n",
            counts->other, sums->new_ids);
    }
    print_tables(sums);
    print_verdict(sums);
}

/* --- as of --- */

struct states {
    struct store *store;
    struct arena *arena;
    int kind;
    uint32_t state_at; /* field; 0: this kind has none */
    const struct word_table *words;
    int64_t counts[STATES_MAX];
    int64_t sum; /* of all kinds */
};

static void find_state(struct states *states)
{
    states->words = record_kind_of((enum id_kind)states->kind)->states;
    INVARIANT(states->words->count <= STATES_MAX);
    states->state_at = 0;
    for (uint32_t at = 1; at < derived_field_count(states->kind); at++) {
        const struct field *field = derived_field(states->kind, at);
        if (field->type == FIELD_ENUM && field->words == states->words) {
            states->state_at = at;
        }
    }
    ENSURE(states->words->count == 0 || states->state_at > 0);
}

static void count_state(struct states *states, const struct derived_row *row)
{
    int at = 0;
    if (states->state_at > 0) {
        struct str word = row->values[states->state_at].bytes;
        while (at + 1 < states->words->count && !str_eq(word, str_from(states->words->words[at]))) {
            at++;
        }
    }
    states->counts[at]++;
    states->sum++;
}

static enum err count_states(struct states *states, struct err_info *reterr)
{
    struct derived_row *rows = NULL;
    struct derived_row last = {.seq = 0};
    uint32_t count = 0;
    memset(states->counts, 0, sizeof states->counts);
    find_state(states);
    do {
        arena_reset(states->arena);
        TRY(derived_scan(
            states->store, states->kind, &last, PAGE_ROWS, states->arena, &rows, &count, reterr));
        for (uint32_t i = 0; i < count; i++) {
            count_state(states, &rows[i]);
        }
        if (count > 0) {
            last.id = rows[count - 1].id;
        }
    } while (count == PAGE_ROWS);
    return ERR_OK;
}

static void add_states(const struct states *states, bool json, struct table *table)
{
    int words = states->state_at > 0 ? states->words->count : 1;
    for (int i = 0; i < words; i++) {
        const char *word = states->state_at > 0 ? states->words->words[i] : "";
        if (states->counts[i] > 0 && json) {
            CLEANUP(buf_fini) struct buf text;
            struct json_writer writer;
            buf_init(&text, 4096);
            json_writer_init(&writer, &text);
            json_begin_object(&writer, STR_NONE);
            json_add_string(
                &writer, STR("kind"), str_from(id_kind_word((enum id_kind)states->kind)));
            json_add_string(&writer, STR("state"), str_from(word));
            json_add_int(&writer, STR("count"), states->counts[i]);
            json_end_object(&writer);
            out_json(&text);
        } else if (states->counts[i] > 0) {
            table_add(table, str_from(id_kind_word((enum id_kind)states->kind)));
            table_add(table, str_from(word));
            table_addf(table, "%" PRId64, states->counts[i]);
        }
    }
}

enum err replay_print_states(
    struct replay_printer *printer, struct store *shadow, struct err_info *reterr)
{
    static const struct table_column columns[] = {
        {"KIND", false}, {"STATE", false}, {"COUNT", true}};
    CLEANUP(table_free) struct table *table = table_new(columns, 3);
    CLEANUP(arena_free) struct arena *arena = arena_new(PAGE_BYTES);
    if (table == NULL || arena == NULL) {
        return err_set(reterr, ERR_BUSY, "out of memory");
    }
    progress_clear(&printer->progress);
    struct states states = {.store = shadow, .arena = arena};
    for (states.kind = 0; states.kind < ID_KIND_COUNT; states.kind++) {
        TRY(count_states(&states, reterr));
        add_states(&states, printer->context->json, table);
    }
    if (!printer->context->json && states.sum == 0) {
        out(STR("nothing was known then\n"));
    } else if (!printer->context->json) {
        table_print(table);
    }
    return ERR_OK;
}

void replay_print_object(struct replay_printer *printer, const struct shown_object *object)
{
    progress_clear(&printer->progress);
    if (!printer->context->json) {
        show_object(object);
        return;
    }
    CLEANUP(buf_fini) struct buf text;
    struct json_writer json;
    buf_init(&text, 65536);
    json_writer_init(&json, &text);
    json_begin_object(&json, STR_NONE);
    record_to_json(record_kind_of(object->kind), object->record, &json);
    json_end_object(&json);
    out_json(&text);
}
